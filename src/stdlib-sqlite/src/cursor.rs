//! `sqlite3.Cursor`. Must not know: how connections are made.

use crate::connection::Connection;
use crate::convert;
use crate::errors;
use crate::statement::{Mark, Statement};
use libsqlite3_sys as ffi;
use native_macros::{Layout, native_class};
use objects::{
    Args, Cast, Class, Gc, GcVec, Header, Layout as _, R, Slot, Str, Value, new_int, new_list, new_object, new_str, new_tuple,
    type_error, value_error,
};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct Cursor {
    pub header: Header,
    connection: Slot,
    description: Slot,
    /// A tuple of converters or None, one for each column; empty if there are none.
    converters: Slot,
    arraysize: AtomicI64,
    lastrowid: Slot,
    rowcount: AtomicI64,
    pub row_factory: Slot,
    statement: Slot,
    closed: AtomicBool,
    locked: AtomicBool,
    /// That of the statement, while it runs for this cursor.
    mark: heap::Mutex<RunningMark>,
}

#[derive(Default)]
struct RunningMark(Option<Mark>);
objects::no_references!(RunningMark);

impl Drop for Cursor {
    fn drop(&mut self) {
        // SAFETY: nobody else reaches a dead object.
        if let Some(mark) = unsafe { (*self.mark.data_ptr()).0.take() } {
            mark.store(true, Ordering::Release);
        }
    }
}

/// Marks a cursor as busy.
struct Busy(Gc<Cursor>);
impl Busy {
    /// Only while the connection is held: else two threads could begin at once.
    fn begin(cursor: Gc<Cursor>) -> R<Busy> {
        if cursor.closed.load(Ordering::Acquire) {
            return Err(errors::PROGRAMMING.raise("Cannot operate on a closed cursor."));
        }
        if cursor.locked.swap(true, Ordering::AcqRel) {
            return Err(errors::PROGRAMMING.raise("Recursive use of cursors not allowed."));
        }
        Ok(Busy(cursor))
    }
}
impl Drop for Busy {
    fn drop(&mut self) {
        self.0.locked.store(false, Ordering::Release);
    }
}

impl Cursor {
    fn statement(&self) -> Option<Gc<Statement>> {
        self.statement.get().and_then(|statement| statement.cast::<Statement>())
    }
    fn drop_statement(&self) {
        if let Some(statement) = self.statement() {
            statement.reset();
        }
        self.mark.lock().0 = None;
        self.statement.set_opt(None);
    }
    fn check(&self) -> R<Gc<Connection>> {
        let Some(connection) = self.connection.get().and_then(|connection| connection.cast::<Connection>()) else {
            return Err(errors::PROGRAMMING.raise("Base Cursor.__init__ not called."));
        };
        if self.closed.load(Ordering::Acquire) {
            return Err(errors::PROGRAMMING.raise("Cannot operate on a closed cursor."));
        }
        // Busy in this thread; who is busy in another is waited for.
        if self.locked.load(Ordering::Acquire) && connection.lock.is_mine() {
            return Err(errors::PROGRAMMING.raise("Recursive use of cursors not allowed."));
        }
        connection.check()?;
        Ok(connection)
    }
    fn make_converters(&self, connection: Gc<Connection>, statement: Gc<Statement>) -> R<()> {
        self.converters.set_opt(None);
        let detect = connection.detect_types.load(Ordering::Relaxed);
        if detect == 0 {
            return Ok(());
        }
        let mut converters = GcVec::new();
        for column in 0..statement.column_count() {
            let mut found = None;
            if detect & 2 != 0 {
                let name = statement.column_name(column);
                if let Some((_, rest)) = name.split_once('[')
                    && let Some((kind, _)) = rest.split_once(']')
                {
                    found = convert::converter(kind)?;
                }
            }
            if found.is_none()
                && detect & 1 != 0
                && let Some(declared) = statement.declared_type(column)
            {
                let end = declared.find([' ', '(']).unwrap_or(declared.len());
                found = convert::converter(&declared[..end])?;
            }
            converters.push(found.unwrap_or(Value::none()));
        }
        self.converters.set(new_tuple(&converters).value());
        Ok(())
    }
    fn describe(&self, connection: Gc<Connection>, statement: Gc<Statement>) {
        let count = statement.column_count();
        if count == 0 || !self.description.get().is_none_or(|description| description.is_none()) {
            return;
        }
        let cuts_types = connection.detect_types.load(Ordering::Relaxed) & 2 != 0;
        let none = Value::none();
        let mut columns = GcVec::new();
        for column in 0..count {
            let name = statement.column_name(column);
            let shown = match name.find('[') {
                Some(bracket) if cuts_types => name[..bracket].strip_suffix(' ').unwrap_or(&name[..bracket]),
                _ => &name,
            };
            columns.push(new_tuple(&[new_str(shown), none, none, none, none, none, none]).value());
        }
        self.description.set(new_tuple(&columns).value());
    }

    fn fetch_row(&self, connection: Gc<Connection>, statement: Gc<Statement>) -> R {
        let converters = self.converters.get().and_then(|converters| converters.cast::<objects::Tuple>());
        let text_factory = connection.text_factory.get().unwrap_or(Str::class().value());
        let mut items = GcVec::new();
        // SAFETY: a live statement with a row.
        let count = unsafe { ffi::sqlite3_data_count(statement.pointer()) };
        for column in 0..count {
            let converter = converters.and_then(|all| all.items().get(column as usize).copied()).filter(|one| !one.is_none());
            items.push(match converter {
                Some(converter) => match convert::column_bytes(statement.pointer(), column) {
                    Some(bytes) => objects::call(converter, &[bytes])?,
                    None => Value::none(),
                },
                None => convert::column(statement.pointer(), column, text_factory)?,
            });
        }
        Ok(new_tuple(&items).value())
    }
    /// The next row, after which the statement has moved on.
    fn next_row(this: Gc<Cursor>) -> R<Option<Value>> {
        let connection = this.check()?;
        let _guard = connection.enter()?;
        // Also while the statement goes on: what it calls must not end it.
        let busy = Busy::begin(this)?;
        let Some(statement) = this.statement() else { return Ok(None) };
        let row = this.fetch_row(connection, statement)?;
        let code = statement.step();
        drop(busy);
        match code {
            ffi::SQLITE_ROW => {}
            ffi::SQLITE_DONE => {
                if statement.is_dml && !connection.db().is_null() {
                    // SAFETY: an open connection.
                    this.rowcount.store(unsafe { ffi::sqlite3_changes64(connection.db()) }, Ordering::Relaxed);
                }
                this.drop_statement();
            }
            _ => {
                let raised = errors::from_database(connection.db());
                this.drop_statement();
                return Err(raised);
            }
        }
        match this.row_factory.get().filter(|factory| !factory.is_none()) {
            Some(factory) => objects::call(factory, &[this.value(), row]).map(Some),
            None => Ok(Some(row)),
        }
    }

    fn run(this: Gc<Cursor>, sql: &str, many: bool, parameters: Option<Value>) -> R {
        let connection = this.check()?;
        let _guard = connection.enter()?;
        let busy = Busy::begin(this)?;
        let result = this.run_locked(connection, sql, many, parameters);
        drop(busy);
        if let Err(raised) = result {
            let exception = raised.take();
            this.drop_statement();
            this.rowcount.store(-1, Ordering::Relaxed);
            return Err(objects::restore(exception));
        }
        Ok(this.value())
    }
    fn run_locked(&self, connection: Gc<Connection>, sql: &str, many: bool, parameters: Option<Value>) -> R<()> {
        let db = connection.db();
        let sets = match parameters {
            Some(parameters) if many => Some(objects::iter(parameters)?),
            _ => None,
        };
        self.drop_statement();
        self.description.set(Value::none());
        connection.check_same(db)?;
        let statement = connection.statement(sql)?;
        connection.check_same(db)?;
        if many && statement.is_readonly() {
            return Err(errors::PROGRAMMING.raise("executemany() can only execute DML statements."));
        }
        statement.is_used.store(true, Ordering::Release);
        self.mark.lock().0 = Some(statement.mark());
        self.statement.set(statement.value());
        self.rowcount.store(if statement.is_dml { 0 } else { -1 }, Ordering::Relaxed);
        if connection.begins_itself() && statement.is_dml && connection.is_autocommit() {
            connection.begin()?;
        }
        let mut first = true;
        loop {
            let set = match sets {
                Some(sets) => match objects::next(sets)? {
                    Some(set) => set,
                    None => break,
                },
                None if first => parameters.unwrap_or_else(|| new_tuple(&[]).value()),
                None => break,
            };
            first = false;
            connection.check_same(db)?;
            statement.is_used.store(true, Ordering::Release);
            statement.bind_all(db, set)?;
            connection.check_same(db)?;
            let mut code = statement.step();
            if code & 0xff == ffi::SQLITE_LOCKED {
                // Perhaps it is garbage that holds the lock.
                connection.end_abandoned();
                statement.reset();
                statement.is_used.store(true, Ordering::Release);
                code = statement.step();
            }
            if code != ffi::SQLITE_DONE && code != ffi::SQLITE_ROW {
                return Err(errors::from_database(db));
            }
            self.make_converters(connection, statement)?;
            self.describe(connection, statement);
            if code == ffi::SQLITE_DONE {
                if statement.is_dml {
                    // SAFETY: an open connection.
                    self.rowcount.fetch_add(unsafe { ffi::sqlite3_changes64(db) }, Ordering::Relaxed);
                }
                statement.reset();
            } else if many {
                statement.reset();
            }
        }
        if !many {
            // SAFETY: an open connection.
            self.lastrowid.set(new_int(unsafe { ffi::sqlite3_last_insert_rowid(db) }));
        }
        if !statement.is_used.load(Ordering::Acquire) || many {
            self.drop_statement();
        }
        Ok(())
    }
}

/// SQLite database cursor class.
#[native_class(name = "sqlite3.Cursor", base = object, flags = "weakref mutable")]
impl Cursor {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        let fields = Cursor {
            header: Header::blank(),
            connection: Slot::empty(),
            description: Slot::new(Value::none()),
            converters: Slot::empty(),
            arraysize: AtomicI64::new(1),
            lastrowid: Slot::new(Value::none()),
            rowcount: AtomicI64::new(-1),
            row_factory: Slot::new(Value::none()),
            statement: Slot::empty(),
            closed: AtomicBool::new(false),
            locked: AtomicBool::new(false),
            mark: heap::Mutex::new(RunningMark::default()),
        };
        Ok(new_object(cls, fields).value())
    }
    #[sig("($self, connection, /)", hidden)]
    fn __init__(this: Gc<Cursor>, connection: Value) -> R<()> {
        let before = this.connection.get().and_then(|before| before.cast::<Connection>());
        let _guard = before.as_ref().map(|before| before.lock.lock());
        if this.locked.load(Ordering::Acquire) {
            return Err(errors::PROGRAMMING.raise("Recursive use of cursors not allowed."));
        }
        if connection.cast::<Connection>().is_none() {
            return Err(type_error!("Cursor() argument 1 must be sqlite3.Connection, not {}", objects::class_name(connection)));
        }
        this.drop_statement();
        this.connection.set(connection);
        this.closed.store(false, Ordering::Release);
        this.arraysize.store(1, Ordering::Relaxed);
        this.rowcount.store(-1, Ordering::Relaxed);
        this.description.set(Value::none());
        this.lastrowid.set(Value::none());
        this.row_factory.set(Value::none());
        if let Some(connection) = connection.cast::<Connection>() {
            connection.check_thread()?;
        }
        Ok(())
    }
    /// Executes an SQL statement.
    #[sig("($self, sql, parameters=(), /)")]
    fn execute(this: Gc<Cursor>, sql: &str, parameters: Option<Value>) -> R {
        Cursor::run(this, sql, false, parameters)
    }
    /// Run an SQL statement with each set of parameters.
    #[sig("($self, sql, seq_of_parameters, /)")]
    fn executemany(this: Gc<Cursor>, sql: &str, parameters: Value) -> R {
        Cursor::run(this, sql, true, Some(parameters))
    }
    /// Run several SQL statements.
    #[sig("($self, sql_script, /)")]
    fn executescript(this: Gc<Cursor>, sql_script: &str) -> R {
        let connection = this.check()?;
        let _guard = connection.enter()?;
        if sql_script.contains('\0') {
            return Err(value_error!("embedded null character"));
        }
        let db = connection.db();
        // SAFETY: an open connection.
        if sql_script.len() > unsafe { ffi::sqlite3_limit(db, ffi::SQLITE_LIMIT_SQL_LENGTH, -1) } as usize {
            return Err(errors::DATA.raise("query string is too large"));
        }
        if connection.autocommit.load(Ordering::Relaxed) == -1 && !connection.is_autocommit() {
            connection.plain("COMMIT")?;
        }
        // Of text without an end of its own the library would copy all that is left for every statement.
        let script = base::memory::joined(&[sql_script.as_bytes(), b"\0"]);
        let mut at = 0;
        loop {
            let rest = &script[at..];
            let mut pointer = std::ptr::null_mut();
            let mut tail = std::ptr::null();
            let code = crate::calls::call(|| {
                // SAFETY: text that ends with a zero, and places for the results.
                unsafe {
                    let mut code = ffi::sqlite3_prepare_v2(db, rest.as_ptr().cast(), -1, &mut pointer, &mut tail);
                    if code == ffi::SQLITE_OK {
                        code = ffi::sqlite3_step(pointer);
                        while code == ffi::SQLITE_ROW {
                            code = ffi::sqlite3_step(pointer);
                        }
                        if pointer.is_null() {
                            code = ffi::SQLITE_OK;
                        }
                        let finished = ffi::sqlite3_finalize(pointer);
                        if finished != ffi::SQLITE_OK || code == ffi::SQLITE_DONE {
                            code = finished;
                        }
                    }
                    code
                }
            });
            if code != ffi::SQLITE_OK {
                return Err(errors::from_database(db));
            }
            at += (tail as usize).wrapping_sub(rest.as_ptr() as usize).min(rest.len());
            if at >= sql_script.len() {
                break;
            }
        }
        Ok(this.value())
    }
    /// The next row, or None.
    fn fetchone(this: Gc<Cursor>) -> R {
        Ok(Cursor::next_row(this)?.unwrap_or(Value::none()))
    }
    /// The next rows as a list.
    ///
    ///   size
    ///     How many, by default Cursor.arraysize.
    #[sig("($self, size=1)")]
    fn fetchmany(this: Gc<Cursor>, size: Option<i64>) -> R {
        let size = size.unwrap_or_else(|| this.arraysize.load(Ordering::Relaxed));
        let mut rows = GcVec::new();
        this.check()?;
        if size < 0 {
            return Err(value_error!("size must be non-negative"));
        }
        if size > u32::MAX as i64 {
            return Err(objects::overflow_error!("Python int too large to convert to C uint32_t"));
        }
        while (rows.len() as i64) < size {
            match Cursor::next_row(this)? {
                Some(row) => rows.push(row),
                None => break,
            }
        }
        Ok(new_list(&rows).value())
    }
    /// All rows that are left, as a list.
    fn fetchall(this: Gc<Cursor>) -> R {
        let mut rows = GcVec::new();
        while let Some(row) = Cursor::next_row(this)? {
            rows.push(row);
        }
        Ok(new_list(&rows).value())
    }
    fn __iter__(this: Gc<Cursor>) -> R {
        Ok(this.value())
    }
    fn __next__(this: Gc<Cursor>) -> R<Option<Value>> {
        Cursor::next_row(this)
    }
    /// Closes the cursor.
    fn close(this: Gc<Cursor>) -> R<()> {
        let Some(connection) = this.connection.get().and_then(|connection| connection.cast::<Connection>()) else {
            return Err(errors::PROGRAMMING.raise("Base Cursor.__init__ not called."));
        };
        if this.locked.load(Ordering::Acquire) && connection.lock.is_mine() {
            return Err(errors::PROGRAMMING.raise("Recursive use of cursors not allowed."));
        }
        connection.check()?;
        let _guard = connection.enter()?;
        this.drop_statement();
        this.closed.store(true, Ordering::Release);
        Ok(())
    }
    /// Demanded by the DB-API. Does nothing.
    #[sig("($self, sizes, /)")]
    fn setinputsizes(this: Gc<Cursor>, sizes: Value) {
        let _ = (this, sizes);
    }
    /// Demanded by the DB-API. Does nothing.
    #[sig("($self, size, column=None, /)")]
    fn setoutputsize(this: Gc<Cursor>, size: Value, column: Option<Value>) {
        let _ = (this, size, column);
    }
    #[getter]
    fn connection(this: Gc<Cursor>) -> Option<Value> {
        this.connection.get()
    }
    #[getter]
    pub fn description(this: Gc<Cursor>) -> Option<Value> {
        this.description.get()
    }
    #[getter]
    fn lastrowid(this: Gc<Cursor>) -> Option<Value> {
        this.lastrowid.get()
    }
    #[getter]
    fn rowcount(this: Gc<Cursor>) -> i64 {
        this.rowcount.load(Ordering::Relaxed)
    }
    #[getter]
    fn arraysize(this: Gc<Cursor>) -> i64 {
        this.arraysize.load(Ordering::Relaxed)
    }
    #[setter(arraysize)]
    fn set_arraysize(this: Gc<Cursor>, value: Option<Value>) -> R<()> {
        let Some(value) = value else {
            let class = objects::class_name(this.value());
            return Err(objects::attribute_error!("attribute 'arraysize' of '{class}' objects cannot be deleted"));
        };
        if !objects::is_int(value) {
            return Err(type_error!("'{}' object cannot be interpreted as an integer", objects::class_name(value)));
        }
        let size = objects::index_clamped(value)?;
        if size < 0 {
            return Err(value_error!("arraysize must be non-negative"));
        }
        if size > u32::MAX as i64 {
            return Err(objects::overflow_error!("Python int too large to convert to C uint32_t"));
        }
        this.arraysize.store(size, Ordering::Relaxed);
        Ok(())
    }
    #[getter]
    fn row_factory(this: Gc<Cursor>) -> Option<Value> {
        this.row_factory.get()
    }
    #[setter(row_factory)]
    fn set_row_factory(this: Gc<Cursor>, value: Value) {
        this.row_factory.set(value);
    }
}
