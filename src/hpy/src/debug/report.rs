//! What happens when misuse is found: a hook of the user is called and the program goes on, or the process ends with a description.
//!
//! Must not know: how misuse is found.

use super::registry;
use super::stacktrace::Trace;
use crate::abi::Handle;
use crate::fatal::fatal;
use heap::Slot;
use objects::{Value, thread, unraisable};
use std::sync::Once;

static ON_INVALID_HANDLE: Slot = Slot::empty();
static ON_INVALID_BUILDER: Slot = Slot::empty();
const FRAMES: usize = 32;

/// The functions that users may set.
#[derive(Clone, Copy)]
pub enum Hook {
    Handle,
    Builder,
}

impl Hook {
    fn slot(self) -> &'static Slot {
        match self {
            Hook::Handle => &ON_INVALID_HANDLE,
            Hook::Builder => &ON_INVALID_BUILDER,
        }
    }

    pub fn set(self, function: Option<Value>) {
        static ROOTED: Once = Once::new();
        ROOTED.call_once(|| {
            heap::register_global_root(&ON_INVALID_HANDLE);
            heap::register_global_root(&ON_INVALID_BUILDER);
        });
        self.slot().set_opt(function);
    }

    /// Calls the hook; false if there is none.
    fn call(self) -> bool {
        let Some(function) = self.slot().get() else { return false };
        // The extension may have an error under way, which is not the hook's.
        let pending = thread::current().raised.take();
        if let Err(raised) = objects::call(function, &[]) {
            unraisable::report_raised(raised, Some("Exception ignored in an HPy debug hook"), Some(function));
        }
        thread::current().raised.set_opt(pending);
        true
    }
}

/// A stack trace on stderr, for reports that end the process.
fn print_trace() {
    eprint!("{}", Trace::capture(FRAMES).text());
}

/// A closed handle was used, closed again, or given back; or a handle of the context was closed.
pub fn invalid_handle(handle: Handle) {
    if Hook::Handle.call() {
        return;
    }
    if let Some(trace) = registry::trace_of(handle) {
        eprintln!("The handle was opened here:\n{trace}");
    }
    print_trace();
    fatal("Invalid usage of already closed handle")
}

/// No handle at all, or one that did not come from this context.
#[cold]
pub fn foreign_handle(handle: Handle) -> ! {
    print_trace();
    fatal(&format!("HPy debug mode: {:#x} is not a handle of this context", handle.0))
}

/// The hook went on, but there is nothing to go on with.
#[cold]
pub fn object_is_gone() -> ! {
    print_trace();
    fatal("Invalid usage of already closed handle: its object is gone")
}

pub fn invalid_builder() {
    if Hook::Builder.call() {
        return;
    }
    print_trace();
    fatal("Invalid usage of already closed builder")
}

/// Any other misuse.
#[cold]
pub fn misuse(text: &str) -> ! {
    print_trace();
    fatal(text)
}

#[cold]
pub fn wrong_context(why: &str) -> ! {
    eprintln!("Error: Wrong HPy Context!{why}");
    print_trace();
    std::process::abort()
}
