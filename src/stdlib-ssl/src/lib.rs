//! Module `_ssl` on rustls. Must not know: which other native modules exist (sockets are used by their Python methods).

pub mod bio;
pub mod certificate;
pub mod ciphers;
pub mod config;
pub mod connection;
pub mod constants;
pub mod context;
pub mod der;
pub mod errors;
pub mod oids;
pub mod peer;
pub mod pem;
pub mod sessions;
pub mod socket;
pub mod verify;

use bio::MemoryBio;
use context::SslContext;
use errors::SslError;
use native_macros::native_module;
use objects::native::ModuleDef;
use objects::{Cast, Module, R, Value, new_bytes, new_int, new_str, new_tuple, value_error};
use peer::{CertificateObject, SessionObject};
use socket::SslSocket;

/// Every module of this crate.
pub static MODULES: &[&ModuleDef] = &[Ssl::MODULE];

fn entry_value(entry: &oids::Entry) -> Value {
    new_tuple(&[new_int(entry.nid), new_str(entry.short), new_str(entry.long), new_str(entry.oid)]).value()
}

pub struct Ssl;

/// The native part of the ssl module, which has the documentation.
#[native_module(name = "_ssl", classes = [SslError, SslContext, SslSocket, MemoryBio, SessionObject, CertificateObject])]
impl Ssl {
    fn __exec__(module: Value) -> R<()> {
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        for class in errors::ALL {
            let class = class.class()?;
            module.set(&objects::class::Class::name_text(&class), class.value())?;
        }
        constants::enter(module)
    }
    /// Return n random bytes that are fit for cryptography.
    #[name("RAND_bytes")]
    #[sig("(n, /)")]
    fn rand_bytes(n: i32) -> R {
        let Ok(count) = usize::try_from(n) else { return Err(value_error!("num must be positive")) };
        let mut bytes = Vec::new();
        if bytes.try_reserve_exact(count).is_err() {
            return Err(objects::memory_error());
        }
        bytes.resize(count, 0u8);
        match ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut bytes) {
            Ok(()) => Ok(new_bytes(&bytes)),
            Err(_) => Err(errors::plain_error("no random numbers from the system")),
        }
    }
    /// Mix a string into the state of the random number generator.
    ///
    /// entropy, a float, says how much of it is surely random. See RFC 4086.
    #[name("RAND_add")]
    #[sig("(string, entropy, /)")]
    fn rand_add(string: objects::buffer::StrOrBuf, entropy: f64) {
        let _ = (string, entropy);
    }
    /// Whether the random number generator has got enough entropy.
    ///
    /// On some systems RAND_add() must supply it first.
    #[name("RAND_status")]
    fn rand_status() -> bool {
        true
    }
    /// Where CA certificates are looked for by default.
    ///
    /// The four strings are the environment variable for a file, the file, the
    /// environment variable for a directory, the directory.
    fn get_default_verify_paths() -> (&'static str, String, &'static str, String) {
        let (file, directory) = constants::default_paths();
        (constants::CERT_FILE_VARIABLE, file, constants::CERT_DIR_VARIABLE, directory)
    }
    /// The number (NID), short name, long name and OID of an object of ASN.1.
    ///
    /// txt is its OID or, if name=True, possibly one of its names.
    #[sig("(txt, name=False)")]
    fn txt2obj(txt: &str, name: bool) -> R {
        let text = errors::no_nul(txt)?;
        let entry = oids::by_oid(text).or_else(|| if name { oids::by_name(text) } else { None });
        match entry {
            Some(entry) => Ok(entry_value(entry)),
            None => Err(value_error!("unknown object '{}'", text.chars().take(100).collect::<String>())),
        }
    }
    /// The number (NID), short name, long name and OID of the object with that
    /// number.
    fn nid2obj(nid: i32) -> R {
        if nid < 0 {
            return Err(value_error!("NID must be positive"));
        }
        match oids::by_nid(nid as i64) {
            Some(entry) => Ok(entry_value(entry)),
            None => Err(value_error!("unknown NID {nid}")),
        }
    }
    #[sig("(path, /)")]
    fn _test_decode_cert(path: Value) -> R {
        use std::os::unix::ffi::OsStrExt;
        let path = objects::path::fs_bytes(path)?;
        let path = std::path::Path::new(std::ffi::OsStr::from_bytes(path.as_bytes())).to_owned();
        let text = match heap::blocking(|| std::fs::read(&path)) {
            Ok(text) => text,
            Err(_) => return Err(errors::plain_error("Can't open file")),
        };
        let block = pem::blocks(&text).find(|block| block.as_ref().is_ok_and(|block| block.label == "CERTIFICATE"));
        match block {
            Some(Ok(block)) => peer::certificate_dict(&block.data),
            _ => Err(errors::plain_error("Error decoding PEM-encoded file")),
        }
    }
}
