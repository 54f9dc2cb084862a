//! Type codes of module `array`: single items as values and as bytes. Must not know array objects.

use objects::int::{IntView, new_int_u64};
use objects::{
    Cast, R, Str, Value, as_f64, class_name, index_object, int_view, new_int, overflow_error, type_error, value_error,
};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TypeCode {
    pub code: u8,
    pub size: usize,
    pub signed: bool,
    /// Machine format for pickles.
    pub machine_format: i32,
}
objects::no_references!(TypeCode);

const LITTLE: i32 = cfg!(target_endian = "little") as i32;

const fn row(code: u8, size: usize, signed: bool, format: i32) -> TypeCode {
    let machine_format = match format {
        0 | 1 => format,
        // The other formats come in pairs: little endian, big endian.
        _ => format + 1 - LITTLE,
    };
    TypeCode { code, size, signed, machine_format }
}

pub const TYPE_CODES: &[TypeCode] = &[
    row(b'b', 1, true, 1),
    row(b'B', 1, false, 0),
    row(b'u', 4, false, 20),
    row(b'w', 4, false, 20),
    row(b'h', 2, true, 4),
    row(b'H', 2, false, 2),
    row(b'i', 4, true, 8),
    row(b'I', 4, false, 6),
    row(b'l', 8, true, 12),
    row(b'L', 8, false, 10),
    row(b'q', 8, true, 12),
    row(b'Q', 8, false, 10),
    row(b'f', 4, true, 14),
    row(b'd', 8, true, 16),
];

pub fn find(code: u32) -> Option<TypeCode> {
    TYPE_CODES.iter().copied().find(|row| row.code as u32 == code)
}

impl TypeCode {
    pub fn is_text(self) -> bool {
        matches!(self.code, b'u' | b'w')
    }
    pub fn is_float(self) -> bool {
        matches!(self.code, b'f' | b'd')
    }
    /// The format that buffers show.
    pub fn buffer_format(self) -> &'static str {
        match self.code {
            b'u' | b'w' => "w",
            b'b' => "b",
            b'B' => "B",
            b'h' => "h",
            b'H' => "H",
            b'i' => "i",
            b'I' => "I",
            b'l' => "l",
            b'L' => "L",
            b'q' => "q",
            b'Q' => "Q",
            b'f' => "f",
            _ => "d",
        }
    }
}

/// An item, ready to be stored.
#[derive(Clone, Copy)]
pub struct Item(pub [u8; 8]);

fn wide(number: u64) -> Item {
    Item(number.to_ne_bytes())
}

impl Item {
    pub fn bytes(&self, size: usize) -> &[u8] {
        if cfg!(target_endian = "little") { &self.0[..size] } else { &self.0[8 - size..] }
    }
}

fn ranged(number: i64, min: i64, max: i64, what: &str) -> R<Item> {
    if number < min {
        return Err(overflow_error!("{what} is less than minimum"));
    }
    if number > max {
        return Err(overflow_error!("{what} is greater than maximum"));
    }
    Ok(wide(number as u64))
}

fn int_of(value: Value) -> R<IntView<'static>> {
    Ok(int_view(index_object(value)?).unwrap_or(IntView::Small(0)))
}

fn long_of(value: Value) -> R<i64> {
    int_of(value)?.to_i64().ok_or_else(|| overflow_error!("Python int too large to convert to C long"))
}

/// A number that passes through a C short or int on its way.
fn narrow(value: Value, bits: u32, what: &str) -> R<i64> {
    let number = long_of(value)?;
    ranged(number, -(1 << (bits - 1)), (1 << (bits - 1)) - 1, what)?;
    Ok(number)
}

pub fn encode(code: TypeCode, value: Value) -> R<Item> {
    match code.code {
        b'b' => ranged(narrow(value, 16, "signed short integer")?, i8::MIN as i64, i8::MAX as i64, "signed char"),
        b'B' => ranged(long_of(value)?, 0, u8::MAX as i64, "unsigned byte integer"),
        b'h' => narrow(value, 16, "signed short integer").map(|number| wide(number as u64)),
        b'H' => ranged(narrow(value, 32, "signed integer")?, 0, u16::MAX as i64, "unsigned short"),
        b'i' => narrow(value, 32, "signed integer").map(|number| wide(number as u64)),
        b'I' | b'L' => {
            let view = int_of(value)?;
            if view.is_negative() {
                return Err(overflow_error!("can't convert negative value to unsigned int"));
            }
            match view.to_u64() {
                None => Err(overflow_error!("Python int too large to convert to C unsigned long")),
                Some(number) if code.code == b'I' && number > u32::MAX as u64 => {
                    Err(overflow_error!("unsigned int is greater than maximum"))
                }
                Some(number) => Ok(wide(number)),
            }
        }
        b'l' => long_of(value).map(|number| wide(number as u64)),
        b'q' => match int_of(value)?.to_i64() {
            Some(number) => Ok(wide(number as u64)),
            None => Err(overflow_error!("int too big to convert")),
        },
        b'Q' => {
            let view = int_of(value)?;
            if view.is_negative() {
                return Err(overflow_error!("can't convert negative int to unsigned"));
            }
            view.to_u64().map(wide).ok_or_else(|| overflow_error!("int too big to convert"))
        }
        b'f' => Ok(wide((as_f64(value)? as f32).to_bits() as u64)),
        b'd' => Ok(wide(as_f64(value)?.to_bits())),
        _ => match value.cast::<Str>() {
            Some(text) if text.len() == 1 => Ok(wide(text.char_at(0) as u64)),
            Some(text) => Err(type_error!("array item must be a unicode character, not a string of length {}", text.len())),
            None => Err(type_error!("array item must be a unicode character, not {}", class_name(value))),
        },
    }
}

/// `encode` of a plain number that fits; no Python code runs, nothing is raised.
#[inline]
pub fn encode_plain(code: TypeCode, value: Value) -> Option<Item> {
    if value.is_float() {
        let number = value.as_float();
        return match code.code {
            b'd' => Some(wide(number.to_bits())),
            b'f' => Some(wide((number as f32).to_bits() as u64)),
            _ => None,
        };
    }
    let number = value.int()?;
    let fits = match code.code {
        b'd' => return Some(wide((number as f64).to_bits())),
        b'f' => return Some(wide((number as f64 as f32).to_bits() as u64)),
        b'b' => i8::try_from(number).is_ok(),
        b'B' => u8::try_from(number).is_ok(),
        b'h' => i16::try_from(number).is_ok(),
        b'H' => u16::try_from(number).is_ok(),
        b'i' => i32::try_from(number).is_ok(),
        b'I' => u32::try_from(number).is_ok(),
        b'l' | b'q' => true,
        b'L' | b'Q' => number >= 0,
        _ => false,
    };
    fits.then(|| wide(number as u64))
}

/// A number as it is stored.
#[derive(Clone, Copy, PartialEq)]
pub enum Number {
    Signed(i64),
    Unsigned(u64),
    Float(f64),
}

impl Number {
    #[inline(always)]
    pub fn value(self) -> Value {
        match self {
            Number::Signed(number) => new_int(number),
            Number::Unsigned(number) => new_int_u64(number),
            Number::Float(number) => Value::float(number),
        }
    }
    /// Whether it equals a float or an int of the word.
    #[inline(always)]
    pub fn equals(self, other: Value) -> Option<bool> {
        let whole = other.int();
        let float = if other.is_float() { Some(other.as_float()) } else { None };
        Some(match (self, whole, float) {
            (Number::Signed(number), Some(other), _) => number == other,
            (Number::Unsigned(number), Some(other), _) => i64::try_from(number) == Ok(other),
            // Ints of the word are exact as floats.
            (Number::Float(number), Some(other), _) => number == other as f64,
            (Number::Float(number), _, Some(other)) => number == other,
            _ => return None,
        })
    }
}

/// The number at `index`; None behind the end, or if the items are characters.
#[inline(always)]
pub fn number_at(code: TypeCode, data: &[u8], index: usize) -> Option<Number> {
    macro_rules! read {
        ($type:ty, $($convert:tt)*) => {{
            let (items, _) = data.as_chunks::<{ size_of::<$type>() }>();
            Some(($($convert)*)(<$type>::from_ne_bytes(*items.get(index)?).into()))
        }};
    }
    match code.code {
        b'b' => read!(i8, Number::Signed),
        b'B' => read!(u8, Number::Unsigned),
        b'h' => read!(i16, Number::Signed),
        b'H' => read!(u16, Number::Unsigned),
        b'i' => read!(i32, Number::Signed),
        b'I' => read!(u32, Number::Unsigned),
        b'l' | b'q' => read!(i64, Number::Signed),
        b'L' | b'Q' => read!(u64, Number::Unsigned),
        b'f' => read!(f32, Number::Float),
        b'd' => read!(f64, Number::Float),
        _ => None,
    }
}

/// The bits of an item, extended to 64.
pub fn load(code: TypeCode, bytes: &[u8]) -> u64 {
    let mut all = [0; 8];
    if cfg!(target_endian = "little") {
        all[..bytes.len()].copy_from_slice(bytes);
    } else {
        all[8 - bytes.len()..].copy_from_slice(bytes);
    }
    let bits = u64::from_ne_bytes(all);
    if code.signed && !code.is_float() {
        let unused = 64 - code.size as u32 * 8;
        return ((bits << unused) as i64 >> unused) as u64;
    }
    bits
}

pub fn decode(code: TypeCode, bytes: &[u8]) -> R {
    let bits = load(code, bytes);
    Ok(match code.code {
        b'f' => Value::float(f32::from_bits(bits as u32) as f64),
        b'd' => Value::float(f64::from_bits(bits)),
        b'u' | b'w' => {
            if bits > 0x10ffff {
                return Err(value_error!("character U+{bits:x} is not in range [U+0000; U+10ffff]"));
            }
            Str::from_char(bits as u32).value()
        }
        _ if code.signed => new_int(bits as i64),
        _ => new_int_u64(bits),
    })
}
