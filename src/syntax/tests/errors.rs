//! Compares every report with the table CPython made (`data/make_table.py` remakes it).

use syntax::{Flags, Mode, parse};

/// Rows that are known to differ, so that a change of their number is seen.
const KNOWN_DIFFERENCES: [(&str, &str); 1] = [("incomplete", "{1:*a}")];

#[test]
fn reports_are_those_of_cpython() {
    let mut wrong = Vec::new();
    for line in include_str!("data/errors.txt").lines() {
        let fields: Vec<String> = line.split('\t').map(unescape).collect();
        let [mode, source, expected @ ..] = fields.as_slice() else {
            panic!("a table row has fields: {line}");
        };
        let found = report(mode, source);
        let is_known = KNOWN_DIFFERENCES.contains(&(mode.as_str(), source.as_str()));
        if (found == expected) == is_known {
            wrong.push(format!("{mode} {source:?}\n  want {expected:?}\n  got  {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong.join("\n"));
}

fn report(mode: &str, source: &str) -> Vec<String> {
    let (mode, incomplete) = match mode {
        "eval" => (Mode::Eval, false),
        "single" => (Mode::Single, false),
        "incomplete" => (Mode::Single, true),
        _ => (Mode::Exec, false),
    };
    let flags = Flags { allow_incomplete_input: incomplete, dont_imply_dedent: incomplete, ..Flags::default() };
    let Err(found) = parse(source, mode, flags) else { return vec!["ok".to_owned()] };
    let mut fields = vec![found.kind.class_name().to_owned(), found.message];
    for number in [found.line, found.col, found.end_line, found.end_col] {
        fields.push(number.map_or("None".to_owned(), |number| number.to_string()));
    }
    fields
}

fn unescape(field: &str) -> String {
    let mut text = String::new();
    let mut characters = field.chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            '\\' => match characters.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some(other) => other,
                None => '\\',
            },
            other => other,
        });
    }
    text
}

#[test]
fn depth_is_bounded_without_a_crash() {
    for (prefix, repeated) in [("a", "()"), ("a", ".b"), ("a", "[0]"), ("a", "*a"), ("", "-"), ("", "not ")] {
        let source = format!("{prefix}{}1", repeated.repeat(100_000));
        assert!(parse(&source, Mode::Exec, Flags::default()).is_err(), "{prefix}{repeated}...");
        let source = format!("{prefix}{}", repeated.repeat(100));
        let source = if prefix.is_empty() { format!("{source}1") } else { source };
        assert!(parse(&source, Mode::Exec, Flags::default()).is_ok(), "{prefix}{repeated}");
    }
    let source = format!("{}1{}", "(".repeat(201), ")".repeat(201));
    let error = parse(&source, Mode::Exec, Flags::default()).unwrap_err();
    assert_eq!(error.message, "too many nested parentheses");
    let deep = format!("a{}", ".b".repeat(9_000));
    drop(parse(&deep, Mode::Exec, Flags::default()).unwrap());
}

#[test]
fn function_types() {
    let parsed = parse("(int, *str, **float) -> bool", Mode::FuncType, Flags::default()).unwrap();
    let syntax::Ast::FunctionType(found) = &parsed.ast else { panic!("a function type") };
    assert_eq!(found.argtypes.len(), 3);
    let parsed = parse("() -> List[int]", Mode::FuncType, Flags::default()).unwrap();
    let syntax::Ast::FunctionType(found) = &parsed.ast else { panic!("a function type") };
    assert!(found.argtypes.is_empty());
    assert!(parse("(int -> bool", Mode::FuncType, Flags::default()).is_err());
}
