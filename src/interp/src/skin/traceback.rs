//! `traceback`. Must not know: unwinding.

use heap::Value;
use native_macros::native_class;
use objects::args::Args;
use objects::class::Class;
use objects::error::{R, type_error, value_error};
use objects::frame::Frame;
use objects::layout::{Cast, Gc};
use objects::traceback::{Traceback, new_traceback};
use std::sync::atomic::Ordering;

pub struct TracebackSkin;

/// One frame of a traceback, and the next.
#[native_class(name = "traceback", layout = Traceback, base = object, flags = "final")]
impl TracebackSkin {
    #[new]
    #[sig("(tb_next, tb_frame, tb_lasti, tb_lineno)")]
    fn new(_cls: Gc<Class>, tb_next: Value, tb_frame: Gc<Frame>, tb_lasti: i32, tb_lineno: i32) -> R {
        let next = match tb_next {
            value if value.is_none() => None,
            value if value.is_instance_of_layout::<Traceback>() => Some(value),
            value => return Err(type_error!("expected traceback object or None, got '{}'", objects::class::class_name(value))),
        };
        let traceback = new_traceback(next, tb_frame, 0, tb_lineno);
        traceback.lasti.store(tb_lasti, Ordering::Relaxed);
        Ok(traceback.value())
    }
    #[getter]
    fn tb_next(this: Gc<Traceback>) -> Value {
        this.next.get().unwrap_or(Value::none())
    }
    #[setter(tb_next)]
    fn set_tb_next(this: Gc<Traceback>, value: Option<Value>) -> R<()> {
        let Some(value) = value else { return Err(type_error!("can't delete tb_next attribute")) };
        if value.is_none() {
            this.next.clear();
            return Ok(());
        }
        if !value.is_instance_of_layout::<Traceback>() {
            return Err(type_error!("expected traceback object, got '{}'", objects::class::class_name(value)));
        }
        let mut current = Some(value);
        while let Some(entry) = current.and_then(|entry| entry.cast::<Traceback>()) {
            if entry == this {
                return Err(value_error!("traceback loop detected"));
            }
            current = entry.next.get();
        }
        this.next.set(value);
        Ok(())
    }
    #[getter]
    fn tb_frame(this: Gc<Traceback>) -> Value {
        this.frame().value()
    }
    #[setter(tb_frame)]
    fn set_tb_frame(_this: Gc<Traceback>, _value: Option<Value>) -> R<()> {
        Err(objects::error::attribute_error!("readonly attribute"))
    }
    #[getter]
    fn tb_lasti(this: Gc<Traceback>) -> i32 {
        this.lasti.load(Ordering::Relaxed)
    }
    #[getter]
    fn tb_lineno(this: Gc<Traceback>) -> Option<u32> {
        this.line_number()
    }
    fn __dir__(_this: Gc<Traceback>, _args: Args) -> R {
        let names = ["tb_frame", "tb_next", "tb_lasti", "tb_lineno"].map(objects::str::new_str);
        Ok(objects::list::list_from_slice(&names).value())
    }
}
