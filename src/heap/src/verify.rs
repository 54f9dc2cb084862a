//! The check after a collection: every reference of every live object points at an allocated object with a valid shape.
//! Must not know: anything it could repair. It aborts with a description.

use crate::block;
use crate::header::Header;
use crate::inspect;
use crate::shapes::{self, FIRST_FREE_SHAPE, SHAPE_INVALID};
use crate::tenure;
use crate::value::Value;

/// Checks the heap. World stopped, right after a sweep.
pub(crate) fn verify_heap() {
    let mut objects = Vec::new();
    inspect::for_each_object_stopped(&mut |object| objects.push(object));
    for object in objects {
        check_shape(object, object);
        inspect::trace_object(object, &mut |value| check_reference(object, value));
    }
}

/// Checks, before the sweep of a young collection, that it reached everything that tenured objects refer to: that each store in one
/// of them was noted.
pub(crate) fn verify_tenured() {
    tenure::for_each_tenured(&mut |owner| {
        inspect::trace_object(owner, &mut |value| {
            let target = value.raw() as usize;
            if value.is_ptr() && block::in_heap(target) && !block::is_marked(target) {
                fail(owner, target as *mut Header, "was stored in a tenured object without a note");
            }
        });
    });
}

fn check_reference(owner: *mut Header, value: Value) {
    if !value.is_ptr() {
        return;
    }
    let target = value.as_ptr();
    if block::in_heap(target as usize) && block::object_containing(target as usize) != Some(target as usize) {
        fail(owner, target, "is not an allocated object");
    }
    check_shape(owner, target);
}

fn check_shape(owner: *mut Header, object: *mut Header) {
    // SAFETY: allocated, or a static object.
    let shape = unsafe { (*object).shape() };
    if shape == SHAPE_INVALID || shape >= shapes::shapes_end().max(FIRST_FREE_SHAPE) {
        fail(owner, object, "has an invalid shape");
    }
}

fn fail(owner: *mut Header, object: *mut Header, problem: &str) -> ! {
    // SAFETY: the owner was found by the heap walk.
    let shape = unsafe { (*owner).shape() };
    eprintln!("protopy: heap check failed: {object:p}, referred to by {owner:p} (shape {shape}), {problem}");
    std::process::abort()
}
