//! Generators, coroutines and asynchronous generators: one layout with the saved registers in its tail, and the small awaitables
//! around asynchronous generators.
//!
//! Must not know: how a frame is resumed (the interpreter does it through the door).

use crate::class::{class_name, class_of};
use crate::code::Code;
use crate::error::{R, type_error};
use crate::frame::HandledItem;
use crate::function::Function;
use crate::layout::{Cast, ClassCell, Gc, Layout, LayoutDesc, Trace};
use bytecode::co_flags;
use heap::{Header, Slot, Tracer, Value};
use native_macros::Layout;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicUsize, Ordering};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum GeneratorKind {
    Generator = 0,
    Coroutine = 1,
    AsyncGenerator = 2,
}

/// States of a generator (`AtomicU8`).
pub const CREATED: u8 = 0;
pub const SUSPENDED: u8 = 1;
pub const RUNNING: u8 = 2;
pub const CLOSED: u8 = 3;

#[repr(C)]
pub struct Generator {
    pub header: Header,
    pub function: Slot,
    pub name: Slot,
    pub qualname: Slot,
    /// Its frame object, once somebody asked for it.
    pub frame: Slot,
    /// Where the coroutine was made (`cr_origin`).
    pub origin: Slot,
    /// Finalizer hook of an asynchronous generator, taken at its first iteration.
    pub finalizer: Slot,
    pub handled: HandledItem,
    pub code: Slot,
    /// Address of the word to go on with.
    pub resume_pc: AtomicUsize,
    pub state: AtomicU8,
    pub kind: AtomicU8,
    /// Who resumed it (the interpreter's business).
    pub resumer: AtomicU8,
    pub destination: AtomicU8,
    pub register_count: AtomicU32,
    pub hooks_called: AtomicBool,
    /// `ag_running`: an `asend`, `athrow` or `aclose` is in progress.
    pub async_running: AtomicBool,
    pub async_closed: AtomicBool,
    /// The coroutine was awaited or closed at least once.
    pub awaited: AtomicBool,
    /// Registered for finalization.
    pub finalizable: AtomicBool,
    /// Not registered, but its code has handlers: closing it where it is suspended may run some.
    pub may_need_finalizer: AtomicBool,
    // `register_count` slots follow.
}

impl Generator {
    #[inline]
    pub fn registers(&self) -> &[Slot] {
        let count = self.register_count.load(Ordering::Relaxed) as usize;
        // SAFETY: the cell was allocated with that many slots behind the fixed part.
        unsafe { std::slice::from_raw_parts((self as *const Generator).add(1) as *const Slot, count) }
    }
    /// The registers that are in use where it stands still, at an instruction that is `word`: those that a yield names.
    #[inline(always)]
    pub fn kept_at(&self, word: u32) -> &[Slot] {
        let all = self.registers();
        // Zero (the start, or more than a byte says) means all of them.
        match (word >> 24) as usize {
            0 => all,
            kept => &all[..kept.min(all.len())],
        }
    }
    /// The registers whose content counts: none while it runs, since they are in its window.
    fn live_registers(&self) -> &[Slot] {
        let pc = self.resume_pc.load(Ordering::Relaxed) as *const u32;
        match self.state.load(Ordering::Acquire) {
            RUNNING => &[],
            // SAFETY: the word where a suspended generator goes on, in its code.
            SUSPENDED if !pc.is_null() => self.kept_at(unsafe { *pc }),
            _ => self.registers(),
        }
    }
    /// Has the collector ask for its finalization, if it does not yet. For the thread that makes or runs it.
    pub fn ask_for_finalizer(&self) {
        if !self.finalizable.load(Ordering::Relaxed) {
            self.finalizable.store(true, Ordering::Relaxed);
            self.may_need_finalizer.store(false, Ordering::Relaxed);
            heap::register_finalizable(self.header.as_ptr());
        }
    }
    #[inline]
    pub fn kind(&self) -> GeneratorKind {
        match self.kind.load(Ordering::Relaxed) {
            0 => GeneratorKind::Generator,
            1 => GeneratorKind::Coroutine,
            _ => GeneratorKind::AsyncGenerator,
        }
    }
    #[inline]
    pub fn function(&self) -> Gc<Function> {
        // SAFETY: set at creation.
        unsafe { self.function.get().unwrap_unchecked().cast_unchecked() }
    }
    #[inline]
    pub fn code(&self) -> Gc<Code> {
        // SAFETY: set at creation.
        unsafe { self.code.get().unwrap_unchecked().cast_unchecked() }
    }
    /// Word index of the instruction that it stopped at; None once it is finished.
    #[inline]
    pub fn offset(&self) -> Option<u32> {
        let pc = self.resume_pc.load(Ordering::Relaxed) as *const u32;
        if pc.is_null() {
            return None;
        }
        // SAFETY: points into the words of its code.
        Some(unsafe { pc.offset_from(self.code().start()) } as u32)
    }
}

unsafe fn trace_generator(object: *mut Header, tracer: &mut Tracer) {
    let generator = &*(object as *mut Generator);
    for slot in [
        &generator.function,
        &generator.name,
        &generator.qualname,
        &generator.frame,
        &generator.origin,
        &generator.finalizer,
        &generator.code,
    ] {
        tracer.slot(slot);
    }
    generator.handled.trace(tracer);
    if crate::references::report_generator(generator, tracer) {
        return;
    }
    // Of the registers that are kept some hold leftovers, when a window was saved whole.
    for slot in generator.live_registers() {
        tracer.conservative(slot.raw() as usize);
    }
}

unsafe fn generator_end(object: *mut Header) -> usize {
    std::mem::size_of::<Generator>() + (*(object as *mut Generator)).register_count.load(Ordering::Relaxed) as usize * 8
}

static GENERATOR_LAYOUT: LayoutDesc = LayoutDesc {
    name: "generator",
    size: std::mem::size_of::<Generator>(),
    parent: None,
    trace: trace_generator,
    drop: None,
    drops_late: false,
    guarded: false,
    tail_end: Some(generator_end),
    class: ClassCell::new(),
};

// SAFETY: repr(C) with a header first; traced above, tail included.
unsafe impl Layout for Generator {
    const DESC: &'static LayoutDesc = &GENERATOR_LAYOUT;
}

/// The classes of the other two kinds (the layout's own class is `generator`).
pub static COROUTINE_CLASS: ClassCell = ClassCell::new();
pub static ASYNC_GENERATOR_CLASS: ClassCell = ClassCell::new();

/// A fresh generator object with all registers empty.
pub fn new_generator(kind: GeneratorKind, function: Gc<Function>, code: Gc<Code>, register_count: u32) -> Gc<Generator> {
    let class = match kind {
        GeneratorKind::Generator => Generator::class(),
        GeneratorKind::Coroutine => COROUTINE_CLASS.get(),
        GeneratorKind::AsyncGenerator => ASYNC_GENERATOR_CLASS.get(),
    };
    let shape = class.root_shape.load(Ordering::Relaxed);
    let size = std::mem::size_of::<Generator>() + register_count as usize * 8;
    let pointer = heap::alloc(size, shape) as *mut Generator;
    // SAFETY: zeroed memory is a valid generator but for the fields set here.
    unsafe {
        (*pointer).register_count.store(register_count, Ordering::Relaxed);
        (*pointer).kind.store(kind as u8, Ordering::Relaxed);
        (*pointer).may_need_finalizer.store(!code.unit().exceptions.is_empty(), Ordering::Relaxed);
        (*pointer).function.set(function.value());
        (*pointer).code.set(code.value());
        (*pointer).name.set_opt(function.name.get());
        (*pointer).qualname.set_opt(function.qualname.get());
        Gc::from_ptr(pointer)
    }
}

/// `asend()` and `__anext__()` of an asynchronous generator.
#[derive(Layout)]
#[repr(C)]
pub struct AsyncGenASend {
    pub header: Header,
    pub generator: Slot,
    pub value: Slot,
    pub state: AtomicU8,
}

/// `athrow()` and `aclose()` (`value` empty) of an asynchronous generator.
#[derive(Layout)]
#[repr(C)]
pub struct AsyncGenAThrow {
    pub header: Header,
    pub generator: Slot,
    /// The exception to throw; empty means `aclose()`.
    pub value: Slot,
    pub state: AtomicU8,
}

/// A value that an asynchronous generator yields, as opposed to one that it awaits.
#[derive(Layout)]
#[repr(C)]
pub struct AsyncGenWrapped {
    pub header: Header,
    pub value: Slot,
}

/// `coroutine.__await__()`.
#[derive(Layout)]
#[repr(C)]
pub struct CoroutineWrapper {
    pub header: Header,
    pub coroutine: Slot,
}

/// What `await value` iterates over.
pub fn awaitable_iterator(value: Value) -> R {
    if let Some(generator) = value.cast::<Generator>() {
        let iterable = generator.kind() == GeneratorKind::Generator && generator.code().has_flag(co_flags::ITERABLE_COROUTINE);
        if generator.kind() == GeneratorKind::Coroutine || iterable {
            return Ok(value);
        }
    }
    let class = class_of(value);
    let Some(method) = class.slots.await_.get() else {
        return Err(type_error!("'{}' object can't be awaited", class.name_text()));
    };
    let iterator = method(value)?;
    if let Some(generator) = iterator.cast::<Generator>()
        && (generator.kind() == GeneratorKind::Coroutine || generator.code().has_flag(co_flags::ITERABLE_COROUTINE))
    {
        return Err(type_error!("__await__() returned a coroutine"));
    }
    if class_of(iterator).slots.next.get().is_none() {
        return Err(type_error!("__await__() returned non-iterator of type '{}'", class_name(iterator)));
    }
    Ok(iterator)
}
