//! Compiles a whole library (`PROTOPY_LIBRARY_DIR`): every file that parses gives units that verify and survive serialisation.
//! Slow, so ignored: `PROTOPY_LIBRARY_DIR=.../lib/python3.14 cargo nextest run -p compiler --run-ignored all library`.

use std::path::{Path, PathBuf};

use compiler::{CompileOptions, SourceMap};

fn python_files(dir: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            python_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "py") {
            found.push(path);
        }
    }
}

#[test]
#[ignore = "needs a library directory and time"]
fn compiles_a_library() {
    let Ok(dirs) = std::env::var("PROTOPY_LIBRARY_DIR") else { return };
    let mut files = Vec::new();
    for dir in dirs.split(':') {
        python_files(Path::new(dir), &mut files);
    }
    files.sort();
    let (mut compiled, mut failures) = (0, Vec::new());
    for path in &files {
        // Kept in the library to be refused.
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("badsyntax_")) {
            continue;
        }
        let Ok(source) = std::fs::read_to_string(path) else { continue };
        let Ok(parsed) = ruff_python_parser::parse_module(&source) else { continue };
        let map = SourceMap::new(&source);
        let options = CompileOptions { filename: path.display().to_string(), ..CompileOptions::default() };
        let outcome = std::panic::catch_unwind(|| compiler::compile_module(parsed.syntax(), &map, &options));
        match outcome {
            Err(_) => failures.push(format!("{}: panic", path.display())),
            Ok(Err(error)) => failures.push(format!("{}: {error:?}", path.display())),
            Ok(Ok((unit, _))) => {
                compiled += 1;
                if let Err(fault) = bytecode::verify(&unit) {
                    failures.push(format!("{}: {fault:?}", path.display()));
                }
                let bytes = bytecode::to_bytes(&unit);
                if bytecode::from_bytes(&bytes).as_ref() != Ok(&unit) {
                    failures.push(format!("{}: serialisation", path.display()));
                }
            }
        }
    }
    eprintln!("{compiled} of {} files compiled", files.len());
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}
