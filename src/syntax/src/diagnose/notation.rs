//! Reads the `.peg` files into tables the recogniser walks.
//!
//! A rule is `name = alternatives`, continued on indented lines. After the name `*` means its results are
//! remembered, `<` that it grows to the left: `base ; tail ; tail`. Items: `'literal'`, `TERMINAL`, `rule`,
//! `( | )`, postfix `? * +` and `%'sep'` (a separated list), `&` and `!` look ahead, `^'lit'` must follow or is
//! reported, `~` commits, `%quiet` reads the next item without the `bad_` rules (`%quietly`: and forgets failures). `a:` labels an item.
//! `-> kind` makes a node, `-> =a` hands on a labelled part, `-> !verb ...` reports. Rules named `bad_*` are
//! tried only when an error is already certain.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::lexer::TokenKind;

#[derive(Debug)]
pub(super) enum Item {
    Word(&'static str),
    Operator(TokenKind),
    Kind(TokenKind),
    SoftKeyword,
    Never,
    Rule(usize),
    Group(Vec<Alternative>),
    Optional(Box<Item>),
    Repeat(Box<Item>, usize),
    Separated(Box<Item>, Box<Item>),
    Ahead(Box<Item>, bool),
    Forced(Box<Item>, &'static str),
    /// With true, what fails quietly is tried again aloud by whoever comes next.
    Quiet(Box<Item>, bool),
    Commit,
}

impl Item {
    fn is_silent(&self) -> bool {
        matches!(self, Self::Ahead(..) | Self::Commit | Self::Word(_) | Self::Operator(_) | Self::Forced(..))
    }
}

#[derive(Debug)]
pub(super) struct Alternative {
    pub items: Vec<(Option<u8>, Item)>,
    pub action: Action,
    /// The one item whose value is the alternative's, when there is no action.
    pub single: Option<usize>,
}

#[derive(Debug)]
pub(super) enum Action {
    None,
    Node(&'static str),
    Label(u8),
    Report(Report),
}

#[derive(Debug)]
pub(super) enum Report {
    Span(u8, u8, &'static str),
    From(&'static str),
    LastToken(&'static str),
    NextToken(&'static str),
    MissingBlock(Option<u8>, &'static str),
    Target(&'static str),
    Call(&'static str),
}

#[derive(Debug)]
pub(super) struct Rule {
    pub only_for_errors: bool,
    pub remembered: bool,
    pub alternatives: Vec<Alternative>,
    /// Not empty: the rule grows to the left.
    pub tails: Vec<Alternative>,
}

#[derive(Debug)]
pub(super) struct Grammar {
    pub rules: Vec<Rule>,
    pub names: HashMap<&'static str, usize>,
}

impl Grammar {
    pub fn rule(&self, name: &str) -> usize {
        self.names.get(name).copied().unwrap_or(0)
    }
}

pub(super) fn grammar() -> &'static Grammar {
    static GRAMMAR: OnceLock<Grammar> = OnceLock::new();
    GRAMMAR.get_or_init(build)
}

fn build() -> Grammar {
    let parameters = include_str!("parameters.peg");
    let interpolated = include_str!("interpolated.peg");
    let mut text = [include_str!("statements.peg"), include_str!("expressions.peg")].join("\n");
    for (prefix, close, name, star, listed, title, bare_star) in [
        ("def", "')'", "param", "param_star_annotation", "def_no_default+", "Function", "loc a"),
        ("lambda", "':'", "NAME", "NEVER", "NAME%','", "Lambda expression", "last"),
    ] {
        text.push_str(
            &parameters
                .replace("$p", prefix)
                .replace("$c", close)
                .replace("$n", name)
                .replace("$s", star)
                .replace("$l", listed)
                .replace("$m", title)
                .replace("$v", bare_star),
        );
    }
    for (small, capital) in [("f", "F"), ("t", "T")] {
        text.push_str(&interpolated.replace("$k", small).replace("$K", capital));
    }
    // The tables live as long as the process.
    let text: &'static str = Box::leak(text.into_boxed_str());
    let mut definitions: Vec<(&'static str, bool, bool, Vec<&'static str>)> = Vec::new();
    for line in text.lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with(' ') {
            if let Some(definition) = definitions.last_mut() {
                definition.3.extend(words(line));
            }
            continue;
        }
        let (head, body) = line.split_once(" = ").expect("a rule has a body");
        let name = head.trim_end_matches(['*', '<']);
        definitions.push((name, head.ends_with('*'), head.ends_with('<'), words(body)));
    }
    let names: HashMap<&'static str, usize> =
        definitions.iter().enumerate().map(|(index, definition)| (definition.0, index)).collect();
    let rules = definitions
        .into_iter()
        .map(|(name, remembered, grows, words)| {
            let mut reader = Reader { words: &words, at: 0, names: &names };
            let alternatives = reader.alternatives();
            let mut tails = Vec::new();
            while grows && reader.accept(";") {
                tails.push(reader.alternative());
            }
            assert_eq!(reader.at, words.len(), "rule {name} is read to its end");
            let only_for_errors = name.starts_with("bad_");
            Rule { only_for_errors, remembered: remembered || grows, alternatives, tails }
        })
        .collect();
    Grammar { rules, names }
}

/// Splits a line into signs, names, literals and messages.
fn words(line: &'static str) -> Vec<&'static str> {
    let bytes = line.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b' ' => {
                at += 1;
                continue;
            }
            quote @ (b'\'' | b'"') => {
                at += 1;
                while bytes[at] != quote {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            b'-' if bytes.get(at + 1) == Some(&b'>') => at += 2,
            b'%' if bytes.get(at + 1) == Some(&b'q') => {
                at += 1;
                while bytes.get(at).is_some_and(u8::is_ascii_alphabetic) {
                    at += 1;
                }
            }
            byte if byte.is_ascii_alphanumeric() || byte == b'_' => {
                while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || matches!(bytes[at], b'_' | b'-')) {
                    at += 1;
                }
            }
            _ => at += 1,
        }
        found.push(&line[start..at]);
    }
    found
}

struct Reader<'w> {
    words: &'w [&'static str],
    at: usize,
    names: &'w HashMap<&'static str, usize>,
}

impl Reader<'_> {
    fn peek(&self) -> &'static str {
        self.words.get(self.at).copied().unwrap_or("")
    }

    fn take(&mut self) -> &'static str {
        let word = self.peek();
        self.at += 1;
        word
    }

    fn accept(&mut self, word: &str) -> bool {
        let found = self.peek() == word;
        self.at += usize::from(found);
        found
    }

    fn label(&mut self) -> u8 {
        self.take().as_bytes()[0]
    }

    fn message(&mut self) -> &'static str {
        let quoted = self.take();
        let inner = &quoted[1..quoted.len() - 1];
        if inner.contains("\\\"") { Box::leak(inner.replace("\\\"", "\"").into_boxed_str()) } else { inner }
    }

    fn alternatives(&mut self) -> Vec<Alternative> {
        let mut all = vec![self.alternative()];
        while self.accept("|") {
            all.push(self.alternative());
        }
        all
    }

    fn alternative(&mut self) -> Alternative {
        let mut items = Vec::new();
        let mut action = Action::None;
        loop {
            match self.peek() {
                "" | "|" | ";" | ")" => break,
                "->" => {
                    self.at += 1;
                    action = self.action();
                    break;
                }
                word => {
                    let mut label = None;
                    if word.len() == 1 && self.words.get(self.at + 1) == Some(&":") {
                        label = Some(word.as_bytes()[0]);
                        self.at += 2;
                    }
                    let item = self.item();
                    items.push((label, item));
                }
            }
        }
        let spoken: Vec<usize> = (0..items.len()).filter(|&index| !items[index].1.is_silent()).collect();
        let single = match spoken.as_slice() {
            &[only] => Some(only),
            _ => None,
        };
        Alternative { items, action, single }
    }

    fn action(&mut self) -> Action {
        if self.accept("=") {
            return Action::Label(self.label());
        }
        if !self.accept("!") {
            return Action::Node(Box::leak(self.take().replace('_', " ").into_boxed_str()));
        }
        Action::Report(match self.take() {
            "loc" => {
                let label = self.label();
                Report::Span(label, label, self.message())
            }
            "span" => Report::Span(self.label(), self.label(), self.message()),
            "from" => {
                self.label();
                Report::From(self.message())
            }
            "last" => Report::LastToken(self.message()),
            "next" => Report::NextToken(self.message()),
            "indent" => Report::MissingBlock(Some(self.label()), self.message()),
            "indent0" => Report::MissingBlock(None, self.message()),
            "target" => {
                let purpose = self.take();
                self.label();
                Report::Target(purpose)
            }
            "call" => Report::Call(self.take()),
            verb => panic!("unknown report {verb}"),
        })
    }

    fn item(&mut self) -> Item {
        let mut item = match self.take() {
            "&" => return Item::Ahead(Box::new(self.item()), true),
            "!" => return Item::Ahead(Box::new(self.item()), false),
            "~" => return Item::Commit,
            "%quiet" => return Item::Quiet(Box::new(self.item()), false),
            "%quietly" => return Item::Quiet(Box::new(self.item()), true),
            "^" => {
                let text = self.peek();
                return Item::Forced(Box::new(self.item()), text);
            }
            "(" => {
                let alternatives = self.alternatives();
                assert!(self.accept(")"), "a group ends");
                Item::Group(alternatives)
            }
            word => self.plain(word),
        };
        loop {
            item = match self.peek() {
                "?" => Item::Optional(Box::new(item)),
                "*" => Item::Repeat(Box::new(item), 0),
                "+" => Item::Repeat(Box::new(item), 1),
                "%" => {
                    self.at += 1;
                    let separator = self.take();
                    item = Item::Separated(Box::new(item), Box::new(self.plain(separator)));
                    continue;
                }
                _ => return item,
            };
            self.at += 1;
        }
    }

    fn plain(&self, word: &'static str) -> Item {
        if word.starts_with('\'') {
            let inner = &word[1..word.len() - 1];
            return match TokenKind::from_operator(inner.as_bytes()) {
                Some(kind) => Item::Operator(kind),
                None => Item::Word(inner),
            };
        }
        Item::Kind(match word {
            "NAME" => TokenKind::Name,
            "NUMBER" => TokenKind::Number,
            "STRING" => TokenKind::String,
            "NEWLINE" => TokenKind::Newline,
            "INDENT" => TokenKind::Indent,
            "DEDENT" => TokenKind::Dedent,
            "END" => TokenKind::EndMarker,
            "FSTART" => TokenKind::FStringStart,
            "FMID" => TokenKind::FStringMiddle,
            "FEND" => TokenKind::FStringEnd,
            "TSTART" => TokenKind::TStringStart,
            "TMID" => TokenKind::TStringMiddle,
            "TEND" => TokenKind::TStringEnd,
            "SOFT" => return Item::SoftKeyword,
            "NEVER" | "TYPECOMMENT" => return Item::Never,
            name => match self.names.get(name) {
                Some(&rule) => return Item::Rule(rule),
                None => panic!("no rule {name}"),
            },
        })
    }
}
