//! The first objects: the class of classes and blank classes for every layout that this crate allocates, so that natives of the
//! floors above can complete them in any order.

use crate::class::Class;
use crate::class_new::{Object, alloc_class, prepare};
use crate::layout::{Layout, LayoutDesc};
use crate::shape::Shape;
use std::sync::atomic::Ordering;

/// Layouts whose instances may be made before (or without) a native definition of their class being entered.
pub static CORE_LAYOUTS: &[&LayoutDesc] = &[
    Object::DESC,
    crate::str::Str::DESC,
    crate::bytes::Bytes::DESC,
    crate::int::IntObject::DESC,
    crate::int::BoolObject::DESC,
    crate::float::FloatObject::DESC,
    crate::float::Complex::DESC,
    crate::tuple::Tuple::DESC,
    crate::list::List::DESC,
    crate::dict::Dict::DESC,
    crate::set::Set::DESC,
    crate::set::FrozenSet::DESC,
    crate::slice::Slice::DESC,
    crate::singletons::NoneObject::DESC,
    crate::singletons::EllipsisObject::DESC,
    crate::singletons::NotImplementedObject::DESC,
    crate::singletons::MarkerObject::DESC,
    crate::module::Module::DESC,
    crate::weakref::WeakRef::DESC,
    crate::weakref::WeakProxy::DESC,
    crate::weakref::CallableWeakProxy::DESC,
    crate::seqiter::SequenceIterator::DESC,
    crate::seqiter::CallableIterator::DESC,
    crate::descr::NativeFunction::DESC,
    crate::descr::MethodDescriptor::DESC,
    crate::descr::ClassMethodDescriptor::DESC,
    crate::descr::SlotWrapper::DESC,
    crate::descr::MethodWrapper::DESC,
    crate::descr::GetSetDescriptor::DESC,
    crate::descr::MemberDescriptor::DESC,
    crate::descr::BoundMethod::DESC,
    crate::descr::Property::DESC,
    crate::descr::StaticMethod::DESC,
    crate::descr::ClassMethod::DESC,
    crate::code::Code::DESC,
    crate::function::Function::DESC,
    crate::function::CellObject::DESC,
    crate::frame::Frame::DESC,
    crate::traceback::Traceback::DESC,
    crate::generator::Generator::DESC,
    crate::generator::AsyncGenASend::DESC,
    crate::generator::AsyncGenAThrow::DESC,
    crate::generator::AsyncGenWrapped::DESC,
    crate::generator::CoroutineWrapper::DESC,
];

/// Makes `type` and the blank classes. Call once, on the main thread, after `thread::attach`.
pub fn prepare_core() {
    let type_shape = Shape::new_first();
    let type_class = alloc_class(type_shape, Class::DESC);
    crate::roots::keep_forever(type_class.value());
    Shape::by_id(type_shape).adopt(type_class);
    type_class.root_shape.store(type_shape, Ordering::Release);
    type_class.instance_size.store(std::mem::size_of::<Class>() as u32, Ordering::Relaxed);
    type_class.inline_start.store(std::mem::size_of::<Class>() as u32, Ordering::Relaxed);
    Class::DESC.class.set(type_class);
    for layout in CORE_LAYOUTS {
        prepare(layout, type_shape);
    }
    crate::singletons::set_classes();
}
