//! Codecs without states: one, two or three bytes by table, four bytes of GB 18030, syllables of EUC-KR spelled by their letters.
//!
//! Must not know: objects, error handlers.

use crate::engine::{Decoded, Encoded, Engine, State};
use crate::tables::{Pair, Single, Table};

/// Letters of Hangul syllables as second bytes behind 0xA4.
const LEADING: [u8; 19] =
    [0xA1, 0xA2, 0xA4, 0xA7, 0xA8, 0xA9, 0xB1, 0xB2, 0xB3, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xBB, 0xBC, 0xBD, 0xBE];
const FIRST_VOWEL: u8 = 0xBF;
const VOWELS: u32 = 21;
const TRAILING: [u8; 28] = [
    0xD4, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA9, 0xAA, 0xAB, 0xAC, 0xAD, 0xAE, 0xAF, 0xB0, 0xB1, 0xB2, 0xB4, 0xB5, 0xB6,
    0xB7, 0xB8, 0xBA, 0xBB, 0xBC, 0xBD, 0xBE,
];
const FIRST_SYLLABLE: u32 = 0xAC00;
const LAST_SYLLABLE: u32 = 0xD7A3;
/// The bytes that a spelled syllable begins with.
const SPELLED: [u8; 2] = [0xA4, 0xD4];

/// The place of the first four-byte code outside the BMP.
const FIRST_SUPPLEMENTARY: u32 = 189_000;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Extra {
    None,
    /// Three bytes behind this one.
    Triples(u8),
    FourBytes,
    SpelledSyllables,
}

pub struct Direct {
    pub table: &'static Table,
    pub extra: Extra,
}

impl Engine for Direct {
    fn decode(&self, _state: &mut State, input: &[u8]) -> Decoded {
        let Some(&lead) = input.first() else { return Decoded::TooFew };
        match self.table.single(lead) {
            Single::Char(point) => return Decoded::Char(1, point),
            Single::Illegal => return Decoded::Illegal(1),
            Single::Lead => {}
        }
        let Some(&second) = input.get(1) else { return Decoded::TooFew };
        match self.extra {
            Extra::FourBytes if second.is_ascii_digit() => return self.four_bytes(input),
            Extra::SpelledSyllables if [lead, second] == SPELLED => return spelled_syllable(input),
            Extra::Triples(first) if first == lead => {
                let Some(&third) = input.get(2) else { return Decoded::TooFew };
                return match self.table.pair(u16::from_be_bytes([lead, second]), third) {
                    Pair::Text((point, mark)) => Decoded::Read(3, [point, mark]),
                    _ => Decoded::Illegal(1),
                };
            }
            _ => {}
        }
        match self.table.pair(u16::from(lead), second) {
            Pair::Text((point, mark)) => Decoded::Read(2, [point, mark]),
            Pair::Illegal => Decoded::Illegal(1),
            Pair::BothIllegal => Decoded::Illegal(2),
        }
    }

    fn encode(&self, _state: &mut State, point: u32, next: Option<u32>, last: bool, out: &mut Vec<u8>) -> Encoded {
        if self.table.is_base(point) {
            match next {
                Some(next) => {
                    if next != 0
                        && let Some(code) = self.table.code((point, next))
                    {
                        put(code, out);
                        return Encoded::Wrote(2);
                    }
                }
                None if !last => return Encoded::TooFew,
                None => {}
            }
        }
        if let Some(code) = self.table.code((point, 0)) {
            put(code, out);
            return Encoded::Wrote(1);
        }
        match self.extra {
            Extra::SpelledSyllables if (FIRST_SYLLABLE..=LAST_SYLLABLE).contains(&point) => spell_syllable(point, out),
            Extra::FourBytes if self.put_four_bytes(point, out) => {}
            _ => return Encoded::Illegal,
        }
        Encoded::Wrote(1)
    }
}

/// Writes a code, first byte first.
pub fn put(code: u32, out: &mut Vec<u8>) {
    let bytes = code.to_be_bytes();
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(3);
    out.extend_from_slice(&bytes[first..]);
}

impl Direct {
    fn four_bytes(&self, input: &[u8]) -> Decoded {
        let Some(&[first, second, third, fourth]) = input.first_chunk() else { return Decoded::TooFew };
        if !(0x81..=0xFE).contains(&first) || !(0x81..=0xFE).contains(&third) || !fourth.is_ascii_digit() {
            return Decoded::Illegal(1);
        }
        let place = |byte: u8, base: u8| u32::from(byte - base);
        let linear = ((place(first, 0x81) * 10 + place(second, b'0')) * 126 + place(third, 0x81)) * 10 + place(fourth, b'0');
        if let Some(point) = linear.checked_sub(FIRST_SUPPLEMENTARY) {
            return if point < 0x10_0000 { Decoded::Read(4, [point + 0x1_0000, 0]) } else { Decoded::Illegal(1) };
        }
        let ranges = &self.table.ranges;
        let index = ranges.partition_point(|range| range.linear <= linear);
        match index.checked_sub(1).map(|index| &ranges[index]).filter(|range| linear - range.linear < range.count) {
            Some(range) => Decoded::Read(4, [range.first + linear - range.linear, 0]),
            None => Decoded::Illegal(1),
        }
    }

    fn put_four_bytes(&self, point: u32, out: &mut Vec<u8>) -> bool {
        let linear = match point.checked_sub(0x1_0000) {
            Some(place) => place + FIRST_SUPPLEMENTARY,
            None => {
                let range = self.table.ranges.iter().find(|range| point >= range.first && point - range.first < range.count);
                let Some(range) = range else { return false };
                range.linear + point - range.first
            }
        };
        let (rest, fourth) = (linear / 10, linear % 10);
        let (rest, third) = (rest / 126, rest % 126);
        out.extend([(rest / 10) as u8 + 0x81, (rest % 10) as u8 + b'0', third as u8 + 0x81, fourth as u8 + b'0']);
        true
    }
}

fn spelled_syllable(input: &[u8]) -> Decoded {
    let Some(&[_, _, a, leading, b, vowel, c, trailing]) = input.first_chunk() else { return Decoded::TooFew };
    let first = LEADING.iter().position(|byte| *byte == leading);
    let middle = u32::from(vowel).checked_sub(u32::from(FIRST_VOWEL)).filter(|vowel| *vowel < VOWELS);
    let last = TRAILING.iter().position(|byte| *byte == trailing);
    match (first, middle, last) {
        (Some(first), Some(middle), Some(last)) if [a, b, c] == [SPELLED[0]; 3] => {
            let point = FIRST_SYLLABLE + (first as u32 * VOWELS + middle) * TRAILING.len() as u32 + last as u32;
            Decoded::Read(8, [point, 0])
        }
        _ => Decoded::Illegal(1),
    }
}

fn spell_syllable(point: u32, out: &mut Vec<u8>) {
    let place = point - FIRST_SYLLABLE;
    let (rest, last) = (place / TRAILING.len() as u32, place as usize % TRAILING.len());
    let (first, middle) = ((rest / VOWELS) as usize, (rest % VOWELS) as u8);
    let letter = SPELLED[0];
    out.extend_from_slice(&SPELLED);
    out.extend([letter, LEADING[first], letter, FIRST_VOWEL + middle, letter, TRAILING[last]]);
}
