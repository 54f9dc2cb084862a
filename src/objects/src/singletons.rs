//! Layouts of the heap's immortal singletons, so that they have classes like everything else.

use crate::class::Class;
use crate::layout::{ClassCell, Gc, Layout, LayoutDesc};
use crate::shape::Shape;
use heap::{Header, Tracer};

unsafe fn trace_nothing(_: *mut Header, _: &mut Tracer) {}

macro_rules! singleton {
    ($($type:ident $static:ident $name:literal)*) => { $(
        #[repr(C)]
        pub struct $type {
            pub header: Header,
            reserved: u64,
        }
        static $static: LayoutDesc = LayoutDesc {
            name: $name,
            size: std::mem::size_of::<$type>(),
            parent: None,
            trace: trace_nothing,
            drop: None,
            drops_late: false,
            guarded: false,
            tail_end: None,
            class: ClassCell::new(),
        };
        // SAFETY: repr(C), header first, no references.
        unsafe impl Layout for $type {
            const DESC: &'static LayoutDesc = &$static;
        }
    )* };
}
singleton! {
    NoneObject NONE_LAYOUT "NoneType"
    EllipsisObject ELLIPSIS_LAYOUT "ellipsis"
    NotImplementedObject NOT_IMPLEMENTED_LAYOUT "NotImplementedType"
    MarkerObject MARKER_LAYOUT "internal marker"
}

/// Gives the singletons' reserved shapes their classes.
pub(crate) fn set_classes() {
    let rows: [(heap::ShapeId, Gc<Class>); 6] = [
        (heap::shapes::SHAPE_NONE, NoneObject::class()),
        (heap::shapes::SHAPE_BOOL, crate::int::BoolObject::class()),
        (heap::shapes::SHAPE_ELLIPSIS, EllipsisObject::class()),
        (heap::shapes::SHAPE_NOT_IMPLEMENTED, NotImplementedObject::class()),
        (heap::shapes::SHAPE_UNBOUND, MarkerObject::class()),
        (heap::shapes::SHAPE_NULL, MarkerObject::class()),
    ];
    for (shape, class) in rows {
        Shape::by_id(shape).adopt(class);
    }
}
