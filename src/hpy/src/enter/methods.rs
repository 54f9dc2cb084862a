//! Methods and module functions of the four signatures, and calls of objects.
//!
//! Must not know: where the callables are.

use super::*;
use objects::args::Args;
use objects::{Cast, Tuple, Value, new_tuple, type_error};
use std::sync::atomic::Ordering;

/// Declares ways in, as `NativeCall::Extern` wants them, from bodies that see a target, the receiver and the arguments.
macro_rules! ways_in {
    ($($(#[$doc:meta])* fn $name:ident($target:ident, $this:ident, $args:ident) $body:block)*) => { $(
        $(#[$doc])*
        pub fn $name<const PLAIN: bool>(data: usize, $this: Value, values: &[Value], names: &[Value]) -> R {
            let $target = target(data);
            let $args = Args::new(values, values.len() - names.len(), names);
            $body
        }
    )* };
}
pub(super) use ways_in;

#[cold]
fn no_keywords(target: &Target) -> objects::Raised {
    type_error!("{}() takes no keyword arguments", target.full_name)
}
#[cold]
#[inline(never)]
fn wrong_count(target: &Target, given: usize, names: usize, wanted: &str) -> objects::Raised {
    if names != 0 {
        return no_keywords(target);
    }
    type_error!("{}() takes {wanted} ({given} given)", target.full_name)
}

ways_in! {
    fn no_args(target, this, args) {
        if args.total_len() != 0 {
            return Err(wrong_count(target, args.len(), args.names().len(), "no arguments"));
        }
        unary::<PLAIN>(target, this)
    }
    fn one_arg(target, this, args) {
        match args.values() {
            [arg] if !args.has_keywords() => binary::<PLAIN>(target, this, *arg),
            given => Err(wrong_count(target, given.len(), args.names().len(), "exactly one argument")),
        }
    }
    fn var_args(target, this, args) {
        if args.has_keywords() {
            return Err(no_keywords(target));
        }
        let values = args.values();
        let call = |frame: &Frame<PLAIN>, [this]: [Handle; 1]| {
            // SAFETY: as in `unary`; the array has as many handles.
            frame.with_array(values, |array| unsafe {
                frame.take(target.typed::<VarArgs>()(frame.ctx, this, array, values.len()))
            })
        };
        checked(target, entered(target.layer, [Some(this)], call))
    }
    fn keywords(target, this, args) {
        call_keywords::<PLAIN>(target, target.function, this, args)
    }
}

/// Calls a function that takes keywords: their names are a tuple, or NULL if there are none.
#[inline(always)]
pub(super) fn call_keywords<const PLAIN: bool>(target: &Target, function: *const c_void, this: Value, args: Args) -> R {
    let names = if args.has_keywords() { Some(names_tuple(target, args.names())) } else { None };
    let call = |frame: &Frame<PLAIN>, [this, names]: [Handle; 2]| {
        // SAFETY: as in `unary`; the array has the positional values, then one for each name.
        frame.with_array(args.values(), |array| unsafe {
            frame.take(typed::<Keywords>(function)(frame.ctx, this, array, args.len(), names))
        })
    };
    checked(target, entered(target.layer, [Some(this), names], call))
}

/// The names as a tuple. Callers mostly give a function the same names: those of the first call are kept.
#[inline]
fn names_tuple(target: &Target, names: &[Value]) -> Value {
    // SAFETY: an owned handle that nobody closes.
    let known = unsafe { Handle(target.names.load(Ordering::Acquire)).get() };
    match known {
        // SAFETY: the handle is one of a tuple.
        Some(known) if unsafe { known.cast_unchecked::<Tuple>() }.items() == names => known,
        _ => new_names_tuple(target, names, known.is_none()),
    }
}
#[cold]
#[inline(never)]
fn new_names_tuple(target: &Target, names: &[Value], keep: bool) -> Value {
    let made = new_tuple(names).value();
    if keep {
        let handle = Handle::owned(made);
        if target.names.compare_exchange(0, handle.0, Ordering::AcqRel, Ordering::Relaxed).is_err() {
            // SAFETY: nobody else has seen it.
            unsafe { handle.close() }
        }
    }
    made
}

ways_in! {
    /// `__call__`: the function that the object itself has, else the type's.
    fn slot_call(target, this, args) {
        if let Some(layout) = crate::instance::ext_of(objects::class_of(this).layout)
            && let Some(offset) = layout.call
        {
            // SAFETY: the layout has a call function at that offset.
            let own = unsafe {
                let place = layout.data(this.as_ptr()).add(offset) as *const abi::CallFunction;
                (&raw const (*place).function).read_volatile()
            };
            if !own.is_null() {
                return call_keywords::<PLAIN>(target, own, this, args);
            }
        }
        if target.function.is_null() {
            return Err(type_error!("'{}' object is not callable", objects::class_name(this)));
        }
        call_keywords::<PLAIN>(target, target.function, this, args)
    }
}
