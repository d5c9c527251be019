//! Every machine, run to its end: everything done, and everything going wrong in turn.

use mmdr_core::Outcome;

use crate::files::{File, file, files};
use crate::host::{ALREADY, Ended, Reply, run};
use crate::stories::{CALL_OFF, MAY_CALL_OFF, OUTSIDE_THE_STORY, story};

const REFUSED: Reply = Reply::Says(Outcome::Refuse, "SomeReason");
const EXHAUSTED: Reply = Reply::Says(Outcome::Exhausted, "SomeReason");
const SUPERSEDED: Reply = Reply::Says(Outcome::Refuse, "Superseded");
const READ_FAILED: Reply = Reply::Fails("Dr.ReadFailed");
const BAD_INPUT: Reply = Reply::Fails("Dr.BadInput");
/// More than any run needs in which each step looks a few times, far below Step Functions' 25,000.
const MOST_EVENTS: u32 = 3_000;

fn ends(file: &File, script: impl FnMut(&str, usize) -> Reply) -> Ended {
    let ended = run(&file.machine, false, script);
    assert!(ended.events < MOST_EVENTS, "{}: {} events", file.name, ended.events);
    ended
}

/// Everything is done, except that `task` always answers `reply`.
fn with(file: &File, task: &str, reply: Reply) -> Ended {
    ends(file, |name, _| if name == task { reply } else { ALREADY })
}

/// How a run ends in which `task` does not do its work.
fn expected(machine: &str, task: &str, answered: bool) -> &'static str {
    match (machine, task) {
        ("answer-approval", _) => "Dr.NotAnswered",
        (_, "open-run") if !answered => "Dr.NotOpened",
        (_, "close-run") => "Dr.NotClosed",
        ("failover", "switch-database: promote") => "Dr.StoppedAskAurora",
        ("switchover", "switch-database: switch-over") => "Dr.StoppedAskAurora",
        ("failover" | "switchover", "roll-nodes: start-here" | "confirm-recovery: inside") => "Dr.Unfinished",
        (
            "reprotect",
            "roll-nodes: keep-there-stopped"
            | "switch-database: save-lost-writes"
            | "switch-database: resynchronised"
            | "swap-search-leader: divergence",
        ) => "Dr.Unfinished",
        _ => "Succeeded",
    }
}

#[test]
fn a_run_without_a_hitch_tells_its_story_in_order() {
    for file in files() {
        let ended = ends(&file, |_, _| ALREADY);
        assert_eq!(ended.looks, story(file.name), "{}", file.name);
        assert_eq!(ended.ending(), "Succeeded", "{}", file.name);
    }
}

#[test]
fn a_dry_run_goes_the_whole_way() {
    for file in files() {
        let ended = ends(&file, |_, _| Reply::Says(Outcome::WouldAct, "SomeAction"));
        assert_eq!(ended.looks, story(file.name), "{}", file.name);
        assert_eq!(ended.ending(), "Succeeded", "{}", file.name);
    }
}

#[test]
fn every_task_is_in_a_story() {
    for file in files() {
        let known: Vec<&str> = story(file.name).iter().chain(&OUTSIDE_THE_STORY).chain(&CALL_OFF).copied().collect();
        assert!(file.tasks().iter().all(|task| known.contains(&task.name.as_str())), "{}", file.name);
    }
}

#[test]
fn a_step_that_acts_and_waits_is_looked_at_again_and_the_story_goes_on() {
    let slow = |looks: usize| match looks {
        1 => Reply::Says(Outcome::Acted, "SomeAction"),
        2 => Reply::Says(Outcome::Wait, "SomeReason"),
        _ => ALREADY,
    };
    for file in files() {
        for task in story(file.name).iter().filter(|task| !task.ends_with(" again")) {
            let ended = ends(&file, |name, looks| if name == *task { slow(looks) } else { ALREADY });
            assert_eq!(ended.count(task), 3, "{}: {task}", file.name);
            assert_eq!(ended.story().len(), story(file.name).len(), "{}: {task}", file.name);
            assert_eq!(ended.ending(), "Succeeded", "{}: {task}", file.name);
            assert!(ended.lasted_s >= 20, "{}: {task} was not given the time that it asked for", file.name);
        }
    }
}

#[test]
fn a_refusal_and_an_exhausted_bound_end_the_run_where_the_design_says() {
    for file in files() {
        for task in story(file.name) {
            for reply in [REFUSED, EXHAUSTED] {
                let ended = with(&file, task, reply);
                assert_eq!(ended.ending(), expected(file.name, task, true), "{}: {task} {reply:?}", file.name);
                assert!(file.name == "answer-approval" || ended.count("close-run") == 1, "{}: {task}", file.name);
            }
        }
    }
}

#[test]
fn a_function_that_fails_or_hangs_for_good_ends_the_run_as_an_exhausted_one_does() {
    let errors = [READ_FAILED, BAD_INPUT, Reply::Fails("Sandbox.Timedout"), Reply::Hangs];
    for file in files() {
        for task in story(file.name) {
            for reply in errors {
                let ended = with(&file, task, reply);
                assert_eq!(ended.ending(), expected(file.name, task, false), "{}: {task} {reply:?}", file.name);
                assert!(ended.count(task) <= 11 * 4, "{}: {task} {reply:?}", file.name);
            }
        }
    }
}

#[test]
fn a_function_that_fails_once_is_not_noticed() {
    let errors = ["Dr.ReadFailed", "Dr.RecordFailed", "Lambda.TooManyRequestsException", "Lambda.Unknown"];
    for file in files() {
        for task in story(file.name) {
            for error in errors {
                let once = |name: &str, looks| if name == *task && looks == 1 { Reply::Fails(error) } else { ALREADY };
                let ended = ends(&file, once);
                assert_eq!((ended.ending(), ended.count(task)), ("Succeeded", 2), "{}: {task} {error}", file.name);
            }
        }
    }
}

#[test]
fn a_start_input_that_does_not_fit_is_not_tried_twice() {
    for file in files().into_iter().filter(|file| file.name != "answer-approval") {
        let ended = with(&file, "open-run", BAD_INPUT);
        assert_eq!((ended.looks, ended.status.clone()), (vec!["open-run".to_owned()], ended.status), "{}", file.name);
    }
}

#[test]
fn a_run_that_was_opened_and_then_lost_its_open_run_is_still_closed() {
    let file = file("failover");
    let script = |name: &str, looks| match (name, looks) {
        ("open-run", 1) => Reply::Says(Outcome::Acted, "ClaimOwn"),
        ("open-run", _) => BAD_INPUT,
        _ => ALREADY,
    };
    let ended = ends(&file, script);
    assert_eq!((ended.story(), ended.ending()), (vec!["open-run", "close-run"], "Succeeded"));
}

/// Whatever two things go wrong, the run ends, is closed, and never does what must not happen any more.
#[test]
fn any_two_steps_may_go_wrong_at_once() {
    for file in files() {
        let story = story(file.name);
        for (index, first) in story.iter().enumerate() {
            for second in &story[index + 1..] {
                for (one, other) in
                    [(REFUSED, EXHAUSTED), (EXHAUSTED, BAD_INPUT), (BAD_INPUT, REFUSED), (SUPERSEDED, SUPERSEDED)]
                {
                    let ended = ends(&file, |name, _| match name {
                        _ if name == *first => one,
                        _ if name == *second => other,
                        _ => ALREADY,
                    });
                    let place = format!("{}: {first} {one:?}, {second} {other:?}: {:?}", file.name, ended.looks);
                    let unopened = one == BAD_INPUT && *first == "open-run" || file.name == "answer-approval";
                    assert!(unopened || ended.count("close-run") > 0, "{place}");
                    assert_ne!(ended.ending(), "TimedOut", "{place}");
                    let moved = ended.count("toggle-scheduler: activate") > 0;
                    let called_off = CALL_OFF.iter().any(|task| ended.count(task) > 0);
                    assert!(!(moved && called_off), "{place}");
                }
            }
        }
    }
}

mod failover {
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
            ("request-approval: ask", 2) => Reply::Says(Outcome::Wait, "AwaitsAnswer"),
            _ => ALREADY,
        });
        assert_eq!((ended.count("request-approval: ask"), ended.count("request-approval: wait")), (3, 1));
        assert_eq!(ended.ending(), "Succeeded");
    }

    #[test]
    fn a_question_that_nobody_answers_leads_back_to_ask_after_an_hour() {
        let ended = ends(&file("failover"), |name, looks| match (name, looks) {
            ("request-approval: ask", 1) => Reply::Says(Outcome::Wait, "AwaitsAnswer"),
            ("request-approval: ask", _) => Reply::Says(Outcome::Refuse, "Expired"),
            ("request-approval: wait", _) => Reply::Hangs,
            _ => ALREADY,
        });
        assert_eq!((ended.count("request-approval: ask"), ended.count("close-run")), (2, 1));
        assert_eq!((ended.count("detect-region-outage: diagnose-again"), ended.ending()), (0, "Succeeded"));
        assert!((3_600..3_700).contains(&ended.lasted_s));
    }

    #[test]
    fn where_no_token_can_be_given_out_the_answer_is_looked_for_now_and_then() {
        let ended = ends(&file("failover"), |name, looks| match (name, looks) {
            ("request-approval: ask", 1..=5) => Reply::Says(Outcome::Wait, "AwaitsAnswer"),
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
}

mod switchover {
    use super::*;

    const BEFORE_THE_CALL: [&str; 6] = [
        "toggle-scheduler: quiesce",
        "roll-nodes: stop-there",
        "swap-search-leader: fence",
        "swap-search-leader: prove",
        "verify-files: drained",
        "switch-database: prove",
    ];
    const CALL: &str = "switch-database: switch-over";

    fn calls_off(ended: &Ended) -> bool {
        CALL_OFF.iter().any(|task| ended.count(task) > 0)
    }

    #[test]
    fn a_gate_that_refuses_changes_nothing() {
        for task in ["check-readiness: gate", "verify-files: gate"] {
            for reply in [REFUSED, EXHAUSTED, BAD_INPUT] {
                let ended = with(&file("switchover"), task, reply);
                assert_eq!(ended.ending(), "Succeeded", "{task}");
                assert!(!calls_off(&ended) && ended.count("toggle-scheduler: quiesce") == 0, "{task}");
            }
        }
    }

    #[test]
    fn whatever_goes_wrong_before_the_call_is_called_off_and_the_call_is_never_sent() {
        for task in BEFORE_THE_CALL {
            for reply in [REFUSED, EXHAUSTED, BAD_INPUT, READ_FAILED, Reply::Hangs] {
                let ended = with(&file("switchover"), task, reply);
                let mut told = ended.story();
                assert_eq!((told.pop(), ended.ending()), (Some("close-run"), "Succeeded"), "{task} {reply:?}");
                assert_eq!(told[told.len() - CALL_OFF.len()..], CALL_OFF, "{task} {reply:?}");
                assert_eq!(ended.count(CALL), 0, "{task} {reply:?}");
            }
        }
    }

    #[test]
    fn a_call_that_came_to_nothing_or_was_never_sent_is_called_off() {
        for code in MAY_CALL_OFF {
            let ended = with(&file("switchover"), CALL, Reply::Says(Outcome::Refuse, code));
            assert!(calls_off(&ended), "{code}");
            assert_eq!((ended.count("toggle-scheduler: activate"), ended.ending()), (0, "Succeeded"), "{code}");
        }
    }

    #[test]
    fn a_call_of_which_nobody_knows_the_outcome_is_never_called_off() {
        let codes = ["CallRefused", "ServiceRefused", "WriterElsewhere", "SomethingNew", ""];
        let refusals = codes.map(|code| Reply::Says(Outcome::Refuse, code));
        let others = [
            Reply::Says(Outcome::Exhausted, "CameToNothing"),
            EXHAUSTED,
            READ_FAILED,
            BAD_INPUT,
            Reply::Fails("Lambda.Unknown"),
            Reply::Fails("Sandbox.Timedout"),
            Reply::Hangs,
        ];
        for reply in refusals.into_iter().chain(others) {
            let ended = with(&file("switchover"), CALL, reply);
            assert_eq!(ended.ending(), "Dr.StoppedAskAurora", "{reply:?}");
            assert!(!calls_off(&ended) && ended.count("close-run") == 1, "{reply:?}");
            assert_eq!(ended.count("toggle-scheduler: activate"), 0, "{reply:?}");
        }
    }

    #[test]
    fn a_run_that_continues_one_past_its_call_never_calls_off_on_less_than_a_proof() {
        let file = file("switchover");
        for task in BEFORE_THE_CALL {
            let ended = run(&file.machine, true, |name, _| if name == task { EXHAUSTED } else { ALREADY });
            assert_eq!((calls_off(&ended), ended.ending()), (false, "Dr.StoppedAskAurora"), "{task}");
        }
        for code in MAY_CALL_OFF {
            let reply = Reply::Says(Outcome::Refuse, code);
            let ended = run(&file.machine, true, |name, _| if name == CALL { reply } else { ALREADY });
            assert_eq!(calls_off(&ended), code == "CameToNothing", "{code}");
        }
    }

    #[test]
    fn a_run_that_another_one_took_over_calls_nothing_off() {
        for task in BEFORE_THE_CALL.into_iter().chain([CALL]) {
            let ended = with(&file("switchover"), task, SUPERSEDED);
            assert_eq!(ended.looks.last().unwrap(), "close-run", "{task}");
            assert!(!calls_off(&ended) && ended.count("toggle-scheduler: activate") == 0, "{task}");
            assert_eq!(ended.ending(), "Succeeded", "{task}");
        }
    }

    #[test]
    fn a_call_off_does_all_that_it_can_and_says_when_people_are_without_mattermost() {
        for task in CALL_OFF {
            let ended = ends(&file("switchover"), |name, _| match name {
                "roll-nodes: stop-there" => EXHAUSTED,
                _ if name == task => REFUSED,
                _ => ALREADY,
            });
            assert!(CALL_OFF.iter().all(|task| ended.count(task) == 1), "{task}");
            let unconfirmed = task == "confirm-recovery: called-off";
            assert_eq!(ended.ending(), if unconfirmed { "Dr.Unfinished" } else { "Succeeded" }, "{task}");
        }
    }
}

mod reprotect {
    use super::*;

    #[test]
    fn nothing_is_replaced_before_the_lost_writes_are_saved_and_the_divergence_is_answered() {
        let before = &story("reprotect")[1..6];
        for task in before {
            for reply in [REFUSED, EXHAUSTED, BAD_INPUT, SUPERSEDED] {
                let ended = with(&file("reprotect"), task, reply);
                assert_eq!(ended.count("swap-search-leader: follow-back"), 0, "{task} {reply:?}");
                assert_eq!(ended.count("close-run"), 1, "{task} {reply:?}");
            }
        }
    }
}
