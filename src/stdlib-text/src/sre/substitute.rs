//! `sub` and `subn`.

use super::matching::{Range, new_match};
use super::pattern::Pattern;
use super::subject::{Mode, Subject, Walk, with_scratch};
use super::template::{self, Template, wrong_item};
use base::memory::Grow;
use base::text::TextBuilder;
use objects::{Buf, Cast, Gc, R, Raised, Str, Value, call, is_callable};

/// The text or bytes being put together. What cannot be joined is reported at the end, as joining a list would.
pub struct Output {
    pieces: Pieces,
    count: usize,
    wrong: Option<(usize, Value)>,
}
enum Pieces {
    Text(TextBuilder),
    Bytes(Vec<u8>),
}

impl Output {
    pub fn text() -> Output {
        Output { pieces: Pieces::Text(TextBuilder::new()), count: 0, wrong: None }
    }
    pub fn bytes() -> Output {
        Output { pieces: Pieces::Bytes(Vec::new()), count: 0, wrong: None }
    }
    fn like(subject: &Subject) -> Output {
        match subject {
            Subject::Text(_) => Output::text(),
            Subject::Bytes(_) => Output::bytes(),
        }
    }
    pub fn add(&mut self, item: Value) {
        let fits = match &mut self.pieces {
            Pieces::Text(builder) => item.cast::<Str>().map(|text| builder.push_text(text.text())),
            Pieces::Bytes(bytes) => match Buf::try_new(item) {
                Ok(buffer) => buffer.map(|buffer| bytes.put_all(&buffer)),
                Err(raised) => {
                    raised.clear();
                    None
                }
            },
        };
        if fits.is_none() && self.wrong.is_none() {
            self.wrong = Some((self.count, item));
        }
        self.count += 1;
    }
    pub fn add_slice(&mut self, subject: &Subject, start: usize, end: usize) {
        match (&mut self.pieces, subject) {
            (Pieces::Text(builder), Subject::Text(text)) => builder.push_text(text.chars().slice(start, end).into()),
            (Pieces::Bytes(bytes), Subject::Bytes(buffer)) => bytes.put_all(&buffer[start..end]),
            _ => return self.add(subject.slice(start, end)),
        }
        self.count += 1;
    }
    pub fn finish(self) -> R {
        if let Some((index, item)) = self.wrong {
            return Err(wrong_item(index, matches!(self.pieces, Pieces::Text(_)), item));
        }
        match self.pieces {
            Pieces::Text(builder) => Str::from_buf(&builder.finish()).map(Gc::value),
            Pieces::Bytes(bytes) => Ok(objects::new_bytes(&bytes)),
        }
    }
}

/// What replaces a match.
enum Replacement {
    Literal(Value),
    Template(Gc<Template>),
    Function(Value),
}

fn replacement_of(pattern: Gc<Pattern>, value: Value) -> R<Replacement> {
    if is_callable(value) {
        return Ok(Replacement::Function(value));
    }
    let is_literal = match Subject::new(value) {
        Ok(Subject::Text(text)) => match text.chars() {
            objects::str::Chars::One(units) => memchr::memchr(b'\\', units).is_none(),
            units => units.iter().all(|code| code != b'\\' as u32),
        },
        Ok(Subject::Bytes(buffer)) => memchr::memchr(b'\\', &buffer).is_none(),
        Err(raised) => {
            raised.clear();
            false
        }
    };
    if is_literal {
        return Ok(Replacement::Literal(value));
    }
    let template = template::compiled(pattern, value)?;
    Ok(if template.has_groups() { Replacement::Template(template) } else { Replacement::Literal(template.literal()) })
}

/// The new string, and how many matches were replaced.
pub fn substitute(pattern: Gc<Pattern>, replacement: Value, string: Value, limit: isize) -> R<(Value, usize)> {
    let replacement = replacement_of(pattern, replacement)?;
    let subject = pattern.subject(string)?;
    let len = subject.len();
    let mut output = Output::like(&subject);
    let mut walk = Walk::new(0, len);
    let (mut copied, mut count) = (0, 0);
    with_scratch(|scratch| {
        while limit == 0 || (count as isize) < limit {
            let Some((start, end)) = walk.next(&subject, pattern.program(), scratch, Mode::Search)? else { break };
            if copied < start {
                output.add_slice(&subject, copied, start);
            }
            match &replacement {
                Replacement::Literal(value) => output.add(*value),
                Replacement::Template(template) => {
                    let span_of = |group: usize| match group {
                        0 => Ok(Some((start, end))),
                        _ if group > pattern.groups() => Err(objects::index_error!("no such group")),
                        _ => Ok(scratch.span(group)),
                    };
                    template.write(&mut output, &subject, span_of)?;
                }
                Replacement::Function(function) => {
                    let found = new_match(pattern, string, Range { pos: 0, endpos: len }, (start, end), scratch);
                    let item = call(*function, &[found.value()])?;
                    if !item.is_none() {
                        output.add(item);
                    }
                }
            }
            copied = end;
            count += 1;
        }
        Ok::<(), Raised>(())
    })?;
    if count == 0 {
        return Ok((subject.slice(0, len), 0));
    }
    if copied < len {
        output.add_slice(&subject, copied, len);
    }
    Ok((output.finish()?, count))
}
