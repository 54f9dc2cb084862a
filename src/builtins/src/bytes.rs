//! The Python-visible skin of `bytes`. What it shares with bytearray is in `bytes_common`.

use crate::bytes_common::{self, FillByte, Needle, bytes_skin};
use crate::sequences::repeat_count;
use crate::str_iter::Make;
use crate::str_percent;
use base::text::{self, Sides};
use native_macros::native_class;
use objects::buffer::{Buf, has_buffer};
use objects::bytearray::{ByteArray, snapshot};
use objects::error::{R, index_error, overflow_error, raise_fault, type_error};
use objects::iterators::BytesIter;
use objects::list::List;
use objects::slice::{as_slice, slice_bounds};
use objects::slicing::bytes_slice;
use objects::{
    Bytes, Cast, Class, Gc, Layout, Str, Tuple, Value, class_name, class_of, codec, interned, lookup_special, memory_error,
    new_list, new_tuple,
};

pub struct BytesSkin;

#[inline(always)]
fn view(this: Gc<Bytes>) -> &'static [u8] {
    this.as_slice()
}
#[inline]
fn make(data: &[u8]) -> R<Gc<Bytes>> {
    Bytes::copied(data)
}
fn same(this: Gc<Bytes>) -> R<Gc<Bytes>> {
    if class_of(this.value()) == Bytes::class() { Ok(this) } else { make(view(this)) }
}
fn sep(value: Value, _data: &[u8]) -> R {
    Ok(value)
}

/// The answer to a comparison with something else, which `-b` warns of.
#[cold]
fn unlike(other: Value) -> R {
    if other.cast::<Str>().is_some() {
        bytes_common::warn_of("Comparison between bytes and string")?;
    } else if objects::int::is_int(other) {
        bytes_common::warn_of("Comparison between bytes and int")?;
    }
    Ok(Value::not_implemented())
}

fn hold(_this: Gc<Bytes>, _value: Value) {}

bytes_skin! {
/// bytes(source=b'', encoding='utf-8', errors='strict')
///
/// An immutable sequence of bytes, from an iterable of ints, a str and its
/// encoding, a bytes-like object, or (zeros) a count.
#[native_class(name = "bytes", layout = Bytes, base = object, flags = "sequence_ops match_self")]
impl BytesSkin for Bytes { view = view, make = make, same = same, take = Ok, sep = sep, hold = hold }

    #[new]
    #[sig("(source=b'', encoding='utf-8', errors='strict')", hidden)]
    fn new(cls: Gc<Class>, source: Option<Value>, encoding: Option<Value>, errors: Option<Value>) -> R {
        let plain = construct(source, encoding, errors)?;
        if cls == Bytes::class() {
            return Ok(plain.value());
        }
        let bytes = Bytes::try_new(Some(cls), plain.len()).ok_or_else(memory_error)?;
        // SAFETY: fresh, of that length, seen by nobody yet.
        unsafe { std::ptr::copy_nonoverlapping(plain.data_ptr(), bytes.data_ptr(), plain.len()) };
        Ok(bytes.value())
    }
    fn __repr__(this: Gc<Bytes>) -> R<Gc<Str>> {
        Str::from_text(text::Text::One(&text::bytes_repr(view(this))))
    }
    fn __str__(this: Gc<Bytes>) -> R<Gc<Str>> {
        bytes_common::warn_of("str() on a bytes instance")?;
        objects::repr(this.value())
    }
    fn __hash__(this: Gc<Bytes>) -> i64 {
        this.hash()
    }
    fn __lt__(this: Gc<Bytes>, other: Gc<Bytes>) -> bool {
        view(this) < view(other)
    }
    fn __le__(this: Gc<Bytes>, other: Gc<Bytes>) -> bool {
        view(this) <= view(other)
    }
    fn __eq__(this: Gc<Bytes>, other: Value) -> R {
        match other.cast::<Bytes>() {
            Some(other) => Ok(Value::bool(same_content(this, other))),
            None => unlike(other),
        }
    }
    fn __ne__(this: Gc<Bytes>, other: Value) -> R {
        match other.cast::<Bytes>() {
            Some(other) => Ok(Value::bool(!same_content(this, other))),
            None => unlike(other),
        }
    }
    fn __gt__(this: Gc<Bytes>, other: Gc<Bytes>) -> bool {
        view(this) > view(other)
    }
    fn __ge__(this: Gc<Bytes>, other: Gc<Bytes>) -> bool {
        view(this) >= view(other)
    }
    fn __iter__(this: Gc<Bytes>) -> R {
        Ok(BytesIter::make(this))
    }
    fn __getitem__(this: Gc<Bytes>, key: Value) -> R {
        if key.is_int() {
            return item(this, key.as_int());
        }
        match as_slice(key) {
            Some(slice) => Ok(bytes_slice(this, slice_bounds(slice)?)?.value()),
            None if class_of(key).slots.index.get().is_some() => item(this, objects::index_for(key)?),
            None => Err(type_error!("byte indices must be integers or slices, not {}", class_name(key))),
        }
    }
    fn __add__(this: Gc<Bytes>, other: Value) -> R {
        if let Some(other) = other.cast_exact::<Bytes>()
            && !this.is_empty()
            && !other.is_empty()
        {
            return Ok(concatenated(view(this), view(other))?.value());
        }
        if !has_buffer(other) {
            return Err(type_error!("can't concat {} to {}", class_name(other), class_name(this.value())));
        }
        let right = Buf::new(other)?;
        let left = view(this);
        if left.is_empty() && other.cast_exact::<Bytes>().is_some() {
            return Ok(other);
        }
        if right.is_empty() && class_of(this.value()) == Bytes::class() {
            return Ok(this.value());
        }
        Ok(concatenated(left, &right)?.value())
    }
    fn __mul__(this: Gc<Bytes>, count: Value) -> R {
        repeat(this, count)
    }
    fn __rmul__(this: Gc<Bytes>, count: Value) -> R {
        repeat(this, count)
    }
    fn __buffer__(this: Gc<Bytes>, flags: Value) -> R {
        objects::memoryview::buffer_method(this.value(), flags)
    }
    fn __bytes__(this: Gc<Bytes>) -> R<Gc<Bytes>> {
        same(this)
    }
    fn __getnewargs__(this: Gc<Bytes>) -> R {
        Ok(new_tuple(&[make(view(this))?.value()]).value())
    }
    /// The number of bytes that the object takes in memory.
    fn __sizeof__(this: Gc<Bytes>) -> usize {
        std::mem::size_of::<Bytes>() + this.len() + 1
    }
}

fn same_content(this: Gc<Bytes>, other: Gc<Bytes>) -> bool {
    this == other || view(this) == view(other)
}

fn concatenated(left: &[u8], right: &[u8]) -> R<Gc<Bytes>> {
    let len = left.len().checked_add(right.len()).ok_or_else(memory_error)?;
    Bytes::build(len, |target| {
        let (first, second) = target.split_at_mut(left.len());
        first.copy_from_slice(left);
        second.copy_from_slice(right);
    })
}

fn item(this: Gc<Bytes>, index: i64) -> R {
    let data = view(this);
    let place = if index < 0 { index + data.len() as i64 } else { index };
    match usize::try_from(place).ok().and_then(|place| data.get(place)) {
        Some(byte) => Ok(Value::small(*byte as i32)),
        None => Err(index_error!("index out of range")),
    }
}

fn repeat(this: Gc<Bytes>, count: Value) -> R {
    let count = usize::try_from(repeat_count(count)?).unwrap_or(0);
    let data = view(this);
    if count == 1 {
        return Ok(same(this)?.value());
    }
    let Some(len) = data.len().checked_mul(count).filter(|len| isize::try_from(*len).is_ok()) else {
        return Err(overflow_error!("repeated bytes are too long"));
    };
    let repeated = Bytes::build(len, |target| fill_repeated(target, data))?;
    Ok(repeated.value())
}

/// Fills `target` with copies of `data`.
pub fn fill_repeated(target: &mut [u8], data: &[u8]) {
    if let [one] = data {
        return target.fill(*one);
    }
    if data.is_empty() || target.is_empty() {
        return;
    }
    target[..data.len()].copy_from_slice(data);
    let mut done = data.len();
    while done < target.len() {
        let step = done.min(target.len() - done);
        target.copy_within(..step, done);
        done += step;
    }
}

fn construct(source: Option<Value>, encoding: Option<Value>, errors: Option<Value>) -> R<Gc<Bytes>> {
    let encoding = bytes_common::name_argument(encoding, "bytes", "encoding")?;
    let errors = bytes_common::name_argument(errors, "bytes", "errors")?;
    let Some(source) = source else {
        return match (encoding, errors) {
            (Some(_), _) => Err(type_error!("encoding without a string argument")),
            (None, Some(_)) => Err(type_error!("errors without a string argument")),
            (None, None) => make(b""),
        };
    };
    let text = source.cast::<Str>();
    match (text, encoding, errors) {
        (Some(text), Some(encoding), errors) => return codec::encode_to_bytes(text, encoding, errors.unwrap_or("strict")),
        (None, Some(_), _) => return Err(type_error!("encoding without a string argument")),
        (Some(_), None, Some(_)) => return Err(type_error!("string argument without an encoding")),
        (None, None, Some(_)) => return Err(type_error!("errors without a string argument")),
        _ => {}
    }
    if let Some(bytes) = source.cast_exact::<Bytes>() {
        return Ok(bytes);
    }
    // Plain containers of ints, and bytearrays, have no method of their own.
    if source.cast_exact::<Tuple>().is_some()
        || source.cast_exact::<List>().is_some()
        || source.cast_exact::<ByteArray>().is_some()
    {
        return bytes_from_object(source);
    }
    if let Some(method) = lookup_special(source, interned!("__bytes__"))? {
        let result = method.call(&[])?;
        return match result.cast::<Bytes>() {
            Some(bytes) => Ok(bytes),
            None => Err(type_error!("__bytes__ returned non-bytes (type {})", class_name(result))),
        };
    }
    if text.is_some() {
        return Err(type_error!("string argument without an encoding"));
    }
    if let Some(count) = bytes_common::count_argument(source)? {
        return Bytes::try_new(None, count).ok_or_else(memory_error);
    }
    bytes_from_object(source)
}

/// Bytes of ints that are all small and in range.
fn from_small_ints(items: &[Value]) -> Option<R<Gc<Bytes>>> {
    let byte = |item: &Value| item.int().and_then(|number| u8::try_from(number).ok());
    if !items.iter().all(|item| byte(item).is_some()) {
        return None;
    }
    Some(Bytes::build(items.len(), |target| {
        for (to, item) in target.iter_mut().zip(items) {
            *to = byte(item).unwrap_or_default();
        }
    }))
}

/// The bytes of a buffer or of an iterable of ints.
pub fn bytes_from_object(source: Value) -> R<Gc<Bytes>> {
    if let Some(array) = source.cast_exact::<ByteArray>() {
        return make(snapshot(array));
    }
    if has_buffer(source) {
        return match source.cast::<objects::memoryview::MemoryView>() {
            Some(view) => {
                view.check()?;
                match view.as_contiguous() {
                    Some(bytes) => make(bytes),
                    None => make(&view.to_bytes(false)),
                }
            }
            None => {
                let view = objects::memoryview::memoryview_of(source)?;
                let data = make(&view.to_bytes(false));
                objects::memoryview::release(view)?;
                data
            }
        };
    }
    if source.cast::<Str>().is_none() && bytes_common::is_iterable(source) {
        if let Some(tuple) = source.cast_exact::<Tuple>()
            && let Some(bytes) = from_small_ints(tuple.items())
        {
            return bytes;
        }
        return make(&bytes_common::collect_ints(source, "bytes must be in range(0, 256)")?);
    }
    Err(type_error!("cannot convert '{}' object to bytes", class_name(source)))
}
