//! Reading a scenario file: TOML in operator words, one sentence per mistake.

use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use super::{Act, Entry, Expect, Scenario};
use crate::model::setup::Setup;

/// A scenario that cannot be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadScenario(pub String);

impl fmt::Display for BadScenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadScenario {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    story: String,
    #[serde(default = "an_hour")]
    minutes: i64,
    #[serde(default)]
    setup: Setup,
    #[serde(default)]
    policy: toml::Table,
    #[serde(default)]
    deployment: toml::Table,
    #[serde(default)]
    then: Vec<toml::Table>,
    #[serde(default)]
    expect: Expect,
}

fn an_hour() -> i64 {
    60
}

/// Longest story, in virtual minutes.
const MOST_MINUTES: i64 = 24 * 60;

impl Scenario {
    /// Reads a scenario. `name` is the file's name without its ending.
    ///
    /// # Errors
    /// One sentence that names the field, what was expected and what was found.
    pub fn from_toml(name: &str, text: &str) -> Result<Self, BadScenario> {
        let file: File = toml::from_str(text).map_err(|error| BadScenario(format!("{name}: {}", one_line(&error))))?;
        if !(1..=MOST_MINUTES).contains(&file.minutes) {
            return Err(BadScenario(format!("{name}: minutes: expected 1 to {MOST_MINUTES}, found {}", file.minutes)));
        }
        let mut then = Vec::new();
        for (number, table) in file.then.into_iter().enumerate() {
            then.push(entry(table).map_err(|why| BadScenario(format!("{name}: then[{number}]: {why}")))?);
        }
        if let Some(late) = then.iter().find(|entry| entry.after.is_none() && entry.at_s > file.minutes * 60) {
            return Err(BadScenario(format!("{name}: then: expected times within {} minutes, found {} s", file.minutes, late.at_s)));
        }
        Ok(Self {
            name: name.into(),
            title: file.title,
            story: file.story,
            minutes: file.minutes,
            setup: file.setup,
            policy: json(file.policy),
            deployment: json(file.deployment),
            then,
            expect: file.expect,
        })
    }
}

fn entry(mut table: toml::Table) -> Result<Entry, String> {
    let at_s = match table.remove("at") {
        Some(toml::Value::String(text)) => seconds(&text)?,
        Some(other) => return Err(format!("at: expected minutes:seconds such as \"1:30\", found {other}")),
        None => return Err("at: expected minutes:seconds such as \"1:30\", found nothing".into()),
    };
    let after = match table.remove("after") {
        None => None,
        Some(toml::Value::String(text)) => Some(run_number(&text)?),
        Some(other) => return Err(format!("after: expected a kind of run such as \"failover\" or \"failover 2\", found {other}")),
    };
    if !table.contains_key("do") {
        return Err("do: expected what happens, such as \"region-dark\", found nothing".into());
    }
    let act: Act = table.try_into().map_err(|error: toml::de::Error| one_line(&error))?;
    Ok(Entry { after, at_s, act })
}

fn seconds(text: &str) -> Result<i64, String> {
    let parts = text.split_once(':').and_then(|(minutes, seconds)| Some((minutes.parse::<i64>().ok()?, seconds.parse::<i64>().ok()?)));
    match parts {
        Some((minutes, seconds)) if minutes >= 0 && (0..60).contains(&seconds) => Ok(minutes * 60 + seconds),
        _ => Err(format!("at: expected minutes:seconds such as \"1:30\", found {text:?}")),
    }
}

fn run_number(text: &str) -> Result<(String, u32), String> {
    let (kind, number) = text.split_once(' ').unwrap_or((text, "1"));
    let wrong = || format!("after: expected a kind of run such as \"failover\" or \"failover 2\", found {text:?}");
    kind.parse::<mmdr_core::Kind>().map_err(|_| wrong())?;
    let number = number.parse().map_err(|_| wrong())?;
    Ok((kind.into(), number))
}

/// The message of a TOML error without the picture of the line.
fn one_line(error: &toml::de::Error) -> String {
    error.message().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn json(table: toml::Table) -> Value {
    serde_json::to_value(table).unwrap_or(Value::Null)
}
