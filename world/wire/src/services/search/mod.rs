//! One OpenSearch domain's REST API: 2.19 with the replication plugin. What happens is the model's; the forms are those that
//! two 2.19.4 nodes answered ("run on two nodes").

mod changes;
mod documents;
mod errors;
mod reads;
mod replication;

use mmdr_core::ports::IndexSeen;
use mmdr_world::model::search;
use mmdr_world::network::Ix;
use serde_json::json;

use crate::reply::{Outcome, Refusal, Reply};
use crate::request::Request;
use crate::route::Asked;
use crate::world::World;

pub(crate) use errors::refuse;

/// What the domain does, or why it does not.
type Done = Result<Outcome, Outcome>;

/// The operation's name, and whether it changes something. A probe, a search, a count and a refresh do not.
pub(crate) fn operation(request: &Request) -> (String, bool) {
    let segments = request.segments();
    let last = segments.last().copied().unwrap_or("root");
    let name = match (request.method.as_str(), segments.as_slice()) {
        (_, []) => "root",
        (_, [.., "_doc", _]) if request.query.has("if_seq_no") => "probe",
        (_, [.., "_doc", _]) => "_doc",
        ("POST", ["_plugins", "_replication", "_autofollow"]) => "create _autofollow",
        ("DELETE", ["_plugins", "_replication", "_autofollow"]) => "delete _autofollow",
        ("PUT", [.., "_settings"]) => "put _settings",
        (_, ["_cat", "indices", ..]) => "_cat/indices",
        (_, ["_cat", "shards", ..]) => "_cat/shards",
        (_, ["_cat", "snapshots", ..]) => "_cat/snapshots",
        (_, ["_cluster", "health", ..]) => "_cluster/health",
        (_, ["_cluster", "state", ..]) => "_cluster/state",
        (_, ["_snapshot", "_status"]) => "_snapshot/_status",
        ("DELETE", [_]) => "delete index",
        _ => last,
    };
    let reads = ["GET", "HEAD"].contains(&request.method.as_str())
        || ["probe", "_search", "_count", "_refresh"].contains(&name);
    (name.to_owned(), !reads)
}

/// Answers one request.
pub(crate) fn answer(world: &mut World, asked: &Asked, request: &Request) -> Outcome {
    match try_answer(world, asked.region, request) {
        Ok(outcome) | Err(outcome) => outcome,
    }
}

fn try_answer(world: &mut World, region: Ix, request: &Request) -> Done {
    let signed = request.header("authorization").is_some_and(|it| it.starts_with("Basic ") || it.starts_with("AWS4-"));
    if !signed {
        return Err(Outcome::Reply(Reply::text(401, "text/plain", "Unauthorized").with("www-authenticate", "Basic")));
    }
    world.act(search::network_changed);
    // A domain without nodes is answered for by the front end.
    world.act(|model, ctx| model.search.indices(region, ctx)).map_err(errors::of)?;
    let segments = request.segments();
    match (request.method.as_str(), segments.as_slice()) {
        ("GET", []) => reads::root(world, region),
        ("GET", ["_cluster", "health", ..]) => reads::health(world, region),
        ("GET", ["_cluster", "state", ..]) => reads::cluster_state(world, region),
        ("GET", ["_snapshot", "_status"]) => reads::snapshots_running(world, region),
        ("GET", ["_cat", "snapshots", repository]) => reads::cat_snapshots(world, repository, request),
        ("GET", ["_cat", "indices", rest @ ..]) => reads::cat_indices(world, region, rest, request),
        ("GET", ["_cat", "shards", rest @ ..]) => reads::cat_shards(world, region, rest, request),
        ("GET", ["_plugins", "_replication", "autofollow_stats"]) => reads::autofollow_stats(world, region),
        ("GET", ["_plugins", "_replication", index, "_status"]) => replication::status(world, region, index, request),
        (method, ["_plugins", "_replication", "_autofollow"]) => replication::rule(world, region, method, request),
        ("PUT", ["_plugins", "_replication", index, "_start"]) => replication::start(world, region, index, request),
        ("POST", ["_plugins", "_replication", index, "_stop"]) => replication::stop(world, region, index, request),
        ("POST", ["_plugins", "_replication", index, "_pause"]) => replication::pause(world, region, index, request),
        ("POST", ["_plugins", "_replication", index, "_resume"]) => replication::resume(world, region, index, request),
        ("GET", [target, "_settings"]) => reads::settings(world, region, target, request),
        ("GET", ["_settings"]) => reads::settings(world, region, "*", request),
        ("GET", [target, "_stats", ..]) => reads::stats(world, region, target),
        ("PUT", [_, "_settings"]) => changes::settings(world, region, request),
        ("PUT", [index, "_doc", id]) => changes::probe(world, region, index, id, request),
        ("POST", [target, "_close"]) => changes::close(world, region, target),
        ("POST", [target, "_open"]) => changes::open(world, region, target),
        ("POST" | "GET", [target, "_refresh"]) => changes::refresh(world, region, target),
        ("DELETE", [target]) => changes::delete(world, region, target, request),
        ("POST" | "GET", [index, "_search"]) => documents::search(world, region, index, request),
        ("POST" | "GET", [target, "_count"]) => documents::count(world, region, target),
        _ => {
            let what = format!("no handler found for uri [{}] and method [{}]", request.path, request.method);
            Err(Outcome::Reply(Reply::json(400, &json!({ "error": what }))))
        }
    }
}

/// Every index, as the model shows it now.
fn indices(world: &mut World, region: Ix) -> Result<Vec<IndexSeen>, Outcome> {
    world.act(|model, ctx| model.search.indices(region, ctx)).map_err(errors::of)
}

/// The indices that a list of names and patterns means. A name that is none is an error; a pattern that fits none is not.
fn matching(world: &mut World, region: Ix, target: &str) -> Result<Vec<IndexSeen>, Outcome> {
    let all = indices(world, region)?;
    if matches!(target, "_all" | "") {
        return Ok(all);
    }
    for name in target.split(',').filter(|name| !name.contains('*')) {
        if all.iter().all(|index| index.name != name) {
            return Err(errors::no_such_index(name));
        }
    }
    let fits = |index: &IndexSeen| target.split(',').any(|pattern| fits(pattern, &index.name));
    Ok(all.into_iter().filter(fits).collect())
}

/// Whether a name fits a pattern in which `*` stands for anything.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, rest)) => name.strip_prefix(head).is_some_and(|tail| {
            rest.is_empty() || (0..=tail.len()).any(|cut| tail.get(cut..).is_some_and(|end| fits(rest, end)))
        }),
    }
}

fn acknowledged() -> Outcome {
    Outcome::Reply(Reply::json(200, &json!({ "acknowledged": true })))
}

/// A refusal of the guards, in the words of the domain's front end.
fn by_guard(refusal: &Refusal) -> Reply {
    match refusal {
        Refusal::Throttled => Reply::json(429, &json!({ "message": "Too Many Requests" })),
        Refusal::Said { code, message } => errors::error(400, code, message),
        Refusal::Failed | Refusal::Silence => {
            Reply::text(504, "text/html", "<html><body>504 Gateway Timeout</body></html>")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_what_it_begins_or_surrounds() {
        assert!(fits("posts*", "posts_2026_11_21") && fits("*", "users") && fits("a*c*", "abcd"));
        assert!(!fits("posts*", "users") && !fits("users", "users2"));
    }
}
