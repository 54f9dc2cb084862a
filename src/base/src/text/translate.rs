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

/// Maps every character. `map` is asked once or twice for each ASCII character that occurs, once for each occurrence of others.
pub fn translate<E>(text: Text<'_>, mut map: impl FnMut(u32) -> Result<Mapped, E>) -> Result<TextBuf, E> {
    // Made when it is needed: most tables map one character to one.
    let mut known: Option<Box<Known>> = None;
    let mut builder = TextBuilder::with_capacity(text.len());
    let done = match text {
        Text::One(bytes) => translate_plain(bytes, &mut known, &mut map, &mut builder)?,
        _ => 0,
    };
    for code_point in text.slice(done..text.len()).code_points() {
        let fresh;
        let mapped = if code_point < ASCII as u32 {
            match &mut known.get_or_insert_with(no_answers)[code_point as usize] {
                Some(mapped) => &*mapped,
                slot => slot.insert(map(code_point)?),
            }
        } else {
            fresh = map(code_point)?;
            &fresh
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

/// The answers about ASCII characters.
type Known = [Option<Mapped>; ASCII];

fn no_answers() -> Box<Known> {
    Box::new([const { None }; ASCII])
}

/// The beginning of a narrow text, as far as ASCII characters become one or none: by a table of bytes. How many it took.
fn translate_plain<E>(
    bytes: &[u8],
    known: &mut Option<Box<Known>>,
    map: &mut impl FnMut(u32) -> Result<Mapped, E>,
    builder: &mut TextBuilder,
) -> Result<usize, E> {
    const DELETED: u8 = 0xFE;
    const UNKNOWN: u8 = 0xFF;
    let mut table = [UNKNOWN; 256];
    let mut plain = vec![0; bytes.len()];
    let (mut done, mut written) = (0, 0);
    while done < bytes.len() {
        // As far as the table knows one character for one.
        let places = plain[written..].iter_mut().zip(&bytes[done..]);
        let mut run = 0;
        for (place, byte) in places {
            let entry = table[usize::from(*byte)];
            if entry >= DELETED {
                break;
            }
            *place = entry;
            run += 1;
        }
        (done, written) = (done + run, written + run);
        let Some(&byte) = bytes.get(done) else { break };
        if usize::from(byte) >= ASCII {
            break;
        }
        if table[usize::from(byte)] == UNKNOWN {
            table[usize::from(byte)] = match map(byte.into())? {
                Mapped::Same => byte,
                Mapped::Delete => DELETED,
                Mapped::Char(one) if one < ASCII as u32 => one as u8,
                other => {
                    known.get_or_insert_with(no_answers)[usize::from(byte)] = Some(other);
                    break;
                }
            };
        }
        if table[usize::from(byte)] == DELETED {
            done += 1;
        }
    }
    plain.truncate(written);
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
