//! The properties that the module unicodedata reports, now and as of Unicode 3.2.0.

use crate::data::{Section, TwoStage};
use crate::layout as at;

static NOW: TwoStage<true> = TwoStage::new(at::DATABASE_STAGE1, at::DATABASE_STAGE2);
const NOW_RECORDS: Section = Section::new(at::DATABASE_RECORDS);
/// Number 0 means: as now.
static OLD: TwoStage<false> = TwoStage::new(at::OLD_STAGE1, at::OLD_STAGE2);
const OLD_RECORDS: Section = Section::new(at::OLD_RECORDS);
const NUMERIC_VALUES: Section = Section::new(at::NUMERIC_VALUES);

const UNASSIGNED: u8 = 0;
const MIRRORED: u8 = 0x80;
const NO_DIGIT: u8 = u8::MAX;

/// Which database answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 16.0.0
    Current,
    /// 3.2.0, for `unicodedata.ucd_3_2_0`
    V3_2,
}

pub(crate) struct Properties {
    category: u8,
    bidirectional: u8,
    pub(crate) combining: u8,
    width_and_mirrored: u8,
    decimal: u8,
    digit: u8,
    numeric: u8,
    /// Two bits for each of NFC, NFD, NFKC, NFKD: 0 yes, 1 no, 2 maybe. Only of the current version.
    pub(crate) quick_checks: u8,
}

impl Properties {
    #[inline]
    pub(crate) fn of(code_point: u32, version: Version) -> Self {
        let record: &[u8; 8] = match version {
            Version::V3_2 if OLD.get(code_point) != 0 => OLD_RECORDS.record(OLD.get(code_point)),
            _ => NOW_RECORDS.record(NOW.get(code_point)),
        };
        let [category, bidirectional, combining, width_and_mirrored, decimal, digit, numeric, quick_checks] = *record;
        Self { category, bidirectional, combining, width_and_mirrored, decimal, digit, numeric, quick_checks }
    }
}

/// Two-letter general category such as "Lu".
pub fn category(code_point: u32, version: Version) -> &'static str {
    at::CATEGORY_NAMES[Properties::of(code_point, version).category as usize]
}

/// False for code points of category "Cn".
pub fn is_assigned(code_point: u32, version: Version) -> bool {
    Properties::of(code_point, version).category != UNASSIGNED
}

/// Bidirectional class such as "AL", or "".
pub fn bidirectional(code_point: u32, version: Version) -> &'static str {
    at::BIDIRECTIONAL_NAMES[Properties::of(code_point, version).bidirectional as usize]
}

pub fn combining_class(code_point: u32, version: Version) -> u8 {
    Properties::of(code_point, version).combining
}

/// East Asian width such as "Na".
pub fn east_asian_width(code_point: u32, version: Version) -> &'static str {
    at::EAST_ASIAN_WIDTH_NAMES[(Properties::of(code_point, version).width_and_mirrored & !MIRRORED) as usize]
}

pub fn is_mirrored(code_point: u32, version: Version) -> bool {
    Properties::of(code_point, version).width_and_mirrored & MIRRORED != 0
}

pub fn decimal_value(code_point: u32, version: Version) -> Option<u8> {
    Some(Properties::of(code_point, version).decimal).filter(|&value| value != NO_DIGIT)
}

pub fn digit_value(code_point: u32, version: Version) -> Option<u8> {
    Some(Properties::of(code_point, version).digit).filter(|&value| value != NO_DIGIT)
}

pub fn numeric_value(code_point: u32, version: Version) -> Option<f64> {
    let number = Properties::of(code_point, version).numeric;
    (number != 0).then(|| NUMERIC_VALUES.f64(number as usize))
}
