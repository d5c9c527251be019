//! In the end: healthy, called off, or stopped safely with a named reason.

use mmdr_core::{Ending, Phase};

use super::{Judge, View};
use crate::news::News;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct EndsWell;

impl Judge for EndsWell {
    fn name(&self) -> &'static str {
        "ends-well"
    }

    fn hear(&mut self, _: &News, _: &View<'_>) -> Option<String> {
        None
    }

    fn end(&mut self, view: &View<'_>) -> Option<String> {
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
                return Some(format!(
                    "{} ended {:?}, and nobody serves in {}",
                    line.id,
                    line.ending,
                    view.model.name(ix)
                ));
            }
        }
        None
    }
}

/// Whether the Region writes, has a node that serves, and gets the traffic; or has stopped being the writer since.
fn serves(ix: usize, view: &View<'_>) -> bool {
    let model = view.model;
    if model.database.writer() != ix {
        return true;
    }
    model.database.writable(ix) && model.nodes.answers(ix)
}
