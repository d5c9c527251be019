//! What check-readiness can do, and why it waits or stops.

use std::fmt;

use mmdr_core::records::{CheckResult, CheckSeverity, Readiness, ReadinessFinding};
use mmdr_core::{LookAgain, Region, named};
use serde::Serialize;

named!(
    /// Which occurrence in a machine this is.
    Part, "a part of check-readiness" {
        /// In a switchover, before anything is stopped: only what a switchover needs, and it may refuse.
        Gate => "gate",
        /// Every check, written down; never refuses.
        Report => "report",
    }
);

/// The one change: the record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Action {
    /// Writes the findings of all checks down.
    WriteReport {
        /// The Region of the bucket.
        region: Region,
        /// The record's key.
        key: String,
        /// The findings.
        readiness: Readiness,
    },
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::WriteReport { readiness, .. } = self;
        f.write_str(&summary(readiness))
    }
}

impl LookAgain for Action {
    fn look_again_s(&self) -> u32 {
        1
    }
}

/// How the checks ended, in one sentence.
pub(crate) fn summary(readiness: &Readiness) -> String {
    let all = readiness.findings.len();
    let count = |result| readiness.findings.iter().filter(|finding| finding.result == result).count();
    let (passed, unknown) = (count(CheckResult::Passed), count(CheckResult::CannotTell));
    let critical: Vec<&str> =
        readiness.with(CheckSeverity::Critical, CheckResult::Failed).map(|finding| finding.check.as_str()).collect();
    let critical =
        if critical.is_empty() { "no critical one fails".into() } else { format!("critical: {}", critical.join(", ")) };
    format!("{passed} of {all} checks pass, {} fail, {unknown} cannot be told; {critical}", count(CheckResult::Failed))
}

/// Why the gate waits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Waiting {
    /// Database, search or files are further behind than policy allows a switchover to start with.
    Lagging {
        /// The checks that fail.
        findings: Vec<ReadinessFinding>,
    },
    /// Something runs that ends by itself.
    Busy {
        /// The checks that fail.
        findings: Vec<ReadinessFinding>,
    },
    /// A check that a switchover needs cannot be told.
    CannotTell {
        /// The checks.
        findings: Vec<ReadinessFinding>,
    },
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lagging { findings } => write!(f, "waits for what lags: {}", listed(findings)),
            Self::Busy { findings } => write!(f, "waits for what runs: {}", listed(findings)),
            Self::CannotTell { findings } => {
                write!(f, "cannot tell whether a switchover would work: {}", listed(findings))
            }
        }
    }
}

impl LookAgain for Waiting {
    fn look_again_s(&self) -> u32 {
        10
    }
}

/// Why the gate stops the switchover, before anything was stopped.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Refusal {
    /// Something that a switchover needs does not hold.
    NotReady {
        /// The checks that fail, each with what mends it.
        findings: Vec<ReadinessFinding>,
    },
    /// The target is the writer already.
    AlreadyWriter {
        /// The target.
        region: Region,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotReady { findings } => write!(f, "not ready: {}", listed(findings)),
            Self::AlreadyWriter { region } => {
                write!(f, "{region} is the writer already: there is nothing to switch over")
            }
        }
    }
}

/// Checks that a sentence shows whole: what travels in the machine's state stays below 4 KiB. The evidence has all.
const SHOWN: usize = 5;
/// Characters of evidence that a sentence shows per check.
const EVIDENCE: usize = 200;

fn listed(findings: &[ReadinessFinding]) -> String {
    let mut all: Vec<String> = findings.iter().take(SHOWN).map(shown).collect();
    let rest: Vec<&str> = findings.iter().skip(SHOWN).map(|finding| finding.check.as_str()).collect();
    if !rest.is_empty() {
        all.push(format!("and {}", rest.join(", ")));
    }
    all.join("; ")
}

fn shown(finding: &ReadinessFinding) -> String {
    let evidence: String = finding.evidence.chars().take(EVIDENCE).collect();
    if finding.mend.is_empty() {
        format!("{} ({evidence})", finding.check)
    } else {
        format!("{} ({evidence}; mend: {})", finding.check, finding.mend)
    }
}
