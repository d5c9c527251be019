//! Nothing is deleted before it is proven redundant.

use super::{Judge, View};
use crate::news::News;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct NothingDestroyed;

impl Judge for NothingDestroyed {
    fn name(&self) -> &'static str {
        "nothing-destroyed"
    }

    fn hear(&mut self, news: &News, view: &View<'_>) -> Option<String> {
        let News::IndexDeleted { region, index, unproven, .. } = news else { return None };
        let name = view.model.name(*region);
        (*unproven > 0)
            .then(|| format!("{index} in {name} was deleted with {unproven} operations that exist nowhere else"))
    }
}
