//! Small helpers that several modules of this crate share: text of file names, imports, writing to `sys.stderr`, deadlines.

use objects::{
    Cast, Gc, Module, R, Raised, Str, Value, call_method, exc, interned, new_error_args, new_int, new_list, new_str,
    overflow_error, value_error,
};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

/// Bytes of the system as str: UTF-8, other bytes as lone surrogates.
pub fn fs_str(bytes: &[u8]) -> Value {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return new_str(text);
    }
    let mut points = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        points.extend(chunk.valid().chars().map(|c| c as u32));
        points.extend(chunk.invalid().iter().map(|byte| 0xdc00 + *byte as u32));
    }
    Str::from_chars(points.into_iter()).value()
}
pub fn os_str(text: &OsStr) -> Value {
    fs_str(text.as_bytes())
}
pub fn os_str_list<T: AsRef<OsStr>>(texts: &[T]) -> Value {
    let items: objects::GcVec = texts.iter().map(|text| os_str(text.as_ref())).collect();
    new_list(&items).value()
}

/// `__import__(name)`; for a dotted name the last module.
pub fn import(name: &str) -> R {
    objects::system::import(name)
}
/// `name.attribute`, imported if need be.
pub fn import_from(name: &str, attribute: &str) -> R {
    objects::get_attr_named(import(name)?, attribute)
}

/// `sys.stderr`, unless it is missing or None.
pub fn stderr() -> Option<Value> {
    objects::system::sys_attr("stderr").filter(|file| !file.is_none())
}
pub fn write(file: Value, text: &str) -> R<()> {
    call_method(file, interned!("write"), &[new_str(text)]).map(|_| ())
}
pub fn flush(file: Value) -> R<()> {
    call_method(file, interned!("flush"), &[]).map(|_| ())
}
/// Writes to `sys.stderr`, or to the file descriptor if that does not work. Never fails.
pub fn write_stderr(text: &str) {
    let written = match stderr() {
        Some(file) => match write(file, text) {
            Ok(()) => true,
            Err(raised) => {
                raised.clear();
                false
            }
        },
        None => false,
    };
    if !written && objects::system::sys_attr("stderr").is_none() {
        write_fd(2, text.as_bytes());
    }
}
/// Writes to a file descriptor without any buffering.
pub fn write_fd(fd: i32, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        // SAFETY: a plain write of initialised bytes.
        let count = unsafe { libc::write(fd, bytes.as_ptr().cast(), bytes.len()) };
        if count <= 0 {
            return;
        }
        bytes = &bytes[count as usize..];
    }
}

/// `StopIteration`-free view of a module's attribute.
pub fn module_attr(module: Value, name: &str) -> Option<Value> {
    module.cast::<Module>()?.get(name)
}

/// Adds `name = value` for each int of the table.
pub fn set_ints(module: Value, table: &[(&str, i64)]) -> R<()> {
    let Some(module) = module.cast::<Module>() else { return Ok(()) };
    for (name, value) in table {
        module.set(name, new_int(*value))?;
    }
    Ok(())
}
pub fn set_attr(module: Value, name: &str, value: Value) -> R<()> {
    match module.cast::<Module>() {
        Some(module) => module.set(name, value),
        None => objects::set_attr(module, objects::intern(name), value),
    }
}

/// The exception's traceback, None if it has none.
pub fn traceback_of(exception: Value) -> Value {
    exception.cast::<exc::BaseException>().and_then(|exception| exception.traceback.get()).unwrap_or(Value::none())
}

/// How a number of seconds with a fraction below a nanosecond is cut.
#[derive(Clone, Copy, PartialEq)]
pub enum Round {
    Ceiling,
    Floor,
    HalfEven,
    /// Away from zero.
    Up,
}

/// A number of seconds as nanoseconds.
pub fn seconds_to_nanoseconds(value: Value, round: Round) -> R<i64> {
    if let Some(seconds) = objects::float_value(value) {
        if seconds.is_nan() {
            return Err(value_error!("Invalid value NaN (not a number)"));
        }
        let exact = seconds * 1e9;
        let nanoseconds = match round {
            Round::Ceiling => exact.ceil(),
            Round::Floor => exact.floor(),
            Round::HalfEven => exact.round_ties_even(),
            Round::Up => {
                if exact < 0.0 {
                    exact.floor()
                } else {
                    exact.ceil()
                }
            }
        };
        if !(-9.223372036854776e18..9.223372036854776e18).contains(&nanoseconds) {
            return Err(overflow_error!("timestamp out of range for C PyTime_t"));
        }
        return Ok(nanoseconds as i64);
    }
    if !objects::is_int(value) && objects::class_of(value).slots.index.get().is_none() {
        return Err(objects::type_error!("'{}' object cannot be interpreted as an integer or float", objects::class_name(value)));
    }
    let number = objects::index_object(value)?;
    match objects::int_view(number).and_then(|view| view.to_i64()).and_then(|seconds| seconds.checked_mul(1_000_000_000)) {
        Some(count) => Ok(count),
        None => Err(overflow_error!("timestamp too large to convert to C PyTime_t")),
    }
}
pub fn nanoseconds(count: i64) -> Duration {
    Duration::from_nanos(count.max(0) as u64)
}

/// Runs the poll function: signals, finalizers, exceptions from outside.
pub fn poll() -> R<()> {
    (objects::door::interpreter().poll)()
}

/// `raise class(*args)` where args are strings.
pub fn raise_text(class: &objects::ClassCell, text: &str) -> Raised {
    new_error_args(class.get(), &[new_str(text)])
}

pub fn str_text(value: Value) -> Option<String> {
    value.cast::<Str>().map(|text: Gc<Str>| text.to_string_lossy())
}
