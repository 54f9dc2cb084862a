//! A few telling cases; `oracle` compares at random with a CPython.

use super::*;

mod oracle;

fn wide(text: &str) -> Vec<u32> {
    text.chars().map(u32::from).collect()
}

#[test]
fn builder_widens_and_reports() {
    let mut builder = TextBuilder::new();
    builder.push_str("abc");
    assert_eq!(builder.max_char(), 0x7F);
    builder.push(0xE9);
    assert_eq!((builder.max_char(), builder.as_text().width()), (0xFF, 1));
    builder.push_str("\u{3b1}");
    builder.push(0x1F600);
    let text = builder.finish();
    assert_eq!((text.max_char(), text.as_text().width(), text.len()), (0x10_FFFF, 4, 6));
    assert!(text.as_text().eq_str("abc\u{e9}\u{3b1}\u{1F600}"));
}

#[test]
fn widths_mix() {
    let haystack = wide("na\u{ef}ve \u{1F600}");
    let text = Text::Four(&haystack);
    assert_eq!(find(text, Text::One(b"\xefve")), Some(2));
    assert_eq!(find(Text::One(b"abc"), Text::Two(&[0x3b1])), None);
    assert_eq!(text.slice(0..5), Text::One(b"na\xefve"));
    assert!(Text::One(b"b") > Text::Two(&[0x61, 0x3b1]));
    let narrowed = replace(text, Text::Four(&[0x1F600]), Text::One(b"!"), usize::MAX).unwrap().unwrap();
    assert_eq!(narrowed.as_text().width(), 1);
}

#[test]
fn hard_needles_take_linear_time() {
    let haystack = vec![u16::from(b'a'); 200_000];
    let mut needle = vec![u16::from(b'a'); 50_000];
    needle[25_000] = u16::from(b'b');
    assert_eq!((find_units(&haystack, &needle), rfind_units(&haystack, &needle)), (None, None));
    let mut haystack = haystack;
    haystack[125_000] = u16::from(b'b');
    assert_eq!((find_units(&haystack, &needle), rfind_units(&haystack, &needle)), (Some(100_000), Some(100_000)));
}

#[test]
fn ranges_clip() {
    assert_eq!(clip(None, None, 3), Some(0..3));
    assert_eq!(clip(Some(-2), Some(isize::MAX), 3), Some(1..3));
    assert_eq!(clip(Some(isize::MIN), Some(-1), 3), Some(0..2));
    assert_eq!(clip(Some(4), None, 3), None);
    assert_eq!(clip(Some(3), None, 3), Some(3..3));
}

#[test]
fn too_long_is_an_error() {
    assert_eq!(pad(Text::One(b"a"), usize::MAX, 1, 0x20), Err(crate::Fault::overflow("padded string is too long")));
    assert_eq!(repeat(Text::One(b"ab"), isize::MAX as usize / 2), Err(crate::Fault::memory()));
    assert!(expand_tabs(b"a\tb", isize::MAX, "result too long").is_err());
}

#[test]
fn two_way_equals_the_plain_search() {
    use super::two_way::{Backward, Forward, TwoWay};
    let mut state = 7u64;
    let mut random = |limit: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % limit
    };
    for _ in 0..20_000 {
        let letters = 1 + random(3);
        let haystack: Vec<u32> = (0..random(60)).map(|_| random(letters) as u32).collect();
        let needle: Vec<u32> = (0..=random(9)).map(|_| random(letters) as u32).collect();
        let plain = haystack.windows(needle.len()).position(|window| window == needle);
        let (h, n) = (Forward(haystack.as_slice()), Forward(needle.as_slice()));
        assert_eq!(TwoWay::new(&n).find(&h, &n, 0), plain, "{haystack:?} {needle:?}");
        let plain = haystack.windows(needle.len()).rposition(|window| window == needle);
        let (h, n) = (Backward(haystack.as_slice()), Backward(needle.as_slice()));
        let found = TwoWay::new(&n).find(&h, &n, 0).map(|i| haystack.len() - needle.len() - i);
        assert_eq!(found, plain, "{haystack:?} {needle:?}");
    }
}
