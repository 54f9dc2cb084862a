//! BaseExceptionGroup: several exceptions as one, and taking parts of it. ExceptionGroup has the same methods.

use crate::exceptions::{base, init_plain, member, new_plain};
use native_macros::native_class;
use objects::exception::{self as exc, BaseException, ExceptionGroupObject};
use objects::{
    Args, Cast, Class, Gc, GcVec, R, Str, Tuple, Value, call, call_method, class_name, class_of, get_attr_opt, interned,
    is_callable, is_instance, new_list, new_tuple, type_error, value_error,
};

pub struct BaseExceptionGroupSkin;

/// Several exceptions that are raised together.
#[native_class(name = "BaseExceptionGroup", layout = ExceptionGroupObject, base = exc::BASE_EXCEPTION)]
impl BaseExceptionGroupSkin {
    #[new]
    fn new(cls: Gc<Class>, args: Args) -> R {
        let [message, members] = args.positional() else {
            return Err(type_error!("BaseExceptionGroup.__new__() takes exactly 2 arguments ({} given)", args.len()));
        };
        if message.cast::<Str>().is_none() {
            return Err(type_error!("BaseExceptionGroup.__new__() argument 1 must be str, not {}", none_or_class(*message)));
        }
        let slots = &class_of(*members).slots;
        if slots.getitem.get().is_none() || members.cast::<objects::Dict>().is_some() {
            return Err(type_error!("second argument (exceptions) must be a sequence"));
        }
        let exceptions = objects::tuple::tuple_from_iterable(*members)?;
        if exceptions.is_empty() {
            return Err(value_error!("second argument (exceptions) must be a non-empty sequence"));
        }
        let mut has_base = false;
        for (index, member) in exceptions.items().iter().enumerate() {
            if !member.is_instance_of_layout::<BaseException>() {
                return Err(value_error!("Item {index} of second argument (exceptions) is not an exception"));
            }
            has_base |= !is_instance(*member, exc::EXCEPTION.get());
        }
        let mut class = cls;
        if cls == exc::BASE_EXCEPTION_GROUP.get() {
            if !has_base {
                class = exc::EXCEPTION_GROUP.get();
            }
        } else if cls == exc::EXCEPTION_GROUP.get() {
            if has_base {
                return Err(type_error!("Cannot nest BaseExceptions in an ExceptionGroup"));
            }
        } else if has_base && cls.is_subclass_of(exc::EXCEPTION.get()) {
            return Err(type_error!("Cannot nest BaseExceptions in '{}'", cls.name_text()));
        }
        let shown = match members.cast_exact::<objects::List>().is_some() || members.cast_exact::<Tuple>().is_some() {
            true => None,
            false => Some(objects::repr(*members)?.value()),
        };
        // SAFETY: the class and its subclasses have this layout.
        let group: Gc<ExceptionGroupObject> = unsafe { new_plain(class, args).cast_unchecked() };
        group.message.set(*message);
        group.exceptions.set(exceptions.value());
        group.shown.set_opt(shown);
        Ok(group.value())
    }
    fn __init__(this: Gc<ExceptionGroupObject>, args: Args) -> R<()> {
        init_plain(base(this), args)
    }
    fn __repr__(this: Gc<ExceptionGroupObject>) -> R {
        let shown = match this.shown.get().and_then(|shown| shown.cast::<Str>()) {
            Some(shown) => shown,
            None => match base(this).args().items() {
                [_, given] if given.cast_exact::<objects::List>().is_some() => {
                    objects::repr(new_list(members(this).items()).value())?
                }
                _ => objects::repr(members(this).value())?,
            },
        };
        let name = class_of(this.value()).name();
        let pieces = [name, Str::new("("), objects::repr(member(&this.message))?, Str::new(", "), shown, Str::new(")")];
        Ok(objects::str::str_concat_all(&pieces)?.value())
    }
    fn __str__(this: Gc<ExceptionGroupObject>) -> R {
        let count = members(this).len();
        let message = objects::str_of(member(&this.message))?;
        let tail = format!(" ({count} sub-exception{})", if count == 1 { "" } else { "s" });
        Ok(objects::str_concat(message, Str::new(&tail))?.value())
    }
    #[sig("($self, excs, /)")]
    fn derive(this: Gc<ExceptionGroupObject>, excs: Value) -> R {
        call(exc::BASE_EXCEPTION_GROUP.get().value(), &[member(&this.message), excs])
    }
    #[sig("($self, matcher_value, /)")]
    fn split(this: Gc<ExceptionGroupObject>, matcher_value: Value) -> R {
        let matcher = Matcher::new(matcher_value)?;
        let (matched, rest) = split(this.value(), &matcher, true)?;
        let none = Value::none();
        Ok(new_tuple(&[matched.unwrap_or(none), rest.unwrap_or(none)]).value())
    }
    #[sig("($self, matcher_value, /)")]
    fn subgroup(this: Gc<ExceptionGroupObject>, matcher_value: Value) -> R<Option<Value>> {
        let matcher = Matcher::new(matcher_value)?;
        Ok(split(this.value(), &matcher, false)?.0)
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cls: Gc<Class>, item: Value) -> R {
        objects::door::generic_alias(cls.value(), item)
    }
    /// exception message
    #[getter]
    fn message(this: Gc<ExceptionGroupObject>) -> Value {
        member(&this.message)
    }
    /// nested exceptions
    #[getter]
    fn exceptions(this: Gc<ExceptionGroupObject>) -> Gc<Tuple> {
        members(this)
    }
}

fn none_or_class(value: Value) -> String {
    if value.is_none() { "None".to_owned() } else { class_name(value) }
}

fn members(group: Gc<ExceptionGroupObject>) -> Gc<Tuple> {
    group.exceptions.get().and_then(|members| members.cast::<Tuple>()).unwrap_or_else(|| new_tuple(&[]))
}

/// Which exceptions to take: instances of these classes, or those that a function says yes to.
enum Matcher {
    Classes(Value),
    Function(Value),
}

impl Matcher {
    fn new(value: Value) -> R<Matcher> {
        let is_exception_class =
            |value: Value| value.cast::<Class>().is_some_and(|class| class.is_subclass_of(exc::BASE_EXCEPTION.get()));
        if value.cast::<Class>().is_none() && is_callable(value) {
            return Ok(Matcher::Function(value));
        }
        let good = match value.cast_exact::<Tuple>() {
            Some(classes) => classes.items().iter().all(|class| is_exception_class(*class)),
            None => is_exception_class(value),
        };
        if good {
            return Ok(Matcher::Classes(value));
        }
        Err(type_error!("expected an exception type, a tuple of exception types, or a callable (other than a class)"))
    }
    fn takes(&self, exception: Value) -> R<bool> {
        match self {
            Matcher::Function(function) => objects::is_true(call(*function, &[exception])?),
            Matcher::Classes(classes) => {
                let is_one = |class: Value| class.cast::<Class>().is_some_and(|class| is_instance(exception, class));
                Ok(match classes.cast::<Tuple>() {
                    Some(classes) => classes.items().iter().any(|class| is_one(*class)),
                    None => is_one(*classes),
                })
            }
        }
    }
}

/// (what matches, the rest if wanted), each as a group of the shape of the original.
fn split(exception: Value, matcher: &Matcher, want_rest: bool) -> R<(Option<Value>, Option<Value>)> {
    if matcher.takes(exception)? {
        return Ok((Some(exception), None));
    }
    let Some(group) = exception.cast::<ExceptionGroupObject>() else {
        return Ok((None, want_rest.then_some(exception)));
    };
    let _guard = objects::thread::enter_recursion_in(" in exceptiongroup_split_recursive")?;
    let (mut matched, mut rest) = (GcVec::new(), GcVec::new());
    for member in members(group).items() {
        let (yes, no) = split(*member, matcher, want_rest)?;
        matched.extend(yes);
        rest.extend(no);
    }
    let matched = derived_group(group, &matched)?;
    let rest = if want_rest { derived_group(group, &rest)? } else { None };
    Ok((matched, rest))
}

/// `group.derive(exceptions)` with the metadata of `group`; None for no exceptions.
fn derived_group(group: Gc<ExceptionGroupObject>, exceptions: &[Value]) -> R<Option<Value>> {
    if exceptions.is_empty() {
        return Ok(None);
    }
    let made = call_method(group.value(), interned!("derive"), &[new_list(exceptions).value()])?;
    let Some(derived) = made.cast::<ExceptionGroupObject>() else {
        return Err(type_error!("derive must return an instance of BaseExceptionGroup"));
    };
    let (from, to) = (base(group), base(derived));
    to.traceback.set_opt(from.traceback.get());
    to.context.set_opt(from.context.get());
    if let Some(cause) = from.cause.get() {
        to.cause.set(cause);
    }
    to.suppress_context.store(
        from.suppress_context.load(std::sync::atomic::Ordering::Relaxed) || to.cause.get().is_some(),
        std::sync::atomic::Ordering::Relaxed,
    );
    if let Some(notes) = get_attr_opt(group.value(), interned!("__notes__"))?
        && notes.cast::<objects::Dict>().is_none()
        && class_of(notes).slots.getitem.get().is_some()
    {
        let copy = new_list(&objects::to_vec(notes)?);
        objects::set_attr(made, interned!("__notes__"), copy.value())?;
    }
    Ok(Some(made))
}
