//! One field of an event, with the path that a sentence names. `null` counts as absent.

use serde_json::Value;

use crate::Refusal;

/// Characters of a found text that a sentence shows: an event is written by others.
const SHOWN: usize = 60;

/// One field, there or not.
#[derive(Clone, Debug)]
pub(crate) struct Field<'a> {
    path: String,
    value: Option<&'a Value>,
}

impl<'a> Field<'a> {
    /// The event itself.
    pub(crate) fn event(event: &'a Value) -> Self {
        Self { path: String::new(), value: Some(event) }
    }

    /// A document that lies as text inside the field at `path`.
    pub(crate) fn inside(path: &str, value: &'a Value) -> Self {
        Self { path: path.into(), value: Some(value) }
    }

    /// The field `name` of this object; absent where this is no object.
    pub(crate) fn field(&self, name: &str) -> Self {
        let path = if self.path.is_empty() { name.into() } else { format!("{}.{name}", self.path) };
        Self { path, value: self.value.and_then(|value| value.get(name)).filter(|value| !value.is_null()) }
    }

    /// The element `index` of this list.
    pub(crate) fn element(&self, index: usize) -> Self {
        Self {
            path: format!("{}[{index}]", self.path),
            value: self.value.and_then(|value| value.get(index)).filter(|value| !value.is_null()),
        }
    }

    pub(crate) fn is_there(&self) -> bool {
        self.value.is_some()
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn value(&self) -> Option<&'a Value> {
        self.value
    }

    /// The text, where the field is a text.
    pub(crate) fn text(&self) -> Option<&'a str> {
        self.value.and_then(Value::as_str)
    }

    /// The text; `expected` says in the refusal what it should have been.
    pub(crate) fn required(&self, expected: &str) -> Result<&'a str, Refusal> {
        match self.text() {
            Some(text) if !text.is_empty() => Ok(text),
            _ => Err(self.refuse(expected)),
        }
    }

    /// The text, or none where the field is absent; another kind of value is refused.
    pub(crate) fn optional(&self, expected: &str) -> Result<Option<&'a str>, Refusal> {
        if self.is_there() { self.required(expected).map(Some) } else { Ok(None) }
    }

    /// This field is not what it must be.
    pub(crate) fn refuse(&self, expected: &str) -> Refusal {
        let field = if self.path.is_empty() { "the event".into() } else { self.path.clone() };
        Refusal::Malformed { field, expected: expected.into(), found: found(self.value) }
    }
}

/// What was found, short and on one line.
pub(crate) fn found(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "nothing".into(),
        Some(Value::String(text)) => shown(text),
        Some(Value::Array(list)) => format!("a list of {}", list.len()),
        Some(Value::Object(fields)) => format!("an object of {}", fields.len()),
        Some(Value::Bool(flag)) => flag.to_string(),
        Some(Value::Number(number)) => number.to_string(),
    }
}

/// A name without quotes where nothing in it could be misread, otherwise as [`shown`].
pub(crate) fn plain(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/".contains(&byte);
    if !text.is_empty() && text.len() <= 2 * SHOWN && text.bytes().all(is_plain) { text.into() } else { shown(text) }
}

/// The beginning of a text, quoted and with nothing in it that could break the line.
pub(crate) fn shown(text: &str) -> String {
    let cut: String = text.chars().take(SHOWN).collect();
    if cut.len() < text.len() { format!("{cut:?} and more") } else { format!("{cut:?}") }
}
