//! The module `_interpreters` (PEP 734): making and ending interpreters, running code in them. `concurrent.interpreters` stands on it.
//!
//! Must not know: how an interpreter comes up; the runtime says it with `install`.

pub mod channels;
pub mod crossing;
pub mod queues;
mod running;
mod settings;
mod table;

use crossing::{Fallback, NOT_SHAREABLE};
use native_macros::native_module;
use objects::code::Code;
use objects::dict::Dict;
use objects::door::SourceForm;
use objects::error_class::{Base, ErrorClass};
use objects::exception::BaseException;
use objects::function::Function;
use objects::interpreter::{self, Interpreter};
use objects::panics::guarded;
use objects::{
    Bytes, Cast, Gc, GcVec, Kwargs, Module, R, Raised, Str, Tuple, Value, class_name, exc, new_int, new_list, new_tuple,
    repr_lossy, thread, type_error, value_error,
};
use running::{Picture, Shared};
use settings::Settings;
use std::sync::OnceLock;
use std::sync::atomic::Ordering;

pub static INTERPRETER_ERROR: ErrorClass =
    ErrorClass::new("InterpreterError", "concurrent.interpreters", &[Base::Made(&exc::EXCEPTION)])
        .with_doc("Something between interpreters did not work.");
pub static NOT_FOUND: ErrorClass =
    ErrorClass::new("InterpreterNotFoundError", "concurrent.interpreters", &[Base::Own(&INTERPRETER_ERROR)])
        .with_doc("There is no such interpreter.");

/// What code is like, as far as it matters whether it can go to another interpreter.
pub struct CodeFacts {
    /// Names that it takes from its globals or builtins.
    pub global_names: Vec<String>,
    /// It gives back nothing but None.
    pub returns_none: bool,
}

#[derive(Clone, Copy)]
pub struct Runtime {
    /// Gives the current interpreter, which has nothing, all that Python code expects.
    pub populate: fn() -> R<()>,
    pub code_facts: fn(Value) -> R<CodeFacts>,
}

static RUNTIME: OnceLock<Runtime> = OnceLock::new();

pub fn install(runtime: Runtime) {
    let _ = RUNTIME.set(runtime);
}
fn runtime() -> R<&'static Runtime> {
    RUNTIME.get().ok_or_else(|| objects::not_implemented_error!("this build has no interpreters but one"))
}

const WHENCE_STDLIB: u8 = 5;

/// An id as Python gives it: of what is counted by it, "interpreter", "queue", "channel".
fn checked_id(id: Value, what: &str) -> R<i64> {
    if !objects::is_int(id) && objects::class_of(id).slots.index.get().is_none() {
        return Err(type_error!("{what} ID must be an int, got {}", class_name(id)));
    }
    let id = objects::index_object(id)?;
    match objects::int_view(id).and_then(|view| view.to_i64()) {
        Some(number) if number >= 0 => Ok(number),
        Some(number) => Err(value_error!("{what} ID must be a non-negative int, got {number}")),
        None if what != "queue" => Err(objects::overflow_error!("int too big to convert")),
        None => Err(objects::overflow_error!("max {what} ID is {}, got {}", i64::MAX, repr_lossy(id))),
    }
}

fn find(id: Value) -> R<&'static Interpreter> {
    let id = checked_id(id, "interpreter")?;
    interpreter::find(id).ok_or_else(|| NOT_FOUND.raise(&format!("unrecognized interpreter ID {id}")))
}

/// The interpreter, if `restrict` allows it: only what this module made, then. `action` is for the error text.
fn find_for(id: Value, restrict: bool, action: &str) -> R<&'static Interpreter> {
    let found = find(id)?;
    if restrict && found.whence != WHENCE_STDLIB {
        return Err(INTERPRETER_ERROR.raise(&format!("cannot {action} unrecognized interpreter {}", found.id())));
    }
    Ok(found)
}

fn checked_dict(value: Option<Value>, function: &str, place: u32) -> R<Option<Gc<Dict>>> {
    let Some(value) = value else { return Ok(None) };
    match value.cast::<Dict>() {
        Some(dict) => Ok(Some(dict)),
        None => {
            let class = if value.is_none() { "None".to_owned() } else { class_name(value).to_string() };
            Err(type_error!("_interpreters.{function}() argument {place} must be dict, not {class}"))
        }
    }
}

fn packed_shared(shared: Option<Value>, function: &str) -> R<Shared> {
    match checked_dict(shared, function, 3)? {
        Some(shared) => running::pack_shared(shared),
        None => Ok(Shared::new()),
    }
}

/// Makes an interpreter and brings it up.
fn create(settings: &Settings) -> R<&'static Interpreter> {
    let refused = |raised: Raised| {
        let context = raised.take();
        let raised = INTERPRETER_ERROR.raise("interpreter creation failed");
        let exception = raised.take();
        if let Some(layout) = exception.cast::<BaseException>() {
            layout.context.set(context);
        }
        objects::error::restore(exception)
    };
    if !settings.are_viable() {
        return Err(refused(INTERPRETER_ERROR.raise("sub-interpreter creation failed")));
    }
    let populate = runtime()?.populate;
    let made = interpreter::register(settings.bits(), WHENCE_STDLIB);
    // Others may see it, but not run anything there yet.
    made.begin_running();
    let outcome = running::inside(made, || guarded(populate).map_err(|raised| Picture::of(raised.take()).display()));
    let outcome = outcome.and_then(|outcome| outcome.map_err(|text| INTERPRETER_ERROR.raise(&text)));
    if let Err(raised) = outcome {
        made.end();
        return Err(refused(raised));
    }
    made.set_ready();
    made.end_running();
    Ok(made)
}

/// Ends an interpreter that was claimed for it: its threads, its exit functions, its files.
fn end_claimed(interpreter: &'static Interpreter) -> R<()> {
    let outcome = running::inside(interpreter, || {
        crate::finalize::finish_interpreter();
        crate::finalize::flush_standard_files();
    });
    queues::forget_sender(interpreter.id());
    channels::forget_interpreter(interpreter.id());
    interpreter.end();
    // Its daemons stop when they look.
    thread::request_poll_everywhere();
    outcome
}

fn destroy(interpreter: &'static Interpreter) -> R<()> {
    if std::ptr::eq(interpreter, interpreter::current()) {
        return Err(INTERPRETER_ERROR.raise("cannot destroy the current interpreter"));
    }
    if interpreter.begin_ending() {
        return end_claimed(interpreter);
    }
    if interpreter.is_running() {
        return Err(INTERPRETER_ERROR.raise("interpreter running"));
    }
    Err(NOT_FOUND.raise(&format!("unrecognized interpreter ID {}", interpreter.id())))
}

/// Ends an interpreter that nobody refers to any more, if it lives by references.
fn end_if_forgotten(interpreter: &'static Interpreter) {
    if !interpreter.is_main()
        && interpreter.lives_by_references.load(Ordering::SeqCst)
        && interpreter.references.load(Ordering::SeqCst) <= 0
        && !std::ptr::eq(interpreter, interpreter::current())
        && interpreter.begin_ending()
        && let Err(raised) = end_claimed(interpreter)
    {
        raised.clear();
    }
}

/// The process ends: so do all interpreters but the main one, the newest first.
pub fn end_all() {
    let others: Vec<_> = interpreter::all().into_iter().filter(|other| !other.is_main()).collect();
    if others.is_empty() {
        return;
    }
    let text = "remaining subinterpreters; close them with Interpreter.close()";
    if let Err(raised) = objects::warnings::warn(&exc::RUNTIME_WARNING, text, 1) {
        objects::unraisable::report_raised(raised, None, None);
    }
    for other in others.into_iter().rev() {
        // What runs there still is a daemon thread's, which stops with the process.
        if other.begin_ending()
            && let Err(raised) = end_claimed(other)
        {
            raised.clear();
        }
    }
}

fn picture_or_none(picture: Option<Picture>) -> R {
    picture.map_or(Ok(Value::none()), |picture| picture.namespace())
}

/// The stored code of what `exec` takes: text, a function, a code object.
fn script(code: Value) -> R {
    if let Some(text) = code.cast::<Str>() {
        let bytes = objects::codec::encode(text, "utf-8", "strict")?;
        return running::script_code(&bytes, SourceForm::Text);
    }
    if let Some(bytes) = code.cast::<Bytes>() {
        return running::script_code(bytes.as_slice(), SourceForm::Bytes);
    }
    match script_of_code(code)? {
        Some(stored) => Ok(stored),
        None => Err(type_error!("unsupported script {}", repr_lossy(code))),
    }
}

/// The same for functions and code objects alone.
fn script_of_code(value: Value) -> R<Option<Value>> {
    let code = match value.cast::<Function>() {
        Some(function) => Some(function.code()),
        None => value.cast::<Code>(),
    };
    let Some(code) = code else { return Ok(None) };
    let unit = code.unit();
    if !unit.free_vars.is_empty() {
        return Err(value_error!("closures not supported"));
    }
    use bytecode::code_unit::co_flags::{VARARGS, VARKEYWORDS};
    if unit.arg_count > 0 || unit.pos_only_count > 0 || unit.kw_only_count > 0 || unit.flags & (VARARGS | VARKEYWORDS) != 0 {
        return Err(value_error!("code with args not supported"));
    }
    if !(runtime()?.code_facts)(code.value())?.returns_none {
        return Err(value_error!("code that returns a value is not a script"));
    }
    crossing::pack_code(code).map(Some)
}

pub struct Interpreters;

/// Interpreters: making them, ending them, running code in them. See concurrent.interpreters for what is nicer to use.
#[native_module(name = "_interpreters", classes = [crossing::BufferViewSkin])]
impl Interpreters {
    #[attr("WHENCE_UNKNOWN")]
    const WHENCE_UNKNOWN: i32 = 0;
    #[attr("WHENCE_RUNTIME")]
    const WHENCE_RUNTIME: i32 = 1;
    #[attr("WHENCE_LEGACY_CAPI")]
    const WHENCE_LEGACY_CAPI: i32 = 2;
    #[attr("WHENCE_CAPI")]
    const WHENCE_CAPI: i32 = 3;
    #[attr("WHENCE_XI")]
    const WHENCE_XI: i32 = 4;
    #[attr("WHENCE_STDLIB")]
    const STDLIB: i32 = 5;

    /// new_config(name='isolated', /, **overrides) -> types.SimpleNamespace
    ///
    /// The configuration of that name ('default', 'isolated', 'legacy', 'empty') with some values replaced.
    #[sig("($module, name='isolated', /, **overrides)", hidden)]
    fn new_config(name: Option<&str>, overrides: Kwargs) -> R {
        let mut settings = Settings::named(name.unwrap_or("isolated"))?;
        settings.override_with(overrides)?;
        settings.namespace()
    }
    /// create(config='isolated', *, reqrefs=False) -> id
    ///
    /// Make an interpreter. With reqrefs it goes with the last reference that incref() counts.
    #[sig("($module, config=None, *, reqrefs=False)", hidden)]
    fn create(config: Option<Value>, reqrefs: bool) -> R<i64> {
        let made = create(&Settings::of(config)?)?;
        made.lives_by_references.store(reqrefs, Ordering::SeqCst);
        Ok(made.id())
    }
    /// destroy(id, *, restrict=False)
    ///
    /// End the interpreter, which must neither be the current one nor run anything.
    #[sig("($module, id, *, restrict=False)", hidden)]
    fn destroy(id: Value, restrict: bool) -> R<()> {
        destroy(find_for(id, restrict, "destroy")?)
    }
    /// list_all(*, require_ready=False) -> [(id, whence)]
    ///
    /// All interpreters.
    #[sig("($module, *, require_ready=False)", hidden)]
    fn list_all(require_ready: bool) -> R {
        let mut rows = GcVec::new();
        for one in interpreter::all() {
            if one.is_ready() || !require_ready {
                rows.push(id_and_whence(one));
            }
        }
        Ok(new_list(&rows).value())
    }
    /// get_current() -> (id, whence)
    ///
    /// The interpreter that this code runs in.
    fn get_current() -> Value {
        id_and_whence(interpreter::current())
    }
    /// get_main() -> (id, whence)
    ///
    /// The interpreter that the process began with.
    fn get_main() -> Value {
        id_and_whence(interpreter::main())
    }
    /// set___main___attrs(id, ns, *, restrict=False)
    ///
    /// Bind names in the interpreter's module __main__.
    #[sig("($module, id, updates, *, restrict=False)", hidden)]
    #[name("set___main___attrs")]
    fn set_main_attrs(id: Value, updates: Value, restrict: bool) -> R<()> {
        let target = find_for(id, restrict, "update __main__ for")?;
        let updates = checked_dict(Some(updates), "set___main___attrs", 2)?.filter(|updates| !updates.is_empty());
        let Some(updates) = updates else { return Err(value_error!("arg 2 must be a non-empty dict")) };
        let shared = running::pack_shared(updates)?;
        running::set_main(target, &shared)
    }
    /// exec(id, code, shared=None, *, restrict=False)
    ///
    /// Run code in the interpreter's module __main__: text, a function or a code object without arguments.
    /// The picture of an exception that ended it is returned.
    #[sig("($module, id, code, shared=None, *, restrict=False)", hidden)]
    fn exec(id: Value, code: Value, shared: Option<Value>, restrict: bool) -> R {
        let target = find_for(id, restrict, "exec code for")?;
        checked_dict(shared, "exec", 3)?;
        let code = script(code)?;
        picture_or_none(running::exec(target, code, &packed_shared(shared, "exec")?)?)
    }
    /// run_string(id, script, shared=None, *, restrict=False)
    ///
    /// exec() for text alone.
    #[sig("($module, id, script, shared=None, *, restrict=False)", hidden)]
    fn run_string(id: Value, script: Value, shared: Option<Value>, restrict: bool) -> R {
        let target = find_for(id, restrict, "run a string in")?;
        if script.cast::<Str>().is_none() {
            return Err(type_error!("_interpreters.run_string() argument 2 must be str, not {}", class_name(script)));
        }
        checked_dict(shared, "run_string", 3)?;
        let code = self::script(script)?;
        picture_or_none(running::exec(target, code, &packed_shared(shared, "run_string")?)?)
    }
    /// run_func(id, func, shared=None, *, restrict=False)
    ///
    /// exec() for functions and code objects alone.
    #[sig("($module, id, func, shared=None, *, restrict=False)", hidden)]
    fn run_func(id: Value, func: Value, shared: Option<Value>, restrict: bool) -> R {
        let target = find_for(id, restrict, "run a function in")?;
        checked_dict(shared, "run_func", 3)?;
        let Some(code) = script_of_code(func)? else {
            return Err(type_error!("_interpreters.run_func() argument 2 must be a function, not {}", class_name(func)));
        };
        picture_or_none(running::exec(target, code, &packed_shared(shared, "run_func")?)?)
    }
    /// call(id, callable, args=None, kwargs=None, *, restrict=False) -> (result, exception picture)
    ///
    /// Call something in the interpreter. What goes there and comes back is copied.
    #[sig("($module, id, callable, args=None, kwargs=None, *, restrict=False)", hidden)]
    fn call(id: Value, callable: Value, args: Option<Value>, kwargs: Option<Value>, restrict: bool) -> R {
        let target = find_for(id, restrict, "make a call in")?;
        let args = args.filter(|args| !args.is_none());
        if let Some(args) = args.filter(|args| args.cast::<Tuple>().is_none()) {
            return Err(type_error!("_interpreters.call() argument 3 must be tuple, not {}", class_name(args)));
        }
        let kwargs = checked_dict(kwargs.filter(|kwargs| !kwargs.is_none()), "call", 4)?;
        if !objects::is_callable(callable) {
            return Err(type_error!("expected a callable, got {}", repr_lossy(callable)));
        }
        let function = match crossing::pack_function(callable) {
            Ok(function) => function,
            Err(raised) => {
                let exception = raised.take();
                crossing::pack_pickled(callable).map_err(|raised| {
                    raised.clear();
                    objects::error::restore(exception)
                })?
            }
        };
        let full = |value: Value| crossing::pack(value, Fallback::Full);
        let args = args.filter(|args| args.cast::<Tuple>().is_some_and(|args| !args.is_empty())).map(full).transpose()?;
        let kwargs = kwargs.filter(|kwargs| !kwargs.is_empty()).map(|kwargs| full(kwargs.value())).transpose()?;
        let (result, picture) = match running::call_there(target, function, args, kwargs)? {
            Ok(result) => (crossing::unpack(result)?, Value::none()),
            Err(failure) => (Value::none(), running::raise_failure(failure)?.namespace()?),
        };
        Ok(new_tuple(&[result, picture]).value())
    }
    /// is_shareable(obj) -> bool
    ///
    /// Whether objects of this type go to other interpreters as they are.
    #[sig("($module, obj)", hidden)]
    fn is_shareable(obj: Value) -> bool {
        crossing::is_shareable(obj)
    }
    /// is_running(id, *, restrict=False) -> bool
    ///
    /// Whether something runs in the interpreter's module __main__.
    #[sig("($module, id, *, restrict=False)", hidden)]
    fn is_running(id: Value, restrict: bool) -> R<bool> {
        Ok(find_for(id, restrict, "check if running for")?.is_running())
    }
    /// get_config(id, *, restrict=False) -> types.SimpleNamespace
    ///
    /// The configuration that the interpreter was made with.
    #[sig("($module, id, *, restrict=False)", hidden)]
    fn get_config(id: Value, restrict: bool) -> R {
        Settings::of_bits(find_for(id, restrict, "get the config of")?.settings).namespace()
    }
    /// whence(id) -> int
    ///
    /// Who made the interpreter: one of the constants WHENCE_...
    #[sig("($module, id)", hidden)]
    fn whence(id: Value) -> R<i64> {
        Ok(find(id)?.whence.into())
    }
    #[sig("($module, id, *, implieslink=False, restrict=False)", hidden)]
    fn incref(id: Value, implieslink: bool, restrict: bool) -> R<()> {
        let target = find_for(id, restrict, "incref")?;
        if implieslink {
            target.lives_by_references.store(true, Ordering::SeqCst);
        }
        target.references.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
    #[sig("($module, id, *, restrict=False)", hidden)]
    fn decref(id: Value, restrict: bool) -> R<()> {
        let target = find_for(id, restrict, "decref")?;
        let one_less = |count: i64| (count > 0).then_some(count - 1);
        if target.references.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok() {
            end_if_forgotten(target);
        }
        Ok(())
    }
    /// capture_exception(exc=None) -> types.SimpleNamespace
    ///
    /// The picture of an exception, by default the one that is being handled.
    #[sig("($module, exc=None)", hidden)]
    fn capture_exception(exc: Option<Value>) -> R {
        let Some(exception) = exc.filter(|exc| !exc.is_none()).or_else(thread::handled_exception) else {
            return Ok(Value::none());
        };
        if exception.cast::<BaseException>().is_none() {
            return Err(type_error!("expected exception, got {}", repr_lossy(exception)));
        }
        Picture::of(exception).namespace()
    }
    fn __exec__(module: Value) -> R<()> {
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        for class in [&INTERPRETER_ERROR, &NOT_FOUND, &NOT_SHAREABLE] {
            module.set(class.name, class.class()?.value())?;
        }
        Ok(())
    }
}

fn id_and_whence(interpreter: &Interpreter) -> Value {
    new_tuple(&[new_int(interpreter.id()), Value::small(interpreter.whence.into())]).value()
}
