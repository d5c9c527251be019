//! S3 as Mattermost uses it: two buckets, each replicated into the other.

mod replication;

use std::collections::BTreeMap;

use mmdr_core::ports::{BucketSeen, RuleSeen};
use mmdr_core::{Deployment, Fault, Sample, Time};

use super::flow::Flow;
use super::setup::Setup;
use super::{Ctx, Model};
use crate::network::Ix;

pub use replication::{begin, handle, network_changed, put_replication, replicate_existing};

/// How far back a reader of a metric looks.
const WINDOW_MS: i64 = 15 * 60_000;
/// A day, over which failed operations are summed.
const DAY_MS: i64 = 86_400_000;
/// For so long a changed configuration may read back as it was (observed with the SDK: just-changed replication
/// configuration may read back wrong).
const READS_OLD_MS: i64 = 5_000;
/// Objects that are there before the story begins, one a minute; their ids count down from the top.
const OBJECTS_BEFORE: u32 = 20;

/// Where an object has got to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// It is the n-th of its direction's stream.
    Stream(usize),
    /// It is not on its way: no rule covered it when it was made.
    Stuck,
    /// It failed.
    Failed,
    /// A batch job brings it at this time.
    Batch(i64),
}

#[derive(Clone, Copy, Debug)]
struct Object {
    origin: Ix,
    way: Way,
}

/// One direction: from the bucket in whose place it stands to the other.
#[derive(Debug)]
struct Direction {
    rule: Option<RuleSeen>,
    /// What the configuration was before, and until when it may still be read.
    before: Option<(Option<RuleSeen>, i64)>,
    /// Objects in its stream, by time.
    stream: Vec<(i64, u32)>,
    flow: Flow,
    /// When the stream came to a stand, where it stands.
    stood_at: Option<i64>,
    /// Times of failed operations, and how many.
    failures: Vec<(i64, u64)>,
    /// Objects that failed before the story begins and have no id.
    failed_before: u64,
    /// Objects without a rule, or failed, that are not on their way.
    stuck: Vec<u32>,
    /// How many of the next uploads fail to replicate.
    next_fail: u32,
    /// Whether a batch job is under way.
    batch: bool,
}

/// Both buckets.
#[derive(Debug)]
pub struct Files {
    objects: BTreeMap<u32, Object>,
    directions: [Direction; 2],
    versioning: [bool; 2],
    buckets: [String; 2],
    rule_id: String,
    delay_ms: i64,
    idle_metrics: bool,
    link_up: bool,
    /// When the probe object of each bucket was written last.
    probes: [Option<i64>; 2],
}

/// Ids of the probe objects' versions: far from those of people's files, which grow from 0, and of the objects before.
const PROBE_IDS: u32 = 3_000_000_000;

impl Files {
    /// Both buckets replicated both ways, or neither where nothing is set up yet.
    pub fn at_peace(writer: Ix, setup: &Setup, deployment: &Deployment, now: i64) -> Self {
        let bucket =
            |ix: usize| deployment.regions.get(ix).map_or_else(String::new, |region| region.files_bucket.clone());
        let rule_id = deployment.files.rule_id.clone();
        let buckets = [bucket(0), bucket(1)];
        let direction = |to: &str| Direction {
            rule: setup.protected.then(|| whole_rule(&rule_id, to)),
            before: None,
            stream: Vec::new(),
            flow: Flow::flowing(i64::MIN),
            stood_at: None,
            failures: Vec::new(),
            failed_before: 0,
            stuck: Vec::new(),
            next_fail: 0,
            batch: false,
        };
        let directions = [direction(&buckets[1]), direction(&buckets[0])];
        let delay_ms = setup.file_replication_s * 1_000;
        let versioning = [setup.protected; 2];
        let mut files = Self {
            objects: BTreeMap::new(),
            directions,
            versioning,
            buckets,
            rule_id,
            delay_ms,
            idle_metrics: setup.file_metrics_when_idle,
            link_up: true,
            probes: [None, None],
        };
        for number in 0..OBJECTS_BEFORE {
            files.put(writer, u32::MAX - number, now - i64::from(OBJECTS_BEFORE - number) * 60_000);
        }
        if let Some(direction) = files.directions.get_mut(writer).filter(|_| setup.failed_files > 0) {
            direction.failed_before = setup.failed_files;
            direction.failures.push((now - 3_600_000, setup.failed_files));
        }
        files
    }

    /// Whether the object `id` lies in this Region's bucket now.
    pub fn has(&self, region: Ix, id: u32, now: i64) -> bool {
        let Some(object) = self.objects.get(&id) else { return false };
        if object.origin == region {
            return true;
        }
        match (object.way, self.directions.get(object.origin)) {
            (Way::Stream(number), Some(direction)) => {
                number < direction.flow.arrived(&direction.stream, now, self.delay_ms)
            }
            (Way::Batch(at), _) => now >= at,
            _ => false,
        }
    }

    /// The next `count` uploads in `region` will fail to replicate: FAILED is for good until they are batch-replicated
    /// (S3 guide, replication status).
    pub fn fail_next(&mut self, region: Ix, count: u32) {
        if let Some(direction) = self.directions.get_mut(region) {
            direction.next_fail = count;
        }
    }

    /// Objects in this Region's bucket, the oldest keys first, `most` of them, each with its replication status: none where no
    /// rule ever covered it (S3 guide, replication status).
    pub fn listed(&self, region: Ix, most: usize, now: i64) -> Vec<(u32, Option<&'static str>)> {
        let here = self.objects.iter().rev().filter(|(id, _)| self.has(region, **id, now));
        here.take(most).map(|(id, object)| (*id, self.status(region, *id, object, now))).collect()
    }

    fn status(&self, region: Ix, id: u32, object: &Object, now: i64) -> Option<&'static str> {
        match object.way {
            _ if object.origin != region => Some("REPLICA"),
            Way::Stuck => None,
            Way::Failed => Some("FAILED"),
            _ if self.has(1 - region.min(1), id, now) => Some("COMPLETED"),
            _ => Some("PENDING"),
        }
    }

    /// Whether a batch job of this source bucket is under way.
    pub fn batch_runs(&self, source: Ix) -> bool {
        self.directions.get(source).is_some_and(|direction| direction.batch)
    }

    /// PutBucketVersioning of one bucket. It cannot be taken back (S3 guide, versioning).
    pub fn enable_versioning(&mut self, region: Ix) {
        if let Some(on) = self.versioning.get_mut(region) {
            *on = true;
        }
    }

    /// HeadObject of the probe object.
    pub fn probe(&self, region: Ix) -> Option<Time> {
        self.probes.get(region).copied().flatten().map(Time)
    }

    /// The bucket's configuration and inventory.
    pub fn bucket(&self, region: Ix, now: i64) -> Result<BucketSeen, Fault> {
        let missing = || Fault::NotFound("NoSuchBucket".into());
        let direction = self.directions.get(region).ok_or_else(missing)?;
        let rule = match &direction.before {
            Some((before, until)) if now < *until => before.clone(),
            _ => direction.rule.clone(),
        };
        Ok(BucketSeen {
            bucket: self.buckets.get(region).cloned().ok_or_else(missing)?,
            versioning: self.versioning.get(region).copied().unwrap_or(false),
            rule,
            other_rules: Vec::new(),
            existing_not_replicated: direction.stuck.len() as u64 + direction.failed_before,
        })
    }

    /// `OperationsPendingReplication` from `source`, as published in the destination's Region.
    pub fn pending(&self, source: Ix, now: i64) -> Option<Sample> {
        let direction = self.directions.get(source)?;
        let at = self.last_minute(direction, now)?;
        let arrived = direction.flow.arrived(&direction.stream, at, self.delay_ms);
        let uploaded = direction.stream.partition_point(|(time, _)| *time <= at);
        Some(Sample { value: uploaded.saturating_sub(arrived) as f64, at: Time(at) })
    }

    /// `OperationsFailedReplication` of the last day from `source`, as published in the source's Region.
    pub fn failed(&self, source: Ix, now: i64) -> Option<Sample> {
        let direction = self.directions.get(source)?;
        let at = self.last_minute(direction, now)?;
        let counted = direction.failures.iter().filter(|(time, _)| *time > at - DAY_MS && *time <= at);
        Some(Sample { value: counted.map(|(_, count)| *count as f64).sum(), at: Time(at) })
    }

    /// The newest full minute in which the direction published anything: metrics only appear while there are operations,
    /// and for a destination that is reached (S3 guide, replication metrics). None beyond 15 minutes.
    fn last_minute(&self, direction: &Direction, now: i64) -> Option<i64> {
        if !direction.rule.as_ref().is_some_and(|rule| rule.metrics) {
            return None;
        }
        let (last, _) = direction.stream.last()?;
        let busy_until = match direction.flow.since() {
            _ if self.idle_metrics => now,
            Some(since) => (last + self.delay_ms).max(since),
            None => direction.stood_at.unwrap_or(now),
        };
        let minute = now.div_euclid(60_000).min((busy_until + 59_999).div_euclid(60_000)) * 60_000;
        let minute = match direction.stood_at {
            Some(stood_at) => minute.min(stood_at.div_euclid(60_000) * 60_000),
            None => minute,
        };
        (now - minute <= WINDOW_MS).then_some(minute)
    }

    fn put(&mut self, region: Ix, id: u32, now: i64) {
        let covered = self.versioning.get(1 - region.min(1)).copied().unwrap_or(false);
        let Some(direction) = self.directions.get_mut(region) else { return };
        let covered = covered && direction.rule.as_ref().is_some_and(|rule| rule.enabled);
        let way = if direction.next_fail > 0 {
            direction.next_fail -= 1;
            direction.failures.push((now, 1));
            Way::Failed
        } else if covered {
            Way::Stream(direction.stream.len())
        } else {
            // Only objects made after the rule are replicated (S3 guide, what is and is not replicated).
            Way::Stuck
        };
        match way {
            Way::Stream(_) => direction.stream.push((now, id)),
            _ => direction.stuck.push(id),
        }
        self.objects.insert(id, Object { origin: region, way });
    }
}

/// PutObject of the file `id` into this Region's bucket. Gives whether S3 took it.
pub fn upload(model: &mut Model, region: Ix, id: u32, ctx: &mut Ctx<'_>) -> bool {
    network_changed(model, ctx);
    if region > 1 || ctx.network.is_dark(region) {
        return false;
    }
    if model.files.objects.contains_key(&id) {
        return true;
    }
    model.files.put(region, id, ctx.now);
    super::search::index_file(model, region, id, ctx);
    true
}

/// PutObject of the probe object into this Region's bucket: one more operation for its rule.
pub fn put_probe(model: &mut Model, region: Ix, ctx: &mut Ctx<'_>) -> Result<(), Fault> {
    network_changed(model, ctx);
    let now = ctx.now;
    let files = &mut model.files;
    let Some(probe) = files.probes.get_mut(region) else { return Err(Fault::NotFound("NoSuchBucket".into())) };
    *probe = Some(now);
    // Each writing is an object version of its own; ids of people's files grow from 0, those of before from the top.
    let id = PROBE_IDS + files.objects.len() as u32;
    files.put(region, id, now);
    Ok(())
}

/// What S3 does by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// A batch job of this source bucket has run.
    Batch(Ix),
}

/// A rule as the product and the runbook want it.
fn whole_rule(id: &str, destination: &str) -> RuleSeen {
    RuleSeen {
        id: id.to_owned(),
        enabled: true,
        covers_all: true,
        destination: destination.to_owned(),
        replica_modifications: true,
        delete_markers: true,
        metrics: true,
        kms: false,
    }
}

#[cfg(test)]
mod tests;
