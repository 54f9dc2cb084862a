//! The transitions of a zone, and which of its kinds of time holds when. A kind is an offset with a name; here it is a number.
//! Must not know: objects.

use super::posix::Turn;

/// One kind of time: seconds ahead of UTC, how much of them is daylight saving.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kind {
    pub offset: i64,
    pub saving: i64,
}

/// What holds behind the last transition.
pub enum After {
    Always(usize),
    Yearly { standard: usize, summer: usize, start: Turn, end: Turn },
}

pub struct Rules {
    pub kinds: Vec<Kind>,
    /// Of each transition: when it is in UTC, what two clocks show (those of fold 0 and 1), what begins.
    utc: Vec<i64>,
    wall: [Vec<i64>; 2],
    begins: Vec<u8>,
    before: usize,
    pub after: After,
    /// Whether the offset is the same at any time.
    pub fixed: bool,
}

/// The savings of kinds, guessed from neighbours that are standard time.
pub fn savings(begins: &[u8], offsets: &[i64], flags: &[i64]) -> Vec<i64> {
    let mut savings = vec![0; offsets.len()];
    let is_summer = |kind: usize| flags.get(kind).is_some_and(|flag| *flag != 0);
    let offset = |kind: usize| offsets.get(kind).copied().unwrap_or(0);
    let wanted: i64 = flags.iter().sum();
    let mut found = 0;
    for (at, kind) in begins.iter().enumerate().skip(1) {
        if found == wanted {
            break;
        }
        let kind = *kind as usize;
        if !is_summer(kind) || savings.get(kind).is_none_or(|saving| *saving != 0) {
            continue;
        }
        let neighbour = |at: usize| begins.get(at).map(|kind| *kind as usize);
        let mut saving = 0;
        if let Some(previous) = neighbour(at - 1)
            && !is_summer(previous)
        {
            saving = offset(kind) - offset(previous);
        }
        if saving == 0
            && kind + 1 < offsets.len()
            && let Some(next) = neighbour(at + 1)
        {
            if is_summer(next) {
                continue;
            }
            saving = offset(kind) - offset(next);
        }
        if saving != 0 {
            found += 1;
            savings[kind] = saving;
        }
    }
    if found < wanted {
        for (kind, saving) in savings.iter_mut().enumerate() {
            if *saving == 0 && is_summer(kind) {
                *saving = 3600;
            }
        }
    }
    savings
}

impl Rules {
    /// `kinds` holds those of the file (as many as `flags`), then those of `after`. Transitions begin kinds of the file.
    pub fn new(kinds: Vec<Kind>, flags: &[i64], utc: Vec<i64>, begins: Vec<u8>, after: After) -> Rules {
        let offset = |kind: Option<&u8>| kind.and_then(|kind| kinds.get(*kind as usize)).map_or(0, |kind| kind.offset);
        let mut wall = [Vec::with_capacity(utc.len()), Vec::with_capacity(utc.len())];
        for (at, moment) in utc.iter().enumerate() {
            let next = offset(begins.get(at));
            let previous = match at.checked_sub(1) {
                Some(previous) => offset(begins.get(previous)),
                None => kinds.first().map_or(0, |kind| kind.offset),
            };
            wall[0].push(moment.saturating_add(previous.max(next)));
            wall[1].push(moment.saturating_add(previous.min(next)));
        }
        let before = flags.iter().position(|flag| *flag == 0).unwrap_or(0);
        Rules { kinds, utc, wall, begins, before, after, fixed: false }
    }
    /// How much memory it takes, about.
    pub fn size(&self) -> usize {
        self.utc.capacity() * 25 + self.kinds.capacity() * 16
    }
    fn offset(&self, kind: usize) -> i64 {
        self.kinds.get(kind).map_or(0, |kind| kind.offset)
    }
    fn begins(&self, transition: usize) -> usize {
        self.begins.get(transition).map_or(self.before, |kind| *kind as usize)
    }

    /// The kind when a clock of the zone shows `seconds` (since 1970) in `year`.
    pub fn at_local(&self, seconds: i64, year: i64, fold: bool) -> usize {
        let wall = &self.wall[fold as usize];
        match (wall.first(), wall.last()) {
            (Some(first), _) if seconds < *first => self.before,
            (_, Some(last)) if seconds <= *last => {
                self.begins(wall.partition_point(|moment| *moment <= seconds).saturating_sub(1))
            }
            _ => match &self.after {
                After::Always(kind) => *kind,
                After::Yearly { standard, summer, start, end } => {
                    let difference = self.offset(*summer) - self.offset(*standard);
                    let (mut start, mut end) = (start.in_year(year), end.in_year(year));
                    // The smaller offset holds from the end of the gap to the end of the overlap if fold is 0, and from
                    // the beginning of the one to that of the other if it is 1.
                    if fold == (difference >= 0) {
                        end -= difference
                    } else {
                        start += difference
                    }
                    if is_between(seconds, start, end) { *summer } else { *standard }
                }
            },
        }
    }

    /// The kind at UTC `seconds` (since 1970) in `year`, and the fold of what the clock shows then.
    pub fn at_utc(&self, seconds: i64, year: i64) -> (usize, bool) {
        let count = self.utc.len();
        let previous = |transition: usize| match transition.checked_sub(1) {
            Some(previous) => self.begins(previous),
            None => self.before,
        };
        match (self.utc.first(), self.utc.last()) {
            (Some(first), _) if seconds < *first => (self.before, false),
            (_, Some(last)) if seconds <= *last => {
                let transition = self.utc.partition_point(|moment| *moment <= seconds).saturating_sub(1);
                let kind = self.begins(transition);
                let back = self.offset(previous(transition)) - self.offset(kind);
                let since = self.utc.get(transition).map_or(0, |moment| seconds.saturating_sub(*moment));
                (kind, back > since)
            }
            (_, last) => {
                let (kind, mut fold) = self.yearly_at_utc(seconds, year);
                // Right behind the last transition the clock goes back by what that one changed.
                if let Some(last) = last {
                    let back = self.offset(previous(count - 1)) - self.offset(kind);
                    fold |= back > 0 && seconds < last.saturating_add(back);
                }
                (kind, fold)
            }
        }
    }
    fn yearly_at_utc(&self, seconds: i64, year: i64) -> (usize, bool) {
        match &self.after {
            After::Always(kind) => (*kind, false),
            After::Yearly { standard, summer, start, end } => {
                let difference = self.offset(*summer) - self.offset(*standard);
                let start = start.in_year(year) - self.offset(*standard);
                let end = end.in_year(year) - self.offset(*summer);
                let kind = if is_between(seconds, start, end) { *summer } else { *standard };
                let overlap = if difference > 0 { end..end + difference } else { start..start - difference };
                (kind, overlap.contains(&seconds))
            }
        }
    }
}

/// Whether summer that begins at `start` and ends at `end`, perhaps of the next year, holds.
fn is_between(seconds: i64, start: i64, end: i64) -> bool {
    if start < end { (start..end).contains(&seconds) } else { !(end..start).contains(&seconds) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn savings_are_guessed() {
        assert_eq!(savings(&[0, 1, 0], &[0, 3600], &[0, 1]), [0, 3600]);
        assert_eq!(savings(&[1, 1], &[0, 7200], &[0, 1]), [0, 3600]);
        assert_eq!(savings(&[0, 9], &[5], &[1]), [3600]);
    }
    #[test]
    fn odd_tables_have_answers() {
        let kind = |offset| Kind { offset, saving: 0 };
        let moments = vec![i64::MAX, 5, i64::MIN, -7, 5];
        let rules = Rules::new(vec![kind(-9), kind(1 << 31)], &[1, 1], moments, vec![0, 1, 7, 1, 0], After::Always(0));
        for seconds in [i64::MIN, -8, 0, 5, 6, i64::MAX] {
            rules.at_local(seconds, 1, false);
            rules.at_local(seconds, 9999, true);
            rules.at_utc(seconds, 2000);
        }
    }
}
