//! What `int`, `float` and `complex` share: reading the text of a number out of str and bytes-like arguments, and digits of ints.
//!
//! Must not know: the syntax of numbers (`base::int`, `base::float`).

use base::int::IntParseError;
use base::memory::{copied_text, text_with_room};
use dashu_int::IBig;
use objects::int::{IntView, long_work, max_str_digits};
use objects::{Buf, Bytes, Cast, R, Raised, Str, Value, new_bytes, new_int_big, raise_fault, repr_lossy, value_error};

/// The characters of a str or bytes-like argument, in ASCII where they mean digits, signs or spaces. `shown` is what error texts print.
pub struct NumberText {
    pub text: String,
    pub shown: Value,
}

/// The number text in `value`, or None if it is neither text nor bytes.
pub fn number_text(value: Value) -> R<Option<NumberText>> {
    if let Some(text) = value.cast::<Str>() {
        if let Some(ascii) = text.as_ascii() {
            return Ok(Some(NumberText { text: copied_text(ascii), shown: value }));
        }
        return Ok(Some(NumberText { text: latin1(&base::text::to_ascii_number(text.text())), shown: value }));
    }
    if let Some(bytes) = value.cast::<Bytes>() {
        return Ok(Some(NumberText { text: latin1(bytes.as_slice()), shown: value }));
    }
    match Buf::try_new(value)? {
        Some(buffer) => Ok(Some(NumberText { text: latin1(buffer.as_slice()), shown: new_bytes(buffer.as_slice()) })),
        None => Ok(None),
    }
}

fn latin1(bytes: &[u8]) -> String {
    // Bytes beyond ASCII become characters that no number has.
    let mut text = text_with_room(bytes.len());
    text.extend(bytes.iter().map(|byte| if byte.is_ascii() { *byte as char } else { '?' }));
    text
}

/// `repr(value)` cut to 200 characters, as error texts show it.
pub fn shown_short(value: Value) -> String {
    repr_lossy(value).chars().take(200).collect()
}

/// The number that up to 18 ASCII digits, perhaps behind a minus sign, are.
#[inline]
pub fn plain_digits(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let mut number = 0i64;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        number = number * 10 + (digit - b'0') as i64;
    }
    Some(if negative { -number } else { number })
}

/// `int(value, base)` of plain text or bytes that are short and right.
#[inline]
pub fn quick_int(value: Value, base: u32) -> Option<i64> {
    match value.cast_exact::<Str>() {
        Some(text) => base::int::parse_word(text.as_ascii()?.as_bytes(), base),
        None => base::int::parse_word(value.cast_exact::<Bytes>()?.as_slice(), base),
    }
}

/// `int(text, base)`.
pub fn parse_int(source: &NumberText, base: u32) -> R {
    // The common case: a few plain digits.
    let bytes = source.text.as_bytes();
    if base == 10
        && let Some(number) = plain_digits(bytes)
    {
        return Ok(objects::new_int(number));
    }
    match long_work(bytes.len() as u64, || base::int::parse(&source.text, base, max_str_digits())) {
        Ok(number) => Ok(new_int_big(&number)),
        Err(IntParseError::Invalid) => {
            Err(value_error!("invalid literal for int() with base {base}: {}", shown_short(source.shown)))
        }
        Err(IntParseError::BadBase) => Err(value_error!("int() base must be >= 2 and <= 36, or 0")),
        Err(IntParseError::TooManyDigits { digits }) => Err(value_error!(
            "Exceeds the limit ({} digits) for integer string conversion: value has {digits} digits; use sys.set_int_max_str_digits() to increase the limit",
            max_str_digits()
        )),
    }
}

/// Decimal text of a big int, or the ValueError of the digit limit.
pub fn decimal(view: IntView) -> R<String> {
    let number: IBig = view.to_ibig();
    long_work(base::int::bit_length(&number) as u64, || base::int::to_decimal_limited(&number, max_str_digits()))
        .map_err(raise_fault)
}

#[cold]
pub fn division_by_zero() -> Raised {
    objects::zero_division_error!("division by zero")
}
