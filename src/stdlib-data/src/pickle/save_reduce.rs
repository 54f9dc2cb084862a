//! Writing objects by what `__reduce_ex__` says of them, and instances of plain classes without asking it.
//! Must not know: built-in containers.

use super::globals::{GLOBALS, kept};
use super::memo::SaveMemo;
use super::opcodes::*;
use super::save::{Saver, note};
use super::{exact_str, pickling_error};
use objects::class;
use objects::dict::{self, Dict};
use objects::list::List;
use objects::shape::{self, Shape};
use objects::{
    Cast, Class, Gc, GcVec, Layout, R, Raised, Str, Tuple, Value, call, call_args, class_of, get_attr_named, get_attr_opt,
    interned, is_callable, lookup, new_tuple,
};
use std::sync::atomic::Ordering;

impl Saver {
    /// What a reducer answered.
    pub fn save_reduced(&mut self, reduced: Value, value: Value) -> R<()> {
        if let Some(name) = reduced.cast::<Str>() {
            return self.save_global(value, Some(name));
        }
        self.save_reduced_tuple(reduced, value).map_err(|raised| note(raised, value, "object"))
    }

    fn save_reduced_tuple(&mut self, reduced: Value, value: Value) -> R<()> {
        let Some(tuple) = reduced.cast::<Tuple>() else {
            let found = type_text(reduced);
            return Err(pickling_error(&format!("__reduce__ must return a string or tuple, not {found}")));
        };
        let items = tuple.items();
        if !(2..=6).contains(&items.len()) {
            return Err(pickling_error("tuple returned by __reduce__ must contain 2 through 6 elements"));
        }
        let optional = |index: usize| items.get(index).copied().filter(|item| !item.is_none());
        let (function, args) = (items[0], items[1]);
        if !is_callable(function) {
            return Err(wrong_item("first", "callable", function));
        }
        let Some(args) = args.cast::<Tuple>() else { return Err(wrong_item("second", "a tuple", args)) };
        let (state, setter) = (optional(2), optional(5));
        let is_iterator = |value: Value| class_of(value).slots.next.get().is_some();
        let list_items = optional(3);
        if let Some(items) = list_items.filter(|items| !is_iterator(*items)) {
            return Err(wrong_item("fourth", "an iterator", items));
        }
        let dict_items = optional(4);
        if let Some(items) = dict_items.filter(|items| !is_iterator(*items)) {
            return Err(wrong_item("fifth", "an iterator", items));
        }
        if let Some(setter) = setter.filter(|setter| !is_callable(*setter)) {
            return Err(wrong_item("sixth", "callable", setter));
        }
        self.in_fast_mode(value, |saver| {
            saver.save_reconstructor(function, args, value)?;
            saver.memoize_reduced(value);
            if let Some(items) = list_items {
                saver.save_items(items, value)?;
            }
            if let Some(items) = dict_items {
                saver.save_pairs(items, value)?;
            }
            match state {
                Some(state) => saver.save_state(state, setter, value),
                None => Ok(()),
            }
        })
    }

    fn save_state(&mut self, state: Value, setter: Option<Value>, value: Value) -> R<()> {
        match setter {
            None => {
                self.save(state).map_err(|raised| note(raised, value, "state"))?;
                self.out.byte(BUILD);
            }
            Some(setter) => {
                self.save(setter).map_err(|raised| note(raised, value, "state setter"))?;
                self.save(value)?;
                self.save(state).map_err(|raised| note(raised, value, "state"))?;
                self.out.bytes(&[TUPLE2, REDUCE, POP]);
            }
        }
        Ok(())
    }

    /// Remembers a reduced object; if it contains itself it is known already, and the known one is used.
    pub fn memoize_reduced(&mut self, value: Value) {
        match SaveMemo::get(self.memo, value) {
            Some(known) => {
                self.out.byte(POP);
                self.emit_get(known);
            }
            None => self.memoize(value),
        }
    }

    /// The instructions that make the object anew.
    pub fn save_reconstructor(&mut self, function: Value, args: Gc<Tuple>, value: Value) -> R<()> {
        if self.settings.protocol >= 2
            && let Some(name) = get_attr_opt(function, interned!("__name__"))?.and_then(exact_str)
        {
            match name.as_str() {
                Some("__newobj__") => return self.save_new_object(args, value),
                Some("__newobj_ex__") => return self.save_new_object_ex(args, value),
                _ => {}
            }
        }
        self.save(function).map_err(|raised| note(raised, value, "reconstructor"))?;
        self.save(args.value()).map_err(|raised| note(raised, value, "reconstructor arguments"))?;
        self.out.byte(REDUCE);
        Ok(())
    }

    fn save_new_object(&mut self, args: Gc<Tuple>, value: Value) -> R<()> {
        let Some((class, rest)) = args.items().split_first() else {
            return Err(pickling_error("__newobj__ expected at least 1 argument, got 0"));
        };
        if class.cast::<Class>().is_none() {
            let found = type_text(*class);
            return Err(pickling_error(&format!("first argument to __newobj__() must be a class, not {found}")));
        }
        let own = objects::get_attr(value, interned!("__class__"))?;
        if own != *class {
            let (own, class) = (objects::repr(own)?, objects::repr(*class)?);
            let text =
                format!("first argument to __newobj__() must be {}, not {}", own.to_string_lossy(), class.to_string_lossy());
            return Err(pickling_error(&text));
        }
        self.save(*class).map_err(|raised| note(raised, value, "class"))?;
        let rest = new_tuple(rest);
        self.save(rest.value()).map_err(|raised| note(raised, value, "__new__ arguments"))?;
        self.out.byte(NEWOBJ);
        Ok(())
    }

    fn save_new_object_ex(&mut self, args: Gc<Tuple>, value: Value) -> R<()> {
        let [class, args, kwargs] = args.items() else {
            let count = args.len();
            return Err(pickling_error(&format!("__newobj_ex__ expected 3 arguments, got {count}")));
        };
        let wrong = |which: &str, wanted: &str, found: Value| {
            let found = type_text(found);
            pickling_error(&format!("{which} argument to __newobj_ex__() must be {wanted}, not {found}"))
        };
        if class.cast::<Class>().is_none() {
            return Err(wrong("first", "a class", *class));
        }
        let Some(positional) = args.cast::<Tuple>() else { return Err(wrong("second", "a tuple", *args)) };
        let Some(keywords) = kwargs.cast::<Dict>() else { return Err(wrong("third", "a dict", *kwargs)) };
        if self.settings.protocol >= 4 {
            self.save(*class).map_err(|raised| note(raised, value, "class"))?;
            self.save(*args).map_err(|raised| note(raised, value, "__new__ arguments"))?;
            self.save(*kwargs).map_err(|raised| note(raised, value, "__new__ arguments"))?;
            self.out.byte(NEWOBJ_EX);
            return Ok(());
        }
        let new = get_attr_named(*class, "__new__")?;
        let mut values = GcVec::from_slice(&[new, *class]);
        values.extend_from_slice(positional.items());
        let count = values.len();
        let mut names = GcVec::new();
        for (name, item) in dict::dict_items(keywords) {
            names.push(name);
            values.push(item);
        }
        let made = call_args(kept(&GLOBALS.partial), objects::Args::new(&values, count, &names))?;
        self.save(made).map_err(|raised| note(raised, value, "reconstructor"))?;
        self.save(objects::tuple::empty_tuple().value()).map_err(|raised| note(raised, value, "reconstructor arguments"))?;
        self.out.byte(REDUCE);
        Ok(())
    }

    /// An instance whose class leaves pickling to `object`: what `object.__reduce_ex__` would answer, written without asking. False:
    /// ask.
    pub fn save_plain_instance(&mut self, value: Value, class: Gc<Class>) -> R<bool> {
        if self.settings.protocol < 2 || self.settings.persistent_id.is_some() || self.settings.fast || !value.is_ptr() {
            return Ok(false);
        }
        // SAFETY: a pointer value is a live object.
        let shape_id = unsafe { (*value.as_ptr()).shape() };
        if !self.plans.is_plain(shape_id, value, class)? {
            return Ok(false);
        }
        self.save_instance(value, class).map_err(|raised| note(raised, value, "object"))?;
        Ok(true)
    }

    fn save_instance(&mut self, value: Value, class: Gc<Class>) -> R<()> {
        self.save(class.value()).map_err(|raised| note(raised, value, "class"))?;
        self.out.bytes(&[EMPTY_TUPLE, NEWOBJ]);
        self.memoize_reduced(value);
        // SAFETY: as in `save_plain_instance`.
        let shape = unsafe { Shape::of(value.as_ptr()) };
        let dictionary = if shape.is_dict_mode() || shape.has_window() { shape::instance_dict(value) } else { None };
        if let Some(dictionary) = dictionary {
            return if dictionary.is_empty() { Ok(()) } else { self.save_state(dictionary.value(), None, value) };
        }
        let attributes = shape::instance_attributes(value);
        if attributes.is_empty() {
            return Ok(());
        }
        self.save_attributes(&attributes).map_err(|raised| note(raised, value, "state"))?;
        self.out.byte(BUILD);
        Ok(())
    }

    /// A dict of these items, which exists nowhere.
    fn save_attributes(&mut self, attributes: &[(Value, Value)]) -> R<()> {
        self.out.boundary()?;
        self.out.byte(EMPTY_DICT);
        self.memoize_nameless();
        let owner = || objects::new_dict().value();
        if let [(name, value)] = attributes {
            self.save(*name)?;
            self.save(*value).map_err(|raised| attribute_note(raised, owner(), *name))?;
            self.out.byte(SETITEM);
            return Ok(());
        }
        for batch in attributes.chunks(BATCH) {
            self.out.byte(MARK);
            for (name, value) in batch {
                self.save(*name)?;
                self.save(*value).map_err(|raised| attribute_note(raised, owner(), *name))?;
            }
            self.out.byte(SETITEMS);
        }
        Ok(())
    }
}

#[cold]
fn attribute_note(raised: Raised, owner: Value, name: Value) -> Raised {
    let shown = objects::repr_lossy(name);
    note(raised, owner, &format!("item {shown}"))
}

fn type_text(value: Value) -> String {
    class::class_full_name(class_of(value))
}

#[cold]
fn wrong_item(which: &str, wanted: &str, found: Value) -> Raised {
    let found = type_text(found);
    pickling_error(&format!("{which} item of the tuple returned by __reduce__ must be {wanted}, not {found}"))
}

/// Which shapes were found to be plain, for the few classes that one pickle is usually full of.
#[derive(Default)]
pub struct Plans([Plan; 8]);

#[derive(Default, Clone, Copy)]
struct Plan {
    shape: u32,
    version: u32,
    plain: bool,
}

impl Plans {
    #[inline]
    fn is_plain(&mut self, shape_id: u32, value: Value, class: Gc<Class>) -> R<bool> {
        let version = class.version.load(Ordering::Relaxed);
        let plan = &mut self.0[shape_id as usize % 8];
        if plan.shape == shape_id && plan.version == version && version != 0 {
            return Ok(plan.plain);
        }
        let plain = is_plain(value, class)?;
        let version = class.version.load(Ordering::Relaxed);
        *plan = Plan { shape: shape_id, version, plain };
        Ok(plain)
    }
}

const HOOKS: [&str; 5] = ["__reduce_ex__", "__reduce__", "__getstate__", "__getnewargs__", "__getnewargs_ex__"];

/// The layout of bare objects.
fn object_layout() -> &'static objects::LayoutDesc {
    objects::classes::object().layout
}

fn is_plain(value: Value, class: Gc<Class>) -> R<bool> {
    let flags = &class.flags;
    if !flags.has(class::HEAP_TYPE) || !flags.has(class::HAS_DICT) || !flags.has(class::GENERIC_GETATTR) {
        return Ok(false);
    }
    if flags.has(class::CUSTOM_GETATTR) || flags.has(class::NO_NEW) || !std::ptr::eq(class.layout, object_layout()) {
        return Ok(false);
    }
    let is = |name: &str, slot: &objects::Slot| lookup::type_lookup(class, objects::intern(name)) == slot.get();
    if !is("__reduce_ex__", &GLOBALS.reduce_ex) || !is("__reduce__", &GLOBALS.reduce) || !is("__getstate__", &GLOBALS.getstate) {
        return Ok(false);
    }
    let has = |name: &str| lookup::type_lookup(class, objects::intern(name)).is_some();
    if has("__getnewargs__") || has("__getnewargs_ex__") {
        return Ok(false);
    }
    let dictionary = lookup::type_lookup(class, interned!("__dict__"));
    if dictionary.is_none_or(|found| class_of(found).name_text() != "getset_descriptor") {
        return Ok(false);
    }
    // SAFETY: a pointer value is a live object.
    let shape = unsafe { Shape::of(value.as_ptr()) };
    if shape.is_dict_mode() {
        // Other instances of the shape may have other names.
        return Ok(false);
    }
    if shape.names().iter().any(|name| name.as_str().is_some_and(|name| HOOKS.contains(&name))) {
        return Ok(false);
    }
    let names = match dict::dict_get_str(class.dict(), interned!("__slotnames__")) {
        Some(names) => names,
        None => call(kept(&GLOBALS.slot_names), &[class.value()])?,
    };
    Ok(names.cast::<List>().is_some_and(|names| names.is_empty()))
}

impl Saver {
    /// The classes of singletons are written as calls of `type`.
    pub fn save_type(&mut self, value: Value) -> R<()> {
        for singleton in [Value::none(), Value::not_implemented(), Value::ellipsis()] {
            if class_of(singleton).value() == value {
                let args = new_tuple(&[singleton]);
                self.save_reconstructor(Class::class().value(), args, value)?;
                self.memoize_reduced(value);
                return Ok(());
            }
        }
        self.save_global(value, None)
    }
}
