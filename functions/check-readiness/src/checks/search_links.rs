//! What is between the two search domains: connections, rules, followers, lag.

use mmdr_core::ports::{ConnectionStatus, IndexSeen, ReplicationStatus};
use mmdr_core::records::CheckSeverity::{Critical, Warning};

use super::search::{few, leader_and_follower};
use crate::table::{Answer, Area, Check, Gate, Side, View, cannot_tell, failed, judge, need};

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
    check(
        "search-connection",
        Gate::Needed,
        "the standby has an active connection to the leader",
        "set-up: request a connection from the secondary domain, accept it in the primary",
        "start protect; or OpenSearch console, the standby's domain, Connections, Request",
        |view| connection(view, view.standby()?, view.writer()?),
    ),
    Check {
        severity: Warning,
        ..check(
            "reverse-search-connection",
            Gate::No,
            "the connection for the time after a move exists already",
            "trap: a connection needs the control plane, so it is made in peace time",
            "start protect",
            |view| connection(view, view.writer()?, view.standby()?),
        )
    },
    check(
        "cross-cluster-get",
        Gate::No,
        "the leader lets the standby pull: at least one index is being followed",
        "set-up: es:ESCrossClusterGet in the access policy of both domains",
        "add es:ESCrossClusterGet on the domain's ARN to its access policy; restrict the principal to the account",
        cross_cluster_get,
    ),
    check(
        "auto-follow-rule",
        Gate::No,
        "the standby follows tomorrow's posts index by itself",
        "set-up: an auto-follow rule for the posts indices, and its status",
        "start protect",
        auto_follow,
    ),
    Check {
        severity: Warning,
        ..check(
            "no-broad-auto-follow-rule",
            Gate::No,
            "no rule catches hidden or system indices",
            "set-up: a rule for everything would also replicate what must not be replicated",
            "delete the rule named; start protect for the right one",
            |view| {
                view.both(|side| {
                    let rules = need(&side.seen.rules)?;
                    let broad =
                        rules.iter().filter(|rule| rule.pattern.starts_with('*') || rule.pattern.starts_with('.'));
                    let broad: Vec<&str> = broad.map(|rule| rule.name.as_str()).collect();
                    if broad.is_empty() { Ok("none".into()) } else { failed(few(&broad)) }
                })
            },
        )
    },
    Check {
        severity: Warning,
        ..check(
            "no-rule-on-the-leader",
            Gate::No,
            "no auto-follow rule of an earlier direction is left on the leader",
            "trap: it wakes up as soon as a connection of the same alias exists (plugin source)",
            "DELETE _plugins/_replication/_autofollow with alias and name at the leader",
            |view| {
                let rules = need(&view.writer()?.seen.rules)?;
                let names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
                if names.is_empty() { Ok("none".into()) } else { failed(few(&names)) }
            },
        )
    },
    check(
        "every-index-following",
        Gate::Needed,
        "the standby follows every Mattermost index of the leader",
        "set-up: channels, users and files are started one by one; their status; all indices listed in the standby",
        "start protect; a follower that is paused or failed has to be resumed, or stopped, deleted and started",
        every_index,
    ),
    check(
        "search-lag",
        Gate::Lag,
        "the standby's search is nearly level, by sequence numbers",
        "set-up: leader and follower checkpoints in the replication status",
        "find the load on the domains; policy.search_lag_limit is the limit",
        lag,
    ),
];

fn connection(view: &View<'_>, follower: Side<'_>, leader: Side<'_>) -> Answer {
    let connections = need(&follower.seen.connections)?;
    let stem = &view.document().search.connection_alias;
    let mut ours = connections.iter().filter(|it| it.leader == *leader.name && it.alias.starts_with(stem.as_str()));
    match ours.clone().find(|it| it.status == ConnectionStatus::Active) {
        Some(active) => Ok(format!("{} is active", active.alias)),
        None => match ours.find(|it| it.status != ConnectionStatus::Deleted) {
            Some(other) => failed(format!("{} is {:?}", other.alias, other.status)),
            None => failed(format!("{} has no connection to {}", follower.name, leader.name)),
        },
    }
}

fn is_follower(index: &&IndexSeen) -> bool {
    index.follower_of.is_some()
}

fn cross_cluster_get(view: &View<'_>) -> Answer {
    let indices = need(&view.standby()?.seen.indices)?;
    let followers: Vec<&IndexSeen> = indices.iter().filter(is_follower).collect();
    let pulling = followers
        .iter()
        .filter(|index| matches!(index.replication, ReplicationStatus::Syncing | ReplicationStatus::Bootstrapping));
    match (pulling.count(), followers.len()) {
        (0, 0) => cannot_tell("no index follows yet"),
        (0, all) => failed(format!("none of {all} followers gets anything from the leader")),
        (pulling, all) => Ok(format!("{pulling} of {all} followers pull")),
    }
}

fn auto_follow(view: &View<'_>) -> Answer {
    let rules = need(&view.standby()?.seen.rules)?;
    let pattern = format!("{}posts*", view.document().search.index_prefix);
    match rules.iter().find(|rule| rule.pattern == pattern) {
        Some(rule) => Ok(format!("rule {} follows {pattern}", rule.name)),
        None => failed(format!("no rule follows {pattern}")),
    }
}

fn every_index(view: &View<'_>) -> Answer {
    let (leader, follower) = leader_and_follower(view)?;
    let mut unknown = Vec::new();
    let mut behind = Vec::new();
    for index in leader {
        let copy = follower.iter().find(|copy| copy.name == index.name);
        match copy {
            Some(copy) if copy.open && copy.follower_of.is_some() => match copy.replication {
                ReplicationStatus::Syncing => {}
                ReplicationStatus::Unknown => unknown.push(index.name.as_str()),
                _ => behind.push(index.name.as_str()),
            },
            _ => behind.push(index.name.as_str()),
        }
    }
    if !behind.is_empty() {
        failed(format!("{} of {} do not follow: {}", behind.len(), leader.len(), few(&behind)))
    } else if !unknown.is_empty() {
        cannot_tell(format!("no answer for {}", few(&unknown)))
    } else {
        Ok(format!("all {} indices follow", leader.len()))
    }
}

/// Operations of the leader that the follower has not, over all shards. A follower keeps the leader's numbers.
fn lag(view: &View<'_>) -> Answer {
    let (leader, follower) = leader_and_follower(view)?;
    let mut operations: u64 = 0;
    for index in leader {
        let copy = follower.iter().find(|copy| copy.name == index.name);
        for shard in &index.shards {
            let there = copy.and_then(|copy| copy.shards.iter().find(|there| there.shard == shard.shard));
            let reached = there.map_or(-1, |there| there.local_checkpoint);
            operations = operations.saturating_add(u64::try_from(shard.max_seq_no - reached).unwrap_or(0));
        }
    }
    let limit = view.document().policy.search_lag_limit;
    judge(operations <= limit, format!("{operations} operations behind, {limit} are allowed"))
}
