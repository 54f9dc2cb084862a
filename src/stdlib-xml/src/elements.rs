//! Elements as they open: attributes with their values and defaults, names with their namespaces. Must not know: input, other tokens.

use crate::parser::{
    ATTRIBUTE_EXTERNAL_ENTITY_REF, BAD_CHAR_REF, BINARY_ENTITY_REF, Binding, Code, DUPLICATE_ATTRIBUTE, ENTITY_DECLARED_IN_PE,
    Element, Event, INVALID_TOKEN, Parser, RECURSIVE_ENTITY_REF, RESERVED_NAMESPACE_URI, RESERVED_PREFIX_XML,
    RESERVED_PREFIX_XMLNS, UNBOUND_PREFIX, UNDECLARING_PREFIX, UNDEFINED_ENTITY, character_reference, collapse,
    is_reference_character, predefined, reference_end,
};
use std::collections::{HashMap, HashSet};

const XML_URI: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS_URI: &str = "http://www.w3.org/2000/xmlns/";

/// So many names are compared one by one.
const FEW: usize = 16;

/// Whether an attribute has that name. The caller adds it if there is none; `seen` holds the names when they are more than a few.
fn is_among(attributes: &[(String, String)], seen: &mut HashSet<String>, name: &str) -> bool {
    if attributes.len() < FEW {
        return attributes.iter().any(|(known, _)| known == name);
    }
    if seen.is_empty() {
        seen.extend(attributes.iter().map(|(known, _)| known.clone()));
    }
    !seen.insert(name.to_owned())
}

impl Parser {
    pub(crate) fn open_element(
        &mut self,
        raw_name: String,
        places: &[(usize, usize, usize, usize)],
        length: usize,
        is_empty: bool,
    ) -> Result<(), Code> {
        let declared = self.dtd().attributes.get(&raw_name).cloned().unwrap_or_default();
        let mut attributes: Vec<(String, String)> = Vec::with_capacity(places.len());
        let mut seen = HashSet::new();
        let kinds: Option<HashMap<&str, bool>> = (declared.len().min(places.len()) > FEW)
            .then(|| declared.iter().rev().map(|attribute| (attribute.name.as_str(), attribute.is_cdata)).collect());
        for (key, key_end, value, end) in places {
            let text = &self.top().text;
            let (name, raw) = (text[*key..*key_end].to_owned(), text[*value..*end].to_owned());
            if is_among(&attributes, &mut seen, &name) {
                return Err(self.fail_at(DUPLICATE_ATTRIBUTE, *key));
            }
            let is_cdata = match &kinds {
                Some(kinds) => kinds.get(name.as_str()).copied().unwrap_or(true),
                None => declared.iter().find(|attribute| attribute.name == name).is_none_or(|found| found.is_cdata),
            };
            let mut normal = String::with_capacity(raw.len());
            self.normalize(&raw, *value, &mut normal, &mut Vec::new())?;
            attributes.push((name, if is_cdata { normal } else { collapse(&normal) }));
        }
        let mut specified = attributes.len();
        for attribute in &declared {
            if let Some(default) = &attribute.default
                && !is_among(&attributes, &mut seen, &attribute.name)
            {
                attributes.push((attribute.name.clone(), default.clone()));
            }
        }
        let mut element = Element { name: raw_name.clone(), raw: raw_name, bound: Vec::new() };
        if self.separator.is_some() {
            specified = self.bind(&mut element, &mut attributes, specified, places)?;
        }
        let name = element.name.clone();
        base::memory::Grow::put(&mut self.elements, element);
        self.push(Event::StartElement { name, attributes, specified }, length);
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

    /// Replaces prefixes by their names. Gives how many of the attributes left were written down.
    fn bind(
        &mut self,
        element: &mut Element,
        attributes: &mut Vec<(String, String)>,
        specified: usize,
        places: &[(usize, usize, usize, usize)],
    ) -> Result<usize, Code> {
        let (mut kept, mut kept_specified) = (Vec::new(), 0);
        for (index, (name, value)) in attributes.drain(..).enumerate() {
            let prefix = match name.strip_prefix("xmlns") {
                Some("") => None,
                Some(rest) if rest.starts_with(':') => Some(rest[1..].to_owned()),
                _ => {
                    kept_specified += (index < specified) as usize;
                    kept.push((index, name, value));
                    continue;
                }
            };
            let is_xml = prefix.as_deref() == Some("xml");
            if prefix.as_deref() == Some("xmlns") {
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
            let uri = (!value.is_empty()).then_some(value);
            self.push_silent(Event::StartNamespace { prefix: prefix.clone(), uri: uri.clone() });
            self.add_binding(prefix.clone(), uri);
            element.bound.push(prefix);
        }
        element.name = self.qualified(&element.raw, true)?;
        let mut seen = HashSet::new();
        for (index, name, value) in kept {
            let name = self.qualified(&name, false)?;
            if is_among(attributes, &mut seen, &name) {
                let place = places.get(index).map_or(self.token_start, |place| place.0);
                return Err(self.fail_at(DUPLICATE_ATTRIBUTE, place));
            }
            attributes.push((name, value));
        }
        Ok(kept_specified)
    }
    pub(crate) fn add_binding(&mut self, prefix: Option<String>, uri: Option<String>) {
        self.bound_at.entry(prefix.clone().unwrap_or_default()).or_default().push(self.bindings.len());
        self.bindings.push(Binding { prefix, uri });
    }
    pub(crate) fn drop_binding(&mut self) {
        if let Some(binding) = self.bindings.pop()
            && let Some(places) = self.bound_at.get_mut(binding.prefix.as_deref().unwrap_or_default())
        {
            places.pop();
        }
    }
    fn binding_of(&self, prefix: Option<&str>) -> Option<&Binding> {
        if self.bindings.len() < FEW {
            return self.bindings.iter().rev().find(|binding| binding.prefix.as_deref() == prefix);
        }
        let place = self.bound_at.get(prefix.unwrap_or_default())?.last()?;
        self.bindings.get(*place)
    }
    fn qualified(&mut self, name: &str, is_element: bool) -> Result<String, Code> {
        let separator = self.separator.clone().unwrap_or_default();
        let (prefix, local) = match name.split_once(':') {
            Some((prefix, local)) => (Some(prefix), local),
            None if is_element => (None, name),
            None => return Ok(name.to_owned()),
        };
        let uri = if prefix == Some("xml") {
            Some(XML_URI.to_owned())
        } else {
            let found = self.binding_of(prefix);
            match (found, prefix) {
                (Some(binding), _) => binding.uri.clone(),
                (None, None) => None,
                (None, Some(_)) => return Err(self.fail(UNBOUND_PREFIX)),
            }
        };
        Ok(match (uri, prefix) {
            (None, _) => local.to_owned(),
            (Some(uri), Some(prefix)) if self.namespace_prefixes => format!("{uri}{separator}{local}{separator}{prefix}"),
            (Some(uri), _) => format!("{uri}{separator}{local}"),
        })
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
