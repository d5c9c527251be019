//! `mmdr runs`: the newest runs of both Regions, and how they ended.

use std::fmt::Write;

use clap::Args;
use mmdr_aws::Aws;
use mmdr_core::ports::{ExecutionSeen, ExecutionStatus};
use mmdr_core::{Kind, Region, records};
use mmdr_report::{RunReport, ending_in_words};
use serde_json::{Value, json};

use super::connection::{Connection, Selector};
use super::exits::{Done, Exit};
use super::tell;

/// Kinds with a machine of their own name; a detach is one of the failovers.
pub(super) const MACHINES: [Kind; 6] =
    [Kind::Failover, Kind::Switchover, Kind::Reprotect, Kind::Protect, Kind::CheckReadiness, Kind::VerifyBackups];

/// What may be said of it.
#[derive(Args)]
pub(crate) struct Options {
    /// How many, the newest first.
    #[arg(long, value_name = "NUMBER", default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=100))]
    last: u8,
    #[command(flatten)]
    selector: Selector,
}

/// One run.
struct Line {
    region: Region,
    kind: Kind,
    seen: ExecutionSeen,
    report: Option<RunReport>,
}

/// Lists them.
pub(crate) async fn run(options: &Options) -> Done {
    let connection = Connection::open(&options.selector).await?;
    connection.ready().await?;
    let (mut lines, mut silent) = (Vec::new(), Vec::new());
    for region in connection.regions() {
        match of_region(&connection.at(&region), &region, options.last).await {
            Ok(found) => lines.extend(found),
            Err(error) => silent.push(json!({"region": region, "silent_because": error.to_string()})),
        }
    }
    lines.sort_by_key(|line| std::cmp::Reverse(line.seen.started_at));
    lines.truncate(usize::from(options.last));
    for line in &mut lines {
        line.report = report(&connection.at(&line.region), line).await;
    }
    if connection.json {
        let runs: Vec<Value> = lines.iter().map(as_json).collect();
        tell::json(&json!({"deployment": connection.deployment.name, "runs": runs, "silent": silent}))?;
    } else {
        let mut text: String = lines.iter().map(as_text).collect();
        for it in &silent {
            let word = |name: &str| it.get(name).and_then(Value::as_str).unwrap_or_default();
            let _ = writeln!(text, "{}: silent ({})", word("region"), word("silent_because"));
        }
        tell::say(if text.is_empty() { "no run yet\n" } else { &text })?;
    }
    Ok(if silent.len() == connection.regions().len() { Exit::Failed } else { Exit::Well })
}

async fn of_region(ports: &Aws, region: &Region, most: u8) -> Result<Vec<Line>, mmdr_core::CallError> {
    let mut found = Vec::new();
    for kind in MACHINES {
        let seen = ports.executions(region, kind, most).await?;
        found.extend(seen.into_iter().map(|seen| Line { region: region.clone(), kind, seen, report: None }));
    }
    Ok(found)
}

/// The run's report; a dry run's lies elsewhere. A report that nobody can read is none: the run is listed all the same.
async fn report(ports: &Aws, line: &Line) -> Option<RunReport> {
    for dry_run in [false, true] {
        let key = records::key_of(&line.seen.name, dry_run, records::REPORT);
        if let Ok(Some(report)) = records::read(ports, &line.region, &key).await {
            return Some(report);
        }
    }
    None
}

fn as_json(line: &Line) -> Value {
    let report = line.report.as_ref();
    json!({
        "run": line.seen.name,
        "region": line.region,
        "kind": report.map_or(line.kind, |report| report.kind),
        "execution": line.seen.arn,
        "status": line.seen.status,
        "started_at": line.seen.started_at,
        "stopped_at": line.seen.stopped_at,
        "dry_run": report.map(|report| report.dry_run),
        "ending": report.map(|report| report.ending),
        "sentence": report.map(|report| &report.sentence),
    })
}

fn as_text(line: &Line) -> String {
    let (kind, ended) = match (&line.report, line.seen.status) {
        (Some(report), _) => (report.kind, ending_in_words(report.ending)),
        (None, ExecutionStatus::Running) => (line.kind, "running"),
        (None, _) => (line.kind, "ended without a report"),
    };
    format!("{}  {:<15} {}  {}: {ended}\n", line.seen.started_at, kind.as_str(), line.region, line.seen.name)
}
