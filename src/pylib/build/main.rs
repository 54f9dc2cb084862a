//! Lays out the Python part of the standard library beside the binary, and freezes the modules that every start needs.
//!
//! The library goes to `<target>/<profile>/share/protopython/lib/python3.14`, the folder that `protopy` finds from its own place: the
//! pinned crate's files with our own `lib/` over them, and compiled forms of the common modules. The frozen archive goes into the
//! binary. A release build also packs what a wheel holds beside the binaries, in `wheels/data`. Must not know: the runtime.

mod compile;
mod frozen;
mod layout;
mod pack;

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
    let repository = PathBuf::from(variable("CARGO_MANIFEST_DIR")).join("../..");
    let (overlay, template) = (repository.join("lib"), repository.join("venv-template"));
    println!("cargo:rerun-if-changed={}", overlay.display());
    println!("cargo:rerun-if-changed={}", template.display());
    let library = layout::Library::read(&overlay);
    let out = PathBuf::from(variable("OUT_DIR"));
    frozen::write(&library, &out);
    // `target/<profile>`: three folders above OUT_DIR.
    let profile = out.ancestors().nth(3).expect("OUT_DIR lies in the target folder");
    let home = profile.join("share/protopython");
    let template = layout::template(&template);
    let compiled = compile::Compiled::default();
    library.write(&compiled, &home.join("lib/python3.14"));
    layout::update(&home.join("venv-template"), &template);
    if variable("PROFILE") == "release" {
        let home = repository.join("wheels/data/data/share/protopython");
        println!("cargo:rerun-if-changed={}", home.join(pack::ARCHIVE).display());
        pack::write(&library, &compiled, &template, &home);
    }
    compiled.write_checksums(&out);
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}
