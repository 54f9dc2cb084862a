//! How a text stream turns bytes into text and back: natively for the common encodings, else by the incremental codecs of the
//! registry.
//!
//! Must not know: streams, positions.

use super::common::call0;
use super::newline::NewlineState;
use base::codecs::{self as algorithms, WideCodec};
use base::memory::copied;
use objects::codec::{decode_loop, encode_loop};
use objects::{
    Bytes, Cast, Gc, R, Slot, Str, Tuple, Value, class_name, get_attr, int_view, interned, is_int, new_bytes, new_int, new_str,
    new_tuple, type_error,
};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Native {
    Utf8,
    Latin1,
    Ascii,
}

/// The native codec of an encoding's name.
pub fn native(encoding: &str) -> Option<Native> {
    let name: String = encoding.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).map(|c| c.to_ascii_lowercase()).collect();
    Some(match name.as_str() {
        "utf8" => Native::Utf8,
        "latin1" | "iso88591" => Native::Latin1,
        "ascii" | "usascii" => Native::Ascii,
        _ => return None,
    })
}

/// The decoding side. The objects it uses are in slots of the stream.
#[derive(Default)]
pub struct Decoding {
    pub exists: bool,
    pub native: Option<Native>,
    /// The beginning of a character (native codecs).
    pub partial: Vec<u8>,
    pub universal: bool,
    pub translate: bool,
    pub newlines: NewlineState,
}

/// A snapshot of a decoder.
pub struct DecoderState {
    pub buffer: Vec<u8>,
    pub flags: i128,
}

/// Decodes natively; the incomplete rest is left in `partial`.
pub fn decode_native(codec: Native, partial: &mut Vec<u8>, input: &[u8], errors: &str, is_final: bool) -> R<Gc<Str>> {
    if partial.is_empty() && input.is_ascii() {
        return Str::from_text(base::text::Text::One(input));
    }
    match codec {
        Native::Latin1 => Str::from_text(base::text::Text::One(input)),
        Native::Ascii => objects::codec::decode(input, "ascii", errors),
        Native::Utf8 => {
            let joined;
            let data = if partial.is_empty() {
                input
            } else {
                joined = [partial.as_slice(), input].concat();
                &joined
            };
            let (whole, begun) = data.split_at(data.len() - if is_final { 0 } else { begun_character(data) });
            if let Some(text) = Str::from_utf8(whole) {
                *partial = copied(begun);
                return Ok(text);
            }
            let (text, consumed) = decode_loop("utf-8", data, errors, WideCodec::Utf8, |data, start, out| {
                algorithms::decode_utf8(data, start, is_final, out)
            })?;
            let rest = copied(data.get(consumed..).unwrap_or_default());
            *partial = rest;
            Str::from_buf(&text)
        }
    }
}

/// How many bytes at the end are the beginning of a character that may go on well.
fn begun_character(data: &[u8]) -> usize {
    let is_begun = |count: &usize| {
        let end = &data[data.len() - count..];
        std::str::from_utf8(end).is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
    };
    (1..=data.len().min(3)).find(is_begun).unwrap_or(0)
}

/// Encodes natively, appending to `out`.
pub fn encode_native(codec: Native, text: Gc<Str>, errors: &str, out: Vec<u8>) -> R<Vec<u8>> {
    match codec {
        Native::Utf8 => encode_loop("utf-8", text, errors, WideCodec::Utf8, out, algorithms::encode_utf8),
        Native::Latin1 => encode_loop("latin-1", text, errors, WideCodec::Other, out, algorithms::encode_latin1),
        Native::Ascii => encode_loop("ascii", text, errors, WideCodec::Other, out, algorithms::encode_ascii),
    }
}

/// `codec.incrementaldecoder(errors)` or `incrementalencoder`.
pub fn make_incremental(codec: Gc<Tuple>, kind: &str, errors: Gc<Str>) -> R {
    let factory = get_attr(codec.value(), objects::intern(kind))?;
    objects::call(factory, &[errors.value()])
}

/// `decoder.decode(input, final)`.
pub fn decode_python(decoder: &Slot, input: Value, is_final: bool) -> R<Gc<Str>> {
    let Some(decoder) = decoder.get() else { return Err(super::common::unsupported("not readable")) };
    let output = objects::call_method(decoder, interned!("decode"), &[input, Value::bool(is_final)])?;
    match output.cast::<Str>() {
        Some(text) => Ok(text),
        None => Err(type_error!("decoder should return a string result, not '{}'", class_name(output))),
    }
}

pub fn python_state(decoder: &Slot) -> R<DecoderState> {
    let Some(decoder) = decoder.get() else { return Ok(DecoderState { buffer: Vec::new(), flags: 0 }) };
    let state = call0(decoder, interned!("getstate"))?;
    let Some(tuple) = state.cast::<Tuple>() else { return Err(type_error!("illegal decoder state")) };
    let [buffer, flags] = tuple.items() else { return Err(type_error!("illegal decoder state")) };
    let Some(bytes) = buffer.cast::<Bytes>() else {
        return Err(type_error!("illegal decoder state: the first item should be a bytes object, not '{}'", class_name(*buffer)));
    };
    if !is_int(*flags) {
        return Err(type_error!("illegal decoder state"));
    }
    let flags = int_view(*flags).and_then(|view| view.to_i64()).unwrap_or(0);
    Ok(DecoderState { buffer: copied(bytes.as_slice()), flags: flags as i128 })
}

pub fn set_python_state(decoder: &Slot, buffer: &[u8], flags: i128) -> R<()> {
    let Some(decoder) = decoder.get() else { return Ok(()) };
    let state = new_tuple(&[new_bytes(buffer), new_int(flags as i64)]);
    objects::call_method(decoder, interned!("setstate"), &[state.value()]).map(|_| ())
}

/// What `encoding=None` and "locale" mean.
pub fn locale_encoding() -> Value {
    if objects::config::get().utf8_mode {
        return new_str("utf-8");
    }
    // SAFETY: both give static text, which is copied at once.
    unsafe {
        let current = libc::setlocale(libc::LC_CTYPE, std::ptr::null());
        if !current.is_null() {
            let current = std::ffi::CStr::from_ptr(current);
            if current != c"C" && current != c"POSIX" {
                let name = libc::nl_langinfo(libc::CODESET);
                if !name.is_null() && *name != 0 {
                    return new_str(&std::ffi::CStr::from_ptr(name).to_string_lossy());
                }
            }
        }
    }
    new_str("UTF-8")
}
