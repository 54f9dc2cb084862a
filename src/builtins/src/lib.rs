//! The Python-visible skin of the built-in types, one file per type, and the module `builtins`.
//!
//! Must not know: opcodes, other modules. Algorithms on checked receivers are in crate objects.

pub mod anext;
pub mod bool_;
pub mod build_class;
pub mod bytearray;
pub mod bytes;
pub mod bytes_common;
pub mod complex;
pub mod dict;
pub mod dict_views;
pub mod enumerate;
pub mod evaluation;
pub mod exceptions;
pub mod exceptions_group;
pub mod exceptions_import;
pub mod exceptions_os;
pub mod exceptions_syntax;
pub mod exceptions_unicode;
pub mod filter;
pub mod float;
pub mod functions;
pub mod generic_alias;
pub mod import_;
pub mod input;
pub mod int;
pub mod list;
pub mod map;
pub mod mappingproxy;
pub mod memory_items;
pub mod memoryview;
pub mod method;
pub mod module;
pub mod native_function;
pub mod number_text;
pub mod object;
pub mod pickling;
pub mod property;
pub mod range;
pub mod reduce;
pub mod reversed;
pub mod seqiter;
pub mod sequences;
pub mod set;
pub mod singletons;
pub mod sink;
pub mod slice;
pub mod slot_docs;
pub mod staticmethod;
pub mod str;
pub mod str_ascii;
pub mod str_format;
pub mod str_iter;
pub mod str_percent;
pub mod str_translate;
pub mod sum;
pub mod super_;
pub mod template;
pub mod tuple;
pub mod type_;
pub mod typing_natives;
pub mod union;
pub mod zip;

use objects::class_new::{native_class, plain_native_class};
use objects::native::ClassDef;
use objects::{Gc, Layout, Module, R, Value, exc};

/// Every class that exists from the start, bases before the classes that derive from them.
pub static CLASSES: &[&ClassDef] = &[
    object::ObjectSkin::CLASS_DEF,
    type_::TypeSkin::CLASS_DEF,
    mappingproxy::MappingProxySkin::CLASS_DEF,
    int::IntSkin::CLASS_DEF,
    bool_::BoolSkin::CLASS_DEF,
    float::FloatSkin::CLASS_DEF,
    complex::ComplexSkin::CLASS_DEF,
    enumerate::EnumerateSkin::CLASS_DEF,
    zip::ZipSkin::CLASS_DEF,
    map::MapSkin::CLASS_DEF,
    filter::FilterSkin::CLASS_DEF,
    reversed::ReversedSkin::CLASS_DEF,
    str::StrSkin::CLASS_DEF,
    str_iter::AsciiIterSkin::CLASS_DEF,
    str_iter::StrIterSkin::CLASS_DEF,
    bytes::BytesSkin::CLASS_DEF,
    str_iter::BytesIterSkin::CLASS_DEF,
    bytearray::ByteArraySkin::CLASS_DEF,
    str_iter::ByteArrayIterSkin::CLASS_DEF,
    memoryview::MemoryViewSkin::CLASS_DEF,
    memoryview::MemoryIterSkin::CLASS_DEF,
    memoryview::ManagedBufferSkin::CLASS_DEF,
    memoryview::BufferWrapperSkin::CLASS_DEF,
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
    anext::AnextSkin::CLASS_DEF,
    singletons::NoneSkin::CLASS_DEF,
    singletons::EllipsisSkin::CLASS_DEF,
    singletons::NotImplementedSkin::CLASS_DEF,
    native_function::NativeFunctionSkin::CLASS_DEF,
    native_function::MethodDescriptorSkin::CLASS_DEF,
    native_function::ClassMethodDescriptorSkin::CLASS_DEF,
    native_function::SlotWrapperSkin::CLASS_DEF,
    native_function::MethodWrapperSkin::CLASS_DEF,
    native_function::GetSetSkin::CLASS_DEF,
    native_function::MemberSkin::CLASS_DEF,
    method::MethodSkin::CLASS_DEF,
    property::PropertySkin::CLASS_DEF,
    staticmethod::StaticMethodSkin::CLASS_DEF,
    staticmethod::ClassMethodSkin::CLASS_DEF,
    super_::SuperSkin::CLASS_DEF,
    module::ModuleSkin::CLASS_DEF,
    seqiter::SequenceIteratorSkin::CLASS_DEF,
    seqiter::CallableIteratorSkin::CLASS_DEF,
    generic_alias::GenericAliasSkin::CLASS_DEF,
    generic_alias::GenericAliasIteratorSkin::CLASS_DEF,
    union::UnionSkin::CLASS_DEF,
    typing_natives::NoDefaultSkin::CLASS_DEF,
    typing_natives::ConstEvaluatorSkin::CLASS_DEF,
    typing_natives::TypeVarSkin::CLASS_DEF,
    typing_natives::ParamSpecSkin::CLASS_DEF,
    typing_natives::ParamSpecArgsSkin::CLASS_DEF,
    typing_natives::ParamSpecKwargsSkin::CLASS_DEF,
    typing_natives::TypeVarTupleSkin::CLASS_DEF,
    typing_natives::TypeAliasSkin::CLASS_DEF,
    typing_natives::GenericSkin::CLASS_DEF,
    template::TemplateSkin::CLASS_DEF,
    template::InterpolationSkin::CLASS_DEF,
    template::TemplateIterSkin::CLASS_DEF,
    exceptions::BaseExceptionSkin::CLASS_DEF,
    exceptions::StopIterationSkin::CLASS_DEF,
    exceptions::SystemExitSkin::CLASS_DEF,
    exceptions::KeyErrorSkin::CLASS_DEF,
    exceptions_import::ImportErrorSkin::CLASS_DEF,
    exceptions_import::NameErrorSkin::CLASS_DEF,
    exceptions_import::AttributeErrorSkin::CLASS_DEF,
    exceptions_os::OSErrorSkin::CLASS_DEF,
    exceptions_syntax::SyntaxErrorSkin::CLASS_DEF,
    exceptions_unicode::UnicodeDecodeErrorSkin::CLASS_DEF,
    exceptions_unicode::UnicodeEncodeErrorSkin::CLASS_DEF,
    exceptions_unicode::UnicodeTranslateErrorSkin::CLASS_DEF,
    exceptions_group::BaseExceptionGroupSkin::CLASS_DEF,
];

/// Completes the classes of the core layouts. Call once, right after `objects::boot::prepare_core`.
pub fn install_classes() -> R<()> {
    for def in CLASSES {
        objects::class_new::predeclare(def);
    }
    objects::buffer::install();
    for def in CLASSES.iter().filter(|def| !def.layout.extends(exc::BaseException::DESC)) {
        native_class(def)?;
    }
    module::install();
    template::install();
    typing_natives::install();
    objects::door::install_generic_alias(generic_alias::make);
    install_exceptions()
}

/// Classes of core layouts that nothing of Python can see (the internal markers) still need a base and an MRO. Call after all
/// crates completed theirs.
pub fn install_the_rest() -> R<()> {
    for layout in objects::boot::CORE_LAYOUTS {
        if layout.class.get().mro.is_empty() {
            plain_native_class(layout.name, "builtins", None, &[objects::classes::object()], layout)?;
        }
    }
    Ok(())
}

/// Makes the exception classes: those with a definition in `CLASSES` exist already, the others have nothing of their own.
fn install_exceptions() -> R<()> {
    for row in exc::EXCEPTIONS {
        let class = match CLASSES.iter().find(|def| def.name == row.name && def.module == "builtins") {
            Some(def) => native_class(def)?,
            None => {
                let base = row.base.map_or_else(objects::classes::object, |base| base.get());
                plain_native_class(row.name, "builtins", Some(row.doc), &[base], row.layout)?
            }
        };
        row.cell.set(class);
    }
    let bases = [exc::BASE_EXCEPTION_GROUP.get(), exc::EXCEPTION.get()];
    let doc = exc::BASE_EXCEPTION_GROUP_DOC;
    exc::EXCEPTION_GROUP.set(plain_native_class("ExceptionGroup", "builtins", Some(doc), &bases, bases[0].layout)?);
    Ok(())
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
        ("__debug__", Value::bool(objects::config::get().optimize == 0)),
    ] {
        module.set(name, value)?;
    }
    objects::door::set_builtins_module(module.value());
    Ok(module)
}

/// Types that the module `builtins` shows by name.
const PUBLIC_TYPES: &[&str] = &[
    "bool",
    "bytearray",
    "bytes",
    "classmethod",
    "complex",
    "dict",
    "enumerate",
    "filter",
    "float",
    "frozenset",
    "int",
    "list",
    "map",
    "memoryview",
    "object",
    "property",
    "range",
    "reversed",
    "set",
    "slice",
    "staticmethod",
    "str",
    "super",
    "tuple",
    "type",
    "zip",
];
