//! Text or bytes under construction that mostly turn out short. Must not know: what is formatted.

use base::text::{Text, TextBuilder, Units};
use objects::error::R;
use objects::str::copy_bytes;
use objects::{Gc, Str};
use std::mem::MaybeUninit;

/// What has been written: a short beginning in place, and longer or wider text in a builder.
pub struct Sink {
    short: [MaybeUninit<u8>; SHORT],
    len: usize,
    long: Option<TextBuilder>,
}

const SHORT: usize = 256;

impl Default for Sink {
    fn default() -> Sink {
        Sink::new()
    }
}

impl Sink {
    #[inline(always)]
    pub fn new() -> Sink {
        Sink { short: [MaybeUninit::uninit(); SHORT], len: 0, long: None }
    }
    /// What lies in place: Latin-1, or bytes.
    #[inline]
    fn written(&self) -> &[u8] {
        // SAFETY: `push_units` wrote as many.
        unsafe { std::slice::from_raw_parts(self.short.as_ptr().cast(), self.len) }
    }
    /// Appends characters up to U+00FF, or bytes.
    #[inline]
    pub fn push_units(&mut self, more: &[u8]) {
        if self.long.is_some() || more.len() > SHORT - self.len {
            return self.builder().push_units(more);
        }
        // SAFETY: there is room for them.
        unsafe { copy_bytes(more.as_ptr(), self.short.as_mut_ptr().cast::<u8>().add(self.len), more.len()) };
        self.len += more.len();
    }
    #[inline]
    pub fn push_text(&mut self, text: Text) {
        match text {
            Text::One(units) => self.push_units(units),
            wide => self.builder().push_text(wide),
        }
    }
    pub fn push_repeated(&mut self, byte: u8, count: usize) {
        if self.long.is_some() || count > SHORT - self.len {
            return self.builder().push_repeated(byte.into(), count);
        }
        // SAFETY: there is room for them.
        unsafe { self.short.as_mut_ptr().cast::<u8>().add(self.len).write_bytes(byte, count) };
        self.len += count;
    }
    /// The builder, with all that was written so far.
    #[cold]
    pub fn builder(&mut self) -> &mut TextBuilder {
        if self.long.is_none() {
            let mut builder = TextBuilder::with_capacity(2 * SHORT);
            builder.push_units(self.written());
            self.long = Some(builder);
        }
        self.long.get_or_insert_default()
    }
    /// The text. Not by value: that would move all of it.
    pub fn finish(&mut self) -> R<Gc<Str>> {
        match self.long.take() {
            Some(builder) => Str::from_buf(&builder.finish()),
            None if self.written().is_ascii() => Ok(Str::of_ascii(self.written())),
            None => Ok(Str::from_latin1(self.written())),
        }
    }
    /// The bytes; None if a character was too wide.
    pub fn finish_bytes(&mut self) -> Option<Vec<u8>> {
        let Some(builder) = self.long.take() else { return Some(self.written().to_vec()) };
        match builder.finish().into_units() {
            Units::One(bytes) => Some(bytes),
            _ => None,
        }
    }
}
