//! The conditions of Choice rules.

use crate::context::Context;
use crate::path::Path;
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

/// A compiled condition.
#[derive(Debug)]
pub(crate) enum Condition {
    Test { variable: Path, test: Test },
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
}

/// One comparison. A value of another type than the comparison's is no error: it does not compare, so it is false.
#[derive(Debug)]
pub(crate) enum Test {
    StringEquals(Operand<String>),
    StringMatches(Pattern),
    Numeric(Order, Operand<f64>),
    BooleanEquals(Operand<bool>),
    Is(Nature, bool),
}

/// What a variable is compared with.
#[derive(Debug)]
pub(crate) enum Operand<T> {
    Constant(T),
    Path(Path),
}

/// The numeric comparisons.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Order {
    Equals,
    LessThan,
    LessThanEquals,
    GreaterThan,
    GreaterThanEquals,
}

/// What the `Is…` comparisons ask.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Nature {
    Present,
    Null,
    String,
    Numeric,
    Boolean,
}

/// Why a condition cannot be judged; the execution fails with `States.Runtime`.
pub(crate) type Unjudgeable = String;

impl Condition {
    /// Whether the condition holds. `And` and `Or` stop at the first part that settles them, so that a part may guard
    /// those after it with `IsPresent`.
    pub(crate) fn holds(&self, data: &Value, context: &Context<'_>) -> Result<bool, Unjudgeable> {
        match self {
            Self::And(parts) => {
                for part in parts {
                    if !part.holds(data, context)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Or(parts) => {
                for part in parts {
                    if part.holds(data, context)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Not(part) => part.holds(data, context).map(|holds| !holds),
            Self::Test { variable, test } => {
                let found = variable.resolve(data, context);
                if let Test::Is(Nature::Present, wanted) = test {
                    return Ok(found.is_some() == *wanted);
                }
                let found = found.ok_or_else(|| {
                    format!("Invalid path '{variable}': The choice state's condition path references an invalid value.")
                })?;
                test.holds(&found, data, context)
            }
        }
    }
}

impl Test {
    fn holds(&self, found: &Value, data: &Value, context: &Context<'_>) -> Result<bool, Unjudgeable> {
        Ok(match self {
            Self::StringEquals(operand) => {
                let wanted = operand.get(data, context, |value| value.as_str().map(str::to_owned))?;
                found.as_str() == Some(wanted.as_str())
            }
            Self::StringMatches(pattern) => found.as_str().is_some_and(|text| pattern.matches(text)),
            Self::Numeric(order, operand) => {
                let wanted = operand.get(data, context, Value::as_f64)?;
                found.as_f64().is_some_and(|number| order.holds(number, *wanted))
            }
            Self::BooleanEquals(operand) => {
                let wanted = operand.get(data, context, Value::as_bool)?;
                found.as_bool() == Some(*wanted)
            }
            Self::Is(nature, wanted) => nature.fits(found) == *wanted,
        })
    }
}

impl<T: Clone> Operand<T> {
    fn get(
        &self,
        data: &Value,
        context: &Context<'_>,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Cow<'_, T>, Unjudgeable> {
        match self {
            Self::Constant(value) => Ok(Cow::Borrowed(value)),
            Self::Path(path) => path
                .resolve(data, context)
                .and_then(|value| read(&value))
                .map(Cow::Owned)
                .ok_or_else(|| format!("Invalid path '{path}': It leads to no value of the type that is compared.")),
        }
    }
}

impl Order {
    fn holds(self, found: f64, wanted: f64) -> bool {
        match self {
            Self::Equals => found == wanted,
            Self::LessThan => found < wanted,
            Self::LessThanEquals => found <= wanted,
            Self::GreaterThan => found > wanted,
            Self::GreaterThanEquals => found >= wanted,
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Self::Equals => "=",
            Self::LessThan => "<",
            Self::LessThanEquals => "<=",
            Self::GreaterThan => ">",
            Self::GreaterThanEquals => ">=",
        }
    }
}

impl Nature {
    fn fits(self, found: &Value) -> bool {
        match self {
            Self::Present => true,
            Self::Null => found.is_null(),
            Self::String => found.is_string(),
            Self::Numeric => found.is_number(),
            Self::Boolean => found.is_boolean(),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Null => "null",
            Self::String => "a string",
            Self::Numeric => "a number",
            Self::Boolean => "a boolean",
        }
    }
}

/// A `StringMatches` pattern: `*` stands for any text, `\*` for a star, `\\` for a backslash.
#[derive(Debug)]
pub(crate) struct Pattern {
    text: String,
    /// The literal pieces between the stars; one piece means no star.
    pieces: Vec<String>,
}

impl Pattern {
    /// Compiles a pattern, or says what was expected instead.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = vec![String::new()];
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            let literal = match letter {
                '*' => {
                    pieces.push(String::new());
                    continue;
                }
                '\\' => letters
                    .next()
                    .filter(|escaped| ['*', '\\'].contains(escaped))
                    .ok_or("a backslash only before * or another backslash")?,
                plain => plain,
            };
            if let Some(piece) = pieces.last_mut() {
                piece.push(literal);
            }
        }
        Ok(Self { text: text.to_owned(), pieces })
    }

    fn matches(&self, text: &str) -> bool {
        let [first, middle @ .., last] = self.pieces.as_slice() else {
            return self.pieces.first().is_some_and(|only| only == text);
        };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
        for piece in middle {
            let Some((_, after)) = rest.split_once(piece.as_str()) else { return false };
            rest = after;
        }
        rest.ends_with(last.as_str())
    }
}

impl<T> Operand<T> {
    fn shown(&self, constant: impl Fn(&T) -> String) -> String {
        match self {
            Self::Constant(value) => constant(value),
            Self::Path(path) => path.to_string(),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |out: &mut fmt::Formatter<'_>, parts: &[Condition], word: &str| {
            let parts: Vec<String> = parts.iter().map(|part| format!("({part})")).collect();
            out.write_str(&parts.join(word))
        };
        match self {
            Self::And(parts) => list(out, parts, " and "),
            Self::Or(parts) => list(out, parts, " or "),
            Self::Not(part) => write!(out, "not ({part})"),
            Self::Test { variable, test } => match test {
                Test::StringEquals(operand) => {
                    write!(out, "{variable} = {}", operand.shown(|text| format!("{text:?}")))
                }
                Test::StringMatches(pattern) => write!(out, "{variable} matches {:?}", pattern.text),
                Test::Numeric(order, operand) => {
                    write!(out, "{variable} {} {}", order.sign(), operand.shown(f64::to_string))
                }
                Test::BooleanEquals(operand) => write!(out, "{variable} = {}", operand.shown(bool::to_string)),
                Test::Is(nature, wanted) => {
                    write!(out, "{variable} is {}{}", if *wanted { "" } else { "not " }, nature.word())
                }
            },
        }
    }
}
