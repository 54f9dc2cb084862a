//! `str.translate`, and the ASCII form in which numbers are read.

use unicode_tables as tables;

use super::builder::{TextBuf, TextBuilder};
use super::classify::is_space;
use super::view::Text;
use crate::memory::{collected, zeros};
use crate::pause::{Pace, STRIDE};
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
    let mut known = Known { places: [0; ASCII], answers: Vec::new() };
    let mut builder = TextBuilder::with_capacity(text.len());
    let done = match text {
        Text::One(bytes) => translate_plain(bytes, &mut known, &mut map, &mut builder)?,
        _ => 0,
    };
    let mut pace = Pace::new();
    for (passed, code_point) in text.slice(done..text.len()).code_points().enumerate() {
        pace.at(passed);
        let fresh;
        let mapped = if code_point < ASCII as u32 {
            known.get(code_point as u8, &mut map)?
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

/// The answers about ASCII characters so far.
struct Known {
    /// Where the answer about a character stands, counted from one; 0 if there is none.
    places: [u8; ASCII],
    answers: Vec<Mapped>,
}

impl Known {
    fn get<E>(&mut self, byte: u8, map: &mut impl FnMut(u32) -> Result<Mapped, E>) -> Result<&Mapped, E> {
        if self.places[usize::from(byte)] == 0 {
            let answer = map(byte.into())?;
            self.keep(byte, answer);
        }
        Ok(&self.answers[usize::from(self.places[usize::from(byte)]) - 1])
    }
    fn keep(&mut self, byte: u8, answer: Mapped) {
        self.answers.push(answer);
        self.places[usize::from(byte)] = self.answers.len() as u8;
    }
}

/// The beginning of a narrow text, as far as ASCII characters become one or none: by a table of bytes. How many it took.
fn translate_plain<E>(
    bytes: &[u8],
    known: &mut Known,
    map: &mut impl FnMut(u32) -> Result<Mapped, E>,
    builder: &mut TextBuilder,
) -> Result<usize, E> {
    const DELETED: u8 = 0xFE;
    const UNKNOWN: u8 = 0xFF;
    let mut table = [UNKNOWN; 256];
    let mut plain = zeros(bytes.len());
    let (mut done, mut written) = (0, 0);
    let mut pace = Pace::new();
    while done < bytes.len() {
        pace.at(done);
        // As far as the table knows one character for one.
        let places = plain[written..].iter_mut().zip(&bytes[done..]).take(STRIDE);
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
                    known.keep(byte, other);
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
    with_units!(text, units => collected(units.iter().map(|&unit| convert(unit.into()))))
}
