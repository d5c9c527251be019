//! No call outside the declared list, nor in a Region that the list does not allow.

use super::{Judge, View};
use crate::news::News;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct DeclaredCalls;

impl Judge for DeclaredCalls {
    fn name(&self) -> &'static str {
        "declared-calls"
    }

    fn hear(&mut self, news: &News, _: &View<'_>) -> Option<String> {
        let News::Undeclared { what } = news else { return None };
        Some(what.clone())
    }
}
