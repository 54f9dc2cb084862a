//! Memory outside the heap whose size a program decides: what the standard library's own methods answer by ending the process unwinds here,
//! and programs see a MemoryError.
//!
//! Must not know: who catches what unwinds.

use crate::pause::{STRIDE, parts, point};

/// What unwinds when memory is out; the interpreter makes a MemoryError of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfMemory;

/// Unwinds with [`OutOfMemory`], without the message of a panic.
#[cold]
#[inline(never)]
pub fn out_of_memory() -> ! {
    // A box of a unit type does not allocate.
    std::panic::resume_unwind(Box::new(OutOfMemory))
}

/// A vector of its own for `count` items.
#[inline]
pub fn with_room<T>(count: usize) -> Vec<T> {
    let mut items = Vec::new();
    if count > 0 && items.try_reserve_exact(count).is_err() {
        out_of_memory();
    }
    items
}
/// Text with room for `count` bytes.
#[inline]
pub fn text_with_room(count: usize) -> String {
    let mut text = String::new();
    if text.try_reserve_exact(count).is_err() {
        out_of_memory();
    }
    text
}
/// The text, in room for just that.
pub fn copied_text(text: &str) -> String {
    let mut copy = text_with_room(text.len());
    copy.push_str(text);
    copy
}
/// The bytes with a zero at the end, as the C library wants them; None if one is among them.
pub fn c_string(mut bytes: Vec<u8>) -> Option<std::ffi::CString> {
    if bytes.try_reserve_exact(1).is_err() {
        out_of_memory();
    }
    std::ffi::CString::new(bytes).ok()
}
/// `count` times zero.
pub fn zeros<T: Clone + Default>(count: usize) -> Vec<T> {
    let mut items = with_room(count);
    items.resize(count, T::default());
    items
}
pub fn copied<T: Copy>(items: &[T]) -> Vec<T> {
    let mut copy = with_room(items.len());
    parts(items).for_each(|part| copy.extend_from_slice(part));
    copy
}
/// What the iterator gives, in room for as many items as it promises.
pub fn collected<T>(items: impl Iterator<Item = T>) -> Vec<T> {
    let (least, most) = items.size_hint();
    let mut all = with_room(least);
    if most != Some(least) {
        items.for_each(|item| all.put(item));
        return all;
    }
    let mut items = items;
    if least > STRIDE {
        for _ in 0..(least - 1) / STRIDE {
            all.extend(items.by_ref().take(STRIDE));
            point();
        }
    }
    all.extend(items);
    all
}
/// Unwinds unless so many bytes could be had just now: before libraries that end the process where memory is out.
pub fn expect_room(bytes: usize) {
    if bytes > RESERVED {
        drop(with_room::<u8>(bytes));
    }
}
/// So much is kept back for those who do not ask.
const RESERVED: usize = 1 << 20;
/// Pieces one after the other.
pub fn joined(pieces: &[&[u8]]) -> Vec<u8> {
    let mut all = with_room(pieces.iter().map(|piece| piece.len()).sum());
    pieces.iter().for_each(|piece| all.put_all(piece));
    all
}

/// Growing, with [`OutOfMemory`] at the end.
pub trait Grow<T> {
    /// Room for so many more.
    fn make_room(&mut self, more: usize);
    fn put(&mut self, item: T);
    fn put_all(&mut self, items: &[T])
    where
        T: Copy;
    fn put_each(&mut self, items: impl Iterator<Item = T>);
}

impl<T> Grow<T> for Vec<T> {
    #[inline(always)]
    fn make_room(&mut self, more: usize) {
        if self.capacity() - self.len() < more {
            grow(self, more);
        }
    }
    #[inline(always)]
    fn put(&mut self, item: T) {
        self.make_room(1);
        // SAFETY: there is room for one more, which is written.
        unsafe {
            self.as_mut_ptr().add(self.len()).write(item);
            self.set_len(self.len() + 1);
        }
    }
    #[inline(always)]
    fn put_all(&mut self, items: &[T])
    where
        T: Copy,
    {
        self.make_room(items.len());
        // SAFETY: there is room for so many more, which are written; they lie elsewhere, as the vector is borrowed.
        unsafe {
            std::ptr::copy_nonoverlapping(items.as_ptr(), self.as_mut_ptr().add(self.len()), items.len());
            self.set_len(self.len() + items.len());
        }
    }
    fn put_each(&mut self, items: impl Iterator<Item = T>) {
        self.make_room(items.size_hint().0);
        items.for_each(|item| self.put(item));
    }
}

/// Twice the room if there is so much memory, else an eighth more: single bytes would be asked for very often.
#[cold]
#[inline(never)]
fn grow<T>(items: &mut Vec<T>, more: usize) {
    if items.try_reserve(more).is_err() && items.try_reserve_exact(more.max(items.len() / 8)).is_err() {
        out_of_memory();
    }
}

/// Text that grows the same way, also by `write!`.
pub trait GrowText {
    fn put_char(&mut self, c: char);
    fn put_str(&mut self, text: &str);
}

impl GrowText for String {
    #[inline]
    fn put_char(&mut self, c: char) {
        self.put_str(c.encode_utf8(&mut [0; 4]));
    }
    #[inline]
    fn put_str(&mut self, text: &str) {
        if self.capacity() - self.len() < text.len() && self.try_reserve(text.len()).is_err() {
            out_of_memory();
        }
        self.push_str(text);
    }
}

/// Text of a message that may hold a program's data.
pub fn formatted(message: std::fmt::Arguments) -> String {
    struct Growing(String);
    impl std::fmt::Write for Growing {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0.put_str(text);
            Ok(())
        }
    }
    let mut text = Growing(String::new());
    // What displays itself without an error of its own has none.
    let _ = std::fmt::write(&mut text, message);
    text.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows() {
        let mut bytes = Vec::new();
        (0..100).for_each(|byte| bytes.put(byte));
        bytes.put_all(&[1, 2, 3]);
        assert_eq!((bytes.len(), bytes[99], bytes[102]), (103, 99, 3));
        assert_eq!(
            (zeros(3), copied(&[1u8, 2]), collected(0..2), joined(&[b"a", b"bc"])),
            (vec![0; 3], vec![1, 2], vec![0, 1], b"abc".to_vec())
        );
        let mut text = String::new();
        text.put_str("aé");
        text.put_char('€');
        assert_eq!(text, "aé€");
        assert_eq!(formatted(format_args!("{}-{text}", 1)), "1-aé€");
    }

    #[test]
    fn too_much_unwinds() {
        assert!(std::panic::catch_unwind(|| with_room::<u64>(usize::MAX / 32)).is_err_and(|failure| failure.is::<OutOfMemory>()));
        assert!(
            std::panic::catch_unwind(|| [1u16].to_vec().make_room(usize::MAX / 8))
                .is_err_and(|failure| failure.is::<OutOfMemory>())
        );
    }
}
