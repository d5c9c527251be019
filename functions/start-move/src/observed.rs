//! What start-move looks at: the event, and the time.

use mmdr_core::Time;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The event as it came, and now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// Now.
    pub now: Time,
    /// The event, not yet read.
    #[serde(default)]
    pub event: Value,
}
