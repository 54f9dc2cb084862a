//! The buffer protocol: how an object lends its memory to others.
//!
//! # Borrowing
//! - `Buf` (parameter type of natives, or `Buf::new(value)?`): any object with contiguous memory, as `&[u8]`; pinned while it lives.
//! - `WritableBuf`: the same, writable.
//! - `get_buffer(value, flags)`: the full description (`BufferView`); give it back with `release_view`.
//!
//! # Lending
//! A native type lends memory by (1) an `Exporter` for its layout, entered once at start with `register(&EXPORTER)`, and (2) the
//! Python-visible methods, which make its classes known as exporters:
//! ```ignore
//! fn __buffer__(this: Gc<T>, flags: Value) -> R { objects::memoryview::buffer_method(this.value(), flags) }
//! ```
//! The exporter's `get` answers with the memory as it is now. Memory that could move or vanish is pinned: the layout has a field
//! `exports: Exports`, `get` puts `Some(this.exports.pin(this.value()))` into the view, and whatever resizes or closes the object asks
//! `this.exports.check(this.value(), "Existing exports of data: object cannot be re-sized")?` first (never under a lock: it may
//! collect). A pin ends when the view is dropped. Views that nobody released but nobody can reach either are found by the collection
//! that `check` makes. Owners of memory in heap buffers do without it by `check_or_leave`: they put the buffer into `memory` of the
//! view, so that a view can keep it while the owner goes on with a copy.
//!
//! Classes written in Python export through `__buffer__`, which gives a memoryview (PEP 688); `get_buffer` calls it.
//!
//! Memory that one thread writes while another reads gives torn bytes, never bad addresses: it stays allocated while pinned.
//!
//! Must not know: the concrete exporters, except bytes for speed.

use crate::bytearray::{self, ByteArray};
use crate::bytes::Bytes;
use crate::class::{class_name, class_of};
use crate::containers::single_threaded;
use crate::convert::{ArgName, FromArg};
use crate::error::{R, buffer_error, type_error};
use crate::layout::{Cast, Gc, Layout, LayoutDesc, Trace};
use crate::memoryview::{self, BufferWrapper, MemoryView};
use heap::{Tracer, Value};
use std::borrow::Cow;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// What a borrower asks for (the numbers are those of `inspect.BufferFlags`).
pub mod flags {
    pub const SIMPLE: u32 = 0;
    pub const WRITABLE: u32 = 1;
    pub const FORMAT: u32 = 4;
    pub const ND: u32 = 8;
    pub const STRIDES: u32 = 0x10 | ND;
    pub const C_CONTIGUOUS: u32 = 0x20 | STRIDES;
    pub const F_CONTIGUOUS: u32 = 0x40 | STRIDES;
    pub const ANY_CONTIGUOUS: u32 = 0x80 | STRIDES;
    pub const INDIRECT: u32 = 0x100 | STRIDES;
    pub const FULL_RO: u32 = INDIRECT | FORMAT;
    pub const FULL: u32 = FULL_RO | WRITABLE;
    pub const READ: u32 = 0x100;
    pub const WRITE: u32 = 0x200;
}

/// Numbers of a shape; the usual one dimension needs no allocation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Dims {
    One([isize; 1]),
    Many(Box<[isize]>),
}
impl Dims {
    pub fn one(number: isize) -> Dims {
        Dims::One([number])
    }
    pub fn new(numbers: &[isize]) -> Dims {
        match numbers {
            [one] => Dims::one(*one),
            _ => Dims::Many(numbers.into()),
        }
    }
}
impl Deref for Dims {
    type Target = [isize];
    #[inline]
    fn deref(&self) -> &[isize] {
        match self {
            Dims::One(one) => one,
            Dims::Many(many) => many,
        }
    }
}
crate::no_references!(Dims, Exports, Pin);

/// Who holds an object's memory: borrowers for the time of a call and the like (hard), and memoryviews (soft), which may be garbage.
#[derive(Default)]
struct Counts {
    hard: AtomicUsize,
    soft: AtomicUsize,
}

/// Counts who holds an object's memory.
pub struct Exports {
    any: AtomicBool,
    /// The owner is on the list of objects to be dropped.
    listed: AtomicBool,
    /// Borrowers for the time of a call, who keep the owner alive.
    calls: AtomicUsize,
    // Held for a few instructions without a safepoint, so a stopped world never waits for it.
    counts: Mutex<Option<Arc<Counts>>>,
}

/// Holds memory in place until dropped.
pub struct Pin {
    counts: Arc<Counts>,
    soft: bool,
}

impl Pin {
    fn count(&self) -> &AtomicUsize {
        if self.soft { &self.counts.soft } else { &self.counts.hard }
    }
    /// Says that a memoryview is the holder.
    pub fn soften(&mut self) {
        if !self.soft {
            self.counts.soft.fetch_add(1, Ordering::AcqRel);
            self.counts.hard.fetch_sub(1, Ordering::AcqRel);
            self.soft = true;
        }
    }
}
impl Drop for Pin {
    fn drop(&mut self) {
        self.count().fetch_sub(1, Ordering::Release);
    }
}
impl Default for Exports {
    fn default() -> Self {
        Exports::new()
    }
}
impl Exports {
    pub const fn new() -> Exports {
        Exports {
            any: AtomicBool::new(false),
            listed: AtomicBool::new(false),
            calls: AtomicUsize::new(0),
            counts: Mutex::new(None),
        }
    }
    fn locked(&self) -> MutexGuard<'_, Option<Arc<Counts>>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// `owner` is the object that these exports are a field of.
    pub fn pin(&self, owner: Value) -> Pin {
        self.pin_with(|| self.list(owner))
    }
    fn pin_with(&self, at_first: impl FnOnce()) -> Pin {
        let counts = self
            .locked()
            .get_or_insert_with(|| {
                at_first();
                Arc::default()
            })
            .clone();
        counts.hard.fetch_add(1, Ordering::Acquire);
        self.any.store(true, Ordering::Release);
        Pin { counts, soft: false }
    }
    /// Has what `owner` holds outside the heap dropped with it, if its layout leaves that to the objects that hold something.
    #[cold]
    pub fn list(&self, owner: Value) {
        if crate::class::class_of(owner).layout.drops_late && !self.listed.swap(true, Ordering::AcqRel) {
            heap::register_droppable(owner.as_ptr());
        }
    }
    /// A pin for the time of a call by somebody who keeps the owner alive: `let_go` ends it.
    #[inline]
    fn hold(&self) {
        self.count_call(1);
    }
    #[inline]
    fn let_go(&self) {
        self.count_call(usize::MAX);
    }
    #[inline]
    fn count_call(&self, difference: usize) {
        if single_threaded() {
            // The second thread begins at a safepoint, of which there is none in between.
            self.calls.store(self.calls.load(Ordering::Relaxed).wrapping_add(difference), Ordering::Relaxed);
        } else {
            self.calls.fetch_add(difference, Ordering::AcqRel);
        }
    }
    /// Hard and soft pins.
    #[inline]
    fn counts(&self) -> (usize, usize) {
        let calls = self.calls.load(Ordering::Acquire);
        if !self.any.load(Ordering::Acquire) {
            return (calls, 0);
        }
        let locked = self.locked();
        locked
            .as_ref()
            .map_or((calls, 0), |counts| (counts.hard.load(Ordering::Acquire) + calls, counts.soft.load(Ordering::Acquire)))
    }
    #[inline]
    pub fn count(&self) -> usize {
        let (hard, soft) = self.counts();
        hard + soft
    }
    /// The count without those that only unreachable views hold.
    pub fn settled_count(&self) -> usize {
        if self.count() > 0 {
            crate::thread::current().exec.clear_dead_windows(false);
            heap::collect(heap::collect::Reason::Explicit);
        }
        self.count()
    }
    /// BufferError if somebody holds the memory of `owner`. Views that nobody can reach any more do not count.
    #[inline]
    pub fn check(&self, owner: Value, text: &str) -> R<()> {
        if self.count() == 0 { Ok(()) } else { self.check_slow(owner, text) }
    }
    #[cold]
    fn check_slow(&self, owner: Value, text: &str) -> R<()> {
        if memoryview::named_view_of(owner) || self.settled_count() > 0 { Err(buffer_error!("{text}")) } else { Ok(()) }
    }
    /// As `check`, for owners that can leave their memory to the views that hold it and go on with a copy: those that no variable
    /// names are most likely garbage, and finding out would take a collection. True: make the copy, then call `detach`.
    #[inline]
    pub fn check_or_leave(&self, owner: Value, text: &str) -> R<bool> {
        if self.count() == 0 { Ok(false) } else { self.leave_slow(owner, text) }
    }
    #[cold]
    fn leave_slow(&self, owner: Value, text: &str) -> R<bool> {
        if memoryview::named_view_of(owner) || self.counts().0 > 0 && self.settled_count() > 0 {
            return Err(buffer_error!("{text}"));
        }
        Ok(self.count() > 0)
    }
    /// Forgets the holders: the object has other memory now.
    pub fn detach(&self) {
        *self.locked() = None;
        self.any.store(false, Ordering::Release);
    }
}

/// Memory that an object lends. In one dimension `shape` is the number of items; `len` counts bytes.
pub struct BufferView {
    pub ptr: *mut u8,
    pub len: usize,
    pub itemsize: usize,
    /// As in module struct: "B" for bytes.
    pub format: Cow<'static, str>,
    pub shape: Dims,
    pub strides: Dims,
    pub readonly: bool,
    /// The lender.
    pub owner: Value,
    /// A heap buffer that the memory lies in, kept alive for views that outlast the owner's interest in it.
    pub memory: Option<Value>,
    pub pin: Option<Pin>,
}

impl Trace for BufferView {
    fn trace(&self, tracer: &mut Tracer) {
        tracer.value(self.owner);
        self.memory.trace(tracer);
    }
}

impl BufferView {
    /// Plain bytes. `pin`: None if the memory stays in place while the owner lives.
    pub fn bytes(owner: Value, ptr: *mut u8, len: usize, readonly: bool, pin: Option<Pin>) -> BufferView {
        BufferView {
            ptr,
            len,
            itemsize: 1,
            format: Cow::Borrowed("B"),
            shape: Dims::one(len as isize),
            strides: Dims::one(1),
            readonly,
            owner,
            memory: None,
            pin,
        }
    }
    /// One dimension of `count` items.
    pub fn items(
        owner: Value,
        ptr: *mut u8,
        count: usize,
        itemsize: usize,
        format: Cow<'static, str>,
        readonly: bool,
        pin: Option<Pin>,
    ) -> BufferView {
        BufferView {
            ptr,
            len: count * itemsize,
            itemsize,
            format,
            shape: Dims::one(count as isize),
            strides: Dims::one(itemsize as isize),
            readonly,
            owner,
            memory: None,
            pin,
        }
    }
    pub fn is_c_contiguous(&self) -> bool {
        is_c_contiguous(&self.shape, &self.strides, self.itemsize)
    }
    pub fn is_f_contiguous(&self) -> bool {
        is_f_contiguous(&self.shape, &self.strides, self.itemsize)
    }
    /// The refusal of a request to write into what cannot be written.
    pub fn check_writable(self, request: u32) -> R<BufferView> {
        if request & flags::WRITABLE != 0 && self.readonly {
            return Err(buffer_error!("Object is not writable."));
        }
        Ok(self)
    }
}

pub fn is_c_contiguous(shape: &[isize], strides: &[isize], itemsize: usize) -> bool {
    contiguous(shape.iter().zip(strides).rev(), shape, itemsize)
}
pub fn is_f_contiguous(shape: &[isize], strides: &[isize], itemsize: usize) -> bool {
    contiguous(shape.iter().zip(strides), shape, itemsize)
}
fn contiguous<'a>(dims: impl Iterator<Item = (&'a isize, &'a isize)>, shape: &[isize], itemsize: usize) -> bool {
    if shape.contains(&0) {
        return true;
    }
    let mut expected = itemsize as isize;
    for (length, stride) in dims {
        if *length > 1 && *stride != expected {
            return false;
        }
        expected = expected.wrapping_mul(*length);
    }
    true
}

/// What a native type does to lend memory.
pub struct Exporter {
    pub layout: &'static LayoutDesc,
    /// The memory of an instance, for a request of `flags`.
    pub get: fn(Value, u32) -> R<BufferView>,
}

/// How objects of extensions lend memory.
pub struct Lender {
    /// The memory of an object. The number is that of the extension's function (`extension::extern_buffer`); `memory` of the view says
    /// what is to be taken back.
    pub lend: fn(usize, Value, u32) -> R<BufferView>,
    /// Nobody uses the memory any more. Also called with other objects that views keep.
    pub take_back: fn(Value),
}

static LENDER: OnceLock<Lender> = OnceLock::new();

/// Tells how extensions lend memory. The first call counts.
pub fn install_lender(lender: Lender) {
    let _ = LENDER.set(lender);
}

const MAX_EXPORTERS: usize = 64;
static EXPORTERS: [AtomicPtr<Exporter>; MAX_EXPORTERS] = [const { AtomicPtr::new(std::ptr::null_mut()) }; MAX_EXPORTERS];

/// Makes an exporter known. Further calls with the same one do nothing.
pub fn register(exporter: &'static Exporter) {
    let pointer = exporter as *const Exporter as *mut Exporter;
    for entry in &EXPORTERS {
        match entry.compare_exchange(std::ptr::null_mut(), pointer, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => return,
            Err(existing) if existing == pointer => return,
            Err(_) => {}
        }
    }
    debug_assert!(false, "MAX_EXPORTERS is too small");
}

fn find_exporter(layout: &'static LayoutDesc) -> Option<&'static Exporter> {
    EXPORTERS
        .iter()
        .map_while(|entry| {
            // SAFETY: entries are null or 'static exporters.
            unsafe { entry.load(Ordering::Acquire).as_ref() }
        })
        .find(|exporter| layout.extends(exporter.layout))
}

/// Whether the object's class exports buffers.
pub fn has_buffer(value: Value) -> bool {
    class_of(value).slots.buffer.get().is_some()
}

/// Borrows an object's memory.
pub fn get_buffer(value: Value, request: u32) -> R<BufferView> {
    let class = class_of(value);
    let Some(method) = class.slots.buffer.get() else {
        return Err(type_error!("a bytes-like object is required, not '{}'", class_name(value)));
    };
    if let Some(exporter) = find_exporter(class.layout)
        && exporter.layout.class.is_set()
        && exporter.layout.class.get().slots.buffer.get().is_some_and(|native| native as usize == method as usize)
    {
        return (exporter.get)(value, request);
    }
    if let Some(lender) = LENDER.get()
        && let Some(data) = crate::extension::extern_buffer(class)
    {
        return (lender.lend)(data, value, request);
    }
    let result = method(value, Value::small(request as i32))?;
    let Some(view) = result.cast::<MemoryView>() else {
        return Err(type_error!("__buffer__ returned non-memoryview object"));
    };
    memoryview::wrap_python_buffer(view, value, request)
}

/// Borrows the memory of a native exporter whatever its class's `__buffer__` is.
pub fn native_buffer(value: Value, request: u32) -> R<BufferView> {
    match find_exporter(class_of(value).layout) {
        Some(exporter) => (exporter.get)(value, request),
        None => Err(type_error!("a bytes-like object is required, not '{}'", class_name(value))),
    }
}

/// Gives memory back; calls `__release_buffer__` of exporters written in Python, and tells extensions.
pub fn release_view(view: BufferView) {
    let (owner, memory) = (view.owner, view.memory);
    drop(view);
    if let Some(wrapper) = owner.cast::<BufferWrapper>() {
        memoryview::release_wrapper(wrapper);
    } else if let Some(memory) = memory
        && let Some(lender) = LENDER.get()
    {
        (lender.take_back)(memory);
    }
}

/// Borrowed bytes of any object with contiguous memory.
pub struct Buf {
    ptr: *mut u8,
    len: usize,
    /// Keeps what is borrowed alive.
    value: Value,
    /// What the view in malloc memory refers to.
    kept: [Option<Value>; 2],
    held: Held,
}

/// What is to be given back.
enum Held {
    Nothing,
    /// Those of `value`, which is alive while the borrower is.
    Exports(*const Exports),
    /// Boxed, so that the usual borrower of plain bytes is short.
    View(Box<BufferView>),
}

impl Buf {
    #[inline]
    pub fn new(value: Value) -> R<Buf> {
        if let Some(bytes) = value.cast_exact::<Bytes>() {
            return Ok(Buf { ptr: bytes.data_ptr(), len: bytes.len(), value, kept: [None; 2], held: Held::Nothing });
        }
        Buf::request(value, flags::SIMPLE)
    }
    fn request(value: Value, request: u32) -> R<Buf> {
        if let Some(array) = value.cast_exact::<ByteArray>() {
            let (ptr, len, memory) = bytearray::hold(array, |array| array.exports.hold());
            return Ok(Buf { ptr, len, value, kept: [memory, None], held: Held::Exports(&raw const array.exports) });
        }
        if let Some(view) = value.cast_exact::<MemoryView>()
            && view.is_c_contiguous()
            && !(view.readonly && request & flags::WRITABLE != 0)
        {
            view.exports.hold();
            let buf = Buf { ptr: view.ptr, len: view.len, value, kept: [None; 2], held: Held::Exports(&raw const view.exports) };
            return view.check().map(|()| buf);
        }
        let view = get_buffer(value, request)?;
        if !view.is_c_contiguous() {
            release_view(view);
            return Err(buffer_error!("memoryview: underlying buffer is not C-contiguous"));
        }
        Ok(Buf { ptr: view.ptr, len: view.len, value, kept: [Some(view.owner), view.memory], held: Held::View(Box::new(view)) })
    }
    /// If the object exports a buffer: its bytes.
    pub fn try_new(value: Value) -> R<Option<Buf>> {
        if has_buffer(value) { Buf::new(value).map(Some) } else { Ok(None) }
    }
    /// The bytes, valid while this borrow lives.
    #[inline(always)]
    pub fn as_slice(&self) -> &[u8] {
        if self.len == 0 {
            return &[];
        }
        // SAFETY: the lender keeps the memory in place until the view is dropped.
        unsafe { std::slice::from_raw_parts(self.ptr, self.len) }
    }
    /// The object that was given.
    pub fn value(&self) -> Value {
        self.value
    }
    /// The address, for system calls outside the interpreter's sight.
    pub fn as_ptr(&self) -> *const u8 {
        self.ptr
    }
    /// All objects that must live as long as this, for who keeps it where the collector does not look.
    pub(crate) fn references(&self) -> [Option<Value>; 3] {
        [Some(self.value), self.kept[0], self.kept[1]]
    }
}
impl Deref for Buf {
    type Target = [u8];
    #[inline(always)]
    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}
impl AsRef<[u8]> for Buf {
    fn as_ref(&self) -> &[u8] {
        self.as_slice()
    }
}
impl Drop for Buf {
    #[inline]
    fn drop(&mut self) {
        match std::mem::replace(&mut self.held, Held::Nothing) {
            Held::Nothing => {}
            // SAFETY: a field of `value`, which is on the stack until the end of this function.
            Held::Exports(exports) => unsafe { (*exports).let_go() },
            Held::View(view) => release_view(*view),
        }
        std::hint::black_box((&self.value, &self.kept));
    }
}
impl FromArg for Buf {
    #[inline]
    fn from_arg(value: Value, _: ArgName) -> R<Buf> {
        Buf::new(value)
    }
}

/// Borrowed writable bytes.
pub struct WritableBuf(Buf);

impl WritableBuf {
    pub fn new(value: Value) -> R<WritableBuf> {
        Buf::request(value, flags::WRITABLE).map(WritableBuf)
    }
    pub(crate) fn into_inner(self) -> Buf {
        self.0
    }
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        if self.0.len == 0 {
            return &mut [];
        }
        // SAFETY: as in `Buf::as_slice`; the lender agreed to writing.
        unsafe { std::slice::from_raw_parts_mut(self.0.ptr, self.0.len) }
    }
    pub fn as_mut_ptr(&self) -> *mut u8 {
        self.0.ptr
    }
    pub fn value(&self) -> Value {
        self.0.value
    }
}
impl Deref for WritableBuf {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.0.as_slice()
    }
}
impl DerefMut for WritableBuf {
    fn deref_mut(&mut self) -> &mut [u8] {
        self.as_mut_slice()
    }
}
impl FromArg for WritableBuf {
    fn from_arg(value: Value, name: ArgName) -> R<WritableBuf> {
        if !has_buffer(value) {
            return Err(name.wrong_type("read-write bytes-like object", value));
        }
        match WritableBuf::new(value) {
            Ok(buffer) => Ok(buffer),
            Err(raised) if raised.is(&crate::exception::BUFFER_ERROR) || raised.is(&crate::exception::TYPE_ERROR) => {
                raised.clear();
                Err(name.wrong_type("read-write bytes-like object", value))
            }
            Err(raised) => Err(raised),
        }
    }
}

/// Bytes of a str (as UTF-8) or of any buffer.
pub enum StrOrBuf {
    Str(&'static str, Value),
    Buf(Buf),
}
impl Deref for StrOrBuf {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match self {
            StrOrBuf::Str(text, _) => text.as_bytes(),
            StrOrBuf::Buf(buffer) => buffer,
        }
    }
}
impl FromArg for StrOrBuf {
    fn from_arg(value: Value, name: ArgName) -> R<StrOrBuf> {
        if let Some(text) = value.cast::<crate::str::Str>() {
            return Ok(StrOrBuf::Str(crate::convert::utf8(text)?, value));
        }
        if !has_buffer(value) {
            return Err(name.wrong_type("str or bytes-like object", value));
        }
        Buf::new(value).map(StrOrBuf::Buf)
    }
}

/// Exporter of bytes.
pub static BYTES_EXPORTER: Exporter = Exporter { layout: <Bytes as Layout>::DESC, get: bytes_buffer };

fn bytes_buffer(value: Value, request: u32) -> R<BufferView> {
    // SAFETY: registered for this layout.
    let bytes: Gc<Bytes> = unsafe { value.cast_unchecked() };
    BufferView::bytes(value, bytes.data_ptr(), bytes.len(), true, None).check_writable(request)
}

/// Enters the exporters of this crate. Call once at start.
pub fn install() {
    for exporter in [&BYTES_EXPORTER, &crate::bytearray::EXPORTER, &memoryview::EXPORTER] {
        register(exporter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contiguity_ignores_dimensions_of_one_item() {
        assert!(is_c_contiguous(&[2, 3], &[12, 4], 4));
        assert!(!is_f_contiguous(&[2, 3], &[12, 4], 4));
        assert!(is_f_contiguous(&[2, 3], &[4, 8], 4));
        assert!(is_c_contiguous(&[1, 3], &[999, 4], 4) && is_f_contiguous(&[1, 3], &[999, 4], 4));
        assert!(!is_c_contiguous(&[3], &[-1], 1));
        assert!(is_c_contiguous(&[0, 5], &[7, 7], 1));
        assert!(is_c_contiguous(&[], &[], 8));
    }

    #[test]
    fn pins_count_by_kind() {
        let exports = Exports::new();
        let mut first = exports.pin_with(|| ());
        let second = exports.pin_with(|| ());
        first.soften();
        assert_eq!(exports.counts(), (1, 1));
        drop(second);
        assert_eq!(exports.counts(), (0, 1));
        exports.detach();
        assert_eq!(exports.count(), 0);
        drop(first);
        assert_eq!(exports.count(), 0);
    }
}
