//! Text encoding and decoding: `str.encode` and `bytes.decode`. UTF-8, UTF-16, UTF-32, Latin-1 and ASCII are done here with all
//! built-in error handlers; other encodings and handlers are those of the `codecs` registry, which enters its hooks with `install`.
//!
//! `encode_loop` and `decode_loop` run any codec of `base::codecs` with any error handler; module `_codecs` uses them too.
//!
//! Must not know: the registry, incremental codecs.

use crate::bytes::Bytes;
use crate::class::class_name;
use crate::error::{R, Raised, index_error, lookup_error, raise, type_error};
use crate::exception as exc;
use crate::int::{IntView, int_view, new_int_usize};
use crate::layout::{Cast, Gc};
use crate::str::{Str, new_str};
use crate::tuple::Tuple;
use base::codecs::{self, ByteOrder, CodecError, EncodeFix, Handler, WideCodec};
use base::memory::{Grow, with_room};
use base::text::{Text, TextBuf, TextBuilder};
use heap::Value;
use std::sync::OnceLock;
use std::sync::atomic::Ordering;

/// What the `codecs` registry does for encodings and error handlers that are not built in.
#[derive(Clone, Copy)]
pub struct CodecHooks {
    /// `codecs.encode(text, encoding, errors)` for text encodings; gives bytes.
    pub encode: fn(Gc<Str>, &str, &str) -> R,
    /// `codecs.decode(object, encoding, errors)` for text encodings; gives a str.
    pub decode: fn(Value, &str, &str) -> R,
    /// `codecs.lookup_error(name)`.
    pub lookup_error: fn(&str) -> R,
}
static HOOKS: OnceLock<CodecHooks> = OnceLock::new();

/// Enters the registry's hooks; the first call counts.
pub fn install(hooks: CodecHooks) {
    let _ = HOOKS.set(hooks);
}

/// The encodings done natively.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Native {
    Utf8,
    Latin1,
    Ascii,
    /// None: with byte order mark.
    Utf16(Option<ByteOrder>),
    Utf32(Option<ByteOrder>),
}

fn native(encoding: &str) -> Option<Native> {
    if encoding == "utf-8" {
        return Some(Native::Utf8);
    }
    let mut lower = [0u8; 16];
    let text = lower.get_mut(..encoding.len())?;
    for (target, byte) in text.iter_mut().zip(encoding.bytes()) {
        *target = match byte {
            b'_' | b' ' => b'-',
            byte => byte.to_ascii_lowercase(),
        };
    }
    Some(match &*text {
        b"utf-8" | b"utf8" => Native::Utf8,
        b"latin-1" | b"latin1" | b"iso-8859-1" | b"iso8859-1" => Native::Latin1,
        b"ascii" | b"us-ascii" => Native::Ascii,
        b"utf-16" | b"utf16" => Native::Utf16(None),
        b"utf-16-le" | b"utf-16le" => Native::Utf16(Some(ByteOrder::Little)),
        b"utf-16-be" | b"utf-16be" => Native::Utf16(Some(ByteOrder::Big)),
        b"utf-32" | b"utf32" => Native::Utf32(None),
        b"utf-32-le" | b"utf-32le" => Native::Utf32(Some(ByteOrder::Little)),
        b"utf-32-be" | b"utf-32be" => Native::Utf32(Some(ByteOrder::Big)),
        _ => return None,
    })
}

/// Development mode looks names of error handlers up even if nothing is wrong with the data.
#[inline]
fn check_errors(errors: &str) -> R<()> {
    if errors == "strict" || !crate::config::get().dev_mode {
        return Ok(());
    }
    HOOKS.get().map_or(Ok(()), |hooks| (hooks.lookup_error)(errors).map(|_| ()))
}

/// `bytes(data).decode(encoding, errors)`.
pub fn decode(data: &[u8], encoding: &str, errors: &str) -> R<Gc<Str>> {
    check_errors(errors)?;
    match native(encoding) {
        Some(codec) => decode_native(data, codec, errors),
        None => decode_by_registry(crate::bytes::new_bytes(data), encoding, errors),
    }
}
/// As `decode`, for an object that exports `data`: other encodings get the object itself.
pub fn decode_object(object: Value, data: &[u8], encoding: &str, errors: &str) -> R<Gc<Str>> {
    check_errors(errors)?;
    match native(encoding) {
        Some(codec) => decode_native(data, codec, errors),
        None => decode_by_registry(object, encoding, errors),
    }
}

fn unknown(encoding: &str) -> Raised {
    lookup_error!("unknown encoding: {encoding}")
}

fn decode_by_registry(object: Value, encoding: &str, errors: &str) -> R<Gc<Str>> {
    let Some(hooks) = HOOKS.get() else { return Err(unknown(encoding)) };
    let result = (hooks.decode)(object, encoding, errors)?;
    match result.cast::<Str>() {
        Some(text) => Ok(text),
        None => Err(type_error!(
            "'{encoding}' decoder returned '{}' instead of 'str'; use codecs.decode() to decode to arbitrary types",
            class_name(result)
        )),
    }
}

fn decode_native(data: &[u8], codec: Native, errors: &str) -> R<Gc<Str>> {
    match codec {
        Native::Utf8 => decode_utf8(data, errors),
        Native::Latin1 => Ok(Str::from_latin1(data)),
        Native::Ascii if data.is_ascii() => Str::from_text(Text::One(data)),
        Native::Ascii => finish(decode_loop("ascii", data, errors, WideCodec::Other, codecs::decode_ascii)),
        Native::Utf16(order) => {
            let (order, skip, name) = byte_order(order, codecs::take_bom16(data), ["utf-16", "utf-16-le", "utf-16-be"]);
            let wide = if order == ByteOrder::Little { WideCodec::Utf16Little } else { WideCodec::Utf16Big };
            finish(decode_loop(name, data, errors, wide, |data, start, out| {
                codecs::decode_utf16(data, start.max(skip), true, order, out)
            }))
        }
        Native::Utf32(order) => {
            let (order, skip, name) = byte_order(order, codecs::take_bom32(data), ["utf-32", "utf-32-le", "utf-32-be"]);
            let wide = if order == ByteOrder::Little { WideCodec::Utf32Little } else { WideCodec::Utf32Big };
            finish(decode_loop(name, data, errors, wide, |data, start, out| {
                codecs::decode_utf32(data, start.max(skip), true, order, out)
            }))
        }
    }
}

fn byte_order(
    order: Option<ByteOrder>,
    mark: Option<(ByteOrder, usize)>,
    names: [&'static str; 3],
) -> (ByteOrder, usize, &'static str) {
    match (order, mark) {
        (Some(ByteOrder::Little), _) => (ByteOrder::Little, 0, names[1]),
        (Some(ByteOrder::Big), _) => (ByteOrder::Big, 0, names[2]),
        (None, Some((order, skip))) => (order, skip, names[1 + usize::from(order == ByteOrder::Big)]),
        (None, None) => (ByteOrder::NATIVE, 0, names[1 + usize::from(ByteOrder::NATIVE == ByteOrder::Big)]),
    }
}

fn finish(result: R<(TextBuf, usize)>) -> R<Gc<Str>> {
    Str::from_buf(&result?.0)
}

/// UTF-8 to str.
pub fn decode_utf8(data: &[u8], errors: &str) -> R<Gc<Str>> {
    if data.is_ascii() {
        return Str::from_text(Text::One(data));
    }
    if let Some(text) = Str::from_utf8(data) {
        return Ok(text);
    }
    finish(decode_loop("utf-8", data, errors, WideCodec::Utf8, |data, start, out| codecs::decode_utf8(data, start, true, out)))
}

/// Decodes with an error handler. `step` is a decoder of `base::codecs`; the result tells the text and how far it came.
pub fn decode_loop(
    name: &str,
    data: &[u8],
    errors: &str,
    wide: WideCodec,
    mut step: impl FnMut(&[u8], usize, &mut TextBuilder) -> Result<usize, CodecError>,
) -> R<(TextBuf, usize)> {
    let mut out = TextBuilder::with_capacity(data.len());
    let mut handling = Handling::new(errors);
    // A handler may put another object in the exception, which is then read on.
    let mut replaced: Option<Gc<Bytes>> = None;
    let mut at = 0;
    loop {
        let input = replaced.map_or(data, |bytes| bytes.as_slice());
        let error = match step(input, at, &mut out) {
            Ok(end) => return Ok((out.finish(), end)),
            Err(error) => error,
        };
        if let Some(handler) = handling.built_in
            && let Some(resume) = codecs::fix_decode(handler, input, &error, wide, &mut out)
        {
            at = resume;
            continue;
        }
        let object = replaced.unwrap_or_else(|| Bytes::new(input));
        replaced = Some(object);
        let exception = decode_error(name, object.value(), error.start, error.end, error.reason);
        if handling.fails() {
            return Err(raise(exception));
        }
        let (replacement, position) =
            handling.call(exception, input.len(), "decoding error handler must return (str, int) tuple", &mut replaced)?;
        let Some(text) = replacement.cast::<Str>() else {
            return Err(type_error!("decoding error handler must return (str, int) tuple"));
        };
        out.push_text(text.text());
        at = position;
    }
}

/// `text.encode(encoding, errors)` as plain bytes.
pub fn encode(text: Gc<Str>, encoding: &str, errors: &str) -> R<Vec<u8>> {
    check_errors(errors)?;
    match native(encoding) {
        Some(codec) => encode_native(text, codec, errors),
        None => Ok(encode_by_registry(text, encoding, errors)?.as_slice().to_vec()),
    }
}
/// `text.encode()`; None if there are lone surrogates.
pub fn encode_utf8(text: Gc<Str>) -> Option<R<Gc<Bytes>>> {
    if text.is_ascii() {
        return Some(make_bytes(text.raw_bytes()));
    }
    let (extra, surrogates) = match text.text() {
        Text::One(units) => beyond_ascii(units),
        Text::Two(units) => beyond_ascii(units),
        Text::Four(units) => beyond_ascii(units),
    };
    if surrogates {
        return None;
    }
    Some(Bytes::build(text.len() + extra, |target| {
        let next = target.as_mut_ptr();
        // SAFETY: the lengths of all characters were summed up above.
        unsafe {
            match text.text() {
                Text::One(units) => write_utf8(units, next),
                Text::Two(units) => write_utf8(units, next),
                Text::Four(units) => write_utf8(units, next),
            }
        }
    }))
}
/// How many bytes more than characters UTF-8 takes, and whether there are surrogates.
fn beyond_ascii<T: Copy + Into<u32>>(units: &[T]) -> (usize, bool) {
    let (mut extra, mut surrogates) = (0, false);
    // What a piece adds fits 16 bits, which the compiler turns into wide additions.
    for piece in units.chunks(1024) {
        let mut more = 0u16;
        for unit in piece {
            let code: u32 = (*unit).into();
            surrogates |= code & 0xffff_f800 == 0xd800;
            more += u16::from(code >= 0x80) + u16::from(code >= 0x800) + u16::from(code >= 0x1_0000);
        }
        extra += usize::from(more);
    }
    (extra, surrogates)
}
/// # Safety
/// There is room at `next` for all characters, of which none is a surrogate.
unsafe fn write_utf8<T: Copy + Into<u32>>(units: &[T], mut next: *mut u8) {
    let tail = |code: u32, shift: u32| (code >> shift & 0x3f) as u8 | 0x80;
    for piece in units.chunks(16) {
        let greatest = piece.iter().fold(0, |all, unit| all | (*unit).into());
        // SAFETY: the caller's.
        unsafe {
            if greatest < 0x80 {
                for (place, unit) in piece.iter().enumerate() {
                    *next.add(place) = (*unit).into() as u8;
                }
                next = next.add(piece.len());
                continue;
            }
            for unit in piece {
                let code: u32 = (*unit).into();
                let length = match code {
                    0..0x80 => {
                        *next = code as u8;
                        1
                    }
                    0x80..0x800 => {
                        *next = (code >> 6) as u8 | 0xc0;
                        *next.add(1) = tail(code, 0);
                        2
                    }
                    0x800..0x1_0000 => {
                        *next = (code >> 12) as u8 | 0xe0;
                        *next.add(1) = tail(code, 6);
                        *next.add(2) = tail(code, 0);
                        3
                    }
                    _ => {
                        *next = (code >> 18) as u8 | 0xf0;
                        *next.add(1) = tail(code, 12);
                        *next.add(2) = tail(code, 6);
                        *next.add(3) = tail(code, 0);
                        4
                    }
                };
                next = next.add(length);
            }
        }
    }
}

/// `text.encode(encoding, errors)`.
pub fn encode_to_bytes(text: Gc<Str>, encoding: &str, errors: &str) -> R<Gc<Bytes>> {
    check_errors(errors)?;
    match native(encoding) {
        Some(Native::Utf8 | Native::Ascii | Native::Latin1) if text.is_ascii() => make_bytes(text.raw_bytes()),
        Some(Native::Utf8) => match encode_utf8(text) {
            Some(bytes) => bytes,
            None => make_bytes(&encode_native(text, Native::Utf8, errors)?),
        },
        Some(codec) => make_bytes(&encode_native(text, codec, errors)?),
        None => encode_by_registry(text, encoding, errors),
    }
}
fn make_bytes(data: &[u8]) -> R<Gc<Bytes>> {
    Bytes::copied(data)
}

fn encode_by_registry(text: Gc<Str>, encoding: &str, errors: &str) -> R<Gc<Bytes>> {
    let Some(hooks) = HOOKS.get() else { return Err(unknown(encoding)) };
    let result = (hooks.encode)(text, encoding, errors)?;
    if let Some(bytes) = result.cast::<Bytes>() {
        return Ok(bytes);
    }
    if let Some(array) = result.cast::<crate::bytearray::ByteArray>() {
        crate::warnings::runtime(&format!(
            "encoder {encoding} returned bytearray instead of bytes; use codecs.encode() to encode to arbitrary types"
        ))?;
        return make_bytes(crate::bytearray::snapshot(array));
    }
    Err(type_error!(
        "'{encoding}' encoder returned '{}' instead of 'bytes'; use codecs.encode() to encode to arbitrary types",
        class_name(result)
    ))
}

fn encode_native(text: Gc<Str>, codec: Native, errors: &str) -> R<Vec<u8>> {
    let mark = |order: Option<ByteOrder>| order.is_none();
    match codec {
        Native::Utf8 => encode_loop("utf-8", text, errors, WideCodec::Utf8, Vec::new(), codecs::encode_utf8),
        Native::Latin1 => encode_loop("latin-1", text, errors, WideCodec::Other, Vec::new(), codecs::encode_latin1),
        Native::Ascii => encode_loop("ascii", text, errors, WideCodec::Other, Vec::new(), codecs::encode_ascii),
        Native::Utf16(order) => {
            let (with_mark, name) = (mark(order), wide_name(order, ["utf-16", "utf-16-le", "utf-16-be"]));
            let order = order.unwrap_or(ByteOrder::NATIVE);
            let wide = if order == ByteOrder::Little { WideCodec::Utf16Little } else { WideCodec::Utf16Big };
            let mut out = with_room(2 * text.len() + 2);
            if with_mark {
                out.extend_from_slice(&0xfeff_u16.to_ne_bytes());
            }
            encode_loop(name, text, errors, wide, out, |text, start, out| codecs::encode_utf16(text, start, order, out))
        }
        Native::Utf32(order) => {
            let (with_mark, name) = (mark(order), wide_name(order, ["utf-32", "utf-32-le", "utf-32-be"]));
            let order = order.unwrap_or(ByteOrder::NATIVE);
            let wide = if order == ByteOrder::Little { WideCodec::Utf32Little } else { WideCodec::Utf32Big };
            let mut out = with_room(4 * text.len() + 4);
            if with_mark {
                out.extend_from_slice(&0xfeff_u32.to_ne_bytes());
            }
            encode_loop(name, text, errors, wide, out, |text, start, out| codecs::encode_utf32(text, start, order, out))
        }
    }
}
fn wide_name(order: Option<ByteOrder>, names: [&'static str; 3]) -> &'static str {
    match order {
        None => names[0],
        Some(ByteOrder::Little) => names[1],
        Some(ByteOrder::Big) => names[2],
    }
}

/// Encodes with an error handler, appending to `out`. `step` is an encoder of `base::codecs`.
pub fn encode_loop(
    name: &str,
    text: Gc<Str>,
    errors: &str,
    wide: WideCodec,
    mut out: Vec<u8>,
    mut step: impl FnMut(Text, usize, &mut Vec<u8>) -> Result<(), CodecError>,
) -> R<Vec<u8>> {
    let mut handling = Handling::new(errors);
    let input = text.text();
    let mut at = 0;
    loop {
        let Err(error) = step(input, at, &mut out) else { return Ok(out) };
        let exception = || encode_error(name, text.value(), error.start, error.end, error.reason);
        if errors == "namereplace" {
            for point in (error.start..error.end).filter_map(|at| input.get(at)) {
                let fix = name_escape(point);
                if step(Text::One(fix.as_bytes()), 0, &mut out).is_err() {
                    return Err(raise(exception()));
                }
            }
            at = error.end;
            continue;
        }
        let fix = handling.built_in.and_then(|handler| codecs::fix_encode(handler, input, &error, wide));
        match fix {
            Some((EncodeFix::Bytes(bytes), resume)) => {
                out.put_all(&bytes);
                at = resume;
            }
            Some((EncodeFix::Chars(chars), resume)) => {
                if step(Text::One(&chars), 0, &mut out).is_err() {
                    return Err(raise(exception()));
                }
                at = resume;
            }
            None if handling.fails() => return Err(raise(exception())),
            None => {
                let exception = exception();
                let (replacement, position) = handling.call(
                    exception,
                    input.len(),
                    "encoding error handler must return (str/bytes, int) tuple",
                    &mut None,
                )?;
                if let Some(bytes) = replacement.cast::<Bytes>() {
                    if !bytes.len().is_multiple_of(unit_of(wide)) {
                        return Err(raise(exception));
                    }
                    out.put_all(bytes.as_slice());
                } else if let Some(chars) = replacement.cast::<Str>() {
                    let fits = wide == WideCodec::Other || chars.is_ascii();
                    if !fits || step(chars.text(), 0, &mut out).is_err() {
                        return Err(raise(exception));
                    }
                } else {
                    return Err(type_error!("encoding error handler must return (str/bytes, int) tuple"));
                }
                at = position;
            }
        }
    }
}

/// Bytes of a code unit.
fn unit_of(codec: WideCodec) -> usize {
    match codec {
        WideCodec::Utf8 | WideCodec::Other => 1,
        WideCodec::Utf16Little | WideCodec::Utf16Big => 2,
        WideCodec::Utf32Little | WideCodec::Utf32Big => 4,
    }
}

/// `\N{NAME}`, or a numeric escape for characters without one.
pub fn name_escape(point: u32) -> String {
    match unicode_tables::name(point, unicode_tables::Version::Current) {
        Some(name) => format!("\\N{{{name}}}"),
        None if point < 0x100 => format!("\\x{point:02x}"),
        None if point < 0x10000 => format!("\\u{point:04x}"),
        None => format!("\\U{point:08x}"),
    }
}

/// The error handler of one run, looked up when first needed.
struct Handling<'a> {
    errors: &'a str,
    built_in: Option<Handler>,
    function: Option<Value>,
}

impl<'a> Handling<'a> {
    fn new(errors: &'a str) -> Handling<'a> {
        Handling { errors, built_in: Handler::by_name(errors), function: None }
    }
    /// There is nothing more to ask: the error is raised.
    fn fails(&self) -> bool {
        self.errors.is_empty() || self.errors == "strict" || self.built_in.is_some()
    }
    /// Asks a handler of the registry; gives the replacement and the position to go on at.
    fn call(&mut self, exception: Value, len: usize, wrong: &'static str, replaced: &mut Option<Gc<Bytes>>) -> R<(Value, usize)> {
        let function = match self.function {
            Some(function) => function,
            None => {
                let Some(hooks) = HOOKS.get() else { return Err(lookup_error!("unknown error handler name '{}'", self.errors)) };
                let function = (hooks.lookup_error)(self.errors)?;
                self.function = Some(function);
                function
            }
        };
        let result = crate::call::call(function, &[exception])?;
        let Some([replacement, position]) = result.cast::<Tuple>().and_then(|tuple| <[Value; 2]>::try_from(tuple.items()).ok())
        else {
            return Err(type_error!("{wrong}"));
        };
        let Some(view) = int_view(position) else { return Err(type_error!("{wrong}")) };
        let mut len = len;
        if replaced.is_some()
            && let Some(error) = exception.cast::<exc::UnicodeErrorObject>()
        {
            let Some(object) = error.object.get() else {
                return Err(type_error!("UnicodeError 'object' attribute is not set"));
            };
            let Some(bytes) = object.cast::<Bytes>() else {
                return Err(type_error!("UnicodeError 'object' attribute must be a bytes"));
            };
            *replaced = Some(bytes);
            len = bytes.len();
        }
        let number = IntView::to_i64(view).unwrap_or(i64::MAX);
        let resolved = if number < 0 { number + len as i64 } else { number };
        if resolved < 0 || resolved > len as i64 {
            return Err(index_error!("position {number} from error handler out of bounds"));
        }
        Ok((replacement, resolved as usize))
    }
}

fn unicode_error(
    class: &crate::layout::ClassCell,
    encoding: &str,
    object: Value,
    start: usize,
    end: usize,
    reason: &str,
) -> Value {
    let (name, reason) = (new_str(encoding), new_str(reason));
    let exception = exc::new_exception(class.get(), &[name, object, new_int_usize(start), new_int_usize(end), reason]);
    if let Some(error) = exception.value().cast::<exc::UnicodeErrorObject>() {
        error.encoding.set(name);
        error.object.set(object);
        error.start.store(start as i64, Ordering::Relaxed);
        error.end.store(end as i64, Ordering::Relaxed);
        error.reason.set(reason);
    }
    exception.value()
}
/// A UnicodeEncodeError, not raised yet.
pub fn encode_error(encoding: &str, text: Value, start: usize, end: usize, reason: &str) -> Value {
    unicode_error(&exc::UNICODE_ENCODE_ERROR, encoding, text, start, end, reason)
}
/// A UnicodeDecodeError, not raised yet.
pub fn decode_error(encoding: &str, data: Value, start: usize, end: usize, reason: &str) -> Value {
    unicode_error(&exc::UNICODE_DECODE_ERROR, encoding, data, start, end, reason)
}
