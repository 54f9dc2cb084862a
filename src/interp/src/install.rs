//! Joins the interpreter to the floors below at boot, and keeps what it needs of the modules `builtins` and `sys`.
//! Must not know: how the runtime boots.

use crate::call::CallArgs;
use crate::{generator, names, poll, run, wellknown};
use heap::{Slot, Value};
use objects::args::Args;
use objects::class::Class;
use objects::code::Code;
use objects::dict::{self, Dict};
use objects::door::{self, Interpreter};
use objects::error::{R, type_error};
use objects::function::{Function, new_function};
use objects::interpreter::InterpreterSlot;
use objects::layout::{Cast, Gc, Layout};
use objects::module::Module;
use objects::tuple::Tuple;
use std::sync::OnceLock;

static BUILTINS: InterpreterSlot = InterpreterSlot::empty();
static SYS: InterpreterSlot = InterpreterSlot::empty();
static SUPER: Slot = Slot::empty();
static ANY: InterpreterSlot = InterpreterSlot::empty();
static ALL: InterpreterSlot = InterpreterSlot::empty();

/// How plain construction looks: the slots that `object` and `type` have by themselves.
#[derive(Clone, Copy)]
pub struct PlainConstruction {
    pub type_class: Gc<Class>,
    pub object_new: Option<usize>,
    pub object_init: Option<usize>,
    /// The slot of classes whose `__new__` is a Python function, or anything else that is looked up.
    pub python_new: Option<usize>,
    pub exception_new: Option<usize>,
    pub exception_init: Option<usize>,
}

static PLAIN: OnceLock<PlainConstruction> = OnceLock::new();

/// Opens the door. Call once, after the built-in classes were completed and before any Python code runs.
pub fn install() {
    wellknown::fill();
    crate::link::install();
    let object = objects::classes::object();
    let exception = objects::exception::BASE_EXCEPTION.get();
    let _ = PLAIN.set(PlainConstruction {
        type_class: Class::class(),
        object_new: object.slots.new.get().map(|new| new as usize),
        object_init: object.slots.init.get().map(|init| init as usize),
        python_new: Some(objects::slots::looked_up_new() as usize),
        exception_new: exception.slots.new.get().map(|new| new as usize),
        exception_init: exception.slots.init.get().map(|init| init as usize),
    });
    door::install_interpreter(Interpreter {
        call_function,
        call_positional: run::call_positional,
        resume: generator::resume,
        exec_code,
        poll: poll_here,
    });
    fn trace(tracer: &mut heap::Tracer, _: *mut ()) {
        tracer.slot(&SUPER);
    }
    heap::register_root_callback(trace, std::ptr::null_mut());
}

/// Tells which dicts are those of the modules `builtins` and `sys`. Call once they exist.
pub fn set_modules(builtins: Gc<Dict>, sys: Gc<Dict>) {
    BUILTINS.set(builtins.value());
    SYS.set(sys.value());
    SUPER.set_opt(dict::dict_get_str(builtins, objects::interned!("super")));
    ANY.set_opt(dict::dict_get_str(builtins, objects::interned!("any")));
    ALL.set_opt(dict::dict_get_str(builtins, objects::interned!("all")));
}

#[inline(always)]
pub fn plain_construction() -> &'static PlainConstruction {
    PLAIN.get().expect("the interpreter is installed at boot")
}

pub fn builtins_dict() -> Value {
    BUILTINS.get().unwrap_or(Value::none())
}

/// The builtin of that name, as it was at the start.
pub fn any_function() -> Option<Value> {
    ANY.get()
}
pub fn all_function() -> Option<Value> {
    ALL.get()
}

pub fn super_class() -> Option<Value> {
    SUPER.get()
}

/// An attribute of the module `sys`, as it is now.
pub fn sys_attribute(name: &str) -> Option<Value> {
    let sys = SYS.get()?.cast::<Dict>()?;
    dict::dict_get_str(sys, objects::intern::intern(name))
}

/// A class of `string.templatelib`.
pub fn template_class(name: &str) -> R {
    let (template, interpolation) = door::template_classes()?;
    Ok(if name == "Template" { template.value() } else { interpolation.value() })
}

fn call_function(function: Value, args: Args) -> R {
    let Some(function) = function.cast::<Function>() else {
        return Err(type_error!("'{}' object is not a function", objects::class::class_name(function)));
    };
    run::call_function(function, CallArgs { positional: args.positional(), names: args.names(), values: args.keyword_values() })
}

/// Runs a code object: module and class bodies, `exec`, `eval`.
pub fn exec_code(code: Value, globals: Value, locals: Value, closure: Option<Value>) -> R {
    let Some(code) = code.cast::<Code>() else {
        return Err(type_error!("expected a code object, not '{}'", objects::class::class_name(code)));
    };
    let builtins = names::builtins_for(globals)?;
    let function = new_function(code, globals, builtins);
    if let Some(closure) = closure.filter(|closure| closure.is_instance_of_layout::<Tuple>()) {
        function.closure.set(&function.header, closure);
    }
    if code.has_namespace() {
        run::call_function(function, CallArgs::positional(&[locals]))
    } else {
        run::call_function(function, CallArgs::positional(&[]))
    }
}

fn poll_here() -> R<()> {
    poll::poll(run::exec())
}

/// The dict of a module object or of anything with `__dict__`.
pub fn namespace_of(module: Value) -> Option<Gc<Dict>> {
    module.cast::<Module>().map(|module| module.dict())
}
