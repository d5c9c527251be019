//! Jobs and scheduled posts run in one Region.

use std::collections::BTreeMap;

use super::{Judge, View};
use crate::network::Ix;
use crate::news::News;

/// Jobs claimed within this time of each other run side by side.
const SIDE_BY_SIDE_MS: i64 = 30_000;

/// A Region that was out of sight has so long to fence itself once it answers again: keep-fenced looks once a minute and
/// makes one change per look, nodes first, then a job server. What ran there goes on until then, and with the global
/// writer endpoint it works on the new writer's database.
const FENCES_ITSELF_MS: i64 = 180_000;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct JobRegion {
    last_job_ms: [Option<i64>; 2],
    scheduled: BTreeMap<u32, Ix>,
    /// When a Region was out of the other's sight last.
    out_of_sight_ms: Option<i64>,
}

impl Judge for JobRegion {
    fn name(&self) -> &'static str {
        "job-region"
    }

    fn hear(&mut self, news: &News, view: &View<'_>) -> Option<String> {
        if !view.network.reaches(0, 1) {
            self.out_of_sight_ms = Some(view.now);
        }
        let returning = self.out_of_sight_ms.is_some_and(|at| view.now - at < FENCES_ITSELF_MS);
        match news {
            News::JobRan { region } => {
                // Two databases that parted (a writer that nobody could fence) have a job table each.
                let parted = view.model.database.volumes.iter().all(|volume| volume.writable);
                *self.last_job_ms.get_mut(*region)? = Some(view.now);
                let other = self.last_job_ms.get(1 - *region)?.filter(|at| view.now - at < SIDE_BY_SIDE_MS);
                other
                    .filter(|_| !parted && !returning)
                    .map(|_| "nodes of both Regions run jobs of one database".to_owned())
            }
            // The writer changes: what ran before belongs to the other database or to the time before the move.
            News::Writable { .. } => {
                self.last_job_ms = [None; 2];
                None
            }
            News::ScheduledPostSent { post, region } => {
                let first = *self.scheduled.entry(*post).or_insert(*region);
                (first != *region && !returning).then(|| format!("scheduled post {post} was sent by both Regions"))
            }
            _ => None,
        }
    }
}
