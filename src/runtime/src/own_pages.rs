//! Pages of the program's own file (code, constants, the frozen archive) and of the C library that only a part of the run needed.
//!
//! The system maps sixteen of them or more with each page fault, so a start and imports leave far more of them mapped than they looked at.
//! They are dropped with the first collection, and now and then later; what the program needs comes back from the page cache. (Short
//! programs do without: dropping pages, and having them again, is a twelfth of the time of an empty one.)
//!
//! Must not know: what lies where in the file.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Breakpoints of a debugger lie in pages that are given back and would go with them: this variable keeps all.
const KEEP: &str = "PROTOPY_KEEP_PAGES";

/// After this many collections a program has settled.
const LAST: u32 = 128;

/// Address and length of the segments that are never written to: none in a debug build.
static SEGMENTS: OnceLock<Vec<(usize, usize)>> = OnceLock::new();

/// Unmaps the pages that are mapped by now.
fn give_back() {
    for (start, length) in SEGMENTS.get().into_iter().flatten() {
        // SAFETY: whole pages of a read-only mapping of a file: they are read from there again when they are needed.
        unsafe { libc::madvise(*start as *mut c_void, *length, libc::MADV_DONTNEED) };
    }
}

/// Unmaps what the loader read of itself and of libraries that are seldom called, a part of a megabyte.
pub fn give_back_loader() {
    let mut found: Vec<(usize, usize)> = Vec::new();
    if cfg!(all(target_os = "linux", not(debug_assertions))) && std::env::var_os(KEEP).is_none() {
        // SAFETY: the callback uses its data as what is given here, while this lives.
        unsafe { libc::dl_iterate_phdr(Some(note_loader), (&raw mut found).cast()) };
    }
    for (start, length) in found {
        // SAFETY: as in `give_back`.
        unsafe { libc::madvise(start as *mut c_void, length, libc::MADV_DONTNEED) };
    }
}

/// Unmaps them after the first collection, the second, the fourth and so on.
pub fn give_back_at_times() {
    // Now, for it takes locks.
    SEGMENTS.get_or_init(|| {
        let mut found = Vec::new();
        if cfg!(all(target_os = "linux", not(debug_assertions))) && std::env::var_os(KEEP).is_none() {
            // SAFETY: the callback uses its data as what is given here, while this lives.
            unsafe { libc::dl_iterate_phdr(Some(note_segments), (&raw mut found).cast()) };
        }
        found
    });
    static COLLECTIONS: AtomicU32 = AtomicU32::new(0);
    heap::register_sweep_hook(|_| {
        let number = COLLECTIONS.fetch_add(1, Ordering::Relaxed) + 1;
        if number.is_power_of_two() && number <= LAST {
            give_back();
        }
    })
}

/// The first object is the program itself. Of the others only the C library counts: its code is large, and has no relocations in it.
unsafe extern "C" fn note_segments(object: *mut libc::dl_phdr_info, _size: libc::size_t, data: *mut c_void) -> c_int {
    let (object, found) = (&*object, &mut *(data as *mut Vec<(usize, usize)>));
    if found.is_empty() || is_named(object.dlpi_name, &[b"libc.so.6", b"libm.so.6"]) {
        note(object, found);
    }
    0
}

unsafe extern "C" fn note_loader(object: *mut libc::dl_phdr_info, _size: libc::size_t, data: *mut c_void) -> c_int {
    let (object, found) = (&*object, &mut *(data as *mut Vec<(usize, usize)>));
    if is_named(object.dlpi_name, &[b"libm.so.6"]) {
        note(object, found);
    }
    0
}

/// Adds the segments of a loaded file that are never written to.
unsafe fn note(object: &libc::dl_phdr_info, found: &mut Vec<(usize, usize)>) {
    const PAGE: usize = 4096;
    for segment in std::slice::from_raw_parts(object.dlpi_phdr, object.dlpi_phnum as usize) {
        if segment.p_type != libc::PT_LOAD || segment.p_flags & libc::PF_W != 0 {
            continue;
        }
        let start = object.dlpi_addr as usize + segment.p_vaddr as usize;
        let (first, end) = (start.next_multiple_of(PAGE), (start + segment.p_filesz as usize) & !(PAGE - 1));
        if end > first {
            found.push((first, end - first));
        }
    }
}

/// Whether the path of a loaded file ends in one of these names.
unsafe fn is_named(path: *const c_char, names: &[&[u8]]) -> bool {
    if path.is_null() {
        return false;
    }
    let path = CStr::from_ptr(path).to_bytes();
    let file = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
    names.contains(&file)
}
