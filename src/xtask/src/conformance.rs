//! CPython's own tests, case by case. The passing case ids of each layer are data in `docs/conformance`; a lost one is a failure.
//!
//! The harness (`regrtest.py`, the layer lists, the reference of what CPython passes) lies beside the repository, the tests are
//! CPython's `test` package. Must not know: how a case is run.

use crate::flags::Flags;
use crate::house::{self, House};
use crate::process;
use crate::snippets::Tally;
use crate::{Outcome, files};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

const FOLDER: &str = "docs/conformance";
/// Units that every test run checks: quick ones of each layer.
const SMOKE: &str = "docs/conformance/smoke.txt";

/// Passing case ids by unit.
type Passing = BTreeMap<String, BTreeSet<String>>;

struct Harness {
    compat: PathBuf,
    tests: PathBuf,
}

/// A layer: its name (`layer1-language`) and unit patterns.
struct Layer {
    name: String,
    patterns: Vec<String>,
}

pub fn run(house: &House, mut flags: Flags) -> Outcome {
    let check = flags.switch("--check");
    let numbers = flags.values("--layer")?;
    let jobs = flags.number("--jobs")?.map_or_else(process::cores, |jobs| jobs as usize);
    let harness = Harness::find(house, flags.value("--compat")?, flags.value("--tests")?)?;
    let python = house.interpreter(&mut flags)?;
    let units = flags.rest()?;
    let layers = harness.layers()?;
    let reference = harness.reference()?;
    let mut wanted = units.clone();
    for layer in &layers {
        if units.is_empty()
            && (numbers.is_empty() || numbers.iter().any(|number| layer.name.starts_with(&format!("layer{number}-"))))
        {
            wanted.extend(layer.patterns.iter().cloned());
        }
    }
    let found = harness.measure(house, &python, &wanted, jobs)?;
    let found = only_reference(found, &reference);
    if check {
        let tally = compare(house, &layers, &found)?;
        println!("conformance: {}", tally.line());
        return if tally.failed > 0 { Err("cases were lost".to_owned()) } else { Ok(()) };
    }
    record(house, &layers, &reference, &found)
}

/// The small set of every test run. Skipped where the harness or CPython's tests are not to be had.
pub fn check_smoke(house: &House, python: &Path) -> Outcome<Tally> {
    let units = files::data_lines(&house.path(SMOKE))?;
    let harness = match Harness::find(house, None, None) {
        Ok(harness) if !units.is_empty() => harness,
        Ok(_) => return Ok(Tally::default()),
        Err(reason) => {
            println!("conformance is not checked here: {reason}");
            return Ok(Tally { skipped: 1, ..Tally::default() });
        }
    };
    let found = harness.measure(house, python, &units, process::cores())?;
    let found = only_reference(found, &harness.reference()?);
    compare(house, &harness.layers()?, &found)
}

impl Harness {
    fn find(house: &House, compat: Option<String>, tests: Option<String>) -> Outcome<Harness> {
        let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
        let home = variable("HOME").unwrap_or_default();
        let compat = compat
            .map(PathBuf::from)
            .or_else(|| variable("PROTOPY_COMPAT_DIR"))
            .unwrap_or_else(|| house.path("../shared/compat"));
        let tests =
            tests.map(PathBuf::from).or_else(|| variable("PROTOPY_TEST_PACKAGE")).unwrap_or_else(|| home.join(".anchors/tests"));
        if !compat.join("regrtest.py").exists() {
            return Err(format!("no regrtest.py in {} (--compat, PROTOPY_COMPAT_DIR)", compat.display()));
        }
        let package = if tests.join("test/__init__.py").exists() { tests.join("test") } else { tests };
        if !package.join("support").is_dir() {
            return Err(format!("no CPython test package in {} (--tests, PROTOPY_TEST_PACKAGE)", package.display()));
        }
        Ok(Harness { compat, tests: package })
    }

    fn layers(&self) -> Outcome<Vec<Layer>> {
        let mut layers = Vec::new();
        for path in files::below(&self.compat, &[".txt"]) {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with("layer") {
                layers
                    .push(Layer { name, patterns: files::data_lines(&path)?.iter().map(|line| before_comment(line)).collect() });
            }
        }
        Ok(layers)
    }

    /// The cases that CPython passes in this harness.
    fn reference(&self) -> Outcome<Passing> {
        let path = self.compat.join("reference-3.14.json");
        let data: Json = serde_json::from_str(&files::read(&path)?).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut reference = Passing::new();
        for (unit, row) in data["modules"].as_object().into_iter().flatten() {
            reference.insert(
                unit.clone(),
                row["pass"].as_array().into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect(),
            );
        }
        Ok(reference)
    }

    /// Runs units and gives what passed; every unit that ran has an entry.
    fn measure(&self, house: &House, python: &Path, wanted: &[String], jobs: usize) -> Outcome<Passing> {
        let scratch = house.scratch("conformance")?;
        let tests = self.isolated_tests(&scratch)?;
        let _linked = LinkedTests::make(python, &tests)?;
        let list = scratch.join("wanted.txt");
        files::write(&list, &wanted.join("\n"))?;
        let record = scratch.join("record.json");
        let _ = std::fs::remove_file(&record);
        let mut command = Command::new(house.helper_python()?);
        command.arg(self.compat.join("regrtest.py")).arg("run").arg("--python").arg(python).arg("--tests").arg(&tests);
        command.arg("--list").arg(&list).arg("--record").arg(&record).args(["-j", &jobs.to_string()]);
        command.arg("--logs").arg(scratch.join("logs"));
        if let Some(folder) = tests.parent() {
            command.arg("--env").arg(format!("PYTHONPATH={}", folder.display()));
        }
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        house::run(&mut command, "regrtest")?;
        let data: Json =
            serde_json::from_str(&files::read(&record)?).map_err(|error| format!("{}: {error}", record.display()))?;
        let mut found = Passing::new();
        for (unit, row) in data["modules"].as_object().into_iter().flatten() {
            let cases = row["cases"].as_object().into_iter().flatten();
            let passed = cases.filter(|(_, case)| case[0] == "pass").map(|(name, _)| name.clone());
            found.insert(unit.clone(), passed.collect());
        }
        Ok(found)
    }

    /// The test package in a folder where nothing else of CPython's library lies: its parent goes on `sys.path`.
    fn isolated_tests(&self, scratch: &Path) -> Outcome<PathBuf> {
        let target = scratch.join("tests/test");
        if !target.join("support").is_dir() {
            println!("copying CPython's tests to {}", target.display());
            files::copy_tree(&self.tests, &target)?;
        }
        // Compiled by another build, perhaps: the tests write their own, as they do for the reference.
        forget_compiled(&target)?;
        Ok(target)
    }
}

/// The tests in the interpreter's own library, where CPython has them: programs started with `-I` find them nowhere else.
struct LinkedTests(Option<PathBuf>);

impl LinkedTests {
    fn make(python: &Path, tests: &Path) -> Outcome<LinkedTests> {
        let asked = Command::new(python).args(["-I", "-S", "-c", "import os; print(os.path.dirname(os.__file__))"]).output();
        let asked = asked.map_err(|error| format!("{}: {error}", python.display()))?;
        let link = PathBuf::from(String::from_utf8_lossy(&asked.stdout).trim()).join("test");
        if link.is_symlink() {
            // Left by a run that was cut short, or of a run that goes on.
            let _ = std::fs::remove_file(&link);
        }
        // A library in an archive cannot take it: then some cases are lost.
        let made = !link.exists() && std::os::unix::fs::symlink(tests, &link).is_ok();
        Ok(LinkedTests(made.then_some(link)))
    }
}

impl Drop for LinkedTests {
    fn drop(&mut self) {
        if let Some(link) = &self.0 {
            let _ = std::fs::remove_file(link);
        }
    }
}

/// Removes the folders of compiled files below `folder`.
fn forget_compiled(folder: &Path) -> Outcome {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.file_name().is_some_and(|name| name == "__pycache__") {
            std::fs::remove_dir_all(&path).map_err(failed)?;
        } else if path.is_dir() && !path.is_symlink() {
            forget_compiled(&path)?;
        }
    }
    Ok(())
}

fn before_comment(line: &str) -> String {
    line.split('#').next().unwrap_or("").trim().to_owned()
}

fn only_reference(mut found: Passing, reference: &Passing) -> Passing {
    let nothing = BTreeSet::new();
    for (unit, cases) in &mut found {
        let counted = reference.get(unit).unwrap_or(&nothing);
        cases.retain(|case| counted.contains(case));
    }
    found
}

/// A unit belongs to a pattern by name, as a submodule, or by `*`.
fn belongs(unit: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        Some((start, _)) => unit.starts_with(start),
        None => unit == pattern || unit.strip_prefix(pattern).is_some_and(|rest| rest.starts_with('.')),
    }
}

fn layer_of<'a>(layers: &'a [Layer], unit: &str) -> Option<&'a Layer> {
    layers.iter().find(|layer| layer.patterns.iter().any(|pattern| belongs(unit, pattern)))
}

fn record_path(house: &House, layer: &str) -> PathBuf {
    house.path(FOLDER).join(format!("{layer}.txt"))
}

/// Lost and gained cases against the committed lists.
fn compare(house: &House, layers: &[Layer], found: &Passing) -> Outcome<Tally> {
    let nothing = BTreeSet::new();
    let mut tally = Tally::default();
    let mut gained = 0;
    for layer in layers {
        let committed = read_record(&record_path(house, &layer.name))?;
        for (unit, cases) in found.iter().filter(|(unit, _)| layer.patterns.iter().any(|pattern| belongs(unit, pattern))) {
            let before = committed.get(unit).unwrap_or(&nothing);
            for lost in before.difference(cases) {
                println!("LOST {unit} {lost}");
            }
            tally.failed += before.difference(cases).count();
            tally.passed += before.intersection(cases).count();
            gained += cases.difference(before).count();
        }
    }
    if gained > 0 {
        println!("{gained} cases pass that the record does not hold: run `cargo xtask conformance` and commit docs/conformance");
    }
    Ok(tally)
}

/// Writes the lists (units that did not run keep their rows) and the summary.
fn record(house: &House, layers: &[Layer], reference: &Passing, found: &Passing) -> Outcome {
    let mut summary = String::from(
        "# Conformance\n\nCases of CPython 3.14's own test suite that pass, of those that CPython passes in the same harness. \
         Written by `cargo xtask conformance`; the ids of the passing cases are in the files beside this one.\n\n\
         | layer | units | units complete | cases | passed | share | mean of units |\n|---|---:|---:|---:|---:|---:|---:|\n",
    );
    let mut all = Score::default();
    for layer in layers {
        let path = record_path(house, &layer.name);
        let mut rows = read_record(&path)?;
        let mut score = Score::default();
        for (unit, wanted) in
            reference.iter().filter(|(unit, _)| layer_of(layers, unit).is_some_and(|own| own.name == layer.name))
        {
            if let Some(cases) = found.get(unit) {
                rows.insert(unit.clone(), cases.clone());
            }
            score.add(rows.get(unit).map_or(0, BTreeSet::len), wanted.len());
        }
        if rows.is_empty() {
            let _ = writeln!(summary, "| {} | {} | not measured | {} | | | |", layer.name, score.units, score.cases);
            continue;
        }
        files::write(&path, &show_record(&rows))?;
        let _ = writeln!(summary, "| [{0}]({0}.txt) | {1} |", layer.name, score.cells());
        all.join(&score);
    }
    let _ = writeln!(summary, "| all measured | {} |", all.cells());
    files::write(&house.path(FOLDER).join("README.md"), &summary)?;
    println!("{summary}");
    Ok(())
}

#[derive(Default)]
struct Score {
    units: usize,
    complete: usize,
    cases: usize,
    passed: usize,
    shares: f64,
}

impl Score {
    fn add(&mut self, passed: usize, total: usize) {
        self.units += 1;
        self.complete += usize::from(passed == total);
        self.cases += total;
        self.passed += passed;
        self.shares += passed as f64 / total.max(1) as f64;
    }
    fn join(&mut self, other: &Score) {
        self.units += other.units;
        self.complete += other.complete;
        self.cases += other.cases;
        self.passed += other.passed;
        self.shares += other.shares;
    }
    fn cells(&self) -> String {
        format!(
            "{} | {} | {} | {} | {:.2} % | {:.2} %",
            self.units,
            self.complete,
            self.cases,
            self.passed,
            100.0 * self.passed as f64 / self.cases.max(1) as f64,
            100.0 * self.shares / self.units.max(1) as f64
        )
    }
}

/// One line per unit, one indented line per class of cases: ` Class: test_a test_b`.
fn show_record(rows: &Passing) -> String {
    let mut text = String::new();
    for (unit, cases) in rows.iter().filter(|(_, cases)| !cases.is_empty()) {
        let _ = writeln!(text, "{unit}");
        let mut classes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for case in cases {
            let (class, name) = case.rsplit_once('.').unwrap_or(("", case));
            classes.entry(class).or_default().push(name);
        }
        for (class, names) in classes {
            let _ = writeln!(text, " {class}: {}", names.join(" "));
        }
    }
    text
}

fn read_record(path: &Path) -> Outcome<Passing> {
    if !path.exists() {
        return Ok(Passing::new());
    }
    Ok(parse_record(&files::read(path)?))
}

fn parse_record(text: &str) -> Passing {
    let mut rows = Passing::new();
    let mut unit = String::new();
    for line in text.lines() {
        match line.strip_prefix(' ') {
            None => {
                unit = line.to_owned();
                rows.entry(unit.clone()).or_default();
            }
            Some(line) => {
                let Some((class, names)) = line.rsplit_once(": ") else { continue };
                let cases = rows.entry(unit.clone()).or_default();
                for name in names.split(' ') {
                    cases.insert(if class.is_empty() { name.to_owned() } else { format!("{class}.{name}") });
                }
            }
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_survive_a_round_trip() {
        let mut rows = Passing::new();
        rows.insert("test_a".into(), ["C.f".into(), "C.g#2".into(), "alone".into(), "x.<locals>.D.h".into()].into());
        assert_eq!(parse_record(&show_record(&rows)), rows);
    }

    #[test]
    fn matches_units() {
        assert!(belongs("test_json.test_decode", "test_json") && belongs("test_x", "test_x"));
        assert!(!belongs("test_jsonx", "test_json"));
    }
}
