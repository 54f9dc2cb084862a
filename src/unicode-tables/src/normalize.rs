//! Normalisation forms and their quick check. Works on sequences of code points, wherever they are stored.

use crate::data::Section;
use crate::database::{Properties, Version};
use crate::decomposition::{compose, decomposition};
use crate::layout as at;

/// Pairs (code point, what 3.2.0 wrongly took for its decomposition).
const OLD_CORRECTIONS: Section = Section::new(at::OLD_CORRECTIONS);
const OLD_CORRECTION_COUNT: usize = at::OLD_CORRECTIONS.1 / 6;

/// Below this every code point is its own NFC form and does not combine with others.
const FIRST_NOT_NFC: u32 = 0x300;

/// A normalisation form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Nfc,
    Nfd,
    Nfkc,
    Nfkd,
}

impl Form {
    /// From the name that Python programs use, such as "NFC".
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "NFC" => Some(Self::Nfc),
            "NFD" => Some(Self::Nfd),
            "NFKC" => Some(Self::Nfkc),
            "NFKD" => Some(Self::Nfkd),
            _ => None,
        }
    }

    fn is_compatibility(self) -> bool {
        matches!(self, Self::Nfkc | Self::Nfkd)
    }

    fn is_composed(self) -> bool {
        matches!(self, Self::Nfc | Self::Nfkc)
    }
}

/// What a look at each code point alone tells about a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuickCheck {
    Yes,
    No,
    /// Only normalising it can tell.
    Maybe,
}

/// Quick check of `text` against `form`, by the current data.
pub fn quick_check(form: Form, text: impl IntoIterator<Item = u32>) -> QuickCheck {
    let mut answer = QuickCheck::Yes;
    let mut previous_class = 0;
    for code_point in text {
        if code_point < 0x80 || form == Form::Nfc && code_point < FIRST_NOT_NFC {
            previous_class = 0;
            continue;
        }
        let properties = Properties::of(code_point, Version::Current);
        let class = properties.combining;
        if class != 0 && class < previous_class {
            return QuickCheck::No;
        }
        previous_class = class;
        match properties.quick_checks >> (2 * form as u8) & 3 {
            0 => {}
            1 => return QuickCheck::No,
            _ => answer = QuickCheck::Maybe,
        }
    }
    answer
}

/// `unicodedata.normalize(form, text)`; None if there is no memory.
pub fn normalize(form: Form, text: &[u32], version: Version) -> Option<Vec<u32>> {
    let mut result = Vec::new();
    result.try_reserve(text.len() + text.len() / 8).ok()?;
    for &code_point in text {
        result.try_reserve(MOST_DECOMPOSED).ok()?;
        decompose_into(&mut result, code_point, form.is_compatibility(), version);
    }
    // Runs of marks are sorted with memory for half of them.
    Vec::<u32>::new().try_reserve_exact(result.len()).ok()?;
    order_marks(&mut result);
    if form.is_composed() {
        compose_marks(&mut result);
    }
    Some(result)
}

/// No code point becomes more than 18.
const MOST_DECOMPOSED: usize = 32;

/// `unicodedata.is_normalized(form, text)`; None if there is no memory.
pub fn is_normalized(form: Form, text: &[u32], version: Version) -> Option<bool> {
    let quick = match version {
        Version::Current => quick_check(form, text.iter().copied()),
        Version::V3_2 => QuickCheck::Maybe,
    };
    match quick {
        QuickCheck::Yes => Some(true),
        QuickCheck::No => Some(false),
        QuickCheck::Maybe => normalize(form, text, version).map(|normalized| normalized == text),
    }
}

/// Mappings nest a few levels deep at most, so recursion is fine.
fn decompose_into(result: &mut Vec<u32>, code_point: u32, compatibility: bool, version: Version) {
    if code_point < 0x80 {
        return result.push(code_point);
    }
    if version == Version::V3_2
        && let Some(corrected) = old_correction(code_point)
    {
        return result.push(corrected);
    }
    match decomposition(code_point, version) {
        Some(mapping) if mapping.prefix.is_empty() || compatibility => {
            for target in mapping.code_points() {
                decompose_into(result, target, compatibility, version);
            }
        }
        _ => result.push(code_point),
    }
}

fn old_correction(code_point: u32) -> Option<u32> {
    let found = (0..OLD_CORRECTION_COUNT).find(|&i| OLD_CORRECTIONS.u24(i * 2) == code_point)?;
    Some(OLD_CORRECTIONS.u24(found * 2 + 1))
}

fn class_of(code_point: u32) -> u8 {
    if code_point < FIRST_NOT_NFC { 0 } else { Properties::of(code_point, Version::Current).combining }
}

/// Sorts each run of combining marks by class; equal classes keep their order.
fn order_marks(text: &mut [u32]) {
    let mut start = 0;
    while start < text.len() {
        if class_of(text[start]) == 0 {
            start += 1;
            continue;
        }
        let length = text[start..].iter().take_while(|&&c| class_of(c) != 0).count();
        let run = &mut text[start..start + length];
        if !run.is_sorted_by_key(|&c| class_of(c)) {
            run.sort_by_key(|&c| class_of(c));
        }
        start += length;
    }
}

/// Joins each starter with the marks that follow it and are not blocked, in place.
fn compose_marks(text: &mut Vec<u32>) {
    let mut starter = None;
    let mut last_class = 0;
    let mut length = 0;
    for i in 0..text.len() {
        let code_point = text[i];
        let class = class_of(code_point);
        if let Some(s) = starter {
            // Marks are ordered, so only an equal class (or a starter in between) blocks.
            let adjacent = length == s + 1;
            let blocked = !adjacent && (last_class == 0 || last_class >= class);
            if !blocked
                && code_point >= FIRST_NOT_NFC
                && let Some(composed) = compose(text[s], code_point)
            {
                text[s] = composed;
                continue;
            }
        }
        if class == 0 {
            starter = Some(length);
        }
        last_class = class;
        text[length] = code_point;
        length += 1;
    }
    text.truncate(length);
}
