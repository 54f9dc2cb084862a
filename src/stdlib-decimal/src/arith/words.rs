//! Long coefficients: little-endian words of 19 digits, without leading zero words (zero is empty). Linear operations, and those on
//! digits. Must not know: signs and exponents.

use super::digits::{BASE, BY_BASE, Divisor, POW10, Rest, SPLITTERS, WORD_DIGITS, digits_of_word};
use base::memory::{Grow, copied, with_room, zeros};
use std::cmp::Ordering;

pub type Words = Vec<u64>;

pub fn trim(words: &mut Words) {
    while words.last() == Some(&0) {
        words.pop();
    }
}
pub fn trimmed(words: &[u64]) -> &[u64] {
    let used = words.iter().rposition(|word| *word != 0).map_or(0, |at| at + 1);
    &words[..used]
}

pub fn of_small(number: u128) -> Words {
    let (high, low) = BY_BASE.divide(number);
    let mut words = vec![low];
    if high >> 64 != 0 || high as u64 >= BASE {
        let (top, middle) = BY_BASE.divide(high);
        words.extend([middle, top as u64]);
    } else {
        words.push(high as u64);
    }
    trim(&mut words);
    words
}

pub fn compare(a: &[u64], b: &[u64]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

/// Number of digits; 1 for zero.
pub fn digits(words: &[u64]) -> usize {
    match words.last() {
        None => 1,
        Some(top) => (words.len() - 1) * WORD_DIGITS + digits_of_word(*top),
    }
}

/// `a += b`; the carry out.
#[inline]
pub fn add_to(a: &mut [u64], b: &[u64]) -> bool {
    let mut carry = 0;
    let (low, high) = a.split_at_mut(b.len());
    for (a, b) in low.iter_mut().zip(b) {
        // Both are less than the base: the sum may pass 2^64, the difference to the base does not.
        let room = BASE - *b;
        let sum = *a + carry;
        (*a, carry) = if sum >= room { (sum - room, 1) } else { (sum + *b, 0) };
    }
    for a in high {
        if carry == 0 {
            return false;
        }
        *a += carry;
        if *a == BASE {
            *a = 0;
        } else {
            carry = 0;
        }
    }
    carry != 0
}
/// `a -= b`; the borrow out.
#[inline]
pub fn subtract_from(a: &mut [u64], b: &[u64]) -> bool {
    let mut borrow = 0;
    let (low, high) = a.split_at_mut(b.len());
    for (a, b) in low.iter_mut().zip(b) {
        let take = *b + borrow;
        (*a, borrow) = if *a >= take { (*a - take, 0) } else { (*a + (BASE - take), 1) };
    }
    for a in high {
        if borrow == 0 {
            return false;
        }
        if *a == 0 {
            *a = BASE - 1;
        } else {
            *a -= 1;
            borrow = 0;
        }
    }
    borrow != 0
}

pub fn add(a: &[u64], b: &[u64]) -> Words {
    let (a, b) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let mut sum = with_room(a.len() + 1);
    sum.put_all(a);
    if add_to(&mut sum, b) {
        sum.push(1);
    }
    sum
}
/// `a - b`, where `a >= b`.
pub fn subtract(a: &[u64], b: &[u64]) -> Words {
    let mut difference = copied(a);
    subtract_from(&mut difference, b);
    trim(&mut difference);
    difference
}
pub fn increment(words: &mut Words) {
    if words.is_empty() || add_to(words, &[1]) {
        words.push(1);
    }
}

pub fn multiply_word(a: &[u64], factor: u64) -> Words {
    let mut product = with_room(a.len() + 1);
    // Each word is split without waiting for the one before; only sums are carried along.
    let mut carry = 0;
    for word in a {
        let (high, low) = BY_BASE.divide_to_word(*word as u128 * factor as u128);
        let room = BASE - low;
        let (digit, over) = if carry >= room { (carry - room, 1) } else { (carry + low, 0) };
        product.push(digit);
        carry = high + over;
    }
    product.push(carry);
    trim(&mut product);
    product
}
pub fn divide_word(a: &[u64], divisor: u64) -> (Words, u64) {
    let by = Divisor::new(divisor);
    let mut quotient = zeros(a.len());
    let mut rest = 0;
    for index in (0..a.len()).rev() {
        (quotient[index], rest) = by.divide_to_word(rest as u128 * BASE as u128 + a[index] as u128);
    }
    trim(&mut quotient);
    (quotient, rest)
}

/// `a * 10^count`.
pub fn shift_left(a: &[u64], count: usize) -> Words {
    if a.is_empty() {
        return Vec::new();
    }
    let (zeros, part) = (count / WORD_DIGITS, count % WORD_DIGITS);
    let mut shifted = with_room(a.len() + zeros + 1);
    shifted.resize(zeros, 0);
    if part == 0 {
        shifted.put_all(a);
        return shifted;
    }
    let (splitter, scale) = (SPLITTERS[WORD_DIGITS - part], POW10[part]);
    let mut carry = 0;
    for word in a {
        let (high, low) = splitter.split(*word);
        shifted.push(low * scale + carry);
        carry = high;
    }
    if carry != 0 {
        shifted.push(carry);
    }
    shifted
}

/// `a / 10^count`, and what was cut off.
pub fn shift_right(a: &[u64], count: usize) -> (Words, Rest) {
    let (drop, part) = (count / WORD_DIGITS, count % WORD_DIGITS);
    if drop >= a.len() {
        let rest = match a.last() {
            None => Rest::Zero,
            Some(top) if drop == a.len() && part == 0 => {
                Rest::of(*top as u128, BASE as u128).then(a[..a.len() - 1].iter().any(|word| *word != 0))
            }
            Some(_) => Rest::Below,
        };
        return (Vec::new(), rest);
    }
    let below = |count: usize| a[..count].iter().any(|word| *word != 0);
    if part == 0 {
        let rest = if drop == 0 { Rest::Zero } else { Rest::of(a[drop - 1] as u128, BASE as u128).then(below(drop - 1)) };
        return (copied(&a[drop..]), rest);
    }
    let (splitter, scale) = (SPLITTERS[part], POW10[WORD_DIGITS - part]);
    let mut shifted = zeros(a.len() - drop);
    let mut carry = 0;
    for index in (drop..a.len()).rev() {
        let (high, low) = splitter.split(a[index]);
        shifted[index - drop] = high + carry * scale;
        carry = low;
    }
    trim(&mut shifted);
    (shifted, Rest::of(carry as u128, POW10[part] as u128).then(below(drop)))
}

/// `a / 10^count` in place, and what was cut off.
pub fn cut_right(a: &mut Words, count: usize) -> Rest {
    let (drop, part) = (count / WORD_DIGITS, count % WORD_DIGITS);
    if drop >= a.len() {
        let (quotient, rest) = shift_right(a, count);
        *a = quotient;
        return rest;
    }
    let below = |a: &[u64], count: usize| a[..count].iter().any(|word| *word != 0);
    if part == 0 {
        let rest = if drop == 0 { Rest::Zero } else { Rest::of(a[drop - 1] as u128, BASE as u128).then(below(a, drop - 1)) };
        a.drain(..drop);
        return rest;
    }
    let (splitter, scale) = (SPLITTERS[part], POW10[WORD_DIGITS - part]);
    let sticky = below(a, drop);
    let (mut high, low) = splitter.split(a[drop]);
    let length = a.len() - drop;
    for index in 0..length - 1 {
        let (next_high, next_low) = splitter.split(a[index + drop + 1]);
        a[index] = high + next_low * scale;
        high = next_high;
    }
    a[length - 1] = high;
    a.truncate(length);
    trim(a);
    Rest::of(low as u128, POW10[part] as u128).then(sticky)
}

/// `a mod 10^count`.
pub fn low_digits(a: &[u64], count: usize) -> Words {
    let (whole, part) = (count / WORD_DIGITS, count % WORD_DIGITS);
    if whole >= a.len() {
        return copied(a);
    }
    let mut low = copied(&a[..whole]);
    low.push(a[whole] % POW10[part]);
    trim(&mut low);
    low
}

pub fn trailing_zeros(a: &[u64]) -> usize {
    let Some(whole) = a.iter().position(|word| *word != 0) else { return 0 };
    let mut word = a[whole];
    let mut count = whole * WORD_DIGITS;
    while word.is_multiple_of(10) {
        word /= 10;
        count += 1;
    }
    count
}

/// The digit that counts 10^index.
pub fn digit(a: &[u64], index: usize) -> u8 {
    match a.get(index / WORD_DIGITS) {
        None => 0,
        Some(word) => (word / POW10[index % WORD_DIGITS] % 10) as u8,
    }
}
/// 10^count - 1.
pub fn nines(count: usize) -> Words {
    let mut words = with_room(count / WORD_DIGITS + 1);
    words.resize(count / WORD_DIGITS, BASE - 1);
    if !count.is_multiple_of(WORD_DIGITS) {
        words.push(POW10[count % WORD_DIGITS] - 1);
    }
    words
}

/// Digits as ASCII, without leading zeros, appended; `0` for zero.
pub fn write_digits(a: &[u64], out: &mut Vec<u8>) {
    let Some((top, rest)) = a.split_last() else {
        out.put(b'0');
        return;
    };
    write_word(*top, digits_of_word(*top), out);
    for word in rest.iter().rev() {
        write_word(*word, WORD_DIGITS, out);
    }
}
pub static PAIRS: &[u8; 200] = b"00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

/// The lowest `count` digits of a word.
#[inline]
pub fn write_word(mut word: u64, count: usize, out: &mut Vec<u8>) {
    let mut buffer = [b'0'; 20];
    let mut at = count;
    while at >= 2 {
        let pair = (word % 100) as usize * 2;
        word /= 100;
        at -= 2;
        buffer[at] = PAIRS[pair];
        buffer[at + 1] = PAIRS[pair + 1];
    }
    if at == 1 {
        buffer[0] = b'0' + (word % 10) as u8;
    }
    out.put_all(&buffer[..count]);
}

/// The number of a text of ASCII digits.
pub fn parse_digits(text: &[u8]) -> Words {
    let mut words = with_room(text.len() / WORD_DIGITS + 1);
    for chunk in text.rchunks(WORD_DIGITS) {
        words.push(chunk.iter().fold(0u64, |word, digit| word * 10 + (digit - b'0') as u64));
    }
    trim(&mut words);
    words
}
