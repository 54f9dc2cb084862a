//! Where the statement before a broken one begins, told by indentation alone. Good enough for hints; must not decide anything.

use crate::lexer::{Lexer, TokenKind};

/// Line from 1 and column of the last statement on the level of line `line` (or of a block around it) that begins before it;
/// `(0, 0)` if there is none.
pub fn statement_before(source: &str, line: i32) -> (i32, i32) {
    let starts = statement_lines(source);
    let lines: Vec<&str> = source.lines().collect();
    let text = |line: usize| line.checked_sub(1).and_then(|at| lines.get(at)).copied().unwrap_or_default();
    let Some(error) = starts.iter().rposition(|start| *start as i32 <= line) else { return (0, 0) };
    let mut level = indentation(text(starts[error]));
    for start in starts[..error].iter().rev() {
        let own = indentation(text(*start));
        if own == level && !continues_statement(text(*start).trim_start()) {
            return (*start as i32, own as i32);
        }
        // The head of the block: what stands before it counts.
        level = level.min(own);
    }
    (0, 0)
}

/// The lines on which logical lines begin, as far as the text can be read.
fn statement_lines(source: &str) -> Vec<usize> {
    let mut lexer = Lexer::new(source, false);
    let mut starts = Vec::new();
    let mut fresh = true;
    while let Ok(token) = lexer.next_token() {
        match token.kind {
            TokenKind::EndMarker => break,
            TokenKind::Newline => fresh = true,
            TokenKind::Indent | TokenKind::Dedent => {}
            _ if fresh => {
                fresh = false;
                starts.push(token.line);
            }
            _ => {}
        }
    }
    starts
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Clauses that belong to a statement further up.
fn continues_statement(text: &str) -> bool {
    ["else", "elif", "except", "finally"].iter().any(|word| text.starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::statement_before;

    #[test]
    fn finds_siblings_and_the_statements_around() {
        assert_eq!(statement_before("for a in b:\n  pass\nelso:\n  pass\n", 3), (1, 0));
        assert_eq!(statement_before("def f():\n  x = 1\n  whille x:\n", 3), (2, 2));
        assert_eq!(statement_before("y = 1\ndef f():\n  whille x:\n", 3), (1, 0));
        assert_eq!(statement_before("fur a in b:\n", 1), (0, 0));
        assert_eq!(statement_before("[\nx for x\nof x\n]\n", 3), (0, 0));
    }
}
