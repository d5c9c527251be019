//! A world without functions, for tests of the model alone: time passes and the model acts.

use std::sync::Arc;

use mmdr_core::deployment::{Deployment, NodeEndpoint};
use mmdr_core::ports::{NodeSeen, NodeState};
use mmdr_core::{Epoch, How, Settled, Time};

use crate::model::setup::Setup;
use crate::model::{Ctx, Model};
use crate::network::Ix;
use crate::news::News;
use crate::sim::Sim;
use crate::timers::Event;

pub(crate) struct Stage {
    pub(crate) sim: Sim,
    pub(crate) from: i64,
    pub(crate) news: Vec<(i64, News)>,
}

impl Stage {
    /// The example's Deployment with the writer in Region 0.
    pub(crate) fn set(change: impl FnOnce(&mut Setup)) -> Self {
        Self::with_endpoint(NodeEndpoint::Cluster, change)
    }

    pub(crate) fn with_endpoint(endpoint: NodeEndpoint, change: impl FnOnce(&mut Setup)) -> Self {
        let mut setup = Setup { people: 40, ..Setup::default() };
        change(&mut setup);
        let mut deployment = Deployment::seed_example().expect("the example is right");
        deployment.database.node_endpoint = endpoint;
        let sim = Sim::at_peace(Arc::new(deployment), &setup, 0, 7, false).expect("a world");
        let from = sim.now;
        Self { sim, from, news: Vec::new() }
    }

    /// Lets time pass until so many seconds after the beginning.
    pub(crate) fn until_s(&mut self, seconds: i64) {
        let until = self.from + seconds * 1_000;
        while let Some((at, event)) = self.sim.timers.next(until) {
            self.sim.now = at;
            if let Event::Model(timer) = event {
                self.act(|model, ctx| model.handle(&timer, ctx));
            }
        }
        self.sim.now = until;
    }

    pub(crate) fn act<T>(&mut self, change: impl FnOnce(&mut Model, &mut Ctx<'_>) -> T) -> T {
        let result = self.sim.with_model(change);
        let now = self.sim.now;
        self.news.extend(self.sim.news.drain(..).map(|news| (now, news)));
        result
    }

    pub(crate) fn dark(&mut self, region: Ix, dark: bool) {
        self.sim.network.set_dark(region, dark);
        self.act(|model, ctx| model.network_changed(ctx));
    }

    pub(crate) fn fail_over_to(&mut self, region: Ix) {
        self.act(|model, ctx| {
            let arn = ctx.deployment.regions[region].cluster_arn.clone();
            model.database.fail_over(region, &arn, ctx)
        })
        .expect("the failover is accepted");
    }

    pub(crate) fn switch_over_to(&mut self, region: Ix) {
        self.act(|model, ctx| {
            let arn = ctx.deployment.regions[region].cluster_arn.clone();
            model.database.switch_over(1 - region, &arn, ctx)
        })
        .expect("the switchover is accepted");
    }

    /// The ledger of `region` says that it writes, under epoch 2.
    pub(crate) fn settle(&mut self, region: Ix) {
        self.act(|model, ctx| {
            let seen = model.objects.ledger(region).expect("a ledger");
            let mut ledger = seen.ledger;
            let writer = model.regions[region].clone();
            ledger.settled = Some(Settled { writer, epoch: Epoch(2), at: Time(ctx.now), how: How::Move, before: None });
            model.objects.write_ledger(region, &ledger, Some(&seen.version), ctx)
        })
        .expect("written");
    }

    pub(crate) fn nodes(&mut self, region: Ix) -> Vec<NodeSeen> {
        self.act(|model, ctx| super::seen(model, region, ctx)).expect("nodes")
    }

    pub(crate) fn states(&mut self, region: Ix) -> Vec<NodeState> {
        self.nodes(region).iter().map(|node| node.state).collect()
    }

    pub(crate) fn ids(&mut self, region: Ix) -> Vec<String> {
        self.nodes(region).into_iter().map(|node| node.id).collect()
    }

    pub(crate) fn start(&mut self, region: Ix) {
        let ids = self.ids(region);
        self.act(|model, ctx| {
            super::register(model, region, &ids, ctx)?;
            super::start(model, region, &ids, ctx)
        })
        .expect("a start");
    }

    pub(crate) fn stop(&mut self, region: Ix, if_fenced: bool) {
        let ids = self.ids(region);
        self.act(|model, ctx| super::stop(model, region, &ids, if_fenced, ctx)).expect("a stop");
    }

    pub(crate) fn lines(&self) -> Vec<&str> {
        let lines = self.news.iter().filter_map(|(_, news)| match news {
            News::Told { line } => Some(line.as_str()),
            _ => None,
        });
        lines.collect()
    }

    /// Seconds after the beginning at which a line that contains `part` was told first.
    pub(crate) fn told_s(&self, part: &str) -> Option<i64> {
        let found = self.news.iter().find(|(_, news)| matches!(news, News::Told { line } if line.contains(part)));
        found.map(|(at, _)| (at - self.from) / 1_000)
    }
}
