//! How a command ends: one table for people, scripts and `--help`.

use std::process::ExitCode;

use mmdr_core::Ending;
use mmdr_report::{PartAnswer, RunReport};

/// Shown below the help of every command that asks AWS.
pub(crate) const TABLE: &str = "\
Exit codes:
  0  it is well: the run ended healthy, a dry run would go the whole way, what was asked for was read, started or stored
  1  it failed, is not finished or was not done: refused, denied, expired, called off, taken over; or AWS did not answer
  2  bad input: one sentence says what was expected and what was found; nothing was started, stored or changed
  3  done, with findings that somebody must look at
  4  the run asks for an approval (follow --no-wait, approve without --digest)
  5  the run goes on, and is not followed any further (Ctrl-C, follow --no-wait)
  6  held or released in one Region only: the other one did not take it";

/// How a command ended that was not kept from beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// It is well.
    Well,
    /// Done, with findings.
    Findings,
    /// The run asks for an approval.
    Asks,
    /// The run goes on.
    GoesOn,
    /// One Region took it, the other did not.
    OneRegionOnly,
    /// It failed, or was not done.
    Failed,
}

impl Exit {
    /// Its number.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Well => 0,
            Self::Failed => 1,
            Self::Findings => 3,
            Self::Asks => 4,
            Self::GoesOn => 5,
            Self::OneRegionOnly => 6,
        }
    }

    /// How a run ended, by its report.
    pub(crate) fn of(report: &RunReport) -> Self {
        match report.ending {
            Ending::Healthy => Self::Well,
            Ending::Findings => Self::Findings,
            Ending::DryRun if report.parts.iter().any(|part| part.answer == PartAnswer::Stopped) => Self::Failed,
            Ending::DryRun => Self::Well,
            Ending::CalledOff
            | Ending::Refused
            | Ending::Denied
            | Ending::Expired
            | Ending::LostRace
            | Ending::Superseded
            | Ending::StoppedAskAurora
            | Ending::Unfinished
            | Ending::Stopped => Self::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.number().into()
    }
}

/// Why a command did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The input does not fit; nothing was started. Exit code 2.
    BadInput(String),
    /// AWS did not answer, or refused. Exit code 1.
    Failed(String),
}

impl From<mmdr_core::CallError> for Failure {
    fn from(error: mmdr_core::CallError) -> Self {
        Self::Failed(error.to_string())
    }
}

/// What a command gives.
pub(crate) type Done = Result<Exit, Failure>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_exit_code_stands_in_the_help() {
        for exit in [Exit::Well, Exit::Findings, Exit::Asks, Exit::GoesOn, Exit::OneRegionOnly, Exit::Failed] {
            assert!(TABLE.contains(&format!("\n  {}  ", exit.number())), "{exit:?}");
        }
    }

    #[test]
    fn of_several_ends_the_worst_counts() {
        assert_eq!([Exit::Findings, Exit::Failed, Exit::Well].into_iter().max(), Some(Exit::Failed));
    }
}
