//! `object`: the root of all classes.

use native_macros::native_class;
use objects::class;
use objects::class_new::Object;
use objects::descr;
use objects::dict;
use objects::lookup::{attribute_name, generic_set_attr};
use objects::{Args, Cast, Class, Gc, R, Str, Value, class_name, class_of, get_attr, get_attr_opt, interned, type_error};

pub struct ObjectSkin;

/// The class that all classes derive from.
///
/// Its instances, made without arguments, have no attributes and cannot get any.
#[native_class(name = "object", layout = Object, bases = [])]
impl ObjectSkin {
    #[new]
    fn new(cls: Gc<Class>, args: Args) -> R {
        if !args.is_empty() {
            if overrides(cls, interned!("__new__")) {
                return Err(type_error!("object.__new__() takes exactly one argument (the type to instantiate)"));
            }
            if !overrides(cls, interned!("__init__")) {
                return Err(type_error!("{}() takes no arguments", cls.name_text()));
            }
        }
        if cls.flags.has(class::ABSTRACT) {
            return Err(abstract_error(cls)?);
        }
        Ok(objects::class_new::new_instance(cls))
    }
    fn __init__(this: Value, args: Args) -> R<()> {
        if !args.is_empty() {
            let class = class_of(this);
            if overrides(class, interned!("__init__")) {
                return Err(type_error!("object.__init__() takes exactly one argument (the instance to initialize)"));
            }
            if !overrides(class, interned!("__new__")) {
                let name = class.name_text();
                return Err(type_error!("{name}.__init__() takes exactly one argument (the instance to initialize)"));
            }
        }
        Ok(())
    }
    fn __repr__(this: Value) -> R {
        Ok(objects::default_repr(this).value())
    }
    fn __str__(this: Value) -> R {
        Ok(objects::repr(this)?.value())
    }
    fn __hash__(this: Value) -> i64 {
        objects::identity_hash(this)
    }
    fn __eq__(this: Value, other: Value) -> R {
        Ok(if this == other { Value::true_() } else { Value::not_implemented() })
    }
    fn __ne__(this: Value, other: Value) -> R {
        // The inverse of `==`, whatever class defines it.
        match class_of(this).slots.eq.get() {
            Some(eq) => {
                let result = eq(this, other)?;
                if result.is_not_implemented() { Ok(result) } else { Ok(Value::bool(!objects::is_true(result)?)) }
            }
            None => Ok(Value::not_implemented()),
        }
    }
    fn __lt__(_this: Value, _other: Value) -> R {
        Ok(Value::not_implemented())
    }
    fn __le__(_this: Value, _other: Value) -> R {
        Ok(Value::not_implemented())
    }
    fn __gt__(_this: Value, _other: Value) -> R {
        Ok(Value::not_implemented())
    }
    fn __ge__(_this: Value, _other: Value) -> R {
        Ok(Value::not_implemented())
    }
    fn __getattribute__(this: Value, name: Value) -> R {
        objects::lookup::object_getattribute(this, name)
    }
    fn __setattr__(this: Value, name: Value, value: Value) -> R<()> {
        check_set(this, "__setattr__")?;
        generic_set_attr(this, attribute_name(name)?, Some(value))
    }
    fn __delattr__(this: Value, name: Value) -> R<()> {
        check_set(this, "__delattr__")?;
        generic_set_attr(this, attribute_name(name)?, None)
    }

    /// the object's class
    #[getter]
    fn __class__(this: Value) -> Gc<Class> {
        class_of(this)
    }
    #[setter(__class__)]
    fn set_class(this: Value, value: Option<Value>) -> R<()> {
        let Some(value) = value else { return Err(type_error!("can't delete __class__ attribute")) };
        let Some(class) = value.cast::<Class>() else {
            return Err(type_error!("__class__ must be set to a class, not '{}' object", class_name(value)));
        };
        assign_class(this, class)
    }

    /// str(self), for an empty format_spec; any other raises TypeError.
    #[sig("($self, format_spec, /)")]
    fn __format__(this: Value, format_spec: Gc<Str>) -> R {
        if !format_spec.is_empty() {
            return Err(type_error!("unsupported format string passed to {}.__format__", class_name(this)));
        }
        Ok(objects::str_of(this)?.value())
    }
    /// The number of bytes that the object takes in memory.
    fn __sizeof__(this: Value) -> usize {
        if this.is_ptr() { class_of(this).instance_size.load(std::sync::atomic::Ordering::Relaxed) as usize } else { 8 }
    }
    /// Default dir() implementation.
    fn __dir__(this: Value) -> R {
        let names = objects::new_dict();
        if let Some(own) = get_attr_opt(this, interned!("__dict__"))?
            && let Some(own) = own.cast::<objects::Dict>()
        {
            dict::dict_merge(names, own, dict::OnClash::Replace)?;
        }
        if let Some(class) = get_attr_opt(this, interned!("__class__"))? {
            crate::type_::merge_class_names(names, class)?;
        }
        Ok(objects::new_list(&dict::dict_keys(names)).value())
    }
    /// Helper for pickle.
    fn __reduce__(this: Value) -> R {
        crate::reduce::reduce(this, 0)
    }
    /// Helper for pickle.
    #[sig("($self, protocol, /)")]
    fn __reduce_ex__(this: Value, protocol: i32) -> R {
        let own = get_attr(class_of(this).value(), interned!("__reduce__"))?;
        let root = dict::dict_get_str(objects::classes::object().dict(), interned!("__reduce__"));
        if Some(own) != root {
            return objects::call_method(this, interned!("__reduce__"), &[]);
        }
        crate::reduce::reduce(this, protocol)
    }
    /// Helper for pickle.
    fn __getstate__(this: Value) -> R {
        crate::reduce::default_state(this, false)
    }
    /// Called for a class whenever a subclass of it is made.
    ///
    /// This one does nothing; classes override it to extend their subclasses.
    #[classmethod]
    fn __init_subclass__(_cls: Gc<Class>) {}
    /// Hook by which an abstract class decides what issubclass() says of it.
    ///
    /// abc.ABCMeta.__subclasscheck__() calls it first: True or False is the answer
    /// (which is cached), NotImplemented leaves it to the usual rules.
    #[classmethod]
    fn __subclasshook__(_cls: Gc<Class>, _object: Value) -> R {
        Ok(Value::not_implemented())
    }
}

/// Whether the class has another `name` than `object`. Excess arguments are an error unless exactly the other of `__new__` and
/// `__init__` is overridden.
fn overrides(class: Gc<Class>, name: Gc<Str>) -> bool {
    objects::type_lookup(class, name) != objects::type_lookup(objects::classes::object(), name)
}

/// "Can't instantiate abstract class ..." with the names of the missing methods.
fn abstract_error(class: Gc<Class>) -> R<objects::Raised> {
    let methods = get_attr(class.value(), interned!("__abstractmethods__"))?;
    let mut names = Vec::new();
    for name in objects::to_vec(methods)? {
        names.push(objects::str_of(name)?.to_string_lossy());
    }
    names.sort();
    let list = names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
    Ok(type_error!(
        "Can't instantiate abstract class {} without an implementation for abstract method{} {}",
        class.name_text(),
        if names.len() == 1 { "" } else { "s" },
        list
    ))
}

/// `object.__setattr__` must not get around a native class's own one.
fn check_set(this: Value, what: &str) -> R<()> {
    if this.cast::<Class>().is_some() {
        return Err(type_error!("can't apply this {} to {} object", what, class_name(this)));
    }
    Ok(())
}

/// `object.__class__ = class`.
fn assign_class(this: Value, class: Gc<Class>) -> R<()> {
    let old = class_of(this);
    if old == class {
        return Ok(());
    }
    let both_modules = old.is_subclass_of(objects::classes::module()) && class.is_subclass_of(objects::classes::module());
    if !both_modules && (class.flags.has(class::IMMUTABLE) || old.flags.has(class::IMMUTABLE)) {
        return Err(type_error!("__class__ assignment only supported for mutable types or ModuleType subclasses"));
    }
    let relaxed = std::sync::atomic::Ordering::Relaxed;
    let members = |class: Gc<Class>| class.inline_start.load(relaxed);
    let same_layout = std::ptr::eq(old.layout, class.layout)
        && members(old) == members(class)
        && old.ext_offset.load(relaxed) == class.ext_offset.load(relaxed)
        && old.flags.has(class::HAS_WEAKREF) == class.flags.has(class::HAS_WEAKREF)
        && same_members(old, class)
        && layout_base(old) == layout_base(class);
    if !same_layout {
        return Err(type_error!(
            "__class__ assignment: '{}' object layout differs from '{}'",
            class.name_text(),
            old.name_text()
        ));
    }
    objects::shape::change_class(this, class);
    Ok(())
}

/// The base of the class that gave instances their members: two classes fit each other only on the same one.
fn layout_base(class: Gc<Class>) -> Option<Gc<Class>> {
    let relaxed = std::sync::atomic::Ordering::Relaxed;
    let traits = |class: Gc<Class>| {
        (class.inline_start.load(relaxed), class.flags.has(class::HAS_WEAKREF), class.flags.has(class::HAS_DICT))
    };
    let mut current = class;
    while let Some(base) = current.base() {
        if !std::ptr::eq(current.layout, base.layout) || traits(current) != traits(base) {
            return Some(base);
        }
        current = base;
    }
    None
}

/// Whether two classes declare the same `__slots__` members at the same places.
fn same_members(a: Gc<Class>, b: Gc<Class>) -> bool {
    let members = |class: Gc<Class>| {
        let mut found = Vec::new();
        for entry in class.mro().items() {
            let Some(owner) = entry.cast::<Class>() else { continue };
            for (name, value) in dict::dict_items(owner.dict()) {
                if let Some(member) = value.cast_exact::<descr::MemberDescriptor>()
                    && let Some(name) = name.cast::<Str>()
                {
                    found.push((member.offset, name.to_string_lossy()));
                }
            }
        }
        found.sort();
        found
    };
    members(a) == members(b)
}
