//! Capsules: C pointers as objects.
//!
//! Must not know: what the pointers mean.

use native_macros::{Layout, native_class};
use objects::layout::new_native;
use objects::{Header, Value};
use std::ffi::{CStr, c_char, c_void};
use std::sync::atomic::{AtomicPtr, Ordering};

/// What a capsule holds. The name is not copied: it must outlive the capsule, as the C API has it.
pub struct Content {
    pub pointer: AtomicPtr<c_void>,
    pub name: AtomicPtr<c_char>,
    pub context: AtomicPtr<c_void>,
    /// `void (*)(const char *name, void *pointer, void *context)`, or null.
    pub destructor: AtomicPtr<c_void>,
}
objects::no_references!(Content);

type Destructor = unsafe extern "C" fn(*const c_char, *mut c_void, *mut c_void);

impl Drop for Content {
    fn drop(&mut self) {
        let destructor = *self.destructor.get_mut();
        if !destructor.is_null() {
            // SAFETY: the extension gave a function of this type; by contract it calls no Python and may run on any thread.
            unsafe {
                let destructor: Destructor = std::mem::transmute(destructor);
                destructor(*self.name.get_mut(), *self.pointer.get_mut(), *self.context.get_mut())
            }
        }
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct Capsule {
    pub header: Header,
    pub content: Content,
}

/// A pointer of C as a Python object.
///
/// Extensions hand each other memory and functions by it.
#[native_class(name = "PyCapsule", base = object, flags = "final no_new")]
impl Capsule {
    fn __repr__(this: objects::Gc<Capsule>) -> String {
        let name = this.content.name.load(Ordering::Acquire);
        let address = this.header.as_ptr();
        if name.is_null() {
            return format!("<capsule object NULL at {address:p}>");
        }
        // SAFETY: the name lives as long as the capsule.
        let name = unsafe { CStr::from_ptr(name) }.to_string_lossy();
        format!("<capsule object \"{name}\" at {address:p}>")
    }
}

impl Capsule {
    /// The class, made now if need be.
    pub fn class() -> objects::Gc<objects::Class> {
        objects::native::rt::class_of_def(Capsule::CLASS_DEF)
    }
    /// Whether the capsule's name is `name`: both null, or equal text.
    ///
    /// # Safety
    /// `name` is NULL or a C string.
    pub unsafe fn has_name(&self, name: *const c_char) -> bool {
        let own = self.content.name.load(Ordering::Acquire);
        if own.is_null() || name.is_null() {
            return own.is_null() && name.is_null();
        }
        CStr::from_ptr(own) == CStr::from_ptr(name)
    }
}

pub fn new_capsule(pointer: *mut c_void, name: *const c_char, destructor: *mut c_void) -> Value {
    let _ = Capsule::class();
    new_native(Capsule {
        header: Header::blank(),
        content: Content {
            pointer: AtomicPtr::new(pointer),
            name: AtomicPtr::new(name as *mut c_char),
            context: AtomicPtr::new(std::ptr::null_mut()),
            destructor: AtomicPtr::new(destructor),
        },
    })
    .value()
}
