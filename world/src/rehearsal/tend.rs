//! What a person does who reads the notices: each stopped run says how it is resumed, and a writer Region in which
//! something is missing is brought up by name.

use mmdr_core::ports::ExecutionStatus;
use mmdr_core::{Acceptance, Ending, Kind, Phase, RunId, RunLine, StartInput, StartedBy};

use super::Rehearsal;
use super::acts::tell;
use crate::network::Ix;

/// Does what the notices ask for, in every Region that answers.
pub(super) fn tend(story: &mut Rehearsal) {
    if story.driver.anything_runs() {
        return;
    }
    for region in 0..2 {
        // What was refused once is not asked for again: the refusal says what to do instead.
        if let Some(line) = stopped(story, region).filter(|line| !story.resumed.contains(&line.id)) {
            story.resumed.push(line.id.clone());
            start(story, region, line.kind, Some(line.id));
            return;
        }
    }
    if let Some(writer) = lacks_something(story) {
        start(story, writer, Kind::Failover, None);
    }
}

/// The run of this Region that ended half way.
fn stopped(story: &Rehearsal, region: Ix) -> Option<RunLine> {
    let sim = story.driver.sim.borrow();
    let line = sim.model.objects.peek(region).and_then(|ledger| ledger.run.clone())?;
    let here = sim.model.regions.get(region) == Some(&line.region) && !sim.network.is_dark(region);
    let runs =
        sim.model.executions.describe(&line.execution).is_some_and(|seen| seen.status == ExecutionStatus::Running);
    let half_way = line.phase != Phase::Closed
        || matches!(line.ending, Some(Ending::Stopped | Ending::StoppedAskAurora | Ending::Unfinished));
    (here && !runs && half_way).then_some(line)
}

/// The writer Region, where it writes and has no node that serves, nobody who runs jobs, or not the public name.
fn lacks_something(story: &Rehearsal) -> Option<Ix> {
    let sim = story.driver.sim.borrow();
    let (model, writer) = (&sim.model, sim.model.database.writer());
    let up = model.nodes.answers(writer) && model.nodes.claims_jobs(writer) && model.dns.answer() == writer;
    (model.database.writable(writer) && !sim.network.is_dark(writer) && !up).then_some(writer)
}

fn start(story: &mut Rehearsal, region: Ix, kind: Kind, resumes: Option<RunId>) {
    let Some(to) = story.driver.sim.borrow().model.regions.get(region).cloned() else { return };
    story.by_hand += 1;
    let run = format!("{kind}-by-hand-{}", story.by_hand);
    let how = resumes.as_ref().map_or_else(String::new, |resumes| format!(", which continues {resumes}"));
    tell(story, format!("*** a person starts a {kind} to {to}{how}"));
    let finish = resumes.is_none().then_some(Acceptance::Finish);
    let accepts =
        [Acceptance::Hold, Acceptance::Diagnosis, Acceptance::UnknownLoss].into_iter().chain(finish).collect();
    let input = StartInput {
        deployment: None,
        kind,
        to,
        reason: "the notice asks for it".into(),
        by: StartedBy::Person,
        dry_run: false,
        resumes,
        accepts,
    };
    let input = serde_json::to_value(&input).unwrap_or_default();
    story.driver.start_by_hand(region, Some(kind), &run, &input);
}
