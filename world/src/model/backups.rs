//! Recovery points of every kind, as they age, and restore tests.

use std::collections::BTreeMap;

use mmdr_core::ports::{RecoveryKind, RecoveryPoint, RestoreTest};
use mmdr_core::{Deployment, Time};

use super::setup::Setup;
use crate::network::Ix;

/// Every kind.
const KINDS: [RecoveryKind; 4] =
    [RecoveryKind::Database, RecoveryKind::Configuration, RecoveryKind::Search, RecoveryKind::Files];
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Backups are made daily at 02:00 UTC.
const MADE_AT_MS: i64 = 2 * HOUR_MS;
/// So many days a recovery point is kept.
const KEPT_DAYS: i64 = 14;
/// A copy outside both Regions is complete so long after its original.
const COPIED_AFTER_MS: i64 = HOUR_MS / 2;

/// Recovery points. They are made on schedule, so that only what is not made is remembered.
#[derive(Debug)]
pub struct Backups {
    /// Kinds that are no longer made, and since when.
    stopped: BTreeMap<RecoveryKind, i64>,
    off_site: bool,
    tests: Vec<RestoreTest>,
}

impl Backups {
    /// Daily recovery points of every kind in both Regions (AWS recommends backups in every Region of a global database:
    /// AWS Backup guide), copies off site, and a restore test of each kind a week ago.
    pub fn at_peace(_writer: Ix, setup: &Setup, _deployment: &Deployment, now: i64) -> Self {
        let stopped = setup.stale_backups.iter().map(|kind| (*kind, now - 9 * DAY_MS)).collect();
        let mut tests = Vec::new();
        for kind in KINDS {
            let failed = setup.failed_restore_tests.contains(&kind);
            if failed {
                tests.push(RestoreTest { kind, passed: true, at: Time(now - 37 * DAY_MS) });
            }
            tests.push(RestoreTest { kind, passed: !failed, at: Time(now - 7 * DAY_MS) });
        }
        Self { stopped, off_site: setup.off_site_copies, tests }
    }

    /// The recovery points listed in a Region: the two newest of each kind, here and off site.
    pub fn recovery_points(&self, now: i64) -> Vec<RecoveryPoint> {
        let mut points = Vec::new();
        for kind in KINDS {
            let until = self.stopped.get(&kind).map_or(now, |stopped| now.min(*stopped));
            for days_ago in 0..2 {
                self.points_of(kind, until - days_ago * DAY_MS, now, &mut points);
            }
        }
        points
    }

    /// Restore tests with their validation.
    pub fn restore_tests(&self, now: i64) -> Vec<RestoreTest> {
        self.tests.iter().filter(|test| test.at.0 <= now).cloned().collect()
    }

    fn points_of(&self, kind: RecoveryKind, until: i64, now: i64, points: &mut Vec<RecoveryPoint>) {
        let made_at = (until - MADE_AT_MS).div_euclid(DAY_MS) * DAY_MS + MADE_AT_MS;
        if now - made_at > KEPT_DAYS * DAY_MS {
            return;
        }
        let id = format!("{}-{}", name(kind), Time(made_at));
        // What AWS Backup does not keep cannot be copied by it either.
        let copied = matches!(kind, RecoveryKind::Database | RecoveryKind::Files);
        if copied && self.off_site && made_at + COPIED_AFTER_MS <= now {
            let completed_at = Time(made_at + COPIED_AFTER_MS);
            points.push(RecoveryPoint { kind, id: format!("{id}-off-site"), completed_at, off_site: true });
        }
        points.push(RecoveryPoint { kind, id, completed_at: Time(made_at), off_site: false });
    }
}

fn name(kind: RecoveryKind) -> &'static str {
    match kind {
        RecoveryKind::Database => "database",
        RecoveryKind::Configuration => "configuration",
        RecoveryKind::Search => "search",
        RecoveryKind::Files => "files",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_230_000_000; // 2026-11-21T03:00:00Z

    fn backups(setup: Setup) -> Backups {
        let deployment = Deployment::seed_example().unwrap();
        Backups::at_peace(0, &setup, &deployment, NOW)
    }

    fn newest(points: &[RecoveryPoint], kind: RecoveryKind) -> i64 {
        points.iter().filter(|point| point.kind == kind).map(|point| point.completed_at.0).max().unwrap()
    }

    #[test]
    fn a_new_recovery_point_appears_each_day_at_two() {
        let backups = backups(Setup::default());
        let before = newest(&backups.recovery_points(NOW), RecoveryKind::Search);
        let after = newest(&backups.recovery_points(NOW + DAY_MS), RecoveryKind::Search);
        assert_eq!(after - before, DAY_MS);
        assert!(NOW - before <= 26 * HOUR_MS);
    }

    #[test]
    fn a_stale_kind_ages_while_the_others_do_not() {
        let backups = backups(Setup { stale_backups: vec![RecoveryKind::Files], ..Setup::default() });
        let points = backups.recovery_points(NOW);
        assert!(NOW - newest(&points, RecoveryKind::Files) > 9 * DAY_MS);
        assert!(NOW - newest(&points, RecoveryKind::Database) < DAY_MS);
    }

    #[test]
    fn without_off_site_copies_every_recovery_point_lies_in_a_region() {
        let backups = backups(Setup { off_site_copies: false, ..Setup::default() });
        assert!(backups.recovery_points(NOW).iter().all(|point| !point.off_site));
    }

    #[test]
    fn a_failed_restore_test_leaves_an_older_one_that_passed() {
        let backups = backups(Setup { failed_restore_tests: vec![RecoveryKind::Database], ..Setup::default() });
        let tests: Vec<_> = backups.restore_tests(NOW);
        let database: Vec<bool> =
            tests.iter().filter(|test| test.kind == RecoveryKind::Database).map(|test| test.passed).collect();
        assert_eq!(database, [true, false]);
    }
}
