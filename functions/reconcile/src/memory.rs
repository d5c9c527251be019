//! What one look hands to the next: a small record beside the ledger, never evidence for a promotion.

use mmdr_core::records::Diagnosis;
use mmdr_core::{Epoch, Region, RunId, Time};
use serde::{Deserialize, Serialize};

use crate::observed::Observed;

/// Where the record lies in the own Region's ledger bucket.
pub const MEMORY_KEY: &str = "standing/reconcile.json";
/// Looks further apart than this, in seconds, do not belong together: two of them agree on nothing.
pub const GAP_S: i64 = 200;
/// How many things that a person was told are remembered.
const TOLD: usize = 16;

/// The record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// The writer Region that RDS showed at rest, in an unbroken row of looks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_rest: Option<Row<Region>>,
    /// The digest of the diagnosis, in an unbroken row of looks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<Row<String>>,
    /// That the other Region answers, in an unbroken row of looks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_answers: Option<Row<bool>>,
    /// What was started last for each purpose, written before it was started.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub started: Vec<StartedLine>,
    /// The epoch of the failover that reprotect has mended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reprotected: Option<Epoch>,
    /// What people were told already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<String>,
}

/// The same reading in look after look.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row<T> {
    /// The reading.
    pub value: T,
    /// The first look of the row.
    pub since: Time,
    /// The last one.
    pub seen_at: Time,
}

/// One execution that reconcile has started, or was about to start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StartedLine {
    /// What for: the same for every attempt.
    pub purpose: String,
    /// How many attempts so far, this one included.
    pub attempts: u32,
    /// The execution's name.
    pub name: RunId,
    /// When.
    pub at: Time,
}

impl<T: PartialEq> Row<T> {
    /// The row goes on where the reading is the same and the looks are close enough; else a new one begins.
    fn go_on(row: Option<&Self>, value: T, now: Time) -> Self {
        let since = row.filter(|row| row.value == value && now.since_s(row.seen_at) <= GAP_S).map(|row| row.since);
        Self { value, since: since.unwrap_or(now), seen_at: now }
    }
}

impl Memory {
    /// What is to be remembered after this look.
    pub(crate) fn after(seen: &Observed, diagnosis: &Diagnosis) -> Self {
        let (before, now) = (&seen.memory, seen.now);
        let answers = seen.other.value().is_some() && seen.witnesses.front_door.value() == Some(&true);
        Self {
            at_rest: seen.writer_at_rest().map(|writer| Row::go_on(before.at_rest.as_ref(), writer.clone(), now)),
            diagnosis: Some(Row::go_on(before.diagnosis.as_ref(), diagnosis.digest.clone(), now)),
            other_answers: answers.then(|| Row::go_on(before.other_answers.as_ref(), true, now)),
            started: before.started.clone(),
            reprotected: before.reprotected,
            told: before.told.clone(),
        }
    }

    /// What was started last for `purpose`.
    pub(crate) fn started(&self, purpose: &str) -> Option<&StartedLine> {
        self.started.iter().find(|line| line.purpose == purpose)
    }

    /// Remembers a start before it is made. Old purposes are forgotten: at most four stand here.
    pub(crate) fn with_start(mut self, line: StartedLine) -> Self {
        self.started.retain(|old| old.purpose != line.purpose);
        if self.started.len() >= 4 {
            self.started.remove(0);
        }
        self.started.push(line);
        self
    }

    /// Remembers what a person is about to be told.
    pub(crate) fn with_told(mut self, what: String) -> Self {
        if self.told.len() >= TOLD {
            self.told.remove(0);
        }
        self.told.push(what);
        self
    }
}
