//! What `sys.stderr` is until there are streams: the importer may have something to tell by then (`-v`).
//!
//! Must not know: streams.

use crate::util::write_fd;
use native_macros::native_module;

pub struct EarlyStderr;

/// Standard error of a runtime that is starting up.
#[native_module(name = "_early_stderr")]
impl EarlyStderr {
    /// Write text.
    fn write(text: &str) -> usize {
        write_fd(2, text.as_bytes());
        text.chars().count()
    }
    /// Nothing is ever held back.
    fn flush() {}
}
