//! What CloudWatch would be told: data points as they become due, for whoever keeps CloudWatch.

use std::collections::{BTreeMap, VecDeque};

use mmdr_core::Sample;
use mmdr_world::network::{Ix, OUTSIDE};
use mmdr_world::sim::Sim;
use serde::Serialize;

/// Data points that are kept for somebody who does not fetch them.
const MOST_KEPT: usize = 20_000;
const DAY_MS: i64 = 86_400_000;

/// One data point.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Point {
    /// The Region in which it is published.
    pub(crate) region: String,
    pub(crate) namespace: &'static str,
    pub(crate) metric: &'static str,
    pub(crate) dimensions: BTreeMap<&'static str, String>,
    pub(crate) value: f64,
    pub(crate) at_ms: i64,
}

/// Data points that nobody has fetched yet.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    points: VecDeque<Point>,
    /// By metric, Region and subject: when the newest point was.
    newest: BTreeMap<(&'static str, Ix, Ix), i64>,
    /// Failed operations of the last day, as they were at the newest point.
    failed: BTreeMap<Ix, f64>,
}

impl Metrics {
    /// The points of a world that begins, and of the hour before it.
    pub(crate) fn new(sim: &Sim) -> Self {
        let mut metrics = Self::default();
        for source in 0..2 {
            let before = sim.model.files.failed(source, sim.now).map_or(0.0, |sample| sample.value);
            metrics.failed.insert(source, before);
            if before > 0.0 {
                // What failed before the story begins, an hour earlier (the model's `Files::at_peace`).
                let sample = Sample { value: before, at: mmdr_core::Time(sim.now - 3_600_000) };
                metrics.replication("OperationsFailedReplication", source, source, sample, sim);
            }
        }
        metrics.collect(sim);
        metrics
    }

    /// Takes what has not been fetched yet.
    pub(crate) fn take(&mut self) -> Vec<Point> {
        self.points.drain(..).collect()
    }

    /// Notes every data point that is new. A dark Region publishes nothing.
    pub(crate) fn collect(&mut self, sim: &Sim) {
        for region in 0..2 {
            if sim.network.is_dark(region) {
                continue;
            }
            self.lag(region, sim);
            self.pending(1 - region, region, sim);
            self.failures(region, sim);
            self.heartbeats(region, sim);
        }
        for vantage in (0..=OUTSIDE).filter(|vantage| !sim.network.is_dark(*vantage)) {
            self.probes(vantage, sim);
        }
    }

    /// `AuroraGlobalDBRPOLag`: milliseconds, in a secondary's Region only (Aurora user guide, metrics).
    fn lag(&mut self, region: Ix, sim: &Sim) {
        let Some(sample) = sim.model.database.lag_sample(region, sim.now) else { return };
        let arn = sim.model.database.clusters.get(region).map_or("", |cluster| cluster.arn.as_str());
        let name = arn.rsplit(':').next().unwrap_or_default().to_owned();
        let dimensions = BTreeMap::from([("DBClusterIdentifier", name)]);
        self.note("AWS/RDS", "AuroraGlobalDBRPOLag", region, region, dimensions, sample, sim);
    }

    /// Pending operations appear in the destination's Region (S3 user guide, replication metrics).
    fn pending(&mut self, source: Ix, destination: Ix, sim: &Sim) {
        if let Some(sample) = sim.model.files.pending(source, sim.now) {
            self.replication("OperationsPendingReplication", source, destination, sample, sim);
        }
    }

    /// Failed operations appear in the source's Region. The model counts a day; a data point counts what is new in it.
    fn failures(&mut self, source: Ix, sim: &Sim) {
        let Some(sample) = sim.model.files.failed(source, sim.now) else { return };
        let key = ("OperationsFailedReplication", source, source);
        if self.newest.get(&key).is_some_and(|newest| *newest >= sample.at.0) {
            return;
        }
        let before = self.failed.insert(source, sample.value).unwrap_or(0.0);
        let fresh = Sample { value: (sample.value - before).max(0.0), at: sample.at };
        self.replication("OperationsFailedReplication", source, source, fresh, sim);
    }

    fn replication(&mut self, metric: &'static str, source: Ix, region: Ix, sample: Sample, sim: &Sim) {
        let bucket = |ix: Ix| sim.deployment.regions.get(ix).map_or_else(String::new, |it| it.files_bucket.clone());
        let dimensions = BTreeMap::from([
            ("SourceBucket", bucket(source)),
            ("DestinationBucket", bucket(1 - source)),
            ("RuleId", sim.deployment.files.rule_id.clone()),
        ]);
        self.note("AWS/S3", metric, region, source, dimensions, sample, sim);
    }

    fn probes(&mut self, vantage: Ix, sim: &Sim) {
        for subject in 0..2 {
            let Some(seen) = sim.model.witnesses.probe(vantage, subject, sim.now) else { continue };
            let sample = Sample { value: f64::from(u8::from(seen.healthy)), at: seen.at };
            let dimensions = self::ours("Subject", subject, sim);
            self.note("MattermostDR", "RegionHealthy", vantage, subject, dimensions, sample, sim);
        }
    }

    fn heartbeats(&mut self, region: Ix, sim: &Sim) {
        for from in 0..2 {
            let Some(at) = sim.model.witnesses.heartbeat(region, from, sim.now) else { continue };
            let dimensions = self::ours("From", from, sim);
            self.note("MattermostDR", "Heartbeat", region, from, dimensions, Sample { value: 1.0, at }, sim);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "every one is a different fact of one data point")]
    fn note(
        &mut self,
        namespace: &'static str,
        metric: &'static str,
        region: Ix,
        subject: Ix,
        dimensions: BTreeMap<&'static str, String>,
        sample: Sample,
        sim: &Sim,
    ) {
        let newest = self.newest.entry((metric, region, subject)).or_insert(sim.now - DAY_MS);
        if sample.at.0 <= *newest {
            return;
        }
        *newest = sample.at.0;
        let third = sim.deployment.witnesses.third_region.as_ref().map(|region| region.as_str());
        let name = if region == OUTSIDE { third.unwrap_or("outside") } else { sim.model.name(region) };
        if self.points.len() == MOST_KEPT {
            self.points.pop_front();
        }
        let (region, value, at_ms) = (name.to_owned(), sample.value, sample.at.0);
        self.points.push_back(Point { region, namespace, metric, dimensions, value, at_ms });
    }
}

fn ours(dimension: &'static str, region: Ix, sim: &Sim) -> BTreeMap<&'static str, String> {
    let region = sim.model.name(region).to_owned();
    BTreeMap::from([("Deployment", sim.deployment.name.clone()), (dimension, region)])
}
