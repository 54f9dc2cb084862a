//! Benchmarks: programs of a folder on several interpreters, interleaved; outputs are compared before any time counts.
//!
//! A program states at its head `GROUP`, `DEFAULT_SIZE` (first argument), and, if it uses threads, `THREADS` (second argument). Such a one
//! runs in three ways, in turns: on one thread, on two, and as two processes with half the work each, which shows what the machine has to give.

use crate::bench_report;
use crate::flags::Flags;
use crate::house::{House, find_program};
use crate::process::{self, Limits};
use crate::{Outcome, files};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// How a program with threads is run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    OneThread,
    TwoThreads,
    TwoProcesses,
}

/// One program with one set of arguments.
pub struct Case {
    pub name: String,
    pub group: String,
    pub way: Way,
    path: PathBuf,
    arguments: Vec<String>,
    /// Processes per sample, for very short programs.
    runs: u32,
}

pub struct Interpreter {
    pub name: String,
    pub path: PathBuf,
}

/// What was measured of one case on one interpreter.
#[derive(Default, Clone)]
pub struct Samples {
    pub wall: Vec<f64>,
    pub cpu: Vec<f64>,
    pub peak_kilobytes: i64,
    pub failure: Option<String>,
}

impl Samples {
    pub fn median_wall(&self) -> Option<f64> {
        median(&self.wall)
    }
    pub fn median_cpu(&self) -> Option<f64> {
        median(&self.cpu)
    }
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

pub fn run(house: &House, mut flags: Flags) -> Outcome {
    let folder = flags.value("--programs")?.map_or_else(|| default_programs(house), PathBuf::from);
    let repeat = flags.number("--repeat")?.unwrap_or(5.0) as u32;
    let scale = flags.number("--scale")?.unwrap_or(1.0);
    let save = flags.value("--save")?;
    let by_cpu = flags.switch("--cpu");
    let mut interpreters = Vec::new();
    for text in flags.values("--interp")? {
        let (name, path) = text.split_once('=').ok_or_else(|| format!("--interp NAME=PATH, not {text:?}"))?;
        interpreters.push(Interpreter { name: name.to_owned(), path: find_program(path)? });
    }
    if interpreters.is_empty() {
        interpreters.push(Interpreter { name: "protopy".to_owned(), path: house.interpreter(&mut flags)? });
        interpreters.extend(house.oracle().map(|path| Interpreter { name: "CPython".to_owned(), path }));
    }
    let filters = flags.rest()?;
    let cases = load_cases(&folder, &filters, scale)?;
    if cases.is_empty() {
        return Err(format!("no program in {}", folder.display()));
    }
    let results = measure(&cases, &interpreters, repeat);
    let page = bench_report::page(&cases, &interpreters, &results, &bench_report::Setting { repeat, scale, by_cpu });
    println!("{page}");
    if let Some(name) = save {
        files::write(&house.path("docs/benchmarks").join(format!("{name}.md")), &page)?;
    }
    Ok(())
}

fn default_programs(house: &House) -> PathBuf {
    let beside = house.path("../shared/bench/programs");
    if beside.is_dir() { beside } else { house.path("benches/programs") }
}

fn load_cases(folder: &Path, filters: &[String], scale: f64) -> Outcome<Vec<Case>> {
    let mut cases = Vec::new();
    for path in files::below(folder, &[".py"]) {
        let text = files::read(&path)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let group =
            constant(&text, "GROUP").map_or_else(|| "other".to_owned(), |group| group.trim_matches(['"', '\'']).to_owned());
        if !filters.is_empty() && !filters.iter().any(|filter| name.contains(filter.as_str()) || *filter == group) {
            continue;
        }
        let number = |key: &str| constant(&text, key).and_then(|value| value.replace('_', "").parse::<f64>().ok());
        let size = |part: f64| number("DEFAULT_SIZE").map(|size| ((size * scale * part).round() as u64).max(1).to_string());
        let runs = number("RUNS").unwrap_or(1.0) as u32;
        let mut add = |name: String, way, part, threads: Option<&str>| {
            let arguments = size(part).into_iter().chain(threads.map(str::to_owned)).collect();
            cases.push(Case { name, group: group.clone(), way, path: path.clone(), arguments, runs });
        };
        if constant(&text, "THREADS").is_none() {
            add(name, Way::OneThread, 1.0, None);
            continue;
        }
        add(format!("{name}@1"), Way::OneThread, 1.0, Some("1"));
        add(format!("{name}@2"), Way::TwoThreads, 1.0, Some("2"));
        add(format!("{name}@1+1"), Way::TwoProcesses, 0.5, Some("1"));
    }
    cases.sort_by(|a, b| (&a.group, &a.name).cmp(&(&b.group, &b.name)));
    Ok(cases)
}

/// The value of a constant at module level.
fn constant(text: &str, name: &str) -> Option<String> {
    let line = text.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('=')))?;
    Some(line.split_once('=')?.1.split('#').next()?.trim().to_owned())
}

/// Samples by case, then by interpreter.
fn measure(cases: &[Case], interpreters: &[Interpreter], repeat: u32) -> Vec<Vec<Samples>> {
    let mut results = vec![vec![Samples::default(); interpreters.len()]; cases.len()];
    let mut outputs: Vec<Option<Vec<u8>>> = vec![None; cases.len()];
    // The last interpreter given is the most trusted one: its output is the standard.
    let trusted = interpreters.len() - 1;
    for round in 0..repeat {
        for (index, case) in cases.iter().enumerate() {
            for turn in 0..interpreters.len() {
                let who = (trusted + turn + if round == 0 { 0 } else { round as usize + index }) % interpreters.len();
                let samples = &mut results[index][who];
                if samples.failure.is_none()
                    && let Err(reason) = sample(case, &interpreters[who], samples, &mut outputs[index])
                {
                    eprintln!("{} on {}: {reason}", case.name, interpreters[who].name);
                    samples.failure = Some(reason);
                }
            }
        }
        eprintln!("round {} of {repeat} done", round + 1);
    }
    results
}

fn sample(case: &Case, interpreter: &Interpreter, samples: &mut Samples, standard: &mut Option<Vec<u8>>) -> Outcome {
    let run = || {
        let mut command = Command::new(&interpreter.path);
        process::clean_environment(&mut command);
        command.env("PYTHONHASHSEED", "0").arg(&case.path).args(&case.arguments);
        process::run(&mut command, None, Limits::seconds(120)).map_err(|error| error.to_string())
    };
    let (mut wall, mut cpu) = (0.0, 0.0);
    for _ in 0..case.runs {
        let started = Instant::now();
        let (finished, other) = if case.way == Way::TwoProcesses {
            std::thread::scope(|scope| {
                let other = scope.spawn(run);
                (run(), Some(other.join().unwrap_or_else(|_| Err("the runner panicked".to_owned()))))
            })
        } else {
            (run(), None)
        };
        wall += started.elapsed().as_secs_f64();
        for finished in std::iter::once(finished).chain(other) {
            let finished = finished?;
            if !finished.end.ok() {
                let errors = String::from_utf8_lossy(&finished.stderr).into_owned();
                return Err(format!("{}: {}", finished.end.describe(), errors.lines().last().unwrap_or("")));
            }
            if *standard.get_or_insert_with(|| finished.stdout.clone()) != finished.stdout {
                return Err("its output differs".to_owned());
            }
            cpu += finished.cpu;
            samples.peak_kilobytes = samples.peak_kilobytes.max(finished.peak_kilobytes);
        }
    }
    samples.wall.push(wall / f64::from(case.runs));
    samples.cpu.push(cpu / f64::from(case.runs));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_constants() {
        assert_eq!(constant("GROUP = \"text\"\nDEFAULT_SIZE = 1_000  # n\n", "DEFAULT_SIZE").as_deref(), Some("1_000"));
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
    }
}
