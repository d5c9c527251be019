//! The glossary as types: one word, one meaning.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The number of a move. A higher epoch supersedes a lower one; an older epoch never writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub u64);

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The name of one execution of a state machine; 80 characters at most, unique for 90 days.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub String);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Declares an enum whose variants have one name each: on the wire, in folders, in the machines and in sentences.
///
/// Gives `ALL`, `as_str`, `Display`, `FromStr` (its error lists every name) and serde's two traits; whoever uses it
/// depends on `serde`. The steps declare their parts with it.
#[macro_export]
macro_rules! named {
    ($(#[$outer:meta])* $name:ident, $what:literal { $($(#[$inner:meta])* $variant:ident => $text:literal),+ $(,)? }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ::serde::Serialize, ::serde::Deserialize)]
        pub enum $name {
            $($(#[$inner])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// Every value, in the order in which they are declared.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The one name used everywhere.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text).ok_or_else(|| {
                    let names: Vec<&str> = Self::ALL.iter().map(|value| value.as_str()).collect();
                    format!("expected {} ({}), found {text:?}", $what, names.join(", "))
                })
            }
        }
    };
}

named!(
    /// What a run does.
    Kind, "a kind of run" {
        /// The writer Region is lost: promote the other, data loss allowed.
        Failover => "failover",
        /// Planned, loses nothing.
        Switchover => "switchover",
        /// Last resort: cut the standby loose from the global database. Only a person starts it.
        Detach => "detach",
        /// Set up what protects the writer Region.
        Protect => "protect",
        /// Rebuild protection when a lost Region answers again.
        Reprotect => "reprotect",
        /// Hold the newest recovery points against their age limits.
        VerifyBackups => "verify-backups",
        /// Named checks that a move would succeed.
        CheckReadiness => "check-readiness",
        /// Work that belongs to no run: start-move, reconcile, keep-fenced, an approval's answer.
        Standing => "standing",
    }
);

impl Kind {
    /// Whether this kind changes the writer Region.
    pub fn is_move(self) -> bool {
        matches!(self, Self::Failover | Self::Switchover | Self::Detach)
    }

    /// Whether the run takes an epoch and the lease. The others only look.
    pub fn takes_epoch(self) -> bool {
        self.is_move() || matches!(self, Self::Protect | Self::Reprotect)
    }

    /// The last word of the name of the state machine that runs it; a detach runs in failover's.
    pub fn machine(self) -> &'static str {
        match self {
            Self::Detach => Self::Failover.as_str(),
            kind => kind.as_str(),
        }
    }
}

named!(
    /// Who started a run.
    StartedBy, "who started it" {
        /// A person, from the console or a command line.
        Person => "person",
        /// A CloudWatch alarm or an RDS event, through start-move.
        Alarm => "alarm",
        /// A schedule.
        Schedule => "schedule",
        /// reconcile, asking again or resuming.
        Reconcile => "reconcile",
    }
);

impl StartedBy {
    /// Whether no person stands behind the start.
    pub fn is_machine(self) -> bool {
        self != Self::Person
    }
}

named!(
    /// What became of one look.
    Outcome, "an outcome" {
        /// It is so already; go on.
        Already => "Already",
        /// A change was asked for; look again.
        Acted => "Acted",
        /// Something must happen first; look again.
        Wait => "Wait",
        /// It cannot or must not be done.
        Refuse => "Refuse",
        /// The bound in looks or time is reached.
        Exhausted => "Exhausted",
        /// Dry run: it would act; go on, assuming it.
        WouldAct => "WouldAct",
    }
);

named!(
    /// The steps; the same name in folder, state, template and runbook.
    StepName, "a step" {
        /// Names and starts an execution for an event.
        StartMove => "start-move",
        /// Opens a run: epoch and lease.
        OpenRun => "open-run",
        /// Each minute: settles, resumes, asks again.
        Reconcile => "reconcile",
        /// Names what is wrong.
        DetectRegionOutage => "detect-region-outage",
        /// Asks a person.
        RequestApproval => "request-approval",
        /// Moves the Aurora writer.
        SwitchDatabase => "switch-database",
        /// Turns search replication.
        SwapSearchLeader => "swap-search-leader",
        /// Exactly one Region runs jobs.
        ToggleScheduler => "toggle-scheduler",
        /// Stops, drains and starts nodes.
        RollNodes => "roll-nodes",
        /// Keeps the passive Region stopped.
        KeepFenced => "keep-fenced",
        /// Proves file replication.
        VerifyFiles => "verify-files",
        /// Confirms that Mattermost works.
        ConfirmRecovery => "confirm-recovery",
        /// Moves the public name.
        FlipDns => "flip-dns",
        /// Exchanges DNS roles in peace time.
        ArmDns => "arm-dns",
        /// Checks recovery points.
        VerifyBackups => "verify-backups",
        /// Checks that a move would succeed.
        CheckReadiness => "check-readiness",
        /// Reports and closes.
        CloseRun => "close-run",
    }
);
