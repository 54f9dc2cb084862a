//! The module `atexit`: functions that run when the process ends.

use native_macros::native_module;
use objects::interpreter::InterpreterSlot;
use objects::list::{list_clear, list_pop, list_push};
use objects::panics::{guarded, guarded_or_told};
use objects::{
    Args, Cast, Gc, GcVec, Kwargs, List, R, Value, call_args, eq, exc, is_callable, new_list, new_tuple, repr_lossy, type_error,
};

/// A list with a tuple for each function: the function, a tuple of positional and keyword values, a tuple of keyword names.
static FUNCTIONS: InterpreterSlot = InterpreterSlot::empty();

fn functions() -> Gc<List> {
    let list = FUNCTIONS.get_or_make(|| new_list(&[]).value());
    // SAFETY: made as a list.
    unsafe { list.cast_unchecked() }
}

fn function_of(entry: Value) -> Option<Value> {
    tuple(entry)?.items().first().copied()
}

/// Runs the functions of the current interpreter, last registered first, and forgets them. Errors are reported; SystemExit ends nothing.
pub fn run_functions() {
    if FUNCTIONS.is_empty() {
        return;
    }
    loop {
        let Some(entry) = list_pop(functions(), -1).and_then(tuple) else { return };
        let &[function, values, names] = entry.items() else { continue };
        let (Some(values), Some(names)) = (tuple(values), tuple(names)) else { continue };
        let args = Args::new(values.items(), values.len() - names.len(), names.items());
        guarded_or_told("Exception ignored in atexit callback", || {
            let Err(raised) = guarded(|| call_args(function, args)) else { return };
            if raised.is(&exc::SYSTEM_EXIT) {
                raised.clear();
            } else {
                let exception = raised.take();
                let text = format!("Exception ignored in atexit callback {}", repr_lossy(function));
                objects::unraisable::report_unraisable(exception, Some(&text), None);
            }
        });
    }
}

fn tuple(value: Value) -> Option<Gc<objects::Tuple>> {
    objects::Cast::cast::<objects::Tuple>(value)
}

pub struct AtExit;

/// functions that are called when the interpreter ends normally.
#[native_module(name = "atexit")]
impl AtExit {
    /// Have a function called when the interpreter ends normally
    #[sig("($module, func, /, *args, **kwargs)")]
    fn register(func: Value, args: &[Value], kwargs: Kwargs) -> R {
        if !is_callable(func) {
            return Err(type_error!("the first argument must be callable"));
        }
        let mut values = GcVec::from_slice(args);
        let mut names = GcVec::new();
        for (name, value) in kwargs.iter() {
            names.push(name.value());
            values.push(value);
        }
        let (values, names) = (new_tuple(&values).value(), new_tuple(&names).value());
        list_push(functions(), new_tuple(&[func, values, names]).value());
        Ok(func)
    }
    /// Forget all registered functions.
    fn _clear() {
        list_clear(functions());
    }
    /// Take out a function, however often it was registered
    fn unregister(func: Value) -> R<()> {
        let functions = functions();
        let mut index = 0;
        loop {
            let Some(entry) = functions.get(index) else { return Ok(()) };
            if !function_of(entry).map_or(Ok(true), |function| eq(func, function))? {
                index += 1;
                continue;
            }
            if functions.get(index) == Some(entry) {
                list_pop(functions, index as i64);
            }
        }
    }
    /// Call the registered functions now.
    fn _run_exitfuncs() {
        run_functions()
    }
    /// How many functions are registered.
    fn _ncallbacks() -> usize {
        functions().len()
    }
}
