//! `super`: attribute lookup that starts behind a class in the MRO of an object's class.

use native_macros::{Layout, native_class};
use objects::code::Code;
use objects::dict::dict_get_str;
use objects::frame::View;
use objects::function::CellObject;
use objects::lookup::attribute_name;
use objects::str::str_is;
use objects::{
    Args, Cast, Class, Gc, Header, Layout as _, R, Slot, Str, Value, call, class_of, get_attr_opt, interned, new_native,
    runtime_error, type_error,
};

#[derive(Layout)]
#[repr(C)]
pub struct Super {
    pub header: Header,
    /// `__thisclass__`
    class: Slot,
    /// `__self__`, empty for an unbound one.
    object: Slot,
    /// `__self_class__`
    object_class: Slot,
}

pub struct SuperSkin;

/// super() -> super(__class__, <first argument>)
/// super(type) -> unbound super object
/// super(type, obj) -> bound to obj, an instance of type
/// super(type, type2) -> bound to type2, a subclass of type
///
/// Its attributes are those of the classes that come after type in the method
/// resolution order:
///
///     class C(B):
///         def close(self):
///             super().close()
///
/// Class methods can use it as well.
#[native_class(name = "super", layout = Super, base = object)]
impl SuperSkin {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        Ok(objects::class_new::new_instance(cls))
    }
    fn __init__(this: Gc<Super>, args: Args) -> R<()> {
        args.no_keywords("super")?;
        if args.len() > 2 {
            return Err(type_error!("super() expected at most 2 arguments, got {}", args.len()));
        }
        let (class, object) = match args.positional() {
            [] => {
                let (class, object) = from_caller()?;
                (class, Some(object))
            }
            [class, rest @ ..] => {
                let Some(class) = class.cast::<Class>() else {
                    return Err(type_error!("super() argument 1 must be a type, not {}", objects::class_name(*class)));
                };
                (class, rest.first().copied().filter(|object| !object.is_none()))
            }
        };
        let object_class = match object {
            Some(object) => Some(check(class, object)?),
            None => None,
        };
        this.class.set(class.value());
        this.object.set_opt(object);
        this.object_class.set_opt(object_class.map(Gc::value));
        Ok(())
    }
    fn __repr__(this: Gc<Super>) -> String {
        let class = this.this_class().map_or_else(|| "NULL".to_owned(), |class| class.name_text());
        match this.object_class() {
            Some(object_class) => format!("<super: <class '{class}'>, <{} object>>", object_class.name_text()),
            None => format!("<super: <class '{class}'>, NULL>"),
        }
    }
    fn __getattribute__(this: Gc<Super>, name: Value) -> R {
        let name = attribute_name(name)?;
        if let (Some(class), Some(object_class)) = (this.this_class(), this.object_class())
            && !str_is(&name, "__class__")
            && let Some(found) = lookup_behind(class, object_class, name)
        {
            let object = this.object.get().filter(|object| *object != object_class.value());
            return match class_of(found).slots.descr_get.get() {
                Some(get) => get(found, object, Some(object_class.value())),
                None => Ok(found),
            };
        }
        objects::generic_get_attr(this.value(), name)
    }
    fn __get__(this: Gc<Super>, instance: Option<Value>, _owner: Option<Value>) -> R {
        let (Some(instance), None, Some(class)) = (instance, this.object.get(), this.this_class()) else {
            return Ok(this.value());
        };
        if class_of(this.value()) != Super::class() {
            return call(class_of(this.value()).value(), &[class.value(), instance]);
        }
        let object_class = check(class, instance)?;
        Ok(new_native(Super {
            header: Header::blank(),
            class: Slot::new(class.value()),
            object: Slot::new(instance),
            object_class: Slot::new(object_class.value()),
        })
        .value())
    }
    /// the class invoking super()
    #[getter]
    fn __thisclass__(this: Gc<Super>) -> Option<Gc<Class>> {
        this.this_class()
    }
    /// the instance that the object is bound to, or None
    #[getter]
    fn __self__(this: Gc<Super>) -> Option<Value> {
        this.object.get()
    }
    /// the class in whose order attributes are looked up, or None
    #[getter]
    fn __self_class__(this: Gc<Super>) -> Option<Gc<Class>> {
        this.object_class()
    }
}

impl Super {
    fn this_class(&self) -> Option<Gc<Class>> {
        self.class.get().and_then(|class| class.cast())
    }
    fn object_class(&self) -> Option<Gc<Class>> {
        self.object_class.get().and_then(|class| class.cast())
    }
}

/// The first `name` in the MRO of `start` behind `class`.
fn lookup_behind(class: Gc<Class>, start: Gc<Class>, name: Gc<Str>) -> Option<Value> {
    let mro = start.mro();
    let position = mro.items().iter().position(|entry| *entry == class.value())?;
    mro.items()[position + 1..]
        .iter()
        .filter_map(|entry| entry.cast::<Class>())
        .find_map(|owner| dict_get_str(owner.dict(), name))
}

/// The class whose MRO counts: the object itself if it is a subclass, else its class.
fn check(class: Gc<Class>, object: Value) -> R<Gc<Class>> {
    if let Some(given) = object.cast::<Class>()
        && given.is_subclass_of(class)
    {
        return Ok(given);
    }
    let actual = class_of(object);
    if actual.is_subclass_of(class) {
        return Ok(actual);
    }
    if let Some(claimed) = get_attr_opt(object, interned!("__class__"))?.and_then(|claimed| claimed.cast::<Class>())
        && claimed != actual
        && claimed.is_subclass_of(class)
    {
        return Ok(claimed);
    }
    let (kind, shown) = match object.cast::<Class>() {
        Some(given) => ("type", given.name_text()),
        None => ("instance of", actual.name_text()),
    };
    Err(type_error!("super(type, obj): obj ({kind} {shown}) is not an instance or subtype of type ({}).", class.name_text()))
}

/// `__class__` and the first argument of the calling function.
fn from_caller() -> R<(Gc<Class>, Value)> {
    let Some(view) = objects::thread::current().exec.innermost() else { return Err(runtime_error!("super(): no current frame")) };
    let code = view.code();
    if code.arg_count == 0 {
        return Err(runtime_error!("super(): no arguments"));
    }
    let Some(object) = first_argument(view, code) else { return Err(runtime_error!("super(): arg[0] deleted")) };
    let namespace = usize::from(code.has_namespace());
    for (index, variable) in code.variables().iter().enumerate().skip(code.unit().first_free_variable()) {
        if !str_is(&variable.name, "__class__") {
            continue;
        }
        let cell = objects::frame::variable(view, index + namespace, index).and_then(|cell| cell.cast::<CellObject>());
        let Some(content) = cell.and_then(|cell| cell.content.get()) else {
            return Err(runtime_error!("super(): empty __class__ cell"));
        };
        return match content.cast::<Class>() {
            Some(class) => Ok((class, object)),
            None => Err(runtime_error!("super(): __class__ is not a type ({})", objects::class_name(content))),
        };
    }
    Err(runtime_error!("super(): __class__ cell not found"))
}

fn first_argument(view: View, code: Gc<Code>) -> Option<Value> {
    let value = view.register(0)?;
    let in_cell = code.variables().first().is_some_and(|variable| variable.kind == bytecode::code_unit::VariableKind::Cell);
    match value.cast_exact::<CellObject>() {
        Some(cell) if in_cell => cell.content.get(),
        _ => Some(value),
    }
}
