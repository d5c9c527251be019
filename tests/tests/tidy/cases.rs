//! The decision cases of each step.

use std::collections::BTreeSet;
use std::fs;

use crate::names::steps;
use crate::runbook::reasons;
use crate::tree::{folders, none, root, text};

/// Fewest cases of a step.
const FEWEST: usize = 8;

#[test]
fn every_step_has_enough_decision_cases() {
    let mut found = Vec::new();
    for step in steps() {
        let path = format!("functions/{step}/cases");
        let count = if root().join(&path).is_dir() { folders(&path).len() } else { 0 };
        if count < FEWEST {
            found.push(format!("{path}: {count}"));
        }
    }
    none(&format!("a step has {FEWEST} cases or more"), &found);
}

#[test]
fn every_case_has_what_was_looked_at_and_what_is_decided_and_nothing_else() {
    let mut found = Vec::new();
    for path in cases() {
        let entries = fs::read_dir(root().join(&path)).unwrap().flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        if names != ["observed.json", "verdict.json"] {
            found.push(format!("{path}: {}", names.join(", ")));
        }
    }
    none("a case is observed.json and verdict.json", &found);
}

#[test]
fn a_case_is_called_by_a_sentence_about_behaviour() {
    let is_sentence = |path: &String| {
        let name = path.rsplit('/').next().unwrap_or_default();
        let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        plain && name.split('-').filter(|word| !word.is_empty()).count() >= 3
    };
    let found: Vec<String> = cases().into_iter().filter(|path| !is_sentence(path)).collect();
    none("a case's name is a sentence in small letters with hyphens", &found);
}

#[test]
fn every_reason_to_wait_and_to_stop_is_reached_by_a_case_or_by_a_test_of_its_step() {
    let mut found = Vec::new();
    for step in folders("functions") {
        let folder = format!("functions/{step}/cases/");
        let mine = cases().into_iter().filter(|path| path.starts_with(&folder));
        let verdicts: String = mine.map(|path| text(&format!("{path}/verdict.json"))).collect();
        let refused = refused(&step);
        let tests: String = ["tests", "start_tests"]
            .iter()
            .filter_map(|name| fs::read_to_string(root().join(format!("functions/{step}/src/{name}.rs"))).ok())
            .collect();
        for reason in reasons(&step) {
            let decided = verdicts.contains(&format!("\"{reason}\""));
            let tested = tests.contains(&format!("::{reason}")) || tests.contains(&format!("\"{reason}\""));
            if !decided && !tested && !refused.contains(&reason) {
                found.push(format!("{step}: {reason}"));
            }
        }
    }
    none("every reason is reached", &found);
}

/// The reasons that the step's bad events are answered with: `bad/<what>.sentence` is `<Reason>: <sentence>`, which a test of
/// the step holds against the answer to the event beside it.
fn refused(step: &str) -> BTreeSet<String> {
    let folder = root().join(format!("functions/{step}/bad"));
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let events = entries.filter(|path| path.extension().is_some_and(|ending| ending == "event"));
    let sentences = events.filter_map(|event| fs::read_to_string(event.with_extension("sentence")).ok());
    sentences.filter_map(|sentence| Some(sentence.split_once(": ")?.0.to_owned())).collect()
}

fn cases() -> Vec<String> {
    let steps = folders("functions").into_iter().map(|step| format!("functions/{step}/cases"));
    let steps = steps.filter(|path| root().join(path).is_dir());
    steps.flat_map(|path| folders(&path).into_iter().map(move |case| format!("{path}/{case}"))).collect()
}
