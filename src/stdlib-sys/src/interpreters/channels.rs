//! The module `_interpchannels`: channels that all interpreters see, by number. An interpreter becomes one of a channel's senders or receivers
//! by sending or receiving, and stays one until it lets go of that end or ends itself.

use super::checked_id;
use super::crossing::{self, Parcel};
use super::queues::{UNBOUND_REMOVE, UNBOUND_REPLACE, check_fallback, check_unbound, fallback_of};
use super::table::{Entry, Table};
use crate::{util, waiting};
use native_macros::{Layout, native_class, native_module};
use objects::error_class::{Base, ErrorClass};
use objects::interpreter::{self, InterpreterSlot};
use objects::memoryview::memoryview_of;
use objects::structseq::StructSeqDef;
use objects::{
    Cast, Class, CompareOp, Gc, GcVec, Header, Module, R, Raised, Tuple, Value, call, class_name, class_of, exc, get_attr_named,
    new_int, new_list, new_native, new_tuple, type_error, value_error,
};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

static CHANNEL_ERROR: ErrorClass = ErrorClass::new("ChannelError", "_interpchannels", &[Base::Made(&exc::RUNTIME_ERROR)]);
static NOT_FOUND: ErrorClass = ErrorClass::new("ChannelNotFoundError", "_interpchannels", &[Base::Own(&CHANNEL_ERROR)]);
static CLOSED: ErrorClass = ErrorClass::new("ChannelClosedError", "_interpchannels", &[Base::Own(&CHANNEL_ERROR)]);
static EMPTY: ErrorClass = ErrorClass::new("ChannelEmptyError", "_interpchannels", &[Base::Own(&CHANNEL_ERROR)]);
static NOT_EMPTY: ErrorClass = ErrorClass::new("ChannelNotEmptyError", "_interpchannels", &[Base::Own(&CHANNEL_ERROR)]);

static INFO: StructSeqDef = StructSeqDef::new(
    "_interpchannels",
    "ChannelInfo",
    "ChannelInfo\n\nThe state of a channel, as a named tuple.",
    &[
        "open",
        "closing",
        "closed",
        "count",
        "num_interp_send",
        "num_interp_send_released",
        "num_interp_recv",
        "num_interp_recv_released",
        "num_interp_both",
        "num_interp_both_recv_released",
        "num_interp_both_send_released",
        "num_interp_both_released",
        "recv_associated",
        "recv_released",
        "send_associated",
        "send_released",
    ],
    8,
);

/// Python's classes of ends, told by `_register_end_types`.
static SEND_CLASS: InterpreterSlot = InterpreterSlot::empty();
static RECV_CLASS: InterpreterSlot = InterpreterSlot::empty();

const BOTH: u8 = 0;
const SEND: u8 = 1;
const RECV: u8 = 2;
/// Kinds of descriptions on their way: a `ChannelID`, or an object of Python's classes of ends.
const ID_ITSELF: i32 = 0;
const END_OBJECT: i32 = 1;

/// What the sender of an item waits for.
struct Fate {
    settled: heap::Event,
    /// Whether somebody has received it, as opposed to dropped it.
    taken: AtomicBool,
}
impl Fate {
    fn settle(&self, taken: bool) {
        self.taken.store(taken, Ordering::Relaxed);
        self.settled.set();
    }
}

struct Item {
    /// None: the sender is gone.
    parcel: Option<Value>,
    unbound: i32,
    sender: i64,
    fate: Arc<Fate>,
}

/// The interpreters at one end, and whether each still is open.
#[derive(Default)]
struct End {
    members: Vec<(i64, bool)>,
}
impl End {
    fn state(&self, interpreter: i64) -> Option<bool> {
        self.members.iter().find(|member| member.0 == interpreter).map(|member| member.1)
    }
    fn join(&mut self, interpreter: i64) {
        if self.state(interpreter).is_none() {
            self.members.push((interpreter, true));
        }
    }
    fn release(&mut self, interpreter: i64) {
        match self.members.iter_mut().find(|member| member.0 == interpreter) {
            Some(member) => member.1 = false,
            None => self.members.push((interpreter, false)),
        }
    }
    fn is_open(&self) -> bool {
        self.members.iter().any(|member| member.1)
    }
}

struct Channel {
    unbound: i32,
    fallback: i32,
    send: End,
    recv: End,
    items: VecDeque<Item>,
    /// Nothing more is sent; what is there can be received.
    closing: bool,
    closed: bool,
    /// Closed by `close`, not because everybody let go.
    hidden: bool,
}

impl Channel {
    fn close(&mut self) {
        self.closed = true;
        self.closing = false;
        self.send = End::default();
        self.recv = End::default();
        self.items.drain(..).for_each(|item| item.fate.settle(false));
    }
    /// Closes it if an end was in use and nobody is left there.
    fn settle(&mut self) {
        let left = (self.send.members.is_empty() && self.recv.members.is_empty()) || self.send.is_open() || self.recv.is_open();
        if !left {
            self.close();
        }
    }
}

impl Entry for Channel {
    fn values(&self) -> impl Iterator<Item = Value> {
        self.items.iter().filter_map(|item| item.parcel)
    }
    #[cold]
    fn not_found(id: i64) -> Raised {
        NOT_FOUND.raise(&format!("channel {id} not found"))
    }
}

static CHANNELS: Table<Channel> = Table::numbered_from(0);

#[cold]
fn is_closed(id: i64) -> Raised {
    CLOSED.raise(&format!("channel {id} is closed"))
}
/// This interpreter's end is closed, as opposed to the channel.
#[cold]
fn is_released(id: i64) -> Raised {
    CLOSED.raise(&format!("channel {id} is already closed"))
}

/// A channel's number, perhaps one end of it.
#[derive(Layout)]
#[repr(C)]
pub struct ChannelId {
    pub header: Header,
    id: i64,
    end: u8,
}

fn new_id(id: i64, end: u8) -> Value {
    let _ = objects::native::rt::class_of_def(ChannelIdSkin::CLASS_DEF);
    new_native(ChannelId { header: Header::blank(), id, end }).value()
}

fn id_of(value: Value) -> R<i64> {
    match value.cast::<ChannelId>() {
        Some(id) => Ok(id.id),
        None => checked_id(value, "channel"),
    }
}

pub struct ChannelIdSkin;

/// The number of a channel; can be used as an int.
#[native_class(name = "_interpchannels.ChannelID", layout = ChannelId, base = object, flags = "final no_new")]
impl ChannelIdSkin {
    fn __repr__(this: Gc<ChannelId>) -> String {
        let end = ["", ", send=True", ", recv=True"][usize::from(this.end.min(RECV))];
        format!("ChannelID({}{end})", this.id)
    }
    fn __str__(this: Gc<ChannelId>) -> String {
        this.id.to_string()
    }
    fn __int__(this: Gc<ChannelId>) -> i64 {
        this.id
    }
    fn __index__(this: Gc<ChannelId>) -> i64 {
        this.id
    }
    fn __hash__(this: Gc<ChannelId>) -> R<i64> {
        objects::hash(new_int(this.id))
    }
    fn __eq__(this: Gc<ChannelId>, other: Value) -> R {
        if let Some(other) = other.cast::<ChannelId>() {
            return Ok(Value::bool(this.id == other.id && this.end == other.end));
        }
        if objects::is_int(other) || other.is_float() {
            return objects::compare(CompareOp::Eq, new_int(this.id), other);
        }
        Ok(Value::not_implemented())
    }
    fn __reduce__(this: Gc<ChannelId>) -> R {
        Err(type_error!("cannot pickle '{}' object", class_name(this.value())))
    }
    /// 'send', 'recv' or 'both'
    #[getter]
    fn end(this: Gc<ChannelId>) -> &'static str {
        ["both", "send", "recv"][usize::from(this.end.min(RECV))]
    }
    /// The send end of the channel.
    #[getter]
    fn send(this: Gc<ChannelId>) -> Value {
        new_id(this.id, SEND)
    }
    /// The receive end of the channel.
    #[getter]
    fn recv(this: Gc<ChannelId>) -> Value {
        new_id(this.id, RECV)
    }
}

/// Whether the value is a `ChannelID` or an end of a channel.
pub fn is_channel_object(value: Value) -> bool {
    if value.cast::<ChannelId>().is_some() {
        return true;
    }
    let class = Some(class_of(value).value());
    SEND_CLASS.get() == class || RECV_CLASS.get() == class
}

/// What describes such a value to another interpreter.
pub fn describe(value: Value) -> R<Option<Value>> {
    if !is_channel_object(value) {
        return Ok(None);
    }
    let (kind, id) = match value.cast::<ChannelId>() {
        Some(id) => (ID_ITSELF, id),
        None => match get_attr_named(value, "_id")?.cast::<ChannelId>() {
            Some(id) => (END_OBJECT, id),
            None => return Ok(None),
        },
    };
    Ok(Some(new_tuple(&[Value::small(kind), new_int(id.id), Value::small(id.end.into())]).value()))
}

/// The value in the current interpreter.
pub fn of_description(description: Value) -> R {
    let Some([kind, id, end]) = description.cast::<Tuple>().map(|tuple| tuple.items()) else {
        return Err(objects::system_error!("channel expected"));
    };
    let (end, number) = (end.as_int() as u8, objects::index(*id)?);
    if kind.as_int() as i32 == ID_ITSELF {
        return Ok(new_id(number, end));
    }
    let slot = if end == SEND { &SEND_CLASS } else { &RECV_CLASS };
    if slot.is_empty() {
        // As in CPython the high-level module is none of the library.
        util::import("test.support.channels")?;
    }
    match slot.get() {
        Some(class) => call(class, &[*id]),
        None => Ok(new_id(number, end)),
    }
}

/// An interpreter has ended: its ends are open no more, its items go or become unbound.
pub fn forget_interpreter(interpreter: i64) {
    CHANNELS.each(|channel| {
        channel.items.retain_mut(|item| {
            if item.sender != interpreter {
                return true;
            }
            item.parcel = None;
            item.fate.settle(false);
            item.unbound != UNBOUND_REMOVE
        });
        let mut was_there = false;
        for end in [&mut channel.send, &mut channel.recv] {
            if end.state(interpreter).is_some() {
                end.release(interpreter);
                was_there = true;
            }
        }
        if was_there {
            channel.settle();
        }
    });
}

/// Puts a parcel in, and waits until somebody takes it if `patience` says so: None for ever, zero not at all.
fn send_parcel(id: i64, parcel: Gc<Parcel>, unbound: i32, wait: bool, patience: Option<Duration>) -> R<()> {
    let here = interpreter::current().id();
    let fate = Arc::new(Fate { settled: heap::Event::new(), taken: AtomicBool::new(false) });
    let item = Item { parcel: Some(parcel.value()), unbound, sender: here, fate: fate.clone() };
    let outcome = CHANNELS.with(id, |channel| {
        if channel.closed || channel.closing {
            return Err(is_closed as fn(i64) -> Raised);
        }
        if channel.send.state(here) == Some(false) {
            return Err(is_released);
        }
        channel.send.join(here);
        channel.items.push_back(item);
        Ok(())
    })?;
    outcome.map_err(|raise| raise(id))?;
    if !wait {
        return Ok(());
    }
    if waiting::wait(patience, |left| fate.settled.wait(left, true))? {
        return if fate.taken.load(Ordering::Relaxed) { Ok(()) } else { Err(is_closed(id)) };
    }
    // Who takes it out settles it: this sender, if nobody was faster.
    CHANNELS.with(id, |channel| {
        if let Some(place) = channel.items.iter().position(|item| Arc::ptr_eq(&item.fate, &fate)) {
            channel.items.remove(place);
        }
    })?;
    match (fate.settled.is_set(), fate.taken.load(Ordering::Relaxed)) {
        (false, _) => Err(util::raise_text(&exc::TIMEOUT_ERROR, "timed out")),
        (true, true) => Ok(()),
        (true, false) => Err(is_closed(id)),
    }
}

/// `timeout` and `blocking` of the sending functions: whether to wait, and how long.
fn patience(blocking: bool, timeout: Option<Value>) -> R<(bool, Option<Duration>)> {
    let Some(timeout) = timeout.filter(|timeout| !timeout.is_none()) else { return Ok((blocking, None)) };
    let count = util::seconds_to_nanoseconds(timeout, util::Round::Ceiling)?;
    if count < 0 {
        return Err(value_error!("timeout value must be a non-negative number"));
    }
    if !blocking {
        return Err(value_error!("can't specify a timeout for a non-blocking call"));
    }
    Ok((true, Some(util::nanoseconds(count))))
}

/// The channel's own way to treat items, where a call gives none.
fn ways(id: i64, unboundop: i32, fallback: i32) -> R<(i32, i32)> {
    let (unbound, other) = CHANNELS.with(id, |channel| (channel.unbound, channel.fallback))?;
    Ok((check_unbound(unboundop, unbound)?, check_fallback(fallback, other)?))
}

pub struct Channels;

/// Channels between interpreters.
#[native_module(name = "_interpchannels", classes = [ChannelIdSkin])]
impl Channels {
    /// create(unboundop=-1, fallback=-1) -> cid
    ///
    /// Make a channel.
    #[sig("($module, unboundop=-1, fallback=-1)", hidden)]
    fn create(unboundop: i32, fallback: i32) -> R {
        let (unbound, fallback) = (check_unbound(unboundop, UNBOUND_REPLACE)?, check_fallback(fallback, 1)?);
        let id = CHANNELS.add(Channel {
            unbound,
            fallback,
            send: End::default(),
            recv: End::default(),
            items: VecDeque::new(),
            closing: false,
            closed: false,
            hidden: false,
        });
        Ok(new_id(id, BOTH))
    }
    /// destroy(cid)
    ///
    /// Take the channel away from everybody.
    #[sig("($module, cid)", hidden)]
    fn destroy(cid: Value) -> R<()> {
        let id = id_of(cid)?;
        CHANNELS.with(id, |channel| channel.close())?;
        CHANNELS.remove_if(id, |_| true)
    }
    /// list_all() -> [(cid, unboundop, fallback)]
    ///
    /// All channels that nobody has closed for everybody.
    fn list_all() -> Value {
        let rows: GcVec = CHANNELS
            .list(|id, channel| (!channel.hidden).then_some((id, channel.unbound, channel.fallback)))
            .into_iter()
            .map(|(id, unbound, fallback)| new_tuple(&[new_id(id, BOTH), Value::small(unbound), Value::small(fallback)]).value())
            .collect();
        new_list(&rows).value()
    }
    /// list_interpreters(cid, *, send) -> [id]
    ///
    /// The interpreters at one end of the channel.
    #[sig("($module, cid, *, send)", hidden)]
    fn list_interpreters(cid: Value, send: bool) -> R {
        let id = id_of(cid)?;
        let members = CHANNELS.with(id, |channel| {
            let end = if send { &channel.send } else { &channel.recv };
            (!channel.closed && !(send && channel.closing))
                .then(|| end.members.iter().filter(|member| member.1).map(|member| member.0).collect::<Vec<_>>())
        })?;
        let Some(mut members) = members else { return Err(is_closed(id)) };
        members.sort_unstable();
        let ids: GcVec = members.into_iter().map(new_int).collect();
        Ok(new_list(&ids).value())
    }
    /// send(cid, obj, unboundop=-1, fallback=-1, *, blocking=True, timeout=None)
    ///
    /// Send a copy of the object, and wait until somebody has received it.
    #[sig("($module, cid, obj, unboundop=-1, fallback=-1, *, blocking=True, timeout=None)", hidden)]
    fn send(cid: Value, obj: Value, unboundop: i32, fallback: i32, blocking: bool, timeout: Option<Value>) -> R<()> {
        let id = id_of(cid)?;
        let (wait, patience) = patience(blocking, timeout)?;
        let (unbound, fallback) = ways(id, unboundop, fallback)?;
        send_parcel(id, crossing::pack(obj, fallback_of(fallback))?, unbound, wait, patience)
    }
    /// send_buffer(cid, obj, unboundop=-1, fallback=-1, *, blocking=True, timeout=None)
    ///
    /// Send a view of the object's memory, and wait until somebody has received it.
    #[sig("($module, cid, obj, unboundop=-1, fallback=-1, *, blocking=True, timeout=None)", hidden)]
    fn send_buffer(cid: Value, obj: Value, unboundop: i32, fallback: i32, blocking: bool, timeout: Option<Value>) -> R<()> {
        let id = id_of(cid)?;
        let (wait, patience) = patience(blocking, timeout)?;
        let (unbound, fallback) = ways(id, unboundop, fallback)?;
        let view = memoryview_of(obj)?.value();
        send_parcel(id, crossing::pack(view, fallback_of(fallback))?, unbound, wait, patience)
    }
    /// recv(cid, default=<absent>) -> (obj, unboundop)
    ///
    /// Take the object that was sent first. If its sender is gone, unboundop says what to do instead.
    #[sig("($module, cid, default=<unrepresentable>)", hidden)]
    fn recv(cid: Value, default: Option<Value>) -> R {
        let id = id_of(cid)?;
        let here = interpreter::current().id();
        let item = CHANNELS.with(id, |channel| {
            if channel.closed {
                return Err(is_closed as fn(i64) -> Raised);
            }
            if channel.recv.state(here) == Some(false) {
                return Err(is_released);
            }
            channel.recv.join(here);
            let item = channel.items.pop_front();
            item.iter().for_each(|item| item.fate.settle(true));
            if channel.closing && channel.items.is_empty() {
                channel.close();
                channel.hidden = true;
            }
            Ok(item)
        })?;
        let item = item.map_err(|raise| raise(id))?;
        let pair = match (item, default) {
            (Some(item), _) => match item.parcel.and_then(|parcel| parcel.cast::<Parcel>()) {
                Some(parcel) => [crossing::unpack(parcel)?, Value::none()],
                None => [Value::none(), Value::small(item.unbound)],
            },
            (None, Some(default)) => [default, Value::none()],
            (None, None) => return Err(EMPTY.raise(&format!("channel {id} is empty"))),
        };
        Ok(new_tuple(&pair).value())
    }
    /// close(cid, *, send=False, recv=False, force=False)
    ///
    /// Close the channel for everybody. One that has items closes its send end only, or takes force.
    #[sig("($module, cid, *, send=False, recv=False, force=False)", hidden)]
    fn close(cid: Value, send: bool, recv: bool, force: bool) -> R<()> {
        let id = id_of(cid)?;
        let outcome = CHANNELS.with(id, |channel| {
            if channel.closed {
                return Err(true);
            }
            if channel.items.is_empty() || force {
                channel.close();
                channel.hidden = true;
                return Ok(());
            }
            if send && !recv {
                if channel.closing {
                    return Err(true);
                }
                channel.closing = true;
                return Ok(());
            }
            Err(false)
        })?;
        outcome.map_err(|closed| {
            if closed {
                is_closed(id)
            } else {
                NOT_EMPTY.raise(&format!("channel {id} may not be closed if not empty (try force=True)"))
            }
        })
    }
    /// release(cid, *, send=False, recv=False, force=True)
    ///
    /// Close ends of the channel for this interpreter, both if none is named.
    #[sig("($module, cid, *, send=False, recv=False, force=True)", hidden)]
    fn release(cid: Value, send: bool, recv: bool, force: bool) -> R<()> {
        let _ = force;
        let id = id_of(cid)?;
        let here = interpreter::current().id();
        let done = CHANNELS.with(id, |channel| {
            if channel.closed {
                return false;
            }
            let both = !send && !recv;
            if send || both {
                channel.send.release(here);
            }
            if recv || both {
                channel.recv.release(here);
            }
            channel.settle();
            true
        })?;
        if done { Ok(()) } else { Err(is_closed(id)) }
    }
    /// get_count(cid) -> int
    ///
    /// How many objects wait in the channel.
    #[sig("($module, cid)", hidden)]
    fn get_count(cid: Value) -> R<usize> {
        let id = id_of(cid)?;
        match CHANNELS.with(id, |channel| (!channel.closed).then_some(channel.items.len()))? {
            Some(count) => Ok(count),
            None => Err(is_closed(id)),
        }
    }
    /// get_info(cid) -> ChannelInfo
    ///
    /// The state of the channel.
    #[sig("($module, cid)", hidden)]
    fn get_info(cid: Value) -> R {
        let id = id_of(cid)?;
        let here = interpreter::current().id();
        let (flags, counts, own) = CHANNELS.with(id, |channel| {
            let (send, recv) = (&channel.send, &channel.recv);
            let count = |end: &End, other: &End, open: bool| {
                end.members.iter().filter(|member| member.1 == open && other.state(member.0).is_none()).count()
            };
            let both = |sending: bool, receiving: bool| {
                let is = |member: &&(i64, bool)| member.1 == sending && recv.state(member.0) == Some(receiving);
                send.members.iter().filter(is).count()
            };
            let counts = [
                channel.items.len(),
                count(send, recv, true),
                count(send, recv, false),
                count(recv, send, true),
                count(recv, send, false),
                both(true, true),
                both(true, false),
                both(false, true),
                both(false, false),
            ];
            let (send, recv) = (send.state(here), recv.state(here));
            let own = [recv == Some(true), recv == Some(false), send == Some(true), send == Some(false)];
            ([!channel.closed && !channel.closing, channel.closing, channel.closed], counts, own)
        })?;
        let mut fields = GcVec::new();
        flags.into_iter().for_each(|flag| fields.push(Value::bool(flag)));
        counts.into_iter().for_each(|count| fields.push(new_int(count as i64)));
        own.into_iter().for_each(|flag| fields.push(Value::bool(flag)));
        INFO.make(&fields)
    }
    /// get_channel_defaults(cid) -> (unboundop, fallback)
    ///
    /// What create() was given.
    #[sig("($module, cid)", hidden)]
    fn get_channel_defaults(cid: Value) -> R {
        let id = id_of(cid)?;
        let (unbound, fallback) = CHANNELS.with(id, |channel| (channel.unbound, channel.fallback))?;
        Ok(new_tuple(&[Value::small(unbound), Value::small(fallback)]).value())
    }
    #[sig("($module, id, *, send=None, recv=None, force=False, _resolve=False)", hidden)]
    fn _channel_id(id: Value, send: Option<bool>, recv: Option<bool>, force: bool, _resolve: bool) -> R {
        let number = id_of(id)?;
        let end = match (send, recv) {
            (Some(false), Some(false)) => return Err(value_error!("'send' and 'recv' cannot both be False")),
            (Some(true), None | Some(false)) | (None, Some(false)) => SEND,
            (None | Some(false), Some(true)) | (Some(false), None) => RECV,
            (None, None) => id.cast::<ChannelId>().map_or(BOTH, |id| id.end),
            (Some(true), Some(true)) => BOTH,
        };
        if !force {
            CHANNELS.with(number, |_| ())?;
        }
        Ok(new_id(number, end))
    }
    #[sig("($module, send, recv)", hidden)]
    fn _register_end_types(send: Value, recv: Value) -> R<()> {
        for (slot, class, name) in [(&SEND_CLASS, send, "send"), (&RECV_CLASS, recv, "recv")] {
            if class.cast::<Class>().is_none() {
                return Err(type_error!("expected a type for '{name}'"));
            }
            slot.set(class);
        }
        Ok(())
    }
    fn __exec__(module: Value) -> R<()> {
        let Some(module): Option<Gc<Module>> = module.cast::<Module>() else { return Ok(()) };
        for class in [&CHANNEL_ERROR, &NOT_FOUND, &CLOSED, &EMPTY, &NOT_EMPTY] {
            module.set(class.name, class.class()?.value())?;
        }
        module.set("ChannelInfo", INFO.class()?.value())
    }
}
