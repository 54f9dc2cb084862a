//! Arithmetic on sign and limbs, for numbers that are short or meet a single limb: from object to object, without a number in malloc memory
//! in between. Long multiplications and divisions are left to the library. Must not know: values other than results.

use crate::int::{IntView, build_int};
use base::int::divide_limbs;
use base::pause::strides;
use heap::Value;
use std::cmp::Ordering;

/// A number as sign and little-endian limbs without leading zeros.
struct Number<'a> {
    negative: bool,
    limbs: &'a [u64],
}

/// Shows a number as limbs; `word` is the place for one that has none yet.
fn number<'a>(view: IntView<'a>, word: &'a mut [u64; 1]) -> Number<'a> {
    match view {
        IntView::Small(0) => Number { negative: false, limbs: &[] },
        IntView::Small(small) => {
            *word = [small.unsigned_abs()];
            Number { negative: small < 0, limbs: word }
        }
        IntView::Big { negative, limbs } => Number { negative, limbs },
    }
}

fn compare(a: &[u64], b: &[u64]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

/// Whether the sum may have a limb more than `long`.
fn may_carry(long: &[u64], short: &[u64]) -> bool {
    let Some(top) = long.last() else { return false };
    let other = if short.len() == long.len() { short[short.len() - 1] } else { 0 };
    // One more for what the lower limbs may carry.
    top.checked_add(other).is_none_or(|sum| sum == u64::MAX)
}

/// `out = long + short`; `out` has one limb more than `long`, or as many if there is nothing to carry into it.
fn add_magnitudes(long: &[u64], short: &[u64], out: &mut [u64]) {
    let mut carry = false;
    let (low, high) = long.split_at(short.len().min(long.len()));
    let (out_low, out_high) = out.split_at_mut(low.len());
    strides(low.len(), |range| {
        for ((to, a), b) in out_low[range.clone()].iter_mut().zip(&low[range.clone()]).zip(&short[range]) {
            (*to, carry) = a.carrying_add(*b, carry);
        }
    });
    for (to, a) in out_high.iter_mut().zip(high) {
        (*to, carry) = a.overflowing_add(carry as u64);
    }
    if let Some(top) = out_high.get_mut(high.len()) {
        *top = carry as u64;
    }
}

/// `out = large - small`; `out` is as long as `large`, which is no less than `small`.
fn subtract_magnitudes(large: &[u64], small: &[u64], out: &mut [u64]) {
    let mut borrow = false;
    let (low, high) = large.split_at(small.len().min(large.len()));
    let (out_low, out_high) = out.split_at_mut(low.len());
    strides(low.len(), |range| {
        for ((to, a), b) in out_low[range.clone()].iter_mut().zip(&low[range.clone()]).zip(&small[range]) {
            (*to, borrow) = a.borrowing_sub(*b, borrow);
        }
    });
    for (to, a) in out_high.iter_mut().zip(high) {
        (*to, borrow) = a.overflowing_sub(borrow as u64);
    }
}

/// `a + b`, or `a - b`.
pub fn sum(a: IntView, b: IntView, subtract: bool) -> Value {
    let (mut a_word, mut b_word) = ([0], [0]);
    let (a, b) = (number(a, &mut a_word), number(b, &mut b_word));
    let b_negative = b.negative != (subtract && !b.limbs.is_empty());
    if a.negative == b_negative {
        let (long, short) = if a.limbs.len() >= b.limbs.len() { (a.limbs, b.limbs) } else { (b.limbs, a.limbs) };
        return build_int(a.negative, long.len() + may_carry(long, short) as usize, |out| add_magnitudes(long, short, out));
    }
    match compare(a.limbs, b.limbs) {
        Ordering::Equal => Value::small(0),
        Ordering::Greater => build_int(a.negative, a.limbs.len(), |out| subtract_magnitudes(a.limbs, b.limbs, out)),
        Ordering::Less => build_int(b_negative, b.limbs.len(), |out| subtract_magnitudes(b.limbs, a.limbs, out)),
    }
}

/// The longest shorter and longer factors that are multiplied limb by limb.
const SHORT_FACTOR: usize = 24;
const LONG_FACTOR: usize = 1 << 14;

/// `out += long * limb`; `out` is as long as `long`. Gives the carry.
#[inline(always)]
fn add_product(out: &mut [u64], long: &[u64], limb: u64) -> u64 {
    let mut carry = 0;
    for (to, a) in out.iter_mut().zip(long) {
        (*to, carry) = a.carrying_mul_add(limb, *to, carry);
    }
    carry
}

/// `a * b`; None if both are long.
pub fn product(a: IntView, b: IntView) -> Option<Value> {
    let (mut a_word, mut b_word) = ([0], [0]);
    let (a, b) = (number(a, &mut a_word), number(b, &mut b_word));
    let (long, short) = if a.limbs.len() >= b.limbs.len() { (a.limbs, b.limbs) } else { (b.limbs, a.limbs) };
    if short.len() > SHORT_FACTOR || long.len() > LONG_FACTOR {
        return None;
    }
    let Some((first, others)) = short.split_first() else { return Some(Value::small(0)) };
    Some(build_int(a.negative != b.negative, long.len() + short.len(), |out| {
        let mut carry = 0;
        for (to, a) in out.iter_mut().zip(long) {
            (*to, carry) = a.carrying_mul(*first, carry);
        }
        if let Some(top) = out.get_mut(long.len()) {
            *top = carry;
        }
        for (place, limb) in others.iter().enumerate() {
            let row = &mut out[place + 1..];
            let carry = add_product(row, long, *limb);
            if let Some(top) = row.get_mut(long.len()) {
                *top = carry;
            }
        }
    }))
}

/// The rest of a floor division by magnitude and sign of the divisor.
fn floor_rest(rest: u64, divisor: i64, signs_differ: bool) -> Value {
    let magnitude = if signs_differ && rest != 0 { divisor.unsigned_abs() - rest } else { rest };
    // Less than the divisor's magnitude, so it fits.
    crate::int::new_int(if divisor < 0 { (magnitude as i64).wrapping_neg() } else { magnitude as i64 })
}

/// `a // b` and `a % b` of a long number and a short one that is not zero.
pub fn divide_by_word(negative: bool, limbs: &[u64], divisor: i64) -> (Value, Value) {
    let signs_differ = negative != (divisor < 0);
    let mut rest = 0;
    let quotient = build_int(signs_differ, limbs.len(), |out| {
        rest = divide_limbs(limbs, divisor.unsigned_abs(), |place, quotient| out[place] = quotient);
        if signs_differ && rest != 0 {
            // Rounded down, away from zero. There is room: the divisor is at least two.
            for limb in out.iter_mut() {
                let carry;
                (*limb, carry) = limb.overflowing_add(1);
                if !carry {
                    break;
                }
            }
        }
    });
    (quotient, floor_rest(rest, divisor, signs_differ))
}

/// `a % b` of a long number and a short one that is not zero.
pub fn rest_by_word(negative: bool, limbs: &[u64], divisor: i64) -> Value {
    floor_rest(divide_limbs(limbs, divisor.unsigned_abs(), |_, _| ()), divisor, negative != (divisor < 0))
}

/// `a >> count`, rounded down.
pub fn shift_right(negative: bool, limbs: &[u64], count: u64) -> Value {
    let skipped = usize::try_from(count / 64).unwrap_or(usize::MAX);
    let Some(kept) = limbs.get(skipped..).filter(|kept| !kept.is_empty()) else { return Value::small(-i32::from(negative)) };
    let shift = (count % 64) as u32;
    let lost = limbs[..skipped].iter().any(|limb| *limb != 0) || kept[0] & ((1 << shift) - 1) != 0;
    // What is rounded away from zero may need a limb more.
    let rounded = negative && lost;
    build_int(negative, kept.len() + rounded as usize, |out| {
        if shift == 0 {
            out[..kept.len()].copy_from_slice(kept);
        } else {
            strides(kept.len() - 1, |range| {
                for (to, pair) in out[range.clone()].iter_mut().zip(kept[range.start..].windows(2)) {
                    *to = pair[0] >> shift | pair[1] << (64 - shift);
                }
            });
            out[kept.len() - 1] = kept[kept.len() - 1] >> shift;
        }
        let mut carry = rounded;
        for limb in out.iter_mut() {
            if !carry {
                break;
            }
            (*limb, carry) = limb.overflowing_add(1);
        }
    })
}

/// `a << count`; the caller has checked that there can be room.
pub fn shift_left(negative: bool, limbs: &[u64], count: u64) -> Value {
    let (skipped, shift) = ((count / 64) as usize, (count % 64) as u32);
    build_int(negative, limbs.len() + skipped + 1, |out| {
        let (low, high) = out.split_at_mut(skipped);
        low.fill(0);
        let mut below = 0;
        strides(high.len(), |range| {
            for (place, to) in range.clone().zip(&mut high[range]) {
                let limb = limbs.get(place).copied().unwrap_or(0);
                *to = if shift == 0 { limb } else { limb << shift | below >> (64 - shift) };
                below = limb;
            }
        });
    })
}

/// `a & b`, `a | b` or `a ^ b` of numbers that are not negative; `both` says whether what only one of them has falls away.
#[inline]
pub fn bitwise(a: IntView, b: IntView, both: bool, operate: impl Fn(u64, u64) -> u64) -> Value {
    let (mut a_word, mut b_word) = ([0], [0]);
    let (a, b) = (number(a, &mut a_word).limbs, number(b, &mut b_word).limbs);
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    build_int(false, if both { short.len() } else { long.len() }, |out| {
        strides(out.len(), |range| {
            for (place, to) in range.clone().zip(&mut out[range]) {
                *to = operate(long[place], short.get(place).copied().unwrap_or(0));
            }
        });
    })
}
