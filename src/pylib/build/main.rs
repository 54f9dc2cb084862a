//! Lays out the Python part of the standard library beside the binary, and freezes the modules that every start needs.
//!
//! The library goes to `<target>/<profile>/share/protopython/lib/python3.14`, the folder that `protopy` finds from its own place: the
//! pinned crate's files with our own `lib/` over them, and compiled forms of the common modules. The frozen archive goes into the
//! binary. Must not know: the runtime.

mod compile;
mod frozen;
mod layout;

use std::path::PathBuf;

fn main() {
    // Deep sources need more stack than a build script's main thread may have.
    let work = std::thread::Builder::new().stack_size(64 << 20).spawn(lay_out).expect("start a thread");
    if work.join().is_err() {
        std::process::exit(1);
    }
}

fn lay_out() {
    println!("cargo:rerun-if-changed=build");
    let overlay = PathBuf::from(variable("CARGO_MANIFEST_DIR")).join("../../lib");
    println!("cargo:rerun-if-changed={}", overlay.display());
    let library = layout::Library::read(&overlay);
    let out = PathBuf::from(variable("OUT_DIR"));
    frozen::write(&library, &out);
    // `target/<profile>`: three folders above OUT_DIR.
    let profile = out.ancestors().nth(3).expect("OUT_DIR lies in the target folder");
    library.write(&profile.join("share/protopython/lib/python3.14"));
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}
