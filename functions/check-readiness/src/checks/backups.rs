//! Recovery points. `verify-backups` judges them in full; here stands what a move rests on.

use mmdr_core::ports::{RecoveryKind, RecoveryPoint};
use mmdr_core::records::CheckSeverity::{Critical, Warning};
use mmdr_core::{CLOCKS_APART_S, Seen, Time};

use crate::observed::RegionSeen;
use crate::table::{Answer, Area, Check, Gate, Miss, View, failed, judge, need};

const fn check(
    name: &'static str,
    proves: &'static str,
    covers: &'static str,
    mend: &'static str,
    ask: fn(&View<'_>) -> Answer,
) -> Check {
    Check { name, area: Area::Backups, severity: Warning, gate: Gate::No, proves, covers, mend, ask }
}

pub(super) const CHECKS: &[Check] = &[
    Check {
        severity: Critical,
        ..check(
            "database-backup-fresh",
            "the newest recovery point of the database is young enough",
            "prerequisite: a verified, restorable database backup",
            "start verify-backups; then look at the backup plan",
            |view| fresh(view, RecoveryKind::Database, view.document().policy.backups.database_hours),
        )
    },
    check(
        "database-backup-restored",
        "a restore of the database was tested and validated",
        "prerequisite: a verified, restorable database backup",
        "run a restore test in AWS Backup and write its validation",
        restored,
    ),
    check(
        "database-backups-in-both-regions",
        "both Regions hold recovery points of the database",
        "trap: after a move only the new Region's count (AWS Backup documentation)",
        "add the Region named to the backup plan",
        |view| {
            view.both(|side| {
                let points = need(&side.seen.recovery_points)?;
                let count = points.iter().filter(|point| point.kind == RecoveryKind::Database).count();
                judge(count > 0, format!("{count} recovery points"))
            })
        },
    ),
    check(
        "configuration-backup-fresh",
        "the newest copy of Mattermost's configuration, with its certificates, is young enough",
        "backup page: the settings and the certificates beside them",
        "copy config.json with its folder, or dump the configuration tables: the API masks secrets",
        |view| fresh(view, RecoveryKind::Configuration, view.document().policy.backups.configuration_hours),
    ),
    check(
        "backup-off-site",
        "a recovery point of the database lies outside both Regions",
        "backup page: backups are stored off-site",
        "copy recovery points to a third Region; policy.backups.off_site_required says whether",
        off_site,
    ),
];

/// What a Region lists.
type Listed = fn(&RegionSeen) -> &Seen<Vec<RecoveryPoint>>;

/// All recovery points of a kind that can be believed; cannot tell only where neither Region answers.
fn points<'a>(view: &View<'a>, listed: Listed, kind: RecoveryKind) -> Result<Vec<&'a RecoveryPoint>, Miss> {
    let [here, there] = view.sides();
    let seen = [need(listed(here.seen)), need(listed(there.seen))];
    if let [Err(why), Err(_)] = seen {
        return Err(why);
    }
    let all = seen.into_iter().flatten().flatten();
    Ok(all.filter(|point| point.kind == kind && view.now().since_s(point.completed_at) >= -CLOCKS_APART_S).collect())
}

fn hours_since(now: Time, at: Time) -> i64 {
    now.since_s(at).div_euclid(3_600)
}

fn fresh(view: &View<'_>, kind: RecoveryKind, limit_hours: u32) -> Answer {
    let found = points(view, |seen| &seen.recovery_points, kind)?;
    let Some(newest) = found.iter().max_by_key(|point| point.completed_at) else { return failed("there is none") };
    let age = hours_since(view.now(), newest.completed_at);
    judge(age < i64::from(limit_hours), format!("{} is {age} h old, {limit_hours} h are allowed", newest.id))
}

fn restored(view: &View<'_>) -> Answer {
    let [here, there] = view.sides();
    let seen = [need(&here.seen.restore_tests), need(&there.seen.restore_tests)];
    if let [Err(why), Err(_)] = seen {
        return Err(why);
    }
    let tests = seen.into_iter().flatten().flatten();
    let Some(newest) = tests.filter(|test| test.kind == RecoveryKind::Database).max_by_key(|test| test.at) else {
        return failed("never tested");
    };
    let limit_hours = view.document().policy.backups.restore_test_hours;
    let age = hours_since(view.now(), newest.at);
    let passed = if newest.passed { "passed" } else { "failed" };
    judge(
        newest.passed && age < i64::from(limit_hours),
        format!("the newest test {passed} {age} h ago, {limit_hours} h are allowed"),
    )
}

fn off_site(view: &View<'_>) -> Answer {
    if !view.document().policy.backups.off_site_required {
        return Ok("policy does not ask for one".into());
    }
    let count = points(view, |seen| &seen.off_site_points, RecoveryKind::Database)?.len();
    judge(count > 0, format!("{count} recovery points outside both Regions"))
}
