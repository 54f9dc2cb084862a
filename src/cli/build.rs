//! Link options of the programs. Must not know: what they do.

use std::fmt::Write;
use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |key: &str| std::env::var(format!("CARGO_CFG_TARGET_{key}")).unwrap_or_default();
    if target("OS") != "linux" || target("ENV") != "gnu" {
        return;
    }
    // Linked at a fixed address: 45,000 places are filled in by the linker instead of at each start (decision 6).
    println!("cargo::rustc-link-arg-bins=-no-pie");
    let optimised = std::env::var("OPT_LEVEL").is_ok_and(|level| level != "0");
    if optimised && target("ARCH") == "x86_64" && !other_linker() {
        let script = order_script(&std::fs::read_to_string(ORDER).unwrap_or_else(|error| panic!("{ORDER}: {error}")));
        let path = Path::new(&std::env::var("OUT_DIR").unwrap_or_default()).join("text-order.ld");
        std::fs::write(&path, script).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        println!("cargo::rerun-if-changed={ORDER}");
        println!("cargo::rustc-link-arg-bin=protopy=-Wl,-T,{}", path.display());
    }
}

/// The functions that a start calls, made by `cargo xtask text-order`.
const ORDER: &str = "text-order.txt";

/// Linkers that somebody chose may not know scripts: the order is a matter of speed alone.
fn other_linker() -> bool {
    println!("cargo::rerun-if-env-changed=CARGO_ENCODED_RUSTFLAGS");
    std::env::var("CARGO_ENCODED_RUSTFLAGS").is_ok_and(|flags| flags.contains("fuse-ld=") || flags.contains("linker="))
}

/// A script that puts the listed functions in front of all others, in the order of the list (docs/internals/boot.md).
fn order_script(list: &str) -> String {
    let mut script = String::from("SECTIONS { .text.ordered : {\n");
    for name in list.lines().filter(|line| !line.starts_with('#')) {
        // Functions with a profile, and those that are called seldom, lie in sections of their own kinds.
        let _ = writeln!(script, "*(.text.{name} .text.hot.{name} .text.unlikely.{name})");
    }
    script + "} } INSERT BEFORE .text;\n"
}
