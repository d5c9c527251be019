//! In the end: healthy, called off, or stopped safely with a named reason; and the ledgers know who writes.

use mmdr_core::{Ending, Phase, highest_settled};

use super::{Judge, View};
use crate::model::database::Way;
use crate::news::News;

/// The ledgers have so long after a move, or after the Regions see each other again, to say who writes: `reconcile` looks
/// once a minute in each Region, settles at the second look that agrees, and has other duties in between.
const SETTLES_MS: i64 = 300_000;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct EndsWell {
    /// When the Regions were out of each other's sight last.
    apart_ms: Option<i64>,
    /// When a run asked for a detach.
    detached_ms: Vec<i64>,
}

impl Judge for EndsWell {
    fn name(&self) -> &'static str {
        "ends-well"
    }

    fn hear(&mut self, news: &News, view: &View<'_>) -> Option<String> {
        if !view.network.reaches(0, 1) {
            self.apart_ms = Some(view.now);
        }
        if let News::Called { method: "database.detach", run: Some((_, false)), .. } = news {
            self.detached_ms.push(view.now);
        }
        None
    }

    fn end(&mut self, view: &View<'_>) -> Option<String> {
        run_ends_badly(view).or_else(|| self.ledgers_are_wrong(view))
    }
}

fn run_ends_badly(view: &View<'_>) -> Option<String> {
    let lit = (0..2).filter(|ix| !view.network.is_dark(*ix));
    for ix in lit {
        let Some(line) = view.model.objects.peek(ix).and_then(|ledger| ledger.run.as_ref()) else { continue };
        let here = view.model.regions.get(ix) == Some(&line.region);
        if here && line.phase != Phase::Closed {
            return Some(format!("{} is still {} in {}", line.id, line.phase, view.model.name(ix)));
        }
        if here && line.phase == Phase::Closed && line.ending.is_none() {
            return Some(format!("{} is closed without an ending", line.id));
        }
        let done = matches!(line.ending, Some(Ending::Healthy | Ending::Findings));
        if here && done && line.kind.is_move() && !serves(ix, view) {
            return Some(format!("{} ended {:?}, and nobody serves in {}", line.id, line.ending, view.model.name(ix)));
        }
    }
    None
}

/// Whether the Region writes, has a node that serves, and gets the traffic; or has stopped being the writer since.
fn serves(ix: usize, view: &View<'_>) -> bool {
    let model = view.model;
    if model.database.writer() != ix {
        return true;
    }
    model.database.writable(ix) && model.nodes.answers(ix)
}

impl EndsWell {
    /// The highest settlement names another Region than the one that writes, and the ledgers had the time to know.
    fn ledgers_are_wrong(&self, view: &View<'_>) -> Option<String> {
        let (model, database) = (view.model, &view.model.database);
        let recent = |at_ms: Option<i64>| at_ms.is_some_and(|at_ms| view.now - at_ms < SETTLES_MS);
        let last = database.promotions.last();
        // Nobody guesses which of two clusters is meant where a person cut one loose; people are told, and have to say.
        let cut_loose = last.is_some_and(|it| it.way == Way::Detach && !self.detached_ms.contains(&it.asked_ms));
        // RDS is not at rest: nothing can be read off it.
        let moving = database.operation.is_some() || database.clusters.iter().any(|cluster| cluster.down);
        let ledgers = || (0..2).filter_map(|ix| model.objects.peek(ix));
        let runs = ledgers().any(|ledger| ledger.open_run().is_some());
        if recent(self.apart_ms) || recent(last.map(|it| it.at_ms)) || cut_loose || moving || runs {
            return None;
        }
        let settled = highest_settled(ledgers())?;
        let writer = model.name(database.writer());
        (settled.writer.as_str() != writer).then(|| {
            format!("the ledgers say that {} writes (epoch {}), and {writer} does", settled.writer, settled.epoch)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::setup::Setup;
    use crate::model::stage::Stage;

    /// What the judge says so many seconds after the beginning of a world in which no function runs: nobody settles.
    fn found(stage: &mut Stage, at_s: i64) -> Option<String> {
        let sim = &stage.at(at_s).sim;
        EndsWell::default().end(&View {
            now: sim.now,
            model: &sim.model,
            network: &sim.network,
            deployment: &sim.deployment,
        })
    }

    #[test]
    fn ledgers_have_five_minutes_to_know_of_a_move_and_no_more() {
        let mut stage = Stage::new(Setup { switchover_s: 60, ..Setup::default() });
        let arn = stage.sim.model.database.clusters[1].arn.clone();
        stage.at(100).act(|model, ctx| model.database.switch_over(0, &arn, ctx)).unwrap();
        assert_eq!(found(&mut stage, 459), None);
        let sentence = "the ledgers say that us-west-1 writes (epoch 1), and us-east-1 does";
        assert_eq!(found(&mut stage, 460).as_deref(), Some(sentence));
    }

    #[test]
    fn nobody_has_to_guess_which_cluster_is_meant_where_a_person_cut_one_loose() {
        let mut stage = Stage::new(Setup::default());
        stage.at(100).act(|model, ctx| model.database.detach(1, ctx)).unwrap();
        assert_eq!(found(&mut stage, 1_000), None);
    }
}
