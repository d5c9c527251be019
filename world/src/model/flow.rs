//! A stream that trails behind its source, stands still while its path is cut, and catches up afterwards.
//!
//! Nothing is moved item by item: how many have arrived is a partition point over the source's sorted items.

/// How far a stream has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    arrived: usize,
    since: Option<i64>,
}

impl Flow {
    /// A stream that flows from `since_ms` on; at that moment it has everything that is there.
    pub fn flowing(since_ms: i64) -> Self {
        Self { arrived: 0, since: Some(since_ms) }
    }

    /// A stream that stands, with so many items arrived.
    pub fn standing(arrived: usize) -> Self {
        Self { arrived, since: None }
    }

    /// Since when it flows, or will; none while it stands.
    pub fn since(&self) -> Option<i64> {
        self.since
    }

    /// How many of `items` (sorted by time) have arrived by `now`, where each takes `delay_ms`.
    pub fn arrived<T>(&self, items: &[(i64, T)], now: i64, delay_ms: i64) -> usize {
        match self.since {
            Some(since) if now >= since => {
                let newest = now.saturating_sub(delay_ms).max(since);
                items.partition_point(|(at, _)| *at <= newest).max(self.arrived)
            }
            _ => self.arrived,
        }
        .min(items.len())
    }

    /// Stands still from now on, with what has arrived.
    pub fn stand<T>(&mut self, items: &[(i64, T)], now: i64, delay_ms: i64) {
        *self = Self::standing(self.arrived(items, now, delay_ms));
    }

    /// Flows again, and has caught up at `since_ms`.
    pub fn resume(&mut self, since_ms: i64) {
        self.since = Some(since_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ITEMS: [(i64, u32); 4] = [(1_000, 1), (2_000, 2), (3_000, 3), (9_000, 4)];

    #[test]
    fn an_item_arrives_after_its_delay_and_never_earlier() {
        let flow = Flow::flowing(i64::MIN);
        assert_eq!(flow.arrived(&ITEMS, 2_499, 500), 1);
        assert_eq!(flow.arrived(&ITEMS, 2_500, 500), 2);
    }

    #[test]
    fn a_standing_stream_keeps_what_it_has_and_catches_up_at_once_when_it_flows_again() {
        let mut flow = Flow::flowing(i64::MIN);
        flow.stand(&ITEMS, 2_600, 500);
        assert_eq!(flow.arrived(&ITEMS, 60_000, 500), 2);
        flow.resume(10_000);
        assert_eq!(flow.arrived(&ITEMS, 9_999, 500), 2);
        assert_eq!(flow.arrived(&ITEMS, 10_000, 500), 4);
    }
}
