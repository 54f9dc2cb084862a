//! The frozen archive: the modules that CPython freezes, compiled, in one file, with an index that is Rust source.

use crate::compile;
use crate::layout::Library;
use std::fmt::Write;
use std::path::Path;

/// One frozen module: its name, its file, whether it is a package, the name that `_imp.find_frozen` gives as its origin, and the
/// name in `co_filename`.
struct Row(&'static str, &'static str, bool, Option<&'static str>, &'static str);

/// A module that is frozen under its own name.
const fn plain(name: &'static str, file: &'static str) -> Row {
    Row(name, file, false, Some(name), name)
}

const FROZEN: &[Row] = &[
    Row("_frozen_importlib", "importlib/_bootstrap.py", false, Some("importlib._bootstrap"), "importlib._bootstrap"),
    Row(
        "_frozen_importlib_external",
        "importlib/_bootstrap_external.py",
        false,
        Some("importlib._bootstrap_external"),
        "importlib._bootstrap_external",
    ),
    plain("zipimport", "zipimport.py"),
    plain("abc", "abc.py"),
    plain("codecs", "codecs.py"),
    plain("io", "io.py"),
    plain("_collections_abc", "_collections_abc.py"),
    plain("_sitebuiltins", "_sitebuiltins.py"),
    plain("genericpath", "genericpath.py"),
    plain("ntpath", "ntpath.py"),
    plain("posixpath", "posixpath.py"),
    plain("os", "os.py"),
    plain("site", "site.py"),
    plain("stat", "stat.py"),
    plain("importlib.util", "importlib/util.py"),
    plain("importlib.machinery", "importlib/machinery.py"),
    plain("runpy", "runpy.py"),
    plain("__hello__", "__hello__.py"),
    Row("__hello_alias__", "__hello__.py", false, Some("__hello__"), "__hello__"),
    Row("__phello_alias__", "__hello__.py", true, Some("__hello__"), "__hello__"),
    Row("__phello_alias__.spam", "__hello__.py", false, Some("__hello__"), "__hello__"),
    Row("__phello__", "__phello__/__init__.py", true, Some("__phello__"), "__phello__"),
    Row("__phello__.__init__", "__phello__/__init__.py", false, Some("<__phello__"), "__phello__"),
    Row("__phello__.ham", "__phello__/ham/__init__.py", true, Some("__phello__.ham"), "__phello__.ham"),
    Row("__phello__.ham.__init__", "__phello__/ham/__init__.py", false, Some("<__phello__.ham"), "__phello__.ham"),
    plain("__phello__.ham.eggs", "__phello__/ham/eggs.py"),
    plain("__phello__.spam", "__phello__/spam.py"),
    Row("__hello_only__", "__hello__.py", false, None, "__hello_only__"),
];

/// Writes `frozen.bin` and `frozen_index.rs`.
pub fn write(library: &Library, out: &Path) {
    let mut archive = Vec::new();
    let mut index = String::from("[\n");
    for Row(name, file, is_package, origin, label) in FROZEN {
        let unit = compile::code_unit(library.source(file), &format!("<frozen {label}>"))
            .unwrap_or_else(|| panic!("the library's {file} does not compile"));
        let bytes = bytecode::serialize::to_bytes(&unit);
        let (start, end) = (archive.len(), archive.len() + bytes.len());
        archive.extend(bytes);
        let _ = writeln!(
            index,
            "    Frozen {{ name: {name:?}, is_package: {is_package}, origin: {origin:?}, start: {start}, end: {end} }},"
        );
    }
    index.push_str("]\n");
    std::fs::write(out.join("frozen.bin"), archive).expect("write the frozen archive");
    std::fs::write(out.join("frozen_index.rs"), index).expect("write the index of the frozen archive");
}
