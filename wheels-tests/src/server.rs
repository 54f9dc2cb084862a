//! An index on the loopback interface: HTML and JSON pages (PEP 503, 691), files with ranges, metadata alone (PEP 658), withdrawn files
//! (PEP 592), a log of requests, and any answer that a test wants to see spoiled.

use crate::wheel::{BuiltWheel, sha256_hex};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// One file of the index.
#[derive(Debug, Clone)]
pub struct Offer {
    pub project: String,
    pub file_name: String,
    pub bytes: Vec<u8>,
    pub metadata: Option<String>,
    pub requires_python: Option<String>,
    pub yanked: Option<String>,
    pub upload_time: Option<String>,
    /// What the page tells as SHA-256; `None` tells the truth.
    pub told_sha256: Option<String>,
}

/// An answer given as it is.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Announces this length instead of the body's.
    pub told_length: Option<usize>,
    /// Closes the connection after so many bytes of the body.
    pub stop_after: Option<usize>,
    pub delay: Duration,
    /// So many times, then the usual answer.
    pub times: Option<usize>,
}

impl Answer {
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Answer {
        let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
        Answer { status, headers, body: body.into(), told_length: None, stop_after: None, delay: Duration::ZERO, times: None }
    }

    pub fn json(body: impl Into<Vec<u8>>) -> Answer {
        Self::new(200, "application/vnd.pypi.simple.v1+json", body)
    }

    pub fn header(mut self, name: &str, value: &str) -> Answer {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

#[derive(Debug, Clone, Default)]
pub struct Index {
    pub offers: Vec<Offer>,
    /// By path, such as `/simple/demo/`.
    pub answers: BTreeMap<String, Answer>,
    pub html_only: bool,
    pub without_metadata: bool,
    pub without_ranges: bool,
    pub without_hashes: bool,
}

impl Index {
    pub fn new() -> Index {
        Index::default()
    }

    pub fn wheel(mut self, wheel: &BuiltWheel) -> Index {
        self.offers.push(offer_of(wheel));
        self
    }

    pub fn wheels<'a>(self, wheels: impl IntoIterator<Item = &'a BuiltWheel>) -> Index {
        wheels.into_iter().fold(self, Index::wheel)
    }

    pub fn yanked(mut self, wheel: &BuiltWheel, reason: &str) -> Index {
        self.offers.push(Offer { yanked: Some(reason.to_owned()), ..offer_of(wheel) });
        self
    }

    pub fn offer(mut self, offer: Offer) -> Index {
        self.offers.push(offer);
        self
    }

    pub fn answer(mut self, path: &str, answer: Answer) -> Index {
        self.answers.insert(path.to_owned(), answer);
        self
    }

    pub fn start(self) -> Server {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("the loopback interface has ports");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared { index: Mutex::new(self), log: Mutex::new(Vec::new()), stopped: AtomicBool::new(false) });
        let for_thread = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if for_thread.stopped.load(Ordering::Relaxed) {
                    return;
                }
                let shared = Arc::clone(&for_thread);
                std::thread::spawn(move || drop(serve(stream, &shared)));
            }
        });
        Server { address, shared }
    }
}

/// The project's name and everything else that a sound wheel tells about itself.
pub fn offer_of(wheel: &BuiltWheel) -> Offer {
    let header = |key: &str| wheel.metadata.lines().find_map(|line| line.strip_prefix(key)).map(|value| value.trim().to_owned());
    Offer {
        project: wheel.file_name.split('-').next().unwrap_or_default().to_owned(),
        file_name: wheel.file_name.clone(),
        bytes: wheel.bytes.clone(),
        metadata: Some(wheel.metadata.clone()),
        requires_python: header("Requires-Python:"),
        yanked: None,
        upload_time: None,
        told_sha256: None,
    }
}

struct Shared {
    index: Mutex<Index>,
    log: Mutex<Vec<String>>,
    stopped: AtomicBool,
}

/// Serves until it is dropped.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Server {
    /// `http://127.0.0.1:PORT/simple`.
    pub fn url(&self) -> String {
        format!("http://{}/simple", self.address)
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn file_url(&self, file_name: &str) -> String {
        format!("http://{}/files/{file_name}", self.address)
    }

    /// Requests so far: `GET /simple/demo/`, with ` bytes=0-99` behind it for ranges.
    pub fn log(&self) -> Vec<String> {
        self.shared.log.lock().map(|log| log.clone()).unwrap_or_default()
    }

    pub fn clear_log(&self) {
        if let Ok(mut log) = self.shared.log.lock() {
            log.clear();
        }
    }

    /// Changes what is served from now on.
    pub fn change(&self, change: impl FnOnce(&mut Index)) {
        if let Ok(mut index) = self.shared.index.lock() {
            change(&mut index);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        // Wakes the thread that waits for connections.
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_millis(200));
    }
}

struct Request {
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
}

fn read_request(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|&count| count > 0)?;
    let mut parts = line.split_whitespace();
    let (method, target) = (parts.next()?.to_owned(), parts.next()?.to_owned());
    let path = target.split(['?', '#']).next().unwrap_or_default().to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|&count| count > 0)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    if let Some(length) = headers.get("content-length").and_then(|text| text.parse::<u64>().ok()) {
        std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink()).ok()?;
    }
    Some(Request { method, path, headers })
}

fn serve(stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.set_nodelay(true)?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    while let Some(request) = read_request(&mut reader) {
        let range = request.headers.get("range").map(|range| format!(" {range}")).unwrap_or_default();
        if let Ok(mut log) = shared.log.lock() {
            log.push(format!("{} {}{range}", request.method, request.path));
        }
        let answer = match shared.index.lock() {
            Ok(mut index) => answer(&mut index, &request),
            Err(_) => return Ok(()),
        };
        std::thread::sleep(answer.delay);
        if !write_answer(&mut writer, &request, &answer)? {
            return Ok(());
        }
    }
    Ok(())
}

/// Whether the connection may go on.
fn write_answer(writer: &mut TcpStream, request: &Request, answer: &Answer) -> std::io::Result<bool> {
    let mut head = format!("HTTP/1.1 {} {}\r\n", answer.status, reason(answer.status));
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Length: {}\r\n\r\n", answer.told_length.unwrap_or(answer.body.len())));
    let mut out = head.into_bytes();
    if request.method != "HEAD" {
        out.extend_from_slice(&answer.body[..answer.stop_after.unwrap_or(usize::MAX).min(answer.body.len())]);
    }
    writer.write_all(&out)?;
    writer.flush()?;
    Ok(answer.stop_after.is_none() && answer.told_length.is_none_or(|length| length == answer.body.len()))
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        206 => "Partial Content",
        301 | 302 | 307 | 308 => "Moved",
        304 => "Not Modified",
        401 => "Unauthorized",
        404 => "Not Found",
        416 => "Range Not Satisfiable",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        _ => "Answer",
    }
}

fn answer(index: &mut Index, request: &Request) -> Answer {
    if let Some(planned) = index.answers.get_mut(&request.path) {
        let answer = planned.clone();
        match &mut planned.times {
            None => return answer,
            Some(0) => {}
            Some(left) => {
                *left -= 1;
                return answer;
            }
        }
    }
    let not_found = || Answer::new(404, "text/plain", "there is no such page");
    if let Some(name) = request.path.strip_prefix("/files/") {
        return file(index, name, request).unwrap_or_else(not_found);
    }
    let Some(project) = request.path.strip_prefix("/simple/") else { return not_found() };
    let wanted = normalized(project.trim_end_matches('/'));
    let accepts_json = request.headers.get("accept").is_some_and(|accept| accept.contains("simple.v1+json")) && !index.html_only;
    if wanted.is_empty() {
        return root(index, accepts_json);
    }
    let offers: Vec<&Offer> = index.offers.iter().filter(|offer| normalized(&offer.project) == wanted).collect();
    if offers.is_empty() {
        return not_found();
    }
    let page = if accepts_json {
        Answer::json(json_page(index, &wanted, &offers))
    } else {
        Answer::new(200, "text/html; charset=utf-8", html_page(index, &offers))
    };
    let tag = format!("\"{}\"", &sha256_hex(&page.body)[..16]);
    if request.headers.get("if-none-match") == Some(&tag) {
        return Answer::new(304, "text/plain", "").header("ETag", &tag);
    }
    page.header("ETag", &tag)
}

fn root(index: &Index, json: bool) -> Answer {
    let mut names: Vec<String> = index.offers.iter().map(|offer| normalized(&offer.project)).collect();
    names.sort();
    names.dedup();
    if json {
        let projects: Vec<String> = names.iter().map(|name| format!("{{\"name\":{}}}", quoted(name))).collect();
        return Answer::json(format!("{{\"meta\":{{\"api-version\":\"1.1\"}},\"projects\":[{}]}}", projects.join(",")));
    }
    let links: Vec<String> = names.iter().map(|name| format!("<a href=\"/simple/{name}/\">{name}</a>")).collect();
    Answer::new(200, "text/html", format!("<!DOCTYPE html><html><body>{}</body></html>", links.join("\n")))
}

fn file(index: &Index, name: &str, request: &Request) -> Option<Answer> {
    if let Some(file_name) = name.strip_suffix(".metadata") {
        let offer = index.offers.iter().find(|offer| offer.file_name == file_name)?;
        let metadata = offer.metadata.clone().filter(|_| !index.without_metadata)?;
        return Some(Answer::new(200, "text/plain", metadata));
    }
    let offer = index.offers.iter().find(|offer| offer.file_name == name)?;
    let total = offer.bytes.len();
    let whole = Answer::new(200, "application/octet-stream", offer.bytes.clone());
    if index.without_ranges {
        return Some(whole);
    }
    let whole = whole.header("Accept-Ranges", "bytes");
    let Some(range) = request.headers.get("range").and_then(|range| range.strip_prefix("bytes=")) else { return Some(whole) };
    let (start, end) = match range.split_once('-')? {
        ("", last) => (total.saturating_sub(last.parse().ok()?), total),
        (first, "") => (first.parse().ok()?, total),
        (first, last) => (first.parse().ok()?, last.parse::<usize>().ok()?.saturating_add(1).min(total)),
    };
    if start >= end {
        return Some(Answer::new(416, "text/plain", "").header("Content-Range", &format!("bytes */{total}")));
    }
    let part = Answer::new(206, "application/octet-stream", offer.bytes[start..end].to_vec());
    Some(part.header("Content-Range", &format!("bytes {start}-{}/{total}", end - 1)))
}

fn told_sum(index: &Index, offer: &Offer) -> Option<String> {
    if index.without_hashes {
        return None;
    }
    Some(offer.told_sha256.clone().unwrap_or_else(|| sha256_hex(&offer.bytes)))
}

fn json_page(index: &Index, name: &str, offers: &[&Offer]) -> String {
    let files: Vec<String> = offers
        .iter()
        .map(|offer| {
            let mut fields = vec![
                format!("\"filename\":{}", quoted(&offer.file_name)),
                format!("\"url\":{}", quoted(&format!("/files/{}", offer.file_name))),
                format!("\"size\":{}", offer.bytes.len()),
            ];
            fields.push(match told_sum(index, offer) {
                Some(sum) => format!("\"hashes\":{{\"sha256\":\"{sum}\"}}"),
                None => "\"hashes\":{}".to_owned(),
            });
            if let Some(python) = &offer.requires_python {
                fields.push(format!("\"requires-python\":{}", quoted(python)));
            }
            if let Some(reason) = &offer.yanked {
                fields.push(format!("\"yanked\":{}", if reason.is_empty() { "true".to_owned() } else { quoted(reason) }));
            }
            if let Some(time) = &offer.upload_time {
                fields.push(format!("\"upload-time\":{}", quoted(time)));
            }
            if let Some(metadata) = offer.metadata.as_ref().filter(|_| !index.without_metadata) {
                fields.push(format!("\"core-metadata\":{{\"sha256\":\"{}\"}}", sha256_hex(metadata.as_bytes())));
            }
            format!("{{{}}}", fields.join(","))
        })
        .collect();
    format!("{{\"meta\":{{\"api-version\":\"1.1\"}},\"name\":{},\"files\":[{}]}}", quoted(name), files.join(","))
}

fn html_page(index: &Index, offers: &[&Offer]) -> String {
    let mut page =
        "<!DOCTYPE html>\n<html><head><meta name=\"pypi:repository-version\" content=\"1.1\"></head><body>\n".to_owned();
    for offer in offers {
        let sum = told_sum(index, offer).map(|sum| format!("#sha256={sum}")).unwrap_or_default();
        let mut attributes = String::new();
        if let Some(python) = &offer.requires_python {
            attributes.push_str(&format!(" data-requires-python=\"{}\"", python.replace('>', "&gt;").replace('<', "&lt;")));
        }
        if let Some(reason) = &offer.yanked {
            attributes.push_str(&format!(" data-yanked=\"{reason}\""));
        }
        if let Some(metadata) = offer.metadata.as_ref().filter(|_| !index.without_metadata) {
            attributes.push_str(&format!(" data-core-metadata=\"sha256={}\"", sha256_hex(metadata.as_bytes())));
        }
        page.push_str(&format!("<a href=\"/files/{0}{sum}\"{attributes}>{0}</a><br>\n", offer.file_name));
    }
    page.push_str("</body></html>\n");
    page
}

/// A name as PEP 503 writes it.
pub fn normalized(name: &str) -> String {
    let mut out = String::new();
    for part in name.to_lowercase().split(['-', '_', '.']).filter(|part| !part.is_empty()) {
        if !out.is_empty() {
            out.push('-');
        }
        out.push_str(part);
    }
    out
}

fn quoted(text: &str) -> String {
    let mut out = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
