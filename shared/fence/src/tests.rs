//! The check, reading by reading.

use super::*;
use mmdr_core::How;
use mmdr_core::ports::{FailoverState, Member};

const NOW: Time = Time(1_795_255_200_000);

fn here() -> Region {
    Region::new("us-west-1")
}

fn there() -> Region {
    Region::new("us-east-1")
}

fn ledger(region: Region, settled: Option<(Region, u64)>) -> Seen<Option<Ledger>> {
    let mut ledger = Ledger::new(region);
    ledger.settled =
        settled.map(|(writer, epoch)| Settled { writer, epoch: Epoch(epoch), at: NOW, how: How::Move, before: None });
    Seen::seen(Some(ledger), NOW)
}

fn cluster(member: bool) -> Seen<Option<ClusterSeen>> {
    let cluster = ClusterSeen {
        arn: "arn".into(),
        status: "available".into(),
        engine_version: "16.6".into(),
        instances: 2,
        has_writer: true,
        global_cluster: member.then(|| "acme-chat".into()),
        managed_password: false,
        global_db_rpo_s: -1,
        backup_retention_days: 7,
        latest_restorable: None,
    };
    Seen::seen(Some(cluster), NOW)
}

fn global(writer: Region) -> GlobalClusterSeen {
    let member = |region: Region| Member {
        cluster_arn: region.to_string(),
        is_writer: region == writer,
        region,
        synchronization: None,
        write_forwarding: None,
    };
    let members = vec![member(here()), member(there())];
    GlobalClusterSeen {
        id: "acme-chat".into(),
        status: "available".into(),
        members,
        failover_state: None,
        endpoint: None,
    }
}

/// RDS names `writer`; no ledger exists yet.
fn view(writer: Region) -> FenceView {
    FenceView {
        now: NOW,
        own: here(),
        own_ledger: Seen::seen(None, NOW),
        other_ledger: Seen::unseen("no answer in time"),
        global: Seen::seen(Some(global(writer)), NOW),
        own_cluster: cluster(true),
        elsewhere_since: None,
    }
}

fn silent() -> FenceView {
    FenceView { global: Seen::unseen("no answer"), own_cluster: Seen::unseen("no answer"), ..view(here()) }
}

#[test]
fn a_writer_here_may_run_and_start() {
    assert_eq!(may_run(&view(here())), MayRun::Yes);
    assert!(may_start(&view(here())));
}

#[test]
fn one_look_at_another_writer_stops_nothing_and_starts_nothing() {
    let seen = view(there());
    assert_eq!(may_run(&seen), MayRun::NoAtFirstLook { writer: there() });
    assert!(!may_start(&seen));
}

#[test]
fn two_looks_at_another_writer_stop() {
    let seen = FenceView { elsewhere_since: Some(NOW.plus_s(-60)), ..view(there()) };
    assert!(matches!(may_run(&seen), MayRun::No(Proof::Database { .. })));
}

#[test]
fn where_nobody_can_tell_a_node_starts_only_if_no_ledger_exists_or_the_own_one_has_settled_here() {
    assert!(may_start(&silent()), "no ledger exists yet: before set-up this product stops nobody");
    let settled_here = FenceView { own_ledger: ledger(here(), Some((here(), 4))), ..silent() };
    assert!(may_start(&settled_here));
    let settled_there = FenceView { own_ledger: ledger(here(), Some((there(), 4))), ..silent() };
    assert!(!may_start(&settled_there));
    let never_settled = FenceView { own_ledger: ledger(here(), None), ..silent() };
    assert!(!may_start(&never_settled));
    let unreadable = FenceView { own_ledger: Seen::unseen("no answer"), ..silent() };
    assert!(!may_start(&unreadable));
}

#[test]
fn without_its_own_ledger_a_region_that_rds_names_does_not_start_against_the_other_ledger() {
    // After a detach elsewhere RDS goes on naming this Region, for ever.
    let told_its_past = FenceView {
        own_ledger: Seen::unseen("no answer"),
        other_ledger: ledger(there(), Some((there(), 9))),
        ..view(here())
    };
    assert!(matches!(may_run(&told_its_past), MayRun::CannotTell { .. }));
    assert!(!may_start(&told_its_past));
    let agreed = FenceView { other_ledger: ledger(there(), Some((here(), 9))), ..told_its_past };
    assert_eq!(may_run(&agreed), MayRun::Yes);
}

#[test]
fn a_move_that_runs_stops_nothing() {
    let mut seen = FenceView { elsewhere_since: Some(NOW.plus_s(-60)), ..view(there()) };
    if let Seen::Seen { value: Some(global), .. } = &mut seen.global {
        let (status, from_arn, to_arn) = ("switching-over".into(), String::new(), String::new());
        global.failover_state = Some(FailoverState { status, from_arn, to_arn, data_loss_allowed: false });
    }
    assert!(matches!(may_run(&seen), MayRun::CannotTell { .. }));
}

#[test]
fn after_a_detach_here_the_global_cluster_is_not_asked() {
    let alone = FenceView {
        own_cluster: cluster(false),
        elsewhere_since: Some(NOW.plus_s(-60)),
        own_ledger: ledger(here(), Some((here(), 9))),
        ..view(there())
    };
    assert_eq!(may_run(&alone), MayRun::Yes);
    assert!(may_start(&alone));
}

#[test]
fn nothing_is_stopped_without_one_of_the_two_proofs_whatever_else_is_seen() {
    let ledgers = |region: Region| {
        let mut all = vec![Seen::unseen("no answer"), Seen::seen(None, NOW), ledger(region.clone(), None)];
        for writer in [here(), there()] {
            all.extend((3..6).map(|epoch| ledger(region.clone(), Some((writer.clone(), epoch)))));
        }
        all
    };
    let (mut stopped, mut all) = (0, 0);
    for base in [view(here()), view(there()), silent()] {
        for since in [None, Some(NOW.plus_s(-5)), Some(NOW.plus_s(-60)), Some(NOW.plus_s(-6_000))] {
            for own_ledger in ledgers(here()) {
                for other_ledger in ledgers(there()) {
                    let seen = FenceView {
                        elsewhere_since: since,
                        own_ledger: own_ledger.clone(),
                        other_ledger,
                        ..base.clone()
                    };
                    all += 1;
                    let MayRun::No(proof) = may_run(&seen) else { continue };
                    stopped += 1;
                    match proof {
                        Proof::Database { since, .. } => {
                            assert!(NOW.since_s(since) >= TWO_LOOKS_S);
                            let named = seen.global.value().and_then(Option::as_ref).and_then(|it| it.only_writer());
                            assert!(named.is_some_and(|writer| writer.region == there()));
                        }
                        Proof::Ledger { epoch, .. } => {
                            let own = seen.own_ledger.value().expect("an unreadable own ledger proves nothing");
                            let settled = own.as_ref().and_then(|it| it.settled.as_ref());
                            assert!(settled.is_none_or(|it| it.writer == there() || it.epoch < epoch), "{seen:?}");
                        }
                    }
                    assert!(!may_start(&seen));
                }
            }
        }
    }
    println!("{stopped} of {all} readings stop");
    assert!(stopped > 0 && stopped < all / 2);
}
