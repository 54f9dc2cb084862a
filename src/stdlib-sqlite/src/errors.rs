//! The exception classes of `sqlite3`, and which of them a result code raises. Must not know: statements.

use crate::constants::result_name;
use libsqlite3_sys as ffi;
use objects::error_class::{Base, ErrorClass};
use objects::{Raised, exc, memory_error, new_int, new_str};
use std::ffi::CStr;

macro_rules! classes {
    ($($id:ident $name:literal $base:expr;)*) => {
        $( pub static $id: ErrorClass = ErrorClass::new($name, "sqlite3", &[$base]); )*
        pub static ALL: &[&ErrorClass] = &[$(&$id),*];
    };
}
classes! {
    WARNING "Warning" Base::Made(&exc::EXCEPTION);
    ERROR "Error" Base::Made(&exc::EXCEPTION);
    INTERFACE "InterfaceError" Base::Own(&ERROR);
    DATABASE "DatabaseError" Base::Own(&ERROR);
    INTERNAL "InternalError" Base::Own(&DATABASE);
    OPERATIONAL "OperationalError" Base::Own(&DATABASE);
    PROGRAMMING "ProgrammingError" Base::Own(&DATABASE);
    INTEGRITY "IntegrityError" Base::Own(&DATABASE);
    DATA "DataError" Base::Own(&DATABASE);
    NOT_SUPPORTED "NotSupportedError" Base::Own(&DATABASE);
}

/// Raises what the connection reports.
#[cold]
pub fn from_database(db: *mut ffi::sqlite3) -> Raised {
    // SAFETY: an open connection, or null, for which the library knows a text too.
    let (code, text) = unsafe {
        let text = CStr::from_ptr(ffi::sqlite3_errmsg(db)).to_string_lossy().into_owned();
        (ffi::sqlite3_extended_errcode(db), text)
    };
    from_code(code, &text)
}

#[cold]
pub fn from_code(code: i32, text: &str) -> Raised {
    if code & 0xff == ffi::SQLITE_INTERRUPT && objects::thread::has_exception() {
        // A signal handler has raised it in the middle of the statement.
        return Raised::already_set();
    }
    let class = match code & 0xff {
        ffi::SQLITE_INTERNAL | ffi::SQLITE_NOTFOUND => &INTERNAL,
        ffi::SQLITE_NOMEM => return memory_error(),
        ffi::SQLITE_ERROR
        | ffi::SQLITE_PERM
        | ffi::SQLITE_ABORT
        | ffi::SQLITE_BUSY
        | ffi::SQLITE_LOCKED
        | ffi::SQLITE_READONLY
        | ffi::SQLITE_INTERRUPT
        | ffi::SQLITE_IOERR
        | ffi::SQLITE_FULL
        | ffi::SQLITE_CANTOPEN
        | ffi::SQLITE_PROTOCOL
        | ffi::SQLITE_EMPTY
        | ffi::SQLITE_SCHEMA => &OPERATIONAL,
        ffi::SQLITE_TOOBIG => &DATA,
        ffi::SQLITE_CONSTRAINT | ffi::SQLITE_MISMATCH => &INTEGRITY,
        ffi::SQLITE_MISUSE | ffi::SQLITE_RANGE => &INTERFACE,
        _ => &DATABASE,
    };
    let make = || {
        let exception = objects::call(class.class()?.value(), &[new_str(text)])?;
        objects::set_attr(exception, objects::intern("sqlite_errorcode"), new_int(code as i64))?;
        objects::set_attr(exception, objects::intern("sqlite_errorname"), new_str(result_name(code)))?;
        Ok(exception)
    };
    make().map_or_else(|raised| raised, objects::raise)
}
