//! What is wrong with a definition: all of it, in one pass.

use serde_json::Value;
use std::fmt;

/// One thing that a definition should not say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Where, such as `States.flip-dns.Retry[0].IntervalSeconds`; empty for the document as a whole.
    pub path: String,
    /// What was expected there.
    pub expected: String,
    /// What was found there.
    pub found: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.path.is_empty() { "the definition" } else { &self.path };
        write!(out, "{place}: expected {}, found {}", self.expected, self.found)
    }
}

/// Everything that is wrong with one definition, in the order of the paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionErrors {
    /// The name under which the definition was parsed.
    pub machine: String,
    /// The findings; never empty.
    pub findings: Vec<Finding>,
}

impl fmt::Display for DefinitionErrors {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the definition of `{}` is refused:", self.machine)?;
        self.findings.iter().try_for_each(|finding| write!(out, "\n  {finding}"))
    }
}

impl std::error::Error for DefinitionErrors {}

/// Collects findings while a definition is read.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Finding>);

impl Findings {
    pub(crate) fn add(&mut self, path: impl Into<String>, expected: impl Into<String>, found: impl Into<String>) {
        self.0.push(Finding { path: path.into(), expected: expected.into(), found: found.into() });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The findings as an error, or nothing when there are none.
    pub(crate) fn into_errors(mut self, machine: &str) -> Option<DefinitionErrors> {
        self.0.sort();
        (!self.0.is_empty()).then(|| DefinitionErrors { machine: machine.to_owned(), findings: self.0 })
    }
}

/// `path.name`, or `name` at the top.
pub(crate) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// A JSON value in words short enough for a finding.
pub(crate) fn describe(value: Option<&Value>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(Value::Object(_)) => "an object".to_owned(),
        Some(Value::Array(list)) => format!("a list of {}", list.len()),
        Some(simple) => simple.to_string(),
    }
}
