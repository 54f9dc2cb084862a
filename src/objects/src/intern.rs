//! Interned strings: one immortal `Str` per text, so that attribute names compare by address.
//!
//! Interned strings are never freed: attribute names are few, and shapes and caches may keep their addresses without tracing.

use crate::layout::Gc;
use crate::slots::{self, SLOT_NAMES, SlotId};
use crate::str::{Str, hash_secret};
use heap::Value;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, Ordering};

/// Room for what a start interns.
const FIRST_CAPACITY: usize = 8192;

/// Open addressing, linear probing, at most three quarters full. The strings are permanent, so addresses keep them well enough. An entry is
/// an address and, in the bits that addresses leave free, a piece of the hash; 0 is no entry.
struct Table {
    entries: Vec<u64>,
    used: usize,
}

static TABLE: heap::Mutex<Table> = heap::Mutex::new(Table { entries: Vec::new(), used: 0 });

const ADDRESS_BITS: u32 = 48;

fn text_of(entry: u64) -> Gc<Str> {
    // SAFETY: entries hold addresses of interned strings, which are immortal.
    unsafe { Gc::from_ptr((entry & ((1 << ADDRESS_BITS) - 1)) as *mut Str) }
}

impl Table {
    /// The string with these bytes (generalised UTF-8), or the place for it.
    fn find(&self, hash: u32, bytes: &[u8]) -> Result<Gc<Str>, usize> {
        let mask = self.entries.len().wrapping_sub(1);
        if self.entries.is_empty() {
            return Err(0);
        }
        let mut place = hash as usize & mask;
        loop {
            let entry = self.entries[place];
            if entry == 0 {
                return Err(place);
            }
            if (entry >> ADDRESS_BITS) as u32 == hash >> 16 {
                let text = text_of(entry);
                if text.has_wtf8(bytes) {
                    return Ok(text);
                }
            }
            place = (place + 1) & mask;
        }
    }

    /// `place` is what `find` said, nothing having been inserted since.
    fn insert(&mut self, mut place: usize, hash: u32, text: Gc<Str>) {
        if self.used * 4 >= self.entries.len() * 3 {
            self.grow();
            place = self.free_place(hash);
        }
        self.entries[place] = u64::from(hash >> 16) << ADDRESS_BITS | text.as_ptr() as u64;
        self.used += 1;
    }

    fn free_place(&self, hash: u32) -> usize {
        let mask = self.entries.len() - 1;
        let mut place = hash as usize & mask;
        while self.entries[place] != 0 {
            place = (place + 1) & mask;
        }
        place
    }

    fn grow(&mut self) {
        let capacity = (self.entries.len() * 2).max(FIRST_CAPACITY);
        let entries = std::mem::replace(&mut self.entries, vec![0; capacity]);
        for entry in entries.into_iter().filter(|entry| *entry != 0) {
            let hash = base::hash::hash_bytes(hash_secret(), &text_of(entry).to_wtf8()) as u32;
            let place = self.free_place(hash);
            self.entries[place] = entry;
        }
    }
}

/// The interned string of `text`.
pub fn intern(text: &str) -> Gc<Str> {
    intern_bytes(text.as_bytes(), || Str::new(text))
}

/// The interned string equal to `text`, which may be `text` itself.
#[inline]
pub fn intern_str(text: Gc<Str>) -> Gc<Str> {
    if text.is_interned() {
        return text;
    }
    // Interning is about identity: an instance of a subclass of str is never the interned one.
    intern_bytes(&text.to_wtf8(), || Str::exact_copy(text))
}

/// ASCII texts asked for lately, by a cheap hash: code names the same things over and over.
static RECENT: [AtomicPtr<Str>; 1 << RECENT_LOG2] = [const { AtomicPtr::new(std::ptr::null_mut()) }; 1 << RECENT_LOG2];
const RECENT_LOG2: u32 = 11;

fn recent(bytes: &[u8]) -> &'static AtomicPtr<Str> {
    let (head, tail) = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(head), Some(tail)) => (u64::from_le_bytes(*head), u64::from_le_bytes(*tail)),
        _ => (base::hash::load_tail(bytes), 0),
    };
    let mixed = (head ^ tail.rotate_left(23) ^ bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    &RECENT[(mixed >> (64 - RECENT_LOG2)) as usize]
}

fn intern_bytes(bytes: &[u8], make: impl FnOnce() -> Gc<Str>) -> Gc<Str> {
    let recent = recent(bytes);
    let pointer = recent.load(Ordering::Acquire);
    if !pointer.is_null() {
        // SAFETY: interned strings are immortal.
        let text: Gc<Str> = unsafe { Gc::from_ptr(pointer) };
        if text.as_ascii().is_some_and(|text| text.as_bytes() == bytes) {
            return text;
        }
    }
    let text = intern_in_table(bytes, make);
    recent.store(text.as_ptr(), Ordering::Release);
    text
}

fn intern_in_table(bytes: &[u8], make: impl FnOnce() -> Gc<Str>) -> Gc<Str> {
    let full_hash = base::hash::hash_bytes(hash_secret(), bytes);
    let hash = full_hash as u32;
    // Held over an allocation, which may collect: whoever waits for it holds up nobody.
    let mut table = TABLE.lock();
    let place = match table.find(hash, bytes) {
        Ok(found) => return found,
        Err(place) => place,
    };
    let fresh = make();
    if fresh.is_ascii() {
        fresh.set_hash(full_hash);
    }
    let permanent = fresh.set_interned();
    table.insert(place, hash, fresh);
    drop(table);
    if !permanent {
        crate::roots::keep_forever(fresh.value());
    }
    fresh
}

/// How many strings are interned.
pub fn interned_count() -> usize {
    TABLE.lock().used
}

/// The interned string for a Python string value, or None if it is not an exact or derived str.
pub fn intern_value(value: Value) -> Option<Gc<Str>> {
    crate::layout::Cast::cast::<Str>(value).map(intern_str)
}

static SLOT_NAME_CACHE: [AtomicPtr<Str>; 128] = [const { AtomicPtr::new(std::ptr::null_mut()) }; 128];
const _: () = assert!(SLOT_NAMES.len() <= 128);

/// The interned dunder name of a slot.
#[inline]
pub fn slot_name(id: u8) -> Gc<Str> {
    let cell = &SLOT_NAME_CACHE[id as usize];
    let pointer = cell.load(Ordering::Acquire);
    if pointer.is_null() {
        let name = intern(SLOT_NAMES[id as usize]);
        cell.store(name.as_ptr(), Ordering::Release);
        return name;
    }
    // SAFETY: interned strings are immortal.
    unsafe { Gc::from_ptr(pointer) }
}

/// The slot of a dunder name, if it has one. Names of attributes are interned, so the address tells.
pub fn slot_of(name: Gc<Str>) -> Option<SlotId> {
    if !name.is_interned() {
        return name.as_ascii().and_then(slots::slot_by_name);
    }
    let names = slot_names();
    let mut place = place_of(name);
    loop {
        match names[place] {
            (address, id) if address == name.as_ptr() as usize => return Some(slots::ALL_SLOTS[id as usize]),
            (0, _) => return None,
            _ => place = (place + 1) % SLOT_PLACES,
        }
    }
}

const SLOT_PLACES: usize = 256;
const _: () = assert!(SLOT_NAMES.len() * 2 <= SLOT_PLACES);

fn place_of(name: Gc<Str>) -> usize {
    ((name.as_ptr() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize % SLOT_PLACES
}

/// Addresses and numbers of the slots' names, by `place_of`.
fn slot_names() -> &'static [(usize, u8)] {
    static PLACES: OnceLock<Vec<(usize, u8)>> = OnceLock::new();
    if let Some(names) = PLACES.get() {
        return names;
    }
    // Made outside: interning allocates.
    let mut names = vec![(0, 0); SLOT_PLACES];
    for id in 0..SLOT_NAMES.len() {
        let name = slot_name(id as u8);
        let mut place = place_of(name);
        while names[place].0 != 0 {
            place = (place + 1) % SLOT_PLACES;
        }
        names[place] = (name.as_ptr() as usize, id as u8);
    }
    PLACES.get_or_init(|| names)
}

/// An interned name known at compile time, resolved once: `interned!("__dict__")`.
#[macro_export]
macro_rules! interned {
    ($text:expr) => {{
        static CELL: std::sync::atomic::AtomicPtr<$crate::str::Str> = std::sync::atomic::AtomicPtr::new(std::ptr::null_mut());
        let pointer = CELL.load(std::sync::atomic::Ordering::Acquire);
        if pointer.is_null() {
            let name = $crate::intern::intern($text);
            CELL.store(name.as_ptr(), std::sync::atomic::Ordering::Release);
            name
        } else {
            // SAFETY: interned strings are immortal.
            unsafe { $crate::layout::Gc::from_ptr(pointer) }
        }
    }};
}
