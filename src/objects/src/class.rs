//! Class objects: the layout of `type` instances, their flags, and `class_of`.
//!
//! Building a class is in `class_new.rs`, attribute lookup in `lookup.rs`, attribute storage of instances in `shape.rs`.

use crate::dict::Dict;
use crate::extension::ExternSlots;
use crate::gc_vec::GcVec;
use crate::layout::{Cast, Gc, LayoutDesc};
use crate::native::ClassDef;
use crate::shape::Shape;
use crate::slots::Slots;
use crate::str::Str;
use crate::tuple::Tuple;
use heap::{Header, ShapeId, Slot, Tracer, Value};
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering, fence};

/// Made by a class statement or a call of `type` (as opposed to built in).
pub const HEAP_TYPE: u32 = 1 << 0;
/// May be subclassed.
pub const BASE_TYPE: u32 = 1 << 1;
/// Attributes cannot be set from Python.
pub const IMMUTABLE: u32 = 1 << 2;
/// Has abstract methods left.
pub const ABSTRACT: u32 = 1 << 3;
/// Matches sequence patterns / mapping patterns.
pub const SEQUENCE: u32 = 1 << 4;
pub const MAPPING: u32 = 1 << 5;
/// Instances run `__del__`.
pub const HAS_FINALIZER: u32 = 1 << 6;
/// Calling it raises "cannot create instances".
pub const NO_NEW: u32 = 1 << 7;
/// Some class in the MRO defines `__getattr__` or its own `__getattribute__`.
pub const CUSTOM_GETATTR: u32 = 1 << 8;
/// Instances have a `__dict__`.
pub const HAS_DICT: u32 = 1 << 9;
/// Instances can be weakly referenced.
pub const HAS_WEAKREF: u32 = 1 << 10;
/// Instances are plain functions or native methods: reading them from an instance binds `self`.
pub const METHOD_DESCRIPTOR: u32 = 1 << 11;
/// Class patterns with one positional sub-pattern match the subject itself.
pub const MATCH_SELF: u32 = 1 << 12;
pub const IS_EXCEPTION: u32 = 1 << 13;
/// The class or a base is `type`.
pub const IS_METACLASS: u32 = 1 << 14;
/// `+` and `*` are sequence operations: tried after the other operand's number protocol.
pub const SEQUENCE_OPS: u32 = 1 << 15;
/// `__getattribute__` (and `__setattr__`, `__delattr__`) are those of `object`.
pub const GENERIC_GETATTR: u32 = 1 << 16;
pub const GENERIC_SETATTR: u32 = 1 << 17;
/// `__init__` (`__new__`) is that of `object`.
pub const PLAIN_INIT: u32 = 1 << 18;
pub const PLAIN_NEW: u32 = 1 << 19;
/// Caches know of an instance as an attribute of a class, or as what an instance's attribute hides: whether it is a descriptor matters.
pub const KNOWN_ATTRIBUTE: u32 = 1 << 20;
/// An extension's type that does not claim to hold references; its instances are traced like all others.
pub const UNTRACKED: u32 = 1 << 21;
/// Messages print the class with its module, as they do native ones outside `builtins`.
pub const NAMED_WITH_MODULE: u32 = 1 << 22;
/// `[]` takes keys, not positions: nothing to iterate over.
pub const NO_ITEMS: u32 = 1 << 23;

pub struct Flags(AtomicU32);

impl Flags {
    pub const fn new(bits: u32) -> Flags {
        Flags(AtomicU32::new(bits))
    }
    #[inline(always)]
    pub fn has(&self, bits: u32) -> bool {
        self.0.load(Ordering::Relaxed) & bits != 0
    }
    pub fn bits(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
    pub fn add(&self, bits: u32) {
        self.0.fetch_or(bits, Ordering::Relaxed);
    }
    pub fn remove(&self, bits: u32) {
        self.0.fetch_and(!bits, Ordering::Relaxed);
    }
}

/// A class. Zero-filled memory is a valid blank one (`layout` is set before anybody can see it).
#[repr(C)]
pub struct Class {
    pub header: Header,
    pub layout: &'static LayoutDesc,
    /// Bumped (to a process-wide fresh number) whenever an attribute lookup on the class may give another result; 0 = never cached.
    pub version: AtomicU32,
    pub flags: Flags,
    pub instance_size: AtomicU32,
    /// Byte offset of the instance's `Ext` slot (overflow attributes or `__dict__`), 0 if instances have no attributes of their own.
    pub ext_offset: AtomicU32,
    pub inline_start: AtomicU32,
    pub inline_count: AtomicU32,
    pub root_shape: AtomicU32,
    /// Shape of instances whose attributes live in a dictionary.
    pub dict_shape: AtomicU32,
    /// The attributes of instances that some code remembers the places of, a bit each, see [`name_bit`]: a change of descriptors or hooks that
    /// matters for them flushes the caches of all code.
    pub remembered: AtomicU64,
    pub name: Slot,
    pub qualname: Slot,
    pub bases: Slot,
    pub base: Slot,
    pub mro: Slot,
    pub dict: Slot,
    /// A list of weak references to direct subclasses.
    pub subclasses: Slot,
    /// Of classes of extensions whose layout has a tail: an int, see `tail_payload`.
    pub extra: Slot,
    /// Most attributes that instances have had: sizes the inline area of later instances.
    pub native: Option<&'static ClassDef>,
    /// How extensions' functions in the slots are entered; null if there are none.
    pub externs: AtomicPtr<ExternSlots>,
    pub slots: Slots,
}

unsafe fn trace_class(object: *mut Header, tracer: &mut Tracer) {
    let class = &*(object as *mut Class);
    for slot in
        [&class.name, &class.qualname, &class.bases, &class.base, &class.mro, &class.dict, &class.subclasses, &class.extra]
    {
        tracer.slot(slot);
    }
}

static CLASS_LAYOUT: LayoutDesc = LayoutDesc {
    name: "type",
    size: std::mem::size_of::<Class>(),
    parent: None,
    trace: trace_class,
    drop: None,
    drops_late: false,
    guarded: false,
    tail_end: None,
    class: crate::layout::ClassCell::new(),
};

// SAFETY: repr(C) with a header first; traced above.
unsafe impl crate::layout::Layout for Class {
    const DESC: &'static LayoutDesc = &CLASS_LAYOUT;
}

/// The bit of an attribute's name in [`Class::remembered`]; some share one.
pub fn name_bit(name: Gc<Str>) -> u64 {
    1 << (name.hash() as u64 >> 58)
}

/// To be called before caches learn what an attribute of a class is: they hear of it if its own class makes it a descriptor later.
pub fn note_attribute(value: Value) {
    let class = class_of(value);
    if class.flags.has(HEAP_TYPE) {
        if !class.flags.has(KNOWN_ATTRIBUTE) {
            class.flags.add(KNOWN_ATTRIBUTE);
        }
        // Who changes a class sets its slots and looks at the flag then.
        fence(Ordering::SeqCst);
    }
}

impl Class {
    /// Instances are made of bytes at fixed places only (no tail), so attributes can be cached by shape.
    pub fn has_tail(&self) -> bool {
        self.layout.tail_end.is_some()
    }
    /// Bytes that an extension's class keeps behind the tail of its instances, room for their alignment included.
    #[inline]
    pub fn tail_payload(&self) -> usize {
        self.extra.get().and_then(Value::int).map_or(0, |size| size as usize)
    }
    pub fn name(&self) -> Gc<Str> {
        match self.name.get() {
            // SAFETY: always a str when set.
            Some(name) => unsafe { name.cast_unchecked() },
            // A class that boot has prepared but not completed yet.
            None => Str::new(self.layout.name),
        }
    }
    /// `__name__` as text.
    pub fn name_text(&self) -> String {
        self.name().to_string_lossy()
    }
    pub fn mro(&self) -> Gc<Tuple> {
        // SAFETY: set at creation, always a tuple of classes.
        unsafe { self.mro.get().unwrap_unchecked().cast_unchecked() }
    }
    pub fn bases(&self) -> Gc<Tuple> {
        // SAFETY: as for `mro`.
        unsafe { self.bases.get().unwrap_unchecked().cast_unchecked() }
    }
    pub fn base(&self) -> Option<Gc<Class>> {
        // SAFETY: always a class when set.
        self.base.get().map(|base| unsafe { base.cast_unchecked() })
    }
    pub fn dict(&self) -> Gc<Dict> {
        debug_assert!(!self.dict.is_empty(), "class of layout {} is not complete", self.layout.name);
        // SAFETY: set at creation, always a dict.
        unsafe { self.dict.get().unwrap_unchecked().cast_unchecked() }
    }
    pub fn is_subclass_of(&self, other: Gc<Class>) -> bool {
        if std::ptr::eq(self, &*other) {
            return true;
        }
        self.mro().items().iter().any(|entry| *entry == other.value())
    }
    pub fn root_shape(&self) -> ShapeId {
        self.root_shape.load(Ordering::Acquire)
    }
}

/// The class of an object in memory.
/// # Safety
/// `object` points at a live object.
#[inline(always)]
pub unsafe fn class_of_ptr(object: *mut Header) -> Gc<Class> {
    let shape = Shape::of(object);
    shape.class()
}

/// `type(value)`.
#[inline(always)]
pub fn class_of(value: Value) -> Gc<Class> {
    if value.is_ptr() {
        // SAFETY: a pointer value is a live object.
        unsafe { class_of_ptr(value.as_ptr()) }
    } else if value.is_int() {
        <crate::int::IntObject as crate::layout::Layout>::class()
    } else {
        <crate::float::FloatObject as crate::layout::Layout>::class()
    }
}

/// The class of `value` as messages print it.
pub fn class_name(value: Value) -> String {
    message_name(class_of(value))
}

/// A class as messages print it: native ones outside builtins and those of extensions with their module (`collections.deque`), others by
/// `__name__`.
pub fn message_name(class: Gc<Class>) -> String {
    match class.native {
        Some(def) if def.module != "builtins" && !def.module.is_empty() => format!("{}.{}", def.module, def.name),
        None if class.flags.has(NAMED_WITH_MODULE) => {
            match crate::dict::dict_get_str(class.dict(), crate::interned!("__module__")).and_then(|module| module.cast::<Str>())
            {
                Some(module) => format!("{}.{}", module.to_string_lossy(), class.name_text()),
                None => class.name_text(),
            }
        }
        _ => class.name_text(),
    }
}

/// The fully qualified name as error messages print it: `module.qualname`, without the module if that is `builtins` or the main program.
pub fn class_full_name(class: Gc<Class>) -> String {
    let qualname = class
        .qualname
        .get()
        .and_then(|name| name.cast::<Str>())
        .map(|name| name.to_string_lossy())
        .unwrap_or_else(|| class.name_text());
    match crate::dict::dict_get_str(class.dict(), crate::intern::intern("__module__")).and_then(|module| module.cast::<Str>()) {
        Some(module) if module.as_str() != Some("builtins") && module.as_str() != Some("__main__") => {
            format!("{}.{}", module.to_string_lossy(), qualname)
        }
        _ => qualname,
    }
}

/// Whether `value` is an instance of `class` by its real class (no `__instancecheck__`).
#[inline]
pub fn is_instance(value: Value, class: Gc<Class>) -> bool {
    class_of(value).is_subclass_of(class)
}

static NEXT_VERSION: AtomicU32 = AtomicU32::new(1);

/// A fresh nonzero version number; panics never, wraps to "uncacheable" when exhausted.
pub fn next_version() -> u32 {
    NEXT_VERSION.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |version| version.checked_add(1)).unwrap_or(0)
}

/// Tells all caches that lookups on `class` and its subclasses may have changed.
pub fn class_modified(class: Gc<Class>) {
    for class in with_subclasses(class).iter() {
        class.version.store(next_version(), Ordering::Release);
    }
}

/// Direct subclasses that are still alive, in order of creation.
pub fn live_subclasses(class: Gc<Class>) -> GcVec<Gc<Class>> {
    let mut alive = GcVec::new();
    if let Some(list) = class.subclasses.get().and_then(|list| list.cast::<crate::list::List>()) {
        for reference in crate::list::list_snapshot(list).iter() {
            if let Some(class) = crate::weakref::weakref_target(*reference).and_then(|target| target.cast::<Class>()) {
                alive.push(class);
            }
        }
    }
    alive
}

/// The class and everything below it, each once, bases before what derives from them. Programs can make the relation
/// cyclic (by `mro()` methods that reassign `__bases__`) and very deep.
pub fn with_subclasses(class: Gc<Class>) -> GcVec<Gc<Class>> {
    let mut found = GcVec::new();
    found.push(class);
    if class.subclasses.get().is_none() {
        return found;
    }
    let mut index_of = std::collections::HashMap::from([(class.as_ptr() as usize, 0)]);
    let mut children: Vec<Vec<usize>> = Vec::new();
    while children.len() < found.len() {
        let direct = live_subclasses(found[children.len()]);
        let indices = direct.iter().map(|subclass| {
            *index_of.entry(subclass.as_ptr() as usize).or_insert_with(|| {
                found.push(*subclass);
                found.len() - 1
            })
        });
        children.push(indices.collect());
    }
    let mut entered = vec![false; found.len()];
    let mut finished = Vec::with_capacity(found.len());
    let mut path = vec![(0, 0)];
    entered[0] = true;
    while let Some((node, next)) = path.last_mut() {
        let Some(child) = children[*node].get(*next).copied() else {
            finished.push(*node);
            path.pop();
            continue;
        };
        *next += 1;
        if !std::mem::replace(&mut entered[child], true) {
            path.push((child, 0));
        }
    }
    let mut ordered = GcVec::with_capacity(found.len());
    for index in finished.into_iter().rev() {
        ordered.push(found[index]);
    }
    ordered
}
