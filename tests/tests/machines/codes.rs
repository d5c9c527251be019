//! Codes that one place writes and another matches: held against what the steps decide and what the machines say.

use std::collections::BTreeSet;
use std::fs;

use mmdr_core::{StepName, codes};
use serde_json::Value;

use crate::files::{files, folder};

/// The reasons to wait and to stop that the decision cases of a step show, by the names under which they are written.
fn reasons(step: StepName) -> BTreeSet<String> {
    let cases = folder().join(format!("../functions/{step}/cases"));
    let cases = fs::read_dir(cases).unwrap().flatten().map(|entry| entry.path().join("verdict.json"));
    let verdicts = cases.filter(|path| path.is_file()).map(|path| {
        let verdict: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        verdict["verdict"].clone()
    });
    verdicts.filter_map(|verdict| reason(verdict.get("Refuse").or(verdict.get("Wait"))?)).collect()
}

fn reason(written: &Value) -> Option<String> {
    let named = written.as_object().and_then(|fields| fields.keys().next().map(String::as_str));
    named.or(written.as_str()).map(str::to_owned)
}

#[test]
fn every_code_of_a_step_is_the_name_of_a_reason_that_it_gives() {
    for (step, code) in codes::OF_A_STEP {
        assert!(reasons(*step).contains(*code), "no decision case of {step} ends in {code}");
    }
}

#[test]
fn every_code_that_a_machine_writes_or_matches_is_listed() {
    let (mut written, mut matched) = (BTreeSet::new(), BTreeSet::new());
    for file in files() {
        for state in file.states() {
            collect(&state.fields, &mut written, &mut matched);
        }
    }
    let listed: BTreeSet<String> = codes::OF_THE_MACHINES.iter().map(|code| (*code).to_owned()).collect();
    assert_eq!(written, listed);
    let known = |code: &String| {
        listed.contains(code)
            || codes::OF_THE_CORE.contains(&code.as_str())
            || codes::OF_A_STEP.iter().any(|(_, of_step)| of_step == code)
    };
    let unknown: Vec<&String> = matched.iter().filter(|code| !known(code)).collect();
    assert!(unknown.is_empty(), "mmdr_core::codes does not list {unknown:?}");
}

/// The codes in a state: those that a Pass writes, and those that a Choice compares with.
fn collect(value: &Value, written: &mut BTreeSet<String>, matched: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            let text = |name: &str| fields.get(name).and_then(Value::as_str);
            if let (Some(variable), Some(code)) = (text("Variable"), text("StringEquals"))
                && variable.ends_with("previous.code")
            {
                matched.insert(code.to_owned());
            }
            written.extend(text("code").map(str::to_owned));
            // The states of a branch are visited by themselves.
            let inner = fields.iter().filter(|(name, _)| *name != "Branches");
            inner.for_each(|(_, field)| collect(field, written, matched));
        }
        Value::Array(list) => list.iter().for_each(|it| collect(it, written, matched)),
        _ => {}
    }
}
