//! The beginning of every story: a healthy, protected Deployment with people in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use mmdr_core::{Deployment, Epoch, How, Ledger, Region, Settled, Time};

use crate::faults::Faults;
use crate::judges::Judges;
use crate::model::setup::Setup;
use crate::model::{
    Ctx, Model, application, backups, database, dns, executions, files, nodes, objects, people, search, witnesses,
};
use crate::network::{Ix, Network};
use crate::random::Random;
use crate::sim::Sim;
use crate::story::Story;
use crate::timers::{Duty, Event, Timers};

/// Stories begin on 2026-11-21 at 03:00:00 UTC, when engineers are woken.
pub const BEGINS_MS: i64 = 1_795_230_000_000;

/// The epoch of the move that made things as they are when a story begins.
const FIRST_EPOCH: Epoch = Epoch(1);

impl Sim {
    /// A Deployment at peace whose writer is in `writer`.
    ///
    /// # Errors
    /// When the document does not name two Regions.
    pub fn at_peace(
        deployment: Arc<Deployment>,
        setup: &Setup,
        writer: Ix,
        seed: u64,
        listening: bool,
    ) -> Result<Self, String> {
        Self::at_peace_from(deployment, setup, writer, seed, listening, BEGINS_MS)
    }

    /// The same, beginning at another time: where people or programs outside share the world's clock.
    ///
    /// # Errors
    /// When the document does not name two Regions.
    pub fn at_peace_from(
        deployment: Arc<Deployment>,
        setup: &Setup,
        writer: Ix,
        seed: u64,
        listening: bool,
        begins_ms: i64,
    ) -> Result<Self, String> {
        let regions = two_regions(&deployment)?;
        let now = begins_ms;
        let model = Model {
            database: database::Database::at_peace(writer, &deployment, setup),
            search: search::Search::at_peace(writer, setup, &deployment, now),
            files: files::Files::at_peace(writer, setup, &deployment, now),
            dns: dns::Dns::at_peace(writer, setup, &deployment, now),
            nodes: nodes::Nodes::at_peace(writer, setup, &deployment, now),
            application: application::Application::at_peace(writer, setup, now),
            objects: objects::Objects::default(),
            executions: executions::Executions::default(),
            witnesses: witnesses::Witnesses::at_peace(writer, setup, &deployment, now),
            backups: backups::Backups::at_peace(writer, setup, &deployment, now),
            people: people::People::at_peace(writer, setup, now),
            regions,
        };
        let mut sim = Self {
            now,
            timers: Timers::default(),
            random: Random::seeded(seed),
            network: Network::whole(),
            faults: Faults::default(),
            model,
            deployment,
            invocations: BTreeMap::new(),
            counts: BTreeMap::new(),
            judges: Judges::default(),
            story: Story::new(listening),
            news: Vec::new(),
            timeline_due: false,
            alarms: Default::default(),
            skew_ms: [0; 3],
        };
        sim.with_model(|model, ctx| begin(model, writer, ctx));
        for region in 0..2 {
            // The two stacks' schedules do not tick at the same second.
            let offset = 20_000 + 7_000 * region as i64;
            sim.timers.at(now + offset, Event::Duty(region, Duty::Alarms));
            sim.timers.at(now + offset + 3_000, Event::Duty(region, Duty::KeepFenced));
            sim.timers.at(now + offset + 6_000, Event::Duty(region, Duty::Reconcile));
        }
        Ok(sim)
    }
}

fn two_regions(deployment: &Deployment) -> Result<[Region; 2], String> {
    match deployment.regions.as_slice() {
        [one, other] => Ok([one.name.clone(), other.name.clone()]),
        regions => Err(format!("regions: expected two, found {}", regions.len())),
    }
}

fn begin(model: &mut Model, writer: Ix, ctx: &mut Ctx<'_>) {
    for region in 0..2 {
        let Some(name) = model.regions.get(region).cloned() else { continue };
        let mut ledger = Ledger::new(name);
        ledger.claimed = FIRST_EPOCH;
        ledger.settled = model.regions.get(writer).cloned().map(|writer| Settled {
            writer,
            epoch: FIRST_EPOCH,
            at: Time(ctx.now - 86_400_000),
            how: How::Observed,
            before: None,
        });
        // The bucket is empty: creating the ledger cannot conflict.
        let _ = model.objects.write_ledger(region, &ledger, None, ctx);
    }
    search::begin(model, ctx);
    files::begin(model, ctx);
    dns::begin(model, ctx);
    nodes::begin(model, ctx);
    witnesses::begin(model, ctx);
    application::begin(model, ctx);
    people::begin(model, ctx);
}
