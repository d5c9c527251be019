//! Who may know whom: the picture in ARCHITECTURE.md is the picture that Cargo has.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::names::steps;
use crate::tree::{differences, none, root, text};

/// What the pure part must not reach, at any depth: SDKs, async runtimes, HTTP, TLS.
const FORBIDDEN: [&str; 9] = ["aws-", "aws_", "tokio", "reqwest", "hyper", "rustls", "openssl", "lambda_", "async-std"];

/// One package of the workspace.
struct Member {
    name: String,
    manifest: String,
    /// Normal and build dependencies that are always compiled, by package name.
    needs: Vec<String>,
}

fn members() -> Vec<Member> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().iter().map(member).collect()
}

fn member(package: &Value) -> Member {
    let needed = package["dependencies"].as_array().unwrap().iter().filter(|it| it["kind"] != "dev");
    let needed = needed.filter(|it| it["optional"] != true);
    Member {
        name: package["name"].as_str().unwrap().to_owned(),
        manifest: package["manifest_path"].as_str().unwrap().to_owned(),
        needs: needed.map(|it| it["name"].as_str().unwrap().to_owned()).collect(),
    }
}

/// The picture: each line `package -> packages`; `every step` stands for all of them, and lines about one package add up.
fn picture() -> BTreeSet<String> {
    let page = text("ARCHITECTURE.md");
    let (_, rest) = page.split_once("```dependencies\n").unwrap();
    let (block, _) = rest.split_once("\n```").unwrap();
    let mut edges = BTreeSet::new();
    for line in block.lines().filter(|line| !line.trim().is_empty()) {
        let (from, to) = line.split_once("->").unwrap_or_else(|| panic!("no arrow in {line:?}"));
        for from in expand(&[from.trim()]) {
            let words: Vec<&str> = to.split(',').map(str::trim).filter(|word| *word != "nothing").collect();
            edges.extend(expand(&words).into_iter().map(|to| format!("{from} -> {to}")));
        }
    }
    edges
}

fn expand(words: &[&str]) -> Vec<String> {
    let each = words.iter().flat_map(|word| if *word == "every step" { steps() } else { vec![(*word).to_owned()] });
    each.collect()
}

#[test]
fn the_picture_of_dependencies_is_what_cargo_says() {
    let members = members();
    let ours: BTreeSet<&str> = members.iter().map(|member| member.name.as_str()).collect();
    let edges: BTreeSet<String> = members
        .iter()
        .flat_map(|member| member.needs.iter().map(move |need| (member, need)))
        .filter(|(_, need)| ours.contains(need.as_str()))
        .map(|(member, need)| format!("{} -> {need}", member.name))
        .collect();
    let found = differences(("the manifests", &edges), ("ARCHITECTURE.md", &picture()));
    none("ARCHITECTURE.md shows every edge between our packages", &found);
}

/// What each locked package needs, by name. Versions are put together: more is reached than is compiled, never less.
fn locked() -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in text("Cargo.lock").split("[[package]]").skip(1) {
        let name = package.lines().find_map(|line| line.strip_prefix("name = ")).unwrap().trim_matches('"');
        let needs = package.lines().filter_map(|line| line.strip_prefix(" \"")?.split(['"', ' ']).next());
        found.entry(name.to_owned()).or_default().extend(needs.map(str::to_owned));
    }
    found
}

/// Everything that `member` reaches, each with the package through which it was reached first.
fn reached(
    member: &Member,
    members: &[Member],
    locked: &BTreeMap<String, BTreeSet<String>>,
) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut ahead: Vec<(String, String)> =
        member.needs.iter().map(|need| (need.clone(), member.name.clone())).collect();
    while let Some((name, by)) = ahead.pop() {
        if found.contains_key(&name) {
            continue;
        }
        // The lock file does not tell dev-dependencies apart, so a package of ours is asked for what it always needs.
        let needs: Vec<String> = match members.iter().find(|member| member.name == name) {
            Some(ours) => ours.needs.clone(),
            None => locked.get(&name).into_iter().flatten().cloned().collect(),
        };
        ahead.extend(needs.into_iter().map(|need| (need, name.clone())));
        found.insert(name, by);
    }
    found
}

#[test]
fn the_pure_part_reaches_no_sdk_no_runtime_and_no_http_client() {
    let (members, locked) = (members(), locked());
    let adapters = ["mmdr-aws", "mmdr-lambda", "mmdr-wire", "relay"];
    let mut found = Vec::new();
    for member in members.iter().filter(|member| !adapters.contains(&member.name.as_str())) {
        for (name, by) in reached(member, &members, &locked) {
            if FORBIDDEN.iter().any(|it| name.starts_with(it)) || adapters.contains(&name.as_str()) {
                found.push(format!("{} reaches {name} through {by}", member.name));
            }
        }
    }
    none("only the adapters and the binaries know an SDK", &found);
}

#[test]
fn every_dependency_from_outside_has_its_reason_in_architecture() {
    let (page, manifest) = (text("ARCHITECTURE.md"), text("Cargo.toml"));
    let found: Vec<String> = table(&manifest, "workspace.dependencies")
        .into_iter()
        .filter(|(_, value)| !value.contains("path ="))
        .filter(|(name, _)| !explained(&page, name))
        .map(|(name, _)| name)
        .collect();
    none("each dependency has a row in ARCHITECTURE.md", &found);
}

/// A row of the table begins with the crate's name, or with several; `aws-sdk-*` stands for all of them.
fn explained(page: &str, name: &str) -> bool {
    let firsts = page.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    let mut names = firsts.flat_map(|first| first.split(", ")).map(|it| it.trim_matches(['`', ' ']));
    names.any(|it| it == name || it.strip_suffix('*').is_some_and(|stem| name.starts_with(stem)))
}

#[test]
fn a_package_takes_its_dependencies_and_lints_from_the_workspace() {
    let mut found = Vec::new();
    for member in members() {
        let manifest = std::fs::read_to_string(&member.manifest).unwrap();
        if !manifest.contains("[lints]\nworkspace = true") {
            found.push(format!("{}: has lints of its own", member.name));
        }
        for name in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let own = table(&manifest, name)
                .into_iter()
                .filter(|(key, value)| !key.ends_with(".workspace") && !value.contains("workspace = true"));
            found.extend(own.map(|(key, _)| format!("{}: {key} has a version of its own", member.name)));
        }
    }
    none("versions and lints stand in one place", &found);
}

#[test]
fn every_lint_and_every_ban_has_its_reason_in_architecture() {
    let (page, manifest, clippy) = (text("ARCHITECTURE.md"), text("Cargo.toml"), text("clippy.toml"));
    let mut names: Vec<String> = Vec::new();
    for name in ["workspace.lints.rust", "workspace.lints.clippy"] {
        names.extend(table(&manifest, name).into_iter().map(|(name, _)| name));
    }
    let banned = clippy.lines().filter_map(|line| line.trim().strip_prefix("{ path = \"")?.split('"').next());
    names.extend(banned.filter_map(|path| path.strip_prefix("std::")).map(str::to_owned));
    let found: Vec<String> = names.into_iter().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    none("each lint stands in ARCHITECTURE.md", &found);
}

/// The lines `key = value` of one table of a manifest.
fn table(manifest: &str, name: &str) -> Vec<(String, String)> {
    let Some((_, rest)) = manifest.split_once(&format!("[{name}]\n")) else { return Vec::new() };
    let lines = rest.lines().take_while(|line| !line.starts_with('['));
    let pairs = lines.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" = "));
    pairs.map(|(key, value)| (key.trim().to_owned(), value.to_owned())).collect()
}
