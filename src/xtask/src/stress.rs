//! Hard modes: programs under a collector that runs all the time and checks the heap, and threads on shared containers.

use crate::flags::Flags;
use crate::house::House;
use crate::process::{self, End, Limits};
use crate::snippets::{self, Tally};
use crate::{Outcome, files};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const LIST: &str = "tests/stress/snippets.txt";
const FOLDER: &str = "tests/stress";

/// Environments of the hard modes. Collecting at every allocation is too slow for a start-up of the library, so it is every n-th.
const MODES: &[(&str, &[(&str, &str)])] = &[
    ("collect often", &[("PROTOPY_GC_STRESS", "3001")]),
    ("collect often and verify the heap", &[("PROTOPY_GC_STRESS", "4999"), ("PROTOPY_GC_VERIFY", "1")]),
];

pub fn run(house: &House, mut flags: Flags) -> Outcome {
    let python = house.interpreter(&mut flags)?;
    flags.rest()?;
    finish("stress", check(house, &python)?)
}

fn finish(name: &str, tally: Tally) -> Outcome {
    println!("{name}: {}", tally.line());
    if tally.failed > 0 { Err(format!("{name} failed")) } else { Ok(()) }
}

/// The listed snippets under each hard mode.
pub fn check(house: &House, python: &Path) -> Outcome<Tally> {
    let listed = files::data_lines(&house.path(LIST))?;
    let mut tally = Tally::default();
    for (name, environment) in MODES {
        let result = snippets::check(house, python, &listed, environment)?;
        println!("  {name}: {}", result.line());
        tally.add(result);
    }
    Ok(tally)
}

pub fn run_threads(house: &House, mut flags: Flags) -> Outcome {
    let minutes = flags.number("--minutes")?.unwrap_or(2.0);
    let seed = flags.number("--seed")?.map_or_else(clock_seed, |seed| seed as u64);
    let python = house.interpreter(&mut flags)?;
    flags.rest()?;
    finish("stress-threads", threads(house, &python, seed, Duration::from_secs_f64(minutes * 60.0))?)
}

/// A seed from the clock, small enough to type.
pub fn clock_seed() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(1, |now| now.as_millis() as u64 % 1_000_000)
}

/// One round of every threaded program in every mode; at least one round, then until the time is used up. The races, which do other
/// things each time, are for runs with time.
pub fn threads(house: &House, python: &Path, first_seed: u64, time: Duration) -> Outcome<Tally> {
    let folder = house.path(FOLDER);
    // What lies deeper is imported by the programs.
    let is_wanted = |path: &PathBuf| path.parent() == Some(&folder) && (!time.is_zero() || !is_race(path));
    let programs: Vec<PathBuf> = files::below(&folder, &[".py"]).into_iter().filter(is_wanted).collect();
    let started = Instant::now();
    let mut tally = Tally::default();
    let mut seed = first_seed;
    loop {
        for environment in [&[] as &[(&str, &str)], MODES[0].1] {
            for program in &programs {
                match threads_failure(python, program, seed, environment) {
                    None => tally.passed += 1,
                    Some(failure) => {
                        tally.failed += 1;
                        println!("FAIL {} --seed {seed} {environment:?}\n{failure}", house.shown(program));
                    }
                }
            }
        }
        seed += 1;
        if started.elapsed() >= time || programs.is_empty() {
            return Ok(tally);
        }
    }
}

fn is_race(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("races_"))
}

/// Programs check themselves: exit status 0 and a last line "ok".
fn threads_failure(python: &Path, program: &Path, seed: u64, environment: &[(&str, &str)]) -> Option<String> {
    let mut command = Command::new(python);
    process::clean_environment(&mut command);
    command.envs(environment.iter().copied()).arg(program).arg(seed.to_string());
    let finished = match process::run(&mut command, None, Limits::seconds(120)) {
        Ok(finished) => finished,
        Err(error) => return Some(format!("  cannot start: {error}")),
    };
    let output = String::from_utf8_lossy(&finished.stdout).into_owned();
    if finished.end == End::Exit(0) && output.trim_end().ends_with("ok") {
        return None;
    }
    let errors = String::from_utf8_lossy(&finished.stderr).into_owned();
    let lines: Vec<&str> = errors.lines().collect();
    let tail = lines[lines.len().saturating_sub(8)..].join("\n  ! ");
    Some(format!("  {}; output {:?}\n  ! {tail}", finished.end.describe(), output.chars().take(200).collect::<String>()))
}
