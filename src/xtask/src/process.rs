//! Child processes with limits: time, memory, output collected, resources measured.

use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// How a child ended.
pub struct Finished {
    /// Exit status, or the signal that ended it.
    pub end: End,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    pub wall: f64,
    /// User and system time.
    pub cpu: f64,
    /// Peak resident set.
    pub peak_kilobytes: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Exit(i32),
    Signal(i32),
    Timeout,
}

impl End {
    pub fn ok(self) -> bool {
        self == End::Exit(0)
    }
    /// In words, for reports.
    pub fn describe(self) -> String {
        match self {
            End::Exit(code) => format!("exit status {code}"),
            End::Signal(number) => format!("killed by signal {number}"),
            End::Timeout => "timeout".to_owned(),
        }
    }
}

#[derive(Clone, Copy)]
pub struct Limits {
    pub time: Duration,
    /// Address space, in megabytes; 0 for none.
    pub memory_megabytes: u64,
}

impl Limits {
    pub fn seconds(seconds: u64) -> Limits {
        Limits { time: Duration::from_secs(seconds), memory_megabytes: 0 }
    }
}

/// Runs a child to its end; whatever it started is ended with it.
pub fn run(command: &mut Command, input: Option<Vec<u8>>, limits: Limits) -> io::Result<Finished> {
    command.process_group(0);
    command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let bytes = limits.memory_megabytes << 20;
    // SAFETY: the hook only makes system calls that are allowed between fork and exec.
    unsafe {
        command.pre_exec(move || {
            let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
            libc::setrlimit(libc::RLIMIT_CORE, &none);
            if bytes > 0 {
                let limit = libc::rlimit { rlim_cur: bytes, rlim_max: bytes };
                libc::setrlimit(libc::RLIMIT_AS, &limit);
            }
            Ok(())
        });
    }
    let started = Instant::now();
    let mut child = command.spawn()?;
    let group = child.id() as libc::pid_t;
    if let (Some(input), Some(mut pipe)) = (input, child.stdin.take()) {
        thread::spawn(move || {
            let _ = pipe.write_all(&input);
        });
    }
    let stdout = reader(child.stdout.take());
    let stderr = reader(child.stderr.take());
    let (done, timer) = mpsc::channel::<()>();
    let watchdog = thread::spawn(move || {
        let late = timer.recv_timeout(limits.time) == Err(mpsc::RecvTimeoutError::Timeout);
        if late {
            kill_group(group);
        }
        late
    });
    let (status, usage) = wait(group)?;
    let wall = started.elapsed().as_secs_f64();
    let _ = done.send(());
    let late = watchdog.join().unwrap_or(false);
    kill_group(group);
    let end = if late {
        End::Timeout
    } else if libc::WIFSIGNALED(status) {
        End::Signal(libc::WTERMSIG(status))
    } else {
        End::Exit(libc::WEXITSTATUS(status))
    };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    Ok(Finished {
        end,
        stdout: stdout.join().unwrap_or_default(),
        stderr: stderr.join().unwrap_or_default(),
        wall,
        cpu: seconds(usage.ru_utime) + seconds(usage.ru_stime),
        peak_kilobytes: usage.ru_maxrss,
    })
}

fn reader(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

fn kill_group(group: libc::pid_t) {
    // SAFETY: a plain system call; the group is the one that the child was started in.
    unsafe { libc::kill(-group, libc::SIGKILL) };
}

fn wait(pid: libc::pid_t) -> io::Result<(i32, libc::rusage)> {
    let mut status = 0;
    // SAFETY: all-zero is a valid rusage; wait4 writes to live locals.
    unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        loop {
            if libc::wait4(pid, &mut status, 0, &mut usage) == pid {
                return Ok((status, usage));
            }
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        }
    }
}

/// A child's environment without the caller's Python settings.
pub fn clean_environment(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("PYTHON") || text.starts_with("PROTOPY") || text.starts_with("CARGO") {
            command.env_remove(&name);
        }
    }
    command.env("LANG", "C.UTF-8").env("TERM", "dumb").env("NO_COLOR", "1");
}

/// Runs a job per item on all cores; results come in the order of the items.
pub fn in_parallel<T: Sync, U: Send>(items: &[T], jobs: usize, work: impl Fn(&T) -> U + Sync) -> Vec<U> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let results: Vec<std::sync::Mutex<Option<U>>> = items.iter().map(|_| std::sync::Mutex::new(None)).collect();
    thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, items.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let Some(item) = items.get(index) else { return };
                    let result = work(item);
                    if let Ok(mut slot) = results[index].lock() {
                        *slot = Some(result);
                    }
                }
            });
        }
    });
    results.into_iter().filter_map(|slot| slot.into_inner().ok().flatten()).collect()
}

pub fn cores() -> usize {
    thread::available_parallelism().map_or(2, usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_ends_apart() {
        let run = |script: &str| run(Command::new("sh").args(["-c", script]), None, Limits::seconds(1)).unwrap();
        assert_eq!(run("echo hi; exit 3").end, End::Exit(3));
        assert_eq!(run("kill -9 $$").end, End::Signal(9));
        assert_eq!(run("sleep 30").end, End::Timeout);
    }

    #[test]
    fn keeps_the_order() {
        assert_eq!(in_parallel(&[3, 1, 2], 2, |item| item * 10), [30, 10, 20]);
    }
}
