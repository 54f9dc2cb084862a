//! Asking servers: certificates, proxies, logins, retries, timeouts, limits, offline. Bytes in and out; knows no packages.

use super::answers::{Answers, Stored};
use super::names::Names;
use crate::config::Settings;
use crate::model::Url;
use crate::work::locked;
use crate::{Error, Result};
use base64::Engine;
use std::collections::HashMap;
use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use ureq::http::{Response, StatusCode};
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body};

/// No page or metadata is larger than this.
const LARGEST_TEXT: u64 = 256 << 20;

/// What an address gave.
pub struct Text {
    pub body: Vec<u8>,
    pub content_type: String,
    /// The address after redirects: links are relative to it.
    pub url: Url,
}

/// How long an answer may be taken from the store.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// As the server says.
    AsTold,
    /// For ever: the address names one content.
    Forever,
}

pub struct Client {
    settings: Arc<Settings>,
    answers: Answers,
    agent: OnceLock<Result<Agent>>,
    trusting_agent: OnceLock<Result<Agent>>,
    /// Logins that an index address carried, by host: its files often need the same.
    logins: Mutex<HashMap<String, (String, String)>>,
    requests: AtomicU64,
}

/// Why a request gave nothing.
pub enum Miss {
    NotFound,
    Failed(Error),
}

impl From<Error> for Miss {
    fn from(error: Error) -> Miss {
        Miss::Failed(error)
    }
}

impl Client {
    pub fn new(settings: Arc<Settings>, answers: Answers) -> Client {
        let client = Client {
            settings,
            answers,
            agent: OnceLock::new(),
            trusting_agent: OnceLock::new(),
            logins: Mutex::new(HashMap::new()),
            requests: AtomicU64::new(0),
        };
        for url in &client.settings.indexes {
            if let Some(host) = url.host_str().filter(|_| !url.username().is_empty()) {
                let login = (unescaped(url.username()), unescaped(url.password().unwrap_or("")));
                locked(&client.logins).insert(host.to_owned(), login);
            }
        }
        client
    }

    /// How many requests went out.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Fetches a page or a metadata file, through the store of answers.
    pub fn text(&self, url: &Url, accept: &str, keep: Keep) -> Result<Text, Miss> {
        let key = format!("{accept} {}", shown(url));
        let stored = self.answers.find(&key);
        if let Some(stored) = &stored {
            let fresh = keep == Keep::Forever || (stored.is_fresh() && !self.settings.refresh);
            if fresh || self.settings.offline {
                return stored.clone().into_text(url);
            }
        }
        if self.settings.offline {
            return Err(Miss::Failed(offline(url)));
        }
        let mut headers = vec![("accept", accept.to_owned())];
        if let Some(stored) = &stored {
            headers.extend(stored.etag.clone().map(|etag| ("if-none-match", etag)));
            headers.extend(stored.last_modified.clone().map(|date| ("if-modified-since", date)));
        }
        if keep == Keep::AsTold && (self.settings.refresh || stored.as_ref().is_some_and(|stored| stored.etag.is_none())) {
            headers.push(("cache-control", "max-age=0".into()));
        }
        self.with_retries(url, |client| {
            let (response, final_url) = client.send(url, &headers)?;
            let status = response.status();
            if status == StatusCode::NOT_MODIFIED
                && let Some(stored) = &stored
            {
                let renewed = stored.renewed(&response);
                client.answers.keep(&key, &renewed);
                return Ok(renewed.into_text(url));
            }
            if matches!(status.as_u16(), 404 | 410) {
                // Remembered like any answer, so that a second run need not ask.
                client.answers.keep(&key, &Stored::missing(&response));
                return Ok(Err(Miss::NotFound));
            }
            client.expect_success(url, status)?;
            let mut stored = Stored::of(&response, &final_url);
            let mut body = Vec::new();
            response
                .into_body()
                .into_with_config()
                .limit(LARGEST_TEXT)
                .reader()
                .read_to_end(&mut body)
                .map_err(|error| broken(url, error))?;
            stored.body = body;
            client.answers.keep(&key, &stored);
            Ok(stored.into_text(url))
        })?
    }

    /// Keeps `body` as if `url` had given it.
    pub fn remember(&self, url: &Url, accept: &str, body: &[u8]) {
        self.answers.keep(&format!("{accept} {}", shown(url)), &Stored::made(body));
    }

    pub fn recall(&self, url: &Url, accept: &str) -> Option<Vec<u8>> {
        self.answers.find(&format!("{accept} {}", shown(url))).filter(|stored| stored.status == 200).map(|stored| stored.body)
    }

    /// Opens a file for reading once; the caller reads the body through `read`, which may be called again after a failure.
    pub fn download<T>(&self, url: &Url, mut read: impl FnMut(&mut dyn Read, Option<u64>) -> Result<T>) -> Result<T> {
        if self.settings.offline {
            return Err(offline(url));
        }
        self.with_retries(url, |client| {
            let (response, _) = client.send(url, &[("accept-encoding", "identity".to_owned())])?;
            client.expect_success(url, response.status())?;
            let length = response.body().content_length();
            let mut reader = response.into_body().into_with_config().limit(u64::MAX).reader();
            let mut source = Marked { inner: &mut reader, failed: None };
            let result = read(&mut source, length);
            match source.failed {
                Some(error) => Err(broken(url, error)),
                None => result.map_err(Try::Final),
            }
        })
    }

    /// Some bytes of a file: `bytes=first-last` or `bytes=-last`. `None` if the server does not do that. Gives the bytes, the place
    /// of the first, and the file's length.
    pub fn range(&self, url: &Url, range: &str) -> Result<Option<(Vec<u8>, u64, u64)>> {
        if self.settings.offline {
            return Err(offline(url));
        }
        self.with_retries(url, |client| {
            let headers = [("range", range.to_owned()), ("accept-encoding", "identity".to_owned())];
            let (response, _) = client.send(url, &headers)?;
            if response.status() != StatusCode::PARTIAL_CONTENT {
                return Ok(None);
            }
            let content = header(&response, "content-range");
            let Some((first, total)) = content.as_deref().and_then(read_content_range) else { return Ok(None) };
            let mut body = Vec::new();
            response
                .into_body()
                .into_with_config()
                .limit(64 << 20)
                .reader()
                .read_to_end(&mut body)
                .map_err(|error| broken(url, error))?;
            Ok(Some((body, first, total)))
        })
    }

    fn with_retries<T>(&self, url: &Url, mut once: impl FnMut(&Client) -> Result<T, Try>) -> Result<T> {
        let mut attempt = 0;
        loop {
            match once(self) {
                Ok(value) => return Ok(value),
                Err(Try::Final(error)) => return Err(error),
                Err(Try::Again(error)) if attempt >= self.settings.retries => {
                    return Err(if attempt > 0 { error.because(format!("gave up after {} tries", attempt + 1)) } else { error });
                }
                Err(Try::Again(_)) => {
                    // 0.1 s, 0.2 s, ... and a little that differs between addresses, so that not all come back at once.
                    let spread = url.as_str().bytes().fold(0u64, |sum, byte| sum.wrapping_mul(31) + u64::from(byte)) % 50;
                    std::thread::sleep(Duration::from_millis((100 << attempt.min(6)) + spread));
                    attempt += 1;
                }
            }
        }
    }

    fn send(&self, url: &Url, headers: &[(&str, String)]) -> Result<(Response<Body>, Url), Try> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let agent = self.agent_for(url).map_err(Try::Final)?;
        let mut bare = url.clone();
        let _ = bare.set_username("");
        let _ = bare.set_password(None);
        bare.set_fragment(None);
        let mut request = agent.get(bare.as_str());
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        if let Some((user, password)) = self.login_for(url) {
            let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
            request = request.header("authorization", format!("Basic {pair}"));
        }
        if url.scheme() == "https" {
            // What begins protected stays protected, whatever a redirect says.
            request = request.config().https_only(true).build();
        }
        let response = request.call().map_err(|error| unreachable_host(url, error))?;
        use ureq::ResponseExt;
        let final_url = Url::parse(&response.get_uri().to_string()).unwrap_or(bare);
        Ok((response, final_url))
    }

    fn expect_success(&self, url: &Url, status: StatusCode) -> Result<(), Try> {
        if status.is_success() {
            return Ok(());
        }
        let error = Error::network(format!("{} answered {}", shown(url), status));
        let code = status.as_u16();
        if matches!(code, 408 | 425 | 429 | 500 | 502 | 503 | 504) {
            return Err(Try::Again(error));
        }
        Err(Try::Final(match code {
            401 | 403 | 407 => error.hint("give a login in the index address, in .netrc, or for a proxy in its address"),
            _ => error,
        }))
    }

    fn login_for(&self, url: &Url) -> Option<(String, String)> {
        if !url.username().is_empty() {
            return Some((unescaped(url.username()), unescaped(url.password().unwrap_or(""))));
        }
        let host = url.host_str()?;
        if let Some(login) = locked(&self.logins).get(host) {
            return Some(login.clone());
        }
        self.settings.netrc.find(host).map(|login| (login.user.clone(), login.password.clone()))
    }

    fn agent_for(&self, url: &Url) -> Result<&Agent> {
        let host = url.host_str().unwrap_or("");
        let with_port = url.port().map(|port| format!("{host}:{port}"));
        let trusted = self.settings.trusted_hosts.iter().any(|known| known == host || with_port.as_ref() == Some(known));
        let cell = if trusted { &self.trusting_agent } else { &self.agent };
        cell.get_or_init(|| make_agent(&self.settings, trusted)).as_ref().map_err(Clone::clone)
    }
}

/// Whether trying again may help.
enum Try {
    Again(Error),
    Final(Error),
}

/// Remembers that the source, not the reader, failed.
struct Marked<'a> {
    inner: &'a mut dyn Read,
    failed: Option<std::io::Error>,
}

impl Read for Marked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.inner.read(buffer).map_err(|error| {
            let copy = std::io::Error::new(error.kind(), error.to_string());
            self.failed = Some(error);
            copy
        })
    }
}

fn make_agent(settings: &Settings, trusting: bool) -> Result<Agent> {
    let mut tls = TlsConfig::builder();
    if trusting {
        tls = tls.disable_verification(true);
    } else {
        tls = tls.root_certs(RootCerts::from(certificates(settings)?));
    }
    if let Some(file) = &settings.client_cert {
        tls = tls.client_cert(Some(client_certificate(file)?));
    }
    let proxy = match &settings.proxy {
        Some(address) => {
            Some(ureq::Proxy::new(address).map_err(|error| Error::usage(format!("wrong proxy '{address}'")).because(error))?)
        }
        None => ureq::Proxy::try_from_env(),
    };
    let config = Agent::config_builder()
        .tls_config(tls.build())
        .proxy(proxy)
        .http_status_as_error(false)
        .user_agent(concat!("protopip/", env!("CARGO_PKG_VERSION")))
        .max_idle_connections(64)
        .max_idle_connections_per_host(64)
        .max_redirects(20)
        .input_buffer_size(128 << 10)
        .timeout_connect(Some(settings.timeout))
        .timeout_recv_response(Some(settings.timeout))
        .timeout_per_read(Some(settings.timeout))
        .build();
    Ok(Agent::with_parts(config, DefaultConnector::default(), Names::default()))
}

fn certificates(settings: &Settings) -> Result<Vec<Certificate<'static>>> {
    let found = match &settings.cert {
        Some(path) if path.is_dir() => rustls_native_certs::load_certs_from_paths(None, Some(path)),
        Some(path) => rustls_native_certs::load_certs_from_paths(Some(path), None),
        None => rustls_native_certs::load_native_certs(),
    };
    if found.certs.is_empty() {
        let mut error = Error::network("no certificates to check servers with")
            .hint("name a file of certificates with --cert, or in SSL_CERT_FILE");
        for cause in found.errors.iter().take(2) {
            error = error.because(cause);
        }
        return Err(error);
    }
    Ok(found.certs.iter().map(|der| Certificate::from_der(der.as_ref()).to_owned()).collect())
}

fn client_certificate(file: &std::path::Path) -> Result<ClientCert> {
    let pem = std::fs::read(file).map_err(|error| Error::io("cannot read client certificate", file, error))?;
    let mut chain = Vec::new();
    let mut key: Option<PrivateKey<'static>> = None;
    for item in ureq::tls::parse_pem(&pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => chain.push(certificate),
            Ok(PemItem::PrivateKey(private)) => key = Some(private),
            _ => {}
        }
    }
    match key {
        Some(key) if !chain.is_empty() => Ok(ClientCert::new_with_certs(&chain, key)),
        _ => Err(Error::usage(format!("{} has not both a certificate and a private key", file.display()))),
    }
}

pub fn header(response: &Response<Body>, name: &str) -> Option<String> {
    response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// `bytes 0-99/1000`.
fn read_content_range(text: &str) -> Option<(u64, u64)> {
    let (range, total) = text.trim().strip_prefix("bytes")?.trim().split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last, total): (u64, u64, u64) = (first.parse().ok()?, last.parse().ok()?, total.parse().ok()?);
    (first <= last && last < total).then_some((first, total))
}

fn unescaped(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The address without its login, for messages and keys.
pub fn shown(url: &Url) -> String {
    if url.username().is_empty() && url.password().is_none() {
        return url.to_string();
    }
    let mut bare = url.clone();
    let _ = bare.set_username("");
    let _ = bare.set_password(None);
    bare.to_string()
}

fn offline(url: &Url) -> Error {
    Error::network(format!("{} is not in the cache, and this is offline mode", shown(url)))
        .hint("run once without --offline to fill the cache")
}

fn broken(url: &Url, error: std::io::Error) -> Try {
    Try::Again(Error::network(format!("the answer of {} broke off", shown(url))).because(error))
}

fn unreachable_host(url: &Url, error: ureq::Error) -> Try {
    use ureq::Error as E;
    let host = url.host_str().unwrap_or("").to_owned();
    let general = Error::network(format!("cannot reach {host}"));
    match error {
        E::HostNotFound => Try::Again(general.because("no such host, or no network")),
        E::Timeout(what) => Try::Again(general.because(format!("no answer in time ({what})"))),
        E::ConnectionFailed => Try::Again(general.because("connection refused")),
        E::Io(error) if error.to_string().contains("certificate") => Try::Final(
            general
                .because(error)
                .hint("if a proxy of your house signs connections, name its certificate with --cert or SSL_CERT_FILE"),
        ),
        E::Io(error) => Try::Again(general.because(error)),
        E::Rustls(error) => Try::Final(
            general
                .because(error)
                .hint("if a proxy of your house signs connections, name its certificate with --cert or SSL_CERT_FILE"),
        ),
        E::RequireHttpsOnly(_) => Try::Final(Error::refused(format!("{} redirects to an unprotected address", shown(url)))),
        E::TooManyRedirects | E::RedirectFailed => Try::Final(Error::network(format!("{} redirects without end", shown(url)))),
        E::ConnectProxyFailed(why) => Try::Final(general.because(format!("the proxy refused: {why}"))),
        E::Protocol(error) => Try::Again(general.because(format!("no valid HTTP: {error}"))),
        other => Try::Final(general.because(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_ranges() {
        assert_eq!(read_content_range("bytes 5-9/10"), Some((5, 10)));
        assert_eq!(read_content_range("bytes 5-10/10"), None);
        assert_eq!(read_content_range("bytes 9-5/10"), None);
        assert_eq!(read_content_range("bytes */10"), None);
    }
}
