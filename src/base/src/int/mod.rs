//! Integer algorithms over `dashu_int::IBig`: text, arithmetic with the language's sign rules, bytes, floats.
//! Must not know int objects. `& | ^ ! + - *` and comparisons of `IBig` itself already behave as the language wants.

mod arith;
mod convert;
mod limbs;
pub mod long;
mod long_gcd;
mod long_text;
mod numbers;
mod text;

pub use arith::{
    bit_count, bit_length, divmod, floor_div, gcd, is_zero, lcm, mod_inverse, modulo, multiply, pow, pow_mod,
    round_to_power_of_ten, shift_left, shift_right,
};
pub use convert::{compare_with_float, from_bytes, from_f64, to_bytes, to_f64, to_i64, to_u64, true_divide};
pub use limbs::{
    DIGIT_PAIRS, Divisor, MOST_LIMBS, MOST_OF_WORD, binomial_word, divide_limbs, gcd_words, isqrt_word, with_decimal_limbs,
};
pub use long_gcd::power_in_ring;
pub use numbers::{combinations, factorial, isqrt, permutations};
pub use text::{IntParseError, decimal_digits_at_least, parse, parse_word, to_decimal_limited, to_radix};

pub use dashu_int::{IBig, UBig};
