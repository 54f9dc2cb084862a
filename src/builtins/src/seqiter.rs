//! The Python-visible skins of the sequence iterator and of `iter(callable, sentinel)`.

use crate::pickling::{builtin, reduce_to_iter};
use native_macros::native_class;
use objects::seqiter::{CallableIterator, SequenceIterator, callable_iterator_next, sequence_iterator_next};
use objects::{Gc, R, Value, get_attr_opt, interned, new_int, new_list, new_tuple};
use std::sync::atomic::Ordering;

pub struct SequenceIteratorSkin;

#[native_class(name = "iterator", layout = SequenceIterator, base = object, flags = "final no_new")]
impl SequenceIteratorSkin {
    fn __iter__(this: Value) -> R {
        Ok(this)
    }
    fn __next__(this: Value) -> R<Option<Value>> {
        sequence_iterator_next(this)
    }
    /// An estimate of how many items are still to come.
    fn __length_hint__(this: Gc<SequenceIterator>) -> R {
        let Some(sequence) = this.sequence.get() else { return Ok(Value::small(0)) };
        if get_attr_opt(sequence, interned!("__len__"))?.is_none() {
            return Ok(Value::not_implemented());
        }
        let left = objects::len(sequence)? as i64 - this.index.load(Ordering::Relaxed);
        Ok(new_int(left.max(0)))
    }
    /// What pickle needs to make the same object.
    fn __reduce__(this: Gc<SequenceIterator>) -> R {
        match this.sequence.get() {
            Some(sequence) => {
                let arguments = new_tuple(&[sequence]).value();
                Ok(new_tuple(&[builtin("iter")?, arguments, new_int(this.index.load(Ordering::Relaxed))]).value())
            }
            None => reduce_to_iter(new_tuple(&[]).value()),
        }
    }
    /// Take over the state that pickle has kept.
    #[sig("($self, object, /)")]
    fn __setstate__(this: Gc<SequenceIterator>, object: i64) -> R<()> {
        if !this.sequence.is_empty() {
            this.index.store(object.max(0), Ordering::Relaxed);
        }
        Ok(())
    }
}

pub struct CallableIteratorSkin;

#[native_class(name = "callable_iterator", layout = CallableIterator, base = object, flags = "final no_new")]
impl CallableIteratorSkin {
    fn __iter__(this: Value) -> R {
        Ok(this)
    }
    fn __next__(this: Value) -> R<Option<Value>> {
        callable_iterator_next(this)
    }
    /// What pickle needs to make the same object.
    fn __reduce__(this: Gc<CallableIterator>) -> R {
        match (this.callable.get(), this.sentinel.get()) {
            (Some(callable), Some(sentinel)) => {
                Ok(new_tuple(&[builtin("iter")?, new_tuple(&[callable, sentinel]).value()]).value())
            }
            _ => reduce_to_iter(new_list(&[]).value()),
        }
    }
}
