//! Every call that this door saw.

use serde::Serialize;

/// One call.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Call {
    /// Virtual time of its arrival.
    pub(crate) at_ms: i64,
    /// The Region that was asked.
    pub(crate) region: String,
    /// The Region that asked, where somebody said so.
    pub(crate) from: Option<String>,
    pub(crate) service: &'static str,
    pub(crate) operation: String,
    /// Whether it changes something.
    pub(crate) mutates: bool,
    /// HTTP status of its answer; none while it has none, or for ever.
    pub(crate) status: Option<u16>,
    /// Who asked, as its client calls itself.
    pub(crate) agent: Option<String>,
}

/// Every call, in order.
#[derive(Debug, Default)]
pub(crate) struct CallLog(pub(crate) Vec<Call>);

impl CallLog {
    /// Notes a call; gives its number.
    pub(crate) fn note(&mut self, call: Call) -> usize {
        self.0.push(call);
        self.0.len() - 1
    }

    /// Notes that a call was answered.
    pub(crate) fn answered(&mut self, number: usize, status: u16) {
        if let Some(call) = self.0.get_mut(number) {
            call.status = Some(status);
        }
    }
}
