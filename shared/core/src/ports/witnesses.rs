//! Independent opinions on a Region's health.

use serde::{Deserialize, Serialize};

use super::Called;
use crate::{Region, Time};

/// What a probe of a Region's application saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeSeen {
    /// Whether the application answered and said that its database and its files are well. It proves no writing.
    pub healthy: bool,
    /// When.
    pub at: Time,
}

/// What can be asked of witnesses. All are bounded and best effort.
pub trait WitnessReads {
    /// `cloudwatch:GetMetricData` in the own Region: the standby's own outside probe of `subject`.
    async fn own_probe(&self, own: &Region, subject: &Region) -> Called<Option<ProbeSeen>>;
    /// `cloudwatch:GetMetricData` in the third Region: its probe of `subject`.
    async fn third_probe(&self, third: &Region, subject: &Region) -> Called<Option<ProbeSeen>>;
    /// A request from the own Region to a Regional AWS endpoint of `subject` (`sts:GetCallerIdentity`): whether the
    /// Region's front door answers at all.
    async fn region_answers(&self, subject: &Region) -> Called<bool>;
    /// `cloudwatch:GetMetricData` in the own Region of the heartbeat that `subject`'s stack sends across.
    async fn heartbeat(&self, own: &Region, subject: &Region) -> Called<Option<Time>>;
}
