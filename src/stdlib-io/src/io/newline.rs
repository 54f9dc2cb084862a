//! Newline translation of decoded text, and `IncrementalNewlineDecoder`.
//!
//! Must not know: streams.

use super::common;
use base::text::{Text, TextBuilder, Unit};
use base::with_units;
use native_macros::{Layout, native_class};
use objects::{
    Args, Bytes, Cast, Class, Gc, Header, R, Str, Tuple, Value, call_method, class_name, int_view, interned, is_int, new_bytes,
    new_int, new_object, new_str, new_tuple, type_error,
};

pub const SEEN_CR: u8 = 1;
pub const SEEN_LF: u8 = 2;
pub const SEEN_CRLF: u8 = 4;

/// What universal newlines must remember between two chunks.
#[derive(Clone, Copy, Default)]
pub struct NewlineState {
    /// A "\r" at the end of the last chunk is held back: the "\n" of a pair may follow.
    pub pending_cr: bool,
    pub seen: u8,
}
objects::no_references!(NewlineState);

fn has(text: Text, character: u32) -> bool {
    fn holds<U: Unit>(units: &[U], character: u32) -> bool {
        U::truncate(character).first_in(units).is_some()
    }
    with_units!(text, units => holds(units, character))
}

impl NewlineState {
    /// Passes a chunk on, with newlines noted and (if asked) translated to "\n".
    pub fn convert(&mut self, chunk: Gc<Str>, translate: bool, is_final: bool) -> R<Gc<Str>> {
        let mut chunk = chunk;
        if self.pending_cr && (is_final || !chunk.is_empty()) {
            chunk = objects::str_concat(Str::from_char(13), chunk)?;
            self.pending_cr = false;
        }
        if !is_final && !chunk.is_empty() && chunk.char_at(chunk.len() - 1) == 13 {
            chunk = Str::substring(chunk, 0, chunk.len() - 1);
            self.pending_cr = true;
        }
        if chunk.is_empty() {
            return Ok(chunk);
        }
        let text = chunk.text();
        if !has(text, 13) {
            if self.seen & SEEN_LF == 0 && has(text, 10) {
                self.seen |= SEEN_LF;
            }
            return Ok(chunk);
        }
        let mut out = TextBuilder::with_capacity(if translate { text.len() } else { 0 });
        with_units!(text, units => self.convert_units(units, translate, &mut out));
        if !translate {
            return Ok(chunk);
        }
        Str::from_buf(&out.finish())
    }
    fn convert_units<U: Unit>(&mut self, units: &[U], translate: bool, out: &mut TextBuilder) {
        let (cr, lf) = (U::truncate(13), U::truncate(10));
        let mut rest = units;
        loop {
            let place = cr.first_in(rest);
            let (plain, after) = rest.split_at(place.unwrap_or(rest.len()));
            if self.seen & SEEN_LF == 0 && lf.first_in(plain).is_some() {
                self.seen |= SEEN_LF;
            }
            if translate {
                out.push_units(plain);
            }
            if place.is_none() {
                return;
            }
            let pair = after.get(1) == Some(&lf);
            self.seen |= if pair { SEEN_CRLF } else { SEEN_CR };
            if translate {
                out.push(10);
            }
            rest = &after[1 + usize::from(pair)..];
        }
    }
    /// The attribute `newlines`.
    pub fn newlines(&self) -> Value {
        let kinds: Vec<&str> = [(SEEN_CR, "\r"), (SEEN_LF, "\n"), (SEEN_CRLF, "\r\n")]
            .iter()
            .filter(|(flag, _)| self.seen & flag != 0)
            .map(|(_, text)| *text)
            .collect();
        match kinds.as_slice() {
            [] => Value::none(),
            [one] => new_str(one),
            [a, b] => new_tuple(&[new_str(a), new_str(b)]).value(),
            _ => new_tuple(&[new_str("\r"), new_str("\n"), new_str("\r\n")]).value(),
        }
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct NewlineDecoder {
    pub header: Header,
    state: heap::Mutex<Option<Fields>>,
}

#[derive(Clone, Copy)]
struct Fields {
    decoder: Value,
    translate: bool,
    newlines: NewlineState,
}
impl objects::Trace for Fields {
    fn trace(&self, tracer: &mut heap::Tracer) {
        tracer.value(self.decoder);
    }
}

fn fields(this: Gc<NewlineDecoder>) -> R<Fields> {
    match *this.state.lock() {
        Some(fields) => Ok(fields),
        None => Err(objects::value_error!("IncrementalNewlineDecoder.__init__() not called")),
    }
}
fn store(this: Gc<NewlineDecoder>, newlines: NewlineState) {
    if let Some(fields) = &mut *this.state.lock() {
        fields.newlines = newlines;
    }
}

/// A decoder that joins the kinds of line ends, for universal newlines mode.
///
/// It takes its text from another decoder, or is given text if decoder=None,
/// and turns \r\n and \r into \n; with translate=False it only keeps \r\n
/// together. It remembers which kinds there were.
#[native_class(name = "_io.IncrementalNewlineDecoder", base = object)]
impl NewlineDecoder {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        Ok(new_object(cls, NewlineDecoder { header: Header::blank(), state: heap::Mutex::new(None) }).value())
    }
    #[sig("(decoder, translate, errors='strict')")]
    fn __init__(this: Gc<NewlineDecoder>, decoder: Value, translate: bool, errors: Option<Value>) {
        let _ = errors;
        *this.state.lock() = Some(Fields { decoder, translate, newlines: NewlineState::default() });
    }
    #[sig("($self, /, input, final=False)")]
    fn decode(this: Gc<NewlineDecoder>, input: Value, final_: bool) -> R {
        let mut current = fields(this)?;
        let output = if current.decoder.is_none() {
            input
        } else {
            call_method(current.decoder, interned!("decode"), &[input, Value::bool(final_)])?
        };
        let Some(text) = output.cast::<Str>() else {
            return Err(type_error!("decoder should return a string result, not '{}'", class_name(output)));
        };
        let result = current.newlines.convert(text, current.translate, final_)?;
        store(this, current.newlines);
        Ok(result.value())
    }
    #[sig("($self, /)")]
    fn getstate(this: Gc<NewlineDecoder>) -> R {
        let current = fields(this)?;
        let (buffer, flag) = if current.decoder.is_none() {
            (new_bytes(b""), 0)
        } else {
            let state = common::call0(current.decoder, interned!("getstate"))?;
            let Some(tuple) = state.cast::<Tuple>() else { return Err(type_error!("illegal decoder state")) };
            match tuple.items() {
                [buffer, flag] if is_int(*flag) && buffer.cast::<Bytes>().is_some() => {
                    (*buffer, int_view(*flag).and_then(|view| view.to_i64()).unwrap_or(0))
                }
                _ => return Err(type_error!("illegal decoder state")),
            }
        };
        let flag = (flag << 1) | i64::from(current.newlines.pending_cr);
        Ok(new_tuple(&[buffer, new_int(flag)]).value())
    }
    #[sig("($self, state, /)")]
    fn setstate(this: Gc<NewlineDecoder>, state: Value) -> R<()> {
        let Some(tuple) = state.cast::<Tuple>() else { return Err(type_error!("state argument must be a tuple")) };
        let [buffer, flag] = tuple.items() else { return Err(type_error!("setstate(): illegal state argument")) };
        let Some(number) = int_view(*flag).and_then(|view| view.to_i64()) else {
            return Err(type_error!("setstate(): illegal state argument"));
        };
        let mut current = fields(this)?;
        current.newlines.pending_cr = number & 1 != 0;
        store(this, current.newlines);
        if !current.decoder.is_none() {
            let inner = new_tuple(&[*buffer, new_int(number >> 1)]);
            call_method(current.decoder, interned!("setstate"), &[inner.value()])?;
        }
        Ok(())
    }
    #[sig("($self, /)")]
    fn reset(this: Gc<NewlineDecoder>) -> R<()> {
        let current = fields(this)?;
        store(this, NewlineState::default());
        if !current.decoder.is_none() {
            common::call0(current.decoder, interned!("reset"))?;
        }
        Ok(())
    }
    #[getter]
    fn newlines(this: Gc<NewlineDecoder>) -> R {
        Ok(fields(this)?.newlines.newlines())
    }
}
