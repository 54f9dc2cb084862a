//! Text signatures as Argument Clinic writes them: `($self, x, /, *, key=None)`. Parsing, and the receiver prefix.

use syn::{Error, LitStr, Result};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    PositionalOnly,
    PositionalOrKeyword,
    VarPositional,
    KeywordOnly,
    VarKeyword,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    pub name: String,
    pub kind: Kind,
    /// Source text of the default.
    pub default: Option<String>,
}

/// Whether optional parameters stand in brackets, as in `(sub[, start[, end]], /)`. Such a text is shown as it is written.
pub fn has_brackets(text: &str) -> bool {
    text.contains("[, ")
}

/// The parameters of a text signature, without the `$receiver`.
pub fn parse(text: &LitStr) -> Result<Vec<Param>> {
    let fail = |message: &str| Error::new(text.span(), message);
    let value = text.value();
    let inner = value
        .trim()
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
        .ok_or_else(|| fail("a signature is written in parentheses"))?;
    let mut without_brackets = String::new();
    if has_brackets(inner) {
        let mut pieces = inner.split("[, ");
        without_brackets.extend(pieces.next());
        for piece in pieces {
            let name: String = piece.chars().take_while(|c| !"],".contains(*c)).collect();
            without_brackets += &format!(", {name}=<unrepresentable>{}", piece[name.len()..].replace(']', ""));
        }
    }
    let inner = if without_brackets.is_empty() { inner } else { &without_brackets };
    let mut params: Vec<Param> = Vec::new();
    let mut keyword_only = false;
    for part in split(inner) {
        let part = part.trim();
        if part.is_empty() || part.starts_with('$') {
            continue;
        }
        if part == "/" {
            if keyword_only {
                return Err(fail("`/` after `*`"));
            }
            for param in &mut params {
                param.kind = Kind::PositionalOnly;
            }
        } else if part == "*" {
            keyword_only = true;
        } else if let Some(name) = part.strip_prefix("**") {
            params.push(Param { name: name.to_owned(), kind: Kind::VarKeyword, default: None });
        } else if let Some(name) = part.strip_prefix('*') {
            params.push(Param { name: name.to_owned(), kind: Kind::VarPositional, default: None });
            keyword_only = true;
        } else {
            let (name, default) = match part.split_once('=') {
                Some((name, default)) => (name.trim(), Some(default.trim().to_owned())),
                None => (part, None),
            };
            if name.is_empty() || !name.chars().all(|c| c == '_' || c.is_alphanumeric()) {
                return Err(fail(&format!("`{name}` is not a parameter name")));
            }
            let kind = if keyword_only { Kind::KeywordOnly } else { Kind::PositionalOrKeyword };
            params.push(Param { name: name.to_owned(), kind, default });
        }
    }
    Ok(params)
}

/// Splits at commas that are outside brackets and quotes.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0i32, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            (None, ',') if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// The text of parameters as Clinic would write it, with the receiver (`$self`, `$module`, `$type` or none) in front.
pub fn render(params: &[Param], receiver: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    if !receiver.is_empty() {
        parts.push(receiver.to_owned());
    }
    let positional_only = params.iter().filter(|param| param.kind == Kind::PositionalOnly).count();
    if positional_only == 0 && !receiver.is_empty() {
        parts.push("/".to_owned());
    }
    let mut star = false;
    for (index, param) in params.iter().enumerate() {
        if param.kind == Kind::KeywordOnly && !star {
            parts.push("*".to_owned());
            star = true;
        }
        let prefix = match param.kind {
            Kind::VarPositional => {
                star = true;
                "*"
            }
            Kind::VarKeyword => "**",
            _ => "",
        };
        parts.push(match &param.default {
            Some(default) => format!("{prefix}{}={default}", param.name),
            None => format!("{prefix}{}", param.name),
        });
        if index + 1 == positional_only {
            parts.push("/".to_owned());
        }
    }
    format!("({})", parts.join(", "))
}

/// A Rust expression for a default, for a parameter whose Rust type is written `rust_type`; None if Rust cannot write it down.
pub fn default_literal(default: &str, rust_type: &str) -> Option<String> {
    let value = rust_type == "Value";
    let number = default.trim_start_matches('-');
    let is_int = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let is_float = !is_int && default.parse::<f64>().is_ok() && number.starts_with(|c: char| c.is_ascii_digit());
    let quoted = default.len() >= 2
        && (default.starts_with('\'') && default.ends_with('\'') || default.starts_with('"') && default.ends_with('"'));
    let text = || default[1..default.len() - 1].replace('"', "\\\"");
    Some(match default {
        "True" | "False" => {
            let rust = default.to_ascii_lowercase();
            if value {
                format!("__rt::Value::bool({rust})")
            } else if rust_type == "bool" {
                rust
            } else {
                return None;
            }
        }
        "None" if value => "__rt::Value::none()".to_owned(),
        _ if is_int && value => format!("__rt::Value::small({default})"),
        _ if is_int && rust_type == "f64" => format!("{default}f64"),
        _ if is_int && rust_type == "bool" => format!("{}", default != "0"),
        _ if is_int && matches!(rust_type, "i32" | "i64" | "isize" | "usize" | "u8" | "u16" | "u32" | "u64" | "i8" | "i16") => {
            default.to_owned()
        }
        _ if is_float && value => format!("__rt::Value::float({default})"),
        _ if is_float && rust_type == "f64" => default.to_owned(),
        _ if quoted && rust_type == "& str" => format!("\"{}\"", text()),
        _ if quoted && value => format!("::objects::new_str(\"{}\")", text()),
        _ => return None,
    })
}
