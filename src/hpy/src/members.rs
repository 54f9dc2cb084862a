//! Members and computed attributes of extension types, as descriptors.
//!
//! C code reads and writes members without telling anybody, so they are accessed by single machine words of their size.
//!
//! Must not know: how types are made.

use crate::abi;
use crate::enter::{self, Target};
use crate::instance::ExtLayout;
use crate::layer::Layer;
use crate::spec::{forever, leak};
use heap::Slot;
use native_macros::{Layout, native_class};
use objects::class::message_name;
use objects::error::attribute_error;
use objects::layout::new_native;
use objects::{Cast, Class, Gc, Header, R, Str, Value, class_name, class_of, new_str, system_error, type_error};
use std::ffi::{CStr, c_char, c_int, c_long, c_short, c_uint, c_ulong, c_ushort};

/// Bytes of a member.
pub fn size_of_kind(kind: c_int) -> Option<usize> {
    Some(match kind {
        0 | 10 => 2,
        1 | 3 | 11 => 4,
        2 | 4 | 5 | 6 | 12 | 16..=19 => 8,
        7 | 8 | 9 | 13 | 14 => 1,
        20 => 0,
        _ => return None,
    })
}

#[derive(Layout)]
#[repr(C)]
pub struct MemberDescriptor {
    pub header: Header,
    owner: Slot,
    kind: i32,
    read_only: bool,
    offset: usize,
    layout: &'static ExtLayout,
    name: &'static str,
    doc: &'static str,
}

#[derive(Layout)]
#[repr(C)]
pub struct GetSetDescriptor {
    pub header: Header,
    owner: Slot,
    getter: Option<&'static Target>,
    setter: Option<&'static Target>,
    name: &'static str,
    doc: &'static str,
}

fn check_receiver(owner: &Slot, name: &str, instance: Value) -> R<()> {
    let Some(owner) = owner.get().and_then(|owner| owner.cast::<Class>()) else { return Ok(()) };
    if class_of(instance).is_subclass_of(owner) {
        return Ok(());
    }
    Err(type_error!(
        "descriptor '{name}' for '{}' objects doesn't apply to a '{}' object",
        message_name(owner),
        class_name(instance)
    ))
}
fn owner_of(owner: &Slot) -> Value {
    owner.get().unwrap_or(Value::none())
}
/// As messages print it.
fn shown_name(owner: &Slot) -> String {
    owner.get().and_then(|owner| owner.cast::<Class>()).map_or_else(String::new, message_name)
}
fn owner_name(owner: &Slot) -> String {
    owner.get().and_then(|owner| owner.cast::<Class>()).map_or_else(String::new, |owner| owner.name_text())
}
fn doc_value(doc: &'static str) -> Value {
    if doc.is_empty() { Value::none() } else { new_str(doc) }
}

#[native_class(name = "member_descriptor", base = object, flags = "final no_new")]
impl MemberDescriptor {
    fn __get__(this: Gc<MemberDescriptor>, instance: Option<Value>, _owner: Option<Value>) -> R {
        let Some(instance) = instance else { return Ok(this.value()) };
        check_receiver(&this.owner, this.name, instance)?;
        // SAFETY: instances of the owner have a struct of the layout, and the member lies in it.
        unsafe { read(&this, instance) }
    }
    fn __set__(this: Gc<MemberDescriptor>, instance: Value, value: Value) -> R<()> {
        check_receiver(&this.owner, this.name, instance)?;
        // SAFETY: as in `__get__`.
        unsafe { write(&this, instance, Some(value)) }
    }
    fn __delete__(this: Gc<MemberDescriptor>, instance: Value) -> R<()> {
        check_receiver(&this.owner, this.name, instance)?;
        // SAFETY: as in `__get__`.
        unsafe { write(&this, instance, None) }
    }
    fn __repr__(this: Gc<MemberDescriptor>) -> String {
        format!("<member '{}' of '{}' objects>", this.name, shown_name(&this.owner))
    }
    #[getter]
    fn __name__(this: Gc<MemberDescriptor>) -> Value {
        new_str(this.name)
    }
    #[getter]
    fn __qualname__(this: Gc<MemberDescriptor>) -> String {
        format!("{}.{}", owner_name(&this.owner), this.name)
    }
    #[getter]
    fn __objclass__(this: Gc<MemberDescriptor>) -> Value {
        owner_of(&this.owner)
    }
    #[getter]
    fn __doc__(this: Gc<MemberDescriptor>) -> Value {
        doc_value(this.doc)
    }
}

#[native_class(name = "getset_descriptor", base = object, flags = "final no_new")]
impl GetSetDescriptor {
    fn __get__(this: Gc<GetSetDescriptor>, instance: Option<Value>, _owner: Option<Value>) -> R {
        let Some(instance) = instance else { return Ok(this.value()) };
        check_receiver(&this.owner, this.name, instance)?;
        match this.getter {
            Some(getter) => enter::get_attribute(getter, instance),
            None => Err(attribute_error!("attribute '{}' of '{}' objects is not readable", this.name, shown_name(&this.owner))),
        }
    }
    fn __set__(this: Gc<GetSetDescriptor>, instance: Value, value: Value) -> R<()> {
        store(this, instance, Some(value))
    }
    fn __delete__(this: Gc<GetSetDescriptor>, instance: Value) -> R<()> {
        store(this, instance, None)
    }
    fn __repr__(this: Gc<GetSetDescriptor>) -> String {
        format!("<attribute '{}' of '{}' objects>", this.name, shown_name(&this.owner))
    }
    #[getter]
    fn __name__(this: Gc<GetSetDescriptor>) -> Value {
        new_str(this.name)
    }
    #[getter]
    fn __qualname__(this: Gc<GetSetDescriptor>) -> String {
        format!("{}.{}", owner_name(&this.owner), this.name)
    }
    #[getter]
    fn __objclass__(this: Gc<GetSetDescriptor>) -> Value {
        owner_of(&this.owner)
    }
    #[getter]
    fn __doc__(this: Gc<GetSetDescriptor>) -> Value {
        doc_value(this.doc)
    }
}

fn store(this: Gc<GetSetDescriptor>, instance: Value, value: Option<Value>) -> R<()> {
    check_receiver(&this.owner, this.name, instance)?;
    match this.setter {
        Some(setter) => enter::set_attribute(setter, instance, value),
        None => Err(attribute_error!("attribute '{}' of '{}' objects is not writable", this.name, shown_name(&this.owner))),
    }
}

/// # Safety
/// `member` is a definition of the type that `layout` was made for.
pub unsafe fn new_member(owner: Gc<Class>, member: &abi::MemberDef, layout: &'static ExtLayout) -> R {
    if size_of_kind(member.kind).is_none() {
        return Err(system_error!("bad memberdescr type for {}", forever(member.name)));
    }
    let _ = objects::native::rt::class_of_def(MemberDescriptor::CLASS_DEF);
    Ok(new_native(MemberDescriptor {
        header: Header::blank(),
        owner: Slot::new(owner.value()),
        kind: member.kind,
        read_only: member.readonly != 0,
        offset: member.offset as usize,
        layout,
        name: forever(member.name),
        doc: forever(member.doc),
    })
    .value())
}

/// # Safety
/// `def` is a definition of an extension that is entered through `layer`.
pub unsafe fn new_getset(owner: Gc<Class>, def: &abi::GetSetDef, layer: &'static Layer, class: &str) -> R {
    let name = forever(def.name);
    let target = |function: *const std::ffi::c_void| {
        let full_name = || leak(format!("{class}.{name}"));
        let shown = || leak(format!("<attribute '{name}' of '{}' objects>", message_name(owner)));
        (!function.is_null()).then(|| Target::leak(function, layer, name, full_name(), shown(), def.closure as usize))
    };
    let _ = objects::native::rt::class_of_def(GetSetDescriptor::CLASS_DEF);
    Ok(new_native(GetSetDescriptor {
        header: Header::blank(),
        owner: Slot::new(owner.value()),
        getter: target(def.getter),
        setter: target(def.setter),
        name,
        doc: forever(def.doc),
    })
    .value())
}

fn place(member: &MemberDescriptor, instance: Value) -> *mut u8 {
    // SAFETY: the receiver was checked; the member lies in the struct.
    unsafe { member.layout.data(instance.as_ptr()).add(member.offset) }
}

unsafe fn read(member: &MemberDescriptor, instance: Value) -> R {
    let at = place(member, instance);
    macro_rules! load {
        ($type:ty) => {
            (at as *const $type).read_volatile()
        };
    }
    Ok(match member.kind {
        0 => objects::new_int(load!(c_short) as i64),
        1 => objects::new_int(load!(c_int) as i64),
        2 | 17 | 19 => objects::new_int(load!(c_long)),
        3 => Value::float(load!(f32) as f64),
        4 => Value::float(load!(f64)),
        5 => {
            let text = load!(*const c_char);
            if text.is_null() {
                Value::none()
            } else {
                objects::codec::decode_utf8(CStr::from_ptr(text).to_bytes(), "strict")?.value()
            }
        }
        6 => reference(at).unwrap_or(Value::none()),
        16 => match reference(at) {
            Some(value) => value,
            None => {
                return Err(attribute_error!("'{}' object has no attribute '{}'", class_name(instance), member.name));
            }
        },
        7 => Str::from_char(load!(u8) as u32).value(),
        8 => objects::new_int(load!(i8) as i64),
        9 => objects::new_int(load!(u8) as i64),
        10 => objects::new_int(load!(c_ushort) as i64),
        11 => objects::new_int(load!(c_uint) as i64),
        12 | 18 => objects::new_int_u64(load!(c_ulong)),
        13 => objects::codec::decode_utf8(CStr::from_ptr(at as *const c_char).to_bytes(), "strict")?.value(),
        14 => Value::bool(load!(u8) != 0),
        _ => Value::none(),
    })
}

/// What a field holds.
unsafe fn reference(at: *mut u8) -> Option<Value> {
    (*(at as *const Slot)).get()
}

/// An int for a member of C type `name`: what does not fit is cut, with a warning.
fn number(value: Value, fits: impl Fn(i128) -> bool, name: &str) -> R<i128> {
    let number = match objects::int::int_view(objects::index_object(value)?) {
        Some(objects::int::IntView::Small(small)) => small as i128,
        Some(view) => match (view.to_i64(), view.to_u64()) {
            (Some(signed), _) => signed as i128,
            (None, Some(unsigned)) => unsigned as i128,
            (None, None) => return Err(objects::overflow_error!("Python int too large to convert to C {name}")),
        },
        None => return Err(type_error!("an integer is required")),
    };
    if !fits(number) {
        objects::warnings::runtime(&format!("Truncation of value to {name}"))?;
    }
    Ok(number)
}

unsafe fn write(member: &MemberDescriptor, instance: Value, value: Option<Value>) -> R<()> {
    if member.read_only || matches!(member.kind, 5 | 13 | 20) {
        return Err(match member.kind {
            5 | 13 if !member.read_only => type_error!("readonly attribute"),
            20 if !member.read_only && value.is_none() => type_error!("can't delete numeric/char attribute"),
            20 if !member.read_only => system_error!("bad memberdescr type for {}", member.name),
            6 | 16 => attribute_error!("attribute '{}' of '{}' objects is not writable", member.name, class_name(instance)),
            _ => attribute_error!("readonly attribute"),
        });
    }
    let at = place(member, instance);
    let Some(value) = value else {
        return match member.kind {
            6 => {
                (*(at as *const Slot)).clear();
                Ok(())
            }
            16 => match (*(at as *const Slot)).take() {
                Some(_) => Ok(()),
                None => Err(attribute_error!("{}", member.name)),
            },
            _ => Err(type_error!("can't delete numeric/char attribute")),
        };
    };
    macro_rules! store {
        ($type:ty, $name:literal) => {{
            let number = number(value, |number| <$type>::try_from(number).is_ok(), $name)?;
            (at as *mut $type).write_volatile(number as $type)
        }};
    }
    macro_rules! store_wide {
        ($type:ty, $name:literal) => {{
            let number = number(value, |_| true, $name)?;
            match <$type>::try_from(number) {
                Ok(number) => (at as *mut $type).write_volatile(number),
                Err(_) => return Err(objects::overflow_error!("Python int too large to convert to C {}", $name)),
            }
        }};
    }
    match member.kind {
        0 => store!(c_short, "short"),
        1 => store!(c_int, "int"),
        2 => store_wide!(c_long, "long"),
        3 => (at as *mut f32).write_volatile(float(value)? as f32),
        4 => (at as *mut f64).write_volatile(float(value)?),
        6 | 16 => (*(at as *const Slot)).set(value),
        7 => match value.cast::<Str>() {
            Some(text) if text.len() == 1 && text.is_ascii() => at.write_volatile(text.char_at(0) as u8),
            _ => return Err(type_error!("bad argument type for built-in operation")),
        },
        8 => store!(i8, "char"),
        9 => store!(u8, "unsigned char"),
        10 => store!(c_ushort, "unsigned short"),
        11 => store!(c_uint, "unsigned int"),
        12 | 18 => {
            let number = number(value, |number| number >= 0, "unsigned long")?;
            (at as *mut u64).write_volatile(number as u64)
        }
        14 => match value.as_bool() {
            Some(flag) => at.write_volatile(flag as u8),
            None => return Err(type_error!("attribute value type must be bool")),
        },
        17 => store_wide!(i64, "long"),
        19 => store_wide!(isize, "ssize_t"),
        _ => return Err(system_error!("bad memberdescr type for {}", member.name)),
    }
    Ok(())
}

fn float(value: Value) -> R<f64> {
    objects::as_f64(value)
}
