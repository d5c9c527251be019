//! Which handler a function name stands for, and how the world calls it: the same handlers as in the Lambdas.

use std::future::Future;
use std::pin::Pin;

use mmdr_core::{Payload, Place, Step, StepError, StepName, run_standing, run_step};
use serde::Serialize;
use serde_json::Value;

use crate::door::Door;

/// What a function answers: a value, or a stable error name with its cause.
pub(super) type Finished = Result<Value, (String, String)>;

/// `switch-database` as it stands in a template: `SwitchDatabase`.
pub fn pascal_case(step: StepName) -> String {
    let mut text = String::new();
    for word in step.as_str().split('-') {
        let mut letters = word.chars();
        if let Some(first) = letters.next() {
            text.push(first.to_ascii_uppercase());
            text.push_str(letters.as_str());
        }
    }
    text
}

/// The step whose function is called `${SwitchDatabaseFunctionArn}` or the like.
pub(super) fn step_of(function: &str) -> Option<StepName> {
    let name = mmdr_states::substitution_name(function);
    StepName::ALL
        .iter()
        .copied()
        .find(|step| name.strip_prefix(&pascal_case(*step)).is_some_and(|rest| rest.starts_with("Function")))
}

/// Runs the handler of `step`.
pub(super) fn invoke(
    step: StepName,
    door: Door,
    place: Place,
    event: Value,
) -> Pin<Box<dyn Future<Output = Finished>>> {
    match step {
        StepName::StartMove => {
            Box::pin(async move { ended(start_move::handle(&door, &door, &door, &place, event).await) })
        }
        StepName::Reconcile => Box::pin(duty::<reconcile::Reconcile<Door, Door>>(door, place)),
        StepName::KeepFenced => Box::pin(duty::<keep_fenced::KeepFenced<Door, Door>>(door, place)),
        StepName::OpenRun => Box::pin(async move {
            let payload = payload(event)?;
            ended(open_run::handle(&door, &door, &door, &place, payload).await)
        }),
        StepName::RequestApproval => Box::pin(approval(door, place, event)),
        StepName::DetectRegionOutage => {
            look::<detect_region_outage::DetectRegionOutage<Door, Door>>(door, place, event)
        }
        StepName::SwitchDatabase => look::<switch_database::SwitchDatabase<Door, Door>>(door, place, event),
        StepName::SwapSearchLeader => look::<swap_search_leader::SwapSearchLeader<Door, Door>>(door, place, event),
        StepName::ToggleScheduler => look::<toggle_scheduler::ToggleScheduler<Door, Door>>(door, place, event),
        StepName::RollNodes => look::<roll_nodes::RollNodes<Door, Door>>(door, place, event),
        StepName::VerifyFiles => look::<verify_files::VerifyFiles<Door, Door>>(door, place, event),
        StepName::ConfirmRecovery => look::<confirm_recovery::ConfirmRecovery<Door, Door>>(door, place, event),
        StepName::FlipDns => look::<flip_dns::FlipDns<Door, Door>>(door, place, event),
        StepName::ArmDns => look::<arm_dns::ArmDns<Door, Door>>(door, place, event),
        StepName::VerifyBackups => look::<verify_backups::VerifyBackups<Door, Door>>(door, place, event),
        StepName::CheckReadiness => look::<check_readiness::CheckReadiness<Door, Door>>(door, place, event),
        StepName::CloseRun => Box::pin(async move {
            let payload = payload(event)?;
            ended(close_run::handle(&door, &door, &door, &place, payload).await)
        }),
    }
}

/// One look of a step of an open run.
fn look<S>(door: Door, place: Place, event: Value) -> Pin<Box<dyn Future<Output = Finished>>>
where
    S: Step<Reads = Door, Writes = Door> + 'static,
{
    Box::pin(async move {
        let payload = payload(event)?;
        ended(run_step::<S>(&door, &door, &door, &place, payload).await)
    })
}

/// One look of a standing duty.
async fn duty<S: Step<Reads = Door, Writes = Door>>(door: Door, place: Place) -> Finished {
    ended(run_standing::<S>(&door, &door, &door, &place, Payload::standing(), None).await)
}

/// `ask` and `wait` belong to a run; `answer` is an entry of its own.
async fn approval(door: Door, place: Place, event: Value) -> Finished {
    let payload = payload(event)?;
    if payload.part == "answer" {
        return ended(request_approval::handle_answer(&door, &door, &door, &place, payload).await);
    }
    ended(run_step::<request_approval::RequestApproval<Door, Door>>(&door, &door, &door, &place, payload).await)
}

fn payload(event: Value) -> Result<Payload, (String, String)> {
    serde_json::from_value(event).map_err(|error| ("Dr.BadInput".to_owned(), format!("payload: {error}")))
}

fn ended<T: Serialize>(result: Result<T, StepError>) -> Finished {
    match result {
        Ok(answer) => serde_json::to_value(answer).map_err(|error| ("Dr.BadInput".to_owned(), error.to_string())),
        Err(error) => Err((error.name().to_owned(), error.to_string())),
    }
}

/// Who speaks, what is new in it, and one line for the transcript. Of a wait only its reason is news.
pub(super) fn sentence_of(answer: &Value, region: &str) -> (String, String, String) {
    let previous = answer.get("previous");
    let text = |field: &str| previous.and_then(|previous| previous.get(field)).and_then(Value::as_str).unwrap_or("");
    let part = text("part");
    let name = if part == "whole" { text("step").to_owned() } else { format!("{}: {part}", text("step")) };
    let line = format!("[{region}] {name}: {} ({})", text("sentence"), text("outcome"));
    let news = if text("outcome") == "Wait" { format!("Wait {}", text("code")) } else { line.clone() };
    (format!("{region} {name}"), news, line)
}
