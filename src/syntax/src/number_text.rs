//! Numbers as Python's `repr` writes them.

/// Decimal digits of an integer literal in any base.
pub fn integer_text(literal: &str) -> String {
    let clean: String = literal.chars().filter(|&c| c != '_').collect();
    let (base, digits) = match clean.get(..2) {
        Some("0x" | "0X") => (16, &clean[2..]),
        Some("0o" | "0O") => (8, &clean[2..]),
        Some("0b" | "0B") => (2, &clean[2..]),
        _ => return clean,
    };
    // Little-endian groups of nine decimal digits.
    let mut groups = vec![0u64];
    for digit in digits.chars().filter_map(|c| c.to_digit(base)) {
        let mut carry = u64::from(digit);
        for group in &mut groups {
            let value = *group * u64::from(base) + carry;
            *group = value % 1_000_000_000;
            carry = value / 1_000_000_000;
        }
        if carry > 0 {
            groups.push(carry);
        }
    }
    let mut text = groups.pop().unwrap_or(0).to_string();
    for group in groups.iter().rev() {
        text.push_str(&format!("{group:09}"));
    }
    text
}

/// `repr(value)`, with an infinity as a literal that overflows to it.
pub fn float_text(value: f64) -> String {
    let text = shortest(value);
    if text.contains(['.', 'e']) { text } else { format!("{text}.0") }
}

/// `repr(value * 1j)`.
pub fn complex_text(imaginary: f64) -> String {
    format!("{}j", shortest(imaginary))
}

fn shortest(value: f64) -> String {
    if value.is_infinite() {
        return "1e309".to_owned();
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_repr() {
        assert_eq!(integer_text("0xffffffffffffffffffff"), "1208925819614629174706175");
        assert_eq!(float_text(1.0), "1.0");
        assert_eq!(float_text(1e16), "1e+16");
        assert_eq!(float_text(1e-5), "1e-05");
        assert_eq!(float_text(0.0001), "0.0001");
        assert_eq!(complex_text(1.0), "1j");
        assert_eq!(float_text(f64::INFINITY), "1e309");
    }
}
