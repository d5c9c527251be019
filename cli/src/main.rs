//! `mmdr`: the operator's tool.
//!
//! Exit codes of a rehearsal: 0 it is well; 1 a story did not end as its file says, or a judge complains; 2 bad input,
//! nothing started. Those of the commands that ask AWS stand in `aws/exits.rs`.

// This crate is the edge: it may read the clock and the environment.
#![expect(clippy::disallowed_methods, reason = "progress and benchmarks need a clock; nothing here decides")]

#[cfg(feature = "aws")]
mod aws;
mod bench;
mod input;
#[cfg(all(test, feature = "aws"))]
mod lines;
#[cfg(feature = "aws")]
mod node;
mod rehearse;
mod shipped;
mod summary;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[cfg(not(feature = "aws"))]
const WITHOUT_AWS: &str =
    "The commands that ask AWS, for people and for nodes, are built with --features aws: see README, From a terminal.";

/// Mattermost DR: moves a Mattermost Deployment between two AWS Regions, and rehearses it.
#[derive(Parser)]
#[command(name = "mmdr", version, about, disable_help_subcommand = true)]
#[cfg_attr(not(feature = "aws"), command(after_help = WITHOUT_AWS))]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Tells a story: two simulated Regions, the real steps and state machines, people who use Mattermost.
    Rehearse(rehearse::Options),
    /// Measures how many whole failovers are simulated per second.
    Bench(bench::Options),
    #[cfg(feature = "aws")]
    #[command(flatten)]
    Aws(aws::Command),
    /// What only a build with AWS's clients knows.
    #[cfg(not(feature = "aws"))]
    #[command(external_subcommand)]
    Other(Vec<String>),
}

/// Its commands: `cargo rehearse` builds over an `mmdr` that had them.
#[cfg(not(feature = "aws"))]
const OF_AWS: [&str; 19] = [
    "status",
    "check",
    "verify-backups",
    "switchover",
    "failover",
    "detach",
    "protect",
    "reprotect",
    "resume",
    "follow",
    "approve",
    "deny",
    "hold",
    "release",
    "runs",
    "report",
    "config",
    "completions",
    "node",
];

/// A command that this build has not.
#[cfg(not(feature = "aws"))]
fn other(words: &[String]) -> Result<ExitCode, String> {
    let word = words.first().map_or("", String::as_str);
    if OF_AWS.contains(&word) {
        return Err(format!(
            "{word}: this mmdr was built without --features aws, as cargo rehearse does; see README, From a terminal"
        ));
    }
    Err(format!("expected one of rehearse, bench, found {word:?}"))
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Rehearse(options) => rehearse::run(&options),
        Command::Bench(options) => bench::run(&options),
        #[cfg(feature = "aws")]
        Command::Aws(command) => aws::run(&command),
        #[cfg(not(feature = "aws"))]
        Command::Other(words) => other(&words),
    };
    outcome.unwrap_or_else(|bad_input| {
        eprintln!("mmdr: {bad_input}");
        ExitCode::from(2)
    })
}
