//! Call fuzzer: `tests/stress/calls/fuzz.py` calls everything with anything in a child process; here children are started again, looked
//! after, and what a dead one did last is kept under `target/xtask/fuzz-calls` and made small.
//!
//! A finding is a signal, a Rust panic, an exit code that nobody has given, or a child that no longer answers its clock. One that is known
//! by its place is only counted.

use crate::flags::Flags;
use crate::house::House;
use crate::process;
use crate::snippets::Tally;
use crate::{Outcome, stress};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

const DRIVER: &str = "tests/stress/calls/fuzz.py";
/// A child is started again after so long: what calls have broken for good (classes, hooks) does not stay in the way.
const CHILD_SECONDS: f64 = 12.0;
/// Seeds of different children lie so far apart.
const SEEDS_PER_CHILD: u64 = 1000;
/// Lengths of thousands of millions must not eat up the machine.
const ADDRESS_SPACE: libc::rlim_t = 8 << 30;
/// How a child may end: well, without memory for itself (`fuzz.py`), without its standard output.
const GOOD_CODES: &[i32] = &[0, 71, 120];
/// A short run for the tests: seed, rounds of each child, and the seconds that one may take at most.
const CHECK: (u64, u32, f64) = (1, 40, 120.0);

/// Hard modes, of which children take turns.
const MODES: &[(&str, &[(&str, &str)], u32)] = &[
    ("plain", &[], 1),
    ("threads", &[], 4),
    ("collect often", &[("PROTOPY_GC_STRESS", "4999")], 1),
    ("verify the heap", &[("PROTOPY_GC_STRESS", "19997"), ("PROTOPY_GC_VERIFY", "1")], 1),
    ("threads, collect often", &[("PROTOPY_GC_STRESS", "19997"), ("PROTOPY_GC_VERIFY", "1")], 3),
    ("allocations fail", &[("PROTOPY_HEAP_LIMIT_MB", "28")], 1),
];

struct Fuzzer<'a> {
    house: &'a House,
    python: PathBuf,
    scratch: PathBuf,
    modes: Vec<usize>,
    /// What a child does at most; 0: as much as it has time for.
    rounds: u32,
    next_child: AtomicU64,
    found: Mutex<BTreeMap<String, usize>>,
    minimise: bool,
}

pub fn run(house: &House, mut flags: Flags) -> Outcome {
    let seconds = flags.number("--seconds")?.unwrap_or(60.0);
    let seed = flags.number("--seed")?.map_or_else(stress::clock_seed, |seed| seed as u64);
    let jobs = flags.number("--jobs")?.unwrap_or(1.0).max(1.0) as usize;
    let mode = flags.value("--mode")?;
    let minimise = !flags.switch("--no-minimise");
    let python = house.interpreter(&mut flags)?;
    flags.rest()?;
    let modes = chosen_modes(mode.as_deref())?;
    let fuzzer = Fuzzer::new(house, &python, modes, minimise)?;
    println!("first seed {seed}; findings go to {}", fuzzer.scratch.display());
    let tally = fuzzer.run(seed, seconds, jobs);
    println!("fuzz-calls: {} children, {} of them failed", tally.passed + tally.failed, tally.failed);
    if tally.failed > 0 { Err("protopy crashed, panicked or hung".to_owned()) } else { Ok(()) }
}

fn chosen_modes(name: Option<&str>) -> Outcome<Vec<usize>> {
    let Some(name) = name else { return Ok((0..MODES.len()).collect()) };
    let found: Vec<usize> = (0..MODES.len()).filter(|&index| MODES[index].0 == name).collect();
    if found.is_empty() {
        let names: Vec<&str> = MODES.iter().map(|mode| mode.0).collect();
        return Err(format!("--mode is one of: {}", names.join("; ")));
    }
    Ok(found)
}

/// The bounded run that is part of the tests: the same calls each time, so in one thread. What threads do to one another is different
/// each time, which is for the long run.
pub fn check(house: &House, python: &Path) -> Outcome<Tally> {
    let (seed, rounds, seconds) = CHECK;
    let modes: Vec<usize> = (0..MODES.len()).filter(|&mode| MODES[mode].2 == 1).collect();
    let count = modes.len();
    let fuzzer = Fuzzer { rounds, ..Fuzzer::new(house, python, modes, false)? };
    let mut tally = Tally::default();
    for _ in 0..count {
        let deadline = Instant::now() + Duration::from_secs_f64(seconds);
        if fuzzer.child(0, seed, deadline) { tally.failed += 1 } else { tally.passed += 1 }
    }
    Ok(tally)
}

/// How a child ended.
struct Ended {
    /// Empty if all is well; else what tells this failure from others.
    kind: String,
    details: String,
}

impl Fuzzer<'_> {
    fn new<'a>(house: &'a House, python: &Path, modes: Vec<usize>, minimise: bool) -> Outcome<Fuzzer<'a>> {
        let scratch = house.scratch("fuzz-calls")?;
        let (next_child, found) = (AtomicU64::new(0), Mutex::new(BTreeMap::new()));
        Ok(Fuzzer { house, python: python.to_owned(), scratch, modes, rounds: 0, next_child, found, minimise })
    }

    fn run(&self, seed: u64, seconds: f64, jobs: usize) -> Tally {
        let deadline = Instant::now() + Duration::from_secs_f64(seconds);
        let tally = Mutex::new(Tally::default());
        std::thread::scope(|scope| {
            for job in 0..jobs {
                let tally = &tally;
                scope.spawn(move || {
                    while Instant::now() < deadline {
                        let failed = self.child(job, seed, deadline);
                        let mut tally = tally.lock().unwrap_or_else(|broken| broken.into_inner());
                        if failed { tally.failed += 1 } else { tally.passed += 1 }
                    }
                });
            }
        });
        for (kind, count) in self.found.lock().unwrap_or_else(|broken| broken.into_inner()).iter() {
            println!("{count:5} x {kind}");
        }
        tally.into_inner().unwrap_or_else(|broken| broken.into_inner())
    }

    /// One child to its end; true if it failed.
    fn child(&self, job: usize, first_seed: u64, deadline: Instant) -> bool {
        let number = self.next_child.fetch_add(1, Relaxed);
        let seed = first_seed + number * SEEDS_PER_CHILD;
        let mode = self.modes[number as usize % self.modes.len()];
        let left = deadline.saturating_duration_since(Instant::now()).as_secs_f64();
        let seconds = if self.rounds == 0 { left.min(CHILD_SECONDS) } else { left }.to_string();
        let rounds = self.rounds.to_string();
        let folder = self.scratch.join(format!("job-{job}"));
        let threads = MODES[mode].2.to_string();
        let ended = match self.watch(&folder, mode, &["run", ".", &seed.to_string(), &seconds, &threads, &rounds]) {
            Ok(ended) => ended,
            Err(message) => {
                println!("{message}");
                return true;
            }
        };
        if ended.kind.is_empty() {
            return false;
        }
        let count = {
            let mut found = self.found.lock().unwrap_or_else(|broken| broken.into_inner());
            let count = found.entry(ended.kind.clone()).or_default();
            *count += 1;
            *count
        };
        if count == 1 {
            self.report(&folder, mode, number, seed, &ended);
        }
        true
    }

    /// Keeps what is known of a failure, and looks for fewer calls that do the same.
    fn report(&self, folder: &Path, mode: usize, number: u64, seed: u64, ended: &Ended) {
        let kept = self.scratch.join(format!("found-{seed}"));
        let _ = fs::remove_dir_all(&kept);
        let _ = fs::create_dir_all(&kept);
        for thread in 0..MODES[mode].2 {
            let _ = fs::copy(folder.join(format!("calls-{thread}")), kept.join(format!("calls-{thread}")));
        }
        let _ = fs::write(kept.join("details"), &ended.details);
        println!("FAIL child {number} seed {seed} ({}): {}\n     in {}", MODES[mode].0, ended.kind, kept.display());
        let records = fs::read_to_string(kept.join("calls-0")).unwrap_or_default();
        let mut lines = records.lines();
        let round = lines.next().unwrap_or("0").to_owned();
        let calls: Vec<&str> = lines.collect();
        for thread in 0..MODES[mode].2 {
            let records = fs::read_to_string(kept.join(format!("calls-{thread}"))).unwrap_or_default();
            println!("     last call {}", records.lines().last().unwrap_or(""));
        }
        if self.minimise && MODES[mode].2 == 1 && !ended.kind.starts_with("hang") {
            let few = self.fewest(&kept, mode, &round, calls, &ended.kind);
            let _ = fs::write(kept.join("fewest"), few.join("\n"));
            let note = if few.is_empty() {
                "     not seen again".to_owned()
            } else {
                format!("     fewest {}", few.join("\n            "))
            };
            println!("{note}");
        }
        println!("     again: protopy {DRIVER} replay FOLDER {round} {}", kept.join("fewest").display());
    }

    /// Leaves out pieces as long as the failure stays.
    fn fewest<'a>(&self, kept: &Path, mode: usize, round: &str, calls: Vec<&'a str>, kind: &str) -> Vec<&'a str> {
        let folder = kept.join("again");
        let began = Instant::now();
        let fails = |calls: &[&str]| {
            let file = kept.join("tried");
            fs::write(&file, calls.join("\n")).is_ok()
                && self
                    .watch(&folder, mode, &["replay", ".", round, &file.display().to_string()])
                    .is_ok_and(|ended| ended.kind == kind)
        };
        let mut calls = calls;
        let last = calls.len().saturating_sub(1);
        if fails(&calls[last..]) {
            return calls.split_off(last);
        }
        if !fails(&calls) {
            return Vec::new();
        }
        let mut piece = calls.len().div_ceil(2);
        while piece > 0 && began.elapsed() < Duration::from_secs(90) {
            let mut at = 0;
            while at < calls.len() && began.elapsed() < Duration::from_secs(90) {
                let mut fewer = calls.clone();
                fewer.drain(at..(at + piece).min(calls.len()));
                if !fewer.is_empty() && fails(&fewer) { calls = fewer } else { at += piece }
            }
            piece /= 2;
        }
        calls
    }

    /// Starts a child in a fresh folder and waits for it as long as it makes calls.
    fn watch(&self, folder: &Path, mode: usize, arguments: &[&str]) -> Outcome<Ended> {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let errors_path = folder.join("errors");
        let open = || fs::File::options().create(true).append(true).open(&errors_path).map_err(|error| error.to_string());
        let mut command = Command::new(&self.python);
        process::clean_environment(&mut command);
        command.env("PROTOPY_HEAP_LIMIT_MB", "600").envs(MODES[mode].1.iter().copied()).env("RUST_BACKTRACE", "1");
        command.env("PYTHONHASHSEED", "0").env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONWARNINGS", "ignore");
        command.arg(self.house.path(DRIVER)).args(arguments).current_dir(folder).process_group(0);
        // SAFETY: the hook only makes a system call that is allowed between fork and exec.
        unsafe {
            command.pre_exec(|| {
                let limit = libc::rlimit { rlim_cur: ADDRESS_SPACE, rlim_max: ADDRESS_SPACE };
                libc::setrlimit(libc::RLIMIT_AS, &limit);
                Ok(())
            });
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(open()?);
        let mut child = command.spawn().map_err(|error| format!("{}: {error}", self.python.display()))?;
        let slow = if MODES[mode].1.is_empty() { 1 } else { 2 };
        let status = wait(&mut child, folder, Duration::from_secs(20 * slow));
        // SAFETY: a plain system call; the group is the child's own.
        unsafe { libc::kill(-(child.id() as i32), libc::SIGKILL) };
        let errors = String::from_utf8_lossy(&fs::read(&errors_path).unwrap_or_default()).into_owned();
        Ok(judge(status, &errors, folder))
    }
}

/// The status, or what the threads of a child are doing that has not made a call for so long.
fn wait(child: &mut Child, folder: &Path, patience: Duration) -> Result<ExitStatus, String> {
    let size = |name: &str| fs::metadata(folder.join(name)).map_or(0, |data| data.len());
    let progress = || (size("calls-0"), size("progress"));
    let (mut seen, mut since) = (progress(), Instant::now());
    loop {
        if let Ok(Some(status)) = child.try_wait() {
            return Ok(status);
        }
        let now = progress();
        if now != seen {
            (seen, since) = (now, Instant::now());
        }
        if since.elapsed() > patience {
            let mut debugger = Command::new("gdb");
            debugger.args(["-p", &child.id().to_string(), "-batch", "-ex", "thread apply all bt 30"]);
            let text = debugger.output().map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
            let _ = child.kill();
            let _ = child.wait();
            return Err(text);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Sorts failures by where they happen, so that each is told of once.
fn judge(status: Result<ExitStatus, String>, errors: &str, folder: &Path) -> Ended {
    let records = fs::read_to_string(folder.join("calls-0")).unwrap_or_default();
    let last = records.lines().last().unwrap_or("").split('"').nth(3).unwrap_or("").to_owned();
    let tail = &errors[floor(errors, errors.len().saturating_sub(6000))..];
    // The library of long numbers says so when memory is out; programs see MemoryError.
    if let Some(at) = errors.find("panicked at ").filter(|at| !errors[*at..].contains("dashu-int")) {
        let place = errors[at..].lines().next().unwrap_or("").trim_end_matches(':');
        let message = errors[at..].lines().nth(1).unwrap_or("");
        let begin = errors[..at].rfind('\n').map_or(0, |end| end + 1);
        let details = errors[begin..].chars().take(6000).collect();
        return Ended { kind: format!("{place}: {}", message.chars().take(80).collect::<String>()), details };
    }
    let signal = |number: i32| Ended { kind: format!("signal {number} in {last}"), details: tail.to_owned() };
    let fine = Ended { kind: String::new(), details: String::new() };
    match status {
        // At the end somebody may wait for a thread. Arithmetic with numbers of a million digits cannot be interrupted, as in CPython.
        Err(text) if last == "exit" || text.contains("dashu_int") => Ended { kind: String::new(), details: text },
        Err(text) => Ended { kind: format!("hang in {last}"), details: text },
        Ok(status) => match status.signal() {
            // A program may end its own process by these; the limits on processor time and files, too.
            Some(libc::SIGKILL | libc::SIGTERM | libc::SIGINT | libc::SIGPIPE | libc::SIGALRM) => fine,
            Some(number) => signal(number),
            None if status.code().is_some_and(|code| GOOD_CODES.contains(&code)) => fine,
            // Calls may break what the fuzzer itself needs (`len` of module builtins), which then says so.
            None if status.code() == Some(1) && tail.contains("Traceback (most recent call last):") => fine,
            None => Ended { kind: format!("exit code {} after {last}", status.code().unwrap_or(-1)), details: tail.to_owned() },
        },
    }
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}
