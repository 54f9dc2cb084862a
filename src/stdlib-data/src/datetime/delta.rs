//! The class `timedelta`. Must not know: dates.

use super::arguments::bind;
use base::float::as_integer_ratio;
use base::int::{divmod, true_divide};
use dashu_int::IBig;
use native_macros::{Layout, native_class};
use objects::error::raise_fault;
use objects::{
    Args, Cast, Class, CompareOp, Gc, Header, Layout, R, Raised, Value, class_name, hash, int_view, is_int, new_int, new_object,
    new_tuple, overflow_error, type_error, value_error, zero_division_error,
};
use std::sync::atomic::{AtomicI64, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct Delta {
    pub header: Header,
    pub days: i32,
    pub seconds: i32,
    pub microseconds: i32,
    hash: AtomicI64,
}

const MAX_DAYS: i64 = 999_999_999;
pub const SECOND: i128 = 1_000_000;
pub const DAY: i128 = 86_400 * SECOND;

impl Delta {
    /// Everything in microseconds.
    pub fn total(&self) -> i128 {
        self.days as i128 * DAY + self.seconds as i128 * SECOND + self.microseconds as i128
    }
}

/// Floor division by a positive number that fits a word. In words where it does: dividing longer numbers takes ten times as long.
#[inline]
pub fn divided(total: i128, unit: i128) -> (i128, i64) {
    match i64::try_from(total) {
        Ok(total) => (total.div_euclid(unit as i64) as i128, total.rem_euclid(unit as i64)),
        Err(_) => (total.div_euclid(unit), total.rem_euclid(unit) as i64),
    }
}

/// Seconds, as the nearest double.
pub fn seconds_of(micros: i128) -> R<f64> {
    // Both are exact as doubles, so their quotient is rounded once.
    if micros.unsigned_abs() < 1 << 53 {
        return Ok(micros as i64 as f64 / 1e6);
    }
    true_divide(&IBig::from(micros), &IBig::from(SECOND)).map_err(raise_fault)
}

#[cold]
fn too_large() -> Raised {
    overflow_error!("Python int too large to convert to C int")
}

/// An instance of `class` of that many microseconds.
pub fn from_micros_in(class: Gc<Class>, total: i128) -> R<Gc<Delta>> {
    let (days, rest) = divided(total, DAY);
    let Ok(days) = i32::try_from(days) else { return Err(too_large()) };
    if (days as i64).abs() > MAX_DAYS {
        return Err(overflow_error!("days={days}; must have magnitude <= {MAX_DAYS}"));
    }
    Ok(new_object(
        class,
        Delta {
            header: Header::blank(),
            days,
            seconds: (rest / SECOND as i64) as i32,
            microseconds: (rest % SECOND as i64) as i32,
            hash: AtomicI64::new(-1),
        },
    ))
}
pub fn from_micros(total: i128) -> R<Gc<Delta>> {
    from_micros_in(Delta::class(), total)
}
fn from_big(total: &IBig) -> R<Gc<Delta>> {
    match i128::try_from(total.clone()) {
        Ok(total) => from_micros(total),
        Err(_) => Err(too_large()),
    }
}

pub fn as_delta(value: Value) -> Option<Gc<Delta>> {
    value.cast::<Delta>()
}

/// `a / b`, to the nearest, halves to even.
fn divide_nearest(a: &IBig, b: &IBig) -> R<IBig> {
    let Some((quotient, rest)) = divmod(a, b) else { return Err(division_by_zero()) };
    let twice = rest * IBig::from(2);
    let zero = IBig::from(0);
    let (above, half) = (if *b > zero { twice > *b } else { twice < *b }, twice == *b);
    let odd = &quotient % IBig::from(2) != zero;
    Ok(if above || (half && odd) { quotient + IBig::from(1) } else { quotient })
}
#[cold]
fn division_by_zero() -> Raised {
    zero_division_error!("division by zero")
}

fn ratio(number: f64) -> R<(IBig, IBig)> {
    match as_integer_ratio(number) {
        Some((top, bottom)) => Ok((top, IBig::from(bottom))),
        None if number.is_nan() => Err(value_error!("cannot convert NaN to integer ratio")),
        None => Err(overflow_error!("cannot convert Infinity to integer ratio")),
    }
}

fn not_implemented() -> R {
    Ok(Value::not_implemented())
}

fn times(this: Gc<Delta>, other: Value) -> R {
    let total = IBig::from(this.total());
    if let Some(number) = int_view(other) {
        if let Some(small) = number.to_i64()
            && let Some(product) = this.total().checked_mul(small as i128)
        {
            return Ok(from_micros(product)?.value());
        }
        return Ok(from_big(&(total * number.to_ibig()))?.value());
    }
    if let Some(number) = objects::float_value(other) {
        let (top, bottom) = ratio(number)?;
        return Ok(from_big(&divide_nearest(&(total * top), &bottom)?)?.value());
    }
    not_implemented()
}

/// Adds one component to the sum; what floats leave over is added up apart.
fn accumulate(name: &str, value: Value, factor: i64, sum: &mut i128, rest: &mut f64) -> R<()> {
    if is_int(value) {
        let number = int_view(value).and_then(|number| number.to_i64()).ok_or_else(too_large)?;
        *sum += number as i128 * factor as i128;
        return Ok(());
    }
    let Some(number) = objects::float_value(value) else {
        return Err(type_error!("unsupported type for timedelta {name} component: {}", class_name(value)));
    };
    if number.is_nan() {
        return Err(value_error!("cannot convert float NaN to integer"));
    }
    if number.is_infinite() {
        return Err(overflow_error!("cannot convert float infinity to integer"));
    }
    let whole = number.trunc();
    if whole.abs() > 1e20 {
        return Err(too_large());
    }
    *sum += whole as i128 * factor as i128;
    let fraction = number - whole;
    if fraction != 0.0 {
        let scaled = factor as f64 * fraction;
        *sum += scaled.trunc() as i128;
        *rest += scaled - scaled.trunc();
    }
    Ok(())
}

const COMPONENTS: [&str; 7] = ["days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"];
/// Microseconds of each component, and the order in which they are added.
const FACTORS: [(usize, i64); 7] =
    [(2, 1), (3, 1000), (1, 1_000_000), (4, 60_000_000), (5, 3_600_000_000), (0, 86_400_000_000), (6, 604_800_000_000)];

fn compared(this: Gc<Delta>, other: Value, op: CompareOp) -> R {
    match as_delta(other) {
        None => not_implemented(),
        Some(other) => Ok(Value::bool(super::holds(this.total().cmp(&other.total()), op))),
    }
}

/// A duration, such as the difference of two datetimes.
///
/// timedelta(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0,
/// hours=0, weeks=0)
///
/// The arguments are ints or floats, negative ones included, and are added up.
#[native_class(name = "datetime.timedelta", layout = Delta, base = object)]
impl Delta {
    #[new]
    fn new(cls: Gc<Class>, args: Args) -> R {
        let bound = bind(args, "__new__()", COMPONENTS, 0, 7)?;
        let (mut sum, mut rest) = (0, 0.0);
        for (index, factor) in FACTORS {
            if let Some(value) = bound[index] {
                accumulate(COMPONENTS[index], value, factor, &mut sum, &mut rest)?;
            }
        }
        if rest != 0.0 {
            let mut whole = rest.round_ties_even();
            if (whole - rest).abs() == 0.5 {
                // Half-way: what counts is whether the whole sum is even.
                let odd = (sum & 1) as f64;
                whole = 2.0 * ((rest + odd) * 0.5).round_ties_even() - odd;
            }
            sum += whole as i128;
        }
        Ok(from_micros_in(cls, sum)?.value())
    }
    fn __repr__(this: Gc<Delta>) -> String {
        let parts: Vec<String> = [("days", this.days), ("seconds", this.seconds), ("microseconds", this.microseconds)]
            .iter()
            .filter(|(_, number)| *number != 0)
            .map(|(name, number)| format!("{name}={number}"))
            .collect();
        let name = class_name(this.value());
        if parts.is_empty() { format!("{name}(0)") } else { format!("{name}({})", parts.join(", ")) }
    }
    fn __str__(this: Gc<Delta>) -> String {
        let (minutes, seconds) = (this.seconds / 60, this.seconds % 60);
        let mut text = String::new();
        if this.days != 0 {
            let plural = if this.days.abs() == 1 { "" } else { "s" };
            text = format!("{} day{plural}, ", this.days);
        }
        text.push_str(&format!("{}:{:02}:{:02}", minutes / 60, minutes % 60, seconds));
        if this.microseconds != 0 {
            text.push_str(&format!(".{:06}", this.microseconds));
        }
        text
    }
    fn __hash__(this: Gc<Delta>) -> R<i64> {
        let known = this.hash.load(Ordering::Relaxed);
        if known != -1 {
            return Ok(known);
        }
        let fresh = hash(state(this))?;
        this.hash.store(fresh, Ordering::Relaxed);
        Ok(fresh)
    }
    fn __bool__(this: Gc<Delta>) -> bool {
        this.total() != 0
    }
    fn __lt__(this: Gc<Delta>, other: Value) -> R {
        compared(this, other, CompareOp::Lt)
    }
    fn __le__(this: Gc<Delta>, other: Value) -> R {
        compared(this, other, CompareOp::Le)
    }
    fn __eq__(this: Gc<Delta>, other: Value) -> R {
        compared(this, other, CompareOp::Eq)
    }
    fn __ne__(this: Gc<Delta>, other: Value) -> R {
        compared(this, other, CompareOp::Ne)
    }
    fn __gt__(this: Gc<Delta>, other: Value) -> R {
        compared(this, other, CompareOp::Gt)
    }
    fn __ge__(this: Gc<Delta>, other: Value) -> R {
        compared(this, other, CompareOp::Ge)
    }
    fn __add__(this: Gc<Delta>, other: Value) -> R {
        match as_delta(other) {
            Some(other) => Ok(from_micros(this.total() + other.total())?.value()),
            None => not_implemented(),
        }
    }
    fn __radd__(this: Gc<Delta>, other: Value) -> R {
        Delta::__add__(this, other)
    }
    fn __sub__(this: Gc<Delta>, other: Value) -> R {
        match as_delta(other) {
            Some(other) => Ok(from_micros(this.total() - other.total())?.value()),
            None => not_implemented(),
        }
    }
    fn __rsub__(this: Gc<Delta>, other: Value) -> R {
        match as_delta(other) {
            Some(other) => Ok(from_micros(other.total() - this.total())?.value()),
            None => not_implemented(),
        }
    }
    fn __mul__(this: Gc<Delta>, other: Value) -> R {
        times(this, other)
    }
    fn __rmul__(this: Gc<Delta>, other: Value) -> R {
        times(this, other)
    }
    fn __truediv__(this: Gc<Delta>, other: Value) -> R {
        let total = IBig::from(this.total());
        if let Some(other) = as_delta(other) {
            if other.total() == 0 {
                return Err(division_by_zero());
            }
            let quotient = true_divide(&total, &IBig::from(other.total())).map_err(raise_fault)?;
            return Ok(Value::float(quotient));
        }
        if let Some(number) = int_view(other) {
            return Ok(from_big(&divide_nearest(&total, &number.to_ibig())?)?.value());
        }
        if let Some(number) = objects::float_value(other) {
            let (top, bottom) = ratio(number)?;
            return Ok(from_big(&divide_nearest(&(total * bottom), &top)?)?.value());
        }
        not_implemented()
    }
    fn __floordiv__(this: Gc<Delta>, other: Value) -> R {
        if let Some(other) = as_delta(other) {
            return match other.total() {
                0 => Err(division_by_zero()),
                divisor => Ok(objects::int::new_int_i128(this.total().div_euclid(divisor) - floor_fix(this.total(), divisor))),
            };
        }
        if let Some(number) = int_view(other) {
            let Some((quotient, _)) = divmod(&IBig::from(this.total()), &number.to_ibig()) else {
                return Err(division_by_zero());
            };
            return Ok(from_big(&quotient)?.value());
        }
        not_implemented()
    }
    fn __mod__(this: Gc<Delta>, other: Value) -> R {
        match as_delta(other) {
            None => not_implemented(),
            Some(other) if other.total() == 0 => Err(division_by_zero()),
            Some(other) => Ok(from_micros(floor_rem(this.total(), other.total()))?.value()),
        }
    }
    fn __divmod__(this: Gc<Delta>, other: Value) -> R {
        match as_delta(other) {
            None => not_implemented(),
            Some(_) => {
                let quotient = Delta::__floordiv__(this, other)?;
                let rest = Delta::__mod__(this, other)?;
                Ok(new_tuple(&[quotient, rest]).value())
            }
        }
    }
    fn __neg__(this: Gc<Delta>) -> R {
        Ok(from_micros(-this.total())?.value())
    }
    fn __pos__(this: Gc<Delta>) -> R {
        Ok(from_micros(this.total())?.value())
    }
    fn __abs__(this: Gc<Delta>) -> R {
        Ok(from_micros(this.total().abs())?.value())
    }
    /// The whole duration in seconds.
    fn total_seconds(this: Gc<Delta>) -> R<f64> {
        seconds_of(this.total())
    }
    /// __reduce__() -> (cls, state)
    fn __reduce__(this: Gc<Delta>) -> R {
        let class = objects::class_of(this.value()).value();
        Ok(new_tuple(&[class, state(this)]).value())
    }
    /// Number of days.
    #[getter]
    fn days(this: Gc<Delta>) -> i32 {
        this.days
    }
    /// The seconds beside the days, from 0 to 86399.
    #[getter]
    fn seconds(this: Gc<Delta>) -> i32 {
        this.seconds
    }
    /// The microseconds beside the seconds, from 0 to 999999.
    #[getter]
    fn microseconds(this: Gc<Delta>) -> i32 {
        this.microseconds
    }
}

fn floor_rem(a: i128, b: i128) -> i128 {
    let rest = a % b;
    if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest }
}
/// What Euclid's quotient is above the floor.
fn floor_fix(a: i128, b: i128) -> i128 {
    a.div_euclid(b) - (a - floor_rem(a, b)) / b
}
fn state(this: Gc<Delta>) -> Value {
    let parts = [this.days, this.seconds, this.microseconds].map(|part| new_int(part as i64));
    new_tuple(&parts).value()
}
