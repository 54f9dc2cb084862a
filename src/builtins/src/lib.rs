//! The Python-visible skin of the built-in types, one file per type, and the module `builtins`.
//!
//! Must not know: opcodes, other modules. Algorithms on checked receivers are in crate objects.

pub mod mappingproxy;
pub mod object;
pub mod reduce;
pub mod type_;

use objects::class_new::{native_class, plain_native_class};
use objects::native::ClassDef;
use objects::{Layout, R, exc};

/// Every class that exists from the start, bases before the classes that derive from them.
pub static CLASSES: &[&ClassDef] = &[object::ObjectSkin::CLASS_DEF, type_::TypeSkin::CLASS_DEF, mappingproxy::MappingProxySkin::CLASS_DEF];

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
