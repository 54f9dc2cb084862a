//! Module `array`: compact sequences of numbers. The type codes are in `array_items.rs`, pickling in `array_pickle.rs`.
//!
//! The bytes lie in a vector under the byte lock. While somebody borrows them (`exports`) nothing may resize it.

use crate::array_items::{self as items, Item, TypeCode};
use crate::support::{External, Guarded};
use base::memory::{Grow, copied, expect_room, with_room};
use native_macros::{Layout, native_class, native_module};
use objects::buffer::{BufferView, Exporter, Exports, register};
use objects::convert::CodePoint;
use objects::list::List;
use objects::slice::{as_slice, slice_bounds};
use objects::{
    Args, Buf, ByteArray, Bytes, Cast, Class, CompareOp, Gc, Header, Layout, R, Slot, Str, Tuple, Value, class_name, class_of,
    compare, eof_error, exc, index_error, interned, memory_error, new_bytes, new_int, new_int_u64, new_int_usize, new_list,
    new_object, new_tuple, number, type_error, value_error,
};
use std::borrow::Cow;
use std::sync::atomic::{AtomicI64, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct Array {
    pub header: Header,
    pub code: TypeCode,
    data: Guarded<Vec<u8>>,
    exports: Exports,
    external: External,
}

static EXPORTER: Exporter = Exporter { layout: <Array as Layout>::DESC, get: lend };

fn lend(value: Value, _request: u32) -> R<BufferView> {
    // SAFETY: registered for this layout.
    let array: Gc<Array> = unsafe { value.cast_unchecked() };
    let pin = array.exports.pin(value);
    let (pointer, bytes) = array.data.with(array, |data| (data.as_mut_ptr(), data.len()));
    let format = Cow::Borrowed(array.code.buffer_format());
    Ok(BufferView::items(value, pointer, bytes / array.code.size, array.code.size, format, false, Some(pin)))
}

pub fn make(class: Gc<Class>, code: TypeCode, data: Vec<u8>) -> Gc<Array> {
    let external = External::of(data.capacity());
    new_object(class, Array { header: Header::blank(), code, data: Guarded::new(data), exports: Exports::new(), external })
}

fn plain(code: TypeCode, data: Vec<u8>) -> Gc<Array> {
    make(Array::class(), code, data)
}

/// Lets `work` change the size, while nobody has a view of the memory: who wants one has to wait for the lock.
fn resize<T>(this: Gc<Array>, mut work: impl FnMut(&mut Vec<u8>) -> T) -> R<T> {
    loop {
        match this.data.with(this, |data| (this.exports.count() == 0).then(|| work(data))) {
            Some(result) => return Ok(result),
            None => this.exports.check(this.value(), "cannot resize an array that is exporting buffers")?,
        }
    }
}

pub fn len(this: Gc<Array>) -> usize {
    this.data.with(this, |data| data.len()) / this.code.size
}

/// All bytes as they are now.
pub fn bytes(this: Gc<Array>) -> Vec<u8> {
    this.data.with(this, |data| copied(data))
}

#[inline]
pub fn get(this: Gc<Array>, index: usize) -> R<Option<Value>> {
    match this.data.with(this, |data| items::number_at(this.code, data, index)) {
        Some(number) => Ok(Some(number.value())),
        None if this.code.is_text() => get_text(this, index),
        None => Ok(None),
    }
}

fn get_text(this: Gc<Array>, index: usize) -> R<Option<Value>> {
    let size = this.code.size;
    let mut item = [0; 8];
    let found = this.data.with(this, |data| {
        let place = data.get(index * size..(index + 1) * size)?;
        item[..size].copy_from_slice(place);
        Some(())
    });
    match found {
        Some(()) => items::decode(this.code, &item[..size]).map(Some),
        None => Ok(None),
    }
}

fn set(this: Gc<Array>, index: usize, item: Item) -> bool {
    let size = this.code.size;
    this.data.with(this, |data| match data.get_mut(index * size..(index + 1) * size) {
        Some(place) => {
            place.copy_from_slice(item.bytes(size));
            true
        }
        None => false,
    })
}

fn append_bytes(this: Gc<Array>, more: &[u8]) -> R<()> {
    if more.is_empty() {
        return Ok(());
    }
    let done = resize(this, |data| {
        if data.try_reserve(more.len()).is_err() {
            return false;
        }
        data.put_all(more);
        this.external.set(data.capacity());
        true
    })?;
    if done { Ok(()) } else { Err(memory_error()) }
}

/// Appends the plain numbers at the beginning of a list or tuple at one go; how many they were.
fn append_plain(this: Gc<Array>, values: &[Value]) -> R<usize> {
    let size = this.code.size;
    let mut all = with_room(values.len() * size);
    let mut count = 0;
    while let Some(item) = values.get(count).and_then(|value| items::encode_plain(this.code, *value)) {
        all.put_all(item.bytes(size));
        count += 1;
    }
    append_bytes(this, &all)?;
    Ok(count)
}

/// Appends the items of an iterable.
fn append_all(this: Gc<Array>, source: Value) -> R<()> {
    if let Some(list) = source.cast_exact::<List>() {
        let mut index = append_plain(this, &objects::list::list_snapshot(list))?;
        while let Some(value) = list.get(index) {
            append(this, value)?;
            index += 1;
        }
        return Ok(());
    }
    if let Some(tuple) = source.cast_exact::<Tuple>() {
        let done = append_plain(this, tuple.items())?;
        return tuple.items()[done..].iter().try_for_each(|value| append(this, *value));
    }
    objects::iterate(source, |value| append(this, value))
}

fn append(this: Gc<Array>, value: Value) -> R<()> {
    if let Some(item) = items::encode_plain(this.code, value) {
        return append_bytes(this, item.bytes(this.code.size));
    }
    let item = items::encode(this.code, value)?;
    append_bytes(this, item.bytes(this.code.size))
}

fn from_bytes(this: Gc<Array>, data: &[u8]) -> R<()> {
    if !data.len().is_multiple_of(this.code.size) {
        return Err(value_error!("bytes length not a multiple of item size"));
    }
    append_bytes(this, data)
}

fn from_text(this: Gc<Array>, text: Gc<Str>) -> R<()> {
    let mut data = with_room(text.len() * 4);
    data.extend(text.chars().iter().flat_map(u32::to_ne_bytes));
    append_bytes(this, &data)
}

fn extend(this: Gc<Array>, source: Value) -> R<()> {
    if let Some(other) = source.cast::<Array>() {
        if other.code != this.code {
            return Err(type_error!("can only extend with array of same kind"));
        }
        return append_bytes(this, &bytes(other));
    }
    append_all(this, source)
}

fn index_of(this: Gc<Array>, key: Value, what: &str) -> R<usize> {
    let index = objects::index_for(key)?;
    let length = len(this) as i64;
    let index = if index < 0 { index + length } else { index };
    if index < 0 || index >= length { Err(index_error!("{what}")) } else { Ok(index as usize) }
}

fn repeat_count(value: Value) -> R<usize> {
    match number::try_index(value)? {
        Some(_) => Ok(objects::index_for(value)?.max(0) as usize),
        None => Err(type_error!("can't multiply sequence by non-int of type '{}'", class_name(value))),
    }
}

fn repeated(data: &[u8], count: usize) -> R<Vec<u8>> {
    let total = data.len().checked_mul(count).filter(|total| *total <= isize::MAX as usize).ok_or_else(memory_error)?;
    let mut all = Vec::new();
    all.try_reserve_exact(total).map_err(|_| memory_error())?;
    for _ in 0..count {
        all.put_all(data);
    }
    Ok(all)
}

fn order(op: CompareOp, a: Gc<Array>, b: Gc<Array>) -> R {
    let (length_a, length_b) = (len(a), len(b));
    if length_a != length_b && matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::bool(op == CompareOp::Ne));
    }
    let mut index = 0;
    if a.code == b.code && matches!(op, CompareOp::Eq | CompareOp::Ne) && !a.code.is_text() {
        let copy = bytes(a);
        let equal = b.data.with(b, |data| match a.code.is_float() {
            false => copy == *data,
            true => {
                let number = |data: &[u8], index: usize| items::number_at(a.code, data, index);
                copy.len() == data.len() && (0..length_a).all(|index| number(&copy, index) == number(data, index))
            }
        });
        return Ok(Value::bool(equal == (op == CompareOp::Eq)));
    }
    while let (Some(x), Some(y)) = (get(a, index)?, get(b, index)?) {
        if !objects::compare_bool(CompareOp::Eq, x, y)? {
            return match op {
                CompareOp::Eq => Ok(Value::false_()),
                CompareOp::Ne => Ok(Value::true_()),
                op => compare(op, x, y),
            };
        }
        index += 1;
    }
    Ok(Value::bool(op.holds(length_a.cmp(&length_b))))
}

/// `array[slice] = source` and, without a source, `del array[slice]`.
fn assign_slice(this: Gc<Array>, slice: Gc<objects::Slice>, source: Option<Value>) -> R<()> {
    let size = this.code.size;
    let replacement = match source {
        None => Vec::new(),
        Some(source) => match source.cast::<Array>() {
            Some(other) if other.code != this.code => return Err(type_error!("bad argument type for built-in operation")),
            Some(other) => bytes(other),
            None => return Err(type_error!("can only assign array (not \"{}\") to array slice", class_name(source))),
        },
    };
    let run = slice_bounds(slice)?.adjust(len(this));
    let needed = replacement.len() / size;
    let resizes = needed != run.count;
    if run.step != 1 && source.is_some() {
        if resizes {
            return Err(value_error!("attempt to assign array of size {needed} to extended slice of size {}", run.count));
        }
        this.data.with(this, |data| {
            for (number, position) in run.positions().enumerate() {
                if let Some(place) = data.get_mut(position * size..(position + 1) * size) {
                    place.copy_from_slice(&replacement[number * size..(number + 1) * size]);
                }
            }
        });
        return Ok(());
    }
    if run.step == 1 {
        let start = run.start as usize * size;
        if resizes {
            return resize(this, |data| {
                let end = (start + run.count * size).min(data.len());
                data.make_room(replacement.len());
                data.splice(start.min(end)..end, replacement.iter().copied());
            });
        }
        // Another thread may have made it shorter.
        this.data.with(this, |data| {
            if let Some(place) = data.get_mut(start..start + replacement.len()) {
                place.copy_from_slice(&replacement);
            }
        });
        return Ok(());
    }
    let run = run.ascending();
    resize(this, |data| {
        let mut gone = run.positions().peekable();
        let mut kept = 0;
        for position in 0..data.len() / size {
            if gone.next_if_eq(&position).is_none() {
                data.copy_within(position * size..(position + 1) * size, kept);
                kept += size;
            }
        }
        data.truncate(kept);
    })
}

fn tolist(this: Gc<Array>) -> R<Gc<List>> {
    let list = objects::list::list_with_room(len(this));
    let mut index = 0;
    while let Some(item) = get(this, index)? {
        objects::list::list_push(list, item);
        index += 1;
    }
    Ok(list)
}

fn text_of(this: Gc<Array>) -> R<Gc<Str>> {
    let mut codes = Vec::new();
    for item in bytes(this).chunks_exact(4) {
        let code = items::load(this.code, item) as u32;
        if code > 0x10ffff {
            return Err(value_error!("character U+{code:x} is not in range [U+0000; U+10ffff]"));
        }
        codes.put(code);
    }
    Ok(Str::from_ucs4(&codes))
}

fn code_value(this: Gc<Array>) -> Value {
    Str::from_char(this.code.code as u32).value()
}

/// Compact sequences of numbers or characters of one type, which the type code says:
///
/// b, B (1 byte), h, H (2), i, I (4), l, L, q, Q (8) are ints, the lower case ones
/// signed; f and d are floats; w (and u, deprecated) are characters.
#[native_class(name = "array.array", base = object, flags = "sequence sequence_ops weakref")]
impl Array {
    #[new]
    fn new(cls: Gc<Class>, args: Args) -> R {
        if crate::support::same_init(cls, Array::class()) {
            args.no_keywords("array.array")?;
        }
        let given = args.len();
        if given == 0 {
            return Err(type_error!("array() takes at least 1 argument (0 given)"));
        }
        if given > 2 {
            return Err(type_error!("array() takes at most 2 arguments ({given} given)"));
        }
        let code = args.positional()[0];
        let code = match code.cast::<Str>() {
            Some(text) if text.len() == 1 => text.char_at(0),
            Some(text) => {
                return Err(type_error!("array() argument 1 must be a unicode character, not a string of length {}", text.len()));
            }
            None => return Err(type_error!("array() argument 1 must be a unicode character, not {}", class_name(code))),
        };
        if code == b'u' as u32 {
            objects::warnings::deprecation("The 'u' type code is deprecated and will be removed in Python 3.16")?;
        }
        let initial = args.get(1);
        let shown = char::from_u32(code).unwrap_or('?');
        if code != b'u' as u32
            && code != b'w' as u32
            && let Some(initial) = initial
        {
            if initial.cast::<Str>().is_some() {
                return Err(type_error!("cannot use a str to initialize an array with typecode '{shown}'"));
            }
            if initial.cast::<Array>().is_some_and(|other| other.code.is_text()) {
                return Err(type_error!("cannot use a unicode array to initialize an array with typecode '{shown}'"));
            }
        }
        let Some(code) = items::find(code) else {
            return Err(value_error!("bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)"));
        };
        let array = make(cls, code, Vec::new());
        let Some(initial) = initial else { return Ok(array.value()) };
        if initial.cast::<Bytes>().is_some() || initial.cast::<ByteArray>().is_some() {
            from_bytes(array, &Buf::new(initial)?)?;
        } else if let Some(text) = initial.cast::<Str>() {
            from_text(array, text)?;
        } else if let Some(other) = initial.cast::<Array>()
            && other.code == code
        {
            append_bytes(array, &bytes(other))?;
        } else {
            append_all(array, initial)?;
        }
        Ok(array.value())
    }
    fn __repr__(this: Gc<Array>) -> R<String> {
        let name = class_of(this.value()).name_text();
        let code = this.code.code as char;
        if len(this) == 0 {
            return Ok(format!("{name}('{code}')"));
        }
        let content = if this.code.is_text() { text_of(this)?.value() } else { tolist(this)?.value() };
        let shown = objects::repr(content)?;
        // Its text, and that in the other one.
        expect_room(shown.len().saturating_mul(9));
        Ok(format!("{name}('{code}', {})", shown.to_string_lossy()))
    }
    fn __len__(this: Gc<Array>) -> usize {
        len(this)
    }
    fn __iter__(this: Gc<Array>) -> Gc<ArrayIterator> {
        objects::new_native(ArrayIterator { header: Header::blank(), array: Slot::new(this.value()), index: AtomicI64::new(0) })
    }
    fn __getitem__(this: Gc<Array>, key: Value) -> R {
        if let Some(slice) = as_slice(key) {
            let run = slice_bounds(slice)?.adjust(len(this));
            let size = this.code.size;
            let mut taken = with_room(run.count * size);
            this.data.with(this, |data| {
                if run.step == 1
                    && let Some(items) = data.get(run.start as usize * size..(run.start as usize + run.count) * size)
                {
                    return taken.put_all(items);
                }
                for position in run.positions() {
                    if let Some(item) = data.get(position * size..(position + 1) * size) {
                        taken.put_all(item);
                    }
                }
            });
            return Ok(plain(this.code, taken).value());
        }
        check_index(key)?;
        let index = index_of(this, key, "array index out of range")?;
        get(this, index)?.ok_or_else(|| index_error!("array index out of range"))
    }
    fn __setitem__(this: Gc<Array>, key: Value, value: Value) -> R<()> {
        if let Some(slice) = as_slice(key) {
            return assign_slice(this, slice, Some(value));
        }
        check_index(key)?;
        let index = index_of(this, key, "array assignment index out of range")?;
        let item = items::encode(this.code, value)?;
        if set(this, index, item) { Ok(()) } else { Err(index_error!("array assignment index out of range")) }
    }
    fn __delitem__(this: Gc<Array>, key: Value) -> R<()> {
        if let Some(slice) = as_slice(key) {
            return assign_slice(this, slice, None);
        }
        check_index(key)?;
        let index = index_of(this, key, "array assignment index out of range")?;
        remove_at(this, index)
    }
    fn __contains__(this: Gc<Array>, key: Value) -> R<bool> {
        Ok(find(this, key, 0, i64::MAX)?.is_some())
    }
    fn __add__(this: Gc<Array>, value: Value) -> R {
        let Some(other) = value.cast::<Array>() else {
            return Err(type_error!("can only append array (not \"{}\") to array", class_name(value)));
        };
        if other.code != this.code {
            return Err(type_error!("bad argument type for built-in operation"));
        }
        let mut all = with_room((len(this) + len(other)) * this.code.size);
        this.data.with(this, |data| all.put_all(data));
        other.data.with(other, |data| all.put_all(data));
        Ok(plain(this.code, all).value())
    }
    fn __iadd__(this: Gc<Array>, value: Value) -> R {
        if value.cast::<Array>().is_none() {
            return Err(type_error!("can only extend array with array (not \"{}\")", class_name(value)));
        }
        extend(this, value)?;
        Ok(this.value())
    }
    fn __mul__(this: Gc<Array>, value: Value) -> R {
        Ok(plain(this.code, repeated(&bytes(this), repeat_count(value)?)?).value())
    }
    fn __rmul__(this: Gc<Array>, value: Value) -> R {
        Ok(plain(this.code, repeated(&bytes(this), repeat_count(value)?)?).value())
    }
    fn __imul__(this: Gc<Array>, value: Value) -> R {
        let count = repeat_count(value)?;
        if count != 1 && len(this) > 0 {
            resize(this, |_| ())?;
            let mut all = repeated(&bytes(this), count)?;
            resize(this, |data| *data = std::mem::take(&mut all))?;
        }
        Ok(this.value())
    }
    fn __lt__(this: Gc<Array>, other: Gc<Array>) -> R {
        order(CompareOp::Lt, this, other)
    }
    fn __le__(this: Gc<Array>, other: Gc<Array>) -> R {
        order(CompareOp::Le, this, other)
    }
    fn __eq__(this: Gc<Array>, other: Gc<Array>) -> R {
        order(CompareOp::Eq, this, other)
    }
    fn __ne__(this: Gc<Array>, other: Gc<Array>) -> R {
        order(CompareOp::Ne, this, other)
    }
    fn __gt__(this: Gc<Array>, other: Gc<Array>) -> R {
        order(CompareOp::Gt, this, other)
    }
    fn __ge__(this: Gc<Array>, other: Gc<Array>) -> R {
        order(CompareOp::Ge, this, other)
    }
    fn __buffer__(this: Gc<Array>, flags: Value) -> R {
        objects::memoryview::buffer_method(this.value(), flags)
    }
    fn __release_buffer__(this: Gc<Array>, buffer: Value) -> R<()> {
        objects::memoryview::release_buffer_method(this.value(), buffer)
    }
    /// A copy of the array.
    fn __copy__(this: Gc<Array>) -> Gc<Array> {
        plain(this.code, bytes(this))
    }
    /// A copy of the array.
    #[sig("(unused, /)")]
    fn __deepcopy__(this: Gc<Array>, _unused: Value) -> Gc<Array> {
        plain(this.code, bytes(this))
    }
    /// What pickle needs to make the same object.
    #[sig("(value, /)")]
    fn __reduce_ex__(this: Gc<Array>, value: Value) -> R {
        let protocol = match objects::int_view(value) {
            Some(view) => view.to_i64().unwrap_or(i64::MAX),
            None => return Err(type_error!("__reduce_ex__ argument should be an integer")),
        };
        let class = class_of(this.value()).value();
        let state = match objects::shape::instance_attributes(this.value()).is_empty() {
            true => Value::none(),
            false => objects::shape::instance_dict(this.value()).map_or(Value::none(), Gc::value),
        };
        if protocol < 3 {
            let arguments = new_tuple(&[code_value(this), tolist(this)?.value()]).value();
            return Ok(new_tuple(&[class, arguments, state]).value());
        }
        let import = objects::get_attr_named(objects::door::builtins_module()?, "__import__")?;
        let module = objects::call(import, &[objects::new_str("array")])?;
        let function = objects::get_attr_named(module, "_array_reconstructor")?;
        let content = new_bytes(&bytes(this));
        let arguments = new_tuple(&[class, code_value(this), Value::small(this.code.machine_format), content]).value();
        Ok(new_tuple(&[function, arguments, state]).value())
    }
    /// The number of bytes that the array takes in memory.
    fn __sizeof__(this: Gc<Array>) -> usize {
        std::mem::size_of::<Array>() + this.data.with(this, |data| data.capacity())
    }
    /// Put v at the end.
    #[sig("(v, /)")]
    fn append(this: Gc<Array>, v: Value) -> R<()> {
        append(this, v)
    }
    /// The address of the memory and the number of items in it.
    fn buffer_info(this: Gc<Array>) -> Value {
        let address = this.data.with(this, |data| data.as_ptr() as u64);
        new_tuple(&[new_int_u64(address), new_int_usize(len(this))]).value()
    }
    /// Turn round the order of the bytes of each item.
    fn byteswap(this: Gc<Array>) {
        let size = this.code.size;
        this.data.with(this, |data| data.chunks_exact_mut(size).for_each(|item| item.reverse()));
    }
    /// Remove all items.
    fn clear(this: Gc<Array>) -> R<()> {
        resize(this, Vec::clear)
    }
    /// How often v occurs.
    #[sig("(v, /)")]
    fn count(this: Gc<Array>, v: Value) -> R<usize> {
        let (mut count, mut index) = (0, 0);
        let quick = this.data.with(this, |data| {
            let mut index = 0;
            while let Some(number) = items::number_at(this.code, data, index) {
                count += usize::from(number.equals(v)?);
                index += 1;
            }
            Some(count)
        });
        if let Some(count) = quick.filter(|_| !this.code.is_text()) {
            return Ok(count);
        }
        count = 0;
        while let Some(item) = get(this, index)? {
            count += objects::compare_bool(CompareOp::Eq, item, v)? as usize;
            index += 1;
        }
        Ok(count)
    }
    /// Append the items of an array of the same type or of any iterable.
    #[sig("(bb, /)")]
    fn extend(this: Gc<Array>, bb: Value) -> R<()> {
        extend(this, bb)
    }
    /// Append items from machine values in a bytes-like object.
    #[sig("(buffer, /)")]
    fn frombytes(this: Gc<Array>, buffer: Buf) -> R<()> {
        let data = copied(&buffer);
        drop(buffer);
        from_bytes(this, &data)
    }
    /// Append n items read from the file object f.
    #[sig("(f, n, /)")]
    fn fromfile(this: Gc<Array>, f: Value, n: isize) -> R<()> {
        if n < 0 {
            return Err(value_error!("negative count"));
        }
        let Some(wanted) = (n as usize).checked_mul(this.code.size) else { return Err(memory_error()) };
        let data = objects::call_method(f, interned!("read"), &[new_int_usize(wanted)])?;
        let Some(data) = data.cast::<Bytes>() else { return Err(type_error!("read() didn't return bytes")) };
        let complete = data.len() == wanted;
        from_bytes(this, data.as_slice())?;
        if complete { Ok(()) } else { Err(eof_error!("read() didn't return enough bytes")) }
    }
    /// Append the items of a list.
    #[sig("(list, /)")]
    fn fromlist(this: Gc<Array>, list: Value) -> R<()> {
        let Some(list) = list.cast::<List>() else { return Err(type_error!("arg must be list")) };
        let size = this.code.size;
        let mut all = with_room(list.len() * size);
        let length = list.len();
        for index in 0..length {
            let Some(value) = list.get(index) else { break };
            let item = items::encode(this.code, value)?;
            all.put_all(item.bytes(size));
            if list.len() != length {
                return Err(objects::runtime_error!("list changed size during iteration"));
            }
        }
        append_bytes(this, &all)
    }
    /// Append the characters of a string.
    #[sig("(ustr, /)")]
    fn fromunicode(this: Gc<Array>, ustr: Gc<Str>) -> R<()> {
        if !this.code.is_text() {
            return Err(value_error!("fromunicode() may only be called on unicode type arrays ('u' or 'w')"));
        }
        from_text(this, ustr)
    }
    /// The first index of v between start and stop; ValueError if it is not there.
    #[sig("(v, start=0, stop=sys.maxsize, /)")]
    fn index(this: Gc<Array>, v: Value, start: Option<Value>, stop: Option<Value>) -> R<usize> {
        let bound = |value: Option<Value>, default: i64| match value {
            Some(value) => objects::index_clamped(value),
            None => Ok(default),
        };
        let length = len(this) as i64;
        let from_end = |index: i64| if index < 0 { index.saturating_add(length).max(0) } else { index };
        match find(this, v, from_end(bound(start, 0)?), from_end(bound(stop, i64::MAX)?))? {
            Some(index) => Ok(index),
            None => Err(value_error!("array.index(x): x not in array")),
        }
    }
    /// Insert v before position i.
    #[sig("(i, v, /)")]
    fn insert(this: Gc<Array>, i: isize, v: Value) -> R<()> {
        let item = items::encode(this.code, v)?;
        let size = this.code.size;
        resize(this, |data| {
            let length = (data.len() / size) as isize;
            let index = (if i < 0 { i.saturating_add(length) } else { i }).clamp(0, length) as usize * size;
            data.make_room(size);
            data.splice(index..index, item.bytes(size).iter().copied());
        })
    }
    /// Remove and return the item at position i, by default the last.
    #[sig("(i=-1, /)")]
    fn pop(this: Gc<Array>, i: isize) -> R {
        if len(this) == 0 {
            return Err(index_error!("pop from empty array"));
        }
        let index = index_of(this, new_int(i as i64), "pop index out of range")?;
        let item = get(this, index)?.ok_or_else(|| index_error!("pop index out of range"))?;
        remove_at(this, index)?;
        Ok(item)
    }
    /// Remove the first item that equals v.
    #[sig("(v, /)")]
    fn remove(this: Gc<Array>, v: Value) -> R<()> {
        match find(this, v, 0, i64::MAX)? {
            Some(index) => remove_at(this, index),
            None => Err(value_error!("array.remove(x): x not in array")),
        }
    }
    /// Turn round the order of the items.
    fn reverse(this: Gc<Array>) {
        let size = this.code.size;
        this.data.with(this, |data| {
            data.reverse();
            data.chunks_exact_mut(size).for_each(|item| item.reverse());
        });
    }
    /// The items as machine values in bytes.
    fn tobytes(this: Gc<Array>) -> R {
        copied_bytes(this)
    }
    /// Write the bytes of the items to the file f.
    #[sig("(f, /)")]
    fn tofile(this: Gc<Array>, f: Value) -> R<()> {
        for piece in bytes(this).chunks(64 * 1024) {
            objects::call_method(f, interned!("write"), &[new_bytes(piece)])?;
        }
        Ok(())
    }
    /// The items as a list.
    fn tolist(this: Gc<Array>) -> R<Gc<List>> {
        tolist(this)
    }
    /// The characters as a string.
    fn tounicode(this: Gc<Array>) -> R<Gc<Str>> {
        if !this.code.is_text() {
            return Err(value_error!("tounicode() may only be called on unicode type arrays ('u' or 'w')"));
        }
        text_of(this)
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cls: Gc<Class>, object: Value) -> R {
        objects::door::generic_alias(cls.value(), object)
    }
    /// the letter for the type of the items
    #[getter]
    fn typecode(this: Gc<Array>) -> Value {
        code_value(this)
    }
    /// the size of an item in bytes
    #[getter]
    fn itemsize(this: Gc<Array>) -> usize {
        this.code.size
    }
}

fn check_index(key: Value) -> R<()> {
    if key.is_int() || class_of(key).slots.index.get().is_some() {
        return Ok(());
    }
    Err(type_error!("array indices must be integers"))
}

/// The content as a bytes object, copied once.
fn copied_bytes(this: Gc<Array>) -> R {
    loop {
        let length = this.data.with(this, |data| data.len());
        let mut whole = false;
        let bytes = Bytes::build(length, |target| {
            this.data.with(this, |data| {
                whole = data.len() == length;
                if whole {
                    target.copy_from_slice(data);
                }
            })
        })?;
        // Else another thread was faster.
        if whole {
            return Ok(bytes.value());
        }
    }
}

fn find(this: Gc<Array>, value: Value, start: i64, stop: i64) -> R<Option<usize>> {
    if !this.code.is_text() && start >= 0 {
        let found = this.data.with(this, |data| {
            let mut index = start;
            while index < stop
                && let Some(number) = items::number_at(this.code, data, index as usize)
            {
                if number.equals(value)? {
                    return Some(Some(index as usize));
                }
                index += 1;
            }
            Some(None)
        });
        if let Some(found) = found {
            return Ok(found);
        }
    }
    let mut index = start;
    while index < stop {
        let Some(item) = get(this, index as usize)? else { break };
        if objects::compare_bool(CompareOp::Eq, item, value)? {
            return Ok(Some(index as usize));
        }
        index += 1;
    }
    Ok(None)
}

fn remove_at(this: Gc<Array>, index: usize) -> R<()> {
    let size = this.code.size;
    resize(this, |data| {
        if (index + 1) * size <= data.len() {
            data.drain(index * size..(index + 1) * size);
        }
    })
}

#[derive(Layout)]
#[repr(C)]
pub struct ArrayIterator {
    pub header: Header,
    /// Empty once exhausted.
    array: Slot,
    index: AtomicI64,
}

#[native_class(name = "array.arrayiterator", base = object, flags = "final no_new")]
impl ArrayIterator {
    fn __iter__(this: Gc<ArrayIterator>) -> Value {
        this.value()
    }
    fn __next__(this: Gc<ArrayIterator>) -> R<Option<Value>> {
        let Some(array) = this.array.get().and_then(|array| array.cast::<Array>()) else { return Ok(None) };
        let index = this.index.load(Ordering::Relaxed);
        match get(array, index.max(0) as usize)? {
            Some(item) => {
                this.index.store(index + 1, Ordering::Relaxed);
                Ok(Some(item))
            }
            None => {
                this.array.clear();
                Ok(None)
            }
        }
    }
    /// What pickle needs to make the same object.
    fn __reduce__(this: Gc<ArrayIterator>) -> R {
        let iter = objects::get_attr_named(objects::door::builtins_module()?, "iter")?;
        Ok(match this.array.get() {
            Some(array) => {
                let index = new_int(this.index.load(Ordering::Relaxed));
                new_tuple(&[iter, new_tuple(&[array]).value(), index]).value()
            }
            None => new_tuple(&[iter, new_tuple(&[new_list(&[]).value()]).value()]).value(),
        })
    }
    /// Take over the state that pickle has kept.
    #[sig("(state, /)")]
    fn __setstate__(this: Gc<ArrayIterator>, state: Value) -> R<()> {
        let index = objects::index(state)?;
        if let Some(array) = this.array.get().and_then(|array| array.cast::<Array>()) {
            this.index.store(index.clamp(0, len(array) as i64), Ordering::Relaxed);
        }
        Ok(())
    }
}

pub struct ArrayModule;

/// Arrays of numbers and characters.
#[native_module(name = "array", classes = [Array])]
impl ArrayModule {
    #[attr("typecodes")]
    const TYPE_CODES: &str = "bBuwhHiIlLqQfd";

    /// Make an array from a pickle.
    #[sig("(arraytype, typecode, mformat_code, items, /)")]
    fn _array_reconstructor(arraytype: Value, typecode: CodePoint, mformat_code: i32, items: Value) -> R {
        crate::array_pickle::reconstruct(arraytype, typecode.0, mformat_code, items)
    }
    fn __exec__(module: Value) -> R<()> {
        register(&EXPORTER);
        // Has no name in the module.
        objects::native::rt::class_of_def(ArrayIterator::CLASS_DEF);
        let array = objects::get_attr_named(module, "array")?;
        objects::set_attr(module, objects::intern("ArrayType"), array)?;
        // Patterns and isinstance checks treat arrays as mutable sequences.
        let import = objects::get_attr_named(objects::door::builtins_module()?, "__import__")?;
        match objects::call(
            import,
            &[
                objects::new_str("collections.abc"),
                Value::none(),
                Value::none(),
                new_tuple(&[objects::new_str("MutableSequence")]).value(),
            ],
        ) {
            Ok(abc) => {
                let class = objects::get_attr_named(abc, "MutableSequence")?;
                objects::call_method(class, interned!("register"), &[array])?;
            }
            Err(raised) if raised.is(&exc::IMPORT_ERROR) => raised.clear(),
            Err(raised) => return Err(raised),
        }
        Ok(())
    }
}
