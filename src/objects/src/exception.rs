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
    BASE_EXCEPTION "BaseException" () BaseException "What all exceptions are derived from.";
    EXCEPTION "Exception" (BASE_EXCEPTION) BaseException "Common base class for all non-exit exceptions.";
    GENERATOR_EXIT "GeneratorExit" (BASE_EXCEPTION) BaseException "A generator is asked to end.";
    KEYBOARD_INTERRUPT "KeyboardInterrupt" (BASE_EXCEPTION) BaseException "Program interrupted by user.";
    SYSTEM_EXIT "SystemExit" (BASE_EXCEPTION) SystemExitObject "The interpreter is asked to end.";
    BASE_EXCEPTION_GROUP "BaseExceptionGroup" (BASE_EXCEPTION) ExceptionGroupObject "Several exceptions that are raised together.";
    STOP_ITERATION "StopIteration" (EXCEPTION) StopIterationObject "An iterator has no further items.";
    STOP_ASYNC_ITERATION "StopAsyncIteration" (EXCEPTION) BaseException "An asynchronous iterator has no further items.";
    ARITHMETIC_ERROR "ArithmeticError" (EXCEPTION) BaseException "Base class for arithmetic errors.";
    FLOATING_POINT_ERROR "FloatingPointError" (ARITHMETIC_ERROR) BaseException "Floating-point operation failed.";
    OVERFLOW_ERROR "OverflowError" (ARITHMETIC_ERROR) BaseException "A result is too large for its type.";
    ZERO_DIVISION_ERROR "ZeroDivisionError" (ARITHMETIC_ERROR) BaseException "Second argument to a division or modulo operation was zero.";
    ASSERTION_ERROR "AssertionError" (EXCEPTION) BaseException "Assertion failed.";
    ATTRIBUTE_ERROR "AttributeError" (EXCEPTION) AttributeErrorObject "Attribute not found.";
    BUFFER_ERROR "BufferError" (EXCEPTION) BaseException "Buffer error.";
    EOF_ERROR "EOFError" (EXCEPTION) BaseException "There is no more input.";
    IMPORT_ERROR "ImportError" (EXCEPTION) ImportErrorObject "A module, or a name in it, could not be imported.";
    MODULE_NOT_FOUND_ERROR "ModuleNotFoundError" (IMPORT_ERROR) ImportErrorObject "Module not found.";
    LOOKUP_ERROR "LookupError" (EXCEPTION) BaseException "What errors of lookups are derived from.";
    INDEX_ERROR "IndexError" (LOOKUP_ERROR) BaseException "A sequence has no item at the index.";
    KEY_ERROR "KeyError" (LOOKUP_ERROR) BaseException "Mapping key not found.";
    MEMORY_ERROR "MemoryError" (EXCEPTION) BaseException "Out of memory.";
    NAME_ERROR "NameError" (EXCEPTION) NameErrorObject "Name not found globally.";
    UNBOUND_LOCAL_ERROR "UnboundLocalError" (NAME_ERROR) NameErrorObject "A local variable is used before it has a value.";
    OS_ERROR "OSError" (EXCEPTION) OSErrorObject "An operation of the system failed.";
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
    IS_A_DIRECTORY_ERROR "IsADirectoryError" (OS_ERROR) OSErrorObject "The operation cannot be done on a directory.";
    NOT_A_DIRECTORY_ERROR "NotADirectoryError" (OS_ERROR) OSErrorObject "The operation needs a directory.";
    PERMISSION_ERROR "PermissionError" (OS_ERROR) OSErrorObject "Not enough permissions.";
    PROCESS_LOOKUP_ERROR "ProcessLookupError" (OS_ERROR) OSErrorObject "Process not found.";
    TIMEOUT_ERROR "TimeoutError" (OS_ERROR) OSErrorObject "Timeout expired.";
    REFERENCE_ERROR "ReferenceError" (EXCEPTION) BaseException "A weak proxy was used whose object is gone.";
    RUNTIME_ERROR "RuntimeError" (EXCEPTION) BaseException "Unspecified run-time error.";
    NOT_IMPLEMENTED_ERROR "NotImplementedError" (RUNTIME_ERROR) BaseException "The function or method lacks an implementation.";
    RECURSION_ERROR "RecursionError" (RUNTIME_ERROR) BaseException "Recursion limit exceeded.";
    PYTHON_FINALIZATION_ERROR "PythonFinalizationError" (RUNTIME_ERROR) BaseException "The interpreter is ending and cannot do this.";
    SYNTAX_ERROR "SyntaxError" (EXCEPTION) SyntaxErrorObject "Invalid syntax.";
    INCOMPLETE_INPUT_ERROR "_IncompleteInputError" (SYNTAX_ERROR) SyntaxErrorObject "incomplete input.";
    INDENTATION_ERROR "IndentationError" (SYNTAX_ERROR) SyntaxErrorObject "Improper indentation.";
    TAB_ERROR "TabError" (INDENTATION_ERROR) SyntaxErrorObject "Tabs and spaces are mixed in the indentation.";
    SYSTEM_ERROR "SystemError" (EXCEPTION) BaseException "The interpreter has found an error of its own.\n\nPlease report it with the traceback, the version of Python and what\nit ran on.";
    TYPE_ERROR "TypeError" (EXCEPTION) BaseException "Inappropriate argument type.";
    VALUE_ERROR "ValueError" (EXCEPTION) BaseException "An argument of the right type has a wrong value.";
    UNICODE_ERROR "UnicodeError" (VALUE_ERROR) BaseException "Unicode related error.";
    UNICODE_DECODE_ERROR "UnicodeDecodeError" (UNICODE_ERROR) UnicodeErrorObject "Unicode decoding error.";
    UNICODE_ENCODE_ERROR "UnicodeEncodeError" (UNICODE_ERROR) UnicodeErrorObject "Unicode encoding error.";
    UNICODE_TRANSLATE_ERROR "UnicodeTranslateError" (UNICODE_ERROR) UnicodeErrorObject "Unicode translation error.";
    WARNING "Warning" (EXCEPTION) BaseException "What categories of warnings are derived from.";
    BYTES_WARNING "BytesWarning" (WARNING) BaseException "Category of warnings about dubious uses of bytes, such as comparing\nthem with str or converting them to it.";
    DEPRECATION_WARNING "DeprecationWarning" (WARNING) BaseException "Category of warnings about deprecated features.";
    ENCODING_WARNING "EncodingWarning" (WARNING) BaseException "Category of warnings about text encodings.";
    FUTURE_WARNING "FutureWarning" (WARNING) BaseException "Category of warnings about code that will mean something else\nin later versions.";
    IMPORT_WARNING "ImportWarning" (WARNING) BaseException "Category of warnings about imports that are likely mistakes";
    PENDING_DEPRECATION_WARNING "PendingDeprecationWarning" (WARNING) BaseException "Category of warnings about features that later versions\nwill deprecate.";
    RESOURCE_WARNING "ResourceWarning" (WARNING) BaseException "Category of warnings about the use of resources.";
    RUNTIME_WARNING "RuntimeWarning" (WARNING) BaseException "Category of warnings about doubtful behaviour at run time.";
    SYNTAX_WARNING "SyntaxWarning" (WARNING) BaseException "Category of warnings about doubtful syntax.";
    UNICODE_WARNING "UnicodeWarning" (WARNING) BaseException "Category of warnings about Unicode, in conversions above all.";
    USER_WARNING "UserWarning" (WARNING) BaseException "Category of warnings that come from programs.";
}

/// ExceptionGroup has two bases and is made apart.
pub static EXCEPTION_GROUP: ClassCell = ClassCell::new();
pub const BASE_EXCEPTION_GROUP_DOC: &str = "Several exceptions that are raised together.";

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
