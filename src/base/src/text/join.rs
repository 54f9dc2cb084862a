//! Joining and repeating: measured first, then written once.

use super::builder::{TextBuf, Units};
use super::replace::room;
use super::unit::Unit;
use super::view::Text;
use crate::pause::{Pace, STRIDE, point};
use crate::{Fault, with_units};

/// `separator.join(parts)`; `too_long` is the text of the OverflowError.
pub fn join_units<U: Unit>(separator: &[U], parts: &[&[U]], too_long: &'static str) -> Result<Vec<U>, Fault> {
    let lengths = parts.iter().map(|part| part.len());
    let mut result = room(joined_length(separator.len(), parts.len(), lengths), too_long)?;
    let mut pace = Pace::new();
    for (i, part) in parts.iter().enumerate() {
        pace.at(result.len());
        if i > 0 {
            result.extend_from_slice(separator);
        }
        result.extend_from_slice(part);
    }
    Ok(result)
}

fn joined_length(separator: usize, count: usize, mut lengths: impl Iterator<Item = usize>) -> Option<usize> {
    let separators = separator.checked_mul(count.saturating_sub(1))?;
    lengths.try_fold(separators, usize::checked_add)
}

/// `str.join`.
pub fn join(separator: Text<'_>, parts: &[Text<'_>]) -> Result<TextBuf, Fault> {
    let used_separator = if parts.len() > 1 { separator } else { Text::One(&[]) };
    let width = parts.iter().map(|part| part.width()).fold(used_separator.width(), usize::max);
    let units = match width {
        1 => Units::One(join_widened(used_separator, parts)?),
        2 => Units::Two(join_widened(used_separator, parts)?),
        _ => Units::Four(join_widened(used_separator, parts)?),
    };
    Ok(TextBuf::from_vec(units))
}

/// No part may be wider than U.
fn join_widened<U: Unit>(separator: Text<'_>, parts: &[Text<'_>]) -> Result<Vec<U>, Fault> {
    let lengths = parts.iter().map(|part| part.len());
    let length = joined_length(separator.len(), parts.len(), lengths);
    let mut result = room(length, "join() result is too long for a Python string")?;
    let mut pace = Pace::new();
    for (i, &part) in parts.iter().enumerate() {
        pace.at(result.len());
        if i > 0 {
            extend(&mut result, separator);
        }
        extend(&mut result, part);
    }
    Ok(result)
}

#[inline]
fn extend<U: Unit>(result: &mut Vec<U>, part: Text<'_>) {
    match U::units_of(part) {
        Some(units) => result.extend_from_slice(units),
        None => {
            with_units!(part, units => result.extend(units.iter().map(|&unit| U::truncate(unit.into()))))
        }
    }
}

/// `units * count`; `too_long` is the text of the OverflowError.
pub fn repeat_units<U: Unit>(units: &[U], count: usize, too_long: &'static str) -> Result<Vec<U>, Fault> {
    let length = units.len().checked_mul(count);
    let mut result = room(length, too_long)?;
    let length = length.unwrap_or(0);
    match units {
        [] => {}
        [one] => result.resize(length, *one),
        _ => {
            if length > 0 {
                result.extend_from_slice(units);
            }
            while result.len() < length {
                let more = result.len().min(length - result.len());
                if more >= STRIDE {
                    point();
                }
                result.extend_from_within(..more);
            }
        }
    }
    Ok(result)
}

/// `text * count`.
pub fn repeat(text: Text<'_>, count: usize) -> Result<TextBuf, Fault> {
    const TOO_LONG: &str = "repeated string is too long";
    let units = match text {
        Text::One(units) => Units::One(repeat_units(units, count, TOO_LONG)?),
        Text::Two(units) => Units::Two(repeat_units(units, count, TOO_LONG)?),
        Text::Four(units) => Units::Four(repeat_units(units, count, TOO_LONG)?),
    };
    Ok(TextBuf::from_vec(units))
}
