//! Every shipped story ends as its file says, and its whole transcript is kept.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "MMDR_UPDATE=1 rewrites the transcripts")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use mmdr_core::{Deployment, Time};
use mmdr_world::rehearsal::{Rehearsal, Told, machines};
use mmdr_world::scenario::Scenario;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn scenarios() -> Vec<Scenario> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(root().join("world/scenarios")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
        .iter()
        .map(|file| {
            Scenario::from_toml(&file.file_stem().unwrap().to_string_lossy(), &fs::read_to_string(file).unwrap())
                .unwrap()
        })
        .collect()
}

fn tell(scenario: &Scenario, seed: u64) -> Told {
    let deployment = Deployment::seed_example().unwrap();
    let rehearsal = Rehearsal::new(Arc::new(scenario.clone()), &deployment, &machines().unwrap(), seed, true).unwrap();
    rehearsal.tell(seed, &mut |_, _| {})
}

fn transcript(told: &Told) -> String {
    let mut text = String::new();
    for line in &told.lines {
        writeln!(text, "{} {}", Time(line.at), line.text).unwrap();
    }
    for run in &told.runs {
        writeln!(text, "ended: {} {} {}", run.kind, run.ending, run.name).unwrap();
    }
    writeln!(text, "{:?}", told.figures).unwrap();
    text
}

#[test]
fn there_are_28_shipped_stories_or_more() {
    assert!(scenarios().len() >= 28, "found {}", scenarios().len());
}

#[test]
fn every_shipped_story_ends_as_its_file_says() {
    let mut failures = Vec::new();
    for scenario in scenarios() {
        let told = tell(&scenario, 1);
        failures.extend(told.failed.iter().map(|sentence| format!("{}: {sentence}", scenario.name)));
    }
    assert!(failures.is_empty(), "{} expectations do not hold:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_shipped_story_is_told_word_for_word_as_before() {
    let mut differ = Vec::new();
    for scenario in scenarios() {
        let file = root().join(format!("tests/golden/{}.txt", scenario.name));
        let found = transcript(&tell(&scenario, 1));
        if env::var("MMDR_UPDATE").is_ok() {
            fs::write(&file, &found).unwrap();
        } else if fs::read_to_string(&file).unwrap_or_default() != found {
            differ.push(scenario.name.clone());
        }
    }
    assert!(differ.is_empty(), "transcripts differ (look at each, then MMDR_UPDATE=1): {differ:?}");
}

#[test]
fn the_same_seed_tells_the_same_story_and_another_seed_another_one() {
    for scenario in scenarios()
        .iter()
        .filter(|scenario| ["region-dark", "planned-move", "throttled"].contains(&scenario.name.as_str()))
    {
        let first = transcript(&tell(scenario, 7));
        assert_eq!(first, transcript(&tell(scenario, 7)), "{}", scenario.name);
        assert_ne!(first, transcript(&tell(scenario, 8)), "{}", scenario.name);
    }
}

#[test]
fn each_saboteur_makes_its_judge_fail_the_run_by_name() {
    let text = fs::read_to_string(root().join("world/scenarios/planned-move.toml")).unwrap();
    let told = tell(&Scenario::from_toml("planned-move", &text).unwrap(), 1);
    assert_eq!(told.violations, [], "without a saboteur every judge is content");
    assert!(told.judges.len() >= 10, "{:?}", told.judges);
    for judge in &told.judges {
        let sabotage = format!(
            "{text}\n[[then]]\nat = \"0:00\"\nafter = \"switchover\"\ndo = \"sabotage\"\njudge = \"{judge}\"\n"
        );
        let (entries, expect) = sabotage.split_once("[expect]").unwrap();
        let (_, sabotage) = expect.split_once("[[then]]").unwrap();
        let text = format!("{entries}\n[[then]]{sabotage}\n[expect]\njudge_fails = \"{judge}\"\n");
        let told = tell(&Scenario::from_toml("sabotaged", &text).unwrap(), 1);
        assert_eq!(told.failed, Vec::<String>::new(), "judge {judge}");
        let names: Vec<&str> = told.violations.iter().map(|found| found.judge).collect();
        assert!(names.contains(judge), "the saboteur of {judge} went unnoticed: {names:?}");
    }
}

#[test]
fn the_scenario_in_the_readme_ends_as_it_says() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let (_, after) = readme.split_once("```toml\n").unwrap();
    let (text, _) = after.split_once("```").unwrap();
    let told = tell(&Scenario::from_toml("readme", text).unwrap(), 1);
    assert_eq!(told.failed, Vec::<String>::new());
    assert!(told.runs.len() >= 2, "{:?}", told.runs);
}
