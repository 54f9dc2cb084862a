//! Pages of the program's own file (code, constants, the frozen archive) that only the start needed.
//!
//! The system maps sixteen of them with each page fault, so a start leaves far more of them mapped than it looked at. They are
//! dropped when the program proper begins; what it needs comes back from the page cache, sixteen pages at a time.
//!
//! Must not know: what lies where in the file.

use std::ffi::{c_int, c_void};

/// Unmaps the pages of the segments that are never written to. Breakpoints of a debugger lie in such pages and would go with
/// them: `PROTOPY_KEEP_PAGES=1`.
pub fn give_back() {
    if cfg!(target_os = "linux") && std::env::var_os("PROTOPY_KEEP_PAGES").is_none() {
        // SAFETY: the callback keeps nothing of what it is given.
        unsafe { libc::dl_iterate_phdr(Some(drop_segments), std::ptr::null_mut()) };
    }
}

/// The first object is the program itself; the walk ends there.
unsafe extern "C" fn drop_segments(object: *mut libc::dl_phdr_info, _size: libc::size_t, _data: *mut c_void) -> c_int {
    const PAGE: usize = 4096;
    let object = &*object;
    for segment in std::slice::from_raw_parts(object.dlpi_phdr, object.dlpi_phnum as usize) {
        if segment.p_type != libc::PT_LOAD || segment.p_flags & libc::PF_W != 0 {
            continue;
        }
        let start = object.dlpi_addr as usize + segment.p_vaddr as usize;
        let end = start + segment.p_filesz as usize;
        let first = start.next_multiple_of(PAGE);
        if end > first {
            // SAFETY: whole pages of a read-only mapping of a file: they are read from there again when they are needed.
            libc::madvise(first as *mut c_void, (end & !(PAGE - 1)) - first, libc::MADV_DONTNEED);
        }
    }
    1
}
