//! What a direction of replication must look like.
//!
//! S3 User Guide, "What does Amazon S3 replicate?", "Replicating delete markers", "Replicating metadata changes": with a
//! filter present delete markers are not replicated unless enabled, and changes made to a replica come back only
//! where `ReplicaModifications` is on at both rules. Mattermost's runbook names the second and forgets the first, so
//! deleted files would reappear after a failover.

use std::fmt;

use mmdr_core::ports::BucketSeen;
use mmdr_core::{Region, Run};
use serde::{Deserialize, Serialize};

/// One thing that is wrong with a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Defect {
    /// The source keeps no versions.
    SourceNotVersioned,
    /// The destination keeps no versions.
    DestinationNotVersioned,
    /// There is no rule.
    NoRule,
    /// The rule is disabled.
    RuleDisabled,
    /// The rule covers only some keys.
    CoversSomeKeys,
    /// The rule writes to another bucket.
    OtherDestination,
    /// Changes made to replicas do not come back.
    NoReplicaModifications,
    /// Deleted files reappear after a move.
    NoDeleteMarkers,
    /// Nobody can tell how far behind it is.
    NoMetrics,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SourceNotVersioned => "the source keeps no versions",
            Self::DestinationNotVersioned => "the destination keeps no versions",
            Self::NoRule => "there is no rule",
            Self::RuleDisabled => "the rule is disabled",
            Self::CoversSomeKeys => "the rule covers only some keys",
            Self::OtherDestination => "the rule writes to another bucket",
            Self::NoReplicaModifications => "changes made to replicas do not come back",
            Self::NoDeleteMarkers => "deletions are not replicated",
            Self::NoMetrics => "replication metrics are off",
        })
    }
}

/// Everything that is wrong with replication from `source` to `destination`, which lies in the Region `to`.
pub(crate) fn defects(run: &Run, source: &BucketSeen, destination: &BucketSeen, to: &Region) -> Vec<Defect> {
    let mut found = Vec::new();
    let mut hold = |holds: bool, defect| {
        if !holds {
            found.push(defect);
        }
    };
    hold(source.versioning, Defect::SourceNotVersioned);
    hold(destination.versioning, Defect::DestinationNotVersioned);
    let Some(rule) = &source.rule else {
        hold(false, Defect::NoRule);
        return found;
    };
    let bucket = run.deployment.region(to).map_or(destination.bucket.as_str(), |setup| setup.files_bucket.as_str());
    hold(rule.enabled, Defect::RuleDisabled);
    hold(rule.covers_all, Defect::CoversSomeKeys);
    // The configuration names the destination by ARN; a bucket's ARN ends in its name.
    hold(rule.destination.rsplit(':').next() == Some(bucket), Defect::OtherDestination);
    hold(rule.replica_modifications, Defect::NoReplicaModifications);
    hold(rule.delete_markers, Defect::NoDeleteMarkers);
    hold(rule.metrics, Defect::NoMetrics);
    found
}
