//! Signature type comments: `(int, *str, **float) -> bool`.

use ruff_python_ast::Expr;
use ruff_python_parser::parse_expression_range;
use ruff_text_size::{TextRange, TextSize};

use crate::lexer::{Lexer, TokenKind};
use crate::parse::FunctionType;

/// Reads a text that was recognised before; the error is the range ruff refused.
pub fn read(source: &str) -> Result<FunctionType, TextRange> {
    let mut lexer = Lexer::new(source, false);
    let mut argtypes = Vec::new();
    let mut argument: Option<usize> = None;
    let mut arrow = None;
    let mut last_end = 0;
    while let Ok(token) = lexer.next_token() {
        let (Some(start), Some(end)) = (token.start, token.end) else { break };
        if arrow.is_none() {
            match token.kind {
                TokenKind::LeftParen if token.level == 1 && argtypes.is_empty() && argument.is_none() => {
                    argument = Some(end);
                }
                TokenKind::Comma if token.level == 1 => {
                    argtypes.push(expression(source, argument.unwrap_or(start), start)?);
                    argument = Some(end);
                }
                TokenKind::RightParen if token.level == 0 => {
                    if let Some(from) = argument
                        && !source[from..start].trim().is_empty()
                    {
                        argtypes.push(expression(source, from, start)?);
                    }
                }
                TokenKind::Arrow if token.level == 0 => arrow = Some(end),
                _ => {}
            }
        }
        if token.kind != TokenKind::Newline {
            last_end = end;
        }
    }
    let returns = expression(source, arrow.unwrap_or(source.len()), last_end)?;
    Ok(FunctionType { argtypes, returns: Box::new(returns) })
}

fn expression(source: &str, from: usize, to: usize) -> Result<Expr, TextRange> {
    let text = source.get(from..to).unwrap_or_default();
    let start = from + (text.len() - text.trim_start_matches([' ', '\t', '*']).len());
    let range = TextRange::new(TextSize::new(start as u32), TextSize::new(to.max(start) as u32));
    match parse_expression_range(source, range) {
        Ok(parsed) => Ok(parsed.into_expr()),
        Err(error) => Err(error.location),
    }
}
