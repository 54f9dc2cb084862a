//! The Python-visible skins of callables and descriptors made of native definitions, and of `__slots__` members.
//!
//! Must not know: how natives are entered (`objects::args`, `objects::descr`).

use native_macros::native_class;
use objects::descr::{
    self, ClassMethodDescriptor, GetSetDescriptor, MemberDescriptor, MethodDescriptor, MethodWrapper, NativeFunction, SlotWrapper,
};
use objects::native::FnDef;
use objects::{Args, Cast, Class, Gc, R, Str, Value, class_name, get_attr, interned, new_str, new_tuple};

fn text_or_none(text: &str) -> Value {
    if text.is_empty() { Value::none() } else { new_str(text) }
}

fn def_doc(def: &'static FnDef) -> Value {
    text_or_none(def.doc)
}

fn def_signature(def: &'static FnDef) -> Value {
    text_or_none(def.text_signature().unwrap_or_default())
}

/// `owner.__qualname__` + `.name`
fn owned_qualname(owner: Gc<Class>, name: &str) -> R<String> {
    let qualname = get_attr(owner.value(), interned!("__qualname__"))?;
    Ok(format!("{}.{name}", objects::str_of(qualname)?.to_string_lossy()))
}

/// `(getattr, (owner, name))`
fn reduce_to_getattr(owner: Value, name: &str) -> R {
    let arguments = new_tuple(&[owner, new_str(name)]).value();
    Ok(new_tuple(&[crate::pickling::builtin("getattr")?, arguments]).value())
}

/// A module function's receiver is its module, which does not count as one.
fn bound_self(function: Gc<NativeFunction>) -> Option<Value> {
    function.receiver.get().filter(|receiver| receiver.cast::<objects::Module>().is_none() || function.is_bound())
}

pub struct NativeFunctionSkin;

#[native_class(name = "builtin_function_or_method", layout = NativeFunction, base = object, flags = "final weakref no_new")]
impl NativeFunctionSkin {
    fn __call__(this: Value, args: Args) -> R {
        descr::native_function_call(this, args)
    }
    fn __repr__(this: Gc<NativeFunction>) -> String {
        match bound_self(this) {
            Some(receiver) => {
                format!("<built-in method {} of {} object at {:#x}>", this.def.name, class_name(receiver), receiver.raw())
            }
            None => format!("<built-in function {}>", this.def.name),
        }
    }
    fn __hash__(this: Gc<NativeFunction>) -> i64 {
        let receiver = this.receiver.get().map_or(0, objects::identity_hash);
        let hash = receiver ^ (this.def as *const FnDef as usize as i64 >> 4);
        if hash == -1 { -2 } else { hash }
    }
    fn __eq__(this: Gc<NativeFunction>, other: Gc<NativeFunction>) -> bool {
        same(this, other)
    }
    fn __ne__(this: Gc<NativeFunction>, other: Gc<NativeFunction>) -> bool {
        !same(this, other)
    }
    fn __reduce__(this: Gc<NativeFunction>) -> R {
        match bound_self(this) {
            Some(receiver) => reduce_to_getattr(receiver, this.def.name),
            None => Ok(new_str(this.def.name)),
        }
    }
    #[getter]
    fn __module__(this: Gc<NativeFunction>) -> Value {
        match this.module.get() {
            Some(module) => module,
            None => Value::none(),
        }
    }
    #[setter(__module__)]
    fn set_module(this: Gc<NativeFunction>, value: Option<Value>) -> R<()> {
        this.module.set_opt(&this.header, value);
        Ok(())
    }
    #[getter]
    fn __doc__(this: Gc<NativeFunction>) -> Value {
        def_doc(this.def)
    }
    #[getter]
    fn __name__(this: Gc<NativeFunction>) -> &'static str {
        this.def.name
    }
    #[getter]
    fn __qualname__(this: Gc<NativeFunction>) -> R<String> {
        match bound_self(this) {
            Some(receiver) => {
                let class = receiver.cast::<Class>().unwrap_or_else(|| objects::class_of(receiver));
                owned_qualname(class, this.def.name)
            }
            None => Ok(this.def.name.to_owned()),
        }
    }
    #[getter]
    fn __self__(this: Gc<NativeFunction>) -> Value {
        this.receiver.get().unwrap_or(Value::none())
    }
    #[getter]
    fn __text_signature__(this: Gc<NativeFunction>) -> Value {
        def_signature(this.def)
    }
}

fn same(a: Gc<NativeFunction>, b: Gc<NativeFunction>) -> bool {
    std::ptr::eq(a.def, b.def) && a.receiver.get() == b.receiver.get()
}

pub struct MethodDescriptorSkin;

#[native_class(name = "method_descriptor", layout = MethodDescriptor, base = object, flags = "final no_new method_descriptor")]
impl MethodDescriptorSkin {
    fn __call__(this: Value, args: Args) -> R {
        descr::method_descriptor_call(this, args)
    }
    fn __get__(this: Value, instance: Option<Value>, owner: Option<Value>) -> R {
        descr::method_descriptor_get(this, instance, owner)
    }
    fn __repr__(this: Gc<MethodDescriptor>) -> String {
        format!("<method '{}' of '{}' objects>", this.def.name, objects::class::message_name(this.owner()))
    }
    fn __reduce__(this: Gc<MethodDescriptor>) -> R {
        reduce_to_getattr(this.owner().value(), this.def.name)
    }
    #[getter]
    fn __objclass__(this: Gc<MethodDescriptor>) -> Gc<Class> {
        this.owner()
    }
    #[getter]
    fn __name__(this: Gc<MethodDescriptor>) -> &'static str {
        this.def.name
    }
    #[getter]
    fn __qualname__(this: Gc<MethodDescriptor>) -> R<String> {
        owned_qualname(this.owner(), this.def.name)
    }
    #[getter]
    fn __doc__(this: Gc<MethodDescriptor>) -> Value {
        def_doc(this.def)
    }
    #[getter]
    fn __text_signature__(this: Gc<MethodDescriptor>) -> Value {
        def_signature(this.def)
    }
}

pub struct ClassMethodDescriptorSkin;

#[native_class(name = "classmethod_descriptor", layout = ClassMethodDescriptor, base = object, flags = "final no_new")]
impl ClassMethodDescriptorSkin {
    fn __call__(this: Value, args: Args) -> R {
        let descriptor = this.cast::<ClassMethodDescriptor>();
        match (descriptor, args.split_first()) {
            (Some(descriptor), Some((class, rest))) => {
                let bound = descr::classmethod_descriptor_get(this, None, Some(class))?;
                let _ = descriptor;
                objects::call_args(bound, rest)
            }
            _ => descr::classmethod_descriptor_call(this, args),
        }
    }
    fn __get__(this: Value, instance: Option<Value>, owner: Option<Value>) -> R {
        descr::classmethod_descriptor_get(this, instance, owner)
    }
    fn __repr__(this: Gc<ClassMethodDescriptor>) -> String {
        format!("<method '{}' of '{}' objects>", this.def.name, objects::class::message_name(this.owner()))
    }
    #[getter]
    fn __objclass__(this: Gc<ClassMethodDescriptor>) -> Gc<Class> {
        this.owner()
    }
    #[getter]
    fn __name__(this: Gc<ClassMethodDescriptor>) -> &'static str {
        this.def.name
    }
    #[getter]
    fn __qualname__(this: Gc<ClassMethodDescriptor>) -> R<String> {
        owned_qualname(this.owner(), this.def.name)
    }
    #[getter]
    fn __doc__(this: Gc<ClassMethodDescriptor>) -> Value {
        def_doc(this.def)
    }
    #[getter]
    fn __text_signature__(this: Gc<ClassMethodDescriptor>) -> Value {
        def_signature(this.def)
    }
}

pub struct SlotWrapperSkin;

#[native_class(name = "wrapper_descriptor", layout = SlotWrapper, base = object, flags = "final no_new method_descriptor")]
impl SlotWrapperSkin {
    fn __call__(this: Value, args: Args) -> R {
        descr::slot_wrapper_call(this, args)
    }
    fn __get__(this: Value, instance: Option<Value>, owner: Option<Value>) -> R {
        descr::slot_wrapper_get(this, instance, owner)
    }
    fn __repr__(this: Gc<SlotWrapper>) -> String {
        format!("<slot wrapper '{}' of '{}' objects>", this.name(), objects::class::message_name(this.owner()))
    }
    fn __reduce__(this: Gc<SlotWrapper>) -> R {
        reduce_to_getattr(this.owner().value(), this.name())
    }
    #[getter]
    fn __objclass__(this: Gc<SlotWrapper>) -> Gc<Class> {
        this.owner()
    }
    #[getter]
    fn __name__(this: Gc<SlotWrapper>) -> &'static str {
        this.name()
    }
    #[getter]
    fn __qualname__(this: Gc<SlotWrapper>) -> R<String> {
        owned_qualname(this.owner(), this.name())
    }
    #[getter]
    fn __doc__(this: Gc<SlotWrapper>) -> Value {
        slot_doc(this)
    }
    #[getter]
    fn __text_signature__(this: Gc<SlotWrapper>) -> Value {
        slot_signature(this)
    }
}

fn slot_doc(wrapper: Gc<SlotWrapper>) -> Value {
    if wrapper.doc.is_empty() { text_or_none(crate::slot_docs::usual(wrapper.name()).1) } else { new_str(wrapper.doc) }
}
fn slot_signature(wrapper: Gc<SlotWrapper>) -> Value {
    if wrapper.sig.is_empty() { text_or_none(crate::slot_docs::usual(wrapper.name()).0) } else { new_str(wrapper.sig) }
}

pub struct MethodWrapperSkin;

#[native_class(name = "method-wrapper", layout = MethodWrapper, base = object, flags = "final no_new")]
impl MethodWrapperSkin {
    fn __call__(this: Value, args: Args) -> R {
        descr::method_wrapper_call(this, args)
    }
    fn __repr__(this: Gc<MethodWrapper>) -> String {
        let receiver = receiver(this);
        format!("<method-wrapper '{}' of {} object at {:#x}>", wrapper(this).name(), class_name(receiver), receiver.raw())
    }
    fn __hash__(this: Gc<MethodWrapper>) -> i64 {
        let hash = objects::identity_hash(receiver(this)) ^ objects::identity_hash(wrapper(this).value());
        if hash == -1 { -2 } else { hash }
    }
    fn __eq__(this: Gc<MethodWrapper>, other: Gc<MethodWrapper>) -> bool {
        wrapper(this) == wrapper(other) && receiver(this) == receiver(other)
    }
    fn __ne__(this: Gc<MethodWrapper>, other: Gc<MethodWrapper>) -> bool {
        wrapper(this) != wrapper(other) || receiver(this) != receiver(other)
    }
    fn __reduce__(this: Gc<MethodWrapper>) -> R {
        reduce_to_getattr(receiver(this), wrapper(this).name())
    }
    #[getter]
    fn __self__(this: Gc<MethodWrapper>) -> Value {
        receiver(this)
    }
    #[getter]
    fn __objclass__(this: Gc<MethodWrapper>) -> Gc<Class> {
        wrapper(this).owner()
    }
    #[getter]
    fn __name__(this: Gc<MethodWrapper>) -> &'static str {
        wrapper(this).name()
    }
    #[getter]
    fn __qualname__(this: Gc<MethodWrapper>) -> R<String> {
        owned_qualname(wrapper(this).owner(), wrapper(this).name())
    }
    #[getter]
    fn __doc__(this: Gc<MethodWrapper>) -> Value {
        slot_doc(wrapper(this))
    }
    #[getter]
    fn __text_signature__(this: Gc<MethodWrapper>) -> Value {
        slot_signature(wrapper(this))
    }
}

fn wrapper(bound: Gc<MethodWrapper>) -> Gc<SlotWrapper> {
    // SAFETY: set at creation, always a slot wrapper.
    unsafe { bound.wrapper.get().unwrap_unchecked().cast_unchecked() }
}
fn receiver(bound: Gc<MethodWrapper>) -> Value {
    bound.receiver.get().unwrap_or(Value::none())
}

pub struct GetSetSkin;

#[native_class(name = "getset_descriptor", layout = GetSetDescriptor, base = object, flags = "final no_new")]
impl GetSetSkin {
    fn __get__(this: Value, instance: Option<Value>, owner: Option<Value>) -> R {
        descr::getset_get(this, instance, owner)
    }
    fn __set__(this: Value, instance: Value, value: Value) -> R<()> {
        descr::getset_set(this, instance, value)
    }
    fn __delete__(this: Value, instance: Value) -> R<()> {
        descr::getset_delete(this, instance)
    }
    fn __repr__(this: Gc<GetSetDescriptor>) -> String {
        format!("<attribute '{}' of '{}' objects>", this.def.name, objects::class::message_name(this.owner()))
    }
    #[getter]
    fn __objclass__(this: Gc<GetSetDescriptor>) -> Gc<Class> {
        this.owner()
    }
    #[getter]
    fn __name__(this: Gc<GetSetDescriptor>) -> &'static str {
        this.def.name
    }
    #[getter]
    fn __qualname__(this: Gc<GetSetDescriptor>) -> R<String> {
        owned_qualname(this.owner(), this.def.name)
    }
    #[getter]
    fn __doc__(this: Gc<GetSetDescriptor>) -> Value {
        text_or_none(this.def.doc)
    }
}

pub struct MemberSkin;

#[native_class(name = "member_descriptor", layout = MemberDescriptor, base = object, flags = "final no_new")]
impl MemberSkin {
    fn __get__(this: Value, instance: Option<Value>, owner: Option<Value>) -> R {
        descr::member_get(this, instance, owner)
    }
    fn __set__(this: Value, instance: Value, value: Value) -> R<()> {
        descr::member_set(this, instance, value)
    }
    fn __delete__(this: Value, instance: Value) -> R<()> {
        descr::member_delete(this, instance)
    }
    fn __repr__(this: Gc<MemberDescriptor>) -> String {
        format!("<member '{}' of '{}' objects>", this.name().to_string_lossy(), objects::class::message_name(this.owner()))
    }
    fn __reduce__(this: Gc<MemberDescriptor>) -> R {
        reduce_to_getattr(this.owner().value(), &this.name().to_string_lossy())
    }
    #[getter]
    fn __objclass__(this: Gc<MemberDescriptor>) -> Gc<Class> {
        this.owner()
    }
    #[getter]
    fn __name__(this: Gc<MemberDescriptor>) -> Gc<Str> {
        this.name()
    }
    #[getter]
    fn __qualname__(this: Gc<MemberDescriptor>) -> R<String> {
        owned_qualname(this.owner(), &this.name().to_string_lossy())
    }
    #[getter]
    fn __doc__(_this: Gc<MemberDescriptor>) -> Value {
        Value::none()
    }
}
