//! The deciding: every kind, in every place, against its limit.

use mmdr_core::deployment::BackupPolicy;
use mmdr_core::ports::{RecoveryKind, RecoveryPoint, RestoreTest};
use mmdr_core::records::{BackupFinding, Backups, CheckResult, NewestPoint};
use mmdr_core::{Region, Run, Seen, Time, Verdict, records};

use crate::observed::Observed;
use crate::words::{Action, KINDS, Refusal, Waiting, noun};

/// Seconds by which clocks may disagree; what is dated further ahead is not believed.
const SKEW_S: i64 = 300;
const HOUR_S: i64 = 3_600;
/// The kinds that AWS Backup keeps: their copies lie off site in a vault, and their restores can be tested. Search is rebuilt from
/// the database instead, and a configuration is tried by every start of a node.
const KEPT_BY_BACKUP: [RecoveryKind; 2] = [RecoveryKind::Database, RecoveryKind::Files];

/// Writes the findings once; whatever they are.
pub(crate) fn decide(run: &Run, seen: &Observed) -> Verdict<Action, Waiting, Refusal> {
    if seen.record.is_some() {
        return Verdict::Already;
    }
    let (region, key) = (run.own().clone(), records::key(run, records::BACKUPS));
    Verdict::Act(Action::WriteFindings { region, key, record: judge(run, seen) })
}

fn judge(run: &Run, seen: &Observed) -> Backups {
    let policy = &run.deployment.policy.backups;
    let places = [(run.own(), &seen.own_points), (run.other(), &seen.other_points)];
    let mut newest = Vec::new();
    let mut findings = Vec::new();
    let mut recent = Vec::new();
    for (region, points) in places {
        if let Some(why) = points.why() {
            let sentence = format!("cannot tell what can be restored in {region}: {why}");
            findings.push(finding("cannot-tell", None, Some(region), CheckResult::CannotTell, sentence));
        }
    }
    for kind in KINDS {
        let mut found = Vec::new();
        for (region, points) in places {
            let Some(points) = points.value() else { continue };
            if let Some(silent) = search_unseen(run, seen, kind, region) {
                found.push(silent);
                continue;
            }
            let (point, wrong) = in_region(policy, seen.now, kind, region, points);
            newest.extend(point);
            found.extend(wrong);
        }
        if policy.off_site_required && KEPT_BY_BACKUP.contains(&kind) {
            let (point, wrong) = off_site(policy, seen, kind, places);
            newest.extend(point);
            found.extend(wrong);
        }
        if found.is_empty() && places.iter().all(|(_, points)| points.value().is_some()) {
            recent.push(kind);
        }
        findings.extend(found);
    }
    findings.extend(KEPT_BY_BACKUP.into_iter().filter_map(|kind| restore_test(policy, seen, kind)));
    Backups { at: seen.now, recent, newest, findings }
}

/// Search that does not answer has not said that it has no snapshot.
fn search_unseen(run: &Run, seen: &Observed, kind: RecoveryKind, region: &Region) -> Option<BackupFinding> {
    let silent = if region == run.own() { &seen.own_silent } else { &seen.other_silent };
    let why = silent.search.as_ref().filter(|_| kind == RecoveryKind::Search)?;
    let sentence = format!("cannot tell whether {region} has a snapshot of the {}: {why}", noun(kind));
    Some(finding("search-cannot-tell", Some(kind), Some(region), CheckResult::CannotTell, sentence))
}

fn limit_hours(policy: &BackupPolicy, kind: RecoveryKind) -> i64 {
    i64::from(match kind {
        RecoveryKind::Database => policy.database_hours,
        RecoveryKind::Configuration => policy.configuration_hours,
        RecoveryKind::Search => policy.search_hours,
        RecoveryKind::Files => policy.files_hours,
    })
}

/// The newest point that can be believed.
fn newest_of<'a>(points: impl Iterator<Item = &'a RecoveryPoint>, now: Time) -> Option<&'a RecoveryPoint> {
    points.filter(|point| point.completed_at <= now.plus_s(SKEW_S)).max_by_key(|point| point.completed_at)
}

fn shown(point: &RecoveryPoint, region: &Region, now: Time) -> NewestPoint {
    NewestPoint {
        kind: point.kind,
        region: region.clone(),
        off_site: point.off_site,
        id: point.id.clone(),
        completed_at: point.completed_at,
        age_hours: now.since_s(point.completed_at).max(0) / HOUR_S,
    }
}

fn too_old(at: Time, now: Time, hours: i64) -> bool {
    now.since_s(at) > hours * HOUR_S
}

fn in_region(
    policy: &BackupPolicy,
    now: Time,
    kind: RecoveryKind,
    region: &Region,
    points: &[RecoveryPoint],
) -> (Option<NewestPoint>, Option<BackupFinding>) {
    let (what, limit) = (noun(kind), limit_hours(policy, kind));
    let mine = || points.iter().filter(|point| point.kind == kind && !point.off_site);
    let Some(point) = newest_of(mine(), now) else {
        let (name, sentence) = if mine().next().is_some() {
            ("dated-in-the-future", format!("every recovery point of the {what} in {region} is dated in the future"))
        } else {
            ("missing", format!("no recovery point of the {what} in {region}"))
        };
        return (None, Some(failed(name, kind, Some(region), sentence)));
    };
    let point_shown = shown(point, region, now);
    let old = too_old(point.completed_at, now, limit).then(|| {
        let age = point_shown.age_hours;
        let sentence =
            format!("the newest recovery point of the {what} in {region} is {age} h old, {limit} h are allowed");
        failed("too-old", kind, Some(region), sentence)
    });
    (Some(point_shown), old)
}

/// Off-site copies are listed with either Region: one list is enough to find one, both are needed to miss one.
fn off_site(
    policy: &BackupPolicy,
    seen: &Observed,
    kind: RecoveryKind,
    places: [(&Region, &Seen<Vec<RecoveryPoint>>); 2],
) -> (Option<NewestPoint>, Option<BackupFinding>) {
    let now = seen.now;
    let (what, limit) = (noun(kind), limit_hours(policy, kind));
    let listed = places.iter().filter_map(|(region, points)| {
        let points = points.value()?.iter().filter(|point| point.kind == kind && point.off_site);
        newest_of(points, now).map(|point| shown(point, region, now))
    });
    let newest = listed.max_by_key(|point| point.completed_at);
    let recent = newest.as_ref().is_some_and(|point| !too_old(point.completed_at, now, limit));
    if recent {
        return (newest, None);
    }
    let unseen = places.iter().find(|(_, points)| points.value().is_none());
    let unseen = unseen.map(|(region, _)| format!("{region} was not seen"));
    let silent = [&seen.own_silent, &seen.other_silent].into_iter().find_map(|silent| silent.off_site.clone());
    let wrong = match (unseen.or(silent), &newest) {
        (Some(why), _) => {
            let sentence = format!("cannot tell whether a recent copy of the {what} lies off site: {why}");
            finding("off-site-cannot-tell", Some(kind), None, CheckResult::CannotTell, sentence)
        }
        (None, Some(point)) => {
            let sentence =
                format!("the off-site copy of the {what} is {} h old, {limit} h are allowed", point.age_hours);
            failed("off-site-too-old", kind, None, sentence)
        }
        (None, None) => failed("off-site-missing", kind, None, format!("no copy of the {what} lies off site")),
    };
    (newest, Some(wrong))
}

/// A recovery point that was never restored is a hope; one whose newest test failed is worse.
fn restore_test(policy: &BackupPolicy, seen: &Observed, kind: RecoveryKind) -> Option<BackupFinding> {
    let (what, limit) = (noun(kind), i64::from(policy.restore_test_hours));
    let lists = [&seen.own_tests, &seen.other_tests];
    let believed = |test: &&RestoreTest| test.kind == kind && test.at <= seen.now.plus_s(SKEW_S);
    let tests = || lists.into_iter().filter_map(Seen::value).flatten().filter(believed);
    let last = tests().max_by_key(|test| test.at);
    if let Some(last) = last.filter(|test| !test.passed) {
        let sentence = format!("the newest restore test of the {what} failed, at {}", last.at);
        return Some(failed("restore-failed", kind, None, sentence));
    }
    if last.is_some_and(|test| !too_old(test.at, seen.now, limit)) {
        return None;
    }
    if let Some(why) = lists.into_iter().find_map(Seen::why) {
        let sentence = format!("cannot tell whether a restore of the {what} was tested lately: {why}");
        return Some(finding("restore-cannot-tell", Some(kind), None, CheckResult::CannotTell, sentence));
    }
    Some(match last {
        Some(test) => {
            let age = seen.now.since_s(test.at) / HOUR_S;
            let sentence = format!("a restore of the {what} was tested {age} h ago, {limit} h are allowed");
            failed("restore-too-old", kind, None, sentence)
        }
        None => failed("never-restored", kind, None, format!("no restore of the {what} was ever tested")),
    })
}

fn failed(name: &str, kind: RecoveryKind, region: Option<&Region>, sentence: String) -> BackupFinding {
    finding(name, Some(kind), region, CheckResult::Failed, sentence)
}

fn finding(
    name: &str,
    kind: Option<RecoveryKind>,
    region: Option<&Region>,
    result: CheckResult,
    sentence: String,
) -> BackupFinding {
    BackupFinding { name: name.into(), kind, region: region.cloned(), result, sentence }
}
