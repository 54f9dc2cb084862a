//! The door: how natives call up into the floors above (run Python code, import, compile).
//!
//! One small table of function pointers, filled once at boot before any Python code runs.

use crate::args::Args;
use crate::class::Class;
use crate::error::{R, not_implemented_error};
use crate::function::Function;
use crate::layout::Gc;
use heap::Value;
use std::sync::OnceLock;

/// What happens to a suspended generator when it is entered.
#[derive(Clone, Copy)]
pub enum Resume {
    Send(Value),
    Throw(Value),
}

/// What a generator did until it stopped.
#[derive(Clone, Copy)]
pub enum Outcome {
    Yielded(Value),
    Returned(Value),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SourceForm {
    /// UTF-8, decoded already.
    Text,
    /// Not decoded yet.
    Bytes,
    /// The bytes of the file that is run: faults of its encoding name the file.
    File,
}

pub struct CompileRequest<'a> {
    pub source: &'a [u8],
    pub form: SourceForm,
    pub filename: &'a str,
    /// "exec", "eval", "single", "func_type".
    pub mode: &'a str,
    pub flags: u32,
    pub optimize: i32,
}

#[derive(Clone, Copy)]
pub struct Interpreter {
    /// Calls a Python function object.
    pub call_function: fn(Value, Args) -> R,
    /// The same with positional arguments alone.
    pub call_positional: fn(Gc<Function>, &[Value]) -> R,
    /// Enters a suspended generator, coroutine or async generator.
    pub resume: fn(Value, Resume) -> R<Outcome>,
    /// Runs a code object in namespaces (module, exec, eval, class body): (code, globals, locals, closure).
    pub exec_code: fn(Value, Value, Value, Option<Value>) -> R,
    /// Visits the poll function: signals, finalizers, collection requests. Natives that loop long call it.
    pub poll: fn() -> R<()>,
}

#[derive(Clone, Copy)]
pub struct FrontEnd {
    /// Source to code object.
    pub compile: fn(&CompileRequest) -> R,
    /// `ast` tree to code object: (tree, filename, mode, flags, optimize).
    pub compile_ast: fn(Value, &str, &str, u32, i32) -> R,
    /// Source to `ast` tree, with the minor version of Python that must understand it.
    pub parse_ast: fn(&CompileRequest, Option<u32>) -> R,
}

static INTERPRETER: OnceLock<Interpreter> = OnceLock::new();
static FRONT_END: OnceLock<FrontEnd> = OnceLock::new();

pub fn install_interpreter(table: Interpreter) {
    let _ = INTERPRETER.set(table);
}
pub fn install_front_end(table: FrontEnd) {
    let _ = FRONT_END.set(table);
}
#[inline]
pub fn interpreter() -> &'static Interpreter {
    INTERPRETER.get().expect("the interpreter is installed at boot")
}
pub fn front_end() -> R<&'static FrontEnd> {
    FRONT_END.get().ok_or_else(|| not_implemented_error!("this build has no compiler"))
}

/// Instantiates a class: what calling it does.
pub fn instantiate(class: Gc<Class>, args: &[Value]) -> R {
    crate::call::call(class.value(), args)
}

static GENERIC_ALIAS: OnceLock<fn(Value, Value) -> R> = OnceLock::new();

/// Registers what makes `origin[args]` (a `types.GenericAlias`).
pub fn install_generic_alias(make: fn(Value, Value) -> R) {
    let _ = GENERIC_ALIAS.set(make);
}
pub fn generic_alias(origin: Value, args: Value) -> R {
    match GENERIC_ALIAS.get() {
        Some(make) => make(origin, args),
        None => Err(not_implemented_error!("generic aliases are not installed")),
    }
}

static BUILTINS: crate::interpreter::InterpreterSlot = crate::interpreter::InterpreterSlot::empty();

/// Publishes the module `builtins` of the current interpreter.
pub fn set_builtins_module(module: Value) {
    BUILTINS.set(module);
}
/// The module `builtins`.
pub fn builtins_module() -> R {
    BUILTINS.get().ok_or_else(|| not_implemented_error!("the builtins module does not exist yet"))
}

static TEMPLATE: crate::layout::ClassCell = crate::layout::ClassCell::new();
static INTERPOLATION: crate::layout::ClassCell = crate::layout::ClassCell::new();

/// Publishes the classes of template strings.
pub fn set_template_classes(template: Gc<Class>, interpolation: Gc<Class>) {
    TEMPLATE.set(template);
    INTERPOLATION.set(interpolation);
}
/// What template strings make: (Template, Interpolation).
pub fn template_classes() -> R<(Gc<Class>, Gc<Class>)> {
    if !TEMPLATE.is_set() {
        return Err(not_implemented_error!("template strings are not installed"));
    }
    Ok((TEMPLATE.get(), INTERPOLATION.get()))
}

/// Code objects as bytes (`marshal`, .pyc files).
#[derive(Clone, Copy)]
pub struct CodeFormat {
    pub to_bytes: fn(Value) -> R<Vec<u8>>,
    pub from_bytes: fn(&[u8]) -> R,
}

static CODE_FORMAT: OnceLock<CodeFormat> = OnceLock::new();

pub fn install_code_format(format: CodeFormat) {
    let _ = CODE_FORMAT.set(format);
}
pub fn code_format() -> R<&'static CodeFormat> {
    CODE_FORMAT.get().ok_or_else(|| not_implemented_error!("this build cannot store code objects"))
}
