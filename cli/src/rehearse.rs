//! `mmdr rehearse`.

use std::fs;
use std::io::{IsTerminal, Write, stderr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use mmdr_core::Deployment;
use mmdr_world::rehearsal::{self, Rehearsal, Told};
use mmdr_world::scenario::Scenario;

use crate::input::{self, say};
use crate::{shipped, summary};

/// What may be asked of a rehearsal.
#[derive(Args)]
pub(crate) struct Options {
    /// A scenario: the name of a shipped one, or a TOML file of your own.
    #[arg(long, value_name = "NAME or FILE")]
    scenario: Option<String>,
    /// Lists the shipped scenarios and ends.
    #[arg(long)]
    list: bool,
    /// Runs every shipped scenario, with a line for each.
    #[arg(long, conflicts_with_all = ["scenario", "list", "json", "report"])]
    all: bool,
    /// The seed: the same seed tells the same story, byte for byte.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Your own deployment document, TOML or JSON.
    #[arg(long, value_name = "FILE")]
    deployment: Option<PathBuf>,
    /// Where the HTML report is written.
    #[arg(long, value_name = "PATH", default_value = "target/rehearsal.html")]
    report: PathBuf,
    /// Prints the result as JSON instead of the transcript.
    #[arg(long)]
    json: bool,
    /// Moves that a person starts are dry runs: every step looks and decides, nothing is changed. Alarms start real ones,
    /// and how the story ends is not judged.
    #[arg(long)]
    dry_run: bool,
}

/// Runs it. An error is bad input: one sentence, nothing started.
pub(crate) fn run(options: &Options) -> Result<ExitCode, String> {
    if options.list {
        return list();
    }
    let deployment = deployment(options)?;
    let machines = rehearsal::machines()?;
    if options.all {
        return all(options, &deployment, &machines);
    }
    let scenario = Arc::new(scenario(options)?);
    let rehearsal = Rehearsal::new(scenario.clone(), &deployment, &machines, options.seed, true)?;
    input::can_be_written("--report", &options.report)?;
    if !options.json {
        say(&format!("{}\n{}\n\n", scenario.title, scenario.story.trim()))?;
    }
    let told = tell(rehearsal, options.seed, !options.json && stderr().is_terminal());
    let page = write_report(options, &scenario, &told)?;
    if options.json {
        say(&format!("{}\n", summary::json(&scenario, &told)))?;
    } else {
        say(&summary::text(&told, &page))?;
    }
    Ok(if told.is_well() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn list() -> Result<ExitCode, String> {
    for (name, text) in shipped::SCENARIOS {
        let scenario = Scenario::from_toml(name, text).map_err(|bad| bad.to_string())?;
        say(&format!("{name:<44} {}\n", scenario.title))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn all(
    options: &Options,
    deployment: &Deployment,
    machines: &mmdr_world::driver::Machines,
) -> Result<ExitCode, String> {
    // Each is set up before the first is told: a document that one of them does not fit is bad input.
    let mut rehearsals = Vec::new();
    for (name, text) in shipped::SCENARIOS {
        let scenario = Arc::new(read(options, name, text)?);
        rehearsals.push((name, Rehearsal::new(scenario, deployment, machines, options.seed, true)?));
    }
    let mut failed = 0;
    for (name, rehearsal) in rehearsals {
        let told = tell(rehearsal, options.seed, false);
        say(&format!("{} {name}\n", if told.is_well() { "ok    " } else { "FAILED" }))?;
        for sentence in &told.failed {
            say(&format!("         {sentence}\n"))?;
        }
        failed += u32::from(!told.is_well());
    }
    say(&format!("{} scenarios, {failed} failed\n", shipped::SCENARIOS.len()))?;
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn tell(rehearsal: Rehearsal, seed: u64, show_progress: bool) -> Told {
    let mut progress = |passed_s: i64, most_s: i64| {
        if show_progress && passed_s % 30 == 0 {
            eprint!("\r  {:>3} of {} virtual minutes", passed_s / 60, most_s / 60);
            // A progress line that cannot be written is no reason to stop.
            let _ = stderr().flush();
        }
    };
    let told = rehearsal.tell(seed, &mut progress);
    if show_progress {
        eprint!("\r{:40}\r", "");
    }
    told
}

fn scenario(options: &Options) -> Result<Scenario, String> {
    let wanted = options.scenario.as_deref().unwrap_or(shipped::DEFAULT);
    if let Some(text) = shipped::scenario(wanted) {
        return read(options, wanted, text);
    }
    let path = Path::new(wanted);
    if !path.exists() {
        return Err(format!("--scenario: expected a shipped name (see --list) or a file, found {wanted:?}"));
    }
    let text = input::text("--scenario", path)?;
    let stem = path.file_stem().map_or_else(|| wanted.to_owned(), |stem| stem.to_string_lossy().into_owned());
    read(options, &stem, &text)
}

fn read(options: &Options, name: &str, text: &str) -> Result<Scenario, String> {
    let mut scenario = Scenario::from_toml(name, text).map_err(|bad| bad.to_string())?;
    if options.dry_run {
        scenario.make_dry();
    }
    Ok(scenario)
}

fn deployment(options: &Options) -> Result<Deployment, String> {
    let Some(path) = &options.deployment else {
        return Deployment::seed_example().map_err(|mistakes| mistakes.to_string());
    };
    let text = input::text("--deployment", path)?;
    Deployment::from_text(&text).map_err(|mistakes| format!("{}:\n{mistakes}", path.display()))
}

fn write_report(options: &Options, scenario: &Scenario, told: &Told) -> Result<String, String> {
    let path = &options.report;
    let html = summary::html(scenario, told);
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|error| format!("--report: cannot make {} ({error})", folder.display()))?;
    }
    // Written beside it and renamed: whoever interrupts this keeps the page that was there before.
    let beside = path.with_extension("html.new");
    let written = fs::write(&beside, html).and_then(|()| fs::rename(&beside, path));
    written.map_err(|error| format!("--report: cannot write {} ({error})", path.display()))?;
    Ok(fs::canonicalize(path).unwrap_or_else(|_| path.clone()).display().to_string())
}
