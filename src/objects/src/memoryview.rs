//! `memoryview`: layouts, views of any exporter, derived views, addressing of items, and the memoryviews that exporters written in
//! Python give (PEP 688).
//!
//! A view of an exporter is held once, in a `ManagedBuffer`; all memoryviews derived from one another share it, and the last release
//! gives it back. Memoryviews that are dropped without release give their pin back when the collector finds them dead.
//!
//! Must not know: item formats beyond their size, the Python-visible methods.

use crate::buffer::{self, BufferView, Dims, Exporter, Exports, flags};
use crate::call::call_method;
use crate::dict::Dict;
use crate::error::{R, buffer_error, value_error};
use crate::function::CellObject;
use crate::interned;
use crate::layout::{Cast, Gc, Layout, new_native};
use heap::{Header, Value};
use native_macros::Layout;
use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

/// The one hold on an exporter's memory.
#[derive(Layout)]
#[layout(name = "managedbuffer", drops_late = true)]
#[repr(C)]
pub struct ManagedBuffer {
    pub header: Header,
    view: heap::Mutex<Option<BufferView>>,
    /// Memoryviews that were not released.
    users: AtomicUsize,
}

#[derive(Layout)]
#[layout(name = "memoryview", drops_late = true)]
#[repr(C)]
pub struct MemoryView {
    pub header: Header,
    pub buffer: Gc<ManagedBuffer>,
    /// What `.obj` shows. The managed buffer refers to it for all its memoryviews.
    #[layout(uncounted)]
    pub owner: Value,
    pub ptr: *mut u8,
    /// Bytes of all items.
    pub len: usize,
    pub itemsize: usize,
    #[layout(skip)]
    pub format: Cow<'static, str>,
    pub shape: Dims,
    pub strides: Dims,
    pub readonly: bool,
    released: AtomicBool,
    /// Buffers borrowed from this memoryview.
    pub exports: Exports,
    pub hash: AtomicI64,
    pub hash_known: AtomicBool,
}

// SAFETY: fixed at creation but for atomics; the memory it shows is shared by nature.
unsafe impl Sync for MemoryView {}
unsafe impl Send for MemoryView {}

/// The owner of memory that an exporter written in Python lends: its memoryview, and the exporter to notify.
#[derive(Layout)]
#[layout(name = "_buffer_wrapper")]
#[repr(C)]
pub struct BufferWrapper {
    pub header: Header,
    pub view: Gc<MemoryView>,
    pub exporter: Value,
    released: AtomicBool,
}

/// The most dimensions there are.
pub const MAX_NDIM: usize = 64;

impl MemoryView {
    #[inline]
    pub fn ndim(&self) -> usize {
        self.shape.len()
    }
    /// What it shows, for a view of the same memory that `owner` answers for.
    pub fn memory_of(&self, owner: Value) -> BufferView {
        BufferView {
            owner,
            ptr: self.ptr,
            len: self.len,
            itemsize: self.itemsize,
            format: self.format.clone(),
            shape: self.shape.clone(),
            strides: self.strides.clone(),
            readonly: self.readonly,
            memory: None,
            pin: None,
        }
    }
    pub fn is_released(&self) -> bool {
        self.released.load(Ordering::Acquire)
    }
    #[inline]
    pub fn check(&self) -> R<()> {
        if self.is_released() {
            return Err(value_error!("operation forbidden on released memoryview object"));
        }
        Ok(())
    }
    pub fn is_c_contiguous(&self) -> bool {
        buffer::is_c_contiguous(&self.shape, &self.strides, self.itemsize)
    }
    pub fn is_f_contiguous(&self) -> bool {
        buffer::is_f_contiguous(&self.shape, &self.strides, self.itemsize)
    }
    /// The bytes, if they lie together in C order.
    pub fn as_contiguous(&self) -> Option<&'static [u8]> {
        if !self.is_c_contiguous() {
            return None;
        }
        if self.len == 0 {
            return Some(&[]);
        }
        // SAFETY: the managed buffer keeps the memory in place until release, and callers do not release meanwhile.
        Some(unsafe { std::slice::from_raw_parts(self.ptr, self.len) })
    }
    /// All items' bytes in C order (or, `fortran`, in Fortran order).
    pub fn to_bytes(&self, fortran: bool) -> Vec<u8> {
        if let Some(bytes) = self.as_contiguous()
            && !(fortran && self.ndim() > 1)
        {
            return base::memory::copied(bytes);
        }
        let mut out = base::memory::with_room(self.len);
        if fortran {
            let shape: Vec<isize> = self.shape.iter().rev().copied().collect();
            let strides: Vec<isize> = self.strides.iter().rev().copied().collect();
            gather(self.ptr, &shape, &strides, self.itemsize, &mut out);
        } else {
            gather(self.ptr, &self.shape, &self.strides, self.itemsize, &mut out);
        }
        out
    }
}

fn gather(ptr: *mut u8, shape: &[isize], strides: &[isize], itemsize: usize, out: &mut Vec<u8>) {
    let Some((length, inner)) = shape.split_first() else {
        // SAFETY: the address of an item inside the view.
        return out.extend_from_slice(unsafe { std::slice::from_raw_parts(ptr, itemsize) });
    };
    for index in 0..*length {
        gather(ptr.wrapping_offset(index * strides[0]), inner, &strides[1..], itemsize, out);
    }
}

/// The shape, strides and place of a memoryview to make.
pub struct Part {
    pub ptr: *mut u8,
    pub len: usize,
    pub itemsize: usize,
    pub format: Cow<'static, str>,
    pub shape: Dims,
    pub strides: Dims,
    pub readonly: bool,
}

impl Part {
    /// All of a memoryview.
    pub fn of(view: &MemoryView) -> Part {
        Part {
            ptr: view.ptr,
            len: view.len,
            itemsize: view.itemsize,
            format: view.format.clone(),
            shape: view.shape.clone(),
            strides: view.strides.clone(),
            readonly: view.readonly,
        }
    }
}

fn new_view(buffer: Gc<ManagedBuffer>, owner: Value, part: Part) -> Gc<MemoryView> {
    buffer.users.fetch_add(1, Ordering::AcqRel);
    let owns = matches!(part.format, Cow::Owned(_)) || are_many(&part.shape, &part.strides);
    let view = new_native(MemoryView {
        header: Header::blank(),
        buffer,
        owner,
        ptr: part.ptr,
        len: part.len,
        itemsize: part.itemsize,
        format: part.format,
        shape: part.shape,
        strides: part.strides,
        readonly: part.readonly,
        released: AtomicBool::new(false),
        exports: Exports::new(),
        hash: AtomicI64::new(0),
        hash_known: AtomicBool::new(false),
    });
    if owns {
        view.exports.list(view.value());
    }
    view
}

/// Whether one of them has memory outside the heap.
fn are_many(shape: &Dims, strides: &Dims) -> bool {
    matches!(shape, Dims::Many(_)) || matches!(strides, Dims::Many(_))
}

/// A memoryview of other items of the same memory.
pub fn derive(view: Gc<MemoryView>, part: Part) -> Gc<MemoryView> {
    new_view(view.buffer, view.owner, part)
}

/// `memoryview(value)`.
pub fn memoryview_of(value: Value) -> R<Gc<MemoryView>> {
    if let Some(view) = value.cast::<MemoryView>() {
        view.check()?;
        return Ok(derive(view, Part::of(&view)));
    }
    if !buffer::has_buffer(value) {
        return Err(crate::error::type_error!(
            "memoryview: a bytes-like object is required, not '{}'",
            crate::class::class_name(value)
        ));
    }
    memoryview_with(value, flags::FULL_RO)
}

/// `memoryview._from_flags(value, request)`.
pub fn memoryview_with(value: Value, request: u32) -> R<Gc<MemoryView>> {
    if let Some(view) = value.cast::<MemoryView>() {
        view.check()?;
        if request & flags::WRITABLE != 0 && view.readonly {
            return Err(buffer_error!("memoryview: underlying buffer is not writable"));
        }
        return Ok(derive(view, Part::of(&view)));
    }
    owner_of(buffer::get_buffer(value, request)?)
}

fn owner_of(mut lent: BufferView) -> R<Gc<MemoryView>> {
    if let Some(pin) = &mut lent.pin {
        pin.soften();
    }
    if lent.shape.len() > MAX_NDIM {
        buffer::release_view(lent);
        return Err(value_error!("memoryview: number of dimensions must not exceed {MAX_NDIM}"));
    }
    Ok(memoryview_from(lent))
}

/// A memoryview that owns `lent`.
pub fn memoryview_from(lent: BufferView) -> Gc<MemoryView> {
    let owner = lent.owner;
    let part = Part {
        ptr: lent.ptr,
        len: lent.len,
        itemsize: lent.itemsize,
        format: lent.format.clone(),
        shape: lent.shape.clone(),
        strides: lent.strides.clone(),
        readonly: lent.readonly,
    };
    let owns = lent.pin.is_some() || matches!(lent.format, Cow::Owned(_)) || are_many(&lent.shape, &lent.strides);
    let buffer =
        new_native(ManagedBuffer { header: Header::blank(), view: heap::Mutex::new(Some(lent)), users: AtomicUsize::new(0) });
    if owns {
        heap::register_droppable(buffer.header());
    }
    new_view(buffer, owner, part)
}

/// A memoryview of plain bytes that `owner` keeps in place while it lives.
pub fn memoryview_of_memory(owner: Value, ptr: *mut u8, len: usize, readonly: bool) -> Gc<MemoryView> {
    memoryview_from(BufferView::bytes(owner, ptr, len, readonly, None))
}

/// `view.release()`.
pub fn release(view: Gc<MemoryView>) -> R<()> {
    if view.is_released() {
        return Ok(());
    }
    match view.exports.settled_count() {
        0 => {}
        count => return Err(buffer_error!("memoryview has {count} exported buffer{}", if count == 1 { "" } else { "s" })),
    }
    finish_release(view);
    Ok(())
}

fn finish_release(view: Gc<MemoryView>) {
    if view.released.swap(true, Ordering::AcqRel) {
        return;
    }
    if view.buffer.users.fetch_sub(1, Ordering::AcqRel) == 1 {
        let lent = view.buffer.view.lock().take();
        if let Some(lent) = lent {
            buffer::release_view(lent);
        }
    }
}

/// Whether a variable of a running function (or of the module of the innermost one) names a memoryview of the owner's memory, or the
/// function is about to use one: in a `with` statement, or as an argument.
#[cold]
pub fn named_view_of(owner: Value) -> bool {
    let is_open_view = |view: Option<Gc<MemoryView>>| view.is_some_and(|view| view.owner == owner && !view.is_released());
    let shows = |value: Value| {
        let value = match value.cast_exact::<CellObject>() {
            Some(cell) => cell.content.get(),
            None => Some(value),
        };
        is_open_view(value.and_then(|value| value.cast()))
    };
    let mut frame = crate::thread::current().exec.innermost();
    if let Some(innermost) = frame
        && let Some(globals) = innermost.function().globals.get().and_then(|globals| globals.cast::<Dict>())
        && crate::dict::dict_values(globals).iter().any(|value| shows(*value))
    {
        return true;
    }
    while let Some(view) = frame {
        let variables = view.code().variables().len();
        if (0..variables).any(|index| crate::frame::variable(view, index, index).is_some_and(shows))
            || crate::references::needs_temporary(view, |value| is_open_view(value.cast_exact()))
        {
            return true;
        }
        frame = view.outer();
    }
    false
}

/// The body of a native exporter's `__buffer__`.
pub fn buffer_method(value: Value, request: Value) -> R {
    let request = <i32 as crate::convert::FromArg>::from_arg(request, crate::convert::ArgName::plain("__buffer__"))?;
    // What a subclass says about its buffers does not count: it may have called us.
    match value.cast::<MemoryView>() {
        Some(_) => Ok(memoryview_with(value, request as u32)?.value()),
        None => Ok(owner_of(buffer::native_buffer(value, request as u32)?)?.value()),
    }
}

/// The body of a native exporter's `__release_buffer__`.
pub fn release_buffer_method(value: Value, view: Value) -> R<()> {
    let Some(view) = view.cast::<MemoryView>() else {
        return Err(crate::error::type_error!("expected a memoryview object"));
    };
    if view.is_released() {
        return Ok(());
    }
    if view.owner != value {
        return Err(value_error!("memoryview's buffer is not this object"));
    }
    release(view)
}

/// Lends a memoryview's memory in turn.
pub static EXPORTER: Exporter = Exporter { layout: <MemoryView as Layout>::DESC, get: lend };

fn lend(value: Value, request: u32) -> R<BufferView> {
    // SAFETY: registered for this layout.
    let view: Gc<MemoryView> = unsafe { value.cast_unchecked() };
    view.check()?;
    let asks = |bits: u32| request & bits == bits;
    if asks(flags::WRITABLE) && view.readonly {
        return Err(buffer_error!("memoryview: underlying buffer is not writable"));
    }
    let (c, f) = (view.is_c_contiguous(), view.is_f_contiguous());
    if asks(flags::C_CONTIGUOUS) && !c {
        return Err(buffer_error!("memoryview: underlying buffer is not C-contiguous"));
    }
    if asks(flags::F_CONTIGUOUS) && !f {
        return Err(buffer_error!("memoryview: underlying buffer is not Fortran contiguous"));
    }
    if asks(flags::ANY_CONTIGUOUS) && !c && !f {
        return Err(buffer_error!("memoryview: underlying buffer is not contiguous"));
    }
    if !asks(flags::STRIDES) && !c {
        return Err(buffer_error!("memoryview: underlying buffer is not C-contiguous"));
    }
    Ok(BufferView { pin: Some(view.exports.pin(value)), ..view.memory_of(value) })
}

/// The memory behind what a Python-level `__buffer__` gave.
pub fn wrap_python_buffer(view: Gc<MemoryView>, exporter: Value, request: u32) -> R<BufferView> {
    let mut lent = lend(view.value(), request)?;
    let wrapper = new_native(BufferWrapper { header: Header::blank(), view, exporter, released: AtomicBool::new(false) });
    lent.owner = wrapper.value();
    Ok(lent)
}

/// Tells an exporter written in Python that its memory is not used any more. Errors have nowhere to go but the unraisable hook.
pub fn release_wrapper(wrapper: Gc<BufferWrapper>) {
    if wrapper.released.swap(true, Ordering::AcqRel) {
        return;
    }
    let pending = crate::thread::has_exception().then(crate::thread::take_exception);
    if crate::class::class_of(wrapper.exporter).slots.release_buffer.get().is_some()
        && !wrapper.view.is_released()
        && let Err(raised) = call_method(wrapper.exporter, interned!("__release_buffer__"), &[wrapper.view.value()])
    {
        crate::error::unraisable(raised, wrapper.exporter);
    }
    finish_release(wrapper.view);
    if let Some(pending) = pending {
        let _ = crate::error::restore(pending);
    }
}
