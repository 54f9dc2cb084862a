//! Single characters: units of text, categories, case, and the tests that a pattern applies to one character.
//!
//! A test answers for characters below 256 from a table made with the pattern, for others by asking the rule. Rules that depend on
//! the locale are always asked.

use super::codes::{category, op};
use unicode_tables as tables;

/// One character of text as it is stored.
pub trait Unit: Copy + Eq + 'static {
    fn code(self) -> u32;
    fn find(text: &[Self], code: u32) -> Option<usize>;
    fn find_last(text: &[Self], code: u32) -> Option<usize>;
    /// Whether `text` begins with `literal`.
    #[inline]
    fn starts_with(text: &[Self], literal: &[u32]) -> bool {
        text.len() >= literal.len() && text.iter().zip(literal).all(|(unit, code)| unit.code() == *code)
    }
}
impl Unit for u8 {
    #[inline(always)]
    fn code(self) -> u32 {
        self as u32
    }
    #[inline]
    fn find(text: &[u8], code: u32) -> Option<usize> {
        memchr::memchr(u8::try_from(code).ok()?, text)
    }
    #[inline]
    fn find_last(text: &[u8], code: u32) -> Option<usize> {
        memchr::memrchr(u8::try_from(code).ok()?, text)
    }
}
macro_rules! wide_unit {
    ($($unit:ty)*) => { $(
        impl Unit for $unit {
            #[inline(always)]
            fn code(self) -> u32 {
                self as u32
            }
            #[inline]
            fn find(text: &[$unit], code: u32) -> Option<usize> {
                let wanted = <$unit>::try_from(code).ok()?;
                text.iter().position(|unit| *unit == wanted)
            }
            #[inline]
            fn find_last(text: &[$unit], code: u32) -> Option<usize> {
                let wanted = <$unit>::try_from(code).ok()?;
                text.iter().rposition(|unit| *unit == wanted)
            }
        }
    )* };
}
wide_unit!(u16 u32);

/// How letters of different case are compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Casing {
    Exact,
    Ascii,
    Unicode,
    Locale,
}

#[inline]
pub fn lower_ascii(code: u32) -> u32 {
    if (65..=90).contains(&code) { code + 32 } else { code }
}
#[inline]
pub fn lower_unicode(code: u32) -> u32 {
    if code < 128 { lower_ascii(code) } else { first_of(tables::lower_full(code), code) }
}
#[inline]
pub fn upper_unicode(code: u32) -> u32 {
    first_of(tables::upper_full(code), code)
}
/// CPython maps single characters to the first one of the full mapping.
#[inline]
fn first_of(mapping: tables::CaseMapping, code: u32) -> u32 {
    mapping.as_slice().first().copied().unwrap_or(code)
}
pub fn lower_locale(code: u32) -> u32 {
    // SAFETY: the argument is an unsigned char.
    if code < 256 { unsafe { libc::tolower(code as i32) as u32 } } else { code }
}
pub fn upper_locale(code: u32) -> u32 {
    // SAFETY: as above.
    if code < 256 { unsafe { libc::toupper(code as i32) as u32 } } else { code }
}
pub fn is_locale_word(code: u32) -> bool {
    // SAFETY: as above.
    code < 256 && (code == 95 || unsafe { libc::isalnum(code as i32) != 0 })
}
#[inline]
pub fn is_ascii_word(code: u32) -> bool {
    code < 128 && ((code as u8).is_ascii_alphanumeric() || code == 95)
}
#[inline]
pub fn is_unicode_word(code: u32) -> bool {
    if code < 128 { is_ascii_word(code) } else { tables::is_alnum(code) }
}

impl Casing {
    #[inline]
    pub fn lower(self, code: u32) -> u32 {
        match self {
            Casing::Exact => code,
            Casing::Ascii => lower_ascii(code),
            Casing::Unicode => lower_unicode(code),
            Casing::Locale => lower_locale(code),
        }
    }
}

/// Whether a character is in a category; None if there is no such category.
pub fn in_category(number: u32, code: u32) -> Option<bool> {
    let ascii = u8::try_from(code).unwrap_or(0xff);
    let (base, negated) = match number {
        category::LOC_WORD | category::LOC_NOT_WORD => (category::LOC_WORD, number == category::LOC_NOT_WORD),
        _ => (number & !1, number & 1 == 1),
    };
    let found = match base {
        category::DIGIT => ascii.is_ascii_digit(),
        category::SPACE => matches!(ascii, 9..=13 | 32),
        category::WORD => is_ascii_word(code),
        category::LINEBREAK => code == 10,
        category::LOC_WORD => is_locale_word(code),
        category::UNI_DIGIT => tables::is_decimal(code),
        category::UNI_SPACE => tables::is_space(code),
        category::UNI_WORD => is_unicode_word(code),
        category::UNI_LINEBREAK => tables::is_line_break(code),
        _ => return None,
    };
    Some(found != negated)
}

/// The rule behind a test.
#[derive(Clone, Debug)]
pub enum Rule {
    Never,
    NotNewline,
    Not(u32),
    /// The lower-case form is (or is not) the given character.
    Lower {
        code: u32,
        casing: Casing,
        negated: bool,
    },
    Category(u32),
    /// A set program (words of the code array without the closing FAILURE).
    Set {
        words: Box<[u32]>,
        casing: Casing,
    },
}

impl Rule {
    fn matches(&self, code: u32) -> bool {
        match self {
            Rule::Never => false,
            Rule::NotNewline => code != 10,
            Rule::Not(other) => code != *other,
            Rule::Lower { code: wanted, casing: Casing::Locale, negated } => {
                (code == *wanted || lower_locale(code) == *wanted || upper_locale(code) == *wanted) != *negated
            }
            Rule::Lower { code: wanted, casing, negated } => (casing.lower(code) == *wanted) != *negated,
            Rule::Category(number) => in_category(*number, code).unwrap_or(false),
            Rule::Set { words, casing: Casing::Locale } => {
                let (lower, upper) = (lower_locale(code), upper_locale(code));
                match words.split_first() {
                    Some((&op::NEGATE, rest)) => !set_has(rest, lower) && !set_has(rest, upper),
                    _ => set_has(words, lower) || set_has(words, upper),
                }
            }
            Rule::Set { words, casing } => set_has(words, casing.lower(code)),
        }
    }
    fn depends_on_locale(&self) -> bool {
        match self {
            Rule::Lower { casing, .. } => *casing == Casing::Locale,
            Rule::Category(number) => matches!(*number, category::LOC_WORD | category::LOC_NOT_WORD),
            Rule::Set { words, casing } => *casing == Casing::Locale || set_uses_locale(words),
            _ => false,
        }
    }
}

/// Items of a set program: operator and its words. The words were checked when the pattern was made.
struct SetItems<'a>(&'a [u32]);
impl<'a> Iterator for SetItems<'a> {
    type Item = (u32, &'a [u32]);
    fn next(&mut self) -> Option<(u32, &'a [u32])> {
        let (operator, rest) = self.0.split_first()?;
        let count = set_item_len(*operator, rest)?;
        let (words, rest) = rest.split_at_checked(count)?;
        self.0 = rest;
        Some((*operator, words))
    }
}

/// Words that follow a set operator.
pub fn set_item_len(operator: u32, rest: &[u32]) -> Option<usize> {
    Some(match operator {
        op::NEGATE => 0,
        op::LITERAL | op::CATEGORY => 1,
        op::RANGE | op::RANGE_UNI_IGNORE => 2,
        op::CHARSET => 8,
        op::BIGCHARSET => 65 + 8 * (*rest.first()? as usize),
        _ => return None,
    })
}

fn set_uses_locale(words: &[u32]) -> bool {
    SetItems(words)
        .any(|(operator, words)| operator == op::CATEGORY && matches!(words[0], category::LOC_WORD | category::LOC_NOT_WORD))
}

fn set_has(words: &[u32], code: u32) -> bool {
    let mut found = true;
    for (operator, words) in SetItems(words) {
        let hit = match operator {
            op::NEGATE => {
                found = !found;
                false
            }
            op::LITERAL => code == words[0],
            op::CATEGORY => in_category(words[0], code).unwrap_or(false),
            op::RANGE => (words[0]..=words[1]).contains(&code),
            op::RANGE_UNI_IGNORE => (words[0]..=words[1]).contains(&code) || (words[0]..=words[1]).contains(&upper_unicode(code)),
            op::CHARSET => code < 256 && words[code as usize >> 5] >> (code & 31) & 1 == 1,
            _ => code < 65536 && in_big_set(words, code),
        };
        if hit {
            return found;
        }
    }
    !found
}

fn in_big_set(words: &[u32], code: u32) -> bool {
    let chunk = (code >> 8) as usize;
    let block = words[1 + chunk / 4].to_le_bytes()[chunk % 4] as usize;
    let word = words.get(65 + block * 8 + (code as usize >> 5 & 7)).copied().unwrap_or(0);
    word >> (code & 31) & 1 == 1
}

/// A rule with its answers for the first 256 characters.
pub struct CharTest {
    pub table: [bool; 256],
    pub rule: Rule,
    pub by_locale: bool,
}

impl CharTest {
    pub fn new(rule: Rule) -> CharTest {
        let by_locale = rule.depends_on_locale();
        let mut table = [false; 256];
        if !by_locale {
            for (code, slot) in table.iter_mut().enumerate() {
                *slot = rule.matches(code as u32);
            }
        }
        CharTest { table, rule, by_locale }
    }
    #[inline(always)]
    pub fn matches(&self, code: u32) -> bool {
        if code < 256 && !self.by_locale { self.table[code as usize] } else { self.rule.matches(code) }
    }
    /// Whether it may accept characters from 256 on.
    pub fn may_match_wide(&self) -> bool {
        match &self.rule {
            Rule::Never => false,
            Rule::Category(number) => {
                !matches!(*number, category::DIGIT | category::SPACE | category::WORD | category::LINEBREAK)
            }
            Rule::Set { words, casing } => {
                *casing != Casing::Exact
                    || SetItems(words).any(|(operator, words)| match operator {
                        op::LITERAL => words[0] > 255,
                        op::RANGE => words[1] > 255,
                        op::CHARSET => false,
                        op::CATEGORY => {
                            !matches!(words[0], category::DIGIT | category::SPACE | category::WORD | category::LINEBREAK)
                        }
                        _ => true,
                    })
            }
            _ => true,
        }
    }
}
