//! The open-addressing table behind `set` and `frozenset`: runs of linear probes, then perturbed jumps, so that small sets of small ints
//! iterate in the order people know. Knows words and hashes only; must not know Python equality or locks.
//!
//! Readers never lock. A place goes from free to a key to the mark of a deleted key, and never back: a table that is full
//! of marks is replaced whole. The hash is written before the key.

use heap::{Header, ShapeId, Slot, Tracer, Value};
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

const PERTURB_SHIFT: u32 = 5;
const LINEAR_PROBES: usize = 9;
pub const MIN_PLACES: usize = 8;
const MAX_PLACES: usize = 1 << 40;

#[repr(C)]
struct Entry {
    key: Slot,
    hash: AtomicU64,
}

#[repr(C)]
pub struct SetTable {
    header: Header,
    mask: usize,
    /// Places that hold a key or a mark.
    filled: AtomicUsize,
    used: AtomicUsize,
    /// Where `pop` looks next.
    finger: AtomicUsize,
}

pub enum Step {
    Same(usize),
    Candidate(usize, Value),
    Free(usize),
}

#[derive(Clone, Copy)]
pub struct Cursor {
    next: usize,
    left: usize,
    base: usize,
    perturb: u64,
}

/// Marks the place of a deleted key; no key is ever this word.
#[inline(always)]
fn deleted() -> Value {
    Value::unbound()
}

static SHAPE: AtomicU32 = AtomicU32::new(0);

fn shape() -> ShapeId {
    let known = SHAPE.load(Ordering::Acquire);
    if known != 0 { known } else { make_shape() }
}

#[cold]
fn make_shape() -> ShapeId {
    let fresh = heap::alloc_shape();
    // SAFETY: the cell is ours alone until the id is published below.
    unsafe { (*heap::shape_cell(fresh)).trace = Some(trace) };
    SHAPE.compare_exchange(0, fresh, Ordering::AcqRel, Ordering::Acquire).map_or_else(|earlier| earlier, |_| fresh)
}

unsafe fn trace(cell: *mut Header, tracer: &mut Tracer) {
    let table = &*(cell as *const SetTable);
    for place in 0..=table.mask {
        tracer.slot(&table.entry(place).key);
    }
}

impl SetTable {
    /// A fresh table with more than `least` places, or None when memory is short.
    pub fn allocate(least: usize) -> Option<&'static SetTable> {
        let places = places_above(least);
        if places > MAX_PLACES {
            return None;
        }
        let cell = heap::try_alloc(byte_size(places), shape())? as *mut SetTable;
        // SAFETY: a fresh zeroed cell of the right size.
        unsafe {
            (*cell).mask = places - 1;
            Some(&*cell)
        }
    }

    /// A fresh table that is like this one place for place. This table is locked (or can no longer change), and has no marks.
    fn duplicate(&self) -> Option<&'static SetTable> {
        let size = self.size_in_bytes();
        // SAFETY: all that follows the header is written before anybody else allocates; nobody writes to this table now.
        unsafe {
            let cell = heap::try_alloc_cleared_to(8, size, shape())?;
            let words = size / 8 - 1;
            std::ptr::copy_nonoverlapping((self as *const SetTable as *const u64).add(1), (cell as *mut u64).add(1), words);
            let fresh = &*(cell as *const SetTable);
            fresh.finger.store(0, Ordering::Relaxed);
            Some(fresh)
        }
    }

    #[inline(always)]
    fn entry(&self, place: usize) -> &Entry {
        debug_assert!(place <= self.mask);
        // SAFETY: `mask + 1` entries follow the fixed part; places are masked.
        unsafe { &*((self as *const SetTable).add(1) as *const Entry).add(place) }
    }
    #[inline(always)]
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Acquire)
    }
    #[inline(always)]
    pub fn filled(&self) -> usize {
        self.filled.load(Ordering::Acquire)
    }
    #[inline(always)]
    pub fn mask(&self) -> usize {
        self.mask
    }
    pub fn size_in_bytes(&self) -> usize {
        byte_size(self.mask + 1)
    }
    /// Whether `more` further keys would make the table too crowded.
    #[inline(always)]
    pub fn is_crowded_with(&self, more: usize) -> bool {
        (self.filled.load(Ordering::Relaxed) + more) * 5 >= self.mask * 3
    }

    #[inline(always)]
    pub fn start(&self, hash: i64) -> Cursor {
        let base = hash as usize & self.mask;
        Cursor { next: base, left: self.run_from(base), base, perturb: hash as u64 }
    }
    #[inline(always)]
    fn run_from(&self, base: usize) -> usize {
        if base + LINEAR_PROBES <= self.mask { LINEAR_PROBES } else { 0 }
    }
    #[inline(always)]
    fn advance(&self, cursor: &mut Cursor) {
        if cursor.left > 0 {
            cursor.left -= 1;
            cursor.next += 1;
        } else {
            cursor.perturb >>= PERTURB_SHIFT;
            cursor.base = cursor.base.wrapping_mul(5).wrapping_add(1).wrapping_add(cursor.perturb as usize) & self.mask;
            cursor.next = cursor.base;
            cursor.left = self.run_from(cursor.base);
        }
    }

    /// Whether that very key is where its hash leads first, as most keys are.
    #[inline(always)]
    pub fn is_at_home(&self, key: Value, hash: i64) -> bool {
        self.entry(hash as usize & self.mask).key.get() == Some(key)
    }

    /// Goes on probing for `key` to the next place that matters.
    #[inline(always)]
    pub fn step(&self, cursor: &mut Cursor, key: Value, hash: i64) -> Step {
        loop {
            let place = cursor.next;
            let entry = self.entry(place);
            let Some(stored) = entry.key.get() else { return Step::Free(place) };
            self.advance(cursor);
            if stored == key {
                return Step::Same(place);
            }
            if entry.hash.load(Ordering::Relaxed) == hash as u64 && stored != deleted() {
                return Step::Candidate(place, stored);
            }
        }
    }

    /// A free place for a hash whose key is known to be absent.
    #[inline]
    pub fn find_free(&self, hash: i64) -> usize {
        let mut cursor = self.start(hash);
        while self.entry(cursor.next).key.get().is_some() {
            self.advance(&mut cursor);
        }
        cursor.next
    }

    /// Publishes a key at a free place. The caller holds the lock.
    #[inline(always)]
    pub fn insert(&self, place: usize, key: Value, hash: i64) {
        let entry = self.entry(place);
        entry.hash.store(hash as u64, Ordering::Relaxed);
        entry.key.set(key);
        self.filled.store(self.filled.load(Ordering::Relaxed) + 1, Ordering::Release);
        self.used.store(self.used.load(Ordering::Relaxed) + 1, Ordering::Release);
    }

    /// Takes the key at a place out. The caller holds the lock.
    pub fn delete(&self, place: usize) {
        self.entry(place).key.set(deleted());
        self.used.store(self.used.load(Ordering::Relaxed) - 1, Ordering::Release);
    }

    /// The key at a place, if there is one.
    #[inline(always)]
    pub fn key_at(&self, place: usize) -> Option<(Value, i64)> {
        let entry = self.entry(place);
        match entry.key.get() {
            Some(key) if key != deleted() => Some((key, entry.hash.load(Ordering::Relaxed) as i64)),
            _ => None,
        }
    }

    /// The first key at or after `position`, and the position behind it.
    #[inline]
    pub fn next_live(&self, mut position: usize) -> Option<(usize, Value, i64)> {
        while position <= self.mask {
            if let Some((key, hash)) = self.key_at(position) {
                return Some((position + 1, key, hash));
            }
            position += 1;
        }
        None
    }

    /// Takes some key out. The caller holds the lock.
    pub fn pop(&self) -> Option<Value> {
        if self.used() == 0 {
            return None;
        }
        let mut place = self.finger.load(Ordering::Relaxed) & self.mask;
        loop {
            if let Some((key, _)) = self.key_at(place) {
                self.delete(place);
                self.finger.store(place + 1, Ordering::Relaxed);
                return Some(key);
            }
            place = (place + 1) & self.mask;
        }
    }

    /// A fresh table with the keys, as large as a set of so many begins. This table is locked (or can no longer change).
    pub fn copied(&self) -> Option<&'static SetTable> {
        let used = self.used();
        let least = if used * 5 >= (MIN_PLACES - 1) * 3 { used * 2 } else { 0 };
        if places_above(least) == self.mask + 1 && self.filled() == used {
            return self.duplicate();
        }
        let fresh = SetTable::allocate(least)?;
        for place in 0..=self.mask {
            if let Some((key, hash)) = self.key_at(place) {
                let entry = fresh.entry(fresh.find_free(hash));
                entry.hash.store(hash as u64, Ordering::Relaxed);
                entry.key.set(key);
            }
        }
        fresh.filled.store(used, Ordering::Release);
        fresh.used.store(used, Ordering::Release);
        Some(fresh)
    }

    /// Copies the keys into a fresh table with more than `least` places.
    pub fn rebuild(&self, least: usize) -> Option<&'static SetTable> {
        let fresh = SetTable::allocate(least.max(self.used()))?;
        self.copy_into_clean(fresh);
        Some(fresh)
    }

    /// Adds the keys to a table that has none of them and no marks, and room for all. This table is locked (or can no longer change):
    /// keys that came meanwhile would fill the other to the last place, and no search in it would end.
    pub fn copy_into_clean(&self, target: &SetTable) {
        if target.filled() == 0 && target.mask == self.mask && self.filled() == self.used() {
            // Place for place, so that a copy iterates like the original.
            let count = self.used();
            if heap::is_multithreaded() {
                // Others may read the target meanwhile: word by word, the hash first.
                for place in 0..=self.mask {
                    let (from, to) = (self.entry(place), target.entry(place));
                    to.hash.store(from.hash.load(Ordering::Relaxed), Ordering::Relaxed);
                    to.key.set_opt(from.key.get());
                }
            } else {
                // SAFETY: both have as many entries, and no other thread is there.
                unsafe {
                    let (from, to) = (self.entry(0) as *const Entry as *const u64, target.entry(0) as *const Entry as *mut u64);
                    std::ptr::copy_nonoverlapping(from, to, (self.mask + 1) * (size_of::<Entry>() / 8));
                }
            }
            target.filled.store(count, Ordering::Release);
            target.used.store(count, Ordering::Release);
            return;
        }
        for place in 0..=self.mask {
            if let Some((key, hash)) = self.key_at(place) {
                let entry = target.entry(target.find_free(hash));
                entry.hash.store(hash as u64, Ordering::Relaxed);
                entry.key.set(key);
            }
        }
        let count = self.used();
        target.filled.store(target.filled.load(Ordering::Relaxed) + count, Ordering::Release);
        target.used.store(target.used.load(Ordering::Relaxed) + count, Ordering::Release);
    }
}

/// The size of a table with more than `least` places; beyond all limits if there is none.
fn places_above(least: usize) -> usize {
    least.saturating_add(1).checked_next_power_of_two().unwrap_or(usize::MAX).max(MIN_PLACES)
}

const fn byte_size(places: usize) -> usize {
    size_of::<SetTable>() + places * size_of::<Entry>()
}
