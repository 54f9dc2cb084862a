//! What goes from one interpreter to another. Immutable objects of the runtime's own types go as they are, since the heap is one; bytes and tuples
//! are made anew; functions that need no globals go as code, the rest by `pickle`.
//!
//! Must not know: how interpreters run.

use super::queues;
use crate::util;
use native_macros::{Layout, native_class};
use objects::code::Code;
use objects::dict::{self, Dict};
use objects::error_class::{Base, ErrorClass};
use objects::exception::BaseException;
use objects::function::Function;
use objects::interpreter::{self, InterpreterSlot};
use objects::memoryview::{MemoryView, memoryview_from, memoryview_of};
use objects::{
    Bytes, Cast, Gc, GcVec, Header, Module, R, Raised, Slot, Str, Tuple, Value, call, call_method, class_of, exc, get_attr_named,
    get_attr_opt, interned, new_bytes, new_error, new_native, new_str, new_tuple, repr_lossy, thread,
};

pub static NOT_SHAREABLE: ErrorClass =
    ErrorClass::new("NotShareableError", "concurrent.interpreters", &[Base::Made(&exc::TYPE_ERROR)]);

const PLAIN: u8 = 0;
const TUPLE: u8 = 1;
const VIEW: u8 = 2;
const QUEUE: u8 = 3;
const FUNCTION: u8 = 4;
const PICKLED: u8 = 5;
const CHANNEL: u8 = 6;

/// A value on its way.
#[derive(Layout)]
#[repr(C)]
pub struct Parcel {
    pub header: Header,
    kind: u8,
    content: Slot,
    /// The file of the sender's `__main__`, for what was pickled.
    main_file: Slot,
}

#[native_class(name = "_interpreters._Parcel", layout = Parcel, base = object, flags = "final no_new")]
impl ParcelSkin {}
pub struct ParcelSkin;

fn parcel(kind: u8, content: Value) -> Gc<Parcel> {
    let _ = objects::native::rt::class_of_def(ParcelSkin::CLASS_DEF);
    new_native(Parcel { header: Header::blank(), kind, content: Slot::new(content), main_file: Slot::empty() })
}

/// What may be sent.
#[derive(Clone, Copy, PartialEq)]
pub enum Fallback {
    /// Only what is shareable by itself.
    Nothing,
    /// Functions without globals and what can be pickled, too.
    Full,
}

fn is_exact_int(value: Value) -> bool {
    objects::is_int(value) && class_of(value) == class_of(Value::small(0))
}
fn is_plain(value: Value) -> bool {
    value.is_none()
        || value.is_bool()
        || value.is_float()
        || value.cast_exact::<Str>().is_some()
        || value.cast_exact::<Bytes>().is_some()
}

/// Whether objects of that type can be sent as they are (not what is in them).
pub fn is_shareable(value: Value) -> bool {
    is_plain(value)
        || is_exact_int(value)
        || value.cast_exact::<Tuple>().is_some()
        || value.cast_exact::<MemoryView>().is_some()
        || queues::is_queue(value)
        || super::channels::is_channel_object(value)
}

#[cold]
fn refused(value: Value) -> Raised {
    NOT_SHAREABLE.raise(&format!("{} does not support cross-interpreter data", repr_lossy(value)))
}

/// `raised`, caused by `cause`.
#[cold]
pub fn with_cause(raised: Raised, cause: Value) -> Raised {
    let exception = raised.take();
    if let Some(layout) = exception.cast::<BaseException>() {
        layout.cause.set(cause);
        layout.suppress_context.store(true, std::sync::atomic::Ordering::Relaxed);
    }
    objects::error::restore(exception)
}

/// Makes a parcel of the value.
pub fn pack(value: Value, fallback: Fallback) -> R<Gc<Parcel>> {
    let raised = match pack_as_it_is(value, fallback) {
        Err(raised) if fallback == Fallback::Full => raised,
        outcome => return outcome,
    };
    let exception = raised.take();
    if value.cast_exact::<Function>().is_some() {
        match pack_function(value) {
            Ok(parcel) => return Ok(parcel),
            Err(raised) => raised.clear(),
        }
    }
    pack_pickled(value).map_err(|raised| {
        raised.clear();
        objects::error::restore(exception)
    })
}

fn pack_as_it_is(value: Value, fallback: Fallback) -> R<Gc<Parcel>> {
    if let Some(bytes) = value.cast_exact::<Bytes>() {
        return Ok(parcel(PLAIN, new_bytes(bytes.as_slice())));
    }
    if is_plain(value) {
        return Ok(parcel(PLAIN, value));
    }
    if is_exact_int(value) {
        if objects::int_view(value).and_then(|view| view.to_i64()).is_some() {
            return Ok(parcel(PLAIN, value));
        }
        let cause = objects::overflow_error!("try sending as bytes").take();
        return Err(with_cause(refused(value), cause));
    }
    if let Some(tuple) = value.cast_exact::<Tuple>() {
        let _guard = thread::enter_recursion()?;
        let mut items = GcVec::with_capacity(tuple.len());
        for item in tuple.items() {
            match pack(*item, fallback) {
                Ok(packed) => items.push(packed.value()),
                Err(raised) => {
                    let cause = raised.take();
                    return Err(with_cause(refused(value), cause));
                }
            }
        }
        return Ok(parcel(TUPLE, new_tuple(&items).value()));
    }
    if value.cast_exact::<MemoryView>().is_some() {
        return Ok(parcel(VIEW, memoryview_of(value)?.value()));
    }
    if queues::is_queue(value) {
        let id = get_attr_named(value, "_id")?;
        queues::hold(id)?;
        return Ok(parcel(QUEUE, id));
    }
    if let Some(description) = super::channels::describe(value)? {
        return Ok(parcel(CHANNEL, description));
    }
    Err(refused(value))
}

/// A function that uses no globals, no defaults and no closure.
pub fn pack_function(value: Value) -> R<Gc<Parcel>> {
    let Some(function) = value.cast_exact::<Function>() else {
        return Err(NOT_SHAREABLE.raise(&format!("expected a function, got {}", repr_lossy(value))));
    };
    if let Err(raised) = check_stateless(function) {
        let cause = raised.take();
        return Err(with_cause(NOT_SHAREABLE.raise("only stateless functions are shareable"), cause));
    }
    Ok(parcel(FUNCTION, pack_code(function.code())?))
}

fn check_stateless(function: Gc<Function>) -> R<()> {
    let is_there = |slot: Option<Value>| slot.is_some_and(|value| !value.is_none());
    if function.defaults.get().and_then(|defaults| defaults.cast::<Tuple>()).is_some_and(|defaults| !defaults.is_empty()) {
        return Err(objects::value_error!("defaults not supported"));
    }
    if function.kwdefaults.get().and_then(|defaults| defaults.cast::<Dict>()).is_some_and(|defaults| !defaults.is_empty()) {
        return Err(objects::value_error!("keyword defaults not supported"));
    }
    if is_there(function.closure.get()) {
        return Err(objects::value_error!("closures not supported"));
    }
    let facts = (super::runtime()?.code_facts)(function.code().value())?;
    let globals = function.globals().cast::<Dict>();
    let builtins = function.builtins.get().and_then(|builtins| builtins.cast::<Dict>());
    for name in facts.global_names {
        let name = objects::intern(&name);
        let known = |namespace: Option<Gc<Dict>>| namespace.is_some_and(|dict| dict::dict_get_str(dict, name).is_some());
        if known(globals) || !known(builtins) {
            return Err(objects::value_error!("globals not supported"));
        }
    }
    Ok(())
}

/// Code as bytes.
pub fn pack_code(code: Gc<Code>) -> R {
    Ok(new_bytes(&(objects::door::code_format()?.to_bytes)(code.value())?))
}
/// The code object anew.
pub fn unpack_code(stored: Value) -> R {
    match stored.cast::<Bytes>() {
        Some(bytes) => (objects::door::code_format()?.from_bytes)(bytes.as_slice()),
        None => Err(objects::system_error!("code expected")),
    }
}

/// Anything that `pickle` takes.
pub fn pack_pickled(value: Value) -> R<Gc<Parcel>> {
    let pickle = util::import("pickle")?;
    let data = match call_method(pickle, interned!("dumps"), &[value]) {
        Ok(data) => data,
        Err(raised) => {
            let cause = raised.take();
            return Err(with_cause(NOT_SHAREABLE.raise("object could not be pickled"), cause));
        }
    };
    let parcel = parcel(PICKLED, data);
    if let Some(main) = objects::system::imported("__main__")
        && let Some(file) = get_attr_opt(main, interned!("__file__"))?
        && file.cast::<Str>().is_some()
    {
        parcel.main_file.set(file);
    }
    Ok(parcel)
}

/// The value, in the current interpreter.
pub fn unpack(parcel: Gc<Parcel>) -> R {
    let content = parcel.content.get().unwrap_or(Value::none());
    match parcel.kind {
        TUPLE => {
            let _guard = thread::enter_recursion()?;
            let mut items = GcVec::new();
            for item in content.cast::<Tuple>().map_or(&[][..], |tuple| tuple.items()) {
                items.push(match item.cast::<Parcel>() {
                    Some(item) => unpack(item)?,
                    None => *item,
                });
            }
            Ok(new_tuple(&items).value())
        }
        VIEW => show(content),
        QUEUE => {
            let made = queues::new_queue(content);
            queues::let_go(content);
            made
        }
        CHANNEL => super::channels::of_description(content),
        FUNCTION => unpack_function(content),
        PICKLED => unpickle(content, parcel.main_file.get()),
        _ => Ok(content),
    }
}

/// Its globals are those of `__main__`, if that is running.
fn unpack_function(stored: Value) -> R {
    let code = unpack_code(stored)?;
    let Some(code) = code.cast::<Code>() else { return Err(objects::system_error!("code expected")) };
    let globals = match main_namespace() {
        Some(globals) if interpreter::current().is_running() => globals,
        _ => objects::new_dict(),
    };
    let module = objects::door::builtins_module()?;
    let builtins = dict::dict_get_str(globals, interned!("__builtins__")).unwrap_or(module);
    dict::dict_set_str(globals, interned!("__builtins__"), builtins)?;
    let builtins = builtins.cast::<Module>().map_or(builtins, |module| module.dict().value());
    let function = objects::function::new_function(code, globals.value(), builtins);
    if let Some(name) = dict::dict_get_str(globals, interned!("__name__")) {
        function.module.set(&function.header, name);
    }
    Ok(function.value())
}

/// The dict of `__main__`.
pub fn main_namespace() -> Option<Gc<Dict>> {
    objects::system::imported("__main__")?.cast::<Module>().map(|module| module.dict())
}

fn unpickle(data: Value, main_file: Option<Value>) -> R {
    let pickle = util::import("pickle")?;
    let raised = match call_method(pickle, interned!("loads"), &[data]) {
        Ok(value) => return Ok(value),
        Err(raised) => raised,
    };
    let lacks = raised.is(&exc::ATTRIBUTE_ERROR);
    let exception = raised.take();
    let failure = match main_file {
        Some(file) if lacks && is_about_main(exception)? => match unpickle_with_script(pickle, data, file) {
            Ok(value) => return Ok(value),
            Err(raised) => raised.take(),
        },
        _ => exception,
    };
    Err(with_cause(NOT_SHAREABLE.raise("object could not be unpickled"), failure))
}

/// Whether an AttributeError says that `__main__` lacks something.
fn is_about_main(exception: Value) -> R<bool> {
    let object = get_attr_opt(exception, interned!("obj"))?;
    Ok(object.is_some() && object == objects::system::imported("__main__"))
}

/// The sender's script, run once in this interpreter under another name.
static SCRIPT: InterpreterSlot = InterpreterSlot::empty();
const SCRIPT_NAME: &str = "<fake __main__>";

fn script_module(file: Value) -> R {
    if let Some(module) = SCRIPT.get() {
        return Ok(module);
    }
    let runpy = util::import("runpy")?;
    let namespace = call(get_attr_named(runpy, "run_path")?, &[file, Value::none(), new_str(SCRIPT_NAME)])?;
    let module = objects::module::new_module(SCRIPT_NAME, None)?;
    dict::dict_update(module.dict(), namespace)?;
    SCRIPT.set(module.value());
    Ok(module.value())
}

/// As `pickle.loads`, with the script's module in the place of `__main__`.
fn unpickle_with_script(pickle: Value, data: Value, file: Value) -> R {
    let module = script_module(file)?;
    let Some(modules) = objects::system::modules() else { return Err(objects::runtime_error!("unable to get sys.modules")) };
    let name = interned!("__main__");
    let main = dict::dict_get_str(modules, name);
    dict::dict_set_str(modules, name, module)?;
    let outcome = call_method(pickle, interned!("loads"), &[data]);
    match main {
        Some(main) => dict::dict_set_str(modules, name, main)?,
        None => drop(dict::dict_remove_str(modules, name)?),
    }
    outcome
}

/// NotShareableError caused by an error of another interpreter, of which only the text comes along.
#[cold]
pub fn refused_there(what: &str, text: &str) -> Raised {
    let cause = new_error(exc::EXCEPTION.get(), text).take();
    with_cause(NOT_SHAREABLE.raise(what), cause)
}

/// Stands for the owner of memory that another interpreter looks at.
#[derive(Layout)]
#[repr(C)]
pub struct ForeignMemory {
    pub header: Header,
    /// The sender's view, which nobody else has.
    view: Slot,
}
pub struct BufferViewSkin;

/// Memory that another interpreter owns.
#[native_class(name = "_interpreters.CrossInterpreterBufferView", layout = ForeignMemory, base = object, flags = "final no_new")]
impl BufferViewSkin {}

/// A memoryview of the memory that the sender's shows.
fn show(content: Value) -> R {
    let Some(view) = content.cast::<MemoryView>() else { return Err(objects::system_error!("memoryview expected")) };
    view.check()?;
    let _ = objects::native::rt::class_of_def(BufferViewSkin::CLASS_DEF);
    let owner = new_native(ForeignMemory { header: Header::blank(), view: Slot::new(content) });
    Ok(memoryview_from(view.memory_of(owner.value())).value())
}
