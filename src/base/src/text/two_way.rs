//! The two-way string matching algorithm (Crochemore and Perrin): linear time and constant space for any needle,
//! over slices read in either direction.

/// A slice, perhaps read backwards.
pub(super) trait Sequence {
    type Item: Copy + Ord;
    fn len(&self) -> usize;
    fn at(&self, index: usize) -> Self::Item;
}

#[derive(Clone, Copy)]
pub(super) struct Forward<'a, U>(pub &'a [U]);
#[derive(Clone, Copy)]
pub(super) struct Backward<'a, U>(pub &'a [U]);

impl<U: Copy + Ord> Sequence for Forward<'_, U> {
    type Item = U;
    fn len(&self) -> usize {
        self.0.len()
    }
    #[inline]
    fn at(&self, index: usize) -> U {
        self.0[index]
    }
}

impl<U: Copy + Ord> Sequence for Backward<'_, U> {
    type Item = U;
    fn len(&self) -> usize {
        self.0.len()
    }
    #[inline]
    fn at(&self, index: usize) -> U {
        self.0[self.0.len() - 1 - index]
    }
}

/// What is known of a needle: where to cut it and how it repeats.
pub(super) struct TwoWay {
    cut: usize,
    period: usize,
    /// The whole needle has this period: then a shift by it keeps a matched prefix.
    periodic: bool,
}

impl TwoWay {
    /// For a needle that is not empty.
    pub(super) fn new<S: Sequence>(needle: &S) -> Self {
        let (cut, period) = maximal_suffix(needle, false).max(maximal_suffix(needle, true));
        let periodic = cut + period <= needle.len() && (0..cut).all(|i| needle.at(i) == needle.at(i + period));
        let period = if periodic { period } else { cut.max(needle.len() - cut) + 1 };
        Self { cut, period, periodic }
    }

    /// The first match at or after `from`.
    pub(super) fn find<S: Sequence>(&self, haystack: &S, needle: &S, from: usize) -> Option<usize> {
        let last = haystack.len().checked_sub(needle.len())?;
        let (mut position, mut known) = (from, 0);
        while position <= last {
            let matches = |i: usize| needle.at(i) == haystack.at(position + i);
            let right = self.cut.max(known);
            if let Some(i) = (right..needle.len()).find(|&i| !matches(i)) {
                position += i - self.cut + 1;
                known = 0;
                continue;
            }
            if (known..self.cut).rev().all(matches) {
                return Some(position);
            }
            position += self.period;
            known = if self.periodic { needle.len() - self.period } else { 0 };
        }
        None
    }
}

/// Start and period of the greatest suffix, in the usual order of units or the reverse of it.
fn maximal_suffix<S: Sequence>(needle: &S, reverse: bool) -> (usize, usize) {
    let (mut best, mut candidate, mut matched, mut period) = (0, 1, 0, 1);
    while candidate + matched < needle.len() {
        let (rival, held) = (needle.at(candidate + matched), needle.at(best + matched));
        if rival == held {
            if matched + 1 == period {
                candidate += period;
                matched = 0;
            } else {
                matched += 1;
            }
        } else if (rival < held) != reverse {
            candidate += matched + 1;
            matched = 0;
            period = candidate - best;
        } else {
            best = candidate;
            candidate += 1;
            matched = 0;
            period = 1;
        }
    }
    (best, period)
}
