//! Source fuzzer: programs from the snippets and the library, mutated, through `compile` (and `exec`) in a child process.
//! A crash or a hang is kept under `target/xtask/fuzz`; the seed is printed, and the same seed makes the same programs.

use crate::flags::Flags;
use crate::house::House;
use crate::process::{self, End, Limits};
use crate::{Outcome, files, stress};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const DRIVER: &str = include_str!("../scripts/fuzz_driver.py");
const BATCH: usize = 50;

pub fn run(house: &House, mut flags: Flags) -> Outcome {
    let minutes = flags.number("--minutes")?.unwrap_or(1.0);
    let mut seed = flags.number("--seed")?.map_or_else(stress::clock_seed, |seed| seed as u64);
    let execute = flags.switch("--exec");
    let python = house.interpreter(&mut flags)?;
    flags.rest()?;
    let corpus = corpus(house, execute);
    if corpus.is_empty() {
        return Err("no programs to start from".to_owned());
    }
    let scratch = house.scratch("fuzz")?;
    let driver = scratch.join("driver.py");
    files::write(&driver, DRIVER)?;
    let started = Instant::now();
    let (mut programs, mut findings) = (0, 0);
    println!("first seed {seed}, {} programs to start from", corpus.len());
    while started.elapsed() < Duration::from_secs_f64(minutes * 60.0) {
        let folder = scratch.join("batch");
        let batch = write_batch(&folder, &corpus, seed)?;
        programs += batch.len();
        findings += run_batch(&python, &driver, &batch, execute, &scratch, seed)?;
        seed += 1;
    }
    println!("{programs} programs, {findings} crashes; next seed {seed}");
    if findings > 0 { Err("protopy crashed or hung".to_owned()) } else { Ok(()) }
}

/// The wheel reader is fuzzed in its own process, without the runtime.
pub fn run_wheels(house: &House, mut flags: Flags) -> Outcome {
    let minutes = flags.number("--minutes")?.unwrap_or(1.0);
    let seed = flags.number("--seed")?.map_or_else(stress::clock_seed, |seed| seed as u64);
    flags.rest()?;
    let seconds = (minutes * 60.0).ceil() as u64;
    let mut command = house.cargo();
    command.args(["run", "--quiet", "--release", "--locked", "--package", "protopip", "--example", "wheels", "--"]);
    command.args(["fuzz", &seconds.to_string(), &seed.to_string()]);
    let status = command.status().map_err(|error| format!("cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("the wheel reader failed; the seed was {seed}")) }
}

fn corpus(house: &House, execute: bool) -> Vec<Vec<u8>> {
    let mut folders = vec![house.path("tests/snippets")];
    if !execute {
        folders.push(house.target().join("release/share/protopython/lib/python3.14"));
        folders.push(house.target().join("debug/share/protopython/lib/python3.14"));
    }
    let read = |path: &PathBuf| std::fs::read(path).ok().filter(|text| text.len() < 60_000);
    let paths = folders.iter().flat_map(|folder| files::below(folder, &[".py"]));
    // Programs that may touch files are only compiled.
    let harmless = |text: &Vec<u8>| !execute || !String::from_utf8_lossy(text).contains("import ");
    paths.filter_map(|path| read(&path)).filter(harmless).collect()
}

fn write_batch(folder: &Path, corpus: &[Vec<u8>], seed: u64) -> Outcome<Vec<PathBuf>> {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    (0..BATCH)
        .map(|index| {
            let path = folder.join(format!("{index}.py"));
            std::fs::write(&path, mutate(corpus, &mut random)).map_err(|error| error.to_string())?;
            Ok(path)
        })
        .collect()
}

/// Runs a batch in one child; if it dies, the program it was at is kept and the rest goes on in a new child.
fn run_batch(python: &Path, driver: &Path, batch: &[PathBuf], execute: bool, scratch: &Path, seed: u64) -> Outcome<usize> {
    let (mut at, mut findings) = (0, 0);
    while at < batch.len() {
        // Programs that run may loop: one at a time.
        let end = if execute { at + 1 } else { batch.len() };
        let mut command = Command::new(python);
        process::clean_environment(&mut command);
        command.arg("-I").arg(driver).arg(if execute { "exec" } else { "compile" }).args(&batch[at..end]);
        let limits = Limits { time: Duration::from_secs(if execute { 10 } else { 60 }), memory_megabytes: 4096 };
        let finished = process::run(&mut command, None, limits).map_err(|error| error.to_string())?;
        let done = String::from_utf8_lossy(&finished.stdout).lines().filter(|line| *line == "done").count();
        if finished.end == End::Exit(0) || execute && finished.end == End::Timeout {
            at = end;
            continue;
        }
        let culprit = &batch[(at + done).min(end - 1)];
        findings += 1;
        let kept = scratch.join(format!("crash-{seed}-{}.py", at + done));
        std::fs::copy(culprit, &kept).map_err(|error| error.to_string())?;
        let errors = String::from_utf8_lossy(&finished.stderr).into_owned();
        println!("FAIL seed {seed}: {} on {}: {}", finished.end.describe(), kept.display(), errors.lines().last().unwrap_or(""));
        at += done + 1;
    }
    Ok(findings)
}

/// Xorshift: small, repeatable.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

const TOKENS: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    ",",
    "*",
    "**",
    "=",
    ":=",
    "->",
    "@",
    "\\\n",
    "\n",
    "\n    ",
    "\t",
    "lambda",
    "yield",
    "await ",
    "async ",
    "def f():\n",
    "class C:\n",
    "try:\n",
    "except* E:\n",
    "finally:\n",
    "with a as b:\n",
    "match x:\n case [*_]:\n",
    "f\"{",
    "t'{x!r:>{w}}'",
    "'''",
    "\"",
    "b'\\xff'",
    "0x",
    "1e999",
    "1_0",
    "99999999999999999999",
    "...",
    "not ",
    "is not ",
    "global x\n",
    "nonlocal x\n",
    "del ",
    "return ",
    "\0",
    "\u{feff}",
    "é",
    "\r",
    "\x0c",
    "type X[T] = ",
    "import a.b as c\n",
    "from . import *\n",
    "__debug__",
    "None",
    "#coding: latin-1\n",
];

/// A few random edits of a random program.
fn mutate(corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut text = corpus[random.below(corpus.len())].clone();
    // Short pieces find more than long files.
    if text.len() > 4000 && random.below(4) > 0 {
        let start = random.below(text.len() - 2000);
        text = text[start..start + 2000].to_vec();
    }
    for _ in 0..1 + random.below(6) {
        let at = random.below(text.len() + 1);
        let end = (at + random.below(40)).min(text.len());
        match random.below(7) {
            0 => drop(text.drain(at..end)),
            1 => insert(&mut text, at, TOKENS[random.below(TOKENS.len())].as_bytes()),
            2 => {
                let piece = text[at..end].to_vec();
                let place = random.below(text.len() + 1);
                insert(&mut text, place, &piece);
            }
            3 => {
                let piece = TOKENS[random.below(TOKENS.len())].repeat(1 + random.below(300));
                insert(&mut text, at, piece.as_bytes());
            }
            4 if at < text.len() => text[at] = random.next() as u8,
            5 => {
                let other = &corpus[random.below(corpus.len())];
                let from = random.below(other.len() + 1);
                let piece = other[from..(from + 200).min(other.len())].to_vec();
                insert(&mut text, at, &piece);
            }
            _ => text.truncate(at),
        }
    }
    text
}

fn insert(text: &mut Vec<u8>, at: usize, piece: &[u8]) {
    text.splice(at..at, piece.iter().copied());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_programs() {
        let corpus = vec![b"def f(x):\n    return x\n".to_vec()];
        assert_eq!(mutate(&corpus, &mut Random(7)), mutate(&corpus, &mut Random(7)));
    }
}
