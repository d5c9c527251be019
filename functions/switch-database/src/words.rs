//! The words of this step: its parts and what it does.

use std::fmt;

use mmdr_core::records::{Fencing, FencingOutcome, HandOverProof, LostMessages};
use mmdr_core::{LookAgain, Region, Run, Time, named, records};
use serde::{Deserialize, Serialize};

use crate::observed::CallRecord;

named!(
    /// Which occurrence of the step in its machine.
    Part, "a part of switch-database" {
        /// Failover and detach: promote the own cluster.
        Promote => "promote",
        /// Switchover: exchange the roles without loss.
        SwitchOver => "switch-over",
        /// Switchover: prove that the four stores are equal, before the point of no return.
        Prove => "prove",
        /// Failover, detach: hear how Aurora fenced the old writer, which it may say after the writer has moved.
        Fenced => "fenced",
        /// Reprotect: keep the rows that the old writer had and the new one has not.
        SaveLostWrites => "save-lost-writes",
        /// Reprotect: the returned cluster follows again.
        Resynchronised => "resynchronised",
    }
);

/// Where a record lies: the own Region's bucket, and the key in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordAt {
    /// The Region of the bucket.
    pub region: Region,
    /// The key.
    pub key: String,
}

impl RecordAt {
    /// The record `name` of this run.
    pub(crate) fn of(run: &Run, name: &str) -> Self {
        Self { region: run.own().clone(), key: records::key(run, name) }
    }
}

/// What a note about the sent call adds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Note {
    /// The service's answer, where it was no plain acceptance.
    Answer(String),
    /// Aurora shows no sign of the call, for the first time.
    FirstQuietLook,
    /// Aurora moves after all.
    MovesAfterAll,
    /// Two looks have proven that the call came to nothing.
    Nothing,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(text) => write!(f, "notes what RDS said to the call: {text}"),
            Self::FirstQuietLook => {
                f.write_str("notes that Aurora shows no sign of the call; a second look must agree")
            }
            Self::MovesAfterAll => {
                f.write_str("notes that Aurora moves after all: an earlier quiet look no longer counts")
            }
            Self::Nothing => f.write_str("notes that the call came to nothing: two looks showed Aurora at rest"),
        }
    }
}

/// One change, with every argument.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// Send SwitchoverGlobalCluster, asked in the current writer's Region.
    SwitchOver {
        /// The Region whose RDS is asked: the current writer's.
        asked: Region,
        /// ARN of the cluster that is to write.
        target_arn: String,
        /// When the newest call was sent that this look knows of: a later one means that another copy has sent it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<Time>,
    },
    /// Send FailoverGlobalCluster with AllowDataLoss, asked in the Region that is promoted.
    FailOver {
        /// The Region whose RDS is asked: the target's.
        asked: Region,
        /// ARN of the cluster that is to write.
        target_arn: String,
        /// Preconditions that do not hold; only the service's own refusal stops a failover.
        findings: Vec<String>,
        /// When the newest call was sent that this look knows of: a later one means that another copy has sent it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<Time>,
    },
    /// Send RemoveFromGlobalCluster for the own cluster: the last resort.
    Detach {
        /// The Region whose RDS is asked: the own.
        asked: Region,
        /// ARN of the cluster that is cut loose.
        cluster_arn: String,
        /// Preconditions that do not hold.
        findings: Vec<String>,
        /// When the newest call was sent that this look knows of: a later one means that another copy has sent it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<Time>,
    },
    /// Write down what was seen since the call was sent, so that it survives a lost answer.
    NoteCall {
        /// Where.
        at: RecordAt,
        /// The whole record.
        record: CallRecord,
        /// What is new in it.
        note: Note,
    },
    /// The call has been proven to have come to nothing: the run may call off again.
    CameToNothing {
        /// Where the proof is kept.
        at: RecordAt,
        /// The whole record.
        record: CallRecord,
    },
    /// The completion test held: write into the ledger who writes, beside how the old writer was fenced.
    Settle {
        /// The writer Region.
        writer: Region,
        /// Where the fencing is recorded, and what is known of it; none for a switchover.
        fencing: Option<(RecordAt, Fencing)>,
    },
    /// Write down how Aurora fenced the old writer, which it said after the writer had moved.
    RecordFencing {
        /// Where.
        at: RecordAt,
        /// What it said.
        fencing: Fencing,
    },
    /// Write the hand-over proof.
    WriteProof {
        /// Where.
        at: RecordAt,
        /// The proof.
        proof: HandOverProof,
    },
    /// Copy Aurora's system snapshot of the old volume to a manual one.
    CopySnapshot {
        /// The Region that has returned.
        region: Region,
        /// The system snapshot.
        source: String,
        /// The manual one.
        copy: String,
    },
    /// Write where the lost rows lie, or that they are lost.
    WriteLostMessages {
        /// Where.
        at: RecordAt,
        /// The account.
        account: LostMessages,
    },
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SwitchOver { asked, target_arn, .. } => {
                write!(f, "asks RDS in {asked} to switch the writer over to {target_arn}, without loss")
            }
            Self::FailOver { asked, target_arn, findings, .. } => {
                write!(f, "asks RDS in {asked} to fail the writer over to {target_arn}, data loss allowed")?;
                although(f, findings)
            }
            Self::Detach { asked, cluster_arn, findings, .. } => {
                write!(f, "asks RDS in {asked} to cut {cluster_arn} loose from the global database")?;
                although(f, findings)
            }
            Self::NoteCall { note, .. } => write!(f, "{note}"),
            Self::CameToNothing { .. } => f.write_str(
                "takes the ledger back to open: two looks a minute apart prove that the call came to nothing",
            ),
            Self::Settle { writer, fencing } => {
                write!(f, "settles {writer} as the writer: Aurora's completion test held")?;
                match fencing.as_ref().and_then(|(_, fencing)| two_writers(fencing)) {
                    Some(warning) => write!(f, "; {warning}"),
                    None => Ok(()),
                }
            }
            Self::RecordFencing { fencing, .. } => write!(f, "writes down that {}", fenced(fencing)),
            Self::WriteProof { proof, .. } => write!(f, "writes the hand-over proof: {}", equal(proof)),
            Self::CopySnapshot { region, source, copy } => {
                write!(f, "copies {source} in {region} to the manual snapshot {copy}, before its retention ends")
            }
            Self::WriteLostMessages { account, .. } => f.write_str(&account.sentence),
        }
    }
}

fn although(f: &mut fmt::Formatter<'_>, findings: &[String]) -> fmt::Result {
    if findings.is_empty() { Ok(()) } else { write!(f, ", although {}", findings.join("; ")) }
}

impl LookAgain for Action {
    fn look_again_s(&self) -> u32 {
        match self {
            // A managed failover takes 1 to 3 minutes: the first looks come soon, the core stretches the later ones.
            Self::SwitchOver { .. } | Self::FailOver { .. } | Self::Detach { .. } => 5,
            Self::NoteCall { .. } => 10,
            Self::CopySnapshot { .. } => 30,
            _ => 1,
        }
    }
}

/// What Aurora said of the fencing, in a clause.
pub(crate) fn fenced(fencing: &Fencing) -> String {
    let handed_over = fencing.outcome == FencingOutcome::HandedOver;
    let how = if handed_over { "handed over by a switchover" } else { "blocked by Aurora" };
    two_writers(fencing).unwrap_or_else(|| format!("the old writer in {} was {how}", fencing.region))
}

/// What a hand-over proof proves, in a clause.
pub(crate) fn equal(proof: &HandOverProof) -> String {
    match proof.files_failed {
        0 => "the four stores are equal".into(),
        failed => format!("the stores are equal but for {failed} files that failed to replicate, accepted by name"),
    }
}

/// The sentence that is said whenever Aurora's own fencing is not proven.
pub(crate) fn two_writers(fencing: &Fencing) -> Option<String> {
    let region = &fencing.region;
    match fencing.outcome {
        FencingOutcome::Blocked | FencingOutcome::HandedOver => None,
        FencingOutcome::TimedOut => Some(format!(
            "Aurora could not fence the old writer in time: two writers possible until {region} is stopped"
        )),
        FencingOutcome::Unknown => Some(format!(
            "nobody knows whether the old writer is fenced: two writers possible until {region} is stopped"
        )),
    }
}
