//! Generator ops. Must not know: how generators are entered and left (`generator.rs`).

use crate::generator::{self, DELEGATION};
use crate::generator_fast;
use crate::state::{Ctl, Flow, a, b, is_pointer, object, op, shape_of};
use crate::wellknown::shapes;
use objects::frame::{self, CALLEE, FLAGS, SAVED_PC, SAVED_POOL, SAVED_REGS, View, WATCHED};
use objects::generator::Generator;

op!(GeneratorStart slow(vm, _w) {
    let exec = vm.0;
    let made = generator::start(vm);
    let window = exec.regs.get();
    let saved = *window.offset(SAVED_REGS);
    if saved & WATCHED != 0 {
        frame::detach(exec, View { pc: exec.pc.get(), regs: window, pool: exec.pool.get() });
    }
    exec.pc.set(*window.offset(SAVED_PC) as *const u32);
    exec.pool.set(*window.offset(SAVED_POOL) as *const _);
    exec.regs.set((saved & !FLAGS) as *mut u64);
    *window.offset(CALLEE) = made.value().raw();
    Ok(Flow::Jump)
});

op!(Yield fast(s, w) {
    let value = s.get(b(w));
    generator_fast::leave(s, value)
} slow(vm, w) {
    generator::yield_value(vm.0, vm.get(b(w)), false)
});

op!(YieldAsync slow(vm, w) {
    generator::yield_value(vm.0, vm.get(b(w)), true)
});

op!(YieldFrom fast(s, w) {
    let iterator = s.raw(b(w));
    if !is_pointer(iterator) {
        return Ctl::Slow;
    }
    let shape = shape_of(iterator);
    if shape != shapes().generator() && shape != shapes().coroutine() {
        return Ctl::Slow;
    }
    let sent = s.get(a(w));
    if generator_fast::enter(s, object::<Generator>(iterator), DELEGATION, 1, sent) { Ctl::Next } else { Ctl::Slow }
} slow(vm, w) {
    generator::delegate(vm, w)
});
