use super::*;

#[test]
fn a_message_is_found_at_the_leader_at_once_and_at_the_follower_after_its_tail() {
    let mut stage = stage();
    post(stage.at(60), 0, 5);
    assert!(finds(&mut stage, 0, 5));
    assert!(!finds(stage.at(69), 1, 5));
    assert!(finds(stage.at(71), 1, 5));
}

#[test]
fn what_mattermost_writes_to_a_follower_is_lost_silently() {
    let mut stage = stage();
    post(stage.at(60), 1, 5);
    assert!(!finds(stage.at(120), 1, 5));
    assert_eq!(stage.sim.model.search.lost(1).len(), 1);
    assert_eq!(probe(&mut stage, 1, TODAY), ProbeAnswer::Blocked);
}

#[test]
fn a_promoted_index_owns_what_it_had_and_lacks_what_had_not_arrived() {
    let mut stage = stage();
    post(stage.at(60), 0, 5);
    post(stage.at(98), 0, 6);
    stage.at(100);
    assert_eq!(stop_all(&mut stage, 1, &[TODAY]).refused, None);
    stage.at(101);
    assert!(finds(&mut stage, 1, 5));
    assert!(!finds(stage.at(200), 1, 6));
    assert_eq!(seen(&mut stage, 1, TODAY).follower_of, None);
    assert_eq!(probe(&mut stage, 1, TODAY), ProbeAnswer::Writable);
    post(&mut stage, 1, 7);
    assert!(finds(&mut stage, 1, 7));
    let above = seen(&mut stage, 1, TODAY).shards[0].max_seq_no - 1;
    let counted = stage.act(|model, ctx| model.search.operations_above(0, TODAY, &[(0, above)], ctx.now));
    assert_eq!(counted, Ok(1));
}

#[test]
fn stops_take_their_turns_at_the_one_cluster_manager() {
    let mut stage = stage();
    stage.at(60);
    let begun = stop_all(&mut stage, 1, &["users", "channels", "files", TODAY]);
    assert_eq!(begun.done_at - stage.sim.now, 400);
}

#[test]
fn a_stop_with_a_silent_leader_hangs_closed_until_the_connection_is_deleted() {
    let mut stage = stage();
    stage.at(60).dark(0, true);
    let begun = stop_all(stage.at(65), 1, &[TODAY]);
    stage.at(80);
    assert_eq!(stage.sim.model.search.stalled(1, &begun), names(&[TODAY]));
    assert!(!seen(&mut stage, 1, TODAY).open);
    assert_eq!(probe(&mut stage, 1, TODAY), ProbeAnswer::Closed);
    assert_eq!(probe(&mut stage, 1, "users"), ProbeAnswer::Blocked);
    stage.act(|model, ctx| delete_connection(model, 1, "cc-1", ctx)).unwrap();
    stage.at(91);
    assert!(stage.sim.model.search.stalled(1, &begun).is_empty());
    assert_eq!(probe(&mut stage, 1, TODAY), ProbeAnswer::Writable);
}

#[test]
fn a_stop_with_dead_leader_nodes_takes_less_than_half_a_second() {
    let mut stage = stage();
    stage.at(60);
    stage.act(|model, ctx| set_domain_down(model, 0, true, ctx));
    stop_all(&mut stage, 1, &[TODAY]);
    stage.at(61);
    assert_eq!(probe(&mut stage, 1, TODAY), ProbeAnswer::Writable);
}

#[test]
fn an_index_opened_while_its_stop_hangs_becomes_a_zombie_that_reopening_mends() {
    let mut stage = stage();
    stage.at(60).dark(0, true);
    stop_all(&mut stage, 1, &[TODAY]);
    stage.at(65);
    stage.act(|model, ctx| reopen(model, 1, &names(&[TODAY]), ctx)).unwrap();
    assert!(seen(&mut stage, 1, TODAY).open);
    stage.act(|model, ctx| delete_connection(model, 1, "cc-1", ctx)).unwrap();
    stage.at(80);
    assert_eq!(seen(&mut stage, 1, TODAY).follower_of, None);
    assert_eq!(probe(&mut stage, 1, TODAY), ProbeAnswer::Broken);
    stage.act(|model, ctx| reopen(model, 1, &names(&[TODAY]), ctx)).unwrap();
    assert_eq!(probe(&mut stage, 1, TODAY), ProbeAnswer::Writable);
}

#[test]
fn a_stop_during_a_snapshot_is_refused_and_drops_the_block_while_replication_goes_on() {
    let mut stage = stage();
    stage.at(60);
    stage.act(|model, ctx| model.search.run_snapshot(1, ctx.now + 30_000));
    let begun = stop_all(&mut stage, 1, &[TODAY]);
    assert!(matches!(begun.refused, Some(Fault::LookAgain(_))));
    assert_eq!(probe(&mut stage, 1, TODAY), ProbeAnswer::Broken);
    assert!(!seen(&mut stage, 1, TODAY).replication_block);
    post(&mut stage, 0, 5);
    assert!(finds(stage.at(80), 1, 5));
    let refused = stage.act(|model, ctx| delete_indices(model, 1, &names(&["users", TODAY]), ctx));
    assert!(matches!(refused, Err(Fault::LookAgain(_))));
    stop_all(stage.at(91), 1, &[TODAY]);
    assert_eq!(probe(stage.at(92), 1, TODAY), ProbeAnswer::Writable);
}

#[test]
fn a_follower_whose_connection_is_gone_reads_as_not_in_progress_and_pauses_within_sixteen_seconds() {
    let mut stage = stage();
    stage.at(60);
    stage.act(|model, ctx| delete_connection(model, 1, "cc-1", ctx)).unwrap();
    stage.at(69);
    let index = seen(&mut stage, 1, TODAY);
    assert_eq!(index.replication, ReplicationStatus::NotInProgress);
    assert!(index.follower_of.is_some() && index.replication_block);
    stage.at(85);
    assert_eq!(seen(&mut stage, 1, TODAY).replication, ReplicationStatus::Paused);
}

#[test]
fn pausing_and_resuming_brings_a_trailing_follower_level() {
    let mut stage = stage();
    post(stage.at(60), 0, 5);
    stage.act(|model, ctx| pause(model, 1, &names(&[TODAY]), ctx)).unwrap();
    assert!(!finds(stage.at(120), 1, 5));
    stage.act(|model, ctx| resume(model, 1, &names(&[TODAY]), ctx)).unwrap();
    assert!(finds(stage.at(123), 1, 5));
}

#[test]
fn a_follower_stands_still_in_a_partition_and_catches_up_after_it() {
    let mut stage = stage();
    stage.at(60);
    stage.sim.network.set_cut(0, 1, true);
    stage.act(|model, ctx| model.network_changed(ctx));
    post(&mut stage, 0, 5);
    assert!(!finds(stage.at(200), 1, 5));
    assert_eq!(seen(&mut stage, 1, TODAY).replication, ReplicationStatus::Unknown);
    stage.sim.network.set_cut(0, 1, false);
    stage.act(|model, ctx| model.network_changed(ctx));
    assert!(finds(stage.at(221), 1, 5));
}
