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
use crate::native::ExternCall;
use crate::slots::{ALL_SLOTS, SlotId};
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
    /// The namespace has a `__module__` that belongs to the name.
    pub has_module: bool,
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
    if def.has_module {
        class.flags.add(class::NAMED_WITH_MODULE);
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

/// The functions of extensions in a class's slots. One table serves a type and the classes below it, as long as nothing else takes a slot.
/// Tables are never freed: there is about one for each extension type.
#[derive(Clone)]
pub struct ExternSlots([Option<ExternSlot>; ALL_SLOTS.len()]);

#[derive(Clone, Copy, PartialEq)]
struct ExternSlot {
    enter: usize,
    data: usize,
}

/// Puts a function of an extension into a slot.
pub(crate) fn set_slot(class: Gc<Class>, id: SlotId, enter: ExternCall, data: usize) {
    let slot = Some(ExternSlot { enter: enter as usize, data });
    let known = class.externs.load(Ordering::Acquire);
    // SAFETY: tables are never freed, nor changed once a class has them.
    let table = unsafe { known.as_ref() };
    if table.is_none_or(|table| table.0[id as usize] != slot) {
        let mut fresh = table.cloned().unwrap_or(ExternSlots([None; ALL_SLOTS.len()]));
        fresh.0[id as usize] = slot;
        class.externs.store(Box::leak(Box::new(fresh)), Ordering::Release);
    }
    class.slots.set_extern(id);
}

/// How the function in a slot is entered, if it is one of an extension.
#[inline(always)]
pub fn extern_slot(class: Gc<Class>, id: u8) -> Option<(ExternCall, usize)> {
    // SAFETY: as in `set_slot`; the ids are indexes of the table; `enter` comes from an `ExternCall`.
    unsafe {
        let slot = class.externs.load(Ordering::Acquire).as_ref()?.0.get_unchecked(id as usize).as_ref()?;
        Some((std::mem::transmute::<usize, ExternCall>(slot.enter), slot.data))
    }
}

/// How instances of a class are called, if that is an extension's matter.
#[inline(always)]
pub fn extern_call(class: Gc<Class>) -> Option<(ExternCall, usize)> {
    const ID: u8 = SlotId::Call as u8;
    static ENTER: crate::slots::Call = enter_extern::Call::<ID>;
    let found = extern_slot(class, ID)?;
    class.slots.call.get().is_some_and(|slot| std::ptr::fn_addr_eq(slot, ENTER)).then_some(found)
}

/// How an item of instances of a class is read, if that is an extension's matter.
#[inline(always)]
pub fn extern_getitem(class: Gc<Class>) -> Option<(ExternCall, usize)> {
    const ID: u8 = SlotId::GetItem as u8;
    static ENTER: crate::slots::Binary = enter_extern::Binary::<ID>;
    let found = extern_slot(class, ID)?;
    class.slots.getitem.get().is_some_and(|slot| std::ptr::fn_addr_eq(slot, ENTER)).then_some(found)
}

/// What an extension's function for `__buffer__` is called with, if instances of a class have one.
pub fn extern_buffer(class: Gc<Class>) -> Option<usize> {
    const ID: u8 = SlotId::Buffer as u8;
    static ENTER: crate::slots::Binary = enter_extern::Binary::<ID>;
    let (_, data) = extern_slot(class, ID)?;
    class.slots.buffer.get().is_some_and(|slot| std::ptr::fn_addr_eq(slot, ENTER)).then_some(data)
}

/// What makes instances of a class, if that is an extension's matter.
#[inline(always)]
pub fn extern_new(class: Gc<Class>) -> Option<(ExternCall, usize)> {
    const ID: u8 = SlotId::New as u8;
    static ENTER: crate::slots::New = enter_extern::New::<ID>;
    let found = extern_slot(class, ID)?;
    class.slots.new.get().is_some_and(|slot| std::ptr::fn_addr_eq(slot, ENTER)).then_some(found)
}

/// Functions that sit in the slots of classes whose dunder is an extension's: they hand the arguments over. Between two changes of a class
/// the table may be another one than the slot's: then the dunder is looked up.
#[allow(non_snake_case)]
pub(crate) mod enter_extern {
    use super::extern_slot;
    use crate::args::Args;
    use crate::class::{Class, class_of};
    use crate::error::{R, system_error};
    use crate::layout::Gc;
    use crate::protocol::{hash_result, index_as_len};
    use crate::slots::trampoline;
    use heap::Value;

    pub fn Unary<const ID: u8>(this: Value) -> R {
        match extern_slot(class_of(this), ID) {
            Some((enter, data)) => enter(data, this, &[], &[]),
            None => trampoline::Unary::<ID>(this),
        }
    }
    pub fn Binary<const ID: u8>(this: Value, other: Value) -> R {
        match extern_slot(class_of(this), ID) {
            Some((enter, data)) => enter(data, this, &[other], &[]),
            None => trampoline::Binary::<ID>(this, other),
        }
    }
    pub fn Ternary<const ID: u8>(this: Value, other: Value, modulus: Value) -> R {
        match extern_slot(class_of(this), ID) {
            Some((enter, data)) => enter(data, this, &[other, modulus], &[]),
            None => trampoline::Ternary::<ID>(this, other, modulus),
        }
    }
    pub fn Len<const ID: u8>(this: Value) -> R<usize> {
        match extern_slot(class_of(this), ID) {
            Some((enter, data)) => match enter(data, this, &[], &[])? {
                len if len.is_int() && len.as_int() >= 0 => Ok(len.as_int() as usize),
                other => index_as_len(other),
            },
            None => trampoline::Len::<ID>(this),
        }
    }
    pub fn Bool<const ID: u8>(this: Value) -> R<bool> {
        match extern_slot(class_of(this), ID) {
            Some((enter, data)) => Ok(enter(data, this, &[], &[])? == Value::true_()),
            None => trampoline::Bool::<ID>(this),
        }
    }
    pub fn Hash<const ID: u8>(this: Value) -> R<i64> {
        match extern_slot(class_of(this), ID) {
            Some((enter, data)) => match enter(data, this, &[], &[])? {
                hash if hash.int() == Some(-1) => {
                    Err(system_error!("<built-in function hash> returned NULL without setting an exception"))
                }
                hash => hash_result(hash),
            },
            None => trampoline::Hash::<ID>(this),
        }
    }
    pub fn Contains<const ID: u8>(this: Value, item: Value) -> R<bool> {
        match extern_slot(class_of(this), ID) {
            Some((enter, data)) => Ok(enter(data, this, &[item], &[])? == Value::true_()),
            None => trampoline::Contains::<ID>(this, item),
        }
    }
    pub fn SetItem<const ID: u8>(this: Value, key: Value, value: Value) -> R<()> {
        match extern_slot(class_of(this), ID) {
            Some((enter, data)) => enter(data, this, &[key, value], &[]).map(|_| ()),
            None => trampoline::SetItem::<ID>(this, key, value),
        }
    }
    pub fn DelItem<const ID: u8>(this: Value, key: Value) -> R<()> {
        match extern_slot(class_of(this), ID) {
            Some((enter, data)) => enter(data, this, &[key], &[]).map(|_| ()),
            None => trampoline::DelItem::<ID>(this, key),
        }
    }
    pub fn Get<const ID: u8>(this: Value, instance: Option<Value>, owner: Option<Value>) -> R {
        match extern_slot(class_of(this), ID) {
            Some((enter, data)) => enter(data, this, &[instance.unwrap_or(Value::none()), owner.unwrap_or(Value::none())], &[]),
            None => trampoline::Get::<ID>(this, instance, owner),
        }
    }
    pub fn Call<const ID: u8>(this: Value, args: Args) -> R {
        match extern_slot(class_of(this), ID) {
            Some((enter, data)) => enter(data, this, args.values(), args.names()),
            None => trampoline::Call::<ID>(this, args),
        }
    }
    pub fn Init<const ID: u8>(this: Value, args: Args) -> R<()> {
        match extern_slot(class_of(this), ID) {
            Some((enter, data)) => enter(data, this, args.values(), args.names()).map(|_| ()),
            None => trampoline::Init::<ID>(this, args),
        }
    }
    pub fn New<const ID: u8>(class: Gc<Class>, args: Args) -> R {
        match extern_slot(class, ID) {
            Some((enter, data)) => enter(data, class.value(), args.values(), args.names()),
            None => trampoline::New::<ID>(class, args),
        }
    }
    // Extensions have no functions for this slot.
    pub use crate::slots::trampoline::Next;
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
