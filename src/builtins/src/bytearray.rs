//! The Python-visible skin of `bytearray`. What it shares with bytes is in `bytes_common`, how the bytes are kept in
//! `objects::bytearray`.

use crate::bytes::fill_repeated;
use crate::bytes_common::{self, FillByte, Needle, byte_value, bytes_skin};
use crate::sequences::repeat_count;
use crate::str_iter::{ByteArrayIter, Make};
use crate::str_percent;
use base::text::{self, Sides};
use native_macros::native_class;
use objects::buffer::{Buf, Pin, has_buffer};
use objects::bytearray::{self, ByteArray, snapshot};
use objects::error::{R, index_error, raise_fault, type_error, value_error};
use objects::list::List;
use objects::slice::{Slice, as_slice, slice_bounds};
use objects::{
    Args, Bytes, Cast, Class, CompareOp, Gc, Layout, Str, Value, class_name, class_of, codec, interned, is_int, memory_error,
    new_list, new_str, new_tuple,
};

pub struct ByteArraySkin;

#[inline(always)]
fn view(this: Gc<ByteArray>) -> &'static [u8] {
    snapshot(this)
}
fn make(data: &[u8]) -> R<Gc<ByteArray>> {
    ByteArray::new(data)
}
fn same(this: Gc<ByteArray>) -> R<Gc<ByteArray>> {
    make(view(this))
}
/// The content of plain bytes or of a plain bytearray as it is now: it need not be held in place.
#[inline]
fn plain_content(value: Value) -> Option<&'static [u8]> {
    match value.cast_exact::<Bytes>() {
        Some(bytes) => Some(bytes.as_slice()),
        None => value.cast_exact::<ByteArray>().map(snapshot),
    }
}
fn take(bytes: Gc<Bytes>) -> R<Gc<ByteArray>> {
    make(bytes.as_slice())
}
fn sep(_value: Value, data: &[u8]) -> R {
    Ok(make(data)?.value())
}

fn hold(this: Gc<ByteArray>, value: Value) -> Option<Pin> {
    if bytes_common::is_tame(value) { None } else { Some(this.exports.pin(this.value())) }
}

bytes_skin! {
/// bytearray(source=b'', encoding='utf-8', errors='strict')
///
/// A mutable sequence of bytes, from an iterable of ints, a str and its
/// encoding, a bytes-like object, or (zeros) a count.
#[native_class(name = "bytearray", layout = ByteArray, base = object, flags = "sequence_ops match_self")]
impl ByteArraySkin for ByteArray { view = view, make = make, same = same, take = take, sep = sep, hold = hold }

    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        Ok(ByteArray::new_in(cls, b"")?.value())
    }
    #[sig("(source=b'', encoding='utf-8', errors='strict')", hidden)]
    fn __init__(this: Gc<ByteArray>, source: Option<Value>, encoding: Option<Value>, errors: Option<Value>) -> R<()> {
        let encoding = bytes_common::name_argument(encoding, "bytearray", "encoding")?;
        let errors = bytes_common::name_argument(errors, "bytearray", "errors")?;
        bytearray::clear(this)?;
        let named = encoding.map(|_| "encoding").or(errors.map(|_| "errors"));
        let check_unnamed = || match named {
            Some(name) => Err(type_error!("{name} without a string argument")),
            None => Ok(()),
        };
        let Some(source) = source else {
            return check_unnamed();
        };
        if let Some(text) = source.cast::<Str>() {
            let Some(encoding) = encoding else { return Err(type_error!("string argument without an encoding")) };
            let data = codec::encode_to_bytes(text, encoding, errors.unwrap_or("strict"))?;
            return bytearray::assign(this, data.as_slice());
        }
        check_unnamed()?;
        if let Some(count) = bytes_common::count_argument(source)? {
            return bytearray::resize(this, count);
        }
        if let Some(bytes) = source.cast_exact::<Bytes>() {
            return bytearray::assign(this, bytes.as_slice());
        }
        if let Some(other) = source.cast_exact::<ByteArray>()
            && other != this
        {
            return bytearray::assign(this, bytearray::snapshot(other));
        }
        if has_buffer(source) {
            return bytearray::assign(this, crate::bytes::bytes_from_object(source)?.as_slice());
        }
        if !bytes_common::is_iterable(source) {
            return Err(type_error!("cannot convert '{}' object to bytearray", class_name(source)));
        }
        // One by one: the iterable may look at what is there already.
        objects::iterate(source, |item| bytearray::push(this, byte_value(item)?))
    }
    fn __repr__(this: Gc<ByteArray>) -> R<Gc<Str>> {
        let name = class_of(this.value()).name();
        let mut out = text::TextBuilder::new();
        out.push_text(name.text());
        out.push_str("(");
        let mut shown = text::bytes_repr(view(this));
        if shown.starts_with(b"b\"") {
            // Single quotes are escaped between double ones too.
            shown = text::replace_units(&shown, b"'", b"\\'", usize::MAX, "").map_err(raise_fault)?.unwrap_or(shown);
        }
        out.push_text(text::Text::One(&shown));
        out.push_str(")");
        Str::from_buf(&out.finish())
    }
    fn __str__(this: Gc<ByteArray>) -> R<Gc<Str>> {
        bytes_common::warn_of("str() on a bytearray instance")?;
        objects::repr(this.value())
    }
    fn __lt__(this: Gc<ByteArray>, other: Value) -> R {
        compare(CompareOp::Lt, this, other)
    }
    fn __le__(this: Gc<ByteArray>, other: Value) -> R {
        compare(CompareOp::Le, this, other)
    }
    fn __eq__(this: Gc<ByteArray>, other: Value) -> R {
        compare(CompareOp::Eq, this, other)
    }
    fn __ne__(this: Gc<ByteArray>, other: Value) -> R {
        compare(CompareOp::Ne, this, other)
    }
    fn __gt__(this: Gc<ByteArray>, other: Value) -> R {
        compare(CompareOp::Gt, this, other)
    }
    fn __ge__(this: Gc<ByteArray>, other: Value) -> R {
        compare(CompareOp::Ge, this, other)
    }
    fn __iter__(this: Gc<ByteArray>) -> R {
        Ok(ByteArrayIter::make(this))
    }
    fn __getitem__(this: Gc<ByteArray>, key: Value) -> R {
        if let Some(slice) = as_slice(key) {
            let bounds = slice_bounds(slice)?;
            let data = view(this);
            let run = bounds.adjust(data.len());
            let start = run.start as usize;
            if run.count == 0 {
                return Ok(make(b"")?.value());
            }
            if run.step == 1 {
                return Ok(make(&data[start..start + run.count])?.value());
            }
            return Ok(make(&text::copy_stepped(data, start, run.step as isize, run.count))?.value());
        }
        let index = subscript(key)?;
        let data = view(this);
        match place(index, data.len()) {
            Some(place) => Ok(Value::small(data[place] as i32)),
            None => Err(index_error!("bytearray index out of range")),
        }
    }
    fn __setitem__(this: Gc<ByteArray>, key: Value, value: Value) -> R<()> {
        if let Some(slice) = as_slice(key) {
            return set_slice(this, slice, value);
        }
        let index = subscript(key)?;
        let byte = byte_value(value)?;
        let stored = bytearray::edit(this, |data| match place(index, data.len()) {
            Some(place) => {
                data[place] = byte;
                true
            }
            None => false,
        });
        if stored { Ok(()) } else { Err(index_error!("bytearray index out of range")) }
    }
    fn __delitem__(this: Gc<ByteArray>, key: Value) -> R<()> {
        if let Some(slice) = as_slice(key) {
            let run = slice_bounds(slice)?.adjust(this.len()).ascending();
            return bytearray::delete_stepped(this, run.start as usize, run.step as usize, run.count);
        }
        match place(subscript(key)?, this.len()) {
            Some(place) => bytearray::splice(this, place, 1, &[]),
            None => Err(index_error!("bytearray index out of range")),
        }
    }
    fn __add__(this: Gc<ByteArray>, other: Value) -> R {
        if !has_buffer(other) {
            return Err(type_error!("can't concat {} to {}", class_name(other), class_name(this.value())));
        }
        let right = Buf::new(other)?;
        let sum = make(view(this))?;
        bytearray::extend(sum, &right)?;
        Ok(sum.value())
    }
    fn __iadd__(this: Gc<ByteArray>, other: Value) -> R {
        // Itself it lends to itself, which CPython refuses as well.
        if other != this.value()
            && let Some(data) = plain_content(other)
        {
            bytearray::extend(this, data)?;
            return Ok(this.value());
        }
        if !has_buffer(other) {
            return Err(type_error!("can't concat {} to {}", class_name(other), class_name(this.value())));
        }
        bytearray::extend(this, &Buf::new(other)?)?;
        Ok(this.value())
    }
    fn __mul__(this: Gc<ByteArray>, count: Value) -> R {
        Ok(make(&repeated(this, count)?)?.value())
    }
    fn __rmul__(this: Gc<ByteArray>, count: Value) -> R {
        Ok(make(&repeated(this, count)?)?.value())
    }
    fn __imul__(this: Gc<ByteArray>, count: Value) -> R {
        let data = repeated(this, count)?;
        if data.len() != this.len() {
            bytearray::assign(this, &data)?;
        }
        Ok(this.value())
    }
    fn __buffer__(this: Gc<ByteArray>, flags: Value) -> R {
        objects::memoryview::buffer_method(this.value(), flags)
    }
    fn __release_buffer__(this: Gc<ByteArray>, buffer: Value) -> R<()> {
        objects::memoryview::release_buffer_method(this.value(), buffer)
    }
    /// Append one byte.
    fn append(this: Gc<ByteArray>, item: Value) -> R<()> {
        bytearray::push(this, byte_value(item)?)
    }
    /// Append bytes or an iterable of ints.
    fn extend(this: Gc<ByteArray>, iterable_of_ints: Value) -> R<()> {
        let source = iterable_of_ints;
        if let Some(data) = plain_content(source) {
            return bytearray::extend(this, data);
        }
        if source == this.value() {
            return bytearray::extend(this, view(this));
        }
        if has_buffer(source) {
            let end = this.len();
            let data = Buf::new(source)?;
            return bytearray::splice(this, end, 0, &data);
        }
        if source.cast::<Str>().is_some() {
            return Err(type_error!("expected iterable of integers; got: 'str'"));
        }
        if !bytes_common::is_iterable(source) {
            return Err(type_error!("can't extend bytearray with {}", class_name(source)));
        }
        bytearray::extend(this, &bytes_common::collect_ints(source, "byte must be in range(0, 256)")?)
    }
    /// Insert one byte before a position.
    fn insert(this: Gc<ByteArray>, index: isize, item: Value) -> R<()> {
        let byte = byte_value(item)?;
        let len = this.len() as isize;
        let index = if index < 0 { (index + len).max(0) } else { index.min(len) };
        bytearray::splice(this, index as usize, 0, &[byte])
    }
    /// Remove and return one byte, the last by default.
    #[sig("($self, index=-1, /)")]
    fn pop(this: Gc<ByteArray>, index: isize) -> R<u8> {
        if this.is_empty() {
            return Err(index_error!("pop from empty bytearray"));
        }
        let data = view(this);
        let Some(place) = place(index as i64, data.len()) else { return Err(index_error!("pop index out of range")) };
        let byte = data[place];
        bytearray::splice(this, place, 1, &[])?;
        Ok(byte)
    }
    /// Remove the first byte of this value.
    fn remove(this: Gc<ByteArray>, value: Value) -> R<()> {
        let byte = byte_value(value)?;
        match view(this).iter().position(|other| *other == byte) {
            Some(place) => bytearray::splice(this, place, 1, &[]),
            None => Err(value_error!("value not found in bytearray")),
        }
    }
    /// Reverse the order in place.
    fn reverse(this: Gc<ByteArray>) {
        bytearray::edit(this, |data| data.reverse());
    }
    /// Remove all bytes.
    fn clear(this: Gc<ByteArray>) -> R<()> {
        bytearray::clear(this)
    }
    /// A copy.
    fn copy(this: Gc<ByteArray>) -> R<Gc<ByteArray>> {
        make(view(this))
    }
    /// Cut, or fill up with zeros, to this size.
    fn resize(this: Gc<ByteArray>, size: isize) -> R<()> {
        match usize::try_from(size) {
            Ok(size) => bytearray::resize(this, size),
            Err(_) => Err(value_error!("Can only resize to positive sizes, got {size}")),
        }
    }
    /// How many bytes are allocated.
    fn __alloc__(this: Gc<ByteArray>) -> usize {
        this.allocated()
    }
    /// The number of bytes that the object takes in memory.
    fn __sizeof__(this: Gc<ByteArray>) -> usize {
        std::mem::size_of::<ByteArray>() + this.allocated()
    }
    /// For pickle.
    fn __reduce__(this: Gc<ByteArray>) -> R {
        reduce(this, 2)
    }
    /// For pickle.
    #[sig("($self, proto=0, /)")]
    fn __reduce_ex__(this: Gc<ByteArray>, proto: i32) -> R {
        reduce(this, proto)
    }
}

fn subscript(key: Value) -> R<i64> {
    if key.is_int() {
        return Ok(key.as_int());
    }
    if class_of(key).slots.index.get().is_none() && !is_int(key) {
        return Err(type_error!("bytearray indices must be integers or slices, not {}", class_name(key)));
    }
    objects::index_for(key)
}

fn place(index: i64, len: usize) -> Option<usize> {
    let place = if index < 0 { index + len as i64 } else { index };
    usize::try_from(place).ok().filter(|place| *place < len)
}

fn compare(op: CompareOp, this: Gc<ByteArray>, other: Value) -> R {
    if !has_buffer(other) {
        if matches!(op, CompareOp::Eq | CompareOp::Ne) && other.cast::<Str>().is_some() {
            bytes_common::warn_of("Comparison between bytearray and string")?;
        }
        return Ok(Value::not_implemented());
    }
    let right = match Buf::new(other) {
        Ok(right) => right,
        Err(raised) => {
            raised.clear();
            return Ok(Value::not_implemented());
        }
    };
    Ok(Value::bool(op.holds(view(this).cmp(&right))))
}

fn repeated(this: Gc<ByteArray>, count: Value) -> R<Vec<u8>> {
    let count = usize::try_from(repeat_count(count)?).unwrap_or(0);
    let data = view(this);
    let mut out = Vec::new();
    let Some(len) = data.len().checked_mul(count).filter(|len| isize::try_from(*len).is_ok()) else {
        return Err(memory_error());
    };
    out.try_reserve_exact(len).map_err(|_| memory_error())?;
    out.resize(len, 0);
    fill_repeated(&mut out, data);
    Ok(out)
}

fn set_slice(this: Gc<ByteArray>, slice: Gc<Slice>, value: Value) -> R<()> {
    let data: Vec<u8> = if value == this.value() {
        base::memory::copied(view(this))
    } else if has_buffer(value) {
        base::memory::copied(&Buf::new(value)?)
    } else if is_int(value) || value.cast::<Str>().is_some() {
        return Err(type_error!("can assign only bytes, buffers, or iterables of ints in range(0, 256)"));
    } else if !bytes_common::is_iterable(value) {
        return Err(type_error!("cannot convert '{}' object to bytearray", class_name(value)));
    } else {
        bytes_common::collect_ints(value, "byte must be in range(0, 256)")?
    };
    let run = slice_bounds(slice)?.adjust(this.len());
    if run.step == 1 {
        return bytearray::splice(this, run.start as usize, run.count, &data);
    }
    if data.is_empty() {
        let run = run.ascending();
        return bytearray::delete_stepped(this, run.start as usize, run.step as usize, run.count);
    }
    if data.len() != run.count {
        return Err(value_error!("attempt to assign bytes of size {} to extended slice of size {}", data.len(), run.count));
    }
    bytearray::edit(this, |target| {
        for (place, byte) in run.positions().zip(&data) {
            if let Some(entry) = target.get_mut(place) {
                *entry = *byte;
            }
        }
    });
    Ok(())
}

fn reduce(this: Gc<ByteArray>, protocol: i32) -> R {
    let class = class_of(this.value());
    let state = objects::call_method(this.value(), interned!("__getstate__"), &[])?;
    let data = view(this);
    let args = if data.is_empty() {
        new_tuple(&[])
    } else if protocol < 3 {
        new_tuple(&[Str::from_latin1(data).value(), new_str("latin-1")])
    } else {
        new_tuple(&[objects::new_bytes(data)])
    };
    Ok(new_tuple(&[class.value(), args.value(), state]).value())
}
