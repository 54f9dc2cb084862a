//! Trace mode: counts and times the calls of context functions, and tells a function of the user about them.
//!
//! The trace context is made from the same table as the universal one; handles go through as they are. Each thread has one.
//! SAFETY of this file: a trace context begins with the `Context` that extensions see and is never freed; its functions are called under
//! the contract of the ABI. Must not know: what the functions do.

pub mod module;

use crate::abi::Handle;
use crate::layer::{Layer, registering};
use crate::table::{Context, kind};
use heap::Slot;
use objects::{Value, thread, unraisable};
use std::cell::Cell;
use std::mem::MaybeUninit;
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

pub static TRACE: Layer = Layer {
    name: "trace",
    plain: false,
    enter,
    leave: |_| (),
    open: |_, handle| handle,
    close: |_, _| (),
    take: |_, handle| handle,
    lock: None,
};

const MEMBERS: usize = 273;
static COUNTS: [AtomicU64; MEMBERS] = [const { AtomicU64::new(0) }; MEMBERS];
/// Nanoseconds.
static DURATIONS: [AtomicU64; MEMBERS] = [const { AtomicU64::new(0) }; MEMBERS];

static ON_ENTER: Slot = Slot::empty();
static ON_EXIT: Slot = Slot::empty();

fn set_hook(hook: &'static Slot, function: Option<Value>) {
    static ROOTED: Once = Once::new();
    ROOTED.call_once(|| {
        heap::register_global_root(&ON_ENTER);
        heap::register_global_root(&ON_EXIT);
    });
    hook.set_opt(function);
}

#[repr(C)]
struct TraceContext {
    context: Context,
    universal: Cell<*mut Context>,
}

struct Mine(Cell<*mut TraceContext>);

static IDLE: std::sync::Mutex<Vec<usize>> = std::sync::Mutex::new(Vec::new());

impl Drop for Mine {
    fn drop(&mut self) {
        if !self.0.get().is_null() {
            IDLE.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(self.0.get() as usize);
        }
    }
}

thread_local! {
    static MINE: Mine = const { Mine(Cell::new(std::ptr::null_mut())) };
}

fn enter() -> *mut Context {
    MINE.with(|mine| {
        if mine.0.get().is_null() {
            mine.0.set(new_context());
        }
        let context = mine.0.get();
        unsafe { (*context).universal.set(crate::context::universal()) };
        context.cast()
    })
}

#[cold]
fn new_context() -> *mut TraceContext {
    if let Some(address) = IDLE.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).pop() {
        return address as *mut TraceContext;
    }
    let universal = crate::context::universal();
    unsafe {
        let memory: *mut TraceContext = Box::leak(Box::new(MaybeUninit::<TraceContext>::zeroed())).as_mut_ptr();
        let context = &raw mut (*memory).context;
        (&raw mut (*context).name).write(c"HPy Trace Mode ABI".as_ptr());
        (&raw mut (*context).private).write(memory.cast());
        (&raw mut (*context).abi_version).write(crate::abi::ABI_MAJOR as i32);
        fill(context, universal);
        (&raw mut (*memory).universal).write(Cell::new(universal));
        memory
    }
}

fn now() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC_RAW, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

#[inline(always)]
fn tell(hook: &Slot, name: &str) {
    if let Some(function) = hook.get() {
        tell_function(function, name);
    }
}

#[cold]
#[inline(never)]
fn tell_function(function: Value, name: &str) {
    let pending = thread::current().raised.take();
    if let Err(raised) = objects::call(function, &[objects::new_str(name)]) {
        unraisable::report_raised(raised, Some("Exception ignored in an HPy trace function"), Some(function));
    }
    thread::current().raised.set_opt(pending);
}

/// A call under way.
struct Call {
    id: usize,
    name: &'static str,
    started: u64,
}

impl Call {
    #[inline(always)]
    fn begin(id: usize, name: &'static str) -> Call {
        COUNTS[id].fetch_add(1, Ordering::Relaxed);
        tell(&ON_ENTER, name);
        Call { id, name, started: now() }
    }
    #[inline(always)]
    fn end(self) {
        DURATIONS[self.id].fetch_add(now().saturating_sub(self.started), Ordering::Relaxed);
        tell(&ON_EXIT, self.name);
    }
}

/// Python cannot be called between leaving it and coming back: those two are only counted and timed.
macro_rules! body {
    (ctx_LeavePythonExecution, $id:literal, $universal:ident, ()) => {{
        COUNTS[$id].fetch_add(1, Ordering::Relaxed);
        tell(&ON_ENTER, "ctx_LeavePythonExecution");
        tell(&ON_EXIT, "ctx_LeavePythonExecution");
        let started = now();
        let result = ((*$universal).ctx_LeavePythonExecution)($universal);
        DURATIONS[$id].fetch_add(now().saturating_sub(started), Ordering::Relaxed);
        result
    }};
    (ctx_ReenterPythonExecution, $id:literal, $universal:ident, ($state:ident)) => {{
        COUNTS[$id].fetch_add(1, Ordering::Relaxed);
        let started = now();
        ((*$universal).ctx_ReenterPythonExecution)($universal, $state);
        DURATIONS[$id].fetch_add(now().saturating_sub(started), Ordering::Relaxed);
        tell(&ON_ENTER, "ctx_ReenterPythonExecution");
        tell(&ON_EXIT, "ctx_ReenterPythonExecution");
    }};
    (ctx_Type_FromSpec, $id:literal, $universal:ident, ($($arg:ident),*)) => {
        registered!(ctx_Type_FromSpec, $id, $universal, ($($arg),*))
    };
    (ctx_SetCallFunction, $id:literal, $universal:ident, ($($arg:ident),*)) => {
        registered!(ctx_SetCallFunction, $id, $universal, ($($arg),*))
    };
    ($name:ident, $id:literal, $universal:ident, ($($arg:ident),*)) => {{
        let call = Call::begin($id, stringify!($name));
        #[allow(clippy::let_unit_value)]
        let result = ((*$universal).$name)($universal $(, $arg)*);
        call.end();
        result
    }};
}

/// Functions that keep C functions for later, which will be entered in trace mode.
macro_rules! registered {
    ($name:ident, $id:literal, $universal:ident, ($($arg:ident),*)) => {{
        let call = Call::begin($id, stringify!($name));
        let result = registering(&TRACE, || ((*$universal).$name)($universal $(, $arg)*));
        call.end();
        result
    }};
}

macro_rules! functions {
    ([] $(
        handles { $($hid:literal $handle:ident;)* }
        functions { $($fid:literal $name:ident ( $($arg:ident : $kind:ident),* ) -> $ret:ident;)* }
    )*) => {
        $($(
            #[allow(non_snake_case)]
            unsafe extern "C" fn $name(context: *mut Context $(, $arg: kind::$kind)*) -> kind::$ret {
                let universal = (*(context as *const TraceContext)).universal.get();
                body!($name, $fid, universal, ($($arg),*))
            }
        )*)*

        unsafe fn fill(context: *mut Context, universal: *mut Context) {
            $($(
                let constant: Handle = (*universal).$handle;
                (&raw mut (*context).$handle).write(constant);
            )*
            $((&raw mut (*context).$name).write($name);)*)*
        }

        /// Ids and names of the functions.
        static FUNCTIONS: &[(usize, &str)] = &[$($(($fid, stringify!($name)),)*)*];
    };
}
crate::for_each_member!(functions);
