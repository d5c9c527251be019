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
