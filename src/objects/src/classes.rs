//! The built-in classes by their Python names, for `base = ...` of native classes and for callers that need a class object.

use crate::class::Class;
use crate::layout::{Gc, Layout};

macro_rules! classes {
    ($($name:ident $layout:ty;)*) => { $(
        #[inline]
        pub fn $name() -> Gc<Class> {
            <$layout as Layout>::class()
        }
    )* };
}

classes! {
    object crate::class_new::Object;
    r#type Class;
    int crate::int::IntObject;
    bool crate::int::BoolObject;
    float crate::float::FloatObject;
    complex crate::float::Complex;
    str crate::str::Str;
    bytes crate::bytes::Bytes;
    tuple crate::tuple::Tuple;
    list crate::list::List;
    dict crate::dict::Dict;
    set crate::set::Set;
    frozenset crate::set::FrozenSet;
    slice crate::slice::Slice;
    module crate::module::Module;
    property crate::descr::Property;
    staticmethod crate::descr::StaticMethod;
    classmethod crate::descr::ClassMethod;
}
