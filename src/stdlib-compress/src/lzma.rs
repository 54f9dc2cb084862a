//! Module `_lzma`. Must not know: how the library is called (`lzma_raw.rs`).

use crate::decompressor::Decompression;
use crate::lzma_raw::{self as raw, Chain, Options, Stream};
use crate::maybe_blocking;
use native_macros::{Layout, native_class, native_module};
use objects::convert::{ArgName, FromArg};
use objects::dict::dict_set_str;
use objects::error_class::{Base, ErrorClass};
use objects::{
    Buf, Cast, Class, Gc, Header, R, Raised, Str, Value, class_name, class_of, exc, intern, memory_error, new_bytes, new_dict,
    new_int_u64, new_object, new_str, type_error, value_error,
};

static ERROR: ErrorClass = ErrorClass::new("LZMAError", "_lzma", &[Base::Made(&exc::EXCEPTION)]);

const FORMAT_AUTO: i32 = 0;
const FORMAT_XZ: i32 = 1;
const FORMAT_ALONE: i32 = 2;
const FORMAT_RAW: i32 = 3;
const PRESET_DEFAULT: u32 = 6;

#[cold]
fn failure(code: u32) -> Raised {
    ERROR.raise(match code {
        raw::UNSUPPORTED_CHECK => "Unsupported integrity check",
        raw::MEM_ERROR => return memory_error(),
        raw::MEMLIMIT_ERROR => "Memory usage limit exceeded",
        raw::FORMAT_ERROR => "Input format not supported by decoder",
        raw::OPTIONS_ERROR => "Invalid or unsupported options",
        raw::DATA_ERROR => "Corrupt input data",
        raw::BUF_ERROR => "Insufficient buffer space",
        raw::PROG_ERROR => "Internal error",
        code => return ERROR.raise(&format!("Unrecognized error from liblzma: {code}")),
    })
}

fn number<T: FromArg>(value: Value) -> R<T> {
    T::from_arg(value, ArgName::plain("filter"))
}

/// `spec[name]`, if there is such an item.
fn item(spec: Value, name: &str) -> R<Option<Value>> {
    match objects::get_item(spec, new_str(name)) {
        Ok(value) => Ok(Some(value)),
        Err(raised) if raised.is(&exc::KEY_ERROR) => {
            raised.clear();
            Ok(None)
        }
        Err(raised) => Err(raised),
    }
}

/// Refuses items that a filter does not know.
fn check_names(spec: Value, known: &[&str], kind: &str) -> R<()> {
    let mut bad = false;
    objects::iterate(spec, |name| {
        bad |= !known.contains(&name.cast::<Str>().map(|name| name.to_string_lossy()).unwrap_or_default().as_str());
        Ok(())
    })?;
    if bad { Err(value_error!("Invalid filter specifier for {kind} filter")) } else { Ok(()) }
}

fn filter_of(spec: Value) -> R<(u64, Options)> {
    if class_of(spec).slots.getitem.get().is_none() {
        return Err(type_error!("Filter specifier must be a dict or dict-like object"));
    }
    let Some(id) = item(spec, "id")? else { return Err(value_error!("Filter specifier must have an \"id\" entry")) };
    let id: u64 = number(id)?;
    let options = match id {
        raw::LZMA1 | raw::LZMA2 => {
            check_names(spec, &["id", "preset", "dict_size", "lc", "lp", "pb", "mode", "nice_len", "mf", "depth"], "LZMA")?;
            let preset = match item(spec, "preset")? {
                Some(preset) => number(preset)?,
                None => PRESET_DEFAULT,
            };
            let Some(mut options) = Options::preset(preset) else {
                return Err(ERROR.raise(&format!("Invalid compression preset: {preset}")));
            };
            if let Options::Lzma(fields) = &mut options {
                let set = |name: &str, field: &mut u32| -> R<()> {
                    if let Some(value) = item(spec, name)? {
                        *field = number(value)?;
                    }
                    Ok(())
                };
                set("dict_size", &mut fields.dict_size)?;
                set("lc", &mut fields.lc)?;
                set("lp", &mut fields.lp)?;
                set("pb", &mut fields.pb)?;
                set("nice_len", &mut fields.nice_len)?;
                set("depth", &mut fields.depth)?;
                let (mut mode, mut finder) = (fields.mode, fields.mf);
                set("mode", &mut mode)?;
                set("mf", &mut finder)?;
                fields.mode = mode as _;
                fields.mf = finder as _;
            }
            options
        }
        raw::DELTA => {
            check_names(spec, &["id", "dist"], "delta")?;
            Options::delta(match item(spec, "dist")? {
                Some(dist) => number(dist)?,
                None => 1,
            })
        }
        4..=9 => {
            check_names(spec, &["id", "start_offset"], "BCJ")?;
            Options::branch(match item(spec, "start_offset")? {
                Some(offset) => number(offset)?,
                None => 0,
            })
        }
        id => return Err(value_error!("Invalid filter ID: {id}")),
    };
    Ok((id, options))
}

fn chain_of(filters: Value) -> R<Chain> {
    if filters.cast::<objects::Dict>().is_some() {
        return Err(type_error!("dict is not a sequence"));
    }
    let count = objects::len(filters)?;
    if count > raw::MOST_FILTERS {
        return Err(value_error!("Too many filters - liblzma supports a maximum of {}", raw::MOST_FILTERS));
    }
    let mut chain = Chain { ids: Vec::new(), options: Vec::new() };
    for index in 0..count {
        let (id, options) = filter_of(objects::get_item(filters, objects::new_int_usize(index))?)?;
        chain.ids.push(id);
        chain.options.push(options);
    }
    Ok(chain)
}

struct EncoderState(Option<Stream>);
objects::no_references!(EncoderState);

#[derive(Layout)]
#[repr(C)]
pub struct LzmaCompressor {
    pub header: Header,
    state: heap::Mutex<EncoderState>,
}

/// A compressor object for data that comes in pieces.
///
/// format is the container format, check the integrity check in it; the
/// settings are either a preset or a chain of filters.
#[native_class(name = "_lzma.LZMACompressor", base = object, flags = "final")]
impl LzmaCompressor {
    #[new]
    #[sig("(format=FORMAT_XZ, check=-1, preset=None, filters=None)", hidden)]
    fn new(cls: Gc<Class>, #[default(1)] format: i32, check: i32, preset: Option<Value>, filters: Option<Value>) -> R {
        let preset = preset.filter(|preset| !preset.is_none());
        let filters = filters.filter(|filters| !filters.is_none());
        if preset.is_some() && filters.is_some() {
            return Err(value_error!("Cannot specify both preset and filter chain"));
        }
        let preset: u32 = preset.map_or(Ok(PRESET_DEFAULT), number)?;
        if format != FORMAT_XZ && check != -1 && check != raw::CHECK_NONE as i32 {
            return Err(value_error!("Integrity checks are only supported by FORMAT_XZ"));
        }
        let opened = match (format, filters) {
            (FORMAT_XZ, filters) => {
                let check = if check == -1 { raw::CHECK_CRC64 } else { check as u32 };
                match filters {
                    None => Stream::easy_encoder(preset, check),
                    Some(filters) => Stream::encoder(&chain_of(filters)?, check),
                }
            }
            (FORMAT_ALONE, None) => match Options::preset(preset) {
                Some(options) => Stream::alone_encoder(&options),
                None => Err(raw::PROG_ERROR),
            },
            (FORMAT_ALONE, Some(filters)) => {
                let chain = chain_of(filters)?;
                if chain.ids != [raw::LZMA1] {
                    return Err(value_error!("Invalid filter chain for FORMAT_ALONE - must be a single LZMA1 filter"));
                }
                Stream::alone_encoder(&chain.options[0])
            }
            (FORMAT_RAW, None) => return Err(value_error!("Must specify filters for FORMAT_RAW")),
            (FORMAT_RAW, Some(filters)) => Stream::raw_encoder(&chain_of(filters)?),
            (format, _) => return Err(value_error!("Invalid container format: {format}")),
        };
        let stream = opened.map_err(failure)?;
        Ok(new_object(cls, LzmaCompressor { header: Header::blank(), state: heap::Mutex::new(EncoderState(Some(stream))) })
            .value())
    }
    /// The next piece of compressed data; some may be held back until later calls.
    fn compress(this: Gc<LzmaCompressor>, data: Buf) -> R {
        let mut out = Vec::new();
        let result = crate::in_pieces(&this.state, &data, |state, piece| {
            state.0.as_mut().map(|stream| stream.encode(piece, false, &mut out))
        });
        match result? {
            Some(Ok(_)) => Ok(new_bytes(&out)),
            Some(Err(code)) => Err(failure(code)),
            None => Err(value_error!("Compressor has been flushed")),
        }
    }
    /// The last piece of compressed data; the object is of no more use after it.
    fn flush(this: Gc<LzmaCompressor>) -> R {
        let stream = this.state.lock().0.take();
        let Some(mut stream) = stream else { return Err(value_error!("Repeated call to flush()")) };
        let mut out = Vec::new();
        maybe_blocking(usize::MAX, || stream.encode(&[], true, &mut out)).map_err(failure)?;
        Ok(new_bytes(&out))
    }
    fn __reduce__(this: Gc<LzmaCompressor>) -> R {
        Err(type_error!("cannot pickle '{}' object", class_name(this.value())))
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct LzmaDecompressor {
    pub header: Header,
    stream: Decompression<Stream>,
}

/// A decompressor object for data that comes in pieces.
///
/// format is the container format, memlimit bounds the memory used; raw streams
/// need their chain of filters.
#[native_class(name = "_lzma.LZMADecompressor", base = object, flags = "final")]
impl LzmaDecompressor {
    #[new]
    #[sig("(format=FORMAT_AUTO, memlimit=None, filters=None)")]
    fn new(cls: Gc<Class>, #[default(0)] format: i32, memlimit: Option<Value>, filters: Option<Value>) -> R {
        let filters = filters.filter(|filters| !filters.is_none());
        let limit: u64 = match memlimit.filter(|limit| !limit.is_none()) {
            Some(_) if format == FORMAT_RAW => return Err(value_error!("Cannot specify memory limit with FORMAT_RAW")),
            Some(limit) => number(limit)?,
            None => u64::MAX,
        };
        if format == FORMAT_RAW && filters.is_none() {
            return Err(value_error!("Must specify filters for FORMAT_RAW"));
        }
        if format != FORMAT_RAW && filters.is_some() {
            return Err(value_error!("Cannot specify filters except with FORMAT_RAW"));
        }
        let opened = match (format, filters) {
            (FORMAT_AUTO, _) => Stream::auto_decoder(limit),
            (FORMAT_XZ, _) => Stream::xz_decoder(limit),
            (FORMAT_ALONE, _) => Stream::alone_decoder(limit),
            (FORMAT_RAW, Some(filters)) => Stream::raw_decoder(&chain_of(filters)?),
            (format, _) => return Err(value_error!("Invalid container format: {format}")),
        };
        let stream = Decompression::new(opened.map_err(failure)?);
        Ok(new_object(cls, LzmaDecompressor { header: Header::blank(), stream }).value())
    }
    /// The next piece of decompressed data, at most max_length bytes of it (negative: no limit).
    ///
    /// Input that is not needed yet is kept.
    #[sig("(data, max_length=-1)")]
    fn decompress(this: Gc<LzmaDecompressor>, data: Buf, max_length: isize) -> R {
        this.stream.decompress(&data, max_length, "Already at end of stream", failure)
    }
    fn __reduce__(this: Gc<LzmaDecompressor>) -> R {
        Err(type_error!("cannot pickle '{}' object", class_name(this.value())))
    }
    /// The integrity check of the stream, one of the CHECK_ constants.
    #[getter]
    fn check(this: Gc<LzmaDecompressor>) -> u32 {
        this.stream.ask(Stream::check)
    }
    /// What followed the end of the compressed stream.
    #[getter]
    fn unused_data(this: Gc<LzmaDecompressor>) -> Option<Value> {
        this.stream.unused_data()
    }
    /// Whether the end of the stream has been reached.
    #[getter]
    fn eof(this: Gc<LzmaDecompressor>) -> bool {
        this.stream.eof()
    }
    /// Whether any further output needs more input first.
    #[getter]
    fn needs_input(this: Gc<LzmaDecompressor>) -> bool {
        this.stream.needs_input()
    }
}

/// The number constants of the module.
const CONSTANTS: &[(&str, u64)] = &[
    ("FORMAT_AUTO", FORMAT_AUTO as u64),
    ("FORMAT_XZ", FORMAT_XZ as u64),
    ("FORMAT_ALONE", FORMAT_ALONE as u64),
    ("FORMAT_RAW", FORMAT_RAW as u64),
    ("CHECK_NONE", 0),
    ("CHECK_CRC32", 1),
    ("CHECK_CRC64", 4),
    ("CHECK_SHA256", 10),
    ("CHECK_ID_MAX", 15),
    ("CHECK_UNKNOWN", 16),
    ("FILTER_LZMA1", raw::LZMA1),
    ("FILTER_LZMA2", raw::LZMA2),
    ("FILTER_DELTA", raw::DELTA),
    ("FILTER_X86", 4),
    ("FILTER_POWERPC", 5),
    ("FILTER_IA64", 6),
    ("FILTER_ARM", 7),
    ("FILTER_ARMTHUMB", 8),
    ("FILTER_SPARC", 9),
    ("MF_HC3", 3),
    ("MF_HC4", 4),
    ("MF_BT2", 18),
    ("MF_BT3", 19),
    ("MF_BT4", 20),
    ("MODE_FAST", 1),
    ("MODE_NORMAL", 2),
    ("PRESET_DEFAULT", PRESET_DEFAULT as u64),
    ("PRESET_EXTREME", 1 << 31),
];

pub struct Lzma;

/// Compression in the formats of xz and lzma.
#[native_module(name = "_lzma", classes = [LzmaCompressor, LzmaDecompressor])]
impl Lzma {
    #[attr("LZMAError")]
    fn error() -> R {
        Ok(ERROR.class()?.value())
    }
    /// Whether an integrity check is supported.
    #[sig("(check_id, /)")]
    fn is_check_supported(check_id: i32) -> bool {
        check_id >= 0 && raw::check_is_supported(check_id as u32)
    }
    /// The options of a filter as bytes.
    #[sig("(filter, /)")]
    fn _encode_filter_properties(filter: Value) -> R {
        let (id, options) = filter_of(filter)?;
        let chain = Chain { ids: vec![id], options: vec![options] };
        chain.encode_properties().map(|bytes| new_bytes(&bytes)).map_err(failure)
    }
    /// The filter whose options the bytes hold, as a dict.
    #[sig("(filter_id, encoded_props, /)")]
    fn _decode_filter_properties(filter_id: u64, encoded_props: Buf) -> R {
        let found = raw::decode_properties(filter_id, &encoded_props).map_err(failure)?;
        let spec = new_dict();
        dict_set_str(spec, intern("id"), new_int_u64(filter_id))?;
        for (name, number) in found {
            dict_set_str(spec, intern(name), new_int_u64(number))?;
        }
        Ok(spec.value())
    }
    fn __exec__(module: Value) -> R<()> {
        for (name, number) in CONSTANTS {
            let name: Gc<Str> = intern(name);
            objects::set_attr(module, name, new_int_u64(*number))?;
        }
        Ok(())
    }
}
