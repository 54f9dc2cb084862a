//! `typing.Union`, which is also `types.UnionType`: `int | str`.

use crate::generic_alias::{GenericAlias, collect_parameters, substitute, type_repr};
use crate::typing_natives::{TypeAlias, call_typing};
use native_macros::{Layout, native_class};
use objects::exception as exc;
use objects::set::{FrozenSet, frozenset_from_iterable};
use objects::{
    BinaryOp, Cast, Class, CompareOp, Gc, GcVec, Header, Layout as _, R, Slot, Str, Tuple, Value, binary_op, class_of,
    compare_bool, new_native, new_str, new_tuple, type_error,
};

#[derive(Layout)]
#[repr(C)]
pub struct Union {
    pub header: Header,
    args: Slot,
    /// The hashable ones as a frozenset.
    hashable: Slot,
    /// The others, or empty.
    unhashable: Slot,
    parameters: Slot,
}

impl Union {
    pub fn args(&self) -> Gc<Tuple> {
        tuple_in(&self.args)
    }
}

fn tuple_in(slot: &Slot) -> Gc<Tuple> {
    slot.get().and_then(|args| args.cast::<Tuple>()).unwrap_or_else(|| new_tuple(&[]))
}

fn none_type() -> Value {
    class_of(Value::none()).value()
}

/// Gathers members: flat, each once.
struct Builder {
    args: GcVec,
    hashes: Vec<Option<i64>>,
    /// Members come from a subscript of `Union`: strings are forward references, others are checked.
    checked: bool,
}

impl Builder {
    fn new(checked: bool) -> Builder {
        Builder { args: GcVec::new(), hashes: Vec::new(), checked }
    }
    fn add(&mut self, value: Value) -> R<()> {
        if let Some(union) = value.cast_exact::<Union>() {
            for member in union.args().items() {
                self.add_one(*member)?;
            }
            return Ok(());
        }
        let value = if value.is_none() {
            none_type()
        } else if !self.checked || is_unionable(value) {
            value
        } else {
            call_typing("_type_check", &[value, new_str("Union[arg, ...]: each arg must be a type.")])?
        };
        if value.cast_exact::<Union>().is_some() {
            return self.add(value);
        }
        self.add_one(value)
    }
    fn add_one(&mut self, value: Value) -> R<()> {
        let hash = match objects::hash(value) {
            Ok(hash) => Some(hash),
            Err(raised) if raised.is(&exc::TYPE_ERROR) => {
                raised.clear();
                None
            }
            Err(raised) => return Err(raised),
        };
        for (index, known) in self.args.iter().enumerate() {
            if self.hashes[index] == hash && compare_equal(*known, value)? {
                return Ok(());
            }
        }
        self.args.push(value);
        self.hashes.push(hash);
        Ok(())
    }
    fn finish(self) -> R {
        match &*self.args {
            [] => return Err(type_error!("Cannot take a Union of no types.")),
            [only] => return Ok(*only),
            _ => {}
        }
        let (mut hashable, mut unhashable) = (GcVec::new(), GcVec::new());
        for (value, hash) in self.args.iter().zip(&self.hashes) {
            if hash.is_some() { hashable.push(*value) } else { unhashable.push(*value) }
        }
        let members = frozenset_from_iterable(new_tuple(&hashable).value())?;
        let union = Union {
            header: Header::blank(),
            args: Slot::new(new_tuple(&self.args).value()),
            hashable: Slot::new(members.value()),
            unhashable: Slot::empty(),
            parameters: Slot::empty(),
        };
        if !unhashable.is_empty() {
            union.unhashable.set(new_tuple(&unhashable).value());
        }
        Ok(new_native(union).value())
    }
}

fn compare_equal(a: Value, b: Value) -> R<bool> {
    Ok(a == b || compare_bool(CompareOp::Eq, a, b)?)
}

/// `Union[a, b]`
pub fn make_union(members: &[Value]) -> R {
    let mut builder = Builder::new(true);
    for member in members {
        builder.add(*member)?;
    }
    builder.finish()
}

fn is_unionable(value: Value) -> bool {
    value.is_none()
        || value.cast::<Class>().is_some()
        || value.cast::<GenericAlias>().is_some()
        || value.cast::<Union>().is_some()
        || value.cast::<TypeAlias>().is_some()
}

/// `a | b` of classes and other things that are certainly types.
pub fn type_or(a: Value, b: Value) -> R {
    if !is_unionable(a) || !is_unionable(b) {
        return Ok(Value::not_implemented());
    }
    let mut builder = Builder::new(false);
    builder.add(a)?;
    builder.add(b)?;
    builder.finish()
}

pub struct UnionSkin;

/// A union of types
///
/// int | str, for example
#[native_class(name = "typing.Union", layout = Union, base = object, flags = "final no_new no_items weakref")]
impl UnionSkin {
    fn __repr__(this: Gc<Union>) -> R<Gc<Str>> {
        let _guard = objects::thread::enter_recursion()?;
        let mut text = objects::containers::TextBuilder::new();
        for (index, member) in this.args().items().iter().enumerate() {
            if index > 0 {
                text.push_str(" | ");
            }
            if *member == none_type() { text.push_str("None") } else { text.push(type_repr(*member)?) }
        }
        Ok(text.finish())
    }
    fn __hash__(this: Gc<Union>) -> R<i64> {
        if !this.unhashable.is_empty() {
            for member in tuple_in(&this.unhashable).items() {
                objects::hash(*member)?;
            }
            return Err(type_error!("union contains {} unhashable elements", tuple_in(&this.unhashable).len()));
        }
        objects::hash(this.hashable.get().unwrap_or(Value::none()))
    }
    fn __eq__(this: Gc<Union>, other: Gc<Union>) -> R<bool> {
        same(this, other)
    }
    fn __ne__(this: Gc<Union>, other: Gc<Union>) -> R<bool> {
        Ok(!same(this, other)?)
    }
    fn __or__(this: Value, other: Value) -> R {
        make_union(&[this, other])
    }
    fn __ror__(this: Value, other: Value) -> R {
        make_union(&[other, this])
    }
    fn __getitem__(this: Gc<Union>, item: Value) -> R {
        let args = substitute(this.value(), this.args().value(), parameters_of(this)?, item)?;
        let mut members = args.items().iter().copied();
        let Some(mut result) = members.next() else { return Err(type_error!("Cannot take a Union of no types.")) };
        for member in members {
            result = binary_op(BinaryOp::Or, result, member)?;
        }
        Ok(result)
    }
    fn __mro_entries__(this: Gc<Union>, _bases: Value) -> R {
        Err(type_error!("Cannot subclass {}", objects::repr(this.value())?.to_string_lossy()))
    }
    #[classmethod]
    fn __class_getitem__(_cls: Gc<Class>, item: Value) -> R {
        match item.cast::<Tuple>() {
            Some(members) => make_union(members.items()),
            None => make_union(&[item]),
        }
    }
    #[sig("($self, instance, /)", hidden)]
    fn __instancecheck__(this: Gc<Union>, instance: Value) -> R<bool> {
        for member in this.args().items() {
            if objects::isinstance(instance, *member)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
    #[sig("($self, cls, /)", hidden)]
    fn __subclasscheck__(this: Gc<Union>, cls: Value) -> R<bool> {
        for member in this.args().items() {
            if objects::issubclass(cls, *member)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
    #[getter]
    fn __args__(this: Gc<Union>) -> Gc<Tuple> {
        this.args()
    }
    /// What the type is called
    #[getter]
    fn __name__(_this: Gc<Union>) -> &'static str {
        "Union"
    }
    /// What the type is called in messages
    #[getter]
    fn __qualname__(_this: Gc<Union>) -> &'static str {
        "Union"
    }
    /// Always returns the type
    #[getter]
    fn __origin__(_this: Gc<Union>) -> Gc<Class> {
        Union::class()
    }
    /// The type variables in the union.
    #[getter]
    fn __parameters__(this: Gc<Union>) -> R<Gc<Tuple>> {
        parameters_of(this)
    }
}

fn parameters_of(union: Gc<Union>) -> R<Gc<Tuple>> {
    if union.parameters.is_empty() {
        union.parameters.set(collect_parameters(union.args().value())?.value());
    }
    Ok(tuple_in(&union.parameters))
}

fn same(a: Gc<Union>, b: Gc<Union>) -> R<bool> {
    let members = |union: Gc<Union>| union.hashable.get().and_then(|members| members.cast::<FrozenSet>());
    if let (Some(x), Some(y)) = (members(a), members(b))
        && !compare_bool(CompareOp::Eq, x.value(), y.value())?
    {
        return Ok(false);
    }
    let (x, y) = (tuple_in(&a.unhashable), tuple_in(&b.unhashable));
    if x.len() != y.len() {
        return Ok(false);
    }
    for value in x.items() {
        if !objects::tuple::tuple_contains(y, *value)? {
            return Ok(false);
        }
    }
    Ok(true)
}
