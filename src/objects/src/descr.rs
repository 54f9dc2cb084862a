//! Callables and descriptors made of native definitions, and the descriptors of the language: layouts, constructors, and the
//! slot functions (`__get__`, `__set__`, `__call__`) that the interpreter and attribute lookup use.
//!
//! Their other Python-visible attributes are in the builtins crate.

use crate::args::{Args, call_def, call_def_with};
use crate::call;
use crate::class::{Class, class_name, class_of, message_name};
use crate::error::{R, attribute_error, type_error};
use crate::layout::{Cast, Gc, new_native};
use crate::native::{FnDef, FnKind, GetSetDef, NativeCall, SlotFn};
use crate::slots::{SLOT_NAMES, SlotId};
use crate::str::Str;
use heap::{GuardedSlot, Header, Slot, Value};
use native_macros::Layout;

/// `builtin_function_or_method`: a module function, or a native method bound to its receiver.
#[derive(Layout)]
#[layout(guarded = true)]
#[repr(C)]
pub struct NativeFunction {
    pub header: Header,
    pub def: &'static FnDef,
    /// The bound receiver; for module functions the module.
    pub receiver: GuardedSlot,
    /// `__module__`.
    pub module: GuardedSlot,
}

impl NativeFunction {
    /// Whether the receiver is passed to the function.
    #[inline]
    pub fn is_bound(&self) -> bool {
        self.def.kind.receiver_count() != 0
    }
}

pub fn new_native_function(def: &'static FnDef, receiver: Option<Value>, module: Option<Value>) -> Gc<NativeFunction> {
    new_native(NativeFunction {
        header: Header::blank(),
        def,
        receiver: GuardedSlot::new_opt(receiver),
        module: GuardedSlot::new_opt(module),
    })
}

pub fn native_function_call(this: Value, args: Args) -> R {
    // SAFETY: the slot of NativeFunction's class.
    let function = unsafe { this.cast_unchecked::<NativeFunction>() };
    if let NativeCall::Extern { enter, data } = function.def.call {
        return enter(data, function.receiver.get().unwrap_or(Value::none()), args.values(), args.names());
    }
    match function.receiver.get() {
        Some(receiver) if function.is_bound() => call_def_with(function.def, receiver, args),
        _ => call_def(function.def, args),
    }
}

/// `method_descriptor` and `classmethod_descriptor`: a native method on its class.
#[derive(Layout)]
#[layout(guarded = true)]
#[repr(C)]
pub struct MethodDescriptor {
    pub header: Header,
    pub def: &'static FnDef,
    pub owner: GuardedSlot,
}

#[derive(Layout)]
#[layout(guarded = true)]
#[repr(C)]
pub struct ClassMethodDescriptor {
    pub header: Header,
    pub def: &'static FnDef,
    pub owner: GuardedSlot,
}

macro_rules! owner_accessor {
    ($($layout:ident)*) => { $(impl $layout {
        #[inline]
        pub fn owner(&self) -> Gc<Class> {
            // SAFETY: set at creation, always a class.
            unsafe { self.owner.get().unwrap_unchecked().cast_unchecked() }
        }
    })* };
}
owner_accessor!(MethodDescriptor ClassMethodDescriptor SlotWrapper GetSetDescriptor MemberDescriptor);

pub fn new_method_descriptor(def: &'static FnDef, owner: Gc<Class>) -> Value {
    new_native(MethodDescriptor { header: Header::blank(), def, owner: GuardedSlot::new(owner.value()) }).value()
}
pub fn new_classmethod_descriptor(def: &'static FnDef, owner: Gc<Class>) -> Value {
    new_native(ClassMethodDescriptor { header: Header::blank(), def, owner: GuardedSlot::new(owner.value()) }).value()
}

/// The function checks its receiver's layout; classes that share a layout differ here only.
pub fn method_descriptor_call(this: Value, args: Args) -> R {
    // SAFETY: the slot of MethodDescriptor's class.
    let method = unsafe { this.cast_unchecked::<MethodDescriptor>() };
    let Some(receiver) = args.positional().first() else {
        return Err(type_error!("unbound method {}.{}() needs an argument", method.owner().name_text(), method.def.name));
    };
    check_receiver(method.owner(), method.def.name, *receiver)?;
    call_def(method.def, args)
}
pub fn method_descriptor_get(this: Value, instance: Option<Value>, _owner: Option<Value>) -> R {
    // SAFETY: the slot of MethodDescriptor's class.
    let method = unsafe { this.cast_unchecked::<MethodDescriptor>() };
    match bound_instance(instance) {
        None => Ok(this),
        Some(instance) => {
            check_receiver(method.owner(), method.def.name, instance)?;
            Ok(new_native_function(method.def, Some(instance), None).value())
        }
    }
}
/// A descriptor read through a class comes without an instance (an explicit None from Python counts as none).
fn bound_instance(instance: Option<Value>) -> Option<Value> {
    instance
}
fn check_receiver(owner: Gc<Class>, name: &str, instance: Value) -> R<()> {
    if class_of(instance).is_subclass_of(owner) {
        return Ok(());
    }
    Err(type_error!(
        "descriptor '{}' for '{}' objects doesn't apply to a '{}' object",
        name,
        message_name(owner),
        class_name(instance)
    ))
}
pub fn classmethod_descriptor_get(this: Value, instance: Option<Value>, owner: Option<Value>) -> R {
    // SAFETY: the slot of ClassMethodDescriptor's class.
    let method = unsafe { this.cast_unchecked::<ClassMethodDescriptor>() };
    let class = match (owner, instance) {
        (Some(owner), _) => owner,
        (None, Some(instance)) => class_of(instance).value(),
        (None, None) => {
            return Err(type_error!(
                "descriptor '{}' for type '{}' needs either an object or a type",
                method.def.name,
                method.owner().name_text()
            ));
        }
    };
    match class.cast::<Class>() {
        Some(given) if given.is_subclass_of(method.owner()) => Ok(new_native_function(method.def, Some(class), None).value()),
        Some(given) => Err(type_error!(
            "descriptor '{}' requires a subtype of '{}' but received '{}'",
            method.def.name,
            method.owner().name_text(),
            given.name_text()
        )),
        None => Err(type_error!(
            "descriptor '{}' for type '{}' needs a type, not a '{}' as arg 2",
            method.def.name,
            method.owner().name_text(),
            class_name(class)
        )),
    }
}
pub fn classmethod_descriptor_call(this: Value, args: Args) -> R {
    // SAFETY: the slot of ClassMethodDescriptor's class.
    let method = unsafe { this.cast_unchecked::<ClassMethodDescriptor>() };
    let Some(first) = args.positional().first().copied() else {
        return Err(type_error!(
            "descriptor '{}' of '{}' object needs an argument",
            method.def.name,
            message_name(method.owner())
        ));
    };
    match first.cast::<Class>() {
        Some(class) if class.is_subclass_of(method.owner()) => call_def(method.def, args),
        _ => Err(type_error!("descriptor '{}' requires a type but received a '{}' instance", method.def.name, class_name(first))),
    }
}

/// The descriptor of a named tuple's field.
#[derive(Layout)]
#[repr(C)]
pub struct TupleGetter {
    pub header: Header,
    pub index: i64,
    pub doc: Slot,
}

/// `wrapper_descriptor`: a native slot function on its class.
#[derive(Layout)]
#[layout(guarded = true)]
#[repr(C)]
pub struct SlotWrapper {
    pub header: Header,
    pub owner: GuardedSlot,
    pub function: SlotFn,
    pub id: SlotId,
    pub doc: &'static str,
    pub sig: &'static str,
}
crate::no_references!(SlotFn, SlotId);

/// `method-wrapper`: a slot wrapper bound to its receiver.
#[derive(Layout)]
#[repr(C)]
pub struct MethodWrapper {
    pub header: Header,
    pub wrapper: Slot,
    pub receiver: Slot,
}

impl SlotWrapper {
    pub fn name(&self) -> &'static str {
        SLOT_NAMES[self.id as usize]
    }
}

pub fn new_slot_wrapper(owner: Gc<Class>, id: SlotId, function: SlotFn, doc: &'static str, sig: &'static str) -> Value {
    new_native(SlotWrapper { header: Header::blank(), owner: GuardedSlot::new(owner.value()), function, id, doc, sig }).value()
}

pub fn slot_wrapper_get(this: Value, instance: Option<Value>, _owner: Option<Value>) -> R {
    // SAFETY: the slot of SlotWrapper's class.
    let wrapper = unsafe { this.cast_unchecked::<SlotWrapper>() };
    match instance {
        None => Ok(this),
        Some(instance) => {
            check_receiver(wrapper.owner(), wrapper.name(), instance)?;
            Ok(new_native(MethodWrapper { header: Header::blank(), wrapper: Slot::new(this), receiver: Slot::new(instance) })
                .value())
        }
    }
}
pub fn slot_wrapper_call(this: Value, args: Args) -> R {
    // SAFETY: the slot of SlotWrapper's class.
    let wrapper = unsafe { this.cast_unchecked::<SlotWrapper>() };
    let Some((receiver, rest)) = args.split_first() else {
        return Err(type_error!(
            "descriptor '{}' of '{}' object needs an argument",
            wrapper.name(),
            message_name(wrapper.owner())
        ));
    };
    if !class_of(receiver).is_subclass_of(wrapper.owner()) {
        return Err(type_error!(
            "descriptor '{}' requires a '{}' object but received a '{}'",
            wrapper.name(),
            message_name(wrapper.owner()),
            class_name(receiver)
        ));
    }
    call_slot(wrapper, receiver, rest)
}
/// `slot_wrapper_call` without keywords. Out of line, for the loop.
#[inline(never)]
pub fn call_slot_wrapper(this: Value, values: &[Value]) -> R {
    slot_wrapper_call(this, Args::positional_only(values))
}
pub fn method_wrapper_call(this: Value, args: Args) -> R {
    // SAFETY: the slot of MethodWrapper's class; both fields are set at creation.
    unsafe {
        let bound = this.cast_unchecked::<MethodWrapper>();
        let wrapper = bound.wrapper.get().unwrap_unchecked().cast_unchecked::<SlotWrapper>();
        call_slot(wrapper, bound.receiver.get().unwrap_unchecked(), args)
    }
}

/// The function of an operator or a subscript that a method wrapper binds, and its receiver.
#[inline]
pub fn bound_binary(bound: Gc<MethodWrapper>) -> Option<(fn(Value, Value) -> R, Value)> {
    // SAFETY: nothing else is put in.
    let wrapper: Gc<SlotWrapper> = unsafe { bound.wrapper.get()?.cast_unchecked() };
    match wrapper.function {
        SlotFn::Binary(function) => Some((function, bound.receiver.get()?)),
        _ => None,
    }
}

/// Calls a slot function with Python arguments.
fn call_slot(wrapper: Gc<SlotWrapper>, receiver: Value, args: Args) -> R {
    match wrapper.function {
        SlotFn::Call(function) => return function(receiver, args),
        SlotFn::Init(function) => return function(receiver, args).map(|()| Value::none()),
        SlotFn::Extern { enter, data } => return enter(data, receiver, args.values(), args.names()),
        _ => {}
    }
    if args.has_keywords() {
        return Err(type_error!("wrapper {}() takes no keyword arguments", wrapper.name()));
    }
    let given = args.positional();
    let count = |wanted: usize| -> R<()> {
        if given.len() == wanted {
            return Ok(());
        }
        Err(type_error!("expected {} argument{}, got {}", wanted, if wanted == 1 { "" } else { "s" }, given.len()))
    };
    let none = Value::none();
    match wrapper.function {
        SlotFn::Unary(function) => count(0).and_then(|()| function(receiver)),
        SlotFn::Binary(function) => count(1).and_then(|()| function(receiver, given[0])),
        SlotFn::Ternary(function) => match given {
            [other] => function(receiver, *other, none),
            [other, modulus] => function(receiver, *other, *modulus),
            _ => Err(type_error!("expected 1 or 2 arguments, got {}", given.len())),
        },
        SlotFn::Next(function) => {
            count(0)?;
            match function(receiver)? {
                Some(value) => Ok(value),
                None => Err(crate::error::stop_iteration(None)),
            }
        }
        SlotFn::Len(function) => count(0).and_then(|()| function(receiver)).map(crate::int::new_int_usize),
        SlotFn::Bool(function) => count(0).and_then(|()| function(receiver)).map(Value::bool),
        SlotFn::Hash(function) => count(0).and_then(|()| function(receiver)).map(crate::int::new_int),
        SlotFn::Contains(function) => count(1).and_then(|()| function(receiver, given[0])).map(Value::bool),
        SlotFn::SetItem(_) if given.len() != 2 => {
            Err(type_error!("{} expected 2 arguments, got {}", wrapper.name(), given.len()))
        }
        SlotFn::SetItem(function) => function(receiver, given[0], given[1]).map(|()| none),
        SlotFn::DelItem(function) => count(1).and_then(|()| function(receiver, given[0])).map(|()| none),
        SlotFn::Get(function) => {
            let (instance, owner) = match given {
                [instance] => (*instance, none),
                [instance, owner] => (*instance, *owner),
                [] => return Err(type_error!("__get__ expected at least 1 argument, got 0")),
                _ => return Err(type_error!("__get__ expected at most 2 arguments, got {}", given.len())),
            };
            let present = |value: Value| if value.is_none() { None } else { Some(value) };
            if instance.is_none() && owner.is_none() {
                return Err(type_error!("__get__(None, None) is invalid"));
            }
            function(receiver, present(instance), present(owner))
        }
        SlotFn::New(_) => Err(type_error!("__new__ is no slot wrapper")),
        SlotFn::Call(_) | SlotFn::Init(_) | SlotFn::Extern { .. } => unreachable!("handled above"),
    }
}

/// `X.__new__` of every native class X: the receiver says which class it is of.
pub static NEW_DEF: FnDef = FnDef {
    name: "__new__",
    class: "type",
    module: "",
    doc: "Make a new object.  help(type) shows the exact signature.",
    sig: "($type, *args, **kwargs)",
    params: &[],
    by_position: (1, 0),
    kind: FnKind::New,
    flags: 0,
    call: NativeCall::Raw(new_entry),
};

/// Enters the owner's Rust `__new__`: (owner, class, ...). The class must be one whose instances the owner's `__new__` can make.
fn new_entry(args: Args) -> R {
    let Some((owner, args)) = args.split_first() else { return Err(type_error!("object.__new__(): not enough arguments")) };
    let Some(owner) = owner.cast::<Class>() else { return Err(type_error!("__new__ is not bound to a class")) };
    native_new(owner, args)
}

/// `owner.__new__(*values)` of a native class. Out of line, for the loop.
#[inline(never)]
pub fn call_native_new(owner: Value, values: &[Value]) -> R {
    let Some(owner) = owner.cast::<Class>() else { return Err(type_error!("__new__ is not bound to a class")) };
    native_new(owner, Args::positional_only(values))
}

fn native_new(owner: Gc<Class>, args: Args) -> R {
    let Some((class, args)) = args.split_first() else {
        return Err(type_error!("{}.__new__(): not enough arguments", message_name(owner)));
    };
    let Some(class) = class.cast::<Class>() else {
        return Err(type_error!("{}.__new__(X): X is not a type object ({})", message_name(owner), class_name(class)));
    };
    check_new(owner, class)?;
    // Native classes have their constructor in the slot, but for those that programs may not make instances of.
    let constructor = if owner.flags.has(crate::class::HEAP_TYPE) { None } else { owner.slots.new.get() };
    match constructor.or_else(|| owner.native_new()) {
        Some(function) => function(class, args),
        None => Err(type_error!("cannot create '{}' instances", owner.name_text())),
    }
}

/// The class itself, or the first of its bases whose `__new__` is no Python function.
fn nearest_with_native_new(class: Gc<Class>) -> Gc<Class> {
    let is_python = |class: Gc<Class>| {
        let found = crate::lookup::type_lookup(class, crate::interned!("__new__"));
        found.is_some_and(|found| found.cast_exact::<NativeFunction>().is_none())
    };
    std::iter::successors(Some(class), |class| class.base()).find(|class| !is_python(*class)).unwrap_or(class)
}

/// Whether `owner.__new__` may make instances of `class`.
pub fn check_new(owner: Gc<Class>, class: Gc<Class>) -> R<()> {
    if !class.is_subclass_of(owner) {
        return Err(type_error!("{0}.__new__({1}): {1} is not a subtype of {0}", message_name(owner), message_name(class)));
    }
    if class.flags.has(crate::class::NO_NEW) {
        return Err(type_error!("cannot create '{}' instances", message_name(class)));
    }
    let static_base = class.layout.class.get();
    let constructor = |class: Gc<Class>| class.slots.new.get().map(|new| new as usize);
    if !std::ptr::eq(class.layout, owner.layout) && constructor(static_base) != constructor(owner) {
        return Err(type_error!(
            "{0}.__new__({1}) is not safe, use {2}.__new__()",
            message_name(owner),
            message_name(class),
            message_name(nearest_with_native_new(class))
        ));
    }
    Ok(())
}

/// `getset_descriptor`.
#[derive(Layout)]
#[layout(guarded = true)]
#[repr(C)]
pub struct GetSetDescriptor {
    pub header: Header,
    pub owner: GuardedSlot,
    pub def: &'static GetSetDef,
}

pub fn new_getset_descriptor(owner: Gc<Class>, def: &'static GetSetDef) -> Value {
    new_native(GetSetDescriptor { header: Header::blank(), owner: GuardedSlot::new(owner.value()), def }).value()
}
pub fn getset_get(this: Value, instance: Option<Value>, _owner: Option<Value>) -> R {
    // SAFETY: the slot of GetSetDescriptor's class.
    let descriptor = unsafe { this.cast_unchecked::<GetSetDescriptor>() };
    let Some(instance) = instance else { return Ok(this) };
    check_receiver(descriptor.owner(), descriptor.def.name, instance)?;
    // What they tell may be an attribute of what the object wraps.
    let _guard = crate::thread::enter_recursion()?;
    match descriptor.def.get {
        Some(get) => get(instance),
        None => Err(attribute_error!(
            "attribute '{}' of '{}' objects is not readable",
            descriptor.def.name,
            descriptor.owner().name_text()
        )),
    }
}
pub fn getset_set(this: Value, instance: Value, value: Value) -> R<()> {
    getset_store(this, instance, Some(value))
}
pub fn getset_delete(this: Value, instance: Value) -> R<()> {
    getset_store(this, instance, None)
}
fn getset_store(this: Value, instance: Value, value: Option<Value>) -> R<()> {
    // SAFETY: the slot of GetSetDescriptor's class.
    let descriptor = unsafe { this.cast_unchecked::<GetSetDescriptor>() };
    if !class_of(instance).is_subclass_of(descriptor.owner()) {
        return Err(type_error!(
            "descriptor '{}' for '{}' objects doesn't apply to a '{}' object",
            descriptor.def.name,
            descriptor.owner().name_text(),
            class_name(instance)
        ));
    }
    match descriptor.def.set {
        Some(set) => set(instance, value),
        None => Err(attribute_error!(
            "attribute '{}' of '{}' objects is not writable",
            descriptor.def.name,
            descriptor.owner().name_text()
        )),
    }
}

/// `member_descriptor`: an entry of `__slots__`, one reference at a fixed offset.
#[derive(Layout)]
#[layout(guarded = true)]
#[repr(C)]
pub struct MemberDescriptor {
    pub header: Header,
    pub owner: GuardedSlot,
    pub name: GuardedSlot,
    pub offset: u32,
    pub read_only: bool,
}

impl MemberDescriptor {
    pub fn name(&self) -> Gc<Str> {
        // SAFETY: set at creation, always a str.
        unsafe { self.name.get().unwrap_unchecked().cast_unchecked() }
    }
    /// The member of an instance, whose class must derive from the owner.
    #[inline]
    pub fn slot(&self, instance: Value) -> &'static Slot {
        // SAFETY: the owner's layout has a slot there, and subclasses extend it.
        unsafe { crate::shape::slot_at(instance.as_ptr(), self.offset) }
    }
}

pub fn new_member_descriptor(owner: Gc<Class>, name: Gc<Str>, offset: u32) -> Value {
    new_native(MemberDescriptor {
        header: Header::blank(),
        owner: GuardedSlot::new(owner.value()),
        name: GuardedSlot::new(name.value()),
        offset,
        read_only: false,
    })
    .value()
}
/// A member that Python code can only read.
pub fn new_readonly_member(owner: Gc<Class>, name: Gc<Str>, offset: u32) -> Value {
    new_native(MemberDescriptor {
        header: Header::blank(),
        owner: GuardedSlot::new(owner.value()),
        name: GuardedSlot::new(name.value()),
        offset,
        read_only: true,
    })
    .value()
}
pub fn member_get(this: Value, instance: Option<Value>, _owner: Option<Value>) -> R {
    // SAFETY: the slot of MemberDescriptor's class.
    let member = unsafe { this.cast_unchecked::<MemberDescriptor>() };
    let Some(instance) = instance else { return Ok(this) };
    check_receiver(member.owner(), &member.name().to_string_lossy(), instance)?;
    match member.slot(instance).get() {
        Some(value) => Ok(value),
        None => Err(crate::error::attribute_error_for(instance, member.name())),
    }
}
pub fn member_set(this: Value, instance: Value, value: Value) -> R<()> {
    // SAFETY: the slot of MemberDescriptor's class.
    let member = unsafe { this.cast_unchecked::<MemberDescriptor>() };
    check_receiver(member.owner(), &member.name().to_string_lossy(), instance)?;
    if member.read_only {
        return Err(attribute_error!("readonly attribute"));
    }
    member.slot(instance).set(value);
    Ok(())
}
pub fn member_delete(this: Value, instance: Value) -> R<()> {
    // SAFETY: the slot of MemberDescriptor's class.
    let member = unsafe { this.cast_unchecked::<MemberDescriptor>() };
    check_receiver(member.owner(), &member.name().to_string_lossy(), instance)?;
    if member.read_only {
        return Err(attribute_error!("readonly attribute"));
    }
    match member.slot(instance).take() {
        Some(_) => Ok(()),
        None => Err(crate::error::attribute_error_for(instance, member.name())),
    }
}

/// `method`: a callable bound to its receiver.
#[derive(Layout)]
#[repr(C)]
pub struct BoundMethod {
    pub header: Header,
    pub function: Slot,
    pub receiver: Slot,
}

impl BoundMethod {
    #[inline]
    pub fn function(&self) -> Value {
        // SAFETY: set at creation.
        unsafe { self.function.get().unwrap_unchecked() }
    }
    #[inline]
    pub fn receiver(&self) -> Value {
        // SAFETY: set at creation.
        unsafe { self.receiver.get().unwrap_unchecked() }
    }
}

#[inline]
pub fn new_bound_method(function: Value, receiver: Value) -> Gc<BoundMethod> {
    new_native(BoundMethod { header: Header::blank(), function: Slot::new(function), receiver: Slot::new(receiver) })
}
pub fn bound_method_call(this: Value, args: Args) -> R {
    // SAFETY: the slot of BoundMethod's class.
    let method = unsafe { this.cast_unchecked::<BoundMethod>() };
    call::call_with_receiver(method.function(), method.receiver(), args)
}
/// `__get__` of Python functions.
pub fn function_get(this: Value, instance: Option<Value>, _owner: Option<Value>) -> R {
    match instance {
        None => Ok(this),
        Some(instance) => Ok(new_bound_method(this, instance).value()),
    }
}

/// `property`.
#[derive(Layout)]
#[repr(C)]
pub struct Property {
    pub header: Header,
    pub getter: Slot,
    pub setter: Slot,
    pub deleter: Slot,
    pub doc: Slot,
    pub name: Slot,
    pub getter_doc: std::sync::atomic::AtomicBool,
}

/// `staticmethod` and `classmethod`.
#[derive(Layout)]
#[repr(C)]
pub struct StaticMethod {
    pub header: Header,
    pub callable: Slot,
}
#[derive(Layout)]
#[repr(C)]
pub struct ClassMethod {
    pub header: Header,
    pub callable: Slot,
}

/// What a definition becomes as an attribute of its class.
pub fn definition_attribute(def: &'static FnDef, owner: Gc<Class>) -> Value {
    match def.kind {
        FnKind::ClassMethod => new_classmethod_descriptor(def, owner),
        FnKind::StaticMethod => {
            let function = new_native_function(def, Some(owner.value()), None);
            new_native(StaticMethod { header: Header::blank(), callable: Slot::new(function.value()) }).value()
        }
        _ => new_method_descriptor(def, owner),
    }
}
