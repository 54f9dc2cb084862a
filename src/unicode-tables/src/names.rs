//! Names of characters, their aliases and named sequences.
//!
//! A name is a list of words from a lexicon. Names lie in blocks of 16; each begins with a byte that tells how many
//! words it shares with the name before it and how many follow. `NAME_ORDER` lists the names alphabetically.

use std::cmp::Ordering;

use crate::data::Section;
use crate::database::{Version, is_assigned};
use crate::decomposition::hangul;
use crate::layout as at;

const RANGES: Section = Section::new(at::NAME_RANGES);
const RANGE_SIZE: usize = 8;
const RUNS: Section = Section::new(at::NAME_RUNS);
const RUN_COUNT: usize = at::NAME_RUNS.1 / 6;
const ALIAS_TARGETS: Section = Section::new(at::ALIAS_TARGETS);
const SEQUENCE_TARGETS: Section = Section::new(at::SEQUENCE_TARGETS);
const LEXICON_TEXT: Section = Section::new(at::LEXICON_TEXT);
const LEXICON_ENDS: Section = Section::new(at::LEXICON_ENDS);
const WORDS: Section = Section::new(at::NAME_WORDS);
const BLOCKS: Section = Section::new(at::NAME_BLOCKS);
const ORDER: Section = Section::new(at::NAME_ORDER);
const NAME_COUNT: usize = at::CHARACTER_NAMES + at::ALIASES + at::SEQUENCES;
const MOST_WORDS: usize = 15;

const HANGUL_PREFIX: &str = "HANGUL SYLLABLE ";
#[rustfmt::skip]
const LEADING: [&str; 19] =
    ["G", "GG", "N", "D", "DD", "R", "M", "B", "BB", "S", "SS", "", "J", "JJ", "C", "K", "T", "P", "H"];
#[rustfmt::skip]
const VOWELS: [&str; 21] = ["A", "AE", "YA", "YAE", "EO", "E", "YEO", "YE", "O", "WA", "WAE", "OE", "YO", "U", "WEO",
    "WE", "WI", "YU", "EU", "YI", "I"];
#[rustfmt::skip]
const TRAILING: [&str; 28] = ["", "G", "GG", "GS", "N", "NJ", "NH", "D", "L", "LG", "LM", "LB", "LS", "LT", "LP", "LH",
    "M", "B", "BS", "S", "SS", "NG", "J", "C", "K", "T", "P", "H"];

/// Length of the longest name, alias or sequence name.
pub const LONGEST_NAME: usize = at::LONGEST_NAME;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    Character(u32),
    /// Up to four code points; a zero ends a shorter sequence.
    Sequence([u32; 4]),
}

impl Named {
    pub fn code_points(&self) -> &[u32] {
        match self {
            Self::Character(code_point) => std::slice::from_ref(code_point),
            Self::Sequence(all) => &all[..all.iter().position(|&c| c == 0).unwrap_or(all.len())],
        }
    }
}

/// `unicodedata.name()`.
pub fn name(code_point: u32, version: Version) -> Option<String> {
    if version == Version::V3_2 && !is_assigned(code_point, version) {
        return None;
    }
    if let Some((l, v, t)) = hangul::parts(code_point) {
        let (l, v, t) = (LEADING[l as usize], VOWELS[v as usize], TRAILING[t as usize]);
        return Some(format!("{HANGUL_PREFIX}{l}{v}{t}"));
    }
    if let Some(range) = ranges().find(|range| (range.first..=range.last).contains(&code_point)) {
        return range.shown.then(|| format!("{}{code_point:04X}", range.prefix));
    }
    let run = partition_point(RUN_COUNT, |i| RUNS.u24(i * 2) <= code_point).checked_sub(1)?;
    let (first, number) = (RUNS.u24(run * 2), RUNS.u24(run * 2 + 1) as usize);
    let end = if run + 1 < RUN_COUNT { RUNS.u24(run * 2 + 3) as usize } else { at::CHARACTER_NAMES };
    let number = number + (code_point - first) as usize;
    (number < end).then(|| Name::number(number).text())
}

/// The character or sequence called `wanted`, in any case. Aliases and sequences answer only if asked for:
/// `unicodedata.lookup` takes both, `\N{}` in a literal only aliases, and version 3.2.0 neither.
pub fn lookup(wanted: &str, with_aliases: bool, with_sequences: bool) -> Option<Named> {
    if wanted.is_empty() || wanted.len() > LONGEST_NAME || !wanted.is_ascii() {
        return None;
    }
    let wanted = wanted.to_ascii_uppercase();
    if let Some(code_point) = lookup_computed(&wanted) {
        return Some(Named::Character(code_point));
    }
    let (mut low, mut high) = (0, NAME_COUNT);
    while low < high {
        let middle = low.midpoint(high);
        let number = ORDER.u16(middle) as usize;
        match Name::number(number).cmp_text(wanted.as_bytes()) {
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
            Ordering::Equal => return target(number, with_aliases, with_sequences),
        }
    }
    None
}

fn target(number: usize, with_aliases: bool, with_sequences: bool) -> Option<Named> {
    if number < at::CHARACTER_NAMES {
        let run = partition_point(RUN_COUNT, |i| RUNS.u24(i * 2 + 1) as usize <= number) - 1;
        return Some(Named::Character(RUNS.u24(run * 2) + (number as u32 - RUNS.u24(run * 2 + 1))));
    }
    let alias = number - at::CHARACTER_NAMES;
    if alias < at::ALIASES {
        return with_aliases.then(|| Named::Character(ALIAS_TARGETS.u24(alias)));
    }
    let sequence = (alias - at::ALIASES) * 4;
    with_sequences.then(|| Named::Sequence(std::array::from_fn(|i| SEQUENCE_TARGETS.u24(sequence + i))))
}

fn lookup_computed(wanted: &str) -> Option<u32> {
    if let Some(syllable) = wanted.strip_prefix(HANGUL_PREFIX) {
        let (l, rest) = longest_prefix(&LEADING, syllable)?;
        let (v, rest) = longest_prefix(&VOWELS, rest)?;
        let (t, rest) = longest_prefix(&TRAILING, rest)?;
        return rest.is_empty().then_some(hangul::S_BASE + l * hangul::N_COUNT + v * hangul::T_COUNT + t);
    }
    let prefix_length = wanted.rfind('-')? + 1;
    let (prefix, number) = wanted.split_at(prefix_length);
    if !(4..=6).contains(&number.len()) || number.starts_with('0') || number.starts_with('+') {
        return None;
    }
    let code_point = u32::from_str_radix(number, 16).ok()?;
    ranges().find(|r| r.prefix == prefix && (r.first..=r.last).contains(&code_point)).map(|_| code_point)
}

fn longest_prefix<'a>(parts: &[&str], text: &'a str) -> Option<(u32, &'a str)> {
    let fitting = parts.iter().enumerate().filter(|(_, part)| text.starts_with(**part));
    fitting.max_by_key(|(_, part)| part.len()).map(|(i, part)| (i as u32, &text[part.len()..]))
}

/// Names that are a prefix and the number; `shown` is false where only `lookup` knows them.
struct NameRange {
    first: u32,
    last: u32,
    prefix: &'static str,
    shown: bool,
}

fn ranges() -> impl Iterator<Item = NameRange> {
    RANGES.bytes().chunks_exact(RANGE_SIZE).map(|record| NameRange {
        first: u32::from_le_bytes([record[0], record[1], record[2], 0]),
        last: u32::from_le_bytes([record[3], record[4], record[5], 0]),
        prefix: at::NAME_PREFIXES[record[6] as usize],
        shown: record[7] != 0,
    })
}

/// The first index below `count` that does not hold.
fn partition_point(count: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low.midpoint(high);
        if holds(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

/// The words of one name.
struct Name {
    words: [u16; MOST_WORDS],
    count: usize,
}

impl Name {
    fn number(number: usize) -> Self {
        let mut name = Self { words: [0; MOST_WORDS], count: 0 };
        let mut position = BLOCKS.u24(number / at::NAMES_PER_BLOCK) as usize;
        let coded = WORDS.bytes();
        for _ in 0..=number % at::NAMES_PER_BLOCK {
            let head = coded[position];
            let shared = (head >> 4) as usize;
            name.count = shared + (head & 15) as usize;
            position += 1;
            for slot in &mut name.words[shared..name.count] {
                let first = coded[position] as usize;
                position += 1;
                *slot = first as u16;
                if first >= at::ONE_BYTE_WORDS {
                    let second = coded[position] as usize;
                    position += 1;
                    *slot = (at::ONE_BYTE_WORDS + (first - at::ONE_BYTE_WORDS) * 256 + second) as u16;
                }
            }
        }
        name
    }

    /// The pieces that make up the text.
    fn pieces(&self) -> impl Iterator<Item = &'static [u8]> + '_ {
        let words = self.words[..self.count].iter().map(|&number| word(number as usize));
        let mut joins = true;
        words.flat_map(move |text| {
            let space: &[u8] = if joins { b"" } else { b" " };
            joins = matches!(text.last(), Some(b'-' | b' '));
            [space, text]
        })
    }

    fn cmp_text(&self, text: &[u8]) -> Ordering {
        self.pieces().flatten().copied().cmp(text.iter().copied())
    }

    fn text(&self) -> String {
        self.pieces().flatten().map(|&byte| char::from(byte)).collect()
    }
}

fn word(number: usize) -> &'static [u8] {
    let start = if number == 0 { 0 } else { LEXICON_ENDS.u24(number - 1) as usize };
    &LEXICON_TEXT.bytes()[start..LEXICON_ENDS.u24(number) as usize]
}
