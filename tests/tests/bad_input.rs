//! Bad input is answered with sentences, by name, and changes nothing.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "MMDR_UPDATE=1 rewrites the sentences")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use mmdr_core::calls::{self, Does};
use mmdr_core::{Deployment, Kind, Ledger};
use mmdr_world::driver::Driver;
use mmdr_world::model::setup::Setup;
use mmdr_world::peace::BEGINS_MS;
use mmdr_world::rehearsal::{Rehearsal, machines};
use mmdr_world::scenario::Scenario;
use mmdr_world::sim::Sim;
use serde_json::Value;

fn bad(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("bad").join(folder)
}

/// Each case's name and folder, in the order of the names.
fn cases(folder: &str) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(bad(folder)).unwrap().map(|entry| entry.unwrap());
    let mut cases: Vec<_> = entries.map(|it| (it.file_name().to_string_lossy().into_owned(), it.path())).collect();
    cases.sort();
    cases
}

/// Holds what was found against the case's `sentence.txt`, or rewrites it where `MMDR_UPDATE` is set.
fn hold(name: &str, folder: &Path, found: &str, failures: &mut String) {
    let file = folder.join("sentence.txt");
    if env::var("MMDR_UPDATE").is_ok() {
        fs::write(&file, format!("{found}\n")).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    if expected.trim_end() != found {
        writeln!(failures, "{name}\n  expected {}\n  found    {found}", expected.trim_end()).unwrap();
    }
}

/// A scenario as the command line takes it: read, then set up on the example's document.
fn set_up(name: &str, text: &str) -> Result<Rehearsal, String> {
    let scenario = Scenario::from_toml(name, text).map_err(|bad| bad.to_string())?;
    Rehearsal::new(Arc::new(scenario), &Deployment::seed_example().unwrap(), &machines().unwrap(), 1, true)
}

#[test]
fn every_bad_scenario_is_answered_with_its_sentences_before_anything_starts() {
    let cases = cases("scenarios");
    assert!(cases.len() >= 40, "{} cases", cases.len());
    let mut failures = String::new();
    for (name, folder) in cases {
        let text = fs::read_to_string(folder.join("scenario.toml")).unwrap();
        let found = set_up("scenario", &text).err().unwrap_or_else(|| "nothing: the scenario was set up".into());
        hold(&name, &folder, &found, &mut failures);
    }
    assert!(failures.is_empty(), "these sentences differ (read each, then MMDR_UPDATE=1):\n{failures}");
}

#[test]
fn every_sentence_about_a_scenario_says_what_was_expected_and_what_was_found() {
    for (name, folder) in cases("scenarios") {
        for line in fs::read_to_string(folder.join("sentence.txt")).unwrap().lines() {
            let whole = line.starts_with("scenario: ") && line.contains(": expected ") && line.contains(", found ");
            assert!(whole, "{name}: {line}");
        }
    }
}

#[test]
fn a_scenario_of_more_than_64_kib_is_not_parsed() {
    let text = format!("title = \"x\"\nstory = \"{}\"\n", "long ".repeat(14_000));
    let sentence = Scenario::from_toml("long", &text).unwrap_err().to_string();
    assert_eq!(sentence, "long: expected at most 65536 bytes, found 70023");
}

#[test]
fn a_scenario_with_thousands_of_mistakes_gets_few_sentences() {
    let mut text = "title = \"x\"\nstory = \"x\"\n".to_owned();
    text.extend((0..3_000).map(|_| "[[then]]\nat = 7\n"));
    let sentences = Scenario::from_toml("many", &text).unwrap_err().to_string();
    assert_eq!(sentences.lines().count(), 21);
    assert_eq!(sentences.lines().last(), Some("many: and 5980 more mistakes"));
}

#[test]
fn every_word_for_what_happens_that_the_readme_lists_is_one_and_none_is_left_out() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap();
    let list = readme.split("`do` is one of: ").nth(1).unwrap().split("\n\n").next().unwrap();
    // A name in parentheses is a field; what stands outside them is a word.
    let mut depth = 0_usize;
    let mut outside = String::new();
    for letter in list.chars() {
        depth = if letter == '(' { depth + 1 } else { depth.saturating_sub(usize::from(letter == ')')) };
        if depth == 0 {
            outside.push(letter);
        }
    }
    let told: Vec<&str> = outside.split('`').skip(1).step_by(2).collect();
    let text = "title = \"x\"\nstory = \"x\"\n[[then]]\nat = \"0:00\"\ndo = \"nonsense\"\n";
    let sentence = Scenario::from_toml("s", text).unwrap_err().to_string();
    let known = sentence.split("expected one of ").nth(1).unwrap().split(", found").next().unwrap();
    assert_eq!(told, known.split(", ").collect::<Vec<_>>());
}

/// Everything that a bad input must leave as it is.
fn state(driver: &Driver) -> (u32, [Option<Ledger>; 2], usize) {
    let sim = driver.sim.borrow();
    let changes =
        |(_, method): &(usize, &str)| calls::ALL.iter().any(|call| call.method == *method && call.does == Does::Change);
    let count = sim.counts.iter().filter(|(key, _)| changes(key)).map(|(_, count)| count).sum();
    (count, [0, 1].map(|ix| sim.model.objects.peek(ix).cloned()), sim.model.database.writer())
}

/// What a reader of the execution sees, line by line; and that nothing was changed by it. `start` is `machine` (a kind of
/// run, or answer-approval), `console` (the Region in which the person stands: 0 writes, 1 is the standby) and `input`.
fn told(start: &Value) -> String {
    let deployment = Arc::new(Deployment::seed_example().unwrap());
    let sim = Sim::at_peace(deployment, &Setup { people: 1, ..Setup::default() }, 0, 1, true).unwrap();
    let mut driver = Driver::new(sim, machines().unwrap());
    let before = state(&driver);
    let machine = start["machine"].as_str().unwrap();
    let kind = machine.parse::<Kind>().ok();
    assert!(kind.is_some() || machine == "answer-approval", "{machine}");
    let console = usize::from(start["console"] == 1);
    assert!(driver.start_by_hand(console, kind, "bad-1", &start["input"]));
    // The standing duties begin after 20 s; what a bad input brings is over long before.
    driver.run(BEGINS_MS + 15_000, &mut |_| {}, &mut |_| false);
    assert!(!driver.anything_runs(), "the execution still runs");
    assert_eq!(state(&driver), before, "something was changed");
    let sim = driver.sim.borrow();
    let lines: Vec<&str> = sim.story.lines.iter().map(|line| line.text.as_str()).collect();
    lines.join("\n")
}

#[test]
fn every_bad_start_from_the_console_ends_by_name_and_changes_nothing() {
    let cases = cases("starts");
    assert!(cases.len() >= 20, "{} cases", cases.len());
    let mut failures = String::new();
    for (name, folder) in cases {
        let start: Value = serde_json::from_str(&fs::read_to_string(folder.join("start.json")).unwrap()).unwrap();
        let found = told(&start);
        // What can be read and must not be done is refused: with a report, where there is a run to report of.
        let refused = found.contains("(Refuse)") && found.contains("close-run: refused");
        let failed = [": Dr.BadInput: ", "(Refuse)"].iter().any(|it| found.contains(it));
        let failed = failed && found.contains("execution bad-1 failed: Dr.");
        if !(refused || failed) {
            writeln!(failures, "{name}: ended without a name and a sentence: {found}").unwrap();
        }
        hold(&name, &folder, &found, &mut failures);
    }
    assert!(failures.is_empty(), "these differ (read each, then MMDR_UPDATE=1):\n{failures}");
}

#[test]
fn a_good_start_does_change_something_so_that_the_tests_above_could_fail() {
    let deployment = Arc::new(Deployment::seed_example().unwrap());
    let sim = Sim::at_peace(deployment, &Setup { people: 1, ..Setup::default() }, 0, 1, true).unwrap();
    let mut driver = Driver::new(sim, machines().unwrap());
    let before = state(&driver);
    let input = serde_json::json!({ "kind": "switchover", "to": "us-east-1", "reason": "exercise" });
    assert!(driver.start_by_hand(1, Some(Kind::Switchover), "good-1", &input));
    driver.run(BEGINS_MS + 15_000, &mut |_| {}, &mut |_| false);
    assert_ne!(state(&driver), before);
}
