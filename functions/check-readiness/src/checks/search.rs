//! The search domains, each by itself.

use mmdr_core::ports::{IndexSeen, JobStatus};
use mmdr_core::records::CheckSeverity::{Critical, Info, Warning};

use crate::table::{Answer, Area, Check, Gate, Miss, View, cannot_tell, failed, judge, need};

const fn check(
    name: &'static str,
    gate: Gate,
    proves: &'static str,
    covers: &'static str,
    mend: &'static str,
    ask: fn(&View<'_>) -> Answer,
) -> Check {
    Check { name, area: Area::Search, severity: Critical, gate, proves, covers, mend, ask }
}

pub(super) const CHECKS: &[Check] = &[
    Check {
        severity: Warning,
        ..check(
            "search-version-supported",
            Gate::No,
            "both domains run OpenSearch 2.x (or Elasticsearch 7.10)",
            "prerequisite and set-up: OpenSearch 2.x in both Regions",
            "OpenSearch console, the domain, Actions, Upgrade; Mattermost before 11.9 refuses version 3",
            |view| {
                view.both(|side| {
                    let version = &need(&side.seen.domain)?.engine_version;
                    let supported = version.starts_with("OpenSearch_2.") || version == "Elasticsearch_7.10";
                    judge(supported, version.as_str())
                })
            },
        )
    },
    check(
        "search-versions-equal",
        Gate::Needed,
        "both domains run the same engine version and service software",
        "trap: the direction back is refused when the follower is older (plugin source, ValidationUtil; AWS guide)",
        "upgrade the older domain, the follower first",
        versions_equal,
    ),
    check(
        "search-access-control",
        Gate::No,
        "fine-grained access control and node-to-node encryption are on in both domains",
        "prerequisite and set-up: fine-grained access control, which turns node-to-node encryption on",
        "OpenSearch console, the domain, Security configuration",
        |view| {
            view.both(|side| {
                let on = need(&side.seen.domain)?.access_control;
                judge(on, if on { "on" } else { "off" })
            })
        },
    ),
    check(
        "search-health",
        Gate::Needed,
        "no primary shard is missing in either domain",
        "trap: a red index neither follows nor is promoted",
        "GET _cluster/allocation/explain at the domain named",
        |view| {
            view.both(|side| {
                let health = &need(&side.seen.domain)?.health;
                judge(health != "red", health.as_str())
            })
        },
    ),
    check(
        "search-credentials",
        Gate::No,
        "the credentials in the document are accepted by both domains",
        "set-up: the master user and its credentials",
        "put the current user and password into the secret named by regions.search_credentials",
        credentials,
    ),
    check(
        "application-reaches-search",
        Gate::No,
        "the serving nodes use the search domain, not the database, to search",
        "set-up warning: user and password in ElasticsearchSettings once access control is on",
        "set MM_ELASTICSEARCHSETTINGS_USERNAME and _PASSWORD in the nodes' environment, then restart them",
        |view| {
            let backend = &need(&view.writer()?.seen.ping)?.search_backend;
            let engine = ["opensearch", "elasticsearch"].contains(&backend.as_str());
            judge(engine, format!("the active search backend is {backend:?}"))
        },
    ),
    check(
        "search-indices-populated",
        Gate::No,
        "the leader holds posts, channels, users and files with documents in them",
        "set-up warning: all indices are populated before replication begins",
        "System Console, Elasticsearch, Bulk indexing: Index now",
        populated,
    ),
    check(
        "search-leader-writable",
        Gate::Needed,
        "no index of the leader is a follower, and no write fence of an earlier run is left",
        "trap: a write to a follower is lost without an error (Mattermost source, bulk.go)",
        "resume the run that left it, or PUT index.blocks.write=false",
        leader_writable,
    ),
    check(
        "no-aggregation-running",
        Gate::Passing,
        "Mattermost is not turning daily indices into monthly ones just now",
        "trap: the aggregation deletes daily indices of its Region's domain (Mattermost source, aggregation_job.go)",
        "wait until the job has ended; it starts at 03:00 of the server's time zone",
        no_aggregation,
    ),
    Check {
        severity: Info,
        ..check(
            "no-search-snapshot-running",
            Gate::No,
            "no snapshot holds up stops and deletions",
            "trap: _stop and DELETE answer 400 during a snapshot, and AWS takes one every hour (plugin, executed)",
            "wait: an hourly snapshot ends by itself",
            |view| {
                view.both(|side| {
                    let running = need(&side.seen.domain)?.snapshot_running;
                    judge(!running, if running { "a snapshot runs" } else { "no snapshot runs" })
                })
            },
        )
    },
    Check {
        severity: Warning,
        ..check(
            "no-orphan-followers",
            Gate::No,
            "no index of the standby follows one that the leader no longer has",
            "trap: deletions are not replicated, so the aggregation leaves an orphan a day (plugin source)",
            "stop and delete the index named in the standby, once its month index exists there",
            orphans,
        )
    },
];

/// The leader's and the standby's indices.
pub(super) fn leader_and_follower<'a>(view: &View<'a>) -> Result<(&'a [IndexSeen], &'a [IndexSeen]), Miss> {
    Ok((need(&view.writer()?.seen.indices)?, need(&view.standby()?.seen.indices)?))
}

/// Names, the first few of them.
pub(super) fn few(names: &[&str]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<&str> = names.iter().take(SHOWN).copied().collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn versions_equal(view: &View<'_>) -> Answer {
    let [here, there] = view.sides();
    let (one, other) = (need(&here.seen.domain)?, need(&there.seen.domain)?);
    let shown =
        |domain: &mmdr_core::ports::DomainSeen| format!("{} {}", domain.engine_version, domain.service_software);
    let equal = one.engine_version == other.engine_version && one.service_software == other.service_software;
    judge(equal, format!("{} in {}, {} in {}", shown(one), here.name, shown(other), there.name))
}

fn credentials(view: &View<'_>) -> Answer {
    view.both(|side| match (&side.seen.indices.value(), side.seen.indices.why()) {
        (Some(_), _) => Ok("accepted".into()),
        (None, Some(why)) if why.contains("not allowed") => failed(why),
        (None, why) => cannot_tell(why.unwrap_or("not seen")),
    })
}

fn populated(view: &View<'_>) -> Answer {
    let leader = need(&view.writer()?.seen.indices)?;
    let prefix = &view.document().search.index_prefix;
    let holds = |base: &str| {
        leader.iter().any(|index| {
            let name = index.name.strip_prefix(prefix.as_str());
            index.documents > 0
                && name.is_some_and(|name| name == base || (base == "posts" && name.starts_with("posts")))
        })
    };
    let empty: Vec<&str> = ["posts", "channels", "users", "files"].into_iter().filter(|base| !holds(base)).collect();
    let documents: u64 = leader.iter().map(|index| index.documents).sum();
    if empty.is_empty() {
        Ok(format!("{documents} documents in {} indices", leader.len()))
    } else {
        failed(format!("missing or empty: {}", empty.join(", ")))
    }
}

fn leader_writable(view: &View<'_>) -> Answer {
    let writer = view.writer()?;
    let leader = need(&writer.seen.indices)?;
    let blocked = |index: &&IndexSeen| index.follower_of.is_some() || index.replication_block || index.write_block;
    let blocked: Vec<&str> = leader.iter().filter(blocked).map(|index| index.name.as_str()).collect();
    if blocked.is_empty() {
        Ok(format!("{} indices of {} are writable", leader.len(), writer.name))
    } else {
        failed(format!("not writable in {}: {}", writer.name, few(&blocked)))
    }
}

fn no_aggregation(view: &View<'_>) -> Answer {
    let jobs = need(&view.writer()?.seen.aggregations)?;
    let live = jobs.iter().find(|job| matches!(job.status, JobStatus::Pending | JobStatus::InProgress));
    match live {
        Some(job) => failed(format!("job {} of {} has not ended", job.id, job.created_at)),
        None => Ok("no such job".into()),
    }
}

fn orphans(view: &View<'_>) -> Answer {
    let (leader, follower) = leader_and_follower(view)?;
    let has = |name: &str| leader.iter().any(|index| index.name == name);
    let orphans = follower.iter().filter(|index| index.follower_of.is_some() && !has(&index.name));
    let orphans: Vec<&str> = orphans.map(|index| index.name.as_str()).collect();
    if orphans.is_empty() { Ok("none".into()) } else { failed(few(&orphans)) }
}
