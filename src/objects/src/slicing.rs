//! Parts of immutable text: `s[a:b:c]` for `str` and `bytes`. Must not know: where bounds come from, and what lists and tuples do.

use crate::bytes::Bytes;
use crate::error::R;
use crate::layout::{Cast, Gc};
use crate::slice::Bounds;
use crate::str::Str;
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
    Str::from_buf(&text::stepped(text.text(), start, run.step as isize, run.count))
}

/// The bytes of `bytes` within `bounds`; the object itself, if it is no instance of a subclass, when that is all of them.
pub fn bytes_slice(bytes: Gc<Bytes>, bounds: Bounds) -> R<Gc<Bytes>> {
    let data = bytes.as_slice();
    let run = bounds.adjust(data.len());
    let start = run.start as usize;
    if run.step != 1 && run.count > 0 {
        let picked = text::copy_stepped(data, start, run.step as isize, run.count);
        return Bytes::build(picked.len(), |target| target.copy_from_slice(&picked));
    }
    if run.count == data.len() && bytes.value().cast_exact::<Bytes>().is_some() {
        return Ok(bytes);
    }
    // An empty run may start behind the end.
    let part = if run.count == 0 { &[] } else { &data[start..start + run.count] };
    Bytes::build(part.len(), |target| target.copy_from_slice(part))
}
