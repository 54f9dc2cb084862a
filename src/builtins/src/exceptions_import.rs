//! ImportError, NameError and AttributeError: the names that went wrong.

use crate::exceptions::{base, base_str, instance_state, keyword_fields, member, set_args};
use native_macros::native_class;
use objects::dict::{self, Dict};
use objects::exception::{self as exc, AttributeErrorObject, ImportErrorObject, NameErrorObject};
use objects::{Args, Cast, Gc, R, Slot, Str, Value, class_of, interned, new_tuple};

/// A fresh dict with the instance's attributes and those of `fields` that are set; None if that is nothing.
fn state_with(this: Value, fields: &[(Gc<Str>, &Slot)]) -> R<Option<Gc<Dict>>> {
    let state = instance_state(this);
    if state.is_none() && fields.iter().all(|(_, slot)| slot.is_empty()) {
        return Ok(None);
    }
    let state = match state {
        Some(state) => dict::dict_copy(state)?,
        None => objects::new_dict(),
    };
    for (name, slot) in fields {
        if let Some(value) = slot.get() {
            dict::dict_set_str(state, *name, value)?;
        }
    }
    Ok(Some(state))
}

pub struct ImportErrorSkin;

/// A module, or a name in it, could not be imported.
#[native_class(name = "ImportError", layout = ImportErrorObject, base = exc::EXCEPTION)]
impl ImportErrorSkin {
    fn __init__(this: Gc<ImportErrorObject>, args: Args) -> R<()> {
        set_args(base(this), args);
        let [name, path, name_from] = keyword_fields("ImportError", args, ["name", "path", "name_from"])?;
        this.name.set_opt(name);
        this.path.set_opt(path);
        this.name_from.set_opt(name_from);
        this.msg.set_opt(match args.positional() {
            [message] => Some(*message),
            _ => None,
        });
        Ok(())
    }
    fn __str__(this: Gc<ImportErrorObject>) -> R {
        match this.msg.get() {
            Some(message) if message.cast_exact::<Str>().is_some() => Ok(message),
            _ => base_str(base(this)),
        }
    }
    /// Helper for pickle.
    fn __reduce__(this: Gc<ImportErrorObject>) -> R {
        let fields =
            [(interned!("name"), &this.name), (interned!("path"), &this.path), (interned!("name_from"), &this.name_from)];
        let class = class_of(this.value()).value();
        let args = base(this).args().value();
        Ok(match state_with(this.value(), &fields)? {
            Some(state) => new_tuple(&[class, args, state.value()]),
            None => new_tuple(&[class, args]),
        }
        .value())
    }
    /// exception message
    #[getter]
    fn msg(this: Gc<ImportErrorObject>) -> Value {
        member(&this.msg)
    }
    #[setter(msg)]
    fn set_msg(this: Gc<ImportErrorObject>, value: Option<Value>) -> R<()> {
        this.msg.set_opt(value);
        Ok(())
    }
    /// module name
    #[getter]
    fn name(this: Gc<ImportErrorObject>) -> Value {
        member(&this.name)
    }
    #[setter(name)]
    fn set_name(this: Gc<ImportErrorObject>, value: Option<Value>) -> R<()> {
        this.name.set_opt(value);
        Ok(())
    }
    /// module path
    #[getter]
    fn path(this: Gc<ImportErrorObject>) -> Value {
        member(&this.path)
    }
    #[setter(path)]
    fn set_path(this: Gc<ImportErrorObject>, value: Option<Value>) -> R<()> {
        this.path.set_opt(value);
        Ok(())
    }
    /// name imported from module
    #[getter]
    fn name_from(this: Gc<ImportErrorObject>) -> Value {
        member(&this.name_from)
    }
    #[setter(name_from)]
    fn set_name_from(this: Gc<ImportErrorObject>, value: Option<Value>) -> R<()> {
        this.name_from.set_opt(value);
        Ok(())
    }
}

pub struct NameErrorSkin;

/// Name not found globally.
#[native_class(name = "NameError", layout = NameErrorObject, base = exc::EXCEPTION)]
impl NameErrorSkin {
    fn __init__(this: Gc<NameErrorObject>, args: Args) -> R<()> {
        set_args(base(this), args);
        let [name] = keyword_fields("NameError", args, ["name"])?;
        this.name.set_opt(name);
        Ok(())
    }
    /// name
    #[getter]
    fn name(this: Gc<NameErrorObject>) -> Value {
        member(&this.name)
    }
    #[setter(name)]
    fn set_name(this: Gc<NameErrorObject>, value: Option<Value>) -> R<()> {
        this.name.set_opt(value);
        Ok(())
    }
}

pub struct AttributeErrorSkin;

/// Attribute not found.
#[native_class(name = "AttributeError", layout = AttributeErrorObject, base = exc::EXCEPTION)]
impl AttributeErrorSkin {
    fn __init__(this: Gc<AttributeErrorObject>, args: Args) -> R<()> {
        set_args(base(this), args);
        let [name, object] = keyword_fields("AttributeError", args, ["name", "obj"])?;
        this.name.set_opt(name);
        this.obj.set_opt(object);
        Ok(())
    }
    /// Helper for pickle.
    fn __getstate__(this: Gc<AttributeErrorObject>) -> R {
        let args = &base(this).args;
        let fields: &[(Gc<Str>, &Slot)] = match this.name.is_empty() && args.is_empty() {
            true => &[],
            false => &[(interned!("name"), &this.name), (interned!("args"), args)],
        };
        Ok(state_with(this.value(), fields)?.map_or(Value::none(), Gc::value))
    }
    /// Helper for pickle.
    fn __reduce__(this: Gc<AttributeErrorObject>) -> R {
        let state = objects::call_method(this.value(), interned!("__getstate__"), &[])?;
        Ok(new_tuple(&[class_of(this.value()).value(), base(this).args().value(), state]).value())
    }
    /// attribute name
    #[getter]
    fn name(this: Gc<AttributeErrorObject>) -> Value {
        member(&this.name)
    }
    #[setter(name)]
    fn set_name(this: Gc<AttributeErrorObject>, value: Option<Value>) -> R<()> {
        this.name.set_opt(value);
        Ok(())
    }
    /// object
    #[getter]
    fn obj(this: Gc<AttributeErrorObject>) -> Value {
        member(&this.obj)
    }
    #[setter(obj)]
    fn set_obj(this: Gc<AttributeErrorObject>, value: Option<Value>) -> R<()> {
        this.obj.set_opt(value);
        Ok(())
    }
}
