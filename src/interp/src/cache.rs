//! Inline caches of attribute access: what they remember, how they are filled and asked off the fast path.
//!
//! Word 0 of an attribute cell is `shape << 32 | place`: objects of that shape keep the attribute at `place`, a byte offset, or
//! (bit 31) an index into the overflow buffer. Word 1 heads a chain of at most eight records for other shapes and other kinds
//! of attributes. Facts of word 0 have no version: a class that gains or loses a data descriptor or an attribute hook flushes
//! the caches of all code (`objects::code::flush_attribute_caches`).

use crate::state::Vm;
use heap::{Header, Slot, Value, ValuesBuffer};
use objects::class::{self, Class, class_of};
use objects::code::Record;
use objects::descr::{ClassMethod, ClassMethodDescriptor, MemberDescriptor, Property, StaticMethod, TupleGetter};
use objects::dict::Dict;
use objects::layout::{Cast, Gc, Layout};
use objects::lookup;
use objects::module::Module;
use objects::shape::{Location, Shape};
use objects::str::Str;
use objects::tuple::Tuple;
use std::sync::atomic::{AtomicU64, Ordering, fence};

/// Kinds of records.
pub const SLOT: u32 = 1;
/// A value found on the class that needs no binding.
pub const VALUE: u32 = 2;
/// A function or method descriptor found on the class.
pub const METHOD: u32 = 3;
/// `value` is the getter of a property.
pub const PROPERTY: u32 = 4;
/// The receiver is the class `number`; the attribute is `value`.
pub const OF_CLASS: u32 = 5;
/// The receiver is the class `number`; `value` is the function of a class method.
pub const OF_CLASS_BOUND: u32 = 6;
/// Store that adds the attribute: `number` is the new shape.
pub const ADD: u32 = 7;
/// The receiver's class has a class method `value`.
pub const CLASS_METHOD: u32 = 8;

/// The receiver is a module: `number` is `version << 24 | entry` of its dict.
pub const OF_MODULE: u32 = 9;

/// `value` is a data descriptor found on the class (that it is one is asked again: its own class may be the program's).
pub const DESCRIPTOR: u32 = 10;

/// The object has no such attribute; `value` is its class's `__getattr__`, a Python function.
pub const HOOK: u32 = 11;

/// The object keeps its attributes in a dict, found in its slot at `offset`. What its class has under the name counts if the dict
/// has nothing: `value`, of the kind `number` (`METHOD` or `VALUE`), as long as the class is current. Without a value the class is not asked.
pub const IN_DICT: u32 = 12;

/// `super().name` of the class `number` (the one whose body has the code): `value` is the method for receivers of the shape.
pub const SUPER: u32 = 13;

/// The object is a tuple; the attribute is its item `number`, if it has as many.
pub const ITEM: u32 = 14;

const MAX_RECORDS: usize = 8;
/// Records that one code object may make before its caches stop learning.
const MAX_TURNOVER: usize = 4000;

/// Marks an overflow index in a place; the `Ext` slot's offset sits above the index.
const OVERFLOW: u32 = 1 << 31;
const OVERFLOW_INDEX_BITS: u32 = 16;

/// The slot at a cached place, None if the object has no such slot (yet).
///
/// # Safety
/// The object's shape is the one the place was remembered for.
#[inline(always)]
pub unsafe fn slot_at_place<'a>(object: u64, place: u32) -> Option<&'a Slot> {
    if place & OVERFLOW == 0 {
        return Some(crate::state::slot_of(object, place));
    }
    let ext = crate::state::slot_of(object, (place & !OVERFLOW) >> OVERFLOW_INDEX_BITS).raw();
    if ext == 0 {
        return None;
    }
    let buffer = &*(ext as *const ValuesBuffer);
    let index = (place & ((1 << OVERFLOW_INDEX_BITS) - 1)) as usize;
    if index < buffer.capacity() { Some(buffer.slot(index)) } else { None }
}

/// The place of a location, if it has one.
fn place_of(class: Gc<Class>, location: Location) -> Option<u32> {
    match location {
        Location::Inline(offset) => Some(offset),
        Location::Overflow(index) => {
            let ext = class.ext_offset.load(Ordering::Relaxed);
            if class.has_tail() || index >= 1 << OVERFLOW_INDEX_BITS || ext >= 1 << (31 - OVERFLOW_INDEX_BITS) {
                return None;
            }
            Some(OVERFLOW | ext << OVERFLOW_INDEX_BITS | index)
        }
        _ => None,
    }
}

/// The first record of the cell's chain that is for `shape` and current.
///
/// # Safety
/// The cell is that of an attribute op.
#[inline]
pub unsafe fn find_record(cell: &[AtomicU64; 2], shape: u32, object: u64) -> Option<&'static Record> {
    let mut record = cell[1].load(Ordering::Acquire) as *const Record;
    while !record.is_null() {
        let entry = &*record;
        if entry.shape == shape
            && may_match(entry)
            && (entry.kind < OF_CLASS || entry.kind > OF_CLASS_BOUND || entry.number == object)
        {
            return Some(entry);
        }
        record = entry.next.load(Ordering::Acquire);
    }
    None
}

/// The first record of the chain that begins with `head` and is for `shape`; null if there is none.
///
/// # Safety
/// `head` is word 1 of the cell of an attribute op.
#[inline(always)]
pub unsafe fn chain_entry(head: u64, shape: u32) -> *const Record {
    let mut record = head as *const Record;
    while !record.is_null() && (*record).shape != shape {
        record = (*record).next.load(Ordering::Acquire);
    }
    record
}

/// What a module has in the remembered entry of its dict; 0 if that is out of date.
///
/// # Safety
/// `object` is a module (its shape says so).
#[inline(always)]
pub unsafe fn module_entry(object: u64, number: u64) -> u64 {
    let dict = (*(object as *const Module)).dict.raw();
    if dict == 0 {
        return 0;
    }
    let table = (*(dict as *const Dict)).table();
    if table.known_version() != number >> 24 {
        return 0;
    }
    table.entry((number & 0xFF_FFFF) as u32).value.raw()
}

fn learn_module(vm: Vm, module: Gc<Module>, shape_id: u32, name: Gc<Str>) {
    if lookup::type_lookup(Module::class(), name).is_some_and(is_data_descriptor) {
        return;
    }
    if let Some((version, number)) = objects::dict::dict_lookup_entry(module.dict(), name)
        && version >> 40 == 0
        && number >> 24 == 0
    {
        let mut record = Record::new(OF_MODULE, shape_id);
        record.number = version << 24 | number as u64;
        push_record(vm, record);
    }
}

/// The exact dict in which an object keeps its attributes.
///
/// # Safety
/// The object's shape is the one that the `IN_DICT` record is for.
#[inline(always)]
unsafe fn attributes<'a>(object: u64, record: &Record) -> Option<&'a Dict> {
    let dict = crate::state::slot_of(object, record.offset).raw();
    if dict == 0 || crate::state::shape_of(dict) != crate::wellknown::shapes().dict() {
        return None;
    }
    Some(crate::state::object::<Dict>(dict))
}

/// The attribute of an object that keeps attributes in a dict, and whether it is to be bound to the object; 0 if that must be asked elsewhere.
///
/// # Safety
/// The object's shape is the one that the `IN_DICT` record is for.
#[inline(always)]
pub unsafe fn attribute_in_dict(object: u64, record: &Record, name: Gc<Str>) -> (u64, bool) {
    let Some(dict) = attributes(object, record) else { return (0, false) };
    match objects::dict::dict_peek(dict, name.value()) {
        Some(Some(value)) => (value.raw(), false),
        Some(None) if record.number != 0 && record.is_current() => (record.value.raw(), record.number == METHOD as u64),
        _ => (0, false),
    }
}

/// Stores an attribute of an object that keeps attributes in a dict, if nothing stands in the way; else false, nothing done.
///
/// # Safety
/// The object's shape is the one that the `IN_DICT` record is for.
#[inline(always)]
pub unsafe fn store_in_dict(object: u64, record: &Record, name: Gc<Str>, value: Value) -> bool {
    attributes(object, record).is_some_and(|dict| objects::dict::dict_store_quick(dict, name.value(), value))
}

/// Learns that instances of `class` with this shape keep attributes in a dict; `found` is what the class has under the name.
fn learn_in_dict(vm: Vm, seen: Seen, name: Gc<Str>, shape: u32, found: Option<Value>) {
    let class = seen.class;
    if class.has_tail() || !mark_cached(seen, name) {
        return;
    }
    let mut record = Record::new(IN_DICT, shape);
    record.offset = class.ext_offset.load(Ordering::Relaxed);
    record.number = found.map(class_of).map_or(0, |kind| match () {
        _ if kind.flags.has(class::METHOD_DESCRIPTOR) => METHOD.into(),
        _ if kind.slots.descr_get.get().is_none() => VALUE.into(),
        _ => 0,
    });
    let record = match found.filter(|_| record.number != 0) {
        Some(found) => with_version(record, seen, found),
        None => Some(record),
    };
    if let Some(record) = record {
        push_record(vm, record);
    }
}

/// Adds an attribute as an `ADD` record says, where other threads may change the same object. False: somebody is about to.
///
/// # Safety
/// `object` had the record's shape.
#[inline(never)]
pub unsafe fn add_locked(object: u64, record: *const Record, value: u64) -> bool {
    let header = &*(object as *const Header);
    let Some(_guard) = heap::try_lock(header) else { return false };
    if header.shape() != (*record).shape {
        return false;
    }
    crate::state::slot_of(object, (*record).offset).set(Value::from_raw_unchecked(value));
    header.set_shape((*record).number as u32);
    true
}

/// Whether a record can still match.
///
/// # Safety
/// Records live as long as the code.
unsafe fn may_match(record: &Record) -> bool {
    matches!(record.kind, SLOT | ADD | OF_MODULE) || record.kind == IN_DICT && record.number == 0 || record.is_current()
}

/// Drops records that are out of date from the cell's chain and counts the others.
fn prune(cell: &[AtomicU64; 2]) -> usize {
    let mut count = 0;
    // SAFETY: records live as long as the code; readers that stand on an unlinked one walk on from there.
    unsafe {
        let mut previous: *const Record = std::ptr::null();
        let mut record = cell[1].load(Ordering::Acquire) as *mut Record;
        while !record.is_null() {
            let next = (*record).next.load(Ordering::Acquire);
            if may_match(&*record) {
                count += 1;
                previous = record;
            } else if previous.is_null() {
                cell[1].store(next as u64, Ordering::Release);
            } else {
                (*previous).next.store(next, Ordering::Release);
            }
            record = next;
        }
    }
    count
}

/// Whether the cell cannot learn any more: too many receivers pass here, or its code changed its mind too often.
fn is_saturated(vm: Vm) -> bool {
    vm.code().linked().record_count() > MAX_TURNOVER || prune(vm.cell()) >= MAX_RECORDS
}

/// Whether the cell has a record for the object already, which did not help.
fn is_known(vm: Vm, object: Value) -> bool {
    // SAFETY: the cell of an attribute op, and a live object.
    unsafe {
        find_record(vm.cell(), crate::state::shape_of(object.raw()), object.raw()).is_some_and(|record| record.kind != OF_MODULE)
    }
}

/// Puts a record in front of the cell's chain. The caller asked `is_saturated`.
fn push_record(vm: Vm, record: Record) {
    let cell = vm.cell();
    let fresh = vm.code().linked().adopt(record);
    // SAFETY: not published yet.
    unsafe { (*fresh).next.store(cell[1].load(Ordering::Acquire) as *mut Record, Ordering::Release) };
    cell[1].store(fresh as u64, Ordering::Release);
}

/// A version that a class has. What is looked up on the class from then on is out of date at the latest when the class has another one.
#[derive(Clone, Copy)]
pub struct Seen {
    class: Gc<Class>,
    version: u32,
}

impl Seen {
    /// To be asked for before something is looked up on the class: after it, a change in between would go unnoticed for ever.
    pub fn of(class: Gc<Class>) -> Seen {
        Seen { class, version: class.version.load(Ordering::Acquire) }
    }
}

fn with_version(mut record: Record, seen: Seen, value: Value) -> Option<Record> {
    let Seen { class, version } = seen;
    record.version = version;
    if version == 0 {
        return None;
    }
    record.version_of = &class.version;
    record.value.set(value);
    record.keep.set(class.value());
    Some(record)
}

/// Whether attributes of instances of `class` are found by the default rules, with or without a `__getattr__` behind them.
fn has_plain_getattr(class: Gc<Class>) -> bool {
    class.flags.has(class::GENERIC_GETATTR)
}

pub fn is_data_descriptor(value: Value) -> bool {
    let slots = &class_of(value).slots;
    slots.descr_set.get().is_some() || slots.descr_delete.get().is_some()
}

/// Notes that facts without a version exist about an attribute of instances of a class: changes that matter for it flush them from now on.
/// False: the class has changed since it was seen, perhaps before that was noted.
fn mark_cached(seen: Seen, name: Gc<Str>) -> bool {
    let class = seen.class;
    let bit = class::name_bit(name);
    if class.remembered.load(Ordering::Relaxed) & bit == 0 {
        class.remembered.fetch_or(bit, Ordering::Relaxed);
    }
    // Who changes a class gives it a version and looks at the bits then.
    fence(Ordering::SeqCst);
    class.version.load(Ordering::Relaxed) == seen.version
}

fn store_place(vm: Vm, seen: Seen, name: Gc<Str>, shape: u32, place: u32) {
    if !mark_cached(seen, name) {
        return;
    }
    let cell = vm.cell();
    let old = cell[0].load(Ordering::Relaxed);
    if old == 0 {
        cell[0].store((shape as u64) << 32 | place as u64, Ordering::Release);
    } else if (old >> 32) as u32 != shape {
        let mut record = Record::new(SLOT, shape);
        record.offset = place;
        push_record(vm, record);
    }
}

/// The shape of a value, 0 if it is no object.
pub fn shape_before(object: Value) -> u32 {
    // SAFETY: a pointer value is a live object.
    if object.is_ptr() { unsafe { crate::state::shape_of(object.raw()) } } else { 0 }
}

/// Learns how `object.name` was found, for `LOAD_ATTR` and `LOAD_METHOD`. Called after a successful lookup, which may have changed
/// the object: `before` is the shape that it had.
pub fn learn_load(vm: Vm, object: Value, name: Gc<Str>, before: u32) {
    if !object.is_ptr() || is_known(vm, object) || is_saturated(vm) {
        return;
    }
    let header: *mut Header = object.as_ptr();
    // SAFETY: a live object.
    let (shape_id, shape) = unsafe { ((*header).shape(), Shape::of(header)) };
    let class = shape.class();
    if let Some(receiver) = object.cast::<Class>() {
        return learn_class_attribute(vm, receiver, shape_id, name);
    }
    if let Some(module) = object.cast_exact::<Module>() {
        return learn_module(vm, module, shape_id, name);
    }
    if !has_plain_getattr(class) {
        return;
    }
    let seen = Seen::of(class);
    let found = known_attribute(class, name);
    let has_hook = class.flags.has(class::CUSTOM_GETATTR);
    if let Some(found) = found
        && is_data_descriptor(found)
    {
        // What raises AttributeError hands over to `__getattr__`.
        if !has_hook || found.cast_exact::<MemberDescriptor>().is_some() {
            // Asking for `__dict__` itself changes the shape; objects come here with the one from before.
            let same_class = before != 0 && Shape::by_id(before).class() == class;
            learn_data_descriptor(vm, seen, name, if same_class { before } else { shape_id }, found);
        }
        return;
    }
    if class.ext_offset.load(Ordering::Relaxed) != 0 {
        match shape.locate(name) {
            Location::Dict => return learn_in_dict(vm, seen, name, shape_id, found),
            Location::Absent => {}
            location => {
                if let Some(place) = place_of(class, location) {
                    store_place(vm, seen, name, shape_id, place);
                }
                return;
            }
        }
    }
    let Some(found) = found else {
        if has_hook
            && let Some(hook) = lookup::type_lookup(class, objects::interned!("__getattr__"))
            && hook.cast_exact::<objects::function::Function>().is_some()
            && let Some(record) = with_version(Record::new(HOOK, shape_id), seen, hook)
        {
            push_record(vm, record);
        }
        return;
    };
    let kind = class_of(found);
    let record = if kind.flags.has(class::METHOD_DESCRIPTOR) {
        with_version(Record::new(METHOD, shape_id), seen, found)
    } else if kind.slots.descr_get.get().is_none() {
        with_version(Record::new(VALUE, shape_id), seen, found)
    } else if let Some(method) = found.cast_exact::<StaticMethod>() {
        method.callable.get().and_then(|callable| with_version(Record::new(VALUE, shape_id), seen, callable))
    } else if let Some(method) = found.cast_exact::<ClassMethod>() {
        match method.callable.get() {
            Some(callable) if class_of(callable).flags.has(class::METHOD_DESCRIPTOR) => {
                with_version(Record::new(CLASS_METHOD, shape_id), seen, callable)
            }
            _ => None,
        }
    } else {
        None
    };
    if let Some(record) = record {
        push_record(vm, record);
    }
}

fn learn_data_descriptor(vm: Vm, seen: Seen, name: Gc<Str>, shape_id: u32, found: Value) {
    if let Some(member) = found.cast_exact::<MemberDescriptor>() {
        if seen.class.is_subclass_of(member.owner()) {
            store_place(vm, seen, name, shape_id, member.offset);
        }
        return;
    }
    // By the layout: its module may not have been imported.
    if let Some(getter) = found.cast::<TupleGetter>() {
        if seen.class.layout.extends(Tuple::DESC)
            && let Ok(index) = u64::try_from(getter.index)
            && let Some(mut record) = with_version(Record::new(ITEM, shape_id), seen, found)
        {
            record.number = index;
            push_record(vm, record);
        }
        return;
    }
    let record = match found.cast_exact::<Property>() {
        Some(property) => property.getter.get().and_then(|getter| with_version(Record::new(PROPERTY, shape_id), seen, getter)),
        None => with_version(Record::new(DESCRIPTOR, shape_id), seen, found),
    };
    if let Some(record) = record {
        push_record(vm, record);
    }
}

/// Whether this cell missed for the same class before, as far as is known: records keep their class alive, and one that comes by only once,
/// say where classes are made, should not be kept by that.
fn was_met(vm: Vm, receiver: Gc<Class>) -> bool {
    const PLACES: usize = 256;
    static LAST: [AtomicU64; PLACES] = [const { AtomicU64::new(0) }; PLACES];
    let cell = vm.cell().as_ptr() as u64;
    let mark = cell.rotate_left(32) ^ receiver.value().raw();
    LAST[cell as usize / size_of::<[AtomicU64; 2]>() % PLACES].swap(mark, Ordering::Relaxed) == mark
}

/// What a class has under a name, for caches to remember.
fn known_attribute(class: Gc<Class>, name: Gc<Str>) -> Option<Value> {
    let found = lookup::type_lookup(class, name);
    found.into_iter().for_each(class::note_attribute);
    found
}

/// Attributes read through a class whose metaclass leaves that to `type`.
fn learn_class_attribute(vm: Vm, receiver: Gc<Class>, shape_id: u32, name: Gc<Str>) {
    if !was_met(vm, receiver) {
        return;
    }
    let metaclass = class_of(receiver.value());
    let (seen, seen_metaclass) = (Seen::of(receiver), Seen::of(metaclass));
    if metaclass != Class::class() {
        let rule = objects::interned!("__getattribute__");
        if lookup::type_lookup(metaclass, rule) != lookup::type_lookup(Class::class(), rule) {
            return;
        }
        // Records are about the receiver: what comes before it on the metaclass flushes them.
        if !mark_cached(seen_metaclass, name) {
            return;
        }
    }
    if let Some(on_metaclass) = known_attribute(metaclass, name)
        && is_data_descriptor(on_metaclass)
    {
        if let Some(record) = with_version(Record::new(DESCRIPTOR, shape_id), seen_metaclass, on_metaclass) {
            push_record(vm, record);
        }
        return;
    }
    let Some(found) = known_attribute(receiver, name) else { return };
    let kind = class_of(found);
    let record = |kind: u32, value: Value| {
        let mut record = with_version(Record::new(kind, shape_id), seen, value)?;
        record.number = receiver.value().raw();
        Some(record)
    };
    let record = if kind.slots.descr_get.get().is_none() || kind.flags.has(class::METHOD_DESCRIPTOR) {
        record(OF_CLASS, found)
    } else if let Some(method) = found.cast_exact::<StaticMethod>() {
        method.callable.get().and_then(|callable| record(OF_CLASS, callable))
    } else if let Some(method) = found.cast_exact::<ClassMethod>() {
        match method.callable.get() {
            Some(callable) if class_of(callable).flags.has(class::METHOD_DESCRIPTOR) => record(OF_CLASS_BOUND, callable),
            _ => None,
        }
    } else if found.cast_exact::<ClassMethodDescriptor>().is_some() {
        // Called with the class in front, it does what the bound method would.
        record(OF_CLASS_BOUND, found)
    } else {
        None
    };
    if let Some(record) = record {
        push_record(vm, record);
    }
}

/// The method that `super(class, this).name` of the cell was found to be, 0 if it must be looked for.
///
/// # Safety
/// The cell is that of a super op.
#[inline(always)]
pub unsafe fn super_method(head: u64, class: u64, this: u64) -> u64 {
    let record = chain_entry(head, crate::state::shape_of(this));
    if record.is_null() || (*record).number != class || !(*record).is_current() {
        return 0;
    }
    (*record).value.raw()
}

/// Learns that `super(class, this).name` is a method of an instance's class, which was seen before.
pub fn learn_super(vm: Vm, class: Value, this: Value, seen: Seen, method: Value) {
    // What `super` does for a class depends on which class it is, not on its shape.
    if !this.is_ptr() || this.is_instance_of_layout::<Class>() || is_saturated(vm) {
        return;
    }
    if class_of(this) == seen.class
        && let Some(mut record) = with_version(Record::new(SUPER, shape_before(this)), seen, method)
    {
        record.number = class.raw();
        push_record(vm, record);
    }
}

/// Learns where a store to an existing attribute went. `before` is the shape that the object had.
pub fn learn_store(vm: Vm, object: Value, name: Gc<Str>, before: u32) {
    if !object.is_ptr() || is_saturated(vm) {
        return;
    }
    let header: *mut Header = object.as_ptr();
    // SAFETY: a live object.
    let (shape_id, shape) = unsafe { ((*header).shape(), Shape::of(header)) };
    let class = shape.class();
    let plain = class.flags.has(class::GENERIC_SETATTR);
    if !plain || object.is_instance_of_layout::<Class>() {
        return;
    }
    let seen = Seen::of(class);
    if let Some(found) = known_attribute(class, name)
        && is_data_descriptor(found)
    {
        if let Some(member) = found.cast_exact::<MemberDescriptor>()
            && !member.read_only
            && class.is_subclass_of(member.owner())
        {
            store_place(vm, seen, name, shape_id, member.offset);
        } else if let Some(record) = with_version(Record::new(DESCRIPTOR, shape_id), seen, found) {
            push_record(vm, record);
        }
        return;
    }
    if class.ext_offset.load(Ordering::Relaxed) == 0 {
        return;
    }
    let location = shape.locate(name);
    if shape_id == before {
        if let Some(place) = place_of(class, location) {
            store_place(vm, seen, name, shape_id, place);
        } else if matches!(location, Location::Dict) && !is_known(vm, object) {
            learn_in_dict(vm, seen, name, shape_id, None);
        }
        return;
    }
    if let Location::Inline(offset) = location {
        let old = Shape::by_id(before);
        // Who adds to an object with a window adds there, too.
        let is_plain = !old.is_dict_mode() && !old.has_window();
        let is_next = old.class() == class && old.attribute_count() + 1 == shape.attribute_count() && is_plain;
        if is_next && mark_cached(seen, name) {
            let mut record = Record::new(ADD, before);
            record.offset = offset;
            record.number = shape_id as u64;
            push_record(vm, record);
        }
    }
}
