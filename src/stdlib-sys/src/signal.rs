//! The module `_signal`: handlers, delivery on the main thread at safepoints, masks, timers and waiting.
//!
//! The handler of the operating system only marks a signal as arrived and interrupts the main thread; Python handlers run in
//! the main thread's poll.

use crate::util::{self, Round};
use native_macros::native_module;
use objects::error_class::{Base, ErrorClass};
use objects::frame::frame_object;
use objects::structseq::StructSeqDef;
use objects::{
    Cast, Module, R, Slot, Value, call, exc, is_callable, last_os_error, new_error_args, new_int, new_str, new_tuple, set,
    thread, type_error, value_error,
};
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::{Duration, Instant};

/// One more than the highest signal number.
pub const NSIG: usize = 65;

static HANDLERS: [Slot; NSIG] = [const { Slot::empty() }; NSIG];
static ARRIVED: [AtomicBool; NSIG] = [const { AtomicBool::new(false) }; NSIG];
static ANY_ARRIVED: AtomicBool = AtomicBool::new(false);
static WAKEUP_FD: AtomicI32 = AtomicI32::new(-1);
static WARN_ON_FULL: AtomicBool = AtomicBool::new(true);
/// errno of a failed write to the wakeup descriptor, 0 if there was none.
static WAKEUP_ERROR: AtomicI32 = AtomicI32::new(0);
static ITIMER_ERROR: ErrorClass = ErrorClass::new("ItimerError", "signal", &[Base::Made(&exc::OS_ERROR)]);
/// Set when the module has run for the first time.
static STARTED: AtomicBool = AtomicBool::new(false);

const SIG_DFL: i32 = 0;
const SIG_IGN: i32 = 1;

static SIGINFO: StructSeqDef = StructSeqDef::new(
    "signal",
    "struct_siginfo",
    "struct_siginfo: What sigwaitinfo and sigtimedwait return.\n\nA named tuple of (si_signo, si_code, si_errno, si_pid, si_uid, si_status, si_band).",
    &["si_signo", "si_code", "si_errno", "si_pid", "si_uid", "si_status", "si_band"],
    7,
);

fn is_main_thread() -> bool {
    thread::current().is_main || crate::thread::is_main_ident(thread::current().ident)
}
fn is_main() -> bool {
    objects::interpreter::is_main() && is_main_thread()
}

/// Marks a signal as arrived. Safe in a signal handler.
fn trip(signum: i32) {
    ARRIVED[signum as usize].store(true, Ordering::SeqCst);
    ANY_ARRIVED.store(true, Ordering::SeqCst);
    heap::world::interrupt_main(heap::mutator::INTERRUPT_SIGNAL);
    let fd = WAKEUP_FD.load(Ordering::Relaxed);
    if fd >= 0 {
        let byte = signum as u8;
        // SAFETY: writes one byte; write is safe in handlers.
        let written = unsafe { libc::write(fd, (&raw const byte).cast(), 1) };
        if written < 0 {
            let errno = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
            if WARN_ON_FULL.load(Ordering::Relaxed) || (errno != libc::EAGAIN && errno != libc::EWOULDBLOCK) {
                WAKEUP_ERROR.store(errno, Ordering::Relaxed);
            }
        }
    }
}

extern "C" fn on_signal(signum: libc::c_int) {
    // SAFETY: errno is the thread's own and must look untouched afterwards.
    unsafe {
        let errno = errno_location();
        let saved = *errno;
        trip(signum);
        *errno = saved;
    }
}

unsafe fn errno_location() -> *mut i32 {
    #[cfg(target_os = "macos")]
    return libc::__error();
    #[cfg(not(target_os = "macos"))]
    libc::__errno_location()
}

/// `_thread.interrupt_main`.
pub fn interrupt_main(signum: i32) {
    let handler = HANDLERS[signum as usize].get();
    if handler.is_some_and(is_callable) {
        trip(signum);
    }
}

/// Runs the Python handlers of signals that arrived; only the main thread does. If it is in another interpreter, it goes to the main one
/// for that, and the handler's exception ends what it was doing there.
pub fn poll_hook() -> R<()> {
    if !ANY_ARRIVED.load(Ordering::SeqCst) || !is_main_thread() {
        return Ok(());
    }
    if objects::interpreter::is_main() {
        return run_handlers();
    }
    let Ok(entered) = thread::enter(objects::interpreter::main()) else { return Ok(()) };
    let outcome = run_handlers().map_err(objects::Raised::take);
    drop(entered);
    outcome.map_err(objects::error::restore)
}

fn run_handlers() -> R<()> {
    ANY_ARRIVED.store(false, Ordering::SeqCst);
    heap::take_interrupts(heap::mutator::INTERRUPT_SIGNAL);
    report_wakeup_error();
    for signum in 1..NSIG {
        if ARRIVED[signum].swap(false, Ordering::SeqCst)
            && let Some(handler) = HANDLERS[signum].get().filter(|handler| is_callable(*handler))
        {
            let frame = match thread::current().exec.innermost() {
                Some(view) => frame_object(&thread::current().exec, view).value(),
                None => Value::none(),
            };
            if let Err(raised) = call(handler, &[Value::small(signum as i32), frame]) {
                // The others run at the next poll.
                if ARRIVED.iter().any(|arrived| arrived.load(Ordering::SeqCst)) {
                    ANY_ARRIVED.store(true, Ordering::SeqCst);
                    heap::mutator::interrupt_self(heap::mutator::INTERRUPT_SIGNAL);
                }
                return Err(raised);
            }
        }
    }
    Ok(())
}

fn report_wakeup_error() {
    let errno = WAKEUP_ERROR.swap(0, Ordering::Relaxed);
    if errno != 0 {
        let raised = objects::os_error(errno, None, None);
        objects::unraisable::report_raised(raised, Some("Exception ignored when trying to write to the signal wakeup fd"), None);
    }
}

/// In the child of a fork: signals that arrived are the parent's.
pub fn after_fork_child() {
    ARRIVED.iter().for_each(|arrived| arrived.store(false, Ordering::SeqCst));
    ANY_ARRIVED.store(false, Ordering::SeqCst);
}

/// What the process does by itself with the signal.
fn set_action(signum: i32, action: libc::sighandler_t, flags: i32) -> R<()> {
    // SAFETY: the structure is filled before the call.
    unsafe {
        let mut new: libc::sigaction = std::mem::zeroed();
        new.sa_sigaction = action;
        new.sa_flags = flags;
        libc::sigemptyset(&mut new.sa_mask);
        if libc::sigaction(signum, &new, std::ptr::null_mut()) != 0 {
            return Err(last_os_error(None));
        }
    }
    Ok(())
}
fn own_action() -> libc::sighandler_t {
    on_signal as *const () as libc::sighandler_t
}

fn current_action(signum: i32) -> Option<libc::sighandler_t> {
    // SAFETY: only asks.
    unsafe {
        let mut old: libc::sigaction = std::mem::zeroed();
        (libc::sigaction(signum, std::ptr::null(), &mut old) == 0).then_some(old.sa_sigaction)
    }
}

fn checked_signal(signum: i32) -> R<usize> {
    if signum < 1 || signum as usize >= NSIG { Err(value_error!("signal number out of range")) } else { Ok(signum as usize) }
}

/// A set of signals from an iterable of numbers.
fn signal_set(iterable: Value) -> R<libc::sigset_t> {
    let mut mask = MaybeUninit::uninit();
    // SAFETY: sigemptyset initialises the set.
    let mut mask = unsafe {
        libc::sigemptyset(mask.as_mut_ptr());
        mask.assume_init()
    };
    objects::iterate(iterable, |item| {
        let number = objects::int_view(objects::index_object(item)?).and_then(|view| view.to_i64());
        match number {
            Some(number) if number > 0 && number < NSIG as i64 => {
                // SAFETY: an initialised set.
                if unsafe { libc::sigaddset(&mut mask, number as i32) } != 0
                    && std::io::Error::last_os_error().raw_os_error() != Some(libc::EINVAL)
                {
                    return Err(last_os_error(None));
                }
                Ok(())
            }
            Some(number) => Err(value_error!("signal number {number} out of range [1; {}]", NSIG - 1)),
            None => Err(value_error!("signal number -1 out of range [1; {}]", NSIG - 1)),
        }
    })?;
    Ok(mask)
}
fn set_of(mask: &libc::sigset_t) -> R {
    let found = set::new_set();
    for signum in 1..NSIG as i32 {
        // SAFETY: an initialised set.
        if unsafe { libc::sigismember(mask, signum) } == 1 {
            set::set_add(found.any(), Value::small(signum))?;
        }
    }
    Ok(found.value())
}

fn siginfo_value(info: &libc::siginfo_t) -> R {
    // SAFETY: the fields that the kernel filled; others read as whatever they are.
    let (pid, uid, status) = unsafe { (info.si_pid(), info.si_uid(), info.si_status()) };
    SIGINFO.make(&[
        Value::small(info.si_signo),
        Value::small(info.si_code),
        Value::small(info.si_errno),
        new_int(pid as i64),
        new_int(uid as i64),
        Value::small(status),
        new_int(0),
    ])
}

fn timeval(seconds: f64) -> R<libc::timeval> {
    let count = util::seconds_to_nanoseconds(Value::float(seconds), Round::Ceiling)?;
    let micros = count.div_euclid(1000) + (count.rem_euclid(1000) != 0) as i64;
    Ok(libc::timeval { tv_sec: micros.div_euclid(1_000_000) as _, tv_usec: micros.rem_euclid(1_000_000) as _ })
}
fn timer_tuple(timer: &libc::itimerval) -> Value {
    let seconds = |time: &libc::timeval| Value::float(time.tv_sec as f64 + time.tv_usec as f64 * 1e-6);
    new_tuple(&[seconds(&timer.it_value), seconds(&timer.it_interval)]).value()
}
fn itimer_failed() -> objects::Raised {
    let errno = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
    let make = || call(ITIMER_ERROR.class()?.value(), &[Value::small(errno), new_str(&objects::error::strerror_text(errno))]);
    make().map_or_else(|raised| raised, objects::raise)
}

/// Waits in `call` (restarted after handlers ran) until it gives something or fails.
fn interruptible<T>(mut call: impl FnMut() -> Result<T, i32>) -> R<T> {
    loop {
        match heap::blocking(&mut call) {
            Ok(result) => return Ok(result),
            Err(libc::EINTR) => util::poll()?,
            Err(errno) => return Err(objects::os_error(errno, None, None)),
        }
    }
}
fn errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

macro_rules! numbers {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name as i64)),*] };
}
static NUMBERS: &[(&str, i64)] = numbers!(
    SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM SIGTERM SIGCHLD SIGCONT
    SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF SIGWINCH SIGIO SIGSYS SIG_BLOCK SIG_UNBLOCK SIG_SETMASK
    ITIMER_REAL ITIMER_VIRTUAL ITIMER_PROF
);
#[cfg(target_os = "linux")]
static LINUX_NUMBERS: &[(&str, i64)] = numbers!(SIGSTKFLT SIGPWR SIGPOLL);

pub struct Signal;

/// Signals and their handlers in Python.
#[native_module(name = "_signal")]
impl Signal {
    /// What SIGINT does in Python: raise KeyboardInterrupt.
    fn default_int_handler(_signalnum: i32, _frame: Value) -> R {
        Err(new_error_args(exc::KEYBOARD_INTERRUPT.get(), &[]))
    }
    /// Have SIGALRM sent after that many seconds.
    fn alarm(seconds: i32) -> u32 {
        // SAFETY: plain libc call.
        unsafe { libc::alarm(seconds as u32) }
    }
    /// Set a timer: ITIMER_REAL, ITIMER_VIRTUAL or ITIMER_PROF.
    #[sig("($module, which, seconds, interval=0.0, /)")]
    fn setitimer(which: i32, seconds: f64, interval: f64) -> R {
        let new = libc::itimerval { it_value: timeval(seconds)?, it_interval: timeval(interval)? };
        let mut old = MaybeUninit::<libc::itimerval>::zeroed();
        // SAFETY: both structures are valid for the call.
        unsafe {
            if libc::setitimer(which as _, &new, old.as_mut_ptr()) != 0 {
                return Err(itimer_failed());
            }
            Ok(timer_tuple(&old.assume_init()))
        }
    }
    /// The present value of a timer.
    fn getitimer(which: i32) -> R {
        let mut old = MaybeUninit::<libc::itimerval>::zeroed();
        // SAFETY: the structure is valid for the call.
        unsafe {
            if libc::getitimer(which as _, old.as_mut_ptr()) != 0 {
                return Err(itimer_failed());
            }
            Ok(timer_tuple(&old.assume_init()))
        }
    }
    /// Set what a signal does.
    fn signal(signalnum: i32, handler: Value) -> R {
        if !is_main() {
            return Err(value_error!("signal only works in main thread of the main interpreter"));
        }
        let place = checked_signal(signalnum)?;
        let number = if is_callable(handler) { None } else { objects::int_view(handler).and_then(|view| view.to_i64()) };
        let action = match number {
            _ if is_callable(handler) => own_action(),
            Some(0) => libc::SIG_DFL,
            Some(1) => libc::SIG_IGN,
            _ => {
                return Err(type_error!("signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object"));
            }
        };
        util::poll()?;
        set_action(signalnum, action, 0)?;
        Ok(HANDLERS[place].swap(handler).unwrap_or(Value::none()))
    }
    /// What a signal does.
    fn getsignal(signalnum: i32) -> R {
        Ok(HANDLERS[checked_signal(signalnum)?].get().unwrap_or(Value::none()))
    }
    /// Set whether the signal interrupts system calls.
    fn siginterrupt(signalnum: i32, flag: i32) -> R<()> {
        checked_signal(signalnum)?;
        // SAFETY: the structure is filled by the first call.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            if libc::sigaction(signalnum, std::ptr::null(), &mut action) != 0 {
                return Err(last_os_error(None));
            }
            if flag != 0 {
                action.sa_flags &= !libc::SA_RESTART
            } else {
                action.sa_flags |= libc::SA_RESTART
            }
            if libc::sigaction(signalnum, &action, std::ptr::null_mut()) != 0 {
                return Err(last_os_error(None));
            }
        }
        Ok(())
    }
    /// Send a signal to the process itself.
    fn raise_signal(signalnum: i32) -> R<()> {
        // SAFETY: plain libc call.
        if unsafe { libc::raise(signalnum) } != 0 {
            return Err(last_os_error(None));
        }
        util::poll()
    }
    /// What the system calls a signal, such as 'Interrupt'.
    fn strsignal(signalnum: i32) -> R {
        checked_signal(signalnum)?;
        // SAFETY: the text is copied at once.
        unsafe {
            let text = libc::strsignal(signalnum);
            if text.is_null() {
                return Ok(Value::none());
            }
            let text = std::ffi::CStr::from_ptr(text).to_bytes();
            if text.starts_with(b"Unknown signal") {
                return Ok(Value::none());
            }
            Ok(util::fs_str(text))
        }
    }
    /// Wait for any signal.
    fn pause() -> R<()> {
        heap::blocking(|| {
            // SAFETY: plain libc call.
            unsafe { libc::pause() }
        });
        util::poll()
    }
    /// Set a file descriptor to which the number of each signal is written.
    #[sig("($module, fd, /, *, warn_on_full_buffer=True)")]
    fn set_wakeup_fd(fd: i32, warn_on_full_buffer: bool) -> R<i32> {
        if !is_main() {
            return Err(value_error!("set_wakeup_fd only works in main thread of the main interpreter"));
        }
        if fd != -1 {
            // SAFETY: plain libc calls on a number that may be no descriptor.
            unsafe {
                let mut status: libc::stat = std::mem::zeroed();
                if libc::fstat(fd, &mut status) != 0 {
                    if errno() == libc::EBADF {
                        return Err(value_error!("invalid fd"));
                    }
                    return Err(last_os_error(None));
                }
                let flags = libc::fcntl(fd, libc::F_GETFL);
                if flags >= 0 && flags & libc::O_NONBLOCK == 0 {
                    return Err(value_error!("the fd {fd} must be in non-blocking mode"));
                }
            }
        }
        WARN_ON_FULL.store(warn_on_full_buffer, Ordering::Relaxed);
        Ok(WAKEUP_FD.swap(fd, Ordering::SeqCst))
    }
    /// Send a signal to a thread of the process.
    fn pthread_kill(thread_id: u64, signalnum: i32) -> R<()> {
        objects::audit::audit("signal.pthread_kill", &[objects::new_int_u64(thread_id), Value::small(signalnum)])?;
        // SAFETY: the thread exists during the call.
        let send = || unsafe { libc::pthread_kill(thread_id as libc::pthread_t, signalnum) };
        let result = objects::thread::while_alive(thread_id, send).unwrap_or(libc::ESRCH);
        if result != 0 {
            return Err(objects::os_error(result, None, None));
        }
        util::poll()
    }
    /// Set the signal mask of this thread and return the one before.
    fn pthread_sigmask(how: i32, mask: Value) -> R {
        let mask = signal_set(mask)?;
        let mut old = MaybeUninit::<libc::sigset_t>::zeroed();
        // SAFETY: both sets are valid for the call.
        let result = unsafe { libc::pthread_sigmask(how, &mask, old.as_mut_ptr()) };
        if result != 0 {
            return Err(objects::os_error(result, None, None));
        }
        util::poll()?;
        // SAFETY: filled by the call.
        let old = unsafe { old.assume_init() };
        set_of(&old)
    }
    /// Examine pending signals.
    fn sigpending() -> R {
        let mut mask = MaybeUninit::<libc::sigset_t>::zeroed();
        // SAFETY: the set is valid for the call.
        unsafe {
            if libc::sigpending(mask.as_mut_ptr()) != 0 {
                return Err(last_os_error(None));
            }
            set_of(&mask.assume_init())
        }
    }
    /// Wait for one of the signals and return its number.
    fn sigwait(sigset: Value) -> R<i32> {
        let mask = signal_set(sigset)?;
        interruptible(|| {
            let mut signum = 0;
            // SAFETY: the set is initialised.
            match unsafe { libc::sigwait(&mask, &mut signum) } {
                0 => Ok(signum),
                errno => Err(errno),
            }
        })
    }
    /// Wait for one of the signals in *sigset*.
    #[cfg(target_os = "linux")]
    fn sigwaitinfo(sigset: Value) -> R {
        let mask = signal_set(sigset)?;
        let info = interruptible(|| {
            let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
            // SAFETY: both structures are valid for the call.
            unsafe { if libc::sigwaitinfo(&mask, info.as_mut_ptr()) >= 0 { Ok(info.assume_init()) } else { Err(errno()) } }
        })?;
        siginfo_value(&info)
    }
    /// Like sigwaitinfo(), but wait no longer than timeout.
    #[cfg(target_os = "linux")]
    fn sigtimedwait(sigset: Value, timeout: Value) -> R {
        let count = util::seconds_to_nanoseconds(timeout, Round::Ceiling)?;
        if count < 0 {
            return Err(value_error!("timeout must be non-negative"));
        }
        let mask = signal_set(sigset)?;
        let deadline = Instant::now().checked_add(Duration::from_nanos(count as u64));
        loop {
            let left = deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(Instant::now()));
            let time = libc::timespec { tv_sec: left.as_secs().min(i64::MAX as u64) as _, tv_nsec: left.subsec_nanos() as _ };
            let result = heap::blocking(|| {
                let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
                // SAFETY: all structures are valid for the call.
                unsafe {
                    if libc::sigtimedwait(&mask, info.as_mut_ptr(), &time) >= 0 { Ok(info.assume_init()) } else { Err(errno()) }
                }
            });
            match result {
                Ok(info) => return siginfo_value(&info),
                Err(libc::EAGAIN) => return Ok(Value::none()),
                Err(libc::EINTR) => util::poll()?,
                Err(errno) => return Err(objects::os_error(errno, None, None)),
            }
        }
    }
    /// The set of the numbers of all signals.
    fn valid_signals() -> R {
        let mut mask = MaybeUninit::<libc::sigset_t>::zeroed();
        // SAFETY: the call fills the set.
        unsafe {
            libc::sigfillset(mask.as_mut_ptr());
            set_of(&mask.assume_init())
        }
    }
    /// Send a signal to the process that a pidfd stands for.
    #[cfg(target_os = "linux")]
    #[sig("($module, pidfd, signalnum, siginfo=None, flags=0, /)")]
    fn pidfd_send_signal(pidfd: i32, signalnum: i32, siginfo: Option<Value>, flags: i32) -> R<()> {
        if siginfo.is_some_and(|siginfo| !siginfo.is_none()) {
            return Err(type_error!("siginfo must be None"));
        }
        // SAFETY: plain system call.
        let result = unsafe { libc::syscall(libc::SYS_pidfd_send_signal, pidfd, signalnum, std::ptr::null::<()>(), flags) };
        if result < 0 { Err(last_os_error(None)) } else { util::poll() }
    }

    fn __exec__(module: Value) -> R<()> {
        util::set_ints(module, NUMBERS)?;
        #[cfg(target_os = "linux")]
        util::set_ints(module, LINUX_NUMBERS)?;
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        let more: &[(&str, i64)] = &[
            ("SIGCLD", libc::SIGCHLD as i64),
            ("SIGIOT", libc::SIGABRT as i64),
            ("NSIG", NSIG as i64),
            ("SIG_DFL", SIG_DFL as i64),
            ("SIG_IGN", SIG_IGN as i64),
        ];
        util::set_ints(module.value(), more)?;
        #[cfg(target_os = "linux")]
        util::set_ints(module.value(), &[("SIGRTMIN", libc::SIGRTMIN() as i64), ("SIGRTMAX", libc::SIGRTMAX() as i64)])?;
        module.set("struct_siginfo", SIGINFO.class()?.value())?;
        if !STARTED.swap(true, Ordering::AcqRel) {
            HANDLERS.iter().for_each(heap::register_global_root);
            install_handlers(module.get("default_int_handler"))?;
        }
        module.set("ItimerError", ITIMER_ERROR.class()?.value())
    }
}

/// Learns what the process inherited, and lets SIGINT raise KeyboardInterrupt unless it is ignored.
fn install_handlers(int_handler: Option<Value>) -> R<()> {
    for signum in 1..NSIG as i32 {
        let handler = match current_action(signum) {
            Some(libc::SIG_DFL) => Value::small(SIG_DFL),
            Some(libc::SIG_IGN) => Value::small(SIG_IGN),
            _ => Value::none(),
        };
        HANDLERS[signum as usize].set(handler);
    }
    if current_action(libc::SIGINT) == Some(libc::SIG_DFL)
        && let Some(handler) = int_handler
    {
        set_action(libc::SIGINT, own_action(), 0)?;
        HANDLERS[libc::SIGINT as usize].set(handler);
    }
    Ok(())
}

/// A process that ends by KeyboardInterrupt dies of SIGINT, so that its parent knows.
pub fn die_of_interrupt() -> ! {
    // SAFETY: plain libc calls.
    unsafe {
        libc::signal(libc::SIGINT, libc::SIG_DFL);
        libc::kill(libc::getpid(), libc::SIGINT);
        libc::_exit(128 + libc::SIGINT)
    }
}
