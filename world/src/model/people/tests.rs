use super::*;
use crate::model::nodes::stage::Stage;
use crate::model::{dns, nodes};

#[test]
fn a_web_client_waits_three_seconds_seven_times_and_then_ever_longer_up_to_five_minutes() {
    assert_eq!((0..=7).map(retry_ms).collect::<Vec<_>>(), [3_000; 8]);
    assert_eq!((retry_ms(8), retry_ms(9), retry_ms(10), retry_ms(5_000)), (192_000, 243_000, 300_000, 300_000));
}

#[test]
fn at_peace_everybody_posts_about_as_often_as_the_setup_says_and_nothing_fails() {
    let mut stage = Stage::set(|setup| setup.people = 100);
    stage.until_s(600);
    let experience = &stage.sim.model.people.experience;
    let kinds = [Kind::Post, Kind::Search, Kind::Upload, Kind::Schedule];
    let totals = kinds.map(|kind| experience.total(kind));
    assert!(totals.iter().all(|(_, failed)| *failed == 0), "{totals:?}");
    let actions: u32 = totals.iter().map(|(ok, _)| ok).sum();
    assert!((900..=1_150).contains(&actions), "{totals:?}");
    assert_eq!(stage.sim.model.people.without_service_s(stage.sim.now), 0);
    assert_eq!(experience.sockets(stage.sim.now).last(), Some(&100));
}

#[test]
fn every_acknowledged_message_is_a_row_of_the_writer() {
    let mut stage = Stage::set(|_| {});
    stage.until_s(300);
    let acknowledged = &stage.sim.model.people.experience.acknowledged;
    assert!(!acknowledged.is_empty());
    assert!(acknowledged.iter().all(|message| stage.sim.model.database.holds(0, message.row)));
}

#[test]
fn a_stopped_node_hands_its_people_to_the_other_one_within_seconds() {
    let mut stage = Stage::set(|_| {});
    let first = vec![stage.ids(0)[0].clone()];
    stage.act(|model, ctx| nodes::stop(model, 0, &first, false, ctx)).expect("stopped");
    stage.until_s(12);
    assert_eq!((stage.nodes(0)[1].sockets, stage.sim.model.people.connected()), (40, 40));
    stage.until_s(60);
    assert_eq!(stage.sim.model.people.without_service(), 0);
    assert!((3..=15).contains(&stage.sim.model.people.without_service_s(stage.sim.now)));
}

#[test]
fn people_come_back_to_the_other_region_and_the_first_message_is_told() {
    let mut stage =
        Stage::set(|setup| (setup.standby_nodes_loop, setup.pre_start_check, setup.people) = (true, false, 100));
    stage.until_s(60);
    stage.dark(0, true);
    stage.fail_over_to(1);
    stage.until_s(180);
    assert!(stage.sim.model.people.connected() < 10);
    assert!(stage.told_s("people cannot post").is_some_and(|at| (60..90).contains(&at)), "{:?}", stage.lines());
    let ids = stage.ids(1);
    stage
        .act(|model, ctx| {
            nodes::register(model, 1, &ids, ctx)?;
            dns::exchange_records(model, 1, true, ctx)
        })
        .expect("moved");
    stage.until_s(900);
    assert_eq!(stage.sim.model.people.without_service(), 0, "{:?}", stage.lines());
    assert!(stage.told_s("first message accepted again").is_some(), "{:?}", stage.lines());
    assert!(stage.told_s("people are connected again").is_some(), "{:?}", stage.lines());
    // The client's back-off keeps the last ones away for minutes after everything works.
    let longest = stage.sim.model.people.longest_without_service_ms(stage.sim.now).into_iter().max();
    assert!(longest.is_some_and(|ms| ms > 180_000), "{longest:?}");
}

#[test]
fn on_a_demoted_database_sockets_hold_and_messages_fail() {
    let mut stage = Stage::set(|_| {});
    stage.switch_over_to(1);
    stage.until_s(200);
    let people = &stage.sim.model.people;
    assert_eq!(people.connected(), 40);
    assert!(people.experience.total(Kind::Post).1 > 40);
    assert!(people.without_service() > 30);
}
