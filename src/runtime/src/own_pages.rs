//! Pages of the program's own file (code, constants, the frozen archive) and of the C library that only a part of the run needed.
//!
//! The system maps sixteen of them or more with each page fault, so a start and imports leave far more of them mapped than they looked at.
//! They are dropped with the first collection, and now and then later; what the program needs comes back from the page cache. (Short
//! programs do without: dropping pages, and having them again, is a twelfth of the time of an empty one.)
//!
//! Must not know: what lies where in the file, but for the code of a start, which is at the front.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Breakpoints of a debugger lie in pages that are given back and would go with them: this variable keeps all.
const KEEP: &str = "PROTOPY_KEEP_PAGES";

/// After this many collections a program has settled.
const LAST: u32 = 128;

const PAGE: usize = 4096;

/// A part of a loaded file that is never written to.
struct Segment {
    start: usize,
    length: usize,
    /// Where it begins in the file.
    offset: usize,
    is_code: bool,
    /// Of the program itself.
    is_own: bool,
}

/// What can be given back later: nothing in a debug build.
static SEGMENTS: OnceLock<Vec<Segment>> = OnceLock::new();

fn is_wanted() -> bool {
    cfg!(all(target_os = "linux", not(debug_assertions))) && std::env::var_os(KEEP).is_none()
}

/// Segments of the program and of libraries with these names.
fn segments(libraries: &'static [&'static [u8]]) -> Vec<Segment> {
    let mut search = Search { found: Vec::new(), libraries };
    if is_wanted() {
        // SAFETY: the callback uses its data as what is given here, while this lives.
        unsafe { libc::dl_iterate_phdr(Some(note_segments), (&raw mut search).cast()) };
    }
    search.found
}

/// Unmaps the pages of a range that are mapped by now.
fn drop_pages(start: usize, length: usize) {
    // SAFETY: whole pages of a read-only mapping of a file: they are read from there again when they are needed.
    unsafe { libc::madvise(start as *mut c_void, length, libc::MADV_DONTNEED) };
}

/// At the beginning: unmaps what nothing but the loader needed, and divides the program's own mappings if that is worthwhile.
///
/// A file that was written a short while ago lies in the page cache in pieces as large as the writes were, and from Linux 6.18 on a page fault
/// maps a whole piece, if all of it is in one mapping: with pieces of a megabyte an empty program has five megabytes more resident. An
/// advice that means nothing to a file, given to every other stretch of that size, makes mappings in which no piece lies.
pub fn settle_in() {
    /// The code that every start runs is at the front.
    const START: usize = 1 << 20;
    let all = segments(&[b"libm.so.6"]);
    let stretch = all.iter().find(|segment| segment.is_own && segment.is_code).and_then(large_pieces);
    for segment in all {
        let mut keep = 0;
        if segment.is_own {
            let Some(stretch) = stretch else { continue };
            divide(&segment, stretch);
            keep = if segment.is_code { START.min(segment.length) } else { 0 };
        }
        drop_pages(segment.start + keep, segment.length - keep);
    }
}

/// Pieces begin at multiples of their size in the file, stretches in the middle between.
fn divide(segment: &Segment, stretch: usize) {
    let mut at = segment.start + (stretch + stretch / 2 - segment.offset % stretch) % stretch;
    while at + stretch < segment.start + segment.length {
        // SAFETY: advice on a mapping of our own file, which says not to use huge pages.
        unsafe { libc::madvise(at as *mut c_void, stretch, libc::MADV_NOHUGEPAGE) };
        at += 2 * stretch;
    }
}

/// The size of the pieces in which the page cache holds the program's code, if it is large: the first page that ran is mapped, and with it the
/// other half of its piece, where nothing has run yet.
fn large_pieces(code: &Segment) -> Option<usize> {
    unsafe extern "C" {
        fn _start();
    }
    let first = _start as *const () as usize;
    let place = first.checked_sub(code.start).filter(|place| *place < code.length)? + code.offset;
    let other_half = |size: usize| {
        let place = (place ^ (size / 2)).checked_sub(code.offset).filter(|place| *place < code.length)?;
        Some((code.start + place) & !(PAGE - 1))
    };
    let mut found = None;
    for size in [256 << 10, 512 << 10, 1 << 20] {
        let page = other_half(size)?;
        if !is_mapped(page) {
            drop_pages(page & !(WINDOW - 1), WINDOW);
            break;
        }
        found = Some(size);
    }
    found
}

/// What the system maps with one page fault if pieces are small.
const WINDOW: usize = 64 << 10;

/// Whether a page is mapped: looking at it is no page fault. Afterwards it is. For the only thread.
fn is_mapped(page: usize) -> bool {
    let faults = || {
        // SAFETY: fills a struct of plain numbers.
        unsafe {
            let mut usage: libc::rusage = std::mem::zeroed();
            libc::getrusage(libc::RUSAGE_SELF, &mut usage);
            usage.ru_minflt + usage.ru_majflt
        }
    };
    // The counter's own page faults come first.
    faults();
    let before = faults();
    // SAFETY: a page of the program's code, which is readable.
    unsafe { (page as *const u8).read_volatile() };
    faults() == before
}

/// Unmaps them after the first collection, the second, the fourth and so on.
pub fn give_back_at_times() {
    // Now, for it takes locks.
    SEGMENTS.get_or_init(|| segments(&[b"libc.so.6", b"libm.so.6"]));
    static COLLECTIONS: AtomicU32 = AtomicU32::new(0);
    heap::register_rest_hook(|| {
        let number = COLLECTIONS.fetch_add(1, Ordering::Relaxed) + 1;
        if number.is_power_of_two() && number <= LAST {
            for segment in SEGMENTS.get().into_iter().flatten() {
                drop_pages(segment.start, segment.length);
            }
        }
    })
}

struct Search {
    found: Vec<Segment>,
    /// Only the C library's parts count: their code is large, and has no relocations in it.
    libraries: &'static [&'static [u8]],
}

/// The first object is the program itself.
unsafe extern "C" fn note_segments(object: *mut libc::dl_phdr_info, _size: libc::size_t, data: *mut c_void) -> c_int {
    let (object, search) = (&*object, &mut *(data as *mut Search));
    let is_own = search.found.is_empty();
    if !is_own && !is_named(object.dlpi_name, search.libraries) {
        return 0;
    }
    for segment in std::slice::from_raw_parts(object.dlpi_phdr, object.dlpi_phnum as usize) {
        if segment.p_type != libc::PT_LOAD || segment.p_flags & libc::PF_W != 0 {
            continue;
        }
        let start = object.dlpi_addr as usize + segment.p_vaddr as usize;
        let (first, end) = (start.next_multiple_of(PAGE), (start + segment.p_filesz as usize) & !(PAGE - 1));
        if end > first {
            search.found.push(Segment {
                start: first,
                length: end - first,
                offset: segment.p_offset as usize + (first - start),
                is_code: segment.p_flags & libc::PF_X != 0,
                is_own,
            });
        }
    }
    0
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
