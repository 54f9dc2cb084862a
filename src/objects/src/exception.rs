//! Exception objects: layouts, the table of built-in exception classes, chaining and tracebacks as plain fields.
//!
//! The Python-visible methods are in the builtins crate; raising and catching from Rust is in `error.rs`.

use crate::class::Class;
use crate::layout::{Cast, ClassCell, Gc, LayoutDesc};
use crate::str::Str;
use crate::tuple::{Tuple, new_tuple};
use heap::{Header, Slot, Value};
use native_macros::Layout;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct BaseException {
    pub header: Header,
    pub args: Slot,
    pub traceback: Slot,
    pub context: Slot,
    pub cause: Slot,
    pub suppress_context: AtomicBool,
}

#[derive(Layout)]
#[layout(parent = BaseException)]
#[repr(C)]
pub struct StopIterationObject {
    pub base: BaseException,
    pub value: Slot,
}

#[derive(Layout)]
#[layout(parent = BaseException)]
#[repr(C)]
pub struct SystemExitObject {
    pub base: BaseException,
    pub code: Slot,
}

#[derive(Layout)]
#[layout(parent = BaseException)]
#[repr(C)]
pub struct ImportErrorObject {
    pub base: BaseException,
    pub msg: Slot,
    pub name: Slot,
    pub path: Slot,
    pub name_from: Slot,
}

#[derive(Layout)]
#[layout(parent = BaseException)]
#[repr(C)]
pub struct NameErrorObject {
    pub base: BaseException,
    pub name: Slot,
}

#[derive(Layout)]
#[layout(parent = BaseException)]
#[repr(C)]
pub struct AttributeErrorObject {
    pub base: BaseException,
    pub name: Slot,
    pub obj: Slot,
}

#[derive(Layout)]
#[layout(parent = BaseException)]
#[repr(C)]
pub struct OSErrorObject {
    pub base: BaseException,
    pub errno: Slot,
    pub strerror: Slot,
    pub filename: Slot,
    pub filename2: Slot,
    /// `characters_written` of BlockingIOError; -1 when unset.
    pub written: AtomicI64,
}

#[derive(Layout)]
#[layout(parent = BaseException)]
#[repr(C)]
pub struct SyntaxErrorObject {
    pub base: BaseException,
    pub msg: Slot,
    pub filename: Slot,
    pub lineno: Slot,
    pub offset: Slot,
    pub end_lineno: Slot,
    pub end_offset: Slot,
    pub text: Slot,
    pub print_file_and_line: Slot,
    pub metadata: Slot,
}

#[derive(Layout)]
#[layout(parent = BaseException)]
#[repr(C)]
pub struct UnicodeErrorObject {
    pub base: BaseException,
    pub encoding: Slot,
    pub object: Slot,
    pub start: AtomicI64,
    pub end: AtomicI64,
    pub reason: Slot,
}

#[derive(Layout)]
#[layout(parent = BaseException)]
#[repr(C)]
pub struct ExceptionGroupObject {
    pub base: BaseException,
    pub message: Slot,
    pub exceptions: Slot,
    /// How the sequence given to the constructor printed, if it was neither a list nor a tuple.
    pub shown: Slot,
}

/// One row of the class table.
pub struct ExceptionRow {
    pub name: &'static str,
    pub cell: &'static ClassCell,
    pub base: Option<&'static ClassCell>,
    pub layout: &'static LayoutDesc,
    pub doc: &'static str,
}

macro_rules! exceptions {
    ($( $id:ident $name:literal ($($base:ident)?) $layout:ident $doc:literal; )*) => {
        $( #[doc = $doc] pub static $id: ClassCell = ClassCell::new(); )*
        /// All built-in exception classes, bases before the classes that derive from them.
        pub static EXCEPTIONS: &[ExceptionRow] = &[
            $( ExceptionRow {
                name: $name, cell: &$id, base: exceptions!(@base $($base)?),
                layout: <$layout as crate::layout::Layout>::DESC, doc: $doc,
            } ),*
        ];
    };
    (@base) => { None };
    (@base $base:ident) => { Some(&$base) };
}

exceptions! {
    BASE_EXCEPTION "BaseException" () BaseException "Common base class for all exceptions.";
    EXCEPTION "Exception" (BASE_EXCEPTION) BaseException "Common base class for all non-exit exceptions.";
    GENERATOR_EXIT "GeneratorExit" (BASE_EXCEPTION) BaseException "Request that a generator exit.";
    KEYBOARD_INTERRUPT "KeyboardInterrupt" (BASE_EXCEPTION) BaseException "Program interrupted by user.";
    SYSTEM_EXIT "SystemExit" (BASE_EXCEPTION) SystemExitObject "Request to exit from the interpreter.";
    BASE_EXCEPTION_GROUP "BaseExceptionGroup" (BASE_EXCEPTION) ExceptionGroupObject "A combination of multiple unrelated exceptions.";
    STOP_ITERATION "StopIteration" (EXCEPTION) StopIterationObject "Signal the end from iterator.__next__().";
    STOP_ASYNC_ITERATION "StopAsyncIteration" (EXCEPTION) BaseException "Signal the end from iterator.__anext__().";
    ARITHMETIC_ERROR "ArithmeticError" (EXCEPTION) BaseException "Base class for arithmetic errors.";
    FLOATING_POINT_ERROR "FloatingPointError" (ARITHMETIC_ERROR) BaseException "Floating-point operation failed.";
    OVERFLOW_ERROR "OverflowError" (ARITHMETIC_ERROR) BaseException "Result too large to be represented.";
    ZERO_DIVISION_ERROR "ZeroDivisionError" (ARITHMETIC_ERROR) BaseException "Second argument to a division or modulo operation was zero.";
    ASSERTION_ERROR "AssertionError" (EXCEPTION) BaseException "Assertion failed.";
    ATTRIBUTE_ERROR "AttributeError" (EXCEPTION) AttributeErrorObject "Attribute not found.";
    BUFFER_ERROR "BufferError" (EXCEPTION) BaseException "Buffer error.";
    EOF_ERROR "EOFError" (EXCEPTION) BaseException "Read beyond end of file.";
    IMPORT_ERROR "ImportError" (EXCEPTION) ImportErrorObject "Import can't find module, or can't find name in module.";
    MODULE_NOT_FOUND_ERROR "ModuleNotFoundError" (IMPORT_ERROR) ImportErrorObject "Module not found.";
    LOOKUP_ERROR "LookupError" (EXCEPTION) BaseException "Base class for lookup errors.";
    INDEX_ERROR "IndexError" (LOOKUP_ERROR) BaseException "Sequence index out of range.";
    KEY_ERROR "KeyError" (LOOKUP_ERROR) BaseException "Mapping key not found.";
    MEMORY_ERROR "MemoryError" (EXCEPTION) BaseException "Out of memory.";
    NAME_ERROR "NameError" (EXCEPTION) NameErrorObject "Name not found globally.";
    UNBOUND_LOCAL_ERROR "UnboundLocalError" (NAME_ERROR) NameErrorObject "Local name referenced but not bound to a value.";
    OS_ERROR "OSError" (EXCEPTION) OSErrorObject "Base class for I/O related errors.";
    BLOCKING_IO_ERROR "BlockingIOError" (OS_ERROR) OSErrorObject "I/O operation would block.";
    CHILD_PROCESS_ERROR "ChildProcessError" (OS_ERROR) OSErrorObject "Child process error.";
    CONNECTION_ERROR "ConnectionError" (OS_ERROR) OSErrorObject "Connection error.";
    BROKEN_PIPE_ERROR "BrokenPipeError" (CONNECTION_ERROR) OSErrorObject "Broken pipe.";
    CONNECTION_ABORTED_ERROR "ConnectionAbortedError" (CONNECTION_ERROR) OSErrorObject "Connection aborted.";
    CONNECTION_REFUSED_ERROR "ConnectionRefusedError" (CONNECTION_ERROR) OSErrorObject "Connection refused.";
    CONNECTION_RESET_ERROR "ConnectionResetError" (CONNECTION_ERROR) OSErrorObject "Connection reset.";
    FILE_EXISTS_ERROR "FileExistsError" (OS_ERROR) OSErrorObject "File already exists.";
    FILE_NOT_FOUND_ERROR "FileNotFoundError" (OS_ERROR) OSErrorObject "File not found.";
    INTERRUPTED_ERROR "InterruptedError" (OS_ERROR) OSErrorObject "Interrupted by signal.";
    IS_A_DIRECTORY_ERROR "IsADirectoryError" (OS_ERROR) OSErrorObject "Operation doesn't work on directories.";
    NOT_A_DIRECTORY_ERROR "NotADirectoryError" (OS_ERROR) OSErrorObject "Operation only works on directories.";
    PERMISSION_ERROR "PermissionError" (OS_ERROR) OSErrorObject "Not enough permissions.";
    PROCESS_LOOKUP_ERROR "ProcessLookupError" (OS_ERROR) OSErrorObject "Process not found.";
    TIMEOUT_ERROR "TimeoutError" (OS_ERROR) OSErrorObject "Timeout expired.";
    REFERENCE_ERROR "ReferenceError" (EXCEPTION) BaseException "Weak ref proxy used after referent went away.";
    RUNTIME_ERROR "RuntimeError" (EXCEPTION) BaseException "Unspecified run-time error.";
    NOT_IMPLEMENTED_ERROR "NotImplementedError" (RUNTIME_ERROR) BaseException "Method or function hasn't been implemented yet.";
    RECURSION_ERROR "RecursionError" (RUNTIME_ERROR) BaseException "Recursion limit exceeded.";
    PYTHON_FINALIZATION_ERROR "PythonFinalizationError" (RUNTIME_ERROR) BaseException "Operation blocked during Python finalization.";
    SYNTAX_ERROR "SyntaxError" (EXCEPTION) SyntaxErrorObject "Invalid syntax.";
    INCOMPLETE_INPUT_ERROR "_IncompleteInputError" (SYNTAX_ERROR) SyntaxErrorObject "incomplete input.";
    INDENTATION_ERROR "IndentationError" (SYNTAX_ERROR) SyntaxErrorObject "Improper indentation.";
    TAB_ERROR "TabError" (INDENTATION_ERROR) SyntaxErrorObject "Improper mixture of spaces and tabs.";
    SYSTEM_ERROR "SystemError" (EXCEPTION) BaseException "Internal error in the Python interpreter.\n\nPlease report this to the Python maintainer, along with the traceback,\nthe Python version, and the hardware/OS platform and version.";
    TYPE_ERROR "TypeError" (EXCEPTION) BaseException "Inappropriate argument type.";
    VALUE_ERROR "ValueError" (EXCEPTION) BaseException "Inappropriate argument value (of correct type).";
    UNICODE_ERROR "UnicodeError" (VALUE_ERROR) BaseException "Unicode related error.";
    UNICODE_DECODE_ERROR "UnicodeDecodeError" (UNICODE_ERROR) UnicodeErrorObject "Unicode decoding error.";
    UNICODE_ENCODE_ERROR "UnicodeEncodeError" (UNICODE_ERROR) UnicodeErrorObject "Unicode encoding error.";
    UNICODE_TRANSLATE_ERROR "UnicodeTranslateError" (UNICODE_ERROR) UnicodeErrorObject "Unicode translation error.";
    WARNING "Warning" (EXCEPTION) BaseException "Base class for warning categories.";
    BYTES_WARNING "BytesWarning" (WARNING) BaseException "Base class for warnings about bytes and buffer related problems, mostly\nrelated to conversion from str or comparing to str.";
    DEPRECATION_WARNING "DeprecationWarning" (WARNING) BaseException "Base class for warnings about deprecated features.";
    ENCODING_WARNING "EncodingWarning" (WARNING) BaseException "Base class for warnings about encodings.";
    FUTURE_WARNING "FutureWarning" (WARNING) BaseException "Base class for warnings about constructs that will change semantically\nin the future.";
    IMPORT_WARNING "ImportWarning" (WARNING) BaseException "Base class for warnings about probable mistakes in module imports";
    PENDING_DEPRECATION_WARNING "PendingDeprecationWarning" (WARNING) BaseException "Base class for warnings about features which will be deprecated\nin the future.";
    RESOURCE_WARNING "ResourceWarning" (WARNING) BaseException "Base class for warnings about resource usage.";
    RUNTIME_WARNING "RuntimeWarning" (WARNING) BaseException "Base class for warnings about dubious runtime behavior.";
    SYNTAX_WARNING "SyntaxWarning" (WARNING) BaseException "Base class for warnings about dubious syntax.";
    UNICODE_WARNING "UnicodeWarning" (WARNING) BaseException "Base class for warnings about Unicode related problems, mostly\nrelated to conversion problems.";
    USER_WARNING "UserWarning" (WARNING) BaseException "Base class for warnings generated by user code.";
}

/// ExceptionGroup has two bases and is made apart.
pub static EXCEPTION_GROUP: ClassCell = ClassCell::new();
pub const BASE_EXCEPTION_GROUP_DOC: &str = "A combination of multiple unrelated exceptions.";

/// Makes an instance of a built-in exception class without calling Python: fields of extended layouts stay empty, except those
/// that follow from the arguments (StopIteration.value, SystemExit.code, ImportError.msg).
pub fn new_exception(class: Gc<Class>, args: &[Value]) -> Gc<BaseException> {
    let pointer = crate::layout::alloc_instance(class);
    // SAFETY: exception classes have an exception layout; the cell is zeroed, which is a valid blank state of all of them.
    let exception: Gc<BaseException> = unsafe { Gc::from_ptr(pointer.cast()) };
    exception.args.set(new_tuple(args).value());
    init_fields(exception, args);
    exception
}

/// Fills the fields that derive from the positional arguments.
pub fn init_fields(exception: Gc<BaseException>, args: &[Value]) {
    let value = exception.value();
    if let Some(stop) = value.cast::<StopIterationObject>() {
        stop.value.set(args.first().copied().unwrap_or(Value::none()));
    } else if let Some(exit) = value.cast::<SystemExitObject>() {
        exit.code.set(match args {
            [] => Value::none(),
            [code] => *code,
            _ => exception.args.get().unwrap_or(Value::none()),
        });
    } else if let Some(import) = value.cast::<ImportErrorObject>() {
        if let [message] = args {
            import.msg.set(*message);
        }
    } else if let Some(os) = value.cast::<OSErrorObject>() {
        os.written.store(-1, Ordering::Relaxed);
    }
}

impl BaseException {
    pub fn args(&self) -> Gc<Tuple> {
        match self.args.get().and_then(|args| args.cast::<Tuple>()) {
            Some(args) => args,
            None => new_tuple(&[]),
        }
    }
    /// Attaches `context` unless that would make a cycle in the chain; a cycle is cut as CPython does.
    pub fn set_context_checked(this: Gc<BaseException>, context: Value) {
        if context == this.value() {
            return;
        }
        let mut slow = context;
        let mut current = context;
        let mut advance_slow = false;
        while let Some(next) = current.cast::<BaseException>().and_then(|exception| exception.context.get()) {
            if next == this.value() {
                if let Some(exception) = current.cast::<BaseException>() {
                    exception.context.take();
                }
                break;
            }
            current = next;
            if current == slow {
                break;
            }
            if advance_slow && let Some(step) = slow.cast::<BaseException>().and_then(|exception| exception.context.get()) {
                slow = step;
            }
            advance_slow = !advance_slow;
        }
        this.context.set(context);
    }
}

/// The exception that `raise class` makes when nothing but a text is known.
pub fn new_exception_text(class: Gc<Class>, text: &str) -> Gc<BaseException> {
    new_exception(class, &[Str::new(text).value()])
}

/// A blank exception of `class` for `__new__` with the given args.
pub fn alloc_exception(class: Gc<Class>) -> Gc<BaseException> {
    // SAFETY: as in `new_exception`.
    unsafe { Gc::from_ptr(crate::layout::alloc_instance(class).cast()) }
}
