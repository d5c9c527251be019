use mmdr_core::deployment::NodeEndpoint;
use mmdr_core::ports::{JobFlags, NodeState};
use mmdr_core::{Epoch, Time};

use super::stage::Stage;
use crate::model::nodes;

const RUNNING: [NodeState; 2] = [NodeState::Running; 2];
const STOPPED: [NodeState; 2] = [NodeState::Stopped; 2];
const LOOPING: [NodeState; 2] = [NodeState::RestartLoop; 2];

#[test]
fn at_peace_the_writers_nodes_serve_and_the_standbys_are_stopped() {
    let mut stage = Stage::set(|_| {});
    stage.until_s(60);
    assert_eq!((stage.states(0), stage.states(1)), (RUNNING.to_vec(), STOPPED.to_vec()));
    assert!(stage.nodes(0).iter().all(|node| node.healthy && node.exits == 0 && node.sockets == 20));
}

#[test]
fn a_standby_node_on_its_own_clusters_endpoint_loops_and_its_exits_are_counted() {
    let mut stage = Stage::set(|setup| setup.pre_start_check = false);
    stage.start(1);
    stage.until_s(120);
    assert_eq!(stage.states(1), LOOPING);
    let exits: Vec<u32> = stage.nodes(1).iter().map(|node| node.exits).collect();
    // One every 11.3 to 12.1 s.
    assert!(exits.iter().all(|exits| (9..=11).contains(exits)), "{exits:?}");
}

#[test]
fn a_looping_node_serves_at_most_ten_seconds_and_its_start_after_the_promotion() {
    let mut stage = Stage::set(|setup| (setup.standby_nodes_loop, setup.pre_start_check) = (true, false));
    stage.until_s(60);
    stage.dark(0, true);
    stage.fail_over_to(1);
    stage.until_s(159);
    assert_eq!(stage.states(1), LOOPING);
    stage.until_s(160 + 12 + 3);
    assert_eq!(stage.states(1), RUNNING);
}

#[test]
fn the_pre_start_check_holds_a_node_until_its_region_is_settled_as_the_writer() {
    let mut stage = Stage::set(|setup| setup.standby_nodes_loop = true);
    stage.dark(0, true);
    stage.fail_over_to(1);
    stage.until_s(150);
    assert_eq!(stage.states(1), LOOPING);
    stage.settle(1);
    stage.until_s(165);
    assert_eq!(stage.states(1), RUNNING);
}

#[test]
fn without_the_check_a_standby_node_on_the_global_writer_endpoint_serves_and_runs_jobs_as_its_flags_say() {
    let mut stage = Stage::with_endpoint(NodeEndpoint::GlobalWriter, |setup| setup.pre_start_check = false);
    stage.start(1);
    stage.until_s(10);
    assert_eq!(stage.states(1), RUNNING);
    assert!(!stage.sim.model.nodes.claims_jobs(1));
}

#[test]
fn with_the_check_a_standby_node_on_the_global_writer_endpoint_does_not_start() {
    let mut stage = Stage::with_endpoint(NodeEndpoint::GlobalWriter, |_| {});
    stage.start(1);
    stage.until_s(60);
    assert_eq!(stage.states(1), LOOPING);
}

#[test]
fn nodes_of_the_old_writer_go_on_serving_after_a_switchover_and_ping_says_fine() {
    let mut stage = Stage::set(|_| {});
    stage.until_s(30);
    stage.switch_over_to(1);
    stage.until_s(150);
    assert_eq!(stage.states(0), RUNNING);
    let ping = stage.act(|model, ctx| crate::model::application::ping(model, 0, ctx)).expect("an answer");
    assert!(ping.answers && !ping.database_ok);
    // A restart makes them fail their DDL.
    stage.stop(0, false);
    stage.until_s(160);
    assert_eq!(stage.states(0), STOPPED);
    stage.start(0);
    stage.until_s(180);
    assert_eq!(stage.states(0), LOOPING);
}

#[test]
fn a_process_keeps_the_job_flags_that_it_read_at_its_start() {
    let mut stage = Stage::set(|_| {});
    let off = JobFlags { run_jobs: false, run_scheduler: false, epoch: Epoch(2) };
    stage.act(|model, _| nodes::write_job_flags(model, 0, off)).expect("written");
    stage.until_s(60);
    assert!(stage.sim.model.nodes.claims_jobs(0));
    assert_eq!(stage.nodes(0)[0].started_with.map(|flags| flags.epoch), Some(Epoch(1)));
    stage.stop(0, false);
    stage.until_s(80);
    stage.start(0);
    stage.until_s(100);
    assert_eq!(stage.nodes(0)[0].started_with, Some(off));
    assert!(!stage.sim.model.nodes.claims_jobs(0));
}

#[test]
fn commands_are_safe_to_repeat() {
    let mut stage = Stage::set(|_| {});
    stage.stop(0, false);
    stage.stop(0, false);
    stage.until_s(20);
    stage.stop(0, false);
    stage.until_s(40);
    assert_eq!(stage.states(0), STOPPED);
    stage.start(0);
    stage.start(0);
    stage.until_s(60);
    assert_eq!(stage.states(0), RUNNING);
    let started: Vec<_> = stage.nodes(0).iter().map(|node| node.started_at).collect();
    stage.start(0);
    stage.until_s(80);
    assert_eq!(stage.nodes(0).iter().map(|node| node.started_at).collect::<Vec<_>>(), started);
}

#[test]
fn a_stop_with_fence_check_stops_nothing_that_is_not_fenced() {
    let mut stage = Stage::set(|_| {});
    stage.stop(0, true);
    stage.until_s(20);
    assert_eq!(stage.states(0), RUNNING);
    stage.switch_over_to(1);
    stage.until_s(200);
    stage.stop(0, true);
    stage.until_s(220);
    assert_eq!(stage.states(0), STOPPED);
}

#[test]
fn an_unknown_node_is_refused_by_name() {
    let mut stage = Stage::set(|_| {});
    let answer = stage.act(|model, ctx| nodes::stop(model, 0, &["i-nobody".into()], false, ctx));
    assert!(answer.expect_err("refused").to_string().contains("i-nobody"));
}

#[test]
fn a_deregistered_node_keeps_its_sockets_for_the_delay_and_then_loses_them() {
    let mut stage = Stage::set(|setup| setup.deregistration_delay_s = 30);
    let first = vec![stage.ids(0)[0].clone()];
    stage.act(|model, ctx| nodes::deregister(model, 0, &first, ctx)).expect("deregistered");
    stage.until_s(29);
    assert_eq!(stage.nodes(0)[0].sockets, 20);
    stage.until_s(40);
    let nodes = stage.nodes(0);
    assert_eq!((nodes[0].sockets, nodes[1].sockets), (0, 40));
}

#[test]
fn processes_of_a_dark_region_run_on_in_there() {
    let mut stage = Stage::set(|_| {});
    stage.dark(0, true);
    stage.until_s(60);
    assert_eq!(stage.sim.model.nodes.running(0), 2);
    stage.dark(0, false);
    stage.until_s(61);
    assert_eq!(stage.states(0), RUNNING);
}

#[test]
fn machines_that_lost_their_power_boot_when_it_returns() {
    let mut stage = Stage::set(|setup| setup.power_loss = true);
    stage.until_s(10);
    stage.dark(0, true);
    assert_eq!(stage.states(0), [NodeState::Broken; 2]);
    stage.until_s(100);
    stage.dark(0, false);
    stage.until_s(200);
    assert_eq!(stage.states(0), RUNNING);
    assert!(stage.nodes(0).iter().all(|node| node.started_at.is_some_and(|at| at > Time(stage.from + 100_000))));
}

#[test]
fn a_region_that_returns_after_it_was_left_does_not_start_its_nodes() {
    let mut stage = Stage::set(|setup| setup.power_loss = true);
    stage.dark(0, true);
    stage.fail_over_to(1);
    stage.until_s(300);
    stage.dark(0, false);
    stage.until_s(500);
    assert_eq!(stage.states(0), LOOPING);
}

#[test]
fn a_settled_ledger_of_the_other_region_holds_what_rds_cannot_deny() {
    let mut stage = Stage::set(|_| {});
    stage.stop(0, false);
    stage.until_s(20);
    stage.settle(1);
    stage.start(0);
    stage.until_s(60);
    assert_eq!(stage.states(0), LOOPING);
}

#[test]
fn a_broken_node_that_is_mended_starts_only_where_its_unit_is_enabled() {
    let mut stage = Stage::set(|_| {});
    for region in 0..2 {
        stage.act(|model, ctx| nodes::break_node(model, region, 0, ctx));
    }
    stage.until_s(20);
    assert_eq!(stage.nodes(0)[0].state, NodeState::Broken);
    for region in 0..2 {
        stage.act(|model, ctx| nodes::mend_node(model, region, 0, ctx));
    }
    stage.until_s(40);
    assert_eq!((stage.nodes(0)[0].state, stage.nodes(1)[0].state), (NodeState::Running, NodeState::Stopped));
}

#[test]
fn a_missing_parameter_means_a_process_that_runs_jobs() {
    let mut stage = Stage::set(|_| {});
    stage.stop(0, false);
    stage.until_s(20);
    if let Some(side) = stage.sim.model.nodes.side_mut(0) {
        side.parameter = None;
    }
    stage.start(0);
    stage.until_s(40);
    assert!(stage.sim.model.nodes.claims_jobs(0) && stage.sim.model.nodes.schedules_jobs(0));
}
