//! What an index says about one package: the JSON form (PEP 691) and the HTML form (PEP 503, with 592, 658, 714). Text in, files out.

use super::html;
use crate::model::{Algorithm, DistFile, FileKind, Hash, PackageName, Url, Version, VersionSpecifiers, WheelName};
use crate::{Error, Result};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;
use std::sync::Arc;

pub const ACCEPT: &str = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";

/// Everything known of one package, by version.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub versions: BTreeMap<Version, Files>,
    /// Names of files that mean nothing to us (eggs, installers, nonsense).
    pub ignored: usize,
}

#[derive(Clone, Debug, Default)]
pub struct Files {
    pub wheels: Vec<Arc<DistFile>>,
    pub sources: Vec<Arc<DistFile>>,
}

impl Files {
    pub fn all(&self) -> impl Iterator<Item = &Arc<DistFile>> {
        self.wheels.iter().chain(&self.sources)
    }
}

impl Page {
    pub fn add(&mut self, file: DistFile) {
        let files = self.versions.entry(file.version().clone()).or_default();
        let list = match file.kind {
            FileKind::Wheel(_) => &mut files.wheels,
            FileKind::Source { .. } => &mut files.sources,
        };
        if !list.iter().any(|known| known.file_name == file.file_name) {
            list.push(Arc::new(file));
        }
    }

    /// Adds what another place offers; files of the same name stay as they are.
    pub fn merge(&mut self, other: &Page) {
        for file in other.versions.values().flat_map(Files::all) {
            self.add((**file).clone());
        }
    }

    pub fn parse(package: &PackageName, body: &[u8], content_type: &str, base: &Url) -> Result<Page> {
        let kind = content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        let wrong = |error: Error| error.within(format!("cannot understand what the index says about {package}"));
        if kind.ends_with("json") || (kind.is_empty() && body.first() == Some(&b'{')) {
            parse_json(package, body, base).map_err(wrong)
        } else if kind.ends_with("html") || kind == "text/plain" || kind.is_empty() {
            let text =
                std::str::from_utf8(body).map_err(|error| wrong(Error::network("the page is not UTF-8").because(error)))?;
            Ok(parse_html(package, text, base))
        } else {
            Err(wrong(Error::network(format!("the answer is of type '{kind}'"))))
        }
    }
}

#[derive(Deserialize)]
struct JsonPage<'a> {
    #[serde(borrow, default)]
    meta: JsonMeta<'a>,
    #[serde(borrow)]
    files: Vec<JsonFile<'a>>,
}

#[derive(Deserialize, Default)]
struct JsonMeta<'a> {
    #[serde(borrow, default, rename = "api-version")]
    api_version: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct JsonFile<'a> {
    #[serde(borrow)]
    filename: Cow<'a, str>,
    #[serde(borrow)]
    url: Cow<'a, str>,
    #[serde(borrow, default)]
    hashes: HashMap<Cow<'a, str>, Cow<'a, str>>,
    #[serde(borrow, default)]
    requires_python: Option<Cow<'a, str>>,
    #[serde(default)]
    size: Option<u64>,
    #[serde(borrow, default)]
    upload_time: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    yanked: YesOrText<'a>,
    #[serde(borrow, default, alias = "dist-info-metadata", alias = "data-dist-info-metadata")]
    core_metadata: YesOrSums<'a>,
}

#[derive(Deserialize, Default)]
#[serde(untagged)]
enum YesOrText<'a> {
    #[default]
    Nothing,
    Yes(bool),
    #[serde(borrow)]
    Text(Cow<'a, str>),
}

#[derive(Deserialize, Default)]
#[serde(untagged)]
enum YesOrSums<'a> {
    #[default]
    Nothing,
    Yes(bool),
    #[serde(borrow)]
    Sums(HashMap<Cow<'a, str>, Cow<'a, str>>),
}

fn parse_json(package: &PackageName, body: &[u8], base: &Url) -> Result<Page> {
    let json: JsonPage<'_> =
        read_json(body).map_err(|error| Error::network("the answer is not the JSON of a package page").because(error))?;
    if let Some(version) = &json.meta.api_version
        && !version.starts_with("1.")
        && version != "1"
    {
        return Err(Error::network(format!("the index speaks version {version} of its language, we know 1")));
    }
    let mut reader = Reader::new(package, base);
    let mut page = Page::default();
    for file in json.files {
        let yanked = match file.yanked {
            YesOrText::Nothing | YesOrText::Yes(false) => None,
            YesOrText::Yes(true) => Some(String::new()),
            YesOrText::Text(reason) => Some(reason.into_owned()),
        };
        let core_metadata = match file.core_metadata {
            YesOrSums::Nothing | YesOrSums::Yes(false) => None,
            YesOrSums::Yes(true) => Some(Vec::new()),
            YesOrSums::Sums(sums) => Some(hashes(sums.iter().map(|(name, digits)| (&**name, &**digits)))),
        };
        let sums = hashes(file.hashes.iter().map(|(name, digits)| (&**name, &**digits)));
        let requires = file.requires_python.as_deref().unwrap_or("");
        match reader.file(&file.filename, &file.url, sums, requires) {
            None => page.ignored += 1,
            Some(mut dist) => {
                dist.size = file.size;
                dist.upload_time = file.upload_time.map(Cow::into_owned);
                dist.yanked = yanked;
                dist.core_metadata = core_metadata;
                page.add_new(dist);
            }
        }
    }
    Ok(page)
}

/// Reads with a limit on nesting, which serde_json has built in.
fn read_json<'a, T: Deserialize<'a>>(body: &'a [u8]) -> serde_json::Result<T> {
    serde_json::from_slice(body)
}

impl Page {
    fn add_new(&mut self, file: DistFile) {
        // Pages have thousands of files with names that differ: the search for equal names is left to places that mix sources.
        let files = self.versions.entry(file.version().clone()).or_default();
        match file.kind {
            FileKind::Wheel(_) => files.wheels.push(Arc::new(file)),
            FileKind::Source { .. } => files.sources.push(Arc::new(file)),
        }
    }
}

fn parse_html(package: &PackageName, text: &str, base: &Url) -> Page {
    let document = html::read(text);
    let base = document.base.as_deref().and_then(|href| base.join(href).ok()).unwrap_or_else(|| base.clone());
    let mut reader = Reader::new(package, &base);
    let mut page = Page::default();
    for anchor in document.anchors {
        let Some(href) = anchor.get("href") else { continue };
        let (address, fragment) = href.split_once('#').unwrap_or((href, ""));
        let name = address.split('?').next().unwrap_or("").rsplit('/').next().unwrap_or("");
        let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned();
        let sums = hashes(fragment.split('&').filter_map(|part| part.split_once('=')));
        match reader.file(&name, address, sums, anchor.get("data-requires-python").unwrap_or("")) {
            None => page.ignored += 1,
            Some(mut dist) => {
                dist.yanked = anchor.get("data-yanked").map(str::to_owned);
                dist.upload_time = anchor.get("data-upload-time").map(str::to_owned);
                let told = anchor.get("data-core-metadata").or_else(|| anchor.get("data-dist-info-metadata"));
                dist.core_metadata = told.filter(|value| *value != "false").map(|value| hashes(value.split_once('=')));
                page.add(dist);
            }
        }
    }
    page
}

/// Stands for digits that cannot be read: a sum that nothing has, so that the file is refused instead of taken unchecked.
const UNREADABLE: &str = "unreadable";

/// Sums by algorithms that protect; others are left out.
fn hashes<'a>(sums: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Hash> {
    let read = |(name, digits): (&str, &str)| {
        let algorithm = Algorithm::from_name(name)?;
        let unreadable = |_| Hash { algorithm, digits: UNREADABLE.to_owned() };
        Some(Hash::parse(&format!("{name}:{digits}")).unwrap_or_else(unreadable))
    };
    sums.into_iter().filter_map(read).collect()
}

struct Reader<'a> {
    package: &'a PackageName,
    base: &'a Url,
    /// The same text stands at many files.
    requires: HashMap<String, Option<VersionSpecifiers>>,
}

impl<'a> Reader<'a> {
    fn new(package: &'a PackageName, base: &'a Url) -> Reader<'a> {
        Reader { package, base, requires: HashMap::new() }
    }

    fn file(&mut self, name: &str, address: &str, hashes: Vec<Hash>, requires: &str) -> Option<DistFile> {
        let kind = kind_of(name, Some(self.package))?;
        let named = match &kind {
            FileKind::Wheel(wheel) => &wheel.name,
            FileKind::Source { name, .. } => name,
        };
        if named != self.package || name.contains(['/', '\\', '\0']) {
            return None;
        }
        let url = match Url::parse(address) {
            Ok(url) => url,
            Err(_) => self.base.join(address).ok()?,
        };
        // A page from the net must not name files of this machine.
        if !(matches!(url.scheme(), "http" | "https") || url.scheme() == "file" && self.base.scheme() == "file") {
            return None;
        }
        let requires_python = match self.requires.get(requires) {
            Some(known) => known.clone(),
            None => {
                // What cannot be read counts as not said, as in other installers.
                let read = Some(requires).filter(|text| !text.trim().is_empty()).and_then(read_specifiers);
                self.requires.insert(requires.to_owned(), read.clone());
                read
            }
        };
        Some(DistFile {
            file_name: name.to_owned(),
            url,
            kind,
            hashes,
            size: None,
            requires_python,
            yanked: None,
            core_metadata: None,
            upload_time: None,
        })
    }
}

/// Reads version specifiers, also some wrong but common forms (`>=3.6,`, `>=3.6.*`).
pub fn read_specifiers(text: &str) -> Option<VersionSpecifiers> {
    if let Ok(read) = VersionSpecifiers::from_str(text) {
        return Some(read);
    }
    let mended: Vec<String> = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| match part.strip_suffix(".*") {
            Some(stem) if part.starts_with(['>', '<']) => stem.to_owned(),
            _ => part.to_owned(),
        })
        .collect();
    VersionSpecifiers::from_str(&mended.join(",")).ok()
}

/// What a file is by its name. `package` helps to find where the version of a source package begins.
pub fn kind_of(file_name: &str, package: Option<&PackageName>) -> Option<FileKind> {
    if file_name.ends_with(".whl") {
        return WheelName::parse(file_name).ok().map(FileKind::Wheel);
    }
    let stem = [".tar.gz", ".tgz", ".zip"].iter().find_map(|ending| file_name.strip_suffix(ending))?;
    for (at, _) in stem.match_indices('-').collect::<Vec<_>>().into_iter().rev() {
        let (Ok(name), Ok(version)) = (PackageName::from_str(&stem[..at]), Version::from_str(&stem[at + 1..])) else {
            continue;
        };
        if package.is_none_or(|package| *package == name) {
            return Some(FileKind::Source { name, version });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Url {
        Url::parse("https://index.example/simple/a-b/").unwrap()
    }

    fn name() -> PackageName {
        PackageName::from_str("a_b").unwrap()
    }

    #[test]
    fn json() {
        let body = br#"{"meta":{"api-version":"1.1"},"name":"a-b","files":[
            {"filename":"a_b-1.0-py3-none-any.whl","url":"../../f/a_b-1.0-py3-none-any.whl","hashes":{"sha256":"00","md5":"x"},"yanked":"bad","requires-python":">=3.6.*","core-metadata":true},
            {"filename":"a-b-1.1.tar.gz","url":"https://f.example/a-b-1.1.tar.gz","hashes":{},"yanked":false,"size":5},
            {"filename":"a_b-1.1-py3-none-any.whl","url":"file:///etc/passwd","hashes":{}},
            {"filename":"other-1.1.tar.gz","url":"x","hashes":{}},{"filename":"a_b-1.exe","url":"x","hashes":{}}]}"#;
        let page = Page::parse(&name(), body, "application/vnd.pypi.simple.v1+json", &base()).unwrap();
        assert_eq!(page.versions.len(), 2);
        assert_eq!(page.ignored, 3);
        let wheel = &page.versions.values().next().unwrap().wheels[0];
        assert_eq!(wheel.url.as_str(), "https://index.example/f/a_b-1.0-py3-none-any.whl");
        assert_eq!(wheel.yanked.as_deref(), Some("bad"));
        assert!(wheel.core_metadata.is_some() && wheel.requires_python.is_some());
        assert_eq!(wheel.hashes, [Hash::sha256(UNREADABLE)]);
    }

    #[test]
    fn wrong_answers() {
        for (body, kind) in [
            (&b"{"[..], "application/json"),
            (b"[]", "application/json"),
            (b"{\"files\":3}", "application/json"),
            (b"{\"meta\":{\"api-version\":\"2.0\"},\"files\":[]}", "application/json"),
            (b"\xff\xfe", "text/html"),
            (b"", "image/png"),
        ] {
            assert!(Page::parse(&name(), body, kind, &base()).is_err(), "{kind}");
        }
        assert!(Page::parse(&name(), "[".repeat(100_000).as_bytes(), "application/json", &base()).is_err());
    }

    #[test]
    fn html_page() {
        let sum = "ab".repeat(32);
        let text = format!(
            "<!DOCTYPE html><html><body><!-- <a href='x-1.tar.gz'> --><A HREF=\"/f/a.b-2%2B1.tar.gz#sha256={sum}\" data-requires-python=\"&gt;=3.8\">x</a>\
             <a href='a_b-2-py3-none-any.whl' data-yanked data-core-metadata=\"sha256={sum}\">y</a></body>"
        );
        let page = Page::parse(&name(), text.as_bytes(), "text/html; charset=utf-8", &base()).unwrap();
        let files: Vec<_> = page.versions.values().flat_map(Files::all).collect();
        assert_eq!(files.len(), 2);
        assert_eq!(files[0].core_metadata.as_ref().unwrap().len(), 1);
        assert_eq!(files[0].yanked.as_deref(), Some(""));
        assert_eq!(files[1].version().to_string(), "2+1");
        assert_eq!(files[1].hashes.len(), 1);
        assert!(files[1].requires_python.is_some());
    }
}
