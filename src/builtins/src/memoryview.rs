//! The Python-visible skin of `memoryview` and its iterator. Must not know: how exporters are found and held
//! (`objects::memoryview`), how items are read (`memory_items`).

use crate::bytes_common;
use crate::memory_items::{Format, unsupported};
use native_macros::{Layout as DeriveLayout, native_class};
use objects::buffer::{Dims, flags, get_buffer, has_buffer, release_view};
use objects::containers::poll_at;
use objects::error::{R, index_error, not_implemented_error, type_error, value_error};
use objects::list::{list_push, new_list};
use objects::memoryview::{self, BufferWrapper, MAX_NDIM, ManagedBuffer, MemoryView, Part};
use objects::slice::{Bounds, as_slice, slice_bounds};
use objects::{
    ByteArray, Bytes, Cast, Class, Gc, Header, List, Slot, Str, Tuple, Value, class_name, class_of, interned, is_int, new_int,
    new_native, new_str, new_tuple,
};
use std::borrow::Cow;
use std::sync::atomic::{AtomicI64, Ordering};

pub struct MemoryViewSkin;

/// A view of another object's memory as an array of items.
#[native_class(name = "memoryview", layout = MemoryView, base = object, flags = "final sequence weakref")]
impl MemoryViewSkin {
    #[new]
    #[sig("(object)")]
    fn new(_cls: Gc<Class>, object: Value) -> R<Gc<MemoryView>> {
        memoryview::memoryview_of(object)
    }
    /// A view by explicit request flags.
    #[classmethod]
    #[sig("($type, /, object, flags)")]
    fn _from_flags(_cls: Gc<Class>, object: Value, flags: i32) -> R<Gc<MemoryView>> {
        if !has_buffer(object) {
            return Err(type_error!("memoryview: a bytes-like object is required, not '{}'", class_name(object)));
        }
        memoryview::memoryview_with(object, flags as u32)
    }
    #[classmethod]
    fn __class_getitem__(cls: Gc<Class>, object: Value) -> R {
        crate::sequences::generic_alias(cls, object)
    }
    fn __repr__(this: Gc<MemoryView>) -> String {
        let word = if this.is_released() { "released memory" } else { "memory" };
        format!("<{word} at {:#x}>", this.value().raw())
    }
    fn __hash__(this: Gc<MemoryView>) -> R<i64> {
        if this.hash_known.load(Ordering::Acquire) {
            return Ok(this.hash.load(Ordering::Relaxed));
        }
        this.check()?;
        if !this.readonly {
            return Err(value_error!("cannot hash writable memoryview object"));
        }
        if !Format::native(&this.format).is_some_and(Format::is_byte) {
            return Err(value_error!("memoryview: hashing is restricted to formats 'B', 'b' or 'c'"));
        }
        let _held = this.exports.pin(this.value());
        if this.owner.cast::<BufferWrapper>().is_none() {
            objects::hash(this.owner)?;
        }
        let hash = match this.as_contiguous() {
            Some(bytes) => base::hash::hash_bytes(objects::str::hash_secret(), bytes),
            None => base::hash::hash_bytes(objects::str::hash_secret(), &this.to_bytes(false)),
        };
        this.hash.store(hash, Ordering::Relaxed);
        this.hash_known.store(true, Ordering::Release);
        Ok(hash)
    }
    fn __eq__(this: Gc<MemoryView>, other: Value) -> R {
        Ok(match equal(this, other)? {
            Some(answer) => Value::bool(answer),
            None => Value::not_implemented(),
        })
    }
    fn __ne__(this: Gc<MemoryView>, other: Value) -> R {
        Ok(match equal(this, other)? {
            Some(answer) => Value::bool(!answer),
            None => Value::not_implemented(),
        })
    }
    fn __lt__(_this: Gc<MemoryView>, _other: Value) -> R {
        Ok(Value::not_implemented())
    }
    fn __le__(_this: Gc<MemoryView>, _other: Value) -> R {
        Ok(Value::not_implemented())
    }
    fn __gt__(_this: Gc<MemoryView>, _other: Value) -> R {
        Ok(Value::not_implemented())
    }
    fn __ge__(_this: Gc<MemoryView>, _other: Value) -> R {
        Ok(Value::not_implemented())
    }
    fn __len__(this: Gc<MemoryView>) -> R<usize> {
        this.check()?;
        match this.shape.first() {
            Some(length) => Ok(*length as usize),
            None => Err(type_error!("0-dim memory has no length")),
        }
    }
    fn __getitem__(this: Gc<MemoryView>, key: Value) -> R {
        this.check()?;
        if this.ndim() == 0 {
            if key.cast::<Tuple>().is_some_and(|tuple| tuple.is_empty()) {
                return Ok(format_of(this)?.unpack(item_bytes(this, this.ptr)));
            }
            return if key.is_ellipsis() { Ok(this.value()) } else { Err(type_error!("invalid indexing of 0-dim memory")) };
        }
        if key.is_int() || class_of(key).slots.index.get().is_some() {
            let index = objects::index_for(key)?;
            return item(this, index);
        }
        if let Some(slice) = as_slice(key) {
            return sliced(this, slice).map(|view| view.value());
        }
        let pointer = multi_index(this, key)?;
        Ok(format_of(this)?.unpack(item_bytes(this, pointer)))
    }
    fn __setitem__(this: Gc<MemoryView>, key: Value, value: Value) -> R<()> {
        this.check()?;
        let format = format_of(this)?;
        if this.readonly {
            return Err(type_error!("cannot modify read-only memory"));
        }
        let pointer = if this.ndim() == 0 {
            if !key.is_ellipsis() && !key.cast::<Tuple>().is_some_and(|tuple| tuple.is_empty()) {
                return Err(type_error!("invalid indexing of 0-dim memory"));
            }
            this.ptr
        } else if key.is_int() || class_of(key).slots.index.get().is_some() {
            let index = objects::index_for(key)?;
            if this.ndim() > 1 {
                return Err(not_implemented_error!("sub-views are not implemented"));
            }
            item_pointer(this, this.ptr, 0, index)?
        } else if let Some(slice) = as_slice(key)
            && this.ndim() == 1
        {
            if assign_bytes(this, slice, value)? {
                return Ok(());
            }
            let target = sliced(this, slice)?;
            let result = this.check().and_then(|()| assign(target, value));
            memoryview::release(target)?;
            return result;
        } else if as_slice(key).is_some() {
            return Err(not_implemented_error!("memoryview slice assignments are currently restricted to ndim = 1"));
        } else {
            multi_index_or(this, key, "memoryview slice assignments are currently restricted to ndim = 1")?
        };
        let mut packed = [0u8; 8];
        let size = format.size();
        format.pack(&mut packed[..size], value, &this.format)?;
        // The conversion may have run code that released the view.
        this.check()?;
        // SAFETY: the address of an item of a held, writable view.
        unsafe { std::ptr::copy_nonoverlapping(packed.as_ptr(), pointer, size) };
        Ok(())
    }
    fn __delitem__(this: Gc<MemoryView>, _key: Value) -> R<()> {
        this.check()?;
        format_of(this)?;
        if this.readonly {
            return Err(type_error!("cannot modify read-only memory"));
        }
        Err(type_error!("cannot delete memory"))
    }
    fn __iter__(this: Gc<MemoryView>) -> R<Gc<MemoryIter>> {
        this.check()?;
        match this.ndim() {
            0 => return Err(type_error!("invalid indexing of 0-dim memory")),
            1 => {}
            _ => return Err(not_implemented_error!("multi-dimensional sub-views are not implemented")),
        }
        format_of(this)?;
        let length = this.shape[0] as i64;
        Ok(new_native(MemoryIter { header: Header::blank(), view: Slot::new(this.value()), position: AtomicI64::new(0), length }))
    }
    fn __buffer__(this: Gc<MemoryView>, flags: Value) -> R {
        objects::memoryview::buffer_method(this.value(), flags)
    }
    fn __release_buffer__(this: Gc<MemoryView>, buffer: Value) -> R<()> {
        objects::memoryview::release_buffer_method(this.value(), buffer)
    }
    /// Give the memory back.
    fn release(this: Gc<MemoryView>) -> R<()> {
        memoryview::release(this)
    }
    fn __enter__(this: Gc<MemoryView>) -> R<Gc<MemoryView>> {
        this.check()?;
        Ok(this)
    }
    #[sig("($self, /, *exc_info)")]
    fn __exit__(this: Gc<MemoryView>, exc_info: &[Value]) -> R<()> {
        let _ = exc_info;
        memoryview::release(this)
    }
    /// The bytes of all items, in C or Fortran order.
    #[sig("($self, /, order='C')")]
    fn tobytes(this: Gc<MemoryView>, order: Option<Value>) -> R<Gc<Bytes>> {
        this.check()?;
        let fortran = match order.filter(|order| !order.is_none()) {
            None => false,
            Some(order) => {
                let Some(text) = order.cast::<Str>() else {
                    return Err(type_error!("tobytes() argument 'order' must be str or None, not {}", class_name(order)));
                };
                match &*text.to_string_lossy() {
                    "C" => false,
                    "F" => true,
                    "A" => this.is_f_contiguous() && !this.is_c_contiguous(),
                    _ => return Err(value_error!("order must be 'C', 'F' or 'A'")),
                }
            }
        };
        let data = match this.as_contiguous() {
            Some(bytes) if !fortran => return Bytes::copied(bytes),
            _ => this.to_bytes(fortran),
        };
        Bytes::copied(&data)
    }
    /// Hexadecimal text of the bytes, with a separator between groups if wanted.
    #[sig("($self, /, sep=<unrepresentable>, bytes_per_sep=1)")]
    fn hex(this: Gc<MemoryView>, sep: Option<Value>, bytes_per_sep: i32) -> R<Gc<Str>> {
        this.check()?;
        let _held = sep.map(|_| this.exports.pin(this.value()));
        match this.as_contiguous() {
            Some(bytes) => bytes_common::hex(bytes, sep, bytes_per_sep),
            None => bytes_common::hex(&this.to_bytes(false), sep, bytes_per_sep),
        }
    }
    /// The items as a list, nested for more dimensions.
    fn tolist(this: Gc<MemoryView>) -> R {
        this.check()?;
        let format = format_of(this)?;
        if this.ndim() == 0 {
            return Ok(format.unpack(item_bytes(this, this.ptr)));
        }
        Ok(nested(this, format, this.ptr, 0)?.value())
    }
    /// The same memory as items of another format or shape.
    #[sig("($self, /, format, shape=<unrepresentable>)")]
    fn cast(this: Gc<MemoryView>, format: Gc<Str>, shape: Option<Value>) -> R<Gc<MemoryView>> {
        this.check()?;
        cast(this, format, shape)
    }
    /// The same view, not writable.
    fn toreadonly(this: Gc<MemoryView>) -> R<Gc<MemoryView>> {
        this.check()?;
        Ok(memoryview::derive(this, Part { readonly: true, ..Part::of(&this) }))
    }
    /// How many items equal the value.
    fn count(this: Gc<MemoryView>, value: Value) -> R<usize> {
        let iterator = MemoryViewSkin::__iter__(this)?;
        let (mut count, mut passed) = (0, 0);
        while let Some(item) = iterator.advance()? {
            poll_at(passed)?;
            passed += 1;
            count += usize::from(objects::containers::same_or_equal(item, value)?);
        }
        Ok(count)
    }
    /// The first position of the value.
    #[sig("($self, value, start=0, stop=sys.maxsize, /)")]
    fn index(this: Gc<MemoryView>, value: Value, start: Option<Value>, stop: Option<Value>) -> R<usize> {
        this.check()?;
        match this.ndim() {
            0 => return Err(type_error!("invalid lookup on 0-dim memory")),
            1 => {}
            _ => return Err(not_implemented_error!("multi-dimensional lookup is not implemented")),
        }
        let len = this.shape[0] as i64;
        let bound = |value: Option<Value>, absent: i64| -> R<i64> {
            let number = crate::sequences::search_bound(value, absent)?;
            Ok(if number < 0 { number.saturating_add(len).max(0) } else { number.min(len) })
        };
        let (start, stop) = (bound(start, 0)?, bound(stop, i64::MAX)?);
        for index in start..stop {
            poll_at(index as usize)?;
            let found = item(this, index)?;
            if objects::containers::same_or_equal(found, value)? {
                return Ok(index as usize);
            }
            this.check()?;
        }
        Err(value_error!("memoryview.index(x): x not found"))
    }
    /// The object whose memory this is.
    #[getter]
    fn obj(this: Gc<MemoryView>) -> R {
        this.check()?;
        Ok(this.owner)
    }
    /// Bytes of all items.
    #[getter]
    fn nbytes(this: Gc<MemoryView>) -> R<usize> {
        this.check()?;
        Ok(this.len)
    }
    /// Whether the memory cannot be written.
    #[getter]
    fn readonly(this: Gc<MemoryView>) -> R<bool> {
        this.check()?;
        Ok(this.readonly)
    }
    /// Bytes of one item.
    #[getter]
    fn itemsize(this: Gc<MemoryView>) -> R<usize> {
        this.check()?;
        Ok(this.itemsize)
    }
    /// The format of items, as in module struct.
    #[getter]
    fn format(this: Gc<MemoryView>) -> R {
        this.check()?;
        Ok(new_str(&this.format))
    }
    /// Number of dimensions.
    #[getter]
    fn ndim(this: Gc<MemoryView>) -> R<usize> {
        this.check()?;
        Ok(this.ndim())
    }
    /// Length of each dimension.
    #[getter]
    fn shape(this: Gc<MemoryView>) -> R {
        this.check()?;
        Ok(numbers(&this.shape))
    }
    /// Bytes from one item to the next in each dimension.
    #[getter]
    fn strides(this: Gc<MemoryView>) -> R {
        this.check()?;
        Ok(numbers(&this.strides))
    }
    /// Empty: there are no indirect arrays here.
    #[getter]
    fn suboffsets(this: Gc<MemoryView>) -> R {
        this.check()?;
        Ok(numbers(&[]))
    }
    /// Whether items lie together in C order.
    #[getter]
    fn c_contiguous(this: Gc<MemoryView>) -> R<bool> {
        this.check()?;
        Ok(this.is_c_contiguous())
    }
    /// Whether items lie together in Fortran order.
    #[getter]
    fn f_contiguous(this: Gc<MemoryView>) -> R<bool> {
        this.check()?;
        Ok(this.is_f_contiguous())
    }
    /// Whether items lie together in either order.
    #[getter]
    fn contiguous(this: Gc<MemoryView>) -> R<bool> {
        this.check()?;
        Ok(this.is_c_contiguous() || this.is_f_contiguous())
    }
}

fn numbers(numbers: &[isize]) -> Value {
    let values: objects::GcVec = numbers.iter().map(|number| new_int(*number as i64)).collect();
    new_tuple(&values).value()
}

fn format_of(view: Gc<MemoryView>) -> R<Format> {
    Format::native(&view.format).filter(|format| format.size() == view.itemsize).ok_or_else(|| unsupported(&view.format))
}

fn item_bytes(view: Gc<MemoryView>, pointer: *mut u8) -> &'static [u8] {
    // SAFETY: the address of an item of a held view.
    unsafe { std::slice::from_raw_parts(pointer, view.itemsize) }
}

/// The address `index` steps along a dimension.
fn item_pointer(view: Gc<MemoryView>, from: *mut u8, dimension: usize, index: i64) -> R<*mut u8> {
    let length = view.shape[dimension] as i64;
    let place = if index < 0 { index + length } else { index };
    if place < 0 || place >= length {
        return Err(index_error!("index out of bounds on dimension {}", dimension + 1));
    }
    Ok(from.wrapping_offset(place as isize * view.strides[dimension]))
}

#[inline]
fn item(view: Gc<MemoryView>, index: i64) -> R {
    let format = format_of(view)?;
    if view.ndim() > 1 {
        return Err(not_implemented_error!("multi-dimensional sub-views are not implemented"));
    }
    view.check()?;
    let pointer = item_pointer(view, view.ptr, 0, index)?;
    Ok(format.unpack(item_bytes(view, pointer)))
}

fn multi_index(view: Gc<MemoryView>, key: Value) -> R<*mut u8> {
    multi_index_or(view, key, "multi-dimensional slicing is not implemented")
}

/// The item that a tuple of indices names.
fn multi_index_or(view: Gc<MemoryView>, key: Value, slicing: &str) -> R<*mut u8> {
    let Some(keys) = key.cast::<Tuple>() else { return Err(type_error!("memoryview: invalid slice key")) };
    let is_index = |key: &Value| is_int(*key) || class_of(*key).slots.index.get().is_some();
    if !keys.items().iter().all(is_index) {
        if !keys.is_empty() && keys.items().iter().all(|key| as_slice(*key).is_some()) {
            return Err(not_implemented_error!("{slicing}"));
        }
        return Err(type_error!("memoryview: invalid slice key"));
    }
    format_of(view)?;
    if keys.len() < view.ndim() {
        return Err(not_implemented_error!("sub-views are not implemented"));
    }
    if keys.len() > view.ndim() {
        return Err(type_error!("cannot index {}-dimension view with {}-element tuple", view.ndim(), keys.len()));
    }
    let mut pointer = view.ptr;
    for (dimension, key) in keys.items().iter().enumerate() {
        pointer = item_pointer(view, pointer, dimension, objects::index_for(*key)?)?;
    }
    view.check()?;
    Ok(pointer)
}

/// The view of a part of the first dimension.
fn sliced(view: Gc<MemoryView>, slice: Gc<objects::Slice>) -> R<Gc<MemoryView>> {
    if !slice.parts().iter().all(|part| part.is_int() || part.is_none()) {
        // Reading the bounds may run code that releases the view: a view of its own keeps the memory for the result.
        let held = memoryview::derive(view, Part::of(&view));
        let bounds = slice_bounds(slice)?;
        let part = part_of(held, bounds);
        let result = memoryview::derive(held, part);
        memoryview::release(held)?;
        return Ok(result);
    }
    let bounds = slice_bounds(slice)?;
    Ok(memoryview::derive(view, part_of(view, bounds)))
}

fn part_of(view: Gc<MemoryView>, bounds: Bounds) -> Part {
    let run = bounds.adjust(view.shape[0] as usize);
    if let ([stride], [_]) = (&*view.strides, &*view.shape) {
        return Part {
            ptr: view.ptr.wrapping_offset((run.start as isize).wrapping_mul(*stride)),
            len: run.count * view.itemsize,
            itemsize: view.itemsize,
            format: view.format.clone(),
            shape: Dims::one(run.count as isize),
            strides: Dims::one(stride.wrapping_mul(run.step as isize)),
            readonly: view.readonly,
        };
    }
    let (mut shape, mut strides) = (view.shape.to_vec(), view.strides.to_vec());
    let ptr = view.ptr.wrapping_offset((run.start as isize).wrapping_mul(strides[0]));
    shape[0] = run.count as isize;
    strides[0] = strides[0].wrapping_mul(run.step as isize);
    let len = shape.iter().product::<isize>() as usize * view.itemsize;
    Part { ptr, len, shape: Dims::new(&shape), strides: Dims::new(&strides), ..Part::of(&view) }
}

/// `view[slice] = value` of as many plain bytes that lie side by side. False: it is something else, and nothing was done.
fn assign_bytes(view: Gc<MemoryView>, slice: Gc<objects::Slice>, value: Value) -> R<bool> {
    let source = match (value.cast_exact::<Bytes>(), value.cast_exact::<ByteArray>()) {
        (Some(bytes), _) => bytes.as_slice(),
        (_, Some(array)) => objects::bytearray::snapshot(array),
        _ => return Ok(false),
    };
    if view.format != "B" || !slice.parts().iter().all(|part| part.is_int() || part.is_none()) {
        return Ok(false);
    }
    let part = part_of(view, slice_bounds(slice)?);
    if part.len != source.len() || part.strides[0] != 1 {
        return Ok(false);
    }
    // SAFETY: items of the held, writable view, and memory that stays allocated; the two may overlap.
    unsafe { std::ptr::copy(source.as_ptr(), part.ptr, part.len) };
    Ok(true)
}

/// `target[:] = value` in one dimension.
fn assign(target: Gc<MemoryView>, value: Value) -> R<()> {
    if !has_buffer(value) {
        return Err(type_error!("a bytes-like object is required, not '{}'", class_name(value)));
    }
    let source = get_buffer(value, flags::FULL_RO)?;
    let same_format = Format::native(&source.format) == Format::native(&target.format) && source.itemsize == target.itemsize
        || source.format == target.format;
    let fits = same_format && source.shape.len() == 1 && source.shape[0] == target.shape[0];
    if !fits {
        release_view(source);
        return Err(value_error!("memoryview assignment: lvalue and rvalue have different structures"));
    }
    let size = target.itemsize;
    let count = target.shape[0];
    // Through a copy, since the two may overlap.
    let mut data = base::memory::with_room(target.len);
    for index in 0..count {
        let pointer = source.ptr.wrapping_offset(index * source.strides[0]);
        // SAFETY: an item of the borrowed source.
        data.extend_from_slice(unsafe { std::slice::from_raw_parts(pointer, size) });
    }
    release_view(source);
    for index in 0..count {
        let pointer = target.ptr.wrapping_offset(index * target.strides[0]);
        // SAFETY: an item of the held, writable target.
        unsafe { std::ptr::copy_nonoverlapping(data.as_ptr().add(index as usize * size), pointer, size) };
    }
    Ok(())
}

fn nested(view: Gc<MemoryView>, format: Format, pointer: *mut u8, dimension: usize) -> R<Gc<List>> {
    let list = objects::list::list_with_room(view.shape[dimension].max(0) as usize);
    for index in 0..view.shape[dimension] {
        poll_at(index as usize)?;
        let pointer = pointer.wrapping_offset(index * view.strides[dimension]);
        if dimension + 1 == view.ndim() {
            list_push(list, format.unpack(item_bytes(view, pointer)));
        } else {
            list_push(list, nested(view, format, pointer, dimension + 1)?.value());
        }
    }
    Ok(list)
}

fn cast(view: Gc<MemoryView>, format: Gc<Str>, shape: Option<Value>) -> R<Gc<MemoryView>> {
    if !view.is_c_contiguous() {
        return Err(type_error!("memoryview: casts are restricted to C-contiguous views"));
    }
    if (shape.is_some() || view.ndim() != 1) && view.shape.contains(&0) {
        return Err(type_error!("memoryview: cannot cast view with zeros in shape or strides"));
    }
    let dimensions = match shape.filter(|shape| !shape.is_none()) {
        None => None,
        Some(shape) => {
            if shape.cast::<List>().is_none() && shape.cast::<Tuple>().is_none() {
                return Err(type_error!("shape must be a list or a tuple"));
            }
            let entries = objects::to_vec(shape)?;
            if entries.len() > MAX_NDIM {
                return Err(value_error!("memoryview: number of dimensions must not exceed {MAX_NDIM}"));
            }
            if view.ndim() != 1 && entries.len() != 1 {
                return Err(type_error!("memoryview: cast must be 1D -> ND or ND -> 1D"));
            }
            Some(entries)
        }
    };
    let text = format.to_string_lossy();
    let Some(to) = Format::native(&text) else {
        return Err(value_error!(
            "memoryview: destination format must be a native single character format prefixed with an optional '@'"
        ));
    };
    // To bytes from anything, structures of other byte orders included.
    if !to.is_byte() && !Format::native(&view.format).is_some_and(|from| from.is_byte()) {
        return Err(type_error!("memoryview: cannot cast between two non-byte formats"));
    }
    let size = to.size();
    if !view.len.is_multiple_of(size) {
        return Err(type_error!("memoryview: length is not a multiple of itemsize"));
    }
    let (shape, strides) = match dimensions {
        None => (Dims::one((view.len / size) as isize), Dims::one(size as isize)),
        Some(entries) => {
            let mut shape = Vec::with_capacity(entries.len());
            let mut product = size as isize;
            for entry in &entries {
                if !is_int(*entry) {
                    return Err(type_error!("memoryview.cast(): elements of shape must be integers"));
                }
                let length = objects::index(*entry)? as isize;
                if length <= 0 {
                    return Err(value_error!("memoryview.cast(): elements of shape must be integers > 0"));
                }
                let Some(next) = product.checked_mul(length) else {
                    return Err(value_error!("memoryview.cast(): product(shape) > SSIZE_MAX"));
                };
                product = next;
                shape.push(length);
            }
            if product as usize != view.len {
                return Err(type_error!("memoryview: product(shape) * itemsize != buffer size"));
            }
            let mut strides = vec![0; shape.len()];
            let mut stride = size as isize;
            for (place, length) in strides.iter_mut().zip(&shape).rev() {
                *place = stride;
                stride *= length;
            }
            (Dims::new(&shape), Dims::new(&strides))
        }
    };
    let part = Part { itemsize: size, format: Cow::Owned(text), shape, strides, ..Part::of(&view) };
    Ok(memoryview::derive(view, part))
}

/// `view == other`; None if the other object has no memory to compare.
fn equal(view: Gc<MemoryView>, other: Value) -> R<Option<bool>> {
    if view.value() == other && !view.is_released() {
        // Items that differ from themselves count.
        if Format::native(&view.format).is_some_and(Format::is_exact) {
            return Ok(Some(true));
        }
    }
    if view.is_released() {
        return Ok(Some(view.value() == other));
    }
    let right = match other.cast::<MemoryView>() {
        Some(right) if right.is_released() => return Ok(Some(false)),
        Some(right) => right,
        None if !has_buffer(other) => return Ok(None),
        None => match memoryview::memoryview_of(other) {
            Ok(right) => right,
            Err(raised) => {
                raised.clear();
                return Ok(None);
            }
        },
    };
    let answer = equal_views(view, right);
    if other.cast::<MemoryView>().is_none() {
        memoryview::release(right)?;
    }
    answer.map(Some)
}

fn equal_views(left: Gc<MemoryView>, right: Gc<MemoryView>) -> R<bool> {
    if left.shape[..] != right.shape[..] {
        return Ok(false);
    }
    let formats = (Format::native(&left.format), Format::native(&right.format));
    let (left_bytes, right_bytes) = (left.to_bytes(false), right.to_bytes(false));
    if let (Some(a), Some(b)) = formats {
        if a == b && a.is_exact() {
            return Ok(left_bytes == right_bytes);
        }
        for (x, y) in left_bytes.chunks(a.size()).zip(right_bytes.chunks(b.size())) {
            if !objects::eq(a.unpack(x), b.unpack(y))? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    let (Some(a), Some(b)) = (struct_items(left, &left_bytes)?, struct_items(right, &right_bytes)?) else { return Ok(false) };
    objects::eq(a, b)
}

/// The items read by module struct; None if it does not know the format.
fn struct_items(view: Gc<MemoryView>, data: &[u8]) -> R<Option<Value>> {
    let import = objects::lookup::get_attr_named(objects::door::builtins_module()?, "__import__")?;
    let module = objects::call(import, &[new_str("struct")])?;
    let format = new_str(&view.format);
    let list = new_list(&[]);
    for chunk in data.chunks(view.itemsize.max(1)) {
        match objects::call_method(module, interned!("unpack"), &[format, objects::new_bytes(chunk)]) {
            Ok(items) => list_push(list, items),
            Err(raised) => {
                let error = objects::lookup::get_attr_named(module, "error")?;
                if error.cast::<Class>().is_some_and(|class| raised.is_class(class)) {
                    raised.clear();
                    return Ok(None);
                }
                return Err(raised);
            }
        }
    }
    Ok(Some(list.value()))
}

#[derive(DeriveLayout)]
#[repr(C)]
pub struct MemoryIter {
    pub header: Header,
    view: Slot,
    position: AtomicI64,
    length: i64,
}

impl MemoryIter {
    fn advance(&self) -> R<Option<Value>> {
        let Some(view) = self.view.get().and_then(|view| view.cast::<MemoryView>()) else { return Ok(None) };
        let position = self.position.load(Ordering::Relaxed);
        if position >= self.length {
            self.view.clear();
            return Ok(None);
        }
        view.check()?;
        self.position.store(position + 1, Ordering::Relaxed);
        let pointer = view.ptr.wrapping_offset(position as isize * view.strides[0]);
        Ok(Some(format_of(view)?.unpack(item_bytes(view, pointer))))
    }
}

pub struct MemoryIterSkin;
#[native_class(name = "memory_iterator", layout = MemoryIter, base = object, flags = "final no_new")]
impl MemoryIterSkin {
    fn __iter__(this: Gc<MemoryIter>) -> Gc<MemoryIter> {
        this
    }
    fn __next__(this: Gc<MemoryIter>) -> R<Option<Value>> {
        this.advance()
    }
}

pub struct ManagedBufferSkin;
#[native_class(name = "managedbuffer", layout = ManagedBuffer, base = object, flags = "final no_new")]
impl ManagedBufferSkin {}

pub struct BufferWrapperSkin;
#[native_class(name = "_buffer_wrapper", layout = BufferWrapper, base = object, flags = "final no_new")]
impl BufferWrapperSkin {
    fn __del__(this: Gc<BufferWrapper>) {
        memoryview::release_wrapper(this);
    }
}
