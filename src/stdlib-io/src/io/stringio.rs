//! `StringIO`: a text file in memory.
//!
//! Must not know: other files.

use super::base::TextIoBase;
use super::bytesio::restore_dict;
use super::common::{self, Size, closed_error_short, uninitialized};
use super::newline::NewlineState;
use super::text_lines::{LineEnd, find_line_end};
use base::text::{Text, TextBuf, TextBuilder, Units};
use native_macros::{Layout, native_class};
use objects::dict;
use objects::{
    Args, Cast, Class, Gc, R, Str, Tuple, Value, class_name, int_view, is_int, new_error, new_int_usize, new_object, new_str,
    new_tuple, type_error, value_error,
};

#[derive(Layout)]
#[layout(parent = TextIoBase)]
#[repr(C)]
pub struct StringIo {
    pub base: TextIoBase,
    state: heap::Mutex<State>,
}

struct State {
    text: Content,
    position: usize,
    closed: bool,
    ready: bool,
    newline: Newline,
    decoding: NewlineState,
}
objects::no_references!(State);

/// Text that grows at its end, or is changed anywhere.
enum Content {
    Growing(TextBuilder),
    Units(Units),
}

impl Content {
    fn as_text(&self) -> Text<'_> {
        match self {
            Content::Growing(builder) => builder.as_text(),
            Content::Units(units) => units.as_text(),
        }
    }
    fn append(&mut self, text: Text) {
        if let Content::Units(units) = self {
            let mut builder = TextBuilder::with_capacity(units.as_text().len() + text.len());
            builder.push_text(units.as_text());
            *self = Content::Growing(builder);
        }
        if let Content::Growing(builder) = self {
            builder.push_text(text);
        }
    }
    /// Writes at a place before the end, or beyond it (what lies between is NUL).
    fn overwrite(&mut self, position: usize, text: Text) {
        let old = self.as_text();
        let mut builder = TextBuilder::with_capacity(old.len().max(position + text.len()));
        builder.push_text(old.slice(0..position.min(old.len())));
        if position > old.len() {
            builder.push_repeated(0, position - old.len());
        }
        builder.push_text(text);
        if position + text.len() < old.len() {
            builder.push_text(old.slice(position + text.len()..old.len()));
        }
        *self = Content::Growing(builder);
    }
    fn truncate(&mut self, len: usize) {
        let old = self.as_text();
        if len < old.len() {
            let kept: TextBuf = old.slice(0..len).to_buf();
            *self = Content::Units(kept.into_units());
        }
    }
    /// Writes over characters of the same width where they are; false if that does not do.
    fn replace_in_place(&mut self, position: usize, text: Text) -> bool {
        match (self, text) {
            (Content::Units(Units::One(units)), Text::One(new)) => units[position..position + new.len()].copy_from_slice(new),
            (Content::Units(Units::Two(units)), Text::Two(new)) => units[position..position + new.len()].copy_from_slice(new),
            (Content::Units(Units::Four(units)), Text::Four(new)) => units[position..position + new.len()].copy_from_slice(new),
            _ => return false,
        }
        true
    }
}

/// What the argument `newline` asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Newline {
    /// None: all kinds are read as "\n".
    Universal,
    /// "": all kinds end a line, none is translated.
    Untranslated,
    Lf,
    Cr,
    CrLf,
}

impl Newline {
    pub fn parse(text: Option<&str>) -> Option<Newline> {
        Some(match text {
            None => Newline::Universal,
            Some("") => Newline::Untranslated,
            Some("\n") => Newline::Lf,
            Some("\r") => Newline::Cr,
            Some("\r\n") => Newline::CrLf,
            _ => return None,
        })
    }
    pub fn is_universal(self) -> bool {
        matches!(self, Newline::Universal | Newline::Untranslated)
    }
    pub fn translates(self) -> bool {
        self == Newline::Universal
    }
    pub fn text(self) -> Option<&'static str> {
        match self {
            Newline::Universal => None,
            Newline::Untranslated => Some(""),
            Newline::Lf => Some("\n"),
            Newline::Cr => Some("\r"),
            Newline::CrLf => Some("\r\n"),
        }
    }
    /// What "\n" becomes when written, if anything else.
    pub fn written(self) -> Option<&'static str> {
        match self {
            Newline::Cr => Some("\r"),
            Newline::CrLf => Some("\r\n"),
            _ => None,
        }
    }
    pub fn line_end(self) -> LineEnd {
        match self {
            Newline::Universal | Newline::Lf => LineEnd::Lf,
            Newline::Untranslated => LineEnd::Any,
            Newline::Cr => LineEnd::Cr,
            Newline::CrLf => LineEnd::CrLf,
        }
    }
}

/// Replaces "\n" by another line end.
pub fn translate_written(text: Gc<Str>, end: &str) -> R<Gc<Str>> {
    let units = text.text();
    let has_newline = match units {
        Text::One(units) => memchr::memchr(b'\n', units).is_some(),
        Text::Two(units) => units.contains(&10),
        Text::Four(units) => units.contains(&10),
    };
    if !has_newline {
        return Ok(text);
    }
    let mut out = TextBuilder::with_capacity(units.len() + 8);
    let mut start = 0;
    for at in 0..units.len() {
        if units.get(at) == Some(10) {
            out.push_text(units.slice(start..at));
            out.push_str(end);
            start = at + 1;
        }
    }
    out.push_text(units.slice(start..units.len()));
    Str::from_buf(&out.finish())
}

impl StringIo {
    fn blank() -> StringIo {
        StringIo { base: TextIoBase::blank(), state: heap::Mutex::new(State::blank()) }
    }
    fn open(&self) -> R<heap::sync::MutexGuard<'_, State>> {
        let state = self.state.lock();
        match (state.ready, state.closed) {
            (true, false) => Ok(state),
            (ready, _) => {
                drop(state);
                Err(if ready { closed_error_short() } else { uninitialized() })
            }
        }
    }
}

impl State {
    fn blank() -> State {
        State {
            text: Content::Growing(TextBuilder::new()),
            position: 0,
            closed: false,
            ready: false,
            newline: Newline::Lf,
            decoding: NewlineState::default(),
        }
    }
    /// Sets newline and empties.
    fn restart(&mut self, newline: Newline) {
        *self = State { ready: true, newline, ..State::blank() };
    }
    fn write(&mut self, text: Gc<Str>) -> R<()> {
        let (newline, mut decoding) = (self.newline, self.decoding);
        let mut text = text;
        if newline.is_universal() {
            text = decoding.convert(text, newline.translates(), true)?;
        }
        if let Some(end) = newline.written() {
            text = translate_written(text, end)?;
        }
        if text.is_empty() {
            return Ok(());
        }
        let units = text.text();
        self.decoding = decoding;
        let position = self.position;
        let Some(end) = position.checked_add(units.len()).filter(|end| *end < isize::MAX as usize / 4) else {
            return Err(objects::overflow_error!("new position too large"));
        };
        let len = self.text.as_text().len();
        if position == len {
            self.text.append(units);
        } else {
            if position > len && position > (1 << 40) {
                return Err(objects::memory_error());
            }
            if end > len || !self.text.replace_in_place(position, units) {
                self.text.overwrite(position, units);
                if end <= len
                    && let Content::Growing(builder) = std::mem::replace(&mut self.text, Content::Growing(TextBuilder::new()))
                {
                    self.text = Content::Units(builder.finish().into_units());
                }
            }
        }
        self.position = end;
        Ok(())
    }
}

fn take_line(this: Gc<StringIo>, limit: Option<usize>) -> R<Gc<Str>> {
    let mut state = this.open()?;
    let text = state.text.as_text();
    let start = state.position;
    if start >= text.len() {
        return Ok(Str::empty());
    }
    let rest = text.slice(start..text.len());
    let rest = match limit {
        Some(limit) if limit < rest.len() => rest.slice(0..limit),
        _ => rest,
    };
    let end = find_line_end(rest, state.newline.line_end(), 0).unwrap_or(rest.len());
    let line = Str::from_text(rest.slice(0..end))?;
    state.position = start + end;
    Ok(line)
}

fn whole(this: Gc<StringIo>) -> R<Gc<Str>> {
    let state = this.open()?;
    if let Content::Growing(builder) = &state.text {
        let text = builder.as_text();
        if let (Text::One(units), 0x7f) = (text, builder.max_char())
            && units.len() > 1
        {
            return Ok(Str::from_ascii(units));
        }
        return Str::from_text(text);
    }
    Str::from_text(state.text.as_text())
}

fn newline_argument(newline: Value) -> R<Newline> {
    if newline.is_none() {
        return Ok(Newline::Universal);
    }
    let Some(text) = newline.cast::<Str>() else {
        return Err(type_error!("newline must be str or None, not {}", class_name(newline)));
    };
    match Newline::parse(Some(&text.to_string_lossy())) {
        Some(newline) => Ok(newline),
        None => Err(value_error!("illegal newline value: {}", objects::repr(newline)?.to_string_lossy())),
    }
}

/// A text stream in memory.
///
/// initial_value is what it contains at first; newline is as for TextIOWrapper.
#[native_class(name = "_io.StringIO", base = TextIoBase)]
impl StringIo {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        Ok(new_object(cls, StringIo::blank()).value())
    }
    #[sig("(initial_value='', newline='\\n')")]
    fn __init__(this: Gc<StringIo>, initial_value: Option<Value>, newline: Option<Value>) -> R<()> {
        let newline = match newline {
            None => Newline::Lf,
            Some(newline) => newline_argument(newline)?,
        };
        let initial = match initial_value.filter(|value| !value.is_none()) {
            None => None,
            Some(value) => match value.cast::<Str>() {
                Some(text) => Some(text),
                None => return Err(type_error!("initial_value must be str or None, not {}", class_name(value))),
            },
        };
        let mut state = this.state.lock();
        state.restart(newline);
        if let Some(text) = initial {
            state.write(text)?;
        }
        state.position = 0;
        Ok(())
    }
    /// Write a string and return its length.
    #[sig("($self, s, /)")]
    fn write(this: Gc<StringIo>, s: Value) -> R<usize> {
        let Some(text) = s.cast::<Str>() else {
            if !this.state.lock().ready {
                return Err(uninitialized());
            }
            return Err(type_error!("string argument expected, got '{}'", class_name(s)));
        };
        this.open()?.write(text)?;
        Ok(text.len())
    }
    /// All of the contents as a string.
    #[sig("($self, /)")]
    fn getvalue(this: Gc<StringIo>) -> R<Gc<Str>> {
        whole(this)
    }
    /// The position in the stream.
    #[sig("($self, /)")]
    fn tell(this: Gc<StringIo>) -> R<usize> {
        Ok(this.open()?.position)
    }
    /// Read at most size characters; all up to the end if size is negative or
    /// omitted.
    ///
    /// At the end the result is ''.
    #[sig("($self, size=-1, /)")]
    fn read(this: Gc<StringIo>, #[default(Size(-1))] size: Size) -> R<Gc<Str>> {
        let mut state = this.open()?;
        let text = state.text.as_text();
        let start = state.position;
        if start >= text.len() {
            return Ok(Str::empty());
        }
        let end = size.limit().map_or(text.len(), |size| start.saturating_add(size).min(text.len()));
        let part = Str::from_text(text.slice(start..end))?;
        state.position = end;
        Ok(part)
    }
    /// Read up to a newline.
    ///
    /// At the end the result is ''.
    #[sig("($self, size=-1, /)")]
    fn readline(this: Gc<StringIo>, #[default(Size(-1))] size: Size) -> R<Gc<Str>> {
        take_line(this, size.limit())
    }
    fn __next__(this: Gc<StringIo>) -> R<Option<Value>> {
        let line = if this.value().cast_exact::<StringIo>().is_some() {
            take_line(this, None)?
        } else {
            drop(this.open()?);
            let line = common::call0(this.value(), objects::interned!("readline"))?;
            match line.cast::<Str>() {
                Some(line) => line,
                None => {
                    return Err(new_error(
                        objects::exc::OS_ERROR.get(),
                        &format!("readline() should have returned a str object, not '{}'", class_name(line)),
                    ));
                }
            }
        };
        Ok(if line.is_empty() { None } else { Some(line.value()) })
    }
    /// Cut the contents to pos characters and return pos.
    ///
    /// It defaults to the position, which stays the same.
    #[sig("($self, pos=None, /)")]
    fn truncate(this: Gc<StringIo>, #[default(Position(None))] pos: Position) -> R<usize> {
        let mut state = this.open()?;
        let size = match pos.0 {
            None => state.position,
            Some(size) if size < 0 => {
                drop(state);
                return Err(value_error!("Negative size value {size}"));
            }
            Some(size) => size as usize,
        };
        state.text.truncate(size);
        Ok(size)
    }
    /// Move to pos and return the new position, in characters from the start.
    ///
    /// whence says from where pos counts:
    ///
    ///   0  the start (the default)
    ///   1  the current position (pos must be 0)
    ///   2  the end (pos must be 0)
    #[sig("($self, pos, whence=0, /)")]
    fn seek(this: Gc<StringIo>, pos: isize, whence: i32) -> R<usize> {
        let mut state = this.open()?;
        if !(0..=2).contains(&whence) {
            return Err(value_error!("Invalid whence ({whence}, should be 0, 1 or 2)"));
        }
        if pos < 0 && whence == 0 {
            return Err(value_error!("Negative seek position {pos}"));
        }
        if whence != 0 && pos != 0 {
            return Err(new_error(objects::exc::OS_ERROR.get(), "Can't do nonzero cur-relative seeks"));
        }
        let target = match whence {
            0 => pos as usize,
            1 => state.position,
            _ => state.text.as_text().len(),
        };
        state.position = target;
        Ok(target)
    }
    /// True, since the stream can be read.
    #[sig("($self, /)")]
    fn readable(this: Gc<StringIo>) -> R<bool> {
        this.open().map(|_| true)
    }
    /// True, since the stream can be written.
    #[sig("($self, /)")]
    fn writable(this: Gc<StringIo>) -> R<bool> {
        this.open().map(|_| true)
    }
    /// True, since the stream can be seeked.
    #[sig("($self, /)")]
    fn seekable(this: Gc<StringIo>) -> R<bool> {
        this.open().map(|_| true)
    }
    /// Close the stream.
    ///
    /// After that all but close() raises ValueError; closing it again does nothing.
    #[sig("($self, /)")]
    fn close(this: Gc<StringIo>) {
        let mut state = this.state.lock();
        state.closed = true;
        state.text = Content::Growing(TextBuilder::new());
    }
    #[getter]
    fn closed(this: Gc<StringIo>) -> R<bool> {
        let state = this.state.lock();
        if state.ready { Ok(state.closed) } else { Err(uninitialized()) }
    }
    #[getter]
    fn line_buffering(this: Gc<StringIo>) -> R<bool> {
        this.open().map(|_| false)
    }
    #[getter]
    fn newlines(this: Gc<StringIo>) -> R {
        let state = this.open()?;
        Ok(if state.newline.is_universal() { state.decoding.newlines() } else { Value::none() })
    }
    #[sig("($self, /)")]
    fn __getstate__(this: Gc<StringIo>) -> R {
        let text = whole(this)?;
        let (newline, position) = {
            let state = this.open()?;
            (state.newline.text(), state.position)
        };
        let dict = match objects::shape::instance_dict(this.value()) {
            Some(dict) if !dict.is_empty() => dict::dict_copy(dict)?.value(),
            _ => Value::none(),
        };
        Ok(new_tuple(&[text.value(), newline.map_or(Value::none(), new_str), new_int_usize(position), dict]).value())
    }
    #[sig("($self, state, /)")]
    fn __setstate__(this: Gc<StringIo>, state: Value) -> R<()> {
        {
            let state = this.state.lock();
            if state.ready && state.closed {
                drop(state);
                return Err(closed_error_short());
            }
        }
        let Some([value, newline, position, dict]) =
            state.cast::<Tuple>().and_then(|state| <[Value; 4]>::try_from(state.items()).ok())
        else {
            return Err(type_error!(
                "{}.__setstate__ argument should be 4-tuple, got {}",
                common::class_full(this.value()),
                class_name(state)
            ));
        };
        let newline = newline_argument(newline)?;
        let initial = match value.cast::<Str>() {
            Some(text) => Some(text),
            None if value.is_none() => None,
            None => return Err(type_error!("initial_value must be str or None, not {}", class_name(value))),
        };
        this.state.lock().restart(newline);
        // The content was translated when it was written first.
        if let Some(text) = initial {
            this.state.lock().text.append(text.text());
        }
        if !is_int(position) {
            return Err(type_error!("third item of state must be an integer, got {}", class_name(position)));
        }
        match int_view(position).and_then(|view| view.to_i64()) {
            Some(number) if number >= 0 => this.state.lock().position = number as usize,
            Some(_) => return Err(value_error!("position value cannot be negative")),
            None => return Err(objects::overflow_error!("Python int too large to convert to C ssize_t")),
        }
        restore_dict(this.value(), dict, "fourth")
    }
}

/// A position, or None for the current one.
pub struct Position(Option<isize>);
impl objects::convert::FromArg for Position {
    fn from_arg(value: Value, name: objects::convert::ArgName) -> R<Position> {
        if value.is_none() {
            return Ok(Position(None));
        }
        Size::from_arg(value, name).map(|size| Position(Some(size.0)))
    }
}
