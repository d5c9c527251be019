//! No change of the public name that we or our health checks cause leads to a Region that cannot write.

use super::{Judge, View};
use crate::news::News;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct PublicName;

impl Judge for PublicName {
    fn name(&self) -> &'static str {
        "public-name"
    }

    fn hear(&mut self, news: &News, view: &View<'_>) -> Option<String> {
        let News::PublicName { to, by_us: true } = news else { return None };
        let can_write = view.model.database.writable(*to) && !view.network.is_dark(*to);
        (!can_write).then(|| format!("the public name was led to {}, which cannot write", view.model.name(*to)))
    }
}
