//! The layout of `Decimal`: how numbers lie in the heap. Must not know: methods, contexts.

use crate::arith::number::{Coeff, CoeffRef, Dec, Kind, Num};
use crate::arith::quick::Small;
use native_macros::Layout;
use objects::{Bytes, Cast, Class, Gc, Header, Layout, Slot, Value, new_object};

/// Never changed once it is made.
#[derive(Layout)]
#[repr(C)]
pub struct Decimal {
    pub header: Header,
    /// Low half of a short coefficient.
    low: u64,
    /// High half of a short coefficient, below the sign bit.
    high: u64,
    /// The exponent, or what kind of special value it is.
    exp: i64,
    /// The words of a long coefficient, in a bytes object.
    long: Slot,
}

const SIGN: u64 = 1 << 63;
const INFINITE: i64 = i64::MAX;
const QUIET: i64 = i64::MAX - 1;
const SIGNALING: i64 = i64::MAX - 2;

impl Decimal {
    #[inline(always)]
    pub fn is_negative(&self) -> bool {
        self.high & SIGN != 0
    }
    #[inline(always)]
    fn short(&self) -> u128 {
        ((self.high & !SIGN) as u128) << 64 | self.low as u128
    }
    /// The number, if it is finite and short.
    #[inline(always)]
    pub fn small(&self) -> Option<Small> {
        if self.exp >= SIGNALING || !self.long.is_empty() {
            return None;
        }
        Some(Small { negative: self.is_negative(), coeff: self.short(), exp: self.exp })
    }
    /// The number; valid as long as the object is alive.
    #[inline]
    pub fn num(&self) -> Num<'static> {
        let coeff = match self.long.get() {
            None => CoeffRef::Small(self.short()),
            // SAFETY: `new_in` stores nothing but bytes objects; they were written from words, begin at a multiple of eight, never change
            // and live as long as this object.
            Some(long) => unsafe {
                let bytes = long.cast_unchecked::<Bytes>().as_slice();
                CoeffRef::Big(std::slice::from_raw_parts(bytes.as_ptr().cast::<u64>(), bytes.len() / 8))
            },
        };
        let (kind, exp) = match self.exp {
            INFINITE => (Kind::Infinite, 0),
            QUIET => (Kind::Quiet, 0),
            SIGNALING => (Kind::Signaling, 0),
            exp => (Kind::Finite, exp),
        };
        Num { negative: self.is_negative(), kind, exp, coeff }
    }
    /// Words of a long coefficient.
    pub fn long_words(&self) -> usize {
        self.long.get().and_then(|long| long.cast::<Bytes>()).map_or(0, |long| long.len() / 8)
    }
}

#[inline(always)]
fn build(class: Gc<Class>, negative: bool, coeff: u128, exp: i64, long: Option<Value>) -> Gc<Decimal> {
    let high = (coeff >> 64) as u64 | if negative { SIGN } else { 0 };
    new_object(class, Decimal { header: Header::blank(), low: coeff as u64, high, exp, long: Slot::new_opt(long) })
}

/// A finite short number.
#[inline(always)]
pub fn new_small(small: Small) -> Value {
    build(Decimal::class(), small.negative, small.coeff, small.exp, None).value()
}

pub fn new_in(class: Gc<Class>, number: Num) -> Value {
    let exp = match number.kind {
        Kind::Finite => number.exp,
        Kind::Infinite => INFINITE,
        Kind::Quiet => QUIET,
        Kind::Signaling => SIGNALING,
    };
    match number.coeff {
        CoeffRef::Small(coeff) => build(class, number.negative, coeff, exp, None).value(),
        CoeffRef::Big(words) => {
            // SAFETY: any words may be seen as bytes.
            let bytes = unsafe { std::slice::from_raw_parts(words.as_ptr().cast::<u8>(), words.len() * 8) };
            let long = Bytes::new(bytes);
            build(class, number.negative, 0, exp, Some(long.value())).value()
        }
    }
}
pub fn new_decimal(number: &Dec) -> Value {
    new_in(Decimal::class(), number.as_num())
}
pub fn new_integer(number: i64) -> Value {
    new_small(Small { negative: number < 0, coeff: number.unsigned_abs() as u128, exp: 0 })
}

/// An operand: a Decimal, or a number made from another object.
pub enum Operand {
    Held(Gc<Decimal>),
    Made(Dec),
}

impl Operand {
    pub fn num(&self) -> Num<'_> {
        match self {
            Operand::Held(decimal) => decimal.num(),
            Operand::Made(number) => number.as_num(),
        }
    }
    pub fn small(&self) -> Option<Small> {
        match self {
            Operand::Held(decimal) => decimal.small(),
            Operand::Made(Dec { negative, kind: Kind::Finite, exp, coeff: Coeff::Small(coeff) }) => {
                Some(Small { negative: *negative, coeff: *coeff, exp: *exp })
            }
            Operand::Made(_) => None,
        }
    }
    /// The operand as an object.
    pub fn value(&self) -> Value {
        match self {
            Operand::Held(decimal) => decimal.value(),
            Operand::Made(number) => new_decimal(number),
        }
    }
}
