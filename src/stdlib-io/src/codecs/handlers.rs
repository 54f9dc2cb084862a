//! The built-in error handlers as callables: what `codecs.lookup_error("replace")` gives.

use base::codecs::{CodecError, EncodeFix, Handler, WideCodec, fix_decode, fix_encode};
use base::text::TextBuilder;
use objects::bytes::Bytes;
use objects::exc::UnicodeErrorObject;
use objects::{
    Cast, Gc, R, Str, Value, class_name, codec, exc, is_instance, new_bytes, new_int_usize, new_str, new_tuple, type_error,
};
use std::sync::atomic::Ordering;

#[cold]
fn dont_know(exception: Value) -> objects::Raised {
    type_error!("don't know how to handle {} in error callback", class_name(exception))
}

/// The three kinds of Unicode errors with their object and range.
enum Problem {
    Encode(Gc<UnicodeErrorObject>, Gc<Str>, usize, usize),
    Decode(Gc<UnicodeErrorObject>, Gc<Bytes>, usize, usize),
    Translate(Gc<Str>, usize, usize),
}

fn range(error: Gc<UnicodeErrorObject>, len: usize) -> (usize, usize) {
    let start = (error.start.load(Ordering::Relaxed).max(0) as usize).min(len.saturating_sub(1));
    let end = (error.end.load(Ordering::Relaxed).max(1) as usize).min(len);
    (start, end)
}

fn problem(exception: Value) -> R<Problem> {
    let Some(error) = exception.cast::<UnicodeErrorObject>() else { return Err(dont_know(exception)) };
    let object = error.object.get();
    let missing = || type_error!("UnicodeError 'object' attribute is not set");
    if is_instance(exception, exc::UNICODE_DECODE_ERROR.get()) {
        let Some(object) = object else { return Err(missing()) };
        let Some(bytes) = object.cast::<Bytes>() else {
            return Err(type_error!("UnicodeError 'object' attribute must be a bytes"));
        };
        let (start, end) = range(error, bytes.len());
        return Ok(Problem::Decode(error, bytes, start, end));
    }
    let is_encode = is_instance(exception, exc::UNICODE_ENCODE_ERROR.get());
    if !is_encode && !is_instance(exception, exc::UNICODE_TRANSLATE_ERROR.get()) {
        return Err(dont_know(exception));
    }
    let Some(object) = object else { return Err(missing()) };
    let Some(text) = object.cast::<Str>() else { return Err(type_error!("UnicodeError 'object' attribute must be a string")) };
    let (start, end) = range(error, text.len());
    Ok(if is_encode { Problem::Encode(error, text, start, end) } else { Problem::Translate(text, start, end) })
}

fn answer(replacement: Value, position: usize) -> R {
    Ok(new_tuple(&[replacement, new_int_usize(position)]).value())
}

pub fn strict(exception: Value) -> R {
    if exception.cast::<exc::BaseException>().is_some() {
        return Err(objects::raise(exception));
    }
    Err(type_error!("codec must pass exception instance"))
}

pub fn ignore(exception: Value) -> R {
    match problem(exception)? {
        Problem::Encode(_, _, _, end) | Problem::Decode(_, _, _, end) | Problem::Translate(_, _, end) => {
            answer(Str::empty().value(), end)
        }
    }
}

pub fn replace(exception: Value) -> R {
    match problem(exception)? {
        Problem::Encode(_, _, start, end) => answer(new_str(&"?".repeat(end.saturating_sub(start))), end),
        Problem::Decode(_, _, _, end) => answer(new_str("\u{fffd}"), end),
        Problem::Translate(_, start, end) => answer(new_str(&"\u{fffd}".repeat(end.saturating_sub(start))), end),
    }
}

fn points(text: Gc<Str>, start: usize, end: usize) -> impl Iterator<Item = u32> {
    (start..end).map(move |at| text.char_at(at))
}

pub fn backslash_replace(exception: Value) -> R {
    match problem(exception)? {
        Problem::Encode(_, text, start, end) | Problem::Translate(text, start, end) => {
            let mut out = String::new();
            for point in points(text, start, end) {
                out.push_str(&match point {
                    0..=0xff => format!("\\x{point:02x}"),
                    0x100..=0xffff => format!("\\u{point:04x}"),
                    _ => format!("\\U{point:08x}"),
                });
            }
            answer(new_str(&out), end)
        }
        Problem::Decode(_, bytes, start, end) => {
            let part = bytes.as_slice().get(start..end).unwrap_or_default();
            answer(new_str(&part.iter().map(|byte| format!("\\x{byte:02x}")).collect::<String>()), end)
        }
    }
}

pub fn xml_char_ref_replace(exception: Value) -> R {
    match problem(exception)? {
        Problem::Encode(_, text, start, end) => {
            answer(new_str(&points(text, start, end).map(|point| format!("&#{point};")).collect::<String>()), end)
        }
        _ => Err(dont_know(exception)),
    }
}

pub fn name_replace(exception: Value) -> R {
    match problem(exception)? {
        Problem::Encode(_, text, start, end) => {
            answer(new_str(&points(text, start, end).map(codec::name_escape).collect::<String>()), end)
        }
        _ => Err(dont_know(exception)),
    }
}

/// The codecs that "surrogatepass" works for, by the name in the exception.
fn wide_codec(error: Gc<UnicodeErrorObject>) -> WideCodec {
    let Some(name) = error.encoding.get().and_then(|name| name.cast::<Str>()) else { return WideCodec::Other };
    let name: String = name.to_string_lossy().to_ascii_lowercase().replace(['_', ' '], "-");
    let native_little = cfg!(target_endian = "little");
    let rest = |prefix: &str| name.strip_prefix(prefix).map(|rest| rest.trim_start_matches('-').to_owned());
    if matches!(name.as_str(), "utf-8" | "utf8" | "cp65001") {
        return WideCodec::Utf8;
    }
    for (prefixes, little, big) in [
        (["utf-16", "utf16"], WideCodec::Utf16Little, WideCodec::Utf16Big),
        (["utf-32", "utf32"], WideCodec::Utf32Little, WideCodec::Utf32Big),
    ] {
        for prefix in prefixes {
            match rest(prefix).as_deref() {
                Some("le") => return little,
                Some("be") => return big,
                Some("") => return if native_little { little } else { big },
                _ => {}
            }
        }
    }
    WideCodec::Other
}

fn by_rule(exception: Value, handler: Handler) -> R {
    let cannot = || {
        // The error itself is raised again.
        Err(objects::raise(exception))
    };
    match problem(exception)? {
        Problem::Encode(error, text, start, end) => {
            let wide = if handler == Handler::SurrogatePass { wide_codec(error) } else { WideCodec::Other };
            if handler == Handler::SurrogatePass && wide == WideCodec::Other {
                return cannot();
            }
            let fault = CodecError { start, end, reason: "" };
            match fix_encode(handler, text.text(), &fault, wide) {
                Some((EncodeFix::Bytes(bytes), resume)) => answer(new_bytes(&bytes), resume),
                Some((EncodeFix::Chars(chars), resume)) => answer(Str::of_ascii(&chars).value(), resume),
                None => cannot(),
            }
        }
        Problem::Decode(error, bytes, start, end) => {
            let wide = if handler == Handler::SurrogatePass { wide_codec(error) } else { WideCodec::Other };
            if handler == Handler::SurrogatePass && wide == WideCodec::Other {
                return cannot();
            }
            let fault = CodecError { start, end, reason: "" };
            let mut out = TextBuilder::new();
            match fix_decode(handler, bytes.as_slice(), &fault, wide, &mut out) {
                Some(resume) => answer(Str::from_buf(&out.finish())?.value(), resume),
                None => cannot(),
            }
        }
        Problem::Translate(..) => Err(dont_know(exception)),
    }
}

pub fn surrogate_escape(exception: Value) -> R {
    by_rule(exception, Handler::SurrogateEscape)
}
pub fn surrogate_pass(exception: Value) -> R {
    by_rule(exception, Handler::SurrogatePass)
}

/// Names and functions of the built-in handlers.
pub const BUILT_IN: &[&str] =
    &["strict", "ignore", "replace", "backslashreplace", "xmlcharrefreplace", "namereplace", "surrogateescape", "surrogatepass"];
