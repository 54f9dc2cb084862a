//! What the collector leaves to be done where Python code may run: `__del__` methods and callbacks of weak references.
//!
//! Must not know: when a poll happens.

use crate::call;
use crate::class::class_of;
use crate::error::{R, restore};
use crate::function::Function;
use crate::gc_vec::GcVec;
use crate::generator::Generator;
use crate::interned;
use crate::layout::Cast;
use crate::lookup::{lookup_special, type_lookup};
use crate::panics::{guarded, guarded_or_told};
use crate::thread;
use crate::weakref::WeakRef;
use heap::Value;
use std::cell::Cell;

thread_local! {
    static RUNNING: Cell<bool> = const { Cell::new(false) };
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
    let mut objects = GcVec::new();
    let (mut in_order, mut one) = (true, None);
    loop {
        if let Some(reference) = heap::take_pending_weak_callback() {
            guarded_or_told("Exception ignored while calling weakref callback", || run_callback(reference));
        } else if let Some(object) = objects.pop() {
            guarded_or_told("Exception ignored while calling deallocator", || run_finalizer(object));
        } else if !heap::has_pending_finalizers() {
            break;
        } else if !in_order {
            // No memory for more than one at a time.
            heap::take_pending_finalizers(1, |object| one = Some(object));
            if let Some(object) = one.take() {
                guarded_or_told("Exception ignored while calling deallocator", || run_finalizer(object));
            }
        } else {
            let taken = guarded(|| Ok(heap::with_reserve(next_finalizers)));
            in_order = taken.is_ok();
            match taken {
                Ok(taken) => objects = taken,
                Err(raised) => raised.clear(),
            }
        }
    }
    RUNNING.set(false);
    if let Some(exception) = saved {
        let _ = restore(exception);
    }
}

/// How many finalizers are put in order at a time.
const FINALIZERS_AT_ONCE: usize = 4096;

/// Objects to finalize, in the order in which they come off the end. First those that have Python code for it: what they hold (a loop
/// its sockets, a wrapper its file) should be whole still.
fn next_finalizers() -> GcVec {
    let count = heap::pending_finalizers().min(FINALIZERS_AT_ONCE);
    // Room for both before anything is taken.
    let (mut taken, mut ordered): (GcVec, GcVec) = (GcVec::with_capacity(count), GcVec::with_capacity(count));
    heap::take_pending_finalizers(count, |object| taken.push(object));
    if count == 1 {
        return taken;
    }
    let turns: Vec<Turn> = taken.iter().map(|object| turn(*object)).collect();
    for wanted in [Turn::Native, Turn::RawFile, Turn::File, Turn::Python] {
        ordered.extend(taken.iter().zip(&turns).rev().filter(|(_, turn)| **turn == wanted).map(|(object, _)| *object));
    }
    ordered
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Python,
    /// A file of a program's class, which is closed in its own way.
    File,
    /// Other files are made of it.
    RawFile,
    Native,
}

fn turn(object: Value) -> Turn {
    let class = class_of(object);
    let is_python = |name| type_lookup(class, name).is_some_and(|method| method.cast_exact::<Function>().is_some());
    let has = |name| type_lookup(class, name).is_some();
    if object.cast::<Generator>().is_some() || is_python(interned!("__del__")) {
        Turn::Python
    } else if !(is_python(interned!("close")) && has(interned!("readable"))) {
        Turn::Native
    } else if has(interned!("readall")) {
        Turn::RawFile
    } else {
        Turn::File
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
    let name = interned!("__del__");
    let finalized = lookup_special(object, name).and_then(|method| method.map_or(Ok(()), |method| method.call(&[]).map(drop)));
    let Err(raised) = finalized else { return };
    if object.cast::<Generator>().is_some() {
        return report(raised, "Exception ignored while closing generator", object);
    }
    report(raised, "Exception ignored while calling deallocator", type_lookup(class_of(object), name).unwrap_or(object));
}

/// The message names the function, as CPython's does.
fn report(raised: crate::error::Raised, message: &str, function: Value) {
    let exception = raised.take();
    let text = format!("{message} {}", crate::protocol::repr_lossy(function));
    crate::unraisable::report_unraisable(exception, Some(&text), None);
}
