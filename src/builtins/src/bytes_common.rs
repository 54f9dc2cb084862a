//! What bytes and bytearray share: the methods that read (one macro writes them for both), conversions of arguments, building bytes
//! from any object, hexadecimal text.

use base::memory::Grow;
use base::pause;
use base::text;
use objects::GcVec;
use objects::buffer::{Buf, has_buffer};
use objects::bytearray::{self, ByteArray};
use objects::convert::{ArgName, FromArg};
use objects::error::{R, Raised, overflow_error, runtime_error, type_error, value_error};
use objects::int::{IntView, int_view};
use objects::list::list_of;
use objects::list::{List, list_push, list_with_capacity};
use objects::str::{Kind, copy_bytes, str_build};
use objects::{Bytes, Cast, Gc, Str, Tuple, Value, class_name, class_of, exc, is_int};
use std::ops::{Deref, Range};

/// What methods such as `find` look for: bytes, or one byte given as an int.
pub enum Needle {
    Bytes(Gc<Bytes>),
    Byte([u8; 1]),
    Buf(Buf),
}
impl Deref for Needle {
    type Target = [u8];
    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            Needle::Bytes(bytes) => bytes.as_slice(),
            Needle::Byte(byte) => byte,
            Needle::Buf(buffer) => buffer,
        }
    }
}
impl Needle {
    /// As `of`, while the searched object is held in place.
    #[inline]
    pub fn of_held<T>(_held: T, value: Value) -> R<Needle> {
        Needle::of(value)
    }
    #[inline]
    pub fn of(value: Value) -> R<Needle> {
        match value.cast_exact::<Bytes>() {
            Some(bytes) => Ok(Needle::Bytes(bytes)),
            None => Needle::of_other(value),
        }
    }
    fn of_other(value: Value) -> R<Needle> {
        if has_buffer(value) {
            return Buf::new(value).map(Needle::Buf);
        }
        if class_of(value).slots.index.get().is_none() && !is_int(value) {
            return Err(type_error!("argument should be integer or bytes-like object, not '{}'", class_name(value)));
        }
        byte_value(value).map(|byte| Needle::Byte([byte]))
    }
}

/// With the option `-b`: a BytesWarning.
#[inline]
pub fn warn_of(text: &str) -> R<()> {
    #[cold]
    fn warn(text: &str) -> R<()> {
        objects::warnings::warn(&exc::BYTES_WARNING, text, 1)
    }
    if objects::config::get().bytes_warning > 0 { warn(text) } else { Ok(()) }
}

/// An int as a byte: `byte must be in range(0, 256)`.
#[inline]
pub fn byte_value(value: Value) -> R<u8> {
    byte_value_or(value, "byte must be in range(0, 256)")
}
#[inline]
fn byte_value_or(value: Value, text: &str) -> R<u8> {
    let number =
        if value.is_int() { Some(value.as_int()) } else { int_view(objects::index_object(value)?).and_then(IntView::to_i64) };
    match number.and_then(|number| u8::try_from(number).ok()) {
        Some(byte) => Ok(byte),
        None => Err(value_error!("{text}")),
    }
}

/// The fill character of `center` and its like.
#[derive(Clone, Copy)]
pub struct FillByte(pub u8);

impl FromArg for FillByte {
    fn from_arg(value: Value, name: ArgName) -> R<FillByte> {
        let (data, class): (&[u8], &str) = if let Some(bytes) = value.cast::<Bytes>() {
            (bytes.as_slice(), "bytes")
        } else if let Some(array) = value.cast::<ByteArray>() {
            (bytearray::snapshot(array), "bytearray")
        } else {
            return Err(name.wrong_type("a byte string of length 1", value));
        };
        match data {
            [byte] => Ok(FillByte(*byte)),
            _ => {
                let raised = name.wrong_type("a byte string of length 1", value);
                let text = objects::str_of(raised.take())?.to_string_lossy();
                let subject = text.split(" must be").next().unwrap_or_default().replacen("()", "():", 1);
                Err(type_error!("{subject} must be a byte string of length 1, not a {class} object of length {}", data.len()))
            }
        }
    }
}

pub fn window(len: usize, start: Option<Value>, end: Option<Value>) -> R<Option<Range<usize>>> {
    crate::str::window(len, start, end)
}

/// The position of a needle within the part that start and end leave.
pub fn locate(
    data: &[u8],
    sub: &[u8],
    start: Option<Value>,
    end: Option<Value>,
    search: fn(&[u8], &[u8]) -> Option<usize>,
) -> R<Option<usize>> {
    let Some(range) = window(data.len(), start, end)? else { return Ok(None) };
    let first = range.start;
    Ok(search(&data[range], sub).map(|at| at + first))
}

pub fn not_found() -> Raised {
    value_error!("subsection not found")
}

pub fn affix(
    data: &[u8],
    affix: Value,
    start: Option<Value>,
    end: Option<Value>,
    name: &str,
    test: fn(&[u8], &[u8]) -> bool,
) -> R<bool> {
    let part = window(data.len(), start, end)?.map(|range| &data[range]);
    if let Some(bytes) = affix.cast_exact::<Bytes>() {
        return Ok(part.is_some_and(|part| test(part, bytes.as_slice())));
    }
    if let Some(tuple) = affix.cast::<Tuple>() {
        for entry in tuple.items() {
            let affix = Buf::new(*entry)?;
            if part.is_some_and(|part| test(part, &affix)) {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if !has_buffer(affix) {
        return Err(type_error!("{name} first arg must be bytes or a tuple of bytes, not {}", class_name(affix)));
    }
    let affix = Buf::new(affix)?;
    Ok(part.is_some_and(|part| test(part, &affix)))
}

/// A separator argument: None, or bytes that are not empty.
pub fn separator(sep: Option<Value>) -> R<Option<Buf>> {
    let Some(sep) = sep.filter(|sep| !sep.is_none()) else { return Ok(None) };
    must_separate(sep).map(Some)
}
pub fn must_separate(sep: Value) -> R<Buf> {
    let sep = Buf::new(sep)?;
    if sep.is_empty() { Err(value_error!("empty separator")) } else { Ok(sep) }
}

pub fn pieces<T>(data: &[u8], ranges: Vec<Range<usize>>, make: impl Fn(&[u8]) -> R<Gc<T>>) -> R<Gc<List>> {
    let list = list_with_capacity(ranges.len())?;
    for range in ranges {
        list_push(list, make(&data[range])?.value());
    }
    Ok(list)
}

/// The parts between separators; None if there is no cut.
pub fn split_at<T>(data: &[u8], separator: &[u8], limit: usize, make: impl Fn(&[u8]) -> R<Gc<T>>) -> Option<R<Gc<List>>> {
    let mut start = 0;
    let mut parts = GcVec::with_capacity(4);
    let mut cut = |end: usize, next: usize| {
        parts.push(make(&data[start..end])?.value());
        start = next;
        Ok(())
    };
    let done = if let [separator] = separator {
        let (mut from, mut cuts) = (0, 0);
        loop {
            match text::find_byte(&data[from..], *separator).filter(|_| cuts < limit) {
                Some(length) => {
                    if let Err(raised) = cut(from + length, from + length + 1) {
                        break Err(raised);
                    }
                    from += length + 1;
                    cuts += 1;
                }
                None => break Ok(()),
            }
        }
    } else {
        text::byte_matches(data, separator).take(limit).try_for_each(|at| cut(at, at + separator.len()))
    };
    if let Err(raised) = done {
        return Some(Err(raised));
    }
    if parts.is_empty() {
        return None;
    }
    Some(make(&data[start..]).map(|last| {
        parts.push(last.value());
        list_of(parts)
    }))
}

/// What `chars` (None: whitespace) leaves.
pub fn strip_range(data: &[u8], chars: Option<Value>, sides: text::Sides) -> R<Range<usize>> {
    match chars.filter(|chars| !chars.is_none()) {
        None => Ok(text::strip(data, sides, text::is_byte_space)),
        Some(chars) => {
            let chars = Buf::new(chars)?;
            let set = text::CharSet::new(text::Text::One(&chars));
            Ok(text::strip(data, sides, |byte| set.contains(byte as u32)))
        }
    }
}

/// `separator.join(list)` of bytes objects; None if the items are something else, or another thread may change the list.
pub fn join_plain(separator: &[u8], iterable: Value) -> Option<R<Gc<Bytes>>> {
    let items = match (iterable.cast_exact::<Tuple>(), iterable.cast_exact::<List>()) {
        (Some(tuple), _) => tuple.items(),
        (_, Some(list)) if !heap::is_multithreaded() => list.values(),
        _ => return None,
    };
    let mut len = separator.len().checked_mul(items.len().saturating_sub(1))?;
    for item in items {
        len = len.checked_add(item.cast_exact::<Bytes>()?.len())?;
    }
    if let [one] = items {
        return one.cast_exact::<Bytes>().map(Ok);
    }
    Some(Bytes::build(len, |target| {
        let mut rest = target;
        let mut put = |part: &[u8]| {
            if let Some((place, behind)) = std::mem::take(&mut rest).split_at_mut_checked(part.len()) {
                // SAFETY: both are as long.
                unsafe { copy_bytes(part.as_ptr(), place.as_mut_ptr(), part.len()) };
                rest = behind;
            }
        };
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                put(separator);
            }
            if let Some(bytes) = item.cast_exact::<Bytes>() {
                put(bytes.as_slice());
            }
        }
        // Nothing, unless another thread changed the items.
        rest.fill(0);
    }))
}

/// `separator.join(iterable)` as plain bytes.
pub fn join(separator: &[u8], iterable: Value) -> R<Vec<u8>> {
    let items = match objects::to_vec(iterable) {
        Ok(items) => items,
        Err(raised)
            if raised.is(&exc::TYPE_ERROR)
                && class_of(iterable).slots.iter.get().is_none()
                && class_of(iterable).slots.getitem.get().is_none() =>
        {
            raised.clear();
            return Err(type_error!("can only join an iterable"));
        }
        Err(raised) => return Err(raised),
    };
    let mut room = separator.len().saturating_mul(items.len());
    for item in &items {
        if let Some(bytes) = item.cast_exact::<Bytes>() {
            room = room.saturating_add(bytes.len());
        }
    }
    let mut out = Vec::new();
    out.try_reserve(room).map_err(|_| objects::memory_error())?;
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.put_all(separator);
        }
        if let Some(bytes) = item.cast_exact::<Bytes>() {
            out.put_all(bytes.as_slice());
        } else if has_buffer(*item) {
            out.put_all(&Buf::new(*item)?);
            if iterable.cast_exact::<List>().is_some_and(|list| list.len() != items.len()) {
                return Err(runtime_error!("sequence changed size during iteration"));
            }
        } else {
            return Err(type_error!("sequence item {index}: expected a bytes-like object, {} found", class_name(*item)));
        }
    }
    Ok(out)
}

/// `item in data`
pub fn contains(data: &[u8], item: Value) -> R<bool> {
    if is_int(item) || class_of(item).slots.index.get().is_some() {
        return Ok(data.contains(&byte_value(item)?));
    }
    let wanted = Buf::new(item)?;
    Ok(text::find_units(data, &wanted).is_some())
}

/// The table of `translate`.
pub fn translation(table: Value) -> R<Option<[u8; 256]>> {
    if table.is_none() {
        return Ok(None);
    }
    let table = Buf::new(table)?;
    match <[u8; 256]>::try_from(table.as_slice()) {
        Ok(table) => Ok(Some(table)),
        Err(_) => Err(value_error!("translation table must be 256 characters long")),
    }
}

pub fn make_table(from: &[u8], to: &[u8]) -> R<Gc<Bytes>> {
    if from.len() != to.len() {
        return Err(value_error!("maketrans arguments must have same length"));
    }
    Ok(Bytes::new(&text::bytes_make_table(from, to)))
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// `data.hex(sep, bytes_per_sep)`
pub fn hex(data: &[u8], sep: Option<Value>, group: i32) -> R<Gc<Str>> {
    let separator = match sep {
        None => None,
        Some(sep) => {
            if objects::len(sep)? != 1 {
                return Err(value_error!("sep must be length 1."));
            }
            let code = if let Some(text) = sep.cast::<Str>() {
                (text.len() == 1).then(|| text.char_at(0))
            } else if let Some(bytes) = sep.cast::<Bytes>() {
                <[u8; 1]>::try_from(bytes.as_slice()).ok().map(|[byte]| byte as u32)
            } else {
                return Err(type_error!("sep must be str or bytes."));
            };
            let Some(code) = code else { return Err(value_error!("sep must be length 1.")) };
            let Some(byte) = u8::try_from(code).ok().filter(u8::is_ascii) else { return Err(value_error!("sep must be ASCII.")) };
            Some(byte)
        }
    };
    if separator.is_none() {
        // SAFETY: two digits for each byte are written, all ASCII.
        return unsafe {
            str_build(Kind::Ascii, data.len() * 2, |target| {
                let mut pairs = std::slice::from_raw_parts_mut(target, data.len() * 2).as_chunks_mut::<2>().0.iter_mut();
                for part in pause::parts(data) {
                    for (byte, pair) in part.iter().zip(&mut pairs) {
                        *pair = [HEX[(byte >> 4) as usize], HEX[(byte & 15) as usize]];
                    }
                }
            })
        };
    }
    let size = group.unsigned_abs() as usize;
    let mut out = Vec::new();
    out.try_reserve(data.len().saturating_mul(3)).map_err(|_| objects::memory_error())?;
    for (index, byte) in pause::walk(data).enumerate() {
        if let Some(separator) = separator
            && size > 0
            && index > 0
        {
            let place = if group > 0 { data.len() - index } else { index };
            if place % size == 0 {
                out.push(separator);
            }
        }
        out.extend_from_slice(&[HEX[(byte >> 4) as usize], HEX[(byte & 15) as usize]]);
    }
    Str::from_text(text::Text::One(&out))
}

fn convert_ascii(text: Gc<Str>) -> &'static [u8] {
    match text.text() {
        text::Text::One(units) => units,
        _ => &[],
    }
}

/// The bytes of hexadecimal text.
pub fn from_hex(source: Value) -> R<Vec<u8>> {
    let buffer;
    let encoded;
    let text: &[u8] = if let Some(text) = source.cast::<Str>() {
        match text.is_ascii() {
            true => convert_ascii(text),
            false => {
                // What lies beyond ASCII becomes a byte that is no digit, in its place.
                encoded = base::memory::collected(text.chars().iter().map(|code| if code < 0x80 { code as u8 } else { 0xff }));
                &encoded
            }
        }
    } else if has_buffer(source) {
        buffer = Buf::new(source)?;
        &buffer
    } else {
        return Err(type_error!("fromhex() argument must be str or bytes-like, not {}", class_name(source)));
    };
    let digit = |byte: u8| (byte as char).to_digit(16).map(|digit| digit as u8);
    let mut out = base::memory::with_room(text.len() / 2);
    let (mut at, mut pace) = (0, pause::Pace::new());
    while at < text.len() {
        pace.at(at);
        if text::is_byte_space(text[at]) {
            at += 1;
            continue;
        }
        let Some(high) = digit(text[at]) else {
            return Err(value_error!("non-hexadecimal number found in fromhex() arg at position {at}"));
        };
        match text.get(at + 1) {
            None => return Err(value_error!("fromhex() arg must contain an even number of hexadecimal digits")),
            Some(low) => match digit(*low) {
                Some(low) => out.push(high << 4 | low),
                None => return Err(value_error!("non-hexadecimal number found in fromhex() arg at position {}", at + 1)),
            },
        }
        at += 2;
    }
    Ok(out)
}

/// A count given where bytes could be: `bytes(5)`; None if the object is no number.
pub fn count_argument(source: Value) -> R<Option<usize>> {
    if class_of(source).slots.index.get().is_none() && !is_int(source) {
        return Ok(None);
    }
    let number = match objects::index_object(source) {
        Ok(number) => number,
        Err(raised) if raised.is(&exc::TYPE_ERROR) => {
            raised.clear();
            return Ok(None);
        }
        Err(raised) => return Err(raised),
    };
    match int_view(number).and_then(IntView::to_i64) {
        Some(count) if count < 0 => Err(value_error!("negative count")),
        Some(count) => Ok(Some(count as usize)),
        None => Err(overflow_error!("cannot fit '{}' into an index-sized integer", class_name(source))),
    }
}

/// The bytes of an iterable of ints.
pub fn collect_ints(source: Value, range_error: &str) -> R<Vec<u8>> {
    let mut out = Vec::new();
    let known =
        source.cast_exact::<List>().map(|list| list.len()).or_else(|| source.cast_exact::<Tuple>().map(|tuple| tuple.len()));
    let hint = match known {
        Some(len) => len,
        None => objects::length_hint(source, 0)?,
    };
    let _ = out.try_reserve(hint.min(1 << 20));
    objects::iterate(source, |item| {
        out.put(byte_value_or(item, range_error)?);
        Ok(())
    })?;
    Ok(out)
}

/// Whether an argument's conversion runs no Python code.
#[inline]
pub fn is_tame(value: Value) -> bool {
    !value.is_ptr()
        || value.is_none()
        || value.cast_exact::<Bytes>().is_some()
        || value.cast_exact::<ByteArray>().is_some()
        || value.cast_exact::<Str>().is_some()
}

/// Whether something can be iterated over.
pub fn is_iterable(value: Value) -> bool {
    let slots = &class_of(value).slots;
    slots.iter.get().is_some() || slots.getitem.get().is_some()
}

/// The encoding and errors arguments of a constructor: str, without NUL.
pub fn name_argument(value: Option<Value>, function: &str, parameter: &str) -> R<Option<&'static str>> {
    let Some(value) = value else { return Ok(None) };
    let Some(text) = value.cast::<Str>() else {
        let given = if value.is_none() { "None".to_owned() } else { class_name(value) };
        return Err(type_error!("{function}() argument '{parameter}' must be str, not {given}"));
    };
    let text = objects::convert::utf8(text)?;
    crate::str::check_no_nul(text)?;
    Ok(Some(text))
}

/// Writes the methods that bytes and bytearray share around those of their own. `view` gives the bytes, `make` a new object of the
/// class, `same` the object itself if it is immutable (else a copy), `take` an object of the class from finished bytes, `sep` what stands for a separator in the result of `partition`, `hold`
/// keeps the bytes in place while an argument, which may be of a hostile class, is looked at.
macro_rules! bytes_skin {
    ($(#[$($meta:tt)*])* impl $skin:ident for $layout:ident { view = $view:ident, make = $make:ident, same = $same:ident, take = $take:ident, sep = $sep:ident, hold = $hold:ident } $($extra:tt)*) => {
        $(#[$($meta)*])*
        impl $skin {
            $($extra)*

            fn __len__(this: Gc<$layout>) -> usize {
                this.len()
            }
            fn __contains__(this: Gc<$layout>, key: Value) -> R<bool> {
                let _held = $hold(this, key);
                bytes_common::contains($view(this), key)
            }
            fn __mod__(this: Gc<$layout>, args: Value) -> R {
                let _held = $hold(this, args);
                Ok($make(&str_percent::format_bytes($view(this), args)?)?.value())
            }
            fn __rmod__(this: Gc<$layout>, format: Value) -> R {
                match format.cast::<$layout>() {
                    Some(format) => Ok($make(&str_percent::format_bytes($view(format), this.value())?)?.value()),
                    None => Ok(Value::not_implemented()),
                }
            }
            /// First letter in upper case, the rest in lower case.
            fn capitalize(this: Gc<$layout>) -> R<Gc<$layout>> {
                $make(&text::bytes_capitalize($view(this)))
            }
            /// All in lower case.
            fn lower(this: Gc<$layout>) -> R<Gc<$layout>> {
                $make(&text::bytes_lower($view(this)))
            }
            /// All in upper case.
            fn upper(this: Gc<$layout>) -> R<Gc<$layout>> {
                $make(&text::bytes_upper($view(this)))
            }
            /// Upper case for lower case and the other way round.
            fn swapcase(this: Gc<$layout>) -> R<Gc<$layout>> {
                $make(&text::bytes_swapcase($view(this)))
            }
            /// Each word with a first letter in upper case.
            fn title(this: Gc<$layout>) -> R<Gc<$layout>> {
                $make(&text::bytes_title($view(this)))
            }
            /// Centred in a field of this width.
            #[sig("($self, width, fillchar=b' ', /)")]
            fn center(this: Gc<$layout>, width: isize, #[default(FillByte(b' '))] fillchar: FillByte) -> R<Gc<$layout>> {
                let data = $view(this);
                let (left, right) = text::center_margins(data.len(), usize::try_from(width).unwrap_or(0));
                if left + right == 0 {
                    return $same(this);
                }
                $make(&text::pad_units(data, left, right, fillchar.0, "").map_err(raise_fault)?)
            }
            /// Left-justified in a field of this width.
            #[sig("($self, width, fillchar=b' ', /)")]
            fn ljust(this: Gc<$layout>, width: isize, #[default(FillByte(b' '))] fillchar: FillByte) -> R<Gc<$layout>> {
                let data = $view(this);
                match usize::try_from(width).unwrap_or(0).saturating_sub(data.len()) {
                    0 => $same(this),
                    margin => $make(&text::pad_units(data, 0, margin, fillchar.0, "").map_err(raise_fault)?),
                }
            }
            /// Right-justified in a field of this width.
            #[sig("($self, width, fillchar=b' ', /)")]
            fn rjust(this: Gc<$layout>, width: isize, #[default(FillByte(b' '))] fillchar: FillByte) -> R<Gc<$layout>> {
                let data = $view(this);
                match usize::try_from(width).unwrap_or(0).saturating_sub(data.len()) {
                    0 => $same(this),
                    margin => $make(&text::pad_units(data, margin, 0, fillchar.0, "").map_err(raise_fault)?),
                }
            }
            /// Zeros in front, behind a sign, up to this width.
            fn zfill(this: Gc<$layout>, width: isize) -> R<Gc<$layout>> {
                match text::zero_fill($view(this), usize::try_from(width).unwrap_or(0), "").map_err(raise_fault)? {
                    Some(filled) => $make(&filled),
                    None => $same(this),
                }
            }
            /// Tabs replaced by spaces up to the next tab stop.
            #[sig("($self, /, tabsize=8)")]
            fn expandtabs(this: Gc<$layout>, tabsize: i32) -> R<Gc<$layout>> {
                match text::expand_tabs($view(this), tabsize as isize, "result too long").map_err(raise_fault)? {
                    Some(expanded) => $make(&expanded),
                    None => $make($view(this)),
                }
            }
            /// How often a subsection occurs without overlap.
            #[sig("($self, sub[, start[, end]], /)")]
            fn count(this: Gc<$layout>, sub: Value, start: Option<Value>, end: Option<Value>) -> R<usize> {
                let sub = Needle::of_held($hold(this, sub), sub)?;
                let data = $view(this);
                let range = bytes_common::window(data.len(), start, end)?;
                Ok(range.map_or(0, |range| text::count_units(&data[range], &sub, usize::MAX)))
            }
            /// Lowest index of a subsection, or -1.
            #[sig("($self, sub[, start[, end]], /)")]
            fn find(this: Gc<$layout>, sub: Value, start: Option<Value>, end: Option<Value>) -> R<isize> {
                Ok(bytes_common::locate($view(this), &Needle::of_held($hold(this, sub), sub)?, start, end, text::find_units)?.map_or(-1, |at| at as isize))
            }
            /// Highest index of a subsection, or -1.
            #[sig("($self, sub[, start[, end]], /)")]
            fn rfind(this: Gc<$layout>, sub: Value, start: Option<Value>, end: Option<Value>) -> R<isize> {
                Ok(bytes_common::locate($view(this), &Needle::of_held($hold(this, sub), sub)?, start, end, text::rfind_units)?.map_or(-1, |at| at as isize))
            }
            /// Lowest index of a subsection; ValueError if there is none.
            #[sig("($self, sub[, start[, end]], /)")]
            fn index(this: Gc<$layout>, sub: Value, start: Option<Value>, end: Option<Value>) -> R<usize> {
                bytes_common::locate($view(this), &Needle::of_held($hold(this, sub), sub)?, start, end, text::find_units)?.ok_or_else(bytes_common::not_found)
            }
            /// Highest index of a subsection; ValueError if there is none.
            #[sig("($self, sub[, start[, end]], /)")]
            fn rindex(this: Gc<$layout>, sub: Value, start: Option<Value>, end: Option<Value>) -> R<usize> {
                bytes_common::locate($view(this), &Needle::of_held($hold(this, sub), sub)?, start, end, text::rfind_units)?.ok_or_else(bytes_common::not_found)
            }
            /// Whether the bytes, or their part, begin with a prefix or one of a tuple of them.
            #[sig("($self, prefix[, start[, end]], /)")]
            fn startswith(this: Gc<$layout>, prefix: Value, start: Option<Value>, end: Option<Value>) -> R<bool> {
                bytes_common::affix($view(this), prefix, start, end, "startswith", |part, prefix| part.starts_with(prefix))
            }
            /// Whether the bytes, or their part, end with a suffix or one of a tuple of them.
            #[sig("($self, suffix[, start[, end]], /)")]
            fn endswith(this: Gc<$layout>, suffix: Value, start: Option<Value>, end: Option<Value>) -> R<bool> {
                bytes_common::affix($view(this), suffix, start, end, "endswith", |part, suffix| part.ends_with(suffix))
            }
            /// Without the prefix, if it is there.
            fn removeprefix(this: Gc<$layout>, prefix: Buf) -> R<Gc<$layout>> {
                match $view(this).strip_prefix(&*prefix) {
                    Some(rest) if !prefix.is_empty() => $make(rest),
                    _ => $same(this),
                }
            }
            /// Without the suffix, if it is there.
            fn removesuffix(this: Gc<$layout>, suffix: Buf) -> R<Gc<$layout>> {
                match $view(this).strip_suffix(&*suffix) {
                    Some(rest) if !suffix.is_empty() => $make(rest),
                    _ => $same(this),
                }
            }
            /// Without whitespace, or these bytes, at both ends.
            #[sig("($self, bytes=None, /)")]
            fn strip(this: Gc<$layout>, bytes: Option<Value>) -> R<Gc<$layout>> {
                let data = $view(this);
                let range = bytes_common::strip_range(data, bytes, Sides::Both)?;
                if range.len() == data.len() { $same(this) } else { $make(&data[range]) }
            }
            /// Without whitespace, or these bytes, in front.
            #[sig("($self, bytes=None, /)")]
            fn lstrip(this: Gc<$layout>, bytes: Option<Value>) -> R<Gc<$layout>> {
                let data = $view(this);
                let range = bytes_common::strip_range(data, bytes, Sides::Left)?;
                if range.len() == data.len() { $same(this) } else { $make(&data[range]) }
            }
            /// Without whitespace, or these bytes, at the end.
            #[sig("($self, bytes=None, /)")]
            fn rstrip(this: Gc<$layout>, bytes: Option<Value>) -> R<Gc<$layout>> {
                let data = $view(this);
                let range = bytes_common::strip_range(data, bytes, Sides::Right)?;
                if range.len() == data.len() { $same(this) } else { $make(&data[range]) }
            }
            /// What lies before the first separator, the separator, what lies behind.
            fn partition(this: Gc<$layout>, sep: Value) -> R {
                let wanted = bytes_common::must_separate(sep)?;
                let data = $view(this);
                Ok(match text::find_units(data, &wanted) {
                    Some(at) => {
                        let behind = $make(&data[at + wanted.len()..])?.value();
                        new_tuple(&[$make(&data[..at])?.value(), $sep(sep, &wanted)?, behind]).value()
                    }
                    None => new_tuple(&[$same(this)?.value(), $make(b"")?.value(), $make(b"")?.value()]).value(),
                })
            }
            /// What lies before the last separator, the separator, what lies behind.
            fn rpartition(this: Gc<$layout>, sep: Value) -> R {
                let wanted = bytes_common::must_separate(sep)?;
                let data = $view(this);
                Ok(match text::rfind_units(data, &wanted) {
                    Some(at) => {
                        let behind = $make(&data[at + wanted.len()..])?.value();
                        new_tuple(&[$make(&data[..at])?.value(), $sep(sep, &wanted)?, behind]).value()
                    }
                    None => new_tuple(&[$make(b"")?.value(), $make(b"")?.value(), $same(this)?.value()]).value(),
                })
            }
            /// Split at a separator, or at runs of whitespace, from the left.
            #[sig("($self, /, sep=None, maxsplit=-1)")]
            fn split(this: Gc<$layout>, sep: Option<Value>, maxsplit: isize) -> R<Gc<List>> {
                let _held = sep.map(|sep| $hold(this, sep));
                let sep = bytes_common::separator(sep)?;
                let (data, limit) = ($view(this), text::split_limit(maxsplit));
                let ranges = match sep {
                    Some(sep) => match bytes_common::split_at(data, &sep, limit, $make) {
                        Some(parts) => return parts,
                        None => return Ok(new_list(&[$same(this)?.value()])),
                    },
                    None => text::split_whitespace(data, limit, text::is_byte_space),
                };
                if let [whole] = &ranges[..]
                    && whole.len() == data.len()
                {
                    return Ok(new_list(&[$same(this)?.value()]));
                }
                bytes_common::pieces(data, ranges, $make)
            }
            /// Split at a separator, or at runs of whitespace, from the right.
            #[sig("($self, /, sep=None, maxsplit=-1)")]
            fn rsplit(this: Gc<$layout>, sep: Option<Value>, maxsplit: isize) -> R<Gc<List>> {
                let _held = sep.map(|sep| $hold(this, sep));
                let sep = bytes_common::separator(sep)?;
                let (data, limit) = ($view(this), text::split_limit(maxsplit));
                let ranges = match sep {
                    Some(sep) => text::rsplit_on(data, &sep, limit),
                    None => text::rsplit_whitespace(data, limit, text::is_byte_space),
                };
                if let [whole] = &ranges[..]
                    && whole.len() == data.len()
                {
                    return Ok(new_list(&[$same(this)?.value()]));
                }
                bytes_common::pieces(data, ranges, $make)
            }
            /// Split into lines.
            #[sig("($self, /, keepends=False)")]
            fn splitlines(this: Gc<$layout>, keepends: bool) -> R<Gc<List>> {
                let data = $view(this);
                bytes_common::pieces(data, text::split_lines(data, keepends, text::is_byte_line_break), $make)
            }
            /// Concatenate bytes-like objects with this one between them.
            #[sig("($self, iterable_of_bytes, /)")]
            fn join(this: Gc<$layout>, iterable_of_bytes: Value) -> R<Gc<$layout>> {
                let _held = $hold(this, iterable_of_bytes);
                match bytes_common::join_plain($view(this), iterable_of_bytes) {
                    Some(joined) => $take(joined?),
                    None => $make(&bytes_common::join($view(this), iterable_of_bytes)?),
                }
            }
            /// Replace the occurrences of a subsection, from the left; a count limits how many.
            #[sig("($self, old, new, count=-1, /)")]
            fn replace(this: Gc<$layout>, old: Buf, new: Buf, count: isize) -> R<Gc<$layout>> {
                let replaced = text::replace_units($view(this), &old, &new, text::split_limit(count), "replace bytes is too long");
                match replaced.map_err(raise_fault)? {
                    Some(replaced) => $make(&replaced),
                    None => $same(this),
                }
            }
            /// Replace each byte by its entry in a table of 256, and drop some.
            #[sig("($self, table, /, delete=b'')")]
            fn translate(this: Gc<$layout>, table: Value, delete: Option<Value>) -> R<Gc<$layout>> {
                let table = bytes_common::translation(table)?;
                let delete = delete.map(Buf::new).transpose()?;
                $make(&text::bytes_translate($view(this), table.as_ref(), delete.as_deref().unwrap_or(&[])))
            }
            /// Make a table for `translate`.
            #[staticmethod]
            fn maketrans(frm: Buf, to: Buf) -> R<Gc<Bytes>> {
                bytes_common::make_table(&frm, &to)
            }
            /// Decode in the codec registered for the encoding.
            #[sig("($self, /, encoding='utf-8', errors='strict')")]
            fn decode(this: Gc<$layout>, encoding: Option<&str>, errors: Option<&str>) -> R<Gc<Str>> {
                if encoding.is_none() && errors.is_none() && $view(this).is_ascii() {
                    return Ok(Str::of_ascii($view(this)));
                }
                let (encoding, errors) = (encoding.unwrap_or("utf-8"), errors.unwrap_or("strict"));
                crate::str::check_no_nul(encoding)?;
                crate::str::check_no_nul(errors)?;
                codec::decode_object(this.value(), $view(this), encoding, errors)
            }
            /// Hexadecimal text of the bytes, with a separator between groups if wanted.
            #[sig("($self, /, sep=<unrepresentable>, bytes_per_sep=1)")]
            fn hex(this: Gc<$layout>, sep: Option<Value>, bytes_per_sep: i32) -> R<Gc<Str>> {
                let _held = sep.map(|sep| $hold(this, sep));
                bytes_common::hex($view(this), sep, bytes_per_sep)
            }
            /// Make bytes from hexadecimal text; spaces between bytes are skipped.
            #[classmethod]
            #[sig("($type, string, /)")]
            fn fromhex(cls: Gc<Class>, string: Value) -> R {
                let data = bytes_common::from_hex(string)?;
                if cls == $layout::class() {
                    return Ok($make(&data)?.value());
                }
                objects::call(cls.value(), &[objects::new_bytes(&data)])
            }
            /// Whether all bytes are ASCII.
            fn isascii(this: Gc<$layout>) -> bool {
                $view(this).is_ascii()
            }
            /// Whether there is nothing but ASCII letters, and some.
            fn isalpha(this: Gc<$layout>) -> bool {
                text::bytes_are_alpha($view(this))
            }
            /// Whether there is nothing but ASCII letters and digits, and some.
            fn isalnum(this: Gc<$layout>) -> bool {
                text::bytes_are_alnum($view(this))
            }
            /// Whether there is nothing but ASCII digits, and some.
            fn isdigit(this: Gc<$layout>) -> bool {
                text::bytes_are_digits($view(this))
            }
            /// Whether there is nothing but ASCII whitespace, and some.
            fn isspace(this: Gc<$layout>) -> bool {
                text::bytes_are_space($view(this))
            }
            /// Whether there are letters and all are lower case.
            fn islower(this: Gc<$layout>) -> bool {
                text::bytes_are_lower($view(this))
            }
            /// Whether there are letters and all are upper case.
            fn isupper(this: Gc<$layout>) -> bool {
                text::bytes_are_upper($view(this))
            }
            /// Whether each word begins in upper case and goes on in lower case.
            fn istitle(this: Gc<$layout>) -> bool {
                text::bytes_are_title($view(this))
            }
        }
    };
}
pub(crate) use bytes_skin;
