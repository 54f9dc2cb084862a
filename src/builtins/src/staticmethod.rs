//! The Python-visible skins of `staticmethod` and `classmethod`.

use crate::property::is_abstract;
use native_macros::native_class;
use objects::descr::{ClassMethod, StaticMethod, new_bound_method};
use objects::{Args, Class, Gc, R, Slot, Str, Value, call_args, class_of, get_attr_opt, interned, shape};

/// Copies what makes the wrapper look like the function: set directly in the instance dict.
fn copy_attributes(this: Value, callable: Value) -> R<()> {
    for name in [interned!("__module__"), interned!("__name__"), interned!("__qualname__"), interned!("__doc__")] {
        if let Some(value) = get_attr_opt(callable, name)? {
            shape::set_instance_attr(this, name, value)?;
        }
    }
    Ok(())
}

/// `__annotations__` and `__annotate__` come from the function, and are remembered.
fn wrapped_attribute(this: Value, callable: &Slot, name: Gc<Str>) -> R {
    if let Some(found) = shape::get_instance_attr(this, name) {
        return Ok(found);
    }
    let value = objects::get_attr(or_none(callable), name)?;
    shape::set_instance_attr(this, name, value)?;
    Ok(value)
}
fn set_wrapped_attribute(this: Value, name: Gc<Str>, value: Option<Value>) -> R<()> {
    match value {
        Some(value) => shape::set_instance_attr(this, name, value).map(|_| ()),
        None if shape::delete_instance_attr(this, name)? => Ok(()),
        None => Err(objects::error::attribute_error!("{}", name.to_string_lossy())),
    }
}

fn or_none(slot: &Slot) -> Value {
    slot.get().unwrap_or(Value::none())
}

fn callable_of(name: &str, args: Args) -> R {
    args.no_keywords(name)?;
    args.check_count(name, 1, 1)?;
    Ok(args.get(0).unwrap_or(Value::none()))
}

pub struct StaticMethodSkin;

/// Convert a function to be a static method.
///
/// A static method does not receive an implicit first argument.
/// To declare a static method, use this idiom:
///
///      class C:
///          @staticmethod
///          def f(arg1, arg2, argN):
///              ...
///
/// It can be called either on the class (e.g. C.f()) or on an instance
/// (e.g. C().f()). Both the class and the instance are ignored, and
/// neither is passed implicitly as the first argument to the method.
///
/// Static methods in Python are similar to those found in Java or C++.
/// For a more advanced concept, see the classmethod builtin.
#[native_class(name = "staticmethod", layout = StaticMethod, base = object, flags = "dict weakref")]
impl StaticMethodSkin {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        Ok(objects::class_new::new_instance(cls))
    }
    #[sig("(function, /)")]
    fn __init__(this: Gc<StaticMethod>, args: Args) -> R<()> {
        let callable = callable_of("staticmethod", args)?;
        this.callable.set(callable);
        copy_attributes(this.value(), callable)
    }
    fn __get__(this: Gc<StaticMethod>, _instance: Option<Value>, _owner: Option<Value>) -> R {
        this.callable.get().ok_or_else(|| objects::error::runtime_error!("uninitialized staticmethod object"))
    }
    fn __call__(this: Gc<StaticMethod>, args: Args) -> R {
        call_args(or_none(&this.callable), args)
    }
    fn __repr__(this: Gc<StaticMethod>) -> R<String> {
        Ok(format!("<staticmethod({})>", objects::repr(or_none(&this.callable))?.to_string_lossy()))
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cls: Gc<Class>, item: Value) -> R {
        objects::door::generic_alias(cls.value(), item)
    }
    #[getter]
    fn __func__(this: Gc<StaticMethod>) -> Value {
        or_none(&this.callable)
    }
    #[getter]
    fn __wrapped__(this: Gc<StaticMethod>) -> Value {
        or_none(&this.callable)
    }
    #[getter]
    fn __isabstractmethod__(this: Gc<StaticMethod>) -> R<bool> {
        is_abstract(or_none(&this.callable))
    }
    #[getter]
    fn __dict__(this: Value) -> R {
        objects::attributes::get_dict(this)
    }
    #[setter(__dict__)]
    fn set_dict(this: Value, value: Option<Value>) -> R<()> {
        objects::attributes::set_dict(this, value)
    }
    #[getter]
    fn __annotations__(this: Gc<StaticMethod>) -> R {
        wrapped_attribute(this.value(), &this.callable, interned!("__annotations__"))
    }
    #[setter(__annotations__)]
    fn set_annotations(this: Gc<StaticMethod>, value: Option<Value>) -> R<()> {
        set_wrapped_attribute(this.value(), interned!("__annotations__"), value)
    }
    #[getter]
    fn __annotate__(this: Gc<StaticMethod>) -> R {
        wrapped_attribute(this.value(), &this.callable, interned!("__annotate__"))
    }
    #[setter(__annotate__)]
    fn set_annotate(this: Gc<StaticMethod>, value: Option<Value>) -> R<()> {
        set_wrapped_attribute(this.value(), interned!("__annotate__"), value)
    }
}

pub struct ClassMethodSkin;

/// Convert a function to be a class method.
///
/// A class method receives the class as implicit first argument,
/// just like an instance method receives the instance.
/// To declare a class method, use this idiom:
///
///   class C:
///       @classmethod
///       def f(cls, arg1, arg2, argN):
///           ...
///
/// It can be called either on the class (e.g. C.f()) or on an instance
/// (e.g. C().f()).  The instance is ignored except for its class.
/// If a class method is called for a derived class, the derived class
/// object is passed as the implied first argument.
///
/// Class methods are different than C++ or Java static methods.
/// If you want those, see the staticmethod builtin.
#[native_class(name = "classmethod", layout = ClassMethod, base = object, flags = "dict weakref")]
impl ClassMethodSkin {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        Ok(objects::class_new::new_instance(cls))
    }
    #[sig("(function, /)")]
    fn __init__(this: Gc<ClassMethod>, args: Args) -> R<()> {
        let callable = callable_of("classmethod", args)?;
        this.callable.set(callable);
        copy_attributes(this.value(), callable)
    }
    fn __get__(this: Gc<ClassMethod>, instance: Option<Value>, owner: Option<Value>) -> R {
        let Some(callable) = this.callable.get() else {
            return Err(objects::error::runtime_error!("uninitialized classmethod object"));
        };
        let class = match owner {
            Some(class) => class,
            None => class_of(instance.unwrap_or(Value::none())).value(),
        };
        Ok(new_bound_method(callable, class).value())
    }
    fn __repr__(this: Gc<ClassMethod>) -> R<String> {
        Ok(format!("<classmethod({})>", objects::repr(or_none(&this.callable))?.to_string_lossy()))
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cls: Gc<Class>, item: Value) -> R {
        objects::door::generic_alias(cls.value(), item)
    }
    #[getter]
    fn __func__(this: Gc<ClassMethod>) -> Value {
        or_none(&this.callable)
    }
    #[getter]
    fn __wrapped__(this: Gc<ClassMethod>) -> Value {
        or_none(&this.callable)
    }
    #[getter]
    fn __isabstractmethod__(this: Gc<ClassMethod>) -> R<bool> {
        is_abstract(or_none(&this.callable))
    }
    #[getter]
    fn __dict__(this: Value) -> R {
        objects::attributes::get_dict(this)
    }
    #[setter(__dict__)]
    fn set_dict(this: Value, value: Option<Value>) -> R<()> {
        objects::attributes::set_dict(this, value)
    }
    #[getter]
    fn __annotations__(this: Gc<ClassMethod>) -> R {
        wrapped_attribute(this.value(), &this.callable, interned!("__annotations__"))
    }
    #[setter(__annotations__)]
    fn set_annotations(this: Gc<ClassMethod>, value: Option<Value>) -> R<()> {
        set_wrapped_attribute(this.value(), interned!("__annotations__"), value)
    }
    #[getter]
    fn __annotate__(this: Gc<ClassMethod>) -> R {
        wrapped_attribute(this.value(), &this.callable, interned!("__annotate__"))
    }
    #[setter(__annotate__)]
    fn set_annotate(this: Gc<ClassMethod>, value: Option<Value>) -> R<()> {
        set_wrapped_attribute(this.value(), interned!("__annotate__"), value)
    }
}
