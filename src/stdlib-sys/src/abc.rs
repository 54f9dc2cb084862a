//! The module `_abc`: abstract base classes' registries and caches of subclass checks.

use native_macros::{Layout, native_class, native_module};
use objects::class::{self, Class};
use objects::weakref::{new_plain_weakref, weakref_target};
use objects::{
    Args, Cast, Gc, GcVec, Header, R, Tuple, Value, call_method, class_of, get_attr, get_attr_opt, interned, is_true,
    new_int_u64, new_native, new_object, new_tuple, runtime_error, set, set_attr, type_error,
};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// Weak references to classes by their addresses.
#[derive(Default)]
struct WeakClasses {
    by_address: HashMap<u64, Value>,
    purge_at: usize,
}
impl objects::Trace for WeakClasses {
    fn trace(&self, tracer: &mut heap::Tracer) {
        self.by_address.values().for_each(|reference| tracer.value(*reference));
    }
}
impl WeakClasses {
    fn contains(&self, class: Value) -> bool {
        self.by_address.get(&class.raw()).is_some_and(|reference| weakref_target(*reference) == Some(class))
    }
    fn insert(&mut self, class: Value, reference: Value) {
        if self.by_address.len() >= self.purge_at {
            self.by_address.retain(|_, reference| weakref_target(*reference).is_some());
            self.purge_at = self.by_address.len() * 2 + 16;
        }
        self.by_address.insert(class.raw(), reference);
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct AbcData {
    pub header: Header,
    registry: heap::Mutex<WeakClasses>,
    cache: heap::Mutex<WeakClasses>,
    negative: heap::Mutex<WeakClasses>,
    /// The invalidation counter that `negative` belongs to.
    negative_version: AtomicU64,
}

/// Goes up whenever a class is registered anywhere: negative answers may be wrong then.
static INVALIDATION: AtomicU64 = AtomicU64::new(0);

fn add(set: &heap::Mutex<WeakClasses>, class: Value) {
    let reference = new_plain_weakref(class);
    set.lock().insert(class, reference);
}
/// The references of a set, for a dump.
fn references(set: &heap::Mutex<WeakClasses>) -> R {
    let all: GcVec = set.lock().by_address.values().copied().collect();
    let result = set::new_set();
    for reference in all {
        if weakref_target(reference).is_some() {
            set::set_add(result.any(), reference)?;
        }
    }
    Ok(result.value())
}
fn targets(set: &heap::Mutex<WeakClasses>) -> GcVec {
    set.lock().by_address.values().filter_map(|reference| weakref_target(*reference)).collect()
}

fn data_of(class: Value) -> R<Gc<AbcData>> {
    match get_attr(class, interned!("_abc_impl"))?.cast::<AbcData>() {
        Some(data) => Ok(data),
        None => Err(type_error!("_abc_impl is set to a wrong type")),
    }
}

fn is_abstract(value: Value) -> R<bool> {
    match get_attr_opt(value, interned!("__isabstractmethod__"))? {
        Some(flag) => is_true(flag),
        None => Ok(false),
    }
}

/// The names in the class and its bases that are abstract still.
fn abstract_methods(class: Value) -> R {
    let result = set::new_set();
    if let Some(class) = class.cast::<Class>() {
        for (name, value) in objects::dict::dict_items(class.dict()) {
            if is_abstract(value)? {
                set::set_add(result.any(), name)?;
            }
        }
    }
    let bases = get_attr(class, interned!("__bases__"))?;
    let Some(bases) = bases.cast::<Tuple>() else { return Err(type_error!("__bases__ is not tuple")) };
    for base in bases.items() {
        let Some(names) = get_attr_opt(*base, interned!("__abstractmethods__"))? else { continue };
        for name in objects::to_vec(names)? {
            let Some(text) = name.cast::<objects::Str>() else { continue };
            if let Some(value) = get_attr_opt(class, objects::intern_str(text))?
                && is_abstract(value)?
            {
                set::set_add(result.any(), name)?;
            }
        }
    }
    Ok(set::frozenset_from_iterable(result.value())?.value())
}

/// Patterns: what kind of collection a class says it is. The bits are those of `__abc_tpflags__`.
const TPFLAG_SEQUENCE: i64 = 1 << 5;
const TPFLAG_MAPPING: i64 = 1 << 6;

fn set_collection_flags(class: Gc<Class>, flags: u32) {
    for class in class::with_subclasses(class).iter() {
        class.flags.remove(class::SEQUENCE | class::MAPPING);
        class.flags.add(flags);
    }
}

fn take_collection_flags(class: Gc<Class>) -> R<()> {
    let name = interned!("__abc_tpflags__");
    let Some(value) = objects::dict::dict_get_str(class.dict(), name) else { return Ok(()) };
    let Some(bits) = objects::int_view(value).and_then(|view| view.to_i64()) else { return Ok(()) };
    let flags = match (bits & TPFLAG_SEQUENCE != 0, bits & TPFLAG_MAPPING != 0) {
        (true, true) => {
            return Err(type_error!("__abc_tpflags__ cannot be both Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING"));
        }
        (true, false) => class::SEQUENCE,
        (false, true) => class::MAPPING,
        (false, false) => 0,
    };
    if flags != 0 {
        class.flags.add(flags);
    }
    objects::del_attr(class.value(), name)
}

fn subclass_check(this: Value, subclass: Value) -> R<bool> {
    if subclass.cast::<Class>().is_none() {
        return Err(type_error!("issubclass() arg 1 must be a class"));
    }
    let data = data_of(this)?;
    if data.cache.lock().contains(subclass) {
        return Ok(true);
    }
    let version = INVALIDATION.load(Ordering::SeqCst);
    if data.negative_version.load(Ordering::SeqCst) < version {
        *data.negative.lock() = WeakClasses::default();
        data.negative_version.store(version, Ordering::SeqCst);
    } else if data.negative.lock().contains(subclass) {
        return Ok(false);
    }
    let hook = call_method(this, interned!("__subclasshook__"), &[subclass])?;
    if hook.is_true() {
        add(&data.cache, subclass);
        return Ok(true);
    }
    if hook.is_false() {
        add(&data.negative, subclass);
        return Ok(false);
    }
    if !hook.is_not_implemented() {
        return Err(objects::assertion_error!("__subclasshook__ must return either False, True, or NotImplemented"));
    }
    let found = in_mro(this, subclass) || in_registry(data, subclass)? || in_subclasses(this, subclass)?;
    add(if found { &data.cache } else { &data.negative }, subclass);
    Ok(found)
}
fn in_mro(this: Value, subclass: Value) -> bool {
    subclass.cast::<Class>().is_some_and(|subclass| subclass.mro().items().contains(&this))
}
fn in_registry(data: Gc<AbcData>, subclass: Value) -> R<bool> {
    for registered in targets(&data.registry) {
        if subclass == registered || objects::issubclass(subclass, registered)? {
            return Ok(true);
        }
    }
    Ok(false)
}
fn in_subclasses(this: Value, subclass: Value) -> R<bool> {
    let subclasses = call_method(this, interned!("__subclasses__"), &[])?;
    if subclasses.cast::<objects::List>().is_none() {
        return Err(type_error!("__subclasses__() must return a list"));
    }
    for candidate in objects::to_vec(subclasses)? {
        if objects::issubclass(subclass, candidate)? {
            return Ok(true);
        }
    }
    Ok(false)
}

pub struct AbcDataSkin;

/// Internal state held by ABC machinery.
#[native_class(name = "_abc._abc_data", layout = AbcData, base = object, flags = "final")]
impl AbcDataSkin {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        Ok(new_object(cls, blank_data()).value())
    }
}

fn blank_data() -> AbcData {
    AbcData {
        header: Header::blank(),
        registry: heap::Mutex::default(),
        cache: heap::Mutex::default(),
        negative: heap::Mutex::default(),
        negative_version: AtomicU64::new(INVALIDATION.load(Ordering::SeqCst)),
    }
}

pub struct Abc;

/// The natively written part of the class ABCMeta
#[native_module(name = "_abc", classes = [AbcDataSkin])]
impl Abc {
    /// A number that changes with every registration in an abstract class.
    fn get_cache_token() -> Value {
        new_int_u64(INVALIDATION.load(Ordering::SeqCst))
    }
    /// Set up the caches of a new abstract class, for the module abc.
    #[sig("($module, self, /)")]
    fn _abc_init(this: Value) -> R<()> {
        let methods = abstract_methods(this)?;
        set_attr(this, interned!("__abstractmethods__"), methods)?;
        set_attr(this, interned!("_abc_impl"), new_native(blank_data()).value())?;
        match this.cast::<Class>() {
            Some(class) => take_collection_flags(class),
            None => Ok(()),
        }
    }
    /// Register a subclass, for the module abc.
    #[sig("($module, self, subclass, /)")]
    fn _abc_register(this: Value, subclass: Value) -> R {
        let Some(class) = subclass.cast::<Class>() else { return Err(type_error!("Can only register classes")) };
        if objects::issubclass(subclass, this)? {
            return Ok(subclass);
        }
        // A cycle would make every check run in circles.
        if objects::issubclass(this, subclass)? {
            return Err(runtime_error!("Refusing to create an inheritance cycle"));
        }
        let data = data_of(this)?;
        add(&data.registry, subclass);
        INVALIDATION.fetch_add(1, Ordering::SeqCst);
        if let Some(own) = this.cast::<Class>() {
            let flags = own.flags.bits() & (class::SEQUENCE | class::MAPPING);
            if flags != 0 && !class.flags.has(class::IMMUTABLE) {
                set_collection_flags(class, flags);
            }
        }
        Ok(subclass)
    }
    /// Decide isinstance(), for the module abc.
    #[sig("($module, self, instance, /)")]
    fn _abc_instancecheck(this: Value, instance: Value) -> R {
        let data = data_of(this)?;
        let class = class_of(instance).value();
        let subclass = get_attr_opt(instance, interned!("__class__"))?.unwrap_or(class);
        if data.cache.lock().contains(subclass) {
            return Ok(Value::true_());
        }
        if class == subclass {
            if data.negative_version.load(Ordering::SeqCst) == INVALIDATION.load(Ordering::SeqCst)
                && data.negative.lock().contains(subclass)
            {
                return Ok(Value::false_());
            }
            return call_method(this, interned!("__subclasscheck__"), &[subclass]);
        }
        let result = call_method(this, interned!("__subclasscheck__"), &[subclass])?;
        if is_true(result)? {
            return Ok(result);
        }
        call_method(this, interned!("__subclasscheck__"), &[class])
    }
    /// Decide issubclass(), for the module abc.
    #[sig("($module, self, subclass, /)")]
    fn _abc_subclasscheck(this: Value, subclass: Value) -> R<bool> {
        let _guard = objects::thread::enter_recursion_in(" in __subclasscheck__")?;
        subclass_check(this, subclass)
    }
    /// The registry and the caches of a class, for debugging.
    #[sig("($module, self, /)")]
    fn _get_dump(this: Value) -> R {
        let data = data_of(this)?;
        let version = new_int_u64(data.negative_version.load(Ordering::SeqCst));
        Ok(new_tuple(&[references(&data.registry)?, references(&data.cache)?, references(&data.negative)?, version]).value())
    }
    /// Empty the registry of a class, for tests of the module abc.
    #[sig("($module, self, /)")]
    fn _reset_registry(this: Value) -> R<()> {
        *data_of(this)?.registry.lock() = WeakClasses::default();
        Ok(())
    }
    /// Empty the two caches of a class, for tests of the module abc.
    #[sig("($module, self, /)")]
    fn _reset_caches(this: Value) -> R<()> {
        let data = data_of(this)?;
        *data.cache.lock() = WeakClasses::default();
        *data.negative.lock() = WeakClasses::default();
        Ok(())
    }
}
