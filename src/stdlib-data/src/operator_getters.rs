//! `itemgetter`, `attrgetter` and `methodcaller` of module `_operator`.

use native_macros::{Layout, native_class};
use objects::containers::ReprScope;
use objects::{
    Args, Cast, Class, Gc, GcVec, Header, R, Slot, Str, Tuple, Value, call_kw, class_of, get_attr, get_item, intern_str,
    interned, new_object, new_tuple, type_error,
};

fn items_of(slot: &Slot) -> &'static [Value] {
    slot.get().and_then(|tuple| tuple.cast::<Tuple>()).map_or(&[], |tuple| tuple.items())
}

/// The one argument of a call.
fn single(args: Args, name: &str) -> R {
    if args.has_keywords() {
        return Err(type_error!("{name}() takes no keyword arguments"));
    }
    match args.positional() {
        [only] => Ok(*only),
        others => Err(type_error!("{name} expected 1 argument, got {}", others.len())),
    }
}

fn no_keywords(args: Args, name: &str) -> R<()> {
    if args.has_keywords() { Err(type_error!("{name}() takes no keyword arguments")) } else { Ok(()) }
}

fn joined(values: &[Value]) -> R<String> {
    let mut text = String::new();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        text.push_str(&objects::repr(*value)?.to_string_lossy());
    }
    Ok(text)
}

fn class_text(value: Value) -> String {
    let class = class_of(value);
    match objects::get_attr(class.value(), interned!("__module__")) {
        Ok(module) => format!("{}.{}", crate::support::text_of(module), class.name_text()),
        Err(raised) => {
            raised.clear();
            class.name_text()
        }
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct ItemGetter {
    pub header: Header,
    /// A tuple.
    items: Slot,
}

/// A callable that fetches the given items from its argument.
///
/// itemgetter(2)(r) is r[2], itemgetter(2, 5)(r) is (r[2], r[5]).
#[native_class(name = "operator.itemgetter", base = object, flags = "final")]
impl ItemGetter {
    #[new]
    #[sig("(item, /, *items)")]
    fn new(cls: Gc<Class>, args: Args) -> R {
        no_keywords(args, "itemgetter")?;
        if args.is_empty() {
            return Err(type_error!("itemgetter expected 1 argument, got 0"));
        }
        let items = Slot::new(new_tuple(args.positional()).value());
        Ok(new_object(cls, ItemGetter { header: Header::blank(), items }).value())
    }
    fn __call__(this: Gc<ItemGetter>, args: Args) -> R {
        let object = single(args, "itemgetter")?;
        match items_of(&this.items) {
            [item] => {
                if item.is_int()
                    && item.as_int() >= 0
                    && let Some(tuple) = object.cast_exact::<Tuple>()
                    && let Some(found) = tuple.get(item.as_int() as usize)
                {
                    return Ok(found);
                }
                get_item(object, *item)
            }
            [first, second] => Ok(new_tuple(&[get_item(object, *first)?, get_item(object, *second)?]).value()),
            items => {
                let mut found = GcVec::with_capacity(items.len());
                for item in items {
                    found.push(get_item(object, *item)?);
                }
                Ok(new_tuple(&found).value())
            }
        }
    }
    fn __repr__(this: Gc<ItemGetter>) -> R<String> {
        let Some(_scope) = ReprScope::enter(this.value()) else { return Ok(format!("{}(...)", class_text(this.value()))) };
        Ok(format!("{}({})", class_text(this.value()), joined(items_of(&this.items))?))
    }
    #[getter]
    fn __text_signature__(_this: Gc<ItemGetter>) -> &'static str {
        "(obj, /)"
    }
    /// What pickle needs to make the same object
    fn __reduce__(this: Gc<ItemGetter>) -> Value {
        new_tuple(&[class_of(this.value()).value(), this.items.get().unwrap_or(Value::none())]).value()
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct AttrGetter {
    pub header: Header,
    /// A tuple of the names as given.
    names: Slot,
    /// A tuple of interned names and, for dotted ones, tuples of names.
    paths: Slot,
}

#[inline]
fn follow(object: Value, path: Value) -> R {
    if let Some(name) = path.cast_exact::<Str>() {
        return get_attr(object, name);
    }
    match path.cast::<Tuple>() {
        None => match path.cast::<Str>() {
            Some(name) => get_attr(object, name),
            None => Err(type_error!("attribute name must be a string")),
        },
        Some(names) => {
            let mut object = object;
            for name in names.items() {
                if let Some(name) = name.cast::<Str>() {
                    object = get_attr(object, name)?;
                }
            }
            Ok(object)
        }
    }
}

/// A callable that fetches the given attributes from its argument.
///
/// attrgetter('name')(r) is r.name; several names give a tuple; dotted names
/// go through attributes of attributes.
#[native_class(name = "operator.attrgetter", base = object, flags = "final")]
impl AttrGetter {
    #[new]
    #[sig("(attr, /, *attrs)")]
    fn new(cls: Gc<Class>, args: Args) -> R {
        no_keywords(args, "attrgetter")?;
        if args.is_empty() {
            return Err(type_error!("attrgetter expected 1 argument, got 0"));
        }
        let mut paths = GcVec::with_capacity(args.len());
        for name in args.positional() {
            let Some(name) = name.cast::<Str>() else { return Err(type_error!("attribute name must be a string")) };
            let chars = name.chars();
            let dots = chars.iter().enumerate().filter(|(_, code)| *code == u32::from(b'.'));
            let dots: Vec<usize> = base::memory::collected(dots.map(|(at, _)| at));
            if dots.is_empty() {
                paths.push(intern_str(Str::exact_copy(name)).value());
                continue;
            }
            let mut names = GcVec::with_capacity(dots.len() + 1);
            let mut start = 0;
            for end in dots.iter().copied().chain([name.len()]) {
                names.push(intern_str(Str::substring(name, start, end)).value());
                start = end + 1;
            }
            paths.push(new_tuple(&names).value());
        }
        let names = Slot::new(new_tuple(args.positional()).value());
        let paths = Slot::new(new_tuple(&paths).value());
        Ok(new_object(cls, AttrGetter { header: Header::blank(), names, paths }).value())
    }
    fn __call__(this: Gc<AttrGetter>, args: Args) -> R {
        let object = single(args, "attrgetter")?;
        match items_of(&this.paths) {
            [path] => follow(object, *path),
            [first, second] => Ok(new_tuple(&[follow(object, *first)?, follow(object, *second)?]).value()),
            paths => {
                let mut found = GcVec::with_capacity(paths.len());
                for path in paths {
                    found.push(follow(object, *path)?);
                }
                Ok(new_tuple(&found).value())
            }
        }
    }
    fn __repr__(this: Gc<AttrGetter>) -> R<String> {
        let Some(_scope) = ReprScope::enter(this.value()) else { return Ok(format!("{}(...)", class_text(this.value()))) };
        Ok(format!("{}({})", class_text(this.value()), joined(items_of(&this.names))?))
    }
    #[getter]
    fn __text_signature__(_this: Gc<AttrGetter>) -> &'static str {
        "(obj, /)"
    }
    /// What pickle needs to make the same object
    fn __reduce__(this: Gc<AttrGetter>) -> Value {
        new_tuple(&[class_of(this.value()).value(), this.names.get().unwrap_or(Value::none())]).value()
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct MethodCaller {
    pub header: Header,
    name: Gc<Str>,
    /// A tuple.
    args: Slot,
    /// A tuple of names and one of values.
    keyword_names: Slot,
    keyword_values: Slot,
}

/// A callable that calls the given method of its argument.
///
/// methodcaller('name', 'date', foo=1)(r) is r.name('date', foo=1).
#[native_class(name = "operator.methodcaller", base = object, flags = "final")]
impl MethodCaller {
    #[new]
    #[sig("(name, /, *args, **kwargs)")]
    fn new(cls: Gc<Class>, args: Args) -> R {
        let [name, rest @ ..] = args.positional() else {
            return Err(type_error!("methodcaller needs at least one argument, the method name"));
        };
        let Some(name) = name.cast::<Str>() else { return Err(type_error!("method name must be a string")) };
        let fields = MethodCaller {
            header: Header::blank(),
            name: intern_str(Str::exact_copy(name)),
            args: Slot::new(new_tuple(rest).value()),
            keyword_names: Slot::new(new_tuple(args.names()).value()),
            keyword_values: Slot::new(new_tuple(args.keyword_values()).value()),
        };
        Ok(new_object(cls, fields).value())
    }
    fn __call__(this: Gc<MethodCaller>, args: Args) -> R {
        let object = single(args, "methodcaller")?;
        let names = items_of(&this.keyword_names);
        if names.is_empty() {
            return objects::call_method(object, this.name, items_of(&this.args));
        }
        let method = get_attr(object, this.name)?;
        call_kw(method, items_of(&this.args), &keyword_pairs(this))
    }
    fn __repr__(this: Gc<MethodCaller>) -> R<String> {
        let class = class_text(this.value());
        let Some(_scope) = ReprScope::enter(this.value()) else { return Ok(format!("{class}(...)")) };
        let mut text = format!("{class}({}", objects::repr(this.name.value())?.to_string_lossy());
        for value in items_of(&this.args) {
            text.push_str(&format!(", {}", objects::repr(*value)?.to_string_lossy()));
        }
        for (name, value) in keyword_pairs(this) {
            text.push_str(&format!(", {}={}", name.to_string_lossy(), objects::repr(value)?.to_string_lossy()));
        }
        text.push(')');
        Ok(text)
    }
    #[getter]
    fn __text_signature__(_this: Gc<MethodCaller>) -> &'static str {
        "(obj, /)"
    }
    /// What pickle needs to make the same object
    fn __reduce__(this: Gc<MethodCaller>) -> R {
        let class = class_of(this.value()).value();
        let pairs = keyword_pairs(this);
        let mut arguments = GcVec::new();
        arguments.push(this.name.value());
        if pairs.is_empty() {
            arguments.extend_from_slice(items_of(&this.args));
            return Ok(new_tuple(&[class, new_tuple(&arguments).value()]).value());
        }
        let functools = objects::call(
            objects::get_attr_named(objects::door::builtins_module()?, "__import__")?,
            &[objects::new_str("functools")],
        )?;
        let partial = objects::get_attr_named(functools, "partial")?;
        let constructor = call_kw(partial, &[class, this.name.value()], &pairs)?;
        Ok(new_tuple(&[constructor, this.args.get().unwrap_or(Value::none())]).value())
    }
}

fn keyword_pairs(this: Gc<MethodCaller>) -> GcVec<(Gc<Str>, Value)> {
    items_of(&this.keyword_names)
        .iter()
        .zip(items_of(&this.keyword_values))
        .filter_map(|(name, value)| name.cast::<Str>().map(|name| (name, *value)))
        .collect()
}
