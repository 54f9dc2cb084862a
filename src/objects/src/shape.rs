//! Shapes (hidden classes): where the attributes of an instance lie, and the reads and writes of those attributes.
//!
//! An object's header names its shape. A shape belongs to one class and one chain of attribute names; adding an attribute moves
//! the object to the next shape of the chain. The first `inline_count` attributes lie in the object, the others in an overflow
//! buffer behind the object's `Ext` slot. A slot index never changes its name within an object and deletion leaves a hole, so a
//! cached (shape, offset) pair is always safe to read. Objects with very many attributes are in dictionary mode: their shape is the
//! class's `dict_shape` and `Ext` holds the dict. Those whose `__dict__` was asked for get there, mostly by way of a window (`window.rs`).
//!
//! Reads take no lock. Adding and deleting an attribute and changing the mode happen under the object's lock; changing to dictionary mode
//! stops other threads first, since they may be storing to a cached slot.

use crate::class::{self, Class};
use crate::dict::{self, Dict};
use crate::error::R;
use crate::gc_vec::GcVec;
use crate::layout::{Cast, Gc, LayoutDesc};
use crate::str::Str;
use crate::window;
use heap::{Header, ShapeCell, ShapeId, Slot, Value, ValuesBuffer};
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

/// More attributes than this put an instance into dictionary mode.
const MAX_SHAPE_ATTRIBUTES: u32 = 128;
const MAX_INLINE: u32 = 30;
pub const FIRST_INLINE: u32 = 2;

const FLAG_DICT: u32 = 1;
const FLAG_WINDOW: u32 = 2;

/// Stands for a name in the transition from a shape to the same one with a window.
static WINDOW_MARK: u64 = 0;

/// The heap's own part of a shape cell; must match the head of `heap::ShapeCell`.
#[repr(C)]
struct ShapeGc {
    trace: Option<heap::shapes::TraceFn>,
    drop: Option<heap::shapes::DropFn>,
    class: Slot,
    epoch: AtomicU32,
    traits: AtomicU32,
}
const _: () = assert!(std::mem::size_of::<ShapeGc>() == std::mem::offset_of!(ShapeCell, payload));

/// What this crate keeps in a shape cell. The first field is the heap's own part.
#[repr(C)]
pub struct Shape {
    gc: ShapeGc,
    parent: AtomicU32,
    /// Attributes that objects of this shape have.
    count: AtomicU32,
    inline_count: AtomicU32,
    flags: AtomicU32,
    /// The attribute that this shape added to its parent: an interned string (immortal), null for a root.
    name: AtomicPtr<Str>,
    transitions: AtomicPtr<Transitions>,
    table: AtomicPtr<NameTable>,
    /// The layout of the class, which may be gone when an object of the shape is dropped.
    layout: Option<&'static LayoutDesc>,
}

const _: () = assert!(std::mem::size_of::<Shape>() <= std::mem::size_of::<ShapeCell>());

/// Successor shapes, newest first; nodes are never freed (a shape lives as long as the process).
struct Transitions {
    name: *mut Str,
    shape: ShapeId,
    next: *mut Transitions,
}

/// Name -> index for shapes with more than a few attributes; open addressing by address.
struct NameTable {
    mask: usize,
    entries: Box<[(*mut Str, u32)]>,
}

/// Where an attribute of an instance lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// Byte offset from the object's start.
    Inline(u32),
    /// Index into the overflow buffer.
    Overflow(u32),
    /// The object keeps its attributes in a dictionary.
    Dict,
    Absent,
}

impl Shape {
    /// # Safety
    /// `object` is a live object.
    #[inline(always)]
    pub unsafe fn of(object: *mut Header) -> &'static Shape {
        Shape::by_id((*object).shape())
    }
    #[inline(always)]
    pub fn by_id(id: ShapeId) -> &'static Shape {
        // SAFETY: shape cells live for the whole process and are initialised before their id is published.
        unsafe { &*(heap::shape_cell(id) as *const Shape) }
    }
    #[inline(always)]
    pub fn class(&self) -> Gc<Class> {
        // SAFETY: set when the shape was made.
        unsafe { self.gc.class.get().unwrap_unchecked().cast_unchecked() }
    }
    /// The class, unless the cell is storage that no Python code sees (buffers have shapes without a class).
    pub fn class_opt(&self) -> Option<Gc<Class>> {
        // SAFETY: only classes are ever stored.
        self.gc.class.get().map(|class| unsafe { class.cast_unchecked() })
    }
    #[inline(always)]
    pub fn is_dict_mode(&self) -> bool {
        self.flags.load(Ordering::Relaxed) & FLAG_DICT != 0
    }
    /// Whether `Ext` holds a dict that shows the attributes where they lie.
    #[inline(always)]
    pub fn has_window(&self) -> bool {
        self.flags.load(Ordering::Relaxed) & FLAG_WINDOW != 0
    }
    /// The layout of the class; None for the shapes that boot begins with.
    #[inline(always)]
    pub fn layout(&self) -> Option<&'static LayoutDesc> {
        self.layout
    }
    pub fn inline_count(&self) -> u32 {
        self.inline_count.load(Ordering::Relaxed)
    }
    pub fn attribute_count(&self) -> u32 {
        self.count.load(Ordering::Relaxed)
    }

    /// Makes a shape of `class` with no attributes.
    pub fn new_root(class: Gc<Class>, inline_count: u32, dict_mode: bool) -> ShapeId {
        let id = heap::alloc_shape();
        // SAFETY: the fresh cell is zeroed and ours until the id is published.
        let shape = unsafe { &mut *(heap::shape_cell(id) as *mut Shape) };
        shape.gc.trace = Some(trace_instance);
        shape.gc.drop = class.layout.drop;
        shape.gc.class.set(class.value());
        shape.inline_count = AtomicU32::new(inline_count);
        shape.flags = AtomicU32::new(if dict_mode { FLAG_DICT } else { 0 });
        shape.layout = Some(class.layout);
        // Instances of subclasses have attributes or members.
        if class.layout.guarded && !dict_mode && (!class.layout.class.is_set() || class == class.layout.class.get()) {
            heap::shapes::guard(id);
        }
        id
    }

    /// Ties a reserved shape (of a singleton) to its class.
    pub(crate) fn adopt(&self, class: Gc<Class>) {
        self.gc.class.set(class.value());
    }

    /// A shape for the instances of `type`, before there is any class.
    pub(crate) fn new_first() -> ShapeId {
        let id = heap::alloc_shape();
        // SAFETY: the fresh cell is ours until its first object is made.
        unsafe { (*(heap::shape_cell(id) as *mut Shape)).gc.trace = Some(trace_instance) };
        id
    }

    /// The index of attribute `name` (interned).
    #[inline]
    fn find(&self, name: Gc<Str>) -> Option<u32> {
        let count = self.count.load(Ordering::Relaxed);
        if count <= 4 {
            let mut shape = self;
            while shape.count.load(Ordering::Relaxed) != 0 {
                if shape.name.load(Ordering::Relaxed) == name.as_ptr() {
                    return Some(shape.count.load(Ordering::Relaxed) - 1);
                }
                shape = Shape::by_id(shape.parent.load(Ordering::Relaxed));
            }
            return None;
        }
        self.table().get(name.as_ptr())
    }

    fn table(&self) -> &NameTable {
        let mut pointer = self.table.load(Ordering::Acquire);
        if pointer.is_null() {
            let fresh = Box::into_raw(Box::new(NameTable::build(self)));
            pointer = match self.table.compare_exchange(std::ptr::null_mut(), fresh, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => fresh,
                Err(other) => {
                    // SAFETY: our table was not published.
                    drop(unsafe { Box::from_raw(fresh) });
                    other
                }
            };
        }
        // SAFETY: published tables are never freed or changed.
        unsafe { &*pointer }
    }

    /// Names in slot order.
    pub fn names(&self) -> Vec<Gc<Str>> {
        let mut names = Vec::with_capacity(self.count.load(Ordering::Relaxed) as usize);
        let mut shape = self;
        while shape.count.load(Ordering::Relaxed) != 0 {
            // SAFETY: non-root shapes have a name; interned strings are immortal.
            names.push(unsafe { Gc::from_ptr(shape.name.load(Ordering::Relaxed)) });
            shape = Shape::by_id(shape.parent.load(Ordering::Relaxed));
        }
        names.reverse();
        names
    }

    /// The shape that objects of this one get when they gain `name` (interned).
    pub fn successor(&self, own_id: ShapeId, name: Gc<Str>) -> ShapeId {
        self.transition(name.as_ptr(), |shape| {
            shape.parent = AtomicU32::new(own_id);
            shape.count = AtomicU32::new(self.count.load(Ordering::Relaxed) + 1);
            shape.name = AtomicPtr::new(name.as_ptr());
            shape.flags = AtomicU32::new(self.flags.load(Ordering::Relaxed));
        })
    }

    /// The shape that objects of this one, which is no root, get when they gain a window.
    pub(crate) fn with_window(&self) -> ShapeId {
        self.transition(&raw const WINDOW_MARK as *mut Str, |shape| {
            shape.parent = AtomicU32::new(self.parent.load(Ordering::Relaxed));
            shape.count = AtomicU32::new(self.count.load(Ordering::Relaxed));
            shape.name = AtomicPtr::new(self.name.load(Ordering::Relaxed));
            shape.flags = AtomicU32::new(FLAG_WINDOW);
        })
    }

    /// The shape that follows by `name`, completed by `finish` if there is none yet.
    fn transition(&self, name: *mut Str, finish: impl Fn(&mut Shape)) -> ShapeId {
        loop {
            let head = self.transitions.load(Ordering::Acquire);
            let mut node = head;
            // SAFETY: nodes are immutable once published and never freed.
            unsafe {
                while !node.is_null() {
                    if (*node).name == name {
                        return (*node).shape;
                    }
                    node = (*node).next;
                }
            }
            let id = heap::alloc_shape();
            // SAFETY: the fresh cell is ours until published below.
            let shape = unsafe { &mut *(heap::shape_cell(id) as *mut Shape) };
            shape.gc.trace = self.gc.trace;
            shape.gc.drop = self.gc.drop;
            shape.gc.class.set(self.class().value());
            shape.inline_count = AtomicU32::new(self.inline_count());
            shape.layout = self.layout;
            finish(shape);
            let node = Box::into_raw(Box::new(Transitions { name, shape: id, next: head }));
            if self.transitions.compare_exchange(head, node, Ordering::AcqRel, Ordering::Acquire).is_ok() {
                return id;
            }
            // Lost a race: the unused shape cell is abandoned; try again, the winner may have added the same name.
            // SAFETY: the node was not published.
            drop(unsafe { Box::from_raw(node) });
        }
    }

    /// Whether there is no attribute `name` (interned), and no dictionary where it might be.
    pub(crate) fn lacks(&self, name: Gc<Str>) -> bool {
        !self.is_dict_mode() && self.find(name).is_none()
    }

    /// Where `name` (interned) lies in objects of this shape.
    #[inline]
    pub fn locate(&self, name: Gc<Str>) -> Location {
        if self.is_dict_mode() {
            return Location::Dict;
        }
        match self.find(name) {
            Some(index) => self.location_of(index),
            None => Location::Absent,
        }
    }
    #[inline]
    pub fn location_of(&self, index: u32) -> Location {
        let inline_count = self.inline_count();
        if index < inline_count {
            Location::Inline(self.class().inline_start.load(Ordering::Relaxed) + index * 8)
        } else {
            Location::Overflow(index - inline_count)
        }
    }
}

impl NameTable {
    fn build(shape: &Shape) -> NameTable {
        let names = shape.names();
        let size = (names.len() * 2).next_power_of_two();
        let mut entries: Box<[(*mut Str, u32)]> = vec![(std::ptr::null_mut(), 0); size].into_boxed_slice();
        for (index, name) in names.iter().enumerate() {
            let mut at = NameTable::start(name.as_ptr()) & (size - 1);
            while !entries[at].0.is_null() {
                at = (at + 1) & (size - 1);
            }
            entries[at] = (name.as_ptr(), index as u32);
        }
        NameTable { mask: size - 1, entries }
    }
    #[inline]
    fn start(name: *mut Str) -> usize {
        let word = name as usize >> 4;
        word ^ (word >> 9)
    }
    #[inline]
    fn get(&self, name: *mut Str) -> Option<u32> {
        let mut at = NameTable::start(name) & self.mask;
        loop {
            let (entry, index) = self.entries[at];
            if entry == name {
                return Some(index);
            }
            if entry.is_null() {
                return None;
            }
            at = (at + 1) & self.mask;
        }
    }
}

/// Lets the collector call the layout's own trace function for objects of shape `id`, whose class has neither attributes nor
/// members.
pub(crate) fn trace_natively(id: ShapeId, layout: &'static LayoutDesc) {
    // SAFETY: no collection runs while this thread does, and both functions report the same for such objects.
    unsafe { (*heap::shape_cell(id)).trace = Some(layout.trace) };
}

/// Traces any object: its native part, its `__slots__` members, and its attributes.
unsafe fn trace_instance(object: *mut Header, tracer: &mut heap::Tracer) {
    let shape = Shape::of(object);
    let class = shape.class();
    (class.layout.trace)(object, tracer);
    let ext_offset = class.ext_offset.load(Ordering::Relaxed) as usize;
    if let Some(tail_end) = class.layout.tail_end {
        let members_end = class.inline_start.load(Ordering::Relaxed) as usize;
        let plain_end = class.layout.size + if ext_offset != 0 { 8 } else { 0 };
        if members_end > plain_end {
            // Instances with members have no tail: attributes and members follow the fixed part.
            for offset in (class.layout.size..members_end).step_by(8) {
                tracer.slot(&*((object as *mut u8).add(offset) as *const Slot));
            }
            return;
        }
        if ext_offset != 0 {
            tracer.slot(&*((object as *mut u8).add(tail_end(object)) as *const Slot));
        }
        return;
    }
    // Everything between the native part and the end of the instance is slots: members, the ext slot, inline attributes.
    let end = instance_end(&class, shape);
    let mut offset = class.layout.size;
    while offset < end {
        tracer.slot(&*((object as *mut u8).add(offset) as *const Slot));
        offset += 8;
    }
}

/// Size of instances of `shape` (classes may have grown their inline area since).
fn instance_end(class: &Class, shape: &Shape) -> usize {
    let inline_start = class.inline_start.load(Ordering::Relaxed) as usize;
    if class.ext_offset.load(Ordering::Relaxed) == 0 { inline_start } else { inline_start + shape.inline_count() as usize * 8 }
}

/// The slot at a byte offset of an object.
/// # Safety
/// `offset` is a slot's place in the object's layout.
#[inline(always)]
pub unsafe fn slot_at(object: *mut Header, offset: u32) -> &'static Slot {
    &*((object as *mut u8).add(offset as usize) as *const Slot)
}

/// The slot that holds the overflow buffer or the attribute dictionary, if instances have one.
#[inline]
pub fn ext_slot(object: *mut Header, class: Gc<Class>) -> Option<&'static Slot> {
    let offset = class.ext_offset.load(Ordering::Relaxed);
    if offset == 0 {
        return None;
    }
    // SAFETY: the class says where the slot is.
    unsafe {
        match class.layout.tail_end {
            None => Some(slot_at(object, offset)),
            Some(tail_end) => Some(slot_at(object, tail_end(object) as u32)),
        }
    }
}

#[inline]
fn overflow_slot(object: *mut Header, class: Gc<Class>, index: u32) -> Option<&'static Slot> {
    let buffer = ext_slot(object, class)?.get()?;
    // SAFETY: outside dictionary mode the ext slot holds a values buffer; buffers only grow.
    unsafe {
        let buffer = buffer.as_ptr() as *const ValuesBuffer;
        if (index as usize) < (*buffer).capacity() { Some((*buffer).slot(index as usize)) } else { None }
    }
}

/// The instance attribute `name` (interned), without looking at the class.
#[inline]
pub fn get_instance_attr(object: Value, name: Gc<Str>) -> Option<Value> {
    let header = object.as_ptr();
    // SAFETY: callers pass heap objects.
    let shape = unsafe { Shape::of(header) };
    match shape.locate(name) {
        // SAFETY: the location belongs to the object's shape.
        Location::Inline(offset) => unsafe { slot_at(header, offset).get() },
        Location::Overflow(index) => overflow_slot(header, shape.class(), index)?.get(),
        Location::Dict => dict_of(header, shape.class()).and_then(|dict| dict::dict_get_str(dict, name)),
        Location::Absent => None,
    }
}

fn dict_of(header: *mut Header, class: Gc<Class>) -> Option<Gc<Dict>> {
    ext_slot(header, class)?.get()?.cast::<Dict>()
}

/// Sets the instance attribute `name` (interned). False: instances of this class have no attributes of their own.
pub fn set_instance_attr(object: Value, name: Gc<Str>, value: Value) -> R<bool> {
    let header = object.as_ptr();
    // SAFETY: callers pass heap objects.
    let shape = unsafe { Shape::of(header) };
    match shape.locate(name) {
        Location::Inline(offset) => {
            // SAFETY: the location belongs to the object's shape.
            unsafe { slot_at(header, offset).set(value) };
            return Ok(true);
        }
        Location::Overflow(index) => {
            if let Some(slot) = overflow_slot(header, shape.class(), index) {
                slot.set(value);
                return Ok(true);
            }
        }
        Location::Dict => return set_in_dict(header, shape.class(), name, value),
        Location::Absent => {}
    }
    if shape.class().ext_offset.load(Ordering::Relaxed) == 0 {
        return Ok(false);
    }
    add_attribute(object, name, value)
}

/// The dict in a slot, made if there is none. Of two threads that make one, one's counts.
pub fn dict_in(slot: &Slot) -> Gc<Dict> {
    let mut known = slot.get();
    loop {
        match known.and_then(|dict| dict.cast::<Dict>()) {
            Some(dict) => return dict,
            None => {
                let fresh = dict::new_dict();
                match slot.compare_set(known, Some(fresh.value())) {
                    Ok(()) => return fresh,
                    Err(other) => known = other,
                }
            }
        }
    }
}

fn set_in_dict(header: *mut Header, class: Gc<Class>, name: Gc<Str>, value: Value) -> R<bool> {
    let Some(slot) = ext_slot(header, class) else { return Ok(false) };
    dict::dict_set_str(dict_in(slot), name, value)?;
    Ok(true)
}

#[cold]
#[inline(never)]
fn add_attribute(object: Value, name: Gc<Str>, value: Value) -> R<bool> {
    let header = object.as_ptr();
    // SAFETY: `object` is live.
    let guard = heap::lock(unsafe { &*header });
    // SAFETY: `object` is live; the lock keeps its shape still.
    let (id, shape) = unsafe { ((*header).shape(), Shape::of(header)) };
    let class = shape.class();
    if shape.is_dict_mode() || shape.find(name).is_some() {
        drop(guard);
        return set_instance_attr(object, name, value);
    }
    if shape.has_window() {
        drop(guard);
        return window::add_attribute(object, name, value);
    }
    let index = shape.count.load(Ordering::Relaxed);
    if index >= MAX_SHAPE_ATTRIBUTES {
        drop(guard);
        to_dict_mode(object);
        return set_instance_attr(object, name, value);
    }
    let inline_count = shape.inline_count();
    if index < inline_count {
        let offset = class.inline_start.load(Ordering::Relaxed) + index * 8;
        // SAFETY: within the inline area of this shape's objects.
        unsafe { slot_at(header, offset).set(value) };
    } else {
        grow_inline_area(class, inline_count, index + 1);
        let slot = ext_slot(header, class).expect("class with attributes");
        let position = (index - inline_count) as usize;
        // SAFETY: the ext slot holds nothing or a values buffer; a grown copy is published before the shape that needs it.
        unsafe {
            let old = slot.get().map(|buffer| &*(buffer.as_ptr() as *const ValuesBuffer));
            match old {
                Some(buffer) if position < buffer.capacity() => buffer.slot(position).set(value),
                _ => {
                    let capacity = old.map_or(0, |buffer| buffer.capacity());
                    let fresh = &*heap::values_buffer((capacity * 2).max(4));
                    fresh.set_len(fresh.capacity());
                    fresh.slot(position).set(value);
                    let replace = || {
                        for at in 0..capacity.min(position) {
                            fresh.slot(at).set_opt(old.and_then(|buffer| buffer.get(at)));
                        }
                        slot.set(fresh.as_value());
                    };
                    // Others may be storing to a slot of the old buffer.
                    if capacity != 0 && heap::is_multithreaded() { heap::with_world_stopped(replace) } else { replace() }
                }
            }
        }
    }
    // SAFETY: as above; release so that readers of the new shape see the value.
    unsafe { (*header).set_shape(shape.successor(id, name)) };
    drop(guard);
    Ok(true)
}

/// Gives the instances of a class that was just made room for `wanted` attributes in the object.
pub fn reserve_inline(class: Gc<Class>, wanted: u32) {
    let current = class.inline_count.load(Ordering::Relaxed);
    if current != 0 && wanted > current {
        let wanted = wanted.min(MAX_INLINE);
        class.inline_count.store(wanted, Ordering::Relaxed);
        set_inline_area(class, wanted);
    }
}

/// Later instances of `class` get a larger inline area, since one of them overflowed its own. (Not those of built-in classes: a
/// decorated function here and there says nothing about functions, and short ways know their root shape.)
pub(crate) fn grow_inline_area(class: Gc<Class>, seen: u32, needed: u32) {
    if class.has_tail() || !class.flags.has(class::HEAP_TYPE) || seen >= MAX_INLINE {
        return;
    }
    let wanted = (seen * 2).max(needed).clamp(4, MAX_INLINE);
    // One thread does it. Nobody comes with `wanted` as what was seen before the new shape is there for instances to have.
    if class.inline_count.compare_exchange(seen, wanted, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
        set_inline_area(class, wanted);
    }
}

fn set_inline_area(class: Gc<Class>, wanted: u32) {
    let root = Shape::new_root(class, wanted, false);
    let size = class.inline_start.load(Ordering::Relaxed) + wanted * 8;
    // Size before shape: a racing allocation may then be larger than its shape needs, never smaller.
    class.instance_size.store(size, Ordering::Release);
    class.root_shape.store(root, Ordering::Release);
}

/// Removes the instance attribute `name` (interned); false if there is none.
pub fn delete_instance_attr(object: Value, name: Gc<Str>) -> R<bool> {
    let header = object.as_ptr();
    loop {
        // SAFETY: callers pass heap objects.
        let id = unsafe { (*header).shape() };
        let shape = Shape::by_id(id);
        let location = shape.locate(name);
        match location {
            Location::Dict => {
                return match dict_of(header, shape.class()) {
                    Some(dict) => Ok(dict::dict_remove_str(dict, name)?.is_some()),
                    None => Ok(false),
                };
            }
            Location::Absent => return Ok(false),
            Location::Inline(_) | Location::Overflow(_) => {}
        }
        // SAFETY: as above.
        let guard = heap::lock(unsafe { &*header });
        // SAFETY: as above. Under the lock no window is opened.
        if unsafe { (*header).shape() } != id {
            continue;
        }
        if shape.has_window() {
            drop(guard);
            window::close();
            continue;
        }
        return Ok(match location {
            // SAFETY: the location belongs to the object's shape.
            Location::Inline(offset) => unsafe { slot_at(header, offset).take().is_some() },
            Location::Overflow(index) => overflow_slot(header, shape.class(), index).is_some_and(|slot| slot.take().is_some()),
            Location::Dict | Location::Absent => false,
        });
    }
}

/// The attributes of an instance in the order in which they were added.
pub fn instance_attributes(object: Value) -> GcVec<(Value, Value)> {
    let header = object.as_ptr();
    // SAFETY: callers pass heap objects.
    let shape = unsafe { Shape::of(header) };
    if shape.is_dict_mode() {
        return dict_of(header, shape.class()).map(dict::dict_items).unwrap_or_default();
    }
    let mut found = GcVec::new();
    // SAFETY: it is the object's shape.
    unsafe { each_slot(header, shape, |name, value| found.push((name.value(), value))) };
    found
}

/// Visits the attributes that an instance keeps in slots, in the order in which they were added.
///
/// # Safety
/// `header` is a live object with that shape.
unsafe fn each_slot(header: *mut Header, shape: &Shape, mut visit: impl FnMut(Gc<Str>, Value)) {
    for (index, name) in shape.names().into_iter().enumerate() {
        let value = match shape.location_of(index as u32) {
            Location::Inline(offset) => slot_at(header, offset).get(),
            Location::Overflow(index) => overflow_slot(header, shape.class(), index).and_then(Slot::get),
            _ => None,
        };
        if let Some(value) = value {
            visit(name, value);
        }
    }
}

/// Moves an instance's attributes into a dictionary.
pub fn to_dict_mode(object: Value) {
    let header = object.as_ptr();
    // SAFETY: `object` is live; nothing leaves dictionary mode.
    if unsafe { Shape::of(header).is_dict_mode() } {
        return;
    }
    let must = |result: R<Gc<Dict>>| {
        result.unwrap_or_else(|raised| {
            // All that can go wrong with a fresh dict and interned names.
            raised.clear();
            heap::out_of_memory()
        })
    };
    // SAFETY: `object` is live.
    let dict = must(dict::new_dict_sized(unsafe { Shape::of(header) }.count.load(Ordering::Relaxed) as usize));
    let convert = || {
        // SAFETY: `object` is live and nobody else runs.
        unsafe {
            let shape = Shape::of(header);
            let class = shape.class();
            if shape.is_dict_mode() {
                return;
            }
            if shape.has_window() {
                return window::close_stopped();
            }
            let Some(slot) = ext_slot(header, class) else { return };
            each_slot(header, shape, |name, value| {
                must(dict::dict_set_new_str(dict, name, value).map(|()| dict));
            });
            slot.set(dict.value());
            (*header).set_shape(class.dict_shape.load(Ordering::Acquire));
        }
    };
    if !heap::is_multithreaded() {
        return convert();
    }
    // Other threads may be storing to a cached slot; one that adds an attribute may stand at a safepoint in the middle of it, but holds the
    // lock. Who waits for the lock of an object holds up nobody.
    // SAFETY: `object` is live.
    let _guard = heap::lock(unsafe { &*header });
    // Without attributes there are no slots.
    // SAFETY: as above.
    if unsafe { Shape::of(header).count.load(Ordering::Relaxed) } == 0 { convert() } else { heap::with_world_stopped(convert) }
}

/// The live `__dict__` of an instance (which from now on keeps its attributes there); None if its class gives it none.
pub fn instance_dict(object: Value) -> Option<Gc<Dict>> {
    if !object.is_ptr() {
        return None;
    }
    let header = object.as_ptr();
    // SAFETY: a pointer value is a live object.
    let class = unsafe { Shape::of(header).class() };
    let slot = ext_slot(header, class)?;
    if !window::open(object) {
        to_dict_mode(object);
    }
    match slot.get().and_then(|dict| dict.cast::<Dict>()) {
        Some(dict) => Some(dict),
        None => {
            // SAFETY: `object` is live.
            let _guard = heap::lock(unsafe { &*header });
            if slot.get().is_none() {
                slot.set(dict::new_dict().value());
            }
            slot.get().and_then(|dict| dict.cast::<Dict>())
        }
    }
}

/// Replaces the `__dict__` of an instance.
pub fn set_instance_dict(object: Value, dict: Option<Gc<Dict>>) -> bool {
    if !object.is_ptr() {
        return false;
    }
    let header = object.as_ptr();
    // SAFETY: a pointer value is a live object.
    let class = unsafe { Shape::of(header).class() };
    let Some(slot) = ext_slot(header, class) else { return false };
    to_dict_mode(object);
    slot.set_opt(dict.map(Gc::value));
    true
}

/// Gives an object another class of the same instance layout (`__class__` assignment; compatibility is the caller's business).
pub fn change_class(object: Value, class: Gc<Class>) {
    let header = object.as_ptr();
    if ext_slot(header, class).is_some() {
        to_dict_mode(object);
        // SAFETY: live object; the new class's dictionary mode keeps the ext slot at the same place.
        unsafe { (*header).set_shape(class.dict_shape.load(Ordering::Acquire)) };
    } else {
        // SAFETY: live object without attribute storage.
        unsafe { (*header).set_shape(class.root_shape()) };
    }
}
