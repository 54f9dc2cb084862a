//! Classes of extensions: native layouts and functions that come at run time, from outside the program.
//!
//! Must not know: the ABI through which they come.

use crate::class::{self, Class, next_version};
use crate::class_new::{
    INHERITED_FLAGS, add_subclass, alloc_class_for, best_base, calculate_metaclass, call_init_subclass, call_set_names,
    compute_mro, custom_mro, lay_out, update_all_slots,
};
use crate::dict::Dict;
use crate::error::{R, type_error};
use crate::layout::{Cast, Gc, LayoutDesc};
use crate::tuple::new_tuple;
use heap::{Header, Value};
use std::sync::atomic::Ordering;

/// What a class of an extension is made of.
pub struct ExtensionClass<'a> {
    pub metaclass: Gc<Class>,
    pub name: &'a str,
    pub bases: &'a [Value],
    pub namespace: Gc<Dict>,
    /// May be subclassed.
    pub is_base: bool,
}

/// The base whose layout the class extends, and the metaclass that it gets.
pub fn solid(metaclass: Gc<Class>, bases: &[Value]) -> R<(Gc<Class>, Gc<Class>)> {
    let base = best_base(bases)?;
    Ok((base, calculate_metaclass(metaclass, bases)?))
}

/// Makes the class. `layout` is that of `base` or extends it; `tail_payload` bytes follow the tail of instances if it has one.
pub fn new_extension_class(
    def: &ExtensionClass,
    base: Gc<Class>,
    layout: &'static LayoutDesc,
    tail_payload: usize,
) -> R<Gc<Class>> {
    let metaclass = def.metaclass;
    let class = alloc_class_for(metaclass, layout);
    class.flags.add(class::HEAP_TYPE | (base.flags.bits() & INHERITED_FLAGS));
    if def.is_base {
        class.flags.add(class::BASE_TYPE);
    }
    let bases = def.bases.iter().filter_map(|base| base.cast::<Class>());
    let inherited = bases.fold(0, |flags, base| flags | base.flags.bits());
    class.flags.add(inherited & class::HAS_WEAKREF);
    class.name.set(crate::intern::intern(def.name).value());
    class.qualname.set(crate::intern::intern(def.name).value());
    class.bases.set(new_tuple(def.bases).value());
    class.base.set(base.value());
    class.dict.set(def.namespace.value());
    if layout.class.is_set() {
        debug_assert!(std::ptr::eq(layout, base.layout));
    } else {
        layout.class.set(class);
    }
    lay_out(class, Some(base), 0, inherited & class::HAS_DICT != 0);
    if tail_payload != 0 {
        class.extra.set_opt(Value::try_int(tail_payload as i64));
    }
    class.mro.set(compute_mro(class)?.value());
    custom_mro(class, metaclass)?;
    update_all_slots(class);
    class.version.store(next_version(), Ordering::Release);
    for base in def.bases {
        match base.cast::<Class>() {
            Some(base) => add_subclass(base, class),
            None => return Err(type_error!("bases must be types")),
        }
    }
    Ok(class)
}

/// What `type.__new__` does last: `__set_name__` of the attributes and `__init_subclass__` of the bases.
pub fn announce(class: Gc<Class>) -> R<()> {
    call_set_names(class, class.dict())?;
    call_init_subclass(class, &[])
}

/// Bytes behind the tail of an instance: attribute storage (`attributes` bytes) and what an extension keeps there.
#[inline]
pub(crate) fn tail_extra(class: Gc<Class>, attributes: usize) -> usize {
    let attributes = if class.ext_offset.load(Ordering::Relaxed) != 0 { attributes } else { 0 };
    attributes + class.tail_payload()
}

/// Notes a fresh instance whose layout has a tail for its finalizer and its `drop`.
#[inline]
pub(crate) fn register_tailed(object: *mut Header, class: Gc<Class>) {
    if class.flags.has(class::HAS_FINALIZER) {
        heap::register_finalizable(object);
    }
    if class.layout.drop.is_some() {
        heap::register_droppable(object);
    }
}
