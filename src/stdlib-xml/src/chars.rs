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
    match text.chars().next() {
        Some(first) if is_name_start(first) => token_length(text),
        _ => 0,
    }
}

/// The length of the name token at the front (it may begin with any name character).
pub fn token_length(text: &str) -> usize {
    let plain = text.bytes().take_while(|byte| IS_PLAIN_NAME[usize::from(*byte)]).count();
    if text.as_bytes().get(plain).is_none_or(u8::is_ascii) {
        return plain;
    }
    let rest = &text[plain..];
    rest.char_indices().find(|(_, character)| !is_name(*character)).map_or(text.len(), |(end, _)| plain + end)
}

const IS_PLAIN_NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = matches!(byte as u8, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b':' | b'-' | b'.');
        byte += 1;
    }
    table
};

/// Where text has to be looked at: at markup and what may not be there. Of wide characters those may be such that begin with 0xEF.
pub const TEXT: u8 = 0;
/// The same, and at the ends of lines.
pub const LINE: u8 = 1;
pub const CDATA: u8 = 2;
pub const CDATA_LINE: u8 = 3;
/// Where the value of an attribute has to be looked at: at quotes, references and white space that becomes a space, too.
pub const VALUE: u8 = 4;

const fn stops(byte: u8, set: u8) -> bool {
    let is_control = (byte < b' ') & (byte != b'\t') & (byte != b'\n');
    let is_line = byte == b'\n';
    let is_markup = (byte == b'<') | (byte == b'&');
    let is_quote = (byte == b'"') | (byte == b'\'');
    is_control
        | (byte == 0xEF)
        | match set {
            TEXT => is_markup | (byte == b']'),
            LINE => is_markup | (byte == b']') | is_line,
            CDATA => byte == b']',
            CDATA_LINE => (byte == b']') | is_line,
            _ => is_markup | is_quote | is_line | (byte == b'\t'),
        }
}
const fn table(set: u8) -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = stops(byte as u8, set);
        byte += 1;
    }
    table
}
struct Stops<const SET: u8>;
impl<const SET: u8> Stops<SET> {
    const TABLE: [bool; 256] = table(SET);
}

/// So many bytes at the front are such that nothing is to be looked at.
#[inline]
pub fn dull_length<const SET: u8>(bytes: &[u8]) -> usize {
    const SHORT: usize = 24;
    let one_by_one = |bytes: &[u8]| bytes.iter().position(|byte| Stops::<SET>::TABLE[usize::from(*byte)]);
    let short = &bytes[..bytes.len().min(SHORT)];
    if let Some(end) = one_by_one(short) {
        return end;
    }
    let mut at = short.len();
    while let Some(piece) = bytes[at..].first_chunk::<32>()
        && !piece.iter().fold(false, |stop, byte| stop | stops(*byte, SET))
    {
        at += piece.len();
    }
    one_by_one(&bytes[at..]).map_or(bytes.len(), |end| at + end)
}

/// Whether the wide character that begins there with 0xEF is none that a document may hold.
pub fn is_no_character(bytes: &[u8]) -> bool {
    matches!(bytes, [0xEF, 0xBF, 0xBE | 0xBF, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths() {
        assert_eq!((name_length("a-1 "), name_length("1a"), token_length("1a>"), name_length("\u{e9}t\u{e9}=")), (3, 0, 2, 5));
        let long = "word \u{20ac} ".repeat(20);
        for (text, ends) in [("", [0, 0]), ("a\n<", [2, 1]), ("]", [0, 0]), ("\u{1}", [0, 0]), ("\u{ff10}", [0, 0])] {
            let whole = format!("{long}{text}");
            let lengths = [dull_length::<TEXT>(whole.as_bytes()), dull_length::<LINE>(whole.as_bytes())];
            assert_eq!(lengths, ends.map(|end| long.len() + end), "{text:?}");
            assert_eq!([dull_length::<TEXT>(text.as_bytes()), dull_length::<LINE>(text.as_bytes())], ends, "{text:?}");
        }
        assert_eq!((dull_length::<VALUE>(b"a>b\t"), dull_length::<CDATA>(b"a<&\n\r")), (3, 4));
        assert!(is_no_character("\u{ffff}".as_bytes()) && !is_no_character("\u{feff}".as_bytes()));
    }
}
