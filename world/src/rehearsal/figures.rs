//! Headline figures: how long, how much, and what people felt.

use serde::Serialize;
use serde_json::Value;

use super::RunEnd;
use crate::sim::Sim;

/// How long people waited for one step and part.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepShare {
    /// `step` or `step: part`.
    pub step: String,
    /// Seconds.
    pub took_s: i64,
}

/// Headline figures of a story.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Seconds from the first disturbance that people felt until the last of them was served again; 0 where nobody was.
    pub without_service_s: i64,
    /// People who are without service when the story ends.
    pub still_without: u32,
    /// Seconds of the first move from its opening to "confirmed from outside".
    pub recovered_s: Option<i64>,
    /// That time, split by step.
    pub steps: Vec<StepShare>,
    /// Messages that were acknowledged and are not at the writer.
    pub lost_messages: u32,
    /// Messages that were acknowledged.
    pub messages: u32,
    /// Seconds between the newest commit that survived and the newest that did not.
    pub lost_s: i64,
}

/// Reads the figures off the world at the end of a story.
pub(super) fn of(sim: &Sim, ended: &[RunEnd]) -> Figures {
    let database = &sim.model.database;
    let writer = database.writer();
    let all = database.commits.len() as u32;
    let lost: Vec<u32> = (0..all).filter(|row| !database.holds(writer, *row)).collect();
    let time_of = |row: &u32| database.commits.get(*row as usize).copied().unwrap_or(0);
    let lost_s = match (lost.first(), lost.last()) {
        (Some(first), Some(last)) => (time_of(last) - time_of(first)) / 1_000 + 1,
        _ => 0,
    };
    let first_move = ended.iter().find(|end| end.report.as_ref().is_some_and(|report| recovered_s(report).is_some()));
    let report = first_move.and_then(|end| end.report.as_ref());
    let steps = report.map(shares).unwrap_or_default();
    let recovered_s = report.and_then(recovered_s);
    Figures {
        without_service_s: sim.model.people.without_service_s(sim.now),
        still_without: u32::try_from(sim.model.people.without_service()).unwrap_or(u32::MAX),
        recovered_s,
        steps,
        lost_messages: lost.len() as u32,
        messages: all,
        lost_s,
    }
}

/// The time of each step and part on the way to "served again", from a run's report.
fn shares(report: &Value) -> Vec<StepShare> {
    let split = report.get("headline").and_then(|headline| headline.get("split")).and_then(Value::as_array);
    let text = |share: &Value, field: &str| share.get(field).and_then(Value::as_str).unwrap_or("").to_owned();
    let share = |share: &Value| {
        let (step, part) = (text(share, "step"), text(share, "part"));
        let step = if part == "whole" { step } else { format!("{step}: {part}") };
        StepShare { step, took_s: share.get("ms").and_then(Value::as_i64).unwrap_or(0) / 1_000 }
    };
    split.into_iter().flatten().map(share).collect()
}

/// Seconds from a run's opening to "confirmed from outside", from its report.
fn recovered_s(report: &Value) -> Option<i64> {
    Some(report.get("headline")?.get("recovered_in_ms")?.as_i64()? / 1_000)
}
