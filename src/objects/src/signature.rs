//! What Python sees of a native's signature, and how error texts name natives and misspelt keywords.

use crate::native::{FnDef, FnKind, NO_TEXT_SIGNATURE};

impl FnDef {
    /// `__text_signature__`.
    pub fn text_signature(&self) -> Option<&'static str> {
        (self.flags & NO_TEXT_SIGNATURE == 0).then_some(self.sig)
    }
    /// `__qualname__`.
    pub fn qualname(&self) -> String {
        if self.class.is_empty() { self.name.to_owned() } else { format!("{}.{}", self.class, self.name) }
    }
    /// The short name in error texts; constructors speak of their class.
    pub fn error_name(&self) -> &'static str {
        match self.kind {
            FnKind::New | FnKind::Init => self.class,
            _ => self.name,
        }
    }
    /// `list.append()`, `math.sqrt()`, `len()`: the name in texts about plain argument counts.
    pub fn full_name(&self) -> String {
        match self.kind {
            FnKind::New | FnKind::Init => format!("{}()", self.class),
            FnKind::Function if self.module != "builtins" => format!("{}.{}()", self.module, self.name),
            _ => format!("{}()", self.qualname()),
        }
    }
}

const MOVE_COST: usize = 2;
const CASE_COST: usize = 1;
const LONGEST: usize = 40;

/// The candidate that `wrong` was probably meant to be: edit distance with cheap case changes, limited to about a third of the letters.
pub fn suggest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong: Vec<char> = wrong.chars().collect();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let letters: Vec<char> = candidate.chars().collect();
        if letters == wrong {
            continue;
        }
        let mut limit = (wrong.len() + letters.len() + 3) * MOVE_COST / 6;
        if let Some((distance, _)) = best {
            limit = limit.min(distance - 1);
        }
        if let Some(distance) = distance_within(&wrong, &letters, limit)
            && distance > 0
        {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn change_cost(a: char, b: char) -> usize {
    if a == b {
        0
    } else if a.to_lowercase().eq(b.to_lowercase()) {
        CASE_COST
    } else {
        MOVE_COST
    }
}

/// The edit distance, if it is at most `limit`.
fn distance_within(a: &[char], b: &[char], limit: usize) -> Option<usize> {
    let prefix = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[prefix..], &b[prefix..]);
    let suffix = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - suffix], &b[..b.len() - suffix]);
    if a.len() > LONGEST || b.len() > LONGEST || a.len().abs_diff(b.len()) * MOVE_COST > limit {
        return None;
    }
    let mut row: Vec<usize> = (0..=b.len()).map(|column| column * MOVE_COST).collect();
    for (line, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = (line + 1) * MOVE_COST;
        for (column, y) in b.iter().enumerate() {
            let change = diagonal + change_cost(*x, *y);
            diagonal = row[column + 1];
            row[column + 1] = change.min(diagonal + MOVE_COST).min(row[column] + MOVE_COST);
        }
    }
    row.last().copied().filter(|distance| *distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::suggest;

    #[test]
    fn suggestions_are_those_of_cpython() {
        assert_eq!(suggest("bas", ["base"]), Some("base"));
        assert_eq!(suggest("kye", ["key", "reverse"]), None);
        assert_eq!(suggest("fle", ["file", "mode"]), Some("file"));
        assert_eq!(suggest("strat", ["start"]), Some("start"));
        assert_eq!(suggest("lvl", ["level"]), None);
        assert_eq!(suggest("enc", ["encoding", "errors"]), None);
        assert_eq!(suggest("maxsplits", ["sep", "maxsplit"]), Some("maxsplit"));
    }
}
