//! Interned strings: one immortal `Str` per text, so that attribute names compare by address.
//!
//! Interned strings are never freed: attribute names are few, and shapes and caches may keep their addresses without tracing.

use crate::layout::Gc;
use crate::slots::SLOT_NAMES;
use crate::str::{Str, hash_secret};
use heap::Value;
use std::sync::atomic::{AtomicPtr, Ordering};

/// Room for what a start interns.
const FIRST_CAPACITY: usize = 8192;

/// Open addressing, linear probing, at most three quarters full. The strings are permanent, so addresses keep them well enough.
struct Table {
    /// Low halves of the hashes; they mean something where `texts` has an address.
    hashes: Vec<u32>,
    texts: Vec<usize>,
    used: usize,
}

static TABLE: heap::Mutex<Table> = heap::Mutex::new(Table { hashes: Vec::new(), texts: Vec::new(), used: 0 });

impl Table {
    /// The string with these bytes (generalised UTF-8), or the place for it.
    fn find(&self, hash: u32, bytes: &[u8]) -> Result<Gc<Str>, usize> {
        let mask = self.texts.len().wrapping_sub(1);
        if self.texts.is_empty() {
            return Err(0);
        }
        let mut place = hash as usize & mask;
        loop {
            let address = self.texts[place];
            if address == 0 {
                return Err(place);
            }
            if self.hashes[place] == hash {
                // SAFETY: interned strings are immortal.
                let text: Gc<Str> = unsafe { Gc::from_ptr(address as *mut Str) };
                if text.has_wtf8(bytes) {
                    return Ok(text);
                }
            }
            place = (place + 1) & mask;
        }
    }

    fn insert(&mut self, hash: u32, text: Gc<Str>) {
        if self.used * 4 >= self.texts.len() * 3 {
            self.grow();
        }
        self.put(hash, text.as_ptr() as usize);
        self.used += 1;
    }

    fn put(&mut self, hash: u32, address: usize) {
        let mask = self.texts.len() - 1;
        let mut place = hash as usize & mask;
        while self.texts[place] != 0 {
            place = (place + 1) & mask;
        }
        self.hashes[place] = hash;
        self.texts[place] = address;
    }

    fn grow(&mut self) {
        let capacity = (self.texts.len() * 2).max(FIRST_CAPACITY);
        let hashes = std::mem::replace(&mut self.hashes, vec![0; capacity]);
        let texts = std::mem::replace(&mut self.texts, vec![0; capacity]);
        for (hash, address) in hashes.into_iter().zip(texts).filter(|entry| entry.1 != 0) {
            self.put(hash, address);
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
    let table = TABLE.lock();
    let before = table.used;
    if let Ok(found) = table.find(hash, bytes) {
        return found;
    }
    drop(table);
    // Made outside the lock: allocation may collect.
    let fresh = make();
    let mut table = TABLE.lock();
    if table.used != before
        && let Ok(found) = table.find(hash, bytes)
    {
        return found;
    }
    if fresh.is_ascii() {
        fresh.set_hash(full_hash);
    }
    let permanent = fresh.set_interned();
    table.insert(hash, fresh);
    drop(table);
    if !permanent {
        crate::roots::keep_forever(fresh.value());
    }
    fresh
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
