//! `types.GenericAlias`: `list[int]` and its kin. Substitution of type parameters is shared with unions.

use native_macros::{Layout, native_class};
use objects::exception as exc;
use objects::lookup::attribute_name;
use objects::{
    Args, Cast, Class, CompareOp, Gc, GcVec, Header, Layout as _, List, R, Slot, Str, Tuple, Value, call, call_args, class_of,
    compare_bool, generic_get_attr, get_attr, get_attr_opt, get_item, interned, is_true, new_list, new_native, new_object,
    new_str, new_tuple, type_error,
};
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct GenericAlias {
    pub header: Header,
    origin: Slot,
    args: Slot,
    /// `__parameters__`, once somebody asked for it.
    parameters: Slot,
    /// `*tuple[int]`
    starred: AtomicBool,
}

impl GenericAlias {
    pub fn origin(&self) -> Value {
        self.origin.get().unwrap_or(Value::none())
    }
    pub fn args(&self) -> Gc<Tuple> {
        tuple_in(&self.args)
    }
    fn is_starred(&self) -> bool {
        self.starred.load(Ordering::Relaxed)
    }
}

fn tuple_in(slot: &Slot) -> Gc<Tuple> {
    slot.get().and_then(|args| args.cast::<Tuple>()).unwrap_or_else(|| new_tuple(&[]))
}

fn as_tuple(args: Value) -> Gc<Tuple> {
    args.cast::<Tuple>().unwrap_or_else(|| new_tuple(&[args]))
}

fn make_of(class: Gc<Class>, origin: Value, args: Gc<Tuple>, starred: bool) -> Gc<GenericAlias> {
    new_object(
        class,
        GenericAlias {
            header: Header::blank(),
            origin: Slot::new(origin),
            args: Slot::new(args.value()),
            parameters: Slot::empty(),
            starred: AtomicBool::new(starred),
        },
    )
}

/// `origin[args]`
pub fn make(origin: Value, args: Value) -> R {
    Ok(make_of(GenericAlias::class(), origin, as_tuple(args), false).value())
}

pub struct GenericAliasSkin;

/// A generic type with its arguments.
///
/// list[int], say, has the __origin__ list and the __args__ (int,).
#[native_class(name = "types.GenericAlias", layout = GenericAlias, base = object, flags = "weakref")]
impl GenericAliasSkin {
    #[new]
    #[sig("(origin, args, /)")]
    fn new(cls: Gc<Class>, args: Args) -> R {
        args.no_keywords("GenericAlias")?;
        args.check_count("GenericAlias", 2, 2)?;
        let given = args.positional();
        Ok(make_of(cls, given[0], as_tuple(given[1]), false).value())
    }
    fn __repr__(this: Gc<GenericAlias>) -> R<Gc<Str>> {
        let _guard = objects::thread::enter_recursion()?;
        let mut text = objects::containers::TextBuilder::new();
        if this.is_starred() {
            text.push_str("*");
        }
        text.push(type_repr(this.origin())?);
        text.push_str("[");
        let args = this.args();
        if args.is_empty() {
            text.push_str("()");
        }
        for (index, arg) in args.items().iter().enumerate() {
            if index > 0 {
                text.push_str(", ");
            }
            match arg.cast::<List>() {
                Some(list) => {
                    text.push_str("[");
                    for index in 0..list.len() {
                        if index > 0 {
                            text.push_str(", ");
                        }
                        let Some(item) = objects::list::list_get(list, index as i64) else {
                            return Err(objects::index_error!("list index out of range"));
                        };
                        text.push(type_repr(item)?);
                    }
                    text.push_str("]");
                }
                None => text.push(type_repr(*arg)?),
            }
        }
        text.push_str("]");
        Ok(text.finish())
    }
    fn __hash__(this: Gc<GenericAlias>) -> R<i64> {
        let hash = objects::hash(this.origin())? ^ objects::hash(this.args().value())?;
        Ok(if hash == -1 { -2 } else { hash })
    }
    fn __call__(this: Gc<GenericAlias>, args: Args) -> R {
        let made = call_args(this.origin(), args)?;
        match objects::set_attr(made, interned!("__orig_class__"), this.value()) {
            Err(raised) if raised.is(&exc::ATTRIBUTE_ERROR) || raised.is(&exc::TYPE_ERROR) => raised.clear(),
            result => result?,
        }
        Ok(made)
    }
    fn __getattribute__(this: Gc<GenericAlias>, name: Value) -> R {
        let name = attribute_name(name)?;
        let text = name.to_string_lossy();
        if OWN_ATTRIBUTES.contains(&text.as_str()) || BLOCKED_ATTRIBUTES.contains(&text.as_str()) {
            return generic_get_attr(this.value(), name);
        }
        get_attr(this.origin(), name)
    }
    fn __eq__(this: Gc<GenericAlias>, other: Gc<GenericAlias>) -> R<bool> {
        same(this, other)
    }
    fn __ne__(this: Gc<GenericAlias>, other: Gc<GenericAlias>) -> R<bool> {
        Ok(!same(this, other)?)
    }
    fn __iter__(this: Gc<GenericAlias>) -> R {
        Ok(new_native(GenericAliasIterator { header: Header::blank(), alias: Slot::new(this.value()) }).value())
    }
    fn __or__(this: Value, other: Value) -> R {
        crate::union::type_or(this, other)
    }
    fn __ror__(this: Value, other: Value) -> R {
        crate::union::type_or(other, this)
    }
    fn __getitem__(this: Gc<GenericAlias>, item: Value) -> R {
        let args = substitute(this.value(), this.args().value(), parameters_of(this)?, item)?;
        Ok(make_of(GenericAlias::class(), this.origin(), args, this.is_starred()).value())
    }
    #[sig("($self, object, /)")]
    fn __mro_entries__(this: Gc<GenericAlias>, _bases: Value) -> Gc<Tuple> {
        new_tuple(&[this.origin()])
    }
    #[sig("($self, object, /)")]
    fn __instancecheck__(_this: Gc<GenericAlias>, _instance: Value) -> R {
        Err(type_error!("isinstance() argument 2 cannot be a parameterized generic"))
    }
    #[sig("($self, object, /)")]
    fn __subclasscheck__(_this: Gc<GenericAlias>, _class: Value) -> R {
        Err(type_error!("issubclass() argument 2 cannot be a parameterized generic"))
    }
    fn __reduce__(this: Gc<GenericAlias>) -> R {
        if this.is_starred() {
            let plain = make_of(GenericAlias::class(), this.origin(), this.args(), false);
            let iterator = objects::iter(plain.value())?;
            return Ok(new_tuple(&[crate::pickling::builtin("next")?, new_tuple(&[iterator]).value()]).value());
        }
        let arguments = new_tuple(&[this.origin(), this.args().value()]);
        Ok(new_tuple(&[GenericAlias::class().value(), arguments.value()]).value())
    }
    fn __dir__(this: Gc<GenericAlias>) -> R {
        let dir = crate::pickling::builtin("dir")?;
        let names = new_list(&objects::to_vec(call(dir, &[this.origin()])?)?);
        for own in OWN_ATTRIBUTES {
            let name = new_str(own);
            if !objects::list::list_contains(names, name)? {
                objects::list::list_append(names, name)?;
            }
        }
        Ok(names.value())
    }
    #[getter]
    fn __origin__(this: Gc<GenericAlias>) -> Value {
        this.origin()
    }
    #[getter]
    fn __args__(this: Gc<GenericAlias>) -> Gc<Tuple> {
        this.args()
    }
    #[getter]
    fn __unpacked__(this: Gc<GenericAlias>) -> bool {
        this.is_starred()
    }
    /// The type variables among the arguments.
    #[getter]
    fn __parameters__(this: Gc<GenericAlias>) -> R<Gc<Tuple>> {
        parameters_of(this)
    }
    #[getter]
    fn __typing_unpacked_tuple_args__(this: Gc<GenericAlias>) -> Option<Gc<Tuple>> {
        (this.is_starred() && this.origin() == objects::classes::tuple().value()).then(|| this.args())
    }
}

const OWN_ATTRIBUTES: &[&str] = &[
    "__class__",
    "__origin__",
    "__args__",
    "__unpacked__",
    "__parameters__",
    "__typing_unpacked_tuple_args__",
    "__mro_entries__",
    "__reduce_ex__",
    "__reduce__",
];
const BLOCKED_ATTRIBUTES: &[&str] = &["__bases__", "__copy__", "__deepcopy__"];

fn same(a: Gc<GenericAlias>, b: Gc<GenericAlias>) -> R<bool> {
    Ok(a.is_starred() == b.is_starred()
        && compare_bool(CompareOp::Eq, a.origin(), b.origin())?
        && compare_bool(CompareOp::Eq, a.args().value(), b.args().value())?)
}

fn parameters_of(alias: Gc<GenericAlias>) -> R<Gc<Tuple>> {
    if alias.parameters.is_empty() {
        alias.parameters.set(collect_parameters(alias.args().value())?.value());
    }
    Ok(tuple_in(&alias.parameters))
}

/// `iter(alias)`: gives the unpacked form once.
#[derive(Layout)]
#[repr(C)]
pub struct GenericAliasIterator {
    pub header: Header,
    alias: Slot,
}

pub struct GenericAliasIteratorSkin;

#[native_class(name = "generic_alias_iterator", layout = GenericAliasIterator, base = object, flags = "final no_new")]
impl GenericAliasIteratorSkin {
    fn __iter__(this: Value) -> R {
        Ok(this)
    }
    fn __next__(this: Gc<GenericAliasIterator>) -> R<Option<Value>> {
        let Some(alias) = this.alias.take().and_then(|alias| alias.cast::<GenericAlias>()) else { return Ok(None) };
        Ok(Some(make_of(GenericAlias::class(), alias.origin(), alias.args(), true).value()))
    }
    fn __reduce__(this: Gc<GenericAliasIterator>) -> R {
        let rest = this.alias.get().unwrap_or_else(|| new_tuple(&[]).value());
        crate::pickling::reduce_to_iter(rest)
    }
}

/// A type as reprs of generic things print it: `int`, `module.Class`, `...`.
pub fn type_repr(value: Value) -> R<Gc<Str>> {
    if value.is_ellipsis() {
        return Ok(Str::new("..."));
    }
    let has = |name: Gc<Str>| -> R<bool> { Ok(get_attr_opt(value, name)?.is_some()) };
    if has(interned!("__origin__"))? && has(interned!("__args__"))? {
        return objects::repr(value);
    }
    let Some(qualname) = get_attr_opt(value, interned!("__qualname__"))? else { return objects::repr(value) };
    let module = match get_attr_opt(value, interned!("__module__"))? {
        Some(module) if !module.is_none() => module,
        _ => return objects::repr(value),
    };
    let qualname = objects::str_of(qualname)?;
    if module.cast::<Str>().is_some_and(|module| objects::str::str_is(&module, "builtins")) {
        return Ok(qualname);
    }
    objects::str::str_concat_all(&[objects::str_of(module)?, Str::new("."), qualname])
}

fn push_unique(found: &mut GcVec, value: Value) -> R<()> {
    for known in found.iter() {
        if *known == value || objects::eq(*known, value)? {
            return Ok(());
        }
    }
    found.push(value);
    Ok(())
}

fn is_sequence_arg(value: Value) -> bool {
    value.cast::<Tuple>().is_some() || value.cast::<List>().is_some()
}

/// The type parameters that `args` (a tuple or list) mention, each once.
pub fn collect_parameters(args: Value) -> R<Gc<Tuple>> {
    let mut found = GcVec::new();
    collect_into(&mut found, args)?;
    Ok(new_tuple(&found))
}

fn collect_into(found: &mut GcVec, args: Value) -> R<()> {
    let _guard = objects::thread::enter_recursion()?;
    for arg in objects::to_vec(args)? {
        if arg.cast::<Class>().is_some() {
            continue;
        }
        if is_sequence_arg(arg) {
            collect_into(found, arg)?;
        } else if get_attr_opt(arg, interned!("__typing_subst__"))?.is_some() {
            push_unique(found, arg)?;
        } else if let Some(inner) = get_attr_opt(arg, interned!("__parameters__"))?.and_then(|inner| inner.cast::<Tuple>()) {
            for parameter in inner.items() {
                push_unique(found, *parameter)?;
            }
        }
    }
    Ok(())
}

/// The items of a subscript with unpacked tuples spread out.
fn unpack_items(item: Value) -> R<Gc<Tuple>> {
    let mut items = GcVec::new();
    for given in as_tuple(item).items() {
        if given.cast::<Class>().is_none()
            && let Some(inner) = get_attr_opt(*given, interned!("__typing_unpacked_tuple_args__"))?
            && let Some(inner) = inner.cast::<Tuple>()
            && !inner.items().last().is_some_and(|last| last.is_ellipsis())
        {
            items.extend_from_slice(inner.items());
            continue;
        }
        items.push(*given);
    }
    Ok(new_tuple(&items))
}

/// The arguments of `owner[item]`: `args` with each of `parameters` replaced.
pub fn substitute(owner: Value, args: Value, parameters: Gc<Tuple>, item: Value) -> R<Gc<Tuple>> {
    let shown = |value: Value| objects::repr(value).map(|text| text.to_string_lossy());
    if parameters.is_empty() {
        return Err(type_error!("{} is not a generic class", shown(owner)?));
    }
    let mut item = unpack_items(item)?.value();
    for parameter in parameters.items() {
        if let Some(prepare) = get_attr_opt(*parameter, interned!("__typing_prepare_subst__"))?
            && !prepare.is_none()
        {
            item = call(prepare, &[owner, as_tuple(item).value()])?;
        }
    }
    let given = as_tuple(item);
    if given.len() != parameters.len() {
        return Err(type_error!(
            "Too {} arguments for {}; actual {}, expected {}",
            if given.len() > parameters.len() { "many" } else { "few" },
            shown(owner)?,
            given.len(),
            parameters.len()
        ));
    }
    replace(args, parameters, given)
}

fn position(parameters: Gc<Tuple>, wanted: Value) -> Option<usize> {
    parameters.items().iter().position(|parameter| *parameter == wanted)
}

fn replace(args: Value, parameters: Gc<Tuple>, given: Gc<Tuple>) -> R<Gc<Tuple>> {
    let _guard = objects::thread::enter_recursion()?;
    let mut fresh = GcVec::new();
    for arg in objects::to_vec(args)? {
        if arg.cast::<Class>().is_some() {
            fresh.push(arg);
            continue;
        }
        if is_sequence_arg(arg) {
            let inner = replace(arg, parameters, given)?;
            fresh.push(if arg.cast::<Tuple>().is_some() { inner.value() } else { new_list(inner.items()).value() });
            continue;
        }
        let unpack = match get_attr_opt(arg, interned!("__typing_is_unpacked_typevartuple__"))? {
            Some(flag) => is_true(flag)?,
            None => false,
        };
        let replaced = match get_attr_opt(arg, interned!("__typing_subst__"))? {
            Some(subst) => {
                let Some(index) = position(parameters, arg) else {
                    // It got the method after the alias was asked for its parameters.
                    let shown = objects::repr(arg)?.to_string_lossy();
                    return Err(type_error!("argument {shown} with __typing_subst__ was not found in __parameters__"));
                };
                call(subst, &[given.items()[index]])?
            }
            None => replace_inside(arg, parameters, given)?,
        };
        match replaced.cast::<Tuple>() {
            Some(items) if unpack => fresh.extend_from_slice(items.items()),
            _ if unpack => {
                return Err(type_error!(
                    "expected __typing_subst__ of {} objects to return a tuple, not {}",
                    objects::class_name(arg),
                    objects::class_name(replaced)
                ));
            }
            _ => fresh.push(replaced),
        }
    }
    Ok(new_tuple(&fresh))
}

/// `arg[...]` with the parameters of `arg` replaced.
fn replace_inside(arg: Value, parameters: Gc<Tuple>, given: Gc<Tuple>) -> R {
    let inner = get_attr_opt(arg, interned!("__parameters__"))?.and_then(|inner| inner.cast::<Tuple>());
    let Some(inner) = inner.filter(|inner| !inner.is_empty()) else { return Ok(arg) };
    let mut items = GcVec::new();
    for parameter in inner.items() {
        match position(parameters, *parameter) {
            Some(index) => match given.items()[index].cast::<Tuple>() {
                Some(many) if class_of(*parameter).slots.iter.get().is_some() => items.extend_from_slice(many.items()),
                _ => items.push(given.items()[index]),
            },
            None => items.push(*parameter),
        }
    }
    get_item(arg, new_tuple(&items).value())
}
