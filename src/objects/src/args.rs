//! The arguments of a call, and the one binder that gives natives theirs. Error texts are those of CPython's Argument Clinic.
//!
//! Must not know: Python functions (the interpreter binds those), conversion of single arguments (`convert.rs`).

use crate::class::{Class, HEAP_TYPE, class_name, class_of, message_name};
use crate::error::{R, Raised, attribute_error, type_error};
use crate::gc_vec::GcVec;
use crate::layout::{Cast, Gc};
use crate::native::{ClassDef, FnDef, FnKind, MOST_BY_POSITION, NativeCall, ParamKind};
use crate::signature::suggest;
use crate::str::Str;
use heap::Value;

/// A call's arguments: positional values, then keyword values in the order of their names.
#[derive(Clone, Copy)]
pub struct Args<'a> {
    values: &'a [Value],
    names: &'a [Value],
}

impl<'a> Args<'a> {
    /// `positional` values in front, then one for each of `names` (strings).
    #[inline(always)]
    pub fn new(values: &'a [Value], positional: usize, names: &'a [Value]) -> Args<'a> {
        debug_assert!(positional + names.len() == values.len());
        let _ = positional;
        Args { values, names }
    }
    #[inline(always)]
    pub fn positional_only(positional: &'a [Value]) -> Args<'a> {
        Args { values: positional, names: &[] }
    }
    pub fn empty() -> Args<'static> {
        Args { values: &[], names: &[] }
    }
    /// Number of positional arguments.
    #[inline(always)]
    pub fn len(self) -> usize {
        self.values.len() - self.names.len()
    }
    /// Whether there are no arguments at all, keywords included.
    #[inline(always)]
    pub fn is_empty(self) -> bool {
        self.values.is_empty()
    }
    #[inline(always)]
    pub fn positional(self) -> &'a [Value] {
        &self.values[..self.len()]
    }
    #[inline]
    pub fn get(self, index: usize) -> Option<Value> {
        self.positional().get(index).copied()
    }
    #[inline(always)]
    pub fn has_keywords(self) -> bool {
        !self.names.is_empty()
    }
    /// Keyword names.
    #[inline(always)]
    pub fn names(self) -> &'a [Value] {
        self.names
    }
    #[inline(always)]
    pub fn keyword_values(self) -> &'a [Value] {
        &self.values[self.len()..]
    }
    #[inline]
    pub fn keywords(self) -> impl Iterator<Item = (Value, Value)> + 'a {
        self.names.iter().copied().zip(self.keyword_values().iter().copied())
    }
    /// The value given for keyword `name`.
    pub fn keyword(self, name: &str) -> Option<Value> {
        self.keywords().find(|(key, _)| is_name(*key, name)).map(|(_, value)| value)
    }
    /// Positional and keyword values together.
    #[inline(always)]
    pub fn total_len(self) -> usize {
        self.values.len()
    }
    /// Positional values followed by keyword values.
    #[inline(always)]
    pub fn values(self) -> &'a [Value] {
        self.values
    }
    pub fn push_values_to(self, values: &mut GcVec) {
        values.extend_from_slice(self.values);
    }
    /// The same keyword names over other values (a receiver put in front, say).
    #[inline(always)]
    pub fn with_values<'b>(self, values: &'b [Value]) -> Args<'b>
    where
        'a: 'b,
    {
        Args { values, names: self.names }
    }
    /// The first positional value and the rest.
    #[inline]
    pub fn split_first(self) -> Option<(Value, Args<'a>)> {
        let (first, values) = self.values.split_first().filter(|_| !self.positional().is_empty())?;
        Some((*first, Args { values, names: self.names }))
    }
    /// Refuses keywords: `name() takes no keyword arguments`.
    #[inline]
    pub fn no_keywords(self, name: &str) -> R<()> {
        #[cold]
        fn refuse(name: &str) -> R<()> {
            Err(type_error!("{name}() takes no keyword arguments"))
        }
        if self.has_keywords() { refuse(name) } else { Ok(()) }
    }
    /// Checks the number of positional arguments: `name expected at least 1 argument, got 0`.
    #[inline]
    pub fn check_count(self, name: &str, min: usize, max: usize) -> R<()> {
        let given = self.len();
        if given < min || given > max { Err(count_error(name, given, min, max)) } else { Ok(()) }
    }
}

/// `**kwargs` of a native: the keywords that no named parameter took.
#[derive(Clone, Copy)]
pub struct Kwargs<'a> {
    args: Args<'a>,
    def: Option<&'static FnDef>,
}

impl<'a> Kwargs<'a> {
    /// All keywords of a call.
    pub fn all(args: Args<'a>) -> Kwargs<'a> {
        Kwargs { args, def: None }
    }
    /// Names and values.
    pub fn iter(self) -> impl Iterator<Item = (Gc<Str>, Value)> + 'a {
        self.args.keywords().filter_map(move |(key, value)| {
            let name = key.cast::<Str>()?;
            let taken =
                self.def.is_some_and(|def| def.params.iter().any(|param| takes_keyword(param.kind) && is_name(key, param.name)));
            (!taken).then_some((name, value))
        })
    }
    pub fn get(self, name: &str) -> Option<Value> {
        self.iter().find(|(key, _)| is_name(key.value(), name)).map(|(_, value)| value)
    }
    pub fn is_empty(self) -> bool {
        !self.args.has_keywords() || self.iter().next().is_none()
    }
}

/// Arguments after binding by name: the receiver if there is one, then one entry for each named parameter. What is not there at the end
/// was not given.
pub struct Bound<'a> {
    values: &'a [Option<Value>],
    rest: &'a [Value],
    kwargs: Kwargs<'a>,
}

impl<'a> Bound<'a> {
    /// A receiver or required parameter.
    #[inline(always)]
    pub fn at(&self, index: usize) -> Value {
        debug_assert!(self.get(index).is_some(), "the binder fills required parameters");
        self.get(index).unwrap_or(Value::none())
    }
    #[inline(always)]
    pub fn get(&self, index: usize) -> Option<Value> {
        self.values.get(index).copied().flatten()
    }
    /// `*args`
    pub fn rest(&self) -> &'a [Value] {
        self.rest
    }
    pub fn kwargs(&self) -> Kwargs<'a> {
        self.kwargs
    }
}

/// Enters a native. For methods the first positional value is the receiver.
#[inline]
pub fn call_def(def: &'static FnDef, args: Args) -> R {
    let values = args.values;
    let plain = !args.has_keywords();
    match def.call {
        NativeCall::F0(f) if values.is_empty() => f(),
        NativeCall::F1(f) if plain && values.len() == 1 => f(values[0]),
        NativeCall::F2(f) if plain && values.len() == 2 => f(values[0], values[1]),
        NativeCall::F3(f) if plain && values.len() == 3 => f(values[0], values[1], values[2]),
        NativeCall::F4(f) if plain && values.len() == 4 => f(values[0], values[1], values[2], values[3]),
        NativeCall::Slice { min, max, f } if plain && values.len() >= min as usize && values.len() <= max as usize => f(values),
        NativeCall::Bound(f) if def.kind.receiver_count() == 0 => enter_bound(def, None, args, f),
        NativeCall::Bound(f) => match args.split_first() {
            Some((first, rest)) => enter_bound(def, Some(first), rest, f),
            None => Err(wrong_arguments(def, args)),
        },
        NativeCall::Raw(f) if args.len() >= def.kind.receiver_count() => f(args),
        NativeCall::Extern { enter, data } if def.kind.receiver_count() == 0 => {
            enter(data, Value::none(), args.values, args.names)
        }
        NativeCall::Extern { enter, data } => match args.split_first() {
            Some((first, rest)) => enter(data, first, rest.values, rest.names),
            None => Err(wrong_arguments(def, args)),
        },
        _ => Err(wrong_arguments(def, args)),
    }
}

/// Enters a native with positional values only, the receiver among them; None: the general way must look at it (and may raise).
#[inline]
pub fn call_positional(def: &'static FnDef, values: &[Value]) -> Option<R> {
    Some(match (def.call, values) {
        (NativeCall::F1(f), [a]) => f(*a),
        (NativeCall::F2(f), [a, b]) => f(*a, *b),
        (NativeCall::F0(f), []) => f(),
        (NativeCall::F3(f), [a, b, c]) => f(*a, *b, *c),
        (NativeCall::Slice { min, max, f }, values) if values.len() >= min as usize && values.len() <= max as usize => f(values),
        (NativeCall::Bound(f), values) => return enter_bound_positional(def, values, f),
        (NativeCall::Raw(f), values) if values.len() >= def.kind.receiver_count() => f(Args::positional_only(values)),
        _ => return None,
    })
}

/// Binding by position alone, for as few values as `by_position` admits.
fn enter_bound_positional(def: &'static FnDef, given: &[Value], enter: fn(&Bound) -> R) -> Option<R> {
    let (least, most) = def.by_position;
    if given.len() < least as usize || given.len() > most as usize {
        return None;
    }
    // SAFETY: a value and a value that is there are the same word.
    let values = unsafe { std::slice::from_raw_parts(given.as_ptr() as *const Option<Value>, given.len()) };
    let args = Args::positional_only(&[]);
    Some(enter(&Bound { values, rest: &[], kwargs: Kwargs { args, def: Some(def) } }))
}

/// Enters a native whose receiver is not part of `args` (constructors, `__call__`, bound methods).
pub fn call_def_with(def: &'static FnDef, first: Value, args: Args) -> R {
    if let NativeCall::Extern { enter, data } = def.call {
        return enter(data, first, args.values, args.names);
    }
    let args = if args.has_keywords() && ignores_keywords(def, first) { Args::positional_only(args.positional()) } else { args };
    match (def.call, args.values) {
        (NativeCall::F1(f), []) => f(first),
        (NativeCall::F2(f), [a]) if !args.has_keywords() => f(first, *a),
        (NativeCall::F3(f), [a, b]) if !args.has_keywords() => f(first, *a, *b),
        (NativeCall::Bound(f), given) if !args.has_keywords() && is_enough_with_receiver(def, given.len()) => {
            let mut values = [Some(first); MOST_BY_POSITION];
            values[1..].iter_mut().zip(given).for_each(|(place, value)| *place = Some(*value));
            let args = Args::positional_only(&[]);
            f(&Bound { values: &values[..given.len() + 1], rest: &[], kwargs: Kwargs { args, def: Some(def) } })
        }
        (NativeCall::Bound(f), _) => enter_bound(def, Some(first), args, f),
        _ => with_first(first, args, |args| call_def(def, args)),
    }
}

/// Whether a receiver and so many values need no binding.
#[inline]
fn is_enough_with_receiver(def: &FnDef, given: usize) -> bool {
    let (least, most) = def.by_position;
    def.kind.receiver_count() == 1 && given + 1 >= least as usize && given < most as usize && given < MOST_BY_POSITION
}

/// A constructor half that takes no keywords lets them pass if a Python subclass replaced the other half, which gets them too:
/// `class Length(float)` may have `__init__(self, value, unit)`.
#[cold]
fn ignores_keywords(def: &'static FnDef, first: Value) -> bool {
    if matches!(def.call, NativeCall::Bound(_) | NativeCall::Raw(_)) {
        return false;
    }
    let class = match def.kind {
        FnKind::New => first.cast::<Class>(),
        FnKind::Init => Some(class_of(first)),
        _ => None,
    };
    let Some(class) = class else { return false };
    let native = class.mro().items().iter().filter_map(|entry| entry.cast::<Class>()).find(|entry| !entry.flags.has(HEAP_TYPE));
    let Some(native) = native else { return false };
    if def.kind == FnKind::New {
        class.slots.init.get().map(|function| function as usize) != native.slots.init.get().map(|function| function as usize)
    } else {
        class.slots.new.get().map(|function| function as usize) != native.slots.new.get().map(|function| function as usize)
    }
}

/// Calls `enter` with `first` put in front of the arguments.
pub fn with_first<T>(first: Value, args: Args, enter: impl FnOnce(Args) -> T) -> T {
    const INLINE: usize = 12;
    let count = args.values.len() + 1;
    if count <= INLINE {
        let mut all = [first; INLINE];
        all[1..count].copy_from_slice(args.values);
        return enter(Args { values: &all[..count], names: args.names });
    }
    let mut all = Vec::with_capacity(count);
    all.push(first);
    all.extend_from_slice(args.values);
    // The vector is out of the stack scan's sight, but the caller's `args` and `first` keep the same objects alive.
    enter(Args { values: &all, names: args.names })
}

fn enter_bound(def: &'static FnDef, first: Option<Value>, args: Args, enter: fn(&Bound) -> R) -> R {
    const INLINE: usize = 16;
    let receivers = usize::from(first.is_some());
    let count = receivers + def.params.iter().filter(|param| !is_variable(param.kind)).count();
    let mut inline = [None; INLINE];
    let mut spilled;
    let values = if count <= INLINE {
        &mut inline[..count]
    } else {
        spilled = vec![None; count];
        &mut spilled[..]
    };
    if let Some(first) = first {
        values[0] = Some(first);
    }
    let rest = bind(def, args, &mut values[receivers..])?;
    enter(&Bound { values, rest, kwargs: Kwargs { args, def: Some(def) } })
}

fn is_variable(kind: ParamKind) -> bool {
    matches!(kind, ParamKind::VarPositional | ParamKind::VarKeyword)
}

fn takes_keyword(kind: ParamKind) -> bool {
    matches!(kind, ParamKind::PositionalOrKeyword | ParamKind::KeywordOnly)
}

#[inline]
fn is_name(key: Value, name: &str) -> bool {
    key.cast::<Str>().is_some_and(|key| key.as_ascii() == Some(name))
}

fn find_keyword(args: Args, name: &str) -> Option<Value> {
    args.keywords().find(|(key, _)| is_name(*key, name)).map(|(_, value)| value)
}

/// Numbers that the checks need, counted from the parameter table.
struct Shape {
    positional_only: usize,
    /// Positional parameters, and the required ones among them.
    max_positional: usize,
    min_positional: usize,
    /// Named parameters.
    total: usize,
    variable: bool,
    variable_keywords: bool,
}

impl Shape {
    fn of(def: &FnDef) -> Shape {
        let mut shape = Shape {
            positional_only: 0,
            max_positional: 0,
            min_positional: 0,
            total: 0,
            variable: false,
            variable_keywords: false,
        };
        for param in def.params {
            match param.kind {
                ParamKind::VarPositional => shape.variable = true,
                ParamKind::VarKeyword => shape.variable_keywords = true,
                ParamKind::KeywordOnly => shape.total += 1,
                ParamKind::PositionalOnly | ParamKind::PositionalOrKeyword => {
                    shape.total += 1;
                    shape.max_positional += 1;
                    shape.min_positional += usize::from(!param.has_default);
                    shape.positional_only += usize::from(param.kind == ParamKind::PositionalOnly);
                }
            }
        }
        shape
    }
}

/// Binds `args` (receiver taken off) to the parameters of `def`; `out` has an entry for each named one. Gives `*args`.
pub fn bind<'a>(def: &'static FnDef, args: Args<'a>, out: &mut [Option<Value>]) -> R<&'a [Value]> {
    let positional = args.positional();
    let shape = Shape::of(def);
    let given = positional.len();
    if given > shape.max_positional && !shape.variable || given < shape.positional_only.min(shape.min_positional) {
        return Err(positional_error(def, &shape, args));
    }
    let open = shape.variable || shape.variable_keywords;
    if !open && given + args.names.len() > shape.total {
        return Err(total_error(def, &shape, args));
    }
    let taken = given.min(shape.max_positional);
    for (entry, value) in out.iter_mut().zip(&positional[..taken]) {
        *entry = Some(*value);
    }
    let mut unused = args.names.len();
    for (index, param) in def.params.iter().filter(|param| !is_variable(param.kind)).enumerate().skip(taken) {
        if unused > 0
            && takes_keyword(param.kind)
            && let Some(value) = find_keyword(args, param.name)
        {
            out[index] = Some(value);
            unused -= 1;
        } else if !param.has_default {
            return Err(type_error!("{}() missing required argument '{}' (pos {})", def.error_name(), param.name, index + 1));
        }
    }
    if unused > 0 {
        check_leftover_keywords(def, &shape, args, taken)?;
    }
    Ok(&positional[taken..])
}

/// Some keyword matched no open parameter: it was given by position too, is not a string, or is unknown.
#[cold]
fn check_leftover_keywords(def: &'static FnDef, shape: &Shape, args: Args, taken: usize) -> R<()> {
    for (index, param) in def.params.iter().enumerate().take(taken) {
        if takes_keyword(param.kind) && find_keyword(args, param.name).is_some() {
            return Err(type_error!(
                "argument for {}() given by name ('{}') and position ({})",
                def.error_name(),
                param.name,
                index + 1
            ));
        }
    }
    let keywords = || def.params.iter().filter(|param| takes_keyword(param.kind)).map(|param| param.name);
    for name in args.names {
        let Some(text) = name.cast::<Str>() else { return Err(type_error!("keywords must be strings")) };
        if shape.variable_keywords || keywords().any(|keyword| is_name(*name, keyword)) {
            continue;
        }
        let text = text.to_string_lossy();
        return Err(match suggest(&text, keywords()) {
            Some(meant) => {
                type_error!("{}() got an unexpected keyword argument '{text}'. Did you mean '{meant}'?", def.error_name())
            }
            None => type_error!("{}() got an unexpected keyword argument '{text}'", def.error_name()),
        });
    }
    Ok(())
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

#[cold]
fn total_error(def: &FnDef, shape: &Shape, args: Args) -> Raised {
    let word = if args.positional().is_empty() { "keyword " } else { "" };
    type_error!(
        "{}() takes at most {} {word}argument{} ({} given)",
        def.error_name(),
        shape.total,
        plural(shape.total),
        args.total_len()
    )
}

#[cold]
fn positional_error(def: &FnDef, shape: &Shape, args: Args) -> Raised {
    let (name, given) = (def.error_name(), args.len());
    if !shape.variable && !shape.variable_keywords && args.total_len() > shape.total {
        return total_error(def, shape, args);
    }
    let required = shape.positional_only.min(shape.min_positional);
    if given < required {
        let word = if required < shape.max_positional || shape.variable { "at least" } else { "exactly" };
        return type_error!("{name}() takes {word} {required} positional argument{} ({given} given)", plural(required));
    }
    if shape.max_positional == 0 {
        return type_error!("{name}() takes no positional arguments");
    }
    let word = if shape.min_positional < shape.max_positional { "at most" } else { "exactly" };
    type_error!(
        "{name}() takes {word} {} positional argument{} ({given} given)",
        shape.max_positional,
        plural(shape.max_positional)
    )
}

/// `name expected at least 1 argument, got 0`
#[cold]
pub fn count_error(name: &str, given: usize, min: usize, max: usize) -> Raised {
    let (word, count) = match () {
        _ if min == max => ("", min),
        _ if given < min => ("at least ", min),
        _ => ("at most ", max),
    };
    type_error!("{name} expected {word}{count} argument{}, got {given}", plural(count))
}

/// The error for a call that a positional-only native cannot take.
#[cold]
pub fn wrong_arguments(def: &FnDef, args: Args) -> Raised {
    let receivers = def.kind.receiver_count();
    if args.len() < receivers {
        return type_error!("unbound method {} needs an argument", def.full_name());
    }
    if args.has_keywords() {
        return type_error!("{} takes no keyword arguments", def.full_name());
    }
    let given = args.len() - receivers;
    let shape = Shape::of(def);
    let constructor = matches!(def.kind, FnKind::New | FnKind::Init);
    if def.params.is_empty() {
        if constructor {
            return type_error!("{}() takes no arguments", def.class);
        }
        return type_error!("{} takes no arguments ({given} given)", def.full_name());
    }
    if shape.min_positional == 1 && shape.max_positional == 1 && !shape.variable && !constructor {
        return type_error!("{} takes exactly one argument ({given} given)", def.full_name());
    }
    let max = if shape.variable { usize::MAX } else { shape.max_positional };
    count_error(def.error_name(), given, shape.min_positional, max)
}

/// `descriptor 'append' for 'list' objects doesn't apply to a 'int' object`
#[cold]
pub fn wrong_receiver(class: &ClassDef, name: &str, value: Value) -> Raised {
    type_error!("descriptor '{name}' for '{}' objects doesn't apply to a '{}' object", owner_name(class), class_name(value))
}

/// The name that messages give a class. What several classes share the methods of (struct sequences) is never made into one itself.
fn owner_name(class: &ClassDef) -> String {
    if class.cell.is_set() { message_name(class.class()).to_string() } else { class.name.to_string() }
}

/// The value given to a setter that cannot delete.
#[inline]
pub fn not_deletable(value: Option<Value>, class: &ClassDef, name: &str) -> R {
    value.ok_or_else(|| attribute_error!("cannot delete attribute '{name}' of '{}' objects", owner_name(class)))
}

/// Checks the arguments of a slot wrapper (`[].__len__()`, receiver taken off): `expected 1 argument, got 0`.
pub fn check_wrapper_count(name: &str, args: Args, min: usize, max: usize) -> R<()> {
    if args.has_keywords() {
        return Err(type_error!("wrapper {name}() takes no keyword arguments"));
    }
    let given = args.len();
    if given >= min && given <= max {
        return Ok(());
    }
    if min == 2 && max == 2 {
        return Err(type_error!("{name} expected 2 arguments, got {given}"));
    }
    let wanted = if min == max { format!("{min}") } else { format!("{min} or {max}") };
    Err(type_error!("expected {wanted} argument{}, got {given}", plural(max)))
}
