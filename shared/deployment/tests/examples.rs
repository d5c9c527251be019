//! The examples that an operator copies: they are read, they survive every form, and their table is complete.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on stops")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mmdr_deployment::{Approval, Deployment, NodeEndpoint, Platform, Policy, Region, json_schema};
use serde_json::Value;

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

fn read(name: &str) -> String {
    let path = examples().join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[expect(clippy::disallowed_methods, reason = "a test asks whether its golden files are to be written anew")]
fn update() -> bool {
    std::env::var("MMDR_UPDATE").is_ok_and(|value| value == "1")
}

fn every_example() -> Vec<(String, Deployment)> {
    let names = std::fs::read_dir(examples()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let examples: Vec<_> = names
        .filter(|name| name.ends_with(".toml"))
        .map(|name| {
            let document = Deployment::from_toml(&read(&name)).unwrap_or_else(|mistakes| panic!("{name}:\n{mistakes}"));
            (name, document)
        })
        .collect();
    assert!(examples.len() >= 2, "the examples are gone");
    examples
}

#[test]
fn every_example_is_the_same_document_in_toml_and_in_json() {
    for (name, document) in every_example() {
        let json = serde_json::to_string_pretty(&document).unwrap();
        assert_eq!(Deployment::from_json(&json), Ok(document.clone()), "{name} by way of JSON");
        let toml = toml::to_string(&document).unwrap();
        assert_eq!(Deployment::from_toml(&toml), Ok(document), "{name} by way of TOML");
    }
}

#[test]
fn the_seed_example_is_the_architecture_of_the_runbook() {
    let seed = Deployment::seed_example().unwrap();
    let [west, east] = ["us-west-1", "us-east-1"].map(Region::new);
    assert_eq!(seed.other(&west), Some(&east));
    assert_eq!(seed.other(&east), Some(&west));
    assert_eq!(seed.other(&Region::new("eu-west-1")), None);
    for region in [&west, &east] {
        let setup = seed.region(region).unwrap();
        assert_eq!((setup.nodes.platform, setup.nodes.count), (Platform::Ec2Systemd, 2));
    }
    assert_eq!(seed.database.node_endpoint, NodeEndpoint::Cluster);
    assert_eq!(seed.search.index_prefix, "");
}

#[test]
fn the_policy_written_out_in_the_seed_example_is_the_default() {
    assert_eq!(Deployment::seed_example().unwrap().policy, Policy::default());
}

#[test]
fn the_second_example_lets_a_machine_decide_because_a_third_region_looks() {
    let document = Deployment::from_toml(&read("ecs-third-witness.toml")).unwrap();
    assert_eq!(document.policy.approval, Approval::Never);
    assert_eq!(document.witnesses.third_region, Some(Region::new("eu-north-1")));
    assert_eq!(document.database.node_endpoint, NodeEndpoint::GlobalWriter);
    assert!(document.regions.iter().all(|setup| setup.nodes.platform == Platform::Ecs));
}

#[test]
fn the_committed_schema_is_the_one_that_the_types_generate() {
    let generated = format!("{}\n", serde_json::to_string_pretty(&json_schema()).unwrap());
    if update() {
        std::fs::write(examples().join("deployment.schema.json"), &generated).unwrap();
    }
    let committed = read("deployment.schema.json");
    // As values: whether keys keep their order depends on what else is built in the same workspace.
    let same = serde_json::from_str::<Value>(&committed).ok() == serde_json::from_str(&generated).ok();
    assert!(same, "examples/deployment.schema.json is out of date; run this test with MMDR_UPDATE=1");
}

#[test]
fn the_table_of_the_examples_names_every_field_of_the_schema_and_no_other() {
    let mut in_schema = BTreeSet::new();
    let schema = json_schema();
    fields_below("", &schema, &schema, &mut in_schema);
    assert!(in_schema.len() > 50, "only {} fields were found", in_schema.len());

    let readme = read("README.md");
    let in_table: BTreeSet<_> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |").map(|(field, _)| field.to_owned()))
        .collect();
    let missing: Vec<_> = in_schema.difference(&in_table).collect();
    let surplus: Vec<_> = in_table.difference(&in_schema).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "missing: {missing:?}\nof no field: {surplus:?}");
}

/// Full paths of all fields that hold a value, as in `regions[].nodes.count`.
fn fields_below(path: &str, whole: &Value, part: &Value, fields: &mut BTreeSet<String>) {
    if let Some(name) = part.get("$ref").and_then(Value::as_str) {
        return fields_below(path, whole, whole.pointer(name.trim_start_matches('#')).unwrap(), fields);
    }
    if let Some(items) = part.get("items") {
        return fields_below(&format!("{path}[]"), whole, items, fields);
    }
    let Some(properties) = part.get("properties").and_then(Value::as_object) else {
        fields.insert(path.to_owned());
        return;
    };
    for (name, property) in properties {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        fields_below(&path, whole, property, fields);
    }
}
