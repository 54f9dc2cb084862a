//! References that extensions keep in C memory: fields of their structs, C variables, trackers of handles.
//!
//! A field holds the value's own word. It is read by plain C loads, so an object that another thread has just taken out of it may
//! still be in the reader's registers: nothing is freed before the reader's next safepoint, and its stack is scanned then. Hence
//! `ctx_Field_Load` makes its handle before it polls. A global holds the address of a cell that is made once; only the cell
//! changes.
//!
//! Must not know: the layout of extension types beyond where an object's own struct lies.

use crate::abi::{self, Handle};
use crate::instance;
use crate::table::kind;
use crate::table::kind::*;
use heap::{Slot, Value};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, Once};

#[inline]
pub unsafe fn ctx_Field_Store(target_object: In, target_field: FieldRef, h: In) {
    let value = h.get();
    let word = &*(target_field as *const AtomicU64);
    word.store(value.map_or(0, Value::raw), Ordering::Release);
    if let Some(value) = value
        && value.is_ptr()
        && !target_object.get().is_some_and(|owner| is_near(owner, target_field as usize))
    {
        return stored_far(target_object, target_field as usize, value);
    }
    heap::poll();
}
#[inline(never)]
unsafe extern "C" fn stored_far(owner: Handle, field: usize, value: Value) {
    let owner = owner.value_or_none();
    if !instance::traces_field(owner, field) {
        keep_with(owner, field, value);
    }
    heap::poll();
}
/// Close behind the start of the object there is nothing but the object: its struct is traced.
#[inline(always)]
fn is_near(owner: Value, field: usize) -> bool {
    field.wrapping_sub(owner.raw() as usize) < 128
}

#[inline]
pub unsafe fn ctx_Field_Load(_source_object: In, source_field: kind::Field) -> Own {
    // SAFETY: the word of a value that was in the field since the last safepoint.
    let loaded = Handle::owned_opt(Value::from_raw(source_field.0));
    heap::poll();
    loaded
}

/// Referents of fields that no `tp_traverse` reports and that lie outside of their object: (owner, field) to value. They live
/// as long as the owner does.
static STRAYS: Mutex<Strays> = Mutex::new(Strays(None));
struct Strays(Option<HashMap<(usize, usize), u64>>);
// SAFETY: words and addresses; objects are kept alive by `trace_strays`.
unsafe impl Send for Strays {}

fn strays() -> MutexGuard<'static, Strays> {
    STRAYS.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[cold]
fn keep_with(owner: Value, field: usize, value: Value) {
    static REGISTER: Once = Once::new();
    REGISTER.call_once(|| {
        heap::register_root_callback(
            |tracer, _| {
                if let Some(table) = &strays().0 {
                    table.values().for_each(|word| tracer.word(*word));
                }
            },
            std::ptr::null_mut(),
        );
        heap::register_sweep_hook(|alive| {
            if let Some(table) = &mut strays().0 {
                table.retain(|(owner, _), _| alive.is_alive(*owner as *mut heap::Header));
            }
        });
    });
    strays().0.get_or_insert_with(HashMap::new).insert((owner.raw() as usize, field), value.raw());
}

/// Cells of globals are never freed: their addresses are in C variables.
struct Cells(Vec<&'static Slot>);
static CELLS: Mutex<Cells> = Mutex::new(Cells(Vec::new()));

fn new_cell() -> &'static Slot {
    static REGISTER: Once = Once::new();
    REGISTER.call_once(|| {
        heap::register_root_callback(
            |tracer, _| {
                let cells = CELLS.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                cells.0.iter().for_each(|cell| tracer.slot(cell));
            },
            std::ptr::null_mut(),
        )
    });
    let cell: &'static Slot = Box::leak(Box::new(Slot::empty()));
    CELLS.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).0.push(cell);
    cell
}

/// The cell of a C variable, made now if it has none.
///
/// # Safety
/// `global` is the address of an `HPyGlobal`.
pub(crate) unsafe fn global_cell(global: *mut abi::Global) -> &'static Slot {
    let word = &*(global as *const AtomicU64);
    let known = word.load(Ordering::Acquire);
    if known != 0 {
        return &*(known as *const Slot);
    }
    let fresh = new_cell();
    match word.compare_exchange(0, fresh as *const Slot as u64, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => fresh,
        Err(known) => &*(known as *const Slot),
    }
}
pub unsafe fn ctx_Global_Store(global: GlobalRef, h: In) {
    global_cell(global).set_opt(h.get());
    heap::poll();
}
pub unsafe fn ctx_Global_Load(global: kind::Global) -> Own {
    if global.is_null() {
        return Handle::NULL;
    }
    // SAFETY: a word of a global is the address of a cell, which is never freed.
    let loaded = Handle::owned_opt((*(global.0 as *const Slot)).get());
    heap::poll();
    loaded
}

/// Handles that are closed together. Closed trackers are kept for the next one, so that the use of one is found and no crash.
struct Tracked {
    handles: Vec<Handle>,
    is_open: bool,
}

/// Closed trackers of a thread; when it ends, they go to the others.
struct Spare(RefCell<Vec<&'static mut Tracked>>);

thread_local! {
    static SPARE: Spare = const { Spare(RefCell::new(Vec::new())) };
}
static SPARE_OF_ENDED: Mutex<Vec<&'static mut Tracked>> = Mutex::new(Vec::new());
/// What a closed tracker may keep.
const KEPT: usize = 1024;

impl Drop for Spare {
    fn drop(&mut self) {
        SPARE_OF_ENDED.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).append(self.0.get_mut());
    }
}

fn spare_tracker() -> &'static mut Tracked {
    let own = SPARE.try_with(|spare| spare.0.borrow_mut().pop()).ok().flatten();
    own.or_else(|| SPARE_OF_ENDED.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).pop())
        .unwrap_or_else(|| Box::leak(Box::new(Tracked { handles: Vec::new(), is_open: false })))
}

pub unsafe fn ctx_Tracker_New(size: Ssize) -> kind::Tracker {
    crate::context::guarded(abi::Tracker::NULL, || {
        let tracked = spare_tracker();
        let wanted = usize::try_from(size).unwrap_or(0).max(4);
        if tracked.handles.try_reserve(wanted).is_err() {
            keep_spare(tracked);
            return Err(objects::error::memory_error());
        }
        tracked.is_open = true;
        Ok(abi::Tracker(std::ptr::from_mut(tracked) as u64))
    })
}
fn keep_spare(tracked: &'static mut Tracked) {
    tracked.handles.clear();
    tracked.handles.shrink_to(KEPT);
    let _ = SPARE.try_with(|spare| spare.0.borrow_mut().push(tracked));
}
unsafe fn tracked(tracker: kind::Tracker) -> &'static mut Tracked {
    // SAFETY: the word is the address of a tracker, which is never freed.
    let tracked = &mut *(tracker.0 as *mut Tracked);
    if !tracked.is_open {
        crate::fatal::fatal("HPyTracker: use of a tracker that was closed");
    }
    tracked
}
/// The handle is tracked even if room for the next one is lacking.
pub unsafe fn ctx_Tracker_Add(tracker: kind::Tracker, h: In) -> Int {
    tracked(tracker).handles.push(h);
    0
}
pub unsafe fn ctx_Tracker_ForgetAll(tracker: kind::Tracker) {
    tracked(tracker).handles.clear()
}
pub unsafe fn ctx_Tracker_Close(tracker: kind::Tracker) {
    if tracker.is_null() {
        return;
    }
    let tracked = tracked(tracker);
    tracked.is_open = false;
    tracked.handles.iter().for_each(|handle| handle.close());
    keep_spare(tracked);
}
