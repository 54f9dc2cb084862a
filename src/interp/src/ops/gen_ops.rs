//! Generator ops. Must not know: how generators are entered and left (`generator.rs`).

use crate::generator;
use crate::state::{Flow, b, op};
use objects::frame::{self, CALLEE, FLAGS, SAVED_PC, SAVED_POOL, SAVED_REGS, View, WATCHED};

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

op!(Yield slow(vm, w) {
    generator::yield_value(vm.0, vm.get(b(w)), false)
});

op!(YieldAsync slow(vm, w) {
    generator::yield_value(vm.0, vm.get(b(w)), true)
});

op!(YieldFrom slow(vm, w) {
    generator::delegate(vm, w)
});
