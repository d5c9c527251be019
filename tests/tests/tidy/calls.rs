//! Every call that the product makes stands in one list, and the ports are that list.

use std::collections::BTreeSet;
use std::fs;

use mmdr_core::calls;

use crate::tree::{File, differences, none, root, rust_files, text};

const LIST: &str = "docs/calls.json";

/// The methods of the ports, `<file>.<method>`.
fn methods() -> Vec<String> {
    let files = rust_files();
    let is_port = |file: &&File| file.path.starts_with("shared/core/src/ports/") && !file.path.ends_with("/mod.rs");
    files.iter().filter(is_port).flat_map(methods_of).collect()
}

fn methods_of(file: &File) -> Vec<String> {
    let port = file.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
    let signatures = file.lines().filter_map(|(_, line)| line.strip_prefix("    async fn "));
    let names = signatures.map(|rest| rest.split('(').next().unwrap_or_default());
    names.map(|name| format!("{port}.{name}")).collect()
}

fn listed() -> Vec<String> {
    calls::ALL.iter().map(|call| call.method.to_owned()).collect()
}

#[test]
fn every_method_of_a_port_is_one_listed_call_and_every_listed_call_is_a_method() {
    none("ports and mmdr_core::calls::ALL agree", &differences(("the ports", &methods()), ("calls::ALL", &listed())));
}

#[test]
fn no_method_is_listed_twice_and_no_port_has_two_methods_of_one_name() {
    for (what, names) in [("the ports", methods()), ("calls::ALL", listed())] {
        let mut seen = BTreeSet::new();
        let twice: Vec<String> = names.into_iter().filter(|name| !seen.insert(name.clone())).collect();
        none(&format!("{what} name each method once"), &twice);
    }
}

#[test]
fn a_call_is_named_as_a_permission_is() {
    let is_named = |name: &str| {
        let (service, action) = name.split_once(':').unwrap_or_default();
        let service = !service.is_empty() && service.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit());
        service && action.starts_with(|it: char| it.is_ascii_uppercase())
    };
    let odd = calls::ALL.iter().filter(|call| !is_named(call.name));
    let found: Vec<String> = odd.map(|call| format!("{}: {:?}", call.method, call.name)).collect();
    none("a call is called <service>:<Action>", &found);
}

#[test]
fn the_committed_list_of_calls_is_the_one_in_the_code() {
    let generated = serde_json::to_string_pretty(calls::ALL).unwrap() + "\n";
    if std::env::var_os("MMDR_UPDATE").is_some() {
        fs::write(root().join(LIST), &generated).unwrap();
    }
    assert!(text(LIST) == generated, "{LIST} is out of date: MMDR_UPDATE=1 cargo test -p mmdr-tests --test tidy");
}
