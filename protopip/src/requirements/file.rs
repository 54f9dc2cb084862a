//! Requirements files and constraint files in pip's format. Reads files that files name; fetches nothing itself.

use super::{Wanted, expand_variables};
use crate::model::Hash;
use crate::{Error, Result};
use std::path::{Path, PathBuf};

/// Options that a file sets for the whole run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileOptions {
    pub index_url: Option<String>,
    pub extra_index_urls: Vec<String>,
    pub find_links: Vec<String>,
    pub trusted_hosts: Vec<String>,
    pub only_binary: Vec<String>,
    pub no_binary: Vec<String>,
    pub no_index: bool,
    pub pre: bool,
    pub require_hashes: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Content {
    pub wanted: Vec<Wanted>,
    pub constraints: Vec<Wanted>,
    pub options: FileOptions,
}

/// Reads a file (`-` is standard input) and all it names. `fetch` gets files with an http address.
pub fn read_file(file: &str, as_constraints: bool, fetch: &dyn Fn(&str) -> Result<String>) -> Result<Content> {
    let mut reader = Reader { content: Content::default(), open: Vec::new(), fetch };
    reader.read(file, Path::new("."), as_constraints)?;
    Ok(reader.content)
}

struct Reader<'a> {
    content: Content,
    /// Files being read, outermost first: one that names itself is an error.
    open: Vec<String>,
    fetch: &'a dyn Fn(&str) -> Result<String>,
}

impl Reader<'_> {
    fn read(&mut self, file: &str, base: &Path, as_constraints: bool) -> Result<()> {
        let is_remote = file.starts_with("http://") || file.starts_with("https://");
        let path = base.join(file);
        let key = if is_remote { file.to_owned() } else { path.display().to_string() };
        if self.open.contains(&key) {
            return Err(Error::usage(format!("the requirements file {file} reads itself")));
        }
        if self.open.len() > 50 {
            return Err(Error::usage(format!("the requirements file {file} is nested too deeply")));
        }
        let (text, folder) = if is_remote {
            ((self.fetch)(file)?, PathBuf::from("."))
        } else if file == "-" {
            let mut text = String::new();
            std::io::Read::read_to_string(&mut std::io::stdin(), &mut text)
                .map_err(|error| Error::usage("cannot read requirements from standard input").because(error))?;
            (text, PathBuf::from("."))
        } else {
            let bytes = std::fs::read(&path)
                .map_err(|error| Error::usage(format!("cannot read the requirements file {}", path.display())).because(error))?;
            let text = String::from_utf8(bytes)
                .map_err(|_| Error::usage(format!("the requirements file {} is not UTF-8", path.display())))?;
            (text, path.parent().unwrap_or(Path::new(".")).to_owned())
        };
        let folder = std::path::absolute(&folder).map_err(|error| Error::io("cannot find", &folder, error))?;
        self.open.push(key);
        for (number, line) in logical_lines(&text) {
            let place = format!("{file} line {number}");
            self.line(&expand_variables(&line), &folder, as_constraints, &place).map_err(|error| {
                if error.message().contains(file) { error } else { error.within(format!("{place} is wrong")) }
            })?;
        }
        self.open.pop();
        Ok(())
    }

    fn line(&mut self, line: &str, folder: &Path, as_constraints: bool, place: &str) -> Result<()> {
        if !line.starts_with('-') {
            return self.requirement(line, false, folder, as_constraints, place);
        }
        let (option, value) = split_option(line);
        let need = || -> Result<String> {
            if value.is_empty() { Err(Error::usage(format!("{option} needs a value"))) } else { Ok(unquote(value)) }
        };
        let options = &mut self.content.options;
        match option {
            "-r" | "--requirement" => {
                let file = need()?;
                return self.read(&file, folder, as_constraints);
            }
            "-c" | "--constraint" => {
                let file = need()?;
                return self.read(&file, folder, true);
            }
            "-e" | "--editable" => {
                let text = need()?;
                return self.requirement(&text, true, folder, as_constraints, place);
            }
            "-i" | "--index-url" | "--pypi-url" => options.index_url = Some(need()?),
            "--extra-index-url" => options.extra_index_urls.push(need()?),
            "-f" | "--find-links" => {
                let text = need()?;
                let local = folder.join(&text);
                options.find_links.push(if !text.contains("://") && local.exists() { local.display().to_string() } else { text });
            }
            "--trusted-host" => options.trusted_hosts.push(need()?),
            "--only-binary" => options.only_binary.extend(need()?.split(',').map(|word| word.trim().to_owned())),
            "--no-binary" => options.no_binary.extend(need()?.split(',').map(|word| word.trim().to_owned())),
            "--no-index" => options.no_index = true,
            "--pre" => options.pre = true,
            "--require-hashes" => options.require_hashes = true,
            "--prefer-binary" | "--use-feature" | "--use-pep517" => {}
            other => return Err(Error::usage(format!("option {other} is not known in requirements files"))),
        }
        Ok(())
    }

    fn requirement(&mut self, line: &str, editable: bool, folder: &Path, as_constraint: bool, place: &str) -> Result<()> {
        let (text, options) = match line.find(" --") {
            Some(at) => (&line[..at], &line[at + 1..]),
            None => (line, ""),
        };
        let mut wanted = Wanted::parse(text, editable, folder, place)?;
        for option in options.split_whitespace() {
            if let Some(hash) = option.strip_prefix("--hash=") {
                wanted.hashes.push(Hash::parse(hash)?);
            } else if option.starts_with("--") && option != "--hash" {
                let name = option.split('=').next().unwrap_or(option);
                return Err(Error::usage(format!("option {name} is not known behind a requirement")));
            } else if !option.starts_with("--") {
                wanted.hashes.push(Hash::parse(option)?);
            }
        }
        if let super::What::Direct { source, .. } = &wanted.what {
            wanted.hashes.extend(source.hashes.iter().cloned());
        }
        if as_constraint {
            self.content.constraints.push(wanted);
        } else {
            self.content.wanted.push(wanted);
        }
        Ok(())
    }
}

fn split_option(line: &str) -> (&str, &str) {
    if line.starts_with("--") {
        let end = line.find(|letter: char| letter == '=' || letter.is_whitespace()).unwrap_or(line.len());
        let value = line[end..].trim_start();
        (&line[..end], value.strip_prefix('=').unwrap_or(value).trim())
    } else {
        let end = line.char_indices().nth(2).map_or(line.len(), |(at, _)| at);
        let value = line[end..].trim();
        (&line[..end], value.strip_prefix('=').unwrap_or(value))
    }
}

fn unquote(text: &str) -> String {
    let text = text.trim();
    for quote in ['"', '\''] {
        if text.len() >= 2 && text.starts_with(quote) && text.ends_with(quote) {
            return text[1..text.len() - 1].to_owned();
        }
    }
    text.to_owned()
}

/// Lines with continuations joined and comments gone, each with the number of its first line.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let (start, mut whole) = open.take().unwrap_or((number + 1, String::new()));
        if line.trim_start().starts_with('#') && whole.is_empty() {
            continue;
        }
        if let Some(front) = line.strip_suffix('\\').filter(|_| !line.trim_start().starts_with('#')) {
            whole.push_str(front);
            whole.push(' ');
            open = Some((start, whole));
            continue;
        }
        whole.push_str(line);
        lines.push((start, whole));
    }
    lines.extend(open);
    lines
        .into_iter()
        .map(|(number, line)| {
            let end = line
                .char_indices()
                .find(|(at, letter)| *letter == '#' && (*at == 0 || line[..*at].ends_with(char::is_whitespace)))
                .map_or(line.len(), |(at, _)| at);
            (number, line[..end].trim().to_owned())
        })
        .filter(|(_, line)| !line.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing(_: &str) -> Result<String> {
        Err(Error::failed("no"))
    }

    #[test]
    fn whole_file() {
        let folder = tempfile::tempdir().unwrap();
        let sum = "ab".repeat(32);
        let text = format!(
            "# c\n-i https://i.example/s  # x\n--extra-index-url=https://j.example\n-c c.txt\nfoo==1 \\\n  --hash=sha256:{sum} \\\n  --hash=sha256:{sum}\nbar>=2 # y\n-r \"more.txt\"\n"
        );
        std::fs::write(folder.path().join("r.txt"), text).unwrap();
        std::fs::write(folder.path().join("c.txt"), "baz<3\n").unwrap();
        std::fs::write(folder.path().join("more.txt"), "qux\n").unwrap();
        let file = folder.path().join("r.txt").display().to_string();
        let content = read_file(&file, false, &nothing).unwrap();
        assert_eq!(content.options.index_url.as_deref(), Some("https://i.example/s"));
        assert_eq!(content.options.extra_index_urls.len(), 1);
        assert_eq!(content.wanted.len(), 3);
        assert_eq!(content.wanted[0].hashes.len(), 2);
        assert!(content.wanted[1].place.ends_with("r.txt line 8"));
        assert_eq!(content.constraints.len(), 1);
    }

    #[test]
    fn wrong_files() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("r.txt");
        for text in ["-r r.txt", "foo --hash=md5:1", "--frobnicate", "foo bar", "-r", "foo --global-option=x", "-e foo"] {
            std::fs::write(&file, text).unwrap();
            assert!(read_file(&file.display().to_string(), false, &nothing).is_err(), "{text}");
        }
        std::fs::write(&file, b"\xff").unwrap();
        assert!(read_file(&file.display().to_string(), false, &nothing).is_err());
        assert!(read_file("/nowhere/r.txt", false, &nothing).is_err());
    }
}
