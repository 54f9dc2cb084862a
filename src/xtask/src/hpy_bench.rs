//! HPy's speed: the extension in `wheels-tests/hpy-bench` on CPython with the published HPy and on protopy, in turns, so that both meet the
//! same noise. Writes docs/benchmarks/hpy.md.
//!
//! Must not know: how HPy is implemented.

use crate::flags::Flags;
use crate::house::House;
use crate::hpy_workshop::Workshop;
use crate::process::{self, Limits};
use crate::{Outcome, files};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

const SOURCE: &str = "wheels-tests/hpy-bench";
const PAGE: &str = "docs/benchmarks/hpy.md";

/// One column: an interpreter in a mode.
struct Column {
    name: &'static str,
    own: bool,
    mode: &'static str,
}

const COLUMNS: [Column; 5] = [
    Column { name: "CPython 3.11 universal", own: false, mode: "universal" },
    Column { name: "protopy universal", own: true, mode: "universal" },
    Column { name: "CPython 3.11 debug", own: false, mode: "debug" },
    Column { name: "protopy debug", own: true, mode: "debug" },
    Column { name: "protopy trace", own: true, mode: "trace" },
];

/// Rows in order: name, and whether it is measured from Python.
type Rows = Vec<(String, bool)>;

pub fn run(house: &House, mut flags: Flags) -> Outcome {
    let rounds = flags.number("--rounds")?.unwrap_or(5.0) as usize;
    let scale = flags.number("--scale")?.unwrap_or(1.0);
    let write = flags.switch("--write");
    let python = house.interpreter(&mut flags)?;
    flags.rest()?;
    let workshop = Workshop::prepare(house)?;
    let reference = workshop.reference()?;
    let folder = workshop.build(&house.path(SOURCE), "hpy-bench")?;
    let mut rows = Rows::new();
    let mut samples: Vec<BTreeMap<String, Vec<f64>>> = COLUMNS.iter().map(|_| BTreeMap::new()).collect();
    for round in 1..=rounds {
        for (column, samples) in COLUMNS.iter().zip(&mut samples) {
            let interpreter = if column.own { &python } else { &reference };
            for (name, from_python, time) in measure(interpreter, &folder, column.mode, scale)? {
                if !rows.iter().any(|(known, _)| *known == name) {
                    rows.push((name.clone(), from_python));
                }
                samples.entry(name).or_default().push(time);
            }
        }
        println!("round {round} of {rounds}");
    }
    let medians: Vec<BTreeMap<String, f64>> =
        samples.into_iter().map(|column| column.into_iter().map(|(name, times)| (name, median(times))).collect()).collect();
    let page = page(&rows, &medians, rounds);
    println!("{page}");
    if write {
        files::write(&house.path(PAGE), &page)?;
    }
    Ok(())
}

/// One process: every row once.
fn measure(interpreter: &Path, folder: &Path, mode: &str, scale: f64) -> Outcome<Vec<(String, bool, f64)>> {
    let mut command = Command::new(interpreter);
    process::clean_environment(&mut command);
    command.current_dir(folder).env("HPY", mode).arg("measure.py").arg(scale.to_string());
    let finished = process::run(&mut command, None, Limits::seconds(600)).map_err(|error| error.to_string())?;
    if !finished.end.ok() {
        let errors = String::from_utf8_lossy(&finished.stderr).into_owned();
        return Err(format!("{} in {mode} mode: {}\n{errors}", interpreter.display(), finished.end.describe()));
    }
    let parsed: serde_json::Value = serde_json::from_slice(&finished.stdout).map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    for (group, from_python) in [("python", true), ("c", false)] {
        for name in parsed[group].as_array().into_iter().flatten().filter_map(|name| name.as_str()) {
            let time = parsed["rows"][name].as_f64().ok_or_else(|| format!("no time for {name}"))?;
            found.push((name.to_owned(), from_python, time));
        }
    }
    Ok(found)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn page(rows: &Rows, medians: &[BTreeMap<String, f64>], rounds: usize) -> String {
    let mut page = String::from("# HPy\n\n");
    let _ = writeln!(
        page,
        "Nanoseconds of CPU time for one operation, median of {rounds} rounds in which the columns took turns; `cargo xtask hpy-bench --write`.\n\
         *ratio* is protopy to CPython 3.11 with the published HPy 0.9.0, both universal: below 1.00 protopy is faster. *debug* compares\n\
         protopy's debug mode with its universal mode.\n"
    );
    for (title, from_python) in [("Python code calls the extension", true), ("C code calls the API", false)] {
        let _ = writeln!(page, "## {title}\n");
        page.push_str("| operation |");
        for column in &COLUMNS {
            let _ = write!(page, " {} |", column.name);
        }
        page.push_str(" ratio | debug |\n|---|");
        page.push_str(&"---:|".repeat(COLUMNS.len() + 2));
        page.push('\n');
        let (mut ratios, mut debug_ratios) = (Vec::new(), Vec::new());
        for (name, _) in rows.iter().filter(|(_, group)| *group == from_python) {
            let times: Vec<f64> = medians.iter().map(|column| column.get(name).copied().unwrap_or(f64::NAN)).collect();
            let (ratio, debug) = (times[1] / times[0], times[3] / times[1]);
            ratios.push(ratio);
            debug_ratios.push(debug);
            let cells: Vec<String> = times.iter().map(|time| format!("{time:.1}")).collect();
            let _ = writeln!(page, "| `{name}` | {} | {ratio:.2} | {debug:.1} |", cells.join(" | "));
        }
        let columns = " |".repeat(COLUMNS.len());
        let _ = writeln!(page, "| **geometric mean** |{columns} {:.2} | {:.1} |\n", geometric(&ratios), geometric(&debug_ratios));
    }
    page.push_str(
        "A round takes the best of five runs of 300,000 operations after one to warm up. `List_Append` makes one list of as many items, which\n\
         grows where it lies; the collections that fall due are part of the time.\n",
    );
    page
}

fn geometric(values: &[f64]) -> f64 {
    (values.iter().map(|value| value.ln()).sum::<f64>() / values.len().max(1) as f64).exp()
}
