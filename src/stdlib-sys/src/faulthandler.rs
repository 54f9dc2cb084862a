//! The module `faulthandler`: tracebacks of Python frames on fatal signals, after a time, or on request.
//!
//! Nothing here allocates when it runs in a signal handler. Frames of other threads are read when these have stopped or have had the time to
//! stop; only on a fatal signal they are read while they run.

use crate::util;
use native_macros::native_module;
use objects::frame::View;
use objects::thread::{self, Thread};
use objects::{Cast, R, Slot, Str, Value, get_attr_opt, index, interned, not_implemented_error, runtime_error, value_error};
use std::fmt::Write;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

const MOST_FRAMES: usize = 100;
const MOST_THREADS: usize = 100;
const LONGEST_TEXT: usize = 500;
/// How long a report waits for threads to stop. Those that have not by then are in native code, which leaves their frames alone.
const PATIENCE: Duration = Duration::from_millis(500);

/// Text to a file descriptor, through a small buffer on the stack.
struct Out {
    fd: i32,
    buffer: [u8; 512],
    len: usize,
}
impl Out {
    fn new(fd: i32) -> Out {
        Out { fd, buffer: [0; 512], len: 0 }
    }
    fn flush(&mut self) {
        util::write_fd(self.fd, &self.buffer[..self.len]);
        self.len = 0;
    }
    fn byte(&mut self, byte: u8) {
        if self.len == self.buffer.len() {
            self.flush();
        }
        self.buffer[self.len] = byte;
        self.len += 1;
    }
    /// A Python text in ASCII, cut when it is very long.
    fn text(&mut self, value: Value) {
        let Some(text) = value.cast::<Str>() else {
            let _ = self.write_str("???");
            return;
        };
        for code in text.chars().iter().take(LONGEST_TEXT) {
            let _ = match code {
                0x20..=0x7e => self.write_char(code as u8 as char),
                0..=0xff => write!(self, "\\x{code:02x}"),
                0x100..=0xffff => write!(self, "\\u{code:04x}"),
                _ => write!(self, "\\U{code:08x}"),
            };
        }
        if text.len() > LONGEST_TEXT {
            let _ = self.write_str("...");
        }
    }
}
impl Write for Out {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        text.bytes().for_each(|byte| self.byte(byte));
        Ok(())
    }
}
impl Drop for Out {
    fn drop(&mut self) {
        self.flush()
    }
}

fn write_frames(out: &mut Out, innermost: Option<View>) {
    let mut view = innermost;
    if view.is_none() {
        let _ = out.write_str("  <no Python frame>\n");
    }
    let mut count = 0;
    while let Some(frame) = view {
        if count == MOST_FRAMES {
            let _ = out.write_str("  ...\n");
            return;
        }
        let code = frame.code();
        let _ = out.write_str("  File \"");
        out.text(code.filename());
        let _ = match code.line_if_loaded(frame.offset()) {
            Some(line) => write!(out, "\", line {line} in "),
            None => out.write_str("\", line ??? in "),
        };
        out.text(code.name());
        out.byte(b'\n');
        count += 1;
        view = frame.outer();
    }
}

/// The operating system's name of a thread.
fn write_thread_name(out: &mut Out, ident: u64) {
    #[cfg(target_os = "linux")]
    {
        let mut name = [0u8; 32];
        // SAFETY: the buffer's length is passed; the thread is in the list, so it has not ended.
        let result = unsafe { libc::pthread_getname_np(ident as libc::pthread_t, name.as_mut_ptr().cast(), name.len()) };
        let len = name.iter().position(|byte| *byte == 0).unwrap_or(0);
        if result == 0 && len > 0 {
            let _ = out.write_str(" [");
            for byte in &name[..len] {
                out.byte(if (0x20..0x7f).contains(byte) { *byte } else { b'?' });
            }
            out.byte(b']');
        }
    }
}

fn write_thread(out: &mut Out, thread: &Thread, current: bool) {
    let _ = write!(out, "{} 0x{:016x}", if current { "Current thread" } else { "Thread" }, thread.ident);
    write_thread_name(out, thread.ident);
    let _ = out.write_str(" (most recent call first):\n");
    write_frames(out, thread.exec.innermost());
}

/// The frames of the calling thread, or of all.
fn dump(fd: i32, all_threads: bool, own: Option<&Thread>) {
    let mut out = Out::new(fd);
    if !all_threads {
        let _ = out.write_str("Stack (most recent call first):\n");
        write_frames(&mut out, own.and_then(|own| own.exec.innermost()));
        return;
    }
    let mut count = 0;
    // SAFETY: a report of a process that is in trouble, or that asked for it.
    unsafe {
        thread::visit_threads_unlocked(&mut |other| {
            if count > 0 {
                out.byte(b'\n');
            }
            count += 1;
            if count <= MOST_THREADS {
                write_thread(&mut out, other, own.is_some_and(|own| own.ident == other.ident));
            } else if count == MOST_THREADS + 1 {
                let _ = out.write_str("...\n");
            }
        });
    }
}

struct Fatal {
    signum: i32,
    name: &'static str,
}
static FATAL: [Fatal; 5] = [
    Fatal { signum: libc::SIGBUS, name: "Bus error" },
    Fatal { signum: libc::SIGILL, name: "Illegal instruction" },
    Fatal { signum: libc::SIGFPE, name: "Floating-point exception" },
    Fatal { signum: libc::SIGABRT, name: "Aborted" },
    Fatal { signum: libc::SIGSEGV, name: "Segmentation fault" },
];
static ENABLED: AtomicBool = AtomicBool::new(false);
static FATAL_FD: AtomicI32 = AtomicI32::new(2);
static FATAL_ALL: AtomicBool = AtomicBool::new(true);
static FATAL_C_STACK: AtomicBool = AtomicBool::new(true);
/// Files of `enable`, `dump_traceback_later` and `register`, kept open.
static FILES: [Slot; 2] = [const { Slot::empty() }; 2];
static PREVIOUS: Mutex<Vec<(i32, libc::sigaction)>> = Mutex::new(Vec::new());

extern "C" fn on_fatal(signum: libc::c_int) {
    // SAFETY: only calls that are allowed in handlers; the default action is set first, so that a second fault ends the process.
    unsafe {
        libc::signal(signum, libc::SIG_DFL);
        let fd = FATAL_FD.load(Ordering::Relaxed);
        let name = FATAL.iter().find(|fatal| fatal.signum == signum).map_or("Fatal error", |fatal| fatal.name);
        {
            let mut out = Out::new(fd);
            let _ = write!(out, "Fatal Python error: {name}\n\n");
        }
        dump(fd, FATAL_ALL.load(Ordering::Relaxed), thread::try_current());
        if FATAL_C_STACK.load(Ordering::Relaxed) {
            write_c_stack(fd);
        }
        libc::raise(signum);
    }
}

fn write_c_stack(fd: i32) {
    let mut out = Out::new(fd);
    let _ = out.write_str("\nCurrent thread's C stack trace (most recent call first):\n  <cannot get C stack on this system>\n");
}

/// A stack of its own for handlers, since the fault may be an overflow of the usual one.
fn install_alternate_stack() {
    static INSTALLED: AtomicBool = AtomicBool::new(false);
    if INSTALLED.swap(true, Ordering::SeqCst) {
        return;
    }
    const SIZE: usize = 64 << 10;
    let memory = Box::leak(vec![0u8; SIZE].into_boxed_slice());
    let stack = libc::stack_t { ss_sp: memory.as_mut_ptr().cast(), ss_flags: 0, ss_size: SIZE };
    // SAFETY: the memory is never freed.
    unsafe { libc::sigaltstack(&stack, std::ptr::null_mut()) };
}

/// Handles the fatal signals from now on: `-X faulthandler`, `faulthandler.enable()`.
pub fn enable(fd: i32, all_threads: bool, c_stack: bool) {
    FATAL_FD.store(fd, Ordering::SeqCst);
    FATAL_ALL.store(all_threads, Ordering::SeqCst);
    FATAL_C_STACK.store(c_stack, Ordering::SeqCst);
    if ENABLED.swap(true, Ordering::SeqCst) {
        return;
    }
    install_alternate_stack();
    let mut previous = PREVIOUS.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    for fatal in &FATAL {
        // SAFETY: the structures are filled before the call.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            let mut old: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = on_fatal as *const () as libc::sighandler_t;
            action.sa_flags = libc::SA_NODEFER | libc::SA_ONSTACK;
            libc::sigemptyset(&mut action.sa_mask);
            if libc::sigaction(fatal.signum, &action, &mut old) == 0 {
                previous.push((fatal.signum, old));
            }
        }
    }
}

fn disable() -> bool {
    let was = ENABLED.swap(false, Ordering::SeqCst);
    let mut previous = PREVIOUS.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    for (signum, action) in previous.drain(..) {
        // SAFETY: the action that was there before.
        unsafe { libc::sigaction(signum, &action, std::ptr::null_mut()) };
    }
    FILES[0].clear();
    was
}

/// What `dump_traceback_later` waits for.
struct Watchdog {
    /// Goes up with each start and cancellation; a watching thread ends when it is not its own any more.
    generation: u64,
}
static WATCHDOG: Mutex<Watchdog> = Mutex::new(Watchdog { generation: 0 });
static WATCHDOG_CHANGED: Condvar = Condvar::new();

fn cancel_watchdog() {
    let mut watchdog = WATCHDOG.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    watchdog.generation += 1;
    WATCHDOG_CHANGED.notify_all();
}

fn start_watchdog(period: Duration, repeat: bool, fd: i32, exit: bool, header: String) -> R<()> {
    cancel_watchdog();
    let generation = WATCHDOG.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).generation;
    let watch = move || {
        // SAFETY: this thread takes no signals; plain libc calls.
        unsafe {
            let mut all: libc::sigset_t = std::mem::zeroed();
            libc::sigfillset(&mut all);
            libc::pthread_sigmask(libc::SIG_SETMASK, &all, std::ptr::null_mut());
        }
        loop {
            let deadline = Instant::now() + period;
            let mut watchdog = WATCHDOG.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            loop {
                if watchdog.generation != generation {
                    return;
                }
                let left = deadline.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    break;
                }
                watchdog = WATCHDOG_CHANGED.wait_timeout(watchdog, left).unwrap_or_else(|poisoned| poisoned.into_inner()).0;
            }
            drop(watchdog);
            util::write_fd(fd, header.as_bytes());
            heap::with_world_stopped_in_time(PATIENCE, || dump(fd, true, None));
            if exit {
                // SAFETY: ends the process.
                unsafe { libc::_exit(1) };
            }
            if !repeat {
                return;
            }
        }
    };
    match std::thread::Builder::new().name("watchdog".to_string()).spawn(watch) {
        Ok(_) => Ok(()),
        Err(_) => Err(runtime_error!("unable to start watchdog thread")),
    }
}

/// In the child of a fork there is no watching thread.
pub fn after_fork_child() {
    if let Ok(mut watchdog) = WATCHDOG.try_lock() {
        watchdog.generation += 1;
    }
}

/// Signals of `register`: descriptor plus one (0: not registered), all threads, chain.
static USER_FD: [AtomicI32; 65] = [const { AtomicI32::new(0) }; 65];
static USER_ALL: [AtomicBool; 65] = [const { AtomicBool::new(false) }; 65];
static USER_CHAIN: [AtomicBool; 65] = [const { AtomicBool::new(false) }; 65];
static USER_PREVIOUS: [AtomicU64; 65] = [const { AtomicU64::new(0) }; 65];
static USER_FILES: [Slot; 65] = [const { Slot::empty() }; 65];

extern "C" fn on_user(signum: libc::c_int) {
    let place = signum as usize;
    let fd = USER_FD[place].load(Ordering::Relaxed);
    if fd == 0 {
        return;
    }
    let own = thread::try_current();
    if USER_ALL[place].load(Ordering::Relaxed) {
        heap::with_world_stopped_in_time(PATIENCE, || dump(fd - 1, true, own));
    } else {
        dump(fd - 1, false, own);
    }
    if USER_CHAIN[place].load(Ordering::Relaxed) {
        // SAFETY: puts the earlier action in place for one delivery, as chaining asks.
        unsafe {
            let previous = USER_PREVIOUS[place].load(Ordering::Relaxed) as libc::sighandler_t;
            libc::signal(signum, previous);
            libc::raise(signum);
            set_user_action(signum, true);
        }
    }
}

unsafe fn set_user_action(signum: i32, chain: bool) -> Option<libc::sighandler_t> {
    let mut action: libc::sigaction = std::mem::zeroed();
    let mut old: libc::sigaction = std::mem::zeroed();
    action.sa_sigaction = on_user as *const () as libc::sighandler_t;
    action.sa_flags = libc::SA_RESTART | libc::SA_ONSTACK | if chain { libc::SA_NODEFER } else { 0 };
    libc::sigemptyset(&mut action.sa_mask);
    (libc::sigaction(signum, &action, &mut old) == 0).then_some(old.sa_sigaction)
}

/// The descriptor of a file argument; `sys.stderr` if there is none. Files are flushed and returned to be kept.
fn descriptor(file: Option<Value>) -> R<(i32, Option<Value>)> {
    let file = match file.filter(|file| !file.is_none()) {
        Some(file) => file,
        None => match objects::system::sys_attr("stderr") {
            None => return Err(runtime_error!("unable to get sys.stderr")),
            Some(file) if file.is_none() => return Err(runtime_error!("sys.stderr is None")),
            Some(file) => file,
        },
    };
    if objects::is_int(file) {
        let fd = index(file)?;
        if fd < 0 || fd > i32::MAX as i64 {
            return Err(value_error!("file is not a valid file descriptor"));
        }
        return Ok((fd as i32, None));
    }
    let fd = index(objects::call_method(file, interned!("fileno"), &[])?)?;
    if !(0..=i32::MAX as i64).contains(&fd) {
        return Err(runtime_error!("file.fileno() is not a valid file descriptor"));
    }
    if let Some(flush) = get_attr_opt(file, interned!("flush"))?
        && let Err(raised) = objects::call(flush, &[])
    {
        raised.clear();
    }
    Ok((fd as i32, Some(file)))
}

fn checked_signal(signum: i32) -> R<usize> {
    if FATAL.iter().any(|fatal| fatal.signum == signum) {
        return Err(runtime_error!("signal {signum} cannot be registered, use enable() instead"));
    }
    if !(1..65).contains(&signum) { Err(value_error!("signal number out of range")) } else { Ok(signum as usize) }
}

fn no_core_dump() {
    // SAFETY: plain libc calls.
    unsafe {
        let mut limit: libc::rlimit = std::mem::zeroed();
        if libc::getrlimit(libc::RLIMIT_CORE, &mut limit) == 0 {
            limit.rlim_cur = 0;
            libc::setrlimit(libc::RLIMIT_CORE, &limit);
        }
    }
}

/// `Timeout (H:MM:SS)!`
fn timeout_header(period: Duration) -> String {
    let (seconds, micros) = (period.as_secs(), period.subsec_micros());
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if micros == 0 {
        format!("Timeout ({hours}:{minutes:02}:{seconds:02})!\n")
    } else {
        format!("Timeout ({hours}:{minutes:02}:{seconds:02}.{micros:06})!\n")
    }
}

pub struct FaultHandler;

/// faulthandler module.
#[native_module(name = "faulthandler")]
impl FaultHandler {
    /// Enable the fault handler.
    #[sig("($module, /, file=sys.stderr, all_threads=True, c_stack=True)")]
    fn enable(file: Option<Value>, all_threads: bool, c_stack: bool) -> R<()> {
        let (fd, file) = descriptor(file)?;
        FILES[0].set_opt(file);
        enable(fd, all_threads, c_stack);
        Ok(())
    }
    /// Disable the fault handler.
    fn disable() -> bool {
        disable()
    }
    /// Whether the handler for faults is enabled.
    fn is_enabled() -> bool {
        ENABLED.load(Ordering::SeqCst)
    }
    /// Write the traceback of this thread, or of all threads if all_threads is
    /// True, to file.
    #[sig("($module, /, file=sys.stderr, all_threads=True)")]
    fn dump_traceback(file: Option<Value>, all_threads: bool) -> R<()> {
        let (fd, _file) = descriptor(file)?;
        if all_threads {
            let own = thread::current();
            heap::with_world_stopped(|| dump(fd, true, Some(own)));
        } else {
            dump(fd, false, Some(thread::current()));
        }
        Ok(())
    }
    /// Write to file that the C stack cannot be told.
    #[sig("($module, /, file=sys.stderr)")]
    fn dump_c_stack(file: Option<Value>) -> R<()> {
        let (fd, _file) = descriptor(file)?;
        let mut out = Out::new(fd);
        let _ =
            out.write_str("Current thread's C stack trace (most recent call first):\n  <cannot get C stack on this system>\n");
        Ok(())
    }
    /// Write the traceback of all threads to file after timeout seconds.
    #[sig("($module, /, timeout, repeat=False, file=sys.stderr, exit=False)")]
    fn dump_traceback_later(timeout: Value, repeat: bool, file: Option<Value>, exit: bool) -> R<()> {
        let count = util::seconds_to_nanoseconds(timeout, util::Round::Ceiling)?;
        let period = Duration::from_micros((count.max(0) as u64).div_ceil(1000));
        if period.is_zero() {
            return Err(value_error!("timeout must be greater than 0"));
        }
        let (fd, file) = descriptor(file)?;
        FILES[1].set_opt(file);
        start_watchdog(period, repeat, fd, exit, timeout_header(period))
    }
    /// Call off what dump_traceback_later() has started.
    fn cancel_dump_traceback_later() {
        cancel_watchdog();
        FILES[1].clear();
    }
    /// Have tracebacks written on the signal 'signum'.
    #[sig("($module, /, signum, file=sys.stderr, all_threads=True, chain=False)")]
    fn register(signum: i32, file: Option<Value>, all_threads: bool, chain: bool) -> R<()> {
        let place = checked_signal(signum)?;
        let (fd, file) = descriptor(file)?;
        let known = USER_FD[place].load(Ordering::SeqCst) != 0;
        USER_ALL[place].store(all_threads, Ordering::SeqCst);
        USER_CHAIN[place].store(chain, Ordering::SeqCst);
        USER_FD[place].store(fd + 1, Ordering::SeqCst);
        USER_FILES[place].set_opt(file);
        if known {
            return Ok(());
        }
        install_alternate_stack();
        // SAFETY: a signal number in range.
        match unsafe { set_user_action(signum, chain) } {
            Some(previous) => {
                USER_PREVIOUS[place].store(previous as u64, Ordering::SeqCst);
                Ok(())
            }
            None => {
                USER_FD[place].store(0, Ordering::SeqCst);
                Err(objects::last_os_error(None))
            }
        }
    }
    /// Write no more tracebacks on the signal 'signum'.
    fn unregister(signum: i32) -> R<bool> {
        let place = checked_signal(signum)?;
        if USER_FD[place].swap(0, Ordering::SeqCst) == 0 {
            return Ok(false);
        }
        // SAFETY: the action that was there before.
        unsafe { libc::signal(signum, USER_PREVIOUS[place].load(Ordering::SeqCst) as libc::sighandler_t) };
        USER_FILES[place].clear();
        Ok(true)
    }
    /// Raise SIGSEGV, as reading from address 0 would.
    fn _read_null() {
        raise_fatal(libc::SIGSEGV)
    }
    /// Cause the signal SIGSEGV.
    #[sig("($module, release_gil=False, /)")]
    fn _sigsegv(_release_gil: bool) {
        raise_fatal(libc::SIGSEGV)
    }
    /// Cause the signal SIGABRT.
    fn _sigabrt() {
        no_core_dump();
        // SAFETY: ends the process.
        unsafe { libc::abort() }
    }
    /// Cause the signal SIGFPE.
    fn _sigfpe() {
        raise_fatal(libc::SIGFPE)
    }
    /// Overflow the stack, for tests.
    fn _stack_overflow() -> R<()> {
        Err(not_implemented_error!("faulthandler._stack_overflow"))
    }
    fn __exec__(_module: Value) -> R<()> {
        static ROOTS: AtomicBool = AtomicBool::new(false);
        if !ROOTS.swap(true, Ordering::SeqCst) {
            FILES.iter().chain(&USER_FILES).for_each(heap::register_global_root);
        }
        Ok(())
    }
}

fn raise_fatal(signum: i32) {
    no_core_dump();
    // SAFETY: plain libc call.
    unsafe { libc::raise(signum) };
}
