//! Reporting errors that cannot be raised: in `__del__`, callbacks of weak references, and the like.
//!
//! Must not know: how a report is shown (module sys installs that).

use crate::error::Raised;
use heap::Value;
use std::sync::OnceLock;

/// (exception, message, object)
pub type Report = fn(Value, Option<&str>, Option<Value>);

static REPORT: OnceLock<Report> = OnceLock::new();

pub fn install(report: Report) {
    let _ = REPORT.set(report);
    crate::error::install_unraisable(|exception, object| report_unraisable(exception, None, Some(object)));
}

/// Hands the exception to `sys.unraisablehook`. `err_msg` replaces "Exception ignored in"; `object` is what the error is about.
pub fn report_unraisable(exception: Value, err_msg: Option<&str>, object: Option<Value>) {
    if let Some(report) = REPORT.get() {
        report(exception, err_msg, object);
    }
}

/// The same for an error that was just caught.
pub fn report_raised(raised: Raised, err_msg: Option<&str>, object: Option<Value>) {
    report_unraisable(raised.take(), err_msg, object)
}

/// Text on file descriptor 2, past `sys.stderr`. Unlike `eprintln` it stands a disk that is full.
pub fn tell(text: &str) {
    let mut left = text.as_bytes();
    while !left.is_empty() {
        // SAFETY: a plain system call with a buffer's length.
        match unsafe { libc::write(2, left.as_ptr().cast(), left.len()) } {
            written if written > 0 => left = &left[written as usize..],
            _ if std::io::Error::last_os_error().kind() == std::io::ErrorKind::Interrupted => {}
            _ => return,
        }
    }
}
