//! Memory by address as Python sees it: a lender of buffers, and objects by the number that `id` gives. Must not know: C types.

use heap::shape_cell;
use native_macros::{Layout, native_class};
use objects::buffer::{BufferView, Dims, Exporter};
use objects::{Cast, Gc, Header, Layout, R, Slot, Value, new_native, value_error};
use std::borrow::Cow;

/// Lends what lies at an address.
#[derive(Layout)]
#[repr(C)]
pub struct Memory {
    header: Header,
    /// Whose memory it is, or what else must stay alive.
    owner: Slot,
    address: usize,
    item_size: usize,
    readonly: bool,
    // Text and numbers only.
    #[layout(skip)]
    format: Box<str>,
    #[layout(skip)]
    shape: Box<[isize]>,
}

pub static EXPORTER: Exporter = Exporter { layout: <Memory as Layout>::DESC, get: lend };

fn lend(value: Value, request: u32) -> R<BufferView> {
    // SAFETY: registered for this layout.
    let memory: Gc<Memory> = unsafe { value.cast_unchecked() };
    let mut strides = vec![0; memory.shape.len()];
    let mut step = memory.item_size as isize;
    for (stride, count) in strides.iter_mut().zip(&memory.shape).rev() {
        *stride = step;
        step *= count;
    }
    let view = BufferView {
        ptr: memory.address as *mut u8,
        len: step as usize,
        itemsize: memory.item_size,
        format: Cow::Owned(memory.format.clone().into()),
        shape: Dims::new(&memory.shape),
        strides: Dims::new(&strides),
        readonly: memory.readonly,
        owner: value,
        memory: None,
        pin: None,
    };
    view.check_writable(request)
}

pub fn make(owner: Value, address: usize, item_size: usize, format: &str, shape: Vec<isize>, readonly: bool) -> R {
    let whole = shape.iter().try_fold(item_size as isize, |size, count| size.checked_mul(*count).filter(|size| *size >= 0));
    if address == 0 || whole.is_none() {
        return Err(value_error!("no such memory"));
    }
    let made = Memory {
        header: Header::blank(),
        owner: Slot::new(owner),
        address,
        item_size,
        readonly,
        format: format.into(),
        shape: shape.into(),
    };
    Ok(new_native(made).value())
}

#[native_class(name = "_foreign.Memory", base = object, flags = "final no_new")]
impl Memory {
    #[sig("($self, flags, /)")]
    fn __buffer__(this: Gc<Memory>, flags: Value) -> R {
        objects::memoryview::buffer_method(this.value(), flags)
    }
    /// Where it begins.
    #[getter]
    fn address(this: Gc<Memory>) -> usize {
        this.address
    }
}

/// The object whose `id` the word is, as far as there is one now.
pub fn object_at(word: u64) -> Option<Value> {
    let known = [Value::none(), Value::bool(true), Value::bool(false), Value::ellipsis(), Value::not_implemented()];
    if let Some(found) = known.iter().find(|value| value.raw() == word) {
        return Some(*found);
    }
    heap::with_world_stopped(|| {
        // SAFETY: the word is looked at as a number, and only believed if it is one of Python's, or an object lies there.
        let value = unsafe { Value::from_raw(word) }?;
        if !value.is_ptr() {
            return (value.is_int() || value.is_float()).then_some(value);
        }
        if !heap::inspect::is_object(word as usize) {
            return None;
        }
        // SAFETY: an object lies there, and nothing is freed while the world is stopped; afterwards `value` keeps it.
        let is_pythons = unsafe { !(*shape_cell((*value.as_ptr()).shape())).class.is_empty() };
        is_pythons.then_some(value)
    })
}
