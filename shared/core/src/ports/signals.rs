//! What each stack tells of the other Region, and of itself: the probe and the heartbeat that witnesses read.

use super::Called;
use crate::Region;

/// Looking at a Region from outside.
pub trait SignalReads {
    /// `GET /api/v4/system/ping`, deep, at `subject`'s own address: whether the application answers and says that its
    /// database and its files are well. Silence is an answer: not healthy.
    async fn probe(&self, subject: &Region) -> Called<bool>;
}

/// Telling what was seen.
pub trait SignalWrites {
    /// `cloudwatch:PutMetricData` of `RegionHealthy` in the own Region.
    async fn publish_probe(&self, own: &Region, subject: &Region, healthy: bool) -> Called<()>;
    /// `cloudwatch:PutMetricData` of `Heartbeat` in the other Region: the own stack is alive and reaches it.
    async fn publish_heartbeat(&self, to: &Region, from: &Region) -> Called<()>;
}
