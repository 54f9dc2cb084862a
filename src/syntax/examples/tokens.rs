//! Prints the token stream of each snippet on standard input (ended by 0x1e), for comparison with CPython's `_tokenize`.

use std::io::{Read, Write};

use syntax::tokens::{Step, Tokenizer};

fn main() {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input).expect("readable input");
    let mut output = std::io::stdout().lock();
    for snippet in input.split_terminator('\x1e') {
        let Some((mode, text)) = snippet.split_once('\x1f') else { continue };
        let mut tokens = Tokenizer::new(mode == "extra");
        let mut lines = text.split_inclusive('\n');
        loop {
            match tokens.step() {
                Step::WantsLines(count) => (0..count).for_each(|_| tokens.add_line(lines.next().unwrap_or_default())),
                Step::Finished => break,
                Step::Token(token) => {
                    write!(output, "{} {:?} {:?}\x1f{}\x1f{}\x1d", token.kind, token.start, token.end, token.text, token.line)
                        .expect("writable output");
                }
                Step::Failed(error) => {
                    let text = error.text.unwrap_or_default();
                    write!(output, "error {:?} {:?}\x1f{}\x1f{}\x1d", error.line, error.col, error.message, text)
                        .expect("writable output");
                }
            }
        }
        write!(output, "\x1e").expect("writable output");
    }
}
