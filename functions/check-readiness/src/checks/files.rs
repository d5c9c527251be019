//! The files.

use mmdr_core::ports::{BucketSeen, RuleSeen};
use mmdr_core::records::CheckSeverity::{Critical, Warning};

use crate::table::{Answer, Area, Check, Gate, Miss, Side, View, cannot_tell, failed, judge, need};

const fn check(
    name: &'static str,
    gate: Gate,
    proves: &'static str,
    covers: &'static str,
    mend: &'static str,
    ask: fn(&View<'_>) -> Answer,
) -> Check {
    Check { name, area: Area::Files, severity: Critical, gate, proves, covers, mend, ask }
}

pub(super) const CHECKS: &[Check] = &[
    check(
        "files-buckets-exist",
        Gate::Needed,
        "both Regions have the bucket that the document names",
        "set-up: a bucket in the secondary Region",
        "create the bucket named; Mattermost would otherwise create an empty one at its start",
        |view| {
            view.both(|side| {
                let bucket = &need(&side.seen.bucket)?.bucket;
                let named = view.document().region(side.name).map(|region| region.files_bucket.as_str());
                judge(named == Some(bucket), bucket.as_str())
            })
        },
    ),
    check(
        "files-versioning",
        Gate::No,
        "versioning is on in both buckets",
        "set-up: bucket versioning, in both buckets",
        "start protect, or S3 console, the bucket, Properties, Bucket Versioning",
        |view| {
            view.both(|side| {
                let on = need(&side.seen.bucket)?.versioning;
                judge(on, if on { "on" } else { "off" })
            })
        },
    ),
    check(
        "files-rule-to-standby",
        Gate::Needed,
        "an enabled rule replicates the writer's bucket to the standby's",
        "set-up: a replication rule with its destination and role",
        "start protect",
        |view| direction(view, view.writer()?, view.standby()?),
    ),
    check(
        "files-rule-back",
        Gate::No,
        "an enabled rule replicates the standby's bucket to the writer's",
        "set-up: the same on the secondary bucket; result: replication both ways",
        "start protect",
        |view| direction(view, view.standby()?, view.writer()?),
    ),
    check(
        "files-rules-cover-everything",
        Gate::No,
        "both rules cover every key",
        "set-up: apply the rule to all objects",
        "start protect, or remove prefix and filter from the rule",
        |view| view.both(|side| flag(rule(side)?.covers_all, "every key", "only some keys")),
    ),
    check(
        "files-replica-modifications",
        Gate::No,
        "both rules replicate changes that were made to replicas",
        "set-up warning: replica modification sync",
        "start protect, or S3 console, the rule, Replica modification sync",
        |view| view.both(|side| flag(rule(side)?.replica_modifications, "on", "off")),
    ),
    check(
        "files-existing-replicated",
        Gate::Needed,
        "no object that is older than its rule is missing on the other side",
        "set-up: the job that replicates existing objects",
        "start protect: it creates a Batch Replication job",
        |view| {
            let missing = need(&view.writer()?.seen.bucket)?.existing_not_replicated;
            judge(missing == 0, format!("{missing} objects were never replicated"))
        },
    ),
    Check {
        severity: Warning,
        ..check(
            "files-delete-markers",
            Gate::No,
            "deletions are replicated too",
            "trap: a rule with a filter leaves delete markers out, and deleted files come back (S3 user guide)",
            "start protect, or S3 console, the rule, Delete marker replication",
            |view| view.both(|side| flag(rule(side)?.delete_markers, "replicated", "not replicated")),
        )
    },
    Check {
        severity: Warning,
        ..check(
            "files-replication-metrics",
            Gate::No,
            "both rules publish how far behind they are",
            "trap: without metrics nobody can see what had not arrived when a Region was lost (S3 user guide)",
            "start protect, or S3 console, the rule, Replication metrics",
            |view| view.both(|side| flag(rule(side)?.metrics, "published", "not published")),
        )
    },
    check(
        "files-pending",
        Gate::Lag,
        "no more files than policy allows are under way to the standby",
        "trap: a file newer than the replica is a 404 in the new Region",
        "wait; policy.files_pending_limit is the limit",
        pending,
    ),
    check(
        "files-failed",
        Gate::No,
        "no replication failed for good in the last day",
        "trap: FAILED stays until the object is replicated again (S3 user guide, replication status)",
        "start protect: it creates a Batch Replication job for what failed",
        |view| {
            view.both(|side| match need(&side.seen.failed)? {
                Some(sample) => judge(sample.value < 1.0, format!("{:.0} failed", sample.value)),
                None => Ok("no data point: none failed".into()),
            })
        },
    ),
];

fn flag(on: bool, yes: &str, no: &str) -> Answer {
    judge(on, if on { yes } else { no })
}

fn rule<'a>(side: Side<'a>) -> Result<&'a RuleSeen, Miss> {
    let bucket: &'a BucketSeen = need(&side.seen.bucket)?;
    bucket.rule.as_ref().ok_or_else(|| Miss::Failed("there is no rule".into()))
}

fn direction(view: &View<'_>, source: Side<'_>, destination: Side<'_>) -> Answer {
    let rule = rule(source)?;
    let named = view.document().region(destination.name).map(|region| region.files_bucket.as_str());
    if named != Some(rule.destination.as_str()) {
        return failed(format!("rule {} leads to {}", rule.id, rule.destination));
    }
    judge(rule.enabled, format!("rule {} is {}", rule.id, if rule.enabled { "enabled" } else { "disabled" }))
}

/// Published in the destination's Region. A rule with metrics that publishes nothing has nothing under way.
fn pending(view: &View<'_>) -> Answer {
    let writer = view.writer()?;
    let limit = view.document().policy.files_pending_limit;
    match need(&writer.seen.pending)? {
        Some(sample) => {
            // A count of operations; negative or fractional values do not occur.
            let within = sample.value <= limit as f64;
            judge(within, format!("{:.0} operations pending, {limit} are allowed", sample.value))
        }
        None if rule(writer)?.metrics => Ok("no data point: nothing is under way".into()),
        None => cannot_tell("the rule publishes no metrics"),
    }
}
