//! Lists, tuples, dicts, slices, and the builders of lists and tuples.
//!
//! Must not know: buffers and tables inside the containers.

use crate::abi::Handle;
use crate::context::{guarded, own, status};
use crate::handle;
use crate::table::kind;
use crate::table::kind::*;
use objects::error::memory_error;
use objects::{Cast, Dict, Gc, List, R, Slice, Tuple, Value, dict, list, slice, system_error, tuple, type_error};

pub unsafe fn ctx_List_Check(h: In) -> Int {
    h.value_or_none().cast::<List>().is_some() as Int
}
/// A list of `len` items, all None until they are set.
pub unsafe fn ctx_List_New(len: Ssize) -> Own {
    own(|| Ok(list_of_nones(len)?.value()))
}
fn list_of_nones(len: isize) -> R<Gc<List>> {
    let Ok(len) = usize::try_from(len) else { return Err(bad_argument()) };
    let made = list::list_with_capacity(len)?;
    for _ in 0..len {
        list::list_append(made, Value::none())?;
    }
    Ok(made)
}
fn as_list(value: Value) -> R<Gc<List>> {
    value.cast::<List>().ok_or_else(bad_argument)
}
#[inline(always)]
pub unsafe fn ctx_List_Append(list: In, item: In) -> Int {
    if !heap::is_multithreaded()
        && let (Some(found), Some(value)) = (list.get(), item.get())
        && let Some(found) = found.cast_exact::<List>()
        && list::list_append_alone(&found, value)
    {
        heap::poll();
        return 0;
    }
    append_shared(list, item)
}
/// Out of line: locking would cost the way above its registers.
#[inline(never)]
unsafe extern "C" fn append_shared(list: In, item: In) -> Int {
    if let (Some(found), Some(value)) = (list.get(), item.get())
        && let Some(found) = found.cast_exact::<List>()
        && list::list_append_quick(&found, value)
    {
        heap::poll();
        return 0;
    }
    append(list, item)
}
#[inline(never)]
unsafe extern "C" fn append(list: In, item: In) -> Int {
    status(|| list::list_append(as_list(list.value())?, item.value()))
}
pub unsafe fn ctx_List_Insert(list: In, index: Ssize, item: In) -> Int {
    status(|| list::list_insert(as_list(list.value())?, index as i64, item.value()))
}

pub unsafe fn ctx_Dict_Check(h: In) -> Int {
    h.value_or_none().cast::<Dict>().is_some() as Int
}
pub unsafe fn ctx_Dict_New() -> Own {
    own(|| Ok(dict::new_dict().value()))
}
fn as_dict(value: Value) -> R<Gc<Dict>> {
    value.cast::<Dict>().ok_or_else(bad_argument)
}
pub unsafe fn ctx_Dict_Keys(h: In) -> Own {
    own(|| Ok(list::new_list(&dict::dict_keys(as_dict(h.value())?)).value()))
}
pub unsafe fn ctx_Dict_Copy(h: In) -> Own {
    own(|| Ok(dict::dict_copy(as_dict(h.value())?)?.value()))
}

pub unsafe fn ctx_Tuple_Check(h: In) -> Int {
    h.value_or_none().cast::<Tuple>().is_some() as Int
}
pub unsafe fn ctx_Tuple_FromArray(items: InArray, n: Ssize) -> Own {
    own(|| {
        let Ok(count) = usize::try_from(n) else { return Err(bad_argument()) };
        const FEW: usize = 8;
        if count <= FEW {
            let mut few = [Value::none(); FEW];
            for (index, place) in few[..count].iter_mut().enumerate() {
                *place = (*items.add(index)).value();
            }
            return Ok(tuple::new_tuple(&few[..count]).value());
        }
        Ok(tuple::new_tuple(&handle::values(items, count)).value())
    })
}

pub unsafe fn ctx_Slice_New(start: In, stop: In, step: In) -> Own {
    own(|| {
        let part = |handle: Handle| handle.get().unwrap_or(Value::none());
        Ok(slice::new_slice(part(start), part(stop), part(step)).value())
    })
}
pub unsafe fn ctx_Slice_Unpack(slice: In, start: SsizeOut, stop: SsizeOut, step: SsizeOut) -> Int {
    status(|| {
        let Some(slice) = slice.value().cast::<Slice>() else { return Err(bad_argument()) };
        let bounds = slice::slice_bounds(slice)?;
        start.write(bounds.start as isize);
        stop.write(bounds.stop as isize);
        step.write(bounds.step as isize);
        Ok(())
    })
}

// A list builder is an owned handle of the list. Errors wait for Build: a builder that could not be made is NULL.

pub unsafe fn ctx_ListBuilder_New(size: Ssize) -> kind::ListBuilder {
    guarded(crate::abi::ListBuilder::NULL, || match list_of_nones(size) {
        Ok(list) => Ok(crate::abi::ListBuilder(Handle::owned(list.value()).0)),
        Err(raised) => {
            raised.clear();
            Ok(crate::abi::ListBuilder::NULL)
        }
    })
}
pub unsafe fn ctx_ListBuilder_Set(builder: kind::ListBuilder, index: Ssize, item: In) {
    if let Some(list) = Handle(builder.0).get().and_then(|list| list.cast::<List>()) {
        list::list_set(list, index as i64, item.value_or_none());
    }
}
pub unsafe fn ctx_ListBuilder_Build(builder: kind::ListBuilder) -> Own {
    if builder.is_null() {
        return own(|| Err(memory_error()));
    }
    Handle(builder.0)
}
pub unsafe fn ctx_ListBuilder_Cancel(builder: kind::ListBuilder) {
    Handle(builder.0).close()
}

// A tuple is immutable, so its builder is a list, too.

pub unsafe fn ctx_TupleBuilder_New(size: Ssize) -> kind::TupleBuilder {
    crate::abi::TupleBuilder(ctx_ListBuilder_New(size).0)
}
pub unsafe fn ctx_TupleBuilder_Set(builder: kind::TupleBuilder, index: Ssize, item: In) {
    ctx_ListBuilder_Set(crate::abi::ListBuilder(builder.0), index, item)
}
pub unsafe fn ctx_TupleBuilder_Build(builder: kind::TupleBuilder) -> Own {
    own(|| {
        let Some(items) = Handle(builder.0).take().and_then(|list| list.cast::<List>()) else { return Err(memory_error()) };
        Ok(list::list_to_tuple(items).value())
    })
}
pub unsafe fn ctx_TupleBuilder_Cancel(builder: kind::TupleBuilder) {
    Handle(builder.0).close()
}

/// `args` and `kw` of `ctx_CallTupleDict`, which may be NULL.
pub(crate) fn call_parts(args: Option<Value>, kw: Option<Value>) -> R<(Option<Gc<Tuple>>, Option<Gc<Dict>>)> {
    let args = match args {
        None => None,
        Some(args) => match args.cast::<Tuple>() {
            None => return Err(type_error!("HPy_CallTupleDict requires args to be a tuple or null handle")),
            found => found,
        },
    };
    let kw = match kw {
        None => None,
        Some(kw) => match kw.cast::<Dict>() {
            None => return Err(type_error!("HPy_CallTupleDict requires kw to be a dict or null handle")),
            found => found,
        },
    };
    Ok((args, kw))
}

pub(crate) fn bad_argument() -> objects::Raised {
    system_error!("bad argument to internal function")
}
