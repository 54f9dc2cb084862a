//! `_blake2`.

use crate::hashes::blake2_core::{Blake2b, Blake2s, Params};
use crate::hashes::{BLOCKING_SIZE, HashObject, copy, data_argument, digest, digest_value, hex, start, update};
use native_macros::{native_class, native_module};
use objects::{Buf, Class, Gc, R, Value, overflow_error, value_error};

/// A parameter in `min..=255`.
fn byte(name: &str, value: i32, min: i32) -> R<u8> {
    match u8::try_from(value) {
        Ok(number) if value >= min => Ok(number),
        _ => Err(value_error!("{name} must be between {min} and 255")),
    }
}

/// An int argument that must not be negative.
fn unsigned(value: Option<Value>, too_large: &str) -> R<u64> {
    let Some(value) = value else { return Ok(0) };
    let value = objects::index_object(value)?;
    match objects::int_view(value) {
        Some(view) if view.is_negative() => Err(value_error!("Cannot convert negative int")),
        Some(view) => view.to_u64().ok_or_else(|| overflow_error!("{too_large}")),
        None => Ok(0),
    }
}

fn limited(bytes: Option<Buf>, name: &str, max: usize) -> R<Vec<u8>> {
    let bytes = bytes.map(|bytes| bytes.to_vec()).unwrap_or_default();
    if bytes.len() > max {
        return Err(value_error!("maximum {name} length is {max} bytes"));
    }
    Ok(bytes)
}

macro_rules! blake_class {
    ($skin:ident, $core:ident, $class:tt, $name:literal, $shown:literal, $word:literal, $offset_bits:literal, $sig:tt) => {
        pub struct $skin;

        /// A new hash object, optionally with its first data.
        #[native_class(name = $class, layout = HashObject, base = object, flags = "final")]
        impl $skin {
            #[attr("MAX_DIGEST_SIZE")]
            const MAX_DIGEST_SIZE: i32 = $word * 8;
            #[attr("MAX_KEY_SIZE")]
            const MAX_KEY_SIZE: i32 = $word * 8;
            #[attr("SALT_SIZE")]
            const SALT_SIZE: i32 = $word * 2;
            #[attr("PERSON_SIZE")]
            const PERSON_SIZE: i32 = $word * 2;

            #[new]
            #[sig($sig)]
            fn new(
                cls: Gc<Class>,
                data: Option<Value>,
                #[default($word * 8)] digest_size: i32,
                #[default(None)] key: Option<Buf>,
                #[default(None)] salt: Option<Buf>,
                #[default(None)] person: Option<Buf>,
                fanout: i32,
                depth: i32,
                leaf_size: Option<Value>,
                node_offset: Option<Value>,
                node_depth: i32,
                inner_size: i32,
                last_node: bool,
                usedforsecurity: bool,
                string: Option<Value>,
            ) -> R {
                let _ = usedforsecurity;
                let data = data_argument(data, string)?;
                let most = $word * 8;
                if digest_size < 1 || digest_size > most {
                    return Err(value_error!(
                        "digest_size for {} must be between 1 and {most} bytes, here it is {digest_size}",
                        $shown
                    ));
                }
                let salt = limited(salt, "salt", $word * 2)?;
                let person = limited(person, "person", $word * 2)?;
                let fanout = byte("fanout", fanout, 0)?;
                let depth = byte("depth", depth, 1)?;
                let leaf_size = unsigned(leaf_size, "Python int too large to convert to C unsigned long")?;
                let Ok(leaf_size) = u32::try_from(leaf_size) else { return Err(overflow_error!("leaf_size is too large")) };
                let node_offset = unsigned(node_offset, "Python int too large for C unsigned long long")?;
                if $offset_bits < 64 && node_offset >> ($offset_bits % 64) != 0 {
                    return Err(overflow_error!("node_offset is too large"));
                }
                let node_depth = byte("node_depth", node_depth, 0)?;
                if inner_size < 0 || inner_size > most {
                    return Err(value_error!("inner_size must be between 0 and is {most}"));
                }
                let key = limited(key, "key", $word * 8)?;
                let params = Params {
                    digest_size: digest_size as u8,
                    key: &key,
                    salt: &salt,
                    person: &person,
                    fanout,
                    depth,
                    leaf_size,
                    node_offset,
                    node_depth,
                    inner_size: inner_size as u8,
                    last_node,
                };
                Ok(start(cls, Box::new($core::new(&params)), digest_size as usize, data)?.value())
            }
            /// A copy of the hash object.
            fn copy(this: Gc<HashObject>) -> Gc<HashObject> {
                copy(this)
            }
            /// The digest as bytes.
            fn digest(this: Gc<HashObject>) -> Value {
                digest_value(this)
            }
            /// The digest as a string of hexadecimal digits.
            fn hexdigest(this: Gc<HashObject>) -> String {
                hex(&digest(this, this.size))
            }
            /// Hash more data.
            fn update(this: Gc<HashObject>, data: Value) -> R<()> {
                update(this, data)
            }
            #[getter]
            fn block_size(_this: Gc<HashObject>) -> i32 {
                $word * 16
            }
            #[getter]
            fn digest_size(this: Gc<HashObject>) -> usize {
                this.size
            }
            #[getter]
            fn name(_this: Gc<HashObject>) -> &'static str {
                $name
            }
        }
    };
}

blake_class!(
    Blake2bSkin,
    Blake2b,
    "_blake2.blake2b",
    "blake2b",
    "Blake2b",
    8,
    64,
    "(data=b'', *, digest_size=_blake2.blake2b.MAX_DIGEST_SIZE, key=b'', salt=b'', person=b'', fanout=1, depth=1, leaf_size=0, node_offset=0, node_depth=0, inner_size=0, last_node=False, usedforsecurity=True, string=None)"
);
blake_class!(
    Blake2sSkin,
    Blake2s,
    "_blake2.blake2s",
    "blake2s",
    "Blake2s",
    4,
    48,
    "(data=b'', *, digest_size=_blake2.blake2s.MAX_DIGEST_SIZE, key=b'', salt=b'', person=b'', fanout=1, depth=1, leaf_size=0, node_offset=0, node_depth=0, inner_size=0, last_node=False, usedforsecurity=True, string=None)"
);

pub struct Blake2Module;

/// The BLAKE2 algorithms.
#[native_module(name = "_blake2", classes = [Blake2bSkin, Blake2sSkin])]
impl Blake2Module {
    #[attr("_GIL_MINSIZE")]
    const MIN_SIZE: i32 = BLOCKING_SIZE as i32;
    #[attr("BLAKE2B_MAX_DIGEST_SIZE")]
    const B_DIGEST: i32 = 64;
    #[attr("BLAKE2B_MAX_KEY_SIZE")]
    const B_KEY: i32 = 64;
    #[attr("BLAKE2B_PERSON_SIZE")]
    const B_PERSON: i32 = 16;
    #[attr("BLAKE2B_SALT_SIZE")]
    const B_SALT: i32 = 16;
    #[attr("BLAKE2S_MAX_DIGEST_SIZE")]
    const S_DIGEST: i32 = 32;
    #[attr("BLAKE2S_MAX_KEY_SIZE")]
    const S_KEY: i32 = 32;
    #[attr("BLAKE2S_PERSON_SIZE")]
    const S_PERSON: i32 = 8;
    #[attr("BLAKE2S_SALT_SIZE")]
    const S_SALT: i32 = 8;
}
