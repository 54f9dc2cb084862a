//! The short ways of calls, on the registers of the loop: natives by arity, Python functions that lack only defaults or get some
//! arguments by name, bound methods. Whatever is unusual (tracing, short stacks, wrong arguments) is left to
//! `invoke.rs`, before anything is done.
//!
//! Must not know: which op asked.

use crate::call_class::{self, STUB_SHIFT};
use crate::call_extern;
use crate::install;
use crate::run;
use crate::state::{Ctl, State, is_pointer, object, shape_of};
use crate::trace;
use crate::wellknown::shapes;
use bytecode::code_unit::co_flags;
use heap::Value;
use objects::class::{self, Class};
use objects::code::{Code, NOT_SIMPLE};
use objects::descr::{BoundMethod, MethodDescriptor, NEW_DEF, NativeFunction};
use objects::dict::{self, Dict};
use objects::frame::{CALLEE, HEADER_SLOTS, SAVED_PC, SAVED_POOL, SAVED_REGS, code_of_pool};
use objects::function::Function;
use objects::layout::{Cast, Gc, Layout};
use objects::lookup;
use objects::native::{FnDef, NativeCall};
use objects::shape::Shape;
use objects::str::Str;
use objects::tuple::{Tuple, new_tuple};

/// Words of the calling instructions.
pub const WORDS: usize = 2;
/// More parameters than this are bound the general way: the scratch area above the window must stay small.
const MOST_PARAMETERS: usize = 64;

/// Whether a pointer word is that of a Python function, with attributes or without.
///
/// # Safety
/// The object is alive.
#[inline(always)]
pub unsafe fn is_function(raw: u64) -> bool {
    let shape = shape_of(raw);
    shape == shapes().function() || Shape::by_id(shape).class() == Function::class()
}

/// A call with `count` positional arguments from `args` on, which is the window of `base` or one above it.
///
/// # Safety
/// The second body of a calling op of two words; the window at `base` holds callable and arguments.
#[inline(always)]
pub unsafe fn call(s: &mut State, base: *mut u64, args: *mut u64, count: usize) -> Ctl {
    let callee = *base;
    if !is_pointer(callee) || trace::is_active(&*s.exec) {
        return Ctl::Slow;
    }
    let shape = shape_of(callee);
    let known = shapes();
    if shape == known.method_descriptor() {
        if let Some((function, receiver)) = call_extern::of_method(object(callee), args, count) {
            return call_extern::enter(s, base, function, receiver, args.add(1), count - 1, &[]);
        }
        return native(s, base, object::<MethodDescriptor>(callee).def, args, count);
    }
    if shape == known.native_function() {
        let function = object::<NativeFunction>(callee);
        if let Some((function, receiver)) = call_extern::of_function(function) {
            return call_extern::enter(s, base, function, receiver, args, count, &[]);
        }
        if function.is_bound() {
            return bound_native(s, base, function, args, count);
        }
        return native(s, base, function.def, args, count);
    }
    if shape == known.function() {
        return python(s, base, callee, 0, args, count);
    }
    if shape == known.bound_method() {
        let method = object::<BoundMethod>(callee);
        let function = method.function.raw();
        if is_pointer(function) && is_function(function) {
            return python(s, base, function, method.receiver.raw(), args, count);
        }
        return Ctl::Slow;
    }
    if shape == known.slot_wrapper() {
        s.publish();
        let values = std::slice::from_raw_parts(args as *const Value, count);
        return finish(s, base, objects::descr::call_slot_wrapper(Value::from_raw_unchecked(callee), values));
    }
    let class = Shape::by_id(shape).class();
    if class == Function::class() {
        return python(s, base, callee, 0, args, count);
    }
    if class == install::plain_construction().type_class {
        if let Some(function) = call_extern::of_class(Value::from_raw_unchecked(callee).cast_unchecked()) {
            return call_extern::enter(s, base, function, Value::from_raw_unchecked(callee), args, count, &[]);
        }
        return call_class::call(s, base, callee, args, count);
    }
    if let Some(function) = objects::extension::extern_call(class) {
        return call_extern::enter(s, base, function, Value::from_raw_unchecked(callee), args, count, &[]);
    }
    let method = python_method(class, objects::interned!("__call__"));
    if method == 0 && !class.flags.has(class::HEAP_TYPE) {
        s.publish();
        let result = enter_callable(Value::from_raw_unchecked(callee), args as *const Value, count);
        return finish(s, base, result);
    }
    if method == 0 || !is_function(method) {
        return Ctl::Slow;
    }
    python(s, base, method, callee, args, count)
}

/// A native object with a `__call__` of its own (`functools.partial`, an `lru_cache`, what `operator` makes). Out of line, as `enter_bound`.
#[inline(never)]
unsafe fn enter_callable(callee: Value, values: *const Value, count: usize) -> objects::error::R {
    objects::call::call(callee, std::slice::from_raw_parts(values, count))
}

#[inline(always)]
unsafe fn native(s: &mut State, base: *mut u64, def: &'static FnDef, args: *mut u64, count: usize) -> Ctl {
    let values = args as *const Value;
    s.publish();
    let result = match def.call {
        NativeCall::F1(f) if count == 1 => f(*values),
        NativeCall::F2(f) if count == 2 => f(*values, *values.add(1)),
        NativeCall::F3(f) if count == 3 => f(*values, *values.add(1), *values.add(2)),
        NativeCall::F0(f) if count == 0 => f(),
        NativeCall::Slice { min, max, f } if count >= min as usize && count <= max as usize => {
            f(std::slice::from_raw_parts(values, count))
        }
        NativeCall::Bound(_) | NativeCall::Raw(_) => match enter_bound(def, values, count) {
            Some(result) => result,
            None => return Ctl::Slow,
        },
        _ => return Ctl::Slow,
    };
    finish(s, base, result)
}

/// Natives that are bound by name or see the call as it came, given positions only. Out of line: it passes the address of its frame on.
#[inline(never)]
unsafe fn enter_bound(def: &'static FnDef, values: *const Value, count: usize) -> Option<objects::error::R> {
    objects::args::call_positional(def, std::slice::from_raw_parts(values, count))
}

/// The general way into a native method that was taken from its receiver. Out of line, as `enter_bound`.
#[inline(never)]
unsafe fn enter_with_receiver(def: &'static FnDef, receiver: Value, values: *const Value, count: usize) -> objects::error::R {
    objects::args::call_def_with(def, receiver, objects::Args::positional_only(std::slice::from_raw_parts(values, count)))
}

/// A native method that was taken from its receiver (`append = items.append`).
#[inline(always)]
unsafe fn bound_native(s: &mut State, base: *mut u64, function: &NativeFunction, args: *mut u64, count: usize) -> Ctl {
    let values = args as *const Value;
    let receiver = function.receiver.raw();
    if receiver == 0 {
        return Ctl::Slow;
    }
    let receiver = Value::from_raw_unchecked(receiver);
    s.publish();
    let result = match function.def.call {
        NativeCall::F1(f) if count == 0 => f(receiver),
        NativeCall::F2(f) if count == 1 => f(receiver, *values),
        NativeCall::F3(f) if count == 2 => f(receiver, *values, *values.add(1)),
        NativeCall::Raw(_) if std::ptr::eq(function.def, &NEW_DEF) => {
            objects::descr::call_native_new(receiver, std::slice::from_raw_parts(values, count))
        }
        _ => enter_with_receiver(function.def, receiver, values, count),
    };
    finish(s, base, result)
}

#[inline(always)]
pub unsafe fn finish(s: &mut State, base: *mut u64, result: objects::error::R) -> Ctl {
    match result {
        Ok(value) => {
            *base = value.raw();
            s.pc = s.pc.add(WORDS);
            Ctl::Called
        }
        Err(_) => Ctl::Raised,
    }
}

/// Moves `count` words, which may overlap. (Volatile, so that no call to `memmove` is made of it.)
///
/// # Safety
/// Both places hold as many words.
#[inline(always)]
pub unsafe fn shift(from: *const u64, to: *mut u64, count: usize) {
    if (to as usize) < from as usize {
        for index in 0..count {
            to.add(index).write_volatile(*from.add(index));
        }
    } else if to as usize > from as usize {
        for index in (0..count).rev() {
            to.add(index).write_volatile(*from.add(index));
        }
    }
}

/// Opens the window of a function whose arguments are in place.
#[inline(always)]
pub unsafe fn enter(s: &mut State, base: *mut u64, function: &Function, code: &Code) -> Ctl {
    let window = base.add(HEADER_SLOTS);
    if code.free_count != 0 {
        let cells = object::<Tuple>(function.closure.raw()).items().as_ptr() as *const u64;
        let first = window.add(code.first_free as usize);
        for index in 0..code.free_count as usize {
            *first.add(index) = *cells.add(index);
        }
    }
    enter_plain(s, base, code)
}

/// The same of a function that is no closure.
#[inline(always)]
pub unsafe fn enter_plain(s: &mut State, base: *mut u64, code: &Code) -> Ctl {
    let window = base.add(HEADER_SLOTS);
    *window.offset(SAVED_PC) = s.pc.add(WORDS) as u64;
    *window.offset(SAVED_REGS) = s.regs as u64;
    *window.offset(SAVED_POOL) = s.pool as u64;
    s.regs = window;
    s.pc = code.start();
    s.pool = code.pool();
    Ctl::Next
}

/// The defaults of the last `missing` parameters. None: the function has not as many.
#[inline(always)]
pub unsafe fn defaults_of(function: &Function, missing: usize) -> Option<&[Value]> {
    if missing == 0 {
        return Some(&[]);
    }
    let defaults = function.defaults.raw();
    if defaults == 0 {
        return None;
    }
    let items = object::<Tuple>(defaults).items();
    items.len().checked_sub(missing).map(|first| items.get_unchecked(first..))
}

/// Puts values into registers, as `shift` does: without a call of `memcpy`.
#[inline(always)]
pub unsafe fn place(values: &[Value], at: *mut u64) {
    for (index, value) in values.iter().enumerate() {
        at.add(index).write_volatile(value.raw());
    }
}

/// A Python function with positional parameters only; a receiver (0: none) comes in front of the arguments.
#[inline(always)]
unsafe fn python(s: &mut State, base: *mut u64, callee: u64, receiver: u64, args: *mut u64, count: usize) -> Ctl {
    let function = object::<Function>(callee);
    let code = object::<Code>(function.code.raw());
    let window = base.add(HEADER_SLOTS);
    let ahead = usize::from(receiver != 0);
    let given = count + ahead;
    if window.add(code.register_count as usize) as usize > s.limit() {
        return Ctl::Slow;
    }
    if code.simple_args == NOT_SIMPLE {
        if receiver == 0 && code.kw_only_count == 0 {
            return python_with_stars(s, base, callee, args, count);
        }
        return python_by_name(s, base, callee, receiver, args, count, &[]);
    }
    let wanted = code.simple_args as usize;
    if given > wanted {
        return Ctl::Slow;
    }
    let Some(defaults) = defaults_of(function, wanted - given) else { return Ctl::Slow };
    shift(args, window.add(ahead), count);
    if receiver != 0 {
        *window = receiver;
    }
    place(defaults, window.add(given));
    *base = callee;
    enter(s, base, function, code)
}

/// A Python function with star parameters, called by position. There is room for its window.
#[inline(always)]
unsafe fn python_with_stars(s: &mut State, base: *mut u64, callee: u64, args: *mut u64, count: usize) -> Ctl {
    let function = object::<Function>(callee);
    let code = object::<Code>(function.code.raw());
    let wanted = code.arg_count as usize;
    if code.flags & co_flags::OPTIMIZED == 0 {
        return Ctl::Slow;
    }
    let Some(defaults) = defaults_of(function, wanted.saturating_sub(count)) else { return Ctl::Slow };
    let placed = count - count.min(wanted);
    s.publish();
    let Some((rest, keywords)) = stars(code, args.add(count - placed), placed) else { return Ctl::Slow };
    let window = base.add(HEADER_SLOTS);
    shift(args, window, count - placed);
    place(defaults, window.add(count));
    place_stars(window.add(wanted), rest, keywords);
    *base = callee;
    enter(s, base, function, code)
}

/// What the star parameters of a function get, 0 for those that it has not: a tuple of `count` words, a new dict. None: too many.
#[inline(always)]
unsafe fn stars(code: &Code, extra: *const u64, count: usize) -> Option<(u64, u64)> {
    let rest = if code.flags & co_flags::VARARGS != 0 {
        new_tuple(std::slice::from_raw_parts(extra as *const Value, count)).value().raw()
    } else if count == 0 {
        0
    } else {
        return None;
    };
    let keywords = if code.flags & co_flags::VARKEYWORDS != 0 { dict::new_dict().value().raw() } else { 0 };
    Some((rest, keywords))
}

#[inline(always)]
unsafe fn place_stars(mut at: *mut u64, rest: u64, keywords: u64) {
    if rest != 0 {
        *at = rest;
        at = at.add(1);
    }
    if keywords != 0 {
        *at = keywords;
    }
}

/// Opens the window of a function above a stub, whose first register and instruction say what becomes of the result. The arguments are in
/// place; this window goes on behind an instruction of `words` words.
#[inline(always)]
pub unsafe fn enter_above(s: &mut State, stub: *mut u64, stub_pc: *const u32, callee: u64, code: &Code, words: usize) -> Ctl {
    let window = stub.add(STUB_SHIFT);
    *stub.offset(SAVED_PC) = s.pc.add(words) as u64;
    *stub.offset(SAVED_REGS) = s.regs as u64;
    *stub.offset(SAVED_POOL) = s.pool as u64;
    *window.offset(CALLEE) = callee;
    *window.offset(SAVED_PC) = stub_pc as u64;
    *window.offset(SAVED_REGS) = stub as u64;
    *window.offset(SAVED_POOL) = 0;
    s.regs = window;
    s.pc = code.start();
    s.pool = code.pool();
    Ctl::Next
}

/// Enters a Python function with arguments that an op has at hand; its result goes to register `destination` of this window.
///
/// # Safety
/// The second body of an op of `words` words.
#[inline(always)]
pub unsafe fn enter_for_register<const N: usize>(
    s: &mut State,
    callee: u64,
    arguments: [u64; N],
    destination: usize,
    words: usize,
) -> Ctl {
    if trace::is_active(&*s.exec) || callee == 0 || !is_pointer(callee) || !is_function(callee) {
        return Ctl::Slow;
    }
    let function = object::<Function>(callee);
    let code = object::<Code>(function.code.raw());
    let stub = s.regs.add((*code_of_pool(s.pool)).register_count as usize + HEADER_SLOTS);
    let window = stub.add(STUB_SHIFT);
    if code.simple_args as usize != N || code.free_count != 0 || window.add(code.register_count as usize) as usize > s.limit() {
        return Ctl::Slow;
    }
    *stub = destination as u64;
    *stub.offset(CALLEE) = 0;
    for index in 0..N {
        *window.add(index) = arguments[index];
    }
    enter_above(s, stub, run::store_pc(), callee, code, words)
}

/// The same for a function whose result nobody wants: it goes to the place behind this window's registers, which is no register.
///
/// # Safety
/// As for `enter_for_register`.
#[inline(always)]
pub unsafe fn enter_for_nothing<const N: usize>(s: &mut State, callee: u64, arguments: [u64; N], words: usize) -> Ctl {
    let destination = (*code_of_pool(s.pool)).register_count as usize;
    enter_for_register(s, callee, arguments, destination, words)
}

/// The word of the Python function that a class made by a program has under a dunder name, else 0.
#[inline(always)]
pub fn python_method(class: Gc<Class>, name: Gc<Str>) -> u64 {
    if !class.flags.has(class::HEAP_TYPE) {
        return 0;
    }
    match lookup::type_lookup(class, name) {
        Some(found) if found.is_ptr() => found.raw(),
        _ => 0,
    }
}

/// The keyword names of the calling instruction: the constant that the descriptor of its cell names.
#[inline(always)]
unsafe fn names_of(s: &State) -> &'static [Value] {
    let names = s.constant_raw(s.cell_index());
    object::<Tuple>(names).items()
}

/// A call whose last arguments are the values of keywords.
///
/// # Safety
/// As for `call`.
#[inline(always)]
pub unsafe fn call_with_names(s: &mut State, base: *mut u64, args: *mut u64, count: usize) -> Ctl {
    let callee = *base;
    if !is_pointer(callee) || trace::is_active(&*s.exec) {
        return Ctl::Slow;
    }
    if is_function(callee) {
        return python_by_name(s, base, callee, 0, args, count, names_of(s));
    }
    let shape = shape_of(callee);
    if shape == shapes().native_function()
        && let Some((function, receiver)) = call_extern::of_function(object(callee))
    {
        return call_extern::enter(s, base, function, receiver, args, count, names_of(s));
    }
    if shape == shapes().native_function() || shape == shapes().method_descriptor() {
        s.publish();
        let result = enter_named(Value::from_raw_unchecked(callee), args as *const Value, count, names_of(s));
        return finish(s, base, result);
    }
    if shape == shapes().bound_method() {
        let method = object::<BoundMethod>(callee);
        let function = method.function.raw();
        if is_pointer(function) && is_function(function) {
            return python_by_name(s, base, function, method.receiver.raw(), args, count, names_of(s));
        }
        return Ctl::Slow;
    }
    if Shape::by_id(shape).class() == install::plain_construction().type_class {
        return call_class::call_with_names(s, base, callee, args, count, names_of(s));
    }
    Ctl::Slow
}

/// Natives that are given arguments by name. Out of line, as `enter_bound`.
#[inline(never)]
unsafe fn enter_named(callee: Value, values: *const Value, count: usize, names: &[Value]) -> objects::error::R {
    let values = std::slice::from_raw_parts(values, count);
    objects::call::call_args(callee, objects::Args::new(values, count - names.len(), names))
}

/// `f(*args, **keywords)` of a Python function or method, with a tuple and no keywords in the end. The registers behind `base` hold both.
///
/// # Safety
/// As for `call`.
#[inline(always)]
pub unsafe fn call_with_tuple(s: &mut State, base: *mut u64) -> Ctl {
    let (callee, positional, keywords) = (*base, *base.add(HEADER_SLOTS), *base.add(HEADER_SLOTS + 1));
    if !is_pointer(callee) || !is_pointer(positional) || shape_of(positional) != shapes().tuple() || trace::is_active(&*s.exec) {
        return Ctl::Slow;
    }
    if keywords != Value::null().raw() {
        if !is_pointer(keywords) || shape_of(keywords) != shapes().dict() {
            return Ctl::Slow;
        }
        if object::<Dict>(keywords).table().used() != 0 {
            return call_with_dict(s, base, object(positional), object(keywords));
        }
    }
    // The tuple stays in its register until its items are where the parameters are, and nothing is allocated after that.
    let items = object::<Tuple>(positional).items();
    let args = items.as_ptr() as *mut u64;
    if is_function(callee) {
        return python(s, base, callee, 0, args, items.len());
    }
    if shape_of(callee) == shapes().bound_method() {
        let method = object::<BoundMethod>(callee);
        let function = method.function.raw();
        if is_pointer(function) && is_function(function) {
            return python(s, base, function, method.receiver.raw(), args, items.len());
        }
    }
    if shape_of(callee) == shapes().native_function() {
        let function = object::<NativeFunction>(callee);
        if call_extern::of_function(function).is_none() {
            return if function.is_bound() {
                bound_native(s, base, function, args, items.len())
            } else {
                native(s, base, function.def, args, items.len())
            };
        }
    }
    Ctl::Slow
}

/// A Python function or method that gets arguments from a tuple and a dict.
#[inline(always)]
unsafe fn call_with_dict(s: &mut State, base: *mut u64, positional: &Tuple, keywords: &Dict) -> Ctl {
    let (mut callee, mut receiver) = (*base, 0);
    if shape_of(callee) == shapes().bound_method() {
        let method = object::<BoundMethod>(callee);
        (callee, receiver) = (method.function.raw(), method.receiver.raw());
    }
    if !is_pointer(callee) || !is_function(callee) {
        return Ctl::Slow;
    }
    let function = object::<Function>(callee);
    let code = object::<Code>(function.code.raw());
    let window = base.add(HEADER_SLOTS);
    if !can_bind(code, window, s.limit()) {
        return Ctl::Slow;
    }
    s.publish();
    let bound = bind_with_dict(callee, receiver, positional, keywords, window);
    enter_if_bound(s, base, callee, bound)
}

/// As `bind`, with the arguments in a tuple and a dict: a few of them are laid side by side on the native stack, which keeps them alive.
#[inline(never)]
unsafe fn bind_with_dict(callee: u64, receiver: u64, positional: &Tuple, keywords: &Dict, window: *mut u64) -> Bound {
    const MOST: usize = 16;
    let items = positional.items();
    let table = keywords.table();
    if items.len() + table.used() > MOST {
        return Bound::Slow;
    }
    let mut args = [0; MOST];
    let mut names = [Value::none(); MOST];
    for (index, item) in items.iter().enumerate() {
        args[index] = item.raw();
    }
    let (mut position, mut count) = (0, 0);
    while let Some((next, name, value, _)) = table.next_live(position) {
        // Another thread may add to it.
        if items.len() + count == MOST || !name.is_instance_of_layout::<Str>() {
            return Bound::Slow;
        }
        names[count] = name;
        args[items.len() + count] = value.raw();
        count += 1;
        position = next;
    }
    let bound = bind(callee, receiver, args.as_mut_ptr(), items.len() + count, &names[..count], window);
    std::hint::black_box((&args, &names));
    bound
}

#[inline(always)]
pub unsafe fn can_bind(code: &Code, window: *mut u64, limit: usize) -> bool {
    let room = code.register_count as usize + 2 * MOST_PARAMETERS;
    let parameters = code.arg_count + code.kw_only_count;
    code.flags & co_flags::OPTIMIZED != 0 && parameters as usize <= MOST_PARAMETERS && window.add(room) as usize <= limit
}

/// A Python function with whatever parameters; a receiver (0: none) comes in front of the arguments.
#[inline(always)]
unsafe fn python_by_name(
    s: &mut State,
    base: *mut u64,
    callee: u64,
    receiver: u64,
    args: *mut u64,
    count: usize,
    names: &[Value],
) -> Ctl {
    let function = object::<Function>(callee);
    let code = object::<Code>(function.code.raw());
    let window = base.add(HEADER_SLOTS);
    if !can_bind(code, window, s.limit()) {
        return Ctl::Slow;
    }
    s.publish();
    let bound = bind(callee, receiver, args, count, names, window);
    enter_if_bound(s, base, callee, bound)
}

/// Opens the window of a function whose arguments `bind` was to put in place.
#[inline(always)]
unsafe fn enter_if_bound(s: &mut State, base: *mut u64, callee: u64, bound: Bound) -> Ctl {
    match bound {
        Bound::Done => {
            *base = callee;
            let function = object::<Function>(callee);
            enter(s, base, function, object(function.code.raw()))
        }
        Bound::Slow => Ctl::Slow,
        Bound::Raised => Ctl::Raised,
    }
}

/// What came of binding arguments.
pub enum Bound {
    Done,
    /// Nothing was done: something is missing or unusual.
    Slow,
    Raised,
}

/// Puts the arguments of a call, behind a receiver (0: none), where the parameters of a function are in its window.
///
/// # Safety
/// `can_bind` agreed; the last of the `count` arguments are those of `names`. The state is published.
#[inline(never)]
pub unsafe fn bind(callee: u64, receiver: u64, args: *mut u64, count: usize, names: &[Value], window: *mut u64) -> Bound {
    let function = object::<Function>(callee);
    let code = object::<Code>(function.code.raw());
    let arg_count = code.arg_count as usize;
    let parameters = arg_count + code.kw_only_count as usize;
    let ahead = usize::from(receiver != 0);
    let positional = count - names.len();
    let given = positional + ahead;
    let placed = given.min(arg_count);
    if placed < ahead {
        return Bound::Slow;
    }
    let Some((rest, keywords)) = stars(code, args.add(placed - ahead), given - placed) else { return Bound::Slow };
    let variables = code.variables();
    // The parameters behind the positional ones are gathered above the window, where nothing lives.
    let gathered = window.add(code.register_count as usize + MOST_PARAMETERS);
    for index in placed..parameters {
        *gathered.add(index) = 0;
    }
    let first = code.pos_only_count as usize;
    for (number, name) in names.iter().enumerate() {
        let value = *args.add(positional + number);
        let mut index = first;
        while index < parameters && variables.get_unchecked(index).name.value() != *name {
            index += 1;
        }
        if index == parameters && keywords != 0 && object::<Str>(name.raw()).is_interned() {
            let keywords = Value::from_raw_unchecked(keywords).cast_unchecked::<Dict>();
            if dict::dict_set(keywords, *name, Value::from_raw_unchecked(value)).is_err() {
                return Bound::Raised;
            }
            continue;
        }
        if index < placed || index == parameters || *gathered.add(index) != 0 {
            return Bound::Slow;
        }
        *gathered.add(index) = value;
    }
    if !fill_defaults(function, code, gathered, placed, parameters) {
        return Bound::Slow;
    }
    shift(args, window.add(ahead), placed - ahead);
    if ahead != 0 {
        *window = receiver;
    }
    for index in placed..parameters {
        *window.add(index) = *gathered.add(index);
    }
    place_stars(window.add(parameters), rest, keywords);
    Bound::Done
}

/// Fills what no argument gave. False: something is missing.
#[inline(always)]
unsafe fn fill_defaults(function: &Function, code: &Code, slots: *mut u64, from: usize, parameters: usize) -> bool {
    let arg_count = code.arg_count as usize;
    let defaults = function.defaults.raw();
    let items: &[Value] = if defaults == 0 { &[] } else { object::<Tuple>(defaults).items() };
    for index in from..parameters {
        if *slots.add(index) != 0 {
            continue;
        }
        let value = if index < arg_count {
            if items.len() + index < arg_count {
                return false;
            }
            items[items.len() + index - arg_count].raw()
        } else {
            let named = function.kwdefaults.raw();
            if named == 0 {
                return false;
            }
            let name = code.variables().get_unchecked(index).name;
            match dict::dict_get_str(Value::from_raw_unchecked(named).cast_unchecked::<Dict>(), name) {
                Some(value) => value.raw(),
                None => return false,
            }
        };
        *slots.add(index) = value;
    }
    true
}
