//! `str.format` and `str.format_map`: walking the fields, finding their values, formatting them. The grammar is in
//! `base::str_format`.

use crate::sink::Sink;
use base::percent_format::Points;
use base::quick_format::{self, Quick};
use base::str_format::{AutoNumber, Field, FieldName, Name, Parser, Step, unknown_conversion};
use base::text::Text;
use base::with_units;
use objects::error::{R, index_error, key_error, raise_fault, value_error};
use objects::{Cast, Gc, Kwargs, Str, Value, ascii, get_attr, get_item, new_int_usize, repr, str_of};
use std::ops::Range;

/// Where named fields are looked up.
pub enum Names<'a> {
    Keywords(Kwargs<'a>),
    Mapping(Value),
}

/// How deep fields nest inside format specifiers.
const MAX_DEPTH: usize = 2;

struct Formatter<'a> {
    text: Text<'a>,
    args: &'a [Value],
    names: Names<'a>,
    numbers: AutoNumber,
}

/// `text.format(*args, **names)`
pub fn format(text: Gc<Str>, args: &[Value], names: Names) -> R<Gc<Str>> {
    let is_brace = |unit: u32| unit == u32::from(b'{') || unit == u32::from(b'}');
    if !text.is_empty() && !with_units!(text.text(), units => units.iter().any(|&unit| is_brace(unit.into()))) {
        // As it is, its class included; what is empty is a plain str.
        return Ok(text);
    }
    let mut out = Sink::new();
    let mut formatter = Formatter { text: text.text(), args, names, numbers: AutoNumber::default() };
    formatter.render(0..text.len(), MAX_DEPTH, &mut out)?;
    out.finish()
}

/// A text in a field of everyday width; None if the specifier asks for something else or is wrong.
fn padded(text: Gc<Str>, spec: &Quick, out: &mut Sink) -> Option<()> {
    let (left, right) = objects::format::str_padding(&text, spec)?;
    out.push_repeated(spec.fill, left);
    out.push_text(text.text());
    out.push_repeated(spec.fill, right);
    Some(())
}

impl Formatter<'_> {
    fn render(&mut self, range: Range<usize>, depth: usize, out: &mut Sink) -> R<()> {
        if depth == 0 {
            return Err(value_error!("Max string recursion exceeded"));
        }
        with_units!(self.text, units => self.render_units(units, range, depth, out))
    }

    fn render_units<P: Points + ?Sized>(&mut self, units: &P, range: Range<usize>, depth: usize, out: &mut Sink) -> R<()> {
        for piece in Parser::over(units, range) {
            let piece = piece.map_err(raise_fault)?;
            if !piece.literal.is_empty() {
                out.push_text(self.text.slice(piece.literal));
            }
            if let Some(field) = piece.field {
                self.field(units, &field, depth, out)?;
            }
        }
        Ok(())
    }

    fn field<P: Points + ?Sized>(&mut self, units: &P, field: &Field, depth: usize, out: &mut Sink) -> R<()> {
        let mut value = self.value(units, field.name.clone())?;
        match field.conversion.map(|code| (code, char::from_u32(code))) {
            None => {}
            Some((_, Some('r'))) => value = repr(value)?.value(),
            Some((_, Some('s'))) => value = str_of(value)?.value(),
            Some((_, Some('a'))) => value = ascii(value)?.value(),
            Some((code, _)) => return Err(raise_fault(unknown_conversion(code))),
        }
        if field.spec.is_empty() {
            if let Some(text) = value.cast_exact::<Str>() {
                out.push_text(text.text());
                return Ok(());
            }
            if value.is_int() {
                quick_format::int(value.as_int(), &Quick::PLAIN, |text| out.push_units(text));
                return Ok(());
            }
        }
        if !field.spec_needs_expanding
            && let Text::One(text) = self.text
            && let Some(quick) = Quick::parse(&text[field.spec.clone()])
        {
            let done = if value.is_int() {
                quick_format::int(value.as_int(), &quick, |text| out.push_units(text))
            } else if value.is_float() {
                quick_format::float(value.as_float(), &quick, |text| out.push_units(text))
            } else {
                value.cast_exact::<Str>().and_then(|text| padded(text, &quick, out))
            };
            if done.is_some() {
                return Ok(());
            }
        }
        let spec = if field.spec_needs_expanding {
            let mut expanded = Sink::new();
            self.render(field.spec.clone(), depth - 1, &mut expanded)?;
            expanded.finish()?
        } else {
            Str::from_text(self.text.slice(field.spec.clone()))?
        };
        let text = match objects::format::format_exact(value, spec) {
            Some(text) => text?,
            None => objects::format(value, spec)?,
        };
        out.push_text(text.text());
        Ok(())
    }

    /// The object that a field name stands for.
    fn value<P: Points + ?Sized>(&mut self, units: &P, name: Range<usize>) -> R {
        let steps =
            FieldName::split(units, name, |code| unicode_tables::decimal_digit(code).map(u32::from)).map_err(raise_fault)?;
        let mut value = match steps.first.clone() {
            Name::Empty => {
                let index = self.numbers.automatic().map_err(raise_fault)?;
                self.argument(index)?
            }
            Name::Index(index) => {
                self.numbers.manual().map_err(raise_fault)?;
                self.argument(index)?
            }
            Name::Text(range) => {
                let key = Str::from_text(self.text.slice(range))?;
                match &self.names {
                    Names::Mapping(mapping) => get_item(*mapping, key.value())?,
                    Names::Keywords(keywords) => match keywords.iter().find(|(name, _)| objects::str::str_eq(name, &key)) {
                        Some((_, value)) => value,
                        None => return Err(key_error(key.value())),
                    },
                }
            }
        };
        for step in steps {
            value = match step.map_err(raise_fault)? {
                Step::Attribute(range) => get_attr(value, Str::from_text(self.text.slice(range))?)?,
                Step::Item(Name::Index(index)) => get_item(value, new_int_usize(index))?,
                Step::Item(Name::Text(range)) => get_item(value, Str::from_text(self.text.slice(range))?.value())?,
                Step::Item(Name::Empty) => value,
            };
        }
        Ok(value)
    }

    fn argument(&self, index: usize) -> R {
        if matches!(self.names, Names::Mapping(_)) {
            return Err(value_error!("Format string contains positional fields"));
        }
        match self.args.get(index) {
            Some(value) => Ok(*value),
            None => Err(index_error!("Replacement index {index} out of range for positional args tuple")),
        }
    }
}
