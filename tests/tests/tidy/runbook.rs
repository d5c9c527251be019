//! RUNBOOK.md tells of what is there: every step, part, and reason to wait or to stop, and nothing else.

use std::collections::BTreeSet;

use mmdr_core::{Deployment, Kind, Payload, Place, Region, StepError, StepName, Time, codes};
use request_approval::Reply;
use serde_json::Value;

use crate::names::{samples, steps, tasks};
use crate::tree::{differences, none, rust_files, text};

/// Codes that the core or a machine gives, whatever the step.
const OF_EVERY_STEP: [&str; 3] = [codes::CALL_REFUSED, codes::NO_ANSWER, codes::SUPERSEDED];

/// The headings `## <step>` in their order, each with what stands under it.
fn sections() -> Vec<(String, String)> {
    let book = text("RUNBOOK.md");
    let mut found: Vec<(String, String)> = Vec::new();
    for part in book.split("\n## ").skip(1) {
        let (heading, rest) = part.split_once('\n').unwrap_or((part, ""));
        found.push((heading.trim().to_owned(), rest.to_owned()));
    }
    found
}

fn section(step: &str) -> String {
    sections().into_iter().find(|(heading, _)| heading == step).map(|(_, rest)| rest).unwrap_or_default()
}

/// The reasons of a step as its source declares them: `Waiting`, `Refusal`, and what reconcile notes.
pub(crate) fn reasons(step: &str) -> BTreeSet<String> {
    let folder = format!("functions/{step}/src/");
    let mut found = BTreeSet::new();
    for file in rust_files().iter().filter(|file| file.path.starts_with(&folder)) {
        for name in ["Waiting", "Refusal", "Note"] {
            // In switch-database a note is what an action writes down, no reason.
            if !(name == "Note" && step != StepName::Reconcile.as_str()) {
                found.extend(variants(&file.text, name));
            }
        }
    }
    found
}

fn variants(source: &str, name: &str) -> Vec<String> {
    let Some((_, rest)) = source.split_once(&format!("\npub enum {name} {{\n")) else { return Vec::new() };
    let body = rest.split_once("\n}").map_or(rest, |(body, _)| body);
    let lines = body.lines().filter(|line| line.starts_with("    ") && line[4..].starts_with(char::is_uppercase));
    lines.map(|line| line.trim().chars().take_while(char::is_ascii_alphanumeric).collect()).collect()
}

/// The names in backticks that open a row of a table.
fn codes(section: &str) -> BTreeSet<String> {
    let cells = section.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    cells.flat_map(in_backticks).filter(|word| word.starts_with(char::is_uppercase)).collect()
}

fn in_backticks(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_runbook_has_one_heading_per_step() {
    let headings: Vec<String> = sections().into_iter().map(|(heading, _)| heading).collect();
    let count = |step: &String| headings.iter().filter(|heading| *heading == step).count();
    let found: Vec<String> = steps().iter().filter(|step| count(step) != 1).map(|step| format!("## {step}")).collect();
    none("RUNBOOK.md has each step as a heading, once", &found);
}

#[test]
fn the_runbook_tells_the_steps_in_the_order_of_a_failover() {
    let mut order: Vec<String> = Vec::new();
    for task in tasks().iter().filter(|task| task.machine == "failover") {
        let step = task.step.unwrap().to_string();
        if !order.contains(&step) {
            order.push(step);
        }
    }
    let told: Vec<String> =
        sections().into_iter().map(|(heading, _)| heading).filter(|it| order.contains(it)).collect();
    assert_eq!(told, order);
}

#[test]
fn the_runbook_names_every_part_under_its_step() {
    let mut found = BTreeSet::new();
    for task in tasks().iter().filter(|task| task.part != "whole") {
        let step = task.step.unwrap().to_string();
        if !in_backticks(&section(&step)).contains(&task.part) {
            found.insert(format!("{step}: {}", task.part));
        }
    }
    none("every part stands under its step", &found.into_iter().collect::<Vec<_>>());
}

#[test]
fn the_runbook_tells_every_reason_to_wait_and_to_stop_and_no_other() {
    let mut found = Vec::new();
    for step in steps() {
        let told: BTreeSet<String> = codes(&section(&step)).into_iter().collect();
        let known: BTreeSet<String> = reasons(&step);
        let missing = differences(("the source", &known), ("RUNBOOK.md", &told));
        let foreign = |it: &String| OF_EVERY_STEP.iter().any(|code| it.starts_with(&format!("{code}:")));
        found.extend(missing.into_iter().filter(|it| !foreign(it)).map(|it| format!("{step}: {it}")));
    }
    none("every reason stands in a row of its step's table", &found);
}

/// The blocks of JSON, each as a value.
fn blocks() -> Vec<Value> {
    let book = text("RUNBOOK.md");
    let blocks = book.split("```json\n").skip(1).filter_map(|rest| rest.split_once("\n```"));
    blocks.map(|(json, _)| serde_json::from_str(json).unwrap_or_else(|error| panic!("{error} in\n{json}"))).collect()
}

#[test]
fn the_runbook_shows_the_console_inputs_as_they_are_tested() {
    let blocks = blocks();
    let found: Vec<String> = samples()
        .into_iter()
        .filter(|name| name.starts_with("console-"))
        .filter(|name| !blocks.contains(&serde_json::from_str(&text(&format!("events/{name}"))).unwrap()))
        .collect();
    none("every events/console-*.json stands in RUNBOOK.md", &found);
}

#[test]
fn every_start_input_that_the_runbook_shows_is_one() {
    let inputs: Vec<Value> = blocks().into_iter().filter(|block| block.get("kind").is_some()).collect();
    assert!(!inputs.is_empty());
    none("its machine takes a start input", &inputs.iter().filter_map(refused).collect::<Vec<_>>());
}

#[test]
fn every_console_sample_is_one_that_its_machine_takes() {
    let consoles = samples().into_iter().filter(|name| name.starts_with("console-"));
    let inputs: Vec<Value> =
        consoles.map(|name| serde_json::from_str(&text(&format!("events/{name}"))).unwrap()).collect();
    assert_eq!(inputs.len(), 6);
    none("its machine takes a console's sample", &inputs.iter().filter_map(refused).collect::<Vec<_>>());
}

/// What the machine's own first step says against an input.
fn refused(input: &Value) -> Option<String> {
    let answers = input.get("kind").is_none();
    let error = if answers { Reply::parse(input).err() } else { opened(input).err() };
    error.map(|why| format!("{why}: {input}"))
}

fn opened(input: &Value) -> Result<(), StepError> {
    let own = Region::new(input["to"].as_str().unwrap_or_default());
    let machine = input["kind"].as_str().and_then(|kind| kind.parse().ok()).map_or("failover", Kind::machine);
    let execution = Some(format!("arn:aws:states:{own}:123456789012:execution:mmdr-acme-chat-{machine}:fo-1"));
    let payload = Payload { run: input.clone(), previous: None, part: "whole".into(), execution, token: None };
    let deployment = std::sync::Arc::new(Deployment::seed_example().unwrap());
    open_run::open(&payload, &Place { own, deployment, now: Time(1_795_255_200_000) }).map(|_| ())
}
