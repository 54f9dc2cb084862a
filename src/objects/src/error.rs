//! Raising and catching from Rust: `Raised`, `R`, and the macros that make the common exceptions.
//!
//! The exception object sits in the thread context; `Raised` is only the proof that it does, so a result is one word.

use crate::class::{Class, class_name, class_of};
use crate::exception::{self as exc, AttributeErrorObject, BaseException, ImportErrorObject, OSErrorObject, StopIterationObject};
use crate::layout::{Cast, ClassCell, Gc};
use crate::str::Str;
use crate::thread;
use heap::Value;

/// Proof that the thread context holds a raised exception.
#[must_use]
#[derive(Debug)]
pub struct Raised(());

/// The result of anything that Python code may make fail.
pub type R<T = Value> = Result<T, Raised>;

impl Raised {
    /// Whether the exception is an instance of the class.
    pub fn is(&self, class: &ClassCell) -> bool {
        class_of(thread::current_exception()).is_subclass_of(class.get())
    }
    pub fn is_class(&self, class: Gc<Class>) -> bool {
        class_of(thread::current_exception()).is_subclass_of(class)
    }
    /// Takes the exception out of the thread context.
    pub fn take(self) -> Value {
        thread::take_exception()
    }
    /// Drops the exception.
    pub fn clear(self) {
        thread::take_exception();
    }
    /// The exception, left in place.
    pub fn peek(&self) -> Value {
        thread::current_exception()
    }
    /// A StopIteration whose value is None, as plain iterators raise it.
    pub fn is_stop_iteration_without_value(&self) -> bool {
        let value = || self.peek().cast::<StopIterationObject>().and_then(|stop| stop.value.get());
        self.is(&exc::STOP_ITERATION) && value().is_none_or(|value| value.is_none())
    }
    /// The caller knows that an exception is set (the interpreter re-raising).
    pub fn already_set() -> Raised {
        Raised(())
    }
}

/// Raises an exception object. Chains the exception being handled as `__context__`.
pub fn raise(exception: Value) -> Raised {
    debug_assert!(exception.cast::<BaseException>().is_some());
    if let Some(handled) = thread::handled_exception()
        && let Some(exception) = exception.cast::<BaseException>()
        && exception.context.get().is_none()
    {
        BaseException::set_context_checked(exception, handled);
    }
    thread::set_exception(exception);
    Raised(())
}

/// Puts an exception back as it was taken, without touching its context.
pub fn restore(exception: Value) -> Raised {
    thread::set_exception(exception);
    Raised(())
}

/// Raises `class(text)`.
#[cold]
#[inline(never)]
pub fn new_error(class: Gc<Class>, text: &str) -> Raised {
    raise(exc::new_exception_text(class, text).value())
}

/// Raises `class(*args)` for a built-in class.
#[cold]
#[inline(never)]
pub fn new_error_args(class: Gc<Class>, args: &[Value]) -> Raised {
    raise(exc::new_exception(class, args).value())
}

macro_rules! define_error_macros {
    ($dollar:tt $($macro:ident $id:ident;)*) => { $(
        /// Raises the exception with a formatted message and gives the `Raised`.
        #[macro_export]
        macro_rules! $macro {
            ($dollar($dollar arg:tt)*) => { $crate::error::new_error_fmt($crate::exception::$id.get(), format_args!($dollar($dollar arg)*)) };
        }
        pub use $macro;
    )* };
}
define_error_macros! { $
    type_error TYPE_ERROR;
    value_error VALUE_ERROR;
    index_error INDEX_ERROR;
    lookup_error LOOKUP_ERROR;
    attribute_error ATTRIBUTE_ERROR;
    overflow_error OVERFLOW_ERROR;
    runtime_error RUNTIME_ERROR;
    system_error SYSTEM_ERROR;
    zero_division_error ZERO_DIVISION_ERROR;
    import_error IMPORT_ERROR;
    buffer_error BUFFER_ERROR;
    eof_error EOF_ERROR;
    reference_error REFERENCE_ERROR;
    recursion_error RECURSION_ERROR;
    assertion_error ASSERTION_ERROR;
    not_implemented_error NOT_IMPLEMENTED_ERROR;
    name_error NAME_ERROR;
    unicode_error UNICODE_ERROR;
    stop_async_iteration STOP_ASYNC_ITERATION;
    arithmetic_error ARITHMETIC_ERROR;
}

#[cold]
#[inline(never)]
pub fn new_error_fmt(class: Gc<Class>, text: std::fmt::Arguments) -> Raised {
    match text.as_str() {
        Some(text) => new_error(class, text),
        None => new_error(class, &base::memory::formatted(text)),
    }
}

/// Raises what an algorithm of crate base reports.
#[cold]
#[inline(never)]
pub fn raise_fault(fault: base::Fault) -> Raised {
    use base::FaultKind as Kind;
    let class = match fault.kind {
        Kind::Value => &exc::VALUE_ERROR,
        Kind::Type => &exc::TYPE_ERROR,
        Kind::Overflow => &exc::OVERFLOW_ERROR,
        Kind::ZeroDivision => &exc::ZERO_DIVISION_ERROR,
        Kind::Index => &exc::INDEX_ERROR,
        Kind::Key => &exc::KEY_ERROR,
        Kind::Memory => return memory_error(),
    };
    new_error(class.get(), &fault.text)
}

/// `raise KeyError(key)`.
#[cold]
pub fn key_error(key: Value) -> Raised {
    new_error_args(exc::KEY_ERROR.get(), &[key])
}

/// `raise MemoryError`.
#[cold]
pub fn memory_error() -> Raised {
    let made = || heap::with_reserve(|| exc::new_exception(exc::MEMORY_ERROR.get(), &[]).value());
    raise(std::panic::catch_unwind(made).unwrap_or_else(|_| spare_memory_error()))
}

/// Raised when there is no memory for another.
static SPARE_MEMORY_ERROR: heap::Slot = heap::Slot::empty();

/// Makes the spare one, at boot.
pub fn prepare_memory_error() {
    SPARE_MEMORY_ERROR.set(exc::new_exception(exc::MEMORY_ERROR.get(), &[]).value());
    heap::register_global_root(&SPARE_MEMORY_ERROR);
}

fn spare_memory_error() -> Value {
    let Some(spare) = SPARE_MEMORY_ERROR.get() else { heap::end_out_of_memory() };
    if let Some(exception) = spare.cast::<BaseException>() {
        // It was another's before.
        exception.traceback.clear();
        exception.context.clear();
    }
    spare
}

/// `raise StopIteration` or `StopIteration(value)`.
#[cold]
pub fn stop_iteration(value: Option<Value>) -> Raised {
    match value {
        None => new_error_args(exc::STOP_ITERATION.get(), &[]),
        Some(value) if value.is_none() => new_error_args(exc::STOP_ITERATION.get(), &[]),
        Some(value) => {
            let exception = exc::new_exception(exc::STOP_ITERATION.get(), &[]);
            exception.args.set(crate::tuple::new_tuple(&[value]).value());
            // SAFETY: StopIteration's layout.
            unsafe { exception.value().cast_unchecked::<StopIterationObject>() }.value.set(value);
            raise(exception.value())
        }
    }
}

/// `'X' object has no attribute 'y'`, with `name` and `obj` set.
#[cold]
#[inline(never)]
pub fn attribute_error_for(object: Value, name: Gc<Str>) -> Raised {
    let text = match object.cast::<crate::module::Module>() {
        Some(module) => return crate::module::module_attribute_error(module, name),
        None => {
            let name = name.to_string_lossy();
            base::memory::formatted(format_args!("'{}' object has no attribute '{name}'", class_name(object)))
        }
    };
    attribute_error_with(object, name, &text)
}

#[cold]
pub fn attribute_error_with(object: Value, name: Gc<Str>, text: &str) -> Raised {
    let exception = exc::new_exception_text(exc::ATTRIBUTE_ERROR.get(), text);
    // SAFETY: AttributeError's layout.
    let fields = unsafe { exception.value().cast_unchecked::<AttributeErrorObject>() };
    fields.name.set(name.value());
    fields.obj.set(object);
    raise(exception.value())
}

/// `raise ImportError(text, name=.., path=..)`.
#[cold]
pub fn import_error_with(class: &ClassCell, text: &str, name: Option<Value>, path: Option<Value>) -> Raised {
    let exception = exc::new_exception_text(class.get(), text);
    // SAFETY: ImportError's layout.
    let fields = unsafe { exception.value().cast_unchecked::<ImportErrorObject>() };
    fields.name.set_opt(name);
    fields.path.set_opt(path);
    raise(exception.value())
}

/// The OSError subclass for an errno.
pub fn os_error_class(errno: i32) -> Gc<Class> {
    match errno {
        libc::EAGAIN | libc::EALREADY | libc::EINPROGRESS => exc::BLOCKING_IO_ERROR.get(),
        libc::EPIPE | libc::ESHUTDOWN => exc::BROKEN_PIPE_ERROR.get(),
        libc::ECHILD => exc::CHILD_PROCESS_ERROR.get(),
        libc::ECONNABORTED => exc::CONNECTION_ABORTED_ERROR.get(),
        libc::ECONNREFUSED => exc::CONNECTION_REFUSED_ERROR.get(),
        libc::ECONNRESET => exc::CONNECTION_RESET_ERROR.get(),
        libc::EEXIST => exc::FILE_EXISTS_ERROR.get(),
        libc::ENOENT => exc::FILE_NOT_FOUND_ERROR.get(),
        libc::EINTR => exc::INTERRUPTED_ERROR.get(),
        libc::EISDIR => exc::IS_A_DIRECTORY_ERROR.get(),
        libc::ENOTDIR => exc::NOT_A_DIRECTORY_ERROR.get(),
        libc::EACCES | libc::EPERM => exc::PERMISSION_ERROR.get(),
        libc::ESRCH => exc::PROCESS_LOOKUP_ERROR.get(),
        libc::ETIMEDOUT => exc::TIMEOUT_ERROR.get(),
        _ => exc::OS_ERROR.get(),
    }
}

/// Raises the OSError of `errno`, with up to two file names.
#[cold]
pub fn os_error(errno: i32, filename: Option<Value>, filename2: Option<Value>) -> Raised {
    let strerror = crate::str::new_str(&strerror_text(errno));
    let number = Value::small(errno);
    let exception = exc::new_exception(os_error_class(errno), &[number, strerror]);
    // SAFETY: OSError's layout.
    let fields = unsafe { exception.value().cast_unchecked::<OSErrorObject>() };
    fields.errno.set(number);
    fields.strerror.set(strerror);
    fields.filename.set_opt(filename);
    fields.filename2.set_opt(filename2);
    raise(exception.value())
}

/// Raises the OSError of the C library's current errno.
#[cold]
pub fn last_os_error(filename: Option<Value>) -> Raised {
    os_error(std::io::Error::last_os_error().raw_os_error().unwrap_or(0), filename, None)
}

/// Raises the OSError of a Rust I/O error.
#[cold]
pub fn io_error(error: &std::io::Error) -> Raised {
    match error.raw_os_error() {
        Some(errno) => os_error(errno, None, None),
        None => new_error(exc::OS_ERROR.get(), &error.to_string()),
    }
}

/// The C library's text for an errno.
pub fn strerror_text(errno: i32) -> String {
    let mut buffer = [0 as libc::c_char; 256];
    // SAFETY: the buffer's length is passed; the result is NUL-terminated.
    unsafe {
        if libc::strerror_r(errno, buffer.as_mut_ptr(), buffer.len()) != 0 {
            return format!("Unknown error {errno}");
        }
        std::ffi::CStr::from_ptr(buffer.as_ptr()).to_string_lossy().into_owned()
    }
}

static UNRAISABLE: std::sync::OnceLock<fn(Value, Value)> = std::sync::OnceLock::new();

/// Registers what reports exceptions that have nowhere to go: (exception, object they came from).
pub fn install_unraisable(report: fn(Value, Value)) {
    let _ = UNRAISABLE.set(report);
}
/// Reports an exception that has nowhere to go.
#[cold]
pub fn unraisable(raised: Raised, object: Value) {
    let exception = raised.take();
    if let Some(report) = UNRAISABLE.get() {
        report(exception, object);
    }
}
