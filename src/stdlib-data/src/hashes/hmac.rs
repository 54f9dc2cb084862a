//! Module `_hmac`: keyed hashes (RFC 2104) over the hash algorithms of this folder. Must not know: other modules.

use super::blake2_core::{Blake2b, Blake2s, Params};
use super::keccak::Keccak;
use super::{BLOCKING_SIZE, Hasher, bytes_argument, hex, merkle};
use native_macros::{Layout, native_class, native_module};
use objects::error_class::{Base, ErrorClass};
use objects::native::rt::class_of_def;
use objects::{Cast, Gc, Header, Layout, R, Str, Value, exc, new_bytes, new_object, repr, type_error};

static UNKNOWN: ErrorClass = ErrorClass::new("UnknownHashError", "_hmac", &[Base::Made(&exc::VALUE_ERROR)]);

/// The two hashes under way.
struct Keyed {
    inner: Box<dyn Hasher>,
    outer: Box<dyn Hasher>,
}
objects::no_references!(Keyed);

/// Name, block size and digest size of an algorithm.
#[derive(Clone, Copy)]
struct Algorithm {
    name: &'static str,
    block: usize,
    size: usize,
}

const ALGORITHMS: [Algorithm; 12] = [
    Algorithm { name: "md5", block: 64, size: 16 },
    Algorithm { name: "sha1", block: 64, size: 20 },
    Algorithm { name: "sha224", block: 64, size: 28 },
    Algorithm { name: "sha256", block: 64, size: 32 },
    Algorithm { name: "sha384", block: 128, size: 48 },
    Algorithm { name: "sha512", block: 128, size: 64 },
    Algorithm { name: "sha3_224", block: 144, size: 28 },
    Algorithm { name: "sha3_256", block: 136, size: 32 },
    Algorithm { name: "sha3_384", block: 104, size: 48 },
    Algorithm { name: "sha3_512", block: 72, size: 64 },
    Algorithm { name: "blake2s_32", block: 64, size: 32 },
    Algorithm { name: "blake2b_32", block: 128, size: 64 },
];

impl Algorithm {
    fn start(self) -> Option<Box<dyn Hasher>> {
        let params = Params::plain(self.size as u8);
        match self.name {
            "blake2s_32" => Some(Box::new(Blake2s::new(&params))),
            "blake2b_32" => Some(Box::new(Blake2b::new(&params))),
            name if name.starts_with("sha3_") => Some(Box::new(Keccak::new(self.block, 0x06))),
            name => merkle::hasher(name),
        }
    }
    fn keyed(self, key: &[u8]) -> Option<Keyed> {
        let mut padded = vec![0; self.block];
        if key.len() > self.block {
            let mut hashed = self.start()?;
            hashed.update(key);
            padded[..self.size].copy_from_slice(&hashed.finish(self.size));
        } else {
            padded[..key.len()].copy_from_slice(key);
        }
        let with = |mask: u8| -> Option<Box<dyn Hasher>> {
            let mut hasher = self.start()?;
            hasher.update(&padded.iter().map(|byte| byte ^ mask).collect::<Vec<u8>>());
            Some(hasher)
        };
        Some(Keyed { inner: with(0x36)?, outer: with(0x5c)? })
    }
}

impl Keyed {
    fn finish(&self, algorithm: Algorithm) -> Vec<u8> {
        let mut outer = self.outer.copy();
        outer.update(&self.inner.finish(algorithm.size));
        outer.finish(algorithm.size)
    }
}

fn find(digest: Value) -> R<Algorithm> {
    if let Some(name) = digest.cast::<Str>() {
        let name = name.to_string_lossy().to_ascii_lowercase().replace('-', "_");
        if let Some(found) = ALGORITHMS.iter().find(|algorithm| algorithm.name == name) {
            return Ok(*found);
        }
    }
    Err(UNKNOWN.raise(&format!("unsupported hash type: {}", repr(digest)?.to_string_lossy())))
}

fn compute(algorithm: Algorithm, key: Value, message: Value) -> R {
    let key = bytes_argument(key)?;
    let message = bytes_argument(message)?;
    let unsupported = || UNKNOWN.raise(&format!("unsupported hash type: '{}'", algorithm.name));
    let mut keyed = algorithm.keyed(&key).ok_or_else(unsupported)?;
    super::feed_alone(&mut *keyed.inner, &message)?;
    Ok(new_bytes(&keyed.finish(algorithm)))
}

fn compute_named(name: &str, key: Value, message: Value) -> R {
    match ALGORITHMS.iter().find(|algorithm| algorithm.name == name) {
        Some(algorithm) => compute(*algorithm, key, message),
        None => Err(UNKNOWN.raise(&format!("unsupported hash type: '{name}'"))),
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct Hmac {
    pub header: Header,
    state: heap::Mutex<Keyed>,
    #[layout(skip)]
    algorithm: Algorithm,
}

fn make(keyed: Keyed, algorithm: Algorithm) -> Gc<Hmac> {
    new_object(Hmac::class(), Hmac { header: Header::blank(), state: heap::Mutex::new(keyed), algorithm })
}

fn feed(this: Gc<Hmac>, message: Value) -> R<()> {
    let message = bytes_argument(message)?;
    super::feed(&this.state, |keyed| &mut keyed.inner, &message)
}

#[native_class(name = "_hmac.HMAC", layout = Hmac, base = object, flags = "final no_new")]
impl Hmac {
    fn __repr__(this: Gc<Hmac>) -> String {
        format!("<{} HMAC object @ {:#x}>", this.algorithm.name, this.value().raw())
    }
    /// An object that goes on separately from the same state.
    fn copy(this: Gc<Hmac>) -> Gc<Hmac> {
        let keyed = {
            let state = this.state.lock();
            Keyed { inner: state.inner.copy(), outer: state.outer.copy() }
        };
        make(keyed, this.algorithm)
    }
    /// Go on with the bytes of msg.
    #[sig("($self, /, msg)")]
    fn update(this: Gc<Hmac>, msg: Value) -> R<()> {
        feed(this, msg)
    }
    /// The digest of all bytes so far.
    ///
    /// More may follow.
    fn digest(this: Gc<Hmac>) -> Value {
        let digest = this.state.lock().finish(this.algorithm);
        new_bytes(&digest)
    }
    /// The digest of all bytes so far in hexadecimal digits.
    ///
    /// In that form it can go into mails and other text.
    fn hexdigest(this: Gc<Hmac>) -> String {
        hex(&this.state.lock().finish(this.algorithm))
    }
    #[getter]
    fn name(this: Gc<Hmac>) -> String {
        format!("hmac-{}", this.algorithm.name)
    }
    #[getter]
    fn block_size(this: Gc<Hmac>) -> usize {
        this.algorithm.block
    }
    #[getter]
    fn digest_size(this: Gc<Hmac>) -> usize {
        this.algorithm.size
    }
}

pub struct HmacModule;

#[native_module(name = "_hmac")]
impl HmacModule {
    #[attr("_GIL_MINSIZE")]
    const MIN_SIZE: i32 = BLOCKING_SIZE as i32;
    #[attr("HMAC")]
    fn class() -> R {
        Ok(class_of_def(Hmac::CLASS_DEF).value())
    }
    #[attr("UnknownHashError")]
    fn unknown() -> R {
        Ok(UNKNOWN.class()?.value())
    }
    /// An object that computes an HMAC.
    #[sig("(key, msg=None, digestmod=None)")]
    fn new(key: Value, msg: Option<Value>, digestmod: Option<Value>) -> R<Gc<Hmac>> {
        let Some(digestmod) = digestmod else {
            return Err(type_error!("new() missing 1 required argument 'digestmod'"));
        };
        let algorithm = find(digestmod)?;
        let key = bytes_argument(key)?;
        let unsupported = || UNKNOWN.raise(&format!("unsupported hash type: '{}'", algorithm.name));
        let keyed = algorithm.keyed(&key).ok_or_else(unsupported)?;
        let made = make(keyed, algorithm);
        if let Some(message) = msg.filter(|message| !message.is_none()) {
            feed(made, message)?;
        }
        Ok(made)
    }
    #[sig("(key, msg, digest)")]
    fn compute_digest(key: Value, msg: Value, digest: Value) -> R {
        compute(find(digest)?, key, msg)
    }
    fn compute_md5(key: Value, msg: Value) -> R {
        compute_named("md5", key, msg)
    }
    fn compute_sha1(key: Value, msg: Value) -> R {
        compute_named("sha1", key, msg)
    }
    fn compute_sha224(key: Value, msg: Value) -> R {
        compute_named("sha224", key, msg)
    }
    fn compute_sha256(key: Value, msg: Value) -> R {
        compute_named("sha256", key, msg)
    }
    fn compute_sha384(key: Value, msg: Value) -> R {
        compute_named("sha384", key, msg)
    }
    fn compute_sha512(key: Value, msg: Value) -> R {
        compute_named("sha512", key, msg)
    }
    fn compute_sha3_224(key: Value, msg: Value) -> R {
        compute_named("sha3_224", key, msg)
    }
    fn compute_sha3_256(key: Value, msg: Value) -> R {
        compute_named("sha3_256", key, msg)
    }
    fn compute_sha3_384(key: Value, msg: Value) -> R {
        compute_named("sha3_384", key, msg)
    }
    fn compute_sha3_512(key: Value, msg: Value) -> R {
        compute_named("sha3_512", key, msg)
    }
    fn compute_blake2s_32(key: Value, msg: Value) -> R {
        compute_named("blake2s_32", key, msg)
    }
    fn compute_blake2b_32(key: Value, msg: Value) -> R {
        compute_named("blake2b_32", key, msg)
    }
}
