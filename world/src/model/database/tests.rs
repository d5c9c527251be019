//! The writer moves, and what only the old writer had is kept.

use super::*;
use crate::model::stage::Stage;

/// The name of the Region's cluster, as RDS is asked for it.
fn arn(model: &crate::model::Model, region: Ix) -> String {
    model.database.clusters[region].arn.clone()
}

/// A failover to Region 1, asked for after 100 s, of which one message knows nothing. Region 0 is back after 400 s.
fn lost_and_back(setup: Setup) -> Stage {
    let mut stage = Stage::new(Setup { database_lag_ms: 5_000, failover_s: 60, ..setup });
    for at_s in [50, 98] {
        stage.at(at_s).act(|model, ctx| model.database.accept_message(0, ctx)).unwrap();
    }
    stage.at(99).dark(0, true);
    stage.at(100).act(|model, ctx| model.database.fail_over(1, &arn(model, 1), ctx)).unwrap();
    stage.at(400).dark(0, false);
    stage
}

#[test]
fn a_snapshot_of_lost_writes_is_listed_late_and_holds_what_the_old_volume_had() {
    let mut stage = lost_and_back(Setup { lost_writes_snapshot_late_s: 200, ..Setup::default() });
    // Taken 30 s after the return, before the old volume is replaced; listed 200 s after that, available 20 s later.
    let seen = |stage: &mut Stage, at_s: i64| {
        stage.at(at_s);
        let seen = stage.sim.model.database.snapshots_seen(0, stage.sim.now);
        seen.into_iter().map(|snapshot| snapshot.status).collect::<Vec<_>>()
    };
    assert_eq!(seen(&mut stage, 629), Vec::<String>::new());
    assert_eq!(seen(&mut stage, 631), ["creating"]);
    assert_eq!(seen(&mut stage, 651), ["available"]);
    let database = &stage.sim.model.database;
    assert_eq!(database.volumes[0].rows, Vec::<u32>::new());
    assert_eq!(database.kept().map(|kept| kept.rows.to_vec()).collect::<Vec<_>>(), [vec![0, 1]]);
}

#[test]
fn a_failover_remembers_which_rows_it_left_behind() {
    let stage = lost_and_back(Setup::default());
    let [promotion] = &stage.sim.model.database.promotions[..] else { panic!("one promotion") };
    assert_eq!((promotion.from, promotion.to, promotion.way), (0, 1, Way::Failover));
    assert_eq!(promotion.at_ms - promotion.asked_ms, 60_000);
    assert_eq!(promotion.lost, [1]);
}

#[test]
fn what_a_writer_takes_that_a_detach_left_is_lost_too() {
    let mut stage = Stage::new(Setup::default());
    stage.at(10).act(|model, ctx| model.database.accept_message(0, ctx)).unwrap();
    stage.at(100).act(|model, ctx| model.database.detach(1, ctx)).unwrap();
    stage.at(200).act(|model, ctx| model.database.accept_message(0, ctx)).unwrap();
    stage.act(|model, ctx| model.database.accept_message(1, ctx)).unwrap();
    let [promotion] = &stage.sim.model.database.promotions[..] else { panic!("one promotion") };
    assert_eq!((promotion.to, promotion.way), (1, Way::Detach));
    assert_eq!(promotion.lost, [1]);
}

#[test]
fn a_planned_move_leaves_nothing_behind_and_the_primary_cannot_be_detached() {
    let mut stage = Stage::new(Setup::default());
    stage.at(98).act(|model, ctx| model.database.accept_message(0, ctx)).unwrap();
    stage.at(99).act(|model, ctx| model.database.detach(0, ctx)).unwrap_err();
    stage.at(100).act(|model, ctx| model.database.switch_over(0, &arn(model, 1), ctx)).unwrap();
    let promotions = &stage.at(300).sim.model.database.promotions;
    assert_eq!(
        promotions.iter().map(|it| (it.to, it.way, it.lost.len())).collect::<Vec<_>>(),
        [(1, Way::Switchover, 0)]
    );
}

#[test]
fn a_region_that_was_dark_is_shown_its_own_past_for_a_while_and_the_promoted_one_is_not() {
    let mut stage = Stage::new(Setup { failover_s: 60, returned_region_shows_past_s: 45, ..Setup::default() });
    let dark = |stage: &mut Stage, dark: bool| {
        stage.sim.network.set_dark(0, dark);
        stage.act(|model, ctx| model.network_changed(ctx));
    };
    let writer = |stage: &mut Stage, asked| {
        let seen = stage.act(|model, ctx| model.database.describe_global(asked, &model.regions, ctx.now)).unwrap();
        seen.and_then(|seen| seen.only_writer().map(|member| member.region.to_string()))
    };
    stage.at(10);
    dark(&mut stage, true);
    stage.at(20).act(|model, ctx| model.database.fail_over(1, &arn(model, 1), ctx)).unwrap();
    stage.at(200);
    dark(&mut stage, false);
    let names = stage.sim.model.regions.clone().map(|region| region.to_string());
    assert_eq!(writer(&mut stage, 0).as_ref(), Some(&names[0]));
    assert_eq!(writer(&mut stage, 1).as_ref(), Some(&names[1]));
    stage.at(246);
    assert_eq!(writer(&mut stage, 0).as_ref(), Some(&names[1]));
}
