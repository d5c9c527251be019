//! The words of backups. There is nothing to wait for and nothing to refuse: what is wrong is a finding.

use std::fmt;

use mmdr_core::ports::RecoveryKind;
use mmdr_core::records::Backups;
use mmdr_core::{LookAgain, Region};
use serde::{Deserialize, Serialize};

/// The one change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Action {
    /// Write the findings down.
    WriteFindings {
        /// The own Region.
        region: Region,
        /// The record's key.
        key: String,
        /// What to write.
        record: Backups,
    },
}

impl LookAgain for Action {
    fn look_again_s(&self) -> u32 {
        1
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::WriteFindings { record, .. } = self;
        write!(f, "write down: {}", summary(record))
    }
}

/// verify-backups never waits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Waiting {}

impl LookAgain for Waiting {
    fn look_again_s(&self) -> u32 {
        match *self {}
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

/// verify-backups never refuses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

/// Every kind, in the order in which they are told.
pub(crate) const KINDS: [RecoveryKind; 4] =
    [RecoveryKind::Database, RecoveryKind::Configuration, RecoveryKind::Search, RecoveryKind::Files];

/// The kind in a sentence.
pub(crate) fn noun(kind: RecoveryKind) -> &'static str {
    match kind {
        RecoveryKind::Database => "database",
        RecoveryKind::Configuration => "configuration",
        RecoveryKind::Search => "search domain",
        RecoveryKind::Files => "files",
    }
}

/// `4 kinds recent, 1 finding: …`; the first three findings and how many more.
pub(crate) fn summary(record: &Backups) -> String {
    const SHOWN: usize = 3;
    let (recent, found) = (record.recent.len(), record.findings.len());
    let kinds = if recent == 1 { "kind" } else { "kinds" };
    let word = match found {
        0 => return format!("{recent} {kinds} recent, nothing found wrong"),
        1 => "finding",
        _ => "findings",
    };
    let shown: Vec<&str> = record.findings.iter().take(SHOWN).map(|it| it.sentence.as_str()).collect();
    let more = found.saturating_sub(SHOWN);
    let tail = if more == 0 { String::new() } else { format!("; and {more} more") };
    format!("{recent} {kinds} recent, {found} {word}: {}{tail}", shown.join("; "))
}
