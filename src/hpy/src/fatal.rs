//! Ends the process when an extension has left no way on.

use std::io::Write;

/// Writes `Fatal Python error: text` and aborts.
pub fn fatal(text: &str) -> ! {
    let mut stderr = std::io::stderr();
    let _ = writeln!(stderr, "Fatal Python error: {text}");
    let _ = stderr.flush();
    std::process::abort()
}
