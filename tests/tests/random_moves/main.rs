//! Random moves with faults: safety all the time, and after everything has healed a good end.
//!
//! `MMDR_MOVES` says how many, `MMDR_FROM` from which seed on, and `MMDR_SEED` tells one of them aloud.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "MMDR_MOVES, MMDR_FROM and MMDR_SEED choose the seeds")]

mod generator;
#[path = "../support/good_ends.rs"]
mod good_ends;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, thread};

use mmdr_core::{Deployment, Time};
use mmdr_world::driver::Machines;
use mmdr_world::rehearsal::{Rehearsal, Told, machines};

/// How many stories are told where nothing is said.
const MOVES: u64 = 500;
/// How many failures are shown: the first ones say enough.
const SHOWN: usize = 25;

/// One story's end.
struct End {
    seed: u64,
    wrong: Vec<String>,
    runs: Vec<String>,
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name}: expected a number, found {text:?}")))
}

fn tell(seed: u64, deployment: &Deployment, machines: &Machines, listening: bool) -> Told {
    let story = generator::story(seed, machines);
    let told = Rehearsal::new(Arc::new(story), deployment, machines, seed, listening).unwrap();
    told.tell(seed, &mut |_, _| {})
}

/// Judges first: what they find is a matter of safety. What is not as it should be in the end is one of liveness.
fn wrong(told: &Told) -> Vec<String> {
    let mut wrong: Vec<String> = told
        .violations
        .iter()
        .map(|found| format!("judge {} at {}: {}", found.judge, Time(found.at), found.what))
        .collect();
    wrong.extend(good_ends::complaints(&told.sim.borrow()));
    wrong
}

fn end(seed: u64, deployment: &Deployment, machines: &Machines) -> End {
    let told = tell(seed, deployment, machines, false);
    let runs = told.runs.iter().map(|run| format!("{}: {}", run.kind, run.ending)).collect();
    End { seed, wrong: wrong(&told), runs }
}

fn replay(seed: u64, deployment: &Deployment, machines: &Machines) {
    let told = tell(seed, deployment, machines, true);
    let story = generator::story(seed, machines);
    println!("{:?}\n{}\n{}", story.setup, story.deployment, story.policy);
    for line in &told.lines {
        println!("{} {}", Time(line.at), line.text);
    }
    for run in &told.runs {
        println!("ended: {} {} {}", run.kind, run.ending, run.name);
    }
    let wrong = wrong(&told);
    assert!(wrong.is_empty(), "seed {seed}:\n    {}", wrong.join("\n    "));
}

/// Tells every seed; the world is single-threaded, the seeds are not.
fn tell_all(from: u64, count: u64, deployment: &Deployment, machines: &Machines) -> Vec<End> {
    let (next, ends) = (AtomicU64::new(from), Mutex::new(Vec::new()));
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + count {
                        return;
                    }
                    let end = end(seed, deployment, machines);
                    ends.lock().unwrap().push(end);
                }
            });
        }
    });
    let mut ends = ends.into_inner().unwrap();
    ends.sort_by_key(|end| end.seed);
    ends
}

#[test]
fn whatever_a_seed_brings_it_is_safe_all_the_time_and_ends_well_when_everything_has_healed() {
    let (deployment, machines) = (Deployment::seed_example().unwrap(), machines().unwrap());
    if let Some(seed) = number("MMDR_SEED") {
        return replay(seed, &deployment, &machines);
    }
    let (from, count) = (number("MMDR_FROM").unwrap_or(1), number("MMDR_MOVES").unwrap_or(MOVES));
    let ends = tell_all(from, count, &deployment, &machines);
    let mut endings: BTreeMap<&str, u32> = BTreeMap::new();
    for run in ends.iter().flat_map(|end| &end.runs) {
        *endings.entry(run).or_insert(0) += 1;
    }
    println!("{count} stories from seed {from}: {endings:?}");
    let failed: Vec<&End> = ends.iter().filter(|end| !end.wrong.is_empty()).collect();
    let shown: Vec<String> = failed.iter().take(SHOWN).map(|end| shown(end)).collect();
    let report = format!("{} of {count} stories end wrong:\n{}", failed.len(), shown.join("\n"));
    assert!(failed.is_empty(), "{report}");
    // A generator that brings nothing proves nothing.
    if count >= MOVES {
        for needed in [
            "failover: healthy",
            "failover: denied",
            "switchover: healthy",
            "switchover: called-off",
            "reprotect: healthy",
        ] {
            assert!(endings.contains_key(needed), "no story ended {needed}: {endings:?}");
        }
    }
}

fn shown(end: &End) -> String {
    let seed = end.seed;
    let replay = format!("MMDR_SEED={seed} cargo test -p mmdr-tests --test random_moves -- --nocapture");
    format!("seed {seed} ({}):\n    {}\n    {replay}", end.runs.join(", "), end.wrong.join("\n    "))
}

#[test]
fn a_seed_tells_the_same_story_each_time() {
    let (deployment, machines) = (Deployment::seed_example().unwrap(), machines().unwrap());
    let told = || tell(7, &deployment, &machines, true).lines.iter().map(|line| line.text.clone()).collect::<Vec<_>>();
    assert_eq!(told(), told());
}
