//! Running code in an interpreter: going there, coming back with results or with the picture of an exception.

use super::crossing::{self, Fallback, Parcel};
use super::{INTERPRETER_ERROR, NOT_FOUND};
use crate::namespace::new_namespace;
use crate::util;
use native_macros::native_module;
use objects::code::Code;
use objects::dict::{self, Dict};
use objects::door::{self, CompileRequest, SourceForm};
use objects::exception::BaseException;
use objects::function::new_function;
use objects::interpreter::{self, Interpreter, InterpreterSlot};
use objects::panics::guarded;
use objects::traceback::Traceback;
use objects::{
    Args, Cast, Gc, GcVec, Module, R, Raised, Str, Tuple, Value, call, call_args, call_method, class_of, get_attr_named,
    get_attr_opt, interned, new_str, runtime_error, thread,
};
use std::cell::Cell;

/// What is left of an exception that ended code in another interpreter.
pub struct Picture {
    name: String,
    qualname: String,
    module: String,
    message: Option<String>,
    display: Option<String>,
}

fn text_attr(object: Value, name: &str) -> String {
    match get_attr_opt(object, objects::intern(name)) {
        Ok(value) => value.and_then(util::str_text).unwrap_or_default(),
        Err(raised) => {
            raised.clear();
            String::new()
        }
    }
}
fn text_or_none(text: R<Option<String>>) -> Option<String> {
    text.unwrap_or_else(|raised| {
        raised.clear();
        None
    })
}

impl Picture {
    pub fn of(exception: Value) -> Picture {
        let class = class_of(exception).value();
        Picture {
            name: text_attr(class, "__name__"),
            qualname: text_attr(class, "__qualname__"),
            module: text_attr(class, "__module__"),
            message: text_or_none(objects::str_of(exception).map(|text| Some(text.to_string_lossy()))),
            display: text_or_none(display(exception)),
        }
    }
    pub fn display(&self) -> String {
        self.display.clone().unwrap_or_else(|| self.formatted())
    }
    fn formatted(&self) -> String {
        let module = match self.module.as_str() {
            "" | "builtins" | "__main__" => String::new(),
            module => format!("{module}."),
        };
        let message = self.message.as_ref().map_or(String::new(), |message| format!(": {message}"));
        format!("{module}{}{message}", self.qualname)
    }
    pub fn namespace(&self) -> R {
        let text = |text: &Option<String>| text.as_deref().map_or(Value::none(), new_str);
        let class = new_namespace(&[
            ("__name__", new_str(&self.name)),
            ("__qualname__", new_str(&self.qualname)),
            ("__module__", new_str(&self.module)),
        ])?;
        new_namespace(&[
            ("type", class),
            ("msg", text(&self.message)),
            ("formatted", new_str(&self.formatted())),
            ("errdisplay", text(&self.display)),
        ])
    }
}

/// The traceback as it would be printed.
fn display(exception: Value) -> R<Option<String>> {
    let class = util::import_from("traceback", "TracebackException")?;
    let make = get_attr_named(class, "from_exception")?;
    let made = objects::call_kw(make, &[exception], &[(objects::intern("compact"), Value::true_())])?;
    let mut text = String::new();
    objects::iterate(call_method(made, interned!("format"), &[])?, |line| {
        text.push_str(&util::str_text(line).unwrap_or_default());
        Ok(())
    })?;
    Ok(Some(text.trim_end_matches('\n').to_owned()))
}

/// Why something did not come to its end in an interpreter. Exceptions themselves stay there.
pub enum Failure {
    Raised(Picture),
    NotShareable(&'static str, String),
}

impl Failure {
    fn from(raised: Raised) -> Failure {
        Failure::Raised(Picture::of(raised.take()))
    }
}

/// Does something in an interpreter, where the calling thread is not yet.
pub fn inside<T>(interpreter: &'static Interpreter, work: impl FnOnce() -> T) -> R<T> {
    if std::ptr::eq(interpreter, interpreter::current()) {
        return Ok(work());
    }
    let _guard = thread::enter_recursion()?;
    let entered = thread::enter(interpreter).map_err(|error| objects::io_error(&error))?;
    let result = work();
    crate::local::forget_thread();
    drop(entered);
    Ok(result)
}

/// The running of `__main__`, which only one thread does at a time.
struct Run(&'static Interpreter);
impl Run {
    fn begin(interpreter: &'static Interpreter) -> R<Run> {
        if interpreter.begin_running() {
            return Ok(Run(interpreter));
        }
        if interpreter.is_ending() {
            return Err(NOT_FOUND.raise(&format!("unrecognized interpreter ID {}", interpreter.id())));
        }
        Err(INTERPRETER_ERROR.raise("interpreter already running"))
    }
}
impl Drop for Run {
    fn drop(&mut self) {
        self.0.end_running();
        super::end_if_forgotten(self.0);
    }
}

/// Names and values for `__main__`.
pub type Shared = GcVec<(Value, Value)>;

/// Packs a dict for `__main__`.
pub fn pack_shared(shared: Gc<Dict>) -> R<Shared> {
    let mut packed = Shared::new();
    for (name, value) in dict::dict_items(shared) {
        let Some(text) = name.cast::<Str>() else { return Err(objects::type_error!("bad argument type for built-in operation")) };
        if objects::codec::encode(text, "utf-8", "strict")?.contains(&0) {
            return Err(objects::value_error!("found embedded NULL character"));
        }
        packed.push((name, crossing::pack(value, Fallback::Nothing)?.value()));
    }
    Ok(packed)
}

fn bind_shared(shared: &Shared) -> R<Gc<Dict>> {
    let Some(namespace) = crossing::main_namespace() else { return Err(runtime_error!("interpreter has no __main__")) };
    for (name, packed) in shared.iter() {
        if let Some(packed) = packed.cast::<Parcel>() {
            dict::dict_set(namespace, *name, crossing::unpack(packed)?)?;
        }
    }
    Ok(namespace)
}

/// Binds names in `__main__`.
pub fn set_main(interpreter: &'static Interpreter, shared: &Shared) -> R<()> {
    let run = Run::begin(interpreter)?;
    let outcome = inside(interpreter, || guarded(|| bind_shared(shared)).map(|_| ()).map_err(Failure::from))?;
    drop(run);
    outcome.map_err(not_shareable)
}

fn not_shareable(failure: Failure) -> Raised {
    match failure {
        Failure::Raised(picture) => crossing::refused_there("object does not support cross-interpreter data", &picture.display()),
        Failure::NotShareable(what, text) => crossing::refused_there(what, &text),
    }
}

/// Runs stored code in `__main__`; gives the picture of the exception that ended it.
pub fn exec(interpreter: &'static Interpreter, code: Value, shared: &Shared) -> R<Option<Picture>> {
    let run = Run::begin(interpreter)?;
    let outcome = inside(interpreter, || {
        guarded(|| {
            let namespace = bind_shared(shared)?.value();
            let code = crossing::unpack_code(code)?;
            (door::interpreter().exec_code)(code, namespace, namespace, None)?;
            (door::interpreter().poll)()
        })
        .map_err(|raised| Picture::of(raised.take()))
    })?;
    drop(run);
    Ok(outcome.err())
}

/// A script's code for `exec`, as bytes.
pub fn script_code(source: &[u8], form: SourceForm) -> R {
    let request = CompileRequest { source, form, filename: "<script>", mode: "exec", flags: 0, optimize: -1 };
    let code = (door::front_end()?.compile)(&request)?;
    match code.cast::<Code>() {
        Some(code) => crossing::pack_code(code),
        None => Err(runtime_error!("the compiler gave no code")),
    }
}

/// Calls a packed callable with packed arguments; the packed result, or what failed.
pub fn call_there(
    interpreter: &'static Interpreter,
    function: Gc<Parcel>,
    args: Option<Gc<Parcel>>,
    kwargs: Option<Gc<Parcel>>,
) -> R<Result<Gc<Parcel>, Failure>> {
    let run = Run::begin(interpreter)?;
    let outcome = inside(interpreter, || call_here(function, args, kwargs))?;
    drop(run);
    Ok(outcome)
}

pub fn raise_failure(failure: Failure) -> R<Picture> {
    match failure {
        Failure::Raised(picture) => Ok(picture),
        other => Err(not_shareable(other)),
    }
}

fn call_here(function: Gc<Parcel>, args: Option<Gc<Parcel>>, kwargs: Option<Gc<Parcel>>) -> Result<Gc<Parcel>, Failure> {
    let unpack = |parcel: Gc<Parcel>, what: &'static str| {
        guarded(|| crossing::unpack(parcel)).map_err(|raised| Failure::NotShareable(what, Picture::of(raised.take()).display()))
    };
    let function = unpack(function, "func not shareable")?;
    let args = args.map(|args| unpack(args, "args not shareable")).transpose()?;
    let kwargs = kwargs.map(|kwargs| unpack(kwargs, "kwargs not shareable")).transpose()?;
    let result = guarded(|| call_in_main(function, args, kwargs)).map_err(Failure::from)?;
    guarded(|| crossing::pack(result, Fallback::Full)).map_err(|raised| {
        Failure::NotShareable("object does not support cross-interpreter data", Picture::of(raised.take()).display())
    })
}

/// A call that code in `__main__` is about to make.
struct Pending {
    function: Value,
    args: Option<Value>,
    kwargs: Option<Value>,
}

thread_local! {
    static PENDING: Cell<*const Pending> = const { Cell::new(std::ptr::null()) };
}

struct Trampoline;

#[native_module(name = "_interpreters")]
impl Trampoline {
    /// Makes the call that is pending.
    fn call() -> R {
        let pending = PENDING.replace(std::ptr::null());
        if pending.is_null() {
            return Err(runtime_error!("no call is pending"));
        }
        // SAFETY: set by `call_in_main`, below on this thread's stack.
        let pending = unsafe { &*pending };
        let mut values = GcVec::new();
        if let Some(args) = pending.args.and_then(|args| args.cast::<Tuple>()) {
            args.items().iter().for_each(|value| values.push(*value));
        }
        let positional = values.len();
        let mut names = GcVec::new();
        if let Some(kwargs) = pending.kwargs.and_then(|kwargs| kwargs.cast::<Dict>()) {
            for (name, value) in dict::dict_items(kwargs) {
                if name.cast::<Str>().is_none() {
                    return Err(objects::type_error!("keywords must be strings"));
                }
                names.push(name);
                values.push(value);
            }
        }
        call_args(pending.function, Args::new(&values, positional, &names))
    }
}

const CALLER: &str = "__call_from_outside__";
static CALLER_CODE: InterpreterSlot = InterpreterSlot::empty();

/// Calls with a frame of `__main__` around it, which `eval`, `exec`, `dir` and others ask for their names.
fn call_in_main(function: Value, args: Option<Value>, kwargs: Option<Value>) -> R {
    let Some(namespace) = crossing::main_namespace() else { return Err(runtime_error!("interpreter has no __main__")) };
    let caller = match CALLER_CODE.get() {
        Some(caller) => caller,
        None => {
            let caller = make_caller(namespace)?;
            CALLER_CODE.set(caller);
            caller
        }
    };
    let pending = Pending { function, args, kwargs };
    /// What was pending before is again, on unwinding, too: a finalizer may call in between.
    struct Restore(*const Pending);
    impl Drop for Restore {
        fn drop(&mut self) {
            PENDING.set(self.0)
        }
    }
    let restore = Restore(PENDING.replace(std::hint::black_box(&raw const pending)));
    let outcome = call(caller, &[namespace.value()]);
    drop(restore);
    std::hint::black_box(&pending);
    outcome.map_err(|raised| {
        let exception = raised.take();
        // The frame that was put around is nobody's business.
        if let Some(layout) = exception.cast::<BaseException>()
            && let Some(entry) = layout.traceback.get().and_then(|entry| entry.cast::<Traceback>())
        {
            layout.traceback.set_opt(entry.next.get());
        }
        objects::error::restore(exception)
    })
}

fn make_caller(namespace: Gc<Dict>) -> R {
    let source = format!("{CALLER}()");
    let request = CompileRequest {
        source: source.as_bytes(),
        form: SourceForm::Text,
        filename: "<call>",
        mode: "eval",
        flags: 0,
        optimize: -1,
    };
    let code = (door::front_end()?.compile)(&request)?;
    let Some(code) = code.cast::<Code>() else { return Err(runtime_error!("the compiler gave no code")) };
    let Some(builtins) = door::builtins_module()?.cast::<Module>() else { return Err(runtime_error!("no module builtins")) };
    let builtins = dict::dict_copy(builtins.dict())?;
    let trampoline = objects::module::new_native_module(Trampoline::MODULE)?;
    let trampoline = trampoline.get("call").unwrap_or(Value::none());
    dict::dict_set_str(builtins, objects::intern(CALLER), trampoline)?;
    Ok(new_function(code, namespace.value(), builtins.value()).value())
}
