//! The short ways of class calls, on the registers of the loop: plain classes, those with a Python `__new__` or a native one below a
//! Python `__init__`. Whatever is unusual is left to `invoke.rs`, before anything is done.
//!
//! Must not know: which op asked.

use crate::call_fast::{self, Bound};
use crate::install;
use crate::invoke::quick_construction;
use crate::run;
use crate::state::{Ctl, State, is_pointer, object, shape_of};
use heap::Value;
use objects::args::Args;
use objects::class::{self, Class};
use objects::code::{Code, NOT_SIMPLE};
use objects::descr::StaticMethod;
use objects::error::R;
use objects::frame::{CALLEE, FLAGS, HEADER_SLOTS, SAVED_PC, SAVED_POOL, SAVED_REGS};
use objects::function::Function;
use objects::layout::{Cast, Gc, Layout};
use objects::lookup;
use objects::shape::Shape;
use objects::tuple::Tuple;

/// From a stub to the window above it: the stub has one register, the header follows.
pub const STUB_SHIFT: usize = 5;

/// A call of a class of class `type` with `count` positional arguments from `args` on, which is the window of `base` or one above it.
///
/// # Safety
/// The second body of a calling op of two words; the window at `base` holds callable and arguments.
#[inline(always)]
pub unsafe fn call(s: &mut State, base: *mut u64, callee: u64, args: *mut u64, count: usize) -> Ctl {
    let known = install::plain_construction();
    let class: Gc<Class> = Value::from_raw_unchecked(callee).cast_unchecked();
    let new = class.slots.new.get().map(|new| new as usize);
    if class.flags.has(class::ABSTRACT | class::NO_NEW) {
        return Ctl::Slow;
    }
    if new == known.python_new {
        return through_new(s, base, class, args, count);
    }
    let Some(init) = python_init(class) else {
        if new == known.object_new {
            return Ctl::Slow;
        }
        s.publish();
        return match natively(class, std::slice::from_raw_parts(args as *const Value, count)) {
            Some(result) => call_fast::finish(s, base, result),
            None => Ctl::Slow,
        };
    };
    let function = object::<Function>(init);
    let code = object::<Code>(function.code.raw());
    let stub = base.add(HEADER_SLOTS);
    let window = stub.add(STUB_SHIFT);
    let given = count + 1;
    let wanted = code.simple_args as usize;
    if code.simple_args == NOT_SIMPLE || given > wanted || window.add(code.register_count as usize) as usize > s.limit() {
        return Ctl::Slow;
    }
    let Some(defaults) = call_fast::defaults_of(function, wanted - given) else { return Ctl::Slow };
    s.publish();
    let instance = if new == known.object_new {
        objects::class_new::new_instance(class).raw()
    } else {
        let values = std::slice::from_raw_parts(args as *const Value, count);
        match make(class, values) {
            Ok(instance) if class_of_word(instance.raw()) == Some(class) => instance.raw(),
            Ok(other) => return call_fast::finish(s, base, finish_other(class, other, values)),
            Err(_) => return Ctl::Raised,
        }
    };
    call_fast::shift(args, window.add(1), count);
    *window = instance;
    call_fast::place(defaults, window.add(given));
    *stub = instance;
    enter_init(s, stub, init, function, code)
}

/// The same with values of keywords last; plain classes and native ones only.
///
/// # Safety
/// As for `call`.
#[inline(always)]
pub unsafe fn call_with_names(s: &mut State, base: *mut u64, callee: u64, args: *mut u64, count: usize, names: &[Value]) -> Ctl {
    let known = install::plain_construction();
    let class: Gc<Class> = Value::from_raw_unchecked(callee).cast_unchecked();
    if class.flags.has(class::ABSTRACT | class::NO_NEW) {
        return Ctl::Slow;
    }
    if class.native.is_some() {
        s.publish();
        let result = natively_by_name(class, std::slice::from_raw_parts(args as *const Value, count), names);
        return call_fast::finish(s, base, result);
    }
    if class.slots.new.get().map(|new| new as usize) != known.object_new {
        return Ctl::Slow;
    }
    let Some(init) = python_init(class) else { return Ctl::Slow };
    let function = object::<Function>(init);
    let code = object::<Code>(function.code.raw());
    let stub = base.add(HEADER_SLOTS);
    let window = stub.add(STUB_SHIFT);
    if !call_fast::can_bind(code, window, s.limit()) {
        return Ctl::Slow;
    }
    s.publish();
    let instance = objects::class_new::new_instance(class).raw();
    match call_fast::bind(init, instance, args, count, names, window) {
        Bound::Done => {}
        Bound::Slow => return Ctl::Slow,
        Bound::Raised => return Ctl::Raised,
    }
    *stub = instance;
    enter_init(s, stub, init, function, code)
}

/// The word of the class's `__init__` if that is a Python function.
#[inline(always)]
unsafe fn python_init(class: Gc<Class>) -> Option<u64> {
    if class.flags.has(class::PLAIN_INIT) {
        return None;
    }
    let init = lookup::type_lookup(class, objects::interned!("__init__"))?.raw();
    (is_pointer(init) && call_fast::is_function(init)).then_some(init)
}

#[inline(always)]
unsafe fn class_of_word(raw: u64) -> Option<Gc<Class>> {
    is_pointer(raw).then(|| Shape::by_id(shape_of(raw)).class())
}

/// Enters `__init__`, whose arguments are in place; the instance is the stub's register.
#[inline(always)]
unsafe fn enter_init(s: &mut State, stub: *mut u64, init: u64, function: &Function, code: &Code) -> Ctl {
    if code.free_count != 0 {
        let window = stub.add(STUB_SHIFT);
        let cells = object::<Tuple>(function.closure.raw()).items();
        call_fast::place(cells.get_unchecked(..code.free_count as usize), window.add(code.first_free as usize));
    }
    call_fast::enter_above(s, stub, run::init_pc(), init, code, call_fast::WORDS)
}

/// `int(text)` and the like: a native class, whose making and initialising no Python class has a part in; an exception whose class leaves
/// both to BaseException, which initialises it as it was made.
#[inline(never)]
unsafe fn natively(class: Gc<Class>, values: &[Value]) -> Option<R> {
    if let Some(result) = quick_construction(class.value().raw(), values) {
        return Some(result);
    }
    let known = install::plain_construction();
    let new = class.slots.new.get()?;
    let args = Args::positional_only(values);
    if Some(new as usize) == known.exception_new && class.slots.init.get().map(|init| init as usize) == known.exception_init {
        return Some(new(class, args));
    }
    class.native?;
    if !class.flags.has(class::PLAIN_INIT) || class.flags.has(class::PLAIN_NEW) || class == known.type_class {
        return Some(objects::call::call_args(class.value(), args));
    }
    let _guard = match objects::thread::enter_recursion() {
        Ok(guard) => guard,
        Err(raised) => return Some(Err(raised)),
    };
    Some(match new(class, args) {
        Ok(instance) if class::class_of(instance) == class => Ok(instance),
        Ok(other) => finish_other(class, other, values),
        Err(raised) => Err(raised),
    })
}

/// `dict(name=value)` and the like.
#[inline(never)]
unsafe fn natively_by_name(class: Gc<Class>, values: &[Value], names: &[Value]) -> R {
    objects::call::call_args(class.value(), Args::new(values, values.len() - names.len(), names))
}

/// What the native `__new__` that a class inherits makes.
#[inline(never)]
unsafe fn make(class: Gc<Class>, values: &[Value]) -> R {
    match class.slots.new.get() {
        Some(new) => new(class, Args::positional_only(values)),
        None => Err(objects::error::type_error!("cannot create '{}' instances", class.name_text())),
    }
}

/// What is left of a class call whose `__new__` gave something that is no direct instance of the class.
#[inline(never)]
fn finish_other(class: Gc<Class>, instance: Value, values: &[Value]) -> R {
    let actual = class::class_of(instance);
    if actual.is_subclass_of(class)
        && !actual.flags.has(class::PLAIN_INIT)
        && let Some(init) = actual.slots.init.get()
    {
        init(instance, Args::positional_only(values))?;
    }
    Ok(instance)
}

/// A class with a Python `__new__` and the `__init__` of `object`: enters the function. The stub above the arguments, which stay in
/// place, has one word: the address of `base`, and in the bits above it twice the number of arguments, plus one if they begin a register later.
#[inline(always)]
unsafe fn through_new(s: &mut State, base: *mut u64, class: Gc<Class>, args: *mut u64, count: usize) -> Ctl {
    if !class.flags.has(class::PLAIN_INIT) {
        return Ctl::Slow;
    }
    let Some(new) = lookup::type_lookup(class, objects::interned!("__new__")) else { return Ctl::Slow };
    if class_of_word(new.raw()) != Some(StaticMethod::class()) {
        return Ctl::Slow;
    }
    let new = object::<StaticMethod>(new.raw()).callable.raw();
    if !is_pointer(new) || !call_fast::is_function(new) {
        return Ctl::Slow;
    }
    let function = object::<Function>(new);
    let code = object::<Code>(function.code.raw());
    let end = args.add(count);
    let stub = end.add(HEADER_SLOTS);
    let window = stub.add(STUB_SHIFT);
    let given = count + 1;
    let wanted = code.simple_args as usize;
    if code.simple_args == NOT_SIMPLE
        || given > wanted
        || window.add(code.register_count as usize) as usize > s.limit()
        || base as u64 >> ADDRESS_BITS != 0
        || args.offset_from(base) > HEADER_SLOTS as isize + 1
        || count > MOST_ARGUMENTS
    {
        return Ctl::Slow;
    }
    let Some(defaults) = call_fast::defaults_of(function, wanted - given) else { return Ctl::Slow };
    for index in 0..count {
        window.add(1 + index).write_volatile(*args.add(index));
    }
    *window = class.value().raw();
    call_fast::place(defaults, window.add(given));
    if code.free_count != 0 {
        let cells = object::<Tuple>(function.closure.raw()).items();
        call_fast::place(cells.get_unchecked(..code.free_count as usize), window.add(code.first_free as usize));
    }
    *stub.offset(CALLEE) = 0;
    *stub = base as u64 | (count as u64 * 2 + u64::from(args.offset_from(base) as usize != HEADER_SLOTS)) << ADDRESS_BITS;
    call_fast::enter_above(s, stub, run::new_pc(), new, code, call_fast::WORDS)
}

/// Bits of an address on the stack of values; those above count arguments.
const ADDRESS_BITS: u32 = 48;
const MOST_ARGUMENTS: usize = 255;

/// Where the class is that a stub of `through_new` belongs to.
#[inline(always)]
unsafe fn base_of(stub: *mut u64) -> *mut u64 {
    (*stub & ((1 << ADDRESS_BITS) - 1)) as *mut u64
}

/// Behind a Python `__new__`: register 1 of the stub has what it gave.
///
/// # Safety
/// The state is that of a stub of `through_new`.
#[inline(always)]
pub unsafe fn after_new(s: &mut State) -> Ctl {
    let stub = s.regs;
    let base = base_of(stub);
    let class: Gc<Class> = Value::from_raw_unchecked(*base).cast_unchecked();
    let instance = s.raw(1);
    if class_of_word(instance) != Some(class) || !class.flags.has(class::PLAIN_INIT) {
        return Ctl::Slow;
    }
    s.pc = *stub.offset(SAVED_PC) as *const u32;
    s.pool = *stub.offset(SAVED_POOL) as *const _;
    s.regs = (*stub.offset(SAVED_REGS) & !FLAGS) as *mut u64;
    *base = instance;
    Ctl::Next
}

/// The same for what is no direct instance of the class. The window of the call is the innermost one then.
///
/// # Safety
/// As for `after_new`, published.
pub unsafe fn after_new_of_other(stub: *mut u64, close: impl FnOnce()) -> R<()> {
    let base = base_of(stub);
    let class: Gc<Class> = Value::from_raw_unchecked(*base).cast_unchecked();
    let instance = Value::from_raw_unchecked(*stub.add(1));
    let arguments = *stub >> ADDRESS_BITS;
    let args = base.add(HEADER_SLOTS + (arguments & 1) as usize);
    close();
    *base = finish_other(class, instance, std::slice::from_raw_parts(args as *const Value, arguments as usize / 2))?.raw();
    Ok(())
}
