//! Objects for the tests: nodes with two references and a number.
#![allow(dead_code)]

use heap::{Header, ShapeId, Slot, Tracer, Value};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

#[repr(C)]
pub struct Node {
    pub header: Header,
    pub left: Slot,
    pub right: Slot,
    pub number: usize,
    pub weak: heap::WeakSlot,
}

pub static DROPS: AtomicUsize = AtomicUsize::new(0);

unsafe fn trace(object: *mut Header, tracer: &mut Tracer) {
    let node = &*(object as *const Node);
    tracer.slot(&node.left);
    tracer.slot(&node.right);
}

unsafe fn count_drop(object: *mut Header) {
    DROPS.fetch_add((*(object as *const Node)).number, Ordering::SeqCst);
}

pub fn node_shape() -> ShapeId {
    static SHAPE: OnceLock<ShapeId> = OnceLock::new();
    *SHAPE.get_or_init(|| {
        let shape = heap::alloc_shape();
        unsafe {
            (*heap::shape_cell(shape)).trace = Some(trace);
            (*heap::shape_cell(shape)).drop = Some(count_drop);
        }
        shape
    })
}

pub fn value(node: &Node) -> Value {
    unsafe { Value::from_ptr(node.header.as_ptr()) }
}

pub fn node_of(value: Value) -> &'static Node {
    unsafe { &*(value.as_ptr() as *const Node) }
}

#[inline(never)]
pub fn new_node(number: usize) -> &'static Node {
    let node = unsafe { &mut *(heap::alloc(size_of::<Node>(), node_shape()) as *mut Node) };
    assert!(node.left.is_empty() && node.right.is_empty() && node.number == 0, "memory is not zeroed");
    node.number = number;
    node
}

/// A list of `length` nodes by `left`, numbered from the end; returns its first node.
#[inline(never)]
pub fn new_list(length: usize) -> &'static Node {
    let mut first = new_node(0);
    for number in 1..length {
        let node = new_node(number);
        node.left.set(value(first));
        first = node;
    }
    first
}

pub fn check_list(first: &'static Node, length: usize) {
    let mut node = first;
    for number in (0..length).rev() {
        assert_eq!(node.number, number);
        match node.left.get() {
            Some(next) => node = node_of(next),
            None => assert_eq!(number, 0),
        }
    }
}

/// Overwrites stack below the caller, so that no stale word keeps an object alive.
#[inline(never)]
pub fn clear_stack() {
    let words = [0usize; 4096];
    std::hint::black_box(&words);
}

/// Inlined, so that the stack is cleared right below the test's own frame.
#[inline(always)]
pub fn collect() -> heap::collect::Stats {
    clear_stack();
    heap::collect(heap::collect::Reason::Explicit)
}

/// Whether the object that was hidden as `hidden` is still there.
#[inline(never)]
pub fn is_alive(hidden: usize) -> bool {
    heap::inspect::is_object(!hidden)
}

/// Hides an address from the conservative scan.
pub fn hide(node: &Node) -> usize {
    !(node as *const Node as usize)
}

/// Calls `work` some way down the stack, where `clear_stack` surely reaches.
#[inline(never)]
pub fn deeper<T>(work: impl FnOnce() -> T) -> T {
    let words = [0usize; 128];
    std::hint::black_box(&words);
    let result = work();
    std::hint::black_box(&words);
    result
}
