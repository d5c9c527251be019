//! An older epoch never writes.

use mmdr_core::Epoch;

use super::{Judge, View};
use crate::news::News;

/// The gap between a permit and the arrival of its call: a few hundred milliseconds, stated and not hidden.
const PERMIT_GAP_MS: i64 = 5_000;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct NewestEpoch {
    claimed: [(Epoch, i64); 2],
}

impl Judge for NewestEpoch {
    fn name(&self) -> &'static str {
        "newest-epoch"
    }

    fn hear(&mut self, news: &News, view: &View<'_>) -> Option<String> {
        match news {
            News::LedgerWritten { region, claimed_before, epoch } => {
                let claimed = view.model.objects.peek(*region)?.claimed;
                let known = self.claimed.get_mut(*region)?;
                if claimed > known.0 {
                    *known = (claimed, view.now);
                }
                let name = view.model.name(*region);
                (claimed < *claimed_before)
                    .then(|| format!("the ledger of {name} fell from epoch {claimed_before} to {epoch}"))
            }
            News::Called { method, changes: true, from, run: Some((run, false)), epoch, .. } => {
                let (claimed, since) = *self.claimed.get(*from)?;
                let late = *epoch < claimed && *epoch > Epoch(0) && view.now - since > PERMIT_GAP_MS;
                late.then(|| {
                    format!("{run} called {method} under epoch {epoch}, long after epoch {claimed} was claimed")
                })
            }
            _ => None,
        }
    }
}
