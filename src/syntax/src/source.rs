//! Source bytes to text: byte-order mark, PEP 263 cookie, null bytes, newlines; and the line index
//! that turns byte offsets into lines and columns. Codecs beyond UTF-8, Latin-1 and ASCII come from the caller.

use crate::diagnostic::{DiagnosticKind, SyntaxDiagnostic};

/// Where bytes came from; a file is named in some messages.
#[derive(Clone, Copy, Debug)]
pub enum Origin<'a> {
    Memory,
    File(&'a str),
}

/// Text ready for [`crate::parse`]: newlines are `\n`, no byte-order mark.
#[derive(Clone, Debug)]
pub struct Decoded {
    pub text: String,
    /// The cookie in normal form, or `utf-8`.
    pub encoding: String,
    pub had_cookie: bool,
    pub had_bom: bool,
}

/// Why a caller's codec gave no text.
#[derive(Clone, Debug)]
pub enum DecodeFailure {
    UnknownEncoding,
    /// The codec's own error text, as `str(exception)`.
    Failed(String),
}

/// A codec of the caller: (encoding name as written, all bytes) to text.
pub type DecodeCallback<'a> = &'a mut dyn FnMut(&str, &[u8]) -> Result<String, DecodeFailure>;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Decodes a whole source file.
pub fn decode(bytes: &[u8], origin: Origin<'_>, codec: DecodeCallback<'_>) -> Result<Decoded, SyntaxDiagnostic> {
    let had_bom = bytes.starts_with(BYTE_ORDER_MARK);
    let body = if had_bom { &bytes[BYTE_ORDER_MARK.len()..] } else { bytes };
    if body.contains(&0) {
        return Err(null_bytes(body, origin));
    }
    let cookie = find_cookie(body);
    let encoding = cookie.clone().unwrap_or_else(|| "utf-8".to_owned());
    if had_bom && encoding != "utf-8" {
        return Err(bom_conflict(body, &encoding));
    }
    let text = match encoding.as_str() {
        "utf-8" => match std::str::from_utf8(body) {
            Ok(text) => normalize_newlines(text),
            Err(error) => return Err(not_utf8(body, error.valid_up_to(), origin)),
        },
        "iso-8859-1" => normalize_newlines(&body.iter().map(|&byte| byte as char).collect::<String>()),
        "ascii" | "us-ascii" if body.is_ascii() => normalize_newlines(std::str::from_utf8(body).unwrap_or_default()),
        other => match codec(other, body) {
            Ok(text) => normalize_newlines(&text),
            Err(DecodeFailure::UnknownEncoding) => {
                return Err(line_zero(format!("unknown encoding: {other}")));
            }
            Err(DecodeFailure::Failed(message)) => return Err(line_zero(message)),
        },
    };
    Ok(Decoded { text, encoding, had_cookie: cookie.is_some(), had_bom })
}

/// Checks and normalises text that is decoded already (`compile` of a str).
pub fn from_text(text: &str) -> Result<String, SyntaxDiagnostic> {
    if text.as_bytes().contains(&0) {
        return Err(null_bytes(text.as_bytes(), Origin::Memory));
    }
    Ok(normalize_newlines(text))
}

/// `\r\n` and `\r` become `\n`.
pub fn normalize_newlines(text: &str) -> String {
    if !text.as_bytes().contains(&b'\r') {
        return text.to_owned();
    }
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// The encoding declared in the first two lines, in normal form.
pub fn find_cookie(bytes: &[u8]) -> Option<String> {
    let mut lines = bytes.splitn(3, |&byte| byte == b'\n' || byte == b'\r');
    let first = lines.next()?;
    match cookie_in_line(first) {
        LineCookie::Found(name) => return Some(normal_encoding_name(&name)),
        LineCookie::Code => return None,
        LineCookie::Blank => {}
    }
    let mut second = lines.next()?;
    // "\r\n" splits into an empty piece first.
    if second.is_empty() && bytes.get(first.len()) == Some(&b'\r') && bytes.get(first.len() + 1) == Some(&b'\n') {
        second = lines.next()?.split(|&byte| byte == b'\n' || byte == b'\r').next()?;
    }
    match cookie_in_line(second) {
        LineCookie::Found(name) => Some(normal_encoding_name(&name)),
        _ => None,
    }
}

enum LineCookie {
    Found(String),
    /// A comment or nothing: the next line may still hold the cookie.
    Blank,
    Code,
}

fn cookie_in_line(line: &[u8]) -> LineCookie {
    let start = line.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\x0c'));
    let Some(start) = start else {
        return LineCookie::Blank;
    };
    if line[start] != b'#' {
        return LineCookie::Code;
    }
    let comment = &line[start..];
    let mut at = 0;
    while at + 6 <= comment.len() {
        if &comment[at..at + 6] == b"coding" && matches!(comment.get(at + 6), Some(b':' | b'=')) {
            let rest = &comment[at + 7..];
            let begin = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t')).unwrap_or(rest.len());
            let name: Vec<u8> = rest[begin..]
                .iter()
                .copied()
                .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
                .collect();
            if !name.is_empty() {
                return LineCookie::Found(String::from_utf8_lossy(&name).into_owned());
            }
        }
        at += 1;
    }
    LineCookie::Blank
}

/// `utf-8*` and the Latin-1 aliases get their usual name, others stay as written.
fn normal_encoding_name(name: &str) -> String {
    let prefix: String = name.chars().take(12).map(|c| if c == '_' { '-' } else { c.to_ascii_lowercase() }).collect();
    if prefix == "utf-8" || prefix.starts_with("utf-8-") {
        return "utf-8".to_owned();
    }
    for alias in ["latin-1", "iso-8859-1", "iso-latin-1"] {
        if prefix == alias || prefix.strip_prefix(alias).is_some_and(|rest| rest.starts_with('-')) {
            return "iso-8859-1".to_owned();
        }
    }
    name.to_owned()
}

fn line_zero(message: String) -> SyntaxDiagnostic {
    let mut diagnostic = SyntaxDiagnostic::bare(DiagnosticKind::SyntaxError, message);
    diagnostic.line = Some(0);
    diagnostic.col = Some(-1);
    diagnostic
}

fn null_bytes(bytes: &[u8], origin: Origin<'_>) -> SyntaxDiagnostic {
    let Origin::File(_) = origin else {
        return SyntaxDiagnostic::bare(DiagnosticKind::SyntaxError, "source code string cannot contain null bytes");
    };
    let at = bytes.iter().position(|&byte| byte == 0).unwrap_or(0);
    let before = &bytes[..at];
    let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    let mut diagnostic = SyntaxDiagnostic::bare(DiagnosticKind::SyntaxError, "source code cannot contain null bytes");
    diagnostic.line = Some(line as i32);
    diagnostic.text = Some(String::from_utf8_lossy(&before[start..]).into_owned());
    diagnostic
}

fn bom_conflict(body: &[u8], encoding: &str) -> SyntaxDiagnostic {
    let mut lines = body.split(|&byte| byte == b'\n');
    let first = lines.next().unwrap_or_default();
    let (number, line) = match cookie_in_line(first) {
        LineCookie::Found(_) => (1, first),
        _ => (2, lines.next().unwrap_or_default()),
    };
    let text = String::from_utf8_lossy(line).trim_end_matches('\r').to_owned();
    SyntaxDiagnostic {
        kind: DiagnosticKind::SyntaxError,
        message: format!("encoding problem: {encoding} with BOM"),
        line: Some(number),
        col: Some(0),
        end_line: Some(number),
        end_col: Some(text.chars().count() as i32),
        text: Some(text),
    }
}

fn not_utf8(body: &[u8], at: usize, origin: Origin<'_>) -> SyntaxDiagnostic {
    let before = &body[..at];
    let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    let end = body[at..].iter().position(|&byte| byte == b'\n').map_or(body.len(), |length| at + length);
    let place = match origin {
        Origin::Memory => String::new(),
        Origin::File(name) => format!(" in file {name}"),
    };
    let column = String::from_utf8_lossy(&body[start..at]).chars().count() as i32 + 1;
    SyntaxDiagnostic {
        kind: DiagnosticKind::SyntaxError,
        message: format!(
            "Non-UTF-8 code starting with '\\x{:02x}'{place} on line {line}, but no encoding declared; \
             see https://peps.python.org/pep-0263/ for details",
            body[at]
        ),
        line: Some(line as i32),
        col: Some(column),
        end_line: Some(line as i32),
        end_col: Some(column),
        text: Some(String::from_utf8_lossy(&body[start..end]).into_owned()),
    }
}

/// Byte offsets of line starts.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
    ascii: bool,
    length: usize,
}

impl LineIndex {
    pub fn new(source: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(source.bytes().enumerate().filter(|&(_, byte)| byte == b'\n').map(|(offset, _)| offset as u32 + 1));
        Self { starts, ascii: source.is_ascii(), length: source.len() }
    }

    pub fn line_count(&self) -> usize {
        self.starts.len()
    }

    /// The 1-based line that holds `offset`.
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start as usize <= offset)
    }

    /// Byte offset where a 1-based line starts (the end of the text for lines past it).
    pub fn line_start(&self, line: usize) -> usize {
        self.starts.get(line.saturating_sub(1)).map_or(self.length, |&start| start as usize)
    }

    /// (1-based line, 0-based byte column), as AST nodes carry it.
    pub fn byte_position(&self, offset: usize) -> (usize, usize) {
        let line = self.line(offset);
        (line, offset - self.line_start(line))
    }

    /// (1-based line, 0-based code point column), as SyntaxError and `tokenize` carry it.
    pub fn char_position(&self, source: &str, offset: usize) -> (usize, usize) {
        let offset = offset.min(self.length);
        let (line, column) = self.byte_position(offset);
        if self.ascii {
            return (line, column);
        }
        let start = self.line_start(line);
        (line, source.get(start..offset).map_or(column, |text| text.chars().count()))
    }

    /// Byte offset of a 1-based line and 0-based byte column, if inside the text.
    pub fn offset(&self, line: usize, byte_column: usize) -> Option<usize> {
        let start = *self.starts.get(line.checked_sub(1)?)? as usize;
        let offset = start.checked_add(byte_column)?;
        (offset <= self.length).then_some(offset)
    }

    /// The text of a 1-based line with its newline (added at the end of the text if missing).
    pub fn line_text(&self, source: &str, line: usize) -> String {
        let start = self.line_start(line);
        let end = if line < self.starts.len() { self.line_start(line + 1) } else { self.length };
        let mut text = source.get(start..end).unwrap_or_default().to_owned();
        if !text.ends_with('\n') && start < self.length {
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_codec(_: &str, _: &[u8]) -> Result<String, DecodeFailure> {
        Err(DecodeFailure::UnknownEncoding)
    }

    #[test]
    fn cookies_and_errors() {
        let decoded = decode(b"#\n# -*- coding: Latin_1 -*-\nx='\xe9'\r\n", Origin::Memory, &mut no_codec).unwrap();
        assert_eq!(decoded.encoding, "iso-8859-1");
        assert!(decoded.text.ends_with("x='\u{e9}'\n"));
        let error = decode(b"# coding: foo\n", Origin::Memory, &mut no_codec).unwrap_err();
        assert_eq!((error.message.as_str(), error.line, error.col), ("unknown encoding: foo", Some(0), Some(-1)));
        let error = decode(b"x=1\ny=\"\xff\"\n", Origin::Memory, &mut no_codec).unwrap_err();
        assert_eq!((error.line, error.col), (Some(2), Some(4)));
    }

    #[test]
    fn columns_count_code_points() {
        let source = "a\n\u{e9}\u{e9}b\n";
        let lines = LineIndex::new(source);
        assert_eq!(lines.char_position(source, 6), (2, 2));
        assert_eq!(lines.byte_position(6), (2, 4));
        assert_eq!(lines.offset(2, 4), Some(6));
    }
}
