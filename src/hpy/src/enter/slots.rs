//! Slots as special methods: Python arguments in, what the C function of the slot wants out.
//!
//! Must not know: which dunder stands for which slot.

use super::methods::ways_in;
use super::*;
use objects::args::Args;
use objects::error::restore;
use objects::{Cast, Class, Dict, Gc, Value, dict, overflow_error, type_error};

#[cold]
fn wrapper_without_keywords(target: &Target) -> objects::Raised {
    type_error!("wrapper {}() takes no keyword arguments", target.name)
}
#[cold]
#[inline(never)]
fn wrong_number(target: &Target, given: usize, names: usize, wanted: usize) -> objects::Raised {
    if names != 0 {
        return wrapper_without_keywords(target);
    }
    match wanted {
        1 => type_error!("expected 1 argument, got {given}"),
        2 => type_error!("{} expected 2 arguments, got {given}", target.name),
        _ => type_error!("expected {wanted} arguments, got {given}"),
    }
}
#[inline(always)]
fn exactly<'a, const N: usize>(target: &Target, args: Args<'a>) -> R<&'a [Value; N]> {
    match args.values().try_into() {
        Ok(values) if !args.has_keywords() => Ok(values),
        _ => Err(wrong_number(target, args.len(), args.names().len(), N)),
    }
}
/// One value, or two of which the second may be left out.
fn one_or_two(target: &Target, args: Args, default: Value) -> R<(Value, Value)> {
    if args.has_keywords() {
        return Err(wrapper_without_keywords(target));
    }
    match args.values() {
        [first] => Ok((*first, default)),
        [first, second] => Ok((*first, *second)),
        given => Err(type_error!("expected 1 or 2 arguments, got {}", given.len())),
    }
}

ways_in! {
    fn slot_unary(target, this, args) {
        let [] = exactly(target, args)?;
        unary::<PLAIN>(target, this)
    }
    fn slot_binary(target, this, args) {
        let [other] = exactly(target, args)?;
        binary::<PLAIN>(target, this, *other)
    }
    /// `__radd__` and the like: C gets the operands in their order.
    fn slot_reflected(target, this, args) {
        let [other] = exactly(target, args)?;
        binary::<PLAIN>(target, *other, this)
    }
    fn slot_power(target, this, args) {
        let (other, modulus) = one_or_two(target, args, Value::none())?;
        ternary::<PLAIN>(target, [Some(this), Some(other), Some(modulus)])
    }
    fn slot_reflected_power(target, this, args) {
        let (other, modulus) = one_or_two(target, args, Value::none())?;
        ternary::<PLAIN>(target, [Some(other), Some(this), Some(modulus)])
    }
    fn slot_compare(target, this, args) {
        let [other] = exactly(target, args)?;
        // SAFETY: as in `unary`.
        let call = |frame: &Frame<PLAIN>, [a, b]: [Handle; 2]| unsafe {
            frame.take(target.typed::<RichCompare>()(frame.ctx, a, b, target.extra as c_int))
        };
        checked(target, entered(target.layer, [Some(this), Some(*other)], call))
    }
    fn slot_bool(target, this, args) {
        let [] = exactly(target, args)?;
        Ok(Value::bool(inquire::<PLAIN>(target, this)? != 0))
    }
    fn slot_len(target, this, args) {
        let [] = exactly(target, args)?;
        let len = number::<PLAIN>(target, this)?;
        if len < 0 {
            return Err(no_result(target));
        }
        if thread::has_exception() {
            return Err(result_with_error(target));
        }
        Ok(objects::new_int(len as i64))
    }
    fn slot_hash(target, this, args) {
        let [] = exactly(target, args)?;
        let hash = number::<PLAIN>(target, this)?;
        if thread::has_exception() {
            return Err(if hash == -1 { no_result(target) } else { result_with_error(target) });
        }
        // -1 without an exception is what `__hash__` gives then; `hash` complains.
        Ok(objects::new_int(hash as i64))
    }
    fn slot_contains(target, this, args) {
        let [item] = exactly(target, args)?;
        // SAFETY: as in `unary`.
        let call = |frame: &Frame<PLAIN>, [this, item]: [Handle; 2]| unsafe {
            target.typed::<ObjObj>()(frame.ctx, this, item)
        };
        Ok(Value::bool(status(target, entered(target.layer, [Some(this), Some(*item)], call))? != 0))
    }
    fn slot_item(target, this, args) {
        let [key] = exactly(target, args)?;
        ssize_arg::<PLAIN>(target, this, sequence_index(this, *key)?)
    }
    fn slot_repeat(target, this, args) {
        let [count] = exactly(target, args)?;
        match objects::number::try_index(*count)? {
            Some(count) => match objects::number::to_i64(count) {
                Some(count) => ssize_arg::<PLAIN>(target, this, count as isize),
                None => Err(overflow_error!("cannot fit '{}' into an index-sized integer", objects::class_name(count))),
            },
            None => Err(type_error!("can't multiply sequence by non-int of type '{}'", objects::class_name(*count))),
        }
    }
    fn slot_set_item(target, this, args) {
        let [key, value] = exactly(target, args)?;
        store_item::<PLAIN>(target, this, *key, Some(*value))
    }
    fn slot_del_item(target, this, args) {
        let [key] = exactly(target, args)?;
        store_item::<PLAIN>(target, this, *key, None)
    }
    fn slot_set_key(target, this, args) {
        let [key, value] = exactly(target, args)?;
        store_key::<PLAIN>(target, this, *key, Some(*value))
    }
    fn slot_del_key(target, this, args) {
        let [key] = exactly(target, args)?;
        store_key::<PLAIN>(target, this, *key, None)
    }
    /// `__get__(instance, owner)`; None stands for NULL.
    fn slot_descr_get(target, this, args) {
        let (instance, owner) = one_or_two(target, args, Value::none())?;
        let present = |value: Value| if value.is_none() { None } else { Some(value) };
        ternary::<PLAIN>(target, [Some(this), present(instance), present(owner)])
    }
    fn slot_init(target, this, args) {
        let positional = args.positional();
        let call = |frame: &Frame<PLAIN>, [this, kw]: [Handle; 2]| {
            // SAFETY: as in `unary`.
            frame.with_array(positional, |array| unsafe {
                target.typed::<InitProc>()(frame.ctx, this, array, positional.len() as isize, kw)
            })
        };
        status(target, entered(target.layer, [Some(this), keyword_dict(args)?], call)).map(|_| Value::none())
    }
    /// `__new__`, a static method: the class comes first. `extra` of the target is the address of the type's layout.
    fn slot_new(target, this, args) {
        // Python calls it with the class as the first argument; the constructor of the class hands it over apart.
        let (class, rest) = match this.cast::<Class>() {
            Some(class) => (class, args),
            None => class_in_front(target, args)?,
        };
        // SAFETY: set when the target was made.
        let layout = unsafe { &*(target.extra as *const crate::instance::ExtLayout) };
        // A class of a program may have taken this function from a type that is none of its bases.
        if layout.desc.class.is_set() && !class.is_subclass_of(layout.desc.class.get()) {
            let name = type_name(target);
            return Err(type_error!("{name}.__new__({0}): {0} is not a subtype of {name}", objects::class::message_name(class)));
        }
        let positional = rest.positional();
        let call = |frame: &Frame<PLAIN>, [class, kw]: [Handle; 2]| {
            // SAFETY: as in `unary`.
            frame.with_array(positional, |array| unsafe {
                frame.take(target.typed::<NewFunc>()(frame.ctx, class, array, positional.len() as isize, kw))
            })
        };
        checked(target, entered(target.layer, [Some(class.value()), keyword_dict(rest)?], call))
    }
    fn slot_finalize(target, this, args) {
        let [] = exactly(target, args)?;
        let pending = thread::has_exception().then(thread::take_exception);
        // SAFETY: as in `unary`.
        let call = |frame: &Frame<PLAIN>, [this]: [Handle; 1]| unsafe {
            target.typed::<Finalizer>()(frame.ctx, this)
        };
        entered(target.layer, [Some(this)], call)?;
        if thread::has_exception() {
            return Err(objects::Raised::already_set());
        }
        if let Some(pending) = pending {
            let _ = restore(pending);
        }
        Ok(Value::none())
    }
}

/// A function of one object that gives a number.
#[inline(always)]
fn number<const PLAIN: bool>(target: &Target, this: Value) -> R<isize> {
    // SAFETY: as in `unary`.
    let call = |frame: &Frame<PLAIN>, [this]: [Handle; 1]| unsafe { target.typed::<LenFunc>()(frame.ctx, this) };
    entered(target.layer, [Some(this)], call)
}
fn ssize_arg<const PLAIN: bool>(target: &Target, this: Value, number: isize) -> R {
    // SAFETY: as in `unary`.
    let call =
        |frame: &Frame<PLAIN>, [this]: [Handle; 1]| unsafe { frame.take(target.typed::<SsizeArg>()(frame.ctx, this, number)) };
    checked(target, entered(target.layer, [Some(this)], call))
}
/// An index for a sequence slot; negative ones count from the end if the type has a length.
fn sequence_index(this: Value, key: Value) -> R<isize> {
    if let Some(index) = key.int()
        && index >= 0
    {
        return Ok(index as isize);
    }
    let index = match objects::number::try_index(key)? {
        Some(_) => objects::index_for(key)?,
        None => return Err(type_error!("sequence index must be integer, not '{}'", objects::class_name(key))),
    };
    if index < 0 && objects::class_of(this).slots.len.get().is_some() {
        return Ok(index as isize + objects::len(this)? as isize);
    }
    Ok(index as isize)
}
fn store_item<const PLAIN: bool>(target: &Target, this: Value, key: Value, value: Option<Value>) -> R {
    let index = sequence_index(this, key)?;
    // SAFETY: as in `unary`.
    let call =
        |frame: &Frame<PLAIN>, [this, item]: [Handle; 2]| unsafe { target.typed::<SsizeObjArg>()(frame.ctx, this, index, item) };
    status(target, entered(target.layer, [Some(this), value], call)).map(|_| Value::none())
}
fn store_key<const PLAIN: bool>(target: &Target, this: Value, key: Value, value: Option<Value>) -> R {
    // SAFETY: as in `unary`.
    let call =
        |frame: &Frame<PLAIN>, [this, key, item]: [Handle; 3]| unsafe { target.typed::<ObjObjArg>()(frame.ctx, this, key, item) };
    status(target, entered(target.layer, [Some(this), Some(key), value], call)).map(|_| Value::none())
}

/// Keywords as `tp_new` and `tp_init` take them: a dict, or None if there are none.
fn keyword_dict(args: Args) -> R<Option<Value>> {
    if !args.has_keywords() {
        return Ok(None);
    }
    let made: Gc<Dict> = dict::new_dict();
    for (name, value) in args.keywords() {
        dict::dict_set(made, name, value)?;
    }
    Ok(Some(made.value()))
}

/// The name of the type that a constructor belongs to.
fn type_name(target: &Target) -> &'static str {
    target.full_name.strip_suffix(".__new__").unwrap_or(target.full_name)
}
#[cold]
fn class_in_front<'a>(target: &Target, args: Args<'a>) -> R<(Gc<Class>, Args<'a>)> {
    let name = type_name(target);
    let Some((class, rest)) = args.split_first() else {
        return Err(type_error!("{name}.__new__(): not enough arguments"));
    };
    match class.cast::<Class>() {
        Some(class) => Ok((class, rest)),
        None => Err(type_error!("{name}.__new__(X): X is not a type object ({})", objects::class_name(class))),
    }
}
