//! Which characters XML allows where. Must not know: the parser.

pub fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

pub fn is_name_start(character: char) -> bool {
    match character {
        'a'..='z' | 'A'..='Z' | '_' | ':' => true,
        character if (character as u32) < 0x80 => false,
        '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' => true,
        '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' => true,
        '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}' => true,
        _ => false,
    }
}

pub fn is_name(character: char) -> bool {
    match character {
        '0'..='9' | '-' | '.' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}' => true,
        other => is_name_start(other),
    }
}

/// Characters that a document may hold at all.
pub fn is_allowed(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => true,
        character => character >= ' ' && !matches!(character, '\u{FFFE}' | '\u{FFFF}'),
    }
}

pub fn is_public_id(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" \r\n-'()+,./:=?;!*#@$_%".contains(&byte))
}

/// The length of the name at the front, 0 if there is none.
pub fn name_length(text: &str) -> usize {
    let mut characters = text.char_indices();
    match characters.next() {
        Some((_, first)) if is_name_start(first) => {}
        _ => return 0,
    }
    characters.find(|(_, character)| !is_name(*character)).map_or(text.len(), |(end, _)| end)
}

/// The length of the name token at the front (it may begin with any name character).
pub fn token_length(text: &str) -> usize {
    text.char_indices().find(|(_, character)| !is_name(*character)).map_or(text.len(), |(end, _)| end)
}
