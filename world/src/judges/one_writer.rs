//! Two volumes take writes at once only where invariant 6 allows it, and then people are told.

use super::{Judge, View};
use crate::news::News;

/// Words that a report must hold when two writers were possible.
const ANNOUNCED: &str = "two writers possible";
/// Words of the notice where no run moved the writer, so that no report can say it: a person did, by hand.
const TOLD: &str = "two writers are possible";

/// What such a notice speaks of.
const BY_HAND: [&str; 2] = ["stands alone", "by hand"];

/// See the module.
#[derive(Debug, Default)]
pub(super) struct OneWriter {
    both_since: Option<i64>,
    must_be_announced: bool,
    told: bool,
}

impl Judge for OneWriter {
    fn name(&self) -> &'static str {
        "one-writer"
    }

    fn hear(&mut self, news: &News, view: &View<'_>) -> Option<String> {
        if let News::Notified { text, .. } = news {
            self.told |= text.contains(TOLD) && BY_HAND.iter().any(|words| text.contains(words));
        }
        let News::Writable { .. } = news else { return None };
        let database = &view.model.database;
        let both = database.volumes.iter().all(|volume| volume.writable);
        if !both {
            self.both_since = None;
            return None;
        }
        self.both_since = Some(view.now);
        self.must_be_announced = true;
        // Aurora's fencing is best effort: it can time out, say nothing, or (after a detach) not exist.
        let promoted_without_the_other = database.orphaned.is_some();
        (!promoted_without_the_other).then(|| "both volumes take writes, and no Region was lost".to_owned())
    }

    fn end(&mut self, view: &View<'_>) -> Option<String> {
        if !self.must_be_announced || self.told {
            return None;
        }
        let told = view.model.objects.reports().any(|report| report.to_string().contains(ANNOUNCED));
        (!told).then(|| format!("two writers were possible, and no report says {ANNOUNCED:?}"))
    }
}
