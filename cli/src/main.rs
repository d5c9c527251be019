//! `mmdr`: the operator's tool.
//!
//! Exit codes: 0 it is well; 1 a story did not end as its file says, or a judge complains; 2 bad input, nothing
//! started.

// This crate is the edge: it may read the clock and the environment.
#![expect(clippy::disallowed_methods, reason = "progress and benchmarks need a clock; nothing here decides")]

mod bench;
mod input;
mod rehearse;
mod shipped;
mod summary;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Mattermost DR: rehearses a move of a Mattermost Deployment between two AWS Regions.
#[derive(Parser)]
#[command(name = "mmdr", version, about, disable_help_subcommand = true)]
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
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Rehearse(options) => rehearse::run(&options),
        Command::Bench(options) => bench::run(&options),
    };
    outcome.unwrap_or_else(|bad_input| {
        eprintln!("mmdr: {bad_input}");
        ExitCode::from(2)
    })
}
