//! Names and inputs of what reconcile starts, and how often it tries.

use mmdr_core::{Kind, Run, RunId, StartInput, StartedBy, Time};

use crate::memory::{Memory, StartedLine};
use crate::notes::Note;
use crate::words::Start;

/// Seconds in which an execution must have shown itself in the ledger. Until then nothing is started for the same
/// purpose; after it, under another name, for a name that was used stays taken for 90 days.
pub(crate) const SHOWS_ITSELF_S: i64 = 300;
/// How often reconcile starts for one purpose before it leaves it to people.
pub(crate) const ATTEMPTS: u32 = 3;

/// One purpose, the same in every attempt.
pub(crate) struct Purpose<'a> {
    /// The purpose's own name; the execution's name begins with it.
    pub(crate) stem: String,
    pub(crate) kind: Kind,
    pub(crate) reason: String,
    pub(crate) resumes: Option<RunId>,
    pub(crate) run: &'a Run,
}

impl Purpose<'_> {
    /// The next attempt with the memory of it, or why there is none now.
    pub(crate) fn attempt(self, memory: &Memory, now: Time, limit: u32) -> Result<(Start, Memory), Note> {
        let before = memory.started(&self.stem);
        if let Some(line) = before {
            if now.since_s(line.at) < SHOWS_ITSELF_S {
                return Err(Note::JustStarted { name: line.name.clone() });
            }
            if line.attempts >= limit {
                return Err(Note::StartsInVain { name: line.name.clone(), attempts: line.attempts });
            }
        }
        let attempts = before.map_or(0, |line| line.attempts) + 1;
        let name = RunId(format!("{}-{attempts}", self.stem));
        let input = StartInput {
            deployment: Some(self.run.deployment.name.clone()),
            kind: self.kind,
            to: self.run.own().clone(),
            reason: self.reason,
            by: StartedBy::Reconcile,
            dry_run: false,
            resumes: self.resumes,
            accepts: Vec::new(),
        };
        let memory =
            memory.clone().with_start(StartedLine { purpose: self.stem, attempts, name: name.clone(), at: now });
        Ok((Start { region: self.run.own().clone(), kind: self.kind, name, input }, memory))
    }
}
