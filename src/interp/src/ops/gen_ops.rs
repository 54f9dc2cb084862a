//! Generator ops. Must not know: how generators are entered and left (`generator.rs`).

use crate::generator::{self, DELEGATION};
use crate::generator_fast;
use crate::state::{Ctl, Flow, a, b, is_pointer, object, op, shape_of};
use crate::trace;
use crate::wellknown::shapes;
use heap::Value;
use objects::class::{self, class_of};
use objects::door::Outcome;
use objects::frame::{self, CALLEE, FLAGS, SAVED_PC, SAVED_POOL, SAVED_REGS, View, WATCHED};
use objects::generator::Generator;
use objects::layout::Cast;

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

const YIELDED: u64 = 1;
const RETURNED: u64 = 2;

/// One step of an iterator of native code, as two words: how it ended (neither of the above: it raised), and with what.
#[inline(never)]
fn step_native(iterator: Value) -> (u64, u64) {
    match generator::step_iterator(iterator, Value::none()) {
        Ok(Outcome::Yielded(value)) => (YIELDED, value.raw()),
        Ok(Outcome::Returned(value)) => (RETURNED, value.raw()),
        Err(_) => (0, 0),
    }
}

/// Tells tracers that the iterator ended. True: one of them raised.
#[cold]
#[inline(never)]
unsafe fn tell_stop(exec: *const objects::frame::Exec, raw: u64) -> bool {
    let value = Value::from_raw_unchecked(raw);
    // Many iterators of native code end without an exception; those that give a value have one.
    !value.is_none() && trace::stop_event(&*exec, value, true).is_err()
}

op!(YieldFrom fast(s, w) {
    let iterator = s.raw(b(w));
    if !is_pointer(iterator) {
        return Ctl::Slow;
    }
    let shape = shape_of(iterator);
    if shape != shapes().generator() && shape != shapes().coroutine() {
        return Ctl::Second;
    }
    let sent = s.get(a(w));
    if generator_fast::enter(s, object::<Generator>(iterator), DELEGATION, 1, sent) { Ctl::Next } else { Ctl::Slow }
} second(s, w) {
    // Iterators of native code, futures above all.
    let iterator = s.get(b(w));
    let class = class_of(iterator);
    if !s.get(a(w)).is_none() || class.flags.has(class::HEAP_TYPE) || iterator.cast::<Generator>().is_some() {
        return Ctl::Slow;
    }
    s.publish();
    let (outcome, raw) = step_native(iterator);
    match outcome {
        YIELDED => match generator_fast::leave(s, Value::from_raw_unchecked(raw)) {
            Ctl::Slow => match generator::yield_value(&*s.exec, Value::from_raw_unchecked(raw), false) {
                Ok(Flow::Exit) => Ctl::Exit,
                Ok(_) => {
                    s.reload();
                    Ctl::Called
                }
                Err(_) => Ctl::Raised,
            },
            Ctl::Next => Ctl::Called,
            done => done,
        },
        RETURNED => {
            if trace::is_active(&*s.exec) && tell_stop(&*s.exec, raw) {
                return Ctl::Raised;
            }
            s.put(a(w), raw);
            s.pc = s.pc.add(1);
            Ctl::Called
        }
        _ => Ctl::Raised,
    }
} slow(vm, w) {
    generator::delegate(vm, w)
});
