//! Documents that are refused, each with every sentence that its author gets, and documents that must not be refused.
//!
//! A case is a folder whose name says what is wrong. It holds either a whole document (`document.toml`,
//! `document.json`) or `patch.toml`, what is different from `examples/seed-runbook.toml`:
//!
//! ```toml
//! form = "json"                          # read the patched example as JSON; TOML where absent
//! remove = ["regions[1].topic_arn"]      # first these fields go
//! null = ["witnesses.third_region"]      # JSON only: these become null
//! set."dns.ttl_s" = 300                  # then these get a value
//! ```
//!
//! and, where it is refused, `mistakes.txt`. `MMDR_UPDATE=1` writes that file anew; read the difference before you keep it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on stops")]

mod patch;

use std::fs;
use std::path::{Path, PathBuf};

use mmdr_deployment::{Deployment, Mistakes};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(name)
}

#[expect(clippy::disallowed_methods, reason = "a test asks whether its golden files are to be written anew")]
fn update() -> bool {
    std::env::var("MMDR_UPDATE").is_ok_and(|value| value == "1")
}

fn read_document(case: &Path) -> Result<Deployment, Mistakes> {
    let file = |name: &str| fs::read_to_string(case.join(name));
    match (file("patch.toml"), file("document.toml"), file("document.json")) {
        (Ok(patch), Err(_), Err(_)) => patch::read_patched(&patch),
        (Err(_), Ok(toml), Err(_)) => Deployment::from_toml(&toml),
        (Err(_), Err(_), Ok(json)) => Deployment::from_json(&json),
        _ => panic!("{}: a case has one of patch.toml, document.toml, document.json", case.display()),
    }
}

/// Judges every case of a folder; all that differ are reported together. An empty folder is a failure.
fn check(name: &str, judge: fn(&Path, Result<Deployment, Mistakes>) -> Result<(), String>) {
    let entries = fs::read_dir(folder(name)).unwrap_or_else(|error| panic!("cases/{name}: {error}"));
    let mut cases: Vec<_> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    cases.sort();
    assert!(!cases.is_empty(), "cases/{name} holds no case");
    let differing: Vec<_> = cases
        .iter()
        .filter_map(|case| {
            let sentence = case.file_name().unwrap().to_string_lossy().replace('_', " ");
            judge(case, read_document(case)).err().map(|difference| format!("{sentence}\n{difference}"))
        })
        .collect();
    assert!(differing.is_empty(), "{} of {}:\n\n{}", differing.len(), cases.len(), differing.join("\n\n"));
}

#[test]
fn every_bad_document_is_refused_with_exactly_its_sentences() {
    check("bad", |case, read| {
        let Err(mistakes) = read else { return Err("was accepted".into()) };
        let found = format!("{mistakes}\n");
        let file = case.join("mistakes.txt");
        if update() {
            fs::write(&file, &found).unwrap();
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        if found == expected { Ok(()) } else { Err(format!("expected:\n{expected}found:\n{found}")) }
    });
}

#[test]
fn every_sentence_is_one_line_and_repeats_no_secret() {
    check("bad", |_, read| {
        let Mistakes(mistakes) = read.err().ok_or("was accepted")?;
        for mistake in mistakes {
            let line = mistake.to_string();
            if line.chars().any(char::is_control) {
                return Err(format!("more than one line: {line}"));
            }
            // The secrets that the cases hold.
            if ["xx3ytq", "hunter2", "Tr0ub4dor", "AKIA"].iter().any(|secret| line.contains(secret)) {
                return Err(format!("shows a secret: {line}"));
            }
        }
        Ok(())
    });
}

#[test]
fn unusual_but_sound_documents_are_accepted() {
    check("good", |_, read| read.map(|_| ()).map_err(|mistakes| mistakes.to_string()));
}
