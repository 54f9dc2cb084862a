//! Prints the warnings of each snippet on standard input (ended by 0x1e), for comparison with CPython.

use std::io::{Read, Write};

use syntax::{Flags, Mode, parse};

fn main() {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input).expect("readable input");
    let mut output = std::io::stdout().lock();
    for text in input.split_terminator('\x1e') {
        if let Ok(parsed) = parse(text, Mode::Exec, Flags::default()) {
            for warning in &parsed.warnings {
                write!(output, "{}\x1f{}\x1d", warning.message, warning.line).expect("writable output");
            }
        }
        write!(output, "\x1e").expect("writable output");
    }
}
