//! Points of long computations at which a program may be interrupted. Who cares for that installs the function that looks; it ends a
//! computation by unwinding.

use std::sync::OnceLock;

static LOOK: OnceLock<fn()> = OnceLock::new();

pub fn install(look: fn()) {
    let _ = LOOK.set(look);
}

/// Called often enough by loops that may go on for more than a second; nothing may be locked or half done there.
#[inline]
pub fn point() {
    if let Some(look) = LOOK.get() {
        look()
    }
}
