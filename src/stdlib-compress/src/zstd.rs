//! Module `_zstd`. Must not know: how the library is called (`zstd_raw.rs`).

use crate::decompressor::Decompression;
use crate::maybe_blocking;
use crate::zstd_raw::{self as raw, CONTINUE, FLUSH_BLOCK, FLUSH_FRAME, Use};
use base::memory::{Grow, copied};
use native_macros::{Layout, native_class, native_module};
use objects::dict::{Dict, dict_items};
use objects::error_class::{Base, ErrorClass};
use objects::{
    Buf, Cast, Class, Gc, Header, Module, R, Raised, Tuple, Value, class_name, class_of, exc, memory_error, new_bytes, new_int,
    new_object, new_str, new_tuple, overflow_error, type_error, value_error,
};
use std::sync::atomic::{AtomicI32, Ordering};

static ERROR: ErrorClass =
    ErrorClass::new("ZstdError", "compression.zstd", &[Base::Made(&exc::EXCEPTION)]).with_doc("The zstd library has failed.");
static COMPRESSION_PARAMETER: objects::interpreter::InterpreterSlot = objects::interpreter::InterpreterSlot::empty();
static DECOMPRESSION_PARAMETER: objects::interpreter::InterpreterSlot = objects::interpreter::InterpreterSlot::empty();

#[cold]
fn failed(what: &str, code: usize) -> Raised {
    ERROR.raise(&format!("Unable to {what}: {}", raw::error_text(code)))
}

#[cold]
fn unusable(refused: raw::Refused, what: &str, kind: &str) -> Raised {
    match refused {
        raw::Refused::Code(code) => failed(what, code),
        raw::Refused::NotMade => ERROR.raise(&format!("Failed to create a {kind} instance from Zstandard dictionary content.")),
    }
}

const C_NAMES: &[(i32, &str)] = &[
    (100, "compression_level"),
    (101, "window_log"),
    (102, "hash_log"),
    (103, "chain_log"),
    (104, "search_log"),
    (105, "min_match"),
    (106, "target_length"),
    (107, "strategy"),
    (160, "enable_long_distance_matching"),
    (161, "ldm_hash_log"),
    (162, "ldm_min_match"),
    (163, "ldm_bucket_size_log"),
    (164, "ldm_hash_rate_log"),
    (200, "content_size_flag"),
    (201, "checksum_flag"),
    (202, "dict_id_flag"),
    (400, "nb_workers"),
    (401, "job_size"),
    (402, "overlap_log"),
];

#[cold]
fn bad_parameter(parameter: i32, value: i32, compresses: bool) -> Raised {
    let kind = if compresses { "compression" } else { "decompression" };
    let names = if compresses { C_NAMES } else { &[(100, "window_log_max")] };
    let known = names.iter().find(|(number, _)| *number == parameter).map(|(_, name)| (*name).to_owned());
    let name = known.unwrap_or_else(|| format!("unknown parameter (key {parameter})"));
    match raw::bounds(parameter, compresses) {
        Ok((low, high)) => {
            value_error!("{kind} parameter '{name}' received an illegal value {value}; the valid range is [{low}, {high}]")
        }
        Err(_) => value_error!("invalid {kind} parameter '{name}'"),
    }
}

fn c_int(value: Value) -> R<i32> {
    let number = match objects::index(value) {
        Ok(number) => number,
        Err(raised) if raised.is(&exc::OVERFLOW_ERROR) => {
            raised.clear();
            i64::MAX
        }
        Err(raised) => return Err(raised),
    };
    i32::try_from(number).map_err(|_| overflow_error!("Python int too large to convert to C int"))
}

/// Sets the parameters of a dict.
fn set_options(options: Value, compresses: bool, mut set: impl FnMut(i32, i32) -> Result<(), usize>) -> R<()> {
    let (who, wrong) =
        if compresses { ("ZstdCompressor", &DECOMPRESSION_PARAMETER) } else { ("ZstdDecompressor", &COMPRESSION_PARAMETER) };
    let Some(dict) = options.cast::<Dict>() else {
        return Err(type_error!("{who}() argument 'options' must be dict, not {}", class_name(options)));
    };
    for (key, value) in dict_items(dict).iter().copied() {
        if wrong.get() == Some(class_of(key).value()) {
            let (kind, other) = if compresses { ("compression", "Decompression") } else { ("decompression", "Compression") };
            return Err(type_error!("{kind} options dictionary key must not be a {other}Parameter attribute"));
        }
        let (parameter, number) = (c_int(key)?, c_int(value)?);
        // The library takes every level and uses the nearest that it has.
        if compresses && parameter == 100 && !raw::bounds(100, true).is_ok_and(|(low, high)| (low..=high).contains(&number)) {
            return Err(bad_parameter(parameter, number, true));
        }
        set(parameter, number).map_err(|_| bad_parameter(parameter, number, compresses))?;
    }
    Ok(())
}

struct Content(Vec<u8>);
objects::no_references!(Content);

#[derive(Layout)]
#[repr(C)]
pub struct ZstdDict {
    pub header: Header,
    content: Content,
    id: u32,
}

impl ZstdDict {
    fn as_kind(this: Gc<ZstdDict>, kind: i64) -> Value {
        new_tuple(&[this.value(), new_int(kind)]).value()
    }
}

/// A Zstandard dictionary.
///
///   dict_content
///     its content, a bytes-like object
///   is_raw
///     whether the content may be anything; otherwise it must be a
///     dictionary made by the zstd library or its command.
///
/// Any number of compressors and decompressors can use it.
#[native_class(name = "compression.zstd.ZstdDict", base = object)]
impl ZstdDict {
    #[new]
    #[sig("(dict_content, /, *, is_raw=False)")]
    fn new(cls: Gc<Class>, dict_content: Buf, is_raw: bool) -> R {
        let content = copied(dict_content.as_slice());
        if content.len() < 8 {
            return Err(value_error!("Zstandard dictionary content too short (must have at least eight bytes)"));
        }
        let id = raw::dictionary_id(&content);
        if id == 0 && !is_raw {
            return Err(value_error!("invalid Zstandard dictionary"));
        }
        Ok(new_object(cls, ZstdDict { header: Header::blank(), content: Content(content), id }).value())
    }
    /// The id of the dictionary, an int below 2**32.
    ///
    /// It is 0 if the content is raw, and not 0 for a dictionary in the standard
    /// format.
    #[getter]
    fn dict_id(this: Gc<ZstdDict>) -> u32 {
        this.id
    }
    /// The content of the dictionary as bytes.
    #[getter]
    fn dict_content(this: Gc<ZstdDict>) -> Value {
        new_bytes(&this.content.0)
    }
    /// The dictionary for a compressor that shall digest it.
    #[getter]
    fn as_digested_dict(this: Gc<ZstdDict>) -> Value {
        ZstdDict::as_kind(this, 0)
    }
    /// The dictionary for a compressor that shall not digest it.
    #[getter]
    fn as_undigested_dict(this: Gc<ZstdDict>) -> Value {
        ZstdDict::as_kind(this, 1)
    }
    /// The dictionary for use as a prefix.
    #[getter]
    fn as_prefix(this: Gc<ZstdDict>) -> Value {
        ZstdDict::as_kind(this, 2)
    }
    fn __len__(this: Gc<ZstdDict>) -> usize {
        this.content.0.len()
    }
    fn __repr__(this: Gc<ZstdDict>) -> String {
        format!("<ZstdDict dict_id={} dict_size={}>", this.id, this.content.0.len())
    }
    fn __reduce__(this: Gc<ZstdDict>) -> R {
        Err(type_error!("cannot pickle '{}' object", qualified_name(this.value())))
    }
}

fn qualified_name(value: Value) -> String {
    format!("compression.zstd.{}", class_name(value))
}

/// A dictionary argument: the dictionary and how it is used.
fn dictionary(value: Value, default: Use) -> R<(Gc<ZstdDict>, Use)> {
    if let Some(dictionary) = value.cast::<ZstdDict>() {
        return Ok((dictionary, default));
    }
    if let Some(tuple) = value.cast::<Tuple>()
        && let [first, second] = tuple.items()
        && let Some(dictionary) = first.cast::<ZstdDict>()
        && objects::is_int(*second)
    {
        match objects::index(*second)? {
            0 => return Ok((dictionary, Use::Digested)),
            1 => return Ok((dictionary, Use::Undigested)),
            2 => return Ok((dictionary, Use::Prefix)),
            _ => {}
        }
    }
    Err(type_error!("zstd_dict argument should be a ZstdDict object."))
}

struct Compression(raw::Compressor);
objects::no_references!(Compression);

#[derive(Layout)]
#[repr(C)]
pub struct ZstdCompressor {
    pub header: Header,
    state: heap::Mutex<Compression>,
    last_mode: AtomicI32,
}

impl ZstdCompressor {
    fn run(this: Gc<ZstdCompressor>, data: &[u8], mode: i32) -> R {
        let mut out = Vec::new();
        let result = {
            let mut state = this.state.lock();
            let result = maybe_blocking(data.len(), || state.0.run(data, mode, &mut out));
            this.last_mode.store(if result.is_ok() { mode } else { FLUSH_FRAME }, Ordering::Relaxed);
            result
        };
        result.map_err(|code| failed("compress Zstandard data", code))?;
        Ok(new_bytes(&out))
    }
}

/// A compressor object for data that comes in pieces.
///
///   level
///     the compression level, by default COMPRESSION_LEVEL_DEFAULT
///   options
///     a dict of advanced parameters
///   zstd_dict
///     a ZstdDict
///
/// Its methods are thread-safe. The function compress() does all in one go.
#[native_class(name = "compression.zstd.ZstdCompressor", base = object)]
impl ZstdCompressor {
    #[attr("CONTINUE")]
    const CONTINUE: i32 = CONTINUE;
    #[attr("FLUSH_BLOCK")]
    const FLUSH_BLOCK: i32 = FLUSH_BLOCK;
    #[attr("FLUSH_FRAME")]
    const FLUSH_FRAME: i32 = FLUSH_FRAME;

    #[new]
    #[sig("(level=None, options=None, zstd_dict=None)")]
    fn new(cls: Gc<Class>, level: Option<Value>, options: Option<Value>, zstd_dict: Option<Value>) -> R {
        let given = |value: Option<Value>| value.filter(|value| !value.is_none());
        let (level, options, zstd_dict) = (given(level), given(options), given(zstd_dict));
        if level.is_some() && options.is_some() {
            return Err(type_error!("Only one of level or options should be used."));
        }
        let Some(mut stream) = raw::Compressor::new() else { return Err(memory_error()) };
        let mut used_level = 0;
        if let Some(level) = level {
            if !objects::is_int(level) {
                return Err(type_error!("invalid type for level, expected int"));
            }
            let (low, high) = raw::bounds(100, true).unwrap_or((-131_072, 22));
            let number = match objects::index(level) {
                Ok(number) => i32::try_from(number).ok(),
                Err(raised) => {
                    raised.clear();
                    None
                }
            };
            let Some(number) = number else {
                return Err(value_error!("illegal compression level; the valid range is [{low}, {high}]"));
            };
            if !(low..=high).contains(&number) {
                return Err(value_error!("illegal compression level {number}; the valid range is [{low}, {high}]"));
            }
            used_level = number;
            stream.set(100, number).map_err(|code| failed("set compression level", code))?;
        }
        if let Some(options) = options {
            set_options(options, true, |parameter, value| {
                if parameter == 100 {
                    used_level = value;
                }
                stream.set(parameter, value)
            })?;
        }
        if let Some(value) = zstd_dict {
            let (dictionary, how) = dictionary(value, Use::Digested)?;
            let what = "load zstd dictionary or prefix for compression";
            stream
                .use_dictionary(&dictionary.content.0, how, used_level)
                .map_err(|refused| unusable(refused, what, "ZSTD_CDict"))?;
        }
        let fields = ZstdCompressor {
            header: Header::blank(),
            state: heap::Mutex::new(Compression(stream)),
            last_mode: AtomicI32::new(FLUSH_FRAME),
        };
        Ok(new_object(cls, fields).value())
    }
    /// Compress data and return what output there is, perhaps b''.
    ///
    /// mode is ZstdCompressor.CONTINUE, FLUSH_BLOCK or FLUSH_FRAME. At the end of
    /// the data flush() must be called.
    #[sig("($self, data, mode=ZstdCompressor.CONTINUE)")]
    fn compress(this: Gc<ZstdCompressor>, data: Buf, #[default(CONTINUE)] mode: i32) -> R {
        if !(CONTINUE..=FLUSH_FRAME).contains(&mode) {
            return Err(value_error!(
                "mode argument wrong value, it should be one of ZstdCompressor.CONTINUE, ZstdCompressor.FLUSH_BLOCK, ZstdCompressor.FLUSH_FRAME."
            ));
        }
        ZstdCompressor::run(this, &data, mode)
    }
    /// End the frame, or the block, and return the rest of the output.
    ///
    /// mode is ZstdCompressor.FLUSH_FRAME or FLUSH_BLOCK. The object can go on with
    /// a further frame.
    #[sig("($self, mode=ZstdCompressor.FLUSH_FRAME)")]
    fn flush(this: Gc<ZstdCompressor>, #[default(FLUSH_FRAME)] mode: i32) -> R {
        if mode != FLUSH_FRAME && mode != FLUSH_BLOCK {
            return Err(value_error!(
                "mode argument wrong value, it should be ZstdCompressor.FLUSH_FRAME or ZstdCompressor.FLUSH_BLOCK."
            ));
        }
        ZstdCompressor::run(this, &[], mode)
    }
    /// Set the size of the data of the next frame, for its header.
    #[sig("($self, size, /)")]
    fn set_pledged_input_size(this: Gc<ZstdCompressor>, size: Value) -> R<()> {
        let size = if size.is_none() {
            u64::MAX
        } else if !objects::is_int(size) {
            return Err(type_error!("an integer is required"));
        } else {
            let size = objects::int_view(size).and_then(|view| view.to_u64()).filter(|size| *size < u64::MAX - 1);
            match size {
                Some(size) => size,
                None => {
                    return Err(value_error!("size argument should be a positive int less than {}", u64::MAX - 1));
                }
            }
        };
        let result = {
            let mut state = this.state.lock();
            if this.last_mode.load(Ordering::Relaxed) != FLUSH_FRAME { None } else { Some(state.0.pledge(size)) }
        };
        match result {
            None => Err(value_error!("set_pledged_input_size() method must be called when last_mode == FLUSH_FRAME")),
            Some(result) => result.map_err(|code| failed("set pledged uncompressed content size", code)),
        }
    }
    /// The mode of the last call: CONTINUE, FLUSH_BLOCK or FLUSH_FRAME.
    ///
    /// FLUSH_FRAME, which is also the first value, says that no frame has begun.
    #[getter]
    fn last_mode(this: Gc<ZstdCompressor>) -> i32 {
        this.last_mode.load(Ordering::Relaxed)
    }
    fn __reduce__(this: Gc<ZstdCompressor>) -> R {
        Err(type_error!("cannot pickle '{}' object", qualified_name(this.value())))
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct ZstdDecompressor {
    pub header: Header,
    stream: Decompression<raw::Decompressor>,
}

/// A decompressor object for data that comes in pieces.
///
///   zstd_dict
///     a ZstdDict
///   options
///     a dict of advanced parameters
///
/// Its methods are thread-safe. The function decompress() does all in one go.
#[native_class(name = "compression.zstd.ZstdDecompressor", base = object)]
impl ZstdDecompressor {
    #[new]
    #[sig("(zstd_dict=None, options=None)")]
    fn new(cls: Gc<Class>, zstd_dict: Option<Value>, options: Option<Value>) -> R {
        let Some(mut stream) = raw::Decompressor::new() else { return Err(memory_error()) };
        if let Some(value) = zstd_dict.filter(|value| !value.is_none()) {
            let (dictionary, how) = dictionary(value, Use::Digested)?;
            let what = "load zstd dictionary or prefix for decompression";
            stream.use_dictionary(&dictionary.content.0, how).map_err(|refused| unusable(refused, what, "ZSTD_DDict"))?;
        }
        if let Some(options) = options.filter(|options| !options.is_none()) {
            set_options(options, false, |parameter, value| stream.set(parameter, value))?;
        }
        Ok(new_object(cls, ZstdDecompressor { header: Header::blank(), stream: Decompression::new(stream) }).value())
    }
    /// Decompress data, a bytes-like object, and return what output there is.
    ///
    /// That is at most max_length bytes, if that is not negative.
    #[sig("($self, data, max_length=-1)")]
    fn decompress(this: Gc<ZstdDecompressor>, data: Buf, max_length: isize) -> R {
        let failed = |code| failed("decompress Zstandard data", code);
        this.stream.decompress(&data, max_length, "Already at the end of a Zstandard frame.", failed)
    }
    /// What followed the end of the frame; b'' until that is reached.
    #[getter]
    fn unused_data(this: Gc<ZstdDecompressor>) -> Option<Value> {
        this.stream.unused_data()
    }
    /// Whether the end of the frame has been reached.
    ///
    /// Any decompressing after that raises EOFError.
    #[getter]
    fn eof(this: Gc<ZstdDecompressor>) -> bool {
        this.stream.eof()
    }
    /// Whether any further output needs more input first.
    ///
    /// It is False if max_length has cut the output: decompress(b'') may give more
    /// then.
    #[getter]
    fn needs_input(this: Gc<ZstdDecompressor>) -> bool {
        this.stream.needs_input()
    }
    fn __reduce__(this: Gc<ZstdDecompressor>) -> R {
        Err(type_error!("cannot pickle '{}' object", qualified_name(this.value())))
    }
}

/// Sizes of samples, which have to add up.
fn sample_sizes(sizes: Gc<Tuple>, total: usize) -> R<Vec<usize>> {
    let mut found = Vec::new();
    let mut sum = 0usize;
    for size in sizes.items() {
        if !objects::is_int(*size) {
            return Err(type_error!("an integer is required"));
        }
        let Ok(size) = usize::try_from(objects::index_clamped(*size)?) else {
            return Err(value_error!("The samples size tuple doesn't match the concatenation's size."));
        };
        sum = sum.saturating_add(size);
        found.put(size);
    }
    if sum != total {
        return Err(value_error!("The samples size tuple doesn't match the concatenation's size."));
    }
    Ok(found)
}
fn room(size: isize) -> R<Vec<u8>> {
    if size <= 0 {
        return Err(value_error!("dict_size argument should be positive number."));
    }
    let mut room = Vec::new();
    if room.try_reserve_exact(size as usize).is_err() {
        return Err(memory_error());
    }
    room.resize(size as usize, 0u8);
    Ok(room)
}

pub struct Zstd;

/// Implementation module for Zstandard compression.
#[native_module(name = "_zstd", classes = [ZstdDict, ZstdCompressor, ZstdDecompressor])]
impl Zstd {
    fn __exec__(module: Value) -> R<()> {
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        module.set("ZstdError", ERROR.class()?.value())?;
        let (version, number) = raw::version();
        module.set("zstd_version", new_str(&version))?;
        module.set("zstd_version_number", new_int(number as i64))?;
        for (name, value) in NUMBERS {
            module.set(name, new_int(*value))?;
        }
        Ok(())
    }
    /// The content of a dictionary trained on samples.
    ///
    /// samples_bytes are the samples in one piece, samples_sizes is the tuple of
    /// their sizes, dict_size the wanted size.
    #[sig("(samples_bytes, samples_sizes, dict_size, /)")]
    fn train_dict(samples_bytes: Gc<objects::Bytes>, samples_sizes: Gc<Tuple>, dict_size: isize) -> R {
        let mut target = room(dict_size)?;
        let samples = copied(samples_bytes.as_slice());
        let sizes = sample_sizes(samples_sizes, samples.len())?;
        let result = heap::blocking(|| raw::train(&samples, &sizes, &mut target));
        result.map_err(|code| failed("train the Zstandard dictionary", code))?;
        Ok(new_bytes(&target))
    }
    /// A dictionary in the standard format from raw content.
    #[sig("(custom_dict_bytes, samples_bytes, samples_sizes, dict_size, compression_level, /)")]
    fn finalize_dict(
        custom_dict_bytes: Gc<objects::Bytes>,
        samples_bytes: Gc<objects::Bytes>,
        samples_sizes: Gc<Tuple>,
        dict_size: isize,
        compression_level: i32,
    ) -> R {
        let mut target = room(dict_size)?;
        let (content, samples) = (copied(custom_dict_bytes.as_slice()), copied(samples_bytes.as_slice()));
        let sizes = sample_sizes(samples_sizes, samples.len())?;
        let result = heap::blocking(|| raw::finalize(&content, &samples, &sizes, compression_level, &mut target));
        result.map_err(|code| failed("finalize the Zstandard dictionary", code))?;
        Ok(new_bytes(&target))
    }
    /// The least and the greatest value of a parameter.
    ///
    /// is_compress says whether it is one of compression.
    #[sig("(parameter, is_compress)")]
    fn get_param_bounds(parameter: i32, is_compress: bool) -> R<(i32, i32)> {
        let kind = if is_compress { "compression" } else { "decompression" };
        raw::bounds(parameter, is_compress).map_err(|code| failed(&format!("get zstd {kind} parameter bounds"), code))
    }
    /// The size in bytes of the frame at the beginning of frame_buffer.
    ///
    /// It includes the header and the checksum. The frame must be complete.
    #[sig("(frame_buffer)")]
    fn get_frame_size(frame_buffer: Buf) -> R<usize> {
        raw::frame_size(&frame_buffer).map_err(|code| {
            ERROR.raise(&format!(
                "Error when finding the compressed size of a Zstandard frame. Ensure the frame_buffer argument starts from the beginning of a frame, and its length is not less than this complete frame. Zstd error message: {}.",
                raw::error_text(code)
            ))
        })
    }
    /// The size of the content and the dictionary id that the header of a frame
    /// states.
    #[sig("(frame_buffer)")]
    fn get_frame_info(frame_buffer: Buf) -> R {
        match raw::frame_info(&frame_buffer) {
            Some((size, id)) => {
                let size = size.map_or(Value::none(), objects::new_int_u64);
                Ok(new_tuple(&[size, new_int(id as i64)]).value())
            }
            None => Err(ERROR.raise(
                "Error when getting information from the header of a Zstandard frame. Ensure the frame_buffer argument starts from the beginning of a frame, and its length is not less than the frame header (6~18 bytes).",
            )),
        }
    }
    /// Set the types CompressionParameter and DecompressionParameter, for checks.
    #[sig("(c_parameter_type, d_parameter_type)")]
    fn set_parameter_types(c_parameter_type: Gc<Class>, d_parameter_type: Gc<Class>) {
        for (slot, class) in [(&COMPRESSION_PARAMETER, c_parameter_type), (&DECOMPRESSION_PARAMETER, d_parameter_type)] {
            slot.set(class.value());
        }
    }
}

const NUMBERS: &[(&str, i64)] = &[
    ("ZSTD_CLEVEL_DEFAULT", 3),
    ("ZSTD_DStreamOutSize", 131072),
    ("ZSTD_btlazy2", 6),
    ("ZSTD_btopt", 7),
    ("ZSTD_btultra", 8),
    ("ZSTD_btultra2", 9),
    ("ZSTD_c_chainLog", 103),
    ("ZSTD_c_checksumFlag", 201),
    ("ZSTD_c_compressionLevel", 100),
    ("ZSTD_c_contentSizeFlag", 200),
    ("ZSTD_c_dictIDFlag", 202),
    ("ZSTD_c_enableLongDistanceMatching", 160),
    ("ZSTD_c_hashLog", 102),
    ("ZSTD_c_jobSize", 401),
    ("ZSTD_c_ldmBucketSizeLog", 163),
    ("ZSTD_c_ldmHashLog", 161),
    ("ZSTD_c_ldmHashRateLog", 164),
    ("ZSTD_c_ldmMinMatch", 162),
    ("ZSTD_c_minMatch", 105),
    ("ZSTD_c_nbWorkers", 400),
    ("ZSTD_c_overlapLog", 402),
    ("ZSTD_c_searchLog", 104),
    ("ZSTD_c_strategy", 107),
    ("ZSTD_c_targetLength", 106),
    ("ZSTD_c_windowLog", 101),
    ("ZSTD_d_windowLogMax", 100),
    ("ZSTD_dfast", 2),
    ("ZSTD_fast", 1),
    ("ZSTD_greedy", 3),
    ("ZSTD_lazy", 4),
    ("ZSTD_lazy2", 5),
];
