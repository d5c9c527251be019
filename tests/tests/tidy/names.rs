//! One name per step, everywhere.

use std::collections::BTreeSet;
use std::fs;

use mmdr_core::{Kind, StepName};
use mmdr_states::{Machine, substitution_name};
use serde_json::Value;

use crate::tree::{differences, folders, none, root, text};

/// Steps that no machine calls: they start executions, or do a Region's standing duty.
const OUTSIDE_THE_MACHINES: [StepName; 3] = [StepName::StartMove, StepName::Reconcile, StepName::KeepFenced];

/// Every step's name.
pub(crate) fn steps() -> Vec<String> {
    StepName::ALL.iter().map(ToString::to_string).collect()
}

/// One Task of one machine.
pub(crate) struct Task {
    pub(crate) machine: String,
    pub(crate) state: String,
    /// The step whose function it calls, where its function is named after one.
    pub(crate) step: Option<StepName>,
    pub(crate) part: String,
}

/// Every Task of every machine, each machine in its reading order.
pub(crate) fn tasks() -> Vec<Task> {
    let mut found = Vec::new();
    for name in machines() {
        let machine = Machine::parse(&name, &text(&format!("statemachines/{name}.asl.json"))).unwrap();
        found.extend(machine.tasks().map(|task| Task {
            machine: name.clone(),
            state: task.state.to_string(),
            step: step_of(&task.function),
            part: task.part.as_deref().unwrap_or_default().to_owned(),
        }));
    }
    found
}

/// The machines' names, which are their files'.
pub(crate) fn machines() -> Vec<String> {
    let entries = fs::read_dir(root().join("statemachines")).unwrap().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter_map(|name| Some(name.strip_suffix(".asl.json")?.to_owned())).collect();
    names.sort();
    names
}

/// `${SwitchDatabaseFunctionArn}` is the function of `switch-database`.
fn step_of(function: &str) -> Option<StepName> {
    let name = substitution_name(function).strip_suffix("FunctionArn")?;
    StepName::ALL.iter().copied().find(|step| pascal(*step) == name)
}

fn pascal(step: StepName) -> String {
    step.as_str().split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

/// Functions that decide nothing and so are no steps.
pub(crate) const NO_STEPS: [&str; 2] = ["probe-regions", "relay"];

#[test]
fn every_step_has_a_folder_of_its_name_and_every_folder_is_a_step_or_decides_nothing() {
    let wanted: Vec<String> = steps().into_iter().chain(NO_STEPS.map(str::to_owned)).collect();
    let found = differences(("StepName::ALL", &wanted), ("functions/", &folders("functions")));
    none("folders of functions/ are the steps", &found);
}

#[test]
fn a_steps_package_is_called_like_its_folder() {
    let found: Vec<String> = folders("functions")
        .into_iter()
        .filter(|folder| !text(&format!("functions/{folder}/Cargo.toml")).contains(&format!("name = \"{folder}\"\n")))
        .map(|folder| format!("functions/{folder}/Cargo.toml names another package"))
        .collect();
    none("a package is called like its folder", &found);
}

#[test]
fn a_step_says_its_own_name() {
    let said = |step: &StepName| {
        let wanted = format!("const NAME: StepName = StepName::{};", pascal(*step));
        !text(&format!("functions/{step}/src/lib.rs")).contains(&wanted)
    };
    let found: Vec<String> = StepName::ALL.iter().filter(|step| said(step)).map(ToString::to_string).collect();
    none("a step's NAME is its folder's", &found);
}

#[test]
fn every_task_calls_the_function_of_the_step_that_it_is_named_after() {
    let fits = |task: &Task| {
        let Some(step) = task.step else { return false };
        let name = if task.part == "whole" { step.to_string() } else { format!("{step}: {}", task.part) };
        task.state.strip_suffix(" again").unwrap_or(&task.state) == name
    };
    let found: Vec<String> = tasks()
        .iter()
        .filter(|task| !fits(task))
        .map(|task| format!("{}: {} calls {:?} with part {:?}", task.machine, task.state, task.step, task.part))
        .collect();
    none("a Task is called <step> or <step>: <part>", &found);
}

#[test]
fn every_step_has_a_task_unless_it_stands_outside_the_machines() {
    let inside: BTreeSet<StepName> = tasks().iter().filter_map(|task| task.step).collect();
    let found: Vec<String> = StepName::ALL
        .iter()
        .filter(|step| inside.contains(step) == OUTSIDE_THE_MACHINES.contains(step))
        .map(|step| format!("{step}: {}", if inside.contains(step) { "is in a machine" } else { "is in no machine" }))
        .collect();
    none("every step is in a machine, but for those outside", &found);
}

#[test]
fn every_kind_of_run_has_a_machine_and_a_sample_that_starts_it() {
    let machines = machines();
    let mut found = Vec::new();
    for kind in Kind::ALL.iter().copied().filter(|kind| *kind != Kind::Standing) {
        // A detach is a failover by other means: the same machine runs it.
        let machine = if kind == Kind::Detach { Kind::Failover } else { kind };
        if !machines.iter().any(|name| name == machine.as_str()) {
            found.push(format!("{kind}: no machine statemachines/{machine}.asl.json"));
        }
        let samples = ["console", "schedule"].map(|way| format!("events/{way}-{kind}.json"));
        if !samples.iter().any(|sample| root().join(sample).is_file()) {
            found.push(format!("{kind}: no sample {}", samples.join(" or ")));
        }
    }
    none("every kind has its machine and its sample", &found);
}

#[test]
fn a_sample_of_the_console_starts_what_its_name_says() {
    let mut found = Vec::new();
    for name in samples().iter().filter_map(|name| name.strip_prefix("console-")?.strip_suffix(".json")) {
        let sample: Value = serde_json::from_str(&text(&format!("events/console-{name}.json"))).unwrap();
        let fits = match name {
            "answer-approval" => sample.get("decision").is_some() && sample.get("run").is_some(),
            kind => sample["kind"] == kind,
        };
        if !fits {
            found.push(format!("events/console-{name}.json: {sample}"));
        }
    }
    none("console-<kind>.json is of that kind", &found);
}

#[test]
fn every_sample_is_explained_and_every_explained_sample_is_there() {
    let told = text("events/README.md");
    let named: BTreeSet<String> =
        told.split('`').filter(|word| word.ends_with(".json") && !word.contains('/')).map(str::to_owned).collect();
    none("events/README.md tells of every sample", &differences(("events/", &samples()), ("its README", &named)));
}

/// The sample files, by name.
pub(crate) fn samples() -> BTreeSet<String> {
    let entries = fs::read_dir(root().join("events")).unwrap().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.ends_with(".json")).collect()
}
