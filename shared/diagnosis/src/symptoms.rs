//! What the witnesses amount to: how each finds the subject, fresh or not at all, and which of them share a vantage.

use mmdr_core::{CLOCKS_APART_S, Region, Seen, Time};

use crate::Witnesses;

/// A probe that runs once a minute is published with up to a minute's delay, and CloudWatch stamps it with the beginning of its
/// minute; what is older is no opinion.
pub const PROBE_AGE_S: i64 = 180;
/// A heartbeat comes once a minute, stamped with the beginning of it; two that are missing are silence.
pub const HEARTBEAT_AGE_S: i64 = 180;
/// Replication lag comes once a minute, stamped with the beginning of it. A value so young proves a writer whose commits arrive.
pub const STREAM_FRESH_S: i64 = 150;
/// A stream whose newest value is older has stopped; between the two nobody can tell.
pub const STREAM_STOPPED_S: i64 = 180;
/// A fresh lag up to this is a healthy stream, in milliseconds.
pub const STREAM_HEALTHY_MS: f64 = 30_000.0;
/// A fresh lag beyond this is a stalled stream, in milliseconds.
pub const STREAM_STALLED_MS: f64 = 60_000.0;
/// A diagnosis that came back so often to one that it had left is flapping. Witnesses that notice an outage one after another
/// lead through several diagnoses too, and to none of them twice.
pub const FLAPPING_RETURNS: u32 = 2;

/// How one witness finds the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It sees the subject work.
    Healthy,
    /// It sees the subject fail.
    Unhealthy,
    /// It says nothing, or nothing fresh. Never a vote.
    Unseen,
}

use Health::{Healthy, Unhealthy, Unseen};

impl Health {
    /// Every value.
    pub const ALL: [Self; 3] = [Healthy, Unhealthy, Unseen];

    fn of(seen: Option<bool>) -> Self {
        seen.map_or(Unseen, |healthy| if healthy { Healthy } else { Unhealthy })
    }

    /// Whether the subject was seen working.
    pub fn healthy(self) -> bool {
        self == Healthy
    }

    /// Whether the subject was seen failing.
    pub fn unhealthy(self) -> bool {
        self == Unhealthy
    }
}

/// What the witnesses amount to. Three vantages see the subject:
/// the own Region (`own_probe`, `front_door`, `heartbeat`, `answers`, `writes`: one network path, one vote),
/// the third Region (`third_probe`), and the database's own replication (`database`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Symptoms {
    /// The own Region's outside probe.
    pub own_probe: Health,
    /// The third Region's outside probe.
    pub third_probe: Health,
    /// The subject's front door.
    pub front_door: Health,
    /// The heartbeat of the subject's stack.
    pub heartbeat: Health,
    /// The replication stream out of the subject's database.
    pub database: Health,
    /// The subject's application answers.
    pub answers: Health,
    /// The subject's application can write its database.
    pub writes: Health,
    /// The own Region's database and nodes.
    pub standby: Health,
    /// The subject's search domain.
    pub search: Health,
    /// The public name leads to the subject.
    pub dns: Health,
    /// A move is running that explains what is seen.
    pub moving: bool,
    /// The own Region is the writer already.
    pub writer_here: bool,
    /// The diagnosis changes from look to look.
    pub flapping: bool,
}

impl Symptoms {
    /// Reduces the witnesses to opinions that are fresh at `now`.
    pub fn of(seen: &Witnesses, now: Time) -> Self {
        let ping = seen.ping.fresh(now, PROBE_AGE_S);
        Self {
            own_probe: Health::of(seen.own_probe.fresh(now, PROBE_AGE_S).copied()),
            third_probe: Health::of(seen.third_probe.fresh(now, PROBE_AGE_S).copied()),
            front_door: Health::of(seen.front_door.fresh(now, PROBE_AGE_S).copied()),
            heartbeat: Health::of(seen.heartbeat.value().map(|at| now.is_within(HEARTBEAT_AGE_S, *at))),
            database: stream(seen, now),
            answers: Health::of(ping.map(|ping| ping.answers)),
            writes: Health::of(ping.filter(|ping| ping.answers).map(|ping| ping.database_ok)),
            standby: standby(seen),
            search: Health::of(seen.search.fresh(now, PROBE_AGE_S).map(|domain| domain.health != "red")),
            dns: dns(seen, now),
            moving: moving(seen),
            writer_here: writer_here(seen),
            flapping: seen.returns >= FLAPPING_RETURNS,
        }
    }

    /// The own Region sees the subject fail and nothing in it live.
    pub fn lost_from_here(&self) -> bool {
        let path = [self.own_probe, self.front_door, self.answers];
        path.iter().any(|it| it.unhealthy()) && !self.own_probe.healthy() && !self.region_lives()
    }

    /// Something in the subject answers, though perhaps not Mattermost.
    pub fn region_lives(&self) -> bool {
        [self.front_door, self.heartbeat, self.answers, self.writes].iter().any(|it| it.healthy())
    }

    /// A fresh witness saw the subject's database take writes: whatever else is seen, there is a living writer.
    pub fn writer_lives(&self) -> bool {
        [self.own_probe, self.third_probe, self.writes, self.database].iter().any(|it| it.healthy())
    }

    /// How many independent vantages see the subject fail.
    pub fn vantages_failing(&self) -> u32 {
        let votes = [self.lost_from_here(), self.third_probe.unhealthy(), self.database.unhealthy()];
        votes.iter().map(|vote| u32::from(*vote)).sum()
    }

    /// Whether no witness of the application, the Region or the database saw a failure.
    pub fn nothing_fails(&self) -> bool {
        let all = [self.own_probe, self.third_probe, self.front_door, self.database, self.answers, self.writes];
        !all.iter().any(|it| it.unhealthy())
    }

    /// Whether no witness of the subject says anything.
    pub fn nothing_seen(&self) -> bool {
        let all = [self.own_probe, self.third_probe, self.front_door, self.heartbeat, self.database];
        all.iter().all(|it| *it == Unseen) && self.answers == Unseen && self.writes == Unseen
    }

    /// Whether the own Region's network path says nothing.
    pub fn nothing_seen_from_here(&self) -> bool {
        [self.own_probe, self.front_door, self.answers, self.writes].iter().all(|it| *it == Unseen)
    }
}

/// The stream is judged only by a standby that works: its own restart stops the metric too (the primary's restart can
/// cause that: Aurora User Guide, limitations of global databases). A metric that was never there is no evidence.
fn stream(seen: &Witnesses, now: Time) -> Health {
    let standby_works = matches!(seen.own_cluster.value(), Some(Some(cluster)) if cluster.status == "available");
    let Some(Some(lag)) = seen.lag.value().filter(|_| standby_works) else { return Unseen };
    match now.since_s(lag.at) {
        age_s if age_s < -CLOCKS_APART_S => Unseen,
        age_s if age_s > STREAM_STOPPED_S => Unhealthy,
        age_s if age_s > STREAM_FRESH_S => Unseen,
        _ if lag.value <= STREAM_HEALTHY_MS => Healthy,
        _ if lag.value > STREAM_STALLED_MS => Unhealthy,
        _ => Unseen,
    }
}

fn standby(seen: &Witnesses) -> Health {
    match (&seen.own_cluster, &seen.own_nodes) {
        (Seen::Unseen { .. }, _) => Unseen,
        (Seen::Seen { value: Some(cluster), .. }, nodes) if cluster.status == "available" && cluster.instances > 0 => {
            let broken = matches!(nodes, Seen::Seen { value: (0, total), .. } if *total > 0);
            if broken { Unhealthy } else { Healthy }
        }
        _ => Unhealthy,
    }
}

fn dns(seen: &Witnesses, now: Time) -> Health {
    // An address of neither Region says nothing about either.
    let known = seen.resolvers.fresh(now, PROBE_AGE_S).into_iter().flatten().filter_map(|it| it.region.as_ref());
    let known: Vec<&Region> = known.collect();
    match known.iter().all(|region| **region == seen.subject) {
        _ if known.is_empty() => Unseen,
        true => Healthy,
        false => Unhealthy,
    }
}

fn moving(seen: &Witnesses) -> bool {
    let at_aurora = matches!(seen.global.value(), Some(Some(global)) if global.failover_state.is_some());
    !seen.pre_empts && (at_aurora || seen.our_move.value() == Some(&true))
}

fn writer_here(seen: &Witnesses) -> bool {
    if let Some(Some(cluster)) = seen.own_cluster.value()
        && cluster.global_cluster.is_none()
    {
        return cluster.writable();
    }
    let Some(Some(global)) = seen.global.value() else { return false };
    global.at_rest() && global.only_writer().is_some_and(|writer| writer.region == seen.own)
}
