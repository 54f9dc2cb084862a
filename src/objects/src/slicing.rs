//! Parts of immutable text: `s[a:b:c]` for `str` and `bytes`. Must not know: where bounds come from, and what lists and tuples do.

use crate::bytes::Bytes;
use crate::error::R;
use crate::layout::{Cast, Gc};
use crate::slice::Bounds;
use crate::str::{Kind, Str, str_build};
use base::text;

/// The characters of `text` within `bounds`; the text itself, if it is no instance of a subclass, when that is all of them.
pub fn str_slice(text: Gc<Str>, bounds: Bounds) -> R<Gc<Str>> {
    let run = bounds.adjust(text.len());
    let start = run.start as usize;
    if run.count == 0 {
        return Ok(Str::empty());
    }
    if run.step == 1 {
        return Ok(Str::substring(text, start, start + run.count));
    }
    if !text.is_ascii() {
        return Str::from_buf(&text::stepped(text.text(), start, run.step as isize, run.count));
    }
    ascii_stepped(text, start, run.step as isize, run.count)
}

fn ascii_stepped(text: Gc<Str>, start: usize, step: isize, count: usize) -> R<Gc<Str>> {
    let source = text.raw_bytes();
    if count == 1 {
        return Ok(Str::from_char(source[start] as u32));
    }
    // SAFETY: `count` bytes of ASCII are written.
    unsafe {
        str_build(Kind::Ascii, count, |target| {
            let target = std::slice::from_raw_parts_mut(target, count);
            if step == -1 {
                for (to, from) in target.iter_mut().zip(source[start + 1 - count..=start].iter().rev()) {
                    *to = *from;
                }
                return;
            }
            for (number, to) in target.iter_mut().enumerate() {
                *to = source[start.wrapping_add_signed(step.wrapping_mul(number as isize))];
            }
        })
    }
}

/// The bytes of `bytes` within `bounds`; the object itself, if it is no instance of a subclass, when that is all of them.
pub fn bytes_slice(bytes: Gc<Bytes>, bounds: Bounds) -> R<Gc<Bytes>> {
    let data = bytes.as_slice();
    let run = bounds.adjust(data.len());
    let start = run.start as usize;
    if run.step != 1 && run.count > 0 {
        let picked = text::copy_stepped(data, start, run.step as isize, run.count);
        return Bytes::copied(&picked);
    }
    if run.count == data.len() && bytes.value().cast_exact::<Bytes>().is_some() {
        return Ok(bytes);
    }
    // An empty run may start behind the end.
    let part = if run.count == 0 { &[] } else { &data[start..start + run.count] };
    Bytes::copied(part)
}
