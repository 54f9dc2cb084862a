//! Prints each expression on standard input (ended by 0x1e) unparsed, for comparison with CPython.

use std::io::{Read, Write};

use syntax::{Ast, Flags, Mode, parse, unparse::unparse};

fn main() {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input).expect("readable input");
    let mut output = std::io::stdout().lock();
    for text in input.split_terminator('\x1e') {
        let answer = match parse(text, Mode::Eval, Flags::default()) {
            Ok(parsed) => match &parsed.ast {
                Ast::Expression(expression) => unparse(&expression.body, Some(&parsed.source)),
                _ => String::new(),
            },
            Err(found) => format!("error {}", found.message),
        };
        write!(output, "{answer}\x1e").expect("writable output");
    }
}
