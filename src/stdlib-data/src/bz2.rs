//! Module `_bz2`. Must not know: how the library is called (`bz2_raw.rs`).

use crate::bz2_raw::{self as raw, Compressor, Decompressor};
use crate::zlib::maybe_blocking;
use native_macros::{Layout, native_class, native_module};
use objects::error::new_error;
use objects::{Buf, Class, Gc, Header, R, Raised, Slot, Value, eof_error, exc, memory_error, new_bytes, new_object, value_error};
use std::sync::atomic::{AtomicBool, Ordering};

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
struct DecompressState {
    stream: Decompressor,
    /// Input that is held back.
    pending: Vec<u8>,
}
objects::no_references!(CompressState, DecompressState);

#[derive(Layout)]
#[repr(C)]
pub struct Bz2Compressor {
    pub header: Header,
    state: heap::Mutex<CompressState>,
}

/// Create a compressor object for compressing data incrementally.
///
/// compresslevel is a number between 1 and 9.
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
        let result = this.state.lock().0.as_mut().map(|stream| maybe_blocking(data.len(), || stream.run(&data, false, &mut out)));
        match result {
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
    state: heap::Mutex<DecompressState>,
    unused_data: Slot,
    eof: AtomicBool,
    needs_input: AtomicBool,
}

/// Create a decompressor object for decompressing data incrementally.
#[native_class(name = "_bz2.BZ2Decompressor", base = object, flags = "final")]
impl Bz2Decompressor {
    #[new]
    #[sig("()")]
    fn new(cls: Gc<Class>) -> R {
        let stream = Decompressor::new().map_err(failure)?;
        let fields = Bz2Decompressor {
            header: Header::blank(),
            state: heap::Mutex::new(DecompressState { stream, pending: Vec::new() }),
            unused_data: Slot::new(new_bytes(&[])),
            eof: AtomicBool::new(false),
            needs_input: AtomicBool::new(true),
        };
        Ok(new_object(cls, fields).value())
    }
    /// The next piece of decompressed data, at most max_length bytes of it (negative: no limit).
    ///
    /// Input that is not needed yet is kept.
    #[sig("(data, max_length=-1)")]
    fn decompress(this: Gc<Bz2Decompressor>, data: Buf, max_length: isize) -> R {
        if this.eof.load(Ordering::Relaxed) {
            return Err(eof_error!("End of stream already reached"));
        }
        let limit = usize::try_from(max_length).unwrap_or(usize::MAX);
        let mut out = Vec::new();
        let (result, rest) = {
            let mut state = this.state.lock();
            let mut input = std::mem::take(&mut state.pending);
            input.extend_from_slice(&data);
            let stream = &mut state.stream;
            let result = maybe_blocking(input.len(), || stream.run(&input, &mut out, limit));
            let mut rest = Vec::new();
            if let Ok(done) = &result {
                rest = input.split_off(done.used);
                if !done.ended {
                    state.pending = std::mem::take(&mut rest);
                }
            }
            let held_back = !state.pending.is_empty() || out.len() >= limit;
            this.needs_input.store(!held_back, Ordering::Relaxed);
            (result, rest)
        };
        let done = result.map_err(failure)?;
        if done.ended {
            this.eof.store(true, Ordering::Relaxed);
            this.needs_input.store(false, Ordering::Relaxed);
            this.unused_data.set(new_bytes(&rest));
        }
        Ok(new_bytes(&out))
    }
    fn __reduce__(this: Gc<Bz2Decompressor>) -> R {
        Err(objects::type_error!("cannot pickle '{}' object", objects::class_name(this.value())))
    }
    /// Data found after the end of the compressed stream.
    #[getter]
    fn unused_data(this: Gc<Bz2Decompressor>) -> Option<Value> {
        this.unused_data.get()
    }
    /// True if the end-of-stream marker has been reached.
    #[getter]
    fn eof(this: Gc<Bz2Decompressor>) -> bool {
        this.eof.load(Ordering::Relaxed)
    }
    /// True if more input is needed before more decompressed data can be produced.
    #[getter]
    fn needs_input(this: Gc<Bz2Decompressor>) -> bool {
        this.needs_input.load(Ordering::Relaxed)
    }
}

pub struct Bz2;

/// Compression in the format of bzip2.
#[native_module(name = "_bz2", classes = [Bz2Compressor, Bz2Decompressor])]
impl Bz2 {}
