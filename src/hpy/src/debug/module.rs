//! `hpy.universal._debug`: what `hpy.debug` is made of.
//!
//! Must not know: contexts.

use super::report::Hook;
use super::{protect, registry};
use native_macros::{Layout, native_class, native_module};
use objects::{Gc, Header, R, Value, is_callable, new_list, new_object, repr, type_error, value_error};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A debug handle, as Python sees it. Several of these may stand for one handle; they are equal.
#[derive(Layout)]
#[repr(C)]
pub struct DebugHandle {
    pub header: Header,
    index: u32,
}

/// A handle that an extension holds, or held.
#[native_class(name = "hpy.debug._debug.DebugHandle", base = object, flags = "final no_new")]
impl DebugHandle {
    /// The object which the handle points to
    #[getter]
    fn obj(this: Gc<DebugHandle>) -> Option<Value> {
        registry::value_at(this.index)
    }
    /// A numeric identifier representing the underlying universal handle
    #[getter]
    fn id(this: Gc<DebugHandle>) -> u64 {
        registry::identity(this.index)
    }
    /// Whether the handle was closed
    #[getter]
    fn is_closed(this: Gc<DebugHandle>) -> bool {
        !registry::is_open_at(this.index)
    }
    /// Bytes of text that the handle keeps, -1 without any; for tests
    #[getter]
    fn raw_data_size(this: Gc<DebugHandle>) -> i64 {
        registry::raw_size_at(this.index).map_or(-1, |size| size as i64)
    }
    /// Close the underlying handle; for tests
    fn _force_close(this: Gc<DebugHandle>) {
        registry::close_at(this.index)
    }

    fn __eq__(this: Gc<DebugHandle>, other: Gc<DebugHandle>) -> bool {
        this.index == other.index
    }
    fn __ne__(this: Gc<DebugHandle>, other: Gc<DebugHandle>) -> bool {
        this.index != other.index
    }
    fn __hash__(this: Gc<DebugHandle>) -> i64 {
        i64::from(this.index)
    }
    fn __repr__(this: Gc<DebugHandle>) -> R<String> {
        let id = registry::identity(this.index);
        let head = match registry::value_at(this.index) {
            Some(value) if registry::is_open_at(this.index) => {
                format!("<DebugHandle {id:#x} for {}>", repr(value)?.to_string_lossy())
            }
            _ => format!("<DebugHandle {id:#x} CLOSED>"),
        };
        Ok(match registry::trace_at(this.index) {
            Some(trace) => format!("{head}\nAllocation stacktrace:\n{trace}"),
            None => {
                format!("{head}\nTo get the stack trace of where it was allocated use:\nhpy.debug.set_handle_stack_trace_limit")
            }
        })
    }
}

fn listed(cells: Vec<u32>) -> R {
    let class = objects::class_new::native_class(DebugHandle::CLASS_DEF)?;
    let mut handles = objects::GcVec::new();
    for index in cells {
        handles.push(new_object(class, DebugHandle { header: Header::blank(), index }).value());
    }
    Ok(new_list(&handles).value())
}

fn set_hook(hook: Hook, function: Value) -> R<()> {
    if function.is_none() {
        hook.set(None);
        return Ok(());
    }
    if !is_callable(function) {
        return Err(type_error!("Expected a callable object"));
    }
    hook.set(Some(function));
    Ok(())
}

fn set_size(place: &AtomicUsize, size: i64) -> R<()> {
    let size = usize::try_from(size).map_err(|_| value_error!("a size cannot be negative"))?;
    place.store(size, Ordering::Relaxed);
    Ok(())
}

pub struct Debug;

/// HPy debug mode
#[native_module(name = "hpy.universal._debug", classes = [DebugHandle])]
impl Debug {
    /// Begin a new generation of handles and return its number.
    fn new_generation() -> i64 {
        registry::GENERATION.fetch_add(1, Ordering::Relaxed) + 1
    }
    /// Return a list containing all the open handles whose generation is >= of the given arg
    fn get_open_handles(generation: i64) -> R {
        listed(registry::open_cells(generation))
    }
    /// Return a list of all the closed handle in the cache
    fn get_closed_handles(generation: Option<i64>) -> R {
        listed(registry::closed_cells(generation.unwrap_or(0)))
    }
    /// Return the maximum size of the closed handles queue
    fn get_closed_handles_queue_max_size() -> usize {
        registry::CLOSED_MAX.load(Ordering::Relaxed)
    }
    /// Set the maximum size of the closed handles queue
    fn set_closed_handles_queue_max_size(size: i64) -> R<()> {
        set_size(&registry::CLOSED_MAX, size)
    }
    /// Return the maximum size of the retained raw memory associated with closed handles
    fn get_protected_raw_data_max_size() -> usize {
        protect::KEPT_MAX.load(Ordering::Relaxed)
    }
    /// Set the maximum size of the retained raw memory associated with closed handles
    fn set_protected_raw_data_max_size(size: i64) -> R<()> {
        set_size(&protect::KEPT_MAX, size)
    }
    /// Set the function to call when we detect the usage of an invalid handle
    fn set_on_invalid_handle(function: Value) -> R<()> {
        set_hook(Hook::Handle, function)
    }
    /// Set the function to call when we detect the usage of an invalid builder handle
    fn set_on_invalid_builder_handle(function: Value) -> R<()> {
        set_hook(Hook::Builder, function)
    }
    /// Set the limit to captured HPy handles allocations stack traces. None means do not capture the stack traces.
    #[sig("(limit, /)")]
    fn set_handle_stack_trace_limit(limit: Option<i64>) -> R<()> {
        set_size(&registry::TRACE_LIMIT, limit.unwrap_or(0))
    }
}
