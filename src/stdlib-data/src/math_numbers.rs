//! The functions of module `math` on ints and on iterables of numbers.
//!
//! Must not know: algorithms (`base::int`, `base::math`).

use base::int as big;
use base::math::{Fsum, SumProduct};
use objects::int::{IntView, int_from_f64, int_to_f64, int_view, long_work, new_int_big, new_int_u64};
use objects::{
    BinaryOp, R, Value, as_f64, binary_op, index_object, memory_error, new_int, overflow_error, raise_fault, value_error,
};

/// `int(x)` of a whole float.
pub fn int_of_float(x: f64) -> R {
    if x.is_nan() {
        return Err(value_error!("cannot convert float NaN to integer"));
    }
    if x.is_infinite() {
        return Err(overflow_error!("cannot convert float infinity to integer"));
    }
    Ok(int_from_f64(x))
}

/// A logarithm; ints may be larger than any float. `of_two` is the logarithm of 2.
pub fn logarithm(x: Value, log: fn(f64) -> f64, of_two: f64) -> R<f64> {
    let view = int_view(x).map(|view| view);
    if let Some(view) = view {
        if view.is_negative() || view.is_zero() {
            return Err(value_error!("expected a positive input"));
        }
        if let IntView::Big { limbs, .. } = view
            && limbs.len() >= 16
        {
            let (mantissa, exponent) = base::math::frexp_int(&view.to_ibig());
            return Ok(log(mantissa) + of_two * exponent as f64);
        }
        return Ok(log(int_to_f64(view)?));
    }
    let number = as_f64(x)?;
    if number <= 0.0 {
        return Err(value_error!("expected a positive input, got {}", base::float::repr(number)));
    }
    Ok(log(number))
}

fn view_of(value: Value) -> R<IntView<'static>> {
    Ok(int_view(index_object(value)?).unwrap_or(IntView::Small(0)))
}

pub fn comb(n: Value, k: Value) -> R {
    if n.both_int(k)
        && let (n, k) = (n.as_int() as u64, k.as_int() as u64)
        && k <= n
        && n <= big::MOST_OF_WORD
    {
        return Ok(new_int_u64(big::binomial_word(n, k)));
    }
    let (n, k) = (view_of(n)?, view_of(k)?);
    if n.is_negative() {
        return Err(value_error!("n must be a non-negative integer"));
    }
    if k.is_negative() {
        return Err(value_error!("k must be a non-negative integer"));
    }
    let (n, k) = (n.to_ibig(), k.to_ibig());
    if k > n {
        return Ok(Value::small(0));
    }
    let rest = &n - &k;
    let least = if rest < k { rest } else { k };
    match big::to_u64(&least).filter(|least| *least <= i64::MAX as u64) {
        Some(least) => product_work(least, 1, || big::combinations(&n, least)),
        None => Err(overflow_error!("min(n - k, k) must not exceed {}", i64::MAX)),
    }
}

/// A product of `factors` numbers, which soon is a long one. `bits` is less than what one factor adds to the result: nobody waits for
/// a result that no memory holds.
fn product_work(factors: u64, bits: u32, work: impl FnOnce() -> big::IBig) -> R {
    const MOST_BITS: u64 = 1 << 38;
    if factors.saturating_mul(bits.into()) > MOST_BITS {
        return Err(memory_error());
    }
    Ok(new_int_big(&long_work(factors.saturating_mul(16), work)))
}

/// At least half of the numbers up to `count` have so many bits.
fn half_bits(count: u64) -> u32 {
    count.checked_ilog2().unwrap_or(0) / 2
}

pub fn perm(n: Value, k: Option<Value>) -> R {
    let Some(k) = k.filter(|k| !k.is_none()) else { return factorial(n) };
    if n.both_int(k)
        && let (n, k) = (n.as_int(), k.as_int())
        && (0..=n).contains(&k)
        && let Some(product) = (n - k + 1..=n).try_fold(1i64, |product, factor| product.checked_mul(factor))
    {
        return Ok(new_int(product));
    }
    let (n, k) = (view_of(n)?, view_of(k)?);
    if n.is_negative() {
        return Err(value_error!("n must be a non-negative integer"));
    }
    if k.is_negative() {
        return Err(value_error!("k must be a non-negative integer"));
    }
    let (n, k) = (n.to_ibig(), k.to_ibig());
    if k > n {
        return Ok(Value::small(0));
    }
    match big::to_u64(&k).filter(|k| *k <= i64::MAX as u64) {
        Some(k) => product_work(k, half_bits(k), || big::permutations(&n, k)),
        None => Err(overflow_error!("k must not exceed {}", i64::MAX)),
    }
}

pub fn factorial(n: Value) -> R {
    let n = view_of(n)?;
    if n.is_negative() {
        return Err(value_error!("factorial() not defined for negative values"));
    }
    let Some(n) = n.to_i64() else {
        return Err(overflow_error!("factorial() argument should not exceed {}", i64::MAX));
    };
    if n <= 20 {
        return Ok(new_int((1..=n).product()));
    }
    product_work(n as u64, half_bits(n as u64), || big::factorial(n as u64))
}

pub fn isqrt(n: Value) -> R {
    let n = view_of(n)?;
    if let IntView::Small(n) = n
        && n >= 0
    {
        return Ok(new_int(big::isqrt_word(n as u64) as i64));
    }
    let n = n.to_ibig();
    match long_work(big::bit_length(&n) as u64, || big::isqrt(&n)) {
        Some(root) => Ok(new_int_big(&root)),
        None => Err(value_error!("isqrt() argument must be nonnegative")),
    }
}

pub fn gcd(integers: &[Value]) -> R {
    if let [a, b] = integers
        && a.both_int(*b)
    {
        return Ok(new_int_u64(big::gcd_words(a.as_int().unsigned_abs(), b.as_int().unsigned_abs())));
    }
    let mut result = Value::small(0);
    for value in integers {
        objects::thread::poll()?;
        let (a, b) = (view_of(result)?, view_of(*value)?);
        result = match (a, b) {
            (IntView::Small(a), IntView::Small(b)) => new_int_u64(big::gcd_words(a.unsigned_abs(), b.unsigned_abs())),
            _ => {
                let (a, b) = (a.to_ibig(), b.to_ibig());
                new_int_big(&long_work(big::bit_length(&a) as u64, || big::gcd(&a, &b)))
            }
        };
    }
    Ok(result)
}

pub fn lcm(integers: &[Value]) -> R {
    let mut result = Value::small(1);
    for value in integers {
        objects::thread::poll()?;
        let (a, b) = (view_of(result)?, view_of(*value)?);
        if let (IntView::Small(a), IntView::Small(b)) = (a, b)
            && let (a, b) = (a.unsigned_abs(), b.unsigned_abs())
            && let Some(multiple) = (a / big::gcd_words(a, b).max(1)).checked_mul(b)
        {
            result = new_int_u64(multiple);
            continue;
        }
        let (a, b) = (a.to_ibig(), b.to_ibig());
        result = new_int_big(&long_work(big::bit_length(&a) as u64, || big::lcm(&a, &b)));
    }
    Ok(result)
}

pub fn dist(p: Value, q: Value) -> R<f64> {
    let (p, q) = (objects::tuple::tuple_from_iterable(p)?, objects::tuple::tuple_from_iterable(q)?);
    if p.len() != q.len() {
        return Err(value_error!("both points must have the same number of dimensions"));
    }
    Ok(base::math::dist(&floats(p.items())?, &floats(q.items())?))
}
pub fn floats(items: &[Value]) -> R<Vec<f64>> {
    let mut floats = base::memory::with_room(items.len());
    for item in items {
        floats.push(as_f64(*item)?);
    }
    Ok(floats)
}

pub fn fsum(items: Value) -> R<f64> {
    let mut sum = Fsum::new();
    objects::iterate(items, |item| sum.add(as_f64(item)?).map_err(raise_fault))?;
    sum.finish().map_err(raise_fault)
}

pub fn prod(iterable: Value, start: Value) -> R {
    let iterator = objects::iter(iterable)?;
    let mut product = start;
    while let Some(item) = objects::next(iterator)? {
        product = if product.is_float() && item.is_float() {
            Value::float(product.as_float() * item.as_float())
        } else {
            binary_op(BinaryOp::Mul, product, item)?
        };
    }
    Ok(product)
}

/// A float or small int as a float.
fn number(value: Value) -> Option<f64> {
    if value.is_float() { Some(value.as_float()) } else { value.is_int().then(|| value.as_int() as f64) }
}

pub fn sumprod(p: Value, q: Value) -> R {
    let (p, q) = (objects::iter(p)?, objects::iter(q)?);
    let mut total = Value::small(0);
    // Sums of machine ints and of floats, added to `total` when something else comes.
    let (mut ints, mut floats) = (Some(0i64), Some(SumProduct::new()));
    let mut float_used = false;
    loop {
        let (x, y) = match (objects::next(p)?, objects::next(q)?) {
            (Some(x), Some(y)) => (x, y),
            (None, None) => break,
            _ => return Err(value_error!("Inputs are not the same length")),
        };
        if let Some(sum) = ints {
            if x.both_int(y)
                && let Some(sum) = x.as_int().checked_mul(y.as_int()).and_then(|product| product.checked_add(sum))
            {
                ints = Some(sum);
                continue;
            }
            total = binary_op(BinaryOp::Add, total, new_int(sum))?;
            ints = None;
        }
        if let Some(mut sum) = floats {
            if (x.is_float() || y.is_float())
                && let (Some(a), Some(b)) = (number(x), number(y))
                && sum.add(a, b)
            {
                floats = Some(sum);
                float_used = true;
                continue;
            }
            if float_used {
                total = binary_op(BinaryOp::Add, total, Value::float(sum.total()))?;
                floats = None;
            }
        }
        let product = binary_op(BinaryOp::Mul, x, y)?;
        total = binary_op(BinaryOp::Add, total, product)?;
    }
    if let Some(sum) = ints {
        total = binary_op(BinaryOp::Add, total, new_int(sum))?;
    }
    if let Some(sum) = floats
        && float_used
    {
        total = binary_op(BinaryOp::Add, total, Value::float(sum.total()))?;
    }
    Ok(total)
}
