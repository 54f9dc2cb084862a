//! `frame`. Must not know: how windows are laid out (`objects::frame`).

use super::frame_proxy::FrameLocalsProxy;
use crate::run;
use heap::{Header, Slot, Value};
use native_macros::native_class;
use objects::error::{R, attribute_error, runtime_error, type_error, value_error};
use objects::frame::{EVENT_CALL, EVENT_LINE, EVENT_NONE, Frame, frame_object};
use objects::frame_locals::Registers;
use objects::generator::{CLOSED, Generator, RUNNING};
use objects::layout::{Cast, Gc, new_native};
use objects::str::Str;
use std::sync::atomic::Ordering;

/// Index of the word that the frame executed last, None before the first.
pub fn current_offset(frame: Gc<Frame>) -> Option<u32> {
    if let Some(offset) = frame.with_view(|view| view.map(|view| view.offset())) {
        return Some(offset);
    }
    if let Some(generator) = generator_of(frame)
        && generator.state.load(Ordering::Acquire) != CLOSED
    {
        return generator.offset();
    }
    u32::try_from(frame.offset.load(Ordering::Relaxed)).ok()
}

fn generator_of(frame: Gc<Frame>) -> Option<Gc<Generator>> {
    frame.generator.get().and_then(|value| value.cast::<Generator>())
}

/// The frame's current line.
pub fn line_of(frame: Gc<Frame>) -> Option<u32> {
    let code = frame.code();
    if is_entering(frame) {
        // Modules begin before their first line.
        let is_module = code.has_namespace() && code.name() == objects::interned!("<module>").value();
        return Some(if is_module { 0 } else { code.first_line });
    }
    match current_offset(frame) {
        None => Some(code.first_line),
        // Instructions that the compiler made up belong to the line before them.
        Some(offset) => Some(code.line_near(offset)),
    }
}

/// Whether a tracer is being told of the frame's call: it then stands before its first instruction, at the line of the `def`.
fn is_entering(frame: Gc<Frame>) -> bool {
    let exec = run::exec();
    exec.trace_event.get() == EVENT_CALL
        && exec.traced_window.get() == frame.window.load(Ordering::Relaxed)
        && current_offset(frame) == Some(0)
}

pub struct FrameSkin;

#[native_class(name = "frame", layout = Frame, base = object, flags = "final no_new")]
impl FrameSkin {
    fn __repr__(this: Gc<Frame>) -> R<String> {
        let code = this.code();
        let text = |value: Value| value.cast::<Str>().map(|text| text.to_string_lossy()).unwrap_or_default();
        Ok(format!(
            "<frame at {:#x}, file {}, line {}, code {}>",
            this.value().raw(),
            objects::protocol::repr(code.filename())?.to_string_lossy(),
            line_of(this).map_or("None".to_string(), |line| line.to_string()),
            text(code.name())
        ))
    }
    #[getter]
    fn f_back(this: Gc<Frame>) -> Value {
        if this.is_elsewhere() {
            let outer = objects::frame::outer_on_other_thread(this).map(Gc::value);
            return outer.or_else(|| this.back.get()).unwrap_or(Value::none());
        }
        match this.view() {
            Some(view) => match view.outer() {
                Some(outer) => frame_object(run::exec(), outer).value(),
                None => Value::none(),
            },
            None => this.back.get().unwrap_or(Value::none()),
        }
    }
    #[getter]
    fn f_code(this: Gc<Frame>) -> Value {
        this.code().value()
    }
    #[getter]
    fn f_globals(this: Gc<Frame>) -> Value {
        this.function().globals()
    }
    #[getter]
    fn f_builtins(this: Gc<Frame>) -> Value {
        this.function().builtins.get().unwrap_or(Value::none())
    }
    #[getter]
    fn f_locals(this: Gc<Frame>) -> Value {
        if this.code().has_namespace() {
            let registers = Registers::of_frame(this);
            if objects::frame_locals::comprehension_variables(this.code(), registers).is_empty() {
                return registers.namespace().unwrap_or(Value::none());
            }
        }
        new_native(FrameLocalsProxy { header: Header::new(0), frame: Slot::new(this.value()) }).value()
    }
    #[getter]
    fn f_lasti(this: Gc<Frame>) -> i64 {
        match current_offset(this) {
            None => -1,
            // `co_lines` gives the entry of the code a place of its own, half a word before the first instruction.
            Some(0) => i64::from(!is_entering(this)),
            Some(offset) => offset as i64 * 2,
        }
    }
    #[getter]
    fn f_lineno(this: Gc<Frame>) -> Option<u32> {
        line_of(this)
    }
    #[setter(f_lineno)]
    fn set_f_lineno(this: Gc<Frame>, value: Option<Value>) -> R<()> {
        let Some(value) = value else { return Err(attribute_error!("cannot delete attribute")) };
        if !objects::int::is_int(value) {
            return Err(value_error!("lineno must be an integer"));
        }
        let exec = run::exec();
        match exec.trace_event.get() {
            EVENT_NONE => return Err(value_error!("f_lineno can only be set in a trace function")),
            EVENT_CALL => return Err(value_error!("can't jump from the 'call' trace event of a new frame")),
            EVENT_LINE => {}
            _ => return Err(value_error!("can only jump from a 'line' trace event")),
        }
        let Some(view) = this.view() else {
            return Err(value_error!("f_lineno can only be set in a trace function"));
        };
        if exec.traced_window.get() != view.regs as usize {
            return Err(value_error!("f_lineno can only be set in a trace function"));
        }
        let line = objects::protocol::index(value)?;
        crate::jump::jump_to_line(exec, view, line)
    }
    #[getter]
    fn f_trace(this: Gc<Frame>) -> Value {
        this.trace.get().unwrap_or(Value::none())
    }
    #[setter(f_trace)]
    fn set_f_trace(this: Gc<Frame>, value: Option<Value>) {
        this.trace.set_opt(value.filter(|value| !value.is_none()));
    }
    #[getter]
    fn f_trace_lines(this: Gc<Frame>) -> bool {
        this.trace_lines.load(Ordering::Relaxed)
    }
    #[setter(f_trace_lines)]
    fn set_f_trace_lines(this: Gc<Frame>, value: Option<Value>) -> R<()> {
        let Some(value) = value else { return Err(type_error!("can't delete numeric/char attribute")) };
        match value.as_bool() {
            Some(flag) => {
                this.trace_lines.store(flag, Ordering::Relaxed);
                Ok(())
            }
            None => Err(type_error!("attribute value type must be bool")),
        }
    }
    #[getter]
    fn f_trace_opcodes(this: Gc<Frame>) -> bool {
        this.trace_opcodes.load(Ordering::Relaxed)
    }
    #[setter(f_trace_opcodes)]
    fn set_f_trace_opcodes(this: Gc<Frame>, value: Option<Value>) -> R<()> {
        let Some(value) = value else { return Err(attribute_error!("f_trace_opcodes cannot be deleted")) };
        match value.as_bool() {
            Some(flag) => {
                if this.trace_opcodes.swap(flag, Ordering::Relaxed) != flag {
                    let under_way = current_offset(this).filter(|_| flag && !is_entering(this)).map_or(0, |offset| offset + 1);
                    this.late_opcode.store(under_way, Ordering::Relaxed);
                }
                Ok(())
            }
            None => Err(type_error!("attribute value type must be bool")),
        }
    }
    /// The generator or coroutine whose frame this is, or None.
    #[getter]
    fn f_generator(this: Gc<Frame>) -> Value {
        this.generator.get().unwrap_or(Value::none())
    }
    /// Drop what the frame refers to.
    fn clear(this: Gc<Frame>) -> R<()> {
        if let Some(generator) = generator_of(this) {
            match generator.state.load(Ordering::Acquire) {
                RUNNING => return Err(runtime_error!("cannot clear an executing frame")),
                CLOSED => {}
                objects::generator::SUSPENDED => return Err(runtime_error!("cannot clear a suspended frame")),
                _ => {
                    crate::generator::close(generator)?;
                }
            }
        }
        if this.window.load(Ordering::Acquire) != 0 {
            return Err(runtime_error!("cannot clear an executing frame"));
        }
        this.registers.clear();
        this.extra_locals.clear();
        this.trace.clear();
        this.cleared.store(true, Ordering::Relaxed);
        Ok(())
    }
}
