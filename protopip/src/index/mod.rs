//! Indexes and folders of packages: what versions there are, what each needs, and the files. Asks ahead on many threads; remembers.
//! Knows no resolver: it is asked.

mod answers;
mod client;
mod fetch;
mod html;
mod links;
pub mod metadata;
mod names;
pub mod page;
mod range;

pub use answers::{Answers, hex};
pub use client::{Client, Keep, Miss, shown};
pub use fetch::{FetchedFile, Fetcher, local_path, sums_of};
pub use metadata::CoreMetadata;
pub use page::{Files, Page};

use crate::cache::StoredWheel;
use crate::config::{IndexStrategy, Settings};
use crate::model::{DistFile, FileKind, PackageName, Url};
use crate::work::{Once, Pool, locked};
use crate::{Error, Result};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

/// What is known of a package by all places together.
#[derive(Clone, Debug)]
pub struct Offer {
    pub page: Arc<Page>,
    /// Places that were asked, for messages.
    pub asked: Vec<String>,
    pub found: bool,
}

pub struct Registry {
    pub settings: Arc<Settings>,
    pub client: Arc<Client>,
    pub fetcher: Arc<Fetcher>,
    pub pool: Arc<Pool>,
    offers: Once<PackageName, Result<Offer>>,
    metadata: Once<String, Result<Arc<CoreMetadata>>>,
    wheels: Once<String, Result<StoredWheel>>,
    /// Lengths of files that the index did not tell.
    lengths: Mutex<HashMap<String, u64>>,
    links: OnceLock<Result<links::Links>>,
}

impl Registry {
    pub fn new(settings: Arc<Settings>, client: Arc<Client>, fetcher: Arc<Fetcher>, pool: Arc<Pool>) -> Registry {
        Registry {
            settings,
            client,
            fetcher,
            pool,
            offers: Once::new(),
            metadata: Once::new(),
            wheels: Once::new(),
            lengths: Mutex::default(),
            links: OnceLock::new(),
        }
    }

    /// All files of a package, from all places. Waits.
    pub fn offer(&self, name: &PackageName) -> Result<Offer> {
        self.offers.get(name, || self.look_up(name))
    }

    pub fn peek_offer(&self, name: &PackageName) -> Option<Result<Offer>> {
        self.offers.peek(name)
    }

    fn look_up(&self, name: &PackageName) -> Result<Offer> {
        let links = self.links.get_or_init(|| links::Links::load(&self.settings.find_links, &self.client));
        let mut page = Page::default();
        let mut asked = Vec::new();
        let mut found = false;
        match links {
            Err(error) => return Err(error.clone()),
            Ok(links) => {
                asked.extend(self.settings.find_links.iter().cloned());
                if let Some(local) = links.page(name) {
                    page.merge(&local);
                    found = true;
                }
            }
        }
        for index in &self.settings.indexes {
            asked.push(shown(index));
            match self.ask(index, name) {
                Ok(answer) if !found && page.versions.is_empty() => {
                    page = answer;
                    found = true;
                }
                Ok(answer) => {
                    page.merge(&answer);
                    found = true;
                }
                Err(Miss::NotFound) => continue,
                // Without the network, what folders hold still counts; the index is missing like an index that lacks the package.
                Err(Miss::Failed(_)) if self.settings.offline && found => continue,
                Err(Miss::Failed(error)) => return Err(error),
            }
            if self.settings.index_strategy == IndexStrategy::First {
                break;
            }
        }
        Ok(Offer { page: Arc::new(page), asked, found })
    }

    fn ask(&self, index: &Url, name: &PackageName) -> Result<Page, Miss> {
        let url =
            index.join(&format!("{name}/")).map_err(|error| Error::usage(format!("wrong index address {index}: {error}")))?;
        if url.scheme() == "file" {
            return links::folder_index(&url, name);
        }
        let text = self.client.text(&url, page::ACCEPT, Keep::AsTold)?;
        Ok(Page::parse(name, &text.body, &text.content_type, &text.url)?)
    }

    /// The metadata of a wheel, by the cheapest way. Waits.
    pub fn metadata(&self, file: &DistFile) -> Result<Arc<CoreMetadata>> {
        self.metadata.get(&file.url.to_string(), || {
            let read = self
                .read_metadata(file)
                .map_err(|error| error.within(format!("cannot read the metadata of {}", file.file_name)))?;
            if read.name != *file.name() || read.version != *file.version() {
                return Err(Error::refused(format!(
                    "{} calls itself {} {} in its metadata",
                    file.file_name, read.name, read.version
                )));
            }
            Ok(Arc::new(read))
        })
    }

    fn read_metadata(&self, file: &DistFile) -> Result<CoreMetadata> {
        let FileKind::Wheel(wheel) = &file.kind else {
            return Err(Error::failed("only wheels have metadata of their own"));
        };
        if file.url.scheme() == "file" {
            return CoreMetadata::parse(&self.fetcher.wheel(file)?.metadata_text()?);
        }
        if let Some(stored) = file.sha256().and_then(|sha256| self.fetcher.cache.find(sha256)) {
            return CoreMetadata::parse(&stored.metadata_text()?);
        }
        let mut beside = file.url.clone();
        beside.set_path(&format!("{}.metadata", file.url.path()));
        if let Some(hashes) = &file.core_metadata {
            match self.client.text(&beside, "*/*", Keep::Forever) {
                Ok(text) => {
                    check_sums(&text.body, hashes)?;
                    return CoreMetadata::parse(&String::from_utf8_lossy(&text.body));
                }
                Err(Miss::NotFound) => {}
                Err(Miss::Failed(error)) => return Err(error),
            }
        } else if let Some(body) = self.client.recall(&beside, "range") {
            return CoreMetadata::parse(&String::from_utf8_lossy(&body));
        }
        let remote = range::RemoteWheel::open(&self.client, &file.url)?;
        if let Some(remote) = &remote {
            locked(&self.lengths).insert(file.url.to_string(), remote.total);
        }
        if let Some(remote) = remote
            && let Some(text) = remote.metadata(wheel)?
        {
            self.client.remember(&beside, "range", text.as_bytes());
            return CoreMetadata::parse(&text);
        }
        CoreMetadata::parse(&self.fetcher.wheel(file)?.metadata_text()?)
    }

    /// How long a file is, if anybody said so by now.
    pub fn length(&self, file: &DistFile) -> Option<u64> {
        file.size.or_else(|| locked(&self.lengths).get(file.url.as_str()).copied())
    }

    /// The wheel, unpacked in the cache. Waits; fetched once, also if asked for ahead.
    pub fn wheel(&self, file: &DistFile) -> Result<StoredWheel> {
        self.wheels.get(&file.url.to_string(), || self.fetcher.wheel(file))
    }

    /// The names of all files in a wheel, without fetching it where that can be avoided.
    pub fn names_in(&self, file: &DistFile) -> Result<Vec<String>> {
        let FileKind::Wheel(_) = &file.kind else { return Ok(Vec::new()) };
        let mut key = file.url.clone();
        key.set_fragment(None);
        if let Some(body) = self.client.recall(&key, "names") {
            return Ok(String::from_utf8_lossy(&body).lines().map(str::to_owned).collect());
        }
        let names: Vec<String> = match file.url.scheme() {
            "file" => names_of_archive(&local_path(&file.url)?)?,
            _ => match range::RemoteWheel::open(&self.client, &file.url)? {
                Some(remote) => remote.entries.iter().map(|entry| entry.name.clone()).collect(),
                None => names_of_archive(&self.fetcher.file(file)?.path)?,
            },
        };
        if file.url.scheme() != "file" {
            self.client.remember(&key, "names", names.join("\n").as_bytes());
        }
        Ok(names)
    }
}

fn names_of_archive(path: &std::path::Path) -> Result<Vec<String>> {
    let file = std::fs::File::open(path).map_err(|error| Error::io("cannot read", path, error))?;
    let archive = zip::ZipArchive::new(file)
        .map_err(|error| Error::refused(format!("{} is not a zip archive", path.display())).because(error))?;
    Ok(archive.file_names().filter_map(|name| name.ok().map(std::borrow::Cow::into_owned)).collect())
}

fn check_sums(body: &[u8], hashes: &[crate::model::Hash]) -> Result<()> {
    use crate::model::Algorithm;
    use sha2::{Digest, Sha256, Sha384, Sha512};
    for hash in hashes {
        let actual = match hash.algorithm {
            Algorithm::Sha256 => hex(&Sha256::digest(body)),
            Algorithm::Sha384 => hex(&Sha384::digest(body)),
            Algorithm::Sha512 => hex(&Sha512::digest(body)),
        };
        if actual != hash.digits {
            return Err(Error::refused(format!(
                "the metadata is not what the index promised: its {} sum is {actual}",
                hash.algorithm.name()
            )));
        }
    }
    Ok(())
}
