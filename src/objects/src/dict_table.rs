//! The insertion-ordered hash table behind `dict`: memory layout, probing, publication order. Knows words and hashes only;
//! must not know Python equality, classes or locks (callers hold the dict's byte lock for every `&mut`-like operation).
//!
//! One heap cell holds `{version, counts, index, entries}`. Readers never lock, so these rules must stay true:
//! 1. An entry is written (hash, value, key) before its number goes into the index, and `filled` grows in between.
//! 2. A key word changes once at most: from the key to nothing, when its entry is deleted (value first, then key).
//! 3. An entry number is never handed out twice; a table that ran out of entries is replaced whole, never edited in size.
//! 4. Index words go from 0 (free) to `entry + 1` and never back.
//!
//! Whoever holds a table pointer may go on reading it for ever; it is merely out of date once the dict points elsewhere.
//!
//! The values of a *window* (`window.rs`) lie in the attribute slots of an instance: entry n has attribute n. Its entries are empty, so only
//! who finds nothing looks there, and it is full, so that who adds a key comes by.

use crate::window::Pane;
use heap::{GuardedSlot, Header, ShapeId, Tracer, Value};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering};

/// Header flag of windows.
const WINDOW: u8 = heap::LAYOUT_FLAG_0;

const PERTURB_SHIFT: u32 = 5;
/// The smallest index has 8 places and 5 entries.
pub const MIN_LOG2: u8 = 3;
/// Entry numbers are 32 bits wide.
pub const MAX_LOG2: u8 = 31;

#[repr(C)]
pub struct Entry {
    hash: AtomicU64,
    pub key: GuardedSlot,
    pub value: GuardedSlot,
}

#[repr(C)]
pub struct Table {
    header: Header,
    /// Names this table for caches; 0 until somebody asks. Never reused, unlike the address.
    version: AtomicU64,
    mask: u32,
    capacity: u32,
    filled: AtomicU32,
    used: AtomicU32,
    entries: *mut Entry,
    log2: u8,
    /// log2 of the bytes of an index word: 0, 1 or 2.
    width: u8,
    /// Every key ever put in is an exact str.
    str_keys: AtomicBool,
    /// All entries in `tail_from..tail_filled` are dead; says nothing unless `tail_filled == filled`.
    tail_from: AtomicU32,
    tail_filled: AtomicU32,
}

// SAFETY: all that changes after initialisation is atomic.
unsafe impl Sync for Table {}
unsafe impl Send for Table {}

/// The table of every empty dict: index of one free place, no room for entries. Never written.
#[repr(C, align(16))]
struct EmptyTable(Table, [u8; 8]);
static EMPTY: EmptyTable = EmptyTable(
    Table {
        header: Header::immortal(heap::shapes::SHAPE_RAW_BUFFER),
        version: AtomicU64::new(1),
        mask: 0,
        capacity: 0,
        filled: AtomicU32::new(0),
        used: AtomicU32::new(0),
        entries: std::ptr::null_mut(),
        log2: 0,
        width: 0,
        str_keys: AtomicBool::new(true),
        tail_from: AtomicU32::new(0),
        tail_filled: AtomicU32::new(0),
    },
    [0; 8],
);

static TABLE_SHAPE: AtomicU32 = AtomicU32::new(0);

/// The heap's description of tables, made on first use.
#[inline]
fn table_shape() -> ShapeId {
    let shape = TABLE_SHAPE.load(Ordering::Acquire);
    if shape != 0 { shape } else { make_table_shape() }
}

#[cold]
fn make_table_shape() -> ShapeId {
    let fresh = heap::alloc_shape();
    // SAFETY: the cell is ours alone until the id is published below.
    unsafe { (*heap::shape_cell(fresh)).trace = Some(trace_table) };
    heap::shapes::guard(fresh);
    match TABLE_SHAPE.compare_exchange(0, fresh, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => fresh,
        // Another thread was first; the spare id is harmless.
        Err(earlier) => earlier,
    }
}

unsafe fn trace_table(cell: *mut Header, tracer: &mut Tracer) {
    let table = &*(cell as *const Table);
    for number in 0..table.filled.load(Ordering::Relaxed) {
        let entry = table.entry(number);
        tracer.slot(entry.key.as_slot());
        tracer.slot(entry.value.as_slot());
        if table.is_window()
            && !tracer.is_counting()
            && let Some(slot) = table.pane().attribute(number)
        {
            tracer.slot(slot);
        }
    }
}

static NEXT_VERSION: AtomicU64 = AtomicU64::new(2);

/// What one step of a probe met.
pub enum Step {
    /// The very same word is the key of this entry.
    Same(u32),
    /// A live entry with an equal hash and another key word.
    Candidate(u32, Value),
    /// A free index place: the key is not there.
    Free(u32),
}

/// Where a probe stands; start a new one with `Table::start`.
#[derive(Clone, Copy)]
pub struct Cursor {
    place: u32,
    perturb: u64,
}

/// log2 of the index size that has room for `count` entries.
pub fn log2_for(count: usize) -> u8 {
    let mut log2 = MIN_LOG2;
    while usable(log2) < count && log2 < MAX_LOG2 {
        log2 += 1;
    }
    log2
}

/// Entries that fit in an index of 2^log2 places.
pub const fn usable(log2: u8) -> usize {
    ((1usize << log2) << 1) / 3
}

const fn width_of(log2: u8) -> u8 {
    match log2 {
        0..=8 => 0,
        9..=16 => 1,
        _ => 2,
    }
}

/// Bytes of a whole table.
pub const fn byte_size(log2: u8) -> usize {
    size_of::<Table>() + index_bytes(log2) + usable(log2) * size_of::<Entry>()
}

const fn index_bytes(log2: u8) -> usize {
    let bytes = (1usize << log2) << width_of(log2);
    (bytes + 7) & !7
}

/// The table that empty dicts share.
#[inline(always)]
pub fn empty_table() -> *mut Table {
    &raw const EMPTY.0 as *mut Table
}

impl Entry {
    #[inline(always)]
    pub fn hash(&self) -> i64 {
        self.hash.load(Ordering::Relaxed) as i64
    }
}

impl Table {
    /// Fills in the fixed part of a zeroed cell of `byte_size(log2)` bytes whose header is written already.
    /// # Safety
    /// `cell` is such a cell and nobody else knows it.
    pub unsafe fn initialise(cell: *mut Table, log2: u8) {
        (*cell).mask = ((1u64 << log2) - 1) as u32;
        (*cell).capacity = usable(log2) as u32;
        (*cell).log2 = log2;
        (*cell).width = width_of(log2);
        (*cell).str_keys = AtomicBool::new(true);
        (*cell).entries = (cell as *mut u8).add(size_of::<Table>() + index_bytes(log2)).cast();
    }

    /// A fresh table with room for `count` entries, or None when memory is short.
    pub fn allocate(count: usize) -> Option<*mut Table> {
        let log2 = log2_for(count);
        if usable(log2) < count { None } else { Table::allocate_log2(log2) }
    }

    /// The table that takes the place of a full one: room for about twice the live entries.
    pub fn allocate_grown(used: usize) -> Option<*mut Table> {
        let mut log2 = MIN_LOG2;
        while (1usize << log2) < used * 3 {
            log2 += 1;
        }
        if log2 > MAX_LOG2 { None } else { Table::allocate_log2(log2) }
    }

    fn allocate_log2(log2: u8) -> Option<*mut Table> {
        let cell = heap::try_alloc(byte_size(log2), table_shape())? as *mut Table;
        // SAFETY: the cell is new, zeroed and large enough.
        unsafe { Table::initialise(cell, log2) };
        Some(cell)
    }

    /// A window with room for just `count` entries, or None when memory is short. `fill_window` makes it one.
    pub fn allocate_window(count: usize) -> Option<*mut Table> {
        let log2 = log2_for(count);
        let cell = heap::try_alloc(byte_size(log2) + size_of::<Pane>(), table_shape())? as *mut Table;
        // SAFETY: the cell is new, zeroed and large enough.
        unsafe {
            Table::initialise(cell, log2);
            (*cell).capacity = count as u32;
        }
        Some(cell)
    }

    /// Gives a fresh window its keys, exact strs, as many as it has room for, and its instance. No safepoint.
    pub(crate) fn fill_window(&self, keys: impl Iterator<Item = (Value, i64)>, owner: *mut Header) {
        let mut count = 0;
        for (key, hash) in keys {
            // SAFETY: as many as there is room for.
            let entry = unsafe { self.entry(count) };
            entry.hash.store(hash as u64, Ordering::Relaxed);
            entry.key.set(&self.header, key);
            count += 1;
            self.set_index_word(self.find_free(hash), count);
        }
        self.pane().show(owner);
        self.header.set_flag(WINDOW);
        self.used.store(count, Ordering::Release);
        self.filled.store(count, Ordering::Release);
    }
    #[inline(always)]
    pub fn is_window(&self) -> bool {
        self.header.flags() & WINDOW != 0
    }
    /// What windows have behind their entries.
    pub(crate) fn pane(&self) -> &Pane {
        // SAFETY: callers know that this was allocated as a window.
        unsafe { &*(self as *const Table as *const u8).add(byte_size(self.log2)).cast() }
    }
    /// Makes a window an ordinary table: the values move in. World stopped, or one thread.
    pub(crate) fn close_window(&self) {
        for number in 0..self.filled() as u32 {
            if let Some(value) = self.value_behind(number) {
                // SAFETY: below the count.
                unsafe { self.entry(number) }.value.set(&self.header, value);
            }
        }
        self.header.clear_flag(WINDOW);
    }

    /// The value of an entry; None if it was deleted.
    /// # Safety
    /// `number < capacity`.
    #[inline(always)]
    pub unsafe fn value(&self, number: u32) -> Option<Value> {
        match self.entry(number).value.get() {
            None => self.value_behind(number),
            found => found,
        }
    }
    #[cold]
    #[inline(never)]
    fn value_behind(&self, number: u32) -> Option<Value> {
        if self.is_window() { self.pane().attribute(number)?.get() } else { None }
    }

    /// What `GuardedSlot::set` wants to see.
    #[inline(always)]
    pub fn header(&self) -> &Header {
        &self.header
    }
    #[inline(always)]
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Acquire) as usize
    }
    /// Entries handed out, dead ones included: the end of an iteration by entry number.
    #[inline(always)]
    pub fn filled(&self) -> usize {
        self.filled.load(Ordering::Acquire) as usize
    }
    #[inline(always)]
    pub fn is_full(&self) -> bool {
        self.filled.load(Ordering::Relaxed) >= self.capacity
    }
    #[inline(always)]
    pub fn capacity(&self) -> usize {
        self.capacity as usize
    }
    #[inline(always)]
    pub fn has_only_str_keys(&self) -> bool {
        self.str_keys.load(Ordering::Relaxed)
    }
    pub fn note_foreign_key(&self) {
        self.str_keys.store(false, Ordering::Relaxed);
    }
    pub fn size_in_bytes(&self) -> usize {
        if self.capacity == 0 { 0 } else { byte_size(self.log2) }
    }

    /// The name of this table for caches; given out on first request.
    pub fn version(&self) -> u64 {
        let version = self.version.load(Ordering::Relaxed);
        if version != 0 {
            return version;
        }
        let fresh = NEXT_VERSION.fetch_add(1, Ordering::Relaxed);
        match self.version.compare_exchange(0, fresh, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => fresh,
            Err(earlier) => earlier,
        }
    }
    /// The version if one was ever given out, else 0.
    #[inline(always)]
    pub fn known_version(&self) -> u64 {
        self.version.load(Ordering::Relaxed)
    }

    /// # Safety
    /// `number < capacity`.
    #[inline(always)]
    pub unsafe fn entry(&self, number: u32) -> &Entry {
        debug_assert!(number < self.capacity);
        &*self.entries.add(number as usize)
    }

    /// The live entry with that number.
    #[inline(always)]
    pub fn live_entry(&self, number: usize) -> Option<(Value, Value, i64)> {
        if number >= self.filled() {
            return None;
        }
        // SAFETY: `filled` never exceeds the capacity.
        let entry = unsafe { self.entry(number as u32) };
        // The value is read before the key: a deletion clears them in that order, so a key that is still there does not prove a value.
        // SAFETY: as above.
        let value = unsafe { self.value(number as u32) }?;
        let key = entry.key.get()?;
        Some((key, value, entry.hash()))
    }

    /// The first live entry at or after `position` and the position behind it.
    #[inline]
    pub fn next_live(&self, mut position: usize) -> Option<(usize, Value, Value, i64)> {
        let end = self.filled();
        while position < end {
            if let Some((key, value, hash)) = self.live_entry(position) {
                return Some((position + 1, key, value, hash));
            }
            position += 1;
        }
        None
    }

    /// The last live entry before `position`, with its number.
    pub fn previous_live(&self, mut position: usize) -> Option<(usize, Value, Value, i64)> {
        position = position.min(self.filled());
        while position > 0 {
            position -= 1;
            if let Some((key, value, hash)) = self.live_entry(position) {
                return Some((position, key, value, hash));
            }
        }
        None
    }

    #[inline(always)]
    fn index_base(&self) -> *mut u8 {
        // SAFETY: the index follows the fixed part in the same cell.
        unsafe { (self as *const Table as *mut u8).add(size_of::<Table>()) }
    }

    #[inline(always)]
    fn index_word(&self, place: u32) -> u32 {
        let base = self.index_base();
        // SAFETY: places are masked, so they lie inside the index.
        unsafe {
            match self.width {
                0 => (*(base as *const AtomicU8).add(place as usize)).load(Ordering::Acquire) as u32,
                1 => (*(base as *const AtomicU16).add(place as usize)).load(Ordering::Acquire) as u32,
                _ => (*(base as *const AtomicU32).add(place as usize)).load(Ordering::Acquire),
            }
        }
    }

    #[inline(always)]
    fn set_index_word(&self, place: u32, word: u32) {
        let base = self.index_base();
        // SAFETY: as in `index_word`; `word <= capacity` fits the width by construction.
        unsafe {
            match self.width {
                0 => (*(base as *const AtomicU8).add(place as usize)).store(word as u8, Ordering::Release),
                1 => (*(base as *const AtomicU16).add(place as usize)).store(word as u16, Ordering::Release),
                _ => (*(base as *const AtomicU32).add(place as usize)).store(word, Ordering::Release),
            }
        }
    }

    #[inline(always)]
    pub fn start(&self, hash: i64) -> Cursor {
        Cursor { place: hash as u32 & self.mask, perturb: hash as u64 }
    }

    /// Goes on probing for `key` from `cursor` to the next place that matters.
    #[inline(always)]
    pub fn step(&self, cursor: &mut Cursor, key: Value, hash: i64) -> Step {
        loop {
            let place = cursor.place;
            let word = self.index_word(place);
            if word == 0 {
                return Step::Free(place);
            }
            cursor.perturb >>= PERTURB_SHIFT;
            cursor.place = place.wrapping_mul(5).wrapping_add(cursor.perturb as u32).wrapping_add(1) & self.mask;
            // SAFETY: index words are entry numbers plus one.
            let entry = unsafe { self.entry(word - 1) };
            let stored = entry.key.get();
            if stored == Some(key) {
                return Step::Same(word - 1);
            }
            if entry.hash() == hash
                && let Some(candidate) = stored
            {
                return Step::Candidate(word - 1, candidate);
            }
        }
    }

    /// A free index place for a hash whose key is known to be absent.
    #[inline]
    pub fn find_free(&self, hash: i64) -> u32 {
        let mut cursor = self.start(hash);
        while self.index_word(cursor.place) != 0 {
            cursor.perturb >>= PERTURB_SHIFT;
            cursor.place = cursor.place.wrapping_mul(5).wrapping_add(cursor.perturb as u32).wrapping_add(1) & self.mask;
        }
        cursor.place
    }

    /// The first index place for a hash that is free or that of a deleted entry. Without the latter, a key that comes and goes would leave
    /// its mark at one place after the other, all of which its next look-up has to pass.
    #[cold]
    fn place_for(&self, hash: i64) -> u32 {
        let mut cursor = self.start(hash);
        loop {
            let word = self.index_word(cursor.place);
            // SAFETY: index words are entry numbers plus one.
            if word == 0 || unsafe { self.entry(word - 1) }.key.get().is_none() {
                return cursor.place;
            }
            cursor.perturb >>= PERTURB_SHIFT;
            cursor.place = cursor.place.wrapping_mul(5).wrapping_add(cursor.perturb as u32).wrapping_add(1) & self.mask;
        }
    }

    /// Appends an entry and publishes it at a free index place. The caller holds the lock, knows that the key is absent and that
    /// the table is not full.
    #[inline(always)]
    pub fn append(&self, place: u32, key: Value, hash: i64, value: Value) -> u32 {
        let number = self.filled.load(Ordering::Relaxed);
        debug_assert!(number < self.capacity);
        let place = if number == self.used.load(Ordering::Relaxed) { place } else { self.place_for(hash) };
        // SAFETY: there is room; the entry was never used.
        let entry = unsafe { self.entry(number) };
        entry.hash.store(hash as u64, Ordering::Relaxed);
        entry.value.set(&self.header, value);
        entry.key.set(&self.header, key);
        self.filled.store(number + 1, Ordering::Release);
        self.set_index_word(place, number + 1);
        self.used.store(self.used.load(Ordering::Relaxed) + 1, Ordering::Release);
        number
    }

    /// Gives a live entry another value.
    /// # Safety
    /// `number < capacity`.
    #[inline(always)]
    pub unsafe fn set_value(&self, number: u32, value: Value) {
        if !self.entry(number).value.set_unless(&self.header, WINDOW, value) {
            self.set_behind(number, value)
        }
    }
    /// (`extern "C"`: it does not unwind, or handlers of the loop would need frames for it.)
    #[cold]
    #[inline(never)]
    extern "C" fn set_behind(&self, number: u32, value: Value) {
        if let Some(slot) = self.pane().attribute(number) {
            slot.set(value)
        }
    }

    /// Takes a live entry out; returns its key and value. The caller holds the lock; this is no window.
    pub fn delete(&self, number: u32) -> Option<(Value, Value)> {
        // SAFETY: numbers come from a probe of this table.
        let entry = unsafe { self.entry(number) };
        let key = entry.key.get()?;
        let value = entry.value.get()?;
        entry.value.clear();
        entry.key.clear();
        self.used.store(self.used.load(Ordering::Relaxed) - 1, Ordering::Release);
        Some((key, value))
    }

    /// Copies the live entries, in order, into a fresh table that has room for them.
    pub fn copy_live_into(&self, target: &Table) {
        let end = self.filled();
        for number in 0..end {
            if let Some((key, value, hash)) = self.live_entry(number) {
                target.append(target.find_free(hash), key, hash, value);
            }
        }
        if !self.has_only_str_keys() {
            target.note_foreign_key();
        }
    }

    /// A copy for another dict: word for word when no entry is dead, else compacted. The caller holds the lock. None when memory is short.
    pub fn duplicate(&self) -> Option<*mut Table> {
        let used = self.used();
        if self.filled() != used || self.is_window() {
            let fresh = Table::allocate(used)?;
            // SAFETY: just made.
            self.copy_live_into(unsafe { &*fresh });
            return Some(fresh);
        }
        // SAFETY: both cells have the same size and layout; the target is ours alone, the source is locked against writers. Index and
        // entries are written before anybody else allocates.
        unsafe {
            let fresh = heap::try_alloc_cleared_to(size_of::<Table>(), byte_size(self.log2), table_shape())? as *mut Table;
            Table::initialise(fresh, self.log2);
            std::ptr::copy_nonoverlapping(self.index_base(), (*fresh).index_base(), index_bytes(self.log2));
            std::ptr::copy_nonoverlapping(
                self.entries as *const u64,
                (*fresh).entries as *mut u64,
                used * (size_of::<Entry>() / 8),
            );
            (*fresh).entries.add(used).write_bytes(0, usable(self.log2) - used);
            (*fresh).used.store(used as u32, Ordering::Relaxed);
            (*fresh).filled.store(used as u32, Ordering::Relaxed);
            (*fresh).str_keys.store(self.has_only_str_keys(), Ordering::Relaxed);
            Some(fresh)
        }
    }

    /// The last live entry; remembers where it found it, so that taking entries off the end one by one is not quadratic. The caller
    /// holds the lock.
    pub fn last_live(&self) -> Option<(u32, Value, Value)> {
        let filled = self.filled.load(Ordering::Relaxed);
        let remembered = self.tail_filled.load(Ordering::Relaxed) == filled;
        let from = if remembered { self.tail_from.load(Ordering::Relaxed) } else { filled };
        let (number, key, value, _) = self.previous_live(from as usize)?;
        self.tail_from.store(number as u32 + 1, Ordering::Relaxed);
        self.tail_filled.store(filled, Ordering::Relaxed);
        Some((number as u32, key, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::alloc::{Layout, alloc_zeroed, dealloc};

    struct Owned(*mut Table, Layout);
    impl Owned {
        fn new(count: usize) -> Owned {
            let log2 = log2_for(count);
            let layout = Layout::from_size_align(byte_size(log2), 8).unwrap();
            // SAFETY: zeroed memory of the right size is a valid blank cell.
            let cell = unsafe { alloc_zeroed(layout) } as *mut Table;
            unsafe { Table::initialise(cell, log2) };
            Owned(cell, layout)
        }
        fn table(&self) -> &Table {
            // SAFETY: owned and initialised.
            unsafe { &*self.0 }
        }
    }
    impl Drop for Owned {
        fn drop(&mut self) {
            // SAFETY: allocated with this layout.
            unsafe { dealloc(self.0.cast(), self.1) }
        }
    }

    fn find(table: &Table, key: Value, hash: i64) -> Option<u32> {
        let mut cursor = table.start(hash);
        loop {
            match table.step(&mut cursor, key, hash) {
                Step::Same(number) => return Some(number),
                Step::Candidate(..) => continue,
                Step::Free(_) => return None,
            }
        }
    }

    fn small(number: i32) -> Value {
        Value::small(number)
    }

    #[test]
    fn sizes_follow_two_thirds() {
        assert_eq!((usable(3), usable(4), usable(8)), (5, 10, 170));
        assert_eq!((log2_for(0), log2_for(5), log2_for(6)), (3, 3, 4));
        assert!(usable(8) < 256 && usable(16) < 65536);
    }

    #[test]
    fn finds_what_was_put_in_every_index_width() {
        for count in [5usize, 100, 300, 50_000] {
            let owned = Owned::new(count);
            let table = owned.table();
            for i in 0..count {
                let hash = (i as i64).wrapping_mul(0x9E37_79B9);
                table.append(table.find_free(hash), small(i as i32), hash, small(-(i as i32)));
            }
            assert_eq!(table.used(), count);
            for i in 0..count {
                let hash = (i as i64).wrapping_mul(0x9E37_79B9);
                assert_eq!(find(table, small(i as i32), hash), Some(i as u32));
            }
            assert_eq!(find(table, small(-5), 77), None);
        }
    }

    #[test]
    fn equal_hashes_are_candidates_and_deleted_entries_are_not() {
        let owned = Owned::new(5);
        let table = owned.table();
        for i in 0..4 {
            table.append(table.find_free(9), small(i), 9, small(i + 10));
        }
        assert_eq!(find(table, small(3), 9), Some(3));
        assert!(table.delete(1).is_some());
        assert!(table.delete(1).is_none());
        assert_eq!(find(table, small(1), 9), None);
        assert_eq!(table.used(), 3);
        let mut cursor = table.start(9);
        let mut seen = 0;
        while let Step::Candidate(..) = table.step(&mut cursor, small(99), 9) {
            seen += 1;
        }
        assert_eq!(seen, 3);
        assert_eq!(table.next_live(1).map(|next| next.0), Some(3));
        assert_eq!(table.previous_live(2).map(|previous| previous.0), Some(0));
    }

    #[test]
    fn a_key_that_comes_and_goes_keeps_its_place() {
        let owned = Owned::new(40);
        let table = owned.table();
        table.append(table.find_free(3), small(3), 3, small(0));
        table.append(table.find_free(67), small(67), 67, small(0));
        let place = table.start(3).place;
        let mut number = 0;
        for round in 1..30 {
            table.delete(number);
            number = table.append(table.find_free(3), small(3), 3, small(round));
            assert_eq!(table.index_word(place), number + 1);
        }
        assert_eq!(find(table, small(3), 3), Some(number));
        assert_eq!(find(table, small(67), 67), Some(1));
        assert_eq!((table.used(), table.filled()), (2, 31));
    }

    #[test]
    fn versions_are_given_once() {
        let (a, b) = (Owned::new(1), Owned::new(1));
        assert_eq!(a.table().known_version(), 0);
        assert_ne!(a.table().version(), b.table().version());
        assert_eq!(a.table().version(), a.table().known_version());
    }
}
