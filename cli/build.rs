//! Lists the shipped scenarios, so that adding a file is all it takes to ship a story.

#![expect(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a build script speaks to cargo by the environment"
)]

use std::path::Path;
use std::{env, fs};

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../world/scenarios");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut names: Vec<String> = fs::read_dir(&folder)
        .expect("world/scenarios is part of the checkout")
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
        .collect();
    names.sort();
    let entries: String = names
        .iter()
        .map(|name| {
            format!("    ({name:?}, include_str!({:?})),\n", folder.join(format!("{name}.toml")).display().to_string())
        })
        .collect();
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets OUT_DIR")).join("scenarios.rs");
    fs::write(out, format!("[\n{entries}]")).expect("OUT_DIR can be written");
}
