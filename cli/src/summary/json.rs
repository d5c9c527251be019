//! The result for machines. Times are RFC 3339 in UTC; units stand last in names.

use std::collections::BTreeMap;

use mmdr_report::{Headline, RunReport, Story, StoryRun};
use serde_json::{Value, json};

/// One JSON document. Evidence is left out: the page has it.
pub(super) fn whole(story: &Story) -> String {
    let rehearsal = &story.rehearsal;
    let result = json!({
        "scenario": story.name,
        "title": story.title,
        "story": story.text,
        "deployment": story.deployment,
        "seed": story.seed,
        "began_at": story.began_at.to_string(),
        "ended_at": story.ended_at.to_string(),
        "well": story.is_well(),
        "not_as_the_file_says": story.unmet,
        "figures": figures(story),
        "runs": story.runs.iter().map(run).collect::<Vec<_>>(),
        "judges": judges(story),
        "people": people(story),
        "calls": calls(story),
        "transcript": rehearsal.events.iter().map(|event| {
            json!({ "at": event.at.to_string(), "by": event.by, "text": event.sentence })
        }).collect::<Vec<_>>(),
    });
    serde_json::to_string_pretty(&result).unwrap_or_default()
}

fn figures(story: &Story) -> Value {
    let headline = story.first_recovery().map(|(_, report)| &report.headline);
    let recovered_s = headline.and_then(|headline| headline.recovered_in_ms).map(|ms| ms / 1_000);
    json!({
        "recovered_s": recovered_s,
        "steps": headline.map(split).unwrap_or_default(),
        "messages": story.figures.messages,
        "lost_messages": story.figures.lost_messages,
        "lost_s": story.figures.lost_s,
        "lost_are_kept_in": story.kept_in(),
        "without_service_s": story.figures.without_service_s,
        "still_without": story.figures.still_without,
    })
}

fn split(headline: &Headline) -> Vec<Value> {
    headline.split.iter().map(|share| json!({ "step": share.name(), "took_s": share.ms / 1_000 })).collect()
}

fn run(run: &StoryRun) -> Value {
    let mut told = json!({
        "name": run.name,
        "kind": run.kind,
        "region": run.region,
        "ending": run.ending,
        "ended_at": run.ended_at.to_string(),
        "has_report": run.report.is_some(),
    });
    if let (Some(report), Some(told)) = (&run.report, told.as_object_mut()) {
        told.extend(reported(report));
    }
    told
}

fn reported(report: &RunReport) -> [(String, Value); 8] {
    let silent: Vec<String> = report.did_not_answer().map(mmdr_report::PartReport::name).collect();
    let recovered_s = report.headline.recovered_in_ms.map(|ms| ms / 1_000);
    [
        ("dry_run", json!(report.dry_run)),
        ("epoch", json!(report.epoch)),
        ("opened_at", json!(report.opened_at.to_string())),
        ("sentence", json!(report.sentence)),
        ("recovered_s", json!(recovered_s)),
        ("steps", json!(split(&report.headline))),
        ("findings", json!(report.findings)),
        ("did_not_answer", json!(silent)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
}

fn judges(story: &Story) -> Vec<Value> {
    let judge = |judge: &mmdr_report::Judge| match &judge.broken {
        None => json!({ "judge": judge.name, "content": true }),
        Some(broken) => {
            json!({ "judge": judge.name, "content": false, "at": broken.at.to_string(), "what": broken.sentence })
        }
    };
    story.rehearsal.judges.iter().map(judge).collect()
}

fn people(story: &Story) -> Value {
    let users = &story.rehearsal.users;
    json!({
        "count": users.people,
        "attempts": users.attempts,
        "point_s": users.point_ms / 1_000,
        "points": users.points,
    })
}

/// Calls by Region, then by the port's method.
fn calls(story: &Story) -> BTreeMap<&str, BTreeMap<&str, Value>> {
    let mut calls: BTreeMap<&str, BTreeMap<&str, Value>> = BTreeMap::new();
    for call in &story.rehearsal.calls {
        let what = json!({ "call": call.call, "plane": call.plane, "does": call.does, "made": call.made });
        calls.entry(&call.region).or_default().insert(&call.method, what);
    }
    calls
}
