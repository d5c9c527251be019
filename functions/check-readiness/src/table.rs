//! The form of the table of checks, and how a check is asked.

use mmdr_core::records::{CheckResult, CheckSeverity, ReadinessFinding};
use mmdr_core::{Deployment, Region, Run, Seen, Time};

use crate::observed::{Observed, RegionSeen};

/// What a check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// Permissions, reachability, witnesses, ledgers.
    Access,
    /// The Aurora global database.
    Database,
    /// The search domains and what is between them.
    Search,
    /// The files.
    Files,
    /// Nodes, jobs and configuration.
    Application,
    /// The public name.
    Dns,
    /// Recovery points.
    Backups,
}

impl Area {
    /// The one name used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Database => "database",
            Self::Search => "search",
            Self::Files => "files",
            Self::Application => "application",
            Self::Dns => "dns",
            Self::Backups => "backups",
        }
    }
}

/// What the gate of a switchover does with a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Nothing: only the report asks it.
    No,
    /// Refuses where it fails.
    Needed,
    /// Waits where it fails: it passes by itself.
    Passing,
    /// Waits where it fails, unless the person accepts the lag by name.
    Lag,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Its name, unique in the table.
    pub name: &'static str,
    /// What it is about.
    pub area: Area,
    /// How much it matters.
    pub severity: CheckSeverity,
    /// What the gate does with it.
    pub gate: Gate,
    /// What holds when it passes.
    pub proves: &'static str,
    /// The runbook's prerequisite or set-up step that it covers, or the trap that the runbook does not name.
    pub covers: &'static str,
    /// The command or page that mends it.
    pub mend: &'static str,
    pub(crate) ask: fn(&View<'_>) -> Answer,
}

/// Why a check did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Miss {
    /// It does not hold; the evidence.
    Failed(String),
    /// Nobody can tell; why.
    CannotTell(String),
}

/// The evidence of a check that passed, or why it did not.
pub(crate) type Answer = Result<String, Miss>;

/// Does not hold.
pub(crate) fn failed(evidence: impl Into<String>) -> Answer {
    Err(Miss::Failed(evidence.into()))
}

/// Nobody can tell.
pub(crate) fn cannot_tell(why: impl Into<String>) -> Answer {
    Err(Miss::CannotTell(why.into()))
}

/// Passed with this evidence, or failed with it.
pub(crate) fn judge(holds: bool, evidence: impl Into<String>) -> Answer {
    if holds { Ok(evidence.into()) } else { failed(evidence) }
}

/// The value, or "cannot tell" with the reason why it was not seen.
pub(crate) fn need<T>(seen: &Seen<T>) -> Result<&T, Miss> {
    seen.value().ok_or_else(|| Miss::CannotTell(seen.why().unwrap_or("not seen").into()))
}

/// The thing that a read found, or "cannot tell": it does not exist.
pub(crate) fn present<'a, T>(seen: &'a Seen<Option<T>>, what: &str) -> Result<&'a T, Miss> {
    need(seen)?.as_ref().ok_or_else(|| Miss::Failed(format!("there is no {what}")))
}

/// One Region with what was seen of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Side<'a> {
    pub(crate) name: &'a Region,
    pub(crate) seen: &'a RegionSeen,
}

/// What a check may look at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    pub(crate) run: &'a Run,
    pub(crate) seen: &'a Observed,
}

impl<'a> View<'a> {
    pub(crate) fn now(&self) -> Time {
        self.seen.now
    }

    pub(crate) fn document(&self) -> &'a Deployment {
        &self.run.deployment
    }

    pub(crate) fn sides(&self) -> [Side<'a>; 2] {
        [Side { name: self.run.own(), seen: &self.seen.here }, Side { name: self.run.other(), seen: &self.seen.there }]
    }

    fn side(&self, region: &Region) -> Result<Side<'a>, Miss> {
        let found = self.sides().into_iter().find(|side| side.name == region);
        found.ok_or_else(|| Miss::Failed(format!("the writer lies in {region}, which the document does not name")))
    }

    /// The writer Region. A cluster that is no member of the global cluster is judged by `settled`, never by the
    /// global cluster, which after a detach still names the lost Region.
    pub(crate) fn writer(&self) -> Result<Side<'a>, Miss> {
        if let Some(Some(own)) = self.seen.here.cluster.value()
            && own.global_cluster.is_none()
        {
            let ledger = need(&self.seen.here.ledger)?.as_ref();
            let settled = ledger.and_then(|ledger| ledger.settled.as_ref());
            let why = || Miss::CannotTell("the own cluster stands alone and the ledger knows no writer".into());
            return self.side(&settled.ok_or_else(why)?.writer);
        }
        let global = present(&self.seen.global_cluster, "global cluster")?;
        let why = || Miss::CannotTell("the global cluster names no writer, or more than one".into());
        self.side(&global.only_writer().ok_or_else(why)?.region)
    }

    /// The Region that is not the writer.
    pub(crate) fn standby(&self) -> Result<Side<'a>, Miss> {
        let writer = self.writer()?;
        let found = self.sides().into_iter().find(|side| side.name != writer.name);
        found.ok_or_else(|| Miss::CannotTell("there is no other Region".into()))
    }

    /// Asks the same of both Regions: fails where one fails, and cannot tell where one cannot be told.
    pub(crate) fn both(&self, ask: impl Fn(Side<'a>) -> Answer) -> Answer {
        let (mut passed, mut failures, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
        for side in self.sides() {
            match ask(side) {
                Ok(evidence) => passed.push(format!("{}: {evidence}", side.name)),
                Err(Miss::Failed(evidence)) => failures.push(format!("{}: {evidence}", side.name)),
                Err(Miss::CannotTell(why)) => unknown.push(format!("{}: {why}", side.name)),
            }
        }
        if !failures.is_empty() {
            failed(failures.join("; "))
        } else if !unknown.is_empty() {
            cannot_tell(unknown.join("; "))
        } else {
            Ok(passed.join("; "))
        }
    }
}

/// Asks one check.
pub(crate) fn ask(check: &Check, view: &View<'_>) -> ReadinessFinding {
    let (result, evidence) = match (check.ask)(view) {
        Ok(evidence) => (CheckResult::Passed, evidence),
        Err(Miss::Failed(evidence)) => (CheckResult::Failed, evidence),
        Err(Miss::CannotTell(why)) => (CheckResult::CannotTell, why),
    };
    ReadinessFinding {
        check: check.name.into(),
        area: check.area.as_str().into(),
        severity: check.severity,
        mend: if result == CheckResult::Passed { String::new() } else { check.mend.into() },
        result,
        evidence,
    }
}
