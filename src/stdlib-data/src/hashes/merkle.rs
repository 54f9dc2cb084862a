//! `_md5`, `_sha1` and `_sha2`, over the RustCrypto crates.

use crate::hashes::{BLOCKING_SIZE, HashObject, Hasher, copy, data_argument, digest, digest_value, hex, start, update};
use native_macros::{native_class, native_module};
use objects::{Gc, R, Value};
use sha2::Digest;

struct Plain<D>(D);

impl<D: Digest + Clone + Send + 'static> Hasher for Plain<D> {
    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }
    fn finish(&self, _length: usize) -> Vec<u8> {
        self.0.clone().finalize().to_vec()
    }
    fn copy(&self) -> Box<dyn Hasher> {
        Box::new(Plain(self.0.clone()))
    }
}

/// A computation of the algorithm of that name.
pub fn hasher(name: &str) -> Option<Box<dyn Hasher>> {
    Some(match name {
        "md5" => Box::new(Plain(md5::Md5::new())),
        "sha1" => Box::new(Plain(sha1::Sha1::new())),
        "sha224" => Box::new(Plain(sha2::Sha224::new())),
        "sha256" => Box::new(Plain(sha2::Sha256::new())),
        "sha384" => Box::new(Plain(sha2::Sha384::new())),
        "sha512" => Box::new(Plain(sha2::Sha512::new())),
        "sha512_224" => Box::new(Plain(sha2::Sha512_224::new())),
        "sha512_256" => Box::new(Plain(sha2::Sha512_256::new())),
        "ripemd160" => Box::new(Plain(ripemd::Ripemd160::new())),
        "sm3" => Box::new(Plain(sm3::Sm3::new())),
        _ => return None,
    })
}
pub fn md5() -> Box<dyn Hasher> {
    Box::new(Plain(md5::Md5::new()))
}
pub fn sha1() -> Box<dyn Hasher> {
    Box::new(Plain(sha1::Sha1::new()))
}

macro_rules! hash_class {
    ($skin:ident, $class:tt, $name:literal, $block:literal) => {
        pub struct $skin;

        #[native_class(name = $class, layout = HashObject, base = object, flags = "final no_new")]
        impl $skin {
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
            fn update(this: Gc<HashObject>, obj: Value) -> R<()> {
                update(this, obj)
            }
            #[getter]
            fn block_size(_this: Gc<HashObject>) -> i32 {
                $block
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

hash_class!(Md5, "_md5.md5", "md5", 64);
hash_class!(Sha1, "_sha1.sha1", "sha1", 64);
hash_class!(Sha224, "_sha2.SHA224Type", "sha224", 64);
hash_class!(Sha256, "_sha2.SHA256Type", "sha256", 64);
hash_class!(Sha384, "_sha2.SHA384Type", "sha384", 128);
hash_class!(Sha512, "_sha2.SHA512Type", "sha512", 128);

pub struct Md5Module;

/// The MD5 algorithm.
#[native_module(name = "_md5")]
impl Md5Module {
    #[attr("_GIL_MINSIZE")]
    const MIN_SIZE: i32 = BLOCKING_SIZE as i32;
    #[attr("MD5Type")]
    fn class() -> R {
        Ok(objects::native::rt::class_of_def(Md5::CLASS_DEF).value())
    }
    /// A new MD5 hash object, optionally with its first data.
    #[sig("(data=b'', *, usedforsecurity=True, string=None)")]
    fn md5(data: Option<Value>, usedforsecurity: bool, string: Option<Value>) -> R<Gc<HashObject>> {
        let _ = usedforsecurity;
        start(Md5::CLASS_DEF.class(), Box::new(Plain(md5::Md5::new())), 16, data_argument(data, string)?)
    }
}

pub struct Sha1Module;

/// The SHA-1 algorithm.
#[native_module(name = "_sha1")]
impl Sha1Module {
    #[attr("_GIL_MINSIZE")]
    const MIN_SIZE: i32 = BLOCKING_SIZE as i32;
    #[attr("SHA1Type")]
    fn class() -> R {
        Ok(objects::native::rt::class_of_def(Sha1::CLASS_DEF).value())
    }
    /// A new SHA-1 hash object, optionally with its first data.
    #[sig("(data=b'', *, usedforsecurity=True, string=None)")]
    fn sha1(data: Option<Value>, usedforsecurity: bool, string: Option<Value>) -> R<Gc<HashObject>> {
        let _ = usedforsecurity;
        start(Sha1::CLASS_DEF.class(), Box::new(Plain(sha1::Sha1::new())), 20, data_argument(data, string)?)
    }
}

pub struct Sha2Module;

/// The SHA-2 algorithms.
#[native_module(name = "_sha2", classes = [Sha224, Sha256, Sha384, Sha512])]
impl Sha2Module {
    #[attr("_GIL_MINSIZE")]
    const MIN_SIZE: i32 = BLOCKING_SIZE as i32;
    /// A new SHA-224 hash object, optionally with its first data.
    #[sig("(data=b'', *, usedforsecurity=True, string=None)")]
    fn sha224(data: Option<Value>, usedforsecurity: bool, string: Option<Value>) -> R<Gc<HashObject>> {
        let _ = usedforsecurity;
        start(Sha224::CLASS_DEF.class(), Box::new(Plain(sha2::Sha224::new())), 28, data_argument(data, string)?)
    }
    /// A new SHA-256 hash object, optionally with its first data.
    #[sig("(data=b'', *, usedforsecurity=True, string=None)")]
    fn sha256(data: Option<Value>, usedforsecurity: bool, string: Option<Value>) -> R<Gc<HashObject>> {
        let _ = usedforsecurity;
        start(Sha256::CLASS_DEF.class(), Box::new(Plain(sha2::Sha256::new())), 32, data_argument(data, string)?)
    }
    /// A new SHA-384 hash object, optionally with its first data.
    #[sig("(data=b'', *, usedforsecurity=True, string=None)")]
    fn sha384(data: Option<Value>, usedforsecurity: bool, string: Option<Value>) -> R<Gc<HashObject>> {
        let _ = usedforsecurity;
        start(Sha384::CLASS_DEF.class(), Box::new(Plain(sha2::Sha384::new())), 48, data_argument(data, string)?)
    }
    /// A new SHA-512 hash object, optionally with its first data.
    #[sig("(data=b'', *, usedforsecurity=True, string=None)")]
    fn sha512(data: Option<Value>, usedforsecurity: bool, string: Option<Value>) -> R<Gc<HashObject>> {
        let _ = usedforsecurity;
        start(Sha512::CLASS_DEF.class(), Box::new(Plain(sha2::Sha512::new())), 64, data_argument(data, string)?)
    }
}
