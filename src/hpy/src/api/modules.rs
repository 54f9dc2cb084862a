//! Import, compile and evaluate; capsules; context variables; leaving Python; what only CPython can do.
//!
//! Must not know: the import system.

use super::{bytes_of, lossy};
use crate::abi::{Handle, ThreadState};
use crate::capsule::{self, Capsule};
use crate::context::{guarded, own, status};
use crate::lock::{self, Before, without};
use crate::table::kind::{self, *};
use objects::door::{self, CompileRequest, SourceForm};
use objects::{Cast, Dict, Gc, R, Value, call, exc, interned, new_str, system_error, type_error, value_error};
use std::cell::RefCell;
use std::ptr;
use std::sync::atomic::Ordering;

pub unsafe fn ctx_Import_ImportModule(name: Chars) -> Own {
    own(|| without(|| objects::system::import(&lossy(name))))
}

pub unsafe fn ctx_Compile_s(source: Chars, filename: Chars, kind: Int) -> Own {
    own(|| {
        let mode = match kind {
            0 => "eval",
            1 => "exec",
            2 => "single",
            _ => return Err(system_error!("invalid source kind")),
        };
        let filename = lossy(filename);
        (door::front_end()?.compile)(&CompileRequest {
            source: bytes_of(source),
            form: SourceForm::Text,
            filename: &filename,
            mode,
            flags: 0,
            optimize: -1,
        })
    })
}
pub unsafe fn ctx_EvalCode(code: In, globals: In, locals: In) -> Own {
    own(|| {
        let globals = globals.get().filter(|globals| globals.cast::<Dict>().is_some());
        let Some(globals) = globals else { return Err(system_error!("PyEval_EvalCode: NULL globals")) };
        without(|| (door::interpreter().exec_code)(code.value(), globals, locals.get().unwrap_or(globals), None))
    })
}

// ---- capsules ----

const KEY_POINTER: i32 = 0;
const KEY_NAME: i32 = 1;
const KEY_CONTEXT: i32 = 2;
const KEY_DESTRUCTOR: i32 = 3;

/// The C function of a destructor given by an extension.
unsafe fn destructor_function(destructor: DestructorRef) -> R<Data> {
    match destructor.as_ref() {
        None => Ok(ptr::null_mut()),
        Some(given) if given.trampoline.is_null() || given.function.is_null() => {
            Err(value_error!("Invalid HPyCapsule destructor"))
        }
        Some(given) => Ok(given.function as Data),
    }
}
pub unsafe fn ctx_Capsule_New(pointer: Data, name: Chars, destructor: DestructorRef) -> Own {
    own(|| {
        let destructor = destructor_function(destructor)?;
        if pointer.is_null() {
            return Err(value_error!("PyCapsule_New called with null pointer"));
        }
        Ok(capsule::new_capsule(pointer, name, destructor))
    })
}
fn as_capsule(value: Value, function: &str) -> R<Gc<Capsule>> {
    match value.cast::<Capsule>() {
        Some(capsule) if !capsule.content.pointer.load(Ordering::Acquire).is_null() => Ok(capsule),
        _ => Err(value_error!("{function} called with invalid PyCapsule object")),
    }
}
pub unsafe fn ctx_Capsule_Get(capsule: In, key: Int, name: Chars) -> Data {
    guarded(ptr::null_mut(), || {
        let value = capsule.value();
        match key {
            KEY_POINTER => {
                let capsule = as_capsule(value, "PyCapsule_GetPointer")?;
                if !capsule.has_name(name) {
                    return Err(value_error!("PyCapsule_GetPointer called with incorrect name"));
                }
                Ok(capsule.content.pointer.load(Ordering::Acquire))
            }
            KEY_NAME => Ok(as_capsule(value, "PyCapsule_GetName")?.content.name.load(Ordering::Acquire) as Data),
            KEY_CONTEXT => Ok(as_capsule(value, "PyCapsule_GetContext")?.content.context.load(Ordering::Acquire)),
            KEY_DESTRUCTOR => Err(value_error!("Invalid operation: get HPyCapsule_key_Destructor")),
            _ => Err(system_error!("invalid capsule key")),
        }
    })
}
pub unsafe fn ctx_Capsule_IsValid(capsule: In, name: Chars) -> Int {
    match capsule.get().and_then(|value| value.cast::<Capsule>()) {
        Some(capsule) => (!capsule.content.pointer.load(Ordering::Acquire).is_null() && capsule.has_name(name)) as Int,
        None => 0,
    }
}
pub unsafe fn ctx_Capsule_Set(capsule: In, key: Int, value: Data) -> Int {
    status(|| {
        let object = capsule.value();
        match key {
            KEY_POINTER => {
                if value.is_null() {
                    return Err(value_error!("PyCapsule_SetPointer called with null pointer"));
                }
                as_capsule(object, "PyCapsule_SetPointer")?.content.pointer.store(value, Ordering::Release)
            }
            KEY_NAME => as_capsule(object, "PyCapsule_SetName")?.content.name.store(value.cast(), Ordering::Release),
            KEY_CONTEXT => as_capsule(object, "PyCapsule_SetContext")?.content.context.store(value, Ordering::Release),
            KEY_DESTRUCTOR => {
                let function = destructor_function(value as DestructorRef)?;
                as_capsule(object, "PyCapsule_SetDestructor")?.content.destructor.store(function, Ordering::Release)
            }
            _ => return Err(system_error!("invalid capsule key")),
        }
        Ok(())
    })
}

// ---- context variables ----

fn context_var_class() -> R {
    objects::get_attr(objects::system::import("_contextvars")?, interned!("ContextVar"))
}
fn as_context_var(value: Value) -> R {
    let class = context_var_class()?;
    if class.cast::<objects::Class>().is_some_and(|class| objects::is_instance(value, class)) {
        return Ok(value);
    }
    Err(type_error!("an instance of ContextVar was expected"))
}
pub unsafe fn ctx_ContextVar_New(name: Chars, default_value: In) -> Own {
    own(|| {
        let (class, name) = (context_var_class()?, new_str(&lossy(name)));
        match default_value.get() {
            None => call(class, &[name]),
            Some(default) => objects::call_kw(class, &[name], &[(interned!("default"), default)]),
        }
    })
}
/// The value, else the given default, else the variable's, else NULL.
pub unsafe fn ctx_ContextVar_Get(context_var: In, default_value: In, result: OutHandle) -> Int32 {
    guarded(-1, || {
        result.write(Handle::NULL);
        let var = as_context_var(context_var.value())?;
        let found = match default_value.get() {
            Some(default) => objects::call_method(var, interned!("get"), &[default]),
            None => objects::call_method(var, interned!("get"), &[]),
        };
        match found {
            Ok(value) => result.write(Handle::owned(value)),
            Err(raised) if raised.is(&exc::LOOKUP_ERROR) => raised.clear(),
            Err(raised) => return Err(raised),
        }
        Ok(0)
    })
}
pub unsafe fn ctx_ContextVar_Set(context_var: In, value: In) -> Own {
    own(|| {
        let var = as_context_var(context_var.value())?;
        objects::call_method(var, interned!("set"), &[value.value()])
    })
}

// ---- leaving Python ----

/// What `ctx_ReenterPythonExecution` must undo.
struct Left {
    was_running: bool,
    lock: Before,
}

/// From here on the thread holds up nobody, until it comes back.
pub unsafe fn ctx_LeavePythonExecution() -> kind::ThreadState {
    if !lock::holds_any() {
        return if heap::begin_blocking() { WAS_RUNNING } else { WAS_BLOCKED };
    }
    let lock = lock::give_up();
    let was_running = heap::begin_blocking();
    LEFT.with(|left| {
        let mut left = left.borrow_mut();
        left.push(Left { was_running, lock });
        ThreadState(FIRST_LEFT + left.len() as u64)
    })
}
pub unsafe fn ctx_ReenterPythonExecution(state: kind::ThreadState) {
    match state {
        WAS_RUNNING if heap::world::in_blocking() => heap::end_blocking(),
        WAS_BLOCKED | ThreadState::NULL => {}
        ThreadState(state) => {
            let left = LEFT.with(|left| {
                let mut left = left.borrow_mut();
                if state == FIRST_LEFT + left.len() as u64 { left.pop() } else { None }
            });
            let Some(left) = left else {
                crate::fatal::fatal("HPy_ReenterPythonExecution with a state that HPy_LeavePythonExecution did not return");
            };
            if left.was_running {
                heap::end_blocking();
            }
            lock::take_back(left.lock);
        }
    }
}

thread_local! {
    /// What the thread left while it had a module's lock, innermost last. States count them.
    static LEFT: RefCell<Vec<Left>> = const { RefCell::new(Vec::new()) };
}
/// The states of `LEFT` begin behind it: a number that no counter or address is by chance.
const FIRST_LEFT: u64 = 0x4850_7900_0000_0000;

const WAS_RUNNING: ThreadState = ThreadState(1);
const WAS_BLOCKED: ThreadState = ThreadState(2);

// ---- CPython only ----

const NO_C_API: &str = "this runtime has no C API: an extension that uses PyObject* cannot run here";

pub unsafe fn ctx_FromPyObject(_obj: Data) -> Own {
    crate::fatal::fatal(NO_C_API)
}
pub unsafe fn ctx_AsPyObject(h: In) -> Data {
    let _ = h;
    crate::fatal::fatal(NO_C_API)
}
/// Only CPython enters functions through trampolines.
pub unsafe fn ctx_CallRealFunctionFromTrampoline(_sig: Int, _func: Data, _args: Data) {
    crate::fatal::fatal("an extension's trampoline for CPython was called")
}
