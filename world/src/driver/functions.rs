//! Which handler a function name stands for, and how the world calls it: the same handlers as in the Lambdas.

use std::future::Future;
use std::pin::Pin;

use mmdr_core::{Place, StepError, StepName};
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

/// Runs the entry of `step`.
pub(super) fn invoke(
    step: StepName,
    door: Door,
    place: Place,
    event: Value,
) -> Pin<Box<dyn Future<Output = Finished>>> {
    macro_rules! serve {
        ($function:ident) => {
            Box::pin(async move { ended($function::serve(&door, &place, event).await) })
        };
    }
    match step {
        StepName::ArmDns => serve!(arm_dns),
        StepName::CheckReadiness => serve!(check_readiness),
        StepName::CloseRun => serve!(close_run),
        StepName::ConfirmRecovery => serve!(confirm_recovery),
        StepName::DetectRegionOutage => serve!(detect_region_outage),
        StepName::FlipDns => serve!(flip_dns),
        StepName::KeepFenced => serve!(keep_fenced),
        StepName::OpenRun => serve!(open_run),
        StepName::Reconcile => serve!(reconcile),
        StepName::RequestApproval => serve!(request_approval),
        StepName::RollNodes => serve!(roll_nodes),
        StepName::StartMove => serve!(start_move),
        StepName::SwapSearchLeader => serve!(swap_search_leader),
        StepName::SwitchDatabase => serve!(switch_database),
        StepName::ToggleScheduler => serve!(toggle_scheduler),
        StepName::VerifyBackups => serve!(verify_backups),
        StepName::VerifyFiles => serve!(verify_files),
    }
}

fn ended(result: Result<Value, StepError>) -> Finished {
    result.map_err(|error| (error.name().to_owned(), error.to_string()))
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
