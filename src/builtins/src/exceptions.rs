//! `BaseException` and the small exception classes that add a field or a text: StopIteration, SystemExit, KeyError. Others in the
//! `exceptions_*.rs` files; the layouts and the table of all classes are in `objects::exception`.
//!
//! Must not know: how exceptions are raised or printed.

use native_macros::native_class;
use objects::dict::Dict;
use objects::exception::{self as exc, BaseException, StopIterationObject, SystemExitObject};
use objects::signature::suggest;
use objects::traceback::Traceback;
use objects::{Args, Cast, Class, Gc, R, Slot, Str, Tuple, Value, class_name, class_of, interned, new_tuple, shape, type_error};
use std::sync::atomic::Ordering;

/// A member that reads as None while it is empty.
pub fn member(slot: &Slot) -> Value {
    slot.get().unwrap_or(Value::none())
}

/// `__new__` of every exception class that does nothing special there.
pub fn new_plain(cls: Gc<Class>, args: Args) -> Gc<BaseException> {
    let exception = exc::alloc_exception(cls);
    exception.args.set(new_tuple(args.positional()).value());
    exception
}

/// `__init__` of BaseException.
pub fn init_plain(this: Gc<BaseException>, args: Args) -> R<()> {
    if args.has_keywords() {
        return Err(type_error!("{}() takes no keyword arguments", class_of(this.value()).name_text()));
    }
    set_args(this, args);
    Ok(())
}

pub fn set_args(this: Gc<BaseException>, args: Args) {
    this.args.set(new_tuple(args.positional()).value());
}

/// The values of keyword-only parameters `names` of `class_name()`.
pub fn keyword_fields<const N: usize>(class_name: &str, args: Args, names: [&str; N]) -> R<[Option<Value>; N]> {
    let mut found = [None; N];
    for (key, value) in args.keywords() {
        let Some(key) = key.cast::<Str>() else { return Err(type_error!("keywords must be strings")) };
        match names.iter().position(|name| objects::str::str_is(&key, name)) {
            Some(index) => found[index] = Some(value),
            None => {
                let given = key.to_string_lossy();
                return Err(match suggest(&given, names) {
                    Some(meant) => {
                        type_error!("{class_name}() got an unexpected keyword argument '{given}'. Did you mean '{meant}'?")
                    }
                    None => type_error!("{class_name}() got an unexpected keyword argument '{given}'"),
                });
            }
        }
    }
    Ok(found)
}

/// The instance's attributes if it has any.
pub fn instance_state(this: Value) -> Option<Gc<Dict>> {
    if shape::instance_attributes(this).is_empty() { None } else { shape::instance_dict(this) }
}

/// `str(exception)` as BaseException says it.
pub fn base_str(this: Gc<BaseException>) -> R {
    match this.args().items() {
        [] => Ok(Str::empty().value()),
        [only] => Ok(objects::str_of(*only)?.value()),
        _ => Ok(objects::str_of(this.args().value())?.value()),
    }
}

/// The value for an attribute that must be None or an exception.
fn exception_or_none(value: Option<Value>, name: &str, what: &str) -> R<Option<Value>> {
    match value {
        None => Err(type_error!("{name} may not be deleted")),
        Some(value) if value.is_none() => Ok(None),
        Some(value) if value.is_instance_of_layout::<BaseException>() => Ok(Some(value)),
        Some(_) => Err(type_error!("exception {what} must be None or derive from BaseException")),
    }
}

pub struct BaseExceptionSkin;

/// What all exceptions are derived from
#[native_class(name = "BaseException", layout = BaseException, base = object, flags = "dict exception")]
impl BaseExceptionSkin {
    #[new]
    fn new(cls: Gc<Class>, args: Args) -> R {
        Ok(new_plain(cls, args).value())
    }
    fn __init__(this: Gc<BaseException>, args: Args) -> R<()> {
        init_plain(this, args)
    }
    fn __repr__(this: Gc<BaseException>) -> R {
        let name = class_of(this.value()).name();
        let args = this.args();
        let shown = match args.items() {
            [only] => {
                let text = objects::repr(*only)?;
                let open = objects::str_concat(Str::new("("), text)?;
                objects::str_concat(open, Str::new(")"))?
            }
            _ => objects::repr(args.value())?,
        };
        Ok(objects::str_concat(name, shown)?.value())
    }
    fn __str__(this: Gc<BaseException>) -> R {
        base_str(this)
    }
    /// Helper for pickle.
    fn __reduce__(this: Gc<BaseException>) -> R {
        let class = class_of(this.value()).value();
        let args = this.args().value();
        Ok(match instance_state(this.value()) {
            Some(state) => new_tuple(&[class, args, state.value()]),
            None => new_tuple(&[class, args]),
        }
        .value())
    }
    #[sig("($self, state, /)")]
    fn __setstate__(this: Gc<BaseException>, state: Value) -> R<()> {
        if state.is_none() {
            return Ok(());
        }
        let Some(state) = state.cast::<Dict>() else { return Err(type_error!("state is not a dictionary")) };
        for (name, value) in objects::dict::dict_items(state) {
            objects::set_attr(this.value(), objects::lookup::attribute_name(name)?, value)?;
        }
        Ok(())
    }
    /// Set the __traceback__ and return the exception itself.
    #[sig("($self, tb, /)")]
    fn with_traceback(this: Gc<BaseException>, tb: Value) -> R {
        set_traceback(this, tb)?;
        Ok(this.value())
    }
    /// Add a line to what a traceback shows
    #[sig("($self, note, /)")]
    fn add_note(this: Gc<BaseException>, note: Gc<Str>) -> R<()> {
        let name = interned!("__notes__");
        match objects::get_attr_opt(this.value(), name)? {
            Some(notes) => match notes.cast::<objects::List>() {
                Some(notes) => objects::list::list_append(notes, note.value()),
                None => Err(type_error!("Cannot add note: __notes__ is not a list")),
            },
            None => objects::set_attr(this.value(), name, objects::new_list(&[note.value()]).value()),
        }
    }

    #[getter]
    fn __dict__(this: Value) -> R {
        objects::attributes::get_dict(this)
    }
    #[setter(__dict__)]
    fn set_dict(this: Value, value: Option<Value>) -> R<()> {
        objects::attributes::set_dict(this, value)
    }
    #[getter]
    fn args(this: Gc<BaseException>) -> Gc<Tuple> {
        this.args()
    }
    #[setter(args)]
    fn set_args(this: Gc<BaseException>, value: Option<Value>) -> R<()> {
        let Some(value) = value else { return Err(type_error!("args may not be deleted")) };
        this.args.set(objects::tuple::tuple_from_iterable(value)?.value());
        Ok(())
    }
    #[getter]
    fn __traceback__(this: Gc<BaseException>) -> Value {
        member(&this.traceback)
    }
    #[setter(__traceback__)]
    fn set_traceback(this: Gc<BaseException>, value: Option<Value>) -> R<()> {
        match value {
            None => Err(type_error!("__traceback__ may not be deleted")),
            Some(value) => set_traceback(this, value),
        }
    }
    #[getter]
    fn __context__(this: Gc<BaseException>) -> Value {
        member(&this.context)
    }
    #[setter(__context__)]
    fn set_context(this: Gc<BaseException>, value: Option<Value>) -> R<()> {
        this.context.set_opt(exception_or_none(value, "__context__", "context")?);
        Ok(())
    }
    #[getter]
    fn __cause__(this: Gc<BaseException>) -> Value {
        member(&this.cause)
    }
    #[setter(__cause__)]
    fn set_cause(this: Gc<BaseException>, value: Option<Value>) -> R<()> {
        this.cause.set_opt(exception_or_none(value, "__cause__", "cause")?);
        this.suppress_context.store(true, Ordering::Relaxed);
        Ok(())
    }
    #[getter]
    fn __suppress_context__(this: Gc<BaseException>) -> bool {
        this.suppress_context.load(Ordering::Relaxed)
    }
    #[setter(__suppress_context__)]
    fn set_suppress_context(this: Gc<BaseException>, value: Option<Value>) -> R<()> {
        let Some(value) = value else { return Err(type_error!("can't delete numeric/char attribute")) };
        match value.as_bool() {
            Some(flag) => {
                this.suppress_context.store(flag, Ordering::Relaxed);
                Ok(())
            }
            None => Err(type_error!("attribute value type must be bool")),
        }
    }
}

fn set_traceback(this: Gc<BaseException>, value: Value) -> R<()> {
    if value.is_none() {
        this.traceback.clear();
    } else if value.is_instance_of_layout::<Traceback>() {
        this.traceback.set(value);
    } else {
        return Err(type_error!("__traceback__ must be a traceback or None"));
    }
    Ok(())
}

pub struct StopIterationSkin;

/// An iterator has no further items.
#[native_class(name = "StopIteration", layout = StopIterationObject, base = exc::EXCEPTION)]
impl StopIterationSkin {
    fn __init__(this: Gc<StopIterationObject>, args: Args) -> R<()> {
        init_plain(base(this), args)?;
        this.value.set(args.get(0).unwrap_or(Value::none()));
        Ok(())
    }
    /// generator return value
    #[getter]
    fn value(this: Gc<StopIterationObject>) -> Value {
        member(&this.value)
    }
    #[setter(value)]
    fn set_value(this: Gc<StopIterationObject>, value: Option<Value>) -> R<()> {
        this.value.set_opt(value);
        Ok(())
    }
}

pub struct SystemExitSkin;

/// The interpreter is asked to end.
#[native_class(name = "SystemExit", layout = SystemExitObject, base = exc::BASE_EXCEPTION)]
impl SystemExitSkin {
    fn __init__(this: Gc<SystemExitObject>, args: Args) -> R<()> {
        init_plain(base(this), args)?;
        this.code.set(match args.positional() {
            [] => Value::none(),
            [code] => *code,
            _ => base(this).args().value(),
        });
        Ok(())
    }
    /// exception code
    #[getter]
    fn code(this: Gc<SystemExitObject>) -> Value {
        member(&this.code)
    }
    #[setter(code)]
    fn set_code(this: Gc<SystemExitObject>, value: Option<Value>) -> R<()> {
        this.code.set_opt(value);
        Ok(())
    }
}

pub struct KeyErrorSkin;

/// Mapping key not found.
#[native_class(name = "KeyError", layout = BaseException, base = exc::LOOKUP_ERROR)]
impl KeyErrorSkin {
    fn __str__(this: Gc<BaseException>) -> R {
        match this.args().items() {
            [key] => Ok(objects::repr(*key)?.value()),
            _ => base_str(this),
        }
    }
}

/// Any exception object as its base layout.
pub fn base<T: objects::Layout>(this: Gc<T>) -> Gc<BaseException> {
    debug_assert!(T::DESC.extends(<BaseException as objects::Layout>::DESC));
    // SAFETY: all exception layouts extend BaseException.
    unsafe { this.cast_unchecked() }
}

/// An int argument, with the words of `PyArg_ParseTuple`.
pub fn int_argument(value: Value) -> R<i64> {
    objects::index(value)
}

/// `argument 1 must be str, not int`
pub fn str_argument(value: Value, position: usize) -> R<Gc<Str>> {
    value.cast::<Str>().ok_or_else(|| {
        let given = if value.is_none() { "None".to_owned() } else { class_name(value) };
        type_error!("argument {position} must be str, not {given}")
    })
}

/// The bytes of any buffer.
pub fn bytes_of_buffer(value: Value) -> R {
    match value.cast::<objects::Bytes>() {
        Some(bytes) => Ok(bytes.value()),
        None => Ok(objects::new_bytes(&objects::Buf::new(value)?)),
    }
}
