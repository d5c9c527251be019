//! Every acknowledged message is at the writer, or a row of the volume that the lost-message account names, or
//! announced as lost.

use super::{Judge, View};
use crate::news::News;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct AccountedMessages {
    acknowledged: Vec<u32>,
    announced_gone: bool,
}

impl Judge for AccountedMessages {
    fn name(&self) -> &'static str {
        "accounted-messages"
    }

    fn hear(&mut self, news: &News, _: &View<'_>) -> Option<String> {
        match news {
            News::MessageAccepted { row, .. } => self.acknowledged.push(*row),
            News::LostWritesKept { kept_in: None } => self.announced_gone = true,
            _ => {}
        }
        None
    }

    fn end(&mut self, view: &View<'_>) -> Option<String> {
        let database = &view.model.database;
        let writer = database.writer();
        let kept: Vec<_> = database.kept().filter(|kept| self.is_named(kept.name, view)).collect();
        let lost = self.acknowledged.iter().filter(|row| {
            let beside = kept.iter().any(|kept| kept.rows.binary_search(row).is_ok());
            // Until the lost Region has been replaced its volume still holds what was written there.
            let on_the_old_volume = database.orphaned.is_some_and(|old| database.holds(old, **row));
            !database.holds(writer, **row) && !beside && !on_the_old_volume
        });
        let count = lost.count();
        let excused =
            self.announced_gone && view.model.objects.reports().any(|report| report.to_string().contains("lost"));
        (count > 0 && !excused).then(|| format!("{count} acknowledged messages are nowhere, and nobody was told"))
    }
}

impl AccountedMessages {
    /// Whether a report names the place: a manual copy must be named, a system snapshot is not yet kept for good.
    fn is_named(&self, name: &str, view: &View<'_>) -> bool {
        name.starts_with("rds:") || view.model.objects.reports().any(|report| report.to_string().contains(name))
    }
}
