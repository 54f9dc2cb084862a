//! The context functions, by group, each under its name in the table.
//!
//! A function takes the handles as they come from C. Reading one is sound because the ABI promises that handles passed in are
//! open; that promise is what every SAFETY comment here means by "the ABI".

#![allow(non_snake_case)]

mod calls;
mod containers;
mod errors;
mod fields;
mod modules;
mod numbers;
mod objects_;
mod text;
mod types;

pub use calls::*;
pub use containers::*;
pub use errors::*;
pub use fields::*;
pub use modules::*;
pub use numbers::*;
pub use objects_::*;
pub use text::*;
pub use types::*;

use objects::lookup::attribute_name;
use objects::{Cast, Gc, R, Str, Value};
use std::cell::Cell;
use std::ffi::{CStr, c_char};

/// A C string as bytes.
///
/// # Safety
/// `text` is NULL or a C string that stays as it is for the caller's lifetime.
pub(crate) unsafe fn bytes_of<'a>(text: *const c_char) -> &'a [u8] {
    if text.is_null() { &[] } else { CStr::from_ptr(text).to_bytes() }
}

/// A C string as text for names and messages; broken UTF-8 is replaced.
///
/// # Safety
/// As for `bytes_of`.
pub(crate) unsafe fn lossy(text: *const c_char) -> String {
    String::from_utf8_lossy(bytes_of(text)).into_owned()
}

/// A C string of UTF-8 as a str.
///
/// # Safety
/// As for `bytes_of`.
pub(crate) unsafe fn str_from(text: *const c_char) -> R<Gc<Str>> {
    text_from(bytes_of(text), "strict")
}

/// Bytes of UTF-8 as a str.
#[inline]
pub(crate) fn text_from(text: &[u8], errors: &str) -> R<Gc<Str>> {
    const SHORT: usize = 256;
    if text.len() <= SHORT && text.is_ascii() {
        return Ok(Str::from_ascii(text));
    }
    objects::codec::decode_utf8(text, errors)
}

const KNOWN_NAMES: usize = 64;
thread_local! {
    /// Interned names by hash: extensions look attributes up by strs of their own making. The table of interned strs keeps them.
    static NAMES: [Cell<Option<Value>>; KNOWN_NAMES] = const { [const { Cell::new(None) }; KNOWN_NAMES] };
}

/// The interned str of an attribute name.
#[inline]
pub(crate) fn name_of(name: Value) -> R<Gc<Str>> {
    match name.cast_exact::<Str>() {
        Some(name) if name.is_interned() => Ok(name),
        Some(name) => Ok(NAMES.with(|names| {
            let place = &names[name.hash() as usize % KNOWN_NAMES];
            // SAFETY: only interned strs are put there.
            let known = place.get().map(|known| unsafe { known.cast_unchecked::<Str>() });
            match known {
                Some(known) if objects::str::str_eq(&known, &name) => known,
                _ => {
                    let interned = objects::intern_str(name);
                    place.set(Some(interned.value()));
                    interned
                }
            }
        })),
        None => attribute_name(name),
    }
}

/// The interned str of an attribute name or key.
///
/// # Safety
/// As for `bytes_of`.
#[inline]
pub(crate) unsafe fn name_from(text: *const c_char) -> R<Gc<Str>> {
    match std::str::from_utf8(bytes_of(text)) {
        Ok(name) => Ok(objects::intern(name)),
        Err(_) => Ok(objects::intern_str(str_from(text)?)),
    }
}
