//! What the decompressor objects of every format share: input that is held back, and what they tell about the stream.
//!
//! Must not know: any format.

use base::memory::{Grow, copied};
use objects::layout::Trace;
use objects::{R, Raised, Slot, Value, eof_error, new_bytes};
use std::sync::atomic::{AtomicBool, Ordering};

/// The library's side of a decompressor.
pub trait Decoder: Send {
    type Failure;
    /// Takes input and appends to `out` until the input is used, the stream ends, or `out` has `limit` bytes.
    fn run(&mut self, input: &[u8], out: &mut Vec<u8>, limit: usize) -> Result<Done, Self::Failure>;
}

/// How far a run came.
pub struct Done {
    /// Whether the stream has ended.
    pub ended: bool,
    /// Bytes of input used.
    pub used: usize,
}

struct State<D> {
    decoder: D,
    /// Input that is held back.
    pending: Vec<u8>,
}
impl<D> Trace for State<D> {
    fn trace(&self, _: &mut heap::Tracer) {}
}

/// A field of a decompressor object.
pub struct Decompression<D> {
    state: heap::Mutex<State<D>>,
    unused_data: Slot,
    eof: AtomicBool,
    needs_input: AtomicBool,
}

impl<D: Decoder> Decompression<D> {
    pub fn new(decoder: D) -> Decompression<D> {
        Decompression {
            state: heap::Mutex::new(State { decoder, pending: Vec::new() }),
            unused_data: Slot::new(new_bytes(&[])),
            eof: AtomicBool::new(false),
            needs_input: AtomicBool::new(true),
        }
    }
    /// The next piece of data, at most `max_length` bytes of it (negative: no limit). Input that is not needed yet is kept.
    /// `at_end` is the complaint about a call behind the end; `failed` makes an error of what the library says.
    pub fn decompress(&self, data: &[u8], max_length: isize, at_end: &str, failed: impl FnOnce(D::Failure) -> Raised) -> R {
        let limit = usize::try_from(max_length).unwrap_or(usize::MAX);
        let mut out = Vec::new();
        // Errors and results are made when the lock is free: making them may run other code of this thread.
        match self.advance(data, &mut out, limit) {
            None => return Err(eof_error!("{at_end}")),
            Some(Err(failure)) => return Err(failed(failure)),
            Some(Ok(None)) => {
                let mut before = usize::MAX;
                while out.len() < limit && self.put_off() != 0 && self.put_off() < before {
                    before = self.put_off();
                    objects::thread::poll()?;
                    match self.advance(&[], &mut out, limit) {
                        Some(Err(failure)) => return Err(failed(failure)),
                        Some(Ok(Some(behind))) => self.unused_data.set(new_bytes(&behind)),
                        _ => {}
                    }
                }
            }
            Some(Ok(Some(behind))) => self.unused_data.set(new_bytes(&behind)),
        }
        Ok(new_bytes(&out))
    }
    /// Bytes of input that wait.
    fn put_off(&self) -> usize {
        self.state.lock().pending.len()
    }
    /// None behind the end; the bytes behind the end when it is reached.
    fn advance(&self, data: &[u8], out: &mut Vec<u8>, limit: usize) -> Option<Result<Option<Vec<u8>>, D::Failure>> {
        let mut state = self.state.lock();
        if self.eof.load(Ordering::Relaxed) {
            return None;
        }
        let State { decoder, pending } = &mut *state;
        let mut held = std::mem::take(pending);
        let input = if held.is_empty() {
            data
        } else {
            held.put_all(data);
            &held
        };
        let mut done = Done { ended: false, used: 0 };
        loop {
            let piece = &input[done.used..input.len().min(done.used + crate::PACKED_PIECE)];
            let step = match crate::maybe_blocking(piece.len(), || decoder.run(piece, out, limit)) {
                Ok(step) => step,
                Err(failure) => return Some(Err(failure)),
            };
            done = Done { ended: step.ended, used: done.used + step.used };
            // What is left waits, as behind a limit, until the handlers of signals have run.
            let stops = out.len() >= limit || step.used < piece.len() || done.used == input.len() || heap::interrupts() != 0;
            if step.ended || stops {
                break;
            }
        }
        let rest = copied(&input[done.used..]);
        self.needs_input.store(!done.ended && rest.is_empty() && out.len() < limit, Ordering::Relaxed);
        self.eof.store(done.ended, Ordering::Relaxed);
        if done.ended {
            return Some(Ok(Some(rest)));
        }
        *pending = rest;
        Some(Ok(None))
    }
    /// Asks the decoder something.
    pub fn ask<T>(&self, question: impl FnOnce(&D) -> T) -> T {
        question(&self.state.lock().decoder)
    }
    pub fn unused_data(&self) -> Option<Value> {
        self.unused_data.get()
    }
    pub fn eof(&self) -> bool {
        self.eof.load(Ordering::Relaxed)
    }
    pub fn needs_input(&self) -> bool {
        self.needs_input.load(Ordering::Relaxed)
    }
}

impl<D> Trace for Decompression<D> {
    fn trace(&self, tracer: &mut heap::Tracer) {
        self.unused_data.trace(tracer);
    }
}
