//! The edge: raw start input and execution ARN become a [`Run`], or clear sentences about what does not fit.
//!
//! Strict on purpose: a misspelt `dry_run` must not become a real move, and no field of the input can stand for an
//! approval.

use mmdr_core::{Acceptance, Epoch, Kind, Payload, Place, Region, Run, RunId, StartedBy, StepError, Ticket};
use serde_json::{Map, Value};

use crate::field::{Fields, shown};

/// The fields of a start input.
const FIELDS: [&str; 8] = ["deployment", "kind", "to", "reason", "by", "dry_run", "resumes", "accepts"];
/// Names under which somebody might try to answer the run's question beforehand.
const ANSWERS: [&str; 8] = ["answer", "approval", "approve", "approved", "approves", "decision", "grant", "granted"];
/// A person's reason: enough for a paragraph, small beside the 4 KiB that travel in state. Characters.
const REASON_CHARACTERS: usize = 500;

/// Makes the run of a payload: from the start input, or from the ticket that open-run itself answered when the machine
/// looks again. Nothing in such a ticket is believed but the time of the first look: the rest is checked like a start
/// input, and epoch and `forward_only` are read anew from the ledger.
///
/// Errors: [`StepError::BadInput`] with one sentence per mistake.
pub fn open(payload: &Payload, place: &Place) -> Result<Run, StepError> {
    let execution = payload.execution.as_deref().unwrap_or_default();
    let id = run_id(execution, &place.own)?;
    let again = payload.previous.as_ref().and_then(|_| serde_json::from_value::<Ticket>(payload.run.clone()).ok());
    let (input, opened_at) = match again {
        Some(ticket) if ticket.execution == execution => (start_input(&ticket), ticket.opened_at),
        Some(ticket) => {
            let found = shown(&Value::from(ticket.execution));
            return Err(bad(&[format!("run.execution: expected this execution, {execution}, found {found}")]));
        }
        None => (payload.run.clone(), place.now),
    };
    let mut ticket = parse(&input, &id, execution, place).map_err(|mistakes| bad(&mistakes))?;
    ticket.opened_at = opened_at;
    Ok(Run { ticket, deployment: place.deployment.clone() })
}

fn bad(mistakes: &[String]) -> StepError {
    StepError::BadInput(format!("nothing was started: {}", mistakes.join("; ")))
}

/// The execution's name: the last of the eight parts of
/// `arn:aws:states:<Region>:<account>:execution:<machine>:<name>` (Step Functions API, StartExecution).
fn run_id(execution: &str, own: &Region) -> Result<RunId, StepError> {
    let parts: Vec<&str> = execution.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "states", region, _, "execution", _, name] if *region == own.as_str() && !name.is_empty() => {
            Ok(RunId((*name).to_owned()))
        }
        _ => {
            let found = shown(&Value::from(execution));
            Err(bad(&[format!("execution: expected the ARN of an execution in {own}, found {found}")]))
        }
    }
}

/// The kind that the execution's machine is named after, where it is.
fn machine_kind(execution: &str) -> Option<Kind> {
    let machine = execution.split(':').nth(6)?;
    let is_last_word = |kind: &Kind| match machine.strip_suffix(kind.as_str()) {
        Some(before) => before.is_empty() || before.ends_with('-'),
        None => false,
    };
    let of_its_own = |kind: &Kind| *kind != Kind::Standing && kind.machine() == kind.as_str();
    Kind::ALL.iter().copied().filter(of_its_own).find(is_last_word)
}

/// A ticket as the start input that made it.
fn start_input(ticket: &Ticket) -> Value {
    let mut input = Map::new();
    input.insert("kind".into(), ticket.kind.as_str().into());
    input.insert("to".into(), ticket.to.as_str().into());
    input.insert("reason".into(), ticket.reason.clone().into());
    input.insert("by".into(), ticket.by.as_str().into());
    input.insert("dry_run".into(), ticket.dry_run.into());
    input.insert("accepts".into(), ticket.accepts.iter().map(|it| it.as_str()).collect());
    if let Some(resumes) = &ticket.resumes {
        input.insert("resumes".into(), resumes.0.clone().into());
    }
    Value::Object(input)
}

fn parse(input: &Value, id: &RunId, execution: &str, place: &Place) -> Result<Ticket, Vec<String>> {
    let Value::Object(given) = input else {
        return Err(vec![format!("the start input: expected an object with kind and to, found {}", shown(input))]);
    };
    let mut fields = Fields::new(given);
    unknown(&mut fields);
    if let Some(name) = fields.text("deployment")
        && name != place.deployment.name
    {
        fields.mistake("deployment", format!("{} (it may be left out)", place.deployment.name), format!("{name:?}"));
    }
    let kind = kind(&mut fields, execution);
    let to = to(&mut fields, place);
    let by = fields.name::<StartedBy>("by", StartedBy::ALL).unwrap_or(StartedBy::Person);
    let reason = fields.text("reason").unwrap_or_default().trim().to_owned();
    let dry_run = fields.flag("dry_run").unwrap_or(false);
    let resumes = fields.text("resumes").map(|name| RunId(name.to_owned()));
    let accepts = fields.names::<Acceptance>("accepts", Acceptance::ALL);
    if let Some(kind) = kind {
        agreement(&mut fields, kind, by, resumes.is_some(), &reason, &accepts);
    }
    if resumes.as_ref().is_some_and(|it| it.0.is_empty() || it == id) {
        fields.mistake("resumes", "the name of another run", shown_run(resumes.as_ref()));
    }
    if resumes.is_some() && accepts.contains(&Acceptance::Finish) {
        fields.mistake("resumes", "nothing beside accepts finish, which continues no run", shown_run(resumes.as_ref()));
    }
    match (kind, to, fields.finish()) {
        (Some(kind), Some((to, from)), Ok(())) => Ok(Ticket {
            id: id.clone(),
            execution: execution.to_owned(),
            kind,
            from,
            to,
            epoch: Epoch(0),
            by,
            reason,
            dry_run,
            resumes,
            earlier: Vec::new(),
            accepts,
            forward_only: false,
            opened_at: place.now,
        }),
        (_, _, Err(mistakes)) => Err(mistakes),
        (_, _, Ok(())) => Err(vec!["the start input: expected kind and to".into()]),
    }
}

fn shown_run(run: Option<&RunId>) -> String {
    run.map_or_else(|| "nothing".into(), |run| format!("{:?}", run.0))
}

/// What must be said, and by whom, for this kind of run.
fn agreement(fields: &mut Fields<'_>, kind: Kind, by: StartedBy, resumes: bool, reason: &str, accepts: &[Acceptance]) {
    // What a person started, and another one approved, may be brought to its end by reconcile.
    if kind == Kind::Detach && by.is_machine() && !(resumes && by == StartedBy::Reconcile) {
        fields.mistake("by", "person: only a person starts a detach", format!("{by}"));
    }
    if reason.is_empty() && by == StartedBy::Person && kind.is_move() {
        fields.mistake("reason", format!("why a person starts a {kind}, in a few words"), "nothing");
    } else if reason.is_empty() && !accepts.is_empty() {
        fields.mistake("reason", format!("why {} is accepted", list(accepts)), "nothing");
    }
    if reason.chars().count() > REASON_CHARACTERS {
        let found = format!("{} characters", reason.chars().count());
        fields.mistake("reason", format!("at most {REASON_CHARACTERS} characters"), found);
    }
    if by.is_machine() && !accepts.is_empty() {
        fields.mistake("accepts", format!("nothing: {by} accepts nothing, only a person does"), list(accepts));
    }
    if accepts.contains(&Acceptance::Finish) && kind != Kind::Failover {
        // Whoever says finish wants the database left as it is: this kind would move it, or knows nothing of it.
        fields.mistake("accepts", "finish only with kind failover", format!("finish with kind {kind}"));
    }
}

fn list(accepts: &[Acceptance]) -> String {
    let names: Vec<&str> = accepts.iter().map(|it| it.as_str()).collect();
    names.join(" and ")
}

fn kind(fields: &mut Fields<'_>, execution: &str) -> Option<Kind> {
    let startable: Vec<Kind> = Kind::ALL.iter().copied().filter(|kind| *kind != Kind::Standing).collect();
    fields.required("kind", "what to do: failover, switchover, protect, reprotect, verify-backups or check-readiness");
    let kind = fields.name::<Kind>("kind", &startable)?;
    let machine = machine_kind(execution)?.as_str();
    let fits = kind.as_str() == machine || (kind == Kind::Detach && machine == Kind::Failover.as_str());
    if !fits {
        fields.mistake("kind", format!("{machine}, which is what this machine runs"), format!("\"{kind}\""));
    }
    Some(kind)
}

/// The own Region and the other one.
fn to(fields: &mut Fields<'_>, place: &Place) -> Option<(Region, Region)> {
    let own = &place.own;
    fields.required("to", &format!("the Region that is, or becomes, the writer: {own}"));
    let other = place.deployment.other(own).cloned().or_else(|| {
        fields.mistake("the deployment document", format!("{own} and one other Region"), "another pair of Regions");
        None
    })?;
    let to = fields.text("to")?;
    if to == own.as_str() {
        return Some((own.clone(), other));
    }
    if to == other.as_str() {
        fields.mistake("to", format!("this Region, {own}"), format!("{other}: start it in {other}"));
    } else {
        fields.mistake("to", format!("a Region of this Deployment, {own} or {other}"), format!("{to:?}"));
    }
    None
}

fn unknown(fields: &mut Fields<'_>) {
    for name in fields.others(&FIELDS) {
        let plain = name.to_lowercase().replace('-', "_");
        if FIELDS.contains(&plain.as_str()) {
            fields.mistake(&name, format!("the field written {plain}"), "another spelling");
        } else if ANSWERS.contains(&plain.as_str()) {
            let expected = "no such field: a start never approves itself, answer its question with answer-approval";
            fields.mistake(&name, expected, "an answer beforehand");
        } else {
            fields.mistake(&name, format!("one of {}", FIELDS.join(", ")), "an unknown field");
        }
    }
}
