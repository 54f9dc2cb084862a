//! Code arrays to programs. Whatever is not well formed is refused here, so that the machine can trust its program.

use super::chars::{Casing, CharTest, Rule, in_category, set_item_len};
use super::codes::{MAX_REPEAT, at, info, op};
use super::program::{Alternative, Follow, Inst, Loop, One, Pc, Program, Scan, Single, UNKNOWN};
use base::memory::Grow;

#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    Invalid,
    TooDeep,
}
type T<V = ()> = Result<V, Refusal>;

/// Groups nested deeper than this are refused rather than risk the native stack.
const DEEPEST: u32 = 1000;

/// Prefix of the info block.
struct Info {
    prefix: Vec<u32>,
    is_whole: bool,
}

struct Translator<'a> {
    code: &'a [u32],
    groups: u32,
    depth: u32,
    program: Program,
    info: Option<Info>,
}

pub fn translate(code: &[u32], groups: u32) -> T<Program> {
    if code.last() != Some(&op::SUCCESS) {
        return Err(Refusal::Invalid);
    }
    let program = Program {
        insts: Vec::new(),
        literals: Vec::new(),
        tests: Vec::new(),
        alternatives: Vec::new(),
        singles: Vec::new(),
        loops: Vec::new(),
        firsts: Vec::new(),
        mark_count: groups as usize * 2,
        min_width: 0,
        scan: Scan::Everywhere,
    };
    let mut translator = Translator { code, groups, depth: 0, program, info: None };
    translator.sequence(0, code.len() - 1, false)?;
    translator.emit(Inst::Success);
    let mut program = translator.program;
    super::first::analyse(&mut program);
    if let Some(info) = translator.info
        && info.prefix.len() > 1
    {
        base::memory::expect_room(info.prefix.len().saturating_mul(16));
        let bytes: Option<Vec<u8>> = info.prefix.iter().map(|code| u8::try_from(*code).ok()).collect();
        program.scan = Scan::Literal {
            finder: bytes.map(|bytes| Box::new(memchr::memmem::Finder::new(&bytes).into_owned())),
            is_whole: info.is_whole && is_plain(&program, &info.prefix),
            text: info.prefix.into(),
        };
    }
    Ok(program)
}

/// Whether the program is nothing but this literal.
fn is_plain(program: &Program, prefix: &[u32]) -> bool {
    matches!(program.insts[..], [Inst::Text { .. }, Inst::Success]) && program.literals == prefix
}

impl Translator<'_> {
    fn emit(&mut self, inst: Inst) -> usize {
        self.program.insts.put(inst);
        self.program.insts.len() - 1
    }
    fn here(&self) -> Pc {
        self.program.insts.len() as Pc
    }
    fn word(&self, at: usize, end: usize) -> T<u32> {
        if at < end { Ok(self.code[at]) } else { Err(Refusal::Invalid) }
    }
    /// The place that a skip word at `at` leads to, which must lie in `at+1..=end`.
    fn skip(&self, at: usize, end: usize) -> T<usize> {
        let target = at + self.word(at, end)? as usize;
        if target > at && target <= end { Ok(target) } else { Err(Refusal::Invalid) }
    }
    fn add_test(&mut self, rule: Rule) -> u32 {
        self.program.tests.put(CharTest::new(rule));
        self.program.tests.len() as u32 - 1
    }
    fn expect(&self, at: usize, end: usize, wanted: u32) -> T {
        if self.word(at, end)? == wanted { Ok(()) } else { Err(Refusal::Invalid) }
    }

    /// A literal, joined to the one before it when nothing can jump between them.
    fn literal(&mut self, code: u32, fuse: bool) {
        if fuse {
            match self.program.insts.last().copied() {
                Some(Inst::Char(before)) => {
                    let start = self.program.literals.len() as u32;
                    self.program.literals.extend([before, code]);
                    *self.program.insts.last_mut().expect("just seen") = Inst::Text { start, len: 2 };
                    return;
                }
                Some(Inst::Text { start, len }) if (start + len) as usize == self.program.literals.len() => {
                    self.program.literals.put(code);
                    *self.program.insts.last_mut().expect("just seen") = Inst::Text { start, len: len + 1 };
                    return;
                }
                _ => {}
            }
        }
        self.emit(Inst::Char(code));
    }

    /// What operators of one character stand for, and where the next operator is. None: another operator.
    fn one(&mut self, at: usize, end: usize) -> T<Option<(One, usize)>> {
        let operator = self.word(at, end)?;
        let rule = match operator {
            op::ANY_ALL => return Ok(Some((One::AnyAll, at + 1))),
            op::LITERAL => return Ok(Some((One::Char(self.word(at + 1, end)?), at + 2))),
            op::FAILURE => (Rule::Never, at + 1),
            op::ANY => (Rule::NotNewline, at + 1),
            op::NOT_LITERAL => (Rule::Not(self.word(at + 1, end)?), at + 2),
            op::LITERAL_IGNORE | op::LITERAL_UNI_IGNORE | op::LITERAL_LOC_IGNORE => {
                let code = self.word(at + 1, end)?;
                (Rule::Lower { code, casing: casing_of(operator), negated: false }, at + 2)
            }
            op::NOT_LITERAL_IGNORE | op::NOT_LITERAL_UNI_IGNORE | op::NOT_LITERAL_LOC_IGNORE => {
                let code = self.word(at + 1, end)?;
                (Rule::Lower { code, casing: casing_of(operator), negated: true }, at + 2)
            }
            op::CATEGORY => {
                let number = self.word(at + 1, end)?;
                in_category(number, 0).ok_or(Refusal::Invalid)?;
                (Rule::Category(number), at + 2)
            }
            op::IN | op::IN_IGNORE | op::IN_UNI_IGNORE | op::IN_LOC_IGNORE => {
                let target = self.skip(at + 1, end)?;
                let words = self.set(at + 2, target)?;
                (Rule::Set { words, casing: casing_of(operator) }, target)
            }
            _ => return Ok(None),
        };
        Ok(Some((One::Test(self.add_test(rule.0)), rule.1)))
    }

    /// The words of a checked set in `at..end`, whose last is FAILURE.
    fn set(&self, at: usize, end: usize) -> T<Box<[u32]>> {
        if end <= at || self.code[end - 1] != op::FAILURE {
            return Err(Refusal::Invalid);
        }
        let words = &self.code[at..end - 1];
        let mut rest = words;
        while let [operator, tail @ ..] = rest {
            let count = set_item_len(*operator, tail).ok_or(Refusal::Invalid)?;
            let (item, after) = tail.split_at_checked(count).ok_or(Refusal::Invalid)?;
            let is_sound = match *operator {
                op::CATEGORY => in_category(item[0], 0).is_some(),
                op::BIGCHARSET => item[1..65].iter().all(|word| word.to_le_bytes().iter().all(|block| (*block as u32) < item[0])),
                _ => true,
            };
            if !is_sound {
                return Err(Refusal::Invalid);
            }
            rest = after;
        }
        Ok(words.into())
    }

    /// Translates `at..end`. With `may_jump`, a JUMP as its last operator ends it; its target is the result.
    fn sequence(&mut self, mut at: usize, end: usize, may_jump: bool) -> T<Option<usize>> {
        if self.depth > DEEPEST {
            return Err(Refusal::TooDeep);
        }
        self.depth += 1;
        let mut fuse = false;
        while at < end {
            let operator = self.code[at];
            if operator == op::LITERAL {
                let code = self.word(at + 1, end)?;
                self.literal(code, fuse);
                fuse = true;
                at += 2;
                continue;
            }
            fuse = false;
            if let Some((one, next)) = self.one(at, end)? {
                self.emit(match one {
                    One::AnyAll => Inst::AnyAll,
                    One::Char(code) => Inst::Char(code),
                    One::Test(_) if operator == op::FAILURE => Inst::Fail,
                    One::Test(test) => Inst::Test(test),
                });
                at = next;
                continue;
            }
            if operator == op::JUMP {
                if !may_jump || at + 2 != end {
                    return Err(Refusal::Invalid);
                }
                self.depth -= 1;
                return Ok(Some(at + 1 + self.code[at + 1] as usize));
            }
            at = self.operator(operator, at + 1, end)?;
        }
        self.depth -= 1;
        Ok(None)
    }

    /// One operator whose words begin at `at`; the place behind it.
    fn operator(&mut self, operator: u32, at: usize, end: usize) -> T<usize> {
        match operator {
            op::MARK => {
                let mark = self.word(at, end)?;
                if mark as usize >= self.program.mark_count {
                    return Err(Refusal::Invalid);
                }
                self.emit(Inst::Mark(mark));
                Ok(at + 1)
            }
            op::AT => {
                let place = self.word(at, end)?;
                if place > at::UNI_NON_BOUNDARY {
                    return Err(Refusal::Invalid);
                }
                self.emit(Inst::At(place));
                Ok(at + 1)
            }
            op::INFO => self.info(at, end),
            op::BRANCH => self.branch(at, end),
            op::REPEAT_ONE | op::MIN_REPEAT_ONE | op::POSSESSIVE_REPEAT_ONE => self.repeat_one(operator, at, end),
            op::REPEAT => self.repeat(at, end),
            op::POSSESSIVE_REPEAT => self.possessive_repeat(at, end),
            op::ATOMIC_GROUP => {
                let target = self.skip(at, end)?;
                self.emit(Inst::Atomic);
                self.closed_body(at + 1, target)?;
                self.emit(Inst::AtomicEnd);
                Ok(target)
            }
            op::ASSERT | op::ASSERT_NOT => {
                let target = self.skip(at, end)?;
                let back = self.word(at + 1, end)?;
                let opener = self.emit(Inst::Assert { back });
                self.closed_body(at + 2, target)?;
                if operator == op::ASSERT {
                    self.emit(Inst::AssertEnd);
                } else {
                    self.emit(Inst::AssertNotEnd);
                    self.program.insts[opener] = Inst::AssertNot { back, next: self.here() };
                }
                Ok(target)
            }
            op::GROUPREF | op::GROUPREF_IGNORE | op::GROUPREF_LOC_IGNORE | op::GROUPREF_UNI_IGNORE => {
                let group = self.group(at, end)?;
                self.emit(Inst::GroupRef { group, casing: casing_of(operator) });
                Ok(at + 1)
            }
            op::GROUPREF_EXISTS => self.conditional(at, end),
            _ => Err(Refusal::Invalid),
        }
    }

    fn group(&self, at: usize, end: usize) -> T<u32> {
        let group = self.word(at, end)?;
        if group < self.groups { Ok(group) } else { Err(Refusal::Invalid) }
    }

    /// A body in `at..end` that closes with SUCCESS.
    fn closed_body(&mut self, at: usize, end: usize) -> T {
        if end <= at {
            return Err(Refusal::Invalid);
        }
        self.expect(end - 1, end, op::SUCCESS)?;
        self.sequence(at, end - 1, false)?;
        Ok(())
    }

    fn info(&mut self, at: usize, end: usize) -> T<usize> {
        let target = self.skip(at, end)?;
        let bits = self.word(at + 1, target)?;
        let least = self.word(at + 2, target)?;
        self.word(at + 3, target)?;
        if bits & !(info::PREFIX | info::LITERAL | info::CHARSET) != 0
            || bits & info::PREFIX != 0 && bits & info::CHARSET != 0
            || bits & info::LITERAL != 0 && bits & info::PREFIX == 0
        {
            return Err(Refusal::Invalid);
        }
        let is_first = self.program.insts.is_empty() && self.info.is_none();
        if bits & info::PREFIX != 0 {
            let len = self.word(at + 4, target)? as usize;
            let skip = self.word(at + 5, target)? as usize;
            let start = at + 6;
            if start.checked_add(len * 2) != Some(target) || skip > len {
                return Err(Refusal::Invalid);
            }
            // The overlap table serves searches that this engine makes otherwise.
            if self.code[start + len..target].iter().any(|overlap| *overlap as usize >= len) {
                return Err(Refusal::Invalid);
            }
            if is_first {
                self.info = Some(Info {
                    prefix: base::memory::copied(&self.code[start..start + len]),
                    is_whole: bits & info::LITERAL != 0,
                });
            }
        } else if bits & info::CHARSET != 0 {
            self.set(at + 4, target)?;
        } else if target != at + 4 {
            return Err(Refusal::Invalid);
        }
        if is_first {
            self.program.min_width = least as usize;
        }
        Ok(target)
    }

    fn branch(&mut self, mut at: usize, end: usize) -> T<usize> {
        let opener = self.emit(Inst::Fail);
        let (mut starts, mut jumps, mut target) = (Vec::new(), Vec::new(), None);
        while self.word(at, end)? != 0 {
            let next = self.skip(at, end)?;
            starts.put(self.here());
            let jump = self.sequence(at + 1, next, true)?.ok_or(Refusal::Invalid)?;
            if target.is_some_and(|target| target != jump) {
                return Err(Refusal::Invalid);
            }
            target = Some(jump);
            jumps.put(self.emit(Inst::Jump(0)));
            at = next;
        }
        at += 1;
        if target.is_some_and(|target| target != at) {
            return Err(Refusal::Invalid);
        }
        let here = self.here();
        for jump in jumps {
            self.program.insts[jump] = Inst::Jump(here);
        }
        let first = self.program.alternatives.len() as u32;
        self.program.alternatives.extend(starts.iter().map(|pc| Alternative { pc: *pc, first: UNKNOWN }));
        self.program.insts[opener] = Inst::Branch { first, count: starts.len() as u32 };
        Ok(at)
    }

    /// Bounds of a repeat: (min, max).
    fn bounds(&self, at: usize, end: usize) -> T<(u32, u32)> {
        let (min, max) = (self.word(at, end)?, self.word(at + 1, end)?);
        if min <= max { Ok((min, max)) } else { Err(Refusal::Invalid) }
    }

    fn repeat_one(&mut self, operator: u32, at: usize, end: usize) -> T<usize> {
        let target = self.skip(at, end)?;
        let (min, max) = self.bounds(at + 1, target)?;
        let (one, next) = self.one(at + 3, target)?.ok_or(Refusal::Invalid)?;
        if next + 1 != target {
            return Err(Refusal::Invalid);
        }
        self.expect(next, target, op::SUCCESS)?;
        let max = if max == MAX_REPEAT { usize::MAX } else { max as usize };
        let number = self.program.singles.len() as u32;
        self.program.singles.put(Single { one, min: min as usize, max, follow: Follow::Unknown });
        self.emit(match operator {
            op::REPEAT_ONE => Inst::Greedy(number),
            op::MIN_REPEAT_ONE => Inst::Lazy(number),
            _ => Inst::Possessive(number),
        });
        Ok(target)
    }

    fn new_loop(&mut self, min: u32, max: u32) -> u32 {
        self.program.loops.put(Loop { min, max, body: 0, tail: 0, body_first: UNKNOWN, tail_first: UNKNOWN, exclusive: false });
        self.program.loops.len() as u32 - 1
    }

    fn repeat(&mut self, at: usize, end: usize) -> T<usize> {
        let target = self.skip(at, end)?;
        let (min, max) = self.bounds(at + 1, target)?;
        let number = self.new_loop(min, max);
        self.emit(Inst::LoopEnter(number));
        let body = self.here();
        self.sequence(at + 3, target, false)?;
        self.emit(match self.word(target, end)? {
            op::MAX_UNTIL => Inst::MaxUntil(number),
            op::MIN_UNTIL => Inst::MinUntil(number),
            _ => return Err(Refusal::Invalid),
        });
        let tail = self.here();
        let entry = &mut self.program.loops[number as usize];
        (entry.body, entry.tail) = (body, tail);
        Ok(target + 1)
    }

    fn possessive_repeat(&mut self, at: usize, end: usize) -> T<usize> {
        let target = self.skip(at, end)?;
        let (min, max) = self.bounds(at + 1, target)?;
        self.expect(target, end, op::SUCCESS)?;
        let number = self.new_loop(min, max);
        self.emit(Inst::PossessiveEnter(number));
        self.emit(Inst::PossessiveNext(number));
        let body = self.here();
        self.sequence(at + 3, target, false)?;
        self.emit(Inst::PossessiveEnd(number));
        let tail = self.here();
        let entry = &mut self.program.loops[number as usize];
        (entry.body, entry.tail) = (body, tail);
        Ok(target + 1)
    }

    fn conditional(&mut self, at: usize, end: usize) -> T<usize> {
        let group = self.group(at, end)?;
        // This skip counts from the word before it.
        let target = at + self.word(at + 1, end)? as usize;
        if target < at + 2 || target > end {
            return Err(Refusal::Invalid);
        }
        let opener = self.emit(Inst::Fail);
        let jump = self.sequence(at + 2, target, true)?;
        let Some(after) = jump else {
            self.program.insts[opener] = Inst::GroupExists { group, no: self.here() };
            return Ok(target);
        };
        if after < target || after > end {
            return Err(Refusal::Invalid);
        }
        let over = self.emit(Inst::Jump(0));
        self.program.insts[opener] = Inst::GroupExists { group, no: self.here() };
        self.sequence(target, after, false)?;
        self.program.insts[over] = Inst::Jump(self.here());
        Ok(after)
    }
}

fn casing_of(operator: u32) -> Casing {
    match operator {
        op::GROUPREF_IGNORE | op::IN_IGNORE | op::LITERAL_IGNORE | op::NOT_LITERAL_IGNORE => Casing::Ascii,
        op::GROUPREF_UNI_IGNORE | op::IN_UNI_IGNORE | op::LITERAL_UNI_IGNORE | op::NOT_LITERAL_UNI_IGNORE => Casing::Unicode,
        op::GROUPREF_LOC_IGNORE | op::IN_LOC_IGNORE | op::LITERAL_LOC_IGNORE | op::NOT_LITERAL_LOC_IGNORE => Casing::Locale,
        _ => Casing::Exact,
    }
}
