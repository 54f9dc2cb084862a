//! `sqlite3.Connection`: opening, transactions, statements. Callbacks and administration are in `connection_more.rs`.
//! Must not know: rows.

use crate::calls::{self, Guard, Reentrant, call, this_thread};
use crate::cursor::Cursor;
use crate::errors;
use crate::statement::Statement;
use libsqlite3_sys as ffi;
use native_macros::{Layout, native_class};
use objects::dict::Dict;
use objects::{
    Args, Cast, Class, Gc, Header, Layout as _, R, Slot, Str, Trace, Value, call_method, new_int, new_object, type_error,
    value_error,
};
use std::ffi::CString;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU64, AtomicUsize, Ordering};

#[derive(Default)]
pub struct Cache(Vec<Gc<Statement>>);
impl Trace for Cache {
    fn trace(&self, tracer: &mut heap::Tracer) {
        self.0.trace(tracer);
    }
}
struct Level(Option<&'static str>);
struct Handle;
objects::no_references!(Level, Handle);

#[derive(Layout)]
#[repr(C)]
pub struct Connection {
    pub header: Header,
    db: AtomicPtr<ffi::sqlite3>,
    /// Held while `db` is taken away, and by who uses it without `lock`.
    handle: heap::Mutex<Handle>,
    is_initialized: AtomicBool,
    level: heap::Mutex<Level>,
    /// 1, 0, or -1 for transactions as they always were.
    pub autocommit: AtomicI32,
    pub detect_types: AtomicI32,
    checks_thread: AtomicBool,
    thread: AtomicU64,
    row_factory: Slot,
    pub text_factory: Slot,
    statements: heap::Mutex<Cache>,
    cached_statements: AtomicUsize,
    /// Callables by the name they are registered under.
    pub callbacks: Slot,
    /// Objects that gather aggregates.
    live: Slot,
    pub lock: Reentrant,
}

impl Drop for Connection {
    fn drop(&mut self) {
        calls::leave_database(*self.db.get_mut());
    }
}

const LEVELS: [&str; 4] = ["", "DEFERRED", "IMMEDIATE", "EXCLUSIVE"];

fn read_level(value: Value) -> R<Option<&'static str>> {
    if value.is_none() {
        return Ok(None);
    }
    let Some(text) = value.cast::<Str>() else { return Err(type_error!("isolation_level must be str or None")) };
    let text = text.to_string_lossy();
    match LEVELS.iter().find(|level| level.eq_ignore_ascii_case(&text)) {
        Some(level) => Ok(Some(level)),
        None => Err(value_error!("isolation_level string must be '', 'DEFERRED', 'IMMEDIATE', or 'EXCLUSIVE'")),
    }
}
fn read_autocommit(value: Value) -> R<i32> {
    if value == Value::bool(true) {
        return Ok(1);
    }
    if value == Value::bool(false) {
        return Ok(0);
    }
    if objects::is_int(value) && objects::index_clamped(value)? == -1 {
        return Ok(-1);
    }
    Err(value_error!("autocommit must be True, False, or sqlite3.LEGACY_TRANSACTION_CONTROL"))
}

/// Parameters of the constructor, by position or by name.
const NAMES: [&str; 8] =
    ["database", "timeout", "detect_types", "isolation_level", "check_same_thread", "factory", "cached_statements", "uri"];

fn bind_constructor(args: Args, function: &str) -> R<[Option<Value>; 9]> {
    let mut bound = [None; 9];
    let positional = args.positional();
    if positional.len() > 8 {
        return Err(type_error!("{function}() takes at most 8 positional arguments ({} given)", positional.len()));
    }
    bound[..positional.len()].iter_mut().zip(positional).for_each(|(place, value)| *place = Some(*value));
    for (name, value) in args.keywords() {
        let name = name.cast::<Str>().map(|name| name.to_string_lossy()).unwrap_or_default();
        let index = if name == "autocommit" { Some(8) } else { NAMES.iter().position(|known| *known == name) };
        match index {
            Some(index) if bound[index].is_some() => {
                return Err(type_error!("argument for {function}() given by name ('{name}') and position ({})", index + 1));
            }
            Some(index) => bound[index] = Some(value),
            None => return Err(type_error!("{function}() got an unexpected keyword argument '{name}'")),
        }
    }
    if bound[0].is_none() {
        return Err(type_error!("{function}() missing required argument 'database' (pos 1)"));
    }
    if positional.len() > 1 {
        warn_positional(function)?;
    }
    Ok(bound)
}

/// `sqlite3.connect(...)`.
pub fn connect(args: Args) -> R {
    let class = Connection::CLASS_DEF.class().value();
    let positional = args.positional();
    if positional.len() > 1 && positional.len() <= 8 {
        warn_positional("sqlite3.connect")?;
    }
    let factory = args.keyword("factory").or(positional.get(5).copied()).unwrap_or(class);
    objects::call_args(factory, args)
}

fn warn_positional(function: &str) -> R<()> {
    objects::warnings::deprecation(&format!(
        "Passing more than 1 positional argument to {function}() is deprecated. Parameters 'timeout', 'detect_types', \
         'isolation_level', 'check_same_thread', 'factory', 'cached_statements' and 'uri' will become keyword-only \
         parameters in Python 3.15."
    ))
}

/// Arguments of the methods whose first parameters will not have names for ever. `fixed` of them are required.
fn bind_method<const N: usize>(args: Args, function: &str, names: [&str; N], fixed: usize) -> R<[Option<Value>; N]> {
    let mut bound = [None; N];
    let positional = args.positional();
    if positional.len() > fixed {
        let given = positional.len();
        return Err(type_error!("{function}() takes at most {fixed} positional arguments ({given} given)"));
    }
    bound.iter_mut().zip(positional).for_each(|(place, value)| *place = Some(*value));
    let mut by_name = Vec::new();
    for (name, value) in args.keywords() {
        let name = name.cast::<Str>().map(|name| name.to_string_lossy()).unwrap_or_default();
        match names.iter().position(|known| *known == name) {
            Some(index) if bound[index].is_none() => {
                bound[index] = Some(value);
                if index < fixed {
                    by_name.push(index);
                }
            }
            Some(index) => {
                return Err(type_error!("argument for {function}() given by name ('{name}') and position ({})", index + 1));
            }
            None => return Err(type_error!("{function}() got an unexpected keyword argument '{name}'")),
        }
    }
    if let Some(missing) = bound[..fixed].iter().position(Option::is_none) {
        return Err(type_error!("{function}() missing required argument '{}' (pos {})", names[missing], missing + 1));
    }
    // The count of the progress handler keeps its name.
    let renamed = if function == "set_progress_handler" { 1 } else { fixed };
    if by_name.iter().any(|index| *index < renamed) {
        let quoted: Vec<String> = names[..renamed].iter().map(|name| format!("'{name}'")).collect();
        let (plural, list) = match quoted.split_last() {
            Some((last, first)) if !first.is_empty() => ("s", format!("{} and {last}", first.join(", "))),
            _ => ("", quoted.concat()),
        };
        objects::warnings::deprecation(&format!(
            "Passing keyword argument{plural} {list} to _sqlite3.Connection.{function}() is deprecated. \
             Parameter{plural} {list} will become positional-only in Python 3.15."
        ))?;
    }
    Ok(bound)
}

fn text_argument(value: Option<Value>, function: &str) -> R<&'static str> {
    let value = value.unwrap_or(Value::none());
    match value.cast::<Str>() {
        Some(text) => objects::convert::utf8(text),
        None => Err(type_error!("{function}() argument 'name' must be str, not {}", objects::class_name(value))),
    }
}
fn count_argument(value: Option<Value>) -> R<i32> {
    let number = objects::index(value.unwrap_or(Value::none()))?;
    i32::try_from(number).map_err(|_| objects::overflow_error!("Python int too large to convert to C int"))
}

impl Connection {
    pub fn db(&self) -> *mut ffi::sqlite3 {
        self.db.load(Ordering::Acquire)
    }
    pub fn check_thread(&self) -> R<()> {
        if !self.is_initialized.load(Ordering::Acquire) {
            return Err(errors::PROGRAMMING.raise("Base Connection.__init__ not called."));
        }
        let (home, me) = (self.thread.load(Ordering::Relaxed), this_thread());
        if self.checks_thread.load(Ordering::Relaxed) && home != me {
            return Err(errors::PROGRAMMING.raise(&format!(
                "SQLite objects created in a thread can only be used in that same thread. The object was created in thread id {home} and this is thread id {me}."
            )));
        }
        Ok(())
    }
    /// The connection is open, and used by the right thread.
    pub fn check(&self) -> R<()> {
        self.check_thread()?;
        if self.db().is_null() {
            return Err(errors::PROGRAMMING.raise("Cannot operate on a closed database."));
        }
        calls::free_remains();
        Ok(())
    }
    /// Takes the connection, which was open a moment ago, for this thread alone: no other can close it meanwhile. (This one can, in a
    /// callback.)
    pub fn enter(&self) -> R<Guard<'_>> {
        let guard = self.lock.lock();
        self.check()?;
        Ok(guard)
    }
    /// After code of the user's has run in the middle of work with `db`: it may have closed the connection.
    pub fn check_same(&self, db: *mut ffi::sqlite3) -> R<()> {
        if self.db() == db {
            return Ok(());
        }
        Err(errors::PROGRAMMING.raise("Cannot operate on a closed database."))
    }
    pub fn live(&self) -> Gc<Dict> {
        objects::shape::dict_in(&self.live)
    }
    pub fn callbacks(&self) -> Gc<Dict> {
        objects::shape::dict_in(&self.callbacks)
    }
    pub fn is_autocommit(&self) -> bool {
        // SAFETY: an open connection.
        unsafe { ffi::sqlite3_get_autocommit(self.db()) != 0 }
    }
    /// Whether statements that change something begin a transaction by themselves.
    pub fn begins_itself(&self) -> bool {
        self.autocommit.load(Ordering::Relaxed) == -1 && self.level.lock().0.is_some()
    }
    pub fn begin(&self) -> R<()> {
        let level = self.level.lock().0.unwrap_or("");
        self.plain(&format!("BEGIN {level}"))
    }
    /// Runs a statement without parameters and results.
    pub fn plain(&self, sql: &str) -> R<()> {
        let db = self.db() as usize;
        let code = call(|| {
            let mut statement = std::ptr::null_mut();
            // SAFETY: an open connection; the text with its length.
            unsafe {
                let db = db as *mut ffi::sqlite3;
                let length = sql.len() as i32;
                let code = ffi::sqlite3_prepare_v2(db, sql.as_ptr().cast(), length, &mut statement, std::ptr::null_mut());
                if code != ffi::SQLITE_OK {
                    return code;
                }
                ffi::sqlite3_step(statement);
                ffi::sqlite3_finalize(statement)
            }
        });
        if code != ffi::SQLITE_OK { Err(errors::from_database(self.db())) } else { Ok(()) }
    }
    /// A statement for a text: one that is not in use, or a new one.
    pub fn statement(&self, sql: &str) -> R<Gc<Statement>> {
        let size = self.cached_statements.load(Ordering::Relaxed);
        {
            let mut cache = self.statements.lock();
            if let Some(index) = cache.0.iter().position(|statement| statement.sql() == sql) {
                let statement = cache.0.remove(index);
                cache.0.push(statement);
                statement.reset_if_abandoned();
                if !statement.is_used.load(Ordering::Acquire) {
                    return Ok(statement);
                }
                drop(cache);
                return Statement::prepare(self.db(), sql);
            }
        }
        let statement = Statement::prepare(self.db(), sql)?;
        let mut cache = self.statements.lock();
        if size > 0 {
            if cache.0.len() >= size {
                cache.0.remove(0);
            }
            cache.0.push(statement);
        }
        Ok(statement)
    }
    /// Ends statements of cursors that nobody holds any more.
    pub fn end_abandoned(&self) {
        heap::collect(heap::collect::Reason::Explicit);
        calls::free_remains();
        let cached: objects::GcVec<Gc<Statement>> = self.statements.lock().0.iter().copied().collect();
        for statement in cached.iter() {
            statement.reset_if_abandoned();
        }
    }
    /// Closes the database; what still uses it keeps a zombie. `keeps_running`: cursors may go on with what they have begun.
    /// The caller has the lock. Where it had it before, the library or a cursor is at work below, and the database waits for its end.
    fn shut(&self, keeps_running: bool) {
        let is_nested = self.lock.is_nested();
        let cached = {
            let mut cache = self.statements.lock();
            // They leave the cache when the list has them: making it may collect.
            let all: objects::GcVec<Gc<Statement>> = cache.0.iter().copied().collect();
            cache.0.clear();
            all
        };
        for statement in cached.iter() {
            // One that runs, or gets its parameters, has called back to close its connection; it is freed with its object.
            let may_go_on = keeps_running || is_nested;
            if !statement.is_running() && (!may_go_on || !statement.is_used.load(Ordering::Acquire)) {
                statement.finalize();
            }
        }
        let handle = self.handle.lock();
        let db = self.db.swap(std::ptr::null_mut(), Ordering::AcqRel) as usize;
        drop(handle);
        if db != 0 {
            // SAFETY: an open connection, closed once. The trace callback would reach into the object.
            call(|| unsafe {
                ffi::sqlite3_trace_v2(db as *mut ffi::sqlite3, 0, None, std::ptr::null_mut());
                if !is_nested {
                    calls::sqlite3_close_v2(db as *mut ffi::sqlite3);
                }
            });
            if is_nested {
                self.lock.close_later(db as *mut ffi::sqlite3);
            }
        }
        calls::free_remains();
    }
    fn end_transaction(&self, word: &str) -> R<()> {
        match self.autocommit.load(Ordering::Relaxed) {
            -1 if self.is_autocommit() => Ok(()),
            -1 => self.plain(word),
            0 => {
                self.plain(word)?;
                self.plain("BEGIN")
            }
            _ => Ok(()),
        }
    }
}

/// SQLite database connection object.
#[native_class(name = "sqlite3.Connection", base = object, flags = "weakref mutable")]
impl Connection {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        let fields = Connection {
            header: Header::blank(),
            db: AtomicPtr::new(std::ptr::null_mut()),
            handle: heap::Mutex::new(Handle),
            is_initialized: AtomicBool::new(false),
            level: heap::Mutex::new(Level(Some(""))),
            autocommit: AtomicI32::new(-1),
            detect_types: AtomicI32::new(0),
            checks_thread: AtomicBool::new(true),
            thread: AtomicU64::new(0),
            row_factory: Slot::new(Value::none()),
            text_factory: Slot::new(Str::class().value()),
            statements: heap::Mutex::new(Cache::default()),
            cached_statements: AtomicUsize::new(128),
            callbacks: Slot::empty(),
            live: Slot::empty(),
            lock: Reentrant::new(),
        };
        Ok(new_object(cls, fields).value())
    }
    fn __init__(this: Gc<Connection>, args: Args) -> R<()> {
        let [database, timeout, detect_types, level, check_same_thread, _factory, cached, uri, autocommit] =
            bind_constructor(args, "_sqlite3.Connection")?;
        let database = database.unwrap_or(Value::none());
        objects::audit::audit("sqlite3.connect", &[database])?;
        let path = objects::path::fs_bytes(database)?;
        let timeout = timeout.map_or(Ok(5.0), objects::as_f64)?;
        let detect_types = detect_types.map_or(Ok(0), objects::index)?;
        let level = level.map_or(Ok(Some("")), read_level)?;
        let check_same_thread = check_same_thread.map_or(Ok(true), objects::is_true)?;
        let cached = cached.map_or(Ok(128), objects::index)?;
        let uri = uri.map_or(Ok(false), objects::is_true)?;
        let autocommit = autocommit.map_or(Ok(-1), read_autocommit)?;
        // Nobody is at work with the database that it has so far.
        let _guard = this.lock.lock();
        if this.is_initialized.swap(false, Ordering::AcqRel) {
            this.shut(true);
        }
        let mut db = std::ptr::null_mut();
        let mut flags = ffi::SQLITE_OPEN_READWRITE | ffi::SQLITE_OPEN_CREATE;
        if uri {
            flags |= ffi::SQLITE_OPEN_URI;
        }
        // SAFETY: a NUL-terminated name and a place for the connection.
        let code = call(|| unsafe {
            let code = ffi::sqlite3_open_v2(path.as_ptr(), &mut db, flags, std::ptr::null());
            if code == ffi::SQLITE_OK {
                ffi::sqlite3_busy_timeout(db, (timeout * 1000.0) as i32);
                // The library is compiled to check them unless told otherwise; SQLite by itself does not.
                ffi::sqlite3_db_config(db, ffi::SQLITE_DBCONFIG_ENABLE_FKEY, 0, std::ptr::null_mut::<std::ffi::c_int>());
                crate::callbacks::listen_to_signals(db);
            }
            code
        });
        if code != ffi::SQLITE_OK {
            let raised = errors::from_database(db);
            calls::leave_database(db);
            return Err(raised);
        }
        this.db.store(db, Ordering::Release);
        this.level.lock().0 = level;
        this.autocommit.store(autocommit, Ordering::Relaxed);
        this.detect_types.store(detect_types as i32, Ordering::Relaxed);
        this.checks_thread.store(check_same_thread, Ordering::Relaxed);
        this.thread.store(this_thread(), Ordering::Relaxed);
        this.cached_statements.store(usize::try_from(cached).unwrap_or(0), Ordering::Relaxed);
        this.row_factory.set(Value::none());
        this.text_factory.set(Str::class().value());
        Connection::keep_earlier_callbacks(this)?;
        this.is_initialized.store(true, Ordering::Release);
        objects::audit::audit("sqlite3.connect/handle", &[this.value()])?;
        if autocommit == 0 {
            this.plain("BEGIN")?;
        }
        Ok(())
    }
    fn __del__(this: Gc<Connection>) -> R {
        // At the end of the process a thread may be using it still, or have stopped for good in the middle.
        let Some(_guard) = this.lock.try_lock() else { return Ok(Value::none()) };
        if !this.db().is_null() {
            let shown = objects::repr_lossy(this.value());
            objects::warnings::resource(&format!("unclosed database in {shown}"), this.value())?;
            this.shut(false);
        }
        Ok(Value::none())
    }
    fn __call__(this: Gc<Connection>, args: Args) -> R {
        this.check()?;
        args.no_keywords("Connection")?;
        args.check_count("Connection", 1, 1)?;
        let sql = args.get(0).unwrap_or(Value::none());
        let Some(text) = sql.cast::<Str>() else {
            return Err(type_error!("Connection() argument 1 must be str, not {}", objects::class_name(sql)));
        };
        let _guard = this.enter()?;
        Statement::prepare(this.db(), objects::convert::utf8(text)?).map(Gc::value)
    }
    /// A new cursor of the connection.
    #[sig("($self, factory=<unrepresentable>)")]
    fn cursor(this: Gc<Connection>, factory: Option<Value>) -> R {
        this.check()?;
        let factory = factory.unwrap_or(Cursor::CLASS_DEF.class().value());
        let made = objects::call(factory, &[this.value()])?;
        let Some(cursor) = made.cast::<Cursor>() else {
            return Err(type_error!("factory must return a cursor, not {}", objects::class_name(made)));
        };
        if let Some(factory) = this.row_factory.get().filter(|factory| !factory.is_none()) {
            cursor.row_factory.set(factory);
        }
        Ok(made)
    }
    /// Executes an SQL statement.
    #[sig("($self, sql, parameters=(), /)", hidden)]
    fn execute(this: Gc<Connection>, sql: Value, parameters: Option<Value>) -> R {
        let cursor = call_method(this.value(), objects::intern("cursor"), &[])?;
        match parameters {
            Some(parameters) => call_method(cursor, objects::intern("execute"), &[sql, parameters]),
            None => call_method(cursor, objects::intern("execute"), &[sql]),
        }
    }
    /// Run an SQL statement with each set of parameters.
    #[sig("($self, sql, parameters, /)")]
    fn executemany(this: Gc<Connection>, sql: Value, parameters: Value) -> R {
        let cursor = call_method(this.value(), objects::intern("cursor"), &[])?;
        call_method(cursor, objects::intern("executemany"), &[sql, parameters])
    }
    /// Run several SQL statements.
    #[sig("($self, sql_script, /)")]
    fn executescript(this: Gc<Connection>, sql_script: Value) -> R {
        let cursor = call_method(this.value(), objects::intern("cursor"), &[])?;
        call_method(cursor, objects::intern("executescript"), &[sql_script])
    }
    /// Commit the transaction.
    ///
    /// If none is open, nothing happens.
    fn commit(this: Gc<Connection>) -> R<()> {
        this.check()?;
        let _guard = this.enter()?;
        this.end_transaction("COMMIT")
    }
    /// Roll back to the start of the transaction.
    ///
    /// If none is open, nothing happens.
    fn rollback(this: Gc<Connection>) -> R<()> {
        this.check()?;
        let _guard = this.enter()?;
        this.end_transaction("ROLLBACK")
    }
    /// Close the connection.
    ///
    /// An open transaction is not committed.
    fn close(this: Gc<Connection>) -> R<()> {
        this.check_thread()?;
        let _guard = this.lock.lock();
        if this.db().is_null() {
            return Ok(());
        }
        let result =
            if this.autocommit.load(Ordering::Relaxed) == 0 && !this.is_autocommit() { this.plain("ROLLBACK") } else { Ok(()) };
        this.shut(false);
        result
    }
    /// Entry to a with statement.
    ///
    /// Returns the connection itself.
    fn __enter__(this: Gc<Connection>) -> R {
        this.check()?;
        Ok(this.value())
    }
    /// End of a with statement.
    ///
    /// The transaction is committed or, after an exception, rolled back.
    #[sig("($self, type, value, traceback, /)")]
    fn __exit__(this: Gc<Connection>, kind: Value, value: Value, traceback: Value) -> R<bool> {
        if this.autocommit.load(Ordering::Relaxed) == 1 {
            return Ok(false);
        }
        let failed = !(kind.is_none() && value.is_none() && traceback.is_none());
        if !failed {
            if let Err(raised) = Connection::commit(this) {
                let exception = raised.take();
                // What could not be committed is undone; the first error is the one that counts.
                if let Err(second) = Connection::rollback(this) {
                    second.clear();
                }
                return Err(objects::restore(exception));
            }
            return Ok(false);
        }
        Connection::rollback(this)?;
        Ok(false)
    }
    #[getter]
    fn isolation_level(this: Gc<Connection>) -> R<Option<&'static str>> {
        this.check()?;
        Ok(this.level.lock().0)
    }
    #[setter(isolation_level)]
    fn set_isolation_level(this: Gc<Connection>, value: Option<Value>) -> R<()> {
        let Some(value) = value else { return Err(objects::attribute_error!("cannot delete attribute")) };
        if value.is_none() {
            this.level.lock().0 = None;
            this.check()?;
            let _guard = this.enter()?;
            if !this.is_autocommit() {
                this.plain("COMMIT")?;
            }
            return Ok(());
        }
        let level = read_level(value)?;
        this.level.lock().0 = level;
        Ok(())
    }
    #[getter]
    fn autocommit(this: Gc<Connection>) -> R {
        this.check()?;
        Ok(match this.autocommit.load(Ordering::Relaxed) {
            1 => Value::bool(true),
            0 => Value::bool(false),
            other => new_int(other as i64),
        })
    }
    #[setter(autocommit)]
    fn set_autocommit(this: Gc<Connection>, value: Option<Value>) -> R<()> {
        let Some(value) = value else { return Err(objects::attribute_error!("cannot delete autocommit attribute")) };
        this.check()?;
        let wanted = read_autocommit(value)?;
        let _guard = this.enter()?;
        match wanted {
            1 if !this.is_autocommit() => this.plain("COMMIT")?,
            0 if this.is_autocommit() => this.plain("BEGIN")?,
            _ => {}
        }
        this.autocommit.store(wanted, Ordering::Relaxed);
        Ok(())
    }
    #[getter]
    fn in_transaction(this: Gc<Connection>) -> R<bool> {
        this.check()?;
        let _guard = this.enter()?;
        Ok(!this.is_autocommit())
    }
    #[getter]
    fn total_changes(this: Gc<Connection>) -> R<i64> {
        this.check()?;
        let _guard = this.enter()?;
        // SAFETY: an open connection.
        Ok(unsafe { ffi::sqlite3_total_changes64(this.db()) })
    }
    #[getter]
    fn row_factory(this: Gc<Connection>) -> Option<Value> {
        this.row_factory.get()
    }
    #[setter(row_factory)]
    fn set_row_factory(this: Gc<Connection>, value: Value) {
        this.row_factory.set(value);
    }
    #[getter]
    fn text_factory(this: Gc<Connection>) -> Option<Value> {
        this.text_factory.get()
    }
    #[setter(text_factory)]
    fn set_text_factory(this: Gc<Connection>, value: Value) {
        this.text_factory.set(value);
    }

    // The rest is in `connection_more.rs`.

    /// Creates a new function.
    fn create_function(this: Gc<Connection>, args: Args) -> R<()> {
        let names = ["name", "narg", "func", "deterministic"];
        let [name, count, function, deterministic] = bind_method(args, "create_function", names, 3)?;
        let name = text_argument(name, "create_function")?;
        let deterministic = deterministic.map_or(Ok(false), objects::is_true)?;
        Connection::add_function(this, name, count_argument(count)?, function.unwrap_or(Value::none()), deterministic)
    }
    /// Make an aggregate function.
    fn create_aggregate(this: Gc<Connection>, args: Args) -> R<()> {
        let [name, count, class] = bind_method(args, "create_aggregate", ["name", "n_arg", "aggregate_class"], 3)?;
        let name = text_argument(name, "create_aggregate")?;
        Connection::add_aggregate(this, name, count_argument(count)?, class.unwrap_or(Value::none()))
    }
    /// Make, or replace, an aggregate window function. Non-standard.
    #[sig("($self, name, num_params, aggregate_class, /)")]
    fn create_window_function(this: Gc<Connection>, name: &str, num_params: i32, aggregate_class: Value) -> R<()> {
        Connection::add_window_function(this, name, num_params, aggregate_class)
    }
    /// Creates a collation function.
    #[sig("($self, name, callback, /)")]
    fn create_collation(this: Gc<Connection>, name: &str, callback: Value) -> R<()> {
        Connection::add_collation(this, name, callback)
    }
    /// Set authorizer callback.
    fn set_authorizer(this: Gc<Connection>, args: Args) -> R<()> {
        let [callback] = bind_method(args, "set_authorizer", ["authorizer_callback"], 1)?;
        Connection::use_authorizer(this, callback.unwrap_or(Value::none()))
    }
    /// Set a callback for long queries.
    ///
    ///   progress_handler
    ///     Called without arguments. If it returns a true value, the query is
    ///     given up with an exception.
    ///   n
    ///     After how many instructions of SQLite's virtual machine it is called
    ///     each time.
    ///
    /// None, or an n of 0, takes the callback away.
    fn set_progress_handler(this: Gc<Connection>, args: Args) -> R<()> {
        let [handler, count] = bind_method(args, "set_progress_handler", ["progress_handler", "n"], 2)?;
        Connection::use_progress_handler(this, handler.unwrap_or(Value::none()), count_argument(count)?)
    }
    /// Set a callback that gets each SQL statement that is run, as a string.
    fn set_trace_callback(this: Gc<Connection>, args: Args) -> R<()> {
        let [callback] = bind_method(args, "set_trace_callback", ["trace_callback"], 1)?;
        Connection::use_trace_callback(this, callback.unwrap_or(Value::none()))
    }
    /// Break off the operation that is going on.
    fn interrupt(this: Gc<Connection>) -> R<()> {
        if !this.is_initialized.load(Ordering::Acquire) {
            return Err(errors::PROGRAMMING.raise("Base Connection.__init__ not called."));
        }
        // Who works with the connection has its lock; the handle alone keeps it open.
        let handle = this.handle.lock();
        if this.db().is_null() {
            drop(handle);
            return Err(errors::PROGRAMMING.raise("Cannot operate on a closed database."));
        }
        // SAFETY: an open connection; this may be done from any thread.
        unsafe { ffi::sqlite3_interrupt(this.db()) };
        Ok(())
    }
    /// An iterator over the SQL statements that make the database anew.
    ///
    ///   filter
    ///     A LIKE pattern for the names of the objects
    #[sig("($self, *, filter=None)")]
    fn iterdump(this: Gc<Connection>, filter: Option<Value>) -> R {
        this.check()?;
        let filter = filter.unwrap_or(Value::none());
        let import = objects::get_attr(objects::door::builtins_module()?, objects::intern("__import__"))?;
        let none = Value::none();
        let names = objects::new_list(&[objects::new_str("_iterdump")]).value();
        let module = objects::call(import, &[objects::new_str("sqlite3.dump"), none, none, names])?;
        let dump = objects::get_attr(module, objects::intern("_iterdump"))?;
        objects::call_kw(dump, &[this.value()], &[(objects::intern("filter"), filter)])
    }
    /// Back the database up into another.
    #[sig("($self, target, *, pages=-1, progress=None, name='main', sleep=0.25)")]
    fn backup(this: Gc<Connection>, target: Value, pages: i32, progress: Option<Value>, name: &str, sleep: f64) -> R<()> {
        Connection::copy_to(this, target, pages, progress, name, sleep)
    }
    /// A Blob object for a field of a row.
    #[sig("($self, table, column, rowid, /, *, readonly=False, name='main')")]
    fn blobopen(this: Gc<Connection>, table: &str, column: &str, rowid: i64, readonly: bool, name: &str) -> R {
        Connection::open_blob(this, table, column, rowid, readonly, name)
    }
    /// The database as bytes.
    #[sig("($self, *, name='main')")]
    fn serialize(this: Gc<Connection>, name: &str) -> R {
        Connection::to_bytes(this, name)
    }
    /// Read the database from bytes.
    #[sig("($self, data, /, *, name='main')")]
    fn deserialize(this: Gc<Connection>, data: objects::buffer::StrOrBuf, name: &str) -> R<()> {
        Connection::load_bytes(this, &data, name)
    }
    /// Allow or forbid that extension modules are loaded.
    #[sig("($self, enable, /)")]
    fn enable_load_extension(this: Gc<Connection>, enable: bool) -> R<()> {
        objects::audit::audit("sqlite3.enable_load_extension", &[this.value(), Value::bool(enable)])?;
        this.check()?;
        let _guard = this.enter()?;
        // SAFETY: an open connection.
        let code = unsafe { ffi::sqlite3_enable_load_extension(this.db(), enable as i32) };
        if code != ffi::SQLITE_OK { Err(errors::OPERATIONAL.raise("Error enabling load extension")) } else { Ok(()) }
    }
    /// Load SQLite extension module.
    #[sig("($self, name, /, *, entrypoint=None)")]
    fn load_extension(this: Gc<Connection>, name: &str, entrypoint: Option<&str>) -> R<()> {
        objects::audit::audit("sqlite3.load_extension", &[this.value(), objects::new_str(name)])?;
        this.check()?;
        let c_text = |text: &str| CString::new(text).map_err(|_| value_error!("embedded null character"));
        let (name, entrypoint) = (c_text(name)?, entrypoint.map(c_text).transpose()?);
        let entry = entrypoint.as_ref().map_or(std::ptr::null(), |entry| entry.as_ptr());
        let mut message = std::ptr::null_mut();
        let _guard = this.enter()?;
        // SAFETY: NUL-terminated names and a place for the message, which is freed after it was copied.
        unsafe {
            if ffi::sqlite3_load_extension(this.db(), name.as_ptr(), entry, &mut message) == ffi::SQLITE_OK {
                return Ok(());
            }
            if message.is_null() {
                return Err(errors::from_database(this.db()));
            }
            let text = std::ffi::CStr::from_ptr(message).to_string_lossy().into_owned();
            ffi::sqlite3_free(message.cast());
            Err(errors::OPERATIONAL.raise(&text))
        }
    }
    /// The limit of a category at run time.
    #[sig("($self, category, /)")]
    fn getlimit(this: Gc<Connection>, category: i32) -> R<i32> {
        Connection::setlimit(this, category, -1)
    }
    /// Set the limit of a category at run time.
    #[sig("($self, category, limit, /)")]
    fn setlimit(this: Gc<Connection>, category: i32, limit: i32) -> R<i32> {
        this.check()?;
        let _guard = this.enter()?;
        // SAFETY: an open connection.
        match unsafe { ffi::sqlite3_limit(this.db(), category, limit) } {
            old if old < 0 => Err(errors::PROGRAMMING.raise("'category' is out of bounds")),
            old => Ok(old),
        }
    }
    /// Whether an option of the connection is on.
    #[sig("($self, op, /)")]
    fn getconfig(this: Gc<Connection>, op: i32) -> R<bool> {
        Connection::configure(this, op, -1).map(|state| state != 0)
    }
    /// Switch an option of the connection on or off.
    #[sig("($self, op, enable=True, /)")]
    fn setconfig(this: Gc<Connection>, op: i32, enable: bool) -> R<()> {
        if Connection::configure(this, op, enable as i32)? == enable as i32 {
            return Ok(());
        }
        Err(errors::OPERATIONAL.raise(&format!("Unable to set config {op} to {}", enable as i32)))
    }
}
