//! Buffers that extension types export: `HPy_bf_getbuffer` as `__buffer__`.
//!
//! Must not know: who borrows.

use crate::abi;
use crate::enter::{self, Frame, Target, entered};
use native_macros::{Layout, native_class};
use objects::buffer::{BufferView, Dims, Lender};
use objects::convert::{ArgName, FromArg};
use objects::layout::new_native;
use objects::shape::Shape;
use objects::{Args, Cast, Gc, Header, R, Value, buffer_error, memoryview, thread, type_error, value_error};
use std::borrow::Cow;
use std::ffi::{CStr, c_int};
use std::sync::atomic::{AtomicBool, Ordering};

/// Memory that an extension lent out.
#[derive(Layout)]
#[repr(C)]
pub struct Lease {
    pub header: Header,
    /// Views of the memory refer to it as well.
    #[layout(uncounted)]
    exporter: Value,
    /// What `getbuffer` filled in, without its object.
    #[layout(skip)]
    buffer: abi::Buffer,
    target: &'static Target,
    returned: AtomicBool,
}

// SAFETY: pointers into the extension's memory, handed back to it as they came.
unsafe impl Send for Lease {}
unsafe impl Sync for Lease {}

#[native_class(name = "hpy_buffer", base = object, flags = "final no_new")]
impl Lease {
    fn __del__(this: Gc<Lease>) -> R {
        give_back(this);
        Ok(Value::none())
    }
}

/// Lets memory of extensions be borrowed without a memoryview of its own. Called for types that lend some.
pub fn install() {
    objects::buffer::install_lender(Lender { lend, take_back });
}

/// `extra` of the target is the function that takes the memory back, if there is one.
fn lend(data: usize, this: Value, request: u32) -> R<BufferView> {
    // SAFETY: made by `spec`.
    let target = unsafe { &*(data as *const Target) };
    if target.layer.plain { lend_through::<true>(target, this, request) } else { lend_through::<false>(target, this, request) }
}

fn lend_through<const PLAIN: bool>(target: &'static Target, this: Value, request: u32) -> R<BufferView> {
    // SAFETY: an all-zero struct is what C starts with.
    let mut buffer: abi::Buffer = unsafe { std::mem::zeroed() };
    let call = |frame: &Frame<PLAIN>, [this]: [abi::Handle; 1]| {
        // SAFETY: the extension says that the function has this type.
        unsafe {
            let code = target.typed::<enter::GetBuffer>()(frame.ctx, this, &mut buffer, request as c_int);
            // The handle is the runtime's now.
            (code, frame.take(buffer.obj).take())
        }
    };
    let (code, _) = entered(target.layer, [Some(this)], call)?;
    buffer.obj = abi::Handle::NULL;
    if code < 0 || thread::has_exception() {
        return Err(enter::no_result(target));
    }
    let _ = objects::native::rt::class_of_def(Lease::CLASS_DEF);
    let lease = new_native(Lease { header: Header::blank(), exporter: this, buffer, target, returned: AtomicBool::new(false) });
    // SAFETY: the extension filled the buffer in.
    let view = unsafe { view_of(&buffer, this, lease.value()) };
    if view.is_err() {
        give_back(lease);
    }
    view
}

/// The memory of other lenders may be storage that has no class.
fn take_back(lease: Value) {
    // SAFETY: views keep what they refer to.
    let has_class = lease.is_ptr() && unsafe { Shape::of(lease.as_ptr()) }.class_opt().is_some();
    if has_class && let Some(lease) = lease.cast::<Lease>() {
        give_back(lease)
    }
}

/// `__buffer__(flags)`.
pub fn slot_get_buffer<const PLAIN: bool>(data: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let [request] = args.values() else { return Err(type_error!("__buffer__ expected 1 argument, got {}", args.len())) };
    let request = <i32 as FromArg>::from_arg(*request, ArgName::plain("__buffer__"))?;
    // SAFETY: made by `spec`.
    let target = unsafe { &*(data as *const Target) };
    Ok(memoryview::memoryview_from(lend_through::<PLAIN>(target, this, request as u32)?).value())
}

unsafe fn view_of(buffer: &abi::Buffer, owner: Value, lease: Value) -> R<BufferView> {
    let Ok(len) = usize::try_from(buffer.len) else { return Err(buffer_error!("the buffer has a negative length")) };
    if buffer.buf.is_null() && len > 0 {
        return Err(buffer_error!("the buffer has no memory"));
    }
    let itemsize = usize::try_from(buffer.itemsize).unwrap_or(1).max(1);
    let ndim = usize::try_from(buffer.ndim).unwrap_or(1);
    if ndim > memoryview::MAX_NDIM {
        return Err(value_error!("memoryview: number of dimensions must not exceed {}", memoryview::MAX_NDIM));
    }
    let numbers = |array: *const isize| (0..ndim).map(|index| *array.add(index)).collect::<Vec<isize>>();
    let shape = if buffer.shape.is_null() { vec![(len / itemsize) as isize] } else { numbers(buffer.shape) };
    if shape.iter().any(|length| *length < 0) {
        return Err(buffer_error!("the buffer has a negative length"));
    }
    let strides = if buffer.strides.is_null() {
        let mut strides = vec![0; shape.len()];
        let mut step = itemsize as isize;
        for (stride, length) in strides.iter_mut().zip(&shape).rev() {
            *stride = step;
            step = step.wrapping_mul(*length);
        }
        strides
    } else {
        numbers(buffer.strides)
    };
    let format = if buffer.format.is_null() {
        Cow::Borrowed("B")
    } else {
        Cow::Owned(CStr::from_ptr(buffer.format).to_string_lossy().into_owned())
    };
    Ok(BufferView {
        ptr: buffer.buf.cast(),
        len,
        itemsize,
        format,
        shape: Dims::new(&shape),
        strides: Dims::new(&strides),
        readonly: buffer.readonly != 0,
        owner,
        memory: Some(lease),
        pin: None,
    })
}

/// `__release_buffer__(view)`.
pub fn slot_release_buffer<const PLAIN: bool>(_: usize, this: Value, values: &[Value], names: &[Value]) -> R {
    let args = Args::new(values, values.len() - names.len(), names);
    let [view] = args.values() else { return Err(type_error!("__release_buffer__ expected 1 argument, got {}", args.len())) };
    memoryview::release_buffer_method(this, *view)?;
    Ok(Value::none())
}

/// Tells the extension, once, that its memory is not used any more.
fn give_back(lease: Gc<Lease>) {
    if lease.returned.swap(true, Ordering::AcqRel) || lease.target.extra == 0 {
        return;
    }
    let pending = thread::has_exception().then(thread::take_exception);
    let call = |frame: &Frame<false>, [exporter]: [abi::Handle; 1]| {
        let mut copy = lease.buffer;
        copy.obj = exporter;
        let function = lease.target.extra as *const std::ffi::c_void;
        // SAFETY: the extension's own function, with a copy of what it filled in.
        unsafe { enter::typed::<enter::ReleaseBuffer>(function)(frame.ctx, exporter, &mut copy) }
    };
    let _ = entered(lease.target.layer, [Some(lease.exporter)], call);
    if thread::has_exception() {
        objects::unraisable::report_unraisable(thread::take_exception(), None, Some(lease.exporter));
    }
    if let Some(pending) = pending {
        let _ = objects::error::restore(pending);
    }
}
