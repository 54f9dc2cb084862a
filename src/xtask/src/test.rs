//! Everything that must pass before a change is taken, in the order in which failures are cheapest to find.
//!
//! Unit tests run in the dev profile (debug assertions, match dispatch), Python programs on the release build (threaded dispatch),
//! so both ways through the interpreter are tested.

use crate::flags::Flags;
use crate::house::{self, House, Profile};
use crate::snippets::{self, Tally};
use crate::{Outcome, conformance, dispatch, docs, drop_in, fuzz_calls, hpy_example, hpy_suite, stress, tidy, unit_tests};
use std::process::Command;
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
    run.step("unit tests", || unit_tests::check(house, &[]));
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
