//! Memory at the very beginning: what every start will write to is asked for in one go, and what only the loader needed is let go of.
//! A page fault costs as much as four thousand instructions, so a start saves a tenth of its time.
//!
//! Must not know: who will use it.

#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub use linux::prepare;

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn prepare() {}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod linux {
    use crate::own_pages;
    use std::ffi::c_void;

    /// The C library's allocator maps blocks of 128 KiB and more by themselves; smaller ones lie in its heap, one behind the other.
    const PIECE: usize = 96 << 10;
    /// Together about what an empty program takes.
    const PIECES: usize = 8;
    const PAGE: usize = 4096;

    /// Call first of all in `main`.
    pub fn prepare() {
        grow_malloc();
        own_pages::settle_in();
    }

    /// Lets the allocator's heap grow to what a start needs, with all its pages there, and leaves it as one free piece.
    fn grow_malloc() {
        let mut pieces = [std::ptr::null_mut::<c_void>(); PIECES];
        // SAFETY: plain calls. Populating changes nothing that could be seen; a system that does not know how refuses.
        unsafe {
            for piece in &mut pieces {
                *piece = libc::malloc(PIECE);
            }
            // A little block that stays: without it the pieces would go back to the system when they are freed.
            let end = libc::malloc(size_of::<usize>());
            let first = pieces[0] as usize;
            let length = (end as usize).wrapping_sub(first);
            if first != 0 && !end.is_null() && length < PIECE * (PIECES + 1) {
                let start = first & !(PAGE - 1);
                libc::madvise(start as *mut c_void, first + length - start, libc::MADV_POPULATE_WRITE);
            }
            // The compiler would leave out what is only allocated and freed.
            for piece in std::hint::black_box(pieces) {
                libc::free(piece);
            }
            std::hint::black_box(end);
        }
    }
}
