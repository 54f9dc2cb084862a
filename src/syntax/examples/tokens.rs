//! Prints the token stream of each snippet on standard input (ended by 0x1e), for comparison with CPython's `_tokenize`.

use std::io::{Read, Write};

use syntax::tokens::{Tokenizer, complete};

fn main() {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input).expect("readable input");
    let mut output = std::io::stdout().lock();
    for snippet in input.split_terminator('\x1e') {
        let Some((mode, text)) = snippet.split_once('\x1f') else { continue };
        let source = complete(text);
        for item in Tokenizer::new(&source, text.len(), mode == "extra") {
            match item {
                Ok(token) => {
                    write!(output, "{} {:?} {:?}\x1f{}\x1f{}\x1d", token.kind, token.start, token.end, token.text, token.line)
                }
                Err(error) => write!(
                    output,
                    "error {:?} {:?}\x1f{}\x1f{}\x1d",
                    error.line,
                    error.col,
                    error.message,
                    error.text.unwrap_or_default()
                ),
            }
            .expect("writable output");
        }
        write!(output, "\x1e").expect("writable output");
    }
}
