//! Replacing.

use super::builder::{TextBuf, Units};
use super::search::{count_units, find, matches};
use super::unit::Unit;
use super::view::Text;
use crate::Fault;
use crate::pause::{Pace, parts, walk};

/// An empty vector with room for `length` units; fails like the language does if there can be none.
pub(super) fn room<U>(length: Option<usize>, too_long: &'static str) -> Result<Vec<U>, Fault> {
    let length = length.filter(|&length| isize::try_from(length).is_ok()).ok_or_else(|| Fault::overflow(too_long))?;
    let mut units = Vec::new();
    units.try_reserve_exact(length).map_err(|_| Fault::memory())?;
    Ok(units)
}

/// `replace(old, new, limit)`; None if there is nothing to replace. `too_long` is the text of the OverflowError.
pub fn replace_units<U: Unit>(
    units: &[U],
    old: &[U],
    new: &[U],
    limit: usize,
    too_long: &'static str,
) -> Result<Option<Vec<U>>, Fault> {
    if limit == 0 || old == new {
        return Ok(None);
    }
    if let ([old], [new]) = (old, new)
        && limit >= units.len()
    {
        return replace_one(units, *old, *new);
    }
    // The first one is found the quickest way; mostly there is none.
    let Some(first) = U::find(units, old) else { return Ok(None) };
    let count = count_units(&units[first..], old, limit);
    let kept = units.len() - count * old.len();
    let length = new.len().checked_mul(count).and_then(|added| added.checked_add(kept));
    let mut result = room(length, too_long)?;
    if old.is_empty() {
        interleave(&mut result, units, new, count);
        return Ok(Some(result));
    }
    let (mut start, mut pace) = (0, Pace::new());
    for at in matches(&units[first..], old).take(count) {
        let at = first + at;
        pace.at(at);
        result.extend_from_slice(&units[start..at]);
        result.extend_from_slice(new);
        start = at + old.len();
    }
    result.extend_from_slice(&units[start..]);
    Ok(Some(result))
}

fn replace_one<U: Unit>(units: &[U], old: U, new: U) -> Result<Option<Vec<U>>, Fault> {
    let Some(first) = old.first_in(units) else {
        return Ok(None);
    };
    let mut result = room(Some(units.len()), "")?;
    result.extend_from_slice(&units[..first]);
    for part in parts(&units[first..]) {
        result.extend(part.iter().map(|&unit| if unit == old { new } else { unit }));
    }
    Ok(Some(result))
}

/// `new` before each of the first `count` units, or `count - 1` and the end.
fn interleave<U: Unit>(result: &mut Vec<U>, units: &[U], new: &[U], count: usize) {
    let between = count.min(units.len());
    for &unit in walk(&units[..between]) {
        result.extend_from_slice(new);
        result.push(unit);
    }
    if count > between {
        result.extend_from_slice(new);
    }
    result.extend_from_slice(&units[between..]);
}

/// `str.replace(old, new, limit)`; None if there is nothing to replace.
pub fn replace(text: Text<'_>, old: Text<'_>, new: Text<'_>, limit: usize) -> Result<Option<TextBuf>, Fault> {
    if limit == 0 || find(text, old).is_none() {
        return Ok(None);
    }
    let replaced = match (text, new.max_char()) {
        (Text::One(_), 0..=0xFF) => in_width::<u8>(text, old, new, limit)?.map(Units::One),
        (Text::One(_) | Text::Two(_), 0..=0xFFFF) => in_width::<u16>(text, old, new, limit)?.map(Units::Two),
        _ => in_width::<u32>(text, old, new, limit)?.map(Units::Four),
    };
    Ok(replaced.map(TextBuf::from_vec))
}

fn in_width<U: Unit>(text: Text<'_>, old: Text<'_>, new: Text<'_>, limit: usize) -> Result<Option<Vec<U>>, Fault> {
    match (text.in_units(), old.in_units(), new.in_units()) {
        (Some(text), Some(old), Some(new)) => replace_units::<U>(&text, &old, &new, limit, "replace string is too long"),
        _ => Ok(None),
    }
}
