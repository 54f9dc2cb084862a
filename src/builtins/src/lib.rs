//! The Python-visible skin of the built-in types, one file per type, and the module `builtins`.
//!
//! Must not know: opcodes, other modules. Algorithms on checked receivers are in crate objects.

pub mod build_class;
pub mod evaluation;
pub mod functions;
pub mod import_;
pub mod input;
pub mod sum;
pub mod anext;
pub mod mappingproxy;
pub mod dict;
pub mod dict_views;
pub mod list;
pub mod object;
pub mod reduce;
pub mod pickling;
pub mod range;
pub mod sequences;
pub mod set;
pub mod slice;
pub mod tuple;
pub mod type_;

use objects::class_new::{native_class, plain_native_class};
use objects::native::ClassDef;
use objects::{Gc, Layout, Module, R, Value, exc};

/// Every class that exists from the start, bases before the classes that derive from them.
pub static CLASSES: &[&ClassDef] = &[
    object::ObjectSkin::CLASS_DEF,
    type_::TypeSkin::CLASS_DEF,
    mappingproxy::MappingProxySkin::CLASS_DEF,
    list::ListSkin::CLASS_DEF,
    list::ListIterSkin::CLASS_DEF,
    list::ListReverseIterSkin::CLASS_DEF,
    tuple::TupleSkin::CLASS_DEF,
    tuple::TupleIterSkin::CLASS_DEF,
    dict::DictSkin::CLASS_DEF,
    dict_views::DictKeysSkin::CLASS_DEF,
    dict_views::DictValuesSkin::CLASS_DEF,
    dict_views::DictItemsSkin::CLASS_DEF,
    dict_views::DictKeyIterSkin::CLASS_DEF,
    dict_views::DictValueIterSkin::CLASS_DEF,
    dict_views::DictItemIterSkin::CLASS_DEF,
    dict_views::DictReverseKeyIterSkin::CLASS_DEF,
    dict_views::DictReverseValueIterSkin::CLASS_DEF,
    dict_views::DictReverseItemIterSkin::CLASS_DEF,
    set::SetSkin::CLASS_DEF,
    set::FrozenSetSkin::CLASS_DEF,
    set::SetIterSkin::CLASS_DEF,
    range::RangeSkin::CLASS_DEF,
    range::RangeIterSkin::CLASS_DEF,
    range::LongRangeIterSkin::CLASS_DEF,
    slice::SliceSkin::CLASS_DEF,
];

/// Completes the classes of the core layouts. Call once, right after `objects::boot::prepare_core`.
pub fn install_classes() -> R<()> {
    for def in CLASSES.iter().filter(|def| !def.layout.extends(exc::BaseException::DESC)) {
        native_class(def)?;
    }
    install_exceptions()
}

/// Makes the exception classes: those with a definition in `CLASSES` exist already, the others have nothing of their own.
fn install_exceptions() -> R<()> {
    for row in exc::EXCEPTIONS {
        let class = match CLASSES.iter().find(|def| def.name == row.name && def.module == "builtins") {
            Some(def) => native_class(def)?,
            None => {
                let base = row.base.expect("BaseException has a definition").get();
                plain_native_class(row.name, "builtins", row.doc, &[base], row.layout, 0)?
            }
        };
        row.cell.set(class);
    }
    let bases = [exc::BASE_EXCEPTION_GROUP.get(), exc::EXCEPTION.get()];
    let doc = exc::BASE_EXCEPTION_GROUP_DOC;
    exc::EXCEPTION_GROUP.set(plain_native_class("ExceptionGroup", "builtins", doc, &bases, bases[0].layout, 0)?);
    Ok(())
}

static SYS: heap::Slot = heap::Slot::empty();

/// Publishes the module `sys` (for `print` and `input`, which use its streams).
pub fn set_sys_module(sys: Value) {
    objects::roots::keep_forever(sys);
    SYS.set(sys);
}

/// An attribute of the module `sys` as it is now.
pub(crate) fn sys_attr(name: &str) -> R<Option<Value>> {
    match SYS.get() {
        Some(sys) => objects::get_attr_opt(sys, objects::intern(name)),
        None => Ok(None),
    }
}

/// Makes the module `builtins`: functions, types, exceptions, constants.
pub fn make_module() -> R<Gc<Module>> {
    let module = objects::module::new_native_module(functions::Builtins::MODULE)?;
    let hidden = |def: &ClassDef| !def.module.is_empty() && def.module != "builtins" || !PUBLIC_TYPES.contains(&def.name);
    for def in CLASSES.iter().filter(|def| !def.layout.extends(exc::BaseException::DESC) && !hidden(def)) {
        module.set(def.name, def.class().value())?;
    }
    for row in exc::EXCEPTIONS {
        module.set(row.name, row.cell.get().value())?;
    }
    module.set("ExceptionGroup", exc::EXCEPTION_GROUP.get().value())?;
    for alias in ["EnvironmentError", "IOError"] {
        module.set(alias, exc::OS_ERROR.get().value())?;
    }
    for (name, value) in [
        ("None", Value::none()),
        ("True", Value::true_()),
        ("False", Value::false_()),
        ("Ellipsis", Value::ellipsis()),
        ("NotImplemented", Value::not_implemented()),
    ] {
        module.set(name, value)?;
    }
    objects::door::set_builtins_module(module.value());
    Ok(module)
}

/// Types that the module `builtins` shows by name.
const PUBLIC_TYPES: &[&str] = &[
    "bool", "bytearray", "bytes", "classmethod", "complex", "dict", "enumerate", "filter", "float", "frozenset", "int", "list", "map",
    "memoryview", "object", "property", "range", "reversed", "set", "slice", "staticmethod", "str", "super", "tuple", "type", "zip",
];
