//! Values on their way into the database and back; adapters and converters. Must not know: connections.

use crate::errors;
use libsqlite3_sys as ffi;
use native_macros::{Layout, native_class};
use objects::dict::{Dict, dict_get, new_dict};
use objects::interpreter::InterpreterSlot;
use objects::{
    Buf, ByteArray, Cast, Gc, Header, Layout as _, R, Str, Value, call_method, class_of, new_bytes, new_int, new_str, new_tuple,
};
use std::ffi::{CStr, c_int};
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct PrepareProtocol {
    pub header: Header,
}

/// The protocol that adapters of PEP 246 are called with.
#[native_class(name = "sqlite3.PrepareProtocol", base = object, flags = "final")]
impl PrepareProtocol {
    #[new]
    fn new(cls: Gc<objects::Class>, _args: objects::Args) -> R {
        Ok(objects::new_object(cls, PrepareProtocol { header: Header::blank() }).value())
    }
}

pub static ADAPTERS: InterpreterSlot = InterpreterSlot::empty();
pub static CONVERTERS: InterpreterSlot = InterpreterSlot::empty();

/// The dict that a slot holds, made on first use.
pub fn table(slot: &'static InterpreterSlot) -> Gc<Dict> {
    let dict = slot.get_or_make(|| new_dict().value());
    // SAFETY: made as a dict.
    unsafe { dict.cast_unchecked() }
}

/// `sqlite3.adapt(value, protocol, alternative)`.
pub fn adapt(value: Value, protocol: Value, alternative: Option<Value>) -> R {
    let key = new_tuple(&[class_of(value).value(), protocol]);
    if let Some(adapter) = dict_get(table(&ADAPTERS), key.value())? {
        return objects::call(adapter, &[value]);
    }
    for (target, name, argument) in [(protocol, "__adapt__", value), (value, "__conform__", protocol)] {
        let Some(method) = objects::get_attr_opt(target, objects::intern(name))? else { continue };
        match objects::call(method, &[argument]) {
            Ok(adapted) if !adapted.is_none() => return Ok(adapted),
            Ok(_) => {}
            Err(raised) if raised.is(&objects::exc::TYPE_ERROR) => raised.clear(),
            Err(raised) => return Err(raised),
        }
    }
    alternative.ok_or_else(|| errors::PROGRAMMING.raise("can't adapt"))
}

/// An adapter is registered for a type that is stored as it is.
pub static ADAPTS_BASE_TYPES: AtomicBool = AtomicBool::new(false);

fn needs_adapting(value: Value) -> bool {
    if ADAPTS_BASE_TYPES.load(Ordering::Relaxed) {
        return true;
    }
    let is_int = class_of(value) == class_of(Value::small(0));
    let is_float = class_of(value) == class_of(Value::float(0.0));
    !(is_int || is_float || value.cast_exact::<Str>().is_some() || value.cast_exact::<ByteArray>().is_some())
}

/// Binds one value to a parameter, counted from 1.
pub fn bind(statement: *mut ffi::sqlite3_stmt, db: *mut ffi::sqlite3, position: c_int, value: Value) -> R<()> {
    let value =
        if needs_adapting(value) { adapt(value, PrepareProtocol::CLASS_DEF.class().value(), Some(value))? } else { value };
    // SAFETY: a live statement; text and bytes are copied (SQLITE_TRANSIENT).
    let code = unsafe {
        if value.is_none() {
            ffi::sqlite3_bind_null(statement, position)
        } else if objects::is_int(value) {
            let number = match objects::index(value) {
                Ok(number) => number,
                Err(raised) => {
                    raised.clear();
                    return Err(objects::overflow_error!("Python int too large to convert to SQLite INTEGER"));
                }
            };
            ffi::sqlite3_bind_int64(statement, position, number)
        } else if let Some(number) = objects::float_value(value) {
            ffi::sqlite3_bind_double(statement, position, number)
        } else if let Some(text) = value.cast::<Str>() {
            let text = objects::convert::utf8(text)?;
            if text.len() > i32::MAX as usize {
                return Err(objects::overflow_error!("string longer than INT_MAX bytes"));
            }
            ffi::sqlite3_bind_text(statement, position, text.as_ptr().cast(), text.len() as c_int, ffi::SQLITE_TRANSIENT())
        } else if objects::buffer::has_buffer(value) {
            let bytes = Buf::new(value)?;
            if bytes.len() > i32::MAX as usize {
                return Err(objects::overflow_error!("BLOB longer than INT_MAX bytes"));
            }
            // A null pointer would bind NULL.
            let pointer = if bytes.is_empty() { b"".as_ptr() } else { bytes.as_ptr() };
            ffi::sqlite3_bind_blob(statement, position, pointer.cast(), bytes.len() as c_int, ffi::SQLITE_TRANSIENT())
        } else {
            let class = objects::class_name(value);
            return Err(
                errors::PROGRAMMING.raise(&format!("Error binding parameter {position}: type '{class}' is not supported"))
            );
        }
    };
    if code != ffi::SQLITE_OK { Err(errors::from_database(db)) } else { Ok(()) }
}

unsafe fn bytes_at<'a>(pointer: *const u8, length: c_int) -> &'a [u8] {
    if pointer.is_null() { &[] } else { std::slice::from_raw_parts(pointer, length as usize) }
}

/// The bytes of a column, whatever its type; None for NULL.
pub fn column_bytes(statement: *mut ffi::sqlite3_stmt, column: c_int) -> Option<Value> {
    // SAFETY: a statement with a current row; the bytes are copied before the next step.
    unsafe {
        let pointer = ffi::sqlite3_column_blob(statement, column).cast::<u8>();
        // The library gives no address for an empty value either.
        if pointer.is_null() {
            return None;
        }
        Some(new_bytes(bytes_at(pointer, ffi::sqlite3_column_bytes(statement, column))))
    }
}

/// The value of a column of the current row.
pub fn column(statement: *mut ffi::sqlite3_stmt, column: c_int, text_factory: Value) -> R {
    // SAFETY: as above.
    unsafe {
        match ffi::sqlite3_column_type(statement, column) {
            ffi::SQLITE_NULL => Ok(Value::none()),
            ffi::SQLITE_INTEGER => Ok(new_int(ffi::sqlite3_column_int64(statement, column))),
            ffi::SQLITE_FLOAT => Ok(Value::float(ffi::sqlite3_column_double(statement, column))),
            ffi::SQLITE_TEXT => {
                let pointer = ffi::sqlite3_column_text(statement, column);
                let bytes = bytes_at(pointer, ffi::sqlite3_column_bytes(statement, column));
                if text_factory == Str::class().value() {
                    return match std::str::from_utf8(bytes) {
                        Ok(text) => Ok(new_str(text)),
                        Err(_) => {
                            let name = CStr::from_ptr(ffi::sqlite3_column_name(statement, column)).to_string_lossy();
                            let shown = String::from_utf8_lossy(bytes);
                            let text = format!("Could not decode to UTF-8 column '{name}' with text '{shown}'");
                            Err(errors::OPERATIONAL.raise(&text))
                        }
                    };
                }
                let bytes = new_bytes(bytes);
                if text_factory == objects::Bytes::class().value() { Ok(bytes) } else { objects::call(text_factory, &[bytes]) }
            }
            _ => {
                let pointer = ffi::sqlite3_column_blob(statement, column).cast::<u8>();
                Ok(new_bytes(bytes_at(pointer, ffi::sqlite3_column_bytes(statement, column))))
            }
        }
    }
}

/// An argument of a user's function.
pub fn argument(value: *mut ffi::sqlite3_value) -> R {
    // SAFETY: a value that the library passes to a callback.
    unsafe {
        Ok(match ffi::sqlite3_value_type(value) {
            ffi::SQLITE_INTEGER => new_int(ffi::sqlite3_value_int64(value)),
            ffi::SQLITE_FLOAT => Value::float(ffi::sqlite3_value_double(value)),
            ffi::SQLITE_TEXT => {
                let pointer = ffi::sqlite3_value_text(value);
                let bytes = bytes_at(pointer, ffi::sqlite3_value_bytes(value));
                objects::codec::decode_utf8(bytes, "strict")?.value()
            }
            ffi::SQLITE_BLOB => {
                let pointer = ffi::sqlite3_value_blob(value).cast::<u8>();
                new_bytes(bytes_at(pointer, ffi::sqlite3_value_bytes(value)))
            }
            _ => Value::none(),
        })
    }
}

/// Gives a result of a user's function to the library. False: no value of that type.
pub fn give_result(context: *mut ffi::sqlite3_context, value: Value) -> R<bool> {
    // SAFETY: the context of a running callback; text and bytes are copied.
    unsafe {
        if value.is_none() {
            ffi::sqlite3_result_null(context);
        } else if objects::is_int(value) {
            ffi::sqlite3_result_int64(context, objects::index(value)?);
        } else if let Some(number) = objects::float_value(value) {
            ffi::sqlite3_result_double(context, number);
        } else if let Some(text) = value.cast::<Str>() {
            let text = objects::convert::utf8(text)?;
            if text.len() > i32::MAX as usize {
                return Err(objects::overflow_error!("string is longer than INT_MAX bytes"));
            }
            ffi::sqlite3_result_text(context, text.as_ptr().cast(), text.len() as c_int, ffi::SQLITE_TRANSIENT());
        } else if objects::buffer::has_buffer(value) {
            let bytes = Buf::new(value)?;
            if bytes.len() > i32::MAX as usize {
                return Err(objects::overflow_error!("BLOB longer than INT_MAX bytes"));
            }
            let pointer = if bytes.is_empty() { b"".as_ptr() } else { bytes.as_ptr() };
            ffi::sqlite3_result_blob(context, pointer.cast(), bytes.len() as c_int, ffi::SQLITE_TRANSIENT());
        } else {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The converter for a type name, if one is registered.
pub fn converter(name: &str) -> R<Option<Value>> {
    let upper = call_method(new_str(name), objects::intern("upper"), &[])?;
    dict_get(table(&CONVERTERS), upper)
}
