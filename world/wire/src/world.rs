//! The world behind this door: the one model, and what only its protocols remember.

use std::collections::BTreeMap;
use std::sync::Arc;

use mmdr_core::Deployment;
use mmdr_core::deployment::RegionSetup;
use mmdr_world::model::objects::Objects;
use mmdr_world::model::setup::Setup;
use mmdr_world::model::{Ctx, Model};
use mmdr_world::network::{Ix, OUTSIDE};
use mmdr_world::sim::Sim;
use mmdr_world::timers::Event;

use crate::control::call_log::CallLog;
use crate::control::guards::Guards;
use crate::memory::Memory;
use crate::metrics::Metrics;

/// Longest step of virtual time between two looks at what is to be published.
const STEP_MS: i64 = 5_000;

/// The world.
pub(crate) struct World {
    pub(crate) sim: Sim,
    pub(crate) setup: Setup,
    /// Faults over the calls of this door.
    pub(crate) guards: Guards,
    /// Every call.
    pub(crate) calls: CallLog,
    /// Data points that nobody has fetched yet.
    pub(crate) metrics: Metrics,
    /// What the protocols remember.
    pub(crate) memory: Memory,
    /// The text of each Region's ledger as it was heard of last.
    pub(crate) ledgers: BTreeMap<Ix, String>,
    /// The only token that Mattermost takes; any where none.
    pub(crate) token: Option<String>,
    seed: u64,
    requests: u64,
}

/// How a world begins.
#[derive(Clone, Debug)]
pub(crate) struct Beginning {
    pub(crate) deployment: Arc<Deployment>,
    pub(crate) setup: Setup,
    pub(crate) seed: u64,
    pub(crate) writer: Ix,
    pub(crate) at_ms: i64,
}

impl World {
    /// A world at peace. Ledgers and records lie with somebody else: there are none until somebody tells of them.
    pub(crate) fn new(beginning: Beginning, token: Option<String>) -> Result<Self, String> {
        let Beginning { deployment, setup, seed, writer, at_ms } = beginning;
        let mut sim = Sim::at_peace_from(deployment, &setup, writer, seed, true, at_ms)?;
        sim.model.objects = Objects::default();
        let metrics = Metrics::new(&sim);
        let (guards, calls, memory) = (Guards::default(), CallLog::default(), Memory::default());
        Ok(Self { sim, setup, guards, calls, metrics, memory, ledgers: BTreeMap::new(), token, seed, requests: 0 })
    }

    /// How this world began, to begin another like it at `at_ms`.
    pub(crate) fn beginning(&self, at_ms: i64) -> Beginning {
        let (deployment, setup) = (Arc::clone(&self.sim.deployment), self.setup.clone());
        Beginning { deployment, setup, seed: self.seed, writer: self.sim.model.database.writer(), at_ms }
    }

    /// Lets everything happen that happens by itself until `until_ms`. Executions, functions and duties run elsewhere:
    /// their entries on the agenda are passed over.
    pub(crate) fn let_time_pass(&mut self, until_ms: i64) {
        while self.sim.now < until_ms {
            let step_ms = until_ms.min(self.sim.now + STEP_MS);
            while let Some((at, event)) = self.sim.timers.next(step_ms) {
                self.sim.now = self.sim.now.max(at);
                if let Event::Model(timer) = event {
                    self.sim.with_model(|model, ctx| model.handle(&timer, ctx));
                    self.sim.spread_news();
                }
            }
            self.sim.now = step_ms;
            self.metrics.collect(&self.sim);
        }
    }

    /// Does something to the model, and lets everybody hear of it.
    pub(crate) fn act<T>(&mut self, act: impl FnOnce(&mut Model, &mut Ctx<'_>) -> T) -> T {
        let result = self.sim.with_model(act);
        self.sim.spread_news();
        result
    }

    /// Who reaches whom has changed.
    pub(crate) fn network_changed(&mut self) {
        self.act(|model, ctx| model.network_changed(ctx));
    }

    /// Virtual time.
    pub(crate) fn now(&self) -> i64 {
        self.sim.now
    }

    /// The document's name of a Region.
    pub(crate) fn name(&self, region: Ix) -> &str {
        self.sim.model.name(region)
    }

    /// The index of a Region by its name; anything else is outside.
    pub(crate) fn ix(&self, name: &str) -> Ix {
        self.sim.model.regions.iter().position(|region| region.as_str() == name).unwrap_or(OUTSIDE)
    }

    /// What the document says of a Region.
    pub(crate) fn region(&self, region: Ix) -> Option<&RegionSetup> {
        self.sim.deployment.regions.get(region)
    }

    /// The account's number.
    pub(crate) fn account(&self) -> &str {
        &self.sim.deployment.account_id
    }

    /// An identifier for the next request, in the form of a UUID.
    pub(crate) fn next_id(&mut self) -> String {
        self.requests += 1;
        format!("00000000-0000-4000-8000-{:012x}", self.requests)
    }
}
