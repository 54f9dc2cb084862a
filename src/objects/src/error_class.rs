//! Exception classes of native modules that have no methods of their own, made on first use. Must not know: any module.

use crate::class::{self, Class};
use crate::class_new::plain_native_class;
use crate::error::new_error;
use crate::layout::ClassCell;
use crate::making::Making;
use crate::{Gc, GcVec, R, Raised};

/// `class name(*bases)` of a module; a static of that module.
pub struct ErrorClass {
    cell: ClassCell,
    making: Making,
    pub name: &'static str,
    module: &'static str,
    doc: Option<&'static str>,
    bases: &'static [Base],
}

#[derive(Clone, Copy)]
pub enum Base {
    /// A class that exists when the module starts.
    Made(&'static ClassCell),
    Own(&'static ErrorClass),
}

impl ErrorClass {
    pub const fn new(name: &'static str, module: &'static str, bases: &'static [Base]) -> ErrorClass {
        ErrorClass { cell: ClassCell::new(), making: Making::new(), name, module, doc: None, bases }
    }
    pub const fn with_doc(mut self, doc: &'static str) -> ErrorClass {
        self.doc = Some(doc);
        self
    }
    pub fn class(&self) -> R<Gc<Class>> {
        self.making.once(|| {
            let mut bases = GcVec::new();
            for base in self.bases {
                bases.push(match base {
                    Base::Made(cell) => cell.get(),
                    Base::Own(class) => class.class()?,
                });
            }
            let made = plain_native_class(self.name, self.module, self.doc, &bases, bases[0].layout)?;
            // CPython makes these as Python would: users may set attributes of the class.
            made.flags.remove(class::IMMUTABLE);
            made.flags.add(class::HEAP_TYPE);
            self.cell.set(made);
            Ok(())
        })?;
        Ok(self.cell.get())
    }
    /// Raises an instance with that text.
    #[cold]
    pub fn raise(&self, text: &str) -> Raised {
        self.class().map_or_else(|raised| raised, |class| new_error(class, text))
    }
}
