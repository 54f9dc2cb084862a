//! HPy's own tests, replayed case by case: the tests come from the published source package, their extension modules are compiled once
//! by a CPython, the interpreter under test only loads and runs them.
//!
//! Nothing of HPy lies in this repository: `tests/hpy/cases.txt` names cases and outcomes, `tests/hpy/*.py` are our tools.
//! Must not know: how HPy is implemented.

use crate::flags::Flags;
use crate::house::House;
use crate::hpy_workshop::Workshop;
use crate::process::{self, End, Limits};
use crate::snippets::Tally;
use crate::{Outcome, files};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const CASES: &str = "tests/hpy/cases.txt";
const SECONDS: u64 = 60;
const MODES: [&str; 3] = ["universal", "debug", "trace"];
/// What the replay says when a module must be compiled first.
const MISSING: i32 = 77;
const SKIPPED: i32 = 2;

#[derive(Clone)]
struct Case {
    mode: String,
    name: String,
    /// The recorded outcome.
    outcome: String,
    /// How the case is treated: `collect`, `scrub`, `warm`.
    words: Vec<String>,
}

#[derive(Clone, PartialEq, Eq)]
enum Ended {
    Passed,
    Skipped,
    Failed,
    /// Ended by a signal.
    Crashed,
    Hung,
    /// Modules that were not compiled yet.
    Missing(Vec<String>),
}

impl Ended {
    fn word(&self) -> &'static str {
        match self {
            Ended::Passed => "pass",
            Ended::Skipped => "skip",
            Ended::Failed => "fail",
            Ended::Crashed => "crash",
            Ended::Hung => "hang",
            Ended::Missing(_) => "missing",
        }
    }
}

pub fn run(house: &House, mut flags: Flags) -> Outcome {
    let mode = flags.value("--mode")?.unwrap_or_else(|| "all".to_owned());
    let jobs = flags.number("--jobs")?.map_or(process::cores(), |jobs| jobs as usize);
    let stress = flags.value("--gc-stress")?;
    let record = flags.switch("--record");
    let baseline = flags.switch("--baseline");
    let python = if baseline { None } else { Some(house.interpreter(&mut flags)?) };
    let filters = flags.rest()?;
    if mode != "all" && !MODES.contains(&mode.as_str()) {
        return Err(format!("--mode is one of all, {}", MODES.join(", ")));
    }
    let workshop = Workshop::prepare(house)?;
    let python = match python {
        Some(python) => python,
        None => workshop.reference()?,
    };
    let recorded = workshop.cases(house)?;
    let wanted = |case: &Case| {
        (mode == "all" || case.mode == mode)
            && (filters.is_empty() || filters.iter().any(|word| case.name.contains(word.as_str())))
    };
    let chosen: Vec<Case> = recorded.iter().filter(|case| wanted(case)).cloned().collect();
    let mut environment = Vec::new();
    if let Some(interval) = &stress {
        environment.push(("HPY_SUITE_STRESS".to_owned(), interval.clone()));
    }
    let results = workshop.replay(&python, &chosen, jobs, &environment, !baseline)?;
    report(&chosen, &results);
    if record {
        write_record(house, &recorded, &chosen, &results)?;
    }
    let tally = compare(&chosen, &results, baseline);
    println!("hpy-suite: {}", tally.line());
    if tally.failed > 0 { Err("cases fail".to_owned()) } else { Ok(()) }
}

/// Every recorded case again; those that passed must pass.
pub fn check(house: &House, python: &Path) -> Outcome<Tally> {
    let workshop = Workshop::prepare(house)?;
    let cases = workshop.cases(house)?;
    let results = workshop.replay(python, &cases, process::cores(), &[], true)?;
    report(&cases, &results);
    Ok(compare(&cases, &results, false))
}

impl Workshop {
    /// The cases in the record, and those of the source package that it does not have.
    fn cases(&self, house: &House) -> Outcome<Vec<Case>> {
        let mut cases: Vec<Case> = files::data_lines(&house.path(CASES))?.iter().filter_map(|line| parse(line)).collect();
        if cases.is_empty() {
            let mut command = Command::new(&self.compiler);
            command.arg(self.tools.join("replay.py")).arg(&self.folder).arg("--list");
            let output = command.output().map_err(|error| format!("listing the cases: {error}"))?;
            if !output.status.success() {
                return Err(format!("listing the cases failed:\n{}", String::from_utf8_lossy(&output.stderr)));
            }
            cases = String::from_utf8_lossy(&output.stdout).lines().filter_map(parse).collect();
            cases.sort_by(|one, other| (&one.mode, &one.name).cmp(&(&other.mode, &other.name)));
        }
        Ok(cases)
    }

    /// Runs cases; those that miss modules run again after the modules were compiled.
    fn replay(
        &self,
        python: &Path,
        cases: &[Case],
        jobs: usize,
        environment: &[(String, String)],
        treated: bool,
    ) -> Outcome<Vec<Ended>> {
        let mut results: Vec<Option<Ended>> = vec![None; cases.len()];
        loop {
            let open: Vec<usize> = (0..cases.len()).filter(|index| results[*index].is_none()).collect();
            if open.is_empty() {
                return Ok(results.into_iter().flatten().collect());
            }
            let round = process::in_parallel(&open, jobs, |index| self.one(python, &cases[*index], environment, treated));
            let mut missing = Vec::new();
            for (index, result) in open.into_iter().zip(round) {
                match result {
                    Ended::Missing(modules) => missing.extend(modules),
                    other => results[index] = Some(other),
                }
            }
            missing.sort();
            missing.dedup();
            self.compile(&missing, jobs)?;
        }
    }

    fn compile(&self, modules: &[String], jobs: usize) -> Outcome {
        if modules.is_empty() {
            return Ok(());
        }
        println!("  compiling {} modules", modules.len());
        let first = self.folder.join("source/hpy/devel/lib/universal/libhpy-extra-universal.a");
        let shares = if first.exists() { jobs.max(1) } else { 1 };
        let batches: Vec<&[String]> = modules.chunks(modules.len().div_ceil(shares)).collect();
        let ended = process::in_parallel(&batches, shares, |batch| {
            let mut command = Command::new(&self.compiler);
            process::clean_environment(&mut command);
            command.arg(self.tools.join("compile.py")).arg(&self.folder);
            command.args(batch.iter().map(|module| self.folder.join("modules").join(module)));
            process::run(&mut command, None, Limits { time: Duration::from_secs(900), memory_megabytes: 0 })
        });
        for end in ended {
            let end = end.map_err(|error| format!("cannot start the compiler: {error}"))?;
            if !end.end.ok() {
                return Err(format!("compiling modules: {}\n{}", end.end.describe(), String::from_utf8_lossy(&end.stderr)));
            }
        }
        Ok(())
    }

    fn one(&self, python: &Path, case: &Case, environment: &[(String, String)], treated: bool) -> Ended {
        let mut command = Command::new(python);
        process::clean_environment(&mut command);
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        command.arg(self.tools.join("replay.py")).arg(&self.folder).args([&case.mode, &case.name]);
        command.args(case.words.iter().filter(|word| treated || *word == "warm"));
        let seconds = if environment.is_empty() { SECONDS } else { SECONDS * 10 };
        let Ok(finished) = process::run(&mut command, None, Limits::seconds(seconds)) else { return Ended::Failed };
        let output = String::from_utf8_lossy(&finished.stdout).into_owned();
        let result = match finished.end {
            End::Exit(0) => Ended::Passed,
            End::Exit(SKIPPED) => Ended::Skipped,
            End::Exit(MISSING) => {
                Ended::Missing(output.lines().filter_map(|line| line.strip_prefix("missing ")).map(str::to_owned).collect())
            }
            End::Exit(_) => Ended::Failed,
            End::Signal(_) => Ended::Crashed,
            End::Timeout => Ended::Hung,
        };
        let log = self.log(case);
        if result == Ended::Passed {
            let _ = std::fs::remove_file(log);
        } else {
            let text = format!("{}\n{output}\n{}", finished.end.describe(), String::from_utf8_lossy(&finished.stderr));
            let _ = files::write(&log, &text);
        }
        result
    }

    fn log(&self, case: &Case) -> PathBuf {
        let name: String = case.name.chars().map(|char| if char.is_alphanumeric() || char == '_' { char } else { '-' }).collect();
        self.folder.join("logs").join(&case.mode).join(name + ".txt")
    }
}

/// `MODE CASE [OUTCOME [WORD...]]`
fn parse(line: &str) -> Option<Case> {
    let mut words = line.split_whitespace().map(str::to_owned);
    let (mode, name) = (words.next()?, words.next()?);
    let outcome = words.next().unwrap_or_else(|| "unknown".to_owned());
    Some(Case { mode, name, outcome, words: words.collect() })
}

/// Says what did not pass, and the figures of each mode.
fn report(cases: &[Case], results: &[Ended]) {
    let mut counts: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for (case, result) in cases.iter().zip(results) {
        *counts.entry(&case.mode).or_default().entry(result.word()).or_default() += 1;
        if !matches!(result, Ended::Passed | Ended::Skipped) {
            println!("  {:5} {} {}", result.word(), case.mode, case.name);
        }
    }
    for (mode, counts) in counts {
        let total: usize = counts.values().sum();
        let others: Vec<String> =
            counts.iter().filter(|(word, _)| **word != "pass").map(|(word, count)| format!(", {count} {word}")).collect();
        println!("  {mode}: {} of {total} pass{}", counts.get("pass").unwrap_or(&0), others.concat());
    }
}

/// A case fails that is not recorded as failing and did not pass; one that is recorded as skipped may be skipped.
fn compare(cases: &[Case], results: &[Ended], baseline: bool) -> Tally {
    let mut tally = Tally::default();
    for (case, result) in cases.iter().zip(results) {
        match result {
            Ended::Passed => {
                tally.passed += 1;
                if !baseline && !matches!(case.outcome.as_str(), "pass" | "unknown") {
                    println!("  now passes: {} {} (--record keeps it)", case.mode, case.name);
                }
            }
            Ended::Skipped if baseline || case.outcome == "skip" => tally.skipped += 1,
            _ if !baseline && matches!(case.outcome.as_str(), "fail" | "crash" | "hang") => tally.skipped += 1,
            _ => tally.failed += 1,
        }
    }
    tally
}

fn write_record(house: &House, recorded: &[Case], chosen: &[Case], results: &[Ended]) -> Outcome {
    let fresh: BTreeMap<(&str, &str), &Ended> =
        chosen.iter().zip(results).map(|(case, result)| ((case.mode.as_str(), case.name.as_str()), result)).collect();
    let path = house.path(CASES);
    let head: String = if path.exists() {
        files::read(&path)?.lines().take_while(|line| line.starts_with('#')).map(|line| format!("{line}\n")).collect()
    } else {
        String::new()
    };
    let mut text = head;
    for case in recorded {
        let outcome = fresh.get(&(case.mode.as_str(), case.name.as_str())).map_or(case.outcome.as_str(), |result| result.word());
        let mut line = vec![case.mode.as_str(), case.name.as_str(), outcome];
        line.extend(case.words.iter().map(String::as_str));
        text.push_str(&line.join(" "));
        text.push('\n');
    }
    files::write(&path, &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lines_of_the_record() {
        let case = parse("debug a::B::c[with-x] pass collect").unwrap();
        assert_eq!((case.mode.as_str(), case.name.as_str(), case.outcome.as_str()), ("debug", "a::B::c[with-x]", "pass"));
        assert_eq!(case.words, ["collect"]);
        assert!(parse("debug").is_none());
    }

    #[test]
    fn what_passed_must_pass() {
        let cases: Vec<Case> =
            ["trace a pass", "trace b pass", "trace c fail", "trace d skip"].iter().filter_map(|line| parse(line)).collect();
        let tally = compare(&cases, &[Ended::Passed, Ended::Crashed, Ended::Failed, Ended::Skipped], false);
        assert_eq!((tally.passed, tally.failed, tally.skipped), (1, 1, 2));
    }
}
