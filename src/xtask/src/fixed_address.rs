//! Compiling for a fixed address (docs/decisions/0006-fixed-address.md): flags for every crate of a program, and the wrapper around `rustc`
//! that makes them possible.
//!
//! A crate of the installer wants to be a shared object besides a Rust library. Shared objects cannot be compiled for a fixed address, and
//! nobody here needs that one: the wrapper does not ask for it.

use crate::Outcome;
use std::path::Path;
use std::process::{Command, ExitCode};

const FLAG: &str = "-Crelocation-model=static";

/// Lets a build by cargo or maturin, which must name its target, compile for a fixed address where the platform has them; `flags` go along.
pub fn prepare(command: &mut Command, host: &str, flags: &str) -> Outcome {
    let mut all = flags.to_owned();
    if host.ends_with("-linux-gnu") {
        let wrapper = std::env::current_exe().map_err(|error| format!("this program's own path: {error}"))?;
        command.env("RUSTC_WRAPPER", wrapper);
        all = format!("{all} {FLAG}");
    }
    // With a target triple the flags do not reach build scripts and macros.
    command.args(["--target", host]).env("RUSTFLAGS", all.trim());
    Ok(())
}

/// Cargo calls its wrapper with the compiler's path in front of the compiler's arguments.
pub fn is_wrapper_call(arguments: &[String]) -> bool {
    arguments.first().is_some_and(|first| Path::new(first).file_stem().is_some_and(|stem| stem == "rustc"))
}

pub fn wrap(arguments: &[String]) -> ExitCode {
    let status = Command::new(&arguments[0]).args(without_shared_object(&arguments[1..])).status();
    match status {
        Ok(status) => ExitCode::from(status.code().map_or(101, |code| code as u8)),
        Err(error) => {
            eprintln!("{}: {error}", arguments[0]);
            ExitCode::from(101)
        }
    }
}

/// The arguments without `--crate-type cdylib`, if they ask for the fixed address and for a Rust library as well. Questions (`--print`) stay.
fn without_shared_object(arguments: &[String]) -> Vec<&String> {
    let kinds = |kind: &str| arguments.windows(2).any(|pair| pair[0] == "--crate-type" && pair[1] == kind);
    let fixed = arguments.iter().any(|argument| argument == FLAG);
    let question = arguments.iter().any(|argument| argument.starts_with("--print"));
    if !fixed || question || !(kinds("rlib") || kinds("lib")) {
        return arguments.iter().collect();
    }
    let shared =
        |index: usize| arguments[index] == "--crate-type" && arguments.get(index + 1).is_some_and(|kind| kind == "cdylib");
    (0..arguments.len())
        .filter(|&index| !shared(index) && (index == 0 || !shared(index - 1)))
        .map(|index| &arguments[index])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    fn left(line: &str) -> String {
        without_shared_object(&words(line)).into_iter().cloned().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn shared_objects_are_left_out_beside_libraries() {
        assert_eq!(
            left("--crate-type cdylib --crate-type rlib -Crelocation-model=static"),
            "--crate-type rlib -Crelocation-model=static"
        );
        assert_eq!(
            left("a.rs --crate-type cdylib -Crelocation-model=static"),
            "a.rs --crate-type cdylib -Crelocation-model=static"
        );
        assert_eq!(left("--crate-type cdylib --crate-type rlib"), "--crate-type cdylib --crate-type rlib");
        let question = "--crate-type rlib --crate-type cdylib --print=file-names -Crelocation-model=static";
        assert_eq!(left(question), question);
    }

    #[test]
    fn the_wrapper_is_told_from_the_program() {
        assert!(is_wrapper_call(&words("/toolchain/bin/rustc -vV")));
        assert!(!is_wrapper_call(&words("test --dev")));
        assert!(!is_wrapper_call(&[]));
    }
}
