//! Each field of a full document in turn: taken away, and filled with a value of another kind.
//!
//! What is broken in one place is reported in that place, once, and nowhere else.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use mmdr_deployment::{Deployment, Mistakes};
use serde_json::{Value, json};

/// A document that has every field, and a policy in which fields depend on each other.
fn full() -> Value {
    let mut document = serde_json::to_value(Deployment::seed_example().unwrap()).unwrap();
    document["witnesses"]["third_region"] = json!("us-east-2");
    document["policy"]["approval"] = json!("never");
    document
}

/// JSON pointers of all fields, tables and lists included.
fn pointers(value: &Value, here: &str, found: &mut Vec<String>) {
    let below: Vec<(String, &Value)> = match value {
        Value::Object(table) => table.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (key, value) in below {
        let pointer = format!("{here}/{key}");
        pointers(value, &pointer, found);
        found.push(pointer);
    }
}

/// `/regions/0/name` as the document's own paths write it.
fn path(pointer: &str) -> String {
    let steps = pointer.split('/').skip(1).map(|step| match step.parse::<usize>() {
        Ok(index) => format!("[{index}]"),
        Err(_) => format!(".{step}"),
    });
    steps.collect::<String>().trim_start_matches('.').to_owned()
}

fn paths_of_mistakes(document: &Value) -> Vec<String> {
    match Deployment::from_json(&document.to_string()) {
        Ok(_) => Vec::new(),
        Err(Mistakes(mistakes)) => mistakes.into_iter().map(|mistake| mistake.path).collect(),
    }
}

fn each_field(judge: impl Fn(Value, &str)) {
    let full = full();
    assert_eq!(paths_of_mistakes(&full), [""; 0], "the full document is sound");
    let mut fields = Vec::new();
    pointers(&full, "", &mut fields);
    assert!(fields.len() > 75, "only {} fields were found", fields.len());
    fields.iter().for_each(|pointer| judge(full.clone(), pointer));
}

#[test]
fn a_value_of_another_kind_is_reported_in_its_place_and_nowhere_else() {
    each_field(|mut document, pointer| {
        let value = document.pointer_mut(pointer).unwrap();
        // No field takes a fraction.
        *value = json!(0.5);
        assert_eq!(paths_of_mistakes(&document), [path(pointer)], "a fraction at {pointer}");
    });
}

#[test]
fn a_missing_field_has_a_default_or_is_reported_in_its_place_and_nowhere_else() {
    each_field(|mut document, pointer| {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let Some(table) = document.pointer_mut(parent).unwrap().as_object_mut() else { return };
        table.remove(name);
        let found = paths_of_mistakes(&document);
        // Without the policy its defaults hold; without the witnesses the rest of it no longer fits.
        let expected = if pointer == "/witnesses" { "witnesses.third_region".into() } else { path(pointer) };
        assert!(found.is_empty() || found == [expected], "without {pointer}: {found:?}");
    });
}

#[test]
fn an_unknown_field_is_refused_in_every_table() {
    each_field(|mut document, pointer| {
        let Some(table) = document.pointer_mut(pointer).unwrap().as_object_mut() else { return };
        table.insert("colour".into(), json!("red"));
        assert_eq!(paths_of_mistakes(&document), [format!("{}.colour", path(pointer))]);
    });
}
