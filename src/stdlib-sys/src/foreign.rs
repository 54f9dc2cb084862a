//! The module `_foreign`: memory by address, shared libraries, and calls by the platform's C convention. `lib/_ctypes.py` builds the
//! types of `ctypes` on it.
//!
//! Must not know: what the words mean; a call takes and gives 64-bit words and is told which of them travel in float registers.

use crate::util::fs_str;
use native_macros::native_module;
use objects::{Buf, R, Value, new_bytes, not_implemented_error, overflow_error, value_error};
use std::cell::Cell;
use std::ffi::{CStr, CString, c_void};

/// Arguments of a call: those in integer registers, in float registers, on the stack.
const INTEGERS: usize = if cfg!(target_arch = "aarch64") { 8 } else { 6 };
const FLOATS: usize = 8;
const STACK: usize = 24;

thread_local! {
    /// `errno` as programs see it: swapped with the real one around calls that ask for it.
    static SAVED_ERRNO: Cell<i32> = const { Cell::new(0) };
}

/// Where each word of a call goes.
#[derive(Default)]
struct Frame {
    integers: [u64; INTEGERS],
    floats: [f64; FLOATS],
    stack: [u64; STACK],
}

impl Frame {
    /// None: too many arguments.
    fn arrange(words: &[(bool, u64)]) -> Option<Frame> {
        let mut frame = Frame::default();
        let (mut integers, mut floats, mut stack) = (0, 0, 0);
        for (is_float, word) in words {
            if *is_float && floats < FLOATS {
                frame.floats[floats] = f64::from_bits(*word);
                floats += 1;
            } else if !*is_float && integers < INTEGERS {
                frame.integers[integers] = *word;
                integers += 1;
            } else {
                *frame.stack.get_mut(stack)? = *word;
                stack += 1;
            }
        }
        Some(frame)
    }
}

/// One call with every register that can hold an argument filled, and as much stack as any signature with that many arguments
/// needs: the callee reads what its own signature has. Unused float registers and stack words do no harm.
macro_rules! call_as {
    ($address:expr, $frame:expr, $result:ty) => {{
        // Variadic for the sake of callees that are: they are told how many float registers are in use, others do not look.
        #[cfg(not(target_arch = "aarch64"))]
        type Function = unsafe extern "C" fn(u64, ...) -> $result;
        #[cfg(target_arch = "aarch64")]
        type Function = unsafe extern "C" fn(
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            f64,
            f64,
            f64,
            f64,
            f64,
            f64,
            f64,
            f64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
            u64,
        ) -> $result;
        // SAFETY: a code address by the caller's word; `ctypes` hands that responsibility to the program.
        let function: Function = unsafe { std::mem::transmute($address) };
        let Frame { integers: i, floats: f, stack: s } = $frame;
        // SAFETY: as above.
        unsafe {
            #[cfg(not(target_arch = "aarch64"))]
            {
                function(
                    i[0], i[1], i[2], i[3], i[4], i[5], f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], s[0], s[1], s[2], s[3],
                    s[4], s[5], s[6], s[7], s[8], s[9], s[10], s[11], s[12], s[13], s[14], s[15], s[16], s[17], s[18], s[19],
                    s[20], s[21], s[22], s[23],
                )
            }
            #[cfg(target_arch = "aarch64")]
            {
                function(
                    i[0], i[1], i[2], i[3], i[4], i[5], i[6], i[7], f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], s[0], s[1],
                    s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9], s[10], s[11], s[12], s[13], s[14], s[15], s[16], s[17],
                    s[18], s[19], s[20], s[21], s[22], s[23],
                )
            }
        }
    }};
}

/// The words of a result, by where it comes back.
fn perform(address: *const c_void, frame: &Frame, float_result: i32) -> u64 {
    match float_result {
        8 => call_as!(address, frame, f64).to_bits(),
        4 => call_as!(address, frame, f32).to_bits() as u64,
        _ => call_as!(address, frame, u64),
    }
}

fn swap_errno() {
    // SAFETY: the C library's own variable of this thread.
    unsafe {
        let errno = libc::__errno_location();
        *errno = SAVED_ERRNO.replace(*errno);
    }
}

fn c_text(bytes: &[u8]) -> R<CString> {
    CString::new(bytes).map_err(|_| value_error!("embedded null byte"))
}

fn last_loader_error() -> String {
    // SAFETY: dlerror gives a string that lives until the next call, or null.
    unsafe {
        let text = libc::dlerror();
        if text.is_null() { "unknown error".to_owned() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
    }
}

pub struct Foreign;

/// Memory, shared libraries and C calls by address.
#[native_module(name = "_foreign")]
impl Foreign {
    /// Address of a buffer's first byte; the buffer must stay alive and keep its size.
    fn address_of(buffer: Buf) -> u64 {
        buffer.as_slice().as_ptr() as u64
    }
    /// Bytes at an address.
    fn read(address: u64, size: usize) -> R {
        if address == 0 && size > 0 {
            return Err(value_error!("NULL pointer access"));
        }
        if size > isize::MAX as usize {
            return Err(overflow_error!("size is too large"));
        }
        if size == 0 {
            return Ok(new_bytes(&[]));
        }
        // SAFETY: the program vouches for the address, as with C.
        Ok(new_bytes(unsafe { std::slice::from_raw_parts(address as *const u8, size) }))
    }
    /// Puts bytes at an address.
    fn write(address: u64, data: Buf) -> R<()> {
        let data = data.as_slice();
        if address == 0 && !data.is_empty() {
            return Err(value_error!("NULL pointer access"));
        }
        // SAFETY: the program vouches for the address, as with C; the two may overlap.
        unsafe { std::ptr::copy(data.as_ptr(), address as *mut u8, data.len()) };
        Ok(())
    }
    /// Number of items before the zero one.
    fn length(address: u64, item: usize) -> R<u64> {
        if address == 0 {
            return Err(value_error!("NULL pointer access"));
        }
        // SAFETY: the program vouches for the address, as with C.
        unsafe {
            match item {
                4 => {
                    let mut count = 0;
                    while (address as *const u32).add(count).read_unaligned() != 0 {
                        count += 1;
                    }
                    Ok(count as u64)
                }
                _ => Ok(libc::strlen(address as *const libc::c_char) as u64),
            }
        }
    }
    /// Handle of a shared library; None stands for the program itself.
    fn open(path: Option<Buf>, mode: i32) -> R<u64> {
        let path = path.map(|path| c_text(path.as_slice())).transpose()?;
        let name = path.as_ref().map_or(std::ptr::null(), |path| path.as_ptr());
        // SAFETY: a NUL-terminated name or null.
        let handle = heap::blocking(|| unsafe { libc::dlopen(name, mode | libc::RTLD_NOW) });
        if handle.is_null() { Err(os_error_text(&last_loader_error())) } else { Ok(handle as u64) }
    }
    /// Address of a name in a library; 0 if there is none.
    fn symbol(handle: u64, name: Buf) -> R<u64> {
        let name = c_text(name.as_slice())?;
        // SAFETY: a NUL-terminated name, a handle from `open`.
        Ok(unsafe { libc::dlsym(handle as *mut c_void, name.as_ptr()) } as u64)
    }
    /// What the loader said last.
    fn loader_error() -> Value {
        fs_str(last_loader_error().as_bytes())
    }
    fn close(handle: u64) -> R<()> {
        // SAFETY: a handle from `open`.
        if unsafe { libc::dlclose(handle as *mut c_void) } != 0 {
            return Err(os_error_text(&last_loader_error()));
        }
        Ok(())
    }
    /// Calls a function. `kinds` has a byte per word, `d` for those in float registers; `float_result` is the size of a float result,
    /// or 0. Other threads need not wait for the call, so it must not call back.
    fn call(address: u64, kinds: Buf, words: Buf, float_result: i32, use_errno: bool) -> R<u64> {
        if address == 0 {
            return Err(value_error!("attempt to call a NULL function pointer"));
        }
        let words = words.as_slice().chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().unwrap_or_default()));
        let words: Vec<(bool, u64)> = kinds.as_slice().iter().map(|kind| *kind == b'd').zip(words).collect();
        let Some(frame) = Frame::arrange(&words) else {
            return Err(not_implemented_error!("ctypes: calls with that many arguments"));
        };
        Ok(heap::blocking(|| {
            if use_errno {
                swap_errno();
            }
            let result = perform(address as *const c_void, &frame, float_result);
            if use_errno {
                swap_errno();
            }
            result
        }))
    }
    fn get_errno() -> i32 {
        SAVED_ERRNO.get()
    }
    /// Gives the one before.
    fn set_errno(value: i32) -> i32 {
        SAVED_ERRNO.replace(value)
    }
}

fn os_error_text(text: &str) -> objects::Raised {
    objects::new_error_args(objects::exc::OS_ERROR.get(), &[objects::new_str(text)])
}

#[cfg(test)]
mod tests {
    use super::*;

    extern "C" fn mixed(a: u64, x: f64, b: i32, y: f32, c: u8, d: u64, e: u64, f: u64, g: u64, z: f64) -> f64 {
        a as f64 + x + b as f64 + y as f64 + c as f64 + d as f64 + e as f64 + f as f64 + 1000.0 * g as f64 + z
    }

    #[test]
    fn words_reach_their_registers() {
        let int = |number: i64| (false, number as u64);
        let words = [
            int(1),
            (true, 0.5f64.to_bits()),
            int(-2),
            (true, 0.25f32.to_bits() as u64),
            int(3),
            int(4),
            int(5),
            int(6),
            int(7),
            (true, 100.0f64.to_bits()),
        ];
        let frame = Frame::arrange(&words).unwrap();
        let result = perform(mixed as *const c_void, &frame, 8);
        assert_eq!(f64::from_bits(result), 7117.75);
        assert!(Frame::arrange(&[int(0); 40]).is_none());
    }
}
