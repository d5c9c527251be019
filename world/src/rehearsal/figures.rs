//! Headline figures: how long, how much, and what people felt.

use serde::Serialize;
use serde_json::Value;

use super::RunEnd;
use crate::network::Ix;
use crate::sim::Sim;

/// How long one step and part took, from its first look to its last.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepShare {
    /// `step` or `step: part`.
    pub step: String,
    /// Seconds.
    pub took_s: i64,
    /// When it looked first, in seconds from the run's opening.
    pub from_s: i64,
}

/// Headline figures of a story.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Seconds from the first disturbance that people felt until the last of them was served again; 0 where nobody was.
    pub without_service_s: i64,
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
pub(super) fn of(sim: &Sim, ended: &[RunEnd], home: Ix) -> Figures {
    let database = &sim.model.database;
    let writer = database.writer();
    let all = database.commits.len() as u32;
    let lost: Vec<u32> = (0..all).filter(|row| !database.holds(writer, *row)).collect();
    let time_of = |row: &u32| database.commits.get(*row as usize).copied().unwrap_or(0);
    let lost_s = match (lost.first(), lost.last()) {
        (Some(first), Some(last)) => (time_of(last) - time_of(first)) / 1_000 + 1,
        _ => 0,
    };
    let first_move = ended.iter().find(|end| matches!(end.kind.as_str(), "failover" | "switchover" | "detach"));
    let steps = first_move.and_then(|end| end.report.as_ref()).map(shares).unwrap_or_default();
    let recovered_s = steps.iter().find(|share| share.step == "confirm-recovery: outside").map(|share| share.from_s + share.took_s);
    let _ = home;
    Figures { without_service_s: sim.model.people.without_service_s(), recovered_s, steps, lost_messages: lost.len() as u32, messages: all, lost_s }
}

/// The time of each step, from a run's report.
fn shares(report: &Value) -> Vec<StepShare> {
    let opened = report.get("opened_at").and_then(Value::as_i64).unwrap_or(0);
    let Some(steps) = report.get("steps").and_then(Value::as_array) else { return Vec::new() };
    let number = |step: &Value, field: &str| step.get(field).and_then(Value::as_i64).unwrap_or(0);
    let share = |step: &Value| StepShare {
        step: step.get("name").and_then(Value::as_str).unwrap_or("?").to_owned(),
        took_s: (number(step, "last_at") - number(step, "first_at")) / 1_000,
        from_s: (number(step, "first_at") - opened) / 1_000,
    };
    steps.iter().map(share).collect()
}
