//! Reads the fields of a JSON object and collects one sentence per mistake: field, expectation, finding.

use std::fmt::Display;

use serde_json::{Map, Value};

/// Longest part of a value that a sentence repeats, in characters.
const SHOWN_CHARACTERS: usize = 60;

/// An object under inspection.
pub(crate) struct Fields<'a> {
    given: &'a Map<String, Value>,
    mistakes: Vec<String>,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(given: &'a Map<String, Value>) -> Self {
        Self { given, mistakes: Vec::new() }
    }

    /// Notes that `field` does not fit.
    pub(crate) fn mistake(&mut self, field: &str, expected: impl Display, found: impl Display) {
        let field: String = field.chars().take(SHOWN_CHARACTERS).collect();
        self.mistakes.push(format!("{field}: expected {expected}, found {found}"));
    }

    /// Notes where `field` is missing.
    pub(crate) fn required(&mut self, field: &str, expected: &str) {
        if self.value(field).is_none() {
            self.mistake(field, expected, "nothing");
        }
    }

    /// The names of all fields that are none of `known`.
    pub(crate) fn others(&self, known: &[&str]) -> Vec<String> {
        self.given.keys().filter(|name| !known.contains(&name.as_str())).cloned().collect()
    }

    pub(crate) fn text(&mut self, field: &str) -> Option<&'a str> {
        match self.value(field)? {
            Value::String(text) => Some(text),
            other => {
                self.mistake(field, "text", shown(other));
                None
            }
        }
    }

    pub(crate) fn flag(&mut self, field: &str) -> Option<bool> {
        match self.value(field)? {
            Value::Bool(flag) => Some(*flag),
            other => {
                self.mistake(field, "true or false, without quotes", shown(other));
                None
            }
        }
    }

    /// One of the names of `all`.
    pub(crate) fn name<T: Display + Copy>(&mut self, field: &str, all: &[T]) -> Option<T> {
        let text = self.text(field)?;
        self.one_of(field, text, all)
    }

    /// A list of names of `all`, each once.
    pub(crate) fn names<T: Display + Copy + Ord>(&mut self, field: &str, all: &[T]) -> Vec<T> {
        let list = match self.value(field) {
            None => return Vec::new(),
            Some(Value::Array(list)) => list,
            Some(other) => {
                self.mistake(field, format!("a list of {}", joined(all)), shown(other));
                return Vec::new();
            }
        };
        let mut names: Vec<T> = Vec::new();
        for element in list {
            match element {
                Value::String(text) => names.extend(self.one_of(field, text, all)),
                other => self.mistake(field, format!("a list of {}", joined(all)), shown(other)),
            }
        }
        names.sort();
        names.dedup();
        names
    }

    /// Nothing, or every mistake.
    pub(crate) fn finish(self) -> Result<(), Vec<String>> {
        if self.mistakes.is_empty() { Ok(()) } else { Err(self.mistakes) }
    }

    fn value(&self, field: &str) -> Option<&'a Value> {
        self.given.get(field)
    }

    fn one_of<T: Display + Copy>(&mut self, field: &str, text: &str, all: &[T]) -> Option<T> {
        if let Some(name) = all.iter().copied().find(|name| name.to_string() == text) {
            return Some(name);
        }
        match all.iter().find(|name| name.to_string() == text.to_lowercase().replace('_', "-")) {
            Some(name) => self.mistake(field, format!("it written {name}"), shown(&Value::from(text))),
            None => self.mistake(field, format!("one of {}", joined(all)), shown(&Value::from(text))),
        }
        None
    }
}

/// A value as a sentence may repeat it: its beginning only.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => {
            let beginning: String = text.chars().take(SHOWN_CHARACTERS).collect();
            if beginning.len() < text.len() { format!("{beginning:?} and more") } else { format!("{beginning:?}") }
        }
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "an object".into(),
    }
}

fn joined<T: Display>(all: &[T]) -> String {
    let names: Vec<String> = all.iter().map(ToString::to_string).collect();
    names.join(", ")
}
