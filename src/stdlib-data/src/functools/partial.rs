//! `partial` and its `Placeholder`.

use native_macros::{Layout, native_class};
use objects::call::call_args;
use objects::containers::ReprScope;
use objects::dict::{dict_copy, dict_get_str, dict_items, dict_next, dict_set};
use objects::gc_vec::with_room;
use objects::str::str_eq;
use objects::{
    Args, Cast, Class, Dict, Gc, GcVec, Header, Kwargs, Layout, R, Slot, Str, Tuple, Value, class_of, is_callable, new_dict,
    new_native, new_object, new_tuple, type_error,
};
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct PlaceholderType {
    pub header: Header,
}

static PLACEHOLDER: Slot = Slot::empty();

/// The one object `Placeholder`.
pub fn placeholder() -> Value {
    if let Some(value) = PLACEHOLDER.get() {
        return value;
    }
    let fresh = new_native(PlaceholderType { header: Header::blank() }).value();
    objects::roots::keep_forever(fresh);
    PLACEHOLDER.get_or_set(fresh)
}

/// The type of Placeholder, which stands for an argument that a partial object leaves open.
#[native_class(name = "functools._PlaceholderType", base = object, flags = "final")]
impl PlaceholderType {
    #[new]
    fn new(_cls: Gc<Class>, args: Args) -> R {
        if !args.is_empty() {
            return Err(type_error!("_PlaceholderType takes no arguments"));
        }
        Ok(placeholder())
    }
    fn __repr__(_this: Gc<PlaceholderType>) -> &'static str {
        "Placeholder"
    }
    fn __reduce__(_this: Gc<PlaceholderType>) -> &'static str {
        "Placeholder"
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct Partial {
    pub header: Header,
    function: Slot,
    /// A tuple.
    args: Slot,
    /// A dict.
    keywords: Slot,
    /// How many of `args` are placeholders.
    open: AtomicUsize,
}

impl Partial {
    fn own_args(&self) -> &'static [Value] {
        self.args.get().and_then(|args| args.cast::<Tuple>()).map_or(&[], |args| args.items())
    }
    fn has_keywords(&self) -> bool {
        self.own_keywords().is_some_and(|keywords| !keywords.is_empty())
    }
    fn own_keywords(&self) -> Option<Gc<Dict>> {
        self.keywords.get().and_then(|keywords| keywords.cast::<Dict>())
    }
}

/// So many arguments stay on the native stack.
const FEW: usize = 4;

fn count_open(args: &[Value]) -> usize {
    let mark = placeholder();
    args.iter().filter(|arg| **arg == mark).count()
}

/// `own` with placeholders replaced by leading items of `given`; the rest of `given` follows.
fn fill(own: &[Value], given: &[Value]) -> GcVec {
    let mark = placeholder();
    let mut given = given.iter();
    let mut all = GcVec::with_capacity(own.len() + given.len());
    for value in own {
        all.push(if *value == mark { *given.next().unwrap_or(value) } else { *value });
    }
    all.extend_from_slice(given.as_slice());
    all
}

/// Writes `own` with its `open` placeholders replaced by leading items of `given`, and behind it the rest of `given`.
fn place(own: &[Value], given: &[Value], open: usize, target: &mut [Value]) {
    let (first, rest) = given.split_at(open);
    let (filled, behind) = target.split_at_mut(own.len());
    filled.copy_from_slice(own);
    behind.copy_from_slice(rest);
    if open > 0 {
        let mark = placeholder();
        filled.iter_mut().filter(|value| **value == mark).zip(first).for_each(|(place, value)| *place = *value);
    }
}

/// Writes the names and values of a partial's own keywords, where those of the call go before, and of the others of the call; gives
/// how many they are.
fn merge(own: Gc<Dict>, args: Args, names: &mut [Value], values: &mut [Value]) -> R<usize> {
    let mut count = 0;
    let mut put = |name: Value, value: Value| {
        // Another thread may have added to the dict.
        let Some((place, target)) = names.get_mut(count).zip(values.get_mut(count)) else { return };
        (*place, *target) = (name, value);
        count += 1;
    };
    let mut position = 0;
    while let Some((name, value)) = dict_next(own, &mut position) {
        let Some(text) = name.cast::<Str>() else { return Err(type_error!("keywords must be strings")) };
        let given = Kwargs::all(args).iter().find(|(given, _)| str_eq(given, &text));
        put(name, given.map_or(value, |(_, given)| given));
    }
    for (name, value) in Kwargs::all(args).iter() {
        if dict_get_str(own, name).is_none() {
            put(name.value(), value);
        }
    }
    Ok(count)
}

/// Create a new function with some arguments given in advance.
///
/// Placeholder stands for positional arguments that calls have to give.
#[native_class(name = "functools.partial", base = object, flags = "dict weakref")]
impl Partial {
    #[new]
    #[sig("(func, /, *args, **keywords)")]
    fn new(cls: Gc<Class>, args: Args) -> R {
        let [function, rest @ ..] = args.positional() else {
            return Err(type_error!("type 'partial' takes at least one argument"));
        };
        if !is_callable(*function) {
            return Err(type_error!("the first argument must be callable"));
        }
        let mark = placeholder();
        if rest.last() == Some(&mark) {
            return Err(type_error!("trailing Placeholders are not allowed"));
        }
        if args.keyword_values().contains(&mark) {
            return Err(type_error!("Placeholder cannot be passed as a keyword argument"));
        }
        let mut function = *function;
        let mut all = GcVec::from_slice(rest);
        let mut keywords = new_dict();
        if let Some(inner) = function.cast::<Partial>()
            && objects::shape::instance_attributes(function).is_empty()
        {
            all = fill(inner.own_args(), rest);
            if let Some(inner_keywords) = inner.own_keywords() {
                keywords = dict_copy(inner_keywords)?;
            }
            function = inner.function.get().unwrap_or(function);
        }
        for (name, value) in Kwargs::all(args).iter() {
            dict_set(keywords, name.value(), value)?;
        }
        let open = count_open(&all);
        let fields = Partial {
            header: Header::blank(),
            function: Slot::new(function),
            args: Slot::new(new_tuple(&all).value()),
            keywords: Slot::new(keywords.value()),
            open: AtomicUsize::new(open),
        };
        Ok(new_object(cls, fields).value())
    }
    fn __call__(this: Gc<Partial>, args: Args) -> R {
        let _guard = objects::thread::enter_recursion()?;
        let function = this.function.get().unwrap_or(Value::none());
        let own = this.own_args();
        let open = this.open.load(Ordering::Relaxed);
        if args.len() < open {
            return Err(type_error!(
                "missing positional arguments in 'partial' call; expected at least {open}, got {}",
                args.len()
            ));
        }
        if open == 0 && args.len() + own.len() <= FEW && !args.has_keywords() && !this.has_keywords() {
            let mut few = [Value::none(); FEW];
            few[..own.len()].copy_from_slice(own);
            few[own.len()..own.len() + args.len()].copy_from_slice(args.positional());
            return objects::call(function, &few[..own.len() + args.len()]);
        }
        let own_keywords = this.own_keywords().filter(|keywords| !keywords.is_empty());
        let positional = own.len() + args.len() - open;
        let named = args.names().len() + own_keywords.map_or(0, |keywords| keywords.len());
        with_room(positional + named, |values| {
            place(own, args.positional(), open, &mut values[..positional]);
            let Some(own_keywords) = own_keywords else {
                values[positional..].copy_from_slice(args.keyword_values());
                return call_args(function, args.with_values(values));
            };
            with_room(named, |names| {
                let count = merge(own_keywords, args, names, &mut values[positional..])?;
                call_args(function, Args::new(&values[..positional + count], positional, &names[..count]))
            })
        })
    }
    fn __get__(this: Gc<Partial>, instance: Option<Value>, _owner: Option<Value>) -> R {
        match instance {
            Some(instance) if !instance.is_none() => Ok(objects::descr::new_bound_method(this.value(), instance).value()),
            _ => Ok(this.value()),
        }
    }
    fn __repr__(this: Gc<Partial>) -> R<String> {
        let Some(_scope) = ReprScope::enter(this.value()) else { return Ok("...".to_owned()) };
        // Taken before any of them is shown: showing may change the object.
        let function = this.function.get().unwrap_or(Value::none());
        let args = this.own_args();
        let keywords = this.own_keywords().map(dict_items).unwrap_or_default();
        let mut text = format!("{}(", objects::class::class_full_name(class_of(this.value())));
        text.push_str(&objects::repr(function)?.to_string_lossy());
        for value in args {
            text.push_str(", ");
            text.push_str(&objects::repr(*value)?.to_string_lossy());
        }
        for (name, value) in keywords {
            text.push_str(&format!(", {}=", objects::str_of(name)?.to_string_lossy()));
            text.push_str(&objects::repr(value)?.to_string_lossy());
        }
        text.push(')');
        Ok(text)
    }
    /// What pickle needs to make the same object.
    fn __reduce__(this: Gc<Partial>) -> R {
        let none = Value::none();
        let function = this.function.get().unwrap_or(none);
        let attributes = match objects::shape::instance_attributes(this.value()).is_empty() {
            true => none,
            false => objects::shape::instance_dict(this.value()).map_or(none, Gc::value),
        };
        let state = [function, this.args.get().unwrap_or(none), this.keywords.get().unwrap_or(none), attributes];
        Ok(new_tuple(&[class_of(this.value()).value(), new_tuple(&[function]).value(), new_tuple(&state).value()]).value())
    }
    /// Take over the state that pickle has kept.
    fn __setstate__(this: Gc<Partial>, state: Value) -> R<()> {
        let invalid = || type_error!("invalid partial state");
        let Some(state) = state.cast::<Tuple>() else { return Err(invalid()) };
        let [function, args, keywords, attributes] = *state.items() else { return Err(invalid()) };
        let Some(given) = args.cast::<Tuple>() else { return Err(invalid()) };
        if !is_callable(function) || (!keywords.is_none() && keywords.cast::<Dict>().is_none()) {
            return Err(invalid());
        }
        if given.items().last() == Some(&placeholder()) {
            return Err(type_error!("trailing Placeholders are not allowed"));
        }
        let args = given.value().cast_exact::<Tuple>().unwrap_or_else(|| new_tuple(given.items()));
        let keywords = match keywords.cast::<Dict>() {
            Some(keywords) if class_of(keywords.value()) == Dict::class() => keywords,
            Some(keywords) => dict_copy(keywords)?,
            None => new_dict(),
        };
        this.function.set(function);
        this.open.store(count_open(args.items()), Ordering::Relaxed);
        this.args.set(args.value());
        this.keywords.set(keywords.value());
        match attributes.cast::<Dict>() {
            Some(attributes) => {
                objects::shape::set_instance_dict(this.value(), Some(attributes));
            }
            None if attributes.is_none() => {
                objects::shape::set_instance_dict(this.value(), Some(new_dict()));
            }
            None => return Err(invalid()),
        }
        Ok(())
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cls: Gc<Class>, object: Value) -> R {
        objects::door::generic_alias(cls.value(), object)
    }
    /// the function that calls go to
    #[getter]
    fn func(this: Gc<Partial>) -> Option<Value> {
        this.function.get()
    }
    /// the arguments that come before those of a call
    #[getter]
    fn args(this: Gc<Partial>) -> Option<Value> {
        this.args.get()
    }
    /// the keyword arguments that are added to those of a call
    #[getter]
    fn keywords(this: Gc<Partial>) -> Option<Value> {
        this.keywords.get()
    }
}
