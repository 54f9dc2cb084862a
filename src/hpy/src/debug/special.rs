//! Functions of the debug context that need more than unwrapping: text with a lifetime, arrays of handles, builders, trackers, checks of
//! argument types, leaving Python.
//!
//! SAFETY of this file: the functions are called by extensions, under the contract of the ABI; handles are checked before use.
//! Must not know: the other wrappers.

use super::context::{DebugContext, checked, reenter_python};
use super::slab::Slab;
use super::{DEBUG, close_owned, registry, report, unwrap, value, wrap};
use crate::abi::{self, Handle, ListBuilder, ThreadState, Tracker, TupleBuilder, TypeSpecParam};
use crate::layer::registering;
use crate::table::{Context, kind};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::slice;

pub unsafe extern "C" fn ctx_Close(context: *mut Context, handle: Handle) {
    checked(context);
    if !handle.is_null() {
        value(handle);
        close_owned(handle);
    }
}

// Text that lives as long as its handle.

/// The text, with its NUL, in pages that go with the handle.
unsafe fn guarded(handle: Handle, text: *const c_char, len: usize) -> *const c_char {
    if text.is_null() || handle.is_null() {
        return text;
    }
    registry::protected_copy(handle, slice::from_raw_parts(text.cast(), len + 1)).cast()
}

pub unsafe extern "C" fn ctx_Unicode_AsUTF8AndSize(context: *mut Context, handle: Handle, size: *mut isize) -> *const c_char {
    let debug = checked(context);
    let text = unwrap(handle);
    let mut len = 0;
    let chars = debug.outside(|universal| ((*universal).ctx_Unicode_AsUTF8AndSize)(universal, text, &mut len));
    if !size.is_null() && !chars.is_null() {
        *size = len;
    }
    guarded(handle, chars, len.max(0) as usize)
}

unsafe fn guarded_bytes(
    debug: &DebugContext,
    handle: Handle,
    get: impl FnOnce(*mut Context, Handle) -> *const c_char,
) -> *const c_char {
    let bytes = unwrap(handle);
    debug.outside(|universal| {
        let chars = get(universal, bytes);
        if chars.is_null() {
            return chars;
        }
        let len = ((*universal).ctx_Bytes_Size)(universal, bytes);
        guarded(handle, chars, len.max(0) as usize)
    })
}
pub unsafe extern "C" fn ctx_Bytes_AsString(context: *mut Context, handle: Handle) -> *const c_char {
    guarded_bytes(checked(context), handle, |universal, bytes| ((*universal).ctx_Bytes_AsString)(universal, bytes))
}
pub unsafe extern "C" fn ctx_Bytes_AS_STRING(context: *mut Context, handle: Handle) -> *const c_char {
    guarded_bytes(checked(context), handle, |universal, bytes| ((*universal).ctx_Bytes_AS_STRING)(universal, bytes))
}

pub unsafe extern "C" fn ctx_Type_GetName(context: *mut Context, handle: Handle) -> *const c_char {
    let debug = checked(context);
    let class = unwrap(handle);
    want_type(debug, class, "HPyType_GetName arg must be a type");
    let name = debug.outside(|universal| ((*universal).ctx_Type_GetName)(universal, class));
    if name.is_null() {
        return name;
    }
    guarded(handle, name, CStr::from_ptr(name).count_bytes())
}

// Arguments that must have a type: the universal functions do not look.

unsafe fn is_instance(debug: &DebugContext, object: Handle, class: impl FnOnce(*mut Context) -> Handle) -> bool {
    debug.outside(|universal| !object.is_null() && ((*universal).ctx_TypeCheck)(universal, object, class(universal)) != 0)
}
unsafe fn want_type(debug: &DebugContext, object: Handle, otherwise: &str) {
    if !is_instance(debug, object, |universal| (*universal).h_TypeType) {
        report::misuse(otherwise);
    }
}

pub unsafe extern "C" fn ctx_TypeCheck(context: *mut Context, object: Handle, class: Handle) -> c_int {
    let debug = checked(context);
    let (object, class) = (unwrap(object), unwrap(class));
    want_type(debug, class, "HPy_TypeCheck arg 2 must be a type");
    debug.outside(|universal| ((*universal).ctx_TypeCheck)(universal, object, class))
}
pub unsafe extern "C" fn ctx_Type_IsSubtype(context: *mut Context, sub: Handle, class: Handle) -> c_int {
    let debug = checked(context);
    let (sub, class) = (unwrap(sub), unwrap(class));
    want_type(debug, sub, "HPyType_IsSubtype arg 1 must be a type");
    want_type(debug, class, "HPyType_IsSubtype arg 2 must be a type");
    debug.outside(|universal| ((*universal).ctx_Type_IsSubtype)(universal, sub, class))
}
pub unsafe extern "C" fn ctx_Unicode_Substring(context: *mut Context, text: Handle, start: isize, end: isize) -> Handle {
    let debug = checked(context);
    let text = unwrap(text);
    if !is_instance(debug, text, |universal| (*universal).h_UnicodeType) {
        report::misuse("HPyUnicode_Substring arg 1 must be a Unicode object");
    }
    wrap(debug.outside(|universal| ((*universal).ctx_Unicode_Substring)(universal, text, start, end)))
}

fn shape_name(shape: c_int) -> &'static str {
    match shape {
        abi::SHAPE_LEGACY => "HPyType_BuiltinShape_Legacy",
        abi::SHAPE_OBJECT => "HPyType_BuiltinShape_Object",
        abi::SHAPE_TYPE => "HPyType_BuiltinShape_Type",
        abi::SHAPE_LONG => "HPyType_BuiltinShape_Long",
        abi::SHAPE_FLOAT => "HPyType_BuiltinShape_Float",
        abi::SHAPE_UNICODE => "HPyType_BuiltinShape_Unicode",
        abi::SHAPE_TUPLE => "HPyType_BuiltinShape_Tuple",
        abi::SHAPE_LIST => "HPyType_BuiltinShape_List",
        abi::SHAPE_DICT => "HPyType_BuiltinShape_Dict",
        _ => "<unknown shape>",
    }
}

/// The shape of the type that brought the struct: the object's own, or the nearest one that it inherits from.
fn shape_of(object: objects::Value) -> c_int {
    crate::instance::ext_of_value(object).map_or(abi::SHAPE_LEGACY, |layout| layout.shape)
}

macro_rules! structs {
    ($($function:ident $name:literal $shape:ident;)*) => { $(
        pub unsafe extern "C" fn $function(context: *mut Context, handle: Handle) -> *mut c_void {
            let debug = checked(context);
            let object = value(handle);
            let shape = shape_of(object);
            if shape != abi::$shape {
                report::misuse(&format!(
                    "Invalid usage of _HPy_AsStruct_{}. Expected shape HPyType_BuiltinShape_{} but got {}",
                    $name, $name, shape_name(shape),
                ));
            }
            debug.outside(|universal| ((*universal).$function)(universal, Handle::borrowed(object)))
        }
    )* };
}
structs! {
    ctx_AsStruct_Object "Object" SHAPE_OBJECT;
    ctx_AsStruct_Legacy "Legacy" SHAPE_LEGACY;
    ctx_AsStruct_Type "Type" SHAPE_TYPE;
    ctx_AsStruct_Long "Long" SHAPE_LONG;
    ctx_AsStruct_Float "Float" SHAPE_FLOAT;
    ctx_AsStruct_Unicode "Unicode" SHAPE_UNICODE;
    ctx_AsStruct_Tuple "Tuple" SHAPE_TUPLE;
    ctx_AsStruct_List "List" SHAPE_LIST;
    ctx_AsStruct_Dict "Dict" SHAPE_DICT;
}

// Arrays of handles.

unsafe fn unwrap_all(handles: *const Handle, count: usize) -> Vec<Handle> {
    if handles.is_null() || count == 0 {
        return Vec::new();
    }
    slice::from_raw_parts(handles, count).iter().map(|handle| unwrap(*handle)).collect()
}

pub unsafe extern "C" fn ctx_Tuple_FromArray(context: *mut Context, items: *const Handle, count: isize) -> Handle {
    let debug = checked(context);
    let items = unwrap_all(items, count.max(0) as usize);
    wrap(debug.outside(|universal| ((*universal).ctx_Tuple_FromArray)(universal, items.as_ptr(), count)))
}

pub unsafe extern "C" fn ctx_Type_GenericNew(
    context: *mut Context,
    class: Handle,
    args: *const Handle,
    nargs: isize,
    keywords: Handle,
) -> Handle {
    let debug = checked(context);
    let (class, keywords) = (unwrap(class), unwrap(keywords));
    let args = unwrap_all(args, nargs.max(0) as usize);
    wrap(debug.outside(|universal| ((*universal).ctx_Type_GenericNew)(universal, class, args.as_ptr(), nargs, keywords)))
}

/// All arguments of a call: the values of keywords come after the positional ones.
unsafe fn call_arguments(
    debug: &DebugContext,
    args: *const Handle,
    nargs: usize,
    names: Handle,
    function: &str,
) -> Option<Vec<Handle>> {
    let mut count = nargs;
    if !names.is_null() {
        if !is_instance(debug, names, |universal| (*universal).h_TupleType) {
            report::misuse(&format!("{function} arg 'kwnames' must be a tuple object or HPy_NULL"));
        }
        let named = debug.outside(|universal| ((*universal).ctx_Length)(universal, names));
        count += usize::try_from(named).ok()?;
    }
    Some(unwrap_all(args, count))
}
pub unsafe extern "C" fn ctx_Call(
    context: *mut Context,
    callable: Handle,
    args: *const Handle,
    nargs: usize,
    names: Handle,
) -> Handle {
    let debug = checked(context);
    let (callable, names) = (unwrap(callable), unwrap(names));
    let Some(args) = call_arguments(debug, args, nargs, names, "HPy_Call") else { return Handle::NULL };
    wrap(debug.outside(|universal| ((*universal).ctx_Call)(universal, callable, args.as_ptr(), nargs, names)))
}
pub unsafe extern "C" fn ctx_CallMethod(
    context: *mut Context,
    name: Handle,
    args: *const Handle,
    nargs: usize,
    names: Handle,
) -> Handle {
    let debug = checked(context);
    let (name, names) = (unwrap(name), unwrap(names));
    let Some(args) = call_arguments(debug, args, nargs, names, "HPy_CallMethod") else { return Handle::NULL };
    wrap(debug.outside(|universal| ((*universal).ctx_CallMethod)(universal, name, args.as_ptr(), nargs, names)))
}

pub unsafe extern "C" fn ctx_ContextVar_Get(
    context: *mut Context,
    variable: Handle,
    default: Handle,
    result: *mut Handle,
) -> i32 {
    let debug = checked(context);
    let (variable, default) = (unwrap(variable), unwrap(default));
    let mut found = Handle::NULL;
    let status = debug.outside(|universal| ((*universal).ctx_ContextVar_Get)(universal, variable, default, &mut found));
    *result = if status < 0 { Handle::NULL } else { wrap(found) };
    status
}

// What keeps C functions for later: they will be entered in debug mode.

pub unsafe extern "C" fn ctx_Type_FromSpec(context: *mut Context, spec: kind::SpecRef, params: kind::SpecParams) -> Handle {
    let debug = checked(context);
    let mut unwrapped = Vec::new();
    if !params.is_null() {
        let mut param = params;
        while (*param).kind != 0 {
            unwrapped.push(TypeSpecParam { kind: (*param).kind, object: unwrap((*param).object) });
            param = param.add(1);
        }
        unwrapped.push(TypeSpecParam { kind: 0, object: Handle::NULL });
    }
    let params = if params.is_null() { params } else { unwrapped.as_ptr() };
    wrap(debug.outside(|universal| registering(&DEBUG, || ((*universal).ctx_Type_FromSpec)(universal, spec, params))))
}
pub unsafe extern "C" fn ctx_SetCallFunction(context: *mut Context, object: Handle, function: kind::CallFunctionRef) -> c_int {
    let debug = checked(context);
    let object = unwrap(object);
    debug.outside(|universal| registering(&DEBUG, || ((*universal).ctx_SetCallFunction)(universal, object, function)))
}

// Builders.

static LIST_BUILDERS: Slab<ListBuilder> = Slab::new();
static TUPLE_BUILDERS: Slab<TupleBuilder> = Slab::new();

macro_rules! builders {
    ($word:ident $slab:ident $new:ident $set:ident $build:ident $cancel:ident) => {
        pub unsafe extern "C" fn $new(context: *mut Context, size: isize) -> $word {
            let debug = checked(context);
            let builder = debug.outside(|universal| ((*universal).$new)(universal, size));
            // The universal function speaks of missing memory when the list is to be built.
            if builder.is_null() { builder } else { $word($slab.open(builder)) }
        }
        pub unsafe extern "C" fn $set(context: *mut Context, builder: $word, index: isize, item: Handle) {
            let debug = checked(context);
            let item = unwrap(item);
            if builder.is_null() {
                return;
            }
            match $slab.with(builder.0, |builder| *builder) {
                Some(builder) => debug.outside(|universal| ((*universal).$set)(universal, builder, index, item)),
                None => report::invalid_builder(),
            }
        }
        pub unsafe extern "C" fn $build(context: *mut Context, builder: $word) -> Handle {
            let debug = checked(context);
            let inner = match $slab.close(builder.0) {
                Some(inner) => inner,
                None => {
                    if !builder.is_null() {
                        report::invalid_builder();
                    }
                    $word::NULL
                }
            };
            if inner.is_null() {
                debug.outside(|universal| ((*universal).ctx_Err_NoMemory)(universal));
                return Handle::NULL;
            }
            wrap(debug.outside(|universal| ((*universal).$build)(universal, inner)))
        }
        pub unsafe extern "C" fn $cancel(context: *mut Context, builder: $word) {
            let debug = checked(context);
            match $slab.close(builder.0) {
                Some(inner) => debug.outside(|universal| ((*universal).$cancel)(universal, inner)),
                None if builder.is_null() => (),
                None => report::invalid_builder(),
            }
        }
    };
}
builders!(ListBuilder LIST_BUILDERS ctx_ListBuilder_New ctx_ListBuilder_Set ctx_ListBuilder_Build ctx_ListBuilder_Cancel);
builders!(TupleBuilder TUPLE_BUILDERS ctx_TupleBuilder_New ctx_TupleBuilder_Set ctx_TupleBuilder_Build ctx_TupleBuilder_Cancel);

// Trackers: theirs are debug handles, so the universal ones are of no use.

static TRACKERS: Slab<Vec<Handle>> = Slab::new();

fn closed_tracker() -> ! {
    report::misuse("Invalid usage of already closed tracker")
}

pub unsafe extern "C" fn ctx_Tracker_New(context: *mut Context, size: isize) -> Tracker {
    checked(context);
    Tracker(TRACKERS.open(Vec::with_capacity(size.clamp(0, 1024) as usize)))
}
pub unsafe extern "C" fn ctx_Tracker_Add(context: *mut Context, tracker: Tracker, handle: Handle) -> c_int {
    checked(context);
    if TRACKERS.with(tracker.0, |handles| handles.push(handle)).is_none() {
        closed_tracker();
    }
    0
}
pub unsafe extern "C" fn ctx_Tracker_ForgetAll(context: *mut Context, tracker: Tracker) {
    checked(context);
    if TRACKERS.with(tracker.0, Vec::clear).is_none() {
        closed_tracker();
    }
}
pub unsafe extern "C" fn ctx_Tracker_Close(context: *mut Context, tracker: Tracker) {
    checked(context);
    if tracker.is_null() {
        return;
    }
    let Some(handles) = TRACKERS.close(tracker.0) else { closed_tracker() };
    for handle in handles {
        ctx_Close(context, handle);
    }
}

pub unsafe extern "C" fn ctx_LeavePythonExecution(context: *mut Context) -> ThreadState {
    checked(context).leave_python()
}
pub unsafe extern "C" fn ctx_ReenterPythonExecution(context: *mut Context, state: ThreadState) {
    reenter_python(context, state)
}
