//! The module `_hashlib`: hashes and HMACs by name, in CPython those of OpenSSL; keys from passwords. Must not know: the algorithms.

use super::named::{self, Algorithm, Keyed};
use super::{BLOCKING_SIZE, Hasher, bytes_argument, data_argument, derivation, feed, feed_alone, hex};
use native_macros::{Layout, native_class, native_module};
use objects::descr::NativeFunction;
use objects::error_class::{Base, ErrorClass};
use objects::native::rt::class_of_def;
use objects::{
    Buf, Cast, Gc, GcVec, Header, Module, R, Raised, Str, Value, call, exc, get_attr_named, new_bytes, new_dict, new_object,
    new_str, type_error, value_error,
};

static UNSUPPORTED: ErrorClass = ErrorClass::new("UnsupportedDigestmodError", "_hashlib", &[Base::Made(&exc::VALUE_ERROR)]);
/// A digest of any length is not longer than this.
const LONGEST: i64 = 1 << 29;

struct Running(Box<dyn Hasher>);
struct RunningKeyed(Keyed);
objects::no_references!(Running, RunningKeyed);

#[derive(Layout)]
#[repr(C)]
pub struct NamedHash {
    pub header: Header,
    state: heap::Mutex<Running>,
    #[layout(skip)]
    algorithm: &'static Algorithm,
}

#[derive(Layout)]
#[repr(C)]
pub struct NamedHmac {
    pub header: Header,
    state: heap::Mutex<RunningKeyed>,
    #[layout(skip)]
    algorithm: &'static Algorithm,
}

#[cold]
fn unsupported() -> Raised {
    UNSUPPORTED.raise("[digital envelope routines] unsupported")
}
fn find(name: &str) -> R<&'static Algorithm> {
    named::find(name).ok_or_else(unsupported)
}

fn make(hasher: Box<dyn Hasher>, algorithm: &'static Algorithm) -> Gc<NamedHash> {
    let class = if algorithm.is_endless() { class_of_def(HashXof::CLASS_DEF) } else { class_of_def(Hash::CLASS_DEF) };
    new_object(class, NamedHash { header: Header::blank(), state: heap::Mutex::new(Running(hasher)), algorithm })
}
fn start(algorithm: &'static Algorithm, data: Option<Value>) -> R<Gc<NamedHash>> {
    let data = data.map(bytes_argument).transpose()?;
    let mut hasher = algorithm.start();
    if let Some(data) = data {
        feed_alone(&mut *hasher, &data)?;
    }
    Ok(make(hasher, algorithm))
}
fn started(name: &str, data: Option<Value>, string: Option<Value>) -> R<Gc<NamedHash>> {
    start(find(name)?, data_argument(data, string)?)
}
fn finish(this: Gc<NamedHash>, length: i64) -> R<Vec<u8>> {
    match length {
        0..LONGEST => Ok(this.state.lock().0.finish(length as usize)),
        LONGEST.. => Err(value_error!("digest length is too large")),
        _ => Err(value_error!("value must be positive")),
    }
}

/// A running hash of a name.
#[native_class(name = "_hashlib.HASH", layout = NamedHash, base = object, flags = "no_new")]
impl Hash {
    fn __repr__(this: Gc<NamedHash>) -> String {
        let class = objects::class_name(this.value());
        format!("<{} {class} object @ {:#x}>", this.algorithm.name, this.value().as_ptr() as usize)
    }
    /// A copy of the hash object.
    fn copy(this: Gc<NamedHash>) -> Gc<NamedHash> {
        let hasher = this.state.lock().0.copy();
        make(hasher, this.algorithm)
    }
    /// The digest as bytes.
    fn digest(this: Gc<NamedHash>) -> Value {
        let digest = this.state.lock().0.finish(this.algorithm.size);
        new_bytes(&digest)
    }
    /// The digest as a string of hexadecimal digits.
    fn hexdigest(this: Gc<NamedHash>) -> String {
        hex(&this.state.lock().0.finish(this.algorithm.size))
    }
    /// Hash more data.
    #[sig("($self, obj, /)")]
    fn update(this: Gc<NamedHash>, obj: Value) -> R<()> {
        let data = bytes_argument(obj)?;
        feed(&this.state, |running| &mut running.0, &data)
    }
    #[getter]
    fn name(this: Gc<NamedHash>) -> &'static str {
        this.algorithm.name
    }
    #[getter]
    fn digest_size(this: Gc<NamedHash>) -> usize {
        this.algorithm.size
    }
    #[getter]
    fn block_size(this: Gc<NamedHash>) -> usize {
        this.algorithm.block
    }
}

pub struct Hash;
pub struct HashXof;

/// A running hash whose digest has any length.
#[native_class(name = "_hashlib.HASHXOF", layout = NamedHash, base = Hash, flags = "no_new")]
impl HashXof {
    /// So many bytes of the digest.
    #[sig("($self, /, length)")]
    fn digest(this: Gc<NamedHash>, length: i64) -> R {
        Ok(new_bytes(&finish(this, length)?))
    }
    /// The hexadecimal digits of so many bytes of the digest.
    #[sig("($self, /, length)")]
    fn hexdigest(this: Gc<NamedHash>, length: i64) -> R<String> {
        Ok(hex(&finish(this, length)?))
    }
}

/// A keyed hash of a name.
#[native_class(name = "_hashlib.HMAC", layout = NamedHmac, base = object, flags = "final no_new")]
impl NamedHmac {
    fn __repr__(this: Gc<NamedHmac>) -> String {
        format!("<{} HMAC object @ {:#x}>", this.algorithm.name, this.value().as_ptr() as usize)
    }
    /// An object that goes on separately from the same state.
    fn copy(this: Gc<NamedHmac>) -> Gc<NamedHmac> {
        let keyed = this.state.lock().0.copy();
        make_keyed(keyed, this.algorithm)
    }
    /// Go on with the bytes of msg.
    #[sig("($self, /, msg)")]
    fn update(this: Gc<NamedHmac>, msg: Value) -> R<()> {
        let data = bytes_argument(msg)?;
        feed(&this.state, |keyed| &mut keyed.0.inner, &data)
    }
    /// The digest of all bytes so far.
    fn digest(this: Gc<NamedHmac>) -> Value {
        let digest = this.state.lock().0.finish();
        new_bytes(&digest)
    }
    /// The digest of all bytes so far in hexadecimal digits.
    fn hexdigest(this: Gc<NamedHmac>) -> String {
        hex(&this.state.lock().0.finish())
    }
    #[getter]
    fn name(this: Gc<NamedHmac>) -> String {
        format!("hmac-{}", this.algorithm.name)
    }
    #[getter]
    fn digest_size(this: Gc<NamedHmac>) -> usize {
        this.algorithm.size
    }
    #[getter]
    fn block_size(this: Gc<NamedHmac>) -> usize {
        this.algorithm.block
    }
}

fn make_keyed(keyed: Keyed, algorithm: &'static Algorithm) -> Gc<NamedHmac> {
    let state = heap::Mutex::new(RunningKeyed(keyed));
    new_object(class_of_def(NamedHmac::CLASS_DEF), NamedHmac { header: Header::blank(), state, algorithm })
}

/// The algorithm of a `digestmod`: its name, or one of the functions of this module.
fn algorithm_of(digestmod: Value) -> R<&'static Algorithm> {
    let algorithm = if let Some(name) = digestmod.cast::<Str>() {
        find(&name.to_string_lossy())?
    } else {
        let function = digestmod.cast_exact::<NativeFunction>().filter(|function| function.def.module == "_hashlib");
        let name = function.and_then(|function| function.def.name.strip_prefix("openssl_"));
        match name.and_then(named::find) {
            Some(algorithm) => algorithm,
            None => {
                let shown = objects::repr(digestmod)?;
                return Err(UNSUPPORTED.raise(&format!("Unsupported digestmod {}", shown.to_string_lossy())));
            }
        }
    };
    if algorithm.is_endless() { Err(value_error!("no reason supplied")) } else { Ok(algorithm) }
}

pub struct HashlibModule;

/// Hashes by name.
#[native_module(name = "_hashlib")]
impl HashlibModule {
    #[attr("_GIL_MINSIZE")]
    const MIN_SIZE: i32 = BLOCKING_SIZE as i32;

    /// A new hash object of the algorithm of that name.
    #[sig("($module, /, name, data=b'', *, usedforsecurity=True, string=None)")]
    fn new(name: &str, data: Option<Value>, usedforsecurity: bool, string: Option<Value>) -> R<Gc<NamedHash>> {
        let _ = usedforsecurity;
        let data = data_argument(data, string)?;
        start(find(name)?, data)
    }
    /// A new hash object of MD5.
    #[sig("($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn openssl_md5(data: Option<Value>, usedforsecurity: bool, string: Option<Value>) -> R<Gc<NamedHash>> {
        let _ = usedforsecurity;
        started("md5", data, string)
    }
    /// A new hash object of SHA-1.
    #[sig("($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn openssl_sha1(data: Option<Value>, usedforsecurity: bool, string: Option<Value>) -> R<Gc<NamedHash>> {
        let _ = usedforsecurity;
        started("sha1", data, string)
    }
    /// A new hash object of SHA-224.
    #[sig("($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn openssl_sha224(data: Option<Value>, usedforsecurity: bool, string: Option<Value>) -> R<Gc<NamedHash>> {
        let _ = usedforsecurity;
        started("sha224", data, string)
    }
    /// A new hash object of SHA-256.
    #[sig("($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn openssl_sha256(data: Option<Value>, usedforsecurity: bool, string: Option<Value>) -> R<Gc<NamedHash>> {
        let _ = usedforsecurity;
        started("sha256", data, string)
    }
    /// A new hash object of SHA-384.
    #[sig("($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn openssl_sha384(data: Option<Value>, usedforsecurity: bool, string: Option<Value>) -> R<Gc<NamedHash>> {
        let _ = usedforsecurity;
        started("sha384", data, string)
    }
    /// A new hash object of SHA-512.
    #[sig("($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn openssl_sha512(data: Option<Value>, usedforsecurity: bool, string: Option<Value>) -> R<Gc<NamedHash>> {
        let _ = usedforsecurity;
        started("sha512", data, string)
    }
    /// A new hash object of SHA3-224.
    #[sig("($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn openssl_sha3_224(data: Option<Value>, usedforsecurity: bool, string: Option<Value>) -> R<Gc<NamedHash>> {
        let _ = usedforsecurity;
        started("sha3_224", data, string)
    }
    /// A new hash object of SHA3-256.
    #[sig("($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn openssl_sha3_256(data: Option<Value>, usedforsecurity: bool, string: Option<Value>) -> R<Gc<NamedHash>> {
        let _ = usedforsecurity;
        started("sha3_256", data, string)
    }
    /// A new hash object of SHA3-384.
    #[sig("($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn openssl_sha3_384(data: Option<Value>, usedforsecurity: bool, string: Option<Value>) -> R<Gc<NamedHash>> {
        let _ = usedforsecurity;
        started("sha3_384", data, string)
    }
    /// A new hash object of SHA3-512.
    #[sig("($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn openssl_sha3_512(data: Option<Value>, usedforsecurity: bool, string: Option<Value>) -> R<Gc<NamedHash>> {
        let _ = usedforsecurity;
        started("sha3_512", data, string)
    }
    /// A new hash object of SHAKE-128.
    #[sig("($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn openssl_shake_128(data: Option<Value>, usedforsecurity: bool, string: Option<Value>) -> R<Gc<NamedHash>> {
        let _ = usedforsecurity;
        started("shake_128", data, string)
    }
    /// A new hash object of SHAKE-256.
    #[sig("($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn openssl_shake_256(data: Option<Value>, usedforsecurity: bool, string: Option<Value>) -> R<Gc<NamedHash>> {
        let _ = usedforsecurity;
        started("shake_256", data, string)
    }
    /// A new HMAC object.
    #[sig("($module, /, key, msg=b'', digestmod=None)")]
    fn hmac_new(key: Buf, msg: Option<Value>, digestmod: Option<Value>) -> R<Gc<NamedHmac>> {
        let Some(digestmod) = digestmod else { return Err(type_error!("Missing required parameter 'digestmod'.")) };
        let algorithm = algorithm_of(digestmod)?;
        let made = make_keyed(algorithm.keyed(&key), algorithm);
        if let Some(msg) = msg.filter(|msg| !msg.is_none()) {
            NamedHmac::update(made, msg)?;
        }
        Ok(made)
    }
    /// The HMAC of a message in one go.
    #[sig("($module, /, key, msg, digest)")]
    fn hmac_digest(key: Buf, msg: Buf, digest: Value) -> R {
        let mut keyed = algorithm_of(digest)?.keyed(&key);
        feed_alone(&mut *keyed.inner, &msg)?;
        Ok(new_bytes(&keyed.finish()))
    }
    /// Whether the library is restricted to what a standard of the United States allows: 0.
    fn get_fips_mode() -> i32 {
        0
    }
    /// The key that PBKDF2 (PKCS #5 v2.0) derives from a password, with HMAC.
    #[sig("($module, /, hash_name, password, salt, iterations, dklen=None)")]
    fn pbkdf2_hmac(hash_name: &str, password: Buf, salt: Buf, iterations: i64, dklen: Option<Value>) -> R {
        derivation::pbkdf2_hmac(find(hash_name)?, password, salt, iterations, dklen)
    }
    /// The key that scrypt derives from a password.
    #[sig("($module, /, password, *, salt, n, r, p, maxmem=0, dklen=64)")]
    fn scrypt(password: Buf, salt: Option<Buf>, n: i64, r: i64, p: i64, maxmem: i64, dklen: i64) -> R {
        derivation::scrypt_key(password, salt, n, r, p, maxmem, dklen)
    }

    fn __exec__(module: Value) -> R<()> {
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        module.set("HASH", class_of_def(Hash::CLASS_DEF).value())?;
        module.set("HASHXOF", class_of_def(HashXof::CLASS_DEF).value())?;
        module.set("HMAC", class_of_def(NamedHmac::CLASS_DEF).value())?;
        module.set("UnsupportedDigestmodError", UNSUPPORTED.class()?.value())?;
        let import = get_attr_named(objects::door::builtins_module()?, "__import__")?;
        let operator = call(import, &[new_str("_operator")])?;
        module.set("compare_digest", get_attr_named(operator, "_compare_digest")?)?;
        let names: GcVec = named::ALGORITHMS.iter().map(|algorithm| new_str(algorithm.name)).collect();
        let frozenset = get_attr_named(objects::door::builtins_module()?, "frozenset")?;
        module.set("openssl_md_meth_names", call(frozenset, &[objects::new_list(&names).value()])?)?;
        let constructors = new_dict();
        for algorithm in &named::ALGORITHMS {
            if let Some(function) = module.get(&format!("openssl_{}", algorithm.name)) {
                objects::dict::dict_set(constructors, function, new_str(algorithm.name))?;
            }
        }
        let types = call(import, &[new_str("types")])?;
        module.set("_constructors", call(get_attr_named(types, "MappingProxyType")?, &[constructors.value()])?)
    }
}
