//! Answers to what a run asks, and following it until it does.

use serde_json::{Value, json};

use crate::scene::{EAST, Scene};

fn asking(test: &str) -> Scene {
    let scene = Scene::new(test);
    let question = json!({"epoch": 7, "digest": "0123456789abcdef", "text": "Failover to us-east-1?", "forecast": null,
        "asked_at": 1, "expires_at": 2});
    scene.put(EAST, "runs/fo-1/approval-question.json", &question);
    scene
}

#[test]
fn an_answer_goes_to_its_machine_in_the_region_of_the_run_and_names_the_question_that_was_shown() {
    for (command, decision) in [("approve", "grant"), ("deny", "deny")] {
        let scene = asking(command);
        scene.held.lock().unwrap().ending = Some("healthy");
        let digest = ["--digest", "0123456789abcdef"].into_iter().filter(|_| command == "approve");
        let words: Vec<&str> =
            [command, "fo-1", "--reason", "both on call agree", "--json"].into_iter().chain(digest).collect();
        let said = scene.mmdr(&words);
        assert_eq!(said.code, 0, "{said:?}");
        assert!(said.err.contains("Failover to us-east-1?"), "{said:?}");
        let machine = format!("arn:aws:states:{EAST}:123456789012:stateMachine:mmdr-acme-chat-answer-approval:live");
        let input =
            json!({"run": "fo-1", "decision": decision, "reason": "both on call agree", "digest": "0123456789abcdef"});
        assert_eq!(scene.started(), (EAST.to_owned(), machine, input));
        assert_eq!(
            (&said.json()["recorded"], &said.json()["sentence"]),
            (&Value::Bool(true), &json!("it is recorded"))
        );
    }
}

#[test]
fn an_answer_that_is_not_recorded_says_why_in_the_words_of_its_last_look() {
    let scene = asking("second-answer");
    let output = json!({"previous": {"step": "request-approval", "part": "answer", "outcome": "Refuse", "code": "AnsweredAlready",
        "sentence": "answered already: deny", "looks": 1, "first_look_at": 1, "look_again_s": 0}});
    let left = json!({"id": 2, "timestamp": 1, "type": "TaskStateExited",
        "stateExitedEventDetails": {"name": "request-approval: answer", "output": output.to_string()}});
    let mut held = scene.held.lock().unwrap();
    held.history = vec![left];
    held.fails = Some("The answer was not recorded.");
    drop(held);
    let words = ["approve", "fo-1", "--reason", "both agree", "--digest", "0123456789abcdef", "--json"];
    let said = scene.mmdr(&words);
    assert_eq!(said.code, 1, "{said:?}");
    let told = said.json();
    assert_eq!((&told["recorded"], &told["sentence"]), (&json!(false), &json!("answered already: deny")), "{said:?}");
}

#[test]
fn what_nobody_has_read_is_shown_and_not_granted() {
    let scene = asking("unread");
    let said = scene.mmdr(&["approve", "fo-1", "--reason", "both on call agree"]);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.err.contains("Failover to us-east-1?"), "{said:?}");
    assert!(said.out.contains("mmdr approve fo-1 --digest 0123456789abcdef"), "{said:?}");
    assert!(scene.changes().is_empty());
}

#[test]
fn an_answer_to_a_run_that_asks_nothing_is_bad_input_and_starts_nothing() {
    let scene = asking("answer-to-nobody");
    let said = scene.mmdr(&["approve", "fo-2", "--reason", "yes"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains("RUN: expected a run that asks, found \"fo-2\""), "{said:?}");
    assert!(scene.changes().is_empty());
}

#[test]
fn who_looks_once_at_a_run_that_asks_learns_so_by_the_exit_code() {
    let scene = asking("asks");
    let arn = format!("arn:aws:states:{EAST}:123456789012:execution:mmdr-acme-chat-failover:fo-1");
    let mut held = scene.held.lock().unwrap();
    let entered = |id: u8, name: &str| {
        json!({"id": id, "timestamp": 1, "type": "TaskStateEntered",
        "stateEnteredEventDetails": {"name": name}})
    };
    held.history = vec![entered(9, "request-approval: wait"), entered(5, "request-approval: ask")];
    held.executions.insert(
        arn.clone(),
        json!({"executionArn": arn, "stateMachineArn": "arn:m", "name": "fo-1", "status": "RUNNING", "startDate": 1,
            "input": "{\"kind\":\"failover\"}"}),
    );
    drop(held);
    let said = scene.mmdr(&["follow", "fo-1", "--no-wait", "--json"]);
    assert_eq!(said.code, 4, "{said:?}");
    assert_eq!(said.json()["question"]["digest"], "0123456789abcdef");
    scene.held.lock().unwrap().history.remove(0);
    let said = scene.mmdr(&["follow", "fo-1", "--no-wait"]);
    assert_eq!((said.code, said.out.as_str()), (5, "fo-1 runs in us-east-1: request-approval: ask\n"), "{said:?}");
}
