//! `pyexpat.xmlparser`: events of the parser go to Python handlers. Must not know: XML.

use crate::dtd::Model;
use crate::elements::Tag;
use crate::errors;
use crate::names::NameId;
use crate::parser::{Declaration, Event, Handlers, Parser, Place, Text};
use base::memory::GrowText;
use native_macros::{Layout, native_class};
use objects::dict::{Dict, dict_get, dict_set, new_dict};
use objects::{
    Buf, Bytes, Cast, Gc, GcVec, Header, R, Slot, Str, Value, new_bytes, new_int, new_list, new_native, new_str, new_tuple,
    type_error, value_error,
};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

const START_ELEMENT: usize = 0;
const END_ELEMENT: usize = 1;
const PROCESSING_INSTRUCTION: usize = 2;
const CHARACTER_DATA: usize = 3;
const UNPARSED_ENTITY_DECL: usize = 4;
const NOTATION_DECL: usize = 5;
const START_NAMESPACE_DECL: usize = 6;
const END_NAMESPACE_DECL: usize = 7;
const COMMENT: usize = 8;
const START_CDATA_SECTION: usize = 9;
const END_CDATA_SECTION: usize = 10;
const DEFAULT: usize = 11;
const DEFAULT_EXPAND: usize = 12;
const NOT_STANDALONE: usize = 13;
const EXTERNAL_ENTITY_REF: usize = 14;
const START_DOCTYPE_DECL: usize = 15;
const END_DOCTYPE_DECL: usize = 16;
const ENTITY_DECL: usize = 17;
const XML_DECL: usize = 18;
const ELEMENT_DECL: usize = 19;
const ATTLIST_DECL: usize = 20;
const SKIPPED_ENTITY: usize = 21;
const HANDLERS: usize = 22;

struct State {
    parser: Box<Parser>,
    /// The place that is told; None: that of the event at hand.
    place: Option<Place>,
    /// Names and namespaces by their numbers, as far as they were needed.
    names: Vec<Option<Value>>,
    error: u32,
    /// Text that waits for its handler.
    buffered: String,
    is_buffering: bool,
    base: Option<String>,
    /// Input that did not suffice for a token the last time.
    deferred: usize,
}
impl objects::Trace for State {
    fn trace(&self, tracer: &mut heap::Tracer) {
        self.names.iter().flatten().for_each(|name| name.trace(tracer));
    }
}
impl State {
    fn place_now(&self) -> Option<Place> {
        self.place.or_else(|| self.parser.event_place())
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct XmlParser {
    pub header: Header,
    state: heap::Mutex<State>,
    handlers: [Slot; HANDLERS],
    intern: Slot,
    buffer_text: AtomicBool,
    buffer_size: AtomicUsize,
    ordered_attributes: AtomicBool,
    specified_attributes: AtomicBool,
    reparse_deferral: AtomicBool,
    in_handler: AtomicI64,
}

pub fn make(parser: Parser, intern: Option<Value>) -> Gc<XmlParser> {
    let state = State {
        parser: Box::new(parser),
        place: None,
        names: Vec::new(),
        error: 0,
        buffered: String::new(),
        is_buffering: false,
        base: None,
        deferred: 0,
    };
    new_native(XmlParser {
        header: Header::blank(),
        state: heap::Mutex::new(state),
        handlers: [const { Slot::empty() }; HANDLERS],
        intern: Slot::new_opt(intern),
        buffer_text: AtomicBool::new(false),
        buffer_size: AtomicUsize::new(8192),
        ordered_attributes: AtomicBool::new(false),
        specified_attributes: AtomicBool::new(false),
        reparse_deferral: AtomicBool::new(true),
        in_handler: AtomicI64::new(0),
    })
}

fn set_handler(this: Gc<XmlParser>, index: usize, value: Value) -> R<()> {
    if index == CHARACTER_DATA {
        flush_text(this)?;
    }
    this.handlers[index].set_opt((!value.is_none()).then_some(value));
    Ok(())
}

/// A str, the same object for the same text.
fn interned_text(this: Gc<XmlParser>, text: &str) -> R {
    let value = new_str(text);
    let Some(dict) = this.intern.get().and_then(|dict| dict.cast::<Dict>()) else { return Ok(value) };
    match dict_get(dict, value)? {
        Some(known) => Ok(known),
        None => {
            dict_set(dict, value, value)?;
            Ok(value)
        }
    }
}
fn optional(this: Gc<XmlParser>, text: &Option<String>) -> R {
    match text {
        Some(text) => interned_text(this, text),
        None => Ok(Value::none()),
    }
}

fn call_handler(this: Gc<XmlParser>, handler: Value, args: &[Value]) -> R {
    this.in_handler.fetch_add(1, Ordering::Relaxed);
    let result = objects::call(handler, args);
    this.in_handler.fetch_sub(1, Ordering::Relaxed);
    result
}

/// Gives buffered text to its handler.
fn flush_text(this: Gc<XmlParser>) -> R<()> {
    let text = {
        let mut state = this.state.lock();
        if !state.is_buffering {
            return Ok(());
        }
        state.is_buffering = false;
        std::mem::take(&mut state.buffered)
    };
    match this.handlers[CHARACTER_DATA].get() {
        Some(handler) => call_handler(this, handler, &[new_str(&text)]).map(|_| ()),
        None => Ok(()),
    }
}

fn model_value(model: &Model) -> Value {
    let parts: GcVec = model.parts.iter().map(model_value).collect();
    let name = model.name.as_deref().map_or(Value::none(), new_str);
    new_tuple(&[new_int(model.kind), new_int(model.quantifier), name, new_tuple(&parts).value()]).value()
}

/// A name or a namespace as a str.
fn name_value(this: Gc<XmlParser>, name: NameId) -> R {
    let text = {
        let state = this.state.lock();
        match state.names.get(name.index()) {
            Some(Some(known)) => return Ok(*known),
            _ => state.parser.shared_name(name),
        }
    };
    let value = interned_text(this, &text)?;
    let mut state = this.state.lock();
    if let Some(missing) = (name.index() + 1).checked_sub(state.names.len()) {
        base::memory::Grow::put_each(&mut state.names, std::iter::repeat_n(None, missing));
    }
    state.names[name.index()] = Some(value);
    Ok(value)
}
fn optional_name(this: Gc<XmlParser>, name: Option<NameId>) -> R {
    name.map_or(Ok(Value::none()), |name| name_value(this, name))
}

fn attributes_value(this: Gc<XmlParser>, tag: &Tag) -> R {
    let count = if this.specified_attributes.load(Ordering::Relaxed) { tag.specified } else { tag.len() };
    if this.ordered_attributes.load(Ordering::Relaxed) {
        let mut items = GcVec::new();
        for (name, value) in tag.attributes().take(count) {
            items.push(name_value(this, name)?);
            items.push(new_str(value));
        }
        return Ok(new_list(&items).value());
    }
    let dict = new_dict();
    for (name, value) in tag.attributes().take(count) {
        dict_set(dict, name_value(this, name)?, new_str(value))?;
    }
    Ok(dict.value())
}

/// What the parser has to do after an event.
enum After {
    Nothing,
    Fail(u32),
}

/// `text` is that of characters if somebody wants them, else what the event was made of if somebody wants that.
fn handle(this: Gc<XmlParser>, event: Event, text: &str) -> R<After> {
    let handler = |index: usize| this.handlers[index].get();
    let (index, args): (usize, GcVec) = match event {
        Event::Characters(_) => {
            let Some(handler) = handler(CHARACTER_DATA) else { return default(this, text) };
            give_text(this, handler, text)?;
            return Ok(After::Nothing);
        }
        Event::StartElement(tag) => {
            let result = match handler(START_ELEMENT) {
                Some(handler) => {
                    flush_text(this)?;
                    let attributes = attributes_value(this, &tag)?;
                    call_handler(this, handler, &[name_value(this, tag.name)?, attributes]).map(|_| After::Nothing)
                }
                None => default(this, text),
            };
            this.state.lock().parser.take_back(tag);
            return result;
        }
        Event::EndElement(name) => {
            let Some(handler) = handler(END_ELEMENT) else { return default(this, text) };
            flush_text(this)?;
            return call_handler(this, handler, &[name_value(this, name)?]).map(|_| After::Nothing);
        }
        Event::Default => return default(this, text),
        Event::NeedsEncoding(name) => {
            let table = encoding_table(&name)?;
            let result = this.state.lock().parser.set_table(table);
            return Ok(result.map_or_else(After::Fail, |()| After::Nothing));
        }
        Event::Instruction { target, data } => {
            (PROCESSING_INSTRUCTION, GcVec::from_slice(&[name_value(this, target)?, new_str(&data)]))
        }
        Event::Comment(text) => (COMMENT, GcVec::from_slice(&[new_str(&text)])),
        Event::StartCdata => (START_CDATA_SECTION, GcVec::new()),
        Event::EndCdata => (END_CDATA_SECTION, GcVec::new()),
        Event::StartNamespace { prefix, uri } => {
            (START_NAMESPACE_DECL, GcVec::from_slice(&[optional_name(this, prefix)?, optional_name(this, uri)?]))
        }
        Event::EndNamespace(prefix) => (END_NAMESPACE_DECL, GcVec::from_slice(&[optional_name(this, prefix)?])),
        Event::EndDoctype => (END_DOCTYPE_DECL, GcVec::new()),
        Event::NotStandalone => (NOT_STANDALONE, GcVec::new()),
        Event::SkippedEntity { name, is_parameter } => {
            (SKIPPED_ENTITY, GcVec::from_slice(&[interned_text(this, &name)?, new_int(is_parameter as i64)]))
        }
        Event::Declaration(declaration) => declaration_args(this, &declaration)?,
    };
    let Some(handler) = handler(index) else {
        let is_silent = matches!(index, NOT_STANDALONE | START_NAMESPACE_DECL | END_NAMESPACE_DECL);
        return if is_silent { Ok(After::Nothing) } else { default(this, text) };
    };
    flush_text(this)?;
    let result = call_handler(this, handler, &args)?;
    let verdict = match index {
        NOT_STANDALONE => 22,
        EXTERNAL_ENTITY_REF => 21,
        _ => return Ok(After::Nothing),
    };
    Ok(if objects::index(result)? == 0 { After::Fail(verdict) } else { After::Nothing })
}

/// The handler of a declaration, and what it is called with.
fn declaration_args(this: Gc<XmlParser>, declaration: &Declaration) -> R<(usize, GcVec)> {
    let names = |text: &str| interned_text(this, text);
    let text_or_none = |text: &Option<String>| text.as_deref().map_or(Value::none(), new_str);
    Ok(match declaration {
        Declaration::Xml { version, encoding, standalone } => {
            (XML_DECL, GcVec::from_slice(&[text_or_none(version), text_or_none(encoding), new_int(*standalone)]))
        }
        Declaration::StartDoctype { name, system, public, has_internal } => {
            let args = [names(name)?, optional(this, system)?, optional(this, public)?, new_int(*has_internal as i64)];
            (START_DOCTYPE_DECL, GcVec::from_slice(&args))
        }
        Declaration::Entity { name, is_parameter, value, base, system, public, notation } => {
            let is_unparsed = notation.is_some() && !this.handlers[UNPARSED_ENTITY_DECL].is_empty();
            let (name, base) = (names(name)?, optional(this, base)?);
            let (system, public, notation) = (optional(this, system)?, optional(this, public)?, optional(this, notation)?);
            if is_unparsed {
                (UNPARSED_ENTITY_DECL, GcVec::from_slice(&[name, base, system, public, notation]))
            } else {
                let args = [name, new_int(*is_parameter as i64), text_or_none(value), base, system, public, notation];
                (ENTITY_DECL, GcVec::from_slice(&args))
            }
        }
        Declaration::Notation { name, base, system, public } => {
            let args = [names(name)?, optional(this, base)?, optional(this, system)?, optional(this, public)?];
            (NOTATION_DECL, GcVec::from_slice(&args))
        }
        Declaration::Element { name, model } => (ELEMENT_DECL, GcVec::from_slice(&[names(name)?, model_value(model)])),
        Declaration::Attlist { element, name, kind, default, required } => {
            let args = [names(element)?, names(name)?, new_str(kind), text_or_none(default), new_int(*required as i64)];
            (ATTLIST_DECL, GcVec::from_slice(&args))
        }
        Declaration::ExternalEntityRef { context, base, system, public } => {
            let args = [text_or_none(context), optional(this, base)?, optional(this, system)?, optional(this, public)?];
            (EXTERNAL_ENTITY_REF, GcVec::from_slice(&args))
        }
    })
}

fn default(this: Gc<XmlParser>, raw: &str) -> R<After> {
    let handler = this.handlers[DEFAULT_EXPAND].get().or_else(|| this.handlers[DEFAULT].get());
    if let Some(handler) = handler
        && !raw.is_empty()
    {
        flush_text(this)?;
        call_handler(this, handler, &[new_str(raw)])?;
    }
    Ok(After::Nothing)
}

fn give_text(this: Gc<XmlParser>, handler: Value, text: &str) -> R<()> {
    if !this.buffer_text.load(Ordering::Relaxed) {
        return call_handler(this, handler, &[new_str(text)]).map(|_| ());
    }
    let size = this.buffer_size.load(Ordering::Relaxed);
    if this.state.lock().buffered.len() + text.len() > size {
        flush_text(this)?;
    }
    if text.len() > size {
        return call_handler(this, handler, &[new_str(text)]).map(|_| ());
    }
    let mut state = this.state.lock();
    state.is_buffering = true;
    state.buffered.put_str(text);
    Ok(())
}

/// The code points of an encoding of single bytes; None if it is not of that kind.
pub fn encoding_table(name: &str) -> R<Option<Box<[i32; 256]>>> {
    let all: Vec<u8> = (0..=255).collect();
    let text = objects::codec::decode(&all, name, "replace")?;
    if text.len() != 256 {
        return Err(value_error!("multi-byte encodings are not supported"));
    }
    let mut table = Box::new([-1; 256]);
    for (place, character) in table.iter_mut().zip(text.to_string_lossy().chars()) {
        *place = if character == '\u{FFFD}' { -1 } else { character as i32 };
    }
    Ok(Some(table))
}

/// Runs the parser over what it was fed.
fn run(this: Gc<XmlParser>, is_final: bool) -> R<i64> {
    {
        let mut state = this.state.lock();
        let unread = state.parser.unread();
        if !is_final && this.reparse_deferral.load(Ordering::Relaxed) && unread < 2 * state.deferred {
            return Ok(1);
        }
        state.deferred = 0;
    }
    let before = this.state.lock().parser.current_place();
    let mut text = String::new();
    loop {
        let polled = objects::thread::poll();
        let step = match polled.and_then(|()| next(this, &mut text)) {
            Ok(Next::Done) => continue,
            Ok(Next::End) => break,
            Ok(Next::Failed(code)) => Ok(After::Fail(code)),
            Ok(Next::Event(event)) => handle(this, event, &text),
            Err(raised) => Err(raised),
        };
        match step {
            Ok(After::Nothing) => {}
            Ok(After::Fail(code)) => {
                let mut state = this.state.lock();
                let at_event = state.place_now();
                state.parser.stop();
                state.error = code;
                let place = state.parser.error_place.or(at_event).unwrap_or(Place { byte: 0, line: 1, column: 0 });
                state.place = Some(place);
                drop(state);
                return Err(errors::raise(code, place));
            }
            Err(raised) => {
                let mut state = this.state.lock();
                state.parser.stop();
                state.error = 35;
                drop(state);
                return Err(raised);
            }
        }
    }
    {
        let mut state = this.state.lock();
        let place = state.parser.current_place();
        if place == before {
            state.deferred = state.parser.unread();
        }
        state.place = Some(place);
    }
    flush_text(this)?;
    Ok(1)
}

enum Next {
    Event(Event),
    /// Text that now waits with other text.
    Done,
    Failed(u32),
    End,
}

/// The next event, and the text that its handler wants.
fn next(this: Gc<XmlParser>, wanted: &mut String) -> R<Next> {
    let has = |index: usize| !this.handlers[index].is_empty();
    let wants_source = has(DEFAULT) || has(DEFAULT_EXPAND);
    let wants_characters = has(CHARACTER_DATA);
    let buffers = this.buffer_text.load(Ordering::Relaxed);
    let buffer_size = if buffers { this.buffer_size.load(Ordering::Relaxed) } else { 0 };
    let handlers = Handlers {
        start_element: has(START_ELEMENT),
        default_without_expansion: has(DEFAULT) && !has(DEFAULT_EXPAND),
        external_entity: has(EXTERNAL_ENTITY_REF),
        joins_text: false,
    };
    let mut state = this.state.lock();
    let State { parser, buffered, is_buffering, place, .. } = &mut *state;
    loop {
        let found = match parser.next(handlers) {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(Next::End),
            Err(code) => return Ok(Next::Failed(code)),
        };
        *place = None;
        wanted.clear();
        match &found.event {
            Event::Characters(text) if wants_characters => {
                let mut bytes = [0; 4];
                let text = match text {
                    Text::Source => parser.source(&found),
                    Text::Character(character) => character.encode_utf8(&mut bytes),
                };
                if buffered.len() + text.len() <= buffer_size {
                    *is_buffering = true;
                    buffered.put_str(text);
                    if heap::interrupts() == 0 {
                        continue;
                    }
                    return Ok(Next::Done);
                }
                wanted.put_str(text);
            }
            _ if wants_source => wanted.put_str(parser.source(&found)),
            _ => {}
        }
        return Ok(Next::Event(found.event));
    }
}

/// `text.encode()`.
pub fn utf8(text: Gc<Str>) -> R<Gc<Bytes>> {
    match objects::codec::encode_utf8(text) {
        Some(bytes) => bytes,
        None => objects::codec::encode_to_bytes(text, "utf-8", "strict"),
    }
}

fn feed(this: Gc<XmlParser>, data: Value, is_final: bool) -> R<i64> {
    {
        let mut state = this.state.lock();
        if state.parser.is_finished() {
            let code = if state.error == 0 || state.error == 35 { 36 } else { state.error };
            let place = state.place_now().unwrap_or(Place { byte: 0, line: 1, column: 0 });
            if state.error == 0 {
                state.error = code;
            }
            drop(state);
            return Err(errors::raise(code, place));
        }
    }
    if let Some(text) = data.cast::<Str>() {
        let bytes = utf8(text)?;
        let mut state = this.state.lock();
        state.parser.force_encoding("utf-8");
        state.parser.feed(bytes.as_slice(), is_final);
    } else {
        let bytes = Buf::new(data)?;
        this.state.lock().parser.feed(&bytes, is_final);
    }
    run(this, is_final)
}

/// Sets one of the limits that a root parser keeps for its subparsers, too.
fn set_limit<T>(this: Gc<XmlParser>, value: T, limit: fn(&mut Parser) -> &mut T) -> R<()> {
    let mut state = this.state.lock();
    if !state.parser.is_root() {
        drop(state);
        return Err(errors::EXPAT_ERROR.raise("parser must be a root parser"));
    }
    *limit(&mut state.parser) = value;
    Ok(())
}
fn checked_factor(factor: f64) -> R<f64> {
    if factor.is_nan() || factor < 1.0 {
        return Err(errors::EXPAT_ERROR.raise("'max_factor' must be at least 1.0"));
    }
    Ok(factor)
}

fn place_of(this: Gc<XmlParser>) -> Place {
    this.state.lock().place_now().unwrap_or(Place { byte: -1, line: 1, column: 0 })
}

fn flag_setter(flag: &AtomicBool, value: Value) -> R<()> {
    flag.store(objects::is_true(value)?, Ordering::Relaxed);
    Ok(())
}

/// XML parser
#[native_class(name = "pyexpat.xmlparser", base = object, flags = "final no_new")]
impl XmlParser {
    /// Parse data, a string or a bytes-like object.
    ///
    /// The encoding that a string declares does not count. 'isfinal' says that no
    /// more data follow.
    #[name("Parse")]
    #[sig("($self, data, isfinal=False, /)")]
    fn parse(this: Gc<XmlParser>, data: Value, isfinal: bool) -> R<i64> {
        feed(this, data, isfinal)
    }
    /// Parse what the read() method of file returns, which must be bytes.
    #[name("ParseFile")]
    #[sig("($self, file, /)")]
    fn parse_file(this: Gc<XmlParser>, file: Value) -> R<i64> {
        let read = match objects::get_attr_opt(file, objects::intern("read"))? {
            Some(read) => read,
            None => return Err(type_error!("argument must have 'read' attribute")),
        };
        loop {
            let data = objects::call(read, &[new_int(2048)])?;
            let is_bytes = data.cast::<Bytes>().is_some() || data.cast::<objects::ByteArray>().is_some();
            if !is_bytes {
                return Err(type_error!("read() did not return a bytes object (type={})", objects::class_name(data)));
            }
            let is_final = objects::len(data)? == 0;
            let result = feed(this, data, is_final)?;
            if is_final {
                return Ok(result);
            }
        }
    }
    /// Set the URL that relative ones start from.
    #[name("SetBase")]
    #[sig("($self, base, /)")]
    fn set_base(this: Gc<XmlParser>, base: &str) {
        let mut state = this.state.lock();
        state.base = Some(base.to_owned());
        state.parser.base = Some(base.to_owned());
    }
    /// The URL that relative ones start from, or None.
    #[name("GetBase")]
    fn get_base(this: Gc<XmlParser>) -> Option<String> {
        this.state.lock().parser.base.clone()
    }
    /// The input that has caused the event at hand, as bytes, or None.
    ///
    /// It is encoded as the entity is, and runs to the end of what is buffered: the
    /// data of later events may follow, and of a long text there may be only a
    /// part.
    #[name("GetInputContext")]
    fn get_input_context(this: Gc<XmlParser>) -> Value {
        if this.in_handler.load(Ordering::Relaxed) == 0 {
            return Value::none();
        }
        let state = this.state.lock();
        match state.place_now().map(|place| state.parser.context(place)) {
            Some(context) => {
                drop(state);
                new_bytes(&context)
            }
            None => Value::none(),
        }
    }
    /// A parser for an external entity, for use in ExternalEntityRefHandler.
    #[name("ExternalEntityParserCreate")]
    #[sig("($self, context, encoding=None, /)")]
    fn external_entity_parser_create(this: Gc<XmlParser>, context: Option<&str>, encoding: Option<String>) -> R {
        let parser = this.state.lock().parser.new_external(context, encoding);
        let made = make(parser, this.intern.get());
        for (mine, its) in this.handlers.iter().zip(&made.handlers) {
            its.set_opt(mine.get());
        }
        let load = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        made.buffer_text.store(load(&this.buffer_text), Ordering::Relaxed);
        made.buffer_size.store(this.buffer_size.load(Ordering::Relaxed), Ordering::Relaxed);
        made.ordered_attributes.store(load(&this.ordered_attributes), Ordering::Relaxed);
        made.specified_attributes.store(load(&this.specified_attributes), Ordering::Relaxed);
        made.reparse_deferral.store(load(&this.reparse_deferral), Ordering::Relaxed);
        Ok(made.value())
    }
    /// Set when parameter entities, the external DTD subset included, are parsed.
    ///
    /// The flags are XML_PARAM_ENTITY_PARSING_NEVER,
    /// XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE and
    /// XML_PARAM_ENTITY_PARSING_ALWAYS. Returns whether the flag could be set.
    #[name("SetParamEntityParsing")]
    #[sig("($self, flag, /)")]
    fn set_param_entity_parsing(this: Gc<XmlParser>, flag: i32) -> i64 {
        let mut state = this.state.lock();
        if state.parser.has_started() {
            return 0;
        }
        state.parser.parameter_entity_parsing = flag as i64;
        1
    }
    /// Have the handler for external entities asked for an external subset if the
    /// document names none.
    ///
    /// So a document without a DTD can be given one by the program. 'flag' is True
    /// by default.
    #[name("UseForeignDTD")]
    #[sig("($self, flag=True, /)")]
    fn use_foreign_dtd(this: Gc<XmlParser>, flag: bool) -> R<()> {
        let mut state = this.state.lock();
        if state.parser.has_started() {
            drop(state);
            return Err(errors::raise(26, place_of(this)));
        }
        state.parser.use_foreign_dtd = flag;
        Ok(())
    }
    /// Set whether the parsing of incomplete tokens is put off.
    #[name("SetReparseDeferralEnabled")]
    #[sig("($self, enabled, /)")]
    fn set_reparse_deferral(this: Gc<XmlParser>, enabled: bool) {
        this.reparse_deferral.store(enabled, Ordering::Relaxed);
    }
    /// Whether the parsing of incomplete tokens is put off.
    #[name("GetReparseDeferralEnabled")]
    fn get_reparse_deferral(this: Gc<XmlParser>) -> bool {
        this.reparse_deferral.load(Ordering::Relaxed)
    }
    /// Set after how many bytes of output the protection against exponential
    /// entities begins to watch.
    #[name("SetBillionLaughsAttackProtectionActivationThreshold")]
    #[sig("($self, threshold, /)")]
    fn set_laughs_threshold(this: Gc<XmlParser>, threshold: u64) -> R<()> {
        set_limit(this, threshold, |parser| &mut parser.activation)
    }
    /// Set by how much entities may lengthen a document before it is refused.
    #[name("SetBillionLaughsAttackProtectionMaximumAmplification")]
    #[sig("($self, max_factor, /)")]
    fn set_laughs_factor(this: Gc<XmlParser>, max_factor: f64) -> R<()> {
        set_limit(this, checked_factor(max_factor)?, |parser| &mut parser.amplification)
    }
    /// Set after how many bytes of memory the parser begins to watch how much it takes.
    #[name("SetAllocTrackerActivationThreshold")]
    #[sig("($self, threshold, /)")]
    fn set_memory_threshold(this: Gc<XmlParser>, threshold: u64) -> R<()> {
        set_limit(this, threshold, |parser| &mut parser.memory_activation)
    }
    /// Set how many times the document's length the parser may take in memory.
    #[name("SetAllocTrackerMaximumAmplification")]
    #[sig("($self, max_factor, /)")]
    fn set_memory_factor(this: Gc<XmlParser>, max_factor: f64) -> R<()> {
        set_limit(this, checked_factor(max_factor)?, |parser| &mut parser.memory_amplification)
    }

    #[getter("CurrentLineNumber")]
    fn current_line_number(this: Gc<XmlParser>) -> i64 {
        place_of(this).line as i64
    }
    #[getter("CurrentColumnNumber")]
    fn current_column_number(this: Gc<XmlParser>) -> i64 {
        place_of(this).column as i64
    }
    #[getter("CurrentByteIndex")]
    fn current_byte_index(this: Gc<XmlParser>) -> i64 {
        place_of(this).byte
    }
    #[getter("ErrorLineNumber")]
    fn error_line_number(this: Gc<XmlParser>) -> i64 {
        place_of(this).line as i64
    }
    #[getter("ErrorColumnNumber")]
    fn error_column_number(this: Gc<XmlParser>) -> i64 {
        place_of(this).column as i64
    }
    #[getter("ErrorByteIndex")]
    fn error_byte_index(this: Gc<XmlParser>) -> i64 {
        place_of(this).byte
    }
    #[getter("ErrorCode")]
    fn error_code(this: Gc<XmlParser>) -> i64 {
        this.state.lock().error as i64
    }
    #[getter]
    fn intern(this: Gc<XmlParser>) -> Option<Value> {
        this.intern.get()
    }
    #[getter]
    fn buffer_used(this: Gc<XmlParser>) -> usize {
        this.state.lock().buffered.chars().count()
    }
    #[getter]
    fn buffer_text(this: Gc<XmlParser>) -> bool {
        this.buffer_text.load(Ordering::Relaxed)
    }
    #[setter(buffer_text)]
    fn set_buffer_text(this: Gc<XmlParser>, value: Value) -> R<()> {
        if !objects::is_true(value)? {
            flush_text(this)?;
        }
        flag_setter(&this.buffer_text, value)
    }
    #[getter]
    fn buffer_size(this: Gc<XmlParser>) -> usize {
        this.buffer_size.load(Ordering::Relaxed)
    }
    #[setter(buffer_size)]
    fn set_buffer_size(this: Gc<XmlParser>, value: Value) -> R<()> {
        if !objects::is_int(value) {
            return Err(type_error!("buffer_size must be an integer"));
        }
        let size = objects::index(value)?;
        if size <= 0 {
            return Err(value_error!("buffer_size must be greater than zero"));
        }
        if size > i32::MAX as i64 {
            return Err(value_error!("buffer_size must not be greater than {}", i32::MAX));
        }
        flush_text(this)?;
        this.buffer_size.store(size as usize, Ordering::Relaxed);
        Ok(())
    }
    #[getter]
    fn namespace_prefixes(this: Gc<XmlParser>) -> bool {
        this.state.lock().parser.namespace_prefixes()
    }
    #[setter(namespace_prefixes)]
    fn set_namespace_prefixes(this: Gc<XmlParser>, value: bool) {
        this.state.lock().parser.set_namespace_prefixes(value);
    }
    #[getter]
    fn ordered_attributes(this: Gc<XmlParser>) -> bool {
        this.ordered_attributes.load(Ordering::Relaxed)
    }
    #[setter(ordered_attributes)]
    fn set_ordered_attributes(this: Gc<XmlParser>, value: Value) -> R<()> {
        flag_setter(&this.ordered_attributes, value)
    }
    #[getter]
    fn specified_attributes(this: Gc<XmlParser>) -> bool {
        this.specified_attributes.load(Ordering::Relaxed)
    }
    #[setter(specified_attributes)]
    fn set_specified_attributes(this: Gc<XmlParser>, value: Value) -> R<()> {
        flag_setter(&this.specified_attributes, value)
    }
    #[getter("StartElementHandler")]
    fn start_element_handler(this: Gc<XmlParser>) -> Option<Value> {
        this.handlers[START_ELEMENT].get()
    }
    #[setter(StartElementHandler)]
    fn set_start_element_handler(this: Gc<XmlParser>, value: Value) -> R<()> {
        set_handler(this, START_ELEMENT, value)
    }
    #[getter("EndElementHandler")]
    fn end_element_handler(this: Gc<XmlParser>) -> Option<Value> {
        this.handlers[END_ELEMENT].get()
    }
    #[setter(EndElementHandler)]
    fn set_end_element_handler(this: Gc<XmlParser>, value: Value) -> R<()> {
        set_handler(this, END_ELEMENT, value)
    }
    #[getter("ProcessingInstructionHandler")]
    fn processing_instruction_handler(this: Gc<XmlParser>) -> Option<Value> {
        this.handlers[PROCESSING_INSTRUCTION].get()
    }
    #[setter(ProcessingInstructionHandler)]
    fn set_processing_instruction_handler(this: Gc<XmlParser>, value: Value) -> R<()> {
        set_handler(this, PROCESSING_INSTRUCTION, value)
    }
    #[getter("CharacterDataHandler")]
    fn character_data_handler(this: Gc<XmlParser>) -> Option<Value> {
        this.handlers[CHARACTER_DATA].get()
    }
    #[setter(CharacterDataHandler)]
    fn set_character_data_handler(this: Gc<XmlParser>, value: Value) -> R<()> {
        set_handler(this, CHARACTER_DATA, value)
    }
    #[getter("UnparsedEntityDeclHandler")]
    fn unparsed_entity_decl_handler(this: Gc<XmlParser>) -> Option<Value> {
        this.handlers[UNPARSED_ENTITY_DECL].get()
    }
    #[setter(UnparsedEntityDeclHandler)]
    fn set_unparsed_entity_decl_handler(this: Gc<XmlParser>, value: Value) -> R<()> {
        set_handler(this, UNPARSED_ENTITY_DECL, value)
    }
    #[getter("NotationDeclHandler")]
    fn notation_decl_handler(this: Gc<XmlParser>) -> Option<Value> {
        this.handlers[NOTATION_DECL].get()
    }
    #[setter(NotationDeclHandler)]
    fn set_notation_decl_handler(this: Gc<XmlParser>, value: Value) -> R<()> {
        set_handler(this, NOTATION_DECL, value)
    }
    #[getter("StartNamespaceDeclHandler")]
    fn start_namespace_decl_handler(this: Gc<XmlParser>) -> Option<Value> {
        this.handlers[START_NAMESPACE_DECL].get()
    }
    #[setter(StartNamespaceDeclHandler)]
    fn set_start_namespace_decl_handler(this: Gc<XmlParser>, value: Value) -> R<()> {
        set_handler(this, START_NAMESPACE_DECL, value)
    }
    #[getter("EndNamespaceDeclHandler")]
    fn end_namespace_decl_handler(this: Gc<XmlParser>) -> Option<Value> {
        this.handlers[END_NAMESPACE_DECL].get()
    }
    #[setter(EndNamespaceDeclHandler)]
    fn set_end_namespace_decl_handler(this: Gc<XmlParser>, value: Value) -> R<()> {
        set_handler(this, END_NAMESPACE_DECL, value)
    }
    #[getter("CommentHandler")]
    fn comment_handler(this: Gc<XmlParser>) -> Option<Value> {
        this.handlers[COMMENT].get()
    }
    #[setter(CommentHandler)]
    fn set_comment_handler(this: Gc<XmlParser>, value: Value) -> R<()> {
        set_handler(this, COMMENT, value)
    }
    #[getter("StartCdataSectionHandler")]
    fn start_cdata_section_handler(this: Gc<XmlParser>) -> Option<Value> {
        this.handlers[START_CDATA_SECTION].get()
    }
    #[setter(StartCdataSectionHandler)]
    fn set_start_cdata_section_handler(this: Gc<XmlParser>, value: Value) -> R<()> {
        set_handler(this, START_CDATA_SECTION, value)
    }
    #[getter("EndCdataSectionHandler")]
    fn end_cdata_section_handler(this: Gc<XmlParser>) -> Option<Value> {
        this.handlers[END_CDATA_SECTION].get()
    }
    #[setter(EndCdataSectionHandler)]
    fn set_end_cdata_section_handler(this: Gc<XmlParser>, value: Value) -> R<()> {
        set_handler(this, END_CDATA_SECTION, value)
    }
    #[getter("DefaultHandler")]
    fn default_handler(this: Gc<XmlParser>) -> Option<Value> {
        this.handlers[DEFAULT].get()
    }
    #[setter(DefaultHandler)]
    fn set_default_handler(this: Gc<XmlParser>, value: Value) -> R<()> {
        set_handler(this, DEFAULT, value)
    }
    #[getter("DefaultHandlerExpand")]
    fn default_expand_handler(this: Gc<XmlParser>) -> Option<Value> {
        this.handlers[DEFAULT_EXPAND].get()
    }
    #[setter(DefaultHandlerExpand)]
    fn set_default_expand_handler(this: Gc<XmlParser>, value: Value) -> R<()> {
        set_handler(this, DEFAULT_EXPAND, value)
    }
    #[getter("NotStandaloneHandler")]
    fn not_standalone_handler(this: Gc<XmlParser>) -> Option<Value> {
        this.handlers[NOT_STANDALONE].get()
    }
    #[setter(NotStandaloneHandler)]
    fn set_not_standalone_handler(this: Gc<XmlParser>, value: Value) -> R<()> {
        set_handler(this, NOT_STANDALONE, value)
    }
    #[getter("ExternalEntityRefHandler")]
    fn external_entity_ref_handler(this: Gc<XmlParser>) -> Option<Value> {
        this.handlers[EXTERNAL_ENTITY_REF].get()
    }
    #[setter(ExternalEntityRefHandler)]
    fn set_external_entity_ref_handler(this: Gc<XmlParser>, value: Value) -> R<()> {
        set_handler(this, EXTERNAL_ENTITY_REF, value)
    }
    #[getter("StartDoctypeDeclHandler")]
    fn start_doctype_decl_handler(this: Gc<XmlParser>) -> Option<Value> {
        this.handlers[START_DOCTYPE_DECL].get()
    }
    #[setter(StartDoctypeDeclHandler)]
    fn set_start_doctype_decl_handler(this: Gc<XmlParser>, value: Value) -> R<()> {
        set_handler(this, START_DOCTYPE_DECL, value)
    }
    #[getter("EndDoctypeDeclHandler")]
    fn end_doctype_decl_handler(this: Gc<XmlParser>) -> Option<Value> {
        this.handlers[END_DOCTYPE_DECL].get()
    }
    #[setter(EndDoctypeDeclHandler)]
    fn set_end_doctype_decl_handler(this: Gc<XmlParser>, value: Value) -> R<()> {
        set_handler(this, END_DOCTYPE_DECL, value)
    }
    #[getter("EntityDeclHandler")]
    fn entity_decl_handler(this: Gc<XmlParser>) -> Option<Value> {
        this.handlers[ENTITY_DECL].get()
    }
    #[setter(EntityDeclHandler)]
    fn set_entity_decl_handler(this: Gc<XmlParser>, value: Value) -> R<()> {
        set_handler(this, ENTITY_DECL, value)
    }
    #[getter("XmlDeclHandler")]
    fn xml_decl_handler(this: Gc<XmlParser>) -> Option<Value> {
        this.handlers[XML_DECL].get()
    }
    #[setter(XmlDeclHandler)]
    fn set_xml_decl_handler(this: Gc<XmlParser>, value: Value) -> R<()> {
        set_handler(this, XML_DECL, value)
    }
    #[getter("ElementDeclHandler")]
    fn element_decl_handler(this: Gc<XmlParser>) -> Option<Value> {
        this.handlers[ELEMENT_DECL].get()
    }
    #[setter(ElementDeclHandler)]
    fn set_element_decl_handler(this: Gc<XmlParser>, value: Value) -> R<()> {
        set_handler(this, ELEMENT_DECL, value)
    }
    #[getter("AttlistDeclHandler")]
    fn attlist_decl_handler(this: Gc<XmlParser>) -> Option<Value> {
        this.handlers[ATTLIST_DECL].get()
    }
    #[setter(AttlistDeclHandler)]
    fn set_attlist_decl_handler(this: Gc<XmlParser>, value: Value) -> R<()> {
        set_handler(this, ATTLIST_DECL, value)
    }
    #[getter("SkippedEntityHandler")]
    fn skipped_entity_handler(this: Gc<XmlParser>) -> Option<Value> {
        this.handlers[SKIPPED_ENTITY].get()
    }
    #[setter(SkippedEntityHandler)]
    fn set_skipped_entity_handler(this: Gc<XmlParser>, value: Value) -> R<()> {
        set_handler(this, SKIPPED_ENTITY, value)
    }
}
