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
    /// Codes of earlier looks that later ones did not agree with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<String>,
    /// How often the code came back to one that had been left.
    pub returns: u32,
}

impl Standing {
    /// The part's first look.
    pub(crate) fn begun(code: String, now: Time) -> Self {
        Self { started_at: now, code, since: now, left: Vec::new(), returns: 0 }
    }

    /// After a look that says `code`; `since` is kept where it says what the one before said.
    pub(crate) fn after(&self, code: &str, now: Time) -> Self {
        if code == self.code {
            return self.clone();
        }
        let mut left = self.left.clone();
        if !left.contains(&self.code) {
            left.push(self.code.clone());
        }
        let returns = self.returns + u32::from(self.left.iter().any(|it| it == code));
        Self { started_at: self.started_at, code: code.to_owned(), since: now, left, returns }
    }
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
