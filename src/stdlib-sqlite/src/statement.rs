//! Prepared statements. Must not know: cursors.

use crate::calls::{self, call};
use crate::convert::bind;
use crate::errors;
use libsqlite3_sys as ffi;
use native_macros::{Layout, native_class};
use objects::dict::{Dict, dict_get};
use objects::list::List;
use objects::{Cast, Gc, Header, R, Tuple, Value, new_native, new_str};
use std::ffi::{CStr, c_int};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};

struct Text(String);
objects::no_references!(Text);

#[derive(Layout)]
#[repr(C)]
pub struct Statement {
    pub header: Header,
    pointer: AtomicPtr<ffi::sqlite3_stmt>,
    sql: Text,
    pub is_dml: bool,
    pub is_used: AtomicBool,
    /// How many steps are under way, one in a callback of the other.
    running: AtomicU32,
    mark: SharedMark,
}

/// Set when the cursor died that the statement was running for. It outlives both.
pub type Mark = Arc<AtomicBool>;
struct SharedMark(Mark);
objects::no_references!(SharedMark);

impl Drop for Statement {
    fn drop(&mut self) {
        calls::leave_statement(*self.pointer.get_mut());
    }
}

/// A prepared statement.
#[native_class(name = "sqlite3.Statement", base = object, flags = "final no_new")]
impl Statement {}

/// What is left after white space and comments.
fn skip_comments(text: &str) -> &str {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
        if let Some(after) = rest.strip_prefix("--") {
            rest = after.split_once('\n').map_or("", |(_, rest)| rest);
        } else if let Some(after) = rest.strip_prefix("/*") {
            rest = after.split_once("*/").map_or("", |(_, rest)| rest);
        } else {
            return rest;
        }
    }
}

impl Statement {
    pub fn sql(&self) -> &str {
        &self.sql.0
    }
    pub fn pointer(&self) -> *mut ffi::sqlite3_stmt {
        self.pointer.load(Ordering::Acquire)
    }
    pub fn prepare(db: *mut ffi::sqlite3, sql: &str) -> R<Gc<Statement>> {
        // SAFETY: an open connection.
        let limit = unsafe { ffi::sqlite3_limit(db, ffi::SQLITE_LIMIT_SQL_LENGTH, -1) };
        if sql.len() > limit as usize {
            return Err(errors::DATA.raise("query string is too large"));
        }
        if sql.contains('\0') {
            return Err(errors::PROGRAMMING.raise("the query contains a null character"));
        }
        let mut statement = std::ptr::null_mut();
        let mut tail = std::ptr::null();
        // SAFETY: the text with its length, and places for the results.
        let code =
            call(|| unsafe { ffi::sqlite3_prepare_v2(db, sql.as_ptr().cast(), sql.len() as c_int, &mut statement, &mut tail) });
        if code != ffi::SQLITE_OK {
            return Err(errors::from_database(db));
        }
        let used = (tail as usize).wrapping_sub(sql.as_ptr() as usize).min(sql.len());
        let made = new_native(Statement {
            header: Header::blank(),
            pointer: AtomicPtr::new(statement),
            sql: Text(sql.to_owned()),
            is_dml: {
                let start = skip_comments(sql);
                let begins = |word: &str| start.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
                begins("insert") || begins("update") || begins("delete") || begins("replace")
            },
            is_used: AtomicBool::new(false),
            running: AtomicU32::new(0),
            mark: SharedMark(Mark::default()),
        });
        if !skip_comments(&sql[used..]).is_empty() {
            return Err(errors::PROGRAMMING.raise("You can only execute one statement at a time."));
        }
        Ok(made)
    }
    pub fn mark(&self) -> Mark {
        self.mark.0.clone()
    }
    /// Ends what a dead cursor left unfinished.
    pub fn reset_if_abandoned(&self) {
        if self.mark.0.swap(false, Ordering::AcqRel) {
            self.reset();
        }
    }
    /// Frees the statement with its connection.
    pub fn finalize(&self) {
        let statement = self.pointer.swap(std::ptr::null_mut(), Ordering::AcqRel) as usize;
        if statement != 0 {
            // SAFETY: the pointer was this object's own, and is gone from it.
            call(|| unsafe { ffi::sqlite3_finalize(statement as *mut ffi::sqlite3_stmt) });
        }
    }
    /// Whether it is being stepped, maybe by a caller of the running callback.
    pub fn is_running(&self) -> bool {
        self.running.load(Ordering::Acquire) != 0
    }
    pub fn is_readonly(&self) -> bool {
        // SAFETY: a live statement, or null, which counts as read-only.
        unsafe { ffi::sqlite3_stmt_readonly(self.pointer()) != 0 }
    }
    /// One step; an empty statement is done at once.
    pub fn step(&self) -> c_int {
        let statement = self.pointer() as usize;
        if statement == 0 {
            return ffi::SQLITE_DONE;
        }
        self.running.fetch_add(1, Ordering::AcqRel);
        // SAFETY: a live statement, kept by the caller.
        let code = call(|| unsafe { ffi::sqlite3_step(statement as *mut ffi::sqlite3_stmt) });
        self.running.fetch_sub(1, Ordering::AcqRel);
        code
    }
    pub fn reset(&self) {
        if self.is_used.swap(false, Ordering::AcqRel) && !self.pointer().is_null() {
            let statement = self.pointer() as usize;
            // SAFETY: as above.
            call(|| unsafe { ffi::sqlite3_reset(statement as *mut ffi::sqlite3_stmt) });
        }
    }
    pub fn column_count(&self) -> c_int {
        // SAFETY: a live statement or null.
        unsafe { ffi::sqlite3_column_count(self.pointer()) }
    }
    pub fn column_name(&self, column: c_int) -> String {
        // SAFETY: a live statement; the name is copied.
        unsafe {
            let name = ffi::sqlite3_column_name(self.pointer(), column);
            if name.is_null() { String::new() } else { CStr::from_ptr(name).to_string_lossy().into_owned() }
        }
    }
    pub fn declared_type(&self, column: c_int) -> Option<String> {
        // SAFETY: as above.
        unsafe {
            let name = ffi::sqlite3_column_decltype(self.pointer(), column);
            if name.is_null() { None } else { Some(CStr::from_ptr(name).to_string_lossy().into_owned()) }
        }
    }

    pub fn bind_all(&self, db: *mut ffi::sqlite3, parameters: Value) -> R<()> {
        let statement = self.pointer();
        // SAFETY: a live statement or null.
        let wanted = unsafe { ffi::sqlite3_bind_parameter_count(statement) };
        let name = |position: c_int| {
            // SAFETY: a live statement; the name is copied.
            unsafe {
                let name = ffi::sqlite3_bind_parameter_name(statement, position);
                if name.is_null() { None } else { Some(CStr::from_ptr(name).to_string_lossy().into_owned()) }
            }
        };
        let is_plain = parameters.cast_exact::<Tuple>().is_some() || parameters.cast_exact::<List>().is_some();
        let is_dict = parameters.cast::<Dict>().is_some();
        let slots = &objects::class_of(parameters).slots;
        let is_sequence =
            is_plain || (!is_dict && slots.getitem.get().is_some() && slots.len.get().is_some() && !is_mapping(parameters)?);
        if is_sequence {
            let given = objects::len(parameters)?;
            if given != wanted as usize {
                return Err(errors::PROGRAMMING.raise(&format!(
                    "Incorrect number of bindings supplied. The current statement uses {wanted}, and there are {given} supplied."
                )));
            }
            for position in 1..=wanted {
                if let Some(name) = name(position).filter(|name| !name.starts_with('?')) {
                    return Err(errors::PROGRAMMING.raise(&format!(
                        "Binding {position} ('{name}') is a named parameter, but you supplied a sequence which requires nameless (qmark) placeholders."
                    )));
                }
                let value = match parameters.cast_exact::<Tuple>() {
                    Some(tuple) => tuple.items()[position as usize - 1],
                    None => objects::get_item(parameters, objects::new_int(position as i64 - 1))?,
                };
                bind(statement, db, position, value)?;
            }
            return Ok(());
        }
        if !is_dict && slots.getitem.get().is_none() {
            return Err(errors::PROGRAMMING.raise("parameters are of unsupported type"));
        }
        for position in 1..=wanted {
            let Some(name) = name(position) else {
                return Err(errors::PROGRAMMING
                    .raise(&format!("Binding {position} has no name, but you supplied a dictionary (which has only names).")));
            };
            let key = new_str(&name[1..]);
            let found = match parameters.cast_exact::<Dict>() {
                Some(dict) => dict_get(dict, key)?,
                None => match objects::get_item(parameters, key) {
                    Ok(value) => Some(value),
                    Err(raised) if raised.is(&objects::exc::LOOKUP_ERROR) => {
                        raised.clear();
                        None
                    }
                    Err(raised) => return Err(raised),
                },
            };
            match found {
                Some(value) => bind(statement, db, position, value)?,
                None => {
                    let text = format!("You did not supply a value for binding parameter :{}.", &name[1..]);
                    return Err(errors::PROGRAMMING.raise(&text));
                }
            }
        }
        Ok(())
    }
}

/// Mappings written in Python have a length and items too.
fn is_mapping(value: Value) -> R<bool> {
    Ok(objects::get_attr_opt(value, objects::intern("keys"))?.is_some())
}
