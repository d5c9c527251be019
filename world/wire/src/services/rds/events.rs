//! Events. DescribeEvents gives no identifier, only the message (botocore, `Event`).

use mmdr_core::Time;
use mmdr_core::ports::DatabaseEvent;
use mmdr_world::network::Ix;

use super::{PROTOCOL, named};
use crate::forms::query::Params;
use crate::forms::times;
use crate::reply::{Answered, Refusal};
use crate::route::Asked;
use crate::world::World;

/// Without a time, the last hour is meant; nothing older than 14 days is kept (RDS API, DescribeEvents).
const DEFAULT_MINUTES: i64 = 60;
const KEPT_MS: i64 = 14 * 86_400_000;

/// DescribeEvents.
pub(super) fn describe(world: &mut World, asked: &Asked, params: &Params) -> Answered {
    let now = world.now();
    let given = |name: &str| match params.get(name) {
        None => Ok(None),
        Some(text) => times::parse(text)
            .map(Some)
            .ok_or_else(|| Refusal::new("InvalidParameterValue", format!("{name}: expected a time, found {text:?}"))),
    };
    let minutes = params.get("Duration").and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_MINUTES);
    let until = given("EndTime")?.unwrap_or(now);
    let since = given("StartTime")?.unwrap_or(until - minutes * 60_000).max(now - KEPT_MS);
    let of_clusters = params.get("SourceType").is_none_or(|kind| kind == "db-cluster");
    let source = cluster(world, asked.region);
    let of_source = params.get("SourceIdentifier").is_none_or(|id| id == named(&source));
    let mut found = world.sim.model.database.events_since(asked.region, Time(since));
    found.retain(|event| of_clusters && of_source && event.at.0 <= until);
    let told: Vec<_> = found.iter().map(|event| (event, message(world, event, asked.region))).collect();
    Ok(PROTOCOL.result("DescribeEvents", &asked.id, |xml| {
        xml.element("Events", |xml| {
            for (event, message) in &told {
                xml.element("Event", |xml| {
                    xml.text("SourceIdentifier", named(&source));
                    xml.text("SourceType", "db-cluster");
                    xml.text("Message", message);
                    xml.element("EventCategories", |xml| xml.text("EventCategory", category(&event.id)));
                    xml.text("Date", times::iso(event.at.0));
                    xml.text("SourceArn", &source);
                });
            }
        });
    }))
}

fn cluster(world: &World, region: Ix) -> String {
    world.sim.model.database.clusters.get(region).map(|cluster| cluster.arn.clone()).unwrap_or_default()
}

fn category(id: &str) -> &'static str {
    match id {
        "RDS-EVENT-0390" | "RDS-EVENT-0391" => "notification",
        _ => "global-failover",
    }
}

/// The words by which an event is known (Aurora user guide, "Amazon RDS event categories and event messages"). `at` is the
/// Region that recorded it: a move's start and failure stand with the old writer, its end with the new one.
fn message(world: &World, event: &DatabaseEvent, at: Ix) -> String {
    let spoken_of = match event.id.as_str() {
        "RDS-EVENT-0181" | "RDS-EVENT-0187" => 1 - at.min(1),
        "RDS-EVENT-0390" | "RDS-EVENT-0391" => fenced(world, event),
        _ => at,
    };
    let arn = cluster(world, spoken_of);
    let whose = format!("DB cluster {} in Region {}", named(&arn), world.name(spoken_of));
    match event.id.as_str() {
        "RDS-EVENT-0181" => format!("Global switchover to {whose} started."),
        "RDS-EVENT-0185" => format!("Global switchover to {whose} finished."),
        "RDS-EVENT-0187" => format!("Global switchover to {whose} failed."),
        "RDS-EVENT-0238" => format!("Global failover to {whose} completed."),
        "RDS-EVENT-0240" => format!("Started resynchronizing members of {whose} post global failover."),
        "RDS-EVENT-0390" => format!("Attempt to block writes for {whose} succeeded."),
        "RDS-EVENT-0391" => format!("Attempt to block writes for {whose} timed out."),
        _ => event.message.clone(),
    }
}

/// Whose writes were to be blocked: those of the Region from which the failover at that time led.
fn fenced(world: &World, event: &DatabaseEvent) -> Ix {
    let database = &world.sim.model.database;
    let promoted = database.promotions.iter().find(|it| it.at_ms >= event.at.0).map(|it| it.from);
    promoted.or(database.operation.as_ref().map(|it| it.from)).unwrap_or(0)
}
