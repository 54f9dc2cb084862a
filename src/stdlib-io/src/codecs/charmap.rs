//! Code pages: by table (a str or a built map) or by any mapping.
//!
//! Must not know: which code pages there are.

use base::codecs::{self as algorithms, CodecError, EncodingMap, UNDEFINED, WideCodec};
use base::memory::Grow;
use base::text::{Text, TextBuilder};
use native_macros::{Layout, native_class};
use objects::codec::{decode_loop, encode_loop};
use objects::{
    Bytes, Cast, Gc, Header, R, Raised, Str, Value, class_name, exc, get_item, int_view, is_int, new_bytes, new_int, new_native,
    type_error,
};

use super::registry::pair;

const REASON: &str = "character maps to <undefined>";

#[derive(Layout)]
#[repr(C)]
pub struct EncodingMapObject {
    pub header: Header,
    // No references in it.
    #[layout(skip)]
    map: EncodingMap,
}

#[native_class(name = "EncodingMap", base = object, flags = "final no_new")]
impl EncodingMapObject {
    /// The size of the object in bytes
    fn size(this: Gc<EncodingMapObject>) -> usize {
        std::mem::size_of::<EncodingMapObject>() + this.map.len() * 8
    }
}

pub fn build(table: Gc<Str>) -> R {
    let map = EncodingMap::new(table.text());
    objects::class_new::native_class(EncodingMapObject::CLASS_DEF)?;
    Ok(new_native(EncodingMapObject { header: Header::blank(), map }).value())
}

/// Keeps an error that a callback could not return.
fn keep<T>(result: R<T>, kept: &mut Option<Raised>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(raised) => {
            *kept = Some(raised);
            None
        }
    }
}

fn look_up(mapping: Value, key: i64) -> R<Option<Value>> {
    match get_item(mapping, new_int(key)) {
        Ok(value) if value.is_none() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(raised) if raised.is(&exc::LOOKUP_ERROR) => {
            raised.clear();
            Ok(None)
        }
        Err(raised) => Err(raised),
    }
}

/// Appends what the mapping has for a byte; false: undefined.
fn decode_byte(mapping: Value, byte: u8, out: &mut TextBuilder) -> R<bool> {
    let Some(value) = look_up(mapping, byte as i64)? else { return Ok(false) };
    if is_int(value) {
        let number = int_view(value).and_then(|view| view.to_i64()).unwrap_or(-1);
        if !(0..=0x10ffff).contains(&number) {
            return Err(type_error!("character mapping must be in range(0x110000)"));
        }
        if number == UNDEFINED as i64 {
            return Ok(false);
        }
        out.push(number as u32);
        return Ok(true);
    }
    match value.cast::<Str>() {
        Some(text) if text.len() == 1 && text.char_at(0) == UNDEFINED => Ok(false),
        Some(text) => {
            out.push_text(text.text());
            Ok(true)
        }
        None => Err(type_error!("character mapping must return integer, None or str")),
    }
}

pub fn decode(data: &[u8], errors: &str, mapping: Option<Value>) -> R {
    let Some(mapping) = mapping.filter(|mapping| !mapping.is_none()) else {
        return Ok(pair(Str::from_text(Text::One(data))?.value(), data.len()));
    };
    let mut kept = None;
    let (text, _) = match mapping.cast::<Str>() {
        Some(table) => decode_loop("charmap", data, errors, WideCodec::Other, |data, start, out| {
            algorithms::decode_charmap(data, start, table.text(), out)
        })?,
        None => decode_loop("charmap", data, errors, WideCodec::Other, |data, start, out| {
            for (at, byte) in data.iter().enumerate().skip(start) {
                match keep(decode_byte(mapping, *byte, out), &mut kept) {
                    None => break,
                    Some(true) => {}
                    Some(false) => return Err(CodecError { start: at, end: at + 1, reason: REASON }),
                }
            }
            Ok(data.len())
        })?,
    };
    match kept {
        Some(raised) => Err(raised),
        None => Ok(pair(Str::from_buf(&text)?.value(), data.len())),
    }
}

/// Appends what the mapping has for a character; false: undefined.
fn encode_char(mapping: Value, point: u32, out: Option<&mut Vec<u8>>) -> R<bool> {
    let Some(value) = look_up(mapping, point as i64)? else { return Ok(false) };
    if is_int(value) {
        let number = int_view(value).and_then(|view| view.to_i64()).unwrap_or(-1);
        if !(0..256).contains(&number) {
            return Err(type_error!("character mapping must be in range(256)"));
        }
        if let Some(out) = out {
            out.put(number as u8);
        }
        return Ok(true);
    }
    match value.cast::<Bytes>() {
        Some(bytes) => {
            if let Some(out) = out {
                out.put_all(bytes.as_slice());
            }
            Ok(true)
        }
        None => Err(type_error!("character mapping must return integer, bytes or None, not {}", class_name(value))),
    }
}

pub fn encode(text: Gc<Str>, errors: &str, mapping: Option<Value>) -> R {
    let Some(mapping) = mapping.filter(|mapping| !mapping.is_none()) else {
        let bytes = objects::codec::encode(text, "latin-1", errors)?;
        return Ok(pair(new_bytes(&bytes), text.len()));
    };
    let mut kept = None;
    let bytes = match mapping.cast::<EncodingMapObject>() {
        Some(built) => encode_loop("charmap", text, errors, WideCodec::Other, Vec::new(), |text, start, out| {
            algorithms::encode_charmap(text, start, &built.map, out)
        })?,
        None => encode_loop("charmap", text, errors, WideCodec::Other, Vec::new(), |text, start, out| {
            for at in start..text.len() {
                let defined = keep(encode_char(mapping, text.get(at).unwrap_or(0), Some(out)), &mut kept);
                match defined {
                    None => break,
                    Some(true) => {}
                    Some(false) => {
                        let mut end = at + 1;
                        while end < text.len()
                            && keep(encode_char(mapping, text.get(end).unwrap_or(0), None), &mut kept) == Some(false)
                        {
                            end += 1;
                        }
                        if kept.is_some() {
                            break;
                        }
                        return Err(CodecError { start: at, end, reason: REASON });
                    }
                }
            }
            Ok(())
        })?,
    };
    match kept {
        Some(raised) => Err(raised),
        None => Ok(pair(new_bytes(&bytes), text.len())),
    }
}
