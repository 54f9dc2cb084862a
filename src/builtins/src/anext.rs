//! The awaitable of `anext(iterator, default)`.

use native_macros::{Layout, native_class};
use objects::exception as exc;
use objects::{
    Gc, Header, R, Raised, Slot, Value, call, call_method, class_name, class_of, get_attr, interned, new_native, stop_iteration,
    type_error,
};

#[derive(Layout)]
#[repr(C)]
pub struct AnextAwaitable {
    pub header: Header,
    wrapped: Slot,
    default: Slot,
}

pub fn with_default(awaitable: Value, default: Value) -> R {
    Ok(new_native(AnextAwaitable { header: Header::blank(), wrapped: Slot::new(awaitable), default: Slot::new(default) }).value())
}

impl AnextAwaitable {
    /// The iterator that awaiting the wrapped awaitable steps through.
    fn iterator(&self) -> R {
        let wrapped = self.wrapped.get().unwrap_or(Value::none());
        let iterator = objects::generator::awaitable_iterator(wrapped)?;
        let class = class_of(iterator);
        match class.slots.await_.get() {
            // A coroutine is no iterator itself.
            Some(function) if class.slots.next.get().is_none() => function(iterator),
            _ => Ok(iterator),
        }
    }
    /// The end of the async iterator becomes the default.
    fn translate(&self, raised: Raised) -> Raised {
        if raised.is(&exc::STOP_ASYNC_ITERATION) {
            raised.clear();
            return stop_iteration(self.default.get());
        }
        raised
    }
}

pub struct AnextSkin;

/// Awaitable that gives the next item of an async iterator or a default.
#[native_class(name = "anext_awaitable", layout = AnextAwaitable, base = object, flags = "final no_new")]
impl AnextSkin {
    fn __iter__(this: Value) -> R {
        Ok(this)
    }
    fn __await__(this: Value) -> R {
        Ok(this)
    }
    fn __next__(this: Gc<AnextAwaitable>) -> R<Option<Value>> {
        let iterator = this.iterator()?;
        match objects::class_of(iterator).slots.next.get() {
            Some(next) => match next(iterator) {
                Err(raised) => Err(this.translate(raised)),
                result => result,
            },
            None => Err(type_error!("'{}' object is not an iterator", class_name(iterator))),
        }
    }
    fn send(this: Gc<AnextAwaitable>, value: Value) -> R {
        call_method(this.iterator()?, interned!("send"), &[value]).map_err(|raised| this.translate(raised))
    }
    #[sig("($self, type, value=None, traceback=None, /)")]
    fn throw(this: Gc<AnextAwaitable>, kind: Value, value: Option<Value>, traceback: Option<Value>) -> R {
        let throw = get_attr(this.iterator()?, interned!("throw"))?;
        let none = Value::none();
        let result = match (value, traceback) {
            (None, None) => call(throw, &[kind]),
            (value, traceback) => call(throw, &[kind, value.unwrap_or(none), traceback.unwrap_or(none)]),
        };
        result.map_err(|raised| this.translate(raised))
    }
    fn close(this: Gc<AnextAwaitable>) -> R {
        call_method(this.iterator()?, interned!("close"), &[])
    }
}
