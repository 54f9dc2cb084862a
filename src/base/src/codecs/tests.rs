//! Values and error ranges as the reference gives them.

use super::*;
use crate::text::{Text, TextBuilder};

fn points(out: &TextBuilder) -> Vec<u32> {
    (0..out.len()).filter_map(|i| out.as_text().get(i)).collect()
}

type Outcome = Result<Vec<u32>, (usize, usize, &'static str)>;

fn run(decode: impl FnOnce(&mut TextBuilder) -> Result<usize, CodecError>) -> Outcome {
    let mut out = TextBuilder::new();
    match decode(&mut out) {
        Ok(_) => Ok(points(&out)),
        Err(error) => Err((error.start, error.end, error.reason)),
    }
}

fn text(s: &str) -> Outcome {
    Ok(s.chars().map(|c| c as u32).collect())
}

#[test]
fn utf8_error_ranges() {
    const START: &str = "invalid start byte";
    const NEXT: &str = "invalid continuation byte";
    const END: &str = "unexpected end of data";
    for (data, expected) in [
        (&b"\x80"[..], (0, 1, START)), (b"\xc0\x80", (0, 1, START)), (b"\xc2", (0, 1, END)), (b"\xc2a", (0, 1, NEXT)), (b"\xe0\x80\x80", (0, 1, NEXT)), (b"\xe0\xa0", (0, 2, END)), (b"\xe0\xa0a", (0, 2, NEXT)),
        (b"\xed\xa0\x80", (0, 1, NEXT)), (b"\xf0\x90\x80", (0, 3, END)), (b"\xf4\x90\x80\x80", (0, 1, NEXT)), (b"\xf5", (0, 1, START)), (b"\xf0\x90\x80a", (0, 3, NEXT)), (b"\xed\xa0", (0, 1, NEXT)), (b"\xff", (0, 1, START)), (b"ab\xf4\x90", (2, 3, NEXT)),
    ] {
        assert_eq!(run(|out| decode_utf8(data, 0, true, out)), Err(expected), "{data:?}");
    }
    let mixed = "ascii then ä€😀 and a long ascii tail to switch back to the fast loop é";
    assert_eq!(run(|out| decode_utf8(mixed.as_bytes(), 0, true, out)), text(mixed));
    assert_eq!(decode_utf8(b"a\xe4\xb8", 0, false, &mut TextBuilder::new()), Ok(1));
}

#[test]
fn utf16_and_utf32() {
    use ByteOrder::*;
    for (data, order, expected) in [
        (&b"a"[..], Little, Err((0, 1, "truncated data"))), (b"\x00\xd8", Little, Err((0, 2, "unexpected end of data"))), (b"\x00\xd8a\x00", Little, Err((0, 2, "illegal UTF-16 surrogate"))),
        (b"\x00\xdca\x00", Little, Err((0, 2, "illegal encoding"))), (b"\x00\xd8\x00", Little, Err((0, 3, "unexpected end of data"))), (b"\xd8\x3d\xde\x00\x00a", Big, text("😀a")),
    ] {
        assert_eq!(run(|out| decode_utf16(data, 0, true, order, out)), expected, "{data:?}");
    }
    for (data, expected) in [
        (&b"a\0\0"[..], Err((0, 3, "truncated data"))), (b"\0\0\x11\0", Err((0, 4, "code point not in range(0x110000)"))), (b"\0\xd8\0\0", Err((0, 4, "code point in surrogate code point range(0xd800, 0xe000)"))), (b"a\0\0\0", text("a")),
    ] {
        assert_eq!(run(|out| decode_utf32(data, 0, true, Little, out)), expected, "{data:?}");
    }
    let mut out = Vec::new();
    assert_eq!(encode_utf16(Text::Two(&[0x61, 0xd800, 0x62]), 0, Little, &mut out), Err(CodecError::new(1, 2, "surrogates not allowed")));
    assert_eq!(encode_utf16(Text::Four(&[0x1f600]), 0, Big, &mut out), Ok(()));
    assert_eq!(out, b"a\0\xd8\x3d\xde\0");
}

#[test]
fn utf7_both_ways() {
    for (data, expected) in [
        (&b"+AGE-"[..], text("a")), (b"a+-b", text("a+b")), (b"+", text("")), (b"+AGE", text("a")), (b"+A", Err((0, 2, "unterminated shift sequence"))), (b"+2D3eAA-", text("😀")), (b"+2D0-", Ok(vec![0xd83d])),
        (b"+2D0", Err((0, 4, "unterminated shift sequence"))), (b"\xe9", Err((0, 1, "unexpected special character"))), (b"+\xe9", Err((0, 2, "ill-formed sequence"))), (b"+AGE\xe9", Err((4, 5, "unexpected special character"))),
        (b"+AGEx", Err((0, 5, "unterminated shift sequence"))), (b"+AGF-", Err((0, 5, "non-zero padding bits in shift sequence"))), (b"+//,+IKwgrCCs-", Err((0, 4, "partial character in shift sequence"))), (b"+AGE!", text("a!")),
        (b"+2D3cAA!", text("🐀!")), (b"+@", Err((0, 2, "ill-formed sequence"))), (b"+2AAAYQ-", Ok(vec![0xd800, 0x61])), (b"~\\", text("~\\")),
    ] {
        assert_eq!(run(|out| decode_utf7(data, 0, true, out)), expected, "{data:?}");
    }
    assert_eq!(decode_utf7(b"ab+AGE", 0, false, &mut TextBuilder::new()), Ok(2));
    for (s, expected) in [("a+b", "a+-b"), ("é", "+AOk-"), ("~", "+AH4-"), ("a€b", "a+IKw-b"), ("€-", "+IKw--"), ("€.", "+IKw."), ("😀", "+2D3eAA-"), ("€€x", "+IKwgrA-x"), ("\n!\"#", "\n!\"#"), (" é é", " +AOk +AOk-")] {
        let wide: Vec<u32> = s.chars().map(|c| c as u32).collect();
        let mut out = Vec::new();
        encode_utf7(Text::Four(&wide), &mut out);
        assert_eq!(out, expected.as_bytes());
    }
}

#[test]
fn escapes() {
    let decode = |data: &[u8]| run(|out| decode_unicode_escape(data, 0, true, out, &mut |name| (name == "LATIN SMALL LETTER A").then_some(97), &mut None));
    for (data, expected) in [
        (&br"\x"[..], Err((0, 2, "truncated \\xXX escape"))), (br"\x4g", Err((0, 3, "truncated \\xXX escape"))), (br"\u123g", Err((0, 5, "truncated \\uXXXX escape"))), (br"\U00110000", Err((0, 10, "illegal Unicode character"))),
        (br"\N", Err((0, 2, "malformed \\N character escape"))), (br"\N{", Err((0, 3, "malformed \\N character escape"))), (br"\N{foo}", Err((0, 7, "unknown Unicode character name"))), (br"\N{LATIN SMALL LETTER A}", text("a")), (br"\N{}", Err((0, 3, "malformed \\N character escape"))),
        (b"\\", Err((0, 1, "\\ at end of string"))), (br"\q\n\101\777\8", text("\\q\nA\u{1ff}\\8")), (b"\\\na", text("a")), (br"\xff\u20ac\U0001f600", text("ÿ€😀")), (b"\xe9", text("é")), (br"a\u12zz", Err((1, 5, "truncated \\uXXXX escape"))), (br"\N{x", Err((0, 4, "malformed \\N character escape"))), (br"\Nx", Err((0, 2, "malformed \\N character escape"))),
    ] {
        assert_eq!(decode(data), expected, "{data:?}");
    }
    let raw = |data: &[u8]| run(|out| decode_raw_unicode_escape(data, 0, true, out));
    assert_eq!(raw(br"\xff\u20ac\\u12"), text("\\xff€\\\\u12"));
    assert_eq!(raw(br"\U00110000"), Err((0, 10, "\\Uxxxxxxxx out of range")));
    assert_eq!(raw(b"\\"), text("\\"));
    let mut note = None;
    assert_eq!(decode_bytes_escape(br"\q\n\101\777\8", EscapeErrors::Strict, &mut note), Ok(b"\\q\nA\xff\\8".to_vec()));
    assert_eq!(note, Some(0));
    assert_eq!(decode_bytes_escape(br"a\xzz\x4", EscapeErrors::Replace, &mut note), Ok(b"a?zz?".to_vec()));
    assert_eq!(decode_bytes_escape(br"a\x4g", EscapeErrors::Strict, &mut note).unwrap_err().text, "invalid \\x escape at position 1");
    let mut out = Vec::new();
    encode_unicode_escape(Text::Four(&[0x61, 10, 0x5c, 9, 0xe9, 0x20ac, 0x1f600, 0x7f, 0x27]), &mut out);
    assert_eq!(out, b"a\\n\\\\\\t\\xe9\\u20ac\\U0001f600\\x7f'");
}

#[test]
fn encoders_and_handlers() {
    let mut out = Vec::new();
    assert_eq!(encode_ascii(Text::One(b"a\xe9\xe9 b"), 0, &mut out), Err(CodecError::new(1, 3, "ordinal not in range(128)")));
    assert_eq!(encode_latin1(Text::Two(&[0x61, 0x20ac, 0x20ac, 0x62]), 0, &mut out), Err(CodecError::new(1, 3, "ordinal not in range(256)")));
    let lone = [0x61, 0xd800, 0xdc00, 0x62];
    let error = encode_utf8(Text::Two(&lone), 0, &mut out).unwrap_err();
    assert_eq!(error, CodecError::new(1, 3, "surrogates not allowed"));
    assert_eq!(fix_encode(Handler::SurrogatePass, Text::Two(&lone), &error, WideCodec::Utf8), Some((EncodeFix::Bytes(b"\xed\xa0\x80\xed\xb0\x80".to_vec()), 3)));
    assert_eq!(fix_encode(Handler::BackslashReplace, Text::Two(&lone), &error, WideCodec::Utf8), Some((EncodeFix::Chars(b"\\ud800\\udc00".to_vec()), 3)));
    assert_eq!(fix_encode(Handler::SurrogateEscape, Text::Two(&lone), &error, WideCodec::Utf8), None);
    assert_eq!(fix_encode(Handler::SurrogateEscape, Text::Two(&[0xdc80, 0x20ac]), &CodecError::new(0, 2, ""), WideCodec::Other), Some((EncodeFix::Bytes(vec![0x80]), 1)));
    let mut text = TextBuilder::new();
    let error = decode_utf8(b"\xed\xa0\x80x", 0, true, &mut text).unwrap_err();
    assert_eq!(fix_decode(Handler::SurrogatePass, b"\xed\xa0\x80x", &error, WideCodec::Utf8, &mut text), Some(3));
    assert_eq!(fix_decode(Handler::SurrogateEscape, b"\xed\xa0\x80x", &error, WideCodec::Utf8, &mut text), Some(1));
    assert_eq!(points(&text), [0xd800, 0xdced]);
    let table = [0x41, UNDEFINED as u16, 0x20ac];
    assert_eq!(run(|out| decode_charmap(b"\x02\x01", 0, Text::Two(&table), out)), Err((1, 2, "character maps to <undefined>")));
    let map = EncodingMap::new(Text::Two(&table));
    assert_eq!(encode_charmap(Text::Two(&[0x20ac, 0x42, 0xfffe, 0x41]), 0, &map, &mut out), Err(CodecError::new(1, 3, "character maps to <undefined>")));
}
