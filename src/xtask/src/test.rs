//! Everything that must pass before a change is taken, in the order in which failures are cheapest to find.
//!
//! Unit tests run in the dev profile (debug assertions, match dispatch), Python programs on the release build (threaded dispatch),
//! so both ways through the interpreter are tested.

use crate::flags::Flags;
use crate::house::{self, House, Profile};
use crate::snippets::{self, Tally};
use crate::{Outcome, conformance, dispatch, docs, drop_in, fuzz_calls, hpy_example, hpy_suite, stress, tidy};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub fn run(house: &House, mut flags: Flags) -> Outcome {
    let profile = Profile::from_flags(&mut flags);
    let lint = !flags.switch("--no-lint");
    flags.rest()?;
    let mut run = Run { started: Instant::now(), tally: Tally::default(), failures: Vec::new() };
    if lint {
        run.step("fmt", || one(&mut house.cargo(), &["fmt", "--all", "--check"]));
        run.step("tidy", || tidy::check(house));
        run.step("generated pages", || docs::check_pages(house));
        run.step("clippy", || {
            one(&mut house.cargo(), &["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"])
        });
    }
    run.step("unit tests", || nextest(house));
    let mut python = None;
    run.step("build", || {
        python = Some(house.build_protopy(profile)?);
        Ok(Tally { passed: 1, ..Tally::default() })
    });
    if let Some(python) = &python {
        if profile == Profile::Release {
            run.step("dispatch", || dispatch::check(python));
        }
        run.step("snippets", || snippets::check(house, python, &[], &[]));
        run.step("environments", || drop_in::quick(house, python));
        run.step("stress", || stress::check(house, python));
        run.step("calls", || fuzz_calls::check(house, python));
        run.step("threads", || stress::threads(house, python, 1, Duration::ZERO));
        run.step("HPy's own tests", || hpy_suite::check(house, python));
        run.step("HPy example", || hpy_example::check(house, python, 1.0));
        run.step("conformance", || conformance::check_smoke(house, python));
    }
    run.close()
}

struct Run {
    started: Instant,
    tally: Tally,
    failures: Vec<String>,
}

impl Run {
    /// Runs a part; a failure is noted and the rest goes on, so that one run tells everything.
    fn step(&mut self, name: &str, work: impl FnOnce() -> Outcome<Tally>) {
        println!("== {name}");
        let began = Instant::now();
        let result = work();
        let seconds = began.elapsed().as_secs_f64();
        match result {
            Ok(tally) => {
                println!("== {name}: {} ({seconds:.0} s)", tally.line());
                if tally.failed > 0 {
                    self.failures.push(name.to_owned());
                }
                self.tally.add(tally);
            }
            Err(message) => {
                println!("== {name}: {message} ({seconds:.0} s)");
                self.failures.push(name.to_owned());
                self.tally.failed += 1;
            }
        }
    }

    fn close(self) -> Outcome {
        println!("\n{:.0} s in all", self.started.elapsed().as_secs_f64());
        println!("{}", self.tally.line());
        if self.failures.is_empty() { Ok(()) } else { Err(format!("failed: {}", self.failures.join(", "))) }
    }
}

/// A check that passes or fails as a whole.
fn one(command: &mut Command, arguments: &[&str]) -> Outcome<Tally> {
    house::run(command.args(arguments), arguments[0])?;
    Ok(Tally { passed: 1, ..Tally::default() })
}

/// `cargo nextest`, or `cargo test` where it is not installed; the counts are read from its closing lines.
fn nextest(house: &House) -> Outcome<Tally> {
    let has_nextest = house.cargo().args(["nextest", "--version"]).output().is_ok_and(|output| output.status.success());
    let mut command = house.cargo();
    if has_nextest {
        command.args([
            "nextest",
            "run",
            "--locked",
            "--workspace",
            "--no-fail-fast",
            "--status-level",
            "fail",
            "--no-tests",
            "pass",
        ]);
    } else {
        command.args(["test", "--locked", "--workspace", "--no-fail-fast"]);
    }
    let mut tally = Tally::default();
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(|error| format!("cannot start cargo: {error}"))?;
    let errors = child.stderr.take().map(|pipe| std::thread::spawn(move || echo(pipe)));
    let mut counted = child.stdout.take().map(echo).unwrap_or_default();
    if let Some(errors) = errors {
        counted.extend(errors.join().unwrap_or_default());
    }
    for line in counted {
        tally.add(counts(&line));
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    if !status.success() && tally.failed == 0 {
        return Err(format!("cargo ended with {status}"));
    }
    Ok(tally)
}

/// Shows a stream and gives back its lines with counts.
fn echo(pipe: impl std::io::Read) -> Vec<String> {
    let mut kept = Vec::new();
    for line in BufReader::new(pipe).lines().map_while(Result::ok) {
        println!("{line}");
        if line.contains(" passed") {
            kept.push(line);
        }
    }
    kept
}

/// Reads `12 passed`, `1 failed`, `2 timed out`, `2 skipped` or `3 ignored` in a closing line.
fn counts(line: &str) -> Tally {
    let clean: String = line.chars().filter(|char| !matches!(char, ',' | ';' | '.' | ':')).collect();
    let words: Vec<&str> = clean.split_whitespace().collect();
    let before = |name: &str| {
        words.windows(2).filter(|pair| pair[1] == name).filter_map(|pair| pair[0].parse::<usize>().ok()).next().unwrap_or(0)
    };
    Tally { passed: before("passed"), failed: before("failed") + before("timed"), skipped: before("skipped") + before("ignored") }
}

#[cfg(test)]
mod tests {
    use super::counts;

    #[test]
    fn reads_closing_lines() {
        let tally = counts("     Summary [   1.2s] 120 tests run: 118 passed (3 slow), 1 failed, 1 timed out, 2 skipped");
        assert_eq!((tally.passed, tally.failed, tally.skipped), (118, 2, 2));
        let tally = counts("test result: ok. 7 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s");
        assert_eq!((tally.passed, tally.failed, tally.skipped), (7, 0, 1));
    }
}
