//! Why reconcile leaves something undone this minute, and what a person is told of it.

use std::fmt;

use mmdr_core::{Epoch, Region, RunId, Time};
use serde::{Deserialize, Serialize};

/// Why something was not done this minute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Note {
    /// A run is at work here.
    RunAtWork {
        /// Which.
        run: RunId,
    },
    /// A move is open in the other Region's ledger.
    MoveOpenThere {
        /// Which.
        run: RunId,
    },
    /// Nobody can tell whether a run is still at work.
    LeaseUnknown {
        /// Which.
        run: RunId,
        /// Why.
        why: String,
    },
    /// A run has just ended and its last function may still be at work.
    FunctionsMayStillRun {
        /// Which.
        run: RunId,
    },
    /// A person stopped the run: only a person resumes it.
    StoppedByPerson {
        /// Which.
        run: RunId,
    },
    /// The run ended before its database call: nothing was moved, and nothing is resumed.
    EndedBeforeCall {
        /// Which.
        run: RunId,
    },
    /// The run brought up the Region that writes, and did not come to its end.
    FinishAnew {
        /// Which.
        run: RunId,
    },
    /// A later epoch stands above the run: it can no longer be resumed.
    Superseded {
        /// Which.
        run: RunId,
    },
    /// Machines have resumed it as often as they may.
    ResumedTooOften {
        /// Which.
        run: RunId,
        /// How often.
        times: u32,
    },
    /// A run here is not finished; that goes first.
    UnfinishedHere {
        /// Which.
        run: RunId,
    },
    /// An execution was started for this a moment ago and has not shown itself in the ledger yet.
    JustStarted {
        /// Its name.
        name: RunId,
    },
    /// Executions were started for this as often as they may be, and none showed itself in the ledger.
    StartsInVain {
        /// The last name.
        name: RunId,
        /// How often.
        attempts: u32,
    },
    /// RDS shows another writer than the ledger, in one look so far.
    OneLookSoFar {
        /// The writer that RDS shows.
        writer: Region,
    },
    /// RDS here shows another writer than a ledger has settled, and RDS there does not agree.
    Contradicted {
        /// The writer that RDS here shows.
        writer: Region,
        /// The writer that was settled.
        settled: Region,
        /// Under which epoch.
        epoch: Epoch,
    },
    /// Somebody moved the writer here by hand, and nobody has done the rest.
    MovedByHand {
        /// This Region.
        region: Region,
        /// The epoch under which it was settled.
        epoch: Epoch,
    },
    /// The own cluster stands alone and can write, and the ledger does not say that it is the writer.
    StandsAlone {
        /// The own Region.
        region: Region,
    },
    /// A hold keeps automation from starting moves.
    Held {
        /// Who set it.
        by: String,
        /// Why.
        reason: String,
    },
    /// The diagnosis would permit a failover, and has not stood long enough.
    NotLongEnough {
        /// The diagnosis.
        code: String,
        /// From when on it has.
        until: Time,
    },
    /// The same diagnosis was answered with a no, or not at all.
    Silenced {
        /// The run that asked.
        run: RunId,
        /// Until when it is not asked again.
        until: Time,
    },
    /// The last move that reached its database call is too recent.
    AntiFlap {
        /// That move.
        run: RunId,
        /// Until when.
        until: Time,
    },
    /// Nobody can forecast the loss: a machine may not start.
    LossUnknown,
    /// The lost Region does not answer yet, or not long enough.
    OtherSilent {
        /// The other Region.
        region: Region,
    },
    /// The last reprotect did not end well; it is tried again later.
    ReprotectLater {
        /// That run.
        run: RunId,
        /// When.
        until: Time,
    },
}

impl Note {
    /// What a person must be told, once: the key under which it is remembered.
    pub(crate) fn told_as(&self) -> Option<String> {
        match self {
            Self::StoppedByPerson { run }
            | Self::EndedBeforeCall { run }
            | Self::FinishAnew { run }
            | Self::Superseded { run }
            | Self::ResumedTooOften { run, .. } => Some(run.0.clone()),
            Self::StartsInVain { name, .. } => Some(name.0.clone()),
            Self::StandsAlone { region } => Some(format!("stands-alone-{region}")),
            Self::MovedByHand { epoch, .. } => Some(format!("moved-by-hand-{epoch}")),
            Self::Contradicted { epoch, .. } => Some(format!("contradicted-{epoch}")),
            _ => None,
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RunAtWork { run } => write!(f, "{run} is at work here"),
            Self::MoveOpenThere { run } => write!(f, "{run} is open in the other Region's ledger"),
            Self::LeaseUnknown { run, why } => write!(f, "cannot tell whether {run} is at work: {why}"),
            Self::FunctionsMayStillRun { run } => write!(f, "{run} has just ended"),
            Self::StoppedByPerson { run } => {
                write!(f, "a person stopped {run}: to finish it, start its machine with resumes: \"{run}\"")
            }
            Self::FinishAnew { run } => {
                write!(
                    f,
                    "{run} did not come to its end: mend what its report names, and start it again with accepts finish"
                )
            }
            Self::EndedBeforeCall { run } => {
                write!(f, "{run} ended before its database call: the writer was not moved; look at its last step")
            }
            Self::Superseded { run } => write!(f, "a later epoch stands above {run}: it is not resumed"),
            Self::ResumedTooOften { run, times } => {
                write!(f, "{run} was resumed {times} times and is still not done: a person must look and resume it")
            }
            Self::UnfinishedHere { run } => write!(f, "{run} is not finished here: that goes first"),
            Self::JustStarted { name } => write!(f, "{name} was started a moment ago"),
            Self::StartsInVain { name, attempts } => {
                write!(f, "{attempts} starts, the last as {name}, never reached the ledger: look at that execution")
            }
            Self::OneLookSoFar { writer } => write!(f, "RDS shows {writer} as the writer, in one look so far"),
            Self::MovedByHand { region, .. } => write!(
                f,
                "the writer was moved to {region} by hand, and its nodes, jobs, search and the public name were not. Nobody here \
                 knows how the old writer was fenced: two writers are possible until it is stopped. Start \
                 kind failover to {region} with a reason and accepts: [\"finish\"], which leaves the database as it is and \
                 does the rest"
            ),
            Self::Contradicted { writer, settled, epoch } => write!(
                f,
                "RDS here shows {writer} as the writer, and {settled} was settled at epoch {epoch}: this is believed only \
                 once RDS in the other Region shows it, too"
            ),
            Self::StandsAlone { region } => write!(
                f,
                "the cluster of {region} stands alone and can write, but the ledger names another writer: two writers are \
                 possible. If {region} is to be the one, start kind detach to {region} with a reason, which leaves the \
                 database as it is and does the rest; if not, stop this cluster"
            ),
            Self::Held { by, reason } => write!(f, "held by {by}: {reason}"),
            Self::NotLongEnough { code, until } => write!(f, "{code} has not stood long enough: until {until}"),
            Self::Silenced { run, until } => write!(f, "{run} asked the same; it is not asked again before {until}"),
            Self::AntiFlap { run, until } => {
                write!(f, "{run} moved the writer: no machine moves it again before {until}")
            }
            Self::LossUnknown => f.write_str("nobody can forecast the loss: a person has to start the failover"),
            Self::OtherSilent { region } => write!(f, "{region} has not answered twice yet"),
            Self::ReprotectLater { run, until } => write!(f, "{run} did not end well; tried again at {until}"),
        }
    }
}
