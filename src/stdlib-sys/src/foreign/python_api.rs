//! The functions of CPython's C interface that `ctypes.pythonapi` has: those that programs call from Python, and that mean something without
//! CPython's objects. The others are missing, as `AttributeError` tells.
//!
//! Must not know: how calls get here.

use super::{callbacks, memory};
use crate::signal;
use std::ffi::{c_int, c_ulong};

/// The address of a function; 0 if it is not there.
pub fn find(name: &[u8]) -> u64 {
    match name {
        b"PyOS_getsig" => get_signal_handler as *const () as u64,
        b"PyOS_setsig" => set_signal_handler as *const () as u64,
        b"PyErr_SetInterruptEx" => interrupt_main as *const () as u64,
        b"PyThreadState_SetAsyncExc" => raise_in_thread as *const () as u64,
        _ => 0,
    }
}

/// What the system does at a signal: the address of a handler, or a number that stands for one.
extern "C" fn get_signal_handler(signum: c_int) -> usize {
    // SAFETY: asks and fills a struct of plain numbers.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        if libc::sigaction(signum, std::ptr::null(), &mut action) == -1 { libc::SIG_ERR } else { action.sa_sigaction }
    }
}

/// Puts another handler in that place. What it was.
extern "C" fn set_signal_handler(signum: c_int, handler: usize) -> usize {
    // SAFETY: the program vouches for the handler, as with C.
    unsafe {
        let (mut action, mut before): (libc::sigaction, libc::sigaction) = std::mem::zeroed();
        action.sa_sigaction = handler;
        // As for the handlers of Python: on a stack of their own, so that a full one can be told of.
        action.sa_flags = libc::SA_ONSTACK;
        if libc::sigaction(signum, &action, &mut before) == -1 { libc::SIG_ERR } else { before.sa_sigaction }
    }
}

/// Runs the Python handler of a signal as if it had come. -1: there is no such signal.
extern "C" fn interrupt_main(signum: c_int) -> c_int {
    if !(1..signal::NSIG as c_int).contains(&signum) {
        return -1;
    }
    callbacks::inside(|| signal::interrupt_main(signum));
    0
}

/// Raises an exception in another thread; no exception takes back one that has not been raised yet. The number of threads concerned.
extern "C" fn raise_in_thread(ident: c_ulong, exception: u64) -> c_int {
    callbacks::inside(|| {
        let object = memory::object_at(exception);
        c_int::from((exception == 0 || object.is_some()) && objects::thread::raise_in(ident, object))
    })
}
