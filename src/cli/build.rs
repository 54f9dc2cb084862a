//! Link options of the programs. Must not know: what they do.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |key: &str| std::env::var(format!("CARGO_CFG_TARGET_{key}")).unwrap_or_default();
    if target("OS") != "linux" || target("ENV") != "gnu" {
        return;
    }
    // Linked at a fixed address: 45,000 places are filled in by the linker instead of at each start (decision 6).
    println!("cargo::rustc-link-arg-bins=-no-pie");
    link_unwinder();
    let optimised = std::env::var("OPT_LEVEL").is_ok_and(|level| level != "0");
    if optimised && target("ARCH") == "x86_64" && !other_linker() {
        let order = std::env::var("PROTOPY_TEXT_ORDER").unwrap_or_else(|_| ORDER.to_owned());
        let script = order_script(&std::fs::read_to_string(&order).unwrap_or_else(|error| panic!("{order}: {error}")));
        let path = Path::new(&std::env::var("OUT_DIR").unwrap_or_default()).join("text-order.ld");
        std::fs::write(&path, script).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        println!("cargo::rerun-if-env-changed=PROTOPY_TEXT_ORDER");
        println!("cargo::rerun-if-changed={order}");
        println!("cargo::rustc-link-arg-bin=protopy=-Wl,-T,{}", path.display());
    }
}

/// The functions that a start calls, made by `cargo xtask text-order`. The variable names another list, that of `cargo xtask pgo`.
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
        let whole = name.strip_suffix(".llvm.*");
        for name in std::iter::once(name).chain(whole) {
            // Functions with a profile, and those that are called seldom, lie in sections of their own kinds.
            let _ = writeln!(script, "*(.text.{name} .text.hot.{name} .text.unlikely.{name})");
        }
    }
    script + "} } INSERT BEFORE .text;\n"
}

/// The unwinder is linked in, if the C compiler has it: one library less to load at each start. Rust asks for `gcc_s`; the file of that name
/// which is found first says where to look instead.
fn link_unwinder() {
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let answer = Command::new(compiler).arg("-print-file-name=libgcc_eh.a").output();
    let Ok(found) = answer.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()) else { return };
    if !Path::new(&found).is_absolute() {
        return;
    }
    let folder = Path::new(&std::env::var("OUT_DIR").unwrap_or_default()).join("unwinder");
    let script = format!("INPUT ( {found} )\n");
    std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(folder.join("libgcc_s.so"), script)).unwrap_or_else(|error| {
        panic!("{}: {error}", folder.display());
    });
    println!("cargo::rustc-link-search=native={}", folder.display());
}
