//! What `_zoneinfo` keeps for each interpreter: functions of the library, and the zones that were made.
//!
//! All living zones of the class itself are in a WeakValueDictionary, the eight used last also here. Subclasses have a weak dictionary
//! each, an attribute. Must not know: what zones hold.

use super::ZoneInfo;
use crate::support::Guarded;
use native_macros::{Layout, native_class};
use objects::interpreter::InterpreterSlot;
use objects::native::rt::class_of_def;
use objects::str::str_eq;
use objects::{
    Cast, Class, Gc, Header, Layout, R, Slot, Str, Value, call, call_method, class_name, eq, get_attr, get_attr_named, interned,
    iterate, new_object, runtime_error, system,
};

static STATE: InterpreterSlot = InterpreterSlot::empty();
/// Held while a zone is entered: two threads that make the zone of a key get the same one. (A finalizer that runs there may make a zone.)
static ENTERING: heap::OwnedMutex = heap::OwnedMutex::new();

const KEPT: usize = 8;

#[derive(Layout)]
#[repr(C)]
pub struct State {
    header: Header,
    find_file: Slot,
    load_tzdata: Slot,
    load_data: Slot,
    open: Slot,
    weak: Slot,
    recent: Guarded<Recent>,
}

#[native_class(name = "zoneinfo._State", base = object, flags = "final no_new")]
impl State {}

/// Keys and zones, the one used last in front.
struct Recent([Option<(Value, Value)>; KEPT]);

impl objects::layout::Trace for Recent {
    fn trace(&self, tracer: &mut heap::Tracer) {
        self.0.trace(tracer);
    }
}

impl Recent {
    fn to_front(&mut self, at: usize) {
        if let Some(part) = self.0.get_mut(..=at) {
            part.rotate_right(1);
        }
    }
    fn position(&self, zone: Value) -> Option<usize> {
        self.0.iter().position(|entry| entry.is_some_and(|(_, known)| known == zone))
    }
    fn remove(&mut self, at: usize) {
        if let Some(part) = self.0.get_mut(at..)
            && let [first, ..] = part
        {
            *first = None;
            part.rotate_left(1);
        }
    }
}

/// What is found without asking keys of classes that Python code may have made.
enum Quick {
    Found(Value),
    Absent,
    Unclear,
}

fn quick(recent: &mut Recent, key: Value) -> Quick {
    let text = key.cast_exact::<Str>();
    let mut unclear = text.is_none();
    for at in 0..KEPT {
        let Some(Some((known, zone))) = recent.0.get(at).copied() else { break };
        let same = known == key
            || match (text, known.cast_exact::<Str>()) {
                (Some(text), Some(known)) => str_eq(&text, &known),
                _ => {
                    unclear = true;
                    false
                }
            };
        if same {
            if unclear && known != key {
                return Quick::Unclear;
            }
            if at > 0 {
                recent.to_front(at);
            }
            return Quick::Found(zone);
        }
    }
    if unclear { Quick::Unclear } else { Quick::Absent }
}

fn library(module: &'static str, name: &str) -> R {
    get_attr_named(system::import(module)?, name)
}

fn new_weak_cache() -> R {
    call(library("weakref", "WeakValueDictionary")?, &[])
}

impl State {
    /// The functions of the library, and empty caches.
    pub fn make() -> R<Gc<State>> {
        // Its classes exist once it was imported; where that is prevented, the library takes the zones written in Python.
        system::import("_datetime")?;
        class_of_def(State::CLASS_DEF);
        let slots = [
            library("zoneinfo._tzpath", "find_tzfile")?,
            library("zoneinfo._common", "load_tzdata")?,
            library("zoneinfo._common", "load_data")?,
            library("io", "open")?,
            new_weak_cache()?,
        ]
        .map(Slot::new);
        let [find_file, load_tzdata, load_data, open, weak] = slots;
        let recent = Guarded::new(Recent([None; KEPT]));
        let state =
            new_object(State::class(), State { header: Header::blank(), find_file, load_tzdata, load_data, open, weak, recent });
        // Of two threads that make one, one's counts: zones of a key are the same object.
        let state = STATE.get_or_set(state.value());
        Ok(state.cast_exact::<State>().unwrap_or_else(|| unreachable!("only states are kept there")))
    }
    pub fn get() -> R<Gc<State>> {
        match STATE.get().and_then(|state| state.cast_exact::<State>()) {
            Some(state) => Ok(state),
            None => State::make(),
        }
    }
    fn part(slot: &Slot) -> Value {
        slot.get().unwrap_or(Value::none())
    }
    /// The opened file of a key.
    pub fn open(&self, key: Value) -> R {
        let path = call(State::part(&self.find_file), &[key])?;
        if path.is_none() {
            return call(State::part(&self.load_tzdata), &[key]);
        }
        call(State::part(&self.open), &[path, interned!("rb").value()])
    }
    pub fn load_data(&self, file: Value) -> R {
        call(State::part(&self.load_data), &[file])
    }
}

fn weak_cache(state: Gc<State>, class: Gc<Class>) -> R {
    if class == ZoneInfo::class() {
        return Ok(State::part(&state.weak));
    }
    get_attr(class.value(), interned!("_weak_cache"))
}

/// The entry of an equal key. Keys are compared in a copy, since that may call Python code.
fn search(state: Gc<State>, key: Value) -> R<Option<Value>> {
    let entries = state.recent.with(state, |recent| recent.0);
    for (known, zone) in entries.into_iter().flatten() {
        if eq(known, key)? {
            return Ok(Some(zone));
        }
    }
    Ok(None)
}

fn find_recent(state: Gc<State>, key: Value) -> R<Option<Value>> {
    match state.recent.with(state, |recent| quick(recent, key)) {
        Quick::Found(zone) => return Ok(Some(zone)),
        Quick::Absent => return Ok(None),
        Quick::Unclear => {}
    }
    let found = search(state, key)?;
    if let Some(zone) = found {
        state.recent.with(state, |recent| {
            if let Some(at) = recent.position(zone) {
                recent.to_front(at);
            }
        });
    }
    Ok(found)
}

fn checked(class: Gc<Class>, key: Value, zone: Value) -> R {
    if objects::is_instance(zone, class) {
        return Ok(zone);
    }
    Err(runtime_error!(
        "Unexpected instance of {} in {} weak cache for key {}",
        class_name(zone),
        class.name_text(),
        objects::repr(key)?.to_string_lossy()
    ))
}

/// The zone of a key, from the caches or made by `make`.
pub fn zone_of(class: Gc<Class>, key: Value, make: impl FnOnce() -> R) -> R {
    let state = State::get()?;
    let own = class == ZoneInfo::class();
    if own && let Some(zone) = find_recent(state, key)? {
        return Ok(zone);
    }
    let weak = weak_cache(state, class)?;
    let mut zone = call_method(weak, interned!("get"), &[key, Value::none()])?;
    if zone.is_none() {
        let made = make()?;
        // Of a weak dictionary that is several steps.
        let _alone = ENTERING.lock();
        zone = call_method(weak, interned!("setdefault"), &[key, made])?;
    }
    let zone = checked(class, key, zone)?;
    if own {
        state.recent.with(state, |recent| {
            if let Some(known) = recent.position(zone) {
                recent.to_front(known);
            } else {
                recent.to_front(KEPT - 1);
                recent.0[0] = Some((key, zone));
            }
        });
    }
    Ok(zone)
}

/// Forgets zones: those of `keys`, or all.
pub fn clear(class: Gc<Class>, keys: Option<Value>) -> R<()> {
    let state = State::get()?;
    let own = class == ZoneInfo::class();
    let weak = weak_cache(state, class)?;
    let Some(keys) = keys else {
        call_method(weak, interned!("clear"), &[])?;
        if own {
            state.recent.with(state, |recent| recent.0 = [None; KEPT]);
        }
        return Ok(());
    };
    iterate(keys, |key| {
        if own && let Some(zone) = search(state, key)? {
            state.recent.with(state, |recent| {
                if let Some(at) = recent.position(zone) {
                    recent.remove(at);
                }
            });
        }
        call_method(weak, interned!("pop"), &[key, Value::none()])?;
        Ok(())
    })
}

/// Gives a subclass a cache of its own.
pub fn adopt(class: Gc<Class>) -> R<()> {
    objects::set_attr(class.value(), interned!("_weak_cache"), new_weak_cache()?)
}
