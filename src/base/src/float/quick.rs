//! Digits of everyday floats with 128-bit integers and no allocation. Everything here is exact: what does not fit is refused and
//! left to the general algorithms in `digits.rs`.

use super::decompose;

/// The largest power of ten by which any 53-bit mantissa can be multiplied.
pub const MOST_PLACES: u32 = 22;
/// Most digits that `significant` gives.
pub const MOST_DIGITS: usize = 17;

const fn powers() -> [u128; MOST_PLACES as usize + 1] {
    let mut table = [1u128; MOST_PLACES as usize + 1];
    let mut index = 1;
    while index < table.len() {
        table[index] = table[index - 1] * 10;
        index += 1;
    }
    table
}
pub(crate) const POWERS: [u128; MOST_PLACES as usize + 1] = powers();

/// `x * 10**places` rounded half to even, of a finite `x >= 0`.
pub fn scaled(x: f64, places: u32) -> Option<u128> {
    let power = *POWERS.get(places as usize)?;
    let (mantissa, exponent) = decompose(x);
    let product = mantissa as u128 * power;
    if exponent >= 0 {
        return if product.leading_zeros() > exponent as u32 { Some(product << exponent) } else { None };
    }
    let shift = exponent.unsigned_abs();
    if shift >= 128 {
        // The product is below 2**127.
        return Some(0);
    }
    let quotient = product >> shift;
    let rest = product & ((1u128 << shift) - 1);
    let half = 1u128 << (shift - 1);
    Some(if rest > half || rest == half && quotient & 1 == 1 { quotient + 1 } else { quotient })
}

/// `count` significant digits of a positive `x` as a number, and the place of its decimal point (as in `Digits`).
pub fn significant(x: f64, count: usize) -> Option<(u64, i32)> {
    if count == 0 || count > MOST_DIGITS || !(1e-5..1e17).contains(&x) {
        return None;
    }
    let least = POWERS[count - 1];
    // One too low at most; rounding up may ask for another step.
    let guess = (x.log10().floor() as i32) - 1;
    for exponent in guess..guess + 4 {
        let places = count as i32 - 1 - exponent;
        let digits = scaled(x, u32::try_from(places).ok()?)?;
        if digits < least {
            return None;
        }
        if digits < least * 10 {
            return Some((digits as u64, exponent + 1));
        }
    }
    None
}

/// Writes a number in decimal, with at least `least` digits; gives the text.
pub fn decimal(number: u128, least: usize, buffer: &mut [u8; 40]) -> &[u8] {
    let mut at = buffer.len();
    let mut rest = number;
    while rest > u64::MAX as u128 {
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    let mut rest = rest as u64;
    while rest != 0 {
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    while buffer.len() - at < least.min(buffer.len()) {
        at -= 1;
        buffer[at] = b'0';
    }
    &buffer[at..]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of many sizes, with many that lie halfway.
    fn samples() -> impl Iterator<Item = f64> {
        let mut state = 0x9e37_79b9_7f4a_7c15u64;
        (0..40_000).map(move |index| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            match index % 4 {
                0 => (state >> 40) as f64 / 64.0,
                1 => (state >> 11) as f64 / (1u64 << (state & 63)) as f64,
                2 => (state >> 52) as f64 * 0.0005,
                _ => f64::from_bits(state >> 2 | 0x3000_0000_0000_0000),
            }
        })
    }

    #[test]
    fn agrees_with_the_general_algorithms() {
        let mut buffer = [0; 40];
        let mut answered = 0;
        for x in samples().filter(|x| x.is_finite()) {
            for places in [0, 1, 2, 6, 17, 22] {
                if let Some(number) = scaled(x, places) {
                    let text = format!("{x:.*}", places as usize).replace('.', "");
                    let expected = text.trim_start_matches('0');
                    assert_eq!(std::str::from_utf8(decimal(number, 0, &mut buffer)).unwrap(), expected, "{x:e} {places}");
                    answered += 1;
                }
            }
            for count in [1, 2, 7, 12, 17] {
                if let Some((digits, point)) = significant(x, count) {
                    let text = format!("{x:.*e}", count - 1);
                    let (mantissa, exponent) = text.split_once('e').unwrap();
                    assert_eq!(digits.to_string(), mantissa.replace('.', ""), "{x:e} {count}");
                    assert_eq!(point - 1, exponent.parse::<i32>().unwrap(), "{x:e} {count}");
                    answered += 1;
                }
            }
        }
        assert!(answered > 100_000);
    }
}
