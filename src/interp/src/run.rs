//! Entering the loop from native code: the stub window, the guard against panics, and the calls behind the door.
//!
//! A run is closed by a stub window whose saved words restore the state that was published before. Must not know: op bodies.

use crate::call::{self, CallArgs};
use crate::dispatch::{self, EXIT_RUN, INIT_RETURN, NEW_RETURN, STORE_RESULT};
use crate::unwind;
use heap::Value;
use objects::error::{R, Raised};
use objects::frame::{CALLEE, Exec, HEADER_SLOTS, SAVED_PC, SAVED_POOL, SAVED_REGS};
use objects::function::Function;
use objects::layout::Gc;
use objects::thread;
use std::panic::{AssertUnwindSafe, catch_unwind};

static EXIT_CODE: [u32; 2] = [EXIT_RUN as u32, 0];
static INIT_CODE: [u32; 2] = [INIT_RETURN as u32, 0];
static NEW_CODE: [u32; 2] = [NEW_RETURN as u32, 0];
static STORE_CODE: [u32; 2] = [STORE_RESULT as u32, 0];

/// Where a window returns to that native code opened.
pub fn exit_pc() -> *const u32 {
    EXIT_CODE.as_ptr()
}
/// Where the `__init__` window of a class call returns to.
pub fn init_pc() -> *const u32 {
    INIT_CODE.as_ptr()
}

/// Where the `__new__` window of a class call returns to.
pub fn new_pc() -> *const u32 {
    NEW_CODE.as_ptr()
}

/// Where a window returns to whose result goes to a register that the stub names.
pub fn store_pc() -> *const u32 {
    STORE_CODE.as_ptr()
}

/// The calling thread's loop state.
#[inline(always)]
pub fn exec() -> &'static Exec {
    &thread::current().exec
}

/// Opens a stub window at the top and gives r0 of the window that is to follow it. Nothing is published yet.
///
/// # Safety
/// The published state is current.
pub unsafe fn open_stub(exec: &Exec) -> *mut u64 {
    write_stub(exec, exec.top().add(HEADER_SLOTS))
}

/// The same where `top` was asked for already.
///
/// # Safety
/// The stub's place is a header above the top.
#[inline(always)]
pub unsafe fn write_stub(exec: &Exec, stub: *mut u64) -> *mut u64 {
    *stub.offset(CALLEE) = 0;
    *stub.offset(SAVED_PC) = exec.pc.get().wrapping_add(1) as u64;
    *stub.offset(SAVED_REGS) = exec.regs.get() as u64;
    *stub.offset(SAVED_POOL) = exec.pool.get() as u64;
    let window = stub.add(HEADER_SLOTS);
    *window.offset(SAVED_PC) = exit_pc() as u64;
    *window.offset(SAVED_REGS) = stub as u64;
    *window.offset(SAVED_POOL) = 0;
    window
}

/// Goes back to the state below a stub window.
///
/// # Safety
/// `stub` was made by `open_stub`.
pub unsafe fn close_stub(exec: &Exec, stub: *mut u64) {
    exec.pc.set((*stub.offset(SAVED_PC) as *const u32).wrapping_sub(1));
    exec.regs.set(*stub.offset(SAVED_REGS) as *mut u64);
    exec.pool.set(*stub.offset(SAVED_POOL) as *const _);
}

/// Runs the loop until the innermost stub is left. The window above it must be published.
///
/// Never part of another function: what its callers hold must lie above the fence.
#[inline(never)]
pub fn run(exec: &'static Exec) -> R {
    let held = exec.held.get().map(|held| (held, (held.give_up)()));
    exec.depth.set(exec.depth.get() + 1);
    let mut fence = heap::Fence::blank();
    let outer_fence = exec.fence.replace(fence.raise());
    let mut go_on = true;
    while go_on {
        // SAFETY: the published window runs verified code above an exit stub.
        match catch_unwind(AssertUnwindSafe(|| unsafe { dispatch::enter(exec) })) {
            Ok(()) => go_on = false,
            Err(payload) => {
                go_on = recover(exec, payload);
            }
        }
    }
    exec.depth.set(exec.depth.get() - 1);
    exec.fence.set(outer_fence);
    // The fence stays in its place until here.
    std::hint::black_box(&fence);
    // SAFETY: the word was left by the exit op (a value) or is zero.
    let result = unsafe { Value::from_raw(exec.result.replace(0)) };
    if let Some((held, what)) = held {
        (held.take_back)(what);
    }
    match result {
        Some(value) => Ok(value),
        None => Err(Raised::already_set()),
    }
}

/// What unwound to here becomes an exception, which goes to its handler. True: go on there.
///
/// That takes memory, for frames of the traceback as for the exception itself. Out of it again, what is there of both has to do.
#[inline(never)]
fn recover(exec: &'static Exec, payload: Box<dyn std::any::Any + Send>) -> bool {
    let mut payload = payload;
    for number in 0..ATTEMPTS {
        let attempt = || {
            let _raised = objects::panics::raise_panic(payload);
            heap::with_reserve(|| if number == 0 { unwind::unwind(exec) } else { unwind::unwind_barely(exec) })
        };
        match catch_unwind(AssertUnwindSafe(attempt)) {
            Ok(go_on) => return go_on,
            Err(next) => payload = next,
        }
    }
    heap::end_out_of_memory()
}

const ATTEMPTS: usize = 4;

/// Makes room for a window of `register_count` registers at `window`: polls and enforces the recursion limit when asked to.
#[inline(always)]
pub fn reserve(exec: &'static Exec, window: *mut u64, register_count: u32) -> R<()> {
    let end = window as usize + register_count as usize * 8;
    if end <= exec.limit.load(std::sync::atomic::Ordering::Relaxed) {
        return Ok(());
    }
    crate::poll::make_room(exec, end)
}

/// Calls a Python function from native code.
pub fn call_function(function: Gc<Function>, args: CallArgs) -> R {
    let exec = exec();
    let _guard = thread::enter_recursion()?;
    // SAFETY: called from native code, where the state is published; the window is reserved before it is written beyond the stub.
    unsafe {
        let code = function.code();
        let top = exec.top();
        reserve(exec, top.add(2 * HEADER_SLOTS), code.register_count)?;
        let window = open_stub(exec);
        call::bind(function, code, args, window)?;
        *window.offset(CALLEE) = function.as_ptr() as u64;
        enter_window(exec, function, window);
    }
    run(exec)
}

/// The same with positional arguments alone. Those that fill the parameters are put in place at once.
pub fn call_positional(function: Gc<Function>, args: &[Value]) -> R {
    let exec = exec();
    let code = function.code();
    // SAFETY: called from native code, where the state is published; nothing is written before there is room for the window.
    unsafe {
        let stub = exec.top().add(HEADER_SLOTS);
        let window = stub.add(HEADER_SLOTS);
        let end = window as usize + code.register_count as usize * 8;
        let fits = code.simple_args as usize == args.len() && end <= exec.limit.load(std::sync::atomic::Ordering::Relaxed);
        if !fits || !thread::has_stack(exec) {
            return call_unfitting(function, args);
        }
        // All of few words are read before one is written: they may lie where the window comes to lie. Volatile, so that no wide load
        // has to wait for the stores that made the arguments.
        match *args {
            [] => {}
            [a] => *window = a.raw(),
            [a, b] => {
                window.write_volatile(a.raw());
                window.add(1).write_volatile(b.raw());
            }
            _ => crate::call_fast::shift(args.as_ptr() as *const u64, window, args.len()),
        }
        write_stub(exec, stub);
        *window.offset(CALLEE) = function.as_ptr() as u64;
        enter_window(exec, function, window);
    }
    run(exec)
}

/// Arguments and parameters differ, or there is no room: `call_function` finds out.
#[inline(never)]
fn call_unfitting(function: Gc<Function>, args: &[Value]) -> R {
    call_function(function, CallArgs::positional(args))
}

/// Publishes a window whose header and arguments are in place, at the first instruction of `function`.
///
/// # Safety
/// As said.
pub unsafe fn enter_window(exec: &Exec, function: Gc<Function>, window: *mut u64) {
    let code = function.code();
    call::place_closure(function, &code, window);
    exec.regs.set(window);
    exec.pc.set(code.start());
    exec.pool.set(code.pool());
}
