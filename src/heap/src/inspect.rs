//! Looking at the heap from outside: every object, the references of one.
//! Must not know: Python types; callers filter by shape.

use crate::block;
use crate::buffers::{self, ValuesBuffer};
use crate::header::Header;
use crate::shapes::{SHAPE_DEAD, SHAPE_INVALID, shape_cell};
use crate::slot::Slot;
use crate::trace::Tracer;
use crate::value::Value;
use crate::{collect, space, world};

/// Calls `visit` with every object, dead ones that were not collected yet included, while the world is stopped:
/// `visit` must not allocate objects, block, or take locks that a stopped thread may hold.
pub fn for_each_object(visit: &mut dyn FnMut(*mut Header)) {
    let _stopped = world::stop();
    for_each_object_stopped(visit)
}

/// As `for_each_object`, the world being stopped already.
pub fn for_each_object_stopped(visit: &mut dyn FnMut(*mut Header)) {
    space::lock().for_each_cell(&mut |address| {
        let object = address as *mut Header;
        // SAFETY: allocated cells are readable; those without a shape are not objects yet.
        let shape = unsafe { (*object).shape() };
        if shape != SHAPE_INVALID && shape != SHAPE_DEAD {
            visit(object)
        }
    })
}

/// Calls `visit` with every reference that the object's trace function reports, and with no other.
pub fn trace_object(object: *mut Header, visit: &mut dyn FnMut(Value)) {
    // SAFETY: the caller holds a live object.
    unsafe {
        if let Some(trace) = (*shape_cell((*object).shape())).trace {
            trace(object, &mut Tracer::visiting(visit))
        }
    }
}

/// The live objects that `filter` (rules as for `for_each_object`) accepts, in a values buffer, so that they stay alive. Collects first:
/// what nothing refers to is not found, or who looks again and again would bring back all the garbage that threads make meanwhile.
/// `None`: out of memory.
pub fn find_objects(filter: &mut dyn FnMut(*mut Header) -> bool) -> Option<*mut ValuesBuffer> {
    let mut count = 0;
    for_each_object(&mut |object| count += filter(object) as usize);
    loop {
        // The buffer itself and what other threads make meanwhile need some room.
        let buffer = buffers::try_values_buffer(count + count / 8 + 16)?;
        // SAFETY: fresh, and on this stack.
        let target = unsafe { &*buffer };
        let mut found = 0;
        collect::collect_and_look(&mut || {
            for_each_object_stopped(&mut |object| {
                if object != buffer as *mut Header && filter(object) {
                    if found < target.capacity() {
                        // SAFETY: objects found by the walk are initialised.
                        target.slot(found).set(unsafe { Value::from_ptr(object) });
                    }
                    found += 1;
                }
            })
        });
        if found <= target.capacity() {
            target.set_len(found);
            return Some(buffer);
        }
        count = found;
    }
}

/// Whether `address` points at the start of an object of this heap. For assertions and for words from foreign code;
/// the answer is only firm while the world is stopped.
pub fn is_object(address: usize) -> bool {
    block::object_containing(address) == Some(address)
}

/// The slots of `buffer` as a value for a field; here so that callers need no pointer casts.
pub fn store_buffer(slot: &Slot, buffer: *mut ValuesBuffer) {
    // SAFETY: buffers are objects.
    slot.set(unsafe { Value::from_ptr(buffer as *mut Header) })
}
