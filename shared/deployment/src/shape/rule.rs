//! One part of the JSON Schema, read into the few forms that the document's types produce.

use serde_json::Value;

/// What the schema asks of a value.
#[derive(Debug)]
pub(crate) enum Rule<'s> {
    /// A table of named fields and no others.
    Table(Vec<Field<'s>>),
    /// A list of values of one kind.
    List(&'s Value),
    /// One of a few words.
    Word(Vec<&'s str>),
    /// A text.
    Text,
    /// A whole number, not negative, up to a greatest one.
    Whole(i128),
    /// `true` or `false`.
    Truth,
    /// What the inner rule asks, or `null`.
    Optional(Box<Rule<'s>>),
}

/// One field of a table.
#[derive(Debug)]
pub(crate) struct Field<'s> {
    pub(crate) name: &'s str,
    pub(crate) schema: &'s Value,
    pub(crate) required: bool,
}

impl<'s> Rule<'s> {
    /// Reads one part of `whole`. Nothing where the part uses a form that this does not know; a test holds that the
    /// document's schema has none.
    pub(crate) fn read(whole: &'s Value, part: &'s Value) -> Option<Self> {
        if let Some(name) = part.get("$ref").and_then(Value::as_str) {
            return Self::read(whole, whole.pointer(name.strip_prefix('#')?)?);
        }
        if let Some(any) = part.get("anyOf").and_then(Value::as_array) {
            return Self::or_null(whole, any);
        }
        if let Some(words) = words(part) {
            return Some(Self::Word(words));
        }
        match part.get("type")? {
            Value::String(kind) => Self::of_kind(part, kind),
            Value::Array(kinds) => match kinds.as_slice() {
                [Value::String(kind), Value::String(null)] if null == "null" => {
                    Some(Self::Optional(Box::new(Self::of_kind(part, kind)?)))
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn or_null(whole: &'s Value, any: &'s [Value]) -> Option<Self> {
        match any {
            [rule, null] if null.get("type").and_then(Value::as_str) == Some("null") => {
                Some(Self::Optional(Box::new(Self::read(whole, rule)?)))
            }
            _ => None,
        }
    }

    fn of_kind(part: &'s Value, kind: &str) -> Option<Self> {
        match kind {
            "object" => Some(Self::Table(fields(part)?)),
            "array" => Some(Self::List(part.get("items")?)),
            "string" => Some(Self::Text),
            "boolean" => Some(Self::Truth),
            "integer" => match part.get("format")?.as_str()? {
                "uint32" => Some(Self::Whole(u32::MAX.into())),
                "uint64" => Some(Self::Whole(u64::MAX.into())),
                _ => None,
            },
            _ => None,
        }
    }

    /// What a reader is told that was expected.
    pub(crate) fn described(&self) -> String {
        match self {
            Self::Table(_) => "a table".into(),
            Self::List(_) => "a list".into(),
            Self::Word(words) => {
                let words: Vec<_> = words.iter().map(|word| format!("{word:?}")).collect();
                format!("one of {}", words.join(", "))
            }
            Self::Text => "text".into(),
            Self::Whole(_) => "a whole number".into(),
            Self::Truth => "true or false".into(),
            Self::Optional(inner) => inner.described(),
        }
    }
}

/// The words of an enum, which the schema writes as `oneOf` constants (each with its own description) or as `enum`.
fn words(part: &Value) -> Option<Vec<&str>> {
    match (part.get("oneOf"), part.get("enum")) {
        (Some(Value::Array(one_of)), None) => one_of.iter().map(|word| word.get("const")?.as_str()).collect(),
        (None, Some(Value::Array(words))) => words.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

fn fields(part: &Value) -> Option<Vec<Field<'_>>> {
    // Without this the type would accept what the walk reports, or the other way round.
    if part.get("additionalProperties") != Some(&Value::Bool(false)) {
        return None;
    }
    let required: Vec<_> = match part.get("required") {
        Some(names) => names.as_array()?.iter().filter_map(Value::as_str).collect(),
        None => Vec::new(),
    };
    let properties = part.get("properties")?.as_object()?.iter();
    let mut fields: Vec<_> =
        properties.map(|(name, schema)| Field { name, schema, required: required.contains(&name.as_str()) }).collect();
    // A JSON map keeps its order or not, depending on what else is built with it; a report must not.
    fields.sort_by_key(|field| field.name);
    Some(fields)
}
