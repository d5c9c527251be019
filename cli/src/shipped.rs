//! The scenarios and the document that are built in, so that a rehearsal needs no files.

/// Name and text of each shipped scenario, in the order of `--list`.
pub(crate) const SCENARIOS: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/scenarios.rs"));

/// The scenario that runs when none is named.
pub(crate) const DEFAULT: &str = "region-dark";

/// The text of a shipped scenario.
pub(crate) fn scenario(name: &str) -> Option<&'static str> {
    SCENARIOS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
