//! A document before it has a type: what TOML and JSON have in common, and what the structural pass and the checks
//! look at.
//!
//! The typed parsers stop at their first mistake. A tree has no type to violate, so all of them can be collected.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

use crate::show;

/// One value of a document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree {
    /// JSON's `null`.
    Null,
    /// `true` or `false`.
    Truth(bool),
    /// A number without a fraction.
    Whole(i128),
    /// A number with a fraction; no field takes one, so its value is not kept.
    Fraction,
    /// A text.
    Text(String),
    /// TOML's date or time; no field takes one.
    Date,
    /// A list.
    List(Vec<Tree>),
    /// A table (JSON: an object).
    Table(BTreeMap<String, Tree>),
    /// Only after the structural pass: something was here that did not fit, and has been reported.
    Misfit,
}

impl Tree {
    /// What a reader is told that was found where another kind of value was expected.
    pub(crate) fn described(&self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Truth(value) => value.to_string(),
            // Not its digits: this may be a password of digits in the wrong place.
            Self::Whole(_) => "a whole number".into(),
            Self::Fraction => "a number with a fraction".into(),
            Self::Text(text) => show::text(text),
            Self::Date => "a date or time".into(),
            Self::List(_) => "a list".into(),
            Self::Table(_) => "a table".into(),
            Self::Misfit => "a misfit".into(),
        }
    }
}

impl From<toml::Value> for Tree {
    fn from(value: toml::Value) -> Self {
        match value {
            toml::Value::Boolean(value) => Self::Truth(value),
            toml::Value::Integer(value) => Self::Whole(value.into()),
            toml::Value::Float(_) => Self::Fraction,
            toml::Value::String(text) => Self::Text(text),
            toml::Value::Datetime(_) => Self::Date,
            toml::Value::Array(list) => Self::List(list.into_iter().map(Self::from).collect()),
            toml::Value::Table(table) => {
                Self::Table(table.into_iter().map(|(key, value)| (key, Self::from(value))).collect())
            }
        }
    }
}

/// For the types, once nothing is left to report: what no field takes has no value to hand on.
impl From<Tree> for Value {
    fn from(tree: Tree) -> Self {
        match tree {
            Tree::Truth(value) => Self::Bool(value),
            Tree::Whole(value) => Number::from_i128(value).map_or(Self::Null, Self::Number),
            Tree::Text(text) => Self::String(text),
            Tree::List(list) => Self::Array(list.into_iter().map(Self::from).collect()),
            Tree::Table(table) => {
                Self::Object(table.into_iter().map(|(key, value)| (key, Self::from(value))).collect())
            }
            Tree::Null | Tree::Fraction | Tree::Date | Tree::Misfit => Self::Null,
        }
    }
}

/// JSON is read by this and not by way of `serde_json::Value`, which silently keeps the last of two equal keys.
impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Truth(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Whole(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Whole(value.into()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Tree, E> {
        Ok(Tree::Fraction)
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = seq.next_element()? {
            list.push(element);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
        let mut table = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            if table.contains_key(&key) {
                return Err(de::Error::custom(format_args!("the key {} a second time", show::text(&key))));
            }
            table.insert(key, map.next_value()?);
        }
        Ok(Tree::Table(table))
    }
}
