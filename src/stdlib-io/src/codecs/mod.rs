//! The module `_codecs`: the registry's functions and the stateless codecs that `encodings` builds on.
//!
//! Must not know: streams.

pub mod charmap;
pub mod handlers;
pub mod registry;

use base::codecs::{self as algorithms, ByteOrder, EscapeErrors, WideCodec};
use base::memory::Grow;
use native_macros::native_module;
use objects::buffer::StrOrBuf;
use objects::codec::{decode_loop, encode_loop};
use objects::{Buf, Gc, R, Str, Value, new_bytes, new_tuple, type_error};
use registry::pair;

pub struct Codecs;

fn errors_or_strict(errors: Option<&str>) -> &str {
    errors.unwrap_or("strict")
}
fn encoded(bytes: Vec<u8>, text: Gc<Str>) -> R {
    Ok(pair(new_bytes(&bytes), text.len()))
}
fn decoded(result: R<(base::text::TextBuf, usize)>) -> R {
    let (text, consumed) = result?;
    Ok(pair(Str::from_buf(&text)?.value(), consumed))
}

fn wide16(order: ByteOrder) -> WideCodec {
    if order == ByteOrder::Little { WideCodec::Utf16Little } else { WideCodec::Utf16Big }
}
fn wide32(order: ByteOrder) -> WideCodec {
    if order == ByteOrder::Little { WideCodec::Utf32Little } else { WideCodec::Utf32Big }
}

/// Decodes with two or four bytes a unit; `order` 0 looks for a byte order mark. Gives text, consumed bytes and the order found.
fn decode_wide(
    data: &[u8],
    errors: Option<&str>,
    order: i32,
    is_final: bool,
    is_16: bool,
) -> R<(base::text::TextBuf, usize, i32)> {
    let (mut found, mut skip) = (order.signum(), 0);
    if order == 0
        && let Some((mark, count)) = if is_16 { algorithms::take_bom16(data) } else { algorithms::take_bom32(data) }
    {
        found = if mark == ByteOrder::Little { -1 } else { 1 };
        skip = count;
    }
    let actual = match found {
        -1 => ByteOrder::Little,
        1 => ByteOrder::Big,
        _ => ByteOrder::NATIVE,
    };
    let names = if is_16 { ["utf-16-le", "utf-16-be"] } else { ["utf-32-le", "utf-32-be"] };
    let name = names[usize::from(actual == ByteOrder::Big)];
    let errors = errors_or_strict(errors);
    let (text, consumed) = if is_16 {
        decode_loop(name, data, errors, wide16(actual), |data, start, out| {
            algorithms::decode_utf16(data, start.max(skip), is_final, actual, out)
        })?
    } else {
        decode_loop(name, data, errors, wide32(actual), |data, start, out| {
            algorithms::decode_utf32(data, start.max(skip), is_final, actual, out)
        })?
    };
    Ok((text, consumed, found))
}
fn decode_order(data: Buf, errors: Option<&str>, order: i32, is_final: bool, is_16: bool) -> R {
    let (text, consumed, _) = decode_wide(&data, errors, order, is_final, is_16)?;
    Ok(pair(Str::from_buf(&text)?.value(), consumed))
}
fn decode_ex(data: Buf, errors: Option<&str>, order: i32, is_final: bool, is_16: bool) -> R {
    let (text, consumed, order) = decode_wide(&data, errors, order, is_final, is_16)?;
    Ok(new_tuple(&[Str::from_buf(&text)?.value(), objects::new_int_usize(consumed), Value::small(order)]).value())
}
fn encode_order(text: Gc<Str>, errors: Option<&str>, order: i32, is_16: bool) -> R {
    let actual = match order.signum() {
        -1 => ByteOrder::Little,
        1 => ByteOrder::Big,
        _ => ByteOrder::NATIVE,
    };
    let names = if is_16 { ["utf-16", "utf-16-le", "utf-16-be"] } else { ["utf-32", "utf-32-le", "utf-32-be"] };
    let name = match order.signum() {
        0 => names[0],
        -1 => names[1],
        _ => names[2],
    };
    let errors = errors_or_strict(errors);
    let mut out = Vec::new();
    let bytes = if is_16 {
        if order == 0 {
            out.put_all(&0xfeff_u16.to_ne_bytes());
        }
        encode_loop(name, text, errors, wide16(actual), out, |text, start, out| {
            algorithms::encode_utf16(text, start, actual, out)
        })?
    } else {
        if order == 0 {
            out.put_all(&0xfeff_u32.to_ne_bytes());
        }
        encode_loop(name, text, errors, wide32(actual), out, |text, start, out| {
            algorithms::encode_utf32(text, start, actual, out)
        })?
    };
    encoded(bytes, text)
}

/// The warning for an escape that means nothing.
/// What stands behind a backslash, and what kind of escape that is.
fn escape_at(data: &[u8], at: usize) -> (String, &'static str) {
    let rest = data.get(at + 1..).unwrap_or_default();
    match rest {
        [b'0'..=b'7', b'0'..=b'7', b'0'..=b'7', ..] => (String::from_utf8_lossy(&rest[..3]).into_owned(), "octal escape"),
        _ => (rest.first().map_or(' ', |byte| *byte as char).to_string(), "escape"),
    }
}

fn warn_invalid_escape(prefix: &str, escape: Option<(String, &str)>) -> R<()> {
    let Some((what, kind)) = escape else { return Ok(()) };
    objects::warnings::deprecation(&format!(
        "{prefix}\"\\{what}\" is an invalid {kind} sequence. Such sequences will not work in the future. "
    ))
}

#[native_module(name = "_codecs", classes = [charmap::EncodingMapObject])]
impl Codecs {
    /// Add a function that finds codecs.
    ///
    /// It is called with the name of an encoding in lower case letters, and returns
    /// a CodecInfo (or a tuple of encoder, decoder, stream_reader, stream_writer)
    /// or None.
    #[sig("(search_function, /)")]
    fn register(search_function: Value) -> R<()> {
        registry::register(search_function)
    }
    /// Take out a function that finds codecs, and empty the cache.
    ///
    /// If it was not registered, nothing happens.
    #[sig("(search_function, /)")]
    fn unregister(search_function: Value) -> R<()> {
        registry::unregister(search_function)
    }
    /// The CodecInfo of an encoding; LookupError if none is found.
    #[sig("(encoding, /)")]
    fn lookup(encoding: &str) -> R {
        Ok(registry::lookup(encoding)?.value())
    }
    /// Encode obj by the codec for encoding, 'utf-8' by default.
    ///
    /// errors names the handler of errors; 'strict', the default, raises ValueError.
    #[sig("(obj, encoding='utf-8', errors='strict')")]
    fn encode(obj: Value, encoding: &str, errors: Option<&str>) -> R {
        registry::encode(obj, encoding, errors)
    }
    /// Decode obj by the codec for encoding, 'utf-8' by default.
    ///
    /// errors names the handler of errors; 'strict', the default, raises ValueError.
    #[sig("(obj, encoding='utf-8', errors='strict')")]
    fn decode(obj: Value, encoding: &str, errors: Option<&str>) -> R {
        registry::decode(obj, encoding, errors)
    }
    /// Make handler the error handler with the name errors.
    ///
    /// It is called with the exception, which says where the error is, and returns
    /// a tuple of what to put there and the position to go on at.
    #[sig("(errors, handler, /)")]
    fn register_error(errors: &str, handler: Value) -> R<()> {
        registry::register_error_handler(errors, handler)
    }
    /// Take out the error handler with the name errors.
    ///
    /// Returns whether there was one. The built-in ones, such as 'strict', stay:
    /// for them ValueError is raised.
    #[sig("(errors, /)")]
    fn _unregister_error(errors: &str) -> R<bool> {
        if handlers::BUILT_IN.contains(&errors) {
            return Err(objects::value_error!("cannot un-register built-in error handler '{errors}'"));
        }
        registry::unregister_error_handler(errors)
    }
    /// lookup_error(errors) -> handler
    ///
    /// The error handler of that name; LookupError if there is none.
    #[sig("(name, /)")]
    fn lookup_error(name: &str) -> R {
        registry::lookup_error_handler(name)
    }

    #[sig("(data, errors=None, final=False, /)")]
    fn utf_8_decode(data: Buf, errors: Option<&str>, is_final: bool) -> R {
        if data.is_ascii() {
            return Ok(pair(Str::from_latin1(&data).value(), data.len()));
        }
        decoded(decode_loop("utf-8", &data, errors_or_strict(errors), WideCodec::Utf8, |data, start, out| {
            algorithms::decode_utf8(data, start, is_final, out)
        }))
    }
    #[sig("(str, errors=None, /)")]
    fn utf_8_encode(text: Gc<Str>, errors: Option<&str>) -> R {
        encoded(objects::codec::encode(text, "utf-8", errors_or_strict(errors))?, text)
    }
    #[sig("(data, errors=None, final=False, /)")]
    fn utf_7_decode(data: Buf, errors: Option<&str>, is_final: bool) -> R {
        decoded(decode_loop("utf7", &data, errors_or_strict(errors), WideCodec::Other, |data, start, out| {
            algorithms::decode_utf7(data, start, is_final, out)
        }))
    }
    #[sig("(str, errors=None, /)")]
    fn utf_7_encode(text: Gc<Str>, errors: Option<&str>) -> R {
        let _ = errors;
        let mut out = Vec::new();
        algorithms::encode_utf7(text.text(), &mut out);
        encoded(out, text)
    }
    #[sig("(data, errors=None, /)")]
    fn latin_1_decode(data: Buf, errors: Option<&str>) -> R {
        let _ = errors;
        Ok(pair(Str::from_text(base::text::Text::One(&data))?.value(), data.len()))
    }
    #[sig("(str, errors=None, /)")]
    fn latin_1_encode(text: Gc<Str>, errors: Option<&str>) -> R {
        encoded(objects::codec::encode(text, "latin-1", errors_or_strict(errors))?, text)
    }
    #[sig("(data, errors=None, /)")]
    fn ascii_decode(data: Buf, errors: Option<&str>) -> R {
        Ok(pair(objects::codec::decode(&data, "ascii", errors_or_strict(errors))?.value(), data.len()))
    }
    #[sig("(str, errors=None, /)")]
    fn ascii_encode(text: Gc<Str>, errors: Option<&str>) -> R {
        encoded(objects::codec::encode(text, "ascii", errors_or_strict(errors))?, text)
    }
    #[sig("(data, errors=None, final=False, /)")]
    fn utf_16_decode(data: Buf, errors: Option<&str>, is_final: bool) -> R {
        decode_order(data, errors, 0, is_final, true)
    }
    #[sig("(data, errors=None, final=False, /)")]
    fn utf_16_le_decode(data: Buf, errors: Option<&str>, is_final: bool) -> R {
        decode_order(data, errors, -1, is_final, true)
    }
    #[sig("(data, errors=None, final=False, /)")]
    fn utf_16_be_decode(data: Buf, errors: Option<&str>, is_final: bool) -> R {
        decode_order(data, errors, 1, is_final, true)
    }
    #[sig("(data, errors=None, byteorder=0, final=False, /)")]
    fn utf_16_ex_decode(data: Buf, errors: Option<&str>, byteorder: i32, is_final: bool) -> R {
        decode_ex(data, errors, byteorder, is_final, true)
    }
    #[sig("(str, errors=None, byteorder=0, /)")]
    fn utf_16_encode(text: Gc<Str>, errors: Option<&str>, byteorder: i32) -> R {
        encode_order(text, errors, byteorder, true)
    }
    #[sig("(str, errors=None, /)")]
    fn utf_16_le_encode(text: Gc<Str>, errors: Option<&str>) -> R {
        encode_order(text, errors, -1, true)
    }
    #[sig("(str, errors=None, /)")]
    fn utf_16_be_encode(text: Gc<Str>, errors: Option<&str>) -> R {
        encode_order(text, errors, 1, true)
    }
    #[sig("(data, errors=None, final=False, /)")]
    fn utf_32_decode(data: Buf, errors: Option<&str>, is_final: bool) -> R {
        decode_order(data, errors, 0, is_final, false)
    }
    #[sig("(data, errors=None, final=False, /)")]
    fn utf_32_le_decode(data: Buf, errors: Option<&str>, is_final: bool) -> R {
        decode_order(data, errors, -1, is_final, false)
    }
    #[sig("(data, errors=None, final=False, /)")]
    fn utf_32_be_decode(data: Buf, errors: Option<&str>, is_final: bool) -> R {
        decode_order(data, errors, 1, is_final, false)
    }
    #[sig("(data, errors=None, byteorder=0, final=False, /)")]
    fn utf_32_ex_decode(data: Buf, errors: Option<&str>, byteorder: i32, is_final: bool) -> R {
        decode_ex(data, errors, byteorder, is_final, false)
    }
    #[sig("(str, errors=None, byteorder=0, /)")]
    fn utf_32_encode(text: Gc<Str>, errors: Option<&str>, byteorder: i32) -> R {
        encode_order(text, errors, byteorder, false)
    }
    #[sig("(str, errors=None, /)")]
    fn utf_32_le_encode(text: Gc<Str>, errors: Option<&str>) -> R {
        encode_order(text, errors, -1, false)
    }
    #[sig("(str, errors=None, /)")]
    fn utf_32_be_encode(text: Gc<Str>, errors: Option<&str>) -> R {
        encode_order(text, errors, 1, false)
    }
    #[sig("(data, errors=None, final=True, /)")]
    fn unicode_escape_decode(data: StrOrBuf, errors: Option<&str>, #[default(true)] is_final: bool) -> R {
        let mut invalid = None;
        let result = decode_loop("unicodeescape", &data, errors_or_strict(errors), WideCodec::Other, |data, start, out| {
            let mut lookup = |name: &str| match unicode_tables::lookup(name, true, false) {
                Some(unicode_tables::Named::Character(point)) => Some(point),
                _ => None,
            };
            let mut found = None;
            let end = algorithms::decode_unicode_escape(data, start, is_final, out, &mut lookup, &mut found);
            if invalid.is_none() {
                invalid = found.map(|at| escape_at(data, at));
            }
            end
        });
        let (text, end) = result?;
        warn_invalid_escape("", invalid)?;
        // A handler may have put other data in place of these, all of which are read in the end.
        decoded(Ok((text, if is_final { data.len() } else { end })))
    }
    #[sig("(str, errors=None, /)")]
    fn unicode_escape_encode(text: Gc<Str>, errors: Option<&str>) -> R {
        let _ = errors;
        let mut out = Vec::new();
        algorithms::encode_unicode_escape(text.text(), &mut out);
        encoded(out, text)
    }
    #[sig("(data, errors=None, final=True, /)")]
    fn raw_unicode_escape_decode(data: StrOrBuf, errors: Option<&str>, #[default(true)] is_final: bool) -> R {
        decoded(decode_loop("rawunicodeescape", &data, errors_or_strict(errors), WideCodec::Other, |data, start, out| {
            algorithms::decode_raw_unicode_escape(data, start, is_final, out)
        }))
    }
    #[sig("(str, errors=None, /)")]
    fn raw_unicode_escape_encode(text: Gc<Str>, errors: Option<&str>) -> R {
        let _ = errors;
        let mut out = Vec::new();
        algorithms::encode_raw_unicode_escape(text.text(), &mut out);
        encoded(out, text)
    }
    #[sig("(data, errors=None, /)")]
    fn escape_decode(data: StrOrBuf, errors: Option<&str>) -> R {
        let mode = match errors {
            None | Some("strict") => EscapeErrors::Strict,
            Some("replace") => EscapeErrors::Replace,
            Some("ignore") => EscapeErrors::Ignore,
            Some(other) => {
                // The handler matters only when there is something to handle.
                let mut none = None;
                match algorithms::decode_bytes_escape(&data, EscapeErrors::Strict, &mut none) {
                    Ok(_) => EscapeErrors::Strict,
                    Err(fault) if fault.text.starts_with("invalid") => {
                        return Err(objects::value_error!("decoding error; unknown error handling code: {other}"));
                    }
                    Err(_) => EscapeErrors::Strict,
                }
            }
        };
        let mut invalid = None;
        let bytes = algorithms::decode_bytes_escape(&data, mode, &mut invalid).map_err(objects::raise_fault)?;
        warn_invalid_escape("b", invalid.map(|at| escape_at(&data, at)))?;
        Ok(pair(new_bytes(&bytes), data.len()))
    }
    #[sig("(data, errors=None, /)")]
    fn escape_encode(data: Value, errors: Option<&str>) -> R {
        let _ = errors;
        match objects::Cast::cast::<objects::Bytes>(data) {
            Some(bytes) => Ok(pair(new_bytes(&algorithms::encode_bytes_escape(bytes.as_slice())), bytes.len())),
            None => Err(type_error!("escape_encode() argument 1 must be bytes, not {}", objects::class_name(data))),
        }
    }
    #[sig("(data, errors=None, /)")]
    fn readbuffer_encode(data: StrOrBuf, errors: Option<&str>) -> R {
        let _ = errors;
        Ok(pair(new_bytes(&data), data.len()))
    }
    #[sig("(data, errors=None, mapping=None, /)")]
    fn charmap_decode(data: Buf, errors: Option<&str>, mapping: Option<Value>) -> R {
        charmap::decode(&data, errors_or_strict(errors), mapping)
    }
    #[sig("(str, errors=None, mapping=None, /)")]
    fn charmap_encode(text: Gc<Str>, errors: Option<&str>, mapping: Option<Value>) -> R {
        charmap::encode(text, errors_or_strict(errors), mapping)
    }
    #[sig("(map, /)")]
    fn charmap_build(map: Gc<Str>) -> R {
        charmap::build(map)
    }

    fn __exec__(_module: Value) -> R<()> {
        for def in Handlers::MODULE.functions {
            let function = objects::descr::new_native_function(def, None, None);
            let name = match def.name.trim_end_matches("_errors") {
                "xmlcharref_replace" => "xmlcharrefreplace".to_owned(),
                name => name.to_owned(),
            };
            registry::register_error_handler(&name, function.value())?;
        }
        Ok(())
    }
}

/// The error handlers as function objects.
pub struct Handlers;

#[native_module(name = "_codecs")]
impl Handlers {
    /// Implements the 'strict' error handling, which raises a UnicodeError on coding errors.
    fn strict_errors(exception: Value) -> R {
        handlers::strict(exception)
    }
    /// Implements the 'ignore' error handling, which ignores malformed data and continues.
    fn ignore_errors(exception: Value) -> R {
        handlers::ignore(exception)
    }
    /// Implements the 'replace' error handling, which replaces malformed data with a replacement marker.
    fn replace_errors(exception: Value) -> R {
        handlers::replace(exception)
    }
    /// Implements the 'xmlcharrefreplace' error handling, which replaces an unencodable character with the appropriate XML character reference.
    fn xmlcharrefreplace_errors(exception: Value) -> R {
        handlers::xml_char_ref_replace(exception)
    }
    /// Implements the 'backslashreplace' error handling, which replaces malformed data with a backslashed escape sequence.
    fn backslashreplace_errors(exception: Value) -> R {
        handlers::backslash_replace(exception)
    }
    /// Implements the 'namereplace' error handling, which replaces an unencodable character with a \N{...} escape sequence.
    fn namereplace_errors(exception: Value) -> R {
        handlers::name_replace(exception)
    }
    fn surrogatepass(exception: Value) -> R {
        handlers::surrogate_pass(exception)
    }
    fn surrogateescape(exception: Value) -> R {
        handlers::surrogate_escape(exception)
    }
}
