//! What a document type declares: entities, attributes, content models. Must not know: input, events' receivers.

use std::collections::HashMap;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub struct Entity {
    /// Replacement text; None for external entities.
    pub text: Option<String>,
    pub base: Option<String>,
    pub system: Option<String>,
    pub public: Option<String>,
    pub notation: Option<String>,
    /// Declared outside of the internal subset.
    pub is_external_declaration: bool,
}

#[derive(Clone, Debug)]
pub struct Attribute {
    pub name: String,
    pub is_cdata: bool,
    pub default: Option<String>,
}

#[derive(Default, Clone, Debug)]
pub struct Dtd {
    pub general: HashMap<String, Entity>,
    pub parameter: HashMap<String, Entity>,
    pub attributes: HashMap<String, Arc<Vec<Attribute>>>,
    pub has_parameter_references: bool,
    pub standalone: bool,
    /// Declarations are still to be taken into account.
    pub keeps_processing: bool,
}

/// A content model: kind, quantifier, name, parts (the numbers of module `pyexpat.model`).
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub kind: i64,
    pub quantifier: i64,
    pub name: Option<String>,
    pub parts: Vec<Model>,
}

pub const EMPTY: i64 = 1;
pub const ANY: i64 = 2;
pub const MIXED: i64 = 3;
pub const NAME: i64 = 4;
pub const CHOICE: i64 = 5;
pub const SEQUENCE: i64 = 6;

const DEEPEST_MODEL: usize = 500;

pub enum Unreadable {
    Malformed,
    TooDeep,
}

/// Reads a content model.
pub fn read_model(text: &str) -> Result<Model, Unreadable> {
    let mut depth = 0;
    for byte in text.bytes() {
        depth += (byte == b'(') as usize;
        depth -= (byte == b')' && depth > 0) as usize;
        if depth > DEEPEST_MODEL {
            return Err(Unreadable::TooDeep);
        }
    }
    read(text).ok_or(Unreadable::Malformed)
}

fn read(text: &str) -> Option<Model> {
    let text = text.trim_matches(['\t', '\n', '\r', ' ']);
    let plain = |kind| Some(Model { kind, quantifier: 0, name: None, parts: Vec::new() });
    match text {
        "EMPTY" => return plain(EMPTY),
        "ANY" => return plain(ANY),
        _ => {}
    }
    let mut rest = text;
    let model = group(&mut rest, 0)?;
    rest.is_empty().then_some(model)
}

fn skip(rest: &mut &str) {
    *rest = rest.trim_start_matches(['\t', '\n', '\r', ' ']);
}
fn quantifier(rest: &mut &str) -> i64 {
    let number = match rest.as_bytes().first() {
        Some(b'?') => 1,
        Some(b'*') => 2,
        Some(b'+') => 3,
        _ => return 0,
    };
    *rest = &rest[1..];
    number
}
fn group(rest: &mut &str, depth: usize) -> Option<Model> {
    if depth > DEEPEST_MODEL {
        return None;
    }
    *rest = rest.strip_prefix('(')?;
    skip(rest);
    let mut model = Model { kind: SEQUENCE, quantifier: 0, name: None, parts: Vec::new() };
    if let Some(after) = rest.strip_prefix("#PCDATA") {
        model.kind = MIXED;
        *rest = after;
        skip(rest);
        while let Some(after) = rest.strip_prefix('|') {
            *rest = after;
            skip(rest);
            let length = crate::chars::name_length(rest);
            if length == 0 {
                return None;
            }
            let name = Some(rest[..length].to_owned());
            model.parts.push(Model { kind: NAME, quantifier: 0, name, parts: Vec::new() });
            *rest = &rest[length..];
            skip(rest);
        }
        *rest = rest.strip_prefix(')')?;
        match rest.strip_prefix('*') {
            Some(after) => {
                *rest = after;
                model.quantifier = 2;
            }
            None if !model.parts.is_empty() => return None,
            None => {}
        }
        return Some(model);
    }
    let mut separator = None;
    loop {
        skip(rest);
        if rest.starts_with('(') {
            model.parts.push(group(rest, depth + 1)?);
        } else {
            let length = crate::chars::name_length(rest);
            if length == 0 {
                return None;
            }
            let name = Some(rest[..length].to_owned());
            *rest = &rest[length..];
            let quantifier = quantifier(rest);
            model.parts.push(Model { kind: NAME, quantifier, name, parts: Vec::new() });
        }
        skip(rest);
        let next = *rest.as_bytes().first()?;
        *rest = &rest[1..];
        match next {
            b')' => break,
            b'|' | b',' if separator.is_none_or(|known| known == next) => separator = Some(next),
            _ => return None,
        }
    }
    if separator == Some(b'|') {
        model.kind = CHOICE;
    }
    model.quantifier = quantifier(rest);
    Some(model)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models() {
        let model = read("(a, (b|c)*, d?)+").expect("well-formed");
        assert_eq!((model.kind, model.quantifier, model.parts.len()), (SEQUENCE, 3, 3));
        assert_eq!((model.parts[1].kind, model.parts[1].quantifier), (CHOICE, 2));
        assert_eq!(read("(#PCDATA|x)*").map(|model| (model.kind, model.parts.len())), Some((MIXED, 1)));
        assert!(read("(a,b|c)").is_none());
        assert!(read("(#PCDATA|x)").is_none());
    }
}
