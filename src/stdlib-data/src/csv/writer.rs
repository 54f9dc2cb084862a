//! Writers: rows to lines of text.

use crate::csv::ERROR;
use crate::csv::dialect::{Dialect, NONE, QUOTE_ALL, QUOTE_NONE, QUOTE_NONNUMERIC, QUOTE_NOTNULL, QUOTE_STRINGS};
use base::text::{Text, TextBuilder, Unit};
use base::with_units;
use native_macros::{Layout, native_class};
use objects::{Cast, Gc, Header, R, Slot, Str, Value, call, class_name, class_of, exc, new_native};

#[derive(Layout)]
#[repr(C)]
pub struct Writer {
    pub header: Header,
    write: Slot,
    dialect: Gc<Dialect>,
    /// The ASCII characters that do not just stand for themselves, a bit each. Holds no reference.
    #[layout(skip)]
    special: u128,
}

pub fn make(write: Value, dialect: Gc<Dialect>) -> Gc<Writer> {
    let own = [dialect.delimiter, dialect.escape, dialect.quote, b'\r'.into(), b'\n'.into()];
    let special =
        own.into_iter().chain(dialect.line_end.chars().iter()).filter(|code| *code < 128).fold(0, |bits, code| bits | 1 << code);
    new_native(Writer { header: Header::blank(), write: Slot::new(write), dialect, special })
}

fn is_special(dialect: Gc<Dialect>, code: u32) -> bool {
    [dialect.delimiter, dialect.escape, dialect.quote, b'\r'.into(), b'\n'.into()].contains(&code)
        || dialect.line_end.chars().iter().any(|end| end == code)
}

/// Whether a field has characters that must be quoted or escaped.
fn has_special<U: Unit>(writer: &Writer, units: &[U]) -> bool {
    units.iter().any(|unit| match (*unit).into() {
        code @ 0..128 => writer.special >> code & 1 != 0,
        code => is_special(writer.dialect, code),
    })
}

fn is_number(value: Value) -> bool {
    let slots = &class_of(value).slots;
    slots.int.get().is_some()
        || slots.float.get().is_some()
        || slots.index.get().is_some()
        || value.cast::<objects::Complex>().is_some()
}

/// Appends a field; `text` is None for Python's None.
fn append(writer: &Writer, line: &mut TextBuilder, text: Option<Gc<Str>>, quoted: bool, first: bool) -> R<()> {
    let dialect = writer.dialect;
    if !first {
        line.push(dialect.delimiter);
    }
    let mut quoted = quoted;
    let empty = text.is_none_or(|text| text.is_empty());
    if empty && dialect.delimiter == b' ' as u32 && dialect.skip_space {
        let bare_none = text.is_none() && matches!(dialect.quoting, QUOTE_STRINGS | QUOTE_NOTNULL);
        if dialect.quoting == QUOTE_NONE || bare_none {
            return Err(ERROR.raise("empty field must be quoted if delimiter is a space and skipinitialspace is true"));
        }
        quoted = true;
    }
    let text = text.map_or(Text::One(&[]), |text| text.text());
    let escaped;
    let body = if with_units!(text, units => has_special(writer, units)) {
        let must_quote;
        (escaped, must_quote) = escape(dialect, text)?;
        quoted |= must_quote;
        escaped.as_text()
    } else {
        text
    };
    if quoted {
        line.push(dialect.quote);
    }
    line.push_text(body);
    if quoted {
        line.push(dialect.quote);
    }
    Ok(())
}

/// The text with its quotes doubled or escaped, and whether it must stand in quotes.
fn escape(dialect: Gc<Dialect>, text: Text) -> R<(TextBuilder, bool)> {
    let mut out = TextBuilder::with_capacity(text.len() + 2);
    let mut quoted = false;
    for code in text.code_points() {
        if is_special(dialect, code) {
            let mut escape = false;
            if dialect.quoting == QUOTE_NONE {
                escape = true;
            } else if code == dialect.quote {
                if dialect.double_quote {
                    out.push(dialect.quote);
                } else {
                    escape = true;
                }
            } else if code == dialect.escape {
                escape = true;
            }
            if escape {
                if dialect.escape == NONE {
                    return Err(ERROR.raise("need to escape, but no escapechar set"));
                }
                out.push(dialect.escape);
            } else {
                quoted = true;
            }
        }
        out.push(code);
    }
    Ok((out, quoted))
}

fn write_row(this: Gc<Writer>, row: Value) -> R {
    let dialect = this.dialect;
    let iterator = match objects::iter(row) {
        Ok(iterator) => iterator,
        Err(raised) if raised.is(&exc::TYPE_ERROR) => {
            raised.clear();
            return Err(ERROR.raise(&format!("iterable expected, not {}", class_name(row))));
        }
        Err(raised) => return Err(raised),
    };
    let mut line = TextBuilder::with_capacity(64);
    let (mut count, mut last_none) = (0, false);
    while let Some(field) = objects::next(iterator)? {
        let quoted = match dialect.quoting {
            QUOTE_NONNUMERIC => !is_number(field),
            QUOTE_ALL => true,
            QUOTE_STRINGS => field.cast::<Str>().is_some(),
            QUOTE_NOTNULL => !field.is_none(),
            _ => false,
        };
        last_none = field.is_none();
        let text = if last_none { None } else { Some(objects::str_of(field)?) };
        append(&this, &mut line, text, quoted, count == 0)?;
        count += 1;
    }
    if count > 0 && line.is_empty() {
        if dialect.quoting == QUOTE_NONE || (last_none && matches!(dialect.quoting, QUOTE_STRINGS | QUOTE_NOTNULL)) {
            return Err(ERROR.raise("single empty field record must be quoted"));
        }
        append(&this, &mut line, None, true, true)?;
    }
    line.push_text(dialect.line_end.text());
    call(this.write.get().unwrap_or(Value::none()), &[Str::from_buf(&line.finish())?.value()])
}

/// CSV writer
///
/// Writes rows of a table to a file object.
#[native_class(name = "_csv.writer", base = object, flags = "no_new")]
impl Writer {
    /// Write the fields of an iterable as one row.
    fn writerow(this: Gc<Writer>, row: Value) -> R {
        write_row(this, row)
    }
    /// Write several rows.
    fn writerows(this: Gc<Writer>, rows: Value) -> R<()> {
        let iterator = objects::iter(rows)?;
        while let Some(row) = objects::next(iterator)? {
            write_row(this, row)?;
        }
        Ok(())
    }
    #[getter]
    fn dialect(this: Gc<Writer>) -> Gc<Dialect> {
        this.dialect
    }
}
