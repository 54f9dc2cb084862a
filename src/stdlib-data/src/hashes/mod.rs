//! The modules of hash algorithms: `_md5`, `_sha1`, `_sha2`, `_sha3`, `_blake2`, `_hmac` and `_hashlib`. What they share: the object and its arguments.
//!
//! Must not know: other modules.

mod blake2;
mod blake2_core;
mod derivation;
mod hmac;
mod keccak;
mod merkle;
mod named;
mod openssl;
mod sha3;

pub use blake2::Blake2Module;
pub use hmac::HmacModule;
pub use merkle::{Md5Module, Sha1Module, Sha2Module};
pub use openssl::HashlibModule;
pub use sha3::Sha3Module;

use base::memory::text_with_room;
use native_macros::Layout;
use objects::{Buf, Cast, Class, Gc, Header, R, Str, Value, new_bytes, new_object, type_error};

/// A running hash computation.
pub trait Hasher: Send {
    fn update(&mut self, data: &[u8]);
    /// The hash of all data so far; `length` is for those that give any number of bytes.
    fn finish(&self, length: usize) -> Vec<u8>;
    fn copy(&self) -> Box<dyn Hasher>;
}

struct Running(Box<dyn Hasher>);
objects::no_references!(Running);

/// The layout of all hash objects.
#[derive(Layout)]
#[repr(C)]
pub struct HashObject {
    pub header: Header,
    state: heap::Mutex<Running>,
    /// Bytes of the digest; 0 if the caller says how many.
    pub size: usize,
}

/// Data of at least this size is hashed while others may collect.
pub const BLOCKING_SIZE: usize = 2048;

/// So much of the data of a new object is hashed between two looks at signals.
pub const PIECE: usize = 64 << 20;

/// `data` or `string`, whichever was given.
pub fn data_argument(data: Option<Value>, string: Option<Value>) -> R<Option<Value>> {
    match (data, string.filter(|string| !string.is_none())) {
        (Some(_), Some(_)) => Err(type_error!(
            "'data' and 'string' are mutually exclusive and support for 'string' keyword parameter is slated for removal in a future version."
        )),
        (data, string) => Ok(data.or(string)),
    }
}

/// The bytes to hash.
pub fn bytes_argument(value: Value) -> R<Buf> {
    if value.cast::<Str>().is_some() {
        return Err(type_error!("Strings must be encoded before hashing"));
    }
    if !objects::buffer::has_buffer(value) {
        return Err(type_error!("object supporting the buffer API required"));
    }
    Buf::new(value)
}

/// A hash object that has seen `data`.
pub fn start(class: Gc<Class>, mut hasher: Box<dyn Hasher>, size: usize, data: Option<Value>) -> R<Gc<HashObject>> {
    let data = data.map(bytes_argument).transpose()?;
    if let Some(data) = data {
        feed_alone(&mut *hasher, &data)?;
    }
    Ok(new_object(class, HashObject { header: Header::blank(), state: heap::Mutex::new(Running(hasher)), size }))
}

/// Goes on with data, where nobody else has the hash; a signal handler may end this in the middle.
pub fn feed_alone(hasher: &mut dyn Hasher, data: &[u8]) -> R<()> {
    for (index, piece) in data.chunks(PIECE).enumerate() {
        if index > 0 {
            objects::thread::poll()?;
        }
        match piece.len() {
            0..BLOCKING_SIZE => hasher.update(piece),
            _ => heap::blocking(|| hasher.update(piece)),
        }
    }
    Ok(())
}

/// Goes on with data. A signal handler may end this; then nothing has happened.
pub fn feed<S>(state: &heap::Mutex<S>, hasher: impl Fn(&mut S) -> &mut Box<dyn Hasher>, data: &[u8]) -> R<()> {
    if data.len() < BLOCKING_SIZE {
        hasher(&mut state.lock()).update(data);
        return Ok(());
    }
    if data.len() <= PIECE {
        heap::blocking(|| hasher(&mut state.lock()).update(data));
        return Ok(());
    }
    const SHOWN: usize = 32;
    let (mut ahead, before) = {
        let mut state = state.lock();
        let hasher = hasher(&mut state);
        (hasher.copy(), hasher.finish(SHOWN))
    };
    feed_alone(&mut *ahead, data)?;
    heap::blocking(|| {
        let mut state = state.lock();
        let hasher = hasher(&mut state);
        // Another thread may have gone on meanwhile.
        if hasher.finish(SHOWN) == before { *hasher = ahead } else { hasher.update(data) }
    });
    Ok(())
}

pub fn update(object: Gc<HashObject>, data: Value) -> R<()> {
    let data = bytes_argument(data)?;
    feed(&object.state, |running| &mut running.0, &data)
}
pub fn digest(object: Gc<HashObject>, length: usize) -> Vec<u8> {
    object.state.lock().0.finish(length)
}
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = text_with_room(2 * bytes.len());
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}
pub fn copy(object: Gc<HashObject>) -> Gc<HashObject> {
    let hasher = object.state.lock().0.copy();
    let class = objects::class_of(object.value());
    new_object(class, HashObject { header: Header::blank(), state: heap::Mutex::new(Running(hasher)), size: object.size })
}
pub fn digest_value(object: Gc<HashObject>) -> Value {
    new_bytes(&digest(object, object.size))
}
