//! Iteration and asynchronous iteration protocols. Must not know: how generators run.

use crate::call_fast;
use crate::generator::{self, FOR_LOOP};
use crate::generator_fast;
use crate::state::{Ctl, Flow, State, Vm, a, b, c, is_pointer, object, op, shape_of, word_at};
use crate::wellknown::shapes;
use bytecode::Op;
use bytecode::code_unit::co_flags;
use heap::Value;
use objects::class::{class_name, class_of};
use objects::code::Code;
use objects::dict_views::IterCore;
use objects::error::{R, type_error};
use objects::exception as exc;
use objects::frame::code_of_pool;
use objects::function::Function;
use objects::generator::{CREATED, Generator, GeneratorKind};
use objects::iterators::{
    AsciiIter, BytesIter, Enumerate, ListIter, ListReverseIter, SetIter, TupleIter, Zip, list_iter, tuple_iter,
};
use objects::layout::Cast;
use objects::protocol;
use objects::range::RangeIter;
use objects::tuple::Tuple;
use std::sync::atomic::Ordering;

op!(GetIter fast(_s, _w) {
    Ctl::Second
} second(s, w) {
    let value = s.get(b(w));
    let shape = if value.is_ptr() { shape_of(value.raw()) } else { 0 };
    let known = shapes();
    let iterator = if shape == known.list() {
        s.publish();
        list_iter(value.cast_unchecked()).value()
    } else if shape == known.tuple() {
        s.publish();
        tuple_iter(value.cast_unchecked()).value()
    } else if shape == known.generator() {
        value
    } else {
        let method = iter_generator(value);
        if method != 0 {
            return call_fast::enter_for_register(s, method, [value.raw()], a(w), 1);
        }
        s.publish();
        let result = protocol::iter(value);
        return s.finish_call(a(w), 1, result);
    };
    s.set(a(w), iterator);
    s.skip(1)
} slow(vm, w) {
    let iterator = protocol::iter(vm.get(b(w)))?;
    vm.set(a(w), iterator);
    Ok(Flow::Next)
});

/// The word of the generator function that a class of the program has as `__iter__`: what it returns is an iterator for sure. Else 0.
#[inline(always)]
unsafe fn iter_generator(value: Value) -> u64 {
    let method = call_fast::python_method(class_of(value), objects::interned!("__iter__"));
    if method == 0 || !call_fast::is_function(method) {
        return 0;
    }
    let code = object::<Code>(object::<Function>(method).code.raw());
    if code.flags & co_flags::GENERATOR != 0 { method } else { 0 }
}

op!(ForIter fast(s, w) {
    let iterator = s.raw(b(w));
    // A pending poll is visited by the slow body, before an item is taken here: its error must be raised inside the loop.
    if !is_pointer(iterator) || s.wants_poll() {
        return Ctl::Slow;
    }
    let shape = shape_of(iterator);
    let known = shapes();
    let item = if shape == known.list_iter() {
        object::<ListIter>(iterator).next()
    } else if shape == known.range_iter() && object::<RangeIter>(iterator).stays_small() {
        object::<RangeIter>(iterator).next().and_then(Value::try_int)
    } else if shape == known.tuple_iter() {
        object::<TupleIter>(iterator).next()
    } else {
        return Ctl::Second;
    };
    match item {
        Some(item) => {
            s.set(a(w), item);
            s.pc = s.pc.offset(2 + s.ext() as i32 as isize);
            Ctl::Next
        }
        None => s.skip(2),
    }
} second(s, w) {
    let iterator = s.raw(b(w));
    let shape = shape_of(iterator);
    let known = shapes();
    if shape == known.generator() {
        return if generator_fast::enter(s, object::<Generator>(iterator), FOR_LOOP, 2, Value::none()) { Ctl::Next } else { Ctl::Slow };
    }
    if !known.is_quick_iterator(shape) {
        return ask_next(s, w);
    }
    if shape == known.enumerate() || shape == known.zip() || shape == known.dict_item_iter() {
        // A pair that is taken apart at once need not be made.
        let target = s.pc.offset(2 + s.ext() as i32 as isize);
        let unpack = word_at(target);
        if (unpack & 0xFF) as u8 != Op::UnpackPair as u8 || c(unpack) != a(w) || !is_temporary(s, a(w)) {
            return ask_next(s, w);
        }
        return match next_pair(iterator, shape) {
            Some((first, second)) => {
                s.put(a(unpack), first);
                s.put(b(unpack), second);
                s.pc = target.add(1);
                Ctl::Next
            }
            None => ask_next(s, w),
        };
    }
    let item = quick_next(iterator);
    if item == 0 {
        return ask_next(s, w);
    }
    s.put(a(w), item);
    s.pc = s.pc.offset(2 + s.ext() as i32 as isize);
    Ctl::Next
} slow(vm, w) {
    let iterator = vm.get(b(w));
    if iterator.is_ptr() && shape_of(iterator.raw()) == shapes().generator() {
        let generator = iterator.cast_unchecked::<Generator>();
        if let Some(flow) = generator::enter_for(vm, generator)? {
            return Ok(flow);
        }
    }
    match protocol::next(iterator)? {
        Some(item) => {
            vm.set(a(w), item);
            vm.jump(2, vm.ext() as i32)
        }
        None => Ok(Flow::Next),
    }
});

/// Asks any iterator for its next item, for the second body of `FOR_ITER`.
#[inline(always)]
unsafe fn ask_next(s: &mut State, w: u32) -> Ctl {
    s.publish();
    match protocol::next_of_other(s.get(b(w)), &*s.exec) {
        Ok(Some(item)) => {
            s.set(a(w), item);
            s.pc = s.pc.offset(2 + s.ext() as i32 as isize);
            Ctl::Called
        }
        Ok(None) => {
            s.pc = s.pc.add(2);
            Ctl::Called
        }
        Err(_) => Ctl::Raised,
    }
}

/// The next item of an iterator of the kinds that never run Python code, 0 if there is none, or it would have to be made first, or the
/// iterator is of another kind: then nothing was done that asking again would change.
#[inline(always)]
unsafe fn quick_next(iterator: u64) -> u64 {
    if iterator == 0 || !is_pointer(iterator) {
        return 0;
    }
    let shape = shape_of(iterator);
    let known = shapes();
    let item = if shape == known.list_iter() {
        object::<ListIter>(iterator).next()
    } else if shape == known.ascii_iter() {
        object::<AsciiIter>(iterator).next_known()
    } else if shape == known.bytes_iter() {
        object::<BytesIter>(iterator).next_known()
    } else if shape == known.set_iter() {
        object::<SetIter>(iterator).next_quick()
    } else if shape == known.dict_key_iter() {
        object::<IterCore>(iterator).next_quick().map(|pair| pair.0)
    } else if shape == known.dict_value_iter() {
        object::<IterCore>(iterator).next_quick().map(|pair| pair.1)
    } else if shape == known.tuple_iter() {
        object::<TupleIter>(iterator).next()
    } else if shape == known.range_iter() && object::<RangeIter>(iterator).stays_small() {
        object::<RangeIter>(iterator).next().and_then(Value::try_int)
    } else if shape == known.list_reverse_iter() {
        object::<ListReverseIter>(iterator).next()
    } else {
        None
    };
    match item {
        Some(item) => item.raw(),
        None => 0,
    }
}

/// The next pair of a dict's items, an enumeration or a zip of two; None as in `quick_next`.
#[inline(always)]
unsafe fn next_pair(iterator: u64, shape: u32) -> Option<(u64, u64)> {
    let known = shapes();
    if shape == known.dict_item_iter() {
        return object::<IterCore>(iterator).next_quick().map(|(key, value)| (key.raw(), value.raw()));
    }
    if shape == known.enumerate() {
        let enumerate = object::<Enumerate>(iterator);
        let count = enumerate.count.load(Ordering::Relaxed);
        let number = Value::try_int(count)?;
        let item = quick_next(enumerate.iterator.raw());
        if item == 0 {
            return None;
        }
        enumerate.count.store(count + 1, Ordering::Relaxed);
        return Some((number.raw(), item));
    }
    let zip = object::<Zip>(iterator);
    let [first, second] = *object::<Tuple>(zip.iterators.get()?.raw()).items() else { return None };
    // Once the first iterator has given its item there is no way back: the second must be of a kind whose end is sure.
    let end_is_sure = |iterator: Value| {
        let shape = shape_of(iterator.raw());
        shape == known.list_iter() || shape == known.tuple_iter()
    };
    if first == second || !first.is_ptr() || !second.is_ptr() || !end_is_sure(second) || !has_item(second.raw()) {
        return None;
    }
    let item = quick_next(first.raw());
    if item == 0 {
        return None;
    }
    match quick_next(second.raw()) {
        0 => None,
        other => Some((item, other)),
    }
}

/// How many items an iterator of a common kind has left, as things are; 0 for others.
pub unsafe fn sure_length(iterator: Value) -> usize {
    if !iterator.is_ptr() {
        return 0;
    }
    let raw = iterator.raw();
    let shape = shape_of(raw);
    let known = shapes();
    if shape == known.list_iter() {
        object::<ListIter>(raw).length_hint()
    } else if shape == known.range_iter() {
        usize::try_from(object::<RangeIter>(raw).remaining()).unwrap_or(0)
    } else if shape == known.tuple_iter() {
        object::<TupleIter>(raw).length_hint()
    } else if shape == known.dict_key_iter() || shape == known.dict_value_iter() || shape == known.dict_item_iter() {
        object::<IterCore>(raw).length_hint()
    } else if shape == known.enumerate() {
        object::<Enumerate>(raw).iterator.get().map_or(0, |inner| sure_length_of_inner(inner))
    } else if shape == known.zip() {
        let Some(iterators) = object::<Zip>(raw).iterators.get() else { return 0 };
        object::<Tuple>(iterators.raw()).items().iter().map(|inner| sure_length_of_inner(*inner)).min().unwrap_or(0)
    } else {
        0
    }
}

/// The same for what an enumeration or zip goes through: one level deep is enough.
unsafe fn sure_length_of_inner(iterator: Value) -> usize {
    let shape = if iterator.is_ptr() { shape_of(iterator.raw()) } else { 0 };
    let known = shapes();
    if shape == known.enumerate() || shape == known.zip() { 0 } else { sure_length(iterator) }
}

/// Whether a list or tuple iterator has another item.
#[inline(always)]
unsafe fn has_item(iterator: u64) -> bool {
    if shape_of(iterator) == shapes().list_iter() {
        object::<ListIter>(iterator).length_hint() > 0
    } else {
        object::<TupleIter>(iterator).length_hint() > 0
    }
}

/// Whether a register is no variable of the running code, so that nothing but the instruction it was meant for reads it.
#[inline(always)]
unsafe fn is_temporary(s: &State, register: usize) -> bool {
    let code = &*code_of_pool(s.pool);
    register >= (code.first_free + code.free_count) as usize
}

op!(GetAIter slow(vm, w) {
    let value = vm.get(b(w));
    let class = class_of(value);
    let Some(aiter) = class.slots.aiter.get() else {
        return Err(type_error!("'async for' requires an object with __aiter__ method, got {}", class.name_text()));
    };
    let iterator = aiter(value)?;
    if class_of(iterator).slots.anext.get().is_none() {
        return Err(type_error!(
            "'async for' received an object from __aiter__ that does not implement __anext__: {}",
            class_name(iterator)
        ));
    }
    vm.set(a(w), iterator);
    Ok(Flow::Next)
});

op!(GetANext slow(vm, w) {
    let iterator = vm.get(b(w));
    let class = class_of(iterator);
    let Some(anext) = class.slots.anext.get() else {
        return Err(type_error!("'async for' requires an iterator with __anext__ method, got {}", class.name_text()));
    };
    let next = anext(iterator)?;
    let awaitable = match generator::awaitable_iterator(next) {
        Ok(awaitable) => awaitable,
        Err(raised) => {
            let cause = raised.take();
            let error = exc::new_exception_text(
                exc::TYPE_ERROR.get(),
                &format!("'async for' received an invalid object from __anext__: {}", class_name(next)),
            );
            error.cause.set(cause);
            error.suppress_context.store(true, std::sync::atomic::Ordering::Relaxed);
            error.context.set(cause);
            return Err(objects::error::raise(error.value()));
        }
    };
    vm.set(a(w), awaitable);
    Ok(Flow::Next)
});

op!(GetAwaitable fast(s, w) {
    let value = s.raw(b(w));
    if !is_pointer(value) || shape_of(value) != shapes().coroutine() {
        return Ctl::Slow;
    }
    // A fresh coroutine awaits nothing yet.
    if object::<Generator>(value).state.load(Ordering::Relaxed) != CREATED {
        return Ctl::Slow;
    }
    s.put(a(w), value);
    s.skip(1)
} slow(vm, w) {
    let value = vm.get(b(w));
    let iterator = match generator::awaitable_iterator(value) {
        Ok(iterator) => iterator,
        Err(raised) => return Err(reword_awaitable(value, c(w), raised)),
    };
    if let Some(coroutine) = iterator.cast::<Generator>()
        && coroutine.kind() == GeneratorKind::Coroutine
        && generator::delegate_of(coroutine).is_some()
    {
        return Err(objects::error::runtime_error!("coroutine is being awaited already"));
    }
    vm.set(a(w), iterator);
    Ok(Flow::Next)
});

#[cold]
fn reword_awaitable(value: Value, context: usize, raised: objects::error::Raised) -> objects::error::Raised {
    if class_of(value).slots.await_.get().is_some() || context == 0 || !raised.is(&exc::TYPE_ERROR) {
        return raised;
    }
    raised.clear();
    let method = if context == 1 { "__aenter__" } else { "__aexit__" };
    type_error!("'async with' received an object from {method} that does not implement __await__: {}", class_name(value))
}

op!(GetYieldFromIter fast(s, w) {
    let value = s.raw(b(w));
    if !is_pointer(value) || shape_of(value) != shapes().generator() {
        return Ctl::Second;
    }
    s.put(a(w), value);
    s.skip(1)
} second(s, w) {
    let method = iter_generator(s.get(b(w)));
    if method == 0 {
        return Ctl::Slow;
    }
    call_fast::enter_for_register(s, method, [s.raw(b(w))], a(w), 1)
} slow(vm, w) {
    let value = vm.get(b(w));
    let iterator = yield_from_iterator(vm, value)?;
    vm.set(a(w), iterator);
    Ok(Flow::Next)
});

fn yield_from_iterator(vm: Vm, value: Value) -> R {
    if let Some(generator) = value.cast::<Generator>() {
        match generator.kind() {
            GeneratorKind::Generator => return Ok(value),
            GeneratorKind::Coroutine => {
                if vm.code().has_flag(co_flags::COROUTINE | co_flags::ITERABLE_COROUTINE) {
                    return Ok(value);
                }
                return Err(type_error!("cannot 'yield from' a coroutine object in a non-coroutine generator"));
            }
            GeneratorKind::AsyncGenerator => {}
        }
    }
    protocol::iter(value)
}

op!(EndAsyncFor slow(vm, w) {
    let exception = vm.get(a(w));
    if objects::class::is_instance(exception, exc::STOP_ASYNC_ITERATION.get()) {
        return Ok(Flow::Next);
    }
    Err(objects::error::restore(exception))
});
