//! `Element`: tag, attributes, texts, children. Must not know: how trees are built from markup.

use super::iteration;
use native_macros::{Layout, native_class};
use objects::containers::ReprScope;
use objects::dict::{self, Dict};
use objects::list::{self, List};
use objects::{
    Args, Bytes, Cast, Class, Gc, GcVec, Header, Layout as _, R, Raised, Slot, Str, Value, attribute_error, call_method,
    class_name, class_of, index_error, interned, new_dict, new_int, new_list, new_native, new_object, new_str, new_tuple,
    runtime_error, type_error, value_error,
};

/// The children are a list of their own, which Python never sees: so its operations are atomic here as they are there.
#[derive(Layout)]
#[repr(C)]
pub struct Element {
    pub header: Header,
    pub tag: Slot,
    attrib: Slot,
    pub text: Slot,
    pub tail: Slot,
    children: Slot,
}

fn blank(tag: Option<Value>, attrib: Option<Value>) -> Element {
    Element {
        header: Header::blank(),
        tag: Slot::new_opt(tag),
        attrib: Slot::new_opt(attrib),
        text: Slot::empty(),
        tail: Slot::empty(),
        children: Slot::empty(),
    }
}

/// An element of the class itself; `attrib` becomes its own.
pub fn make(tag: Value, attrib: Option<Gc<Dict>>) -> Gc<Element> {
    new_native(blank(Some(tag), attrib.map(|attrib| attrib.value())))
}

pub fn or_none(slot: &Slot) -> Value {
    slot.get().unwrap_or(Value::none())
}

/// Fills an empty slot; whoever came first wins.
fn fill(this: Gc<Element>, slot: &Slot, fresh: Value) -> Value {
    let _guard = heap::lock(&this.header);
    match slot.get() {
        Some(known) => known,
        None => {
            slot.set(fresh);
            fresh
        }
    }
}

pub fn children(this: Gc<Element>) -> Option<Gc<List>> {
    this.children.get().and_then(|list| list.cast_exact::<List>())
}
fn children_made(this: Gc<Element>) -> Gc<List> {
    children(this)
        .or_else(|| fill(this, &this.children, new_list(&[]).value()).cast_exact::<List>())
        .unwrap_or_else(|| new_list(&[]))
}
pub fn child(this: Gc<Element>, index: usize) -> Option<Gc<Element>> {
    list::list_get(children(this)?, index as i64)?.cast::<Element>()
}
fn count(this: Gc<Element>) -> usize {
    children(this).map_or(0, |list| list.len())
}
pub fn add(this: Gc<Element>, child: Value) -> R<()> {
    list::list_append(children_made(this), child)
}

fn attributes(this: Gc<Element>) -> Option<Gc<Dict>> {
    this.attrib.get().and_then(|dict| dict.cast::<Dict>())
}
fn attributes_made(this: Gc<Element>) -> Gc<Dict> {
    attributes(this).or_else(|| fill(this, &this.attrib, new_dict().value()).cast::<Dict>()).unwrap_or_else(new_dict)
}

#[cold]
fn no_element(value: Value) -> Raised {
    type_error!("expected an Element, not \"{}\"", class_name(value))
}
fn expect_elements(values: &[Value]) -> R<()> {
    match values.iter().find(|value| value.cast::<Element>().is_none()) {
        Some(other) => Err(no_element(*other)),
        None => Ok(()),
    }
}
/// The words of a parser of arguments that names None.
fn shown(value: Value) -> String {
    if value.is_none() { "None".to_owned() } else { class_name(value) }
}

/// Attributes from a dict given by position (copied) and the keywords; None if there are none.
fn attributes_of(given: Option<Value>, args: Args, function: &str, place: usize) -> R<Option<Gc<Dict>>> {
    let mut base = match given {
        Some(value) => match value.cast::<Dict>() {
            Some(dict) => Some(dict::dict_copy(dict)?),
            None => return Err(type_error!("{function}() argument {place} must be dict, not {}", shown(value))),
        },
        None => None,
    };
    let mut named = None;
    if base.is_none()
        && let Some(value) = args.keyword("attrib")
    {
        let Some(dict) = value.cast::<Dict>() else { return Err(type_error!("attrib must be dict, not {}", class_name(value))) };
        (base, named) = (Some(dict::dict_copy(dict)?), Some("attrib"));
    }
    for (name, value) in args.keywords() {
        if named.is_some_and(|taken| name.cast::<Str>().is_some_and(|name| objects::str::str_is(&name, taken))) {
            continue;
        }
        let target = *base.get_or_insert_with(new_dict);
        dict::dict_set(target, name, value)?;
    }
    Ok(base)
}

pub fn sub_element(args: Args) -> R {
    let given = args.len();
    if given < 2 {
        return Err(type_error!("SubElement() takes at least 2 arguments ({given} given)",));
    }
    if given > 3 {
        return Err(type_error!("SubElement() takes at most 3 arguments ({given} given)"));
    }
    let values = args.positional();
    let Some(parent) = values[0].cast::<Element>() else {
        return Err(type_error!("SubElement() argument 1 must be xml.etree.ElementTree.Element, not {}", shown(values[0])));
    };
    let attrib = attributes_of(args.get(2), args, "SubElement", 3)?;
    let made = make(values[1], attrib);
    add(parent, made.value())?;
    Ok(made.value())
}

/// Whether a tag must be left to ElementPath.
fn is_path(tag: Value) -> bool {
    let is_special = |code: u32| matches!(code, 0x2f | 0x2a | 0x5b | 0x40 | 0x2e);
    let (open, close, star) = (u32::from(b'{'), u32::from(b'}'), u32::from(b'*'));
    let look = |codes: &mut dyn Iterator<Item = u32>| {
        let mut outside = true;
        let mut before = [0u32; 3];
        for (index, code) in codes.enumerate() {
            if index < 3 {
                before[index] = code;
            }
            if code == open {
                outside = false;
            } else if code == close {
                outside = true;
                // A namespace that stands for any or for none.
                if (index == 1 && before[0] == open) || (index == 2 && before[0] == open && before[1] == star) {
                    return true;
                }
            } else if outside && is_special(code) {
                return true;
            }
        }
        false
    };
    match (tag.cast::<Str>(), tag.cast::<Bytes>()) {
        (Some(text), _) => look(&mut text.chars().iter()),
        (None, Some(bytes)) => look(&mut bytes.as_slice().iter().map(|byte| u32::from(*byte))),
        (None, None) => true,
    }
}

fn element_path(name: Gc<Str>, args: &[Value]) -> R {
    call_method(objects::system::import("xml.etree.ElementPath")?, name, args)
}

/// The first child with that tag.
fn first(this: Gc<Element>, tag: Value) -> R<Option<Gc<Element>>> {
    let mut index = 0;
    while let Some(child) = child(this, index) {
        if objects::eq(or_none(&child.tag), tag)? {
            return Ok(Some(child));
        }
        index += 1;
    }
    Ok(None)
}

fn set_field(slot: &Slot, value: Option<Value>) -> R<()> {
    match value {
        Some(value) => {
            slot.set(value);
            Ok(())
        }
        None => Err(attribute_error!("can't delete element attribute")),
    }
}

/// A deep copy of one of an element's parts.
fn deep(value: Value, memo: Gc<Dict>) -> R {
    if value.is_none() || value.cast_exact::<Str>().is_some() || value.is_int() {
        return Ok(value);
    }
    if let Some(element) = value.cast_exact::<Element>() {
        return match dict::dict_get(memo, identity(value))? {
            Some(known) => Ok(known),
            None => deep_element(element, memo).map(|copy| copy.value()),
        };
    }
    call_method(objects::system::import("copy")?, interned!("deepcopy"), &[value, memo.value()])
}
fn identity(value: Value) -> Value {
    new_int(value.as_ptr() as i64)
}
fn deep_element(this: Gc<Element>, memo: Gc<Dict>) -> R<Gc<Element>> {
    let _guard = objects::thread::enter_recursion()?;
    let tag = deep(or_none(&this.tag), memo)?;
    let attrib = match attributes(this) {
        Some(dict) => {
            let plain = |value: &Value| value.cast_exact::<Str>().is_some();
            let is_plain = dict.value().cast_exact::<Dict>().is_some()
                && dict::dict_items(dict).iter().all(|(key, value)| plain(key) && plain(value));
            let copy = if is_plain { dict::dict_copy(dict)?.value() } else { deep(dict.value(), memo)? };
            copy.cast::<Dict>()
        }
        None => None,
    };
    let copy = make(tag, attrib);
    copy.text.set(deep(or_none(&this.text), memo)?);
    copy.tail.set(deep(or_none(&this.tail), memo)?);
    let mut index = 0;
    while let Some(child) = child(this, index) {
        let child = deep(child.value(), memo)?;
        if child.cast::<Element>().is_none() {
            return Err(no_element(child));
        }
        add(copy, child)?;
        index += 1;
    }
    dict::dict_set(memo, identity(this.value()), copy.value())?;
    Ok(copy)
}

/// The one argument of a method, which must be an element.
fn only_element(args: Args, method: &str) -> R<Gc<Element>> {
    args.no_keywords(method)?;
    if args.len() != 1 {
        return Err(type_error!("{method}() takes exactly 1 positional argument ({} given)", args.len()));
    }
    let value = args.positional()[0];
    value
        .cast::<Element>()
        .ok_or_else(|| type_error!("{method}() argument 1 must be xml.etree.ElementTree.Element, not {}", shown(value)))
}

fn no_such_child() -> Raised {
    index_error!("child index out of range")
}
fn no_such_place() -> Raised {
    index_error!("child assignment index out of range")
}
fn is_index(key: Value) -> bool {
    key.is_int() || class_of(key).slots.index.get().is_some()
}

#[native_class(name = "xml.etree.ElementTree.Element", base = object, flags = "weakref")]
impl Element {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        Ok(new_object(cls, blank(None, None)).value())
    }
    #[sig("($self, /, *args, **kwargs)", hidden)]
    fn __init__(this: Gc<Element>, args: Args) -> R<()> {
        let given = args.len();
        if given == 0 {
            return Err(type_error!("Element() takes at least 1 argument (0 given)"));
        }
        if given > 2 {
            return Err(type_error!("Element() takes at most 2 arguments ({given} given)"));
        }
        let attrib = attributes_of(args.get(1), args, "Element", 2)?;
        this.tag.set(args.positional()[0]);
        this.attrib.set_opt(attrib.map(|attrib| attrib.value()));
        this.text.set(Value::none());
        this.tail.set(Value::none());
        Ok(())
    }
    fn __repr__(this: Gc<Element>) -> R<String> {
        let name = class_name(this.value());
        let Some(_scope) = ReprScope::enter(this.value()) else {
            return Err(runtime_error!("reentrant call inside {name}.__repr__"));
        };
        let tag = objects::repr(or_none(&this.tag))?;
        Ok(format!("<Element {} at {:#x}>", tag.to_string_lossy(), this.value().as_ptr() as usize))
    }
    fn __bool__(this: Gc<Element>) -> R<bool> {
        const TEXT: &str = "Testing an element's truth value will always return True in future versions.  \
                            Use specific 'len(elem)' or 'elem is not None' test instead.";
        objects::warnings::warn(&objects::exc::DEPRECATION_WARNING, TEXT, 1)?;
        Ok(count(this) != 0)
    }
    fn __len__(this: Gc<Element>) -> usize {
        count(this)
    }
    fn __getitem__(this: Gc<Element>, key: Value) -> R {
        if key.is_int() || is_index(key) {
            let index = objects::index_for(key)?;
            return children(this).and_then(|list| list::list_get(list, index)).ok_or_else(no_such_child);
        }
        if objects::slice::as_slice(key).is_some() {
            return objects::get_item(children_made(this).value(), key);
        }
        Err(type_error!("element indices must be integers"))
    }
    fn __setitem__(this: Gc<Element>, key: Value, value: Value) -> R<()> {
        if is_index(key) {
            let index = objects::index_for(key)?;
            let list = children_made(this);
            if list::resolve_index(index, list.len()).is_none() {
                return Err(no_such_place());
            }
            expect_elements(&[value])?;
            return if list::list_set(list, index, value) { Ok(()) } else { Err(no_such_place()) };
        }
        if objects::slice::as_slice(key).is_none() {
            return Err(type_error!("element indices must be integers"));
        }
        let given = objects::to_vec(value).map_err(|raised| {
            if !raised.is(&objects::exc::TYPE_ERROR) {
                return raised;
            }
            raised.clear();
            type_error!("assignment expects an iterable")
        })?;
        expect_elements(&given)?;
        objects::set_item(children_made(this).value(), key, new_list(&given).value())
    }
    fn __delitem__(this: Gc<Element>, key: Value) -> R<()> {
        if is_index(key) {
            let index = objects::index_for(key)?;
            let list = children_made(this);
            let is_there = list::resolve_index(index, list.len()).is_some() && list::list_delete(list, index);
            return if is_there { Ok(()) } else { Err(no_such_place()) };
        }
        if objects::slice::as_slice(key).is_none() {
            return Err(type_error!("element indices must be integers"));
        }
        objects::del_item(children_made(this).value(), key)
    }

    #[sig("($self, subelement, /)")]
    fn append(this: Gc<Element>, args: Args) -> R<()> {
        let child = only_element(args, "append")?;
        add(this, child.value())
    }
    #[sig("($self, elements, /)")]
    fn extend(this: Gc<Element>, elements: Value) -> R<()> {
        let given = objects::to_vec(elements).map_err(|raised| {
            if !raised.is(&objects::exc::TYPE_ERROR) {
                return raised;
            }
            raised.clear();
            type_error!("'elements' must be an iterable")
        })?;
        for value in &given {
            expect_elements(&[*value])?;
            add(this, *value)?;
        }
        Ok(())
    }
    #[sig("($self, index, subelement, /)")]
    fn insert(this: Gc<Element>, index: isize, subelement: Value) -> R<()> {
        if subelement.cast::<Element>().is_none() {
            return Err(type_error!("insert() argument 2 must be xml.etree.ElementTree.Element, not {}", shown(subelement)));
        }
        list::list_insert(children_made(this), index as i64, subelement)
    }
    #[sig("($self, subelement, /)")]
    fn remove(this: Gc<Element>, subelement: Value) -> R<()> {
        if subelement.cast::<Element>().is_none() {
            return Err(type_error!("remove() argument must be xml.etree.ElementTree.Element, not {}", shown(subelement)));
        }
        if let Some(list) = children(this) {
            let mut index = 0;
            while let Some(child) = list::list_get(list, index) {
                // What a comparison removes is not looked for again.
                if objects::eq(child, subelement)? {
                    if list::list_get(list, index) == Some(child) {
                        list::list_delete(list, index);
                    }
                    return Ok(());
                }
                index += 1;
            }
        }
        Err(value_error!("Element.remove(x): element not found"))
    }
    fn clear(this: Gc<Element>) {
        this.children.set_opt(None);
        this.attrib.set_opt(None);
        this.text.set(Value::none());
        this.tail.set(Value::none());
    }
    #[sig("($self, tag, attrib, /)")]
    fn makeelement(_this: Gc<Element>, args: Args) -> R {
        args.no_keywords("makeelement")?;
        if args.len() != 2 {
            return Err(type_error!("makeelement() takes exactly 2 positional arguments ({} given)", args.len()));
        }
        let (tag, attrib) = (args.positional()[0], args.positional()[1]);
        match attrib.cast::<Dict>() {
            Some(attrib) => Ok(make(tag, Some(dict::dict_copy(attrib)?)).value()),
            None => Err(type_error!("makeelement() argument 2 must be dict, not {}", shown(attrib))),
        }
    }

    #[sig("($self, /, path, namespaces=None)")]
    fn find(this: Gc<Element>, path: Value, namespaces: Option<Value>) -> R {
        let namespaces = namespaces.unwrap_or(Value::none());
        if is_path(path) || !namespaces.is_none() {
            return element_path(interned!("find"), &[this.value(), path, namespaces]);
        }
        Ok(first(this, path)?.map_or(Value::none(), |child| child.value()))
    }
    #[sig("($self, /, path, default=None, namespaces=None)")]
    fn findtext(this: Gc<Element>, path: Value, default: Option<Value>, namespaces: Option<Value>) -> R {
        let none = Value::none();
        let (default, namespaces) = (default.unwrap_or(none), namespaces.unwrap_or(none));
        if is_path(path) || !namespaces.is_none() {
            return element_path(interned!("findtext"), &[this.value(), path, default, namespaces]);
        }
        Ok(match first(this, path)? {
            Some(child) => child.text.get().filter(|text| !text.is_none()).unwrap_or_else(|| new_str("")),
            None => default,
        })
    }
    #[sig("($self, /, path, namespaces=None)")]
    fn findall(this: Gc<Element>, path: Value, namespaces: Option<Value>) -> R {
        let namespaces = namespaces.unwrap_or(Value::none());
        if is_path(path) || !namespaces.is_none() {
            return element_path(interned!("findall"), &[this.value(), path, namespaces]);
        }
        let found = new_list(&[]);
        let mut index = 0;
        while let Some(child) = child(this, index) {
            if objects::eq(or_none(&child.tag), path)? {
                list::list_push(found, child.value());
            }
            index += 1;
        }
        Ok(found.value())
    }
    #[sig("($self, /, path, namespaces=None)")]
    fn iterfind(this: Gc<Element>, path: Value, namespaces: Option<Value>) -> R {
        element_path(interned!("iterfind"), &[this.value(), path, namespaces.unwrap_or(Value::none())])
    }
    #[sig("($self, /, tag=None)")]
    fn iter(this: Gc<Element>, tag: Option<Value>) -> Value {
        let is_any = |tag: &Value| {
            tag.cast::<Str>().is_some_and(|text| objects::str::str_is(&text, "*"))
                || tag.cast::<Bytes>().is_some_and(|bytes| bytes.as_slice() == b"*")
        };
        iteration::elements(this, tag.filter(|tag| !tag.is_none() && !is_any(tag)))
    }
    fn itertext(this: Gc<Element>) -> Value {
        iteration::texts(this)
    }

    #[sig("($self, /, key, default=None)")]
    fn get(this: Gc<Element>, key: Value, default: Option<Value>) -> R {
        let found = match attributes(this) {
            Some(attributes) => dict::dict_get(attributes, key)?,
            None => None,
        };
        Ok(found.or(default).unwrap_or(Value::none()))
    }
    #[sig("($self, key, value, /)")]
    fn set(this: Gc<Element>, key: Value, value: Value) -> R<()> {
        dict::dict_set(attributes_made(this), key, value)
    }
    fn keys(this: Gc<Element>) -> Value {
        new_list(&attributes(this).map_or_else(GcVec::new, dict::dict_keys)).value()
    }
    fn items(this: Gc<Element>) -> Value {
        let list = new_list(&[]);
        if let Some(attributes) = attributes(this) {
            for (key, value) in dict::dict_items(attributes).iter() {
                list::list_push(list, new_tuple(&[*key, *value]).value());
            }
        }
        list.value()
    }

    fn __copy__(this: Gc<Element>) -> R<Gc<Element>> {
        let copy = make(or_none(&this.tag), attributes(this));
        copy.text.set(or_none(&this.text));
        copy.tail.set(or_none(&this.tail));
        if let Some(list) = children(this) {
            copy.children.set(list::list_copy(list)?.value());
        }
        Ok(copy)
    }
    #[sig("($self, memo, /)")]
    fn __deepcopy__(this: Gc<Element>, memo: Value) -> R<Gc<Element>> {
        match memo.cast::<Dict>() {
            Some(memo) => deep_element(this, memo),
            None => Err(type_error!("__deepcopy__() argument must be dict, not {}", shown(memo))),
        }
    }
    fn __getstate__(this: Gc<Element>) -> R {
        let list = new_list(&children(this).map_or_else(GcVec::new, list::list_snapshot));
        let attrib = match attributes(this) {
            Some(attributes) => attributes,
            None => new_dict(),
        };
        let state = new_dict();
        dict::dict_set_str(state, interned!("tag"), or_none(&this.tag))?;
        dict::dict_set_str(state, interned!("_children"), list.value())?;
        dict::dict_set_str(state, interned!("attrib"), attrib.value())?;
        dict::dict_set_str(state, interned!("text"), or_none(&this.text))?;
        dict::dict_set_str(state, interned!("tail"), or_none(&this.tail))?;
        Ok(state.value())
    }
    #[sig("($self, state, /)")]
    fn __setstate__(this: Gc<Element>, state: Value) -> R<()> {
        let Some(state) = state.cast::<Dict>() else {
            return Err(type_error!("Don't know how to unpickle \"{}\" as an Element", objects::repr(state)?.to_string_lossy()));
        };
        for (key, _) in dict::dict_items(state).iter() {
            let name = key.cast::<Str>().map_or_else(String::new, |name| name.to_string_lossy());
            if !["tag", "_children", "attrib", "text", "tail"].contains(&name.as_str()) {
                return Err(type_error!("this function got an unexpected keyword argument '{name}'"));
            }
        }
        let part = |name: &str| dict::dict_get_str(state, objects::intern(name));
        let Some(tag) = part("tag") else { return Err(type_error!("tag may not be NULL")) };
        let given = match part("_children") {
            None => GcVec::new(),
            Some(list) => match list.cast::<List>() {
                Some(list) => list::list_snapshot(list),
                None => return Err(type_error!("'_children' is not a list")),
            },
        };
        expect_elements(&given)?;
        let attrib = part("attrib").filter(|attrib| attrib.cast::<Dict>().is_some());
        this.tag.set(tag);
        this.children.set_opt((!given.is_empty()).then(|| new_list(&given).value()));
        this.attrib.set_opt(attrib);
        this.text.set(part("text").unwrap_or(Value::none()));
        this.tail.set(part("tail").unwrap_or(Value::none()));
        Ok(())
    }

    #[getter]
    fn tag(this: Gc<Element>) -> Value {
        or_none(&this.tag)
    }
    #[setter(tag)]
    fn set_tag(this: Gc<Element>, value: Option<Value>) -> R<()> {
        set_field(&this.tag, value)
    }
    #[getter]
    fn text(this: Gc<Element>) -> Value {
        or_none(&this.text)
    }
    #[setter(text)]
    fn set_text(this: Gc<Element>, value: Option<Value>) -> R<()> {
        set_field(&this.text, value)
    }
    #[getter]
    fn tail(this: Gc<Element>) -> Value {
        or_none(&this.tail)
    }
    #[setter(tail)]
    fn set_tail(this: Gc<Element>, value: Option<Value>) -> R<()> {
        set_field(&this.tail, value)
    }
    #[getter]
    fn attrib(this: Gc<Element>) -> Gc<Dict> {
        attributes_made(this)
    }
    #[setter(attrib)]
    fn set_attrib(this: Gc<Element>, value: Option<Value>) -> R<()> {
        if let Some(value) = value.filter(|value| value.cast::<Dict>().is_none()) {
            return Err(type_error!("attrib must be dict, not {}", class_name(value)));
        }
        set_field(&this.attrib, value)
    }
}

/// The class itself, not a subclass.
pub fn is_plain(value: Value) -> bool {
    class_of(value) == Element::class()
}
