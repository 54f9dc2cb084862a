//! Arrays from pickles, which may come from machines with other number formats.

use crate::array::{Array, make};
use crate::array_items::{encode, find};
use base::memory::{Grow, copied, with_room};
use objects::{Bytes, Cast, Class, Gc, Layout, R, Value, class_name, type_error, value_error};

/// Size, signedness and byte order of a machine format; None for floats and text.
struct Format {
    size: usize,
    signed: bool,
    big_endian: bool,
    kind: Kind,
}
#[derive(PartialEq)]
enum Kind {
    Int,
    Float,
    Text,
}

fn format_of(code: i32) -> Option<Format> {
    let (size, signed, kind) = match code {
        0 | 1 => (1, code == 1, Kind::Int),
        2..=5 => (2, code >= 4, Kind::Int),
        6..=9 => (4, code >= 8, Kind::Int),
        10..=13 => (8, code >= 12, Kind::Int),
        14 | 15 => (4, true, Kind::Float),
        16 | 17 => (8, true, Kind::Float),
        18 | 19 => (2, false, Kind::Text),
        20 | 21 => (4, false, Kind::Text),
        _ => return None,
    };
    Some(Format { size, signed, big_endian: code > 1 && code % 2 == 1, kind })
}

pub fn reconstruct(class: Value, typecode: u32, format_code: i32, items: Value) -> R {
    let Some(class) = class.cast::<Class>() else {
        return Err(type_error!("first argument must be a type object, not {}", class_name(class)));
    };
    if !class.is_subclass_of(Array::class()) {
        return Err(type_error!("{} is not a subtype of {}", class.name_text(), "array.array"));
    }
    let Some(code) = find(typecode) else { return Err(value_error!("second argument must be a valid type code")) };
    let Some(format) = format_of(format_code) else {
        return Err(value_error!("third argument must be a valid machine format code."));
    };
    let Some(data) = items.cast::<Bytes>() else {
        return Err(type_error!("fourth argument should be bytes, not {}", class_name(items)));
    };
    let data = data.as_slice();
    if format_code == code.machine_format {
        if data.len() % code.size != 0 {
            return Err(value_error!("bytes length not a multiple of item size"));
        }
        return Ok(make(class, code, copied(data)).value());
    }
    if data.len() % format.size != 0 {
        return Err(value_error!("string length not a multiple of item size"));
    }
    let mut all = with_room(data.len() / format.size * code.size);
    let mut high: Option<u32> = None;
    for chunk in data.chunks_exact(format.size) {
        let value = decode(&format, chunk);
        let value = match (format.kind == Kind::Text, value) {
            (false, value) => value,
            (true, value) => {
                // UTF-16 from a machine with short characters: two halves make one.
                let unit = objects::int_view(value).and_then(|view| view.to_i64()).unwrap_or(0) as u32;
                match (high.take(), format.size) {
                    (Some(high), 2) if (0xdc00..0xe000).contains(&unit) => {
                        character(0x10000 + ((high & 0x3ff) << 10 | unit & 0x3ff))
                    }
                    (None, 2) if (0xd800..0xdc00).contains(&unit) => {
                        high = Some(unit);
                        continue;
                    }
                    _ => character(unit),
                }
            }
        };
        let item = encode(code, value)?;
        all.put_all(item.bytes(code.size));
    }
    Ok(make(class, code, all).value())
}

fn character(code: u32) -> Value {
    let text: Gc<objects::Str> = objects::Str::from_char(code);
    text.value()
}

fn decode(format: &Format, chunk: &[u8]) -> Value {
    let mut number = 0u64;
    for index in 0..chunk.len() {
        let byte = if format.big_endian { chunk[index] } else { chunk[chunk.len() - 1 - index] };
        number = number << 8 | byte as u64;
    }
    match format.kind {
        Kind::Float if format.size == 4 => Value::float(f32::from_bits(number as u32) as f64),
        Kind::Float => Value::float(f64::from_bits(number)),
        _ if format.signed => {
            let unused = 64 - format.size as u32 * 8;
            objects::new_int((number << unused) as i64 >> unused)
        }
        _ => objects::new_int_u64(number),
    }
}
