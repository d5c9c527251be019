//! The commands of a Mattermost node: `report` tells what its process does, `start` and `stop` do what Systems Manager
//! hands them, and `pre-start` is asked by the unit before each start. All of them look for themselves.

mod look;
mod mattermost;
mod order;
mod process;
mod report;
mod settings;
mod unit;

use clap::Subcommand;

use crate::aws::{Done, TABLE};

/// What a node can be asked for.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Writes what this node's process does beside the ledger, every 15 seconds.
    #[command(after_help = TABLE)]
    Report(report::Options),
    /// Starts Mattermost with the job flags of a run's epoch, if this Region may write.
    #[command(after_help = TABLE)]
    Start(order::Start),
    /// Stops Mattermost, unless a newer run has this Region; with --fence-check only if another Region writes.
    #[command(after_help = TABLE)]
    Stop(order::Stop),
    /// For the unit's ExecStartPre: fails where this Region may not write, else writes the job flags for the start.
    #[command(after_help = TABLE)]
    PreStart(order::PreStart),
}

/// Runs it.
pub(crate) async fn run(command: &Command) -> Done {
    match command {
        Command::Report(options) => report::run(options).await,
        Command::Start(options) => order::start(options).await,
        Command::Stop(options) => order::stop(options).await,
        Command::PreStart(options) => order::pre_start(options).await,
    }
}
