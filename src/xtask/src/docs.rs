//! Generated pages in `docs/generated`: the op table, and what native modules and types hold compared with CPython's.

use crate::flags::Flags;
use crate::house::{House, find_program};
use crate::process::{self, Limits};
use crate::snippets::Tally;
use crate::{Outcome, files};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

const FOLDER: &str = "docs/generated";
const CPYTHON_DATA: &str = "docs/generated/cpython-names.json";
const LISTER: &str = include_str!("../scripts/list_modules.py");

pub fn run(house: &House, mut flags: Flags) -> Outcome {
    let check = flags.switch("--check");
    if let Some(cpython) = flags.value("--cpython")? {
        let text = list_names(house, &find_program(&cpython)?, None)?;
        files::write(&house.path(CPYTHON_DATA), &text)?;
    }
    if check {
        return check_pages(house).map(drop);
    }
    for (path, text) in source_pages(house)? {
        files::write(&path, &text)?;
    }
    let python = house.interpreter(&mut flags)?;
    flags.rest()?;
    let standard = parse(&files::read(&house.path(CPYTHON_DATA))?)?;
    let asked: Vec<String> = standard["modules"].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
    let own = parse(&list_names(house, &python, Some(&asked.join(",")))?)?;
    let (path, text) = page(house, "names.md", &names_page(&standard, &own));
    files::write(&path, &text)?;
    println!("written: {FOLDER}/ops.md, {FOLDER}/slots.md, {FOLDER}/names.md");
    Ok(())
}

/// Pages that are made from sources alone.
fn source_pages(house: &House) -> Outcome<Vec<(PathBuf, String)>> {
    let slots = slots_page(&files::read(&house.path("src/objects/src/slots.rs"))?);
    Ok(vec![page(house, "ops.md", &bytecode::disassemble::ops_page()), page(house, "slots.md", &slots)])
}

/// Whether the pages made from sources are up to date.
pub fn check_pages(house: &House) -> Outcome<Tally> {
    for (path, text) in source_pages(house)? {
        if files::read(&path)? != text {
            return Err(format!("{} is out of date: cargo xtask docs", house.shown(&path)));
        }
    }
    Ok(Tally { passed: 1, ..Tally::default() })
}

/// The rows of the slot table: `field Id "__dunder__" Kind;`
fn slots_page(source: &str) -> String {
    let mut page = String::from(
        "# Type slots\n\nThe special methods that classes reach by slot, in order.\n\n| method | kind of function |\n|---|---|\n",
    );
    let rows =
        source.lines().skip_while(|line| !line.starts_with("slot_table! {")).skip(1).take_while(|line| !line.starts_with('}'));
    for row in rows {
        if let [_, _, name, kind] = row.trim().trim_end_matches(';').split_whitespace().collect::<Vec<_>>()[..] {
            let _ = writeln!(page, "| `{}` | {kind} |", name.trim_matches('"'));
        }
    }
    page
}

fn page(house: &House, name: &str, text: &str) -> (PathBuf, String) {
    (house.path(FOLDER).join(name), format!("<!-- written by `cargo xtask docs` -->\n\n{}\n", text.trim_end()))
}

fn list_names(house: &House, python: &Path, modules: Option<&str>) -> Outcome<String> {
    let script = house.scratch("docs")?.join("list_modules.py");
    files::write(&script, LISTER)?;
    let mut command = Command::new(python);
    process::clean_environment(&mut command);
    command.arg("-I").arg(&script).args(modules);
    let finished = process::run(&mut command, None, Limits::seconds(120)).map_err(|error| error.to_string())?;
    if !finished.end.ok() {
        return Err(format!("{}: {}\n{}", python.display(), finished.end.describe(), String::from_utf8_lossy(&finished.stderr)));
    }
    Ok(String::from_utf8_lossy(&finished.stdout).into_owned())
}

fn parse(text: &str) -> Outcome<Json> {
    serde_json::from_str(text).map_err(|error| format!("names: {error}"))
}

fn names_page(standard: &Json, own: &Json) -> String {
    let mut page = String::from("# What is there, compared with CPython 3.14\n\n");
    page.push_str("Native modules of CPython: `missing` cannot be imported; otherwise the names that ours lacks are listed.\n\n");
    section(&mut page, "Modules", &standard["modules"], &own["modules"]);
    section(&mut page, "Built-in types", &standard["types"], &own["types"]);
    page
}

fn section(page: &mut String, title: &str, standard: &Json, own: &Json) {
    let (mut whole, mut part, mut absent) = (Vec::new(), String::new(), Vec::new());
    for (name, names) in standard.as_object().into_iter().flatten() {
        let Some(found) = own.get(name) else {
            absent.push(format!("`{name}`"));
            continue;
        };
        let set = |list: &Json| -> BTreeSet<String> {
            list.as_array().into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect()
        };
        let (wanted, found) = (set(names), set(found));
        let missing: Vec<String> = wanted.difference(&found).map(|name| format!("`{name}`")).collect();
        if missing.is_empty() {
            whole.push(format!("`{name}`"));
        } else {
            let _ = writeln!(part, "| `{name}` | {}/{} | {} |", wanted.len() - missing.len(), wanted.len(), missing.join(" "));
        }
    }
    let _ = write!(
        page,
        "## {title}\n\n{} whole: {}\n\n{} missing: {}\n\n",
        whole.len(),
        whole.join(" "),
        absent.len(),
        absent.join(" ")
    );
    let _ = write!(page, "| in part | names | lacking |\n|---|---:|---|\n{part}\n");
}
