//! Module `_elementtree`: elements, their builder and parser, under the names of `xml.etree.ElementTree`. Must not know: markup, paths
//! (the library's `ElementPath` does those).

mod builder;
mod element;
mod iteration;
mod parser;

use builder::TreeBuilder;
use element::Element;
use native_macros::native_module;
use objects::error_class::{Base, ErrorClass};
use objects::interpreter::InterpreterSlot;
use objects::{Args, Cast, Module, R, Value, class_name, exc, new_tuple, type_error};
use parser::XmlTreeParser;

pub(crate) static PARSE_ERROR: ErrorClass =
    ErrorClass::new("ParseError", "xml.etree.ElementTree", &[Base::Made(&exc::SYNTAX_ERROR)]);

/// What makes comments and processing instructions, unless a builder is told otherwise.
static COMMENT_FACTORY: InterpreterSlot = InterpreterSlot::empty();
static INSTRUCTION_FACTORY: InterpreterSlot = InterpreterSlot::empty();

pub struct ElementTree;

#[native_module(name = "_elementtree", classes = [Element, TreeBuilder, XmlTreeParser])]
impl ElementTree {
    #[name("SubElement")]
    #[sig("($module, parent, tag, attrib={}, /, **extra)", hidden)]
    fn sub_element(args: Args) -> R {
        element::sub_element(args)
    }
    /// Set what makes comments and processing instructions.
    #[sig("($module, comment_factory, pi_factory, /)")]
    fn _set_factories(comment_factory: Value, pi_factory: Value) -> R {
        for (name, factory) in [("Comment", comment_factory), ("PI", pi_factory)] {
            if !factory.is_none() && !objects::is_callable(factory) {
                return Err(type_error!("{name} factory must be callable, not {}", class_name(factory)));
            }
        }
        let or_none = |slot: &'static InterpreterSlot| slot.get().unwrap_or(Value::none());
        let before = new_tuple(&[or_none(&COMMENT_FACTORY), or_none(&INSTRUCTION_FACTORY)]);
        for (slot, factory) in [(&COMMENT_FACTORY, comment_factory), (&INSTRUCTION_FACTORY, pi_factory)] {
            slot.set_opt((!factory.is_none()).then_some(factory));
        }
        Ok(before.value())
    }

    fn __exec__(module: Value) -> R<()> {
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        objects::class_new::native_class(iteration::ElementIter::CLASS_DEF)?;
        module.set("ParseError", PARSE_ERROR.class()?.value())
    }
}
