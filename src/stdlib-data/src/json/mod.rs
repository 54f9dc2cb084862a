//! Module `_json`: the fast scanner and encoder of module json. Must not know: other modules.

mod encode;
mod scan;
mod text;

use native_macros::native_module;
use objects::native::rt::class_of_def;
use objects::{Cast, Gc, R, Raised, Str, Value, call, class_name, get_attr_named, new_int_usize, new_str, new_tuple, type_error};

pub struct Json;

/// Raises `json.decoder.JSONDecodeError`.
#[cold]
fn decode_error(message: &str, document: Gc<Str>, position: usize) -> Raised {
    let raise = || -> R<Raised> {
        let import = get_attr_named(objects::door::builtins_module()?, "__import__")?;
        let package = call(import, &[new_str("json.decoder")])?;
        let class = get_attr_named(get_attr_named(package, "decoder")?, "JSONDecodeError")?;
        let error = call(class, &[new_str(message), document.value(), objects::new_int(position as i64)])?;
        Ok(objects::error::raise(error))
    };
    raise().unwrap_or_else(|raised| raised)
}

fn string_argument(value: Value) -> R<Gc<Str>> {
    match value.cast::<Str>() {
        Some(text) => Ok(text),
        None => Err(type_error!("first argument must be a string, not {}", class_name(value))),
    }
}

/// Speedups for module json.
#[native_module(name = "_json")]
impl Json {
    /// A JSON string literal of a Python string; characters beyond ASCII stay.
    #[sig("(object, /)")]
    fn encode_basestring(object: Value) -> R {
        Ok(text::quoted(string_argument(object)?, false).value())
    }
    /// A JSON string literal of a Python string, in ASCII.
    #[sig("(object, /)")]
    fn encode_basestring_ascii(object: Value) -> R {
        Ok(text::quoted(string_argument(object)?, true).value())
    }
    /// scanstring(string, end, strict=True) -> (string, end)
    ///
    /// Reads the rest of a JSON string whose opening quote is in front of end.
    /// With strict, control characters in it are an error.
    #[sig("(string, end, strict=True, /)", hidden)]
    fn scanstring(string: Value, end: isize, strict: bool) -> R {
        let document = string_argument(string)?;
        if end < 0 || end as usize > document.len() {
            return Err(objects::value_error!("end is out of bounds"));
        }
        let (text, next) = scan::scan_string(document, end as usize, strict)?;
        Ok(new_tuple(&[text.value(), new_int_usize(next)]).value())
    }
    #[attr("make_scanner")]
    fn make_scanner() -> R {
        Ok(class_of_def(scan::Scanner::CLASS_DEF).value())
    }
    #[attr("make_encoder")]
    fn make_encoder() -> R {
        Ok(class_of_def(encode::Encoder::CLASS_DEF).value())
    }
}
