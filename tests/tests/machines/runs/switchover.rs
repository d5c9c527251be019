//! What becomes of a switchover: until its call it calls off, after it never.

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
    let codes = [codes::CALL_REFUSED, "ServiceRefused", "WriterElsewhere", "SomethingNew", ""];
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
