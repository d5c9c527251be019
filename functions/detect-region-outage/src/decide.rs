//! When a diagnosis is believed, and whether it permits this run.

use mmdr_core::records::{self, Diagnosis};
use mmdr_core::{Acceptance, Run, Verdict};
use mmdr_diagnosis::{FLAPPING_RETURNS, Witnesses, diagnose, ripens};

use crate::observed::{Observed, Standing, standing_key};
use crate::words::{Action, Part, Refusal, Waiting};

/// A diagnosis must be said by two looks so far apart.
const STANDS_S: i64 = 30;
/// A diagnosis that stops the run, and that slower witnesses may still turn into a lost Region, must stand longer than
/// the slowest of them takes to notice.
const RIPENS_S: i64 = 165;
/// Once the diagnosis has not changed for so long, it no longer flaps.
const SETTLED_S: i64 = 90;
/// Seconds before the bound at which a diagnosis that keeps changing is called by its name: looks are 30 s apart, and a
/// record needs one more.
const LAST_LOOK_S: i64 = 75;

type Decided = Verdict<Action, Waiting, Refusal>;

/// Decides from the observation alone.
pub(crate) fn decide(run: &Run, part: Part, seen: &Observed) -> Decided {
    if run.forward_only {
        return Verdict::Already;
    }
    let now_says = diagnose(&seen.witnesses, &run.deployment.policy, seen.now);
    if run.dry_run {
        // A dry run looks once: it goes the whole way whatever the witnesses say, and says what they say.
        return record(run, now_says);
    }
    let Some(standing) = seen.standing.as_ref().filter(|_| !seen.first_look) else {
        return note(run, part, Standing::begun(now_says.code, seen.now));
    };
    if let Some(recorded) = seen.recorded.as_ref().filter(|it| it.at >= standing.started_at && it.at > standing.since) {
        return permitted(run, recorded);
    }
    let stands = standing.after(&now_says.code, seen.now);
    if let Some(flapping) = flapping(run, seen, &stands) {
        return record(run, flapping);
    }
    if stands != *standing {
        return note(run, part, stands);
    }
    let stood_s = seen.now.since_s(standing.since);
    if standing.returns >= FLAPPING_RETURNS && stood_s < SETTLED_S {
        let (returns, code) = (standing.returns, now_says.code);
        return Verdict::Wait(Waiting::Flapping { returns, code });
    }
    let stops = matches!(permitted(run, &now_says), Verdict::Refuse(Refusal::NotPermitted { .. }));
    let needed_s = if stops && ripens(&now_says.code) { RIPENS_S } else { STANDS_S };
    if stood_s < needed_s {
        let (code, since) = (now_says.code, standing.since);
        return Verdict::Wait(Waiting::DoesNotStandYet { code, since, needed_s });
    }
    record(run, now_says)
}

/// A diagnosis that keeps changing and will not settle before the bound: a name is better than a bound reached.
fn flapping(run: &Run, seen: &Observed, stands: &Standing) -> Option<Diagnosis> {
    let settled = seen.now.since_s(stands.since) >= SETTLED_S;
    let patience_s = i64::from(run.deployment.policy.bounds.diagnose_s) - LAST_LOOK_S;
    if stands.returns < FLAPPING_RETURNS || settled || seen.now.since_s(stands.started_at) < patience_s {
        return None;
    }
    let witnesses = Witnesses { returns: stands.returns, ..seen.witnesses.clone() };
    Some(diagnose(&witnesses, &run.deployment.policy, seen.now))
}

fn note(run: &Run, part: Part, standing: Standing) -> Decided {
    Verdict::Act(Action::NoteLook { region: run.own().clone(), key: standing_key(run, part), standing })
}

fn record(run: &Run, diagnosis: Diagnosis) -> Decided {
    let key = records::key(run, records::DIAGNOSIS);
    Verdict::Act(Action::Record { region: run.own().clone(), key, diagnosis: Box::new(diagnosis) })
}

/// Whether this run, started as it was, may go on with this diagnosis.
fn permitted(run: &Run, diagnosis: &Diagnosis) -> Decided {
    let machine = run.by.is_machine();
    let may = if machine { diagnosis.machine_may_fail_over } else { diagnosis.person_may_fail_over };
    if !may && !run.accepts(Acceptance::Diagnosis) {
        let (code, diagnosis) = (diagnosis.code.clone(), diagnosis.sentence.clone());
        return Verdict::Refuse(Refusal::NotPermitted { code, diagnosis, machine });
    }
    if diagnosis.forecast.at_least_s.is_none() && !run.accepts(Acceptance::UnknownLoss) {
        return Verdict::Refuse(Refusal::UnknownLoss { diagnosis: diagnosis.sentence.clone() });
    }
    Verdict::Already
}
