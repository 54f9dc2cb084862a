//! The page of a benchmark run: a table per group with ratios, thread scaling, memory, failures, and where it was measured.

use crate::bench::{Case, Interpreter, Samples, Way};
use std::fmt::Write;

/// How a run was made.
pub struct Setting {
    pub repeat: u32,
    pub scale: f64,
    /// Ratios are of CPU time: the better choice on a busy machine, but blind to threads.
    pub by_cpu: bool,
}

/// The first interpreter is compared with each of the others; a ratio below 1 means that it is faster.
pub fn page(cases: &[Case], interpreters: &[Interpreter], results: &[Vec<Samples>], setting: &Setting) -> String {
    let mut page = String::from("# Benchmarks\n\n");
    let _ = writeln!(page, "{}\n", environment(interpreters, setting));
    let rivals = &interpreters[1..];
    let _ = write!(
        page,
        "Median wall-clock seconds (CPU seconds); a ratio below 1.00 means that {} is faster.\n\n",
        interpreters[0].name
    );
    page.push_str("| program |");
    for interpreter in interpreters {
        let _ = write!(page, " {} |", interpreter.name);
    }
    for rival in rivals {
        let _ = write!(page, " ratio to {} |", rival.name);
    }
    for interpreter in interpreters {
        let _ = write!(page, " {} MB |", interpreter.name);
    }
    let _ = writeln!(page, "\n|---|{}", "---:|".repeat(interpreters.len() * 2 + rivals.len()));
    let mut all = vec![Vec::new(); rivals.len()];
    let mut start = 0;
    while start < cases.len() {
        let end =
            cases[start..].iter().position(|case| case.group != cases[start].group).map_or(cases.len(), |offset| start + offset);
        let mut ratios = vec![Vec::new(); rivals.len()];
        for index in (start..end).filter(|index| cases[*index].way != Way::TwoProcesses) {
            row(&mut page, &cases[index], &results[index], setting, &mut ratios);
        }
        mean_row(&mut page, &format!("**{}: geometric mean**", cases[start].group), interpreters.len(), &ratios);
        if cases[start].group != "startup" {
            for (sum, part) in all.iter_mut().zip(ratios) {
                sum.extend(part);
            }
        }
        start = end;
    }
    mean_row(&mut page, "**all but start-up: geometric mean**", interpreters.len(), &all);
    threads(&mut page, cases, interpreters, results);
    failures(&mut page, cases, interpreters, results);
    page
}

fn row(page: &mut String, case: &Case, samples: &[Samples], setting: &Setting, ratios: &mut [Vec<f64>]) {
    let _ = write!(page, "| {} |", case.name);
    for one in samples {
        match (one.median_wall(), one.median_cpu()) {
            (Some(wall), Some(cpu)) if one.failure.is_none() => {
                let _ = write!(page, " {wall:.3} ({cpu:.3}) |");
            }
            _ => page.push_str(" fail |"),
        }
    }
    let own = time_of(&samples[0], setting);
    for (rival, list) in samples[1..].iter().zip(ratios.iter_mut()) {
        match (own, time_of(rival, setting)) {
            (Some(own), Some(other)) => {
                list.push(own / other);
                let _ = write!(page, " {:.2} |", own / other);
            }
            _ => page.push_str(" - |"),
        }
    }
    for one in samples {
        let _ = write!(page, " {:.1} |", one.peak_kilobytes as f64 / 1024.0);
    }
    page.push('\n');
}

fn time_of(samples: &Samples, setting: &Setting) -> Option<f64> {
    if samples.failure.is_some() {
        return None;
    }
    if setting.by_cpu { samples.median_cpu() } else { samples.median_wall() }
}

/// How much faster the same work is on two threads, and as two processes that share nothing.
fn threads(page: &mut String, cases: &[Case], interpreters: &[Interpreter], results: &[Vec<Samples>]) {
    let of = |name: String| cases.iter().position(|case| case.name == name);
    let mut head = "\n## Threads\n\nHow much faster than on one thread: two threads, and two processes with half the work each.\n\n| program |";
    for (index, program) in cases.iter().enumerate().filter_map(|(index, case)| Some((index, case.name.strip_suffix("@1")?))) {
        let (Some(threads), Some(processes)) = (of(format!("{program}@2")), of(format!("{program}@1+1"))) else { continue };
        if !head.is_empty() {
            page.push_str(std::mem::take(&mut head));
            for interpreter in interpreters {
                let _ = write!(page, " {0}, threads | {0}, processes |", interpreter.name);
            }
            let _ = writeln!(page, "\n|---|{}", "---:|".repeat(interpreters.len() * 2));
        }
        let _ = write!(page, "| {program} |");
        for who in 0..interpreters.len() {
            for way in [threads, processes] {
                match (results[index][who].median_wall(), results[way][who].median_wall()) {
                    (Some(one), Some(two)) => _ = write!(page, " {:.2} |", one / two),
                    _ => page.push_str(" - |"),
                }
            }
        }
        page.push('\n');
    }
}

fn mean_row(page: &mut String, title: &str, interpreters: usize, ratios: &[Vec<f64>]) {
    let _ = write!(page, "| {title} |{}", " |".repeat(interpreters));
    for list in ratios {
        if list.is_empty() {
            page.push_str(" - |");
        } else {
            let mean = (list.iter().map(|ratio| ratio.ln()).sum::<f64>() / list.len() as f64).exp();
            let _ = write!(page, " **{mean:.2}** |");
        }
    }
    let _ = writeln!(page, "{}", " |".repeat(interpreters));
}

fn failures(page: &mut String, cases: &[Case], interpreters: &[Interpreter], results: &[Vec<Samples>]) {
    let mut lines = Vec::new();
    for (case, samples) in cases.iter().zip(results) {
        for (interpreter, one) in interpreters.iter().zip(samples) {
            if let Some(reason) = &one.failure {
                lines.push(format!("- {}, {}: {reason}", interpreter.name, case.name));
            }
        }
    }
    if !lines.is_empty() {
        let _ = write!(page, "\n## Failures\n\n{}\n", lines.join("\n"));
    }
}

fn environment(interpreters: &[Interpreter], setting: &Setting) -> String {
    let output = |program: &str, arguments: &[&str]| {
        let output = std::process::Command::new(program).args(arguments).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
    };
    let processor = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let processor = processor
        .lines()
        .find(|line| line.starts_with("model name"))
        .and_then(|line| line.split_once(": "))
        .map_or("unknown", |pair| pair.1);
    let versions: Vec<String> = interpreters
        .iter()
        .map(|interpreter| {
            let version = output(&interpreter.path.to_string_lossy(), &["-c", "import sys; print(sys.version.split()[0])"]);
            format!("{} ({version})", interpreter.name)
        })
        .collect();
    format!(
        "{}; {} cores, {processor}; {}; {} rounds interleaved, sizes times {}; ratios of {} time.",
        output("date", &["-u", "+%Y-%m-%d"]),
        crate::process::cores(),
        versions.join(", "),
        setting.repeat,
        setting.scale,
        if setting.by_cpu { "CPU" } else { "wall-clock" }
    )
}
