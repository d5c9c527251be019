//! `mmdr hold` and `mmdr release`: whether machines may start moves. The one thing that a person writes into ledgers, and
//! nothing else of them: the highest readable number counts (RUNBOOK.md, Hold).

use clap::Args;
use mmdr_core::ports::{LedgerReads, LedgerWrites};
use mmdr_core::{CallError, Fault, Hold, Ledger, Region, highest_hold};
use serde_json::json;

use super::connection::{Connection, Selector, now, variable};
use super::exits::{Done, Exit, Failure};
use super::tell;

/// How often a ledger that somebody else has written in between is read again.
const ATTEMPTS: usize = 5;

/// What may be said of a hold.
#[derive(Args)]
pub(crate) struct Options {
    /// Why, in a few words.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Who [USER].
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    #[command(flatten)]
    selector: Selector,
}

/// Puts the hold on, or takes it off, in the ledger of each Region that answers.
pub(crate) async fn run(on: bool, options: &Options) -> Done {
    let reason = options.reason.trim();
    if reason.is_empty() {
        return Err(Failure::BadInput("--reason: expected a few words, found none".into()));
    }
    let by = options.by.clone().or_else(|| variable("USER")).unwrap_or_else(|| "a person".into());
    let connection = Connection::open(&options.selector).await?;
    connection.ready().await?;
    let regions = connection.regions();
    let mut ledgers = Vec::new();
    for region in &regions {
        ledgers.push(ledger(&connection, region).await);
    }
    let readable = ledgers.iter().filter_map(|ledger| ledger.as_ref().ok());
    let number = highest_hold(readable).map_or(0, |hold| hold.number) + 1;
    let hold = Hold { number, on, by, at: now(), reason: reason.into() };
    let mut results = Vec::new();
    for (region, ledger) in regions.iter().zip(ledgers) {
        let written = match ledger {
            Ok(_) => write(&connection, region, &hold).await,
            Err(error) => Err(error),
        };
        results.push((region.clone(), written.err().map(|error| error.to_string())));
    }
    told(&connection, &hold, &results)
}

/// A Region without a ledger has one that says nothing.
async fn ledger(connection: &Connection, region: &Region) -> Result<Ledger, CallError> {
    let seen = connection.at(region).ledger(region).await?;
    Ok(seen.map_or_else(|| Ledger::new(region.clone()), |seen| seen.ledger))
}

/// Conditional on the version that was read: what a run has written in between stays.
async fn write(connection: &Connection, region: &Region, hold: &Hold) -> Result<(), CallError> {
    let ports = connection.at(region);
    let mut attempt = 1;
    loop {
        let seen = match ports.ledger(region).await {
            Err(error) if attempt > 1 => return Err(unknown(error)),
            seen => seen?,
        };
        let (mut ledger, version) = match seen {
            Some(seen) => (seen.ledger, Some(seen.version)),
            None => (Ledger::new(region.clone()), None),
        };
        if ledger.hold == *hold {
            return Ok(());
        }
        // Somebody else's is newer: two people at once, and theirs came first.
        if ledger.hold.number >= hold.number {
            let fault = Fault::Refused(format!(
                "{} has changed the hold meanwhile ({}): look at mmdr status, and say it again",
                ledger.hold.by, ledger.hold.reason
            ));
            return Err(CallError { call: "s3:PutObject".into(), region: region.clone(), fault });
        }
        ledger.hold = hold.clone();
        match ports.write_ledger(region, &ledger, version.as_deref()).await {
            // Somebody wrote in between, or the answer was lost: only another look knows what became of it.
            Err(error) if (error.fault == Fault::Conflict || error.is_look_again()) && attempt < ATTEMPTS => {
                attempt += 1
            }
            Err(error) if error.is_look_again() => return Err(unknown(error)),
            done => return done.map(|_| ()),
        }
    }
}

/// A request was made, and nobody knows whether it was carried out.
fn unknown(mut error: CallError) -> CallError {
    error.fault = Fault::LookAgain(format!("{}; whether it was written is not known: mmdr status looks", error.fault));
    error
}

fn told(connection: &Connection, hold: &Hold, results: &[(Region, Option<String>)]) -> Done {
    let written: Vec<&str> = results.iter().filter(|it| it.1.is_none()).map(|it| it.0.as_str()).collect();
    let what = if hold.on { "held" } else { "released" };
    if connection.json {
        let regions =
            results.iter().map(|(region, why)| json!({"region": region, "written": why.is_none(), "why": why}));
        tell::json(&json!({"hold": hold, "regions": regions.collect::<Vec<_>>()}))?;
    } else {
        let mut text = match written.as_slice() {
            [] => format!("not {what}: no ledger took it\n"),
            [only] => format!("{what} in {only} only, as number {}\n", hold.number),
            both => format!("{what} in {}, as number {}\n", both.join(" and "), hold.number),
        };
        for (region, why) in results.iter().filter_map(|(region, why)| Some((region, why.as_ref()?))) {
            text += &format!("{region}: {why}\n");
        }
        tell::say(&text)?;
    }
    Ok(match written.len() {
        0 => Exit::Failed,
        count if count < results.len() => Exit::OneRegionOnly,
        _ => Exit::Well,
    })
}
