//! Owned text in the narrowest width, and the builder that widens as it goes.

use super::unit::{Unit, width_class};
use super::view::Text;
use crate::memory::{Grow, collected, with_room};
use crate::with_units;

/// Owned units of one width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Units {
    One(Vec<u8>),
    Two(Vec<u16>),
    Four(Vec<u32>),
}

impl Units {
    pub fn as_text(&self) -> Text<'_> {
        match self {
            Units::One(units) => Text::One(units),
            Units::Two(units) => Text::Two(units),
            Units::Four(units) => Text::Four(units),
        }
    }
}

/// Finished text: the narrowest width that holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextBuf {
    units: Units,
    max_char: u32,
}

impl TextBuf {
    pub fn from_ascii_or_latin1(units: Vec<u8>) -> Self {
        Self { max_char: u8::max_char(&units), units: Units::One(units) }
    }

    /// Narrows as far as possible.
    pub fn from_units<U: Unit>(units: &[U]) -> Self {
        let max_char = U::max_char(units);
        let units = match max_char {
            0..=0xFF => Units::One(convert(units)),
            0x100..=0xFFFF => Units::Two(convert(units)),
            _ => Units::Four(convert(units)),
        };
        Self { units, max_char }
    }

    /// Keeps the allocation if the width is already right.
    pub fn from_vec(units: Units) -> Self {
        let max_char = units.as_text().max_char();
        match (&units, max_char) {
            (Units::One(_), _) | (Units::Two(_), 0x100..) | (Units::Four(_), 0x1_0000..) => Self { units, max_char },
            _ => units.as_text().to_buf(),
        }
    }

    pub fn as_text(&self) -> Text<'_> {
        self.units.as_text()
    }

    /// 0x7F (ASCII), 0xFF, 0xFFFF or 0x10FFFF.
    pub fn max_char(&self) -> u32 {
        self.max_char
    }

    pub fn len(&self) -> usize {
        self.as_text().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn into_units(self) -> Units {
        self.units
    }
}

impl From<&str> for TextBuf {
    fn from(text: &str) -> Self {
        let mut builder = TextBuilder::with_capacity(text.len());
        builder.push_str(text);
        builder.finish()
    }
}

fn convert<U: Unit, V: Unit>(units: &[U]) -> Vec<V> {
    collected(units.iter().map(|&unit| V::truncate(unit.into())))
}
fn widen<V: From<u8>>(units: &mut Vec<V>, more: &[u8]) {
    units.make_room(more.len());
    units.extend(more.iter().map(|&unit| V::from(unit)));
}
fn repeat<V: Copy>(units: &mut Vec<V>, count: usize, unit: V) {
    units.make_room(count);
    units.resize(units.len() + count, unit);
}

/// Growing text. Starts with one byte a character and widens when a character asks for it.
#[derive(Clone, Debug)]
pub struct TextBuilder {
    units: Units,
    /// All code points or-ed.
    bits: u32,
}

impl TextBuilder {
    pub fn new() -> Self {
        Self::with_capacity(0)
    }

    /// Room for `capacity` narrow characters.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { units: Units::One(with_room(capacity)), bits: 0 }
    }

    pub fn len(&self) -> usize {
        self.as_text().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn as_text(&self) -> Text<'_> {
        self.units.as_text()
    }

    /// 0x7F, 0xFF, 0xFFFF or 0x10FFFF.
    pub fn max_char(&self) -> u32 {
        width_class(self.bits)
    }

    /// Room for more characters, or an error instead of an abort.
    pub fn try_reserve(&mut self, additional: usize) -> Result<(), std::collections::TryReserveError> {
        match &mut self.units {
            Units::One(units) => units.try_reserve(additional),
            Units::Two(units) => units.try_reserve(additional),
            Units::Four(units) => units.try_reserve(additional),
        }
    }

    #[inline]
    pub fn push(&mut self, code_point: u32) {
        if let Units::One(units) = &mut self.units
            && code_point <= 0xFF
        {
            self.bits |= code_point;
            return units.put(code_point as u8);
        }
        self.push_wide(code_point);
    }

    fn push_wide(&mut self, code_point: u32) {
        self.widen_for(code_point);
        match &mut self.units {
            Units::One(units) => units.put(code_point as u8),
            Units::Two(units) => units.put(code_point as u16),
            Units::Four(units) => units.put(code_point),
        }
    }

    pub fn push_code_points(&mut self, code_points: &[u32]) {
        code_points.iter().for_each(|&code_point| self.push(code_point));
    }

    pub fn push_units<U: Unit>(&mut self, more: &[U]) {
        self.widen_for(U::max_char(more));
        fn extend<U: Unit, V: Unit>(units: &mut Vec<V>, more: &[U]) {
            match V::units_of(U::text(more)) {
                Some(same) => units.put_all(same),
                None => {
                    units.make_room(more.len());
                    units.extend(more.iter().map(|&unit| V::truncate(unit.into())));
                }
            }
        }
        match &mut self.units {
            Units::One(units) => extend(units, more),
            Units::Two(units) => extend(units, more),
            Units::Four(units) => extend(units, more),
        }
    }

    pub fn push_text(&mut self, more: Text<'_>) {
        with_units!(more, units => self.push_units(units));
    }

    /// Appends what is known to be ASCII; an empty builder takes the vector over.
    pub fn push_ascii(&mut self, more: Vec<u8>) {
        debug_assert!(more.is_ascii());
        self.bits |= 0x7F;
        match &mut self.units {
            Units::One(units) if units.is_empty() => *units = more,
            Units::One(units) => units.put_all(&more),
            Units::Two(units) => widen(units, &more),
            Units::Four(units) => widen(units, &more),
        }
    }

    pub fn push_str(&mut self, more: &str) {
        if more.is_ascii() {
            self.push_units(more.as_bytes());
        } else {
            more.chars().for_each(|c| self.push(c.into()));
        }
    }

    pub fn push_repeated(&mut self, code_point: u32, count: usize) {
        self.widen_for(if count == 0 { 0 } else { code_point });
        match &mut self.units {
            Units::One(units) => repeat(units, count, code_point as u8),
            Units::Two(units) => repeat(units, count, code_point as u16),
            Units::Four(units) => repeat(units, count, code_point),
        }
    }

    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// Makes room for characters of `bits`; the width never exceeds what the content needs.
    fn widen_for(&mut self, bits: u32) {
        self.bits |= bits;
        let capacity = |units: usize, capacity: usize| capacity.max(units + 1);
        match (&self.units, bits) {
            (_, 0..=0xFF) | (Units::Two(_), 0x100..=0xFFFF) | (Units::Four(_), _) => {}
            (Units::One(units), 0x100..=0xFFFF) => {
                let mut wider = with_room(capacity(units.len(), units.capacity()));
                wider.extend(units.iter().map(|&unit| u16::from(unit)));
                self.units = Units::Two(wider);
            }
            (units, _) => {
                let text = units.as_text();
                let mut wider = with_room(text.len() + text.len() / 2 + 1);
                wider.extend(text.code_points());
                self.units = Units::Four(wider);
            }
        }
    }

    pub fn finish(self) -> TextBuf {
        TextBuf { max_char: width_class(self.bits), units: self.units }
    }
}

impl Default for TextBuilder {
    fn default() -> Self {
        Self::new()
    }
}
