//! Native layouts: what a Rust struct must say to live in the heap as a Python object, and `Gc<T>`, the typed pointer to one.
//!
//! Must not know: any concrete type. A layout is compared by the address of its `LayoutDesc`.

use crate::class::Class;
use heap::{GuardedSlot, Header, Slot, Tracer, Value};
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::atomic::{AtomicPtr, Ordering};

/// The class that stands for a layout (`list` for `List`); filled once at boot.
pub struct ClassCell(AtomicPtr<Class>);

impl ClassCell {
    pub const fn new() -> ClassCell {
        ClassCell(AtomicPtr::new(std::ptr::null_mut()))
    }
    #[inline(always)]
    pub fn get(&self) -> Gc<Class> {
        let pointer = self.0.load(Ordering::Relaxed);
        debug_assert!(!pointer.is_null(), "class used before boot");
        // SAFETY: set once at boot to an immortal class, before any thread can read it.
        unsafe { Gc::from_ptr(pointer) }
    }
    pub fn is_set(&self) -> bool {
        !self.0.load(Ordering::Relaxed).is_null()
    }
    pub fn set(&self, class: Gc<Class>) {
        self.0.store(class.as_ptr(), Ordering::Release);
    }
}

/// What the heap and the class machinery need to know of a native struct.
pub struct LayoutDesc {
    pub name: &'static str,
    /// Bytes of the fixed part, header included.
    pub size: usize,
    pub parent: Option<&'static LayoutDesc>,
    /// Traces the whole fixed part (parents included) and, for layouts with a tail, the tail.
    pub trace: unsafe fn(*mut Header, &mut Tracer),
    pub drop: Option<unsafe fn(*mut Header)>,
    /// Few of its objects own anything: each calls `heap::register_droppable` for itself, once, when it begins to.
    pub drops_late: bool,
    /// For layouts with a variable tail: the byte offset just behind it, rounded up to 8.
    pub tail_end: Option<unsafe fn(*mut Header) -> usize>,
    /// Every store of a reference in an object goes through `GuardedSlot`, so that the collector may tenure it.
    pub guarded: bool,
    pub class: ClassCell,
}

impl LayoutDesc {
    /// Whether this layout is `other` or extends it.
    #[inline]
    pub fn extends(&self, other: &'static LayoutDesc) -> bool {
        let mut current = self;
        loop {
            if std::ptr::eq(current, other) {
                return true;
            }
            match current.parent {
                Some(parent) => current = parent,
                None => return false,
            }
        }
    }
}

/// # Safety
/// The type is `repr(C)` and begins with a `Header` or with its parent layout, and `DESC` describes it truly.
pub unsafe trait Layout: Sized + 'static {
    const DESC: &'static LayoutDesc;

    /// The class object of this layout.
    #[inline(always)]
    fn class() -> Gc<Class> {
        Self::DESC.class.get()
    }
}

/// Fields that can hold references; the derive macro calls it for each field.
pub trait Trace {
    fn trace(&self, tracer: &mut Tracer);
}

impl Trace for Slot {
    #[inline]
    fn trace(&self, tracer: &mut Tracer) {
        tracer.slot(self);
    }
}
impl Trace for GuardedSlot {
    #[inline]
    fn trace(&self, tracer: &mut Tracer) {
        tracer.slot(self.as_slot());
    }
}
impl Trace for Value {
    #[inline]
    fn trace(&self, tracer: &mut Tracer) {
        tracer.value(*self);
    }
}
impl<T> Trace for Gc<T> {
    #[inline]
    fn trace(&self, tracer: &mut Tracer) {
        tracer.value(self.value());
    }
}
impl<T: Trace> Trace for Option<T> {
    fn trace(&self, tracer: &mut Tracer) {
        if let Some(inner) = self {
            inner.trace(tracer);
        }
    }
}
impl<T: Trace> Trace for Vec<T> {
    fn trace(&self, tracer: &mut Tracer) {
        for item in self {
            item.trace(tracer);
        }
    }
}
impl<T: Trace> Trace for std::collections::VecDeque<T> {
    fn trace(&self, tracer: &mut Tracer) {
        for item in self {
            item.trace(tracer);
        }
    }
}
impl<T: Trace> Trace for [T] {
    fn trace(&self, tracer: &mut Tracer) {
        for item in self {
            item.trace(tracer);
        }
    }
}
impl<T: Trace, const N: usize> Trace for [T; N] {
    fn trace(&self, tracer: &mut Tracer) {
        for item in self {
            item.trace(tracer);
        }
    }
}
impl<T: Trace + ?Sized> Trace for Box<T> {
    fn trace(&self, tracer: &mut Tracer) {
        (**self).trace(tracer);
    }
}
impl<A: Trace, B: Trace> Trace for (A, B) {
    fn trace(&self, tracer: &mut Tracer) {
        self.0.trace(tracer);
        self.1.trace(tracer);
    }
}
impl<A: Trace, B: Trace, C: Trace> Trace for (A, B, C) {
    fn trace(&self, tracer: &mut Tracer) {
        self.0.trace(tracer);
        self.1.trace(tracer);
        self.2.trace(tracer);
    }
}
impl<T: Trace> Trace for heap::Mutex<T> {
    fn trace(&self, tracer: &mut Tracer) {
        // SAFETY: tracing happens with the world stopped; a holder is parked at a safepoint inside its critical section and writes nothing.
        unsafe { (*self.data_ptr()).trace(tracer) }
    }
}

/// Declares types that hold no references.
#[macro_export]
macro_rules! no_references {
    ($($type:ty),* $(,)?) => { $(impl $crate::layout::Trace for $type {
        #[inline(always)]
        fn trace(&self, _: &mut heap::Tracer) {}
    })* };
}
no_references!(
    bool,
    u8,
    u16,
    u32,
    u64,
    usize,
    i8,
    i16,
    i32,
    i64,
    isize,
    f32,
    f64,
    char,
    String,
    (),
    heap::OwnedMutex,
    std::sync::atomic::AtomicBool,
    std::sync::atomic::AtomicU8,
    std::sync::atomic::AtomicU16,
    std::sync::atomic::AtomicU32,
    std::sync::atomic::AtomicU64,
    std::sync::atomic::AtomicUsize,
    std::sync::atomic::AtomicI8,
    std::sync::atomic::AtomicI32,
    std::sync::atomic::AtomicI64,
    std::sync::atomic::AtomicIsize
);
impl<T> Trace for *const T {
    fn trace(&self, _: &mut Tracer) {}
}
impl<T> Trace for *mut T {
    fn trace(&self, _: &mut Tracer) {}
}
impl<T: ?Sized> Trace for &'static T {
    fn trace(&self, _: &mut Tracer) {}
}
impl<T> Trace for AtomicPtr<T> {
    fn trace(&self, _: &mut Tracer) {}
}
impl<T> Trace for PhantomData<T> {
    fn trace(&self, _: &mut Tracer) {}
}

/// A pointer to a heap object whose layout is `T`. Copy, never null; kept alive by conservative stack scanning while it sits in a local.
#[repr(transparent)]
pub struct Gc<T>(std::ptr::NonNull<T>);

impl<T> Clone for Gc<T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Gc<T> {}
impl<T> PartialEq for Gc<T> {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Gc<T> {}
impl<T> std::hash::Hash for Gc<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
// SAFETY: layouts keep their mutable state in atomics, slots or locked cells, as the house rules demand.
unsafe impl<T> Send for Gc<T> {}
unsafe impl<T> Sync for Gc<T> {}

impl<T> Deref for Gc<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: a Gc is only made from a live object of this layout, and objects never move.
        unsafe { self.0.as_ref() }
    }
}
impl<T> From<Gc<T>> for Value {
    #[inline(always)]
    fn from(pointer: Gc<T>) -> Value {
        pointer.value()
    }
}

impl<T> Gc<T> {
    /// # Safety
    /// `pointer` is a live heap (or static) object whose layout is or extends `T`.
    #[inline(always)]
    pub unsafe fn from_ptr(pointer: *mut T) -> Gc<T> {
        Gc(std::ptr::NonNull::new_unchecked(pointer))
    }
    #[inline(always)]
    pub fn as_ptr(self) -> *mut T {
        self.0.as_ptr()
    }
    #[inline(always)]
    pub fn value(self) -> Value {
        // SAFETY: the pointer is a heap object.
        unsafe { Value::from_ptr(self.0.as_ptr().cast()) }
    }
    #[inline(always)]
    pub fn header(self) -> *mut Header {
        self.0.as_ptr().cast()
    }
    /// The same object seen as its parent layout (or any layout it is known to have).
    /// # Safety
    /// The object's layout extends `U`.
    #[inline(always)]
    pub unsafe fn cast_unchecked<U>(self) -> Gc<U> {
        Gc(self.0.cast())
    }
}

/// Downcasts of values.
pub trait Cast {
    /// The object as layout `T`, instances of subclasses included.
    fn cast<T: Layout>(self) -> Option<Gc<T>>;
    /// The object as layout `T` if its class is exactly the class of that layout.
    fn cast_exact<T: Layout>(self) -> Option<Gc<T>>;
    /// # Safety
    /// The value is an object whose layout is or extends `T`.
    unsafe fn cast_unchecked<T>(self) -> Gc<T>;
    fn is_instance_of_layout<T: Layout>(self) -> bool;
}

impl Cast for Value {
    #[inline(always)]
    fn cast<T: Layout>(self) -> Option<Gc<T>> {
        if !self.is_ptr() {
            return None;
        }
        // SAFETY: it is a pointer to an object; its class says which layout it has.
        unsafe {
            let class = crate::class::class_of_ptr(self.as_ptr());
            if std::ptr::eq(class.layout, T::DESC) || class.layout.extends(T::DESC) {
                Some(Gc::from_ptr(self.as_ptr().cast()))
            } else {
                None
            }
        }
    }
    #[inline(always)]
    fn cast_exact<T: Layout>(self) -> Option<Gc<T>> {
        if !self.is_ptr() {
            return None;
        }
        // SAFETY: as in `cast`.
        unsafe {
            if crate::class::class_of_ptr(self.as_ptr()) == T::class() { Some(Gc::from_ptr(self.as_ptr().cast())) } else { None }
        }
    }
    #[inline(always)]
    unsafe fn cast_unchecked<T>(self) -> Gc<T> {
        debug_assert!(self.is_ptr());
        Gc::from_ptr(self.as_ptr().cast())
    }
    fn is_instance_of_layout<T: Layout>(self) -> bool {
        self.cast::<T>().is_some()
    }
}

/// Allocates a zeroed instance of `class` (fixed layouts only): header, fixed part, attribute storage.
#[inline]
pub fn alloc_instance(class: Gc<Class>) -> *mut Header {
    // Shape before size, which never gets smaller: see `shape::set_inline_area`.
    let shape = class.root_shape();
    let size = class.instance_size.load(Ordering::Relaxed) as usize;
    let layout = class.layout;
    let pointer =
        if layout.drop.is_some() && !layout.drops_late { heap::alloc_with_drop(size, shape) } else { heap::alloc(size, shape) };
    if class.flags.has(crate::class::HAS_FINALIZER) {
        heap::register_finalizable(pointer);
    }
    pointer
}

/// Allocates an instance of `class` and moves `fields` into its fixed part. `fields` carries a blank header.
///
/// Inlined, so that the fields go from registers to the object: a copy in between, written by words and read by pairs of words, costs more
/// than all the rest.
#[inline(always)]
pub fn new_object<T: Layout>(class: Gc<Class>, fields: T) -> Gc<T> {
    debug_assert!(class.layout.extends(T::DESC));
    let pointer = alloc_blank(class);
    // SAFETY: the cell has at least `T::DESC.size` bytes; the header written by the allocator is kept.
    unsafe {
        let header = std::ptr::read(pointer);
        std::ptr::write(pointer.cast(), fields);
        std::ptr::write(pointer, header);
        Gc::from_ptr(pointer.cast())
    }
}

#[inline(never)]
fn alloc_blank(class: Gc<Class>) -> *mut Header {
    alloc_instance(class)
}

/// `new_object` with the layout's own class.
#[inline(always)]
pub fn new_native<T: Layout>(fields: T) -> Gc<T> {
    new_object(T::class(), fields)
}
