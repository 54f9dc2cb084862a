//! What the attributes of `native-macros` emit: plain static tables that describe native functions, classes and modules,
//! and the small helpers their thunks call (module `rt`).
//!
//! Must not know: any concrete native. How arguments are bound is in `args.rs`, how values are converted in `convert.rs`.

use crate::args::{Args, Bound};
use crate::class::Class;
use crate::error::R;
use crate::layout::{ClassCell, Gc, LayoutDesc};
use crate::making::Making;
use heap::Value;

/// What a function is in Python's eyes; decides the first value it gets and the words of arity errors.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FnKind {
    /// A module function: all values are arguments.
    Function,
    /// First value: the receiver.
    Method,
    /// First value: the class.
    ClassMethod,
    StaticMethod,
    /// `__new__`: first value is the class to instantiate; errors speak of `ClassName()`.
    New,
    /// `__init__`: first value is the receiver; errors speak of `ClassName()`.
    Init,
    /// A slot whose arguments are bound by a text signature (`__call__`): first value is the receiver.
    Slot,
}

impl FnKind {
    /// How many leading values are not arguments (0 or 1).
    #[inline(always)]
    pub const fn receiver_count(self) -> usize {
        match self {
            FnKind::Function | FnKind::StaticMethod => 0,
            _ => 1,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParamKind {
    PositionalOnly,
    PositionalOrKeyword,
    /// `*args`
    VarPositional,
    KeywordOnly,
    /// `**kwargs`
    VarKeyword,
}

/// One parameter, the receiver not counted.
#[derive(Debug)]
pub struct ParamDef {
    pub name: &'static str,
    pub kind: ParamKind,
    pub has_default: bool,
}

/// Does not call Python code. (Declared effects; checked in debug builds.)
pub const NO_CALL: u32 = 1 << 0;
/// Does not allocate in the heap.
pub const NO_ALLOC: u32 = 1 << 1;
/// Same arguments, same result, no effects.
pub const PURE: u32 = 1 << 2;
/// Shows no `__text_signature__`.
pub const NO_TEXT_SIGNATURE: u32 = 1 << 3;

/// How to enter the Rust side. Counts and slices include the receiver of methods.
#[derive(Clone, Copy)]
pub enum NativeCall {
    F0(fn() -> R),
    F1(fn(Value) -> R),
    F2(fn(Value, Value) -> R),
    F3(fn(Value, Value, Value) -> R),
    F4(fn(Value, Value, Value, Value) -> R),
    /// Positional only, with optional ones or `*args`; the caller checks the count (`max` is `u32::MAX` for `*args`).
    Slice {
        min: u32,
        max: u32,
        f: fn(&[Value]) -> R,
    },
    /// Takes keywords: entered after binding by name.
    Bound(fn(&Bound) -> R),
    /// Sees the call as it came (the receiver of a method is the first positional value).
    Raw(fn(Args) -> R),
    /// A function of an extension: gets `data`, the receiver (of module functions the module) and the arguments.
    Extern {
        enter: ExternCall,
        data: usize,
    },
}

/// (data, receiver, positional and keyword values, keyword names): all of it fits registers.
pub type ExternCall = fn(usize, Value, &[Value], &[Value]) -> R;

/// A native function or method.
pub struct FnDef {
    pub name: &'static str,
    /// The class it is defined in (its `__name__`), or "" for module functions.
    pub class: &'static str,
    /// `__module__` of a function, or of the class.
    pub module: &'static str,
    pub doc: &'static str,
    /// Text signature as CPython shows it: `($module, x, /)`.
    pub sig: &'static str,
    pub params: &'static [ParamDef],
    /// `by_position(kind, params)`
    pub by_position: (u8, u8),
    pub kind: FnKind,
    pub flags: u32,
    pub call: NativeCall,
}

/// So many values are bound by position at most.
pub const MOST_BY_POSITION: usize = 8;

/// How many values, at least and at most, receiver included, need no binding when they are given by position only. None at all (1, 0) if
/// the parameters gather values, or are many.
pub const fn by_position(kind: FnKind, params: &[ParamDef]) -> (u8, u8) {
    let receivers = kind.receiver_count();
    if receivers + params.len() > MOST_BY_POSITION {
        return (1, 0);
    }
    let (mut least, mut most) = (receivers, receivers);
    let mut index = 0;
    while index < params.len() {
        let param = &params[index];
        match param.kind {
            ParamKind::PositionalOnly | ParamKind::PositionalOrKeyword => {
                most += 1;
                least = if param.has_default { least } else { most };
            }
            ParamKind::KeywordOnly if param.has_default => {}
            _ => return (1, 0),
        }
        index += 1;
    }
    (least as u8, most as u8)
}

/// The native function in a slot; the kinds are those of `slots.rs`.
#[derive(Clone, Copy)]
pub enum SlotFn {
    Unary(fn(Value) -> R),
    Binary(fn(Value, Value) -> R),
    /// Third operand is None when absent.
    Ternary(fn(Value, Value, Value) -> R),
    Next(fn(Value) -> R<Option<Value>>),
    Len(fn(Value) -> R<usize>),
    Bool(fn(Value) -> R<bool>),
    Hash(fn(Value) -> R<i64>),
    Contains(fn(Value, Value) -> R<bool>),
    SetItem(fn(Value, Value, Value) -> R<()>),
    DelItem(fn(Value, Value) -> R<()>),
    Get(fn(Value, Option<Value>, Option<Value>) -> R),
    Call(fn(Value, Args) -> R),
    Init(fn(Value, Args) -> R<()>),
    New(fn(Gc<Class>, Args) -> R),
    /// A function of an extension, whatever the slot: sees the arguments as they came.
    Extern {
        enter: ExternCall,
        data: usize,
    },
}

/// A dunder method that fills a slot. The function trusts the receiver's class; the Python-visible wrapper checks it.
pub struct SlotDef {
    pub name: &'static str,
    /// The doc comment, or "" for the usual text of that slot.
    pub doc: &'static str,
    /// The text signature, or "" for the usual one of that slot.
    pub sig: &'static str,
    pub slot: SlotFn,
}

/// A computed attribute of instances. Both functions check the receiver.
pub struct GetSetDef {
    pub name: &'static str,
    pub doc: &'static str,
    pub get: Option<fn(Value) -> R>,
    /// `None` asks for deletion.
    pub set: Option<fn(Value, Option<Value>) -> R<()>>,
}

/// A constant of a module or class, made when the module or class is made.
pub struct AttrDef {
    pub name: &'static str,
    pub make: fn() -> R,
}

/// A native class.
pub struct ClassDef {
    pub name: &'static str,
    pub module: &'static str,
    pub doc: &'static str,
    /// `__text_signature__` of the class, or "".
    pub sig: &'static str,
    pub layout: &'static LayoutDesc,
    /// Empty for `object`.
    pub bases: &'static [fn() -> Gc<Class>],
    pub metaclass: Option<fn() -> Gc<Class>>,
    /// Flags of `class.rs`.
    pub flags: u32,
    /// Methods, class methods and static methods.
    pub methods: &'static [&'static FnDef],
    pub slots: &'static [SlotDef],
    pub getset: &'static [GetSetDef],
    pub attrs: &'static [AttrDef],
    /// The class made from this definition; inside its making, what there is of it.
    pub cell: ClassCell,
    pub making: Making,
}

impl ClassDef {
    /// The class made from this definition (it must have been made).
    #[inline(always)]
    pub fn class(&self) -> Gc<Class> {
        self.cell.get()
    }
}

/// A native module.
pub struct ModuleDef {
    pub name: &'static str,
    pub doc: &'static str,
    pub functions: &'static [&'static FnDef],
    pub attrs: &'static [AttrDef],
    pub classes: &'static [&'static ClassDef],
    /// Runs when the module is imported, after the tables were entered.
    pub exec: Option<fn(Value) -> R<()>>,
}

/// What generated thunks call. Each is a line or two, so that expansions stay small.
pub mod rt {
    pub use super::{
        AttrDef, ClassDef, FnDef, FnKind, GetSetDef, ModuleDef, NativeCall, ParamDef, ParamKind, SlotDef, SlotFn, by_position,
    };
    pub use crate::args::{Args, Bound, Kwargs};
    pub use crate::class;
    pub use crate::class::Class;
    use crate::convert::{ArgName, FromArg, IntoResult, IntoValue};
    use crate::error::R;
    use crate::layout::Cast;
    pub use crate::layout::{ClassCell, Gc, Layout, LayoutDesc, Trace};
    pub use crate::making::Making;
    pub use heap::{Header, Tracer, Value};

    /// What the first parameter of a method may be.
    pub trait Receiver: Sized {
        fn check(value: Value, class: &'static ClassDef) -> Option<Self>;
        /// The receiver of a slot function: the slot's owner vouches for its class.
        fn trust(value: Value) -> Self;
    }
    impl<T: Layout> Receiver for Gc<T> {
        #[inline(always)]
        fn check(value: Value, _: &'static ClassDef) -> Option<Gc<T>> {
            value.cast::<T>()
        }
        #[inline(always)]
        fn trust(value: Value) -> Gc<T> {
            debug_assert!(Cast::cast::<T>(value).is_some(), "slot called with a foreign receiver");
            // SAFETY: a slot function is reached through the class that owns it or a subclass; wrappers visible to Python check first.
            unsafe { Cast::cast_unchecked::<T>(value) }
        }
    }
    impl Receiver for Value {
        #[inline]
        fn check(value: Value, class: &'static ClassDef) -> Option<Value> {
            class::is_instance(value, class.class()).then_some(value)
        }
        #[inline(always)]
        fn trust(value: Value) -> Value {
            value
        }
    }

    /// The checked receiver of method or attribute `name`.
    #[inline(always)]
    pub fn this<T: Receiver>(value: Value, class: &'static ClassDef, name: &'static str) -> R<T> {
        match T::check(value, class) {
            Some(receiver) => Ok(receiver),
            None => Err(crate::args::wrong_receiver(class, name, value)),
        }
    }
    #[inline(always)]
    pub fn trust<T: Receiver>(value: Value) -> T {
        T::trust(value)
    }
    /// The class argument of a class method or `__new__`.
    #[inline(always)]
    pub fn cls<T: From<Gc<Class>>>(value: Value) -> T {
        // SAFETY: the binding of class methods and the `__new__` wrapper pass classes only.
        T::from(unsafe { Cast::cast_unchecked::<Class>(value) })
    }

    /// The receiver and the other arguments of a raw method; `call_def` has checked that there is one.
    #[inline(always)]
    pub fn split(args: Args) -> (Value, Args) {
        args.split_first().unwrap_or((Value::none(), args))
    }

    /// Argument `index` of `def`, converted.
    #[inline]
    pub fn arg<T: FromArg>(value: Value, def: &'static FnDef, index: u8) -> R<T> {
        T::from_arg(value, ArgName::param(def, index))
    }
    /// The same for slots and setters, which have no parameter table.
    #[inline]
    pub fn plain<T: FromArg>(value: Value, name: &'static str) -> R<T> {
        T::from_arg(value, ArgName::plain(name))
    }
    /// An optional argument: absent gives `None`, Python's None is converted like anything else.
    #[inline]
    pub fn opt<T: FromArg>(value: Option<Value>, def: &'static FnDef, index: u8) -> R<Option<T>> {
        match value {
            Some(value) => T::from_arg(value, ArgName::param(def, index)).map(Some),
            None => Ok(None),
        }
    }
    /// An optional argument for which Python's None means the same as absent.
    #[inline]
    pub fn opt_none<T: FromArg>(value: Option<Value>, def: &'static FnDef, index: u8) -> R<Option<T>> {
        match value {
            Some(value) if !value.is_none() => T::from_arg(value, ArgName::param(def, index).or_none()).map(Some),
            _ => Ok(None),
        }
    }
    /// An argument with a default that Rust can write down.
    #[inline]
    pub fn or<T: FromArg>(value: Option<Value>, def: &'static FnDef, index: u8, default: impl FnOnce() -> T) -> R<T> {
        match value {
            Some(value) => T::from_arg(value, ArgName::param(def, index)),
            None => Ok(default()),
        }
    }
    /// The right operand of a binary slot; `None` asks the caller to answer NotImplemented.
    #[inline(always)]
    pub fn operand<T: Receiver + Operand>(value: Value) -> Option<T> {
        T::operand(value)
    }
    pub trait Operand: Sized {
        fn operand(value: Value) -> Option<Self>;
    }
    impl Operand for Value {
        #[inline(always)]
        fn operand(value: Value) -> Option<Value> {
            Some(value)
        }
    }
    impl<T: Layout> Operand for Gc<T> {
        #[inline(always)]
        fn operand(value: Value) -> Option<Gc<T>> {
            value.cast::<T>()
        }
    }

    /// The result of a native as a Python value.
    #[inline(always)]
    pub fn ret(result: impl IntoResult) -> R {
        result.into_result()
    }
    /// A slot result that is not a Python value: `T` or `R<T>` alike.
    pub trait Fallible<T> {
        fn fallible(self) -> R<T>;
    }
    impl<T> Fallible<T> for T {
        #[inline(always)]
        fn fallible(self) -> R<T> {
            Ok(self)
        }
    }
    impl<T> Fallible<T> for R<T> {
        #[inline(always)]
        fn fallible(self) -> R<T> {
            self
        }
    }
    #[inline(always)]
    pub fn plain_ret<T>(result: impl Fallible<T>) -> R<T> {
        result.fallible()
    }
    /// The result of `__next__`.
    #[inline(always)]
    pub fn next_ret<T: IntoValue>(result: R<Option<T>>) -> R<Option<Value>> {
        Ok(result?.map(IntoValue::into_value))
    }
    /// The class of a definition, made now if need be (a class that is the base of another).
    pub fn class_of_def(def: &'static ClassDef) -> Gc<Class> {
        crate::class_new::native_class(def).unwrap_or_else(|raised| {
            raised.clear();
            heap::out_of_memory()
        })
    }
    pub use crate::args::{call_def_with, not_deletable};
    pub type Result<T = Value> = R<T>;
}
