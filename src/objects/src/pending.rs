//! What the collector leaves to be done where Python code may run: `__del__` methods and callbacks of weak references.
//!
//! Must not know: when a poll happens.

use crate::call;
use crate::class::class_of;
use crate::error::{R, restore};
use crate::generator::Generator;
use crate::interned;
use crate::layout::Cast;
use crate::lookup::lookup_special;
use crate::thread;
use crate::weakref::WeakRef;
use heap::Value;
use std::cell::Cell;

thread_local! {
    static RUNNING: Cell<bool> = const { Cell::new(false) };
}

/// Finishes objects without a `__del__` slot (generators); installed by the interpreter.
static FINISH: std::sync::OnceLock<fn(Value)> = std::sync::OnceLock::new();

pub fn install_finisher(finish: fn(Value)) {
    let _ = FINISH.set(finish);
}

/// The poll hook.
pub fn poll_hook() -> R<()> {
    if heap::interrupts() & heap::mutator::INTERRUPT_PENDING != 0 {
        run_pending();
    }
    Ok(())
}

/// Calls the finalizers and callbacks that wait. An exception that is set stays set; errors go to `sys.unraisablehook`.
pub fn run_pending() {
    if RUNNING.replace(true) {
        return;
    }
    let saved = thread::has_exception().then(thread::take_exception);
    heap::take_interrupts(heap::mutator::INTERRUPT_PENDING);
    loop {
        if let Some(reference) = heap::take_pending_weak_callback() {
            run_callback(reference);
        } else if let Some(object) = heap::take_pending_finalizer() {
            run_finalizer(object);
        } else {
            break;
        }
    }
    RUNNING.set(false);
    if let Some(exception) = saved {
        let _ = restore(exception);
    }
}

fn run_callback(reference: Value) {
    let Some(weak) = reference.cast::<WeakRef>() else { return };
    let Some(callback) = weak.callback.take() else { return };
    if let Err(raised) = call::call(callback, &[reference]) {
        report(raised, "Exception ignored while calling weakref callback", callback);
    }
}

fn run_finalizer(object: Value) {
    if object.cast::<Generator>().is_some()
        && let Some(finish) = FINISH.get()
    {
        return finish(object);
    }
    let name = interned!("__del__");
    match lookup_special(object, name) {
        Ok(Some(method)) => {
            if let Err(raised) = method.call(&[]) {
                report(
                    raised,
                    "Exception ignored while calling deallocator",
                    crate::lookup::type_lookup(class_of(object), name).unwrap_or(object),
                );
            }
        }
        Ok(None) => {}
        Err(raised) => report(raised, "Exception ignored while calling deallocator", object),
    }
}

/// The message names the function, as CPython's does.
fn report(raised: crate::error::Raised, message: &str, function: Value) {
    let exception = raised.take();
    let text = format!("{message} {}", crate::protocol::repr_lossy(function));
    crate::unraisable::report_unraisable(exception, Some(&text), None);
}
