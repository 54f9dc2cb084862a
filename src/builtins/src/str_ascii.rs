//! Methods of str where all text concerned is ASCII: they write their result straight into its object. Everything else goes through
//! `base::text`. Must not know: how arguments arrive.

use crate::str::plain;
use base::pause::{self, Pace};
use base::text;
use objects::GcVec;
use objects::error::{R, overflow_error};
use objects::list::{List, list_of};
use objects::str::{Chars, Kind, Str, copy_bytes, str_build, write_chars};
use objects::{Cast, Gc, Tuple, Value};

/// A string of a part of ASCII text that the caller keeps alive.
#[inline]
fn part(text: &[u8]) -> Value {
    Str::of_ascii(text).value()
}

/// Each character mapped to another one.
pub fn map(this: Gc<Str>, mut map: impl FnMut(u8) -> u8) -> R<Gc<Str>> {
    let source = this.raw_bytes();
    if let [one] = source {
        return Ok(Str::from_char(map(*one) as u32));
    }
    // SAFETY: all characters are written, and ASCII stays ASCII.
    unsafe {
        str_build(Kind::Ascii, source.len(), |target| {
            let target = std::slice::from_raw_parts_mut(target, source.len());
            let mut target = target.iter_mut();
            for part in pause::parts(source) {
                for (from, to) in part.iter().zip(&mut target) {
                    *to = map(*from);
                }
            }
        })
    }
}

/// Text of any width between margins of an ASCII character; None if the result is longer than text can be.
pub fn pad(this: Gc<Str>, left: usize, right: usize, fill: u8) -> Option<R<Gc<Str>>> {
    let length = left.checked_add(right)?.checked_add(this.len()).filter(|length| *length <= isize::MAX as usize)?;
    if !this.is_ascii() {
        return Some(pad_wide(this, left, right, fill, length));
    }
    let source = this.raw_bytes();
    // SAFETY: margins and text are `length` bytes of ASCII.
    Some(unsafe {
        str_build(Kind::Ascii, length, |target| {
            std::ptr::write_bytes(target, fill, left);
            write_chars(target.add(left), Kind::Ascii, Chars::One(source));
            std::ptr::write_bytes(target.add(left + source.len()), fill, right);
        })
    })
}

fn pad_wide(this: Gc<Str>, left: usize, right: usize, fill: u8, length: usize) -> R<Gc<Str>> {
    let (kind, width) = (this.kind(), this.kind().width());
    // SAFETY: margins and text are `length` characters of this kind, which the text needs.
    unsafe {
        str_build(kind, length, |target| {
            let margin = |start: usize, count: usize| {
                for place in start..start + count {
                    match width {
                        1 => *target.add(place) = fill,
                        2 => *(target as *mut u16).add(place) = fill.into(),
                        _ => *(target as *mut u32).add(place) = fill.into(),
                    }
                }
            };
            margin(0, left);
            write_chars(target.add(left * width), kind, this.chars());
            margin(left + this.len(), right);
        })
    }
}

/// `zfill` to a width that is more than the length.
pub fn zero_fill(this: Gc<Str>, width: usize) -> R<Gc<Str>> {
    let source = this.raw_bytes();
    let sign = usize::from(matches!(source, [b'+' | b'-', ..]));
    let zeros = width - source.len();
    // SAFETY: sign, zeros and digits are `width` bytes of ASCII.
    unsafe {
        str_build(Kind::Ascii, width, |target| {
            copy_bytes(source.as_ptr(), target, sign);
            std::ptr::write_bytes(target.add(sign), b'0', zeros);
            copy_bytes(source.as_ptr().add(sign), target.add(sign + zeros), source.len() - sign);
        })
    }
}

/// `repr` of text in which nothing needs an escape.
pub fn repr(this: Gc<Str>) -> Option<R<Gc<Str>>> {
    let source = this.raw_bytes();
    if !this.is_ascii() || !text::stands_for_itself(source) {
        return None;
    }
    // SAFETY: two quotes and the text between them, all ASCII.
    Some(unsafe {
        str_build(Kind::Ascii, source.len() + 2, |target| {
            *target = b'\'';
            copy_bytes(source.as_ptr(), target.add(1), source.len());
            *target.add(1 + source.len()) = b'\'';
        })
    })
}

/// Whether `test` holds for the text and an affix or one of a tuple; None if something there is not plain ASCII text.
#[inline]
pub fn affix(this: Gc<Str>, affix: Value, test: impl Fn(&[u8], &[u8]) -> bool) -> Option<bool> {
    if !this.is_ascii() {
        return None;
    }
    let text = this.raw_bytes();
    let holds = |affix: Gc<Str>| affix.is_ascii() && test(text, affix.raw_bytes());
    if let Some(affix) = affix.cast_exact::<Str>() {
        return Some(holds(affix));
    }
    for affix in affix.cast_exact::<Tuple>()?.items() {
        if holds(affix.cast_exact::<Str>()?) {
            return Some(true);
        }
    }
    Some(false)
}

/// `split()` at whitespace.
pub fn split_words(text: &[u8], limit: usize) -> R<Gc<List>> {
    let is_space = |byte: &u8| matches!(byte, b'\t'..=b'\r' | 0x1c..=b' ');
    let mut parts = GcVec::with_capacity(4);
    let (mut cuts, mut pace) = (0, Pace::new());
    let mut rest = text;
    while let Some(start) = pause::position(rest, |byte| !is_space(byte)) {
        pace.at(text.len() - rest.len());
        rest = &rest[start..];
        if cuts == limit {
            parts.push(part(rest));
            break;
        }
        let end = pause::position(rest, is_space).unwrap_or(rest.len());
        parts.push(part(&rest[..end]));
        rest = &rest[end..];
        cuts += 1;
    }
    Ok(list_of(parts))
}

/// `split(separator)`
pub fn split_at(text: &[u8], separator: &[u8], limit: usize) -> R<Gc<List>> {
    let mut parts = GcVec::with_capacity(4);
    let (mut start, mut pace) = (0, Pace::new());
    if let [separator] = separator {
        let mut cuts = 0;
        while cuts < limit
            && let Some(length) = text::find_byte(&text[start..], *separator)
        {
            pace.at(start);
            parts.push(part(&text[start..start + length]));
            start += length + 1;
            cuts += 1;
        }
    } else {
        for at in text::byte_matches(text, separator).take(limit) {
            pace.at(start);
            parts.push(part(&text[start..at]));
            start = at + separator.len();
        }
    }
    parts.push(part(&text[start..]));
    Ok(list_of(parts))
}

/// `splitlines`
pub fn split_lines(text: &[u8], keepends: bool) -> R<Gc<List>> {
    let mut parts = GcVec::with_capacity(4);
    let (mut rest, mut pace) = (text, Pace::new());
    while !rest.is_empty() {
        pace.at(text.len() - rest.len());
        let end = pause::position(rest, |byte| matches!(byte, b'\n'..=b'\r' | 0x1c..=0x1e)).unwrap_or(rest.len());
        let next = match &rest[end..] {
            [] => end,
            [b'\r', b'\n', ..] => end + 2,
            _ => end + 1,
        };
        parts.push(part(if keepends { &rest[..next] } else { &rest[..end] }));
        rest = &rest[next..];
    }
    Ok(list_of(parts))
}

/// `replace` where the old text is not empty; None if not all three are ASCII, or the result is a single character.
#[inline]
pub fn replace(this: Gc<Str>, old: Gc<Str>, new: Gc<Str>, limit: usize) -> Option<R<Gc<Str>>> {
    if !(this.is_ascii() && old.is_ascii() && new.is_ascii()) {
        return None;
    }
    let (text, old, new) = (this.raw_bytes(), old.raw_bytes(), new.raw_bytes());
    match old {
        [] => None,
        [old] => {
            let first = text::find_byte(text, *old).filter(|_| limit > 0 && new != [*old]);
            let Some(first) = first else { return Some(Ok(plain(this))) };
            replace_byte(text, first, *old, new, limit)
        }
        old => replace_many(this, text, old, new, limit),
    }
}

/// Room for `count` replacements of `old` characters by `new` ones.
fn length_after(text: usize, count: usize, old: usize, new: usize) -> R<usize> {
    let kept = text - count * old;
    let length = new.checked_mul(count).and_then(|added| added.checked_add(kept));
    length.ok_or_else(|| overflow_error!("replace string is too long"))
}

fn replace_byte(text: &[u8], first: usize, old: u8, new: &[u8], limit: usize) -> Option<R<Gc<Str>>> {
    let count = text::count_units(&text[first..], &[old], usize::MAX).min(limit);
    let length = match length_after(text.len(), count, 1, new.len()) {
        Ok(1) => return None,
        Ok(length) => length,
        Err(raised) => return Some(Err(raised)),
    };
    // SAFETY: the pieces kept and the replacements are `length` bytes of ASCII.
    Some(unsafe {
        str_build(Kind::Ascii, length, |mut target| {
            let (mut rest, mut next, mut pace) = (text, first, Pace::new());
            for left in (0..count).rev() {
                pace.at(text.len() - rest.len());
                copy_bytes(rest.as_ptr(), target, next);
                target = target.add(next);
                copy_bytes(new.as_ptr(), target, new.len());
                target = target.add(new.len());
                rest = &rest[next + 1..];
                next = if left > 0 { text::find_byte(rest, old).unwrap_or(0) } else { rest.len() };
            }
            copy_bytes(rest.as_ptr(), target, rest.len());
        })
    })
}

fn replace_many(this: Gc<Str>, text: &[u8], old: &[u8], new: &[u8], limit: usize) -> Option<R<Gc<Str>>> {
    const KNOWN: usize = 32;
    let mut places = [0u32; KNOWN];
    let mut count = 0;
    // The first one is found the quickest way; mostly there is none.
    let Some(first) = text::find_units(text, old) else { return Some(Ok(plain(this))) };
    let matches = || text::byte_matches(&text[first..], old).take(limit).map(|at| first + at);
    let known = if text.len() <= u32::MAX as usize { KNOWN } else { 0 };
    let mut pace = Pace::new();
    for at in matches() {
        pace.at(at);
        if count < known {
            places[count] = at as u32;
        }
        count += 1;
    }
    if count == 0 || old == new {
        return Some(Ok(plain(this)));
    }
    let length = match length_after(text.len(), count, old.len(), new.len()) {
        Ok(1) => return None,
        Ok(length) => length,
        Err(raised) => return Some(Err(raised)),
    };
    // SAFETY: the pieces kept and the replacements are `length` bytes of ASCII.
    Some(unsafe {
        str_build(Kind::Ascii, length, |mut target| {
            let (mut start, mut pace) = (0, Pace::new());
            let mut put = |at: usize| {
                pace.at(at);
                let piece = &text[start..at];
                copy_bytes(piece.as_ptr(), target, piece.len());
                copy_bytes(new.as_ptr(), target.add(piece.len()), new.len());
                target = target.add(piece.len() + new.len());
                start = at + old.len();
            };
            if count <= known {
                places[..count].iter().for_each(|at| put(*at as usize))
            } else {
                matches().for_each(&mut put)
            }
            let rest = &text[start..];
            copy_bytes(rest.as_ptr(), target, rest.len());
        })
    })
}
