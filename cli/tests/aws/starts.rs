//! What a command starts, where, and how it ends.

use std::process::{Command, Stdio};

use serde_json::json;

use crate::scene::{EAST, Said, Scene, WEST};

/// The ARN of a machine, under the alias that every run is started by.
fn machine(region: &str, name: &str) -> String {
    format!("arn:aws:states:{region}:123456789012:stateMachine:mmdr-acme-chat-{name}:live")
}

#[test]
fn a_move_is_started_in_the_region_that_is_to_be_the_writer_with_the_consoles_input() {
    let table = [
        ("switchover", "switchover", EAST, vec![], json!({})),
        ("switchover", "switchover", WEST, vec!["--dry-run"], json!({"dry_run": true})),
        (
            "failover",
            "failover",
            EAST,
            vec!["--accept", "hold", "--accept", "diagnosis"],
            json!({"accepts": ["hold", "diagnosis"]}),
        ),
        ("detach", "failover", EAST, vec!["--accept", "unknown-loss"], json!({"accepts": ["unknown-loss"]})),
    ];
    for (command, name, to, more, fields) in table {
        let scene = Scene::new(&format!("start-{command}-{to}"));
        scene.held.lock().unwrap().ending = Some(if more.contains(&"--dry-run") { "dry-run" } else { "healthy" });
        let said = scene.mmdr(&[&[command, "--to", to, "--reason", "a test"], more.as_slice()].concat());
        assert_eq!(said.code, 0, "{said:?}");
        let mut input = json!({"deployment": "acme-chat", "kind": command, "to": to, "reason": "a test"});
        input.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        assert_eq!(scene.started(), (to.to_owned(), machine(to, name), input), "{command}");
        assert_eq!(scene.changes(), [format!("StartExecution in {to}")], "nothing else is changed");
        assert!(scene.asked().iter().all(|it| it.region == to), "no other Region is asked");
    }
}

#[test]
fn the_exit_code_says_how_the_run_ended() {
    let table = [
        ("healthy", 0),
        ("findings", 3),
        ("refused", 1),
        ("called-off", 1),
        ("denied", 1),
        ("expired", 1),
        ("superseded", 1),
        ("unfinished", 1),
        ("stopped-ask-aurora", 1),
    ];
    for (ending, code) in table {
        let scene = Scene::new(&format!("ending-{ending}"));
        scene.held.lock().unwrap().ending = Some(ending);
        let said = scene.mmdr(&["failover", "--to", EAST, "--reason", "a test", "--json"]);
        assert_eq!(said.code, code, "{said:?}");
        assert_eq!(said.json()["ending"], ending);
        assert_eq!(said.json()["sentence"], format!("It ended {ending}."));
    }
}

#[test]
fn protect_and_reprotect_run_where_the_ledgers_say_that_the_writer_is() {
    for command in ["protect", "reprotect"] {
        let scene = Scene::new(&format!("care-{command}"));
        scene.held.lock().unwrap().ending = Some("healthy");
        let said = scene.mmdr(&[command]);
        assert_eq!(said.code, 0, "{said:?}");
        let input = json!({"deployment": "acme-chat", "kind": command, "to": WEST});
        assert_eq!(scene.started(), (WEST.to_owned(), machine(WEST, command), input));
    }
}

#[test]
fn where_no_ledger_says_who_writes_care_asks_for_the_region_and_says_who_was_silent() {
    let scene = Scene::new("care-nobody-knows");
    for region in [WEST, EAST] {
        scene.put(region, "ledger.json", &json!({"region": region, "claimed": 6}));
    }
    let said = scene.mmdr(&["protect"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains("--to: expected the writer's Region, found nothing"), "{said:?}");
    scene.silence(WEST);
    scene.silence(EAST);
    let said = scene.mmdr(&["protect"]);
    assert_eq!(said.code, 1, "{said:?}");
    let [west, east] = [WEST, EAST].map(|region| format!("s3:GetObject in {region}: no answer in time"));
    let hint = "no readable ledger says who writes, and nothing was started; name the Region with --to";
    assert!(said.err.contains(&format!("{west}; {east}; {hint}")), "{said:?}");
    assert!(scene.changes().is_empty());
}

#[test]
fn a_resume_is_a_new_run_of_the_same_kind_in_the_same_region() {
    let scene = Scene::new("resume");
    scene.held.lock().unwrap().ending = Some("healthy");
    let line = json!({"id": "so-1", "execution": "arn:x", "kind": "switchover", "region": EAST, "epoch": 7,
        "phase": "calling", "by": "person", "opened_at": 1});
    scene.put(EAST, "ledger.json", &json!({"region": EAST, "claimed": 7, "run": line}));
    let said = scene.mmdr(&["resume", "so-1", "--reason", "Aurora has moved it", "--run", "so-2"]);
    assert_eq!(said.code, 0, "{said:?}");
    let input = json!({"deployment": "acme-chat", "kind": "switchover", "to": EAST, "reason": "Aurora has moved it",
        "resumes": "so-1"});
    assert_eq!(scene.started(), (EAST.to_owned(), machine(EAST, "switchover"), input));
}

#[test]
fn a_resume_finds_a_run_that_no_ledger_knows_any_more_by_its_report() {
    let scene = Scene::new("resume-by-report");
    scene.held.lock().unwrap().ending = Some("healthy");
    scene.put(EAST, "runs/dt-1/report.json", &crate::scene::report("dt-1", "detach", EAST, "unfinished", false));
    let said = scene.mmdr(&["resume", "dt-1", "--reason", "mended"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(scene.started().1, machine(EAST, "failover"));
}

#[test]
fn whoever_does_not_wait_is_told_the_name_and_asks_nothing_more() {
    let scene = Scene::new("no-wait");
    let said =
        scene.mmdr(&["failover", "--to", EAST, "--reason", "a test", "--run", "fo-by-hand", "--no-wait", "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    let execution = format!("arn:aws:states:{EAST}:123456789012:execution:mmdr-acme-chat-failover:fo-by-hand");
    assert_eq!(
        said.json(),
        json!({"run": "fo-by-hand", "kind": "failover", "region": EAST, "execution": execution, "status": "running"})
    );
    assert_eq!(scene.asked().len(), 1);
    let progress = "starting failover fo-by-hand in us-east-1\nfailover fo-by-hand is started in us-east-1\n";
    assert_eq!(said.err, progress);
}

#[test]
fn each_state_that_is_entered_is_one_line_and_what_it_says_another() {
    let scene = Scene::new("progress");
    let output = json!({"run": {}, "previous": {"step": "open-run", "part": "whole", "outcome": "Already", "code": "",
        "sentence": "opened", "looks": 1, "first_look_at": 0, "look_again_s": 0}});
    let mut held = scene.held.lock().unwrap();
    held.ending = Some("healthy");
    held.history = vec![
        json!({"id": 4, "timestamp": 1, "type": "ExecutionSucceeded"}),
        json!({"id": 3, "timestamp": 1, "type": "TaskStateExited",
            "stateExitedEventDetails": {"name": "open-run", "output": output.to_string()}}),
        json!({"id": 2, "timestamp": 1, "type": "TaskStateEntered", "stateEnteredEventDetails": {"name": "open-run"}}),
    ];
    drop(held);
    let said = scene.mmdr(&["check", "--to", EAST, "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.err.contains("00:00:01  open-run\n00:00:01    Already: opened\n"), "{said:?}");
    assert!(said.json().is_object(), "progress never gets into the answer");
}

#[test]
fn ctrl_c_stops_the_following_and_not_the_run() {
    let scene = Scene::new("ctrl-c");
    let file = scene.folder.join("deployment.toml");
    let arguments =
        ["failover", "--to", EAST, "--reason", "a test", "--run", "fo-1", "--deployment", file.to_str().unwrap()];
    let mut command = scene.command(&arguments, &[]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It follows once it has asked for the history; nothing is told to a machine that nobody asks.
    while !scene.asked().iter().any(|it| it.what == "GetExecutionHistory") {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let said = Said::of(&child.wait_with_output().unwrap());
    let proposed = format!("failover fo-1 runs in us-east-1: mmdr follow fo-1 --deployment {}\n", file.display());
    assert_eq!((said.code, said.out.as_str()), (5, proposed.as_str()), "{said:?}");
    assert!(said.err.contains("the run goes on, nothing was stopped"), "{said:?}");
    assert_eq!(scene.changes(), ["StartExecution in us-east-1"]);
}

#[test]
fn a_region_that_does_not_answer_starts_nothing_and_says_so() {
    let scene = Scene::new("start-silent");
    scene.silence(EAST);
    let said = scene.mmdr(&["failover", "--to", EAST, "--reason", "a test", "--run", "fo-1"]);
    assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
    assert!(
        said.err.contains("states:StartExecution in us-east-1: no answer in time; whether it was started is not known")
    );
    assert!(said.err.starts_with("starting failover fo-1 in us-east-1\n"), "{said:?}");
    assert!(!said.err.contains("fo-1 is started"), "{said:?}");
}

#[test]
fn a_run_that_fails_without_a_report_is_told_by_what_failed_last() {
    let scene = Scene::new("no-report");
    let arn = format!("arn:aws:states:{EAST}:123456789012:execution:mmdr-acme-chat-failover:fo-9");
    let mut held = scene.held.lock().unwrap();
    held.executions.insert(
        arn.clone(),
        json!({"executionArn": arn, "stateMachineArn": "arn:m", "name": "fo-9", "status": "FAILED", "startDate": 1,
            "stopDate": 2, "error": "Dr.NotOpened", "cause": "The run was not opened."}),
    );
    held.history = vec![json!({"id": 2, "timestamp": 1, "type": "TaskFailed", "taskFailedEventDetails": {
        "resource": "invoke", "resourceType": "lambda", "error": "Dr.BadDeployment",
        "cause": "{\"errorMessage\":\"name: expected \\\"x\\\"\"}"}})];
    drop(held);
    let said = scene.mmdr(&["follow", "fo-9"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.out.contains("Dr.NotOpened") && said.out.contains("name: expected \"x\""), "{said:?}");
}
