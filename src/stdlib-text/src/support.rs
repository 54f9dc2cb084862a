//! Small helpers that several modules of this crate need.

use objects::{Class, Gc, Layout, R, Value, call, class_of, get_attr, interned};

/// A read-only view of a dict.
pub fn mapping_proxy(mapping: Value) -> R {
    // The class of proxies belongs to another crate; the namespace of any class is one.
    let sample = get_attr(Class::class().value(), interned!("__dict__"))?;
    let class: Gc<Class> = class_of(sample);
    call(class.value(), &[mapping])
}
