//! Names what is wrong with a Region, by evidence: witnesses, a table, one pure function.
//!
//! An alarm starts the looking and never decides. "Cannot tell" is a diagnosis of its own and never promotes: an
//! observer without data must not satisfy any rule (an AWS multi-Region sample's composite alarm does).

mod symptoms;
mod table;
mod witnesses;

use mmdr_core::Time;
use mmdr_core::deployment::Policy;
use mmdr_core::records::{Diagnosis, LossForecast, Opinion};

pub use symptoms::{
    FLAPPING_RETURNS, HEARTBEAT_AGE_S, Health, PROBE_AGE_S, STREAM_FRESH_S, STREAM_HEALTHY_MS, STREAM_STALLED_MS,
    STREAM_STOPPED_S, Symptoms,
};
pub use table::{Automation, Row, TABLE, diagnosis_of};
pub use witnesses::{Witnesses, look};

/// A lag older than this forecasts nothing, in seconds.
pub const FORECAST_AGE_S: i64 = 900;

/// Names what is wrong, with what it permits, who said what, and what promoting now would lose.
pub fn diagnose(seen: &Witnesses, policy: &Policy, now: Time) -> Diagnosis {
    let symptoms = Symptoms::of(seen, now);
    let row = diagnosis_of(&symptoms);
    let sentence = row.description.replace("{subject}", seen.subject.as_str()).replace("{own}", seen.own.as_str());
    Diagnosis {
        code: row.code.into(),
        sentence,
        digest: format!("{}@{}", row.code, seen.subject),
        subject: seen.subject.clone(),
        machine_may_fail_over: row.permits_automation(&symptoms, policy),
        person_may_fail_over: row.person,
        opinions: opinions(seen, &symptoms),
        forecast: forecast(seen, now),
        evidence_at: evidence_at(seen, &symptoms, now),
        at: now,
    }
}

/// Whether a diagnosis of this code may still turn into a lost Region, and must stand longer before it is believed.
pub fn ripens(code: &str) -> bool {
    TABLE.iter().any(|row| row.code == code && row.ripens)
}

/// What promoting now loses, at least: the last lag that was measured, plus the seconds since. While the writer fails no
/// value is added, so the newest one is the last before the failure.
fn forecast(seen: &Witnesses, now: Time) -> LossForecast {
    let lag = seen.lag.value().and_then(|lag| *lag).filter(|lag| now.is_within(FORECAST_AGE_S, lag.at));
    let pending = seen.pending_files.value().and_then(|pending| *pending);
    LossForecast {
        last_lag_ms: lag.map(|lag| lag.value),
        measured_at: lag.map(|lag| lag.at),
        at_least_s: lag.map(|lag| now.since_s(lag.at).max(0) + (lag.value.max(0.0) / 1_000.0).ceil() as i64),
        pending_files: pending.map(|pending| pending.value.max(0.0) as u64),
    }
}

/// The oldest of the opinions that count. A stream or a heartbeat that has stopped is seen to have stopped now.
fn evidence_at(seen: &Witnesses, symptoms: &Symptoms, now: Time) -> Time {
    let probes = [(symptoms.own_probe, &seen.own_probe), (symptoms.third_probe, &seen.third_probe)];
    let direct = probes.into_iter().chain([(symptoms.front_door, &seen.front_door)]);
    let times = direct.filter(|(health, _)| *health != Health::Unseen).filter_map(|(_, probe)| match probe {
        mmdr_core::Seen::Seen { at, .. } => Some(*at),
        mmdr_core::Seen::Unseen { .. } => None,
    });
    times.chain([seen.now.min(now)]).min().unwrap_or(now)
}

fn opinions(seen: &Witnesses, symptoms: &Symptoms) -> Vec<Opinion> {
    let own = format!("{} over the network", seen.own);
    let said = |witness: &str, vantage: &str, health: Health, at: Option<Time>, why: Option<&str>| Opinion {
        witness: witness.into(),
        vantage: vantage.into(),
        healthy: (health != Health::Unseen).then_some(health == Health::Healthy),
        at,
        why: (health == Health::Unseen).then(|| why.unwrap_or("nothing fresh enough to count").into()),
    };
    fn at<T>(seen: &mmdr_core::Seen<T>) -> Option<Time> {
        match seen {
            mmdr_core::Seen::Seen { at, .. } => Some(*at),
            mmdr_core::Seen::Unseen { .. } => None,
        }
    }
    let lag_at = seen.lag.value().and_then(|lag| lag.map(|lag| lag.at));
    vec![
        said("own probe", &own, symptoms.own_probe, at(&seen.own_probe), seen.own_probe.why()),
        said("front door", &own, symptoms.front_door, at(&seen.front_door), seen.front_door.why()),
        said("heartbeat", &own, symptoms.heartbeat, seen.heartbeat.value().copied(), seen.heartbeat.why()),
        said("application", &own, symptoms.answers, at(&seen.ping), seen.ping.why()),
        said("application's database", &own, symptoms.writes, at(&seen.ping), seen.ping.why()),
        said("third probe", "third Region", symptoms.third_probe, at(&seen.third_probe), seen.third_probe.why()),
        said("replication", "database", symptoms.database, lag_at, seen.lag.why()),
        said("standby", "own Region", symptoms.standby, at(&seen.own_cluster), seen.own_cluster.why()),
        said("search", &own, symptoms.search, at(&seen.search), seen.search.why()),
        said("public name", "resolvers", symptoms.dns, at(&seen.resolvers), seen.resolvers.why()),
    ]
}

#[cfg(test)]
mod truth_table;
