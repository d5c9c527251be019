//! The pair of domains as a story finds it.

use std::collections::BTreeMap;

use mmdr_core::ports::RuleName;
use mmdr_core::{Deployment, Time};

use super::connections::Connection;
use super::follow::Follow;
use super::index::{Index, Role};
use super::{DAY_MS, Domain, Knobs, MARK, Search};
use crate::model::flow::Flow;
use crate::model::setup::Setup;
use crate::network::Ix;

/// The first three indices; the daily ones come after them.
const FIXED: [&str; 3] = ["users", "channels", "files"];

impl Search {
    /// A healthy pair whose leader is the writer Region; where nothing is protected yet, only the leader has indices.
    pub fn at_peace(writer: Ix, setup: &Setup, deployment: &Deployment, now: i64) -> Self {
        let mut search = Self::empty(setup, deployment);
        let writer = writer.min(1);
        let today = now.div_euclid(DAY_MS) * DAY_MS;
        for base in FIXED {
            let name = format!("{}{base}", search.prefix);
            search.seed(writer, &name, today, setup);
        }
        for days_ago in (0..i64::from(setup.daily_indices)).rev() {
            let day = today - days_ago * DAY_MS;
            let name = search.daily(day);
            search.seed(writer, &name, day, setup);
        }
        search.today = (search.number(&search.daily(today)), today + DAY_MS);
        for number in 0..i64::from(setup.search_orphans) {
            // What the aggregation job deleted lives on in the month's index.
            let (year, month, _) = Time(orphan_day(number, deployment, today)).date();
            let name = format!("{}postsmonth_{year:04}_{month:02}", search.prefix);
            search.seed(writer, &name, today, setup);
        }
        if setup.protected {
            search.protect(writer, deployment, now);
            search.add_orphans(1 - writer, setup, deployment, today);
        }
        search
    }

    fn empty(setup: &Setup, deployment: &Deployment) -> Self {
        let knobs = Knobs {
            tail_ms: setup.search_tail_ms,
            stop_ms: setup.search_stop_ms,
            start_ms: setup.search_start_ms,
            bootstrap_ms: setup.search_bootstrap_ms,
            snapshot_minutes: setup.search_snapshot_minutes,
            snapshot_ms: setup.search_snapshot_s * 1_000,
            versions: setup.search_engine_versions.clone(),
            connection_ms: setup.search_connection_s * 1_000,
            inbound_late_ms: setup.search_inbound_late_s * 1_000,
            refuses: setup.dark_region_refuses,
        };
        Self {
            names: Vec::new(),
            numbers: BTreeMap::new(),
            domains: [Domain::default(), Domain::default()],
            connections: Vec::new(),
            prefix: deployment.search.index_prefix.clone(),
            today: (0, 0),
            link_up: true,
            knobs,
        }
    }

    /// An index with some operations from the day on which it began.
    fn seed(&mut self, region: Ix, name: &str, day: i64, setup: &Setup) {
        let no = self.number(name);
        let history = i64::from(setup.search_history);
        let operations =
            (0..history).map(|n| (day - DAY_MS + n * 60_000, MARK | (no as u32) << 12 | n as u32)).collect();
        self.put(region, no, Some(Index::owning(operations)));
    }

    /// Connections in both directions (the reverse one in peace time: no control-plane work during a failover), a rule
    /// and followers at the standby.
    fn protect(&mut self, writer: Ix, deployment: &Deployment, now: i64) {
        let standby = 1 - writer;
        let alias = format!("{}-1", deployment.search.connection_alias);
        self.connections.push(Connection::active("cc-1", &alias, standby, now));
        self.connections.push(Connection::active("cc-2", &alias, writer, now));
        // One rule for each pattern; a pattern without a wildcard is allowed (plugin's `UpdateAutoFollowPatternIT`).
        for base in ["posts*", "channels", "users", "files"] {
            let name = format!("{alias}-{}", base.trim_end_matches('*'));
            let rule = RuleName { alias: alias.clone(), name, pattern: format!("{}{base}", self.prefix) };
            if let Some(domain) = self.domains.get_mut(standby) {
                domain.rules.push(rule);
            }
        }
        for no in 0..self.names.len() {
            self.put(standby, no, Some(Index::following(Follow::at_peace(0))));
        }
    }

    /// Mattermost's aggregation job deletes daily indices; the plugin does not replicate that: the follower pauses by
    /// itself and stays (plugin #1434).
    fn add_orphans(&mut self, standby: Ix, setup: &Setup, deployment: &Deployment, today: i64) {
        for number in 0..i64::from(setup.search_orphans) {
            let day = orphan_day(number, deployment, today);
            let name = self.daily(day);
            self.seed(standby, &name, day, setup);
            let no = self.number(&name);
            let mut follow = Follow::at_peace(0);
            follow.orphaned = true;
            follow.pauses_at = Some(day);
            follow.flow = Flow::standing(0);
            if let Some(index) = self.index_mut(standby, no) {
                index.role = Role::Follower(follow);
            }
        }
    }
}

/// The day of the n-th daily index that the aggregation job has deleted.
fn orphan_day(number: i64, deployment: &Deployment, today: i64) -> i64 {
    today - (i64::from(deployment.search.aggregate_after_days) + number) * DAY_MS
}
