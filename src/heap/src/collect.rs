//! A collection from start to end, when it is due, and the numbers about it.
//! Must not know: the parts' insides. The order of the phases is the contract with weak references and finalizers.

use crate::mutator::{self, INTERRUPT_PENDING, Mutator};
use crate::shapes::{self, FIRST_FREE_SHAPE, shape_cell};
use crate::space::SweepTotals;
use crate::stack::{self, SAVED_REGISTERS};
use crate::tenure::{self, Scope};
use crate::trace::Tracer;
use crate::world::{self, World};
use crate::{config, finalize, region, roots, space, verify, weak};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// Enough was allocated since the last one.
    Threshold,
    /// Somebody asked.
    Explicit,
    OutOfMemory,
    Stress,
}

/// What a collection did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stats {
    pub freed_objects: usize,
    pub live_objects: usize,
    pub live_bytes: usize,
    pub queued_finalizers: usize,
    pub pause_nanoseconds: u64,
}

/// Bytes allocated since the last collection, as far as threads have reported.
pub(crate) static ALLOCATED: AtomicUsize = AtomicUsize::new(0);
/// Bytes by which objects grew where they are since then, as far as `ALLOCATED` leaves them out.
static GROWN: AtomicUsize = AtomicUsize::new(0);
/// Bytes to allocate before the next collection. The first waits until a start and an import or two are over: they drop little.
static BUDGET: AtomicUsize = AtomicUsize::new(3 << 20);
/// Bytes that objects own outside the heap, now and at the end of the last collection.
static EXTERNAL: AtomicUsize = AtomicUsize::new(0);
static EXTERNAL_BEFORE: AtomicUsize = AtomicUsize::new(0);
static LIVE_BYTES: AtomicUsize = AtomicUsize::new(0);
static LIVE_OBJECTS: AtomicUsize = AtomicUsize::new(0);
static COLLECTIONS: AtomicUsize = AtomicUsize::new(0);
static FREED_TOTAL: AtomicU64 = AtomicU64::new(0);
static PAUSE_TOTAL: AtomicU64 = AtomicU64::new(0);
static PAUSE_LONGEST: AtomicU64 = AtomicU64::new(0);
static EPOCH: AtomicU32 = AtomicU32::new(0);
static ENABLED: AtomicBool = AtomicBool::new(true);
static THRESHOLDS: [AtomicUsize; 3] = [AtomicUsize::new(2000), AtomicUsize::new(10), AtomicUsize::new(0)];
static FROZEN: AtomicUsize = AtomicUsize::new(0);

/// Whether the next slow allocation should collect.
#[inline]
pub fn is_due() -> bool {
    let external = EXTERNAL.load(Ordering::Relaxed).saturating_sub(EXTERNAL_BEFORE.load(Ordering::Relaxed));
    ALLOCATED.load(Ordering::Relaxed).saturating_add(external) >= BUDGET.load(Ordering::Relaxed)
}

/// An object took (or, negative, gave back) `bytes` outside the heap; counts towards the next collection.
pub fn account_external(bytes: isize) {
    if bytes >= 0 {
        EXTERNAL.fetch_add(bytes as usize, Ordering::Relaxed);
    } else {
        let less = |old: usize| Some(old.saturating_sub(bytes.unsigned_abs()));
        let _ = EXTERNAL.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}

/// An object grew by `bytes` where it is. It is alive, so a collection now would free nothing of it: half of them count.
pub(crate) fn account_growth(bytes: usize) {
    ALLOCATED.fetch_add(bytes / 2, Ordering::Relaxed);
    GROWN.fetch_add(bytes - bytes / 2, Ordering::Relaxed);
}

pub(crate) fn update_budget() {
    let live = LIVE_BYTES.load(Ordering::Relaxed) + EXTERNAL_BEFORE.load(Ordering::Relaxed);
    let haste = HASTE.load(Ordering::Relaxed);
    let budget = config::budget(live, haste);
    // Between the powers of two lies what two threads want: 12 MiB while little lives.
    let budget = if haste > MAX_HASTE { budget / 2 * 3 } else { budget };
    BUDGET.store(budget, Ordering::Relaxed)
}

/// How often the budget is doubled because collections take much of the time: programs that allocate slowly keep a small heap.
static HASTE: AtomicU32 = AtomicU32::new(0);
const MAX_HASTE: u32 = 1;
/// The same while many threads run: each collection stops them all.
const MOST_HASTE: u32 = 4;
/// Only small heaps hurry; beyond this many live bytes the budget is in proportion anyway.
const HASTE_BELOW: usize = 32 << 20;
/// About how many threads run, in sixteenths: up at once, down slowly, since a thread that is about to collect, too, counts as waiting.
static CROWD: AtomicU32 = AtomicU32::new(16);
/// When the last collection ended, in nanoseconds since the first.
static LAST_END: AtomicU64 = AtomicU64::new(0);
static CLOCK: OnceLock<Instant> = OnceLock::new();

/// Sets the haste by the share of time that this collection took: more than 1/16 is much, less than 1/64 is little. The time of each
/// thread that stood still counts, and the more there are, the longer they may go on.
fn pace(start: Instant, threads: u32) {
    let clock = CLOCK.get_or_init(|| start);
    let end = clock.elapsed().as_nanos() as u64;
    let last = LAST_END.swap(end, Ordering::Relaxed);
    if last == 0 {
        // The first collection: nothing says how long the program took to get here.
        return;
    }
    let period = end.saturating_sub(last);
    let crowd = CROWD.load(Ordering::Relaxed);
    let crowd = (threads * 16).max(crowd - crowd / 16);
    CROWD.store(crowd, Ordering::Relaxed);
    let threads = (crowd + 8) / 16;
    let pause = start.elapsed().as_nanos() as u64 * u64::from(threads);
    let most = if threads > 1 { (MAX_HASTE + 1 + threads.ilog2()).min(MOST_HASTE) } else { MAX_HASTE };
    let haste = HASTE.load(Ordering::Relaxed);
    let wanted = match pause {
        _ if LIVE_BYTES.load(Ordering::Relaxed) > HASTE_BELOW => 0,
        _ if haste > most => most,
        _ if pause * 16 > period => (haste + 1).min(most),
        _ if pause * 64 < period => haste.saturating_sub(1),
        _ => haste,
    };
    if wanted != haste {
        HASTE.store(wanted, Ordering::Relaxed);
    }
}

/// Collects now. For threads that come second when several want it for lack of room, once is enough.
pub fn collect(reason: Reason) -> Stats {
    collect_above(reason, None, &mut || {})
}

/// Collects, then calls `look` (rules as for `for_each_object`) before the world goes on: all that a walk shows there is alive.
/// Within work on a stopped world nothing can be collected; `look` is called all the same.
pub(crate) fn collect_and_look(look: &mut dyn FnMut()) {
    if mutator::current().holds_world.get() {
        return look();
    }
    collect_above(Reason::Explicit, None, look);
}

/// Collects because somebody asked, and reads the calling thread's native stack from `fence` on only: what was written below it, by calls
/// that are over, keeps nothing alive.
///
/// # Safety
/// No frame below the fence holds an object that nothing else keeps, and the callee-saved registers as they were at the fence are
/// stored above it (`stack::Fence`).
pub unsafe fn collect_above_fence(fence: usize) -> Stats {
    collect_above(Reason::Explicit, Some(fence), &mut || {})
}

#[inline(never)]
pub(crate) fn collect_above(reason: Reason, own_stack_from: Option<usize>, look: &mut dyn FnMut()) -> Stats {
    if mutator::current().holds_world.get() {
        // Work on a stopped world allocates: its collection has to wait until the others go on.
        return Stats::default();
    }
    let before = COLLECTIONS.load(Ordering::SeqCst);
    let stopped = world::stop();
    if matches!(reason, Reason::Threshold) && COLLECTIONS.load(Ordering::SeqCst) != before {
        return Stats::default();
    }
    let start = Instant::now();
    let mut registers = [0; SAVED_REGISTERS];
    stack::save_registers(&mut registers);
    let (mut stats, dead) = collect_stopped(reason, own_stack_from.unwrap_or_else(stack::current_address));
    if matches!(reason, Reason::Threshold) {
        pace(start, stopped.threads_kept());
    }
    // Read after the work, so that the copy stays on the stack meanwhile.
    std::hint::black_box(&registers);
    stats.pause_nanoseconds = start.elapsed().as_nanos() as u64;
    record(&stats);
    look();
    drop(stopped);
    dead.run();
    roots::run_rest_hooks();
    crate::outside::after_collection();
    if finalize::has_pending_finalizers() || weak::has_pending_weak_callbacks() {
        mutator::current().interrupt(INTERRUPT_PENDING);
    }
    stats
}

fn collect_stopped(reason: Reason, own_stack_from: usize) -> (Stats, finalize::DeadList) {
    let mut world = world::lock();
    let epoch = EPOCH.load(Ordering::Relaxed).wrapping_add(1).max(1);
    EPOCH.store(epoch, Ordering::Relaxed);
    for mutator in world.mutators() {
        mutator.retire(true);
        mutator.claimed.set(0);
    }
    let scope = tenure::begin(reason, LIVE_BYTES.load(Ordering::Relaxed));
    let mut tracer = Tracer::marking(region::mark_bits_base(), region::mark_stack_base() as *mut usize, epoch);
    mark_roots(&world, own_stack_from, &mut tracer);
    if scope == Scope::Young {
        tenure::trace(&mut tracer);
    }
    tracer.drain();
    weak::clear_dead_targets();
    let queued_finalizers = finalize::resurrect(&mut world, &mut tracer);
    weak::forget_dead_holders();
    roots::run_sweep_hooks(epoch);
    let dead = finalize::take_dead(&mut world);
    match scope {
        Scope::Young if config::verify() => verify::verify_tenured(),
        Scope::AllAndTenure => tenure::tenure_marked(),
        Scope::Young | Scope::All => {}
    }
    let totals = sweep(reason);
    if scope != Scope::Young {
        tenure::note_live(totals.live_bytes);
    }
    if config::verify() {
        verify::verify_heap();
    }
    let stats = Stats {
        freed_objects: totals.freed_objects,
        live_objects: totals.live_objects,
        live_bytes: totals.live_bytes,
        queued_finalizers,
        pause_nanoseconds: 0,
    };
    (stats, dead)
}

fn mark_roots(world: &World, own_stack_from: usize, tracer: &mut Tracer) {
    for shape in 1..FIRST_FREE_SHAPE {
        // SAFETY: cells of reserved ids exist. The static singletons have these shapes and always live.
        tracer.meet_shape(shape, unsafe { &*shape_cell(shape) });
    }
    roots::trace(tracer);
    finalize::trace_pending(tracer);
    weak::trace_pending(tracer);
    for mutator in world.mutators() {
        if let Some((roots, data)) = mutator.roots.get() {
            roots(tracer, data)
        }
        scan_stack(mutator, own_stack_from, tracer);
    }
}

fn scan_stack(mutator: &Mutator, own_stack_from: usize, tracer: &mut Tracer) {
    let is_own = std::ptr::eq(mutator, mutator::current());
    let from = if is_own { own_stack_from } else { mutator.blocked_at.get() };
    // SAFETY: the thread is stopped below `from` (or runs this), so the range is its live stack; its registers were
    // saved when it stopped. The collecting thread's registers are on its stack, stored by `collect_above` or at the fence.
    unsafe {
        if !is_own {
            for register in &*mutator.registers.get() {
                tracer.conservative(*register)
            }
        }
        tracer.conservative_range(from, mutator.stack_high.get())
    }
}

/// Bytes of blocks in use after the last collection.
static IN_USE: AtomicUsize = AtomicUsize::new(0);

fn sweep(reason: Reason) -> SweepTotals {
    let mut space = space::lock();
    let taken = space::bytes_in_use().saturating_sub(IN_USE.load(Ordering::Relaxed));
    let totals = space.sweep();
    IN_USE.store(space::bytes_in_use(), Ordering::Relaxed);
    let external = EXTERNAL.load(Ordering::Relaxed);
    EXTERNAL_BEFORE.store(external, Ordering::Relaxed);
    LIVE_BYTES.store(totals.live_bytes, Ordering::Relaxed);
    LIVE_OBJECTS.store(totals.live_objects, Ordering::Relaxed);
    let allocated = ALLOCATED.swap(0, Ordering::Relaxed) + GROWN.swap(0, Ordering::Relaxed);
    update_budget();
    // What will be allocated before the next collection may as well stay; the rest goes back to the system. Large objects exceed the
    // budget, and take whole blocks, so as much as in the last cycle is expected.
    let keep = BUDGET.load(Ordering::Relaxed).max(allocated).max(taken);
    space.trim(if reason == Reason::OutOfMemory { 0 } else { keep });
    discard_mark_stack(totals.live_objects);
    totals
}

fn discard_mark_stack(live_objects: usize) {
    const WORTHWHILE: usize = 256 << 10;
    if live_objects > WORTHWHILE {
        // SAFETY: the mark stack is empty.
        unsafe { region::discard(region::mark_stack_base(), region::mark_stack_size()) };
    }
}

fn record(stats: &Stats) {
    COLLECTIONS.fetch_add(1, Ordering::SeqCst);
    FREED_TOTAL.fetch_add(stats.freed_objects as u64, Ordering::Relaxed);
    PAUSE_TOTAL.fetch_add(stats.pause_nanoseconds, Ordering::Relaxed);
    PAUSE_LONGEST.fetch_max(stats.pause_nanoseconds, Ordering::Relaxed);
}

/// Numbers over the life of the process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    pub collections: usize,
    pub freed_objects: u64,
    pub pause_nanoseconds: u64,
    pub longest_pause_nanoseconds: u64,
    /// Alive after the last collection.
    pub live_objects: usize,
    pub live_bytes: usize,
    /// Allocated since.
    pub allocated_bytes: usize,
    pub external_bytes: usize,
    /// Bytes of all blocks in use.
    pub heap_bytes: usize,
}

pub fn totals() -> Totals {
    Totals {
        collections: COLLECTIONS.load(Ordering::SeqCst),
        freed_objects: FREED_TOTAL.load(Ordering::Relaxed),
        pause_nanoseconds: PAUSE_TOTAL.load(Ordering::Relaxed),
        longest_pause_nanoseconds: PAUSE_LONGEST.load(Ordering::Relaxed),
        live_objects: LIVE_OBJECTS.load(Ordering::Relaxed),
        live_bytes: LIVE_BYTES.load(Ordering::Relaxed),
        allocated_bytes: ALLOCATED.load(Ordering::Relaxed) + mutator::current().claimed.get(),
        external_bytes: EXTERNAL.load(Ordering::Relaxed),
        heap_bytes: space::bytes_in_use(),
    }
}

/// `gc.enable` and `gc.disable`. Without reference counts nothing else frees memory, so the flag is only a number for
/// Python to read: a collection that is due for lack of room happens all the same.
pub fn set_enabled(on: bool) {
    ENABLED.store(on, Ordering::Relaxed)
}
pub fn is_enabled() -> bool {
    ENABLED.load(Ordering::Relaxed)
}

/// The three numbers of `gc.get_threshold`; they steer nothing.
pub fn thresholds() -> [usize; 3] {
    [0, 1, 2].map(|index: usize| THRESHOLDS[index].load(Ordering::Relaxed))
}
pub fn set_thresholds(thresholds: [usize; 3]) {
    for (cell, threshold) in THRESHOLDS.iter().zip(thresholds) {
        cell.store(threshold, Ordering::Relaxed)
    }
}

/// `gc.freeze`: remembers how many objects there are. Returns the count.
pub fn freeze() -> usize {
    let mut count = 0;
    crate::inspect::for_each_object(&mut |_| count += 1);
    FROZEN.store(count, Ordering::Relaxed);
    count
}
pub fn unfreeze() {
    FROZEN.store(0, Ordering::Relaxed)
}
pub fn frozen_count() -> usize {
    FROZEN.load(Ordering::Relaxed)
}

/// Number of the last collection that marked (the value in the `epoch` of shapes in use).
pub fn epoch() -> shapes::ShapeId {
    EPOCH.load(Ordering::Relaxed)
}
