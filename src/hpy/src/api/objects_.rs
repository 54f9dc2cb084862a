//! Handles, attributes, items, tests and conversions of any object.
//!
//! Must not know: how objects are laid out.

use super::{name_from, name_of};
use crate::abi::Handle;
use crate::context::{flag, guarded, own, status};
use crate::table::kind::*;
use objects::{Cast, CompareOp, Gc, List, R, Str, Tuple, Value, class_name, type_error};

#[inline(always)]
pub unsafe fn ctx_Dup(h: In) -> Own {
    // SAFETY: the ABI.
    h.dup()
}
#[inline(always)]
pub unsafe fn ctx_Close(h: Take) {
    // SAFETY: the ABI: the extension gives the handle up.
    h.close()
}
#[inline(always)]
pub unsafe fn ctx_Is(obj: In, other: In) -> Int {
    // SAFETY: the ABI.
    (obj.get() == other.get()) as Int
}

pub unsafe fn ctx_Callable_Check(h: In) -> Int {
    objects::is_callable(h.value_or_none()) as Int
}
pub unsafe fn ctx_IsTrue(h: In) -> Int {
    if let Some(known) = h.get().and_then(Value::as_bool) {
        return known as Int;
    }
    flag(|| objects::is_true(h.value()))
}
pub unsafe fn ctx_Length(h: In) -> Ssize {
    guarded(-1, || objects::len(h.value()).map(|len| len as isize))
}

#[inline]
fn load_attribute(object: Value, name: Gc<Str>) -> R {
    use objects::class::{CUSTOM_GETATTR, GENERIC_GETATTR};
    let flags = &objects::class_of(object).flags;
    if flags.has(GENERIC_GETATTR) && !flags.has(CUSTOM_GETATTR) {
        return objects::generic_get_attr(object, name);
    }
    objects::get_attr(object, name)
}
pub unsafe fn ctx_GetAttr(obj: In, name: In) -> Own {
    own(|| load_attribute(obj.value(), name_of(name.value())?))
}
pub unsafe fn ctx_GetAttr_s(obj: In, name: Chars) -> Own {
    own(|| load_attribute(obj.value(), name_from(name)?))
}
/// Errors are swallowed, whatever they are: callers have no way to learn of them.
pub unsafe fn ctx_HasAttr(obj: In, name: In) -> Int {
    has_attribute(|| objects::get_attr_opt(obj.value(), name_of(name.value())?))
}
pub unsafe fn ctx_HasAttr_s(obj: In, name: Chars) -> Int {
    has_attribute(|| objects::get_attr_opt(obj.value(), name_from(name)?))
}
fn has_attribute(find: impl FnOnce() -> R<Option<Value>>) -> Int {
    guarded(0, || {
        Ok(match find() {
            Ok(found) => found.is_some() as Int,
            Err(raised) => {
                raised.clear();
                0
            }
        })
    })
}
pub unsafe fn ctx_SetAttr(obj: In, name: In, value: In) -> Int {
    status(|| store_attribute(obj.value(), name_of(name.value())?, value.get()))
}
pub unsafe fn ctx_SetAttr_s(obj: In, name: Chars, value: In) -> Int {
    status(|| store_attribute(obj.value(), name_from(name)?, value.get()))
}
fn store_attribute(object: Value, name: Gc<Str>, value: Option<Value>) -> R<()> {
    match value {
        Some(value) => objects::set_attr(object, name, value),
        None => objects::del_attr(object, name),
    }
}

pub unsafe fn ctx_GetItem(obj: In, key: In) -> Own {
    own(|| objects::get_item(obj.value(), key.value()))
}
pub unsafe fn ctx_GetItem_i(obj: In, idx: Ssize) -> Own {
    own(|| {
        let object = obj.value();
        if idx >= 0 {
            if let Some(list) = object.cast_exact::<List>() {
                return objects::list::list_get_item(list, idx as i64);
            }
            if let Some(item) = object.cast_exact::<Tuple>().and_then(|tuple| tuple.get(idx as usize)) {
                return Ok(item);
            }
        }
        objects::get_item(object, objects::new_int(idx as i64))
    })
}
pub unsafe fn ctx_GetItem_s(obj: In, key: Chars) -> Own {
    own(|| objects::get_item(obj.value(), name_from(key)?.value()))
}
pub unsafe fn ctx_Contains(container: In, key: In) -> Int {
    flag(|| objects::contains(container.value(), key.value()))
}
pub unsafe fn ctx_SetItem(obj: In, key: In, value: In) -> Int {
    status(|| objects::set_item(obj.value(), key.value(), value.value()))
}
pub unsafe fn ctx_SetItem_i(obj: In, idx: Ssize, value: In) -> Int {
    status(|| {
        let object = obj.value();
        if idx >= 0
            && let Some(list) = object.cast_exact::<List>()
        {
            return objects::list::list_set_item(list, idx as i64, value.value());
        }
        objects::set_item(object, objects::new_int(idx as i64), value.value())
    })
}
pub unsafe fn ctx_SetItem_s(obj: In, key: Chars, value: In) -> Int {
    status(|| objects::set_item(obj.value(), name_from(key)?.value(), value.value()))
}
pub unsafe fn ctx_DelItem(obj: In, key: In) -> Int {
    status(|| objects::del_item(obj.value(), key.value()))
}
pub unsafe fn ctx_DelItem_i(obj: In, idx: Ssize) -> Int {
    status(|| objects::del_item(obj.value(), objects::new_int(idx as i64)))
}
pub unsafe fn ctx_DelItem_s(obj: In, key: Chars) -> Int {
    status(|| objects::del_item(obj.value(), name_from(key)?.value()))
}

unsafe fn slice_of(start: Ssize, end: Ssize) -> Value {
    objects::slice::new_slice(objects::new_int(start as i64), objects::new_int(end as i64), Value::none()).value()
}
pub unsafe fn ctx_GetSlice(obj: In, start: Ssize, end: Ssize) -> Own {
    own(|| objects::get_item(obj.value(), slice_of(start, end)))
}
pub unsafe fn ctx_SetSlice(obj: In, start: Ssize, end: Ssize, value: In) -> Int {
    status(|| objects::set_item(obj.value(), slice_of(start, end), value.value()))
}
pub unsafe fn ctx_DelSlice(obj: In, start: Ssize, end: Ssize) -> Int {
    status(|| objects::del_item(obj.value(), slice_of(start, end)))
}

pub unsafe fn ctx_GetIter(obj: In) -> Own {
    own(|| objects::iter(obj.value()))
}
/// NULL without an exception at the end.
pub unsafe fn ctx_Iter_Next(obj: In) -> Own {
    guarded(Handle::NULL, || Ok(Handle::owned_opt(objects::next(obj.value())?)))
}
pub unsafe fn ctx_Iter_Check(obj: In) -> Int {
    objects::class_of(obj.value_or_none()).slots.next.get().is_some() as Int
}

pub unsafe fn ctx_Repr(obj: In) -> Own {
    own(|| Ok(objects::repr(obj.value())?.value()))
}
pub unsafe fn ctx_Str(obj: In) -> Own {
    own(|| Ok(objects::str_of(obj.value())?.value()))
}
pub unsafe fn ctx_ASCII(obj: In) -> Own {
    own(|| Ok(objects::ascii(obj.value())?.value()))
}
/// `bytes(obj)`, but numbers are refused.
pub unsafe fn ctx_Bytes(obj: In) -> Own {
    own(|| {
        let value = obj.value();
        if value.cast_exact::<objects::Bytes>().is_some() {
            return Ok(value);
        }
        if objects::is_int(value) {
            return Err(type_error!("cannot convert '{}' object to bytes", class_name(value)));
        }
        objects::call(objects::classes::bytes().value(), &[value])
    })
}

fn compare_op(op: Int) -> R<CompareOp> {
    Ok(match op {
        0 => CompareOp::Lt,
        1 => CompareOp::Le,
        2 => CompareOp::Eq,
        3 => CompareOp::Ne,
        4 => CompareOp::Gt,
        5 => CompareOp::Ge,
        _ => return Err(objects::system_error!("bad comparison operation: {op}")),
    })
}
pub unsafe fn ctx_RichCompare(v: In, w: In, op: Int) -> Own {
    own(|| objects::compare(compare_op(op)?, v.value(), w.value()))
}
/// Identical objects are equal, whatever they say.
pub unsafe fn ctx_RichCompareBool(v: In, w: In, op: Int) -> Int {
    flag(|| {
        let (v, w, op) = (v.value(), w.value(), compare_op(op)?);
        if v == w && !v.is_float() {
            match op {
                CompareOp::Eq => return Ok(true),
                CompareOp::Ne => return Ok(false),
                _ => {}
            }
        }
        objects::compare_bool(op, v, w)
    })
}
pub unsafe fn ctx_Hash(obj: In) -> Ssize {
    guarded(-1, || objects::hash(obj.value()).map(|hash| hash as isize))
}
pub unsafe fn ctx_Dump(h: In) {
    guarded((), || {
        let Some(value) = h.get() else {
            eprintln!("<NULL object>");
            return Ok(());
        };
        eprintln!("object address  : {:#x}", value.raw());
        eprintln!("object type     : {:#x}", objects::class_of(value).value().raw());
        eprintln!("object type name: {}", class_name(value));
        eprintln!("object repr     : {}", objects::repr_lossy(value));
        Ok(())
    })
}
