//! How the process ends when Rust's library finds no memory: it has said so in one line and aborts. That is no reason for a core dump.
//!
//! Must not know: when memory is out.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

use std::ffi::c_void;

type Real = unsafe extern "C" fn() -> !;

/// Takes the place of the C library's function for whoever is linked into the program. Those who abort for other reasons get the real one.
#[unsafe(no_mangle)]
pub extern "C" fn abort() -> ! {
    if runtime::outside_memory::has_just_failed() {
        runtime::outside_memory::end();
    }
    // SAFETY: the C library's function of that name; a library without it cannot be gone on from.
    unsafe {
        let real: *mut c_void = libc::dlsym(libc::RTLD_NEXT, c"abort".as_ptr());
        if real.is_null() {
            libc::_exit(134);
        }
        std::mem::transmute::<*mut c_void, Real>(real)()
    }
}
