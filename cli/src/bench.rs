//! `mmdr bench`: whole failovers simulated per second and core, with every judge watching.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::{Args, value_parser};
use mmdr_core::Deployment;
use mmdr_world::rehearsal::{self, Rehearsal};
use mmdr_world::scenario::Scenario;

use crate::shipped;

/// What may be asked of the benchmark.
#[derive(Args)]
pub(crate) struct Options {
    /// How many stories are told per round.
    #[arg(long, default_value_t = 100, value_parser = value_parser!(u32).range(1..))]
    stories: u32,
    /// How many rounds; the median counts.
    #[arg(long, default_value_t = 5, value_parser = value_parser!(u32).range(1..))]
    rounds: u32,
    /// The shipped scenario.
    #[arg(long, default_value = "benchmark-failover")]
    scenario: String,
}

/// Runs it and prints a line per round and the median.
pub(crate) fn run(options: &Options) -> Result<ExitCode, String> {
    let text = shipped::scenario(&options.scenario)
        .ok_or_else(|| format!("--scenario: expected a shipped name, found {:?}", options.scenario))?;
    let scenario = Arc::new(Scenario::from_toml(&options.scenario, text).map_err(|bad| bad.to_string())?);
    let deployment = Deployment::seed_example().map_err(|mistakes| mistakes.to_string())?;
    let machines = rehearsal::machines()?;
    let mut rates = Vec::new();
    for round in 0..options.rounds {
        let begun = Instant::now();
        for story in 0..options.stories {
            let seed = u64::from(round) * 1_000_000 + u64::from(story) + 1;
            let told =
                Rehearsal::new(scenario.clone(), &deployment, &machines, seed, false)?.tell(seed, &mut |_, _| {});
            if !told.is_well() {
                eprintln!("mmdr: seed {seed}: {}", told.failed.join("; "));
                return Ok(ExitCode::FAILURE);
            }
        }
        let rate = f64::from(options.stories) / begun.elapsed().as_secs_f64();
        println!("round {}: {rate:.0} whole failovers per second on one core", round + 1);
        rates.push(rate);
    }
    rates.sort_by(f64::total_cmp);
    println!("median: {:.0}", rates.get(rates.len() / 2).copied().unwrap_or(0.0));
    Ok(ExitCode::SUCCESS)
}
