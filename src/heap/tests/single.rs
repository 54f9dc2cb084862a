//! Allocation and collection with one thread.

mod common;

use common::*;
use heap::{Slot, Value};
use std::sync::atomic::Ordering;

#[test]
fn stack_keeps_a_list_and_garbage_goes() {
    heap::attach();
    heap::config::set_verify(true);
    let list = new_list(10_000);
    new_list(50_000);
    let stats = collect();
    assert!(stats.freed_objects > 45_000, "{stats:?}");
    assert!(stats.live_objects >= 10_000 && stats.live_objects < 15_000, "{stats:?}");
    check_list(list, 10_000);
    for _ in 0..50 {
        new_list(100_000);
    }
    check_list(list, 10_000);
    let totals = heap::collect::totals();
    assert!(totals.collections > 3, "{totals:?}");
    assert!(totals.heap_bytes < 64 << 20, "{totals:?}");
}

#[test]
fn interior_pointers_keep_objects() {
    heap::attach();
    let field = &new_list(100).number as *const usize;
    collect();
    new_list(100_000);
    assert_eq!(unsafe { *field }, 99);
    let buffer = heap::raw_buffer(1 << 20);
    let byte = unsafe { (*buffer).data().add(900_000) };
    let hidden = !(buffer as usize);
    unsafe { *byte = 7 };
    collect();
    assert!(is_alive(hidden));
    assert_eq!(unsafe { *byte }, 7);
}

#[test]
fn global_roots_keep_objects() {
    static ROOT: Slot = Slot::empty();
    heap::attach();
    heap::register_global_root(&ROOT);
    ROOT.set(value(new_list(1000)));
    collect();
    new_list(100_000);
    collect();
    check_list(node_of(ROOT.get().unwrap()), 1000);
    #[inline(never)]
    fn forget() -> usize {
        hide(node_of(ROOT.take().unwrap()))
    }
    let address = deeper(forget);
    collect();
    assert!(!is_alive(address));
}

#[test]
fn permanent_objects_stay_untraced() {
    heap::attach();
    heap::config::set_verify(true);
    #[inline(never)]
    fn make() -> (usize, usize) {
        let (kept, other) = (new_node(7), new_node(8));
        assert!(!heap::roots::is_permanent(Some(value(kept))));
        // SAFETY: it refers to nothing.
        assert!(unsafe { heap::roots::make_permanent(kept.header.as_ptr()) });
        assert!(heap::roots::is_permanent(Some(value(kept))));
        (hide(kept), hide(other))
    }
    let (kept, other) = deeper(make);
    collect();
    assert!(is_alive(kept) && !is_alive(other));
    for _ in 0..3 {
        new_list(10_000);
        collect();
    }
    assert!(is_alive(kept));
    let node = unsafe { &*(!kept as *const Node) };
    assert_eq!(node.number, 7);
    // Large objects and what lies outside the heap cannot be made so.
    let large = heap::raw_buffer(1 << 20);
    assert!(!unsafe { heap::roots::make_permanent(large.cast()) });
    assert!(heap::roots::is_permanent(Some(Value::none())) && heap::roots::is_permanent(None));
}

#[test]
fn every_size_is_zeroed_and_separate() {
    heap::attach();
    heap::config::set_verify(true);
    let sizes: Vec<usize> = (1..400).map(|step| step * 13 % 5000 + 1).chain([8192, 20_000, 32_768, 32_769, 100_000]).collect();
    for round in 0..3 {
        let table = unsafe { &*heap::values_buffer(sizes.len()) };
        for (index, &size) in sizes.iter().enumerate() {
            let buffer = unsafe { &*heap::raw_buffer(size) };
            assert!(unsafe { buffer.bytes() }.iter().all(|byte| *byte == 0), "round {round}, size {size}");
            assert_eq!(buffer as *const _ as usize % 16, 0);
            unsafe { std::ptr::write_bytes(buffer.data(), index as u8 | 1, size) };
            table.slot(index).set(unsafe { Value::from_ptr(buffer.header.as_ptr()) });
            table.set_len(index + 1);
        }
        collect();
        for (index, &size) in sizes.iter().enumerate() {
            let buffer = unsafe { &*(table.get(index).unwrap().as_ptr() as *const heap::RawBuffer) };
            assert_eq!(buffer.size, size);
            assert!(unsafe { buffer.bytes() }.iter().all(|byte| *byte == index as u8 | 1));
        }
    }
}

#[test]
fn large_objects_come_and_go() {
    heap::attach();
    for round in 0..200 {
        let buffer = unsafe { &*heap::raw_buffer(4 << 20) };
        assert!(unsafe { buffer.bytes() }.iter().step_by(997).all(|byte| *byte == 0));
        unsafe { std::ptr::write_bytes(buffer.data(), round as u8 | 1, 4 << 20) };
    }
    collect();
    assert!(heap::collect::totals().heap_bytes < 64 << 20);
    assert!(heap::try_raw_buffer(usize::MAX - 40).is_none());
    assert!(heap::try_raw_buffer(1 << 46).is_none());
    assert!(heap::try_values_buffer(usize::MAX / 8).is_none());
}

#[test]
fn long_arrays_are_traced_in_pieces() {
    heap::attach();
    heap::config::set_verify(true);
    let count = 100_000;
    let table = unsafe { &*heap::values_buffer(count) };
    for index in 0..count {
        table.slot(index).set(value(new_node(index)));
        table.set_len(index + 1);
    }
    collect();
    new_list(100_000);
    assert!((0..count).all(|index| node_of(table.get(index).unwrap()).number == index));
}

#[test]
fn large_buffers_grow_where_they_are() {
    heap::attach();
    heap::config::set_verify(true);
    // Dirty blocks to grow into.
    for _ in 0..20 {
        let garbage = unsafe { &*heap::raw_buffer(300_000) };
        unsafe { std::ptr::write_bytes(garbage.data(), 0xff, 300_000) };
    }
    collect();
    let owner = unsafe { &*heap::values_buffer(3) };
    let buffer = |number: usize| unsafe { &mut *(owner.get(number).unwrap().as_ptr() as *mut heap::ValuesBuffer) };
    for number in 0..3 {
        owner.slot(number).set(unsafe { (*heap::try_growing_buffer(6000).unwrap()).as_value() });
        owner.set_len(number + 1);
    }
    let mut moves = 0;
    for len in 0..400_000 {
        for number in 0..3 {
            let old = buffer(number);
            if len == old.capacity() {
                if unsafe { !heap::extend_values_buffer(old, len + 1, len + len / 8) } {
                    let fresh = unsafe { &*heap::try_growing_buffer(len + len / 2).unwrap() };
                    for (slot, old) in fresh.slots().iter().zip(old.items()) {
                        slot.set_opt(old.get());
                    }
                    fresh.set_len(len);
                    owner.slot(number).set(fresh.as_value());
                    moves += 1;
                }
                assert!(buffer(number).capacity() > len);
                assert!(buffer(number).slots()[len..].iter().all(Slot::is_empty));
            }
            // Small objects want blocks, too.
            let item = if len % 16 == 0 { value(new_node(len)) } else { Value::small(len as i32) };
            buffer(number).slot(len).set(item);
            buffer(number).set_len(len + 1);
        }
    }
    assert!(moves < 18, "{moves} moves");
    collect();
    for number in 0..3 {
        assert_eq!(buffer(number).len(), 400_000);
        for (index, slot) in buffer(number).items().iter().enumerate() {
            let item = slot.get().unwrap();
            assert_eq!(if item.is_ptr() { node_of(item).number as i64 } else { item.as_int() }, index as i64);
        }
    }
    // A small one cannot, nor does memory suffice for anything.
    assert!(!unsafe { heap::extend_values_buffer(heap::values_buffer(10), 20, 40) });
    let first = std::ptr::from_mut(buffer(0));
    assert!(!unsafe { heap::extend_values_buffer(first, 1 << 45, 1 << 46) });
    assert!(!unsafe { heap::extend_values_buffer(first, usize::MAX / 4, usize::MAX / 4) });
}

#[test]
fn weak_slots_are_cleared_and_live_holders_queued() {
    heap::attach();
    let holder = new_node(1);
    let silent = new_node(2);
    let kept = new_node(3);
    #[inline(never)]
    fn refer(holder: &'static Node, silent: &'static Node, kept: &'static Node) -> usize {
        let target = new_node(9);
        let dead_holder = new_node(4);
        unsafe {
            heap::weak::register(value(target), &holder.weak, holder.header.as_ptr(), true);
            heap::weak::register(value(target), &dead_holder.weak, dead_holder.header.as_ptr(), true);
            heap::weak::register(value(kept), &silent.weak, silent.header.as_ptr(), true);
        }
        assert_eq!(heap::weak::count(value(target)), 2);
        hide(target)
    }
    let target = deeper(|| refer(holder, silent, kept));
    assert!(holder.weak.get().is_some_and(|found| found.raw() as usize == !target));
    collect();
    assert!(!is_alive(target));
    assert!(holder.weak.get().is_none());
    assert_eq!(silent.weak.get(), Some(value(kept)));
    assert_eq!(heap::take_pending_weak_callback(), Some(value(holder)));
    assert_eq!(heap::take_pending_weak_callback(), None);
    assert!(heap::weak::find_holder(value(kept), &mut |_| true) == Some(value(silent)));
    heap::weak::unregister(&silent.weak);
    assert_eq!(heap::weak::count(value(kept)), 0);
}

#[test]
fn finalizers_run_once_and_resurrect_what_they_reach() {
    heap::attach();
    heap::config::set_verify(true);
    #[inline(never)]
    fn make() -> (usize, usize) {
        let object = new_node(5);
        let reached = new_node(6);
        object.left.set(value(reached));
        object.right.set(value(object));
        heap::register_finalizable(object.header.as_ptr());
        heap::register_finalizable(object.header.as_ptr());
        (hide(object), hide(reached))
    }
    let (object, reached) = deeper(make);
    let stats = collect();
    assert_eq!(stats.queued_finalizers, 1);
    assert!(heap::interrupts() & heap::mutator::INTERRUPT_PENDING != 0);
    assert!(is_alive(object) && is_alive(reached));
    collect();
    assert!(is_alive(object), "queued objects live until they are taken");
    #[inline(never)]
    fn take() {
        let mut taken = None;
        heap::take_pending_finalizers(8, |object| assert!(taken.replace(node_of(object)).is_none(), "queued once"));
        let taken = taken.unwrap();
        assert_eq!(taken.number, 5);
        assert_eq!(node_of(taken.left.get().unwrap()).number, 6);
        assert!(!heap::has_pending_finalizers());
    }
    deeper(take);
    assert_eq!(collect().queued_finalizers, 0);
    assert!(!is_alive(object) && !is_alive(reached));
}

#[test]
fn drop_functions_run_for_the_dead_only() {
    heap::attach();
    #[inline(never)]
    fn make(number: usize) -> &'static Node {
        let node = unsafe { &mut *(heap::alloc_with_drop(size_of::<Node>(), node_shape()) as *mut Node) };
        node.number = number;
        node
    }
    let kept = make(1000);
    for _ in 0..10 {
        deeper(|| make(1));
    }
    collect();
    assert_eq!(DROPS.load(Ordering::SeqCst), 10);
    collect();
    assert_eq!(DROPS.load(Ordering::SeqCst), 10);
    assert_eq!(kept.number, 1000);
}

#[test]
fn failing_and_limited_memory_is_reported() {
    heap::attach();
    node_shape();
    heap::config::fail_allocation_after(3);
    assert!(heap::try_alloc(48, node_shape()).is_some());
    assert!(heap::try_alloc(48, node_shape()).is_some());
    let failure = std::panic::catch_unwind(|| heap::alloc(48, node_shape()) as usize).unwrap_err();
    assert!(failure.is::<heap::OutOfMemory>());
    assert!(heap::try_alloc(48, node_shape()).is_some());

    #[inline(never)]
    fn fill(list: &Slot) -> bool {
        std::panic::catch_unwind(|| {
            loop {
                let node = new_node(1);
                node.left.set_opt(list.get());
                list.set(value(node));
            }
        })
        .is_err_and(|failure| failure.is::<heap::OutOfMemory>())
    }
    static LIST: Slot = Slot::empty();
    heap::register_global_root(&LIST);
    // The reader of the panic payload allocates outside the heap only.
    heap_limit(heap::collect::totals().heap_bytes + (8 << 20));
    assert!(fill(&LIST));
    LIST.clear();
    collect();
    new_list(1000);
}

fn heap_limit(bytes: usize) {
    heap::config::set_limit(bytes)
}

#[test]
fn stress_mode_collects_at_every_allocation() {
    heap::attach();
    heap::config::set_verify(true);
    heap::config::set_stress(1);
    let list = new_list(300);
    heap::config::set_stress(0);
    assert!(heap::collect::totals().collections >= 300);
    check_list(list, 300);
}

#[test]
fn the_walk_finds_objects_and_references() {
    heap::attach();
    let list = new_list(50);
    let other = new_node(777);
    list.right.set(value(other));
    let found = unsafe { &*heap::find_objects(&mut |object| (*object).shape() == node_shape()).unwrap() };
    assert!(found.len() >= 51);
    let mut referents = Vec::new();
    heap::trace_object(list.header.as_ptr(), &mut |value| referents.push(value));
    assert_eq!(referents, vec![list.left.get().unwrap(), value(other)]);
}

#[test]
fn classes_live_by_their_shapes_and_sweep_hooks_see_it() {
    use std::sync::atomic::AtomicU32;
    static SHAPE: AtomicU32 = AtomicU32::new(0);
    static IN_USE: AtomicU32 = AtomicU32::new(9);
    heap::attach();
    node_shape();
    let shape = heap::alloc_shape();
    SHAPE.store(shape, Ordering::SeqCst);
    heap::register_sweep_hook(|liveness| {
        IN_USE.store(liveness.is_shape_in_use(SHAPE.load(Ordering::SeqCst)) as u32, Ordering::SeqCst)
    });
    #[inline(never)]
    fn make(shape: u32) -> usize {
        let class = new_node(1);
        unsafe { (*heap::shape_cell(shape)).class.set(value(class)) };
        hide(class)
    }
    let class = deeper(|| make(shape));
    let instance = heap::alloc(32, shape);
    collect();
    assert!(is_alive(class) && IN_USE.load(Ordering::SeqCst) == 1);
    assert_eq!(unsafe { (*instance).shape() }, shape);
    std::hint::black_box(instance);
}

/// What the tests of tenure make of guarded objects: alone in its process, one for all of them.
#[test]
fn guarded_objects_are_tenured_until_a_full_collection() {
    static ROOT: Slot = Slot::empty();
    heap::attach();
    heap::config::set_verify(true);
    heap::register_global_root(&ROOT);

    fn of(root: &Slot) -> &'static Guarded {
        unsafe { &*(root.get().unwrap().as_ptr() as *const Guarded) }
    }
    #[inline(never)]
    fn begin() -> [usize; 2] {
        let (first, second) = (new_guarded(), new_guarded());
        let plain = new_node(1);
        second.reference.set(&second.header, value(plain));
        first.reference.set(&first.header, unsafe { Value::from_ptr(second.header.as_ptr()) });
        ROOT.set(unsafe { Value::from_ptr(first.header.as_ptr()) });
        [!(second as *const Guarded as usize), hide(plain)]
    }
    let young = || {
        clear_stack();
        heap::collect(heap::collect::Reason::Threshold)
    };
    let [second, plain] = deeper(begin);
    for _ in 0..4 {
        young();
        assert!(is_alive(second) && is_alive(plain));
    }

    // The second is garbage now: it and what it refers to stay until somebody looks at everything.
    #[inline(never)]
    fn store() -> usize {
        let node = new_node(2);
        of(&ROOT).reference.set(&of(&ROOT).header, value(node));
        hide(node)
    }
    let stored = deeper(store);
    for _ in 0..2 {
        young();
        assert!(is_alive(second) && is_alive(plain) && is_alive(stored));
    }
    assert_eq!(node_of(of(&ROOT).reference.get().unwrap()).number, 2);
    collect();
    assert!(!is_alive(second) && !is_alive(plain) && is_alive(stored));

    // The next ones begin anew; a full one comes by itself after a while.
    young();
    let third = deeper(|| hide(new_node(3)));
    young();
    assert!(!is_alive(third));
    #[inline(never)]
    fn forget() -> usize {
        let first = of(&ROOT) as *const Guarded as usize;
        ROOT.take();
        !first
    }
    let first = deeper(forget);
    young();
    assert!(is_alive(first));
    for _ in 0..40 {
        young();
    }
    assert!(!is_alive(first));
}

#[repr(C)]
struct Guarded {
    header: heap::Header,
    reference: heap::GuardedSlot,
}

unsafe fn trace_guarded(object: *mut heap::Header, tracer: &mut heap::Tracer) {
    tracer.slot((*(object as *const Guarded)).reference.as_slot());
}

#[inline(never)]
fn new_guarded() -> &'static Guarded {
    static SHAPE: std::sync::OnceLock<heap::ShapeId> = std::sync::OnceLock::new();
    let shape = *SHAPE.get_or_init(|| {
        let shape = heap::alloc_shape();
        unsafe { (*heap::shape_cell(shape)).trace = Some(trace_guarded) };
        heap::shapes::guard(shape);
        shape
    });
    unsafe { &*(heap::alloc(size_of::<Guarded>(), shape) as *const Guarded) }
}

#[test]
fn references_are_counted_where_they_are_held_and_instances_apart() {
    static ROOT: Slot = Slot::empty();
    heap::attach();
    heap::register_global_root(&ROOT);
    let target = new_node(1);
    let holder = new_node(2);
    ROOT.set(value(holder));
    let count = || {
        clear_stack();
        // SAFETY: without a fence the whole stack is looked at.
        unsafe { heap::references::count(value(target), None) }.0
    };
    assert_eq!(count(), heap::references::References::default(), "words on the stack count for nothing");
    holder.left.set(value(target));
    holder.right.set(value(target));
    assert_eq!(count().direct, 2);
    #[inline(never)]
    fn drop_one(target: Value) {
        new_node(3).left.set(target);
    }
    drop_one(value(target));
    assert_eq!(count().direct, 2, "the dead refer to nothing");
    holder.right.clear();
    ROOT.set(value(target));
    assert_eq!(count().direct, 2, "a root and a field");
    let shape = heap::alloc_shape();
    // SAFETY: a fresh shape cell.
    unsafe { (*heap::shape_cell(shape)).class.set(value(target)) };
    let instances: Vec<_> = (0..3).map(|_| heap::alloc(16, shape)).collect();
    let kept: [usize; 3] = std::array::from_fn(|index| instances[index] as usize);
    assert_eq!(count().instances, 3);
    std::hint::black_box((kept, holder));
    ROOT.clear();
}
