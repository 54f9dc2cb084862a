//! Things of the package `asyncio` that its native part uses, fetched when first needed. Must not know: futures.

use objects::interpreter::InterpreterSlot;
use objects::{Gc, R, Raised, Str, Value, call, call_kw, get_attr_named, interned, lookup, new_str, system};

/// An attribute of a module, kept from its first use in an interpreter on.
pub struct Borrowed {
    module: &'static str,
    name: &'static str,
    slot: InterpreterSlot,
}

impl Borrowed {
    const fn new(module: &'static str, name: &'static str) -> Borrowed {
        Borrowed { module, name, slot: InterpreterSlot::empty() }
    }
    #[inline]
    pub fn get(&'static self) -> R {
        match self.slot.get() {
            Some(value) => Ok(value),
            None => self.fetch(),
        }
    }
    #[cold]
    fn fetch(&'static self) -> R {
        let value = get_attr_named(system::import(self.module)?, self.name)?;
        Ok(self.slot.get_or_set(value))
    }
    pub fn call(&'static self, args: &[Value]) -> R {
        call(self.get()?, args)
    }
    /// Raises the exception class with these arguments.
    #[cold]
    pub fn raise(&'static self, args: &[Value]) -> Raised {
        match self.call(args) {
            Ok(exception) => objects::error::raise(exception),
            Err(raised) => raised,
        }
    }
    /// Whether the exception is one of this class.
    pub fn is_class_of(&'static self, exception: Value) -> bool {
        match self.get().map(objects::Cast::cast::<objects::Class>) {
            Ok(Some(class)) => objects::is_instance(exception, class),
            Ok(None) => false,
            Err(raised) => {
                raised.clear();
                false
            }
        }
    }
}

pub static CANCELLED_ERROR: Borrowed = Borrowed::new("asyncio.exceptions", "CancelledError");
pub static INVALID_STATE: Borrowed = Borrowed::new("asyncio.exceptions", "InvalidStateError");
pub static FUTURE_REPR: Borrowed = Borrowed::new("asyncio.base_futures", "_future_repr");
pub static TASK_REPR: Borrowed = Borrowed::new("asyncio.base_tasks", "_task_repr");
pub static TASK_GET_STACK: Borrowed = Borrowed::new("asyncio.base_tasks", "_task_get_stack");
pub static TASK_PRINT_STACK: Borrowed = Borrowed::new("asyncio.base_tasks", "_task_print_stack");
pub static IS_COROUTINE: Borrowed = Borrowed::new("asyncio.coroutines", "iscoroutine");
pub static GET_POLICY: Borrowed = Borrowed::new("asyncio.events", "_get_event_loop_policy");
pub static EXTRACT_STACK: Borrowed = Borrowed::new("traceback", "extract_stack");
pub static COPY_CONTEXT: Borrowed = Borrowed::new("_contextvars", "copy_context");
pub static WEAK_SET: Borrowed = Borrowed::new("weakref", "WeakSet");

#[cold]
pub fn invalid_state(text: &str) -> Raised {
    INVALID_STATE.raise(&[new_str(text)])
}

/// `loop.call_soon(function, *args, context=context)`
pub fn call_soon(event_loop: Value, function: Value, arg: Option<Value>, context: Option<Value>) -> R<()> {
    let name = interned!("call_soon");
    let keywords = [(interned!("context"), context.unwrap_or(Value::none()))];
    let keywords: &[(Gc<Str>, Value)] = if context.is_some() { &keywords } else { &[] };
    let (method, receiver) = lookup::get_method(event_loop, name)?;
    let arg = arg.unwrap_or(Value::none());
    let given = [receiver.unwrap_or(function), function, arg];
    let (start, end) = (if receiver.is_some() { 0 } else { 1 }, if arg.is_none() { 2 } else { 3 });
    call_kw(method, &given[start..end], keywords)?;
    Ok(())
}
