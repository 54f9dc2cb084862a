//! The eight bytes at the start of every object: shape, lock byte, flags, owner.
//! Must not know: layouts behind the header. The collector keeps its mark bits elsewhere.

use crate::shapes::ShapeId;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, Ordering};

/// Some weak reference was made to the object: the weak table is consulted when it dies.
pub const HAS_WEAKREFS: u8 = 1 << 0;
/// The finalizer was queued once; it never is again.
pub const FINALIZER_RAN: u8 = 1 << 1;
/// Lives outside the heap or for ever.
pub const IMMORTAL: u8 = 1 << 2;
/// The collector does not look at it (`tenure`): it wants to know of stores.
pub const TENURED: u8 = 1 << 3;
/// Bits 4 to 7 belong to the layouts (an interned bit and the like).
pub const LAYOUT_FLAG_0: u8 = 1 << 4;
pub const LAYOUT_FLAG_1: u8 = 1 << 5;
pub const LAYOUT_FLAG_2: u8 = 1 << 6;
pub const LAYOUT_FLAG_3: u8 = 1 << 7;

/// First field of every object. Objects never move, so its address is the identity of the object.
#[repr(C, align(8))]
pub struct Header {
    pub(crate) shape: AtomicU32,
    pub(crate) lock: AtomicU8,
    flags: AtomicU8,
    owner: AtomicU16,
}

impl Header {
    #[inline(always)]
    pub const fn new(shape: ShapeId) -> Header {
        Header { shape: AtomicU32::new(shape), lock: AtomicU8::new(0), flags: AtomicU8::new(0), owner: AtomicU16::new(0) }
    }

    /// For static objects outside the heap.
    /// A header for struct literals whose object gets its real header from the allocator.
    #[inline(always)]
    pub const fn blank() -> Header {
        Header::new(0)
    }

    pub const fn immortal(shape: ShapeId) -> Header {
        Header { flags: AtomicU8::new(IMMORTAL), ..Header::new(shape) }
    }

    #[inline(always)]
    pub fn shape(&self) -> ShapeId {
        self.shape.load(Ordering::Relaxed)
    }
    /// For readers that go on to read fields whose layout the shape decides.
    #[inline(always)]
    pub fn shape_acquire(&self) -> ShapeId {
        self.shape.load(Ordering::Acquire)
    }
    /// Publishes the stores that the new shape describes.
    #[inline(always)]
    pub fn set_shape(&self, shape: ShapeId) {
        crate::tenure::note_store(self);
        self.shape.store(shape, Ordering::Release)
    }

    /// `set_shape` of an object that is not tenured.
    #[inline(always)]
    pub fn set_shape_of_untenured(&self, shape: ShapeId) {
        debug_assert!(!self.is_tenured());
        self.shape.store(shape, Ordering::Release)
    }
    /// Whether `tenure::note_store` has something to note.
    #[inline(always)]
    pub fn is_tenured(&self) -> bool {
        self.flags() & TENURED != 0
    }

    #[inline(always)]
    pub fn flags(&self) -> u8 {
        self.flags.load(Ordering::Relaxed)
    }
    #[inline(always)]
    pub fn has_flag(&self, flag: u8) -> bool {
        self.flags.load(Ordering::Acquire) & flag != 0
    }
    /// Sets `flag`; true if this call set it.
    #[inline]
    pub fn set_flag(&self, flag: u8) -> bool {
        self.flags.fetch_or(flag, Ordering::AcqRel) & flag == 0
    }
    /// `set_flag` while the world is stopped.
    pub(crate) fn set_flag_stopped(&self, flag: u8) {
        self.flags.store(self.flags.load(Ordering::Relaxed) | flag, Ordering::Relaxed);
    }
    #[inline]
    pub fn clear_flag(&self, flag: u8) {
        self.flags.fetch_and(!flag, Ordering::AcqRel);
    }
    /// Reserved for owner-biased locking.
    #[inline(always)]
    pub fn owner(&self) -> u16 {
        self.owner.load(Ordering::Relaxed)
    }
    #[inline(always)]
    pub fn as_ptr(&self) -> *mut Header {
        self as *const Header as *mut Header
    }
}
