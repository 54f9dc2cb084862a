//! The current context of a thread, remembered per thread as long as neither the thread's contextvars context nor any decimal context
//! variable has changed. Must not know: operations.

use crate::context::Context;
use objects::{Cast, Gc, R, Slot, Value, call_method, interned, thread};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The context variable.
static VARIABLE: Slot = Slot::empty();
/// Counts calls of `setcontext` in all threads.
static CHANGES: AtomicU64 = AtomicU64::new(1);

/// What one thread remembers. Such records are never freed; threads that end leave theirs to later ones.
struct Remembered {
    /// The thread's contextvars context.
    around: Slot,
    current: Slot,
    changes: AtomicU64,
}

// Held for a few instructions without a safepoint, so that a stopped world never waits for it.
static FREE: Mutex<Vec<&'static Remembered>> = Mutex::new(Vec::new());

/// The record of a thread, given back when the thread ends.
struct Lease(Cell<Option<&'static Remembered>>);
impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(record) = self.0.take() {
            OWN.with(|own| own.set(None));
            record.around.set_opt(None);
            record.current.set_opt(None);
            FREE.lock().unwrap_or_else(PoisonError::into_inner).push(record);
        }
    }
}

thread_local! {
    static OWN: Cell<Option<&'static Remembered>> = const { Cell::new(None) };
    static LEASE: Lease = const { Lease(Cell::new(None)) };
}

pub fn set_variable(variable: Value) {
    objects::roots::keep_forever(variable);
    VARIABLE.get_or_set(variable);
}
fn variable() -> R {
    VARIABLE.get().ok_or_else(|| objects::runtime_error!("_decimal is not initialised"))
}

/// The calling thread's context.
#[inline(always)]
pub fn current() -> R<Gc<Context>> {
    if let Some(record) = OWN.with(Cell::get)
        && record.changes.load(Ordering::Relaxed) == CHANGES.load(Ordering::Relaxed)
        && let Some(around) = thread::current().context.get()
        && record.around.get() == Some(around)
        && let Some(current) = record.current.get()
    {
        // SAFETY: only contexts are stored there.
        return Ok(unsafe { current.cast_unchecked::<Context>() });
    }
    look_up()
}

#[cold]
#[inline(never)]
fn look_up() -> R<Gc<Context>> {
    let changes = CHANGES.load(Ordering::Acquire);
    let found = call_method(variable()?, interned!("get"), &[Value::none()])?;
    let context = match found.cast::<Context>() {
        Some(context) => context,
        None => {
            let fresh = crate::context::default_copy();
            call_method(variable()?, interned!("set"), &[fresh.value()])?;
            fresh
        }
    };
    remember(context, changes);
    Ok(context)
}

fn remember(context: Gc<Context>, changes: u64) {
    let record = OWN.with(Cell::get).unwrap_or_else(lease);
    // What a record says counts only as a whole: the number is the last to be right.
    record.changes.store(0, Ordering::Relaxed);
    record.around.set_opt(thread::current().context.get());
    record.current.set(context.value());
    record.changes.store(changes, Ordering::Relaxed);
}

#[cold]
fn lease() -> &'static Remembered {
    let free = FREE.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let record = free.unwrap_or_else(|| {
        let record: &'static Remembered =
            Box::leak(Box::new(Remembered { around: Slot::empty(), current: Slot::empty(), changes: AtomicU64::new(0) }));
        heap::register_global_root(&record.around);
        heap::register_global_root(&record.current);
        record
    });
    LEASE.with(|lease| lease.0.set(Some(record)));
    OWN.with(|own| own.set(Some(record)));
    record
}

/// Makes a context the calling thread's.
pub fn set_current(context: Gc<Context>) -> R<()> {
    call_method(variable()?, interned!("set"), &[context.value()])?;
    let changes = CHANGES.fetch_add(1, Ordering::AcqRel) + 1;
    remember(context, changes);
    Ok(())
}
