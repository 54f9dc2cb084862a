//! The module `_thread`: starting, naming and joining threads; the end of threads when the process ends.
//!
//! The rule for daemon threads: once the main thread has run the exit functions, `system::set_finalizing` is called and every
//! other thread stops for good at its next safepoint, without unwinding.
//!
//! Must not know: the Python class `threading.Thread`.

use crate::local;
use crate::lock::{LockSkin, RLockSkin, new_lock};
use crate::os_thread::{self, OsThread};
use crate::util::{self, str_text, write};
use crate::waiting;
use heap::Event;
use native_macros::{Layout, native_class, native_module};
use objects::dict::Dict;
use objects::interpreter::{self, settings};
use objects::panics::{guarded, guarded_or_told};
use objects::structseq::StructSeqDef;
use objects::{
    Args, Cast, Class, Gc, GcVec, Header, Module, R, Raised, Str, Tuple, Value, call_args, class_name, exc, get_attr_opt,
    interned, new_error_args, new_int_u64, new_object, new_tuple, runtime_error, thread, type_error, value_error,
};
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

static EXCEPT_HOOK_ARGS: StructSeqDef = StructSeqDef::new(
    "_thread",
    "_ExceptHookArgs",
    "ExceptHookArgs\n\nWhat threading.excepthook is called with.",
    &["exc_type", "exc_value", "exc_traceback", "thread"],
    4,
);

const NOT_STARTED: u32 = 0;
const STARTING: u32 = 1;
const RUNNING: u32 = 2;
const DONE: u32 = 3;
/// It could not become one of Python's.
const FAILED: u32 = 4;

/// What a handle object and its thread share.
pub struct HandleState {
    ident: AtomicU64,
    state: AtomicU32,
    done: Event,
    os_thread: Mutex<Option<OsThread>>,
}

impl HandleState {
    fn new(ident: u64, state: u32) -> Arc<HandleState> {
        Arc::new(HandleState {
            ident: AtomicU64::new(ident),
            state: AtomicU32::new(state),
            done: Event::new(),
            os_thread: Mutex::new(None),
        })
    }
    fn finish(&self) {
        self.state.store(DONE, Ordering::SeqCst);
        self.done.set();
    }
    /// Waits for the end of the operating system's thread, which is near.
    fn join_os_thread(&self) {
        let handle = self.os_thread.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
        if let Some(handle) = handle {
            heap::blocking(|| handle.join());
        }
    }
}

pub struct Shared(Arc<HandleState>);
objects::no_references!(Shared);

#[derive(Layout)]
#[repr(C)]
pub struct ThreadHandle {
    pub header: Header,
    shared: Shared,
}

fn new_handle(cls: Gc<Class>, shared: Arc<HandleState>) -> Gc<ThreadHandle> {
    new_object(cls, ThreadHandle { header: Header::blank(), shared: Shared(shared) })
}

pub struct ThreadHandleSkin;

#[native_class(name = "_thread._ThreadHandle", layout = ThreadHandle, base = object, flags = "final weakref")]
impl ThreadHandleSkin {
    #[new]
    #[sig("()")]
    fn new(cls: Gc<Class>) -> Value {
        new_handle(cls, HandleState::new(0, NOT_STARTED)).value()
    }
    #[getter]
    fn ident(this: Gc<ThreadHandle>) -> R {
        match this.shared.0.ident.load(Ordering::SeqCst) {
            0 => Ok(Value::none()),
            ident => Ok(new_int_u64(ident)),
        }
    }
    #[sig("($self, timeout=None, /)")]
    fn join(this: Gc<ThreadHandle>, timeout: Option<Value>) -> R<()> {
        let shared = this.shared.0.clone();
        let timeout = match timeout.filter(|timeout| !timeout.is_none()) {
            None => None,
            Some(value) => {
                let count = util::seconds_to_nanoseconds(value, util::Round::Ceiling)?;
                if count < 0 { None } else { Some(util::nanoseconds(count)) }
            }
        };
        match shared.state.load(Ordering::SeqCst) {
            NOT_STARTED => return Err(runtime_error!("thread not started")),
            DONE => {}
            _ if shared.ident.load(Ordering::SeqCst) == thread::current().ident => {
                return Err(runtime_error!("Cannot join current thread"));
            }
            _ if objects::system::is_finalizing() => {
                return Err(util::raise_text(&exc::PYTHON_FINALIZATION_ERROR, "cannot join thread at finalization"));
            }
            _ => {}
        }
        if waiting::wait(timeout, |left| shared.done.wait(left, true))? {
            shared.join_os_thread();
        }
        Ok(())
    }
    fn is_done(this: Gc<ThreadHandle>) -> bool {
        this.shared.0.state.load(Ordering::SeqCst) == DONE
    }
    fn _set_done(this: Gc<ThreadHandle>) -> R<()> {
        if this.shared.0.state.load(Ordering::SeqCst) == NOT_STARTED {
            return Err(runtime_error!("thread not started"));
        }
        this.shared.0.finish();
        Ok(())
    }
    fn __repr__(this: Gc<ThreadHandle>) -> String {
        format!("<_ThreadHandle object: ident={}>", this.shared.0.ident.load(Ordering::SeqCst))
    }
}

/// What a new thread is to call, kept alive until it has attached.
struct Start {
    id: usize,
    function: Value,
    values: Value,
    names: Value,
}
static STARTS: heap::Mutex<Vec<Start>> = heap::Mutex::new(Vec::new());
static NEXT_START: AtomicUsize = AtomicUsize::new(1);
static STACK_SIZE: AtomicUsize = AtomicUsize::new(0);
static RUNNING_COUNT: AtomicUsize = AtomicUsize::new(0);
static RECURSION_LIMIT: AtomicU32 = AtomicU32::new(1000);
static MAIN_IDENT: AtomicU64 = AtomicU64::new(0);
/// Threads that their interpreter waits for at its end, with its id, and all threads that were started with a handle.
static NON_DAEMON: Mutex<Vec<(i64, Arc<HandleState>)>> = Mutex::new(Vec::new());
static ALL_HANDLES: Mutex<Vec<std::sync::Weak<HandleState>>> = Mutex::new(Vec::new());

const DEFAULT_STACK: usize = 8 << 20;
const LEAST_STACK: usize = 52 << 10;
/// What the runtime itself needs on a native stack.
const USABLE_STACK: usize = 512 << 10;

pub fn set_default_recursion_limit(limit: u32) {
    RECURSION_LIMIT.store(limit, Ordering::Relaxed);
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn spawn(function: Value, values: Value, names: Value, shared: Arc<HandleState>) -> R<u64> {
    if objects::system::is_finalizing() || interpreter::current().is_ending() {
        shared.state.store(NOT_STARTED, Ordering::SeqCst);
        return Err(util::raise_text(&exc::PYTHON_FINALIZATION_ERROR, "can't create new thread at interpreter shutdown"));
    }
    let interpreter = interpreter::current();
    let id = NEXT_START.fetch_add(1, Ordering::Relaxed);
    STARTS.lock().push(Start { id, function, values, names });
    heap::set_multithreaded();
    let size = match STACK_SIZE.load(Ordering::Relaxed) {
        0 => DEFAULT_STACK,
        size => size.max(USABLE_STACK),
    };
    let started = Arc::new(Event::new());
    shared.state.store(STARTING, Ordering::SeqCst);
    let (thread_shared, thread_started) = (shared.clone(), started.clone());
    RUNNING_COUNT.fetch_add(1, Ordering::SeqCst);
    match os_thread::spawn(size, move || run_thread(id, interpreter, thread_shared, thread_started)) {
        Some(handle) => {
            handle.place();
            *locked(&shared.os_thread) = Some(handle);
            started.wait(None, false);
            if shared.state.load(Ordering::SeqCst) == FAILED {
                shared.join_os_thread();
                return Err(not_started(id, &shared));
            }
            Ok(shared.ident.load(Ordering::SeqCst))
        }
        None => Err(not_started(id, &shared)),
    }
}

fn not_started(id: usize, shared: &HandleState) -> Raised {
    RUNNING_COUNT.fetch_sub(1, Ordering::SeqCst);
    STARTS.lock().retain(|start| start.id != id);
    shared.ident.store(0, Ordering::SeqCst);
    shared.state.store(NOT_STARTED, Ordering::SeqCst);
    runtime_error!("can't start new thread")
}

fn run_thread(id: usize, interpreter: &'static interpreter::Interpreter, shared: Arc<HandleState>, started: Arc<Event>) {
    // SAFETY: plain libc call.
    shared.ident.store(unsafe { libc::pthread_self() } as u64, Ordering::SeqCst);
    if thread::attach(false).is_err() {
        shared.state.store(FAILED, Ordering::SeqCst);
        started.set();
        return;
    }
    thread::current().interpreter.set(interpreter);
    thread::current().exec.set_recursion_limit(RECURSION_LIMIT.load(Ordering::Relaxed));
    thread::current().exec.request_poll();
    let _ = shared.state.compare_exchange(STARTING, RUNNING, Ordering::SeqCst, Ordering::SeqCst);
    started.set();
    guarded_or_told("Exception ignored in a thread", || run_function(id));
    guarded_or_told("Exception ignored at the end of a thread", local::forget_thread);
    RUNNING_COUNT.fetch_sub(1, Ordering::SeqCst);
    // While attached, as every use of the lists: a fork, which stops attached threads only, then finds them unlocked.
    locked(&NON_DAEMON).retain(|(_, other)| !Arc::ptr_eq(other, &shared));
    thread::detach();
    shared.finish();
}

/// Makes the calling thread one of Python's, for the time of a callback. False: it cannot be, the process is ending.
pub fn attach_foreign() -> bool {
    if objects::system::is_finalizing() || thread::attach(false).is_err() {
        return false;
    }
    thread::current().exec.set_recursion_limit(RECURSION_LIMIT.load(Ordering::Relaxed));
    thread::current().exec.request_poll();
    true
}

/// Ends what `attach_foreign` began.
pub fn detach_foreign() {
    local::forget_thread();
    thread::detach();
}

#[inline(never)]
fn run_function(id: usize) {
    let start = {
        let mut starts = STARTS.lock();
        let Some(index) = starts.iter().position(|start| start.id == id) else { return };
        starts.swap_remove(index)
    };
    let (Some(values), Some(names)) = (start.values.cast::<Tuple>(), start.names.cast::<Tuple>()) else { return };
    let args = Args::new(values.items(), values.len() - names.len(), names.items());
    if let Err(raised) = guarded(|| call_args(start.function, args)) {
        if raised.is(&exc::SYSTEM_EXIT) {
            raised.clear();
            return;
        }
        let exception = raised.take();
        let text = format!("Exception ignored in thread started by {}", objects::repr_lossy(start.function));
        objects::unraisable::report_unraisable(exception, Some(&text), None);
    }
}

/// Stops threads other than the finalizing one for good once the process is ending, and those of interpreters that are gone.
pub fn poll_hook() -> R<()> {
    heap::take_interrupts(heap::mutator::INTERRUPT_EXCEPTION);
    let over = objects::system::is_finalizing() && thread::current().ident != MAIN_IDENT.load(Ordering::Relaxed);
    if over || interpreter::current().has_ended() {
        heap::blocking(|| {
            loop {
                // SAFETY: plain libc call.
                unsafe { libc::pause() };
            }
        });
    }
    Ok(())
}

pub fn is_main_ident(ident: u64) -> bool {
    MAIN_IDENT.load(Ordering::Relaxed) == ident
}

/// In the child of a fork: the calling thread is the only one, and the main one.
pub fn after_fork_child() {
    let own = thread::current().ident;
    MAIN_IDENT.store(own, Ordering::SeqCst);
    RUNNING_COUNT.store(0, Ordering::SeqCst);
    let mut handles = match ALL_HANDLES.try_lock() {
        Ok(handles) => handles,
        Err(_) => return,
    };
    for handle in handles.drain(..).filter_map(|handle| handle.upgrade()) {
        if handle.ident.load(Ordering::SeqCst) != own {
            handle.state.store(DONE, Ordering::SeqCst);
            handle.done.set();
            // The operating system's thread does not exist here: forget it without joining.
            if let Ok(mut thread) = handle.os_thread.try_lock() {
                std::mem::forget(thread.take());
            }
        }
    }
    if let Ok(mut threads) = NON_DAEMON.try_lock() {
        threads.retain(|(_, handle)| handle.ident.load(Ordering::SeqCst) == own);
    }
    STARTS.lock().clear();
    local::after_fork_child();
}

/// Whether the interpreter may have threads. That there are no daemons is seen to in `threading`.
fn check_allowed() -> R<()> {
    if interpreter::current().allows(settings::ALLOW_THREADS) {
        return Ok(());
    }
    Err(runtime_error!("thread is not supported for isolated subinterpreters"))
}

/// Positional values and keyword values in one tuple, keyword names in another.
fn pack(args: Gc<Tuple>, kwargs: Option<Gc<Dict>>) -> R<(Value, Value)> {
    let mut values = GcVec::from_slice(args.items());
    let mut names = GcVec::new();
    if let Some(kwargs) = kwargs {
        for (name, value) in objects::dict::dict_items(kwargs) {
            if name.cast::<Str>().is_none() {
                return Err(type_error!("keywords must be strings"));
            }
            names.push(name);
            values.push(value);
        }
    }
    Ok((new_tuple(&values).value(), new_tuple(&names).value()))
}

/// The traceback of a thread that ended with an exception.
fn show_thread_exception(args: Value) -> R<()> {
    let get = |name: &str| objects::get_attr_named(args, name);
    let (class, value, traceback, thread_object) = (get("exc_type")?, get("exc_value")?, get("exc_traceback")?, get("thread")?);
    if class == exc::SYSTEM_EXIT.get().value() {
        return Ok(());
    }
    let file = match util::stderr() {
        Some(file) => file,
        None if thread_object.is_none() => return Ok(()),
        None => match get_attr_opt(thread_object, interned!("_stderr"))?.filter(|file| !file.is_none()) {
            Some(file) => file,
            None => return Ok(()),
        },
    };
    let name = match get_attr_opt(thread_object, interned!("_name"))? {
        Some(name) if !thread_object.is_none() => str_text(name).unwrap_or_default(),
        _ => thread::current().ident.to_string(),
    };
    write(file, &format!("Exception in thread {name}:\n"))?;
    if let Some(exception) = value.cast::<exc::BaseException>()
        && exception.traceback.get().is_none()
        && !traceback.is_none()
    {
        exception.traceback.set(traceback);
    }
    if let Err(raised) = crate::sys::hooks::print_with_library(value, file) {
        raised.clear();
        crate::sys::hooks::show_plainly(value, Some(file));
    }
    util::flush(file)
}

pub struct ThreadModule;

/// Threads and locks, as the module threading needs them.
#[native_module(name = "_thread", classes = [ThreadHandleSkin, LockSkin, RLockSkin, local::LocalSkin])]
impl ThreadModule {
    /// Start a thread and return its identifier.
    #[sig("($module, function, args, kwargs={}, /)")]
    fn start_new_thread(function: Value, args: Value, kwargs: Option<Value>) -> R {
        if !objects::is_callable(function) {
            return Err(type_error!("first arg must be callable"));
        }
        let Some(args) = args.cast::<Tuple>() else { return Err(type_error!("2nd arg must be a tuple")) };
        let kwargs = match kwargs {
            None => None,
            Some(kwargs) => match kwargs.cast::<Dict>() {
                Some(kwargs) => Some(kwargs),
                None => return Err(type_error!("optional 3rd arg must be a dictionary")),
            },
        };
        check_allowed()?;
        objects::audit::audit("_thread.start_new_thread", &[function, args.value(), kwargs.map_or(Value::none(), Gc::value)])?;
        let (values, names) = pack(args, kwargs)?;
        let shared = HandleState::new(0, NOT_STARTED);
        spawn(function, values, names, shared).map(new_int_u64)
    }
    /// Old name of start_new_thread().
    #[sig("($module, function, args, kwargs={}, /)")]
    fn start_new(function: Value, args: Value, kwargs: Option<Value>) -> R {
        ThreadModule::start_new_thread(function, args, kwargs)
    }
    /// Start a thread, for the module threading.
    #[sig("($module, /, function, handle=None, daemon=True)")]
    fn start_joinable_thread(function: Value, handle: Option<Value>, daemon: bool) -> R {
        if !objects::is_callable(function) {
            return Err(type_error!("thread function must be callable"));
        }
        let handle = match handle.filter(|handle| !handle.is_none()) {
            None => new_handle(ThreadHandleSkin::CLASS_DEF.class(), HandleState::new(0, NOT_STARTED)),
            Some(handle) => match handle.cast::<ThreadHandle>() {
                Some(handle) => handle,
                None => return Err(type_error!("'handle' must be a _ThreadHandle")),
            },
        };
        check_allowed()?;
        objects::audit::audit("_thread.start_joinable_thread", &[function, Value::bool(daemon), handle.value()])?;
        let shared = handle.shared.0.clone();
        if shared.state.compare_exchange(NOT_STARTED, STARTING, Ordering::SeqCst, Ordering::SeqCst).is_err() {
            return Err(runtime_error!("thread already started"));
        }
        if !daemon {
            locked(&NON_DAEMON).push((interpreter::current().id(), shared.clone()));
        }
        let mut all = locked(&ALL_HANDLES);
        all.retain(|handle| handle.strong_count() > 0);
        all.push(Arc::downgrade(&shared));
        drop(all);
        let empty = new_tuple(&[]).value();
        if let Err(raised) = spawn(function, empty, empty, shared.clone()) {
            locked(&NON_DAEMON).retain(|(_, other)| !Arc::ptr_eq(other, &shared));
            return Err(raised);
        }
        Ok(handle.value())
    }
    /// A handle of a thread that neither _thread nor threading has started.
    fn _make_thread_handle(ident: Value) -> R {
        let Some(number) = objects::int_view(ident).and_then(|view| view.to_u64()) else {
            return Err(type_error!("thread identifier must be an integer, not {}", class_name(ident)));
        };
        let shared = HandleState::new(number, RUNNING);
        locked(&ALL_HANDLES).push(Arc::downgrade(&shared));
        Ok(new_handle(ThreadHandleSkin::CLASS_DEF.class(), shared).value())
    }
    /// The identifier of the main thread, an int other than 0.
    fn _get_main_thread_ident() -> u64 {
        MAIN_IDENT.load(Ordering::Relaxed)
    }
    /// The identifier of this thread, an int other than 0.
    ///
    /// No other thread has it as long as this one runs.
    fn get_ident() -> u64 {
        thread::current().ident
    }
    /// The number that the kernel of the system has for this thread.
    fn get_native_id() -> i64 {
        // SAFETY: plain system call.
        unsafe { libc::syscall(libc::SYS_gettid) as i64 }
    }
    /// A lock that nobody holds.
    fn allocate_lock() -> R {
        new_lock()
    }
    /// Old name of allocate_lock().
    fn allocate() -> R {
        new_lock()
    }
    /// Raises SystemExit, which ends the thread silently.
    fn exit() -> R {
        Err(new_error_args(exc::SYSTEM_EXIT.get(), &[]))
    }
    /// Old name of exit().
    fn exit_thread() -> R {
        Err(new_error_args(exc::SYSTEM_EXIT.get(), &[]))
    }
    /// Act as if the signal had come, in the main thread.
    #[sig("($module, signum=signal.SIGINT, /)", hidden)]
    fn interrupt_main(signum: Option<Value>) -> R<()> {
        let signum = match signum {
            Some(signum) => objects::index(signum)?,
            None => libc::SIGINT as i64,
        };
        if !(1..=64).contains(&signum) {
            return Err(value_error!("signal number out of range"));
        }
        crate::signal::interrupt_main(signum as i32);
        util::poll()
    }
    /// How many threads run beside the main thread.
    fn _count() -> usize {
        RUNNING_COUNT.load(Ordering::SeqCst)
    }
    /// The size of the stack that new threads get, in bytes.
    #[sig("($module, size=0, /)")]
    fn stack_size(size: Option<Value>) -> R<usize> {
        let before = STACK_SIZE.load(Ordering::Relaxed);
        if let Some(size) = size {
            let size = objects::index(size)?;
            if size < 0 {
                return Err(value_error!("size must be 0 or a positive value"));
            }
            if size != 0 && (size as usize) < LEAST_STACK {
                return Err(value_error!("size must be at least {LEAST_STACK} bytes"));
            }
            STACK_SIZE.store(size as usize, Ordering::Relaxed);
        }
        Ok(before)
    }
    /// Whether there may be daemon threads.
    fn daemon_threads_allowed() -> bool {
        interpreter::current().allows(settings::ALLOW_DAEMON_THREADS)
    }
    /// Whether this is the main interpreter.
    fn _is_main_interpreter() -> bool {
        interpreter::is_main()
    }
    /// Wait until all threads but daemon threads and this one end.
    fn _shutdown() -> R<()> {
        let own = thread::current().ident;
        let here = interpreter::current().id();
        loop {
            let waited_for = |(id, handle): &&(i64, Arc<HandleState>)| *id == here && handle.ident.load(Ordering::SeqCst) != own;
            let next = locked(&NON_DAEMON).iter().find(waited_for).cloned();
            let Some((_, shared)) = next else { return Ok(()) };
            if let Err(raised) = waiting::wait(None, |left| shared.done.wait(left, true)) {
                objects::unraisable::report_raised(raised, Some("Exception ignored on threading shutdown"), None);
                continue;
            }
            shared.join_os_thread();
            locked(&NON_DAEMON).retain(|(_, other)| !Arc::ptr_eq(other, &shared));
        }
    }
    /// Handle uncaught Thread.run() exception.
    fn _excepthook(args: Value) -> R<()> {
        if objects::class_of(args) != EXCEPT_HOOK_ARGS.class()? {
            return Err(type_error!("_thread.excepthook argument type must be ExceptHookArgs"));
        }
        show_thread_exception(args)
    }
    /// The name of this thread.
    #[cfg(target_os = "linux")]
    fn _get_name() -> Value {
        let mut name = [0u8; 32];
        // SAFETY: the buffer's length is passed.
        unsafe { libc::pthread_getname_np(libc::pthread_self(), name.as_mut_ptr().cast(), name.len()) };
        util::fs_str(&name[..name.iter().position(|byte| *byte == 0).unwrap_or(0)])
    }
    /// Give this thread a name.
    #[sig("($module, /, name)")]
    fn set_name(name: Gc<Str>) -> R<()> {
        let mut bytes = objects::codec::encode(name, "utf-8", "surrogateescape")?;
        bytes.truncate(bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()).min(NAME_MAX));
        bytes.push(0);
        // SAFETY: the name is NUL-terminated and short enough.
        #[cfg(target_os = "linux")]
        unsafe {
            libc::pthread_setname_np(libc::pthread_self(), bytes.as_ptr().cast());
        }
        #[cfg(target_os = "macos")]
        unsafe {
            libc::pthread_setname_np(bytes.as_ptr().cast());
        }
        Ok(())
    }
    fn __exec__(module: Value) -> R<()> {
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        static ROOTS: std::sync::Once = std::sync::Once::new();
        ROOTS.call_once(|| {
            heap::register_root_callback(
                |tracer, _| {
                    // SAFETY: the world is stopped while roots are traced.
                    for start in unsafe { &*STARTS.data_ptr() } {
                        [start.function, start.values, start.names].into_iter().for_each(|value| tracer.value(value));
                    }
                },
                std::ptr::null_mut(),
            )
        });
        if MAIN_IDENT.load(Ordering::Relaxed) == 0 {
            MAIN_IDENT.store(thread::current().ident, Ordering::SeqCst);
        }
        module.set("LockType", LockSkin::CLASS_DEF.class().value())?;
        module.set("error", exc::RUNTIME_ERROR.get().value())?;
        module.set("TIMEOUT_MAX", Value::float(waiting::TIMEOUT_MAX))?;
        module.set("_NAME_MAXLEN", Value::small(NAME_MAX as i32))?;
        module.set("_ExceptHookArgs", EXCEPT_HOOK_ARGS.class()?.value())
    }
}

const NAME_MAX: usize = 15;
