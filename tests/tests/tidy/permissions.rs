//! What each function may do follows from the calls that its step makes, and from nothing else.
//!
//! A step makes a call where its source, or that of the shared crates it uses, names a method of a port that its bounds
//! hold. `docs/permissions.json` is what the template's policies are compared with.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use mmdr_core::calls::{self, Asked, Call, Does};
use mmdr_core::permissions;
use serde::Serialize;

use crate::names::NO_STEPS;
use crate::tree::{File, folders, none, root, rust_files, text};

const LIST: &str = "docs/permissions.json";

/// The calls and the IAM actions of one function, by where they are asked.
#[derive(Debug, Default, Serialize)]
struct Rights {
    calls: BTreeSet<&'static str>,
    own: BTreeSet<&'static str>,
    other: BTreeSet<&'static str>,
    third: BTreeSet<&'static str>,
    global: BTreeSet<&'static str>,
}

/// Changes nothing but in its own Region, whatever it looks at: it stops what runs where the writer is not.
const AT_HOME: &str = "keep-fenced";

impl Rights {
    fn allow(&mut self, function: &str, call: &'static Call) {
        self.calls.insert(call.method);
        if function == AT_HOME && call.does != Does::Read {
            self.own.extend(permissions::of(call));
            return;
        }
        for action in permissions::of(call) {
            match (action, call.asked) {
                // The relay is the other Region's; nobody needs its own.
                ("lambda:InvokeFunction", _) => self.other.insert(action),
                // Credentials lie in the Region that uses them, also for what is asked across.
                ("secretsmanager:GetSecretValue", Asked::Own | Asked::Either) => {
                    self.own.insert(action) | self.other.insert(action)
                }
                // Evidence is the own Region's, whatever it is about.
                ("s3:PutObject", _) if call.method == "search.export_divergence" => self.own.insert(action),
                ("iam:PassRole", _) => self.global.insert(action),
                // What only the old leader has is told by comparing both.
                (_, Asked::Other) if call.method == "search.export_divergence" && action.starts_with("es:") => {
                    self.own.insert(action) | self.other.insert(action)
                }
                (_, Asked::Own) => self.own.insert(action),
                (_, Asked::Other) => self.other.insert(action),
                (_, Asked::Either) => self.own.insert(action) | self.other.insert(action),
                (_, Asked::Third) => self.third.insert(action),
                (_, Asked::Global) => self.global.insert(action),
            };
        }
    }
}

/// Every function's rights.
fn rights() -> BTreeMap<String, Rights> {
    let files = rust_files();
    let traits = traits_of_methods(&files);
    let functions = folders("functions").into_iter();
    functions.map(|name| (name.clone(), rights_of(&name, &files, &traits))).collect()
}

/// A relay makes there what the other Region's functions may ask of it, and asks no other relay.
fn of_the_relay() -> Rights {
    let mut rights = Rights::default();
    for call in calls::ALL.iter().filter(|call| permissions::by_relay(call)) {
        rights.calls.insert(call.method);
        let inside = |action: &&str| action.starts_with("es:ESHttp") || action.starts_with("secretsmanager:");
        rights.own.extend(permissions::of(call).into_iter().filter(inside));
    }
    rights
}

/// `database.cluster` lies in `DatabaseReads`.
fn traits_of_methods(files: &[File]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for file in files.iter().filter(|file| file.path.starts_with("shared/core/src/ports/")) {
        let port = file.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
        let mut name = "";
        for (_, line) in file.lines() {
            if let Some(rest) = line.strip_prefix("pub trait ") {
                name = rest.split([' ', ':', '<']).next().unwrap_or_default();
            } else if let Some(rest) = line.strip_prefix("    async fn ") {
                let method = rest.split(['(', '<']).next().unwrap_or_default();
                found.insert(format!("{port}.{method}"), name.to_owned());
            }
        }
    }
    found
}

fn rights_of(function: &str, files: &[File], traits: &BTreeMap<String, String>) -> Rights {
    let folder = format!("functions/{function}/src/");
    let manifest = text(&format!("functions/{function}/Cargo.toml"));
    let uses = |crate_name: &str| manifest.contains(&format!("mmdr-{crate_name}.workspace"));
    let is_read = |file: &&File| {
        let shared = ["diagnosis", "fence"]
            .into_iter()
            .any(|name| uses(name) && file.path.starts_with(&format!("shared/{name}/src/")));
        let core = file.path.starts_with("shared/core/src/") && !file.path.contains("/ports/");
        let helper = core && !file.path.ends_with("/run_step.rs");
        (file.path.starts_with(&folder) || shared || helper) && !file.path.contains("test")
    };
    let source: String = files.iter().filter(is_read).map(|file| code_of(&file.text)).collect();
    let bounds = text(&format!("{folder}lib.rs"));
    let mut rights = if function == "relay" { of_the_relay() } else { Rights::default() };
    for call in calls::ALL.iter().filter(|_| function != "relay") {
        let Some(port) = traits.get(call.method).filter(|name| bounds.contains(name.as_str())) else {
            if by_the_core(function, call, &source) {
                rights.allow(function, call);
            }
            continue;
        };
        let method = call.method.rsplit('.').next().unwrap_or_default();
        // `reads.execution(…)`, and where two ports have a method of one name, `ExecutionReads::execution(reads, …)`.
        let is_named = [format!(".{method}("), format!("{port}::{method}(")].iter().any(|form| source.contains(form));
        if is_named || by_the_core(function, call, &source) {
            rights.allow(function, call);
        }
    }
    rights.own.extend(permissions::SHELL);
    rights
}

/// Source without its own tests.
fn code_of(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default()
}

/// What the core itself asks and writes for a step: the ledger for the permit, and for a run the evidence.
fn by_the_core(function: &str, call: &Call, source: &str) -> bool {
    if NO_STEPS.contains(&function) {
        return false;
    }
    let in_a_run = !["start-move", "reconcile", "keep-fenced"].contains(&function);
    match call.method {
        "ledgers.ledger" => true,
        "ledgers.write_ledger" => source.contains("fn ledger_mark(") && source.contains("Some(LedgerMark::"),
        "ledgers.record" | "ledgers.put_record" | "ledgers.put_text" => in_a_run,
        _ => false,
    }
}

#[test]
fn every_call_is_made_by_a_function() {
    let rights = rights();
    let made: BTreeSet<&str> = rights.values().flat_map(|rights| rights.calls.iter().copied()).collect();
    let idle: Vec<String> =
        calls::ALL.iter().map(|call| call.method).filter(|method| !made.contains(method)).map(str::to_owned).collect();
    none("a port has no method that no function calls", &idle);
}

#[test]
fn the_committed_list_of_permissions_is_the_one_that_the_source_needs() {
    let generated = serde_json::to_string_pretty(&rights()).unwrap() + "\n";
    if std::env::var_os("MMDR_UPDATE").is_some() {
        fs::write(root().join(LIST), &generated).unwrap();
    }
    assert!(text(LIST) == generated, "{LIST} is out of date: MMDR_UPDATE=1 cargo test -p mmdr-tests --test tidy");
}

#[test]
fn a_step_that_never_changes_search_may_not() {
    let rights = rights();
    let may = |step: &str, action: &str| {
        let rights = &rights[step];
        rights.own.contains(action) || rights.other.contains(action)
    };
    assert!(may("swap-search-leader", "es:ESHttpDelete"));
    assert!(!may("check-readiness", "es:ESHttpDelete") && !may("check-readiness", "es:ESHttpPost"));
    assert!(may("switch-database", "rds:FailoverGlobalCluster") && !may("roll-nodes", "rds:FailoverGlobalCluster"));
}
