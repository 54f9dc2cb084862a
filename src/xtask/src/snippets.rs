//! Python programs whose output CPython confirmed: `tests/snippets/**/X.py` beside `X.out`.
//!
//! `tests/snippets/known-failures.txt` lists those that do not pass yet, each with its reason; one that passes must leave the list.

use crate::flags::Flags;
use crate::house::{House, find_program};
use crate::process::{self, Limits};
use crate::{Outcome, files};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

pub const FOLDER: &str = "tests/snippets";
const KNOWN_FAILURES: &str = "tests/snippets/known-failures.txt";
const SHOWN_LINES: usize = 12;

/// Numbers for the closing line of a run.
#[derive(Default, Clone, Copy)]
pub struct Tally {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
}

impl Tally {
    pub fn add(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
    pub fn line(self) -> String {
        match self.skipped {
            0 => format!("{} passed, {} failed", self.passed, self.failed),
            skipped => format!("{} passed, {} failed, {skipped} skipped", self.passed, self.failed),
        }
    }
}

pub fn run(house: &House, mut flags: Flags) -> Outcome {
    let oracle = flags.value("--record")?;
    if let Some(oracle) = oracle {
        let filters = flags.rest()?;
        return record(house, &find_program(&oracle)?, &filters);
    }
    let python = house.interpreter(&mut flags)?;
    let filters = flags.rest()?;
    let tally = check(house, &python, &filters, &[])?;
    println!("snippets: {}", tally.line());
    if tally.failed > 0 { Err("snippets failed".to_owned()) } else { Ok(()) }
}

/// All snippets whose path holds one of the filters.
pub fn select(house: &House, filters: &[String]) -> Vec<PathBuf> {
    let chosen = |path: &PathBuf| {
        let shown = house.shown(path);
        !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('_'))
            && (filters.is_empty() || filters.iter().any(|filter| shown.contains(filter.as_str())))
    };
    files::below(&house.path(FOLDER), &[".py"]).into_iter().filter(chosen).collect()
}

/// Runs snippets under an interpreter and prints what differs.
pub fn check(house: &House, python: &Path, filters: &[String], environment: &[(&str, &str)]) -> Outcome<Tally> {
    let known = known_failures(house)?;
    let programs = select(house, filters);
    let results = process::in_parallel(&programs, process::cores(), |program| failure_of(python, program, environment));
    let mut tally = Tally::default();
    let mut stale = Vec::new();
    for (program, failure) in programs.iter().zip(results) {
        let name = program.strip_prefix(house.path(FOLDER)).unwrap_or(program).display().to_string();
        match (failure, known.get(&name)) {
            (None, None) => tally.passed += 1,
            (Some(_), Some(_)) => tally.skipped += 1,
            (None, Some(reason)) => stale.push(format!("{name} passes but is listed in {KNOWN_FAILURES} ({reason})")),
            (Some(failure), None) => {
                tally.failed += 1;
                println!("FAIL {FOLDER}/{name}\n{failure}");
            }
        }
    }
    // Modes that only make things harder do not complain about the list.
    if environment.is_empty() {
        for line in &stale {
            println!("FAIL {line}");
        }
        tally.failed += stale.len();
    } else {
        tally.passed += stale.len();
    }
    Ok(tally)
}

/// `path: reason` by path.
fn known_failures(house: &House) -> Outcome<BTreeMap<String, String>> {
    let mut known = BTreeMap::new();
    for line in files::data_lines(&house.path(KNOWN_FAILURES))? {
        let (path, reason) = line.split_once(": ").ok_or_else(|| format!("{KNOWN_FAILURES}: no reason given in {line:?}"))?;
        if !house.path(FOLDER).join(path).exists() {
            return Err(format!("{KNOWN_FAILURES}: there is no {path}"));
        }
        known.insert(path.to_owned(), reason.to_owned());
    }
    Ok(known)
}

fn command_for(python: &Path, program: &Path) -> Command {
    let mut command = Command::new(python);
    process::clean_environment(&mut command);
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    if let (Some(folder), Some(name)) = (program.parent(), program.file_name()) {
        command.current_dir(folder).arg(name);
    }
    command
}

/// What is wrong with a program's run, or None.
fn failure_of(python: &Path, program: &Path, environment: &[(&str, &str)]) -> Option<String> {
    let expected = match std::fs::read(program.with_extension("out")) {
        Ok(expected) => expected,
        Err(error) => return Some(format!("  its .out file: {error}")),
    };
    let mut command = command_for(python, program);
    command.envs(environment.iter().copied());
    let limit = if environment.is_empty() { 60 } else { 120 };
    let finished = match process::run(&mut command, None, Limits::seconds(limit)) {
        Ok(finished) => finished,
        Err(error) => return Some(format!("  cannot start: {error}")),
    };
    let mut report = String::new();
    if !finished.end.ok() {
        let _ = writeln!(report, "  {}", finished.end.describe());
        let text = String::from_utf8_lossy(&finished.stderr).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        for line in &lines[lines.len().saturating_sub(SHOWN_LINES)..] {
            let _ = writeln!(report, "  ! {line}");
        }
    }
    if finished.stdout != expected {
        report.push_str(&difference(&String::from_utf8_lossy(&expected), &String::from_utf8_lossy(&finished.stdout)));
    }
    if report.is_empty() { None } else { Some(report) }
}

/// Where two texts differ, place by place: `-` expected, `+` found, with the line before it.
pub fn difference(expected: &str, found: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
    let (mut left, mut right) = (0, 0);
    let mut report = Vec::new();
    while left < old.len() || right < new.len() {
        if old.get(left) == new.get(right) {
            (left, right) = (left + 1, right + 1);
            continue;
        }
        if left > 0 {
            report.push(format!("    {}", old[left - 1]));
        }
        let (gone, come) = distance_to_agreement(&old[left..], &new[right..]);
        report.extend(old[left..left + gone].iter().map(|line| format!("  - {line}")));
        report.extend(new[right..right + come].iter().map(|line| format!("  + {line}")));
        (left, right) = (left + gone, right + come);
    }
    if report.is_empty() {
        report.push("  the texts differ in their line ends only".to_owned());
    }
    let more = report.len().saturating_sub(2 * SHOWN_LINES);
    report.truncate(2 * SHOWN_LINES);
    if more > 0 {
        report.push(format!("    ... {more} lines more"));
    }
    report.join("\n") + "\n"
}

/// How many lines of each text to skip until they agree again: the fewest in sum.
fn distance_to_agreement(old: &[&str], new: &[&str]) -> (usize, usize) {
    const FAR: usize = 200;
    for sum in 1..FAR.min(old.len() + new.len()) {
        for gone in sum.saturating_sub(new.len())..=sum.min(old.len()) {
            if old.get(gone).is_some() && old.get(gone) == new.get(sum - gone) {
                return (gone, sum - gone);
            }
        }
    }
    (old.len(), new.len())
}

fn record(house: &House, oracle: &Path, filters: &[String]) -> Outcome {
    for program in select(house, filters) {
        let finished = process::run(&mut command_for(oracle, &program), None, Limits::seconds(60))
            .map_err(|error| format!("{}: {error}", program.display()))?;
        if !finished.end.ok() {
            println!("{}: {}, not recorded", house.shown(&program), finished.end.describe());
            continue;
        }
        files::write(&program.with_extension("out"), &String::from_utf8_lossy(&finished.stdout))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn shows_the_place() {
        assert_eq!(difference("a\nb\nc\nd\n", "a\nb\nX\nd\n"), "    b\n  - c\n  + X\n");
        assert_eq!(difference("a\nb\n", "b\nc\n"), "  - a\n    b\n  + c\n");
    }
}
