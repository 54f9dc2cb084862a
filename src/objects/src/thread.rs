//! The thread context: everything the runtime keeps per thread, reached through one thread-local pointer.
//!
//! The value stack and frames are in `frame.rs` (`Exec`); this file holds the context itself, attaching and detaching,
//! the current exception, and the recursion guard of native code.

use crate::error::{R, Raised, recursion_error};
use crate::frame::Exec;
use crate::interpreter::{self, Interpreter};
use crate::layout::{Cast, Trace};
use crate::lookup::{TYPE_CACHE_SIZE, TypeCacheEntry};
use heap::{Slot, Tracer, Value};
use std::cell::{Cell, UnsafeCell};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Per-thread state. Lives at a fixed address from attach to detach.
#[repr(C)]
pub struct Thread {
    pub exec: Exec,
    /// The exception being propagated.
    pub raised: Slot,
    /// The current `contextvars.Context`, empty until one is asked for.
    pub context: Slot,
    /// `threading`'s identity of this thread.
    pub ident: u64,
    pub is_main: bool,
    /// Objects whose `repr` is under way, against endless recursion.
    pub repr_stack: UnsafeCell<Vec<Value>>,
    /// Stands for the thread in `_thread._local` and for asyncio's running loop.
    pub locals: Slot,
    pub running_loop: Slot,
    /// An exception that another thread asked this one to raise.
    pub async_exception: Slot,
    pub async_exception_pending: AtomicBool,
    type_cache: UnsafeCell<Vec<TypeCacheEntry>>,
    pub interpreter: Cell<&'static Interpreter>,
}

thread_local! {
    static CURRENT: Cell<*mut Thread> = const { Cell::new(std::ptr::null_mut()) };
}

/// All attached threads, for the collector, `sys._current_frames` and thread switching.
static THREADS: heap::Mutex<Vec<ThreadPointer>> = heap::Mutex::new(Vec::new());

#[derive(Clone, Copy, PartialEq)]
struct ThreadPointer(*mut Thread);
// SAFETY: other threads read a context only while its owner is stopped, or through its atomics.
unsafe impl Send for ThreadPointer {}

static NEXT_IDENT: AtomicU64 = AtomicU64::new(1);

/// The calling thread's context.
#[inline(always)]
pub fn current() -> &'static Thread {
    let pointer = CURRENT.with(|cell| cell.get());
    debug_assert!(!pointer.is_null(), "thread is not attached");
    // SAFETY: set by `attach`; the context outlives every use on its own thread.
    unsafe { &*pointer }
}

pub fn is_attached() -> bool {
    CURRENT.with(|cell| !cell.get().is_null())
}

/// Gives the calling OS thread a context and a place in the heap's list of mutators.
pub fn attach(is_main: bool) -> std::io::Result<()> {
    heap::attach();
    let ident = if is_main {
        NEXT_IDENT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: plain libc call.
        unsafe { libc::pthread_self() as u64 }
    } else {
        // SAFETY: plain libc call.
        unsafe { libc::pthread_self() as u64 }
    };
    let thread = Thread::new(ident, is_main, interpreter::main());
    // SAFETY: the box is at its final address; without a stack nobody else has seen it.
    unsafe {
        if let Err(error) = (*thread).exec.open_stack() {
            drop(Box::from_raw(thread));
            heap::detach();
            return Err(error);
        }
    }
    // SAFETY: as above; the word is taken back in `detach`.
    heap::set_trip_word(unsafe { &raw const (*thread).exec.limit }, 0);
    CURRENT.with(|cell| cell.set(thread));
    let stack = heap::stack_bounds();
    current().exec.native_limit.set(stack.0 + NATIVE_MARGIN);
    current().exec.refresh_instrumented();
    if is_main {
        heap::register_root_callback(trace_all_threads, std::ptr::null_mut());
    }
    THREADS.lock().push(ThreadPointer(thread));
    Ok(())
}

impl Thread {
    fn new(ident: u64, is_main: bool, interpreter: &'static Interpreter) -> *mut Thread {
        Box::into_raw(Box::new(Thread {
            exec: Exec::new(),
            raised: Slot::empty(),
            context: Slot::empty(),
            ident,
            is_main,
            repr_stack: UnsafeCell::new(Vec::new()),
            locals: Slot::empty(),
            running_loop: Slot::empty(),
            async_exception: Slot::empty(),
            async_exception_pending: AtomicBool::new(false),
            type_cache: UnsafeCell::new(Vec::new()),
            interpreter: Cell::new(interpreter),
        }))
    }
}

/// The calling thread's stay in an interpreter; it goes back when this is dropped.
pub struct Entered {
    outer: *mut Thread,
}

/// Goes to another interpreter: the thread gets a second context, with frames, handled exceptions, context variables and caches of its own.
/// The outer one rests, as if its thread were in a native call.
pub fn enter(interpreter: &'static Interpreter) -> std::io::Result<Entered> {
    let outer = CURRENT.with(|cell| cell.get());
    let before = current();
    let inner = Thread::new(before.ident, false, interpreter);
    // SAFETY: the box is at its final address, and known to nobody else yet.
    let exec = unsafe { &(*inner).exec };
    if let Err(error) = exec.open_stack() {
        // SAFETY: as above.
        drop(unsafe { Box::from_raw(inner) });
        return Err(error);
    }
    exec.set_recursion_limit(before.exec.recursion_limit.load(Ordering::Relaxed));
    exec.native_limit.set(before.exec.native_limit.get());
    THREADS.lock().push(ThreadPointer(inner));
    heap::set_trip_word(&raw const exec.limit, 0);
    CURRENT.with(|cell| cell.set(inner));
    exec.refresh_instrumented();
    // What was asked of the outer context is seen to in the inner one.
    exec.request_poll();
    Ok(Entered { outer })
}

impl Drop for Entered {
    fn drop(&mut self) {
        let inner = CURRENT.with(|cell| cell.get());
        // SAFETY: the outer context rested below on the same native stack.
        heap::set_trip_word(unsafe { &raw const (*self.outer).exec.limit }, 0);
        CURRENT.with(|cell| cell.set(self.outer));
        THREADS.lock().retain(|thread| thread.0 != inner);
        // SAFETY: removed from the list and no longer current, so nobody else knows it.
        unsafe {
            (*inner).exec.close_stack();
            drop(Box::from_raw(inner));
        }
        current().exec.refresh_instrumented();
        current().exec.request_poll();
    }
}

/// Native stack kept free for the runtime itself when recursion is refused.
const NATIVE_MARGIN: usize = 192 << 10;

/// Ends the calling thread's context. Nothing of Python may run on the thread afterwards.
pub fn detach() {
    let pointer = CURRENT.with(|cell| cell.get());
    if pointer.is_null() {
        return;
    }
    heap::set_trip_word(std::ptr::null(), 0);
    THREADS.lock().retain(|thread| thread.0 != pointer);
    CURRENT.with(|cell| cell.set(std::ptr::null_mut()));
    // SAFETY: removed from the list, so nobody else knows it.
    unsafe {
        (*pointer).exec.close_stack();
        drop(Box::from_raw(pointer));
    }
    heap::detach();
}

/// In the child of a fork only the calling thread is left.
pub fn forget_other_threads() {
    let own = current().ident;
    // SAFETY: contexts in the list are alive, and `ident` never changes. The calling thread may have several.
    THREADS.lock().retain(|thread| unsafe { (*thread.0).ident } == own);
}

/// Calls `visit` with each attached thread while all others are stopped.
pub fn for_each_thread(mut visit: impl FnMut(&Thread)) {
    heap::with_world_stopped(|| {
        // SAFETY: the world is stopped; contexts in the list are alive.
        unsafe { (*THREADS.data_ptr()).iter().for_each(|thread| visit(&*thread.0)) }
    });
}

/// Does something that the system only does safely for threads that there are; None if `ident` is no thread's. The thread cannot end meanwhile,
/// so `work` must be a short system call.
pub fn while_alive<T>(ident: u64, work: impl FnOnce() -> T) -> Option<T> {
    let threads = THREADS.lock();
    // SAFETY: contexts in the list are alive, and `ident` never changes.
    threads.iter().any(|thread| unsafe { (*thread.0).ident } == ident).then(work)
}

/// Calls `visit` with each attached thread, the newest first, without stopping or locking anything: for reports of a process that is dying.
/// # Safety
/// What the threads do meanwhile may show as nonsense; the caller must be able to stand a fault.
pub unsafe fn visit_threads_unlocked(visit: &mut dyn FnMut(&Thread)) {
    (*THREADS.data_ptr()).iter().rev().for_each(|thread| visit(&*thread.0))
}

/// The calling thread's context, if it has one.
pub fn try_current() -> Option<&'static Thread> {
    // SAFETY: see `current`.
    unsafe { CURRENT.try_with(|cell| cell.get()).ok()?.as_ref() }
}

/// Asks every thread to visit its poll function soon (signals, pending finalizers, tracing switched on).
pub fn request_poll_everywhere() {
    for thread in THREADS.lock().iter() {
        // SAFETY: listed contexts are alive while the list is locked.
        unsafe { (*thread.0).exec.request_poll() };
    }
}

fn trace_all_threads(tracer: &mut Tracer, _: *mut ()) {
    // SAFETY: the world is stopped while roots are traced.
    unsafe {
        for thread in &*THREADS.data_ptr() {
            let thread = &*thread.0;
            thread.exec.trace(tracer);
            if tracer.is_counting() {
                crate::references::report_frames(&thread.exec, tracer);
            } else {
                for word in thread.exec.live_words() {
                    tracer.conservative(*word as usize);
                }
            }
            for slot in [&thread.raised, &thread.context, &thread.locals, &thread.running_loop, &thread.async_exception] {
                tracer.slot(slot);
            }
            (*thread.repr_stack.get()).trace(tracer);
        }
    }
}

/// The per-thread cache of type lookups, `TYPE_CACHE_SIZE` entries.
#[inline(always)]
pub fn type_cache() -> *mut TypeCacheEntry {
    // SAFETY: only the owning thread touches its cache, and no reference to the Vec outlives this call.
    unsafe {
        let cache = &mut *current().type_cache.get();
        if cache.is_empty() {
            fill_type_cache(cache);
        }
        cache.as_mut_ptr()
    }
}

#[cold]
fn fill_type_cache(cache: &mut Vec<TypeCacheEntry>) {
    cache.resize(TYPE_CACHE_SIZE, TypeCacheEntry::EMPTY);
}

/// The exception being propagated; there must be one.
#[inline]
pub fn current_exception() -> Value {
    current().raised.get().expect("an exception is set")
}
#[inline]
pub fn has_exception() -> bool {
    !current().raised.is_empty()
}
#[inline]
pub fn take_exception() -> Value {
    let raised = &current().raised;
    let exception = raised.get().expect("an exception is set");
    raised.clear();
    exception
}
pub fn set_exception(exception: Value) {
    current().raised.set(exception);
}
/// The innermost exception being handled (what `sys.exc_info()` tells).
pub fn handled_exception() -> Option<Value> {
    current().exec.handled_exception()
}

/// Proof that native recursion went one level deeper within its bounds.
pub struct RecursionGuard(());

/// Checks that there is native stack left. Call it at the head of every native function that recurses on user data.
#[inline(always)]
pub fn enter_recursion() -> R<RecursionGuard> {
    enter_recursion_in("")
}

/// The same, saying where: "maximum recursion depth exceeded while calling a Python object".
#[inline(always)]
pub fn enter_recursion_in(place: &'static str) -> R<RecursionGuard> {
    let marker = 0u8;
    if (&raw const marker as usize) < current().exec.native_limit.get() {
        return Err(stack_is_out(place));
    }
    Ok(RecursionGuard(()))
}

/// Whether `enter_recursion` would let pass.
#[inline(always)]
pub fn has_stack(exec: &crate::frame::Exec) -> bool {
    let marker = 0u8;
    (&raw const marker as usize) >= exec.native_limit.get()
}

#[cold]
#[inline(never)]
fn stack_is_out(place: &str) -> Raised {
    recursion_error!("maximum recursion depth exceeded{place}")
}

/// Notes that the repr of `object` is being made; false if it already is (the caller then prints `...`).
pub fn enter_repr(object: Value) -> bool {
    // SAFETY: only the owning thread touches its stack; no reference outlives the call.
    unsafe {
        let stack = &mut *current().repr_stack.get();
        if stack.contains(&object) {
            return false;
        }
        stack.push(object);
        true
    }
}
pub fn leave_repr(object: Value) {
    // SAFETY: see `enter_repr`.
    unsafe {
        let stack = &mut *current().repr_stack.get();
        if let Some(index) = stack.iter().rposition(|entry| *entry == object) {
            stack.remove(index);
        }
    }
}

/// What else a thread does when it polls (signals, finalizers); entered at boot by the crates that own these things.
static POLL_HOOKS: heap::Mutex<Vec<fn() -> R<()>>> = heap::Mutex::new(Vec::new());

pub fn register_poll_hook(hook: fn() -> R<()>) {
    POLL_HOOKS.lock().push(hook);
}

/// Raises an exception that was set for this thread, then runs the hooks; the first error ends it.
pub fn run_poll_hooks() -> R<()> {
    let thread = current();
    if thread.async_exception_pending.swap(false, Ordering::AcqRel)
        && let Some(exception) = thread.async_exception.take()
    {
        return Err(match exception.cast::<crate::class::Class>() {
            Some(class) => crate::error::raise(crate::call::call(class.value(), &[])?),
            None => crate::error::restore(exception),
        });
    }
    let mut index = 0;
    loop {
        let hook = POLL_HOOKS.lock().get(index).copied();
        let Some(hook) = hook else { return Ok(()) };
        heap::config::queued_work(hook)?;
        index += 1;
    }
}

/// The safepoint of native loops: a collection, a signal or an exception from outside must not wait until they end.
#[inline(always)]
pub fn poll() -> R<()> {
    if heap::interrupts() == 0 { Ok(()) } else { poll_slow() }
}

#[cold]
#[inline(never)]
fn poll_slow() -> R<()> {
    (crate::door::interpreter().poll)()
}

/// Raises an exception, or an instance of a class of exceptions, in the thread of that ident when it polls next; None takes back what was
/// to be raised. False: there is no such thread.
pub fn raise_in(ident: u64, exception: Option<Value>) -> bool {
    heap::with_world_stopped(|| {
        // SAFETY: the world is stopped; contexts in the list are alive. Of several contexts of a thread the newest is in use.
        let thread = unsafe { (*THREADS.data_ptr()).iter().rev().map(|thread| &*thread.0).find(|thread| thread.ident == ident) };
        let Some(thread) = thread else { return false };
        thread.async_exception.set_opt(exception);
        thread.async_exception_pending.store(exception.is_some(), Ordering::Release);
        thread.exec.request_poll();
        true
    })
}

/// Keeps an exception for the next poll of this thread.
pub fn defer_exception(exception: Value) {
    let thread = current();
    thread.async_exception.set(exception);
    thread.async_exception_pending.store(true, Ordering::Release);
    thread.exec.request_poll();
}
