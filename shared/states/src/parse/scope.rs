//! A machine, or a branch of one: its states, where it starts, and whether they hang together.

use super::fields::{Fields, MOST_SECONDS};
use crate::findings::{DefinitionErrors, Findings, describe};
use crate::state::{State, StateIndex};
use crate::strict_json;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// AWS's limit on a definition: 1 MB.
const MOST_BYTES: usize = 1_048_576;
/// AWS's limit on a state's name.
const MOST_NAME_LETTERS: usize = 80;

/// A definition that was read without a finding.
#[derive(Debug)]
pub(crate) struct Definition {
    pub(crate) comment: Option<Arc<str>>,
    pub(crate) timeout_s: Option<u32>,
    pub(crate) start: StateIndex,
    pub(crate) states: Vec<State>,
}

/// Reads a definition.
pub(crate) fn definition(machine: &str, text: &str) -> Result<Definition, DefinitionErrors> {
    let mut reader = Reader::default();
    let head = reader.document(text);
    if head.is_none() && reader.findings.is_empty() {
        // Whatever cannot be read leaves a finding; this only guards against a reader that forgets to.
        reader.findings.add("", "a state machine that can be read", "one that cannot");
    }
    match (reader.findings.into_errors(machine), head) {
        (None, Some(Head { comment, timeout_s, start })) => {
            Ok(Definition { comment, timeout_s, start, states: reader.states.into_iter().flatten().collect() })
        }
        (errors, _) => Err(errors.unwrap_or(DefinitionErrors { machine: machine.to_owned(), findings: Vec::new() })),
    }
}

/// The top level of a definition, its states aside.
struct Head {
    comment: Option<Arc<str>>,
    timeout_s: Option<u32>,
    start: StateIndex,
}

/// What is gathered while a definition is read.
#[derive(Default)]
pub(crate) struct Reader {
    pub(crate) findings: Findings,
    /// `None` is a state that could not be read, or not yet.
    states: Vec<Option<State>>,
    /// Every name so far, in all branches, with its place.
    places: BTreeMap<Arc<str>, String>,
}

/// The states of one scope: where `Next` may lead.
pub(crate) struct Names(BTreeMap<Arc<str>, StateIndex>);

impl Names {
    /// Reads a field that must name a state of the scope.
    pub(crate) fn need(
        &self,
        fields: &mut Fields<'_>,
        field: &'static str,
        findings: &mut Findings,
    ) -> Option<StateIndex> {
        let name = fields.need_text(field, findings)?;
        let index = self.0.get(name).copied();
        if index.is_none() {
            let known: Vec<&str> = self.0.keys().map(|name| &**name).collect();
            let expected = format!("a state of the same scope ({})", known.join(", "));
            findings.add(fields.at(field), expected, format!("\"{name}\""));
        }
        index
    }
}

impl Reader {
    fn document(&mut self, text: &str) -> Option<Head> {
        if text.len() > MOST_BYTES {
            self.findings.add("", format!("at most {MOST_BYTES} bytes"), text.len().to_string());
        }
        let value = strict_json::read(text)
            .map_err(|error| self.findings.add("", "JSON without repeated keys", error.to_string()))
            .ok()?;
        let mut fields = Fields::open(&value, "", &mut self.findings)?;
        let comment = fields.text("Comment", &mut self.findings).map(Arc::from);
        self.constant(&mut fields, "Version", "1.0");
        self.constant(&mut fields, "QueryLanguage", "JSONPath");
        let timeout_s = fields.whole("TimeoutSeconds", 1..=MOST_SECONDS, &mut self.findings);
        let start = self.scope(&mut fields);
        fields.close(&mut self.findings);
        Some(Head { comment, timeout_s, start: start? })
    }

    /// A field that has only one value in the subset.
    fn constant(&mut self, fields: &mut Fields<'_>, field: &'static str, only: &str) {
        if let Some(other) = fields.take(field).filter(|value| *value != only) {
            self.findings.add(fields.at(field), format!("\"{only}\""), describe(Some(other)));
        }
    }

    /// Reads `StartAt` and `States` of a machine or branch, and gives where it starts.
    pub(crate) fn scope(&mut self, fields: &mut Fields<'_>) -> Option<StateIndex> {
        let place = fields.at("States");
        let states = fields.need("States", "an object of states", &mut self.findings);
        let map = states.and_then(Value::as_object).filter(|map| !map.is_empty());
        let Some(map) = map else {
            if states.is_some() {
                self.findings.add(place, "an object of states that is not empty", describe(states));
            }
            fields.need_text("StartAt", &mut self.findings);
            return None;
        };
        let names = Names(map.keys().map(|name| self.reserve(name, &place)).collect());
        let start = names.need(fields, "StartAt", &mut self.findings);
        for (name, index) in &names.0 {
            if let Some(value) = map.get(&**name) {
                let state = self.state(name, value, &format!("{place}.{name}"), &names);
                if let Some(slot) = self.states.get_mut(*index) {
                    *slot = state;
                }
            }
        }
        if start.is_some() {
            self.find_unreachable(fields, map, &place);
        }
        start
    }

    /// Gives a state its index, and checks its name.
    fn reserve(&mut self, name: &str, place: &str) -> (Arc<str>, StateIndex) {
        let (shared, place): (Arc<str>, _) = (Arc::from(name), format!("{place}.{name}"));
        if name.is_empty() || name.chars().count() > MOST_NAME_LETTERS {
            let expected = format!("a name of 1 to {MOST_NAME_LETTERS} letters");
            self.findings.add(&place, expected, format!("{} letters", name.chars().count()));
        }
        if let Some(other) = self.places.insert(Arc::clone(&shared), place.clone()) {
            self.findings.add(place, "a name that no other branch uses", format!("the name of {other} as well"));
        }
        self.states.push(None);
        (shared, self.states.len() - 1)
    }

    /// Finds states to which no way leads. It follows the text, not the compiled states, so that one unreadable state
    /// does not make those behind it look unreachable.
    fn find_unreachable(&mut self, fields: &mut Fields<'_>, map: &Map<String, Value>, place: &str) {
        let mut reached = BTreeSet::new();
        let mut ahead: Vec<&str> = fields.take("StartAt").and_then(Value::as_str).into_iter().collect();
        while let Some(name) = ahead.pop() {
            if let Some(state) = map.get(name).filter(|_| reached.insert(name)) {
                ahead.extend(targets(state));
            }
        }
        for name in map.keys().filter(|name| !reached.contains(name.as_str())) {
            self.findings.add(format!("{place}.{name}"), "a way that leads here", "none");
        }
    }
}

/// Every state that a state names as one to go to.
fn targets(state: &Value) -> impl Iterator<Item = &str> {
    let entries = ["Choices", "Catch"].into_iter().filter_map(|list| state.get(list)?.as_array()).flatten();
    let own = ["Next", "Default"].into_iter().filter_map(|field| state.get(field));
    own.chain(entries.filter_map(|entry| entry.get("Next"))).filter_map(Value::as_str)
}
