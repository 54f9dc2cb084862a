//! Layers: what stands between the runtime and an extension when it calls the extension. The universal layer is nothing at all;
//! debug and trace mode put their own contexts there, and debug mode wraps handles.
//!
//! Must not know: what a layer checks or counts.

use crate::abi::Handle;
use crate::lock::ModuleLock;
use crate::table::Context;
use std::cell::Cell;
use std::sync::Mutex;

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

/// The layers with a lock that were made, with the handles of their libraries.
static LOCKED: Mutex<Vec<(usize, &'static Layer)>> = Mutex::new(Vec::new());

/// The same layer for the modules of a library that want a lock: one lock for each library, however often and in which modes it is loaded,
/// since its variables are the same.
pub fn locked(layer: &'static Layer, library: usize) -> &'static Layer {
    let mut known = LOCKED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let own = || known.iter().filter(|(other, _)| *other == library).map(|(_, layer)| *layer);
    if let Some(found) = own().find(|found| found.name == layer.name) {
        return found;
    }
    let lock = own().find_map(|found| found.lock).unwrap_or_else(ModuleLock::new);
    let fresh = Box::leak(Box::new(Layer { plain: false, lock: Some(lock), ..*layer }));
    known.push((library, fresh));
    fresh
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_has_one_lock() {
        static OTHER_MODE: Layer = Layer { name: "other", ..UNIVERSAL };
        let (first, again, other_mode, other) =
            (locked(&UNIVERSAL, 1), locked(&UNIVERSAL, 1), locked(&OTHER_MODE, 1), locked(&UNIVERSAL, 2));
        let lock_of = |layer: &Layer| std::ptr::from_ref(layer.lock.expect("a locked layer"));
        assert!(std::ptr::eq(first, again) && !first.plain);
        assert!(lock_of(first) == lock_of(other_mode) && other_mode.name == "other");
        assert!(lock_of(first) != lock_of(other));
    }
}
