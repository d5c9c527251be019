//! The words of files: parts, changes, reasons to wait, reasons to stop.

use std::fmt;

use mmdr_core::records::FilesProof;
use mmdr_core::{LookAgain, Region, Time, named};
use serde::{Deserialize, Serialize};

use crate::configuration::Defect;

named!(
    /// Which occurrence of the step this is.
    Part, "a part of verify-files" {
        /// Switchover, before anything stops: replication is right both ways, and little is pending.
        Gate => "gate",
        /// Switchover, with the old side's nodes stopped: nothing is pending any more.
        Drained => "drained",
        /// Afterwards and in peace time: replication both ways is set up.
        BothWays => "both-ways",
    }
);

/// One kind of change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Action {
    /// Write down that nothing is pending.
    WriteProof {
        /// The own Region.
        region: Region,
        /// The record's key.
        key: String,
        /// What to write.
        proof: FilesProof,
    },
    /// Write the probe object, so that the metrics of a bucket in which nobody uploads speak.
    PutProbe {
        /// The bucket's Region.
        source: Region,
    },
    /// Set versioning and the rule of one direction. Peace time only: it needs a control plane in us-east-1.
    PutReplication {
        /// From.
        source: Region,
        /// To.
        destination: Region,
        /// What is wrong today.
        defects: Vec<Defect>,
    },
    /// Ask S3 Batch Replication for what a rule never picks up by itself, then write down that it was asked.
    ReplicateExisting {
        /// From.
        source: Region,
        /// Objects older than the rule.
        existing: u64,
        /// Operations that failed; permanent until replicated by a batch.
        failed: u64,
        /// The own Region, where the record lies.
        own: Region,
        /// The record's key.
        key: String,
    },
}

impl LookAgain for Action {
    fn look_again_s(&self) -> u32 {
        match self {
            // A configuration that was just changed may read back as it was.
            Self::PutReplication { .. } => 15,
            Self::PutProbe { .. } => 20,
            Self::WriteProof { .. } | Self::ReplicateExisting { .. } => 1,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WriteProof { proof, .. } if proof.failed > 0 => {
                write!(f, "write down that no file is pending, and that {} failed ones are accepted", proof.failed)
            }
            Self::WriteProof { .. } => f.write_str("write down that no file is pending"),
            Self::PutProbe { source } => {
                write!(
                    f,
                    "writes a probe object in {source}: nobody uploads, and the metrics of replication are silent"
                )
            }
            Self::PutReplication { source, destination, defects } => {
                write!(f, "set replication of files from {source} to {destination}: {}", sentences(defects))
            }
            Self::ReplicateExisting { source, existing, failed, .. } => {
                write!(f, "replicate {existing} existing and {failed} failed files out of {source}")
            }
        }
    }
}

/// Why it must look again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Waiting {
    /// A bucket's configuration was not seen.
    BucketUnseen {
        /// The Region.
        region: Region,
        /// Why.
        why: String,
    },
    /// A metric was not answered, has no data, or only data that is too old. Missing is not zero.
    MetricMissing {
        /// The metric.
        metric: String,
        /// The Region in which it appears.
        region: Region,
        /// Why.
        why: String,
    },
    /// More is pending than a switchover starts with.
    TooManyPending {
        /// Operations pending.
        pending: u64,
        /// The limit.
        limit: u64,
    },
    /// Files are still on their way.
    StillPending {
        /// Operations pending.
        pending: u64,
    },
    /// The old side's nodes were not seen.
    NodesUnseen {
        /// Why.
        why: String,
    },
    /// Nodes of the old side that can still write files.
    NodesLive {
        /// The nodes.
        ids: Vec<String>,
    },
    /// Nothing says since when the old side's nodes are stopped.
    StoppingTimeUnknown,
    /// The newest sample is from before the nodes were stopped.
    SampleTooOld {
        /// The metric.
        metric: String,
        /// When it was measured.
        at: Time,
        /// When the nodes were stopped.
        nodes_stopped_at: Time,
    },
}

impl LookAgain for Waiting {
    fn look_again_s(&self) -> u32 {
        match self {
            // The metrics have one value a minute.
            Self::MetricMissing { .. } | Self::SampleTooOld { .. } | Self::TooManyPending { .. } => 20,
            Self::StillPending { .. } => 10,
            _ => 5,
        }
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BucketUnseen { region, why } => write!(f, "the files bucket in {region} was not seen: {why}"),
            Self::MetricMissing { metric, region, why } => {
                write!(f, "{metric} in {region} tells nothing, which is not zero: {why}")
            }
            Self::TooManyPending { pending, limit } => {
                write!(f, "{pending} file operations are pending, a switchover starts with {limit} at most")
            }
            Self::StillPending { pending } => write!(f, "{pending} file operations are still pending"),
            Self::NodesUnseen { why } => write!(f, "the old side's nodes were not seen: {why}"),
            Self::NodesLive { ids } => write!(f, "nodes of the old side can still write files: {}", ids.join(", ")),
            Self::StoppingTimeUnknown => f.write_str("nothing says since when the old side's nodes are stopped"),
            Self::SampleTooOld { metric, at, nodes_stopped_at } => {
                write!(f, "{metric} was measured at {at}, the nodes were stopped at {nodes_stopped_at}")
            }
        }
    }
}

/// Why it cannot, or must not, be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Refusal {
    /// Replication is not set up as it must be.
    NotReplicated {
        /// From.
        source: Region,
        /// To.
        destination: Region,
        /// What is wrong.
        defects: Vec<Defect>,
    },
    /// Replication is not set up as it must be, and to write it anew would take something away.
    KeepsRules {
        /// From.
        source: Region,
        /// To.
        destination: Region,
        /// What would be lost.
        kept: Kept,
        /// What is wrong.
        defects: Vec<Defect>,
    },
    /// Files that will not arrive by themselves, and that nobody accepted by name.
    FailedOperations {
        /// Operations failed in the last day.
        failed: u64,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotReplicated { source, destination, defects } => {
                write!(f, "files are not replicated from {source} to {destination}: {}", sentences(defects))
            }
            Self::KeepsRules { source, destination, kept, defects } => write!(
                f,
                "files are not replicated from {source} to {destination} as they must be ({}), and {kept}: mend the rule by hand",
                sentences(defects)
            ),
            Self::FailedOperations { failed } => write!(
                f,
                "{failed} file operations failed and will not be tried again: run protect, or start with accepts: lag"
            ),
        }
    }
}

/// What of a bucket's replication is not ours to write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Kept {
    /// Rules of other identifiers.
    OtherRules(Vec<String>),
    /// Our rule, which somebody has taught about KMS keys.
    Keys(String),
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherRules(ids) => write!(f, "the bucket has other rules, which would be lost ({})", ids.join(", ")),
            Self::Keys(id) => write!(f, "the rule {id} names KMS keys, which would be lost"),
        }
    }
}

fn sentences(defects: &[Defect]) -> String {
    defects.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
