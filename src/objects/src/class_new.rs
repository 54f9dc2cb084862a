//! Building classes: native ones from their definitions, and those of `class` statements (`type.__new__`): bases and metaclass,
//! MRO, instance layout, slots, and what follows when a class attribute changes.

use crate::call;
use crate::class::{self, Class, class_modified, class_name, class_of, next_version};
use crate::descr;
use crate::dict::{self, Dict};
use crate::error::{R, type_error, value_error};
use crate::gc_vec::GcVec;
use crate::interned;
use crate::layout::{Cast, Gc, Layout, LayoutDesc, alloc_instance};
use crate::native::{ClassDef, FnKind, NativeCall, SlotFn};
use crate::shape::{FIRST_INLINE, Shape};
use crate::slots::{ALL_SLOTS, SlotId, slot_by_name};
use crate::str::{Str, new_str, str_is};
use crate::tuple::{Tuple, new_tuple};
use heap::{Header, Slot, Tracer, Value};
use std::sync::atomic::{Ordering, fence};

/// The layout of plain instances: a header, attributes behind it.
#[repr(C)]
pub struct Object {
    pub header: Header,
}
unsafe fn trace_nothing(_: *mut Header, _: &mut Tracer) {}
static OBJECT_LAYOUT: LayoutDesc = LayoutDesc {
    name: "object",
    size: std::mem::size_of::<Object>(),
    parent: None,
    trace: trace_nothing,
    drop: None,
    drops_late: false,
    guarded: false,
    tail_end: None,
    class: crate::layout::ClassCell::new(),
};
// SAFETY: a header and nothing else.
unsafe impl Layout for Object {
    const DESC: &'static LayoutDesc = &OBJECT_LAYOUT;
}

/// A blank class object of metaclass `meta`; `layout` and shapes are set, nothing else.
pub(crate) fn alloc_class(meta_shape: heap::ShapeId, layout: &'static LayoutDesc) -> Gc<Class> {
    alloc_class_sized(std::mem::size_of::<Class>(), meta_shape, layout)
}
/// A blank class of a metaclass that may be a program's or an extension's, whose instances are larger.
pub(crate) fn alloc_class_for(meta: Gc<Class>, layout: &'static LayoutDesc) -> Gc<Class> {
    // Shape before size, which never gets smaller.
    let shape = meta.root_shape();
    let size = (meta.instance_size.load(Ordering::Acquire) as usize).max(std::mem::size_of::<Class>());
    let class = alloc_class_sized(size, shape, layout);
    if meta.layout.drop.is_some() {
        heap::register_droppable(class.header());
    }
    class
}
fn alloc_class_sized(size: usize, meta_shape: heap::ShapeId, layout: &'static LayoutDesc) -> Gc<Class> {
    let pointer = heap::alloc(size, meta_shape) as *mut Class;
    // SAFETY: a fresh zeroed cell; zero is a valid blank class but for the layout reference.
    unsafe {
        (&raw mut (*pointer).layout).write(layout);
        Gc::from_ptr(pointer)
    }
}

/// Makes the blank class of a layout, good enough to allocate instances of it: `native_class` completes it.
pub(crate) fn prepare(layout: &'static LayoutDesc, type_shape: heap::ShapeId) {
    let class = alloc_class(type_shape, layout);
    crate::roots::keep_forever(class.value());
    class.instance_size.store(layout.size as u32, Ordering::Relaxed);
    class.inline_start.store(layout.size as u32, Ordering::Relaxed);
    class.root_shape.store(Shape::new_root(class, 0, false), Ordering::Release);
    layout.class.set(class);
}

/// Gives a prepared class the attribute storage that its definition asks for, before the first instance is made.
pub fn predeclare(def: &'static ClassDef) {
    if def.flags & class::HAS_DICT != 0 && def.layout.class.is_set() && class_is_blank(def.layout.class.get()) {
        lay_out(def.layout.class.get(), None, 0, true);
    }
}

/// Sizes and shapes of instances. `member_count` slots follow the base's fixed part; `with_dict` adds attribute storage.
pub(crate) fn lay_out(class: Gc<Class>, base: Option<Gc<Class>>, member_count: u32, with_dict: bool) {
    let has_tail = class.layout.tail_end.is_some();
    // A layout that extends the base's has fields of its own where the base keeps its attributes.
    let base_ext =
        base.filter(|base| std::ptr::eq(base.layout, class.layout)).map_or(0, |base| base.ext_offset.load(Ordering::Relaxed));
    let base_start = base.map_or(class.layout.size as u32, |base| {
        if std::ptr::eq(base.layout, class.layout) { base.inline_start.load(Ordering::Relaxed) } else { class.layout.size as u32 }
    });
    let mut end = base_start;
    let mut ext = base_ext;
    if ext == 0 && with_dict {
        ext = end;
        end += 8;
    }
    end += member_count * 8;
    let inline = if ext != 0 && !has_tail { FIRST_INLINE } else { 0 };
    if let Some(base) = base
        && std::ptr::eq(base.layout, class.layout)
    {
        class.extra.set_opt(base.extra.get());
    }
    class.ext_offset.store(ext, Ordering::Relaxed);
    class.inline_start.store(end, Ordering::Relaxed);
    class.inline_count.store(inline, Ordering::Relaxed);
    class.instance_size.store(end + inline * 8, Ordering::Relaxed);
    if ext != 0 {
        class.flags.add(class::HAS_DICT);
    }
    if class.root_shape.load(Ordering::Relaxed) == 0 || inline != 0 {
        class.root_shape.store(Shape::new_root(class, inline, false), Ordering::Release);
    }
    if ext != 0 {
        class.dict_shape.store(Shape::new_root(class, 0, true), Ordering::Release);
    } else if end as usize == class.layout.size {
        crate::shape::trace_natively(class.root_shape.load(Ordering::Relaxed), class.layout);
    }
}

/// First member's offset of a class laid out by `lay_out` with `member_count` members.
fn members_start(class: Gc<Class>, member_count: u32) -> u32 {
    class.inline_start.load(Ordering::Relaxed) - member_count * 8
}

/// How many attributes `__init__` gives to `self`: a first guess at the size of instances.
fn attributes_of_init(namespace: Gc<Dict>) -> u32 {
    dict::dict_get_str(namespace, interned!("__init__"))
        .and_then(|init| init.cast::<crate::function::Function>())
        .map_or(0, |init| init.code().self_attributes)
}

/// The class of a native definition, made on first use (its bases too).
pub fn native_class(def: &'static ClassDef) -> R<Gc<Class>> {
    def.making.once(|| build_native_class(def))?;
    Ok(def.cell.get())
}

/// Descriptors of native classes live as long as these, which is for ever, and refer to nothing else: collections pass them by.
fn make_permanent(descriptor: Value) -> Value {
    // SAFETY: as said.
    unsafe { heap::roots::make_permanent(descriptor.as_ptr()) };
    descriptor
}

fn build_native_class(def: &'static ClassDef) -> R<()> {
    let is_object = def.bases.is_empty();
    let mut bases = GcVec::with_capacity(def.bases.len());
    for base in def.bases {
        bases.push(base().value());
    }
    let class = if def.cell.is_set() {
        // Memory was out before it was finished.
        def.cell.get()
    } else if def.layout.class.is_set() && class_is_blank(def.layout.class.get()) {
        def.layout.class.get()
    } else {
        let meta = def.metaclass.map_or_else(Class::class, |metaclass| metaclass());
        let class = alloc_class(meta.root_shape(), def.layout);
        if !def.layout.class.is_set() {
            def.layout.class.set(class);
        }
        class
    };
    crate::roots::keep_forever(class.value());
    def.cell.set(class);
    // SAFETY: set before the class is published anywhere but in its cells.
    unsafe { (*class.as_ptr()).native = Some(def) };
    class.flags.add(def.flags);
    class.name.set(crate::intern::intern(def.name).value());
    class.qualname.set(crate::intern::intern(def.name).value());
    let base = if is_object { None } else { bases[0].cast::<Class>() };
    class.bases.set(new_tuple(&bases).value());
    class.base.set_opt(base.map(Gc::value));
    if class.dict.get().is_none() {
        // `__doc__`, `__module__`, `__dict__` besides.
        let count = def.methods.len() + def.slots.len() + def.getset.len() + def.attrs.len() + 3;
        class.dict.set(dict::new_dict_sized(count)?.value());
    }
    let with_dict = def.flags & class::HAS_DICT != 0 || base.is_some_and(|base| base.flags.has(class::HAS_DICT));
    lay_out(class, base, 0, with_dict);
    if let Some(base) = base {
        class.flags.add(base.flags.bits() & INHERITED_FLAGS);
    }
    let namespace = class.dict();
    for function in def.methods {
        let attribute = descr::definition_attribute(function, class);
        if !matches!(function.kind, FnKind::StaticMethod) {
            make_permanent(attribute);
        }
        dict::dict_set_str(namespace, crate::intern::intern(function.name), attribute)?;
    }
    for slot in def.slots {
        let name = crate::intern::intern(slot.name);
        let Some(id) = crate::intern::slot_of(name) else { continue };
        let wrapper = if id == SlotId::New {
            descr::new_native_function(&descr::NEW_DEF, Some(class.value()), None).value()
        } else {
            make_permanent(descr::new_slot_wrapper(class, id, slot.slot, slot.doc, slot.sig))
        };
        dict::dict_set_str(namespace, name, wrapper)?;
    }
    for getset in def.getset {
        let attribute = make_permanent(descr::new_getset_descriptor(class, getset));
        dict::dict_set_str(namespace, crate::intern::intern(getset.name), attribute)?;
    }
    for attribute in def.attrs {
        dict::dict_set_str(namespace, crate::intern::intern(attribute.name), (attribute.make)()?)?;
    }
    let defines = |name: Gc<Str>| dict::dict_get_str(namespace, name).is_some();
    if def.flags & class::HAS_DICT != 0 && !defines(interned!("__dict__")) {
        let descriptor = descr::new_getset_descriptor(class, &crate::attributes::DICT_GETSET);
        dict::dict_set_str(namespace, interned!("__dict__"), descriptor)?;
    }
    if defines(interned!("__eq__")) && !defines(interned!("__hash__")) {
        dict::dict_set_str(namespace, interned!("__hash__"), Value::none())?;
    }
    // A class with a `__doc__` of its instances tells its own through its definition.
    if !defines(interned!("__doc__")) {
        let doc = if def.doc.is_empty() { Value::none() } else { new_str(def.doc) };
        dict::dict_set_str(namespace, interned!("__doc__"), doc)?;
    }
    if !def.module.is_empty() && def.module != "builtins" && !defines(interned!("__module__")) {
        dict::dict_set_str(namespace, interned!("__module__"), new_str(def.module))?;
    }
    class.mro.set(compute_mro(class)?.value());
    update_all_slots(class);
    class.version.store(next_version(), Ordering::Release);
    for base in class.bases().items() {
        // SAFETY: bases are classes.
        add_subclass(unsafe { base.cast_unchecked() }, class);
    }
    Ok(())
}

/// A built-in class without methods of its own: `class name(*bases)` with the instance layout given.
pub fn plain_native_class(
    name: &str,
    module: &str,
    doc: Option<&str>,
    bases: &[Gc<Class>],
    layout: &'static LayoutDesc,
) -> R<Gc<Class>> {
    let class = if layout.class.is_set() && class_is_blank(layout.class.get()) {
        layout.class.get()
    } else {
        let class = alloc_class(Class::class().root_shape(), layout);
        crate::roots::keep_forever(class.value());
        if !layout.class.is_set() {
            layout.class.set(class);
        }
        class
    };
    let base = bases[0];
    class.flags.add(class::IMMUTABLE | class::BASE_TYPE | (base.flags.bits() & INHERITED_FLAGS));
    class.name.set(crate::intern::intern(name).value());
    class.qualname.set(crate::intern::intern(name).value());
    let base_values: GcVec = bases.iter().map(|base| base.value()).collect();
    class.bases.set(new_tuple(&base_values).value());
    class.base.set(base.value());
    let namespace = dict::new_dict();
    class.dict.set(namespace.value());
    lay_out(class, Some(base), 0, base.flags.has(class::HAS_DICT));
    dict::dict_set_str(namespace, interned!("__doc__"), doc.map_or(Value::none(), new_str))?;
    if module != "builtins" {
        dict::dict_set_str(namespace, interned!("__module__"), new_str(module))?;
    }
    class.mro.set(compute_mro(class)?.value());
    update_all_slots(class);
    class.version.store(next_version(), Ordering::Release);
    for base in bases {
        add_subclass(*base, class);
    }
    Ok(class)
}

fn class_is_blank(class: Gc<Class>) -> bool {
    class.name.is_empty()
}

/// Flags that a class takes over from its base.
pub(crate) const INHERITED_FLAGS: u32 = class::SEQUENCE
    | class::MAPPING
    | class::MATCH_SELF
    | class::IS_EXCEPTION
    | class::IS_METACLASS
    | class::HAS_WEAKREF
    | class::SEQUENCE_OPS;

/// Fills every slot from what the MRO finds.
pub fn update_all_slots(class: Gc<Class>) {
    let Some((base, others)) = inherited_order(class) else {
        ALL_SLOTS.iter().for_each(|id| update_slot(class, *id));
        return update_derived_flags(class);
    };
    // What none of the others defines is found where the base found it.
    class.slots.copy_from(&base.slots);
    class.externs.store(base.externs.load(Ordering::Acquire), Ordering::Release);
    update_slot(class, SlotId::New);
    let mut flags_inherited = true;
    for other in others {
        let table = other.dict().table();
        let mut position = 0;
        while let Some((next, key, ..)) = table.next_live(position) {
            position = next;
            if let Some(id) = key.cast::<Str>().and_then(crate::intern::slot_of) {
                update_slot(class, id);
                flags_inherited &= !FLAG_SLOTS.contains(&id);
            }
        }
    }
    if flags_inherited {
        class.flags.remove(DERIVED_FLAGS & !base.flags.bits());
        class.flags.add(base.flags.bits() & DERIVED_FLAGS);
    } else {
        update_derived_flags(class);
    }
}

/// The base and the other classes of the MRO, the class itself among them, if the base's MRO is part of the class's in the same order.
fn inherited_order(class: Gc<Class>) -> Option<(Gc<Class>, impl Iterator<Item = Gc<Class>>)> {
    let base = class.base()?;
    let (order, inherited) = (class.mro(), base.mro());
    let walk = move || {
        let mut found = 0;
        (0..order.items().len()).filter_map(move |index| {
            let entry = order.items()[index];
            if inherited.items().get(found) == Some(&entry) {
                found += 1;
                None
            } else {
                // SAFETY: an MRO is a tuple of classes.
                Some(unsafe { entry.cast_unchecked::<Class>() })
            }
        })
    };
    (walk().count() + inherited.items().len() == order.items().len()).then(|| (base, walk()))
}

/// What `update_derived_flags` decides, and the slots by whose dunders it does.
const DERIVED_FLAGS: u32 = class::GENERIC_GETATTR
    | class::GENERIC_SETATTR
    | class::PLAIN_INIT
    | class::PLAIN_NEW
    | class::CUSTOM_GETATTR
    | class::HAS_FINALIZER;
const FLAG_SLOTS: [SlotId; 7] =
    [SlotId::GetAttribute, SlotId::GetAttr, SlotId::SetAttr, SlotId::DelAttr, SlotId::Init, SlotId::New, SlotId::Del];

fn update_derived_flags(class: Gc<Class>) {
    let object = Object::class();
    let owner_is_object = |name| find_in_mro(class, name).is_none_or(|(_, owner)| owner == object);
    let python_level =
        |name| find_in_mro(class, name).is_some_and(|(found, _)| found.cast_exact::<descr::SlotWrapper>().is_none());
    let getattribute = interned!("__getattribute__");
    let plain_setattr = owner_is_object(interned!("__setattr__")) && owner_is_object(interned!("__delattr__"));
    for (flag, on) in [
        (class::GENERIC_GETATTR, owner_is_object(getattribute)),
        (class::GENERIC_SETATTR, plain_setattr),
        (class::PLAIN_INIT, owner_is_object(interned!("__init__"))),
        (class::PLAIN_NEW, owner_is_object(interned!("__new__"))),
        (class::CUSTOM_GETATTR, class.slots.getattr.get().is_some() || python_level(getattribute)),
        (class::HAS_FINALIZER, class.slots.del.get().is_some()),
    ] {
        if on { class.flags.add(flag) } else { class.flags.remove(flag) }
    }
}

fn find_in_mro(class: Gc<Class>, name: Gc<Str>) -> Option<(Value, Gc<Class>)> {
    for entry in class.mro().items() {
        // SAFETY: an MRO is a tuple of classes.
        let owner = unsafe { entry.cast_unchecked::<Class>() };
        if let Some(found) = dict::dict_get_str(owner.dict(), name) {
            return Some((found, owner));
        }
    }
    None
}

fn update_slot(class: Gc<Class>, id: SlotId) {
    let name = crate::intern::slot_name(id as u8);
    let Some((found, owner)) = find_in_mro(class, name) else {
        class.slots.clear(id);
        return;
    };
    if id == SlotId::New {
        return update_new_slot(class, found, owner);
    }
    if let Some(wrapper) = found.cast_exact::<descr::SlotWrapper>()
        && wrapper.id == id
    {
        if let SlotFn::Extern { enter, data } = wrapper.function {
            // Functions of extensions trust their receiver: a class of a program may have taken one from a type that is no base of it.
            if class.is_subclass_of(wrapper.owner()) {
                return crate::extension::set_slot(class, id, enter, data);
            }
        } else if has_layout_of(class, wrapper.owner()) && class.slots.set_native(id, wrapper.function) {
            return;
        }
    }
    // A dunder set to None keeps its trampoline, which raises what blocking the operation should raise.
    class.slots.set_trampoline(id);
}

/// Whether functions written for instances of `owner` may be handed instances of `class`: every object has the layout of `object`.
fn has_layout_of(class: Gc<Class>, owner: Gc<Class>) -> bool {
    std::ptr::eq(owner.layout, Object::DESC) || class.layout.extends(owner.layout)
}

fn update_new_slot(class: Gc<Class>, found: Value, owner: Gc<Class>) {
    if let Some(native) = found.cast_exact::<descr::NativeFunction>()
        && std::ptr::eq(native.def, &descr::NEW_DEF)
        && native.receiver.get() == Some(owner.value())
        // native classes inherit their base's constructor with its layout extended; classes made by programs only as it is.
        // What an extension adds to a layout is zeroed memory, so the base's constructor does.
        && (std::ptr::eq(class.layout, owner.layout) || !class.flags.has(class::HEAP_TYPE) || is_extension(class.layout))
    {
        class.slots.new.set(owner.native_new());
        return;
    }
    if let Some(native) = found.cast_exact::<descr::NativeFunction>()
        && let NativeCall::Extern { enter, data } = native.def.call
    {
        return crate::extension::set_slot(class, SlotId::New, enter, data);
    }
    class.slots.set_trampoline(SlotId::New);
}

/// Whether the layout came at run time: the class that stands for it is no built-in one.
fn is_extension(layout: &'static LayoutDesc) -> bool {
    layout.class.is_set() && layout.class.get().flags.has(class::HEAP_TYPE)
}

impl Class {
    /// The Rust `__new__` of a native class (its own or inherited).
    pub fn native_new(&self) -> Option<crate::slots::New> {
        let def = self.native?;
        def.slots.iter().find(|slot| slot.name == "__new__").and_then(|slot| match slot.slot {
            SlotFn::New(function) => Some(function),
            _ => None,
        })
    }
}

/// A class attribute was set or deleted: caches and slots of the class and its subclasses follow. `old` is what it was.
pub fn attribute_changed(class: Gc<Class>, name: Gc<Str>, old: Option<Value>) {
    class_modified(class);
    // Caches note that they know something of a class and look at its version then; here it is the other way round.
    fence(Ordering::SeqCst);
    if let Some(id) = name.as_ascii().and_then(slot_by_name) {
        refresh_slot(class, id);
    }
    if str_is(&name, "__abstractmethods__") {
        refresh_abstract(class);
    }
    if places_may_be_wrong(class, name, old) {
        crate::code::flush_attribute_caches();
    }
}

/// Whether the change matters for the places that caches remember without asking the class's version: those of instance
/// attributes, which data descriptors and hooks come before, and those that member descriptors tell.
fn places_may_be_wrong(class: Gc<Class>, name: Gc<Str>, old: Option<Value>) -> bool {
    const HOOKS: [&str; 4] = ["__getattribute__", "__getattr__", "__setattr__", "__delattr__"];
    const OF_DESCRIPTORS: [&str; 3] = ["__get__", "__set__", "__delete__"];
    let is_one_of = |names: &[&str]| names.iter().any(|known| str_is(&name, known));
    if is_one_of(&HOOKS) {
        return is_remembered(class, u64::MAX);
    }
    if is_one_of(&OF_DESCRIPTORS) {
        // What counts are the classes that have instances of this one as attributes.
        fence(Ordering::SeqCst);
        return class::with_subclasses(class).iter().any(|class| class.flags.has(class::KNOWN_ATTRIBUTE));
    }
    if let Some(old) = old.filter(|old| is_data_descriptor(*old)) {
        // While a data descriptor has the name, no place is remembered under it but the one that a member descriptor tells.
        return old.cast_exact::<descr::MemberDescriptor>().is_some() && is_remembered(class, class::name_bit(name));
    }
    let has_data_descriptor = |class: &Gc<Class>| {
        // SAFETY: an MRO is a tuple of classes.
        let mut dicts = class.mro().items().iter().map(|owner| unsafe { owner.cast_unchecked::<Class>() }.dict());
        dicts.any(|dict| {
            let Some(value) = dict::dict_get_str(dict, name) else { return false };
            class::note_attribute(value);
            is_data_descriptor(value)
        })
    };
    let bit = class::name_bit(name);
    class::with_subclasses(class)
        .iter()
        .any(|class| class.remembered.load(Ordering::Relaxed) & bit != 0 && has_data_descriptor(class))
}
pub fn is_data_descriptor(value: Value) -> bool {
    let slots = &class::class_of(value).slots;
    slots.descr_set.get().is_some() || slots.descr_delete.get().is_some()
}
fn is_remembered(class: Gc<Class>, bits: u64) -> bool {
    class::with_subclasses(class).iter().any(|class| class.remembered.load(Ordering::Relaxed) & bits != 0)
}
fn refresh_slot(class: Gc<Class>, id: SlotId) {
    for class in class::with_subclasses(class).iter() {
        update_slot(*class, id);
        update_derived_flags(*class);
    }
}
fn refresh_abstract(class: Gc<Class>) {
    let methods = dict::dict_get_str(class.dict(), interned!("__abstractmethods__"));
    let abstract_now = methods.is_some_and(|methods| match crate::protocol::is_true(methods) {
        Ok(flag) => flag,
        Err(raised) => {
            raised.clear();
            false
        }
    });
    if abstract_now { class.flags.add(class::ABSTRACT) } else { class.flags.remove(class::ABSTRACT) }
}

/// Held while a list of subclasses changes: a class that is missing there would not hear of changes of its base.
static SUBCLASSES: heap::Mutex<()> = heap::Mutex::new(());

/// Enters `class` in the list of its base's subclasses.
pub fn add_subclass(base: Gc<Class>, class: Gc<Class>) {
    let reference = crate::weakref::new_plain_weakref(class.value());
    let _alone = SUBCLASSES.lock();
    let Some(list) = base.subclasses.get().and_then(|list| list.cast::<crate::list::List>()) else {
        base.subclasses.set(crate::list::list_from_slice(&[reference]).value());
        return;
    };
    // Forget the dead ones now and then, so that the list stays in proportion.
    if list.len() >= 16 && list.len().is_power_of_two() {
        let entries = crate::list::list_snapshot(list);
        let alive: GcVec = entries.into_iter().filter(|entry| crate::weakref::weakref_target(*entry).is_some()).collect();
        let fresh = crate::list::list_from_slice(&alive);
        crate::list::list_push(fresh, reference);
        base.subclasses.set(fresh.value());
        return;
    }
    crate::list::list_push(list, reference);
}
pub fn remove_subclass(base: Gc<Class>, class: Gc<Class>) {
    let _alone = SUBCLASSES.lock();
    let Some(list) = base.subclasses.get().and_then(|list| list.cast::<crate::list::List>()) else { return };
    let rest: GcVec = crate::list::list_snapshot(list)
        .into_iter()
        .filter(|entry| crate::weakref::weakref_target(*entry).is_some_and(|target| target != class.value()))
        .collect();
    base.subclasses.set(crate::list::list_from_slice(&rest).value());
}

/// C3 linearisation of the class's bases (or what its metaclass's `mro()` says is the caller's business).
pub fn compute_mro(class: Gc<Class>) -> R<Gc<Tuple>> {
    let bases = class.bases();
    for (index, base) in bases.items().iter().enumerate() {
        if bases.items()[..index].contains(base) {
            // SAFETY: bases are classes.
            return Err(type_error!("duplicate base class {}", unsafe { base.cast_unchecked::<Class>() }.name_text()));
        }
    }
    if let [base] = bases.items() {
        // SAFETY: bases are classes.
        let inherited = unsafe { base.cast_unchecked::<Class>() }.mro();
        if !inherited.is_empty() {
            // Both are alive elsewhere.
            let mut result = Vec::with_capacity(inherited.items().len() + 1);
            result.push(class.value());
            result.extend_from_slice(inherited.items());
            let result = new_tuple(&result);
            // Another thread may have given the base a new order meanwhile.
            std::hint::black_box(inherited);
            return Ok(result);
        }
    }
    // What a base has now keeps its classes alive, also when another thread gives it a new order.
    let mut orders = GcVec::with_capacity(bases.items().len());
    let mut sequences: Vec<Vec<Value>> = Vec::with_capacity(bases.items().len() + 1);
    for base in bases.items() {
        // SAFETY: bases are classes.
        let base = unsafe { base.cast_unchecked::<Class>() };
        let order = base.mro();
        if order.is_empty() {
            return Err(type_error!("Cannot extend an incomplete type '{}'", base.name_text()));
        }
        orders.push(order.value());
        sequences.push(order.items().to_vec());
    }
    sequences.push(bases.items().to_vec());
    let mut result = vec![class.value()];
    let mut heads = vec![0usize; sequences.len()];
    loop {
        let mut remaining = false;
        let mut chosen = None;
        'candidates: for (sequence, head) in sequences.iter().zip(&heads) {
            let Some(candidate) = sequence.get(*head) else { continue };
            remaining = true;
            for (other, other_head) in sequences.iter().zip(&heads) {
                if other.iter().skip(other_head + 1).any(|entry| entry == candidate) {
                    continue 'candidates;
                }
            }
            chosen = Some(*candidate);
            break;
        }
        if !remaining {
            let result = new_tuple(&result);
            std::hint::black_box(&orders);
            return Ok(result);
        }
        let Some(chosen) = chosen else { return Err(mro_conflict(&sequences, &heads)) };
        result.push(chosen);
        for (sequence, head) in sequences.iter().zip(heads.iter_mut()) {
            if sequence.get(*head) == Some(&chosen) {
                *head += 1;
            }
        }
    }
}

#[cold]
fn mro_conflict(sequences: &[Vec<Value>], heads: &[usize]) -> crate::error::Raised {
    let mut names: Vec<String> = Vec::new();
    for (sequence, head) in sequences.iter().zip(heads) {
        if let Some(class) = sequence.get(*head).and_then(|entry| entry.cast::<Class>()) {
            let name = class.name_text();
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    type_error!("Cannot create a consistent method resolution order (MRO) for bases {}", names.join(", "))
}

/// The most derived metaclass of `meta` and the bases' classes.
pub fn calculate_metaclass(meta: Gc<Class>, bases: &[Value]) -> R<Gc<Class>> {
    let mut winner = meta;
    for base in bases {
        let candidate = class_of(*base);
        if winner.is_subclass_of(candidate) {
            continue;
        }
        if candidate.is_subclass_of(winner) {
            winner = candidate;
            continue;
        }
        return Err(type_error!(
            "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases"
        ));
    }
    Ok(winner)
}

/// The base whose instance layout the new class extends.
pub(crate) fn best_base(bases: &[Value]) -> R<Gc<Class>> {
    let mut winner: Option<(Gc<Class>, Gc<Class>)> = None;
    for base in bases {
        let Some(base) = base.cast::<Class>() else { return Err(type_error!("bases must be types")) };
        if !base.flags.has(class::BASE_TYPE) {
            return Err(type_error!("type '{}' is not an acceptable base type", class::message_name(base)));
        }
        let solid = solid_base(base);
        match winner {
            None => winner = Some((base, solid)),
            Some((_, best)) if best.is_subclass_of(solid) => {}
            Some((_, best)) if solid.is_subclass_of(best) => winner = Some((base, solid)),
            Some(_) => return Err(type_error!("multiple bases have instance lay-out conflict")),
        }
    }
    winner.map(|(base, _)| base).ok_or_else(|| type_error!("bases must be types"))
}

/// The nearest class in the base chain that adds native fields or members to its base.
fn solid_base(class: Gc<Class>) -> Gc<Class> {
    let mut current = class;
    while let Some(base) = current.base() {
        if !same_fields(current, base) || member_bytes(current) != member_bytes(base) {
            return current;
        }
        current = base;
    }
    current
}
/// A layout may extend another without adding fields: an extension's class that only has methods.
fn same_fields(class: Gc<Class>, base: Gc<Class>) -> bool {
    std::ptr::eq(class.layout, base.layout)
        || class.layout.parent.is_some_and(|parent| std::ptr::eq(parent, base.layout))
            && class.layout.size == base.layout.size
            && class.layout.drop.is_some() == base.layout.drop.is_some()
            && class.tail_payload() == base.tail_payload()
            && class.flags.has(class::HEAP_TYPE)
}
fn member_bytes(class: Gc<Class>) -> u32 {
    let ext = if class.ext_offset.load(Ordering::Relaxed) != 0 { 8 } else { 0 };
    // Native classes may have their extension inside the layout: only differences between classes count.
    class.inline_start.load(Ordering::Relaxed).wrapping_sub(class.layout.size as u32).wrapping_sub(ext)
}

/// What `__slots__` asks for.
struct SlotsRequest {
    members: Vec<Gc<Str>>,
    dict: bool,
    weakref: bool,
}

/// `type.__new__(meta, name, bases, namespace, **kwargs)`.
pub fn type_new(
    meta: Gc<Class>,
    name: Gc<Str>,
    bases: Gc<Tuple>,
    namespace: Gc<Dict>,
    kwargs: &[(Gc<Str>, Value)],
) -> R<Gc<Class>> {
    let mut base_values = GcVec::from_slice(bases.items());
    if base_values.is_empty() {
        base_values.push(Object::class().value());
    } else {
        for base in &base_values {
            if base.cast::<Class>().is_none() && crate::lookup::type_has(*base, interned!("__mro_entries__")) {
                return Err(type_error!("type() doesn't support MRO entry resolution; use types.new_class()"));
            }
        }
    }
    let winner = calculate_metaclass(meta, &base_values)?;
    if winner != meta && winner.slots.new.get().map(|f| f as usize) != meta.slots.new.get().map(|f| f as usize) {
        let result = call::call_kw_new(winner, &[name.value(), bases.value(), namespace.value()], kwargs)?;
        return result.cast::<Class>().ok_or_else(|| type_error!("metaclass returned a non-type"));
    }
    let meta = winner;
    if crate::convert::utf8(name)?.contains('\0') {
        return Err(value_error!("type name must not contain null characters"));
    }
    let bases = if bases.is_empty() { new_tuple(&base_values) } else { bases };
    let base = best_base(&base_values)?;
    let namespace = dict::dict_copy(namespace)?;
    let request = slots_request(name, base, &base_values, namespace)?;
    // Instances of a metaclass made by a program are larger.
    let class = alloc_class_for(meta, base.layout);
    // Metaclasses whose instances have attributes of their own keep them in the class namespace like `type` does.
    class.flags.add(class::HEAP_TYPE | class::BASE_TYPE);
    // Only its own functions fill a layout whose class programs may not make instances of.
    class.flags.add(base.flags.bits() & (INHERITED_FLAGS | class::NO_NEW));
    class.name.set(crate::intern::intern_str(name).value());
    class.bases.set(bases.value());
    class.base.set(base.value());
    class.dict.set(namespace.value());
    let with_dict = request.dict
        || base.flags.has(class::HAS_DICT)
        || base_values.iter().any(|base| base.cast::<Class>().is_some_and(|base| base.flags.has(class::HAS_DICT)));
    if request.weakref
        || base_values.iter().any(|base| base.cast::<Class>().is_some_and(|base| base.flags.has(class::HAS_WEAKREF)))
    {
        class.flags.add(class::HAS_WEAKREF);
    }
    let count = request.members.len() as u32;
    lay_out(class, Some(base), count, with_dict);
    let inherited = base.inline_count.load(Ordering::Relaxed);
    crate::shape::reserve_inline(class, inherited.max(attributes_of_init(namespace)));
    set_default_attributes(class, name, namespace)?;
    let class_cell = dict::dict_remove_str(namespace, interned!("__classcell__"))?;
    if let Some(cell) = class_cell {
        match cell.cast::<crate::function::CellObject>() {
            Some(cell) => cell.content.set(class.value()),
            None => {
                return Err(type_error!(
                    "type __classcell__ must be a cell, not {}",
                    crate::protocol::repr_lossy(class_of(cell).value())
                ));
            }
        }
    }
    if let Some(cell) = dict::dict_remove_str(namespace, interned!("__classdictcell__"))?
        && let Some(cell) = cell.cast::<crate::function::CellObject>()
    {
        cell.content.set(namespace.value());
    }
    let start = members_start(class, count);
    for (index, member) in request.members.iter().enumerate() {
        let descriptor = descr::new_member_descriptor(class, *member, start + index as u32 * 8);
        dict::dict_set_str(namespace, crate::intern::intern_str(*member), descriptor)?;
    }
    add_dict_and_weakref_descriptors(class, base, &request)?;
    let order = compute_mro(class)?;
    // None yet for who asks inside of the metaclass's `mro()`.
    class.mro.set(new_tuple(&[]).value());
    let order = own_mro(class, meta)?.unwrap_or(order);
    class.mro.set(order.value());
    inherit_pattern_kind(class);
    // SAFETY: checked to be classes by `best_base`.
    let base_of = |base: &Value| unsafe { base.cast_unchecked::<Class>() };
    let versions = || base_values.iter().fold(0u64, |sum, base| sum + u64::from(base_of(base).version.load(Ordering::SeqCst)));
    let before = versions();
    update_all_slots(class);
    class.version.store(next_version(), Ordering::Release);
    for base in &base_values {
        add_subclass(base_of(base), class);
    }
    // Versions only go up. What changed a base before the class was in its list did not tell the class.
    if versions() != before {
        update_all_slots(class);
        class.version.store(next_version(), Ordering::Release);
    }
    call_set_names(class, namespace)?;
    call_init_subclass(class, kwargs)?;
    Ok(class)
}

/// Patterns take a class for what the first class of its MRO is that is a sequence or a mapping.
fn inherit_pattern_kind(class: Gc<Class>) {
    const KINDS: u32 = class::SEQUENCE | class::MAPPING;
    let order = class.mro();
    let bases = order.items().iter().skip(1).filter_map(|entry| entry.cast::<Class>());
    let first = bases.map(|base| base.flags.bits() & KINDS).find(|kinds| *kinds != 0).unwrap_or(0);
    class.flags.remove(KINDS & !first);
    class.flags.add(first);
}

/// Lets a metaclass that overrides `mro()` decide.
pub(crate) fn custom_mro(class: Gc<Class>, meta: Gc<Class>) -> R<()> {
    if let Some(order) = own_mro(class, meta)? {
        class.mro.set(order.value());
    }
    Ok(())
}

/// What the metaclass's `mro()` says, if it has one of its own.
fn own_mro(class: Gc<Class>, meta: Gc<Class>) -> R<Option<Gc<Tuple>>> {
    let own = crate::lookup::type_lookup(meta, interned!("mro"));
    if meta == Class::class() || own == crate::lookup::type_lookup(Class::class(), interned!("mro")) {
        return Ok(None);
    }
    let result = call::call_method(class.value(), interned!("mro"), &[])?;
    let entries = crate::protocol::to_vec(result)?;
    for entry in &entries {
        let Some(entry) = entry.cast::<Class>() else {
            return Err(type_error!("mro() returned a non-class ('{}')", class_name(*entry)));
        };
        if !solid_base(class).is_subclass_of(solid_base(entry)) {
            return Err(type_error!("mro() returned base with unsuitable layout ('{}')", entry.name_text()));
        }
    }
    watch_foreign(class, &entries)?;
    Ok(Some(new_tuple(&entries)))
}

/// Classes in an order of `mro()` that are no bases: what changes in them changes for the class.
fn watch_foreign(class: Gc<Class>, order: &[Value]) -> R<()> {
    let known = compute_mro(class)?;
    for entry in order.iter().filter(|entry| !known.items().contains(entry)) {
        let Some(entry) = entry.cast::<Class>() else { continue };
        if !class::live_subclasses(entry).contains(&class) {
            add_subclass(entry, class);
        }
    }
    Ok(())
}

fn set_default_attributes(class: Gc<Class>, name: Gc<Str>, namespace: Gc<Dict>) -> R<()> {
    match dict::dict_remove_str(namespace, interned!("__qualname__"))? {
        Some(qualname) => match qualname.cast::<Str>() {
            Some(_) => class.qualname.set(qualname),
            None => return Err(type_error!("type __qualname__ must be a str, not {}", class_name(qualname))),
        },
        None => class.qualname.set(name.value()),
    }
    if dict::dict_get_str(namespace, interned!("__module__")).is_none()
        && let Some(globals) = crate::frame::current_globals()
        && let Some(module) = dict::dict_get_str(globals, interned!("__name__"))
    {
        dict::dict_set_str(namespace, interned!("__module__"), module)?;
    }
    match dict::dict_get_str(namespace, interned!("__doc__")) {
        Some(doc) => {
            doc.cast::<Str>().map(crate::convert::utf8).transpose()?;
        }
        None => dict::dict_set_str(namespace, interned!("__doc__"), Value::none())?,
    }
    // Functions with these names are static or class methods without being told.
    if let Some(function) = dict::dict_get_str(namespace, interned!("__new__"))
        && function.cast_exact::<crate::function::Function>().is_some()
    {
        let wrapped = crate::layout::new_native(descr::StaticMethod { header: Header::blank(), callable: Slot::new(function) });
        dict::dict_set_str(namespace, interned!("__new__"), wrapped.value())?;
    }
    for name in [interned_init_subclass(), interned_class_getitem()] {
        if let Some(function) = dict::dict_get_str(namespace, name)
            && function.cast_exact::<crate::function::Function>().is_some()
        {
            let wrapped =
                crate::layout::new_native(descr::ClassMethod { header: Header::blank(), callable: Slot::new(function) });
            dict::dict_set_str(namespace, name, wrapped.value())?;
        }
    }
    let defines_eq = dict::dict_get_str(namespace, interned!("__eq__")).is_some();
    if defines_eq && dict::dict_get_str(namespace, interned!("__hash__")).is_none() {
        dict::dict_set_str(namespace, interned!("__hash__"), Value::none())?;
    }
    Ok(())
}
fn interned_init_subclass() -> Gc<Str> {
    interned!("__init_subclass__")
}
fn interned_class_getitem() -> Gc<Str> {
    interned!("__class_getitem__")
}

fn slots_request(class_name_text: Gc<Str>, base: Gc<Class>, bases: &[Value], namespace: Gc<Dict>) -> R<SlotsRequest> {
    let base_has_dict = base.flags.has(class::HAS_DICT);
    let base_has_weakref = base.flags.has(class::HAS_WEAKREF);
    let Some(declared) = dict::dict_get_str(namespace, interned!("__slots__")) else {
        return Ok(SlotsRequest { members: Vec::new(), dict: true, weakref: true });
    };
    let entries =
        if declared.cast::<Str>().is_some() { GcVec::from_slice(&[declared]) } else { crate::protocol::to_vec(declared)? };
    if !entries.is_empty() && base.has_tail() && (base.tail_payload() != 0 || !std::ptr::eq(base.layout, Str::DESC)) {
        return Err(type_error!("nonempty __slots__ not supported for subtype of '{}'", base.name_text()));
    }
    let mut request = SlotsRequest { members: Vec::new(), dict: false, weakref: false };
    for entry in entries {
        let Some(text) = entry.cast::<Str>() else {
            return Err(type_error!("__slots__ items must be strings, not '{}'", class_name(entry)));
        };
        let shown = text.to_string_lossy();
        if !is_identifier(&shown) {
            return Err(type_error!("__slots__ must be identifiers"));
        }
        match shown.as_str() {
            "__dict__" => {
                if base_has_dict || request.dict {
                    return Err(type_error!("__dict__ slot disallowed: we already got one"));
                }
                request.dict = true;
            }
            "__weakref__" => {
                if base_has_weakref || request.weakref {
                    return Err(type_error!("__weakref__ slot disallowed: we already got one"));
                }
                request.weakref = true;
            }
            _ => {
                let member = mangle(&class_name_text.to_string_lossy(), &shown);
                let member = crate::intern::intern(&member);
                let special = matches!(shown.as_str(), "__qualname__" | "__classcell__" | "__classdictcell__");
                if !special && dict::dict_get_str(namespace, member).is_some() {
                    return Err(value_error!("'{}' in __slots__ conflicts with class variable", member.to_string_lossy()));
                }
                if !request.members.contains(&member) {
                    request.members.push(member);
                }
            }
        }
    }
    request.members.sort_by(|a, b| crate::str::str_cmp(a, b));
    // A second base may bring a dict or weak references even where this class asks for none.
    for other in bases.iter().filter_map(|base| base.cast::<Class>()) {
        if other != base {
            request.dict |= other.flags.has(class::HAS_DICT);
            request.weakref |= other.flags.has(class::HAS_WEAKREF);
        }
    }
    Ok(request)
}

fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if first == '_' || unicode_tables::is_xid_start(first as u32) => {}
        _ => return false,
    }
    chars.all(|c| unicode_tables::is_xid_continue(c as u32))
}

/// Private name mangling: `__x` in class `C` is `_C__x`.
pub fn mangle(class: &str, name: &str) -> String {
    if !name.starts_with("__") || name.ends_with("__") || name.contains('.') {
        return name.to_owned();
    }
    let stripped = class.trim_start_matches('_');
    if stripped.is_empty() { name.to_owned() } else { format!("_{stripped}{name}") }
}

/// `__dict__` and `__weakref__` descriptors, where this class is the first to have them.
fn add_dict_and_weakref_descriptors(class: Gc<Class>, base: Gc<Class>, request: &SlotsRequest) -> R<()> {
    let namespace = class.dict();
    // Classes of classes have what `type` has: the `__dict__` of a class is its namespace.
    if std::ptr::eq(class.layout, Class::DESC) {
        return Ok(());
    }
    if request.dict && !base.flags.has(class::HAS_DICT) {
        let descriptor = descr::new_getset_descriptor(class, &crate::attributes::DICT_GETSET);
        if dict::dict_get_str(namespace, interned!("__dict__")).is_none() {
            dict::dict_set_str(namespace, interned!("__dict__"), descriptor)?;
        }
    }
    if request.weakref && !base.flags.has(class::HAS_WEAKREF) && dict::dict_get_str(namespace, interned!("__weakref__")).is_none()
    {
        let descriptor = descr::new_getset_descriptor(class, &crate::attributes::WEAKREF_GETSET);
        dict::dict_set_str(namespace, interned!("__weakref__"), descriptor)?;
    }
    Ok(())
}

pub(crate) fn call_set_names(class: Gc<Class>, namespace: Gc<Dict>) -> R<()> {
    for (name, value) in dict::dict_items(namespace) {
        if name.cast::<Str>().is_none() {
            let message = format!("non-string key in the __dict__ of class {}", class.name_text());
            crate::warnings::warn(&crate::exception::RUNTIME_WARNING, &message, 1)?;
        }
        let Some(hook) = crate::lookup::lookup_special(value, interned!("__set_name__"))? else { continue };
        if let Err(raised) = hook.call(&[class.value(), name]) {
            let exception = raised.take();
            let note = format!(
                "Error calling __set_name__ on '{}' instance {} in '{}'",
                class_name(value),
                crate::protocol::repr_lossy(name),
                class.name_text()
            );
            crate::attributes::add_note(exception, &note)?;
            return Err(crate::error::restore(exception));
        }
    }
    Ok(())
}

pub(crate) fn call_init_subclass(class: Gc<Class>, kwargs: &[(Gc<Str>, Value)]) -> R<()> {
    // `super(class, class).__init_subclass__(**kwargs)`
    if !class.mro().items().contains(&class.value()) {
        let name = class.name_text();
        return Err(type_error!("super(type, obj): obj (type {name}) is not an instance or subtype of type ({name})."));
    }
    for entry in class.mro().items().iter().skip(1) {
        // SAFETY: an MRO is a tuple of classes.
        let owner = unsafe { entry.cast_unchecked::<Class>() };
        let Some(found) = dict::dict_get_str(owner.dict(), interned_init_subclass()) else { continue };
        let bound = match class_of(found).slots.descr_get.get() {
            Some(get) => get(found, Some(class.value()), Some(class.value()))?,
            None => found,
        };
        call::call_kw(bound, &[], kwargs)?;
        return Ok(());
    }
    Ok(())
}

/// A plain instance of `class` without running `__init__` (what `object.__new__` makes).
pub fn new_instance(class: Gc<Class>) -> Value {
    // SAFETY: a fresh instance.
    unsafe { Value::from_ptr(alloc_instance(class)) }
}

/// `class.__bases__ = bases`.
pub fn assign_bases(class: Gc<Class>, bases: Gc<Tuple>) -> R<()> {
    if bases.items().is_empty() {
        return Err(type_error!("can only assign non-empty tuple to {}.__bases__, not ()", class.name_text()));
    }
    for base in bases.items() {
        let Some(base) = base.cast::<Class>() else {
            return Err(type_error!("{}.__bases__ must be tuple of classes, not '{}'", class.name_text(), class_name(*base)));
        };
        // While a metaclass's `mro()` runs, only the chain of bases tells.
        if base.is_subclass_of(class) || std::iter::successors(Some(base), |base| base.base()).any(|base| base == class) {
            return Err(type_error!("a __bases__ item causes an inheritance cycle"));
        }
    }
    let base = best_base(bases.items())?;
    let old_base = class.base().unwrap_or(base);
    if !std::ptr::eq(solid_base(base).layout, solid_base(old_base).layout) || member_bytes(base) != member_bytes(old_base) {
        return Err(type_error!(
            "__bases__ assignment: '{}' object layout differs from '{}'",
            base.name_text(),
            old_base.name_text()
        ));
    }
    let old_bases = class.bases();
    class.bases.set(bases.value());
    class.base.set(base.value());
    let mut changed: GcVec<(Value, Value)> = GcVec::new();
    let outcome = renew_mro(class, &mut changed);
    // A metaclass's `mro()` may have assigned bases itself: then that is what holds.
    let still_ours = class.bases.get() == Some(bases.value());
    if let Err(raised) = outcome {
        for (changed, old) in changed.into_iter().rev() {
            // SAFETY: `renew_mro` notes classes.
            unsafe { changed.cast_unchecked::<Class>() }.mro.set(old);
        }
        if still_ours {
            class.bases.set(old_bases.value());
            class.base.set(old_base.value());
        }
        return Err(raised);
    }
    if !still_ours {
        return Ok(());
    }
    for old in old_bases.items() {
        // SAFETY: bases are classes.
        remove_subclass(unsafe { old.cast_unchecked() }, class);
    }
    for new in bases.items() {
        // SAFETY: checked above.
        add_subclass(unsafe { new.cast_unchecked() }, class);
    }
    for class in class::with_subclasses(class).iter() {
        update_all_slots(*class);
    }
    class_modified(class);
    fence(Ordering::SeqCst);
    if is_remembered(class, u64::MAX) {
        crate::code::flush_attribute_caches();
    }
    Ok(())
}

/// The MRO of a class with new bases and of the classes below it; notes what they were.
fn renew_mro(class: Gc<Class>, changed: &mut GcVec<(Value, Value)>) -> R<()> {
    let _guard = crate::thread::enter_recursion()?;
    let old = class.mro();
    let fresh = match own_mro(class, class_of(class.value()))? {
        Some(order) => order,
        None => compute_mro(class)?,
    };
    if class.mro() != old {
        // Asking for the order has set it meanwhile.
        return Ok(());
    }
    changed.push((class.value(), old.value()));
    class.mro.set(fresh.value());
    for subclass in class::live_subclasses(class) {
        renew_mro(subclass, changed)?;
    }
    Ok(())
}
