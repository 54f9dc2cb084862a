//! The exception classes of `sqlite3`, and which of them a result code raises. Must not know: statements.

use crate::constants::result_name;
use libsqlite3_sys as ffi;
use objects::class_new::plain_native_class;
use objects::layout::ClassCell;
use objects::{Class, Gc, R, Raised, exc, memory_error, new_int, new_str};
use std::ffi::CStr;

pub struct ErrorClass {
    cell: ClassCell,
    pub name: &'static str,
    base: Option<&'static ErrorClass>,
}

macro_rules! classes {
    ($($id:ident $name:literal $base:expr;)*) => {
        $( pub static $id: ErrorClass = ErrorClass { cell: ClassCell::new(), name: $name, base: $base }; )*
        pub static ALL: &[&ErrorClass] = &[$(&$id),*];
    };
}
classes! {
    WARNING "Warning" None;
    ERROR "Error" None;
    INTERFACE "InterfaceError" Some(&ERROR);
    DATABASE "DatabaseError" Some(&ERROR);
    INTERNAL "InternalError" Some(&DATABASE);
    OPERATIONAL "OperationalError" Some(&DATABASE);
    PROGRAMMING "ProgrammingError" Some(&DATABASE);
    INTEGRITY "IntegrityError" Some(&DATABASE);
    DATA "DataError" Some(&DATABASE);
    NOT_SUPPORTED "NotSupportedError" Some(&DATABASE);
}

impl ErrorClass {
    pub fn class(&self) -> R<Gc<Class>> {
        if !self.cell.is_set() {
            let base = match self.base {
                Some(base) => base.class()?,
                None => exc::EXCEPTION.get(),
            };
            self.cell.set(plain_native_class(self.name, "sqlite3", "", &[base], base.layout, objects::class::HAS_DICT)?);
        }
        Ok(self.cell.get())
    }
    #[cold]
    pub fn raise(&self, text: &str) -> Raised {
        self.class().map_or_else(|raised| raised, |class| objects::new_error(class, text))
    }
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
