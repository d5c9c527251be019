//! A world without functions, for tests of the model: time passes, and only what happens by itself happens.

use std::sync::Arc;

use mmdr_core::Deployment;

use super::setup::Setup;
use super::{Ctx, Model};
use crate::network::Ix;
use crate::peace::BEGINS_MS;
use crate::sim::Sim;
use crate::timers::Event;

/// The world and its beginning; times are seconds since then.
pub(crate) struct Stage {
    pub(crate) sim: Sim,
}

impl Stage {
    /// A healthy Deployment whose writer is in Region 0, and nobody uses it.
    pub(crate) fn new(setup: Setup) -> Self {
        let deployment = Arc::new(Deployment::seed_example().unwrap());
        let setup = Setup { people: 0, ..setup };
        Self { sim: Sim::at_peace(deployment, &setup, 0, 7, false).unwrap() }
    }

    /// Lets time pass until `at_s`.
    pub(crate) fn at(&mut self, at_s: i64) -> &mut Self {
        let until_ms = BEGINS_MS + at_s * 1_000;
        while let Some((now, event)) = self.sim.timers.next(until_ms) {
            self.sim.now = now;
            if let Event::Model(timer) = event {
                self.sim.with_model(|model, ctx| model.handle(&timer, ctx));
            }
        }
        self.sim.now = until_ms;
        self
    }

    /// Does something now.
    pub(crate) fn act<T>(&mut self, act: impl FnOnce(&mut Model, &mut Ctx<'_>) -> T) -> T {
        self.sim.with_model(act)
    }

    /// A Region goes dark, or is back.
    pub(crate) fn dark(&mut self, region: Ix, dark: bool) {
        self.sim.network.set_dark(region, dark);
        self.sim.with_model(|model, ctx| model.network_changed(ctx));
    }
}
