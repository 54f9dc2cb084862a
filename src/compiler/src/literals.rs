//! Literals to constants: ints of any size, strings with surrogates, docstrings.
//! Must not know: scopes, code.

use bytecode::{Const, Wtf8};
use ruff_python_ast::{ExprStringLiteral, Int, StringFlags, StringLiteral};
use ruff_text_size::{Ranged, TextRange};

use crate::source::SourceMap;

/// The constant of an int literal; `Err` is the message of the SyntaxError for one of more than `limit` decimal digits.
pub(crate) fn int_constant(int: &Int, limit: usize) -> Result<Const, String> {
    if let Some(number) = int.as_u64() {
        return Ok(match i64::try_from(number) {
            Ok(number) => Const::Int(number),
            Err(_) => Const::BigInt(format!("{number:x}").into()),
        });
    }
    let text: String = int.to_string().chars().filter(|&ch| ch != '_').collect::<String>().to_ascii_lowercase();
    let (radix, digits) = match text.get(..2) {
        Some("0x") => (16, &text[2..]),
        Some("0o") => (8, &text[2..]),
        Some("0b") => (2, &text[2..]),
        _ => (10, &text[..]),
    };
    if radix == 10 && limit != 0 && digits.len() > limit {
        return Err(format!(
            "Exceeds the limit ({limit} digits) for integer string conversion: value has {} digits; use sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer literals to avoid decimal conversion limits.",
            digits.len()
        ));
    }
    Ok(Const::BigInt(to_hex(digits, radix).into()))
}

/// Digits of any radix to hexadecimal ones without leading zeros.
fn to_hex(digits: &str, radix: u32) -> String {
    if radix == 16 {
        let trimmed = digits.trim_start_matches('0');
        return if trimmed.is_empty() { "0".into() } else { trimmed.into() };
    }
    // Limbs of 32 bits, least significant first.
    let mut limbs: Vec<u32> = vec![0];
    for digit in digits.chars().filter_map(|ch| ch.to_digit(radix)) {
        let mut carry = u64::from(digit);
        for limb in &mut limbs {
            let sum = u64::from(*limb) * u64::from(radix) + carry;
            *limb = sum as u32;
            carry = sum >> 32;
        }
        if carry != 0 {
            limbs.push(carry as u32);
        }
    }
    let mut text = String::new();
    for (index, limb) in limbs.iter().rev().enumerate() {
        text.push_str(&if index == 0 { format!("{limb:x}") } else { format!("{limb:08x}") });
    }
    text
}

/// The text of a string literal. The tree has U+FFFD for escapes of lone surrogates; the source knows better.
pub(crate) fn string_text(map: &SourceMap, literal: &ExprStringLiteral) -> Wtf8 {
    let joined = literal.value.to_str();
    if !joined.contains('\u{FFFD}') {
        return Wtf8::from(joined);
    }
    let points = literal.value.iter().flat_map(|part| literal_points(map, part)).collect::<Vec<u32>>();
    Wtf8::from_code_points(points).unwrap_or_else(|| Wtf8::from(joined))
}

pub(crate) fn literal_points(map: &SourceMap, part: &StringLiteral) -> Vec<u32> {
    if matches!(map, SourceMap::Table(_)) {
        return syntax::unmarked_points(part.as_str());
    }
    let raw = part.flags.prefix().is_raw();
    let range = TextRange::new(part.range().start() + part.flags.opener_len(), part.range().end() - part.flags.closer_len());
    escaped_points(map, range, part.as_str(), raw)
}

/// Code points of `value`, which the source range spells, with surrogate escapes put back.
pub(crate) fn escaped_points(map: &SourceMap, range: TextRange, value: &str, raw: bool) -> Vec<u32> {
    if matches!(map, SourceMap::Table(_)) {
        return syntax::unmarked_points(value);
    }
    let mut points: Vec<u32> = value.chars().map(u32::from).collect();
    if raw || !value.contains('\u{FFFD}') {
        return points;
    }
    let Some(source) = map.slice(range) else { return points };
    // Surrogate escapes and literal U+FFFD in the order of the source: they are the U+FFFD of the value in order.
    let mut replacements = Vec::new();
    let mut rest = source.chars();
    while let Some(ch) = rest.next() {
        if ch == '\u{FFFD}' {
            replacements.push(0xFFFD);
        } else if ch == '\\' {
            let digits = match rest.next() {
                Some('u') => 4,
                Some('U') => 8,
                Some('N') => {
                    let name: String = rest.clone().take_while(|&ch| ch != '}').collect();
                    if name.eq_ignore_ascii_case("{replacement character") {
                        replacements.push(0xFFFD);
                    }
                    continue;
                }
                _ => continue,
            };
            let hex: String = rest.clone().take(digits).collect();
            match u32::from_str_radix(&hex, 16) {
                Ok(point) if (0xD800..0xE000).contains(&point) || point == 0xFFFD => replacements.push(point),
                _ => {}
            }
        }
    }
    let mut next = replacements.into_iter();
    for point in &mut points {
        if *point == 0xFFFD {
            *point = next.next().unwrap_or(0xFFFD);
        }
    }
    points
}

/// A docstring as the compiler stores it: tabs expanded, the common margin of the lines after the first removed.
pub(crate) fn clean_docstring(text: &str) -> String {
    let expanded = expand_tabs(text);
    let mut lines = expanded.split_inclusive('\n');
    let first = lines.next().unwrap_or("");
    let rest: Vec<&str> = lines.collect();
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let margin =
        rest.iter().filter(|line| !matches!(line.trim_start_matches(' '), "" | "\n")).map(|line| indent(line)).min().unwrap_or(0);
    let mut cleaned = first.trim_start_matches(' ').to_string();
    for line in rest {
        cleaned.push_str(&line[margin.min(indent(line))..]);
    }
    cleaned
}

fn expand_tabs(text: &str) -> String {
    if !text.contains('\t') {
        return text.to_string();
    }
    let mut expanded = String::new();
    let mut column = 0;
    for ch in text.chars() {
        match ch {
            '\t' => {
                let spaces = 8 - column % 8;
                expanded.extend(std::iter::repeat_n(' ', spaces));
                column += spaces;
            }
            '\n' | '\r' => {
                expanded.push(ch);
                column = 0;
            }
            _ => {
                expanded.push(ch);
                column += 1;
            }
        }
    }
    expanded
}
