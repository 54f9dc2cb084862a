//! What CPython 3.14 says about a text its grammar does not accept. Works like CPython's own parser: one pass
//! that only recognises, then one with the rules that look for known mistakes. Runs on errors only, so it may be slow.

mod notation;
mod place;
mod recogniser;
mod reports;
mod strings;

use crate::diagnostic::{DiagnosticKind, SyntaxDiagnostic};
use crate::lexer::{Failure, Lexer, TokenKind};
use crate::parse::{Flags, Mode};
use crate::source::LineIndex;
use recogniser::Recogniser;

const STACK_BYTES: usize = 512 << 20;
const LEAST_STACK_BYTES: usize = 8 << 20;
/// What any caller's stack has left.
const STACK_BYTES_HERE: usize = 96 << 10;
/// Longer texts need a stack of their own: what was recognised may be a chain as long as the text (`a.b.b.b`), which is dropped link by link.
const SHORT_TEXT: usize = 512;

/// The report for `source`, or `None` if CPython's grammar accepts it.
pub fn diagnose(source: &str, mode: Mode, flags: Flags) -> Option<SyntaxDiagnostic> {
    // Recognition recurses with the text's nesting, which is little in most texts: then it costs no thread.
    if source.len() > SHORT_TEXT {
        return diagnose_elsewhere(source, mode, flags);
    }
    match diagnose_within(source, mode, flags, STACK_BYTES_HERE) {
        Some(SyntaxDiagnostic { kind: DiagnosticKind::TooComplex, .. }) => diagnose_elsewhere(source, mode, flags),
        known => known,
    }
}

fn diagnose_elsewhere(source: &str, mode: Mode, flags: Flags) -> Option<SyntaxDiagnostic> {
    std::thread::scope(|scope| {
        let mut size = STACK_BYTES;
        loop {
            let thread = std::thread::Builder::new().stack_size(size);
            match thread.spawn_scoped(scope, move || diagnose_within(source, mode, flags, size - size / 4)) {
                Ok(handle) => return handle.join().unwrap_or(None),
                // Under a limit on address space.
                Err(_) if size > LEAST_STACK_BYTES => size /= 4,
                Err(_) => return None,
            }
        }
    })
}

fn diagnose_within(source: &str, mode: Mode, flags: Flags, stack: usize) -> Option<SyntaxDiagnostic> {
    let mut text = source.to_owned();
    if mode == Mode::Exec && !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    let lines = LineIndex::new(&text);
    let mut recogniser = Recogniser::new(&text, &lines, mode, flags);
    recogniser.stack = stack;
    let first = recogniser.run(false);
    match first {
        Ok(Some(_)) if mode == Mode::Single && has_second_statement(&recogniser) => {
            let message = "multiple statements found while compiling a single statement";
            return Some(recogniser.at_last_token(DiagnosticKind::SyntaxError, message));
        }
        Ok(Some(_)) => return None,
        _ if flags.allow_incomplete_input && ended_early(&recogniser, first.as_ref().err().map(|found| &**found)) => {
            return Some(recogniser.at_last_token(DiagnosticKind::Incomplete, "incomplete input"));
        }
        Err(diagnostic) => return Some(tokenizer_first(&mut recogniser, *diagnostic)),
        Ok(None) => {}
    }
    let last = recogniser.tokens.len().saturating_sub(1);
    let diagnostic = match recogniser.run(true) {
        Err(diagnostic) => return Some(tokenizer_first(&mut recogniser, *diagnostic)),
        Ok(_) => match recogniser.tokens.get(last).map(|token| token.kind) {
            Some(TokenKind::Indent) => {
                return Some(recogniser.at_last_token(DiagnosticKind::IndentationError, "unexpected indent"));
            }
            Some(TokenKind::Dedent) => {
                return Some(recogniser.at_last_token(DiagnosticKind::IndentationError, "unexpected unindent"));
            }
            _ => plain(&recogniser, last),
        },
    };
    Some(unread_failure(&mut recogniser).unwrap_or(diagnostic))
}

fn plain(recogniser: &Recogniser<'_>, last: usize) -> SyntaxDiagnostic {
    if let Some((line, column)) = old_not_equal(recogniser, last) {
        let message = "invalid syntax.  Maybe you meant '!=' instead of '<>'?";
        return recogniser.located(DiagnosticKind::SyntaxError, message, (line, column + 1), (line, column + 3));
    }
    recogniser.at_tokens(last, last, "invalid syntax")
}

/// Line and byte column of a `<>` that reading stopped in.
fn old_not_equal(recogniser: &Recogniser<'_>, last: usize) -> Option<(i32, i32)> {
    let first = match recogniser.text(last) {
        "<" if last.checked_sub(1).is_some_and(|before| ends_operand(recogniser, before)) => last,
        ">" => last.checked_sub(1)?,
        _ => return None,
    };
    let token = &recogniser.tokens[first];
    let rest = recogniser.source.get(token.start?..)?;
    rest.starts_with("<>").then(|| (token.line as i32, token.column()))
}

fn ends_operand(recogniser: &Recogniser<'_>, index: usize) -> bool {
    use TokenKind::{FStringEnd, Name, Number, RightBrace, RightBracket, RightParen, String, TStringEnd};
    match recogniser.tokens[index].kind {
        Name => !crate::identifier::is_keyword(recogniser.text(index)),
        Number | String | FStringEnd | TStringEnd | RightParen | RightBracket | RightBrace => true,
        _ => false,
    }
}

/// Input that would go on: the tokenizer met the end.
fn ended_early(recogniser: &Recogniser<'_>, failure: Option<&SyntaxDiagnostic>) -> bool {
    let at_end = recogniser.lexer.at_end;
    match failure {
        None => at_end,
        Some(_) => at_end && !recogniser.lexer.broken_before_end,
    }
}

/// A tokenizer error further on is worth more than a parser error.
fn tokenizer_first(recogniser: &mut Recogniser<'_>, found: SyntaxDiagnostic) -> SyntaxDiagnostic {
    if recogniser.lexer.failed || recogniser.lexer.at_end {
        return found;
    }
    unread_failure(recogniser).unwrap_or(found)
}

/// Reads on to the end of the text; what goes wrong there.
fn unread_failure(recogniser: &mut Recogniser<'_>) -> Option<SyntaxDiagnostic> {
    if recogniser.lexer.failed {
        return None;
    }
    let error_line = recogniser.tokens.last().map_or(0, |token| token.line);
    loop {
        match recogniser.lexer.next_token() {
            Ok(token) if token.kind == TokenKind::EndMarker => return None,
            Ok(_) => {}
            // Failures inside f-strings do not outrank what was found.
            Err(Failure::Worded(diagnostic)) => return (!recogniser.lexer.in_string()).then_some(*diagnostic),
            Err(_) if recogniser.lexer.in_string() => return None,
            Err(_) => {
                let (_, line, _) = recogniser.lexer.open_bracket()?;
                return if error_line > line { recogniser.unclosed_bracket() } else { None };
            }
        }
    }
}

/// Anything but white space and comments after the statement.
fn has_second_statement(recogniser: &Recogniser<'_>) -> bool {
    let rest = recogniser.source.get(recogniser.lexer.cursor..).unwrap_or_default();
    rest.lines().any(|line| {
        let code = line.trim_start_matches([' ', '\t', '\x0c']);
        !code.is_empty() && !code.starts_with('#')
    })
}

/// Whether the tokens of `source` can be read at all; the first failure if not.
pub fn first_lexer_error(source: &str) -> Option<Failure> {
    let mut lexer = Lexer::new(source, false);
    loop {
        match lexer.next_token() {
            Ok(token) if token.kind == TokenKind::EndMarker => return None,
            Ok(_) => {}
            Err(failure) => return Some(failure),
        }
    }
}
