//! Calls from the runtime into extensions: what becomes of arguments and results for each C signature.
//!
//! Arguments cross as borrowed handles, which are the values' own words: an argument array is the caller's window of the value
//! stack itself. Results are owned handles, which are closed here.
//!
//! Must not know: how methods and slots are found.

use crate::abi::{self, Handle};
use crate::layer::Layer;
use crate::lock::Before;
use crate::table::Context;
use objects::args::Args;
use objects::error::restore;
use objects::{Cast, Class, Dict, Gc, GcVec, R, Tuple, Value, dict, new_tuple, overflow_error, system_error, thread, type_error};
use std::cell::Cell;
use std::ffi::{c_int, c_void};

/// A C function of an extension. Leaked: it is reachable as long as any callable made of it.
pub struct Target {
    pub function: *const c_void,
    pub layer: &'static Layer,
    /// The function's name, as messages say it.
    pub name: &'static str,
    /// Qualified by the class.
    pub full_name: &'static str,
    /// For comparisons the operator; for getters and setters the closure.
    pub extra: usize,
}
pub type SlotCall = Target;

// SAFETY: constant; the pointers are only handed to C.
unsafe impl Sync for Target {}
unsafe impl Send for Target {}

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
pub type ModuleExec = unsafe extern "C" fn(Ctx, Handle) -> c_int;
pub type ModuleCreate = unsafe extern "C" fn(Ctx, Handle) -> Handle;

/// One call under way.
pub struct Frame {
    pub ctx: Ctx,
    layer: &'static Layer,
    /// What the thread held before it took the module's lock.
    before: Cell<Option<Before>>,
}

impl Frame {
    #[inline(always)]
    pub fn new(layer: &'static Layer) -> R<Frame> {
        let guard = thread::enter_recursion()?;
        std::hint::black_box(&guard);
        if layer.plain {
            return Ok(Frame { ctx: crate::context::universal(), layer, before: Cell::new(None) });
        }
        let before = layer.lock.map(|lock| lock.enter());
        Ok(Frame { ctx: (layer.enter)(), layer, before: Cell::new(before) })
    }
    #[inline(always)]
    pub fn open(&self, value: Value) -> Handle {
        let handle = Handle::borrowed(value);
        if self.layer.plain { handle } else { (self.layer.open)(self.ctx, handle) }
    }
    #[inline(always)]
    pub fn open_opt(&self, value: Option<Value>) -> Handle {
        match value {
            Some(value) => self.open(value),
            None => Handle::NULL,
        }
    }
    /// Ends an argument.
    #[inline(always)]
    pub fn close(&self, handle: Handle) {
        if !self.layer.plain && !handle.is_null() {
            (self.layer.close)(self.ctx, handle)
        }
    }
    #[inline(always)]
    pub fn leave(&self) {
        if !self.layer.plain {
            (self.layer.leave)(self.ctx);
            if let Some(before) = self.before.take() {
                before.restore()
            }
        }
    }
    /// The object that the extension gives away; None for NULL.
    #[inline(always)]
    pub fn take(&self, handle: Handle) -> Option<Value> {
        let handle = if self.layer.plain { handle } else { (self.layer.take)(self.ctx, handle) };
        // SAFETY: the result handle is the runtime's now.
        unsafe { handle.take() }
    }
    /// Gives `work` the arguments as an array of handles.
    #[inline(always)]
    pub fn with_array<T>(&self, values: &[Value], work: impl FnOnce(*const Handle) -> T) -> T {
        if self.layer.plain {
            // A borrowed handle is the value's word.
            return work(values.as_ptr() as *const Handle);
        }
        let handles: Vec<Handle> = values.iter().map(|value| self.open(*value)).collect();
        let result = work(handles.as_ptr());
        handles.into_iter().for_each(|handle| self.close(handle));
        result
    }
}

/// The result of a function that gives a handle: NULL goes with an exception, a handle without.
#[inline(always)]
fn checked(target: &Target, result: Option<Value>) -> R {
    match result {
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
    system_error!("{} returned NULL without setting an exception", target.full_name)
}
#[cold]
#[inline(never)]
fn result_with_error(target: &Target) -> objects::Raised {
    let cause = thread::take_exception();
    let raised = system_error!("{} returned a result with an exception set", target.full_name);
    if let Some(error) = raised.peek().cast::<objects::exc::BaseException>() {
        error.cause.set(cause);
        error.context.set(cause);
    }
    raised
}
/// The result of a function that gives a status: -1 goes with an exception.
#[inline(always)]
fn status(target: &Target, code: c_int) -> R<c_int> {
    if code == -1 && thread::has_exception() {
        return Err(objects::Raised::already_set());
    }
    if code < 0 {
        return Err(no_result(target));
    }
    if thread::has_exception() {
        return Err(result_with_error(target));
    }
    Ok(code)
}

/// # Safety
/// `function` has that C type.
#[inline(always)]
unsafe fn typed<F: Copy>(function: *const c_void) -> F {
    const { assert!(size_of::<F>() == size_of::<*const c_void>()) };
    std::mem::transmute_copy(&function)
}
fn target(data: usize) -> &'static Target {
    // SAFETY: `data` of every callable that is made in this crate is the address of a leaked target.
    unsafe { &*(data as *const Target) }
}

#[cold]
fn no_keywords(target: &Target) -> objects::Raised {
    type_error!("{}() takes no keyword arguments", target.full_name)
}

// ---- methods ----

pub fn no_args(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let target = target(data);
    if !args.is_empty() {
        if args.has_keywords() {
            return Err(no_keywords(target));
        }
        return Err(type_error!("{}() takes no arguments ({} given)", target.full_name, args.len()));
    }
    unary(target, this)
}
/// A function of the receiver alone.
#[inline(always)]
pub fn unary(target: &Target, this: Value) -> R {
    let frame = Frame::new(target.layer)?;
    let own = frame.open(this);
    // SAFETY: the extension says that the function has this type.
    let result = unsafe { typed::<NoArgs>(target.function)(frame.ctx, own) };
    let result = frame.take(result);
    frame.close(own);
    frame.leave();
    checked(target, result)
}
pub fn one_arg(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let target = target(data);
    match args.values() {
        [arg] if !args.has_keywords() => binary(target, this, *arg),
        _ if args.has_keywords() => Err(no_keywords(target)),
        given => Err(type_error!("{}() takes exactly one argument ({} given)", target.full_name, given.len())),
    }
}
#[inline(always)]
pub fn binary(target: &Target, this: Value, other: Value) -> R {
    let frame = Frame::new(target.layer)?;
    let (own, arg) = (frame.open(this), frame.open(other));
    // SAFETY: as in `unary`.
    let result = unsafe { typed::<Binary>(target.function)(frame.ctx, own, arg) };
    let result = frame.take(result);
    frame.close(own);
    frame.close(arg);
    frame.leave();
    checked(target, result)
}
pub fn var_args(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let target = target(data);
    if args.has_keywords() {
        return Err(no_keywords(target));
    }
    let frame = Frame::new(target.layer)?;
    let own = frame.open(this);
    let values = args.values();
    let result = frame.with_array(values, |array| {
        // SAFETY: as in `unary`; the array has as many handles.
        let result = unsafe { typed::<VarArgs>(target.function)(frame.ctx, own, array, values.len()) };
        frame.take(result)
    });
    frame.close(own);
    frame.leave();
    checked(target, result)
}
pub fn keywords(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let target = target(data);
    call_keywords(target, target.function, this, args)
}
/// Calls a function that takes keywords: their names are a tuple, or NULL if there are none.
pub fn call_keywords(target: &Target, function: *const c_void, this: Value, args: Args) -> R {
    let frame = Frame::new(target.layer)?;
    let names = if args.has_keywords() { Some(new_tuple(args.names()).value()) } else { None };
    let (own, names_handle) = (frame.open(this), frame.open_opt(names));
    let result = frame.with_array(args.values(), |array| {
        // SAFETY: as in `unary`; the array has the positional values, then one for each name.
        let result = unsafe { typed::<Keywords>(function)(frame.ctx, own, array, args.len(), names_handle) };
        frame.take(result)
    });
    frame.close(own);
    frame.close(names_handle);
    frame.leave();
    checked(target, result)
}

// ---- slots, as special methods ----

fn no_keyword_slots(target: &Target, args: Args) -> R<()> {
    if args.has_keywords() {
        return Err(type_error!("wrapper {}() takes no keyword arguments", target.name));
    }
    Ok(())
}
fn exactly<'a, const N: usize>(target: &Target, args: Args<'a>) -> R<&'a [Value; N]> {
    no_keyword_slots(target, args)?;
    match args.values().try_into() {
        Ok(values) => Ok(values),
        Err(_) if N == 2 => Err(type_error!("{} expected 2 arguments, got {}", target.name, args.len())),
        Err(_) => Err(type_error!("expected {N} argument{}, got {}", if N == 1 { "" } else { "s" }, args.len())),
    }
}

pub fn slot_unary(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let target = target(data);
    exactly::<0>(target, args)?;
    unary(target, this)
}
pub fn slot_binary(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let target = target(data);
    let [other] = exactly(target, args)?;
    binary(target, this, *other)
}
/// `__radd__` and the like: C gets the operands in their order.
pub fn slot_reflected(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let target = target(data);
    let [other] = exactly(target, args)?;
    binary(target, *other, this)
}
fn ternary(target: &Target, a: Value, b: Value, c: Value) -> R {
    let frame = Frame::new(target.layer)?;
    let (a, b, c) = (frame.open(a), frame.open(b), frame.open(c));
    // SAFETY: as in `unary`.
    let result = unsafe { typed::<Ternary>(target.function)(frame.ctx, a, b, c) };
    let result = frame.take(result);
    [a, b, c].into_iter().for_each(|handle| frame.close(handle));
    frame.leave();
    checked(target, result)
}
pub fn slot_power(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let target = target(data);
    no_keyword_slots(target, args)?;
    match args.values() {
        [other] => ternary(target, this, *other, Value::none()),
        [other, modulus] => ternary(target, this, *other, *modulus),
        given => Err(type_error!("expected 1 or 2 arguments, got {}", given.len())),
    }
}
pub fn slot_reflected_power(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let target = target(data);
    no_keyword_slots(target, args)?;
    match args.values() {
        [other] => ternary(target, *other, this, Value::none()),
        [other, modulus] => ternary(target, *other, this, *modulus),
        given => Err(type_error!("expected 1 or 2 arguments, got {}", given.len())),
    }
}
pub fn slot_compare(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let target = target(data);
    let [other] = exactly(target, args)?;
    let frame = Frame::new(target.layer)?;
    let (own, arg) = (frame.open(this), frame.open(*other));
    // SAFETY: as in `unary`.
    let result = unsafe { typed::<RichCompare>(target.function)(frame.ctx, own, arg, target.extra as c_int) };
    let result = frame.take(result);
    frame.close(own);
    frame.close(arg);
    frame.leave();
    checked(target, result)
}
fn inquire(target: &Target, this: Value) -> R<c_int> {
    let frame = Frame::new(target.layer)?;
    let own = frame.open(this);
    // SAFETY: as in `unary`.
    let result = unsafe { typed::<Inquiry>(target.function)(frame.ctx, own) };
    frame.close(own);
    frame.leave();
    status(target, result)
}
pub fn slot_bool(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let target = target(data);
    exactly::<0>(target, args)?;
    Ok(Value::bool(inquire(target, this)? != 0))
}
pub fn length(target: &Target, this: Value) -> R<isize> {
    let frame = Frame::new(target.layer)?;
    let own = frame.open(this);
    // SAFETY: as in `unary`.
    let result = unsafe { typed::<LenFunc>(target.function)(frame.ctx, own) };
    frame.close(own);
    frame.leave();
    if result < 0 || thread::has_exception() {
        return Err(no_result(target));
    }
    Ok(result)
}
pub fn slot_len(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let target = target(data);
    exactly::<0>(target, args)?;
    Ok(objects::new_int(length(target, this)? as i64))
}
pub fn slot_hash(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let target = target(data);
    exactly::<0>(target, args)?;
    let frame = Frame::new(target.layer)?;
    let own = frame.open(this);
    // SAFETY: as in `unary`.
    let result = unsafe { typed::<LenFunc>(target.function)(frame.ctx, own) };
    frame.close(own);
    frame.leave();
    if thread::has_exception() {
        return Err(no_result(target));
    }
    Ok(objects::new_int(result as i64))
}
pub fn slot_contains(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let target = target(data);
    let [item] = exactly(target, args)?;
    let frame = Frame::new(target.layer)?;
    let (own, arg) = (frame.open(this), frame.open(*item));
    // SAFETY: as in `unary`.
    let result = unsafe { typed::<ObjObj>(target.function)(frame.ctx, own, arg) };
    frame.close(own);
    frame.close(arg);
    frame.leave();
    Ok(Value::bool(status(target, result)? != 0))
}

/// An index for a sequence slot; negative ones count from the end if the type has a length.
fn sequence_index(this: Value, key: Value) -> R<isize> {
    if let Some(index) = key.int()
        && index >= 0
    {
        return Ok(index as isize);
    }
    let index = match objects::number::try_index(key)? {
        Some(_) => objects::index_for(key)?,
        None => return Err(type_error!("sequence index must be integer, not '{}'", objects::class_name(key))),
    };
    if index < 0 && objects::class_of(this).slots.len.get().is_some() {
        return Ok(index as isize + objects::len(this)? as isize);
    }
    Ok(index as isize)
}
fn ssize_arg(target: &Target, this: Value, number: isize) -> R {
    let frame = Frame::new(target.layer)?;
    let own = frame.open(this);
    // SAFETY: as in `unary`.
    let result = unsafe { typed::<SsizeArg>(target.function)(frame.ctx, own, number) };
    let result = frame.take(result);
    frame.close(own);
    frame.leave();
    checked(target, result)
}
pub fn slot_item(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let target = target(data);
    let [key] = exactly(target, args)?;
    let index = sequence_index(this, *key)?;
    ssize_arg(target, this, index)
}
pub fn slot_repeat(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let target = target(data);
    let [count] = exactly(target, args)?;
    match objects::number::try_index(*count)? {
        Some(count) => match objects::number::to_i64(count) {
            Some(count) => ssize_arg(target, this, count as isize),
            None => Err(overflow_error!("cannot fit '{}' into an index-sized integer", objects::class_name(count))),
        },
        None => Err(type_error!("can't multiply sequence by non-int of type '{}'", objects::class_name(*count))),
    }
}
fn store_item(target: &Target, this: Value, key: Value, value: Option<Value>) -> R {
    let index = sequence_index(this, key)?;
    let frame = Frame::new(target.layer)?;
    let (own, item) = (frame.open(this), frame.open_opt(value));
    // SAFETY: as in `unary`.
    let result = unsafe { typed::<SsizeObjArg>(target.function)(frame.ctx, own, index, item) };
    frame.close(own);
    frame.close(item);
    frame.leave();
    status(target, result).map(|_| Value::none())
}
pub fn slot_set_item(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let [key, value] = exactly(target(data), args)?;
    store_item(target(data), this, *key, Some(*value))
}
pub fn slot_del_item(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let [key] = exactly(target(data), args)?;
    store_item(target(data), this, *key, None)
}
fn store_key(target: &Target, this: Value, key: Value, value: Option<Value>) -> R {
    let frame = Frame::new(target.layer)?;
    let (own, key, item) = (frame.open(this), frame.open(key), frame.open_opt(value));
    // SAFETY: as in `unary`.
    let result = unsafe { typed::<ObjObjArg>(target.function)(frame.ctx, own, key, item) };
    [own, key, item].into_iter().for_each(|handle| frame.close(handle));
    frame.leave();
    status(target, result).map(|_| Value::none())
}
pub fn slot_set_key(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let [key, value] = exactly(target(data), args)?;
    store_key(target(data), this, *key, Some(*value))
}
pub fn slot_del_key(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let [key] = exactly(target(data), args)?;
    store_key(target(data), this, *key, None)
}
/// `__get__(instance, owner)`; None stands for NULL.
pub fn slot_descr_get(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let target = target(data);
    no_keyword_slots(target, args)?;
    let (instance, owner) = match args.values() {
        [instance] => (*instance, Value::none()),
        [instance, owner] => (*instance, *owner),
        given => return Err(type_error!("expected 1 or 2 arguments, got {}", given.len())),
    };
    let present = |value: Value| if value.is_none() { None } else { Some(value) };
    let frame = Frame::new(target.layer)?;
    let (own, instance, owner) = (frame.open(this), frame.open_opt(present(instance)), frame.open_opt(present(owner)));
    // SAFETY: as in `unary`.
    let result = unsafe { typed::<Ternary>(target.function)(frame.ctx, own, instance, owner) };
    let result = frame.take(result);
    [own, instance, owner].into_iter().for_each(|handle| frame.close(handle));
    frame.leave();
    checked(target, result)
}

/// Keywords as `tp_new` and `tp_init` take them: a dict, or None if there are none.
fn keyword_dict(args: Args) -> R<Option<Gc<Dict>>> {
    if !args.has_keywords() {
        return Ok(None);
    }
    let made = dict::new_dict();
    for (name, value) in args.keywords() {
        dict::dict_set(made, name, value)?;
    }
    Ok(Some(made))
}
pub fn slot_init(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let target = target(data);
    let kw = keyword_dict(args)?;
    let frame = Frame::new(target.layer)?;
    let (own, kw) = (frame.open(this), frame.open_opt(kw.map(Gc::value)));
    let positional = args.positional();
    let result = frame.with_array(positional, |array| {
        // SAFETY: as in `unary`.
        unsafe { typed::<InitProc>(target.function)(frame.ctx, own, array, positional.len() as isize, kw) }
    });
    frame.close(own);
    frame.close(kw);
    frame.leave();
    status(target, result).map(|_| Value::none())
}
/// `__new__`, a static method: the class comes first. `extra` of the target is the address of the type's layout.
pub fn slot_new(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let target = target(data);
    let name = target.full_name.strip_suffix(".__new__").unwrap_or(target.full_name);
    // Python calls it with the class as the first argument; the constructor of the class hands it over apart.
    let given = if this.is_none() { args.split_first() } else { Some((this, args)) };
    let Some((class, rest)) = given else {
        return Err(type_error!("{name}.__new__(): not enough arguments"));
    };
    let Some(class) = class.cast::<Class>() else {
        return Err(type_error!("{name}.__new__(X): X is not a type object ({})", objects::class_name(class)));
    };
    // SAFETY: set when the target was made.
    let layout = unsafe { &*(target.extra as *const crate::instance::ExtLayout) };
    // A class of a program may have taken this function from a type that is none of its bases.
    if layout.desc.class.is_set() && !class.is_subclass_of(layout.desc.class.get()) {
        return Err(type_error!("{name}.__new__({0}): {0} is not a subtype of {name}", class.name_text()));
    }
    let kw = keyword_dict(rest)?;
    let frame = Frame::new(target.layer)?;
    let (own, kw) = (frame.open(class.value()), frame.open_opt(kw.map(Gc::value)));
    let positional = rest.positional();
    let result = frame.with_array(positional, |array| {
        // SAFETY: as in `unary`.
        let result = unsafe { typed::<NewFunc>(target.function)(frame.ctx, own, array, positional.len() as isize, kw) };
        frame.take(result)
    });
    frame.close(own);
    frame.close(kw);
    frame.leave();
    checked(target, result)
}
/// `__call__`: the function that the object itself has, else the type's. `extra` as for `slot_new`.
pub fn slot_call(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let target = target(data);
    if let Some(layout) = crate::instance::ext_of(objects::class_of(this).layout)
        && let Some(place) = layout.call
    {
        // SAFETY: the layout has a call function at that offset.
        let own = unsafe {
            let place = layout.data(this.as_ptr()).add(place.offset) as *const abi::CallFunction;
            (&raw const (*place).function).read_volatile()
        };
        if !own.is_null() {
            return call_keywords(target, own, this, args);
        }
    }
    if target.function.is_null() {
        return Err(type_error!("'{}' object is not callable", objects::class_name(this)));
    }
    call_keywords(target, target.function, this, args)
}
pub fn slot_finalize(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let target = target(data);
    exactly::<0>(target, args)?;
    let pending = thread::has_exception().then(thread::take_exception);
    let frame = Frame::new(target.layer)?;
    let own = frame.open(this);
    // SAFETY: as in `unary`.
    unsafe { typed::<Finalizer>(target.function)(frame.ctx, own) };
    frame.close(own);
    frame.leave();
    if thread::has_exception() {
        return Err(objects::Raised::already_set());
    }
    if let Some(pending) = pending {
        let _ = restore(pending);
    }
    Ok(Value::none())
}

// ---- attributes ----

pub fn get_attribute(target: &Target, this: Value) -> R {
    let frame = Frame::new(target.layer)?;
    let own = frame.open(this);
    // SAFETY: as in `unary`.
    let result = unsafe { typed::<Getter>(target.function)(frame.ctx, own, target.extra as *mut c_void) };
    let result = frame.take(result);
    frame.close(own);
    frame.leave();
    checked(target, result)
}
/// `None` deletes: the setter gets NULL.
pub fn set_attribute(target: &Target, this: Value, value: Option<Value>) -> R<()> {
    let frame = Frame::new(target.layer)?;
    let (own, new) = (frame.open(this), frame.open_opt(value));
    // SAFETY: as in `unary`.
    let result = unsafe { typed::<Setter>(target.function)(frame.ctx, own, new, target.extra as *mut c_void) };
    frame.close(own);
    frame.close(new);
    frame.leave();
    status(target, result).map(|_| ())
}

// ---- modules ----

pub fn exec_module(target: &Target, module: Value) -> R<()> {
    inquire(target, module).map(|_| ())
}
pub fn create_module(target: &Target, spec: Value) -> R {
    unary(target, spec)
}

/// Positional values from an array, keyword names from a tuple.
pub fn names_of(names: Option<Value>) -> GcVec {
    match names.and_then(|names| names.cast::<Tuple>()) {
        Some(names) => GcVec::from_slice(names.items()),
        None => GcVec::new(),
    }
}

pub(crate) unsafe fn typed_function<F: Copy>(function: *const c_void) -> F {
    typed(function)
}

pub use crate::buffers::{slot_get_buffer, slot_release_buffer};
