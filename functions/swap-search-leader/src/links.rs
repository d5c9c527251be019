//! Connections and rules: what a follower needs in order to follow.
//!
//! The requester is the follower's domain; the acceptance goes to the *leader's* Region, elsewhere it answers
//! `ResourceNotFoundException`, which is HTTP 409 (botocore `opensearch/2021-01-01`; terraform-provider-aws #44599).
//! Deleted connections stay listed for 15 days and their alias may not be free: every new one takes the next generation.

use mmdr_core::ports::{ConnectionSeen, ConnectionStatus, RuleName};
use mmdr_core::{Region, Run, Seen, Verdict};

use crate::Said;
use crate::actions::Action;
use crate::names;
use crate::words::{Refusal, Waiting};

/// States from which a connection never becomes ACTIVE.
const DEAD: [&str; 3] = ["VALIDATION_FAILED", "REJECTED", "REJECTING"];

/// The generation in an alias of ours: 3 in `mmdr-3`, 0 in `mmdr`; nothing where the alias is not ours.
pub(crate) fn generation(alias: &str, stem: &str) -> Option<u32> {
    match alias.strip_prefix(stem)? {
        "" => Some(0),
        rest => rest.strip_prefix('-')?.parse().ok(),
    }
}

/// The alias of the ACTIVE connection through which `follower` follows `leader`, or what must happen first.
pub(crate) fn active(
    run: &Run,
    connections: &Seen<Vec<ConnectionSeen>>,
    follower: &Region,
    leader: &Region,
) -> Result<String, Said> {
    let Some(connections) = connections.value() else {
        let why = connections.why().unwrap_or_default().to_owned();
        return Err(Verdict::Wait(Waiting::ConnectionsUnseen { region: follower.clone(), why }));
    };
    let stem = &run.deployment.search.connection_alias;
    let numbered = || connections.iter().filter_map(|it| generation(&it.alias, stem).map(|number| (number, it)));
    let newest = |wanted: fn(&ConnectionStatus) -> bool| {
        let matching = numbered().filter(|(_, it)| it.leader == *leader && wanted(&it.status));
        matching.max_by_key(|(number, _)| *number).map(|(_, it)| it)
    };
    if let Some(found) = newest(|status| *status == ConnectionStatus::Active) {
        return Ok(found.alias.clone());
    }
    let Some(found) = newest(|status| *status != ConnectionStatus::Deleted) else {
        let next = numbered().map(|(number, _)| number).max().unwrap_or(0).saturating_add(1);
        let (follower, leader) = (follower.clone(), leader.clone());
        return Err(Verdict::Act(Action::RequestConnection { follower, leader, alias: format!("{stem}-{next}") }));
    };
    let alias = found.alias.clone();
    Err(match &found.status {
        ConnectionStatus::PendingAcceptance => {
            Verdict::Act(Action::AcceptConnection { leader: leader.clone(), id: found.id.clone(), alias })
        }
        ConnectionStatus::Other(status) if DEAD.contains(&status.as_str()) => {
            Verdict::Refuse(Refusal::ConnectionFailed { alias, status: status.clone() })
        }
        ConnectionStatus::Other(status) => Verdict::Wait(Waiting::ConnectionComing { alias, status: status.clone() }),
        // Neither can be: both were sorted out above.
        ConnectionStatus::Active | ConnectionStatus::Deleted => {
            Verdict::Wait(Waiting::ConnectionComing { alias, status: "changing".into() })
        }
    })
}

/// A connection through which `connections`' owner still follows `leader`, whoever named it.
pub(crate) fn live<'a>(connections: &'a [ConnectionSeen], leader: &Region) -> Option<&'a ConnectionSeen> {
    connections.iter().find(|it| it.leader == *leader && it.status == ConnectionStatus::Active)
}

/// The rules that follow Mattermost's indices, whoever made them, each with its alias as far as it can be told.
///
/// `autofollow_stats` names no alias before plugin 3.8: then the rule's own name tells it, or the connection in use.
fn ours(run: &Run, rules: &[RuleName], in_use: Option<&str>) -> Vec<RuleName> {
    let patterns = names::patterns(run);
    let known = rules.iter().filter(|rule| patterns.contains(&rule.pattern));
    known.map(|rule| RuleName { alias: alias_of(run, rule, in_use), ..rule.clone() }).collect()
}

fn alias_of(run: &Run, rule: &RuleName, in_use: Option<&str>) -> String {
    if !rule.alias.trim().is_empty() {
        return rule.alias.clone();
    }
    let named = rule.name.strip_suffix(&names::rule_ending(run, &rule.pattern));
    named.or(in_use).unwrap_or_default().to_owned()
}

/// Deletes rules on the writer's side: a leftover one becomes active again with the next connection of its alias.
/// Deleting a rule stops no running follower, and never contacts the leader.
pub(crate) fn no_rules(
    run: &Run,
    region: &Region,
    rules: &Seen<Vec<RuleName>>,
    connections: &Seen<Vec<ConnectionSeen>>,
) -> Option<Said> {
    let in_use = connections.value().and_then(|found| live(found, run.other())).map(|found| found.alias.as_str());
    let rules = ours(run, rules.value()?, in_use);
    (!rules.is_empty()).then(|| Verdict::Act(Action::DeleteRules { region: region.clone(), rules }))
}

/// Exactly one rule per pattern at the follower, through the connection that is ACTIVE.
///
/// A rule is only created where none is listed: creating it twice answers 500 and overwrites the stored one.
pub(crate) fn follower_rules(run: &Run, region: &Region, rules: &Seen<Vec<RuleName>>, alias: &str) -> Option<Said> {
    let Some(found) = rules.value() else {
        let why = rules.why().unwrap_or_default().to_owned();
        return Some(Verdict::Wait(Waiting::RulesUnseen { region: region.clone(), why }));
    };
    let found = ours(run, found, Some(alias));
    let stale: Vec<RuleName> = found.iter().filter(|rule| rule.alias != alias).cloned().collect();
    if !stale.is_empty() {
        return Some(Verdict::Act(Action::DeleteRules { region: region.clone(), rules: stale }));
    }
    let missing = names::patterns(run).into_iter().filter(|pattern| found.iter().all(|rule| rule.pattern != *pattern));
    let rules: Vec<RuleName> = missing
        .map(|pattern| {
            let name = format!("{alias}{}", names::rule_ending(run, &pattern)).to_lowercase();
            RuleName { alias: alias.to_owned(), name, pattern }
        })
        .collect();
    (!rules.is_empty()).then(|| Verdict::Act(Action::CreateRules { region: region.clone(), rules }))
}
