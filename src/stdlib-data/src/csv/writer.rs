//! Writers: rows to lines of text.

use crate::csv::ERROR;
use crate::csv::dialect::{Dialect, NONE, QUOTE_ALL, QUOTE_NONE, QUOTE_NONNUMERIC, QUOTE_NOTNULL, QUOTE_STRINGS};
use native_macros::{Layout, native_class};
use objects::{Cast, Gc, Header, R, Slot, Str, Value, call, class_name, class_of, exc, new_native};

#[derive(Layout)]
#[repr(C)]
pub struct Writer {
    pub header: Header,
    write: Slot,
    dialect: Gc<Dialect>,
}

pub fn make(write: Value, dialect: Gc<Dialect>) -> Gc<Writer> {
    new_native(Writer { header: Header::blank(), write: Slot::new(write), dialect })
}

fn is_number(value: Value) -> bool {
    let slots = &class_of(value).slots;
    slots.int.get().is_some()
        || slots.float.get().is_some()
        || slots.index.get().is_some()
        || value.cast::<objects::Complex>().is_some()
}

/// Appends a field; `text` is None for Python's None.
fn append(line: &mut Vec<u32>, dialect: Gc<Dialect>, text: Option<Gc<Str>>, quoted: bool, first: bool) -> R<()> {
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
    let start = line.len();
    if let Some(text) = text {
        for code in text.chars().iter() {
            let special = code == dialect.delimiter
                || code == dialect.escape
                || code == dialect.quote
                || code == b'\r' as u32
                || code == b'\n' as u32
                || dialect.line_end.chars().iter().any(|end| end == code);
            if special {
                let mut escape = false;
                if dialect.quoting == QUOTE_NONE {
                    escape = true;
                } else if code == dialect.quote {
                    if dialect.double_quote {
                        line.push(dialect.quote);
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
                    line.push(dialect.escape);
                } else {
                    quoted = true;
                }
            }
            line.push(code);
        }
    }
    if quoted {
        line.insert(start, dialect.quote);
        line.push(dialect.quote);
    }
    Ok(())
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
    let mut line = Vec::new();
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
        append(&mut line, dialect, text, quoted, count == 0)?;
        count += 1;
    }
    if count > 0 && line.is_empty() {
        if dialect.quoting == QUOTE_NONE || (last_none && matches!(dialect.quoting, QUOTE_STRINGS | QUOTE_NOTNULL)) {
            return Err(ERROR.raise("single empty field record must be quoted"));
        }
        append(&mut line, dialect, None, true, true)?;
    }
    line.extend(dialect.line_end.chars().iter());
    call(this.write.get().unwrap_or(Value::none()), &[Str::from_ucs4(&line).value()])
}

/// CSV writer
///
/// Writes rows of a table to a file object.
#[native_class(name = "_csv.writer", base = object, flags = "final no_new")]
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
