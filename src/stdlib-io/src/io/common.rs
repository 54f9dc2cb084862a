//! What all file classes share: argument types, errors, checks, calls of methods by name.
//!
//! Must not know: any class.

use objects::convert::{ArgName, FromArg};
use objects::{
    Cast, Gc, R, Raised, Slot, Str, Value, call_method, class_name, exc, get_attr_opt, index_object, int_view, interned, is_int,
    new_error, new_str, os_error, overflow_error, runtime_error, set_attr, thread, type_error, value_error,
};
use std::sync::atomic::{AtomicU64, Ordering};

pub const DEFAULT_BUFFER_SIZE: usize = 128 * 1024;
pub const OLD_BUFFER_SIZE: usize = 8192;

/// A number of bytes or characters; None and negative numbers mean all.
#[derive(Clone, Copy)]
pub struct Size(pub isize);

impl Size {
    /// None: without limit.
    pub fn limit(self) -> Option<usize> {
        usize::try_from(self.0).ok()
    }
}
impl FromArg for Size {
    fn from_arg(value: Value, name: ArgName) -> R<Size> {
        if value.is_none() {
            return Ok(Size(-1));
        }
        if value.is_int() {
            return Ok(Size(value.as_int() as isize));
        }
        if objects::class_of(value).slots.index.get().is_none() && !is_int(value) {
            return Err(type_error!("argument should be integer or None, not '{}'", class_name(value)));
        }
        isize::from_arg(value, name).map(Size)
    }
}

static UNSUPPORTED: Slot = Slot::empty();

/// Makes `io.UnsupportedOperation`.
pub fn make_unsupported_operation() -> R {
    if let Some(class) = UNSUPPORTED.get() {
        return Ok(class);
    }
    let bases = objects::new_tuple(&[exc::OS_ERROR.get().value(), exc::VALUE_ERROR.get().value()]);
    let namespace = objects::new_dict();
    objects::dict::dict_set_str(namespace, interned!("__module__"), new_str("io"))?;
    let metaclass = objects::class_of(exc::OS_ERROR.get().value());
    let class = objects::call(metaclass.value(), &[new_str("UnsupportedOperation"), bases.value(), namespace.value()])?;
    objects::roots::keep_forever(class);
    Ok(UNSUPPORTED.get_or_set(class))
}

/// Raises `io.UnsupportedOperation(text)`.
#[cold]
pub fn unsupported(text: &str) -> Raised {
    match make_unsupported_operation().and_then(|class| objects::call(class, &[new_str(text)])) {
        Ok(exception) => objects::raise(exception),
        Err(raised) => raised,
    }
}

#[cold]
pub fn closed_error() -> Raised {
    value_error!("I/O operation on closed file.")
}
#[cold]
pub fn closed_error_short() -> Raised {
    value_error!("I/O operation on closed file")
}
#[cold]
pub fn uninitialized() -> Raised {
    value_error!("I/O operation on uninitialized object")
}

pub use super::chain::is_closed;
pub fn check_closed(file: Value) -> R<()> {
    if is_closed(file)? { Err(closed_error()) } else { Ok(()) }
}

/// `file.name()`.
pub fn call0(file: Value, name: Gc<Str>) -> R {
    call_method(file, name, &[])
}

/// `_checkReadable` and its like: the method must answer True.
pub fn check_ability(file: Value, method: &str, text: &str) -> R<()> {
    if call0(file, objects::intern(method))?.is_true() { Ok(()) } else { Err(unsupported(text)) }
}
pub fn check_readable(file: Value) -> R<()> {
    check_ability(file, "readable", "File or stream is not readable.")
}
pub fn check_writable(file: Value) -> R<()> {
    check_ability(file, "writable", "File or stream is not writable.")
}
pub fn check_seekable(file: Value) -> R<()> {
    check_ability(file, "seekable", "File or stream is not seekable.")
}

/// An int as a file offset.
pub fn offset(value: Value) -> R<i64> {
    let number = index_object(value)?;
    match int_view(number).and_then(|view| view.to_i64()) {
        Some(number) => Ok(number),
        None => Err(overflow_error!("Python int too large to convert to C long")),
    }
}
/// An offset that a Python method gave: it must not be negative.
pub fn checked_offset(value: Value) -> R<i64> {
    let position = offset(value)?;
    if position < 0 {
        return Err(new_error(exc::OS_ERROR.get(), &format!("Raw stream returned invalid position {position}")));
    }
    Ok(position)
}

/// Runs `second` whatever `first` gave; the errors of both are chained.
pub fn finally(first: R, second: impl FnOnce() -> R) -> R {
    match first {
        Ok(value) => second().map(|_| value),
        Err(raised) => {
            let old = raised.take();
            match second() {
                Ok(_) => Err(objects::error::restore(old)),
                Err(raised) => {
                    let new = raised.take();
                    if let Some(new) = new.cast::<exc::BaseException>()
                        && new.value() != old
                    {
                        exc::BaseException::set_context_checked(new, old);
                    }
                    Err(objects::error::restore(new))
                }
            }
        }
    }
}

/// The BlockingIOError of a buffer that could not be written out.
#[cold]
pub fn would_block(text: &str, written: usize) -> Raised {
    let raised = os_error(libc::EAGAIN, None, None);
    if let Some(error) = raised.peek().cast::<exc::OSErrorObject>() {
        error.strerror.set(new_str(text));
        error
            .base
            .args
            .set(objects::new_tuple(&[Value::small(libc::EAGAIN), new_str(text), objects::new_int_usize(written)]).value());
        error.written.store(written as i64, Ordering::Relaxed);
    }
    raised
}

/// Whether the error is an interrupted system call whose signal handlers ran without fault: try again then.
pub fn is_interrupted(raised: Raised) -> R<()> {
    let is_eintr = raised.is(&exc::OS_ERROR)
        && raised
            .peek()
            .cast::<exc::OSErrorObject>()
            .and_then(|error| error.errno.get())
            .is_some_and(|errno| errno.is_int() && errno.as_int() == libc::EINTR as i64);
    if !is_eintr {
        return Err(raised);
    }
    raised.clear();
    (objects::door::interpreter().poll)()
}

/// Calls a method, again after interrupted system calls.
pub fn call_retrying(file: Value, name: Gc<Str>, args: &[Value]) -> R {
    loop {
        match call_method(file, name, args) {
            Ok(value) => return Ok(value),
            Err(raised) => is_interrupted(raised)?,
        }
    }
}

/// A lock that knows its owner. Taking it twice is refused or allowed, as the user wants.
pub struct OwnedLock {
    lock: heap::RawLock,
    owner: AtomicU64,
}
objects::no_references!(OwnedLock);

pub struct OwnedGuard<'a>(Option<&'a OwnedLock>);

impl OwnedLock {
    pub const fn new() -> OwnedLock {
        OwnedLock { lock: heap::RawLock::new(), owner: AtomicU64::new(0) }
    }
    /// For the owner alone: None if this thread has it already.
    #[inline]
    pub fn enter(&self) -> Option<OwnedGuard<'_>> {
        let me = thread::current().ident;
        if !self.lock.try_acquire() {
            if self.owner.load(Ordering::Relaxed) == me {
                return None;
            }
            self.lock.acquire(None, false);
        }
        self.owner.store(me, Ordering::Relaxed);
        Some(OwnedGuard(Some(self)))
    }
    /// May be entered again by its owner.
    #[inline]
    pub fn enter_again(&self) -> OwnedGuard<'_> {
        self.enter().unwrap_or(OwnedGuard(None))
    }
    /// In the child of a fork, or never: makes it free.
    pub fn reset(&self) {
        self.owner.store(0, Ordering::Relaxed);
        self.lock.reset();
    }
    pub fn is_owned_by_other(&self) -> bool {
        self.lock.is_locked() && self.owner.load(Ordering::Relaxed) != thread::current().ident
    }
}
impl Drop for OwnedGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(lock) = self.0 {
            lock.owner.store(0, Ordering::Relaxed);
            lock.lock.release();
        }
    }
}

#[cold]
pub fn reentrant(file: Value) -> Raised {
    match objects::repr(file) {
        Ok(text) => runtime_error!("reentrant call inside {}", text.to_string_lossy()),
        Err(raised) => raised,
    }
}

/// State that is only touched by who holds the object's lock.
pub struct Locked<T>(std::cell::UnsafeCell<T>);
// SAFETY: the users' contract (`get`).
unsafe impl<T> Send for Locked<T> {}
unsafe impl<T> Sync for Locked<T> {}
impl<T> Locked<T> {
    pub const fn new(value: T) -> Locked<T> {
        Locked(std::cell::UnsafeCell::new(value))
    }
    /// # Safety
    /// The caller holds the lock that guards this state and lets the reference go before anything else runs that may use it.
    #[allow(clippy::mut_from_ref)]
    #[inline(always)]
    pub unsafe fn get(&self) -> &mut T {
        &mut *self.0.get()
    }
}
impl<T: objects::Trace> objects::Trace for Locked<T> {
    fn trace(&self, tracer: &mut heap::Tracer) {
        // SAFETY: the world is stopped while the collector traces.
        unsafe { (*self.0.get()).trace(tracer) }
    }
}

/// The `__del__` of all files: closes what is still open.
pub fn finalize(file: Value) {
    let closed = match is_closed(file) {
        Ok(closed) => closed,
        Err(raised) => {
            // Without a usable `closed` the object is not usable at all.
            raised.clear();
            return;
        }
    };
    if closed {
        return;
    }
    if let Err(raised) = set_attr(file, interned!("_finalizing"), Value::true_()) {
        raised.clear();
    }
    if let Err(raised) = call0(file, interned!("close")) {
        let exception = raised.take();
        let text = format!("Exception ignored while finalizing file {}", objects::protocol::repr_lossy(file));
        let raised = objects::error::restore(exception);
        objects::unraisable::report_raised(raised, Some(&text), None);
    }
}

/// Warns of a file that nobody closed.
pub fn warn_unclosed(source: Value) {
    let result = objects::repr(source)
        .and_then(|text| objects::warnings::resource(&format!("unclosed file {}", text.to_string_lossy()), source));
    if let Err(raised) = result {
        objects::unraisable::report_raised(raised, Some("Exception ignored while finalizing file"), Some(source));
    }
}

/// `cannot pickle 'X' instances`
#[cold]
pub fn cannot_pickle(file: Value) -> Raised {
    type_error!("cannot pickle '{}' instances", objects::class_of(file).name_text())
}

/// The name that reprs show, if the file has one.
pub fn shown_name(file: Value, attribute: &str) -> R<Option<Value>> {
    match get_attr_opt(file, objects::intern(attribute)) {
        Ok(name) => Ok(name),
        Err(raised) if raised.is(&exc::VALUE_ERROR) => {
            raised.clear();
            Ok(None)
        }
        Err(raised) => Err(raised),
    }
}

/// Shows a name inside a repr; an object that contains itself is refused.
pub fn repr_name(file: Value, name: Value) -> R<String> {
    if !thread::enter_repr(file) {
        return Err(runtime_error!("reentrant call inside {}.__repr__", class_full(file)));
    }
    let shown = objects::repr(name);
    thread::leave_repr(file);
    Ok(shown?.to_string_lossy())
}
/// `_io.FileIO`
pub fn class_full(file: Value) -> String {
    objects::class::class_full_name(objects::class_of(file))
}

/// The value of a flag that takes True and False only.
pub fn strict_bool(value: Option<Value>) -> R<bool> {
    match value {
        None => Err(type_error!("can't delete numeric/char attribute")),
        Some(value) => value.as_bool().ok_or_else(|| type_error!("attribute value type must be bool")),
    }
}
