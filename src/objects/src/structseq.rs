//! Struct sequences: tuples whose places have names (`sys.version_info`, `time.struct_time`, `os.stat_result`), with further
//! named fields beyond the sequence.
//!
//! An instance is laid out as a tuple of the visible items; behind them one word with the number of further fields, then these.
//! Must not know: any concrete struct sequence.

use crate::args::Args;
use crate::class::{self, Class, class_name, class_of};
use crate::class_new::native_class;
use crate::dict::{self, Dict};
use crate::error::{R, type_error};
use crate::gc_vec::GcVec;
use crate::int::new_int_usize;
use crate::intern::intern;
use crate::layout::{Cast, ClassCell, Gc, Layout, LayoutDesc};
use crate::making::Making;
use crate::native::ClassDef;
use crate::protocol::{repr, to_vec};
use crate::str::Str;
use crate::tuple::{Tuple, new_tuple};
use heap::{Header, Slot, Tracer, Value};
use native_macros::native_class;
use std::sync::OnceLock;

/// What a struct sequence class is made of.
pub struct StructSeqDef {
    pub name: &'static str,
    pub module: &'static str,
    pub doc: &'static str,
    /// Names in order; "" for a place without a name.
    pub fields: &'static [&'static str],
    /// How many of them are places of the sequence.
    pub visible: usize,
    /// Whether Python code may call the class.
    pub constructible: bool,
    /// The one field is the argument of the class itself, not a place in a sequence.
    pub scalar: bool,
    /// Completes the fields that the constructor was not given (`None` there).
    pub fill: Option<fn(&mut [Option<Value>])>,
    cell: ClassCell,
    making: Making,
    /// What the class is made from, once somebody has begun.
    begun: OnceLock<&'static ClassDef>,
}

impl StructSeqDef {
    pub const fn new(
        module: &'static str,
        name: &'static str,
        doc: &'static str,
        fields: &'static [&'static str],
        visible: usize,
    ) -> StructSeqDef {
        StructSeqDef {
            name,
            module,
            doc,
            fields,
            visible,
            constructible: true,
            scalar: false,
            fill: None,
            cell: ClassCell::new(),
            making: Making::new(),
            begun: OnceLock::new(),
        }
    }
    /// Cannot be instantiated from Python.
    pub const fn sealed(mut self) -> StructSeqDef {
        self.constructible = false;
        self
    }
    /// Made as `class(field)`.
    pub const fn scalar(mut self) -> StructSeqDef {
        self.scalar = true;
        self
    }
    pub const fn filled_by(mut self, fill: fn(&mut [Option<Value>])) -> StructSeqDef {
        self.fill = Some(fill);
        self
    }
    /// The class, made on first use.
    pub fn class(&'static self) -> R<Gc<Class>> {
        self.making.once(|| {
            self.cell.set(make_class(self)?);
            Ok(())
        })?;
        Ok(self.cell.get())
    }
    /// An instance; fields that are not given are None.
    pub fn make(&'static self, fields: &[Value]) -> R {
        Ok(make(self, self.class()?, |place| fields.get(place).copied()))
    }
    fn unnamed_count(&self) -> usize {
        self.fields.iter().filter(|name| name.is_empty()).count()
    }
    fn full_name(&self) -> String {
        format!("{}.{}", self.module, self.name)
    }
    /// Names of the visible places as repr shows them: places without one borrow the next names.
    fn shown_names(&self) -> impl Iterator<Item = &'static str> {
        self.fields.iter().copied().filter(|name| !name.is_empty()).take(self.visible)
    }
}

/// Classes and what they were made of.
static MADE: heap::Mutex<Vec<(usize, &'static StructSeqDef)>> = heap::Mutex::new(Vec::new());

fn def_of(value: Value) -> &'static StructSeqDef {
    def_of_class(class_of(value)).expect("an instance of a struct sequence")
}
fn def_of_class(class: Gc<Class>) -> Option<&'static StructSeqDef> {
    MADE.lock().iter().find(|(address, _)| *address == class.as_ptr() as usize).map(|(_, def)| *def)
}

/// The same fixed part as `Tuple`.
#[repr(C)]
pub struct StructSeq {
    pub header: Header,
    len: usize,
}
const ITEMS_OFFSET: usize = std::mem::size_of::<StructSeq>();
const _: () = assert!(ITEMS_OFFSET == std::mem::size_of::<Tuple>());

unsafe fn hidden_count(object: *mut Header) -> usize {
    let len = (*(object as *const StructSeq)).len;
    if len == 0 { 0 } else { *((object as *const u8).add(ITEMS_OFFSET + len * 8) as *const usize) }
}
unsafe fn trace_structseq(object: *mut Header, tracer: &mut Tracer) {
    let len = (*(object as *const StructSeq)).len;
    let items = (object as *const u8).add(ITEMS_OFFSET) as *const u64;
    tracer.words(items, len);
    tracer.words(items.add(len + 1), hidden_count(object));
}
unsafe fn structseq_tail_end(object: *mut Header) -> usize {
    ITEMS_OFFSET + ((*(object as *const StructSeq)).len + 1 + hidden_count(object)) * 8
}
static STRUCTSEQ_LAYOUT: LayoutDesc = LayoutDesc {
    name: "structseq",
    size: ITEMS_OFFSET,
    parent: Some(Tuple::DESC),
    trace: trace_structseq,
    drop: None,
    drops_late: false,
    guarded: false,
    tail_end: Some(structseq_tail_end),
    class: ClassCell::new(),
};
// SAFETY: repr(C), begins as a tuple does, everything traced above.
unsafe impl Layout for StructSeq {
    const DESC: &'static LayoutDesc = &STRUCTSEQ_LAYOUT;
}

/// Byte offset of field `place` in an instance.
fn offset_of(def: &StructSeqDef, place: usize) -> usize {
    ITEMS_OFFSET + 8 * if place < def.visible { place } else { place + 1 }
}

fn make(def: &'static StructSeqDef, class: Gc<Class>, field: impl Fn(usize) -> Option<Value>) -> Value {
    let object = heap::alloc(ITEMS_OFFSET + (def.fields.len() + 1) * 8, class.root_shape());
    // SAFETY: the fresh zeroed cell has a word for the length, each field and the count between them; nothing here is a
    // safepoint before all are written.
    unsafe {
        for place in 0..def.fields.len() {
            let slot = &*((object as *mut u8).add(offset_of(def, place)) as *const Slot);
            slot.set(field(place).unwrap_or(Value::none()));
        }
        *((object as *mut u8).add(ITEMS_OFFSET + def.visible * 8) as *mut usize) = def.fields.len() - def.visible;
        (*(object as *mut StructSeq)).len = def.visible;
        Value::from_ptr(object)
    }
}

/// Field `place`, hidden ones included.
fn field(value: Value, def: &StructSeqDef, place: usize) -> Value {
    // SAFETY: the value is an instance of a class made from `def`.
    unsafe { crate::shape::slot_at(value.as_ptr(), offset_of(def, place) as u32).get().unwrap_or(Value::none()) }
}

/// The definition of a class. It is kept: who comes after an attempt for which memory was out goes on with the same class.
fn class_def(def: &'static StructSeqDef) -> &'static ClassDef {
    let skin = StructSeqSkin::CLASS_DEF;
    let (mut flags, mut methods, mut slots) = (skin.flags, skin.methods.to_vec(), Vec::new());
    for slot in skin.slots {
        if slot.name != "__new__" || def.constructible {
            slots.push(crate::native::SlotDef { name: slot.name, doc: slot.doc, sig: slot.sig, slot: slot.slot });
        }
    }
    if !def.constructible {
        flags |= class::NO_NEW;
        methods.retain(|method| method.name != "__new__");
    }
    Box::leak(Box::new(ClassDef {
        name: def.name,
        module: def.module,
        doc: def.doc,
        sig: "",
        layout: StructSeq::DESC,
        bases: skin.bases,
        metaclass: None,
        flags,
        methods: Box::leak(methods.into_boxed_slice()),
        slots: Box::leak(slots.into_boxed_slice()),
        getset: skin.getset,
        attrs: skin.attrs,
        cell: ClassCell::new(),
        making: Making::new(),
    }))
}

fn make_class(def: &'static StructSeqDef) -> R<Gc<Class>> {
    let class = native_class(def.begun.get_or_init(|| class_def(def)))?;
    if !def.constructible {
        // Not even by what `tuple` has: it would make instances without the further fields.
        class.slots.new.set(None);
    }
    let namespace = class.dict();
    for (place, name) in def.fields.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
        let name = intern(name);
        let member = crate::descr::new_readonly_member(class, name, offset_of(def, place) as u32);
        dict::dict_set_str(namespace, name, member)?;
    }
    for (name, count) in
        [("n_sequence_fields", def.visible), ("n_fields", def.fields.len()), ("n_unnamed_fields", def.unnamed_count())]
    {
        dict::dict_set_str(namespace, intern(name), new_int_usize(count))?;
    }
    let names: GcVec =
        def.fields[..def.visible].iter().filter(|name| !name.is_empty()).map(|name| intern(name).value()).collect();
    dict::dict_set_str(namespace, intern("__match_args__"), new_tuple(&names).value())?;
    MADE.lock().push((class.as_ptr() as usize, def));
    Ok(class)
}

pub struct StructSeqSkin;

#[native_class(name = "structseq", layout = StructSeq, base = tuple, flags = "final")]
impl StructSeqSkin {
    #[new]
    fn new(cls: Gc<Class>, args: Args) -> R {
        let Some(def) = def_of_class(cls) else { return Err(type_error!("cannot create '{}' instances", cls.name_text())) };
        let function = if def.scalar { def.name } else { "structseq" };
        let allowed: &[&str] = if def.scalar { &def.fields[..1] } else { &["sequence", "dict"] };
        if args.total_len() > allowed.len() {
            let plural = if allowed.len() == 1 { "" } else { "s" };
            return Err(type_error!(
                "{function}() takes at most {} argument{plural} ({} given)",
                allowed.len(),
                args.total_len()
            ));
        }
        for (name, _) in args.keywords() {
            let name = name.cast::<Str>().map(|name| name.to_string_lossy()).unwrap_or_default();
            match allowed.iter().position(|known| *known == name) {
                None => return Err(type_error!("{function}() got an unexpected keyword argument '{name}'")),
                Some(place) if place < args.len() => {
                    return Err(type_error!("argument for {function}() given by name ('{name}') and position ({})", place + 1));
                }
                Some(_) => {}
            }
        }
        let argument = |place: usize| args.get(place).or_else(|| args.keyword(allowed[place]));
        let Some(sequence) = argument(0) else {
            return Err(type_error!("{function}() missing required argument '{}' (pos 1)", allowed[0]));
        };
        if def.scalar {
            return Ok(make(def, cls, |_| Some(sequence)));
        }
        let dict = argument(1);
        let name = def.full_name();
        let items = match to_vec(sequence) {
            Ok(items) => items,
            Err(raised) if raised.is(&crate::exception::TYPE_ERROR) => {
                raised.clear();
                return Err(type_error!("constructor requires a sequence"));
            }
            Err(raised) => return Err(raised),
        };
        let extra = match dict {
            None => None,
            Some(given) => match given.cast::<Dict>() {
                Some(dict) => Some(dict),
                None => return Err(type_error!("{name}() takes a dict as second arg, if any")),
            },
        };
        let (given, least, most) = (items.len(), def.visible, def.fields.len());
        if given < least || given > most {
            let words = match () {
                _ if least == most => "a",
                _ if given < least => "an at least",
                _ => "an at most",
            };
            let wanted = if given < least { least } else { most };
            return Err(type_error!("{name}() takes {words} {wanted}-sequence ({given}-sequence given)"));
        }
        let mut fields: GcVec<Option<Value>> = (0..most).map(|place| items.get(place).copied()).collect();
        if let Some(extra) = extra {
            let mut used = 0;
            for (place, field) in def.fields.iter().enumerate().skip(given) {
                if let Some(value) = dict::dict_get_str(extra, intern(field)) {
                    fields[place] = Some(value);
                    used += 1;
                }
            }
            if extra.len() > used {
                return Err(type_error!("{name}() got duplicate or unexpected field name(s)"));
            }
        }
        if let Some(fill) = def.fill {
            fill(&mut fields);
        }
        Ok(make(def, cls, |place| fields[place]))
    }
    fn __repr__(this: Gc<StructSeq>) -> R<String> {
        let def = def_of(this.value());
        let mut text = format!("{}(", def.full_name());
        for (place, name) in def.shown_names().enumerate() {
            if place > 0 {
                text.push_str(", ");
            }
            text.push_str(name);
            text.push('=');
            text.push_str(&repr(field(this.value(), def, place))?.to_string_lossy());
        }
        text.push(')');
        Ok(text)
    }
    fn __reduce__(this: Gc<StructSeq>) -> R {
        let def = def_of(this.value());
        let items: GcVec = (0..def.visible).map(|place| field(this.value(), def, place)).collect();
        if def.scalar {
            return Ok(new_tuple(&[class_of(this.value()).value(), new_tuple(&items).value()]).value());
        }
        let hidden = dict::new_dict();
        for (place, name) in def.fields.iter().enumerate().skip(def.visible) {
            dict::dict_set_str(hidden, intern(name), field(this.value(), def, place))?;
        }
        let args = new_tuple(&[new_tuple(&items).value(), hidden.value()]);
        Ok(new_tuple(&[class_of(this.value()).value(), args.value()]).value())
    }
    /// A copy with the given fields replaced.
    #[sig("($self, /, **changes)")]
    fn __replace__(this: Gc<StructSeq>, args: Args) -> R {
        if !args.positional().is_empty() {
            return Err(type_error!("__replace__() takes no positional arguments"));
        }
        let def = def_of(this.value());
        if def.unnamed_count() > 0 {
            return Err(type_error!(
                "__replace__() is not supported for {} because it has unnamed field(s)",
                class_name(this.value())
            ));
        }
        let mut fields: GcVec<Option<Value>> = (0..def.fields.len()).map(|place| Some(field(this.value(), def, place))).collect();
        let mut unknown = GcVec::new();
        for (name, value) in args.keywords() {
            let text = name.cast::<Str>().map(|name| name.to_string_lossy()).unwrap_or_default();
            match def.fields.iter().position(|field| *field == text) {
                Some(place) => fields[place] = Some(value),
                None => unknown.push(name),
            }
        }
        if !unknown.is_empty() {
            let list = crate::list::list_from_slice(&unknown);
            return Err(type_error!("Got unexpected field name(s): {}", repr(list.value())?.to_string_lossy()));
        }
        Ok(make(def, class_of(this.value()), |place| fields[place]))
    }
}
