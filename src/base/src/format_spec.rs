//! The format mini-language: parser of format specifiers and renderers for int, float, complex and str.
//! Must not know objects or the process locale (the caller passes separators).

use crate::memory::{Grow, text_with_room};
use dashu_int::{IBig, Sign};

use crate::fault::{Fault, check_length};
use crate::float::{FloatStyle, format_float};
use crate::int;

/// Alignment of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
    Center,
    /// '=': padding goes between sign and digits.
    AfterSign,
}

impl Align {
    fn from_char(c: char) -> Option<Align> {
        match c {
            '<' => Some(Align::Left),
            '>' => Some(Align::Right),
            '^' => Some(Align::Center),
            '=' => Some(Align::AfterSign),
            _ => None,
        }
    }
}

/// A parsed format specifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormatSpec {
    pub fill: char,
    pub align: Align,
    /// '+', '-' or ' ' if given
    pub sign: Option<char>,
    /// 'z'
    pub no_negative_zero: bool,
    /// '#'
    pub alternate: bool,
    pub width: Option<usize>,
    /// ',' or '_' of the whole part
    pub grouping: Option<char>,
    pub precision: Option<usize>,
    /// ',' or '_' of the fractional part
    pub fraction_grouping: Option<char>,
    /// the presentation type, or the default type given to the parser
    pub kind: Option<char>,
}

/// What `localeconv()` says, for type 'n'.
#[derive(Clone, Copy, Debug)]
pub struct Separators<'a> {
    pub decimal_point: &'a str,
    pub thousands: &'a str,
    /// Group sizes from the right; the last repeats, 127 (CHAR_MAX) ends grouping, empty or 0 as first: none.
    pub grouping: &'a [u8],
}

impl Separators<'static> {
    /// The "C" locale.
    pub const C: Separators<'static> = Separators { decimal_point: ".", thousands: "", grouping: &[] };

    fn of(grouping: Option<char>) -> Separators<'static> {
        match grouping {
            Some(',') => Separators { decimal_point: ".", thousands: ",", grouping: &[3] },
            Some('_') => Separators { decimal_point: ".", thousands: "_", grouping: &[3] },
            _ => Separators::C,
        }
    }
}

const BOTH_SEPARATORS: &str = "Cannot specify both ',' and '_'.";

/// Parses a format specifier. `type_name` is the class name for error texts; `default_kind` the type taken when none is
/// given ('d' for int, 's' for str, `None` for float and complex); `default_align` is `Left` for str, else `Right`.
pub fn parse(text: &str, type_name: &str, default_kind: Option<char>, default_align: Align) -> Result<FormatSpec, Fault> {
    let invalid = || Fault::value(format!("Invalid format specifier '{text}' for object of type '{type_name}'"));
    let mut chars = text.chars();
    let mut spec = FormatSpec {
        fill: ' ',
        align: default_align,
        sign: None,
        no_negative_zero: false,
        alternate: false,
        width: None,
        grouping: None,
        precision: None,
        fraction_grouping: None,
        kind: default_kind,
    };
    let mut fill_given = false;
    let mut align_given = false;
    let mut ahead = chars.clone();
    let (first, second) = (ahead.next(), ahead.next());
    if let (Some(fill), Some(align)) = (first, second.and_then(Align::from_char)) {
        (spec.fill, spec.align, fill_given, align_given) = (fill, align, true, true);
        chars = ahead;
    } else if let Some(align) = first.and_then(Align::from_char) {
        (spec.align, align_given) = (align, true);
        chars.next();
    }
    spec.sign = next_if(&mut chars, |c| matches!(c, '+' | '-' | ' '));
    spec.no_negative_zero = next_if(&mut chars, |c| c == 'z').is_some();
    spec.alternate = next_if(&mut chars, |c| c == '#').is_some();
    if !fill_given && next_if(&mut chars, |c| c == '0').is_some() {
        spec.fill = '0';
        if !align_given && default_align == Align::Right {
            spec.align = Align::AfterSign;
        }
    }
    spec.width = integer(&mut chars)?;
    spec.grouping = separators(&mut chars)?;
    if next_if(&mut chars, |c| c == '.').is_some() {
        spec.precision = integer(&mut chars)?;
        spec.fraction_grouping = separators(&mut chars)?;
        if spec.precision.is_none() && spec.fraction_grouping.is_none() {
            return Err(Fault::value("Format specifier missing precision"));
        }
    }
    if let Some(kind) = chars.next() {
        if chars.next().is_some() {
            return Err(invalid());
        }
        spec.kind = Some(kind);
    }
    if let Some(separator) = spec.grouping {
        let fits = match spec.kind {
            None | Some('d' | 'e' | 'f' | 'g' | 'E' | 'G' | '%' | 'F') => true,
            Some('b' | 'o' | 'x' | 'X') => separator == '_',
            _ => false,
        };
        if !fits {
            return Err(separator_with(separator, spec.kind));
        }
    }
    if let (Some(separator), Some('n')) = (spec.fraction_grouping, spec.kind) {
        return Err(separator_with(separator, spec.kind));
    }
    Ok(spec)
}

fn separator_with(separator: char, kind: Option<char>) -> Fault {
    Fault::value(format!("Cannot specify '{separator}' with '{}'.", shown_code(kind.unwrap_or('\0'))))
}

/// A type code in an error text: printable ASCII as such, else its number.
fn shown_code(code: char) -> String {
    if code > ' ' && code < '\u{80}' { code.to_string() } else { format!("\\x{:x}", code as u32) }
}

fn unknown_code(spec: &FormatSpec, type_name: &str) -> Fault {
    Fault::value(format!("Unknown format code '{}' for object of type '{type_name}'", shown_code(spec.kind.unwrap_or('\0'))))
}

/// Whether the text a numeric specifier asks for can be allocated. (Larger precisions have an error of their own.)
fn check_room(spec: &FormatSpec) -> Result<(), Fault> {
    check_length(spec.width.unwrap_or(0))?;
    check_length(spec.precision.filter(|&p| p <= i32::MAX as usize).unwrap_or(0))
}

fn next_if(chars: &mut std::str::Chars, accept: impl Fn(char) -> bool) -> Option<char> {
    let c = chars.clone().next().filter(|&c| accept(c))?;
    chars.next();
    Some(c)
}

fn integer(chars: &mut std::str::Chars) -> Result<Option<usize>, Fault> {
    let mut value: Option<usize> = None;
    while let Some(c) = next_if(chars, |c| c.is_ascii_digit()) {
        let next = value
            .unwrap_or(0)
            .checked_mul(10)
            .and_then(|v| v.checked_add(c as usize - '0' as usize))
            .filter(|&v| v <= isize::MAX as usize)
            .ok_or_else(|| Fault::value("Too many decimal digits in format string"))?;
        value = Some(next);
    }
    Ok(value)
}

fn separators(chars: &mut std::str::Chars) -> Result<Option<char>, Fault> {
    let comma = next_if(chars, |c| c == ',').is_some();
    let underscore = next_if(chars, |c| c == '_').is_some();
    if underscore && (comma || next_if(chars, |c| c == ',').is_some()) {
        return Err(Fault::value(BOTH_SEPARATORS));
    }
    Ok(if comma {
        Some(',')
    } else if underscore {
        Some('_')
    } else {
        None
    })
}

/// How a str field is laid out: `left` fill characters, the first `take` characters of the value, `right` fill characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub left: usize,
    pub take: usize,
    pub right: usize,
    pub fill: char,
}

/// Layout of a value of `length` characters for a specifier (numbers use it too, with '=' meaning right).
pub fn layout(spec: &FormatSpec, length: usize) -> Layout {
    let total = spec.width.unwrap_or(0).max(length);
    let room = total - length;
    let left = match spec.align {
        Align::Left => 0,
        Align::Center => room / 2,
        Align::Right | Align::AfterSign => room,
    };
    Layout { left, take: length, right: room - left, fill: spec.fill }
}

/// `format(str, spec)` as a layout over `length` characters, so that any storage of the text will do.
pub fn format_str(spec: &str, type_name: &str, length: usize) -> Result<Layout, Fault> {
    let spec = parse(spec, type_name, Some('s'), Align::Left)?;
    if spec.kind != Some('s') {
        return Err(unknown_code(&spec, type_name));
    }
    let refuse = |text: &'static str| Err(Fault::value(text));
    match spec.sign {
        Some(' ') => return refuse("Space not allowed in string format specifier"),
        Some(_) => return refuse("Sign not allowed in string format specifier"),
        None => {}
    }
    if spec.no_negative_zero {
        return refuse("Negative zero coercion (z) not allowed in string format specifier");
    }
    if spec.alternate {
        return refuse("Alternate form (#) not allowed in string format specifier");
    }
    if spec.align == Align::AfterSign {
        return refuse("'=' alignment not allowed in string format specifier");
    }
    Ok(layout(&spec, length.min(spec.precision.unwrap_or(usize::MAX))))
}

/// An int operand.
#[derive(Clone, Copy, Debug)]
pub enum IntRef<'a> {
    Small(i64),
    Big(&'a IBig),
}

impl IntRef<'_> {
    fn is_negative(self) -> bool {
        match self {
            IntRef::Small(value) => value < 0,
            IntRef::Big(value) => value.sign() == Sign::Negative,
        }
    }

    /// Digits of the magnitude; radix 10 is bound to `max_digits`.
    pub(crate) fn digits(self, radix: u32, max_digits: usize) -> Result<String, Fault> {
        Ok(match self {
            IntRef::Small(value) => {
                let magnitude = value.unsigned_abs();
                match radix {
                    2 => format!("{magnitude:b}"),
                    8 => format!("{magnitude:o}"),
                    16 => format!("{magnitude:x}"),
                    _ => magnitude.to_string(),
                }
            }
            IntRef::Big(value) if radix == 10 => {
                let text = int::to_decimal_limited(value, max_digits)?;
                text.trim_start_matches('-').to_owned()
            }
            IntRef::Big(value) => int::to_radix(value, radix),
        })
    }

    pub(crate) fn to_f64(self) -> Result<f64, Fault> {
        match self {
            IntRef::Small(value) => Ok(value as f64),
            IntRef::Big(value) => int::to_f64(value).ok_or_else(|| Fault::overflow("int too large to convert to float")),
        }
    }

    fn to_i64(self) -> Option<i64> {
        match self {
            IntRef::Small(value) => Some(value),
            IntRef::Big(value) => int::to_i64(value),
        }
    }
}

/// `format(int, spec)` for a specifier that is not empty (empty: `str(value)`). `max_digits` is the int-to-str limit
/// (0: none). A 'c' of a lone surrogate cannot be a `String`; use `format_int_char` first if that matters.
pub fn format_int(value: IntRef, spec: &str, type_name: &str, locale: &Separators, max_digits: usize) -> Result<String, Fault> {
    let spec = parse(spec, type_name, Some('d'), Align::Right)?;
    check_room(&spec)?;
    match spec.kind {
        Some('b' | 'c' | 'd' | 'o' | 'x' | 'X' | 'n') => render_int(value, &spec, locale, max_digits),
        Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') => render_float(value.to_f64()?, &spec, locale),
        _ => Err(unknown_code(&spec, type_name)),
    }
}

/// For `format(int, "...c")`: the code point and its layout (one character); `Ok(None)` when the specifier is no 'c'.
pub fn format_int_char(value: IntRef, spec: &str, type_name: &str) -> Result<Option<(u32, Layout)>, Fault> {
    let spec = parse(spec, type_name, Some('d'), Align::Right)?;
    check_room(&spec)?;
    if spec.kind != Some('c') {
        return Ok(None);
    }
    let code = char_operand(value, &spec)?;
    Ok(Some((code, layout(&spec, 1))))
}

fn char_operand(value: IntRef, spec: &FormatSpec) -> Result<u32, Fault> {
    check_int_spec(spec)?;
    if spec.sign.is_some() {
        return Err(Fault::value("Sign not allowed with integer format specifier 'c'"));
    }
    if spec.alternate {
        return Err(Fault::value("Alternate form (#) not allowed with integer format specifier 'c'"));
    }
    let code = value.to_i64().ok_or_else(|| Fault::overflow("Python int too large to convert to C long"))?;
    match u32::try_from(code) {
        Ok(code) if code < 0x11_0000 => Ok(code),
        _ => Err(Fault::overflow("%c arg not in range(0x110000)")),
    }
}

fn check_int_spec(spec: &FormatSpec) -> Result<(), Fault> {
    if spec.precision.is_some() {
        return Err(Fault::value("Precision not allowed in integer format specifier"));
    }
    if spec.no_negative_zero {
        return Err(Fault::value("Negative zero coercion (z) not allowed in integer format specifier"));
    }
    Ok(())
}

fn render_int(value: IntRef, spec: &FormatSpec, locale: &Separators, max_digits: usize) -> Result<String, Fault> {
    check_int_spec(spec)?;
    let kind = spec.kind.unwrap_or('d');
    if kind == 'c' {
        let code = char_operand(value, spec)?;
        let c = char::from_u32(code).ok_or_else(|| Fault::value("lone surrogate has no String form"))?;
        return Ok(place(spec, &c.to_string()));
    }
    let (radix, prefix) = match kind {
        'b' => (2, "0b"),
        'o' => (8, "0o"),
        'x' => (16, "0x"),
        'X' => (16, "0X"),
        _ => (10, ""),
    };
    let mut digits = value.digits(radix, max_digits)?;
    if kind == 'X' {
        digits.make_ascii_uppercase();
    }
    let sign = sign_text(spec.sign, value.is_negative());
    let lead = if spec.alternate { format!("{sign}{prefix}") } else { sign.to_owned() };
    let groups = match (kind, spec.grouping) {
        ('n', _) => *locale,
        ('b' | 'o' | 'x' | 'X', Some(_)) => Separators { grouping: &[4], ..Separators::of(spec.grouping) },
        _ => Separators::of(spec.grouping),
    };
    Ok(assemble(spec, &lead, &digits, "", &groups))
}

fn sign_text(sign: Option<char>, negative: bool) -> &'static str {
    match (negative, sign) {
        (true, _) => "-",
        (false, Some('+')) => "+",
        (false, Some(' ')) => " ",
        _ => "",
    }
}

/// Puts sign, grouped digits and the rest together and pads.
fn assemble(spec: &FormatSpec, lead: &str, digits: &str, rest: &str, groups: &Separators) -> String {
    let fixed = lead.chars().count() + rest.chars().count();
    let width = spec.width.unwrap_or(0);
    let zero_fill = spec.fill == '0' && spec.align == Align::AfterSign;
    let least = if zero_fill { width.saturating_sub(fixed) } else { 0 };
    let grouped = if digits.is_empty() && least == 0 { String::new() } else { group_digits(digits, least, groups) };
    if spec.align == Align::AfterSign {
        let length = fixed + grouped.chars().count();
        let mut out =
            text_with_room(width.saturating_sub(length) * spec.fill.len_utf8() + lead.len() + grouped.len() + rest.len());
        out.push_str(lead);
        out.extend(std::iter::repeat_n(spec.fill, width.saturating_sub(length)));
        out.push_str(&grouped);
        out.push_str(rest);
        return out;
    }
    place(spec, &format!("{lead}{grouped}{rest}"))
}

fn place(spec: &FormatSpec, text: &str) -> String {
    let layout = layout(spec, text.chars().count());
    let mut out = text_with_room(text.len() + (layout.left + layout.right) * layout.fill.len_utf8());
    out.extend(std::iter::repeat_n(layout.fill, layout.left));
    out.push_str(text);
    out.extend(std::iter::repeat_n(layout.fill, layout.right));
    out
}

/// Separators from the right, and leading zeros until the text is `least` characters wide. A text never starts with a
/// separator, so it may come out one wider.
fn group_digits(digits: &str, least: usize, groups: &Separators) -> String {
    let separator_width = groups.thousands.chars().count();
    let mut sizes = groups.grouping.iter();
    let mut size = usize::MAX;
    let mut next_size = || {
        match sizes.next() {
            Some(&127) => {
                sizes = [].iter();
                size = usize::MAX;
            }
            Some(0) | None => {}
            Some(&n) => size = n as usize,
        }
        size
    };
    let mut remaining = digits.len();
    let wanted = least;
    let mut least = least;
    let mut pieces: Vec<(usize, &str)> = Vec::new();
    loop {
        let want = next_size().min(remaining.max(least).max(1));
        let taken = want.min(remaining);
        pieces.put((want - taken, &digits[remaining - taken..remaining]));
        remaining -= taken;
        least = least.saturating_sub(want);
        if remaining == 0 && least == 0 {
            break;
        }
        least = least.saturating_sub(separator_width);
    }
    let mut out = text_with_room(digits.len().max(wanted) + pieces.len() * (1 + groups.thousands.len()));
    for (i, (zeros, piece)) in pieces.iter().rev().enumerate() {
        if i > 0 {
            out.push_str(groups.thousands);
        }
        out.extend(std::iter::repeat_n('0', *zeros));
        out.push_str(piece);
    }
    out
}

/// `format(float, spec)` for a specifier that is not empty (empty: `str(value)`).
pub fn format_f64(value: f64, spec: &str, type_name: &str, locale: &Separators) -> Result<String, Fault> {
    let spec = parse(spec, type_name, None, Align::Right)?;
    check_room(&spec)?;
    match spec.kind {
        None | Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n' | '%') => render_float(value, &spec, locale),
        _ => Err(unknown_code(&spec, type_name)),
    }
}

fn float_text(value: f64, spec: &FormatSpec, plain_default: bool) -> Result<String, Fault> {
    if spec.precision.is_some_and(|p| p > i32::MAX as usize) {
        return Err(Fault::value("precision too big"));
    }
    let style = FloatStyle {
        alternate: spec.alternate,
        no_negative_zero: spec.no_negative_zero,
        add_dot_zero: spec.kind.is_none() && !plain_default,
    };
    Ok(match (spec.kind, spec.precision) {
        (None, None) => format_float(value, 'r', 0, style),
        (None, Some(precision)) => format_float(value, 'g', precision, style),
        (Some(kind), precision) => format_float(value, kind, precision.unwrap_or(6), style),
    })
}

/// Splits a rendered float in sign, whole digits and the rest, with point and fraction separators as the specifier wants.
fn float_parts<'t>(text: &'t str, spec: &FormatSpec, locale: &Separators) -> (bool, &'t str, String) {
    let (negative, body) = match text.strip_prefix('-') {
        Some(body) => (true, body),
        None => (false, text),
    };
    let whole = body.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, tail) = body.split_at(whole);
    let mut rest = text_with_room(tail.len() + tail.len() / 3 + 1);
    let Some(tail) = tail.strip_prefix('.') else {
        return (negative, digits, tail.to_owned());
    };
    rest.push_str(if spec.kind == Some('n') { locale.decimal_point } else { "." });
    let fraction = tail.bytes().take_while(u8::is_ascii_digit).count();
    for (i, digit) in tail[..fraction].chars().enumerate() {
        if i > 0 && i % 3 == 0 {
            rest.extend(spec.fraction_grouping);
        }
        rest.push(digit);
    }
    rest.push_str(&tail[fraction..]);
    (negative, digits, rest)
}

fn float_groups<'a>(spec: &FormatSpec, locale: &Separators<'a>) -> Separators<'a> {
    if spec.kind == Some('n') { *locale } else { Separators::of(spec.grouping) }
}

fn render_float(value: f64, spec: &FormatSpec, locale: &Separators) -> Result<String, Fault> {
    let text = float_text(value, spec, false)?;
    let (negative, digits, rest) = float_parts(&text, spec, locale);
    let sign = sign_text(spec.sign, negative);
    if digits.is_empty() {
        // inf and nan take part in zero padding as they are.
        return Ok(assemble(spec, sign, "", &rest, &Separators::C));
    }
    Ok(assemble(spec, sign, digits, &rest, &float_groups(spec, locale)))
}

/// `format(complex, spec)` for a specifier that is not empty (empty: `str(value)`).
pub fn format_complex(real: f64, imag: f64, spec: &str, type_name: &str, locale: &Separators) -> Result<String, Fault> {
    let spec = parse(spec, type_name, None, Align::Right)?;
    check_room(&spec)?;
    if !matches!(spec.kind, None | Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n')) {
        return Err(unknown_code(&spec, type_name));
    }
    if spec.precision.is_some_and(|p| p > i32::MAX as usize) {
        return Err(Fault::value("precision too big"));
    }
    if spec.fill == '0' {
        return Err(Fault::value("Zero padding is not allowed in complex format specifier"));
    }
    if spec.align == Align::AfterSign {
        return Err(Fault::value("'=' alignment flag is not allowed in complex format specifier"));
    }
    let bare = FormatSpec { width: None, ..spec };
    let part = |value: f64, sign: Option<char>| -> Result<String, Fault> {
        let text = float_text(value, &bare, true)?;
        let (negative, digits, rest) = float_parts(&text, &bare, locale);
        let groups = if digits.is_empty() { Separators::C } else { float_groups(&bare, locale) };
        Ok(assemble(&bare, sign_text(sign, negative), digits, &rest, &groups))
    };
    let skip_real = spec.kind.is_none() && real == 0.0 && real.is_sign_positive();
    let text = if skip_real {
        format!("{}j", part(imag, spec.sign)?)
    } else {
        let (open, close) = if spec.kind.is_none() { ("(", ")") } else { ("", "") };
        format!("{open}{}{}j{close}", part(real, spec.sign)?, part(imag, Some('+'))?)
    };
    Ok(place(&spec, &text))
}

#[cfg(test)]
#[rustfmt::skip]
mod tests {
    use super::*;

    fn shown(result: Result<String, Fault>) -> String {
        result.unwrap_or_else(|fault| fault.text.into_owned())
    }

    #[test]
    fn ints() {
        for (value, spec, expected) in [
            (1, "10.5d", "Precision not allowed in integer format specifier"), (1, "s", "Unknown format code 's' for object of type 'int'"), (1, "zf", "1.000000"),
            (1, "+c", "Sign not allowed with integer format specifier 'c'"), (1, ",c", "Cannot specify ',' with 'c'."), (-1, "c", "%c arg not in range(0x110000)"), (1, ",x", "Cannot specify ',' with 'x'."),
            (1, "_,d", "Cannot specify both ',' and '_'."), (1, ",_d", "Cannot specify both ',' and '_'."), (1, ",,d", "Invalid format specifier ',,d' for object of type 'int'"), (1, "<<<", "Unknown format code '<' for object of type 'int'"),
            (1, "10.", "Format specifier missing precision"), (1, "99999999999999999999d", "Too many decimal digits in format string"), (1, ".,d", "1"), (1, "\n", "Unknown format code '\\xa' for object of type 'int'"),
            (1, "é", "Unknown format code '\\xe9' for object of type 'int'"), (3, "%", "300.000000%"), (3, "_b", "11"), (123456789, "_x", "75b_cd15"), (123456789, "_b", "111_0101_1011_1100_1101_0001_0101"),
            (1234, "010,d", "00,001,234"), (1234, "09,d", "0,001,234"), (1234, "08,d", "0,001,234"), (12, "06,d", "00,012"), (-1234, "=+010,d", "-0,001,234"), (255, "#x", "0xff"), (255, "#010X", "0X000000FF"),
            (-255, "#b", "-0b11111111"), (1, "==", "1"), (1, "+ d", "Invalid format specifier '+ d' for object of type 'int'"), (1, "*<010", "1*********"), (1, "0<10", "1000000000"), (1, "<010", "1000000000"),
            (5, " x", " 5"), (1, ",\u{80}", "Cannot specify ',' with '\\x80'."), (1, ".,n", "Cannot specify ',' with 'n'."), (0, "#x", "0x0"), (1, "", "1"), (97, "^5c", "  a  "), (1, "z", "Negative zero coercion (z) not allowed in integer format specifier"),
        ] {
            assert_eq!(shown(format_int(IntRef::Small(value), spec, "int", &Separators::C, 4300)), expected, "{value} {spec:?}");
        }
        let german = Separators { decimal_point: ",", thousands: ".", grouping: &[3, 3] };
        assert_eq!(shown(format_int(IntRef::Small(1234567), "n", "int", &german, 0)), "1.234.567");
        assert_eq!(shown(format_f64(1234567.5, "n", "float", &german)), "1,23457e+06");
        let huge = IBig::from(10).pow(400);
        assert_eq!(shown(format_int(IntRef::Big(&huge), "f", "int", &german, 0)), "int too large to convert to float");
        assert_eq!(shown(format_int(IntRef::Big(&huge), "c", "int", &german, 0)), "Python int too large to convert to C long");
        assert_eq!(shown(format_int(IntRef::Big(&-IBig::from(10).pow(20)), ",", "int", &german, 0)), "-100,000,000,000,000,000,000");
    }

    #[test]
    fn floats() {
        for (value, spec, expected) in [
            (1.5, "d", "Unknown format code 'd' for object of type 'float'"), (1.5, ",n", "Cannot specify ',' with 'n'."), (1.5, ".9999999999f", "precision too big"), (1.5, ".,f", "1.500,000"),
            (1234.56789, ",.3,f", "1,234.568"), (1234.56789, ".5_f", "1234.567_89"), (1234.5678912, "_.7_", "1_234.568"), (1.5, ".,", "1.5"), (1.5, ".3,_f", "Cannot specify both ',' and '_'."),
            (1.5, ".,3f", "Invalid format specifier '.,3f' for object of type 'float'"), (1234.5, "012,.2f", "0,001,234.50"), (1234.5, "011,.2f", "0,001,234.50"), (f64::NAN, "010", "0000000nan"),
            (f64::INFINITY, "010,", "0000000inf"), (f64::INFINITY, "F", "INF"), (1.0, ".3", "1.0"), (123.0, ".2", "1.2e+02"), (1e16, "", "1e+16"), (1e20, ",", "1e+20"), (-0.0, "z", "0.0"), (-0.001, "z.1f", "0.0"),
            (1234.5678, "030,.4,f", "0,000,000,000,000,001,234.567,8"), (1234.5678, ".6,e", "1.234,568e+03"), (12.3456789, ".3,%", "1234.568%"), (1.5, "*=+10.2f", "+*****1.50"), (1e20, "#", "1.e+20"), (1e5, "#.3", "1.00e+05"),
            (f64::NAN, "+", "+nan"), (1234567.891, "_.2f", "1_234_567.89"), (1.0, "\x01", "Unknown format code '\\x1' for object of type 'float'"), (100.0, "#", "100.0"), (f64::NEG_INFINITY, "=10", "-      inf"),
        ] {
            assert_eq!(shown(format_f64(value, spec, "float", &Separators::C)), expected, "{value} {spec:?}");
        }
    }

    #[test]
    fn complexes() {
        for (re, im, spec, expected) in [
            (0.0, 1.0, "010", "Zero padding is not allowed in complex format specifier"), (0.0, 1.0, "=20", "'=' alignment flag is not allowed in complex format specifier"), (0.0, 1.0, "%", "Unknown format code '%' for object of type 'complex'"),
            (1.0, 2.0, ".3f", "1.000+2.000j"), (1.0, 2.0, ">20.2e", "  1.00e+00+2.00e+00j"), (1e10, 2e10, ",.2f", "10,000,000,000.00+20,000,000,000.00j"), (0.0, 0.0, "+", "+0j"), (1.0, 1.0, "#", "(1.+1.j)"),
            (-1.5, 0.0, "", "(-1.5+0j)"), (1.0, 1.0, "+", "(+1+1j)"), (1.0, 1.0, "^30", "            (1+1j)            "), (1.0, 2.0, "n", "1+2j"), (f64::NEG_INFINITY, -f64::NAN, "", "(-inf+nanj)"), (-0.0, -0.0, "z.1f", "0.0+0.0j"),
        ] {
            assert_eq!(shown(format_complex(re, im, spec, "complex", &Separators::C)), expected, "{re} {im} {spec:?}");
        }
    }

    #[test]
    fn absurd_widths_are_memory_errors() {
        let spec = "9223372036854775807d";
        assert_eq!(format_int(IntRef::Small(1), spec, "int", &Separators::C, 0), Err(Fault::memory()));
    }

    #[test]
    fn strings() {
        let text = |spec: &str| format_str(spec, "str", 3);
        assert_eq!(text(".2"), Ok(Layout { left: 0, take: 2, right: 0, fill: ' ' }));
        assert_eq!(text("05"), Ok(Layout { left: 0, take: 3, right: 2, fill: '0' }));
        assert_eq!(text("\0^6"), Ok(Layout { left: 1, take: 3, right: 2, fill: '\0' }));
        for (spec, expected) in [
            ("d", "Unknown format code 'd' for object of type 'str'"), ("+", "Sign not allowed in string format specifier"), (" ", "Space not allowed in string format specifier"), ("=05", "'=' alignment not allowed in string format specifier"),
            ("#", "Alternate form (#) not allowed in string format specifier"), (",", "Cannot specify ',' with 's'."), ("z", "Negative zero coercion (z) not allowed in string format specifier"), (",d", "Unknown format code 'd' for object of type 'str'"),
        ] {
            assert_eq!(text(spec).unwrap_err().text, expected);
        }
    }
}
