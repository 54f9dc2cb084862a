//! `_ssl._SSLContext`: settings, certificates, and the making of sockets. Must not know: how bytes travel.

use crate::bio::MemoryBio;
use crate::ciphers::{self, Suite};
use crate::config::{self, CERT_NONE, Settings};
use crate::errors::{self, library_error};
use crate::socket::{SslSocket, Transport};
use crate::verify::{self, Bundle};
use crate::{constants, peer, pem};
use native_macros::{Layout, native_class};
use objects::dict::{dict_set, new_dict};
use objects::exc::OSErrorObject;
use objects::{
    Buf, ByteArray, Bytes, Cast, Class, Gc, GcVec, Header, R, Raised, Slot, Str, Value, exc, new_bytes, new_int, new_list,
    new_object, new_str, type_error, value_error,
};
use rustls::crypto::ring::kx_group;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

objects::no_references!(Settings);

#[derive(Layout)]
#[repr(C)]
pub struct SslContext {
    pub header: Header,
    pub settings: heap::Mutex<Settings>,
    pub sni_callback: Slot,
    pub connects: AtomicI64,
    pub accepts: AtomicI64,
    pub good_connects: AtomicI64,
    pub good_accepts: AtomicI64,
    pub hits: AtomicI64,
}

fn path_of(value: Value, what: &str) -> R<PathBuf> {
    match objects::path::fs_bytes(value) {
        Ok(bytes) => Ok(Path::new(std::ffi::OsStr::from_bytes(bytes.as_bytes())).to_owned()),
        Err(raised) if raised.is(&exc::TYPE_ERROR) => {
            raised.clear();
            Err(type_error!("{what} should be a valid filesystem path"))
        }
        Err(raised) => Err(raised),
    }
}

#[cold]
fn file_error(error: &std::io::Error) -> Raised {
    match error.raw_os_error() {
        Some(number) => {
            let raised = objects::os_error(number, None, None);
            // Only the number and the text, as from the C library.
            debug_assert!(raised.peek().cast::<OSErrorObject>().is_some());
            raised
        }
        None => objects::io_error(error),
    }
}

fn given(value: Option<Value>) -> Option<Value> {
    value.filter(|value| !value.is_none())
}

/// The password of a key: text, bytes, or what a callable gives.
fn password_bytes(password: Value) -> R<Vec<u8>> {
    let plain = |value: Value| -> R<Option<Vec<u8>>> {
        if let Some(text) = value.cast::<Str>() {
            return objects::path::fs_encode(text).map(Some);
        }
        if value.cast::<Bytes>().is_some() || value.cast::<ByteArray>().is_some() {
            return Ok(Some(Buf::new(value)?.as_slice().to_vec()));
        }
        Ok(None)
    };
    let bytes = match plain(password)? {
        Some(bytes) => bytes,
        None if objects::is_callable(password) => match plain(objects::call(password, &[])?)? {
            Some(bytes) => bytes,
            None => return Err(type_error!("password callback must return a string")),
        },
        None => return Err(type_error!("password should be a string or callable")),
    };
    if bytes.len() > 1024 {
        return Err(value_error!("password cannot be longer than 1024 bytes"));
    }
    Ok(bytes)
}

fn pem_error() -> Raised {
    library_error("SSL", None, "PEM lib")
}

/// The private key of a file, decrypted.
fn read_key(text: &[u8], password: Option<Value>) -> R<Vec<u8>> {
    for block in pem::blocks(text) {
        let Ok(block) = block else { return Err(pem_error()) };
        if !block.label.ends_with("PRIVATE KEY") {
            continue;
        }
        if !block.encrypted {
            return Ok(block.data);
        }
        let Some(password) = password else {
            return Err(library_error("SSL", None, "PEM lib: the private key needs a password"));
        };
        let password = password_bytes(password)?;
        let result = heap::blocking(|| match &block.cipher {
            Some(info) => pem::decrypt_old_key(info, &block.data, &password),
            None => pem::decrypt_key(&block.data, &password),
        });
        return result.map_err(|error| match error {
            pem::KeyError::BadDecrypt => pem_error(),
            pem::KeyError::Unsupported(what) => library_error("SSL", None, &format!("PEM lib: unsupported encryption {what}")),
        });
    }
    Err(pem_error())
}

fn suite_dict(suite: &Suite) -> R {
    let dict = new_dict();
    let set = |key: &str, value: Value| dict_set(dict, new_str(key), value);
    set("id", new_int(0x0300_0000 | suite.code() as i64))?;
    set("name", new_str(suite.name))?;
    set("protocol", new_str(suite.protocol()))?;
    set("description", new_str(&suite.description()))?;
    set("strength_bits", new_int(suite.bits))?;
    set("alg_bits", new_int(suite.bits))?;
    set("aead", Value::bool(true))?;
    set("symmetric", new_str(suite.symmetric))?;
    set("digest", Value::none())?;
    set("kea", new_str(suite.key_exchange()))?;
    set("auth", new_str(suite.authentication()))?;
    Ok(dict.value())
}

fn may_sign(der: &[u8]) -> bool {
    crate::certificate::Certificate::read(der).is_some_and(|read| read.is_authority())
}

fn deprecated(text: &str) -> R<()> {
    objects::warnings::warn(&exc::DEPRECATION_WARNING, text, 2)
}

/// The name of an SSL server: ASCII, not empty, no leading dot.
fn host_name(value: Option<Value>) -> R<Option<String>> {
    let Some(value) = given(value) else { return Ok(None) };
    let text = if let Some(text) = value.cast::<Str>() {
        text.to_string_lossy()
    } else if value.cast::<Bytes>().is_some() || value.cast::<ByteArray>().is_some() {
        String::from_utf8_lossy(Buf::new(value)?.as_slice()).into_owned()
    } else {
        return Err(type_error!("encoded string argument expected, not {}", objects::class_name(value)));
    };
    if text.contains('\0') {
        return Err(type_error!("argument must be encoded string without null bytes, not str"));
    }
    if !text.is_ascii() {
        return Err(value_error!("server_hostname must be ASCII"));
    }
    if text.is_empty() || text.starts_with('.') {
        return Err(value_error!("server_hostname cannot be an empty string or start with a leading dot."));
    }
    Ok(Some(text))
}

impl SslContext {
    fn change<T>(&self, work: impl FnOnce(&mut Settings) -> T) -> T {
        let mut settings = self.settings.lock();
        settings.changed();
        work(&mut settings)
    }
    fn check_parameters(&self, server_side: bool, name: Option<Value>, session: Option<Value>) -> R<()> {
        let has_name = match given(name) {
            Some(name) => objects::is_true(name)?,
            None => false,
        };
        if server_side && has_name {
            return Err(value_error!("server_hostname can only be specified in client mode"));
        }
        if server_side && given(session).is_some() {
            return Err(value_error!("session can only be specified in client mode"));
        }
        if !has_name && self.settings.lock().check_hostname {
            return Err(value_error!("check_hostname requires server_hostname"));
        }
        Ok(())
    }
    fn has_adjustable_versions(&self) -> R<()> {
        let protocol = self.settings.lock().protocol;
        if [config::PROTOCOL_TLS, config::PROTOCOL_TLS_CLIENT, config::PROTOCOL_TLS_SERVER].contains(&protocol) {
            return Ok(());
        }
        Err(value_error!("The context's protocol doesn't support modification of highest and lowest version."))
    }
    fn check_version(&self, version: i32) -> R<()> {
        match version {
            -2 | -1 | config::TLS1_2 | config::TLS1_3 => Ok(()),
            0x300 => deprecated("ssl.TLSVersion.SSLv3 is deprecated"),
            0x301 => deprecated("ssl.TLSVersion.TLSv1 is deprecated"),
            0x302 => deprecated("ssl.TLSVersion.TLSv1_1 is deprecated"),
            other => Err(value_error!("Unsupported TLS/SSL version 0x{other:x}")),
        }
    }
    /// Adds a file of certificates.
    fn load_file(&self, path: &Path) -> R<()> {
        match heap::blocking(|| verify::load_file(path)) {
            Err(error) => Err(file_error(&error)),
            Ok(None) => Err(library_error("X509", None, "PEM lib")),
            Ok(Some(bundle)) if bundle.is_empty() => {
                Err(library_error("X509", Some("NO_CERTIFICATE_OR_CRL_FOUND"), "no certificate or crl found"))
            }
            Ok(Some(bundle)) => {
                self.change(|settings| settings.store.add(bundle));
                Ok(())
            }
        }
    }
    fn load_data(&self, data: Value) -> R<()> {
        let bundle = if let Some(text) = data.cast::<Str>() {
            let Some(ascii) = text.as_ascii() else {
                return Err(type_error!("cadata should be an ASCII string or a bytes-like object"));
            };
            if !ascii.contains("-----BEGIN") {
                let text = if ascii.is_empty() { None } else { Some("no start line: cadata does not contain a certificate") };
                return Err(match text {
                    Some(text) => errors::plain_error(text),
                    None => value_error!("Empty certificate data"),
                });
            }
            match Bundle::from_pem(ascii.as_bytes()) {
                Some(bundle) => bundle,
                None => return Err(library_error("PEM", Some("BAD_BASE64_DECODE"), "bad base64 decode")),
            }
        } else {
            let data = match Buf::new(data) {
                Ok(data) => data,
                Err(raised) => {
                    raised.clear();
                    return Err(type_error!("cadata should be an ASCII string or a bytes-like object"));
                }
            };
            if data.as_slice().is_empty() {
                return Err(value_error!("Empty certificate data"));
            }
            match Bundle::from_der(&data) {
                Some(bundle) => bundle,
                None => {
                    let text = "not enough data: cadata does not contain a certificate";
                    return Err(errors::plain_error(text));
                }
            }
        };
        self.change(|settings| settings.store.add(Arc::new(bundle)));
        Ok(())
    }
}

/// Settings, keys and trusted certificates of connections.
#[native_class(name = "_ssl._SSLContext", base = object)]
impl SslContext {
    #[new]
    #[sig("(protocol, /)")]
    fn new(cls: Gc<Class>, protocol: i32) -> R {
        match protocol {
            config::PROTOCOL_TLS_CLIENT | config::PROTOCOL_TLS_SERVER => {}
            config::PROTOCOL_TLS => deprecated("ssl.PROTOCOL_TLS is deprecated")?,
            config::PROTOCOL_TLSV1_2 => deprecated("ssl.PROTOCOL_TLSv1_2 is deprecated")?,
            _ => return Err(value_error!("invalid or unsupported protocol version {protocol}")),
        }
        let context = SslContext {
            header: Header::blank(),
            settings: heap::Mutex::new(Settings::new(protocol)),
            sni_callback: Slot::empty(),
            connects: AtomicI64::new(0),
            accepts: AtomicI64::new(0),
            good_connects: AtomicI64::new(0),
            good_accepts: AtomicI64::new(0),
            hits: AtomicI64::new(0),
        };
        Ok(new_object(cls, context).value())
    }

    #[sig("($self, sock, server_side, server_hostname=None, *, owner=None, session=None)")]
    fn _wrap_socket(
        this: Gc<SslContext>,
        sock: Value,
        server_side: bool,
        server_hostname: Option<Value>,
        owner: Option<Value>,
        session: Option<Value>,
    ) -> R {
        this.check_parameters(server_side, server_hostname, session)?;
        let name = host_name(server_hostname)?;
        SslSocket::make(this, Transport::Socket(sock), server_side, name, given(owner), given(session))
    }
    #[sig("($self, incoming, outgoing, server_side, server_hostname=None, *, owner=None, session=None)")]
    fn _wrap_bio(
        this: Gc<SslContext>,
        incoming: Gc<MemoryBio>,
        outgoing: Gc<MemoryBio>,
        server_side: bool,
        server_hostname: Option<Value>,
        owner: Option<Value>,
        session: Option<Value>,
    ) -> R {
        this.check_parameters(server_side, server_hostname, session)?;
        let name = host_name(server_hostname)?;
        SslSocket::make(this, Transport::Bios(incoming, outgoing), server_side, name, given(owner), given(session))
    }

    /// How many X.509 certificates are loaded, and how many of them are of CAs.
    ///
    /// Revocation lists are counted too. Certificates in a capath directory are
    /// loaded, and so count, only once they are used.
    fn cert_store_stats(this: Gc<SslContext>) -> R {
        let store = this.settings.lock().store.clone();
        let loaded = store.loaded();
        let all = loaded.len();
        let authorities = loaded.iter().filter(|der| may_sign(der)).count();
        let lists: usize = store.bundles.iter().map(|bundle| bundle.revocations.len()).sum();
        let dict = new_dict();
        dict_set(dict, new_str("x509"), new_int(all as i64))?;
        dict_set(dict, new_str("crl"), new_int(lists as i64))?;
        dict_set(dict, new_str("x509_ca"), new_int(authorities as i64))?;
        Ok(dict.value())
    }
    /// The loaded certificates of CAs, each as a dict or, if the argument is True,
    /// in DER.
    ///
    /// Those in a capath directory are loaded only once they are used.
    #[sig("($self, binary_form=False)")]
    fn get_ca_certs(this: Gc<SslContext>, binary_form: bool) -> R {
        let store = this.settings.lock().store.clone();
        let mut found = GcVec::new();
        for der in store.loaded().iter().filter(|der| may_sign(der)) {
            found.push(if binary_form { new_bytes(der) } else { peer::certificate_dict(der)? });
        }
        Ok(new_list(&found).value())
    }
    fn get_ciphers(this: Gc<SslContext>) -> R {
        let suites = this.settings.lock().suites.clone();
        let mut found = GcVec::new();
        for suite in suites {
            found.push(suite_dict(suite)?);
        }
        Ok(new_list(&found).value())
    }
    #[sig("($self, cipherlist, /)")]
    fn set_ciphers(this: Gc<SslContext>, cipherlist: &str) -> R<()> {
        match ciphers::choose(errors::no_nul(cipherlist)?) {
            Some(suites) => {
                this.change(|settings| settings.suites = suites);
                Ok(())
            }
            None => Err(errors::bare_error("No cipher can be selected.")),
        }
    }

    #[sig("($self, certfile, keyfile=None, password=None)")]
    fn load_cert_chain(this: Gc<SslContext>, certfile: Value, keyfile: Option<Value>, password: Option<Value>) -> R<()> {
        let certfile = path_of(certfile, "certfile")?;
        let keyfile = given(keyfile).map(|path| path_of(path, "keyfile")).transpose()?;
        let password = given(password);
        if let Some(password) = password {
            let is_text = password.cast::<Str>().is_some();
            if is_text || password.cast::<Bytes>().is_some() || password.cast::<ByteArray>().is_some() {
                password_bytes(password)?;
            } else if !objects::is_callable(password) {
                return Err(type_error!("password should be a string or callable"));
            }
        }
        let text = heap::blocking(|| std::fs::read(&certfile)).map_err(|error| file_error(&error))?;
        let mut chain = Vec::new();
        for block in pem::blocks(&text) {
            match block {
                Ok(block) if block.label.ends_with("CERTIFICATE") => chain.push(block.data),
                Ok(_) => {}
                Err(()) => return Err(pem_error()),
            }
        }
        if chain.is_empty() || !chain.iter().all(|der| crate::certificate::Certificate::read(der).is_some()) {
            return Err(pem_error());
        }
        let key_text = match &keyfile {
            Some(path) => heap::blocking(|| std::fs::read(path)).map_err(|error| file_error(&error))?,
            None => text,
        };
        let key = read_key(&key_text, password)?;
        let certified = config::certified_key(chain, key).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => library_error("X509", Some("KEY_VALUES_MISMATCH"), "key values mismatch"),
            other => library_error("SSL", None, &format!("PEM lib: {other}")),
        })?;
        this.change(|settings| {
            let algorithm = certified.key.algorithm();
            settings.keys.retain(|known| known.key.algorithm() != algorithm);
            settings.keys.push(Arc::new(certified));
        });
        Ok(())
    }
    #[sig("($self, cafile=None, capath=None, cadata=None)")]
    fn load_verify_locations(this: Gc<SslContext>, cafile: Option<Value>, capath: Option<Value>, cadata: Option<Value>) -> R<()> {
        let (cafile, capath, cadata) = (given(cafile), given(capath), given(cadata));
        if cafile.is_none() && capath.is_none() && cadata.is_none() {
            return Err(type_error!("cafile, capath and cadata cannot be all omitted"));
        }
        let cafile = cafile.map(|path| path_of(path, "cafile")).transpose()?;
        let capath = capath.map(|path| path_of(path, "capath")).transpose()?;
        if let Some(data) = cadata {
            this.load_data(data)?;
        }
        if let Some(path) = cafile {
            this.load_file(&path)?;
        }
        if let Some(path) = capath {
            this.change(|settings| settings.store.directories.push(path));
        }
        Ok(())
    }
    fn set_default_verify_paths(this: Gc<SslContext>) -> R<()> {
        let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
        let file = variable(constants::CERT_FILE_VARIABLE).or_else(constants::default_cert_file);
        if let Some(path) = file
            && let Ok(Some(bundle)) = heap::blocking(|| verify::load_file(&path))
        {
            this.change(|settings| settings.store.add(bundle));
        }
        let directory = variable(constants::CERT_DIR_VARIABLE).or_else(constants::default_cert_dir);
        if let Some(path) = directory {
            this.change(|settings| settings.store.directories.push(path));
        }
        Ok(())
    }
    /// Parameters for key exchange. There is no suite here that uses them, so the file is only checked.
    #[sig("($self, path, /)")]
    fn load_dh_params(this: Gc<SslContext>, path: Value) -> R<()> {
        let _ = this;
        let path = path_of(path, "path")?;
        let text = heap::blocking(|| std::fs::read(&path)).map_err(|error| file_error(&error))?;
        let is_there = pem::blocks(&text).any(|block| block.is_ok_and(|block| block.label == "DH PARAMETERS"));
        if is_there { Ok(()) } else { Err(library_error("PEM", Some("NO_START_LINE"), "no start line")) }
    }
    #[sig("($self, name, /)")]
    fn set_ecdh_curve(this: Gc<SslContext>, name: Value) -> R<()> {
        let bytes = objects::path::fs_bytes(name)?;
        let text = String::from_utf8_lossy(bytes.as_bytes()).into_owned();
        let group = match text.as_str() {
            "prime256v1" | "P-256" => kx_group::SECP256R1,
            "secp384r1" | "P-384" => kx_group::SECP384R1,
            "X25519" => kx_group::X25519,
            _ => return Err(value_error!("unknown elliptic curve name {}", objects::repr(name)?.to_string_lossy())),
        };
        this.change(|settings| settings.group = Some(group));
        Ok(())
    }
    #[sig("($self, protos, /)")]
    fn _set_alpn_protocols(this: Gc<SslContext>, protos: Buf) -> R<()> {
        let (mut names, mut rest) = (Vec::new(), protos.as_slice());
        while let Some((&length, after)) = rest.split_first() {
            if length == 0 || after.len() < length as usize {
                return Err(value_error!("invalid list of protocols"));
            }
            names.push(after[..length as usize].to_vec());
            rest = &after[length as usize..];
        }
        this.change(|settings| settings.alpn = names);
        Ok(())
    }
    fn session_stats(this: Gc<SslContext>) -> R {
        let dict = new_dict();
        let set = |key: &str, value: i64| dict_set(dict, new_str(key), new_int(value));
        let load = |counter: &AtomicI64| counter.load(Ordering::Relaxed);
        set("number", 0)?;
        set("connect", load(&this.connects))?;
        set("connect_good", load(&this.good_connects))?;
        set("connect_renegotiate", 0)?;
        set("accept", load(&this.accepts))?;
        set("accept_good", load(&this.good_accepts))?;
        set("accept_renegotiate", 0)?;
        set("hits", load(&this.hits))?;
        set("misses", 0)?;
        set("timeouts", 0)?;
        set("cache_full", 0)?;
        Ok(dict.value())
    }
    #[sig("($self, callback)")]
    fn set_psk_client_callback(this: Gc<SslContext>, callback: Value) -> R<()> {
        let _ = (this, callback);
        Err(errors::unsupported("PSK (set_psk_client_callback)"))
    }
    #[sig("($self, callback, identity_hint=None)")]
    fn set_psk_server_callback(this: Gc<SslContext>, callback: Value, identity_hint: Option<Value>) -> R<()> {
        let _ = (this, callback, identity_hint);
        Err(errors::unsupported("PSK (set_psk_server_callback)"))
    }

    #[getter]
    fn protocol(this: Gc<SslContext>) -> i32 {
        this.settings.lock().protocol
    }
    #[getter]
    fn check_hostname(this: Gc<SslContext>) -> bool {
        this.settings.lock().check_hostname
    }
    #[setter(check_hostname)]
    fn set_check_hostname(this: Gc<SslContext>, value: bool) {
        this.change(|settings| {
            settings.check_hostname = value;
            if value && settings.verify_mode == CERT_NONE {
                settings.verify_mode = config::CERT_REQUIRED;
            }
        });
    }
    #[getter]
    fn verify_mode(this: Gc<SslContext>) -> i32 {
        this.settings.lock().verify_mode
    }
    #[setter(verify_mode)]
    fn set_verify_mode(this: Gc<SslContext>, value: i32) -> R<()> {
        if !(0..=2).contains(&value) {
            return Err(value_error!("invalid value for verify_mode"));
        }
        if value == CERT_NONE && this.settings.lock().check_hostname {
            return Err(value_error!("Cannot set verify_mode to CERT_NONE when check_hostname is enabled."));
        }
        this.change(|settings| settings.verify_mode = value);
        Ok(())
    }
    #[getter]
    fn verify_flags(this: Gc<SslContext>) -> u64 {
        this.settings.lock().verify_flags
    }
    #[setter(verify_flags)]
    fn set_verify_flags(this: Gc<SslContext>, value: u64) {
        this.change(|settings| settings.verify_flags = value);
    }
    #[getter]
    fn _host_flags(this: Gc<SslContext>) -> u32 {
        this.settings.lock().host_flags
    }
    #[setter(_host_flags)]
    fn set_host_flags(this: Gc<SslContext>, value: u32) {
        this.change(|settings| settings.host_flags = value);
    }
    #[getter]
    fn options(this: Gc<SslContext>) -> u64 {
        this.settings.lock().options
    }
    #[setter(options)]
    fn set_options(this: Gc<SslContext>, value: Value) -> R<()> {
        if !objects::is_int(value) {
            return Err(type_error!("argument must be int, not {}", objects::class_name(value)));
        }
        let value = objects::index_for(value)?;
        let Ok(value) = u64::try_from(value) else {
            return Err(objects::overflow_error!("can't convert negative int to unsigned"));
        };
        let old = this.settings.lock().options;
        if value & !old & constants::DEPRECATED_OPTIONS != 0 {
            deprecated("ssl.OP_NO_SSL*/ssl.OP_NO_TLS* options are deprecated")?;
        }
        this.change(|settings| settings.options = value);
        Ok(())
    }
    #[getter]
    fn minimum_version(this: Gc<SslContext>) -> i32 {
        this.settings.lock().minimum
    }
    #[setter(minimum_version)]
    fn set_minimum_version(this: Gc<SslContext>, value: i32) -> R<()> {
        this.has_adjustable_versions()?;
        this.check_version(value)?;
        this.change(|settings| settings.minimum = if value == -1 { config::TLS1_3 } else { value });
        Ok(())
    }
    #[getter]
    fn maximum_version(this: Gc<SslContext>) -> i32 {
        this.settings.lock().maximum
    }
    #[setter(maximum_version)]
    fn set_maximum_version(this: Gc<SslContext>, value: i32) -> R<()> {
        this.has_adjustable_versions()?;
        this.check_version(value)?;
        this.change(|settings| settings.maximum = if value == -2 { config::TLS1_2 } else { value });
        Ok(())
    }
    /// The current security level.
    #[getter]
    fn security_level(this: Gc<SslContext>) -> i32 {
        let _ = this;
        2
    }
    /// How many session tickets of TLSv1.3 a server sends.
    #[getter]
    fn num_tickets(this: Gc<SslContext>) -> usize {
        this.settings.lock().num_tickets
    }
    #[setter(num_tickets)]
    fn set_num_tickets(this: Gc<SslContext>, value: i64) -> R<()> {
        let Ok(count) = usize::try_from(value) else { return Err(value_error!("value must be non-negative")) };
        if this.settings.lock().protocol != config::PROTOCOL_TLS_SERVER {
            return Err(value_error!("SSLContext is not a server context."));
        }
        this.change(|settings| settings.num_tickets = count);
        Ok(())
    }
    /// Whether a client would authenticate after the handshake. It is never offered to servers, so none asks.
    #[getter]
    fn post_handshake_auth(this: Gc<SslContext>) -> bool {
        this.settings.lock().post_handshake_auth
    }
    #[setter(post_handshake_auth)]
    fn set_post_handshake_auth(this: Gc<SslContext>, value: bool) {
        this.settings.lock().post_handshake_auth = value;
    }
    #[getter]
    fn keylog_filename(this: Gc<SslContext>) -> R {
        Ok(match &this.settings.lock().keylog {
            Some(path) => objects::path::fs_decode(path.as_os_str().as_bytes()),
            None => Value::none(),
        })
    }
    #[setter(keylog_filename)]
    fn set_keylog_filename(this: Gc<SslContext>, value: Option<Value>) -> R<()> {
        let Some(value) = value else {
            let class = objects::class_name(this.value());
            return Err(objects::attribute_error!("attribute 'keylog_filename' of '{class}' objects cannot be deleted"));
        };
        if value.is_none() {
            this.change(|settings| settings.keylog = None);
            return Ok(());
        }
        let path = match objects::path::fs_bytes(value) {
            Ok(bytes) => Path::new(std::ffi::OsStr::from_bytes(bytes.as_bytes())).to_owned(),
            Err(raised) => return Err(raised),
        };
        let opened = heap::blocking(|| {
            let mut file = std::fs::OpenOptions::new().append(true).create(true).open(&path)?;
            if file.metadata()?.len() == 0 {
                std::io::Write::write_all(&mut file, b"# TLS secrets log file, generated by OpenSSL / Python\n")?;
            }
            Ok::<(), std::io::Error>(())
        });
        match opened {
            Ok(()) => {
                this.change(|settings| settings.keylog = Some(path));
                Ok(())
            }
            Err(error) => Err(objects::os_error(error.raw_os_error().unwrap_or(0), Some(value), None)),
        }
    }
    #[getter]
    fn _msg_callback(this: Gc<SslContext>) {
        let _ = this;
    }
    #[setter(_msg_callback)]
    fn set_msg_callback(this: Gc<SslContext>, value: Value) -> R<()> {
        let _ = this;
        if value.is_none() { Ok(()) } else { Err(errors::unsupported("_msg_callback")) }
    }
    /// The callback for the server name of the SNI extension (RFC 6066), or None.
    ///
    /// It is called with the SSLSocket, the name that the client has sent as a
    /// string, and the SSLContext.
    #[getter]
    fn sni_callback(this: Gc<SslContext>) -> Option<Value> {
        this.sni_callback.get()
    }
    #[setter(sni_callback)]
    fn set_sni_callback(this: Gc<SslContext>, value: Value) -> R<()> {
        if this.settings.lock().protocol == config::PROTOCOL_TLS_CLIENT {
            return Err(value_error!("sni_callback cannot be set on TLS_CLIENT context"));
        }
        if value.is_none() {
            this.sni_callback.set_opt(None);
            return Ok(());
        }
        if !objects::is_callable(value) {
            this.sni_callback.set_opt(None);
            return Err(type_error!("not a callable object"));
        }
        this.sni_callback.set(value);
        Ok(())
    }
}
