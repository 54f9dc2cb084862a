//! What the heap keeps for each thread: allocation buffers, stop state, stack range, registries, interrupt bits.
//! Must not know: how the world is stopped (`world`), what a collection does.
//!
//! A mutator sits in a constant-initialised thread local without destructor, so reaching it is one `fs:` access.
//! Fields marked *own* are touched by their thread, or by a collector while that thread is stopped.

use crate::block::{self, CLASS_COUNT};
use crate::header::Header;
use crate::space;
use crate::stack::{self, SAVED_REGISTERS};
use crate::trace::Tracer;
use std::cell::{Cell, UnsafeCell};
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering};

/// A stop is requested. Only the heap sets it.
pub const INTERRUPT_STOP: u32 = 1;
/// Finalizers or weak reference callbacks wait to be run by this thread.
pub const INTERRUPT_PENDING: u32 = 2;
/// A signal arrived.
pub const INTERRUPT_SIGNAL: u32 = 4;
/// An exception was set for the thread from outside.
pub const INTERRUPT_EXCEPTION: u32 = 8;
/// First of the bits that are free for other uses above the heap.
pub const INTERRUPT_USER: u32 = 16;

pub(crate) const RUNNING: u32 = 0;
/// In a blocking region or at a safepoint: holds up nobody.
pub(crate) const BLOCKED: u32 = 1;
/// Blocked, and a stopper relies on it.
pub(crate) const HELD: u32 = 2;

/// Traces the precise roots of a thread; `data` is what was given with it.
pub type RootFn = fn(&mut Tracer, *mut ());

pub(crate) struct Tlab {
    pub(crate) next: Cell<usize>,
    pub(crate) end: Cell<usize>,
}

/// Where to look for the next hole: block plus one (0: none), granule.
struct HoleCursor {
    block: Cell<u32>,
    granule: Cell<u32>,
}

pub struct Mutator {
    /// own
    pub(crate) tlabs: [Tlab; CLASS_COUNT],
    pub(crate) interrupts: AtomicU32,
    pub(crate) state: AtomicU32,
    /// Word of the parking place; see `parking`.
    pub(crate) parker: AtomicU32,
    /// The thread waits for what the heap does by itself, and goes on soon; see `section`.
    pub(crate) waits_briefly: AtomicBool,
    pub(crate) attached: Cell<bool>,
    cursors: [HoleCursor; CLASS_COUNT],
    /// own: bytes claimed and not yet added to the global count
    pub(crate) claimed: Cell<usize>,
    /// own: locks of objects that the thread holds now, and mutexes of the heap; a fork waits until nobody else has any.
    pub(crate) object_locks: Cell<u32>,
    pub(crate) mutexes: Cell<u32>,
    /// The thread is in the slow path of an allocation, perhaps with locks of objects that it did not need to take.
    pub(crate) allocates: AtomicBool,
    /// This thread holds all others: it must not begin to stop them again.
    pub(crate) holds_world: Cell<bool>,
    pub(crate) stack_low: Cell<usize>,
    pub(crate) stack_high: Cell<usize>,
    /// own: where the stack was when the thread blocked
    pub(crate) blocked_at: Cell<usize>,
    pub(crate) registers: UnsafeCell<[usize; SAVED_REGISTERS]>,
    pub(crate) roots: Cell<Option<(RootFn, *mut ())>>,
    trip_word: AtomicPtr<AtomicUsize>,
    trip_value: AtomicUsize,
    pub(crate) droppables: UnsafeCell<ManuallyDrop<Vec<*mut Header>>>,
    pub(crate) finalizables: UnsafeCell<ManuallyDrop<Vec<*mut Header>>>,
    pub(crate) next: Cell<*const Mutator>,
    /// See `placement`: where the system writes the thread's core; own: when the thread looked around last, and when it last saw another
    /// on its core.
    pub(crate) core: AtomicPtr<crate::placement::Core>,
    pub(crate) looked_around: Cell<u64>,
    pub(crate) crowded: Cell<u64>,
    /// When the thread last counted who runs, and when they last had all cores.
    pub(crate) counted: Cell<u64>,
    pub(crate) cores_taken: Cell<u64>,
    /// When the thread last started another.
    pub(crate) has_started_thread: Cell<u64>,
}

impl Mutator {
    const fn new() -> Mutator {
        Mutator {
            tlabs: [const { Tlab { next: Cell::new(0), end: Cell::new(0) } }; CLASS_COUNT],
            interrupts: AtomicU32::new(0),
            state: AtomicU32::new(RUNNING),
            parker: AtomicU32::new(0),
            waits_briefly: AtomicBool::new(false),
            attached: Cell::new(false),
            cursors: [const { HoleCursor { block: Cell::new(0), granule: Cell::new(0) } }; CLASS_COUNT],
            claimed: Cell::new(0),
            object_locks: Cell::new(0),
            mutexes: Cell::new(0),
            allocates: AtomicBool::new(false),
            holds_world: Cell::new(false),
            stack_low: Cell::new(0),
            stack_high: Cell::new(0),
            blocked_at: Cell::new(0),
            registers: UnsafeCell::new([0; SAVED_REGISTERS]),
            roots: Cell::new(None),
            trip_word: AtomicPtr::new(std::ptr::null_mut()),
            trip_value: AtomicUsize::new(0),
            droppables: UnsafeCell::new(ManuallyDrop::new(Vec::new())),
            finalizables: UnsafeCell::new(ManuallyDrop::new(Vec::new())),
            next: Cell::new(std::ptr::null()),
            core: AtomicPtr::new(std::ptr::null_mut()),
            looked_around: Cell::new(0),
            crowded: Cell::new(0),
            counted: Cell::new(0),
            cores_taken: Cell::new(0),
            has_started_thread: Cell::new(0),
        }
    }

    pub(crate) fn prepare_for_attach(&self) {
        let (low, high) = stack::bounds();
        self.stack_low.set(low);
        self.stack_high.set(high);
        self.interrupts.store(0, Ordering::SeqCst);
        self.state.store(RUNNING, Ordering::SeqCst);
        self.attached.set(true);
    }

    /// Whether a stopper would have to wait for this thread, which is the calling one.
    #[inline(always)]
    pub(crate) fn is_running(&self) -> bool {
        self.attached.get() && self.state.load(Ordering::Relaxed) == RUNNING
    }

    /// Gives up allocation buffers and blocks. `keep_blocks` while the lists are about to be rebuilt by a sweep.
    pub(crate) fn retire(&self, keep_blocks: bool) {
        for (class, tlab) in self.tlabs.iter().enumerate() {
            let size = block::CLASS_SIZES[class] as usize;
            for cell in (tlab.next.get()..tlab.end.get()).step_by(size) {
                block::clear_allocated(cell);
            }
            tlab.next.set(0);
            tlab.end.set(0);
            let cursor = &self.cursors[class];
            if cursor.block.get() != 0 && !keep_blocks {
                space::lock().give_back(cursor.block.get() as usize - 1);
            }
            cursor.block.set(0);
        }
    }

    pub(crate) fn current_block(&self, class: usize) -> Option<(usize, usize)> {
        let cursor = &self.cursors[class];
        (cursor.block.get() != 0).then(|| (cursor.block.get() as usize - 1, cursor.granule.get() as usize))
    }

    pub(crate) fn set_current_block(&self, class: usize, block: Option<usize>, granule: usize) {
        self.cursors[class].block.set(block.map_or(0, |block| block as u32 + 1));
        self.cursors[class].granule.set(granule as u32);
    }

    /// Sets bits and trips the thread's limit word. Safe in a signal handler.
    pub(crate) fn interrupt(&self, bits: u32) {
        self.interrupts.fetch_or(bits, Ordering::SeqCst);
        let word = self.trip_word.load(Ordering::SeqCst);
        if !word.is_null() {
            // SAFETY: the thread unregisters the word, under the lock that callers hold, before it frees it; see `set_trip_word`.
            unsafe { (*word).store(self.trip_value.load(Ordering::SeqCst), Ordering::SeqCst) };
        }
    }
}

thread_local! {
    static MUTATOR: Mutator = const { Mutator::new() };
}

/// The calling thread's mutator. It stays valid as long as the thread lives.
#[inline(always)]
pub(crate) fn current() -> &'static Mutator {
    // SAFETY: the thread local has no destructor; its memory lives until the thread is gone, and the world's list
    // lets go of it before (detach).
    MUTATOR.with(|mutator| unsafe { &*(mutator as *const Mutator) })
}

/// Runs `wait`, which ends without anything that other threads' Python code does.
pub(crate) fn briefly<T>(wait: impl FnOnce() -> T) -> T {
    let me = current();
    me.waits_briefly.store(true, Ordering::SeqCst);
    let result = wait();
    me.waits_briefly.store(false, Ordering::SeqCst);
    result
}

/// One more; with `down`, one less.
#[inline(always)]
pub(crate) fn count(cell: &Cell<u32>, down: bool) {
    cell.set(if down { cell.get().wrapping_sub(1) } else { cell.get().wrapping_add(1) })
}

/// Bits that are set for the calling thread.
#[inline(always)]
pub fn interrupts() -> u32 {
    current().interrupts.load(Ordering::Relaxed)
}

/// Clears `bits` (not the stop bit) and tells which of them were set.
pub fn take_interrupts(bits: u32) -> u32 {
    let bits = bits & !INTERRUPT_STOP;
    current().interrupts.fetch_and(!bits, Ordering::SeqCst) & bits
}

/// Sets bits for the calling thread itself.
pub fn interrupt_self(bits: u32) {
    current().interrupt(bits & !INTERRUPT_STOP)
}

/// A word of the calling thread (its value stack limit) that gets `value` whenever an interrupt bit is set, so that
/// one compare serves for both. The thread's slow path must restore the word *first* and look at `interrupts()` then.
/// Pass null before the word goes away; it must outlive any signal handler that may still interrupt this thread.
pub fn set_trip_word(word: *const AtomicUsize, value: usize) {
    let mutator = current();
    // Other threads interrupt this one under the world's lock: afterwards none of them still holds the old word.
    let _world = crate::world::lock();
    mutator.trip_value.store(value, Ordering::SeqCst);
    mutator.trip_word.store(word as *mut AtomicUsize, Ordering::SeqCst);
    if mutator.interrupts.load(Ordering::SeqCst) != 0 {
        mutator.interrupt(0)
    }
}

/// The function that traces the calling thread's value stack and other precise roots.
pub fn set_thread_roots(roots: Option<(RootFn, *mut ())>) {
    current().roots.set(roots)
}

/// `(low, high)` of the calling thread's native stack; attach first.
pub fn stack_bounds() -> (usize, usize) {
    let mutator = current();
    (mutator.stack_low.get(), mutator.stack_high.get())
}

/// Names a thread for `interrupt_thread`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ThreadHandle(pub(crate) *const Mutator);

// SAFETY: the pointer is used only after it was found in the world's list, or under the contract of `interrupt_main`.
unsafe impl Send for ThreadHandle {}
unsafe impl Sync for ThreadHandle {}

pub fn current_thread() -> ThreadHandle {
    ThreadHandle(current())
}

/// Detaches when the thread ends.
struct DetachAtExit;

impl Drop for DetachAtExit {
    fn drop(&mut self) {
        crate::world::detach()
    }
}

thread_local! {
    static DETACH_AT_EXIT: DetachAtExit = const { DetachAtExit };
}

/// Arranges the detaching at the end of the thread. False: the thread is past that point.
pub(crate) fn detach_at_exit() -> bool {
    DETACH_AT_EXIT.try_with(|_| ()).is_ok()
}
