//! Iterators over a tree, in document order: elements by tag, pieces of text. Must not know: paths.

use super::element::{self, Element, or_none};
use native_macros::{Layout, native_class};
use objects::{Cast, Gc, Header, R, Slot, Str, Value, is_true, new_native};

#[derive(Layout)]
#[repr(C)]
pub struct ElementIter {
    header: Header,
    /// Where to begin, until that is done.
    root: Slot,
    tag: Slot,
    is_text: bool,
    /// Elements that are open, and how many of their children were visited.
    open: heap::Mutex<Vec<(Value, usize)>>,
}

fn make(root: Option<Value>, tag: Option<Value>, is_text: bool) -> Value {
    new_native(ElementIter {
        header: Header::blank(),
        root: Slot::new_opt(root),
        tag: Slot::new_opt(tag),
        is_text,
        open: heap::Mutex::new(Vec::new()),
    })
    .value()
}

/// The element and what is below it; with a tag those that have it.
pub fn elements(root: Gc<Element>, tag: Option<Value>) -> Value {
    make(Some(root.value()), tag, false)
}

/// Whether text is taken from the inside of an element: comments have none.
fn has_text(element: Gc<Element>) -> bool {
    let tag = or_none(&element.tag);
    tag.is_none() || tag.cast::<Str>().is_some()
}

pub fn texts(root: Gc<Element>) -> Value {
    make(has_text(root).then_some(root.value()), None, true)
}

/// What the walk comes to next.
enum Step {
    Enter(Gc<Element>),
    /// An element inside of the first one is done.
    Leave(Gc<Element>),
    End,
}

fn step(this: Gc<ElementIter>) -> Step {
    let mut open = this.open.lock();
    if let Some(root) = this.root.take().and_then(|root| root.cast::<Element>()) {
        open.push((root.value(), 0));
        return Step::Enter(root);
    }
    let Some((current, visited)) = open.last_mut() else { return Step::End };
    let Some(current) = current.cast::<Element>() else { return Step::End };
    match element::child(current, *visited) {
        Some(child) => {
            *visited += 1;
            // A comment's children and text are passed over where text is wanted.
            let visited = if this.is_text && !has_text(child) { usize::MAX } else { 0 };
            open.push((child.value(), visited));
            Step::Enter(child)
        }
        None => {
            open.pop();
            if open.is_empty() { Step::End } else { Step::Leave(current) }
        }
    }
}

#[native_class(name = "_elementtree._element_iterator", base = object, flags = "final no_new")]
impl ElementIter {
    fn __iter__(this: Gc<ElementIter>) -> Gc<ElementIter> {
        this
    }
    fn __next__(this: Gc<ElementIter>) -> R<Option<Value>> {
        loop {
            objects::thread::poll()?;
            match step(this) {
                Step::End => return Ok(None),
                Step::Enter(element) if this.is_text => {
                    let text = or_none(&element.text);
                    if has_text(element) && is_true(text)? {
                        return Ok(Some(text));
                    }
                }
                Step::Enter(element) => match this.tag.get() {
                    None => return Ok(Some(element.value())),
                    Some(tag) if objects::eq(or_none(&element.tag), tag)? => return Ok(Some(element.value())),
                    Some(_) => {}
                },
                Step::Leave(element) if this.is_text => {
                    let text = or_none(&element.tail);
                    if is_true(text)? {
                        return Ok(Some(text));
                    }
                }
                Step::Leave(_) => {}
            }
        }
    }
}
