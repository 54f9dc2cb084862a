//! Copies of text in pages of their own: read-only while their handle is open, not readable at all afterwards.
//!
//! SAFETY of this file: every mapping belongs to one `Page`, is unmapped once, and is written only before it is made read-only.
//! Must not know: handles, contexts.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes in pages of closed handles that are kept unreadable; beyond that, pages are unmapped at once.
pub static KEPT_MAX: AtomicUsize = AtomicUsize::new(10 << 20);
static KEPT: AtomicUsize = AtomicUsize::new(0);

struct Page {
    address: *mut u8,
    len: usize,
    /// Counted in `KEPT`.
    kept: bool,
}

/// The pages of one handle.
#[derive(Default)]
pub struct Pages(Vec<Page>);

fn mapped(len: usize) -> usize {
    // SAFETY: a plain system call.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize;
    len.next_multiple_of(page.max(1))
}

impl Pages {
    /// The same text asked for again is the same copy.
    pub fn copy(&mut self, bytes: &[u8]) -> *const u8 {
        for page in &self.0 {
            if page.len == bytes.len() && unsafe { std::slice::from_raw_parts(page.address, page.len) } == bytes {
                return page.address;
            }
        }
        let size = mapped(bytes.len());
        let (read, private) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        let address = unsafe { libc::mmap(std::ptr::null_mut(), size, read, private, -1, 0) };
        if address == libc::MAP_FAILED {
            crate::fatal::fatal("HPy debug mode: no memory for a protected copy");
        }
        let address = address as *mut u8;
        unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), address, bytes.len());
            libc::mprotect(address.cast(), size, libc::PROT_READ);
        }
        self.0.push(Page { address, len: bytes.len(), kept: false });
        address
    }

    /// The handle was closed: whoever still reads its text meets a fault.
    pub fn close(&mut self) {
        self.0.retain_mut(|page| {
            let after = KEPT.fetch_add(page.len, Ordering::Relaxed) + page.len;
            if after > KEPT_MAX.load(Ordering::Relaxed) {
                KEPT.fetch_sub(page.len, Ordering::Relaxed);
                page.unmap();
                return false;
            }
            page.kept = true;
            unsafe { libc::mprotect(page.address.cast(), mapped(page.len), libc::PROT_NONE) };
            true
        });
    }

    pub fn size(&self) -> Option<usize> {
        if self.0.is_empty() { None } else { Some(self.0.iter().map(|page| page.len).sum()) }
    }
}

impl Page {
    fn unmap(&self) {
        unsafe { libc::munmap(self.address.cast(), mapped(self.len)) };
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        for page in &self.0 {
            if page.kept {
                KEPT.fetch_sub(page.len, Ordering::Relaxed);
            }
            page.unmap();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_shared_and_counted() {
        let mut pages = Pages::default();
        let first = pages.copy(b"text\0");
        assert_eq!(first, pages.copy(b"text\0"));
        assert_ne!(first, pages.copy(b"other\0"));
        assert_eq!(pages.size(), Some(11));
        pages.close();
        assert_eq!(pages.size(), Some(11));
    }
}
