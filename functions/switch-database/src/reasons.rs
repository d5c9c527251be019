//! Why this step waits, and why it stops.

use std::fmt;

use mmdr_core::{Epoch, LookAgain, Region, Time};
use serde::{Deserialize, Serialize};

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
    /// A switchover to the same target is running, and the old writer's Region answers: it may still end without loss.
    SwitchoverMayEnd {
        /// Until when it is given the chance.
        until: Time,
    },
    /// The run calls nothing, and Aurora is at work on something.
    NotAtRest {
        /// What Aurora says, word for word.
        says: String,
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
    /// Aurora has not said how it fenced the old writer.
    FencingNotSaid {
        /// Until when its word is waited for.
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
            Self::NotAtRest { says } => write!(f, "the database is not at rest: {says}"),
            Self::QuietOnce { since } => {
                write!(f, "Aurora has been at rest with the old writer since {since}; a look 60 s later must agree")
            }
            Self::NodesLive { ids } => write!(f, "nodes of the old side are not stopped: {}", ids.join(", ")),
            Self::NodesUnseen { why } => write!(f, "the old side's nodes cannot be seen: {why}"),
            Self::LagNotYetMeasured { since } => {
                write!(f, "no replication lag has been measured since the nodes stopped, at {since}")
            }
            Self::LagNotLevel { lag_ms } => {
                write!(f, "the standby database is {lag_ms:.0} ms behind, with nodes stopped")
            }
            Self::ReturnedRegionSilent { region, why } => write!(f, "RDS in {region} does not answer: {why}"),
            Self::NoSnapshotYet { until } => {
                write!(f, "Aurora has made no snapshot of the old volume yet; it is waited for until {until}")
            }
            Self::SwitchoverMayEnd { until } => write!(
                f,
                "a switchover to here is running and the old writer's Region answers: it may end without loss until {until}"
            ),
            Self::FencingNotSaid { until } => {
                write!(f, "Aurora has not said how it fenced the old writer; its word is waited for until {until}")
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
            // Users wait for these: what ends them is seen soon after it has happened.
            Self::Moving { .. } | Self::SomebodyMoves { .. } | Self::NotAtRest { .. } | Self::RdsSilent { .. } => 5,
            Self::NodesLive { .. } => 10,
            Self::NodesUnseen { .. } | Self::FencingNotSaid { .. } | Self::SwitchoverMayEnd { .. } => 10,
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
    /// The run was to bring up the Region that writes, and RDS does not show this one as the writer.
    NotTheWriter {
        /// This Region.
        region: Region,
    },
    /// A detach left this Region's cluster behind: to promote it would bring back the state of that day.
    Abandoned {
        /// This Region.
        region: Region,
        /// The Region to which the detach moved the writer.
        writer: Region,
        /// Its epoch.
        epoch: Epoch,
    },
    /// The own ledger has settled the other Region as the writer: there is nothing here to protect.
    SettledElsewhere {
        /// Who writes.
        writer: Region,
        /// Since which epoch.
        epoch: Epoch,
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
            Self::StaleEvidence { age_s: Some(age_s), .. } if *age_s < 0 => {
                write!(f, "the diagnosis rests on evidence dated {} s in the future: diagnose again", -age_s)
            }
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
            Self::ServiceRefused { service, remains } => {
                write!(f, "RDS refuses: {}. {remains}", service.trim_end_matches('.'))
            }
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
            Self::NotTheWriter { region } => {
                write!(
                    f,
                    "RDS does not show {region} as the writer: there is nothing to finish here, and nothing was called"
                )
            }
            Self::Abandoned { region, writer, epoch } => write!(
                f,
                "a detach moved the writer to {writer} at epoch {epoch} and left the cluster in {region} behind: what it \
                 holds ends there, and nothing of it is promoted. Build a global database from the cluster in {writer}, \
                 or restore a backup of it"
            ),
            Self::SettledElsewhere { writer, epoch } => {
                write!(f, "the ledger has settled {writer} as the writer at epoch {epoch}: start this in {writer}")
            }
            Self::Headless { region } => {
                write!(f, "the cluster in {region} has no instance: add one, or it cannot be promoted")
            }
        }
    }
}
