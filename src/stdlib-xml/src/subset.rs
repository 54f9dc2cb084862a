//! The document type: its declaration, the internal subset, external subsets and parameter entities. Must not know: Python values.

use crate::chars::{is_public_id, is_space, name_length, token_length};
use crate::dtd::{Attribute, Entity, Unreadable, read_model};
use crate::parser::{
    BAD_CHAR_REF, Code, Declaration, Event, INVALID_TOKEN, PARAM_ENTITY_REF, PUBLICID, Parser, RECURSIVE_ENTITY_REF, SYNTAX,
    State, TOO_DEEP, Token, UNDEFINED_ENTITY, character_reference, collapse, newlines, reference_end,
};

use std::sync::Arc;

const SPACES: [char; 4] = ['\t', '\n', '\r', ' '];

/// What the open document type declaration said.
pub struct Doctype {
    system: Option<String>,
    public: Option<String>,
}

/// A declaration that is being read.
struct Words<'a> {
    whole: &'a str,
    rest: &'a str,
    /// Where it begins in the text; None if it was put together.
    base: Option<usize>,
}

/// Where a declaration is wrong, as an offset in its text.
struct Wrong(usize, Code);

impl<'a> Words<'a> {
    fn new(text: &'a str) -> Words<'a> {
        Words { whole: text, rest: text, base: None }
    }
    fn wrong<T>(&self, code: Code) -> Result<T, Wrong> {
        Err(Wrong(self.whole.len() - self.rest.len(), code))
    }
    /// Where the next word begins in the text.
    fn offset(&self) -> Option<usize> {
        self.base.map(|base| base + self.whole.len() - self.rest.len())
    }
    /// White space; whether there was some.
    fn space(&mut self) -> bool {
        let trimmed = self.rest.trim_start_matches(SPACES);
        let had = trimmed.len() < self.rest.len();
        self.rest = trimmed;
        had
    }
    fn need_space(&mut self) -> Result<(), Wrong> {
        if self.space() { Ok(()) } else { self.wrong(SYNTAX) }
    }
    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }
    fn name(&mut self) -> Result<&'a str, Wrong> {
        match name_length(self.rest) {
            0 => self.wrong(SYNTAX),
            length => Ok(self.take(length)),
        }
    }
    fn token(&mut self) -> Result<&'a str, Wrong> {
        match token_length(self.rest) {
            0 => self.wrong(SYNTAX),
            length => Ok(self.take(length)),
        }
    }
    fn word(&mut self, word: &str) -> bool {
        match self.rest.strip_prefix(word) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
    fn is_literal(&self) -> bool {
        self.rest.starts_with(['"', '\''])
    }
    fn literal(&mut self) -> Result<&'a str, Wrong> {
        let Some(quote) = self.rest.chars().next().filter(|quote| "'\"".contains(*quote)) else { return self.wrong(SYNTAX) };
        match self.rest[1..].split_once(quote) {
            Some((value, rest)) => {
                self.rest = rest;
                Ok(value)
            }
            None => self.wrong(SYNTAX),
        }
    }
    fn public_id(&mut self) -> Result<String, Wrong> {
        let at = self.whole.len() - self.rest.len();
        let value = self.literal()?;
        if is_public_id(value) { Ok(collapse(&value.replace(['\n', '\r'], " "))) } else { Err(Wrong(at, PUBLICID)) }
    }
    /// `SYSTEM "..."` or `PUBLIC "..." "..."`; for notations the last part may be missing.
    fn external_id(&mut self, is_notation: bool) -> Result<Option<(Option<String>, Option<String>)>, Wrong> {
        if self.word("SYSTEM") {
            self.need_space()?;
            return Ok(Some((Some(self.literal()?.to_owned()), None)));
        }
        if self.word("PUBLIC") {
            self.need_space()?;
            let public = self.public_id()?;
            let had_space = self.space();
            if is_notation && !self.is_literal() {
                return Ok(Some((None, Some(public))));
            }
            if !had_space {
                return self.wrong(SYNTAX);
            }
            return Ok(Some((Some(self.literal()?.to_owned()), Some(public))));
        }
        Ok(None)
    }
    fn end(&mut self) -> Result<(), Wrong> {
        self.space();
        if self.rest.is_empty() { Ok(()) } else { self.wrong(SYNTAX) }
    }
}

/// Where the last word of a content model begins: its closing bracket with the quantifier, or a keyword.
fn last_word(text: &str) -> usize {
    let text = text.trim_end_matches(SPACES);
    match text.trim_end_matches(['?', '*', '+']).strip_suffix(')') {
        Some(rest) => rest.len(),
        None => text.rfind(SPACES).map_or(0, |space| space + 1),
    }
}
/// Where the last quoted text begins.
fn last_literal(text: &str) -> usize {
    let text = text.trim_end_matches(SPACES);
    match text.chars().next_back() {
        Some(quote @ ('"' | '\'')) => text[..text.len() - 1].rfind(quote).unwrap_or(0),
        _ => 0,
    }
}

/// The offset of the first of `ends` outside of quotes.
fn find_outside(text: &str, ends: &[u8]) -> Option<usize> {
    let mut quote = None;
    for (offset, byte) in text.bytes().enumerate() {
        match quote {
            Some(open) if open == byte => quote = None,
            Some(_) => {}
            None if ends.contains(&byte) => return Some(offset),
            None if byte == b'"' || byte == b'\'' => quote = Some(byte),
            None => {}
        }
    }
    None
}

impl Parser {
    /// `<!DOCTYPE name ... [` or `>`.
    pub(crate) fn doctype(&mut self) -> Result<Token, Code> {
        let frame = self.top();
        let start = frame.at + "<!DOCTYPE".len();
        let Some(end) = find_outside(&frame.text[start..], b"[>").map(|end| start + end) else { return Ok(Token::Incomplete) };
        let header = frame.text[start..end].to_owned();
        let has_internal = frame.text.as_bytes()[end] == b'[';
        let mut words = Words::new(&header);
        let read = (|| {
            words.need_space()?;
            let name = words.name()?.to_owned();
            let had_space = words.space();
            let id = if had_space { words.external_id(false)? } else { None };
            words.end()?;
            Ok((name, id.unwrap_or((None, None))))
        })();
        let (name, (system, public)) = match read {
            Ok(read) => read,
            Err(Wrong(offset, code)) => return Err(self.fail_at(code, start + offset)),
        };
        self.saw_doctype = true;
        let length = end + 1 - self.token_start;
        if system.is_some() {
            self.use_foreign_dtd = false;
            self.dtd().has_parameter_references = true;
        }
        let stands_alone = self.dtd().standalone;
        if system.is_some() && !stands_alone && self.parameter_entity_parsing == 0 {
            self.push_silent(Event::NotStandalone);
        }
        self.event_offset = Some(end);
        let (system_text, public_text) = (system.clone(), public.clone());
        let told = Declaration::StartDoctype { name, system: system_text, public: public_text, has_internal };
        self.push_declaration(told, length);
        self.event_offset = None;
        self.doctype = Some(Doctype { system, public });
        self.top_mut().at += length;
        if has_internal {
            self.state = State::Subset;
        } else {
            self.close_doctype(0);
        }
        Ok(Token::Done)
    }
    fn close_doctype(&mut self, length: usize) {
        let doctype = self.doctype.take();
        let (system, public) = doctype.map_or((None, None), |doctype| (doctype.system, doctype.public));
        let stands_alone = self.dtd().standalone;
        let reads_it = self.parameter_entity_parsing == 2 || (self.parameter_entity_parsing == 1 && !stands_alone);
        if (system.is_some() || self.use_foreign_dtd) && reads_it && self.handlers.external_entity {
            self.dtd().has_parameter_references = true;
            let base = self.base.clone();
            let told = Declaration::ExternalEntityRef { context: None, base, system, public };
            self.push_silent(Event::Declaration(Box::new(told)));
            if !stands_alone {
                self.push_silent(Event::NotStandalone);
            }
        }
        self.push(Event::EndDoctype, length);
        self.state = State::AfterSubset;
    }

    /// One step within a subset.
    pub(crate) fn subset(&mut self) -> Result<Token, Code> {
        let frame = self.top();
        let at = frame.at;
        let rest = &frame.text[at..];
        let Some(first) = rest.bytes().next() else { return Ok(Token::Incomplete) };
        let is_internal = self.external.is_none() && self.frames.len() == 1;
        match first {
            byte if is_space(byte) => {
                let length = rest.bytes().take_while(|byte| is_space(*byte)).count();
                self.push(Event::Default, length);
                self.top_mut().at += length;
                Ok(Token::Done)
            }
            b']' if is_internal => {
                let spaces = rest[1..].bytes().take_while(|byte| is_space(*byte)).count();
                match rest.as_bytes().get(1 + spaces) {
                    None => Ok(Token::Incomplete),
                    Some(b'>') => {
                        let length = 2 + spaces;
                        self.event_offset = Some(at + 1 + spaces);
                        self.close_doctype(length);
                        self.event_offset = None;
                        self.top_mut().at += length;
                        Ok(Token::Done)
                    }
                    Some(_) => Err(self.fail_at(SYNTAX, at + 1 + spaces)),
                }
            }
            b'%' => self.parameter_reference(),
            b'<' if rest.starts_with("<!--") => self.comment(),
            b'<' if rest.starts_with("<?") => self.instruction(),
            b'<' if rest.starts_with("<![") && !is_internal => self.conditional(),
            b'<' if rest.len() < 4 && ("<!--".starts_with(rest) || rest == "<!") => Ok(Token::Incomplete),
            b'<' if rest.starts_with("<!") => self.declaration_in_subset(is_internal),
            b'<' => Err(self.fail_at(INVALID_TOKEN, at + 1)),
            _ => Err(self.fail(SYNTAX)),
        }
    }

    fn parameter_reference(&mut self) -> Result<Token, Code> {
        let frame = self.top();
        let at = frame.at;
        let rest = &frame.text[at + 1..];
        let Some(end) = rest.find(';') else {
            let length = name_length(rest);
            return if length < rest.len() { Err(self.fail_at(INVALID_TOKEN, at + 1 + length)) } else { Ok(Token::Incomplete) };
        };
        if name_length(rest) != end || end == 0 {
            let bad = name_length(rest);
            return Err(self.fail_at(INVALID_TOKEN, at + 1 + bad));
        }
        let name = rest[..end].to_owned();
        let length = end + 2;
        let (entity, stands_alone) = {
            let mut dtd = self.dtd();
            dtd.has_parameter_references = true;
            (dtd.parameter.get(&name).cloned(), dtd.standalone)
        };
        if self.parameter_entity_parsing == 0 {
            let mut dtd = self.dtd();
            dtd.keeps_processing = stands_alone;
            drop(dtd);
            if !stands_alone {
                self.push_silent(Event::NotStandalone);
            }
            self.push(Event::Default, length);
            self.top_mut().at += length;
            return Ok(Token::Done);
        }
        let Some(entity) = entity else {
            if stands_alone {
                return Err(self.fail(UNDEFINED_ENTITY));
            }
            self.dtd().keeps_processing = false;
            self.push(Event::SkippedEntity { name, is_parameter: true }, length);
            self.top_mut().at += length;
            return Ok(Token::Done);
        };
        if self.frames.iter().any(|frame| frame.entity.as_ref().is_some_and(|(open, is_pe)| *open == name && *is_pe)) {
            return Err(self.fail(RECURSIVE_ENTITY_REF));
        }
        match entity.text {
            Some(text) => {
                self.top_mut().at += length;
                self.open_entity(name, text, true)?;
            }
            None => {
                let Entity { base, system, public, .. } = entity;
                self.push_declaration(Declaration::ExternalEntityRef { context: None, base, system, public }, length);
                self.top_mut().at += length;
            }
        }
        Ok(Token::Done)
    }

    /// `<![INCLUDE[ ... ]]>` and `<![IGNORE[ ... ]]>`.
    fn conditional(&mut self) -> Result<Token, Code> {
        let frame = self.top();
        let at = frame.at;
        let rest = frame.text[at..].to_owned();
        let Some(open) = rest[3..].find('[').map(|open| open + 3) else { return Ok(Token::Incomplete) };
        let word = self.expand_parameters(&rest[3..open])?;
        let mut depth = 1;
        let mut end = open + 1;
        while depth > 0 {
            let after = &rest[end..];
            match (after.find("<!["), after.find("]]>")) {
                (Some(opens), Some(closes)) if opens < closes => {
                    depth += 1;
                    end += opens + 3;
                }
                (_, Some(closes)) => {
                    depth -= 1;
                    end += closes + 3;
                }
                _ => return Ok(Token::Incomplete),
            }
        }
        match word.trim_matches(SPACES) {
            "INCLUDE" => {
                self.top_mut().at += end;
                let text = rest[open + 1..end - 3].to_owned();
                self.open_entity(String::new(), text, true)?;
            }
            "IGNORE" => {
                self.push(Event::Default, end);
                self.top_mut().at += end;
            }
            _ => return Err(self.fail_at(SYNTAX, at + 3)),
        }
        Ok(Token::Done)
    }

    /// Replaces references to parameter entities outside of quotes.
    fn expand_parameters(&mut self, text: &str) -> Result<String, Code> {
        let mut text = text.to_owned();
        let mut from = 0;
        for _ in 0..1000 {
            let Some(percent) = find_outside(&text[from..], b"%").map(|percent| from + percent) else { return Ok(text) };
            let after = &text[percent + 1..];
            let length = name_length(after);
            if length == 0 || after.as_bytes().get(length) != Some(&b';') {
                from = percent + 1;
                continue;
            }
            let found = self.dtd().parameter.get(&after[..length]).and_then(|entity| entity.text.clone());
            let Some(replacement) = found else { return Err(self.fail(UNDEFINED_ENTITY)) };
            self.count_expansion(replacement.len())?;
            text = format!("{} {replacement} {}", &text[..percent], &text[percent + length + 2..]);
        }
        Err(self.fail(RECURSIVE_ENTITY_REF))
    }

    fn declaration_in_subset(&mut self, is_internal: bool) -> Result<Token, Code> {
        let frame = self.top();
        let at = frame.at;
        let keyword = frame.text[at + 2..].bytes().take_while(|byte| byte.is_ascii_uppercase()).count();
        let start = at + 2 + keyword;
        let Some(end) = find_outside(&frame.text[start..], b">").map(|end| start + end) else {
            return Ok(Token::Incomplete);
        };
        if !frame.text.as_bytes().get(start).is_some_and(|byte| is_space(*byte)) {
            return Err(self.fail_at(INVALID_TOKEN, start));
        }
        let kind = frame.text[at + 2..start].to_owned();
        let body = frame.text[start..end].to_owned();
        let length = end + 1 - at;
        self.check_range(start, end)?;
        let (expanded, is_external) = if is_internal {
            // A percent sign that stands for a reference is not allowed here.
            if let Some(percent) = find_outside(&body, b"%")
                && name_length(&body[percent + 1..]) > 0
            {
                return Err(self.fail_at(PARAM_ENTITY_REF, start + percent));
            }
            (body, false)
        } else {
            // The percent sign of a declaration of a parameter entity is followed by white space.
            (self.expand_parameters(&body)?, true)
        };
        let mut words = Words::new(&expanded);
        words.base = (!is_external).then_some(start);
        let result = match kind.as_str() {
            "ENTITY" => self.entity_declaration(&mut words, is_external, length),
            "ELEMENT" => self.element_declaration(&mut words, length),
            "ATTLIST" => self.attribute_declarations(&mut words, length),
            "NOTATION" => self.notation_declaration(&mut words, length),
            _ => Err(Wrong(0, SYNTAX)),
        };
        self.event_offset = None;
        match result {
            Ok(()) => {
                self.top_mut().at += length;
                Ok(Token::Done)
            }
            Err(Wrong(offset, code)) => Err(self.fail_at(code, if is_external { at } else { start + offset })),
        }
    }

    fn element_declaration(&mut self, words: &mut Words, length: usize) -> Result<(), Wrong> {
        words.need_space()?;
        let name = words.name()?.to_owned();
        words.need_space()?;
        let model = match read_model(words.rest) {
            Ok(model) => model,
            Err(Unreadable::TooDeep) => return words.wrong(TOO_DEEP),
            Err(Unreadable::Malformed) => return words.wrong(SYNTAX),
        };
        self.event_offset = words.base.map(|base| base + last_word(words.whole));
        self.push_declaration(Declaration::Element { name, model }, length);
        Ok(())
    }

    fn notation_declaration(&mut self, words: &mut Words, length: usize) -> Result<(), Wrong> {
        words.need_space()?;
        let name = words.name()?.to_owned();
        words.need_space()?;
        let Some((system, public)) = words.external_id(true)? else { return words.wrong(SYNTAX) };
        words.end()?;
        let is_told_at_name = system.is_some();
        let place = if is_told_at_name { last_literal(words.whole) } else { words.whole.len() };
        self.event_offset = words.base.map(|base| base + place);
        let base = self.base.clone();
        self.push_declaration(Declaration::Notation { name, base, system, public }, length);
        Ok(())
    }

    fn attribute_declarations(&mut self, words: &mut Words, length: usize) -> Result<(), Wrong> {
        words.need_space()?;
        let element = words.name()?.to_owned();
        let mut events = Vec::new();
        loop {
            let had_space = words.space();
            if words.rest.is_empty() {
                break;
            }
            if !had_space {
                return words.wrong(SYNTAX);
            }
            let name = words.name()?.to_owned();
            words.need_space()?;
            let kind = if words.rest.starts_with('(') {
                enumeration(words)?
            } else {
                let word = words.name()?;
                match word {
                    "CDATA" | "ID" | "IDREF" | "IDREFS" | "ENTITY" | "ENTITIES" | "NMTOKEN" | "NMTOKENS" => word.to_owned(),
                    "NOTATION" => {
                        words.need_space()?;
                        format!("NOTATION{}", enumeration(words)?)
                    }
                    _ => return words.wrong(SYNTAX),
                }
            };
            words.need_space()?;
            let is_cdata = kind == "CDATA";
            let mut place = words.offset();
            let (default, required) = if words.word("#REQUIRED") {
                (None, true)
            } else if words.word("#IMPLIED") {
                (None, false)
            } else {
                let is_fixed = words.word("#FIXED");
                if is_fixed {
                    words.need_space()?;
                    place = words.offset();
                }
                let at = words.whole.len() - words.rest.len();
                let raw = words.literal()?;
                let mut value = String::new();
                self.normalize(raw, 0, &mut value, &mut Vec::new()).map_err(|code| Wrong(at, code))?;
                (Some(if is_cdata { value } else { collapse(&value) }), is_fixed)
            };
            let mut dtd = self.dtd();
            if dtd.keeps_processing {
                let known = Arc::make_mut(dtd.attributes.entry(element.clone()).or_default());
                if !known.iter().any(|attribute| attribute.name == name) {
                    known.push(Attribute { name: name.clone(), is_cdata, default: default.clone() });
                }
            }
            drop(dtd);
            let told = Declaration::Attlist { element: element.clone(), name, kind, default, required };
            events.push((place, Event::Declaration(Box::new(told))));
        }
        if events.is_empty() {
            self.push(Event::Default, length);
        }
        let last = events.len();
        for (index, (place, event)) in events.into_iter().enumerate() {
            self.event_offset = place;
            if index + 1 == last { self.push(event, length) } else { self.push_silent(event) }
        }
        Ok(())
    }

    fn entity_declaration(&mut self, words: &mut Words, is_external: bool, length: usize) -> Result<(), Wrong> {
        words.need_space()?;
        let is_parameter = words.word("%");
        if is_parameter {
            words.need_space()?;
        }
        let name = words.name()?.to_owned();
        words.need_space()?;
        let mut entity =
            Entity { text: None, base: None, system: None, public: None, notation: None, is_external_declaration: is_external };
        let mut place = words.offset();
        if words.is_literal() {
            let at = words.whole.len() - words.rest.len();
            let raw = words.literal()?;
            entity.text = Some(self.entity_value(raw, is_external, at, 0)?);
        } else {
            let Some((system, public)) = words.external_id(false)? else { return words.wrong(SYNTAX) };
            (entity.system, entity.public, entity.base) = (system, public, self.base.clone());
            if words.space() && words.word("NDATA") {
                if is_parameter {
                    return words.wrong(SYNTAX);
                }
                words.need_space()?;
                place = words.offset();
                entity.notation = Some(words.name()?.to_owned());
            } else {
                place = words.base.map(|base| base + words.whole.len());
            }
        }
        words.end()?;
        self.event_offset = place;
        let mut dtd = self.dtd();
        let keeps_processing = dtd.keeps_processing;
        let table = if is_parameter { &mut dtd.parameter } else { &mut dtd.general };
        let is_new = keeps_processing && !table.contains_key(&name);
        if is_new {
            table.insert(name.clone(), entity.clone());
        }
        drop(dtd);
        if is_new {
            let told = Declaration::Entity {
                name,
                is_parameter,
                value: entity.text,
                base: entity.base,
                system: entity.system,
                public: entity.public,
                notation: entity.notation,
            };
            self.push_declaration(told, length);
        } else {
            self.push(Event::Default, length);
        }
        Ok(())
    }
    /// The replacement text: references to characters and parameter entities are replaced, others stay.
    fn entity_value(&mut self, raw: &str, is_external: bool, at: usize, depth: usize) -> Result<String, Wrong> {
        let mut out = String::new();
        let text = newlines(raw);
        let mut rest = text.as_str();
        while let Some(position) = rest.find(['&', '%']) {
            out.push_str(&rest[..position]);
            let sign = rest.as_bytes()[position];
            let after = &rest[position + 1..];
            if sign == b'&' {
                let Some(end) = reference_end(after) else { return Err(Wrong(at, INVALID_TOKEN)) };
                if after.starts_with('#') {
                    match character_reference(&after[..end]) {
                        Some(character) => out.push(character),
                        None => return Err(Wrong(at, BAD_CHAR_REF)),
                    }
                } else {
                    out.push_str(&rest[position..position + end + 2]);
                }
                rest = &after[end + 1..];
            } else {
                let length = name_length(after);
                if length == 0 || after.as_bytes().get(length) != Some(&b';') {
                    return Err(Wrong(at, INVALID_TOKEN));
                }
                if !is_external {
                    return Err(Wrong(at, PARAM_ENTITY_REF));
                }
                if depth > 100 {
                    return Err(Wrong(at, RECURSIVE_ENTITY_REF));
                }
                let found = self.dtd().parameter.get(&after[..length]).and_then(|entity| entity.text.clone());
                let Some(found) = found else { return Err(Wrong(at, UNDEFINED_ENTITY)) };
                self.count_expansion(found.len()).map_err(|code| Wrong(at, code))?;
                out.push_str(&self.entity_value(&found, true, at, depth + 1)?);
                rest = &after[length + 1..];
            }
        }
        out.push_str(rest);
        Ok(out)
    }
}

/// `(a|b|c)` without white space.
fn enumeration(words: &mut Words) -> Result<String, Wrong> {
    if !words.word("(") {
        return words.wrong(SYNTAX);
    }
    let mut names = Vec::new();
    loop {
        words.space();
        names.push(words.token()?);
        words.space();
        if words.word(")") {
            return Ok(format!("({})", names.join("|")));
        }
        if !words.word("|") {
            return words.wrong(SYNTAX);
        }
    }
}
