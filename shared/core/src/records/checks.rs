//! Findings of the steps that only look.

use serde::{Deserialize, Serialize};

use crate::ports::RecoveryKind;
use crate::{Region, Time, named};

named!(
    /// How much a named check matters.
    CheckSeverity, "a severity" {
        /// A move would fail, or lose more than it must.
        Critical => "critical",
        /// A move would work and leave something to mend.
        Warning => "warning",
        /// Worth knowing.
        Info => "info",
    }
);

named!(
    /// What a named check found.
    CheckResult, "what a check found" {
        /// It holds.
        Passed => "passed",
        /// It does not hold.
        Failed => "failed",
        /// Nobody can tell.
        CannotTell => "cannot-tell",
    }
);

/// One named check of check-readiness.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadinessFinding {
    /// The check's name in the table.
    pub check: String,
    /// Its area.
    pub area: String,
    /// How much it matters.
    pub severity: CheckSeverity,
    /// What was found.
    pub result: CheckResult,
    /// The evidence, or why nobody can tell.
    pub evidence: String,
    /// The command or page that mends it; empty where it passed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub mend: String,
}

/// The [`READINESS`] record: every named check, whether it held or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Readiness {
    /// When it was looked at.
    pub at: Time,
    /// The writer Region at that time; none where nobody could tell.
    pub writer: Option<Region>,
    /// All checks in the order of the table.
    pub findings: Vec<ReadinessFinding>,
}

impl Readiness {
    /// The findings of this severity and result.
    pub fn with(&self, severity: CheckSeverity, result: CheckResult) -> impl Iterator<Item = &ReadinessFinding> {
        self.findings.iter().filter(move |finding| finding.severity == severity && finding.result == result)
    }
}

/// The newest recovery point of one kind in one place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewestPoint {
    /// What it restores.
    pub kind: RecoveryKind,
    /// The Region with which it is listed.
    pub region: Region,
    /// Whether it lies outside both Regions.
    pub off_site: bool,
    /// Its name.
    pub id: String,
    /// When it was completed.
    pub completed_at: Time,
    /// Its age in whole hours.
    pub age_hours: i64,
}

/// One thing that is wrong with the backups, or that nobody can tell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BackupFinding {
    /// Its name, for example `too-old`.
    pub name: String,
    /// The kind of recovery point; none where it concerns all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<RecoveryKind>,
    /// The Region; none where it concerns both, or what lies off site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// Failed, or nobody can tell.
    pub result: CheckResult,
    /// One sentence for people.
    pub sentence: String,
}

/// The [`BACKUPS`] record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backups {
    /// When it was looked at.
    pub at: Time,
    /// Kinds whose newest point is recent wherever one is required.
    pub recent: Vec<RecoveryKind>,
    /// The newest points found.
    pub newest: Vec<NewestPoint>,
    /// Everything that is wrong or unknown; empty where all is well.
    pub findings: Vec<BackupFinding>,
}
