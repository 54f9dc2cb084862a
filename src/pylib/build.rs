//! Lays out the Python part of the standard library beside the binary: the pinned crate's files, with our own `lib/` over them.
//!
//! The result is `<target>/<profile>/share/protopython/lib/python3.14`, the folder that `protopy` finds from its own place.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

fn main() {
    let manifest = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let overlay = manifest.join("../../lib");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={}", overlay.display());
    let target = profile_folder().join("share/protopython/lib/python3.14");
    if target.exists() {
        clear(&target).expect("clear the old library");
    }
    copy_tree(Path::new(rustpython_pylib::LIB_PATH), &target).expect("copy the standard library");
    for (file, from, to) in REPLACEMENTS {
        replace_in(&target.join(file), from, to);
    }
    for file in LEFT_OUT {
        let _ = fs::remove_file(target.join(file));
    }
    if overlay.is_dir() {
        copy_tree(&overlay, &target).expect("copy our own library files");
    }
}

/// Places where the crate speaks of its own interpreter: (file, its text, ours).
const REPLACEMENTS: &[(&str, &str, &str)] = &[
    ("sysconfig/__init__.py", "RustPython", "Python"),
    ("sysconfig/__init__.py", "rustpython", "python"),
    ("site.py", "RustPython", "Python"),
    ("site.py", "rustpython", "python"),
];

/// Files of the crate that CPython does not have.
const LEFT_OUT: &[&str] = &["_dummy_os.py", "_dummy_thread.py", "dummy_threading.py", "_pycodecs.py"];

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}

/// `target/<profile>`: three folders above OUT_DIR.
fn profile_folder() -> PathBuf {
    PathBuf::from(variable("OUT_DIR")).ancestors().nth(3).expect("OUT_DIR lies in the target folder").to_owned()
}

/// Removes sources but keeps folders, so that a running interpreter is not left without them for long.
fn clear(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { clear(&path)? } else { fs::remove_file(&path)? }
    }
    Ok(())
}

fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            if entry.file_name() != "__pycache__" {
                copy_tree(&source, &target)?;
            }
        } else {
            fs::copy(&source, &target)?;
        }
    }
    Ok(())
}

fn replace_in(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    fs::write(file, text.replace(from, to)).expect("write a library file");
}
