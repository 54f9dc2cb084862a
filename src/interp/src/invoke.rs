//! Calls out of a window: what is in the callable register decides how its arguments, which follow in the window, are handed over.
//! Python functions and plain Python classes are entered without recursing the native stack.
//!
//! Must not know: which op asked.

use crate::call::{self, CallArgs};
use crate::run;
use crate::state::{Flow, Step, Vm, is_pointer, shape_of};
use crate::trace;
use crate::wellknown;
use heap::Value;
use objects::args::Args;
use objects::class::{self, Class, class_of};
use objects::code::NOT_SIMPLE;
use objects::descr::{BoundMethod, MethodDescriptor, NativeFunction};
use objects::error::R;
use objects::float::FloatObject;
use objects::frame::{CALLEE, HEADER_SLOTS, Reserved, SAVED_PC, SAVED_POOL, SAVED_REGS};
use objects::function::Function;
use objects::int::IntObject;
use objects::layout::{Cast, Gc, Layout};
use objects::lookup;
use objects::native::{ExternCall, NativeCall};
use objects::shape::Shape;
use objects::str::Str;

/// A call in progress: `base` is the callable's register, `count` arguments lie from `base + 4` on, the last of them the
/// values of the keywords `names`. `words` is the length of the calling instruction.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    pub base: *mut u64,
    pub count: usize,
    pub names: &'a [Value],
    pub words: usize,
}

impl<'a> Site<'a> {
    /// # Safety
    /// The window holds that many arguments.
    unsafe fn values(&self) -> &'static [Value] {
        std::slice::from_raw_parts(self.base.add(HEADER_SLOTS) as *const Value, self.count)
    }
    unsafe fn args(&self) -> Args<'a> {
        Args::new(self.values(), self.count - self.names.len(), self.names)
    }
    unsafe fn call_args(&self) -> CallArgs<'a> {
        let (positional, values) = self.values().split_at(self.count - self.names.len());
        CallArgs { positional, names: self.names, values }
    }
    /// Makes room for one more argument in front and puts it there.
    unsafe fn prepend(&mut self, first: Value) {
        let start = self.base.add(HEADER_SLOTS);
        std::ptr::copy(start, start.add(1), self.count);
        *start = first.raw();
        self.count += 1;
    }
}

/// Performs the call. The result is in `base` when the flow is `Next`; with `Jump` the callee's window is published.
///
/// # Safety
/// The site describes the published window.
pub unsafe fn call(vm: Vm, site: Site) -> Step {
    let native = if site.names.is_empty() { call_native(vm, &site) } else { call_extern_with_names(vm, &site) };
    if let Some(result) = native {
        *site.base = result?.raw();
        return Ok(Flow::Next);
    }
    call_general(vm, site)
}

/// The same for any number of arguments: they may lie beyond the caller's window.
///
/// # Safety
/// As for `call`; the stack is reserved as far as the arguments reach.
pub unsafe fn call_general(vm: Vm, mut site: Site) -> Step {
    // Arguments may reach beyond the window, by one after a receiver is put in front of them, by any number with `f(*args)`.
    let reserved = Reserved::up_to(vm.0, site.base.add(HEADER_SLOTS + site.count + 1 + INIT_SHIFT));
    loop {
        let callee = Value::from_raw_unchecked(*site.base);
        let class = class_of(callee);
        if class == Function::class() {
            return enter_function(vm, site, callee.cast_unchecked());
        }
        if class == BoundMethod::class() {
            let method: Gc<BoundMethod> = callee.cast_unchecked();
            // A method may be bound to a bound method, and so on.
            run::reserve(vm.0, vm.0.top(), 1)?;
            reserved.extend(1);
            site.prepend(method.receiver());
            *site.base = method.function().raw();
            continue;
        }
        if let Some(class) = callee.cast::<Class>()
            && let Some(flow) = instantiate(vm, site, class)?
        {
            return Ok(flow);
        }
        if let Some(method) = python_method(class, objects::interned!("__call__")) {
            site.prepend(callee);
            *site.base = method.value().raw();
            continue;
        }
        let args = site.args();
        let result = if class == MethodDescriptor::class() && site.count > site.names.len() {
            let method: Gc<MethodDescriptor> = callee.cast_unchecked();
            if trace::is_profiling(vm.0) {
                trace::profiled(vm.0, callee, || objects::descr::method_descriptor_call(method.value(), args))?
            } else {
                objects::descr::method_descriptor_call(method.value(), args)?
            }
        } else if class == NativeFunction::class() {
            let enter = || objects::descr::native_function_call(callee, args);
            if trace::is_profiling(vm.0) { trace::profiled(vm.0, callee, enter)? } else { enter()? }
        } else {
            let enter = || objects::call::call_args(callee, args);
            if trace::is_monitoring(vm.0) { trace::monitored(vm.0, enter)? } else { enter()? }
        };
        *site.base = result.raw();
        return Ok(Flow::Next);
    }
}

/// The short way to natives with positional arguments: module functions and methods found on a class. None: not one of these.
#[inline(always)]
unsafe fn call_native(vm: Vm, site: &Site) -> Option<R> {
    let callee = *site.base;
    if !is_pointer(callee) || trace::is_active(vm.0) {
        return None;
    }
    let shape = shape_of(callee);
    let known = wellknown::shapes();
    let def = if shape == known.method_descriptor() {
        let method = &*(callee as *const MethodDescriptor);
        if let (NativeCall::Extern { enter, data }, [receiver, rest @ ..]) = (method.def.call, site.values()) {
            // Functions of extensions trust their receiver.
            let class = class_of(*receiver);
            let fits = class == method.owner() || class.is_subclass_of(method.owner());
            return fits.then(|| call_extern(site, enter, data, *receiver, rest));
        }
        method.def
    } else if shape == known.native_function() {
        let function = &*(callee as *const NativeFunction);
        if let NativeCall::Extern { enter, data } = function.def.call {
            let receiver = function.receiver.get().unwrap_or(Value::none());
            return Some(call_extern(site, enter, data, receiver, site.values()));
        }
        if function.is_bound() {
            return call_bound(function, site.values());
        }
        function.def
    } else {
        return call_extern_object(site, callee, shape).or_else(|| quick_construction(callee, site.values()));
    };
    let args = site.base.add(HEADER_SLOTS) as *const Value;
    Some(match (def.call, site.count) {
        (NativeCall::F1(f), 1) => f(*args),
        (NativeCall::F2(f), 2) => f(*args, *args.add(1)),
        (NativeCall::F0(f), 0) => f(),
        (NativeCall::F3(f), 3) => f(*args, *args.add(1), *args.add(2)),
        _ => return objects::args::call_positional(def, site.values()),
    })
}

/// The same for functions of extensions that are given keywords.
#[inline]
unsafe fn call_extern_with_names(vm: Vm, site: &Site) -> Option<R> {
    let callee = *site.base;
    if !is_pointer(callee) || shape_of(callee) != wellknown::shapes().native_function() || trace::is_active(vm.0) {
        return None;
    }
    let function = &*(callee as *const NativeFunction);
    let NativeCall::Extern { enter, data } = function.def.call else { return None };
    Some(call_extern(site, enter, data, function.receiver.get().unwrap_or(Value::none()), site.values()))
}

/// Types of extensions that make their instances by themselves, and instances that have a call function.
#[inline]
unsafe fn call_extern_object(site: &Site, callee: u64, shape: u32) -> Option<R> {
    let kind = Shape::by_id(shape).class();
    if kind == Class::class() {
        let class: Gc<Class> = Value::from_raw_unchecked(callee).cast_unchecked();
        let (enter, data) = objects::extension::extern_new(class)?;
        return class.flags.has(class::PLAIN_INIT).then(|| enter(data, class.value(), site.values(), site.names));
    }
    let (enter, data) = objects::extension::extern_call(kind)?;
    Some(call_extern(site, enter, data, Value::from_raw_unchecked(callee), site.values()))
}

/// Calls a function of an extension. The registers of its arguments forget them: programs expect what they named to die soon.
#[inline(always)]
unsafe fn call_extern(site: &Site, enter: ExternCall, data: usize, receiver: Value, values: &[Value]) -> R {
    let result = enter(data, receiver, values, site.names);
    let start = site.base.add(HEADER_SLOTS);
    for index in 0..site.count {
        *start.add(index) = Value::none().raw();
    }
    result
}

/// A native method that was taken from its receiver (`append = items.append`).
unsafe fn call_bound(function: &NativeFunction, values: &[Value]) -> Option<R> {
    let receiver = function.receiver.get()?;
    Some(match (function.def.call, values) {
        (NativeCall::F1(f), []) => f(receiver),
        (NativeCall::F2(f), [a]) => f(receiver, *a),
        (NativeCall::F3(f), [a, b]) => f(receiver, *a, *b),
        _ => return None,
    })
}

/// `str(x)`, `int(x)`, `type(x)` and the like of values that need no looking up.
///
/// # Safety
/// `callee` is the word of a live object.
#[inline(never)]
pub unsafe fn quick_construction(callee: u64, values: &[Value]) -> Option<R> {
    let [value] = *values else { return None };
    if callee == Str::class().value().raw() {
        return Some(objects::protocol::str_of(value).map(|text| text.value()));
    }
    if callee == Class::class().value().raw() {
        return Some(Ok(class_of(value).value()));
    }
    if callee == IntObject::class().value().raw() && value.is_int()
        || callee == FloatObject::class().value().raw() && value.is_float()
    {
        return Some(Ok(value));
    }
    if callee == FloatObject::class().value().raw() && value.is_int() {
        return Some(Ok(Value::float(value.as_int() as f64)));
    }
    None
}

/// Opens the window of a Python function whose arguments are in place.
unsafe fn enter_function(vm: Vm, site: Site, function: Gc<Function>) -> Step {
    let exec = vm.0;
    let code = function.code();
    let window = site.base.add(HEADER_SLOTS);
    run::reserve(exec, window, code.register_count)?;
    if code.simple_args as usize != site.count || !site.names.is_empty() {
        call::bind(function, code, site.call_args(), window)?;
    } else if code.simple_args != NOT_SIMPLE && shape_of(function.value().raw()) != wellknown::shapes().function() {
        wellknown::refresh_function();
    }
    *window.offset(CALLEE) = function.value().raw();
    *window.offset(SAVED_PC) = exec.pc.get().add(site.words) as u64;
    *window.offset(SAVED_REGS) = exec.regs.get() as u64;
    *window.offset(SAVED_POOL) = exec.pool.get() as u64;
    run::enter_window(exec, function, window);
    Ok(Flow::Jump)
}

/// Enters a Python function on behalf of the published instruction of `words` words; its result goes to register `destination`.
///
/// # Safety
/// Called by a slow body, which ends with the result of this.
pub unsafe fn call_for_register(vm: Vm, function: Gc<Function>, args: &[Value], destination: usize, words: usize) -> Step {
    let exec = vm.0;
    let code = function.code();
    let stub = exec.top().add(HEADER_SLOTS);
    let window = stub.add(INIT_SHIFT);
    run::reserve(exec, window, code.register_count.max(args.len() as u32))?;
    call::bind(function, code, CallArgs::positional(args), window)?;
    *stub = destination as u64;
    *stub.offset(CALLEE) = 0;
    *stub.offset(SAVED_PC) = exec.pc.get().add(words) as u64;
    *stub.offset(SAVED_REGS) = exec.regs.get() as u64;
    *stub.offset(SAVED_POOL) = exec.pool.get() as u64;
    *window.offset(CALLEE) = function.value().raw();
    *window.offset(SAVED_PC) = run::store_pc() as u64;
    *window.offset(SAVED_REGS) = stub as u64;
    *window.offset(SAVED_POOL) = 0;
    run::enter_window(exec, function, window);
    Ok(Flow::Jump)
}

/// The Python function that a class made by a program has under a dunder name.
#[inline]
pub fn python_method(class: Gc<Class>, name: Gc<objects::str::Str>) -> Option<Gc<Function>> {
    if !class.flags.has(class::HEAP_TYPE) {
        return None;
    }
    lookup::type_lookup(class, name)?.cast_exact::<Function>()
}

/// Registers that the stub of a class call puts between the callable and the arguments: header, instance, callee, header.
const INIT_SHIFT: usize = 5;

/// Calls a plain Python class: default `__new__`, Python `__init__`. None: not that simple, take the general way.
unsafe fn instantiate(vm: Vm, site: Site, class: Gc<Class>) -> R<Option<Flow>> {
    let known = crate::install::plain_construction();
    if class_of(class.value()) != known.type_class
        || class.slots.new.get().map(|new| new as usize) != known.object_new
        || class.flags.has(class::ABSTRACT | class::NO_NEW)
    {
        return Ok(None);
    }
    let Some(init) = lookup::type_lookup(class, objects::interned!("__init__")) else { return Ok(None) };
    if class_of(init) != Function::class() {
        if site.count == 0 && class.slots.init.get().map(|init| init as usize) == known.object_init {
            *site.base = objects::class_new::new_instance(class).raw();
            return Ok(Some(Flow::Next));
        }
        return Ok(None);
    }
    let exec = vm.0;
    let init: Gc<Function> = init.cast_unchecked();
    let code = init.code();
    let stub = site.base.add(HEADER_SLOTS);
    let window = stub.add(INIT_SHIFT);
    run::reserve(exec, window, code.register_count.max(site.count as u32 + 1))?;
    let instance = objects::class_new::new_instance(class);
    std::ptr::copy(stub, window.add(1), site.count);
    *window = instance.raw();
    let moved = Site { base: window.sub(HEADER_SLOTS), count: site.count + 1, ..site };
    if code.simple_args as usize != moved.count || !moved.names.is_empty() {
        call::bind(init, code, moved.call_args(), window)?;
    }
    *stub = instance.raw();
    *stub.offset(SAVED_PC) = exec.pc.get().add(site.words) as u64;
    *stub.offset(SAVED_REGS) = exec.regs.get() as u64;
    *stub.offset(SAVED_POOL) = exec.pool.get() as u64;
    *window.offset(CALLEE) = init.value().raw();
    *window.offset(SAVED_PC) = run::init_pc() as u64;
    *window.offset(SAVED_REGS) = stub as u64;
    *window.offset(SAVED_POOL) = 0;
    run::enter_window(exec, init, window);
    Ok(Some(Flow::Jump))
}
