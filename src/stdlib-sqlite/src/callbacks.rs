//! Functions that the library calls, and the Python objects behind them. Must not know: how they are registered.

use crate::calls::inside;
use crate::connection::Connection;
use crate::convert::{argument, give_result};
use libsqlite3_sys as ffi;
use objects::dict::{dict_remove, dict_set};
use objects::{Gc, GcVec, R, Raised, Value, exc, new_int, new_str};
use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};

/// Whether errors of callbacks are shown.
pub static SHOWS_ERRORS: AtomicBool = AtomicBool::new(false);

/// What a registered callback leads to. The connection keeps both alive, until it dies itself: statements that die with it are freed later,
/// and their aggregates come to their end then.
pub struct Target {
    pub callable: Value,
    pub connection: Gc<Connection>,
    is_dead: Arc<AtomicBool>,
}

/// Connections with callbacks, by address. Held for moments without a safepoint, so that a stopped world never waits for it.
static CONNECTIONS: Mutex<Vec<(usize, Arc<AtomicBool>)>> = Mutex::new(Vec::new());

fn connections() -> MutexGuard<'static, Vec<(usize, Arc<AtomicBool>)>> {
    CONNECTIONS.lock().unwrap_or_else(PoisonError::into_inner)
}
fn note_dead(liveness: &heap::Liveness) {
    connections().retain(|(address, is_dead)| {
        let lives = liveness.is_alive(*address as *mut heap::Header);
        is_dead.store(!lives, Ordering::Release);
        lives
    });
}
fn mark_of(connection: Gc<Connection>) -> Arc<AtomicBool> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| heap::register_sweep_hook(note_dead));
    let address = connection.as_ptr() as usize;
    let mut known = connections();
    if let Some((_, mark)) = known.iter().find(|(other, _)| *other == address) {
        return mark.clone();
    }
    let mark = Arc::new(AtomicBool::new(false));
    known.push((address, mark.clone()));
    mark
}

impl Target {
    pub fn leak(callable: Value, connection: Gc<Connection>) -> *mut c_void {
        let is_dead = mark_of(connection);
        Box::into_raw(Box::new(Target { callable, connection, is_dead })).cast()
    }
    /// The callable, for as long as the caller needs it: it may be replaced while it is called.
    fn held(&self) -> Value {
        black_box(self.callable)
    }
    unsafe fn at<'a>(data: *mut c_void) -> &'a Target {
        &*data.cast::<Target>()
    }
}

pub unsafe extern "C" fn destroy(data: *mut c_void) {
    if !data.is_null() {
        drop(Box::from_raw(data.cast::<Target>()));
    }
}

#[cold]
fn report(raised: Raised, callable: Value) {
    if !SHOWS_ERRORS.load(Ordering::Relaxed) {
        return raised.clear();
    }
    let exception = raised.take();
    let text = format!("Exception ignored on sqlite3 callback {}", objects::repr_lossy(callable));
    objects::unraisable::report_unraisable(exception, Some(&text), None);
}

#[cold]
unsafe fn fail(context: *mut ffi::sqlite3_context, raised: Raised, callable: Value, text: &str) {
    if raised.is(&exc::MEMORY_ERROR) {
        ffi::sqlite3_result_error_nomem(context);
    } else if raised.is(&exc::OVERFLOW_ERROR) {
        ffi::sqlite3_result_error_toobig(context);
    } else {
        say(context, text);
    }
    report(raised, callable);
}
unsafe fn say(context: *mut ffi::sqlite3_context, text: &str) {
    let text = CString::new(text).unwrap_or_default();
    ffi::sqlite3_result_error(context, text.as_ptr(), -1);
}

unsafe fn arguments(count: c_int, values: *mut *mut ffi::sqlite3_value) -> R<GcVec> {
    let mut arguments = GcVec::new();
    for index in 0..count as usize {
        arguments.push(argument(*values.add(index))?);
    }
    Ok(arguments)
}

pub unsafe extern "C" fn function(context: *mut ffi::sqlite3_context, count: c_int, values: *mut *mut ffi::sqlite3_value) {
    let target = Target::at(ffi::sqlite3_user_data(context));
    inside((), || {
        let run = || -> R<bool> { give_result(context, objects::call(target.callable, &arguments(count, values)?)?) };
        match run() {
            Ok(true) => {}
            Ok(false) => say(context, "user-defined function raised exception"),
            Err(raised) => fail(context, raised, target.callable, "user-defined function raised exception"),
        }
    })
}

/// The object that gathers one aggregate, and whether it could be made.
unsafe fn instance(context: *mut ffi::sqlite3_context, target: &Target) -> Option<Value> {
    let place = ffi::sqlite3_aggregate_context(context, 8).cast::<Option<Value>>();
    if place.is_null() {
        return None;
    }
    if (*place).is_none() {
        match objects::call(target.callable, &[]) {
            Ok(made) => {
                if let Err(raised) = dict_set(target.connection.live(), new_int(place as i64), made) {
                    raised.clear();
                    return None;
                }
                *place = Some(made);
            }
            Err(raised) => {
                fail(context, raised, target.callable, "user-defined aggregate's '__init__' method raised error");
                return None;
            }
        }
    }
    *place
}

unsafe fn feed(context: *mut ffi::sqlite3_context, count: c_int, values: *mut *mut ffi::sqlite3_value, method: &str) {
    let target = Target::at(ffi::sqlite3_user_data(context));
    inside((), || {
        let Some(instance) = instance(context, target) else { return };
        let method_value = match objects::get_attr(instance, objects::intern(method)) {
            Ok(value) => value,
            Err(raised) => {
                return fail(
                    context,
                    raised,
                    target.callable,
                    &format!("user-defined aggregate's '{method}' method not defined"),
                );
            }
        };
        let run = || objects::call(method_value, &arguments(count, values)?);
        if let Err(raised) = run() {
            fail(context, raised, target.callable, &format!("user-defined aggregate's '{method}' method raised error"));
        }
    })
}
pub unsafe extern "C" fn step(context: *mut ffi::sqlite3_context, count: c_int, values: *mut *mut ffi::sqlite3_value) {
    feed(context, count, values, "step")
}
pub unsafe extern "C" fn inverse(context: *mut ffi::sqlite3_context, count: c_int, values: *mut *mut ffi::sqlite3_value) {
    feed(context, count, values, "inverse")
}

unsafe fn ask(context: *mut ffi::sqlite3_context, instance: Value, target: &Target, method: &str) {
    let method_value = match objects::get_attr(instance, objects::intern(method)) {
        Ok(value) => value,
        Err(raised) => {
            let text = format!("user-defined aggregate's '{method}' method not defined");
            return fail(context, raised, target.callable, &text);
        }
    };
    let text = format!("user-defined aggregate's '{method}' method raised error");
    match objects::call(method_value, &[]).and_then(|result| give_result(context, result)) {
        Ok(true) => {}
        Ok(false) => say(context, &text),
        Err(raised) => fail(context, raised, target.callable, &text),
    }
}
pub unsafe extern "C" fn value(context: *mut ffi::sqlite3_context) {
    let target = Target::at(ffi::sqlite3_user_data(context));
    inside((), || {
        if let Some(instance) = instance(context, target) {
            ask(context, instance, target, "value");
        }
    })
}
pub unsafe extern "C" fn finalize(context: *mut ffi::sqlite3_context) {
    let target = Target::at(ffi::sqlite3_user_data(context));
    inside((), || {
        let place = ffi::sqlite3_aggregate_context(context, 0).cast::<Option<Value>>();
        if place.is_null() || target.is_dead.load(Ordering::Acquire) {
            return;
        }
        let Some(instance) = (*place).take() else { return };
        ask(context, instance, target, "finalize");
        if let Err(raised) = dict_remove(target.connection.live(), new_int(place as i64)) {
            raised.clear();
        }
    })
}

pub unsafe extern "C" fn collation(
    data: *mut c_void,
    first_length: c_int,
    first: *const c_void,
    second_length: c_int,
    second: *const c_void,
) -> c_int {
    let target = Target::at(data);
    inside(0, || {
        let callable = target.held();
        let text = |pointer: *const c_void, length: c_int| -> R {
            let bytes = if length == 0 { &[][..] } else { std::slice::from_raw_parts(pointer.cast::<u8>(), length as usize) };
            Ok(objects::codec::decode_utf8(bytes, "strict")?.value())
        };
        let run = || {
            let first = text(first, first_length)?;
            let result = objects::call(callable, &[first, text(second, second_length)?])?;
            objects::index_clamped(result)
        };
        match run() {
            Ok(order) => order.signum() as c_int,
            Err(raised) => {
                report(raised, callable);
                0
            }
        }
    })
}

pub unsafe extern "C" fn authorizer(
    data: *mut c_void,
    action: c_int,
    first: *const c_char,
    second: *const c_char,
    database: *const c_char,
    source: *const c_char,
) -> c_int {
    let target = Target::at(data);
    inside(ffi::SQLITE_DENY, || {
        let callable = target.held();
        let text = |pointer: *const c_char| {
            if pointer.is_null() { Value::none() } else { new_str(&CStr::from_ptr(pointer).to_string_lossy()) }
        };
        let args = [new_int(action as i64), text(first), text(second), text(database), text(source)];
        match objects::call(callable, &args) {
            Ok(answer) if objects::is_int(answer) => match objects::index(answer).map(c_int::try_from) {
                Ok(Ok(answer)) => answer,
                Ok(Err(_)) => ffi::SQLITE_DENY,
                Err(raised) => {
                    report(raised, callable);
                    ffi::SQLITE_DENY
                }
            },
            Ok(_) => ffi::SQLITE_DENY,
            Err(raised) => {
                report(raised, callable);
                ffi::SQLITE_DENY
            }
        }
    })
}

pub unsafe extern "C" fn progress(data: *mut c_void) -> c_int {
    let target = Target::at(data);
    inside(1, || {
        let callable = target.held();
        match objects::call(callable, &[]).and_then(objects::is_true) {
            Ok(stops) => stops as c_int,
            Err(raised) => {
                report(raised, callable);
                1
            }
        }
    })
}

/// How many steps of the library's machine are between two looks at signals: some milliseconds.
const STEPS: c_int = 100_000;

/// What is asked while no progress handler of the program is there: whether a signal has come whose handler ends the statement.
unsafe extern "C" fn look_at_signals(_: *mut c_void) -> c_int {
    if heap::interrupts() & heap::mutator::INTERRUPT_SIGNAL == 0 {
        return 0;
    }
    // Its exception stays set; `errors` finds it when the library says that it was interrupted.
    inside(1, || objects::thread::poll().is_err() as c_int)
}

/// Lets signals end the statements of a connection.
/// # Safety
/// The connection is open, and used by nobody else.
pub unsafe fn listen_to_signals(db: *mut ffi::sqlite3) {
    ffi::sqlite3_progress_handler(db, STEPS, Some(look_at_signals), std::ptr::null_mut());
}

pub unsafe extern "C" fn trace(kind: c_uint, data: *mut c_void, statement: *mut c_void, sql: *mut c_void) -> c_int {
    if kind != ffi::SQLITE_TRACE_STMT {
        return 0;
    }
    let target = Target::at(data);
    inside(0, || {
        let callable = target.held();
        let expanded = ffi::sqlite3_expanded_sql(statement.cast());
        let text = if expanded.is_null() {
            // Too long to be written out: the text as it was given.
            let db = ffi::sqlite3_db_handle(statement.cast());
            if ffi::sqlite3_errcode(db) == ffi::SQLITE_NOMEM {
                return 0;
            }
            let raised = crate::errors::DATA.raise("Expanded SQL string exceeds the maximum string length");
            report(raised, callable);
            CStr::from_ptr(sql.cast::<c_char>()).to_string_lossy().into_owned()
        } else {
            let text = CStr::from_ptr(expanded).to_string_lossy().into_owned();
            ffi::sqlite3_free(expanded.cast());
            text
        };
        if let Err(raised) = objects::call(callable, &[new_str(&text)]) {
            report(raised, callable);
        }
        0
    })
}

/// A callable given from Python.
pub fn check_callable(value: Value) -> R<Value> {
    if objects::is_callable(value) { Ok(value) } else { Err(objects::type_error!("parameter must be callable")) }
}
