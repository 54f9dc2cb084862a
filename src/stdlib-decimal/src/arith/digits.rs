//! Powers of ten, numbers of digits, and division by powers of ten without division instructions. Must not know: decimals.

/// The base of long coefficients: each word holds 19 digits.
pub const BASE: u64 = 10_000_000_000_000_000_000;
pub const WORD_DIGITS: usize = 19;
/// Coefficients of up to so many digits are held in a `u128`.
pub const SMALL_DIGITS: usize = 38;

pub const POW10: [u64; 20] = {
    let mut table = [1; 20];
    let mut index = 1;
    while index < 20 {
        table[index] = table[index - 1] * 10;
        index += 1;
    }
    table
};
pub const POW10_WIDE: [u128; 39] = {
    let mut table = [1; 39];
    let mut index = 1;
    while index < 39 {
        table[index] = table[index - 1] * 10;
        index += 1;
    }
    table
};

/// Number of decimal digits; 1 for zero.
#[inline(always)]
pub fn digits_of(number: u128) -> usize {
    let bits = 128 - (number | 1).leading_zeros() as usize;
    let guess = (bits * 1233) >> 12;
    guess + (number >= POW10_WIDE[guess]) as usize + (number == 0) as usize
}
#[inline(always)]
pub fn digits_of_word(number: u64) -> usize {
    let bits = 64 - (number | 1).leading_zeros() as usize;
    let guess = (bits * 1233) >> 12;
    guess + (number >= POW10[guess]) as usize + (number == 0) as usize
}

/// A divisor prepared for division of two words by one: shifted until its top bit is set, with its reciprocal.
#[derive(Clone, Copy)]
pub struct Divisor {
    pub divisor: u64,
    reciprocal: u64,
    pub shift: u32,
}

impl Divisor {
    pub const fn new(divisor: u64) -> Divisor {
        let shift = divisor.leading_zeros();
        let divisor = divisor << shift;
        Divisor { divisor, reciprocal: (u128::MAX / divisor as u128 - (1 << 64)) as u64, shift }
    }
    /// `(high, low)`, shifted as the divisor is, by the divisor; `high` is less than the divisor. The remainder is shifted too.
    #[inline(always)]
    pub fn divide_shifted(&self, high: u64, low: u64) -> (u64, u64) {
        let estimate = self.reciprocal as u128 * high as u128 + ((high as u128) << 64 | low as u128);
        let mut quotient = ((estimate >> 64) as u64).wrapping_add(1);
        let mut rest = low.wrapping_sub(quotient.wrapping_mul(self.divisor));
        if rest > estimate as u64 {
            quotient = quotient.wrapping_sub(1);
            rest = rest.wrapping_add(self.divisor);
        }
        if rest >= self.divisor {
            quotient = quotient.wrapping_add(1);
            rest -= self.divisor;
        }
        (quotient, rest)
    }
    /// A number whose quotient fits a word.
    #[inline(always)]
    pub fn divide_to_word(&self, number: u128) -> (u64, u64) {
        let shifted = number << self.shift;
        let (quotient, rest) = self.divide_shifted((shifted >> 64) as u64, shifted as u64);
        (quotient, rest >> self.shift)
    }
    #[inline(always)]
    pub fn divide(&self, number: u128) -> (u128, u64) {
        let high = (number >> 64) as u64;
        let shifted = number << self.shift;
        let top = if self.shift == 0 { 0 } else { high >> (64 - self.shift) };
        let (first, rest) = self.divide_shifted(top, (shifted >> 64) as u64);
        let (second, rest) = self.divide_shifted(rest, shifted as u64);
        ((first as u128) << 64 | second as u128, rest >> self.shift)
    }
}

/// Divisors by 10^k.
pub static BY_POW10: [Divisor; 20] = {
    let mut table = [Divisor::new(1); 20];
    let mut index = 1;
    while index < 20 {
        table[index] = Divisor::new(POW10[index]);
        index += 1;
    }
    table
};
pub static BY_BASE: Divisor = Divisor::new(BASE);

/// Splits a word at a digit: by 2^k with a shift, by 5^k with one multiplication.
#[derive(Clone, Copy)]
pub struct Splitter {
    count: u32,
    factor: u64,
    shift: u32,
}

const fn splitter(count: u32) -> Splitter {
    if count == 0 {
        return Splitter { count, factor: 0, shift: 0 };
    }
    // For dividends of so many bits a factor of one bit more is exact.
    let bits = 64 - count;
    let divisor = 5u64.pow(count);
    let length = 64 - (divisor - 1).leading_zeros();
    let factor = ((1u128 << (bits + length)) / divisor as u128 + 1) as u64;
    Splitter { count, factor, shift: bits + length - 64 }
}

impl Splitter {
    /// The word divided by 10^count, which is not 1, and the remainder.
    #[inline(always)]
    pub fn split(&self, word: u64) -> (u64, u64) {
        let high = (((word >> self.count) as u128 * self.factor as u128) >> 64) as u64 >> self.shift;
        (high, word.wrapping_sub(high.wrapping_mul(POW10[self.count as usize])))
    }
}

/// Splitters at 1 to 18 digits.
pub static SPLITTERS: [Splitter; 19] = {
    let mut table = [splitter(0); 19];
    let mut index = 1;
    while index < 19 {
        table[index] = splitter(index as u32);
        index += 1;
    }
    table
};

/// The 256 bits of a product: high and low half.
#[inline(always)]
pub fn wide_product(a: u128, b: u128) -> (u128, u128) {
    const MASK: u128 = u64::MAX as u128;
    let (a1, a0, b1, b0) = (a >> 64, a & MASK, b >> 64, b & MASK);
    let (low, cross, other, high) = (a0 * b0, a0 * b1, a1 * b0, a1 * b1);
    let middle = (low >> 64) + (cross & MASK) + (other & MASK);
    (high + (cross >> 64) + (other >> 64) + (middle >> 64), middle << 64 | low & MASK)
}

/// `(high, low) / divisor`, bit by bit, for tables; `high` is less than the divisor.
const fn slow_division(high: u128, low: u128, divisor: u128) -> u128 {
    let (mut rest, mut quotient, mut bit) = (high, 0, 128);
    while bit > 0 {
        bit -= 1;
        let carry = rest >> 127 == 1;
        rest = rest << 1 | (low >> bit & 1);
        quotient <<= 1;
        if carry || rest >= divisor {
            rest = rest.wrapping_sub(divisor);
            quotient |= 1;
        }
    }
    quotient
}

/// What divides two words by a power of ten: as `Splitter` one word of 128 bits, as `Divisor` two of them.
#[derive(Clone, Copy)]
struct WidePower {
    factor: u128,
    shift: u32,
    /// Shifted until its top bit is set, with its reciprocal.
    divisor: u128,
    reciprocal: u128,
    zeros: u32,
}

const fn wide_power(count: u32) -> WidePower {
    let power = POW10_WIDE[count as usize];
    let zeros = power.leading_zeros();
    let divisor = power << zeros;
    let reciprocal = slow_division(!divisor, u128::MAX, divisor);
    if count == 0 {
        return WidePower { factor: 0, shift: 0, divisor, reciprocal, zeros };
    }
    let bits = 128 - count;
    let five = 5u128.pow(count);
    let length = 128 - (five - 1).leading_zeros();
    // 2^(bits + length) / 5^count + 1
    let factor = slow_division(1 << (bits + length - 128), 0, five) + 1;
    WidePower { factor, shift: bits + length - 128, divisor, reciprocal, zeros }
}

static WIDE_POWERS: [WidePower; 39] = {
    let mut table = [wide_power(0); 39];
    let mut index = 1;
    while index < 39 {
        table[index] = wide_power(index as u32);
        index += 1;
    }
    table
};

/// `number / 10^count` and the remainder, for counts up to 38.
#[inline]
pub fn divide_pow10(number: u128, count: usize) -> (u128, u128) {
    if count == 0 {
        return (number, 0);
    }
    if number >> 64 == 0 && count <= 18 {
        let (quotient, rest) = SPLITTERS[count].split(number as u64);
        return (quotient as u128, rest as u128);
    }
    let power = &WIDE_POWERS[count];
    let quotient = wide_product(number >> count, power.factor).0 >> power.shift;
    (quotient, number.wrapping_sub(quotient.wrapping_mul(POW10_WIDE[count])))
}

/// The same of 256 bits, if the quotient fits 128, as it does when `high` is less than 10^count.
#[inline]
pub fn divide_wide_pow10(high: u128, low: u128, count: usize) -> (u128, u128) {
    debug_assert!(high < POW10_WIDE[count]);
    let WidePower { divisor, reciprocal, zeros, .. } = WIDE_POWERS[count];
    let top = if zeros == 0 { high } else { high << zeros | low >> (128 - zeros) };
    let low = low << zeros;
    let (estimate, fraction) = wide_product(reciprocal, top);
    let (fraction, carry) = fraction.overflowing_add(low);
    let mut quotient = estimate.wrapping_add(top).wrapping_add(carry as u128).wrapping_add(1);
    let mut rest = low.wrapping_sub(quotient.wrapping_mul(divisor));
    if rest > fraction {
        quotient = quotient.wrapping_sub(1);
        rest = rest.wrapping_add(divisor);
    }
    if rest >= divisor {
        quotient = quotient.wrapping_add(1);
        rest -= divisor;
    }
    (quotient, rest >> zeros)
}

/// Where a number lies between two neighbours: what was cut off, seen from the cut.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Rest {
    Zero,
    Below,
    Half,
    Above,
}

impl Rest {
    /// Of a remainder after division by `divisor`, which is even or 1.
    #[inline(always)]
    pub fn of(rest: u128, divisor: u128) -> Rest {
        if rest == 0 {
            return Rest::Zero;
        }
        match rest.cmp(&(divisor / 2)) {
            std::cmp::Ordering::Less => Rest::Below,
            std::cmp::Ordering::Equal => Rest::Half,
            std::cmp::Ordering::Greater => Rest::Above,
        }
    }
    /// More digits follow: `rest` was cut off before, behind this one.
    #[inline(always)]
    pub fn then(self, rest: bool) -> Rest {
        match (self, rest) {
            (Rest::Zero, true) => Rest::Below,
            (Rest::Half, true) => Rest::Above,
            _ => self,
        }
    }
    pub fn is_zero(self) -> bool {
        self == Rest::Zero
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths() {
        for power in 0..39 {
            assert_eq!(digits_of(POW10_WIDE[power]), power + 1);
            assert_eq!(digits_of(POW10_WIDE[power] - 1), power.max(1));
        }
        assert_eq!(digits_of_word(u64::MAX), 20);
    }

    #[test]
    fn divisions() {
        let mut number: u128 = 0x9e37_79b9_7f4a_7c15;
        for round in 0..20_000u32 {
            number = number.wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645).wrapping_add(12345);
            let value = (number >> (round % 127)) % POW10_WIDE[38];
            for count in [1, 5, 18, 19, 20, 28, 37] {
                let divisor = POW10_WIDE[count];
                assert_eq!(divide_pow10(value, count), (value / divisor, value % divisor), "{value} {count}");
                let (high, low) = wide_product(value, divisor - 1 - round as u128 % divisor);
                let (quotient, rest) = divide_wide_pow10(high % divisor, low, count);
                let (back, sum) = wide_product(quotient, divisor);
                let (sum, carry) = sum.overflowing_add(rest);
                assert!(rest < divisor && sum == low && back + carry as u128 == high % divisor, "{value} {count}");
            }
        }
        for (count, splitter) in SPLITTERS.iter().enumerate().skip(1) {
            let power = POW10[count];
            for base in [0, 1, power, power * (BASE / power - 1), BASE, u64::MAX / power * power, u64::MAX] {
                for number in [base.wrapping_sub(1), base, base.wrapping_add(1), base / 3, base / 7 * 5] {
                    assert_eq!(splitter.split(number), (number / power, number % power), "{number} {count}");
                }
            }
        }
        assert_eq!(BY_BASE.divide(u128::MAX), (u128::MAX / BASE as u128, (u128::MAX % BASE as u128) as u64));
    }
}
