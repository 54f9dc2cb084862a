//! The workspace's unit tests, each in a process of its own: a process has one heap, and tests set limits and modes of it.
//!
//! Must not know: what is tested.

use crate::Outcome;
use crate::flags::Flags;
use crate::house::House;
use crate::process::{self, Limits};
use crate::snippets::Tally;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// One that takes longer hangs.
const LIMIT: u64 = 180;

/// A program of tests, and the folder of its package, where it runs.
#[derive(Debug, PartialEq, Eq)]
struct Program {
    path: PathBuf,
    package: PathBuf,
}

struct Test<'a> {
    program: &'a Program,
    name: String,
}

pub fn run(house: &House, flags: Flags) -> Outcome {
    let tally = check(house, &flags.rest()?)?;
    println!("unit tests: {}", tally.line());
    if tally.failed > 0 { Err("unit tests failed".to_owned()) } else { Ok(()) }
}

/// Builds all and runs those whose program or name holds one of the filters.
pub fn check(house: &House, filters: &[String]) -> Outcome<Tally> {
    let programs = build(house)?;
    let mut tests = Vec::new();
    let mut tally = Tally::default();
    for program in &programs {
        let ignored = names(program, &["--ignored"])?;
        tally.skipped += ignored.len();
        let title = program.title();
        let wanted =
            |name: &String| filters.is_empty() || filters.iter().any(|filter| title.contains(filter) || name.contains(filter));
        let all = names(program, &[])?.into_iter().filter(|name| !ignored.contains(name) && wanted(name));
        tests.extend(all.map(|name| Test { program, name }));
    }
    for (test, failure) in tests.iter().zip(process::in_parallel(&tests, process::cores(), failure_of)) {
        match failure {
            None => tally.passed += 1,
            Some(failure) => {
                tally.failed += 1;
                println!("FAIL {} {}: {failure}", test.program.title(), test.name);
            }
        }
    }
    Ok(tally)
}

fn build(house: &House) -> Outcome<Vec<Program>> {
    let mut command = house.cargo();
    command.args(["test", "--locked", "--workspace", "--no-run", "--message-format=json-render-diagnostics"]);
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| format!("cannot start cargo: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo test ended with {}", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().filter_map(program_of).collect())
}

/// What a line of cargo's messages says of a program of tests.
fn program_of(line: &str) -> Option<Program> {
    let message: serde_json::Value = serde_json::from_str(line).ok()?;
    if message["profile"]["test"] != true {
        return None;
    }
    let path = PathBuf::from(message["executable"].as_str()?);
    let package = Path::new(message["manifest_path"].as_str()?).parent()?.to_owned();
    Some(Program { path, package })
}

fn names(program: &Program, arguments: &[&str]) -> Outcome<Vec<String>> {
    let mut command = program.command();
    command.args(["--list", "--format", "terse"]).args(arguments);
    let finished = process::run(&mut command, None, Limits::seconds(LIMIT)).map_err(|error| error.to_string())?;
    if !finished.end.ok() {
        return Err(format!("{}: {}", program.title(), finished.end.describe()));
    }
    let lines = String::from_utf8_lossy(&finished.stdout).into_owned();
    Ok(lines.lines().filter_map(|line| Some(line.strip_suffix(": test")?.to_owned())).collect())
}

impl Program {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.current_dir(&self.package).env("CARGO_MANIFEST_DIR", &self.package);
        command
    }
    /// Its name without the hash.
    fn title(&self) -> String {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        name.rsplit_once('-').map_or(&*name, |(title, _)| title).to_owned()
    }
}

/// How a test ended and what it said last, if it did not pass.
fn failure_of(test: &Test) -> Option<String> {
    const SHOWN: usize = 25;
    let mut command = test.program.command();
    command.args(["--exact", &test.name]);
    let finished = match process::run(&mut command, None, Limits::seconds(LIMIT)) {
        Ok(finished) => finished,
        Err(error) => return Some(format!("cannot start: {error}")),
    };
    if finished.end.ok() {
        return None;
    }
    let said = [finished.stdout, finished.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    let lines: Vec<&str> = said.lines().filter(|line| !line.is_empty()).collect();
    Some(format!("{}\n  ! {}", finished.end.describe(), lines[lines.len().saturating_sub(SHOWN)..].join("\n  ! ")))
}

#[cfg(test)]
mod tests {
    use super::{Program, program_of};

    #[test]
    fn programs_are_found_in_cargos_messages() {
        let line =
            r#"{"reason":"compiler-artifact","manifest_path":"/a/b/Cargo.toml","profile":{"test":true},"executable":"/t/b-12"}"#;
        assert_eq!(program_of(line), Some(Program { path: "/t/b-12".into(), package: "/a/b".into() }));
        assert_eq!(program_of(line).map(|program| program.title()).as_deref(), Some("b"));
        assert_eq!(program_of(&line.replace("true", "false")), None);
        assert_eq!(program_of(r#"{"reason":"build-finished","success":true}"#), None);
    }
}
