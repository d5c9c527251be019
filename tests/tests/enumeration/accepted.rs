//! Ends that differ from the undisturbed story's and are right all the same, each with its reason.

use mmdr_world::scenario::FunctionFaultWord;

use crate::blows::Blow;
use crate::stories::Story;
use crate::tasks::Work;
use crate::trial::End;

/// Whether this end is right although the undisturbed story ends otherwise.
pub(crate) fn accepted(story: &Story, work: &Work, blow: Blow, found: &End, wanted: &End) -> bool {
    let ended = |ending: &str| found.runs.get(story.machine).is_some_and(|endings| *endings == [ending]);
    let same_place = (found.writer, found.public_name) == (wanted.writer, wanted.public_name);
    let hangs = blow.fault == FunctionFaultWord::Hangs;
    match work.to_string().as_str() {
        // Their time is bounded, and a function that hangs has used it up: the run goes on and names it.
        "roll-nodes: fence-lost"
        | "roll-nodes: fence-lost-beside"
        | "swap-search-leader: save"
        | "swap-search-leader: promote-hot" => hangs && same_place && ended("findings"),
        // The ledger says that the call is out, and two looks a minute apart prove that it is not. A planned move that
        // stands still for so long is called off, and people work on the old side again.
        "switch-database: switch-over" => {
            blow.fault == FunctionFaultWord::CrashBeforeChange
                && ended("called-off")
                && found.writer == 0
                && found.public_name == 0
        }
        // What would have called the move off later was there already when the gate looked: nothing was changed.
        "open-run" | "check-readiness: gate" | "verify-files: gate" => {
            story.name == "switchover_that_is_called_off" && hangs && same_place && ended("refused")
        }
        _ => false,
    }
}
