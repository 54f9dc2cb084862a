//! `sum`: exact for ints, compensated for floats and complex numbers, `+` for everything else.

use objects::bytearray::ByteArray;
use objects::operators::{BinaryOp, binary_op};
use objects::protocol::Items;
use objects::{Bytes, Cast, Complex, List, R, Str, Tuple, Value, float_value, type_error};

/// Neumaier's running compensation, as CPython's sum of floats.
struct Compensated {
    high: f64,
    low: f64,
}

impl Compensated {
    fn new(start: f64) -> Compensated {
        Compensated { high: start, low: 0.0 }
    }
    fn add(&mut self, x: f64) {
        let t = self.high + x;
        if self.high.abs() >= x.abs() {
            self.low += (self.high - t) + x;
        } else {
            self.low += (x - t) + self.high;
        }
        self.high = t;
    }
    fn total(&self) -> f64 {
        // A lost low part must not turn an infinity into a NaN.
        if self.low != 0.0 && self.low.is_finite() { self.high + self.low } else { self.high }
    }
}

pub fn sum(iterable: Value, start: Value) -> R {
    if start.is_ptr() {
        check_start(start)?;
    } else if start.is_int()
        && let Some(total) = sum_plain_ints(iterable, start.as_int())
    {
        return Ok(total);
    }
    let items = Items::of(iterable)?;
    let mut total = start;
    let mut pending = None;
    if total.is_int() {
        (total, pending) = sum_ints(&items, total.as_int())?;
        if pending.is_none() {
            return Ok(total);
        }
    }
    // A first float switches to compensated addition.
    if let Some(item) = pending.take() {
        if total.is_int() && item.is_float() {
            let mut running = Compensated::new(total.as_int() as f64);
            running.add(item.as_float());
            (total, pending) = sum_floats(&items, running)?;
            if pending.is_none() {
                return Ok(total);
            }
        } else {
            pending = Some(item);
        }
    } else if total.is_float() {
        (total, pending) = sum_floats(&items, Compensated::new(total.as_float()))?;
        if pending.is_none() {
            return Ok(total);
        }
    }
    if let Some(complex) = complex_start(total, pending) {
        (total, pending) = sum_complex(&items, complex, pending)?;
        if pending.is_none() {
            return Ok(total);
        }
    }
    if let Some(item) = pending {
        total = binary_op(BinaryOp::Add, total, item)?;
    }
    while let Some(item) = items.next()? {
        total = binary_op(BinaryOp::Add, total, item)?;
    }
    Ok(total)
}

fn check_start(start: Value) -> R<()> {
    if start.cast::<Str>().is_some() {
        return Err(type_error!("sum() can't sum strings [use ''.join(seq) instead]"));
    }
    if start.cast::<Bytes>().is_some() {
        return Err(type_error!("sum() can't sum bytes [use b''.join(seq) instead]"));
    }
    if start.cast::<ByteArray>().is_some() {
        return Err(type_error!("sum() can't sum bytearray [use b''.join(seq) instead]"));
    }
    Ok(())
}

/// The sum of a tuple or list that holds nothing but ints of the word.
fn sum_plain_ints(iterable: Value, start: i64) -> Option<Value> {
    let items = match (iterable.cast_exact::<Tuple>(), iterable.cast_exact::<List>()) {
        (Some(tuple), _) => tuple.items(),
        // No Python code runs here, so with one thread the list stays as it is.
        (_, Some(list)) if !heap::is_multithreaded() => list.values(),
        _ => return None,
    };
    let mut total = start;
    for item in items {
        if !item.is_int() {
            return None;
        }
        total = total.checked_add(item.as_int())?;
    }
    Some(objects::new_int(total))
}

/// Adds ints until something else comes: (total so far, that item).
fn sum_ints(items: &Items, start: i64) -> R<(Value, Option<Value>)> {
    let mut total = start as i128;
    while let Some(item) = items.next()? {
        if item.is_int() {
            total += item.as_int() as i128;
            continue;
        }
        if let Some(flag) = item.as_bool() {
            total += flag as i128;
            continue;
        }
        return Ok((objects::int::new_int_i128(total), Some(item)));
    }
    Ok((objects::int::new_int_i128(total), None))
}

fn sum_floats(items: &Items, mut running: Compensated) -> R<(Value, Option<Value>)> {
    while let Some(item) = items.next()? {
        if item.is_float() {
            running.add(item.as_float());
        } else if item.is_int() {
            running.add(item.as_int() as f64);
        } else {
            return Ok((Value::float(running.total()), Some(item)));
        }
    }
    Ok((Value::float(running.total()), None))
}

/// (real, imaginary) to start compensated complex addition with, if total or item is complex.
fn complex_start(total: Value, pending: Option<Value>) -> Option<(f64, f64)> {
    if let Some(start) = total.cast_exact::<Complex>() {
        return Some((start.real, start.imag));
    }
    pending?.cast_exact::<Complex>()?;
    if total.is_int() {
        return Some((total.as_int() as f64, 0.0));
    }
    total.is_float().then(|| (total.as_float(), 0.0))
}

fn sum_complex(items: &Items, start: (f64, f64), pending: Option<Value>) -> R<(Value, Option<Value>)> {
    let (mut real, mut imag) = (Compensated::new(start.0), Compensated::new(start.1));
    let mut next = pending;
    loop {
        let item = match next.take() {
            Some(item) => item,
            None => match items.next()? {
                Some(item) => item,
                None => return Ok((objects::new_complex(real.total(), imag.total()).value(), None)),
            },
        };
        if let Some(number) = item.cast_exact::<Complex>() {
            real.add(number.real);
            imag.add(number.imag);
        } else if let Some(number) = float_value(item).filter(|_| item.is_float()) {
            real.add(number);
        } else if item.is_int() {
            real.add(item.as_int() as f64);
        } else {
            return Ok((objects::new_complex(real.total(), imag.total()).value(), Some(item)));
        }
    }
}
