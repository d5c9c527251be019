//! `mmdr check` and `mmdr verify-backups`: readiness from a laptop is the very machine that the schedule starts.

use std::fmt::Write;

use clap::Args;
use mmdr_core::records::{self, Backups, CheckResult, Readiness};
use mmdr_core::{Kind, Region};
use serde_json::{Value, json};

use super::connection::{Connection, Selector};
use super::exits::{Done, Exit, Failure};
use super::follow::{Followed, follow};
use super::start::{Begun, How, Start, begin};
use super::tell;

/// What may be said of it.
#[derive(Args)]
pub(crate) struct Options {
    /// The Region that looks; both, one after the other, where nothing is said.
    #[arg(long, value_name = "REGION")]
    to: Option<String>,
    /// Shows what failed or could not be told, and leaves out what passed.
    #[arg(long)]
    brief: bool,
    #[command(flatten)]
    selector: Selector,
}

/// What one Region found.
struct Found {
    begun: Begun,
    followed: Followed,
    record: Option<Value>,
}

/// Starts the machine of `kind`, follows it, and shows what it found.
pub(crate) async fn run(kind: Kind, options: &Options) -> Done {
    let connection = Connection::open(&options.selector).await?;
    let regions = match &options.to {
        Some(text) => vec![connection.region("--to", text)?],
        None => connection.regions(),
    };
    let (mut found, mut silent) = (Vec::new(), Vec::new());
    for region in regions {
        match look(&connection, kind, &region).await {
            Ok(it) => found.push(it),
            Err(Failure::Failed(why)) => silent.push((region, why)),
            Err(stop) => return Err(stop),
        }
    }
    if connection.json {
        tell::json(&whole(&found, &silent))?
    } else {
        tell::say(&text(kind, options, &found, &silent))?
    }
    let worst = found.iter().map(|it| it.followed.exit()).max();
    Ok(if silent.is_empty() { worst.unwrap_or(Exit::Failed) } else { Exit::Failed })
}

async fn look(connection: &Connection, kind: Kind, region: &Region) -> Result<Found, Failure> {
    let how = How::default();
    let begun = begin(connection, &Start { kind, to: region.clone(), resumes: None, how: &how }).await?;
    let followed = follow(connection, region, &begun.execution).await?;
    let name = if kind == Kind::VerifyBackups { records::BACKUPS } else { records::READINESS };
    let key = records::key_of(&begun.run, false, name);
    let record = records::read_tolerant(&connection.at(region), region, &key).await;
    let record = record.map_err(|error| Failure::Failed(error.to_string()))?;
    Ok(Found { begun, followed, record })
}

fn whole(found: &[Found], silent: &[(Region, String)]) -> Value {
    let found = found.iter().map(|it| {
        let report = match &it.followed {
            Followed::Ended { report, .. } => report.as_ref(),
            Followed::LetGo => None,
        };
        json!({"region": it.begun.region, "run": it.begun.run, "ending": report.map(|report| report.ending),
            "sentence": report.map(|report| &report.sentence), "found": it.record})
    });
    let silent = silent.iter().map(|(region, why)| json!({"region": region, "silent_because": why}));
    json!({"regions": found.chain(silent).collect::<Vec<_>>()})
}

fn text(kind: Kind, options: &Options, found: &[Found], silent: &[(Region, String)]) -> String {
    let mut text = String::new();
    for it in found {
        let _ = writeln!(text, "{} as {} sees it ({})", kind, it.begun.region, it.begun.run);
        text += &match (&it.record, kind) {
            (Some(record), Kind::VerifyBackups) => backups(record),
            (Some(record), _) => readiness(record, options.brief),
            (None, _) => String::new(),
        };
        if let Followed::Ended { report, .. } = &it.followed {
            let sentence = report.as_ref().map_or_else(|| it.followed.why(), |report| report.sentence.clone());
            let _ = writeln!(text, "{sentence}");
        }
    }
    for (region, why) in silent {
        let _ = writeln!(text, "{region}: {why}");
    }
    text
}

fn word(result: CheckResult) -> &'static str {
    match result {
        CheckResult::Passed => "ok",
        CheckResult::Failed => "FAILED",
        CheckResult::CannotTell => "unknown",
    }
}

fn readiness(record: &Value, brief: bool) -> String {
    let Ok(readiness) = serde_json::from_value::<Readiness>(record.clone()) else { return String::new() };
    let mut text = String::new();
    for it in readiness.findings.iter().filter(|it| !brief || it.result != CheckResult::Passed) {
        let _ =
            writeln!(text, "  {:<7}  {:<8}  {:<36} {}", word(it.result), it.severity.as_str(), it.check, it.evidence);
        if !it.mend.is_empty() {
            let _ = writeln!(text, "{:22}mend: {}", "", it.mend);
        }
    }
    text
}

fn backups(record: &Value) -> String {
    let Ok(backups) = serde_json::from_value::<Backups>(record.clone()) else { return String::new() };
    let mut text = String::new();
    for it in &backups.newest {
        let place = if it.off_site { "off site" } else { it.region.as_str() };
        let _ = writeln!(text, "  {:?} in {place}: {} h old ({})", it.kind, it.age_hours, it.id);
    }
    for it in &backups.findings {
        let _ = writeln!(text, "  {:<7}  {}: {}", word(it.result), it.name, it.sentence);
    }
    text
}
