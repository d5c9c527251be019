use mmdr_core::{Epoch, Payload};
use serde_json::{Value, json};

use crate::open;
use crate::tests::{NOW, arn};

fn started(input: Value, machine: &str) -> Result<mmdr_core::Run, String> {
    let execution = Some(arn("us-east-1", machine, "fo-1"));
    let payload = Payload { run: input, previous: None, part: "whole".into(), execution, token: None };
    open(&payload, &mmdr_cases::place("us-east-1", NOW)).map_err(|error| {
        assert_eq!(error.name(), "Dr.BadInput");
        error.to_string()
    })
}

#[test]
fn a_good_start_input_becomes_a_run_named_after_its_execution() {
    let run = started(json!({"kind": "failover", "to": "us-east-1", "reason": " dark "}), "failover").unwrap();
    assert_eq!((run.id.0.as_str(), run.epoch, run.from.as_str()), ("fo-1", Epoch(0), "us-west-1"));
    assert_eq!((run.reason.as_str(), run.opened_at, run.dry_run), ("dark", NOW, false));
}

#[test]
fn each_mistake_in_a_start_input_gets_one_sentence_with_field_expectation_and_finding() {
    let good = json!({"kind": "failover", "to": "us-east-1", "reason": "dark"});
    let table = [
        (
            json!({"dryrun": true}),
            "dryrun: expected one of deployment, kind, to, reason, by, dry_run, resumes, accepts, found an unknown field",
        ),
        (json!({"dry-run": true}), "dry-run: expected the field written dry_run, found another spelling"),
        (json!({"Kind": "failover"}), "Kind: expected the field written kind, found another spelling"),
        (json!({"kind": "Failover"}), "kind: expected it written failover, found \"Failover\""),
        (
            json!({"kind": "fallback"}),
            "kind: expected one of failover, switchover, detach, protect, reprotect, verify-backups, check-readiness, found \"fallback\"",
        ),
        (
            json!({"kind": "standing"}),
            "kind: expected one of failover, switchover, detach, protect, reprotect, verify-backups, check-readiness, found \"standing\"",
        ),
        (
            json!({"kind": "switchover"}),
            "kind: expected failover, which is what this machine runs, found \"switchover\"",
        ),
        (json!({"kind": 7}), "kind: expected text, found the number 7"),
        (
            json!({"kind": null}),
            "kind: expected what to do: failover, switchover, protect, reprotect, verify-backups or check-readiness, found nothing",
        ),
        (json!({"to": "us-west-1"}), "to: expected this Region, us-east-1, found us-west-1: start it in us-west-1"),
        (
            json!({"to": "eu-west-9"}),
            "to: expected a Region of this Deployment, us-east-1 or us-west-1, found \"eu-west-9\"",
        ),
        (json!({"to": null}), "to: expected the Region that is, or becomes, the writer: us-east-1, found nothing"),
        (
            json!({"deployment": "globex-chat"}),
            "deployment: expected acme-chat (it may be left out), found \"globex-chat\"",
        ),
        (json!({"dry_run": "true"}), "dry_run: expected true or false, without quotes, found \"true\""),
        (json!({"by": "root"}), "by: expected one of person, alarm, schedule, reconcile, found \"root\""),
        (json!({"reason": null}), "reason: expected why a person starts a failover, in a few words, found nothing"),
        (json!({"reason": "  "}), "reason: expected why a person starts a failover, in a few words, found nothing"),
        (
            json!({"accepts": ["everything"]}),
            "accepts: expected one of hold, diagnosis, unknown-loss, lag, finish, found \"everything\"",
        ),
        (
            json!({"accepts": "hold"}),
            "accepts: expected a list of hold, diagnosis, unknown-loss, lag, finish, found \"hold\"",
        ),
        (json!({"accepts": ["unknown_loss"]}), "accepts: expected it written unknown-loss, found \"unknown_loss\""),
        (
            json!({"accepts": ["hold"], "by": "alarm"}),
            "accepts: expected nothing: alarm accepts nothing, only a person does, found hold",
        ),
        (
            json!({"kind": "detach", "by": "reconcile"}),
            "by: expected person: only a person starts a detach, found reconcile",
        ),
        (json!({"resumes": "fo-1"}), "resumes: expected the name of another run, found \"fo-1\""),
        (
            json!({"approved": true}),
            "approved: expected no such field: a start never approves itself, answer its question with answer-approval, found an answer beforehand",
        ),
        (
            json!({"decision": "grant"}),
            "decision: expected no such field: a start never approves itself, answer its question with answer-approval, found an answer beforehand",
        ),
        (
            json!({"forward_only": true}),
            "forward_only: expected one of deployment, kind, to, reason, by, dry_run, resumes, accepts, found an unknown field",
        ),
    ];
    for (change, sentence) in table {
        let mut input = good.clone();
        for (name, value) in change.as_object().unwrap() {
            if value.is_null() {
                input.as_object_mut().unwrap().remove(name);
            } else {
                input[name] = value.clone();
            }
        }
        assert_eq!(started(input, "failover").unwrap_err(), format!("nothing was started: {sentence}"));
    }
}

#[test]
fn reconcile_may_bring_a_detach_to_its_end_and_begins_none() {
    let input =
        |by: &str| json!({"kind": "detach", "to": "us-east-1", "by": by, "reason": "goes on", "resumes": "dt-1"});
    assert!(started(input("reconcile"), "failover").is_ok());
    let refused = started(input("alarm"), "failover").unwrap_err();
    assert!(refused.contains("only a person starts a detach, found alarm"), "{refused}");
}

#[test]
fn all_mistakes_are_told_at_once_and_long_values_only_in_part() {
    let input = json!({"kind": "x".repeat(500), "to": "us-west-1", "reason": "dark"});
    let sentence = started(input, "failover").unwrap_err();
    assert!(sentence.contains("and more; to: expected this Region") && sentence.len() < 400, "{sentence}");
    assert_eq!(
        started(json!("failover"), "failover").unwrap_err(),
        "nothing was started: the start input: expected an object with kind and to, found \"failover\""
    );
}

#[test]
fn a_ticket_given_as_start_input_is_no_ticket() {
    let run = started(json!({"kind": "failover", "to": "us-east-1", "reason": "dark"}), "failover").unwrap();
    let mut ticket = serde_json::to_value(&run.ticket).unwrap();
    ticket["forward_only"] = true.into();
    assert!(started(ticket, "failover").unwrap_err().contains("epoch: expected one of"));
}
