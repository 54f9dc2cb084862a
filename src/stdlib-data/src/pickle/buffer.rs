//! `PickleBuffer`: an object whose memory may travel beside the pickle. Must not know: streams.

use native_macros::{Layout, native_class};
use objects::buffer::{self, BufferView, Exporter, flags};
use objects::memoryview;
use objects::{Args, Cast, Class, Gc, Header, Layout, R, Raised, Slot, Value, buffer_error, new_object, type_error, value_error};

#[derive(Layout)]
#[repr(C)]
pub struct PickleBuffer {
    pub header: Header,
    /// The object; empty after `release`.
    object: Slot,
    /// A memoryview of it, which keeps the memory in place.
    view: Slot,
}

static EXPORTER: Exporter = Exporter { layout: <PickleBuffer as Layout>::DESC, get: lend };

pub fn install() {
    buffer::register(&EXPORTER);
}

fn released() -> Raised {
    value_error!("operation forbidden on released PickleBuffer object")
}

fn lend(value: Value, request: u32) -> R<BufferView> {
    // SAFETY: registered for this layout.
    let this: Gc<PickleBuffer> = unsafe { value.cast_unchecked() };
    lent_by(this, request)
}

/// The memory of the object.
pub fn lent_by(this: Gc<PickleBuffer>, request: u32) -> R<BufferView> {
    buffer::get_buffer(this.object.get().ok_or_else(released)?, request)
}

/// A buffer that a pickle may leave outside its stream
#[native_class(name = "pickle.PickleBuffer", base = object, flags = "final weakref")]
impl PickleBuffer {
    #[new]
    fn new(cls: Gc<Class>, args: Args) -> R {
        let view = match (args.len(), args.total_len()) {
            (1, 1) => memoryview::memoryview_with(args.values()[0], flags::FULL_RO)?,
            (0, 0) => return Err(type_error!("PickleBuffer() takes exactly 1 positional argument (0 given)")),
            (0, 1) => return Err(type_error!("PickleBuffer() takes exactly 1 positional argument (0 given)")),
            (_, given) => return Err(type_error!("PickleBuffer() takes at most 1 argument ({given} given)")),
        };
        let this = new_object(cls, PickleBuffer { header: Header::blank(), object: Slot::empty(), view: Slot::empty() });
        this.object.set(args.values()[0]);
        this.view.set(view.value());
        Ok(this.value())
    }
    /// A memoryview of the buffer's memory as plain bytes.
    ///
    /// Raises BufferError if the memory is not contiguous.
    fn raw(this: Gc<PickleBuffer>) -> R {
        let mut lent = lent_by(this, flags::FULL_RO)?;
        if !lent.is_c_contiguous() && !lent.is_f_contiguous() {
            buffer::release_view(lent);
            return Err(buffer_error!("cannot extract raw buffer from non-contiguous buffer"));
        }
        lent.format = "B".into();
        lent.itemsize = 1;
        lent.shape = buffer::Dims::one(lent.len as isize);
        lent.strides = buffer::Dims::one(1);
        if let Some(pin) = &mut lent.pin {
            pin.soften();
        }
        Ok(memoryview::memoryview_from(lent).value())
    }
    /// Let go of the buffer inside.
    fn release(this: Gc<PickleBuffer>) {
        this.object.set_opt(None);
        if let Some(view) = this.view.take() {
            // SAFETY: nothing else is ever stored there.
            let _ = memoryview::release(unsafe { view.cast_unchecked() }).map_err(Raised::clear);
        }
    }
    fn __buffer__(this: Gc<PickleBuffer>, flags: Value) -> R {
        memoryview::buffer_method(this.value(), flags)
    }
    fn __release_buffer__(this: Gc<PickleBuffer>, buffer: Value) -> R<()> {
        memoryview::release_buffer_method(this.value(), buffer)
    }
}
