//! The value stack of a thread, the windows on it, and frame objects.
//!
//! A window is `[callee][saved pc][saved regs][saved pool] r0 r1 ...`; the caller builds callee and arguments at the top of its
//! own window, so they *are* the callee's first registers. A window whose pool is null is a stub (it returns into native code or
//! finishes a class call) and is skipped by everything that walks frames. Saved words are not values: the stack is scanned
//! conservatively. Bit 0 of the saved regs word says that a frame object watches the window.
//!
//! Must not know: op codes, how a frame runs.

use crate::code::Code;
use crate::function::Function;
use crate::layout::{Cast, Gc};
use bytecode::ops::Op;
use heap::{Header, Slot, Value};
use native_macros::Layout;
use std::cell::{Cell, UnsafeCell};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, AtomicUsize, Ordering};

/// Words of a window in front of r0.
pub const HEADER_SLOTS: usize = 4;
/// Header places relative to r0.
pub const CALLEE: isize = -4;
pub const SAVED_PC: isize = -3;
pub const SAVED_REGS: isize = -2;
pub const SAVED_POOL: isize = -1;
/// Flags in the saved regs word: a frame object exists for this window.
pub const WATCHED: u64 = 1;
/// The window belongs to a generator that is running.
pub const GENERATOR: u64 = 2;
/// A tracer or profiler wants to see this window close.
pub const TRACED: u64 = 4;
pub const FLAGS: u64 = 7;

/// Address space reserved for one value stack, and what has to do under a limit.
const STACK_BYTES: usize = 256 << 20;
const LEAST_STACK_BYTES: usize = 1 << 20;
const GUARD: usize = 4096;
/// Room left above the limit for windows that natives open while handling an overflow.
const STACK_MARGIN: usize = 64 << 10;

/// Events that trace functions are told of.
pub const EVENT_NONE: u8 = 0;
pub const EVENT_CALL: u8 = 1;
pub const EVENT_LINE: u8 = 2;
pub const EVENT_OTHER: u8 = 3;

/// One entry of the stack of handled exceptions (what `sys.exc_info()` tells): one for the thread, one in each generator.
#[repr(C)]
pub struct HandledItem {
    pub value: Slot,
    pub previous: Cell<*const HandledItem>,
}

impl HandledItem {
    pub const fn new() -> HandledItem {
        HandledItem { value: Slot::empty(), previous: Cell::new(std::ptr::null()) }
    }
}

impl crate::layout::Trace for HandledItem {
    fn trace(&self, tracer: &mut heap::Tracer) {
        tracer.slot(&self.value);
    }
}

/// A lock of foreign code that lasts while this thread is in that code, but not while it runs Python code in turn.
pub struct HeldOutside {
    /// Gives the lock up. What it returns is for `take_back`.
    pub give_up: fn() -> [usize; 2],
    pub take_back: fn([usize; 2]),
}

/// The part of the thread context that the loop works on. Owned by one thread; others touch `limit` only (or read all of it
/// while the world is stopped).
#[repr(C)]
pub struct Exec {
    /// Compared with the end of each new window and at back-edges; zero asks for a visit to `poll`.
    pub limit: AtomicUsize,
    /// Published state: instruction being executed, its registers, its pool. Current whenever code outside the loop runs.
    pub pc: Cell<*const u32>,
    pub regs: Cell<*mut u64>,
    pub pool: Cell<*const AtomicU64>,
    /// What a finished run leaves for its caller.
    pub result: Cell<u64>,
    /// Whether `result` was yielded by a generator (as opposed to returned).
    pub yielded: Cell<bool>,
    /// A generator was just entered (for tracing).
    pub entered: Cell<bool>,
    /// Words in use above the current window: arguments of a call that is being made. See `Reserved`.
    pub reserved: Cell<usize>,
    /// While a trace function runs: which event it is told of (`EVENT_...`), and the window that it is about.
    pub trace_event: Cell<u8>,
    pub traced_window: Cell<usize>,
    /// Top of the handled-exception stack.
    pub handled: Cell<*const HandledItem>,
    pub handled_base: HandledItem,
    /// The value `limit` has when nothing is asked for.
    pub soft_limit: Cell<usize>,
    pub base: Cell<usize>,
    pub end: Cell<usize>,
    pub recursion_limit: AtomicU32,
    /// Native stack address below which recursion is refused.
    pub native_limit: Cell<usize>,
    /// Nested runs of the loop.
    pub depth: Cell<u32>,
    /// Where the innermost run begins on the native stack (`heap::Fence`): below are the frames of the published instruction alone.
    pub fence: Cell<usize>,
    /// What the thread holds that it must not hold while Python code runs; None mostly.
    pub held: Cell<Option<&'static HeldOutside>>,
    /// Windows watched by frame objects, outermost first.
    pub watched: UnsafeCell<Vec<(usize, Gc<Frame>)>>,
    /// `sys.settrace` and `sys.setprofile` functions of this thread; `tracing` is nonzero while one of them runs.
    pub trace_function: Slot,
    pub profile_function: Slot,
    pub tracing: Cell<u32>,
    pub origin_depth: Cell<u32>,
    pub asyncgen_firstiter: Slot,
    pub asyncgen_finalizer: Slot,
    /// The coroutine origin, tracing and monitoring settings are read from here by natives.
    pub instrumented: AtomicBool,
}

impl Exec {
    /// Whether this thread has to look at each instruction.
    pub fn refresh_instrumented(&self) {
        let hooks = !self.trace_function.is_empty() || !self.profile_function.is_empty();
        let native = crate::profiler::active().is_some();
        self.instrumented.store(hooks || native || crate::monitoring::is_on(), Ordering::Relaxed);
    }
    pub const fn new() -> Exec {
        Exec {
            limit: AtomicUsize::new(0),
            pc: Cell::new(std::ptr::null()),
            regs: Cell::new(std::ptr::null_mut()),
            pool: Cell::new(std::ptr::null()),
            result: Cell::new(0),
            yielded: Cell::new(false),
            entered: Cell::new(false),
            reserved: Cell::new(0),
            trace_event: Cell::new(EVENT_NONE),
            traced_window: Cell::new(0),
            handled: Cell::new(std::ptr::null()),
            handled_base: HandledItem::new(),
            soft_limit: Cell::new(0),
            base: Cell::new(0),
            end: Cell::new(0),
            recursion_limit: AtomicU32::new(1000),
            native_limit: Cell::new(0),
            depth: Cell::new(0),
            fence: Cell::new(0),
            held: Cell::new(None),
            watched: UnsafeCell::new(Vec::new()),
            trace_function: Slot::empty(),
            profile_function: Slot::empty(),
            tracing: Cell::new(0),
            origin_depth: Cell::new(0),
            asyncgen_firstiter: Slot::empty(),
            asyncgen_finalizer: Slot::empty(),
            instrumented: AtomicBool::new(false),
        }
    }

    /// Reserves the value stack and opens the bottom window. Call once, at the final address of the thread context.
    pub fn open_stack(&self) -> std::io::Result<()> {
        // SAFETY: an anonymous private reservation; the lowest page becomes a guard by its protection.
        unsafe {
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
            let mut size = STACK_BYTES;
            let memory = loop {
                let memory = libc::mmap(std::ptr::null_mut(), size, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0);
                if memory != libc::MAP_FAILED {
                    break memory;
                }
                if size <= LEAST_STACK_BYTES {
                    return Err(std::io::Error::last_os_error());
                }
                size /= 4;
            };
            let base = memory as usize;
            libc::mprotect((base + size - GUARD) as *mut libc::c_void, GUARD, libc::PROT_NONE);
            self.base.set(base);
            self.end.set(base + size - GUARD);
            self.regs.set((base as *mut u64).add(HEADER_SLOTS));
        }
        self.handled.set(&self.handled_base);
        self.set_recursion_limit(self.recursion_limit.load(Ordering::Relaxed));
        Ok(())
    }

    pub fn close_stack(&self) {
        // SAFETY: see `watching`. Frames of windows that were not left (the thread ends in the middle) must not look here any more.
        for (_, frame) in unsafe { &*self.watched.get() } {
            frame.window.store(0, Ordering::Release);
        }
        let base = self.base.replace(0);
        if base != 0 {
            // SAFETY: the reservation made by `open_stack`; the thread runs no Python code any more.
            unsafe { libc::munmap(base as *mut libc::c_void, self.end.get() + GUARD - base) };
        }
    }

    /// Where new windows open: above the current window and the arguments of a call that is being made.
    #[inline]
    pub fn top(&self) -> *mut u64 {
        // SAFETY: the reservation of the value stack goes on above the window.
        unsafe { self.window_end().add(self.reserved.get()) }
    }

    /// The end of the current window.
    #[inline]
    pub fn window_end(&self) -> *mut u64 {
        let pool = self.pool.get();
        if pool.is_null() {
            return self.regs.get();
        }
        // SAFETY: a non-null pool begins with its code object, and the window has `register_count` registers.
        unsafe { self.regs.get().add((*code_of_pool(pool)).register_count as usize) }
    }

    /// The words that the collector scans (conservatively).
    #[inline]
    pub fn live_words(&self) -> &[u64] {
        let base = self.base.get();
        if base == 0 {
            return &[];
        }
        // One window of slack: arguments of a call in progress sit just above the top.
        let top = (self.top() as usize + 4096).min(self.end.get());
        // SAFETY: the reservation is readable from `base` to `end`.
        unsafe { std::slice::from_raw_parts(base as *const u64, (top - base) / 8) }
    }

    /// Clears what closed windows left just above the current one and in its free registers, so that a collection that somebody asked
    /// for does not take it for live. For natives that Python code calls: no call is being set up then. `plain`: the call has no more
    /// arguments than its instruction names.
    pub fn clear_dead_windows(&self, plain: bool) {
        if self.base.get() == 0 {
            return;
        }
        let top = self.top() as usize;
        let end = (top + 4096).min(self.end.get());
        // SAFETY: within the reservation and above every window in use; registers from `first_free` to the window's end hold nothing.
        unsafe {
            std::ptr::write_bytes(top as *mut u8, 0, end.saturating_sub(top));
            if let Some(first) = self.first_free(plain) {
                let count = (self.window_end() as usize).saturating_sub(first as usize) / 8;
                std::ptr::write_bytes(first, 0, count);
            }
        }
    }

    /// The registers behind the arguments of the call that the current window is making: a Python function would use them as its own.
    /// None if the window is at no such instruction.
    fn first_free(&self, plain: bool) -> Option<*mut u64> {
        let (op, base, count) = self.published_call()?;
        // One more for the receiver of a method, which `Call` may have put in front, too.
        let first = base + HEADER_SLOTS + count + usize::from(!plain || op != Op::Call);
        // SAFETY: the registers go on to the window's end, which the caller compares with.
        Some(unsafe { self.regs.get().add(first) })
    }

    /// What the current window calls without argument names, if that is what it is doing, and the number of arguments in the code.
    pub fn plain_callee(&self) -> Option<(Value, usize)> {
        let (op, base, count) = self.published_call()?;
        // SAFETY: the callee's register, which the result is not written to before the call is over.
        let callee =
            matches!(op, Op::Call | Op::CallMethod).then(|| unsafe { Value::from_raw(*self.regs.get().add(base)) })??;
        Some((callee, count))
    }

    /// The register of the callable that the current window calls, if that is what it is doing.
    pub fn published_base(&self) -> Option<usize> {
        self.published_call().map(|(_, base, _)| base)
    }

    /// The call instruction that the current window is at: its op, base register and number of arguments.
    fn published_call(&self) -> Option<(Op, usize, usize)> {
        if self.pool.get().is_null() {
            return None;
        }
        // SAFETY: the published pc is at an instruction of the window's code.
        let [number, base, count, _] = unsafe { *self.pc.get() }.to_le_bytes();
        let op = Op::from_u8(number)?;
        matches!(op, Op::Call | Op::CallMethod | Op::CallKw | Op::CallMethodKw).then_some((op, base as usize, count as usize))
    }

    /// Optimistic limit for `frames` more windows of the smallest size; `poll` counts the real frames when it is hit.
    pub fn set_recursion_limit(&self, frames: u32) {
        self.recursion_limit.store(frames, Ordering::Relaxed);
        let limit = self.base.get() + (frames as usize).saturating_mul(SMALLEST_WINDOW * 8);
        self.set_soft_limit(limit.min(self.hard_limit()));
    }

    /// Moves the limit up: `frames` more windows may follow the one that ends at `end`.
    pub fn raise_limit(&self, end: usize, frames: u32) {
        let limit = end.saturating_add((frames as usize).saturating_mul(SMALLEST_WINDOW * 8)).min(self.hard_limit());
        self.set_soft_limit(limit);
    }

    /// A request to poll that is not answered yet stays: one that came between the caller's look and this store must not get lost.
    fn set_soft_limit(&self, limit: usize) {
        self.soft_limit.set(limit);
        if self.limit.swap(limit, Ordering::SeqCst) == 0 {
            self.request_poll();
        }
    }

    #[inline]
    pub fn hard_limit(&self) -> usize {
        self.end.get() - STACK_MARGIN
    }

    /// Asks the thread to visit `poll` at its next back-edge or call. May be called from any thread and from signal handlers.
    #[inline]
    pub fn request_poll(&self) {
        self.limit.store(0, Ordering::Release);
    }

    /// The innermost exception being handled.
    #[inline]
    pub fn handled_exception(&self) -> Option<Value> {
        let mut item = self.handled.get();
        while !item.is_null() {
            // SAFETY: items belong to this thread's context or to generators that are running, hence alive.
            let entry = unsafe { &*item };
            if let Some(value) = entry.value.get() {
                return Some(value);
            }
            item = entry.previous.get();
        }
        None
    }

    /// The innermost window, a stub perhaps.
    #[inline]
    pub fn published(&self) -> View {
        View { pc: self.pc.get(), regs: self.regs.get(), pool: self.pool.get() }
    }

    /// The innermost Python frame.
    pub fn innermost(&self) -> Option<View> {
        self.published().or_outer()
    }

    /// Python frames that are open on this stack.
    pub fn frame_count(&self) -> usize {
        let mut count = 0;
        let mut view = self.innermost();
        while let Some(frame) = view {
            count += 1;
            view = frame.outer();
        }
        count
    }

    /// The frame object that watches the window at `regs`.
    pub fn watching(&self, regs: *mut u64) -> Option<Gc<Frame>> {
        // SAFETY: only the owning thread works on its list, and never across a call that could change it.
        let watched = unsafe { &*self.watched.get() };
        watched.iter().rev().find(|(address, _)| *address == regs as usize).map(|(_, frame)| *frame)
    }
    pub fn watch(&self, regs: *mut u64, frame: Gc<Frame>) {
        // SAFETY: see `watching`; the window's header is ours to flag.
        unsafe {
            *regs.offset(SAVED_REGS) |= WATCHED;
            (*self.watched.get()).push((regs as usize, frame));
        }
    }
    /// Takes the window's frame object off the list and clears the flag.
    pub fn unwatch(&self, regs: *mut u64) -> Option<Gc<Frame>> {
        // SAFETY: see `watching`.
        unsafe {
            *regs.offset(SAVED_REGS) &= !WATCHED;
            let watched = &mut *self.watched.get();
            let index = watched.iter().rposition(|(address, _)| *address == regs as usize)?;
            Some(watched.remove(index).1)
        }
    }
}

/// Keeps words between the end of the current window and `end` from being overwritten by windows that open while this lives.
pub struct Reserved<'a> {
    exec: &'a Exec,
    previous: usize,
}

impl<'a> Reserved<'a> {
    #[inline]
    pub fn up_to(exec: &'a Exec, end: *mut u64) -> Reserved<'a> {
        let words = (end as usize).saturating_sub(exec.window_end() as usize) / 8;
        Reserved { exec, previous: exec.reserved.replace(words) }
    }
    /// The same with an end further up.
    pub fn extend(&self, words: usize) {
        self.exec.reserved.set(self.exec.reserved.get() + words);
    }
}

impl Drop for Reserved<'_> {
    #[inline]
    fn drop(&mut self) {
        self.exec.reserved.set(self.previous);
    }
}

impl crate::layout::Trace for Exec {
    fn trace(&self, tracer: &mut heap::Tracer) {
        self.handled_base.trace(tracer);
        // Running generators; they have no place of their own on the value stack. (Who runs one refers to it, which counts.)
        let mut item = if tracer.is_counting() { std::ptr::null() } else { self.handled.get() };
        while let Some(generator) = owner_of_handled(self, item) {
            tracer.value(generator.value());
            item = generator.handled.previous.get();
        }
        for slot in [&self.trace_function, &self.profile_function, &self.asyncgen_firstiter, &self.asyncgen_finalizer] {
            tracer.slot(slot);
        }
        // SAFETY: the owner is stopped while roots are traced.
        for (_, frame) in unsafe { &*self.watched.get() } {
            tracer.value(frame.value());
        }
    }
}

/// Slots of the smallest window that a Python function can have.
const SMALLEST_WINDOW: usize = 6;

/// The code object of a pool.
/// # Safety
/// `pool` is the pool of a linked code object.
#[inline(always)]
pub unsafe fn code_of_pool(pool: *const AtomicU64) -> *const Code {
    (*pool).load(Ordering::Relaxed) as *const Code
}

/// A running frame, seen from outside: where it is and where its registers are.
#[derive(Clone, Copy)]
pub struct View {
    /// The instruction being executed (innermost frame) or any word of the call in progress (outer frames).
    pub pc: *const u32,
    pub regs: *mut u64,
    pub pool: *const AtomicU64,
}

impl View {
    /// This frame, or the next one outwards that is not a stub.
    #[inline]
    pub fn or_outer(self) -> Option<View> {
        let mut view = self;
        loop {
            if !view.pool.is_null() {
                return Some(view);
            }
            view = view.step()?;
        }
    }
    /// The window outside this one, stubs included.
    #[inline]
    pub fn step(self) -> Option<View> {
        // SAFETY: every window below the top has a header; the bottom one is all zero.
        unsafe {
            let regs = (*self.regs.offset(SAVED_REGS) & !FLAGS) as *mut u64;
            if regs.is_null() {
                return None;
            }
            let pc = (*self.regs.offset(SAVED_PC) as *const u32).wrapping_sub(1);
            Some(View { pc, regs, pool: *self.regs.offset(SAVED_POOL) as *const AtomicU64 })
        }
    }
    #[inline]
    pub fn outer(self) -> Option<View> {
        self.step()?.or_outer()
    }
    #[inline]
    pub fn code(self) -> Gc<Code> {
        // SAFETY: a view that users hold is not a stub, so the pool has a code object.
        unsafe { Gc::from_ptr(code_of_pool(self.pool) as *mut Code) }
    }
    #[inline]
    pub fn function(self) -> Gc<Function> {
        // SAFETY: the callee slot of a Python window holds its function.
        unsafe { Gc::from_ptr(*self.regs.offset(CALLEE) as *mut Function) }
    }
    /// Index of the current word in the code.
    #[inline]
    pub fn offset(self) -> u32 {
        if Code::is_stub(self.pc) {
            return 0;
        }
        // SAFETY: pc points into the words of this code.
        unsafe { self.pc.offset_from(self.code().start()) as u32 }
    }
    #[inline]
    pub fn watched(self) -> bool {
        // SAFETY: the header of an open window.
        unsafe { *self.regs.offset(SAVED_REGS) & WATCHED != 0 }
    }
    /// Register `index`; None for an unset one.
    #[inline]
    pub fn register(self, index: usize) -> Option<Value> {
        // SAFETY: the caller stays below `register_count`; words are read whole.
        let word = unsafe { AtomicU64::from_ptr(self.regs.add(index)).load(Ordering::Relaxed) };
        // SAFETY: words of a window's registers are zero or values.
        unsafe { Value::from_raw(word) }.filter(|value| !value.is_unbound())
    }
}

/// Variable `index` of a window, whose register would be `register`: from the spill array if that is where it lives. The raw
/// content: cells are not looked into.
pub fn variable(view: View, register: usize, index: usize) -> Option<Value> {
    let code = view.code();
    match code.unit().spill {
        Some(spill) if index >= spill.first_variable as usize => {
            let array = view.register(spill.register as usize)?;
            if !array.is_ptr() || array.header().shape() != heap::shapes::SHAPE_VALUES_BUFFER {
                return None;
            }
            // SAFETY: the shape says that it is a values buffer.
            let array = unsafe { &*(array.as_ptr() as *const heap::ValuesBuffer) };
            array.get(index - spill.first_variable as usize).filter(|value| !value.is_unbound())
        }
        _ if register < code.register_count as usize => view.register(register),
        _ => None,
    }
}

/// A frame object. While its window is open (`window` nonzero) it looks at the registers there; a suspended generator's frame
/// looks into the generator; afterwards it has its own copy.
#[derive(Layout)]
#[repr(C)]
pub struct Frame {
    pub header: Header,
    pub function: Slot,
    pub code: Slot,
    /// The next frame outwards, filled when this one is finished (a traceback can outlive the stack).
    pub back: Slot,
    /// The generator whose frame this is.
    pub generator: Slot,
    /// `f_trace`.
    pub trace: Slot,
    /// Names that were added through `f_locals` of an optimised scope.
    pub extra_locals: Slot,
    /// Namespace of a class body, module or `exec`.
    pub namespace: Slot,
    /// Address of r0 of the open window.
    pub window: AtomicUsize,
    /// The `Exec` of the thread on whose stack the window is.
    pub exec: AtomicUsize,
    /// Index of the last executed word, once the window is closed; -1 before the first.
    pub offset: AtomicI32,
    /// Where the tracer saw the frame last: word index plus one, 0 if never.
    pub jump_line: AtomicU32,
    pub last_line: AtomicI32,
    pub trace_lines: AtomicBool,
    pub trace_opcodes: AtomicBool,
    /// The instruction that was under way when `trace_opcodes` was set, plus one: tracers are told of its rest.
    pub late_opcode: AtomicU32,
    pub cleared: AtomicBool,
    /// A values buffer with the registers, once the window is closed.
    pub registers: Slot,
}

impl Frame {
    /// Register `index` of a closed window; None if there is no such register.
    #[inline]
    pub fn kept_register(&self, index: usize) -> Option<&Slot> {
        let buffer = self.registers.get()?;
        // SAFETY: only values buffers are stored; whoever holds the frame keeps it alive, and `clear` is for frames that are done.
        let buffer = unsafe { &*(buffer.as_ptr() as *const heap::ValuesBuffer) };
        (index < buffer.capacity()).then(|| buffer.slot(index))
    }
    #[inline]
    pub fn code(&self) -> Gc<Code> {
        // SAFETY: set at creation, always a code object.
        unsafe { self.code.get().unwrap_unchecked().cast_unchecked() }
    }
    #[inline]
    pub fn function(&self) -> Gc<Function> {
        // SAFETY: set at creation, always a function.
        unsafe { self.function.get().unwrap_unchecked().cast_unchecked() }
    }
    /// Whether the window is open on the stack of another thread, which may go on at any moment.
    #[inline]
    pub fn is_elsewhere(&self) -> bool {
        self.window.load(Ordering::Acquire) != 0
            && self.exec.load(Ordering::Acquire) != &raw const crate::thread::current().exec as usize
    }

    /// The open window, as its owner sees it (pc included). None when it is closed or on another thread's stack.
    pub fn view(&self) -> Option<View> {
        // Whatever the frame says the next moment: another thread may enter or leave the generator that it belongs to.
        // SAFETY: the windows are this thread's.
        if self.is_elsewhere() { None } else { unsafe { self.find_window(&crate::thread::current().exec) } }
    }

    /// Looks at the open window wherever it is; while it is another thread's the world stands still, so `look` must not allocate.
    pub fn with_view<T>(&self, look: impl FnOnce(Option<View>) -> T) -> T {
        if self.is_elsewhere() {
            // SAFETY: the owner is stopped.
            heap::with_world_stopped(|| look(unsafe { self.find_stopped() }.map(|found| found.1)))
        } else {
            look(self.view())
        }
    }

    /// The open window, wherever it is, and the stack that it is on.
    ///
    /// # Safety
    /// The world is stopped.
    unsafe fn find_stopped(&self) -> Option<(&'static Exec, View)> {
        if self.window.load(Ordering::Acquire) == 0 {
            return None;
        }
        // SAFETY: `exec` outlives its windows: closing a stack closes the windows on it first.
        let exec = unsafe { &*(self.exec.load(Ordering::Acquire) as *const Exec) };
        Some((exec, unsafe { self.find_window(exec) }?))
    }

    /// The open window, if it is one of these.
    ///
    /// # Safety
    /// The windows are the calling thread's, or the world is stopped.
    unsafe fn find_window(&self, exec: &Exec) -> Option<View> {
        let window = self.window.load(Ordering::Acquire);
        if window == 0 {
            return None;
        }
        let mut view = exec.innermost();
        while let Some(frame) = view {
            if frame.regs as usize == window {
                // Not if the window was left and another one opened at its place.
                let own = frame.watched() && exec.watching(frame.regs).is_some_and(|watching| std::ptr::eq(&*watching, self));
                return own.then_some(frame);
            }
            view = frame.outer();
        }
        None
    }
}

/// A frame object that looks at nothing yet.
fn new_frame(function: Gc<Function>, code: Gc<Code>) -> Gc<Frame> {
    crate::layout::new_native(Frame {
        header: Header::new(0),
        function: Slot::new(function.value()),
        code: Slot::new(code.value()),
        back: Slot::empty(),
        generator: Slot::empty(),
        trace: Slot::empty(),
        extra_locals: Slot::empty(),
        namespace: Slot::empty(),
        window: AtomicUsize::new(0),
        exec: AtomicUsize::new(0),
        offset: AtomicI32::new(-1),
        jump_line: AtomicU32::new(0),
        last_line: AtomicI32::new(-1),
        trace_lines: AtomicBool::new(true),
        trace_opcodes: AtomicBool::new(false),
        late_opcode: AtomicU32::new(0),
        cleared: AtomicBool::new(false),
        registers: Slot::empty(),
    })
}

/// The generator that an entry of the stack of handled exceptions belongs to; None for the thread's own entry.
fn owner_of_handled(exec: &Exec, item: *const HandledItem) -> Option<Gc<crate::generator::Generator>> {
    if item.is_null() || std::ptr::eq(item, &exec.handled_base) {
        return None;
    }
    // SAFETY: all entries but the thread's are fields of running generators.
    unsafe {
        let start = (item as *const u8).sub(std::mem::offset_of!(crate::generator::Generator, handled));
        Some(Gc::from_ptr(start as *mut crate::generator::Generator))
    }
}

/// The generator that was entered last.
pub fn innermost_generator(exec: &Exec) -> Option<Gc<crate::generator::Generator>> {
    owner_of_handled(exec, exec.handled.get())
}

/// The generator that runs in an open window of this thread. Windows and entries of the stack of handled exceptions go together, but
/// for a generator that is just being left.
pub fn generator_in(exec: &Exec, window: View) -> Option<Gc<crate::generator::Generator>> {
    let mut item = exec.handled.get();
    let mut view = exec.innermost();
    while let Some(frame) = view {
        // SAFETY: the header of an open window.
        if unsafe { *frame.regs.offset(SAVED_REGS) } & GENERATOR != 0 {
            let owner = owner_of_handled(exec, item).filter(|owner| owner.code() == frame.code());
            if frame.regs == window.regs {
                return owner;
            }
            if owner.is_some() {
                // SAFETY: an entry of the stack, as above.
                item = unsafe { (*item).previous.get() };
            }
        } else if frame.regs == window.regs {
            return None;
        }
        view = frame.outer();
    }
    None
}

/// The frame object of a generator that is not finished, made if needed.
pub fn generator_frame(exec: &Exec, generator: Gc<crate::generator::Generator>) -> Option<Gc<Frame>> {
    use crate::generator::{CLOSED, RUNNING};
    match generator.state.load(Ordering::Acquire) {
        CLOSED => return None,
        RUNNING => {
            let mut view = exec.innermost();
            while let Some(frame) = view {
                if generator_in(exec, frame) == Some(generator) {
                    return Some(frame_object(exec, frame));
                }
                view = frame.outer();
            }
        }
        _ => {}
    }
    if let Some(frame) = generator.frame.get().and_then(|frame| frame.cast::<Frame>()) {
        return Some(frame);
    }
    let frame = new_frame(generator.function(), generator.code());
    frame.generator.set(generator.value());
    generator.frame.get_or_set(frame.value()).cast::<Frame>()
}

/// The frame object of an open window of the current thread, made if needed.
pub fn frame_object(exec: &Exec, view: View) -> Gc<Frame> {
    if view.watched()
        && let Some(frame) = exec.watching(view.regs)
    {
        return frame;
    }
    let code = view.code();
    let frame = new_frame(view.function(), code);
    frame.exec.store(exec as *const Exec as usize, Ordering::Relaxed);
    frame.window.store(view.regs as usize, Ordering::Release);
    if code.is_generator_like()
        && let Some(generator) = generator_in(exec, view)
    {
        frame.generator.set(generator.value());
        generator.frame.set(frame.value());
    }
    exec.watch(view.regs, frame);
    frame
}

/// A frame object to be filled by `frame_of_stopped`.
pub fn blank_frame() -> Gc<Frame> {
    let pointer = crate::layout::alloc_instance(<Frame as crate::layout::Layout>::class());
    // SAFETY: a fresh zeroed cell is a valid blank frame.
    unsafe { Gc::from_ptr(pointer.cast()) }
}

/// The frame object of an open window of a stopped thread: the one that is there, or `blank`. Allocates nothing.
pub fn frame_of_stopped(exec: &Exec, view: View, blank: Gc<Frame>) -> Gc<Frame> {
    if view.watched()
        && let Some(frame) = exec.watching(view.regs)
    {
        return frame;
    }
    blank.function.set(view.function().value());
    blank.code.set(view.code().value());
    blank.exec.store(exec as *const Exec as usize, Ordering::Relaxed);
    blank.offset.store(-1, Ordering::Relaxed);
    blank.last_line.store(-1, Ordering::Relaxed);
    blank.trace_lines.store(true, Ordering::Relaxed);
    blank.window.store(view.regs as usize, Ordering::Release);
    exec.watch(view.regs, blank);
    blank
}

/// The next frame outwards of a frame that is open on another thread's stack.
pub fn outer_on_other_thread(frame: Gc<Frame>) -> Option<Gc<Frame>> {
    let blank = blank_frame();
    heap::with_world_stopped(|| {
        // SAFETY: the world is stopped.
        let (exec, view) = unsafe { frame.find_stopped() }?;
        Some(frame_of_stopped(exec, view.outer()?, blank))
    })
}

/// Called when a watched window closes for good: the frame object takes its registers along.
pub fn detach(exec: &Exec, view: View) {
    let Some(frame) = exec.watching(view.regs) else {
        exec.unwatch(view.regs);
        return;
    };
    // What may be a safepoint comes first, while the window is watched: else another thread, in a stopped world, would have it
    // watched again, for nobody to end that.
    frame.offset.store(view.offset() as i32, Ordering::Relaxed);
    if let Some(outer) = view.outer().filter(|_| !view.code().is_generator_like()) {
        // Only a frame that somebody already looks at, or an outer one that a traceback may ask for, is worth making.
        let back = frame_object(exec, outer);
        frame.back.set(back.value());
    }
    let code = view.code();
    let count = code.kept_registers();
    // Without memory for it the frame object loses its variables.
    if count > 0
        && let Some(buffer) = heap::try_values_buffer(count)
    {
        // SAFETY: fresh, and in a local until the frame has it.
        let copy = unsafe { &*buffer };
        copy.set_len(count);
        for index in 0..count {
            copy.slot(index).set_opt(view.register(index));
        }
        heap::inspect::store_buffer(&frame.registers, buffer);
    }
    exec.unwatch(view.regs);
    frame.window.store(0, Ordering::Release);
}

/// As `detach` without memory: the frame object is left with nothing.
pub fn forget(exec: &Exec, view: View) {
    if let Some(frame) = exec.unwatch(view.regs) {
        frame.offset.store(view.offset() as i32, Ordering::Relaxed);
        frame.window.store(0, Ordering::Release);
    }
}

/// The globals of the innermost Python frame.
pub fn current_globals() -> Option<Gc<crate::dict::Dict>> {
    let view = crate::thread::current().exec.innermost()?;
    view.function().globals().cast::<crate::dict::Dict>()
}
