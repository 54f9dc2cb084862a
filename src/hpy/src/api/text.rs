//! str and bytes. Pointers into them live as long as the object, which is longer than the handle.
//!
//! Must not know: how text is stored.

use super::{bad_argument, bytes_of, str_from};
use crate::context::{guarded, own};
use crate::table::kind::*;
use objects::{Bytes, Cast, Gc, R, Str, Value, class_name, codec, index_error, new_bytes, path, type_error, value_error};
use std::ffi::CStr;
use std::ptr;

pub unsafe fn ctx_Bytes_Check(h: In) -> Int {
    h.value_or_none().cast::<Bytes>().is_some() as Int
}
fn as_bytes(value: Value) -> R<Gc<Bytes>> {
    value.cast::<Bytes>().ok_or_else(|| type_error!("expected bytes, {} found", class_name(value)))
}
pub unsafe fn ctx_Bytes_Size(h: In) -> Ssize {
    guarded(-1, || Ok(as_bytes(h.value())?.len() as isize))
}
pub unsafe fn ctx_Bytes_GET_SIZE(h: In) -> Ssize {
    ctx_Bytes_Size(h)
}
/// The bytes; a NUL follows them.
pub unsafe fn ctx_Bytes_AsString(h: In) -> BoundChars {
    guarded(ptr::null(), || Ok(as_bytes(h.value())?.data_ptr() as BoundChars))
}
pub unsafe fn ctx_Bytes_AS_STRING(h: In) -> BoundChars {
    ctx_Bytes_AsString(h)
}
pub unsafe fn ctx_Bytes_FromString(bytes: Chars) -> Own {
    own(|| Ok(new_bytes(bytes_of(bytes))))
}
pub unsafe fn ctx_Bytes_FromStringAndSize(bytes: Chars, len: Ssize) -> Own {
    own(|| {
        if bytes.is_null() {
            return Err(value_error!("NULL char * passed to HPyBytes_FromStringAndSize"));
        }
        Ok(new_bytes(sized(bytes, len, "Negative size passed to PyBytes_FromStringAndSize")?))
    })
}
unsafe fn sized<'a>(start: Chars, len: isize, message: &str) -> R<&'a [u8]> {
    match usize::try_from(len) {
        Ok(0) => Ok(&[]),
        Ok(_) if start.is_null() => Err(bad_argument()),
        Ok(len) => Ok(std::slice::from_raw_parts(start.cast(), len)),
        Err(_) => Err(objects::system_error!("{message}")),
    }
}

pub unsafe fn ctx_Unicode_Check(h: In) -> Int {
    h.value_or_none().cast::<Str>().is_some() as Int
}
pub unsafe fn ctx_Unicode_FromString(utf8: Chars) -> Own {
    own(|| Ok(str_from(utf8)?.value()))
}
fn as_text(value: Value) -> R<Gc<Str>> {
    value.cast::<Str>().ok_or_else(|| type_error!("bad argument type for built-in operation"))
}
unsafe fn encoded(h: In, encoding: &str, errors: &str) -> Own {
    own(|| Ok(codec::encode_to_bytes(as_text(h.value())?, encoding, errors)?.value()))
}
pub unsafe fn ctx_Unicode_AsASCIIString(h: In) -> Own {
    encoded(h, "ascii", "strict")
}
pub unsafe fn ctx_Unicode_AsLatin1String(h: In) -> Own {
    encoded(h, "latin-1", "strict")
}
pub unsafe fn ctx_Unicode_AsUTF8String(h: In) -> Own {
    encoded(h, "utf-8", "strict")
}
pub unsafe fn ctx_Unicode_EncodeFSDefault(h: In) -> Own {
    encoded(h, "utf-8", "surrogateescape")
}
#[inline(always)]
pub unsafe fn ctx_Unicode_AsUTF8AndSize(h: In, size: SsizeOut) -> BoundChars {
    if let Some(text) = h.get().and_then(|value| value.cast::<Str>())
        && let Some((start, len)) = Str::own_utf8(text)
    {
        if !size.is_null() {
            size.write(len as isize);
        }
        heap::poll();
        return start as BoundChars;
    }
    utf8(h, size)
}
#[inline(never)]
unsafe extern "C" fn utf8(h: In, size: SsizeOut) -> BoundChars {
    guarded(ptr::null(), || {
        let (start, len) = Str::lasting_utf8(as_text(h.value())?)?;
        if !size.is_null() {
            size.write(len as isize);
        }
        Ok(start as BoundChars)
    })
}
pub unsafe fn ctx_Unicode_FromWideChar(w: WideChars, size: Ssize) -> Own {
    own(|| {
        let len = match usize::try_from(size) {
            Ok(len) => len,
            Err(_) if size != -1 => return Err(bad_argument()),
            Err(_) => libc::wcslen(w),
        };
        if len == 0 {
            return Ok(Str::empty().value());
        }
        let units: &[u32] = std::slice::from_raw_parts(w.cast(), len);
        if let Some(wrong) = units.iter().find(|unit| **unit > 0x10ffff) {
            return Err(value_error!("character U+{wrong:x} is not in range [U+0000; U+10ffff]"));
        }
        Ok(Str::from_ucs4(units).value())
    })
}
pub unsafe fn ctx_Unicode_DecodeFSDefault(v: Chars) -> Own {
    own(|| Ok(path::fs_decode(bytes_of(v))))
}
pub unsafe fn ctx_Unicode_DecodeFSDefaultAndSize(v: Chars, size: Ssize) -> Own {
    own(|| Ok(path::fs_decode(sized(v, size, "Negative size passed to PyUnicode_DecodeFSDefaultAndSize")?)))
}
pub unsafe fn ctx_Unicode_ReadChar(h: In, index: Ssize) -> UInt32 {
    guarded(u32::MAX, || {
        let text = as_text(h.value())?;
        match usize::try_from(index) {
            Ok(index) if index < text.len() => Ok(text.char_at(index)),
            _ => Err(index_error!("string index out of range")),
        }
    })
}
unsafe fn handler<'a>(errors: Chars) -> &'a str {
    if errors.is_null() { "strict" } else { CStr::from_ptr(errors).to_str().unwrap_or("strict") }
}
pub unsafe fn ctx_Unicode_DecodeASCII(chars: Chars, size: Ssize, errors: Chars) -> Own {
    own(|| {
        let data = sized(chars, size, "Negative size passed to PyUnicode_New")?;
        Ok(codec::decode(data, "ascii", handler(errors))?.value())
    })
}
pub unsafe fn ctx_Unicode_DecodeLatin1(chars: Chars, size: Ssize, errors: Chars) -> Own {
    own(|| {
        let data = sized(chars, size, "Negative size passed to PyUnicode_New")?;
        Ok(codec::decode(data, "latin-1", handler(errors))?.value())
    })
}
pub unsafe fn ctx_Unicode_FromEncodedObject(obj: In, encoding: Chars, errors: Chars) -> Own {
    own(|| {
        let Some(value) = obj.get() else { return Err(bad_argument()) };
        if value.cast::<Str>().is_some() {
            return Err(type_error!("decoding str is not supported"));
        }
        if !objects::buffer::has_buffer(value) {
            return Err(type_error!("decoding to str: need a bytes-like object, {} found", class_name(value)));
        }
        let encoding = if encoding.is_null() { "utf-8" } else { CStr::from_ptr(encoding).to_str().unwrap_or("utf-8") };
        let data = objects::Buf::new(value)?;
        if data.as_slice().is_empty() {
            return Ok(Str::empty().value());
        }
        Ok(codec::decode_object(value, data.as_slice(), encoding, handler(errors))?.value())
    })
}
pub unsafe fn ctx_Unicode_Substring(text: In, start: Ssize, end: Ssize) -> Own {
    own(|| {
        let text = as_text(text.value())?;
        let (Ok(start), Ok(end)) = (usize::try_from(start), usize::try_from(end)) else {
            return Err(index_error!("string index out of range"));
        };
        let end = end.min(text.len());
        if start >= end {
            return Ok(Str::empty().value());
        }
        if start == 0 && end == text.len() && text.value().cast_exact::<Str>().is_some() {
            return Ok(text.value());
        }
        Ok(Str::substring(text, start, end).value())
    })
}
