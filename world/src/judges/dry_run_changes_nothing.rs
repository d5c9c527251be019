//! A dry run changes nothing, and writes only under `dry-run/`.

use super::{Judge, View};
use crate::news::News;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct DryRunChangesNothing;

impl Judge for DryRunChangesNothing {
    fn name(&self) -> &'static str {
        "dry-run-changes-nothing"
    }

    fn hear(&mut self, news: &News, _: &View<'_>) -> Option<String> {
        let News::Called { method, changes, step, run: Some((run, true)), .. } = news else { return None };
        let wrong = *changes || *method == "ledgers.write_ledger";
        wrong.then(|| format!("the dry run {run} called {method} in {step}"))
    }
}
