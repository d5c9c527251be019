//! Payload templates: `Parameters` and `ResultSelector`, in which a key that ends in `.$` takes its value from a path.

use crate::context::Context;
use crate::findings::{Findings, describe, join};
use crate::path::{Path, Reach};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A compiled payload template. What holds no path is kept as it is.
#[derive(Debug, Clone)]
pub(crate) enum Template {
    Constant(Value),
    Path(Path),
    Object(Vec<(String, Template)>),
    List(Vec<Template>),
}

impl Template {
    /// Compiles a template whose top must be an object, as the language demands.
    pub(crate) fn object(value: &Value, path: &str, reach: Reach, findings: &mut Findings) -> Option<Self> {
        if !value.is_object() {
            findings.add(path, "an object", describe(Some(value)));
            return None;
        }
        Self::any(value, path, reach, findings)
    }

    /// Compiles the value of a key that does not end in `.$`.
    pub(crate) fn any(value: &Value, path: &str, reach: Reach, findings: &mut Findings) -> Option<Self> {
        match value {
            Value::Object(map) => Self::fields(map, path, reach, findings),
            Value::Array(list) => {
                let place = |index| format!("{path}[{index}]");
                let elements = list.iter().enumerate();
                let parts: Vec<_> =
                    elements.filter_map(|(index, part)| Self::any(part, &place(index), reach, findings)).collect();
                let constant = parts.iter().all(|part| matches!(part, Self::Constant(_)));
                Some(if constant { Self::Constant(value.clone()) } else { Self::List(parts) })
            }
            simple => Some(Self::Constant(simple.clone())),
        }
    }

    /// Compiles the value of a key that ends in `.$`.
    pub(crate) fn path(value: &Value, path: &str, reach: Reach, findings: &mut Findings) -> Option<Self> {
        let parsed = match value.as_str() {
            Some(text) => Path::parse(text, reach),
            None => Err("a reference path, because the key ends in .$".to_owned()),
        };
        parsed.map_err(|expected| findings.add(path, expected, describe(Some(value)))).ok().map(Self::Path)
    }

    fn fields(map: &Map<String, Value>, path: &str, reach: Reach, findings: &mut Findings) -> Option<Self> {
        let mut parts = Vec::with_capacity(map.len());
        let mut names = BTreeSet::new();
        for (key, value) in map {
            let place = join(path, key);
            let (name, part) = match key.strip_suffix(".$") {
                Some(name) => (name, Self::path(value, &place, reach, findings)),
                None => (key.as_str(), Self::any(value, &place, reach, findings)),
            };
            if !names.insert(name) {
                findings.add(&place, format!("\"{name}\" once, either constant or as a path"), "both");
            }
            parts.extend(part.map(|part| (name.to_owned(), part)));
        }
        let constant = parts.iter().all(|(_, part)| matches!(part, Self::Constant(_)));
        Some(if constant { Self::Constant(Value::Object(map.clone())) } else { Self::Object(parts) })
    }

    /// The value that the template stands for, or the path that leads nowhere.
    pub(crate) fn evaluate<'t>(&'t self, data: &Value, context: &Context<'_>) -> Result<Value, &'t Path> {
        match self {
            Self::Constant(value) => Ok(value.clone()),
            Self::Path(path) => path.resolve(data, context).map(|value| value.into_owned()).ok_or(path),
            Self::List(parts) => parts.iter().map(|part| part.evaluate(data, context)).collect(),
            Self::Object(parts) => {
                parts.iter().map(|(name, part)| Ok((name.clone(), part.evaluate(data, context)?))).collect()
            }
        }
    }

    /// Whether the task's token appears anywhere.
    pub(crate) fn mentions_token(&self) -> bool {
        match self {
            Self::Constant(_) => false,
            Self::Path(path) => path.is_token(),
            Self::List(parts) => parts.iter().any(Self::mentions_token),
            Self::Object(parts) => parts.iter().any(|(_, part)| part.mentions_token()),
        }
    }

    /// The constant text under `name` at the top of the template.
    pub(crate) fn constant_text(&self, name: &str) -> Option<&str> {
        match self {
            Self::Constant(value) => value.get(name)?.as_str(),
            Self::Object(parts) => parts.iter().find(|(key, _)| key == name).and_then(|(_, part)| match part {
                Self::Constant(value) => value.as_str(),
                _ => None,
            }),
            Self::Path(_) | Self::List(_) => None,
        }
    }
}
