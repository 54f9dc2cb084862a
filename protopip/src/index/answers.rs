//! The store of servers' answers: one file per address, a line of JSON and the body. Written whole and renamed, so that processes may
//! share it; whatever cannot be read counts as absent.

use super::client::{Miss, Text, header};
use crate::model::Url;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use ureq::Body;
use ureq::http::Response;

#[derive(Clone)]
pub struct Answers {
    /// `None`: nothing is kept.
    folder: Option<PathBuf>,
}

/// An answer as stored.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Stored {
    pub status: u16,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    pub content_type: String,
    /// The address after redirects.
    url: Option<String>,
    /// Seconds since the epoch.
    fetched: u64,
    max_age: u64,
    #[serde(skip)]
    pub body: Vec<u8>,
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

impl Answers {
    pub fn new(folder: Option<PathBuf>) -> Answers {
        Answers { folder }
    }

    fn file(&self, key: &str) -> Option<PathBuf> {
        let sum = hex(&Sha256::digest(key.as_bytes()));
        Some(self.folder.as_ref()?.join(&sum[..2]).join(&sum[2..]))
    }

    pub fn find(&self, key: &str) -> Option<Stored> {
        let mut bytes = std::fs::read(self.file(key)?).ok()?;
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let mut stored: Stored = serde_json::from_slice(&bytes[..end]).ok()?;
        bytes.drain(..=end);
        stored.body = bytes;
        Some(stored)
    }

    /// Keeping is a service, not a duty: a full or read-only disk must not stop an install.
    pub fn keep(&self, key: &str, stored: &Stored) {
        if let Some(file) = self.file(key) {
            let _ = write_whole(&file, stored);
        }
    }
}

fn write_whole(file: &Path, stored: &Stored) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    let mut head = serde_json::to_vec(stored)?;
    head.push(b'\n');
    temporary.write_all(&head)?;
    temporary.write_all(&stored.body)?;
    temporary.persist(file).map_err(|error| error.error)?;
    Ok(())
}

impl Stored {
    pub fn of(response: &Response<Body>, url: &Url) -> Stored {
        Stored {
            status: response.status().as_u16(),
            etag: header(response, "etag"),
            last_modified: header(response, "last-modified"),
            content_type: header(response, "content-type").unwrap_or_default(),
            url: Some(url.to_string()),
            fetched: now(),
            max_age: max_age(response),
            body: Vec::new(),
        }
    }

    /// What was made here and holds for ever.
    pub fn made(body: &[u8]) -> Stored {
        Stored { status: 200, fetched: now(), max_age: u64::MAX / 4, body: body.to_vec(), ..Stored::default() }
    }

    pub fn missing(response: &Response<Body>) -> Stored {
        Stored { status: 404, fetched: now(), max_age: max_age(response).min(600), ..Stored::default() }
    }

    /// The same after the server said that nothing changed.
    pub fn renewed(&self, response: &Response<Body>) -> Stored {
        Stored { fetched: now(), max_age: max_age(response), ..self.clone() }
    }

    pub fn is_fresh(&self) -> bool {
        // A clock that was set back makes answers stale, not eternal.
        let now = now();
        self.fetched <= now && now - self.fetched < self.max_age
    }

    pub fn into_text(self, asked: &Url) -> Result<Text, Miss> {
        if self.status == 404 {
            return Err(Miss::NotFound);
        }
        let url = self.url.and_then(|url| Url::parse(&url).ok()).unwrap_or_else(|| asked.clone());
        Ok(Text { body: self.body, content_type: self.content_type, url })
    }
}

fn max_age(response: &Response<Body>) -> u64 {
    let control = header(response, "cache-control").unwrap_or_default().to_ascii_lowercase();
    if control.contains("no-store") || control.contains("no-cache") {
        return 0;
    }
    let seconds = control.split(',').find_map(|part| part.trim().strip_prefix("max-age=")?.trim().parse::<u64>().ok());
    let age = header(response, "age").and_then(|age| age.trim().parse::<u64>().ok()).unwrap_or(0);
    seconds.map_or(0, |seconds| seconds.saturating_sub(age))
}

pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_and_finds() {
        let folder = tempfile::tempdir().unwrap();
        let answers = Answers::new(Some(folder.path().to_owned()));
        assert!(answers.find("k").is_none());
        answers.keep("k", &Stored::made(b"one\ntwo"));
        let stored = answers.find("k").unwrap();
        assert!(stored.is_fresh());
        assert_eq!(stored.body, b"one\ntwo");
        assert!(Answers::new(None).find("k").is_none());
    }
}
