//! Modules `pyexpat`, with a parser of its own that follows expat's interface, and `_elementtree` on the same parser. Must not know: other
//! native modules.

pub mod chars;
mod content;
pub mod dtd;
pub mod elements;
pub mod errors;
pub mod etree;
pub mod input;
pub mod names;
pub mod object;
pub mod parser;
pub mod subset;

use native_macros::native_module;
use object::XmlParser;
use objects::dict::{Dict, dict_set, new_dict};
use objects::native::ModuleDef;
use objects::{Cast, Module, R, Value, new_int, new_list, new_str, new_tuple, type_error, value_error};

/// Every module of this crate.
pub static MODULES: &[&ModuleDef] = &[Pyexpat::MODULE, etree::ElementTree::MODULE];

const MODEL: &[(&str, i64)] = &[
    ("XML_CTYPE_EMPTY", dtd::EMPTY),
    ("XML_CTYPE_ANY", dtd::ANY),
    ("XML_CTYPE_MIXED", dtd::MIXED),
    ("XML_CTYPE_NAME", dtd::NAME),
    ("XML_CTYPE_CHOICE", dtd::CHOICE),
    ("XML_CTYPE_SEQ", dtd::SEQUENCE),
    ("XML_CQUANT_NONE", 0),
    ("XML_CQUANT_OPT", 1),
    ("XML_CQUANT_REP", 2),
    ("XML_CQUANT_PLUS", 3),
];

pub struct Pyexpat;

/// Parsing of XML with the interface of Expat.
#[native_module(name = "pyexpat")]
impl Pyexpat {
    #[attr("native_encoding")]
    const NATIVE_ENCODING: &str = "UTF-8";
    #[attr("EXPAT_VERSION")]
    const EXPAT_VERSION: &str = "expat_2.7.0";
    #[attr("XML_PARAM_ENTITY_PARSING_NEVER")]
    const NEVER: i64 = 0;
    #[attr("XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE")]
    const UNLESS_STANDALONE: i64 = 1;
    #[attr("XML_PARAM_ENTITY_PARSING_ALWAYS")]
    const ALWAYS: i64 = 2;

    fn __exec__(module: Value) -> R<()> {
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        let class = errors::EXPAT_ERROR.class()?.value();
        module.set("ExpatError", class)?;
        module.set("error", class)?;
        module.set("XMLParserType", objects::class_new::native_class(XmlParser::CLASS_DEF)?.value())?;
        module.set("version_info", new_tuple(&[new_int(2), new_int(7), new_int(0)]).value())?;
        let feature = |name: &str, value: i64| new_tuple(&[new_str(name), new_int(value)]).value();
        let features = [
            feature("sizeof(XML_Char)", 1),
            feature("sizeof(XML_LChar)", 1),
            feature("XML_DTD", 0),
            feature("XML_CONTEXT_BYTES", 1024),
            feature("XML_NS", 0),
        ];
        module.set("features", new_list(&features).value())?;
        let texts = objects::module::new_module("pyexpat.errors", Some("Constants used to describe error conditions."))?;
        let (codes, messages) = (new_dict(), new_dict());
        for (index, (name, text)) in errors::TEXTS.iter().enumerate() {
            let (text, code) = (new_str(text), new_int(index as i64 + 1));
            texts.set(name, text)?;
            dict_set(codes, text, code)?;
            dict_set(messages, code, text)?;
        }
        texts.set("codes", codes.value())?;
        texts.set("messages", messages.value())?;
        module.set("errors", texts.value())?;
        let model = objects::module::new_module("pyexpat.model", Some("Constants used to interpret content model information."))?;
        for (name, value) in MODEL {
            model.set(name, new_int(*value))?;
        }
        module.set("model", model.value())
    }
    /// A new parser of XML.
    #[name("ParserCreate")]
    #[sig("(encoding=None, namespace_separator=None, intern=<unrepresentable>)", hidden)]
    fn parser_create(encoding: Option<Value>, namespace_separator: Option<Value>, intern: Option<Value>) -> R {
        let text = |value: Option<Value>, name: &str| -> R<Option<String>> {
            match value.filter(|value| !value.is_none()) {
                None => Ok(None),
                Some(value) => match value.cast::<objects::Str>() {
                    Some(text) => Ok(Some(objects::convert::utf8(text)?.to_owned())),
                    None => Err(type_error!(
                        "ParserCreate() argument '{name}' must be str or None, not {}",
                        objects::class_name(value)
                    )),
                },
            }
        };
        let encoding = text(encoding, "encoding")?;
        let separator = text(namespace_separator, "namespace_separator")?;
        if separator.as_ref().is_some_and(|separator| separator.chars().count() > 1) {
            return Err(value_error!("namespace_separator must be at most one character, omitted, or None"));
        }
        let intern = match intern {
            None => Some(new_dict().value()),
            Some(given) if given.is_none() => None,
            Some(given) if given.cast::<Dict>().is_some() => Some(given),
            Some(_) => return Err(type_error!("intern must be a dictionary")),
        };
        Ok(object::make(parser::Parser::new(encoding, separator), intern).value())
    }
    /// The message for an error number.
    #[name("ErrorString")]
    #[sig("(code, /)")]
    fn error_string(code: i64) -> Option<&'static str> {
        errors::text(code)
    }
}
