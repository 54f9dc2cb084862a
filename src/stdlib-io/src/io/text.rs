//! `TextIOWrapper`: text over a buffered binary file.
//!
//! Must not know: how positions are packed (`text_position.rs`), which codecs there are.

use super::base::TextIoBase;
use super::buffered;
use super::buffered_classes::{exact_reader, exact_writer};
use super::common::{self, Locked, OwnedGuard, OwnedLock, Size, call0, unsupported};
use super::stringio::{Newline, translate_written};
use super::text_codec::{self, DecoderState, Decoding};
use super::text_lines::{LineEnd, find_line_end};
use base::memory::Grow;
use base::text::{Text, TextBuilder};
use native_macros::{Layout, native_class};
use objects::shape::get_instance_attr;
use objects::{
    Args, Buf, Bytes, Cast, Class, Gc, Layout as _, R, Slot, Str, Value, call_method, class_name, class_of, exc, get_attr,
    get_attr_opt, interned, is_true, new_bytes, new_error, new_object, type_error, value_error,
};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

#[derive(Layout)]
#[layout(parent = TextIoBase)]
#[repr(C)]
pub struct TextIoWrapper {
    pub base: TextIoBase,
    pub(super) buffer: Slot,
    encoding: Slot,
    errors: Slot,
    pub(super) decoder: Slot,
    encoder: Slot,
    /// The text decoded last, of which `State::used` characters were given out.
    pub(super) decoded: Slot,
    lock: OwnedLock,
    pub(super) state: Locked<State>,
    ready: AtomicBool,
    detached: AtomicBool,
    line_buffering: AtomicBool,
    write_through: AtomicBool,
    finalizing: AtomicBool,
}

#[derive(Default)]
pub struct State {
    newline: Option<Newline>,
    pub(super) decoding: Decoding,
    can_write: bool,
    native_out: Option<text_codec::Native>,
    pub(super) used: usize,
    /// The decoder's flags before the bytes that gave `decoded`, and these bytes.
    pub(super) snapshot: Option<(i128, Vec<u8>)>,
    pub(super) bytes_per_char: f64,
    pending: Vec<u8>,
    pub(super) seekable: bool,
    pub(super) telling: bool,
    has_read1: bool,
    chunk_size: usize,
}
objects::no_references!(State);

pub type This = Gc<TextIoWrapper>;
const CHUNK: usize = 8192;

impl TextIoWrapper {
    fn blank() -> TextIoWrapper {
        TextIoWrapper {
            base: TextIoBase::blank(),
            buffer: Slot::empty(),
            encoding: Slot::empty(),
            errors: Slot::empty(),
            decoder: Slot::empty(),
            encoder: Slot::empty(),
            decoded: Slot::empty(),
            lock: OwnedLock::new(),
            state: Locked::new(State::default()),
            ready: AtomicBool::new(false),
            detached: AtomicBool::new(false),
            line_buffering: AtomicBool::new(false),
            write_through: AtomicBool::new(false),
            finalizing: AtomicBool::new(false),
        }
    }
    /// The state, for the moment.
    /// # Safety
    /// The caller holds the lock, and uses the reference only until it next calls anything that may run Python code.
    #[allow(clippy::mut_from_ref)]
    #[inline(always)]
    pub(super) unsafe fn state(&self) -> &mut State {
        self.state.get()
    }
    pub(super) fn errors_text(&self) -> String {
        self.errors
            .get()
            .and_then(|errors| errors.cast::<Str>())
            .map_or_else(|| "strict".to_owned(), |errors| errors.to_string_lossy())
    }
}

#[inline]
pub(super) fn enter(this: This) -> OwnedGuard<'static> {
    // SAFETY: the guard lives on the stack of a native that holds the object.
    let lock: &'static OwnedLock = unsafe { &(*this.as_ptr()).lock };
    lock.enter_again()
}

/// The buffer, or the error of an object that has none.
#[inline]
pub(super) fn buffer(this: This) -> R {
    if this.ready.load(Relaxed)
        && let Some(buffer) = this.buffer.get()
    {
        return Ok(buffer);
    }
    Err(if this.detached.load(Relaxed) { value_error!("underlying buffer has been detached") } else { common::uninitialized() })
}
/// The buffer of an object that can be used.
pub(super) fn buffer_if_ready(this: This) -> Option<Value> {
    if this.ready.load(Relaxed) { this.buffer.get() } else { None }
}
pub(super) fn exact(file: Value) -> Option<This> {
    Some(file).filter(|file| class_of(*file) == TextIoWrapper::class())?.cast::<TextIoWrapper>()
}
pub(super) fn is_exact(this: This) -> bool {
    class_of(this.value()) == TextIoWrapper::class()
}
#[inline]
fn check_open(this: This) -> R<Value> {
    let file = buffer(this)?;
    if is_exact(this)
        && let Some(inner) = exact_reader(file).or_else(|| exact_writer(file))
    {
        return if buffered::is_closed(inner)? { Err(common::closed_error()) } else { Ok(file) };
    }
    common::check_closed(this.value()).map(|()| file)
}

/// Where the text ends that is decoded but not given out: the part from `used` on.
fn unread(this: This) -> Option<(Gc<Str>, usize)> {
    let decoded = this.decoded.get()?.cast::<Str>()?;
    // SAFETY: the lock is held by all callers.
    let used = unsafe { this.state() }.used;
    Some((decoded, used.min(decoded.len())))
}
pub(super) fn set_decoded(this: This, text: Option<Gc<Str>>) {
    this.decoded.set_opt(text.map(|text| text.value()));
    // SAFETY: the lock is held by all callers.
    unsafe { this.state() }.used = 0;
}
fn take_decoded(this: This, limit: Option<usize>) -> Gc<Str> {
    let Some((decoded, used)) = unread(this) else { return Str::empty() };
    let end = limit.map_or(decoded.len(), |limit| used.saturating_add(limit).min(decoded.len()));
    // SAFETY: as above.
    unsafe { this.state() }.used = end;
    if used == end { Str::empty() } else { Str::substring(decoded, used, end) }
}

/// Decodes the next bytes, with newlines treated as asked for.
pub(super) fn decode(this: This, input: Value, bytes: &[u8], is_final: bool) -> R<Gc<Str>> {
    // SAFETY: the lock is held; what handlers may reach is taken out of the state during the call.
    let decoding = unsafe { &mut this.state().decoding };
    let (universal, translate) = (decoding.universal, decoding.translate);
    let text = match decoding.native {
        Some(codec) => {
            let mut partial = std::mem::take(&mut decoding.partial);
            let errors = this.errors_text();
            let result = text_codec::decode_native(codec, &mut partial, bytes, &errors, is_final);
            unsafe { this.state() }.decoding.partial = partial;
            result?
        }
        None => text_codec::decode_python(&this.decoder, input, is_final)?,
    };
    if !universal {
        return Ok(text);
    }
    let mut newlines = unsafe { this.state() }.decoding.newlines;
    let result = newlines.convert(text, translate, is_final);
    unsafe { this.state() }.decoding.newlines = newlines;
    result
}
pub(super) fn decoder_state(this: This) -> R<DecoderState> {
    // SAFETY: the lock is held.
    let decoding = unsafe { &this.state().decoding };
    let (universal, pending) = (decoding.universal, decoding.newlines.pending_cr);
    let mut state = match decoding.native {
        Some(_) => DecoderState { buffer: decoding.partial.clone(), flags: 0 },
        None => text_codec::python_state(&this.decoder)?,
    };
    if universal {
        state.flags = (state.flags << 1) | i128::from(pending);
    }
    Ok(state)
}
pub(super) fn set_decoder_state(this: This, buffer: &[u8], flags: i128) -> R<()> {
    // SAFETY: the lock is held.
    let decoding = unsafe { &mut this.state().decoding };
    let mut flags = flags;
    if decoding.universal {
        decoding.newlines.pending_cr = flags & 1 != 0;
        flags >>= 1;
    }
    if decoding.native.is_some() {
        decoding.partial = buffer.to_vec();
        return Ok(());
    }
    text_codec::set_python_state(&this.decoder, buffer, flags)
}
pub(super) fn reset_decoder(this: This) -> R<()> {
    // SAFETY: the lock is held.
    let decoding = unsafe { &mut this.state().decoding };
    decoding.newlines.pending_cr = false;
    decoding.newlines.seen = 0;
    decoding.partial.clear();
    match this.decoder.get() {
        Some(decoder) => call0(decoder, interned!("reset")).map(|_| ()),
        None => Ok(()),
    }
}
/// Tells the encoder whether it is at the beginning of the file (byte order marks).
pub(super) fn reset_encoder(this: This, at_start: bool) -> R<()> {
    match this.encoder.get() {
        Some(encoder) if at_start => call0(encoder, interned!("reset")).map(|_| ()),
        Some(encoder) => call_method(encoder, interned!("setstate"), &[Value::small(0)]).map(|_| ()),
        None => Ok(()),
    }
}

/// Hands what waits to the buffer.
pub(super) fn write_out(this: This) -> R<()> {
    // SAFETY: the lock is held.
    let pending = std::mem::take(&mut unsafe { this.state() }.pending);
    if pending.is_empty() {
        return Ok(());
    }
    let file = buffer(this)?;
    if let Some(writer) = exact_writer(file) {
        let result = loop {
            match buffered::write(writer, &pending) {
                Ok(_) => break Ok(()),
                Err(raised) => common::is_interrupted(raised)?,
            }
        };
        let mut pending = pending;
        pending.clear();
        // SAFETY: as above; the memory is used again.
        let state = unsafe { this.state() };
        if state.pending.is_empty() && pending.capacity() <= 4 * CHUNK {
            state.pending = pending;
        }
        return result;
    }
    common::call_retrying(file, interned!("write"), &[new_bytes(&pending)]).map(|_| ())
}

pub fn write(this: This, text: Gc<Str>) -> R<usize> {
    let _guard = enter(this);
    check_open(this)?;
    // SAFETY: the lock is held; no reference to the state lives across a call.
    let state = unsafe { this.state() };
    if !state.can_write {
        return Err(unsupported("not writable"));
    }
    let count = text.len();
    let line_buffering = this.line_buffering.load(Relaxed);
    let end = state.newline.and_then(Newline::written);
    let mut text = text;
    let mut needs_flush = false;
    if line_buffering {
        needs_flush = match text.text() {
            Text::One(units) => memchr::memchr2(b'\n', b'\r', units).is_some(),
            Text::Two(units) => units.iter().any(|unit| matches!(unit, 10 | 13)),
            Text::Four(units) => units.iter().any(|unit| matches!(unit, 10 | 13)),
        };
    }
    if let Some(end) = end {
        text = translate_written(text, end)?;
    }
    match state.native_out {
        Some(_) if text.is_ascii() => {
            make_room(this, text.len())?;
            let state = unsafe { this.state() };
            state.pending.try_reserve(text.len()).map_err(|_| objects::memory_error())?;
            state.pending.extend_from_slice(text.raw_bytes());
        }
        Some(codec) => {
            let bytes = text_codec::encode_native(codec, text, &this.errors_text(), Vec::new())?;
            append(this, &bytes)?;
        }
        None => {
            let Some(encoder) = this.encoder.get() else { return Err(unsupported("not writable")) };
            let result = call_method(encoder, interned!("encode"), &[text.value()])?;
            let Some(bytes) = result.cast::<Bytes>() else {
                return Err(type_error!("encoder should return a bytes object, not '{}'", class_name(result)));
            };
            append(this, bytes.as_slice())?;
        }
    }
    let state = unsafe { this.state() };
    if state.pending.len() >= state.chunk_size || needs_flush || this.write_through.load(Relaxed) {
        write_out(this)?;
    }
    if needs_flush {
        call0(buffer(this)?, interned!("flush"))?;
    }
    let state = unsafe { this.state() };
    if state.snapshot.is_some() {
        state.snapshot = None;
        set_decoded(this, None);
    }
    if unsafe { this.state() }.decoding.exists {
        reset_decoder(this)?;
    }
    Ok(count)
}
/// Hands on what waits if `more` bytes would make it more than a chunk. The buffer may be Python code that writes here again.
fn make_room(this: This, more: usize) -> R<()> {
    loop {
        // SAFETY: the lock is held.
        let state = unsafe { this.state() };
        if state.pending.is_empty() || state.pending.len() + more <= state.chunk_size {
            return Ok(());
        }
        write_out(this)?;
    }
}
fn append(this: This, bytes: &[u8]) -> R<()> {
    make_room(this, bytes.len())?;
    // SAFETY: the lock is held.
    let state = unsafe { this.state() };
    state.pending.try_reserve(bytes.len()).map_err(|_| objects::memory_error())?;
    state.pending.extend_from_slice(bytes);
    Ok(())
}

/// Reads and decodes the next chunk; false at the end of the file.
fn read_chunk(this: This, wanted: usize) -> R<bool> {
    // SAFETY: the lock is held; no reference to the state lives across a call.
    let state = unsafe { this.state() };
    if !state.decoding.exists {
        return Err(unsupported("not readable"));
    }
    let telling = state.telling;
    let mut size = state.chunk_size;
    if wanted > 0 {
        size = size.max((state.bytes_per_char * wanted as f64).min(isize::MAX as f64 / 2.0) as usize);
    }
    let method = if state.has_read1 { "read1" } else { "read" };
    let before = if telling { Some(decoder_state(this)?) } else { None };
    let file = buffer(this)?;
    let input = match exact_reader(file) {
        Some(reader) => loop {
            match buffered::read1(reader, size as isize) {
                Ok(input) => break input,
                Err(raised) => common::is_interrupted(raised)?,
            }
        },
        None => common::call_retrying(file, objects::intern(method), &[objects::new_int_usize(size)])?,
    };
    let bytes = bytes_like(input, method)?;
    let text = decode(this, input, &bytes, bytes.is_empty())?;
    let count = text.len();
    let is_end = bytes.is_empty() && count == 0;
    set_decoded(this, Some(text));
    let state = unsafe { this.state() };
    state.bytes_per_char = if count > 0 { bytes.len() as f64 / count as f64 } else { 0.0 };
    if let Some(mut before) = before {
        before.buffer.put_all(&bytes);
        state.snapshot = Some((before.flags, before.buffer));
    }
    Ok(!is_end)
}
pub(super) fn bytes_like(input: Value, method: &str) -> R<Buf> {
    match Buf::try_new(input)? {
        Some(bytes) => Ok(bytes),
        None => Err(type_error!("underlying {method}() should have returned a bytes-like object, not '{}'", class_name(input))),
    }
}

fn read(this: This, size: Option<usize>) -> R<Gc<Str>> {
    let _guard = enter(this);
    let file = check_open(this)?;
    // SAFETY: the lock is held.
    if !unsafe { this.state() }.decoding.exists {
        return Err(unsupported("not readable"));
    }
    write_out(this)?;
    let Some(size) = size else {
        let input = match exact_reader(file) {
            Some(reader) => buffered::read(reader, None)?,
            None => call0(file, interned!("read"))?,
        };
        if input.is_none() {
            return Err(common::would_block("Read returned None.", 0));
        }
        let bytes = bytes_like(input, "read")?;
        let rest = decode(this, input, &bytes, true)?;
        let first = take_decoded(this, None);
        let state = unsafe { this.state() };
        if state.snapshot.is_some() {
            state.snapshot = None;
        }
        set_decoded(this, None);
        return if first.is_empty() { Ok(rest) } else { objects::str_concat(first, rest) };
    };
    let first = take_decoded(this, Some(size));
    let mut remaining = size - first.len();
    if remaining == 0 {
        return Ok(first);
    }
    let mut all: Option<TextBuilder> = None;
    let mut last = first;
    while remaining > 0 && read_chunk(this, remaining)? {
        let part = take_decoded(this, Some(remaining));
        remaining -= part.len();
        if !last.is_empty() {
            all.get_or_insert_with(TextBuilder::new).push_text(last.text());
        }
        last = part;
    }
    match all {
        None => Ok(last),
        Some(mut all) => {
            all.push_text(last.text());
            Str::from_buf(&all.finish())
        }
    }
}

fn read_line(this: This, limit: Option<usize>) -> R<Gc<Str>> {
    let _guard = enter(this);
    next_line(this, limit)
}

/// The same for who has entered.
fn next_line(this: This, limit: Option<usize>) -> R<Gc<Str>> {
    check_open(this)?;
    // SAFETY: the lock is held; no reference to the state lives across a call.
    let state = unsafe { this.state() };
    let end = state.newline.map_or(LineEnd::Lf, Newline::line_end);
    if !state.pending.is_empty() {
        write_out(this)?;
    }
    let mut line: Option<TextBuilder> = None;
    loop {
        let (text, used) = match unread(this) {
            Some((text, used)) if used < text.len() => (text, used),
            _ => {
                if !read_chunk(this, 0)? {
                    set_decoded(this, None);
                    unsafe { this.state() }.snapshot = None;
                    break;
                }
                match unread(this) {
                    Some((text, used)) if used < text.len() => (text, used),
                    _ => continue,
                }
            }
        };
        let Some(mut line_so_far) = line.take() else {
            let units = text.text();
            let mut stop = find_line_end(units, end, used);
            if let Some(limit) = limit
                && stop.is_none_or(|stop| stop - used > limit)
                && units.len() - used >= limit
            {
                stop = Some(used + limit);
            }
            if let Some(stop) = stop {
                unsafe { this.state() }.used = stop;
                return Ok(if stop == used { Str::empty() } else { Str::substring(text, used, stop) });
            }
            let mut builder = TextBuilder::with_capacity(2 * (units.len() - used));
            builder.push_text(units.slice(used..units.len()));
            unsafe { this.state() }.used = units.len();
            line = Some(builder);
            continue;
        };
        let old = line_so_far.len();
        let units = text.text();
        line_so_far.push_text(units.slice(used..units.len()));
        let from = if end == LineEnd::CrLf { old.saturating_sub(1) } else { old };
        let mut stop = find_line_end(line_so_far.as_text(), end, from);
        if let Some(limit) = limit
            && stop.is_none_or(|stop| stop > limit)
            && line_so_far.len() >= limit
        {
            stop = Some(limit);
        }
        match stop {
            Some(stop) => {
                unsafe { this.state() }.used = used + stop.saturating_sub(old);
                return Str::from_text(line_so_far.as_text().slice(0..stop));
            }
            None => {
                unsafe { this.state() }.used = units.len();
                line = Some(line_so_far);
            }
        }
    }
    match line {
        Some(line) => Str::from_buf(&line.finish()),
        None => Ok(Str::empty()),
    }
}

fn newline_argument(newline: Value, function: &str) -> R<Newline> {
    if newline.is_none() {
        return Ok(Newline::Universal);
    }
    let Some(text) = newline.cast::<Str>() else {
        return Err(type_error!("{function}() argument 'newline' must be str or None, not {}", class_name(newline)));
    };
    let text = text.to_string_lossy();
    if text.contains('\0') {
        return Err(value_error!("embedded null character"));
    }
    Newline::parse(Some(&text)).ok_or_else(|| value_error!("illegal newline value: {text}"))
}

/// Sets encoding, errors and newline, and makes decoder and encoder.
fn set_codec(this: This, encoding: Gc<Str>, errors: Gc<Str>, newline: Newline) -> R<()> {
    let name = objects::convert::utf8(encoding)?;
    objects::convert::utf8(errors)?;
    if let Some((known, _)) = name.split_once('\0') {
        return Err(objects::lookup_error!("unknown encoding: {known}"));
    }
    let native = text_codec::native(name);
    let codec = match native {
        Some(_) => None,
        None => Some(lookup_text(name)?),
    };
    let file = this.buffer.get().ok_or_else(common::uninitialized)?;
    let readable = is_true(call0(file, interned!("readable"))?)?;
    let writable = is_true(call0(file, interned!("writable"))?)?;
    let decoder = match codec {
        Some(codec) if readable => Some(text_codec::make_incremental(codec, "incrementaldecoder", errors)?),
        _ => None,
    };
    let encoder = match codec {
        Some(codec) if writable => Some(text_codec::make_incremental(codec, "incrementalencoder", errors)?),
        _ => None,
    };
    this.encoding.set(encoding.value());
    this.errors.set(errors.value());
    this.decoder.set_opt(decoder);
    this.encoder.set_opt(encoder);
    // SAFETY: the lock is held.
    let state = unsafe { this.state() };
    state.newline = Some(newline);
    state.decoding = Decoding {
        exists: readable,
        native,
        partial: Vec::new(),
        universal: newline.is_universal(),
        translate: newline.translates(),
        newlines: Default::default(),
    };
    state.can_write = writable;
    state.native_out = native;
    Ok(())
}
fn lookup_text(name: &str) -> R<Gc<objects::Tuple>> {
    let codec = crate::codecs::registry::lookup(name)?;
    if let Some(flag) = get_attr_opt(codec.value(), interned!("_is_text_encoding"))?
        && !is_true(flag)?
    {
        return Err(objects::lookup_error!("'{name}' is not a text encoding"));
    }
    Ok(codec)
}

/// An encoder in the middle of a file writes no byte order mark.
fn fix_encoder(this: This) -> R<()> {
    // SAFETY: the lock is held.
    if !unsafe { this.state() }.seekable || this.encoder.get().is_none() {
        return Ok(());
    }
    let position = call0(buffer_any(this)?, interned!("tell"))?;
    if objects::eq(position, Value::small(0))? { Ok(()) } else { reset_encoder(this, false) }
}
fn buffer_any(this: This) -> R {
    this.buffer.get().ok_or_else(common::uninitialized)
}

pub struct Settings {
    pub encoding: Option<Value>,
    pub errors: Option<Value>,
    pub newline: Value,
    pub line_buffering: bool,
    pub write_through: bool,
}

pub fn init(this: This, file: Value, settings: Settings) -> R<()> {
    let _guard = enter(this);
    this.ready.store(false, Relaxed);
    this.detached.store(false, Relaxed);
    let text_or_none = |value: Option<Value>, what: &str| -> R<Option<Gc<Str>>> {
        match value.filter(|value| !value.is_none()) {
            None => Ok(None),
            Some(value) => match value.cast::<Str>() {
                Some(text) => Ok(Some(text)),
                None => Err(type_error!("TextIOWrapper() argument '{what}' must be str or None, not {}", class_name(value))),
            },
        }
    };
    let encoding = text_or_none(settings.encoding, "encoding")?;
    if encoding.is_none() && objects::config::get().warn_default_encoding {
        objects::warnings::warn(&exc::ENCODING_WARNING, "'encoding' argument not specified", 1)?;
    }
    let errors = text_or_none(settings.errors, "errors")?.unwrap_or_else(|| interned!("strict"));
    for text in [encoding, Some(errors)].into_iter().flatten() {
        if text.chars().iter().any(|c| c == 0) {
            return Err(value_error!("embedded null character"));
        }
    }
    if objects::config::get().dev_mode {
        crate::codecs::registry::lookup_error_handler(objects::convert::utf8(errors)?)?;
    }
    let newline = newline_argument(settings.newline, "TextIOWrapper")?;
    let encoding = match encoding {
        Some(encoding) if !objects::str::str_is(&encoding, "locale") => encoding,
        _ => text_codec::locale_encoding().cast::<Str>().unwrap_or_else(Str::empty),
    };
    {
        // SAFETY: the lock is held.
        let state = unsafe { this.state() };
        *state = State { chunk_size: CHUNK, ..State::default() };
    }
    set_decoded(this, None);
    this.line_buffering.store(settings.line_buffering, Relaxed);
    this.write_through.store(settings.write_through, Relaxed);
    this.buffer.set(file);
    let made = set_codec(this, encoding, errors, newline);
    if let Err(raised) = made {
        this.buffer.set_opt(None);
        return Err(raised);
    }
    let seekable = is_true(call0(file, interned!("seekable"))?)?;
    let has_read1 = get_attr_opt(file, interned!("read1"))?.is_some();
    {
        // SAFETY: as above.
        let state = unsafe { this.state() };
        state.seekable = seekable;
        state.telling = seekable;
        state.has_read1 = has_read1;
    }
    fix_encoder(this)?;
    this.ready.store(true, Relaxed);
    Ok(())
}

/// A fresh stream for `open` and the standard streams.
pub fn open(file: Value, settings: Settings) -> R<This> {
    let this = new_object(TextIoWrapper::class(), TextIoWrapper::blank());
    init(this, file, settings)?;
    Ok(this)
}

/// Flushes this file and those of this class below it. They are open if it is, as long as nothing is written: each need not ask all below.
fn flush(this: This) -> R {
    let (mut this, mut is_open) = (this, false);
    for _ in 0..super::chain::LONGEST {
        let file = {
            let _guard = enter(this);
            let file = if is_open { buffer(this)? } else { check_open(this)? };
            // SAFETY: the lock is held.
            let state = unsafe { this.state() };
            state.telling = state.seekable;
            is_open = state.pending.is_empty();
            write_out(this)?;
            file
        };
        match exact(file) {
            Some(below) if get_instance_attr(file, interned!("flush")).is_none() => this = below,
            _ => return call0(file, interned!("flush")),
        }
    }
    call0(this.value(), interned!("flush"))
}

fn optional_flag(value: Option<Value>) -> R<Option<bool>> {
    match value.filter(|value| !value.is_none()) {
        None => Ok(None),
        Some(value) => Ok(Some(objects::index(value)? != 0)),
    }
}

/// A text stream over buffer, a binary stream.
///
/// encoding is the name of the encoding, by default locale.getencoding().
/// errors says how coding errors are handled, by default "strict" (see
/// help(codecs.Codec)).
///
/// newline is None, '', '\n', '\r' or '\r\n':
///
/// * In reading, None lets lines end in '\n', '\r' or '\r\n' and turns each of
///   these into '\n'. '' lets lines end in them too, but changes nothing. With
///   the other values lines end in that string alone, and it is not changed.
/// * In writing, None turns '\n' into os.linesep, '\r' and '\r\n' turn it into
///   themselves; '' and '\n' change nothing.
///
/// If line_buffering is true, writing a newline flushes the stream.
#[native_class(name = "_io.TextIOWrapper", base = TextIoBase)]
impl TextIoWrapper {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        Ok(new_object(cls, TextIoWrapper::blank()).value())
    }
    #[sig("(buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False)")]
    fn __init__(
        this: This,
        buffer: Value,
        encoding: Option<Value>,
        errors: Option<Value>,
        newline: Option<Value>,
        line_buffering: bool,
        write_through: bool,
    ) -> R<()> {
        let newline = newline.unwrap_or(Value::none());
        init(this, buffer, Settings { encoding, errors, newline, line_buffering, write_through })
    }
    /// Give the stream other parameters, after flushing it.
    #[sig("($self, /, *, encoding=None, errors=None, newline=None, line_buffering=None, write_through=None)")]
    fn reconfigure(
        this: This,
        encoding: Option<Value>,
        errors: Option<Value>,
        newline: Option<Value>,
        line_buffering: Option<Value>,
        write_through: Option<Value>,
    ) -> R<()> {
        buffer(this)?;
        let text = |value: Option<Value>, what: &str| -> R<Option<Gc<Str>>> {
            match value.filter(|value| !value.is_none()) {
                None => Ok(None),
                Some(value) => match value.cast::<Str>() {
                    Some(text) => Ok(Some(text)),
                    None => Err(type_error!("reconfigure() argument '{what}' must be str or None, not {}", class_name(value))),
                },
            }
        };
        let (encoding, errors) = (text(encoding, "encoding")?, text(errors, "errors")?);
        let newline = newline.map(|newline| newline_argument(newline, "reconfigure")).transpose()?;
        let _guard = enter(this);
        // SAFETY: the lock is held; no reference to the state lives across a call.
        let reading = this.decoded.get().is_some();
        if reading && (encoding.is_some() || errors.is_some() || newline.is_some()) {
            return Err(unsupported("It is not possible to set the encoding or newline of stream after the first read"));
        }
        let (line_buffering, write_through) = (optional_flag(line_buffering)?, optional_flag(write_through)?);
        call0(this.value(), interned!("flush"))?;
        let old_newline = unsafe { this.state() }.newline.unwrap_or(Newline::Universal);
        if encoding.is_some() || errors.is_some() || newline.is_some() {
            let old = |slot: &Slot| slot.get().and_then(|value| value.cast::<Str>()).unwrap_or_else(Str::empty);
            let errors = match (errors, encoding) {
                (Some(errors), _) => errors,
                (None, Some(_)) => interned!("strict"),
                (None, None) => old(&this.errors),
            };
            let encoding = match encoding {
                Some(encoding) if objects::str::str_is(&encoding, "locale") => {
                    text_codec::locale_encoding().cast::<Str>().unwrap_or_else(Str::empty)
                }
                Some(encoding) => encoding,
                None => old(&this.encoding),
            };
            set_codec(this, encoding, errors, newline.unwrap_or(old_newline))?;
            fix_encoder(this)?;
        }
        if let Some(flag) = line_buffering {
            this.line_buffering.store(flag, Relaxed);
        }
        if let Some(flag) = write_through {
            this.write_through.store(flag, Relaxed);
        }
        Ok(())
    }
    #[sig("($self, /)")]
    fn detach(this: This) -> R {
        let file = buffer(this)?;
        call0(this.value(), interned!("flush"))?;
        this.buffer.set_opt(None);
        this.detached.store(true, Relaxed);
        this.ready.store(false, Relaxed);
        Ok(file)
    }
    #[sig("($self, text, /)")]
    fn write(this: This, text: Value) -> R<usize> {
        buffer(this)?;
        match text.cast::<Str>() {
            Some(text) => write(this, text),
            None => Err(type_error!("write() argument must be str, not {}", class_name(text))),
        }
    }
    #[sig("($self, size=-1, /)")]
    fn read(this: This, #[default(Size(-1))] size: Size) -> R<Gc<Str>> {
        read(this, size.limit())
    }
    #[sig("($self, size=-1, /)")]
    fn readline(this: This, #[default(-1)] size: isize) -> R<Gc<Str>> {
        read_line(this, usize::try_from(size).ok())
    }
    fn __next__(this: This) -> R<Option<Value>> {
        buffer(this)?;
        let _guard = enter(this);
        // SAFETY: the lock is held.
        unsafe { this.state() }.telling = false;
        let line = if is_exact(this) {
            next_line(this, None)?
        } else {
            let line = call0(this.value(), interned!("readline"))?;
            match line.cast::<Str>() {
                Some(line) => line,
                None => {
                    return Err(new_error(
                        exc::OS_ERROR.get(),
                        &format!("readline() should have returned a str object, not '{}'", class_name(line)),
                    ));
                }
            }
        };
        if line.is_empty() {
            let state = unsafe { this.state() };
            state.snapshot = None;
            state.telling = state.seekable;
            return Ok(None);
        }
        Ok(Some(line.value()))
    }
    /// Move to a position and return it.
    ///
    ///   cookie
    ///     0 or a number that tell() has returned.
    ///   whence
    ///     From where the position counts.
    #[sig("($self, cookie, whence=os.SEEK_SET, /)")]
    fn seek(this: This, cookie: Value, #[default(0)] whence: i32) -> R {
        let _guard = enter(this);
        check_open(this)?;
        super::text_position::seek(this, cookie, whence)
    }
    /// The position, as a number that means something to seek() alone.
    #[sig("($self, /)")]
    fn tell(this: This) -> R {
        let _guard = enter(this);
        check_open(this)?;
        super::text_position::tell(this)
    }
    #[sig("($self, pos=None, /)")]
    fn truncate(this: This, pos: Option<Value>) -> R {
        let file = buffer(this)?;
        call0(this.value(), interned!("flush"))?;
        call_method(file, interned!("truncate"), &[pos.unwrap_or(Value::none())])
    }
    #[sig("($self, /)")]
    fn fileno(this: This) -> R {
        call0(buffer(this)?, interned!("fileno"))
    }
    #[sig("($self, /)")]
    fn seekable(this: This) -> R {
        call0(buffer(this)?, interned!("seekable"))
    }
    #[sig("($self, /)")]
    fn readable(this: This) -> R {
        call0(buffer(this)?, interned!("readable"))
    }
    #[sig("($self, /)")]
    fn writable(this: This) -> R {
        call0(buffer(this)?, interned!("writable"))
    }
    #[sig("($self, /)")]
    fn isatty(this: This) -> R {
        call0(buffer(this)?, interned!("isatty"))
    }
    #[sig("($self, /)")]
    fn flush(this: This) -> R {
        flush(this)
    }
    #[sig("($self, /)")]
    fn close(this: This) -> R {
        let file = buffer(this)?;
        // Asking may run Python code that detaches.
        if common::is_closed(this.value())? || this.detached.load(Relaxed) {
            return Ok(Value::none());
        }
        if this.finalizing.load(Relaxed)
            && let Err(raised) = call_method(file, interned!("_dealloc_warn"), &[this.value()])
        {
            raised.clear();
        }
        let flushed = call0(this.value(), interned!("flush"));
        common::finally(flushed, || call0(file, interned!("close"))).map(|_| Value::none())
    }
    #[sig("($self, /)")]
    fn __getstate__(this: This) -> R {
        Err(common::cannot_pickle(this.value()))
    }
    fn __repr__(this: This) -> R<String> {
        if !this.ready.load(Relaxed) && !this.detached.load(Relaxed) {
            return Err(common::uninitialized());
        }
        let mut text = format!("<{}", common::class_full(this.value()));
        for attribute in ["name", "mode"] {
            if let Some(shown) = common::shown_name(this.value(), attribute)? {
                text.push_str(&format!(" {attribute}={}", common::repr_name(this.value(), shown)?));
            }
        }
        let encoding = this.encoding.get().unwrap_or(Value::none());
        Ok(format!("{text} encoding={}>", objects::repr(encoding)?.to_string_lossy()))
    }
    #[getter]
    fn name(this: This) -> R {
        get_attr(buffer(this)?, interned!("name"))
    }
    #[getter]
    fn closed(this: This) -> R {
        super::chain::closed(buffer(this)?)
    }
    #[getter]
    fn newlines(this: This) -> R {
        buffer(this)?;
        let _guard = enter(this);
        // SAFETY: the lock is held.
        let decoding = unsafe { &this.state().decoding };
        if !decoding.exists {
            return Ok(Value::none());
        }
        if decoding.universal {
            return Ok(decoding.newlines.newlines());
        }
        match this.decoder.get() {
            Some(decoder) => Ok(get_attr_opt(decoder, interned!("newlines"))?.unwrap_or(Value::none())),
            None => Ok(Value::none()),
        }
    }
    #[getter]
    fn errors(this: This) -> R<Option<Value>> {
        if !this.ready.load(Relaxed) && !this.detached.load(Relaxed) {
            return Err(common::uninitialized());
        }
        Ok(this.errors.get())
    }
    #[getter]
    fn encoding(this: This) -> Option<Value> {
        this.encoding.get()
    }
    #[getter]
    fn buffer(this: This) -> Option<Value> {
        this.buffer.get()
    }
    #[getter]
    fn line_buffering(this: This) -> bool {
        this.line_buffering.load(Relaxed)
    }
    #[getter]
    fn write_through(this: This) -> bool {
        this.write_through.load(Relaxed)
    }
    #[getter("_CHUNK_SIZE")]
    fn chunk_size(this: This) -> R<usize> {
        buffer(this)?;
        let _guard = enter(this);
        // SAFETY: the lock is held.
        Ok(unsafe { this.state() }.chunk_size)
    }
    #[setter("_CHUNK_SIZE")]
    fn set_chunk_size(this: This, size: Option<Value>) -> R<()> {
        buffer(this)?;
        let Some(size) = size else {
            return Err(objects::attribute_error!("attribute '_CHUNK_SIZE' of '_io.TextIOWrapper' objects cannot be deleted"));
        };
        let number = objects::index_object(size)?;
        let Some(size) = objects::int_view(number).and_then(|view| view.to_i64()) else {
            return Err(value_error!("cannot fit 'int' into an index-sized integer"));
        };
        if size <= 0 {
            return Err(value_error!("a strictly positive integer is required"));
        }
        let _guard = enter(this);
        // SAFETY: the lock is held.
        unsafe { this.state() }.chunk_size = size as usize;
        Ok(())
    }
    #[getter]
    fn _finalizing(this: This) -> bool {
        this.finalizing.load(Relaxed)
    }
    #[setter(_finalizing)]
    fn set_finalizing(this: This, flag: Option<Value>) -> R<()> {
        this.finalizing.store(common::strict_bool(flag)?, Relaxed);
        Ok(())
    }
}

/// What `print` may use: writes to a plain stream without looking up its method.
pub fn try_write(file: Value, text: Gc<Str>) -> Option<R<()>> {
    let this = file.cast_exact::<TextIoWrapper>()?;
    Some(buffer(this).and_then(|_| write(this, text)).map(|_| ()))
}
