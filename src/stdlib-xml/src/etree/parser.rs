//! `XMLParser`: what the parser of this crate reads goes to a `TreeBuilder`, or to the methods of another target.
//! Must not know: markup, how trees are built.

use super::PARSE_ERROR;
use super::builder::{self, TreeBuilder};
use crate::object::encoding_table;
use crate::parser::{Event, Found, Handlers, Parser, Place};
use crate::{errors, parser};
use native_macros::{Layout, native_class};
use objects::dict::{self, Dict};
use objects::{
    Args, Buf, Bytes, Cast, Class, Gc, GcVec, Header, R, Raised, Slot, Str, Value, attribute_error, call, get_attr_opt, interned,
    new_dict, new_int, new_object, new_str, new_tuple, type_error, value_error,
};
use std::collections::HashMap;

const START: usize = 0;
const END: usize = 1;
const DATA: usize = 2;
const START_NAMESPACE: usize = 3;
const END_NAMESPACE: usize = 4;
const COMMENT: usize = 5;
const INSTRUCTION: usize = 6;
const DOCTYPE: usize = 7;
const CLOSE: usize = 8;
const METHODS: [&str; 9] = ["start", "end", "data", "start_ns", "end_ns", "comment", "pi", "doctype", "close"];

const UNDEFINED_ENTITY: u32 = 11;
const UNKNOWN: Place = Place { byte: 0, line: 1, column: 0 };

struct State {
    parser: Box<Parser>,
    /// Why the parser takes no more: an error of the document, 0 for one of the target, None at the end.
    failed: Option<(u32, Place)>,
    /// Input that did not suffice for a token the last time.
    deferred: usize,
    defers: bool,
    /// Names as the parser gives them, and as elements have them.
    names: HashMap<String, Value>,
}
impl objects::Trace for State {
    fn trace(&self, tracer: &mut heap::Tracer) {
        for name in self.names.values() {
            name.trace(tracer);
        }
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct XmlTreeParser {
    header: Header,
    state: heap::Mutex<Option<State>>,
    target: Slot,
    entity: Slot,
    methods: [Slot; 9],
}

#[cold]
fn not_ready() -> Raised {
    value_error!("XMLParser.__init__() wasn't called")
}

fn with<T>(this: Gc<XmlTreeParser>, work: impl FnOnce(&mut State) -> T) -> R<T> {
    match this.state.lock().as_mut() {
        Some(state) => Ok(work(state)),
        None => Err(not_ready()),
    }
}

/// The ParseError for a place of the document.
#[cold]
fn parse_error(code: u32, place: Place, what: Option<&str>) -> Raised {
    if code == parser::TOO_DEEP {
        return objects::recursion_error!("maximum recursion depth exceeded");
    }
    let make = || {
        let what = what.or_else(|| errors::text(code as i64)).unwrap_or("unknown error");
        let text = format!("{what}: line {}, column {}", place.line, place.column);
        let error = call(PARSE_ERROR.class()?.value(), &[new_str(&text)])?;
        let position = new_tuple(&[new_int(place.line as i64), new_int(place.column as i64)]);
        objects::set_attr(error, interned!("code"), new_int(code as i64))?;
        objects::set_attr(error, interned!("position"), position.value())?;
        Ok(error)
    };
    make().map_or_else(|raised| raised, objects::raise)
}

/// A name as elements have it: with its namespace in braces.
fn name_value(this: Gc<XmlTreeParser>, name: &str) -> R {
    if let Some(known) = with(this, |state| state.names.get(name).copied())? {
        return Ok(known);
    }
    let value = if name.contains('}') { new_str(&format!("{{{name}")) } else { new_str(name) };
    with(this, |state| state.names.insert(name.to_owned(), value))?;
    Ok(value)
}

fn attributes_value(this: Gc<XmlTreeParser>, attributes: &[(String, String)]) -> R<Gc<Dict>> {
    let dict = new_dict();
    for (name, value) in attributes {
        let (name, value) = (name_value(this, name)?, new_str(value));
        dict::dict_set(dict, name, value)?;
    }
    Ok(dict)
}

/// Text that nobody else wants: a reference to an entity that the program may know.
fn other_text(this: Gc<XmlTreeParser>, found: &Found) -> R<()> {
    let Some(name) = found.raw.strip_prefix('&').and_then(|raw| raw.strip_suffix(';')) else { return Ok(()) };
    let known = match this.entity.get().and_then(|entity| entity.cast::<Dict>()) {
        Some(entity) => dict::dict_get(entity, new_str(name))?,
        None => None,
    };
    match (known, plain_builder(this)) {
        (Some(text), Some(target)) => objects::call_method(target.value(), interned!("data"), &[text]).map(|_| ()),
        (Some(text), None) => send(this, DATA, &[text]),
        (None, _) => Err(parse_error(UNDEFINED_ENTITY, found.place, Some(&format!("undefined entity {}", found.raw)))),
    }
}

fn send(this: Gc<XmlTreeParser>, method: usize, args: &[Value]) -> R<()> {
    match this.methods[method].get() {
        Some(method) => call(method, args).map(|_| ()),
        None => Ok(()),
    }
}

fn plain_builder(this: Gc<XmlTreeParser>) -> Option<Gc<TreeBuilder>> {
    this.target.get().filter(|target| builder::is_plain(*target)).and_then(|target| target.cast::<TreeBuilder>())
}

fn handle(this: Gc<XmlTreeParser>, builder: Option<Gc<TreeBuilder>>, found: &Found) -> R<()> {
    let has = |method: usize| !this.methods[method].is_empty();
    let text_or_none = |text: &Option<String>| text.as_deref().map_or(Value::none(), new_str);
    match (&found.event, builder) {
        (Event::StartElement { name, attributes, .. }, Some(builder)) => {
            let tag = name_value(this, name)?;
            let attributes = if attributes.is_empty() { None } else { Some(attributes_value(this, attributes)?) };
            builder::start(builder, tag, attributes).map(|_| ())
        }
        (Event::StartElement { name, attributes, .. }, None) if has(START) => {
            let tag = name_value(this, name)?;
            let attributes = attributes_value(this, attributes)?;
            send(this, START, &[tag, attributes.value()])
        }
        (Event::EndElement(_), Some(builder)) => builder::end(builder).map(|_| ()),
        (Event::EndElement(name), None) if has(END) => send(this, END, &[name_value(this, name)?]),
        (Event::Characters(text), Some(builder)) => {
            builder::text(builder, text);
            Ok(())
        }
        (Event::Characters(text), None) if has(DATA) => send(this, DATA, &[new_str(text)]),
        (Event::Comment(text), Some(builder)) => builder::comment(builder, new_str(text)).map(|_| ()),
        (Event::Comment(text), None) if has(COMMENT) => send(this, COMMENT, &[new_str(text)]),
        (Event::Instruction { target, data }, Some(builder)) => {
            let (target, data) = (new_str(target), new_str(data));
            builder::instruction(builder, target, data).map(|_| ())
        }
        (Event::Instruction { target, data }, None) if has(INSTRUCTION) => {
            let (target, data) = (new_str(target), new_str(data));
            send(this, INSTRUCTION, &[target, data])
        }
        (Event::StartNamespace { prefix, uri }, Some(builder)) => builder::tell(builder, builder::START_NAMESPACE, || {
            let (prefix, uri) = (builder::or_empty(prefix), builder::or_empty(uri));
            new_tuple(&[prefix, uri]).value()
        }),
        (Event::StartNamespace { prefix, uri }, None) => {
            let (prefix, uri) = (builder::or_empty(prefix), builder::or_empty(uri));
            send(this, START_NAMESPACE, &[prefix, uri])
        }
        (Event::EndNamespace(_), Some(builder)) => builder::tell(builder, builder::END_NAMESPACE, Value::none),
        (Event::EndNamespace(prefix), None) => send(this, END_NAMESPACE, &[builder::or_empty(prefix)]),
        (Event::StartDoctype { name, system, public, .. }, _) => {
            if has(DOCTYPE) {
                let args = [new_str(name), text_or_none(public), text_or_none(system)];
                return send(this, DOCTYPE, &args);
            }
            if get_attr_opt(this.value(), interned!("doctype"))?.is_some() {
                const TEXT: &str =
                    "The doctype() method of XMLParser is ignored.  Define doctype() method on the TreeBuilder target.";
                return objects::warnings::warn(&objects::exc::RUNTIME_WARNING, TEXT, 1);
            }
            Ok(())
        }
        (Event::NeedsEncoding(name), _) => {
            let table = encoding_table(name)?;
            match with(this, |state| state.parser.set_table(table))? {
                Ok(()) => Ok(()),
                Err(code) => {
                    let place = with(this, |state| state.parser.error_place)?.unwrap_or(UNKNOWN);
                    Err(parse_error(code, place, None))
                }
            }
        }
        (Event::Default | Event::SkippedEntity { .. }, _) => other_text(this, found),
        _ => Ok(()),
    }
}

/// Reads what there is to read.
fn run(this: Gc<XmlTreeParser>, is_final: bool) -> R<()> {
    let waits = with(this, |state| {
        let waits = !is_final && state.defers && state.parser.unread() < 2 * state.deferred;
        state.deferred = if waits { state.deferred } else { 0 };
        waits
    })?;
    if waits {
        return Ok(());
    }
    let builder = plain_builder(this);
    let before = with(this, |state| state.parser.current_place())?;
    let handlers = Handlers { start_element: true, default_without_expansion: false, external_entity: false };
    loop {
        let raised = match with(this, |state| state.parser.next(handlers))? {
            Ok(None) => break,
            Ok(Some(found)) => match objects::thread::poll().and_then(|()| handle(this, builder, &found)) {
                Ok(()) => continue,
                Err(raised) => {
                    with(this, |state| {
                        state.parser.stop();
                        state.failed = Some((0, found.place));
                    })?;
                    raised
                }
            },
            Err(code) => {
                let place = with(this, |state| {
                    let place = state.parser.error_place.unwrap_or(UNKNOWN);
                    state.failed = Some((code, place));
                    place
                })?;
                parse_error(code, place, None)
            }
        };
        return Err(raised);
    }
    with(this, |state| {
        if state.parser.current_place() == before {
            state.deferred = state.parser.unread();
        }
    })
}

fn feed(this: Gc<XmlTreeParser>, bytes: &[u8], is_text: bool, is_final: bool) -> R<()> {
    const FINISHED: u32 = 36;
    let finished = with(this, |state| {
        if state.parser.is_finished() {
            let place = state.parser.current_place();
            return Some(match state.failed {
                Some((0, place)) => (FINISHED, place),
                Some(failed) => failed,
                None => (FINISHED, place),
            });
        }
        if is_text {
            state.parser.force_encoding("utf-8");
        }
        state.parser.feed(bytes, is_final);
        None
    })?;
    match finished {
        Some((code, place)) => Err(parse_error(code, place, None)),
        None => run(this, is_final),
    }
}

fn close(this: Gc<XmlTreeParser>) -> R {
    feed(this, &[], false, true)?;
    match plain_builder(this) {
        Some(builder) => Ok(builder::root(builder)),
        None => match this.methods[CLOSE].get() {
            Some(method) => call(method, &[]),
            None => Ok(Value::none()),
        },
    }
}

#[native_class(name = "xml.etree.ElementTree.XMLParser", base = object)]
impl XmlTreeParser {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        let made = XmlTreeParser {
            header: Header::blank(),
            state: heap::Mutex::new(None),
            target: Slot::empty(),
            entity: Slot::empty(),
            methods: [const { Slot::empty() }; 9],
        };
        Ok(new_object(cls, made).value())
    }
    #[sig("($self, *, target=None, encoding=None)", hidden)]
    fn __init__(this: Gc<XmlTreeParser>, target: Option<Value>, encoding: Option<String>) -> R<()> {
        let target = target.filter(|target| !target.is_none()).unwrap_or_else(|| builder::make().value());
        let mut methods = GcVec::new();
        for name in METHODS {
            methods.push(builder::method(target, name)?.unwrap_or(Value::none()));
        }
        let state = State {
            parser: Box::new(Parser::new(encoding, Some("}".to_owned()))),
            failed: None,
            deferred: 0,
            defers: true,
            names: HashMap::new(),
        };
        *this.state.lock() = Some(state);
        this.entity.set(new_dict().value());
        this.target.set(target);
        for (slot, method) in this.methods.iter().zip(methods.iter()) {
            slot.set_opt((!method.is_none()).then_some(*method));
        }
        Ok(())
    }
    #[sig("($self, data, /)")]
    fn feed(this: Gc<XmlTreeParser>, data: Value) -> R<()> {
        with(this, |_| ())?;
        match data.cast::<Str>() {
            Some(text) if text.is_ascii() => feed(this, text.raw_bytes(), true, false),
            Some(text) => feed(this, &objects::codec::encode(text, "utf-8", "strict")?, true, false),
            None => feed(this, &Buf::new(data)?, false, false),
        }
    }
    fn close(this: Gc<XmlTreeParser>) -> R {
        close(this)
    }
    fn flush(this: Gc<XmlTreeParser>) -> R<()> {
        let before = with(this, |state| std::mem::replace(&mut state.defers, false))?;
        let result = feed(this, &[], false, false);
        with(this, |state| state.defers = before)?;
        result
    }
    #[sig("($self, file, /)")]
    fn _parse_whole(this: Gc<XmlTreeParser>, file: Value) -> R {
        with(this, |_| ())?;
        let read = objects::get_attr(file, interned!("read"))?;
        loop {
            let data = call(read, &[new_int(64 * 1024)])?;
            if let Some(text) = data.cast::<Str>() {
                if text.is_empty() {
                    break;
                }
                feed(this, &objects::codec::encode(text, "utf-8", "surrogatepass")?, true, false)?;
            } else {
                match data.cast_exact::<Bytes>().filter(|bytes| !bytes.is_empty()) {
                    Some(bytes) => feed(this, bytes.as_slice(), false, false)?,
                    None => break,
                }
            }
        }
        feed(this, &[], false, true)?;
        Ok(plain_builder(this).map_or(Value::none(), builder::root))
    }
    #[sig("($self, events_queue, events_to_report=None, /)")]
    fn _setevents(this: Gc<XmlTreeParser>, events_queue: Value, events_to_report: Option<Value>) -> R<()> {
        with(this, |_| ())?;
        let Some(builder) = plain_builder(this) else {
            return Err(type_error!("event handling only supported for ElementTree.TreeBuilder targets"));
        };
        let append = objects::get_attr(events_queue, interned!("append"))?;
        let Some(events) = events_to_report.filter(|events| !events.is_none()) else {
            builder::set_events(builder, append, builder::END);
            return Ok(());
        };
        let events = objects::to_vec(events).map_err(|raised| {
            if !raised.is(&objects::exc::TYPE_ERROR) {
                return raised;
            }
            raised.clear();
            type_error!("events must be a sequence")
        })?;
        let mut wanted = 0;
        for event in &events {
            let name = match (event.cast::<Str>(), event.cast::<Bytes>()) {
                (Some(name), _) => name.to_string_lossy(),
                (None, Some(name)) => String::from_utf8_lossy(name.as_slice()).into_owned(),
                (None, None) => return Err(value_error!("invalid events sequence")),
            };
            match builder::EVENTS.iter().find(|(known, _)| *known == name) {
                Some((_, bit)) => wanted |= bit,
                None => return Err(value_error!("unknown event '{name}'")),
            }
        }
        builder::set_events(builder, append, wanted);
        Ok(())
    }
    #[getter]
    fn target(this: Gc<XmlTreeParser>) -> Value {
        this.target.get().unwrap_or(Value::none())
    }
    #[getter]
    fn entity(this: Gc<XmlTreeParser>) -> Value {
        this.entity.get().unwrap_or(Value::none())
    }
    #[setter(target)]
    fn set_target(_this: Gc<XmlTreeParser>, _value: Option<Value>) -> R<()> {
        Err(attribute_error!("readonly attribute"))
    }
    #[setter(entity)]
    fn set_entity(_this: Gc<XmlTreeParser>, _value: Option<Value>) -> R<()> {
        Err(attribute_error!("readonly attribute"))
    }
    #[getter]
    fn version(_this: Gc<XmlTreeParser>) -> &'static str {
        "Expat 2.7.0"
    }
}
