//! Shape ids of exact built-in types, read by fast paths. Filled at boot; a stale or zero id only makes the fast path miss.

use objects::class::Class;
use objects::dict::Dict;
use objects::dict_views::{DictItemIter, DictKeyIter, DictValueIter};
use objects::function::Function;
use objects::layout::{Gc, Layout};
use objects::list::List;
use objects::str::Str;
use objects::tuple::Tuple;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

struct Cells {
    list: AtomicU32,
    tuple: AtomicU32,
    dict: AtomicU32,
    str: AtomicU32,
    function: AtomicU32,
    generator: AtomicU32,
    coroutine: AtomicU32,
    list_iter: AtomicU32,
    list_reverse_iter: AtomicU32,
    tuple_iter: AtomicU32,
    range_iter: AtomicU32,
    native_function: AtomicU32,
    method_descriptor: AtomicU32,
    module: AtomicU32,
    set: AtomicU32,
    frozenset: AtomicU32,
    bytes: AtomicU32,
    complex: AtomicU32,
    dict_key_iter: AtomicU32,
    dict_value_iter: AtomicU32,
    dict_item_iter: AtomicU32,
    ascii_iter: AtomicU32,
    bytes_iter: AtomicU32,
    set_iter: AtomicU32,
    enumerate: AtomicU32,
    zip: AtomicU32,
    bound_method: AtomicU32,
    slot_wrapper: AtomicU32,
}

static CELLS: Cells = Cells {
    list: AtomicU32::new(0),
    tuple: AtomicU32::new(0),
    dict: AtomicU32::new(0),
    str: AtomicU32::new(0),
    function: AtomicU32::new(0),
    generator: AtomicU32::new(0),
    coroutine: AtomicU32::new(0),
    list_iter: AtomicU32::new(0),
    list_reverse_iter: AtomicU32::new(0),
    tuple_iter: AtomicU32::new(0),
    range_iter: AtomicU32::new(0),
    native_function: AtomicU32::new(0),
    method_descriptor: AtomicU32::new(0),
    module: AtomicU32::new(0),
    set: AtomicU32::new(0),
    frozenset: AtomicU32::new(0),
    bytes: AtomicU32::new(0),
    complex: AtomicU32::new(0),
    dict_key_iter: AtomicU32::new(0),
    dict_value_iter: AtomicU32::new(0),
    dict_item_iter: AtomicU32::new(0),
    ascii_iter: AtomicU32::new(0),
    bytes_iter: AtomicU32::new(0),
    set_iter: AtomicU32::new(0),
    enumerate: AtomicU32::new(0),
    zip: AtomicU32::new(0),
    bound_method: AtomicU32::new(0),
    slot_wrapper: AtomicU32::new(0),
};

/// The ids; each method is one load.
#[derive(Clone, Copy)]
pub struct Known;

#[inline(always)]
pub fn shapes() -> Known {
    Known
}

macro_rules! ids {
    ($($name:ident)*) => {
        impl Known {
            $(#[inline(always)]
            pub fn $name(self) -> u32 {
                CELLS.$name.load(Ordering::Relaxed)
            })*
        }
    };
}
ids!(list tuple dict str function generator coroutine list_iter list_reverse_iter tuple_iter range_iter native_function method_descriptor module
    set frozenset bytes complex dict_key_iter dict_value_iter dict_item_iter ascii_iter bytes_iter set_iter enumerate zip bound_method slot_wrapper);

/// Which shapes of iterators `FOR_ITER` knows how to step, by id: all others need not be compared with each of them.
static QUICK_ITERATORS: [AtomicBool; 2048] = [const { AtomicBool::new(false) }; 2048];

impl Known {
    #[inline(always)]
    pub fn is_quick_iterator(self, shape: u32) -> bool {
        QUICK_ITERATORS.get(shape as usize).is_some_and(|quick| quick.load(Ordering::Relaxed))
    }
}

fn note_quick_iterators() {
    let known = shapes();
    let plain =
        [known.list_iter(), known.tuple_iter(), known.range_iter(), known.ascii_iter(), known.bytes_iter(), known.set_iter()];
    let paired = [known.dict_key_iter(), known.dict_value_iter(), known.dict_item_iter(), known.enumerate(), known.zip()];
    for shape in plain.into_iter().chain(paired).chain([known.list_reverse_iter()]) {
        if let Some(quick) = QUICK_ITERATORS.get(shape as usize) {
            quick.store(true, Ordering::Relaxed);
        }
    }
}

fn root(class: Gc<Class>) -> u32 {
    class.root_shape.load(Ordering::Acquire)
}

pub fn fill() {
    CELLS.list.store(root(List::class()), Ordering::Relaxed);
    CELLS.tuple.store(root(Tuple::class()), Ordering::Relaxed);
    CELLS.dict.store(root(Dict::class()), Ordering::Relaxed);
    CELLS.str.store(root(Str::class()), Ordering::Relaxed);
    CELLS.generator.store(root(objects::generator::Generator::class()), Ordering::Relaxed);
    CELLS.coroutine.store(root(objects::generator::COROUTINE_CLASS.get()), Ordering::Relaxed);
    CELLS.list_iter.store(root(objects::iterators::ListIter::class()), Ordering::Relaxed);
    CELLS.list_reverse_iter.store(root(objects::iterators::ListReverseIter::class()), Ordering::Relaxed);
    CELLS.tuple_iter.store(root(objects::iterators::TupleIter::class()), Ordering::Relaxed);
    CELLS.range_iter.store(root(objects::range::RangeIter::class()), Ordering::Relaxed);
    CELLS.native_function.store(root(objects::descr::NativeFunction::class()), Ordering::Relaxed);
    CELLS.method_descriptor.store(root(objects::descr::MethodDescriptor::class()), Ordering::Relaxed);
    CELLS.module.store(root(objects::module::Module::class()), Ordering::Relaxed);
    CELLS.set.store(root(objects::set::Set::class()), Ordering::Relaxed);
    CELLS.frozenset.store(root(objects::set::FrozenSet::class()), Ordering::Relaxed);
    CELLS.bytes.store(root(objects::bytes::Bytes::class()), Ordering::Relaxed);
    CELLS.complex.store(root(objects::float::Complex::class()), Ordering::Relaxed);
    CELLS.dict_key_iter.store(root(DictKeyIter::class()), Ordering::Relaxed);
    CELLS.dict_value_iter.store(root(DictValueIter::class()), Ordering::Relaxed);
    CELLS.dict_item_iter.store(root(DictItemIter::class()), Ordering::Relaxed);
    CELLS.ascii_iter.store(root(objects::iterators::AsciiIter::class()), Ordering::Relaxed);
    CELLS.bytes_iter.store(root(objects::iterators::BytesIter::class()), Ordering::Relaxed);
    CELLS.set_iter.store(root(objects::iterators::SetIter::class()), Ordering::Relaxed);
    CELLS.enumerate.store(root(objects::iterators::Enumerate::class()), Ordering::Relaxed);
    CELLS.bound_method.store(root(objects::descr::BoundMethod::class()), Ordering::Relaxed);
    CELLS.slot_wrapper.store(root(objects::descr::SlotWrapper::class()), Ordering::Relaxed);
    CELLS.zip.store(root(objects::iterators::Zip::class()), Ordering::Relaxed);
    note_quick_iterators();
    refresh_function();
}

/// Functions can have attributes, so their class may get another root shape as it learns how many.
pub fn refresh_function() {
    CELLS.function.store(root(Function::class()), Ordering::Relaxed);
}
