//! Elements as they open: attributes with their values and defaults, names with their namespaces. Must not know: input, other tokens.

use crate::names::NameId;
use crate::parser::{
    ATTRIBUTE_EXTERNAL_ENTITY_REF, BAD_CHAR_REF, BINARY_ENTITY_REF, Binding, Code, DUPLICATE_ATTRIBUTE, ENTITY_DECLARED_IN_PE,
    Element, Event, INVALID_TOKEN, Parser, RECURSIVE_ENTITY_REF, RESERVED_NAMESPACE_URI, RESERVED_PREFIX_XML,
    RESERVED_PREFIX_XMLNS, UNBOUND_PREFIX, UNDECLARING_PREFIX, UNDEFINED_ENTITY, character_reference, collapse,
    is_reference_character, predefined, reference_end,
};
use base::memory::{Grow, GrowText};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

const XML_URI: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS_URI: &str = "http://www.w3.org/2000/xmlns/";

/// So many names are compared one by one.
const FEW: usize = 16;

/// An attribute as it is written: where its name and its value begin and end.
pub(crate) struct Written {
    pub key: usize,
    pub key_end: usize,
    pub value: usize,
    pub end: usize,
    /// The value has neither references nor white space but spaces.
    pub is_plain: bool,
}

#[derive(Debug)]
struct Attribute {
    name: NameId,
    value: Range<usize>,
}

/// An element as it opens.
#[derive(Debug)]
pub struct Tag {
    pub name: NameId,
    /// How many of the attributes were written down: they are the first ones.
    pub specified: usize,
    attributes: Vec<Attribute>,
    values: String,
}

impl Tag {
    fn new(name: NameId) -> Tag {
        Tag { name, specified: 0, attributes: Vec::new(), values: String::new() }
    }
    pub fn len(&self) -> usize {
        self.attributes.len()
    }
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty()
    }
    /// Names and values.
    pub fn attributes(&self) -> impl Iterator<Item = (NameId, &str)> {
        self.attributes.iter().map(|attribute| (attribute.name, &self.values[attribute.value.clone()]))
    }
    pub(crate) fn room(&self) -> usize {
        self.values.capacity() + self.attributes.capacity() * size_of::<Attribute>()
    }
    pub(crate) fn clear(&mut self) {
        self.attributes.clear();
        self.values.clear();
    }
    fn put(&mut self, name: NameId, value: &str) {
        let start = self.values.len();
        self.values.put_str(value);
        self.attributes.put(Attribute { name, value: start..self.values.len() });
    }
}

/// Whether an attribute has that name. The caller adds it if there is none; `seen` holds the names when they are more than a few.
fn is_among(attributes: &[Attribute], seen: &mut HashSet<NameId>, name: NameId) -> bool {
    if attributes.len() < FEW {
        return attributes.iter().any(|known| known.name == name);
    }
    if seen.is_empty() {
        seen.extend(attributes.iter().map(|known| known.name));
    }
    !seen.insert(name)
}

impl Parser {
    pub(crate) fn open_element(&mut self, raw: NameId, written: &[Written], length: usize, is_empty: bool) -> Result<(), Code> {
        let mut tag = self.spare_tag.take().unwrap_or_else(|| Box::new(Tag::new(raw)));
        tag.name = raw;
        let mut seen = HashSet::new();
        let declares = self.saw_doctype || self.external.is_some();
        let declared = declares.then(|| self.dtd().attributes.get(self.names.text(raw)).cloned()).flatten();
        let declared = declared.as_deref().map_or(&[][..], Vec::as_slice);
        let kinds: Option<HashMap<&str, bool>> = (declared.len().min(written.len()) > FEW)
            .then(|| declared.iter().rev().map(|attribute| (attribute.name.as_str(), attribute.is_cdata)).collect());
        for Written { key, key_end, value, end, is_plain } in written {
            let text = &self.frames[self.frames.len() - 1].text;
            let (name, raw) = (&text[*key..*key_end], &text[*value..*end]);
            let is_cdata = match &kinds {
                Some(kinds) => kinds.get(name).copied().unwrap_or(true),
                None => declared.iter().find(|attribute| attribute.name == *name).is_none_or(|found| found.is_cdata),
            };
            let name = self.names.id(name);
            if is_among(&tag.attributes, &mut seen, name) {
                return Err(self.fail_at(DUPLICATE_ATTRIBUTE, *key));
            }
            if *is_plain && is_cdata {
                tag.put(name, raw);
                continue;
            }
            let raw = base::memory::copied_text(raw);
            let mut normal = base::memory::text_with_room(raw.len());
            self.normalize(&raw, *value, &mut normal, &mut Vec::new())?;
            tag.put(name, &if is_cdata { normal } else { collapse(&normal) });
        }
        tag.specified = tag.len();
        for attribute in declared {
            if let Some(default) = &attribute.default {
                let name = self.names.id(&attribute.name);
                if !is_among(&tag.attributes, &mut seen, name) {
                    tag.put(name, default);
                }
            }
        }
        let mut element = Element { raw, name: raw, bound: 0 };
        if self.separator.is_some() {
            self.bind(&mut element, &mut tag)?;
        }
        tag.name = element.name;
        self.elements.put(element);
        self.push(Event::StartElement(tag), length);
        self.advance(length);
        if is_empty {
            if self.handlers.start_element {
                self.token_start += length;
            }
            self.close_element(0);
            self.after_element();
        }
        Ok(())
    }

    /// Replaces prefixes by their names, and leaves bindings out.
    fn bind(&mut self, element: &mut Element, tag: &mut Tag) -> Result<(), Code> {
        let (mut bindings, mut written_bindings, mut has_prefixes) = (0, 0, false);
        for (index, attribute) in tag.attributes.iter().enumerate() {
            if self.names.is_binding(attribute.name) {
                self.open_binding(attribute.name, &tag.values[attribute.value.clone()])?;
                element.bound += 1;
                bindings += 1;
                written_bindings += usize::from(index < tag.specified);
            } else {
                has_prefixes |= self.names.colon(attribute.name).is_some();
            }
        }
        element.name = self.qualified(element.raw, true)?;
        tag.specified -= written_bindings;
        if !has_prefixes {
            if bindings > 0 {
                tag.attributes.retain(|attribute| !self.names.is_binding(attribute.name));
            }
            return Ok(());
        }
        let (mut kept, mut seen) = (0, HashSet::new());
        for index in 0..tag.attributes.len() {
            let Attribute { name, value } = &tag.attributes[index];
            if self.names.is_binding(*name) {
                continue;
            }
            let made = Attribute { name: self.qualified(*name, false)?, value: value.clone() };
            if is_among(&tag.attributes[..kept], &mut seen, made.name) {
                return Err(self.fail(DUPLICATE_ATTRIBUTE));
            }
            tag.attributes[kept] = made;
            kept += 1;
        }
        tag.attributes.truncate(kept);
        Ok(())
    }
    /// `xmlns="..."` or `xmlns:prefix="..."`.
    fn open_binding(&mut self, name: NameId, value: &str) -> Result<(), Code> {
        let prefix = self.names.colon(name).map(|colon| self.names.shared(name)[colon + 1..].to_owned());
        let prefix = prefix.as_deref();
        let is_xml = prefix == Some("xml");
        if prefix == Some("xmlns") {
            return Err(self.fail(RESERVED_PREFIX_XMLNS));
        }
        if is_xml != (value == XML_URI) {
            return Err(self.fail(if is_xml { RESERVED_PREFIX_XML } else { RESERVED_NAMESPACE_URI }));
        }
        if value == XMLNS_URI {
            return Err(self.fail(RESERVED_NAMESPACE_URI));
        }
        if prefix.is_some() && value.is_empty() {
            return Err(self.fail(UNDECLARING_PREFIX));
        }
        let prefix = prefix.map(|prefix| self.names.id(prefix));
        let uri = (!value.is_empty()).then(|| self.names.id(value));
        self.push_silent(Event::StartNamespace { prefix, uri });
        self.add_binding(prefix, uri);
        Ok(())
    }
    pub(crate) fn add_binding(&mut self, prefix: Option<NameId>, uri: Option<NameId>) {
        self.bound_at.entry(prefix).or_default().push(self.bindings.len());
        self.last_stamp += 1;
        self.bindings.put(Binding { prefix, uri, stamp: self.last_stamp });
    }
    /// Ends the innermost binding, and gives its prefix.
    pub(crate) fn drop_binding(&mut self) -> Option<NameId> {
        let binding = self.bindings.pop()?;
        if let Some(places) = self.bound_at.get_mut(&binding.prefix) {
            places.pop();
        }
        binding.prefix
    }
    fn binding_of(&self, prefix: Option<NameId>) -> Option<&Binding> {
        if self.bindings.len() < FEW {
            return self.bindings.iter().rev().find(|binding| binding.prefix == prefix);
        }
        let place = self.bound_at.get(&prefix)?.last()?;
        self.bindings.get(*place)
    }
    fn qualified(&mut self, name: NameId, is_element: bool) -> Result<NameId, Code> {
        let colon = self.names.colon(name);
        if colon.is_none() && !is_element {
            return Ok(name);
        }
        let stamp = self.bindings.last().map_or(0, |binding| binding.stamp);
        if let Some(known) = self.names.qualified(name, stamp) {
            return Ok(known);
        }
        let text = self.names.shared(name);
        let (prefix, local) = match colon {
            Some(colon) => (Some(&text[..colon]), &text[colon + 1..]),
            None => (None, &text[..]),
        };
        let uri = if prefix == Some("xml") {
            Some(XML_URI.into())
        } else {
            let prefix = prefix.map(|prefix| self.names.id(prefix));
            match self.binding_of(prefix) {
                Some(binding) => binding.uri.map(|uri| self.names.shared(uri)),
                None if prefix.is_none() => None,
                None => return Err(self.fail(UNBOUND_PREFIX)),
            }
        };
        let separator = self.separator.as_deref().unwrap_or_default();
        let qualified = match (uri, prefix) {
            (None, _) => self.names.id(local),
            (Some(uri), prefix) => {
                let shown = prefix.filter(|_| self.namespace_prefixes());
                let (before, prefix) = shown.map_or(("", ""), |prefix| (separator, prefix));
                self.names.id(&base::memory::formatted(format_args!("{uri}{separator}{local}{before}{prefix}")))
            }
        };
        self.names.set_qualified(name, stamp, qualified);
        Ok(qualified)
    }

    /// The value of an attribute: references replaced, white space as spaces.
    pub(crate) fn normalize(&mut self, raw: &str, at: usize, out: &mut String, open: &mut Vec<String>) -> Result<(), Code> {
        let in_entity = !open.is_empty();
        let mut rest = raw;
        while let Some(character) = rest.chars().next() {
            let offset = at + raw.len() - rest.len();
            rest = &rest[character.len_utf8()..];
            match character {
                '\r' => {
                    out.push(' ');
                    if !in_entity && let Some(after) = rest.strip_prefix('\n') {
                        rest = after;
                    }
                }
                '\n' | '\t' => out.push(' '),
                '<' => return Err(self.fail_at(INVALID_TOKEN, offset)),
                '&' => {
                    let Some(end) = reference_end(rest) else {
                        let bad = rest.char_indices().find(|(index, next)| !is_reference_character(*next, *index, rest));
                        let bad = bad.map_or(rest.len(), |(index, _)| index);
                        return Err(self.fail_at(INVALID_TOKEN, offset + 1 + bad));
                    };
                    let name = &rest[..end];
                    rest = &rest[end + 1..];
                    if name.starts_with('#') {
                        match character_reference(name) {
                            Some(character) => out.push(character),
                            None => return Err(self.fail_at(BAD_CHAR_REF, offset)),
                        }
                    } else if let Some(character) = predefined(name) {
                        out.push(character);
                    } else {
                        self.normalize_entity(name, offset, out, open)?;
                    }
                }
                other => out.push(other),
            }
        }
        Ok(())
    }
    fn normalize_entity(&mut self, name: &str, offset: usize, out: &mut String, open: &mut Vec<String>) -> Result<(), Code> {
        let (entity, has_more, standalone) = {
            let dtd = self.dtd();
            (dtd.general.get(name).cloned(), dtd.has_parameter_references, dtd.standalone)
        };
        let Some(entity) = entity else {
            // What an unread part of the document type might declare is left out.
            return if !has_more || standalone { Err(self.fail(UNDEFINED_ENTITY)) } else { Ok(()) };
        };
        if (!has_more || standalone) && entity.is_external_declaration {
            return Err(self.fail(ENTITY_DECLARED_IN_PE));
        }
        if open.iter().any(|known| known == name) || open.len() > 200 {
            return Err(self.fail_at(RECURSIVE_ENTITY_REF, offset));
        }
        if entity.notation.is_some() {
            return Err(self.fail_at(BINARY_ENTITY_REF, offset));
        }
        let Some(text) = entity.text else { return Err(self.fail_at(ATTRIBUTE_EXTERNAL_ENTITY_REF, offset)) };
        self.count_expansion(text.len())?;
        open.push(name.to_owned());
        let result = self.normalize(&text, offset, out, open);
        open.pop();
        result
    }
}
