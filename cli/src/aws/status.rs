//! `mmdr status`: what both ledgers say. A Region that does not answer is said to be silent; that is news, and no error.

use std::fmt::Write;

use clap::Args;
use mmdr_core::ports::{ExecutionReads, ExecutionStatus, LedgerReads};
use mmdr_core::{Ledger, Phase, Region, RunLine, Seen, highest_hold, highest_settled};
use serde_json::{Value, json};

use super::exits::{Done, Exit};
use super::office::{Office, Selector, now};
use super::tell;

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
    let office = Office::open(&options.selector).await?;
    office.ready().await?;
    let mut sides = Vec::new();
    for region in office.regions() {
        sides.push(side(&office, region).await);
    }
    if office.json {
        tell::json(&whole(&office, &sides))?
    } else {
        tell::say(&text(&office, &sides))?
    }
    let answered = sides.iter().any(|side| side.ledger.value().is_some());
    Ok(if answered { Exit::Well } else { Exit::Failed })
}

async fn side(office: &Office, region: Region) -> Side {
    let ports = office.at(&region);
    let ledger = ports.ledger(&region).await.map(|seen| seen.map(|seen| seen.ledger));
    let ledger = Seen::from_call(ledger, now());
    let line = ledger.value().and_then(Option::as_ref).and_then(Ledger::open_run).cloned();
    let at_work = match line {
        Some(line) => at_work(office, &line).await,
        None => None,
    };
    Side { region, ledger, at_work }
}

/// The lease is the execution: it holds while its machine says that it runs.
async fn at_work(office: &Office, line: &RunLine) -> Option<bool> {
    let seen = office.at(&line.region).execution(&line.region, &line.execution).await.ok()?;
    Some(seen.is_some_and(|seen| seen.status == ExecutionStatus::Running))
}

fn ledgers(sides: &[Side]) -> impl Iterator<Item = &Ledger> {
    sides.iter().filter_map(|side| side.ledger.value()?.as_ref())
}

fn whole(office: &Office, sides: &[Side]) -> Value {
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
    json!({
        "deployment": office.deployment.name,
        "writer": highest_settled(ledgers(sides)).map(|settled| &settled.writer),
        "epoch": ledgers(sides).map(|ledger| ledger.claimed).max(),
        "hold": highest_hold(ledgers(sides)).filter(|hold| hold.on),
        "regions": each.collect::<Vec<_>>(),
    })
}

fn text(office: &Office, sides: &[Side]) -> String {
    let mut text = match highest_settled(ledgers(sides)) {
        Some(settled) => format!(
            "{}: {} writes, settled at epoch {} ({}, {})\n",
            office.deployment.name, settled.writer, settled.epoch, settled.at, settled.how
        ),
        None => format!("{}: no readable ledger says who writes\n", office.deployment.name),
    };
    match highest_hold(ledgers(sides)).filter(|hold| hold.on) {
        Some(hold) => {
            let _ = writeln!(text, "hold: on since {}, by {}: {}", hold.at, hold.by, hold.reason);
        }
        None => text += "hold: off\n",
    }
    for side in sides {
        let _ = writeln!(text, "{}: {}", side.region, of(side));
    }
    text
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
