//! `mmdr status`: what both ledgers say. A Region that does not answer is said to be silent; that is news, and no error.
//!
//! In JSON, `hold` is null where none is on, as far as the Regions that answer say, and else an object: the hold, with `on`
//! true; or, where no ledger answered, one with `on` null and a `reason` that says so. Whoever takes every object for a hold
//! errs on the safe side.

use std::fmt::Write;

use clap::Args;
use mmdr_core::ports::{ExecutionReads, ExecutionStatus, LedgerReads};
use mmdr_core::{Hold, Ledger, Phase, Region, RunLine, Seen, highest_hold, highest_settled};
use serde_json::{Value, json};

use super::connection::{Connection, Selector, now};
use super::exits::{Done, Exit};
use super::tell;

/// Said of the hold where no ledger answered.
const HOLD_NOT_KNOWN: &str = "not known, no ledger answered";

/// What may be said of it.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    selector: Selector,
}

/// What one Region says.
struct Side {
    region: Region,
    ledger: Seen<Option<Ledger>>,
    /// Whether the run that holds the lease is at work; none where there is none, or where nobody can tell.
    at_work: Option<bool>,
}

/// Looks at both Regions and says what it saw.
pub(crate) async fn run(options: &Options) -> Done {
    let connection = Connection::open(&options.selector).await?;
    connection.ready().await?;
    let mut sides = Vec::new();
    for region in connection.regions() {
        sides.push(side(&connection, region).await);
    }
    if connection.json {
        tell::json(&whole(&connection, &sides))?
    } else {
        tell::say(&text(&connection, &sides))?
    }
    Ok(if answered(&sides).is_empty() { Exit::Failed } else { Exit::Well })
}

async fn side(connection: &Connection, region: Region) -> Side {
    let ports = connection.at(&region);
    let ledger = ports.ledger(&region).await.map(|seen| seen.map(|seen| seen.ledger));
    let ledger = Seen::from_call(ledger, now());
    let line = ledger.value().and_then(Option::as_ref).and_then(Ledger::open_run).cloned();
    let at_work = match line {
        Some(line) => at_work(connection, &line).await,
        None => None,
    };
    Side { region, ledger, at_work }
}

/// The lease is the execution: it holds while its machine says that it runs.
async fn at_work(connection: &Connection, line: &RunLine) -> Option<bool> {
    let seen = connection.at(&line.region).execution(&line.region, &line.execution).await.ok()?;
    Some(seen.is_some_and(|seen| seen.status == ExecutionStatus::Running))
}

fn ledgers(sides: &[Side]) -> impl Iterator<Item = &Ledger> {
    sides.iter().filter_map(|side| side.ledger.value()?.as_ref())
}

/// The Regions that answered, be it that they have no ledger yet.
fn answered(sides: &[Side]) -> Vec<&str> {
    let answered = sides.iter().filter(|side| side.ledger.value().is_some());
    answered.map(|side| side.region.as_str()).collect()
}

/// The hold that is on.
fn hold_on(sides: &[Side]) -> Option<&Hold> {
    highest_hold(ledgers(sides)).filter(|hold| hold.on)
}

fn whole(connection: &Connection, sides: &[Side]) -> Value {
    let each = sides.iter().map(|side| {
        let ledger = side.ledger.value().and_then(Option::as_ref);
        json!({
            "region": side.region,
            "answers": side.ledger.value().is_some(),
            "silent_because": side.ledger.why(),
            "ledger": ledger,
            "run_at_work": side.at_work,
        })
    });
    let hold = match hold_on(sides) {
        None if answered(sides).is_empty() => json!({"on": null, "reason": HOLD_NOT_KNOWN}),
        hold => json!(hold),
    };
    json!({
        "deployment": connection.deployment.name,
        "writer": highest_settled(ledgers(sides)).map(|settled| &settled.writer),
        "epoch": ledgers(sides).map(|ledger| ledger.claimed).max(),
        "hold": hold,
        "regions": each.collect::<Vec<_>>(),
    })
}

fn text(connection: &Connection, sides: &[Side]) -> String {
    let mut text = match highest_settled(ledgers(sides)) {
        Some(settled) => format!(
            "{}: {} writes, settled at epoch {} ({}, {})\n",
            connection.deployment.name, settled.writer, settled.epoch, settled.at, settled.how
        ),
        None => format!("{}: no readable ledger says who writes\n", connection.deployment.name),
    };
    let _ = writeln!(text, "hold: {}", hold_in_words(sides));
    for side in sides {
        let _ = writeln!(text, "{}: {}", side.region, of(side));
    }
    text
}

/// A ledger that is silent may have a hold that the other one has not.
fn hold_in_words(sides: &[Side]) -> String {
    let answered = answered(sides);
    match hold_on(sides) {
        Some(hold) => format!("on since {}, by {}: {}", hold.at, hold.by, hold.reason),
        None if answered.is_empty() => HOLD_NOT_KNOWN.into(),
        None if answered.len() < sides.len() => format!("off, as far as {} says", answered.join(" and ")),
        None => "off".into(),
    }
}

fn of(side: &Side) -> String {
    let ledger = match &side.ledger {
        Seen::Unseen { why } => return format!("silent ({why})"),
        Seen::Seen { value: None, .. } => return "no ledger yet".into(),
        Seen::Seen { value: Some(ledger), .. } => ledger,
    };
    let mut text = format!("epoch {}", ledger.claimed);
    match &ledger.settled {
        Some(settled) => {
            let _ = write!(text, ", says that {} writes since epoch {}", settled.writer, settled.epoch);
        }
        None => text += ", has not settled who writes",
    }
    if let Some(line) = &ledger.run {
        let _ = write!(text, "\n  run {}", of_run(line, side.at_work));
    }
    if let Some(last) = &ledger.last_move {
        let _ = write!(text, "\n  last move {}: {} to {} at {}", last.run, last.kind, last.to, last.at);
    }
    if ledger.moved_by_hand().is_some() {
        text += "\n  the writer was moved by hand, and the rest of that move is not done (RUNBOOK.md, Finish by name)";
    }
    text
}

fn of_run(line: &RunLine, at_work: Option<bool>) -> String {
    let RunLine { id, kind, region, epoch, phase, .. } = line;
    let lock = match (line.phase, at_work) {
        (Phase::Closed, _) => {
            let (ending, at) = (line.ending.map_or("closed", |it| it.as_str()), line.closed_at);
            return format!(
                "{id}: {kind} to {region}, epoch {epoch}, {ending}{}",
                at.map_or(String::new(), |at| format!(" at {at}"))
            );
        }
        (_, Some(true)) => "at work: it holds the lease",
        (_, Some(false)) => "not at work any more: the next run may take its lease",
        (_, None) => "whether it is at work nobody can tell",
    };
    format!("{id}: {kind} to {region}, epoch {epoch}, phase {phase}, opened {}; {lock}", line.opened_at)
}
