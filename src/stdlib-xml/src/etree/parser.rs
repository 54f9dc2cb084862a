//! `XMLParser`: what the parser of this crate reads goes to a `TreeBuilder`, or to the methods of another target.
//! Must not know: markup, how trees are built.

use super::PARSE_ERROR;
use super::builder::{self, TreeBuilder};
use crate::elements::Tag;
use crate::names::NameId;
use crate::object::{encoding_table, utf8};
use crate::parser::{Declaration, Event, Handlers, Parser, Place, Text};
use crate::{errors, parser};
use native_macros::{Layout, native_class};
use objects::dict::{self, Dict};
use objects::{
    Args, Buf, Bytes, Cast, Class, Gc, GcVec, Header, R, Raised, Slot, Str, Value, attribute_error, call, get_attr_opt, interned,
    new_dict, new_int, new_object, new_str, new_tuple, type_error, value_error,
};

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
    /// Names as elements have them: with the namespace in braces.
    names: Vec<Option<Value>>,
}
impl objects::Trace for State {
    fn trace(&self, tracer: &mut heap::Tracer) {
        self.names.iter().flatten().for_each(|name| name.trace(tracer));
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

impl State {
    fn name(&mut self, name: NameId) -> Value {
        if let Some(Some(known)) = self.names.get(name.index()) {
            return *known;
        }
        let text = self.parser.name(name);
        let value = if text.contains('}') { new_str(&base::memory::formatted(format_args!("{{{text}"))) } else { new_str(text) };
        if let Some(missing) = (name.index() + 1).checked_sub(self.names.len()) {
            base::memory::Grow::put_each(&mut self.names, std::iter::repeat_n(None, missing));
        }
        self.names[name.index()] = Some(value);
        value
    }
    fn attributes(&mut self, tag: &Tag) -> R<Gc<Dict>> {
        let dict = dict::new_dict_sized(tag.len())?;
        for (name, value) in tag.attributes() {
            dict::dict_set(dict, self.name(name), new_str(value))?;
        }
        Ok(dict)
    }
    /// A prefix or a namespace, which may be missing.
    fn namespace(&self, name: Option<NameId>) -> Value {
        new_str(name.map_or("", |name| self.parser.name(name)))
    }
}

/// Text that nobody else wants: a reference to an entity that the program may know.
fn other_text(this: Gc<XmlTreeParser>, source: &str) -> R<()> {
    let Some(name) = source.strip_prefix('&').and_then(|source| source.strip_suffix(';')) else { return Ok(()) };
    let known = match this.entity.get().and_then(|entity| entity.cast::<Dict>()) {
        Some(entity) => dict::dict_get(entity, new_str(name))?,
        None => None,
    };
    match (known, plain_builder(this)) {
        (Some(text), Some(target)) => objects::call_method(target.value(), interned!("data"), &[text]).map(|_| ()),
        (Some(text), None) => send(this, DATA, &[text]),
        (None, _) => {
            let place = with(this, |state| state.parser.event_place())?.unwrap_or(UNKNOWN);
            let what = base::memory::formatted(format_args!("undefined entity {source}"));
            Err(parse_error(UNDEFINED_ENTITY, place, Some(&what)))
        }
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

/// What an event comes to, as values.
enum Step {
    End,
    Failed(u32),
    /// Done already, or nobody wants it.
    Nothing,
    Open(Value, Option<Gc<Dict>>),
    Close(NameId),
    /// A method of the target with its arguments.
    Send(usize, [Value; 2]),
    Namespace(Value, Value),
    EndNamespace(Value),
    Other(String),
    Rare(Event),
}

/// The next event. Text goes to a builder at once.
fn next(this: Gc<XmlTreeParser>, state: &mut State, builder: Option<Gc<TreeBuilder>>) -> R<Step> {
    let handlers = Handlers { start_element: true, joins_text: builder.is_some(), ..Handlers::default() };
    let found = match state.parser.next(handlers) {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(Step::End),
        Err(code) => return Ok(Step::Failed(code)),
    };
    let wants = |method: usize| builder.is_some() || !this.methods[method].is_empty();
    Ok(match found.event {
        Event::StartElement(tag) => {
            let step = if wants(START) {
                let attributes = if tag.is_empty() && builder.is_some() { None } else { Some(state.attributes(&tag)?) };
                Step::Open(state.name(tag.name), attributes)
            } else {
                Step::Nothing
            };
            state.parser.take_back(tag);
            step
        }
        Event::EndElement(name) => Step::Close(name),
        Event::Characters(text) => {
            let mut bytes = [0; 4];
            let text = match text {
                Text::Source => state.parser.source(&found),
                Text::Character(character) => character.encode_utf8(&mut bytes),
            };
            match builder {
                Some(builder) => builder::text(builder, text),
                None if wants(DATA) => return Ok(Step::Send(DATA, [new_str(text); 2])),
                None => {}
            }
            Step::Nothing
        }
        Event::Comment(text) if wants(COMMENT) => Step::Send(COMMENT, [new_str(&text); 2]),
        Event::Instruction { target, data } if wants(INSTRUCTION) => {
            Step::Send(INSTRUCTION, [new_str(state.parser.name(target)), new_str(&data)])
        }
        Event::StartNamespace { prefix, uri } => Step::Namespace(state.namespace(prefix), state.namespace(uri)),
        Event::EndNamespace(prefix) => Step::EndNamespace(state.namespace(prefix)),
        Event::Default | Event::SkippedEntity { .. } => Step::Other(base::memory::copied_text(state.parser.source(&found))),
        other => Step::Rare(other),
    })
}

fn handle(this: Gc<XmlTreeParser>, builder: Option<Gc<TreeBuilder>>, step: Step) -> R<()> {
    match (step, builder) {
        (Step::Open(tag, attributes), Some(builder)) => builder::start(builder, tag, attributes).map(|_| ()),
        (Step::Open(tag, attributes), None) => send(this, START, &[tag, attributes.unwrap_or_else(new_dict).value()]),
        (Step::Close(_), Some(builder)) => builder::end(builder).map(|_| ()),
        (Step::Close(name), None) => match this.methods[END].get() {
            Some(method) => call(method, &[with(this, |state| state.name(name))?]).map(|_| ()),
            None => Ok(()),
        },
        (Step::Send(COMMENT, [text, _]), Some(builder)) => builder::comment(builder, text).map(|_| ()),
        (Step::Send(INSTRUCTION, [target, data]), Some(builder)) => builder::instruction(builder, target, data).map(|_| ()),
        (Step::Send(INSTRUCTION, args), _) => send(this, INSTRUCTION, &args),
        (Step::Send(method, [text, _]), _) => send(this, method, &[text]),
        (Step::Namespace(prefix, uri), Some(builder)) => {
            builder::tell(builder, builder::START_NAMESPACE, || new_tuple(&[prefix, uri]).value())
        }
        (Step::Namespace(prefix, uri), None) => send(this, START_NAMESPACE, &[prefix, uri]),
        (Step::EndNamespace(_), Some(builder)) => builder::tell(builder, builder::END_NAMESPACE, Value::none),
        (Step::EndNamespace(prefix), None) => send(this, END_NAMESPACE, &[prefix]),
        (Step::Other(source), _) => other_text(this, &source),
        (Step::Rare(event), _) => rare(this, event),
        (Step::End | Step::Failed(_) | Step::Nothing, _) => Ok(()),
    }
}

fn rare(this: Gc<XmlTreeParser>, event: Event) -> R<()> {
    let text_or_none = |text: &Option<String>| text.as_deref().map_or(Value::none(), new_str);
    match event {
        Event::Declaration(declaration) => {
            let Declaration::StartDoctype { name, system, public, .. } = *declaration else { return Ok(()) };
            if !this.methods[DOCTYPE].is_empty() {
                return send(this, DOCTYPE, &[new_str(&name), text_or_none(&public), text_or_none(&system)]);
            }
            if get_attr_opt(this.value(), interned!("doctype"))?.is_some() {
                const TEXT: &str =
                    "The doctype() method of XMLParser is ignored.  Define doctype() method on the TreeBuilder target.";
                return objects::warnings::warn(&objects::exc::RUNTIME_WARNING, TEXT, 1);
            }
            Ok(())
        }
        Event::NeedsEncoding(name) => {
            let table = encoding_table(&name)?;
            match with(this, |state| state.parser.set_table(table))? {
                Ok(()) => Ok(()),
                Err(code) => {
                    let place = with(this, |state| state.parser.error_place)?.unwrap_or(UNKNOWN);
                    Err(parse_error(code, place, None))
                }
            }
        }
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
    loop {
        let step = objects::thread::poll().and_then(|()| with(this, |state| next(this, state, builder))?);
        let raised = match step {
            Ok(Step::End) => break,
            Ok(Step::Nothing) => continue,
            Ok(Step::Failed(code)) => {
                let place = with(this, |state| {
                    let place = state.parser.error_place.unwrap_or(UNKNOWN);
                    state.failed = Some((code, place));
                    place
                })?;
                return Err(parse_error(code, place, None));
            }
            Ok(step) => match handle(this, builder, step) {
                Ok(()) => continue,
                Err(raised) => raised,
            },
            Err(raised) => raised,
        };
        with(this, |state| {
            let place = state.parser.event_place().unwrap_or(UNKNOWN);
            state.parser.stop();
            state.failed = Some((0, place));
        })?;
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
            names: Vec::new(),
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
            Some(text) => feed(this, utf8(text)?.as_slice(), true, false),
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
                match objects::codec::encode_utf8(text) {
                    Some(bytes) => feed(this, bytes?.as_slice(), true, false)?,
                    None => feed(this, &objects::codec::encode(text, "utf-8", "surrogatepass")?, true, false)?,
                }
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
