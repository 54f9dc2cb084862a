//! Sums without rounding loss: exact (`fsum`), in triple length (`sumprod`), compensated (`hypot`, `dist`).

use crate::fault::Fault;
use crate::memory::collected;

/// Exact running sum of floats after Shewchuk: a list of partial sums that do not overlap.
#[derive(Clone, Debug, Default)]
pub struct Fsum {
    partials: Vec<f64>,
    special: f64,
    infinite: f64,
}

impl Fsum {
    pub fn new() -> Fsum {
        Fsum::default()
    }

    pub fn add(&mut self, item: f64) -> Result<(), Fault> {
        let mut x = item;
        let mut kept = 0;
        for i in 0..self.partials.len() {
            let mut y = self.partials[i];
            if x.abs() < y.abs() {
                (x, y) = (y, x);
            }
            let high = x + y;
            let low = y - (high - x);
            if low != 0.0 {
                self.partials[kept] = low;
                kept += 1;
            }
            x = high;
        }
        self.partials.truncate(kept);
        if x == 0.0 {
            return Ok(());
        }
        if x.is_finite() {
            self.partials.push(x);
            return Ok(());
        }
        if item.is_finite() {
            return Err(Fault::overflow("intermediate overflow in fsum"));
        }
        if item.is_infinite() {
            self.infinite += item;
        }
        self.special += item;
        self.partials.clear();
        Ok(())
    }

    pub fn finish(mut self) -> Result<f64, Fault> {
        if self.special != 0.0 {
            if self.infinite.is_nan() {
                return Err(Fault::value("-inf + inf in fsum"));
            }
            return Ok(self.special);
        }
        let Some(mut high) = self.partials.pop() else {
            return Ok(0.0);
        };
        let mut low = 0.0;
        while let Some(y) = self.partials.pop() {
            let x = high;
            high = x + y;
            low = y - (high - x);
            if low != 0.0 {
                break;
            }
        }
        // Half-even across the next partial: it decides a tie.
        if let Some(&next) = self.partials.last()
            && ((low < 0.0 && next < 0.0) || (low > 0.0 && next > 0.0))
        {
            let y = low * 2.0;
            let x = high + y;
            if y == x - high {
                high = x;
            }
        }
        Ok(high)
    }
}

/// Sum and rounding error, any order of sizes.
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let x = a + b;
    let z = x - a;
    (x, (a - (x - z)) + (b - z))
}

/// Sum and rounding error for |a| >= |b|.
fn fast_two_sum(a: f64, b: f64) -> (f64, f64) {
    let x = a + b;
    (x, (a - x) + b)
}

/// Product and rounding error.
fn two_product(a: f64, b: f64) -> (f64, f64) {
    let x = a * b;
    (x, a.mul_add(b, -x))
}

/// Running sum of products in triple length (`math.sumprod` of floats).
#[derive(Clone, Copy, Debug, Default)]
pub struct SumProduct {
    high: f64,
    low: f64,
    tiny: f64,
}

impl SumProduct {
    pub fn new() -> SumProduct {
        SumProduct::default()
    }

    /// Adds `x * y`; false, and nothing added, if that would leave the finite numbers (use plain arithmetic then).
    pub fn add(&mut self, x: f64, y: f64) -> bool {
        let product = two_product(x, y);
        let sum = two_sum(self.high, product.0);
        let first = two_sum(self.low, product.1);
        let second = two_sum(first.0, sum.1);
        if !sum.0.is_finite() {
            return false;
        }
        *self = SumProduct { high: sum.0, low: second.0, tiny: self.tiny + first.1 + second.1 };
        true
    }

    pub fn total(&self) -> f64 {
        let last = two_sum(self.low, self.tiny);
        two_sum(self.high, last.0).0
    }
}

/// `math.hypot(*items)`
pub fn hypot(items: &[f64]) -> f64 {
    norm(collected(items.iter().map(|x| x.abs())))
}

/// `math.dist(p, q)` of points of one length
pub fn dist(p: &[f64], q: &[f64]) -> f64 {
    norm(collected(p.iter().zip(q).map(|(a, b)| (a - b).abs())))
}

/// Euclidean norm of non-negative numbers: scaled by a power of two, summed with compensation, the root corrected once.
fn norm(mut items: Vec<f64>) -> f64 {
    let most = items.iter().copied().fold(0.0, f64::max);
    if most.is_infinite() {
        return most;
    }
    if items.iter().any(|x| x.is_nan()) {
        return f64::NAN;
    }
    if most == 0.0 || items.len() <= 1 {
        return most;
    }
    let (_, exponent) = crate::float::frexp(most);
    if exponent < -1023 {
        items.iter_mut().for_each(|x| *x /= f64::MIN_POSITIVE);
        return f64::MIN_POSITIVE * norm(items);
    }
    let scale = crate::float::ldexp(1.0, -exponent as i64);
    let mut sum = Compensated { sum: 1.0, products: 0.0, sums: 0.0 };
    for x in items {
        let x = x * scale;
        sum.add(two_product(x, x));
    }
    let mut root = sum.value().sqrt();
    sum.add(two_product(-root, root));
    root += sum.value() / (2.0 * root);
    root / scale
}

/// A sum around 1 with its lost parts.
struct Compensated {
    sum: f64,
    products: f64,
    sums: f64,
}

impl Compensated {
    fn add(&mut self, product: (f64, f64)) {
        let (sum, lost) = fast_two_sum(self.sum, product.0);
        self.sum = sum;
        self.products += product.1;
        self.sums += lost;
    }

    fn value(&self) -> f64 {
        self.sum - 1.0 + (self.products + self.sums)
    }
}
