//! What a reader is told about a document that does not fit.

use std::fmt;

/// One mistake: where it is, what was expected there, and what was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// Path of the field, as in `regions[1].cluster_arn`.
    pub path: String,
    /// What was expected.
    pub expected: String,
    /// What was found. A value that may be a secret is described, never repeated.
    pub found: String,
}

impl Mistake {
    pub(crate) fn new(path: impl Into<String>, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { path: path.into(), expected: expected.into(), found: found.into() }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.path, self.expected, self.found)
    }
}

/// Every mistake of one document, in the order of their paths; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl Mistakes {
    /// `Ok` where nothing was found. The order is that of the paths, so that a report never depends on how a parser
    /// happens to order a table.
    pub(crate) fn none_in(mut found: Vec<Mistake>) -> Result<(), Self> {
        if found.is_empty() {
            return Ok(());
        }
        found.sort();
        Err(Self(found))
    }

    pub(crate) fn only(mistake: Mistake) -> Self {
        Self(vec![mistake])
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{mistake}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}
