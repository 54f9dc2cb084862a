//! The settings of a context, and the configurations of the TLS library made of them. Must not know: Python values, sockets.

use crate::ciphers::{self, Suite};
use crate::sessions::TicketStore;
use crate::verify::{Store, Verifier};
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::crypto::{CryptoProvider, SupportedKxGroup, ring as ring_provider};
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert, ServerSessionMemoryCache};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DistinguishedName, Error, KeyLog, ServerConfig, SignatureScheme, SupportedProtocolVersion, version};
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// What the TLS library says when a server has no certificate that fits.
pub const NO_SERVER_CERTIFICATE: &str = "no server certificate chain resolved";

pub const PROTOCOL_TLS: i32 = 2;
pub const PROTOCOL_TLSV1_2: i32 = 5;
pub const PROTOCOL_TLS_CLIENT: i32 = 16;
pub const PROTOCOL_TLS_SERVER: i32 = 17;

pub const TLS1_2: i32 = 0x303;
pub const TLS1_3: i32 = 0x304;

pub const OP_IGNORE_UNEXPECTED_EOF: u64 = 1 << 7;
pub const OP_NO_TICKET: u64 = 1 << 14;
pub const OP_NO_TLSV1_2: u64 = 1 << 27;
pub const OP_NO_TLSV1_3: u64 = 1 << 29;
pub const HOSTFLAG_NEVER_CHECK_SUBJECT: u32 = 0x20;

pub const CERT_NONE: i32 = 0;
pub const CERT_REQUIRED: i32 = 2;

pub struct Settings {
    pub protocol: i32,
    pub minimum: i32,
    pub maximum: i32,
    pub options: u64,
    pub verify_mode: i32,
    pub check_hostname: bool,
    pub verify_flags: u64,
    pub host_flags: u32,
    pub suites: Vec<&'static Suite>,
    pub group: Option<&'static dyn SupportedKxGroup>,
    pub alpn: Vec<Vec<u8>>,
    pub keys: Vec<Arc<CertifiedKey>>,
    pub store: Store,
    pub keylog: Option<PathBuf>,
    pub num_tickets: usize,
    pub post_handshake_auth: bool,
    client: Option<Arc<ClientConfig>>,
    server: Option<Arc<ServerConfig>>,
}

impl Settings {
    pub fn new(protocol: i32) -> Settings {
        let is_client = protocol == PROTOCOL_TLS_CLIENT;
        let only_12 = protocol == PROTOCOL_TLSV1_2;
        Settings {
            protocol,
            minimum: if only_12 { TLS1_2 } else { -2 },
            maximum: if only_12 { TLS1_2 } else { -1 },
            options: crate::constants::DEFAULT_OPTIONS,
            verify_mode: if is_client { CERT_REQUIRED } else { CERT_NONE },
            check_hostname: is_client,
            verify_flags: 0x8000,
            host_flags: 4,
            suites: ciphers::SUITES.iter().collect(),
            group: None,
            alpn: Vec::new(),
            keys: Vec::new(),
            store: Store::default(),
            keylog: None,
            num_tickets: 2,
            post_handshake_auth: false,
            client: None,
            server: None,
        }
    }
    /// Forgets the configurations made so far: a setting was changed.
    pub fn changed(&mut self) {
        self.client = None;
        self.server = None;
    }

    pub fn allows(&self, wanted: i32) -> bool {
        let off = if wanted == TLS1_2 { OP_NO_TLSV1_2 } else { OP_NO_TLSV1_3 };
        self.minimum <= wanted && (self.maximum < 0 || wanted <= self.maximum) && self.options & off == 0
    }
    fn versions(&self) -> Vec<&'static SupportedProtocolVersion> {
        let has_12 = self.suites.iter().any(|suite| !suite.is_13);
        let mut versions = Vec::new();
        if self.allows(TLS1_3) {
            versions.push(&version::TLS13);
        }
        if self.allows(TLS1_2) && has_12 {
            versions.push(&version::TLS12);
        }
        versions
    }
    fn provider(&self) -> Arc<CryptoProvider> {
        let mut provider = ring_provider::default_provider();
        provider.cipher_suites = self.suites.iter().map(|suite| suite.suite).collect();
        if let Some(group) = self.group {
            provider.kx_groups = vec![group];
        }
        Arc::new(provider)
    }
    fn verifier(&self, provider: &CryptoProvider) -> Verifier {
        let subject = |der: &[u8]| {
            crate::certificate::Certificate::read(der).map(|read| DistinguishedName::in_sequence(read.subject.content))
        };
        let authorities = self.store.authorities().filter(|authority| authority.may_sign);
        // The hints that a server sends have to fit into one message; nobody needs the names of all public authorities.
        let hints: Vec<DistinguishedName> = authorities.filter_map(|authority| subject(&authority.der)).collect();
        Verifier {
            required: self.verify_mode == CERT_REQUIRED,
            wanted: self.verify_mode != CERT_NONE,
            check_name: self.check_hostname,
            use_common_name: self.host_flags & HOSTFLAG_NEVER_CHECK_SUBJECT == 0,
            flags: self.verify_flags,
            store: self.store.clone(),
            algorithms: provider.signature_verification_algorithms,
            hints: if hints.len() <= 32 { hints } else { Vec::new() },
        }
    }
    fn key_log(&self) -> Option<Arc<dyn KeyLog>> {
        let path = self.keylog.clone()?;
        Some(Arc::new(KeyFile { path, lock: Mutex::new(()) }))
    }

    /// None: no protocol version is left.
    pub fn client_config(&mut self) -> Option<Arc<ClientConfig>> {
        if let Some(config) = &self.client {
            return Some(config.clone());
        }
        let versions = self.versions();
        let provider = self.provider();
        let verifier = Arc::new(self.verifier(&provider));
        let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(&versions).ok()?;
        let keys = Keys(self.keys.clone());
        let mut config = builder.dangerous().with_custom_certificate_verifier(verifier).with_client_cert_resolver(Arc::new(keys));
        config.alpn_protocols = self.alpn.clone();
        config.resumption = Resumption::disabled();
        if let Some(key_log) = self.key_log() {
            config.key_log = key_log;
        }
        let config = Arc::new(config);
        self.client = Some(config.clone());
        Some(config)
    }

    pub fn server_config(&mut self) -> Option<Arc<ServerConfig>> {
        if let Some(config) = &self.server {
            return Some(config.clone());
        }
        let versions = self.versions();
        let provider = self.provider();
        let verifier = Arc::new(self.verifier(&provider));
        let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(&versions).ok()?;
        let keys = Arc::new(Keys(self.keys.clone()));
        let mut config = builder.with_client_cert_verifier(verifier).with_cert_resolver(keys);
        config.alpn_protocols = self.alpn.clone();
        config.send_tls13_tickets = self.num_tickets;
        config.session_storage = ServerSessionMemoryCache::new(256);
        if self.options & OP_NO_TICKET == 0 {
            if let Ok(ticketer) = ring_provider::Ticketer::new() {
                config.ticketer = ticketer;
            }
        } else if self.num_tickets == 0 {
            config.session_storage = Arc::new(NoServerSessionStorage {});
        }
        if let Some(key_log) = self.key_log() {
            config.key_log = key_log;
        }
        let config = Arc::new(config);
        self.server = Some(config.clone());
        Some(config)
    }
}

/// The configuration of one client connection, which keeps its tickets in `tickets`.
pub fn with_tickets(config: &ClientConfig, tickets: &Arc<TicketStore>, send_name: bool) -> Arc<ClientConfig> {
    let mut config = config.clone();
    config.resumption = Resumption::store(tickets.clone());
    config.enable_sni = send_name;
    Arc::new(config)
}

/// Certificates with their keys: the first that the peer can check is taken.
#[derive(Debug)]
struct Keys(Vec<Arc<CertifiedKey>>);

impl Keys {
    fn choose(&self, schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.iter().find(|key| key.key.choose_scheme(schemes).is_some()).cloned()
    }
}
impl ResolvesServerCert for Keys {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.choose(hello.signature_schemes())
    }
}
impl ResolvesClientCert for Keys {
    fn resolve(&self, _hints: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.choose(schemes)
    }
    fn has_certs(&self) -> bool {
        !self.0.is_empty()
    }
}

/// Writes secrets in the format that network analysers read.
#[derive(Debug)]
struct KeyFile {
    path: PathBuf,
    lock: Mutex<()>,
}

impl KeyLog for KeyFile {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let line = format!("{label} {} {}\n", hex(client_random), hex(secret));
        let _guard = self.lock.lock();
        if let Ok(mut file) = std::fs::OpenOptions::new().append(true).create(true).open(&self.path) {
            let _ = file.write_all(line.as_bytes());
        }
    }
}

/// The signing key of a certificate chain; an error if the two do not belong together.
pub fn certified_key(chain: Vec<Vec<u8>>, key: Vec<u8>) -> Result<CertifiedKey, Error> {
    let key = rustls::pki_types::PrivateKeyDer::try_from(key).map_err(|text| Error::General(text.to_owned()))?;
    let key = ring_provider::sign::any_supported_type(&key)?;
    let certified = CertifiedKey::new(chain.into_iter().map(Into::into).collect(), key);
    certified.keys_match()?;
    Ok(certified)
}
