//! Tenured objects: those that most collections neither trace nor free.
//! Must not know: which classes are guarded; shapes say so.
//!
//! A program's imports leave tens of thousands of objects that never die. Tracing them again in every collection of a small heap
//! costs more than the rest of it. So a full collection may *tenure* the objects of guarded shapes: they stay marked in the *young*
//! collections that follow, and count as alive. What they refer to outside of their own number, the *fringe*, is a root meanwhile.
//! That stays right because a guarded object stores references through `GuardedSlot` or after `note_store`: a tenured one is
//! remembered then, and traced in every collection until the next full one. `PROTOPY_GC_VERIFY=1` proves it after each marking.
//!
//! A full collection starts from nothing: it forgets all this first.

use crate::block::{self, BITMAP_WORDS, BlockKind, GRANULE};
use crate::collect::Reason;
use crate::header::{Header, TENURED};
use crate::inspect;
use crate::shapes::{self, ShapeId, shape_cell};
use crate::slot::Slot;
use crate::space;
use crate::trace::Tracer;
use crate::value::Value;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};

/// Young collections between two full ones, by whether the heap is larger than `LARGE`: garbage among the tenured waits so long.
const YOUNG_ONES: [u32; 2] = [32, 8];
const LARGE: usize = 16 << 20;
/// Collections in a row, each due for room, before the first that tenures: programs that end soon are not worth it.
const PATIENCE: u32 = 2;
/// Growth since the full collection that asks for another, beside half of what lived then.
const GROWTH: usize = 4 << 20;
/// The same if the heap has stopped growing, beside an eighth: a program that goes on importing was tenured too early.
const LATECOMERS: usize = 512 << 10;
/// A guarded object with more references than these to objects that cannot be tenured, and more than one in three, is left alone.
const FEW: usize = 8;

pub(crate) struct Tenure {
    is_active: bool,
    /// Collections since the last full one, that one included.
    age: u32,
    /// Bytes alive after the last full collection.
    live: usize,
    /// Bytes alive when the last collection began.
    live_before: usize,
    /// Shapes of the tenured objects.
    shapes: Vec<ShapeId>,
    fringe: Vec<*mut Header>,
}

// SAFETY: the addresses are those of objects that live as long as they are listed.
unsafe impl Send for Tenure {}

static TENURE: Mutex<Tenure> =
    Mutex::new(Tenure { is_active: false, age: 0, live: 0, live_before: 0, shapes: Vec::new(), fringe: Vec::new() });

pub(crate) struct Remembered(Vec<*mut Header>);

// SAFETY: as for `Tenure`.
unsafe impl Send for Remembered {}

/// An owner could not be remembered for want of memory: the next collection looks at all objects.
static LOST: AtomicBool = AtomicBool::new(false);

static REMEMBERED: Mutex<Remembered> = Mutex::new(Remembered(Vec::new()));

fn tenure() -> MutexGuard<'static, Tenure> {
    TENURE.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

pub(crate) fn remembered() -> MutexGuard<'static, Remembered> {
    REMEMBERED.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// What a collection looks at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Scope {
    /// All objects but the tenured.
    Young,
    All,
    /// All; then some are tenured.
    AllAndTenure,
}

/// The scope of the collection that begins, `live` bytes having lived after the last one. World stopped.
pub(crate) fn begin(reason: Reason, live: usize) -> Scope {
    let mut tenure = tenure();
    tenure.age += 1;
    let may_wait = matches!(reason, Reason::Threshold | Reason::Stress);
    let young_ones = YOUNG_ONES[usize::from(live > LARGE)];
    let before = std::mem::replace(&mut tenure.live_before, live);
    let all_known = !LOST.swap(false, Ordering::Relaxed);
    if may_wait && all_known && tenure.is_active && tenure.age <= young_ones && live <= tenure.live / 2 * 3 + GROWTH {
        let has_settled = live.abs_diff(before) <= live / 32;
        let is_worth_it = live >= tenure.live / 8 * 9 + LATECOMERS;
        if !(has_settled && is_worth_it) {
            return Scope::Young;
        }
    }
    let tenures = may_wait && (tenure.live != 0 || tenure.age >= PATIENCE);
    tenure.forget();
    if tenures { Scope::AllAndTenure } else { Scope::All }
}

impl Tenure {
    /// Makes every object an ordinary one. Flags stay set: a store to such an object remembers it for nothing.
    fn forget(&mut self) {
        remembered().0.clear();
        if !self.is_active {
            return;
        }
        self.is_active = false;
        self.shapes.clear();
        self.fringe.clear();
        space::lock().for_each_block(&mut |index| {
            // SAFETY: the world is stopped.
            let description = unsafe { &mut *block::meta(index) };
            if !std::mem::take(&mut description.tenured) {
                return;
            }
            let permanent = description.permanent.load(Ordering::Relaxed).then(|| block::permanent_words(index));
            let (tenured, marks) = (block::tenured_words(index), block::mark_words(index));
            for word in 0..BITMAP_WORDS {
                tenured[word].store(0, Ordering::Relaxed);
                marks[word].store(permanent.map_or(0, |bits| bits[word].load(Ordering::Relaxed)), Ordering::Relaxed);
            }
        });
    }
}

/// Marks what the tenured objects keep alive. World stopped; for young collections.
pub(crate) fn trace(tracer: &mut Tracer) {
    let tenure = tenure();
    for shape in &tenure.shapes {
        // SAFETY: ids come from headers.
        tracer.meet_shape(*shape, unsafe { &*shape_cell(*shape) });
    }
    for object in &tenure.fringe {
        tracer.pointer(*object)
    }
    for object in &remembered().0 {
        tracer.pointer(*object);
        if block::is_tenured(*object as usize) {
            // SAFETY: tenured objects are alive.
            unsafe { tracer.trace_object(*object) }
        }
    }
}

/// After marking: tenures what it can of the marked objects, and nothing without memory for the lists. World stopped.
pub(crate) fn tenure_marked() {
    let mut tenure = tenure();
    if tenure.choose().is_none() {
        tenure.fringe = Vec::new();
    }
}

/// One more; None if there is no memory.
fn list<T>(items: &mut Vec<T>, item: T) -> Option<()> {
    items.try_reserve(1).ok()?;
    items.push(item);
    Some(())
}

impl Tenure {
    fn choose(&mut self) -> Option<()> {
        // Guarded objects that may be tenured; of those, the ones with references to others.
        let (mut chosen, mut with_others) = (Vec::new(), Vec::new());
        let mut has_room = Some(());
        space::lock().for_each_block(&mut |index| {
            has_room = has_room.and_then(|()| self.choose_in(index, &mut chosen, &mut with_others));
        });
        for object in &with_others {
            inspect::trace_object(*object, &mut |value| {
                if is_other(value) {
                    has_room = has_room.and_then(|()| list(&mut self.fringe, value.raw() as *mut Header));
                }
            });
        }
        has_room?;
        for object in &chosen {
            block::set_tenured(*object as usize);
            // SAFETY: marked objects are alive; the world is stopped.
            let shape = unsafe {
                (**object).set_flag_stopped(TENURED);
                (**object).shape()
            };
            if !self.shapes.contains(&shape) {
                self.shapes.push(shape);
            }
        }
        self.fringe.sort_unstable();
        self.fringe.dedup();
        self.is_active = true;
        Some(())
    }

    fn choose_in(&mut self, index: usize, chosen: &mut Vec<*mut Header>, with_others: &mut Vec<*mut Header>) -> Option<()> {
        // SAFETY: the world is stopped.
        let description = unsafe { &*block::meta(index) };
        if !matches!(description.kind, BlockKind::Small | BlockKind::LargeHead) {
            return Some(());
        }
        let (alloc, marks) = (block::alloc_words(index), block::mark_words(index));
        let permanent = description.permanent.load(Ordering::Relaxed).then(|| block::permanent_words(index));
        for word in 0..BITMAP_WORDS {
            let mut bits = alloc[word].load(Ordering::Relaxed) & marks[word].load(Ordering::Relaxed);
            bits &= !permanent.map_or(0, |bits| bits[word].load(Ordering::Relaxed));
            while bits != 0 {
                let address = block::block_start(index) + (word * 64 + bits.trailing_zeros() as usize) * GRANULE;
                bits &= bits - 1;
                if !is_guarded(address) {
                    continue;
                }
                let object = address as *mut Header;
                match count_others(object) {
                    (_, 0) => list(chosen, object)?,
                    (all, others) if others <= FEW || others * 3 <= all => {
                        list(chosen, object)?;
                        list(with_others, object)?;
                    }
                    // Left alone, and alive as long as the tenured are, of which some may refer to it.
                    _ => list(&mut self.fringe, object)?,
                }
            }
        }
        Some(())
    }
}

/// After the sweep of a full collection.
pub(crate) fn note_live(live: usize) {
    let mut tenure = tenure();
    tenure.live = live.max(1);
    if tenure.is_active {
        tenure.age = 0;
    }
}

fn is_guarded(address: usize) -> bool {
    // SAFETY: callers pass the address of a live object.
    unsafe { (*shape_cell((*(address as *const Header)).shape())).traits.load(Ordering::Relaxed) & shapes::GUARDED != 0 }
}

/// Whether the value is an object that must be looked at in every collection.
fn is_other(value: Value) -> bool {
    let address = value.raw() as usize;
    value.is_ptr() && block::in_heap(address) && !block::is_permanent(address) && !is_guarded(address)
}

/// Number of references, and of those that lead to others.
fn count_others(object: *mut Header) -> (usize, usize) {
    let (mut all, mut others) = (0, 0);
    inspect::trace_object(object, &mut |value| {
        all += 1;
        others += usize::from(is_other(value));
    });
    (all, others)
}

/// Calls `visit` with each tenured object. World stopped.
pub(crate) fn for_each_tenured(visit: &mut dyn FnMut(*mut Header)) {
    space::lock().for_each_block(&mut |index| {
        // SAFETY: the world is stopped.
        if !unsafe { (*block::meta(index)).tenured } {
            return;
        }
        for (word, bits) in block::tenured_words(index).iter().enumerate() {
            let mut bits = bits.load(Ordering::Relaxed);
            while bits != 0 {
                visit((block::block_start(index) + (word * 64 + bits.trailing_zeros() as usize) * GRANULE) as *mut Header);
                bits &= bits - 1;
            }
        }
    });
}

/// To be called before a reference is stored in an object of a guarded shape, or its shape changes, with no safepoint in between.
#[inline(always)]
pub fn note_store(owner: &Header) {
    if owner.flags() & TENURED != 0 {
        remember(owner)
    }
}

/// (`extern "C"`: it does not unwind, or the handlers of the loop that store into dicts would need frames for it.)
#[cold]
#[inline(never)]
extern "C" fn remember(owner: &Header) {
    let mut remembered = remembered();
    if remembered.0.try_reserve(1).is_err() {
        return LOST.store(true, Ordering::Relaxed);
    }
    remembered.0.push(owner.as_ptr());
    owner.clear_flag(TENURED);
}

/// A reference field of an object whose shape may be guarded: stores name the object.
#[repr(transparent)]
pub struct GuardedSlot(Slot);

impl GuardedSlot {
    pub const fn empty() -> GuardedSlot {
        GuardedSlot(Slot::empty())
    }
    #[inline(always)]
    pub fn new(value: Value) -> GuardedSlot {
        GuardedSlot(Slot::new(value))
    }
    #[inline(always)]
    pub fn new_opt(value: Option<Value>) -> GuardedSlot {
        GuardedSlot(Slot::new_opt(value))
    }
    #[inline(always)]
    pub fn get(&self) -> Option<Value> {
        self.0.get()
    }
    #[inline(always)]
    pub fn raw(&self) -> u64 {
        self.0.raw()
    }
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    #[inline(always)]
    pub fn clear(&self) {
        self.0.clear()
    }
    /// `owner` is the header of the object that the slot lies in.
    #[inline(always)]
    pub fn set(&self, owner: &Header, value: Value) {
        note_store(owner);
        self.0.set(value)
    }
    /// `set`, unless the owner has one of `flags`: then false, and nothing was done.
    #[inline(always)]
    pub fn set_unless(&self, owner: &Header, flags: u8, value: Value) -> bool {
        let found = owner.flags();
        if found & (TENURED | flags) != 0 {
            if found & flags != 0 {
                return false;
            }
            remember(owner)
        }
        self.0.set(value);
        true
    }
    #[inline(always)]
    pub fn set_opt(&self, owner: &Header, value: Option<Value>) {
        note_store(owner);
        self.0.set_opt(value)
    }
    /// As `Slot::get_or_set`.
    pub fn get_or_set(&self, owner: &Header, fresh: Value) -> Value {
        note_store(owner);
        self.0.get_or_set(fresh)
    }
    /// For trace functions.
    #[inline(always)]
    pub fn as_slot(&self) -> &Slot {
        &self.0
    }
}
