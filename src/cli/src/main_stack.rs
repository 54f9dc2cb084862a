//! Where the main thread's stack lies, for those that ask the C library: Rust's runtime and the parser, once each at every start.
//!
//! glibc reads and parses /proc/self/maps to answer that of the main thread, which is a fiftieth of a start. What it finds is, but for a few
//! pages, what is known anyway: where the stack began, and how large it may become.
//!
//! Must not know: what the answer is used for.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

/// Without a limit, or with a huge one.
const LARGEST: u64 = 1 << 30;
const USUAL: u64 = 8 << 20;
const PAGE: usize = 4096;

/// The main thread, once somebody has asked about it.
static MAIN: AtomicUsize = AtomicUsize::new(0);
/// The C library's function.
static REAL: AtomicPtr<c_void> = AtomicPtr::new(std::ptr::null_mut());

type Real = unsafe extern "C" fn(libc::pthread_t, *mut libc::pthread_attr_t) -> c_int;

unsafe extern "C" {
    static __libc_stack_end: *mut c_void;
    fn pthread_attr_setstack(attributes: *mut libc::pthread_attr_t, low: *mut c_void, size: usize) -> c_int;
}

/// Takes the place of the C library's function for whoever is linked into the program. Other threads are asked about there.
///
/// # Safety
/// As of the C library's function: `thread` exists and `attributes` points at room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_getattr_np(thread: libc::pthread_t, attributes: *mut libc::pthread_attr_t) -> c_int {
    let main = match MAIN.load(Ordering::Relaxed) {
        // Rust's runtime is the first to ask, on the main thread. Later no number says which that is: in the child of a fork it is another.
        0 if libc::syscall(libc::SYS_gettid) as libc::pid_t == libc::getpid() => {
            MAIN.store(libc::pthread_self() as usize, Ordering::Relaxed);
            libc::pthread_self() as usize
        }
        known => known,
    };
    if thread as usize == main {
        return main_attributes(__libc_stack_end as usize, attributes);
    }
    let mut real = REAL.load(Ordering::Relaxed);
    if real.is_null() {
        real = libc::dlsym(libc::RTLD_NEXT, c"pthread_getattr_np".as_ptr());
        REAL.store(real, Ordering::Relaxed);
    }
    if real.is_null() {
        return libc::ENOSYS;
    }
    // SAFETY: the C library's function of that name.
    std::mem::transmute::<*mut c_void, Real>(real)(thread, attributes)
}

unsafe fn main_attributes(end: usize, attributes: *mut libc::pthread_attr_t) -> c_int {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    let known = libc::getrlimit(libc::RLIMIT_STACK, &mut limit) == 0 && limit.rlim_cur != libc::RLIM_INFINITY;
    let size = if known { limit.rlim_cur.min(LARGEST) } else { USUAL } as usize & !(PAGE - 1);
    let end = end.next_multiple_of(PAGE);
    match libc::pthread_attr_init(attributes) {
        0 => pthread_attr_setstack(attributes, end.saturating_sub(size) as *mut c_void, size),
        error => error,
    }
}
