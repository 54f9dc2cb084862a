//! WTF-8: UTF-8 that may hold lone surrogates, the way to carry any Python text in bytes. Must not know objects.

use crate::memory::{Grow, with_room};
use crate::text::{Text, TextBuf, TextBuilder};

/// Text as WTF-8. A surrogate is written as its own three bytes, also when it stands in a pair.
pub fn encode(text: Text) -> Vec<u8> {
    let mut out = with_room(text.len());
    for at in 0..text.len() {
        push(text.get(at).unwrap_or_default(), &mut out);
    }
    out
}

/// Appends one code point.
pub fn push(point: u32, out: &mut Vec<u8>) {
    match char::from_u32(point) {
        Some(c) => out.put_all(c.encode_utf8(&mut [0; 4]).as_bytes()),
        None => out.put_all(&[0xe0 | (point >> 12) as u8, 0x80 | ((point >> 6) & 63) as u8, 0x80 | (point & 63) as u8]),
    }
}

/// Text of WTF-8 bytes in the narrowest width; `None` if they are not WTF-8.
pub fn decode(data: &[u8]) -> Option<TextBuf> {
    let mut out = TextBuilder::new();
    let mut at = 0;
    while at < data.len() {
        match crate::codecs::decode_utf8(&data[at..], 0, true, &mut out) {
            Ok(_) => break,
            Err(error) => {
                at += error.start;
                match data[at..] {
                    [0xed, second @ 0xa0..=0xbf, third @ 0x80..=0xbf, ..] => {
                        out.push(0xd000 | ((second as u32 & 63) << 6) | (third as u32 & 63));
                        at += 3;
                    }
                    _ => return None,
                }
            }
        }
    }
    Some(out.finish())
}

/// Bytes per character of the narrowest array that holds code points up to `max_char`.
pub fn width_for(max_char: u32) -> usize {
    match max_char {
        0..=0xff => 1,
        0x100..=0xffff => 2,
        _ => 4,
    }
}

#[cfg(test)]
#[rustfmt::skip]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let points = [0x61, 0xd800, 0xe9, 0xdfff, 0x1f600];
        let bytes = encode(Text::Four(&points));
        assert_eq!(bytes, b"a\xed\xa0\x80\xc3\xa9\xed\xbf\xbf\xf0\x9f\x98\x80");
        let back = decode(&bytes).unwrap();
        assert_eq!((0..5).filter_map(|i| back.as_text().get(i)).collect::<Vec<_>>(), points);
        assert!(decode(b"\xff").is_none());
        assert_eq!(decode("hé".as_bytes()).unwrap().as_text().width(), 1);
    }
}
