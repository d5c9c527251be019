//! Runs the decision cases of a step: folders that hold what was looked at and what must be decided. Beside them stands an
//! [`InMemory`], for tests of many looks.
//!
//! `cases/<behaviour as a sentence>/observed.json` is `{"run": {…}, "policy": {…}, "part": "…", "observed": {…}}`;
//! `run`, `policy` and `observed` are merge patches (RFC 7396) over `cases/base.json`, so that a case shows only
//! what makes it special. `verdict.json` is `{"verdict": …, "sentence": "…"}`, compared whole.
//!
//! With `MMDR_UPDATE=1` the verdicts are written instead of compared; read the difference before you keep it.

// This crate is only ever a dev-dependency: its errors are test failures.
#![expect(clippy::panic, reason = "a failing case fails its test")]
#![expect(clippy::disallowed_methods, reason = "tests may read MMDR_UPDATE")]

mod in_memory;
mod nobody;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mmdr_core::{Deployment, Run, Step, Ticket, Verdict};
use serde::Serialize;
use serde_json::{Value, json};

pub use in_memory::{InMemory, at_once, place};
pub use nobody::Nobody;

/// Fewest cases that a step must have.
pub const FEWEST: usize = 8;

/// Runs every case of step `S` under `folder` (usually `concat!(env!("CARGO_MANIFEST_DIR"), "/cases")`) and fails
/// with all differences. Gives the number of cases.
pub fn check<S: Step>(folder: &str) -> usize {
    let folder = Path::new(folder);
    let base = read(&folder.join("base.json"));
    let cases = case_folders(folder);
    assert!(cases.len() >= FEWEST, "{}: expected {FEWEST} cases or more, found {}", folder.display(), cases.len());
    let failures: Vec<String> = cases.iter().filter_map(|case| run_case::<S>(&base, case).err()).collect();
    assert!(failures.is_empty(), "{} of {} cases differ\n\n{}", failures.len(), cases.len(), failures.join("\n\n"));
    cases.len()
}

fn case_folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

fn run_case<S: Step>(base: &Value, case: &Path) -> Result<(), String> {
    let name = case.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut given = base.clone();
    merge(&mut given, read(&case.join("observed.json")));
    let run = run_of(&given);
    let part_text = given.get("part").and_then(Value::as_str).unwrap_or("whole").to_owned();
    let part: S::Part = part_text.parse().map_err(|why: String| format!("{name}: part: {why}"))?;
    let observed: S::Observed =
        serde_json::from_value(given["observed"].clone()).map_err(|error| format!("{name}: observed: {error}"))?;
    let verdict = S::decide(&run, &part, &observed);
    let sentence = sentence::<S>(&run, &part, &observed, &verdict);
    let found = json!({ "verdict": to_value(&verdict), "sentence": sentence });
    compare(&name, &case.join("verdict.json"), &found)
}

fn compare(name: &str, file: &Path, found: &Value) -> Result<(), String> {
    let pretty = serde_json::to_string_pretty(found).unwrap_or_default() + "\n";
    if std::env::var("MMDR_UPDATE").is_ok() {
        fs::write(file, pretty).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        return Ok(());
    }
    let expected = read(file);
    if expected == *found { Ok(()) } else { Err(format!("{name}\nexpected {expected:#}\nfound    {found:#}")) }
}

fn sentence<S: Step>(
    run: &Run,
    part: &S::Part,
    seen: &S::Observed,
    verdict: &Verdict<S::Action, S::Waiting, S::Refusal>,
) -> String {
    match verdict {
        Verdict::Already => S::already(run, part, seen),
        Verdict::Act(action) => action.to_string(),
        Verdict::Wait(reason) => reason.to_string(),
        Verdict::Refuse(reason) => reason.to_string(),
    }
}

/// The run of a case: the document of the seed runbook's architecture with the case's policy.
fn run_of(given: &Value) -> Run {
    let example = Deployment::seed_example().unwrap_or_else(|error| panic!("the example: {error}"));
    let mut document = to_value(&example);
    if let Some(patch) = given.get("policy") {
        merge(&mut document["policy"], patch.clone());
    }
    if let Some(patch) = given.get("deployment") {
        merge(&mut document, patch.clone());
    }
    let deployment: Deployment = serde_json::from_value(document).unwrap_or_else(|error| panic!("policy: {error}"));
    let ticket: Ticket = serde_json::from_value(given["run"].clone()).unwrap_or_else(|error| panic!("run: {error}"));
    Run { ticket, deployment: Arc::new(deployment) }
}

fn to_value(it: &impl Serialize) -> Value {
    serde_json::to_value(it).unwrap_or_else(|error| panic!("{error}"))
}

fn read(file: &Path) -> Value {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// RFC 7396: objects are merged, `null` removes, everything else replaces.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(fields) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let Some(object) = target.as_object_mut() else { return };
    for (name, change) in fields {
        if change.is_null() {
            object.remove(&name);
        } else {
            merge(object.entry(name).or_insert(Value::Null), change);
        }
    }
}
