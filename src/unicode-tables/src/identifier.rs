//! Identifiers as PEP 3131 has them.

use crate::database::Version;
use crate::normalize::{Form, QuickCheck, normalize, quick_check};
use crate::types::{is_xid_continue, is_xid_start};

/// `str.isidentifier()`.
pub fn is_identifier(text: impl IntoIterator<Item = u32>) -> bool {
    let mut text = text.into_iter();
    text.next().is_some_and(|first| first == u32::from(b'_') || is_xid_start(first)) && text.all(is_xid_continue)
}

/// The NFKC form under which an identifier is known; None if it is already in it.
pub fn normalize_identifier(text: &[u32]) -> Option<Vec<u32>> {
    if quick_check(Form::Nfkc, text.iter().copied()) == QuickCheck::Yes {
        return None;
    }
    normalize(Form::Nfkc, text, Version::Current).filter(|normalized| normalized != text)
}
