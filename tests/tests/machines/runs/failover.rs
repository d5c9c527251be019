//! What becomes of a failover.

use super::*;

#[test]
fn nothing_is_fenced_or_promoted_when_nobody_permits_it() {
    let file = file("failover");
    let before: [(&str, &[&str]); 4] = [
        ("detect-region-outage: diagnose", &["open-run", "detect-region-outage: diagnose", "close-run"]),
        (
            "request-approval: ask",
            &["open-run", "detect-region-outage: diagnose", "request-approval: ask", "close-run"],
        ),
        (
            "detect-region-outage: diagnose-again",
            &[
                "open-run",
                "detect-region-outage: diagnose",
                "request-approval: ask",
                "detect-region-outage: diagnose-again",
                "close-run",
            ],
        ),
        (
            "request-approval: ask again",
            &[
                "open-run",
                "detect-region-outage: diagnose",
                "request-approval: ask",
                "detect-region-outage: diagnose-again",
                "request-approval: ask again",
                "close-run",
            ],
        ),
    ];
    for (task, told) in before {
        for reply in [REFUSED, EXHAUSTED, BAD_INPUT] {
            let ended = with(&file, task, reply);
            assert_eq!((ended.story(), ended.ending()), (told.to_vec(), "Succeeded"), "{task} {reply:?}");
        }
    }
}

#[test]
fn an_unanswered_question_waits_for_its_token_and_the_answer_leads_back_to_ask() {
    let ended = ends(&file("failover"), |name, looks| match (name, looks) {
        ("request-approval: ask", 1) => Reply::Says(Outcome::Acted, "WriteQuestion"),
        ("request-approval: ask", 2) => Reply::Says(Outcome::Wait, codes::AWAITS_ANSWER),
        _ => ALREADY,
    });
    assert_eq!((ended.count("request-approval: ask"), ended.count("request-approval: wait")), (3, 1));
    assert_eq!(ended.ending(), "Succeeded");
}

#[test]
fn a_sleep_that_nobody_ends_leads_back_to_ask_which_alone_says_when_a_question_expires() {
    let ended = ends(&file("failover"), |name, looks| match (name, looks) {
        ("request-approval: ask", 1..=12) => Reply::Says(Outcome::Wait, codes::AWAITS_ANSWER),
        ("request-approval: ask", _) => Reply::Says(Outcome::Refuse, codes::EXPIRED),
        ("request-approval: wait", _) => Reply::Hangs,
        _ => ALREADY,
    });
    assert_eq!((ended.count("request-approval: ask"), ended.count("request-approval: wait")), (13, 12));
    assert_eq!((ended.count("detect-region-outage: diagnose-again"), ended.count("close-run")), (0, 1));
    assert_eq!(ended.ending(), "Succeeded");
    assert!((3_600..3_700).contains(&ended.lasted_s), "an hour in sleeps of five minutes");
}

#[test]
fn where_no_token_can_be_given_out_the_answer_is_looked_for_now_and_then() {
    let ended = ends(&file("failover"), |name, looks| match (name, looks) {
        ("request-approval: ask", 1..=5) => Reply::Says(Outcome::Wait, codes::AWAITS_ANSWER),
        ("request-approval: wait", _) => BAD_INPUT,
        _ => ALREADY,
    });
    assert_eq!((ended.count("request-approval: ask"), ended.count("request-approval: wait")), (6, 5));
    assert!(ended.lasted_s >= 50, "each time a pause");
    assert_eq!(ended.ending(), "Succeeded");
}

#[test]
fn a_loss_that_is_worse_than_shown_is_a_new_question_and_a_new_diagnosis() {
    let ended = ends(&file("failover"), |name, looks| match (name, looks) {
        ("request-approval: ask again", 1) => Reply::Says(Outcome::Acted, "WriteQuestion"),
        _ => ALREADY,
    });
    assert_eq!((ended.count("request-approval: ask"), ended.count("request-approval: ask again")), (2, 2));
    assert_eq!(ended.count("detect-region-outage: diagnose-again"), 2);
    assert_eq!((ended.count("switch-database: promote"), ended.ending()), (1, "Succeeded"));
}

#[test]
fn stale_evidence_leads_back_to_the_diagnosis_three_times_at_most() {
    let file = file("failover");
    for stale in 0..=5 {
        let ended = ends(&file, |name, looks| match name {
            "switch-database: promote" if looks <= stale => Reply::Says(Outcome::Refuse, "StaleEvidence"),
            _ => ALREADY,
        });
        let rounds = (stale + 1).min(4);
        assert_eq!(ended.count("detect-region-outage: diagnose-again"), rounds, "stale {stale} times");
        assert_eq!(ended.count("switch-database: promote"), rounds, "stale {stale} times");
        assert_eq!(ended.ending(), if stale <= 3 { "Succeeded" } else { "Dr.StoppedAskAurora" });
        assert_eq!(ended.count("toggle-scheduler: activate"), usize::from(stale <= 3));
    }
}

#[test]
fn a_lost_region_that_cannot_be_fenced_delays_nothing() {
    let ended = with(&file("failover"), "roll-nodes: fence-lost", Reply::Fails("Sandbox.Timedout"));
    assert_eq!((ended.count("roll-nodes: fence-lost"), ended.ending()), (1, "Succeeded"));
}

#[test]
fn the_public_name_never_leads_to_a_region_that_is_not_confirmed_inside() {
    for task in ["switch-database: promote", "roll-nodes: start-here", "confirm-recovery: inside"] {
        for reply in [REFUSED, EXHAUSTED, BAD_INPUT, SUPERSEDED] {
            assert_eq!(with(&file("failover"), task, reply).count("flip-dns"), 0, "{task} {reply:?}");
        }
    }
}

#[test]
fn search_files_fencing_and_dns_are_findings() {
    let file = file("failover");
    for task in story("failover") {
        let stops = expected("failover", task, true) != "Succeeded" || story("failover")[..5].contains(task);
        if !stops {
            let ended = with(&file, task, REFUSED);
            assert_eq!(ended.story().len(), story("failover").len(), "{task} stops nothing");
        }
    }
}

#[test]
fn a_run_that_another_one_took_over_stops_where_it_is() {
    for task in ["switch-database: promote", "roll-nodes: start-here", "confirm-recovery: inside"] {
        let ended = with(&file("failover"), task, SUPERSEDED);
        assert_eq!((ended.looks.last().unwrap().as_str(), ended.ending()), ("close-run", "Succeeded"), "{task}");
        assert_eq!(ended.count("flip-dns"), 0, "{task}");
    }
}
