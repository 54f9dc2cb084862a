//! Raising, handling and matching exceptions. Must not know: unwinding.

use crate::raising;
use crate::state::{Ctl, Flow, a, b, c, op};
use heap::Value;
use objects::class::class_of;
use objects::error::{restore, runtime_error, system_error};
use objects::exception::BaseException;
use objects::layout::Cast;

op!(Raise slow(vm, w) {
    Err(raising::raise(vm.get(a(w))))
});

op!(RaiseFrom slow(vm, w) {
    Err(raising::raise_from(vm.get(a(w)), vm.get(b(w))))
});

op!(RaiseCurrent slow(vm, _w) {
    match vm.0.handled_exception() {
        Some(exception) => Err(restore(exception)),
        None => Err(runtime_error!("No active exception to reraise")),
    }
});

op!(Reraise slow(vm, w) {
    let exception = vm.get(a(w));
    if exception.cast::<BaseException>().is_none() {
        return Err(system_error!("what is raised again is no exception"));
    }
    Err(restore(exception))
});

op!(PushExc fast(s, w) {
    let item = &*(*s.exec).handled.get();
    s.set(a(w), item.value.get().unwrap_or(Value::none()));
    let exception = s.get(b(w));
    item.value.set(exception);
    s.skip(1)
});

op!(PopExc fast(s, w) {
    let item = &*(*s.exec).handled.get();
    let saved = s.get(a(w));
    if saved.is_none() { item.value.clear() } else { item.value.set(saved) }
    s.skip(1)
});

op!(CheckExcMatch fast(_s, _w) {
    Ctl::Second
} second(s, w) {
    s.publish();
    let result = raising::matches(s.get(b(w)), s.get(c(w)));
    s.finish_call(a(w), 1, result.map(Value::bool))
});

op!(CheckEgMatch slow(vm, w) {
    let (rest, matched) = raising::split_for_clause(vm.get(b(w)), vm.get(c(w)))?;
    vm.set(a(w), rest);
    vm.set(a(w) + 1, matched);
    if !matched.is_none() {
        // SAFETY: the top item is the thread's or that of the running generator.
        (*vm.0.handled.get()).value.set(matched);
    }
    Ok(Flow::Next)
});

op!(ExcInfo slow(vm, w) {
    let exception = vm.get(b(w));
    let traceback = exception.cast::<BaseException>().and_then(|object| object.traceback.get()).unwrap_or(Value::none());
    vm.set(a(w), class_of(exception).value());
    vm.set(a(w) + 1, exception);
    vm.set(a(w) + 2, traceback);
    Ok(Flow::Next)
});
