//! What a rehearsal does to the world: dark Regions, cut paths, dead databases, and guards over calls.

use mmdr_world::model::{database, nodes, search};
use mmdr_world::network::{Ix, OUTSIDE};
use serde::Deserialize;

use super::guards::{Guard, Guards};
use crate::world::World;

/// One order; every field that is given is carried out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Order {
    /// The Region that the words below speak of.
    region: Option<String>,
    /// Whether the Region answers nothing.
    dark: Option<bool>,
    /// Whether the path between `region` and `other` is cut; `other` is the outside where none is named.
    cut: Option<bool>,
    other: Option<String>,
    /// Whether the control planes that live in us-east-1 answer.
    us_east_1_control: Option<bool>,
    /// Whether the Region's database alone takes no connections.
    database_down: Option<bool>,
    /// Whether the Region's search domain has no nodes.
    domain_down: Option<bool>,
    /// Whether every Mattermost node of the Region is broken.
    application_down: Option<bool>,
    /// How many of the next uploads in the Region fail to replicate.
    fail_files: Option<u32>,
    /// Seconds for which a snapshot runs in the Region's search domain.
    snapshot_s: Option<i64>,
    /// Milliseconds by which the standby's database lags.
    database_lag_ms: Option<i64>,
    /// Whether AWS gives up the next switchover half-way.
    switchover_fails: Option<bool>,
    /// Faults over the next calls.
    guard: Option<Guard>,
    /// Every guard ends.
    clear_guards: bool,
}

/// Carries an order out. What names a Region that is none is refused.
pub(crate) fn carry_out(world: &mut World, order: &Order) -> Result<(), String> {
    let named = |name: &Option<String>, world: &World| match name {
        None => Ok(None),
        Some(name) if name == "outside" => Ok(Some(OUTSIDE)),
        Some(name) => match world.ix(name) {
            OUTSIDE => Err(format!("{name} is none of this Deployment's Regions")),
            ix => Ok(Some(ix)),
        },
    };
    let (region, other) = (named(&order.region, world)?, named(&order.other, world)?);
    network(world, order, region, other)?;
    if let Some(region) = region.filter(|region| *region != OUTSIDE) {
        one_region(world, order, region);
    }
    if let Some(lag_ms) = order.database_lag_ms {
        world.sim.model.database.lag_ms = lag_ms;
    }
    if let Some(fails) = order.switchover_fails {
        world.sim.model.database.switchover_fails = fails;
    }
    if order.clear_guards {
        world.guards = Guards::default();
    }
    world.guards.0.extend(order.guard.clone());
    Ok(())
}

fn network(world: &mut World, order: &Order, region: Option<Ix>, other: Option<Ix>) -> Result<(), String> {
    if let Some(dark) = order.dark {
        let region = region.ok_or("dark: expected a region beside it")?;
        world.sim.network.set_dark(region, dark);
        if world.name(region) == "us-east-1" {
            world.sim.network.us_east_1_control = !dark;
        }
        world.act(|model, ctx| {
            model.network_changed(ctx);
            if dark { nodes::region_lost(model, region, ctx) } else { nodes::region_returned(model, region, ctx) }
        });
    }
    if let Some(cut) = order.cut {
        let region = region.ok_or("cut: expected a region beside it")?;
        world.sim.network.set_cut(region, other.unwrap_or(OUTSIDE), cut);
        world.network_changed();
    }
    if let Some(answers) = order.us_east_1_control {
        world.sim.network.us_east_1_control = answers;
    }
    Ok(())
}

fn one_region(world: &mut World, order: &Order, region: Ix) {
    if let Some(down) = order.database_down {
        world.act(|model, ctx| database::set_down(model, region, down, ctx));
    }
    if let Some(down) = order.domain_down {
        world.act(|model, ctx| search::set_domain_down(model, region, down, ctx));
    }
    if let Some(down) = order.application_down {
        world.act(|model, ctx| {
            for node in 0..model.nodes.count(region) {
                if down {
                    nodes::break_node(model, region, node, ctx)
                } else {
                    nodes::mend_node(model, region, node, ctx)
                }
            }
        });
    }
    if let Some(count) = order.fail_files {
        world.sim.model.files.fail_next(region, count);
    }
    if let Some(seconds) = order.snapshot_s {
        let until_ms = world.now() + seconds * 1_000;
        world.sim.model.search.run_snapshot(region, until_ms);
    }
}
