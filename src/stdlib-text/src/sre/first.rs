//! What a match can begin with, from any place of a program on. Knowing it spares the machine attempts that must fail.
//!
//! Every answer is a superset: assertions are skipped, unknown is always right. Nothing is known across the end of an assertion or
//! atomic group: what follows it must not steer the choices inside.

use super::codes::at;
use super::program::{Alternative, First, Follow, Inst, Loop, One, Pc, Program, Scan, UNKNOWN};

/// Deeper structures stay unknown.
const DEEPEST: u32 = 60;
/// Larger programs are not analysed: the tables would cost more than they save.
const MOST_INSTS: usize = 20_000;

/// Fills in what is known of alternatives, loops, single repeats and the beginning.
pub fn analyse(program: &mut Program) {
    if program.insts.len() > MOST_INSTS {
        return;
    }
    let mut analysis = Analysis { known: unknown(program.insts.len()), program };
    for index in 0..analysis.program.alternatives.len() {
        let Alternative { pc, .. } = analysis.program.alternatives[index];
        analysis.program.alternatives[index].first = analysis.at(pc, 0);
    }
    for index in 0..analysis.program.loops.len() {
        let Loop { body, tail, .. } = analysis.program.loops[index];
        let (body_first, tail_first) = (analysis.at(body, 0), analysis.at(tail, 0));
        let exclusive = analysis.are_disjoint(body_first, tail_first);
        let entry = &mut analysis.program.loops[index];
        (entry.body_first, entry.tail_first, entry.exclusive) = (body_first, tail_first, exclusive);
    }
    for pc in 0..analysis.program.insts.len() {
        if let Inst::Greedy(single) | Inst::Lazy(single) = analysis.program.insts[pc] {
            analysis.program.singles[single as usize].follow = analysis.follow(pc as Pc);
        }
    }
    program.scan = scan_of(program);
}

struct Analysis<'a> {
    program: &'a mut Program,
    /// Number of the first set by place, once known.
    known: Vec<Option<u32>>,
}

/// A place for each instruction.
fn unknown(count: usize) -> Vec<Option<u32>> {
    let mut known = base::memory::with_room(count);
    known.resize(count, None);
    known
}

impl Analysis<'_> {
    fn at(&mut self, pc: Pc, depth: u32) -> u32 {
        if let Some(known) = self.known[pc as usize] {
            return known;
        }
        if depth > DEEPEST {
            return UNKNOWN;
        }
        // Loops that lead back here find this.
        self.known[pc as usize] = Some(UNKNOWN);
        let number = match self.compute(pc, depth) {
            Some(first) => {
                self.program.firsts.push(first);
                self.program.firsts.len() as u32 - 1
            }
            None => UNKNOWN,
        };
        self.known[pc as usize] = Some(number);
        number
    }

    fn set(&mut self, pc: Pc, depth: u32) -> Option<First> {
        let number = self.at(pc, depth + 1);
        let known = self.program.firsts.get(number as usize)?;
        Some(First { table: known.table, wide: known.wide })
    }
    fn union(&mut self, a: Option<First>, pc: Pc, depth: u32) -> Option<First> {
        let mut first = a?;
        first.add(&self.set(pc, depth)?);
        Some(first)
    }

    fn one(&self, one: One) -> Option<First> {
        let mut first = First::none();
        match one {
            One::AnyAll => first = First { table: [true; 256], wide: true },
            One::Char(code) => match first.table.get_mut(code as usize) {
                Some(slot) => *slot = true,
                None => first.wide = true,
            },
            One::Test(test) => {
                let test = &self.program.tests[test as usize];
                if test.by_locale {
                    return None;
                }
                first = First { table: test.table, wide: test.may_match_wide() };
            }
        }
        Some(first)
    }

    fn compute(&mut self, pc: Pc, depth: u32) -> Option<First> {
        let next = pc + 1;
        match self.program.insts[pc as usize] {
            Inst::Fail => Some(First::none()),
            Inst::AnyAll => self.one(One::AnyAll),
            Inst::Char(code) => self.one(One::Char(code)),
            Inst::Text { start, .. } => self.one(One::Char(self.program.literals[start as usize])),
            Inst::Test(test) => self.one(One::Test(test)),
            Inst::At(_) | Inst::Mark(_) | Inst::Atomic => self.set(next, depth),
            Inst::Jump(target) => self.set(target, depth),
            Inst::AssertNot { next, .. } => self.set(next, depth),
            Inst::Branch { first, count } => {
                let mut all = Some(First::none());
                for index in first..first + count {
                    all = self.union(all, self.program.alternatives[index as usize].pc, depth);
                }
                all
            }
            Inst::Greedy(single) | Inst::Lazy(single) | Inst::Possessive(single) => {
                let single = self.program.singles[single as usize];
                let own = self.one(single.one);
                if single.min > 0 { own } else { self.union(own, next, depth) }
            }
            Inst::LoopEnter(number) | Inst::PossessiveEnter(number) => {
                let Loop { min, body, tail, .. } = self.program.loops[number as usize];
                let own = self.set(body, depth);
                if min > 0 { own } else { self.union(own, tail, depth) }
            }
            _ => None,
        }
    }

    fn are_disjoint(&self, a: u32, b: u32) -> bool {
        match (self.program.firsts.get(a as usize), self.program.firsts.get(b as usize)) {
            (Some(a), Some(b)) => a.is_disjoint(b),
            _ => false,
        }
    }

    fn follow(&mut self, pc: Pc) -> Follow {
        let (Inst::Greedy(single) | Inst::Lazy(single)) = self.program.insts[pc as usize] else { return Follow::Unknown };
        let is_greedy = matches!(self.program.insts[pc as usize], Inst::Greedy(_));
        let Some(own) = self.one(self.program.singles[single as usize].one) else { return Follow::Unknown };
        let mut next = pc + 1;
        while let Inst::Mark(_) = self.program.insts[next as usize] {
            next += 1;
        }
        match self.program.insts[next as usize] {
            Inst::Success if is_greedy => return Follow::Exclusive,
            Inst::At(at::END_STRING) if is_greedy => return Follow::Exclusive,
            Inst::At(at::END | at::END_LINE) if is_greedy && !own.table[10] => return Follow::Exclusive,
            _ => {}
        }
        let number = self.at(pc + 1, 0);
        let Some(first) = self.program.firsts.get(number as usize) else { return Follow::Unknown };
        if is_greedy && own.is_disjoint(first) {
            return Follow::Exclusive;
        }
        match self.program.insts[next as usize] {
            Inst::Char(code) => Follow::Char(code),
            Inst::Text { start, .. } => Follow::Char(self.program.literals[start as usize]),
            _ if first.wide && first.table.iter().all(|possible| *possible) => Follow::Unknown,
            _ => Follow::First(number),
        }
    }
}

fn scan_of(program: &mut Program) -> Scan {
    let start = program.insts.iter().position(|inst| !matches!(inst, Inst::Mark(_))).unwrap_or(0);
    match program.insts[start] {
        Inst::At(at::BEGINNING | at::BEGINNING_STRING) => return Scan::TextStart,
        Inst::At(at::BEGINNING_LINE) => return Scan::LineStarts,
        Inst::Char(code) => return Scan::Char(code),
        Inst::Text { start, .. } => return Scan::Char(program.literals[start as usize]),
        _ => {}
    }
    let mut analysis = Analysis { known: unknown(program.insts.len()), program };
    let number = analysis.at(0, 0);
    let Some(first) = program.firsts.get(number as usize) else { return Scan::Everywhere };
    let bytes: Vec<u8> = (0..=255u8).filter(|byte| first.table[*byte as usize]).collect();
    match bytes[..] {
        [one] if !first.wide => Scan::Char(one as u32),
        [a, b] => Scan::First { first: number, few: Some((a, b, b)) },
        [a, b, c] => Scan::First { first: number, few: Some((a, b, c)) },
        _ if bytes.len() == 256 && first.wide => Scan::Everywhere,
        _ => Scan::First { first: number, few: None },
    }
}
