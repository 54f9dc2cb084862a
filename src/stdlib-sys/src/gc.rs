//! The module `gc`: asking for collections and looking at the heap.
//!
//! Nothing is counted here, so thresholds and generations are numbers only, and switching collections off does not stop them:
//! nothing else would free memory.

use crate::util;
use heap::Header;
use native_macros::native_module;
use objects::descr::NativeFunction;
use objects::native::NativeCall;
use objects::{
    Cast, Gc, GcVec, Layout, List, Module, R, Value, call, dict, interned, new_dict, new_int, new_int_usize, new_list, new_str,
    type_error, value_error,
};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

static CALLBACKS: objects::interpreter::InterpreterSlot = objects::interpreter::InterpreterSlot::empty();
static DEBUG: AtomicI64 = AtomicI64::new(0);
static COLLECTIONS: AtomicU64 = AtomicU64::new(0);
static COLLECTED: AtomicU64 = AtomicU64::new(0);
static COLLECTING: AtomicBool = AtomicBool::new(false);

/// Ends what `COLLECTING` says, also when memory is out.
struct Collecting;
impl Drop for Collecting {
    fn drop(&mut self) {
        COLLECTING.store(false, Ordering::SeqCst);
    }
}

/// Whether an object is one of Python's (as opposed to buffers and tables of the runtime).
fn is_python_object(object: *mut Header) -> bool {
    // SAFETY: the walk shows live objects, whose shapes exist; singletons' shapes have classes.
    unsafe { !(*heap::shape_cell((*object).shape())).class.is_empty() }
}

/// Whether objects of the class hold references to others.
fn is_container(value: Value) -> bool {
    if !value.is_ptr() || value.is_none() || value.is_bool() || value.is_ellipsis() || value.is_not_implemented() {
        return false;
    }
    if let Some(class) = value.cast::<objects::Class>() {
        return class.flags.has(objects::class::HEAP_TYPE);
    }
    let layout = objects::class_of(value).layout;
    if objects::class_of(value) == objects::classes::object() {
        return false;
    }
    let plain: [&'static objects::LayoutDesc; 7] = [
        objects::Str::DESC,
        objects::Bytes::DESC,
        objects::int::IntObject::DESC,
        objects::float::FloatObject::DESC,
        objects::Complex::DESC,
        objects::ByteArray::DESC,
        objects::weakref::WeakRef::DESC,
    ];
    !plain.iter().any(|desc| std::ptr::eq(*desc, layout)) || objects::class_of(value).flags.has(objects::class::HEAP_TYPE)
}

/// Calls `visit` with the Python objects that `object` refers to, its class included if it was made by a program (types of extensions
/// tell what their instances refer to).
fn visit_references(object: *mut Header, visit: &mut dyn FnMut(Value)) {
    // SAFETY: callers hold the object, or walk the heap.
    let class = objects::class_of(unsafe { Value::from_ptr(object) });
    let of_extension = class.layout.class.is_set() && class.layout.class.get() == class;
    if class.flags.has(objects::class::HEAP_TYPE) && !of_extension {
        visit(class.value());
    }
    visit_traced(object, 0, visit);
}

/// What the object's own slots lead to, through buffers and tables of the runtime.
fn visit_traced(object: *mut Header, depth: u32, visit: &mut dyn FnMut(Value)) {
    heap::trace_object(object, &mut |value| {
        if !value.is_ptr() || is_python_object(value.as_ptr()) {
            visit(value);
        } else if depth < 4 {
            visit_traced(value.as_ptr(), depth + 1, visit);
        }
    });
}

/// The objects that `filter` accepts, in a list.
fn find(filter: &mut dyn FnMut(*mut Header) -> bool) -> R {
    let Some(buffer) = heap::find_objects(filter) else { return Err(objects::error::memory_error()) };
    // SAFETY: the buffer is alive while it is on this stack.
    let slots = unsafe { (*buffer).slots() };
    let list = objects::list::new_list(&[]);
    for slot in slots {
        if let Some(value) = slot.get() {
            objects::list::list_push(list, value);
        }
    }
    Ok(list.value())
}

fn call_callbacks(phase: &str, generation: i64, collected: usize) {
    let Some(callbacks) = CALLBACKS.get().and_then(|list| list.cast::<List>()) else { return };
    let callbacks = objects::list::list_snapshot(callbacks);
    if callbacks.is_empty() {
        return;
    }
    let info = new_dict();
    let rows = [("generation", new_int(generation)), ("collected", new_int_usize(collected)), ("uncollectable", new_int(0))];
    for (name, value) in rows {
        if let Err(raised) = dict::dict_set_str(info, objects::intern(name), value) {
            raised.clear();
        }
    }
    for callback in callbacks {
        if let Err(raised) = call(callback, &[new_str(phase), info.value()]) {
            let exception = raised.take();
            let text = format!("Exception ignored while calling GC callback {}", objects::repr_lossy(callback));
            objects::unraisable::report_unraisable(exception, Some(&text), None);
        }
    }
}

/// Writes to sys.stderr, where there is one.
fn tell(text: &str) {
    let Some(stream) = objects::system::sys_attr("stderr").filter(|stream| !stream.is_none()) else { return };
    if let Err(raised) = objects::call_method(stream, interned!("write"), &[new_str(text)]) {
        raised.clear();
    }
}

const DEBUG_STATS: i64 = 1;

pub struct GcModule;

/// The garbage collector, which finds cycles of references.
#[native_module(name = "gc")]
impl GcModule {
    #[attr("DEBUG_STATS")]
    const STATS: i64 = DEBUG_STATS;
    #[attr("DEBUG_COLLECTABLE")]
    const DEBUG_COLLECTABLE: i64 = 2;
    #[attr("DEBUG_UNCOLLECTABLE")]
    const DEBUG_UNCOLLECTABLE: i64 = 4;
    #[attr("DEBUG_SAVEALL")]
    const DEBUG_SAVEALL: i64 = 32;
    #[attr("DEBUG_LEAK")]
    const DEBUG_LEAK: i64 = 38;

    /// Let garbage be collected automatically.
    fn enable() {
        heap::collect::set_enabled(true)
    }
    /// Collect garbage on request alone.
    fn disable() {
        heap::collect::set_enabled(false)
    }
    /// Whether garbage is collected automatically.
    fn isenabled() -> bool {
        heap::collect::is_enabled()
    }
    /// Run the garbage collector. Gives the number of objects that were freed.
    #[sig("($module, /, generation=2)")]
    fn collect(generation: i64) -> R<usize> {
        if !(0..=2).contains(&generation) {
            return Err(value_error!("invalid generation"));
        }
        if COLLECTING.swap(true, Ordering::SeqCst) {
            return Ok(0);
        }
        let _collecting = Collecting;
        let tells = DEBUG.load(Ordering::Relaxed) & DEBUG_STATS != 0;
        if tells {
            let before = heap::collect::totals().live_objects;
            let frozen = heap::collect::frozen_count();
            tell(&format!("gc: collecting generation {generation}...\ngc: objects in each generation: 0 0 {before}\n"));
            tell(&format!("gc: objects in permanent generation: {frozen}\n"));
        }
        call_callbacks("start", generation, 0);
        let stats = collect_cleanly();
        if tells {
            let seconds = stats.pause_nanoseconds as f64 / 1e9;
            tell(&format!("gc: done, {} unreachable, 0 uncollectable, {seconds:.4}s elapsed\n", stats.freed_objects));
        }
        COLLECTIONS.fetch_add(1, Ordering::Relaxed);
        COLLECTED.fetch_add(stats.freed_objects as u64, Ordering::Relaxed);
        objects::pending::run_pending();
        call_callbacks("stop", generation, stats.freed_objects);
        Ok(stats.freed_objects)
    }
    /// Set what the collector tells about its work.
    fn set_debug(flags: i32) {
        DEBUG.store(flags as i64, Ordering::Relaxed)
    }
    /// What the collector tells about its work.
    fn get_debug() -> i64 {
        DEBUG.load(Ordering::Relaxed)
    }
    /// Set the thresholds of automatic collection.
    #[sig("($module, threshold0, threshold1=<unrepresentable>, threshold2=<unrepresentable>, /)", hidden)]
    fn set_threshold(threshold0: i32, threshold1: Option<Value>, threshold2: Option<Value>) -> R<()> {
        let mut all = heap::collect::thresholds();
        all[0] = threshold0.max(0) as usize;
        for (place, value) in [(1, threshold1), (2, threshold2)] {
            if let Some(value) = value {
                all[place] = objects::index(value)?.max(0) as usize;
            }
        }
        heap::collect::set_thresholds(all);
        Ok(())
    }
    /// The thresholds of automatic collection.
    fn get_threshold() -> (usize, usize, usize) {
        let [first, second, third] = heap::collect::thresholds();
        (first, second, third)
    }
    /// The counts of the collector, a tuple of three.
    fn get_count() -> (usize, usize, usize) {
        (heap::collect::totals().allocated_bytes / 64, 0, 0)
    }
    /// A list of dictionaries with figures on each generation.
    fn get_stats() -> R {
        let all = heap::collect::totals();
        let list = new_list(&[]);
        for generation in 0..3 {
            let row = new_dict();
            let numbers = if generation == 2 { (all.collections as i64, all.freed_objects as i64) } else { (0, 0) };
            dict::dict_set_str(row, interned!("collections"), new_int(numbers.0))?;
            dict::dict_set_str(row, interned!("collected"), new_int(numbers.1))?;
            dict::dict_set_str(row, interned!("uncollectable"), new_int(0))?;
            objects::list::list_push(list, row.value());
        }
        Ok(list.value())
    }
    /// The list of the objects that the collector tracks, other than that list.
    #[sig("($module, /, generation=None)")]
    fn get_objects(generation: Option<Value>) -> R {
        objects::audit::audit("gc.get_objects", &[generation.unwrap_or(Value::none())])?;
        if let Some(generation) = generation.filter(|generation| !generation.is_none()) {
            match objects::index(generation)? {
                number if number < 0 => return Err(value_error!("generation parameter cannot be negative")),
                number if number > 2 => {
                    return Err(value_error!("generation parameter must be less than the number of available generations (3)"));
                }
                2 => {}
                _ => return Ok(new_list(&[]).value()),
            }
        }
        find(&mut |object| {
            // SAFETY: the walk shows objects.
            is_python_object(object) && is_container(unsafe { Value::from_ptr(object) })
        })
    }
    /// The list of the objects that refer to one of 'objs' directly.
    #[sig("($module, /, *objs)")]
    fn get_referrers(objs: &[Value]) -> R {
        let targets = GcVec::from_slice(objs);
        find(&mut |object| {
            let mut refers = false;
            if is_python_object(object) {
                visit_references(object, &mut |value| refers |= targets.contains(&value));
            }
            refers
        })
    }
    /// The list of the objects that one of 'objs' refers to directly.
    #[sig("($module, /, *objs)")]
    fn get_referents(objs: &[Value]) -> Value {
        let list = new_list(&[]);
        for object in objs.iter().filter(|object| is_container(**object)) {
            let mut found = GcVec::new();
            visit_references(object.as_ptr(), &mut |value| found.push(value));
            found.iter().filter(|value| !value.is_unbound()).for_each(|value| objects::list::list_push(list, *value));
        }
        list.value()
    }
    /// Whether the collector tracks the object.
    fn is_tracked(obj: Value) -> bool {
        is_container(obj) && !objects::class_of(obj).flags.has(objects::class::UNTRACKED)
    }
    /// Whether the collector has finalized the object.
    fn is_finalized(obj: Value) -> bool {
        obj.is_ptr() && obj.header().has_flag(heap::FINALIZER_RAN)
    }
    /// Set all objects aside, so that no further collection looks at them.
    fn freeze() {
        heap::collect::freeze();
    }
    /// Take back all that freeze() has set aside.
    fn unfreeze() {
        heap::collect::unfreeze()
    }
    /// How many objects freeze() has set aside.
    fn get_freeze_count() -> usize {
        heap::collect::frozen_count()
    }
    fn __exec__(module: Value) -> R<()> {
        let Some(module): Option<Gc<Module>> = module.cast::<Module>() else { return Err(type_error!("module expected")) };
        util::set_attr(module.value(), "callbacks", CALLBACKS.get_or_make(|| new_list(&[]).value()))?;
        module.set("garbage", new_list(&[]).value())
    }
}

/// Collects so that words which calls that are over left on the stacks keep nothing alive.
fn collect_cleanly() -> heap::collect::Stats {
    match fence_of_call("gc", "collect", 0) {
        // SAFETY: see `fence_of_call`.
        Some(fence) => unsafe { heap::collect::collect_above_fence(fence) },
        None => heap::collect(heap::collect::Reason::Explicit),
    }
}

/// `sys.getrefcount`.
pub fn count_references(object: Value) -> usize {
    let clear = || fence_of_call("sys", "getrefcount", 1);
    let fence = clear();
    let is_asking = |callee| is_native(callee, "sys", "getrefcount");
    // SAFETY: see `fence_of_call`.
    unsafe { objects::references::count(object, is_asking, fence, || _ = clear()) }
}

/// Clears what calls that are over left in free registers and on the stack. Where the program itself calls the native function of that
/// name, which calls this: the fence of its run, for a collection to leave out what is below. The native frames since the run began are
/// those of the call instruction and of that function: they keep nothing but what the window holds. The run stored the registers at
/// its fence. `given`: how many arguments that function got.
fn fence_of_call(module: &str, name: &str, given: usize) -> Option<usize> {
    let exec = &objects::thread::current().exec;
    let called = exec.plain_callee().filter(|(callee, _)| is_native(*callee, module, name));
    let plain = called.is_some_and(|(_, count)| count == given);
    exec.clear_dead_windows(plain);
    objects::references::clear_unused(exec, plain);
    if called.is_some() && exec.fence.get() != 0 {
        return Some(exec.fence.get());
    }
    clear_stack(64);
    None
}

/// Whether a callable is the native function of that name itself.
fn is_native(callee: Value, module: &str, name: &str) -> bool {
    callee.cast_exact::<NativeFunction>().is_some_and(|function| {
        let def = function.def;
        (def.module, def.name) == (module, name) && !matches!(def.call, NativeCall::Extern { .. })
    })
}

#[inline(never)]
fn clear_stack(depth: u32) {
    let mut blank = [0usize; 128];
    std::hint::black_box(&mut blank);
    if depth > 0 {
        clear_stack(depth - 1);
    }
    std::hint::black_box(&blank);
}
