//! `__build_class__`: what a class statement calls.

use objects::function::{CellObject, Function};
use objects::layout::Layout;
use objects::{
    Args, Cast, Class, Gc, GcVec, R, Str, Tuple, Value, call, call_kw, class_name, class_of, door, get_attr_opt, interned,
    new_tuple, type_error,
};

/// `__build_class__(function, name, *bases, metaclass=..., **keywords)`.
pub fn build_class(args: Args) -> R {
    let given = args.positional();
    let [function, name, bases @ ..] = given else {
        return Err(type_error!("__build_class__: not enough arguments"));
    };
    let Some(function) = function.cast_exact::<Function>() else {
        return Err(type_error!("__build_class__: func must be a function"));
    };
    let Some(name_text) = name.cast::<Str>() else {
        return Err(type_error!("__build_class__: name is not a string"));
    };
    let resolved = resolve_bases(bases)?;
    let mut metaclass = None;
    let mut keywords: GcVec<(Gc<Str>, Value)> = GcVec::new();
    for (key, value) in args.keywords() {
        let Some(key) = key.cast::<Str>() else { continue };
        if objects::str::str_is(&key, "metaclass") {
            metaclass = Some(value);
        } else {
            keywords.push((objects::intern_str(key), value));
        }
    }
    let bases_tuple = new_tuple(&resolved).value();
    let mut meta = match metaclass {
        Some(metaclass) => metaclass,
        None => match resolved.first() {
            Some(base) => class_of(*base).value(),
            None => Class::class().value(),
        },
    };
    if let Some(class) = meta.cast::<Class>() {
        meta = objects::class_new::calculate_metaclass(class, &resolved)?.value();
    }
    let namespace = match get_attr_opt(meta, interned!("__prepare__"))? {
        Some(prepare) => call_kw(prepare, &[*name, bases_tuple], &keywords)?,
        None => objects::new_dict().value(),
    };
    if class_of(namespace).slots.getitem.get().is_none() {
        let shown = match meta.cast::<Class>() {
            Some(class) => class.name_text(),
            None => "<metaclass>".to_owned(),
        };
        return Err(type_error!("{}.__prepare__() must return a mapping, not {}", shown, class_name(namespace)));
    }
    let cell = (door::interpreter().exec_code)(function.code().value(), function.globals(), namespace, function.closure.get())?;
    if bases != resolved.as_slice() {
        objects::set_item(namespace, interned!("__orig_bases__").value(), new_tuple(bases).value())?;
    }
    let class = call_kw(meta, &[*name, bases_tuple, namespace], &keywords)?;
    if let (Some(_), Some(cell)) = (class.cast::<Class>(), cell.cast::<CellObject>()) {
        match cell.content.get() {
            Some(content) if content == class => {}
            Some(content) => {
                return Err(type_error!(
                    "__class__ set to {} defining {} as {}",
                    objects::protocol::repr_lossy(content),
                    objects::protocol::repr_lossy(name_text.value()),
                    objects::protocol::repr_lossy(class)
                ));
            }
            None => {
                return Err(objects::runtime_error!(
                    "__class__ not set defining {} as {}. Was __classcell__ propagated to type.__new__?",
                    objects::protocol::repr_lossy(name_text.value()),
                    objects::protocol::repr_lossy(class)
                ));
            }
        }
    }
    Ok(class)
}

/// Bases after `__mro_entries__`.
fn resolve_bases(bases: &[Value]) -> R<GcVec> {
    let mut resolved = GcVec::with_capacity(bases.len());
    let mut original: Option<Value> = None;
    for base in bases {
        if base.cast::<Class>().is_some() {
            resolved.push(*base);
            continue;
        }
        let Some(entries) = get_attr_opt(*base, interned!("__mro_entries__"))? else {
            resolved.push(*base);
            continue;
        };
        let all = *original.get_or_insert_with(|| new_tuple(bases).value());
        let replacement = call(entries, &[all])?;
        match replacement.cast::<Tuple>() {
            Some(replacement) => resolved.extend_from_slice(replacement.items()),
            None => return Err(type_error!("__mro_entries__ must return a tuple")),
        }
    }
    Ok(resolved)
}
