//! Whether a run still runs: the lease is its execution.

use crate::Time;
use crate::ports::{ExecutionSeen, ExecutionStatus};

/// The longest time-out of any function that changes something, in seconds; the template gives no function more. Before
/// it has passed, a function of a dead execution may still be at work, and nobody takes the run over.
pub const LONGEST_FUNCTION_S: i64 = 60;

/// How often runs may continue each other without a person. What three runs in a row could not finish does not pass by
/// itself; then a person is asked.
pub const RESUMED_AT_MOST: u32 = 3;

/// No run is older than this, in seconds: every machine's `TimeoutSeconds` is at most eight hours. The longest is reprotect,
/// whose parts at their default bounds come to 6 h 10 min: an hour of approval, one of divergence, 2 h 25 min of follow-back
/// (the bound in looks ends it), and the rest. A lease that nobody can tell ends with it.
pub const LONGEST_RUN_S: i64 = 28_800;

/// Whether a run still runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lease {
    /// Step Functions says that its execution is running.
    Alive,
    /// Its execution ended then, by itself.
    Dead(Time),
    /// A person stopped its execution then. Machines do not go on with what a person stopped.
    StoppedByPerson(Time),
    /// Nobody can tell.
    Unknown,
}

impl Lease {
    /// What an execution that answered says of the run that was opened at `opened_at`.
    ///
    /// DescribeExecution is eventually consistent: an execution that it does not know may be very young. It counts as
    /// ended when it was opened; the wait for the longest function, counted from there, covers that.
    pub fn of(execution: Option<&ExecutionSeen>, opened_at: Time) -> Self {
        let Some(seen) = execution else { return Self::Dead(opened_at) };
        let ended_at = seen.stopped_at.unwrap_or(opened_at);
        match seen.status {
            ExecutionStatus::Running => Self::Alive,
            ExecutionStatus::Aborted => Self::StoppedByPerson(ended_at),
            ExecutionStatus::Succeeded | ExecutionStatus::Failed | ExecutionStatus::TimedOut => Self::Dead(ended_at),
        }
    }

    /// When the execution ended, whoever ended it; none while it runs or nobody can tell.
    pub fn ended_at(self) -> Option<Time> {
        match self {
            Self::Dead(at) | Self::StoppedByPerson(at) => Some(at),
            Self::Alive | Self::Unknown => None,
        }
    }
}
