//! `Struct`, the iterator of `iter_unpack`, and the cache of compiled formats.

use crate::structs::ERROR;
use crate::structs::codes::{pack_item, unpack_item};
use crate::structs::format::{Format, compile};
use native_macros::{Layout, native_class};
use objects::dict::{dict_clear, dict_get, dict_set};
use objects::{
    Args, Buf, Bytes, Cast, Class, Dict, Gc, GcVec, Header, R, Slot, Str, Value, WritableBuf, class_name, class_of, new_dict,
    new_int_usize, new_native, new_object, new_str, new_tuple, runtime_error, type_error,
};
use std::sync::atomic::{AtomicUsize, Ordering};

struct Plan(Format);
objects::no_references!(Plan);

/// A compiled format.
#[derive(Layout)]
#[repr(C)]
pub struct Compiled {
    pub header: Header,
    plan: Plan,
}

impl Compiled {
    pub fn size(&self) -> usize {
        self.plan.0.size
    }
}

#[native_class(name = "_struct._compiled", base = object, flags = "final no_new")]
impl Compiled {}

/// Formats compiled lately, as a dict from format to `Compiled`.
/// By text, and by bytes: keys of both kinds in one dict would be compared, which `-bb` does not allow.
static CACHES: [Slot; 2] = [Slot::empty(), Slot::empty()];
const CACHE_LIMIT: usize = 100;

fn cache(slot: &Slot) -> Gc<Dict> {
    if let Some(dict) = slot.get().and_then(|dict| dict.cast::<Dict>()) {
        return dict;
    }
    let fresh = new_dict();
    objects::roots::keep_forever(fresh.value());
    match slot.compare_set(None, Some(fresh.value())) {
        Ok(()) => fresh,
        Err(_) => cache(slot),
    }
}

/// The cache for a format of that kind; subclasses have none.
fn cache_for(format: Value) -> Option<Gc<Dict>> {
    if format.cast_exact::<Str>().is_some() {
        return Some(cache(&CACHES[0]));
    }
    format.cast_exact::<Bytes>().map(|_| cache(&CACHES[1]))
}

pub fn clear_cache() {
    for slot in &CACHES {
        dict_clear(cache(slot));
    }
}

/// The compiled form of a format, from the cache if it is there.
pub fn compiled(format: Value) -> R<Gc<Compiled>> {
    if let Some(format) = format.cast::<Struct>() {
        return format.compiled();
    }
    let cache = cache_for(format);
    if let Some(cache) = cache
        && let Some(found) = dict_get(cache, format)?
        && let Some(found) = found.cast::<Compiled>()
    {
        return Ok(found);
    }
    let made = compile_value(format)?;
    if let Some(cache) = cache {
        if cache.len() >= CACHE_LIMIT {
            dict_clear(cache);
        }
        dict_set(cache, format, made.value())?;
    }
    Ok(made)
}

/// The characters of a format, which must be ASCII if it is a str.
fn format_text(format: Value) -> R<Vec<u8>> {
    if let Some(text) = format.cast::<Str>() {
        return match text.as_ascii() {
            Some(ascii) => Ok(base::memory::copied(ascii.as_bytes())),
            None => {
                let encoded = objects::call_method(format, objects::interned!("encode"), &[new_str("ascii")])?;
                Ok(Buf::new(encoded)?.to_vec())
            }
        };
    }
    match format.cast::<Bytes>() {
        Some(bytes) => Ok(base::memory::copied(bytes.as_slice())),
        None => Err(type_error!("Struct() argument 1 must be a str or bytes object, not {}", class_name(format))),
    }
}

fn compile_value(format: Value) -> R<Gc<Compiled>> {
    let text = format_text(format)?;
    match compile(&text) {
        Ok(plan) => Ok(new_native(Compiled { header: Header::blank(), plan: Plan(plan) })),
        Err(error) => Err(ERROR.raise(error.text())),
    }
}

fn write(format: &Format, values: &[Value], bytes: &mut [u8]) -> R<()> {
    let mut values = values.iter();
    for field in &format.fields {
        for number in 0..field.count {
            let start = field.offset + number * field.size;
            let Some(value) = values.next() else { return Ok(()) };
            pack_item(field, *value, &mut bytes[start..start + field.size], format.big_endian)?;
        }
    }
    Ok(())
}

#[inline(always)]
fn each_item(format: &Format, bytes: &[u8], mut visit: impl FnMut(Value)) {
    for field in &format.fields {
        for number in 0..field.count {
            let start = field.offset + number * field.size;
            visit(unpack_item(field, &bytes[start..start + field.size], format.big_endian));
        }
    }
}

fn read(format: &Format, bytes: &[u8]) -> Value {
    const INLINE: usize = 16;
    if format.values <= INLINE {
        let mut items = [Value::none(); INLINE];
        let mut used = 0;
        each_item(format, bytes, |value| {
            items[used] = value;
            used += 1;
        });
        return new_tuple(&items[..used]).value();
    }
    let mut items = GcVec::with_capacity(format.values);
    let mut pace = base::pause::Pace::new();
    each_item(format, bytes, |value| {
        pace.at(items.len());
        items.push(value)
    });
    new_tuple(&items).value()
}

fn check_values(format: &Format, given: usize, function: &str) -> R<()> {
    if given != format.values {
        return Err(ERROR.raise(&format!("{function} expected {} items for packing (got {given})", format.values)));
    }
    Ok(())
}

pub fn pack(compiled: Gc<Compiled>, values: &[Value]) -> R {
    let format = &compiled.plan.0;
    check_values(format, values.len(), "pack")?;
    if format.size <= 64 {
        let mut bytes = [0u8; 64];
        write(format, values, &mut bytes[..format.size])?;
        return Ok(objects::new_bytes(&bytes[..format.size]));
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(format.size).map_err(|_| objects::memory_error())?;
    bytes.resize(format.size, 0);
    write(format, values, &mut bytes)?;
    Ok(objects::new_bytes(&bytes))
}

/// `rest` is the buffer, the offset and the values.
pub fn pack_into(compiled: Gc<Compiled>, rest: &[Value]) -> R<()> {
    let format = &compiled.plan.0;
    let [buffer, offset, values @ ..] = rest else {
        let missing = if rest.is_empty() { "buffer" } else { "offset" };
        return Err(ERROR.raise(&format!("pack_into expected {missing} argument")));
    };
    check_values(format, values.len(), "pack_into")?;
    let mut target = match WritableBuf::new(*buffer) {
        Ok(target) => target,
        Err(raised) => {
            raised.clear();
            return Err(type_error!("argument must be read-write bytes-like object, not {}", class_name(*buffer)));
        }
    };
    let offset = objects::index(*offset)?;
    let length = target.len() as i64;
    let size = format.size as i64;
    let start = if offset < 0 {
        if offset.saturating_add(size) > 0 {
            return Err(ERROR.raise(&format!("no space to pack {size} bytes at offset {offset}")));
        }
        if offset + length < 0 {
            return Err(ERROR.raise(&format!("offset {offset} out of range for {length}-byte buffer")));
        }
        offset + length
    } else {
        offset
    };
    if length - start < size {
        return Err(ERROR.raise(&format!(
            "pack_into requires a buffer of at least {} bytes for packing {size} bytes at offset {start} (actual buffer size is {length})",
            size as i128 + start as i128
        )));
    }
    // Values are converted first: that may run Python code, and half a write must not remain.
    let mut bytes = vec![0; format.size];
    write(format, values, &mut bytes)?;
    let start = start as usize;
    target.as_mut_slice()[start..start + bytes.len()].copy_from_slice(&bytes);
    Ok(())
}

pub fn unpack(compiled: Gc<Compiled>, bytes: &[u8]) -> R {
    let format = &compiled.plan.0;
    if bytes.len() != format.size {
        return Err(ERROR.raise(&format!("unpack requires a buffer of {} bytes", format.size)));
    }
    Ok(read(format, bytes))
}

pub fn unpack_from(compiled: Gc<Compiled>, bytes: &[u8], offset: isize) -> R {
    let format = &compiled.plan.0;
    let (length, size, offset) = (bytes.len() as i64, format.size as i64, offset as i64);
    let start = if offset < 0 {
        if offset.saturating_add(size) > 0 {
            return Err(ERROR.raise(&format!("not enough data to unpack {size} bytes at offset {offset}")));
        }
        if offset + length < 0 {
            return Err(ERROR.raise(&format!("offset {offset} out of range for {length}-byte buffer")));
        }
        offset + length
    } else {
        offset
    };
    if length - start < size {
        return Err(ERROR.raise(&format!(
            "unpack_from requires a buffer of at least {} bytes for unpacking {size} bytes at offset {start} (actual buffer size is {length})",
            size as i128 + start as i128
        )));
    }
    let start = start as usize;
    Ok(read(format, &bytes[start..start + format.size]))
}

pub fn iter_unpack(compiled: Gc<Compiled>, buffer: Value) -> R<Gc<UnpackIterator>> {
    let format = &compiled.plan.0;
    if format.size == 0 {
        return Err(ERROR.raise("cannot iteratively unpack with a struct of length 0"));
    }
    let length = Buf::new(buffer)?.len();
    if length % format.size != 0 {
        return Err(ERROR.raise(&format!("iterative unpacking requires a buffer of a multiple of {} bytes", format.size)));
    }
    Ok(new_native(UnpackIterator {
        header: Header::blank(),
        format: compiled,
        buffer: Slot::new(buffer),
        position: AtomicUsize::new(0),
    }))
}

#[derive(Layout)]
#[repr(C)]
pub struct UnpackIterator {
    pub header: Header,
    format: Gc<Compiled>,
    /// Empty once exhausted.
    buffer: Slot,
    position: AtomicUsize,
}

#[native_class(name = "_struct.unpack_iterator", base = object, flags = "final no_new")]
impl UnpackIterator {
    fn __iter__(this: Gc<UnpackIterator>) -> Value {
        this.value()
    }
    fn __next__(this: Gc<UnpackIterator>) -> R<Option<Value>> {
        let Some(buffer) = this.buffer.get() else { return Ok(None) };
        let format = &this.format.plan.0;
        let bytes = Buf::new(buffer)?;
        let start = this.position.load(Ordering::Relaxed);
        match bytes.get(start..start + format.size) {
            Some(part) => {
                this.position.store(start + format.size, Ordering::Relaxed);
                Ok(Some(read(format, part)))
            }
            None => {
                this.buffer.clear();
                Ok(None)
            }
        }
    }
    fn __length_hint__(this: Gc<UnpackIterator>) -> R<usize> {
        let Some(buffer) = this.buffer.get() else { return Ok(0) };
        let left = Buf::new(buffer)?.len().saturating_sub(this.position.load(Ordering::Relaxed));
        Ok(left / this.format.plan.0.size)
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct Struct {
    pub header: Header,
    /// A str.
    text: Slot,
    compiled: Slot,
}

impl Struct {
    fn compiled(&self) -> R<Gc<Compiled>> {
        match self.compiled.get().and_then(|compiled| compiled.cast::<Compiled>()) {
            Some(compiled) => Ok(compiled),
            None => Err(runtime_error!("Struct object is not initialized")),
        }
    }
}

/// A compiled format with the functions of the module as methods.
#[native_class(name = "_struct.Struct", base = object, flags = "weakref")]
impl Struct {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        Ok(new_object(cls, Struct { header: Header::blank(), text: Slot::empty(), compiled: Slot::empty() }).value())
    }
    #[sig("(format)", hidden)]
    fn __init__(this: Gc<Struct>, format: Value) -> R<()> {
        let text = format_text(format)?;
        let compiled = compiled(format)?;
        this.text.set(Str::from_latin1(&text).value());
        this.compiled.set(compiled.value());
        Ok(())
    }
    fn __repr__(this: Gc<Struct>) -> R<String> {
        this.compiled()?;
        let text = objects::repr(this.text.get().unwrap_or(Value::none()))?.to_string_lossy();
        Ok(format!("{}({text})", class_of(this.value()).name_text()))
    }
    /// S.pack(v1, v2, ...) -> bytes
    ///
    /// The values v1, v2, ... as bytes in the format of this object.
    #[sig("(*values)", hidden)]
    fn pack(this: Gc<Struct>, values: &[Value]) -> R {
        pack(this.compiled()?, values)
    }
    /// S.pack_into(buffer, offset, v1, v2, ...)
    ///
    /// Writes the values v1, v2, ... into a writable buffer.
    #[sig("(*values)", hidden)]
    fn pack_into(this: Gc<Struct>, values: &[Value]) -> R<()> {
        pack_into(this.compiled()?, values)
    }
    /// The values in a buffer of exactly the size of the format, as a tuple.
    #[sig("(buffer, /)")]
    fn unpack(this: Gc<Struct>, buffer: Buf) -> R {
        unpack(this.compiled()?, &buffer)
    }
    /// The values in a buffer from offset on, as a tuple.
    #[sig("(buffer, offset=0)")]
    fn unpack_from(this: Gc<Struct>, buffer: Buf, offset: isize) -> R {
        unpack_from(this.compiled()?, &buffer, offset)
    }
    /// Iterator over the tuples of values in a buffer that holds the format several times.
    #[sig("(buffer, /)")]
    fn iter_unpack(this: Gc<Struct>, buffer: Value) -> R<Gc<UnpackIterator>> {
        iter_unpack(this.compiled()?, buffer)
    }
    /// The number of bytes that the object takes in memory.
    fn __sizeof__(this: Gc<Struct>) -> R<usize> {
        let fields = this.compiled()?.plan.0.fields.len();
        Ok(std::mem::size_of::<Struct>() + std::mem::size_of::<Compiled>() + (fields + 1) * 40)
    }
    /// struct format string
    #[getter]
    fn format(this: Gc<Struct>) -> R {
        this.compiled()?;
        Ok(this.text.get().unwrap_or(Value::none()))
    }
    /// struct size in bytes
    #[getter]
    fn size(this: Gc<Struct>) -> Value {
        match this.compiled() {
            Ok(compiled) => new_int_usize(compiled.size()),
            Err(raised) => {
                raised.clear();
                Value::small(-1)
            }
        }
    }
}
