//! The classes of nodes: `AST` is native, the others are made from the table when the module is imported.

use super::table::{Attributes, BASES, Base, Field, KIND_COUNT, Kind, Quantity, Row};
use objects::class_new::{new_instance, type_new};
use objects::dict::{dict_contains, dict_get, dict_get_str, dict_items, dict_set, dict_set_str};
use objects::making::Making;
use objects::{
    Args, Cast, Class, DeriveLayout, Gc, GcVec, Header, Kwargs, Layout, List, R, Slot, Str, Tuple, Value, class_of, get_attr,
    get_attr_opt, intern, interned, native_class, new_dict, new_object, new_str, new_tuple, set_attr, type_error,
};

#[derive(DeriveLayout)]
#[repr(C)]
pub struct Ast {
    header: Header,
}

/// Classes by kind, instances of those without fields, and the abstract classes, once made.
static CLASSES: [Slot; KIND_COUNT] = [const { Slot::empty() }; KIND_COUNT];
static SINGLETONS: [Slot; KIND_COUNT] = [const { Slot::empty() }; KIND_COUNT];
static BASE_CLASSES: [Slot; 16] = [const { Slot::empty() }; 16];
static MAKING: Making = Making::new();

fn keep(slot: &Slot, value: Value) {
    objects::roots::keep_forever(value);
    slot.set(value);
}

/// The class of a kind. The classes must have been made.
pub fn class_of_kind(kind: Kind) -> Gc<Class> {
    // SAFETY: filled by `ensure_made`, which every entry calls first.
    unsafe { CLASSES[kind as usize].get().unwrap_unchecked().cast_unchecked() }
}
/// The shared instance of a class without fields.
pub fn singleton(kind: Kind) -> Value {
    SINGLETONS[kind as usize].get().unwrap_or(Value::none())
}
/// The abstract class of that name.
pub fn base_class(name: &str) -> Option<Gc<Class>> {
    let index = BASES.iter().position(|base| base.name == name)?;
    BASE_CLASSES[index].get()?.cast::<Class>()
}
/// The kind of a node, subclasses included.
pub fn kind_of(value: Value, kinds: impl Iterator<Item = Kind>) -> Option<Kind> {
    let class = class_of(value);
    let mut kinds = kinds;
    kinds.find(|kind| class.is_subclass_of(class_of_kind(*kind)))
}
pub fn rows() -> impl Iterator<Item = &'static Row> {
    BASES.iter().flat_map(|base| base.children)
}

/// Makes all classes, unless that was done.
pub fn ensure_made() -> R<()> {
    MAKING.once(make)
}

fn make() -> R<()> {
    let root = objects::class_new::native_class(Ast::CLASS_DEF)?;
    let empty = new_tuple(&[]).value();
    for name in ["_fields", "_attributes", "__match_args__"] {
        dict_set_str(root.dict(), intern(name), empty)?;
    }
    objects::class::class_modified(root);
    for (index, base) in BASES.iter().enumerate() {
        let parent = make_base(root, base)?;
        keep(&BASE_CLASSES[index], parent.value());
        for row in base.children {
            let class = make_class(parent, base, row)?;
            keep(&CLASSES[row.kind as usize], class.value());
            if row.fields.is_empty() {
                keep(&SINGLETONS[row.kind as usize], new_instance(class));
            }
        }
    }
    for row in rows() {
        set_field_types(row)?;
    }
    Ok(())
}

fn names(items: impl Iterator<Item = &'static str>) -> Value {
    let names: GcVec = items.map(|name| intern(name).value()).collect();
    new_tuple(&names).value()
}
const POSITION: [&str; 4] = ["lineno", "col_offset", "end_lineno", "end_col_offset"];

fn attributes(namespace: Gc<objects::Dict>, attributes: Attributes) -> R<()> {
    if attributes == Attributes::None {
        return dict_set_str(namespace, interned!("_attributes"), new_tuple(&[]).value());
    }
    dict_set_str(namespace, interned!("_attributes"), names(POSITION.into_iter()))?;
    if attributes == Attributes::Start {
        dict_set_str(namespace, interned!("end_lineno"), Value::none())?;
        dict_set_str(namespace, interned!("end_col_offset"), Value::none())?;
    }
    Ok(())
}

fn new_namespace(doc: &str) -> R<Gc<objects::Dict>> {
    let namespace = new_dict();
    dict_set_str(namespace, interned!("__module__"), new_str("ast"))?;
    dict_set_str(namespace, interned!("__doc__"), new_str(doc))?;
    Ok(namespace)
}

fn make_base(root: Gc<Class>, base: &Base) -> R<Gc<Class>> {
    if base.name == "AST" {
        return Ok(root);
    }
    let rows: Vec<String> = base.children.iter().map(Row::doc).collect();
    let is_plain = base.children.iter().all(|row| row.fields.is_empty());
    let gap = if is_plain { " | ".to_owned() } else { format!("\n{}| ", " ".repeat(base.name.len() + 1)) };
    let namespace = new_namespace(&format!("{} = {}", base.name, rows.join(&gap)))?;
    dict_set_str(namespace, interned!("_fields"), new_tuple(&[]).value())?;
    dict_set_str(namespace, interned!("__match_args__"), new_tuple(&[]).value())?;
    attributes(namespace, base.attributes)?;
    type_new(Class::class(), intern(base.name), new_tuple(&[root.value()]), namespace, &[])
}

fn make_class(parent: Gc<Class>, base: &Base, row: &Row) -> R<Gc<Class>> {
    let namespace = new_namespace(&row.doc())?;
    let fields = names(row.fields().map(|field| field.name));
    dict_set_str(namespace, interned!("_fields"), fields)?;
    dict_set_str(namespace, interned!("__match_args__"), fields)?;
    for field in row.fields().filter(|field| field.quantity == Quantity::Optional) {
        dict_set_str(namespace, intern(field.name), Value::none())?;
    }
    if base.name == "AST" {
        attributes(namespace, base.attributes)?;
    }
    type_new(Class::class(), intern(row.name), new_tuple(&[parent.value()]), namespace, &[])
}

fn type_of_field(field: &Field) -> R {
    let class = match field.type_name {
        "identifier" | "string" => Str::class(),
        "int" => objects::int::IntObject::class(),
        "constant" => objects::classes::object(),
        name => match base_class(name).filter(|_| name != "AST") {
            Some(class) => class,
            None => match rows().find(|row| row.name == name) {
                Some(row) => class_of_kind(row.kind),
                None => return Err(objects::system_error!("unknown type {name} of an AST field")),
            },
        },
    };
    match field.quantity {
        Quantity::One => Ok(class.value()),
        Quantity::Optional => objects::binary_op(objects::BinaryOp::Or, class.value(), Value::none()),
        Quantity::Many | Quantity::ManyOptional => objects::door::generic_alias(List::class().value(), class.value()),
    }
}

fn set_field_types(row: &Row) -> R<()> {
    let (types, notes) = (new_dict(), new_dict());
    for field in row.fields() {
        let field_type = type_of_field(&field)?;
        dict_set_str(types, intern(field.name), field_type)?;
        dict_set_str(notes, intern(field.name), field_type)?;
    }
    let class = class_of_kind(row.kind).value();
    set_attr(class, interned!("_field_types"), types.value())?;
    set_attr(class, interned!("__annotations__"), notes.value())
}

/// `Name`, and `ast.AST` for the class that is native.
fn shown_name(class: Gc<Class>) -> String {
    if class == Ast::class() { "ast.AST".to_owned() } else { class.name_text() }
}

/// The strings of a tuple attribute of the class.
fn class_names(class: Gc<Class>, name: &str) -> R<Gc<Tuple>> {
    objects::tuple::tuple_from_iterable(get_attr(class.value(), intern(name))?)
}

fn is_union(value: Value) -> bool {
    class_of(value).name_text() == "Union"
}
fn is_list_alias(value: Value) -> bool {
    class_of(value).name_text() == "GenericAlias"
}

#[native_class(name = "ast.AST", base = object, flags = "mutable dict")]
impl Ast {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        Ok(new_object(cls, Ast { header: Header::blank() }).value())
    }
    #[sig("(*args, **kwargs)")]
    fn __init__(this: Gc<Ast>, args: &[Value], kwargs: Kwargs) -> R<()> {
        let (node, class) = (this.value(), class_of(this.value()));
        let fields = class_names(class, "_fields")?;
        let mut remaining: GcVec = GcVec::from_slice(fields.items());
        if args.len() > fields.len() {
            let ending = if fields.len() == 1 { "" } else { "s" };
            return Err(type_error!(
                "{} constructor takes at most {} positional argument{ending}",
                class.name_text(),
                fields.len()
            ));
        }
        for (field, value) in fields.items().iter().zip(args) {
            set_attr(node, objects::lookup::attribute_name(*field)?, *value)?;
        }
        if args.len() <= remaining.len() {
            remaining = GcVec::from_slice(&fields.items()[args.len()..]);
        }
        for (name, value) in kwargs.iter() {
            if objects::contains(fields.value(), name.value())? {
                let before = remaining.len();
                remaining.retain(|field| field.cast::<Str>().is_none_or(|field| !objects::str::str_eq(&field, &name)));
                if remaining.len() == before {
                    let shown = objects::repr(name.value())?.to_string_lossy();
                    return Err(type_error!("{} got multiple values for argument {shown}", shown_name(class)));
                }
            } else if !objects::contains(class_names(class, "_attributes")?.value(), name.value())? {
                let shown = objects::repr(name.value())?.to_string_lossy();
                objects::warnings::deprecation(&format!(
                    "{}.__init__ got an unexpected keyword argument {shown}. Support for arbitrary keyword arguments is deprecated and will be removed in Python 3.15.",
                    shown_name(class)
                ))?;
            }
            set_attr(node, name, value)?;
        }
        fill_remaining(node, class, &remaining)
    }
    fn __reduce__(this: Gc<Ast>) -> R {
        let class = class_of(this.value());
        let dict = get_attr_opt(this.value(), interned!("__dict__"))?.and_then(|dict| dict.cast::<objects::Dict>());
        let Some(dict) = dict else {
            return Ok(new_tuple(&[class.value(), new_tuple(&[]).value()]).value());
        };
        let mut positional: GcVec = GcVec::new();
        for field in class_names(class, "_fields")?.items() {
            if !dict_contains(dict, *field)? {
                break;
            }
            positional.push(Value::none());
        }
        Ok(new_tuple(&[class.value(), new_tuple(&positional).value(), dict.value()]).value())
    }
    /// A copy of the node in which the given fields are replaced.
    fn __replace__(this: Gc<Ast>, args: Args) -> R {
        if !args.positional().is_empty() {
            return Err(type_error!("__replace__() takes no positional arguments"));
        }
        replace(this.value(), Kwargs::all(args))
    }
    fn __repr__(this: Gc<Ast>) -> R {
        repr_to_depth(this.value(), 3).map(|text| text.value())
    }
}

/// Gives fields that were not passed their defaults, or warns.
fn fill_remaining(node: Value, class: Gc<Class>, remaining: &[Value]) -> R<()> {
    if remaining.is_empty() {
        return Ok(());
    }
    let Some(types) = get_attr_opt(class.value(), interned!("_field_types"))?.and_then(|types| types.cast::<objects::Dict>())
    else {
        return Ok(());
    };
    for name in remaining {
        let shown = || objects::repr(*name).map(|text| text.to_string_lossy());
        let field_type = dict_get(types, *name)?;
        let name = name.cast::<Str>().unwrap_or(Str::empty());
        match field_type {
            None => objects::warnings::deprecation(&format!(
                "Field {} is missing from {}._field_types. This will become an error in Python 3.15.",
                shown()?,
                shown_name(class)
            ))?,
            Some(field_type) if is_union(field_type) => {}
            Some(field_type) if is_list_alias(field_type) => set_attr(node, name, objects::new_list(&[]).value())?,
            Some(field_type) if base_class("expr_context").is_some_and(|class| class.value() == field_type) => {
                set_attr(node, name, singleton(Kind::Load))?;
            }
            Some(_) => objects::warnings::deprecation(&format!(
                "{}.__init__ missing 1 required positional argument: {}. This will become an error in Python 3.15.",
                shown_name(class),
                shown()?
            ))?,
        }
    }
    Ok(())
}

fn replace(node: Value, changes: Kwargs) -> R {
    let class = class_of(node);
    let (fields, attributes) = (class_names(class, "_fields")?, class_names(class, "_attributes")?);
    let known = |name: Value| {
        Ok::<bool, objects::Raised>(objects::contains(fields.value(), name)? || objects::contains(attributes.value(), name)?)
    };
    let dict = get_attr_opt(node, interned!("__dict__"))?.and_then(|dict| dict.cast::<objects::Dict>());
    let payload = new_dict();
    if let Some(dict) = dict {
        for (name, value) in dict_items(dict) {
            if known(name)? {
                dict_set(payload, name, value)?;
            }
        }
    }
    for (name, value) in changes.iter() {
        if !known(name.value())? {
            return Err(type_error!(
                "{}.__replace__ got an unexpected keyword argument '{}'.",
                shown_name(class),
                name.to_string_lossy()
            ));
        }
        dict_set(payload, name.value(), value)?;
    }
    let types = get_attr_opt(class.value(), interned!("_field_types"))?.and_then(|types| types.cast::<objects::Dict>());
    let mut missing = Vec::new();
    for field in fields.items() {
        let Some(name) = field.cast::<Str>() else { continue };
        let is_optional = types.and_then(|types| dict_get_str(types, name)).is_some_and(is_union);
        if !is_optional && !dict_contains(payload, *field)? {
            missing.push(objects::repr(*field)?.to_string_lossy());
        }
    }
    if !missing.is_empty() {
        missing.sort();
        let ending = if missing.len() == 1 { "" } else { "s" };
        return Err(type_error!(
            "{}.__replace__ missing {} keyword argument{ending}: {}.",
            shown_name(class),
            missing.len(),
            missing.join(", ")
        ));
    }
    let pairs: GcVec<(Gc<Str>, Value)> =
        dict_items(payload).iter().filter_map(|(name, value)| Some((name.cast::<Str>()?, *value))).collect();
    objects::call_kw(class.value(), &[], &pairs)
}

fn repr_to_depth(node: Value, depth: u32) -> R<Gc<Str>> {
    let class = class_of(node);
    let name = shown_name(class);
    let fields = class_names(class, "_fields")?;
    if depth == 0 {
        return Ok(Str::new(&format!("{}(...)", class.name_text())));
    }
    let _guard = objects::thread::enter_recursion_in(" during  ast repr")?;
    let mut pieces: GcVec<Gc<Str>> = GcVec::new();
    pieces.push(Str::new(&format!("{name}(")));
    for (index, field) in fields.items().iter().enumerate() {
        let field = objects::lookup::attribute_name(*field)?;
        let value = get_attr(node, field)?;
        if index > 0 {
            pieces.push(Str::new(", "));
        }
        pieces.push(field);
        pieces.push(Str::new("="));
        pieces.push(repr_field(value, depth)?);
    }
    pieces.push(Str::new(")"));
    objects::str::str_concat_all(&pieces)
}

fn repr_item(value: Value, depth: u32) -> R<Gc<Str>> {
    if value.cast::<Ast>().is_some() { repr_to_depth(value, depth - 1) } else { objects::repr(value) }
}
fn repr_field(value: Value, depth: u32) -> R<Gc<Str>> {
    let (items, open, close) = match (value.cast_exact::<List>(), value.cast_exact::<Tuple>()) {
        (Some(list), _) => (objects::list::list_snapshot(list), "[", "]"),
        (_, Some(tuple)) => (GcVec::from_slice(tuple.items()), "(", ")"),
        _ => return repr_item(value, depth),
    };
    let mut pieces: GcVec<Gc<Str>> = GcVec::new();
    pieces.push(Str::new(open));
    for (index, item) in items.iter().enumerate() {
        if items.len() > 2 && index > 0 && index + 1 < items.len() {
            if index == 1 {
                pieces.push(Str::new(", ..."));
            }
            continue;
        }
        if index > 0 {
            pieces.push(Str::new(", "));
        }
        pieces.push(repr_item(*item, depth)?);
    }
    pieces.push(Str::new(close));
    objects::str::str_concat_all(&pieces)
}

/// Enters all classes in the module.
pub fn fill_module(module: Value) -> R<()> {
    ensure_made()?;
    let add = |name: &str, class: Value| set_attr(module, intern(name), class);
    add("AST", Ast::class().value())?;
    for base in BASES.iter().filter(|base| base.name != "AST") {
        if let Some(class) = base_class(base.name) {
            add(base.name, class.value())?;
        }
    }
    for row in rows() {
        add(row.name, class_of_kind(row.kind).value())?;
    }
    Ok(())
}
