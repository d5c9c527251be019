//! Every machine, run to its end: everything done, and everything going wrong in turn.

mod failover;
mod reprotect;
mod switchover;

use mmdr_core::{Outcome, codes};

use crate::files::{File, file, files};
use crate::host::{ALREADY, Ended, Reply, run};
use crate::stories::{CALL_OFF, MAY_CALL_OFF, OUTSIDE_THE_STORY, story};

const REFUSED: Reply = Reply::Says(Outcome::Refuse, "SomeReason");
const EXHAUSTED: Reply = Reply::Says(Outcome::Exhausted, "SomeReason");
const SUPERSEDED: Reply = Reply::Says(Outcome::Refuse, codes::SUPERSEDED);
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
        assert_eq!((ended.story(), ended.ending()), (vec!["open-run"], "Dr.NotOpened"), "{}", file.name);
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
