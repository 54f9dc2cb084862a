//! The class `Unpickler` and the object through which its memo is seen. Must not know: how objects are read.

use super::input::{Input, file_methods};
use super::load::{Settings, load};
use super::load_objects::{NO_PERSISTENT_LOAD, find_class};
use super::memo::{LoadMemo, new_load_memo};
use super::pickler::overrides;
use super::{buffers_of, unpickling_error, wrong_memo};
use native_macros::{Layout, native_class};
use objects::dict::{Dict, dict_items, new_dict_from};
use objects::{
    Args, Cast, Class, Gc, Header, Layout, R, Slot, Str, Value, class_name, class_of, get_attr_opt, interned, lookup, new_object,
    new_str, new_tuple, runtime_error, type_error, value_error,
};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct Unpickler {
    pub header: Header,
    read: Slot,
    readline: Slot,
    peek: Slot,
    memo: Slot,
    persistent_load: Slot,
    buffers: Slot,
    encoding: Slot,
    errors: Slot,
    protocol: AtomicU8,
    fix_imports: AtomicBool,
    busy: AtomicBool,
}

struct Busy(Gc<Unpickler>);
impl Busy {
    fn new(this: Gc<Unpickler>) -> R<Busy> {
        if this.busy.swap(true, Ordering::Acquire) {
            return Err(runtime_error!("Unpickler object is already used"));
        }
        Ok(Busy(this))
    }
}
impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.store(false, Ordering::Release);
    }
}

fn memo_of(this: Gc<Unpickler>) -> Gc<LoadMemo> {
    match this.memo.get() {
        // SAFETY: nothing else is ever stored there.
        Some(memo) => unsafe { memo.cast_unchecked() },
        None => {
            let memo = new_load_memo();
            this.memo.set(memo.value());
            memo
        }
    }
}

fn is_persistent_load(name: Value) -> bool {
    name.cast::<Str>().is_some_and(|name| name.as_str() == Some("persistent_load"))
}

/// A reader of pickles from a binary file.
///
/// A pickle says itself which protocol it has. What follows its end is ignored.
///
/// *file* needs the methods read(n) and readline(), which return bytes.
/// *fix_imports*, *encoding* and *errors* control how pickles of Python 2 are
/// read; an *encoding* of 'bytes' leaves its strings as bytes. *buffers* gives
/// the buffers that were kept out of the stream.
#[native_class(name = "_pickle.Unpickler", base = object)]
impl Unpickler {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        let fields = Unpickler {
            header: Header::blank(),
            read: Slot::empty(),
            readline: Slot::empty(),
            peek: Slot::empty(),
            memo: Slot::empty(),
            persistent_load: Slot::empty(),
            buffers: Slot::empty(),
            encoding: Slot::empty(),
            errors: Slot::empty(),
            protocol: AtomicU8::new(0),
            fix_imports: AtomicBool::new(false),
            busy: AtomicBool::new(false),
        };
        Ok(new_object(cls, fields).value())
    }
    #[sig("($self, file, *, fix_imports=True, encoding='ASCII', errors='strict',\n          buffers=())")]
    fn __init__(
        this: Gc<Unpickler>,
        file: Value,
        fix_imports: bool,
        encoding: &str,
        errors: &str,
        buffers: Option<Value>,
    ) -> R<()> {
        let _busy = Busy::new(this)?;
        let (read, readline, peek) = file_methods(file)?;
        let buffers = buffers_of(buffers)?;
        this.read.set(read);
        this.readline.set(readline);
        this.peek.set_opt(peek);
        this.buffers.set_opt(buffers);
        this.encoding.set(new_str(encoding));
        this.errors.set(new_str(errors));
        this.fix_imports.store(fix_imports, Ordering::Relaxed);
        this.protocol.store(0, Ordering::Relaxed);
        this.memo.set(new_load_memo().value());
        Ok(())
    }
    fn persistent_load(_this: Gc<Unpickler>, pid: Value) -> R {
        let _ = pid;
        Err(unpickling_error(NO_PERSISTENT_LOAD))
    }
    /// Read a pickle from the file and return the object in it.
    fn load(this: Gc<Unpickler>) -> R {
        let _busy = Busy::new(this)?;
        let (Some(read), Some(readline)) = (this.read.get(), this.readline.get()) else {
            let name = class_name(this.value());
            return Err(unpickling_error(&format!("Unpickler.__init__() was not called by {name}.__init__()")));
        };
        let text =
            |slot: &Slot| slot.get().and_then(|text| text.cast::<Str>()).map_or(String::new(), |text| text.to_string_lossy());
        let (encoding, errors) = (text(&this.encoding), text(&this.errors));
        let mut settings = Settings::plain(this.fix_imports.load(Ordering::Relaxed), &encoding, &errors, this.buffers.get());
        settings.persistent_load = this.persistent_load.get();
        let class = class_of(this.value());
        if class != Unpickler::class() {
            if settings.persistent_load.is_none() && overrides(class, Unpickler::class(), interned!("persistent_load")) {
                settings.persistent_load = get_attr_opt(this.value(), interned!("persistent_load"))?;
            }
            settings.find_class = get_attr_opt(this.value(), interned!("find_class"))?;
        }
        let input = Input::file(read, readline, this.peek.get());
        load(settings, memo_of(this), input, Some(&this.protocol))
    }
    /// The object of that name in a module, which is imported if need be.
    ///
    /// It is called, with two strings, for each class and function in a pickle. A
    /// subclass can override it, for instance to allow only some of them.
    fn find_class(this: Gc<Unpickler>, module_name: Value, global_name: Value) -> R {
        find_class(this.protocol.load(Ordering::Relaxed), this.fix_imports.load(Ordering::Relaxed), module_name, global_name)
    }
    /// The number of bytes that the object takes in memory.
    fn __sizeof__(_this: Gc<Unpickler>) -> usize {
        std::mem::size_of::<Unpickler>()
    }
    #[getter]
    fn memo(this: Gc<Unpickler>) -> R {
        let proxy = UnpicklerMemoProxy { header: Header::blank(), owner: this };
        Ok(new_object(UnpicklerMemoProxy::class(), proxy).value())
    }
    #[setter(memo)]
    fn set_memo(this: Gc<Unpickler>, value: Option<Value>) -> R<()> {
        let Some(value) = value else { return Err(type_error!("attribute deletion is not supported")) };
        let source = if let Some(proxy) = value.cast::<UnpicklerMemoProxy>() {
            LoadMemo::items(memo_of(proxy.owner))
        } else if let Some(dict) = value.cast::<Dict>() {
            dict_items(dict)
        } else {
            return Err(wrong_memo("an UnpicklerMemoProxy", value));
        };
        let memo = new_load_memo();
        for (number, object) in source.iter() {
            if !objects::is_int(*number) {
                return Err(type_error!("memo key must be integers"));
            }
            match usize::try_from(objects::index(*number)?) {
                Ok(number) => LoadMemo::put(memo, number, *object),
                Err(_) => return Err(value_error!("memo key must be positive integers.")),
            }
        }
        this.memo.set(memo.value());
        Ok(())
    }
    fn __getattribute__(this: Gc<Unpickler>, name: Value) -> R {
        if is_persistent_load(name)
            && let Some(found) = this.persistent_load.get()
        {
            return Ok(found);
        }
        lookup::object_getattribute(this.value(), name)
    }
    fn __setattr__(this: Gc<Unpickler>, name: Value, value: Value) -> R<()> {
        if is_persistent_load(name) {
            this.persistent_load.set(value);
            return Ok(());
        }
        lookup::object_setattr(this.value(), name, value)
    }
    fn __delattr__(this: Gc<Unpickler>, name: Value) -> R<()> {
        if is_persistent_load(name) {
            this.persistent_load.set_opt(None);
            return Ok(());
        }
        lookup::object_delattr(this.value(), name)
    }
}

/// What `Unpickler.memo` shows.
#[derive(Layout)]
#[repr(C)]
pub struct UnpicklerMemoProxy {
    pub header: Header,
    owner: Gc<Unpickler>,
}

#[native_class(name = "_pickle.UnpicklerMemoProxy", base = object, flags = "final no_new")]
impl UnpicklerMemoProxy {
    /// Remove all items from memo.
    fn clear(this: Gc<UnpicklerMemoProxy>) {
        LoadMemo::clear(memo_of(this.owner));
    }
    /// Copy the memo to a new object.
    fn copy(this: Gc<UnpicklerMemoProxy>) -> R<Gc<Dict>> {
        new_dict_from(&LoadMemo::items(memo_of(this.owner)))
    }
    /// Implement pickling support.
    fn __reduce__(this: Gc<UnpicklerMemoProxy>) -> R {
        let copy = UnpicklerMemoProxy::copy(this)?;
        let args = new_tuple(&[copy.value()]).value();
        Ok(new_tuple(&[Dict::class().value(), args]).value())
    }
    fn __hash__(this: Gc<UnpicklerMemoProxy>) -> R<i64> {
        Err(objects::unhashable(this.value()))
    }
}
