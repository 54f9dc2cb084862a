//! `reversed`: a sequence from its end, through `__len__` and `__getitem__`.

use crate::sequences::state_position;
use native_macros::{Layout, native_class};
use objects::args::Args;
use objects::error::{R, type_error};
use objects::{
    Cast, Class, Dict, Gc, Header, Layout, Slot, Value, class_name, class_of, exc, interned, lookup_special, new_int, new_object,
    new_tuple,
};
use std::sync::atomic::{AtomicI64, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct Reversed {
    pub header: Header,
    /// Empty once exhausted.
    sequence: Slot,
    index: AtomicI64,
}

pub struct ReversedSkin;

/// Iterator over a sequence from its last item to its first.
#[native_class(name = "reversed", layout = Reversed, base = object)]
impl ReversedSkin {
    #[new]
    #[sig("(sequence, /)")]
    fn new(cls: Gc<Class>, args: Args) -> R {
        if crate::sequences::same_init(cls, Reversed::class()) {
            args.no_keywords("reversed")?;
        }
        args.check_count("reversed", 1, 1)?;
        let sequence = args.positional()[0];
        match lookup_special(sequence, interned!("__reversed__"))? {
            Some(method) if method.is_none() => return Err(type_error!("'{}' object is not reversible", class_name(sequence))),
            Some(method) => return method.call(&[]),
            None => {}
        }
        if class_of(sequence).slots.getitem.get().is_none() || sequence.cast::<Dict>().is_some() {
            return Err(type_error!("'{}' object is not reversible", class_name(sequence)));
        }
        let index = AtomicI64::new(objects::len(sequence)? as i64 - 1);
        Ok(new_object(cls, Reversed { header: Header::blank(), sequence: Slot::new(sequence), index }).value())
    }
    fn __iter__(this: Gc<Reversed>) -> R {
        Ok(this.value())
    }
    fn __next__(this: Gc<Reversed>) -> R<Option<Value>> {
        let Some(sequence) = this.sequence.get() else { return Ok(None) };
        let index = this.index.load(Ordering::Relaxed);
        if index >= 0 {
            match objects::get_item(sequence, new_int(index)) {
                Ok(item) => {
                    this.index.store(index - 1, Ordering::Relaxed);
                    return Ok(Some(item));
                }
                Err(raised) if raised.is(&exc::INDEX_ERROR) || raised.is(&exc::STOP_ITERATION) => raised.clear(),
                Err(raised) => return Err(raised),
            }
        }
        this.index.store(-1, Ordering::Relaxed);
        this.sequence.clear();
        Ok(None)
    }
    /// An estimate of how many items are still to come.
    fn __length_hint__(this: Gc<Reversed>) -> R<i64> {
        let Some(sequence) = this.sequence.get() else { return Ok(0) };
        let length = objects::len(sequence)? as i64;
        let position = this.index.load(Ordering::Relaxed);
        Ok(if length < position { 0 } else { position + 1 })
    }
    /// What pickle needs to make the same object.
    fn __reduce__(this: Gc<Reversed>) -> Value {
        let class = class_of(this.value()).value();
        match this.sequence.get() {
            Some(sequence) => {
                let index = new_int(this.index.load(Ordering::Relaxed));
                new_tuple(&[class, new_tuple(&[sequence]).value(), index]).value()
            }
            None => new_tuple(&[class, new_tuple(&[new_tuple(&[]).value()]).value()]).value(),
        }
    }
    /// Take over the state that pickle has kept.
    fn __setstate__(this: Gc<Reversed>, object: Value) -> R<()> {
        let position = state_position(object)?;
        if let Some(sequence) = this.sequence.get() {
            let length = objects::len(sequence)? as i64;
            this.index.store(position.clamp(-1, length - 1), Ordering::Relaxed);
        }
        Ok(())
    }
}
