//! The repository speaks of the product alone: not of the place or the people it was written in.

use crate::tree::{files, none, text};

/// Paths of a workplace, and who works there. Each is put together here, so that this file does not hold it.
fn foreign() -> Vec<String> {
    let parts: [&[&str]; 15] = [
        &["/wo", "rk/"],
        &["/tm", "p/"],
        &["/ho", "me/"],
        &["/Us", "ers/"],
        &["host.doc", "ker.internal"],
        &["iss", "ue #"],
        &["sub-", "agent"],
        &["sub", "agent"],
        &["this ses", "sion"],
        &["another ses", "sion"],
        &["earlier ses", "sion"],
        &["anthro", "pic"],
        &["language mo", "del"],
        &["helper ses", "sion"],
        &["the br", "ief says"],
    ];
    parts.iter().map(|parts| parts.concat()).collect()
}

/// Hosts that a page or a source may lead to; `example.com` and its like need no entry.
const HOSTS: [&str; 4] = ["github.com", "www.apache.org", "json-schema.org", "docs.mattermost.com"];
/// What follows `https://` where a template fills the host in.
const FILLED_IN: &str = "${";

#[test]
fn nothing_speaks_of_the_place_where_it_was_written() {
    let foreign = foreign();
    let mut found = Vec::new();
    for file in files() {
        for (number, line) in file.lines() {
            let small = line.to_lowercase();
            // A path is one only as it is written; `/users/` is an address of Mattermost's.
            let is_said = |it: &&String| {
                if it.starts_with('/') { line.contains(*it) } else { small.contains(&it.to_lowercase()) }
            };
            let said = foreign.iter().filter(is_said);
            found.extend(said.map(|it| format!("{}:{number}: {it:?}", file.path)));
        }
    }
    none("the repository speaks of the product alone", &found);
}

#[test]
fn every_package_comes_from_the_public_registry() {
    let lock = text("Cargo.lock");
    let sources = lock.lines().filter_map(|line| line.strip_prefix("source = "));
    let public = "\"registry+https://github.com/rust-lang/crates.io-index\"";
    let found: Vec<String> = sources.filter(|source| *source != public).map(str::to_owned).collect();
    none("Cargo.lock names the public registry alone", &found);
}

#[test]
fn nothing_outside_examples_leads_to_a_host_that_is_not_known() {
    let mut found = Vec::new();
    // Tests and cases are full of invented addresses; what a person or a tool follows is not.
    for file in files().iter().filter(|file| leads(&file.path)) {
        for (number, line) in file.lines() {
            for rest in line.split("https://").skip(1).chain(line.split("http://").skip(1)) {
                if rest.starts_with(FILLED_IN) {
                    continue;
                }
                let host: String =
                    rest.chars().take_while(|it| it.is_ascii_alphanumeric() || "-.".contains(*it)).collect();
                let host = host.trim_end_matches('.');
                if !HOSTS.contains(&host) && !is_invented(host) {
                    found.push(format!("{}:{number}: {host}", file.path));
                }
            }
        }
    }
    none("a link leads to a known host", &found);
}

fn leads(path: &str) -> bool {
    path.ends_with(".md") || path.ends_with(".yaml") || path.ends_with(".yml") || path.starts_with(".c")
}

fn is_invented(host: &str) -> bool {
    host.ends_with("example.com") || host.ends_with(".example") || host.ends_with(".amazonaws.com") || host == "HOST"
}
