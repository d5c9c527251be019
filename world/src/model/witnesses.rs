//! Probes and heartbeats: what each vantage point saw last, and when.

use mmdr_core::ports::ProbeSeen;
use mmdr_core::{Deployment, Time};

use super::setup::Setup;
use super::{Ctx, Model, nodes};
use crate::network::{Ix, OUTSIDE};

/// How far back a reader of a metric looks.
const WINDOW_MS: i64 = 15 * 60_000;
/// Probes and heartbeats come each minute, each vantage point at a second of its own.
const EVERY_MS: i64 = 60_000;
const OFFSETS_MS: [i64; 3] = [11_000, 17_000, 41_000];

/// One probe.
#[derive(Clone, Copy, Debug)]
struct Probe {
    healthy: bool,
    at: i64,
}

/// The last sample of every probe and heartbeat.
#[derive(Debug)]
pub struct Witnesses {
    /// By vantage point, then by the Region that is probed.
    probes: [[Option<Probe>; 2]; 3],
    /// By the Region in which it arrives, then by the Region that sends it.
    heartbeats: [[Option<i64>; 2]; 2],
    /// Whether a third Region probes.
    third: bool,
}

impl Witnesses {
    /// Every vantage point saw the writer's application work, and the standby's not, less than a minute ago.
    pub fn at_peace(writer: Ix, _setup: &Setup, deployment: &Deployment, now: i64) -> Self {
        let third = deployment.witnesses.third_region.is_some();
        let mut probes = [[None; 2]; 3];
        for (vantage, seen) in probes.iter_mut().enumerate() {
            let at = now + OFFSETS_MS.get(vantage).copied().unwrap_or(0) - EVERY_MS;
            for (subject, probe) in seen.iter_mut().enumerate() {
                *probe = (vantage != OUTSIDE || third).then_some(Probe { healthy: subject == writer, at });
            }
        }
        let beat = |from: usize| Some(now + OFFSETS_MS.get(from).copied().unwrap_or(0) - EVERY_MS);
        Self { probes, heartbeats: [[beat(0), beat(1)]; 2], third }
    }

    /// The newest probe of `subject` from `vantage`, if it is not older than 15 minutes.
    pub fn probe(&self, vantage: Ix, subject: Ix, now: i64) -> Option<ProbeSeen> {
        let probe = (*self.probes.get(vantage)?.get(subject)?)?;
        (now - probe.at <= WINDOW_MS).then_some(ProbeSeen { healthy: probe.healthy, at: Time(probe.at) })
    }

    /// When the newest heartbeat of `subject`'s stack arrived in `own`, if that was within 15 minutes.
    pub fn heartbeat(&self, own: Ix, subject: Ix, now: i64) -> Option<Time> {
        let at = (*self.heartbeats.get(own)?.get(subject)?)?;
        (now - at <= WINDOW_MS).then_some(Time(at))
    }
}

/// What happens by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// A vantage point probes both Regions, and a stack sends its heartbeat across.
    Minute(Ix),
}

/// Schedules what happens by itself.
pub fn begin(model: &mut Model, ctx: &mut Ctx<'_>) {
    for vantage in 0..=OUTSIDE {
        if vantage != OUTSIDE || model.witnesses.third {
            let offset_ms = OFFSETS_MS.get(vantage).copied().unwrap_or(0);
            ctx.timers.model(ctx.now + offset_ms, super::Timer::Witnesses(Timer::Minute(vantage)));
        }
    }
}

/// Whether Mattermost in `region` answers a probe from `from` at its own address, and can write: a ping alone says
/// neither (Mattermost source, `api4/system.go`: the ping answers 200 on a read-only database).
pub fn application_works(model: &Model, region: Ix, from: Ix, ctx: &Ctx<'_>) -> bool {
    ctx.network.reaches(from, region)
        && model.nodes.answers(region)
        && nodes::view(model, region, ctx).writable().is_some()
}

/// Does what the agenda says.
pub fn handle(model: &mut Model, timer: &Timer, ctx: &mut Ctx<'_>) {
    let Timer::Minute(vantage) = *timer;
    ctx.timers.model(ctx.now + EVERY_MS, super::Timer::Witnesses(Timer::Minute(vantage)));
    // A dark Region publishes nothing: its metrics stop.
    if ctx.network.is_dark(vantage) {
        return;
    }
    for subject in 0..2 {
        let healthy = application_works(model, subject, vantage, ctx);
        let seen = model.witnesses.probes.get_mut(vantage).and_then(|seen| seen.get_mut(subject));
        if let Some(seen) = seen {
            *seen = Some(Probe { healthy, at: ctx.now });
        }
    }
    for own in 0..2 {
        let beat = model.witnesses.heartbeats.get_mut(own).and_then(|beats| beats.get_mut(vantage));
        if let Some(beat) = beat.filter(|_| ctx.network.reaches(vantage, own)) {
            *beat = Some(ctx.now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::stage::Stage;

    fn probe(stage: &mut Stage, vantage: Ix, subject: Ix) -> Option<bool> {
        stage.act(|model, ctx| model.witnesses.probe(vantage, subject, ctx.now)).map(|seen| seen.healthy)
    }

    #[test]
    fn the_standby_sees_the_writers_application_fail_within_a_minute_of_its_loss() {
        let mut stage = Stage::new(Setup::default());
        assert_eq!(probe(stage.at(100), 1, 0), Some(true));
        stage.dark(0, true);
        assert_eq!(probe(stage.at(161), 1, 0), Some(false));
    }

    #[test]
    fn a_partition_looks_like_a_loss_from_one_side_only() {
        let mut stage = Stage::new(Setup::default());
        stage.at(100).sim.network.set_cut(0, 1, true);
        stage.at(200);
        assert_eq!((probe(&mut stage, 1, 0), probe(&mut stage, 0, 0)), (Some(false), Some(true)));
    }

    #[test]
    fn nodes_on_a_database_that_cannot_be_written_are_not_healthy() {
        let mut stage = Stage::new(Setup::default());
        stage.at(100).act(|model, ctx| crate::model::database::set_down(model, 0, true, ctx));
        assert_eq!(probe(stage.at(200), 1, 0), Some(false));
    }

    #[test]
    fn a_lost_regions_last_heartbeat_is_old_and_then_gone() {
        let mut stage = Stage::new(Setup::default());
        stage.at(100).dark(0, true);
        let beat = |stage: &mut Stage| stage.act(|model, ctx| model.witnesses.heartbeat(1, 0, ctx.now));
        assert!(beat(stage.at(600)).is_some());
        assert!(beat(stage.at(1_100)).is_none());
        let own = stage.act(|model, ctx| model.witnesses.heartbeat(0, 1, ctx.now));
        assert!(own.is_none());
    }

    #[test]
    fn without_a_third_region_nobody_outside_has_an_opinion() {
        let mut stage = Stage::new(Setup::default());
        assert_eq!(probe(stage.at(100), OUTSIDE, 0), None);
    }
}
