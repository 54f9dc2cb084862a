//! The functions of the debug context: one wrapper for each row of the table, made by what the row says of its arguments and its result.
//! Those that need more are named here and written in `special.rs`.
//!
//! SAFETY of this file: the functions are called by extensions, under the contract of the ABI; handles are checked before use.
//! Must not know: what the functions do.

use super::context::checked;
use super::special::*;
use super::{unwrap, wrap};
use crate::table::{Context, kind};

macro_rules! passed {
    (In, $arg:ident) => {
        unwrap($arg)
    };
    ($kind:ident, $arg:ident) => {
        $arg
    };
}

macro_rules! returned {
    (Own, $result:ident) => {
        wrap($result)
    };
    ($kind:ident, $result:ident) => {
        $result
    };
}

macro_rules! wrapper {
    // Written by hand.
    (ctx_Close $($rest:tt)*) => {};
    (ctx_Unicode_AsUTF8AndSize $($rest:tt)*) => {};
    (ctx_Bytes_AsString $($rest:tt)*) => {};
    (ctx_Bytes_AS_STRING $($rest:tt)*) => {};
    (ctx_Type_GetName $($rest:tt)*) => {};
    (ctx_Tuple_FromArray $($rest:tt)*) => {};
    (ctx_Type_GenericNew $($rest:tt)*) => {};
    (ctx_Type_FromSpec $($rest:tt)*) => {};
    (ctx_SetCallFunction $($rest:tt)*) => {};
    (ctx_Call $($rest:tt)*) => {};
    (ctx_CallMethod $($rest:tt)*) => {};
    (ctx_ContextVar_Get $($rest:tt)*) => {};
    (ctx_TypeCheck $($rest:tt)*) => {};
    (ctx_Type_IsSubtype $($rest:tt)*) => {};
    (ctx_Unicode_Substring $($rest:tt)*) => {};
    (ctx_AsStruct_Object $($rest:tt)*) => {};
    (ctx_AsStruct_Legacy $($rest:tt)*) => {};
    (ctx_AsStruct_Type $($rest:tt)*) => {};
    (ctx_AsStruct_Long $($rest:tt)*) => {};
    (ctx_AsStruct_Float $($rest:tt)*) => {};
    (ctx_AsStruct_Unicode $($rest:tt)*) => {};
    (ctx_AsStruct_Tuple $($rest:tt)*) => {};
    (ctx_AsStruct_List $($rest:tt)*) => {};
    (ctx_AsStruct_Dict $($rest:tt)*) => {};
    (ctx_ListBuilder_New $($rest:tt)*) => {};
    (ctx_ListBuilder_Set $($rest:tt)*) => {};
    (ctx_ListBuilder_Build $($rest:tt)*) => {};
    (ctx_ListBuilder_Cancel $($rest:tt)*) => {};
    (ctx_TupleBuilder_New $($rest:tt)*) => {};
    (ctx_TupleBuilder_Set $($rest:tt)*) => {};
    (ctx_TupleBuilder_Build $($rest:tt)*) => {};
    (ctx_TupleBuilder_Cancel $($rest:tt)*) => {};
    (ctx_Tracker_New $($rest:tt)*) => {};
    (ctx_Tracker_Add $($rest:tt)*) => {};
    (ctx_Tracker_ForgetAll $($rest:tt)*) => {};
    (ctx_Tracker_Close $($rest:tt)*) => {};
    (ctx_LeavePythonExecution $($rest:tt)*) => {};
    (ctx_ReenterPythonExecution $($rest:tt)*) => {};
    // Wherever an array or a result argument holds handles, somebody must have written it.
    ($name:ident ( $($arg:ident : $kind:ident),* ) -> $ret:ident) => {
        #[allow(non_snake_case)]
        unsafe extern "C" fn $name(context: *mut Context $(, $arg: kind::$kind)*) -> kind::$ret {
            $(plain!($kind);)*
            let debug = checked(context);
            $(let $arg = passed!($kind, $arg);)*
            #[allow(clippy::let_unit_value)]
            let result = debug.outside(|universal| ((*universal).$name)(universal $(, $arg)*));
            returned!($ret, result)
        }
    };
}

/// No arm for kinds that a plain wrapper would pass on wrongly.
macro_rules! plain {
    (InArray) => {
        compile_error!("an array of handles needs a wrapper written by hand")
    };
    (OutHandle) => {
        compile_error!("a handle written through a pointer needs a wrapper written by hand")
    };
    (Take) => {
        compile_error!("a function that closes needs a wrapper written by hand")
    };
    (SpecParams) => {
        compile_error!("type parameters hold handles: written by hand")
    };
    (ListBuilder) => {
        compile_error!("builders are debug builders: written by hand")
    };
    (TupleBuilder) => {
        compile_error!("builders are debug builders: written by hand")
    };
    (Tracker) => {
        compile_error!("trackers are debug trackers: written by hand")
    };
    ($kind:ident) => {};
}

macro_rules! functions {
    ([] $(
        handles { $($hid:literal $handle:ident;)* }
        functions { $($fid:literal $name:ident ( $($arg:ident : $kind:ident),* ) -> $ret:ident;)* }
    )*) => {
        $($(wrapper! { $name ( $($arg : $kind),* ) -> $ret })*)*

        /// Enters all functions into a context.
        pub unsafe fn fill(context: *mut Context) {
            $($((&raw mut (*context).$name).write($name);)*)*
        }
    };
}
crate::for_each_member!(functions);
