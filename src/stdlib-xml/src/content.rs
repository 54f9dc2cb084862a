//! What stands inside of elements: text, references, tags. Must not know: the document type, Python values.

use crate::chars::{self, dull_length, is_no_character, is_space, name_length};
use crate::dtd::Entity;
use crate::elements::Written;
use crate::input::Encoding;
use crate::parser::{
    AMPLIFICATION_LIMIT_BREACH, ASYNC_ENTITY, BAD_CHAR_REF, BINARY_ENTITY_REF, Code, Declaration, ENTITY_DECLARED_IN_PE, Element,
    Event, Found, Frame, INVALID_TOKEN, JUNK_AFTER_DOC_ELEMENT, NO_MEMORY, Parser, RECURSIVE_ENTITY_REF, State, TAG_MISMATCH,
    Text, Token, UNDEFINED_ENTITY, character_reference, is_reference_character, predefined, reference_end,
};

/// Bytes of text that expat converts at once.
const CONVERSION_BUFFER: usize = 1024;

impl Parser {
    pub(crate) fn content(&mut self) -> Result<Token, Code> {
        let is_whole = self.is_whole();
        let frame = self.top();
        let at = frame.at;
        let rest = &frame.text[at..];
        let bytes = rest.as_bytes();
        let Some(&first) = bytes.first() else { return Ok(Token::Incomplete) };
        match first {
            b'<' => match bytes.get(1) {
                None => Ok(Token::Incomplete),
                Some(b'/') => self.end_tag(),
                Some(b'?') => self.instruction(),
                Some(b'!') if rest.starts_with("<!--") => self.comment(),
                Some(b'!') if rest.starts_with("<![CDATA[") => {
                    self.push(Event::StartCdata, 9);
                    self.advance(9);
                    self.state = State::Cdata;
                    Ok(Token::Done)
                }
                Some(b'!') if "<!--".starts_with(rest) || "<![CDATA[".starts_with(rest) => Ok(Token::Incomplete),
                Some(b'!') => Err(self.fail_at(INVALID_TOKEN, at + 2)),
                Some(_) => self.start_tag(),
            },
            b'&' => self.reference(),
            b'\r' => match bytes.get(1) {
                Some(b'\n') => self.characters(Text::Character('\n'), 2),
                None if !is_whole => Ok(Token::Incomplete),
                _ => self.characters(Text::Character('\n'), 1),
            },
            b'\n' if !self.handlers.joins_text => self.characters(Text::Character('\n'), 1),
            b']' if "]]>".starts_with(rest) && rest.len() < 3 && !is_whole => Ok(Token::Incomplete),
            _ => {
                let joins = self.handlers.joins_text;
                let mut end = 0;
                loop {
                    end += run_length::<{ chars::TEXT }, { chars::LINE }>(&bytes[end..], joins);
                    match bytes.get(end) {
                        Some(b']') if rest[end..].starts_with("]]>") => {
                            if end == 0 {
                                return Err(self.fail_at(INVALID_TOKEN, at + 2));
                            }
                            break;
                        }
                        Some(b']') if !is_whole && "]]>".starts_with(&rest[end..]) => break,
                        Some(b']') => end += 1,
                        Some(0xEF) if !is_no_character(&bytes[end..]) => end += 3,
                        Some(0xEF | 0..b' ') if end == 0 => return Err(self.fail_at(INVALID_TOKEN, at)),
                        _ => break,
                    }
                }
                // Converted text comes in pieces.
                if end > CONVERSION_BUFFER && !joins && self.encoding != Some(Encoding::Utf8) {
                    end = (CONVERSION_BUFFER..end).find(|end| rest.is_char_boundary(*end)).unwrap_or(end);
                }
                self.characters(Text::Source, end)
            }
        }
    }
    fn characters(&mut self, text: Text, length: usize) -> Result<Token, Code> {
        if self.elements.is_empty() && self.external.is_none() {
            return Err(self.fail(JUNK_AFTER_DOC_ELEMENT));
        }
        self.push(Event::Characters(text), length);
        self.advance(length);
        Ok(Token::Done)
    }
    pub(crate) fn cdata(&mut self) -> Result<Token, Code> {
        let is_whole = self.is_whole();
        let frame = self.top();
        let at = frame.at;
        let rest = &frame.text[at..];
        let bytes = rest.as_bytes();
        if rest.starts_with("]]>") {
            self.push(Event::EndCdata, 3);
            self.advance(3);
            self.state = State::Content;
            return Ok(Token::Done);
        }
        let joins = self.handlers.joins_text;
        match bytes {
            [] => return Ok(Token::Incomplete),
            [b'\r', b'\n', ..] => return self.characters(Text::Character('\n'), 2),
            [b'\r'] if !is_whole => return Ok(Token::Incomplete),
            [b'\r', ..] => return self.characters(Text::Character('\n'), 1),
            [b'\n', ..] if !joins => return self.characters(Text::Character('\n'), 1),
            _ => {}
        }
        let mut end = 0;
        loop {
            end += run_length::<{ chars::CDATA }, { chars::CDATA_LINE }>(&bytes[end..], joins);
            match bytes.get(end) {
                Some(b']') if rest[end..].starts_with("]]>") || "]]>".starts_with(&rest[end..]) => break,
                Some(b']') => end += 1,
                Some(0xEF) if !is_no_character(&bytes[end..]) => end += 3,
                Some(0xEF | 0..b' ') if end == 0 => return Err(self.fail_at(INVALID_TOKEN, at)),
                _ => break,
            }
        }
        if end == 0 {
            return Ok(Token::Incomplete);
        }
        self.characters(Text::Source, end)
    }

    fn reference(&mut self) -> Result<Token, Code> {
        let frame = self.top();
        let at = frame.at;
        let rest = &frame.text[at + 1..];
        let Some(end) = reference_end(rest) else {
            if rest.is_empty() {
                return Ok(Token::Incomplete);
            }
            let bad = rest.char_indices().find(|(offset, character)| !is_reference_character(*character, *offset, rest));
            return match bad {
                Some((offset, _)) => Err(self.fail_at(INVALID_TOKEN, at + 1 + offset)),
                None => Ok(Token::Incomplete),
            };
        };
        let name = rest[..end].to_owned();
        let length = end + 2;
        if name.starts_with('#') {
            let Some(character) = character_reference(&name) else { return Err(self.fail(BAD_CHAR_REF)) };
            return self.characters(Text::Character(character), length);
        }
        if let Some(character) = predefined(&name) {
            return self.characters(Text::Character(character), length);
        }
        let (entity, has_more, standalone) = {
            let dtd = self.dtd();
            (dtd.general.get(&name).cloned(), dtd.has_parameter_references, dtd.standalone)
        };
        let Some(entity) = entity else {
            if !has_more || standalone {
                return Err(self.fail(UNDEFINED_ENTITY));
            }
            self.push(Event::SkippedEntity { name, is_parameter: false }, length);
            self.advance(length);
            return Ok(Token::Done);
        };
        if (!has_more || standalone) && entity.is_external_declaration {
            return Err(self.fail(ENTITY_DECLARED_IN_PE));
        }
        if self.frames.iter().any(|frame| frame.entity.as_ref().is_some_and(|(open, is_pe)| *open == name && !is_pe)) {
            return Err(self.fail(RECURSIVE_ENTITY_REF));
        }
        if entity.notation.is_some() {
            return Err(self.fail(BINARY_ENTITY_REF));
        }
        match entity.text {
            Some(_) if self.handlers.default_without_expansion => {
                self.push(Event::SkippedEntity { name, is_parameter: false }, length);
                self.advance(length);
            }
            Some(text) => {
                self.advance(length);
                self.open_entity(name, text, false)?;
            }
            None => {
                let context = self.open_context(&name);
                let Entity { base, system, public, .. } = entity;
                self.push_declaration(Declaration::ExternalEntityRef { context: Some(context), base, system, public }, length);
                self.advance(length);
            }
        }
        Ok(Token::Done)
    }
    /// Names of the open entities and the bindings of prefixes, in expat's notation.
    fn open_context(&self, name: &str) -> String {
        let mut parts: Vec<String> = Vec::new();
        for (index, binding) in self.bindings.iter().enumerate() {
            let is_hidden = self.bindings[index + 1..].iter().any(|later| later.prefix == binding.prefix);
            if let Some(uri) = binding.uri.filter(|_| !is_hidden) {
                let prefix = binding.prefix.map_or("", |prefix| self.names.text(prefix));
                parts.push(format!("{prefix}={}", self.names.text(uri)));
            }
        }
        for frame in &self.frames {
            if let Some((open, false)) = &frame.entity {
                parts.push(open.clone());
            }
        }
        parts.push(name.to_owned());
        parts.join("\u{c}")
    }
    pub(crate) fn open_entity(&mut self, name: String, text: String, is_parameter: bool) -> Result<(), Code> {
        self.count_expansion(text.len())?;
        base::memory::expect_room(text.len().saturating_mul(4));
        let depth = self.elements.len();
        if self.frames.len() == 1 {
            self.entity_start = self.token_start;
        }
        self.frames.push(Frame { text, at: 0, entity: Some((name, is_parameter)), depth });
        Ok(())
    }
    /// Bytes of memory that the document takes: the parser, text that is still to be read, open entities and elements.
    fn held(&self, more: usize) -> u64 {
        let texts: usize = self.frames.iter().map(|frame| frame.text.capacity() + size_of::<Frame>()).sum();
        let events = self.queue.len() * size_of::<Found>() + self.elements.len() * size_of::<Element>() + self.names.bytes();
        (size_of::<Parser>() + self.bytes.capacity() + texts + events + more) as u64
    }
    pub(crate) fn count_expansion(&mut self, length: usize) -> Result<(), Code> {
        let (held, read) = (self.held(length), self.document_bytes.max(1) as f64);
        if held > self.memory_activation && held as f64 / read > self.memory_amplification {
            return Err(self.fail(NO_MEMORY));
        }
        self.expanded_bytes += length as u64;
        let total = self.document_bytes + self.expanded_bytes;
        if total > self.activation && total as f64 / self.document_bytes.max(1) as f64 > self.amplification {
            return Err(self.fail(AMPLIFICATION_LIMIT_BREACH));
        }
        Ok(())
    }

    fn end_tag(&mut self) -> Result<Token, Code> {
        let frame = self.top();
        let start = frame.at + 2;
        let text = &frame.text;
        let name = name_length(&text[start..]);
        if name == 0 {
            return if text.len() == start { Ok(Token::Incomplete) } else { Err(self.fail_at(INVALID_TOKEN, start)) };
        }
        let spaces = text[start + name..].bytes().take_while(|byte| is_space(*byte)).count();
        let end = start + name + spaces;
        match text.as_bytes().get(end) {
            None => return Ok(Token::Incomplete),
            Some(b'>') => {}
            Some(_) => return Err(self.fail_at(INVALID_TOKEN, end)),
        }
        if self.elements.len() <= frame.depth {
            return Err(self.fail(ASYNC_ENTITY));
        }
        let is_open = |element: &Element| self.names.text(element.raw).as_bytes() == &text.as_bytes()[start..start + name];
        if !self.elements.last().is_some_and(is_open) {
            return Err(self.fail_at(TAG_MISMATCH, start));
        }
        let length = end + 1 - self.token_start;
        self.close_element(length);
        self.advance(length);
        self.after_element();
        Ok(Token::Done)
    }
    pub(crate) fn close_element(&mut self, length: usize) {
        let Some(element) = self.elements.pop() else { return };
        self.push(Event::EndElement(element.name), length);
        for _ in 0..element.bound {
            let prefix = self.drop_binding();
            self.push_silent(Event::EndNamespace(prefix));
        }
    }
    pub(crate) fn after_element(&mut self) {
        if self.elements.is_empty() && self.external.is_none() {
            self.state = State::Epilog;
        }
    }

    pub(crate) fn start_tag(&mut self) -> Result<Token, Code> {
        let mut written = std::mem::take(&mut self.written);
        written.clear();
        let token = match self.read_tag(&mut written) {
            Ok(Some((name_end, end, is_empty))) => {
                let frame = &self.frames[self.frames.len() - 1];
                let name = self.names.id(&frame.text[frame.at + 1..name_end]);
                self.open_element(name, &written, end - self.token_start, is_empty).map(|()| Token::Done)
            }
            Ok(None) => Ok(Token::Incomplete),
            Err((code, offset)) => Err(self.fail_at(code, offset)),
        };
        self.written = written;
        token
    }
    /// Where the name and the tag end, and whether it is one of an empty element; None if there is no end yet.
    fn read_tag(&self, written: &mut Vec<Written>) -> Result<Option<(usize, usize, bool)>, (Code, usize)> {
        let frame = self.top();
        let text = &frame.text;
        let start = frame.at + 1;
        let name_end = start + name_length(&text[start..]);
        if name_end == start {
            return if text.len() == start { Ok(None) } else { Err((INVALID_TOKEN, start)) };
        }
        let bytes = text.as_bytes();
        let spaces_at = |at: usize| bytes[at..].iter().take_while(|byte| is_space(**byte)).count();
        let mut at = name_end;
        let is_empty = loop {
            let spaces = spaces_at(at);
            at += spaces;
            match bytes.get(at) {
                None => return Ok(None),
                Some(b'>') => break false,
                Some(b'/') => match bytes.get(at + 1) {
                    None => return Ok(None),
                    Some(b'>') => break true,
                    Some(_) => return Err((INVALID_TOKEN, at + 1)),
                },
                Some(_) if spaces == 0 => return Err((INVALID_TOKEN, at)),
                Some(_) => {}
            }
            let key = at;
            at += name_length(&text[at..]);
            if at == key {
                return Err((INVALID_TOKEN, at));
            }
            let key_end = at;
            at += spaces_at(at);
            match bytes.get(at) {
                None => return Ok(None),
                Some(b'=') => at += 1,
                Some(_) => return Err((INVALID_TOKEN, at)),
            }
            at += spaces_at(at);
            let quote = match bytes.get(at) {
                None => return Ok(None),
                Some(quote @ (b'"' | b'\'')) => *quote,
                Some(_) => return Err((INVALID_TOKEN, at)),
            };
            at += 1;
            let (value, mut is_plain) = (at, true);
            loop {
                at += dull_length::<{ chars::VALUE }>(&bytes[at..]);
                match bytes.get(at) {
                    None => return Ok(None),
                    Some(end) if *end == quote => break,
                    Some(b'"' | b'\'') => at += 1,
                    Some(b'&' | b'\t' | b'\n' | b'\r') => {
                        is_plain = false;
                        at += 1;
                    }
                    Some(0xEF) if !is_no_character(&bytes[at..]) => at += 3,
                    Some(_) => return Err((INVALID_TOKEN, at)),
                }
            }
            base::memory::Grow::put(written, Written { key, key_end, value, end: at, is_plain });
            at += 1;
        };
        Ok(Some((name_end, at + 1 + usize::from(is_empty), is_empty)))
    }
}

/// So much text goes to handlers at once: all of it if they want it joined, or what is left of a line.
fn run_length<const JOINED: u8, const LINE: u8>(bytes: &[u8], joins: bool) -> usize {
    if joins { dull_length::<JOINED>(bytes) } else { dull_length::<LINE>(bytes) }
}
