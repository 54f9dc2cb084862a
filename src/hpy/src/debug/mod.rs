//! Debug mode: a context that checks what an extension does with handles, builders, trackers, text and the context itself.
//!
//! The debug context is made from the same table as the universal one, whose functions it calls. A handle that the extension sees is a
//! number in a registry; the value behind it goes to the universal functions as a borrowed handle. Everything is per thread, or under
//! locks that no safepoint is reached with.
//!
//! Must not know: how the universal functions work.

mod context;
pub mod module;
mod protect;
mod registry;
mod report;
mod slab;
// The functions have the names of the ABI.
#[allow(non_snake_case)]
mod special;
mod stacktrace;
mod wrappers;

use crate::abi::Handle;
use crate::layer::Layer;
use crate::table::Context;
use registry::Status;

pub static DEBUG: Layer =
    Layer { name: "debug", plain: false, enter: context::enter, leave: context::leave, open, close, take, lock: None };

fn open(_: *mut Context, handle: Handle) -> Handle {
    // SAFETY: the runtime passes open handles or NULL.
    match unsafe { handle.get() } {
        Some(value) => registry::open(value),
        None => Handle::NULL,
    }
}

/// The callee had the argument for the time of the call: closed now, and an error if it closed it itself.
fn close(_: *mut Context, handle: Handle) {
    if !handle.is_null() {
        unwrap(handle);
        registry::close(handle);
    }
}

fn take(_: *mut Context, handle: Handle) -> Handle {
    if handle.is_null() {
        return Handle::NULL;
    }
    // The value outlives the handle that kept it: it is in this frame until it has a new one.
    let value = value(handle);
    close_owned(handle);
    Handle::owned(value)
}

/// Ends a handle that was checked; constants are not anybody's to end.
fn close_owned(handle: Handle) {
    if matches!(registry::status(handle), Status::Immortal(_)) {
        report::invalid_handle(handle);
    } else {
        registry::close(handle);
    }
}

/// The value of a handle that the extension passed; misuse is reported.
#[inline(always)]
fn value(handle: Handle) -> objects::Value {
    match registry::value_of_open(handle) {
        Some(value) => value,
        None => questionable(handle),
    }
}

#[cold]
#[inline(never)]
fn questionable(handle: Handle) -> objects::Value {
    match registry::status(handle) {
        Status::Open(value) | Status::Immortal(value) => value,
        Status::Closed(value) => {
            report::invalid_handle(handle);
            value.unwrap_or_else(|| report::object_is_gone())
        }
        Status::Foreign => report::foreign_handle(handle),
    }
}

/// The universal handle behind a debug handle.
#[inline(always)]
fn unwrap(handle: Handle) -> Handle {
    if handle.is_null() { Handle::NULL } else { Handle::borrowed(value(handle)) }
}

/// The debug handle for an owned universal one, which is ended.
#[inline(always)]
unsafe fn wrap(handle: Handle) -> Handle {
    match handle.take() {
        Some(value) => registry::open(value),
        None => Handle::NULL,
    }
}
