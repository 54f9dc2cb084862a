//! `_string`: the two parsers behind `string.Formatter`.

use base::percent_format::Points;
use base::str_format::{FieldName, Name, Parser, Step};
use base::text::Text;
use objects::error::raise_fault;
use objects::{
    Cast, DeriveLayout, Gc, GcVec, Header, R, Slot, Str, Value, class_name, native_class, native_module, new_int_usize,
    new_native, new_tuple, type_error,
};
use std::sync::atomic::{AtomicUsize, Ordering};

struct Units<'a>(Text<'a>);
impl Points for Units<'_> {
    fn count(&self) -> usize {
        self.0.len()
    }
    fn at(&self, index: usize) -> u32 {
        self.0.get(index).unwrap_or(0)
    }
}

fn text_argument(value: Value) -> R<Gc<Str>> {
    match value.cast::<Str>() {
        Some(text) => Ok(text),
        None => Err(type_error!("expected str, got {}", class_name(value))),
    }
}
fn part(text: Gc<Str>, range: std::ops::Range<usize>) -> Value {
    Str::substring(text, range.start, range.end).value()
}

pub struct StringHelpers;

/// string helper module
#[native_module(name = "_string", classes = [FormatterIter, FieldIter])]
impl StringHelpers {
    /// The parts of a format string
    fn formatter_parser(string: Value) -> R<Gc<FormatterIter>> {
        let text = text_argument(string)?;
        Ok(new_native(FormatterIter { header: Header::blank(), text: Slot::new(text.value()), position: AtomicUsize::new(0) }))
    }
    /// The parts of a field name in a format string
    fn formatter_field_name_split(string: Value) -> R<(Value, Gc<FieldIter>)> {
        let text = text_argument(string)?;
        let units = Units(text.text());
        let fields = FieldName::split(&units, 0..text.len(), digit).map_err(raise_fault)?;
        let first = name_value(text, &fields.first);
        let rest = FieldIter { header: Header::blank(), text: Slot::new(text.value()), done: AtomicUsize::new(0) };
        Ok((first, new_native(rest)))
    }
}

fn digit(code: u32) -> Option<u32> {
    unicode_tables::decimal_digit(code).map(u32::from)
}
fn name_value(text: Gc<Str>, name: &Name) -> Value {
    match name {
        Name::Empty => Str::empty().value(),
        Name::Index(index) => new_int_usize(*index),
        Name::Text(range) => part(text, range.clone()),
    }
}

/// Pieces of a format string: (literal, field name, specifier, conversion).
#[derive(DeriveLayout)]
#[repr(C)]
pub struct FormatterIter {
    header: Header,
    text: Slot,
    /// How many pieces were given.
    position: AtomicUsize,
}

#[native_class(name = "formatteriterator", base = object, flags = "final no_new")]
impl FormatterIter {
    fn __iter__(this: Gc<FormatterIter>) -> R {
        Ok(this.value())
    }
    fn __next__(this: Gc<FormatterIter>) -> R<Option<Value>> {
        let text = text_argument(this.text.get().unwrap_or(Value::none()))?;
        let units = Units(text.text());
        let start = this.position.load(Ordering::Relaxed);
        let mut parser = Parser::over(&units, start..text.len());
        let Some(piece) = parser.next() else { return Ok(None) };
        this.position.store(parser.position(), Ordering::Relaxed);
        let piece = piece.map_err(raise_fault)?;
        let mut items: GcVec = GcVec::new();
        items.push(part(text, piece.literal));
        match piece.field {
            Some(field) => {
                items.push(part(text, field.name));
                items.push(part(text, field.spec));
                items.push(field.conversion.map_or(Value::none(), |code| Str::from_char(code).value()));
            }
            None => items.extend_from_slice(&[Value::none(); 3]),
        }
        Ok(Some(new_tuple(&items).value()))
    }
}

/// Steps of a field name: (is attribute, name or index).
#[derive(DeriveLayout)]
#[repr(C)]
pub struct FieldIter {
    header: Header,
    text: Slot,
    /// How many steps were given.
    done: AtomicUsize,
}

#[native_class(name = "fieldnameiterator", base = object, flags = "final no_new")]
impl FieldIter {
    fn __iter__(this: Gc<FieldIter>) -> R {
        Ok(this.value())
    }
    fn __next__(this: Gc<FieldIter>) -> R<Option<Value>> {
        let text = text_argument(this.text.get().unwrap_or(Value::none()))?;
        let units = Units(text.text());
        let mut fields = FieldName::split(&units, 0..text.len(), digit).map_err(raise_fault)?;
        let done = this.done.fetch_add(1, Ordering::Relaxed);
        let Some(step) = fields.nth(done) else { return Ok(None) };
        let (is_attribute, value) = match step.map_err(raise_fault)? {
            Step::Attribute(range) => (true, part(text, range)),
            Step::Item(name) => (false, name_value(text, &name)),
        };
        Ok(Some(new_tuple(&[Value::bool(is_attribute), value]).value()))
    }
}
