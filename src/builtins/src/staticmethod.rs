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
    let _guard = objects::thread::enter_recursion()?;
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

/// The class `$skin` with the methods given and what both wrappers show of the function.
macro_rules! wrapper_class {
    ($layout:ident: $(#[$attribute:meta])* impl $skin:ident { $($methods:tt)* }) => {
        pub struct $skin;

        $(#[$attribute])*
        impl $skin {
            #[new]
            fn new(cls: Gc<Class>, _args: Args) -> R {
                Ok(objects::class_new::new_instance(cls))
            }
            $($methods)*
            /// See PEP 585
            #[classmethod]
            fn __class_getitem__(cls: Gc<Class>, item: Value) -> R {
                objects::door::generic_alias(cls.value(), item)
            }
            #[getter]
            fn __func__(this: Gc<$layout>) -> Value {
                or_none(&this.callable)
            }
            #[getter]
            fn __wrapped__(this: Gc<$layout>) -> Value {
                or_none(&this.callable)
            }
            #[getter]
            fn __isabstractmethod__(this: Gc<$layout>) -> R<bool> {
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
            fn __annotations__(this: Gc<$layout>) -> R {
                wrapped_attribute(this.value(), &this.callable, interned!("__annotations__"))
            }
            #[setter(__annotations__)]
            fn set_annotations(this: Gc<$layout>, value: Option<Value>) -> R<()> {
                set_wrapped_attribute(this.value(), interned!("__annotations__"), value)
            }
            #[getter]
            fn __annotate__(this: Gc<$layout>) -> R {
                wrapped_attribute(this.value(), &this.callable, interned!("__annotate__"))
            }
            #[setter(__annotate__)]
            fn set_annotate(this: Gc<$layout>, value: Option<Value>) -> R<()> {
                set_wrapped_attribute(this.value(), interned!("__annotate__"), value)
            }
        }
    };
}

wrapper_class! {
    StaticMethod:
    /// A method that gets neither the instance nor the class.
    ///
    ///     class C:
    ///         @staticmethod
    ///         def f(arg):
    ///             ...
    ///
    /// C.f(1) and C().f(1) both call it with 1 alone. A method that needs the class
    /// is made by classmethod.
    #[native_class(name = "staticmethod", layout = StaticMethod, base = object, flags = "dict weakref")]
    impl StaticMethodSkin {
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
            let _guard = objects::thread::enter_recursion()?;
            call_args(or_none(&this.callable), args)
        }
        fn __repr__(this: Gc<StaticMethod>) -> R<String> {
            Ok(format!("<staticmethod({})>", objects::repr(or_none(&this.callable))?.to_string_lossy()))
        }
    }
}

wrapper_class! {
    ClassMethod:
    /// A method that gets the class as its first argument.
    ///
    ///     class C:
    ///         @classmethod
    ///         def f(cls, arg):
    ///             ...
    ///
    /// C.f(1) and C().f(1) both call it with C and 1; called on a class derived
    /// from C it gets that class. A method that needs neither class nor instance is
    /// made by staticmethod.
    #[native_class(name = "classmethod", layout = ClassMethod, base = object, flags = "dict weakref")]
    impl ClassMethodSkin {
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
    }
}
