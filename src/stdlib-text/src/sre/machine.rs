//! The machine: runs a program over text by backtracking. Its stack is on the heap, so that no pattern and no text can exhaust the
//! native one; it holds places to go back to and, between them, old values of what changed since.
//!
//! # Invariants
//! 1. `pos <= text.len()` at every instruction but the first (a search may begin behind the end; then nothing matches but emptiness).
//! 2. With an empty stack nothing needs to be undone: failure is final.
//! 3. A fence marks the stack where an assertion, atomic group or possessive iteration began; `fence` is the innermost one.
//!
//! Must not know: Python objects. It calls the interpreter only to poll for signals.

use super::chars::{Casing, Unit, is_ascii_word, is_locale_word, is_unicode_word, lower_locale, upper_locale};
use super::codes::at;
use super::program::{Follow, Inst, Loop, One, Pc, Program, Single, UNKNOWN};
use objects::{R, memory_error};

/// A mark or position that is not set.
pub const UNSET: usize = usize::MAX;
/// Polls happen each time this many steps were made.
const STEPS_PER_POLL: u32 = 1 << 13;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
enum Kind {
    /// Go on at `arg`.
    Choice,
    /// Alternative `index` of the branch at `arg`.
    Branch,
    /// Give back a character of the greedy repeat at `arg`; the least end is in `other`.
    Greedy,
    /// Take one more character for the lazy repeat at `arg`; the farthest end is in `other`.
    Lazy,
    /// Another round of the lazy loop at `arg`.
    MinMore,
    /// Mark `index` was `pos`, the last group `arg`.
    OldMark,
    /// Loop `index` had count `arg` and last position `pos`.
    OldLoop,
    /// Opened at `arg`; the previous fence is in `other`.
    Fence,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    kind: Kind,
    /// Number of a mark, loop or alternative.
    index: u32,
    arg: u32,
    pos: usize,
    /// A second position: bound of a repeat, or the fence before this one.
    other: usize,
}

#[derive(Clone, Copy)]
struct Rounds {
    count: u32,
    last: usize,
}

/// Memory that runs of the machine share.
#[derive(Default)]
pub struct Scratch {
    stack: Vec<Entry>,
    pub marks: Vec<usize>,
    loops: Vec<Rounds>,
    /// Number of the group that closed last, 0 for none.
    pub last_group: u32,
}

pub struct Machine<'a, U> {
    program: &'a Program,
    /// From the beginning of the subject to `endpos`.
    text: &'a [U],
    pub scratch: &'a mut Scratch,
    fence: usize,
    steps: u32,
    marks_are_clean: bool,
    /// The match must reach the end of the text.
    pub whole: bool,
    /// The match must not end here.
    pub advance_from: usize,
    pub end: usize,
}

impl<'a, U: Unit> Machine<'a, U> {
    pub fn new(program: &'a Program, text: &'a [U], scratch: &'a mut Scratch) -> Machine<'a, U> {
        scratch.marks.clear();
        scratch.marks.resize(program.mark_count, UNSET);
        scratch.loops.clear();
        scratch.loops.resize(program.loops.len(), Rounds { count: 0, last: UNSET });
        Machine {
            program,
            text,
            scratch,
            fence: UNSET,
            steps: 0,
            marks_are_clean: true,
            whole: false,
            advance_from: UNSET,
            end: 0,
        }
    }
    pub fn text(&self) -> &'a [U] {
        self.text
    }
    pub fn program(&self) -> &'a Program {
        self.program
    }

    #[inline(always)]
    fn char_at(&self, pos: usize) -> Option<u32> {
        self.text.get(pos).map(|unit| unit.code())
    }
    #[inline(always)]
    fn push(&mut self, kind: Kind, index: u32, arg: u32, pos: usize) -> R<()> {
        self.push_with(kind, index, arg, pos, 0)
    }
    #[inline(always)]
    fn push_with(&mut self, kind: Kind, index: u32, arg: u32, pos: usize, other: usize) -> R<()> {
        if self.scratch.stack.len() == self.scratch.stack.capacity() {
            self.grow()?;
        }
        self.scratch.stack.push(Entry { kind, index, arg, pos, other });
        Ok(())
    }
    #[cold]
    fn grow(&mut self) -> R<()> {
        let more = self.scratch.stack.len().max(64);
        self.scratch.stack.try_reserve(more).map_err(|_| memory_error())
    }
    #[inline(always)]
    fn count_step(&mut self) -> R<()> {
        self.steps += 1;
        if self.steps >= STEPS_PER_POLL { self.poll() } else { Ok(()) }
    }
    /// A run of single characters is one step, but a long one takes as long as many.
    #[inline(always)]
    fn count_steps(&mut self, length: usize) -> R<()> {
        const SHORT: usize = 1 << 8;
        if length < SHORT {
            return Ok(());
        }
        self.steps = self.steps.saturating_add((length / SHORT) as u32);
        self.count_step()
    }
    #[cold]
    fn poll(&mut self) -> R<()> {
        self.steps = 0;
        (objects::door::interpreter().poll)()
    }

    /// Whether a match from here can begin with the character at `pos`.
    #[inline(always)]
    fn may_begin(&self, first: u32, pos: usize) -> bool {
        if first == UNKNOWN {
            return true;
        }
        match self.char_at(pos) {
            Some(code) => self.program.firsts[first as usize].has(code),
            None => false,
        }
    }

    /// Forgets what an earlier attempt left.
    pub fn reset(&mut self) {
        if !self.marks_are_clean {
            self.scratch.marks.fill(UNSET);
            self.marks_are_clean = true;
        }
        self.scratch.last_group = 0;
        self.scratch.stack.clear();
        self.fence = UNSET;
    }

    /// Tries a match at `start`; its end is then in `end`.
    pub fn run(&mut self, start: usize) -> R<bool> {
        self.reset();
        let program = self.program;
        let insts = program.insts.as_slice();
        let (mut pc, mut pos) = (0 as Pc, start);
        'steps: loop {
            'failed: {
                match insts[pc as usize] {
                    Inst::Char(code) => {
                        if self.char_at(pos) != Some(code) {
                            break 'failed;
                        }
                        pos += 1;
                        pc += 1;
                    }
                    Inst::Text { start, len } => {
                        let literal = &program.literals[start as usize..(start + len) as usize];
                        if !U::starts_with(self.text.get(pos..).unwrap_or(&[]), literal) {
                            break 'failed;
                        }
                        pos += literal.len();
                        pc += 1;
                    }
                    Inst::Test(test) => {
                        match self.char_at(pos) {
                            Some(code) if program.tests[test as usize].matches(code) => pos += 1,
                            _ => break 'failed,
                        }
                        pc += 1;
                    }
                    Inst::AnyAll => {
                        if pos >= self.text.len() {
                            break 'failed;
                        }
                        pos += 1;
                        pc += 1;
                    }
                    Inst::Mark(mark) => {
                        self.set_mark(mark, pos)?;
                        pc += 1;
                    }
                    Inst::Jump(target) => pc = target,
                    Inst::Branch { first, count } => match self.branch(pc, first, first + count, pos)? {
                        Some(target) => pc = target,
                        None => break 'failed,
                    },
                    Inst::Greedy(number) => {
                        let single = &program.singles[number as usize];
                        match self.greedy(pc, single, pos)? {
                            Some(end) => pos = end,
                            None => break 'failed,
                        }
                        pc += 1;
                    }
                    Inst::Lazy(number) => {
                        let single = &program.singles[number as usize];
                        match self.lazy(pc, single, pos)? {
                            Some(end) => pos = end,
                            None => break 'failed,
                        }
                        pc += 1;
                    }
                    Inst::Possessive(number) => {
                        let single = &program.singles[number as usize];
                        let end = self.run_of(single.one, pos, single.max);
                        if end - pos < single.min {
                            break 'failed;
                        }
                        pos = end;
                        pc += 1;
                    }
                    Inst::At(place) => {
                        if !self.is_at(place, pos) {
                            break 'failed;
                        }
                        pc += 1;
                    }
                    Inst::LoopEnter(number) => {
                        self.set_loop(number, Rounds { count: 0, last: UNSET })?;
                        let entry = program.loops[number as usize];
                        pc = if let Inst::MinUntil(_) = insts[entry.tail as usize - 1] {
                            self.next_lazy_round(number, &entry, 0, pos)?
                        } else {
                            self.next_round(number, &entry, 0, pos)?
                        };
                    }
                    Inst::MaxUntil(number) => {
                        self.count_step()?;
                        let count = self.scratch.loops[number as usize].count.saturating_add(1);
                        pc = self.next_round(number, &program.loops[number as usize], count, pos)?;
                    }
                    Inst::MinUntil(number) => {
                        self.count_step()?;
                        let count = self.scratch.loops[number as usize].count.saturating_add(1);
                        pc = self.next_lazy_round(number, &program.loops[number as usize], count, pos)?;
                    }
                    Inst::PossessiveEnter(number) => {
                        self.set_loop(number, Rounds { count: 0, last: UNSET })?;
                        pc += 1;
                    }
                    Inst::PossessiveNext(number) => {
                        self.count_step()?;
                        let entry = &program.loops[number as usize];
                        let rounds = self.scratch.loops[number as usize];
                        let wants_more = rounds.count < entry.max || entry.max == u32::MAX;
                        if rounds.count < entry.min || wants_more && rounds.last != pos {
                            self.push_fence(pc, pos)?;
                            pc = entry.body;
                        } else {
                            pc = entry.tail;
                        }
                    }
                    Inst::PossessiveEnd(number) => {
                        let begun = self.cut();
                        let count = self.scratch.loops[number as usize].count.saturating_add(1);
                        self.set_loop(number, Rounds { count, last: begun })?;
                        pc = program.loops[number as usize].body - 1;
                    }
                    Inst::Assert { back } => {
                        let Some(from) = pos.checked_sub(back as usize) else { break 'failed };
                        self.push_fence(pc, pos)?;
                        pos = from;
                        pc += 1;
                    }
                    Inst::AssertEnd => {
                        pos = self.cut();
                        pc += 1;
                    }
                    Inst::AssertNot { back, next } => match pos.checked_sub(back as usize) {
                        Some(from) => {
                            self.push_fence(pc, pos)?;
                            pos = from;
                            pc += 1;
                        }
                        None => pc = next,
                    },
                    Inst::AssertNotEnd => {
                        self.abandon();
                        break 'failed;
                    }
                    Inst::Atomic => {
                        self.push_fence(pc, pos)?;
                        pc += 1;
                    }
                    Inst::AtomicEnd => {
                        self.cut();
                        pc += 1;
                    }
                    Inst::GroupRef { group, casing } => {
                        match self.group_again(group, casing, pos) {
                            Some(end) => pos = end,
                            None => break 'failed,
                        }
                        pc += 1;
                    }
                    Inst::GroupExists { group, no } => {
                        pc = if self.group_span(group).is_some() { pc + 1 } else { no };
                    }
                    Inst::Success => {
                        if self.whole && pos != self.text.len() || pos == self.advance_from {
                            break 'failed;
                        }
                        self.end = pos;
                        return Ok(true);
                    }
                    Inst::Fail => break 'failed,
                }
                continue 'steps;
            }
            match self.backtrack()? {
                Some(place) => (pc, pos) = place,
                None => return Ok(false),
            }
        }
    }

    #[inline(always)]
    fn set_mark(&mut self, mark: u32, pos: usize) -> R<()> {
        if !self.scratch.stack.is_empty() {
            let old = self.scratch.marks[mark as usize];
            self.push(Kind::OldMark, mark, self.scratch.last_group, old)?;
        }
        self.marks_are_clean = false;
        self.scratch.marks[mark as usize] = pos;
        if mark & 1 == 1 {
            self.scratch.last_group = mark / 2 + 1;
        }
        Ok(())
    }
    #[inline(always)]
    fn set_loop(&mut self, number: u32, rounds: Rounds) -> R<()> {
        if !self.scratch.stack.is_empty() {
            let old = self.scratch.loops[number as usize];
            self.push(Kind::OldLoop, number, old.count, old.last)?;
        }
        self.scratch.loops[number as usize] = rounds;
        Ok(())
    }

    /// After `count` rounds of a greedy loop: where to go on.
    #[inline]
    fn next_round(&mut self, number: u32, entry: &Loop, count: u32, pos: usize) -> R<Pc> {
        let last = self.scratch.loops[number as usize].last;
        if count < entry.min {
            self.set_loop(number, Rounds { count, last })?;
            return Ok(entry.body);
        }
        let wants_more = count < entry.max || entry.max == u32::MAX;
        if wants_more && pos != last && self.may_begin(entry.body_first, pos) {
            self.set_loop(number, Rounds { count, last: pos })?;
            if !entry.exclusive {
                self.push(Kind::Choice, 0, entry.tail, pos)?;
            }
            return Ok(entry.body);
        }
        Ok(entry.tail)
    }

    /// The same for a lazy loop.
    fn next_lazy_round(&mut self, number: u32, entry: &Loop, count: u32, pos: usize) -> R<Pc> {
        let last = self.scratch.loops[number as usize].last;
        self.set_loop(number, Rounds { count, last })?;
        if count < entry.min {
            return Ok(entry.body);
        }
        self.push(Kind::MinMore, 0, number, pos)?;
        Ok(entry.tail)
    }

    /// The first alternative from `from` on that can match, with a way back to the next such one.
    #[inline]
    fn branch(&mut self, pc: Pc, from: u32, end: u32, pos: usize) -> R<Option<Pc>> {
        let program = self.program;
        let possible = |from: u32| (from..end).find(|index| self.may_begin(program.alternatives[*index as usize].first, pos));
        let Some(chosen) = possible(from) else { return Ok(None) };
        if let Some(other) = possible(chosen + 1) {
            self.push(Kind::Branch, other, pc, pos)?;
        }
        Ok(Some(program.alternatives[chosen as usize].pc))
    }

    /// The end of the run of characters from `pos` on, at most `max` of them.
    #[inline(always)]
    fn run_of(&self, one: One, pos: usize, max: usize) -> usize {
        let len = self.text.len();
        if pos >= len {
            return pos;
        }
        let limit = if max < len - pos { pos + max } else { len };
        match one {
            One::AnyAll => limit,
            One::Char(code) => {
                let run = self.text[pos..limit].iter().position(|unit| unit.code() != code);
                run.map_or(limit, |run| pos + run)
            }
            One::Test(test) => {
                let test = &self.program.tests[test as usize];
                let run = if test.by_locale {
                    self.text[pos..limit].iter().position(|unit| !test.matches(unit.code()))
                } else {
                    self.text[pos..limit].iter().position(|unit| {
                        let code = unit.code();
                        !(if code < 256 { test.table[code as usize] } else { test.matches(code) })
                    })
                };
                run.map_or(limit, |run| pos + run)
            }
        }
    }
    #[inline(always)]
    fn one_matches(&self, one: One, code: u32) -> bool {
        match one {
            One::AnyAll => true,
            One::Char(wanted) => code == wanted,
            One::Test(test) => self.program.tests[test as usize].matches(code),
        }
    }

    #[inline(always)]
    fn greedy(&mut self, pc: Pc, single: &Single, pos: usize) -> R<Option<usize>> {
        let longest = self.run_of(single.one, pos, single.max);
        self.count_steps(longest - pos)?;
        if longest - pos < single.min {
            return Ok(None);
        }
        let least = pos + single.min;
        if least == longest || single.follow == Follow::Exclusive {
            return Ok(Some(longest));
        }
        let Some(end) = self.shorter(single.follow, least, longest) else { return Ok(None) };
        if end > least {
            self.push_with(Kind::Greedy, 0, pc, end, least)?;
        }
        Ok(Some(end))
    }
    /// The longest end in `least..=end` at which the program can go on.
    #[inline]
    fn shorter(&self, follow: Follow, least: usize, end: usize) -> Option<usize> {
        match follow {
            Follow::Unknown | Follow::Exclusive => Some(end),
            Follow::Char(code) => {
                let limit = (end + 1).min(self.text.len());
                U::find_last(self.text.get(least..limit)?, code).map(|index| least + index)
            }
            Follow::First(first) => {
                let first = &self.program.firsts[first as usize];
                let limit = (end + 1).min(self.text.len());
                let index = self.text.get(least..limit)?.iter().rposition(|unit| first.has(unit.code()))?;
                Some(least + index)
            }
        }
    }

    fn lazy(&mut self, pc: Pc, single: &Single, pos: usize) -> R<Option<usize>> {
        let least = self.run_of(single.one, pos, single.min);
        if least - pos < single.min {
            return Ok(None);
        }
        let farthest = if single.max < self.text.len().saturating_sub(pos) { pos + single.max } else { self.text.len() };
        let Some(end) = self.longer(single, least, farthest) else { return Ok(None) };
        if end < farthest {
            self.push_with(Kind::Lazy, 0, pc, end, farthest)?;
        }
        Ok(Some(end))
    }
    /// The nearest end in `end..=farthest` at which the program can go on.
    fn longer(&self, single: &Single, mut end: usize, farthest: usize) -> Option<usize> {
        let first = match single.follow {
            Follow::Unknown | Follow::Exclusive => return Some(end),
            Follow::Char(code) => {
                let rest = self.text.get(end..)?;
                let found = end + U::find(rest, code)?;
                let is_reachable = found <= farthest && self.run_of(single.one, end, found - end) == found;
                return is_reachable.then_some(found);
            }
            Follow::First(first) => &self.program.firsts[first as usize],
        };
        loop {
            let code = self.char_at(end)?;
            if first.has(code) {
                return Some(end);
            }
            if end >= farthest || !self.one_matches(single.one, code) {
                return None;
            }
            end += 1;
        }
    }

    fn is_at(&self, place: u32, pos: usize) -> bool {
        let end = self.text.len();
        match place {
            at::BEGINNING | at::BEGINNING_STRING => pos == 0,
            at::BEGINNING_LINE => pos == 0 || self.char_at(pos - 1) == Some(10),
            at::END => pos == end || pos + 1 == end && self.char_at(pos) == Some(10),
            at::END_LINE => pos == end || self.char_at(pos) == Some(10),
            at::END_STRING => pos == end,
            at::BOUNDARY => self.is_boundary(pos, is_ascii_word),
            at::NON_BOUNDARY => !self.is_boundary(pos, is_ascii_word),
            at::LOC_BOUNDARY => self.is_boundary(pos, is_locale_word),
            at::LOC_NON_BOUNDARY => !self.is_boundary(pos, is_locale_word),
            at::UNI_BOUNDARY => self.is_boundary(pos, is_unicode_word),
            _ => !self.is_boundary(pos, is_unicode_word),
        }
    }
    #[inline(always)]
    fn is_boundary(&self, pos: usize, is_word: impl Fn(u32) -> bool) -> bool {
        let before = pos > 0 && self.char_at(pos - 1).is_some_and(&is_word);
        before != self.char_at(pos).is_some_and(&is_word)
    }

    fn group_span(&self, group: u32) -> Option<(usize, usize)> {
        let (start, end) = (self.scratch.marks[group as usize * 2], self.scratch.marks[group as usize * 2 + 1]);
        (start != UNSET && end != UNSET && start <= end).then_some((start, end))
    }
    /// The end of what the group matched, met again at `pos`.
    fn group_again(&self, group: u32, casing: Casing, pos: usize) -> Option<usize> {
        let (start, end) = self.group_span(group)?;
        let stop = pos.checked_add(end - start)?;
        let (before, now) = (&self.text[start..end], self.text.get(pos..stop)?);
        let same = match casing {
            Casing::Exact => before == now,
            Casing::Locale => before.iter().zip(now).all(|(a, b)| {
                let (a, b) = (a.code(), b.code());
                a == b || lower_locale(a) == lower_locale(b) || upper_locale(a) == upper_locale(b)
            }),
            _ => before.iter().zip(now).all(|(a, b)| casing.lower(a.code()) == casing.lower(b.code())),
        };
        same.then_some(stop)
    }

    fn push_fence(&mut self, pc: Pc, pos: usize) -> R<()> {
        let outer = self.fence;
        self.fence = self.scratch.stack.len();
        self.push_with(Kind::Fence, 0, pc, pos, outer)
    }
    /// The body behind the innermost fence has matched: forgets its other ways, keeps what must be undone if all this fails later.
    /// Gives the position at which the fence was put up.
    fn cut(&mut self) -> usize {
        let fence = self.fence;
        let stack = &mut self.scratch.stack;
        let Entry { pos, other: outer, .. } = stack[fence];
        let mut kept = fence;
        if kept > 0 {
            for index in fence + 1..stack.len() {
                if matches!(stack[index].kind, Kind::OldMark | Kind::OldLoop) {
                    stack[kept] = stack[index];
                    kept += 1;
                }
            }
        }
        stack.truncate(kept);
        self.fence = outer;
        pos
    }
    /// Undoes everything behind the innermost fence and takes the fence away.
    fn abandon(&mut self) {
        let fence = self.fence;
        while self.scratch.stack.len() > fence + 1 {
            if let Some(entry) = self.scratch.stack.pop() {
                self.undo(entry);
            }
        }
        self.fence = self.scratch.stack[fence].other;
        self.scratch.stack.truncate(fence);
    }
    #[inline(always)]
    fn undo(&mut self, entry: Entry) {
        match entry.kind {
            Kind::OldMark => {
                self.scratch.marks[entry.index as usize] = entry.pos;
                self.scratch.last_group = entry.arg;
            }
            Kind::OldLoop => self.scratch.loops[entry.index as usize] = Rounds { count: entry.arg, last: entry.pos },
            _ => {}
        }
    }

    /// Goes back to the last place with another way; None when there is none.
    #[inline(always)]
    fn backtrack(&mut self) -> R<Option<(Pc, usize)>> {
        self.count_step()?;
        let program = self.program;
        while let Some(entry) = self.scratch.stack.pop() {
            let pc = entry.arg;
            match entry.kind {
                Kind::Choice => return Ok(Some((pc, entry.pos))),
                Kind::Branch => {
                    let Inst::Branch { first, count } = program.insts[pc as usize] else { continue };
                    if let Some(target) = self.branch(pc, entry.index, first + count, entry.pos)? {
                        return Ok(Some((target, entry.pos)));
                    }
                }
                Kind::Greedy => {
                    let Inst::Greedy(number) = program.insts[pc as usize] else { continue };
                    let least = entry.other;
                    let follow = program.singles[number as usize].follow;
                    if let Some(end) = self.shorter(follow, least, entry.pos - 1) {
                        if end > least {
                            self.push_with(Kind::Greedy, 0, pc, end, least)?;
                        }
                        return Ok(Some((pc + 1, end)));
                    }
                }
                Kind::Lazy => {
                    let Inst::Lazy(number) = program.insts[pc as usize] else { continue };
                    let farthest = entry.other;
                    if let Some(end) = self.lengthen(&program.singles[number as usize], entry.pos, farthest) {
                        if end < farthest {
                            self.push_with(Kind::Lazy, 0, pc, end, farthest)?;
                        }
                        return Ok(Some((pc + 1, end)));
                    }
                }
                Kind::MinMore => {
                    let loop_number = pc;
                    let entry_loop = &program.loops[loop_number as usize];
                    let rounds = self.scratch.loops[loop_number as usize];
                    let is_done = rounds.count >= entry_loop.max && entry_loop.max != u32::MAX;
                    if !is_done && rounds.last != entry.pos && self.may_begin(entry_loop.body_first, entry.pos) {
                        self.set_loop(loop_number, Rounds { count: rounds.count, last: entry.pos })?;
                        return Ok(Some((entry_loop.body, entry.pos)));
                    }
                }
                Kind::OldMark | Kind::OldLoop => self.undo(entry),
                Kind::Fence => {
                    self.fence = entry.other;
                    match program.insts[pc as usize] {
                        Inst::AssertNot { next, .. } => return Ok(Some((next, entry.pos))),
                        Inst::PossessiveNext(number) => {
                            let entry_loop = &program.loops[number as usize];
                            if self.scratch.loops[number as usize].count >= entry_loop.min {
                                return Ok(Some((entry_loop.tail, entry.pos)));
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
        Ok(None)
    }

    /// The next end of a lazy repeat that reached `end`.
    fn lengthen(&self, single: &Single, end: usize, farthest: usize) -> Option<usize> {
        let code = self.char_at(end)?;
        if end >= farthest || !self.one_matches(single.one, code) {
            return None;
        }
        self.longer(single, end + 1, farthest)
    }
}

impl Scratch {
    /// Entries of memory held.
    pub fn size(&self) -> usize {
        self.stack.capacity() + self.marks.capacity() + self.loops.capacity()
    }
    /// The span of a group (from 1), once a match succeeded.
    #[inline]
    pub fn span(&self, group: usize) -> Option<(usize, usize)> {
        let (start, end) = (self.marks[group * 2 - 2], self.marks[group * 2 - 1]);
        (start != UNSET && end != UNSET).then_some((start, end))
    }
}
