//! Single items of module `struct`: Python value to bytes and back. Must not know formats as a whole.

use crate::structs::ERROR;
use crate::structs::format::{Field, Kind};
use objects::int::{IntView, new_int_u64};
use objects::{
    ByteArray, Bytes, Cast, R, Raised, Value, as_f64, class_of, index_object, int_view, is_true, new_bytes, new_complex, new_int,
    overflow_error,
};

/// The two bytes of a number in half precision; None if it is too large.
pub fn to_half(x: f64) -> Option<u16> {
    let sign = (x.is_sign_negative() as u16) << 15;
    if x.is_nan() {
        return Some(sign | 0x7e00);
    }
    if x.is_infinite() {
        return Some(sign | 0x7c00);
    }
    let x = x.abs();
    // In units of the smallest number the rounding is that of a float to an int.
    let (_, exponent) = base::float::frexp(x);
    let exponent = exponent.max(-13);
    let units = base::float::ldexp(x, 11 - exponent as i64).round_ties_even();
    // `units` counts steps of 2**(exponent - 11); normal numbers have 1024..=2048 of them.
    let units = units as u32;
    if x == 0.0 || units == 0 {
        return Some(sign);
    }
    let bits = units as i64 + ((exponent + 13) as i64) * 1024;
    if bits >= 0x7c00 { None } else { Some(sign | bits as u16) }
}

pub fn from_half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 != 0 { -1.0 } else { 1.0 };
    let (exponent, fraction) = ((bits >> 10 & 0x1f) as i64, (bits & 0x3ff) as f64);
    match exponent {
        0x1f if fraction == 0.0 => sign * f64::INFINITY,
        0x1f => f64::NAN.copysign(sign),
        0 => sign * base::float::ldexp(fraction, -24),
        _ => sign * base::float::ldexp(fraction + 1024.0, exponent - 25),
    }
}

fn int_of(value: Value) -> R<IntView<'static>> {
    if let Some(view) = int_view(value) {
        return Ok(view);
    }
    if class_of(value).slots.index.get().is_some() {
        return Ok(int_view(index_object(value)?).unwrap_or(IntView::Small(0)));
    }
    Err(ERROR.raise("required argument is not an integer"))
}

fn replaced(raised: Raised, text: &str) -> Raised {
    raised.clear();
    ERROR.raise(text)
}

fn store(bytes: &mut [u8], number: u64, big_endian: bool) {
    let size = bytes.len();
    let all = number.to_le_bytes();
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = if big_endian { all[size - 1 - place] } else { all[place] };
    }
}

fn load(bytes: &[u8], big_endian: bool) -> u64 {
    let mut number = 0;
    if big_endian {
        for byte in bytes {
            number = number << 8 | *byte as u64;
        }
    } else {
        for byte in bytes.iter().rev() {
            number = number << 8 | *byte as u64;
        }
    }
    number
}

fn out_of_range(field: &Field) -> Raised {
    let bits = field.size as u32 * 8;
    let code = field.code as char;
    if field.kind == Kind::Signed {
        let half = 1i128 << (bits - 1);
        ERROR.raise(&format!("'{code}' format requires {} <= number <= {}", -half, half - 1))
    } else {
        ERROR.raise(&format!("'{code}' format requires 0 <= number <= {}", (1u128 << bits) - 1))
    }
}

fn store_float(bytes: &mut [u8], number: f64, big_endian: bool) -> R<()> {
    match bytes.len() {
        2 => match to_half(number) {
            Some(bits) => store(bytes, bits as u64, big_endian),
            None => return Err(overflow_error!("float too large to pack with e format")),
        },
        4 => {
            let single = number as f32;
            if single.is_infinite() && number.is_finite() {
                return Err(overflow_error!("float too large to pack with f format"));
            }
            store(bytes, single.to_bits() as u64, big_endian);
        }
        _ => store(bytes, number.to_bits(), big_endian),
    }
    Ok(())
}

fn load_float(bytes: &[u8], big_endian: bool) -> f64 {
    let bits = load(bytes, big_endian);
    match bytes.len() {
        2 => from_half(bits as u16),
        4 => f32::from_bits(bits as u32) as f64,
        _ => f64::from_bits(bits),
    }
}

fn complex_of(value: Value) -> R<(f64, f64)> {
    if let Some(number) = value.cast::<objects::Complex>() {
        return Ok((number.real, number.imag));
    }
    if let Some(method) = objects::lookup_special(value, objects::interned!("__complex__"))? {
        let result = method.call(&[])?;
        if let Some(number) = result.cast::<objects::Complex>() {
            return Ok((number.real, number.imag));
        }
    }
    as_f64(value).map(|real| (real, 0.0))
}

/// Writes one value into its bytes, which are zero.
pub fn pack_item(field: &Field, value: Value, bytes: &mut [u8], big_endian: bool) -> R<()> {
    match field.kind {
        Kind::Pad => {}
        Kind::Char => match value.cast::<Bytes>() {
            Some(text) if text.len() == 1 => bytes[0] = text.as_slice()[0],
            _ => return Err(ERROR.raise("char format requires a bytes object of length 1")),
        },
        Kind::Bytes | Kind::Pascal => {
            let text = if let Some(text) = value.cast::<Bytes>() {
                text.as_slice()
            } else if let Some(text) = value.cast::<ByteArray>() {
                objects::bytearray::snapshot(text)
            } else {
                return Err(ERROR.raise(&format!("argument for '{}' must be a bytes object", field.code as char)));
            };
            let target = if field.kind == Kind::Pascal && !bytes.is_empty() {
                let count = text.len().min(bytes.len() - 1);
                bytes[0] = count.min(255) as u8;
                &mut bytes[1..]
            } else {
                bytes
            };
            let count = text.len().min(target.len());
            target[..count].copy_from_slice(&text[..count]);
        }
        Kind::Bool => bytes[0] = is_true(value)? as u8,
        Kind::Signed => {
            let bits = bytes.len() as u32 * 8;
            match int_of(value)?.to_i64() {
                Some(number) if bits == 64 || (-(1 << (bits - 1))..1 << (bits - 1)).contains(&number) => {
                    store(bytes, number as u64, big_endian);
                }
                _ => return Err(out_of_range(field)),
            }
        }
        Kind::Unsigned => {
            let bits = bytes.len() as u32 * 8;
            match int_of(value)?.to_u64() {
                Some(number) if bits == 64 || number < 1 << bits => store(bytes, number, big_endian),
                _ => return Err(out_of_range(field)),
            }
        }
        Kind::Pointer => {
            let number = int_of(value)?;
            match number.to_i64().map(|number| number as u64).or(number.to_u64()) {
                Some(number) => store(bytes, number, big_endian),
                None => return Err(ERROR.raise("int too large to convert")),
            }
        }
        Kind::Half | Kind::Float | Kind::Double => {
            let number = as_f64(value).map_err(|raised| replaced(raised, "required argument is not a float"))?;
            store_float(bytes, number, big_endian)?;
        }
        Kind::ComplexFloat | Kind::ComplexDouble => {
            let (real, imag) = complex_of(value).map_err(|raised| replaced(raised, "required argument is not a complex"))?;
            let (first, second) = bytes.split_at_mut(field.size / 2);
            store_float(first, real, big_endian)?;
            store_float(second, imag, big_endian)?;
        }
    }
    Ok(())
}

/// The value that the bytes of one item stand for.
#[inline]
pub fn unpack_item(field: &Field, bytes: &[u8], big_endian: bool) -> Value {
    match field.kind {
        Kind::Pad => Value::none(),
        Kind::Char | Kind::Bytes => new_bytes(bytes),
        Kind::Pascal => {
            let [length, text @ ..] = bytes else { return new_bytes(&[]) };
            new_bytes(&text[..text.len().min(*length as usize)])
        }
        Kind::Bool => Value::bool(bytes[0] != 0),
        Kind::Signed => {
            let unused = 64 - bytes.len() as u32 * 8;
            new_int((load(bytes, big_endian) << unused) as i64 >> unused)
        }
        Kind::Unsigned | Kind::Pointer => new_int_u64(load(bytes, big_endian)),
        Kind::Half | Kind::Float | Kind::Double => Value::float(load_float(bytes, big_endian)),
        Kind::ComplexFloat | Kind::ComplexDouble => {
            let (real, imag) = bytes.split_at(field.size / 2);
            new_complex(load_float(real, big_endian), load_float(imag, big_endian)).value()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves() {
        for bits in (0..0x7c00u16).chain(0x8000..0xfc00) {
            assert_eq!(to_half(from_half(bits)), Some(bits));
        }
        assert_eq!(to_half(65519.99), Some(0x7bff));
        assert_eq!(to_half(65520.0), None);
        assert_eq!(to_half(1e-30), Some(0));
        assert_eq!(to_half(f64::NEG_INFINITY), Some(0xfc00));
        assert_eq!(to_half(1.0 + 3.0 / 2048.0), Some(0x3c02));
        assert_eq!(to_half(base::float::ldexp(1.0, -25)), Some(0));
        assert_eq!(to_half(base::float::ldexp(1.5, -25)), Some(1));
    }
}
