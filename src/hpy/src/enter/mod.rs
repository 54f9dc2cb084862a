//! Calls from the runtime into extensions: what becomes of arguments and results, the C types, and the functions that are no slots of
//! a type. Methods are in `methods.rs`, slots in `slots.rs`.
//!
//! Arguments cross as borrowed handles, which are the values' own words: an argument array is the caller's window of the value
//! stack itself. Results are owned handles, which are closed here. Each way in exists twice: `PLAIN` for universal mode, where
//! nothing stands between runtime and extension, and for modes with a layer.
//!
//! Must not know: how methods and slots are found.

mod methods;
mod slots;

pub use crate::buffers::{slot_get_buffer, slot_release_buffer};
pub use methods::*;
pub use slots::*;

use crate::abi::{self, Handle};
use crate::layer::Layer;
use crate::lock::Before;
use crate::table::Context;
use objects::{R, Value, system_error, thread};
use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::sync::atomic::AtomicU64;

/// A C function of an extension. Leaked: it is reachable as long as any callable made of it.
pub struct Target {
    pub function: *const c_void,
    pub layer: &'static Layer,
    /// The function's name, as messages say it.
    pub name: &'static str,
    /// Qualified by the class, or the module.
    pub full_name: &'static str,
    /// The callable, as its repr would show it.
    pub shown: &'static str,
    /// For comparisons the operator; for getters and setters the closure.
    pub extra: usize,
    /// The keyword names of the first call that had any: an owned handle of a tuple, 0 before.
    pub names: AtomicU64,
}

// SAFETY: constant but for an atomic word; the pointers are only handed to C.
unsafe impl Sync for Target {}
unsafe impl Send for Target {}

impl Target {
    pub fn leak(
        function: *const c_void,
        layer: &'static Layer,
        name: &'static str,
        full_name: &'static str,
        shown: &'static str,
        extra: usize,
    ) -> &'static Target {
        // Ways in without a layer rely on it.
        crate::context::universal();
        Box::leak(Box::new(Target { function, layer, name, full_name, shown, extra, names: AtomicU64::new(0) }))
    }
    /// # Safety
    /// The extension says that the function has that C type.
    #[inline(always)]
    pub unsafe fn typed<F: Copy>(&self) -> F {
        typed(self.function)
    }
}

/// # Safety
/// `function` has that C type.
#[inline(always)]
pub unsafe fn typed<F: Copy>(function: *const c_void) -> F {
    const { assert!(size_of::<F>() == size_of::<*const c_void>()) };
    std::mem::transmute_copy(&function)
}

type Ctx = *mut Context;
pub type NoArgs = unsafe extern "C" fn(Ctx, Handle) -> Handle;
pub type Binary = unsafe extern "C" fn(Ctx, Handle, Handle) -> Handle;
pub type Ternary = unsafe extern "C" fn(Ctx, Handle, Handle, Handle) -> Handle;
pub type VarArgs = unsafe extern "C" fn(Ctx, Handle, *const Handle, usize) -> Handle;
pub type Keywords = unsafe extern "C" fn(Ctx, Handle, *const Handle, usize, Handle) -> Handle;
pub type Inquiry = unsafe extern "C" fn(Ctx, Handle) -> c_int;
pub type LenFunc = unsafe extern "C" fn(Ctx, Handle) -> isize;
pub type SsizeArg = unsafe extern "C" fn(Ctx, Handle, isize) -> Handle;
pub type SsizeObjArg = unsafe extern "C" fn(Ctx, Handle, isize, Handle) -> c_int;
pub type ObjObjArg = unsafe extern "C" fn(Ctx, Handle, Handle, Handle) -> c_int;
pub type ObjObj = unsafe extern "C" fn(Ctx, Handle, Handle) -> c_int;
pub type RichCompare = unsafe extern "C" fn(Ctx, Handle, Handle, c_int) -> Handle;
pub type InitProc = unsafe extern "C" fn(Ctx, Handle, *const Handle, isize, Handle) -> c_int;
pub type NewFunc = unsafe extern "C" fn(Ctx, Handle, *const Handle, isize, Handle) -> Handle;
pub type Getter = unsafe extern "C" fn(Ctx, Handle, *mut c_void) -> Handle;
pub type Setter = unsafe extern "C" fn(Ctx, Handle, Handle, *mut c_void) -> c_int;
pub type Finalizer = unsafe extern "C" fn(Ctx, Handle);
pub type GetBuffer = unsafe extern "C" fn(Ctx, Handle, *mut abi::Buffer, c_int) -> c_int;
pub type ReleaseBuffer = unsafe extern "C" fn(Ctx, Handle, *mut abi::Buffer);

/// So many arguments need no memory of their own.
const FEW: usize = 6;

/// One call under way.
pub struct Frame<const PLAIN: bool> {
    pub ctx: Ctx,
    layer: &'static Layer,
    /// What the thread held before it took the module's lock.
    before: Cell<Option<Before>>,
}

impl<const PLAIN: bool> Frame<PLAIN> {
    #[inline(always)]
    fn new(layer: &'static Layer) -> R<Frame<PLAIN>> {
        thread::enter_recursion()?;
        if PLAIN {
            return Ok(Frame { ctx: crate::context::loaded(), layer, before: Cell::new(None) });
        }
        let before = layer.lock.map(|lock| lock.enter());
        Ok(Frame { ctx: (layer.enter)(), layer, before: Cell::new(before) })
    }
    #[inline(always)]
    fn open(&self, object: Option<Value>) -> Handle {
        let handle = Handle::borrowed_opt(object);
        if PLAIN || handle.is_null() { handle } else { (self.layer.open)(self.ctx, handle) }
    }
    /// Ends an argument.
    #[inline(always)]
    fn close(&self, handle: Handle) {
        if !PLAIN && !handle.is_null() {
            (self.layer.close)(self.ctx, handle)
        }
    }
    #[inline(always)]
    fn leave(&self) {
        if !PLAIN {
            (self.layer.leave)(self.ctx);
            if let Some(before) = self.before.take() {
                before.restore()
            }
        }
    }
    /// The handle that the extension gives away, as one of the universal context.
    #[inline(always)]
    pub fn take(&self, handle: Handle) -> Handle {
        if PLAIN { handle } else { (self.layer.take)(self.ctx, handle) }
    }
    /// Gives `work` the arguments as an array of handles.
    #[inline(always)]
    fn with_array<T>(&self, values: &[Value], work: impl FnOnce(*const Handle) -> T) -> T {
        if PLAIN {
            // A borrowed handle is the value's word.
            return work(values.as_ptr() as *const Handle);
        }
        let (mut few, mut many) = ([Handle::NULL; FEW], Vec::new());
        let handles = match few.get_mut(..values.len()) {
            Some(few) => few,
            None => {
                many.resize(values.len(), Handle::NULL);
                &mut many[..]
            }
        };
        for (handle, value) in handles.iter_mut().zip(values) {
            *handle = self.open(Some(*value));
        }
        let result = work(handles.as_ptr());
        handles.iter().for_each(|handle| self.close(*handle));
        result
    }
}

/// Runs `call` with a context and handles of `objects` (None is NULL), which end with it.
#[inline(always)]
pub fn entered<const PLAIN: bool, const N: usize, T>(
    layer: &'static Layer,
    objects: [Option<Value>; N],
    call: impl FnOnce(&Frame<PLAIN>, [Handle; N]) -> T,
) -> R<T> {
    let frame = Frame::<PLAIN>::new(layer)?;
    let handles = objects.map(|object| frame.open(object));
    let result = call(&frame, handles);
    handles.into_iter().for_each(|handle| frame.close(handle));
    frame.leave();
    Ok(result)
}

/// The result of a function that gives a handle: NULL goes with an exception, a handle without.
#[inline(always)]
fn checked(target: &Target, result: R<Handle>) -> R {
    let handle = result?;
    if handle.is_null() || handle.is_cell() {
        return checked_cell(target, handle);
    }
    if thread::has_exception() {
        return Err(result_with_error(target));
    }
    // SAFETY: a handle that is neither NULL nor a cell is the word of its value.
    Ok(unsafe { Value::from_raw_unchecked(handle.0) })
}
/// Out of line, as what it needs would cost the others.
#[inline(never)]
fn checked_cell(target: &Target, handle: Handle) -> R {
    // SAFETY: the result handle is the runtime's now.
    match unsafe { handle.take() } {
        Some(value) if !thread::has_exception() => Ok(value),
        Some(_) => Err(result_with_error(target)),
        None => Err(no_result(target)),
    }
}
#[cold]
#[inline(never)]
pub(crate) fn no_result(target: &Target) -> objects::Raised {
    if thread::has_exception() {
        return objects::Raised::already_set();
    }
    system_error!("{} returned NULL without setting an exception", target.shown)
}
#[cold]
#[inline(never)]
fn result_with_error(target: &Target) -> objects::Raised {
    let cause = thread::take_exception();
    let raised = system_error!("{} returned a result with an exception set", target.shown);
    if let Some(error) = objects::Cast::cast::<objects::exc::BaseException>(raised.peek()) {
        error.cause.set(cause);
        error.context.set(cause);
    }
    raised
}
/// The result of a function that gives a status: -1 goes with an exception.
#[inline(always)]
fn status(target: &Target, code: R<c_int>) -> R<c_int> {
    let code = code?;
    if code < 0 {
        return Err(no_result(target));
    }
    if thread::has_exception() {
        return Err(result_with_error(target));
    }
    Ok(code)
}

fn target(data: usize) -> &'static Target {
    // SAFETY: `data` of every callable that is made in this crate is the address of a leaked target.
    unsafe { &*(data as *const Target) }
}

/// A function of one object that gives an object.
#[inline(always)]
fn unary<const PLAIN: bool>(target: &Target, this: Value) -> R {
    // SAFETY: the extension says that the function has this type.
    let call = |frame: &Frame<PLAIN>, [this]: [Handle; 1]| unsafe { frame.take(target.typed::<NoArgs>()(frame.ctx, this)) };
    checked(target, entered(target.layer, [Some(this)], call))
}
#[inline(always)]
fn binary<const PLAIN: bool>(target: &Target, this: Value, other: Value) -> R {
    // SAFETY: as in `unary`.
    let call = |frame: &Frame<PLAIN>, [a, b]: [Handle; 2]| unsafe { frame.take(target.typed::<Binary>()(frame.ctx, a, b)) };
    checked(target, entered(target.layer, [Some(this), Some(other)], call))
}
#[inline(always)]
fn ternary<const PLAIN: bool>(target: &Target, objects: [Option<Value>; 3]) -> R {
    // SAFETY: as in `unary`.
    let call =
        |frame: &Frame<PLAIN>, [a, b, c]: [Handle; 3]| unsafe { frame.take(target.typed::<Ternary>()(frame.ctx, a, b, c)) };
    checked(target, entered(target.layer, objects, call))
}
/// A function of one object that gives a status.
#[inline(always)]
fn inquire<const PLAIN: bool>(target: &Target, this: Value) -> R<c_int> {
    // SAFETY: as in `unary`.
    let call = |frame: &Frame<PLAIN>, [this]: [Handle; 1]| unsafe { target.typed::<Inquiry>()(frame.ctx, this) };
    status(target, entered(target.layer, [Some(this)], call))
}

// ---- attributes ----

pub fn get_attribute(target: &Target, this: Value) -> R {
    fn get<const PLAIN: bool>(target: &Target, this: Value) -> R {
        // SAFETY: as in `unary`.
        let call = |frame: &Frame<PLAIN>, [this]: [Handle; 1]| unsafe {
            frame.take(target.typed::<Getter>()(frame.ctx, this, target.extra as *mut c_void))
        };
        checked(target, entered(target.layer, [Some(this)], call))
    }
    if target.layer.plain { get::<true>(target, this) } else { get::<false>(target, this) }
}
/// `None` deletes: the setter gets NULL.
pub fn set_attribute(target: &Target, this: Value, value: Option<Value>) -> R<()> {
    fn set<const PLAIN: bool>(target: &Target, this: Value, value: Option<Value>) -> R<c_int> {
        // SAFETY: as in `unary`.
        let call = |frame: &Frame<PLAIN>, [this, value]: [Handle; 2]| unsafe {
            target.typed::<Setter>()(frame.ctx, this, value, target.extra as *mut c_void)
        };
        status(target, entered(target.layer, [Some(this), value], call))
    }
    if target.layer.plain {
        set::<true>(target, this, value)?
    } else {
        set::<false>(target, this, value)?
    };
    Ok(())
}

// ---- modules: rarely enough for the way with layers ----

pub fn exec_module(target: &Target, module: Value) -> R<()> {
    inquire::<false>(target, module).map(|_| ())
}
pub fn create_module(target: &Target, spec: Value) -> R {
    unary::<false>(target, spec)
}
