//! The module `_lsprof`: how often functions were called, by whom, and what time they took, measured in native code.
//!
//! Each thread has its own stack of running functions; the figures are shared. Must not know: how events are found
//! (`objects::profiler`).

use heap::Tracer;
use native_macros::{Layout, native_class, native_module};
use objects::code::Code;
use objects::descr::{MethodDescriptor, NativeFunction};
use objects::layout::Trace;
use objects::native::FnDef;
use objects::profiler::{self, Hooks};
use objects::structseq::StructSeqDef;
use objects::{
    Args, Cast, Class, Gc, GcVec, Header, Module, R, Slot, Value, call, class_of, monitoring, new_int, new_list, new_object,
    new_str, thread, type_error, type_lookup, unraisable, value_error,
};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

static ENTRY: StructSeqDef = StructSeqDef::new(
    "_lsprof",
    "profiler_entry",
    "",
    &["code", "callcount", "reccallcount", "totaltime", "inlinetime", "calls"],
    6,
);
static SUBENTRY: StructSeqDef =
    StructSeqDef::new("_lsprof", "profiler_subentry", "", &["code", "callcount", "reccallcount", "totaltime", "inlinetime"], 5);

/// The tool of `sys.monitoring` that a profiler is, and the name it goes by.
const TOOL: usize = 2;
const TOOL_NAME: &str = "cProfile";

/// The profiler that is switched on.
static ACTIVE: Slot = Slot::empty();
static ROOT: std::sync::Once = std::sync::Once::new();
static HOOKS: Hooks = Hooks { enter, leave, enter_native, leave_native };

/// A function by the address of its code object or native definition.
type Key = usize;

#[derive(Default)]
struct Times {
    calls: i64,
    recursive: i64,
    total: i64,
    own: i64,
}

impl Times {
    fn add(&mut self, total: i64, own: i64, outermost: bool) {
        self.calls += 1;
        self.own += own;
        if outermost {
            self.total += total;
        } else {
            self.recursive += 1;
        }
    }
}

/// Keys are addresses and numbers of threads, which nobody chooses to our harm.
type Map<K, V> = HashMap<K, V, BuildHasherDefault<WordHasher>>;

#[derive(Default)]
struct WordHasher(u64);

impl Hasher for WordHasher {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }
    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }
    fn finish(&self) -> u64 {
        // The upper bits are the good ones.
        self.0 ^ self.0 >> 32
    }
}

struct Entry {
    /// The code object, or the text that stands for a native function.
    code: Value,
    times: Times,
    callees: Map<Key, Times>,
}

/// A function that is running. Natives have no window.
struct Running {
    key: Key,
    window: usize,
    start: i64,
    /// Time spent in what it called.
    inner: i64,
}

#[derive(Default)]
struct ThreadRecord {
    running: Vec<Running>,
    /// How often functions are running now, by caller (0 for all callers) and function.
    levels: Map<(Key, Key), u32>,
}

#[derive(Default)]
struct State {
    entries: Map<Key, Entry>,
    threads: Map<u64, ThreadRecord>,
}

impl Trace for State {
    fn trace(&self, tracer: &mut Tracer) {
        self.entries.values().for_each(|entry| entry.code.trace(tracer));
    }
}

impl State {
    /// How many functions of the thread run then.
    fn begin(&mut self, ident: u64, key: Key, window: usize, by_caller: bool, start: i64) -> usize {
        let record = self.threads.entry(ident).or_default();
        if by_caller && let Some(caller) = record.running.last() {
            *record.levels.entry((caller.key, key)).or_default() += 1;
        }
        *record.levels.entry((0, key)).or_default() += 1;
        record.running.push(Running { key, window, start, inner: 0 });
        record.running.len()
    }

    /// Ends running functions of a thread until `depth` are left.
    fn end_down_to(&mut self, ident: u64, depth: usize, by_caller: bool, now: i64) {
        let count = self.threads.get(&ident).map_or(0, |record| record.running.len());
        for _ in depth..count {
            self.end(ident, by_caller, now);
        }
    }

    /// Ends the innermost function of a thread.
    fn end(&mut self, ident: u64, by_caller: bool, now: i64) {
        let Some(record) = self.threads.get_mut(&ident) else { return };
        let Some(done) = record.running.pop() else { return };
        let total = now - done.start;
        let own = total - done.inner;
        let mut outermost = |caller: Key| match record.levels.get_mut(&(caller, done.key)) {
            Some(level) if *level > 1 => {
                *level -= 1;
                false
            }
            _ => {
                record.levels.remove(&(caller, done.key));
                true
            }
        };
        if let Some(entry) = self.entries.get_mut(&done.key) {
            entry.times.add(total, own, outermost(0));
        }
        if let Some(caller) = record.running.last_mut() {
            caller.inner += total;
            if by_caller && let Some(entry) = self.entries.get_mut(&caller.key) {
                entry.callees.entry(done.key).or_default().add(total, own, outermost(caller.key));
            }
        }
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct Profiler {
    pub header: Header,
    timer: Slot,
    /// What a tick of the timer is in seconds, as bits; 0 if the timer counts seconds.
    unit: AtomicU64,
    by_caller: AtomicBool,
    natives: AtomicBool,
    /// Times are counted from here.
    #[layout(skip)]
    started: Instant,
    state: heap::Mutex<State>,
}

fn active() -> Option<Gc<Profiler>> {
    ACTIVE.get()?.cast::<Profiler>()
}

impl Profiler {
    fn unit_seconds(&self) -> f64 {
        f64::from_bits(self.unit.load(Ordering::Relaxed))
    }

    /// Nanoseconds, or ticks of a timer with a unit.
    fn now(&self) -> i64 {
        let Some(timer) = self.timer.get() else { return self.started.elapsed().as_nanos() as i64 };
        let exec = &thread::current().exec;
        // A function may be ending by an exception, which goes on after this.
        let pending = thread::has_exception().then(thread::take_exception);
        // What the timer itself calls is not measured, nor what reports its errors.
        exec.tracing.set(exec.tracing.get() + 1);
        let result = call(timer, &[]).and_then(|time| {
            if self.unit_seconds() > 0.0 { objects::index(time) } else { Ok((objects::as_f64(time)? * 1e9).floor() as i64) }
        });
        let time = result.unwrap_or_else(|raised| {
            let text = format!("Exception ignored while calling _lsprof timer {}", objects::repr_lossy(timer));
            unraisable::report_unraisable(raised.take(), Some(&text), None);
            0
        });
        exec.tracing.set(exec.tracing.get() - 1);
        exec.entered.set(false);
        if let Some(exception) = pending {
            thread::set_exception(exception);
        }
        time
    }

    /// A function begins; how many run then. None: it runs already, in the same window.
    fn begin(&self, key: Key, window: usize, code: impl FnOnce() -> Value) -> Option<usize> {
        let by_caller = self.by_caller.load(Ordering::Relaxed);
        let ident = thread::current().ident;
        let is_known = {
            let mut state = self.state.lock();
            // A loop may go back to the first instruction.
            let last = state.threads.get(&ident).and_then(|record| record.running.last());
            if window != 0 && last.is_some_and(|running| running.window == window && running.key == key) {
                return None;
            }
            let is_known = state.entries.contains_key(&key);
            // A timer in Python is asked without the lock, as all that makes objects.
            if is_known && self.timer.is_empty() {
                let start = self.now();
                return Some(state.begin(ident, key, window, by_caller, start));
            }
            is_known
        };
        if !is_known {
            let entry = Entry { code: code(), times: Times::default(), callees: Map::default() };
            self.state.lock().entries.entry(key).or_insert(entry);
        }
        let start = self.now();
        Some(self.state.lock().begin(ident, key, window, by_caller, start))
    }

    /// Ends the innermost function that runs in a window, and what it called.
    fn end_window(&self, window: usize) {
        let ident = thread::current().ident;
        let by_caller = self.by_caller.load(Ordering::Relaxed);
        let now = self.now();
        let mut state = self.state.lock();
        let running = state.threads.get(&ident).map(|record| &record.running);
        if let Some(depth) = running.and_then(|running| running.iter().rposition(|one| one.window == window)) {
            state.end_down_to(ident, depth, by_caller, now);
        }
    }

    /// Ends running functions of the calling thread until `depth` are left.
    fn end_down_to(&self, depth: usize) {
        let ident = thread::current().ident;
        let by_caller = self.by_caller.load(Ordering::Relaxed);
        let now = self.now();
        self.state.lock().end_down_to(ident, depth, by_caller, now);
    }

    /// Ends all that runs, in every thread: the profiler hears no more of it.
    fn end_all(&self) {
        let by_caller = self.by_caller.load(Ordering::Relaxed);
        loop {
            let now = self.now();
            let mut state = self.state.lock();
            let Some(ident) = state.threads.iter().find(|(_, record)| !record.running.is_empty()).map(|(ident, _)| *ident) else {
                state.threads.clear();
                return;
            };
            state.end(ident, by_caller, now);
        }
    }

    fn switch_off(&self) {
        profiler::set_active(None);
        ACTIVE.clear();
        monitoring::set_tool_name(TOOL, None);
        self.end_all();
    }
}

/// Somebody takes its number away from the profiler: it hears no more.
pub fn tool_was_freed(id: usize) {
    if id == TOOL {
        profiler::set_active(None);
        ACTIVE.clear();
    }
}

fn enter(code: Gc<Code>, window: usize) {
    let Some(profiler) = active() else { return };
    profiler.begin(code.as_ptr() as Key, window, || code.value());
}

fn leave(window: usize) {
    if let Some(profiler) = active() {
        profiler.end_window(window);
    }
}

fn enter_native(callee: Value) -> usize {
    let Some(profiler) = active().filter(|profiler| profiler.natives.load(Ordering::Relaxed)) else { return 0 };
    let def: &'static FnDef = match (callee.cast_exact::<NativeFunction>(), callee.cast_exact::<MethodDescriptor>()) {
        (Some(function), _) => function.def,
        (_, Some(method)) => method.def,
        _ => return 0,
    };
    profiler.begin(std::ptr::from_ref(def) as Key, 0, || new_str(&native_name(callee, def))).unwrap_or(0)
}

fn leave_native(mark: usize) {
    if mark == 0 {
        return;
    }
    if let Some(profiler) = active() {
        profiler.end_down_to(mark - 1);
    }
}

/// What stands for a native function among the figures.
fn native_name(callee: Value, def: &FnDef) -> String {
    let Some(function) = callee.cast_exact::<NativeFunction>() else { return objects::repr_lossy(callee) };
    let receiver = function.receiver.get().filter(|receiver| !receiver.is_none() && receiver.cast::<Module>().is_none());
    let Some(receiver) = receiver else {
        return match def.module {
            "" => format!("<built-in method {}>", def.name),
            module => format!("<built-in method {module}.{}>", def.name),
        };
    };
    match type_lookup(class_of(receiver), objects::intern(def.name)) {
        Some(method) => objects::repr_lossy(method),
        None => format!("<built-in method {}>", def.name),
    }
}

fn truth(value: Option<Value>, default: bool) -> R<bool> {
    value.map_or(Ok(default), objects::is_true)
}

/// Build a profiler object using the specified timer function.
///
/// The default timer is the clock of the system, which never goes back.
/// A timer that gives integers needs 'timeunit': what one of them
/// is in seconds.
#[native_class(name = "_lsprof.Profiler", layout = Profiler, base = object)]
impl Profiler {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        let profiler = Profiler {
            header: Header::blank(),
            timer: Slot::empty(),
            unit: AtomicU64::new(0),
            by_caller: AtomicBool::new(true),
            natives: AtomicBool::new(true),
            started: Instant::now(),
            state: heap::Mutex::new(State::default()),
        };
        Ok(new_object(cls, profiler).value())
    }
    #[sig("($self, /, timer=None, timeunit=0.0, subcalls=True, builtins=True)")]
    fn __init__(this: Gc<Profiler>, timer: Option<Value>, timeunit: f64, subcalls: bool, builtins: bool) {
        this.timer.set_opt(timer.filter(|timer| !timer.is_none()));
        this.unit.store(timeunit.to_bits(), Ordering::Relaxed);
        this.by_caller.store(subcalls, Ordering::Relaxed);
        this.natives.store(builtins, Ordering::Relaxed);
    }
    /// Start collecting profiling information.
    ///
    ///   subcalls
    ///     If True, figures are also kept for each pair of caller and function.
    ///   builtins
    ///     If True, functions in native code are told apart from their callers.
    #[sig("($self, /, subcalls=True, builtins=True)")]
    fn enable(this: Gc<Profiler>, subcalls: Option<Value>, builtins: Option<Value>) -> R<()> {
        let (subcalls, builtins) = (truth(subcalls, true)?, truth(builtins, true)?);
        if monitoring::tool_name(TOOL).is_some() {
            return Err(value_error!("tool {TOOL} is already in use"));
        }
        ROOT.call_once(|| heap::register_global_root(&ACTIVE));
        this.by_caller.store(subcalls, Ordering::Relaxed);
        this.natives.store(builtins, Ordering::Relaxed);
        monitoring::set_tool_name(TOOL, Some(new_str(TOOL_NAME)));
        ACTIVE.set(this.value());
        profiler::set_active(Some(&HOOKS));
        Ok(())
    }
    /// Stop collecting profiling information.
    fn disable(this: Gc<Profiler>) {
        if active().is_some_and(|other| other == this) {
            this.switch_off();
        }
    }
    /// Clear all profiling information collected so far.
    fn clear(this: Gc<Profiler>) {
        let mut state = this.state.lock();
        state.entries.clear();
        state.threads.clear();
    }
    /// A list of profiler_entry objects: for each function its code object or, for native ones, a text; how often it was called, how
    /// often by way of itself, the seconds it took with and without what it called, and the same for what it called (or None).
    fn getstats(this: Gc<Profiler>) -> R {
        let factor = match this.unit_seconds() {
            unit if unit > 0.0 && !this.timer.is_empty() => unit,
            _ => 1e-9,
        };
        type Row = (Value, [i64; 4]);
        let row = |code: Value, times: &Times| -> Row { (code, [times.calls, times.recursive, times.total, times.own]) };
        let mut rows: Vec<(Row, Vec<Row>)> = Vec::new();
        // Another thread may clear the entries meanwhile: this keeps the codes alive.
        let mut keep = GcVec::new();
        {
            let state = this.state.lock();
            state.entries.values().for_each(|entry| keep.push(entry.code));
            for entry in state.entries.values().filter(|entry| entry.times.calls > 0) {
                let callees = entry.callees.iter().filter_map(|(key, times)| Some(row(state.entries.get(key)?.code, times)));
                rows.push((row(entry.code, &entry.times), callees.collect()));
            }
        }
        let fields = |(code, [calls, recursive, total, own]): &Row| {
            [
                *code,
                new_int(*calls),
                new_int(*recursive),
                Value::float(*total as f64 * factor),
                Value::float(*own as f64 * factor),
            ]
        };
        let list = new_list(&[]);
        for (function, callees) in &rows {
            let mut calls = Value::none();
            if !callees.is_empty() {
                let sublist = new_list(&[]);
                for callee in callees {
                    objects::list::list_push(sublist, SUBENTRY.make(&fields(callee))?);
                }
                calls = sublist.value();
            }
            let [code, count, recursive, total, own] = fields(function);
            objects::list::list_push(list, ENTRY.make(&[code, count, recursive, total, own, calls])?);
        }
        // Alive until here.
        std::hint::black_box(&keep);
        Ok(list.value())
    }
}

pub struct LsProf;

/// Fast profiler
#[native_module(name = "_lsprof", classes = [Profiler])]
impl LsProf {
    fn __exec__(module: Value) -> R<()> {
        let Some(module) = module.cast::<Module>() else { return Err(type_error!("module expected")) };
        module.set("profiler_entry", ENTRY.class()?.value())?;
        module.set("profiler_subentry", SUBENTRY.class()?.value())
    }
}
