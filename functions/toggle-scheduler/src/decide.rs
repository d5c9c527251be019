//! What toggle-scheduler decides.

use mmdr_core::ports::{JobFlags, JobFlagsSeen};
use mmdr_core::{Epoch, Kind, Phase, Region, Run, Seen, Verdict};

use crate::observed::Observed;
use crate::words::{Action, Part, Refusal, Waiting};

type Decision = Verdict<Action, Waiting, Refusal>;

/// Which flags count as on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// On, written by this very run: nodes are held against the epoch.
    OnByThisRun,
    /// On, whoever wrote it.
    On,
    /// Off, whoever wrote it. A missing parameter is not off: Mattermost's own defaults are true and true.
    Off,
}

/// What one side needs.
enum Side {
    /// It is as wanted, read back.
    Ready,
    /// It must be changed.
    Change(Action),
    /// It could not be looked at.
    Unseen(String),
    /// A newer run wrote it.
    Newer(Epoch),
    /// There should be a job server and there is none.
    NoJobServer,
}

/// Decides for every part.
pub(crate) fn decide(run: &Run, part: Part, seen: &Observed) -> Decision {
    match part {
        Part::Activate => activate(run, seen),
        Part::Quiesce if run.kind != Kind::Switchover => wrong_kind(run, part),
        Part::Quiesce if run.forward_only => Verdict::Already,
        Part::Quiesce => past_the_call(run, seen).unwrap_or_else(|| quiesce(run, seen)),
        Part::GiveBack if run.kind != Kind::Switchover => wrong_kind(run, part),
        Part::GiveBack => past_the_call(run, seen).unwrap_or_else(|| give_back(run, seen)),
    }
}

/// Own flags first, because nodes wait for them; then the other side's, best effort: it may be lost.
fn activate(run: &Run, seen: &Observed) -> Decision {
    if let Side::Newer(epoch) = side(run, run.other(), &seen.there, Wanted::Off, true) {
        return newer(run.other(), epoch);
    }
    match side(run, run.own(), &seen.here, Wanted::OnByThisRun, false) {
        Side::Newer(epoch) => return newer(run.own(), epoch),
        Side::Unseen(why) => return unseen(run.own(), why),
        Side::Change(action) => return Verdict::Act(action),
        // Users come first: a job server that is missing is a finding, and the job proof will say so again.
        Side::Ready | Side::NoJobServer => {}
    }
    let failed = seen.asked.as_ref().is_some_and(|asked| asked.failed.is_some());
    match side(run, run.other(), &seen.there, Wanted::Off, true) {
        Side::Change(action) if !failed => Verdict::Act(action),
        _ => Verdict::Already,
    }
}

fn quiesce(run: &Run, seen: &Observed) -> Decision {
    match side(run, run.other(), &seen.there, Wanted::Off, false) {
        Side::Ready => Verdict::Already,
        Side::Change(action) => Verdict::Act(action),
        Side::Unseen(why) => unseen(run.other(), why),
        Side::Newer(epoch) => newer(run.other(), epoch),
        Side::NoJobServer => Verdict::Refuse(Refusal::NoJobServer { region: run.other().clone() }),
    }
}

/// Own side off before the old side is on again: never two.
fn give_back(run: &Run, seen: &Observed) -> Decision {
    let sides = [(run.own(), &seen.here, Wanted::Off), (run.other(), &seen.there, Wanted::On)];
    for (region, flags, wanted) in sides {
        match side(run, region, flags, wanted, false) {
            Side::Ready | Side::NoJobServer => {}
            Side::Change(action) => return Verdict::Act(action),
            Side::Unseen(why) => return unseen(region, why),
            Side::Newer(epoch) => return newer(region, epoch),
        }
    }
    Verdict::Already
}

fn side(run: &Run, region: &Region, seen: &Seen<JobFlagsSeen>, wanted: Wanted, best_effort: bool) -> Side {
    let flags = match seen {
        Seen::Unseen { why } => return Side::Unseen(why.clone()),
        Seen::Seen { value, .. } => value,
    };
    let on = wanted != Wanted::Off;
    let region = region.clone();
    if run.deployment.mattermost.dedicated_job_server {
        let replicas = u32::from(on);
        return match flags.job_server_replicas {
            None => Side::NoJobServer,
            Some(found) if found == replicas => Side::Ready,
            Some(_) => Side::Change(Action::ScaleJobServer { region, replicas, best_effort }),
        };
    }
    match flags.parameter {
        Some(found) if found.epoch > run.epoch && !run.dry_run => Side::Newer(found.epoch),
        Some(found) if fits(found, wanted, run.epoch) => Side::Ready,
        _ => {
            let flags = JobFlags { run_jobs: on, run_scheduler: on, epoch: run.epoch };
            Side::Change(Action::WriteFlags { region, flags, best_effort })
        }
    }
}

/// Both flags count: with `RunScheduler` off alone, workers still claim the other Region's jobs.
fn fits(found: JobFlags, wanted: Wanted, epoch: Epoch) -> bool {
    let on = found.run_jobs && found.run_scheduler;
    match wanted {
        Wanted::OnByThisRun => on && found.epoch == epoch,
        Wanted::On => on,
        Wanted::Off => !found.run_jobs && !found.run_scheduler,
    }
}

fn past_the_call(run: &Run, seen: &Observed) -> Option<Decision> {
    match &seen.phase {
        _ if run.dry_run => None,
        Seen::Seen { value: Some(Phase::Open), .. } => None,
        Seen::Seen { value: Some(phase), .. } => Some(Verdict::Refuse(Refusal::PastTheCall { phase: *phase })),
        Seen::Seen { value: None, .. } | Seen::Unseen { .. } => Some(Verdict::Wait(Waiting::LedgerUnseen)),
    }
}

fn wrong_kind(run: &Run, part: Part) -> Decision {
    Verdict::Refuse(Refusal::WrongKind { part: part.to_string(), kind: run.kind })
}

fn newer(region: &Region, epoch: Epoch) -> Decision {
    Verdict::Refuse(Refusal::NewerFlags { region: region.clone(), epoch })
}

fn unseen(region: &Region, why: String) -> Decision {
    Verdict::Wait(Waiting::FlagsUnseen { region: region.clone(), why })
}

/// The sentence of an `Already`, with everything that somebody should know.
pub(crate) fn already(run: &Run, part: Part, seen: &Observed) -> String {
    let (own, other) = (run.own(), run.other());
    let mut said = match part {
        Part::Quiesce if run.forward_only => return "past its database call: jobs follow the database".into(),
        Part::Quiesce => {
            vec![format!("the next start in {other} runs no jobs; what runs there goes on until its nodes are stopped")]
        }
        Part::Activate => vec![format!("jobs belong to {own} (epoch {}), read back", run.epoch)],
        Part::GiveBack => vec![format!("jobs belong to {other} again, read back")],
    };
    if part == Part::Activate {
        said.extend(other_side(run, seen));
    }
    if part != Part::Quiesce {
        let region = if part == Part::Activate { own } else { other };
        said.extend(missing_job_server(run, region, if part == Part::Activate { &seen.here } else { &seen.there }));
        said.extend(config_findings(run, region, seen));
    }
    said.join("; note: ")
}

fn other_side(run: &Run, seen: &Observed) -> Option<String> {
    let other = run.other();
    if let Some(why) = seen.asked.as_ref().and_then(|asked| asked.failed.as_ref()) {
        return Some(format!("could not switch jobs off in {other}: {why}"));
    }
    seen.there.why().map(|why| format!("nobody knows whether jobs are off in {other}: {why}"))
}

fn missing_job_server(run: &Run, region: &Region, flags: &Seen<JobFlagsSeen>) -> Option<String> {
    let none = flags.value().is_some_and(|flags| flags.job_server_replicas.is_none());
    (run.deployment.mattermost.dedicated_job_server && none)
        .then(|| format!("{region} has no job server, so no job will run there"))
}

/// What a running process says; it read its flags at its start and nothing here changes them.
fn config_findings(run: &Run, region: &Region, seen: &Observed) -> Vec<String> {
    let Some(Some(config)) = seen.config.value() else { return Vec::new() };
    let mut said = Vec::new();
    let dedicated = run.deployment.mattermost.dedicated_job_server;
    if !dedicated && !config.overridden_by_environment {
        said.push(format!(
            "the nodes of {region} do not take JobSettings from their environment, so these flags do not reach them"
        ));
    }
    let jobs_on = config.run_jobs && config.run_scheduler;
    if !dedicated && !jobs_on {
        said.push(format!("a node of {region} runs with jobs off since its start; roll-nodes must restart it"));
    }
    if config.in_database && !config.not_from_environment.is_empty() {
        let keys = config.not_from_environment.join(", ");
        said.push(format!(
            "both Regions share one configuration row, and these keys are not set from the environment: {keys}"
        ));
    }
    said
}
