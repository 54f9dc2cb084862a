//! Module `binascii`: bytes as text and back. The quoted-printable codec is in `binascii_qp.rs`.
//!
//! Must not know: other modules.

use crate::binascii_qp as qp;
use base::memory::{Grow, with_room};
use base::pause;
use native_macros::native_module;
use objects::convert::{ArgName, FromArg};
use objects::error_class::{Base, ErrorClass};
use objects::{Buf, Bytes, Cast, R, Str, Value, class_name, exc, int_view, new_bytes, type_error, value_error};

pub static ERROR: ErrorClass = ErrorClass::new("Error", "binascii", &[Base::Made(&exc::VALUE_ERROR)]);
static INCOMPLETE: ErrorClass = ErrorClass::new("Incomplete", "binascii", &[Base::Made(&exc::EXCEPTION)]);

pub struct Binascii;

/// Bytes, or a str of ASCII characters.
pub enum AsciiBuffer {
    Text(&'static str),
    Bytes(Buf),
}
impl std::ops::Deref for AsciiBuffer {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match self {
            AsciiBuffer::Text(text) => text.as_bytes(),
            AsciiBuffer::Bytes(bytes) => bytes,
        }
    }
}
impl FromArg for AsciiBuffer {
    fn from_arg(value: Value, _: ArgName) -> R<AsciiBuffer> {
        if let Some(text) = value.cast::<Str>() {
            if !text.is_ascii() {
                return Err(value_error!("string argument should contain only ASCII characters"));
            }
            // ASCII text is its own UTF-8, which lives as long as the argument.
            return Ok(AsciiBuffer::Text(text.as_str().unwrap_or("")));
        }
        if !objects::buffer::has_buffer(value) {
            return Err(type_error!("argument should be bytes, buffer or ASCII string, not '{}'", class_name(value)));
        }
        Buf::new(value).map(AsciiBuffer::Bytes)
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Values of base64 characters; 255 for all others.
const SEXTETS: [u8; 256] = {
    let mut table = [255; 256];
    let mut index = 0;
    while index < 64 {
        table[ALPHABET[index] as usize] = index as u8;
        index += 1;
    }
    table
};

fn decode_base64(data: &[u8], strict: bool) -> Result<Vec<u8>, String> {
    if strict && data.first() == Some(&b'=') {
        return Err("Leading padding not allowed".to_owned());
    }
    let mut out = with_room(data.len() / 4 * 3 + 3);
    let (mut place, mut left, mut pads) = (0, 0u8, 0);
    let mut padded = false;
    // Whole groups of four good characters, as nearly all of it is.
    let (groups, _) = data.as_chunks::<4>();
    let mut whole = 0;
    for group in pause::walk(groups) {
        let [a, b, c, d] = group.map(|byte| SEXTETS[byte as usize]);
        if (a | b | c | d) & 0xc0 != 0 {
            break;
        }
        out.put_all(&[a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]);
        whole += 4;
    }
    for &byte in pause::walk(&data[whole..]) {
        if byte == b'=' {
            padded = true;
            pads += 1;
            if strict && (place == 0 || place + pads > 4) {
                return Err("Excess padding not allowed".to_owned());
            }
            continue;
        }
        let sextet = SEXTETS[byte as usize];
        if sextet == 255 {
            if strict {
                return Err("Only base64 data is allowed".to_owned());
            }
            continue;
        }
        if strict && padded {
            return Err(match place {
                1 => lone_character(out.len()),
                _ if place + pads >= 4 => "Excess data after padding".to_owned(),
                _ => "Discontinuous padding not allowed".to_owned(),
            });
        }
        pads = 0;
        match place {
            0 => {}
            1 => out.put(left << 2 | sextet >> 4),
            2 => out.put((left & 0x0f) << 4 | sextet >> 2),
            _ => out.put((left & 0x03) << 6 | sextet),
        }
        left = sextet;
        place = (place + 1) % 4;
    }
    match place {
        0 => Ok(out),
        1 => Err(lone_character(out.len())),
        _ if place + pads < 4 => Err("Incorrect padding".to_owned()),
        _ => Ok(out),
    }
}

fn lone_character(decoded: usize) -> String {
    format!(
        "Invalid base64-encoded string: number of data characters ({}) cannot be 1 more than a multiple of 4",
        decoded / 3 * 4 + 1
    )
}

fn encode_base64(data: &[u8], newline: bool) -> Vec<u8> {
    let mut out = with_room(data.len().div_ceil(3) * 4 + 1);
    let (groups, rest) = data.as_chunks::<3>();
    for [a, b, c] in pause::walk(groups) {
        let sextets = [a >> 2, (a << 4 | b >> 4) & 0x3f, (b << 2 | c >> 6) & 0x3f, c & 0x3f];
        out.put_all(&sextets.map(|sextet| ALPHABET[sextet as usize]));
    }
    for chunk in rest.chunks(3) {
        let bits = (chunk[0] as u32) << 16 | (*chunk.get(1).unwrap_or(&0) as u32) << 8 | *chunk.get(2).unwrap_or(&0) as u32;
        for place in 0..4 {
            let sextet = (bits >> (18 - 6 * place) & 0x3f) as usize;
            out.put(if place <= chunk.len() { ALPHABET[sextet] } else { b'=' });
        }
    }
    if newline {
        out.put(b'\n');
    }
    out
}

fn decode_hex(text: &[u8]) -> Result<Vec<u8>, &'static str> {
    if !text.len().is_multiple_of(2) {
        return Err("Odd-length string");
    }
    let digit = |byte: u8| (byte as char).to_digit(16).map(|digit| digit as u8);
    let mut out = with_room(text.len() / 2);
    for pair in pause::walk(text.as_chunks::<2>().0) {
        let (Some(high), Some(low)) = (digit(pair[0]), digit(pair[1])) else { return Err("Non-hexadecimal digit found") };
        out.put(high << 4 | low);
    }
    Ok(out)
}

/// `bytes.hex`, as bytes.
fn encode_hex(data: &[u8], sep: Option<Value>, group: i32) -> R<Vec<u8>> {
    let separator = match sep {
        None => None,
        Some(sep) => {
            if objects::len(sep)? != 1 {
                return Err(value_error!("sep must be length 1."));
            }
            if let Some(text) = sep.cast::<Str>() {
                match u8::try_from(text.char_at(0)) {
                    Ok(byte) => Some(byte),
                    Err(_) => return Err(value_error!("sep must be ASCII.")),
                }
            } else if let Some(bytes) = sep.cast::<Bytes>() {
                Some(bytes.as_slice()[0])
            } else {
                return Err(type_error!("sep must be str or bytes."));
            }
        }
    };
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    if separator.is_none() {
        let mut out = with_room(data.len() * 2);
        pause::walk(data).for_each(|byte| out.put_all(&[DIGITS[(byte >> 4) as usize], DIGITS[(byte & 15) as usize]]));
        return Ok(out);
    }
    let mut out = with_room(data.len() * 2);
    let size = group.unsigned_abs() as usize;
    for (index, byte) in pause::walk(data).enumerate() {
        if let Some(separator) = separator
            && size > 0
            && index > 0
        {
            let at = if group > 0 { data.len() - index } else { index };
            if at % size == 0 {
                out.put(separator);
            }
        }
        out.put(DIGITS[(byte >> 4) as usize]);
        out.put(DIGITS[(byte & 15) as usize]);
    }
    Ok(out)
}

fn crc32_from(start: u32, data: &[u8]) -> u32 {
    pause::parts(data).fold(start, |sum, piece| {
        // SAFETY: a readable piece with its length.
        unsafe { libz_rs_sys::crc32(sum as _, piece.as_ptr(), piece.len() as _) as u32 }
    })
}

/// An int argument modulo 2**32.
fn mask32(value: Value) -> R<u32> {
    let number = objects::index_object(value)?;
    Ok(int_view(number).map_or(0, |view| view.low_u64() as u32))
}

fn decode_uu(text: &[u8]) -> Result<Vec<u8>, &'static str> {
    let Some((first, rest)) = text.split_first() else { return Err("Missing length byte") };
    let wanted = (first.wrapping_sub(b' ') & 0x3f) as usize;
    let mut out = with_room(wanted);
    let (mut bits, mut count) = (0u32, 0);
    let mut bytes = rest.iter();
    while out.len() < wanted {
        let sextet = match bytes.next() {
            // Lines may lack the spaces at their end.
            None | Some(b'\n' | b'\r') => 0,
            Some(byte) if !(b' '..=b' ' + 64).contains(byte) => return Err("Illegal char"),
            Some(byte) => (byte - b' ') & 0x3f,
        };
        bits = bits << 6 | sextet as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.put((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    if bytes.all(|byte| matches!(byte, b' ' | b'`' | b'\n' | b'\r')) { Ok(out) } else { Err("Trailing garbage") }
}

fn encode_uu(data: &[u8], backtick: bool) -> Vec<u8> {
    let letter = |sextet: u8| if sextet == 0 && backtick { b'`' } else { sextet + b' ' };
    let mut out = vec![letter(data.len() as u8)];
    for chunk in data.chunks(3) {
        let bits = (chunk[0] as u32) << 16 | (*chunk.get(1).unwrap_or(&0) as u32) << 8 | *chunk.get(2).unwrap_or(&0) as u32;
        out.extend((0..4).map(|place| letter((bits >> (18 - 6 * place) & 0x3f) as u8)));
    }
    out.put(b'\n');
    out
}

/// Binary data as ASCII text and back
#[native_module(name = "binascii")]
impl Binascii {
    #[attr("Error")]
    fn error() -> R {
        Ok(ERROR.class()?.value())
    }
    #[attr("Incomplete")]
    fn incomplete() -> R {
        Ok(INCOMPLETE.class()?.value())
    }
    /// The bytes of data in base64.
    ///
    /// strict_mode refuses what is otherwise skipped: foreign characters and
    /// misplaced padding.
    #[sig("(data, /, *, strict_mode=False)")]
    fn a2b_base64(data: AsciiBuffer, strict_mode: bool) -> R {
        decode_base64(&data, strict_mode).map(|bytes| new_bytes(&bytes)).map_err(|text| ERROR.raise(&text))
    }
    /// Base64-code data on one line.
    #[sig("(data, /, *, newline=True)")]
    fn b2a_base64(data: Buf, newline: bool) -> Value {
        new_bytes(&encode_base64(&data, newline))
    }
    /// Binary data of its hexadecimal form.
    #[sig("(hexstr, /)")]
    fn a2b_hex(hexstr: AsciiBuffer) -> R {
        decode_hex(&hexstr).map(|bytes| new_bytes(&bytes)).map_err(|text| ERROR.raise(text))
    }
    /// Binary data of its hexadecimal form.
    #[sig("(hexstr, /)")]
    fn unhexlify(hexstr: AsciiBuffer) -> R {
        decode_hex(&hexstr).map(|bytes| new_bytes(&bytes)).map_err(|text| ERROR.raise(text))
    }
    /// Hexadecimal form of binary data, as bytes.
    ///
    /// sep is put between groups of bytes_per_sep bytes, counted from the
    /// right, or from the left if the number is negative.
    #[sig("(data, sep=<unrepresentable>, bytes_per_sep=1)")]
    fn b2a_hex(data: Buf, sep: Option<Value>, bytes_per_sep: i32) -> R {
        Ok(new_bytes(&encode_hex(&data, sep, bytes_per_sep)?))
    }
    /// Hexadecimal form of binary data, as bytes.
    ///
    /// sep is put between groups of bytes_per_sep bytes, counted from the
    /// right, or from the left if the number is negative.
    #[sig("(data, sep=<unrepresentable>, bytes_per_sep=1)")]
    fn hexlify(data: Buf, sep: Option<Value>, bytes_per_sep: i32) -> R {
        Ok(new_bytes(&encode_hex(&data, sep, bytes_per_sep)?))
    }
    /// The bytes of a uuencoded line.
    fn a2b_uu(data: AsciiBuffer) -> R {
        decode_uu(&data).map(|bytes| new_bytes(&bytes)).map_err(|text| ERROR.raise(text))
    }
    /// Uuencode a line of data.
    #[sig("(data, /, *, backtick=False)")]
    fn b2a_uu(data: Buf, backtick: bool) -> R {
        if data.len() > 45 {
            return Err(ERROR.raise("At most 45 bytes at once"));
        }
        Ok(new_bytes(&encode_uu(&data, backtick)))
    }
    /// Decode quoted-printable data.
    #[sig("(data, header=False)")]
    fn a2b_qp(data: AsciiBuffer, header: bool) -> Value {
        new_bytes(&qp::decode(&data, header))
    }
    /// Encode data as quoted-printable.
    ///
    /// quotetabs encodes all blanks; istext keeps line ends; header writes
    /// spaces as underscores.
    #[sig("(data, quotetabs=False, istext=True, header=False)")]
    fn b2a_qp(data: Buf, quotetabs: bool, istext: bool, header: bool) -> Value {
        new_bytes(&qp::encode(&data, quotetabs, istext, header))
    }
    /// CRC-CCITT of data, going on from crc.
    fn crc_hqx(data: Buf, crc: Value) -> R<u32> {
        let mut crc = mask32(crc)? & 0xffff;
        for byte in pause::walk(&data) {
            crc ^= (*byte as u32) << 8;
            for _ in 0..8 {
                crc = if crc & 0x8000 != 0 { (crc << 1 ^ 0x1021) & 0xffff } else { crc << 1 };
            }
        }
        Ok(crc)
    }
    /// CRC-32 of data, going on from crc.
    #[sig("(data, crc=0, /)")]
    fn crc32(data: Buf, crc: Option<Value>) -> R<u32> {
        Ok(crc32_from(crc.map_or(Ok(0), mask32)?, &data))
    }
}
