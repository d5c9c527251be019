//! `mmdr node report`: no AWS API knows whether a unit runs, since when and with which job flags, so the node says so
//! itself, every 15 seconds, beside the ledger. A report that is a minute old counts as none.

use std::time::Duration;

use clap::Args;
use mmdr_aws::{Instance, NodeReport};
use mmdr_core::ports::RecordWrites;
use mmdr_core::{Region, Time};
use serde_json::json;

use super::mattermost::Mattermost;
use super::process;
use super::settings::{Here, Node, Settings};
use super::unit::Unit;
use crate::aws::{Done, Exit, Failure, forms, now};
use crate::input;

/// Reports after which the document is read again: its bucket may have become another one.
const READ_AGAIN: u32 = 40;

/// What may be said of it.
#[derive(Args)]
pub(crate) struct Options {
    /// The instance's identifier; what the machine is told by its metadata service where nothing is said.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Seconds between two reports.
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(5..=30))]
    every: u64,
    /// Writes one report, prints it, and ends.
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    node: Node,
}

/// Writes reports until somebody ends it.
pub(crate) async fn run(options: &Options) -> Done {
    if let Some(id) = &options.id {
        forms::id("--id", id)?;
    }
    let settings = Settings::read(&options.node)?;
    match settings.unread() {
        Some(sentence) if options.once => return Err(Failure::BadInput(sentence.into())),
        // Nobody would see this node any more.
        Some(sentence) => eprintln!("mmdr: {sentence}"),
        None => {}
    }
    let mattermost = Mattermost::of(&settings)?;
    let instance = instance(options, &settings).await?;
    let mut here = settings.here(Some(&instance)).await?;
    let mut written = 0_u32;
    loop {
        let done = write(options, &mattermost, &here, &instance).await;
        match done {
            Ok(report) if options.once => {
                input::say(&format!("{:#}\n", json!(report))).map_err(Failure::Failed)?;
                return Ok(Exit::Well);
            }
            Err(stop) if options.once => return Err(stop),
            Ok(_) => {}
            // The next one may be written; who reads them sees that there is none.
            Err(Failure::Failed(sentence) | Failure::BadInput(sentence)) => eprintln!("mmdr: {sentence}"),
        }
        written += 1;
        if written.is_multiple_of(READ_AGAIN)
            && let Ok(again) = settings.here(Some(&instance)).await
        {
            here = again;
        }
        tokio::time::sleep(Duration::from_secs(options.every)).await;
    }
}

/// Who this is. Where identifier and Region are told, the metadata service is not asked.
async fn instance(options: &Options, settings: &Settings) -> Result<Instance, Failure> {
    match (&options.id, settings.get("AWS_REGION")) {
        (Some(id), Some(region)) => Ok(Instance { id: id.clone(), region: Region::new(region) }),
        (id, _) => {
            let asked = mmdr_aws::instance().await;
            let expected = "--id: expected this instance's identifier, with AWS_REGION in the environment";
            let instance = asked.map_err(|why| Failure::BadInput(format!("{expected}, found nothing ({why})")))?;
            Ok(Instance { id: id.clone().unwrap_or(instance.id), region: instance.region })
        }
    }
}

async fn write(
    options: &Options,
    mattermost: &Mattermost,
    here: &Here,
    instance: &Instance,
) -> Result<NodeReport, Failure> {
    let report = report(&options.node.unit, mattermost, &instance.id, now()).await?;
    here.ports.put_record(&here.own, &NodeReport::key(&instance.id), &json!(report)).await?;
    Ok(report)
}

async fn report(unit: &str, mattermost: &Mattermost, id: &str, at: Time) -> Result<NodeReport, Failure> {
    let seen = Unit::new(unit).seen().map_err(Failure::Failed)?;
    let said = mattermost.said().await;
    let started_at = seen.process.and(seen.started_us).and_then(|us| process::time_of(us, at));
    let state = seen.state(said.serves, started_at, at);
    Ok(NodeReport {
        id: id.to_owned(),
        state,
        started_at,
        started_with: seen.process.and_then(process::started_with),
        sockets: said.sockets,
        version: said.version,
        exits: seen.exits(state),
        at,
    })
}
