//! The definitions as they lie in the repository.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use mmdr_states::Machine;
use serde_json::{Map, Value};

/// Every machine, by the name of its file.
pub(crate) const MACHINES: [&str; 7] =
    ["failover", "switchover", "reprotect", "protect", "check-readiness", "verify-backups", "answer-approval"];

/// One definition, as text, as JSON, and compiled.
pub(crate) struct File {
    pub(crate) name: &'static str,
    pub(crate) json: Value,
    pub(crate) machine: Arc<Machine>,
}

/// The folder of the definitions.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../statemachines")
}

/// One definition by its name.
pub(crate) fn file(name: &'static str) -> File {
    let path = folder().join(format!("{name}.asl.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let json = serde_json::from_str(&text).unwrap();
    let machine = Machine::parse(name, &text).unwrap_or_else(|errors| panic!("{errors}"));
    File { name, json, machine }
}

/// Every definition.
pub(crate) fn files() -> Vec<File> {
    MACHINES.into_iter().map(file).collect()
}

/// A state as the file has it.
pub(crate) struct StateText {
    pub(crate) name: String,
    pub(crate) fields: Value,
}

impl StateText {
    pub(crate) fn text(&self, field: &str) -> &str {
        self.fields.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn is(&self, kind: &str) -> bool {
        self.text("Type") == kind
    }
}

impl File {
    /// Every state, those in branches included.
    pub(crate) fn states(&self) -> Vec<StateText> {
        let mut states = Vec::new();
        collect(&self.json, &mut states);
        states
    }

    /// A state by its name.
    pub(crate) fn state(&self, name: &str) -> StateText {
        let found = self.states().into_iter().find(|state| state.name == name);
        found.unwrap_or_else(|| panic!("{}: no state {name:?}", self.name))
    }

    /// Every Task.
    pub(crate) fn tasks(&self) -> Vec<StateText> {
        self.states().into_iter().filter(|state| state.is("Task")).collect()
    }
}

fn collect(scope: &Value, states: &mut Vec<StateText>) {
    let none = Map::new();
    for (name, fields) in scope.get("States").and_then(Value::as_object).unwrap_or(&none) {
        states.push(StateText { name: name.clone(), fields: fields.clone() });
        for branch in fields.get("Branches").and_then(Value::as_array).into_iter().flatten() {
            collect(branch, states);
        }
    }
}
