//! What this step looks at: the witnesses, and what the looks before this one said.

use mmdr_core::records::{self, Diagnosis};
use mmdr_core::{Run, Time};
use mmdr_diagnosis::Witnesses;
use serde::{Deserialize, Serialize};

use crate::Part;

/// Name of the [`Standing`] record; one per part.
pub const STANDING: &str = "diagnosis-standing";

/// What the looks of one part said so far. Kept as a record, so that a lost answer costs nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// When this part began to look; a diagnosis made before does not count.
    pub started_at: Time,
    /// Code of the latest look.
    pub code: String,
    /// Since when the looks say so.
    pub since: Time,
    /// How often the code has changed since the part began.
    pub changes: u32,
}

/// Everything that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// Now.
    pub now: Time,
    /// Whether this is the part's first look: what earlier looks noted then belongs to another round.
    pub first_look: bool,
    /// The witnesses.
    pub witnesses: Witnesses,
    /// What the looks before this one said.
    #[serde(default)]
    pub standing: Option<Standing>,
    /// The latest diagnosis on record.
    #[serde(default)]
    pub recorded: Option<Diagnosis>,
}

/// Key of the [`Standing`] record of `part`.
pub(crate) fn standing_key(run: &Run, part: Part) -> String {
    records::key(run, &format!("{STANDING}-{part}"))
}
