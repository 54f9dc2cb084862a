//! The iterators of str, bytes and bytearray. The one of ASCII text has a class of its own, as `type(iter(''))` shows.

use crate::pickling::builtin;
use native_macros::{Layout as DeriveLayout, native_class};
use objects::bytearray::{self, ByteArray};
use objects::error::R;
use objects::iterators::{AsciiIter, BytesIter};
use objects::{Bytes, Cast, Gc, Slot, Str, Value, new_int_usize, new_native, new_tuple};
use objects::{Header, number, type_error};
use std::sync::atomic::{AtomicI64, Ordering};

/// The iterator over ASCII text.
pub struct AsciiIterSkin;
pub struct StrIterSkin;
pub struct BytesIterSkin;
pub struct ByteArrayIterSkin;

/// A fresh iterator over a container.
pub trait Make<T> {
    fn make(container: Gc<T>) -> Value;
}

/// The layout of an iterator that counts positions.
macro_rules! counting_layout {
    ($layout:ident, $container:ident) => {
        #[derive(DeriveLayout)]
        #[repr(C)]
        pub struct $layout {
            pub header: Header,
            /// Empty once exhausted.
            container: Slot,
            position: AtomicI64,
        }

        impl $layout {
            #[inline(always)]
            fn container(&self) -> Option<Gc<$container>> {
                // SAFETY: only containers of this layout are ever put in.
                self.container.get().map(|container| unsafe { container.cast_unchecked() })
            }
        }
    };
}
counting_layout!(StrIter, Str);
counting_layout!(ByteArrayIter, ByteArray);

macro_rules! index_iterator {
    ($layout:ident, $skin:ident, $name:tt, $container:ident, $len:expr, $item:expr, $empty:expr) => {
        impl Make<$container> for $layout {
            fn make(container: Gc<$container>) -> Value {
                new_native($layout {
                    header: Header::blank(),
                    container: Slot::new(container.value()),
                    position: AtomicI64::new(0),
                })
                .value()
            }
        }

        #[native_class(name = $name, layout = $layout, base = object, flags = "final no_new")]
        impl $skin {
            fn __iter__(this: Gc<$layout>) -> Gc<$layout> {
                this
            }
            #[inline]
            fn __next__(this: Gc<$layout>) -> R<Option<Value>> {
                let Some(container) = this.container() else { return Ok(None) };
                let position = this.position.load(Ordering::Relaxed);
                let item: Option<Value> = $item(container, position as usize);
                match item {
                    Some(_) => this.position.store(position + 1, Ordering::Relaxed),
                    None => this.container.clear(),
                }
                Ok(item)
            }
            /// How many items are left.
            fn __length_hint__(this: Gc<$layout>) -> usize {
                let position = this.position.load(Ordering::Relaxed) as usize;
                this.container().map_or(0, |container| $len(container).saturating_sub(position))
            }
            /// For pickle.
            fn __reduce__(this: Gc<$layout>) -> R {
                let iter = builtin("iter")?;
                Ok(match this.container() {
                    Some(container) => {
                        let position = new_int_usize(this.position.load(Ordering::Relaxed) as usize);
                        new_tuple(&[iter, new_tuple(&[container.value()]).value(), position]).value()
                    }
                    None => new_tuple(&[iter, new_tuple(&[$empty]).value()]).value(),
                })
            }
            /// For pickle.
            fn __setstate__(this: Gc<$layout>, state: Value) -> R<()> {
                let position = state_position(state)?;
                if let Some(container) = this.container() {
                    this.position.store(position.clamp(0, $len(container) as i64), Ordering::Relaxed);
                }
                Ok(())
            }
        }
    };
}

fn state_position(state: Value) -> R<i64> {
    match number::try_index(state)? {
        Some(index) => Ok(number::clamp_to_i64(index)),
        None => Err(type_error!("an integer is required")),
    }
}

#[inline(always)]
fn ascii_item(text: Gc<Str>, position: usize) -> Option<Value> {
    text.raw_bytes().get(position).map(|byte| Str::from_char(*byte as u32).value())
}
#[inline(always)]
fn char_item(text: Gc<Str>, position: usize) -> Option<Value> {
    text.text().get(position).map(|code| Str::from_char(code).value())
}
#[inline(always)]
fn byte_item(bytes: Gc<Bytes>, position: usize) -> Option<Value> {
    bytes.as_slice().get(position).map(|byte| Value::small(*byte as i32))
}
#[inline(always)]
fn array_item(array: Gc<ByteArray>, position: usize) -> Option<Value> {
    bytearray::snapshot(array).get(position).map(|byte| Value::small(*byte as i32))
}
fn str_len(text: Gc<Str>) -> usize {
    text.len()
}
fn bytes_len(bytes: Gc<Bytes>) -> usize {
    bytes.len()
}
fn array_len(array: Gc<ByteArray>) -> usize {
    array.len()
}

index_iterator!(AsciiIter, AsciiIterSkin, "str_ascii_iterator", Str, str_len, ascii_item, Str::empty().value());
index_iterator!(StrIter, StrIterSkin, "str_iterator", Str, str_len, char_item, Str::empty().value());
index_iterator!(BytesIter, BytesIterSkin, "bytes_iterator", Bytes, bytes_len, byte_item, new_tuple(&[]).value());
index_iterator!(ByteArrayIter, ByteArrayIterSkin, "bytearray_iterator", ByteArray, array_len, array_item, new_tuple(&[]).value());

/// `iter(text)`
pub fn new_str_iter(text: Gc<Str>) -> Value {
    if text.is_ascii() { AsciiIter::make(text) } else { StrIter::make(text) }
}
