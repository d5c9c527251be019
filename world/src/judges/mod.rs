//! Judges: they watch every moment and fail the run by name.

use crate::model::Model;
use crate::network::Network;
use crate::news::News;

/// To be written.
#[derive(Debug, Default)]
pub struct Judges;

impl Judges {
    /// Every judge hears the news.
    pub fn hear(&mut self, _news: &News, _now: i64, _model: &Model, _network: &Network) {}
}
