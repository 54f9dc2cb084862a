//! The names of a document, each kept once under a number. Must not know: what they name.

use base::memory::{Grow, expect_room, out_of_memory};
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct NameId(u32);

impl NameId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

struct Name {
    text: Arc<str>,
    colon: Option<usize>,
    /// `xmlns` or `xmlns:prefix`.
    is_binding: bool,
    /// The name with its namespace, and the stamp of the bindings that gave it.
    qualified: (u64, NameId),
}

/// A stamp that no bindings have.
const NEVER: u64 = u64::MAX;
/// Names are mostly found where one of the same looks was found last: the table of all of them hashes so that documents cannot make it slow.
const RECENT: usize = 256;

pub struct Names {
    names: Vec<Name>,
    ids: HashMap<Arc<str>, NameId>,
    recent: Vec<u32>,
}

/// Mixes the length with the bytes at both ends.
fn look(text: &[u8]) -> usize {
    let word = match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        (Some(first), Some(last)) => u64::from_le_bytes(*first).rotate_left(5) ^ u64::from_le_bytes(*last),
        _ => text.iter().fold(0, |word, byte| (word << 8) | u64::from(*byte)),
    };
    ((word ^ text.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize % RECENT
}

impl Names {
    pub fn new() -> Names {
        Names { names: Vec::new(), ids: HashMap::new(), recent: vec![0; RECENT] }
    }
    #[inline]
    pub fn id(&mut self, text: &str) -> NameId {
        let place = look(text.as_bytes());
        let recent = self.recent[place];
        match self.names.get(recent as usize) {
            Some(name) if *name.text == *text => NameId(recent),
            _ => self.find(text, place),
        }
    }
    fn find(&mut self, text: &str, place: usize) -> NameId {
        if let Some(known) = self.ids.get(text) {
            self.recent[place] = known.0;
            return *known;
        }
        expect_room(text.len().saturating_mul(2));
        if self.ids.try_reserve(1).is_err() {
            out_of_memory();
        }
        let id = NameId(self.names.len() as u32);
        let text: Arc<str> = text.into();
        let is_binding = text.strip_prefix("xmlns").is_some_and(|rest| rest.is_empty() || rest.starts_with(':'));
        self.names.put(Name { text: text.clone(), colon: text.find(':'), is_binding, qualified: (NEVER, id) });
        self.ids.insert(text, id);
        self.recent[place] = id.0;
        id
    }
    pub fn text(&self, id: NameId) -> &str {
        &self.names[id.index()].text
    }
    pub fn shared(&self, id: NameId) -> Arc<str> {
        self.names[id.index()].text.clone()
    }
    pub fn colon(&self, id: NameId) -> Option<usize> {
        self.names[id.index()].colon
    }
    pub fn is_binding(&self, id: NameId) -> bool {
        self.names[id.index()].is_binding
    }
    /// The name with its namespace, if the bindings with that stamp gave it last.
    pub fn qualified(&self, id: NameId, stamp: u64) -> Option<NameId> {
        let (known, qualified) = self.names[id.index()].qualified;
        (known == stamp).then_some(qualified)
    }
    pub fn set_qualified(&mut self, id: NameId, stamp: u64, qualified: NameId) {
        self.names[id.index()].qualified = (stamp, qualified);
    }
    /// Namespaces are shown in another way from now on.
    pub fn forget_qualified(&mut self) {
        self.names.iter_mut().for_each(|name| name.qualified.0 = NEVER);
    }
    pub fn bytes(&self) -> usize {
        self.names.len() * (size_of::<Name>() + size_of::<(Arc<str>, NameId)>())
    }
}

impl Default for Names {
    fn default() -> Names {
        Names::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_each() {
        let mut names = Names::new();
        let ids: Vec<NameId> = (0..2000).map(|number| names.id(&format!("name{number}"))).collect();
        assert!((0..2000).all(|number| names.id(&format!("name{number}")) == ids[number]));
        let (bound, other) = (names.id("xmlns:a"), names.id("xmlnsa"));
        assert_eq!((names.is_binding(bound), names.colon(bound), names.text(bound)), (true, Some(5), "xmlns:a"));
        assert_eq!((names.is_binding(other), names.colon(other)), (false, None));
        assert_eq!(names.qualified(bound, 0), None);
        names.set_qualified(bound, 0, other);
        assert_eq!((names.qualified(bound, 0), names.qualified(bound, 1)), (Some(other), None));
    }
}
