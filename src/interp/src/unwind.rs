//! Unwinding: traceback entries, the exception table, leaving windows. Must not know: op bodies.

use crate::generator::after_raise as after_generator;
use crate::run;
use heap::Value;
use objects::exception::BaseException;
use objects::frame::{self, Exec, FLAGS, GENERATOR, SAVED_PC, SAVED_POOL, SAVED_REGS, View, WATCHED};
use objects::layout::{Cast, Gc};
use objects::monitoring::event;
use objects::thread;
use objects::traceback::new_traceback;
use std::sync::atomic::Ordering;

/// Takes the raised exception from the published instruction to its handler, leaving windows on the way. True: go on with the
/// published state. False: the run is over, the exception stays raised and the state below the stub is published.
#[cold]
#[inline(never)]
pub fn unwind(exec: &'static Exec) -> bool {
    unwind_to_handler(exec, true)
}

/// The same where no memory is left: no traceback, and frame objects of windows that are left lose their variables.
#[cold]
#[inline(never)]
pub fn unwind_barely(exec: &'static Exec) -> bool {
    unwind_to_handler(exec, false)
}

fn unwind_to_handler(exec: &'static Exec, fully: bool) -> bool {
    // SAFETY: the published state is that of a window above an exit stub; so are the windows that are left one by one.
    unsafe {
        let mut trace = !continues_exception(exec);
        // Raising again what was raised before is no event.
        let mut tell = !raises_again(exec);
        loop {
            let view = View { pc: exec.pc.get(), regs: exec.regs.get(), pool: exec.pool.get() };
            let code = view.code();
            if trace && fully {
                add_traceback(exec, view);
            }
            trace = true;
            note_place(exec, view);
            if crate::trace::is_active(exec) {
                if crate::trace::is_monitoring(exec) {
                    crate::monitoring::exception(exec, view, if tell { event::RAISE } else { event::RERAISE });
                }
                if tell {
                    crate::trace::exception_event(exec, view);
                }
            }
            tell = true;
            let offset = view.offset();
            if let Some(row) = code.unit().handler(offset as usize) {
                let exception = thread::take_exception();
                *view.regs.add(row.register as usize) = exception.raw();
                exec.pc.set(code.start().add(row.target as usize));
                if crate::trace::is_monitoring(exec) {
                    crate::monitoring::handled(exec, view, exception);
                }
                return true;
            }
            if crate::trace::is_active(exec) {
                if crate::trace::is_monitoring(exec) {
                    crate::monitoring::exception(exec, view, event::PY_UNWIND);
                }
                crate::trace::unwind_event(exec, view);
            }
            let saved_pc = *view.regs.offset(SAVED_PC) as *const u32;
            leave_raised(exec, view, fully);
            if !pop(exec, view.regs, saved_pc) {
                exec.result.set(0);
                return false;
            }
        }
    }
}

/// Publishes the window outside `regs`. False: that was an exit stub, now closed.
///
/// # Safety
/// `regs` is the innermost window.
unsafe fn pop(exec: &Exec, regs: *mut u64, saved_pc: *const u32) -> bool {
    let outer = (*regs.offset(SAVED_REGS) & !FLAGS) as *mut u64;
    if saved_pc == run::exit_pc() {
        run::close_stub(exec, outer);
        return false;
    }
    if [run::init_pc(), run::new_pc(), run::store_pc()].contains(&saved_pc) {
        // A stub with work to do after the call: the window that made the call is outside of it.
        run::close_stub(exec, outer);
        return true;
    }
    exec.regs.set(outer);
    exec.pool.set(*regs.offset(SAVED_POOL) as *const _);
    exec.pc.set(saved_pc.sub(1));
    true
}

/// Whether the published instruction passes on an exception that has its traceback entry already.
unsafe fn continues_exception(exec: &Exec) -> bool {
    let op = (crate::state::word_at(exec.pc.get()) & 0xFF) as u8;
    let bare_raise = op == bytecode::Op::RaiseCurrent as u8
        && raised_object().is_some_and(|exception| exception.traceback.get().is_some_and(|traceback| !traceback.is_none()));
    bare_raise || op == bytecode::Op::Reraise as u8 || op == bytecode::Op::EndAsyncFor as u8
}

unsafe fn raises_again(exec: &Exec) -> bool {
    let op = (crate::state::word_at(exec.pc.get()) & 0xFF) as u8;
    [bytecode::Op::RaiseCurrent, bytecode::Op::Reraise, bytecode::Op::EndAsyncFor].iter().any(|again| *again as u8 == op)
}

/// Adds this frame to the traceback of the raised exception.
pub fn add_traceback(exec: &'static Exec, view: View) {
    let exception = thread::current_exception();
    let Some(exception) = exception.cast::<BaseException>() else { return };
    let frame = frame::frame_object(exec, view);
    let next = exception.traceback.get().filter(|value| !value.is_none());
    let traceback = new_traceback(next, frame, view.offset() as i32, -1);
    exception.traceback.set(traceback.value());
}

/// What a window has to do when an exception leaves it.
unsafe fn leave_raised(exec: &'static Exec, view: View, fully: bool) {
    let flags = *view.regs.offset(SAVED_REGS) & FLAGS;
    if flags == 0 {
        return;
    }
    if flags & GENERATOR != 0 {
        after_generator(exec);
    }
    // Asked anew: another thread may have looked at the frame meanwhile.
    if *view.regs.offset(SAVED_REGS) & WATCHED != 0 {
        let frame = exec.watching(view.regs).filter(|_| is_cleanup(exec));
        let place = frame.map(|frame| frame.offset.load(Ordering::Relaxed));
        if fully {
            frame::detach(exec, view);
        } else {
            frame::forget(exec, view);
        }
        if let (Some(frame), Some(place)) = (frame, place) {
            frame.offset.store(place, Ordering::Relaxed);
        }
    }
}

/// Whether the published instruction only goes on with an exception after cleaning up: it has no line of its own.
unsafe fn is_cleanup(exec: &Exec) -> bool {
    let word = crate::state::word_at(exec.pc.get());
    (word & 0xFF) as u8 == bytecode::Op::Reraise as u8 && crate::state::b(word) != 0
}

/// A frame that is left by cleanup code shows (`f_lineno`) the place where the exception came up last.
unsafe fn note_place(exec: &Exec, view: View) {
    if *view.regs.offset(SAVED_REGS) & WATCHED != 0
        && !is_cleanup(exec)
        && let Some(frame) = exec.watching(view.regs)
    {
        frame.offset.store(view.offset() as i32, Ordering::Relaxed);
    }
}

/// The exception being propagated, as an object.
pub fn raised_object() -> Option<Gc<BaseException>> {
    if thread::has_exception() { thread::current_exception().cast::<BaseException>() } else { None }
}

/// Sets `__context__` of a fresh exception from the handled one and raises it.
pub fn raise_value(exception: Value) -> objects::error::Raised {
    objects::error::raise(exception)
}
