//! Decimal int literals of more digits than `sys.set_int_max_str_digits()` allows: the parser reads them, CPython's refuses them.
//! Must not know: the limit itself, objects.

use crate::diagnostic::{DiagnosticKind, SyntaxDiagnostic};
use crate::parse::Parsed;
use ruff_python_ast::token::TokenKind;
use ruff_text_size::Ranged;

/// The error of the first decimal literal of more than `limit` digits (0: there is no limit).
pub fn too_long_int(parsed: &Parsed, limit: usize) -> Option<SyntaxDiagnostic> {
    if limit == 0 || !has_long_run(parsed.source.as_bytes(), limit) {
        return None;
    }
    let ints = parsed.tokens.iter().filter(|token| token.kind() == TokenKind::Int);
    ints.filter_map(|token| Some((token.range(), parsed.source.get(token.range().to_std_range())?))).find_map(|(range, text)| {
        let decimal = !matches!(text.as_bytes().get(1), Some(b'x' | b'X' | b'o' | b'O' | b'b' | b'B'));
        let count = text.bytes().filter(|&byte| byte != b'_').count();
        if !decimal || count <= limit {
            return None;
        }
        let message = format!(
            "Exceeds the limit ({limit} digits) for integer string conversion: value has {count} digits; \
             use sys.set_int_max_str_digits() to increase the limit \
             - Consider hexadecimal for huge integer literals to avoid decimal conversion limits."
        );
        let (start, end) = (range.start().to_usize(), range.end().to_usize());
        let place = SyntaxDiagnostic::spanning(DiagnosticKind::SyntaxError, message, &parsed.source, &parsed.lines, start, end);
        // CPython names the line only.
        Some(SyntaxDiagnostic { col: Some(0), end_col: Some(0), ..place })
    })
}

/// Whether more than `limit` digits and underscores follow each other. Looks at every `limit`-th byte where there are none.
fn has_long_run(source: &[u8], limit: usize) -> bool {
    let is_part = |byte: u8| byte.is_ascii_digit() || byte == b'_';
    // No byte from `run` to `at` is known to be another one.
    let (mut run, mut at) = (0, limit);
    while at < source.len() {
        match (run..=at).rev().find(|&index| !is_part(source[index])) {
            None => return true,
            Some(other) => {
                run = other + 1;
                at = run + limit;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::has_long_run;

    #[test]
    fn runs_are_found_wherever_they_lie() {
        for before in 0..9 {
            for after in 0..9 {
                let text = |digits: usize| [vec![b'a'; before], vec![b'7'; digits], vec![b'b'; after]].concat();
                assert!(has_long_run(&text(5), 4));
                assert!(!has_long_run(&text(4), 4));
            }
        }
        assert!(!has_long_run(b"", 4) && !has_long_run(b"123 456 789 012 345", 4) && has_long_run(b"x = 12_345", 4));
    }
}
