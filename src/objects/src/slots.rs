//! The one slot list: dunder name, call signature, and the Rust function through which the runtime reaches it.
//!
//! Type creation, the interpreter and HPy read this table. A class's slot holds a native function directly when the dunder
//! that the MRO finds is a native slot wrapper, else a trampoline that calls the Python-level dunder. An empty slot means that
//! the MRO has no such dunder.

use crate::args::Args;
use crate::class::Class;
use crate::error::R;
use crate::extension::enter_extern;
use crate::layout::Gc;
use crate::native::SlotFn;
use heap::Value;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

pub type Unary = fn(Value) -> R;
pub type Binary = fn(Value, Value) -> R;
pub type Ternary = fn(Value, Value, Value) -> R;
pub type Next = fn(Value) -> R<Option<Value>>;
pub type Len = fn(Value) -> R<usize>;
pub type Bool = fn(Value) -> R<bool>;
pub type Hash = fn(Value) -> R<i64>;
pub type Contains = fn(Value, Value) -> R<bool>;
pub type SetItem = fn(Value, Value, Value) -> R<()>;
pub type DelItem = fn(Value, Value) -> R<()>;
pub type Get = fn(Value, Option<Value>, Option<Value>) -> R;
pub type Call = fn(Value, Args) -> R;
pub type Init = fn(Value, Args) -> R<()>;
pub type New = fn(Gc<Class>, Args) -> R;

/// One entry of a class's slot table: a function pointer that may change under other threads' eyes.
#[repr(transparent)]
pub struct FnSlot<F>(AtomicUsize, std::marker::PhantomData<F>);

impl<F: Copy> FnSlot<F> {
    #[inline(always)]
    pub fn get(&self) -> Option<F> {
        let word = self.0.load(Ordering::Relaxed);
        if word == 0 {
            return None;
        }
        // SAFETY: only `set` writes the word, from an `F`, which is a function pointer of word size.
        Some(unsafe { std::mem::transmute_copy::<usize, F>(&word) })
    }
    pub fn set(&self, function: Option<F>) {
        const { assert!(std::mem::size_of::<F>() == std::mem::size_of::<usize>()) };
        let word = match function {
            None => 0,
            // SAFETY: `F` is a function pointer (see `get`).
            Some(function) => unsafe { std::mem::transmute_copy::<F, usize>(&function) },
        };
        self.0.store(word, Ordering::Release);
    }
}

macro_rules! slot_table {
    ($( $field:ident $id:ident $name:literal $kind:ident; )*) => {
        /// Identifies a slot; the discriminant indexes `SLOT_NAMES`.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum SlotId { $($id),* }

        /// Dunder names in slot order.
        pub const SLOT_NAMES: &[&str] = &[$($name),*];
        pub const ALL_SLOTS: &[SlotId] = &[$(SlotId::$id),*];

        /// The slot table of a class.
        #[repr(C)]
        pub struct Slots { $(pub $field: FnSlot<$kind>),* }

        impl Slots {
            /// Points the slot at a native function, whose kind must fit; false if it does not.
            pub fn set_native(&self, id: SlotId, function: SlotFn) -> bool {
                match id {
                    $(SlotId::$id => { if let SlotFn::$kind(f) = function { self.$field.set(Some(f)); true } else { false } })*
                }
            }
            /// Points the slot at the trampoline that calls the Python-level dunder.
            pub fn set_trampoline(&self, id: SlotId) {
                match id { $(SlotId::$id => self.$field.set(Some(trampoline::$kind::<{ SlotId::$id as u8 }>))),* }
            }
            /// Points the slot at the way into the function that `Class::externs` has for it.
            pub fn set_extern(&self, id: SlotId) {
                match id { $(SlotId::$id => self.$field.set(Some(enter_extern::$kind::<{ SlotId::$id as u8 }>))),* }
            }
            /// Makes all slots those of `other`.
            pub fn copy_from(&self, other: &Slots) {
                $(self.$field.set(other.$field.get());)*
            }
            pub fn clear(&self, id: SlotId) {
                match id { $(SlotId::$id => self.$field.set(None)),* }
            }
            pub fn is_set(&self, id: SlotId) -> bool {
                match id { $(SlotId::$id => self.$field.get().is_some()),* }
            }
            /// The native function in the slot, in the form that slot wrappers hold.
            pub fn get(&self, id: SlotId) -> Option<SlotFn> {
                match id { $(SlotId::$id => self.$field.get().map(SlotFn::$kind)),* }
            }
        }
    };
}

slot_table! {
    repr Repr "__repr__" Unary;
    str Str "__str__" Unary;
    hash Hash "__hash__" Hash;
    call Call "__call__" Call;
    getattribute GetAttribute "__getattribute__" Binary;
    getattr GetAttr "__getattr__" Binary;
    setattr SetAttr "__setattr__" SetItem;
    delattr DelAttr "__delattr__" DelItem;
    descr_get DescrGet "__get__" Get;
    descr_set DescrSet "__set__" SetItem;
    descr_delete DescrDelete "__delete__" DelItem;
    init Init "__init__" Init;
    new New "__new__" New;
    lt Lt "__lt__" Binary;
    le Le "__le__" Binary;
    eq Eq "__eq__" Binary;
    ne Ne "__ne__" Binary;
    gt Gt "__gt__" Binary;
    ge Ge "__ge__" Binary;
    iter Iter "__iter__" Unary;
    next Next "__next__" Next;
    len Len "__len__" Len;
    bool Bool "__bool__" Bool;
    contains Contains "__contains__" Contains;
    getitem GetItem "__getitem__" Binary;
    setitem SetItem "__setitem__" SetItem;
    delitem DelItem "__delitem__" DelItem;
    add Add "__add__" Binary;
    radd RAdd "__radd__" Binary;
    sub Sub "__sub__" Binary;
    rsub RSub "__rsub__" Binary;
    mul Mul "__mul__" Binary;
    rmul RMul "__rmul__" Binary;
    matmul MatMul "__matmul__" Binary;
    rmatmul RMatMul "__rmatmul__" Binary;
    truediv TrueDiv "__truediv__" Binary;
    rtruediv RTrueDiv "__rtruediv__" Binary;
    floordiv FloorDiv "__floordiv__" Binary;
    rfloordiv RFloorDiv "__rfloordiv__" Binary;
    modulo Mod "__mod__" Binary;
    rmod RMod "__rmod__" Binary;
    divmod DivMod "__divmod__" Binary;
    rdivmod RDivMod "__rdivmod__" Binary;
    pow Pow "__pow__" Ternary;
    rpow RPow "__rpow__" Ternary;
    lshift LShift "__lshift__" Binary;
    rlshift RLShift "__rlshift__" Binary;
    rshift RShift "__rshift__" Binary;
    rrshift RRShift "__rrshift__" Binary;
    and And "__and__" Binary;
    rand RAnd "__rand__" Binary;
    or Or "__or__" Binary;
    ror ROr "__ror__" Binary;
    xor Xor "__xor__" Binary;
    rxor RXor "__rxor__" Binary;
    iadd IAdd "__iadd__" Binary;
    isub ISub "__isub__" Binary;
    imul IMul "__imul__" Binary;
    imatmul IMatMul "__imatmul__" Binary;
    itruediv ITrueDiv "__itruediv__" Binary;
    ifloordiv IFloorDiv "__ifloordiv__" Binary;
    imod IMod "__imod__" Binary;
    ipow IPow "__ipow__" Ternary;
    ilshift ILShift "__ilshift__" Binary;
    irshift IRShift "__irshift__" Binary;
    iand IAnd "__iand__" Binary;
    ior IOr "__ior__" Binary;
    ixor IXor "__ixor__" Binary;
    neg Neg "__neg__" Unary;
    pos Pos "__pos__" Unary;
    abs Abs "__abs__" Unary;
    invert Invert "__invert__" Unary;
    int Int "__int__" Unary;
    float Float "__float__" Unary;
    index Index "__index__" Unary;
    await_ Await "__await__" Unary;
    aiter AIter "__aiter__" Unary;
    anext ANext "__anext__" Unary;
    del Del "__del__" Unary;
    buffer Buffer "__buffer__" Binary;
    release_buffer ReleaseBuffer "__release_buffer__" DelItem;
}

/// The slot of a dunder name, if it has one.
pub fn slot_by_name(name: &str) -> Option<SlotId> {
    if !name.starts_with("__") {
        return None;
    }
    static BY_NAME: LazyLock<base::hash::FxHashMap<&str, SlotId>> =
        LazyLock::new(|| SLOT_NAMES.iter().copied().zip(ALL_SLOTS.iter().copied()).collect());
    BY_NAME.get(name).copied()
}

/// The `__new__` slot of classes whose `__new__` is looked up at each call.
pub fn looked_up_new() -> New {
    trampoline::New::<{ SlotId::New as u8 }>
}

/// Functions that sit in the slots of classes whose dunder is not native: they look the dunder up and call it.
#[allow(non_snake_case)]
pub(crate) mod trampoline {
    use super::*;
    use crate::call::{call, call_args, call_python};
    use crate::error::type_error;
    use crate::function::Function;
    use crate::gc_vec::GcVec;
    use crate::layout::Cast;
    use crate::lookup::{lookup_special, special_missing};
    use crate::protocol::{index_as_len, is_true};

    /// What was found is a Python function mostly: its receiver goes first.
    #[inline(always)]
    fn call_method_of_program(found: Value, this: Value, rest: &[Value]) -> Option<R> {
        let function = found.cast_exact::<Function>()?;
        Some(match *rest {
            [] => call_python(function, &[this]),
            [a] => call_python(function, &[this, a]),
            [a, b] => call_python(function, &[this, a, b]),
            _ => return None,
        })
    }

    /// Calls dunder `ID` of `this` with `rest`.
    #[inline(always)]
    fn special(id: u8, this: Value, rest: &[Value]) -> R {
        let name = crate::intern::slot_name(id);
        let class = crate::class::class_of(this);
        let Some(found) = crate::lookup::type_lookup(class, name) else { return Err(special_missing(this, name)) };
        match call_method_of_program(found, this, rest) {
            Some(result) => result,
            None => call_found(found, this, class, rest),
        }
    }
    #[inline(never)]
    fn call_found(found: Value, this: Value, class: Gc<Class>, rest: &[Value]) -> R {
        if let Some(result) = crate::lookup::call_extension(found, this, Args::positional_only(rest)) {
            return result;
        }
        crate::lookup::bind_special(found, this, class)?.call(rest)
    }
    pub fn Unary<const ID: u8>(this: Value) -> R {
        special(ID, this, &[])
    }
    pub fn Binary<const ID: u8>(this: Value, other: Value) -> R {
        if const { is_comparison(ID) } {
            let class = crate::class::class_of(this);
            if let Some(found) = crate::lookup::type_lookup(class, crate::intern::slot_name(ID)) {
                if let Some(result) = call_method_of_program(found, this, &[other]) {
                    return result;
                }
                if let Some(result) = crate::lookup::call_extension(found, this, Args::positional_only(&[other])) {
                    return result;
                }
                return match crate::lookup::bind_special(found, this, class) {
                    Ok(bound) => bound.call(&[other]),
                    // A comparison that cannot even be fetched is none.
                    Err(raised) => {
                        raised.clear();
                        Ok(Value::not_implemented())
                    }
                };
            }
        }
        special(ID, this, &[other])
    }
    const fn is_comparison(id: u8) -> bool {
        id >= SlotId::Lt as u8 && id <= SlotId::Ge as u8
    }
    pub fn Ternary<const ID: u8>(this: Value, other: Value, modulus: Value) -> R {
        if modulus == Value::none() { special(ID, this, &[other]) } else { special(ID, this, &[other, modulus]) }
    }
    pub fn Next<const ID: u8>(this: Value) -> R<Option<Value>> {
        match special(ID, this, &[]) {
            Ok(value) => Ok(Some(value)),
            Err(raised) if raised.is_stop_iteration_without_value() => {
                raised.clear();
                Ok(None)
            }
            Err(raised) => Err(raised),
        }
    }
    pub fn Len<const ID: u8>(this: Value) -> R<usize> {
        index_as_len(special(ID, this, &[])?)
    }
    pub fn Bool<const ID: u8>(this: Value) -> R<bool> {
        let result = match special(ID, this, &[]) {
            Ok(result) => result,
            Err(raised) => return Err(not_called(raised, this, crate::intern::slot_name(ID))),
        };
        if result == Value::true_() {
            Ok(true)
        } else if result == Value::false_() {
            Ok(false)
        } else {
            Err(type_error!("__bool__ should return bool, returned {}", crate::class::class_name(result)))
        }
    }
    /// What is raised where the method is None, by which a class says that its instances are neither true nor false.
    #[cold]
    fn not_called(raised: crate::Raised, this: Value, name: crate::Gc<crate::Str>) -> crate::Raised {
        let method = crate::lookup::type_lookup(crate::class::class_of(this), name);
        if !method.is_some_and(|method| method.is_none()) {
            return raised;
        }
        raised.clear();
        type_error!("'{}' cannot be interpreted as a boolean", crate::class::class_name(this))
    }
    pub fn Hash<const ID: u8>(this: Value) -> R<i64> {
        let name = crate::intern::slot_name(ID);
        if let Some(found) = crate::lookup::type_lookup(crate::class::class_of(this), name)
            && let Some(result) = call_method_of_program(found, this, &[])
        {
            return crate::protocol::hash_result(result?);
        }
        match lookup_special(this, name)? {
            Some(bound) if !bound.is_none() => crate::protocol::hash_result(bound.call(&[])?),
            _ => Err(crate::protocol::unhashable(this)),
        }
    }
    pub fn Contains<const ID: u8>(this: Value, item: Value) -> R<bool> {
        let name = crate::intern::slot_name(ID);
        match lookup_special(this, name)? {
            Some(bound) if bound.is_none() => Err(type_error!("'{}' object is not a container", crate::class::class_name(this))),
            Some(bound) => is_true(bound.call(&[item])?),
            None => Err(special_missing(this, name)),
        }
    }
    pub fn SetItem<const ID: u8>(this: Value, key: Value, value: Value) -> R<()> {
        special(ID, this, &[key, value]).map(|_| ())
    }
    pub fn DelItem<const ID: u8>(this: Value, key: Value) -> R<()> {
        special(ID, this, &[key]).map(|_| ())
    }
    pub fn Get<const ID: u8>(this: Value, instance: Option<Value>, owner: Option<Value>) -> R {
        special(ID, this, &[instance.unwrap_or(Value::none()), owner.unwrap_or(Value::none())])
    }
    pub fn Call<const ID: u8>(this: Value, args: Args) -> R {
        let name = crate::intern::slot_name(ID);
        match lookup_special(this, name)? {
            Some(bound) => {
                // An instance may be its own class's `__call__`: such chains must end.
                let guard = crate::thread::enter_recursion()?;
                let result = bound.call_args(args);
                std::hint::black_box(&guard);
                result
            }
            None => Err(type_error!("'{}' object is not callable", crate::class::class_name(this))),
        }
    }
    pub fn Init<const ID: u8>(this: Value, args: Args) -> R<()> {
        let name = crate::intern::slot_name(ID);
        let Some(bound) = lookup_special(this, name)? else { return Err(special_missing(this, name)) };
        let result = bound.call_args(args)?;
        if result != Value::none() {
            return Err(type_error!("__init__() should return None, not '{}'", crate::class::class_name(result)));
        }
        Ok(())
    }
    pub fn New<const ID: u8>(class: Gc<Class>, args: Args) -> R {
        let name = crate::intern::slot_name(ID);
        let Some(function) = crate::lookup::get_attr_opt(class.value(), name)? else {
            return Err(type_error!("cannot create '{}' instances", class.name_text()));
        };
        let mut all = GcVec::with_capacity(args.total_len() + 1);
        all.push(class.value());
        args.push_values_to(&mut all);
        if args.has_keywords() { call_args(function, args.with_values(&all)) } else { call(function, &all) }
    }
}
