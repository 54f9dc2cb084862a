//! `MultibyteCodec`: a codec that encodes and decodes whole inputs, and where its like are found by name.
//!
//! Must not know: coders that go on where they stopped (`coders.rs`).

use crate::coding::{self, Codec};
use crate::direct::{Direct, Extra};
use crate::engine::Engine;
use crate::shifted::{Hz, Iso2022};
use crate::tables;
use native_macros::{Layout, native_class};
use objects::{Buf, Cast, Gc, Header, R, Str, Value, lookup_error, new_bytes, new_int_usize, new_native, new_tuple, type_error};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Codecs are made when they are asked for and stay.
fn codec(name: &str) -> Option<&'static Codec> {
    static CODECS: Mutex<Option<HashMap<String, &'static Codec>>> = Mutex::new(None);
    let mut codecs = CODECS.lock().unwrap_or_else(PoisonError::into_inner);
    let codecs = codecs.get_or_insert_default();
    if let Some(codec) = codecs.get(name) {
        return Some(codec);
    }
    let engine: Box<dyn Engine + Send> = match name {
        "hz" => Box::new(Hz { table: tables::find("gb2312.94")? }),
        name if name.starts_with("iso2022") => Box::new(Iso2022::find(name)?),
        name => {
            let extra = match name {
                "gb18030" => Extra::FourBytes,
                "euc_kr" => Extra::SpelledSyllables,
                name if name.starts_with("euc_j") => Extra::Triples(0x8F),
                _ => Extra::None,
            };
            Box::new(Direct { table: tables::find(name)?, extra })
        }
    };
    let made: &'static Codec = Box::leak(Box::new(Codec { name: String::leak(name.to_owned()), engine }));
    codecs.insert(name.to_owned(), made);
    Some(made)
}

#[derive(Layout)]
#[repr(C)]
pub struct MultibyteCodec {
    pub header: Header,
    #[layout(skip)]
    pub codec: &'static Codec,
}

/// The codec of that name, if the module that is asked has it.
pub fn get(name: Value, known: &[&str]) -> R {
    let Some(name) = name.cast::<Str>() else { return Err(type_error!("encoding name must be a string.")) };
    let name = name.to_string_lossy();
    match known.contains(&name.as_ref()).then(|| codec(&name)).flatten() {
        Some(codec) => Ok(new_native(MultibyteCodec { header: Header::blank(), codec }).value()),
        None => Err(lookup_error!("no such codec is supported.")),
    }
}

fn with_count(value: Value, count: usize) -> Value {
    new_tuple(&[value, new_int_usize(count)]).value()
}

#[native_class(name = "_multibytecodec.MultibyteCodec", layout = MultibyteCodec, base = object, flags = "final no_new")]
impl MultibyteCodec {
    /// The input as bytes, and its length.
    #[sig("($self, /, input, errors=None)")]
    fn encode(this: Gc<MultibyteCodec>, input: Value, errors: Option<&str>) -> R {
        let text = objects::str_of(input)?;
        let mut state = this.codec.engine.encode_start();
        let (bytes, _) = coding::encode(this.codec, &mut state, text, errors.unwrap_or("strict"), true)?;
        Ok(with_count(new_bytes(&bytes), text.len()))
    }
    /// The input as text, and its length.
    #[sig("($self, /, input, errors=None)")]
    fn decode(this: Gc<MultibyteCodec>, input: Buf, errors: Option<&str>) -> R {
        let mut state = this.codec.engine.decode_start();
        let (text, _) = coding::decode(this.codec, &mut state, &input, errors.unwrap_or("strict"), true)?;
        Ok(with_count(text.value(), input.len()))
    }
}
