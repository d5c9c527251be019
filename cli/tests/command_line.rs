//! What the built binary answers, and with which exit code: 0 it is well, 1 the story did not end as its file says, 2 the
//! input is bad and nothing was started or written.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A story that is over in seconds and ends as it says.
const GOOD: &str = r#"title = "Nothing but a look"
story = "Readiness is checked, and a person is told."
minutes = 20

[setup]
people = 5
daily_indices = 2

[[then]]
at = "1:00"
do = "start"
kind = "verify-backups"
to = "home"
reason = "daily"

[expect]
runs = ["verify-backups: healthy"]
writer = "home"
"#;

/// An empty folder of this test's own.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("command-line").join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn mmdr(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mmdr")).args(arguments).current_dir(folder).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What lies in a folder, by name.
fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Runs it with bad input in `folder`: exit code 2, these words on standard error, nothing on standard output, and
/// nothing written.
fn refused_in(folder: &Path, arguments: &[&str], words: &[&str]) -> String {
    let before = files(folder);
    let output = mmdr(folder, arguments);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
    for words in words {
        assert!(said.contains(words), "{arguments:?}: expected {words:?} in: {said}");
    }
    assert_eq!(text(&output.stdout), "", "{arguments:?}");
    assert_eq!(files(folder), before, "{arguments:?} wrote something");
    said
}

fn refused(test: &str, arguments: &[&str], words: &[&str]) -> String {
    refused_in(&folder(test), arguments, words)
}

#[test]
fn no_arguments_at_all_get_the_usage() {
    refused("no-arguments", &[], &["Usage: mmdr <COMMAND>", "rehearse"]);
}

#[test]
fn an_unknown_subcommand_gets_the_nearest_one() {
    refused("unknown-subcommand", &["rehears"], &["unrecognized subcommand 'rehears'", "'rehearse'"]);
}

#[test]
fn an_unknown_option_gets_the_nearest_one() {
    refused("unknown-option", &["rehearse", "--dryrun"], &["unexpected argument '--dryrun'", "'--dry-run'"]);
}

#[test]
fn a_word_without_its_option_is_refused() {
    refused("stray-word", &["rehearse", "planned-move"], &["unexpected argument 'planned-move'"]);
}

#[test]
fn a_seed_that_is_no_number_is_refused() {
    refused("seed-abc", &["rehearse", "--seed", "abc"], &["invalid value 'abc' for '--seed <SEED>'"]);
}

#[test]
fn a_seed_below_nought_is_refused() {
    refused("seed-negative", &["rehearse", "--seed=-1"], &["invalid value '-1' for '--seed <SEED>'"]);
}

#[test]
fn an_option_without_its_value_is_refused() {
    refused("no-value", &["rehearse", "--scenario"], &["a value is required for '--scenario <NAME or FILE>'"]);
}

#[test]
fn an_option_twice_is_refused() {
    let arguments = ["rehearse", "--seed", "1", "--seed", "2"];
    refused("twice", &arguments, &["'--seed <SEED>' cannot be used multiple times"]);
}

#[test]
fn one_scenario_and_all_of_them_exclude_each_other() {
    let arguments = ["rehearse", "--all", "--scenario", "planned-move"];
    refused("all-and-one", &arguments, &["'--all' cannot be used with '--scenario <NAME or FILE>'"]);
}

#[test]
fn all_scenarios_have_neither_one_report_nor_one_result() {
    refused("all-json", &["rehearse", "--all", "--json"], &["'--all' cannot be used with '--json'"]);
    let arguments = ["rehearse", "--all", "--report", "x.html"];
    refused("all-report", &arguments, &["'--all' cannot be used with '--report <PATH>'"]);
}

#[test]
fn a_scenario_that_is_neither_shipped_nor_a_file_is_refused() {
    let words = "mmdr: --scenario: expected a shipped name (see --list) or a file, found \"planned-mvoe\"";
    refused("no-scenario", &["rehearse", "--scenario", "planned-mvoe"], &[words]);
}

#[test]
fn a_folder_is_no_scenario() {
    let words = "mmdr: --scenario: expected a readable text file, found . (a folder)";
    refused("folder-as-scenario", &["rehearse", "--scenario", "."], &[words]);
}

#[test]
fn a_scenario_that_is_no_text_is_refused() {
    let folder = folder("no-text");
    fs::write(folder.join("s.toml"), b"title = \"\xff\"").unwrap();
    let words = "mmdr: --scenario: expected a readable text file, found s.toml (no UTF-8 after 9 bytes)";
    refused_in(&folder, &["rehearse", "--scenario", "s.toml"], &[words]);
}

#[test]
fn a_scenario_that_is_far_too_large_is_not_read_to_its_end() {
    let folder = folder("large");
    fs::write(folder.join("s.toml"), vec![b' '; 3 * 1024 * 1024]).unwrap();
    refused_in(&folder, &["rehearse", "--scenario", "s.toml"], &["found s.toml (more than 1048576 bytes)"]);
    fs::write(folder.join("s.toml"), vec![b' '; 70_000]).unwrap();
    let words = "mmdr: s: expected at most 65536 bytes, found 70000";
    refused_in(&folder, &["rehearse", "--scenario", "s.toml"], &[words]);
}

#[test]
fn every_mistake_of_a_scenario_is_told_and_nothing_is_begun() {
    let folder = folder("bad-scenario");
    let bad = GOOD.replace("minutes = 20", "minutes = 0").replace("do = \"start\"", "do = \"strat\"");
    fs::write(folder.join("mine.toml"), bad.replace("writer", "writters")).unwrap();
    let words = [
        "mine: minutes: expected a whole number from 1 to 1440, found 0",
        "mine: then[0] (strat).do: expected one of region-dark, ",
        "found \"strat\" (did you mean start?)",
        "mine: expect.writters: expected one of the fields runs, writer, ",
    ];
    refused_in(&folder, &["rehearse", "--scenario", "mine.toml"], &words);
}

#[test]
fn a_scenario_whose_policy_breaks_the_documents_rules_is_refused_before_its_title_is_printed() {
    let folder = folder("bad-policy");
    fs::write(folder.join("mine.toml"), GOOD.replace("[setup]", "[policy]\napproval = \"never\"\n[setup]")).unwrap();
    let words = "mmdr: mine: the document, as [policy] and [deployment] change it: witnesses.third_region: expected";
    refused_in(&folder, &["rehearse", "--scenario", "mine.toml"], &[words]);
}

#[test]
fn a_document_that_is_not_there_is_refused() {
    let words = "mmdr: --deployment: expected a readable text file, found mine.toml (";
    refused("no-document", &["rehearse", "--deployment", "mine.toml"], &[words]);
}

#[test]
fn a_folder_is_no_document() {
    let words = "mmdr: --deployment: expected a readable text file, found . (a folder)";
    refused("folder-as-document", &["rehearse", "--deployment", "."], &[words]);
}

#[test]
fn a_document_that_is_no_toml_is_told_where() {
    let folder = folder("no-toml");
    fs::write(folder.join("mine.toml"), "version = 1\nname = acme\n").unwrap();
    let words = ["mmdr: mine.toml:\nline 2, column 8: expected well-formed TOML, found a syntax error ("];
    refused_in(&folder, &["rehearse", "--deployment", "mine.toml"], &words);
}

#[test]
fn a_document_with_three_mistakes_gets_three_sentences() {
    let folder = folder("three-mistakes");
    let good = include_str!("../../examples/seed-runbook.toml");
    let bad = good.replace("name = \"acme-chat\"", "name = 7").replace("us-east-1\"", "us-east-one\"");
    fs::write(folder.join("mine.toml"), format!("colour = \"red\"\n{bad}")).unwrap();
    let words = ["\ncolour: expected ", "\nname: expected text, found ", "\nregions[1].name: expected "];
    let said = refused_in(&folder, &["rehearse", "--deployment", "mine.toml"], &words);
    assert!(said.starts_with("mmdr: mine.toml:\n"), "{said}");
}

#[test]
fn a_document_in_json_is_told_where_it_ends_to_be_json() {
    let folder = folder("no-json");
    fs::write(folder.join("mine.json"), "{\"version\": 1,}").unwrap();
    let words = ["mmdr: mine.json:\nline 1, column 15: expected well-formed JSON, found a syntax error ("];
    refused_in(&folder, &["rehearse", "--deployment", "mine.json"], &words);
}

#[test]
fn a_document_is_read_as_what_it_holds_whatever_its_file_is_called() {
    let folder = folder("other-name");
    fs::write(folder.join("mine.toml"), "{\"version\": 1,}").unwrap();
    let words = ["mmdr: mine.toml:\nline 1, column 15: expected well-formed JSON, found a syntax error ("];
    refused_in(&folder, &["rehearse", "--deployment", "mine.toml"], &words);
    fs::write(folder.join("mine.json"), "version = 1\nname = acme\n").unwrap();
    let words = ["mmdr: mine.json:\nline 2, column 8: expected well-formed TOML, found a syntax error ("];
    refused_in(&folder, &["rehearse", "--deployment", "mine.json"], &words);
}

#[test]
fn a_report_that_cannot_be_written_is_told_before_the_story() {
    let folder = folder("report");
    fs::write(folder.join("file"), "kept").unwrap();
    let words = "mmdr: --report: expected a path that can be written, found file/report.html (";
    refused_in(&folder, &["rehearse", "--report", "file/report.html"], &[words]);
    refused_in(
        &folder,
        &["rehearse", "--report", "."],
        &["mmdr: --report: expected a path that can be written, found . ("],
    );
    assert_eq!(fs::read_to_string(folder.join("file")).unwrap(), "kept");
}

#[cfg(unix)]
#[test]
fn a_device_is_never_replaced_by_a_report() {
    let words = "mmdr: --report: expected a path that can be written, found /dev/null (a folder or a device)";
    refused("report-device", &["rehearse", "--report", "/dev/null"], &[words]);
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_printed_is_no_success() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_mmdr"));
    let output = command.args(["rehearse", "--list"]).current_dir(folder("full")).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with("mmdr: standard output: expected to write to it, found "));
}

#[test]
fn a_benchmark_of_nothing_is_refused() {
    refused("bench-0", &["bench", "--stories", "0"], &["invalid value '0' for '--stories <STORIES>'"]);
    let words = "mmdr: --scenario: expected a shipped name, found \"nothing\"";
    refused("bench-scenario", &["bench", "--scenario", "nothing"], &[words]);
}

#[test]
fn the_list_has_a_line_with_a_title_for_each_shipped_scenario() {
    let folder = folder("list");
    let output = mmdr(&folder, &["rehearse", "--list"]);
    assert_eq!(output.status.code(), Some(0));
    let said = text(&output.stdout);
    let listed: Vec<&str> = said.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let shipped = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../world/scenarios"));
    let mut shipped: Vec<&str> = shipped.iter().filter_map(|name| name.strip_suffix(".toml")).collect();
    shipped.sort_unstable();
    assert_eq!(listed, shipped);
    assert!(said.lines().all(|line| line.split_whitespace().count() > 1), "{said}");
    assert!(files(&folder).is_empty());
}

#[test]
fn a_story_that_ends_as_its_file_says_exits_with_0_and_leaves_its_report() {
    let folder = folder("good");
    fs::write(folder.join("mine.toml"), GOOD).unwrap();
    let output = mmdr(&folder, &["rehearse", "--scenario", "mine.toml", "--report", "new/report.html"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert!(text(&output.stdout).starts_with("Nothing but a look\n"));
    let report = fs::read_to_string(folder.join("new/report.html")).unwrap();
    assert!(report.to_lowercase().starts_with("<!doctype html>"));
    assert_eq!(files(&folder), ["mine.toml", "new"]);
}

#[test]
fn a_story_that_does_not_end_as_its_file_says_exits_with_1_and_says_how() {
    let folder = folder("not-as-it-says");
    fs::write(folder.join("mine.toml"), GOOD.replace("writer = \"home\"", "writer = \"away\"")).unwrap();
    let output = mmdr(&folder, &["rehearse", "--scenario", "mine.toml"]);
    assert_eq!(output.status.code(), Some(1));
    let words = "writer: expected us-east-1 to write, found us-west-1";
    assert!(text(&output.stdout).contains(words), "{}", text(&output.stdout));
}

#[test]
fn a_judge_that_complains_makes_the_exit_code_1() {
    let folder = folder("sabotage");
    let sabotage = "[[then]]\nat = \"0:30\"\ndo = \"sabotage\"\njudge = \"one-writer\"\n\n[expect]";
    fs::write(folder.join("mine.toml"), GOOD.replace("[expect]", sabotage)).unwrap();
    let output = mmdr(&folder, &["rehearse", "--scenario", "mine.toml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("judge one-writer"), "{}", text(&output.stdout));
}

#[test]
fn the_result_for_machines_is_json_and_nothing_else() {
    let folder = folder("json");
    fs::write(folder.join("mine.toml"), GOOD).unwrap();
    let output = mmdr(&folder, &["rehearse", "--scenario", "mine.toml", "--json", "--seed", "7"]);
    assert_eq!(output.status.code(), Some(0));
    let result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&result["scenario"], &result["seed"], &result["well"]), (&"mine".into(), &7.into(), &true.into()));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn the_result_for_machines_says_what_is_not_as_the_file_says() {
    let folder = folder("json-not-well");
    fs::write(folder.join("mine.toml"), GOOD.replace("verify-backups: healthy", "verify-backups: findings")).unwrap();
    let output = mmdr(&folder, &["rehearse", "--scenario", "mine.toml", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["well"], false);
    assert!(!result["not_as_the_file_says"].as_array().unwrap().is_empty());
}

#[test]
fn the_version_and_the_help_are_well() {
    for arguments in [["--version"].as_slice(), &["--help"], &["rehearse", "--help"], &["bench", "--help"]] {
        let output = mmdr(&folder("help"), arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(text(&output.stdout).contains("mmdr"), "{arguments:?}");
    }
}
