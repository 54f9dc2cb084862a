//! The variables of frames by name, wherever their registers are: on a value stack, in a suspended generator, or kept by a frame
//! object whose window closed.
//!
//! Must not know: the mapping that programs see (`f_locals`), how frames run.

use crate::code::Code;
use crate::dict::{self, Dict};
use crate::error::R;
use crate::frame::{Frame, View};
use crate::function::CellObject;
use crate::generator::{CLOSED, Generator, RUNNING};
use crate::layout::{Cast, Gc};
use crate::str::Str;
use bytecode::code_unit::VariableKind;
use heap::{Slot, Value, ValuesBuffer};
use std::sync::atomic::{AtomicU64, Ordering};

/// Where the registers of a frame are.
#[derive(Clone, Copy)]
pub enum Registers {
    Window(*mut u64),
    Generator(Gc<Generator>),
    Closed(Gc<Frame>),
    /// A copy of the variables on another thread's stack. Whoever holds the reference on its own stack keeps the copy alive.
    Copied(Gc<Frame>, &'static ValuesBuffer),
}

impl Registers {
    pub fn of_frame(frame: Gc<Frame>) -> Registers {
        if frame.is_elsewhere() {
            if let Some(copy) = copy_of_others(frame) {
                return Registers::Copied(frame, copy);
            }
        } else if let Some(view) = frame.view() {
            return Registers::Window(view.regs);
        }
        if let Some(generator) = frame.generator.get().and_then(|value| value.cast::<Generator>())
            && !matches!(generator.state.load(Ordering::Acquire), CLOSED | RUNNING)
        {
            return Registers::Generator(generator);
        }
        Registers::Closed(frame)
    }
    fn get(self, index: usize) -> Option<Value> {
        let value = match self {
            // SAFETY: variables are registers of the window, read whole; a register of an open frame is zero or a value.
            Registers::Window(regs) => unsafe { Value::from_raw(AtomicU64::from_ptr(regs.add(index)).load(Ordering::Relaxed)) },
            Registers::Generator(generator) => generator.registers().get(index).and_then(Slot::get),
            Registers::Closed(frame) => frame.kept_register(index).and_then(Slot::get),
            Registers::Copied(_, copy) => copy.get(index),
        };
        value.filter(|value| !value.is_unbound())
    }
    fn set(self, index: usize, value: Option<Value>) {
        let value = value.unwrap_or(Value::unbound());
        match self {
            // SAFETY: as in `get`.
            Registers::Window(regs) => unsafe { AtomicU64::from_ptr(regs.add(index)).store(value.raw(), Ordering::Relaxed) },
            Registers::Generator(generator) => {
                if let Some(slot) = generator.registers().get(index) {
                    slot.set(value);
                }
            }
            Registers::Closed(frame) => {
                if let Some(slot) = frame.kept_register(index) {
                    slot.set(value);
                }
            }
            Registers::Copied(frame, copy) => {
                frame.with_view(|view| {
                    if let Some(view) = view.filter(|_| index < copy.len()) {
                        Registers::Window(view.regs).set(index, Some(value));
                    }
                });
            }
        }
    }
    /// The namespace mapping of a module or class body.
    pub fn namespace(self) -> Option<Value> {
        self.get(0)
    }
}

/// The variables of a frame that is open on another thread's stack; None if it is so no longer.
fn copy_of_others(frame: Gc<Frame>) -> Option<&'static ValuesBuffer> {
    let count = frame.code().kept_registers();
    // SAFETY: a fresh cell.
    let copy = unsafe { &*heap::values_buffer(count) };
    frame.with_view(|view| {
        let view = view?;
        for (index, slot) in copy.slots()[..count].iter().enumerate() {
            slot.set_opt(Registers::Window(view.regs).get(index));
        }
        copy.set_len(count);
        Some(copy)
    })
}

/// Whether programs see the variable: compiler-made ones begin with a dot.
pub fn is_visible(code: Gc<Code>, index: usize) -> bool {
    !code.variables()[index].name.as_str().is_some_and(|name| name.starts_with('.'))
}

/// The variables, those of comprehensions after what they hide: while a comprehension runs, its own one is what a name means.
pub fn shown_order(code: Gc<Code>) -> impl Iterator<Item = usize> {
    let (plain, inner): (Vec<usize>, Vec<usize>) = (0..code.variables().len()).partition(|index| is_visible(code, *index));
    plain.into_iter().chain(inner)
}

/// The name that programs see: a comprehension's variable with the name of another one has a dot in front.
pub fn shown_name(code: Gc<Code>, index: usize) -> Option<Gc<Str>> {
    let name = code.variables()[index].name;
    let Some(plain) = name.as_str().and_then(|name| name.strip_prefix('.')) else { return Some(name) };
    let plain = plain.trim_start_matches('.');
    code.variables().iter().map(|other| other.name).find(|other| other.as_str() == Some(plain))
}

/// The spill array's slot of a variable that has no register of its own.
fn spilled(code: Gc<Code>, registers: Registers, index: usize) -> Option<&'static Slot> {
    let spill = code.unit().spill.as_ref()?;
    if index < spill.first_variable as usize {
        return None;
    }
    let array = registers.get(spill.register as usize)?;
    if !array.is_ptr() || array.header().shape() != heap::shapes::SHAPE_VALUES_BUFFER {
        return None;
    }
    // SAFETY: the shape says that it is a values buffer.
    let array = unsafe { &*(array.as_ptr() as *const ValuesBuffer) };
    array.slots().get(index - spill.first_variable as usize)
}

fn raw_variable(code: Gc<Code>, registers: Registers, index: usize) -> Option<Value> {
    if code.unit().spill.is_some_and(|spill| index >= spill.first_variable as usize) {
        return spilled(code, registers, index)?.get().filter(|value| !value.is_unbound());
    }
    registers.get(code.unit().variable_register(index))
}

/// The value of variable `index`, None if it is unbound.
pub fn variable(code: Gc<Code>, registers: Registers, index: usize) -> Option<Value> {
    let value = raw_variable(code, registers, index)?;
    if code.variables()[index].kind != VariableKind::Local
        && let Some(cell) = value.cast::<CellObject>()
    {
        return cell.content.get();
    }
    Some(value)
}

/// Sets variable `index` (through its cell if it has one); None unbinds it.
pub fn set_variable(code: Gc<Code>, registers: Registers, index: usize, value: Option<Value>) {
    if code.variables()[index].kind != VariableKind::Local
        && let Some(cell) = raw_variable(code, registers, index).and_then(|value| value.cast::<CellObject>())
    {
        cell.content.set_opt(value);
        return;
    }
    match spilled(code, registers, index) {
        Some(slot) => slot.set(value.unwrap_or(Value::unbound())),
        None => registers.set(code.unit().variable_register(index), value),
    }
}

/// The bound, visible variables in order.
pub fn variables(code: Gc<Code>, registers: Registers) -> crate::gc_vec::GcVec<(Value, Value)> {
    let mut found = crate::gc_vec::GcVec::new();
    for index in shown_order(code) {
        let Some(value) = variable(code, registers, index) else { continue };
        let Some(name) = shown_name(code, index) else { continue };
        match found.as_slice().iter().position(|entry: &(Value, Value)| entry.0 == name.value()) {
            Some(place) => found[place].1 = value,
            None => found.push((name.value(), value)),
        }
    }
    found
}

/// What `locals()` gives in a frame: the namespace of a module or class body, else a fresh dict.
pub fn locals(view: View) -> R {
    let code = view.code();
    let registers = Registers::Window(view.regs);
    if code.has_namespace() {
        let hidden = comprehension_variables(code, registers);
        if hidden.is_empty() {
            return Ok(registers.namespace().unwrap_or(Value::none()));
        }
        // Inside a comprehension of a module or class body its variables show, nothing else.
        let snapshot = dict::new_dict();
        for (name, value) in hidden.as_slice().iter().copied() {
            dict::dict_set(snapshot, name, value)?;
        }
        return Ok(snapshot.value());
    }
    let snapshot: Gc<Dict> = dict::new_dict();
    for (name, value) in variables(code, registers) {
        dict::dict_set(snapshot, name, value)?;
    }
    if let Some(extra) = extra_locals(view) {
        for (name, value) in dict::dict_items(extra) {
            dict::dict_set(snapshot, name, value)?;
        }
    }
    Ok(snapshot.value())
}

/// The bound variables of comprehensions that were compiled into a module or class body, without the compiler's dot.
pub fn comprehension_variables(code: Gc<Code>, registers: Registers) -> crate::gc_vec::GcVec<(Value, Value)> {
    let mut found = crate::gc_vec::GcVec::new();
    for (index, entry) in code.variables().iter().enumerate() {
        if entry.kind != VariableKind::Free
            && let Some(name) = entry.name.as_str()
            && let plain = name.trim_start_matches('.')
            && plain != "__class__"
            && plain != "__classdict__"
            && plain != "__conditional_annotations__"
            && let Some(value) = variable(code, registers, index)
        {
            found.push((crate::intern::intern(plain).value(), value));
        }
    }
    found
}

/// Names that were added to an optimised scope through its frame object.
fn extra_locals(view: View) -> Option<Gc<Dict>> {
    if !view.watched() {
        return None;
    }
    crate::thread::current().exec.watching(view.regs)?.extra_locals.get()?.cast::<Dict>()
}
