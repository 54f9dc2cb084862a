//! Room for recursion over deep trees.

/// Depth that any thread's stack bears.
const SHALLOW: usize = 200;
const STACK_BYTES_PER_LEVEL: usize = 64 << 10;

/// The interpreter makes a MemoryError of what unwinds with this text.
const NO_STACK: &str = "out of memory";

/// Runs `work`, which recurses over a tree of `depth`, with enough stack: here if shallow, else on a thread of its own.
pub fn with_stack_for<T: Send>(depth: usize, work: impl FnOnce() -> T + Send) -> T {
    if depth <= SHALLOW {
        return work();
    }
    match with_stack(depth, work) {
        Some(value) => value,
        // Unwinds as what it is.
        None => std::panic::resume_unwind(Box::new(NO_STACK)),
    }
}

/// Drops a tree of `depth`; one for which there is no stack stays where it is.
pub fn drop_deep<T: Send>(tree: T, depth: usize) {
    if depth <= SHALLOW {
        return drop(tree);
    }
    let tree = std::mem::ManuallyDrop::new(tree);
    with_stack(depth, move || drop(std::mem::ManuallyDrop::into_inner(tree)));
}

/// Runs `work` on a thread of its own; None if there cannot be one.
fn with_stack<T: Send>(depth: usize, work: impl FnOnce() -> T + Send) -> Option<T> {
    let stack = (depth + SHALLOW).saturating_mul(STACK_BYTES_PER_LEVEL);
    std::thread::scope(|scope| {
        let handle = std::thread::Builder::new().stack_size(stack).spawn_scoped(scope, work).ok()?;
        match handle.join() {
            Ok(value) => Some(value),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// A tree that is dropped with enough stack.
pub struct Deep<T: Send> {
    tree: Option<T>,
    depth: usize,
}

impl<T: Send> Deep<T> {
    pub fn new(tree: T, depth: usize) -> Deep<T> {
        Deep { tree: Some(tree), depth }
    }
    pub fn get(&self) -> &T {
        self.tree.as_ref().expect("taken at the end only")
    }
    /// The tree, for who drops it with care; once.
    pub fn take(&mut self) -> T {
        self.tree.take().expect("taken once")
    }
}

impl<T: Send> Drop for Deep<T> {
    fn drop(&mut self) {
        if let Some(tree) = self.tree.take() {
            drop_deep(tree, self.depth)
        }
    }
}
