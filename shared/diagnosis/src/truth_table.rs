//! The full truth table of the witnesses.

use std::collections::BTreeMap;

use mmdr_core::deployment::{Approval, Policy};

use crate::{Health, Symptoms, TABLE, diagnosis_of};

/// Calls `each` with every combination: three values for each of ten witnesses, two for each of three facts.
fn for_each(mut each: impl FnMut(&Symptoms)) {
    for number in 0..3_usize.pow(10) * 8 {
        let opinion = |place: u32| Health::ALL[number / 8 / 3_usize.pow(place) % 3];
        each(&Symptoms {
            own_probe: opinion(0),
            third_probe: opinion(1),
            front_door: opinion(2),
            heartbeat: opinion(3),
            database: opinion(4),
            answers: opinion(5),
            writes: opinion(6),
            standby: opinion(7),
            search: opinion(8),
            dns: opinion(9),
            moving: number & 1 != 0,
            writer_here: number & 2 != 0,
            flapping: number & 4 != 0,
        });
    }
}

fn policies() -> Vec<Policy> {
    let mut all = Vec::new();
    for approval in [Approval::Always, Approval::MachineStarted, Approval::Never] {
        for witnesses_needed in 1..=3 {
            all.push(Policy { approval, witnesses_needed, ..Policy::default() });
        }
    }
    all
}

#[test]
fn exactly_one_diagnosis_is_chosen_for_every_combination_and_each_one_is_for_some() {
    let mut counts: BTreeMap<(u32, &str), u64> = BTreeMap::new();
    for_each(|symptoms| {
        let row = diagnosis_of(symptoms);
        *counts.entry((row.priority, row.code)).or_default() += 1;
    });
    for ((_, code), count) in &counts {
        println!("{count:>8} {code}");
    }
    assert_eq!(counts.values().sum::<u64>(), 3_u64.pow(10) * 8);
    assert_eq!(counts.len(), TABLE.len(), "a row that never holds: {counts:?}");
    assert!(TABLE.windows(2).all(|pair| pair[0].priority < pair[1].priority));
    let codes: std::collections::BTreeSet<&str> = TABLE.iter().map(|row| row.code).collect();
    assert_eq!(codes.len(), TABLE.len());
}

#[test]
fn a_machine_never_fails_over_against_a_living_writer_nor_on_fewer_vantages_than_policy_asks() {
    let policies = policies();
    let (mut permitted, mut refused) = (0_u64, 0_u64);
    for_each(|symptoms| {
        let row = diagnosis_of(symptoms);
        for policy in &policies {
            if !row.permits_automation(symptoms, policy) {
                refused += 1;
                continue;
            }
            permitted += 1;
            let seen_failing = symptoms.vantages_failing();
            assert!(seen_failing >= policy.witnesses_needed, "{symptoms:?}");
            assert!(!symptoms.writer_lives() && !symptoms.region_lives(), "{symptoms:?}");
            assert!(symptoms.standby.healthy() && !symptoms.moving && !symptoms.writer_here && !symptoms.flapping);
            assert!(symptoms.lost_from_here(), "{symptoms:?}");
            let third = symptoms.third_probe.unhealthy();
            assert!(third || policy.approval != Approval::Never, "nobody is asked and no third Region: {symptoms:?}");
        }
    });
    println!("{permitted:>8} permitted, {refused} refused");
    assert!(permitted > 0 && permitted < refused);
}

#[test]
fn silence_alone_never_permits_anybody_anything() {
    for_each(|symptoms| {
        let all = [symptoms.own_probe, symptoms.third_probe, symptoms.front_door, symptoms.database, symptoms.answers];
        if all.iter().all(|it| !it.unhealthy()) && !symptoms.writes.unhealthy() {
            let row = diagnosis_of(symptoms);
            assert!(!row.person && !row.permits_automation(symptoms, &Policy::default()), "{} {symptoms:?}", row.code);
        }
    });
}

#[test]
fn a_person_is_never_permitted_against_a_living_writer_without_accepting_it_by_name() {
    for_each(|symptoms| assert!(!diagnosis_of(symptoms).person || !symptoms.writer_lives(), "{symptoms:?}"));
}
