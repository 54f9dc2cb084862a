//! The universal context: one immutable struct for all threads. Its functions reach the calling thread's state through thread
//! locals, so a context that an extension keeps and uses on another thread works there as well.
//!
//! Must not know: what the functions do; they are in `api`, under their own names.

use crate::abi::Handle;
use crate::api::*;
use crate::for_each_member;
use crate::table::{Context, kind};
use heap::Value;
use objects::layout::{ClassCell, Gc, Layout};
use objects::{R, exc};
use std::ffi::c_int;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicPtr, Ordering};

static UNIVERSAL: AtomicPtr<Context> = AtomicPtr::new(std::ptr::null_mut());

/// The universal context (made at the first load of an extension).
#[inline(always)]
pub fn universal() -> *mut Context {
    let context = UNIVERSAL.load(Ordering::Acquire);
    if context.is_null() { make() } else { context }
}

/// The same for code that runs only when there is one: functions of extensions that are loaded.
#[inline(always)]
pub fn loaded() -> *mut Context {
    UNIVERSAL.load(Ordering::Acquire)
}

#[cold]
fn make() -> *mut Context {
    let fresh = Box::into_raw(Box::new(new_context(c"HPy Universal ABI (protopython)".as_ptr())));
    match UNIVERSAL.compare_exchange(std::ptr::null_mut(), fresh, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => fresh,
        Err(earlier) => {
            // SAFETY: ours was not published.
            drop(unsafe { Box::from_raw(fresh) });
            earlier
        }
    }
}

macro_rules! build {
    ([] $(
        handles { $($hid:literal $handle:ident;)* }
        functions { $($fid:literal $name:ident ( $($arg:ident : $kind:ident),* ) -> $ret:ident;)* }
    )*) => {
        fn new_context(name: *const std::ffi::c_char) -> Context {
            Context {
                name,
                private: std::ptr::null_mut(),
                abi_version: crate::abi::ABI_MAJOR as c_int,
                $(
                    $($handle: Handle::borrowed(constant(stringify!($handle))),)*
                    $($name: entry::$name,)*
                )*
            }
        }
        /// The C side of each function.
        #[allow(non_snake_case)]
        mod entry {
            use super::*;
            $($(
                pub unsafe extern "C" fn $name(_: *mut Context $(, $arg: kind::$kind)*) -> kind::$ret {
                    super::$name($($arg),*)
                }
            )*)*
        }
    };
}
for_each_member!(build);

/// The object behind a handle of the context. All of them live as long as the process.
fn constant(name: &str) -> Value {
    let class = |cell: &ClassCell| cell.get().value();
    match name {
        "h_None" => Value::none(),
        "h_True" => Value::true_(),
        "h_False" => Value::false_(),
        "h_NotImplemented" => Value::not_implemented(),
        "h_Ellipsis" => Value::ellipsis(),
        "h_BaseObjectType" => objects::classes::object().value(),
        "h_TypeType" => objects::Class::class().value(),
        "h_BoolType" => objects::int::BoolObject::class().value(),
        "h_LongType" => objects::classes::int().value(),
        "h_FloatType" => objects::classes::float().value(),
        "h_UnicodeType" => objects::classes::str().value(),
        "h_TupleType" => objects::classes::tuple().value(),
        "h_ListType" => objects::classes::list().value(),
        "h_DictType" => objects::classes::dict().value(),
        "h_ComplexType" => objects::classes::complex().value(),
        "h_BytesType" => objects::classes::bytes().value(),
        "h_MemoryViewType" => objects::memoryview::MemoryView::class().value(),
        "h_CapsuleType" => crate::capsule::Capsule::class().value(),
        "h_SliceType" => objects::Slice::class().value(),
        "h_Builtins" => builtins(),
        _ => {
            let wanted = &name[2..];
            match exc::EXCEPTIONS.iter().find(|row| row.name == wanted) {
                Some(row) => class(row.cell),
                None => crate::fatal::fatal(&format!("the context has no object for {name}")),
            }
        }
    }
}

fn builtins() -> Value {
    let namespace = objects::door::builtins_module().ok().and_then(objects::Cast::cast::<objects::Module>);
    match namespace {
        Some(module) => {
            let dict = module.dict().value();
            objects::roots::keep_forever(dict);
            dict
        }
        None => Value::none(),
    }
}

/// Runs the body of a context function: a safepoint first, and no panic gets out into C.
#[inline(always)]
pub fn guarded<T>(error: T, body: impl FnOnce() -> R<T>) -> T {
    heap::poll();
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(result)) => result,
        Ok(Err(_raised)) => error,
        Err(payload) => {
            caught(payload);
            error
        }
    }
}

#[cold]
#[inline(never)]
fn caught(payload: Box<dyn std::any::Any + Send>) {
    if payload.is::<crate::handle::NullHandle>() {
        let _ = objects::system_error!("null argument to internal routine");
        return;
    }
    let _ = objects::panics::raise_panic(payload);
}

/// A function that gives an owned handle, NULL on error.
#[inline(always)]
pub fn own(body: impl FnOnce() -> R) -> Handle {
    guarded(Handle::NULL, || Ok(Handle::owned(body()?)))
}
/// 0, or -1 on error.
#[inline(always)]
pub fn status(body: impl FnOnce() -> R<()>) -> c_int {
    guarded(-1, || body().map(|()| 0))
}
/// 1 or 0, -1 on error.
#[inline(always)]
pub fn flag(body: impl FnOnce() -> R<bool>) -> c_int {
    guarded(-1, || body().map(c_int::from))
}

/// A pointer that is kept alive by the caller's handle.
pub fn class_of_handle(class: Value, function: &str) -> R<Gc<objects::Class>> {
    match objects::Cast::cast::<objects::Class>(class) {
        Some(class) => Ok(class),
        None => Err(objects::type_error!("{function} arg 1 must be a type")),
    }
}
