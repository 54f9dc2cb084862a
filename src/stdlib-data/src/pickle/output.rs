//! Where a pickler writes: one buffer, cut into frames from protocol 4 on, given to a file frame by frame.
//! Must not know: what is written.

use super::opcodes;
use base::memory::{Grow, with_room};
use objects::{R, Value, call, new_bytes};

/// A frame is closed at the first instruction after this many bytes; longer strings are written outside frames.
const FRAME_TARGET: usize = 64 * 1024;
/// Shorter frames are not marked as such.
const FRAME_MIN: usize = 4;
const FRAME_HEADER: usize = 9;

pub struct Output {
    pub buffer: Vec<u8>,
    /// Where the header of the open frame is.
    frame: usize,
    framing: bool,
    /// `file.write`, if there is a file.
    write: Option<Value>,
}

impl Output {
    pub fn new(write: Option<Value>) -> Output {
        Output { buffer: with_room(256), frame: 0, framing: false, write }
    }
    #[inline(always)]
    pub fn byte(&mut self, byte: u8) {
        self.buffer.put(byte);
    }
    #[inline(always)]
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.buffer.put_all(bytes);
    }
    /// An instruction and a little-endian number of four bytes.
    #[inline]
    pub fn op_u32(&mut self, op: u8, number: u32) {
        let [a, b, c, d] = number.to_le_bytes();
        self.bytes(&[op, a, b, c, d]);
    }
    pub fn start_framing(&mut self) {
        self.framing = true;
        self.open_frame();
    }
    fn open_frame(&mut self) {
        self.frame = self.buffer.len();
        self.bytes(&[0; FRAME_HEADER]);
    }
    fn close_frame(&mut self) {
        let length = self.buffer.len() - self.frame - FRAME_HEADER;
        if length < FRAME_MIN {
            self.buffer.drain(self.frame..self.frame + FRAME_HEADER);
            return;
        }
        self.buffer[self.frame] = opcodes::FRAME;
        self.buffer[self.frame + 1..self.frame + FRAME_HEADER].copy_from_slice(&(length as u64).to_le_bytes());
    }
    /// Between two objects: the place to begin another frame.
    #[inline(always)]
    pub fn boundary(&mut self) -> R<()> {
        if self.framing && self.buffer.len() - self.frame >= FRAME_TARGET + FRAME_HEADER {
            return self.next_frame();
        }
        Ok(())
    }
    #[cold]
    fn next_frame(&mut self) -> R<()> {
        self.close_frame();
        if self.write.is_some() {
            self.flush()?;
        }
        self.open_frame();
        Ok(())
    }
    fn flush(&mut self) -> R<()> {
        if let Some(write) = self.write
            && !self.buffer.is_empty()
        {
            let bytes = new_bytes(&self.buffer);
            self.buffer.clear();
            call(write, &[bytes])?;
        }
        Ok(())
    }
    /// A header and a long payload. `object`: the payload as a bytes object, if it is one.
    pub fn payload(&mut self, header: &[u8], payload: &[u8], object: Option<Value>) -> R<()> {
        if payload.len() < FRAME_TARGET {
            self.bytes(header);
            self.bytes(payload);
            return Ok(());
        }
        if self.framing {
            self.close_frame();
        }
        self.bytes(header);
        match self.write {
            Some(write) => {
                self.flush()?;
                call(write, &[object.unwrap_or_else(|| new_bytes(payload))])?;
            }
            None => self.bytes(payload),
        }
        if self.framing {
            self.open_frame();
        }
        Ok(())
    }
    /// Ends the last frame and gives everything to the file.
    pub fn finish(&mut self) -> R<()> {
        if self.framing {
            self.close_frame();
            self.framing = false;
        }
        self.flush()
    }
}
