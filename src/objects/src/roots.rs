//! Values that live as long as the process.

use heap::Value;
use std::sync::Once;

static FOREVER: heap::Mutex<Vec<Value>> = heap::Mutex::new(Vec::new());
static REGISTER: Once = Once::new();

/// Keeps `value` (and what it refers to) alive for good.
pub fn keep_forever(value: Value) {
    REGISTER.call_once(|| {
        heap::register_root_callback(
            |tracer, _| {
                // SAFETY: the world is stopped while roots are traced.
                unsafe { (*FOREVER.data_ptr()).iter().for_each(|value| tracer.value(*value)) }
            },
            std::ptr::null_mut(),
        )
    });
    FOREVER.lock().push(value);
}
