//! The bzip2 library's interface as two safe stream types. Must not know Python values.

use crate::decompressor::{Decoder, Done};
use libbz2_rs_sys as b;
use std::mem::MaybeUninit;

pub const OK: i32 = b::BZ_OK;
pub const DATA_ERROR: i32 = b::BZ_DATA_ERROR;
pub const DATA_ERROR_MAGIC: i32 = b::BZ_DATA_ERROR_MAGIC;
pub const MEM_ERROR: i32 = b::BZ_MEM_ERROR;
pub const PARAM_ERROR: i32 = b::BZ_PARAM_ERROR;

const PIECE: usize = 1 << 30;
const FIRST_OUTPUT: usize = 16 * 1024;

/// A stream state at a fixed address.
struct Stream(Box<b::bz_stream>);

// SAFETY: the state is owned; the library keeps nothing elsewhere.
unsafe impl Send for Stream {}

impl Stream {
    fn blank() -> Stream {
        // SAFETY: the library wants zeroed fields: no allocator of ours, no data.
        Stream(Box::new(unsafe { MaybeUninit::<b::bz_stream>::zeroed().assume_init() }))
    }
    /// One step with room for more output; gives the library's answer, whether the room was filled, and how much input was used.
    fn step(
        &mut self,
        input: &[u8],
        out: &mut Vec<u8>,
        limit: usize,
        step: impl FnOnce(*mut b::bz_stream) -> i32,
    ) -> Result<(i32, bool, usize), i32> {
        let room = out.len().clamp(FIRST_OUTPUT, PIECE).min(limit - out.len());
        let filled = out.len();
        if out.try_reserve(room).is_err() {
            return Err(MEM_ERROR);
        }
        out.resize(filled + room, 0);
        let piece = &input[..input.len().min(PIECE)];
        self.0.next_in = piece.as_ptr().cast();
        self.0.avail_in = piece.len() as _;
        self.0.next_out = out[filled..].as_mut_ptr().cast();
        self.0.avail_out = room as _;
        let code = step(&mut *self.0);
        let left = self.0.avail_out as usize;
        let used = piece.len() - self.0.avail_in as usize;
        out.truncate(filled + room - left);
        self.0.next_in = std::ptr::null_mut();
        Ok((code, left == 0, used))
    }
}

pub struct Compressor(Stream);

impl Compressor {
    pub fn new(level: i32) -> Result<Compressor, i32> {
        let mut stream = Stream::blank();
        // SAFETY: the state is zeroed and lives as long as the box.
        let code = unsafe { b::BZ2_bzCompressInit(&mut *stream.0, level, 0, 0) };
        if code == OK { Ok(Compressor(stream)) } else { Err(code) }
    }
    /// Takes all of `input` and, at the end, finishes the stream.
    pub fn run(&mut self, input: &[u8], finish: bool, out: &mut Vec<u8>) -> Result<(), i32> {
        let action = if finish { b::BZ_FINISH } else { b::BZ_RUN };
        let mut rest = input;
        while finish || !rest.is_empty() {
            // SAFETY: the state was initialised; `step` gave it valid areas.
            let (code, _, used) = self.0.step(rest, out, usize::MAX, |stream| unsafe { b::BZ2_bzCompress(stream, action) })?;
            rest = &rest[used..];
            match code {
                b::BZ_STREAM_END => return Ok(()),
                b::BZ_RUN_OK | b::BZ_FINISH_OK | b::BZ_OK => {}
                code => return Err(code),
            }
        }
        Ok(())
    }
}

impl Drop for Compressor {
    fn drop(&mut self) {
        // SAFETY: the state was initialised once and is not used again.
        unsafe { b::BZ2_bzCompressEnd(&mut *self.0.0) };
    }
}

pub struct Decompressor(Stream);

impl Decompressor {
    pub fn new() -> Result<Decompressor, i32> {
        let mut stream = Stream::blank();
        // SAFETY: as in `Compressor::new`.
        let code = unsafe { b::BZ2_bzDecompressInit(&mut *stream.0, 0, 0) };
        if code == OK { Ok(Decompressor(stream)) } else { Err(code) }
    }
}

impl Decoder for Decompressor {
    type Failure = i32;
    fn run(&mut self, input: &[u8], out: &mut Vec<u8>, limit: usize) -> Result<Done, i32> {
        let mut used = 0;
        loop {
            // SAFETY: the state was initialised; `step` gave it valid areas.
            let (code, full, count) = self.0.step(&input[used..], out, limit, |stream| unsafe { b::BZ2_bzDecompress(stream) })?;
            used += count;
            match code {
                b::BZ_STREAM_END => return Ok(Done { ended: true, used }),
                b::BZ_OK => {}
                code => return Err(code),
            }
            if out.len() >= limit || (!full && used == input.len()) {
                return Ok(Done { ended: false, used });
            }
        }
    }
}

impl Drop for Decompressor {
    fn drop(&mut self) {
        // SAFETY: the state was initialised once and is not used again.
        unsafe { b::BZ2_bzDecompressEnd(&mut *self.0.0) };
    }
}
