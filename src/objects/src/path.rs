//! File names: between Python's str, bytes and path-like objects and the bytes of the system; and system calls that are tried
//! again after a signal.
//!
//! Must not know: any system call in particular.

use crate::bytes::Bytes;
use crate::class::class_name;
use crate::convert::{ArgName, FromArg};
use crate::error::{R, overflow_error, type_error, value_error};
use crate::int::int_view;
use crate::layout::{Cast, Gc};
use crate::lookup::lookup_special;
use crate::protocol::index_object;
use crate::str::Str;
use crate::{codec, interned};
use heap::Value;
use std::ffi::{CStr, CString};

/// Bytes of the system as str: UTF-8, other bytes as lone surrogates.
pub fn fs_decode(bytes: &[u8]) -> Value {
    match codec::decode_utf8(bytes, "surrogateescape") {
        Ok(text) => text.value(),
        Err(raised) => {
            raised.clear();
            Str::from_latin1(bytes).value()
        }
    }
}

/// A copy with room for the NUL at the end.
fn copied(bytes: &[u8]) -> Vec<u8> {
    let mut copy = base::memory::with_room(bytes.len() + 1);
    copy.extend_from_slice(bytes);
    copy
}

/// A str as bytes of the system.
pub fn fs_encode(text: Gc<Str>) -> R<Vec<u8>> {
    match text.as_ascii() {
        Some(text) => Ok(copied(text.as_bytes())),
        None => codec::encode(text, "utf-8", "surrogateescape"),
    }
}

/// `os.fspath(path)`: the str or bytes itself, or what `__fspath__` gives.
pub fn fspath(path: Value) -> R {
    if path.cast::<Str>().is_some() || path.cast::<Bytes>().is_some() {
        return Ok(path);
    }
    match lookup_special(path, interned!("__fspath__"))? {
        Some(special) if !special.is_none() => fspath_result(path, special.call(&[])?),
        _ => Err(type_error!("expected str, bytes or os.PathLike object, not {}", class_name(path))),
    }
}
fn fspath_result(path: Value, result: Value) -> R {
    if result.cast::<Str>().is_some() || result.cast::<Bytes>().is_some() {
        return Ok(result);
    }
    Err(type_error!("expected {}.__fspath__() to return str or bytes, not {}", class_name(path), class_name(result)))
}

/// `os.fsencode(path)` without NUL bytes (`PyUnicode_FSConverter`).
pub fn fs_bytes(path: Value) -> R<CString> {
    let path = fspath(path)?;
    let bytes = match path.cast::<Str>() {
        Some(text) => fs_encode(text)?,
        None => path.cast::<Bytes>().map_or_else(Vec::new, |bytes| copied(bytes.as_slice())),
    };
    base::memory::c_string(bytes).ok_or_else(|| value_error!("embedded null byte"))
}

/// A file name given to a native, or a file descriptor in its place.
pub struct PathArg {
    /// What was given: goes into the errors.
    pub object: Value,
    pub name: CString,
    /// Given instead of a name.
    pub fd: Option<i32>,
    /// Bytes were given, so names in results are bytes.
    pub is_bytes: bool,
    /// Nothing was given (None).
    pub is_default: bool,
    /// The name had NUL bytes, which was allowed.
    pub has_null: bool,
}

/// What `PathArg::convert` accepts.
#[derive(Clone, Copy, Default)]
pub struct PathOptions {
    pub allow_fd: bool,
    pub nullable: bool,
    /// Names with NUL bytes pass (with `has_null` set).
    pub allow_null_byte: bool,
}

impl PathArg {
    pub fn convert(value: Value, function: &str, parameter: &str, options: PathOptions) -> R<PathArg> {
        let prefix = if function.is_empty() { String::new() } else { format!("{function}: ") };
        if options.nullable && value.is_none() {
            return Ok(PathArg {
                object: value,
                name: c".".to_owned(),
                fd: None,
                is_bytes: false,
                is_default: true,
                has_null: false,
            });
        }
        let mut object = value;
        let mut bytes = if let Some(text) = value.cast::<Str>() {
            fs_encode(text)?
        } else if let Some(bytes) = value.cast::<Bytes>() {
            copied(bytes.as_slice())
        } else if options.allow_fd && crate::class::class_of(value).slots.index.get().is_some() {
            let fd = fd_number(value)?;
            return Ok(PathArg {
                object: value,
                name: CString::default(),
                fd: Some(fd),
                is_bytes: false,
                is_default: false,
                has_null: false,
            });
        } else {
            let special = match lookup_special(value, interned!("__fspath__"))? {
                Some(special) if !special.is_none() => special,
                _ => {
                    let allowed = match (options.allow_fd, options.nullable) {
                        (true, true) => "string, bytes, os.PathLike, integer or None",
                        (true, false) => "string, bytes, os.PathLike or integer",
                        (false, true) => "string, bytes, os.PathLike or None",
                        (false, false) => "string, bytes or os.PathLike",
                    };
                    return Err(type_error!("{prefix}{parameter} should be {allowed}, not {}", class_name(value)));
                }
            };
            object = fspath_result(value, special.call(&[])?)?;
            match object.cast::<Str>() {
                Some(text) => fs_encode(text)?,
                None => object.cast::<Bytes>().map_or_else(Vec::new, |bytes| copied(bytes.as_slice())),
            }
        };
        let has_null = bytes.contains(&0);
        if has_null {
            if !options.allow_null_byte {
                return Err(value_error!("{prefix}embedded null character in {parameter}"));
            }
            bytes.clear();
        }
        let is_bytes = object.cast::<Bytes>().is_some();
        let name = base::memory::c_string(bytes).unwrap_or_default();
        Ok(PathArg { object: value, name, fd: None, is_bytes, is_default: false, has_null })
    }
    pub fn as_ptr(&self) -> *const libc::c_char {
        self.name.as_ptr()
    }
    pub fn as_cstr(&self) -> &CStr {
        &self.name
    }
    /// For the `filename` of an error.
    pub fn filename(&self) -> Option<Value> {
        if self.is_default { None } else { Some(self.object) }
    }
    /// A name of the system as str, or as bytes if the argument was bytes.
    pub fn decode(&self, name: &[u8]) -> Value {
        if self.is_bytes { crate::bytes::new_bytes(name) } else { fs_decode(name) }
    }
}

impl FromArg for PathArg {
    fn from_arg(value: Value, name: ArgName) -> R<PathArg> {
        PathArg::convert(value, name.function(), name.parameter(), PathOptions::default())
    }
}

/// A file name or a file descriptor.
pub struct PathOrFd(pub PathArg);

impl std::ops::Deref for PathOrFd {
    type Target = PathArg;
    fn deref(&self) -> &PathArg {
        &self.0
    }
}
impl FromArg for PathOrFd {
    fn from_arg(value: Value, name: ArgName) -> R<PathOrFd> {
        PathArg::convert(value, name.function(), name.parameter(), PathOptions { allow_fd: true, ..Default::default() })
            .map(PathOrFd)
    }
}

/// An int as a descriptor number, with the texts of path arguments.
pub fn fd_number(value: Value) -> R<i32> {
    if value.is_bool() {
        crate::warnings::runtime("bool is used as a file descriptor")?;
    }
    let number = index_object(value)?;
    let Some(view) = int_view(number) else { return Err(type_error!("an integer is required")) };
    match view.to_i64() {
        Some(fd) if fd > i32::MAX as i64 => Err(overflow_error!("fd is greater than maximum")),
        Some(fd) if fd < i32::MIN as i64 => Err(overflow_error!("fd is less than minimum")),
        Some(fd) => Ok(fd as i32),
        None if view.is_negative() => Err(overflow_error!("fd is less than minimum")),
        None => Err(overflow_error!("fd is greater than maximum")),
    }
}

/// A file descriptor from an int or from an object with `fileno()` (`PyObject_AsFileDescriptor`).
pub fn file_descriptor(value: Value) -> R<i32> {
    let number = if crate::int::is_int(value) {
        if value.is_bool() {
            crate::warnings::runtime("bool is used as a file descriptor")?;
        }
        value
    } else {
        let Some(fileno) = crate::lookup::get_attr_opt(value, interned!("fileno"))? else {
            return Err(type_error!("argument must be an int, or have a fileno() method."));
        };
        let number = crate::call::call(fileno, &[])?;
        if !crate::int::is_int(number) {
            return Err(type_error!("fileno() returned a non-integer"));
        }
        number
    };
    let view = int_view(number).and_then(|view| view.to_i64());
    match view.and_then(|fd| i32::try_from(fd).ok()) {
        Some(fd) if fd < 0 => Err(value_error!("file descriptor cannot be a negative integer ({fd})")),
        Some(fd) => Ok(fd),
        None => Err(overflow_error!("Python int too large to convert to C int")),
    }
}

/// A descriptor argument: an int or an object with `fileno()`.
#[derive(Clone, Copy)]
pub struct FileNo(pub i32);

impl FromArg for FileNo {
    fn from_arg(value: Value, _: ArgName) -> R<FileNo> {
        file_descriptor(value).map(FileNo)
    }
}

fn errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

/// Runs a system call outside the interpreter's sight; -1 means that it failed. `work` must not touch objects.
pub fn blocking_call(work: impl FnOnce() -> i64) -> Result<i64, i32> {
    heap::blocking(|| {
        let result = work();
        if result == -1 { Err(errno()) } else { Ok(result) }
    })
}

/// As `blocking_call`; after a signal, handlers run and the call is made again.
pub fn retry_call(mut work: impl FnMut() -> i64) -> R<Result<i64, i32>> {
    loop {
        match blocking_call(&mut work) {
            Err(libc::EINTR) => (crate::door::interpreter().poll)()?,
            result => return Ok(result),
        }
    }
}

/// A call that does not block: -1 means that it failed.
pub fn quick_call(result: i64) -> Result<i64, i32> {
    if result == -1 { Err(errno()) } else { Ok(result) }
}
