//! `mmdr report`: what a run left for people.

use std::fmt::Write;

use clap::Args;
use mmdr_core::ports::RecordReads;
use mmdr_core::{Region, RunId, records};
use mmdr_report::{PartAnswer, RunReport, duration};
use serde_json::Value;

use super::connection::{Connection, Selector};
use super::exits::{Done, Exit, Failure};
use super::{forms, tell};

/// What may be said of it.
#[derive(Args)]
pub(crate) struct Options {
    /// The run.
    run: String,
    /// The page for a browser, on standard output.
    #[arg(long, conflicts_with = "json")]
    html: bool,
    #[command(flatten)]
    selector: Selector,
}

/// Shows it. The exit code is that of the run.
pub(crate) async fn run(options: &Options) -> Done {
    let run = forms::run("RUN", &options.run)?;
    let connection = Connection::open(&options.selector).await?;
    connection.ready().await?;
    let (region, value) = find(&connection, &run).await?;
    let understood = serde_json::from_value::<RunReport>(value.clone());
    let report = understood.map_err(|error| Failure::Failed(format!("the report of {run}: {error}")))?;
    if options.html {
        let key = tell::page_key(&run, report.dry_run);
        let page = connection.at(&region).text(&region, &key).await?;
        tell::say(&page.ok_or_else(|| Failure::Failed(format!("{key}: there is no such page in {region}")))?)?;
    } else if connection.json {
        // As it lies there: whatever a later version has added stays in it.
        tell::json(&value)?;
    } else {
        tell::say(&format!("{}{}", tell::short(&report), parts(&report)))?;
    }
    Ok(Exit::of(&report))
}

async fn find(connection: &Connection, run: &RunId) -> Result<(Region, Value), Failure> {
    let keys = [false, true].map(|dry_run| records::key_of(run, dry_run, records::REPORT));
    match connection.record(&keys).await {
        Ok(Some(found)) => Ok(found),
        Ok(None) => {
            let found = &run.0;
            let expected = "expected a run that has ended";
            Err(Failure::BadInput(format!("RUN: {expected}, found {found:?}, of which there is no report")))
        }
        Err(looked) => Err(Failure::Failed(looked.in_words(&format!("the report of {run}")))),
    }
}

/// Every part, in the machine's order.
fn parts(report: &RunReport) -> String {
    let mut text = String::new();
    for part in report.parts.iter().filter(|part| part.answer != PartAnswer::NotNeeded) {
        let answer = match part.answer {
            PartAnswer::Done => "done",
            PartAnswer::WouldAct => "would act",
            PartAnswer::Stopped => "stopped",
            PartAnswer::Unfinished => "unfinished",
            PartAnswer::DidNotAnswer => "no answer",
            PartAnswer::NotNeeded => "not needed",
        };
        let lasted = part.lasted_ms().map_or_else(String::new, duration);
        let _ = writeln!(text, "  {answer:<10}  {:<42} {lasted:>12}  {}", part.name(), part.sentence);
    }
    if text.is_empty() { text } else { format!("\n{text}") }
}
