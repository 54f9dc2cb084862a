//! Traceback objects: one per frame that an exception passed through.
//!
//! Must not know: how frames unwind or how tracebacks are printed.

use crate::frame::Frame;
use crate::layout::{Cast, Gc, new_native};
use heap::{Header, Slot, Value};
use native_macros::Layout;
use std::sync::atomic::{AtomicI32, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct Traceback {
    pub header: Header,
    /// The next traceback towards the raise, or empty.
    pub next: Slot,
    pub frame: Slot,
    /// Twice the word index of the instruction that raised or called (`tb_lasti`).
    pub lasti: AtomicI32,
    /// Line number; -1 = not yet computed from the code's position table.
    pub line: AtomicI32,
}

impl Traceback {
    pub fn frame(&self) -> Gc<Frame> {
        // SAFETY: set at creation, always a frame.
        unsafe { self.frame.get().unwrap_unchecked().cast_unchecked() }
    }
    /// `tb_lineno`.
    pub fn line_number(&self) -> Option<u32> {
        let line = self.line.load(Ordering::Relaxed);
        if line >= 0 {
            return Some(line as u32);
        }
        let lasti = self.lasti.load(Ordering::Relaxed);
        Some(self.frame().code().line_near(lasti.max(0) as u32 / 2))
    }
}

pub fn new_traceback(next: Option<Value>, frame: Gc<Frame>, offset: i32, line: i32) -> Gc<Traceback> {
    let slot = Slot::empty();
    if let Some(next) = next {
        slot.set(next);
    }
    new_native(Traceback {
        header: Header::new(0),
        next: slot,
        frame: Slot::new(frame.value()),
        lasti: AtomicI32::new(offset.saturating_mul(2)),
        line: AtomicI32::new(line),
    })
}
