//! Command line options of the commands: `--name`, `--name value`, `--name=value`, the rest positional.

use crate::Outcome;
use std::collections::VecDeque;

pub struct Flags {
    words: VecDeque<String>,
}

impl Flags {
    pub fn new(words: impl Iterator<Item = String>) -> Flags {
        Flags { words: words.collect() }
    }

    /// Takes a switch out of the words.
    pub fn switch(&mut self, name: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|word| word != name);
        self.words.len() != before
    }

    /// Takes the last value of an option out of the words.
    pub fn value(&mut self, name: &str) -> Outcome<Option<String>> {
        Ok(self.values(name)?.pop())
    }

    /// Takes all values of an option out of the words.
    pub fn values(&mut self, name: &str) -> Outcome<Vec<String>> {
        let mut found = Vec::new();
        let mut rest = VecDeque::new();
        while let Some(word) = self.words.pop_front() {
            if word == name {
                found.push(self.words.pop_front().ok_or_else(|| format!("{name} needs a value"))?);
            } else if let Some(value) = word.strip_prefix(name).and_then(|tail| tail.strip_prefix('=')) {
                found.push(value.to_owned());
            } else {
                rest.push_back(word);
            }
        }
        self.words = rest;
        Ok(found)
    }

    pub fn number(&mut self, name: &str) -> Outcome<Option<f64>> {
        match self.value(name)? {
            None => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| format!("{name} needs a number, not {text:?}")),
        }
    }

    /// What is left: positional words. An option that nobody took is an error.
    pub fn rest(self) -> Outcome<Vec<String>> {
        match self.words.iter().find(|word| word.starts_with("--")) {
            Some(unknown) => Err(format!("unknown option {unknown}")),
            None => Ok(self.words.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Flags;

    #[test]
    fn takes_what_it_knows() {
        let mut flags = Flags::new("--dev --layer 1 --layer=2 a".split(' ').map(str::to_owned));
        assert!(flags.switch("--dev") && !flags.switch("--dev"));
        assert_eq!(flags.values("--layer").unwrap(), ["1", "2"]);
        assert_eq!(flags.rest().unwrap(), ["a"]);
        assert!(Flags::new(["--what".to_owned()].into_iter()).rest().is_err());
    }
}
