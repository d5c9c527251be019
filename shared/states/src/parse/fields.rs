//! Reading an object field by field, remembering which fields were asked for: the others are findings.

use crate::findings::{Findings, describe, join};
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// AWS's upper bound for seconds in a definition.
pub(crate) const MOST_SECONDS: u64 = 99_999_999;

/// One object of a definition while it is read.
pub(crate) struct Fields<'a> {
    path: String,
    map: &'a Map<String, Value>,
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// Begins to read `value`, which must be an object.
    pub(crate) fn open(value: &'a Value, path: &str, findings: &mut Findings) -> Option<Self> {
        match value.as_object() {
            Some(map) => Some(Self { path: path.to_owned(), map, known: Vec::new() }),
            None => {
                findings.add(path, "an object", describe(Some(value)));
                None
            }
        }
    }

    /// Every other field is a finding.
    pub(crate) fn close(self, findings: &mut Findings) {
        for key in self.map.keys().filter(|key| !self.known.contains(&key.as_str())) {
            let expected = format!("one of {}", self.known.join(", "));
            findings.add(join(&self.path, key), expected, format!("the field \"{key}\""));
        }
    }

    /// Where the field `name` stands.
    pub(crate) fn at(&self, name: &str) -> String {
        join(&self.path, name)
    }

    /// Where the object stands.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The value of a field, if it is there.
    pub(crate) fn take(&mut self, name: &'static str) -> Option<&'a Value> {
        if !self.known.contains(&name) {
            self.known.push(name);
        }
        self.map.get(name)
    }

    /// The value of a field that must be there.
    pub(crate) fn need(&mut self, name: &'static str, expected: &str, findings: &mut Findings) -> Option<&'a Value> {
        let value = self.take(name);
        if value.is_none() {
            findings.add(self.at(name), expected, "nothing");
        }
        value
    }

    /// A field that, if it is there, must be a text.
    pub(crate) fn text(&mut self, name: &'static str, findings: &mut Findings) -> Option<&'a str> {
        let value = self.take(name)?;
        if !value.is_string() {
            findings.add(self.at(name), "a text", describe(Some(value)));
        }
        value.as_str()
    }

    /// A field that must be there and be a text that is not empty.
    pub(crate) fn need_text(&mut self, name: &'static str, findings: &mut Findings) -> Option<&'a str> {
        let value = self.need(name, "a text", findings)?;
        let text = value.as_str().filter(|text| !text.is_empty());
        if text.is_none() {
            findings.add(self.at(name), "a text that is not empty", describe(Some(value)));
        }
        text
    }

    /// A field that, if it is there, must be a whole number within bounds.
    pub(crate) fn whole(
        &mut self,
        name: &'static str,
        bounds: RangeInclusive<u64>,
        findings: &mut Findings,
    ) -> Option<u32> {
        let value = self.take(name)?;
        let number =
            value.as_u64().filter(|number| bounds.contains(number)).and_then(|number| u32::try_from(number).ok());
        if number.is_none() {
            let expected = format!("a whole number from {} to {}", bounds.start(), bounds.end());
            findings.add(self.at(name), expected, describe(Some(value)));
        }
        number
    }

    /// A field that, if it is there, must be a list that is not empty; its elements with their paths.
    pub(crate) fn list(&mut self, name: &'static str, findings: &mut Findings) -> Vec<(String, &'a Value)> {
        let Some(value) = self.take(name) else { return Vec::new() };
        let path = self.at(name);
        match value.as_array() {
            Some(list) if !list.is_empty() => {
                list.iter().enumerate().map(|(index, element)| (format!("{path}[{index}]"), element)).collect()
            }
            _ => {
                findings.add(path, "a list that is not empty", describe(Some(value)));
                Vec::new()
            }
        }
    }
}
