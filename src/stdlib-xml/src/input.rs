//! Bytes of a document as text: finding out the encoding, decoding piece by piece. Must not know: markup.

#[derive(Clone, PartialEq, Debug)]
pub enum Encoding {
    Utf8,
    Utf16 {
        big: bool,
    },
    Latin1,
    Ascii,
    /// Code points of the 256 bytes; -1 where there is none.
    Table(Box<[i32; 256]>),
}

impl Encoding {
    /// Encodings that need no table.
    pub fn by_name(name: &str) -> Option<Encoding> {
        Some(match name.to_ascii_uppercase().as_str() {
            "UTF-8" => Encoding::Utf8,
            "UTF-16" | "UTF-16LE" => Encoding::Utf16 { big: false },
            "UTF-16BE" => Encoding::Utf16 { big: true },
            "ISO-8859-1" => Encoding::Latin1,
            "US-ASCII" => Encoding::Ascii,
            _ => return None,
        })
    }
    /// How many bytes a character took in the document.
    pub fn width(&self, character: char) -> usize {
        match self {
            Encoding::Utf8 => character.len_utf8(),
            Encoding::Utf16 { .. } => character.len_utf16() * 2,
            _ => 1,
        }
    }
}

pub enum Fault {
    /// A byte sequence that the encoding does not know.
    Invalid,
    /// The document ends in the middle of a character.
    Partial,
}

/// Adds what is valid at the front to `text`, and gives the rest.
pub fn take_utf8<'a>(bytes: &'a [u8], text: &mut String) -> &'a [u8] {
    let (valid, rest) = match std::str::from_utf8(bytes) {
        Ok(valid) => (valid, &[][..]),
        Err(error) => {
            let (front, rest) = bytes.split_at(error.valid_up_to());
            (std::str::from_utf8(front).unwrap_or(""), rest)
        }
    };
    text.push_str(valid);
    rest
}

/// Decodes the front of `bytes` into `text`, removing what was used. A fault stays until it is reached in the text.
pub fn decode(encoding: &Encoding, bytes: &mut Vec<u8>, text: &mut String, is_final: bool) -> Option<Fault> {
    match encoding {
        Encoding::Utf8 => {
            let rest = take_utf8(bytes, text).len();
            bytes.drain(..bytes.len() - rest);
            match std::str::from_utf8(bytes) {
                Err(error) if error.error_len().is_some() => Some(Fault::Invalid),
                Err(_) if is_final => Some(Fault::Partial),
                _ => None,
            }
        }
        Encoding::Utf16 { big } => {
            let unit =
                |pair: &[u8]| if *big { u16::from_be_bytes([pair[0], pair[1]]) } else { u16::from_le_bytes([pair[0], pair[1]]) };
            let mut used = 0;
            let mut fault = None;
            while bytes.len() - used >= 2 {
                let first = unit(&bytes[used..]);
                if (0xD800..0xDC00).contains(&first) {
                    if bytes.len() - used < 4 {
                        break;
                    }
                    let second = unit(&bytes[used + 2..]);
                    match char::decode_utf16([first, second]).next() {
                        Some(Ok(character)) if (0xDC00..0xE000).contains(&second) => text.push(character),
                        _ => {
                            fault = Some(Fault::Invalid);
                            break;
                        }
                    }
                    used += 4;
                } else {
                    match char::from_u32(first as u32) {
                        Some(character) => text.push(character),
                        None => {
                            fault = Some(Fault::Invalid);
                            break;
                        }
                    }
                    used += 2;
                }
            }
            bytes.drain(..used);
            fault.or_else(|| (is_final && !bytes.is_empty()).then_some(Fault::Partial))
        }
        single => {
            let mut used = 0;
            for byte in bytes.iter() {
                let character = match single {
                    Encoding::Latin1 => Some(*byte as char),
                    Encoding::Ascii => byte.is_ascii().then_some(*byte as char),
                    Encoding::Table(table) => u32::try_from(table[*byte as usize]).ok().and_then(char::from_u32),
                    _ => None,
                };
                let Some(character) = character else { break };
                text.push(character);
                used += 1;
            }
            bytes.drain(..used);
            (!bytes.is_empty()).then_some(Fault::Invalid)
        }
    }
}
