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

/// `number / 10^count` and the remainder, for up to 38 digits.
#[inline]
pub fn divide_pow10(number: u128, count: usize) -> (u128, u128) {
    if count <= 19 {
        if number >> 64 == 0 {
            let (number, divisor) = (number as u64, POW10[count]);
            return ((number / divisor) as u128, (number % divisor) as u128);
        }
        let (quotient, rest) = BY_POW10[count].divide(number);
        return (quotient, rest as u128);
    }
    let (first, low) = BY_BASE.divide(number);
    let divisor = POW10[count - 19];
    // What is left of 38 digits is less than one word.
    let (quotient, high) = if first >> 64 == 0 {
        ((first as u64 / divisor) as u128, (first as u64 % divisor) as u128)
    } else {
        (first / divisor as u128, first % divisor as u128)
    };
    (quotient, high * BASE as u128 + low as u128)
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
            }
        }
        assert_eq!(BY_BASE.divide(u128::MAX), (u128::MAX / BASE as u128, (u128::MAX % BASE as u128) as u64));
    }
}
