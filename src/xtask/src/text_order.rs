//! `cargo xtask text-order`: which functions a start and ordinary programs call, as `src/cli/text-order.txt`, by which the linker puts them
//! next to each other (docs/internals/boot.md).
//!
//! Needs valgrind, whose tool callgrind names every function that ran, and `nm`.

use crate::flags::Flags;
use crate::house::{House, Profile, find_program};
use crate::{Outcome, files, process, programs};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;

const LIST: &str = "src/cli/text-order.txt";

/// What every program does, and what most larger ones import.
const STARTS: &[&str] = &[
    "pass",
    "import threading, time, sys, queue, concurrent.futures; t = threading.Thread(target=time.time); t.start(); t.join()",
];

/// One program in this many must have called a function for it to be listed.
const RARE: usize = 10;

const HEAD: &str = "\
# Functions in the order of their code in the program, so that those of a start share pages: see docs/internals/boot.md.
# Made by `cargo xtask text-order`. Names as the linker knows them, without the hashes; those that do not exist are passed over.
";

pub fn run(house: &House, mut flags: Flags) -> Outcome {
    let python = match flags.value("--python")? {
        Some(path) => find_program(&path)?,
        None => house.build_protopy(Profile::Release)?,
    };
    flags.rest()?;
    let names = make(house, &python, 1)?;
    write(&house.path(LIST), &names)?;
    println!("text-order: {} functions", names.len());
    Ok(())
}

pub fn write(path: &Path, names: &[String]) -> Outcome {
    files::write(path, &format!("{HEAD}{}\n", names.join("\n")))
}

/// The list by what a program calls at its start, and when it runs one in `part` of the ordinary programs.
pub fn make(house: &House, python: &Path, part: usize) -> Outcome<Vec<String>> {
    let scratch = house.scratch("text-order")?;
    let mut starts = Vec::new();
    for (number, text) in STARTS.iter().enumerate() {
        let file = scratch.join(format!("start{number}.py"));
        files::write(&file, text)?;
        starts.push(called(python, &[file], &house.root, &scratch.join(format!("start{number}")))?);
    }
    let direct = [PathBuf::from("-c"), PathBuf::from(STARTS[0])];
    starts.push(called(python, &direct, &house.root, &scratch.join("direct"))?);
    let programs = called_by_programs(house, python, part, &scratch)?;
    Ok(order(&starts, &programs, &Sizes::of(python)?))
}

/// Ordinary programs, on all processors.
fn called_by_programs(house: &House, python: &Path, part: usize, scratch: &Path) -> Outcome<Vec<Vec<String>>> {
    let programs: Vec<(usize, PathBuf)> = programs::ordinary(house).into_iter().step_by(part).enumerate().collect();
    println!("looking at {} programs", programs.len());
    let look = |(number, program): &(usize, PathBuf)| {
        let folder = program.parent().ok_or("a program outside every folder")?;
        called(python, std::slice::from_ref(program), folder, &scratch.join(format!("program{number}")))
    };
    process::in_parallel(&programs, process::cores(), look).into_iter().collect()
}

/// The functions that a run calls, in the order of their first call.
fn called(python: &Path, arguments: &[PathBuf], folder: &Path, out: &Path) -> Outcome<Vec<String>> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["-q", "--tool=callgrind", "--demangle=no"]).arg(format!("--callgrind-out-file={}", out.display()));
    // A program that was built to count does not count this.
    valgrind.env("LLVM_PROFILE_FILE", "/dev/null");
    programs::run_silently(valgrind.arg(python).args(arguments), folder)?;
    Ok(functions(&files::read(out)?))
}

/// The functions in a file of callgrind: `fn=(7) name` when first met, `fn=(7)` later; `'2` behind a name counts recursion.
fn functions(text: &str) -> Vec<String> {
    let (mut names, mut found, mut seen) = (HashMap::new(), Vec::new(), HashSet::new());
    for line in text.lines() {
        let (row, own) = match (line.strip_prefix("fn=("), line.strip_prefix("cfn=(")) {
            (Some(row), _) => (row, true),
            (_, Some(row)) => (row, false),
            _ => continue,
        };
        let Some((number, name)) = row.split_once(')') else { continue };
        if let Some(name) = name.strip_prefix(' ') {
            names.insert(number, name.split('\'').next().unwrap_or(name));
        }
        if let Some(name) = names.get(number).filter(|name| own && is_mangled(name))
            && seen.insert(*name)
        {
            found.push((*name).to_owned());
        }
    }
    found
}

fn is_mangled(name: &str) -> bool {
    name.starts_with("_ZN") || name.starts_with("_R")
}

/// A name as a pattern: a star for each hash, which changes with the compiler and its options.
fn pattern(name: &str) -> String {
    let name = match name.find(".llvm.") {
        Some(at) => &name[..at],
        None => name,
    };
    if let Some(body) = name.strip_suffix('E').filter(|body| name.starts_with("_ZN") && body.len() > 19) {
        let (front, hash) = body.split_at(body.len() - 19);
        if hash.starts_with("17h") {
            return format!("{front}17h*");
        }
    }
    // `Cs<number>_` names a crate.
    let mut out = String::new();
    let mut rest = name;
    while let Some(at) = rest.find("Cs") {
        let (front, tail) = rest.split_at(at + 2);
        out.push_str(front);
        let end = tail.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tail.len());
        let is_crate = tail[end..].starts_with('_');
        out.push_str(if is_crate { "*" } else { &tail[..end] });
        rest = &tail[end..];
    }
    out + rest
}

/// How large functions are: each, and all of a pattern together.
struct Sizes {
    symbols: HashMap<String, u64>,
    patterns: HashMap<String, u64>,
}

impl Sizes {
    fn of(program: &Path) -> Outcome<Sizes> {
        let output = Command::new("nm").args(["-S", "--defined-only"]).arg(program).output();
        let output = output.map_err(|error| format!("nm: {error}"))?;
        let mut sizes = Sizes { symbols: HashMap::new(), patterns: HashMap::new() };
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let [_, size, "t" | "T" | "w" | "W", name] = line.split(' ').collect::<Vec<_>>()[..] else { continue };
            let size = u64::from_str_radix(size, 16).unwrap_or(0);
            *sizes.patterns.entry(pattern(name)).or_default() += size;
            sizes.symbols.insert(name.to_owned(), size);
        }
        Ok(sizes)
    }

    /// The patterns of these functions for which they are at least half of what the linker will find.
    fn mostly_called<'a>(&self, names: impl Iterator<Item = &'a String>) -> HashSet<String> {
        let mut called: HashMap<String, u64> = HashMap::new();
        for name in names.collect::<HashSet<_>>() {
            *called.entry(pattern(name)).or_default() += self.symbols.get(name).copied().unwrap_or(0);
        }
        called
            .into_iter()
            .filter(|(name, size)| size * 2 >= self.patterns.get(name).copied().unwrap_or(0))
            .map(|(name, _)| name)
            .collect()
    }
}

/// First what a start calls, in its order; of generic functions of which a start calls few instances those alone, by their full names. Then
/// what programs call, most frequent first, and the rest of these generic functions.
///
/// A full name ends in a hash, which is the same for everybody who builds with the same compiler and profile. For others the pattern counts.
fn order(starts: &[Vec<String>], programs: &[Vec<String>], sizes: &Sizes) -> Vec<String> {
    let all_patterns = |run: &Vec<String>| run.iter().map(|name| pattern(name)).collect::<Vec<_>>();
    let of_start = sizes.mostly_called(starts.iter().flatten());
    let of_any = sizes.mostly_called(starts.iter().chain(programs).flatten());
    let mut names = Vec::new();
    let mut listed = HashSet::new();
    for name in starts.iter().flatten() {
        let pattern = pattern(name);
        let name = if of_start.contains(&pattern) { pattern } else { full_name(name) };
        if listed.insert(name.clone()) {
            names.push(name);
        }
    }
    for name in starts.iter().flat_map(all_patterns) {
        if of_any.contains(&name) && listed.insert(name.clone()) {
            names.push(name);
        }
    }
    let mut counts: HashMap<String, usize> = HashMap::new();
    for run in programs {
        for name in all_patterns(run).into_iter().collect::<HashSet<_>>() {
            *counts.entry(name).or_default() += 1;
        }
    }
    let mut frequent: Vec<(usize, String)> = counts
        .into_iter()
        .filter(|(name, count)| *count * RARE >= programs.len() && of_any.contains(name) && !listed.contains(name))
        .map(|(name, count)| (count, name))
        .collect();
    frequent.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    names.extend(frequent.into_iter().map(|(_, name)| name));
    names.extend(starts.iter().flat_map(all_patterns).filter(|name| listed.insert(name.clone())));
    names
}

/// The name of one instance of a function: what the optimiser adds behind it is no part of it.
fn full_name(name: &str) -> String {
    match name.find(".llvm.") {
        Some(at) => format!("{}.llvm.*", &name[..at]),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_become_stars() {
        assert_eq!(pattern("_ZN4heap5alloc17h0123456789abcdefE"), "_ZN4heap5alloc17h*");
        assert_eq!(pattern("_ZN4heap5alloc17h0123456789abcdefE.llvm.123"), "_ZN4heap5alloc17h*");
        assert_eq!(pattern("_RNvNtCsjrHSEGnQ3l9_3std3env4args"), "_RNvNtCs*_3std3env4args");
    }

    #[test]
    fn callgrind_names_functions_once() {
        let text = "fn=(1) _ZN1a17h0E\ncfn=(2) _ZN1b17h1E\nfn=(2)\nfn=(3) malloc\nfn=(1)\nfn=(4) _ZN1a17h0E'2\n";
        assert_eq!(functions(text), ["_ZN1a17h0E", "_ZN1b17h1E"]);
    }
}
