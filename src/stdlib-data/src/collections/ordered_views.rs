//! Views and iterators of `OrderedDict`. Must not know: `OrderedDict` itself, only that its order is that of the dict below.

use crate::collections::ordered_dict::{looked_up, mutated, watch_removals};
use native_macros::{Layout, native_class};
use objects::dict::Dict;
use objects::dict_views::{DictItems, DictKeys, DictValues, Part, new_view_of};
use objects::native::rt::class_of_def;
use objects::{Cast, Class, Gc, Header, Layout, R, Slot, Value, list, new_list, new_native, new_tuple};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What a dict looked like; any change of its keys or their order makes another one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    version: u64,
    filled: usize,
    used: usize,
}
objects::no_references!(Stamp, Shown);

impl Stamp {
    pub fn of(dict: Gc<Dict>) -> Stamp {
        let table = dict.table();
        Stamp { version: table.version(), filled: table.filled(), used: table.used() }
    }
    pub fn still(&self, dict: Gc<Dict>) -> bool {
        *self == Stamp::of(dict)
    }
}

struct Shown(Part);

#[derive(Layout)]
#[repr(C)]
pub struct OrderedIter {
    pub header: Header,
    /// Empty once exhausted.
    dict: Slot,
    stamp: Stamp,
    position: AtomicUsize,
    part: Shown,
    reverse: AtomicBool,
}

pub fn new_iter(dict: Gc<Dict>, part: Part, reverse: bool) -> Value {
    let stamp = Stamp::of(dict);
    let iterator = new_native(OrderedIter {
        header: Header::blank(),
        dict: Slot::new_opt(if stamp.used == 0 { None } else { Some(dict.value()) }),
        stamp,
        position: AtomicUsize::new(if reverse { stamp.filled } else { 0 }),
        part: Shown(part),
        reverse: AtomicBool::new(reverse),
    });
    iterator.value()
}

impl OrderedIter {
    fn step(&self) -> R<Option<(Value, Value)>> {
        let Some(dict) = self.dict.get().and_then(|dict| dict.cast::<Dict>()) else { return Ok(None) };
        if !self.stamp.still(dict) {
            self.dict.clear();
            return Err(mutated());
        }
        let table = dict.table();
        let position = self.position.load(Ordering::Relaxed);
        let reverse = self.reverse.load(Ordering::Relaxed);
        let found = if reverse { table.previous_live(position) } else { table.next_live(position) };
        let Some((position, key, value, _)) = found else {
            self.dict.clear();
            return Ok(None);
        };
        self.position.store(position, Ordering::Relaxed);
        // After the last item changes of the dict do not matter any more.
        let more = if reverse { table.previous_live(position).is_some() } else { table.next_live(position).is_some() };
        if !more {
            self.dict.clear();
        }
        let value = if self.part.0 == Part::Keys { value } else { looked_up(dict, key, value)? };
        Ok(Some((key, value)))
    }
}

fn pick(part: Part, key: Value, value: Value) -> Value {
    match part {
        Part::Keys => key,
        Part::Values => value,
        Part::Items => new_tuple(&[key, value]).value(),
    }
}

#[native_class(name = "odict_iterator", layout = OrderedIter, base = object, flags = "final no_new")]
impl OrderedIter {
    fn __iter__(this: Gc<OrderedIter>) -> Value {
        this.value()
    }
    fn __next__(this: Gc<OrderedIter>) -> R<Option<Value>> {
        Ok(this.step()?.map(|(key, value)| pick(this.part.0, key, value)))
    }
    /// What pickle needs to make the same object
    fn __reduce__(this: Gc<OrderedIter>) -> R {
        let rest = new_list(&[]);
        let copy = new_native(OrderedIter {
            header: Header::blank(),
            dict: Slot::new_opt(this.dict.get()),
            stamp: this.stamp,
            position: AtomicUsize::new(this.position.load(Ordering::Relaxed)),
            part: Shown(this.part.0),
            reverse: AtomicBool::new(this.reverse.load(Ordering::Relaxed)),
        });
        while let Some((key, value)) = copy.step()? {
            list::list_push(rest, pick(copy.part.0, key, value));
        }
        let iter = objects::get_attr_named(objects::door::builtins_module()?, "iter")?;
        Ok(new_tuple(&[iter, new_tuple(&[rest.value()]).value()]).value())
    }
}

pub fn dict_keys_class() -> Gc<Class> {
    DictKeys::class()
}
pub fn dict_values_class() -> Gc<Class> {
    DictValues::class()
}
pub fn dict_items_class() -> Gc<Class> {
    DictItems::class()
}

pub struct OrderedKeys;

#[native_class(name = "odict_keys", layout = DictKeys, base = crate::collections::ordered_views::dict_keys_class, flags = "final no_new")]
impl OrderedKeys {
    fn __iter__(this: Gc<DictKeys>) -> Value {
        new_iter(this.core().dict(), Part::Keys, false)
    }
    fn __reversed__(this: Gc<DictKeys>) -> Value {
        new_iter(this.core().dict(), Part::Keys, true)
    }
}

pub struct OrderedValues;

#[native_class(name = "odict_values", layout = DictValues, base = crate::collections::ordered_views::dict_values_class, flags = "final no_new")]
impl OrderedValues {
    fn __iter__(this: Gc<DictValues>) -> Value {
        new_iter(this.core().dict(), Part::Values, false)
    }
    fn __reversed__(this: Gc<DictValues>) -> Value {
        new_iter(this.core().dict(), Part::Values, true)
    }
}

pub struct OrderedItems;

#[native_class(name = "odict_items", layout = DictItems, base = crate::collections::ordered_views::dict_items_class, flags = "final no_new")]
impl OrderedItems {
    fn __iter__(this: Gc<DictItems>) -> Value {
        new_iter(this.core().dict(), Part::Items, false)
    }
    fn __reversed__(this: Gc<DictItems>) -> Value {
        new_iter(this.core().dict(), Part::Items, true)
    }
}

pub fn new_view(dict: Gc<Dict>, part: Part) -> Value {
    let class = match part {
        Part::Keys => OrderedKeys::CLASS_DEF.class(),
        Part::Values => OrderedValues::CLASS_DEF.class(),
        Part::Items => OrderedItems::CLASS_DEF.class(),
    };
    new_view_of(class, dict)
}

/// Makes the classes, which have no names in the module.
pub fn make_classes() {
    watch_removals();
    for def in [OrderedIter::CLASS_DEF, OrderedKeys::CLASS_DEF, OrderedValues::CLASS_DEF, OrderedItems::CLASS_DEF] {
        class_of_def(def);
    }
}
