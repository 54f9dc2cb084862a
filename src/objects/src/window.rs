//! Windows: the `__dict__` of an instance that keeps its attributes in slots, without moving them.
//!
//! Other threads store to attribute slots without a lock, so that nothing can be moved out of them unless the world stands still. A window
//! leaves them: its dict has a table with the names as keys and without values, those are looked for in the slots. The instance gets a
//! shape that differs from its own in nothing but that `Ext` holds the dict. Whoever knew the old shape goes on storing to the same slots.
//! (One thread alone moves the attributes at once, which is quicker if names are added later. Debug builds open windows all the same.)
//!
//! A window is closed, and its instance is in dictionary mode from then on, when something happens that a shape cannot follow (a key goes,
//! or one that is no interned str comes), and in each collection: there the world stands still anyway. So
//! 1. while there is a window, every attribute of the shape has a value and is the entry with the same number;
//! 2. names are added under the lock of the dict, with no safepoint between the look at the window and the last step;
//! 3. tables that are windows are younger than the last collection, and so their instance is still there even if nothing refers to it.

use crate::containers::{exact_str, guard};
use crate::dict::{self, Dict};
use crate::dict_table::Table;
use crate::error::R;
use crate::layout::{Cast, Gc};
use crate::shape::{self, Location, Shape};
use crate::str::Str;
use heap::{Header, Slot, Value};
use std::sync::Once;
use std::sync::atomic::{AtomicPtr, Ordering};

/// More keys than this are not added one at a time: each makes a table.
pub(crate) const FEW: usize = 8;
const MOST: usize = 32;

/// What a table has behind its entries if it is a window.
#[repr(C)]
pub(crate) struct Pane {
    owner: AtomicPtr<Header>,
    next: AtomicPtr<Table>,
}

impl Pane {
    pub(crate) fn show(&self, owner: *mut Header) {
        self.owner.store(owner, Ordering::Relaxed);
    }
    /// The slot behind entry `number`; None if the instance has gone to dictionary mode.
    pub(crate) fn attribute(&self, number: u32) -> Option<&'static Slot> {
        let owner = self.owner.load(Ordering::Relaxed);
        // SAFETY: rule 3.
        unsafe {
            let shape = Shape::by_id((*owner).shape_acquire());
            match shape.location_of(number) {
                Location::Inline(offset) if shape.has_window() => Some(shape::slot_at(owner, offset)),
                _ => None,
            }
        }
    }
}

/// A list of windows, linked through their panes, in a cache line of its own.
#[repr(align(128))]
struct List(AtomicPtr<Table>);
const LISTS: usize = 16;
static OPEN: [List; LISTS] = [const { List(AtomicPtr::new(std::ptr::null_mut())) }; LISTS];

/// Notes a window that was just filled. No safepoint.
fn note(table: *mut Table) {
    let thread = crate::thread::current() as *const _ as usize;
    let list = &OPEN[(thread >> 7 ^ thread >> 12) % LISTS].0;
    let mut head = list.load(Ordering::Relaxed);
    loop {
        // SAFETY: a window of the caller's.
        unsafe { (*table).pane().next.store(head, Ordering::Relaxed) };
        match list.compare_exchange_weak(head, table, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return,
            Err(other) => head = other,
        }
    }
}

/// Calls `visit` with all tables of the lists.
///
/// # Safety
/// None of them was freed.
unsafe fn each(heads: &[*mut Table; LISTS], mut visit: impl FnMut(&'static Table)) {
    for head in heads {
        let mut table = *head;
        while let Some(window) = table.as_ref() {
            visit(window);
            table = window.pane().next.load(Ordering::Relaxed);
        }
    }
}

/// Closes the windows whose tables are alive and forgets the others. World stopped, or one thread.
fn close_all(is_alive: &dyn Fn(*mut Header) -> bool) {
    let heads = OPEN.each_ref().map(|list| list.0.swap(std::ptr::null_mut(), Ordering::AcqRel));
    let alive = |table: &Table| is_alive(table.header().as_ptr());
    // SAFETY: rule 3. All tables get their values before the first instance changes its shape: several may have the same.
    unsafe {
        each(&heads, |table| {
            if alive(table) {
                table.close_window();
            }
        });
        each(&heads, |table| {
            let owner = table.pane().owner.load(Ordering::Relaxed);
            let shape = Shape::of(owner);
            if alive(table) && shape.has_window() {
                (*owner).set_shape(shape.class().dict_shape.load(Ordering::Acquire));
            }
        });
    }
}

/// Closes all windows: their instances are in dictionary mode afterwards, with the same dicts and tables. Callers may hold the lock of a
/// dict or an instance; who waits for that holds up nobody.
#[cold]
pub(crate) fn close() {
    if heap::is_multithreaded() { heap::with_world_stopped(close_stopped) } else { close_stopped() }
}

/// `close` for who has stopped the world.
pub(crate) fn close_stopped() {
    close_all(&|_| true)
}

fn register() {
    static REGISTER: Once = Once::new();
    REGISTER.call_once(|| heap::register_sweep_hook(|living| close_all(&|object| living.is_alive(object))));
}

/// Gives an instance a window, if its attributes allow it. True: `Ext` holds its dict.
pub(crate) fn open(object: Value) -> bool {
    let header = object.as_ptr();
    let is_wanted = heap::is_multithreaded() || cfg!(debug_assertions);
    loop {
        // SAFETY: a live object.
        let id = unsafe { (*header).shape_acquire() };
        let shape = Shape::by_id(id);
        if shape.is_dict_mode() || shape.has_window() {
            return shape.has_window();
        }
        let (class, count) = (shape.class(), shape.attribute_count());
        if !is_wanted || count == 0 || count > shape.inline_count() || class.layout.guarded {
            return false;
        }
        let Some(ext) = shape::ext_slot(header, class) else { return false };
        register();
        let names = shape.names();
        let shape_with_window = shape.with_window();
        let dict = dict::new_dict();
        let Some(table) = Table::allocate_window(count as usize) else { return false };
        // SAFETY: a live object, and a window of ours. Nobody adds or deletes attributes without the lock.
        unsafe {
            let _guard = heap::lock(&*header);
            if (*header).shape() != id {
                continue;
            }
            let has_value = |number| match shape.location_of(number) {
                Location::Inline(offset) => !shape::slot_at(header, offset).is_empty(),
                _ => false,
            };
            if !(0..count).all(has_value) {
                return false;
            }
            (*table).fill_window(names.iter().map(|name| (name.value(), name.hash())), header);
            dict.publish(table);
            ext.set(dict.value());
            (*header).set_shape(shape_with_window);
            note(table);
        }
        return true;
    }
}

/// Sets an attribute that an instance with a window lacked a moment ago.
pub(crate) fn add_attribute(object: Value, name: Gc<Str>, value: Value) -> R<bool> {
    let header = object.as_ptr();
    // SAFETY: a live object.
    let class = unsafe { Shape::of(header).class() };
    if let Some(dict) = shape::ext_slot(header, class).and_then(|ext| ext.get()?.cast::<Dict>()) {
        let _held = guard(dict);
        let table = dict.table();
        // SAFETY: as above.
        let is_new = || unsafe { Shape::of(header) }.lacks(name);
        if table.is_window() && is_new() && add_key(dict, table, name.value(), value).is_some() {
            if dict.header.flags() & dict::WATCHED != 0 {
                dict::bump_epoch();
            }
            return Ok(true);
        }
    }
    shape::set_instance_attr(object, name, value)
}

/// Adds a key to a locked dict whose table is a window and lacks it: as an attribute. None: the window is closed now, nothing was added.
pub(crate) fn add_key(dict: Gc<Dict>, table: &Table, key: Value, value: Value) -> Option<u32> {
    let count = table.used();
    let name = exact_str(key).filter(|name| name.is_interned() && count < MOST);
    let added = name.and_then(|name| {
        let fresh = Table::allocate_window(count + 1)?;
        // A collection may have closed it.
        let may_add = table.is_window();
        // SAFETY: the window is ours; the instance has one, so that nobody else adds to it without the dict's lock.
        unsafe { (may_add && add(dict, table, fresh, name, value)).then_some(count as u32) }
    });
    if added.is_none() && table.is_window() {
        close();
    }
    added
}

/// The steps of `add_key` between two safepoints. False: there is no room in the instance.
unsafe fn add(dict: Gc<Dict>, table: &Table, fresh: *mut Table, name: Gc<Str>, value: Value) -> bool {
    let owner = table.pane().owner.load(Ordering::Relaxed);
    let id = (*owner).shape();
    let shape = Shape::by_id(id);
    let count = shape.attribute_count();
    let Location::Inline(offset) = shape.location_of(count) else {
        shape::grow_inline_area(shape.class(), shape.inline_count(), count + 1);
        return false;
    };
    let keys = (0..count).filter_map(|number| {
        let entry = table.entry(number);
        Some((entry.key.get()?, entry.hash()))
    });
    (*fresh).fill_window(keys.chain([(name.value(), name.hash())]), owner);
    shape::slot_at(owner, offset).set(value);
    (*owner).set_shape(shape.successor(id, name));
    dict.publish(fresh);
    note(fresh);
    true
}
