//! Built-in classes by their Python names, for the `base = ...` of native class definitions.

#![allow(non_snake_case)]

use crate::class::Class;
use crate::layout::{Gc, Layout};

macro_rules! by_name {
    ($($name:ident $layout:path;)*) => { $(
        pub fn $name() -> Gc<Class> {
            <$layout as Layout>::class()
        }
    )* };
}
by_name! {
    object crate::class_new::Object;
    int crate::int::IntObject;
    float crate::float::FloatObject;
    complex crate::float::Complex;
    str crate::str::Str;
    bytes crate::bytes::Bytes;
    tuple crate::tuple::Tuple;
    list crate::list::List;
    dict crate::dict::Dict;
    set crate::set::Set;
    frozenset crate::set::FrozenSet;
    module crate::module::Module;
    BaseException crate::exception::BaseException;
}

/// `type`, whose name is a keyword of Rust.
pub fn r#type() -> Gc<Class> {
    Class::class()
}
