//! Coders that go on where they stopped: incremental encoders and decoders, readers and writers of streams.
//!
//! What begins a character at the end of an input waits for the next one. Must not know: how codecs work.

use crate::codec::MultibyteCodec;
use crate::coding::{self, Codec};
use crate::engine::State;
use base::text::TextBuilder;
use heap::Tracer;
use native_macros::{Layout, native_class};
use objects::layout::Trace;
use objects::{
    Args, Buf, Bytes, Cast, Class, Gc, Header, R, Slot, Str, Tuple, Value, attribute_error, call_method, class_name, codec, exc,
    interned, new_bytes, new_object, new_str, new_tuple, type_error,
};

/// How much may wait at the end of an input.
const MOST_CHARACTERS: usize = 2;
const MOST_BYTES: usize = 8;

/// What all coders have.
struct Feed {
    codec: &'static Codec,
    errors: Slot,
    state: heap::Mutex<State>,
    /// What waits: a str or bytes.
    pending: Slot,
}

impl Trace for Feed {
    fn trace(&self, tracer: &mut Tracer) {
        self.errors.trace(tracer);
        self.pending.trace(tracer);
    }
}

impl Feed {
    /// Made for an instance of a class that names its codec.
    fn new(cls: Gc<Class>, start: impl Fn(&Codec) -> State) -> R<Feed> {
        let codec = objects::get_attr(cls.value(), interned!("codec"))?;
        let Some(codec) = codec.cast::<MultibyteCodec>() else { return Err(type_error!("codec is unexpected type")) };
        let state = heap::Mutex::new(start(codec.codec));
        Ok(Feed { codec: codec.codec, errors: Slot::new(new_str("strict")), state, pending: Slot::empty() })
    }
    fn errors(&self) -> String {
        self.errors.get().and_then(|errors| errors.cast::<Str>()).map_or_else(String::new, |errors| errors.to_string_lossy())
    }
    fn set_errors(&self, value: Option<Value>) -> R<()> {
        let Some(value) = value else { return Err(attribute_error!("cannot delete attribute")) };
        if value.cast::<Str>().is_none() {
            return Err(type_error!("errors must be a string"));
        }
        self.errors.set(value);
        Ok(())
    }
    fn shown_errors(&self) -> Value {
        self.errors.get().unwrap_or(Value::none())
    }
    fn pending_text(&self) -> Option<Gc<Str>> {
        self.pending.get().and_then(|pending| pending.cast::<Str>())
    }
    fn pending_bytes(&self) -> Option<Gc<Bytes>> {
        self.pending.get().and_then(|pending| pending.cast::<Bytes>())
    }

    /// Encodes what waits and `text`.
    fn encode(&self, text: Gc<Str>, last: bool) -> R<Vec<u8>> {
        let text = match self.pending_text() {
            Some(pending) => {
                let mut all = TextBuilder::new();
                all.push_text(pending.text());
                all.push_text(text.text());
                Str::from_text(all.finish().as_text())?
            }
            None => text,
        };
        // No lock while error handlers run: a coder that two threads use at once mixes their texts anyway.
        let mut state = *self.state.lock();
        let result = coding::encode(self.codec, &mut state, text, &self.errors(), last);
        *self.state.lock() = state;
        let (out, written) = result?;
        let rest = text.len() - written;
        if rest > MOST_CHARACTERS {
            return Err(unicode_error("pending buffer overflow"));
        }
        self.pending.clear();
        if rest > 0 {
            let mut waiting = TextBuilder::new();
            (written..text.len()).filter_map(|at| text.text().get(at)).for_each(|point| waiting.push(point));
            self.pending.set(Str::from_text(waiting.finish().as_text())?.value());
        }
        Ok(out)
    }

    /// Decodes what waits and `data`.
    fn decode(&self, data: &[u8], last: bool) -> R<Gc<Str>> {
        let joined = self.pending_bytes().map(|pending| [pending.as_slice(), data].concat());
        let data = joined.as_deref().unwrap_or(data);
        let mut state = *self.state.lock();
        let result = coding::decode(self.codec, &mut state, data, &self.errors(), last);
        *self.state.lock() = state;
        let (text, read) = result?;
        let rest = data.get(read..).unwrap_or(&[]);
        if rest.len() > MOST_BYTES {
            return Err(unicode_error("pending buffer overflow"));
        }
        self.pending.clear();
        if !rest.is_empty() {
            self.pending.set(new_bytes(rest));
        }
        Ok(text)
    }

    fn reset_encoder(&self) -> Vec<u8> {
        self.pending.clear();
        let mut out = Vec::new();
        self.codec.engine.encode_reset(&mut self.state.lock(), &mut out);
        out
    }
    fn reset_decoder(&self) {
        self.pending.clear();
        self.codec.engine.decode_reset(&mut self.state.lock());
    }
}

fn unicode_error(text: &str) -> objects::Raised {
    objects::raise(exc::new_exception_text(exc::UNICODE_ERROR.get(), text).value())
}

fn text_of(input: Value) -> R<Gc<Str>> {
    match input.cast::<Str>() {
        Some(text) => Ok(text),
        None => objects::str_of(input).map_err(|raised| {
            raised.clear();
            type_error!("couldn't convert the object to str.")
        }),
    }
}

fn set_errors(feed: &Feed, errors: Option<&str>) {
    feed.errors.set(new_str(errors.unwrap_or("strict")));
}

#[derive(Layout)]
#[repr(C)]
pub struct IncrementalEncoder {
    pub header: Header,
    feed: Feed,
}

#[native_class(name = "_multibytecodec.MultibyteIncrementalEncoder", layout = IncrementalEncoder, base = object, flags = "dict weakref")]
impl IncrementalEncoder {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        let feed = Feed::new(cls, |codec| codec.engine.encode_start())?;
        Ok(new_object(cls, IncrementalEncoder { header: Header::blank(), feed }).value())
    }
    #[sig("($self, /, errors='strict')")]
    fn __init__(this: Gc<IncrementalEncoder>, errors: Option<&str>) {
        set_errors(&this.feed, errors);
    }
    /// The bytes of the input, as far as they are known.
    #[sig("($self, /, input, final=False)")]
    fn encode(this: Gc<IncrementalEncoder>, input: Value, r#final: bool) -> R {
        Ok(new_bytes(&this.feed.encode(text_of(input)?, r#final)?))
    }
    /// The state as an int: what waits (its length in front), then the codec's eight bytes.
    fn getstate(this: Gc<IncrementalEncoder>) -> R {
        let mut bytes = vec![0];
        if let Some(pending) = this.feed.pending_text() {
            bytes.extend(codec::encode(pending, "utf-8", "strict")?);
            bytes[0] = (bytes.len() - 1) as u8;
        }
        bytes.extend(*this.feed.state.lock());
        int_from(&bytes)
    }
    /// Go on as when `getstate()` was called.
    fn setstate(this: Gc<IncrementalEncoder>, state: Value) -> R<()> {
        let bytes = int_bytes(state, 1 + 2 * MOST_BYTES)?;
        let length = bytes[0] as usize;
        if length > MOST_BYTES {
            return Err(unicode_error("pending buffer too large"));
        }
        let pending = codec::decode(&bytes[1..=length], "utf-8", "strict")?;
        if pending.len() > MOST_CHARACTERS {
            return Err(unicode_error("pending buffer too large"));
        }
        this.feed.pending.set_opt(Some(pending.value()).filter(|_| length > 0));
        this.feed.state.lock().copy_from_slice(&bytes[1 + length..9 + length]);
        Ok(())
    }
    /// Forget everything.
    fn reset(this: Gc<IncrementalEncoder>) {
        this.feed.reset_encoder();
    }
    #[getter]
    fn errors(this: Gc<IncrementalEncoder>) -> Value {
        this.feed.shown_errors()
    }
    #[setter(errors)]
    fn set_errors(this: Gc<IncrementalEncoder>, value: Option<Value>) -> R<()> {
        this.feed.set_errors(value)
    }
}

/// An int from its bytes, lowest first.
fn int_from(bytes: &[u8]) -> R {
    let ints = objects::classes::int();
    call_method(ints.value(), interned!("from_bytes"), &[new_bytes(bytes), new_str("little")])
}

/// The bytes of an int, lowest first.
fn int_bytes(value: Value, count: usize) -> R<Vec<u8>> {
    if !objects::is_int(value) {
        return Err(type_error!("setstate() argument must be int, not {}", class_name(value)));
    }
    let bytes = call_method(value, interned!("to_bytes"), &[objects::new_int_usize(count), new_str("little")])?;
    Ok(bytes.cast::<Bytes>().map_or_else(Vec::new, |bytes| bytes.as_slice().to_vec()))
}

#[derive(Layout)]
#[repr(C)]
pub struct IncrementalDecoder {
    pub header: Header,
    feed: Feed,
}

#[native_class(name = "_multibytecodec.MultibyteIncrementalDecoder", layout = IncrementalDecoder, base = object, flags = "dict weakref")]
impl IncrementalDecoder {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        let feed = Feed::new(cls, |codec| codec.engine.decode_start())?;
        Ok(new_object(cls, IncrementalDecoder { header: Header::blank(), feed }).value())
    }
    #[sig("($self, /, errors='strict')")]
    fn __init__(this: Gc<IncrementalDecoder>, errors: Option<&str>) {
        set_errors(&this.feed, errors);
    }
    /// The text of the input, as far as it is known.
    #[sig("($self, /, input, final=False)")]
    fn decode(this: Gc<IncrementalDecoder>, input: Buf, r#final: bool) -> R<Gc<Str>> {
        this.feed.decode(&input, r#final)
    }
    /// The bytes that wait, and the codec's eight bytes as an int.
    fn getstate(this: Gc<IncrementalDecoder>) -> R {
        let pending = this.feed.pending.get().unwrap_or_else(|| new_bytes(&[]));
        let state = *this.feed.state.lock();
        Ok(new_tuple(&[pending, int_from(&state)?]).value())
    }
    /// Go on as when `getstate()` was called.
    fn setstate(this: Gc<IncrementalDecoder>, state: Value) -> R<()> {
        let Some(state_tuple) = state.cast::<Tuple>() else {
            return Err(type_error!("setstate() argument must be tuple, not {}", class_name(state)));
        };
        let [pending, number] = state_tuple.items() else {
            return Err(type_error!("setstate(): illegal state argument"));
        };
        let Some(bytes) = pending.cast::<Bytes>() else { return Err(type_error!("setstate(): illegal state argument")) };
        if !objects::is_int(*number) {
            return Err(type_error!("setstate(): illegal state argument"));
        }
        let numbers = int_bytes(*number, MOST_BYTES)?;
        if bytes.len() > MOST_BYTES {
            let name = this.feed.codec.name;
            return Err(objects::raise(codec::decode_error(name, *pending, 0, bytes.len(), "pending buffer too large")));
        }
        this.feed.pending.set_opt(Some(*pending).filter(|_| !bytes.is_empty()));
        this.feed.state.lock().copy_from_slice(&numbers);
        Ok(())
    }
    /// Forget everything.
    fn reset(this: Gc<IncrementalDecoder>) {
        this.feed.reset_decoder();
    }
    #[getter]
    fn errors(this: Gc<IncrementalDecoder>) -> Value {
        this.feed.shown_errors()
    }
    #[setter(errors)]
    fn set_errors(this: Gc<IncrementalDecoder>, value: Option<Value>) -> R<()> {
        this.feed.set_errors(value)
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct StreamReader {
    pub header: Header,
    feed: Feed,
    stream: Slot,
}

impl StreamReader {
    /// Reads from the stream by `method` until there is text, or the end.
    fn read_by(&self, method: Gc<Str>, mut size: i64) -> R<Gc<Str>> {
        let stream = self.stream.get().unwrap_or(Value::none());
        if size == 0 {
            return Ok(Str::new(""));
        }
        loop {
            let args: &[Value] = if size < 0 { &[] } else { &[objects::new_int(size)] };
            let data = call_method(stream, method, args)?;
            let Some(bytes) = data.cast::<Bytes>() else {
                return Err(type_error!("stream function returned a non-bytes object ({})", class_name(data)));
            };
            let text = self.feed.decode(bytes.as_slice(), size < 0 || bytes.is_empty())?;
            if size < 0 || !text.is_empty() || bytes.is_empty() {
                return Ok(text);
            }
            // The beginning of one character: the rest of it is asked for.
            size = 1;
        }
    }
}

fn size_of(value: Option<Value>) -> R<i64> {
    match value.filter(|value| !value.is_none()) {
        None => Ok(-1),
        Some(value) if objects::is_int(value) => objects::index(value),
        Some(_) => Err(type_error!("arg 1 must be an integer")),
    }
}

#[native_class(name = "_multibytecodec.MultibyteStreamReader", layout = StreamReader, base = object, flags = "dict weakref")]
impl StreamReader {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        let feed = Feed::new(cls, |codec| codec.engine.decode_start())?;
        Ok(new_object(cls, StreamReader { header: Header::blank(), feed, stream: Slot::empty() }).value())
    }
    #[sig("($self, /, stream, errors='strict')")]
    fn __init__(this: Gc<StreamReader>, stream: Value, errors: Option<&str>) {
        set_errors(&this.feed, errors);
        this.stream.set(stream);
    }
    fn read(this: Gc<StreamReader>, sizeobj: Option<Value>) -> R<Gc<Str>> {
        this.read_by(interned!("read"), size_of(sizeobj)?)
    }
    fn readline(this: Gc<StreamReader>, sizeobj: Option<Value>) -> R<Gc<Str>> {
        this.read_by(interned!("readline"), size_of(sizeobj)?)
    }
    fn readlines(this: Gc<StreamReader>, sizehintobj: Option<Value>) -> R {
        let text = this.read_by(interned!("read"), size_of(sizehintobj)?)?;
        call_method(text.value(), interned!("splitlines"), &[Value::bool(true)])
    }
    fn reset(this: Gc<StreamReader>) {
        this.feed.reset_decoder();
    }
    #[getter]
    fn stream(this: Gc<StreamReader>) -> Value {
        this.stream.get().unwrap_or(Value::none())
    }
    #[getter]
    fn errors(this: Gc<StreamReader>) -> Value {
        this.feed.shown_errors()
    }
    #[setter(errors)]
    fn set_errors(this: Gc<StreamReader>, value: Option<Value>) -> R<()> {
        this.feed.set_errors(value)
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct StreamWriter {
    pub header: Header,
    feed: Feed,
    stream: Slot,
}

impl StreamWriter {
    fn put(&self, bytes: &[u8]) -> R<()> {
        let stream = self.stream.get().unwrap_or(Value::none());
        call_method(stream, interned!("write"), &[new_bytes(bytes)]).map(drop)
    }
}

#[native_class(name = "_multibytecodec.MultibyteStreamWriter", layout = StreamWriter, base = object, flags = "dict weakref")]
impl StreamWriter {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        let feed = Feed::new(cls, |codec| codec.engine.encode_start())?;
        Ok(new_object(cls, StreamWriter { header: Header::blank(), feed, stream: Slot::empty() }).value())
    }
    #[sig("($self, /, stream, errors='strict')")]
    fn __init__(this: Gc<StreamWriter>, stream: Value, errors: Option<&str>) {
        set_errors(&this.feed, errors);
        this.stream.set(stream);
    }
    fn write(this: Gc<StreamWriter>, strobj: Value) -> R<()> {
        this.put(&this.feed.encode(text_of(strobj)?, false)?)
    }
    fn writelines(this: Gc<StreamWriter>, lines: Value) -> R<()> {
        objects::iterate(lines, |line| this.put(&this.feed.encode(text_of(line)?, false)?))
    }
    /// Write what waits and what brings a reader back to its first state.
    fn reset(this: Gc<StreamWriter>) -> R<()> {
        let out = this.feed.encode(Str::new(""), true)?;
        if out.is_empty() { Ok(()) } else { this.put(&out) }
    }
    #[getter]
    fn stream(this: Gc<StreamWriter>) -> Value {
        this.stream.get().unwrap_or(Value::none())
    }
    #[getter]
    fn errors(this: Gc<StreamWriter>) -> Value {
        this.feed.shown_errors()
    }
    #[setter(errors)]
    fn set_errors(this: Gc<StreamWriter>, value: Option<Value>) -> R<()> {
        this.feed.set_errors(value)
    }
}
