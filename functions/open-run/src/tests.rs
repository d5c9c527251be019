use mmdr_cases::{InMemory, Nobody, at_once, place};
use mmdr_core::ports::{GlobalClusterSeen, Member};
use mmdr_core::{Answer, Ending, Epoch, LedgerMark, Outcome, Payload, Region, StepError, Time};
use serde_json::{Value, json};

use crate::{OpenRun, handle};

#[test]
fn open_run_decides_each_case_as_its_folder_says() {
    mmdr_cases::check::<OpenRun<Nobody, Nobody>>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"));
}

pub(crate) const NOW: Time = Time(1_795_255_200_000);

pub(crate) fn arn(region: &str, machine: &str, name: &str) -> String {
    format!("arn:aws:states:{region}:123456789012:execution:mmdr-acme-chat-{machine}:{name}")
}

// Duplicates, crashes and races.

/// Two Regions without a ledger; the writer is us-west-1.
fn two_regions() -> InMemory {
    let member = |region: &str, is_writer| Member {
        cluster_arn: format!("arn:{region}"),
        region: Region::new(region),
        is_writer,
        synchronization: None,
        write_forwarding: None,
    };
    let members = vec![member("us-west-1", true), member("us-east-1", false)];
    let (id, status) = ("acme-chat".into(), "available".into());
    let store = InMemory::default();
    let global = GlobalClusterSeen { id, status, members, failover_state: None, endpoint: None };
    store.global.replace(Some(global));
    store
}

/// One machine execution that loops as the state machine does.
#[derive(Clone)]
struct Machine {
    own: &'static str,
    payload: Payload,
    now: Time,
}

impl Machine {
    fn new(own: &'static str, machine: &str, name: &str, input: Value) -> Self {
        let execution = Some(arn(own, machine, name));
        let payload = Payload { run: input, previous: None, part: "whole".into(), execution, token: None };
        Self { own, payload, now: NOW }
    }
    fn failover(name: &str, by: &str) -> Self {
        Self::new(
            "us-east-1",
            "failover",
            name,
            json!({"kind": "failover", "to": "us-east-1", "reason": "dark", "by": by}),
        )
    }
    fn protect(name: &str) -> Self {
        Self::new("us-west-1", "protect", name, json!({"kind": "protect", "to": "us-west-1", "reason": "set up"}))
    }
    fn look(&mut self, store: &InMemory) -> Result<Answer, StepError> {
        let place = place(self.own, self.now);
        let answer = at_once(handle(store, store, store, &place, self.payload.clone()))?;
        self.payload.run = serde_json::to_value(&answer.run).unwrap();
        self.payload.previous = Some(answer.previous.clone());
        self.now = self.now.plus_s(i64::from(answer.previous.look_again_s));
        Ok(answer)
    }
    fn ended(&self) -> bool {
        let last = self.payload.previous.as_ref().map(|previous| previous.outcome);
        !matches!(last, None | Some(Outcome::Acted | Outcome::Wait))
    }
    fn finish(&mut self, store: &InMemory) -> Answer {
        if self.ended() {
            let run = serde_json::from_value(self.payload.run.clone()).unwrap();
            return Answer { run, previous: self.payload.previous.clone().unwrap() };
        }
        for _ in 0..300 {
            let answer = self.look(store).unwrap();
            if !matches!(answer.previous.outcome, Outcome::Acted | Outcome::Wait) {
                return answer;
            }
        }
        panic!("it never ends");
    }
}

#[test]
fn a_run_is_opened_in_three_looks_and_both_ledgers_agree() {
    let store = two_regions();
    let mut machine = Machine::failover("fo-1", "person");
    let outcomes: Vec<Outcome> = (0..3).map(|_| machine.look(&store).unwrap().previous.outcome).collect();
    assert_eq!(outcomes, [Outcome::Acted, Outcome::Acted, Outcome::Already]);
    let answer = machine.look(&store).unwrap();
    assert_eq!((answer.run.epoch, answer.run.opened_at, answer.run.forward_only), (Epoch(1), NOW, false));
    assert_eq!(store.run_in("us-east-1"), store.run_in("us-west-1"));
}

#[test]
fn a_second_delivery_of_any_look_claims_nothing_twice() {
    let store = two_regions();
    let mut machine = Machine::failover("fo-1", "person");
    let mut first = machine.clone();
    machine.finish(&store);
    let answer = first.finish(&store);
    assert_eq!((answer.previous.outcome, answer.run.epoch), (Outcome::Already, Epoch(1)));
}

#[test]
fn of_two_machines_that_start_a_failover_at_once_one_is_absorbed() {
    let store = two_regions();
    let (mut one, mut two) = (Machine::failover("fo-1", "alarm"), Machine::failover("fo-2", "alarm"));
    one.look(&store).unwrap();
    let answer = two.finish(&store);
    assert_eq!((answer.previous.outcome, answer.previous.code.as_str()), (Outcome::Refuse, "MoveRunning"));
    assert_eq!(one.finish(&store).previous.outcome, Outcome::Already);
}

#[test]
fn of_two_regions_that_claim_one_epoch_the_writers_wins_in_every_order_of_looks() {
    for order in 0..64_u32 {
        let store = two_regions();
        let (mut failover, mut protect) = (Machine::failover("fo-1", "alarm"), Machine::protect("pr-1"));
        // Both claim in their own ledger before either sees the other.
        store.away.replace(Some(Region::new("us-west-1")));
        failover.look(&store).unwrap();
        store.away.replace(None);
        let east = store.ledgers.borrow_mut().remove(&Region::new("us-east-1")).unwrap();
        protect.look(&store).unwrap();
        store.ledgers.borrow_mut().insert(Region::new("us-east-1"), east);
        for turn in 0..6 {
            let machine = if order >> turn & 1 == 0 { &mut failover } else { &mut protect };
            if !machine.ended() {
                machine.look(&store).unwrap();
            }
        }
        let lost = failover.finish(&store);
        let won = protect.finish(&store);
        assert_eq!((lost.previous.outcome, lost.previous.code.as_str()), (Outcome::Refuse, "LostRace"), "{order:b}");
        assert_eq!((won.previous.outcome, won.run.epoch), (Outcome::Already, Epoch(1)), "{order:b}");
        let winner = store.run_in("us-east-1").unwrap();
        assert_eq!((winner.id.0.as_str(), winner.epoch), ("pr-1", Epoch(1)));
    }
}

#[test]
fn a_failover_opens_although_the_other_region_reads_but_refuses_writes_or_is_away() {
    let store = two_regions();
    store.read_only.replace(Some(Region::new("us-west-1")));
    let answer = Machine::failover("fo-1", "person").finish(&store);
    assert_eq!((answer.previous.outcome, answer.run.epoch), (Outcome::Already, Epoch(1)));
    let store = two_regions();
    store.away.replace(Some(Region::new("us-west-1")));
    assert_eq!(Machine::failover("fo-1", "person").finish(&store).previous.outcome, Outcome::Already);
}

#[test]
fn a_persons_failover_pre_empts_and_the_pre_empted_run_learns_it() {
    let store = two_regions();
    let mut alarm = Machine::failover("fo-1", "alarm");
    alarm.look(&store).unwrap();
    assert_eq!(Machine::failover("fo-2", "person").finish(&store).run.epoch, Epoch(2));
    let answer = alarm.finish(&store);
    assert_eq!((answer.previous.outcome, answer.previous.code.as_str()), (Outcome::Refuse, "Superseded"));
}

#[test]
fn a_resume_takes_the_next_epoch_and_goes_forward_only() {
    let store = two_regions();
    Machine::failover("fo-1", "alarm").finish(&store);
    let east = Region::new("us-east-1");
    store.ledgers.borrow_mut().get_mut(&east).unwrap().0.apply(&LedgerMark::Calling { after: None }, NOW);
    store.failed.borrow_mut().insert(arn("us-east-1", "failover", "fo-1"), NOW);
    let input = json!({"kind": "failover", "to": "us-east-1", "by": "reconcile", "resumes": "fo-1"});
    let mut resume = Machine::new("us-east-1", "failover", "fo-1-r1", input);
    assert_eq!(resume.look(&store).unwrap().previous.code, "FunctionsMayStillRun");
    let answer = resume.finish(&store);
    assert_eq!((answer.previous.outcome, answer.run.epoch), (Outcome::Already, Epoch(2)));
    assert!(answer.run.forward_only);
    let all = store.ledgers.borrow();
    let line = all[&east].0.run.as_ref().unwrap();
    assert!(line.reached_call() && line.resumed_times == 1 && line.ending != Some(Ending::Healthy));
}

#[test]
fn a_resume_of_a_resume_still_names_the_run_that_made_the_move() {
    let store = two_regions();
    Machine::failover("fo-1", "alarm").finish(&store);
    let east = Region::new("us-east-1");
    store.ledgers.borrow_mut().get_mut(&east).unwrap().0.apply(&LedgerMark::Calling { after: None }, NOW);
    let mut before = "fo-1".to_owned();
    for name in ["fo-1-r1", "fo-1-r2", "fo-1-r3"] {
        // Long ago: its functions have ended, too.
        store.failed.borrow_mut().insert(arn("us-east-1", "failover", &before), NOW.plus_s(-3_600));
        let input = json!({"kind": "failover", "to": "us-east-1", "by": "reconcile", "resumes": before});
        let run = Machine::new("us-east-1", "failover", name, input).finish(&store).run;
        assert_eq!(run.resumes.as_ref().map(|it| it.0.as_str()), Some(before.as_str()));
        before = name.into();
        if name == "fo-1-r3" {
            let earlier: Vec<&str> = run.earlier.iter().map(|it| it.0.as_str()).collect();
            assert_eq!(earlier, ["fo-1-r1", "fo-1"]);
        }
    }
}

#[test]
fn a_dry_run_writes_no_ledger_and_keeps_epoch_0() {
    let store = two_regions();
    let input = json!({"kind": "switchover", "to": "us-east-1", "reason": "plan", "dry_run": true});
    let answer = Machine::new("us-east-1", "switchover", "so-1", input).finish(&store);
    assert_eq!((answer.previous.outcome, answer.run.epoch), (Outcome::Already, Epoch(0)));
    assert!(store.ledgers.borrow().is_empty());
    assert!(store.records.borrow().keys().all(|key| key.starts_with("dry-run/so-1/")));
}
