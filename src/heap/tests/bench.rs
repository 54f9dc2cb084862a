//! Timings, run by hand: `cargo nextest run -p heap --run-ignored only --no-capture`.

mod common;

use heap::{Header, ShapeId, Slot, Tracer, Value};
use std::time::Instant;

#[repr(C)]
struct Tree {
    header: Header,
    left: Slot,
    right: Slot,
}

unsafe fn trace(object: *mut Header, tracer: &mut Tracer) {
    let tree = &*(object as *const Tree);
    tracer.slot(&tree.left);
    tracer.slot(&tree.right);
}

fn make(shape: ShapeId, depth: u32) -> Value {
    let tree = unsafe { &*(heap::alloc(size_of::<Tree>(), shape) as *const Tree) };
    if depth > 0 {
        tree.left.set(make(shape, depth - 1));
        tree.right.set(make(shape, depth - 1));
    }
    unsafe { Value::from_ptr(tree.header.as_ptr()) }
}

fn check(tree: Value) -> usize {
    let tree = unsafe { &*(tree.as_ptr() as *const Tree) };
    1 + tree.left.get().map_or(0, check) + tree.right.get().map_or(0, check)
}

fn cpu_seconds() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

#[test]
#[ignore = "a benchmark"]
fn trees_and_allocation() {
    let start = Instant::now();
    heap::attach();
    heap::alloc_shape();
    println!("start-up {:?}", start.elapsed());
    let shape = heap::alloc_shape();
    unsafe { (*heap::shape_cell(shape)).trace = Some(trace) };
    for depth in [16u32, 18] {
        let start = cpu_seconds();
        let before = heap::collect::totals();
        let long_lived = make(shape, depth);
        let mut nodes = 0;
        for level in (4..=depth).step_by(4) {
            for _ in 0..1 << (depth - level + 4) {
                nodes += check(make(shape, level));
            }
        }
        let seconds = cpu_seconds() - start;
        let after = heap::collect::totals();
        println!(
            "trees {depth}: {seconds:.3} s for {nodes} nodes, {:.1} ns a node, {} collections, {:.1} ms paused, longest {:.1} ms",
            seconds * 1e9 / nodes as f64,
            after.collections - before.collections,
            (after.pause_nanoseconds - before.pause_nanoseconds) as f64 * 1e-6,
            after.longest_pause_nanoseconds as f64 * 1e-6,
        );
        check(long_lived);
    }
    let tree = make(shape, 21);
    let start = cpu_seconds();
    let stats = heap::collect(heap::collect::Reason::Explicit);
    let seconds = cpu_seconds() - start;
    println!("mark: {:.1} ns an object ({} objects)", seconds * 1e9 / stats.live_objects as f64, stats.live_objects);
    check(tree);
}

#[test]
#[ignore = "a benchmark"]
fn allocation_alone() {
    heap::attach();
    let shape = heap::alloc_shape();
    for size in [16, 32, 48, 200, 2000, 20_000, 200_000] {
        let count = 100_000_000 / (size / 16);
        let start = cpu_seconds();
        for _ in 0..count {
            std::hint::black_box(heap::alloc(std::hint::black_box(size), shape));
        }
        println!("alloc {size}: {:.2} ns each", (cpu_seconds() - start) * 1e9 / count as f64);
    }
}
