//! `--find-links`: folders and pages of files of many packages; and indexes that are folders.

use super::client::{Client, Keep, Miss, Text};
use super::page::{ACCEPT, Page, kind_of};
use crate::model::{DistFile, PackageName, Url};
use crate::{Error, Result};
use std::collections::HashMap;
use std::path::Path;

pub struct Links {
    local: HashMap<PackageName, Page>,
    /// Pages of links; each package's share is read when it is asked for.
    remote: Vec<Text>,
}

impl Links {
    pub fn load(places: &[String], client: &Client) -> Result<Links> {
        let mut links = Links { local: HashMap::new(), remote: Vec::new() };
        for place in places {
            if place.starts_with("http://") || place.starts_with("https://") {
                let url = Url::parse(place).map_err(|error| Error::usage(format!("--find-links '{place}'")).because(error))?;
                match client.text(&url, ACCEPT, Keep::AsTold) {
                    Ok(text) => links.remote.push(text),
                    Err(Miss::NotFound) => return Err(Error::network(format!("--find-links: there is no page {place}"))),
                    Err(Miss::Failed(error)) => return Err(error),
                }
                continue;
            }
            let path = match Url::parse(place) {
                Ok(url) if url.scheme() == "file" => super::local_path(&url)?,
                _ => std::path::absolute(place).map_err(|error| Error::io("cannot find", Path::new(place), error))?,
            };
            if path.is_dir() {
                for file in files_of(&path) {
                    links.add(file);
                }
            } else if let Some(file) = dist_file(&path) {
                links.add(file);
            }
            // A folder that is not there offers nothing: configuration often names one that only some machines have.
        }
        Ok(links)
    }

    pub fn page(&self, name: &PackageName) -> Option<Page> {
        let mut page = self.local.get(name).cloned().unwrap_or_default();
        for text in &self.remote {
            if let Ok(share) = Page::parse(name, &text.body, "text/html", &text.url) {
                page.merge(&share);
            }
        }
        (!page.versions.is_empty()).then_some(page)
    }

    fn add(&mut self, file: DistFile) {
        self.local.entry(file.name().clone()).or_default().add(file);
    }
}

fn files_of(folder: &Path) -> Vec<DistFile> {
    let mut files: Vec<DistFile> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().filter_map(|entry| dist_file(&entry.path())).collect();
    files.sort_by(|left, right| left.file_name.cmp(&right.file_name));
    files
}

/// A wheel or source package of this machine.
pub fn dist_file(path: &Path) -> Option<DistFile> {
    let file_name = path.file_name()?.to_str()?.to_owned();
    let kind = kind_of(&file_name, None)?;
    let data = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    Some(DistFile {
        file_name,
        url: Url::from_file_path(path).ok()?,
        kind,
        hashes: Vec::new(),
        size: Some(data.len()),
        requires_python: None,
        yanked: None,
        core_metadata: None,
        upload_time: None,
    })
}

/// An index in a folder: `<index>/<name>/index.html`, or just the files.
pub fn folder_index(url: &Url, name: &PackageName) -> Result<Page, Miss> {
    let folder = super::local_path(url)?;
    if !folder.is_dir() {
        return Err(Miss::NotFound);
    }
    if let Ok(body) = std::fs::read(folder.join("index.html")) {
        return Ok(Page::parse(name, &body, "text/html", url)?);
    }
    let mut page = Page::default();
    for file in files_of(&folder).into_iter().filter(|file| file.name() == name) {
        page.add(file);
    }
    Ok(page)
}
