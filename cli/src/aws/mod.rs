//! The commands of a person: they start the same machines that an alarm or the console starts, with the same inputs, and
//! follow what becomes of it. None of them changes a ledger, a record or a role of the Deployment, but for a hold.

mod answer;
mod check;
mod connection;
mod exits;
mod follow;
pub(crate) mod forms;
mod hold;
mod push;
mod report;
mod runs;
mod start;
mod status;
mod tell;
mod trail;

use std::process::ExitCode;

use clap::{CommandFactory, Subcommand};
use tokio::runtime::Builder;

pub(crate) use connection::{clients, now, signed, variable};
pub(crate) use exits::{Done, Exit, Failure, TABLE};

/// What a person can ask for.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Says who writes, which runs there are, and whether a hold is on, by both ledgers.
    #[command(after_help = TABLE)]
    Status(status::Options),
    /// Would a move succeed? Starts check-readiness and shows each of its checks.
    #[command(after_help = TABLE)]
    Check(check::Options),
    /// Are the recovery points young enough? Starts verify-backups and shows what it found.
    #[command(after_help = TABLE)]
    VerifyBackups(check::Options),
    /// Moves the writer as planned, losing nothing. Going home is the same with the Regions exchanged.
    #[command(after_help = TABLE)]
    Switchover(start::Move),
    /// Moves the writer because its Region is lost.
    #[command(after_help = TABLE)]
    Failover(start::Move),
    /// Cuts a Region loose from the global database: the last resort, when a failover is refused for good.
    #[command(after_help = TABLE)]
    Detach(start::Move),
    /// Sets up what protects the writer Region.
    #[command(after_help = TABLE)]
    Protect(start::Care),
    /// Rebuilds protection when a lost Region answers again.
    #[command(after_help = TABLE)]
    Reprotect(start::Care),
    /// Takes over a run that ended half way: a new run, with the next epoch.
    #[command(after_help = TABLE)]
    Resume(start::Resume),
    /// Follows a run, whoever started it.
    #[command(after_help = TABLE)]
    Follow(follow::Options),
    /// Grants what a run asks.
    #[command(after_help = TABLE)]
    Approve(answer::Options),
    /// Denies what a run asks.
    #[command(after_help = TABLE)]
    Deny(answer::Options),
    /// Keeps machines from starting moves.
    #[command(after_help = TABLE)]
    Hold(hold::Options),
    /// Lets machines start moves again.
    #[command(after_help = TABLE)]
    Release(hold::Options),
    /// Lists the newest runs of both Regions, and how they ended.
    #[command(after_help = TABLE)]
    Runs(runs::Options),
    /// Shows the report of a run.
    #[command(after_help = TABLE)]
    Report(report::Options),
    /// The deployment document.
    #[command(subcommand)]
    Config(push::Command),
    /// Prints completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// What a Mattermost node runs.
    #[command(subcommand)]
    Node(crate::node::Command),
}

/// Runs it. An error is bad input: one sentence, nothing started.
pub(crate) fn run(command: &Command) -> Result<ExitCode, String> {
    if let Command::Completions { shell } = command {
        let mut page = Vec::new();
        clap_complete::generate(*shell, &mut crate::Arguments::command(), "mmdr", &mut page);
        return crate::input::say(&String::from_utf8_lossy(&page)).map(|()| ExitCode::SUCCESS);
    }
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("this machine: expected to run a program, found {error}"))?;
    let ended = match runtime.block_on(Box::pin(served(command))) {
        Ok(exit) => Ok(exit.into()),
        Err(Failure::BadInput(sentence)) => Err(sentence),
        Err(Failure::Failed(sentence)) => {
            eprintln!("mmdr: {sentence}");
            Ok(Exit::Failed.into())
        }
    };
    // Whoever was let go, a listener for Ctrl-C say, is not waited for.
    runtime.shutdown_background();
    ended
}

async fn served(command: &Command) -> Done {
    use mmdr_core::Kind;
    use mmdr_core::records::Decision;
    match command {
        Command::Status(options) => status::run(options).await,
        Command::Check(options) => check::run(Kind::CheckReadiness, options).await,
        Command::VerifyBackups(options) => check::run(Kind::VerifyBackups, options).await,
        Command::Switchover(options) => start::moves(Kind::Switchover, options).await,
        Command::Failover(options) => start::moves(Kind::Failover, options).await,
        Command::Detach(options) => start::moves(Kind::Detach, options).await,
        Command::Protect(options) => start::cares(Kind::Protect, options).await,
        Command::Reprotect(options) => start::cares(Kind::Reprotect, options).await,
        Command::Resume(options) => start::resume(options).await,
        Command::Follow(options) => follow::run(options).await,
        Command::Approve(options) => answer::run(Decision::Grant, options).await,
        Command::Deny(options) => answer::run(Decision::Deny, options).await,
        Command::Hold(options) => hold::run(true, options).await,
        Command::Release(options) => hold::run(false, options).await,
        Command::Runs(options) => runs::run(options).await,
        Command::Report(options) => report::run(options).await,
        Command::Config(command) => push::run(command).await,
        Command::Node(command) => crate::node::run(command).await,
        Command::Completions { .. } => Ok(Exit::Well),
    }
}
