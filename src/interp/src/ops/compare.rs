//! Comparisons, truth and membership as values. Must not know: jumps.

use crate::state::{Ctl, Flow, a, b, c, op};
use heap::Value;
use objects::operators::{self, CompareOp};
use objects::protocol;

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

macro_rules! comparison {
    ($($name:ident $operator:tt;)*) => { $(
        op!($name fast(s, w) {
            match numeric_compare!(s.get(b(w)), s.get(c(w)), $operator) {
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

op!(In slow(vm, w) {
    let found = protocol::contains(vm.get(c(w)), vm.get(b(w)))?;
    vm.set(a(w), Value::bool(found));
    Ok(Flow::Next)
});
op!(NotIn slow(vm, w) {
    let found = protocol::contains(vm.get(c(w)), vm.get(b(w)))?;
    vm.set(a(w), Value::bool(!found));
    Ok(Flow::Next)
});

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

op!(Not fast(s, w) {
    match quick_truth(s.get(b(w))) {
        Some(truth) => {
            s.set(a(w), Value::bool(!truth));
            s.skip(1)
        }
        None => Ctl::Slow,
    }
} slow(vm, w) {
    let truth = protocol::is_true(vm.get(b(w)))?;
    vm.set(a(w), Value::bool(!truth));
    Ok(Flow::Next)
});

op!(ToBool fast(s, w) {
    match quick_truth(s.get(b(w))) {
        Some(truth) => {
            s.set(a(w), Value::bool(truth));
            s.skip(1)
        }
        None => Ctl::Slow,
    }
} slow(vm, w) {
    let truth = protocol::is_true(vm.get(b(w)))?;
    vm.set(a(w), Value::bool(truth));
    Ok(Flow::Next)
});

op!(GetLen slow(vm, w) {
    let length = protocol::len(vm.get(b(w)))?;
    vm.set(a(w), objects::int::new_int_usize(length));
    Ok(Flow::Next)
});
