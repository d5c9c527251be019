//! What a person does who reads the notices: each stopped run says how it is resumed, and a writer Region in which
//! nobody serves has its traffic moved on.

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
        if let Some(line) = stopped(story, region) {
            start(story, region, line.kind, Some(line.id));
            return;
        }
    }
    if let Some(target) = nobody_serves(story) {
        start(story, target, Kind::Switchover, None);
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

/// The Region to which a planned move is the way on: the writer's has no node that serves.
fn nobody_serves(story: &Rehearsal) -> Option<Ix> {
    let sim = story.driver.sim.borrow();
    let writer = sim.model.database.writer();
    let idle = !sim.model.nodes.answers(writer) && sim.model.database.writable(writer);
    idle.then_some(1 - writer)
}

fn start(story: &mut Rehearsal, region: Ix, kind: Kind, resumes: Option<RunId>) {
    let Some(to) = story.driver.sim.borrow().model.regions.get(region).cloned() else { return };
    story.by_hand += 1;
    let run = format!("{kind}-by-hand-{}", story.by_hand);
    let how = resumes.as_ref().map_or_else(String::new, |resumes| format!(", which continues {resumes}"));
    tell(story, format!("*** a person starts a {kind} to {to}{how}"));
    let input = StartInput {
        deployment: None,
        kind,
        to,
        reason: "the notice asks for it".into(),
        by: StartedBy::Person,
        dry_run: false,
        resumes,
        accepts: vec![Acceptance::Hold, Acceptance::Diagnosis, Acceptance::UnknownLoss],
    };
    let input = serde_json::to_value(&input).unwrap_or_default();
    story.driver.start_by_hand(region, Some(kind), &run, &input);
}
