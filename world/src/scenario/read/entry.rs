//! One `[[then]]`: when, and what happens.

use std::collections::BTreeSet;

use mmdr_core::{Kind, StepName, calls};
use toml::{Table, Value};

use super::super::{Act, CallFaultWord, Entry};
use super::Mistakes;
use super::sentence::{found, nearest, shown};
use crate::driver::pascal_case;
use crate::judges::Judges;

/// A day in milliseconds: no clock, lag or answer of a story is further off.
const DAY_MS: i64 = 86_400_000;

/// Reads everything that happens.
pub(super) fn entries(then: Option<Value>, minutes: i64, mistakes: &mut Mistakes) -> Vec<Entry> {
    let list = match then {
        Some(Value::Array(list)) if !list.is_empty() => list,
        other => {
            let found = match &other {
                None | Some(Value::Array(_)) => "nothing that happens".into(),
                other => found(other.as_ref()),
            };
            mistakes.add("then", "at least one [[then]] with at and do", found);
            return Vec::new();
        }
    };
    let mut entries = Vec::new();
    for (number, value) in list.into_iter().enumerate() {
        let path = format!("then[{number}]");
        match value {
            Value::Table(table) => entries.extend(entry(&path, table, minutes, mistakes)),
            other => mistakes.add(&path, "fields under [[then]]", found(Some(&other))),
        }
    }
    entries
}

fn entry(path: &str, mut table: Table, minutes: i64, mistakes: &mut Mistakes) -> Option<Entry> {
    let at_s = at(path, table.remove("at").as_ref(), minutes, mistakes);
    let after = match table.remove("after") {
        None => Some(None),
        Some(value) => after(path, &value, mistakes).map(Some),
    };
    let act = act(path, table, mistakes);
    Some(Entry { after: after?, at_s: at_s?, act: act? })
}

/// Seconds of `minutes:seconds`, within the story.
fn at(path: &str, value: Option<&Value>, minutes: i64, mistakes: &mut Mistakes) -> Option<i64> {
    let path = format!("{path}.at");
    let parts = value.and_then(Value::as_str).and_then(|text| text.split_once(':'));
    let parts = parts.and_then(|(minutes, seconds)| Some((digits(minutes)?, digits(seconds)?)));
    match parts {
        Some((minute, second)) if second < 60 && minute.saturating_mul(60) + second <= minutes * 60 => {
            Some(minute * 60 + second)
        }
        Some((_, second)) if second < 60 => {
            mistakes.add(&path, format!("a time within the story's {minutes} minutes"), found(value));
            None
        }
        _ => {
            mistakes.add(&path, "minutes:seconds such as \"1:30\"", found(value));
            None
        }
    }
}

/// One to six digits and nothing else: no sign, no space.
fn digits(text: &str) -> Option<i64> {
    let all = (1..=6).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit());
    all.then(|| text.parse().ok()).flatten()
}

fn after(path: &str, value: &Value, mistakes: &mut Mistakes) -> Option<(String, u32)> {
    let text = value.as_str().unwrap_or_default();
    let (kind, number) = text.split_once(' ').unwrap_or((text, "1"));
    let known: Vec<&str> = kinds().map(Kind::as_str).collect();
    let nth = digits(number).and_then(|number| u32::try_from(number).ok()).filter(|number| *number > 0);
    match nth {
        Some(nth) if known.contains(&kind) => Some((kind.to_owned(), nth)),
        _ => {
            let near = nearest(kind, &known).filter(|near| *near != kind);
            let near = near.map_or_else(String::new, |near| format!(" (did you mean {near}?)"));
            let expected = format!("the end of a run, such as \"failover\" or \"failover 2\", of {}", known.join(", "));
            mistakes.add(&format!("{path}.after"), expected, format!("{}{near}", found(Some(value))));
            None
        }
    }
}

/// The kinds of run that a machine runs.
fn kinds() -> impl Iterator<Item = Kind> {
    Kind::ALL.iter().copied().filter(|kind| *kind != Kind::Standing)
}

fn act(path: &str, table: Table, mistakes: &mut Mistakes) -> Option<Act> {
    let Some(word) = table.get("do").cloned() else {
        mistakes.add(&format!("{path}.do"), "what happens, such as \"region-dark\"", "nothing");
        return None;
    };
    let Some(name) = word.as_str() else {
        mistakes.add(&format!("{path}.do"), "what happens, such as \"region-dark\"", found(Some(&word)));
        return None;
    };
    let path = format!("{path} ({})", shown(name));
    let before = mistakes.found.len();
    // Each field is tried alone beside `do`, so that one mistake does not hide another. What is missing then is no
    // mistake of the field.
    let mut fitting = Table::from_iter([("do".to_owned(), word.clone())]);
    for (field, value) in table.iter().filter(|(field, _)| *field != "do") {
        let alone = Table::from_iter([("do".to_owned(), word.clone()), (field.clone(), value.clone())]);
        match alone.try_into::<Act>() {
            Err(error) if error.message().starts_with("unknown variant") && is_unknown(name, error.message()) => {
                mistakes.told(&format!("{path}.do"), "do", &word, &error);
                return None;
            }
            Err(error) if !error.message().starts_with("missing field") => {
                mistakes.told(&format!("{path}.{field}"), field, value, &error);
            }
            Ok(_) if is_a_word_alone(&word) => {
                mistakes.add(&format!("{path}.{field}"), "no field beside at, after and do", "an unknown field");
            }
            _ => drop(fitting.insert(field.clone(), value.clone())),
        }
    }
    let wrong: Vec<String> = table.keys().filter(|field| !fitting.contains_key(*field)).cloned().collect();
    match fitting.try_into::<Act>() {
        Ok(act) => check(&path, &act, mistakes),
        Err(error) => match error.message().split('`').nth(1) {
            Some(field) if error.message().starts_with("missing field") => {
                if !wrong.iter().any(|wrong| wrong == field) {
                    mistakes.add(&format!("{path}.{field}"), needed(field), "nothing");
                }
            }
            _ => mistakes.told(&format!("{path}.do"), "do", &word, &error),
        },
    }
    (mistakes.found.len() == before).then(|| table.try_into().ok()).flatten()
}

/// Whether serde's unknown variant is the act's own word, and not a word in one of its fields.
fn is_unknown(name: &str, message: &str) -> bool {
    message.starts_with(&format!("unknown variant `{name}`, expected one of `region-dark`"))
}

/// Whether an act is its word alone. Serde does not refuse fields beside such a word, whatever they are called.
fn is_a_word_alone(word: &Value) -> bool {
    let with_nonsense = [("do".to_owned(), word.clone()), ("no such field".to_owned(), Value::Boolean(true))];
    Table::from_iter(with_nonsense).try_into::<Act>().is_ok()
}

/// What a missing field must say.
fn needed(field: &str) -> &'static str {
    match field {
        "region" | "to" => "home or away",
        "reason" => "why, in a few words",
        "decision" => "grant or deny",
        "kind" => "a kind of run, such as \"failover\"",
        "forms" => "a list of direct, event-bridge, sns",
        "on" => "true or false",
        "method" => "a port's method, such as \"database.fail_over\"",
        "step" => "the name of a step, such as \"switch-database\"",
        "fault" => "how it goes wrong",
        "ms" => "milliseconds",
        "node" => "the number of a node, from 1",
        "count" => "how many",
        "judge" => "the name of a judge",
        _ => "a value",
    }
}

/// What the types cannot promise.
fn check(path: &str, act: &Act, mistakes: &mut Mistakes) {
    let mut expect = |field: &str, holds: bool, expected: &str, found: String| {
        if !holds {
            mistakes.add(&format!("{path}.{field}"), expected, found);
        }
    };
    match act {
        Act::Answer { decision, .. } => {
            expect("decision", ["grant", "deny"].contains(&decision.as_str()), "grant or deny", quoted(decision));
        }
        Act::Alarm { forms, .. } => {
            expect("forms", !forms.is_empty(), "at least one of direct, event-bridge, sns", "an empty list".into());
        }
        Act::Start { kind, .. } | Act::StopExecution { kind } => {
            expect("kind", *kind != Kind::Standing, "a kind of run that has a machine", quoted(kind.as_str()));
            let asks_why = |reason: &str| !kind.is_move() || !reason.trim().is_empty();
            let holds = !matches!(act, Act::Start { reason, .. } if !asks_why(reason));
            expect("reason", holds, "why, in a few words, for a move", "nothing".into());
        }
        Act::NodeDown { node, .. } | Act::NodeUp { node, .. } => {
            expect("node", *node > 0, "the number of a node, from 1", node.to_string());
        }
        Act::FilesFail { count, .. } => expect("count", *count > 0, "1 or more", count.to_string()),
        Act::LagBecomes { ms } => {
            expect("ms", (0..=DAY_MS).contains(ms), "0 to 86400000 (a day)", ms.to_string());
        }
        Act::ClockSkew { ms, .. } => {
            expect("ms", (-DAY_MS..=DAY_MS).contains(ms), "-86400000 to 86400000 (a day)", ms.to_string());
        }
        Act::CallFault { .. } => call_fault(act, &mut expect),
        Act::FunctionFault { .. } => function_fault(act, &mut expect),
        Act::Sabotage { judge } => {
            let judges = Judges::default().names();
            expect("judge", judges.contains(&judge.as_str()), &one_of(&judges), near(judge, &judges));
        }
        _ => {}
    }
}

fn call_fault(act: &Act, expect: &mut dyn FnMut(&str, bool, &str, String)) {
    let Act::CallFault { method, every, times, fault, ms, .. } = act else { return };
    let methods: Vec<&str> = calls::ALL.iter().map(|call| call.method).collect();
    let beginnings = methods.iter().filter_map(|known| known.get(..=known.find('.')?));
    let words: Vec<&str> = methods.iter().copied().chain(beginnings).collect();
    let is_prefix = method.ends_with('.') && methods.iter().any(|known| known.starts_with(method));
    let ports: BTreeSet<&str> = methods.iter().filter_map(|known| known.split('.').next()).collect();
    let ports: Vec<&str> = ports.into_iter().collect();
    let expected = format!(
        "a port's method, such as \"database.fail_over\" (shared/core/src/calls.rs has them all), or its port with a dot, of {}",
        ports.join(", ")
    );
    expect("method", is_prefix || methods.contains(&method.as_str()), &expected, near(method, &words));
    expect("every", *every > 0, "1 or more", every.to_string());
    expect("times", *times > 0, "1 or more", times.to_string());
    if *fault == CallFaultWord::Slow {
        expect("ms", (1..=DAY_MS).contains(ms), "1 to 86400000 (a day) for a slow call", ms.to_string());
    } else {
        expect("ms", *ms == 0, "no milliseconds for a fault that is not slow", ms.to_string());
    }
}

fn function_fault(act: &Act, expect: &mut dyn FnMut(&str, bool, &str, String)) {
    let Act::FunctionFault { step, part, times, call, .. } = act else { return };
    let steps: Vec<&str> = StepName::ALL.iter().map(|step| step.as_str()).collect();
    expect("step", steps.contains(&step.as_str()), &one_of(&steps), near(step, &steps));
    if let (Some(part), Ok(step)) = (part, step.parse()) {
        let parts = parts_of(step);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let expected = format!("a part of {step}: {}", one_of(&parts));
        expect("part", parts.contains(&part.as_str()), &expected, near(part, &parts));
    }
    expect("times", *times > 0, "1 or more", times.to_string());
    expect("call", *call > 0, "1 or more", call.to_string());
}

/// The parts of a step that the machines call; a step outside them has one.
fn parts_of(step: StepName) -> Vec<String> {
    let machines = crate::rehearsal::machines().unwrap_or_default();
    let function = format!("{}FunctionArn", pascal_case(step));
    let tasks = machines.values().flat_map(|machine| machine.tasks());
    let called = tasks.filter(|task| mmdr_states::substitution_name(&task.function) == function);
    let parts: BTreeSet<String> = called.filter_map(|task| Some(task.part?.to_string())).collect();
    if parts.is_empty() { vec!["whole".into()] } else { parts.into_iter().collect() }
}

fn one_of(known: &[&str]) -> String {
    match known {
        [one] => (*one).to_owned(),
        many => format!("one of {}", many.join(", ")),
    }
}

fn quoted(word: &str) -> String {
    format!("{:?}", shown(word))
}

fn near(word: &str, known: &[&str]) -> String {
    let near = nearest(word, known).map_or_else(String::new, |near| format!(" (did you mean {near}?)"));
    format!("{}{near}", quoted(word))
}
