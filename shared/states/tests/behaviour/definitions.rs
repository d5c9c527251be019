//! What a definition must not say.

use mmdr_states::Machine;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Every folder of `cases/bad` is named by a sentence and holds a definition and the findings that it must give.
fn check(folder: &Path) -> Result<(), String> {
    let read = |name: &str| fs::read_to_string(folder.join(name)).map_err(|error| format!("{name}: {error}"));
    let (definition, expected) = (read("definition.json")?, read("finding.txt")?);
    let errors = Machine::parse("machine", &definition).err().ok_or("it was accepted")?;
    let found: String = errors.findings.iter().map(|finding| format!("{finding}\n")).collect();
    if found == expected { Ok(()) } else { Err(format!("expected\n{expected}found\n{found}")) }
}

#[test]
fn every_bad_definition_is_refused_with_its_findings() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/bad");
    let mut cases: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 30, "only {} cases in {}", cases.len(), folder.display());
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| check(case).err().map(|failure| format!("{}: {failure}", case.display())))
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// A definition in which every kind of object occurs.
fn rich() -> Value {
    let recovery = json!({
        "Retry": [{"ErrorEquals": ["A"], "JitterStrategy": "FULL", "MaxDelaySeconds": 9}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "fail"}]
    });
    let task = crate::support::with(
        json!({
            "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "parallel",
            "Parameters": {"FunctionName": "${F}", "Payload": {"free": {"form": 1}}}, "ResultSelector": {"free.$": "$.x"}
        }),
        recovery.clone(),
    );
    let branch = json!({"StartAt": "inner", "States": {"inner": {"Type": "Wait", "Seconds": 1, "End": true}}});
    let parallel = json!({"Type": "Parallel", "Next": "pass", "Branches": [branch]});
    json!({"StartAt": "task", "States": {
        "task": task,
        "parallel": crate::support::with(parallel, recovery),
        "pass": {"Type": "Pass", "Result": {"free": {}}, "Next": "choice"},
        "choice": {"Type": "Choice", "Default": "done", "Choices": [
            {"Variable": "$.x", "IsPresent": true, "Next": "done"},
            {"Not": {"Variable": "$.x", "IsNull": true}, "Next": "done"},
            {"And": [{"Or": [{"Variable": "$.x", "NumericEquals": 1}]}], "Next": "done"}
        ]},
        "done": {"Type": "Succeed"},
        "fail": {"Type": "Fail", "Error": "E"}
    }})
}

/// The places of all objects whose fields the language fixes.
fn fixed_objects(value: &Value, place: String, places: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            if !place.ends_with("/States") {
                places.push(place.clone());
            }
            let free = ["Payload", "Result", "ResultSelector"];
            for (key, inner) in map.iter().filter(|(key, _)| !free.contains(&key.as_str())) {
                fixed_objects(inner, format!("{place}/{key}"), places);
            }
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(index, inner)| fixed_objects(inner, format!("{place}/{index}"), places));
        }
        _ => {}
    }
}

#[test]
fn an_unknown_field_is_refused_at_every_level() {
    let definition = rich();
    Machine::parse("machine", &definition.to_string()).unwrap_or_else(|errors| panic!("{errors}"));
    let mut places = Vec::new();
    fixed_objects(&definition, String::new(), &mut places);
    assert_eq!(places.len(), 20, "{places:#?}");
    for place in places {
        let mut changed = definition.clone();
        changed.pointer_mut(&place).unwrap()["Surplus"] = json!(1);
        let errors = Machine::parse("machine", &changed.to_string()).expect_err(&place);
        assert_eq!(errors.findings.len(), 1, "{errors}");
        assert!(errors.findings[0].path.ends_with("Surplus"), "{errors}");
    }
}

#[test]
fn all_findings_come_in_one_pass_with_their_places() {
    let definition = json!({"StartAt": "gone", "Extra": 1, "States": {
        "a": {"Type": "Task", "Resource": "${F}", "Next": "b", "Retry": [{"ErrorEquals": ["X"], "MaxAttempts": -1}]},
        "b": {"Type": "Wait", "Seconds": "5", "Next": "a"}
    }});
    let errors = Machine::parse("flip", &definition.to_string()).expect_err("four findings");
    let paths: Vec<&str> = errors.findings.iter().map(|finding| finding.path.as_str()).collect();
    assert_eq!(paths, ["Extra", "StartAt", "States.a.Retry[0].MaxAttempts", "States.b.Seconds"]);
    assert!(errors.to_string().starts_with("the definition of `flip` is refused:\n  Extra: expected one of"));
}

#[test]
fn a_definition_over_one_megabyte_is_refused() {
    let mut definition = rich();
    definition["Comment"] = json!("x".repeat(1_048_576));
    let errors = Machine::parse("machine", &definition.to_string()).expect_err("too large");
    assert_eq!(errors.findings[0].expected, "at most 1048576 bytes");
}
