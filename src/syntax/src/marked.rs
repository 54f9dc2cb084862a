//! Texts of trees that were made from `ast` objects: there is no source to look lone surrogates up in. Must not know: trees.

/// In marked text U+FFFD goes before a character of this private area, which stands for a lone surrogate, or before another U+FFFD.
const SURROGATES: u32 = 0xF0000;

/// Text of a tree that has no source: code points, lone surrogates among them, as UTF-8.
pub fn marked_text(points: impl Iterator<Item = u32>) -> String {
    let mut text = String::new();
    for point in points {
        match char::from_u32(point) {
            Some('\u{FFFD}') => text.push_str("\u{FFFD}\u{FFFD}"),
            Some(character) => text.push(character),
            None => {
                text.push('\u{FFFD}');
                text.extend(char::from_u32(SURROGATES + (point & 0x7FF)));
            }
        }
    }
    text
}

/// The code points of marked text.
pub fn unmarked_points(text: &str) -> Vec<u32> {
    let mut points = Vec::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        points.push(match (character, rest.clone().next().map(u32::from)) {
            ('\u{FFFD}', Some(mark)) if (SURROGATES..SURROGATES + 0x800).contains(&mark) => {
                rest.next();
                0xD800 + (mark - SURROGATES)
            }
            ('\u{FFFD}', Some(0xFFFD)) => {
                rest.next();
                0xFFFD
            }
            _ => u32::from(character),
        });
    }
    points
}

/// Marked text as `bytecode` and `unparse` hold texts: UTF-8, generalised to lone surrogates.
pub(crate) fn unmarked_bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for point in unmarked_points(text) {
        match char::from_u32(point) {
            Some(character) => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            None => bytes.extend([0xE0 | (point >> 12) as u8, 0x80 | (point >> 6 & 0x3F) as u8, 0x80 | (point & 0x3F) as u8]),
        }
    }
    bytes
}
