//! Types and instances of extension types.
//!
//! Must not know: how a specification becomes a class (`spec.rs`), how instances are laid out (`instance.rs`).

use crate::abi::{self, Handle};
use crate::context::{class_of_handle, guarded, own};
use crate::instance::{self, data_behind};
use crate::table::kind::*;
use objects::class_new::Object;
use objects::{Cast, Class, Dict, List, Str, Tuple, class_of, type_error};
use std::ptr;

pub unsafe fn ctx_Type_FromSpec(spec: SpecRef, params: SpecParams) -> Own {
    let layer = crate::layer::take_registering();
    own(|| Ok(crate::spec::type_from_spec(&*spec, params, layer)?.value()))
}
pub unsafe fn ctx_Type_GenericNew(class: In, _args: InArray, _nargs: Ssize, _kw: In) -> Own {
    own(|| instance::new_instance(class_of_handle(class.value(), "HPy_Type_GenericNew")?))
}
pub unsafe fn ctx_New(class: In, data: DataOut) -> Own {
    own(|| {
        let object = instance::new_instance(class_of_handle(class.value(), "HPy_New")?)?;
        data.write(instance::data_of(object).unwrap_or_else(|| (object.raw() as *mut u8).add(instance::ALIGN)).cast());
        Ok(object)
    })
}
#[inline]
pub unsafe fn ctx_Type(obj: In) -> Own {
    Handle::owned(class_of(obj.value_or_none()).value())
}
#[inline]
pub unsafe fn ctx_TypeCheck(obj: In, class: In) -> Int {
    let (own, wanted) = (class_of(obj.value_or_none()), class.value_or_none());
    if own.value() == wanted {
        return 1;
    }
    wanted.cast::<Class>().is_some_and(|wanted| own.is_subclass_of(wanted)) as Int
}
pub unsafe fn ctx_Type_IsSubtype(sub: In, class: In) -> Int {
    match (sub.value_or_none().cast::<Class>(), class.value_or_none().cast::<Class>()) {
        (Some(sub), Some(class)) => sub.is_subclass_of(class) as Int,
        _ => 0,
    }
}
/// The shape of extension types; everything else counts as legacy. -2 goes with a TypeError.
pub unsafe fn ctx_Type_GetBuiltinShape(class: In) -> Int {
    guarded(-2, || match class.value().cast::<Class>() {
        Some(class) => Ok(instance::ext_of_type(class).map_or(abi::SHAPE_LEGACY, |layout| layout.shape)),
        None => Err(type_error!("arg must be a type")),
    })
}
/// Lives as long as the class keeps that name.
pub unsafe fn ctx_Type_GetName(class: In) -> BoundChars {
    guarded(ptr::null(), || {
        let class = class_of_handle(class.value(), "HPyType_GetName")?;
        Ok(Str::lasting_utf8(class.name())?.0 as BoundChars)
    })
}

#[inline(always)]
pub unsafe fn ctx_AsStruct_Object(h: In) -> Data {
    data_behind::<Object>(h.value())
}
/// Legacy types need a C header that this runtime does not have; none can be made.
pub unsafe fn ctx_AsStruct_Legacy(h: In) -> Data {
    h.value().raw() as Data
}
#[inline]
pub unsafe fn ctx_AsStruct_Type(h: In) -> Data {
    data_behind::<Class>(h.value())
}
#[inline]
pub unsafe fn ctx_AsStruct_Long(h: In) -> Data {
    data_behind::<objects::int::IntObject>(h.value())
}
#[inline]
pub unsafe fn ctx_AsStruct_Float(h: In) -> Data {
    data_behind::<objects::float::FloatObject>(h.value())
}
#[inline]
pub unsafe fn ctx_AsStruct_Unicode(h: In) -> Data {
    data_behind::<Str>(h.value())
}
#[inline]
pub unsafe fn ctx_AsStruct_Tuple(h: In) -> Data {
    data_behind::<Tuple>(h.value())
}
#[inline]
pub unsafe fn ctx_AsStruct_List(h: In) -> Data {
    data_behind::<List>(h.value())
}
#[inline]
pub unsafe fn ctx_AsStruct_Dict(h: In) -> Data {
    data_behind::<Dict>(h.value())
}
