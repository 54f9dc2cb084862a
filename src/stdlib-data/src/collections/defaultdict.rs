//! `defaultdict`: a dict that makes missing values.

use native_macros::{Layout, native_class};
use objects::dict::{self, Dict};
use objects::{
    Args, Cast, Class, Gc, Kwargs, R, Slot, Str, Value, call, call_method, class_name, class_of, interned, is_callable,
    key_error, new_tuple, type_error,
};

#[derive(Layout)]
#[layout(parent = Dict)]
#[repr(C)]
pub struct DefaultDict {
    pub base: Dict,
    factory: Slot,
}

/// dict whose missing items are made by calling default_factory().
///
/// defaultdict(default_factory, ...): the further arguments are those of
/// dict.  Without a factory it behaves like a dict.
#[native_class(name = "collections.defaultdict", base = dict)]
impl DefaultDict {
    #[sig("(default_factory=None, /, *args, **kwargs)", hidden)]
    fn __init__(this: Gc<DefaultDict>, args: Args) -> R<()> {
        let factory = args.get(0).filter(|factory| !factory.is_none());
        if let Some(factory) = factory
            && !is_callable(factory)
        {
            return Err(type_error!("first argument must be callable or None"));
        }
        this.factory.set_opt(factory);
        let rest = args.positional().get(1..).unwrap_or(&[]);
        if rest.len() > 1 {
            return Err(type_error!("dict expected at most 1 argument, got {}", rest.len()));
        }
        let plain = as_dict(this);
        if let [source] = rest {
            dict::dict_update(plain, *source)?;
        }
        for (name, value) in Kwargs::all(args).iter() {
            dict::dict_set(plain, name.value(), value)?;
        }
        Ok(())
    }
    /// Called by __getitem__ for missing keys; stores and returns what the factory makes, or raises KeyError.
    #[sig("(key, /)")]
    fn __missing__(this: Gc<DefaultDict>, key: Value) -> R {
        let Some(factory) = this.factory.get() else { return Err(key_error(key)) };
        let value = call(factory, &[])?;
        // Another thread may have been quicker: its value stays.
        if class_of(this.value()).is_subclass_of(<DefaultDict as objects::Layout>::class())
            && objects::type_lookup(class_of(this.value()), interned!("__setitem__"))
                == objects::type_lookup(objects::classes::dict(), interned!("__setitem__"))
        {
            return dict::dict_set_default(as_dict(this), key, value);
        }
        objects::set_item(this.value(), key, value)?;
        Ok(value)
    }
    /// A shallow copy with the same factory.
    fn copy(this: Gc<DefaultDict>) -> R {
        copy(this)
    }
    /// A shallow copy with the same factory.
    fn __copy__(this: Gc<DefaultDict>) -> R {
        copy(this)
    }
    /// What pickle needs to make the same object.
    fn __reduce__(this: Gc<DefaultDict>) -> R {
        let arguments = match this.factory.get() {
            Some(factory) => new_tuple(&[factory]),
            None => new_tuple(&[]),
        };
        let items = objects::iter(call_method(this.value(), interned!("items"), &[])?)?;
        let none = Value::none();
        Ok(new_tuple(&[class_of(this.value()).value(), arguments.value(), none, none, items]).value())
    }
    fn __repr__(this: Gc<DefaultDict>) -> R {
        let items = dict::dict_repr(as_dict(this))?.to_string_lossy();
        let factory = match this.factory.get() {
            None => "None".to_owned(),
            Some(_) if !objects::thread::enter_repr(factory_marker(this)) => "...".to_owned(),
            Some(factory) => {
                let text = objects::repr(factory);
                objects::thread::leave_repr(factory_marker(this));
                text?.to_string_lossy()
            }
        };
        let name = class_of(this.value()).name_text();
        Ok(Str::new(&format!("{name}({factory}, {items})")).value())
    }
    fn __or__(this: Gc<DefaultDict>, other: Value) -> R {
        if other.cast::<Dict>().is_none() {
            return Ok(Value::not_implemented());
        }
        let merged = copy(this)?;
        update(merged, other)?;
        Ok(merged)
    }
    fn __ror__(this: Gc<DefaultDict>, other: Value) -> R {
        if other.cast::<Dict>().is_none() {
            return Ok(Value::not_implemented());
        }
        let factory = this.factory.get().unwrap_or(Value::none());
        let merged = call(class_of(this.value()).value(), &[factory, other])?;
        update(merged, this.value())?;
        Ok(merged)
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cls: Gc<Class>, object: Value) -> R {
        objects::door::generic_alias(cls.value(), object)
    }
    /// What makes missing values, or None.
    #[getter]
    fn default_factory(this: Gc<DefaultDict>) -> Option<Value> {
        this.factory.get()
    }
    #[setter(default_factory)]
    fn set_default_factory(this: Gc<DefaultDict>, value: Option<Value>) -> R<()> {
        this.factory.set_opt(value.filter(|value| !value.is_none()));
        Ok(())
    }
}

fn as_dict(this: Gc<DefaultDict>) -> Gc<Dict> {
    // SAFETY: the layout begins with that of dict.
    unsafe { this.cast_unchecked() }
}

/// What stands for the factory of a dict among the objects being printed: the dict itself is printed under its own name.
fn factory_marker(this: Gc<DefaultDict>) -> Value {
    this.factory.get().unwrap_or(this.value())
}

fn copy(this: Gc<DefaultDict>) -> R {
    let factory = this.factory.get().unwrap_or(Value::none());
    call(class_of(this.value()).value(), &[factory, this.value()])
}

fn update(target: Value, source: Value) -> R<()> {
    match target.cast::<Dict>() {
        Some(dict) => dict::dict_update(dict, source),
        None => Err(type_error!("unsupported operand type(s) for |: '{}' and '{}'", class_name(target), class_name(source))),
    }
}
