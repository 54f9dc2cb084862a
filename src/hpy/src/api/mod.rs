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

use objects::{Gc, R, Str};
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
    objects::codec::decode_utf8(bytes_of(text), "strict")
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
