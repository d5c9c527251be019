//! The decision cases, and the attempts to make the guard delete wrongly.

use std::collections::BTreeMap;

use mmdr_cases::{InMemory, Nobody, at_once, place};
use mmdr_core::ports::{
    ConnectionSeen, ConnectionStatus, DomainSeen, IndexSeen, ProbeAnswer, ReplicationStatus, ShardSeen,
};
use mmdr_core::records::{Checkpoints, DeletionProof, IndexDivergence, SearchDivergence};
use mmdr_core::{
    Deployment, Epoch, Evidence, Kind, Payload, Phase, Previous, Region, Run, Seen, Step, Ticket, Time, Verdict,
    records, run_step,
};
use serde_json::json;

use crate::actions::Action;
use crate::guard::{self, Condition};
use crate::observed::{Kept, Observed};
use crate::words::Part;
use crate::{SwapSearchLeader, names, reindex};

type Tested = SwapSearchLeader<Nobody, Nobody>;

const NOW: Time = Time(1_795_255_200_000);
const TARGET: &str = "posts_2026_11_20";

#[test]
fn every_case_is_decided_as_an_operator_would() {
    mmdr_cases::check::<Tested>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"));
}

fn reprotect() -> Run {
    let deployment = Deployment::seed_example().expect("the example is right");
    let regions: Vec<Region> = deployment.regions.iter().map(|setup| setup.name.clone()).collect();
    let ticket: Ticket = serde_json::from_value(json!({
        "id": "rp-1", "execution": "arn", "kind": "reprotect", "from": regions[0], "to": regions[1], "epoch": 8,
        "by": "person", "reason": "the lost Region is back", "dry_run": false, "opened_at": NOW.0,
    }))
    .expect("a ticket");
    Run { ticket, deployment: deployment.into() }
}

fn shard(max_seq_no: i64) -> ShardSeen {
    ShardSeen { shard: 0, started: true, max_seq_no, local_checkpoint: max_seq_no, global_checkpoint: max_seq_no }
}

fn index(name: &str, max_seq_no: i64, write_block: bool) -> IndexSeen {
    IndexSeen {
        name: name.into(),
        open: true,
        follower_of: None,
        replication_block: false,
        write_block,
        replication: ReplicationStatus::NotInProgress,
        shards: vec![shard(max_seq_no)],
        documents: 10,
    }
}

fn domain() -> DomainSeen {
    DomainSeen {
        engine_version: "OpenSearch_2.19".into(),
        service_software: "R20261101".into(),
        health: "green".into(),
        access_control: true,
        snapshot_running: false,
    }
}

fn connection(leader: &Region) -> ConnectionSeen {
    ConnectionSeen {
        id: "c-2".into(),
        alias: "mmdr-2".into(),
        leader: leader.clone(),
        status: ConnectionStatus::Active,
    }
}

/// The target at the old leader ends at 62, its follower was saved at 40 and promoted, and now ends at 81.
fn deletable(run: &Run) -> Observed {
    let mut seen = Observed::blank(run.own().clone(), NOW, NOW, 0);
    let one = |index: IndexSeen| Seen::seen(BTreeMap::from([(index.name.clone(), index)]), NOW);
    seen.own = one(index(TARGET, 81, false));
    seen.other = one(index(TARGET, 62, true));
    seen.own_domain = Seen::seen(domain(), NOW);
    seen.other_domain = Seen::seen(domain(), NOW);
    seen.probes = Seen::seen(BTreeMap::from([(TARGET.to_owned(), ProbeAnswer::Writable)]), NOW);
    seen.own_connections = Seen::seen(Vec::new(), NOW);
    seen.other_connections = Seen::seen(vec![connection(run.own())], NOW);
    seen.own_rules = Seen::seen(Vec::new(), NOW);
    seen.other_rules = Seen::seen(Vec::new(), NOW);
    let saved = BTreeMap::from([(TARGET.to_owned(), vec![shard(40)])]);
    seen.checkpoints = before(Checkpoints { at: NOW.plus_s(-3_600), epoch: Epoch(7), indices: saved });
    let exported = IndexDivergence {
        above: vec![(0, 40)],
        exported_to: vec![(0, 62)],
        operations: 22,
        documents: 20,
        whole: false,
        export: Some("runs/rp-1/search-divergence/posts.jsonl".into()),
    };
    let indices = BTreeMap::from([(TARGET.to_owned(), exported)]);
    seen.divergence = Kept { in_run: Some(SearchDivergence { at: NOW, indices }), before: None };
    seen.deletion_proofs.insert(TARGET.into(), proof(run));
    seen.settled = vec![run.own().clone()];
    seen
}

fn before(checkpoints: Checkpoints) -> Kept<Checkpoints> {
    Kept { in_run: None, before: Some(checkpoints) }
}

fn proof(run: &Run) -> DeletionProof {
    DeletionProof {
        index: TARGET.into(),
        region: run.other().clone(),
        epoch: run.epoch,
        at: NOW,
        old: vec![shard(62)],
        saved: vec![shard(40)],
        export: None,
        conditions: Vec::new(),
    }
}

fn leader(seen: &mut Observed) -> &mut IndexSeen {
    let Seen::Seen { value, .. } = &mut seen.own else { panic!("seen") };
    value.get_mut(TARGET).expect("the leader's index")
}

fn old(seen: &mut Observed) -> &mut IndexSeen {
    let Seen::Seen { value, .. } = &mut seen.other else { panic!("seen") };
    value.get_mut(TARGET).expect("the old index")
}

fn saved(seen: &mut Observed) -> &mut Vec<ShardSeen> {
    seen.checkpoints.before.as_mut().and_then(|it| it.indices.get_mut(TARGET)).expect("saved")
}

fn exported(seen: &mut Observed) -> &mut IndexDivergence {
    seen.divergence.in_run.as_mut().and_then(|it| it.indices.get_mut(TARGET)).expect("exported")
}

fn recorded(seen: &mut Observed) -> &mut DeletionProof {
    seen.deletion_proofs.get_mut(TARGET).expect("recorded")
}

fn value<T>(seen: &mut Seen<T>) -> &mut T {
    let Seen::Seen { value, .. } = seen else { panic!("seen") };
    value
}

fn probed(seen: &mut Observed, answer: ProbeAnswer) {
    value(&mut seen.probes).insert(TARGET.into(), answer);
}

/// The same good look, with everything under another name.
fn renamed(run: &Run, seen: &mut Observed, name: &str) {
    *seen =
        serde_json::from_str(&serde_json::to_string(&*seen).expect("json").replace(TARGET, name)).expect("observed");
    assert!(!seen.deletion_proofs.is_empty() && run.epoch == Epoch(8));
}

type Attempt = (&'static str, &'static str, fn(&mut Run, &mut Observed));

/// What somebody might try, or what a bad night might bring: none of it may delete.
const ATTEMPTS: &[Attempt] = &[
    ("a prefix that holds a wildcard", "mm*users", |run, seen| {
        let mut deployment = (*run.deployment).clone();
        deployment.search.index_prefix = "mm*".into();
        run.deployment = deployment.into();
        renamed(run, seen, "mm*users");
    }),
    ("every index of a pattern", "posts_*", |run, seen| renamed(run, seen, "posts_*")),
    ("everything", "_all", |run, seen| renamed(run, seen, "_all")),
    ("two names in one", "users,files", |run, seen| renamed(run, seen, "users,files")),
    ("an index that is not Mattermost's", "audit_log", |run, seen| renamed(run, seen, "audit_log")),
    ("the quarantine", "dr-quarantine-posts", |run, seen| renamed(run, seen, "dr-quarantine-posts")),
    ("another prefix", "acme_posts_2026_11_20", |run, seen| renamed(run, seen, "acme_posts_2026_11_20")),
    ("the Region whose search leads", TARGET, |run, seen| {
        run.ticket.from = run.ticket.to.clone();
        let region = run.ticket.to.clone();
        recorded(seen).region = region;
    }),
    ("an abandoned Region after a detach", TARGET, |run, seen| seen.settled.push(run.other().clone())),
    ("ledgers in which nobody has settled", TARGET, |_, seen| seen.settled.clear()),
    ("an index that only the old leader has", TARGET, |_, seen| {
        value(&mut seen.own).clear();
    }),
    ("an index not promoted yet", TARGET, |_, seen| leader(seen).follower_of = Some(TARGET.into())),
    ("an index closed at the new leader", TARGET, |_, seen| leader(seen).open = false),
    ("the plugin's block at the new leader", TARGET, |_, seen| leader(seen).replication_block = true),
    ("our own fence at the new leader", TARGET, |_, seen| leader(seen).write_block = true),
    ("a primary that is not started", TARGET, |_, seen| leader(seen).shards[0].started = false),
    ("a new leader that shows no shards", TARGET, |_, seen| {
        leader(seen).shards.clear();
        saved(seen).clear();
        recorded(seen).saved.clear();
        exported(seen).above = vec![(0, -1)];
    }),
    ("a zombie that answers 500", TARGET, |_, seen| probed(seen, ProbeAnswer::Broken)),
    ("a follower that answers 403", TARGET, |_, seen| probed(seen, ProbeAnswer::Blocked)),
    ("a probe that nobody answered", TARGET, |_, seen| seen.probes = Seen::unseen("no answer in time")),
    ("a new leader with less than was saved", TARGET, |_, seen| leader(seen).shards = vec![shard(39)]),
    ("a saved shard that the new leader lacks", TARGET, |_, seen| {
        saved(seen).push(ShardSeen { shard: 1, ..shard(5) });
        let both = saved(seen).clone();
        recorded(seen).saved = both;
    }),
    ("divergence that nobody exported", TARGET, |_, seen| seen.divergence = Kept::default()),
    ("nothing saved and nothing exported", TARGET, |_, seen| {
        seen.divergence = Kept::default();
        seen.checkpoints = Kept::default();
        recorded(seen).saved.clear();
    }),
    ("an export that begins too late", TARGET, |_, seen| exported(seen).above = vec![(0, 50)]),
    ("an export that ends too early", TARGET, |_, seen| exported(seen).exported_to = vec![(0, 61)]),
    ("operations that came after the export", TARGET, |_, seen| {
        old(seen).shards = vec![shard(63)];
        recorded(seen).old = vec![shard(63)];
    }),
    ("an export of another shard", TARGET, |_, seen| exported(seen).exported_to = vec![(1, 62)]),
    ("an old leader that shows no shards", TARGET, |_, seen| {
        old(seen).shards.clear();
        recorded(seen).old.clear();
    }),
    ("an index that follows already", TARGET, |_, seen| old(seen).follower_of = Some(TARGET.into())),
    ("an old leader that takes writes", TARGET, |_, seen| old(seen).write_block = false),
    ("a snapshot at the old leader", TARGET, |_, seen| value(&mut seen.other_domain).snapshot_running = true),
    ("a connection that is not ACTIVE", TARGET, |_, seen| {
        value(&mut seen.other_connections)[0].status = ConnectionStatus::PendingAcceptance;
    }),
    ("a connection that was deleted", TARGET, |_, seen| {
        value(&mut seen.other_connections)[0].status = ConnectionStatus::Deleted;
    }),
    ("a connection towards another leader", TARGET, |run, seen| {
        value(&mut seen.other_connections)[0].leader = run.other().clone();
    }),
    ("connections that nobody listed", TARGET, |_, seen| seen.other_connections = Seen::unseen("denied")),
    ("an older engine at the old leader", TARGET, |_, seen| {
        value(&mut seen.other_domain).engine_version = "OpenSearch_2.17".into();
    }),
    ("other service software", TARGET, |_, seen| value(&mut seen.own_domain).service_software = "R20261201".into()),
    ("a domain that does not answer", TARGET, |_, seen| seen.own_domain = Seen::unseen("no answer in time")),
    ("no proof", TARGET, |_, seen| seen.deletion_proofs.clear()),
    ("a proof of an older run", TARGET, |_, seen| recorded(seen).epoch = Epoch(7)),
    ("a proof of another Region", TARGET, |run, seen| recorded(seen).region = run.own().clone()),
    ("a proof of another state", TARGET, |_, seen| recorded(seen).old = vec![shard(61)]),
    ("a proof of other checkpoints", TARGET, |_, seen| recorded(seen).saved = vec![shard(39)]),
    ("a proof of another index", TARGET, |_, seen| recorded(seen).index = "users".into()),
    ("an old leader that was not seen", TARGET, |_, seen| seen.other = Seen::unseen("no answer in time")),
    ("a new leader that was not seen", TARGET, |_, seen| seen.own = Seen::unseen("no answer in time")),
];

fn attempted(attempt: &Attempt) -> (Run, Observed) {
    let mut run = reprotect();
    let mut seen = deletable(&run);
    attempt.2(&mut run, &mut seen);
    (run, seen)
}

fn deletes(run: &Run, seen: &Observed, name: &str) -> bool {
    Part::ALL.iter().any(|part| match Tested::decide(run, part, seen) {
        Verdict::Act(Action::DeleteIndices { names, .. }) => names.iter().any(|it| it.as_str() == name),
        _ => false,
    })
}

#[test]
fn an_index_is_deleted_when_every_condition_holds() {
    let run = reprotect();
    let seen = deletable(&run);
    assert_eq!(guard::broken(&Condition::ALL, &run, &seen, TARGET), []);
    assert!(deletes(&run, &seen, TARGET));
}

#[test]
fn no_attempt_makes_it_delete_wrongly() {
    assert!(ATTEMPTS.len() >= 25, "{} attempts", ATTEMPTS.len());
    for attempt in ATTEMPTS {
        let (run, seen) = attempted(attempt);
        assert!(guard::judge(&run, &seen, attempt.1).is_err(), "the guard lets go: {}", attempt.0);
        assert!(!deletes(&run, &seen, attempt.1), "it deletes: {}", attempt.0);
    }
}

#[test]
fn without_any_single_condition_some_attempt_deletes_wrongly() {
    for left_out in Condition::ALL {
        let kept: Vec<Condition> = Condition::ALL.into_iter().filter(|condition| *condition != left_out).collect();
        let passes = |attempt: &&Attempt| {
            let (run, seen) = attempted(attempt);
            guard::broken(&kept, &run, &seen, attempt.1).is_empty()
        };
        assert!(ATTEMPTS.iter().find(passes).is_some(), "{left_out:?} stops no attempt by itself");
    }
}

#[test]
fn names_are_told_apart_from_everything_that_looks_like_them() {
    assert!(names::is_known("mm_", "mm_posts_2026_11_20") && names::is_known("", "postsmonth_2025_01"));
    for name in ["posts_2026_11", "posts_2026_11_2", "posts_2026_11_20_x", "postsmonth_2025", "userss", "mm_users"] {
        assert!(!names::is_known("", name), "{name}");
    }
    for name in ["", "posts*", "users,files", "-users", "_all", "<posts-{now/d}>", "Users", ".kibana", "posts 1"] {
        assert!(!names::is_exact(name), "{name}");
    }
}

#[test]
fn the_hot_set_covers_servers_ahead_of_utc_and_names_the_standing_indices_first() {
    let hot = names::hot("mm_", NOW);
    let expected =
        ["mm_users", "mm_channels", "mm_files", "mm_posts_2026_11_21", "mm_posts_2026_11_20", "mm_posts_2026_11_22"];
    assert_eq!(hot, expected);
}

#[test]
fn a_daily_index_belongs_to_its_month() {
    assert_eq!(names::month_of("mm_", "mm_posts_2025_10_03").as_deref(), Some("mm_postsmonth_2025_10"));
    assert_eq!(names::month_of("", "postsmonth_2025_10"), None);
}

#[test]
fn the_outcome_of_an_indexing_job_is_trusted_from_11_7_on() {
    assert!(reindex::outcome_is_trusted("11.7.0") && reindex::outcome_is_trusted("12.0"));
    assert!(!reindex::outcome_is_trusted("11.6.4") && !reindex::outcome_is_trusted("unknown"));
}

#[test]
fn a_dry_run_proves_and_follows_back_on_what_it_assumed() {
    let mut run = reprotect();
    run.ticket.kind = Kind::Switchover;
    let mut seen = deletable(&run);
    leader(&mut seen).follower_of = Some(TARGET.into());
    old(&mut seen).write_block = false;
    seen.divergence = Kept::default();
    seen.checkpoints = Kept::default();
    let fact = |fact: &str, value| mmdr_core::Assumption { fact: fact.into(), value };
    Tested::assume(&mut seen, &[fact("search/fenced", json!(true))]);
    let Verdict::Act(proof) = Tested::decide(&run, &Part::Prove, &seen) else { panic!("writes the proof") };
    let mut assumed = Tested::effect(&run, &Part::Prove, &proof);
    assumed.push(fact("search/leader", json!(run.own().as_str())));
    Tested::assume(&mut seen, &assumed);
    assert_eq!(Tested::decide(&run, &Part::PromoteRest, &seen), Verdict::Already);
    let said = Tested::decide(&run, &Part::FollowBack, &seen);
    assert!(matches!(said, Verdict::Act(Action::WriteDeletionProofs { .. })), "{said:?}");
}

/// One look of protect at domains that do not answer: what the machine carries on, and since when the look takes itself to
/// have looked.
fn unanswered(store: &InMemory, ticket: &Ticket, part: &str, previous: Option<Previous>, at: Time) -> (Previous, Time) {
    let payload = Payload { run: json!(ticket), previous, part: part.into(), execution: None, token: None };
    let here = place(ticket.to.as_str(), at);
    let answer = at_once(run_step::<Tested>(store, &Nobody, &Nobody, &here, payload)).expect("a look");
    let run = Run { ticket: ticket.clone(), deployment: here.deployment };
    let key = records::evidence_key(&run, Tested::NAME, part, at, answer.previous.looks);
    let records = store.records.borrow();
    let look = records.get(&key).and_then(|look| look.as_str()).expect("the look is written down");
    let look: Evidence = serde_json::from_str(look).expect("evidence");
    let seen: Observed = serde_json::from_str(look.observed.get()).expect("what was looked at");
    (answer.previous, seen.first_look_at)
}

#[test]
fn a_later_look_of_the_same_part_knows_when_the_part_looked_first() {
    let mut ticket = reprotect().ticket;
    (ticket.kind, ticket.id) = (Kind::Protect, mmdr_core::RunId("pr-1".into()));
    let store = InMemory::default();
    store.open(&ticket, Phase::Open, &[&ticket.to]);
    let (first, since) = unanswered(&store, &ticket, "connect", None, NOW);
    assert_eq!((first.code.as_str(), since), ("DomainUnseen", NOW));
    let (second, since) = unanswered(&store, &ticket, "connect", Some(first), NOW.plus_s(900));
    assert_eq!((second.looks, second.first_look_at, since), (2, NOW, NOW));
    let (other, since) = unanswered(&store, &ticket, "unblock", Some(second), NOW.plus_s(960));
    assert_eq!((other.looks, since), (1, NOW.plus_s(960)), "another part begins anew");
}
