//! The default `__reduce_ex__` and `__getstate__`: what pickle and copy need of any object.

use objects::class::{self, Class};
use objects::dict::{self, Dict};
use objects::layout::Layout;
use objects::list::List;
use objects::shape;
use objects::{
    Cast, Gc, GcVec, R, Str, Tuple, Value, call, call_method, class_name, class_of, get_attr, get_attr_named, get_attr_opt,
    interned, lookup_special, new_int, new_tuple, type_error, value_error,
};

fn copyreg() -> R {
    objects::system::import("copyreg")
}

#[cold]
fn cannot_pickle(class: Gc<Class>) -> objects::Raised {
    match class::message_name(class).as_str() {
        // CPython's are of variable size, which is found out first.
        name @ ("memoryview" | "code") if class.native.is_some() => type_error!("cannot pickle {name} objects"),
        name => type_error!("cannot pickle '{name}' object"),
    }
}

/// `object.__reduce_ex__(protocol)`.
pub fn reduce(object: Value, protocol: i32) -> R {
    if protocol < 2 {
        let function = get_attr_named(copyreg()?, "_reduce_ex")?;
        return call(function, &[object, new_int(protocol as i64)]);
    }
    let class = class_of(object);
    if class.slots.new.get().is_none() || class.flags.has(class::NO_NEW) {
        return Err(cannot_pickle(class));
    }
    let (args, kwargs) = new_arguments(object)?;
    let has_args = args.is_some();
    let copyreg = copyreg()?;
    let (function, function_args) = match (args, kwargs) {
        (args, None) => {
            let mut all = GcVec::from_slice(&[class.value()]);
            if let Some(args) = args {
                all.extend_from_slice(args.items());
            }
            (get_attr_named(copyreg, "__newobj__")?, new_tuple(&all).value())
        }
        (Some(args), Some(kwargs)) => {
            let all = new_tuple(&[class.value(), args.value(), kwargs.value()]);
            (get_attr_named(copyreg, "__newobj_ex__")?, all.value())
        }
        (None, Some(_)) => unreachable!("keyword arguments come with positional ones"),
    };
    let itemized = object.cast::<List>().is_some() || object.cast::<Dict>().is_some();
    let state = state_of(object, !(has_args || itemized))?;
    let none = Value::none();
    let list_items = if object.cast::<List>().is_some() { objects::iter(object)? } else { none };
    let dict_items =
        if object.cast::<Dict>().is_some() { objects::iter(call_method(object, interned!("items"), &[])?)? } else { none };
    Ok(new_tuple(&[function, function_args, state, list_items, dict_items]).value())
}

/// What `__getnewargs_ex__` or `__getnewargs__` says.
fn new_arguments(object: Value) -> R<(Option<Gc<Tuple>>, Option<Gc<Dict>>)> {
    if let Some(method) = lookup_special(object, interned!("__getnewargs_ex__"))? {
        let result = method.call(&[])?;
        let Some(pair) = result.cast::<Tuple>() else {
            return Err(type_error!("__getnewargs_ex__ should return a tuple, not '{}'", class_name(result)));
        };
        let [args, kwargs] = pair.items() else {
            return Err(value_error!("__getnewargs_ex__ should return a tuple of length 2, not {}", pair.items().len()));
        };
        let Some(args) = args.cast::<Tuple>() else {
            return Err(type_error!(
                "first item of the tuple returned by __getnewargs_ex__ must be a tuple, not '{}'",
                class_name(*args)
            ));
        };
        let Some(kwargs) = kwargs.cast::<Dict>() else {
            return Err(type_error!(
                "second item of the tuple returned by __getnewargs_ex__ must be a dict, not '{}'",
                class_name(*kwargs)
            ));
        };
        return Ok((Some(args), if kwargs.is_empty() { None } else { Some(kwargs) }));
    }
    if let Some(method) = lookup_special(object, interned!("__getnewargs__"))? {
        let result = method.call(&[])?;
        return match result.cast::<Tuple>() {
            Some(args) => Ok((Some(args), None)),
            None => Err(type_error!("__getnewargs__ should return a tuple, not '{}'", class_name(result))),
        };
    }
    Ok((None, None))
}

/// `object.__getstate__()`, the default one taken directly.
fn state_of(object: Value, required: bool) -> R {
    let method = get_attr(object, interned!("__getstate__"))?;
    let default = method.cast_exact::<objects::descr::NativeFunction>().is_some_and(|function| {
        function.def.name == "__getstate__" && function.def.class == "object" && function.receiver.get() == Some(object)
    });
    if default { default_state(object, required) } else { call(method, &[]) }
}

/// The attributes of an instance that has no dictionary yet and needs none.
fn plain_attributes(object: Value, class: Gc<Class>) -> Option<GcVec<(Value, Value)>> {
    let flags = &class.flags;
    let plain = flags.has(class::HEAP_TYPE) && flags.has(class::GENERIC_GETATTR) && !flags.has(class::CUSTOM_GETATTR);
    if !plain || !flags.has(class::HAS_DICT) || !object.is_ptr() {
        return None;
    }
    // SAFETY: a pointer value is a live object.
    if unsafe { shape::Shape::of(object.as_ptr()) }.is_dict_mode() {
        return None;
    }
    let native = objects::lookup::type_lookup(class, interned!("__dict__"))
        .is_some_and(|found| found.cast::<objects::descr::GetSetDescriptor>().is_some());
    native.then(|| shape::instance_attributes(object))
}

/// A copy of `__dict__`, None if it is missing or empty.
fn dictionary_state(object: Value, class: Gc<Class>) -> R {
    Ok(match get_attr_opt(object, interned!("__dict__"))? {
        Some(state) if class.flags.has(class::HAS_DICT) && state.cast::<Dict>().is_some_and(|dict| dict.is_empty()) => {
            Value::none()
        }
        Some(state) => match state.cast::<Dict>() {
            Some(dict) => dict::dict_copy(dict)?.value(),
            None => state,
        },
        None => Value::none(),
    })
}

/// The instance dict, or (dict, members) if the class has `__slots__`.
pub fn default_state(object: Value, required: bool) -> R {
    let class = class_of(object);
    if required && class.native_state() {
        return Err(cannot_pickle(class));
    }
    let state = match plain_attributes(object, class) {
        Some(attributes) if attributes.is_empty() => Value::none(),
        Some(attributes) => dict::new_dict_from(&attributes)?.value(),
        None => dictionary_state(object, class)?,
    };
    let names = slot_names(class)?;
    if names.is_empty() {
        return Ok(state);
    }
    let members = objects::new_dict();
    for name in names {
        let Some(text) = name.cast::<Str>() else { continue };
        if let Some(value) = get_attr_opt(object, objects::intern_str(text))? {
            dict::dict_set(members, name, value)?;
        }
    }
    if members.is_empty() {
        return Ok(state);
    }
    Ok(new_tuple(&[state, members.value()]).value())
}

/// `copyreg._slotnames(class)`, cached by copyreg in `__slotnames__`.
fn slot_names(class: Gc<Class>) -> R<GcVec> {
    let cached = dict::dict_get_str(class.dict(), interned!("__slotnames__"));
    let names = match cached {
        Some(names) => names,
        None => {
            if !class.flags.has(class::HEAP_TYPE) {
                return Ok(GcVec::new());
            }
            call(get_attr_named(copyreg()?, "_slotnames")?, &[class.value()])?
        }
    };
    if names.is_none() { Ok(GcVec::new()) } else { objects::to_vec(names) }
}

/// Whether instances have native state that the default protocol cannot see.
trait NativeState {
    fn native_state(&self) -> bool;
}
impl NativeState for Class {
    fn native_state(&self) -> bool {
        use objects::exception::BaseException;
        let pickled_otherwise = [List::DESC, Dict::DESC].iter().any(|layout| std::ptr::eq(*layout, self.layout));
        let has_fields = self.layout.size > size_of::<objects::Header>();
        has_fields && !pickled_otherwise && !self.layout.extends(BaseException::DESC)
    }
}
