//! `type`: calling classes, making them, and their attributes.

use native_macros::native_class;
use objects::class::{self, class_full_name};
use objects::class_new;
use objects::dict::{self, Dict};
use objects::lookup::{attribute_name, type_get_attr, type_set_attr};
use objects::{
    Args, Cast, Class, Gc, GcVec, Kwargs, Layout, R, Str, Tuple, Value, attribute_error, class_name, class_of, get_attr_opt,
    interned, new_str, type_error, value_error,
};
use std::sync::atomic::Ordering;

pub struct TypeSkin;

/// type(object) -> the object's type
/// type(name, bases, dict, **kwds) -> a new type
#[native_class(name = "type", layout = Class, base = object, flags = "weakref")]
impl TypeSkin {
    #[new]
    fn new(meta: Gc<Class>, args: Args) -> R {
        let given = args.positional();
        if meta == Class::class() && given.len() == 1 && !args.has_keywords() {
            return Ok(class_of(given[0]).value());
        }
        let [name, bases, namespace] = given else {
            if meta == Class::class() && given.len() != 3 {
                return Err(type_error!("type() takes 1 or 3 arguments"));
            }
            return Err(type_error!("type.__new__() takes exactly 3 arguments ({} given)", given.len()));
        };
        let Some(name) = name.cast::<Str>() else {
            return Err(type_error!("type.__new__() argument 1 must be str, not {}", class_name(*name)));
        };
        let Some(bases) = bases.cast::<Tuple>() else {
            return Err(type_error!("type.__new__() argument 2 must be tuple, not {}", class_name(*bases)));
        };
        let Some(namespace) = namespace.cast::<Dict>() else {
            return Err(type_error!("type.__new__() argument 3 must be dict, not {}", class_name(*namespace)));
        };
        let mut kwargs = Vec::new();
        for (key, value) in args.keywords() {
            if let Some(key) = key.cast::<Str>() {
                kwargs.push((objects::intern_str(key), value));
            }
        }
        Ok(class_new::type_new(meta, name, bases, namespace, &kwargs)?.value())
    }
    fn __init__(_this: Gc<Class>, args: Args) -> R<()> {
        let count = args.len();
        if count == 1 && args.has_keywords() {
            return Err(type_error!("type.__init__() takes no keyword arguments"));
        }
        if count != 1 && count != 3 {
            return Err(type_error!("type.__init__() takes 1 or 3 arguments"));
        }
        Ok(())
    }
    fn __call__(this: Gc<Class>, args: Args) -> R {
        instantiate(this, args)
    }
    fn __repr__(this: Gc<Class>) -> R<String> {
        if let Some(module) = module_of(this)?.cast::<Str>()
            && !objects::str::str_is(&module, "builtins")
        {
            return Ok(format!("<class '{}.{}'>", module.to_string_lossy(), qualname_or_name(this)));
        }
        Ok(format!("<class '{}'>", qualname_or_name(this)))
    }
    fn __or__(this: Value, other: Value) -> R {
        crate::union::type_or(this, other)
    }
    fn __ror__(this: Value, other: Value) -> R {
        crate::union::type_or(other, this)
    }
    fn __getattribute__(this: Gc<Class>, name: Value) -> R {
        type_get_attr(this, attribute_name(name)?)
    }
    fn __setattr__(this: Gc<Class>, name: Value, value: Value) -> R<()> {
        type_set_attr(this, attribute_name(name)?, Some(value))
    }
    fn __delattr__(this: Gc<Class>, name: Value) -> R<()> {
        type_set_attr(this, attribute_name(name)?, None)
    }

    /// The classes in which attributes are looked up, in order.
    fn mro(this: Gc<Class>) -> R {
        let order = class_new::compute_mro(this)?;
        Ok(objects::new_list(order.items()).value())
    }
    /// The list of the direct subclasses.
    fn __subclasses__(this: Gc<Class>) -> R {
        // Classes whose `mro()` names this one without deriving from it are told of changes, too.
        let derives = |class: &Gc<Class>| class.bases().items().contains(&this.value());
        let found: GcVec = class::live_subclasses(this).into_iter().filter(derives).map(Gc::value).collect();
        Ok(objects::new_list(&found).value())
    }
    /// The namespace for the body of a class statement
    #[classmethod]
    #[sig("(*args, **kwargs)", hidden)]
    fn __prepare__(_cls: Gc<Class>, _args: &[Value], _kwargs: Kwargs) -> R {
        Ok(objects::new_dict().value())
    }
    /// Whether an object counts as an instance.
    #[sig("($self, instance, /)")]
    fn __instancecheck__(this: Gc<Class>, instance: Value) -> R<bool> {
        objects::real_isinstance(instance, this.value())
    }
    /// Whether a class counts as a subclass.
    #[sig("($self, subclass, /)")]
    fn __subclasscheck__(this: Gc<Class>, subclass: Value) -> R<bool> {
        objects::real_issubclass(subclass, this.value())
    }
    /// The names that dir() shows of a type.
    fn __dir__(this: Gc<Class>) -> R {
        let names = objects::new_dict();
        merge_class_names(names, this.value())?;
        Ok(objects::new_list(&dict::dict_keys(names)).value())
    }
    /// The number of bytes that the type takes in memory.
    fn __sizeof__(_this: Gc<Class>) -> usize {
        std::mem::size_of::<Class>()
    }

    #[getter]
    fn __name__(this: Gc<Class>) -> Gc<Str> {
        this.name()
    }
    #[setter(__name__)]
    fn set_name(this: Gc<Class>, value: Option<Value>) -> R<()> {
        let value = settable(this, "__name__", value)?;
        let Some(name) = value.cast::<Str>() else {
            return Err(type_error!("can only assign string to {}.__name__, not '{}'", this.name_text(), class_name(value)));
        };
        if objects::convert::utf8(name)?.contains('\0') {
            return Err(value_error!("type name must not contain null characters"));
        }
        this.name.set(value);
        Ok(())
    }
    #[getter]
    fn __qualname__(this: Gc<Class>) -> R<String> {
        Ok(qualname_or_name(this))
    }
    #[setter(__qualname__)]
    fn set_qualname(this: Gc<Class>, value: Option<Value>) -> R<()> {
        let value = settable(this, "__qualname__", value)?;
        if value.cast::<Str>().is_none() {
            return Err(type_error!("can only assign string to {}.__qualname__, not '{}'", this.name_text(), class_name(value)));
        }
        this.qualname.set(value);
        Ok(())
    }
    #[getter]
    fn __module__(this: Gc<Class>) -> R {
        module_of(this)
    }
    #[setter(__module__)]
    fn set_module(this: Gc<Class>, value: Option<Value>) -> R<()> {
        let value = settable(this, "__module__", value)?;
        dict::dict_remove_str(this.dict(), interned!("__firstlineno__"))?;
        dict::dict_set_str(this.dict(), interned!("__module__"), value)?;
        class_new::attribute_changed(this, interned!("__module__"), None);
        Ok(())
    }
    #[getter]
    fn __bases__(this: Gc<Class>) -> Gc<Tuple> {
        this.bases()
    }
    #[setter(__bases__)]
    fn set_bases(this: Gc<Class>, value: Option<Value>) -> R<()> {
        let value = settable(this, "__bases__", value)?;
        let Some(bases) = value.cast::<Tuple>() else {
            return Err(type_error!("can only assign tuple to {}.__bases__, not {}", this.name_text(), class_name(value)));
        };
        class_new::assign_bases(this, bases)
    }
    #[getter]
    fn __base__(this: Gc<Class>) -> Option<Gc<Class>> {
        this.base()
    }
    #[getter]
    fn __mro__(this: Gc<Class>) -> Value {
        this.mro.get().filter(|order| order.cast::<Tuple>().is_some_and(|order| !order.is_empty())).unwrap_or(Value::none())
    }
    #[getter]
    fn __dict__(this: Gc<Class>) -> R {
        crate::mappingproxy::new_proxy(this.dict().value())
    }
    #[getter]
    fn __doc__(this: Gc<Class>) -> R {
        if let Some(def) = this.native.filter(|_| this.flags.has(class::IMMUTABLE)) {
            return Ok(if def.doc.is_empty() { Value::none() } else { new_str(def.doc) });
        }
        let Some(doc) = dict::dict_get_str(this.dict(), interned!("__doc__")) else { return Ok(Value::none()) };
        match class_of(doc).slots.descr_get.get() {
            Some(get) => get(doc, None, Some(this.value())),
            None => Ok(doc),
        }
    }
    #[setter(__doc__)]
    fn set_doc(this: Gc<Class>, value: Option<Value>) -> R<()> {
        let value = settable(this, "__doc__", value)?;
        dict::dict_set_str(this.dict(), interned!("__doc__"), value)?;
        class_new::attribute_changed(this, interned!("__doc__"), None);
        Ok(())
    }
    #[getter]
    fn __text_signature__(this: Gc<Class>) -> Value {
        match this.native.filter(|def| !def.sig.is_empty()) {
            Some(def) => new_str(def.sig),
            None if this == objects::class_new::Object::class() => new_str("()"),
            None => Value::none(),
        }
    }
    #[getter]
    fn __abstractmethods__(this: Gc<Class>) -> R {
        match dict::dict_get_str(this.dict(), interned!("__abstractmethods__")) {
            Some(methods) if this != Class::class() => Ok(methods),
            _ => Err(attribute_error!("__abstractmethods__")),
        }
    }
    #[setter(__abstractmethods__)]
    fn set_abstractmethods(this: Gc<Class>, value: Option<Value>) -> R<()> {
        let name = interned!("__abstractmethods__");
        match value {
            Some(value) => {
                objects::is_true(value)?;
                dict::dict_set_str(this.dict(), name, value)?;
            }
            None => {
                if dict::dict_remove_str(this.dict(), name)?.is_none() {
                    return Err(attribute_error!("__abstractmethods__"));
                }
            }
        }
        class_new::attribute_changed(this, name, None);
        Ok(())
    }
    #[getter]
    fn __annotations__(this: Gc<Class>) -> R {
        annotations(this)
    }
    #[setter(__annotations__)]
    fn set_annotations(this: Gc<Class>, value: Option<Value>) -> R<()> {
        if this.flags.has(class::IMMUTABLE) {
            return Err(type_error!("cannot set '__annotations__' attribute of immutable type '{}'", this.name_text()));
        }
        let namespace = this.dict();
        let (plain, cached) = (interned!("__annotations__"), interned!("__annotations_cache__"));
        match value {
            Some(value) => {
                let name = if dict::dict_get_str(namespace, plain).is_some() { plain } else { cached };
                dict::dict_set_str(namespace, name, value)?;
            }
            None => {
                let removed =
                    dict::dict_remove_str(namespace, plain)?.is_some() | dict::dict_remove_str(namespace, cached)?.is_some();
                if !removed {
                    return Err(attribute_error!("__annotations__"));
                }
            }
        }
        dict::dict_remove_str(namespace, interned!("__annotate_func__"))?;
        dict::dict_remove_str(namespace, interned!("__annotate__"))?;
        class_new::attribute_changed(this, plain, None);
        Ok(())
    }
    #[getter]
    fn __annotate__(this: Gc<Class>) -> R {
        if this.flags.has(class::IMMUTABLE) {
            return Err(attribute_error!("type object '{}' has no attribute '__annotate__'", objects::class::message_name(this)));
        }
        Ok(annotate_function(this)?.unwrap_or(Value::none()))
    }
    #[setter(__annotate__)]
    fn set_annotate(this: Gc<Class>, value: Option<Value>) -> R<()> {
        let Some(value) = value else { return Err(type_error!("cannot delete __annotate__ attribute")) };
        if this.flags.has(class::IMMUTABLE) {
            return Err(type_error!("cannot set '__annotate__' attribute of immutable type '{}'", this.name_text()));
        }
        if !value.is_none() && !objects::is_callable(value) {
            return Err(type_error!("__annotate__ must be callable or None"));
        }
        dict::dict_set_str(this.dict(), interned!("__annotate_func__"), value)?;
        if !value.is_none() {
            dict::dict_remove_str(this.dict(), interned!("__annotations_cache__"))?;
        }
        class_new::attribute_changed(this, interned!("__annotate__"), None);
        Ok(())
    }
    #[getter]
    fn __type_params__(this: Gc<Class>) -> Value {
        dict::dict_get_str(this.dict(), interned!("__type_params__"))
            .filter(|_| this != Class::class())
            .unwrap_or_else(|| objects::new_tuple(&[]).value())
    }
    #[setter(__type_params__)]
    fn set_type_params(this: Gc<Class>, value: Option<Value>) -> R<()> {
        let value = settable(this, "__type_params__", value)?;
        dict::dict_set_str(this.dict(), interned!("__type_params__"), value)?;
        class_new::attribute_changed(this, interned!("__type_params__"), None);
        Ok(())
    }
    #[getter]
    fn __basicsize__(this: Gc<Class>) -> u32 {
        this.inline_start.load(Ordering::Relaxed)
    }
    #[getter]
    fn __itemsize__(this: Gc<Class>) -> u32 {
        if this.has_tail() { 8 } else { 0 }
    }
    #[getter]
    fn __dictoffset__(this: Gc<Class>) -> i64 {
        this.ext_offset.load(Ordering::Relaxed) as i64
    }
    #[getter]
    fn __weakrefoffset__(this: Gc<Class>) -> i64 {
        if this.flags.has(class::HAS_WEAKREF) { 8 } else { 0 }
    }
    #[getter]
    fn __flags__(this: Gc<Class>) -> i64 {
        type_flags(this)
    }
}

/// `type.__call__`: make, then initialise.
pub fn instantiate(class: Gc<Class>, args: Args) -> R {
    if class == Class::class() {
        if args.len() == 1 && !args.has_keywords() {
            return Ok(class_of(args.positional()[0]).value());
        }
        if args.len() != 3 {
            return Err(type_error!("type() takes 1 or 3 arguments"));
        }
    }
    let new = match class.slots.new.get() {
        Some(new) if !class.flags.has(class::NO_NEW) => new,
        _ => return Err(type_error!("cannot create '{}' instances", class_full_name(class))),
    };
    let instance = new(class, args)?;
    let actual = class_of(instance);
    if actual == class || actual.is_subclass_of(class) {
        // `object.__init__` does nothing for classes with a `__new__` of their own.
        let inherited = actual.flags.has(class::PLAIN_INIT) && !actual.flags.has(class::PLAIN_NEW);
        if let Some(init) = actual.slots.init.get().filter(|_| !inherited) {
            init(instance, args)?;
        }
    }
    Ok(instance)
}

/// Most classes of modules are heap types in CPython, these are not: pickling by copyreg looks for the first base that is none.
fn is_static_in_cpython(module: &str, name: &str) -> bool {
    matches!(module, "builtins" | "_contextvars" | "datetime" | "types" | "weakref")
        || matches!(name, "OrderedDict" | "PickleBuffer" | "TypeAliasType" | "Union")
}

/// CPython's `__flags__` bits, as far as tools look at them.
fn type_flags(class: Gc<Class>) -> i64 {
    let mut flags = 1i64 << 12;
    let mut add = |on: bool, bit: u32| {
        if on {
            flags |= 1 << bit;
        }
    };
    add(!class.flags.has(class::UNTRACKED), 14);
    add(class.flags.has(class::IMMUTABLE), 8);
    add(class.flags.has(class::HEAP_TYPE) || class.native.is_some_and(|def| !is_static_in_cpython(def.module, def.name)), 9);
    add(class.flags.has(class::BASE_TYPE), 10);
    add(class.flags.has(class::ABSTRACT), 20);
    add(class.flags.has(class::SEQUENCE), 5);
    add(class.flags.has(class::MAPPING), 6);
    add(class.flags.has(class::MATCH_SELF), 22);
    let derives = |other: Gc<Class>| class.is_subclass_of(other);
    use objects::classes;
    add(derives(classes::int()), 24);
    add(derives(classes::list()), 25);
    add(derives(classes::tuple()), 26);
    add(derives(classes::bytes()), 27);
    add(derives(classes::str()), 28);
    add(derives(classes::dict()), 29);
    add(derives(classes::BaseException()), 30);
    add(derives(Class::class()), 31);
    flags
}

/// The value for an attribute that may be set but not deleted.
fn settable(class: Gc<Class>, name: &str, value: Option<Value>) -> R {
    if class.flags.has(class::IMMUTABLE) {
        return Err(type_error!("cannot set '{}' attribute of immutable type '{}'", name, class.name_text()));
    }
    value.ok_or_else(|| type_error!("cannot delete '{}' attribute of immutable type '{}'", name, class.name_text()))
}

fn module_of(class: Gc<Class>) -> R {
    if let Some(def) = class.native.filter(|_| class.flags.has(class::IMMUTABLE)) {
        let module = if def.module.is_empty() { "builtins" } else { def.module };
        // One string for all static types of a module, which pickles refer to from the second on.
        let shared = is_static_in_cpython(def.module, def.name);
        return match module {
            "builtins" => name_of_builtins(),
            _ if shared => Ok(objects::intern(module).value()),
            _ => Ok(new_str(module)),
        };
    }
    match dict::dict_get_str(class.dict(), interned!("__module__")) {
        Some(module) => Ok(module),
        None if class.flags.has(class::HEAP_TYPE) => Err(attribute_error!("__module__")),
        None => name_of_builtins(),
    }
}
/// The string of the module itself: that of its functions is another.
fn name_of_builtins() -> R {
    let module = objects::door::builtins_module()?.cast::<objects::Module>();
    let name = module.and_then(|module| dict::dict_get_str(module.dict(), interned!("__name__")));
    let is_own = |name: &Value| name.cast::<Str>().is_some_and(|name| name.as_str() == Some("builtins"));
    Ok(name.filter(is_own).unwrap_or_else(|| new_str("builtins")))
}
fn qualname_or_name(class: Gc<Class>) -> String {
    match class.qualname.get().and_then(|name| name.cast::<Str>()) {
        Some(name) => name.to_string_lossy(),
        None => class.name_text(),
    }
}

fn annotate_function(class: Gc<Class>) -> R<Option<Value>> {
    // What the program defines itself comes first.
    for name in [interned!("__annotate__"), interned!("__annotate_func__")] {
        if let Some(found) = dict::dict_get_str(class.dict(), name) {
            return match class_of(found).slots.descr_get.get() {
                Some(get) => get(found, None, Some(class.value())).map(Some),
                None => Ok(Some(found)),
            };
        }
    }
    Ok(None)
}

fn annotations(class: Gc<Class>) -> R {
    if class.flags.has(class::IMMUTABLE) {
        return Err(attribute_error!("type object '{}' has no attribute '__annotations__'", objects::class::message_name(class)));
    }
    let namespace = class.dict();
    for name in [interned!("__annotations__"), interned!("__annotations_cache__")] {
        if let Some(found) = dict::dict_get_str(namespace, name) {
            return match class_of(found).slots.descr_get.get() {
                Some(get) => get(found, None, Some(class.value())),
                None => Ok(found),
            };
        }
    }
    let made = match annotate_function(class)? {
        Some(function) if !function.is_none() => {
            let made = objects::call(function, &[Value::small(1)])?;
            if made.cast::<Dict>().is_none() {
                return Err(type_error!("__annotate__ returned non-dict of type '{}'", class_name(made)));
            }
            made
        }
        _ => objects::new_dict().value(),
    };
    dict::dict_set_default(namespace, interned!("__annotations_cache__").value(), made)
}

/// Adds the names in a class's dict and in those of its bases.
pub fn merge_class_names(names: Gc<Dict>, class: Value) -> R<()> {
    let _guard = objects::thread::enter_recursion()?;
    if let Some(class) = class.cast::<Class>() {
        for entry in class.mro().items() {
            if let Some(owner) = entry.cast::<Class>() {
                dict::dict_merge(names, owner.dict(), dict::OnClash::Replace)?;
            }
        }
        return Ok(());
    }
    if let Some(own) = get_attr_opt(class, interned!("__dict__"))? {
        dict::dict_merge_mapping(names, own, dict::OnClash::Replace)?;
    }
    if let Some(bases) = get_attr_opt(class, interned!("__bases__"))?.and_then(|bases| bases.cast::<Tuple>()) {
        for base in bases.items() {
            merge_class_names(names, *base)?;
        }
    }
    Ok(())
}
