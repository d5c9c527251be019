//! What replication does when the network, its rule or a batch job changes.

use mmdr_core::Fault;

use super::{Files, READS_OLD_MS, Timer, Way, whole_rule};
use crate::model::{self, Ctx, Model};
use crate::network::Ix;

/// Schedules what happens by itself: nothing in peace.
pub fn begin(_model: &mut Model, _ctx: &mut Ctx<'_>) {}

/// The network has changed. Call it right after every change.
///
/// While the other Region is down an object's status stays PENDING, not FAILED, and replication resumes later (S3
/// guide, replication status).
pub fn network_changed(model: &mut Model, ctx: &mut Ctx<'_>) {
    let up = ctx.network.reaches(0, 1);
    let files = &mut model.files;
    if up == files.link_up {
        return;
    }
    files.link_up = up;
    for direction in &mut files.directions {
        if up {
            direction.flow.resume(ctx.now + ctx.random.between(10_000, 60_000));
            direction.stood_at = None;
        } else {
            direction.flow.stand(&direction.stream, ctx.now, files.delay_ms);
            direction.stood_at = Some(ctx.now);
        }
    }
}

/// PutBucketVersioning on both buckets and PutBucketReplication on the source's.
pub fn put_replication(model: &mut Model, source: Ix, destination: Ix, ctx: &mut Ctx<'_>) -> Result<(), Fault> {
    let files = &mut model.files;
    let (Some(direction), Some(bucket)) = (files.directions.get_mut(source), files.buckets.get(destination)) else {
        return Err(Fault::NotFound("NoSuchBucket".into()));
    };
    if source == destination {
        return Err(Fault::Refused("InvalidRequest: destination bucket cannot be the source bucket".into()));
    }
    let rule = whole_rule(&files.rule_id, bucket);
    if direction.rule.as_ref() != Some(&rule) {
        let before = direction.rule.replace(rule);
        direction.before = Some((before, ctx.now + READS_OLD_MS));
    }
    files.versioning = [true; 2];
    Ok(())
}

/// CreateJob of S3 Batch Replication: failed and existing objects. It runs for a while.
pub fn replicate_existing(model: &mut Model, source: Ix, ctx: &mut Ctx<'_>) -> Result<(), Fault> {
    let Some(direction) = model.files.directions.get_mut(source) else {
        return Err(Fault::NotFound("NoSuchBucket".into()));
    };
    if direction.rule.is_none() {
        return Err(Fault::Refused("InvalidRequest: the source bucket has no replication configuration".into()));
    }
    if !direction.batch {
        direction.batch = true;
        run_batch_later(source, ctx);
    }
    Ok(())
}

/// Does what the agenda says.
pub fn handle(model: &mut Model, timer: &Timer, ctx: &mut Ctx<'_>) {
    let Timer::Batch(source) = *timer;
    if ctx.network.reaches(0, 1) {
        finish_batch(&mut model.files, source, ctx.now);
    } else {
        run_batch_later(source, ctx);
    }
}

fn run_batch_later(source: Ix, ctx: &mut Ctx<'_>) {
    let at_ms = ctx.now + ctx.random.between(60_000, 180_000);
    ctx.timers.model(at_ms, model::Timer::Files(Timer::Batch(source)));
}

fn finish_batch(files: &mut Files, source: Ix, now: i64) {
    let Some(direction) = files.directions.get_mut(source) else { return };
    direction.batch = false;
    direction.failed_before = 0;
    for id in direction.stuck.drain(..) {
        if let Some(object) = files.objects.get_mut(&id) {
            object.way = Way::Batch(now);
        }
    }
}
