//! Comparisons, truth and membership as values. Must not know: jumps.

use crate::state::{Ctl, Flow, State, a, b, c, is_pointer, object, op, shape_of};
use crate::wellknown::shapes;
use heap::Value;
use objects::dict::Dict;
use objects::error::R;
use objects::layout::Cast;
use objects::list::List;
use objects::operators::{self, CompareOp};
use objects::protocol;
use objects::set::SetCore;
use objects::str::Str;
use objects::tuple::Tuple;

/// Order of two numbers of the word; None for everything else. Unordered doubles compare false in every way but `!=`.
macro_rules! numeric_compare {
    ($x:expr, $y:expr, $operator:tt) => {{
        let (x, y): (Value, Value) = ($x, $y);
        if x.raw() & y.raw() >= heap::value::INT_TAG {
            // The bias keeps the order of ints.
            Some(x.raw() $operator y.raw())
        } else if x.is_float() && y.is_float() {
            Some(x.as_float() $operator y.as_float())
        } else if x.is_float() && y.is_int() {
            Some(x.as_float() $operator y.as_int() as f64)
        } else if x.is_int() && y.is_float() {
            Some((x.as_int() as f64) $operator y.as_float())
        } else {
            None
        }
    }};
}
pub(crate) use numeric_compare;

/// Order of two exact strings; None for everything else.
macro_rules! text_compare {
    ($x:expr, $y:expr, ==) => {
        match $crate::ops::compare::exact_strings($x, $y) {
            Some((x, y)) => Some(objects::str::str_eq(x, y)),
            None => None,
        }
    };
    ($x:expr, $y:expr, !=) => {
        match $crate::ops::compare::exact_strings($x, $y) {
            Some((x, y)) => Some(!objects::str::str_eq(x, y)),
            None => None,
        }
    };
    ($x:expr, $y:expr, $operator:tt) => {
        match $crate::ops::compare::exact_strings($x, $y) {
            Some((x, y)) => Some(objects::str::str_cmp(x, y) $operator std::cmp::Ordering::Equal),
            None => None,
        }
    };
}
pub(crate) use text_compare;

/// Both values as text, if neither is of a subclass.
#[inline(always)]
pub fn exact_strings<'a>(x: Value, y: Value) -> Option<(&'a Str, &'a Str)> {
    let str = shapes().str();
    // SAFETY: pointer values are live objects, which the registers keep alive.
    unsafe {
        if x.is_ptr() && y.is_ptr() && shape_of(x.raw()) == str && shape_of(y.raw()) == str {
            return Some((object::<Str>(x.raw()), object::<Str>(y.raw())));
        }
    }
    None
}

macro_rules! comparison {
    ($($name:ident $operator:tt;)*) => { $(
        op!($name fast(s, w) {
            match numeric_compare!(s.get(b(w)), s.get(c(w)), $operator) {
                Some(result) => {
                    s.set(a(w), Value::bool(result));
                    s.skip(1)
                }
                None => Ctl::Second,
            }
        } second(s, w) {
            match text_compare!(s.get(b(w)), s.get(c(w)), $operator) {
                Some(result) => {
                    s.set(a(w), Value::bool(result));
                    s.skip(1)
                }
                None => Ctl::Slow,
            }
        } slow(vm, w) {
            let result = operators::compare(CompareOp::$name, vm.get(b(w)), vm.get(c(w)))?;
            vm.set(a(w), result);
            Ok(Flow::Next)
        });
    )* };
}
comparison! {
    Lt <;
    Le <=;
    Eq ==;
    Ne !=;
    Gt >;
    Ge >=;
}

/// Identity as programs see it: equal words, but a NaN or a double made twice is still the same word.
#[inline(always)]
pub fn is_same(x: Value, y: Value) -> bool {
    x.raw() == y.raw()
}

op!(Is fast(s, w) {
    s.set(a(w), Value::bool(is_same(s.get(b(w)), s.get(c(w)))));
    s.skip(1)
});
op!(IsNot fast(s, w) {
    s.set(a(w), Value::bool(!is_same(s.get(b(w)), s.get(c(w)))));
    s.skip(1)
});

/// Whether an int or str is in an exact dict or set; None if that is not enough to tell.
#[inline(always)]
pub unsafe fn quick_contains(container: u64, item: Value) -> Option<bool> {
    if !is_pointer(container) {
        return None;
    }
    let shape = shape_of(container);
    let known = shapes();
    if shape == known.dict() {
        objects::dict::dict_peek(object::<Dict>(container), item).map(|found| found.is_some())
    } else if shape == known.set() || shape == known.frozenset() {
        objects::set::set_peek(object::<SetCore>(container), item)
    } else {
        None
    }
}

/// `wanted in text`. Out of line: the search has a frame of its own.
#[inline(never)]
fn text_contains(text: &Str, wanted: &Str) -> bool {
    base::text::contains(text.text(), wanted.text())
}

/// What the quick ways leave: any key of an exact dict, then whatever is asked of a container. Out of line; the state is published.
#[inline(never)]
fn any_contains(container: Value, item: Value) -> R<bool> {
    match container.cast_exact::<Dict>() {
        Some(dict) => objects::dict::dict_contains(dict, item),
        None => protocol::contains(container, item),
    }
}

/// `item in container` for second bodies: None if that raised.
#[inline(always)]
pub unsafe fn second_contains(s: &State, container: Value, item: Value) -> Option<bool> {
    if let Some((text, wanted)) = exact_strings(container, item) {
        return Some(text_contains(text, wanted));
    }
    s.publish();
    any_contains(container, item).ok()
}

macro_rules! membership {
    ($($name:ident $wanted:literal;)*) => { $(
        op!($name fast(s, w) {
            match quick_contains(s.raw(c(w)), s.get(b(w))) {
                Some(found) => {
                    s.set(a(w), Value::bool(found == $wanted));
                    s.skip(1)
                }
                None => Ctl::Second,
            }
        } second(s, w) {
            match second_contains(s, s.get(c(w)), s.get(b(w))) {
                Some(found) => {
                    s.set(a(w), Value::bool(found == $wanted));
                    s.pc = s.pc.add(1);
                    Ctl::Called
                }
                None => Ctl::Raised,
            }
        });
    )* };
}
membership! {
    In true;
    NotIn false;
}

/// Truth of a value whose type says it at once.
#[inline(always)]
pub fn quick_truth(value: Value) -> Option<bool> {
    if value.is_bool() {
        return Some(value.is_true());
    }
    if value.is_int() {
        return Some(value.raw() != heap::value::INT_BIAS);
    }
    if value.is_none() {
        return Some(false);
    }
    if value.is_float() {
        return Some(value.as_float() != 0.0);
    }
    None
}

/// Truth of an exact str or container: whether it is empty.
#[inline(always)]
pub fn container_truth(value: Value) -> Option<bool> {
    if !value.is_ptr() {
        return None;
    }
    let raw = value.raw();
    let known = shapes();
    // SAFETY: pointer values are live objects; the shape says which layout.
    unsafe {
        let shape = shape_of(raw);
        if shape == known.list() {
            Some(!object::<List>(raw).is_empty())
        } else if shape == known.str() {
            Some(!object::<Str>(raw).is_empty())
        } else if shape == known.dict() {
            Some(!object::<Dict>(raw).is_empty())
        } else if shape == known.tuple() {
            Some(!object::<Tuple>(raw).is_empty())
        } else if shape == known.set() {
            Some(!object::<SetCore>(raw).is_empty())
        } else {
            None
        }
    }
}

op!(Not fast(s, w) {
    match quick_truth(s.get(b(w))) {
        Some(truth) => {
            s.set(a(w), Value::bool(!truth));
            s.skip(1)
        }
        None => Ctl::Second,
    }
} second(s, w) {
    match container_truth(s.get(b(w))) {
        Some(truth) => {
            s.set(a(w), Value::bool(!truth));
            s.skip(1)
        }
        None => {
            s.publish();
            let result = protocol::is_true(s.get(b(w)));
            s.finish_call(a(w), 1, result.map(|truth| Value::bool(!truth)))
        }
    }
});

op!(ToBool fast(s, w) {
    match quick_truth(s.get(b(w))) {
        Some(truth) => {
            s.set(a(w), Value::bool(truth));
            s.skip(1)
        }
        None => Ctl::Second,
    }
} second(s, w) {
    s.publish();
    let result = protocol::is_true(s.get(b(w)));
    s.finish_call(a(w), 1, result.map(Value::bool))
});

op!(GetLen fast(s, w) {
    let value = s.raw(b(w));
    if !is_pointer(value) {
        return Ctl::Second;
    }
    let shape = shape_of(value);
    let known = shapes();
    let length = if shape == known.tuple() {
        object::<Tuple>(value).items().len()
    } else if shape == known.list() {
        object::<List>(value).len()
    } else {
        return Ctl::Second;
    };
    s.put(a(w), heap::value::INT_BIAS + length as u64);
    s.skip(1)
} second(s, w) {
    s.publish();
    let result = protocol::len(s.get(b(w)));
    s.finish_call(a(w), 1, result.map(objects::int::new_int_usize))
});
