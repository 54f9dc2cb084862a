//! Rules of the house that no compiler checks: floors, file heads, file length, forbidden words, SAFETY comments, recorded outputs.

use crate::flags::Flags;
use crate::house::House;
use crate::snippets::{self, Tally};
use crate::{Outcome, files};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const MAX_LINES: usize = 1200;

/// Which crates a crate may use. A new crate, or a new edge, is a decision: it goes here and into ARCHITECTURE.md.
const EDGES: &[(&str, &str)] = &[
    ("unicode-tables", ""),
    ("native-macros", ""),
    ("base", "unicode-tables"),
    ("bytecode", ""),
    ("syntax", "unicode-tables"),
    ("compiler", "bytecode syntax"),
    ("heap", "base"),
    ("objects", "base heap native-macros bytecode unicode-tables"),
    ("interp", "base heap bytecode objects native-macros"),
    ("builtins", "base heap bytecode objects native-macros unicode-tables"),
    ("stdlib-sys", "base heap bytecode objects native-macros unicode-tables"),
    ("stdlib-io", "base heap objects native-macros unicode-tables"),
    ("stdlib-data", "base heap objects native-macros unicode-tables"),
    ("stdlib-text", "base heap bytecode objects native-macros unicode-tables syntax compiler"),
    ("stdlib-net", "base heap objects native-macros unicode-tables"),
    ("stdlib-ssl", "base heap objects native-macros"),
    ("stdlib-extra", "base heap objects native-macros"),
    ("stdlib-xml", "base heap objects native-macros"),
    ("stdlib-cjk", "base heap objects native-macros"),
    ("stdlib-sqlite", "base heap objects native-macros"),
    ("stdlib-compress", "base heap objects native-macros"),
    ("stdlib-decimal", "base heap objects native-macros unicode-tables"),
    ("hpy", "base heap objects native-macros"),
    ("pylib", "bytecode syntax compiler"),
    (
        "runtime",
        "base heap bytecode objects syntax compiler interp builtins stdlib-sys stdlib-io stdlib-data stdlib-text stdlib-net stdlib-ssl stdlib-extra stdlib-xml stdlib-cjk stdlib-sqlite stdlib-compress stdlib-decimal hpy pylib",
    ),
    ("cli", "pylib runtime"),
    ("xtask", "bytecode"),
];

/// Tests may look further: (crate, what its tests use besides).
const TEST_EDGES: &[(&str, &str)] =
    &[("cli", "hpy"), ("builtins", "interp syntax compiler"), ("interp", "syntax compiler"), ("bytecode", "syntax compiler")];

pub fn run(house: &House, flags: Flags) -> Outcome {
    flags.rest()?;
    let tally = check(house)?;
    println!("tidy: {}", tally.line());
    if tally.failed > 0 { Err("the house is not tidy".to_owned()) } else { Ok(()) }
}

/// Runs all rules, prints each breach, counts rules.
pub fn check(house: &House) -> Outcome<Tally> {
    let rules: &[(&str, fn(&House) -> Outcome<Vec<String>>)] = &[
        ("crates use only lower floors", edges),
        ("every source file says at its head what it holds", heads),
        ("no source file is longer than 1200 lines", lengths),
        ("no unfinished or machine-bound words", words),
        ("unsafe code states what it relies on", safety),
        ("every snippet has recorded output", outputs),
    ];
    let mut tally = Tally::default();
    for (name, rule) in rules {
        let breaches = rule(house)?;
        for breach in &breaches {
            println!("tidy: {breach}");
        }
        if breaches.is_empty() {
            tally.passed += 1;
        } else {
            tally.failed += 1;
            println!("tidy: rule broken {} times: {name}", breaches.len());
        }
    }
    Ok(tally)
}

fn edges(house: &House) -> Outcome<Vec<String>> {
    let allowed: BTreeMap<&str, &str> = EDGES.iter().copied().collect();
    let for_tests: BTreeMap<&str, &str> = TEST_EDGES.iter().copied().collect();
    let mut breaches = Vec::new();
    for manifest in files::below(&house.path("src"), &["Cargo.toml"]) {
        let Some(name) = manifest.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned()) else {
            continue;
        };
        let Some(lower) = allowed.get(name.as_str()) else {
            breaches.push(format!("crate {name} has no row in the table of floors (src/xtask/src/tidy.rs)"));
            continue;
        };
        for (section, used) in dependencies(&files::read(&manifest)?) {
            let extra = if section == "dev-dependencies" { for_tests.get(name.as_str()).copied().unwrap_or("") } else { "" };
            let known = allowed.contains_key(used.as_str());
            if known && !lower.split(' ').chain(extra.split(' ')).any(|crate_| crate_ == used) {
                breaches.push(format!("crate {name} must not use {used} ({section})"));
            }
        }
    }
    Ok(breaches)
}

/// (section, crate) of each dependency line of a manifest.
fn dependencies(manifest: &str) -> Vec<(String, String)> {
    let mut section = String::new();
    let mut found = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name.to_owned();
        } else if section.ends_with("dependencies")
            && let Some(name) = line.split(['.', ' ', '=']).next().filter(|name| !name.is_empty() && !name.starts_with('#'))
        {
            found.push((section.clone(), name.to_owned()));
        }
    }
    found
}

/// Rust sources that are in the repository; golden files are test data.
fn sources(house: &House) -> Outcome<Vec<PathBuf>> {
    let mut paths = tracked(house)?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "rs") && !house.shown(path).contains("/golden/"));
    Ok(paths)
}

/// Files that git knows (all files where there is no git): what others left in the working tree is their affair.
fn tracked(house: &House) -> Outcome<Vec<PathBuf>> {
    let output = Command::new("git").current_dir(&house.root).args(["ls-files", "-z"]).output();
    match output {
        Ok(output) if output.status.success() => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let paths = text.split('\0').filter(|path| !path.is_empty()).map(|path| house.path(path));
            Ok(paths.filter(|path| path.is_file()).collect())
        }
        _ => Ok(files::below(&house.root, &[""])),
    }
}

fn heads(house: &House) -> Outcome<Vec<String>> {
    let mut breaches = Vec::new();
    for path in sources(house)? {
        if !files::read(&path)?.starts_with("//!") {
            breaches.push(format!("{} does not begin with //!", house.shown(&path)));
        }
    }
    Ok(breaches)
}

fn lengths(house: &House) -> Outcome<Vec<String>> {
    let mut breaches = Vec::new();
    for path in sources(house)? {
        let text = files::read(&path)?;
        let lines = text.lines().count();
        if lines > MAX_LINES && !text.contains("@generated") {
            breaches.push(format!("{} has {lines} lines", house.shown(&path)));
        }
    }
    Ok(breaches)
}

/// Words that must not be committed, put together here so that this file does not hold them.
fn forbidden() -> Vec<(String, &'static str)> {
    let word = |parts: &[&str]| parts.concat();
    vec![
        (word(&["to", "do!("]), "unfinished code"),
        (word(&["unimple", "mented!("]), "unfinished code"),
        (word(&["db", "g!("]), "a forgotten trace"),
        (word(&["/ro", "ot/"]), "a path of one machine"),
        (word(&["/wo", "rk/main"]), "a path of one machine"),
        (word(&["/wo", "rk/shared"]), "a path of one machine"),
        (word(&["index.", "crates.io"]), "a registry's host"),
        (word(&["static.", "crates.io"]), "a registry's host"),
        (word(&["registry.", "npmjs"]), "a registry's host"),
        (word(&["deb.", "debian.org"]), "a registry's host"),
    ]
}

fn words(house: &House) -> Outcome<Vec<String>> {
    let forbidden = forbidden();
    let mut breaches = Vec::new();
    for path in tracked(house)? {
        // Recorded test output may hold anything.
        if house.shown(&path).starts_with("tests/snippets/") {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for (number, line) in text.lines().enumerate() {
            for (word, why) in &forbidden {
                if line.contains(word.as_str()) {
                    breaches.push(format!("{}:{}: {why}", house.shown(&path), number + 1));
                }
            }
        }
    }
    Ok(breaches)
}

/// An `unsafe` block has a SAFETY comment in its function before it, or its file's head speaks for all its blocks.
fn safety(house: &House) -> Outcome<Vec<String>> {
    let allowed = allowed_unsafe(house)?;
    let mut breaches = Vec::new();
    for path in sources(house)? {
        let shown = house.shown(&path);
        if shown.contains("/tests/") || shown.contains("/examples/") {
            continue;
        }
        let missing = unexplained_unsafe(&files::read(&path)?);
        let limit = allowed.get(&shown).copied().unwrap_or(0);
        if missing.len() > limit {
            let places: Vec<String> = missing.iter().take(5).map(usize::to_string).collect();
            breaches.push(format!("{shown}: {} unsafe blocks without SAFETY (lines {})", missing.len(), places.join(", ")));
        }
    }
    Ok(breaches)
}

/// Old debts: `file count`. The numbers may only go down.
fn allowed_unsafe(house: &House) -> Outcome<BTreeMap<String, usize>> {
    let lines = files::data_lines(&house.path("src/xtask/unsafe-debts.txt"))?;
    Ok(lines
        .iter()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(file, count)| Some((file.to_owned(), count.parse().ok()?)))
        .collect())
}

/// Line numbers of unsafe blocks that nothing explains.
fn unexplained_unsafe(text: &str) -> Vec<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let head_speaks = lines.iter().take_while(|line| line.starts_with("//!")).any(|line| line.contains("SAFETY"));
    if head_speaks {
        return Vec::new();
    }
    let (mut explained, mut comment_speaks) = (false, false);
    let mut missing = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        if code.starts_with("//") || code.starts_with("#[") {
            comment_speaks |= code.contains("SAFETY") || code.contains("# Safety");
            continue;
        }
        let here = comment_speaks || code.contains("SAFETY");
        explained = if begins_function(code) { here } else { explained || here };
        comment_speaks = false;
        if code.contains("unsafe {") && !explained {
            missing.push(index + 1);
        }
    }
    missing
}

fn begins_function(code: &str) -> bool {
    let words =
        ["fn ", "pub ", "pub(", "unsafe fn", "unsafe extern", "extern ", "const fn", "async fn", "impl", "mod ", "macro_rules!"];
    words.iter().any(|word| code.starts_with(word)) && (code.contains("fn ") || !code.starts_with("pub"))
}

fn outputs(house: &House) -> Outcome<Vec<String>> {
    let mut breaches = Vec::new();
    for path in snippets::select(house, &[]) {
        if !path.with_extension("out").exists() {
            breaches.push(format!("{} has no .out beside it", house.shown(&path)));
        }
    }
    Ok(breaches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_dependencies() {
        let found =
            dependencies("[dependencies]\nheap.workspace = true\nlibc = \"1\"\n[dev-dependencies]\nx = { path = \"\" }\n");
        let names: Vec<&str> = found.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["heap", "libc", "x"]);
    }

    #[test]
    fn wants_reasons_for_unsafe_code() {
        assert_eq!(unexplained_unsafe("fn f() {\n    unsafe { g() }\n}\n"), [2]);
        assert!(unexplained_unsafe("fn f() {\n    // SAFETY: g is fine.\n    unsafe { g() }\n}\n").is_empty());
        assert!(unexplained_unsafe("//! SAFETY: all are fine.\nfn f() {\n    unsafe { g() }\n}\n").is_empty());
    }
}
