//! Commands that only look.

use serde_json::{Value, json};

use crate::scene::{EAST, Scene, WEST, report};

#[test]
fn status_tells_who_writes_and_what_runs() {
    let scene = Scene::new("status");
    let line = json!({"id": "so-7", "execution": "arn:x", "kind": "switchover", "region": EAST, "epoch": 7,
        "phase": "open", "by": "person", "opened_at": 1});
    let hold = json!({"number": 2, "on": true, "by": "ops", "at": 1, "reason": "maintenance"});
    scene.put(EAST, "ledger.json", &json!({"region": EAST, "claimed": 7, "run": line, "hold": hold}));
    let said = scene.mmdr(&["status", "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    let told = said.json();
    assert_eq!((&told["writer"], &told["epoch"]), (&json!(WEST), &json!(7)));
    assert_eq!(told["hold"]["reason"], "maintenance");
    assert_eq!(told["regions"][1]["run_at_work"], Value::Bool(false), "its execution does not exist");
    let text = scene.mmdr(&["status"]).out;
    assert!(text.contains("us-west-1 writes, settled at epoch 6") && text.contains("hold: on since"), "{text}");
    assert!(text.contains("not at work any more"), "{text}");
    assert!(scene.changes().is_empty());
}

#[test]
fn a_region_that_is_silent_is_said_to_be_and_is_no_error() {
    let scene = Scene::new("status-silent");
    scene.silence(WEST);
    let said = scene.mmdr(&["status"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("us-west-1: silent (s3:GetObject in us-west-1: no answer in time)"), "{said:?}");
    assert!(said.out.contains("us-east-1: epoch 6"), "{said:?}");
}

#[test]
fn a_hold_that_nobody_can_see_is_not_said_to_be_off() {
    let scene = Scene::new("status-hold");
    assert!(scene.mmdr(&["status"]).out.contains("\nhold: off\n"));
    scene.silence(WEST);
    let said = scene.mmdr(&["status"]);
    assert!(said.out.contains("\nhold: off, as far as us-east-1 says\n"), "{said:?}");
    assert_eq!(scene.mmdr(&["status", "--json"]).json()["hold"], Value::Null);
    scene.silence(EAST);
    let said = scene.mmdr(&["status"]);
    assert_eq!(said.code, 1, "nobody answers at all: {said:?}");
    assert!(said.out.contains("\nhold: not known, no ledger answered\n"), "{said:?}");
    let hold = json!({"on": null, "reason": "not known, no ledger answered"});
    assert_eq!(scene.mmdr(&["status", "--json"]).json()["hold"], hold);
}

#[test]
fn whoever_looks_for_a_run_is_told_of_every_silent_region_and_that_it_is_not_in_the_others() {
    let table: [(&[&str], &str, &str, &str); 4] = [
        (&["report", "fo-1"], "s3:GetObject", "the report of fo-1", ""),
        (
            &["deny", "fo-1", "--reason", "x"],
            "s3:GetObject",
            "the question of fo-1",
            "; what fo-1 asks is not known, and nothing was answered",
        ),
        (&["follow", "fo-1"], "states:DescribeExecution", "fo-1", "; where fo-1 runs is not known"),
        (
            &["resume", "fo-1", "--reason", "x"],
            "s3:GetObject",
            "fo-1",
            "; where fo-1 ran is not known, and nothing was started",
        ),
    ];
    for (arguments, call, what, rest) in table {
        let scene = Scene::new(&format!("nowhere-{}", arguments[0]));
        scene.silence(EAST);
        let said = scene.mmdr(arguments);
        let east = format!("{call} in us-east-1: no answer in time");
        let sentence = format!("mmdr: {east}; {what} was not found in us-west-1{rest}\n");
        assert_eq!((said.code, said.err), (1, sentence), "{arguments:?}");
        scene.silence(WEST);
        let said = scene.mmdr(arguments);
        let sentence = format!("mmdr: {call} in us-west-1: no answer in time; {east}{rest}\n");
        assert_eq!((said.code, said.err), (1, sentence), "{arguments:?}");
        assert!(scene.changes().is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_report_is_shown_as_text_page_or_json_and_ends_as_its_run_did() {
    let scene = Scene::new("report");
    scene.put(EAST, "runs/fo-1/report.json", &report("fo-1", "failover", EAST, "findings", false));
    scene.held.lock().unwrap().objects.insert((EAST.into(), "runs/fo-1/report.html".into()), "<!doctype html>".into());
    let said = scene.mmdr(&["report", "fo-1"]);
    assert_eq!((said.code, said.out.contains("It ended findings.")), (3, true), "{said:?}");
    assert_eq!(scene.mmdr(&["report", "fo-1", "--html"]).out, "<!doctype html>");
    assert_eq!(scene.mmdr(&["report", "fo-1", "--json"]).json()["ending"], "findings");
    let said = scene.mmdr(&["report", "fo-2"]);
    assert_eq!(said.code, 2, "{said:?}");
}

#[test]
fn runs_of_both_regions_are_listed_with_their_endings() {
    let scene = Scene::new("runs");
    scene.held.lock().unwrap().ending = Some("healthy");
    for (to, run) in [(EAST, "so-1"), (WEST, "so-2")] {
        scene.mmdr(&["switchover", "--to", to, "--reason", "a test", "--run", run]);
    }
    let said = scene.mmdr(&["runs", "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    let runs = said.json()["runs"].as_array().unwrap().clone();
    let names: Vec<&str> = runs.iter().map(|it| it["run"].as_str().unwrap()).collect();
    assert!(names.len() == 2 && names.contains(&"so-1") && names.contains(&"so-2"), "{names:?}");
    assert!(runs.iter().all(|it| it["ending"] == "healthy"));
    scene.silence(WEST);
    let said = scene.mmdr(&["runs"]);
    assert!(said.code == 0 && said.out.contains("so-1: healthy") && said.out.contains("us-west-1: silent"), "{said:?}");
}

#[test]
fn a_check_starts_the_machine_in_both_regions_and_shows_each_check() {
    let scene = Scene::new("check");
    scene.held.lock().unwrap().ending = Some("findings");
    let said = scene.mmdr(&["check"]);
    assert_eq!(said.code, 3, "{said:?}");
    let starts: Vec<String> = scene.changes();
    assert_eq!(starts, ["StartExecution in us-west-1", "StartExecution in us-east-1"]);
    assert!(said.out.contains("check-readiness as us-east-1 sees it"), "{said:?}");
}

#[test]
fn completions_ask_nothing() {
    let scene = Scene::new("completions");
    let said = scene.plain(&["completions", "bash"], &[]);
    assert!(said.code == 0 && said.out.contains("switchover") && scene.asked().is_empty());
}

#[test]
fn a_hold_is_written_to_both_ledgers_with_a_number_above_both_and_leaves_the_rest_of_them_alone() {
    let scene = Scene::new("hold");
    let hold = json!({"number": 4, "on": false, "by": "ops", "at": 1, "reason": "over"});
    scene.put(WEST, "ledger.json", &json!({"region": WEST, "claimed": 7, "hold": hold}));
    let said = scene.mmdr(&["hold", "--reason", "maintenance", "--by", "ada"]);
    assert_eq!((said.code, said.out.as_str()), (0, "held in us-west-1 and us-east-1, as number 5\n"), "{said:?}");
    let told = scene.mmdr(&["status", "--json"]).json();
    assert_eq!((&told["hold"]["number"], &told["hold"]["by"]), (&json!(5), &json!("ada")));
    assert_eq!(told["regions"][0]["ledger"]["claimed"], 7);
    let said = scene.mmdr(&["release", "--reason", "done"]);
    assert!(said.code == 0 && said.out.ends_with("as number 6\n"), "{said:?}");
    assert_eq!(scene.mmdr(&["status", "--json"]).json()["hold"], Value::Null);
}

#[test]
fn a_hold_that_one_region_does_not_take_says_so_and_has_an_exit_code_of_its_own() {
    let scene = Scene::new("hold-silent");
    scene.silence(WEST);
    let said = scene.mmdr(&["hold", "--reason", "maintenance"]);
    assert_eq!(said.code, 6, "{said:?}");
    assert!(said.out.starts_with("held in us-east-1 only"), "{said:?}");
    assert!(said.out.contains("us-west-1: s3:GetObject in us-west-1: no answer in time"), "{said:?}");
    assert_eq!(scene.mmdr(&["hold", "--reason", " "]).code, 2);
}
