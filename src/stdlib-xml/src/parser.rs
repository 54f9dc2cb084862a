//! A parser of XML that is fed piece by piece and gives one event after the other. It follows expat: which events, where they begin,
//! which number an error has. The document type is in `subset.rs`. Must not know: Python values.

use crate::chars::{is_allowed, is_space, name_length};
use crate::dtd::{Dtd, Model};
use crate::elements::{Tag, Written};
use crate::input::{self, Encoding, Fault};
use crate::names::{NameId, Names};
use std::cell::Cell;
use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};

pub type Code = u32;
pub const NO_MEMORY: Code = 1;
pub const SYNTAX: Code = 2;
pub const NO_ELEMENTS: Code = 3;
pub const INVALID_TOKEN: Code = 4;
pub const UNCLOSED_TOKEN: Code = 5;
pub const PARTIAL_CHAR: Code = 6;
pub const TAG_MISMATCH: Code = 7;
pub const DUPLICATE_ATTRIBUTE: Code = 8;
pub const JUNK_AFTER_DOC_ELEMENT: Code = 9;
pub const PARAM_ENTITY_REF: Code = 10;
pub const UNDEFINED_ENTITY: Code = 11;
pub const RECURSIVE_ENTITY_REF: Code = 12;
pub const ASYNC_ENTITY: Code = 13;
pub const BAD_CHAR_REF: Code = 14;
pub const BINARY_ENTITY_REF: Code = 15;
pub const ATTRIBUTE_EXTERNAL_ENTITY_REF: Code = 16;
pub const MISPLACED_XML_PI: Code = 17;
pub const UNKNOWN_ENCODING: Code = 18;
pub const INCORRECT_ENCODING: Code = 19;
pub const UNCLOSED_CDATA_SECTION: Code = 20;
pub const ENTITY_DECLARED_IN_PE: Code = 24;
pub const UNBOUND_PREFIX: Code = 27;
pub const UNDECLARING_PREFIX: Code = 28;
pub const XML_DECL: Code = 30;
pub const TEXT_DECL: Code = 31;
pub const PUBLICID: Code = 32;
pub const FINISHED: Code = 36;
pub const RESERVED_PREFIX_XML: Code = 38;
pub const RESERVED_PREFIX_XMLNS: Code = 39;
pub const RESERVED_NAMESPACE_URI: Code = 40;
pub const AMPLIFICATION_LIMIT_BREACH: Code = 43;
/// Not one of expat's: a content model is nested too deeply.
pub const TOO_DEEP: Code = 1000;

/// Characters of the document.
#[derive(Debug, Clone, Copy)]
pub enum Text {
    /// As they stand there.
    Source,
    /// What stands there means this one.
    Character(char),
}

#[derive(Debug)]
pub enum Event {
    StartElement(Box<Tag>),
    EndElement(NameId),
    StartNamespace {
        prefix: Option<NameId>,
        uri: Option<NameId>,
    },
    EndNamespace(Option<NameId>),
    Characters(Text),
    Comment(String),
    Instruction {
        target: NameId,
        data: String,
    },
    StartCdata,
    EndCdata,
    Default,
    EndDoctype,
    /// The declaration refers to more outside, and the document does not say that it stands alone.
    NotStandalone,
    SkippedEntity {
        name: String,
        is_parameter: bool,
    },
    /// An encoding whose table has to be set by `set_table`.
    NeedsEncoding(String),
    Declaration(Box<Declaration>),
}

/// What is declared, and references to what is elsewhere: seldom, and long.
#[derive(Debug)]
pub enum Declaration {
    Xml {
        version: Option<String>,
        encoding: Option<String>,
        standalone: i64,
    },
    StartDoctype {
        name: String,
        system: Option<String>,
        public: Option<String>,
        has_internal: bool,
    },
    Entity {
        name: String,
        is_parameter: bool,
        value: Option<String>,
        base: Option<String>,
        system: Option<String>,
        public: Option<String>,
        notation: Option<String>,
    },
    Notation {
        name: String,
        base: Option<String>,
        system: Option<String>,
        public: Option<String>,
    },
    Element {
        name: String,
        model: Model,
    },
    Attlist {
        element: String,
        name: String,
        kind: String,
        default: Option<String>,
        required: bool,
    },
    ExternalEntityRef {
        context: Option<String>,
        base: Option<String>,
        system: Option<String>,
        public: Option<String>,
    },
}

/// An event.
#[derive(Debug)]
pub struct Found {
    pub event: Event,
    /// What it was made of, in the text on top. It stays there until the parser is asked for the next event.
    source: Range<usize>,
    /// Where it begins in the document.
    offset: usize,
}

/// Which handlers are set, as far as that changes what the parser does.
#[derive(Clone, Copy, Default)]
pub struct Handlers {
    pub start_element: bool,
    /// A default handler that does not want internal entities expanded.
    pub default_without_expansion: bool,
    pub external_entity: bool,
    /// Text may come in larger pieces than expat's.
    pub joins_text: bool,
}

/// Bytes of values that a parser keeps room for.
const LARGEST_SPARE: usize = 1 << 16;

/// A position in the document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    pub byte: i64,
    pub line: u64,
    pub column: u64,
}
const START: Place = Place { byte: 0, line: 1, column: 0 };

#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum State {
    /// Before the first token: an XML or text declaration may come.
    Start,
    Prolog,
    Subset,
    AfterSubset,
    Content,
    Cdata,
    Epilog,
    Finished,
}

/// Text that is being read: the document, or the replacement text of an entity.
pub(crate) struct Frame {
    pub text: String,
    pub at: usize,
    /// The entity, and whether it is a parameter entity.
    pub entity: Option<(String, bool)>,
    pub depth: usize,
}

pub(crate) struct Element {
    pub raw: NameId,
    pub name: NameId,
    /// How many prefixes it binds.
    pub bound: usize,
}

pub(crate) struct Binding {
    pub prefix: Option<NameId>,
    pub uri: Option<NameId>,
    /// Of no other binding before or after: so it stands for all that are open, too.
    pub stamp: u64,
}

/// Where the event began that was given last.
#[derive(Clone, Copy)]
enum Told {
    Nothing,
    Offset(usize),
    Place(Place),
}

/// What reading one token gives.
pub(crate) enum Token {
    /// Some events were queued, or nothing is to be told.
    Done,
    /// More of the document is needed.
    Incomplete,
}

pub struct Parser {
    pub(crate) frames: Vec<Frame>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) encoding: Option<Encoding>,
    /// The encoding that the user demands.
    forced: Option<String>,
    fault: Option<Fault>,
    pub(crate) is_final: bool,
    pub(crate) state: State,
    pub(crate) queue: VecDeque<Found>,
    pub(crate) elements: Vec<Element>,
    pub(crate) bindings: Vec<Binding>,
    /// Where the bindings of a prefix stand, that of no prefix under the empty one.
    pub(crate) bound_at: HashMap<Option<NameId>, Vec<usize>>,
    pub(crate) last_stamp: u64,
    pub(crate) names: Names,
    /// Room that tags are read into.
    pub(crate) written: Vec<Written>,
    pub(crate) spare_tag: Option<Box<Tag>>,
    pub(crate) separator: Option<String>,
    namespace_prefixes: bool,
    pub(crate) dtd: Arc<Mutex<Dtd>>,
    /// Where the text of the document begins.
    origin: Place,
    /// The offset whose place was asked for last, that place, and the origin it was counted from.
    walked: Cell<(usize, Place, Place)>,
    pub(crate) token_start: usize,
    /// Where the reference stands that opened the entities being read.
    pub(crate) entity_start: usize,
    told: Told,
    /// Where the event begins if that is not the beginning of its token.
    pub(crate) event_offset: Option<usize>,
    pub error_place: Option<Place>,
    pub(crate) handlers: Handlers,
    pub base: Option<String>,
    /// A parser for an external entity; whether of the document type.
    pub(crate) external: Option<bool>,
    pub parameter_entity_parsing: i64,
    pub use_foreign_dtd: bool,
    pub(crate) doctype: Option<crate::subset::Doctype>,
    pub(crate) saw_doctype: bool,
    pub(crate) document_bytes: u64,
    pub(crate) expanded_bytes: u64,
    pub activation: u64,
    pub amplification: f64,
    /// The same two for the memory that is held on behalf of the document.
    pub memory_activation: u64,
    pub memory_amplification: f64,
}

impl Parser {
    pub fn new(encoding: Option<String>, separator: Option<String>) -> Parser {
        let dtd = Dtd { keeps_processing: true, ..Dtd::default() };
        let main = Frame { text: String::new(), at: 0, entity: None, depth: 0 };
        Parser {
            frames: vec![main],
            bytes: Vec::new(),
            encoding: None,
            forced: encoding,
            fault: None,
            is_final: false,
            state: State::Start,
            queue: VecDeque::new(),
            elements: Vec::new(),
            bindings: Vec::new(),
            bound_at: HashMap::new(),
            last_stamp: 0,
            names: Names::new(),
            written: Vec::new(),
            spare_tag: None,
            separator,
            namespace_prefixes: false,
            dtd: Arc::new(Mutex::new(dtd)),
            origin: START,
            walked: Cell::new((0, START, START)),
            token_start: 0,
            entity_start: 0,
            told: Told::Nothing,
            event_offset: None,
            error_place: None,
            handlers: Handlers::default(),
            base: None,
            external: None,
            parameter_entity_parsing: 0,
            use_foreign_dtd: false,
            doctype: None,
            saw_doctype: false,
            document_bytes: 0,
            expanded_bytes: 0,
            activation: 8 << 20,
            amplification: 100.0,
            memory_activation: 64 << 20,
            memory_amplification: 100.0,
        }
    }
    /// A parser for an external entity that this parser met. `context`: the open entities, None for the document type.
    pub fn new_external(&self, context: Option<&str>, encoding: Option<String>) -> Parser {
        let mut parser = Parser::new(encoding, self.separator.clone());
        parser.dtd = self.dtd.clone();
        parser.namespace_prefixes = self.namespace_prefixes;
        parser.base = self.base.clone();
        parser.external = Some(context.is_none());
        parser.parameter_entity_parsing = self.parameter_entity_parsing;
        parser.activation = self.activation;
        parser.amplification = self.amplification;
        parser.memory_activation = self.memory_activation;
        parser.memory_amplification = self.memory_amplification;
        for binding in &self.bindings {
            let mut copy = |name: Option<NameId>| name.map(|name| parser.names.id(self.names.text(name)));
            let (prefix, uri) = (copy(binding.prefix), copy(binding.uri));
            parser.add_binding(prefix, uri);
        }
        parser
    }
    pub(crate) fn dtd(&self) -> MutexGuard<'_, Dtd> {
        self.dtd.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
    pub fn has_started(&self) -> bool {
        self.state != State::Start || self.document_bytes > 0
    }
    /// Bytes of the document that no token was made of yet.
    pub fn unread(&self) -> usize {
        self.bytes.len() + self.frames[0].text.len() - self.frames[0].at
    }
    pub fn is_root(&self) -> bool {
        self.external.is_none()
    }
    /// Takes no more.
    pub fn stop(&mut self) {
        self.state = State::Finished;
        self.queue.clear();
    }
    pub fn is_finished(&self) -> bool {
        self.state == State::Finished
    }
    /// Ignores what the document says about its encoding.
    pub fn force_encoding(&mut self, name: &str) {
        self.forced = Some(name.to_owned());
    }

    pub fn feed(&mut self, data: &[u8], is_final: bool) {
        self.is_final = is_final;
        self.document_bytes += data.len() as u64;
        self.compact();
        // Bytes, text (which grows by halves), pieces of it and what handlers collect.
        base::memory::expect_room((self.bytes.len() + self.frames[0].text.len() + data.len()).saturating_mul(8));
        let mut data = data;
        if self.bytes.is_empty() && self.encoding == Some(Encoding::Utf8) && self.fault.is_none() {
            data = input::take_utf8(data, &mut self.frames[0].text);
        }
        self.bytes.extend_from_slice(data);
        self.decode();
    }
    pub fn namespace_prefixes(&self) -> bool {
        self.namespace_prefixes
    }
    pub fn set_namespace_prefixes(&mut self, shown: bool) {
        if self.namespace_prefixes != shown {
            self.namespace_prefixes = shown;
            self.names.forget_qualified();
        }
    }
    /// Whether markup is where it is in ASCII, and nowhere else.
    fn keeps_markup(table: &[i32; 256]) -> bool {
        let is_markup_at = |place: i32| u8::try_from(place).is_ok_and(|byte| byte < 128 && is_markup(byte));
        (0..256).all(|byte| table[byte] == byte as i32 || !(is_markup_at(byte as i32) || is_markup_at(table[byte])))
    }
    /// The table for the encoding that was asked for; None if there is none.
    pub fn set_table(&mut self, table: Option<Box<[i32; 256]>>) -> Result<(), Code> {
        match table {
            Some(table) if Self::keeps_markup(&table) => {
                self.switch(Encoding::Table(table));
                Ok(())
            }
            _ => Err(self.fail_at(UNKNOWN_ENCODING, self.declared_encoding())),
        }
    }
    /// Where the name of the encoding stands in the declaration that is being read.
    fn declared_encoding(&self) -> usize {
        let text = self.frames[0].text.get(self.token_start..).filter(|text| text.starts_with("<?xml")).unwrap_or("");
        let name = text.find("encoding").and_then(|at| Some(at + text[at..].find(['"', '\''])? + 1));
        self.token_start + name.unwrap_or(0)
    }
    /// Reads what is still unread in another encoding.
    fn switch(&mut self, encoding: Encoding) {
        self.settle();
        let old = self.encoding.clone().unwrap_or(Encoding::Utf8);
        self.walked.set((0, self.origin, self.origin));
        let main = &mut self.frames[0];
        // What was decoded ahead was decoded as UTF-8, so its bytes are the text's own.
        if old == Encoding::Utf8 && encoding != Encoding::Utf8 {
            let mut unread = main.text.split_off(main.at).into_bytes();
            unread.append(&mut self.bytes);
            self.bytes = unread;
        }
        self.encoding = Some(encoding);
        self.fault = None;
        self.decode();
    }
    fn decode(&mut self) {
        if self.encoding.is_none() && !self.guess_encoding() {
            return;
        }
        if self.fault.is_none()
            && let Some(encoding) = &self.encoding
        {
            self.fault = input::decode(encoding, &mut self.bytes, &mut self.frames[0].text, self.is_final);
        }
    }
    /// Looks at the first bytes. False if there are too few of them.
    fn guess_encoding(&mut self) -> bool {
        if self.bytes.len() < 3 && !self.is_final {
            return false;
        }
        let (encoding, mark) = match self.bytes.as_slice() {
            [0xEF, 0xBB, 0xBF, ..] => (Encoding::Utf8, 3),
            [0xFE, 0xFF, ..] => (Encoding::Utf16 { big: true }, 2),
            [0xFF, 0xFE, ..] => (Encoding::Utf16 { big: false }, 2),
            [0, ..] => (Encoding::Utf16 { big: true }, 0),
            [_, 0, ..] => (Encoding::Utf16 { big: false }, 0),
            _ => match self.forced.as_deref().and_then(Encoding::by_name) {
                Some(encoding) => (encoding, 0),
                None => (Encoding::Utf8, 0),
            },
        };
        self.bytes.drain(..mark);
        self.origin.byte += mark as i64;
        // The byte order mark is a character of the first line.
        self.origin.column += (mark > 0) as u64;
        self.encoding = Some(encoding);
        true
    }

    /// Forgets what was read.
    fn compact(&mut self) {
        if self.frames.len() == 1 && self.queue.is_empty() {
            self.settle();
            let at = self.frames[0].at;
            self.origin = self.place_of(at);
            self.frames[0].text.drain(..at);
            self.frames[0].at = 0;
            self.walked.set((0, self.origin, self.origin));
            self.token_start = 0;
        }
    }
    /// Looks up where the event began that was given last, before offsets change.
    fn settle(&mut self) {
        if let Told::Offset(offset) = self.told {
            self.told = Told::Place(self.place_of(offset));
        }
    }
    /// Where the event began that was given last.
    pub fn event_place(&self) -> Option<Place> {
        match self.told {
            Told::Nothing => None,
            Told::Offset(offset) => Some(self.place_of(offset)),
            Told::Place(place) => Some(place),
        }
    }
    /// Where an offset into the document's text lies.
    pub(crate) fn place_of(&self, offset: usize) -> Place {
        let encoding = self.encoding.as_ref().unwrap_or(&Encoding::Utf8);
        let offset = offset.min(self.frames[0].text.len());
        // Offsets mostly grow: what was walked over before need not be walked over again.
        let (mut start, mut place, origin) = self.walked.get();
        if start > offset || origin != self.origin {
            (start, place) = (0, self.origin);
        }
        let text = &self.frames[0].text[start..offset];
        if *encoding == Encoding::Utf8 && !text.as_bytes().contains(&b'\r') {
            let lines = text.bytes().filter(|byte| *byte == b'\n').count();
            let line = match text.rfind('\n') {
                Some(end) => &text[end + 1..],
                None => text,
            };
            place.column =
                if lines > 0 { 0 } else { place.column } + line.bytes().filter(|byte| *byte as i8 >= -0x40).count() as u64;
            place.byte += text.len() as i64;
            place.line += lines as u64;
            self.walked.set((offset, place, self.origin));
            return place;
        }
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            place.byte += encoding.width(character) as i64;
            match character {
                '\n' => (place.line, place.column) = (place.line + 1, 0),
                '\r' => {
                    if characters.peek() != Some(&'\n') {
                        (place.line, place.column) = (place.line + 1, 0);
                    }
                }
                _ => place.column += 1,
            }
        }
        // Behind a carriage return a line feed may come, which belongs to it.
        if !text.ends_with('\r') {
            self.walked.set((offset, place, self.origin));
        }
        place
    }
    /// Where the event begins: for everything in entities, where the reference in the document stands.
    fn event_begin(&self) -> usize {
        match self.event_offset {
            _ if self.frames.len() > 1 => self.entity_start,
            Some(offset) => offset,
            None => self.token_start,
        }
    }
    pub fn current_place(&self) -> Place {
        self.place_of(self.frames[0].at)
    }
    /// What was read of the document from the event on.
    pub fn context(&self, place: Place) -> Vec<u8> {
        let text = &self.frames[0].text;
        let start = (place.byte - self.origin.byte).max(0) as usize;
        base::memory::copied(text.as_bytes().get(start..).unwrap_or(&[]))
    }

    pub(crate) fn fail_at(&mut self, code: Code, offset: usize) -> Code {
        self.event_offset = None;
        let place = self.place_of(if self.frames.len() == 1 { offset } else { self.entity_start });
        self.error_place = Some(place);
        self.state = State::Finished;
        code
    }
    pub(crate) fn fail(&mut self, code: Code) -> Code {
        self.fail_at(code, self.token_start)
    }

    pub(crate) fn push(&mut self, event: Event, length: usize) {
        let found = Found { event, source: self.token_start..self.token_start + length, offset: self.event_begin() };
        self.queue.push_back(found);
    }
    pub(crate) fn push_silent(&mut self, event: Event) {
        let found = Found { event, source: 0..0, offset: self.event_begin() };
        self.queue.push_back(found);
    }
    pub(crate) fn push_declaration(&mut self, declaration: Declaration, length: usize) {
        self.push(Event::Declaration(Box::new(declaration)), length)
    }
    /// What the event that was given last was made of.
    pub fn source(&self, found: &Found) -> &str {
        self.top().text.get(found.source.clone()).unwrap_or("")
    }
    /// A name or a namespace.
    pub fn name(&self, name: NameId) -> &str {
        self.names.text(name)
    }
    pub fn shared_name(&self, name: NameId) -> Arc<str> {
        self.names.shared(name)
    }
    /// Takes back what a tag was written into, for the next one.
    pub fn take_back(&mut self, mut tag: Box<Tag>) {
        if tag.room() < LARGEST_SPARE {
            tag.clear();
            self.spare_tag = Some(tag);
        }
    }
    pub(crate) fn top(&self) -> &Frame {
        &self.frames[self.frames.len() - 1]
    }
    pub(crate) fn top_mut(&mut self) -> &mut Frame {
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }
    /// Whether nothing can follow the text of the frame on top.
    pub(crate) fn is_whole(&self) -> bool {
        self.frames.len() > 1 || self.is_final
    }
    pub(crate) fn advance(&mut self, count: usize) {
        self.top_mut().at += count;
    }

    /// The next event; None when more of the document is needed, or at its end.
    pub fn next(&mut self, handlers: Handlers) -> Result<Option<Found>, Code> {
        self.handlers = handlers;
        loop {
            if let Some(found) = self.queue.pop_front() {
                self.told = Told::Offset(found.offset);
                return Ok(Some(found));
            }
            let frame = self.top();
            self.token_start = frame.at;
            let token = match self.state {
                State::Start => self.start()?,
                State::Prolog | State::AfterSubset | State::Epilog => self.misc()?,
                State::Subset => self.subset()?,
                State::Content => self.content()?,
                State::Cdata => self.cdata()?,
                State::Finished => return Ok(None),
            };
            if let Token::Incomplete = token {
                if let Some(fault) = &self.fault
                    && self.frames.len() == 1
                {
                    let code = match fault {
                        Fault::Invalid => INVALID_TOKEN,
                        Fault::Partial if self.encoding == Some(Encoding::Utf8) => PARTIAL_CHAR,
                        Fault::Partial => UNCLOSED_TOKEN,
                    };
                    let end = self.frames[0].text.len();
                    return Err(self.fail_at(code, end));
                }
                if self.is_whole() {
                    self.end_of_text()?;
                    continue;
                }
                return Ok(None);
            }
        }
    }

    /// The text of the frame on top is used up (or ends within a token).
    fn end_of_text(&mut self) -> Result<(), Code> {
        let frame = self.top();
        let (rest, length) = (frame.text.len() - frame.at, frame.text.len());
        if rest > 0 {
            let code = if self.state == State::Cdata { UNCLOSED_CDATA_SECTION } else { UNCLOSED_TOKEN };
            return Err(self.fail(code));
        }
        if self.frames.len() > 1 {
            let depth = frame.depth;
            if self.state == State::Content && self.elements.len() != depth {
                return Err(self.fail(ASYNC_ENTITY));
            }
            self.frames.pop();
            return Ok(());
        }
        match (self.state, self.external) {
            (State::Epilog, _) | (State::Start, Some(_)) | (State::Subset, Some(true)) => {}
            (State::Content, Some(false)) if self.elements.is_empty() => {}
            (State::Content, Some(false)) => return Err(self.fail_at(ASYNC_ENTITY, length)),
            (State::Cdata, _) => return Err(self.fail_at(UNCLOSED_CDATA_SECTION, length)),
            (State::Subset, _) => return Err(self.fail_at(NO_ELEMENTS, length)),
            _ => return Err(self.fail_at(NO_ELEMENTS, length)),
        }
        self.state = State::Finished;
        Ok(())
    }

    /// The first token: perhaps a declaration.
    fn start(&mut self) -> Result<Token, Code> {
        if self.encoding.is_none() {
            return Ok(Token::Incomplete);
        }
        let text = &self.top().text;
        let could_be = b"<?xml".starts_with(&text.as_bytes()[..text.len().min(5)]);
        if could_be && text.len() < 6 && !self.is_final {
            return Ok(Token::Incomplete);
        }
        let is_declaration = text.starts_with("<?xml") && text.as_bytes().get(5).is_some_and(|byte| is_space(*byte));
        if is_declaration {
            let Some(end) = text.find("?>") else { return Ok(Token::Incomplete) };
            let declaration = text[5..end].to_owned();
            self.declaration(&declaration, end + 2)?;
        } else if let Some(forced) = self.forced.clone()
            && Encoding::by_name(&forced).is_none()
            && self.encoding == Some(Encoding::Utf8)
        {
            self.forced = None;
            self.push_silent(Event::NeedsEncoding(forced));
        }
        self.state = match self.external {
            None => State::Prolog,
            Some(true) => State::Subset,
            Some(false) => State::Content,
        };
        Ok(Token::Done)
    }
    fn declaration(&mut self, text: &str, length: usize) -> Result<(), Code> {
        let code = if self.external.is_some() { TEXT_DECL } else { XML_DECL };
        let (mut version, mut encoding, mut standalone) = (None, None, -1);
        let mut rest = text;
        loop {
            let trimmed = rest.trim_start_matches(['\t', '\n', '\r', ' ']);
            if trimmed.is_empty() {
                break;
            }
            if trimmed.len() == rest.len() {
                return Err(self.fail(code));
            }
            let Some((key, after)) = trimmed.split_once('=') else { return Err(self.fail(code)) };
            let after = after.trim_start_matches(['\t', '\n', '\r', ' ']);
            let Some(quote) = after.chars().next().filter(|quote| "'\"".contains(*quote)) else {
                return Err(self.fail(code));
            };
            let Some((value, after)) = after[1..].split_once(quote) else { return Err(self.fail(code)) };
            match key.trim_end_matches(['\t', '\n', '\r', ' ']) {
                "version" if version.is_none() && encoding.is_none() && standalone < 0 => version = Some(value.to_owned()),
                "encoding" if encoding.is_none() && standalone < 0 => encoding = Some(value.to_owned()),
                "standalone" if standalone < 0 && self.external.is_none() && (value == "yes" || value == "no") => {
                    standalone = (value == "yes") as i64;
                }
                _ => return Err(self.fail(code)),
            }
            rest = after;
        }
        let is_complete = if self.external.is_some() { encoding.is_some() } else { version.is_some() };
        if !is_complete {
            return Err(self.fail(code));
        }
        if standalone == 1 {
            self.dtd().standalone = true;
        }
        self.push_declaration(Declaration::Xml { version, encoding: encoding.clone(), standalone }, length);
        self.advance(length);
        let wanted = self.forced.clone().or(encoding);
        if let Some(name) = wanted {
            let is_wide = matches!(self.encoding, Some(Encoding::Utf16 { .. }));
            match Encoding::by_name(&name) {
                Some(Encoding::Utf16 { .. }) if !is_wide => return Err(self.fail(INCORRECT_ENCODING)),
                Some(_) if is_wide && !name.to_ascii_uppercase().starts_with("UTF-16") => {
                    return Err(self.fail(INCORRECT_ENCODING));
                }
                Some(_) if is_wide => {}
                Some(encoding) => self.switch(encoding),
                None => self.push_silent(Event::NeedsEncoding(name)),
            }
        }
        Ok(())
    }

    /// Outside of the root element.
    fn misc(&mut self) -> Result<Token, Code> {
        let frame = self.top();
        let at = frame.at;
        let rest = &frame.text[at..];
        let Some(first) = rest.bytes().next() else { return Ok(Token::Incomplete) };
        if is_space(first) {
            let length = rest.bytes().take_while(|byte| is_space(*byte)).count();
            self.push(Event::Default, length);
            self.advance(length);
            return Ok(Token::Done);
        }
        if first != b'<' {
            return Err(match self.state {
                State::Epilog => self.fail(JUNK_AFTER_DOC_ELEMENT),
                _ if rest.chars().next().is_some_and(|character| !is_allowed(character)) => self.fail(INVALID_TOKEN),
                _ => {
                    // A word ends at white space or a few signs; what else follows it is the error.
                    let length = crate::chars::token_length(rest);
                    match rest[length..].chars().next() {
                        Some(next) if length > 0 && !" \t\r\n>),|[%?*+".contains(next) => {
                            self.fail_at(INVALID_TOKEN, at + length)
                        }
                        _ => self.fail(SYNTAX),
                    }
                }
            });
        }
        if rest.len() < 2 {
            return Ok(Token::Incomplete);
        }
        match rest.as_bytes()[1] {
            b'?' => self.instruction(),
            b'!' => {
                if rest.starts_with("<!--") {
                    self.comment()
                } else if "<!--".starts_with(rest) || "<!DOCTYPE".starts_with(rest) {
                    Ok(Token::Incomplete)
                } else if rest.starts_with("<!DOCTYPE") && self.state == State::Prolog {
                    self.doctype()
                } else if self.state == State::Epilog {
                    Err(self.fail(JUNK_AFTER_DOC_ELEMENT))
                } else if rest.starts_with("<!DOCTYPE")
                    || rest.starts_with("<!E")
                    || rest.starts_with("<!A")
                    || rest.starts_with("<!N")
                {
                    Err(self.fail(SYNTAX))
                } else {
                    Err(self.fail_at(INVALID_TOKEN, at + 2))
                }
            }
            _ if self.state == State::Epilog => {
                // A broken token is told apart from a second element.
                Err(self.fail(JUNK_AFTER_DOC_ELEMENT))
            }
            _ => {
                if self.state == State::Prolog && self.use_foreign_dtd && !self.saw_doctype {
                    self.saw_doctype = true;
                    if self.parameter_entity_parsing != 0 {
                        self.dtd().has_parameter_references = true;
                        let base = self.base.clone();
                        let declaration = Declaration::ExternalEntityRef { context: None, base, system: None, public: None };
                        self.push_silent(Event::Declaration(Box::new(declaration)));
                        return Ok(Token::Done);
                    }
                }
                self.state = State::Content;
                let token = self.start_tag()?;
                if let Token::Incomplete = token {
                    self.state = if self.saw_doctype && !self.use_foreign_dtd { State::AfterSubset } else { State::Prolog };
                }
                Ok(token)
            }
        }
    }

    pub(crate) fn comment(&mut self) -> Result<Token, Code> {
        let frame = self.top();
        let start = frame.at + 4;
        let Some(dashes) = frame.text[start..].find("--") else {
            return self.check_characters(start).map(|()| Token::Incomplete);
        };
        let end = start + dashes;
        let Some(next) = frame.text.as_bytes().get(end + 2).copied() else { return Ok(Token::Incomplete) };
        if next != b'>' {
            return Err(self.fail_at(INVALID_TOKEN, end + 2));
        }
        self.check_range(start, end)?;
        let text = newlines(&self.top().text[start..end]);
        let length = end + 3 - self.token_start;
        self.push(Event::Comment(text), length);
        self.advance(length);
        Ok(Token::Done)
    }
    pub(crate) fn instruction(&mut self) -> Result<Token, Code> {
        let frame = self.top();
        let start = frame.at + 2;
        let name = name_length(&frame.text[start..]);
        if name == 0 {
            return if frame.text.len() == start { Ok(Token::Incomplete) } else { Err(self.fail_at(INVALID_TOKEN, start)) };
        }
        let after = start + name;
        let Some(next) = frame.text.as_bytes().get(after).copied() else { return Ok(Token::Incomplete) };
        let target = &frame.text[start..after];
        if target.eq_ignore_ascii_case("xml") {
            return Err(if target == "xml" { self.fail(MISPLACED_XML_PI) } else { self.fail_at(INVALID_TOKEN, after) });
        }
        if !is_space(next) && next != b'?' {
            return Err(self.fail_at(INVALID_TOKEN, after));
        }
        let Some(end) = frame.text[after..].find("?>").map(|found| after + found) else {
            return self.check_characters(after).map(|()| Token::Incomplete);
        };
        if next == b'?' && end != after {
            return Err(self.fail_at(INVALID_TOKEN, after + 1));
        }
        self.check_range(after, end)?;
        let top = &self.frames[self.frames.len() - 1];
        let target = self.names.id(&top.text[start..after]);
        let data = newlines(top.text[after..end].trim_start_matches(['\t', '\n', '\r', ' ']));
        let length = end + 2 - self.token_start;
        self.push(Event::Instruction { target, data }, length);
        self.advance(length);
        Ok(Token::Done)
    }
    fn check_characters(&mut self, start: usize) -> Result<(), Code> {
        let end = self.top().text.len();
        self.check_range(start, end)
    }
    pub(crate) fn check_range(&mut self, start: usize, end: usize) -> Result<(), Code> {
        let bad = self.top().text[start..end].char_indices().find(|(_, character)| !is_allowed(*character));
        match bad {
            Some((offset, _)) => Err(self.fail_at(INVALID_TOKEN, start + offset)),
            None => Ok(()),
        }
    }
}

fn is_markup(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b" \t\r\n<>&'\"=!?/-.:[];#%()*+,_".contains(&byte)
}

/// Line ends as XML wants them.
pub(crate) fn newlines(text: &str) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() }
}
pub(crate) fn collapse(text: &str) -> String {
    text.split(' ').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

pub(crate) fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}
/// The character of `#65` or `#x41`.
pub(crate) fn character_reference(name: &str) -> Option<char> {
    let digits = name.strip_prefix('#')?;
    let number = match digits.strip_prefix('x') {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => digits.parse().ok()?,
    };
    char::from_u32(number).filter(|character| is_allowed(*character))
}
pub(crate) fn is_reference_character(character: char, offset: usize, rest: &str) -> bool {
    match rest.strip_prefix('#') {
        None if offset == 0 => character == '#' || crate::chars::is_name_start(character),
        None => crate::chars::is_name(character),
        Some(digits) => match (offset, digits.starts_with('x')) {
            (0, _) => true,
            (1, true) => true,
            (_, true) => character.is_ascii_hexdigit(),
            (_, false) => character.is_ascii_digit(),
        },
    }
}
/// Where the reference that begins after `&` ends.
pub(crate) fn reference_end(rest: &str) -> Option<usize> {
    let end = rest.find(';')?;
    let name = &rest[..end];
    let is_empty = matches!(name, "" | "#" | "#x");
    let is_good = name.char_indices().all(|(offset, character)| is_reference_character(character, offset, name));
    (!is_empty && is_good).then_some(end)
}
