//! Reference paths: `$`, `$.run.epoch`, `$[0].previous`, and the context object's `$$.Execution.Id`.

use crate::context::{Context, ContextField};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt;

/// A compiled reference path.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Path {
    text: String,
    root: Root,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Root {
    Data,
    Context(ContextField),
}

#[derive(Debug, Clone, PartialEq)]
enum Segment {
    Field(String),
    Index(usize),
}

/// What a path may begin with at the place where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Only the state's data: a `ResultPath` writes, and the context object cannot be written.
    Data,
    /// The state's data and the context object, the task's token excepted.
    Context,
    /// The token as well: in the payload of a task that waits for it.
    Token,
}

impl Path {
    /// The path `$`.
    pub(crate) fn whole() -> Self {
        Self { text: "$".to_owned(), root: Root::Data, segments: Vec::new() }
    }

    /// Compiles `text`, or says what was expected instead.
    pub(crate) fn parse(text: &str, reach: Reach) -> Result<Self, String> {
        if let Some(rest) = text.strip_prefix("$$") {
            return Self::parse_context(text, rest, reach);
        }
        let rest = text.strip_prefix('$').ok_or("a reference path such as $ or $.run.epoch")?;
        Ok(Self { text: text.to_owned(), root: Root::Data, segments: segments(rest)? })
    }

    fn parse_context(text: &str, rest: &str, reach: Reach) -> Result<Self, String> {
        if reach == Reach::Data {
            return Err("a path into the state's data, beginning with a single $".to_owned());
        }
        let mut segments = segments(rest)?;
        let known = ContextField::ALL.iter().find(|(group, name, _)| {
            matches!(segments.as_slice(), [Segment::Field(first), Segment::Field(second), ..]
                if first == group && second == name)
        });
        let Some((_, _, field)) = known else {
            return Err("a field of the context object that the subset knows, such as $$.Execution.Id".to_owned());
        };
        if *field == ContextField::TaskToken && reach != Reach::Token {
            return Err("no $$.Task.Token here: it stands only in the payload of a task that waits for it".to_owned());
        }
        segments.drain(..2);
        if !segments.is_empty() && *field != ContextField::ExecutionInput {
            return Err("no further step: this field of the context object has no parts".to_owned());
        }
        Ok(Self { text: text.to_owned(), root: Root::Context(*field), segments })
    }

    /// Whether this is `$`.
    pub(crate) fn is_whole(&self) -> bool {
        self.root == Root::Data && self.segments.is_empty()
    }

    /// Whether this is `$$.Task.Token`.
    pub(crate) fn is_token(&self) -> bool {
        self.root == Root::Context(ContextField::TaskToken)
    }

    /// What the path leads to, if anything.
    pub(crate) fn resolve<'a>(&self, data: &'a Value, context: &Context<'a>) -> Option<Cow<'a, Value>> {
        match self.root {
            Root::Data => self.walk(data).map(Cow::Borrowed),
            Root::Context(ContextField::ExecutionInput) => self.walk(&context.facts.input).map(Cow::Borrowed),
            Root::Context(field) => context.value(field).map(Cow::Owned),
        }
    }

    fn walk<'a>(&self, from: &'a Value) -> Option<&'a Value> {
        self.segments.iter().try_fold(from, |value, segment| match segment {
            Segment::Field(name) => value.as_object()?.get(name),
            Segment::Index(index) => value.as_array()?.get(*index),
        })
    }

    /// As [`Path::resolve`], for data that nobody else needs: what the path leads to is moved out instead of copied.
    pub(crate) fn take(&self, data: Value, context: &Context<'_>) -> Option<Value> {
        if self.root != Root::Data {
            return self.resolve(&data, context).map(Cow::into_owned);
        }
        self.segments.iter().try_fold(data, |value, segment| match (value, segment) {
            (Value::Object(mut map), Segment::Field(name)) => map.remove(name),
            (Value::Array(list), Segment::Index(index)) => list.into_iter().nth(*index),
            _ => None,
        })
    }

    /// Puts `result` where the path leads, making objects on the way; `None` when something else is in the way.
    pub(crate) fn put(&self, target: &mut Value, result: Value) -> Option<()> {
        let mut place = target;
        for segment in &self.segments {
            place = match segment {
                Segment::Field(name) => {
                    // A field made on the way is an object at once if a further step needs it to be one.
                    let fields = place.as_object_mut()?;
                    fields.entry(name.as_str()).or_insert_with(|| Value::Object(Map::new()))
                }
                Segment::Index(index) => place.as_array_mut()?.get_mut(*index)?,
            };
        }
        *place = result;
        Some(())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

/// Splits `.a.b[0]` into its steps.
fn segments(mut rest: &str) -> Result<Vec<Segment>, String> {
    let mut segments = Vec::new();
    while !rest.is_empty() {
        let (segment, after) = if let Some(field) = rest.strip_prefix('.') { name(field)? } else { index(rest)? };
        segments.push(segment);
        rest = after;
    }
    Ok(segments)
}

fn name(rest: &str) -> Result<(Segment, &str), String> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
        return Err("field names of letters, digits and underscores after each dot".to_owned());
    }
    Ok((Segment::Field(name.to_owned()), after))
}

fn index(rest: &str) -> Result<(Segment, &str), String> {
    rest.strip_prefix('[')
        .and_then(|inner| inner.split_once(']'))
        .and_then(|(digits, after)| Some((digits.parse().ok().filter(|_| !digits.starts_with('+'))?, after)))
        .map(|(index, after)| (Segment::Index(index), after))
        .ok_or_else(|| "a path whose steps have the form .name or [0]".to_owned())
}
