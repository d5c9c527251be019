//! Limits of the set-up's numbers, and what an expectation may name.

use mmdr_core::{Ending, Kind, calls};
use toml::{Table, Value};

use super::super::Expect;
use super::Mistakes;
use super::sentence::{nearest, shown};
use crate::judges::Judges;

/// Knob, least, most. Other numbers are times: up to a day.
const KNOBS: &[(&str, i64, i64)] = &[
    ("people", 1, 10_000),
    ("message_every_s", 1, 86_400),
    // A year and a half of daily indices; a Mattermost aggregates them long before.
    ("daily_indices", 1, 1_000),
    ("search_history", 0, 1_000),
    ("search_orphans", 0, 1_000),
    ("failed_files", 0, 1_000_000),
];
const DAY_S: i64 = 86_400;

/// Every number of `[setup]` lies within what a world can be made of. What does not is told of and taken out.
pub(super) fn setup(setup: &mut Table, mistakes: &mut Mistakes) {
    setup.retain(|field, value| {
        let (least, most) = limits(field);
        let numbers = match value {
            Value::Array(list) => list.iter().filter_map(Value::as_integer).collect(),
            value => Vec::from_iter(value.as_integer()),
        };
        let beyond = numbers.into_iter().find(|number| !(least..=most).contains(number));
        if let Some(number) = beyond {
            mistakes.add(&format!("setup.{field}"), format!("a whole number from {least} to {most}"), number);
        }
        beyond.is_none()
    });
}

fn limits(field: &str) -> (i64, i64) {
    match KNOBS.iter().find(|(knob, ..)| *knob == field) {
        Some((_, least, most)) => (*least, *most),
        None if field.ends_with("_s") => (0, DAY_S),
        None if field.ends_with("_ms") => (0, DAY_S * 1_000),
        None if field.ends_with("_minutes") => (0, 59),
        // No number, or no knob: told elsewhere.
        None => (i64::MIN, i64::MAX),
    }
}

/// What is expected can be found at all: a misspelt ending would fail a story that ends well, a misspelt call would
/// never be counted.
pub(super) fn expect(expect: &Expect, mistakes: &mut Mistakes) {
    for (number, run) in expect.runs.iter().flatten().enumerate() {
        if !is_ending(run) {
            let endings: Vec<&str> = Ending::ALL.iter().map(|ending| ending.as_str()).collect();
            let expected = format!("\"kind: ending\" with an ending of {}", endings.join(", "));
            mistakes.add(&format!("expect.runs[{number}]"), expected, format!("{:?}", shown(run)));
        }
    }
    let methods: Vec<&str> = calls::ALL.iter().map(|call| call.method).collect();
    for method in expect.calls_at_most.keys().filter(|method| !methods.contains(&method.as_str())) {
        named(&format!("expect.calls_at_most.{method}"), "a port's method", method, &methods, mistakes);
    }
    let judges = Judges::default().names();
    if let Some(judge) = expect.judge_fails.as_ref().filter(|judge| !judges.contains(&judge.as_str())) {
        named("expect.judge_fails", &format!("one of {}", judges.join(", ")), judge, &judges, mistakes);
    }
    for (field, words) in [("told", &expect.told), ("not_told", &expect.not_told)] {
        if words.iter().any(|words| words.trim().is_empty()) {
            mistakes.add(&format!("expect.{field}"), "words to look for", "an empty text");
        }
        for wrong in words.iter().filter_map(|words| placeholder(words)) {
            mistakes.add(&format!("expect.{field}"), "no name in braces but {home} and {away}", format!("{wrong:?}"));
        }
    }
    if let (Some(least), Some(most)) = (expect.lost_at_least, expect.lost_at_most)
        && least > most
    {
        mistakes.add("expect.lost_at_least", format!("at most lost_at_most ({most})"), least);
    }
}

/// A word in braces that stands for nothing.
fn placeholder(words: &str) -> Option<String> {
    let names = words.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    let plain = |name: &str| !name.is_empty() && name.bytes().all(|it| it.is_ascii_lowercase());
    let unknown = |name: &str| plain(name) && !["home", "away"].contains(&name);
    names.map(|(name, _)| name).find(|name| unknown(name)).map(|name| format!("{{{name}}}"))
}

fn named(path: &str, expected: &str, word: &str, known: &[&str], mistakes: &mut Mistakes) {
    let near = nearest(word, known).map_or_else(String::new, |near| format!(" (did you mean {near}?)"));
    mistakes.add(path, expected, format!("{:?}{near}", shown(word)));
}

/// `failover: healthy`, or `failover: no report, execution failed`.
fn is_ending(run: &str) -> bool {
    let Some((kind, ending)) = run.split_once(": ") else { return false };
    let known = ending.parse::<Ending>().is_ok() || ending.starts_with("no report, execution ");
    kind.parse::<Kind>().is_ok_and(|kind| kind != Kind::Standing) && known
}
