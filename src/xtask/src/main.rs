//! `cargo xtask`: the automation of this repository. Each command is one module; `help` lists them.
//!
//! Must not know: how the interpreter works. It is run here as a program, and looked at from outside.

mod bench;
mod bench_report;
mod conformance;
mod dispatch;
mod docs;
mod drop_in;
mod files;
mod fixed_address;
mod flags;
mod fuzz;
mod fuzz_calls;
mod house;
mod hpy_bench;
mod hpy_example;
mod hpy_suite;
mod hpy_workshop;
mod package;
mod pgo;
mod process;
mod programs;
mod snippets;
mod stress;
mod test;
mod text_order;
mod tidy;
mod tour;
mod unit_tests;

use flags::Flags;
use house::House;
use std::process::ExitCode;

/// What a command says when it did not do its work: a message for the reader.
pub type Outcome<T = ()> = Result<T, String>;

struct Command {
    name: &'static str,
    usage: &'static str,
    about: &'static str,
    run: fn(&House, Flags) -> Outcome,
}

const COMMANDS: &[Command] = &[
    Command { name: "tour", usage: "[--dev]", about: "build protopy, run a program that shows it at work", run: tour::run },
    Command {
        name: "test",
        usage: "[--dev] [--no-lint]",
        about: "everything that must pass: fmt, clippy, tidy, unit tests, snippets, stress, conformance",
        run: test::run,
    },
    Command {
        name: "unit-tests",
        usage: "[FILTER...]",
        about: "the workspace's unit tests whose program or name holds a word, each in a process of its own",
        run: unit_tests::run,
    },
    Command { name: "tidy", usage: "", about: "rules of the house that no compiler checks", run: tidy::run },
    Command {
        name: "snippets",
        usage: "[--dev] [--python PATH] [--record PATH] [FILTER...]",
        about: "Python programs against recorded output; --record CPYTHON writes the output anew",
        run: snippets::run,
    },
    Command {
        name: "stress",
        usage: "[--dev] [--python PATH]",
        about: "a few snippets while the collector runs all the time and checks the heap",
        run: stress::run,
    },
    Command {
        name: "stress-threads",
        usage: "[--dev] [--python PATH] [--minutes N] [--seed N]",
        about: "threads on shared containers, with and without collector stress",
        run: stress::run_threads,
    },
    Command {
        name: "conformance",
        usage: "[--layer N...] [--python PATH] [--compat DIR] [--tests DIR] [--jobs N] [--check] [UNIT...]",
        about: "CPython's own tests, case by case; records the passing ones, or checks against the record",
        run: conformance::run,
    },
    Command {
        name: "bench",
        usage: "[--programs DIR] [--interp NAME=PATH...] [--repeat N] [--scale F] [--cpu] [--save NAME] [FILTER...]",
        about: "time and memory against other interpreters",
        run: bench::run,
    },
    Command {
        name: "hpy-suite",
        usage: "[--mode universal|debug|trace|all] [--dev] [--python PATH] [--baseline] [--gc-stress N] [--jobs N] [--record] [FILTER...]",
        about: "HPy's own tests from its published source package; --baseline runs them on CPython with the published HPy",
        run: hpy_suite::run,
    },
    Command {
        name: "hpy-example",
        usage: "[--dev] [--python PATH] [--stress SECONDS] [--leaks CALLS]",
        about: "our example extension in every mode, with threads, and broken files; --leaks calls everything many times",
        run: hpy_example::run,
    },
    Command {
        name: "hpy-bench",
        usage: "[--python PATH] [--rounds N] [--scale F] [--write]",
        about: "speed of HPy against CPython with the published HPy; --write writes docs/benchmarks/hpy.md",
        run: hpy_bench::run,
    },
    Command { name: "docs", usage: "[--python PATH] [--cpython PATH] [--check]", about: "generated pages", run: docs::run },
    Command {
        name: "fuzz-calls",
        usage: "[--dev] [--python PATH] [--seconds N] [--seed N] [--jobs N] [--mode NAME] [--no-minimise]",
        about: "everything callable with arguments nobody expects, in one thread, in several, under the collector's hard modes",
        run: fuzz_calls::run,
    },
    Command {
        name: "fuzz-source",
        usage: "[--python PATH] [--minutes N] [--seed N] [--exec]",
        about: "mutated programs through compile (and exec): no crash allowed",
        run: fuzz::run,
    },
    Command {
        name: "fuzz-wheel",
        usage: "[--minutes N] [--seed N]",
        about: "damaged wheels through protopip's reader: no panic allowed",
        run: fuzz::run_wheels,
    },
    Command {
        name: "package",
        usage: "[--install] [--source]",
        about: "build the wheel (and the source package); --install tries it in a fresh environment",
        run: package::run,
    },
    Command {
        name: "pgo",
        usage: "[--programs DIR]",
        about: "build the wheel with a profile of snippets and benchmark programs (those of DIR, too); takes long, gives a few per cent",
        run: pgo::run,
    },
    Command {
        name: "text-order",
        usage: "[--python PATH]",
        about: "which functions a start and ordinary programs call, for the linker (needs valgrind, takes a quarter of an hour)",
        run: text_order::run,
    },
    Command {
        name: "drop-in",
        usage: "[--wheel PATH] [FILTER...]",
        about: "the wheel against pip, virtualenv, uv, tox and other tools; makes the table of docs/drop-in.md (slow, needs the index)",
        run: drop_in::run,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if fixed_address::is_wrapper_call(&arguments) {
        return fixed_address::wrap(&arguments);
    }
    let mut arguments = arguments.into_iter();
    let name = arguments.next().unwrap_or_else(|| "help".to_owned());
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        print_help();
        return ExitCode::from(if matches!(name.as_str(), "help" | "-h" | "--help") { 0 } else { 2 });
    };
    let outcome = House::find().and_then(|house| (command.run)(&house, Flags::new(arguments)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask {name}: {message}");
            ExitCode::FAILURE
        }
    }
}

fn print_help() {
    println!("cargo xtask COMMAND\n");
    for command in COMMANDS {
        println!("  {} {}\n      {}", command.name, command.usage, command.about);
    }
}
