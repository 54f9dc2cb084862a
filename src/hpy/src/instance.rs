//! Instances of extension types: where the C struct lies in the object, how the collector traces it, what happens when it dies.
//!
//! The struct follows the fields of the built-in type that the type extends, aligned to 16: at a constant offset for types of fixed
//! size, behind the tail (and one word for attribute storage) for ints, strings and tuples. A type that extends another extension
//! type repeats its base's struct at the beginning of its own, as C does.
//!
//! Must not know: how a type specification is read.

use crate::abi::{self, Field};
use heap::{Header, Tracer, Value};
use objects::layout::{ClassCell, Layout, LayoutDesc, alloc_instance};
use objects::shape::Shape;
use objects::{Class, Gc, List, R, Str, Tuple, type_error};
use std::ffi::{c_int, c_void};

pub const ALIGN: usize = 16;
/// Behind a tail: the word that attribute storage may take.
const STORAGE: usize = 8;

pub type Traverse =
    unsafe extern "C" fn(*mut c_void, unsafe extern "C" fn(*mut Field, *mut c_void) -> c_int, *mut c_void) -> c_int;
pub type Destroy = unsafe extern "C" fn(*mut c_void);

/// The layout of an extension type's instances. Leaked: classes may die before their last instance is dropped.
#[repr(C)]
pub struct ExtLayout {
    /// First, so that a pointer to it is one to the whole.
    pub desc: LayoutDesc,
    /// The layout of the nearest built-in type.
    pub native: &'static LayoutDesc,
    /// The base, if that is an extension type, too.
    pub parent: Option<&'static ExtLayout>,
    /// Bytes of the struct, hidden parts included.
    pub size: usize,
    /// Of the struct in the object; meaningless behind a tail.
    pub offset: usize,
    pub shape: c_int,
    pub traverse: Option<Traverse>,
    pub destroy: Option<Destroy>,
    /// Where in the struct the object's own call function may be.
    pub call: Option<usize>,
}

// SAFETY: constant after it was made.
unsafe impl Sync for ExtLayout {}

static MARK: &str = "extension type";

/// The layout as an extension's, if it is one.
#[inline]
pub fn ext_of(desc: &'static LayoutDesc) -> Option<&'static ExtLayout> {
    if std::ptr::eq(desc.name.as_ptr(), MARK.as_ptr()) {
        // SAFETY: only descriptions inside an `ExtLayout` have this very name.
        return Some(unsafe { &*(desc as *const LayoutDesc as *const ExtLayout) });
    }
    None
}

/// What the extension's specification says about a layout.
pub struct Request {
    pub base: &'static LayoutDesc,
    /// Bytes of the C struct; 0 inherits that of the base.
    pub struct_size: usize,
    pub shape: c_int,
    pub traverse: Option<Traverse>,
    pub destroy: Option<Destroy>,
    /// The type has a call function of its own.
    pub has_call: bool,
    /// The place that the type names for it.
    pub call_offset: Option<usize>,
}

/// Makes the layout of a type.
pub fn new_layout(request: Request) -> &'static ExtLayout {
    let parent = ext_of(request.base);
    let native = parent.map_or(request.base, |parent| parent.native);
    let inherited = parent.map_or(0, |parent| parent.size);
    let mut size = inherited.max(request.struct_size);
    let mut call = parent.and_then(|parent| parent.call);
    if request.call_offset.is_some() {
        call = request.call_offset;
    } else if request.has_call || call.is_some() && request.struct_size > inherited {
        let offset = size.next_multiple_of(ALIGN);
        size = offset + std::mem::size_of::<abi::CallFunction>();
        call = Some(offset);
    }
    let has_tail = native.tail_end.is_some();
    let offset = native.size.next_multiple_of(ALIGN);
    let end = if has_tail || size == 0 { request.base.size } else { offset + size.next_multiple_of(8) };
    let drops = request.destroy.is_some() || request.base.drop.is_some();
    Box::leak(Box::new(ExtLayout {
        desc: LayoutDesc {
            name: MARK,
            size: end,
            parent: Some(request.base),
            trace,
            drop: if drops { Some(drop_instance) } else { None },
            drops_late: false,
            guarded: false,
            tail_end: native.tail_end,
            class: ClassCell::new(),
        },
        native,
        parent,
        size,
        offset,
        shape: request.shape,
        traverse: request.traverse,
        destroy: request.destroy,
        call,
    }))
}

impl ExtLayout {
    /// Bytes to reserve behind the tail of an instance.
    pub fn tail_payload(&self) -> usize {
        if self.native.tail_end.is_some() && self.size != 0 { self.size + STORAGE + 2 * ALIGN } else { 0 }
    }
    /// The struct of an instance.
    ///
    /// # Safety
    /// The object has this layout or one that extends it.
    #[inline]
    pub unsafe fn data(&self, object: *mut Header) -> *mut u8 {
        let offset = match self.native.tail_end {
            None => self.offset,
            Some(tail_end) => (tail_end(object) + STORAGE).next_multiple_of(ALIGN),
        };
        (object as *mut u8).add(offset)
    }
    fn chain(&'static self) -> impl Iterator<Item = &'static ExtLayout> {
        std::iter::successors(Some(self), |layout| layout.parent)
    }
}

/// The struct of an object whose built-in part is `native`.
///
/// # Safety
/// The object is an instance of an extension type of that kind.
#[inline(always)]
pub unsafe fn data_behind<T: Layout>(object: Value) -> *mut c_void {
    // Types with the struct of a plain object are the hot ones: there only what is no object at all is found.
    if !object.is_ptr() || !std::ptr::eq(T::DESC, objects::class_new::Object::DESC) && ext_of_value(object).is_none() {
        no_struct()
    }
    let header = object.as_ptr();
    let offset = match T::DESC.tail_end {
        None => std::mem::size_of::<T>().next_multiple_of(ALIGN),
        Some(tail_end) => (tail_end(header) + STORAGE).next_multiple_of(ALIGN),
    };
    (header as *mut u8).add(offset) as *mut c_void
}

#[cold]
#[inline(never)]
fn no_struct() -> ! {
    crate::fatal::fatal("HPy AsStruct of an object that no extension type made")
}

/// The struct of any object that has one.
pub fn data_of(object: Value) -> Option<*mut u8> {
    if !object.is_ptr() {
        return None;
    }
    let layout = ext_of(objects::class_of(object).layout)?;
    // SAFETY: the object's class has this layout.
    Some(unsafe { layout.data(object.as_ptr()) })
}

/// What lies in a field is not believed to be an object: a type may show fields that nothing was stored in yet.
unsafe extern "C" fn visit(field: *mut Field, tracer: *mut c_void) -> c_int {
    let (word, tracer) = ((*field).0, &mut *(tracer as *mut Tracer));
    if tracer.is_marking() {
        tracer.conservative(word as usize);
    } else if heap::inspect::is_object(word as usize) {
        tracer.word(word);
    }
    0
}

unsafe fn trace(object: *mut Header, tracer: &mut Tracer) {
    let Some(layout) = Shape::of(object).layout().and_then(ext_of) else { return };
    (layout.native.trace)(object, tracer);
    if layout.size == 0 {
        return;
    }
    let data = layout.data(object);
    let mut described = true;
    for part in layout.chain() {
        match part.traverse {
            Some(traverse) => {
                traverse(data as *mut c_void, visit, tracer as *mut Tracer as *mut c_void);
            }
            None => described &= part.size == 0 || part.parent.is_some_and(|parent| parent.size == part.size),
        }
    }
    // Fields that a type forgets to report are kept as well: in a collection any word of the struct may be one.
    if tracer.is_marking() || !described {
        let fields = data as *const u64;
        for index in 0..layout.size / 8 {
            let word = fields.add(index).read_volatile();
            if tracer.is_marking() {
                tracer.conservative(word as usize);
            }
        }
    }
}

/// Whether the collector learns of a field of `owner` at this address by itself.
pub fn traces_field(owner: Value, field: usize) -> bool {
    if !owner.is_ptr() {
        return false;
    }
    let Some(layout) = ext_of(objects::class_of(owner).layout) else { return false };
    // SAFETY: the object's class has this layout.
    let start = unsafe { layout.data(owner.as_ptr()) } as usize;
    (start..start + layout.size).contains(&field) || layout.chain().any(|part| part.traverse.is_some())
}

/// `tp_destroy` of each type of the chain, from derived to base, then what the built-in type frees.
unsafe fn drop_instance(object: *mut Header) {
    let Some(layout) = Shape::by_id(heap::dropping_shape()).layout().and_then(ext_of) else { return };
    let data = layout.data(object);
    for part in layout.chain() {
        if let Some(destroy) = part.destroy {
            destroy(data as *mut c_void);
        }
    }
    if let Some(drop) = layout.native.drop {
        drop(object)
    }
}

/// A fresh instance of a class with its struct zeroed, made without running `__new__`.
#[inline]
pub fn new_instance(class: Gc<Class>) -> R {
    let native = match ext_of(class.layout) {
        Some(layout) => layout.native,
        None => class.layout,
    };
    if std::ptr::eq(native, objects::class_new::Object::DESC) || std::ptr::eq(native, List::DESC) {
        // SAFETY: zeroed memory is a valid object of these layouts.
        return Ok(unsafe { Value::from_ptr(alloc_instance(class)) });
    }
    new_special(class, native)
}

#[cold]
fn new_special(class: Gc<Class>, native: &'static LayoutDesc) -> R {
    let is = |desc: &'static LayoutDesc| std::ptr::eq(native, desc);
    if is(objects::int::IntObject::DESC) {
        return Ok(objects::int::new_int_instance(class, objects::int::IntView::Small(0)));
    }
    if is(Str::DESC) {
        return Ok(Str::new_instance(class, Str::empty())?.value());
    }
    if is(Tuple::DESC) {
        return Ok(objects::tuple::tuple_alloc(class, &[]).value());
    }
    if is(objects::Dict::DESC) {
        return Ok(objects::dict::dict_alloc(class).value());
    }
    if is(Class::DESC) || native.tail_end.is_some() {
        return Err(type_error!("HPy_New cannot make instances of '{}'", class.name_text()));
    }
    // SAFETY: zeroed memory is a valid blank object of every layout of fixed size.
    Ok(unsafe { Value::from_ptr(alloc_instance(class)) })
}

/// The class of a value if it is a type of an extension itself (not a Python class that derives from one).
pub fn ext_of_type(class: Gc<Class>) -> Option<&'static ExtLayout> {
    ext_of(class.layout).filter(|layout| layout.desc.class.is_set() && layout.desc.class.get() == class)
}

/// The layout of an object that an extension type made.
pub fn ext_of_value(object: Value) -> Option<&'static ExtLayout> {
    ext_of(objects::class_of(object).layout)
}
