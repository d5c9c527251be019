//! The seed example with a few fields changed.

use std::collections::BTreeMap;

use mmdr_deployment::{Deployment, Mistakes};
use serde::Deserialize;
use serde_json::Value as Json;
use toml::Value;

const SEED: &str = include_str!("../../../../examples/seed-runbook.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    #[serde(default)]
    form: Form,
    #[serde(default)]
    remove: Vec<String>,
    #[serde(default)]
    null: Vec<String>,
    #[serde(default)]
    set: BTreeMap<String, Value>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Form {
    #[default]
    Toml,
    Json,
}

/// Reads the seed example as the patch changes it.
pub(crate) fn read_patched(patch: &str) -> Result<Deployment, Mistakes> {
    let patch: Patch = toml::from_str(patch).unwrap();
    let mut document = Value::Table(toml::from_str(SEED).unwrap());
    patch.remove.iter().for_each(|path| remove(&mut document, path));
    patch.set.into_iter().for_each(|(path, value)| set(&mut document, &path, value));
    match patch.form {
        Form::Toml => {
            assert!(patch.null.is_empty(), "TOML has no null");
            Deployment::from_toml(&toml::to_string(&document).unwrap())
        }
        Form::Json => {
            let mut document = serde_json::to_value(document).unwrap();
            for path in patch.null {
                // `regions[0].name` is `/regions/0/name` in JSON's own notation.
                let (parent, name) = path.rsplit_once('.').unwrap();
                let parent = format!("/{}", parent.replace(']', "").replace(['[', '.'], "/"));
                let parent = document.pointer_mut(&parent).unwrap();
                parent.as_object_mut().unwrap().insert(name.to_owned(), Json::Null);
            }
            Deployment::from_json(&document.to_string())
        }
    }
}

/// The steps of `regions[0].nodes.count`: `regions`, `0`, `nodes`, `count`.
fn steps(path: &str) -> Vec<&str> {
    path.split(['.', '[', ']']).filter(|step| !step.is_empty()).collect()
}

fn below<'a>(value: &'a mut Value, step: &str) -> &'a mut Value {
    match value {
        Value::Table(table) => table.entry(step).or_insert_with(|| Value::Table(toml::Table::new())),
        Value::Array(list) => list.get_mut(step.parse::<usize>().unwrap()).unwrap(),
        other => panic!("{step} lies below {other}"),
    }
}

fn parent<'a, 'p>(document: &'a mut Value, path: &'p str) -> (&'a mut Value, &'p str) {
    let mut steps = steps(path);
    let last = steps.pop().unwrap();
    (steps.into_iter().fold(document, below), last)
}

fn remove(document: &mut Value, path: &str) {
    let removed = match parent(document, path) {
        (Value::Table(table), last) => table.remove(last).is_some(),
        (Value::Array(list), last) => {
            list.remove(last.parse().unwrap());
            true
        }
        _ => false,
    };
    assert!(removed, "the seed example has no {path} to remove");
}

fn set(document: &mut Value, path: &str, value: Value) {
    match parent(document, path) {
        (Value::Table(table), last) => {
            table.insert(last.to_owned(), value);
        }
        (Value::Array(list), last) => match list.get_mut(last.parse::<usize>().unwrap()) {
            Some(element) => *element = value,
            None => list.push(value),
        },
        (other, last) => panic!("{last} lies below {other}"),
    }
}
