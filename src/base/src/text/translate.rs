//! `str.translate`, and the ASCII form in which numbers are read.

use unicode_tables as tables;

use super::builder::{TextBuf, TextBuilder};
use super::classify::is_space;
use super::view::Text;
use crate::with_units;

/// What a character becomes.
#[derive(Clone, Debug)]
pub enum Mapped {
    Same,
    Delete,
    Char(u32),
    Text(TextBuf),
}

const ASCII: usize = 128;

/// Maps every character. `map` is asked once for each ASCII character that occurs, once for each occurrence of others.
pub fn translate<E>(text: Text<'_>, mut map: impl FnMut(u32) -> Result<Mapped, E>) -> Result<TextBuf, E> {
    let mut known: [Option<Mapped>; ASCII] = [const { None }; ASCII];
    let mut builder = TextBuilder::with_capacity(text.len());
    let done = match text {
        Text::One(bytes) => translate_plain(bytes, &mut known, &mut map, &mut builder)?,
        _ => 0,
    };
    for code_point in text.slice(done..text.len()).code_points() {
        let fresh;
        let mapped = match known.get_mut(code_point as usize) {
            Some(Some(mapped)) => &*mapped,
            Some(slot) => slot.insert(map(code_point)?),
            None => {
                fresh = map(code_point)?;
                &fresh
            }
        };
        match mapped {
            Mapped::Same => builder.push(code_point),
            Mapped::Delete => {}
            Mapped::Char(code_point) => builder.push(*code_point),
            Mapped::Text(text) => builder.push_text(text.as_text()),
        }
    }
    Ok(builder.finish())
}

/// The beginning of a narrow text, as far as ASCII characters become one or none: by a table of bytes. How many it took.
fn translate_plain<E>(
    bytes: &[u8],
    known: &mut [Option<Mapped>; ASCII],
    map: &mut impl FnMut(u32) -> Result<Mapped, E>,
    builder: &mut TextBuilder,
) -> Result<usize, E> {
    const DELETED: u8 = 0xFE;
    const UNKNOWN: u8 = 0xFF;
    let mut table = [UNKNOWN; ASCII];
    let mut plain = Vec::with_capacity(bytes.len());
    let mut done = bytes.len();
    for (at, &byte) in bytes.iter().enumerate() {
        let Some(entry) = table.get_mut(usize::from(byte)) else {
            done = at;
            break;
        };
        if *entry == UNKNOWN {
            let mapped = match &mut known[usize::from(byte)] {
                Some(mapped) => mapped,
                slot => slot.insert(map(byte.into())?),
            };
            *entry = match mapped {
                Mapped::Same => byte,
                Mapped::Delete => DELETED,
                Mapped::Char(one) if *one < ASCII as u32 => *one as u8,
                _ => {
                    done = at;
                    break;
                }
            };
        }
        if *entry != DELETED {
            plain.push(*entry);
        }
    }
    builder.push_ascii(plain);
    Ok(done)
}

/// Text of a number with decimal digits of any script as ASCII digits and spaces as blanks, for `int()`, `float()` and
/// `complex()`. Other characters beyond ASCII become `?`, which no number contains.
pub fn to_ascii_number(text: Text<'_>) -> Vec<u8> {
    let convert = |code_point: u32| match code_point {
        0..=0x7F => code_point as u8,
        _ if is_space(code_point) => b' ',
        _ => tables::decimal_digit(code_point).map_or(b'?', |digit| b'0' + digit),
    };
    with_units!(text, units => units.iter().map(|&unit| convert(unit.into())).collect())
}
