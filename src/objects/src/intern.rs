//! Interned strings: one immortal `Str` per text, so that attribute names compare by address.
//!
//! Interned strings are never freed: attribute names are few, and shapes and caches may keep their addresses without tracing.

use crate::layout::Gc;
use crate::slots::SLOT_NAMES;
use crate::str::Str;
use base::hash::FxHashMap;
use heap::Value;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, Ordering};

struct Table {
    by_text: heap::Mutex<FxHashMap<Box<[u8]>, Gc<Str>>>,
}

static TABLE: OnceLock<Table> = OnceLock::new();

fn table() -> &'static Table {
    TABLE.get_or_init(|| {
        heap::register_root_callback(
            |tracer, _| {
                if let Some(table) = TABLE.get() {
                    // SAFETY: the world is stopped while roots are traced.
                    unsafe { (*table.by_text.data_ptr()).values().for_each(|text| tracer.value(text.value())) }
                }
            },
            std::ptr::null_mut(),
        );
        Table { by_text: heap::Mutex::new(FxHashMap::default()) }
    })
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

fn intern_bytes(bytes: &[u8], make: impl FnOnce() -> Gc<Str>) -> Gc<Str> {
    if let Some(found) = table().by_text.lock().get(bytes) {
        return *found;
    }
    // Made outside the lock: allocation may collect.
    let fresh = make();
    let mut map = table().by_text.lock();
    *map.entry(bytes.into()).or_insert_with(|| {
        fresh.set_interned();
        fresh
    })
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
