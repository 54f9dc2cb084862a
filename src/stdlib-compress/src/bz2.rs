//! Module `_bz2`. Must not know: how the library is called (`bz2_raw.rs`).

use crate::bz2_raw::{self as raw, Compressor, Decompressor};
use crate::decompressor::Decompression;
use native_macros::{Layout, native_class, native_module};
use objects::error::new_error;
use objects::{Buf, Class, Gc, Header, R, Raised, Value, exc, memory_error, new_bytes, new_object, value_error};

#[cold]
fn failure(code: i32) -> Raised {
    match code {
        raw::DATA_ERROR | raw::DATA_ERROR_MAGIC => new_error(exc::OS_ERROR.get(), "Invalid data stream"),
        raw::MEM_ERROR => memory_error(),
        raw::PARAM_ERROR => value_error!("Internal error - invalid parameters passed to libbzip2"),
        code => new_error(exc::OS_ERROR.get(), &format!("Unrecognized error from libbzip2: {code}")),
    }
}

struct CompressState(Option<Compressor>);
objects::no_references!(CompressState);

#[derive(Layout)]
#[repr(C)]
pub struct Bz2Compressor {
    pub header: Header,
    state: heap::Mutex<CompressState>,
}

/// A compressor object for data that comes in pieces.
///
/// compresslevel is 1 to 9.
#[native_class(name = "_bz2.BZ2Compressor", base = object, flags = "final")]
impl Bz2Compressor {
    #[new]
    #[sig("(compresslevel=9, /)")]
    fn new(cls: Gc<Class>, compresslevel: i32) -> R {
        if !(1..=9).contains(&compresslevel) {
            return Err(value_error!("compresslevel must be between 1 and 9"));
        }
        let stream = Compressor::new(compresslevel).map_err(failure)?;
        Ok(new_object(cls, Bz2Compressor { header: Header::blank(), state: heap::Mutex::new(CompressState(Some(stream))) })
            .value())
    }
    /// The next piece of compressed data; some may be held back until later calls.
    fn compress(this: Gc<Bz2Compressor>, data: Buf) -> R {
        let mut out = Vec::new();
        let result = crate::in_pieces(&this.state, &data, |state, piece| {
            state.0.as_mut().map(|stream| stream.run(piece, false, &mut out))
        });
        match result? {
            Some(Ok(())) => Ok(new_bytes(&out)),
            Some(Err(code)) => Err(failure(code)),
            None => Err(value_error!("Compressor has been flushed")),
        }
    }
    /// The last piece of compressed data; the object is of no more use after it.
    fn flush(this: Gc<Bz2Compressor>) -> R {
        let stream = this.state.lock().0.take();
        let Some(mut stream) = stream else { return Err(value_error!("Repeated call to flush()")) };
        let mut out = Vec::new();
        stream.run(&[], true, &mut out).map_err(failure)?;
        Ok(new_bytes(&out))
    }
    fn __reduce__(this: Gc<Bz2Compressor>) -> R {
        Err(objects::type_error!("cannot pickle '{}' object", objects::class_name(this.value())))
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct Bz2Decompressor {
    pub header: Header,
    stream: Decompression<Decompressor>,
}

/// A decompressor object for data that comes in pieces.
#[native_class(name = "_bz2.BZ2Decompressor", base = object, flags = "final")]
impl Bz2Decompressor {
    #[new]
    #[sig("()")]
    fn new(cls: Gc<Class>) -> R {
        let stream = Decompression::new(Decompressor::new().map_err(failure)?);
        Ok(new_object(cls, Bz2Decompressor { header: Header::blank(), stream }).value())
    }
    /// The next piece of decompressed data, at most max_length bytes of it (negative: no limit).
    ///
    /// Input that is not needed yet is kept.
    #[sig("(data, max_length=-1)")]
    fn decompress(this: Gc<Bz2Decompressor>, data: Buf, max_length: isize) -> R {
        this.stream.decompress(&data, max_length, "End of stream already reached", failure)
    }
    fn __reduce__(this: Gc<Bz2Decompressor>) -> R {
        Err(objects::type_error!("cannot pickle '{}' object", objects::class_name(this.value())))
    }
    /// What followed the end of the compressed stream.
    #[getter]
    fn unused_data(this: Gc<Bz2Decompressor>) -> Option<Value> {
        this.stream.unused_data()
    }
    /// Whether the end of the stream has been reached.
    #[getter]
    fn eof(this: Gc<Bz2Decompressor>) -> bool {
        this.stream.eof()
    }
    /// Whether any further output needs more input first.
    #[getter]
    fn needs_input(this: Gc<Bz2Decompressor>) -> bool {
        this.stream.needs_input()
    }
}

pub struct Bz2;

/// Compression in the format of bzip2.
#[native_module(name = "_bz2", classes = [Bz2Compressor, Bz2Decompressor])]
impl Bz2 {}
