//! What confirm-recovery decides.

use mmdr_core::ports::{JobSeen, JobStatus, NodeState};
use mmdr_core::{Run, Seen, Verdict};

use crate::observed::{Observed, Probe};
use crate::words::{Action, Part, Refusal, Waiting};

type Decision = Verdict<Action, Waiting, Refusal>;

/// A worker claims a pending job within 15 s, and within 30 s of its node's start; success was seen after 21.6 s at
/// most. Twice a minute's grace on top, then no worker runs.
const CANARY_PATIENCE_S: i64 = 120;

/// Decides for every part.
pub(crate) fn decide(run: &Run, part: Part, seen: &Observed) -> Decision {
    match part {
        Part::Inside | Part::CalledOff => working(part, seen),
        Part::Outside => outside(run, seen),
        Part::Jobs => jobs(run, seen),
    }
}

/// Deep ping, then a post that is written and read back, then a file. Without the database nothing goes on; files and
/// search become findings.
fn working(part: Part, seen: &Observed) -> Decision {
    let region = seen.region.clone();
    let ping = match &seen.ping {
        Seen::Unseen { why } => return Verdict::Wait(Waiting::NotAnswering { region, why: why.clone() }),
        Seen::Seen { value, .. } => value,
    };
    if !ping.answers {
        return Verdict::Wait(Waiting::NotAnswering { region, why: "its ping is not OK".into() });
    }
    if !ping.database_ok {
        return Verdict::Wait(Waiting::DatabaseNotOk { region });
    }
    if let Some(verdict) = post(seen) {
        return verdict;
    }
    let file_missing = part == Part::Inside && ping.filestore_ok && seen.file.value() == Some(&false);
    // With a refused post nothing is gained by a file, and the next look must still know of the refusal.
    if file_missing && !made(seen, Probe::File) && refused(seen, Probe::Post).is_none() {
        return Verdict::Act(Action::UploadFile { region, tag: seen.tag.clone() });
    }
    Verdict::Already
}

fn post(seen: &Observed) -> Option<Decision> {
    let (region, tag) = (seen.region.clone(), seen.tag.clone());
    match &seen.post {
        Seen::Seen { value: true, .. } => None,
        // Refused for good while the database check writes: a probe channel that is not there must not keep users out.
        Seen::Seen { .. } if refused(seen, Probe::Post).is_some() => None,
        Seen::Seen { .. } if made(seen, Probe::Post) => Some(Verdict::Wait(Waiting::PostNotThere { tag })),
        Seen::Seen { .. } => Some(Verdict::Act(Action::CreatePost { region, tag })),
        Seen::Unseen { why } => Some(Verdict::Wait(Waiting::PostUnseen { region, why: why.clone() })),
    }
}

fn outside(run: &Run, seen: &Observed) -> Decision {
    match &seen.public {
        Seen::Unseen { why } => return Verdict::Wait(Waiting::PublicNameUnseen { why: why.clone() }),
        Seen::Seen { value, .. } if value != run.own() => {
            return Verdict::Wait(Waiting::StillElsewhere { answers: value.clone() });
        }
        Seen::Seen { .. } => {}
    }
    let asked = seen.resolvers.value().map_or(&[][..], Vec::as_slice);
    let agree = asked.iter().filter(|answer| answer.region.as_ref() == Some(run.own())).count();
    if agree < asked.len() {
        return Verdict::Wait(Waiting::ResolversDisagree { agree, of: asked.len() });
    }
    Verdict::Already
}

/// A canary that succeeds shows that *some* node claims jobs; that no other Region does is shown by its stopped nodes.
fn jobs(run: &Run, seen: &Observed) -> Decision {
    let jobs = match &seen.jobs {
        Seen::Unseen { why } => return Verdict::Wait(Waiting::JobsUnseen { why: why.clone() }),
        Seen::Seen { value, .. } => value,
    };
    let canary = match canary(jobs, seen) {
        None => return Verdict::Act(Action::CreateCanaryJob { region: seen.region.clone() }),
        Some(canary) => canary,
    };
    let (id, age_s) = (canary.id.clone(), seen.now.since_s(canary.created_at));
    match canary.status {
        JobStatus::Pending | JobStatus::InProgress if age_s > CANARY_PATIENCE_S => {
            return Verdict::Refuse(Refusal::JobsDoNotRun { id, age_s });
        }
        JobStatus::Pending | JobStatus::InProgress => return Verdict::Wait(Waiting::CanaryPending { id, age_s }),
        JobStatus::Error | JobStatus::Canceled => {
            return Verdict::Refuse(Refusal::CanaryFailed { id, status: canary.status });
        }
        JobStatus::Success => {}
    }
    let nodes = old_side_running(seen);
    let region = run.other().clone();
    if nodes > 0 { Verdict::Wait(Waiting::OldSideRuns { region, nodes }) } else { Verdict::Already }
}

/// The best canary since the move: one that succeeded, else the newest.
fn canary<'a>(jobs: &'a [JobSeen], seen: &Observed) -> Option<&'a JobSeen> {
    let since = || jobs.iter().filter(|job| job.created_at >= seen.moved_at);
    since().find(|job| job.status == JobStatus::Success).or_else(|| since().max_by_key(|job| job.created_at))
}

/// Nodes of the old Region that serve or are about to; in a restart loop no process lives long enough to claim a job.
fn old_side_running(seen: &Observed) -> usize {
    let nodes = seen.old_nodes.value().map_or(&[][..], Vec::as_slice);
    nodes.iter().filter(|node| matches!(node.state, NodeState::Running | NodeState::Starting)).count()
}

fn made(seen: &Observed, probe: Probe) -> bool {
    seen.asked.as_ref().is_some_and(|asked| asked.made == probe)
}

fn refused(seen: &Observed, probe: Probe) -> Option<&str> {
    seen.asked.as_ref().filter(|asked| asked.made == probe).and_then(|asked| asked.failed.as_deref())
}

/// The sentence of an `Already`, with everything that somebody should know.
pub(crate) fn already(run: &Run, part: Part, seen: &Observed) -> String {
    match part {
        Part::Inside | Part::CalledOff => working_sentence(part, seen),
        Part::Outside => outside_sentence(run, seen),
        Part::Jobs => jobs_sentence(run, seen),
    }
}

fn working_sentence(part: Part, seen: &Observed) -> String {
    let mut said = match refused(seen, Probe::Post) {
        None => vec![format!("{} works: the database check and a post written and read back", seen.region)],
        Some(why) => vec![
            format!("{} works: the database check wrote", seen.region),
            format!("the probe post was refused: {why}"),
        ],
    };
    if part == Part::CalledOff {
        return said.join("; note: ");
    }
    said.extend(file_finding(seen));
    let backend = seen.ping.value().map_or("unknown", |ping| ping.search_backend.as_str());
    match &seen.search {
        Seen::Seen { value: true, .. } => {}
        Seen::Seen { .. } => said.push(format!("search ({backend}) does not find the fresh post yet")),
        Seen::Unseen { why } => said.push(format!("could not ask search ({backend}): {why}")),
    }
    let sockets = seen.sockets.value().map_or("unknown".into(), u32::to_string);
    format!("{}; open sockets: {sockets}", said.join("; note: "))
}

fn file_finding(seen: &Observed) -> Option<String> {
    if seen.ping.value().is_some_and(|ping| !ping.filestore_ok) {
        return Some("the file store check fails, so no file was uploaded".into());
    }
    if let Some(why) = refused(seen, Probe::File) {
        return Some(format!("the probe file was refused: {why}"));
    }
    match &seen.file {
        Seen::Seen { value: true, .. } => None,
        Seen::Seen { .. } if made(seen, Probe::File) => Some("the probe file does not come back".into()),
        Seen::Seen { .. } => Some("no probe file was uploaded".into()),
        Seen::Unseen { why } => Some(format!("could not look for the probe file: {why}")),
    }
}

fn outside_sentence(run: &Run, seen: &Observed) -> String {
    let own = run.own();
    let sockets = seen.sockets.value().map_or("unknown".into(), u32::to_string);
    let resolvers = match &seen.resolvers {
        Seen::Seen { value, .. } if value.is_empty() => "note: no resolver was asked".into(),
        Seen::Seen { value, .. } => format!("{} of {} resolvers agree", value.len(), value.len()),
        Seen::Unseen { why } => format!("note: could not ask resolvers: {why}"),
    };
    format!("the public name answers from {own}, asked from {own}; {resolvers}; open sockets: {sockets}")
}

fn jobs_sentence(run: &Run, seen: &Observed) -> String {
    let (own, other) = (run.own(), run.other());
    match &seen.old_nodes {
        Seen::Unseen { why } => {
            format!("jobs run in {own}; note: nobody knows whether they also run in {other}: {why}")
        }
        Seen::Seen { value, .. } if value.iter().any(|node| node.state == NodeState::Broken) => {
            format!("jobs run in {own}; note: not every node of {other} was seen stopped")
        }
        Seen::Seen { .. } => format!("jobs run in {own} and in no other Region"),
    }
}
