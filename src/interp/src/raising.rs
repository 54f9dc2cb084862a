//! The forms of `raise`, and what `except` and `except*` clauses match. Must not know: unwinding.

use heap::Value;
use objects::class::{Class, class_of, is_instance};
use objects::error::{R, Raised, type_error};
use objects::exception::{self as exc, BaseException, ExceptionGroupObject};
use objects::layout::{Cast, Gc};
use objects::protocol;
use objects::thread;
use objects::tuple::{Tuple, new_tuple};
use std::sync::atomic::Ordering;

fn is_exception_class(value: Value) -> Option<Gc<Class>> {
    value.cast::<Class>().filter(|class| class.is_subclass_of(exc::BASE_EXCEPTION.get()))
}

/// The exception instance that raising `value` raises.
fn to_exception(value: Value) -> R {
    if value.is_instance_of_layout::<BaseException>() {
        return Ok(value);
    }
    match is_exception_class(value) {
        Some(class) => instantiate(class, Value::none()),
        None => Err(type_error!("exceptions must derive from BaseException")),
    }
}

/// `class(value)`, `class()` for None, `value` itself if it is an instance already.
pub fn instantiate(class: Gc<Class>, value: Value) -> R {
    if is_instance(value, class) {
        return Ok(value);
    }
    let made = if value.is_none() {
        objects::call::call(class.value(), &[])?
    } else if let Some(args) = value.cast::<Tuple>() {
        objects::call::call(class.value(), args.items())?
    } else {
        objects::call::call(class.value(), &[value])?
    };
    if !made.is_instance_of_layout::<BaseException>() {
        return Err(type_error!(
            "calling {} should have returned an instance of BaseException, not {}",
            protocol::repr(class.value())?.to_string_lossy(),
            protocol::repr(class_of(made).value())?.to_string_lossy()
        ));
    }
    Ok(made)
}

/// Makes `exception` the raised one; the handled one becomes its context.
fn raise_instance(exception: Value) -> Raised {
    if let (Some(object), Some(handled)) = (exception.cast::<BaseException>(), thread::handled_exception())
        && handled != exception
    {
        BaseException::set_context_checked(object, handled);
    }
    objects::error::restore(exception)
}

/// `raise value`
pub fn raise(value: Value) -> Raised {
    match to_exception(value) {
        Ok(exception) => raise_instance(exception),
        Err(raised) => raised,
    }
}

/// `raise value from cause`
pub fn raise_from(value: Value, cause: Value) -> Raised {
    let exception = match to_exception(value) {
        Ok(exception) => exception,
        Err(raised) => return raised,
    };
    let cause = if cause.is_none() {
        None
    } else if cause.is_instance_of_layout::<BaseException>() {
        Some(cause)
    } else if let Some(class) = is_exception_class(cause) {
        match instantiate(class, Value::none()) {
            Ok(cause) => Some(cause),
            Err(raised) => return raised,
        }
    } else {
        return type_error!("exception causes must derive from BaseException");
    };
    if let Some(object) = exception.cast::<BaseException>() {
        object.cause.set_opt(cause);
        object.suppress_context.store(true, Ordering::Relaxed);
    }
    raise_instance(exception)
}

#[cold]
fn bad_clause() -> Raised {
    type_error!("catching classes that do not inherit from BaseException is not allowed")
}

/// Whether an `except` clause for `wanted` (a class or a tuple of classes) takes `exception`.
pub fn matches(exception: Value, wanted: Value) -> R<bool> {
    match wanted.cast::<Tuple>() {
        None => match is_exception_class(wanted) {
            Some(class) => Ok(is_instance(exception, class)),
            None => Err(bad_clause()),
        },
        Some(classes) => {
            if classes.items().iter().any(|class| is_exception_class(*class).is_none()) {
                return Err(bad_clause());
            }
            Ok(classes.items().iter().filter_map(|class| class.cast::<Class>()).any(|class| is_instance(exception, class)))
        }
    }
}

fn check_star_clause(wanted: Value) -> R<()> {
    let check = |value: Value| match is_exception_class(value) {
        None => Err(bad_clause()),
        Some(class) if class.is_subclass_of(exc::BASE_EXCEPTION_GROUP.get()) => {
            Err(type_error!("catching ExceptionGroup with except* is not allowed. Use except instead."))
        }
        Some(_) => Ok(()),
    };
    match wanted.cast::<Tuple>() {
        None => check(wanted),
        Some(classes) => classes.items().iter().try_for_each(|class| check(*class)),
    }
}

/// Makes `ExceptionGroup("", members)`, `members` being a tuple or list of `exceptions`.
fn new_group(exceptions: &[Value], members: Value) -> R {
    let all_plain = exceptions.iter().all(|exception| is_instance(*exception, exc::EXCEPTION.get()));
    let class = if all_plain { exc::EXCEPTION_GROUP.get() } else { exc::BASE_EXCEPTION_GROUP.get() };
    objects::call::call(class.value(), &[objects::str::Str::empty().value(), members])
}

/// An `except*` clause: (rest, match), each None if empty.
pub fn split_for_clause(exception: Value, wanted: Value) -> R<(Value, Value)> {
    let none = Value::none();
    if exception.is_none() {
        return Ok((none, none));
    }
    check_star_clause(wanted)?;
    let is_group = exception.is_instance_of_layout::<ExceptionGroupObject>();
    if matches(exception, wanted)? {
        if is_group {
            return Ok((none, exception));
        }
        let group = new_group(&[exception], new_tuple(&[exception]).value())?;
        if let (Some(group), Some(view)) = (group.cast::<BaseException>(), crate::run::exec().innermost()) {
            let frame = objects::frame::frame_object(crate::run::exec(), view);
            let entry = objects::traceback::new_traceback(None, frame, view.offset() as i32, -1);
            group.traceback.set(entry.value());
        }
        return Ok((none, group));
    }
    if !is_group {
        return Ok((exception, none));
    }
    let pair = objects::call::call_method(exception, objects::interned!("split"), &[wanted])?;
    let Some(pair) = pair.cast::<Tuple>() else {
        return Err(type_error!(
            "{}.split must return a tuple, not {}",
            objects::class::class_name(exception),
            objects::class::class_name(pair)
        ));
    };
    match pair.items() {
        [matched, rest, ..] => Ok((*rest, *matched)),
        items => Err(type_error!(
            "{}.split must return a 2-tuple, got tuple of size {}",
            objects::class::class_name(exception),
            items.len()
        )),
    }
}

/// Whether two groups are parts of one: same notes, traceback, cause and context.
fn same_origin(a: Value, b: Value) -> bool {
    let (Some(a), Some(b)) = (a.cast::<ExceptionGroupObject>(), b.cast::<ExceptionGroupObject>()) else { return false };
    let notes =
        |group: Gc<ExceptionGroupObject>| objects::shape::get_instance_attr(group.value(), objects::interned!("__notes__"));
    let present = |slot: &heap::Slot| slot.get().filter(|value| !value.is_none());
    notes(a) == notes(b)
        && present(&a.base.traceback) == present(&b.base.traceback)
        && present(&a.base.cause) == present(&b.base.cause)
        && present(&a.base.context) == present(&b.base.context)
}

fn group_members(group: Value) -> objects::GcVec {
    match group.cast::<ExceptionGroupObject>().and_then(|group| group.exceptions.get()).and_then(|tuple| tuple.cast::<Tuple>()) {
        Some(members) => objects::GcVec::from_slice(members.items()),
        None => objects::GcVec::new(),
    }
}

fn collect_leaves(exception: Value, leaves: &mut Vec<u64>) {
    if exception.is_instance_of_layout::<ExceptionGroupObject>() {
        group_members(exception).into_iter().for_each(|member| collect_leaves(member, leaves));
    } else {
        leaves.push(exception.raw());
    }
}

/// The part of `group` whose leaves are among `leaves`; None if there is none.
fn project(group: Value, leaves: &[u64]) -> R<Option<Value>> {
    let _guard = thread::enter_recursion()?;
    let members = group_members(group);
    let kept = objects::list::list_from_slice(&[]);
    let mut whole = true;
    for member in &members {
        let part = if member.is_instance_of_layout::<ExceptionGroupObject>() {
            project(*member, leaves)?
        } else {
            leaves.contains(&member.raw()).then_some(*member)
        };
        whole &= part == Some(*member);
        if let Some(part) = part {
            objects::list::list_push(kept, part);
        }
    }
    if whole {
        return Ok(Some(group));
    }
    if kept.is_empty() {
        return Ok(None);
    }
    let derived = objects::call::call_method(group, objects::interned!("derive"), &[kept.value()])?;
    if let (Some(from), Some(to)) = (group.cast::<BaseException>(), derived.cast::<BaseException>()) {
        to.traceback.set_opt(from.traceback.get());
        to.context.set_opt(from.context.get());
        to.cause.set_opt(from.cause.get());
        if let Some(notes) = objects::shape::get_instance_attr(group, objects::interned!("__notes__")) {
            objects::lookup::set_attr(derived, objects::interned!("__notes__"), notes)?;
        }
    }
    Ok(Some(derived))
}

/// What a `try` with `except*` clauses raises at its end: `raised` holds what the clauses raised and what was left over.
pub fn prepare_reraise(original: Value, raised: Value) -> R {
    let entries: objects::GcVec = protocol::to_vec(raised)?.into_iter().filter(|entry| !entry.is_none()).collect();
    if !original.is_instance_of_layout::<ExceptionGroupObject>() {
        return Ok(entries.first().copied().unwrap_or(Value::none()));
    }
    let (reraised, mut fresh): (objects::GcVec, objects::GcVec) =
        entries.into_iter().partition(|entry| same_origin(*entry, original));
    let mut leaves = Vec::new();
    reraised.iter().for_each(|entry| collect_leaves(*entry, &mut leaves));
    let rest = if reraised.is_empty() { None } else { project(original, &leaves)? };
    if fresh.is_empty() {
        return Ok(rest.unwrap_or(Value::none()));
    }
    fresh.extend(rest);
    // The tuple keeps the parts alive while the group is made.
    let keep = new_tuple(&fresh);
    if let [only] = keep.items() {
        return Ok(*only);
    }
    new_group(keep.items(), objects::list::list_from_slice(keep.items()).value())
}
