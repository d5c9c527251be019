use mmdr_core::Fault;

use super::*;
use crate::model::stage::Stage;
use crate::peace::BEGINS_MS;

fn stage() -> Stage {
    Stage::new(Setup::default())
}

fn has(stage: &mut Stage, region: Ix, id: u32) -> bool {
    stage.act(|model, ctx| model.files.has(region, id, ctx.now))
}

#[test]
fn a_file_arrives_in_the_other_bucket_after_a_while() {
    let mut stage = stage();
    assert!(stage.at(60).act(|model, ctx| upload(model, 0, 1, ctx)));
    assert!(has(&mut stage, 0, 1) && !has(&mut stage, 1, 1));
    assert!(!has(stage.at(71), 1, 1));
    assert!(has(stage.at(72), 1, 1));
}

#[test]
fn a_file_stays_pending_while_the_other_region_is_away_and_arrives_when_it_is_back() {
    let mut stage = stage();
    stage.at(60).dark(1, true);
    stage.act(|model, ctx| upload(model, 0, 1, ctx));
    assert!(!has(stage.at(600), 1, 1));
    stage.dark(1, false);
    assert!(has(stage.at(661), 1, 1));
    let failed = stage.act(|model, ctx| model.files.failed(0, ctx.now)).unwrap();
    assert_eq!(failed.value, 0.0);
}

#[test]
fn a_file_uploaded_in_the_dark_region_before_it_went_is_not_at_the_survivor() {
    let mut stage = stage();
    stage.at(60).act(|model, ctx| upload(model, 0, 1, ctx));
    stage.at(65).dark(0, true);
    assert!(!has(stage.at(900), 1, 1));
}

#[test]
fn a_failed_file_is_only_brought_by_a_batch_job_and_its_failure_counts_for_the_day() {
    let mut stage = stage();
    stage.at(60).act(|model, ctx| {
        model.files.fail_next(0, 1);
        upload(model, 0, 1, ctx);
        upload(model, 0, 2, ctx)
    });
    stage.at(180);
    assert!(!has(&mut stage, 1, 1) && has(&mut stage, 1, 2));
    stage.act(|model, ctx| replicate_existing(model, 0, ctx)).unwrap();
    assert!(has(stage.at(361), 1, 1));
    assert_eq!(stage.act(|model, ctx| model.files.failed(0, ctx.now)).unwrap().value, 1.0);
    assert_eq!(stage.act(|model, ctx| model.files.bucket(0, ctx.now)).unwrap().existing_not_replicated, 0);
}

#[test]
fn metrics_are_full_minutes_and_stop_when_nothing_is_replicated() {
    let mut stage = stage();
    stage.at(58).act(|model, ctx| upload(model, 0, 1, ctx));
    let pending = stage.at(61).act(|model, ctx| model.files.pending(0, ctx.now)).unwrap();
    assert_eq!((pending.value, pending.at.0), (1.0, BEGINS_MS + 60_000));
    let pending = stage.at(400).act(|model, ctx| model.files.pending(0, ctx.now)).unwrap();
    assert_eq!((pending.value, pending.at.0), (0.0, BEGINS_MS + 120_000));
    assert_eq!(stage.at(1_100).act(|model, ctx| model.files.pending(0, ctx.now)), None);
}

#[test]
fn a_bucket_without_a_rule_keeps_its_files_to_itself_and_a_new_rule_takes_only_new_ones() {
    let mut stage = Stage::new(Setup { protected: false, ..Setup::default() });
    stage.at(60).act(|model, ctx| upload(model, 0, 1, ctx));
    stage.act(|model, ctx| put_replication(model, 0, 1, ctx)).unwrap();
    assert_eq!(stage.act(|model, ctx| model.files.bucket(0, ctx.now)).unwrap().rule, None);
    stage.at(66).act(|model, ctx| upload(model, 0, 2, ctx));
    let bucket = stage.at(120).act(|model, ctx| model.files.bucket(0, ctx.now)).unwrap();
    assert!(bucket.versioning && bucket.rule.is_some());
    assert_eq!(bucket.existing_not_replicated, u64::from(OBJECTS_BEFORE) + 1);
    assert!(has(&mut stage, 1, 2) && !has(&mut stage, 1, 1));
}

#[test]
fn a_batch_job_needs_a_rule() {
    let mut stage = Stage::new(Setup { protected: false, ..Setup::default() });
    assert!(matches!(stage.act(|model, ctx| replicate_existing(model, 0, ctx)), Err(Fault::Refused(_))));
}

#[test]
fn metrics_may_go_on_without_operations_where_the_story_says_so() {
    let mut stage = Stage::new(Setup { file_metrics_when_idle: true, ..Setup::default() });
    let pending = stage.at(1_100).act(|model, ctx| model.files.pending(0, ctx.now)).unwrap();
    assert_eq!((pending.value, pending.at.0), (0.0, BEGINS_MS + 1_080_000));
}
