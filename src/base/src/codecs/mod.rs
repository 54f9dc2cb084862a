//! Codecs as pure functions that stop at the first problem, so that the caller can run an error handler and go on.
//! Must not know objects, the codec registry or handler names beyond the built-in `Handler`s.
//!
//! Decoders: `decode_x(data, start, is_final, out) -> Result<usize, CodecError>`. They append to `out` and return the
//! position reached: `data.len()`, or less when `is_final` is false and the rest is the beginning of a character. On an
//! error everything before `error.start` is in `out`; the caller appends a replacement and calls again with the position
//! to resume at. Positions count bytes.
//!
//! Encoders: `encode_x(text, start, out) -> Result<(), CodecError>`, positions count characters.

mod charmap;
mod escape;
mod handlers;
mod single;
mod utf16;
mod utf7;
mod utf8;

pub use charmap::{EncodingMap, UNDEFINED, decode_charmap, encode_charmap};
pub use escape::{
    EscapeErrors, decode_bytes_escape, decode_raw_unicode_escape, decode_unicode_escape, encode_bytes_escape,
    encode_raw_unicode_escape, encode_unicode_escape,
};
pub use handlers::{EncodeFix, Handler, WideCodec, fix_decode, fix_encode};
pub use single::{decode_ascii, decode_latin1, encode_ascii, encode_latin1};
pub use utf7::{decode_utf7, encode_utf7};
pub use utf8::{decode_utf8, encode_utf8};
pub use utf16::{ByteOrder, decode_utf16, decode_utf32, encode_utf16, encode_utf32, take_bom16, take_bom32};

/// A problem at `start..end` of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodecError {
    pub start: usize,
    pub end: usize,
    pub reason: &'static str,
}

impl CodecError {
    pub(crate) fn new(start: usize, end: usize, reason: &'static str) -> CodecError {
        CodecError { start, end, reason }
    }
}

#[cfg(test)]
#[rustfmt::skip]
mod tests;
