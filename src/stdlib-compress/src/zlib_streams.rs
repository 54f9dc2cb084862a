//! `Compress`, `Decompress` and `_ZlibDecompressor` of module `zlib`. Must not know: how the library is called (`zlib_raw.rs`).

use crate::decompressor::{Decoder, Decompression, Done};
use crate::maybe_blocking;
use crate::zlib::failure;
use crate::zlib_raw::{self as raw, Deflater, Inflater};
use base::memory::{Grow, copied};
use native_macros::{Layout, native_class};
use objects::{Buf, Class, Gc, Header, R, Slot, Value, new_bytes, new_native, new_object, type_error, value_error};
use std::sync::atomic::{AtomicBool, Ordering};

struct DeflateState(Option<Deflater>);
struct InflateState(Option<Inflater>);
objects::no_references!(DeflateState, InflateState);

/// Compresses data that comes in pieces.
#[derive(Layout)]
#[repr(C)]
pub struct Compress {
    pub header: Header,
    state: heap::Mutex<DeflateState>,
}

impl Compress {
    pub fn make(stream: Deflater) -> Gc<Compress> {
        new_native(Compress { header: Header::blank(), state: heap::Mutex::new(DeflateState(Some(stream))) })
    }
}

fn ended() -> objects::Raised {
    failure(raw::STREAM_ERROR, "while compressing data", None)
}

fn copy_compressor(this: Gc<Compress>) -> R<Gc<Compress>> {
    let copied = match &mut this.state.lock().0 {
        Some(stream) => stream.copy().ok(),
        None => None,
    };
    match copied {
        Some(stream) => Ok(Compress::make(stream)),
        None => Err(value_error!("Inconsistent stream state")),
    }
}

#[native_class(name = "zlib.Compress", base = object, flags = "final no_new")]
impl Compress {
    /// The next piece of compressed data; some may be held back until later calls.
    fn compress(this: Gc<Compress>, data: Buf) -> R {
        let mut out = Vec::new();
        let result = crate::in_pieces(&this.state, &data, |state, piece| {
            let stream = state.0.as_mut()?;
            let done = stream.run(piece, raw::NO_FLUSH, &mut out, usize::MAX);
            Some(done.map(drop).map_err(|code| (code, stream.message())))
        });
        match result? {
            Some(Ok(())) => Ok(new_bytes(&out)),
            Some(Err((code, message))) => Err(failure(code, "while compressing data", message)),
            None => Err(ended()),
        }
    }
    /// All data held back; after Z_FINISH (the default) the object is of no more use.
    #[sig("(mode=Z_FINISH, /)")]
    fn flush(this: Gc<Compress>, #[default(4)] mode: i32) -> R {
        if mode == raw::NO_FLUSH {
            return Ok(new_bytes(&[]));
        }
        let mut out = Vec::new();
        let result = {
            let mut state = this.state.lock();
            let Some(stream) = &mut state.0 else { return Err(failure(raw::STREAM_ERROR, "while flushing", None)) };
            let result = stream.run(&[], mode, &mut out, usize::MAX).map_err(|code| (code, stream.message()));
            if mode == raw::FINISH && result.as_ref().is_ok_and(|done| done.ended) {
                state.0 = None;
            }
            result
        };
        match result {
            Ok(_) => Ok(new_bytes(&out)),
            Err((code, message)) => Err(failure(code, "while flushing", message)),
        }
    }
    /// A copy of the object in its present state.
    fn copy(this: Gc<Compress>) -> R<Gc<Compress>> {
        copy_compressor(this)
    }
    fn __copy__(this: Gc<Compress>) -> R<Gc<Compress>> {
        copy_compressor(this)
    }
    fn __deepcopy__(this: Gc<Compress>, _memo: Value) -> R<Gc<Compress>> {
        copy_compressor(this)
    }
}

/// Decompresses data that comes in pieces.
#[derive(Layout)]
#[repr(C)]
pub struct Decompress {
    pub header: Header,
    state: heap::Mutex<InflateState>,
    unused_data: Slot,
    unconsumed_tail: Slot,
    eof: AtomicBool,
}

/// A fresh stream with its dictionary.
fn new_inflater(wbits: i32, zdict: Option<Value>) -> R<Inflater> {
    let dictionary = match zdict {
        Some(zdict) if !objects::buffer::has_buffer(zdict) => {
            return Err(type_error!("zdict argument must support the buffer protocol"));
        }
        Some(zdict) => Some(Buf::new(zdict)?),
        None => None,
    };
    let mut stream = Inflater::new(wbits).map_err(|_| value_error!("Invalid initialization option"))?;
    if let Some(dictionary) = dictionary
        && !dictionary.is_empty()
    {
        stream.set_dictionary(&dictionary, wbits < 0).map_err(|code| failure(code, "while setting zdict", None))?;
    }
    Ok(stream)
}

impl Decompress {
    fn wrap(stream: Inflater) -> Gc<Decompress> {
        let empty = new_bytes(&[]);
        new_native(Decompress {
            header: Header::blank(),
            state: heap::Mutex::new(InflateState(Some(stream))),
            unused_data: Slot::new(empty),
            unconsumed_tail: Slot::new(empty),
            eof: AtomicBool::new(false),
        })
    }
    pub fn make(wbits: i32, zdict: Option<Value>) -> R<Gc<Decompress>> {
        Ok(Decompress::wrap(new_inflater(wbits, zdict)?))
    }
    /// Keeps what was left of the input where Python sees it.
    fn save_rest(&self, rest: &[u8], ended: bool) -> R<()> {
        if ended {
            let mut all = match self.unused_data.get() {
                Some(before) => copied(&Buf::new(before)?),
                None => Vec::new(),
            };
            all.put_all(rest);
            self.unused_data.set(new_bytes(&all));
            self.unconsumed_tail.set(new_bytes(&[]));
        } else {
            self.unconsumed_tail.set(new_bytes(rest));
        }
        Ok(())
    }
}

fn copy_decompressor(this: Gc<Decompress>) -> R<Gc<Decompress>> {
    let copied = match &mut this.state.lock().0 {
        Some(stream) => stream.copy().ok(),
        None => None,
    };
    let Some(stream) = copied else { return Err(value_error!("Inconsistent stream state")) };
    let copy = Decompress::wrap(stream);
    copy.unused_data.set_opt(this.unused_data.get());
    copy.unconsumed_tail.set_opt(this.unconsumed_tail.get());
    copy.eof.store(this.eof.load(Ordering::Relaxed), Ordering::Relaxed);
    Ok(copy)
}

#[native_class(name = "zlib.Decompress", base = object, flags = "final no_new")]
impl Decompress {
    /// The next piece of decompressed data, at most max_length bytes of it (0: no limit).
    ///
    /// Input that was not used because of the limit is in unconsumed_tail.
    #[sig("(data, /, max_length=0)")]
    fn decompress(this: Gc<Decompress>, data: Buf, max_length: isize) -> R {
        if max_length < 0 {
            return Err(value_error!("max_length must be non-negative"));
        }
        let limit = if max_length == 0 { usize::MAX } else { max_length as usize };
        let mut out = Vec::new();
        if this.eof.load(Ordering::Relaxed) {
            this.save_rest(&data, true)?;
            return Ok(new_bytes(&[]));
        }
        let result = {
            let mut state = this.state.lock();
            let Some(stream) = &mut state.0 else {
                return Err(failure(raw::STREAM_ERROR, "while decompressing data", None));
            };
            maybe_blocking(data.len(), || stream.inflate(&data, raw::SYNC_FLUSH, &mut out, limit))
                .map_err(|code| (code, stream.message()))
        };
        match result {
            Ok(done) => {
                if done.ended {
                    this.eof.store(true, Ordering::Relaxed);
                }
                this.save_rest(&data[done.used..], done.ended)?;
                Ok(new_bytes(&out))
            }
            Err((code, message)) => Err(failure(code, "while decompressing data", message)),
        }
    }
    /// All decompressed data that is left; the object is of no more use after it.
    #[sig("(length=DEF_BUF_SIZE, /)")]
    fn flush(this: Gc<Decompress>, #[default(16384)] length: isize) -> R {
        if length <= 0 {
            return Err(value_error!("length must be greater than zero"));
        }
        let tail = match this.unconsumed_tail.get() {
            Some(tail) => Buf::new(tail)?,
            None => return Ok(new_bytes(&[])),
        };
        if this.eof.load(Ordering::Relaxed) {
            this.state.lock().0 = None;
            return Ok(new_bytes(&[]));
        }
        let mut out = Vec::new();
        let result = {
            let mut state = this.state.lock();
            let Some(stream) = &mut state.0 else { return Ok(new_bytes(&[])) };
            stream.inflate(&tail, raw::FINISH, &mut out, usize::MAX).map_err(|code| (code, stream.message()))
        };
        match result {
            Ok(done) => {
                if done.ended {
                    this.eof.store(true, Ordering::Relaxed);
                    this.state.lock().0 = None;
                }
                this.save_rest(&tail[done.used..], done.ended)?;
                Ok(new_bytes(&out))
            }
            Err((code, message)) => Err(failure(code, "while flushing", message)),
        }
    }
    /// A copy of the object in its present state.
    fn copy(this: Gc<Decompress>) -> R<Gc<Decompress>> {
        copy_decompressor(this)
    }
    fn __copy__(this: Gc<Decompress>) -> R<Gc<Decompress>> {
        copy_decompressor(this)
    }
    fn __deepcopy__(this: Gc<Decompress>, _memo: Value) -> R<Gc<Decompress>> {
        copy_decompressor(this)
    }
    /// What followed the end of the compressed stream.
    #[getter]
    fn unused_data(this: Gc<Decompress>) -> Option<Value> {
        this.unused_data.get()
    }
    /// Input that the limit of the last call left over.
    #[getter]
    fn unconsumed_tail(this: Gc<Decompress>) -> Option<Value> {
        this.unconsumed_tail.get()
    }
    /// Whether the end of the compressed stream was reached.
    #[getter]
    fn eof(this: Gc<Decompress>) -> bool {
        this.eof.load(Ordering::Relaxed)
    }
}

impl Decoder for Inflater {
    type Failure = (i32, Option<String>);
    fn run(&mut self, input: &[u8], out: &mut Vec<u8>, limit: usize) -> Result<Done, Self::Failure> {
        self.inflate(input, raw::SYNC_FLUSH, out, limit).map_err(|code| (code, self.message()))
    }
}

/// Decompressor that keeps input which it does not need yet.
#[derive(Layout)]
#[repr(C)]
pub struct ZlibDecompressor {
    pub header: Header,
    stream: Decompression<Inflater>,
}

/// Decompressor for module gzip.
#[native_class(name = "zlib._ZlibDecompressor", base = object, flags = "final")]
impl ZlibDecompressor {
    #[new]
    #[sig("(wbits=15, zdict=b'')")]
    fn new(cls: Gc<Class>, wbits: i32, zdict: Option<Value>) -> R {
        let stream = Decompression::new(new_inflater(wbits, zdict)?);
        Ok(new_object(cls, ZlibDecompressor { header: Header::blank(), stream }).value())
    }
    /// The next piece of decompressed data, at most max_length bytes of it (negative: no limit).
    #[sig("(data, max_length=-1)")]
    fn decompress(this: Gc<ZlibDecompressor>, data: Buf, max_length: isize) -> R {
        let failed = |(code, message)| failure(code, "while decompressing data", message);
        this.stream.decompress(&data, max_length, "End of stream already reached", failed)
    }
    /// What followed the end of the compressed stream.
    #[getter]
    fn unused_data(this: Gc<ZlibDecompressor>) -> Option<Value> {
        this.stream.unused_data()
    }
    /// Whether the end of the compressed stream was reached.
    #[getter]
    fn eof(this: Gc<ZlibDecompressor>) -> bool {
        this.stream.eof()
    }
    /// Whether more input is needed before more output can come.
    #[getter]
    fn needs_input(this: Gc<ZlibDecompressor>) -> bool {
        this.stream.needs_input()
    }
}
