//! Changes to files of the pinned library, as hunks of a diff without line numbers: mistakes that CPython has mended since, by our
//! own means. `--- file` names the file, `@@ why` begins a hunk, whose lines start with a blank, `-` or `+` as in any diff.
//! A hunk must fit exactly one place, so that a newer library cannot be changed by mistake.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

pub fn apply(files: &mut BTreeMap<String, Vec<u8>>, folder: &Path) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "diff")) {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for hunk in hunks(&text) {
            let bytes = files.get_mut(&hunk.file).unwrap_or_else(|| panic!("the library has no {}", hunk.file));
            let source = String::from_utf8_lossy(bytes);
            let places = source.matches(&hunk.from).count();
            assert!(places == 1, "{}: a hunk for {} fits {places} places:\n{}", path.display(), hunk.file, hunk.from);
            *bytes = source.replacen(&hunk.from, &hunk.to, 1).into_bytes();
        }
    }
}

struct Hunk {
    file: String,
    from: String,
    to: String,
}

fn hunks(text: &str) -> Vec<Hunk> {
    let (mut hunks, mut file) = (Vec::<Hunk>::new(), String::new());
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("--- ") {
            name.clone_into(&mut file);
            continue;
        }
        if line.starts_with("@@") {
            hunks.push(Hunk { file: file.clone(), from: String::new(), to: String::new() });
            continue;
        }
        let Some(hunk) = hunks.last_mut() else { continue };
        let (mark, rest) = line.split_at(usize::from(!line.is_empty()));
        for (side, unwanted) in [(&mut hunk.from, "+"), (&mut hunk.to, "-")] {
            if mark != unwanted {
                side.push_str(rest);
                side.push('\n');
            }
        }
    }
    hunks
}
