//! Interpreters (PEP 734): what Python code takes for the whole world, `sys` and `sys.modules`, `builtins`, the importer, exit functions,
//! filters, exists once in each. Classes, interned strings and code of the runtime are shared by all.
//!
//! A thread context belongs to one interpreter (`Thread::interpreter`). State of an interpreter lies in `InterpreterSlot`s: statics that
//! hold another value in each. As long as there is but one interpreter, such a slot costs a flag test more than a plain one.
//!
//! Must not know: which state there is, how an interpreter boots or ends.

use crate::thread;
use heap::{Slot, Tracer, Value};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Mutex, Once, PoisonError};

/// How many statics there may be that differ between interpreters.
const PLACES: usize = 96;

/// What an interpreter may do, and what its configuration says else.
pub mod settings {
    pub const USE_MAIN_OBMALLOC: u32 = 1;
    pub const ALLOW_FORK: u32 = 2;
    pub const ALLOW_EXEC: u32 = 4;
    pub const ALLOW_THREADS: u32 = 8;
    pub const ALLOW_DAEMON_THREADS: u32 = 16;
    pub const CHECK_EXTENSIONS: u32 = 32;
    pub const OWN_GIL: u32 = 64;
    pub const MAIN: u32 = USE_MAIN_OBMALLOC | ALLOW_FORK | ALLOW_EXEC | ALLOW_THREADS | ALLOW_DAEMON_THREADS | OWN_GIL;
}

const IDLE: u8 = 0;
const RUNNING: u8 = 1;
const ENDING: u8 = 2;
const ENDED: u8 = 3;

/// One interpreter. Records are few and small and never freed: threads that outlive their interpreter still refer to it.
pub struct Interpreter {
    id: i64,
    pub settings: u32,
    /// Who made it, as `_interpreters.whence` tells.
    pub whence: u8,
    ready: AtomicBool,
    state: AtomicU8,
    /// References by id, and whether the interpreter goes with the last of them.
    pub references: AtomicI64,
    pub lives_by_references: AtomicBool,
    places: [Slot; PLACES],
}

static MAIN: Interpreter = Interpreter::new(0, settings::MAIN, 1, RUNNING);
static OTHERS: heap::Mutex<Vec<&'static Interpreter>> = heap::Mutex::new(Vec::new());
static NEXT_ID: AtomicI64 = AtomicI64::new(1);
/// Set with the second interpreter, for good.
static SEVERAL: AtomicBool = AtomicBool::new(false);

impl Interpreter {
    const fn new(id: i64, settings: u32, whence: u8, state: u8) -> Interpreter {
        Interpreter {
            id,
            settings,
            whence,
            ready: AtomicBool::new(state == RUNNING),
            state: AtomicU8::new(state),
            references: AtomicI64::new(0),
            lives_by_references: AtomicBool::new(false),
            places: [const { Slot::empty() }; PLACES],
        }
    }
    pub fn id(&self) -> i64 {
        self.id
    }
    #[inline]
    pub fn is_main(&self) -> bool {
        std::ptr::eq(self, &MAIN)
    }
    pub fn allows(&self, setting: u32) -> bool {
        self.settings & setting != 0
    }
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
    }
    pub fn set_ready(&self) {
        self.ready.store(true, Ordering::Release);
    }
    /// Whether somebody runs the module `__main__`.
    pub fn is_running(&self) -> bool {
        self.state.load(Ordering::Acquire) == RUNNING
    }
    /// Claims `__main__` for the caller. False: somebody else has it, or the interpreter is ending.
    pub fn begin_running(&self) -> bool {
        self.state.compare_exchange(IDLE, RUNNING, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
    pub fn end_running(&self) {
        self.state.store(IDLE, Ordering::Release);
    }
    /// Claims the interpreter in order to end it. False: it is running, or ending already.
    pub fn begin_ending(&self) -> bool {
        self.state.compare_exchange(IDLE, ENDING, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
    pub fn is_ending(&self) -> bool {
        self.state.load(Ordering::Acquire) >= ENDING
    }
    /// Threads of an interpreter that has ended stop for good when they poll.
    pub fn has_ended(&self) -> bool {
        self.state.load(Ordering::Acquire) == ENDED
    }
    /// Takes the interpreter out of the list and lets go of its state. Nothing of it may run afterwards.
    pub fn end(&'static self) {
        OTHERS.lock().retain(|other| !std::ptr::eq(*other, self));
        self.state.store(ENDED, Ordering::Release);
        self.places.iter().for_each(|place| place.set_opt(None));
    }
}

pub fn main() -> &'static Interpreter {
    &MAIN
}

/// The interpreter of the calling thread.
#[inline]
pub fn current() -> &'static Interpreter {
    if SEVERAL.load(Ordering::Relaxed) { thread::current().interpreter.get() } else { &MAIN }
}

/// Whether the calling thread is in the main interpreter.
#[inline]
pub fn is_main() -> bool {
    current().is_main()
}

/// The interpreter of that id, if there is one.
pub fn find(id: i64) -> Option<&'static Interpreter> {
    if id == 0 { Some(&MAIN) } else { OTHERS.lock().iter().copied().find(|other| other.id == id) }
}

/// All interpreters, the oldest first.
pub fn all() -> Vec<&'static Interpreter> {
    let others = OTHERS.lock();
    std::iter::once(&MAIN).chain(others.iter().copied()).collect()
}

/// The id that the next interpreter gets.
pub fn next_id() -> i64 {
    NEXT_ID.load(Ordering::Relaxed)
}

/// Makes the record of a new interpreter, which is not ready yet.
pub fn register(settings: u32, whence: u8) -> &'static Interpreter {
    static ROOTS: Once = Once::new();
    ROOTS.call_once(|| heap::register_root_callback(trace, std::ptr::null_mut()));
    SEVERAL.store(true, Ordering::SeqCst);
    let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
    let made: &'static Interpreter = Box::leak(Box::new(Interpreter::new(id, settings, whence, IDLE)));
    OTHERS.lock().push(made);
    made
}

fn trace(tracer: &mut Tracer, _: *mut ()) {
    // SAFETY: the world is stopped while roots are traced.
    for interpreter in unsafe { &*OTHERS.data_ptr() } {
        interpreter.places.iter().for_each(|place| tracer.slot(place));
    }
}

/// A root with a value of its own in each interpreter. For statics.
pub struct InterpreterSlot {
    main: Slot,
    /// Its place in the tables of other interpreters, counted from 1; 0 until it is used.
    place: AtomicUsize,
}

// Held for a few instructions without a safepoint, so that a stopped world never waits for it.
static PLACES_USED: Mutex<usize> = Mutex::new(0);

impl InterpreterSlot {
    pub const fn empty() -> InterpreterSlot {
        InterpreterSlot { main: Slot::empty(), place: AtomicUsize::new(0) }
    }
    #[inline(always)]
    fn here(&'static self) -> &'static Slot {
        if SEVERAL.load(Ordering::Relaxed) { self.of_current() } else { &self.main }
    }
    #[cold]
    #[inline(never)]
    fn of_current(&'static self) -> &'static Slot {
        let interpreter = thread::current().interpreter.get();
        if interpreter.is_main() { &self.main } else { &interpreter.places[self.number()] }
    }
    /// Gives the slot its place, and makes it a root.
    #[cold]
    fn number(&'static self) -> usize {
        let known = self.place.load(Ordering::Acquire);
        if known != 0 {
            return known - 1;
        }
        let mut used = PLACES_USED.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.place.load(Ordering::Relaxed);
        if known != 0 {
            return known - 1;
        }
        assert!(*used < PLACES, "more statics differ between interpreters than there are places");
        *used += 1;
        heap::register_global_root(&self.main);
        self.place.store(*used, Ordering::Release);
        *used - 1
    }
    #[inline]
    fn keep(&'static self) {
        if self.place.load(Ordering::Relaxed) == 0 {
            self.number();
        }
    }
    #[inline(always)]
    pub fn get(&'static self) -> Option<Value> {
        self.here().get()
    }
    pub fn is_empty(&'static self) -> bool {
        self.here().is_empty()
    }
    pub fn set(&'static self, value: Value) {
        self.keep();
        self.here().set(value)
    }
    pub fn set_opt(&'static self, value: Option<Value>) {
        self.keep();
        self.here().set_opt(value)
    }
    pub fn take(&'static self) -> Option<Value> {
        self.here().take()
    }
    pub fn swap(&'static self, value: Value) -> Option<Value> {
        self.keep();
        self.here().swap(value)
    }
    pub fn compare_set(&'static self, current: Option<Value>, new: Option<Value>) -> Result<(), Option<Value>> {
        self.keep();
        self.here().compare_set(current, new)
    }
    /// The value, made if there is none. Of two threads that make one, one's counts.
    pub fn get_or_make(&'static self, make: impl FnOnce() -> Value) -> Value {
        if let Some(value) = self.get() {
            return value;
        }
        self.get_or_set(make())
    }
    /// As `Slot::get_or_set`.
    pub fn get_or_set(&'static self, fresh: Value) -> Value {
        self.keep();
        self.here().get_or_set(fresh)
    }
}
