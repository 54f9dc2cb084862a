//! `_sha3`.

use crate::hashes::keccak::Keccak;
use crate::hashes::{BLOCKING_SIZE, HashObject, copy, data_argument, digest, digest_value, hex, start, update};
use native_macros::{native_class, native_module};
use objects::{Class, Gc, R, Value, new_bytes, value_error};

macro_rules! sponge_class {
    ($skin:ident, $class:tt, $name:literal, $rate:literal, $suffix:literal, $size:literal, { $($digests:tt)* }) => {
        pub struct $skin;

        /// A new hash object, optionally with its first data.
        #[native_class(name = $class, layout = HashObject, base = object, flags = "final")]
        impl $skin {
            #[new]
            #[sig("(data=b'', *, usedforsecurity=True, string=None)", hidden)]
            fn new(cls: Gc<Class>, data: Option<Value>, usedforsecurity: bool, string: Option<Value>) -> R {
                let _ = usedforsecurity;
                Ok(start(cls, Box::new(Keccak::new($rate, $suffix)), $size, data_argument(data, string)?)?.value())
            }
            /// A copy of the hash object.
            fn copy(this: Gc<HashObject>) -> Gc<HashObject> {
                copy(this)
            }
            $($digests)*
            /// Hash more data.
            fn update(this: Gc<HashObject>, data: Value) -> R<()> {
                update(this, data)
            }
            #[getter]
            fn block_size(_this: Gc<HashObject>) -> i32 {
                $rate
            }
            #[getter]
            fn digest_size(_this: Gc<HashObject>) -> i32 {
                $size
            }
            #[getter]
            fn name(_this: Gc<HashObject>) -> &'static str {
                $name
            }
            #[getter]
            fn _rate_bits(_this: Gc<HashObject>) -> i32 {
                $rate * 8
            }
            #[getter]
            fn _capacity_bits(_this: Gc<HashObject>) -> i32 {
                1600 - $rate * 8
            }
            #[getter]
            fn _suffix(_this: Gc<HashObject>) -> Value {
                new_bytes(&[$suffix])
            }
        }
    };
    ($skin:ident, $class:tt, $name:literal, $rate:literal, $size:literal) => {
        sponge_class!($skin, $class, $name, $rate, 0x06, $size, {
            /// The digest as bytes.
            fn digest(this: Gc<HashObject>) -> Value {
                digest_value(this)
            }
            /// The digest as a string of hexadecimal digits.
            fn hexdigest(this: Gc<HashObject>) -> String {
                hex(&digest(this, this.size))
            }
        });
    };
    ($skin:ident, $class:tt, $name:literal, $rate:literal) => {
        sponge_class!($skin, $class, $name, $rate, 0x1f, 0, {
            /// A digest of that many bytes.
            #[sig("(length)")]
            fn digest(this: Gc<HashObject>, length: Value) -> R {
                Ok(new_bytes(&digest(this, length_argument(length)?)))
            }
            /// A digest of that many bytes as a string of hexadecimal digits.
            #[sig("(length)")]
            fn hexdigest(this: Gc<HashObject>, length: Value) -> R<String> {
                Ok(hex(&digest(this, length_argument(length)?)))
            }
        });
    };
}

fn length_argument(length: Value) -> R<usize> {
    let length = objects::index_object(length)?;
    match objects::int_view(length) {
        Some(view) if view.is_negative() => Err(value_error!("Cannot convert negative int")),
        Some(view) => match view.to_u64() {
            Some(length) if length < 1 << 29 => Ok(length as usize),
            _ => Err(value_error!("length is too large")),
        },
        None => Ok(0),
    }
}

sponge_class!(Sha3Bits224, "_sha3.sha3_224", "sha3_224", 144, 28);
sponge_class!(Sha3Bits256, "_sha3.sha3_256", "sha3_256", 136, 32);
sponge_class!(Sha3Bits384, "_sha3.sha3_384", "sha3_384", 104, 48);
sponge_class!(Sha3Bits512, "_sha3.sha3_512", "sha3_512", 72, 64);
sponge_class!(Shake128, "_sha3.shake_128", "shake_128", 168);
sponge_class!(Shake256, "_sha3.shake_256", "shake_256", 136);

pub struct Sha3Module;

/// The SHA-3 algorithms.
#[native_module(name = "_sha3", classes = [Sha3Bits224, Sha3Bits256, Sha3Bits384, Sha3Bits512, Shake128, Shake256])]
impl Sha3Module {
    #[attr("_GIL_MINSIZE")]
    const MIN_SIZE: i32 = BLOCKING_SIZE as i32;
    #[attr("implementation")]
    const IMPLEMENTATION: &str = "protopython";
}
