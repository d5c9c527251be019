//! Decision cases, the table's own rules, and the map from the runbook.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use mmdr_cases::Nobody;
use mmdr_core::StepName;

use super::*;

const MAP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/runbook-map.md");
const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../world/scenarios");

#[test]
fn every_decision_case_holds() {
    assert!(mmdr_cases::check::<CheckReadiness<Nobody, Nobody>>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases")) >= 30);
}

#[test]
fn the_table_has_thirty_checks_or_more_each_with_its_own_name_and_every_column_filled() {
    let names: Vec<&str> = checks::all().map(|check| check.name).collect();
    let unique: BTreeSet<&str> = names.iter().copied().collect();
    assert!(names.len() >= 30 && unique.len() == names.len(), "{} names, {} of them unique", names.len(), unique.len());
    for check in checks::all() {
        assert!(is_word(check.name), "{}", check.name);
        assert!(!check.proves.is_empty() && !check.covers.is_empty() && !check.mend.is_empty(), "{}", check.name);
    }
}

#[test]
fn the_gate_asks_only_critical_checks() {
    for check in checks::all() {
        assert!(decide::is_gate_worthy(check), "{} may stop a switchover and is not critical", check.name);
    }
}

#[test]
fn what_a_resumed_run_need_not_show_again_is_in_the_table() {
    for name in decide::stopped_before() {
        assert!(checks::all().any(|check| check.name == *name && check.gate != Gate::No), "{name}");
    }
}

fn is_word(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// A step, a check of the table, or a scenario that is shipped.
fn is_known(name: &str) -> bool {
    let is_shipped = |name: &str| is_word(name) && Path::new(SCENARIOS).join(format!("{name}.toml")).is_file();
    name.parse::<StepName>().is_ok()
        || checks::all().any(|check| check.name == name)
        || name.strip_prefix("scenario: ").is_some_and(is_shipped)
}

/// What is wrong with one row of the map.
fn mistakes(row: &str) -> Vec<String> {
    let cells: Vec<&str> = row.trim().trim_matches('|').split('|').map(str::trim).collect();
    if cells.len() != 4 || cells.iter().any(|cell| cell.is_empty()) {
        return vec![format!("expected four filled cells: {row}")];
    }
    let (names, by_hand) = by_hand(cells[2]);
    let mut wrong = Vec::new();
    if by_hand.is_some_and(|sentence| sentence.split_whitespace().count() < 5 || sentence.contains('`')) {
        wrong.push(format!("expected a sentence after \"by hand:\" in {row}"));
    }
    for name in names.iter().flat_map(|names| names.split(", ")) {
        let plain = name.strip_prefix('`').and_then(|name| name.strip_suffix('`'));
        if !plain.is_some_and(is_known) {
            wrong.push(format!("neither a step, a check nor a shipped scenario: {name} in {row}"));
        }
    }
    wrong
}

/// The names of a cell, and what a person does: `names`, `names; by hand: sentence`, or `by hand: sentence`.
fn by_hand(cell: &str) -> (Option<&str>, Option<&str>) {
    match cell.split_once("by hand: ") {
        Some(("", sentence)) => (None, Some(sentence)),
        Some((names, sentence)) => (Some(names.strip_suffix("; ").unwrap_or(names)), Some(sentence)),
        None => (Some(cell), None),
    }
}

#[test]
fn every_step_of_the_runbook_is_a_step_a_check_or_a_scenario_here_or_plainly_by_hand() {
    let map = fs::read_to_string(MAP).unwrap();
    let is_head = |row: &&str| row.starts_with("| Step |") || row.starts_with("|---");
    let rows: Vec<&str> = map.lines().filter(|line| line.starts_with('|')).filter(|row| !is_head(row)).collect();
    assert!(rows.len() >= 80, "{} rows", rows.len());
    let wrong: Vec<String> = rows.iter().flat_map(|row| mistakes(row)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_map_s_own_test_finds_what_is_wrong() {
    assert!(mistakes("| A | b | `flip-dns` | c |").is_empty());
    assert!(!mistakes("| A | b |  | c |").is_empty());
    assert!(!mistakes("| A | b | `flip-the-dns` | c |").is_empty());
    assert!(mistakes("| A | b | `scenario: planned-move` | c |").is_empty());
    assert!(!mistakes("| A | b | `scenario: ` | c |").is_empty());
    assert!(!mistakes("| A | b | `scenario: no-such-story` | c |").is_empty());
    assert!(mistakes("| A | b | by hand: a person does it alone | c |").is_empty());
    assert!(mistakes("| A | b | `flip-dns`; by hand: a person does the rest | c |").is_empty());
    assert!(!mistakes("| A | b | by hand: | c |").is_empty());
    assert!(!mistakes("| A | b | by hand: somebody | c |").is_empty());
    assert!(!mistakes("| A | b | `flip-the-dns`; by hand: a person does the rest | c |").is_empty());
    assert!(!mistakes("| A | b | flip-dns | c |").is_empty());
}

#[test]
fn every_check_stands_in_the_map_or_covers_a_trap_that_the_runbook_does_not_name() {
    let map = fs::read_to_string(MAP).unwrap();
    for check in checks::all() {
        let named = map.contains(&format!("`{}`", check.name));
        assert!(named || check.covers.starts_with("trap:"), "{} covers {:?}", check.name, check.covers);
    }
}
