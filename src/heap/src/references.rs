//! Counting the references to one object: all living objects and precise roots are asked, in the pause of a collection.
//! Must not know: which of the references a language would count.
//!
//! A collection comes first, so that what is dead refers to nothing. Words of native stacks and registers keep objects alive in it, as
//! always, but they count for nothing themselves: what they are is anybody's guess.

use crate::collect::{self, Reason, Stats};
use crate::shapes::shape_cell;
use crate::trace::Tracer;
use crate::value::Value;
use crate::{finalize, inspect, roots, weak, world};

/// What refers to an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct References {
    /// Fields of objects, roots, registers of threads.
    pub direct: usize,
    /// Living objects whose class it is: the shape that they share names the class, not they themselves.
    pub instances: usize,
}

/// Collects, then counts the references to `value`. All zero while somebody works on a stopped world.
///
/// # Safety
/// As for `collect::collect_above_fence`, if there is a fence.
pub unsafe fn count(value: Value, fence: Option<usize>) -> (References, Stats) {
    let mut references = References::default();
    let stats = collect::collect_above(Reason::Explicit, fence, &mut || references = count_stopped(value));
    (references, stats)
}

/// Nothing dead is left: every object that the walk meets lives.
fn count_stopped(value: Value) -> References {
    let mut tracer = Tracer::counting(value);
    roots::report(&mut tracer);
    finalize::trace_pending(&mut tracer);
    weak::trace_pending(&mut tracer);
    for mutator in world::lock().mutators() {
        if let Some((report, data)) = mutator.roots.get() {
            report(&mut tracer, data)
        }
    }
    let mut instances = 0;
    inspect::for_each_object_stopped(&mut |object| {
        // SAFETY: living objects have shapes, and trace functions that understand them.
        unsafe {
            let cell = &*shape_cell((*object).shape());
            instances += usize::from(cell.class.raw() == value.raw());
            if let Some(trace) = cell.trace {
                trace(object, &mut tracer)
            }
        }
    });
    References { direct: tracer.total(), instances }
}
