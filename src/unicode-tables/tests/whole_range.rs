//! Compares every answer for every code point with a CPython 3.14. Slow, and needs one:
//! `CPYTHON=python3.14 cargo test -p unicode-tables --test whole_range -- --ignored`

use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use unicode_tables::*;

const FORMS: [Form; 4] = [Form::Nfc, Form::Nfd, Form::Nfkc, Form::Nfkd];
const VERSIONS: [Version; 2] = [Version::Current, Version::V3_2];
const NAMES: [&str; 24] = [
    "latin small letter a",
    "hangul syllable ga",
    "HANGUL SYLLABLE",
    "HANGUL SYLLABLE G",
    "Hangul Syllable Ggwaelh",
    "cjk unified ideograph-4e00",
    "CJK UNIFIED IDEOGRAPH-04E00",
    "CJK UNIFIED IDEOGRAPH-9FFFF",
    "NULL",
    "lf",
    "BELL",
    "TANGUT IDEOGRAPH-17000",
    "LATIN SMALL LETTER A ",
    "KEYCAP DIGIT ONE",
    "latin small letter r with tilde",
    "é",
    "-",
    "LATIN SMALL LETTER GHA",
    "HANGUL SYLLABLE gA",
    "HANGUL SYLLABLE A",
    "cjk compatibility ideograph-f900",
    "BELL-",
    "CJK UNIFIED IDEOGRAPH-+4E00",
    "TIBETAN MARK BKA- SHOG YIG MGO",
];

fn hexes(text: &[u32]) -> String {
    text.iter().map(|c| format!("{c:x}")).collect::<Vec<_>>().join(",")
}

fn or_same(text: &[u32], code_point: u32) -> String {
    if text == [code_point] { "=".into() } else { hexes(text) }
}

fn or_dash<T: ToString>(value: Option<T>) -> String {
    value.map_or("-".into(), |value| value.to_string())
}

fn database_facts(c: u32, version: Version, line: &mut String) {
    let decimal = or_dash(decimal_value(c, version));
    let digit = or_dash(digit_value(c, version));
    let numeric = numeric_value(c, version).map_or("-".into(), |n| format!("{n:.6}"));
    let (category, bidirectional) = (category(c, version), bidirectional(c, version));
    let (combining, width) = (combining_class(c, version), east_asian_width(c, version));
    let (mirrored, mapping) = (i32::from(is_mirrored(c, version)), decomposition_text(c, version));
    let name = or_dash(name(c, version));
    write!(line, "|{category}|{bidirectional}|{combining}|{width}|{mirrored}|{decimal}|{digit}|{numeric}|{mapping}|{name}")
        .unwrap();
    for form in FORMS {
        write!(line, "|{}", or_same(&normalize(form, &[c], version).unwrap(), c)).unwrap();
    }
}

fn code_point_line(c: u32) -> String {
    let mut line = format!("{c:x}");
    VERSIONS.iter().for_each(|&version| database_facts(c, version, &mut line));
    let predicates = [
        is_alpha(c),
        is_alnum(c),
        is_decimal(c),
        is_digit(c),
        is_numeric(c),
        is_space(c),
        is_printable(c),
        is_lower(c),
        is_upper(c),
        is_identifier([c]),
        is_identifier([97, c]),
        is_line_break(c),
    ];
    line.push('|');
    line.extend(predicates.iter().map(|&p| if p { '1' } else { '0' }));
    write!(line, "|{:x}", lower_simple(c)).unwrap();
    for mapped in [lower_full(c), upper_full(c), title_full(c), fold_full(c)] {
        write!(line, "|{}", or_same(mapped.as_slice(), c)).unwrap();
    }
    let name = name(c, Version::Current).unwrap_or_default();
    line.push('|');
    line + &looked_up(&name.to_lowercase(), true)
}

fn looked_up(name: &str, extended: bool) -> String {
    lookup(name, extended, extended).map_or("-".into(), |named| hexes(named.code_points()))
}

fn lower(text: &[u32]) -> Vec<u32> {
    let mut result = Vec::new();
    for (i, &c) in text.iter().enumerate() {
        let before = text[..i].iter().rev().copied();
        let after = text[i + 1..].iter().copied();
        if c == 0x3A3 && is_final_sigma(before, after) {
            result.push(0x3C2);
        } else {
            result.extend_from_slice(lower_full(c).as_slice());
        }
    }
    result
}

fn text_line(text: &[u32]) -> String {
    let mut line = hexes(text);
    let both = VERSIONS.iter().flat_map(|&version| FORMS.map(|form| (form, version)));
    for (form, version) in both.clone() {
        write!(line, "|{}", hexes(&normalize(form, text, version).unwrap())).unwrap();
    }
    for (form, version) in both {
        write!(line, "|{}", i32::from(is_normalized(form, text, version).unwrap())).unwrap();
    }
    line + "|" + &hexes(&lower(text))
}

fn name_line(name: &str) -> String {
    format!("{name}|{}|{}", looked_up(name, true), looked_up(name, false))
}

#[test]
#[ignore = "slow; needs a CPython 3.14 in $CPYTHON"]
fn everything_equals_cpython() {
    let cpython = std::env::var("CPYTHON").expect("CPYTHON names an interpreter");
    let script = include_str!("whole_range.py");
    let mut child = Command::new(cpython)
        .args(["-X", "utf8", "-c", script, &NAMES.join("\n")])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the interpreter starts");
    let (mut lines, mut different) = (0, 0);
    for expected in BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap) {
        let code_points = |text: &str| text.split(',').map(|c| u32::from_str_radix(c, 16)).collect::<Result<Vec<_>, _>>();
        let first = expected.split('|').next().unwrap();
        let actual = match code_points(first) {
            Ok(text) if lines < CODE_POINT_LIMIT => code_point_line(text[0]),
            Ok(text) => text_line(&text),
            Err(_) => name_line(first),
        };
        lines += 1;
        if actual != expected {
            different += 1;
            if different <= 20 {
                println!("ours {actual}\nCPy. {expected}\n");
            }
        }
    }
    assert!(child.wait().unwrap().success());
    println!("{lines} lines, {different} different");
    assert_eq!((lines, different), (CODE_POINT_LIMIT + 60_000 + NAMES.len() as u32, 0));
}
