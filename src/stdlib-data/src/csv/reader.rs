//! Readers: lines of text to rows.

use crate::csv::dialect::{Dialect, QUOTE_NONE, QUOTE_NONNUMERIC, QUOTE_NOTNULL, QUOTE_STRINGS};
use crate::csv::{ERROR, field_limit};
use base::memory::Grow;
use base::text::Unit;
use base::with_units;
use native_macros::{Layout, native_class};
use objects::list::{List, list_push};
use objects::{Cast, Gc, Header, Layout, R, Slot, Str, Value, class_name, new_list, new_native};
use std::sync::atomic::{AtomicI64, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct Reader {
    pub header: Header,
    input: Slot,
    dialect: Gc<Dialect>,
    lines: AtomicI64,
    /// Counts the records begun and ended.
    records: AtomicI64,
}

pub fn make(input: Value, dialect: Gc<Dialect>) -> Gc<Reader> {
    new_native(Reader {
        header: Header::blank(),
        input: Slot::new(input),
        dialect,
        lines: AtomicI64::new(0),
        records: AtomicI64::new(0),
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    StartRecord,
    StartField,
    EscapedChar,
    InField,
    InQuotedField,
    EscapeInQuotedField,
    QuoteInQuotedField,
    EatLineEnd,
    AfterEscapedLineEnd,
}

/// One record being read.
struct Record {
    dialect: Gc<Dialect>,
    fields: Gc<List>,
    field: Vec<u32>,
    state: State,
    unquoted: bool,
    limit: i64,
}

/// Stands for the end of a line of input.
const END: u32 = u32::MAX - 1;
const CR: u32 = b'\r' as u32;
const LF: u32 = b'\n' as u32;

impl Record {
    fn save(&mut self) -> R<()> {
        let text = Str::from_ucs4(&self.field);
        self.field.clear();
        self.save_text(text)
    }
    fn save_text(&mut self, text: Gc<Str>) -> R<()> {
        let dialect = self.dialect;
        let empty = text.is_empty();
        let value = if self.unquoted && empty && matches!(dialect.quoting, QUOTE_NOTNULL | QUOTE_STRINGS) {
            Value::none()
        } else {
            let text = text.value();
            if self.unquoted && !empty && matches!(dialect.quoting, QUOTE_NONNUMERIC | QUOTE_STRINGS) {
                objects::call(objects::float::FloatObject::class().value(), &[text])?
            } else {
                text
            }
        };
        list_push(self.fields, value);
        Ok(())
    }
    fn add(&mut self, code: u32) -> R<()> {
        self.check_room(1)?;
        self.field.put(code);
        Ok(())
    }
    fn check_room(&self, more: usize) -> R<()> {
        if (self.field.len() + more) as i64 > self.limit {
            return Err(ERROR.raise(&format!("field larger than field limit ({})", self.limit)));
        }
        Ok(())
    }

    /// All characters of a line: runs of plain ones together, what means something one by one. A field in which nothing does is cut out.
    fn take_line<U: Unit>(&mut self, line: Gc<Str>, units: &[U]) -> R<()> {
        let dialect = self.dialect;
        let ends_field = |code: u32| matches!(code, CR | LF) || code == dialect.delimiter || code == dialect.escape;
        let starts_plain = |code: u32| {
            let quote = code == dialect.quote && dialect.quoting != QUOTE_NONE;
            !ends_field(code) && !quote && !(code == b' ' as u32 && dialect.skip_space)
        };
        let mut at = 0;
        while at < units.len() {
            let rest = &units[at..];
            match self.state {
                State::StartRecord | State::StartField if starts_plain(rest[0].into()) => {
                    let run = rest.iter().position(|unit| ends_field((*unit).into()));
                    let length = run.unwrap_or(rest.len());
                    self.check_room(length)?;
                    self.unquoted = true;
                    let end = run.map(|run| rest[run].into());
                    if end.is_some_and(|end| end == dialect.escape) {
                        self.field.make_room(length);
                        self.field.extend(rest[..length].iter().map(|unit| (*unit).into()));
                        self.state = State::InField;
                        at += length;
                        continue;
                    }
                    self.save_text(Str::substring(line, at, at + length))?;
                    // Without a line end the end of the line is all that comes.
                    self.state = if end.is_none_or(|end| matches!(end, CR | LF)) { State::EatLineEnd } else { State::StartField };
                    at += length + usize::from(end.is_some());
                }
                State::InField | State::InQuotedField => {
                    let quoted = self.state == State::InQuotedField;
                    let special = |code: u32| match quoted {
                        true => code == dialect.escape || code == dialect.quote && dialect.quoting != QUOTE_NONE,
                        false => ends_field(code),
                    };
                    let length = rest.iter().position(|unit| special((*unit).into())).unwrap_or(rest.len());
                    self.check_room(length)?;
                    self.field.make_room(length);
                    self.field.extend(rest[..length].iter().map(|unit| (*unit).into()));
                    at += length;
                    if let Some(unit) = units.get(at) {
                        self.take((*unit).into())?;
                        at += 1;
                    }
                }
                _ => {
                    self.take(rest[0].into())?;
                    at += 1;
                }
            }
        }
        Ok(())
    }
    /// The field and, at a line end, the record are complete.
    fn finish(&mut self, code: u32) -> R<()> {
        self.save()?;
        self.state = if code == END { State::StartRecord } else { State::EatLineEnd };
        Ok(())
    }

    fn take(&mut self, code: u32) -> R<()> {
        let dialect = self.dialect;
        let line_end = matches!(code, CR | LF | END);
        if self.state == State::StartRecord {
            match code {
                END => return Ok(()),
                CR | LF => {
                    self.state = State::EatLineEnd;
                    return Ok(());
                }
                _ => self.state = State::StartField,
            }
        }
        if self.state == State::AfterEscapedLineEnd {
            if code == END {
                return Ok(());
            }
            self.state = State::InField;
        }
        match self.state {
            State::StartField => {
                self.unquoted = true;
                if line_end {
                    self.finish(code)?;
                } else if code == dialect.quote && dialect.quoting != QUOTE_NONE {
                    self.unquoted = false;
                    self.state = State::InQuotedField;
                } else if code == dialect.escape {
                    self.state = State::EscapedChar;
                } else if code == b' ' as u32 && dialect.skip_space {
                } else if code == dialect.delimiter {
                    self.save()?;
                } else {
                    self.add(code)?;
                    self.state = State::InField;
                }
            }
            State::EscapedChar => {
                self.add(if code == END { LF } else { code })?;
                self.state = if matches!(code, CR | LF) { State::AfterEscapedLineEnd } else { State::InField };
            }
            State::InField => {
                if line_end {
                    self.finish(code)?;
                } else if code == dialect.escape {
                    self.state = State::EscapedChar;
                } else if code == dialect.delimiter {
                    self.save()?;
                    self.state = State::StartField;
                } else {
                    self.add(code)?;
                }
            }
            State::InQuotedField => {
                if code == END {
                } else if code == dialect.escape {
                    self.state = State::EscapeInQuotedField;
                } else if code == dialect.quote && dialect.quoting != QUOTE_NONE {
                    self.state = if dialect.double_quote { State::QuoteInQuotedField } else { State::InField };
                } else {
                    self.add(code)?;
                }
            }
            State::EscapeInQuotedField => {
                self.add(if code == END { LF } else { code })?;
                self.state = State::InQuotedField;
            }
            State::QuoteInQuotedField => {
                if dialect.quoting != QUOTE_NONE && code == dialect.quote {
                    self.add(code)?;
                    self.state = State::InQuotedField;
                } else if code == dialect.delimiter {
                    self.save()?;
                    self.state = State::StartField;
                } else if line_end {
                    self.finish(code)?;
                } else if !dialect.strict {
                    self.add(code)?;
                    self.state = State::InField;
                } else {
                    let shown = |code: u32| char::from_u32(code).unwrap_or('\u{fffd}');
                    return Err(ERROR.raise(&format!(
                        "'{}' expected after '{}'",
                        shown(dialect.delimiter),
                        shown(dialect.quote)
                    )));
                }
            }
            State::EatLineEnd => match code {
                CR | LF => {}
                END => self.state = State::StartRecord,
                _ => {
                    return Err(
                        ERROR.raise("new-line character seen in unquoted field - do you need to open the file with newline=''?")
                    );
                }
            },
            State::StartRecord | State::AfterEscapedLineEnd => {}
        }
        Ok(())
    }
}

/// CSV reader
///
/// Iterates over the rows of a table.
#[native_class(name = "_csv.reader", base = object, flags = "no_new")]
impl Reader {
    fn __iter__(this: Gc<Reader>) -> Value {
        this.value()
    }
    fn __next__(this: Gc<Reader>) -> R<Option<Value>> {
        let Some(input) = this.input.get() else { return Ok(None) };
        let mut record = Record {
            dialect: this.dialect,
            fields: new_list(&[]),
            field: Vec::new(),
            state: State::StartRecord,
            unquoted: false,
            limit: field_limit(),
        };
        let records = this.records.fetch_add(1, Ordering::Relaxed) + 1;
        loop {
            let line = objects::next(input)?;
            if this.records.load(Ordering::Relaxed) != records {
                return Err(ERROR.raise("iterator has already advanced the reader"));
            }
            let Some(line) = line else {
                if record.field.is_empty() && record.state != State::InQuotedField {
                    return Ok(None);
                }
                if this.dialect.strict {
                    return Err(ERROR.raise("unexpected end of data"));
                }
                record.save()?;
                return Ok(Some(record.fields.value()));
            };
            let Some(line) = line.cast::<Str>() else {
                return Err(ERROR.raise(&format!(
                    "iterator should return strings, not {} (the file should be opened in text mode)",
                    class_name(line)
                )));
            };
            this.lines.fetch_add(1, Ordering::Relaxed);
            with_units!(line.text(), units => record.take_line(line, units))?;
            record.take(END)?;
            if record.state == State::StartRecord {
                this.records.fetch_add(1, Ordering::Relaxed);
                return Ok(Some(record.fields.value()));
            }
        }
    }
    #[getter]
    fn dialect(this: Gc<Reader>) -> Gc<Dialect> {
        this.dialect
    }
    #[getter]
    fn line_num(this: Gc<Reader>) -> i64 {
        this.lines.load(Ordering::Relaxed)
    }
}
