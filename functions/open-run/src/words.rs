//! What open-run can do, wait for, and refuse.

use std::fmt;

use mmdr_core::{Epoch, Kind, Ledger, LookAgain, Region, RunId, StartedBy, Time};
use serde::Serialize;

/// One conditional write of one ledger.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Action {
    /// Let the ledger of a Region that answers again know what this Region's ledger knows, before anything else.
    RaiseOther(LedgerWrite),
    /// Claim the epoch in the own ledger: from here on the run holds the lease.
    ClaimOwn(LedgerWrite),
    /// Claim the same epoch in the other Region's ledger.
    ClaimOther(LedgerWrite),
}

/// A ledger to be written, under its condition.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LedgerWrite {
    /// The Region whose ledger is written.
    pub region: Region,
    /// The whole new ledger.
    pub ledger: Ledger,
    /// The version that it replaces; none: there is no ledger yet.
    pub version: Option<String>,
    /// The run that claims.
    pub run: RunId,
    /// The epoch that is claimed.
    pub epoch: Epoch,
    /// Whether the run goes on when this ledger cannot be written: only a failover does, and only with the other's.
    pub goes_on_without: bool,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RaiseOther(write) => {
                write!(f, "raises the ledger in {}, which was away, to epoch {}", write.region, write.ledger.claimed)
            }
            Self::ClaimOwn(write) | Self::ClaimOther(write) => {
                write!(f, "claims epoch {} for {} in the ledger in {}", write.epoch, write.run, write.region)
            }
        }
    }
}

impl LookAgain for Action {
    /// One second: the write is done when it answers.
    fn look_again_s(&self) -> u32 {
        1
    }
}

/// Why open-run waits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Waiting {
    /// A run is in the way and nobody can tell whether it still runs.
    LeaseUnknown {
        /// That run.
        run: RunId,
        /// Where it runs.
        region: Region,
    },
    /// The run to be taken over has just ended; a function of it may still be at work.
    FunctionsMayStillRun {
        /// That run.
        run: RunId,
        /// When the last of its functions has ended for certain.
        until: Time,
    },
    /// The other ledger cannot be read, and only a failover goes on without it.
    OtherLedgerUnseen {
        /// Its Region.
        region: Region,
        /// Why it was not seen.
        why: String,
    },
    /// The run only brings up the Region that writes, and Aurora is moving the writer.
    NotAtRest {
        /// This Region.
        region: Region,
    },
    /// Neither the own RDS nor the own ledger says whether this Region is the writer.
    WriterUnknown {
        /// This Region.
        region: Region,
    },
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeaseUnknown { run, region } => {
                write!(f, "nobody can tell whether run {run} in {region} still runs")
            }
            Self::FunctionsMayStillRun { run, until } => {
                write!(f, "run {run} has just ended; its last function has ended for certain at {until}")
            }
            Self::OtherLedgerUnseen { region, why } => {
                write!(f, "the ledger in {region} cannot be read ({why}), and only a failover goes on without it")
            }
            Self::NotAtRest { region } => {
                write!(f, "Aurora is moving the writer: whether {region} is the writer Region shows once it is at rest")
            }
            Self::WriterUnknown { region } => {
                write!(
                    f,
                    "nobody can tell yet whether {region} is the writer: RDS and the ledgers are silent, or do not agree"
                )
            }
        }
    }
}

impl LookAgain for Waiting {
    fn look_again_s(&self) -> u32 {
        match self {
            Self::LeaseUnknown { .. } | Self::NotAtRest { .. } | Self::WriterUnknown { .. } => 5,
            Self::FunctionsMayStillRun { .. } => 10,
            Self::OtherLedgerUnseen { .. } => 15,
        }
    }
}

/// Why open-run stops the run before it begins.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Refusal {
    /// A hold is on and no person accepts it.
    Hold {
        /// Who set it.
        by: String,
        /// Why.
        reason: String,
        /// Whether a person starts: they may accept it.
        person: bool,
    },
    /// The policy lets no machine start a failover.
    MachineMayNotStart,
    /// A machine may not move the writer again so soon.
    AntiFlap {
        /// The run that counts.
        run: RunId,
        /// When a machine may start a move again.
        until: Time,
    },
    /// Another run holds the lease.
    MoveRunning {
        /// That run.
        run: RunId,
        /// What it does.
        kind: Kind,
        /// Where it runs.
        region: Region,
        /// Who started it.
        by: StartedBy,
    },
    /// A machine does not turn a switchover into a failover.
    SwitchoverUnfinished {
        /// The switchover.
        run: RunId,
    },
    /// A run ended after it had sent its database call: it must be resumed, not begun anew.
    Unfinished {
        /// That run.
        run: RunId,
        /// Where it can be resumed.
        region: Region,
    },
    /// The writer was moved here by hand, and nobody has done the rest of that move.
    FinishFirst {
        /// This Region.
        region: Region,
    },
    /// The own cluster was cut loose by hand, and no ledger says that it is meant to write.
    StandsAlone {
        /// This Region.
        region: Region,
    },
    /// There is nothing to finish here: the writer is elsewhere.
    NothingToFinish {
        /// This Region.
        region: Region,
        /// The Region that writes.
        other: Region,
    },
    /// The writer is here already.
    AlreadyWriter {
        /// This Region.
        region: Region,
        /// A run to this Region that has not ended well: resume it to finish what it left.
        unfinished: Option<RunId>,
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
    /// The writer is not here, and this kind of run belongs where it is.
    NotTheWriter {
        /// This Region.
        region: Region,
        /// Where it belongs.
        other: Region,
        /// The kind.
        kind: Kind,
    },
    /// There is nothing to resume under that name.
    NothingToResume {
        /// The name given.
        asked: RunId,
        /// What the own ledger says instead.
        found: String,
    },
    /// Runs have continued each other without a person too often.
    ResumedTooOften {
        /// The run to be resumed.
        run: RunId,
        /// How often.
        times: u32,
    },
    /// Another run claimed the same epoch first; nothing was changed.
    LostRace {
        /// The epoch.
        epoch: Epoch,
        /// The run that keeps it; none where both give way.
        winner: Option<RunId>,
    },
    /// A run with a higher epoch, or with a higher settled one, took over.
    Superseded {
        /// The epoch of this run.
        epoch: Epoch,
        /// The Region whose ledger says so.
        region: Region,
        /// The epoch that is claimed there.
        claimed: Epoch,
        /// The epoch that is settled there; 0 where none is.
        settled: Epoch,
    },
    /// This execution has closed its run already.
    Closed,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hold { by, reason, person: false } => {
                write!(f, "{by} holds all moves that a machine starts: {reason}")
            }
            Self::Hold { by, reason, person: true } => {
                write!(f, "{by} holds all moves: {reason}; to move all the same, start with accepts: [\"hold\"]")
            }
            Self::MachineMayNotStart => f.write_str("the policy lets no machine start a failover; a person may"),
            Self::AntiFlap { run, until } => {
                write!(f, "run {run} moved the writer so recently that no machine may move it before {until}")
            }
            Self::MoveRunning { run, kind, region, by } => {
                write!(f, "{kind} {run}, started by {by}, is running in {region}")
            }
            Self::SwitchoverUnfinished { run } => {
                write!(f, "switchover {run} is unfinished, and no machine turns it into a failover; a person may")
            }
            Self::Unfinished { run, region } => {
                write!(f, "run {run} sent its database call and ended before its work was done: resume it in {region}")
            }
            Self::FinishFirst { region } => write!(
                f,
                "the writer was moved to {region} by hand, and the rest of that move is not done: start kind failover to \
                 {region} with accepts: [\"finish\"] first"
            ),
            Self::StandsAlone { region } => write!(
                f,
                "the cluster of {region} stands alone and writes, cut loose by hand: if it is to be the one, start kind detach \
                 to {region}, whose question lists what that gives up; if not, stop this cluster"
            ),
            Self::NothingToFinish { region, other } => write!(
                f,
                "{region} is not the writer Region, so there is nothing to finish: start this in {other}, or without \
                 accepts: [\"finish\"] to move the writer here"
            ),
            Self::AlreadyWriter { region, unfinished: None } => write!(
                f,
                "{region} is the writer Region already; a person who wants what is missing there brought up (nodes, jobs, \
                 search, the public name) starts kind failover with accepts: [\"finish\"]"
            ),
            Self::AlreadyWriter { region, unfinished: Some(run) } => write!(
                f,
                "{region} is the writer Region already; to finish what {run} left, start with resumes: \"{run}\""
            ),
            Self::Abandoned { region, writer, epoch } => write!(
                f,
                "a detach moved the writer to {writer} at epoch {epoch} and left the cluster in {region} behind: what it \
                 holds ends there, and no move promotes it. Build a global database from the cluster in {writer}, or \
                 restore a backup of it"
            ),
            Self::NotTheWriter { region, other, kind } => {
                write!(f, "{region} is not the writer Region, and {kind} runs there: start it in {other}")
            }
            Self::NothingToResume { asked, found } => write!(f, "there is no run {asked} to resume: {found}"),
            Self::ResumedTooOften { run, times } => {
                write!(f, "run {run} was resumed {times} times without a person; a person must look and resume it")
            }
            Self::LostRace { epoch, winner: Some(run) } => {
                write!(f, "run {run} claimed epoch {epoch} in the writer Region's ledger; nothing was changed here")
            }
            Self::LostRace { epoch, winner: None } => {
                write!(f, "two runs claimed epoch {epoch} and no ledger says who is right: both give way, start again")
            }
            Self::Superseded { epoch, region, claimed, settled } => write!(
                f,
                "this run's epoch {epoch} no longer counts: the ledger in {region} has epoch {claimed} claimed and \
                 {settled} settled"
            ),
            Self::Closed => f.write_str("this run is closed already"),
        }
    }
}
