//! Every Task of every machine, broken in every way: each story must end as if nothing had been broken.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "MMDR_ONLY replays one story")]

mod accepted;
mod blows;
mod stories;
mod tasks;
mod trial;

use std::collections::BTreeSet;

use blows::BLOWS;
use stories::STORIES;
use trial::Stage;

fn break_everything(name: &str) {
    let story = STORIES.iter().find(|story| story.name == name).unwrap_or_else(|| panic!("no story is called {name}"));
    Stage::new().break_everything(story);
}

/// One test per story, so that they run side by side and each can be told alone.
macro_rules! tests {
    ($($name:ident),+ $(,)?) => {
        $(#[test] fn $name() { break_everything(stringify!($name)); })+
        const TOLD: &[&str] = &[$(stringify!($name)),+];
    };
}

tests! {
    failover_that_asks_nobody,
    failover_that_a_person_approves,
    failover_that_a_person_denies,
    detach,
    switchover,
    switchover_that_is_called_off,
    switchover_that_aws_gives_up,
    reprotect,
    protect,
    answer_approval,
    verify_backups,
    check_readiness,
}

#[test]
fn every_story_is_told() {
    let names: BTreeSet<&str> = STORIES.iter().map(|story| story.name).collect();
    assert_eq!(names, TOLD.iter().copied().collect());
}

#[test]
fn every_task_of_every_machine_occurs_in_a_story_and_the_enumeration_is_large() {
    let stage = Stage::new();
    let (mut needed, mut found, mut trials) = (BTreeSet::new(), BTreeSet::new(), 0);
    for story in &STORIES {
        let work = stage.work_in(story);
        trials += work.len() * BLOWS.len();
        needed.extend(stage.work_of(story).into_iter().map(|work| (story.machine, work)));
        found.extend(work.into_iter().map(|work| (story.machine, work)));
    }
    println!("{} Tasks of {} stories, {trials} trials", found.len(), STORIES.len());
    let missing: Vec<String> = needed.difference(&found).map(|(machine, work)| format!("{machine}: {work}")).collect();
    assert_eq!(missing, Vec::<String>::new(), "these Tasks occur in no story");
    assert!(trials > 1_000, "{trials} trials");
}
