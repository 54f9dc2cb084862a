//! The module `_weakref`: references. Proxies are in `weak_proxy.rs`, layouts in `objects::weakref`.

use crate::weak_proxy::{CallableProxySkin, ProxySkin, new_proxy};
use native_macros::{native_class, native_module};
use objects::dict::{self, Dict};
use objects::weakref::{WeakRef, existing_plain_weakref, first_of, new_weakref};
use objects::{
    Args, Cast, Class, Gc, GcVec, Layout, Module, R, Str, Value, class_of, get_attr_opt, interned, new_list, type_error,
};

pub struct RefSkin;

/// Whether the reference would be shared: exactly `weakref.ref`, no callback.
fn is_plain(class: Gc<Class>, callback: Option<Value>) -> bool {
    callback.is_none() && class == WeakRef::class()
}

#[native_class(name = "weakref.ReferenceType", layout = WeakRef, base = object)]
impl RefSkin {
    #[new]
    #[sig("(object, callback=None, /)", hidden)]
    fn new(cls: Gc<Class>, args: Args) -> R {
        args.check_count("__new__", 1, 2)?;
        let target = args.positional()[0];
        let callback = args.get(1).filter(|callback| !callback.is_none());
        if !is_plain(cls, callback) || !objects::weakref::supports_weakrefs(target) {
            return Ok(new_weakref(cls, target, callback)?.value());
        }
        match existing_plain_weakref(target) {
            Some(existing) => Ok(existing),
            None => Ok(first_of(new_weakref(cls, target, None)?, existing_plain_weakref(target))),
        }
    }
    fn __init__(_this: Gc<WeakRef>, args: Args) -> R<()> {
        args.check_count("__init__", 1, 2)?;
        args.no_keywords("ReferenceType")
    }
    fn __call__(this: Gc<WeakRef>, args: Args) -> R {
        args.no_keywords("weakref")?;
        args.check_count("weakref", 0, 0)?;
        Ok(this.target.get().unwrap_or(Value::none()))
    }
    fn __hash__(this: Gc<WeakRef>) -> R<i64> {
        this.hash_of_target()
    }
    fn __eq__(this: Gc<WeakRef>, other: Gc<WeakRef>) -> R {
        compare_targets(this, other, false)
    }
    fn __ne__(this: Gc<WeakRef>, other: Gc<WeakRef>) -> R {
        compare_targets(this, other, true)
    }
    fn __repr__(this: Gc<WeakRef>) -> R<String> {
        let address = this.value().raw();
        let Some(target) = this.target.get() else { return Ok(format!("<weakref at {address:#x}; dead>")) };
        let class = objects::class::class_full_name(class_of(target));
        let name = match get_attr_opt(target, interned!("__name__")) {
            Ok(name) => name.and_then(|name| name.cast::<Str>()).map(|name| format!(" ({})", name.to_string_lossy())),
            Err(raised) => {
                raised.clear();
                None
            }
        };
        Ok(format!("<weakref at {address:#x}; to '{class}' at {:#x}{}>", target.raw(), name.unwrap_or_default()))
    }
    #[getter]
    fn __callback__(this: Gc<WeakRef>) -> Value {
        match this.target.get() {
            Some(_) => this.callback.get().unwrap_or(Value::none()),
            None => Value::none(),
        }
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cls: Gc<Class>, item: Value) -> R {
        objects::door::generic_alias(cls.value(), item)
    }
}

fn compare_targets(a: Gc<WeakRef>, b: Gc<WeakRef>, negate: bool) -> R {
    let equal = match (a.target.get(), b.target.get()) {
        (Some(x), Some(y)) => {
            if negate {
                return objects::compare(objects::CompareOp::Ne, x, y);
            }
            return objects::compare(objects::CompareOp::Eq, x, y);
        }
        _ => a == b,
    };
    Ok(Value::bool(equal != negate))
}

/// Weak references and proxies to an object.
fn holders(target: Value) -> GcVec {
    let count = heap::weak::count(target);
    // Nothing may be allocated while the table of weak references is walked.
    let mut found: GcVec = GcVec::with_capacity(count + 8);
    heap::weak::find_holder(target, &mut |holder| {
        if found.len() < count + 8 && holder.cast::<WeakRef>().is_some() {
            found.push(holder);
        }
        false
    });
    found
}

pub struct WeakrefModule;

/// Weak-reference support module.
#[native_module(name = "_weakref", classes = [RefSkin, ProxySkin, CallableProxySkin])]
impl WeakrefModule {
    /// How many weak references to 'object' there are.
    fn getweakrefcount(object: Value) -> usize {
        if objects::weakref::supports_weakrefs(object) { holders(object).len() } else { 0 }
    }
    /// The list of the weak references to 'object'.
    fn getweakrefs(object: Value) -> Value {
        if !objects::weakref::supports_weakrefs(object) {
            return new_list(&[]).value();
        }
        let mut found = holders(object);
        let plain = |reference: &Value| reference.cast_exact::<WeakRef>().is_some_and(|reference| reference.callback.is_empty());
        // The shared reference first, then the newest ones.
        found.reverse();
        if let Some(index) = found.iter().position(plain) {
            let first = found.remove(index);
            found.insert(0, first);
        }
        new_list(&found).value()
    }
    /// A proxy for 'object' that does not keep it alive.
    #[sig("($module, object, callback=None, /)")]
    fn proxy(object: Value, callback: Option<Value>) -> R {
        new_proxy(object, callback.filter(|callback| !callback.is_none()))
    }
    /// Take key out of dict if its value is a dead weak reference.
    fn _remove_dead_weakref(dct: Gc<Dict>, key: Value) -> R<()> {
        let Some(reference) = dict::dict_get(dct, key)? else { return Ok(()) };
        let Some(weak) = reference.cast::<WeakRef>() else {
            return Err(type_error!("not a weakref"));
        };
        if weak.target.is_empty() {
            dict::dict_remove(dct, key)?;
        }
        Ok(())
    }
    fn __exec__(module: Value) -> R<()> {
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        module.set("ref", RefSkin::CLASS_DEF.class().value())?;
        module.set("ReferenceType", RefSkin::CLASS_DEF.class().value())
    }
}
