//! The class `Pickler` and the object through which its memo is seen. Must not know: how objects are written.

use super::memo::{SaveMemo, new_save_memo};
use super::save::{Saver, Settings};
use super::{callback_of, pickling_error, protocol_of, wrong_memo};
use native_macros::{Layout, native_class};
use objects::dict::{Dict, dict_items, new_dict_from};
use objects::{
    Args, Cast, Class, Gc, GcVec, Header, Layout, R, Slot, Str, Tuple, Value, attribute_error, class_name, class_of,
    get_attr_opt, interned, lookup, new_int, new_object, new_tuple, runtime_error, type_error,
};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct Pickler {
    pub header: Header,
    write: Slot,
    memo: Slot,
    persistent_id: Slot,
    dispatch_table: Slot,
    buffer_callback: Slot,
    bin: AtomicI64,
    fast: AtomicI64,
    protocol: AtomicU8,
    fix_imports: AtomicBool,
    busy: AtomicBool,
}

/// Marks a pickler as used by one dump.
struct Busy(Gc<Pickler>);
impl Busy {
    fn new(this: Gc<Pickler>) -> R<Busy> {
        if this.busy.swap(true, Ordering::Acquire) {
            return Err(runtime_error!("Pickler object is already used"));
        }
        Ok(Busy(this))
    }
}
impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.store(false, Ordering::Release);
    }
}

fn memo_of(this: Gc<Pickler>) -> Gc<SaveMemo> {
    match this.memo.get() {
        // SAFETY: nothing else is ever stored there.
        Some(memo) => unsafe { memo.cast_unchecked() },
        None => {
            let memo = new_save_memo();
            this.memo.set(memo.value());
            memo
        }
    }
}

fn is_persistent_id(name: Value) -> bool {
    name.cast::<Str>().is_some_and(|name| name.as_str() == Some("persistent_id"))
}

/// A C int for a member.
pub fn member_number(value: Option<Value>) -> R<i64> {
    let Some(value) = value else { return Err(type_error!("can't delete numeric/char attribute")) };
    let number = objects::number::index(value)?;
    match objects::int_view(number).and_then(|number| number.to_i64()) {
        Some(number) => {
            if i32::try_from(number).is_err() {
                objects::warnings::runtime("Truncation of value to int")?;
            }
            Ok(number as i32 as i64)
        }
        None => Err(objects::overflow_error!("Python int too large to convert to C long")),
    }
}

/// A writer of pickles to a binary file.
///
/// *file* needs the method write(b), which gets bytes. *protocol* is the
/// version of the format, 0 to 5; a negative one selects the highest.
///
/// With *fix_imports* and a protocol below 3, names are written as Python 2
/// knew them.
///
/// *buffer_callback*, if it is not None, is called with buffers; those for
/// which it answers something false stay out of the stream.
#[native_class(name = "_pickle.Pickler", base = object)]
impl Pickler {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        let fields = Pickler {
            header: Header::blank(),
            write: Slot::empty(),
            memo: Slot::empty(),
            persistent_id: Slot::empty(),
            dispatch_table: Slot::empty(),
            buffer_callback: Slot::empty(),
            bin: AtomicI64::new(0),
            fast: AtomicI64::new(0),
            protocol: AtomicU8::new(0),
            fix_imports: AtomicBool::new(false),
            busy: AtomicBool::new(false),
        };
        Ok(new_object(cls, fields).value())
    }
    #[sig("($self, file, protocol=None, fix_imports=True, buffer_callback=None)")]
    fn __init__(
        this: Gc<Pickler>,
        file: Value,
        protocol: Option<Value>,
        fix_imports: bool,
        buffer_callback: Option<Value>,
    ) -> R<()> {
        let _busy = Busy::new(this)?;
        let protocol = protocol_of(protocol)?;
        let write = super::input::write_method(file)?;
        let callback = callback_of(buffer_callback, protocol)?;
        this.write.set(write);
        this.buffer_callback.set_opt(callback);
        this.protocol.store(protocol, Ordering::Relaxed);
        this.bin.store((protocol > 0) as i64, Ordering::Relaxed);
        this.fast.store(0, Ordering::Relaxed);
        this.fix_imports.store(fix_imports && protocol < 3, Ordering::Relaxed);
        this.memo.set(new_save_memo().value());
        // A subclass may give the table as an attribute of the class.
        if let Some(table) = lookup::type_lookup(class_of(this.value()), interned!("dispatch_table"))
            && !is_own_descriptor(table)
        {
            this.dispatch_table.set(objects::get_attr(this.value(), interned!("dispatch_table"))?);
        }
        Ok(())
    }
    fn persistent_id(_this: Gc<Pickler>, obj: Value) -> R {
        let _ = obj;
        Ok(Value::none())
    }
    /// Write the pickle of obj to the file.
    fn dump(this: Gc<Pickler>, obj: Value) -> R<()> {
        let Some(write) = this.write.get() else {
            let name = class_name(this.value());
            return Err(pickling_error(&format!("Pickler.__init__() was not called by {name}.__init__()")));
        };
        let _busy = Busy::new(this)?;
        let class = class_of(this.value());
        let mut settings = Settings::plain(this.protocol.load(Ordering::Relaxed), false, this.buffer_callback.get());
        settings.bin = this.bin.load(Ordering::Relaxed) != 0;
        settings.fast = this.fast.load(Ordering::Relaxed) != 0;
        settings.fix_imports = this.fix_imports.load(Ordering::Relaxed);
        settings.dispatch_table = this.dispatch_table.get();
        settings.persistent_id = this.persistent_id.get();
        if class != Pickler::class() {
            settings.reducer_override = get_attr_opt(this.value(), interned!("reducer_override"))?;
            if settings.persistent_id.is_none() && overrides(class, Pickler::class(), interned!("persistent_id")) {
                settings.persistent_id = get_attr_opt(this.value(), interned!("persistent_id"))?;
            }
            if settings.dispatch_table.is_none() && overrides(class, Pickler::class(), interned!("dispatch_table")) {
                settings.dispatch_table = get_attr_opt(this.value(), interned!("dispatch_table"))?;
            }
        }
        Saver::new(settings, memo_of(this), Some(write)).dump(obj)
    }
    /// Forget which objects have been pickled.
    ///
    /// The memo of these is why an object that appears again is pickled as a
    /// reference. Emptied, it lets a pickler serve for an unrelated pickle.
    fn clear_memo(this: Gc<Pickler>) {
        SaveMemo::clear(memo_of(this));
    }
    /// The number of bytes that the object takes in memory.
    fn __sizeof__(_this: Gc<Pickler>) -> usize {
        std::mem::size_of::<Pickler>()
    }
    #[getter]
    fn bin(this: Gc<Pickler>) -> i64 {
        this.bin.load(Ordering::Relaxed)
    }
    #[setter(bin)]
    fn set_bin(this: Gc<Pickler>, value: Option<Value>) -> R<()> {
        this.bin.store(member_number(value)?, Ordering::Relaxed);
        Ok(())
    }
    #[getter]
    fn fast(this: Gc<Pickler>) -> i64 {
        this.fast.load(Ordering::Relaxed)
    }
    #[setter(fast)]
    fn set_fast(this: Gc<Pickler>, value: Option<Value>) -> R<()> {
        this.fast.store(member_number(value)?, Ordering::Relaxed);
        Ok(())
    }
    #[getter]
    fn dispatch_table(this: Gc<Pickler>) -> R {
        match this.dispatch_table.get() {
            Some(table) => Ok(table),
            None => Err(attribute_error!("'{}' object has no attribute 'dispatch_table'", class_name(this.value()))),
        }
    }
    #[setter(dispatch_table)]
    fn set_dispatch_table(this: Gc<Pickler>, value: Option<Value>) -> R<()> {
        if value.is_none() && this.dispatch_table.get().is_none() {
            return Err(attribute_error!("dispatch_table"));
        }
        this.dispatch_table.set_opt(value);
        Ok(())
    }
    #[getter]
    fn memo(this: Gc<Pickler>) -> R {
        let proxy = PicklerMemoProxy { header: Header::blank(), owner: this };
        Ok(new_object(PicklerMemoProxy::class(), proxy).value())
    }
    #[setter(memo)]
    fn set_memo(this: Gc<Pickler>, value: Option<Value>) -> R<()> {
        let Some(value) = value else { return Err(type_error!("attribute deletion is not supported")) };
        let items = if let Some(proxy) = value.cast::<PicklerMemoProxy>() {
            SaveMemo::items(memo_of(proxy.owner))
        } else if let Some(dict) = value.cast::<Dict>() {
            let mut items = GcVec::new();
            for (_, entry) in dict_items(dict) {
                let Some([number, object]) = entry.cast::<Tuple>().map(|entry| entry.items()) else {
                    return Err(type_error!("'memo' values must be 2-item tuples"));
                };
                if !objects::is_int(*number) {
                    return Err(type_error!("an integer is required"));
                }
                let number = objects::index(*number)?;
                match u32::try_from(number).ok().and_then(|number| Value::try_int(number as i64)) {
                    Some(number) => items.push((*object, number)),
                    None => return Err(objects::overflow_error!("memo id out of range")),
                }
            }
            items
        } else {
            return Err(wrong_memo("a PicklerMemoProxy", value));
        };
        let memo = new_save_memo();
        SaveMemo::fill(memo, &items);
        this.memo.set(memo.value());
        Ok(())
    }
    fn __getattribute__(this: Gc<Pickler>, name: Value) -> R {
        if is_persistent_id(name)
            && let Some(found) = this.persistent_id.get()
        {
            return Ok(found);
        }
        lookup::object_getattribute(this.value(), name)
    }
    fn __setattr__(this: Gc<Pickler>, name: Value, value: Value) -> R<()> {
        if is_persistent_id(name) {
            this.persistent_id.set(value);
            return Ok(());
        }
        lookup::object_setattr(this.value(), name, value)
    }
    fn __delattr__(this: Gc<Pickler>, name: Value) -> R<()> {
        if is_persistent_id(name) {
            this.persistent_id.set_opt(None);
            return Ok(());
        }
        lookup::object_delattr(this.value(), name)
    }
}

/// The getter above, as opposed to something that a subclass put there.
fn is_own_descriptor(found: Value) -> bool {
    class_of(found).name_text() == "getset_descriptor"
}

/// Whether `class` finds something else than `base` does.
pub fn overrides(class: Gc<Class>, base: Gc<Class>, name: Gc<Str>) -> bool {
    lookup::type_lookup(class, name) != lookup::type_lookup(base, name)
}

/// What `Pickler.memo` shows.
#[derive(Layout)]
#[repr(C)]
pub struct PicklerMemoProxy {
    pub header: Header,
    owner: Gc<Pickler>,
}

#[native_class(name = "_pickle.PicklerMemoProxy", base = object, flags = "final no_new")]
impl PicklerMemoProxy {
    /// Remove all items from memo.
    fn clear(this: Gc<PicklerMemoProxy>) {
        SaveMemo::clear(memo_of(this.owner));
    }
    /// Copy the memo to a new object.
    fn copy(this: Gc<PicklerMemoProxy>) -> R<Gc<Dict>> {
        let mut pairs = GcVec::new();
        for (value, number) in SaveMemo::items(memo_of(this.owner)) {
            let id = new_int(value.raw() as i64);
            pairs.push((id, new_tuple(&[number, value]).value()));
        }
        new_dict_from(&pairs)
    }
    /// Implement pickle support.
    fn __reduce__(this: Gc<PicklerMemoProxy>) -> R {
        let copy = PicklerMemoProxy::copy(this)?;
        let args = new_tuple(&[copy.value()]).value();
        Ok(new_tuple(&[Dict::class().value(), args]).value())
    }
    fn __hash__(this: Gc<PicklerMemoProxy>) -> R<i64> {
        Err(objects::unhashable(this.value()))
    }
}
