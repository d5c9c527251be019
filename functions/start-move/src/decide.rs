//! From what happened to one start, or to one named reason not to.

use mmdr_core::{Kind, Region, Run, StartInput, StartedBy, Time, Verdict};
use serde_json::Value;

use crate::event::{self, Alarm, Arn, DatabaseTold, Happened, Schedule};
use crate::{Action, Observed, Refusal, Waiting, field, naming};

/// Greatest size of an event in bytes: that of an execution's input, and of what Lambda takes asynchronously.
pub const EVENT_BYTES: usize = 256 * 1_024;
/// Greatest age of an alarm or event in seconds. EventBridge delivers for up to 24 h: what is older than this is no
/// news, and while the diagnosis stands reconcile asks by itself.
pub const STALE_S: i64 = 900;
/// How far ahead of our clock an event may be, in seconds.
pub const AHEAD_S: i64 = 300;

/// RDS events that start something, by identifier whatever the source type says (Aurora user guide, events): a
/// failover that failed is looked at again, and after a move by hand or a resynchronisation readiness is checked.
pub const RDS_EVENTS: &[(&str, Kind)] = &[
    ("RDS-EVENT-0185", Kind::CheckReadiness),
    ("RDS-EVENT-0187", Kind::CheckReadiness),
    ("RDS-EVENT-0238", Kind::CheckReadiness),
    ("RDS-EVENT-0239", Kind::Failover),
    ("RDS-EVENT-0241", Kind::CheckReadiness),
];

/// How this Deployment's alarms and rules begin: `mmdr-<deployment>-`. An alarm that starts a failover is called
/// `mmdr-<deployment>-lost-<Region>`, optionally followed by `-<detector>`.
pub fn prefix(deployment: &str) -> String {
    format!("mmdr-{deployment}-")
}

/// Decides.
pub(crate) fn decide(run: &Run, seen: &Observed) -> Verdict<Action, Waiting, Refusal> {
    match start(run, seen) {
        Ok(action) => Verdict::Act(action),
        Err(why) => Verdict::Refuse(why),
    }
}

fn start(run: &Run, seen: &Observed) -> Result<Action, Refusal> {
    within_size(&seen.event)?;
    match event::read(&seen.event)? {
        Happened::Alarm(alarm) => for_alarm(run, seen.now, &alarm),
        Happened::Database(told) => for_database(run, seen.now, &told),
        Happened::Schedule(schedule) => for_schedule(run, seen.now, &schedule),
    }
}

fn within_size(event: &Value) -> Result<(), Refusal> {
    let bytes = serde_json::to_vec(event).map_or(usize::MAX, |text| text.len());
    if bytes > EVENT_BYTES { Err(Refusal::Oversized { bytes, limit: EVENT_BYTES }) } else { Ok(()) }
}

fn for_alarm(run: &Run, now: Time, alarm: &Alarm) -> Result<Action, Refusal> {
    let name = alarm.arn.resource.strip_prefix("alarm:").unwrap_or_default();
    own_account_and_region(run, &alarm.arn.account, &alarm.arn.region)?;
    about_the_other_region(run, name)?;
    if alarm.state != "ALARM" {
        return Err(Refusal::NotInAlarm { alarm: name.into(), state: alarm.state.clone() });
    }
    if let Some(by) = &alarm.suppressed_by {
        return Err(Refusal::Suppressed { alarm: name.into(), by: by.clone() });
    }
    let what = format!("alarm {name}");
    is_news(now, &what, alarm.at)?;
    let reason = format!("{what} went to ALARM at {}", alarm.at);
    failover(run, what, reason, &alarm.arn.text, alarm.at)
}

fn for_database(run: &Run, now: Time, told: &DatabaseTold) -> Result<Action, Refusal> {
    own_account_and_region(run, &told.account, &told.region)?;
    if !is_own_database(run, &told.source) {
        return Err(Refusal::ForeignDatabase { found: field::plain(&told.source.text) });
    }
    let Some((id, kind)) = RDS_EVENTS.iter().find(|(id, _)| *id == told.id) else {
        return Err(Refusal::NothingToStart { event_id: field::plain(&told.id) });
    };
    let what = format!("{id} of {}", told.source.text);
    is_news(now, &what, told.at)?;
    let reason = format!("{what} at {}", told.at);
    let source = format!("{}\n{id}", told.source.text);
    if *kind == Kind::Failover {
        return failover(run, what, reason, &source, told.at);
    }
    Ok(action(run, *kind, StartedBy::Alarm, reason, &source, told.at))
}

fn for_schedule(run: &Run, now: Time, schedule: &Schedule) -> Result<Action, Refusal> {
    let text = match (&schedule.kind, &schedule.rule) {
        (Some(kind), _) => kind.clone(),
        (None, Some(rule)) => kind_of_rule(run, rule)?,
        (None, None) => String::new(),
    };
    let kind = match text.parse() {
        Ok(kind @ (Kind::VerifyBackups | Kind::CheckReadiness)) => kind,
        _ => return Err(Refusal::NotForASchedule { kind: field::plain(&text) }),
    };
    // A constant input says no time: one run an hour is then enough, and a second delivery collapses into it.
    let at = schedule.at.unwrap_or(Time(now.0 - now.0.rem_euclid(3_600_000)));
    let what = format!("the schedule of {kind}");
    is_news(now, &what, at).or_else(|why| if schedule.at.is_some() { Err(why) } else { Ok(()) })?;
    Ok(action(run, kind, StartedBy::Schedule, format!("{what}, due at {at}"), &format!("{}\n{kind}", run.own()), at))
}

fn kind_of_rule(run: &Run, rule: &Arn) -> Result<String, Refusal> {
    own_account_and_region(run, &rule.account, &rule.region)?;
    let name = rule.resource.strip_prefix("rule/").unwrap_or(&rule.resource);
    let prefix = prefix(&run.deployment.name);
    match name.strip_prefix(&prefix) {
        Some(kind) => Ok(kind.into()),
        None => Err(Refusal::ForeignRule { rule: field::plain(name), prefix }),
    }
}

fn own_account_and_region(run: &Run, account: &str, region: &str) -> Result<(), Refusal> {
    let expected = &run.deployment.account_id;
    if account != expected {
        return Err(Refusal::ForeignAccount { found: field::plain(account), expected: expected.clone() });
    }
    if region != run.own().as_str() {
        return Err(Refusal::ForeignRegion { found: field::plain(region), own: run.own().clone() });
    }
    Ok(())
}

/// The naming rule: only `mmdr-<deployment>-lost-<other Region>[-<detector>]` starts a failover.
fn about_the_other_region(run: &Run, name: &str) -> Result<(), Refusal> {
    let prefix = prefix(&run.deployment.name);
    let Some(rest) = name.strip_prefix(&prefix) else {
        return Err(Refusal::ForeignAlarm { alarm: field::plain(name), prefix });
    };
    let alarm = field::plain(name);
    let Some(subject) = rest.strip_prefix("lost-") else { return Err(Refusal::NotATrigger { alarm }) };
    if is_about(subject, run.other()) {
        Ok(())
    } else if is_about(subject, run.own()) {
        Err(Refusal::AboutOwnRegion { alarm, own: run.own().clone() })
    } else {
        Err(Refusal::AboutUnknownRegion { alarm, other: run.other().clone() })
    }
}

fn is_about(subject: &str, region: &Region) -> bool {
    subject.strip_prefix(region.as_str()).is_some_and(|rest| {
        rest.is_empty()
            || (rest.starts_with('-') && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)))
    })
}

fn is_own_database(run: &Run, source: &Arn) -> bool {
    let global = format!("global-cluster:{}", run.deployment.database.global_cluster);
    let is_global = source.account == run.deployment.account_id && source.resource == global;
    is_global || run.deployment.regions.iter().any(|region| region.cluster_arn == source.text)
}

fn is_news(now: Time, what: &str, at: Time) -> Result<(), Refusal> {
    let age_s = now.since_s(at);
    if age_s > STALE_S {
        return Err(Refusal::Stale { what: what.into(), at, age_s, limit_s: STALE_S });
    }
    if age_s < -AHEAD_S {
        return Err(Refusal::FromTheFuture { what: what.into(), at, ahead_s: -age_s });
    }
    Ok(())
}

fn failover(run: &Run, what: String, reason: String, source: &str, at: Time) -> Result<Action, Refusal> {
    if run.deployment.policy.machine_may_start_failover {
        Ok(action(run, Kind::Failover, StartedBy::Alarm, reason, source, at))
    } else {
        Err(Refusal::MachineMayNotStart { what })
    }
}

fn action(run: &Run, kind: Kind, by: StartedBy, reason: String, source: &str, at: Time) -> Action {
    let input = StartInput {
        deployment: Some(run.deployment.name.clone()),
        kind,
        to: run.own().clone(),
        reason,
        by,
        dry_run: false,
        resumes: None,
        accepts: Vec::new(),
    };
    Action::Start { region: run.own().clone(), kind, name: naming::run_id(kind, source, at), input }
}
