//! Module `_sqlite3` on SQLite itself, which is compiled in. Must not know: other native modules.

pub mod blob;
pub mod callbacks;
pub mod calls;
pub mod connection;
pub mod connection_more;
pub mod constants;
pub mod convert;
pub mod cursor;
pub mod errors;
pub mod row;
pub mod statement;

use connection::Connection;
use convert::PrepareProtocol;
use cursor::Cursor;
use native_macros::native_module;
use objects::dict::dict_set;
use objects::native::ModuleDef;
use objects::{Args, Cast, Module, R, Value, call_method, new_int, new_str, new_tuple};
use row::Row;
use std::ffi::{CStr, CString};
use std::sync::atomic::Ordering;

/// Every module of this crate.
pub static MODULES: &[&ModuleDef] = &[Sqlite::MODULE];

pub struct Sqlite;

#[native_module(name = "_sqlite3", classes = [Connection, Cursor, Row, blob::Blob, PrepareProtocol])]
impl Sqlite {
    #[attr("PARSE_DECLTYPES")]
    const PARSE_DECLTYPES: i64 = 1;
    #[attr("PARSE_COLNAMES")]
    const PARSE_COLNAMES: i64 = 2;
    #[attr("LEGACY_TRANSACTION_CONTROL")]
    const LEGACY_TRANSACTION_CONTROL: i64 = -1;

    fn __exec__(module: Value) -> R<()> {
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        objects::class_new::native_class(statement::Statement::CLASS_DEF)?;
        let connection = Connection::CLASS_DEF.class();
        for class in errors::ALL {
            let value = class.class()?.value();
            module.set(class.name, value)?;
            objects::dict::dict_set_str(connection.dict(), objects::intern(class.name), value)?;
        }
        for (name, number) in constants::RESULTS.iter().chain(constants::OTHERS) {
            module.set(name, new_int(*number))?;
        }
        // SAFETY: static text of the library, and a plain question.
        let (version, threads) = unsafe {
            let version = CStr::from_ptr(libsqlite3_sys::sqlite3_libversion()).to_string_lossy().into_owned();
            (version, libsqlite3_sys::sqlite3_threadsafe())
        };
        module.set("sqlite_version", new_str(&version))?;
        let safety = match threads {
            0 => 0,
            2 => 1,
            _ => 3,
        };
        module.set("threadsafety", new_int(safety))?;
        module.set("adapters", convert::table(&convert::ADAPTERS).value())?;
        module.set("converters", convert::table(&convert::CONVERTERS).value())
    }
    /// Open a connection to a database.
    ///
    /// That is the file 'database', or, for ":memory:", one in memory.
    fn connect(args: Args) -> R {
        connection::connect(args)
    }
    /// Whether a string ends with a complete SQL statement.
    #[sig("(statement)")]
    fn complete_statement(statement: &str) -> R<bool> {
        base::memory::expect_room(statement.len() * 2);
        let Ok(text) = CString::new(statement) else { return Err(objects::value_error!("embedded null character")) };
        // SAFETY: NUL-terminated text.
        Ok(unsafe { libsqlite3_sys::sqlite3_complete(text.as_ptr()) } != 0)
    }
    /// Set whether errors in callbacks are written to stderr.
    #[sig("(enable, /)")]
    fn enable_callback_tracebacks(enable: bool) {
        callbacks::SHOWS_ERRORS.store(enable, Ordering::Relaxed);
    }
    /// Set the function that turns objects of a type into SQLite values.
    #[sig("(type, adapter, /)")]
    fn register_adapter(kind: Value, adapter: Value) -> R<()> {
        let is_class_of = |value: Value| objects::class_of(value).value() == kind;
        if is_class_of(Value::small(0)) || is_class_of(Value::float(0.0)) || is_class_of(new_str("")) {
            convert::ADAPTS_BASE_TYPES.store(true, Ordering::Relaxed);
        }
        let key = new_tuple(&[kind, PrepareProtocol::CLASS_DEF.class().value()]).value();
        dict_set(convert::table(&convert::ADAPTERS), key, adapter)
    }
    /// Set the function that turns SQLite values of a type into objects.
    #[sig("(typename, converter, /)")]
    fn register_converter(typename: &str, converter: Value) -> R<()> {
        let upper = call_method(new_str(typename), objects::intern("upper"), &[])?;
        dict_set(convert::table(&convert::CONVERTERS), upper, converter)
    }
    /// Turn an object into one of the protocol.
    #[sig("(obj, proto=PrepareProtocolType, alt=<unrepresentable>, /)")]
    fn adapt(obj: Value, proto: Option<Value>, alt: Option<Value>) -> R {
        convert::adapt(obj, proto.unwrap_or(PrepareProtocol::CLASS_DEF.class().value()), alt)
    }
}
