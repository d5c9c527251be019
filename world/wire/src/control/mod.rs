//! What the harness of a rehearsal asks and orders, under `/_world`. No client of AWS ever comes here.

pub(crate) mod call_log;
pub(crate) mod faults;
pub(crate) mod guards;
pub(crate) mod state;

use std::sync::Arc;

use mmdr_core::{Deployment, Ledger};
use mmdr_world::model::dns;
use mmdr_world::model::objects::Objects;
use mmdr_world::model::setup::Setup;
use mmdr_world::network::{Ix, OUTSIDE};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;

/// A new world.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Reset {
    seed: Option<u64>,
    /// The knobs; those of the last world where none are given.
    setup: Option<Setup>,
    /// The document as TOML or JSON; the last one where none is given.
    deployment: Option<String>,
    /// The Region that writes; the document's first where none is given.
    writer: Option<String>,
}

/// A take-over flag as CloudWatch has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Flag {
    region: String,
    taken_over: bool,
}

/// The failover records as Route 53 has them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Records {
    /// The Region of the PRIMARY record.
    primary: String,
    /// The Region whose flag its health check watches.
    flag_region: Option<String>,
}

/// Answers one question of the harness, or carries out its order; none where the path is not the harness's.
/// `clock_ms` is the time at which a new world begins.
pub(crate) fn answer(world: &mut World, request: &Request, clock_ms: i64) -> Option<Reply> {
    let segments = request.segments();
    let ["_world", path @ ..] = segments.as_slice() else { return None };
    let answered = match (request.method.as_str(), path) {
        ("GET", ["state"]) => Ok(state::of(world)),
        ("GET", ["nodes", region]) => region_of(world, region).map(|ix| Value::from(state::reports(world, ix))),
        ("GET", ["metrics"]) => Ok(json!(world.metrics.take())),
        ("GET", ["calls"]) => Ok(json!(world.calls.0)),
        ("GET", ["dns"]) => Ok(state::dns_of(world)),
        ("GET", ["story"]) => Ok(json!(story(world))),
        ("GET", ["time"]) => Ok(json!({ "now_ms": world.now() })),
        ("POST", ["fault"]) => body(request).and_then(|order| faults::carry_out(world, &order)).map(|()| Value::Null),
        ("POST", ["flag"]) => body(request).and_then(|flag| publish(world, &flag)),
        ("PUT", ["records"]) => body(request).and_then(|records| exchange(world, &records)),
        ("PUT", ["ledger", region]) => region_of(world, region).and_then(|ix| ledger(world, ix, &request.text())),
        ("POST", ["reset"]) => body(request).and_then(|wanted| reset(world, wanted, clock_ms)),
        _ => return Some(Reply::json(404, &json!({ "error": format!("no such path: {}", request.path) }))),
    };
    Some(match answered {
        Ok(value) => Reply::json(200, &value),
        Err(error) => Reply::json(400, &json!({ "error": error })),
    })
}

/// An empty body is an empty order.
fn body<T: DeserializeOwned>(request: &Request) -> Result<T, String> {
    let text = request.text();
    let text = if text.trim().is_empty() { "{}" } else { &text };
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn region_of(world: &World, name: &str) -> Result<Ix, String> {
    match world.ix(name) {
        OUTSIDE => Err(format!("{name} is none of this Deployment's Regions")),
        ix => Ok(ix),
    }
}

fn story(world: &World) -> Vec<Value> {
    world.sim.story.lines.iter().map(|line| json!({ "at_ms": line.at, "text": line.text })).collect()
}

fn publish(world: &mut World, flag: &Flag) -> Result<Value, String> {
    let region = region_of(world, &flag.region)?;
    let published = world.act(|model, ctx| dns::publish_flag(model, region, flag.taken_over, ctx));
    published.map(|()| Value::Null).map_err(|fault| fault.to_string())
}

/// Records that are what they were change nothing.
fn exchange(world: &mut World, records: &Records) -> Result<Value, String> {
    let primary = region_of(world, &records.primary)?;
    let flag_region = records.flag_region.as_deref().map(|name| region_of(world, name)).transpose()?;
    if flag_region == Some(primary) {
        return Err("flag_region: expected the other Region than primary".into());
    }
    let model = &world.sim.model;
    let known = model.dns.records(&model.regions).map_err(|fault| fault.to_string())?;
    let (is_primary, is_watched) =
        (known.primary.as_str() == records.primary, known.flag_region.as_str() == world.name(1 - primary));
    if !is_primary || !is_watched {
        let exchanged = world.act(|model, ctx| dns::exchange_records(model, primary, true, ctx));
        exchanged.map_err(|fault| fault.to_string())?;
    }
    Ok(Value::Null)
}

/// The Region's ledger as it lies in its bucket: nodes look at it before they start. An empty body means that there is
/// none.
pub(crate) fn ledger(world: &mut World, region: Ix, text: &str) -> Result<Value, String> {
    let text = text.trim();
    if world.ledgers.get(&region).map_or("", String::as_str) == text {
        return Ok(Value::Null);
    }
    let ledger = if text.is_empty() { None } else { Some(text.to_owned()) };
    if let Some(text) = &ledger {
        serde_json::from_str::<Ledger>(text).map_err(|error| error.to_string())?;
    }
    world.ledgers.remove(&region);
    world.ledgers.extend(ledger.map(|text| (region, text)));
    // One that is gone can only be left out of them all.
    world.sim.model.objects = Objects::default();
    for (region, text) in world.ledgers.clone() {
        let Ok(ledger) = serde_json::from_str::<Ledger>(&text) else { continue };
        let written = world.act(|model, ctx| model.objects.write_ledger(region, &ledger, None, ctx));
        written.map_err(|fault| fault.to_string())?;
    }
    Ok(Value::Null)
}

fn reset(world: &mut World, wanted: Reset, clock_ms: i64) -> Result<Value, String> {
    let mut beginning = world.beginning(clock_ms);
    beginning.seed = wanted.seed.unwrap_or(beginning.seed);
    if let Some(setup) = wanted.setup {
        beginning.setup = setup;
    }
    if let Some(text) = wanted.deployment {
        beginning.deployment = Arc::new(document(&text)?);
    }
    let writer = wanted.writer.map(|name| {
        let found = beginning.deployment.regions.iter().position(|region| region.name.as_str() == name);
        found.ok_or_else(|| format!("{name} is none of this Deployment's Regions"))
    });
    beginning.writer = writer.transpose()?.unwrap_or(0);
    *world = World::new(beginning, world.token.clone())?;
    Ok(json!({ "now_ms": world.now() }))
}

/// A deployment document, as TOML or as JSON.
pub(crate) fn document(text: &str) -> Result<Deployment, String> {
    let read =
        if text.trim_start().starts_with('{') { Deployment::from_json(text) } else { Deployment::from_toml(text) };
    read.map_err(|mistakes| mistakes.to_string())
}
