//! The home that a wheel brings: the library in one archive, because installers compile every `.py` file of a wheel with their own
//! Python. What tools read as plain files lies beside the archive.

use crate::compile::Compiled;
use crate::layout::{self, Library};
use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Relative to the home.
pub const ARCHIVE: &str = "lib/python314.zip";

/// What programs open by path, not through an import.
const PLAIN: &[&str] = &["ensurepip/_bundled/", "PSF-LICENSE", "config-3.14-"];

/// Needs a windowing library that there is no module for.
const LEFT_OUT: &[&str] = &["idlelib/", "turtledemo/", "tkinter/", "turtle.py"];

/// Makes `home` hold the archive, the plain files and the template.
pub fn write(library: &Library, compiled: &Compiled, template: &BTreeMap<String, Vec<u8>>, home: &Path) {
    let among = |path: &str, list: &[&str]| list.iter().any(|start| path.starts_with(start));
    let mut wanted: BTreeMap<String, Vec<u8>> =
        template.iter().map(|(path, bytes)| (format!("venv-template/{path}"), bytes.clone())).collect();
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    // Code is read at every import and stays as it is; sources are read when somebody asks for them.
    let stored =
        SimpleFileOptions::default().compression_method(CompressionMethod::Stored).last_modified_time(DateTime::default());
    let deflated = stored.compression_method(CompressionMethod::Deflated);
    let mut add = |path: &str, bytes: &[u8], options| {
        archive
            .start_file(path, options)
            .and_then(|()| Ok(archive.write_all(bytes)?))
            .unwrap_or_else(|error| panic!("{path}: {error}"));
    };
    for (path, bytes) in library.files().filter(|(path, _)| !among(path, LEFT_OUT)) {
        if among(path, PLAIN) {
            wanted.insert(format!("lib/python3.14/{path}"), bytes.to_vec());
            continue;
        }
        if let Some(code) = path.strip_suffix(".py").and_then(|_| compiled.file(path, bytes)) {
            add(&format!("{path}c"), &code, stored);
        }
        add(path, bytes, deflated);
    }
    let bytes = archive.finish().expect("an archive in memory").into_inner();
    wanted.insert(ARCHIVE.to_owned(), bytes);
    for file in ["README.md", ".gitignore"] {
        if let Ok(bytes) = fs::read(home.join(file)) {
            wanted.insert(file.to_owned(), bytes);
        }
    }
    layout::update(home, &wanted);
}
