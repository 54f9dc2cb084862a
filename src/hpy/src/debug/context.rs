//! Debug contexts. Each thread has a ring of them; every entry into an extension gets the next one that is not in use, so that a context
//! kept from an earlier call, or handed to another thread, is noticed at its first use.
//!
//! SAFETY of this file: a debug context begins with the `Context` that extensions see, and is never freed; those of threads that ended
//! are handed on. Must not know: what the functions of the context do.

use super::report;
use crate::abi::{Handle, ThreadState};
use crate::table::Context;
use std::cell::{Cell, UnsafeCell};
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

const RING: usize = 16;
/// Contexts of ended threads that are not used again yet.
const RESTING: usize = 128;

/// In no call.
const IDLE: u32 = 0;
/// The extension runs.
const RUNNING: u32 = 1;
/// The extension has called into Python, which has not returned.
const OUTSIDE: u32 = 2;
/// Between `HPy_LeavePythonExecution` and `HPy_ReenterPythonExecution`.
const LEFT: u32 = 3;

#[repr(C)]
pub struct DebugContext {
    context: Context,
    state: AtomicU32,
    /// Key of the thread.
    owner: AtomicUsize,
    universal: Cell<*mut Context>,
    /// What `HPy_LeavePythonExecution` returned.
    token: AtomicU64,
}

struct Ring {
    contexts: UnsafeCell<Vec<&'static DebugContext>>,
    next: Cell<usize>,
}

// SAFETY: other threads only ever find out that a context is not theirs, through its atomics.
unsafe impl Sync for DebugContext {}
// SAFETY: as above; whoever takes an idle one over becomes its owner.
unsafe impl Send for DebugContext {}

static IDLE_CONTEXTS: Mutex<Vec<&'static DebugContext>> = Mutex::new(Vec::new());

impl Drop for Ring {
    fn drop(&mut self) {
        let contexts = std::mem::take(self.contexts.get_mut());
        for context in &contexts {
            context.owner.store(0, Ordering::Relaxed);
            context.state.store(IDLE, Ordering::Relaxed);
        }
        IDLE_CONTEXTS.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).extend(contexts);
    }
}

thread_local! {
    static RING_OF_THREAD: Ring = const { Ring { contexts: UnsafeCell::new(Vec::new()), next: Cell::new(0) } };
    static KEY: u8 = const { 0 };
}

/// A number that no other running thread has.
#[inline(always)]
fn thread_key() -> usize {
    KEY.with(|key| key as *const u8 as usize)
}

macro_rules! constants {
    ([] $(
        handles { $($hid:literal $handle:ident;)* }
        functions { $($fid:literal $name:ident ( $($arg:ident : $kind:ident),* ) -> $ret:ident;)* }
    )*) => {
        /// Debug handles of the constants, in order; the same in all contexts.
        unsafe fn immortals(universal: *mut Context) -> Vec<Handle> {
            let mut handles = Vec::new();
            $($(
                let handle = (*universal).$handle;
                handles.push(super::registry::open_immortal(handle.value()));
            )*)*
            handles
        }
        unsafe fn fill_constants(context: *mut Context, handles: &[Handle]) {
            let mut handles = handles.iter();
            $($(
                (&raw mut (*context).$handle).write(handles.next().copied().unwrap_or(Handle::NULL));
            )*)*
        }
    };
}
crate::for_each_member!(constants);

static IMMORTALS: OnceLock<Vec<Handle>> = OnceLock::new();

#[cold]
fn new_context() -> &'static DebugContext {
    {
        let mut idle = IDLE_CONTEXTS.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        // Those that ended last rest: whoever kept one is to be noticed.
        if idle.len() > RESTING {
            return idle.remove(0);
        }
    }
    let universal = crate::context::universal();
    unsafe {
        let immortals = match IMMORTALS.get() {
            Some(handles) => handles,
            None => {
                let handles = immortals(universal);
                IMMORTALS.get_or_init(|| handles)
            }
        };
        let memory: *mut DebugContext = Box::leak(Box::new(MaybeUninit::<DebugContext>::zeroed())).as_mut_ptr();
        let context = &raw mut (*memory).context;
        (&raw mut (*context).name).write(c"HPy Debug Mode ABI".as_ptr());
        (&raw mut (*context).private).write(memory.cast());
        (&raw mut (*context).abi_version).write(crate::abi::ABI_MAJOR as i32);
        fill_constants(context, immortals);
        super::wrappers::fill(context);
        (&raw mut (*memory).universal).write(Cell::new(universal));
        &*memory
    }
}

/// A context for a call on this thread.
pub fn enter() -> *mut Context {
    RING_OF_THREAD.with(|ring| {
        let start = ring.next.get();
        let idle = {
            let contexts = unsafe { &*ring.contexts.get() };
            (0..contexts.len()).map(|step| (start + step) % contexts.len().max(1)).find(|index| {
                let state = contexts[*index].state.load(Ordering::Relaxed);
                state == IDLE
            })
        };
        let idle = idle.filter(|_| unsafe { &*ring.contexts.get() }.len() >= RING);
        let (index, context) = match idle {
            Some(index) => (index, unsafe { &*ring.contexts.get() }[index]),
            None => {
                let context = new_context();
                context.owner.store(thread_key(), Ordering::Relaxed);
                let contexts = unsafe { &mut *ring.contexts.get() };
                contexts.push(context);
                (contexts.len() - 1, context)
            }
        };
        ring.next.set(index + 1);
        context.universal.set(crate::context::universal());
        context.state.store(RUNNING, Ordering::Relaxed);
        context as *const DebugContext as *mut Context
    })
}

/// The call is over.
pub fn leave(context: *mut Context) {
    let context = unsafe { &*(context as *const DebugContext) };
    if context.state.load(Ordering::Relaxed) == LEFT {
        report::misuse("HPy debug mode: returned to Python without HPy_ReenterPythonExecution");
    }
    context.state.store(IDLE, Ordering::Relaxed);
}

/// The context that an extension passed, if it may use it now.
///
/// # Safety
/// `context` is a debug context: only those have functions that ask.
#[inline(always)]
pub unsafe fn checked<'a>(context: *mut Context) -> &'a DebugContext {
    let debug = &*(context as *const DebugContext);
    if debug.state.load(Ordering::Relaxed) != RUNNING || debug.owner.load(Ordering::Relaxed) != thread_key() {
        debug.complain();
    }
    debug
}

impl DebugContext {
    #[cold]
    #[inline(never)]
    fn complain(&self) -> ! {
        if self.owner.load(Ordering::Relaxed) != thread_key() {
            report::wrong_context(" It belongs to another thread.");
        }
        if self.state.load(Ordering::Relaxed) == LEFT {
            report::misuse("HPy debug mode: HPy was called between HPy_LeavePythonExecution and HPy_ReenterPythonExecution");
        }
        report::wrong_context("")
    }

    #[inline(always)]
    pub fn universal(&self) -> *mut Context {
        self.universal.get()
    }

    /// Runs a universal function; the context is not to be used until it returns.
    #[inline(always)]
    pub fn outside<T>(&self, work: impl FnOnce(*mut Context) -> T) -> T {
        self.state.store(OUTSIDE, Ordering::Relaxed);
        let result = work(self.universal.get());
        self.state.store(RUNNING, Ordering::Relaxed);
        result
    }

    pub fn leave_python(&self) -> ThreadState {
        let universal = self.universal();
        let token = unsafe { ((*universal).ctx_LeavePythonExecution)(universal) };
        self.token.store(token.0, Ordering::Relaxed);
        self.state.store(LEFT, Ordering::Relaxed);
        token
    }
}

/// `HPy_ReenterPythonExecution`: the one function that wants a context that was left.
///
/// # Safety
/// As for [`checked`].
pub unsafe fn reenter_python(context: *mut Context, token: ThreadState) {
    let debug = &*(context as *const DebugContext);
    if debug.owner.load(Ordering::Relaxed) != thread_key() {
        report::wrong_context(" HPy_ReenterPythonExecution on another thread.");
    }
    if debug.state.load(Ordering::Relaxed) != LEFT {
        report::misuse("HPy debug mode: HPy_ReenterPythonExecution without HPy_LeavePythonExecution");
    }
    if debug.token.load(Ordering::Relaxed) != token.0 {
        report::misuse("HPy debug mode: HPy_ReenterPythonExecution with a state that HPy_LeavePythonExecution did not return");
    }
    let universal = debug.universal();
    ((*universal).ctx_ReenterPythonExecution)(universal, token);
    debug.state.store(RUNNING, Ordering::Relaxed);
}
