//! What stands in a ledger, line by line.

use serde::{Deserialize, Serialize};

use crate::{Epoch, Kind, Region, RunId, StartedBy, Time, named};

named!(
    /// How `settled` came to be known.
    How, "how it was settled" {
        /// The database's completion test held in a move.
        Move => "move",
        /// RDS was observed at rest, for instance after a move by hand.
        Observed => "observed",
    }
);

named!(
    /// How far a run has come.
    Phase, "a phase" {
        /// Open; everything can still be called off.
        Open => "open",
        /// The database call is being sent: forward only from here.
        Calling => "calling",
        /// The database's completion test held.
        Settled => "settled",
        /// The run has ended.
        Closed => "closed",
    }
);

impl Phase {
    /// Whether the database call may have been sent.
    pub fn reached_call(self, ending: Option<Ending>) -> bool {
        match self {
            Self::Calling | Self::Settled => true,
            Self::Closed => matches!(
                ending,
                Some(Ending::Healthy | Ending::Findings | Ending::StoppedAskAurora | Ending::Unfinished)
            ),
            Self::Open => false,
        }
    }
}

named!(
    /// How a run ended.
    Ending, "an ending" {
        /// Everything is as it should be.
        Healthy => "healthy",
        /// Done, with findings that somebody must look at.
        Findings => "findings",
        /// Called off before the database call; everything is as before.
        CalledOff => "called-off",
        /// Refused before anything was changed.
        Refused => "refused",
        /// A person said no.
        Denied => "denied",
        /// Nobody answered the question in time.
        Expired => "expired",
        /// Another run claimed the same epoch first; nothing was changed.
        LostRace => "lost-race",
        /// A run with a higher epoch took over; this one stopped where it was.
        Superseded => "superseded",
        /// The database call was sent and its outcome is not known: ask Aurora, then resume.
        StoppedAskAurora => "stopped-ask-aurora",
        /// The database has moved, and the run stopped at a step without which nobody is served: mend, then resume.
        Unfinished => "unfinished",
        /// Stopped before the database call, safely, with a named reason.
        Stopped => "stopped",
        /// A dry run reached its end.
        DryRun => "dry-run",
    }
);

/// Who writes, as proven.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settled {
    /// The writer Region.
    pub writer: Region,
    /// The epoch of the move that made it so.
    pub epoch: Epoch,
    /// When it was proven.
    pub at: Time,
    /// How it was proven.
    pub how: How,
    /// Observed: the writer that was settled before, where it was another one, so that somebody has moved it by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Region>,
}

/// The run that holds, or last held, the lease.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunLine {
    /// The run.
    pub id: RunId,
    /// Its execution: alive means that Step Functions says it is running.
    pub execution: String,
    /// What it does.
    pub kind: Kind,
    /// The Region in which it runs.
    pub region: Region,
    /// Its epoch.
    pub epoch: Epoch,
    /// How far it came.
    pub phase: Phase,
    /// Who started it.
    pub by: StartedBy,
    /// When it was opened.
    pub opened_at: Time,
    /// The run that it continues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumes: Option<RunId>,
    /// What that run continued in turn, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<RunId>,
    /// How many runs in a row continued each other without a person, this one included; 0 for a first run.
    #[serde(default)]
    pub resumed_times: u32,
    /// Whether it only brings up the Region that writes (kind failover with accepts finish): it has no database call, and
    /// nobody resumes it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub finish: bool,
    /// How it ended, once closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ending: Option<Ending>,
    /// When it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Time>,
    /// The run that this one pre-empted past its database call, or a switchover while it stopped the old side. A run that
    /// stops before its own call hands it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pre_empted: Option<Box<RunLine>>,
    /// Digest of the diagnosis that it acted or asked on, so that a denial silences the same diagnosis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<String>,
}

impl RunLine {
    /// Whether the run has ended and its database call, if it sent one, is proven to have come to nothing: then it is no
    /// move, and must not keep automation from the next one. A run that did the rest of a move by hand stands for that move.
    pub fn came_to_nothing(&self) -> bool {
        self.phase == Phase::Closed && !self.finish && !self.reached_call()
    }

    /// Whether this run sent, or may have sent, its database call.
    pub fn reached_call(&self) -> bool {
        !self.finish && self.phase.reached_call(self.ending)
    }
}

/// Whether machines may start moves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hold {
    /// Counts every change; the highest readable number counts.
    pub number: u64,
    /// Whether the hold is on.
    pub on: bool,
    /// Who changed it last.
    pub by: String,
    /// When.
    pub at: Time,
    /// Why.
    pub reason: String,
}

/// The last move that reached its database call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastMove {
    /// The run.
    pub run: RunId,
    /// Its kind.
    pub kind: Kind,
    /// Its epoch.
    pub epoch: Epoch,
    /// The Region to which it moved the writer.
    pub to: Region,
    /// When the call was sent.
    pub at: Time,
    /// The move before it, until this one has settled: a call that comes to nothing must not make anybody forget what an
    /// earlier failover has lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Box<LastMove>>,
    /// Somebody moved the writer past this product, and the run only does the rest: `at` is when the move was observed, and
    /// only Aurora's events say whether it lost anything.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
}

/// The take-over flag that this Region publishes, as a step decided it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlagLine {
    /// Whether the flag says "this Region has taken over".
    pub taken_over: bool,
    /// The epoch of the run that decided it.
    pub epoch: Epoch,
    /// When it was published with this value first.
    pub at: Time,
}

/// The last exchange of the DNS records that was asked for from this Region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArmedLine {
    /// The Region that was made PRIMARY.
    pub primary: Region,
    /// The epoch of the run that did it.
    pub epoch: Epoch,
    /// When it was asked for first in that run; name servers follow within about a minute.
    pub at: Time,
}
