//! `sys.monitoring`: which tool wants to hear of which events, globally and in single code objects, and what was switched off where.
//!
//! Must not know: when events happen (the interpreter), the Python face of the module (crate stdlib-sys).

use crate::code::Code;
use crate::layout::Gc;
use crate::thread;
use heap::{Slot, Value};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};

/// Tools that programs can be.
pub const TOOLS: usize = 6;
pub const EVENTS: usize = 19;

/// Event names by number; an event's bit is `1 << number`.
pub const NAMES: [&str; EVENTS] = [
    "PY_START",
    "PY_RESUME",
    "PY_RETURN",
    "PY_YIELD",
    "CALL",
    "LINE",
    "INSTRUCTION",
    "JUMP",
    "BRANCH_LEFT",
    "BRANCH_RIGHT",
    "STOP_ITERATION",
    "RAISE",
    "EXCEPTION_HANDLED",
    "PY_UNWIND",
    "PY_THROW",
    "RERAISE",
    "C_RETURN",
    "C_RAISE",
    "BRANCH",
];

pub mod event {
    pub const PY_START: usize = 0;
    pub const PY_RESUME: usize = 1;
    pub const PY_RETURN: usize = 2;
    pub const PY_YIELD: usize = 3;
    pub const CALL: usize = 4;
    pub const LINE: usize = 5;
    pub const INSTRUCTION: usize = 6;
    pub const JUMP: usize = 7;
    pub const BRANCH_LEFT: usize = 8;
    pub const BRANCH_RIGHT: usize = 9;
    pub const STOP_ITERATION: usize = 10;
    pub const RAISE: usize = 11;
    pub const EXCEPTION_HANDLED: usize = 12;
    pub const PY_UNWIND: usize = 13;
    pub const PY_THROW: usize = 14;
    pub const RERAISE: usize = 15;
    pub const C_RETURN: usize = 16;
    pub const C_RAISE: usize = 17;
    pub const BRANCH: usize = 18;
}
/// Events with a place in the code: only these can be switched off there.
pub const LOCAL_EVENTS: u32 = (1 << 11) - 1;
pub const ALL_EVENTS: u32 = (1 << EVENTS) - 1;
/// Events that a tool gets by asking for calls.
pub const C_EVENTS: u32 = 1 << event::C_RETURN | 1 << event::C_RAISE;
const BRANCHES: u32 = 1 << event::BRANCH_LEFT | 1 << event::BRANCH_RIGHT;

struct Tool {
    name: Slot,
    events: AtomicU32,
    callbacks: [Slot; EVENTS],
}

static TOOL_TABLE: [Tool; TOOLS] =
    [const { Tool { name: Slot::empty(), events: AtomicU32::new(0), callbacks: [const { Slot::empty() }; EVENTS] } }; TOOLS];
/// Whether any tool wants anything.
static ON: AtomicBool = AtomicBool::new(false);
static ROOTS: Once = Once::new();

/// What tools want of one code object.
pub struct CodeState {
    events: [AtomicU32; TOOLS],
    /// Which tools switched events off, by place and event.
    disabled: Mutex<HashMap<(u32, u8), u8>>,
    /// For each word the line that starts there, 0 for none.
    pub lines: Vec<u32>,
    /// Which tools switched the line event of a word off.
    line_disabled: Vec<AtomicU8>,
    /// The instruction that was under way when a tool asked for instructions, plus one: it is to hear of the rest.
    late_instruction: AtomicU32,
}

// Held for moments without a safepoint, so that a stopped world never waits for it.
static CODES: Mutex<Option<HashMap<usize, Arc<CodeState>>>> = Mutex::new(None);
/// Changes whenever entries leave the table.
static EPOCH: AtomicU32 = AtomicU32::new(0);

fn codes() -> MutexGuard<'static, Option<HashMap<usize, Arc<CodeState>>>> {
    CODES.lock().unwrap_or_else(PoisonError::into_inner)
}

thread_local! {
    static LAST: RefCell<Option<(usize, u32, Arc<CodeState>)>> = const { RefCell::new(None) };
}

fn forget_dead(alive: &heap::Liveness) {
    if let Some(table) = codes().as_mut() {
        let before = table.len();
        table.retain(|address, _| alive.is_alive(*address as *mut heap::Header));
        if table.len() != before {
            EPOCH.fetch_add(1, Ordering::Release);
        }
    }
}

fn prepare() {
    ROOTS.call_once(|| {
        heap::register_sweep_hook(forget_dead);
        for tool in &TOOL_TABLE {
            heap::register_global_root(&tool.name);
            tool.callbacks.iter().for_each(heap::register_global_root);
        }
    });
}

/// The state of a code object, made if need be.
pub fn code_state(code: Gc<Code>) -> Arc<CodeState> {
    let address = code.as_ptr() as usize;
    let epoch = EPOCH.load(Ordering::Acquire);
    if let Some(found) = LAST.with(|last| match &*last.borrow() {
        Some((known, at, state)) if *known == address && *at == epoch => Some(state.clone()),
        _ => None,
    }) {
        return found;
    }
    prepare();
    let known = codes().as_ref().and_then(|table| table.get(&address).cloned());
    let state = known.unwrap_or_else(|| {
        let unit = code.unit();
        let mut lines = vec![0; unit.words.len()];
        for (at, line) in unit.line_starts() {
            if let Some(entry) = lines.get_mut(at) {
                *entry = line;
            }
        }
        let line_disabled = lines.iter().map(|_| AtomicU8::new(0)).collect();
        let events = [const { AtomicU32::new(0) }; TOOLS];
        let fresh = Arc::new(CodeState {
            events,
            disabled: Mutex::new(HashMap::new()),
            lines,
            line_disabled,
            late_instruction: AtomicU32::new(0),
        });
        codes().get_or_insert_default().entry(address).or_insert(fresh).clone()
    });
    LAST.with(|last| *last.borrow_mut() = Some((address, epoch, state.clone())));
    state
}

impl CodeState {
    /// What a tool wants here, everywhere included.
    #[inline]
    pub fn wanted_by(&self, tool: usize) -> u32 {
        let events = TOOL_TABLE[tool].events.load(Ordering::Relaxed) | self.events[tool].load(Ordering::Relaxed);
        if events & 1 << event::BRANCH != 0 { events | BRANCHES } else { events }
    }
    pub fn wanted(&self) -> u32 {
        (0..TOOLS).fold(0, |all, tool| all | self.wanted_by(tool))
    }
    /// The tools that are to hear of an event at a place.
    pub fn hearers(&self, event: usize, offset: u32) -> u8 {
        let mut tools = 0;
        for tool in 0..TOOLS {
            if self.wanted_by(tool) & 1 << event != 0 {
                tools |= 1 << tool;
            }
        }
        if tools == 0 || LOCAL_EVENTS & 1 << event == 0 {
            return tools;
        }
        if event == event::LINE {
            return tools & !self.line_disabled.get(offset as usize).map_or(0, |off| off.load(Ordering::Relaxed));
        }
        let disabled = self.disabled.lock().unwrap_or_else(PoisonError::into_inner);
        tools & !disabled.get(&(offset, event as u8)).copied().unwrap_or(0)
    }
    pub fn disable(&self, tool: usize, event: usize, offset: u32) {
        if event == event::LINE {
            if let Some(off) = self.line_disabled.get(offset as usize) {
                off.fetch_or(1 << tool, Ordering::Relaxed);
            }
            return;
        }
        let mut disabled = self.disabled.lock().unwrap_or_else(PoisonError::into_inner);
        *disabled.entry((offset, event as u8)).or_insert(0) |= 1 << tool;
    }
    fn restart(&self, keep: u8) {
        self.line_disabled.iter().for_each(|off| {
            off.fetch_and(keep, Ordering::Relaxed);
        });
        let mut disabled = self.disabled.lock().unwrap_or_else(PoisonError::into_inner);
        disabled.retain(|_, tools| {
            *tools &= keep;
            *tools != 0
        });
    }
    /// The instruction that tools are to hear the rest of, once.
    pub fn take_late_instruction(&self) -> Option<u32> {
        if self.late_instruction.load(Ordering::Relaxed) == 0 {
            return None;
        }
        self.late_instruction.swap(0, Ordering::Relaxed).checked_sub(1)
    }
    pub fn local_events(&self, tool: usize) -> u32 {
        self.events[tool].load(Ordering::Relaxed)
    }
}

/// Whether any tool wants anything.
#[inline]
pub fn is_on() -> bool {
    ON.load(Ordering::Relaxed)
}

/// Whether a thread must look at each instruction; threads take it from here.
pub fn refresh_threads() {
    let global = (0..TOOLS).any(|tool| TOOL_TABLE[tool].events.load(Ordering::Relaxed) != 0);
    let local = codes()
        .as_ref()
        .is_some_and(|table| table.values().any(|state| state.events.iter().any(|events| events.load(Ordering::Relaxed) != 0)));
    ON.store(global || local, Ordering::Relaxed);
    thread::for_each_thread(|thread| thread.exec.refresh_instrumented());
    thread::request_poll_everywhere();
}

pub fn tool_name(tool: usize) -> Option<Value> {
    TOOL_TABLE[tool].name.get()
}
pub fn set_tool_name(tool: usize, name: Option<Value>) {
    prepare();
    TOOL_TABLE[tool].name.set_opt(name);
}
pub fn callback(tool: usize, event: usize) -> Option<Value> {
    TOOL_TABLE[tool].callbacks[event].get()
}
pub fn set_callback(tool: usize, event: usize, callback: Option<Value>) -> Option<Value> {
    prepare();
    let old = TOOL_TABLE[tool].callbacks[event].get();
    TOOL_TABLE[tool].callbacks[event].set_opt(callback);
    old
}
pub fn global_events(tool: usize) -> u32 {
    TOOL_TABLE[tool].events.load(Ordering::Relaxed)
}
pub fn set_global_events(tool: usize, events: u32) {
    prepare();
    TOOL_TABLE[tool].events.store(events, Ordering::Relaxed);
    refresh_threads();
}
pub fn set_local_events(tool: usize, code: Gc<Code>, events: u32) {
    let state = code_state(code);
    let added = events & !state.events[tool].swap(events, Ordering::Relaxed);
    if added & 1 << event::INSTRUCTION != 0 {
        state.late_instruction.store(offset_under_way(code).map_or(0, |offset| offset + 1), Ordering::Relaxed);
    }
    refresh_threads();
}

/// The instruction at which the innermost frame of the code is in this thread.
fn offset_under_way(code: Gc<Code>) -> Option<u32> {
    let mut view = thread::current().exec.innermost();
    while let Some(open) = view {
        if open.code() == code {
            return Some(open.offset());
        }
        view = open.outer();
    }
    None
}
/// Switches everything on again that callbacks switched off.
pub fn restart() {
    if let Some(table) = codes().as_ref() {
        table.values().for_each(|state| state.restart(0));
    }
}
/// Forgets callbacks and events of a tool.
pub fn clear_tool(tool: usize) {
    TOOL_TABLE[tool].callbacks.iter().for_each(|slot| slot.set_opt(None));
    TOOL_TABLE[tool].events.store(0, Ordering::Relaxed);
    if let Some(table) = codes().as_ref() {
        for state in table.values() {
            state.events[tool].store(0, Ordering::Relaxed);
            state.restart(!(1 << tool));
        }
    }
    refresh_threads();
}

/// What callbacks return to hear no more of an event at that place, and what stands for an argument that is not there.
static DISABLE: Slot = Slot::empty();
static MISSING: Slot = Slot::empty();

/// Both, the same for all interpreters.
pub fn sentinels() -> (Value, Value) {
    let made = |slot: &Slot| {
        slot.get().unwrap_or_else(|| {
            let fresh = crate::class_new::new_instance(crate::classes::object());
            crate::roots::keep_forever(fresh);
            slot.get_or_set(fresh)
        })
    };
    (made(&DISABLE), made(&MISSING))
}
pub fn disable() -> Option<Value> {
    DISABLE.get()
}
pub fn missing() -> Value {
    MISSING.get().unwrap_or(Value::none())
}
