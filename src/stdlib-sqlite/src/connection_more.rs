//! Callbacks of a connection, copies of databases, blobs, options. Must not know: cursors and rows.

use crate::blob::Blob;
use crate::callbacks::{self, Target, check_callable};
use crate::calls::{self, call};
use crate::connection::Connection;
use crate::errors;
use libsqlite3_sys as ffi;
use objects::dict::{dict_remove, dict_set};
use objects::{Cast, Gc, Header, R, Slot, Value, new_bytes, new_dict, new_int, new_native, new_str, type_error, value_error};
use std::ffi::{CString, c_int};
use std::sync::atomic::{AtomicI64, AtomicPtr};

fn c_text(text: &str) -> R<CString> {
    CString::new(text).map_err(|_| value_error!("embedded null character"))
}

impl Connection {
    /// Registers a callable, or takes one away, and keeps it alive as long as it is registered: if `register` fails, the library goes on
    /// calling the one before. Gives the library's answer.
    fn keep(this: Gc<Connection>, key: &str, callable: Option<Value>, register: impl FnOnce() -> c_int) -> R<c_int> {
        const COMING: &str = "coming";
        let kept = this.callbacks();
        if let Some(callable) = callable {
            dict_set(kept, new_str(COMING), callable)?;
        }
        let code = register();
        if code == ffi::SQLITE_OK {
            match callable {
                Some(callable) => dict_set(kept, new_str(key), callable)?,
                None => dict_remove(kept, new_str(key)).map(|_| ())?,
            }
        }
        dict_remove(kept, new_str(COMING))?;
        Ok(code)
    }
    /// Begins a new set of callables for a new database. Statements of the one before may still run and call the earlier ones.
    pub fn keep_earlier_callbacks(this: Gc<Connection>) -> R<()> {
        let earlier = this.callbacks();
        if earlier.is_empty() {
            return Ok(());
        }
        let fresh = new_dict();
        dict_set(fresh, new_str("earlier"), earlier.value())?;
        this.callbacks.set(fresh.value());
        Ok(())
    }
    fn check_count(count: i32, what: &str, db: *mut ffi::sqlite3) -> R<()> {
        // SAFETY: an open connection.
        let limit = unsafe { ffi::sqlite3_limit(db, ffi::SQLITE_LIMIT_FUNCTION_ARG, -1) };
        if (-1..=limit).contains(&count) {
            return Ok(());
        }
        Err(errors::PROGRAMMING.raise(&format!("'{what}' must be between -1 and {limit}, not {count}")))
    }
    fn done(&self, code: c_int, text: &str) -> R<()> {
        if code != ffi::SQLITE_OK { Err(errors::OPERATIONAL.raise(text)) } else { Ok(()) }
    }

    pub fn add_function(this: Gc<Connection>, name: &str, count: i32, callable: Value, deterministic: bool) -> R<()> {
        this.check()?;
        let c_name = c_text(name)?;
        let _guard = this.enter()?;
        Connection::check_count(count, "narg", this.db())?;
        let flags = ffi::SQLITE_UTF8 | if deterministic { ffi::SQLITE_DETERMINISTIC } else { 0 };
        let is_removal = callable.is_none();
        let data = if is_removal { std::ptr::null_mut() } else { Target::leak(callable, this) };
        let function = if is_removal { None } else { Some(callbacks::function as _) };
        // SAFETY: an open connection; the data belongs to the library from here on.
        let register = || unsafe {
            let destroy = Some(callbacks::destroy as _);
            ffi::sqlite3_create_function_v2(this.db(), c_name.as_ptr(), count, flags, data, function, None, None, destroy)
        };
        let code = Connection::keep(this, &format!("function {name} {count}"), (!is_removal).then_some(callable), register)?;
        this.done(code, "Error creating function")
    }
    pub fn add_aggregate(this: Gc<Connection>, name: &str, count: i32, class: Value) -> R<()> {
        this.check()?;
        let c_name = c_text(name)?;
        let _guard = this.enter()?;
        Connection::check_count(count, "n_arg", this.db())?;
        let is_removal = class.is_none();
        let data = if is_removal { std::ptr::null_mut() } else { Target::leak(class, this) };
        let step = if is_removal { None } else { Some(callbacks::step as _) };
        let finalize = if is_removal { None } else { Some(callbacks::finalize as _) };
        // SAFETY: as above.
        let register = || unsafe {
            let (flags, destroy) = (ffi::SQLITE_UTF8, Some(callbacks::destroy as _));
            ffi::sqlite3_create_function_v2(this.db(), c_name.as_ptr(), count, flags, data, None, step, finalize, destroy)
        };
        let code = Connection::keep(this, &format!("function {name} {count}"), (!is_removal).then_some(class), register)?;
        this.done(code, "Error creating aggregate")
    }
    pub fn add_window_function(this: Gc<Connection>, name: &str, count: i32, class: Value) -> R<()> {
        this.check()?;
        let c_name = c_text(name)?;
        let _guard = this.enter()?;
        Connection::check_count(count, "num_params", this.db())?;
        let is_removal = class.is_none();
        let data = if is_removal { std::ptr::null_mut() } else { Target::leak(class, this) };
        // SAFETY: as above.
        let register = || unsafe {
            let flags = ffi::SQLITE_UTF8;
            if is_removal {
                ffi::sqlite3_create_window_function(this.db(), c_name.as_ptr(), count, flags, data, None, None, None, None, None)
            } else {
                ffi::sqlite3_create_window_function(
                    this.db(),
                    c_name.as_ptr(),
                    count,
                    flags,
                    data,
                    Some(callbacks::step),
                    Some(callbacks::finalize),
                    Some(callbacks::value),
                    Some(callbacks::inverse),
                    Some(callbacks::destroy),
                )
            }
        };
        let code = Connection::keep(this, &format!("function {name} {count}"), (!is_removal).then_some(class), register)?;
        if code != ffi::SQLITE_OK { Err(errors::from_database(this.db())) } else { Ok(()) }
    }
    pub fn add_collation(this: Gc<Connection>, name: &str, callable: Value) -> R<()> {
        this.check()?;
        let c_name = c_text(name)?;
        let is_removal = callable.is_none();
        if !is_removal {
            check_callable(callable)?;
        }
        let _guard = this.enter()?;
        let data = if is_removal { std::ptr::null_mut() } else { Target::leak(callable, this) };
        // SAFETY: as above; on failure the data stays ours.
        let register = || unsafe {
            let compare = if is_removal { None } else { Some(callbacks::collation as _) };
            let destroy = Some(callbacks::destroy as _);
            let code = ffi::sqlite3_create_collation_v2(this.db(), c_name.as_ptr(), ffi::SQLITE_UTF8, data, compare, destroy);
            if code != ffi::SQLITE_OK {
                callbacks::destroy(data);
            }
            code
        };
        let code = Connection::keep(this, &format!("collation {name}"), (!is_removal).then_some(callable), register)?;
        if code != ffi::SQLITE_OK { Err(errors::from_database(this.db())) } else { Ok(()) }
    }
    pub fn use_authorizer(this: Gc<Connection>, callable: Value) -> R<()> {
        this.check()?;
        let _guard = this.enter()?;
        let is_removal = callable.is_none();
        let data = if is_removal { std::ptr::null_mut() } else { Target::leak(callable, this) };
        // SAFETY: as above. The few bytes of an earlier target are given up: a call may be using them.
        let register = || unsafe {
            let function = if is_removal { None } else { Some(callbacks::authorizer as _) };
            ffi::sqlite3_set_authorizer(this.db(), function, data)
        };
        let code = Connection::keep(this, "authorizer", (!is_removal).then_some(callable), register)?;
        this.done(code, "Error setting authorizer callback")
    }
    pub fn use_progress_handler(this: Gc<Connection>, callable: Value, count: i32) -> R<()> {
        this.check()?;
        let _guard = this.enter()?;
        let is_removal = callable.is_none();
        let data = if is_removal { std::ptr::null_mut() } else { Target::leak(callable, this) };
        // SAFETY: as above.
        let register = || unsafe {
            if is_removal || count <= 0 {
                callbacks::listen_to_signals(this.db());
            } else {
                ffi::sqlite3_progress_handler(this.db(), count, Some(callbacks::progress), data);
            }
            ffi::SQLITE_OK
        };
        Connection::keep(this, "progress", (!is_removal).then_some(callable), register).map(|_| ())
    }
    pub fn use_trace_callback(this: Gc<Connection>, callable: Value) -> R<()> {
        this.check()?;
        let _guard = this.enter()?;
        let is_removal = callable.is_none();
        let data = if is_removal { std::ptr::null_mut() } else { Target::leak(callable, this) };
        // SAFETY: as above.
        let register = || unsafe {
            let function = if is_removal { None } else { Some(callbacks::trace as _) };
            let mask = if is_removal { 0 } else { ffi::SQLITE_TRACE_STMT };
            ffi::sqlite3_trace_v2(this.db(), mask, function, data)
        };
        let code = Connection::keep(this, "trace", (!is_removal).then_some(callable), register)?;
        this.done(code, "Error setting trace callback")
    }

    pub fn copy_to(this: Gc<Connection>, target: Value, pages: i32, progress: Option<Value>, name: &str, sleep: f64) -> R<()> {
        let Some(other) = target.cast::<Connection>() else {
            return Err(type_error!(
                "backup() argument 'target' must be sqlite3.Connection, not {}",
                objects::class_name(target)
            ));
        };
        this.check()?;
        if this == other {
            return Err(value_error!("target cannot be the same connection instance"));
        }
        other.check()?;
        let progress = progress.filter(|progress| !progress.is_none());
        if let Some(progress) = progress
            && !objects::is_callable(progress)
        {
            return Err(type_error!("progress argument must be a callable"));
        }
        if sleep < 0.0 {
            return Err(value_error!("sleep must be greater-than or equal to zero"));
        }
        let pages = if pages == 0 { -1 } else { pages };
        let name = c_text(name)?;
        let (source, _target) = crate::calls::lock_two(&this.lock, &other.lock);
        let mut source = Some(source);
        this.check()?;
        other.check()?;
        let (from, to) = (this.db() as usize, other.db() as usize);
        // SAFETY: two open connections that the locks keep for this thread.
        let backup = call(|| unsafe {
            ffi::sqlite3_backup_init(to as *mut ffi::sqlite3, c"main".as_ptr(), from as *mut ffi::sqlite3, name.as_ptr()) as usize
        });
        if backup == 0 {
            return Err(errors::from_database(other.db()));
        }
        let mut result = Ok(());
        let mut code;
        loop {
            // SAFETY: the backup that was begun above.
            code = call(|| unsafe { ffi::sqlite3_backup_step(backup as *mut ffi::sqlite3_backup, pages) });
            if let Some(progress) = progress {
                // SAFETY: as above.
                let (left, all) = unsafe {
                    let backup = backup as *mut ffi::sqlite3_backup;
                    (ffi::sqlite3_backup_remaining(backup), ffi::sqlite3_backup_pagecount(backup))
                };
                let args = [new_int(code as i64), new_int(left as i64), new_int(all as i64)];
                if let Err(raised) = objects::call(progress, &args) {
                    result = Err(raised);
                    break;
                }
            }
            match code {
                ffi::SQLITE_OK => {}
                ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => {
                    // Who has the transaction that is in the way may be another thread. A connection that is closed meanwhile lives until
                    // the backup is finished.
                    drop(source.take());
                    heap::blocking(|| std::thread::sleep(std::time::Duration::from_secs_f64(sleep.min(1e6))));
                    if let Err(raised) = (objects::door::interpreter().poll)() {
                        result = Err(raised);
                        break;
                    }
                    // The target was held all the time, so who waits for it has not begun, and holds nothing that is waited for here.
                    source = Some(this.lock.lock());
                }
                _ => break,
            }
        }
        // SAFETY: finished once.
        let finished = call(|| unsafe { ffi::sqlite3_backup_finish(backup as *mut ffi::sqlite3_backup) });
        result?;
        if finished != ffi::SQLITE_OK { Err(errors::from_database(other.db())) } else { Ok(()) }
    }

    pub fn open_blob(this: Gc<Connection>, table: &str, column: &str, row: i64, readonly: bool, name: &str) -> R {
        this.check()?;
        let (table, column, name) = (c_text(table)?, c_text(column)?, c_text(name)?);
        let _guard = this.enter()?;
        let mut blob = std::ptr::null_mut();
        let db = this.db() as usize;
        // SAFETY: an open connection, NUL-terminated names, a place for the result.
        let code = call(|| unsafe {
            let db = db as *mut ffi::sqlite3;
            let writes = !readonly as c_int;
            ffi::sqlite3_blob_open(db, name.as_ptr(), table.as_ptr(), column.as_ptr(), row, writes, &mut blob)
        });
        match code {
            ffi::SQLITE_OK => {}
            ffi::SQLITE_MISUSE => {
                let text = "misuse of the library";
                return Err(errors::from_code(code, text));
            }
            _ => return Err(errors::from_database(this.db())),
        }
        let fields = Blob {
            header: Header::blank(),
            connection: Slot::new(this.value()),
            pointer: AtomicPtr::new(blob),
            offset: AtomicI64::new(0),
        };
        Ok(new_native(fields).value())
    }

    pub fn to_bytes(this: Gc<Connection>, name: &str) -> R {
        this.check()?;
        let c_name = c_text(name)?;
        let _guard = this.enter()?;
        let mut size = 0;
        let db = this.db() as usize;
        // SAFETY: an open connection; the result is freed after it was copied.
        unsafe {
            let data = call(|| ffi::sqlite3_serialize(db as *mut ffi::sqlite3, c_name.as_ptr(), &mut size, 0) as usize);
            if data == 0 {
                return Err(errors::OPERATIONAL.raise(&format!("unable to serialize '{name}'")));
            }
            let bytes = new_bytes(std::slice::from_raw_parts(data as *const u8, size as usize));
            ffi::sqlite3_free(data as *mut _);
            Ok(bytes)
        }
    }
    pub fn load_bytes(this: Gc<Connection>, data: &[u8], name: &str) -> R<()> {
        this.check()?;
        let c_name = c_text(name)?;
        let _guard = this.enter()?;
        let size = data.len() as i64;
        // SAFETY: memory of the library, which owns it once it is given away.
        let code = unsafe {
            let copy = ffi::sqlite3_malloc64(size.max(1) as u64).cast::<u8>();
            if copy.is_null() {
                return Err(objects::memory_error());
            }
            std::ptr::copy_nonoverlapping(data.as_ptr(), copy, data.len());
            let flags = ffi::SQLITE_DESERIALIZE_FREEONCLOSE | ffi::SQLITE_DESERIALIZE_RESIZEABLE;
            let (db, copy) = (this.db() as usize, copy as usize);
            call(|| ffi::sqlite3_deserialize(db as *mut ffi::sqlite3, c_name.as_ptr(), copy as *mut u8, size, size, flags))
        };
        if code != ffi::SQLITE_OK { Err(errors::from_database(this.db())) } else { Ok(()) }
    }

    /// Sets (0, 1) or asks for (-1) a switch.
    pub fn configure(this: Gc<Connection>, option: i32, value: i32) -> R<i32> {
        this.check()?;
        let known = crate::constants::OTHERS
            .iter()
            .any(|(name, number)| name.starts_with("SQLITE_DBCONFIG_") && *number == option as i64);
        if !known {
            return Err(value_error!("unknown config 'op': {option}"));
        }
        let _guard = this.enter()?;
        let mut state = 0;
        // SAFETY: an open connection, a switch with an int and a place for its state.
        let code = unsafe { ffi::sqlite3_db_config(this.db(), option, value, &mut state as *mut c_int) };
        calls::free_remains();
        if code != ffi::SQLITE_OK { Err(errors::from_database(this.db())) } else { Ok(state) }
    }
}
