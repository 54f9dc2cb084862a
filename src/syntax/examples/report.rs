//! Prints what this crate says of each snippet on standard input, for comparison with CPython
//! (`tests/data/make_table.py`). Snippets are `mode 0x1f text`, ended by 0x1e; answers likewise.

use std::io::{Read, Write};

use syntax::{Flags, Mode, parse};

fn main() {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input).expect("readable input");
    let mut output = std::io::stdout().lock();
    for snippet in input.split_terminator('\x1e') {
        let Some((mode, text)) = snippet.split_once('\x1f') else {
            continue;
        };
        let (name, incomplete) = mode.split_once('+').map_or((mode, false), |(name, _)| (name, true));
        let mode = match name {
            "eval" => Mode::Eval,
            "single" => Mode::Single,
            _ => Mode::Exec,
        };
        let flags = Flags { allow_incomplete_input: incomplete, dont_imply_dedent: incomplete, ..Flags::default() };
        let fields = match parse(text, mode, flags) {
            Ok(_) => vec!["ok".to_owned()],
            Err(found) => {
                let number = |number: Option<i32>| number.map_or("None".to_owned(), |number| number.to_string());
                vec![
                    found.kind.class_name().to_owned(),
                    found.message,
                    number(found.line),
                    number(found.col),
                    number(found.end_line),
                    number(found.end_col),
                    found.text.unwrap_or("None".to_owned()),
                ]
            }
        };
        write!(output, "{}\x1e", fields.join("\x1f")).expect("writable output");
    }
}
