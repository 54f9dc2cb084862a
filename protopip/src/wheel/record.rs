//! RECORD: a CSV of path, hash, size. Its grammar is that of Python's csv module with default settings.
//! Must not know: which files exist.

use crate::flaw::{Checked, Flaw, flaw, shown};
use crate::model::Algorithm;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256, Sha384, Sha512};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub path: String,
    pub sum: Option<Sum>,
    pub size: Option<u64>,
}

/// A hash as RECORD writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    pub algorithm: Algorithm,
    pub digest: Vec<u8>,
}

impl Sum {
    /// Reads `sha256=<base64 without padding>`.
    pub fn parse(text: &str) -> Checked<Sum> {
        let Some((name, digits)) = text.split_once('=') else {
            flaw!("has a hash without an algorithm in RECORD: {}", shown(text))
        };
        let Some(algorithm) = Algorithm::from_name(name) else { flaw!("uses {} in RECORD, which protects nothing", shown(name)) };
        let digest = URL_SAFE_NO_PAD.decode(digits.trim_end_matches('='));
        let digest = digest.map_err(|_| Flaw::new(format!("has a hash that cannot be read in RECORD: {}", shown(text))))?;
        flaw!(unless digest.len() == length_of(algorithm), "has a hash of the wrong length in RECORD: {}", shown(text));
        Ok(Sum { algorithm, digest })
    }

    pub fn text(&self) -> String {
        format!("{}={}", self.algorithm.name(), URL_SAFE_NO_PAD.encode(&self.digest))
    }

    pub fn sha256_of(data: &[u8]) -> Sum {
        Sum { algorithm: Algorithm::Sha256, digest: Sha256::digest(data).to_vec() }
    }
}

fn length_of(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::Sha256 => 32,
        Algorithm::Sha384 => 48,
        Algorithm::Sha512 => 64,
    }
}

/// Sums up data piece by piece.
pub enum Summer {
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl Summer {
    pub fn new(algorithm: Algorithm) -> Summer {
        match algorithm {
            Algorithm::Sha256 => Summer::Sha256(Sha256::new()),
            Algorithm::Sha384 => Summer::Sha384(Sha384::new()),
            Algorithm::Sha512 => Summer::Sha512(Sha512::new()),
        }
    }

    pub fn update(&mut self, data: &[u8]) {
        match self {
            Summer::Sha256(inner) => inner.update(data),
            Summer::Sha384(inner) => inner.update(data),
            Summer::Sha512(inner) => inner.update(data),
        }
    }

    pub fn finish(self) -> Vec<u8> {
        match self {
            Summer::Sha256(inner) => inner.finalize().to_vec(),
            Summer::Sha384(inner) => inner.finalize().to_vec(),
            Summer::Sha512(inner) => inner.finalize().to_vec(),
        }
    }
}

/// Digits of a sum in lower case, as indexes write them.
pub fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn parse(text: &str) -> Checked<Vec<Row>> {
    let mut rows = Vec::new();
    for fields in csv_rows(text)? {
        let path = match fields.as_slice() {
            [single] if single.is_empty() => continue,
            [path, ..] if fields.len() <= 3 => path.clone(),
            _ => flaw!("has a row with {} fields in RECORD", fields.len()),
        };
        let field = |at: usize| fields.get(at).map(|text| text.trim()).filter(|text| !text.is_empty());
        let sum = field(1).map(Sum::parse).transpose()?;
        let size = match field(2) {
            Some(digits) => Some(
                digits.parse().map_err(|_| Flaw::new(format!("has a size that is no number in RECORD: {}", shown(digits))))?,
            ),
            None => None,
        };
        rows.push(Row { path, sum, size });
    }
    Ok(rows)
}

/// Paths only, whatever stands beside them: for what other installers wrote.
pub fn parse_paths(text: &str) -> Checked<Vec<Row>> {
    let rows = csv_rows(text)?.into_iter().filter_map(|fields| fields.into_iter().next()).filter(|path| !path.is_empty());
    Ok(rows.map(|path| Row { path, sum: None, size: None }).collect())
}

fn csv_rows(text: &str) -> Checked<Vec<Vec<String>>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut field = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if field.is_empty() => quoted(&mut chars, &mut field)?,
            ',' => row.push(std::mem::take(&mut field)),
            '\n' | '\r' => {
                if c == '\r' && chars.peek() == Some(&'\n') {
                    chars.next();
                }
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            _ => field.push(c),
        }
    }
    if !field.is_empty() || !row.is_empty() {
        row.push(field);
        rows.push(row);
    }
    Ok(rows)
}

/// After an opening quote: up to the closing one.
fn quoted(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, field: &mut String) -> Checked<()> {
    while let Some(c) = chars.next() {
        if c != '"' {
            field.push(c);
        } else if chars.peek() == Some(&'"') {
            chars.next();
            field.push('"');
        } else {
            return Ok(());
        }
    }
    flaw!("has a quote that is never closed in RECORD")
}

pub fn write(rows: &[Row]) -> String {
    let mut text = String::new();
    for row in rows {
        if row.path.contains([',', '"', '\r', '\n']) {
            text.push('"');
            text.push_str(&row.path.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(&row.path);
        }
        text.push(',');
        if let Some(sum) = &row.sum {
            text.push_str(&sum.text());
        }
        text.push(',');
        if let Some(size) = row.size {
            text.push_str(&size.to_string());
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_survive_writing() {
        let rows = vec![
            Row { path: "a/b.py".into(), sum: Some(Sum::sha256_of(b"x")), size: Some(1) },
            Row { path: "odd, \"name\"".into(), sum: None, size: None },
        ];
        assert_eq!(parse(&write(&rows)).unwrap(), rows);
        assert_eq!(parse("a,,\r\n\r\nb\r\n").unwrap().len(), 2);
    }

    #[test]
    fn refuses_what_protects_nothing() {
        for text in ["a,md5=x,1\n", "a,sha256=AAAA,1\n", "a,x,1\n", "a,,one\n", "a,b,c,d\n", "\"a\n", "a,,-1\n"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
