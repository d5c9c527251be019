//! The public name: records, the health check's flag, and what resolvers answer.

use serde::{Deserialize, Serialize};

use super::Called;
use crate::{Region, Time};

/// The take-over flag of one standby Region: a metric, published again each minute from the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlagSeen {
    /// Whether the flag says "the standby has taken over".
    pub taken_over: bool,
    /// When it was published last.
    pub at: Time,
    /// Since when every data point that is still kept has said the same; none where the reader cannot tell. A health
    /// check follows its alarm with minutes of delay, so "it says so now" is not enough to point records at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Time>,
}

/// The failover records of the public name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordsSeen {
    /// The Region whose address the PRIMARY record holds.
    pub primary: Region,
    /// The Region in which the flag lies that the PRIMARY record's health check watches; it must be the other one.
    pub flag_region: Region,
    /// Whether the health check keeps its last status when the flag's metric stops.
    pub keeps_last_status: bool,
    /// TTL of the records in seconds.
    pub ttl_s: u32,
    /// Kinds of records of the same name that lead people somewhere and move with nothing, such as a simple `AAAA`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmoved: Vec<String>,
}

/// What one resolver answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolverSeen {
    /// Which resolver, from which vantage.
    pub vantage: String,
    /// The Region whose address it gives; none where it gives another one, or gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
}

/// What can be seen of the public name.
pub trait DnsReads {
    /// `route53:ListResourceRecordSets` and `route53:GetHealthCheck`: control plane in us-east-1, best effort.
    async fn records(&self) -> Called<RecordsSeen>;
    /// `cloudwatch:GetMetricData` of the flag, asked in the Region in which it lies. None: no data point.
    async fn flag(&self, region: &Region) -> Called<Option<FlagSeen>>;
    /// DNS queries over the data plane to several resolvers, from the own Region.
    async fn resolvers(&self, vantage: &Region) -> Called<Vec<ResolverSeen>>;
}

/// What can be changed of the public name.
pub trait DnsWrites {
    /// `cloudwatch:PutMetricData` of the flag in `region`: the flip, data plane only.
    async fn publish_flag(&self, region: &Region, taken_over: bool) -> Called<()>;
    /// `route53:ChangeResourceRecordSets`: PRIMARY becomes `primary`, watched by the other Region's flag. Control
    /// plane in us-east-1: peace time only, or by explicit policy.
    async fn exchange_records(&self, primary: &Region) -> Called<()>;
}
