//! Moves, constants, and the interpreter's private ops. Must not know: anything but registers and the constant pool.

use crate::call_class;
use crate::run;
use crate::state::{Ctl, Flow, a, b, bc, c, op, sbc};
use bytecode::ops::Common;
use heap::Value;
use objects::error::{system_error, type_error};
use objects::exception as exc;
use objects::frame::{CALLEE, FLAGS, SAVED_PC, SAVED_POOL, SAVED_REGS};
use objects::layout::Layout;
use objects::list::List;
use objects::set::Set;
use objects::tuple::Tuple;

op!(Nop fast(s, _w) { s.skip(1) });

op!(Move fast(s, w) {
    s.put(a(w), s.raw(b(w)));
    s.skip(1)
});

op!(LoadConst fast(s, w) {
    s.put(a(w), s.constant_raw(bc(w)));
    s.skip(1)
});

op!(LoadConstWide fast(s, w) {
    s.put(a(w), s.constant_raw(s.ext() as usize));
    s.skip(2)
});

op!(LoadInt fast(s, w) {
    s.set(a(w), Value::small(sbc(w)));
    s.skip(1)
});

op!(LoadNone fast(s, w) {
    s.set(a(w), Value::none());
    s.skip(1)
});

op!(LoadTrue fast(s, w) {
    s.set(a(w), Value::true_());
    s.skip(1)
});

op!(LoadFalse fast(s, w) {
    s.set(a(w), Value::false_());
    s.skip(1)
});

op!(LoadCommon fast(s, w) {
    let value = if c(w) == Common::Unbound as usize {
        Value::unbound()
    } else if c(w) == Common::Null as usize {
        Value::null()
    } else {
        return Ctl::Slow;
    };
    s.set(a(w), value);
    s.skip(1)
} slow(vm, w) {
    let value = match Common::from_u8(c(w) as u8) {
        Some(Common::AssertionError) => exc::ASSERTION_ERROR.get().value(),
        Some(Common::NotImplementedError) => exc::NOT_IMPLEMENTED_ERROR.get().value(),
        Some(Common::BuildClass) => crate::names::build_class(vm)?,
        Some(Common::Unbound) => Value::unbound(),
        Some(Common::Null) => Value::null(),
        Some(Common::Any) => crate::install::any_function().unwrap_or(Value::null()),
        Some(Common::All) => crate::install::all_function().unwrap_or(Value::null()),
        Some(Common::Tuple) => Tuple::class().value(),
        Some(Common::List) => List::class().value(),
        Some(Common::Set) => Set::class().value(),
        None => return Err(system_error!("bad common object")),
    };
    vm.set(a(w), value);
    Ok(Flow::Next)
});

// The last instruction of a run: r0 of the stub holds the result.
op!(ExitRun fast(s, _w) {
    let exec = &*s.exec;
    exec.result.set(*s.regs);
    run::close_stub(exec, s.regs);
    Ctl::Exit
});

// Behind the `__init__` call of a class call. Stub registers: r0 the instance, r1 what `__init__` returned.
op!(InitReturn fast(s, _w) {
    if s.raw(1) != Value::none().raw() {
        return Ctl::Slow;
    }
    let stub = s.regs;
    *stub.offset(CALLEE) = *stub;
    s.pc = *stub.offset(SAVED_PC) as *const u32;
    s.pool = *stub.offset(SAVED_POOL) as *const _;
    s.regs = (*stub.offset(SAVED_REGS) & !FLAGS) as *mut u64;
    Ctl::Next
} slow(vm, _w) {
    let result = vm.get(1);
    run::close_stub(vm.0, vm.register(0));
    Err(type_error!("__init__() should return None, not '{}'", objects::class::class_name(result)))
});

// Behind the `__new__` call of a class call. Stub registers: see `call_class`.
op!(NewReturn fast(s, _w) {
    call_class::after_new(s)
} slow(vm, _w) {
    let stub = vm.register(0);
    call_class::after_new_of_other(stub, || run::close_stub(vm.0, stub))?;
    Ok(Flow::Next)
});

// Stands in for the words of code that was not read yet.
op!(LoadBody slow(vm, _w) {
    let code = vm.code();
    code.body();
    vm.0.pc.set(code.start());
    vm.0.pool.set(code.pool());
    Ok(crate::state::Flow::Jump)
});

// Behind a call that an op made for its own result. Stub registers: r0 the number of the register that gets it, r1 the result.
op!(StoreResult fast(s, _w) {
    let stub = s.regs;
    let (register, value) = (*stub as usize, *stub.add(1));
    s.pc = *stub.offset(SAVED_PC) as *const u32;
    s.pool = *stub.offset(SAVED_POOL) as *const _;
    s.regs = (*stub.offset(SAVED_REGS) & !FLAGS) as *mut u64;
    *s.regs.add(register) = value;
    Ctl::Next
});

op!(Invalid slow(_vm, _w) {
    Err(system_error!("unknown opcode"))
});
