//! What source keeps to: sizes, no clock, nothing left undone.

use crate::tree::{File, none, rust_files};

/// Longest file of source, in lines. Aim at fewer than 330.
const LONGEST_FILE: usize = 400;
/// Longest `main.rs` of a function: wire and run.
const LONGEST_MAIN: usize = 30;
/// Longest line of Rust, in characters; rustfmt breaks code at 120 and leaves comments and long literals alone.
const LONGEST_LINE: usize = 150;

/// Files that may be longer, with the reason.
const LONGER: &[(&str, &str)] = &[];

/// Where a clock, a sleep, the environment or chance may be asked for, with the reason.
const IMPURE: &[(&str, &str, &str)] = &[
    ("shared/cases/src/lib.rs", "env::var", "a test's MMDR_UPDATE rewrites the verdicts"),
    ("functions/start-move/src/tests.rs", "env::var", "a test's MMDR_UPDATE rewrites the sentences"),
];

/// Crates at the edge, where the clock, the environment and the network are.
const EDGES: [&str; 3] = ["shared/aws/", "shared/lambda/", "world/wire/"];

/// What asks for a clock, a sleep, the environment or chance.
const ASKS: [&str; 10] = [
    "std::time",
    "core::time",
    "Instant",
    "SystemTime",
    "thread::sleep",
    "env::var",
    "env::var_os",
    "env::vars",
    "env::args",
    "rand",
];

#[test]
fn no_file_of_source_is_longer_than_a_reader_can_hold() {
    let files = rust_files();
    let long = |file: &&File| {
        let bound = if is_main(file) { LONGEST_MAIN } else { LONGEST_FILE };
        file.is_source_of(&["functions", "shared", "world", "cli"]) && file.lines().count() > bound
    };
    let is_excepted = |file: &File| LONGER.iter().any(|(path, _)| *path == file.path);
    let mut found: Vec<String> = Vec::new();
    for file in files.iter().filter(long).filter(|file| !is_excepted(file)) {
        found.push(format!("{}: {} lines", file.path, file.lines().count()));
    }
    let needed = |path: &str| files.iter().filter(long).any(|file| file.path == path);
    found
        .extend(LONGER.iter().filter(|(path, _)| !needed(path)).map(|(path, _)| format!("{path}: needs no exception")));
    none(&format!("a file has {LONGEST_FILE} lines at most, a function's main.rs {LONGEST_MAIN}"), &found);
}

fn is_main(file: &File) -> bool {
    file.path.starts_with("functions/") && file.path.ends_with("/main.rs")
}

#[test]
fn no_line_of_rust_is_too_long() {
    let mut found = Vec::new();
    for file in rust_files() {
        let long = file.lines().filter(|(_, line)| line.chars().count() > LONGEST_LINE);
        found.extend(long.map(|(number, line)| format!("{}:{number}: {}", file.path, line.chars().count())));
    }
    none(&format!("a line has {LONGEST_LINE} characters at most"), &found);
}

#[test]
fn nothing_that_decides_or_simulates_asks_for_a_clock_a_sleep_the_environment_or_chance() {
    let mut found = Vec::new();
    let mut used = Vec::new();
    let is_edge = |file: &&File| EDGES.iter().any(|edge| file.path.starts_with(edge));
    let files = rust_files();
    let inner = files.iter().filter(|file| file.is_source_of(&["functions", "shared", "world"]));
    for file in inner.filter(|file| !is_edge(file)) {
        for (number, line) in file.lines() {
            let code = line.split("//").next().unwrap_or_default();
            for asked in ASKS.into_iter().filter(|word| has_word(code, word)) {
                match IMPURE.iter().find(|(path, word, _)| *path == file.path && *word == asked) {
                    Some(exception) => used.push(exception),
                    None => found.push(format!("{}:{number}: {asked}", file.path)),
                }
            }
        }
    }
    let idle = IMPURE.iter().filter(|exception| !used.contains(exception));
    found.extend(idle.map(|(path, word, _)| format!("{path}: {word} needs no exception")));
    none("the shell supplies `now`, the state machine owns time", &found);
}

/// Whether `word` stands in `line` with no letter, digit or underscore right before or after it.
fn has_word(line: &str, word: &str) -> bool {
    let joins = |it: char| it.is_alphanumeric() || it == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back().is_some_and(joins);
        let after = line[at + word.len()..].chars().next().is_some_and(joins);
        !before && !after
    })
}

#[test]
fn nothing_is_left_undone() {
    // Put together here, so that this file does not hold them.
    let marks = [["TO", "DO"], ["FIX", "ME"], ["todo", "!("], ["unimplemented", "!("], ["dbg", "!("], ["@", "@"]]
        .map(|it| it.concat());
    let mut found = Vec::new();
    for file in crate::tree::files() {
        for (number, line) in file.lines() {
            let left = marks.iter().filter(|mark| line.contains(mark.as_str()));
            found.extend(left.map(|mark| format!("{}:{number}: {mark}", file.path)));
        }
    }
    none("no work is left in the source", &found);
}

#[test]
fn a_word_is_found_only_where_it_stands_alone() {
    assert!(has_word("use rand::Rng;", "rand"));
    assert!(has_word("let now = std::time::Instant::now();", "Instant"));
    assert!(has_word("std::env::var(name)", "env::var"));
    assert!(!has_word("std::env::var_os(name)", "env::var"));
    assert!(!has_word("let brand = operand;", "rand"));
    assert!(!has_word("mod random;", "rand"));
    assert!(!has_word("Instantly", "Instant"));
}
