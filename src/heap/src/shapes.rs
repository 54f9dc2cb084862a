//! The table of shape cells: what the collector must know about an object, found by the id in its header.
//! Must not know: attribute names, transitions, classes' contents; crate objects lays its own struct over a cell.
//!
//! A cell is 128 bytes at `base + id * 128` in one address range that is reserved but not committed, so reading
//! by id needs no lock and no bounds check: ids come only from `alloc_shape` and the constants here.

use crate::header::Header;
use crate::region;
use crate::slot::Slot;
use crate::trace::Tracer;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

pub type ShapeId = u32;

pub type TraceFn = unsafe fn(*mut Header, &mut Tracer);
pub type DropFn = unsafe fn(*mut Header);

/// No object has it: a cell whose header holds it is not an object.
pub const SHAPE_INVALID: ShapeId = 0;
pub const SHAPE_NONE: ShapeId = 1;
pub const SHAPE_BOOL: ShapeId = 2;
pub const SHAPE_ELLIPSIS: ShapeId = 3;
pub const SHAPE_NOT_IMPLEMENTED: ShapeId = 4;
pub const SHAPE_UNBOUND: ShapeId = 5;
pub const SHAPE_NULL: ShapeId = 6;
/// Untraced storage, `buffers::RawBuffer`.
pub const SHAPE_RAW_BUFFER: ShapeId = 7;
/// Traced storage, `buffers::ValuesBuffer`.
pub const SHAPE_VALUES_BUFFER: ShapeId = 8;
/// A dead object whose `drop` is running or has run.
pub const SHAPE_DEAD: ShapeId = 9;
/// First id that `alloc_shape` hands out.
pub const FIRST_FREE_SHAPE: ShapeId = 32;

pub const SHAPE_CELL_SIZE: usize = 128;
pub const SHAPE_PAYLOAD_SIZE: usize = 96;

/// Some object of the shape is permanent.
pub const PERMANENT: u32 = 1;
/// Objects of the shape tell of the references that they store (`tenure`).
pub const GUARDED: u32 = 2;

/// What the heap reads of a shape. `payload` is zeroed at allocation and belongs to crate objects.
#[repr(C, align(128))]
pub struct ShapeCell {
    /// Reports every reference of an object; `None` for objects without references.
    pub trace: Option<TraceFn>,
    /// Frees what an object owns outside the heap; called for objects made by `alloc_with_drop`.
    pub drop: Option<DropFn>,
    /// Marked when an object of this shape is.
    pub class: Slot,
    /// Number of the last collection that met an object of this shape.
    pub epoch: AtomicU32,
    /// `PERMANENT`, `GUARDED`.
    pub traits: AtomicU32,
    pub payload: [u8; SHAPE_PAYLOAD_SIZE],
}

const _: () = assert!(size_of::<ShapeCell>() == SHAPE_CELL_SIZE);

static NEXT_SHAPE: AtomicU32 = AtomicU32::new(FIRST_FREE_SHAPE);
static FREED: Mutex<Vec<ShapeId>> = Mutex::new(Vec::new());

/// The cell of `id`.
#[inline(always)]
pub fn shape_cell(id: ShapeId) -> *mut ShapeCell {
    (region::shapes_base() + id as usize * SHAPE_CELL_SIZE) as *mut ShapeCell
}

/// Id of a cell given by address.
#[inline(always)]
pub fn shape_id(cell: *const ShapeCell) -> ShapeId {
    ((cell as usize - region::shapes_base()) / SHAPE_CELL_SIZE) as ShapeId
}

/// Objects of shape `id` may be tenured: from now on `note_store` is called before each store of a reference in them.
pub fn guard(id: ShapeId) {
    // SAFETY: ids come from `alloc_shape`.
    unsafe { (*shape_cell(id)).traits.fetch_or(GUARDED, Ordering::Relaxed) };
}

/// A fresh zeroed cell. Fill it before the first object gets the id. Ids run out after some millions: `None`.
pub fn try_alloc_shape() -> Option<ShapeId> {
    region::ensure_reserved();
    if let Some(id) = FREED.lock().unwrap_or_else(|e| e.into_inner()).pop() {
        return Some(id);
    }
    let limit = region::shapes_capacity();
    NEXT_SHAPE.fetch_update(Ordering::AcqRel, Ordering::Acquire, |next| (next < limit).then_some(next + 1)).ok()
}

/// As `try_alloc_shape`; out of shapes is out of memory.
pub fn alloc_shape() -> ShapeId {
    match try_alloc_shape() {
        Some(id) => id,
        None => crate::alloc::out_of_memory(),
    }
}

/// Gives an id back. Call it where the world is stopped (a sweep hook) and no object has the shape.
///
/// # Safety
/// No object, cache or table refers to `id` any more.
pub unsafe fn free_shape(id: ShapeId) {
    std::ptr::write_bytes(shape_cell(id) as *mut u8, 0, SHAPE_CELL_SIZE);
    FREED.lock().unwrap_or_else(|e| e.into_inner()).push(id);
}

/// All ids below this one may have been handed out.
pub fn shapes_end() -> ShapeId {
    NEXT_SHAPE.load(Ordering::Acquire)
}

pub(crate) fn lock_for_fork() -> std::sync::MutexGuard<'static, Vec<ShapeId>> {
    FREED.lock().unwrap_or_else(|e| e.into_inner())
}
