//! Module `_typing`: type parameters, type aliases and `Generic`. What needs the rest of typing's rules is asked of module `typing`.

use crate::generic_alias;
use crate::union::{make_union, type_or};
use native_macros::{Layout, native_class, native_module};
use objects::function::Function;
use objects::generic_set_attr;
use objects::{
    Args, Cast, Class, CompareOp, Gc, GcVec, Header, Kwargs, R, Slot, Str, Tuple, Value, attribute_error, call, call_kw,
    class_name, compare, get_attr, get_attr_named, interned, new_native, new_object, new_str, new_tuple, type_error, value_error,
};
use std::sync::atomic::{AtomicBool, Ordering};

/// `typing.name(*args)`
pub fn call_typing(name: &str, args: &[Value]) -> R {
    call(get_attr_named(objects::system::import("typing")?, name)?, args)
}

fn or_none(slot: &Slot) -> Value {
    slot.get().unwrap_or(Value::none())
}

/// Remembers which module made a type parameter.
fn set_caller_module(made: Value) -> R<()> {
    let module = objects::frame::current_globals()
        .and_then(|globals| objects::dict::dict_get_str(globals, interned!("__name__")))
        .unwrap_or(Value::none());
    set_module(made, module)
}
fn set_module(made: Value, module: Value) -> R<()> {
    match made.cast::<TypeAlias>() {
        Some(alias) => {
            alias.module.set(module);
            Ok(())
        }
        None => generic_set_attr(made, interned!("__module__"), Some(module)),
    }
}

/// `NoDefault`, once the classes exist.
static NO_DEFAULT: Slot = Slot::empty();

pub fn no_default() -> Value {
    or_none(&NO_DEFAULT)
}

/// Makes `NoDefault`. Call once, when the classes were made.
pub fn install() {
    let value = new_native(NoDefault { header: Header::blank(), unused: 0 }).value();
    objects::roots::keep_forever(value);
    NO_DEFAULT.set(value);
}

#[derive(Layout)]
#[repr(C)]
pub struct NoDefault {
    pub header: Header,
    unused: u64,
}

pub struct NoDefaultSkin;

/// The type of NoDefault.
#[native_class(name = "NoDefaultType", layout = NoDefault, base = object, flags = "final")]
impl NoDefaultSkin {
    #[new]
    fn new(_cls: Gc<Class>, args: Args) -> R {
        if !args.is_empty() {
            return Err(type_error!("NoDefaultType takes no arguments"));
        }
        Ok(no_default())
    }
    fn __repr__(_this: Value) -> &'static str {
        "typing.NoDefault"
    }
    fn __reduce__(_this: Value) -> &'static str {
        "NoDefault"
    }
}

/// A function of a format that gives a value known already.
#[derive(Layout)]
#[repr(C)]
pub struct ConstEvaluator {
    pub header: Header,
    value: Slot,
}

pub struct ConstEvaluatorSkin;

#[native_class(name = "_typing._ConstEvaluator", layout = ConstEvaluator, base = object, flags = "final no_new")]
impl ConstEvaluatorSkin {
    fn __repr__(this: Gc<ConstEvaluator>) -> R<String> {
        Ok(format!("<constevaluator {}>", objects::repr(or_none(&this.value))?.to_string_lossy()))
    }
    #[sig("(format)")]
    fn __call__(this: Gc<ConstEvaluator>, format: i32) -> R {
        let value = or_none(&this.value);
        if format != 4 {
            return Ok(value);
        }
        let Some(items) = value.cast::<Tuple>() else { return Ok(generic_alias::type_repr(value)?.value()) };
        let mut text = objects::containers::TextBuilder::new();
        text.push_str("(");
        for (index, item) in items.items().iter().enumerate() {
            if index > 0 {
                text.push_str(", ");
            }
            text.push(generic_alias::type_repr(*item)?);
        }
        text.push_str(if items.len() == 1 { ",)" } else { ")" });
        Ok(text.finish().value())
    }
}

/// The value of a lazy pair of slots.
fn evaluated(value: &Slot, evaluate: &Slot) -> R<Option<Value>> {
    if let Some(value) = value.get() {
        return Ok(Some(value));
    }
    let Some(function) = evaluate.get() else { return Ok(None) };
    Ok(Some(value.get_or_set(call(function, &[Value::small(1)])?)))
}
/// `evaluate_...`: the function, or one that gives the value known.
fn evaluator(value: &Slot, evaluate: &Slot) -> Value {
    if let Some(function) = evaluate.get() {
        return function;
    }
    match value.get() {
        Some(value) => new_native(ConstEvaluator { header: Header::blank(), value: Slot::new(value) }).value(),
        None => Value::none(),
    }
}

fn default_of(value: &Slot, evaluate: &Slot) -> R {
    Ok(evaluated(value, evaluate)?.unwrap_or_else(no_default))
}

/// The checked bound of a type parameter.
fn checked_bound(bound: Option<Value>) -> R<Option<Value>> {
    match bound.filter(|bound| !bound.is_none()) {
        Some(bound) => call_typing("_type_check", &[bound, new_str("Bound must be a type.")]).map(Some),
        None => Ok(None),
    }
}
fn given_default(default: Option<Value>) -> Option<Value> {
    default.filter(|default| *default != no_default())
}

struct Variance {
    covariant: bool,
    contravariant: bool,
    infer: bool,
}
fn check_variance(covariant: bool, contravariant: bool, infer: bool) -> R<Variance> {
    if covariant && contravariant {
        return Err(value_error!("Bivariant types are not supported."));
    }
    if infer && (covariant || contravariant) {
        return Err(value_error!("Variance cannot be specified with infer_variance."));
    }
    Ok(Variance { covariant, contravariant, infer })
}
fn variance_repr(name: Value, variance: &Variance) -> R {
    let sign = match variance {
        Variance { infer: true, .. } => return Ok(name),
        Variance { covariant: true, .. } => "+",
        Variance { contravariant: true, .. } => "-",
        _ => "~",
    };
    Ok(objects::str_concat(Str::new(sign), objects::str_of(name)?)?.value())
}

fn no_subclass(kind: &str) -> R {
    Err(type_error!("Cannot subclass an instance of {kind}"))
}

#[derive(Layout)]
#[repr(C)]
pub struct TypeVar {
    pub header: Header,
    name: Slot,
    bound: Slot,
    evaluate_bound: Slot,
    constraints: Slot,
    evaluate_constraints: Slot,
    default: Slot,
    evaluate_default: Slot,
    covariant: AtomicBool,
    contravariant: AtomicBool,
    infer_variance: AtomicBool,
}

impl TypeVar {
    fn variance(&self) -> Variance {
        Variance {
            covariant: self.covariant.load(Ordering::Relaxed),
            contravariant: self.contravariant.load(Ordering::Relaxed),
            infer: self.infer_variance.load(Ordering::Relaxed),
        }
    }
}

pub struct TypeVarSkin;

/// A type variable.
///
/// Generic functions, classes and type aliases declare theirs in brackets, with
/// a bound or constraints if need be:
///
///     class Tree[T]:
///         ...
///     def largest[N: (int, float)](numbers: list[N]) -> N:
///         ...
#[native_class(name = "typing.TypeVar", layout = TypeVar, base = object, flags = "final dict weakref")]
impl TypeVarSkin {
    #[new]
    #[sig(
        "(name, *constraints, bound=None, default=typing.NoDefault, covariant=False, contravariant=False, infer_variance=False)"
    )]
    fn new(cls: Gc<Class>, args: Args) -> R {
        let (name, call) = TypeVarCall::read(args)?;
        let variance = check_variance(call.covariant, call.contravariant, call.infer_variance)?;
        let bound = checked_bound(call.bound)?;
        let constraints = match call.constraints {
            [] => None,
            [_] => return Err(type_error!("A single constraint is not allowed")),
            _ if bound.is_some() => return Err(type_error!("Constraints cannot be combined with bound=...")),
            given => {
                let mut checked = GcVec::new();
                for constraint in given {
                    let text = new_str("TypeVar(name, constraint, ...): constraints must be types.");
                    checked.push(call_typing("_type_check", &[*constraint, text])?);
                }
                Some(new_tuple(&checked).value())
            }
        };
        let made = new_object(
            cls,
            TypeVar {
                header: Header::blank(),
                name: Slot::new(name.value()),
                bound: Slot::new_opt(bound),
                evaluate_bound: Slot::empty(),
                constraints: Slot::new_opt(constraints),
                evaluate_constraints: Slot::empty(),
                default: Slot::new_opt(given_default(call.default)),
                evaluate_default: Slot::empty(),
                covariant: AtomicBool::new(variance.covariant),
                contravariant: AtomicBool::new(variance.contravariant),
                infer_variance: AtomicBool::new(variance.infer),
            },
        );
        set_caller_module(made.value())?;
        Ok(made.value())
    }
    fn __repr__(this: Gc<TypeVar>) -> R {
        variance_repr(or_none(&this.name), &this.variance())
    }
    fn __or__(this: Value, other: Value) -> R {
        make_union(&[this, other])
    }
    fn __ror__(this: Value, other: Value) -> R {
        make_union(&[other, this])
    }
    #[sig("($self, arg, /)")]
    fn __typing_subst__(this: Gc<TypeVar>, arg: Value) -> R {
        call_typing("_typevar_subst", &[this.value(), arg])
    }
    #[sig("($self, alias, args, /)")]
    fn __typing_prepare_subst__(this: Gc<TypeVar>, alias: Value, args: Value) -> R {
        let parameters = get_attr(alias, interned!("__parameters__"))?;
        let given = objects::to_vec(args)?;
        let index = objects::to_vec(parameters)?.iter().position(|parameter| *parameter == this.value());
        let Some(index) = index else { return Err(value_error!("tuple.index(x): x not in tuple")) };
        if index < given.len() {
            return Ok(args);
        }
        let default = default_of(&this.default, &this.evaluate_default)?;
        if index > given.len() || default == no_default() {
            let (shown, count) = (objects::str_of(alias)?.to_string_lossy(), given.len());
            return Err(type_error!("Too few arguments for {shown}; actual {count}, expected at least {}", count + 1));
        }
        let mut all = given;
        all.push(default);
        Ok(new_tuple(&all).value())
    }
    fn __reduce__(this: Gc<TypeVar>) -> Value {
        or_none(&this.name)
    }
    fn has_default(this: Gc<TypeVar>) -> bool {
        !this.default.is_empty() || !this.evaluate_default.is_empty()
    }
    fn __mro_entries__(_this: Gc<TypeVar>, _bases: Value) -> R {
        no_subclass("TypeVar")
    }
    #[getter]
    fn __dict__(this: Value) -> R {
        objects::attributes::get_dict(this)
    }
    #[getter]
    fn __name__(this: Gc<TypeVar>) -> Value {
        or_none(&this.name)
    }
    #[getter]
    fn __covariant__(this: Gc<TypeVar>) -> bool {
        this.covariant.load(Ordering::Relaxed)
    }
    #[getter]
    fn __contravariant__(this: Gc<TypeVar>) -> bool {
        this.contravariant.load(Ordering::Relaxed)
    }
    #[getter]
    fn __infer_variance__(this: Gc<TypeVar>) -> bool {
        this.infer_variance.load(Ordering::Relaxed)
    }
    #[getter]
    fn __bound__(this: Gc<TypeVar>) -> R<Option<Value>> {
        evaluated(&this.bound, &this.evaluate_bound)
    }
    #[getter]
    fn __constraints__(this: Gc<TypeVar>) -> R {
        Ok(evaluated(&this.constraints, &this.evaluate_constraints)?.unwrap_or_else(|| new_tuple(&[]).value()))
    }
    #[getter]
    fn __default__(this: Gc<TypeVar>) -> R {
        default_of(&this.default, &this.evaluate_default)
    }
    #[getter]
    fn evaluate_bound(this: Gc<TypeVar>) -> Value {
        evaluator(&this.bound, &this.evaluate_bound)
    }
    #[getter]
    fn evaluate_constraints(this: Gc<TypeVar>) -> Value {
        evaluator(&this.constraints, &this.evaluate_constraints)
    }
    #[getter]
    fn evaluate_default(this: Gc<TypeVar>) -> Value {
        evaluator(&this.default, &this.evaluate_default)
    }
}

/// The arguments of `TypeVar(...)`, which mixes `*constraints` with keywords.
struct TypeVarCall<'a> {
    constraints: &'a [Value],
    bound: Option<Value>,
    default: Option<Value>,
    covariant: bool,
    contravariant: bool,
    infer_variance: bool,
}

impl<'a> TypeVarCall<'a> {
    fn read(args: Args<'a>) -> R<(Gc<Str>, TypeVarCall<'a>)> {
        let names = ["name", "bound", "default", "covariant", "contravariant", "infer_variance"];
        let [named, bound, default, covariant, contravariant, infer] = crate::exceptions::keyword_fields("typevar", args, names)?;
        let (name, constraints) = match (args.positional(), named) {
            ([name, rest @ ..], None) => (*name, rest),
            ([], Some(name)) => (name, &[][..]),
            ([], None) => return Err(type_error!("typevar() missing required argument 'name' (pos 1)")),
            (_, Some(_)) => return Err(type_error!("argument for typevar() given by name ('name') and position (1)")),
        };
        let Some(name) = name.cast::<Str>() else {
            return Err(type_error!("typevar() argument 'name' must be str, not {}", class_name(name)));
        };
        let flag = |value: Option<Value>| value.map_or(Ok(false), objects::is_true);
        Ok((
            name,
            TypeVarCall {
                constraints,
                bound,
                default,
                covariant: flag(covariant)?,
                contravariant: flag(contravariant)?,
                infer_variance: flag(infer)?,
            },
        ))
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct ParamSpec {
    pub header: Header,
    name: Slot,
    bound: Slot,
    default: Slot,
    evaluate_default: Slot,
    covariant: AtomicBool,
    contravariant: AtomicBool,
    infer_variance: AtomicBool,
}

pub struct ParamSpecSkin;

/// A variable for the parameters of a callable.
///
/// Generic functions, classes and type aliases declare theirs in brackets, with
/// '**':
///
///     type Handler[**P] = Callable[P, None]
#[native_class(name = "typing.ParamSpec", layout = ParamSpec, base = object, flags = "final dict weakref")]
impl ParamSpecSkin {
    #[new]
    fn new(cls: Gc<Class>, args: Args) -> R {
        let names = ["name", "bound", "default", "covariant", "contravariant", "infer_variance"];
        let [named, bound, default, covariant, contravariant, infer] =
            crate::exceptions::keyword_fields("paramspec", args, names)?;
        let name = match (args.positional(), named) {
            ([name], None) => *name,
            ([], Some(name)) => name,
            ([], None) => return Err(type_error!("paramspec() missing required argument 'name' (pos 1)")),
            (given, _) => {
                return Err(type_error!("paramspec() takes at most 1 positional argument ({} given)", given.len()));
            }
        };
        let Some(name) = name.cast::<Str>() else {
            return Err(type_error!("paramspec() argument 'name' must be str, not {}", class_name(name)));
        };
        let flag = |value: Option<Value>| value.map_or(Ok(false), objects::is_true);
        let variance = check_variance(flag(covariant)?, flag(contravariant)?, flag(infer)?)?;
        let made = new_object(
            cls,
            ParamSpec {
                header: Header::blank(),
                name: Slot::new(name.value()),
                bound: Slot::new_opt(bound.filter(|bound| !bound.is_none())),
                default: Slot::new_opt(given_default(default)),
                evaluate_default: Slot::empty(),
                covariant: AtomicBool::new(variance.covariant),
                contravariant: AtomicBool::new(variance.contravariant),
                infer_variance: AtomicBool::new(variance.infer),
            },
        );
        set_caller_module(made.value())?;
        Ok(made.value())
    }
    fn __repr__(this: Gc<ParamSpec>) -> R {
        let variance = Variance {
            covariant: this.covariant.load(Ordering::Relaxed),
            contravariant: this.contravariant.load(Ordering::Relaxed),
            infer: this.infer_variance.load(Ordering::Relaxed),
        };
        variance_repr(or_none(&this.name), &variance)
    }
    fn __or__(this: Value, other: Value) -> R {
        make_union(&[this, other])
    }
    fn __ror__(this: Value, other: Value) -> R {
        make_union(&[other, this])
    }
    #[sig("($self, arg, /)")]
    fn __typing_subst__(this: Gc<ParamSpec>, arg: Value) -> R {
        call_typing("_paramspec_subst", &[this.value(), arg])
    }
    #[sig("($self, alias, args, /)")]
    fn __typing_prepare_subst__(this: Gc<ParamSpec>, alias: Value, args: Value) -> R {
        call_typing("_paramspec_prepare_subst", &[this.value(), alias, args])
    }
    fn has_default(this: Gc<ParamSpec>) -> bool {
        !this.default.is_empty() || !this.evaluate_default.is_empty()
    }
    fn __reduce__(this: Gc<ParamSpec>) -> Value {
        or_none(&this.name)
    }
    fn __mro_entries__(_this: Gc<ParamSpec>, _bases: Value) -> R {
        no_subclass("ParamSpec")
    }
    #[getter]
    fn __dict__(this: Value) -> R {
        objects::attributes::get_dict(this)
    }
    #[getter]
    fn __name__(this: Gc<ParamSpec>) -> Value {
        or_none(&this.name)
    }
    #[getter]
    fn __bound__(this: Gc<ParamSpec>) -> Value {
        or_none(&this.bound)
    }
    #[getter]
    fn __covariant__(this: Gc<ParamSpec>) -> bool {
        this.covariant.load(Ordering::Relaxed)
    }
    #[getter]
    fn __contravariant__(this: Gc<ParamSpec>) -> bool {
        this.contravariant.load(Ordering::Relaxed)
    }
    #[getter]
    fn __infer_variance__(this: Gc<ParamSpec>) -> bool {
        this.infer_variance.load(Ordering::Relaxed)
    }
    /// Represents positional arguments.
    #[getter]
    fn args(this: Gc<ParamSpec>) -> Value {
        new_native(ParamSpecArgs { header: Header::blank(), origin: Slot::new(this.value()) }).value()
    }
    /// Represents keyword arguments.
    #[getter]
    fn kwargs(this: Gc<ParamSpec>) -> Value {
        new_native(ParamSpecKwargs { header: Header::blank(), origin: Slot::new(this.value()) }).value()
    }
    #[getter]
    fn __default__(this: Gc<ParamSpec>) -> R {
        default_of(&this.default, &this.evaluate_default)
    }
    #[getter]
    fn evaluate_default(this: Gc<ParamSpec>) -> Value {
        evaluator(&this.default, &this.evaluate_default)
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct ParamSpecArgs {
    pub header: Header,
    origin: Slot,
}
#[derive(Layout)]
#[repr(C)]
pub struct ParamSpecKwargs {
    pub header: Header,
    origin: Slot,
}

fn part_repr(origin: &Slot, part: &str) -> R<String> {
    let origin = or_none(origin);
    let name = match origin.cast::<ParamSpec>() {
        Some(spec) => objects::str_of(or_none(&spec.name))?,
        None => objects::repr(origin)?,
    };
    Ok(format!("{}.{part}", name.to_string_lossy()))
}

pub struct ParamSpecArgsSkin;

/// The positional parameters P.args of a ParamSpec P.
///
/// P is the __origin__:
///
///     >>> P = ParamSpec("P")
///     >>> P.args.__origin__ is P
///     True
#[native_class(name = "typing.ParamSpecArgs", layout = ParamSpecArgs, base = object, flags = "final weakref")]
impl ParamSpecArgsSkin {
    #[new]
    #[sig("(origin)")]
    fn new(cls: Gc<Class>, origin: Value) -> R {
        Ok(new_object(cls, ParamSpecArgs { header: Header::blank(), origin: Slot::new(origin) }).value())
    }
    fn __repr__(this: Gc<ParamSpecArgs>) -> R<String> {
        part_repr(&this.origin, "args")
    }
    fn __eq__(this: Gc<ParamSpecArgs>, other: Gc<ParamSpecArgs>) -> R {
        compare(CompareOp::Eq, or_none(&this.origin), or_none(&other.origin))
    }
    fn __ne__(this: Gc<ParamSpecArgs>, other: Gc<ParamSpecArgs>) -> R {
        compare(CompareOp::Ne, or_none(&this.origin), or_none(&other.origin))
    }
    fn __mro_entries__(_this: Gc<ParamSpecArgs>, _bases: Value) -> R {
        no_subclass("ParamSpecArgs")
    }
    #[getter]
    fn __origin__(this: Gc<ParamSpecArgs>) -> Value {
        or_none(&this.origin)
    }
}

pub struct ParamSpecKwargsSkin;

/// The keyword parameters P.kwargs of a ParamSpec P.
///
/// P is the __origin__:
///
///     >>> P = ParamSpec("P")
///     >>> P.kwargs.__origin__ is P
///     True
#[native_class(name = "typing.ParamSpecKwargs", layout = ParamSpecKwargs, base = object, flags = "final weakref")]
impl ParamSpecKwargsSkin {
    #[new]
    #[sig("(origin)")]
    fn new(cls: Gc<Class>, origin: Value) -> R {
        Ok(new_object(cls, ParamSpecKwargs { header: Header::blank(), origin: Slot::new(origin) }).value())
    }
    fn __repr__(this: Gc<ParamSpecKwargs>) -> R<String> {
        part_repr(&this.origin, "kwargs")
    }
    fn __eq__(this: Gc<ParamSpecKwargs>, other: Gc<ParamSpecKwargs>) -> R {
        compare(CompareOp::Eq, or_none(&this.origin), or_none(&other.origin))
    }
    fn __ne__(this: Gc<ParamSpecKwargs>, other: Gc<ParamSpecKwargs>) -> R {
        compare(CompareOp::Ne, or_none(&this.origin), or_none(&other.origin))
    }
    fn __mro_entries__(_this: Gc<ParamSpecKwargs>, _bases: Value) -> R {
        no_subclass("ParamSpecKwargs")
    }
    #[getter]
    fn __origin__(this: Gc<ParamSpecKwargs>) -> Value {
        or_none(&this.origin)
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct TypeVarTuple {
    pub header: Header,
    name: Slot,
    default: Slot,
    evaluate_default: Slot,
}

/// `typing.Unpack[value]`, once.
fn unpacked_once(value: Value) -> R {
    let unpack = get_attr_named(objects::system::import("typing")?, "Unpack")?;
    let unpacked = objects::get_item(unpack, value)?;
    objects::iter(new_tuple(&[unpacked]).value())
}

pub struct TypeVarTupleSkin;

/// A type variable that stands for any number of types.
///
/// Generic functions, classes and type aliases declare theirs in brackets, with
/// '*':
///
///     def swap_ends[A, *Ts, B](t: tuple[A, *Ts, B]) -> tuple[B, *Ts, A]:
///         return (t[-1], *t[1:-1], t[0])
#[native_class(name = "typing.TypeVarTuple", layout = TypeVarTuple, base = object, flags = "final dict weakref")]
impl TypeVarTupleSkin {
    #[new]
    fn new(cls: Gc<Class>, args: Args) -> R {
        let [named, default] = crate::exceptions::keyword_fields("typevartuple", args, ["name", "default"])?;
        let name = match (args.positional(), named) {
            ([name], None) => *name,
            ([], Some(name)) => name,
            ([], None) => return Err(type_error!("typevartuple() missing required argument 'name' (pos 1)")),
            (given, _) => {
                return Err(type_error!("typevartuple() takes at most 1 positional argument ({} given)", given.len()));
            }
        };
        let Some(name) = name.cast::<Str>() else {
            return Err(type_error!("typevartuple() argument 'name' must be str, not {}", class_name(name)));
        };
        let made = new_object(
            cls,
            TypeVarTuple {
                header: Header::blank(),
                name: Slot::new(name.value()),
                default: Slot::new_opt(given_default(default)),
                evaluate_default: Slot::empty(),
            },
        );
        set_caller_module(made.value())?;
        Ok(made.value())
    }
    fn __repr__(this: Gc<TypeVarTuple>) -> Value {
        or_none(&this.name)
    }
    fn __iter__(this: Gc<TypeVarTuple>) -> R {
        unpacked_once(this.value())
    }
    #[sig("($self, arg, /)")]
    fn __typing_subst__(_this: Gc<TypeVarTuple>, _arg: Value) -> R {
        Err(type_error!("Substitution of bare TypeVarTuple is not supported"))
    }
    #[sig("($self, alias, args, /)")]
    fn __typing_prepare_subst__(this: Gc<TypeVarTuple>, alias: Value, args: Value) -> R {
        call_typing("_typevartuple_prepare_subst", &[this.value(), alias, args])
    }
    fn __reduce__(this: Gc<TypeVarTuple>) -> Value {
        or_none(&this.name)
    }
    fn has_default(this: Gc<TypeVarTuple>) -> bool {
        !this.default.is_empty() || !this.evaluate_default.is_empty()
    }
    fn __mro_entries__(_this: Gc<TypeVarTuple>, _bases: Value) -> R {
        no_subclass("TypeVarTuple")
    }
    #[getter]
    fn __dict__(this: Value) -> R {
        objects::attributes::get_dict(this)
    }
    #[getter]
    fn __name__(this: Gc<TypeVarTuple>) -> Value {
        or_none(&this.name)
    }
    #[getter]
    fn __default__(this: Gc<TypeVarTuple>) -> R {
        default_of(&this.default, &this.evaluate_default)
    }
    #[getter]
    fn evaluate_default(this: Gc<TypeVarTuple>) -> Value {
        evaluator(&this.default, &this.evaluate_default)
    }
}

#[derive(Layout)]
#[repr(C)]
pub struct TypeAlias {
    pub header: Header,
    name: Slot,
    /// A tuple, or empty.
    type_params: Slot,
    evaluate: Slot,
    value: Slot,
    module: Slot,
}

impl TypeAlias {
    fn type_params(&self) -> Gc<Tuple> {
        self.type_params.get().and_then(|params| params.cast::<Tuple>()).unwrap_or_else(|| new_tuple(&[]))
    }
}

pub struct TypeAliasSkin;

/// A name for a type, made by the type statement:
///
///     type Name = str
///
/// Type checkers take Name and str for the same type.
#[native_class(name = "typing.TypeAliasType", layout = TypeAlias, base = object, flags = "final weakref")]
impl TypeAliasSkin {
    #[new]
    fn new(cls: Gc<Class>, args: Args) -> R {
        let [named, value, params] = crate::exceptions::keyword_fields("typealias", args, ["name", "value", "type_params"])?;
        let given = args.positional();
        if given.len() > 2 {
            return Err(type_error!("typealias() takes exactly 2 positional arguments ({} given)", given.len()));
        }
        let Some(name) = given.first().copied().or(named) else {
            return Err(type_error!("typealias() missing required argument 'name' (pos 1)"));
        };
        let Some(value) = given.get(1).copied().or(value) else {
            return Err(type_error!("typealias() missing required argument 'value' (pos 2)"));
        };
        let Some(name) = name.cast::<Str>() else {
            return Err(type_error!("typealias() argument 'name' must be str, not {}", class_name(name)));
        };
        let params = match params {
            Some(params) => {
                let Some(params) = params.cast::<Tuple>() else { return Err(type_error!("type_params must be a tuple")) };
                check_type_params(params)?;
                (!params.is_empty()).then_some(params.value())
            }
            None => None,
        };
        let made = new_object(
            cls,
            TypeAlias {
                header: Header::blank(),
                name: Slot::new(name.value()),
                type_params: Slot::new_opt(params),
                evaluate: Slot::empty(),
                value: Slot::new(value),
                module: Slot::empty(),
            },
        );
        set_caller_module(made.value())?;
        Ok(made.value())
    }
    fn __repr__(this: Gc<TypeAlias>) -> Value {
        or_none(&this.name)
    }
    fn __iter__(this: Gc<TypeAlias>) -> R {
        unpacked_once(this.value())
    }
    fn __or__(this: Value, other: Value) -> R {
        type_or(this, other)
    }
    fn __ror__(this: Value, other: Value) -> R {
        type_or(other, this)
    }
    fn __getitem__(this: Gc<TypeAlias>, item: Value) -> R {
        if this.type_params.is_empty() {
            return Err(type_error!("Only generic type aliases are subscriptable"));
        }
        generic_alias::make(this.value(), item)
    }
    fn __reduce__(this: Gc<TypeAlias>) -> Value {
        or_none(&this.name)
    }
    #[getter]
    fn __name__(this: Gc<TypeAlias>) -> Value {
        or_none(&this.name)
    }
    #[setter(__name__)]
    fn set_name(_this: Gc<TypeAlias>, _value: Option<Value>) -> R<()> {
        Err(attribute_error!("readonly attribute"))
    }
    #[getter]
    fn __parameters__(this: Gc<TypeAlias>) -> R<Gc<Tuple>> {
        let mut parameters = GcVec::new();
        for parameter in this.type_params().items() {
            if parameter.cast::<TypeVarTuple>().is_some() {
                let unpack = get_attr_named(objects::system::import("typing")?, "Unpack")?;
                parameters.push(objects::get_item(unpack, *parameter)?);
            } else {
                parameters.push(*parameter);
            }
        }
        Ok(new_tuple(&parameters))
    }
    #[getter]
    fn __type_params__(this: Gc<TypeAlias>) -> Gc<Tuple> {
        this.type_params()
    }
    #[getter]
    fn __value__(this: Gc<TypeAlias>) -> R {
        Ok(evaluated(&this.value, &this.evaluate)?.unwrap_or(Value::none()))
    }
    #[getter]
    fn evaluate_value(this: Gc<TypeAlias>) -> Value {
        evaluator(&this.value, &this.evaluate)
    }
    #[getter]
    fn __module__(this: Gc<TypeAlias>) -> Value {
        if let Some(module) = this.module.get() {
            return module;
        }
        let function = this.evaluate.get().and_then(|function| function.cast::<Function>());
        function.map_or(Value::none(), |function| function.module.get().unwrap_or(Value::none()))
    }
}

/// Type parameters with defaults come last.
fn check_type_params(params: Gc<Tuple>) -> R<()> {
    let mut default_seen = false;
    for param in params.items() {
        let (has_default, name) = if let Some(param) = param.cast::<TypeVar>() {
            (TypeVarSkin::has_default(param), or_none(&param.name))
        } else if let Some(param) = param.cast::<ParamSpec>() {
            (ParamSpecSkin::has_default(param), or_none(&param.name))
        } else if let Some(param) = param.cast::<TypeVarTuple>() {
            (TypeVarTupleSkin::has_default(param), or_none(&param.name))
        } else {
            return Err(type_error!("Expected a type param, got {}", objects::repr(*param)?.to_string_lossy()));
        };
        if !has_default && default_seen {
            return Err(type_error!(
                "non-default type parameter '{}' follows default type parameter",
                objects::str_of(name)?.to_string_lossy()
            ));
        }
        default_seen |= has_default;
    }
    Ok(())
}

pub struct GenericSkin;

/// Base class of generic classes.
///
/// A class with type parameters in brackets after its name has it for a base
/// without saying so:
///
///     class Tree[T]:
///         ...
///
/// Before Python 3.12 it had to be named.
#[native_class(name = "typing.Generic", layout = objects::class_new::Object, base = object)]
impl GenericSkin {
    /// The class with its type parameters replaced.
    #[classmethod]
    #[sig("(*args, **kwargs)", hidden)]
    fn __class_getitem__(cls: Gc<Class>, args: &[Value], kwargs: Kwargs) -> R {
        forward("_generic_class_getitem", cls, args, kwargs)
    }
    /// Function to initialize subclasses.
    #[classmethod]
    #[sig("(*args, **kwargs)", hidden)]
    fn __init_subclass__(cls: Gc<Class>, args: &[Value], kwargs: Kwargs) -> R {
        forward("_generic_init_subclass", cls, args, kwargs)
    }
}

/// `typing.name(cls, *args, **kwargs)`
fn forward(name: &str, cls: Gc<Class>, args: &[Value], kwargs: Kwargs) -> R {
    let function = get_attr_named(objects::system::import("typing")?, name)?;
    let mut all = GcVec::from_slice(&[cls.value()]);
    all.extend_from_slice(args);
    let keywords: Vec<(Gc<Str>, Value)> = kwargs.iter().collect();
    call_kw(function, &all, &keywords)
}

pub struct Typing;

/// The natively written part of the typing module.
#[native_module(name = "_typing", classes = [
    TypeVarSkin, ParamSpecSkin, ParamSpecArgsSkin, ParamSpecKwargsSkin, TypeVarTupleSkin, TypeAliasSkin, GenericSkin,
    crate::union::UnionSkin
])]
impl Typing {
    #[sig("($module, x, /)")]
    fn _idfunc(x: Value) -> Value {
        x
    }
    /// What the statements of the language need: the parts that are evaluated later.
    fn _set_module(made: Value, module: Value) -> R<()> {
        set_module(made, module)
    }
    fn _set_bound(parameter: Gc<TypeVar>, function: Value) {
        parameter.evaluate_bound.set(function);
    }
    fn _set_constraints(parameter: Gc<TypeVar>, function: Value) {
        parameter.evaluate_constraints.set(function);
    }
    fn _set_default(parameter: Value, function: Value) -> R<()> {
        if let Some(parameter) = parameter.cast::<TypeVar>() {
            parameter.evaluate_default.set(function);
        } else if let Some(parameter) = parameter.cast::<ParamSpec>() {
            parameter.evaluate_default.set(function);
        } else if let Some(parameter) = parameter.cast::<TypeVarTuple>() {
            parameter.evaluate_default.set(function);
        } else {
            return Err(type_error!("Expected a type param, got {}", objects::repr(parameter)?.to_string_lossy()));
        }
        Ok(())
    }
    fn _make_type_alias(name: Value, parameters: Value, function: Value) -> R {
        let parameters = if parameters.is_none() { None } else { parameters.cast::<Tuple>() };
        if let Some(parameters) = parameters {
            check_type_params(parameters)?;
        }
        Ok(new_native(TypeAlias {
            header: Header::blank(),
            name: Slot::new(name),
            type_params: Slot::new_opt(parameters.filter(|parameters| !parameters.is_empty()).map(Gc::value)),
            evaluate: Slot::new(function),
            value: Slot::empty(),
            module: Slot::empty(),
        })
        .value())
    }
    fn __exec__(module: Value) -> R<()> {
        objects::set_attr(module, interned!("NoDefault"), no_default())
    }
}
