//! Format strings of module `struct`, compiled. Must not know Python values.

use base::memory::Grow;

/// What an item is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Pad,
    Char,
    Bytes,
    Pascal,
    Bool,
    Signed,
    Unsigned,
    Pointer,
    Half,
    Float,
    Double,
    ComplexFloat,
    ComplexDouble,
}

/// Like items in a row.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub kind: Kind,
    pub code: u8,
    pub offset: usize,
    /// Bytes of one item; for strings, of the whole.
    pub size: usize,
    /// How many values.
    pub count: usize,
}

#[derive(Debug)]
pub struct Format {
    pub fields: Vec<Field>,
    pub size: usize,
    /// Number of values.
    pub values: usize,
    pub big_endian: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FormatError {
    BadChar,
    MissingCode,
    TooLong,
    EmbeddedNull,
}

impl FormatError {
    pub fn text(self) -> &'static str {
        match self {
            FormatError::BadChar => "bad char in struct format",
            FormatError::MissingCode => "repeat count given without format specifier",
            FormatError::TooLong => "total struct size too long",
            FormatError::EmbeddedNull => "embedded null character",
        }
    }
}

/// Kind, size and alignment of a code; native ones as on a 64-bit machine.
fn code_of(code: u8, native: bool) -> Option<(Kind, usize, usize)> {
    let (kind, size) = match code {
        b'x' => (Kind::Pad, 1),
        b'c' => (Kind::Char, 1),
        b's' => (Kind::Bytes, 1),
        b'p' => (Kind::Pascal, 1),
        b'?' => (Kind::Bool, 1),
        b'b' => (Kind::Signed, 1),
        b'B' => (Kind::Unsigned, 1),
        b'h' => (Kind::Signed, 2),
        b'H' => (Kind::Unsigned, 2),
        b'i' => (Kind::Signed, 4),
        b'I' => (Kind::Unsigned, 4),
        b'l' => (Kind::Signed, if native { 8 } else { 4 }),
        b'L' => (Kind::Unsigned, if native { 8 } else { 4 }),
        b'q' => (Kind::Signed, 8),
        b'Q' => (Kind::Unsigned, 8),
        b'n' if native => (Kind::Signed, 8),
        b'N' if native => (Kind::Unsigned, 8),
        b'P' if native => (Kind::Pointer, 8),
        b'e' => (Kind::Half, 2),
        b'f' => (Kind::Float, 4),
        b'd' => (Kind::Double, 8),
        b'F' => (Kind::ComplexFloat, 8),
        b'D' => (Kind::ComplexDouble, 16),
        _ => return None,
    };
    let align = match kind {
        _ if !native => 1,
        Kind::ComplexFloat => 4,
        Kind::ComplexDouble => 8,
        _ => size,
    };
    Some((kind, size, align))
}

/// No structure may be longer.
const MOST: usize = isize::MAX as usize;

pub fn compile(text: &[u8]) -> Result<Format, FormatError> {
    if text.contains(&0) {
        return Err(FormatError::EmbeddedNull);
    }
    let (native, big_endian, body) = match text {
        [b'@', rest @ ..] => (true, cfg!(target_endian = "big"), rest),
        [b'=', rest @ ..] => (false, cfg!(target_endian = "big"), rest),
        [b'<', rest @ ..] => (false, false, rest),
        [b'>' | b'!', rest @ ..] => (false, true, rest),
        rest => (true, cfg!(target_endian = "big"), rest),
    };
    let mut format = Format { fields: Vec::new(), size: 0, values: 0, big_endian };
    let mut chars = body.iter().copied().peekable();
    while let Some(first) = chars.next() {
        if first.is_ascii_whitespace() || first == 0x0b {
            continue;
        }
        let (mut code, mut count) = (first, 1);
        if first.is_ascii_digit() {
            count = (first - b'0') as usize;
            loop {
                match chars.next() {
                    None => return Err(FormatError::MissingCode),
                    Some(digit) if digit.is_ascii_digit() => {
                        count = count
                            .checked_mul(10)
                            .and_then(|count| count.checked_add((digit - b'0') as usize))
                            .filter(|count| *count <= MOST)
                            .ok_or(FormatError::TooLong)?;
                    }
                    Some(other) => {
                        code = other;
                        break;
                    }
                }
            }
        }
        let (kind, size, align) = code_of(code, native).ok_or(FormatError::BadChar)?;
        let offset = format.size.checked_next_multiple_of(align).filter(|size| *size <= MOST).ok_or(FormatError::TooLong)?;
        let bytes = size.checked_mul(count).ok_or(FormatError::TooLong)?;
        format.size = offset.checked_add(bytes).filter(|size| *size <= MOST).ok_or(FormatError::TooLong)?;
        match kind {
            Kind::Pad => {}
            Kind::Bytes | Kind::Pascal => {
                format.fields.put(Field { kind, code, offset, size: count, count: 1 });
                format.values += 1;
            }
            _ if count == 0 => {}
            _ => {
                format.fields.put(Field { kind, code, offset, size, count });
                format.values += count;
            }
        }
    }
    Ok(format)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let cases: &[(&str, usize)] =
            &[("iq", 16), ("bi0q", 8), ("=bi", 5), ("3s2p", 5), ("0s", 0), ("", 0), ("<l", 4), ("l", 8), (" 2h x", 5)];
        for (text, size) in cases {
            assert_eq!(compile(text.as_bytes()).unwrap().size, *size, "{text}");
        }
        assert_eq!(compile(b"<n").unwrap_err(), FormatError::BadChar);
        assert_eq!(compile(b"3").unwrap_err(), FormatError::MissingCode);
        assert_eq!(compile(b"9223372036854775807i").unwrap_err(), FormatError::TooLong);
    }
}
