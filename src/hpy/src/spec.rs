//! `HPyType_FromSpec`: from a specification to a class. The specification belongs to the extension and is only read.
//!
//! Must not know: how C functions are entered.

use crate::abi::{self, Def, MethDef, TypeSpec, TypeSpecParam};
use crate::api::{bytes_of, lossy};
use crate::enter::{self, Target};
use crate::instance::{self, ExtLayout, Request, ext_of};
use crate::layer::Layer;
use crate::members;
use crate::slots::{self, SLOTS};
use objects::class_new::Object;
use objects::extension::{self, ExtensionClass};
use objects::layout::{Layout, LayoutDesc};
use objects::native::{FnDef, FnKind, NativeCall, SlotFn};
use objects::{Cast, Class, Dict, Gc, GcVec, R, Tuple, Value, descr, dict, interned, new_str, type_error, value_error};
use std::ffi::{CStr, c_char, c_int, c_void};

/// The definitions of a NULL-terminated array, which may be missing.
///
/// # Safety
/// The array is as the ABI wants it.
pub unsafe fn defines(array: *const *const Def) -> impl Iterator<Item = &'static Def> {
    let mut next = array;
    std::iter::from_fn(move || {
        if next.is_null() {
            return None;
        }
        let def = *next;
        if def.is_null() {
            next = std::ptr::null();
            return None;
        }
        next = next.add(1);
        Some(&*def)
    })
}

/// Text of the extension that lives as long as its library, which is never unloaded.
pub(crate) unsafe fn forever(text: *const c_char) -> &'static str {
    if text.is_null() {
        return "";
    }
    match CStr::from_ptr(text).to_str() {
        Ok(text) => text,
        Err(_) => Box::leak(lossy(text).into_boxed_str()),
    }
}
pub(crate) fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// `name(sig)\n--\n\ndoc` gives (signature, rest).
fn split_doc(doc: &'static str, name: &str) -> (&'static str, &'static str) {
    if let Some(rest) = doc.strip_prefix(name)
        && rest.starts_with('(')
        && let Some((signature, text)) = rest.split_once(")\n--\n\n")
    {
        return (&rest[..signature.len() + 1], text);
    }
    ("", doc)
}

/// A callable's definition around a C function.
pub(crate) fn new_def(
    name: &'static str,
    class: &'static str,
    module: &'static str,
    doc: &'static str,
    kind: FnKind,
    enter: slots::Enter,
    target: &'static Target,
) -> &'static FnDef {
    let (sig, doc) = split_doc(doc, name);
    let enter = enter.through(target.layer);
    Box::leak(Box::new(FnDef {
        name,
        class,
        module,
        doc,
        sig,
        params: &[],
        by_position: (1, 0),
        kind,
        flags: 0,
        call: NativeCall::Extern { enter, data: target as *const Target as usize },
    }))
}

struct Params {
    bases: GcVec,
    metaclass: Option<Gc<Class>>,
}

unsafe fn read_params(params: *const TypeSpecParam, name: &str) -> R<Params> {
    let mut bases = GcVec::new();
    let mut tuple = None;
    let mut metaclass = None;
    let mut several = false;
    let mut next = params;
    while !next.is_null() && (*next).kind != 0 {
        let param = &*next;
        match param.kind {
            abi::PARAM_BASE => bases.push(param.object.value()),
            abi::PARAM_BASES_TUPLE if tuple.is_some() => {
                return Err(type_error!("multiple specifications of HPyType_SpecParam_BasesTuple"));
            }
            abi::PARAM_BASES_TUPLE => tuple = Some(param.object.value()),
            abi::PARAM_METACLASS => {
                several |= metaclass.is_some();
                metaclass = Some(param.object.value());
            }
            _ => return Err(type_error!("unknown HPyType_SpecParam specification for '{name}'")),
        }
        next = next.add(1);
    }
    if let Some(tuple) = tuple {
        if !bases.is_empty() {
            return Err(type_error!("cannot specify both HPyType_SpecParam_Base and HPytype_SpecParam_BasesTuple"));
        }
        match tuple.cast::<Tuple>() {
            Some(tuple) => bases.extend_from_slice(tuple.items()),
            None => return Err(type_error!("bases must be a tuple, not {}", objects::class_name(tuple))),
        }
    }
    if several {
        return Err(value_error!("metaclass was specified multiple times"));
    }
    let metaclass = match metaclass {
        None => None,
        Some(metaclass) => match metaclass.cast::<Class>().filter(|class| class.is_subclass_of(<Class as Layout>::class())) {
            None => {
                return Err(type_error!("Metaclass '{}' is not a subclass of 'type'.", objects::repr_lossy(metaclass)));
            }
            found => found,
        },
    };
    if bases.is_empty() {
        bases.push(Object::class().value());
    }
    Ok(Params { bases, metaclass })
}

fn native_of_shape(shape: c_int) -> R<&'static LayoutDesc> {
    Ok(match shape {
        abi::SHAPE_OBJECT => Object::DESC,
        abi::SHAPE_TYPE => Class::DESC,
        abi::SHAPE_LONG => objects::int::IntObject::DESC,
        abi::SHAPE_FLOAT => objects::float::FloatObject::DESC,
        abi::SHAPE_UNICODE => objects::Str::DESC,
        abi::SHAPE_TUPLE => Tuple::DESC,
        abi::SHAPE_LIST => objects::List::DESC,
        abi::SHAPE_DICT => Dict::DESC,
        abi::SHAPE_LEGACY => {
            return Err(type_error!(
                "legacy types (HPyType_BuiltinShape_Legacy) need CPython's C API, which this runtime does not have"
            ));
        }
        _ => return Err(value_error!("invalid shape: {shape}")),
    })
}

/// Slots, by their kind of content.
struct Slots {
    functions: Vec<(c_int, *const std::ffi::c_void)>,
}
impl Slots {
    fn get(&self, slot: c_int) -> Option<*const std::ffi::c_void> {
        self.functions.iter().find(|(number, _)| *number == slot).map(|(_, function)| *function)
    }
}

/// # Safety
/// `spec` and `params` are as the ABI wants them.
pub unsafe fn type_from_spec(spec: &TypeSpec, params: *const TypeSpecParam, layer: &'static Layer) -> R<Gc<Class>> {
    let full_name = forever(spec.name);
    let params = read_params(params, full_name)?;
    if !spec.legacy_slots.is_null() && spec.shape != abi::SHAPE_LEGACY {
        return Err(type_error!("cannot specify .legacy_slots without setting .builtin_shape=HPyType_BuiltinShape_Legacy"));
    }
    let slots = Slots {
        functions: defines(spec.defines)
            .filter(|def| def.kind == abi::DEF_SLOT)
            .map(|def| (def.body.slot.slot, def.body.slot.function))
            .collect(),
    };
    if spec.basicsize < 0 || spec.itemsize < 0 {
        return Err(objects::system_error!("negative size in the specification of the type '{full_name}'"));
    }
    if spec.flags & abi::TPFLAGS_HAVE_GC != 0 && slots.get(slots::TP_TRAVERSE).is_none() {
        return Err(value_error!("You must provide an HPy_tp_traverse slot if you specify HPy_TPFLAGS_HAVE_GC"));
    }
    let native = native_of_shape(spec.shape)?;
    let has_call = slots.get(slots::TP_CALL).is_some();
    if has_call && spec.itemsize != 0 {
        return Err(type_error!("Cannot use HPy call protocol with var objects"));
    }
    let members = defines(spec.defines).filter(|def| def.kind == abi::DEF_MEMBER);
    let call_member = check_members(spec, members, has_call)?;
    for def in defines(spec.defines).filter(|def| def.kind == abi::DEF_METH) {
        slots::method_enter(def.body.meth.signature)?;
    }
    let (base, metaclass) = extension::solid(params.metaclass.unwrap_or_else(<Class as Layout>::class), &params.bases)?;
    if let Some(given) = params.metaclass
        && given.slots.new.get().map(|new| new as usize) != <Class as Layout>::class().slots.new.get().map(|new| new as usize)
    {
        return Err(type_error!("Metaclasses with custom tp_new are not supported."));
    }
    let struct_size = usize::try_from(spec.basicsize).unwrap_or(0);
    let is_bare = slots.get(slots::TP_TRAVERSE).is_none()
        && slots.get(abi::SLOT_DESTROY).is_none()
        && defines(spec.defines).all(|def| def.kind != abi::DEF_MEMBER)
        && !has_call;
    let struct_size = match room_without_base(base, native, struct_size) {
        Some(size) if is_bare => size,
        _ => check_base(full_name, base, native, struct_size).map(|()| struct_size)?,
    };

    let (module, name) = match full_name.rsplit_once('.') {
        Some((module, name)) => (Some(module), name),
        None => (None, full_name),
    };
    let layout = instance::new_layout(Request {
        base: base.layout,
        struct_size,
        shape: spec.shape,
        traverse: slots.get(slots::TP_TRAVERSE).map(|function| enter::typed(function)),
        destroy: slots.get(abi::SLOT_DESTROY).map(|function| enter::typed(function)),
        has_call,
        call_offset: call_member,
    });

    let namespace = dict::new_dict();
    let class = extension::new_extension_class(
        &ExtensionClass {
            metaclass,
            name,
            bases: &params.bases,
            namespace,
            is_base: spec.flags & abi::TPFLAGS_BASETYPE != 0,
            has_module: module.is_some_and(|module| module != "builtins"),
        },
        base,
        &layout.desc,
        layout.tail_payload(),
    )?;
    if spec.flags & abi::TPFLAGS_HAVE_GC == 0 && is_untracked(base) {
        class.flags.add(objects::class::UNTRACKED);
    }
    let doc =
        if spec.doc.is_null() { Value::none() } else { objects::codec::decode_utf8(bytes_of(spec.doc), "replace")?.value() };
    dict::dict_set_str(namespace, interned!("__doc__"), doc)?;
    if let Some(module) = module {
        dict::dict_set_str(namespace, interned!("__module__"), new_str(module))?;
    }
    let entry = Entry { class, namespace, layer, name, full_name, module: module.unwrap_or("builtins") };
    for row in SLOTS {
        let Some(function) = slots.get(row.slot) else { continue };
        for (dunder, enter) in row.dunders {
            let extra = match row.slot {
                slots::TP_RICHCOMPARE => slots::compare_code(dunder),
                slots::TP_NEW => layout as *const ExtLayout as usize,
                slots::GETBUFFER => {
                    crate::buffers::install();
                    slots.get(slots::RELEASEBUFFER).map_or(0, |function| function as usize)
                }
                _ => 0,
            };
            entry.slot(dunder, *enter, function, extra)?;
        }
    }
    if let Some((unknown, _)) = slots.functions.iter().find(|(number, _)| !SLOTS.iter().any(|row| row.slot == *number)) {
        return Err(objects::system_error!("invalid slot offset {unknown} in the type '{full_name}'"));
    }
    if call_member.is_some() {
        entry.slot("__call__", slots::CALL, std::ptr::null(), 0)?;
    }
    if slots.get(slots::TP_RICHCOMPARE).is_some() && slots.get(slots::TP_HASH).is_none() {
        dict::dict_set_str(namespace, interned!("__hash__"), Value::none())?;
    }
    for def in defines(spec.defines) {
        match def.kind {
            abi::DEF_SLOT => {}
            abi::DEF_METH => entry.method(&def.body.meth)?,
            abi::DEF_MEMBER => entry.attribute(&def.body.member.name, members::new_member(class, &def.body.member, layout)?)?,
            abi::DEF_GETSET => {
                entry.attribute(&def.body.getset.name, members::new_getset(class, &def.body.getset, layer, name)?)?
            }
            kind => return Err(value_error!("unknown kind {kind} of a definition in the type '{full_name}'")),
        }
    }
    objects::class_new::update_all_slots(class);
    objects::class::class_modified(class);
    extension::announce(class)?;
    Ok(class)
}

/// Where definitions of a type go.
struct Entry {
    class: Gc<Class>,
    namespace: Gc<Dict>,
    layer: &'static Layer,
    name: &'static str,
    /// As the specification says it, with the module.
    full_name: &'static str,
    module: &'static str,
}

impl Entry {
    /// `kind`: of callable, as its repr says.
    fn target(&self, function: *const c_void, name: &str, kind: &str, extra: usize) -> &'static Target {
        let owner = if name == "__new__" { self.full_name } else { self.name };
        let shown = format!("<{kind} '{name}' of '{}' objects>", self.full_name);
        Target::leak(function, self.layer, leak(name.to_owned()), leak(format!("{owner}.{name}")), leak(shown), extra)
    }
    /// A special method; one that is there already stays.
    fn slot(&self, dunder: &'static str, enter: slots::Enter, function: *const c_void, extra: usize) -> R<()> {
        let key = objects::intern(dunder);
        if dict::dict_get_str(self.namespace, key).is_some() {
            return Ok(());
        }
        let target = self.target(function, dunder, "slot wrapper", extra);
        let is_new = dunder == "__new__";
        let attribute = match objects::slots::slot_by_name(dunder) {
            Some(id) if !is_new => {
                let function = SlotFn::Extern { enter: enter.through(self.layer), data: target as *const Target as usize };
                descr::new_slot_wrapper(self.class, id, function, "", "")
            }
            _ => {
                let def = new_def(dunder, self.name, self.module, "", FnKind::Function, enter, target);
                descr::new_native_function(def, None, None).value()
            }
        };
        dict::dict_set_str(self.namespace, key, attribute)
    }
    unsafe fn method(&self, meth: &MethDef) -> R<()> {
        let name = forever(meth.name);
        let target = self.target(meth.function, name, "method", 0);
        let enter = slots::method_enter(meth.signature)?;
        let def = new_def(name, self.name, self.module, forever(meth.doc), FnKind::Method, enter, target);
        dict::dict_set_str(self.namespace, objects::intern(name), descr::new_method_descriptor(def, self.class))
    }
    unsafe fn attribute(&self, name: &*const c_char, descriptor: Value) -> R<()> {
        dict::dict_set_str(self.namespace, objects::intern(forever(*name)), descriptor)
    }
}

const CALL_MEMBER: &CStr = c"__vectorcalloffset__";

/// What the members say about the type: there must be a struct for them, and one of them may place the call function.
unsafe fn check_members(spec: &TypeSpec, members: impl Iterator<Item = &'static Def>, has_call: bool) -> R<Option<usize>> {
    let mut call = None;
    for def in members {
        let member = &def.body.member;
        if spec.basicsize == 0 {
            return Err(type_error!("Type claims to have basicsize==0 but defines members"));
        }
        if !member.name.is_null() && CStr::from_ptr(member.name) == CALL_MEMBER {
            call = usize::try_from(member.offset).ok();
        }
        let end = usize::try_from(member.offset).ok().and_then(|offset| offset.checked_add(members::size_of_kind(member.kind)?));
        if end.is_none_or(|end| end > spec.basicsize as usize) {
            return Err(type_error!("member '{}' lies outside of the struct of '{}'", lossy(member.name), lossy(spec.name)));
        }
    }
    if has_call && call.is_some() {
        return Err(type_error!("Cannot have HPy_tp_call and explicit member'__vectorcalloffset__'. Specify just one of them."));
    }
    if let Some(offset) = call
        && offset + size_of::<abi::CallFunction>() > spec.basicsize as usize
    {
        return Err(type_error!("the call function lies outside of the struct of '{}'", lossy(spec.name)));
    }
    Ok(call)
}

/// Whether a type below this one, which says nothing of the collector, counts as one that it has nothing to do with, as in CPython.
fn is_untracked(base: Gc<Class>) -> bool {
    use objects::classes;
    let plain = [classes::object(), classes::int(), classes::float(), classes::str()];
    plain.contains(&base) || base.flags.has(objects::class::UNTRACKED)
}

/// A shape without the base that goes with it: nothing will ever be in the built-in part, but there is room for it, so that the struct is
/// inside of the object wherever it is looked for.
fn room_without_base(base: Gc<Class>, native: &'static LayoutDesc, struct_size: usize) -> Option<usize> {
    let is_object = std::ptr::eq(base.layout, objects::classes::object().layout);
    let is_other = !std::ptr::eq(base.layout, native) && native.tail_end.is_none();
    (struct_size != 0 && is_object && is_other).then(|| native.size.next_multiple_of(16) + struct_size)
}

/// The struct must lie where the type's shape says: right behind the built-in part of the base.
fn check_base(name: &str, base: Gc<Class>, native: &'static LayoutDesc, struct_size: usize) -> R<()> {
    let base_native = ext_of(base.layout).map_or(base.layout, |layout| layout.native);
    if struct_size == 0 {
        return Ok(());
    }
    let has_members = base.inline_start.load(std::sync::atomic::Ordering::Relaxed) as usize
        > base.layout.size + if base.ext_offset.load(std::sync::atomic::Ordering::Relaxed) != 0 { 8 } else { 0 };
    if !std::ptr::eq(base_native, native) || has_members {
        return Err(type_error!(
            "tp_basicsize for type '{name}' ({struct_size}) is too small for base '{}' ({})",
            base.name_text(),
            base.instance_size.load(std::sync::atomic::Ordering::Relaxed)
        ));
    }
    Ok(())
}
