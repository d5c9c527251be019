//! Connections between the domains, and auto-follow rules.

use mmdr_core::Fault;
use mmdr_core::ports::{ConnectionStatus, RuleName};

use super::follow::LeaderAnswer;
use super::replication::{lose_connection, start_one};
use super::{DAY_MS, No, Search, Timer, network_changed};
use crate::model::{self, Ctx, Model};
use crate::network::Ix;

/// For so long a request is validated.
const VALIDATING_MS: i64 = 8_000;
/// DELETED records stay visible for 15 days (OpenSearch Service guide); whether their alias can be used again is not
/// known, so here it cannot.
const REMEMBERED_MS: i64 = 15 * DAY_MS;
/// 20 connected domains at most (OpenSearch Service guide).
const MOST: usize = 20;

/// One connection; the requester is the follower.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub(super) id: String,
    pub(super) alias: String,
    pub(super) follower: Ix,
    requested_at: i64,
    /// Whether its leader was not reached when it was requested.
    failed: bool,
    accepted_at: Option<i64>,
    /// When it was deleted, and when the follower's nodes no longer know it.
    deleted: Option<(i64, i64)>,
}

impl Connection {
    /// A connection that has long been there.
    pub(super) fn active(id: &str, alias: &str, follower: Ix, now: i64) -> Self {
        let before = now - 30 * DAY_MS;
        let (id, alias) = (id.to_owned(), alias.to_owned());
        Self { id, alias, follower, requested_at: before, failed: false, accepted_at: Some(before), deleted: None }
    }

    /// Its state as DescribeOutboundConnections spells it.
    pub(super) fn status(&self, now: i64, connection_ms: i64) -> ConnectionStatus {
        match (self.deleted, self.accepted_at) {
            (Some(_), _) => ConnectionStatus::Deleted,
            (None, Some(at)) if now >= at + connection_ms => ConnectionStatus::Active,
            (None, Some(_)) => ConnectionStatus::Other("PROVISIONING".into()),
            (None, None) if now < self.requested_at + VALIDATING_MS => ConnectionStatus::Other("VALIDATING".into()),
            (None, None) if self.failed => ConnectionStatus::Other("VALIDATION_FAILED".into()),
            (None, None) => ConnectionStatus::PendingAcceptance,
        }
    }

    /// Whether it is still listed.
    pub(super) fn is_listed(&self, now: i64) -> bool {
        self.deleted.is_none_or(|(at, _)| now < at + REMEMBERED_MS)
    }

    /// Whether the leader's side has its record of the request.
    pub(super) fn is_known_to_leader(&self, now: i64, late_ms: i64) -> bool {
        !self.failed && now >= self.requested_at + late_ms.max(VALIDATING_MS)
    }

    /// Whether the follower's nodes know its alias.
    fn is_known(&self, now: i64, connection_ms: i64) -> bool {
        self.accepted_at.is_some_and(|at| now >= at + connection_ms) && self.deleted.is_none_or(|(_, gone)| now < gone)
    }
}

impl Search {
    /// Whether the follower's nodes still know the connection.
    pub(super) fn is_known(&self, connection: usize, now: i64) -> bool {
        self.connections.get(connection).is_some_and(|it| it.is_known(now, self.knobs.connection_ms))
    }

    /// The connection that this follower's nodes know by `alias`.
    pub(super) fn usable(&self, follower: Ix, alias: &str, now: i64) -> Option<usize> {
        let knows =
            |(no, it): &(usize, &Connection)| it.follower == follower && it.alias == alias && self.is_known(*no, now);
        self.connections.iter().enumerate().find(knows).map(|(no, _)| no)
    }

    pub(super) fn alias(&self, connection: usize) -> &str {
        self.connections.get(connection).map_or("", |it| &it.alias)
    }
}

/// CreateOutboundConnection, asked in the follower's Region.
pub fn request_connection(
    model: &mut Model,
    follower: Ix,
    leader: Ix,
    alias: &str,
    ctx: &mut Ctx<'_>,
) -> Result<(), Fault> {
    let search = &mut model.search;
    if follower > 1 || leader != 1 - follower {
        return Err(Fault::Refused("ValidationException: the remote domain is none of this Deployment's".into()));
    }
    let listed = search.connections.iter().filter(|it| it.is_listed(ctx.now));
    if let Some(same) = listed.clone().find(|it| it.follower == follower && it.alias == alias) {
        let text = format!("ResourceAlreadyExistsException: connection alias {alias}");
        return Err(if same.deleted.is_some() { Fault::Refused(text) } else { Fault::LookAgain(text) });
    }
    if listed.filter(|it| it.deleted.is_none()).count() >= MOST {
        return Err(Fault::Refused("LimitExceededException: 20 connections".into()));
    }
    let id = format!("cc-{}", search.connections.len() + 1);
    let failed = !ctx.network.reaches(follower, leader);
    let (alias, requested_at) = (alias.to_owned(), ctx.now);
    search.connections.push(Connection { id, alias, follower, requested_at, failed, accepted_at: None, deleted: None });
    Ok(())
}

/// AcceptInboundConnection, asked in the leader's Region. Its record of the request appears late; until then the answer
/// is `ResourceNotFoundException` with HTTP 409 (terraform-provider-aws #44599).
pub fn accept_connection(model: &mut Model, leader: Ix, id: &str, ctx: &mut Ctx<'_>) -> Result<(), Fault> {
    let search = &mut model.search;
    let (late_ms, connection_ms) = (search.knobs.inbound_late_ms.max(VALIDATING_MS), search.knobs.connection_ms);
    let missing = format!("ResourceNotFoundException: inbound connection {id}");
    let found = search.connections.iter_mut().find(|it| it.id == id && it.follower != leader);
    let Some(connection) = found.filter(|it| it.deleted.is_none() && !it.failed) else {
        return Err(Fault::NotFound(missing));
    };
    if ctx.now < connection.requested_at + late_ms {
        return Err(Fault::NotFound(missing));
    }
    if connection.accepted_at.is_none() {
        connection.accepted_at = Some(ctx.now);
        // A rule that was left behind becomes active with its alias (plugin source).
        let pass = model::Timer::Search(Timer::Pass(connection.follower));
        ctx.timers.model(ctx.now + connection_ms + 1_000, pass);
    }
    Ok(())
}

/// DeleteOutboundConnection, asked in the follower's Region. Replication cannot be resumed after it (OpenSearch Service
/// guide, cross-cluster compatibility). The record says DELETED long before and after the nodes forget the alias.
pub fn delete_connection(model: &mut Model, follower: Ix, id: &str, ctx: &mut Ctx<'_>) -> Result<(), Fault> {
    let found = model.search.connections.iter_mut().enumerate().find(|(_, it)| it.id == id && it.follower == follower);
    let Some((number, connection)) = found else {
        return Err(Fault::NotFound(format!("ResourceNotFoundException: outbound connection {id}")));
    };
    if connection.deleted.is_none() {
        let gone_at = ctx.now + ctx.random.between(2_000, 8_000);
        connection.deleted = Some((ctx.now, gone_at));
        ctx.timers.model(gone_at, model::Timer::Search(Timer::Gone(number)));
    }
    Ok(())
}

/// The follower's nodes no longer know the connection.
pub(super) fn gone(model: &mut Model, connection: usize, ctx: &mut Ctx<'_>) {
    network_changed(model, ctx);
    let search = &mut model.search;
    let Some(region) = search.connections.get(connection).map(|it| it.follower) else { return };
    for no in 0..search.names.len() {
        lose_connection(search, region, no, connection, ctx);
    }
}

/// POST of an auto-follow rule. A second one of the same name is answered with 500, and overwrites the first all the same
/// (plugin source; run on two nodes).
pub fn create_rule(model: &mut Model, region: Ix, rule: &RuleName, ctx: &mut Ctx<'_>) -> Result<(), Fault> {
    network_changed(model, ctx);
    let search = &mut model.search;
    search.must_answer(region)?;
    if search.usable(region, &rule.alias, ctx.now).is_none() {
        let text = format!("no_such_remote_cluster_exception: no such remote cluster: [{}]", rule.alias);
        return Err(Fault::NotFound(text));
    }
    match search.leader_answers(region, ctx) {
        LeaderAnswer::Answers => {}
        LeaderAnswer::Refuses => return Err(Fault::LookAgain("connect_transport_exception".into())),
        LeaderAnswer::Silent => return Err(Fault::NoAnswer),
    }
    let Some(domain) = search.domains.get_mut(region) else { return Ok(()) };
    if let Some(known) = domain.rules.iter_mut().find(|known| known.alias == rule.alias && known.name == rule.name) {
        known.pattern.clone_from(&rule.pattern);
        let text = "Exisiting autofollow replication rule cannot be recreated/updated";
        return Err(Fault::LookAgain(text.into()));
    }
    domain.rules.push(rule.clone());
    ctx.timers.model(ctx.now + 1_000, model::Timer::Search(Timer::Pass(region)));
    Ok(())
}

/// DELETE of an auto-follow rule: the leader is not contacted, and no running follower is stopped (plugin source). One
/// that does not exist is answered with 500; its text tells that it is gone.
pub fn delete_rule(model: &mut Model, region: Ix, rule: &RuleName) -> Result<(), Fault> {
    model.search.must_answer(region)?;
    let Some(domain) = model.search.domains.get_mut(region) else { return Ok(()) };
    let before = domain.rules.len();
    domain.rules.retain(|known| known.alias != rule.alias || known.name != rule.name);
    if domain.rules.len() == before {
        let text = format!("Autofollow replication rule {}:{} does not exist", rule.alias, rule.name);
        return Err(Fault::NotFound(text));
    }
    Ok(())
}

/// A pass of the rules: three at a time, every 30 s; a name that exists is skipped silently (run on two nodes).
pub(super) fn pass(model: &mut Model, region: Ix, ctx: &mut Ctx<'_>) {
    network_changed(model, ctx);
    let search = &mut model.search;
    let wanted = search.unfollowed(region, ctx.now);
    let answers = search.leader_answers(region, ctx) == LeaderAnswer::Answers && search.must_answer(region).is_ok();
    if answers {
        for (connection, no) in wanted.iter().take(3) {
            // What is refused is parked for an hour; the names are compared again by then.
            let _ = start_one(search, region, *connection, *no, ctx.now);
        }
    }
    if !answers && !wanted.is_empty() || wanted.len() > 3 {
        ctx.timers.model(ctx.now + 30_000, model::Timer::Search(Timer::Pass(region)));
    }
}

impl Search {
    /// Leader indices that a rule with a usable connection matches and that do not exist at `region`.
    fn unfollowed(&self, region: Ix, now: i64) -> Vec<(usize, No)> {
        let Some(domain) = self.domains.get(region) else { return Vec::new() };
        let mut wanted = Vec::new();
        for rule in &domain.rules {
            let Some(connection) = self.usable(region, &rule.alias, now) else { continue };
            for (no, name) in self.names.iter().enumerate() {
                let leads = self.index(1 - region.min(1), no).is_some();
                let known = self.index(region, no).is_some() || wanted.iter().any(|(_, other)| *other == no);
                if leads && !known && matches(&rule.pattern, name) {
                    wanted.push((connection, no));
                }
            }
        }
        wanted
    }
}

/// Whether a name matches a pattern in which `*` stands for anything.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, rest)) => name.strip_prefix(head).is_some_and(|tail| {
            rest.is_empty() || (0..=tail.len()).any(|cut| tail.get(cut..).is_some_and(|end| matches(rest, end)))
        }),
    }
}
