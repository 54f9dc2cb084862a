//! Random comparison with a CPython: `CPYTHON=python3.14 cargo test -p base text::tests::oracle -- --ignored`

use std::ops::Range;
use std::process::Command;

use super::*;
use crate::with_units;

#[test]
#[ignore = "needs a CPython 3.14 in $CPYTHON"]
fn random_strings_equal_cpython() {
    let cpython = std::env::var("CPYTHON").expect("CPYTHON names an interpreter");
    let seed = std::env::var("SEED").unwrap_or("1".into());
    let output = Command::new(cpython).args(["-c", include_str!("oracle.py"), &seed, "4000"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (mut lines, mut different) = (0, 0);
    for line in str::from_utf8(&output.stdout).unwrap().lines() {
        let fields: Vec<&str> = line.split('|').collect();
        let (expected, arguments) = fields[1..].split_last().unwrap();
        let actual = answer(fields[0], arguments);
        lines += 1;
        if actual != *expected {
            different += 1;
            println!("{line}\n  ours: {actual}");
        }
    }
    println!("{lines} lines, {different} different");
    assert!(lines > 100_000 && different == 0);
}

fn code_points(field: &str) -> Vec<u32> {
    field.split(',').filter(|c| !c.is_empty()).map(|c| u32::from_str_radix(c, 16).unwrap()).collect()
}

fn shown(text: Text<'_>) -> String {
    text.code_points().map(|c| format!("{c:x}")).collect::<Vec<_>>().join(",")
}

fn position(found: Option<usize>) -> String {
    found.map_or("-1".into(), |at| at.to_string())
}

fn pieces(text: Text<'_>, ranges: &[Range<usize>]) -> String {
    ranges.iter().map(|range| shown(text.slice(range.clone()))).collect::<Vec<_>>().join(";")
}

fn flags(answers: &[bool]) -> String {
    answers.iter().map(|&answer| if answer { "1" } else { "0" }).collect::<Vec<_>>().join(";")
}

fn answer(operation: &str, arguments: &[&str]) -> String {
    let kept: Vec<TextBuf> = arguments.iter().map(|a| TextBuf::from_units(&numbers_or_text(a))).collect();
    let texts: Vec<Text<'_>> = kept.iter().map(TextBuf::as_text).collect();
    match operation.split_at(1) {
        ("s", name) => str_answer(name, arguments, &texts),
        (_, name) => bytes_answer(name, arguments, &texts),
    }
}

fn numbers_or_text(field: &str) -> Vec<u32> {
    if field.contains(['-', ';']) { Vec::new() } else { code_points(field) }
}

fn int(field: &str) -> isize {
    field.parse().unwrap()
}

fn cut(text: Text<'_>, found: Option<(Range<usize>, Range<usize>)>, separator: Text<'_>, whole_first: bool) -> String {
    match found {
        Some((before, after)) => [shown(text.slice(before)), shown(separator), shown(text.slice(after))].join(";"),
        None if whole_first => shown(text) + ";;",
        None => ";;".to_owned() + &shown(text),
    }
}

fn str_answer(name: &str, arguments: &[&str], texts: &[Text<'_>]) -> String {
    let text = texts[0];
    let number = |i: usize| int(arguments[i]);
    let or_same = |changed: Option<TextBuf>| changed.map_or_else(|| shown(text), |changed| checked(&changed));
    match name {
        "find" => position(find(text, texts[1])),
        "rfind" => position(rfind(text, texts[1])),
        "count" => count(text, texts[1]).to_string(),
        "starts" => flags(&[starts_with(text, texts[1])]),
        "ends" => flags(&[ends_with(text, texts[1])]),
        "replace" => or_same(replace(text, texts[1], texts[2], split_limit(number(3))).unwrap()),
        "wsplit" => {
            with_units!(text, u => pieces(text, &split_whitespace(u, split_limit(number(1)), is_space)))
        }
        "wrsplit" => {
            with_units!(text, u => pieces(text, &rsplit_whitespace(u, split_limit(number(1)), is_space)))
        }
        "lines" => {
            with_units!(text, u => pieces(text, &split_lines(u, number(1) == 1, is_line_break)))
        }
        "split" => pieces(text, &split(text, texts[1], split_limit(number(2)))),
        "rsplit" => pieces(text, &rsplit(text, texts[1], split_limit(number(2)))),
        "partition" => cut(text, partition(text, texts[1]), texts[1], true),
        "rpartition" => cut(text, rpartition(text, texts[1]), texts[1], false),
        "strip" => with_units!(text, u => shown(text.slice(strip(u, Sides::Both, is_space)))),
        "lstrip" => with_units!(text, u => shown(text.slice(strip(u, Sides::Left, is_space)))),
        "rstrip" => with_units!(text, u => shown(text.slice(strip(u, Sides::Right, is_space)))),
        "strips" => shown(text.slice(strip_chars(text, Sides::Both, texts[1]))),
        "tabs" => or_same(expand_tabs_text(text, number(1)).unwrap()),
        "zfill" => or_same(zero_fill_text(text, number(1).max(0) as usize).unwrap()),
        "center" => {
            let (left, right) = center_margins(text.len(), number(1).max(0) as usize);
            checked(&pad(text, left, right, texts[2].get(0).unwrap()).unwrap())
        }
        "upper" => checked(&TextBuf::from_units(&upper_points(text))),
        "lower" => checked(&TextBuf::from_units(&lower_points(text))),
        "title" => checked(&title(text)),
        "capitalize" => checked(&capitalize(text)),
        "swapcase" => checked(&swapcase(text)),
        "fold" => checked(&TextBuf::from_units(&casefold_points(text))),
        "is" => flags(&[
            is_alpha(text),
            is_alnum(text),
            is_digit(text),
            is_all_space(text),
            is_lower(text),
            is_upper(text),
            is_title(text),
        ]),
        "is2" => flags(&[is_decimal(text), is_numeric(text), is_printable(text), is_identifier(text), text.is_ascii()]),
        "repr" => checked(&str_repr(text)),
        "ascii" => checked(&ascii_escaped(str_repr(text).as_text())),
        "join" => {
            let parts: Vec<TextBuf> = arguments[1].split(';').map(|p| TextBuf::from_units(&code_points(p))).collect();
            checked(&join(text, &parts.iter().map(TextBuf::as_text).collect::<Vec<_>>()).unwrap())
        }
        "repeat" => checked(&repeat(text, number(1) as usize).unwrap()),
        "compare" => (text.cmp(&texts[1]) as isize).to_string(),
        "step" => checked(&stepped(text, number(1) as usize, number(2), number(3) as usize)),
        _ => panic!("{name}"),
    }
}

/// Also that the width is the narrowest.
fn checked(text: &TextBuf) -> String {
    let greatest = text.as_text().code_points().max().unwrap_or(0);
    let class = [0x7F, 0xFF, 0xFFFF, 0x10_FFFF].into_iter().find(|&class| greatest <= class).unwrap();
    let width = [1, 1, 2, 4][[0x7F, 0xFF, 0xFFFF, 0x10_FFFF].iter().position(|&c| c == class).unwrap()];
    assert_eq!((text.max_char(), text.as_text().width()), (class, width));
    shown(text.as_text())
}

fn bytes_answer(name: &str, arguments: &[&str], texts: &[Text<'_>]) -> String {
    fn bytes(text: Text<'_>) -> &[u8] {
        if let Text::One(bytes) = text { bytes } else { panic!("bytes are narrow") }
    }
    const LONG: &str = "too long";
    let all = bytes(texts[0]);
    let second = || bytes(texts[1]);
    let number = |i: usize| int(arguments[i]);
    let owned = |changed: Vec<u8>| shown(Text::One(&changed));
    let or_same = |changed: Option<Vec<u8>>| owned(changed.unwrap_or(all.to_vec()));
    match name {
        "find" => position(find_units(all, second())),
        "rfind" => position(rfind_units(all, second())),
        "count" => count_units(all, second(), usize::MAX).to_string(),
        "replace" => or_same(replace_units(all, second(), bytes(texts[2]), split_limit(number(3)), LONG).unwrap()),
        "wsplit" => pieces(texts[0], &split_whitespace(all, split_limit(number(1)), is_byte_space)),
        "wrsplit" => pieces(texts[0], &rsplit_whitespace(all, split_limit(number(1)), is_byte_space)),
        "lines" => pieces(texts[0], &split_lines(all, number(1) == 1, is_byte_line_break)),
        "split" => pieces(texts[0], &split_on(all, second(), split_limit(number(2)))),
        "rsplit" => pieces(texts[0], &rsplit_on(all, second(), split_limit(number(2)))),
        "strip" => shown(texts[0].slice(strip(all, Sides::Both, is_byte_space))),
        "lstrip" => shown(texts[0].slice(strip(all, Sides::Left, is_byte_space))),
        "rstrip" => shown(texts[0].slice(strip(all, Sides::Right, is_byte_space))),
        "upper" => owned(all.to_ascii_uppercase()),
        "lower" => owned(all.to_ascii_lowercase()),
        "title" => owned(bytes_title(all)),
        "capitalize" => owned(bytes_capitalize(all)),
        "swapcase" => owned(bytes_swapcase(all)),
        "is" => flags(&[
            bytes_are_alpha(all),
            bytes_are_alnum(all),
            bytes_are_digits(all),
            bytes_are_space(all),
            bytes_are_lower(all),
            bytes_are_upper(all),
            bytes_are_title(all),
        ]),
        "repr" => owned(bytes_repr(all)),
        "join" => {
            let parts: Vec<Vec<u8>> =
                arguments[1].split(';').map(|p| code_points(p).iter().map(|&c| c as u8).collect()).collect();
            owned(join_units(all, &parts.iter().map(Vec::as_slice).collect::<Vec<_>>(), LONG).unwrap())
        }
        "repeat" => owned(repeat_units(all, number(1) as usize, LONG).unwrap()),
        "tabs" => or_same(expand_tabs(all, number(1), LONG).unwrap()),
        "zfill" => or_same(zero_fill(all, number(1).max(0) as usize, LONG).unwrap()),
        _ => str_answer(name, arguments, texts),
    }
}
