//! Items of a memoryview: reading and writing single values of the native formats of module struct. Must not know views.

use objects::convert::FromArg;
use objects::error::{R, Raised, not_implemented_error, type_error, value_error};
use objects::int::{IntView, int_view};
use objects::{Bytes, Cast, Value, exc, new_int, new_int_u64};

/// A format that memoryviews can read and write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Format(pub u8);

impl Format {
    /// A single native format character, perhaps behind an `@`.
    pub fn native(format: &str) -> Option<Format> {
        let code = match format.as_bytes() {
            [code] | [b'@', code] => *code,
            _ => return None,
        };
        Format(code).known_size().map(|_| Format(code))
    }
    fn known_size(self) -> Option<usize> {
        Some(match self.0 {
            b'c' | b'b' | b'B' | b'?' => 1,
            b'h' | b'H' | b'e' => 2,
            b'i' | b'I' | b'f' => 4,
            b'l' | b'L' | b'q' | b'Q' | b'n' | b'N' | b'd' | b'P' => 8,
            _ => return None,
        })
    }
    pub fn size(self) -> usize {
        self.known_size().unwrap_or(1)
    }
    pub fn is_byte(self) -> bool {
        matches!(self.0, b'c' | b'b' | b'B')
    }
    /// Equal items have equal bytes.
    pub fn is_exact(self) -> bool {
        !matches!(self.0, b'f' | b'd' | b'e' | b'?')
    }
    /// The value of one item.
    #[inline]
    pub fn unpack(self, data: &[u8]) -> Value {
        match (self.0, data) {
            (b'B', [byte, ..]) => return Value::small((*byte).into()),
            (b'i', [a, b, c, d, ..]) => return Value::small(i32::from_le_bytes([*a, *b, *c, *d])),
            (b'd', data) if let Some(bytes) = data.first_chunk() => return Value::float(f64::from_le_bytes(*bytes)),
            (b'l' | b'q', data) if let Some(bytes) = data.first_chunk() => return new_int(i64::from_le_bytes(*bytes)),
            _ => {}
        }
        self.unpack_any(data)
    }
    fn unpack_any(self, data: &[u8]) -> Value {
        let mut bytes = [0u8; 8];
        let size = self.size().min(data.len());
        bytes[..size].copy_from_slice(&data[..size]);
        let word = u64::from_le_bytes(bytes);
        match self.0 {
            b'B' => Value::small(bytes[0] as i32),
            b'b' => Value::small(bytes[0] as i8 as i32),
            b'c' => objects::new_bytes(&bytes[..1]),
            b'?' => Value::bool(bytes[0] != 0),
            b'h' => new_int(word as i16 as i64),
            b'H' => new_int(word as u16 as i64),
            b'i' => new_int(word as i32 as i64),
            b'I' => new_int(word as u32 as i64),
            b'l' | b'q' | b'n' => new_int(word as i64),
            b'f' => Value::float(f32::from_bits(word as u32) as f64),
            b'd' => Value::float(f64::from_bits(word)),
            b'e' => Value::float(half_to_f64(word as u16)),
            _ => new_int_u64(word),
        }
    }
    /// Writes a value over one item. `shown` is the format as error texts name it.
    pub fn pack(self, target: &mut [u8], value: Value, shown: &str) -> R<()> {
        let word = match self.0 {
            b'c' => match value.cast::<Bytes>() {
                Some(bytes) => match bytes.as_slice() {
                    [byte] => *byte as u64,
                    _ => return Err(wrong_value(shown)),
                },
                None => return Err(wrong_type(shown)),
            },
            b'?' => objects::is_true(value)? as u64,
            b'f' | b'd' | b'e' => {
                let number = match f64::from_arg(value, objects::convert::ArgName::plain("")) {
                    Ok(number) => number,
                    Err(raised) if raised.is(&exc::TYPE_ERROR) => {
                        raised.clear();
                        return Err(wrong_type(shown));
                    }
                    Err(raised) => return Err(raised),
                };
                match self.0 {
                    b'd' => number.to_bits(),
                    b'f' => (number as f32).to_bits() as u64,
                    _ => f64_to_half(number).ok_or_else(|| objects::overflow_error!("float too large to pack with e format"))?
                        as u64,
                }
            }
            _ => self.pack_int(value, shown)?,
        };
        target.copy_from_slice(&word.to_le_bytes()[..self.size()]);
        Ok(())
    }
    fn pack_int(self, value: Value, shown: &str) -> R<u64> {
        let number = match objects::index_object(value) {
            Ok(number) => number,
            Err(raised) if raised.is(&exc::TYPE_ERROR) => {
                raised.clear();
                return Err(wrong_type(shown));
            }
            Err(raised) => return Err(raised),
        };
        let view = int_view(number).unwrap_or(IntView::Small(0));
        let bits = self.size() as u32 * 8;
        if matches!(self.0, b'b' | b'h' | b'i' | b'l' | b'q' | b'n') {
            let limit = 1i128 << (bits - 1);
            return match view.to_i64() {
                Some(number) if (-limit..limit).contains(&(number as i128)) => Ok(number as u64),
                _ => Err(wrong_value(shown)),
            };
        }
        match view.to_u64() {
            Some(number) if (number as u128) < 1u128 << bits => Ok(number),
            _ => Err(wrong_value(shown)),
        }
    }
}

pub fn unsupported(format: &str) -> Raised {
    not_implemented_error!("memoryview: format {format} not supported")
}
fn wrong_type(shown: &str) -> Raised {
    type_error!("memoryview: invalid type for format '{shown}'")
}
fn wrong_value(shown: &str) -> Raised {
    value_error!("memoryview: invalid value for format '{shown}'")
}

/// A number of 16 bits: 1 sign, 5 exponent, 10 fraction.
pub fn half_to_f64(bits: u16) -> f64 {
    let sign = if bits & 0x8000 != 0 { -1.0 } else { 1.0 };
    let (exponent, fraction) = ((bits >> 10 & 0x1f) as i32, (bits & 0x3ff) as f64);
    match exponent {
        0 => sign * fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => sign * f64::INFINITY,
        31 => f64::NAN.copysign(sign),
        _ => sign * (1024.0 + fraction) * 2f64.powi(exponent - 25),
    }
}
/// Rounds to nearest even; None if a finite number is too large.
pub fn f64_to_half(number: f64) -> Option<u16> {
    let sign = if number.is_sign_negative() { 0x8000 } else { 0 };
    if number.is_nan() {
        return Some(sign | 0x7e00);
    }
    let magnitude = number.abs();
    if magnitude.is_infinite() {
        return Some(sign | 0x7c00);
    }
    if magnitude >= 65520.0 {
        return None;
    }
    if magnitude < 2f64.powi(-14) {
        return Some(sign | (magnitude * 2f64.powi(24)).round_ties_even() as u16);
    }
    let exponent = (magnitude.to_bits() >> 52) as i32 - 1023;
    let rounded = (magnitude * 2f64.powi(10 - exponent)).round_ties_even() as u16;
    Some(sign | ((((exponent + 15) as u16) << 10) + (rounded - 1024)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_both_ways() {
        for bits in (0..0x7c00u16).chain(0x8000..0xfc00) {
            assert_eq!(f64_to_half(half_to_f64(bits)), Some(bits));
        }
        assert_eq!(f64_to_half(65519.9), Some(0x7bff));
        assert_eq!(f64_to_half(65520.0), None);
    }
}
