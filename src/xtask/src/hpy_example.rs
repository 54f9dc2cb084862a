//! Our example extension and the worked example of docs/hpy.md: built, then run in every mode; the stress and fuzz programs beside it.
//!
//! Must not know: how HPy is implemented.

use crate::flags::Flags;
use crate::house::House;
use crate::hpy_workshop::Workshop;
use crate::process::{self, Limits};
use crate::snippets::Tally;
use crate::{Outcome, files};
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCE: &str = "wheels-tests/hpy-example";
const MISUSE: &str = "wheels-tests/hpy-misuse";
const BROKEN: &str = "wheels-tests/hpy-broken";
const PAGE: &str = "docs/hpy.md";
const FUZZER: &str = "tests/hpy/fuzz_loader.py";
const MODES: [&str; 3] = ["universal", "debug", "trace"];

pub fn run(house: &House, mut flags: Flags) -> Outcome {
    let seconds = flags.number("--stress")?.unwrap_or(2.0);
    let calls = flags.number("--leaks")?;
    let python = house.interpreter(&mut flags)?;
    flags.rest()?;
    let mut tally = check(house, &python, seconds)?;
    if let Some(calls) = calls {
        let folder = Workshop::prepare(house)?.build(&house.path(SOURCE), "hpy-example")?;
        for mode in ["universal", "debug"] {
            let program = Program { python: &python, folder: &folder, mode, seconds: 7200, shown: true };
            tally.add(program.run(&["leaks.py", &calls.to_string()], "ok"));
        }
    }
    println!("hpy-example: {}", tally.line());
    if tally.failed > 0 { Err("the example fails".to_owned()) } else { Ok(()) }
}

/// The example's tests in all modes, the stress program for some seconds in each setting, broken files, the documentation's example.
pub fn check(house: &House, python: &Path, stress_seconds: f64) -> Outcome<Tally> {
    let workshop = Workshop::prepare(house)?;
    let folder = workshop.build(&house.path(SOURCE), "hpy-example")?;
    let mut tally = Tally::default();
    for mode in MODES {
        let program = Program { python, folder: &folder, mode, seconds: 120, shown: false };
        tally.add(program.run(&["test_example.py"], ""));
    }
    let seconds = stress_seconds.to_string();
    for (mode, threads) in [("universal", "2"), ("universal", "8"), ("debug", "2"), ("debug", "8")] {
        let program = Program { python, folder: &folder, mode, seconds: 60 + 4 * stress_seconds as u64, shown: false };
        tally.add(program.run(&["stress.py", threads, &seconds], "ok"));
    }
    let fuzzer = house.path(FUZZER).display().to_string();
    let program = Program { python, folder: &folder, mode: "universal", seconds: 300, shown: false };
    tally.add(program.run(&[&fuzzer, "hpy_example/toolbox.hpy0.so", "150"], "ok"));
    let misuse = workshop.build(&house.path(MISUSE), "hpy-misuse")?;
    let program = Program { python, folder: &misuse, mode: "debug", seconds: 120, shown: false };
    tally.add(program.run(&["test_misuse.py"], "ok"));
    let broken = workshop.build(&house.path(BROKEN), "hpy-broken")?;
    for mode in ["universal", "debug"] {
        let program = Program { python, folder: &broken, mode, seconds: 120, shown: false };
        tally.add(program.run(&["test_broken.py"], "ok"));
    }
    tally.add(worked_example(house, &workshop, python)?);
    Ok(tally)
}

struct Program<'a> {
    python: &'a Path,
    folder: &'a Path,
    mode: &'a str,
    seconds: u64,
    shown: bool,
}

impl Program<'_> {
    /// Passes if it ends well and its output ends with some words.
    fn run(&self, arguments: &[&str], ending: &str) -> Tally {
        let mut command = Command::new(self.python);
        process::clean_environment(&mut command);
        command.current_dir(self.folder).env("HPY", self.mode).args(arguments);
        let what = format!("{} ({})", arguments.join(" "), self.mode);
        let failure = match process::run(&mut command, None, Limits::seconds(self.seconds)) {
            Err(error) => Some(error.to_string()),
            Ok(finished) => {
                let output = String::from_utf8_lossy(&finished.stdout).into_owned();
                if self.shown {
                    println!("{what}\n{output}");
                }
                let good = finished.end.ok() && output.trim_end().ends_with(ending);
                let errors = String::from_utf8_lossy(&finished.stderr).into_owned();
                let tail: Vec<&str> = errors.lines().chain(output.lines()).collect();
                let tail = tail[tail.len().saturating_sub(25)..].join("\n  ! ");
                if good { None } else { Some(format!("{}\n  ! {tail}", finished.end.describe())) }
            }
        };
        match failure {
            None => Tally { passed: 1, ..Tally::default() },
            Some(failure) => {
                println!("FAIL {what}: {failure}");
                Tally { failed: 1, ..Tally::default() }
            }
        }
    }
}

/// Writes the files of the page's example out, builds it, runs it, and compares what it prints with what the page says.
fn worked_example(house: &House, workshop: &Workshop, python: &Path) -> Outcome<Tally> {
    let blocks = blocks(&files::read(&house.path(PAGE))?);
    let folder: PathBuf = workshop.folder.join("worked-example");
    let _ = std::fs::remove_dir_all(&folder);
    for (name, text) in blocks.iter().filter(|(name, _)| !name.starts_with("output of ")) {
        files::write(&folder.join(name), text)?;
    }
    let built = workshop.build(&folder, "worked-example")?;
    let mut tally = outputs(&blocks, python, &built)?;
    // The same, built by protopy itself: an environment of its own, setuptools, an isolated build, headers fetched into a cache.
    let own = workshop.own_environment(python)?;
    let mut command = Command::new(&own);
    process::clean_environment(&mut command);
    command.env("XDG_CACHE_HOME", workshop.folder.join("cache")).current_dir(&folder);
    command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--force-reinstall", "--no-deps", "."]);
    let finished = process::run(&mut command, None, Limits::seconds(300)).map_err(|error| error.to_string())?;
    if finished.end.ok() {
        let scripts = workshop.folder.join("worked-example-scripts");
        for (name, text) in blocks.iter().filter(|(name, _)| name.ends_with(".py") && !name.starts_with("output of ")) {
            files::write(&scripts.join(name), text)?;
        }
        tally.add(outputs(&blocks, &own, &scripts)?);
    } else {
        tally.failed += 1;
        println!("FAIL building with protopy: {}\n{}", finished.end.describe(), String::from_utf8_lossy(&finished.stderr));
    }
    if tally.passed + tally.failed == 0 {
        return Err(format!("{PAGE} has no example that can be run"));
    }
    Ok(tally)
}

/// Runs the programs of the page in a folder and compares what they print.
fn outputs(blocks: &[(String, String)], python: &Path, folder: &Path) -> Outcome<Tally> {
    let mut tally = Tally::default();
    for (name, expected) in blocks {
        let Some(program) = name.strip_prefix("output of ") else { continue };
        let mut command = Command::new(python);
        process::clean_environment(&mut command);
        command.current_dir(folder).arg(program);
        let finished = process::run(&mut command, None, Limits::seconds(60)).map_err(|error| error.to_string())?;
        let output = String::from_utf8_lossy(&finished.stdout).into_owned();
        if output.trim() == expected.trim() && finished.end.ok() {
            tally.passed += 1;
        } else {
            tally.failed += 1;
            let errors = String::from_utf8_lossy(&finished.stderr).into_owned();
            println!("FAIL {PAGE}: {program}: {}\n{output}\n{errors}", finished.end.describe());
        }
    }
    Ok(tally)
}

/// Fenced blocks whose opening line names a file: "```c greet.c", "```text output of try.py".
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let body: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
        if let Some((_, name)) = info.split_once(' ') {
            found.push((name.trim().to_owned(), body.join("\n") + "\n"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::blocks;

    #[test]
    fn named_blocks_are_files() {
        let page = "text\n```c a.c\nint x;\n```\n```sh\nls\n```\n```text output of b.py\n1\n```\n";
        let found = blocks(page);
        assert_eq!(found, [("a.c".to_owned(), "int x;\n".to_owned()), ("output of b.py".to_owned(), "1\n".to_owned())]);
    }
}
