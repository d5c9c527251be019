//! What a person, or a script, is told.

use mmdr_core::deployment::RegionSetup;
use mmdr_core::{RunId, records};
use mmdr_report::{RunReport, duration, ending_in_words};
use serde_json::{Value, json};

use super::connection::Connection;
use super::exits::Failure;
use super::follow::Followed;
use super::start::Begun;
use crate::input;

/// One line of progress: on standard error, so that the answer stands alone.
pub(crate) fn progress(line: &str) {
    eprintln!("{line}");
}

/// The answer.
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    input::say(text).map_err(Failure::Failed)
}

/// The answer as one JSON document.
pub(crate) fn json(value: &Value) -> Result<(), Failure> {
    // What is made of strings and numbers can be printed.
    say(&format!("{value:#}\n"))
}

/// A run that nobody waits for.
pub(crate) fn started(connection: &Connection, begun: &Begun) -> Result<(), Failure> {
    let Begun { kind, region, run, execution } = begun;
    if connection.json {
        return json(&json!({"run": run, "kind": kind, "region": region, "execution": execution, "status": "running"}));
    }
    let follow = connection.propose(&format!("follow {run}"));
    say(&format!("{kind} {run} runs in {region}: {follow}\n"))
}

/// What became of a run.
pub(crate) fn followed(connection: &Connection, begun: &Begun, followed: &Followed) -> Result<(), Failure> {
    let Begun { kind, region, run, execution } = begun;
    let (report, told) = match followed {
        Followed::LetGo => return started(connection, begun),
        Followed::Ended { report, told, .. } => (report.as_deref(), told),
    };
    let sentence = match report {
        Some(report) => report.sentence.clone(),
        None => followed.why(),
    };
    if connection.json {
        return json(&json!({
            "run": run,
            "kind": kind,
            "region": region,
            "execution": execution,
            "status": told.seen.status,
            "ending": report.map(|report| report.ending),
            "sentence": sentence,
            "report": report,
        }));
    }
    let page = report.map(|report| page_of(connection, report)).unwrap_or_default();
    say(&format!("{}{page}", report.map_or_else(|| format!("{sentence}\n"), short)))
}

/// A report in a few lines.
pub(crate) fn short(report: &RunReport) -> String {
    let mut text = format!(
        "{} {} to {}: {}\n{}\n",
        report.kind,
        report.run,
        report.to,
        ending_in_words(report.ending),
        report.sentence
    );
    if let Some(why) = &report.headline.two_writers {
        text += &format!("Two writers are possible: {why}\n");
    }
    if let Some(ms) = report.headline.recovered_in_ms {
        text += &format!("Served again after {}.\n", duration(ms));
    }
    if let Some(lost) = &report.lost {
        text += &format!("{}\n", lost.sentence);
    }
    for finding in &report.findings {
        text += &format!("- {finding}\n");
    }
    let silent: Vec<String> = report.did_not_answer().map(|part| part.name()).collect();
    if !silent.is_empty() {
        text += &format!("Did not answer: {}.\n", silent.join(", "));
    }
    text
}

fn page_of(connection: &Connection, report: &RunReport) -> String {
    let bucket = connection.deployment.region(&report.to).map(|setup: &RegionSetup| setup.ledger_bucket.as_str());
    let key = page_key(&report.run, report.dry_run);
    bucket.map_or_else(String::new, |bucket| {
        let again = connection.propose(&format!("report {}", report.run));
        format!("The whole report: s3://{bucket}/{key} ({again})\n")
    })
}

/// Where the page of a run lies.
pub(crate) fn page_key(run: &RunId, dry_run: bool) -> String {
    format!("{}{}.html", records::prefix_of(run, dry_run), records::REPORT)
}
