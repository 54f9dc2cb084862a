//! `groupby` and its groups.

use native_macros::{Layout, native_class};
use objects::{Cast, Class, Gc, Header, R, Slot, Value, call, new_native, new_object, new_tuple};

#[derive(Layout)]
#[repr(C)]
pub struct GroupBy {
    pub header: Header,
    iterator: Slot,
    /// Empty: the items are their own keys.
    key: Slot,
    /// Key of the group given out last.
    target_key: Slot,
    current_key: Slot,
    /// The item read last, until a group takes it.
    current_value: Slot,
    /// The group that may still take items.
    current_group: Slot,
}

impl GroupBy {
    /// Reads the next item; false at the end.
    fn step(&self) -> R<bool> {
        let Some(iterator) = self.iterator.get() else { return Ok(false) };
        let Some(item) = objects::next(iterator)? else { return Ok(false) };
        let key = match self.key.get() {
            Some(key) => call(key, &[item])?,
            None => item,
        };
        self.current_value.set(item);
        self.current_key.set(key);
        Ok(true)
    }
}

/// Iterator over pairs of a key and an iterator over the consecutive items with that key.
///
/// The key of an item is key(item), or the item itself if key is None.
#[native_class(name = "itertools.groupby", base = object)]
impl GroupBy {
    #[new]
    #[sig("(iterable, key=None)")]
    fn new(cls: Gc<Class>, iterable: Value, key: Option<Value>) -> R {
        let iterator = objects::iter(iterable)?;
        let fields = GroupBy {
            header: Header::blank(),
            iterator: Slot::new(iterator),
            key: Slot::new_opt(key.filter(|key| !key.is_none())),
            target_key: Slot::empty(),
            current_key: Slot::empty(),
            current_value: Slot::empty(),
            current_group: Slot::empty(),
        };
        Ok(new_object(cls, fields).value())
    }
    fn __iter__(this: Gc<GroupBy>) -> Value {
        this.value()
    }
    fn __next__(this: Gc<GroupBy>) -> R<Option<Value>> {
        this.current_group.clear();
        loop {
            if let Some(current) = this.current_key.get() {
                let Some(target) = this.target_key.get() else { break };
                if !objects::eq(target, current)? {
                    break;
                }
            }
            if !this.step()? {
                return Ok(None);
            }
        }
        let Some(key) = this.current_key.get() else { return Ok(None) };
        this.target_key.set(key);
        let group = new_native(Grouper { header: Header::blank(), parent: this, target_key: Slot::new(key) }).value();
        this.current_group.set(group);
        Ok(Some(new_tuple(&[key, group]).value()))
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct Grouper {
    pub header: Header,
    parent: Gc<GroupBy>,
    target_key: Slot,
}

#[native_class(name = "itertools._grouper", base = object, flags = "final")]
impl Grouper {
    #[new]
    #[sig("(parent, tgtkey, /)", hidden)]
    fn new(_cls: Gc<Class>, parent: Value, tgtkey: Value) -> R {
        let Some(parent) = parent.cast::<GroupBy>() else {
            return Err(objects::type_error!(
                "_grouper() argument 1 must be itertools.groupby, not {}",
                objects::class_name(parent)
            ));
        };
        let group = new_native(Grouper { header: Header::blank(), parent, target_key: Slot::new(tgtkey) }).value();
        parent.current_group.set(group);
        Ok(group)
    }
    fn __iter__(this: Gc<Grouper>) -> Value {
        this.value()
    }
    fn __next__(this: Gc<Grouper>) -> R<Option<Value>> {
        let parent = this.parent;
        if parent.current_group.get() != Some(this.value()) {
            return Ok(None);
        }
        if parent.current_value.is_empty() && !parent.step()? {
            return Ok(None);
        }
        let (Some(target), Some(current)) = (this.target_key.get(), parent.current_key.get()) else { return Ok(None) };
        if !objects::eq(target, current)? {
            return Ok(None);
        }
        Ok(parent.current_value.take())
    }
}
