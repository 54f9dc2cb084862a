//! Module `zlib`: functions and constants. Streams of data are in `zlib_streams.rs`, the library's interface in `zlib_raw.rs`.

use crate::maybe_blocking;
use crate::zlib_raw::{self as raw, Deflater, Inflater};
use crate::zlib_streams::{Compress, Decompress, ZlibDecompressor};
use native_macros::native_module;
use objects::error_class::{Base, ErrorClass};
use objects::native::rt::class_of_def;
use objects::{Buf, Gc, R, Raised, Value, exc, new_bytes, value_error};

pub static ERROR: ErrorClass = ErrorClass::new("error", "zlib", &[Base::Made(&exc::EXCEPTION)]);

pub struct Zlib;

/// `Error -3 while decompressing data: incorrect header check`
#[cold]
pub fn failure(code: i32, doing: &str, message: Option<String>) -> Raised {
    const MEM_ERROR: i32 = -4;
    if code == MEM_ERROR {
        return objects::memory_error();
    }
    let message = message.or_else(|| {
        Some(
            match code {
                raw::BUF_ERROR => "incomplete or truncated stream",
                raw::STREAM_ERROR => "inconsistent stream state",
                raw::DATA_ERROR => "invalid input data",
                _ => return None,
            }
            .to_owned(),
        )
    });
    match message {
        Some(message) => ERROR.raise(&format!("Error {code} {doing}: {message}")),
        None => ERROR.raise(&format!("Error {code} {doing}")),
    }
}

/// A checksum of pieces, one after the other.
fn checksum(data: &[u8], start: u32, add: impl Fn(u32, &[u8]) -> u32) -> R<u32> {
    const PIECE: usize = 1 << 28;
    let mut sum = start;
    for piece in data.chunks(PIECE) {
        objects::thread::poll()?;
        sum = maybe_blocking(piece.len(), || add(sum, piece));
    }
    Ok(sum)
}

/// The sum to go on from: an int modulo 2**32.
fn start_of(value: Option<Value>, default: u32) -> R<u32> {
    let Some(value) = value else { return Ok(default) };
    let number = objects::index_object(value)?;
    Ok(objects::int_view(number).map_or(default, |view| view.low_u64() as u32))
}

/// Compression in the formats of zlib and gzip.
#[native_module(name = "zlib", classes = [ZlibDecompressor])]
impl Zlib {
    #[attr("DEFLATED")]
    const DEFLATED: i32 = 8;
    #[attr("DEF_BUF_SIZE")]
    const DEF_BUF_SIZE: i32 = 16384;
    #[attr("DEF_MEM_LEVEL")]
    const DEF_MEM_LEVEL: i32 = 8;
    #[attr("MAX_WBITS")]
    const MAX_WBITS: i32 = 15;
    #[attr("ZLIB_VERSION")]
    const ZLIB_VERSION: &str = "1.3.1";
    #[attr("ZLIB_RUNTIME_VERSION")]
    const ZLIB_RUNTIME_VERSION: &str = "1.3.1";
    #[attr("__version__")]
    const VERSION: &str = "1.0";
    #[attr("Z_BEST_COMPRESSION")]
    const Z_BEST_COMPRESSION: i32 = 9;
    #[attr("Z_BEST_SPEED")]
    const Z_BEST_SPEED: i32 = 1;
    #[attr("Z_BLOCK")]
    const Z_BLOCK: i32 = 5;
    #[attr("Z_DEFAULT_COMPRESSION")]
    const Z_DEFAULT_COMPRESSION: i32 = -1;
    #[attr("Z_DEFAULT_STRATEGY")]
    const Z_DEFAULT_STRATEGY: i32 = 0;
    #[attr("Z_FILTERED")]
    const Z_FILTERED: i32 = 1;
    #[attr("Z_FINISH")]
    const Z_FINISH: i32 = 4;
    #[attr("Z_FIXED")]
    const Z_FIXED: i32 = 4;
    #[attr("Z_FULL_FLUSH")]
    const Z_FULL_FLUSH: i32 = 3;
    #[attr("Z_HUFFMAN_ONLY")]
    const Z_HUFFMAN_ONLY: i32 = 2;
    #[attr("Z_NO_COMPRESSION")]
    const Z_NO_COMPRESSION: i32 = 0;
    #[attr("Z_NO_FLUSH")]
    const Z_NO_FLUSH: i32 = 0;
    #[attr("Z_PARTIAL_FLUSH")]
    const Z_PARTIAL_FLUSH: i32 = 1;
    #[attr("Z_RLE")]
    const Z_RLE: i32 = 3;
    #[attr("Z_SYNC_FLUSH")]
    const Z_SYNC_FLUSH: i32 = 2;
    #[attr("Z_TREES")]
    const Z_TREES: i32 = 6;

    fn __exec__(_module: Value) -> R<()> {
        // These two have no name in the module.
        class_of_def(Compress::CLASS_DEF);
        class_of_def(Decompress::CLASS_DEF);
        Ok(())
    }
    #[attr("error")]
    fn error() -> R {
        Ok(ERROR.class()?.value())
    }
    /// Adler-32 checksum of data, going on from value.
    #[sig("(data, value=1, /)")]
    fn adler32(data: Buf, value: Option<Value>) -> R<u32> {
        let start = start_of(value, 1)?;
        checksum(&data, start, raw::adler32)
    }
    /// CRC-32 checksum of data, going on from value.
    #[name("crc32")]
    #[sig("(data, value=0, /)")]
    fn crc32_of(data: Buf, value: Option<Value>) -> R<u32> {
        let start = start_of(value, 0)?;
        checksum(&data, start, raw::crc32)
    }
    /// Compress data.
    ///
    /// level is 0 to 9, or -1 for the default; wbits says the window size and
    /// the container format.
    #[sig("(data, /, level=Z_DEFAULT_COMPRESSION, wbits=MAX_WBITS)")]
    fn compress(data: Buf, #[default(-1)] level: i32, #[default(15)] wbits: i32) -> R {
        let mut stream = match Deflater::new(level, 8, wbits, 8, 0) {
            Ok(stream) => stream,
            Err(raw::STREAM_ERROR) => return Err(ERROR.raise("Bad compression level")),
            Err(code) => return Err(failure(code, "while compressing data", None)),
        };
        let mut out = Vec::new();
        // Without compression the form would change with the pieces.
        let piece = if level == 0 { usize::MAX } else { crate::PIECE };
        let mut rest: &[u8] = &data;
        let result = loop {
            let (first, others) = rest.split_at(rest.len().min(piece));
            let flush = if others.is_empty() { raw::FINISH } else { raw::NO_FLUSH };
            let result = maybe_blocking(first.len(), || stream.run(first, flush, &mut out, usize::MAX));
            if others.is_empty() || result.is_err() {
                break result;
            }
            rest = others;
            objects::thread::poll()?;
        };
        match result {
            Ok(_) => Ok(new_bytes(&out)),
            Err(code) => Err(failure(code, "while compressing data", stream.message())),
        }
    }
    /// Decompress data.
    ///
    /// wbits says the window size and the container format, bufsize the size
    /// of the result if it is known.
    #[sig("(data, /, wbits=MAX_WBITS, bufsize=DEF_BUF_SIZE)")]
    fn decompress(data: Buf, #[default(15)] wbits: i32, #[default(16384)] bufsize: isize) -> R {
        if bufsize < 0 {
            return Err(value_error!("bufsize must be non-negative"));
        }
        let mut stream = Inflater::new(wbits).map_err(|code| failure(code, "while preparing to decompress data", None))?;
        let mut out = Vec::new();
        let mut rest: &[u8] = &data;
        let result = loop {
            let (first, others) = rest.split_at(rest.len().min(crate::PACKED_PIECE));
            let result = maybe_blocking(first.len(), || stream.inflate(first, raw::SYNC_FLUSH, &mut out, usize::MAX));
            let goes_on = matches!(&result, Ok(done) if !done.ended);
            if others.is_empty() || !goes_on {
                break result;
            }
            rest = others;
            objects::thread::poll()?;
        };
        match result {
            Ok(done) if done.ended => Ok(new_bytes(&out)),
            Ok(_) => Err(failure(raw::BUF_ERROR, "while decompressing data", None)),
            Err(code) => Err(failure(code, "while decompressing data", stream.message())),
        }
    }
    /// A compressor object for data that comes in pieces.
    #[sig(
        "(level=Z_DEFAULT_COMPRESSION, method=DEFLATED, wbits=MAX_WBITS, memLevel=DEF_MEM_LEVEL, strategy=Z_DEFAULT_STRATEGY, zdict=<unrepresentable>)"
    )]
    #[allow(non_snake_case)]
    fn compressobj(
        #[default(-1)] level: i32,
        #[default(8)] method: i32,
        #[default(15)] wbits: i32,
        #[default(8)] memLevel: i32,
        #[default(0)] strategy: i32,
        zdict: Option<Value>,
    ) -> R<Gc<Compress>> {
        let dictionary = zdict.filter(|zdict| !zdict.is_none()).map(Buf::new).transpose()?;
        let invalid = || value_error!("Invalid initialization option");
        let mut stream = Deflater::new(level, method, wbits, memLevel, strategy).map_err(|_| invalid())?;
        if let Some(dictionary) = dictionary
            && stream.set_dictionary(&dictionary).is_err()
        {
            return Err(value_error!("Invalid dictionary"));
        }
        Ok(Compress::make(stream))
    }
    /// A decompressor object for data that comes in pieces.
    #[sig("(wbits=MAX_WBITS, zdict=b'')")]
    fn decompressobj(#[default(15)] wbits: i32, zdict: Option<Value>) -> R<Gc<Decompress>> {
        Decompress::make(wbits, zdict)
    }
}
