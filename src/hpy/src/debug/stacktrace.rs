//! Stack traces with the frames of C code: return addresses now, names when somebody reads them.
//!
//! SAFETY of this file: `backtrace` writes at most as many addresses as there is room for; `backtrace_symbols` allocates one block that
//! is freed once. Must not know: handles.

use std::ffi::{CStr, c_char, c_int, c_void};

/// Frames of this layer itself, which tell the reader nothing.
const OWN_FRAMES: usize = 2;
const MOST: usize = 256;

unsafe extern "C" {
    fn backtrace(buffer: *mut *mut c_void, size: c_int) -> c_int;
    fn backtrace_symbols(buffer: *const *mut c_void, size: c_int) -> *mut *mut c_char;
}

#[derive(Clone)]
pub struct Trace(Box<[usize]>);

impl Trace {
    #[inline(never)]
    pub fn capture(limit: usize) -> Trace {
        let room = (limit + OWN_FRAMES).min(MOST);
        let mut buffer = [std::ptr::null_mut(); MOST];
        let count = unsafe { backtrace(buffer.as_mut_ptr(), room as c_int) }.max(0) as usize;
        Trace(buffer[..count].iter().skip(OWN_FRAMES).map(|address| *address as usize).collect())
    }

    /// A line for each frame: file, function and offset.
    pub fn text(&self) -> String {
        let addresses: Vec<*mut c_void> = self.0.iter().map(|address| *address as *mut c_void).collect();
        let mut text = String::new();
        unsafe {
            let names = backtrace_symbols(addresses.as_ptr(), addresses.len() as c_int);
            if names.is_null() {
                return text;
            }
            for index in 0..addresses.len() {
                text.push_str(&CStr::from_ptr(*names.add(index)).to_string_lossy());
                text.push('\n');
            }
            libc::free(names.cast());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::Trace;

    #[test]
    fn frames_have_lines() {
        let trace = Trace::capture(5);
        assert!(trace.text().lines().count() >= 1);
    }
}
