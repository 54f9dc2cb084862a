//! `TreeBuilder`: elements from the events of a parser. Must not know: markup, who sends the events.

use super::element::{self, Element};
use super::{COMMENT_FACTORY, INSTRUCTION_FACTORY, PARSE_ERROR};
use native_macros::{Layout, native_class};
use objects::dict::Dict;
use objects::{
    Args, Cast, Class, Gc, GcVec, Header, Layout as _, R, Slot, Value, call, call_method, class_name, class_of, get_attr_opt,
    index_error, interned, new_dict, new_list, new_native, new_object, new_str, new_tuple, set_attr, type_error,
};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

/// Events that somebody wants to hear of.
pub const START: u8 = 1;
pub const END: u8 = 2;
pub const START_NAMESPACE: u8 = 4;
pub const END_NAMESPACE: u8 = 8;
pub const COMMENT: u8 = 16;
pub const INSTRUCTION: u8 = 32;
pub const EVENTS: &[(&str, u8)] = &[
    ("start", START),
    ("end", END),
    ("start-ns", START_NAMESPACE),
    ("end-ns", END_NAMESPACE),
    ("comment", COMMENT),
    ("pi", INSTRUCTION),
];

/// Open elements, and text that no element has yet: what came as objects, then what a parser read since.
struct Work {
    open: Vec<Value>,
    pieces: Vec<Value>,
    text: String,
}
impl objects::Trace for Work {
    fn trace(&self, tracer: &mut heap::Tracer) {
        self.open.trace(tracer);
        self.pieces.trace(tracer);
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct TreeBuilder {
    header: Header,
    root: Slot,
    /// The innermost open element.
    this: Slot,
    /// The element that text belongs to, and the one whose tail it is.
    last: Slot,
    last_for_tail: Slot,
    element_factory: Slot,
    comment_factory: Slot,
    instruction_factory: Slot,
    events_append: Slot,
    wanted: AtomicU8,
    insert_comments: AtomicBool,
    insert_instructions: AtomicBool,
    work: heap::Mutex<Work>,
}

fn blank() -> TreeBuilder {
    TreeBuilder {
        header: Header::blank(),
        root: Slot::empty(),
        this: Slot::empty(),
        last: Slot::empty(),
        last_for_tail: Slot::empty(),
        element_factory: Slot::empty(),
        comment_factory: Slot::empty(),
        instruction_factory: Slot::empty(),
        events_append: Slot::empty(),
        wanted: AtomicU8::new(0),
        insert_comments: AtomicBool::new(false),
        insert_instructions: AtomicBool::new(false),
        work: heap::Mutex::new(Work { open: Vec::new(), pieces: Vec::new(), text: String::new() }),
    }
}

/// The builder of a parser that was given none.
pub fn make() -> Gc<TreeBuilder> {
    new_native(blank())
}
pub fn is_plain(value: Value) -> bool {
    class_of(value) == TreeBuilder::class()
}

/// Begins to tell a queue of events.
pub fn set_events(this: Gc<TreeBuilder>, append: Value, wanted: u8) {
    this.wanted.store(wanted, Ordering::Relaxed);
    this.events_append.set(append);
}
pub fn tell(this: Gc<TreeBuilder>, event: u8, what: impl FnOnce() -> Value) -> R<()> {
    if this.wanted.load(Ordering::Relaxed) & event == 0 {
        return Ok(());
    }
    let Some(append) = this.events_append.get() else { return Ok(()) };
    let name = EVENTS.iter().find(|(_, bit)| *bit == event).map_or("", |(name, _)| *name);
    let pair = new_tuple(&[objects::intern(name).value(), what()]);
    call(append, &[pair.value()]).map(|_| ())
}

/// Gives the text that has piled up to its element.
fn flush(this: Gc<TreeBuilder>) -> R<()> {
    let text = {
        let mut work = this.work.lock();
        if work.pieces.is_empty() {
            if work.text.is_empty() {
                return Ok(());
            }
            let text = new_str(&work.text);
            work.text.clear();
            text
        } else {
            let mut pieces = GcVec::from_slice(&work.pieces);
            if !work.text.is_empty() {
                pieces.push(new_str(&work.text));
            }
            work.pieces.clear();
            work.text.clear();
            drop(work);
            match pieces.as_slice() {
                [only] => *only,
                _ => call_method(new_str(""), interned!("join"), &[new_list(&pieces).value()])?,
            }
        }
    };
    let (target, is_tail) = match this.last_for_tail.get() {
        Some(target) => (target, true),
        None => match this.last.get() {
            Some(target) => (target, false),
            None => return Ok(()),
        },
    };
    if element::is_plain(target)
        && let Some(target) = target.cast::<Element>()
    {
        let slot = if is_tail { &target.tail } else { &target.text };
        let joined = match slot.get().filter(|before| !before.is_none()) {
            Some(before) => joined(before, text)?,
            None => text,
        };
        slot.set(joined);
        return Ok(());
    }
    let name = if is_tail { interned!("tail") } else { interned!("text") };
    let before = objects::get_attr(target, name)?;
    let text = if before.is_none() { text } else { joined(before, text)? };
    set_attr(target, name, text)
}
fn joined(before: Value, text: Value) -> R {
    call_method(new_str(""), interned!("join"), &[new_list(&[before, text]).value()])
}

fn add_child(parent: Value, child: Value) -> R<()> {
    if element::is_plain(parent)
        && let (Some(parent), Some(_)) = (parent.cast::<Element>(), child.cast::<Element>())
    {
        return element::add(parent, child);
    }
    call_method(parent, interned!("append"), &[child]).map(|_| ())
}

pub fn start(this: Gc<TreeBuilder>, tag: Value, attributes: Option<Gc<Dict>>) -> R {
    flush(this)?;
    let node = match this.element_factory.get() {
        None => element::make(tag, attributes).value(),
        Some(factory) => call(factory, &[tag, attributes.unwrap_or_else(new_dict).value()])?,
    };
    this.last_for_tail.set_opt(None);
    match this.this.get() {
        Some(parent) => add_child(parent, node)?,
        None if !this.root.is_empty() => {
            let error = call(PARSE_ERROR.class()?.value(), &[new_str("multiple elements on top level")])?;
            return Err(objects::raise(error));
        }
        None => this.root.set(node),
    }
    {
        let mut work = this.work.lock();
        let outer = this.this.get().unwrap_or(Value::none());
        work.open.push(outer);
        this.this.set(node);
        this.last.set(node);
    }
    tell(this, START, || node)?;
    Ok(node)
}

/// Text that a parser read.
pub fn text(this: Gc<TreeBuilder>, text: &str) {
    if !this.last.is_empty() {
        base::memory::GrowText::put_str(&mut this.work.lock().text, text);
    }
}

pub fn end(this: Gc<TreeBuilder>) -> R {
    flush(this)?;
    let closed = {
        let mut work = this.work.lock();
        let Some(outer) = work.open.pop() else { return Err(index_error!("pop from empty stack")) };
        let closed = this.this.get();
        this.last.set_opt(closed);
        this.last_for_tail.set_opt(closed);
        this.this.set_opt((!outer.is_none()).then_some(outer));
        closed.unwrap_or(Value::none())
    };
    tell(this, END, || closed)?;
    Ok(closed)
}

/// Puts a comment or a processing instruction into the tree.
fn insert(this: Gc<TreeBuilder>, node: Value) -> R<()> {
    if let Some(parent) = this.this.get() {
        add_child(parent, node)?;
        this.last_for_tail.set(node);
    }
    Ok(())
}
pub fn comment(this: Gc<TreeBuilder>, text: Value) -> R {
    flush(this)?;
    let node = match this.comment_factory.get() {
        None => text,
        Some(factory) => {
            let node = call(factory, &[text])?;
            if this.insert_comments.load(Ordering::Relaxed) {
                insert(this, node)?;
            }
            node
        }
    };
    tell(this, COMMENT, || node)?;
    Ok(node)
}
pub fn instruction(this: Gc<TreeBuilder>, target: Value, data: Value) -> R {
    flush(this)?;
    let node = match this.instruction_factory.get() {
        None => new_tuple(&[target, data]).value(),
        Some(factory) => {
            let node = call(factory, &[target, data])?;
            if this.insert_instructions.load(Ordering::Relaxed) {
                insert(this, node)?;
            }
            node
        }
    };
    tell(this, INSTRUCTION, || node)?;
    Ok(node)
}
pub fn root(this: Gc<TreeBuilder>) -> Value {
    this.root.get().unwrap_or(Value::none())
}

/// A factory that was given, or else the usual one.
fn factory(given: Option<Value>, usual: &'static objects::interpreter::InterpreterSlot) -> Option<Value> {
    given.filter(|given| !given.is_none()).or_else(|| usual.get())
}

#[native_class(name = "xml.etree.ElementTree.TreeBuilder", base = object)]
impl TreeBuilder {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        Ok(new_object(cls, blank()).value())
    }
    #[sig(
        "($self, element_factory=None, *, comment_factory=None, pi_factory=None, insert_comments=False, insert_pis=False)",
        hidden
    )]
    fn __init__(
        this: Gc<TreeBuilder>,
        element_factory: Option<Value>,
        comment_factory: Option<Value>,
        pi_factory: Option<Value>,
        insert_comments: bool,
        insert_pis: bool,
    ) {
        this.element_factory.set_opt(element_factory.filter(|given| !given.is_none()));
        this.comment_factory.set_opt(factory(comment_factory, &COMMENT_FACTORY));
        this.insert_comments.store(insert_comments && !this.comment_factory.is_empty(), Ordering::Relaxed);
        this.instruction_factory.set_opt(factory(pi_factory, &INSTRUCTION_FACTORY));
        this.insert_instructions.store(insert_pis && !this.instruction_factory.is_empty(), Ordering::Relaxed);
    }
    #[sig("($self, tag, attrs, /)")]
    fn start(this: Gc<TreeBuilder>, tag: Value, attrs: Value) -> R {
        match attrs.cast::<Dict>() {
            Some(attributes) => start(this, tag, Some(attributes)),
            None if attrs.is_none() => Err(type_error!("start() argument 2 must be dict, not None")),
            None => Err(type_error!("start() argument 2 must be dict, not {}", class_name(attrs))),
        }
    }
    #[sig("($self, data, /)")]
    fn data(this: Gc<TreeBuilder>, data: Value) {
        if this.last.is_empty() {
            return;
        }
        let mut work = this.work.lock();
        if !work.text.is_empty() {
            let before = new_str(&work.text);
            work.text.clear();
            work.pieces.push(before);
        }
        work.pieces.push(data);
    }
    #[sig("($self, tag, /)")]
    fn end(this: Gc<TreeBuilder>, _tag: Value) -> R {
        end(this)
    }
    #[sig("($self, text, /)")]
    fn comment(this: Gc<TreeBuilder>, text: Value) -> R {
        comment(this, text)
    }
    #[sig("($self, target, text=None, /)")]
    fn pi(this: Gc<TreeBuilder>, target: Value, text: Option<Value>) -> R {
        instruction(this, target, text.unwrap_or(Value::none()))
    }
    fn close(this: Gc<TreeBuilder>) -> Value {
        root(this)
    }
}

/// A method of a target, if it has it.
pub fn method(target: Value, name: &str) -> R<Option<Value>> {
    get_attr_opt(target, objects::intern(name))
}
