//! The compression library's C-like interface as two safe stream types. Must not know Python values.

use crate::decompressor::Done;
use base::memory::copied;
use libz_rs_sys as z;
use std::mem::MaybeUninit;

pub const STREAM_ERROR: i32 = z::Z_STREAM_ERROR;
pub const DATA_ERROR: i32 = z::Z_DATA_ERROR;
pub const BUF_ERROR: i32 = z::Z_BUF_ERROR;
pub const NEED_DICT: i32 = z::Z_NEED_DICT;
pub const NO_FLUSH: i32 = z::Z_NO_FLUSH;
pub const SYNC_FLUSH: i32 = z::Z_SYNC_FLUSH;
pub const FINISH: i32 = z::Z_FINISH;

/// Most bytes handed to the library at once (its counters have 32 bits).
const PIECE: usize = 1 << 30;
const FIRST_OUTPUT: usize = 16 * 1024;

pub fn crc32(start: u32, data: &[u8]) -> u32 {
    data.chunks(PIECE).fold(start, |sum, piece| {
        // SAFETY: pointer and length are those of a slice.
        unsafe { z::crc32(sum as _, piece.as_ptr(), piece.len() as _) as u32 }
    })
}
pub fn adler32(start: u32, data: &[u8]) -> u32 {
    data.chunks(PIECE).fold(start, |sum, piece| {
        // SAFETY: pointer and length are those of a slice.
        unsafe { z::adler32(sum as _, piece.as_ptr(), piece.len() as _) as u32 }
    })
}

/// A stream state at a fixed address.
struct Stream(Box<z::z_stream>);

// SAFETY: the state is owned; the library keeps nothing elsewhere.
unsafe impl Send for Stream {}

impl Stream {
    fn blank() -> Stream {
        // SAFETY: the library wants zeroed fields: no allocator of ours, no data.
        Stream(Box::new(unsafe { MaybeUninit::<z::z_stream>::zeroed().assume_init() }))
    }
    fn pointer(&mut self) -> *mut z::z_stream {
        &mut *self.0
    }
    fn message(&self) -> Option<String> {
        if self.0.msg.is_null() {
            return None;
        }
        // SAFETY: the library's messages are static NUL-terminated texts.
        Some(unsafe { std::ffi::CStr::from_ptr(self.0.msg) }.to_string_lossy().into_owned())
    }
    /// Feeds `input` until it is used up, the stream ends, or `out` holds `limit` bytes.
    fn run(
        &mut self,
        input: &[u8],
        flush: i32,
        out: &mut Vec<u8>,
        limit: usize,
        step: unsafe extern "C" fn(*mut z::z_stream, i32) -> i32,
        mut need_dictionary: impl FnMut(*mut z::z_stream) -> i32,
    ) -> Result<Done, i32> {
        let mut used = 0;
        loop {
            let piece = &input[used..input.len().min(used + PIECE)];
            let last = used + piece.len() == input.len();
            let mode = if last { flush } else { NO_FLUSH };
            let room = out.len().clamp(FIRST_OUTPUT, PIECE).min(limit - out.len());
            let filled = out.len();
            if out.try_reserve(room).is_err() {
                return Err(z::Z_MEM_ERROR);
            }
            out.resize(filled + room, 0);
            self.0.next_in = piece.as_ptr() as *mut u8;
            self.0.avail_in = piece.len() as _;
            self.0.next_out = out[filled..].as_mut_ptr();
            self.0.avail_out = room as _;
            // SAFETY: the state was initialised, and both areas are valid for the lengths given.
            let mut code = unsafe { step(self.pointer(), mode) };
            used += piece.len() - self.0.avail_in as usize;
            let left = self.0.avail_out as usize;
            out.truncate(filled + room - left);
            self.0.next_in = std::ptr::null_mut();
            if code == NEED_DICT {
                code = need_dictionary(self.pointer());
                if code == z::Z_OK {
                    continue;
                }
                return Err(code);
            }
            match code {
                z::Z_STREAM_END => return Ok(Done { ended: true, used }),
                z::Z_OK | BUF_ERROR => {}
                code => return Err(code),
            }
            if out.len() >= limit {
                return Ok(Done { ended: false, used });
            }
            // Room left in the output means that nothing more comes out of this input.
            if left > 0 && used == input.len() {
                return Ok(Done { ended: false, used });
            }
            if left > 0 && code == BUF_ERROR {
                return Ok(Done { ended: false, used });
            }
        }
    }
}

pub struct Deflater(Stream);

impl Deflater {
    pub fn new(level: i32, method: i32, window: i32, memory: i32, strategy: i32) -> Result<Deflater, i32> {
        let mut stream = Stream::blank();
        // SAFETY: the state is zeroed and lives as long as the box; version and size are those of this library.
        let code = unsafe {
            z::deflateInit2_(
                stream.pointer(),
                level,
                method,
                window,
                memory,
                strategy,
                z::zlibVersion(),
                std::mem::size_of::<z::z_stream>() as i32,
            )
        };
        if code == z::Z_OK { Ok(Deflater(stream)) } else { Err(code) }
    }
    pub fn set_dictionary(&mut self, dictionary: &[u8]) -> Result<(), i32> {
        // SAFETY: the state is initialised; pointer and length are those of a slice.
        let code = unsafe { z::deflateSetDictionary(self.0.pointer(), dictionary.as_ptr(), dictionary.len() as _) };
        if code == z::Z_OK { Ok(()) } else { Err(code) }
    }
    pub fn run(&mut self, input: &[u8], flush: i32, out: &mut Vec<u8>, limit: usize) -> Result<Done, i32> {
        self.0.run(input, flush, out, limit, z::deflate, |_| NEED_DICT)
    }
    pub fn copy(&mut self) -> Result<Deflater, i32> {
        let mut stream = Stream::blank();
        // SAFETY: the source is initialised; the target is a blank state at a fixed address.
        let code = unsafe { z::deflateCopy(stream.pointer(), self.0.pointer()) };
        if code == z::Z_OK { Ok(Deflater(stream)) } else { Err(code) }
    }
    pub fn message(&self) -> Option<String> {
        self.0.message()
    }
}

impl Drop for Deflater {
    fn drop(&mut self) {
        // SAFETY: the state was initialised once and is not used again.
        unsafe { z::deflateEnd(self.0.pointer()) };
    }
}

pub struct Inflater {
    stream: Stream,
    dictionary: Option<Vec<u8>>,
}

impl Inflater {
    pub fn new(window: i32) -> Result<Inflater, i32> {
        let mut stream = Stream::blank();
        // SAFETY: as in `Deflater::new`.
        let code =
            unsafe { z::inflateInit2_(stream.pointer(), window, z::zlibVersion(), std::mem::size_of::<z::z_stream>() as i32) };
        if code == z::Z_OK { Ok(Inflater { stream, dictionary: None }) } else { Err(code) }
    }
    /// The dictionary for streams that ask for one; raw streams get it at once.
    pub fn set_dictionary(&mut self, dictionary: &[u8], at_once: bool) -> Result<(), i32> {
        if at_once {
            // SAFETY: the state is initialised; pointer and length are those of a slice.
            let code = unsafe { z::inflateSetDictionary(self.stream.pointer(), dictionary.as_ptr(), dictionary.len() as _) };
            if code != z::Z_OK {
                return Err(code);
            }
        }
        self.dictionary = Some(copied(dictionary));
        Ok(())
    }
    pub fn inflate(&mut self, input: &[u8], flush: i32, out: &mut Vec<u8>, limit: usize) -> Result<Done, i32> {
        let dictionary = &self.dictionary;
        self.stream.run(input, flush, out, limit, z::inflate, |stream| match dictionary {
            // SAFETY: called between two steps of an initialised stream.
            Some(dictionary) => unsafe { z::inflateSetDictionary(stream, dictionary.as_ptr(), dictionary.len() as _) },
            None => NEED_DICT,
        })
    }
    pub fn copy(&mut self) -> Result<Inflater, i32> {
        let mut stream = Stream::blank();
        // A stream that never ran has no place for output yet; the library refuses to copy that.
        if self.stream.0.next_out.is_null() {
            self.stream.0.next_out = std::ptr::NonNull::dangling().as_ptr();
        }
        // SAFETY: the source is initialised; the target is a blank state at a fixed address.
        let code = unsafe { z::inflateCopy(stream.pointer(), self.stream.pointer()) };
        if code == z::Z_OK { Ok(Inflater { stream, dictionary: self.dictionary.clone() }) } else { Err(code) }
    }
    pub fn message(&self) -> Option<String> {
        self.stream.message()
    }
}

impl Drop for Inflater {
    fn drop(&mut self) {
        // SAFETY: the state was initialised once and is not used again.
        unsafe { z::inflateEnd(self.stream.pointer()) };
    }
}
