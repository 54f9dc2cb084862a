//! The module `atexit`: functions that run when the process ends.

use native_macros::native_module;
use objects::{Args, GcVec, Kwargs, R, Value, call_args, eq, exc, is_callable, new_tuple, repr_lossy, type_error};

struct Entry {
    function: Value,
    /// Positional and keyword values, then keyword names.
    values: Value,
    names: Value,
}
static FUNCTIONS: heap::Mutex<Vec<Entry>> = heap::Mutex::new(Vec::new());

/// Runs the functions, last registered first, and forgets them. Errors are reported; SystemExit ends nothing.
pub fn run_functions() {
    loop {
        let Some(entry) = FUNCTIONS.lock().pop() else { return };
        let (Some(values), Some(names)) = (tuple(entry.values), tuple(entry.names)) else { continue };
        let args = Args::new(values.items(), values.len() - names.len(), names.items());
        if let Err(raised) = call_args(entry.function, args) {
            let text = format!("Exception ignored in atexit callback {}", repr_lossy(entry.function));
            if raised.is(&exc::SYSTEM_EXIT) {
                raised.clear();
            } else {
                objects::unraisable::report_raised(raised, Some(&text), None);
            }
        }
    }
}

fn tuple(value: Value) -> Option<objects::Gc<objects::Tuple>> {
    objects::Cast::cast::<objects::Tuple>(value)
}

pub struct AtExit;

/// functions that are called when the interpreter ends normally.
#[native_module(name = "atexit")]
impl AtExit {
    /// Have a function called when the interpreter ends normally
    #[sig("($module, func, /, *args, **kwargs)", hidden)]
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
        FUNCTIONS.lock().push(Entry { function: func, values, names });
        Ok(func)
    }
    /// Forget all registered functions.
    fn _clear() {
        FUNCTIONS.lock().clear();
    }
    /// Take out a function, however often it was registered
    fn unregister(func: Value) -> R<()> {
        let mut index = 0;
        loop {
            let Some(function) = FUNCTIONS.lock().get(index).map(|entry| entry.function) else { return Ok(()) };
            if !eq(func, function)? {
                index += 1;
                continue;
            }
            let mut functions = FUNCTIONS.lock();
            if functions.get(index).is_some_and(|entry| entry.function == function) {
                functions.remove(index);
            }
        }
    }
    /// Call the registered functions now.
    fn _run_exitfuncs() {
        run_functions()
    }
    /// How many functions are registered.
    fn _ncallbacks() -> usize {
        FUNCTIONS.lock().len()
    }
    fn __exec__(_module: Value) -> R<()> {
        static ROOTS: std::sync::Once = std::sync::Once::new();
        ROOTS.call_once(|| {
            heap::register_root_callback(
                |tracer, _| {
                    // SAFETY: the world is stopped while roots are traced.
                    for entry in unsafe { &*FUNCTIONS.data_ptr() } {
                        [entry.function, entry.values, entry.names].into_iter().for_each(|value| tracer.value(value));
                    }
                },
                std::ptr::null_mut(),
            )
        });
        Ok(())
    }
}
