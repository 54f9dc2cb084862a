//! `types.MappingProxyType`: a read-only view of a mapping.

use native_macros::{Layout, native_class};
use objects::dict::Dict;
use objects::{
    Cast, Class, CompareOp, Gc, Header, R, Slot, Value, call_method, class_name, compare, interned, new_native, new_object,
    type_error,
};

#[derive(Layout)]
#[repr(C)]
pub struct MappingProxy {
    pub header: Header,
    mapping: Slot,
}

impl MappingProxy {
    pub fn mapping(&self) -> Value {
        // SAFETY: set at creation.
        unsafe { self.mapping.get().unwrap_unchecked() }
    }
}

impl MappingProxy {
    /// The same for what goes on with it: it may be a proxy, too, and so on.
    fn inner(&self) -> R {
        let _guard = objects::thread::enter_recursion()?;
        Ok(self.mapping())
    }
}

/// A proxy of `mapping`.
pub fn new_proxy(mapping: Value) -> R {
    Ok(new_native(MappingProxy { header: Header::blank(), mapping: Slot::new(mapping) }).value())
}

/// The mapping behind a proxy, or the value itself.
fn unwrap(value: Value) -> Value {
    value.cast::<MappingProxy>().map_or(value, |proxy| proxy.mapping())
}

pub struct MappingProxySkin;

/// A view of a mapping that cannot change it.
#[native_class(name = "mappingproxy", layout = MappingProxy, base = object, flags = "final mapping")]
impl MappingProxySkin {
    #[new]
    #[sig("(mapping)")]
    fn new(cls: Gc<Class>, mapping: Value) -> R {
        let class = objects::class_of(mapping);
        let sequence = mapping.cast::<objects::List>().is_some() || mapping.cast::<objects::Tuple>().is_some();
        if class.slots.getitem.get().is_none() || sequence {
            return Err(type_error!("mappingproxy() argument must be a mapping, not {}", class_name(mapping)));
        }
        Ok(new_object(cls, MappingProxy { header: Header::blank(), mapping: Slot::new(mapping) }).value())
    }
    fn __len__(this: Gc<MappingProxy>) -> R<usize> {
        objects::len(this.inner()?)
    }
    fn __getitem__(this: Gc<MappingProxy>, key: Value) -> R {
        objects::get_item(this.inner()?, key)
    }
    fn __contains__(this: Gc<MappingProxy>, key: Value) -> R<bool> {
        match this.inner()?.cast_exact::<Dict>() {
            Some(dict) => objects::dict::dict_contains(dict, key),
            None => objects::contains(this.inner()?, key),
        }
    }
    fn __iter__(this: Gc<MappingProxy>) -> R {
        objects::iter(this.inner()?)
    }
    fn __hash__(this: Gc<MappingProxy>) -> R<i64> {
        objects::hash(this.inner()?)
    }
    fn __repr__(this: Gc<MappingProxy>) -> R<String> {
        Ok(format!("mappingproxy({})", objects::repr(this.inner()?)?.to_string_lossy()))
    }
    fn __str__(this: Gc<MappingProxy>) -> R {
        Ok(objects::str_of(this.inner()?)?.value())
    }
    fn __eq__(this: Gc<MappingProxy>, other: Value) -> R {
        compare(CompareOp::Eq, this.inner()?, unwrap(other))
    }
    fn __ne__(this: Gc<MappingProxy>, other: Value) -> R {
        compare(CompareOp::Ne, this.inner()?, unwrap(other))
    }
    fn __lt__(this: Gc<MappingProxy>, other: Value) -> R {
        compare(CompareOp::Lt, this.inner()?, unwrap(other))
    }
    fn __le__(this: Gc<MappingProxy>, other: Value) -> R {
        compare(CompareOp::Le, this.inner()?, unwrap(other))
    }
    fn __gt__(this: Gc<MappingProxy>, other: Value) -> R {
        compare(CompareOp::Gt, this.inner()?, unwrap(other))
    }
    fn __ge__(this: Gc<MappingProxy>, other: Value) -> R {
        compare(CompareOp::Ge, this.inner()?, unwrap(other))
    }
    fn __or__(this: Gc<MappingProxy>, other: Value) -> R {
        objects::binary_op(objects::BinaryOp::Or, this.inner()?, unwrap(other))
    }
    fn __ror__(this: Gc<MappingProxy>, other: Value) -> R {
        objects::binary_op(objects::BinaryOp::Or, unwrap(other), this.inner()?)
    }
    fn __ior__(this: Gc<MappingProxy>, _other: Value) -> R {
        Err(type_error!("'|=' is not supported by {}; use '|' instead", class_name(this.value())))
    }
    /// The value for key, or default if the mapping does not have key.
    #[sig("($self, key, default=None, /)")]
    fn get(this: Gc<MappingProxy>, key: Value, default: Option<Value>) -> R {
        call_method(this.inner()?, interned!("get"), &[key, default.unwrap_or(Value::none())])
    }
    /// a view of the keys, which acts like a set
    fn keys(this: Gc<MappingProxy>) -> R {
        call_method(this.inner()?, interned!("keys"), &[])
    }
    /// a view of the values
    fn values(this: Gc<MappingProxy>) -> R {
        call_method(this.inner()?, interned!("values"), &[])
    }
    /// a view of the (key, value) pairs, which acts like a set
    fn items(this: Gc<MappingProxy>) -> R {
        call_method(this.inner()?, interned!("items"), &[])
    }
    /// a new mapping with the same items
    fn copy(this: Gc<MappingProxy>) -> R {
        call_method(this.inner()?, interned!("copy"), &[])
    }
    /// An iterator over the keys from last to first.
    fn __reversed__(this: Gc<MappingProxy>) -> R {
        objects::call_special(this.inner()?, interned!("__reversed__"), &[])
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cls: Gc<Class>, item: Value) -> R {
        objects::door::generic_alias(cls.value(), item)
    }
}
