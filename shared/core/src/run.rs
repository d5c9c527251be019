//! A run: one execution of one state machine.

use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Deployment, Epoch, Kind, Region, RunId, StartedBy, StepName, Time, named};

named!(
    /// What a person accepts by name when starting a run; each needs the start's `reason`.
    Acceptance, "something to accept" {
        /// Move although a hold is on.
        Hold => "hold",
        /// Move although the witnesses do not say that the writer Region is lost.
        Diagnosis => "diagnosis",
        /// Move although nobody can forecast the loss.
        UnknownLoss => "unknown-loss",
        /// Switch over although search or files lag behind their limits.
        Lag => "lag",
        /// Failover to the Region that writes already: leave the database as it is and do the rest of a move (nodes, jobs,
        /// search, the public name). Every part of that looks before it acts.
        Finish => "finish",
    }
);

/// What a machine is started with, by a person, the schedule, reconcile, or start-move.
///
/// open-run reads it, and refuses unknown fields with a sentence each: a misspelt `dry_run` must not become a real move.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartInput {
    /// The Deployment, where a person wants to be sure to speak of the right one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment: Option<String>,
    /// What to do.
    pub kind: Kind,
    /// The Region that is to be the writer, or, for protect and reprotect, is the writer.
    pub to: Region,
    /// Why, in the words of whoever starts it. Required of persons.
    #[serde(default)]
    pub reason: String,
    /// Who starts it; a person where nothing is said.
    #[serde(default = "person")]
    pub by: StartedBy,
    /// Look and decide, change nothing.
    #[serde(default)]
    pub dry_run: bool,
    /// The run that this one takes over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumes: Option<RunId>,
    /// What the person accepts by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepts: Vec<Acceptance>,
}

fn person() -> StartedBy {
    StartedBy::Person
}

/// The part of a run that travels in the machine's state under `run`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    /// The execution's name.
    pub id: RunId,
    /// The execution's ARN: the lease.
    pub execution: String,
    /// What the run does.
    pub kind: Kind,
    /// The other Region: the one that is left, or that protects.
    pub from: Region,
    /// The Region in which the run runs and that is, or becomes, the writer.
    pub to: Region,
    /// The epoch; 0 until open-run has claimed one, and in a dry run.
    pub epoch: Epoch,
    /// Who started it.
    pub by: StartedBy,
    /// Why.
    pub reason: String,
    /// Look and decide, change nothing.
    pub dry_run: bool,
    /// The run that this one continues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumes: Option<RunId>,
    /// What that run continued in turn, the newest first, as the ledger's line says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<RunId>,
    /// What the person accepts by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepts: Vec<Acceptance>,
    /// The run that this one continues had reached its database call: gate, diagnosis, approval, quiesce and proof
    /// answer `Already`.
    #[serde(default)]
    pub forward_only: bool,
    /// When open-run first looked at it.
    pub opened_at: Time,
}

/// A run with the document that it obeys.
#[derive(Clone, Debug)]
pub struct Run {
    /// What travels in state.
    pub ticket: Ticket,
    /// The deployment document.
    pub deployment: Arc<Deployment>,
}

impl Run {
    /// A stand-in for work that belongs to no run: the Region's own scheduled duties and event handlers.
    pub fn standing(step: StepName, own: &Region, deployment: Arc<Deployment>, now: Time) -> Self {
        let other = deployment.other(own).cloned().unwrap_or_else(|| own.clone());
        let ticket = Ticket {
            id: RunId(format!("standing-{step}")),
            execution: String::new(),
            kind: Kind::Standing,
            from: other,
            to: own.clone(),
            epoch: Epoch(0),
            by: StartedBy::Schedule,
            reason: String::new(),
            dry_run: false,
            resumes: None,
            earlier: Vec::new(),
            accepts: Vec::new(),
            forward_only: false,
            opened_at: now,
        };
        Self { ticket, deployment }
    }

    /// Every run that this one continues, the newest first.
    pub fn continued(&self) -> impl Iterator<Item = &RunId> {
        self.ticket.resumes.iter().chain(&self.ticket.earlier)
    }

    /// Whether `run` is this one or one that it continues: what that one has done, this one has.
    pub fn is_or_continues(&self, run: &RunId) -> bool {
        self.ticket.id == *run || self.continued().any(|it| it == run)
    }

    /// The Region in which this run's functions run: its target.
    pub fn own(&self) -> &Region {
        &self.ticket.to
    }

    /// The other Region of the Deployment.
    pub fn other(&self) -> &Region {
        &self.ticket.from
    }

    /// Whether this run leaves the database as it is and brings up the Region that writes: after a move by hand, or after a
    /// run that cannot be resumed any more. Forward only, never continued: it is simply started again.
    pub fn finishes(&self) -> bool {
        self.kind == Kind::Failover && self.resumes.is_none() && self.accepts(Acceptance::Finish)
    }

    /// Whether the person who started the run accepted this by name.
    pub fn accepts(&self, what: Acceptance) -> bool {
        self.ticket.by == StartedBy::Person && self.ticket.accepts.contains(&what)
    }
}

impl Deref for Run {
    type Target = Ticket;
    fn deref(&self) -> &Ticket {
        &self.ticket
    }
}
