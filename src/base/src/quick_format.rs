//! Everyday format specifiers (`>8`, `08b`, `,d`, `10.2f`, `.1%`) rendered into a buffer on the stack. What is not everyday, and
//! everything that is an error, is refused and left to `format_spec`.
//!
//! Must not know: objects, locales.

use crate::float::quick::{MOST_PLACES, POWERS, decimal, scaled, significant};

/// Widest field, and the room for the longest text: 64 binary digits with separators, a field on top.
pub const MOST_WIDTH: usize = 96;
const ROOM: usize = 128;

/// A specifier in ASCII. `align` 0: not given; `group` and `sign` 0: none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quick {
    pub fill: u8,
    pub align: u8,
    pub sign: u8,
    pub alternate: bool,
    pub width: usize,
    pub group: u8,
    pub precision: Option<usize>,
    pub kind: u8,
}

impl Quick {
    pub const PLAIN: Quick =
        Quick { fill: b' ', align: 0, sign: 0, alternate: false, width: 0, group: 0, precision: None, kind: 0 };

    /// Reads a specifier by the rules of `format_spec::parse`; None if it is unusual or wrong.
    pub fn parse(text: &[u8]) -> Option<Quick> {
        let mut spec = Quick::PLAIN;
        let mut at = 0;
        let byte = |at: usize| text.get(at).copied().unwrap_or(0);
        let is_align = |byte: u8| matches!(byte, b'<' | b'>' | b'^' | b'=');
        let mut fill_given = false;
        if is_align(byte(1)) {
            (spec.fill, spec.align, fill_given, at) = (byte(0), byte(1), true, 2);
            if !spec.fill.is_ascii() {
                return None;
            }
        } else if is_align(byte(0)) {
            (spec.align, at) = (byte(0), 1);
        }
        if matches!(byte(at), b'+' | b'-' | b' ') {
            spec.sign = byte(at);
            at += 1;
        }
        if byte(at) == b'#' {
            spec.alternate = true;
            at += 1;
        }
        if !fill_given && byte(at) == b'0' {
            spec.fill = b'0';
            if spec.align == 0 {
                spec.align = b'0';
            }
            at += 1;
        }
        spec.width = number(text, &mut at, MOST_WIDTH)?.unwrap_or(0);
        if matches!(byte(at), b',' | b'_') {
            spec.group = byte(at);
            at += 1;
        }
        if byte(at) == b'.' {
            at += 1;
            spec.precision = Some(number(text, &mut at, MOST_PLACES as usize)??);
        }
        if at < text.len() {
            spec.kind = byte(at);
            at += 1;
        }
        if at == text.len() && (spec.kind != 0 || byte(at.wrapping_sub(1)) != 0) { Some(spec) } else { None }
    }

    /// Fill characters left and right of a text of `length` characters.
    pub fn padding(&self, length: usize) -> (usize, usize) {
        let room = self.width.saturating_sub(length);
        match self.align {
            b'<' => (0, room),
            b'^' => (room / 2, room - room / 2),
            _ => (room, 0),
        }
    }
}

/// Digits at `at`. The outer None: more than `most`.
fn number(text: &[u8], at: &mut usize, most: usize) -> Option<Option<usize>> {
    let mut value = None;
    while let Some(digit) = text.get(*at).filter(|byte| byte.is_ascii_digit()) {
        let next = value.unwrap_or(0) * 10 + (digit - b'0') as usize;
        if next > most {
            return None;
        }
        value = Some(next);
        *at += 1;
    }
    Some(value)
}

/// Text in a buffer on the stack. Never moved: it is large.
struct Rendered {
    bytes: [u8; ROOM],
    length: usize,
}

impl Rendered {
    #[inline(always)]
    fn new() -> Rendered {
        Rendered { bytes: [0; ROOM], length: 0 }
    }
    #[inline]
    fn push(&mut self, byte: u8) {
        self.bytes[self.length] = byte;
        self.length += 1;
    }
    #[inline]
    fn push_all(&mut self, more: &[u8]) {
        self.bytes[self.length..self.length + more.len()].copy_from_slice(more);
        self.length += more.len();
    }
    #[inline]
    fn fill(&mut self, byte: u8, count: usize) {
        for place in &mut self.bytes[self.length..self.length + count] {
            *place = byte;
        }
        self.length += count;
    }
    #[inline]
    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// The digits of `magnitude`, in groups if asked for, into the end of `buffer`.
fn digits<'a>(magnitude: u64, spec: &Quick, buffer: &'a mut [u8; 96]) -> &'a [u8] {
    let (shift, size) = match spec.kind {
        b'b' => (1, 4),
        b'o' => (3, 4),
        b'x' | b'X' => (4, 4),
        _ => (0, 3),
    };
    let letters: &[u8; 16] = if spec.kind == b'X' { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
    let mut at = buffer.len();
    let mut rest = magnitude;
    let mut count = 0;
    loop {
        if spec.group != 0 && count == size {
            at -= 1;
            buffer[at] = spec.group;
            count = 0;
        }
        at -= 1;
        count += 1;
        if shift == 0 {
            buffer[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
        } else {
            buffer[at] = letters[(rest & ((1 << shift) - 1)) as usize];
            rest >>= shift;
        }
        if rest == 0 {
            break;
        }
    }
    &buffer[at..]
}

/// Sign, prefix, digits and padding.
#[inline]
fn assemble<T>(spec: &Quick, lead: &[u8], body: &[u8], visit: impl FnOnce(&[u8]) -> T) -> T {
    let length = lead.len() + body.len();
    if lead.is_empty() && spec.width <= length {
        return visit(body);
    }
    let mut out = Rendered::new();
    if matches!(spec.align, b'=' | b'0') {
        out.push_all(lead);
        out.fill(spec.fill, spec.width.saturating_sub(length));
        out.push_all(body);
    } else {
        let (left, right) = spec.padding(length);
        out.fill(spec.fill, left);
        out.push_all(lead);
        out.push_all(body);
        out.fill(spec.fill, right);
    }
    visit(out.as_bytes())
}

#[inline]
fn sign(spec: &Quick, negative: bool) -> u8 {
    if negative {
        b'-'
    } else if spec.sign == b'-' {
        0
    } else {
        spec.sign
    }
}

/// An int of kind `b d o x X` (0 is `d`); `visit` gets ASCII text.
pub fn int<T>(value: i64, spec: &Quick, visit: impl FnOnce(&[u8]) -> T) -> Option<T> {
    let prefix: &[u8] = match spec.kind {
        0 | b'd' => b"",
        b'b' => b"0b",
        b'o' => b"0o",
        b'x' => b"0x",
        b'X' => b"0X",
        _ => return None,
    };
    // Zeros in front of groups are grouped, too.
    let zeros = spec.fill == b'0' && matches!(spec.align, b'=' | b'0');
    if spec.precision.is_some() || spec.group != 0 && (zeros || spec.group == b',' && !prefix.is_empty()) {
        return None;
    }
    let mut buffer = [0; 96];
    let body = digits(value.unsigned_abs(), spec, &mut buffer);
    let mut lead = [0; 3];
    let mut length = 0;
    let sign = sign(spec, value < 0);
    if sign != 0 {
        lead[0] = sign;
        length = 1;
    }
    if spec.alternate {
        lead[length..length + prefix.len()].copy_from_slice(prefix);
        length += prefix.len();
    }
    Some(assemble(spec, &lead[..length], body, visit))
}

/// A float of kind `e E f F g G %` with a precision or the default one; `visit` gets ASCII text.
pub fn float<T>(value: f64, spec: &Quick, visit: impl FnOnce(&[u8]) -> T) -> Option<T> {
    if spec.alternate || spec.group != 0 && spec.fill == b'0' {
        return None;
    }
    let precision = spec.precision.unwrap_or(6);
    let magnitude = if spec.kind == b'%' { value.abs() * 100.0 } else { value.abs() };
    if !magnitude.is_finite() || precision > MOST_PLACES as usize {
        return None;
    }
    let mut body = Rendered::new();
    match spec.kind {
        b'f' | b'F' | b'%' => {
            let mut buffer = [0; 40];
            let number = scaled(magnitude, precision as u32).filter(|number| *number < POWERS[MOST_PLACES as usize])?;
            let digits = decimal(number, precision + 1, &mut buffer);
            let (whole, fraction) = digits.split_at(digits.len() - precision);
            for (index, digit) in whole.iter().enumerate() {
                if spec.group != 0 && index > 0 && (whole.len() - index) % 3 == 0 {
                    body.push(spec.group);
                }
                body.push(*digit);
            }
            if precision > 0 {
                body.push(b'.');
                body.push_all(fraction);
            }
            if spec.kind == b'%' {
                body.push(b'%');
            }
        }
        b'e' | b'E' if spec.group == 0 => {
            let (digits, point) = if magnitude == 0.0 { (0, 1) } else { significant(magnitude, precision + 1)? };
            let mut buffer = [0; 40];
            let digits = decimal(digits as u128, precision + 1, &mut buffer);
            body.push(digits[0]);
            if precision > 0 {
                body.push(b'.');
                body.push_all(&digits[1..]);
            }
            let exponent = point - 1;
            body.push(spec.kind);
            body.push(if exponent < 0 { b'-' } else { b'+' });
            // `significant` answers between 1e-5 and 1e17.
            body.push(b'0' + (exponent.unsigned_abs() / 10) as u8);
            body.push(b'0' + (exponent.unsigned_abs() % 10) as u8);
        }
        b'g' | b'G' if spec.group == 0 => {
            let places = precision.max(1);
            let (digits, point) = if magnitude == 0.0 { (0, 1) } else { significant(magnitude, places)? };
            let mut buffer = [0; 40];
            let digits = decimal(digits as u128, places, &mut buffer);
            let kept = digits.iter().rposition(|digit| *digit != b'0').map_or(1, |last| last + 1);
            let (digits, exponent) = (&digits[..kept], point - 1);
            if exponent < -4 || exponent >= places as i32 {
                body.push(digits[0]);
                if kept > 1 {
                    body.push(b'.');
                    body.push_all(&digits[1..]);
                }
                // As above.
                body.push(if spec.kind == b'G' { b'E' } else { b'e' });
                body.push(if exponent < 0 { b'-' } else { b'+' });
                body.push(b'0' + (exponent.unsigned_abs() / 10) as u8);
                body.push(b'0' + (exponent.unsigned_abs() % 10) as u8);
            } else if exponent < 0 {
                body.push_all(b"0.");
                body.fill(b'0', exponent.unsigned_abs() as usize - 1);
                body.push_all(digits);
            } else {
                let whole = exponent as usize + 1;
                body.push_all(&digits[..whole.min(kept)]);
                body.fill(b'0', whole.saturating_sub(kept));
                if kept > whole {
                    body.push(b'.');
                    body.push_all(&digits[whole..]);
                }
            }
        }
        _ => return None,
    }
    let sign = sign(spec, value.is_sign_negative());
    let lead: &[u8] = if sign == 0 { b"" } else { &[sign] };
    Some(assemble(spec, lead, body.as_bytes(), visit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format_spec::{IntRef, Separators, format_f64, format_int};

    const SHAPES: &[&str] = &[
        "{}", "5{}", ">8{}", "<8{}", "^9{}", "=+9{}", "*^12{}", "08{}", "+{}", " {}", "-{}", "#{}", "#012{}", "<010{}", "x=10{}",
        "0<7{}", "14,{}", "14_{}", "012,{}", "0{}", ">{}", "00{}", "96{}", "97{}",
    ];

    fn shown(text: &[u8]) -> String {
        String::from_utf8(text.to_vec()).unwrap()
    }

    #[test]
    fn ints_agree_with_the_general_formatter() {
        let mut answered = 0;
        for shape in SHAPES {
            for kind in ["", "d", "b", "o", "x", "X", "c", "n", "f", "s"] {
                let spec = shape.replace("{}", kind);
                for value in [0, 7, -7, 12, 999, 1000, -1000, 123_456, 1_234_567, i64::MAX, i64::MIN] {
                    let Some(rendered) = Quick::parse(spec.as_bytes()).and_then(|quick| int(value, &quick, shown)) else {
                        continue;
                    };
                    let expected = format_int(IntRef::Small(value), &spec, "int", &Separators::C, 4300);
                    assert_eq!(Ok(rendered), expected.map_err(|fault| fault.text), "{value} {spec:?}");
                    answered += 1;
                }
            }
        }
        assert!(answered > 1000);
    }

    #[test]
    fn floats_agree_with_the_general_formatter() {
        let mut answered = 0;
        for shape in SHAPES {
            for kind in [
                "f", ".2f", ".0f", ".17F", ".22f", ".1%", "%", "e", ".3E", ".0e", ".16e", ".23f", ".2g", "d", "g", "G", ".0g",
                ".1g", ".3g", ".10g", ".17g", ".22G",
            ] {
                let spec = shape.replace("{}", kind);
                for value in [
                    0.0,
                    -0.0,
                    1.0,
                    0.5,
                    1.5,
                    2.5,
                    0.125,
                    9.9996,
                    99999.95,
                    1e22,
                    123456.789,
                    -1e-7,
                    1e-5,
                    f64::NAN,
                    1e300,
                    1e10,
                    1e6,
                    999999.5,
                    1e5,
                    100.0,
                    0.0001,
                    0.00012345678,
                    12.5,
                    1e16,
                    123456789.0,
                ] {
                    let Some(rendered) = Quick::parse(spec.as_bytes()).and_then(|quick| float(value, &quick, shown)) else {
                        continue;
                    };
                    let expected = format_f64(value, &spec, "float", &Separators::C);
                    assert_eq!(Ok(rendered), expected.map_err(|fault| fault.text), "{value} {spec:?}");
                    answered += 1;
                }
            }
        }
        assert!(answered > 1500);
    }
}
