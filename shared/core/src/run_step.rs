//! The one function that runs a step: observe, overlay, decide, permit, act, write down.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use crate::ports::{LedgerReads, LedgerSeen, LedgerWrites, RecordReads, RecordWrites};
use crate::{
    Answer, Assumption, CallError, Deployment, Evidence, Kind, LedgerMark, Look, LookAgain, Outcome, Payload, Permit,
    Phase, Previous, Region, Run, Step, StepError, Ticket, Time, Verdict, codes, records,
};

/// The core's own ports: ledgers and records, which it needs for every step.
pub trait Store: LedgerReads + LedgerWrites + RecordReads + RecordWrites {}
impl<T: LedgerReads + LedgerWrites + RecordReads + RecordWrites> Store for T {}

/// Where and when a step runs.
#[derive(Clone, Debug)]
pub struct Place {
    /// The Region in which the function runs.
    pub own: Region,
    /// The deployment document.
    pub deployment: Arc<Deployment>,
    /// Now, as the shell says.
    pub now: Time,
}

/// After so many seconds looks are at least [`LATE_LOOK_S`] apart: a step that takes long is not sped up by looking.
const EARLY_S: i64 = 300;
const LATE_LOOK_S: u32 = 60;
/// Seconds until the next look when a call asked for one.
const CALL_LOOK_S: u32 = 5;

/// One verdict, reduced to what is said of it.
struct Said {
    outcome: Outcome,
    code: String,
    sentence: String,
    look_again_s: u32,
    receipt: Option<Value>,
}

/// Runs one look of step `S` for a run that is open.
///
/// Errors: [`StepError::BadInput`] where the payload does not fit, [`StepError::ReadFailed`] where an essential
/// read was not answered, [`StepError::RecordFailed`] where the look could not be written down.
pub async fn run_step<S: Step>(
    store: &impl Store,
    reads: &S::Reads,
    writes: &S::Writes,
    place: &Place,
    payload: Payload,
) -> Result<Answer, StepError> {
    let run = run_of(&payload, place)?;
    run_step_for::<S>(store, reads, writes, place, run, payload, None).await
}

/// The run that a Task's payload is about.
///
/// Errors: [`StepError::BadInput`] where it is no ticket, or one for another Region.
pub fn run_of(payload: &Payload, place: &Place) -> Result<Run, StepError> {
    let ticket: Ticket = parse(&payload.run, "run")?;
    if ticket.to != place.own {
        let (to, own) = (&ticket.to, &place.own);
        return Err(StepError::BadInput(format!("run.to: expected this Region, {own}, found {to}: start it in {to}")));
    }
    Ok(Run { ticket, deployment: place.deployment.clone() })
}

/// Runs one look of step `S` for work that belongs to no run: a standing duty, an event, an approval's answer.
///
/// `payload` is [`Payload::standing`] unless a machine calls; its `run` is not read. Errors: as [`run_step`].
pub async fn run_standing<S: Step>(
    store: &impl Store,
    reads: &S::Reads,
    writes: &S::Writes,
    place: &Place,
    payload: Payload,
    input: Option<Value>,
) -> Result<Answer, StepError> {
    let run = Run::standing(S::NAME, &place.own, place.deployment.clone(), place.now);
    run_step_for::<S>(store, reads, writes, place, run, payload, input).await
}

/// Runs one look of step `S` for a run that the caller has made: open-run's start, or close-run with the machine's last
/// look.
pub async fn run_step_for<S: Step>(
    store: &impl Store,
    reads: &S::Reads,
    writes: &S::Writes,
    place: &Place,
    mut run: Run,
    payload: Payload,
    input: Option<Value>,
) -> Result<Answer, StepError> {
    let now = place.now;
    let part: S::Part = payload.part.parse().map_err(|why| StepError::BadInput(format!("part: {why}")))?;
    let again = payload.previous.as_ref().filter(|last| last.step == S::NAME && last.part == payload.part);
    let looks = again.map_or(0, |last| last.looks);
    let first_look_at = again.map_or(now, |last| last.first_look_at);
    let hint: Option<S::Receipt> =
        again.and_then(|last| last.receipt.clone()).and_then(|it| serde_json::from_value(it).ok());
    let look = Look { now, hint, looks, first_look_at, token: payload.token.clone(), input };

    let mut observed = S::observe(reads, &run, &part, &look).await?;
    let assumed = if run.dry_run { assumptions(store, &run).await? } else { Vec::new() };
    S::assume(&mut observed, &assumed);
    let verdict = S::decide(&run, &part, &observed);
    let verdict_text = raw(&verdict);
    let code = code(verdict_text.get());
    let bounded = looks + 1 >= run.deployment.policy.bounds.looks
        || now.since_s(first_look_at) >= i64::from(S::bound_s(&run, &part));

    let mut said = match verdict {
        Verdict::Already => {
            let sentence = S::already(&run, &part, &observed);
            S::amend(&mut run, &part, &observed);
            Said { outcome: Outcome::Already, code: String::new(), sentence, look_again_s: 0, receipt: None }
        }
        Verdict::Refuse(why) => stop(Outcome::Refuse, code, why.to_string()),
        Verdict::Wait(why) => match overtaken::<S>(store, place, &run).await {
            Some(sentence) => stop(Outcome::Refuse, codes::SUPERSEDED.into(), sentence),
            None if bounded => stop(Outcome::Exhausted, code, format!("gave up waiting: {why}")),
            None => wait(code, why.to_string(), why.look_again_s()),
        },
        Verdict::Act(action) if run.dry_run && !S::acts_in_dry_run(&action) => {
            would_act::<S>(store, &mut run, &part, &observed, &action, assumed.clone(), code).await?
        }
        Verdict::Act(action) if bounded => stop(Outcome::Exhausted, code, format!("gave up trying: {action}")),
        Verdict::Act(action) => act::<S>(store, writes, place, &run, &part, &action, code).await?,
    };
    if now.since_s(first_look_at) >= EARLY_S && said.look_again_s > 0 {
        said.look_again_s = said.look_again_s.max(LATE_LOOK_S);
    }
    let previous = Previous {
        step: S::NAME,
        part: payload.part,
        outcome: said.outcome,
        code: said.code,
        sentence: said.sentence,
        looks: looks + 1,
        first_look_at,
        look_again_s: said.look_again_s,
        receipt: said.receipt,
    };
    // What belongs to no run comes each minute or with each event: only its sentence is kept, in the log.
    if run.kind != Kind::Standing {
        write_down(store, &run, &previous, place, raw(&observed), verdict_text, assumed).await?;
    }
    Ok(Answer { run: run.ticket, previous: previous.fitting() })
}

/// Dry run: nothing is done; what it would make true is kept for the steps to come.
async fn would_act<S: Step>(
    store: &impl Store,
    run: &mut Run,
    part: &S::Part,
    observed: &S::Observed,
    action: &S::Action,
    mut assumed: Vec<Assumption>,
    code: String,
) -> Result<Said, StepError> {
    let mut effect = S::effect(run, part, action);
    effect.iter_mut().for_each(|new| join_lists(new, &assumed));
    if !effect.is_empty() {
        assumed.retain(|old| effect.iter().all(|new| new.fact != old.fact));
        assumed.extend(effect);
        let key = records::key(run, records::ASSUMPTIONS);
        store.put_record(run.own(), &key, &value(&assumed)).await.map_err(StepError::RecordFailed)?;
    }
    S::amend(run, part, observed);
    Ok(Said {
        outcome: Outcome::WouldAct,
        code,
        sentence: format!("would act: {action}"),
        look_again_s: 0,
        receipt: None,
    })
}

/// A fact whose value is a list grows: what an earlier step would have written is still there after a later one.
fn join_lists(new: &mut Assumption, assumed: &[Assumption]) {
    let old = assumed.iter().find(|old| old.fact == new.fact).and_then(|old| old.value.as_array());
    if let (Some(old), Value::Array(list)) = (old, &mut new.value) {
        let kept: Vec<Value> = old.iter().filter(|value| !list.contains(value)).cloned().collect();
        list.splice(0..0, kept);
    }
}

/// Permit, mark, act, mark.
async fn act<S: Step>(
    store: &impl Store,
    writes: &S::Writes,
    place: &Place,
    run: &Run,
    part: &S::Part,
    action: &S::Action,
    code: String,
) -> Result<Said, StepError> {
    let own = store.ledger(&place.own).await.map_err(StepError::ReadFailed)?;
    let mark = S::ledger_mark(run, part, action);
    let permit = match permit::<S>(run, own.as_ref(), place.now) {
        Ok(permit) => permit,
        Err(sentence) => return Ok(stop(Outcome::Refuse, codes::SUPERSEDED.into(), sentence)),
    };
    let mut version = own;
    if let Some(calling @ LedgerMark::Calling { after }) = &mark {
        let newest = version.as_ref().and_then(|seen| seen.ledger.newest_call());
        if newest != *after {
            let sentence = "looks again: the database call was sent while this look was deciding on it";
            return Ok(wait(code, sentence.into(), CALL_LOOK_S));
        }
        match write_mark(store, place, version, calling).await {
            Ok(seen) => version = Some(seen),
            Err(error) if error.is_look_again() => return Ok(look_again(code, &error)),
            Err(error) => return Err(StepError::RecordFailed(error)),
        }
    }
    let receipt = match S::act(writes, permit, part, action).await {
        Ok(receipt) => receipt,
        Err(error) if error.is_look_again() => return Ok(look_again(code, &error)),
        Err(error) => return Ok(stop(Outcome::Refuse, codes::CALL_REFUSED.into(), error.to_string())),
    };
    if let Some(mark) = mark.filter(|mark| !matches!(mark, LedgerMark::Calling { .. })) {
        match write_mark(store, place, version, &mark).await {
            Ok(_) => {}
            Err(error) if error.is_look_again() => return Ok(look_again(code, &error)),
            Err(error) => return Err(StepError::RecordFailed(error)),
        }
    }
    let look_again_s = action.look_again_s();
    Ok(Said {
        outcome: Outcome::Acted,
        code,
        sentence: action.to_string(),
        look_again_s,
        receipt: Some(value(&receipt)),
    })
}

/// Why a run that only waits need not wait any longer: it has lost the ledger, and would never be permitted to act. A
/// ledger that does not answer ends nothing.
async fn overtaken<S: Step>(store: &impl Store, place: &Place, run: &Run) -> Option<String> {
    if run.dry_run || !S::needs_lease(run) {
        return None;
    }
    let own = store.ledger(&place.own).await.ok()?;
    permit::<S>(run, own.as_ref(), place.now).err()
}

/// The right to act, or the sentence that says why there is none.
fn permit<S: Step>(run: &Run, own: Option<&LedgerSeen>, now: Time) -> Result<Permit, String> {
    let ledger = own.map(|seen| &seen.ledger);
    if !S::needs_lease(run) {
        return Ok(Permit::new(now));
    }
    let Some(ledger) = ledger else { return Err("there is no ledger in this Region: the run was never opened".into()) };
    match &ledger.run {
        Some(line)
            if line.id == run.id
                && line.epoch == run.epoch
                && ledger.claimed == run.epoch
                && line.phase != Phase::Closed =>
        {
            Ok(Permit::new(now))
        }
        Some(line) => Err(format!(
            "epoch {} of {} may no longer write: the ledger is at epoch {} with {} ({})",
            run.epoch, run.id, ledger.claimed, line.id, line.phase
        )),
        None => Err(format!("the ledger knows no run; epoch {} may not write", run.epoch)),
    }
}

async fn write_mark(
    store: &impl Store,
    place: &Place,
    seen: Option<LedgerSeen>,
    mark: &LedgerMark,
) -> Result<LedgerSeen, CallError> {
    let (mut ledger, version) = match seen {
        Some(seen) => (seen.ledger, Some(seen.version)),
        None => (crate::Ledger::new(place.own.clone()), None),
    };
    ledger.apply(mark, place.now);
    let version = store.write_ledger(&place.own, &ledger, version.as_deref()).await?;
    Ok(LedgerSeen { ledger, version })
}

async fn assumptions(store: &impl Store, run: &Run) -> Result<Vec<Assumption>, StepError> {
    let key = records::key(run, records::ASSUMPTIONS);
    match store.record(run.own(), &key).await.map_err(StepError::ReadFailed)? {
        Some(found) => parse(&found, "assumptions"),
        None => Ok(Vec::new()),
    }
}

async fn write_down(
    store: &impl Store,
    run: &Run,
    previous: &Previous,
    place: &Place,
    observed: Box<RawValue>,
    verdict: Box<RawValue>,
    assumed: Vec<Assumption>,
) -> Result<(), StepError> {
    let key = records::evidence_key(run, previous.step, &previous.part, place.now, previous.looks);
    let evidence = Evidence {
        previous: previous.clone(),
        at: place.now,
        execution: run.execution.clone(),
        observed,
        verdict,
        assumed,
    };
    // Most looks fit: no text is copied while it grows.
    let mut text = Vec::with_capacity(16_384);
    let written = serde_json::to_writer(&mut text, &evidence).ok().and_then(|()| String::from_utf8(text).ok());
    let text = written.unwrap_or_default();
    store.put_text(run.own(), &key, &text).await.map_err(StepError::RecordFailed)
}

fn stop(outcome: Outcome, code: String, sentence: String) -> Said {
    Said { outcome, code, sentence, look_again_s: 0, receipt: None }
}

fn wait(code: String, sentence: String, look_again_s: u32) -> Said {
    Said { outcome: Outcome::Wait, code, sentence, look_again_s: look_again_s.max(1), receipt: None }
}

fn look_again(code: String, error: &CallError) -> Said {
    wait(code, format!("looks again: {error}"), CALL_LOOK_S)
}

/// The variant's name in `{"Act":{"Name":…}}` or `{"Act":"Name"}`; none in `"Already"`. Read off the text: a verdict can
/// hold a whole report, and this happens at every look.
fn code(verdict: &str) -> String {
    let mut quoted = verdict.split('"').skip(1).step_by(2);
    let (Some(_), Some(name)) = (quoted.next(), quoted.next()) else { return String::new() };
    name.to_owned()
}

fn value(it: &impl Serialize) -> Value {
    // All our types serialize to JSON; where one did not, the evidence says so instead of the step failing.
    serde_json::to_value(it).unwrap_or_else(|error| json!({ "unserializable": error.to_string() }))
}

fn raw(it: &impl Serialize) -> Box<RawValue> {
    to_raw_value(it).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

fn parse<T: DeserializeOwned>(it: &Value, field: &str) -> Result<T, StepError> {
    serde_json::from_value(it.clone()).map_err(|error| StepError::BadInput(format!("{field}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_the_name_of_the_action_or_of_the_reason() {
        let names: Verdict<&str, &str, &str> = Verdict::Wait("AwaitsAnswer");
        assert_eq!(code(raw(&names).get()), "AwaitsAnswer");
        assert_eq!(code(raw(&json!({ "Act": { "Stop": { "ids": ["a"] } } })).get()), "Stop");
        assert_eq!(code(raw(&json!("Already")).get()), "");
    }
}
