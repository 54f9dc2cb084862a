//! Just enough HTML for package pages: the attributes of `<a>` and `<base>`. Never fails; what is no tag is text.

/// The attributes of one tag.
pub struct Attributes(Vec<(String, String)>);

impl Attributes {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

pub struct Document {
    pub base: Option<String>,
    pub anchors: Vec<Attributes>,
}

pub fn read(text: &str) -> Document {
    let mut document = Document { base: None, anchors: Vec::new() };
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let length = rest.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let name = rest[..length].to_ascii_lowercase();
        rest = &rest[length..];
        match name.as_str() {
            "a" | "base" => {
                let (attributes, after) = attributes(rest);
                rest = after;
                if name == "a" {
                    document.anchors.push(attributes);
                } else if document.base.is_none() {
                    document.base = attributes.get("href").map(str::to_owned);
                }
            }
            "script" | "style" => {
                let closes = |at: &usize| {
                    rest.as_bytes()[at + 2..].get(..length).is_some_and(|end| end.eq_ignore_ascii_case(name.as_bytes()))
                };
                let end = rest.match_indices("</").map(|(at, _)| at).find(closes);
                rest = end.map_or("", |at| &rest[at..]);
            }
            _ => {}
        }
    }
    document
}

/// Attributes up to the closing `>`, and what follows it.
fn attributes(mut rest: &str) -> (Attributes, &str) {
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start_matches(|letter: char| letter.is_ascii_whitespace() || letter == '/');
        if rest.is_empty() {
            return (Attributes(found), rest);
        }
        if let Some(after) = rest.strip_prefix('>') {
            return (Attributes(found), after);
        }
        let end =
            rest.find(|letter: char| letter.is_ascii_whitespace() || matches!(letter, '=' | '>' | '/')).unwrap_or(rest.len());
        // A stray '=' is taken as a nameless attribute, so that every round advances.
        let end = if end == 0 { 1 } else { end };
        let name = rest[..end].to_ascii_lowercase();
        rest = rest[end..].trim_start();
        let mut value = String::new();
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let (text, following) = match after.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    let inner = &after[1..];
                    match inner.find(quote) {
                        Some(end) => (&inner[..end], &inner[end + 1..]),
                        None => (inner, ""),
                    }
                }
                _ => {
                    let end = after.find(|letter: char| letter.is_ascii_whitespace() || letter == '>').unwrap_or(after.len());
                    (&after[..end], &after[end..])
                }
            };
            value = unescape(text);
            rest = following;
        }
        found.push((name, value));
    }
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        // Names are short: no search through the rest of a page that never ends one.
        let end = rest.as_bytes()[1..].iter().take(9).position(|byte| *byte == b';');
        let named = end.map(|length| &rest[1..=length]);
        let letter = named.and_then(|name| match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            "nbsp" => Some('\u{a0}'),
            name => {
                let digits = name.strip_prefix('#')?;
                let number = match digits.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => digits.parse().ok()?,
                };
                char::from_u32(number)
            }
        });
        match (letter, named) {
            (Some(letter), Some(name)) => {
                out.push(letter);
                rest = &rest[name.len() + 2..];
            }
            _ => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_fails() {
        for text in [
            "<",
            "<a",
            "<a href",
            "<a href=",
            "<a href='x",
            "<a =/>",
            "<a &#xffffffff;='&é;'>",
            "<!--",
            "<script>",
            "<a href=é>",
            "&;<a ééé=1>",
        ] {
            read(text);
        }
        let document = read("<base href='b/'><a href=x&amp;y&#43;z data-yanked>t</a>");
        assert_eq!(document.base.as_deref(), Some("b/"));
        assert_eq!(document.anchors[0].get("href"), Some("x&y+z"));
        assert_eq!(document.anchors[0].get("data-yanked"), Some(""));
    }
}
