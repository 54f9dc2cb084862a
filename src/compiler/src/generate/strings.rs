//! f-strings and t-strings.

use bytecode::{Const, Op, Wtf8};
use ruff_python_ast::*;
use ruff_text_size::TextRange;

use super::Generator;
use crate::error::Result;
use crate::literals::{escaped_points, literal_points};

/// A piece of an interpolated string.
enum Piece<'a> {
    Text(Vec<u32>),
    Value(&'a InterpolatedElement),
}

const MAX_PIECES: usize = 24;

impl<'a> Generator<'a> {
    fn pieces_of(&self, elements: &'a InterpolatedStringElements, raw: bool, pieces: &mut Vec<Piece<'a>>) {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(literal) => {
                    add_text(pieces, escaped_points(self.map, literal.range, &literal.value, raw))
                }
                InterpolatedStringElement::Interpolation(value) => {
                    if let Some(debug) = self.debug_text(value) {
                        add_text(pieces, debug.chars().map(u32::from).collect());
                    }
                    pieces.push(Piece::Value(value));
                }
            }
        }
    }

    pub fn f_string(&mut self, node: &'a ExprFString, dest: Option<u8>) -> Result<u8> {
        let mut pieces = Vec::new();
        for part in &node.value {
            match part {
                FStringPart::Literal(literal) => add_text(&mut pieces, literal_points(self.map, literal)),
                FStringPart::FString(string) => self.pieces_of(&string.elements, string.flags.prefix().is_raw(), &mut pieces),
            }
        }
        self.join(pieces, node.range, dest)
    }

    fn join(&mut self, pieces: Vec<Piece<'a>>, range: TextRange, dest: Option<u8>) -> Result<u8> {
        let mut pieces: Vec<Piece> =
            pieces.into_iter().filter(|piece| !matches!(piece, Piece::Text(text) if text.is_empty())).collect();
        if pieces.len() <= 1 {
            let dest = self.dest_or_temp(dest)?;
            let mark = self.mark();
            match pieces.pop() {
                Some(Piece::Value(value)) => self.format_value(value, dest)?,
                Some(Piece::Text(text)) => {
                    self.at(range);
                    self.load_text(dest, text);
                }
                None => {
                    self.at(range);
                    self.load_str(dest, "");
                }
            }
            self.release(mark);
            return Ok(dest);
        }
        // Long strings are joined piecewise so that they need few registers.
        let mark = self.mark();
        let mut held = 0;
        for piece in pieces {
            if held == MAX_PIECES {
                self.at(range);
                self.emit(Op::BuildString, mark as u8, mark as u8, held as u8);
                self.release(mark + 1);
                held = 1;
            }
            let register = self.temp()?;
            let inner = self.mark();
            match piece {
                Piece::Text(text) => {
                    self.at(range);
                    self.load_text(register, text);
                }
                Piece::Value(value) => self.format_value(value, register)?,
            }
            self.release(inner);
            held += 1;
        }
        self.release(mark);
        let dest = self.dest_or_temp(dest)?;
        self.at(range);
        self.emit(Op::BuildString, dest, mark as u8, held as u8);
        Ok(dest)
    }

    fn load_text(&mut self, dest: u8, points: Vec<u32>) {
        let text = Wtf8::from_code_points(points).unwrap_or_else(|| Wtf8::from(""));
        self.load_const(dest, Const::Str(text));
    }

    /// Conversion number of FORMAT_VALUE: `=` alone means repr.
    fn conversion(&self, value: &InterpolatedElement) -> u8 {
        match value.conversion {
            ConversionFlag::None if value.format_spec.is_none() && self.debug_text(value).is_some() => 2,
            ConversionFlag::None => 0,
            ConversionFlag::Str => 1,
            ConversionFlag::Repr => 2,
            ConversionFlag::Ascii => 3,
        }
    }

    fn format_value(&mut self, value: &'a InterpolatedElement, dest: u8) -> Result {
        let mark = self.mark();
        let conversion = self.conversion(value);
        let (register, flags) = match &value.format_spec {
            None => (self.expr(&value.expression, None)?, conversion),
            Some(spec) => {
                let register = self.expr_next(&value.expression)?;
                self.format_spec(spec)?;
                (register, conversion | 4)
            }
        };
        self.release(mark);
        self.at(value.range);
        self.emit(Op::FormatValue, dest, register, flags);
        Ok(())
    }

    /// The format specification in a fresh temporary.
    fn format_spec(&mut self, spec: &'a InterpolatedStringFormatSpec) -> Result<u8> {
        let register = self.temp()?;
        let mut pieces = Vec::new();
        self.pieces_of(&spec.elements, false, &mut pieces);
        self.join(pieces, spec.range, Some(register))?;
        Ok(register)
    }

    pub fn t_string(&mut self, node: &'a ExprTString, dest: Option<u8>) -> Result<u8> {
        let mut pieces = Vec::new();
        for part in node.value.iter() {
            self.pieces_of(&part.elements, part.flags.prefix().is_raw(), &mut pieces);
        }
        // Texts and values alternate, beginning and ending with a text.
        let mut texts: Vec<Vec<u32>> = vec![Vec::new()];
        let mut values = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => {
                    if let Some(last) = texts.last_mut() {
                        last.extend(text);
                    }
                }
                Piece::Value(value) => {
                    values.push(value);
                    texts.push(Vec::new());
                }
            }
        }
        let strings: Vec<Const> =
            texts.into_iter().map(|text| Const::Str(Wtf8::from_code_points(text).unwrap_or_else(|| Wtf8::from("")))).collect();
        let mark = self.mark();
        let pair = self.temps(2)?;
        self.at(node.range);
        self.load_const(pair, Const::Tuple(strings.into()));
        let many = values.len() > MAX_PIECES;
        if many {
            self.emit(Op::BuildList, pair + 1, 0, 0);
        }
        let first = self.mark();
        for value in &values {
            let register = self.temp()?;
            let inner = self.mark();
            self.interpolation(value, register)?;
            self.release(inner);
            if many {
                self.emit(Op::ListAppend, pair + 1, register, 0);
                self.release(first);
            }
        }
        self.at(node.range);
        if many {
            self.emit(Op::ListToTuple, pair + 1, pair + 1, 0);
        } else {
            self.emit(Op::BuildTuple, pair + 1, first.min(255) as u8, values.len() as u8);
        }
        self.release(mark);
        let dest = self.dest_or_temp(dest)?;
        self.emit(Op::BuildTemplate, dest, pair, 0);
        Ok(dest)
    }

    fn interpolation(&mut self, value: &'a InterpolatedElement, dest: u8) -> Result {
        let mark = self.mark();
        let register = self.expr_next(&value.expression)?;
        let text_register = self.temp()?;
        let text = self.interpolation_text(value);
        self.at(value.range);
        self.load_str(text_register, &text);
        let mut flags = self.conversion(value);
        if let Some(spec) = &value.format_spec {
            self.format_spec(spec)?;
            flags |= 4;
        }
        self.release(mark);
        self.at(value.range);
        self.emit(Op::BuildInterpolation, dest, register, flags);
        Ok(())
    }

    /// The text that `{x=}` puts before the value. A tree made from `ast` objects has it among its texts already.
    fn debug_text(&self, value: &InterpolatedElement) -> Option<String> {
        match self.map {
            crate::SourceMap::Text { text, .. } => syntax::interpolation::debug_text(text, value),
            crate::SourceMap::Table(_) => None,
        }
    }

    /// `Interpolation.expression`. A tree made from `ast` objects brings it in the place of the debug text.
    fn interpolation_text(&self, value: &InterpolatedElement) -> String {
        match self.map {
            crate::SourceMap::Text { text, .. } => syntax::interpolation::expression_text(text, value),
            crate::SourceMap::Table(_) => value.debug_text.as_ref().map(|debug| debug.as_str().to_owned()).unwrap_or_default(),
        }
    }
}

fn add_text(pieces: &mut Vec<Piece>, text: Vec<u32>) {
    match pieces.last_mut() {
        Some(Piece::Text(last)) => last.extend(text),
        _ => pieces.push(Piece::Text(text)),
    }
}
