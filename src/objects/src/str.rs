//! `str`: layout, construction, comparison, concatenation.
//!
//! Text is an array of 1, 2 or 4 byte code points, always the narrowest that fits, so that equal strings have equal bytes.
//! The characters lie behind the header fields, or (results of long concatenations) in a shared buffer with spare room: a
//! concatenation whose left operand ends where the buffer's used part ends claims the room behind it and copies only the right
//! operand, so building a string by `s += x` is linear without ropes.
//!
//! Searching, splitting and case mapping are in `base::text`; the Python-visible methods in the builtins crate.

use crate::class::Class;
use crate::error::{R, memory_error};
use crate::layout::{ClassCell, Gc, Layout, LayoutDesc};
use base::memory::{Grow, GrowText, copied_text, text_with_room, with_room};
use base::text::{Text, TextBuf};
use heap::{GuardedSlot, Header, RawBuffer, Tracer, Value};
use std::borrow::Cow;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, AtomicPtr, AtomicUsize, Ordering};

/// Header flags: two bits of kind, interned, external characters.
const KIND_BIT_0: u8 = heap::LAYOUT_FLAG_0;
const KIND_BIT_1: u8 = heap::LAYOUT_FLAG_1;
const INTERNED: u8 = heap::LAYOUT_FLAG_2;
const EXTERNAL: u8 = heap::LAYOUT_FLAG_3;

/// Results at least this long (in bytes) are built in a shared buffer with room to grow.
const SHARED_MIN: usize = 256;
/// Longest string, in bytes.
const MAX_BYTES: usize = 1 << 46;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    Ascii,
    Latin1,
    Ucs2,
    Ucs4,
}

impl Kind {
    #[inline(always)]
    pub fn width(self) -> usize {
        match self {
            Kind::Ascii | Kind::Latin1 => 1,
            Kind::Ucs2 => 2,
            Kind::Ucs4 => 4,
        }
    }
    pub fn of_max(max: u32) -> Kind {
        match max {
            0..=0x7f => Kind::Ascii,
            0x80..=0xff => Kind::Latin1,
            0x100..=0xffff => Kind::Ucs2,
            _ => Kind::Ucs4,
        }
    }
    fn bits(self) -> u8 {
        match self {
            Kind::Ascii => 0,
            Kind::Latin1 => KIND_BIT_0,
            Kind::Ucs2 => KIND_BIT_1,
            Kind::Ucs4 => KIND_BIT_0 | KIND_BIT_1,
        }
    }
}

#[repr(C)]
pub struct Str {
    pub header: Header,
    /// 0 until computed (a true hash of 0 is simply computed again).
    hash: AtomicI64,
    len: usize,
    data: *const u8,
    /// The shared buffer, if the characters are not inline.
    buffer: GuardedSlot,
}

const INLINE_OFFSET: usize = std::mem::size_of::<Str>();

unsafe fn trace_str(object: *mut Header, tracer: &mut Tracer) {
    tracer.slot((*(object as *mut Str)).buffer.as_slot());
}
unsafe fn str_tail_end(object: *mut Header) -> usize {
    let text = &*(object as *mut Str);
    if text.header.has_flag(EXTERNAL) { INLINE_OFFSET } else { (INLINE_OFFSET + text.byte_len()).next_multiple_of(8) }
}

static STR_LAYOUT: LayoutDesc = LayoutDesc {
    name: "str",
    size: INLINE_OFFSET,
    parent: None,
    trace: trace_str,
    drop: None,
    drops_late: false,
    guarded: true,
    tail_end: Some(str_tail_end),
    class: ClassCell::new(),
};
// SAFETY: repr(C), header first, traced above.
unsafe impl Layout for Str {
    const DESC: &'static LayoutDesc = &STR_LAYOUT;
}
// SAFETY: immutable after construction but for the cached hash, which is atomic.
unsafe impl Sync for Str {}

/// The characters of a string by width.
#[derive(Clone, Copy)]
pub enum Chars<'a> {
    /// Latin-1 code points (ASCII included).
    One(&'a [u8]),
    Two(&'a [u16]),
    Four(&'a [u32]),
}

impl<'a> From<Chars<'a>> for Text<'a> {
    #[inline]
    fn from(chars: Chars<'a>) -> Text<'a> {
        match chars {
            Chars::One(units) => Text::One(units),
            Chars::Two(units) => Text::Two(units),
            Chars::Four(units) => Text::Four(units),
        }
    }
}
impl<'a> From<Text<'a>> for Chars<'a> {
    #[inline]
    fn from(text: Text<'a>) -> Chars<'a> {
        match text {
            Text::One(units) => Chars::One(units),
            Text::Two(units) => Chars::Two(units),
            Text::Four(units) => Chars::Four(units),
        }
    }
}

impl<'a> Chars<'a> {
    #[inline]
    pub fn len(self) -> usize {
        match self {
            Chars::One(text) => text.len(),
            Chars::Two(text) => text.len(),
            Chars::Four(text) => text.len(),
        }
    }
    #[inline]
    pub fn get(self, index: usize) -> u32 {
        match self {
            Chars::One(text) => text[index] as u32,
            Chars::Two(text) => text[index] as u32,
            Chars::Four(text) => text[index],
        }
    }
    pub fn slice(self, start: usize, end: usize) -> Chars<'a> {
        match self {
            Chars::One(text) => Chars::One(&text[start..end]),
            Chars::Two(text) => Chars::Two(&text[start..end]),
            Chars::Four(text) => Chars::Four(&text[start..end]),
        }
    }
    pub fn iter(self) -> impl Iterator<Item = u32> + 'a {
        (0..self.len()).map(move |index| self.get(index))
    }
    /// The narrowest kind that holds them.
    pub fn kind(self) -> Kind {
        Kind::of_max(Text::from(self).max_char())
    }
}

#[inline]
fn alloc_str(class: Option<Gc<Class>>, kind: Kind, len: usize) -> Option<(*mut Str, *mut u8)> {
    if let Some(class) = class {
        return alloc_instance_of(class, kind, len);
    }
    let bytes = len.checked_mul(kind.width()).filter(|bytes| *bytes < MAX_BYTES)?;
    let shape = Str::class().root_shape.load(Ordering::Relaxed);
    // One byte more than the text: extensions are handed ASCII text in place and expect a closing NUL.
    // SAFETY: a fresh cell of sufficient size. No reference is beyond the fixed part; the caller writes the characters.
    unsafe {
        let pointer = heap::try_alloc_cleared_to(INLINE_OFFSET, INLINE_OFFSET + bytes + 1, shape)? as *mut Str;
        let data = (pointer as *mut u8).add(INLINE_OFFSET);
        (*pointer).len = len;
        (*pointer).data = data;
        data.add(bytes).write(0);
        if kind != Kind::Ascii {
            (*pointer).header.set_flag(kind.bits());
        }
        Some((pointer, data))
    }
}

/// A string of a class that may be derived.
fn alloc_instance_of(class: Gc<Class>, kind: Kind, len: usize) -> Option<(*mut Str, *mut u8)> {
    let bytes = len.checked_mul(kind.width()).filter(|bytes| *bytes < MAX_BYTES)?;
    let extra = crate::extension::tail_extra(class, 16);
    let plain_end = INLINE_OFFSET + if class.ext_offset.load(Ordering::Relaxed) != 0 { 8 } else { 0 };
    if class.inline_start.load(Ordering::Relaxed) as usize > plain_end {
        return alloc_with_members(class, kind, len, bytes);
    }
    // One byte more than the text: extensions are handed ASCII text in place and expect a closing NUL.
    let pointer = heap::try_alloc(INLINE_OFFSET + bytes + 1 + extra, class.root_shape())? as *mut Str;
    // SAFETY: a fresh cell of sufficient size.
    unsafe {
        let data = (pointer as *mut u8).add(INLINE_OFFSET);
        (*pointer).len = len;
        (*pointer).data = data;
        let flags = kind.bits();
        if flags != 0 {
            (*pointer).header.set_flag(flags);
        }
        crate::extension::register_tailed(pointer.cast(), class);
        Some((pointer, data))
    }
}

/// An instance of a class with `__slots__`: the members follow the fixed part, so the characters lie in a buffer of their own.
#[cold]
fn alloc_with_members(class: Gc<Class>, kind: Kind, len: usize, bytes: usize) -> Option<(*mut Str, *mut u8)> {
    let buffer = heap::try_raw_buffer(bytes)?;
    let size = class.inline_start.load(Ordering::Relaxed) as usize + class.tail_payload();
    let pointer = heap::try_alloc(size, class.root_shape())? as *mut Str;
    // SAFETY: a fresh cell of the class's size, and a fresh buffer with room for the characters.
    unsafe {
        let data = (*buffer).data();
        (*pointer).len = len;
        (*pointer).data = data;
        (*pointer).buffer.set(&(*pointer).header, Value::from_ptr(buffer.cast()));
        (*pointer).header.set_flag(kind.bits() | EXTERNAL);
        crate::extension::register_tailed(pointer.cast(), class);
        Some((pointer, data))
    }
}

/// Writes the characters of UTF-8; false if it is not valid.
///
/// # Safety
/// `target` has room for a unit for each byte that begins a character.
#[inline(always)]
unsafe fn decode_into<U>(bytes: &[u8], mut target: *mut U, unit: impl Fn(u32) -> U) -> bool {
    let is_tail = |byte: u8| byte & 0xc0 == 0x80;
    let tail = |byte: u8| u32::from(byte & 0x3f);
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        let start = u32::from(*first);
        let (point, length) = match (start, after) {
            (0..0x80, _) => (start, 1),
            (0xc2..0xe0, [b, ..]) if is_tail(*b) => ((start & 0x1f) << 6 | tail(*b), 2),
            (0xe0..0xf0, [b, c, ..]) if is_tail(*b) && is_tail(*c) => ((start & 0xf) << 12 | tail(*b) << 6 | tail(*c), 3),
            (0xf0..0xf5, [b, c, d, ..]) if is_tail(*b) && is_tail(*c) && is_tail(*d) => {
                ((start & 7) << 18 | tail(*b) << 12 | tail(*c) << 6 | tail(*d), 4)
            }
            _ => return false,
        };
        // Longer than it need be, a surrogate, or no character.
        let is_wrong = match length {
            3 => point < 0x800 || point & 0xf800 == 0xd800,
            4 => !(0x1_0000..0x11_0000).contains(&point),
            _ => false,
        };
        if is_wrong {
            return false;
        }
        *target = unit(point);
        target = target.add(1);
        rest = &rest[length..];
    }
    true
}

fn expect_memory<T>(memory: Option<T>) -> T {
    match memory {
        Some(memory) => memory,
        None => heap::out_of_memory(),
    }
}

impl Str {
    /// From text.
    pub fn new(text: &str) -> Gc<Str> {
        Str::from_utf8(text.as_bytes()).unwrap_or_else(Str::empty)
    }
    /// From UTF-8, written once into its final width; None if it is not valid.
    pub fn from_utf8(bytes: &[u8]) -> Option<Gc<Str>> {
        if bytes.is_ascii() {
            return Some(Str::of_ascii(bytes));
        }
        // In each piece of 128 bytes a count fits a byte, which the compiler turns into wide additions.
        let starts = |piece: &[u8]| piece.iter().map(|byte| u8::from(*byte as i8 >= -0x40)).sum::<u8>();
        let len: usize = bytes.chunks(128).map(|piece| usize::from(starts(piece))).sum();
        let greatest = bytes.iter().fold(0, |greatest, byte| greatest.max(*byte));
        if len == 1 {
            let mut point = 0;
            // SAFETY: room for one character.
            return unsafe { decode_into(bytes, &raw mut point, |point| point) }.then(|| Str::from_char(point));
        }
        let kind = match greatest {
            0..=0xc3 => Kind::Latin1,
            0xc4..=0xef => Kind::Ucs2,
            0xf0.. => Kind::Ucs4,
        };
        let (pointer, data) = expect_memory(alloc_str(None, kind, len));
        // SAFETY: a fresh cell with room for `len` characters, as many as there are first bytes, of a width that fits the greatest of them.
        unsafe {
            let is_valid = match kind {
                Kind::Ascii | Kind::Latin1 => decode_into(bytes, data, |point| point as u8),
                Kind::Ucs2 => decode_into(bytes, data.cast(), |point| point as u16),
                Kind::Ucs4 => decode_into(bytes, data.cast(), |point| point),
            };
            is_valid.then(|| Gc::from_ptr(pointer))
        }
    }
    /// The characters as `base::text` sees them. They stay valid while the caller keeps the string alive.
    #[inline]
    pub fn text(&self) -> Text<'static> {
        // SAFETY: immutable; objects do not move, and the caller's pointer keeps this one (or its buffer) alive.
        unsafe {
            match self.kind() {
                Kind::Ascii | Kind::Latin1 => Text::One(std::slice::from_raw_parts(self.data, self.len)),
                Kind::Ucs2 => Text::Two(std::slice::from_raw_parts(self.data.cast(), self.len)),
                Kind::Ucs4 => Text::Four(std::slice::from_raw_parts(self.data.cast(), self.len)),
            }
        }
    }
    /// From text of any width; narrows. MemoryError if there is no room.
    pub fn from_text(text: Text) -> R<Gc<Str>> {
        match text.len() {
            0 => Ok(Str::empty()),
            1 => Ok(Str::from_char(text.get(0).unwrap_or(0))),
            _ => Str::try_from_units(None, text.into()).ok_or_else(memory_error),
        }
    }
    /// From finished text, whose width is known to be the narrowest.
    pub fn from_buf(text: &TextBuf) -> R<Gc<Str>> {
        let units = text.as_text();
        match units.len() {
            0 => return Ok(Str::empty()),
            1 => return Ok(Str::from_char(units.get(0).unwrap_or(0))),
            _ => {}
        }
        let kind = Kind::of_max(text.max_char());
        let (pointer, data) = alloc_str(None, kind, units.len()).ok_or_else(memory_error)?;
        // SAFETY: a fresh cell with room for the characters, which fit this kind.
        unsafe {
            write_chars(data, kind, units.into());
            Ok(Gc::from_ptr(pointer))
        }
    }
    /// An instance of a subclass of str with these characters.
    pub fn new_instance(class: Gc<Class>, text: Gc<Str>) -> R<Gc<Str>> {
        Str::try_from_units(Some(class), text.chars()).ok_or_else(memory_error)
    }
    /// From bytes known to be ASCII.
    pub fn from_ascii(text: &[u8]) -> Gc<Str> {
        debug_assert!(text.is_ascii());
        let (pointer, data) = expect_memory(alloc_str(None, Kind::Ascii, text.len()));
        // SAFETY: fresh cell with room for the text.
        unsafe {
            copy_bytes(text.as_ptr(), data, text.len());
            Gc::from_ptr(pointer)
        }
    }
    /// The same for text of any length: single characters are shared.
    #[inline]
    pub fn of_ascii(text: &[u8]) -> Gc<Str> {
        match text {
            [] => Str::empty(),
            [one] => Str::from_char(*one as u32),
            text => Str::from_ascii(text),
        }
    }
    /// From Latin-1 code points.
    pub fn from_latin1(text: &[u8]) -> Gc<Str> {
        Str::from_units(Chars::One(text))
    }
    pub fn from_ucs2(text: &[u16]) -> Gc<Str> {
        Str::from_units(Chars::Two(text))
    }
    pub fn from_ucs4(text: &[u32]) -> Gc<Str> {
        Str::from_units(Chars::Four(text))
    }
    /// From code points of any width; narrows.
    pub fn from_units(text: Chars) -> Gc<Str> {
        match text.len() {
            0 => return Str::empty(),
            1 => return Str::from_char(text.get(0)),
            _ => {}
        }
        expect_memory(Str::try_from_units(None, text))
    }
    /// From code points (surrogates allowed); narrows.
    pub fn from_chars(chars: impl Iterator<Item = u32>) -> Gc<Str> {
        let points = base::memory::collected(chars);
        Str::from_units(Chars::Four(&points))
    }
    /// An instance of a subclass of str, or (None) a plain one; None if there is no memory.
    pub fn try_from_units(class: Option<Gc<Class>>, text: Chars) -> Option<Gc<Str>> {
        let kind = text.kind();
        let (pointer, data) = alloc_str(class, kind, text.len())?;
        // SAFETY: fresh cell with room for `text.len()` characters of this kind.
        unsafe {
            write_chars(data, kind, text);
            Some(Gc::from_ptr(pointer))
        }
    }
    /// A plain str with the characters of `text`.
    pub fn exact_copy(text: Gc<Str>) -> Gc<Str> {
        if text.value().cast_is_exact_str() && !text.header.has_flag(EXTERNAL) {
            return text;
        }
        expect_memory(Str::try_from_units(None, text.chars()))
    }
    pub fn empty() -> Gc<Str> {
        static EMPTY: OnceLock<Gc<Str>> = OnceLock::new();
        if let Some(text) = EMPTY.get() {
            return *text;
        }
        // Made outside the once: allocation may collect, which a thread that waits for the once would hold up.
        let (pointer, _) = expect_memory(alloc_str(None, Kind::Ascii, 0));
        // SAFETY: just made; kept alive as a root.
        let text: Gc<Str> = unsafe { Gc::from_ptr(pointer) };
        keep_forever(text);
        *EMPTY.get_or_init(|| text)
    }
    /// The one-character string; Latin-1 ones are made once.
    #[inline]
    pub fn from_char(code: u32) -> Gc<Str> {
        if code < 256 {
            let pointer = LATIN1[code as usize].load(Ordering::Acquire);
            if !pointer.is_null() {
                // SAFETY: immortal.
                return unsafe { Gc::from_ptr(pointer) };
            }
        }
        Str::make_char(code)
    }
    /// The one-character string if there is one already.
    #[inline(always)]
    pub fn known_char(code: u32) -> Option<Gc<Str>> {
        if code >= 256 {
            return None;
        }
        let pointer = LATIN1[code as usize].load(Ordering::Acquire);
        // SAFETY: immortal.
        if pointer.is_null() { None } else { Some(unsafe { Gc::from_ptr(pointer) }) }
    }
    #[inline(never)]
    fn make_char(code: u32) -> Gc<Str> {
        let kind = Kind::of_max(code);
        let (pointer, data) = expect_memory(alloc_str(None, kind, 1));
        // SAFETY: a fresh cell with room for one character of this kind.
        let text = unsafe {
            match kind.width() {
                1 => *data = code as u8,
                2 => *(data as *mut u16) = code as u16,
                _ => *(data as *mut u32) = code,
            }
            Gc::from_ptr(pointer)
        };
        if code >= 256 {
            return text;
        }
        let null = std::ptr::null_mut();
        // Kept first: there is no safepoint between the exchange and its use by others.
        keep_forever(text);
        match LATIN1[code as usize].compare_exchange(null, text.as_ptr(), Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => text,
            // SAFETY: immortal.
            Err(earlier) => unsafe { Gc::from_ptr(earlier) },
        }
    }

    /// Number of characters.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len
    }
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    #[inline(always)]
    pub fn kind(&self) -> Kind {
        match self.header.flags() & (KIND_BIT_0 | KIND_BIT_1) {
            0 => Kind::Ascii,
            KIND_BIT_0 => Kind::Latin1,
            KIND_BIT_1 => Kind::Ucs2,
            _ => Kind::Ucs4,
        }
    }
    #[inline(always)]
    pub fn is_ascii(&self) -> bool {
        self.header.flags() & (KIND_BIT_0 | KIND_BIT_1) == 0
    }
    #[inline(always)]
    fn byte_len(&self) -> usize {
        self.len * self.kind().width()
    }
    /// The raw characters, `byte_len` bytes.
    #[inline(always)]
    pub fn raw_bytes(&self) -> &[u8] {
        // SAFETY: `data` covers `len` characters of this kind.
        unsafe { std::slice::from_raw_parts(self.data, self.byte_len()) }
    }
    /// Where the characters lie.
    #[inline(always)]
    pub fn chars_ptr(&self) -> *const u8 {
        self.data
    }
    #[inline]
    pub fn chars(&self) -> Chars<'_> {
        // SAFETY: `data` covers `len` characters of this kind and is aligned for it (inline and buffer data are 8-aligned).
        unsafe {
            match self.kind() {
                Kind::Ascii | Kind::Latin1 => Chars::One(std::slice::from_raw_parts(self.data, self.len)),
                Kind::Ucs2 => Chars::Two(std::slice::from_raw_parts(self.data.cast(), self.len)),
                Kind::Ucs4 => Chars::Four(std::slice::from_raw_parts(self.data.cast(), self.len)),
            }
        }
    }
    /// The character at `index`, which must be in range.
    #[inline]
    pub fn char_at(&self, index: usize) -> u32 {
        self.chars().get(index)
    }
    /// ASCII text as `&str`.
    #[inline]
    pub fn as_ascii(&self) -> Option<&str> {
        if self.is_ascii() {
            // SAFETY: ASCII is UTF-8.
            Some(unsafe { std::str::from_utf8_unchecked(self.raw_bytes()) })
        } else {
            None
        }
    }
    /// The text as UTF-8; None if it has lone surrogates. Non-ASCII text is encoded into a heap buffer that the returned slice
    /// (an interior pointer on the caller's stack) keeps alive.
    pub fn as_str(&self) -> Option<&'static str> {
        if self.is_ascii() {
            // SAFETY: ASCII is UTF-8; objects do not move, and the caller's pointer into the object keeps it alive.
            return Some(unsafe { std::str::from_utf8_unchecked(std::slice::from_raw_parts(self.data, self.len)) });
        }
        let text = self.to_utf8()?;
        let buffer = heap::raw_buffer(text.len());
        // SAFETY: a fresh buffer of that size; kept alive by the interior pointer we return.
        unsafe {
            let data = (*buffer).data();
            std::ptr::copy_nonoverlapping(text.as_ptr(), data, text.len());
            Some(std::str::from_utf8_unchecked(std::slice::from_raw_parts(data, text.len())))
        }
    }
    /// UTF-8 that lives as long as the object, with a NUL behind it: address and length. UnicodeEncodeError for lone surrogates.
    #[inline]
    pub fn lasting_utf8(this: Gc<Str>) -> R<(*const u8, usize)> {
        match Str::own_utf8(this) {
            Some(known) => Ok(known),
            None => Str::lasting_utf8_slow(this),
        }
    }
    /// The same where the characters themselves are that: in text that is ASCII and inline.
    #[inline(always)]
    pub fn own_utf8(this: Gc<Str>) -> Option<(*const u8, usize)> {
        (this.header.flags() & (KIND_BIT_0 | KIND_BIT_1 | EXTERNAL) == 0).then_some((this.data, this.len))
    }

    /// Inline text keeps its UTF-8 in the buffer slot that it does not use; text in a buffer moves to one of its own, with the
    /// UTF-8 behind the characters.
    #[cold]
    fn lasting_utf8_slow(this: Gc<Str>) -> R<(*const u8, usize)> {
        let is_external = this.header.has_flag(EXTERNAL);
        let start = if is_external { SHARED_HEAD + this.byte_len().next_multiple_of(8) } else { 0 };
        // SAFETY: buffers hold what this function wrote: a length, so many bytes, a NUL. Raw buffers are zeroed and never move.
        unsafe {
            let place = |buffer: *mut RawBuffer| {
                let lasting = (*buffer).data().add(start);
                (lasting.add(8) as *const u8, (lasting as *const usize).read())
            };
            if let Some(buffer) = this.buffer.get() {
                let buffer = buffer.as_ptr() as *mut RawBuffer;
                if !is_external || is_own_buffer(this, buffer) {
                    return Ok(place(buffer));
                }
            }
            let text = crate::convert::utf8(this)?;
            let fresh = heap::try_raw_buffer(start + 8 + text.len() + 1).ok_or_else(memory_error)?;
            let lasting = (*fresh).data().add(start);
            (lasting as *mut usize).write(text.len());
            std::ptr::copy_nonoverlapping(text.as_ptr(), lasting.add(8), text.len());
            if is_external {
                ((*fresh).data() as *mut usize).write(OWN_BUFFER);
                std::ptr::copy_nonoverlapping(this.data, (*fresh).data().add(SHARED_HEAD), this.byte_len());
            }
            heap::with_world_stopped(|| {
                let current = this.buffer.get().map(|buffer| buffer.as_ptr() as *mut RawBuffer);
                if let Some(current) = current
                    && (!is_external || is_own_buffer(this, current))
                {
                    return;
                }
                this.buffer.set(&this.header, Value::from_ptr(fresh.cast()));
                if this.is_interned() {
                    // Permanent strings are not traced.
                    crate::roots::keep_forever(Value::from_ptr(fresh.cast()));
                }
                if is_external {
                    (*this.as_ptr()).data = (*fresh).data().add(SHARED_HEAD);
                }
            });
            let buffer = this.buffer.get().map_or(fresh, |buffer| buffer.as_ptr() as *mut RawBuffer);
            Ok(place(buffer))
        }
    }

    /// Owned UTF-8; None if there are lone surrogates.
    pub fn to_utf8(&self) -> Option<String> {
        if let Some(text) = self.as_ascii() {
            return Some(copied_text(text));
        }
        let mut text = text_with_room(self.len + self.len / 2);
        for code in self.chars().iter() {
            text.put_char(char::from_u32(code)?);
        }
        Some(text)
    }
    /// UTF-8 with lone surrogates replaced by U+FFFD: for messages.
    pub fn to_string_lossy(&self) -> String {
        match self.as_ascii() {
            Some(text) => copied_text(text),
            None => {
                let mut copy = text_with_room(self.len + self.len / 2);
                self.chars().iter().for_each(|code| copy.put_char(char::from_u32(code).unwrap_or('\u{fffd}')));
                copy
            }
        }
    }
    /// Generalised UTF-8: lone surrogates as three bytes. Equal strings give equal bytes.
    pub fn to_wtf8(&self) -> Cow<'_, [u8]> {
        if self.is_ascii() {
            return Cow::Borrowed(self.raw_bytes());
        }
        let mut bytes = with_room(self.len * 2);
        for code in self.chars().iter() {
            push_wtf8(&mut bytes, code);
        }
        Cow::Owned(bytes)
    }
    /// From generalised UTF-8; None if it is not well formed.
    pub fn from_wtf8(bytes: &[u8]) -> Option<Gc<Str>> {
        if let Some(text) = Str::from_utf8(bytes) {
            return Some(text);
        }
        decode_wtf8(bytes).map(|chars| Str::from_units(Chars::Four(&chars)))
    }

    #[inline(always)]
    pub fn is_interned(&self) -> bool {
        self.header.flags() & INTERNED != 0
    }
    /// Marks the string as the interned one, which lives for ever. False: somebody has to keep it alive.
    pub(crate) fn set_interned(&self) -> bool {
        self.hash();
        self.header.set_flag(INTERNED);
        // SAFETY: without a buffer it refers to nothing; `lasting_utf8` keeps a buffer that comes later alive.
        self.buffer.is_empty() && unsafe { heap::roots::make_permanent(self.header.as_ptr()) }
    }
    /// Says what the hash is; the caller has computed it from the same bytes.
    pub(crate) fn set_hash(&self, hash: i64) {
        self.hash.store(hash, Ordering::Relaxed);
    }
    /// Whether `bytes` is what `to_wtf8` gives.
    pub fn has_wtf8(&self, bytes: &[u8]) -> bool {
        if self.is_ascii() { self.raw_bytes() == bytes } else { *self.to_wtf8() == *bytes }
    }
    #[inline(always)]
    pub fn hash(&self) -> i64 {
        let hash = self.hash.load(Ordering::Relaxed);
        if hash != 0 { hash } else { self.compute_hash() }
    }
    #[cold]
    #[inline(never)]
    fn compute_hash(&self) -> i64 {
        let hash = base::hash::hash_bytes(hash_secret(), self.raw_bytes());
        self.hash.store(hash, Ordering::Relaxed);
        hash
    }
    /// Characters `start..end`, which must be in range.
    pub fn substring(this: Gc<Str>, start: usize, end: usize) -> Gc<Str> {
        if start == 0 && end == this.len && this.value().cast_is_exact_str() {
            return this;
        }
        if end == start + 1 {
            return Str::from_char(this.char_at(start));
        }
        match this.chars() {
            Chars::One(text) if this.is_ascii() && end > start => Str::from_ascii(&text[start..end]),
            chars => Str::from_units(chars.slice(start, end)),
        }
    }
}

impl PartialEq for Str {
    #[inline]
    fn eq(&self, other: &Str) -> bool {
        str_eq(self, other)
    }
}

/// Whether two strings have the same characters.
#[inline]
pub fn str_eq(a: &Str, b: &Str) -> bool {
    if std::ptr::eq(a, b) {
        return true;
    }
    let kind = KIND_BIT_0 | KIND_BIT_1;
    a.len == b.len && (a.header.flags() ^ b.header.flags()) & kind == 0 && a.raw_bytes() == b.raw_bytes()
}

/// Order by code points.
pub fn str_cmp(a: &Str, b: &Str) -> std::cmp::Ordering {
    match (a.chars(), b.chars()) {
        (Chars::One(a), Chars::One(b)) => a.cmp(b),
        (Chars::Two(a), Chars::Two(b)) => a.cmp(b),
        (Chars::Four(a), Chars::Four(b)) => a.cmp(b),
        (a, b) => a.iter().cmp(b.iter()),
    }
}

/// Equality with Rust text.
pub fn str_is(text: &Str, other: &str) -> bool {
    match text.as_ascii() {
        Some(text) => text == other,
        None => text.chars().iter().eq(other.chars().map(|c| c as u32)),
    }
}

/// `memcpy`, without the call for a few bytes.
///
/// # Safety
/// As for `copy_nonoverlapping`.
#[inline(always)]
pub unsafe fn copy_bytes(from: *const u8, to: *mut u8, count: usize) {
    // Two overlapping words cover every length from the one to the double.
    match count {
        8..=16 => {
            let (first, last) = ((from as *const u64).read_unaligned(), (from.add(count - 8) as *const u64).read_unaligned());
            (to as *mut u64).write_unaligned(first);
            (to.add(count - 8) as *mut u64).write_unaligned(last);
        }
        4..=7 => {
            let (first, last) = ((from as *const u32).read_unaligned(), (from.add(count - 4) as *const u32).read_unaligned());
            (to as *mut u32).write_unaligned(first);
            (to.add(count - 4) as *mut u32).write_unaligned(last);
        }
        17..=32 => {
            let (first, last) = ((from as *const u128).read_unaligned(), (from.add(count - 16) as *const u128).read_unaligned());
            (to as *mut u128).write_unaligned(first);
            (to.add(count - 16) as *mut u128).write_unaligned(last);
        }
        0 => {}
        1..=3 => {
            let (first, middle, last) = (*from, *from.add(count / 2), *from.add(count - 1));
            *to = first;
            *to.add(count / 2) = middle;
            *to.add(count - 1) = last;
        }
        _ => std::ptr::copy_nonoverlapping(from, to, count),
    }
}

/// Writes characters, widening or (when known to fit) narrowing to `kind`.
/// # Safety
/// `target` has room for `text.len()` characters of `kind`, and all characters fit it.
#[inline]
pub unsafe fn write_chars(target: *mut u8, kind: Kind, text: Chars) {
    if let (Kind::Ascii | Kind::Latin1, Chars::One(text)) = (kind, text) {
        return copy_bytes(text.as_ptr(), target, text.len());
    }
    convert_chars(target, kind, text)
}

unsafe fn convert_chars(target: *mut u8, kind: Kind, text: Chars) {
    match (kind.width(), text) {
        (1, Chars::One(text)) => std::ptr::copy_nonoverlapping(text.as_ptr(), target, text.len()),
        (1, Chars::Two(text)) => text.iter().enumerate().for_each(|(at, unit)| *target.add(at) = *unit as u8),
        (1, Chars::Four(text)) => text.iter().enumerate().for_each(|(at, unit)| *target.add(at) = *unit as u8),
        (2, Chars::One(text)) => text.iter().enumerate().for_each(|(at, unit)| *(target as *mut u16).add(at) = *unit as u16),
        (2, Chars::Two(text)) => std::ptr::copy_nonoverlapping(text.as_ptr(), target.cast(), text.len()),
        (2, Chars::Four(text)) => text.iter().enumerate().for_each(|(at, unit)| *(target as *mut u16).add(at) = *unit as u16),
        (_, Chars::One(text)) => text.iter().enumerate().for_each(|(at, unit)| *(target as *mut u32).add(at) = *unit as u32),
        (_, Chars::Two(text)) => text.iter().enumerate().for_each(|(at, unit)| *(target as *mut u32).add(at) = *unit as u32),
        (_, Chars::Four(text)) => std::ptr::copy_nonoverlapping(text.as_ptr(), target.cast(), text.len()),
    }
}

/// `a + b`.
pub fn str_concat(a: Gc<Str>, b: Gc<Str>) -> R<Gc<Str>> {
    if b.len == 0 && a.value().cast_is_exact_str() {
        return Ok(a);
    }
    if a.len == 0 && b.value().cast_is_exact_str() {
        return Ok(b);
    }
    let kind = a.kind().max(b.kind());
    let len = a.len + b.len;
    let width = kind.width();
    if len * width >= SHARED_MIN {
        return concat_shared(a, b, kind);
    }
    let (pointer, data) = alloc_str(None, kind, len).ok_or_else(memory_error)?;
    // SAFETY: fresh cell with room for both.
    unsafe {
        write_chars(data, kind, a.chars());
        write_chars(data.add(a.len * width), kind, b.chars());
        Ok(Gc::from_ptr(pointer))
    }
}

/// Head of the bytes in a shared buffer: how many are in use.
const SHARED_HEAD: usize = 8;
/// The head of a buffer that belongs to one string: nothing can be appended.
const OWN_BUFFER: usize = usize::MAX;

unsafe fn is_own_buffer(text: Gc<Str>, buffer: *mut RawBuffer) -> bool {
    let head = (*buffer).data();
    std::ptr::eq(text.data, head.add(SHARED_HEAD)) && (*(head as *const AtomicUsize)).load(Ordering::Relaxed) == OWN_BUFFER
}

fn concat_shared(a: Gc<Str>, b: Gc<Str>, kind: Kind) -> R<Gc<Str>> {
    let width = kind.width();
    let (a_bytes, b_bytes) = (a.len * width, b.len * width);
    let total = a_bytes.checked_add(b_bytes).filter(|total| *total < MAX_BYTES).ok_or_else(memory_error)?;
    // SAFETY: buffers named by external strings are shared buffers; claimed room belongs to the claimer alone.
    unsafe {
        if a.header.has_flag(EXTERNAL) && a.kind().width() == width {
            let buffer = a.buffer.get().expect("external text has a buffer").as_ptr() as *mut RawBuffer;
            let head = (*buffer).data();
            let used = &*(head as *const AtomicUsize);
            let room = (*buffer).bytes().len().saturating_sub(SHARED_HEAD);
            let start = head.add(SHARED_HEAD);
            if std::ptr::eq(a.data, start)
                && total <= room
                && used.compare_exchange(a_bytes, total, Ordering::AcqRel, Ordering::Relaxed).is_ok()
            {
                write_chars(start.add(a_bytes), kind, b.chars());
                return Ok(external(buffer, start, kind, a.len + b.len));
            }
        }
        let room = total + total / 2 + 64;
        let buffer = heap::try_unfilled_buffer(SHARED_HEAD + room).ok_or_else(memory_error)?;
        let head = (*buffer).data();
        (*(head as *const AtomicUsize)).store(total, Ordering::Relaxed);
        let start = head.add(SHARED_HEAD);
        write_chars(start, kind, a.chars());
        write_chars(start.add(a_bytes), kind, b.chars());
        Ok(external(buffer, start, kind, a.len + b.len))
    }
}

unsafe fn external(buffer: *mut RawBuffer, start: *const u8, kind: Kind, len: usize) -> Gc<Str> {
    let pointer = heap::alloc(INLINE_OFFSET, Str::class().root_shape()) as *mut Str;
    (*pointer).len = len;
    (*pointer).data = start;
    (*pointer).buffer.set(&(*pointer).header, Value::from_ptr(buffer.cast()));
    (*pointer).header.set_flag(kind.bits() | EXTERNAL);
    Gc::from_ptr(pointer)
}

/// `text * count`.
pub fn str_repeat(text: Gc<Str>, count: i64) -> R<Gc<Str>> {
    if count <= 0 || text.len == 0 {
        return Ok(Str::empty());
    }
    if count == 1 && text.value().cast_is_exact_str() {
        return Ok(text);
    }
    let kind = text.kind();
    let len = text.len.checked_mul(count as usize).ok_or_else(memory_error)?;
    let (pointer, data) = alloc_str(None, kind, len).ok_or_else(memory_error)?;
    let bytes = text.raw_bytes();
    // SAFETY: the cell has room for `count` copies; each copy doubles what is already there.
    unsafe {
        let total = bytes.len() * count as usize;
        if bytes.len() == 1 {
            std::ptr::write_bytes(data, bytes[0], total);
        } else {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), data, bytes.len());
            let mut done = bytes.len();
            while done < total {
                let step = done.min(total - done);
                std::ptr::copy_nonoverlapping(data, data.add(done), step);
                done += step;
            }
        }
        Ok(Gc::from_ptr(pointer))
    }
}

/// Makes one string of `kind` and `len` characters and lets `fill` write them.
/// # Safety
/// `fill` writes all `len` characters, and the kind is the narrowest that fits them.
pub unsafe fn str_build(kind: Kind, len: usize, fill: impl FnOnce(*mut u8)) -> R<Gc<Str>> {
    if len == 0 {
        return Ok(Str::empty());
    }
    let (pointer, data) = alloc_str(None, kind, len).ok_or_else(memory_error)?;
    fill(data);
    Ok(Gc::from_ptr(pointer))
}

/// Concatenates many pieces in one allocation.
pub fn str_concat_all(pieces: &[Gc<Str>]) -> R<Gc<Str>> {
    if let [one] = pieces
        && one.value().cast_is_exact_str()
    {
        return Ok(*one);
    }
    let mut kind = Kind::Ascii;
    let mut len = 0usize;
    for piece in pieces {
        kind = kind.max(piece.kind());
        len = len.checked_add(piece.len).ok_or_else(memory_error)?;
    }
    // SAFETY: every piece is written once; the widest piece decides the kind.
    unsafe {
        str_build(kind, len, |mut data| {
            for piece in pieces {
                write_chars(data, kind, piece.chars());
                data = data.add(piece.len * kind.width());
            }
        })
    }
}

#[inline]
pub fn push_wtf8(bytes: &mut Vec<u8>, code: u32) {
    match code {
        0..=0x7f => bytes.put(code as u8),
        0x80..=0x7ff => bytes.put_all(&[0xc0 | (code >> 6) as u8, 0x80 | (code & 0x3f) as u8]),
        0x800..=0xffff => {
            bytes.put_all(&[0xe0 | (code >> 12) as u8, 0x80 | (code >> 6 & 0x3f) as u8, 0x80 | (code & 0x3f) as u8])
        }
        _ => bytes.put_all(&[
            0xf0 | (code >> 18) as u8,
            0x80 | (code >> 12 & 0x3f) as u8,
            0x80 | (code >> 6 & 0x3f) as u8,
            0x80 | (code & 0x3f) as u8,
        ]),
    }
}

fn decode_wtf8(bytes: &[u8]) -> Option<Vec<u32>> {
    let mut chars = with_room(bytes.len() / 2);
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        let (count, initial) = match first {
            0..=0x7f => (0, *first as u32),
            0xc2..=0xdf => (1, (*first & 0x1f) as u32),
            0xe0..=0xef => (2, (*first & 0x0f) as u32),
            0xf0..=0xf4 => (3, (*first & 0x07) as u32),
            _ => return None,
        };
        let mut code = initial;
        for unit in tail.get(..count)? {
            if unit & 0xc0 != 0x80 {
                return None;
            }
            code = code << 6 | (*unit & 0x3f) as u32;
        }
        let least = [0, 0x80, 0x800, 0x10000][count];
        if code < least || code > 0x10ffff {
            return None;
        }
        chars.put(code);
        rest = &tail[count..];
    }
    Some(chars)
}

/// Exactness test that does not need the Cast trait in scope.
trait ExactStr {
    fn cast_is_exact_str(self) -> bool;
}
impl ExactStr for Value {
    #[inline]
    fn cast_is_exact_str(self) -> bool {
        crate::class::class_of(self) == Str::class()
    }
}

static LATIN1: [AtomicPtr<Str>; 256] = [const { AtomicPtr::new(std::ptr::null_mut()) }; 256];
fn keep_forever(text: Gc<Str>) {
    crate::roots::keep_forever(text.value());
}

static SECRET: OnceLock<base::hash::HashSecret> = OnceLock::new();

/// Sets the hash key; only the first call counts, and it must come before any string is hashed.
pub fn set_hash_secret(secret: base::hash::HashSecret) {
    let _ = SECRET.set(secret);
}
#[inline]
pub fn hash_secret() -> base::hash::HashSecret {
    *SECRET.get_or_init(base::hash::HashSecret::random)
}

/// A `str` value.
#[inline]
pub fn new_str(text: &str) -> Value {
    Str::new(text).value()
}
