//! Layers: what stands between the runtime and an extension when it calls the extension. The universal layer is nothing at all;
//! debug and trace mode put their own contexts there, and debug mode wraps handles.
//!
//! Must not know: what a layer checks or counts.

use crate::abi::Handle;
use crate::lock::ModuleLock;
use crate::table::Context;
use std::cell::Cell;

/// How the functions of a module are entered. One static per mode.
pub struct Layer {
    pub name: &'static str,
    /// Handles go through as they are, `open`, `close` and `take` are not called.
    pub plain: bool,
    /// The context for a call on this thread.
    pub enter: fn() -> *mut Context,
    /// The call has returned.
    pub leave: fn(*mut Context),
    /// Wraps a borrowed universal handle as an argument (NULL stays NULL).
    pub open: fn(*mut Context, Handle) -> Handle,
    /// After the call: ends an argument that `open` made.
    pub close: fn(*mut Context, Handle),
    /// Turns a handle that the extension gives away into an owned universal one.
    pub take: fn(*mut Context, Handle) -> Handle,
    /// Held while a thread is in the module (no plain layer has one).
    pub lock: Option<&'static ModuleLock>,
}

/// The same layer for one module that wants a lock.
pub fn locked(layer: &'static Layer) -> &'static Layer {
    Box::leak(Box::new(Layer { plain: false, lock: Some(ModuleLock::new()), ..*layer }))
}

pub static UNIVERSAL: Layer = Layer {
    name: "universal",
    plain: true,
    enter: crate::context::universal,
    leave: |_| (),
    open: |_, handle| handle,
    close: |_, _| (),
    take: |_, handle| handle,
    lock: None,
};

thread_local! {
    static REGISTERING: Cell<&'static Layer> = const { Cell::new(&UNIVERSAL) };
}

/// Runs `work`, a call of a universal context function that stores C functions for later (`ctx_Type_FromSpec`,
/// `ctx_SetCallFunction`): these will be entered through `layer`.
pub fn registering<T>(layer: &'static Layer, work: impl FnOnce() -> T) -> T {
    struct Restore(&'static Layer);
    impl Drop for Restore {
        fn drop(&mut self) {
            REGISTERING.with(|cell| cell.set(self.0))
        }
    }
    let _restore = Restore(REGISTERING.with(|cell| cell.replace(layer)));
    work()
}

/// The layer for functions that are being registered; what runs inside is universal again.
pub fn take_registering() -> &'static Layer {
    REGISTERING.with(|cell| cell.replace(&UNIVERSAL))
}

/// The layer of a mode.
pub fn of_mode(mode: crate::loader::Mode) -> objects::R<&'static Layer> {
    use crate::loader::Mode;
    match mode {
        Mode::Universal => Ok(&UNIVERSAL),
        Mode::Debug => Ok(&crate::debug::DEBUG),
        Mode::Trace => Ok(&crate::trace::TRACE),
    }
}
