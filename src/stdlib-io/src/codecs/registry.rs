//! The registry of codecs and error handlers.
//!
//! Must not know: any codec.

use objects::codec::CodecHooks;
use objects::dict::{self, Dict};
use objects::interpreter::InterpreterSlot;
use objects::list::{self, List};
use objects::{
    Cast, Gc, R, Str, Tuple, Value, call, class_name, get_attr, intern, interned, is_callable, lookup_error, new_dict, new_list,
    new_str, new_tuple, type_error,
};

static SEARCH_PATH: InterpreterSlot = InterpreterSlot::empty();
static CACHE: InterpreterSlot = InterpreterSlot::empty();
static ERROR_HANDLERS: InterpreterSlot = InterpreterSlot::empty();

fn search_path() -> Gc<List> {
    let value = SEARCH_PATH.get_or_make(|| new_list(&[]).value());
    // SAFETY: made as a list.
    unsafe { value.cast_unchecked() }
}
fn cache() -> Gc<Dict> {
    let value = CACHE.get_or_make(|| new_dict().value());
    // SAFETY: made as a dict.
    unsafe { value.cast_unchecked() }
}
fn error_handlers() -> Gc<Dict> {
    let value = ERROR_HANDLERS.get_or_make(|| new_dict().value());
    // SAFETY: made as a dict.
    unsafe { value.cast_unchecked() }
}

pub fn install_hooks() {
    objects::codec::install(CodecHooks {
        encode: |text, encoding, errors| encode_text(text.value(), encoding, Some(errors)),
        decode: |object, encoding, errors| decode_text(object, encoding, Some(errors)),
        lookup_error: |name| lookup_error_handler(name),
    });
}

/// What a start does not need, as the encodings of files and terminals are native: the package, whose search function comes first.
fn import_encodings() -> R<()> {
    if search_path().is_empty() {
        call(get_attr(objects::door::builtins_module()?, interned!("__import__"))?, &[new_str("encodings")])?;
    }
    Ok(())
}

pub fn register(function: Value) -> R<()> {
    if !is_callable(function) {
        return Err(type_error!("argument must be callable"));
    }
    import_encodings()?;
    list::list_append(search_path(), function)
}

pub fn unregister(function: Value) -> R<()> {
    let path = search_path();
    for index in 0..path.len() {
        if path.get(index) == Some(function) {
            list::list_pop(path, index as i64);
            dict::dict_clear(cache());
            break;
        }
    }
    Ok(())
}

/// Lower case, spaces as hyphens turned into underscores by the search functions themselves.
fn normalize(encoding: &str) -> String {
    let mut out = String::with_capacity(encoding.len());
    let mut punctuation = false;
    for c in encoding.chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            if punctuation && !out.is_empty() {
                out.push('_');
            }
            punctuation = false;
            out.push(c.to_ascii_lowercase());
        } else {
            punctuation = true;
        }
    }
    out
}

/// `codecs.lookup(encoding)`.
pub fn lookup(encoding: &str) -> R<Gc<Tuple>> {
    if encoding.contains('\0') {
        return Err(objects::value_error!("embedded null character"));
    }
    let key = intern(&normalize(encoding));
    if let Some(found) = dict::dict_get_str(cache(), key) {
        // SAFETY: only tuples are entered.
        return Ok(unsafe { found.cast_unchecked() });
    }
    import_encodings()?;
    let path = search_path();
    if path.is_empty() {
        return Err(lookup_error!("no codec search functions registered: can't find encoding"));
    }
    let mut index = 0;
    while let Some(function) = path.get(index) {
        index += 1;
        let result = call(function, &[key.value()])?;
        if result.is_none() {
            continue;
        }
        match result.cast::<Tuple>() {
            Some(tuple) if tuple.len() == 4 => {
                dict::dict_set_str(cache(), key, result)?;
                return Ok(tuple);
            }
            _ => return Err(type_error!("codec search functions must return 4-tuples")),
        }
    }
    Err(lookup_error!("unknown encoding: {encoding}"))
}

fn run(codec: Value, object: Value, errors: Option<&str>, what: &str) -> R {
    let result = match errors {
        Some(errors) => call(codec, &[object, new_str(errors)]),
        None => call(codec, &[object]),
    }?;
    match result.cast::<Tuple>().filter(|tuple| tuple.len() == 2) {
        Some(tuple) => Ok(tuple.items()[0]),
        None => Err(type_error!("{what} must return a tuple (object, integer)")),
    }
}
fn noted(result: R, verb: &str, encoding: &str) -> R {
    let raised = match result {
        Ok(value) => return Ok(value),
        Err(raised) => raised,
    };
    let exception = raised.take();
    let text = new_str(&format!("{verb} with '{encoding}' codec failed"));
    if let Err(raised) = objects::call_method(exception, interned!("add_note"), &[text]) {
        raised.clear();
    }
    Err(objects::error::restore(exception))
}

fn encode_with(codec: Gc<Tuple>, object: Value, encoding: &str, errors: Option<&str>) -> R {
    noted(run(codec.items()[0], object, errors, "encoder"), "encoding", encoding)
}
fn decode_with(codec: Gc<Tuple>, object: Value, encoding: &str, errors: Option<&str>) -> R {
    noted(run(codec.items()[1], object, errors, "decoder"), "decoding", encoding)
}

/// `codecs.encode(object, encoding, errors)`.
pub fn encode(object: Value, encoding: &str, errors: Option<&str>) -> R {
    encode_with(lookup(encoding)?, object, encoding, errors)
}
pub fn decode(object: Value, encoding: &str, errors: Option<&str>) -> R {
    decode_with(lookup(encoding)?, object, encoding, errors)
}

/// A codec that turns str into bytes and back; others are refused with the name of what to use instead.
pub fn lookup_text(encoding: &str, alternate: &str) -> R<Gc<Tuple>> {
    let codec = lookup(encoding)?;
    if codec.value().cast_exact::<Tuple>().is_none()
        && let Some(flag) = objects::get_attr_opt(codec.value(), interned!("_is_text_encoding"))?
        && !objects::is_true(flag)?
    {
        return Err(lookup_error!("'{encoding}' is not a text encoding; use {alternate} to handle arbitrary codecs"));
    }
    Ok(codec)
}
fn encode_text(object: Value, encoding: &str, errors: Option<&str>) -> R {
    encode_with(lookup_text(encoding, "codecs.encode()")?, object, encoding, errors)
}
fn decode_text(object: Value, encoding: &str, errors: Option<&str>) -> R {
    decode_with(lookup_text(encoding, "codecs.decode()")?, object, encoding, errors)
}

pub fn register_error_handler(name: &str, handler: Value) -> R<()> {
    if !is_callable(handler) {
        return Err(type_error!("handler must be callable"));
    }
    dict::dict_set_str(error_handlers(), intern(name), handler)
}

pub fn unregister_error_handler(name: &str) -> R<bool> {
    Ok(dict::dict_remove_str(error_handlers(), intern(name))?.is_some())
}

pub fn lookup_error_handler(name: &str) -> R {
    if name.contains('\0') {
        return Err(objects::value_error!("embedded null character"));
    }
    if ERROR_HANDLERS.get().is_none() {
        // Importing the module enters those that are built in.
        call(get_attr(objects::door::builtins_module()?, interned!("__import__"))?, &[new_str("_codecs")])?;
    }
    match dict::dict_get_str(error_handlers(), intern(name)) {
        Some(handler) => Ok(handler),
        None => Err(lookup_error!("unknown error handler name '{name}'")),
    }
}

/// The two-tuple of a stateless codec.
pub fn pair(result: Value, consumed: usize) -> Value {
    new_tuple(&[result, objects::new_int_usize(consumed)]).value()
}

/// `str` or TypeError.
pub fn as_str(value: Value) -> R<Gc<Str>> {
    match value.cast::<Str>() {
        Some(text) => Ok(text),
        None => Err(type_error!("argument must be str, not {}", class_name(value))),
    }
}
