use super::*;

#[test]
fn an_existing_index_cannot_become_a_follower_nor_follow_a_follower() {
    let mut stage = stage();
    stage.at(60);
    let exists = stage.act(|model, ctx| start(model, 0, "mmdr-1", &names(&[TODAY]), ctx));
    assert_eq!(
        exists,
        Err(Fault::Refused(format!("Cant use same index again for replication. Delete the index:{TODAY}")))
    );
    stage.act(|model, ctx| delete_indices(model, 0, &names(&["users"]), ctx)).unwrap();
    let chained = stage.act(|model, ctx| start(model, 0, "mmdr-1", &names(&["users"]), ctx));
    assert_eq!(chained, Err(Fault::Refused("Cannot Replicate a Replicated Index users".into())));
}

#[test]
fn a_rolling_replacement_brings_the_new_leaders_content_to_the_old_one() {
    let mut stage = stage();
    post(stage.at(60), 0, 5);
    stop_all(stage.at(90), 1, &[TODAY]);
    post(stage.at(91), 0, 6);
    post(stage.at(92), 1, 7);
    stage.act(|model, ctx| delete_indices(model, 0, &names(&[TODAY]), ctx)).unwrap();
    stage.act(|model, ctx| start(model, 0, "mmdr-1", &names(&[TODAY]), ctx)).unwrap();
    assert_eq!(seen(&mut stage, 0, TODAY).replication, ReplicationStatus::Bootstrapping);
    stage.at(100);
    let (one, other) = (seen(&mut stage, 0, TODAY), seen(&mut stage, 1, TODAY));
    assert_eq!(one.shards, other.shards);
    assert!(finds(&mut stage, 0, 7) && finds(&mut stage, 0, 5) && !finds(&mut stage, 0, 6));
    assert!(one.replication_block);
}

#[test]
fn a_deletion_counts_the_operations_that_nobody_else_has_and_nobody_exported() {
    let unproven = |export: bool| {
        let mut stage = stage();
        post(stage.at(60), 0, 5);
        stop_all(stage.at(90), 1, &[TODAY]);
        post(stage.at(91), 0, 6);
        let saved = seen(&mut stage, 1, TODAY).shards[0].local_checkpoint;
        if export {
            let count =
                stage.act(|model, ctx| export_divergence(model, 0, 1, TODAY, &[(0, saved)], "runs/x/lost.json", ctx));
            assert_eq!(count, Ok(1));
            assert!(stage.sim.model.objects.record(1, "runs/x/lost.json").is_some());
        }
        stage.sim.news.clear();
        stage.act(|model, ctx| delete_indices(model, 0, &names(&[TODAY]), ctx)).unwrap();
        stage.sim.news.iter().find_map(|news| match news {
            News::IndexDeleted { unproven, .. } => Some(*unproven),
            _ => None,
        })
    };
    assert_eq!(unproven(false), Some(1));
    assert_eq!(unproven(true), Some(0));
}

#[test]
fn deleting_a_leader_whose_follower_was_never_promoted_is_unproven_as_a_whole() {
    let mut stage = stage();
    stage.at(60);
    stage.sim.news.clear();
    let held = seen(&mut stage, 0, "users").documents;
    stage.act(|model, ctx| delete_indices(model, 0, &names(&["users"]), ctx)).unwrap();
    assert!(matches!(stage.sim.news[..], [News::IndexDeleted { unproven, .. }] if unproven == held && held > 0));
    let left = seen(stage.at(80), 1, "users");
    assert_eq!((left.documents, left.replication), (held, ReplicationStatus::Paused));
}

#[test]
fn the_saboteur_destroys_something_that_nobody_else_has() {
    let mut stage = stage();
    stage.at(60);
    stage.sim.news.clear();
    stage.act(|model, ctx| sabotage_delete(model, 1, ctx));
    assert!(matches!(stage.sim.news[..], [News::IndexDeleted { unproven, .. }] if unproven > 0));
}

#[test]
fn a_second_rule_of_the_same_name_and_a_second_deletion_are_both_answered_with_an_error() {
    let mut stage = stage();
    stage.at(60);
    let rule = RuleName { alias: "mmdr-1".into(), name: "x".into(), pattern: "posts*".into() };
    assert_eq!(stage.act(|model, ctx| create_rule(model, 1, &rule, ctx)), Ok(()));
    assert!(matches!(stage.act(|model, ctx| create_rule(model, 1, &rule, ctx)), Err(Fault::LookAgain(_))));
    assert_eq!(stage.act(|model, _| delete_rule(model, 1, &rule)), Ok(()));
    assert!(matches!(stage.act(|model, _| delete_rule(model, 1, &rule)), Err(Fault::NotFound(_))));
}

#[test]
fn a_rule_finds_a_new_daily_index_within_a_pass() {
    let mut stage = stage();
    post(stage.at(21 * 3_600 + 5), 0, 5);
    stage.at(21 * 3_600 + 60);
    assert_eq!(seen(&mut stage, 1, "posts_2026_11_22").replication, ReplicationStatus::Syncing);
}

#[test]
fn a_connection_is_accepted_only_when_the_leaders_side_knows_of_it_and_is_active_later() {
    let mut stage = stage();
    stage.at(60);
    stage.act(|model, ctx| request_connection(model, 0, 1, "mmdr-2", ctx)).unwrap();
    let early = stage.act(|model, ctx| accept_connection(model, 1, "cc-3", ctx));
    assert!(matches!(early, Err(Fault::NotFound(_))));
    stage.at(81);
    stage.act(|model, ctx| accept_connection(model, 1, "cc-3", ctx)).unwrap();
    let status = |stage: &mut Stage| {
        stage.act(|model, ctx| model.search.connections(0, &model.regions, ctx.now)).pop().unwrap().status
    };
    assert_eq!(status(&mut stage), mmdr_core::ports::ConnectionStatus::Other("PROVISIONING".into()));
    assert_eq!(status(stage.at(142)), mmdr_core::ports::ConnectionStatus::Active);
}

#[test]
fn a_fence_is_refused_by_a_domain_of_followers_and_holds_at_a_leader() {
    let mut stage = stage();
    stage.at(60);
    assert!(matches!(stage.act(|model, ctx| set_write_block(model, 1, true, ctx)), Err(Fault::Denied(_))));
    stage.act(|model, ctx| set_write_block(model, 0, true, ctx)).unwrap();
    post(&mut stage, 0, 5);
    assert!(!finds(&mut stage, 0, 5));
    assert_eq!(probe(&mut stage, 0, TODAY), ProbeAnswer::Blocked);
    assert_eq!(seen(stage.at(75), 0, TODAY).shards, seen(&mut stage, 1, TODAY).shards);
}

#[test]
fn a_restart_loses_every_block_and_no_follower() {
    let mut stage = stage();
    stage.at(60);
    stage.act(|model, _| restart_domain(model, 1));
    let index = seen(&mut stage, 1, TODAY);
    assert!(index.follower_of.is_some() && !index.replication_block);
    assert_eq!(probe(&mut stage, 1, TODAY), ProbeAnswer::Broken);
}

#[test]
fn an_orphan_stays_paused_at_the_follower_when_aggregation_deleted_its_leader() {
    let mut stage = Stage::new(Setup { daily_indices: 3, search_orphans: 2, ..Setup::default() });
    let all = stage.act(|model, ctx| model.search.indices(1, ctx)).unwrap();
    let orphans: Vec<_> = all.iter().filter(|index| index.name.starts_with("posts_2025")).collect();
    assert_eq!(orphans.len(), 2);
    assert!(orphans.iter().all(|index| index.replication == ReplicationStatus::Paused && index.follower_of.is_some()));
    assert_eq!(stage.act(|model, ctx| model.search.indices(0, ctx)).unwrap().len(), 7);
}

#[test]
fn a_reindex_makes_lost_messages_findable() {
    let mut stage = stage();
    post(stage.at(60), 1, 5);
    let created_at = stage.sim.now;
    stop_all(&mut stage, 1, &[TODAY]);
    stage.at(61);
    stage.act(|model, ctx| reindex(model, 1, &[(created_at, 5)], ctx));
    assert!(finds(&mut stage, 1, 5));
    assert!(stage.sim.model.search.lost(1).is_empty());
}
