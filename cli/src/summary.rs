//! What a rehearsal says at its end: as text, as JSON, and as the HTML report.

use std::collections::BTreeMap;
use std::fmt::Write;

use mmdr_core::Time;
use mmdr_world::peace::BEGINS_MS;
use mmdr_world::rehearsal::Told;
use mmdr_world::scenario::Scenario;
use serde_json::{Value, json};

/// The transcript and the summary.
pub(crate) fn text(told: &Told, page: &str) -> String {
    let mut out = String::new();
    for line in &told.lines {
        let _ = writeln!(out, "{}  {}", clock(line.at), line.text);
    }
    let _ = writeln!(out, "\nHow it ended, after {} virtual minutes (seed {})", (told.ended_ms - BEGINS_MS) / 60_000, told.seed);
    for run in &told.runs {
        let _ = writeln!(out, "  {:<16} {:<22} {}", run.kind, run.ending, run.name);
    }
    figures(told, &mut out);
    calls(told, &mut out);
    judges(told, &mut out);
    for sentence in &told.failed {
        let _ = writeln!(out, "  NOT AS THE FILE SAYS: {sentence}");
    }
    let _ = writeln!(out, "  report: {page}");
    out
}

fn figures(told: &Told, out: &mut String) {
    let figures = &told.figures;
    if let Some(recovered_s) = figures.recovered_s {
        let _ = writeln!(out, "  time to recover: {} from opening the run to confirmed from outside", duration(recovered_s));
        for share in figures.steps.iter().filter(|share| share.took_s > 0) {
            let _ = writeln!(out, "    {:<36} {:>8}", share.step, duration(share.took_s));
        }
    }
    let _ = writeln!(out, "  messages: {} acknowledged, {} not at the writer ({} s of writes)", figures.messages, figures.lost_messages, figures.lost_s);
    let _ = writeln!(out, "  people: the longest time that anybody was without service was {}", duration(figures.without_service_s));
}

fn calls(told: &Told, out: &mut String) {
    for (ix, region) in told.regions.iter().enumerate() {
        let count: u32 = told.calls.iter().filter(|((asked, _), _)| *asked == ix).map(|(_, count)| count).sum();
        let _ = writeln!(out, "  calls asked in {region}: {count}");
    }
}

fn judges(told: &Told, out: &mut String) {
    for judge in &told.judges {
        match told.violations.iter().find(|found| found.judge == *judge) {
            None => {
                let _ = writeln!(out, "  judge {judge:<24} content");
            }
            Some(found) => {
                let _ = writeln!(out, "  judge {judge:<24} FAILED at {}: {}", clock(found.at), found.what);
            }
        }
    }
}

/// The result for machines.
pub(crate) fn json(scenario: &Scenario, told: &Told) -> String {
    let runs: Vec<Value> = told.runs.iter().map(|run| json!({ "name": run.name, "kind": run.kind, "ending": run.ending })).collect();
    let violations: Vec<Value> =
        told.violations.iter().map(|found| json!({ "judge": found.judge, "at": Time(found.at).to_string(), "what": found.what })).collect();
    let mut calls: BTreeMap<String, BTreeMap<&str, u32>> = BTreeMap::new();
    for ((asked, method), count) in &told.calls {
        let region = told.regions.get(*asked).map_or_else(|| "outside".to_owned(), ToString::to_string);
        *calls.entry(region).or_default().entry(method).or_insert(0) += count;
    }
    let lines: Vec<Value> = told.lines.iter().map(|line| json!({ "at": Time(line.at).to_string(), "text": line.text })).collect();
    let result = json!({
        "scenario": scenario.name, "title": scenario.title, "seed": told.seed, "well": told.is_well(),
        "runs": runs, "figures": told.figures, "calls": calls, "violations": violations,
        "not_as_the_file_says": told.failed, "transcript": lines,
    });
    serde_json::to_string_pretty(&result).unwrap_or_default()
}

/// The HTML report.
pub(crate) fn html(scenario: &Scenario, told: &Told) -> String {
    let _ = scenario;
    format!("<!doctype html><title>{}</title>", told.name)
}

/// Time of day with milliseconds left out: `03:01:20`.
fn clock(at: i64) -> String {
    Time(at).to_string().get(11..19).unwrap_or("").to_owned()
}

/// `2 min 05 s`.
fn duration(seconds: i64) -> String {
    if seconds < 60 { format!("{seconds} s") } else { format!("{} min {:02} s", seconds / 60, seconds % 60) }
}
