//! Trusted certificates, and the verification of the peer's chain with refusals worded as OpenSSL does. Must not know: Python values.

use crate::certificate::Certificate;
use crate::der::Time;
use crate::errors::Refusal;
use crate::pem;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, Der, ServerName, TrustAnchor, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

pub const CRL_CHECK_LEAF: u64 = 4;
pub const CRL_CHECK_CHAIN: u64 = 12;
pub const X509_STRICT: u64 = 32;
pub const PARTIAL_CHAIN: u64 = 0x80000;

/// A trusted certificate.
#[derive(Debug)]
pub struct Authority {
    pub der: CertificateDer<'static>,
    anchor: Option<TrustAnchor<'static>>,
    pub may_sign: bool,
    self_issued: bool,
}

impl Authority {
    pub fn new(der: Vec<u8>) -> Option<Authority> {
        let (may_sign, self_issued) = Certificate::read(&der).map(|read| (read.is_authority(), read.is_self_issued()))?;
        let der = CertificateDer::from(der);
        let anchor = webpki::anchor_from_trusted_cert(&der).ok().map(|anchor| anchor.to_owned());
        Some(Authority { der, anchor, may_sign, self_issued })
    }
}

/// What one file holds.
#[derive(Debug, Default)]
pub struct Bundle {
    pub authorities: Vec<Authority>,
    pub revocations: Vec<Arc<webpki::CertRevocationList<'static>>>,
}

impl Bundle {
    /// The certificates and revocation lists of a text; None if a block is damaged or a certificate unreadable.
    pub fn from_pem(text: &[u8]) -> Option<Bundle> {
        let mut bundle = Bundle::default();
        for block in pem::blocks(text) {
            let block = block.ok()?;
            match block.label.as_str() {
                "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
                    bundle.authorities.push(Authority::new(first_element(block.data))?)
                }
                "X509 CRL" => {
                    let list = webpki::BorrowedCertRevocationList::from_der(&block.data).ok()?;
                    bundle.revocations.push(Arc::new(list.to_owned().ok()?.into()));
                }
                _ => {}
            }
        }
        bundle.drop_twins();
        Some(bundle)
    }
    fn drop_twins(&mut self) {
        let mut known = std::collections::HashSet::new();
        self.authorities.retain(|authority| known.insert(authority.der.clone()));
    }
    /// Certificates one after the other.
    pub fn from_der(data: &[u8]) -> Option<Bundle> {
        let mut bundle = Bundle::default();
        let mut rest = crate::der::Der::new(data);
        while !rest.is_empty() {
            bundle.authorities.push(Authority::new(rest.next()?.whole.to_vec())?);
        }
        bundle.drop_twins();
        Some(bundle)
    }
    pub fn is_empty(&self) -> bool {
        self.authorities.is_empty() && self.revocations.is_empty()
    }
}

/// OpenSSL's trusted certificates carry more data behind the certificate.
fn first_element(data: Vec<u8>) -> Vec<u8> {
    match crate::der::Der::new(&data).next().map(|element| element.whole.len()) {
        Some(length) if length < data.len() => data[..length].to_vec(),
        _ => data,
    }
}

type CacheKey = (PathBuf, Option<SystemTime>, u64);
static CACHE: Mutex<Option<HashMap<CacheKey, Arc<Bundle>>>> = Mutex::new(None);
const CACHED_FILES: usize = 8;

/// The bundle of a file: an I/O error, None if the file is no bundle. Files are read again when they change.
pub fn load_file(path: &Path) -> std::io::Result<Option<Arc<Bundle>>> {
    let meta = std::fs::metadata(path)?;
    let key = (path.to_owned(), meta.modified().ok(), meta.len());
    let lock = || CACHE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(bundle) = lock().as_ref().and_then(|cache| cache.get(&key)) {
        return Ok(Some(bundle.clone()));
    }
    let Some(bundle) = Bundle::from_pem(&std::fs::read(path)?) else { return Ok(None) };
    let bundle = Arc::new(bundle);
    let mut cache = lock();
    let cache = cache.get_or_insert_with(HashMap::new);
    if cache.len() >= CACHED_FILES {
        cache.clear();
    }
    cache.insert(key, bundle.clone());
    Ok(Some(bundle))
}

/// The files of a directory that are named by the hash of their subject (`4e1295a3.0`).
fn load_directory(path: &Path) -> Bundle {
    let mut bundle = Bundle::default();
    let Ok(entries) = std::fs::read_dir(path) else { return bundle };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some((hash, number)) = name.to_str().and_then(|name| name.split_once('.')) else { continue };
        let number = number.strip_prefix('r').unwrap_or(number);
        let is_hash = hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_hash || number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        if let Some(found) = std::fs::read(entry.path()).ok().and_then(|text| Bundle::from_pem(&text)) {
            bundle.authorities.extend(found.authorities);
            bundle.revocations.extend(found.revocations);
        }
    }
    bundle
}

/// All that a context trusts. Directories are only read when the rest does not do.
#[derive(Debug, Default, Clone)]
pub struct Store {
    pub bundles: Vec<Arc<Bundle>>,
    pub directories: Vec<PathBuf>,
    /// Certificates out of the directories that were of use.
    pub used: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Store {
    pub fn authorities(&self) -> impl Iterator<Item = &Authority> {
        self.bundles.iter().flat_map(|bundle| bundle.authorities.iter())
    }
    /// All certificates that are loaded so far.
    pub fn loaded(&self) -> Vec<Vec<u8>> {
        let mut all: Vec<Vec<u8>> = self.authorities().map(|authority| authority.der.to_vec()).collect();
        let used = self.used.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        all.extend(used.iter().filter(|der| !self.authorities().any(|authority| *authority.der == ***der)).cloned());
        all
    }
    /// Adds what is not there yet.
    pub fn add(&mut self, bundle: Arc<Bundle>) {
        if self.bundles.iter().any(|known| Arc::ptr_eq(known, &bundle)) {
            return;
        }
        let is_new = |authority: &Authority| !self.authorities().any(|known| known.der == authority.der);
        if self.bundles.is_empty() || bundle.authorities.iter().all(is_new) {
            self.bundles.push(bundle);
            return;
        }
        let mut rest = Bundle::default();
        for authority in bundle.authorities.iter().filter(|authority| is_new(authority)) {
            rest.authorities.extend(Authority::new(authority.der.to_vec()));
        }
        rest.revocations.extend(bundle.revocations.iter().cloned());
        if !rest.is_empty() {
            self.bundles.push(Arc::new(rest));
        }
    }
}

/// How the peer is to be verified.
#[derive(Debug)]
pub struct Verifier {
    pub required: bool,
    pub wanted: bool,
    pub check_name: bool,
    pub use_common_name: bool,
    pub flags: u64,
    pub store: Store,
    pub algorithms: WebPkiSupportedAlgorithms,
    pub hints: Vec<DistinguishedName>,
}

/// What the last verification of this thread found, besides its verdict.
#[derive(Default)]
pub struct Findings {
    pub refusal: Option<Refusal>,
    pub chain: Option<Vec<CertificateDer<'static>>>,
}

thread_local! {
    static FINDINGS: RefCell<Findings> = RefCell::default();
}

pub fn take_findings() -> Findings {
    FINDINGS.with(|findings| std::mem::take(&mut *findings.borrow_mut()))
}

fn refuse(code: i64, message: &str, kind: CertificateError) -> Error {
    let refusal = Refusal { code, message: message.to_owned() };
    FINDINGS.with(|findings| findings.borrow_mut().refusal = Some(refusal));
    Error::InvalidCertificate(kind)
}

fn bad_encoding() -> Error {
    refuse(1, "unspecified certificate verification error", CertificateError::BadEncoding)
}

fn check_times(certificate: &Certificate, now: UnixTime) -> Result<(), Error> {
    let before = |time: &Time| time.seconds() > now.as_secs() as i64;
    if before(&certificate.not_before) {
        return Err(refuse(9, "certificate is not yet valid", CertificateError::NotValidYet));
    }
    if !before(&certificate.not_after) {
        return Err(refuse(10, "certificate has expired", CertificateError::Expired));
    }
    Ok(())
}

impl Verifier {
    fn verify(
        &self,
        end_entity: &CertificateDer<'_>,
        sent: &[CertificateDer<'_>],
        usage: webpki::KeyUsage,
        name: Option<&ServerName<'_>>,
        now: UnixTime,
    ) -> Result<(), Error> {
        if !self.wanted {
            return Ok(());
        }
        let leaf = Certificate::read(end_entity).ok_or_else(bad_encoding)?;
        let mut chain = self.build(end_entity, &leaf, sent, usage, now, &self.store);
        if let Err(Problem::UnknownIssuer) = &chain
            && !self.store.directories.is_empty()
        {
            let mut store = self.store.clone();
            for directory in &self.store.directories {
                store.add(Arc::new(load_directory(directory)));
            }
            chain = self.build(end_entity, &leaf, sent, usage, now, &store);
            if let Ok(chain) = &chain {
                let mut used = self.store.used.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                for authority in store.authorities().filter(|authority| chain.contains(&authority.der)) {
                    if !used.iter().any(|der| **der == *authority.der) {
                        used.push(authority.der.to_vec());
                    }
                }
            }
        }
        let chain = chain.map_err(|problem| self.word(problem, &leaf, sent))?;
        if self.flags & X509_STRICT != 0 {
            for der in &chain {
                let Some(read) = Certificate::read(der) else { continue };
                if !read.is_self_issued() && !read.has_extension("2.5.29.35") {
                    return Err(refuse(85, "Missing Authority Key Identifier", CertificateError::ApplicationVerificationFailure));
                }
            }
        }
        if let Some(name) = name.filter(|_| self.check_name) {
            check_name(&leaf, name, self.use_common_name)?;
        }
        FINDINGS.with(|findings| findings.borrow_mut().chain = Some(chain));
        Ok(())
    }

    /// The chain from the end to something trusted.
    fn build(
        &self,
        end_entity: &CertificateDer<'_>,
        leaf: &Certificate,
        sent: &[CertificateDer<'_>],
        usage: webpki::KeyUsage,
        now: UnixTime,
        store: &Store,
    ) -> Result<Vec<CertificateDer<'static>>, Problem> {
        let partial = self.flags & PARTIAL_CHAIN != 0;
        let is_trusted_itself = store.authorities().any(|known| known.der == *end_entity);
        if is_trusted_itself && (partial || leaf.is_self_issued()) {
            check_times(leaf, now).map_err(Problem::Worded)?;
            return Ok(vec![end_entity.clone().into_owned()]);
        }
        let (mut anchors, mut intermediates) = (Vec::new(), sent.to_vec());
        for authority in store.authorities() {
            match &authority.anchor {
                Some(anchor) if partial || authority.self_issued => anchors.push(TrustAnchor {
                    subject: Der::from_slice(&anchor.subject),
                    subject_public_key_info: Der::from_slice(&anchor.subject_public_key_info),
                    name_constraints: anchor.name_constraints.as_ref().map(|constraints| Der::from_slice(constraints)),
                }),
                _ => intermediates.push(authority.der.clone()),
            }
        }
        let entity = webpki::EndEntityCert::try_from(end_entity).map_err(Problem::Webpki)?;
        let lists: Vec<&webpki::CertRevocationList> =
            store.bundles.iter().flat_map(|bundle| bundle.revocations.iter().map(|list| &**list)).collect();
        let revocation = if self.flags & CRL_CHECK_LEAF == 0 {
            None
        } else {
            let Ok(builder) = webpki::RevocationOptionsBuilder::new(&lists) else {
                let error = refuse(3, "unable to get certificate CRL", CertificateError::UnknownRevocationStatus);
                return Err(Problem::Worded(error));
            };
            let whole_chain = self.flags & CRL_CHECK_CHAIN == CRL_CHECK_CHAIN;
            let depth = if whole_chain { webpki::RevocationCheckDepth::Chain } else { webpki::RevocationCheckDepth::EndEntity };
            let expiration = webpki::ExpirationPolicy::Enforce;
            Some(builder.with_depth(depth).with_expiration_policy(expiration).build())
        };
        let path = entity.verify_for_usage(self.algorithms.all, &anchors, &intermediates, now, usage, revocation, None).map_err(
            |error| match error {
                webpki::Error::UnknownIssuer => Problem::UnknownIssuer,
                other => Problem::Webpki(other),
            },
        )?;
        let mut chain = vec![end_entity.clone().into_owned()];
        chain.extend(path.intermediate_certificates().map(|cert| cert.der().into_owned()));
        let anchor = path.anchor();
        let root = store.authorities().find(|authority| {
            authority.anchor.as_ref().is_some_and(|known| {
                known.subject == anchor.subject && known.subject_public_key_info == anchor.subject_public_key_info
            })
        });
        if let Some(root) = root {
            if let Some(read) = Certificate::read(&root.der) {
                check_times(&read, now).map_err(Problem::Worded)?;
            }
            chain.push(root.der.clone());
        }
        Ok(chain)
    }

    /// The words and the number for a refusal.
    fn word(&self, problem: Problem, leaf: &Certificate, sent: &[CertificateDer<'_>]) -> Error {
        use webpki::Error as Fault;
        let fault = match problem {
            Problem::Worded(error) => return error,
            Problem::UnknownIssuer => {
                let (code, message) = unknown_issuer(leaf, sent);
                return refuse(code, message, CertificateError::UnknownIssuer);
            }
            Problem::Webpki(fault) => fault,
        };
        match fault {
            Fault::CertExpired { .. } => refuse(10, "certificate has expired", CertificateError::Expired),
            Fault::CertNotValidYet { .. } => refuse(9, "certificate is not yet valid", CertificateError::NotValidYet),
            Fault::CertRevoked => refuse(23, "certificate revoked", CertificateError::Revoked),
            Fault::UnknownRevocationStatus => {
                refuse(3, "unable to get certificate CRL", CertificateError::UnknownRevocationStatus)
            }
            Fault::CrlExpired { .. } => refuse(12, "CRL has expired", CertificateError::ExpiredRevocationList),
            Fault::InvalidSignatureForPublicKey => refuse(7, "certificate signature failure", CertificateError::BadSignature),
            Fault::RequiredEkuNotFoundContext(_) => {
                refuse(26, "unsuitable certificate purpose", CertificateError::InvalidPurpose)
            }
            Fault::EndEntityUsedAsCa => refuse(79, "invalid CA certificate", CertificateError::UnknownIssuer),
            Fault::PathLenConstraintViolated => refuse(25, "path length constraint exceeded", CertificateError::UnknownIssuer),
            Fault::NameConstraintViolation => refuse(47, "permitted subtree violation", CertificateError::UnknownIssuer),
            Fault::UnsupportedCriticalExtension => {
                refuse(34, "unhandled critical extension", CertificateError::UnhandledCriticalExtension)
            }
            other => refuse(1, &format!("certificate not acceptable ({other:?})"), CertificateError::BadEncoding),
        }
    }
}

enum Problem {
    UnknownIssuer,
    Webpki(webpki::Error),
    Worded(Error),
}

fn unknown_issuer(leaf: &Certificate, sent: &[CertificateDer<'_>]) -> (i64, &'static str) {
    if leaf.is_self_issued() {
        return (18, "self-signed certificate");
    }
    let sent: Vec<Certificate> = sent.iter().filter_map(|der| Certificate::read(der)).collect();
    let mut issuer = leaf.issuer.content;
    for _ in 0..sent.len() {
        let Some(next) = sent.iter().find(|certificate| certificate.subject.content == issuer) else { break };
        if next.is_self_issued() {
            return (19, "self-signed certificate in certificate chain");
        }
        issuer = next.issuer.content;
    }
    (20, "unable to get local issuer certificate")
}

fn check_name(leaf: &Certificate, name: &ServerName<'_>, use_common_name: bool) -> Result<(), Error> {
    match name {
        ServerName::DnsName(name) if !leaf.is_for_name(name.as_ref(), use_common_name) => {
            let text = format!("Hostname mismatch, certificate is not valid for '{}'.", name.as_ref());
            Err(refuse(62, &text, CertificateError::NotValidForName))
        }
        ServerName::IpAddress(address) => {
            let address = std::net::IpAddr::from(*address);
            if leaf.is_for_address(address) {
                return Ok(());
            }
            let text = format!("IP address mismatch, certificate is not valid for '{address}'.");
            Err(refuse(64, &text, CertificateError::NotValidForName))
        }
        _ => Ok(()),
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.verify(end_entity, intermediates, webpki::KeyUsage::server_auth(), Some(server_name), now)?;
        Ok(ServerCertVerified::assertion())
    }
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

impl ClientCertVerifier for Verifier {
    fn offer_client_auth(&self) -> bool {
        self.wanted
    }
    fn client_auth_mandatory(&self) -> bool {
        self.required
    }
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }
    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.verify(end_entity, intermediates, webpki::KeyUsage::client_auth(), None, now)?;
        Ok(ClientCertVerified::assertion())
    }
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
