//! Where ways lead, without running anything.

use std::collections::{BTreeMap, BTreeSet};

use mmdr_core::codes;
use mmdr_states::{Call, How, Machine, StateKind};
use serde_json::Value;

use crate::files::{File, file, files};
use crate::stories::{CALL_OFF, MAY_CALL_OFF};

/// Which states may follow each state; the end of a branch leads to what follows its Parallel.
type Ways = BTreeMap<String, BTreeSet<String>>;

fn ways(machine: &Machine) -> Ways {
    let mut ways = Ways::new();
    for state in machine.states() {
        let mut next: BTreeSet<String> =
            machine.successors(&state.name).into_iter().map(|way| way.name.to_string()).collect();
        if let (true, Some((parallel, _))) = (state.ends, &state.branch) {
            let after = machine.successors(parallel).into_iter().filter(|way| !matches!(way.how, How::Branch(_)));
            next.extend(after.map(|way| way.name.to_string()));
            next.extend(state.ends.then(|| ends_of(machine, parallel)).into_iter().flatten());
        }
        ways.insert(state.name.to_string(), next);
    }
    ways
}

/// Where a nested Parallel that is itself the end of a branch leads.
fn ends_of(machine: &Machine, parallel: &str) -> BTreeSet<String> {
    let Some(state) = machine.states().find(|state| &*state.name == parallel) else { return BTreeSet::new() };
    match (state.ends, state.branch) {
        (true, Some((outer, _))) => {
            let after = machine.successors(&outer).into_iter().filter(|way| !matches!(way.how, How::Branch(_)));
            after.map(|way| way.name.to_string()).collect()
        }
        _ => BTreeSet::new(),
    }
}

/// Everything that can be reached from `from`, `from` excluded unless a way leads back.
fn reach(ways: &Ways, from: &str, stop_at: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut ahead = vec![from.to_owned()];
    while let Some(state) = ahead.pop() {
        for next in ways.get(&state).into_iter().flatten() {
            if found.insert(next.clone()) && !stop_at.contains(&next.as_str()) {
                ahead.push(next.clone());
            }
        }
    }
    found
}

#[test]
fn every_loop_passes_a_wait_or_a_task_that_waits_for_a_token() {
    for file in files() {
        let pauses: BTreeSet<String> = file
            .machine
            .states()
            .filter(|state| state.kind == StateKind::Wait)
            .map(|state| state.name.to_string())
            .chain(
                file.machine
                    .tasks()
                    .filter(|task| task.call == Call::InvokeForToken)
                    .map(|task| task.state.to_string()),
            )
            .collect();
        let mut ways = ways(&file.machine);
        ways.retain(|name, _| !pauses.contains(name));
        for name in ways.keys() {
            assert!(!reach(&ways, name, &[]).contains(name), "{}: {name} comes back without a pause", file.name);
        }
    }
}

#[test]
fn every_way_leads_to_close_run_unless_there_is_no_run_to_close() {
    for file in files().into_iter().filter(|file| file.name != "answer-approval") {
        let ways = ways(&file.machine);
        let after = reach(&ways, "close-run", &[]);
        let closing = ["close-run", "close the run", "keep how it came to its end"];
        for name in ways.keys().filter(|name| !after.contains(*name) && !closing.contains(&name.as_str())) {
            let never_open = name == "not opened";
            assert!(never_open || reach(&ways, name, &[]).contains("close-run"), "{}: {name}", file.name);
            if !never_open && name != "the evidence is stale" {
                assert!(!file.state(name).is("Fail"), "{}: {name} ends the run unclosed", file.name);
            }
        }
        let opens: Vec<&String> =
            ways.iter().filter(|(_, next)| next.contains("not opened")).map(|(name, _)| name).collect();
        assert_eq!(opens, ["Is the run open?"], "{}", file.name);
    }
}

#[test]
fn only_a_proof_that_nothing_was_called_leads_from_the_database_call_to_the_call_off() {
    let file = file("switchover");
    let question = file.state("Has the database switched over?");
    let ways = ways(&file.machine);
    let leads_off = |next: &str| {
        let tasks: Vec<String> = file.tasks().into_iter().map(|task| task.name).collect();
        let stops: Vec<&str> = tasks.iter().map(String::as_str).collect();
        tasks.iter().any(|task| task == next && task == CALL_OFF[0])
            || !tasks.iter().any(|task| task == next) && reach(&ways, next, &stops).contains(CALL_OFF[0])
    };
    let mut codes = BTreeSet::new();
    for rule in question.fields["Choices"].as_array().unwrap() {
        if leads_off(rule["Next"].as_str().unwrap()) {
            let texts = texts(rule);
            assert!(texts.contains("Refuse"), "{rule}");
            codes.extend(texts.into_iter().filter(|text| text != "Refuse"));
        }
    }
    assert_eq!(codes, MAY_CALL_OFF.map(str::to_owned).into());
    assert!(!leads_off(question.text("Default")), "what nobody knows never calls off");
}

/// What the conditions of a rule compare with.
fn texts(rule: &Value) -> BTreeSet<String> {
    match rule {
        Value::Object(fields) => {
            let own = fields.get("StringEquals").and_then(Value::as_str).map(str::to_owned);
            own.into_iter().chain(fields.values().flat_map(texts)).collect()
        }
        Value::Array(parts) => parts.iter().flat_map(texts).collect(),
        _ => BTreeSet::new(),
    }
}

#[test]
fn once_the_database_has_switched_over_nothing_leads_to_the_call_off() {
    let ways = ways(&file("switchover").machine);
    let after = reach(&ways, "start Mattermost here", &[]);
    assert!(CALL_OFF.iter().all(|task| !after.contains(*task)));
}

#[test]
fn nothing_leads_back_before_the_database_call_but_evidence_that_is_not_good_enough() {
    let ways = ways(&file("failover").machine);
    let after = reach(&ways, "the database has moved", &[]);
    assert!(!after.contains("switch-database: promote") && !after.contains("request-approval: ask"));
}

#[test]
fn a_run_that_stopped_half_way_or_is_not_closed_counts_as_failed() {
    for file in files() {
        for state in file.states().iter().filter(|state| state.name.starts_with("stopped: ")) {
            let code = state.fields["Parameters"]["previous"]["code"].as_str().unwrap();
            assert!([codes::ASK_AURORA, codes::UNFINISHED].contains(&code), "{}: {}", file.name, state.name);
            let question = file.state("How did the run end?").fields;
            let rule =
                question["Choices"].as_array().unwrap().iter().find(|rule| rule["StringEquals"] == code).unwrap();
            assert_eq!(rule["Variable"], "$[1].previous.code");
            assert!(file.state(rule["Next"].as_str().unwrap()).is("Fail"), "{}: {}", file.name, state.name);
        }
    }
}

fn each_parallel(check: impl Fn(&File, &str, &Value)) {
    for file in files() {
        for state in file.states().iter().filter(|state| state.is("Parallel")) {
            check(&file, &state.name, &state.fields);
        }
    }
}

#[test]
fn no_branch_fails_but_the_one_that_starts_again() {
    each_parallel(|file, name, fields| {
        for branch in fields["Branches"].as_array().unwrap() {
            for (state, inner) in branch["States"].as_object().unwrap() {
                assert_ne!(inner["Type"], "Succeed", "{}: {state}", file.name);
                if inner["Type"] != "Fail" {
                    continue;
                }
                assert_eq!(
                    fields["Branches"].as_array().unwrap().len(),
                    1,
                    "{name} has no sibling that could be cut off"
                );
                let retry = &fields["Retry"][0];
                assert_eq!(retry["ErrorEquals"], serde_json::json!([inner["Error"]]), "{name}");
                assert_eq!(retry["MaxAttempts"], 3, "{name}: back to the diagnosis, three times at most");
            }
        }
    });
}

#[test]
fn a_branch_ends_in_one_place_and_what_stops_a_run_is_the_first_branch() {
    each_parallel(|file, name, fields| {
        for branch in fields["Branches"].as_array().unwrap() {
            let states = branch["States"].as_object().unwrap();
            let ends = states.values().filter(|state| state["End"] == true && state["Type"] == "Pass").count();
            assert!(ends >= 1 && ends == states.values().filter(|state| state["End"] == true).count(), "{name}");
        }
        let join = file.state(fields["Next"].as_str().unwrap());
        let joined = if join.is("Pass") {
            vec![join]
        } else {
            let at: BTreeSet<String> = variables(&join.fields);
            let beside = name == "close the run";
            assert!(at.iter().all(|path| path.starts_with("$[0].previous.") || beside), "{name}: {at:?}");
            let rules = join.fields["Choices"].as_array().unwrap();
            let next = rules.iter().filter_map(|rule| rule["Next"].as_str()).chain([join.text("Default")]);
            next.map(|next| file.state(next)).collect()
        };
        for state in joined.iter().filter(|state| !state.is("Fail")) {
            let takes_first = state.text("InputPath") == "$[0]" || state.text("OutputPath") == "$[0]";
            assert!(takes_first, "{}: {} goes on with a list", file.name, state.name);
        }
    });
}

fn variables(rule: &Value) -> BTreeSet<String> {
    match rule {
        Value::Object(fields) => {
            let own = fields.get("Variable").and_then(Value::as_str).map(str::to_owned);
            own.into_iter().chain(fields.values().flat_map(variables)).collect()
        }
        Value::Array(parts) => parts.iter().flat_map(variables).collect(),
        _ => BTreeSet::new(),
    }
}
