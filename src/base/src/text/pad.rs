//! Padding, zero filling and tab expansion.

use super::builder::{TextBuf, Units};
use super::replace::room;
use super::unit::Unit;
use super::view::Text;
use crate::Fault;
use crate::pause::walk;

/// Left and right margins of `center(width)`: the odd one goes left if the width is odd.
pub fn center_margins(length: usize, width: usize) -> (usize, usize) {
    let margin = width.saturating_sub(length);
    let left = margin / 2 + (margin & width & 1);
    (left, margin - left)
}

/// `left` times `fill`, the units, `right` times `fill`.
pub fn pad_units<U: Unit>(units: &[U], left: usize, right: usize, fill: U, too_long: &'static str) -> Result<Vec<U>, Fault> {
    let length = units.len().checked_add(left).and_then(|length| length.checked_add(right));
    let mut result = room(length, too_long)?;
    result.resize(left, fill);
    result.extend_from_slice(units);
    result.resize(length.unwrap_or(0), fill);
    Ok(result)
}

/// [`pad_units`] for str; `fill` may be wider than the text.
pub fn pad(text: Text<'_>, left: usize, right: usize, fill: u32) -> Result<TextBuf, Fault> {
    fn in_width<U: Unit>(text: Text<'_>, left: usize, right: usize, fill: u32) -> Result<Vec<U>, Fault> {
        let units = text.in_units().unwrap_or_default();
        pad_units(&units, left, right, U::truncate(fill), "padded string is too long")
    }
    let units = match (text, fill) {
        (Text::One(_), 0..=0xFF) => Units::One(in_width(text, left, right, fill)?),
        (Text::One(_) | Text::Two(_), 0..=0xFFFF) => Units::Two(in_width(text, left, right, fill)?),
        _ => Units::Four(in_width(text, left, right, fill)?),
    };
    Ok(TextBuf::from_vec(units))
}

/// `zfill(width)`: zeros behind a sign; None if the text is wide enough.
pub fn zero_fill<U: Unit>(units: &[U], width: usize, too_long: &'static str) -> Result<Option<Vec<U>>, Fault> {
    let fill = width.saturating_sub(units.len());
    if fill == 0 {
        return Ok(None);
    }
    let mut result = pad_units(units, fill, 0, U::truncate(b'0'.into()), too_long)?;
    if units.first().is_some_and(|&unit| [u32::from(b'+'), u32::from(b'-')].contains(&unit.into())) {
        result.swap(0, fill);
    }
    Ok(Some(result))
}

pub fn zero_fill_text(text: Text<'_>, width: usize) -> Result<Option<TextBuf>, Fault> {
    const TOO_LONG: &str = "padded string is too long";
    let filled = match text {
        Text::One(units) => zero_fill(units, width, TOO_LONG)?.map(Units::One),
        Text::Two(units) => zero_fill(units, width, TOO_LONG)?.map(Units::Two),
        Text::Four(units) => zero_fill(units, width, TOO_LONG)?.map(Units::Four),
    };
    Ok(filled.map(TextBuf::from_vec))
}

/// `expandtabs(tab_size)`; None if there is no tab. Tabs vanish if the size is not positive.
pub fn expand_tabs<U: Unit>(units: &[U], tab_size: isize, too_long: &'static str) -> Result<Option<Vec<U>>, Fault> {
    if U::truncate(b'\t'.into()).first_in(units).is_none() {
        return Ok(None);
    }
    let tab_size = usize::try_from(tab_size).unwrap_or(0);
    let mut length = Some(0usize);
    walk_tabs(units, tab_size, |piece| {
        let more = if let Piece::Spaces(count) = piece { count } else { 1 };
        length = length.and_then(|length| length.checked_add(more));
        length.is_some()
    });
    let mut result = room(length, too_long)?;
    walk_tabs(units, tab_size, |piece| {
        match piece {
            Piece::Spaces(count) => result.resize(result.len() + count, U::truncate(b' '.into())),
            Piece::Unit(unit) => result.push(unit),
        }
        true
    });
    Ok(Some(result))
}

pub fn expand_tabs_text(text: Text<'_>, tab_size: isize) -> Result<Option<TextBuf>, Fault> {
    const TOO_LONG: &str = "new string is too long";
    let expanded = match text {
        Text::One(units) => expand_tabs(units, tab_size, TOO_LONG)?.map(Units::One),
        Text::Two(units) => expand_tabs(units, tab_size, TOO_LONG)?.map(Units::Two),
        Text::Four(units) => expand_tabs(units, tab_size, TOO_LONG)?.map(Units::Four),
    };
    Ok(expanded.map(TextBuf::from_vec))
}

enum Piece<U> {
    Unit(U),
    Spaces(usize),
}

/// Hands out the pieces of the expanded text until `take` says no.
fn walk_tabs<U: Unit>(units: &[U], tab_size: usize, mut take: impl FnMut(Piece<U>) -> bool) {
    let mut column = 0;
    for &unit in walk(units) {
        let piece = match unit.into() {
            // Only the column within a tab stop matters, so it is kept small.
            0x09 => {
                let spaces = if tab_size == 0 { 0 } else { tab_size - column };
                column = 0;
                Piece::Spaces(spaces)
            }
            0x0A | 0x0D => {
                column = 0;
                Piece::Unit(unit)
            }
            _ => {
                column = if column + 1 >= tab_size { 0 } else { column + 1 };
                Piece::Unit(unit)
            }
        };
        if !take(piece) {
            return;
        }
    }
}
