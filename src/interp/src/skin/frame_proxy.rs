//! `FrameLocalsProxy`: the write-through mapping that `f_locals` of a function's frame gives (PEP 667).
//! Must not know: where registers are (`objects::frame_locals`).

use heap::{Header, Slot, Value};
use native_macros::{Layout, native_class};
use objects::args::Args;
use objects::class::Class;
use objects::dict::{self, Dict};
use objects::error::{R, key_error, type_error, value_error};
use objects::frame::Frame;
use objects::frame_locals::{Registers, set_variable, shown_name, shown_order, variable, variables};
use objects::layout::{Cast, Gc, new_native};
use objects::list::{List, list_from_slice};
use objects::operators::eq;
use objects::protocol;
use objects::str::{Str, str_eq};
use objects::tuple::new_tuple;

#[derive(Layout)]
#[repr(C)]
pub struct FrameLocalsProxy {
    pub header: Header,
    pub frame: Slot,
}

impl FrameLocalsProxy {
    fn frame(&self) -> Gc<Frame> {
        // SAFETY: set at creation, always a frame.
        unsafe { self.frame.get().unwrap_unchecked().cast_unchecked() }
    }
}

/// The index of the variable that `key` names, which may be anything that hashes and compares as the name does. Of several
/// the innermost bound one.
fn find(frame: Gc<Frame>, key: Value) -> R<Option<usize>> {
    let code = frame.code();
    let hash = protocol::hash(key)?;
    let plain = key.cast_exact::<Str>();
    let mut all: Vec<usize> = Vec::new();
    for index in shown_order(code) {
        let Some(name) = shown_name(code, index) else { continue };
        let same = match plain {
            Some(key) => str_eq(&name, &key),
            None => protocol::hash(name.value())? == hash && eq(name.value(), key)?,
        };
        if same {
            all.push(index);
        }
    }
    let registers = Registers::of_frame(frame);
    Ok(all.iter().rev().copied().find(|index| variable(code, registers, *index).is_some()).or(all.first().copied()))
}

fn extra(frame: Gc<Frame>) -> Option<Gc<Dict>> {
    frame.extra_locals.get().and_then(|extra| extra.cast::<Dict>())
}

fn get(frame: Gc<Frame>, key: Value) -> R<Option<Value>> {
    if let Some(index) = find(frame, key)?
        && let Some(value) = variable(frame.code(), Registers::of_frame(frame), index)
    {
        return Ok(Some(value));
    }
    match extra(frame) {
        Some(extra) => dict::dict_get(extra, key),
        None => protocol::hash(key).map(|_| None),
    }
}

fn items(frame: Gc<Frame>) -> objects::GcVec<(Value, Value)> {
    let mut found = variables(frame.code(), Registers::of_frame(frame));
    if let Some(extra) = extra(frame) {
        found.extend(dict::dict_items(extra));
    }
    found
}

fn snapshot(frame: Gc<Frame>) -> R<Gc<Dict>> {
    let copy = dict::new_dict();
    for (name, value) in items(frame) {
        dict::dict_set(copy, name, value)?;
    }
    Ok(copy)
}

fn set(frame: Gc<Frame>, key: Value, value: Value) -> R<()> {
    if let Some(index) = find(frame, key)? {
        set_variable(frame.code(), Registers::of_frame(frame), index, Some(value));
        return Ok(());
    }
    let extra = match extra(frame) {
        Some(extra) => extra,
        None => {
            let extra = dict::new_dict();
            frame.extra_locals.set(extra.value());
            extra
        }
    };
    dict::dict_set(extra, key, value)
}

fn remove(frame: Gc<Frame>, key: Value) -> R<Option<Value>> {
    if find(frame, key)?.is_some() {
        return Err(value_error!("cannot remove local variables from FrameLocalsProxy"));
    }
    match extra(frame) {
        Some(extra) => dict::dict_remove(extra, key),
        None => Ok(None),
    }
}

fn list_of(values: impl Iterator<Item = Value>) -> Gc<List> {
    let values: objects::GcVec = values.collect();
    list_from_slice(&values)
}

fn update(frame: Gc<Frame>, source: Value) -> R<()> {
    if !is_mapping(source) && objects::lookup::get_attr_opt(source, objects::interned!("keys"))?.is_none() {
        return Err(type_error!("update() argument must be dict or another FrameLocalsProxy"));
    }
    let merged = dict::new_dict();
    dict::dict_update(merged, source)?;
    for (key, value) in dict::dict_items(merged) {
        set(frame, key, value)?;
    }
    Ok(())
}

fn is_mapping(value: Value) -> bool {
    value.is_instance_of_layout::<Dict>() || value.is_instance_of_layout::<FrameLocalsProxy>()
}

/// Any of the two mappings as a dict of its own.
fn copy_of(value: Value) -> R<Gc<Dict>> {
    match value.cast::<FrameLocalsProxy>() {
        Some(proxy) => snapshot(proxy.frame()),
        None => {
            let copy = dict::new_dict();
            dict::dict_update(copy, value)?;
            Ok(copy)
        }
    }
}

#[native_class(name = "FrameLocalsProxy", base = object, flags = "final mapping")]
impl FrameLocalsProxy {
    #[new]
    fn new(_cls: Gc<Class>, args: Args) -> R {
        args.no_keywords("FrameLocalsProxy")?;
        args.check_count("FrameLocalsProxy", 1, 1)?;
        let given = args.positional()[0];
        if !given.is_instance_of_layout::<Frame>() {
            return Err(type_error!("expect frame, not {}", objects::class::class_name(given)));
        }
        Ok(new_native(FrameLocalsProxy { header: Header::new(0), frame: Slot::new(given) }).value())
    }
    fn __repr__(this: Gc<FrameLocalsProxy>) -> R {
        let Some(_scope) = objects::containers::ReprScope::enter(this.value()) else {
            return Ok(objects::str::new_str("{...}"));
        };
        Ok(protocol::repr(snapshot(this.frame())?.value())?.value())
    }
    fn __len__(this: Gc<FrameLocalsProxy>) -> usize {
        items(this.frame()).len()
    }
    fn __getitem__(this: Gc<FrameLocalsProxy>, key: Value) -> R {
        match get(this.frame(), key)? {
            Some(value) => Ok(value),
            None => {
                let text = format!("local variable '{}' is not defined", protocol::repr(key)?.to_string_lossy());
                Err(objects::error::new_error(objects::exc::KEY_ERROR.get(), &text))
            }
        }
    }
    fn __setitem__(this: Gc<FrameLocalsProxy>, key: Value, value: Value) -> R<()> {
        set(this.frame(), key, value)
    }
    fn __delitem__(this: Gc<FrameLocalsProxy>, key: Value) -> R<()> {
        match remove(this.frame(), key)? {
            Some(_) => Ok(()),
            None => Err(key_error(key)),
        }
    }
    fn __contains__(this: Gc<FrameLocalsProxy>, key: Value) -> R<bool> {
        Ok(get(this.frame(), key)?.is_some())
    }
    fn __iter__(this: Gc<FrameLocalsProxy>) -> R {
        protocol::iter(list_of(items(this.frame()).into_iter().map(|(name, _)| name)).value())
    }
    fn __reversed__(this: Gc<FrameLocalsProxy>) -> R {
        Ok(list_of(items(this.frame()).into_iter().rev().map(|(name, _)| name)).value())
    }
    fn __eq__(this: Gc<FrameLocalsProxy>, other: Value) -> R {
        if let Some(other) = other.cast::<FrameLocalsProxy>() {
            return Ok(Value::bool(this.frame() == other.frame()));
        }
        if !other.is_instance_of_layout::<Dict>() {
            return Ok(Value::not_implemented());
        }
        Ok(Value::bool(eq(snapshot(this.frame())?.value(), other)?))
    }
    fn __ne__(this: Gc<FrameLocalsProxy>, other: Value) -> R {
        if let Some(other) = other.cast::<FrameLocalsProxy>() {
            return Ok(Value::bool(this.frame() != other.frame()));
        }
        if !other.is_instance_of_layout::<Dict>() {
            return Ok(Value::not_implemented());
        }
        Ok(Value::bool(!eq(snapshot(this.frame())?.value(), other)?))
    }
    fn __or__(this: Gc<FrameLocalsProxy>, other: Value) -> R {
        if !is_mapping(other) {
            return Ok(Value::not_implemented());
        }
        let merged = snapshot(this.frame())?;
        dict::dict_update(merged, copy_of(other)?.value())?;
        Ok(merged.value())
    }
    fn __ror__(this: Gc<FrameLocalsProxy>, other: Value) -> R {
        if !is_mapping(other) {
            return Ok(Value::not_implemented());
        }
        let merged = copy_of(other)?;
        dict::dict_update(merged, snapshot(this.frame())?.value())?;
        Ok(merged.value())
    }
    fn __ior__(this: Gc<FrameLocalsProxy>, other: Value) -> R {
        if !is_mapping(other) {
            return Ok(Value::not_implemented());
        }
        update(this.frame(), other)?;
        Ok(this.value())
    }
    fn keys(this: Gc<FrameLocalsProxy>) -> Value {
        list_of(items(this.frame()).into_iter().map(|(name, _)| name)).value()
    }
    fn values(this: Gc<FrameLocalsProxy>) -> Value {
        list_of(items(this.frame()).into_iter().map(|(_, value)| value)).value()
    }
    fn items(this: Gc<FrameLocalsProxy>) -> Value {
        let pairs = list_from_slice(&[]);
        for (name, value) in items(this.frame()) {
            objects::list::list_push(pairs, new_tuple(&[name, value]).value());
        }
        pairs.value()
    }
    fn get(this: Gc<FrameLocalsProxy>, key: Value, default: Option<Value>) -> R {
        Ok(get(this.frame(), key)?.or(default).unwrap_or(Value::none()))
    }
    fn copy(this: Gc<FrameLocalsProxy>) -> R {
        Ok(snapshot(this.frame())?.value())
    }
    fn __reduce__(_this: Gc<FrameLocalsProxy>) -> R {
        Err(type_error!("cannot pickle 'FrameLocalsProxy' object"))
    }
    fn __reduce_ex__(_this: Gc<FrameLocalsProxy>, _protocol: Value) -> R {
        Err(type_error!("cannot pickle 'FrameLocalsProxy' object"))
    }
    fn update(this: Gc<FrameLocalsProxy>, other: Value) -> R<()> {
        update(this.frame(), other)
    }
    fn setdefault(this: Gc<FrameLocalsProxy>, key: Value, default: Option<Value>) -> R {
        if let Some(value) = get(this.frame(), key)? {
            return Ok(value);
        }
        let value = default.unwrap_or(Value::none());
        set(this.frame(), key, value)?;
        Ok(value)
    }
    fn pop(this: Gc<FrameLocalsProxy>, key: Value, default: Option<Value>) -> R {
        match remove(this.frame(), key)?.or(default) {
            Some(value) => Ok(value),
            None => Err(key_error(key)),
        }
    }
}
