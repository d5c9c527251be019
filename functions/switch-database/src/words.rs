//! The words of this step: its parts, what it does, why it waits, why it stops.

use std::fmt;
use std::str::FromStr;

use mmdr_core::records::{Fencing, FencingOutcome, HandOverProof, LostMessages};
use mmdr_core::{LookAgain, Region, Time};
use serde::{Deserialize, Serialize};

use crate::observed::CallRecord;

/// Which occurrence of the step in its machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Failover and detach: promote the own cluster.
    Promote,
    /// Switchover: exchange the roles without loss.
    SwitchOver,
    /// Switchover: prove that the four stores are equal, before the point of no return.
    Prove,
    /// Reprotect: keep the rows that the old writer had and the new one has not.
    SaveLostWrites,
    /// Reprotect: the returned cluster follows again.
    Resynchronised,
}

impl Part {
    /// Every part, in the order of the machines.
    pub const ALL: &'static [Self] =
        &[Self::Promote, Self::SwitchOver, Self::Prove, Self::SaveLostWrites, Self::Resynchronised];

    fn as_str(self) -> &'static str {
        match self {
            Self::Promote => "promote",
            Self::SwitchOver => "switch-over",
            Self::Prove => "prove",
            Self::SaveLostWrites => "save-lost-writes",
            Self::Resynchronised => "resynchronised",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Part {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let names: Vec<&str> = Self::ALL.iter().map(|part| part.as_str()).collect();
        let found = Self::ALL.iter().copied().find(|part| part.as_str() == text);
        found.ok_or_else(|| format!("expected one of {}, found {text:?}", names.join(", ")))
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
            Self::FirstQuietLook => f.write_str("notes that Aurora shows no sign of the call; a second look must agree"),
            Self::MovesAfterAll => f.write_str("notes that Aurora moves after all: an earlier quiet look no longer counts"),
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
    },
    /// Send FailoverGlobalCluster with AllowDataLoss, asked in the Region that is promoted.
    FailOver {
        /// The Region whose RDS is asked: the target's.
        asked: Region,
        /// ARN of the cluster that is to write.
        target_arn: String,
        /// Preconditions that do not hold; only the service's own refusal stops a failover.
        findings: Vec<String>,
    },
    /// Send RemoveFromGlobalCluster for the own cluster: the last resort.
    Detach {
        /// The Region whose RDS is asked: the own.
        asked: Region,
        /// ARN of the cluster that is cut loose.
        cluster_arn: String,
        /// Preconditions that do not hold.
        findings: Vec<String>,
    },
    /// Write down what was seen since the call was sent, so that it survives a lost answer.
    NoteCall {
        /// Where.
        key: String,
        /// The whole record.
        record: CallRecord,
        /// What is new in it.
        note: Note,
    },
    /// The call has been proven to have come to nothing: the run may call off again.
    CameToNothing {
        /// Where the proof is kept.
        key: String,
        /// The whole record.
        record: CallRecord,
    },
    /// The completion test held: write into the ledger who writes, beside how the old writer was fenced.
    Settle {
        /// The writer Region.
        writer: Region,
        /// Where the fencing is recorded, and what is known of it; none for a switchover.
        fencing: Option<(String, Fencing)>,
    },
    /// Write the hand-over proof.
    WriteProof {
        /// Where.
        key: String,
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
        key: String,
        /// The account.
        account: LostMessages,
    },
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SwitchOver { asked, target_arn } => {
                write!(f, "asks RDS in {asked} to switch the writer over to {target_arn}, without loss")
            }
            Self::FailOver { asked, target_arn, findings } => {
                write!(f, "asks RDS in {asked} to fail the writer over to {target_arn}, data loss allowed")?;
                although(f, findings)
            }
            Self::Detach { asked, cluster_arn, findings } => {
                write!(f, "asks RDS in {asked} to cut {cluster_arn} loose from the global database")?;
                although(f, findings)
            }
            Self::NoteCall { note, .. } => write!(f, "{note}"),
            Self::CameToNothing { .. } => {
                f.write_str("takes the ledger back to open: two looks a minute apart prove that the call came to nothing")
            }
            Self::Settle { writer, .. } => write!(f, "settles {writer} as the writer: Aurora's completion test held"),
            Self::WriteProof { .. } => f.write_str("writes the hand-over proof: the four stores are equal"),
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
            Self::NoteCall { note: Note::FirstQuietLook, .. } => 60,
            Self::CopySnapshot { .. } => 30,
            _ => 1,
        }
    }
}

/// Why it looks again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Waiting {
    /// The own Region's RDS does not answer: nobody can tell who writes, and "cannot tell" never promotes.
    RdsSilent {
        /// The own Region.
        region: Region,
        /// The fault.
        why: String,
    },
    /// A move to the same target, which this run did not start, is running.
    SomebodyMoves {
        /// Aurora's word for it.
        status: String,
    },
    /// The call was sent and Aurora works on it.
    Moving {
        /// What Aurora says, word for word.
        says: String,
    },
    /// No sign of the call: a second look must agree before it is taken for nothing.
    QuietOnce {
        /// When the first quiet look was.
        since: Time,
    },
    /// Nodes of the old side are not stopped.
    NodesLive {
        /// Their names.
        ids: Vec<String>,
    },
    /// The nodes of the old side cannot be seen.
    NodesUnseen {
        /// The fault.
        why: String,
    },
    /// No replication lag has been measured since the nodes stopped.
    LagNotYetMeasured {
        /// When the nodes had stopped.
        since: Time,
    },
    /// The standby database is not yet level.
    LagNotLevel {
        /// Milliseconds.
        lag_ms: f64,
    },
    /// The Region that was lost does not answer.
    ReturnedRegionSilent {
        /// The Region.
        region: Region,
        /// The fault.
        why: String,
    },
    /// Aurora has not made its snapshot of the old volume.
    NoSnapshotYet {
        /// Until when it is waited for.
        until: Time,
    },
    /// The system snapshot, or its copy, is being made.
    SnapshotInTheMaking {
        /// Which.
        id: String,
        /// Its status.
        status: String,
    },
    /// Aurora has not taken the returned cluster back as a member.
    NotYetBack {
        /// The Region.
        region: Region,
    },
    /// The returned cluster is a member and not yet connected.
    Resynchronising {
        /// The Region.
        region: Region,
        /// What RDS says.
        says: String,
    },
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RdsSilent { region, why } => {
                write!(f, "RDS in {region} does not say who writes ({why}); cannot tell, so nothing is promoted")
            }
            Self::SomebodyMoves { status } => {
                write!(f, "a move to this Region that this run did not start is {status}")
            }
            Self::Moving { says } => write!(f, "the call was sent; Aurora: {says}"),
            Self::QuietOnce { since } => {
                write!(f, "Aurora has been at rest with the old writer since {since}; a look 60 s later must agree")
            }
            Self::NodesLive { ids } => write!(f, "nodes of the old side are not stopped: {}", ids.join(", ")),
            Self::NodesUnseen { why } => write!(f, "the old side's nodes cannot be seen: {why}"),
            Self::LagNotYetMeasured { since } => {
                write!(f, "no replication lag has been measured since the nodes stopped, at {since}")
            }
            Self::LagNotLevel { lag_ms } => write!(f, "the standby database is {lag_ms:.0} ms behind, with nodes stopped"),
            Self::ReturnedRegionSilent { region, why } => write!(f, "RDS in {region} does not answer: {why}"),
            Self::NoSnapshotYet { until } => {
                write!(f, "Aurora has made no snapshot of the old volume yet; it is waited for until {until}")
            }
            Self::SnapshotInTheMaking { id, status } => write!(f, "snapshot {id} is {status}"),
            Self::NotYetBack { region } => write!(f, "Aurora has not taken the cluster in {region} back as a member"),
            Self::Resynchronising { region, says } => write!(f, "the cluster in {region} does not follow yet: {says}"),
        }
    }
}

impl LookAgain for Waiting {
    fn look_again_s(&self) -> u32 {
        match self {
            Self::Moving { .. } | Self::SomebodyMoves { .. } | Self::NodesLive { .. } | Self::RdsSilent { .. } => 10,
            Self::NodesUnseen { .. } => 10,
            Self::QuietOnce { .. } | Self::LagNotYetMeasured { .. } | Self::LagNotLevel { .. } => 15,
            Self::ReturnedRegionSilent { .. } | Self::SnapshotInTheMaking { .. } => 30,
            Self::NoSnapshotYet { .. } | Self::NotYetBack { .. } | Self::Resynchronising { .. } => 60,
        }
    }
}

/// Why it stops. Every refusal of `switch-over` leaves the ledger at `open`: the machine may call off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Refusal {
    /// The evidence on which the call would rest is missing or too old: diagnose again.
    StaleEvidence {
        /// Its age in seconds; none where there is no record.
        age_s: Option<i64>,
        /// The policy's limit in seconds.
        limit_s: u32,
    },
    /// The diagnosis on record does not permit this run.
    NotPermitted {
        /// The diagnosis, in its own sentence.
        diagnosis: String,
    },
    /// A switchover whose preconditions do not hold.
    PreconditionsNotMet {
        /// Each in one clause.
        missing: Vec<String>,
    },
    /// There is no fresh hand-over proof of this epoch.
    NoHandOverProof {
        /// What is wrong with it.
        why: String,
    },
    /// Nodes of the old side run, or cannot be seen, after the hand-over proof.
    OldSideNotStopped {
        /// What is seen.
        why: String,
    },
    /// The call was sent and has been proven to have come to nothing.
    CameToNothing {
        /// What the service said to it, where that is known.
        service: Option<String>,
        /// What the operator can do.
        remains: String,
    },
    /// The service refuses, and nothing runs.
    ServiceRefused {
        /// The service's own sentence.
        service: String,
        /// What the operator can do.
        remains: String,
    },
    /// A proof that an earlier step must have written is not there.
    ProofMissing {
        /// Which.
        proof: String,
        /// What is wrong with it.
        why: String,
    },
    /// A snapshot of the lost writes failed.
    SnapshotFailed {
        /// Which.
        id: String,
        /// Its status.
        status: String,
    },
    /// After a detach the global database must be built anew, by a person.
    RebuildByHand {
        /// The Region that is to be the secondary again.
        region: Region,
    },
    /// Aurora names another writer than this run protects.
    WriterElsewhere {
        /// What Aurora says.
        writer: String,
    },
    /// The returned cluster has no instance: neither managed operation can promote it.
    Headless {
        /// The Region.
        region: Region,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StaleEvidence { age_s: Some(age_s), limit_s } => {
                write!(f, "the diagnosis rests on evidence {age_s} s old; the limit is {limit_s} s: diagnose again")
            }
            Self::StaleEvidence { age_s: None, .. } => f.write_str("there is no diagnosis on record: diagnose again"),
            Self::NotPermitted { diagnosis } => write!(f, "the diagnosis does not permit this move: {diagnosis}"),
            Self::PreconditionsNotMet { missing } => {
                write!(f, "the database cannot be switched over: {}", missing.join("; "))
            }
            Self::NoHandOverProof { why } => write!(f, "no switchover without a fresh hand-over proof: {why}"),
            Self::OldSideNotStopped { why } => write!(f, "the old side may still write: {why}"),
            Self::CameToNothing { service, remains } => {
                f.write_str("the database call came to nothing")?;
                if let Some(service) = service {
                    write!(f, " (RDS said: {service})")?;
                }
                write!(f, "; two looks a minute apart show the old writer at rest. {remains}")
            }
            Self::ServiceRefused { service, remains } => write!(f, "RDS refuses: {service}. {remains}"),
            Self::ProofMissing { proof, why } => write!(f, "the {proof} {why}"),
            Self::SnapshotFailed { id, status } => {
                write!(f, "snapshot {id} is {status}: save the old cluster by hand before its retention ends")
            }
            Self::RebuildByHand { region } => write!(
                f,
                "the cluster here was detached: create a global database from it and add a secondary in {region} by \
                 hand, keeping the old cluster until its rows are saved, then run protect"
            ),
            Self::WriterElsewhere { writer } => write!(f, "Aurora names {writer} as the writer, not this Region"),
            Self::Headless { region } => {
                write!(f, "the cluster in {region} has no instance: add one, or it cannot be promoted")
            }
        }
    }
}

/// The sentence that is said whenever Aurora's own fencing is not proven.
pub(crate) fn two_writers(fencing: &Fencing) -> Option<String> {
    let region = &fencing.region;
    match fencing.outcome {
        FencingOutcome::Blocked => None,
        FencingOutcome::TimedOut => {
            Some(format!("Aurora could not fence the old writer in time: two writers possible until {region} is stopped"))
        }
        FencingOutcome::Unknown => {
            Some(format!("nobody knows whether the old writer is fenced: two writers possible until {region} is stopped"))
        }
    }
}
