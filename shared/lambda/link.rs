//! Build script of every function: how what is deployed is linked.

use std::env;

#[expect(clippy::disallowed_methods, reason = "Cargo tells a build script everything by its environment")]
fn main() {
    println!("cargo::rerun-if-changed=../../shared/lambda/link.rs");
    println!("cargo::rerun-if-changed=../../shared/lambda/no-unwind-tables.ld");
    let of = |name: &str| env::var(name).unwrap_or_default();
    // In this profile a panic ends the process; in all others it unwinds.
    if of("PROFILE") == "release" && of("CARGO_CFG_TARGET_OS") == "linux" {
        // At an address of its own, so that nothing is to be mended at each start: some 30,000 pointers else.
        println!("cargo::rustc-link-arg-bins=-no-pie");
        // Cargo hands it to the linker as it is, whose folder is not this one.
        println!(
            "cargo::rustc-link-arg-bins=-Wl,-T,{}/../../shared/lambda/no-unwind-tables.ld",
            of("CARGO_MANIFEST_DIR")
        );
    }
}
