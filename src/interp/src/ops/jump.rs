//! Jumps, plain and fused with tests. Must not know: how results of comparisons become values.

use super::compare::{container_truth, is_same, numeric_compare, quick_contains, quick_truth, second_contains, text_compare};
use crate::state::{Ctl, State, a, b, op, sabc, sbc};
use heap::Value;
use objects::error::R;
use objects::operators::{self, CompareOp};
use objects::protocol;

op!(Jump fast(s, w) {
    s.pc = s.pc.offset(1 + sabc(w) as isize);
    Ctl::Next
});

op!(Loop fast(s, w) { s.jump(1, sabc(w)) } slow(vm, w) { vm.jump(1, sabc(w)) });

/// Asks any object for its truth, and jumps if that is `wanted`. For second bodies of one word. A poll that is due is met before: asking
/// may run Python code, and must not be done twice.
#[inline(always)]
unsafe fn ask_truth(s: &mut State, w: u32, wanted: bool) -> Ctl {
    let offset = sbc(w);
    if offset < 0 && s.wants_poll() {
        return Ctl::Slow;
    }
    s.publish();
    let Ok(truth) = protocol::is_true(s.get(a(w))) else { return Ctl::Raised };
    s.pc = s.pc.offset(1 + if truth == wanted { offset as isize } else { 0 });
    Ctl::Called
}

op!(JumpIfTrue fast(s, w) {
    match quick_truth(s.get(a(w))) {
        Some(true) => s.jump(1, sbc(w)),
        Some(false) => s.skip(1),
        None => Ctl::Second,
    }
} second(s, w) {
    match container_truth(s.get(a(w))) {
        Some(true) => s.jump(1, sbc(w)),
        Some(false) => s.skip(1),
        None => ask_truth(s, w, true),
    }
} slow(vm, w) {
    let truth = protocol::is_true(vm.get(a(w)))?;
    vm.jump_if(truth, 1, sbc(w))
});

op!(JumpIfFalse fast(s, w) {
    match quick_truth(s.get(a(w))) {
        Some(false) => s.jump(1, sbc(w)),
        Some(true) => s.skip(1),
        None => Ctl::Second,
    }
} second(s, w) {
    match container_truth(s.get(a(w))) {
        Some(false) => s.jump(1, sbc(w)),
        Some(true) => s.skip(1),
        None => ask_truth(s, w, false),
    }
} slow(vm, w) {
    let truth = protocol::is_true(vm.get(a(w)))?;
    vm.jump_if(!truth, 1, sbc(w))
});

op!(JumpIfNone fast(s, w) {
    if s.get(a(w)).is_none() { s.jump(1, sbc(w)) } else { s.skip(1) }
} slow(vm, w) {
    vm.jump_if(vm.get(a(w)).is_none(), 1, sbc(w))
});

op!(JumpIfNotNone fast(s, w) {
    if s.get(a(w)).is_none() { s.skip(1) } else { s.jump(1, sbc(w)) }
} slow(vm, w) {
    vm.jump_if(!vm.get(a(w)).is_none(), 1, sbc(w))
});

/// Jumps by `offset` from behind an instruction of two words if what was asked with the state published is `wanted`. The caller has met
/// a poll that is due.
#[inline(always)]
unsafe fn jump_after(s: &mut State, result: R<bool>, wanted: bool, offset: i32) -> Ctl {
    let Ok(result) = result else { return Ctl::Raised };
    s.pc = s.pc.offset(2 + if result == wanted { offset as isize } else { 0 });
    Ctl::Called
}

macro_rules! compare_jump {
    ($($name:ident $op:ident $operator:tt $wanted:literal;)*) => { $(
        op!($name fast(s, w) {
            match numeric_compare!(s.get(a(w)), s.get(b(w)), $operator) {
                Some(result) if result == $wanted => s.jump(2, s.ext() as i32),
                Some(_) => s.skip(2),
                None => Ctl::Second,
            }
        } second(s, w) {
            match text_compare!(s.get(a(w)), s.get(b(w)), $operator) {
                Some(result) if result == $wanted => s.jump(2, s.ext() as i32),
                Some(_) => s.skip(2),
                None => {
                    let offset = s.ext() as i32;
                    if offset < 0 && s.wants_poll() {
                        return Ctl::Slow;
                    }
                    s.publish();
                    let result = operators::compare_bool(CompareOp::$op, s.get(a(w)), s.get(b(w)));
                    jump_after(s, result, $wanted, offset)
                }
            }
        } slow(vm, w) {
            let result = operators::compare_bool(CompareOp::$op, vm.get(a(w)), vm.get(b(w)))?;
            vm.jump_if(result == $wanted, 2, vm.ext() as i32)
        });
    )* };
}
compare_jump! {
    JumpIfLt Lt < true;
    JumpIfLe Le <= true;
    JumpIfEq Eq == true;
    JumpIfNe Ne != true;
    JumpIfGt Gt > true;
    JumpIfGe Ge >= true;
    JumpIfNotLt Lt < false;
    JumpIfNotLe Le <= false;
    JumpIfNotEq Eq == false;
    JumpIfNotNe Ne != false;
    JumpIfNotGt Gt > false;
    JumpIfNotGe Ge >= false;
}

macro_rules! compare_int_jump {
    ($($name:ident $op:ident $operator:tt $wanted:literal;)*) => { $(
        op!($name fast(s, w) {
            match numeric_compare!(s.get(a(w)), Value::small(sbc(w)), $operator) {
                Some(result) if result == $wanted => s.jump(2, s.ext() as i32),
                Some(_) => s.skip(2),
                None => Ctl::Slow,
            }
        } slow(vm, w) {
            let result = operators::compare_bool(CompareOp::$op, vm.get(a(w)), Value::small(sbc(w)))?;
            vm.jump_if(result == $wanted, 2, vm.ext() as i32)
        });
    )* };
}
compare_int_jump! {
    JumpIfLtInt Lt < true;
    JumpIfLeInt Le <= true;
    JumpIfEqInt Eq == true;
    JumpIfNeInt Ne != true;
    JumpIfGtInt Gt > true;
    JumpIfGeInt Ge >= true;
    JumpIfNotLtInt Lt < false;
    JumpIfNotLeInt Le <= false;
    JumpIfNotEqInt Eq == false;
    JumpIfNotNeInt Ne != false;
    JumpIfNotGtInt Gt > false;
    JumpIfNotGeInt Ge >= false;
}

op!(JumpIfIs fast(s, w) {
    if is_same(s.get(a(w)), s.get(b(w))) { s.jump(2, s.ext() as i32) } else { s.skip(2) }
} slow(vm, w) {
    vm.jump_if(is_same(vm.get(a(w)), vm.get(b(w))), 2, vm.ext() as i32)
});

op!(JumpIfIsNot fast(s, w) {
    if is_same(s.get(a(w)), s.get(b(w))) { s.skip(2) } else { s.jump(2, s.ext() as i32) }
} slow(vm, w) {
    vm.jump_if(!is_same(vm.get(a(w)), vm.get(b(w))), 2, vm.ext() as i32)
});

macro_rules! membership_jump {
    ($($name:ident $wanted:literal;)*) => { $(
        op!($name fast(s, w) {
            match quick_contains(s.raw(b(w)), s.get(a(w))) {
                Some(found) if found == $wanted => s.jump(2, s.ext() as i32),
                Some(_) => s.skip(2),
                None => Ctl::Second,
            }
        } second(s, w) {
            let offset = s.ext() as i32;
            if offset < 0 && s.wants_poll() {
                return Ctl::Slow;
            }
            let Some(found) = second_contains(s, s.get(b(w)), s.get(a(w))) else { return Ctl::Raised };
            jump_after(s, Ok(found), $wanted, offset)
        } slow(vm, w) {
            let found = protocol::contains(vm.get(b(w)), vm.get(a(w)))?;
            vm.jump_if(found == $wanted, 2, vm.ext() as i32)
        });
    )* };
}
membership_jump! {
    JumpIfIn true;
    JumpIfNotIn false;
}
