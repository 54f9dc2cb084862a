//! The native stack of a thread: its bounds, its callee-saved registers, reading it word by word.
//! Must not know: what the words mean. Architecture and libc dependent code of the collector is here.

/// Registers that a function must keep for its caller, so that may hold the only reference to an object.
pub const SAVED_REGISTERS: usize = 12;

/// Stores the callee-saved registers. Inlined, so that the values are those of the calling function.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub fn save_registers(registers: &mut [usize; SAVED_REGISTERS]) {
    // SAFETY: stores six words into an array of twelve.
    unsafe {
        std::arch::asm!(
            "mov [{0}], rbx", "mov [{0} + 8], rbp", "mov [{0} + 16], r12",
            "mov [{0} + 24], r13", "mov [{0} + 32], r14", "mov [{0} + 40], r15",
            in(reg) registers.as_mut_ptr(), options(nostack, preserves_flags)
        )
    }
}

#[cfg(target_arch = "aarch64")]
#[inline(always)]
pub fn save_registers(registers: &mut [usize; SAVED_REGISTERS]) {
    // SAFETY: stores eleven words into an array of twelve.
    unsafe {
        std::arch::asm!(
            "stp x19, x20, [{0}]", "stp x21, x22, [{0}, 16]", "stp x23, x24, [{0}, 32]",
            "stp x25, x26, [{0}, 48]", "stp x27, x28, [{0}, 64]", "str x29, [{0}, 80]",
            in(reg) registers.as_mut_ptr(), options(nostack, preserves_flags)
        )
    }
}

/// An address at or below everything the callers of this function keep on the stack.
#[inline(never)]
pub fn current_address() -> usize {
    let marker = 0usize;
    std::hint::black_box(&marker) as *const usize as usize
}

/// A place on the native stack with the callee-saved registers as they were there. Keep it in a local variable.
#[repr(C)]
pub struct Fence {
    registers: std::mem::MaybeUninit<[usize; SAVED_REGISTERS]>,
}

impl Fence {
    #[inline(always)]
    pub const fn blank() -> Fence {
        Fence { registers: std::mem::MaybeUninit::uninit() }
    }
    /// Stores the registers and gives the fence's address: what callers of the calling function hold is at or above it.
    #[inline(always)]
    pub fn raise(&mut self) -> usize {
        // SAFETY: an array of plain words; words that the architecture has no use for are scanned like any others of the stack.
        save_registers(unsafe { &mut *self.registers.as_mut_ptr() });
        std::ptr::from_mut(self) as usize
    }
}

/// `(low, high)` addresses of the calling thread's stack. The main thread's low end follows its size limit.
pub fn bounds() -> (usize, usize) {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: plain queries. The C library sets the variable before main.
    unsafe {
        unsafe extern "C" {
            static __libc_stack_end: *mut libc::c_void;
        }
        // Asking pthread about the main thread means reading /proc/self/maps: too slow for start-up.
        if libc::syscall(libc::SYS_gettid) as libc::pid_t == libc::getpid() {
            return main_bounds(__libc_stack_end as usize);
        }
    }
    pthread_bounds()
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn main_bounds(high: usize) -> (usize, usize) {
    const LARGEST_ASSUMED: u64 = 1 << 30;
    const USUAL: u64 = 8 << 20;
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: fills a struct of plain numbers.
    let known = unsafe { libc::getrlimit(libc::RLIMIT_STACK, &mut limit) } == 0 && limit.rlim_cur != libc::RLIM_INFINITY;
    let size = if known { limit.rlim_cur.min(LARGEST_ASSUMED) } else { USUAL };
    (high.saturating_sub(size as usize), high)
}

#[cfg(target_os = "linux")]
fn pthread_bounds() -> (usize, usize) {
    // SAFETY: the attribute object is initialised by the first call and destroyed at the end.
    unsafe {
        let mut attributes: libc::pthread_attr_t = std::mem::zeroed();
        let mut low = std::ptr::null_mut();
        let mut size = 0;
        if libc::pthread_getattr_np(libc::pthread_self(), &mut attributes) != 0 {
            // Without bounds the stack cannot be scanned, and going on would free live objects.
            eprintln!("protopy: cannot find the bounds of the thread's stack");
            std::process::abort();
        }
        libc::pthread_attr_getstack(&attributes, &mut low, &mut size);
        libc::pthread_attr_destroy(&mut attributes);
        (low as usize, low as usize + size)
    }
}

#[cfg(target_os = "macos")]
fn pthread_bounds() -> (usize, usize) {
    // SAFETY: queries about the calling thread.
    unsafe {
        let thread = libc::pthread_self();
        let high = libc::pthread_get_stackaddr_np(thread) as usize;
        (high - libc::pthread_get_stacksize_np(thread), high)
    }
}

/// Calls `visit` with every aligned word of `[from, high)`.
///
/// # Safety
/// The range is mapped: part of the stack of a thread that is stopped or is the caller.
#[inline(never)]
pub unsafe fn for_each_word(from: usize, high: usize, visit: &mut dyn FnMut(usize)) {
    let mut address = from & !7;
    while address < high {
        visit((address as *const usize).read_volatile());
        address += 8;
    }
}
