//! `_thread._local`: an object with other attributes in every thread.
//!
//! The object holds one dict for each thread that used it; the thread remembers (weakly) which objects those are, and its dicts
//! go when it ends.

use native_macros::{Layout, native_class};
use objects::dict::{self, Dict};
use objects::weakref::{new_plain_weakref, weakref_target};
use objects::{
    Args, Cast, Class, Gc, GcVec, Header, List, R, Slot, Str, Value, attribute_error, class_name, class_of, interned, new_list,
    new_object, new_tuple, thread, type_error, type_lookup,
};

#[derive(Layout)]
#[repr(C)]
pub struct Local {
    pub header: Header,
    /// Thread identity and that thread's attributes.
    spaces: heap::Mutex<Vec<(u64, Gc<Dict>)>>,
    /// Arguments for `__init__`: a tuple of positional ones and keyword values, and a tuple of keyword names.
    values: Slot,
    names: Slot,
}

impl Local {
    fn known(&self, ident: u64) -> Option<Gc<Dict>> {
        self.spaces.lock().iter().find(|(owner, _)| *owner == ident).map(|(_, space)| *space)
    }
}

fn add_space(this: Gc<Local>) -> Gc<Dict> {
    let thread = thread::current();
    let space = objects::new_dict();
    let reference = new_plain_weakref(this.value());
    match thread.locals.get().and_then(|list| list.cast::<List>()) {
        Some(list) => objects::list::list_push(list, reference),
        None => thread.locals.set(new_list(&[reference]).value()),
    }
    this.spaces.lock().push((thread.ident, space));
    space
}

/// The calling thread's attributes; `__init__` runs when they are new.
fn space(this: Gc<Local>) -> R<Gc<Dict>> {
    let ident = thread::current().ident;
    if let Some(space) = this.known(ident) {
        return Ok(space);
    }
    let space = add_space(this);
    let class = class_of(this.value());
    let object = objects::classes::object();
    if class.slots.init.get().map(|init| init as usize) != object.slots.init.get().map(|init| init as usize)
        && let Some(init) = class.slots.init.get()
        && let (Some(values), Some(names)) = (this.values.get(), this.names.get())
        && let (Some(values), Some(names)) = (values.cast::<objects::Tuple>(), names.cast::<objects::Tuple>())
    {
        let args = Args::new(values.items(), values.len() - names.len(), names.items());
        if let Err(raised) = init(this.value(), args) {
            this.spaces.lock().retain(|(owner, _)| *owner != ident);
            return Err(raised);
        }
    }
    Ok(space)
}

/// The calling thread ends: its attributes go.
pub fn forget_thread() {
    let thread = thread::current();
    let Some(list) = thread.locals.take().and_then(|list| list.cast::<List>()) else { return };
    for reference in objects::list::list_snapshot(list) {
        if let Some(local) = weakref_target(reference).and_then(|target| target.cast::<Local>()) {
            local.spaces.lock().retain(|(owner, _)| *owner != thread.ident);
        }
    }
}

/// In the child of a fork: the other threads' attributes go, as far as the list of this thread's objects tells.
pub fn after_fork_child() {
    let thread = thread::current();
    let Some(list) = thread.locals.get().and_then(|list| list.cast::<List>()) else { return };
    for reference in objects::list::list_snapshot(list) {
        if let Some(local) = weakref_target(reference).and_then(|target| target.cast::<Local>()) {
            local.spaces.lock().retain(|(owner, _)| *owner == thread.ident);
        }
    }
}

/// `value` read through its `__get__` if it has one.
fn bind(value: Value, this: Value) -> R {
    match class_of(value).slots.descr_get.get() {
        Some(get) => get(value, Some(this), Some(class_of(this).value())),
        None => Ok(value),
    }
}
fn is_data_descriptor(value: Value) -> bool {
    let slots = &class_of(value).slots;
    slots.descr_set.get().is_some() || slots.descr_delete.get().is_some()
}

fn checked_name(name: Value) -> R<Gc<Str>> {
    match name.cast::<Str>() {
        Some(name) => Ok(objects::intern_str(name)),
        None => Err(type_error!("attribute name must be string, not '{}'", class_name(name))),
    }
}

fn store(this: Gc<Local>, name: Value, value: Option<Value>) -> R<()> {
    let name = checked_name(name)?;
    if name == interned!("__dict__") {
        return Err(attribute_error!("'{}' object attribute '__dict__' is read-only", class_name(this.value())));
    }
    let space = space(this)?;
    if let Some(found) = type_lookup(class_of(this.value()), name) {
        let slots = &class_of(found).slots;
        match (value, slots.descr_set.get(), slots.descr_delete.get()) {
            (Some(value), Some(set), _) => return set(found, this.value(), value),
            (None, _, Some(delete)) => return delete(found, this.value()),
            _ => {}
        }
    }
    match value {
        Some(value) => dict::dict_set_str(space, name, value),
        None => match dict::dict_remove_str(space, name)? {
            Some(_) => Ok(()),
            None => Err(objects::attribute_error_for(this.value(), name)),
        },
    }
}

pub struct LocalSkin;

/// Thread-local data
#[native_class(name = "_thread._local", layout = Local, base = object, flags = "weakref")]
impl LocalSkin {
    #[new]
    fn new(cls: Gc<Class>, args: Args) -> R {
        let object = objects::classes::object();
        if !args.is_empty() && cls.slots.init.get().map(|init| init as usize) == object.slots.init.get().map(|init| init as usize)
        {
            return Err(type_error!("Initialization arguments are not supported"));
        }
        let values = GcVec::from_slice(args.values());
        let local = new_object(
            cls,
            Local {
                header: Header::blank(),
                spaces: heap::Mutex::new(Vec::new()),
                values: Slot::new(new_tuple(&values).value()),
                names: Slot::new(new_tuple(args.names()).value()),
            },
        );
        // The class runs `__init__` for the thread that makes the object.
        add_space(local);
        Ok(local.value())
    }
    fn __getattribute__(this: Gc<Local>, name: Value) -> R {
        let name = checked_name(name)?;
        let space = space(this)?;
        if name == interned!("__dict__") {
            return Ok(space.value());
        }
        let found = type_lookup(class_of(this.value()), name);
        if let Some(found) = found
            && is_data_descriptor(found)
        {
            return bind(found, this.value());
        }
        if let Some(value) = dict::dict_get_str(space, name) {
            return Ok(value);
        }
        match found {
            Some(found) => bind(found, this.value()),
            None => Err(objects::attribute_error_for(this.value(), name)),
        }
    }
    fn __setattr__(this: Gc<Local>, name: Value, value: Value) -> R<()> {
        store(this, name, Some(value))
    }
    fn __delattr__(this: Gc<Local>, name: Value) -> R<()> {
        store(this, name, None)
    }
}
