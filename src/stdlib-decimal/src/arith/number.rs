//! Decimals: sign, coefficient, exponent or what stands for infinity and NaN. Coefficients of up to 38 digits are machine numbers, longer
//! ones words. Must not know: contexts.

use super::digits::{POW10_WIDE, Rest, SMALL_DIGITS, digits_of, divide_pow10};
use super::words::{self, Words};
use super::{long_div, long_mul};
use base::memory::copied;
use std::cmp::Ordering;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Finite,
    Infinite,
    Quiet,
    Signaling,
}

/// A coefficient in its normal form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Coeff {
    Small(u128),
    /// More than 38 digits.
    Big(Words),
}

#[derive(Clone, Copy, Debug)]
pub enum CoeffRef<'a> {
    Small(u128),
    Big(&'a [u64]),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dec {
    pub negative: bool,
    pub kind: Kind,
    pub exp: i64,
    pub coeff: Coeff,
}

/// A decimal that somebody else holds.
#[derive(Clone, Copy, Debug)]
pub struct Num<'a> {
    pub negative: bool,
    pub kind: Kind,
    pub exp: i64,
    pub coeff: CoeffRef<'a>,
}

/// Room for the words of a small coefficient.
pub type Room = [u64; 2];

impl Coeff {
    pub const ZERO: Coeff = Coeff::Small(0);
    pub const ONE: Coeff = Coeff::Small(1);

    pub fn of_words(words: Words) -> Coeff {
        debug_assert!(words.last() != Some(&0));
        match words[..] {
            [] => Coeff::Small(0),
            [word] => Coeff::Small(word as u128),
            [low, high] => Coeff::Small(high as u128 * super::digits::BASE as u128 + low as u128),
            _ => Coeff::Big(words),
        }
    }
    /// Any number, more than 38 digits included.
    pub fn of_u128(number: u128) -> Coeff {
        if number < POW10_WIDE[SMALL_DIGITS] { Coeff::Small(number) } else { Coeff::Big(words::of_small(number)) }
    }
    #[inline(always)]
    pub fn as_ref(&self) -> CoeffRef<'_> {
        match self {
            Coeff::Small(number) => CoeffRef::Small(*number),
            Coeff::Big(words) => CoeffRef::Big(words),
        }
    }
    pub fn digits(&self) -> usize {
        self.as_ref().digits()
    }
    pub fn is_zero(&self) -> bool {
        matches!(self, Coeff::Small(0))
    }
    pub fn nines(count: usize) -> Coeff {
        if count <= SMALL_DIGITS { Coeff::Small(POW10_WIDE[count] - 1) } else { Coeff::Big(words::nines(count)) }
    }
    /// Divided by 10^count, and what was cut off.
    pub fn cut(self, count: i64) -> (Coeff, Rest) {
        match self {
            Coeff::Big(mut words) if count <= words.len() as i64 * super::digits::WORD_DIGITS as i64 => {
                let rest = words::cut_right(&mut words, count as usize);
                (Coeff::of_words(words), rest)
            }
            other => other.as_ref().shift_right_any(count),
        }
    }
    /// The sum with another one, or the difference to a smaller one.
    pub fn combine(self, other: CoeffRef, subtract: bool) -> Coeff {
        if let Coeff::Big(mut words) = self {
            let mut room = Room::default();
            let right = other.words(&mut room);
            if right.len() <= words.len() {
                if subtract {
                    words::subtract_from(&mut words, right);
                    words::trim(&mut words);
                } else if words::add_to(&mut words, right) {
                    words.push(1);
                }
                return Coeff::of_words(words);
            }
            let left = CoeffRef::Big(&words);
            return if subtract { left.subtract(other) } else { left.add(other) };
        }
        if subtract { self.as_ref().subtract(other) } else { self.as_ref().add(other) }
    }
    pub fn plus_one(self) -> Coeff {
        match self {
            Coeff::Small(number) => Coeff::of_u128(number + 1),
            Coeff::Big(mut words) => {
                words::increment(&mut words);
                Coeff::Big(words)
            }
        }
    }
}

impl<'a> CoeffRef<'a> {
    /// Little-endian words of 19 digits, none for zero.
    pub fn words<'b>(self, room: &'b mut Room) -> &'b [u64]
    where
        'a: 'b,
    {
        match self {
            CoeffRef::Big(words) => words,
            CoeffRef::Small(number) => {
                let (high, low) = super::digits::BY_BASE.divide(number);
                *room = [low, high as u64];
                words::trimmed(room)
            }
        }
    }
    pub fn to_owned(self) -> Coeff {
        match self {
            CoeffRef::Small(number) => Coeff::Small(number),
            CoeffRef::Big(words) => Coeff::Big(copied(words)),
        }
    }
    #[inline]
    pub fn digits(self) -> usize {
        match self {
            CoeffRef::Small(number) => digits_of(number),
            CoeffRef::Big(words) => words::digits(words),
        }
    }
    #[inline(always)]
    pub fn is_zero(self) -> bool {
        matches!(self, CoeffRef::Small(0))
    }
    pub fn is_odd(self) -> bool {
        match self {
            CoeffRef::Small(number) => number & 1 == 1,
            CoeffRef::Big(words) => words[0] & 1 == 1,
        }
    }
    /// The lowest digit.
    pub fn last_digit(self) -> u8 {
        match self {
            CoeffRef::Small(number) => (number % 10) as u8,
            CoeffRef::Big(words) => (words[0] % 10) as u8,
        }
    }
    pub fn digit(self, index: usize) -> u8 {
        match self {
            CoeffRef::Small(_) if index >= SMALL_DIGITS => 0,
            CoeffRef::Small(number) => (number / POW10_WIDE[index] % 10) as u8,
            CoeffRef::Big(words) => words::digit(words, index),
        }
    }
    pub fn compare(self, other: CoeffRef) -> Ordering {
        match (self, other) {
            (CoeffRef::Small(a), CoeffRef::Small(b)) => a.cmp(&b),
            (CoeffRef::Small(_), CoeffRef::Big(_)) => Ordering::Less,
            (CoeffRef::Big(_), CoeffRef::Small(_)) => Ordering::Greater,
            (CoeffRef::Big(a), CoeffRef::Big(b)) => words::compare(a, b),
        }
    }
    pub fn add(self, other: CoeffRef) -> Coeff {
        if let (CoeffRef::Small(a), CoeffRef::Small(b)) = (self, other) {
            return Coeff::of_u128(a + b);
        }
        let (mut left, mut right) = (Room::default(), Room::default());
        Coeff::of_words(words::add(self.words(&mut left), other.words(&mut right)))
    }
    /// `self` is not the smaller one.
    pub fn subtract(self, other: CoeffRef) -> Coeff {
        if let (CoeffRef::Small(a), CoeffRef::Small(b)) = (self, other) {
            return Coeff::Small(a - b);
        }
        let (mut left, mut right) = (Room::default(), Room::default());
        Coeff::of_words(words::subtract(self.words(&mut left), other.words(&mut right)))
    }
    pub fn multiply(self, other: CoeffRef) -> Coeff {
        if let (CoeffRef::Small(a), CoeffRef::Small(b)) = (self, other)
            && (a | b) >> 64 == 0
        {
            return Coeff::of_u128(a * b);
        }
        let (mut left, mut right) = (Room::default(), Room::default());
        Coeff::of_words(long_mul::multiply(self.words(&mut left), other.words(&mut right)))
    }
    /// The divisor is not zero.
    pub fn divide(self, other: CoeffRef) -> (Coeff, Coeff) {
        if let (CoeffRef::Small(a), CoeffRef::Small(b)) = (self, other) {
            if (a | b) >> 64 == 0 {
                return (Coeff::Small((a as u64 / b as u64) as u128), Coeff::Small((a as u64 % b as u64) as u128));
            }
            return (Coeff::Small(a / b), Coeff::Small(a % b));
        }
        let (mut left, mut right) = (Room::default(), Room::default());
        let (quotient, rest) = long_div::divide(self.words(&mut left), other.words(&mut right));
        (Coeff::of_words(quotient), Coeff::of_words(rest))
    }
    /// Times 10^count.
    pub fn shift_left(self, count: usize) -> Coeff {
        match self {
            CoeffRef::Small(0) => Coeff::ZERO,
            CoeffRef::Small(number) if digits_of(number) + count <= SMALL_DIGITS => Coeff::Small(number * POW10_WIDE[count]),
            _ => Coeff::of_words(words::shift_left(self.words(&mut Room::default()), count)),
        }
    }
    /// Divided by 10^count, and what was cut off.
    pub fn shift_right(self, count: usize) -> (Coeff, Rest) {
        match self {
            CoeffRef::Small(number) if count > SMALL_DIGITS => (Coeff::ZERO, if number == 0 { Rest::Zero } else { Rest::Below }),
            CoeffRef::Small(number) => {
                let (quotient, rest) = divide_pow10(number, count);
                (Coeff::Small(quotient), Rest::of(rest, POW10_WIDE[count]))
            }
            CoeffRef::Big(words) => {
                let (quotient, rest) = words::shift_right(words, count);
                (Coeff::of_words(quotient), rest)
            }
        }
    }
    pub fn low_digits(self, count: usize) -> Coeff {
        match self {
            CoeffRef::Small(number) if count >= SMALL_DIGITS => Coeff::Small(number),
            CoeffRef::Small(number) => Coeff::Small(number % POW10_WIDE[count]),
            CoeffRef::Big(words) => Coeff::of_words(words::low_digits(words, count)),
        }
    }
    /// Of a number that is not zero.
    pub fn trailing_zeros(self) -> usize {
        match self {
            CoeffRef::Small(mut number) => {
                let mut count = 0;
                while number >> 64 != 0 && number.is_multiple_of(10) {
                    number /= 10;
                    count += 1;
                }
                let mut word = number as u64;
                while number >> 64 == 0 && word != 0 && word.is_multiple_of(10) {
                    word /= 10;
                    count += 1;
                }
                count
            }
            CoeffRef::Big(words) => words::trailing_zeros(words),
        }
    }
    pub fn to_binary(self) -> dashu_int::UBig {
        match self {
            CoeffRef::Small(number) => dashu_int::UBig::from(number),
            CoeffRef::Big(words) => long_div::to_binary(words),
        }
    }
    pub fn write_digits(self, out: &mut Vec<u8>) {
        match self {
            CoeffRef::Small(number) if number < super::digits::BASE as u128 => {
                words::write_word(number as u64, super::digits::digits_of_word(number as u64), out);
            }
            _ => words::write_digits(self.words(&mut Room::default()), out),
        }
    }
}

impl Coeff {
    pub fn of_binary(number: &dashu_int::UBig) -> Coeff {
        match number.as_words() {
            [] => Coeff::ZERO,
            [word] => Coeff::Small(*word as u128),
            _ => Coeff::of_words(long_div::from_binary(number)),
        }
    }
    /// The number of a text of ASCII digits.
    pub fn parse(digits: &[u8]) -> Coeff {
        if digits.len() <= 19 {
            return Coeff::Small(digits.iter().fold(0u64, |number, digit| number * 10 + (digit - b'0') as u64) as u128);
        }
        Coeff::of_words(words::parse_digits(digits))
    }
}

impl Dec {
    pub fn finite(negative: bool, coeff: Coeff, exp: i64) -> Dec {
        Dec { negative, kind: Kind::Finite, exp, coeff }
    }
    pub fn small(number: i64) -> Dec {
        Dec::finite(number < 0, Coeff::Small(number.unsigned_abs() as u128), 0)
    }
    pub fn zero(negative: bool, exp: i64) -> Dec {
        Dec::finite(negative, Coeff::ZERO, exp)
    }
    pub fn infinity(negative: bool) -> Dec {
        Dec { negative, kind: Kind::Infinite, exp: 0, coeff: Coeff::ZERO }
    }
    pub fn nan() -> Dec {
        Dec { negative: false, kind: Kind::Quiet, exp: 0, coeff: Coeff::ZERO }
    }
    #[inline(always)]
    pub fn as_num(&self) -> Num<'_> {
        Num { negative: self.negative, kind: self.kind, exp: self.exp, coeff: self.coeff.as_ref() }
    }
}

impl<'a> Num<'a> {
    pub fn to_owned(self) -> Dec {
        Dec { negative: self.negative, kind: self.kind, exp: self.exp, coeff: self.coeff.to_owned() }
    }
    #[inline(always)]
    pub fn is_finite(self) -> bool {
        self.kind == Kind::Finite
    }
    pub fn is_infinite(self) -> bool {
        self.kind == Kind::Infinite
    }
    pub fn is_nan(self) -> bool {
        matches!(self.kind, Kind::Quiet | Kind::Signaling)
    }
    /// A finite zero.
    pub fn is_zero(self) -> bool {
        self.is_finite() && self.coeff.is_zero()
    }
    /// The exponent of the leading digit.
    pub fn adjusted(self) -> i64 {
        self.exp + self.coeff.digits() as i64 - 1
    }
    /// Whether a finite number has no fraction.
    pub fn is_integer(self) -> bool {
        self.is_finite()
            && (self.exp >= 0 || self.coeff.is_zero() || self.coeff.trailing_zeros() as i64 >= self.exp.saturating_neg())
    }
    /// Whether an integer is odd.
    pub fn is_odd_integer(self) -> bool {
        self.exp <= 0 && !self.coeff.is_zero() && self.coeff.digit(self.exp.unsigned_abs() as usize) & 1 == 1
    }
    pub fn with_sign(self, negative: bool) -> Num<'a> {
        Num { negative, ..self }
    }
    pub fn negated(self) -> Num<'a> {
        self.with_sign(!self.negative)
    }
    /// An integer as a machine number, if it fits.
    pub fn to_i64(self) -> Option<i64> {
        if !self.is_integer() {
            return None;
        }
        if self.coeff.is_zero() {
            return Some(0);
        }
        if self.adjusted() > 19 {
            return None;
        }
        let whole = if self.exp >= 0 {
            self.coeff.shift_left(self.exp as usize)
        } else {
            self.coeff.shift_right(self.exp.unsigned_abs() as usize).0
        };
        match whole {
            Coeff::Small(number) => {
                let number = i128::try_from(number).ok()?;
                i64::try_from(if self.negative { -number } else { number }).ok()
            }
            Coeff::Big(_) => None,
        }
    }
}
