//! Mattermost's REST API v4 at one Region's own address, with the load balancer in front of it. What happens is the model's;
//! the forms are those that an 11.6 server answered ("run").

mod files;
mod posts;
mod system;

use mmdr_core::Fault;
use mmdr_world::model::application;
use mmdr_world::network::Ix;
use serde_json::{Value, json};

use crate::memory::mattermost_id;
use crate::reply::{Outcome, Refusal, Reply};
use crate::request::Request;
use crate::route::Asked;
use crate::world::World;

/// What the server does, or why it does not.
type Done = Result<Reply, Refused>;

/// Why not.
enum Refused {
    /// It answers with an error.
    Said(Reply),
    /// Nothing comes back.
    Silence,
}

impl From<Fault> for Refused {
    /// The model's texts begin with the status: `500 app.post.save.app_error`.
    fn from(fault: Fault) -> Self {
        let text = match fault {
            Fault::NoAnswer => return Self::Silence,
            Fault::LookAgain(text) | Fault::NotFound(text) | Fault::Denied(text) | Fault::Refused(text) => text,
            other => other.to_string(),
        };
        let (status, id) = text.split_once(' ').unwrap_or(("500", &text));
        match status {
            "503" => Self::Said(unavailable()),
            _ => Self::Said(error(status.parse().unwrap_or(500), id)),
        }
    }
}

/// The operation's name (method and path, with identifiers left out), and whether it changes something.
pub(crate) fn operation(request: &Request) -> (String, bool) {
    let segments = request.segments();
    let is_id = |segment: &&str| segment.len() == 26;
    let shown: Vec<&str> = segments.iter().skip(2).map(|it| if is_id(it) { "{id}" } else { it }).collect();
    let name = format!("{} {}", request.method, shown.join("/"));
    let mutates = request.method != "GET" && !name.ends_with("/search");
    (name, mutates)
}

/// Answers one request. Whatever comes back has gone through the Region's load balancer.
pub(crate) fn answer(world: &mut World, asked: &Asked, request: &Request) -> Outcome {
    let reply = match try_answer(world, asked.region, request) {
        Ok(reply) | Err(Refused::Said(reply)) => reply,
        Err(Refused::Silence) => return Outcome::Held,
    };
    Outcome::Reply(reply.with("x-mattermost-dr-region", world.name(asked.region)))
}

/// A guard's refusal, as the load balancer or the server says it.
pub(crate) fn refuse(refusal: &Refusal) -> Reply {
    match refusal {
        Refusal::Throttled => Reply::text(429, "text/plain", "limit exceeded"),
        Refusal::Said { code, .. } => error(400, code),
        Refusal::Failed | Refusal::Silence => unavailable(),
    }
}

/// Nothing listens behind the load balancer.
fn unavailable() -> Reply {
    let body = "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body></body>\r\n</html>";
    Reply::text(503, "text/html", body)
}

/// An error: `{id, message, detailed_error, request_id, status_code}`.
fn error(status: u16, id: &str) -> Reply {
    let message = match id {
        "app.post.save.app_error" => "Unable to save the Post.",
        "app.file_info.save.app_error" => "Unable to save the file info.",
        "app.job.save.app_error" => "Unable to save the job.",
        "api.context.session_expired.app_error" => "Invalid or expired session, please login again.",
        _ => "An error occurred.",
    };
    let body = json!({
        "id": id, "message": message, "detailed_error": "", "request_id": mattermost_id("r", 1), "status_code": status,
    });
    Reply::json(status, &body)
}

fn failed(status: u16, id: &str) -> Refused {
    Refused::Said(error(status, id))
}

/// Whether there is a database behind the node that can be read; what it is asked for is of no account.
fn must_read(world: &mut World, region: Ix) -> Result<(), Refused> {
    world.act(|model, ctx| application::schema_version(model, region, ctx))?;
    Ok(())
}

fn try_answer(world: &mut World, region: Ix, request: &Request) -> Done {
    if !world.sim.model.nodes.answers(region) {
        return Err(Refused::Said(unavailable()));
    }
    let version = world.sim.model.nodes.version(region).to_owned();
    // Version, build, hash of the client's configuration, licensed (run).
    let version = format!("{version}.wire.{:0>64}.true", region);
    let stamped = |reply: Reply| reply.with("x-version-id", version.clone());
    match served(world, region, request) {
        Ok(reply) => Ok(stamped(reply)),
        Err(Refused::Said(reply)) => Err(Refused::Said(stamped(reply))),
        Err(Refused::Silence) => Err(Refused::Silence),
    }
}

fn served(world: &mut World, region: Ix, request: &Request) -> Done {
    let segments = request.segments();
    let ["api", "v4", path @ ..] = segments.as_slice() else { return Err(failed(404, "api.context.404.app_error")) };
    let method = request.method.as_str();
    if (method, path) == ("GET", &["system", "ping"]) {
        return system::ping(world, region, request);
    }
    let token = request.header("authorization").and_then(|it| it.strip_prefix("Bearer ")).map(str::trim);
    let known = token.is_some_and(|token| world.token.as_deref().is_none_or(|wanted| wanted == token));
    if !known {
        return Err(failed(401, "api.context.session_expired.app_error"));
    }
    let body = || request.json().unwrap_or(Value::Null);
    match (method, path) {
        ("GET", ["users", "me"]) => system::me(world, region),
        ("GET", ["system", "schema", "version"]) => system::schema(world, region),
        ("GET", ["analytics", "old"]) => system::analytics(world, region),
        ("GET", ["config"]) => system::config(world, region),
        ("GET", ["config", "environment"]) => system::environment(world, region),
        ("POST", ["jobs"]) => system::create_job(world, region, &body()),
        ("GET", ["jobs", "type", kind]) => system::jobs(world, region, kind, request),
        ("GET", ["jobs", id]) => system::job(world, region, id),
        ("GET", ["teams", "name", team]) => posts::team(world, region, team),
        ("GET", ["teams", "name", team, "channels", "name", channel]) => posts::channel(world, region, team, channel),
        ("POST", ["posts"]) => posts::create(world, region, &body()),
        ("GET", ["posts", id]) => posts::get(world, region, id),
        ("GET", ["channels", channel, "posts"]) => posts::listed(world, region, channel, request),
        ("POST", ["posts", "search"] | ["teams", _, "posts", "search"]) => posts::search(world, region, &body()),
        ("POST", ["files"]) => files::upload(world, region, request),
        ("GET", ["files", id]) => files::get(world, region, id),
        ("GET", ["files", id, "info"]) => files::info(world, region, id),
        _ => Err(failed(404, "api.context.404.app_error")),
    }
}
