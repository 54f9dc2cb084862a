//! Raising, testing and clearing exceptions, warnings.
//!
//! Must not know: where the exception sits.

use super::{bytes_of, lossy, str_from, text_from};
use crate::abi::Handle;
use crate::context::{guarded, own, status};
use crate::table::kind::*;
use objects::error::{memory_error, raise};
use objects::exc::BaseException;
use objects::layout::Layout;
use objects::{
    Cast, Class, Dict, Gc, R, Raised, Tuple, Value, dict, exc, interned, new_str, new_tuple, path, system_error, thread,
    type_error,
};

/// Raises `class(value)`: a tuple gives several arguments, an instance is raised itself, None gives none.
fn raise_class(class: Value, value: Option<Value>) -> Raised {
    // Plain built-in exceptions are made without asking their class.
    if let Some(kind) = class.cast_exact::<Class>()
        && std::ptr::eq(kind.layout, BaseException::DESC)
        && !kind.flags.has(objects::class::HEAP_TYPE)
        && let Some(value) = value
        && value.cast_exact::<objects::Str>().is_some()
    {
        let made = exc::alloc_exception(kind);
        made.args.set(new_tuple(&[value]).value());
        return raise(made.value());
    }
    let Some(kind) = class.cast::<Class>().filter(|kind| kind.is_subclass_of(exc::BASE_EXCEPTION.get())) else {
        return system_error!("_PyErr_SetObject: exception {} is not a BaseException subclass", objects::repr_lossy(class));
    };
    if let Some(value) = value
        && value.cast::<BaseException>().is_some()
        && objects::is_instance(value, kind)
    {
        return raise(value);
    }
    let made = match value {
        None => objects::call(class, &[]),
        Some(value) if value.is_none() => objects::call(class, &[]),
        Some(value) => match value.cast_exact::<Tuple>() {
            Some(args) => objects::call(class, args.items()),
            None => objects::call(class, &[value]),
        },
    };
    match made {
        Ok(exception) if exception.cast::<BaseException>().is_some() => raise(exception),
        Ok(other) => type_error!(
            "calling {} should have returned an instance of BaseException, not {}",
            objects::repr_lossy(class),
            objects::repr_lossy(objects::class_of(other).value())
        ),
        Err(raised) => raised,
    }
}

pub unsafe fn ctx_FatalError(message: Chars) {
    crate::fatal::fatal(&lossy(message))
}
pub unsafe fn ctx_Err_SetString(class: In, message: Chars) {
    guarded((), || {
        let text = text_from(bytes_of(message), "replace")?;
        Err(raise_class(class.value(), Some(text.value())))
    })
}
pub unsafe fn ctx_Err_SetObject(class: In, value: In) {
    guarded((), || Err(raise_class(class.value(), value.get())))
}

/// The class called with errno, its text and the file names, as far as there are any.
fn raise_errno(class: Value, errno: i32, first: Option<Value>, second: Option<Value>) -> Raised {
    if errno == libc::EINTR
        && let Err(raised) = (objects::door::interpreter().poll)()
    {
        return raised;
    }
    let text = new_str(&objects::error::strerror_text(errno));
    let number = Value::small(errno);
    let made = match (first, second) {
        (None, _) => objects::call(class, &[number, text]),
        (Some(first), None) => objects::call(class, &[number, text, first]),
        (Some(first), Some(second)) => objects::call(class, &[number, text, first, Value::small(0), second]),
    };
    match made {
        Ok(exception) => raise_class(objects::class_of(exception).value(), Some(exception)),
        Err(raised) => raised,
    }
}
fn errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}
pub unsafe fn ctx_Err_SetFromErrnoWithFilename(class: In, filename_fsencoded: Chars) -> Own {
    let number = errno();
    own(|| {
        let name = (!filename_fsencoded.is_null()).then(|| path::fs_decode(bytes_of(filename_fsencoded)));
        Err(raise_errno(class.value(), number, name, None))
    })
}
pub unsafe fn ctx_Err_SetFromErrnoWithFilenameObjects(class: In, filename1: In, filename2: In) {
    let number = errno();
    guarded((), || Err(raise_errno(class.value(), number, filename1.get(), filename2.get())))
}

#[inline(always)]
pub unsafe fn ctx_Err_Occurred() -> Int {
    thread::has_exception() as Int
}
pub unsafe fn ctx_Err_ExceptionMatches(exc: In) -> Int {
    guarded(0, || {
        if !thread::has_exception() {
            return Ok(0);
        }
        Ok(matches(objects::class_of(thread::current_exception()), exc.value()) as Int)
    })
}
fn matches(class: Gc<Class>, wanted: Value) -> bool {
    if let Some(several) = wanted.cast::<Tuple>() {
        return several.items().iter().any(|wanted| matches(class, *wanted));
    }
    wanted.cast::<Class>().is_some_and(|wanted| class.is_subclass_of(wanted))
}
pub unsafe fn ctx_Err_NoMemory() {
    guarded((), || Err(memory_error()))
}
#[inline]
pub unsafe fn ctx_Err_Clear() {
    thread::current().raised.clear()
}

pub unsafe fn ctx_Err_NewException(name: Chars, base: In, dict: In) -> Own {
    own(|| new_exception_class(name, None, base, dict))
}
pub unsafe fn ctx_Err_NewExceptionWithDoc(name: Chars, doc: Chars, base: In, dict: In) -> Own {
    own(|| {
        let doc = if doc.is_null() { None } else { Some(str_from(doc)?.value()) };
        new_exception_class(name, doc, base, dict)
    })
}
unsafe fn new_exception_class(name: Chars, doc: Option<Value>, base: Handle, namespace: Handle) -> R {
    let full = lossy(name);
    let Some((module, short)) = full.rsplit_once('.') else {
        return Err(system_error!("PyErr_NewException: name must be module.class"));
    };
    let namespace = match namespace.get().and_then(|namespace| namespace.cast::<Dict>()) {
        Some(given) => dict::dict_copy(given)?,
        None => dict::new_dict(),
    };
    if dict::dict_get_str(namespace, interned!("__module__")).is_none() {
        dict::dict_set_str(namespace, interned!("__module__"), new_str(module))?;
    }
    if let Some(doc) = doc {
        dict::dict_set_str(namespace, interned!("__doc__"), doc)?;
    }
    let bases = match base.get() {
        None => new_tuple(&[exc::EXCEPTION.get().value()]),
        Some(base) => match base.cast::<Tuple>() {
            Some(bases) => bases,
            None => new_tuple(&[base]),
        },
    };
    objects::call(<Class as Layout>::class().value(), &[new_str(short), bases.value(), namespace.value()])
}
pub unsafe fn ctx_Err_WarnEx(category: In, message: Chars, stack_level: Ssize) -> Int {
    status(|| {
        let text = str_from(message)?;
        let category = category.get().unwrap_or(exc::RUNTIME_WARNING.get().value());
        let warnings = objects::system::import("warnings")?;
        let warn = objects::get_attr(warnings, interned!("warn"))?;
        // `warnings.warn` counts its caller as 1; a C function has no frame of its own, so that is the same.
        objects::call(warn, &[text.value(), category, objects::new_int(stack_level.max(1) as i64)]).map(|_| ())
    })
}
pub unsafe fn ctx_Err_WriteUnraisable(obj: In) {
    guarded((), || {
        if thread::has_exception() {
            objects::unraisable::report_unraisable(thread::take_exception(), None, obj.get());
        }
        Ok(())
    })
}
