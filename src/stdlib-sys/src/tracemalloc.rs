//! The module `_tracemalloc`: what was allocated where, for objects and buffers of the heap.
//!
//! The heap tells of each allocation while this is switched on, and the sweep of what lives. So an object counts until a collection has found
//! it dead; questions about what there is now collect first. Memory outside the heap (open files, databases) is not traced.
//! Must not know: how the heap is laid out.

use heap::Header;
use heap::watch::watch_allocations;
use native_macros::native_module;
use objects::{Cast, GcVec, R, Str, Value, new_int_usize, new_tuple, thread, value_error};
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, Once};

const MOST_FRAMES: i32 = 65535;

/// A call stack, innermost frame first, cut to the limit; `depth` is how many frames there were.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Stack {
    frames: Box<[(u32, u32)]>,
    depth: u32,
}

#[derive(Clone, Copy)]
struct Block {
    size: usize,
    stack: u32,
}

#[derive(Default)]
struct Traces {
    blocks: HashMap<usize, Block>,
    stacks: Vec<Stack>,
    stack_numbers: HashMap<Stack, u32>,
    files: Vec<String>,
    file_numbers: HashMap<String, u32>,
    now: usize,
    peak: usize,
}

static ON: AtomicBool = AtomicBool::new(false);
static LIMIT: AtomicUsize = AtomicUsize::new(1);
static TRACES: Mutex<Option<Traces>> = Mutex::new(None);

thread_local! {
    /// This thread makes an answer: what it allocates for that is not traced.
    static ANSWERING: Cell<bool> = const { Cell::new(false) };
}

/// Nobody allocates objects or reaches a safepoint while holding this.
fn lock() -> MutexGuard<'static, Option<Traces>> {
    TRACES.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Runs `work`, whose allocations are not traced.
fn untraced<T>(work: impl FnOnce() -> T) -> T {
    let before = ANSWERING.replace(true);
    let result = work();
    ANSWERING.set(before);
    result
}

impl Traces {
    fn file(&mut self, name: Value) -> u32 {
        let name = name.cast::<Str>().map_or_else(|| "<unknown>".to_owned(), |name| name.to_string_lossy());
        if let Some(number) = self.file_numbers.get(&name) {
            return *number;
        }
        let number = self.files.len() as u32;
        self.files.push(name.clone());
        self.file_numbers.insert(name, number);
        number
    }

    fn current_stack(&mut self, limit: usize) -> u32 {
        let mut frames = Vec::new();
        let mut depth = 0u32;
        let mut view = thread::try_current().and_then(|thread| thread.exec.innermost());
        while let Some(frame) = view.filter(|_| depth < MOST_FRAMES as u32) {
            if frames.len() < limit {
                let code = frame.code();
                // A body that is being read now: to ask it would wait for itself.
                let line = if code.is_loaded() { code.line_at(frame.offset()).unwrap_or(0) } else { code.first_line };
                frames.push((self.file(code.filename()), line));
            }
            depth += 1;
            view = frame.outer();
        }
        if frames.is_empty() {
            frames.push((self.file(Value::none()), 0));
            depth = 1;
        }
        let stack = Stack { frames: frames.into(), depth };
        if let Some(number) = self.stack_numbers.get(&stack) {
            return *number;
        }
        let number = self.stacks.len() as u32;
        self.stacks.push(stack.clone());
        self.stack_numbers.insert(stack, number);
        number
    }

    fn memory(&self) -> usize {
        let stacks: usize = self.stacks.iter().map(|stack| stack.frames.len() * 8 + 64).sum();
        let files: usize = self.files.iter().map(|file| 2 * file.len() + 64).sum();
        self.blocks.capacity() * (size_of::<usize>() + size_of::<Block>() + 1) + 2 * stacks + files
    }
}

/// The heap made an object, or made one longer.
fn allocated(object: *mut Header, size: usize) {
    if ANSWERING.get() {
        return;
    }
    let limit = LIMIT.load(Ordering::Relaxed);
    let mut traces = lock();
    let Some(traces) = traces.as_mut() else { return };
    let block = Block { size, stack: traces.current_stack(limit) };
    if let Some(shorter) = traces.blocks.insert(object as usize, block) {
        traces.now -= shorter.size;
    }
    traces.now += size;
    traces.peak = traces.peak.max(traces.now);
}

/// A collection knows what lives.
fn sweep(alive: &heap::Liveness) {
    if !ON.load(Ordering::Relaxed) {
        return;
    }
    if let Some(traces) = lock().as_mut() {
        let mut freed = 0;
        traces.blocks.retain(|address, block| {
            let lives = alive.is_alive(*address as *mut Header);
            freed += if lives { 0 } else { block.size };
            lives
        });
        traces.now -= freed;
    }
}

/// Begins to trace; nothing happens when it is done already.
pub fn begin(frames: i32) -> R<()> {
    static HOOK: Once = Once::new();
    if !(1..=MOST_FRAMES).contains(&frames) {
        return Err(value_error!("the number of frames must be in range [1; {MOST_FRAMES}]"));
    }
    if ON.swap(true, Ordering::SeqCst) {
        return Ok(());
    }
    LIMIT.store(frames as usize, Ordering::Relaxed);
    *lock() = Some(Traces::default());
    HOOK.call_once(|| heap::register_sweep_hook(sweep));
    watch_allocations(Some(allocated));
    Ok(())
}

/// The frames of a stack as Python shows them: ((file, line), ...), the innermost first.
fn frames_tuple(files: &[String], stack: &Stack) -> Value {
    let frames: GcVec = stack
        .frames
        .iter()
        .map(|(file, line)| {
            let name = files.get(*file as usize).map_or("<unknown>", String::as_str);
            new_tuple(&[objects::intern(name).value(), new_int_usize(*line as usize)]).value()
        })
        .collect();
    new_tuple(&frames).value()
}

fn collect_first() {
    heap::collect(heap::collect::Reason::Explicit);
}

pub struct TraceMalloc;

/// What the interpreter has allocated where.
#[native_module(name = "_tracemalloc")]
impl TraceMalloc {
    /// Whether allocations are being traced.
    fn is_tracing() -> bool {
        ON.load(Ordering::Relaxed)
    }
    /// Forget all allocations traced so far.
    fn clear_traces() {
        if let Some(traces) = lock().as_mut() {
            *traces = Traces::default();
        }
    }
    /// All traced allocations, each as (domain, size, frames, number of frames).
    fn _get_traces() -> R {
        let list = objects::list::new_list(&[]);
        if !ON.load(Ordering::Relaxed) {
            return Ok(list.value());
        }
        untraced(|| {
            collect_first();
            // A copy: objects are made from it, and no object may be made under the lock.
            let (blocks, stacks, files) = match lock().as_ref() {
                Some(traces) => {
                    (traces.blocks.values().copied().collect::<Vec<_>>(), traces.stacks.clone(), traces.files.clone())
                }
                None => return,
            };
            let shown: GcVec = stacks.iter().map(|stack| frames_tuple(&files, stack)).collect();
            for block in blocks {
                let number = block.stack as usize;
                if let (Some(frames), Some(stack)) = (shown.get(number), stacks.get(number)) {
                    let row = [Value::small(0), new_int_usize(block.size), *frames, new_int_usize(stack.depth as usize)];
                    objects::list::list_push(list, new_tuple(&row).value());
                }
            }
        });
        Ok(list.value())
    }
    /// Where an object was allocated, as a tuple of frames.
    fn _get_object_traceback(obj: Value) -> Option<Value> {
        if !obj.is_ptr() {
            return None;
        }
        let (stack, files) = {
            let traces = lock();
            let traces = traces.as_ref()?;
            let block = traces.blocks.get(&(obj.as_ptr() as usize))?;
            (traces.stacks.get(block.stack as usize)?.clone(), traces.files.clone())
        };
        untraced(|| Some(frames_tuple(&files, &stack)))
    }
    /// Begin to trace allocations. Stacks are cut to 'nframe' frames.
    #[sig("($module, nframe=1, /)")]
    fn start(nframe: Option<i32>) -> R<()> {
        begin(nframe.unwrap_or(1))
    }
    /// End the tracing of allocations.
    fn stop() {
        if ON.swap(false, Ordering::SeqCst) {
            watch_allocations(None);
            *lock() = None;
        }
    }
    /// How many frames a trace holds at most.
    fn get_traceback_limit() -> usize {
        LIMIT.load(Ordering::Relaxed)
    }
    /// How many bytes tracemalloc uses itself.
    fn get_tracemalloc_memory() -> usize {
        lock().as_ref().map_or(0, Traces::memory)
    }
    /// How many bytes the traced allocations have now, and had at most.
    fn get_traced_memory() -> (usize, usize) {
        if !ON.load(Ordering::Relaxed) {
            return (0, 0);
        }
        collect_first();
        lock().as_ref().map_or((0, 0), |traces| (traces.now, traces.peak))
    }
    /// Let the peak of the traced allocations be their present size.
    fn reset_peak() {
        if !ON.load(Ordering::Relaxed) {
            return;
        }
        collect_first();
        if let Some(traces) = lock().as_mut() {
            traces.peak = traces.now;
        }
    }
}
