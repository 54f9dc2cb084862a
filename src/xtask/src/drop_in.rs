//! The tools around Python against an installed `protopy`: one shell script per tool (`tests/drop-in/tools`), each in a fresh folder.
//! Makes the table of `docs/drop-in.md`. Needs the package index, and minutes.
//!
//! Must not know: what a tool does; the scripts say that.

use crate::flags::Flags;
use crate::house::{self, House};
use crate::process::{self, Limits};
use crate::snippets::Tally;
use crate::{Outcome, files, package};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

const SCRIPTS: &str = "tests/drop-in/tools";
const FUNCTIONS: &str = "tests/drop-in/tools/project.sh";
const QUICK: &str = "tests/drop-in/test_environments.py";
const PAGE: &str = "docs/drop-in.md";
const TABLE_START: &str = "<!-- made by `cargo xtask drop-in` -->\n";
const TABLE_END: &str = "<!-- end -->\n";
/// What the host's Python gets into an environment of its own.
const TOOLS: &[&str] =
    &["virtualenv", "uv", "tox", "nox", "pipx", "hatch", "poetry", "pdm", "meson", "cmake", "ninja", "pre-commit"];

pub fn run(house: &House, mut flags: Flags) -> Outcome {
    let wheel = flags.value("--wheel")?;
    let filters = flags.rest()?;
    let wheel = match wheel {
        Some(path) => house::find_program(&path)?,
        None => package::build(house, None)?,
    };
    let place = Place::prepare(house, &wheel)?;
    let mut rows = Vec::new();
    for script in scripts(house, &filters) {
        let row = place.run(&script)?;
        println!("{:<24} {}", row.tool, row.shown_result());
        rows.push(row);
    }
    if filters.is_empty() {
        write_table(house, &rows)?;
    }
    match rows.iter().filter(|row| !row.as_expected()).count() {
        0 => Ok(()),
        count => Err(format!("{count} of {} scripts failed", rows.len())),
    }
}

/// The part that needs neither network nor wheel: environments, prefixes, schemes, scripts.
pub fn quick(house: &House, python: &Path) -> Outcome<Tally> {
    let mut command = Command::new(python);
    command.arg(house.path(QUICK));
    process::clean_environment(&mut command);
    let finished = process::run(&mut command, None, Limits::seconds(600)).map_err(|error| error.to_string())?;
    let report = String::from_utf8_lossy(&finished.stderr).into_owned();
    let Some(tally) = unittest_counts(&report) else {
        return Err(format!("{} ({})\n{report}", QUICK, finished.end.describe()));
    };
    if !finished.end.ok() {
        println!("{report}");
    }
    Ok(tally)
}

/// Reads the closing lines of `unittest`.
fn unittest_counts(report: &str) -> Option<Tally> {
    let ran: usize = report.lines().rev().find_map(|line| line.strip_prefix("Ran "))?.split(' ').next()?.parse().ok()?;
    let last = report.lines().rev().find(|line| line.starts_with("OK") || line.starts_with("FAILED"))?;
    let number = |name: &str| {
        let tail = &last[last.find(&format!("{name}="))? + name.len() + 1..];
        tail.split([',', ')']).next()?.parse::<usize>().ok()
    };
    let failed = number("failures").unwrap_or(0) + number("errors").unwrap_or(0);
    let skipped = number("skipped").unwrap_or(0);
    Some(Tally { passed: ran.saturating_sub(failed + skipped), failed, skipped })
}

/// What a script says about itself in its first lines (`# key: value`).
fn header(text: &str, key: &str) -> Option<String> {
    let start = format!("# {key}: ");
    text.lines().take_while(|line| line.starts_with('#')).find_map(|line| line.strip_prefix(&start)).map(str::to_owned)
}

fn scripts(house: &House, filters: &[String]) -> Vec<PathBuf> {
    files::below(&house.path(SCRIPTS), &[".sh"])
        .into_iter()
        .filter(|path| !path.ends_with("project.sh"))
        .filter(|path| filters.is_empty() || filters.iter().any(|filter| house.shown(path).contains(filter.as_str())))
        .collect()
}

struct Row {
    tool: String,
    version: String,
    tried: String,
    needs: Option<String>,
    /// Why it cannot pass, if that is known.
    known_failure: Option<String>,
    passed: bool,
    seconds: f64,
}

impl Row {
    fn as_expected(&self) -> bool {
        self.passed != self.known_failure.is_some()
    }
    fn shown_result(&self) -> String {
        let how = match (self.passed, &self.known_failure) {
            (true, None) => "works",
            (true, Some(_)) => "works, though it is known to fail",
            (false, None) => "FAILS",
            (false, Some(reason)) => reason,
        };
        format!("{how} ({:.0} s)", self.seconds)
    }
}

struct Place {
    folder: PathBuf,
    functions: PathBuf,
    host: PathBuf,
    protopy: PathBuf,
    tools: PathBuf,
    wheel: PathBuf,
}

impl Place {
    /// An environment of the host's Python with the wheel in it, and one with the tools.
    fn prepare(house: &House, wheel: &Path) -> Outcome<Place> {
        let folder = house.scratch("drop-in")?;
        let host = house.helper_python()?;
        let make = |name: &str, what: &[&str]| -> Outcome<PathBuf> {
            let env = folder.join(name);
            if !env.join("bin/pip").exists() {
                house::run(Command::new(&host).args(["-m", "venv"]).arg(&env), "making an environment")?;
            }
            let mut install = Command::new(env.join("bin/pip"));
            house::run(install.args(["install", "--quiet", "--upgrade"]).args(what), "installing")?;
            Ok(env.join("bin"))
        };
        let _ = std::fs::remove_dir_all(folder.join("installed"));
        let protopy = make("installed", &[&wheel.display().to_string()])?.join("protopy");
        let tools = make("tools", TOOLS)?;
        Ok(Place { folder, functions: house.path(FUNCTIONS), host, protopy, tools, wheel: wheel.to_owned() })
    }

    fn run(&self, script: &Path) -> Outcome<Row> {
        let text = files::read(script)?;
        let name = script.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let folder = self.folder.join("runs").join(&name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let shell = |body: &str| {
            let mut command = Command::new("bash");
            process::clean_environment(&mut command);
            let body = format!("set -eu\n. '{}'\n{body}", self.functions.display());
            command.arg("-c").arg(body).current_dir(&folder);
            command.env_remove("VIRTUAL_ENV").env("PROTOPY", &self.protopy).env("TOOLS", &self.tools);
            command.env("HOST", &self.host).env("WHEEL", &self.wheel);
            process::run(&mut command, None, Limits::seconds(600)).map_err(|error| error.to_string())
        };
        let finished = shell(&text)?;
        let version = match header(&text, "version") {
            Some(ask) => String::from_utf8_lossy(&shell(&ask)?.stdout).trim().lines().next().unwrap_or_default().to_owned(),
            None => String::new(),
        };
        let row = Row {
            tool: header(&text, "tool").unwrap_or(name),
            version,
            tried: header(&text, "tried").unwrap_or_default(),
            needs: header(&text, "needs"),
            known_failure: header(&text, "fails"),
            passed: finished.end.ok(),
            seconds: finished.wall,
        };
        if !row.passed {
            let shown = [finished.stdout, finished.stderr].concat();
            println!("-- {} ({})\n{}", script.display(), finished.end.describe(), String::from_utf8_lossy(&shown));
        }
        Ok(row)
    }
}

fn write_table(house: &House, rows: &[Row]) -> Outcome {
    let mut table = String::from("| tool | version | what is tried | result |\n|---|---|---|---|\n");
    for row in rows {
        let result = match (&row.known_failure, row.passed) {
            (None, true) => row.needs.as_ref().map_or("works".to_owned(), |needs| format!("works with `{needs}`")),
            (_, true) => "works".to_owned(),
            (Some(reason), false) => reason.clone(),
            (None, false) => "fails".to_owned(),
        };
        let _ = writeln!(table, "| {} | {} | {} | {} |", row.tool, row.version, row.tried, result.replace("` for", " for"));
    }
    let path = house.path(PAGE);
    let page = files::read(&path)?;
    let start = page.find(TABLE_START).ok_or("the page has no place for the table")? + TABLE_START.len();
    let end = page.find(TABLE_END).ok_or("the page has no end of the table")?;
    files::write(&path, &format!("{}{table}{}", &page[..start], &page[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_headers_and_counts() {
        let text = "# tool: tox\n# tried: it\nset\n# needs: no\n";
        assert_eq!(header(text, "tool").as_deref(), Some("tox"));
        assert_eq!(header(text, "needs"), None);
        let tally = unittest_counts("...\nRan 31 tests in 4.2s\n\nFAILED (failures=2, errors=1, skipped=3)\n").unwrap();
        assert_eq!((tally.passed, tally.failed, tally.skipped), (25, 3, 3));
        let tally = unittest_counts("Ran 3 tests in 4.2s\n\nOK\n").unwrap();
        assert_eq!((tally.passed, tally.failed, tally.skipped), (3, 0, 0));
    }
}
