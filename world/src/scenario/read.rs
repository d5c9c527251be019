//! Reading a scenario file: TOML in operator words. Every mistake of a file is told in one pass, one sentence each:
//! where it is, what was expected there, and what was found.

mod entry;
mod limits;
mod sentence;

use std::fmt::{self, Display};

use serde::de::DeserializeOwned;
use serde_json::Value;
use toml::Table;

use super::Scenario;
use sentence::{found, line_and_column, nearest, shown, told};

/// A scenario that cannot be told: a line per mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadScenario(pub String);

impl Display for BadScenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadScenario {}

/// Longest scenario file in bytes. The longest shipped one has 2 KiB; the limit keeps a stray file from being parsed.
const SIZE_LIMIT_BYTES: usize = 64 * 1024;
/// Longest story, in virtual minutes.
const MOST_MINUTES: i64 = 24 * 60;
/// How long a story may take where its file does not say.
const MINUTES: i64 = 60;
/// More mistakes than this are counted, not told.
const MOST_TOLD: usize = 20;

/// The fields of a scenario.
const FIELDS: [&str; 8] = ["title", "story", "minutes", "setup", "policy", "deployment", "then", "expect"];

impl Scenario {
    /// Reads a scenario. `name` is the file's name without its ending.
    ///
    /// # Errors
    /// A line per mistake; each names the field, what was expected and what was found.
    pub fn from_toml(name: &str, text: &str) -> Result<Self, BadScenario> {
        let mut mistakes = Mistakes::default();
        let scenario = match table(text) {
            Ok(file) => Some(read(name, file, &mut mistakes)),
            Err(mistake) => {
                mistakes.found.push(mistake);
                None
            }
        };
        match scenario {
            Some(scenario) if mistakes.found.is_empty() => Ok(scenario),
            _ => Err(BadScenario(mistakes.lines(name))),
        }
    }
}

/// The file as a table, or why it is none.
fn table(text: &str) -> Result<Table, String> {
    if text.len() > SIZE_LIMIT_BYTES {
        return Err(format!("expected at most {SIZE_LIMIT_BYTES} bytes, found {}", text.len()));
    }
    text.parse().map_err(|error: toml::de::Error| {
        let (line, column) = line_and_column(text, error.span().map_or(0, |span| span.start));
        let why = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
        format!("line {line}, column {column}: expected well-formed TOML, found a syntax error ({})", shown(&why))
    })
}

fn read(name: &str, mut file: Table, mistakes: &mut Mistakes) -> Scenario {
    for field in file.keys().filter(|field| !FIELDS.contains(&field.as_str())) {
        mistakes.unknown(field, field, &FIELDS);
    }
    let title = text(&mut file, "title", "one line that says what happens", mistakes);
    if title.contains('\n') {
        mistakes.add("title", "one line", "several");
    }
    let story = text(&mut file, "story", "a few sentences: what happens, and what it shows", mistakes);
    let minutes = minutes(&mut file, mistakes);
    let mut setup = fields(&mut file, "setup", mistakes);
    limits::setup(&mut setup, mistakes);
    let setup = each_field("setup", setup, mistakes);
    let expect = fields(&mut file, "expect", mistakes);
    let expect = each_field("expect", expect, mistakes);
    limits::expect(&expect, mistakes);
    let then = entry::entries(file.remove("then"), minutes, mistakes);
    Scenario {
        name: name.into(),
        title,
        story,
        minutes,
        setup,
        policy: patch(&mut file, "policy", mistakes),
        deployment: patch(&mut file, "deployment", mistakes),
        then,
        expect,
    }
}

fn text(file: &mut Table, field: &str, expected: &str, mistakes: &mut Mistakes) -> String {
    match file.remove(field) {
        Some(toml::Value::String(text)) if !text.trim().is_empty() => text,
        other => {
            mistakes.add(field, expected, found(other.as_ref()));
            String::new()
        }
    }
}

fn minutes(file: &mut Table, mistakes: &mut Mistakes) -> i64 {
    match file.remove("minutes") {
        None => MINUTES,
        Some(toml::Value::Integer(minutes)) if (1..=MOST_MINUTES).contains(&minutes) => minutes,
        other => {
            mistakes.add("minutes", format!("a whole number from 1 to {MOST_MINUTES}"), found(other.as_ref()));
            // Times are held against the longest story, so that one mistake is not told twice.
            MOST_MINUTES
        }
    }
}

/// The fields under `[name]`.
fn fields(file: &mut Table, name: &str, mistakes: &mut Mistakes) -> Table {
    match file.remove(name) {
        None => Table::new(),
        Some(toml::Value::Table(table)) => table,
        other => {
            mistakes.add(name, format!("fields under [{name}]"), found(other.as_ref()));
            Table::new()
        }
    }
}

/// Reads a table whose every field has a default, field by field, so that one mistake does not hide another.
fn each_field<T: DeserializeOwned + Default>(path: &str, table: Table, mistakes: &mut Mistakes) -> T {
    let mut fitting = Table::new();
    for (field, value) in table {
        let alone = Table::from_iter([(field.clone(), value.clone())]);
        match alone.try_into::<T>() {
            Ok(_) => drop(fitting.insert(field, value)),
            Err(error) => mistakes.told(&format!("{path}.{field}"), &field, &value, &error),
        }
    }
    fitting.try_into().unwrap_or_default()
}

/// A patch on the deployment document: whether it fits is seen when the rehearsal is set up.
fn patch(file: &mut Table, name: &str, mistakes: &mut Mistakes) -> Value {
    let patch = serde_json::to_value(fields(file, name, mistakes)).unwrap_or_default();
    // TOML knows no null, so a null here was one of the two.
    if holds_null(&patch) {
        mistakes.add(name, "numbers that can be counted with", "nan or inf");
    }
    patch
}

fn holds_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.iter().any(holds_null),
        Value::Object(fields) => fields.values().any(holds_null),
        _ => false,
    }
}

/// Every mistake of one file, in the order in which they were found.
#[derive(Debug, Default)]
struct Mistakes {
    found: Vec<String>,
}

impl Mistakes {
    fn add(&mut self, path: &str, expected: impl Display, found: impl Display) {
        self.found.push(format!("{}: expected {expected}, found {found}", shown(path)));
    }

    fn unknown(&mut self, path: &str, field: &str, known: &[&str]) {
        let near = nearest(field, known).map_or_else(String::new, |near| format!(" (did you mean {near}?)"));
        self.add(path, format!("one of the fields {}", known.join(", ")), format!("an unknown field{near}"));
    }

    /// Adds what serde says of `field`, in our words.
    fn told(&mut self, path: &str, field: &str, value: &toml::Value, error: &toml::de::Error) {
        let (expected, found) = told(field, value, error.message());
        self.add(path, expected, found);
    }

    fn lines(&self, name: &str) -> String {
        let told = self.found.iter().take(MOST_TOLD).map(|mistake| format!("{name}: {mistake}"));
        let rest = self.found.len().saturating_sub(MOST_TOLD);
        let rest = (rest > 0).then(|| format!("{name}: and {rest} more mistakes"));
        told.chain(rest).collect::<Vec<_>>().join("\n")
    }
}
