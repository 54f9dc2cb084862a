//! The module `_contextvars`: variables whose values belong to a context, of which each thread has one at a time.
//!
//! A context's values are a dict that is never changed once somebody else may see it: copying a context shares the dict, the next
//! change makes a fresh one.

use native_macros::{Layout, native_class, native_module};
use objects::dict::{self, Dict};
use objects::{
    Args, Cast, Class, Gc, Header, R, Slot, Str, Value, call_args, exc, interned, new_error_args, new_native, new_object, repr,
    runtime_error, thread, type_error, value_error,
};
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct Context {
    pub header: Header,
    values: Slot,
    /// Another context (or an iterator) may look at `values` too.
    shared: AtomicBool,
    entered: AtomicBool,
    /// The context to go back to, while this one is entered.
    previous: Slot,
}

#[derive(Layout)]
#[repr(C)]
pub struct ContextVar {
    pub header: Header,
    name: Slot,
    default: Slot,
}

#[derive(Layout)]
#[repr(C)]
pub struct Token {
    pub header: Header,
    context: Slot,
    var: Slot,
    /// Empty if the variable had no value.
    old: Slot,
    used: AtomicBool,
}

#[derive(Layout)]
#[repr(C)]
pub struct TokenMissing {
    pub header: Header,
}

static MISSING: Slot = Slot::empty();

fn missing() -> Value {
    MISSING.get().unwrap_or(Value::none())
}

impl Context {
    /// The values, not to be changed.
    fn snapshot(&self) -> Gc<Dict> {
        self.shared.store(true, Ordering::Relaxed);
        self.look()
    }
    fn look(&self) -> Gc<Dict> {
        objects::shape::dict_in(&self.values)
    }
    /// The values, to be changed by the thread whose context it is.
    fn own(&self) -> R<Gc<Dict>> {
        let values = self.look();
        if !self.shared.swap(false, Ordering::Relaxed) {
            return Ok(values);
        }
        let fresh = dict::dict_copy(values)?;
        self.values.set(fresh.value());
        Ok(fresh)
    }
}

fn new_context(values: Option<Value>) -> Gc<Context> {
    new_native(Context {
        header: Header::blank(),
        values: Slot::new_opt(values),
        shared: AtomicBool::new(values.is_some()),
        entered: AtomicBool::new(false),
        previous: Slot::empty(),
    })
}

/// The calling thread's context.
pub fn current_context() -> Gc<Context> {
    let slot = &thread::current().context;
    match slot.get().and_then(|context| context.cast::<Context>()) {
        Some(context) => context,
        None => {
            let context = new_context(None);
            slot.set(context.value());
            context
        }
    }
}

/// The value of a variable in the calling thread's context, its default otherwise.
pub fn lookup(var: Gc<ContextVar>) -> R<Option<Value>> {
    if let Some(context) = thread::current().context.get().and_then(|context| context.cast::<Context>())
        && let Some(value) = dict::dict_get(context.look(), var.value())?
    {
        return Ok(Some(value));
    }
    Ok(var.default.get())
}

pub fn new_context_var(name: &str) -> R<Gc<ContextVar>> {
    let class = objects::class_new::native_class(ContextVarSkin::CLASS_DEF)?;
    Ok(new_object(
        class,
        ContextVar { header: Header::blank(), name: Slot::new(objects::intern(name).value()), default: Slot::empty() },
    ))
}

fn checked_key(key: Value) -> R<Gc<ContextVar>> {
    match key.cast::<ContextVar>() {
        Some(var) => Ok(var),
        None => Err(type_error!("a ContextVar key was expected, got {}", repr(key)?.to_string_lossy())),
    }
}

/// Makes the context current; the counterpart is `leave`.
fn enter(context: Gc<Context>) -> R<()> {
    if context.entered.swap(true, Ordering::SeqCst) {
        return Err(runtime_error!("cannot enter context: {} is already entered", repr(context.value())?.to_string_lossy()));
    }
    let slot = &thread::current().context;
    context.previous.set_opt(slot.get());
    slot.set(context.value());
    Ok(())
}
fn leave(context: Gc<Context>) {
    thread::current().context.set_opt(context.previous.take());
    context.entered.store(false, Ordering::SeqCst);
}

pub struct ContextSkin;

#[native_class(name = "_contextvars.Context", layout = Context, base = object, flags = "final weakref")]
impl ContextSkin {
    #[new]
    fn new(_cls: Gc<Class>, args: Args) -> R {
        if !args.is_empty() {
            return Err(type_error!("Context() does not accept any arguments"));
        }
        Ok(new_context(None).value())
    }
    #[sig("($self, callable, /, *args, **kwargs)", hidden)]
    fn run(this: Gc<Context>, args: Args) -> R {
        let Some((callable, rest)) = args.split_first() else {
            return Err(type_error!("run() missing 1 required positional argument"));
        };
        enter(this)?;
        let result = call_args(callable, rest);
        leave(this);
        result
    }
    /// A context with the same values of variables.
    fn copy(this: Gc<Context>) -> Gc<Context> {
        new_context(Some(this.snapshot().value()))
    }
    /// The value of the variable in the context, or default.
    #[sig("($self, key, default=None, /)")]
    fn get(this: Gc<Context>, key: Value, default: Option<Value>) -> R {
        let var = checked_key(key)?;
        Ok(dict::dict_get(this.look(), var.value())?.unwrap_or(default.unwrap_or(Value::none())))
    }
    fn __getitem__(this: Gc<Context>, key: Value) -> R {
        let var = checked_key(key)?;
        dict::dict_get(this.look(), var.value())?.ok_or_else(|| objects::key_error(key))
    }
    fn __contains__(this: Gc<Context>, key: Value) -> R<bool> {
        dict::dict_contains(this.look(), checked_key(key)?.value())
    }
    fn __len__(this: Gc<Context>) -> usize {
        this.look().len()
    }
    fn __iter__(this: Gc<Context>) -> R {
        objects::iter(this.snapshot().value())
    }
    /// The list of the variables that have a value in the context.
    fn keys(this: Gc<Context>) -> R {
        objects::call_method(this.snapshot().value(), interned!("keys"), &[])
    }
    /// The list of the values of the variables in the context.
    fn values(this: Gc<Context>) -> R {
        objects::call_method(this.snapshot().value(), interned!("values"), &[])
    }
    /// The pairs (variable, value) of the context as a list.
    fn items(this: Gc<Context>) -> R {
        objects::call_method(this.snapshot().value(), interned!("items"), &[])
    }
    fn __eq__(this: Gc<Context>, other: Gc<Context>) -> R<bool> {
        dict::dict_equal(this.look(), other.look())
    }
    fn __ne__(this: Gc<Context>, other: Gc<Context>) -> R<bool> {
        Ok(!dict::dict_equal(this.look(), other.look())?)
    }
}

pub struct ContextVarSkin;

#[native_class(name = "_contextvars.ContextVar", layout = ContextVar, base = object, flags = "final weakref")]
impl ContextVarSkin {
    #[new]
    #[sig("(name, /, *, default=<unrepresentable>)", hidden)]
    fn new(cls: Gc<Class>, name: Value, default: Option<Value>) -> R {
        if name.cast::<Str>().is_none() {
            return Err(type_error!("context variable name must be a str"));
        }
        objects::hash(name)?;
        Ok(new_object(cls, ContextVar { header: Header::blank(), name: Slot::new(name), default: Slot::new_opt(default) })
            .value())
    }
    #[getter]
    fn name(this: Gc<ContextVar>) -> Value {
        this.name.get().unwrap_or(Value::none())
    }
    /// The value of the variable in the current context, or default.
    #[sig("($self, default=<unrepresentable>, /)")]
    fn get(this: Gc<ContextVar>, default: Option<Value>) -> R {
        if let Some(context) = thread::current().context.get().and_then(|context| context.cast::<Context>())
            && let Some(value) = dict::dict_get(context.look(), this.value())?
        {
            return Ok(value);
        }
        match default.or_else(|| this.default.get()) {
            Some(value) => Ok(value),
            None => Err(new_error_args(exc::LOOKUP_ERROR.get(), &[this.value()])),
        }
    }
    /// Set the value of the variable in the current context, and return a Token by
    /// which to take it back.
    fn set(this: Gc<ContextVar>, value: Value) -> R {
        let context = current_context();
        let values = context.own()?;
        let old = dict::dict_get(values, this.value())?;
        dict::dict_set(values, this.value(), value)?;
        let token = Token {
            header: Header::blank(),
            context: Slot::new(context.value()),
            var: Slot::new(this.value()),
            old: Slot::new_opt(old),
            used: AtomicBool::new(false),
        };
        Ok(new_native(token).value())
    }
    /// Take back what set() did.
    fn reset(this: Gc<ContextVar>, token: Value) -> R<()> {
        let Some(token) = token.cast::<Token>() else {
            return Err(type_error!("expected an instance of Token, got {}", repr(token)?.to_string_lossy()));
        };
        reset(this, token)
    }
    fn __repr__(this: Gc<ContextVar>) -> R<String> {
        let name = repr(ContextVarSkin::name(this))?.to_string_lossy();
        let default = match this.default.get() {
            Some(default) => format!(" default={}", repr(default)?.to_string_lossy()),
            None => String::new(),
        };
        Ok(format!("<ContextVar name={name}{default} at {:#x}>", this.value().raw()))
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cls: Gc<Class>, item: Value) -> R {
        objects::door::generic_alias(cls.value(), item)
    }
}

fn reset(var: Gc<ContextVar>, token: Gc<Token>) -> R<()> {
    let shown = |token: Gc<Token>| repr(token.value()).map(|text| text.to_string_lossy());
    if token.used.load(Ordering::Relaxed) {
        return Err(runtime_error!("{} has already been used once", shown(token)?));
    }
    if token.var.get() != Some(var.value()) {
        return Err(value_error!("{} was created by a different ContextVar", shown(token)?));
    }
    let context = current_context();
    if token.context.get() != Some(context.value()) {
        return Err(value_error!("{} was created in a different Context", shown(token)?));
    }
    token.used.store(true, Ordering::Relaxed);
    let values = context.own()?;
    match token.old.get() {
        Some(old) => dict::dict_set(values, var.value(), old),
        None => match dict::dict_remove(values, var.value())? {
            Some(_) => Ok(()),
            None => Err(new_error_args(exc::LOOKUP_ERROR.get(), &[var.value()])),
        },
    }
}

pub struct TokenSkin;

#[native_class(name = "_contextvars.Token", layout = Token, base = object, flags = "final")]
impl TokenSkin {
    #[new]
    fn new(_cls: Gc<Class>, _args: Args) -> R {
        Err(runtime_error!("Tokens can only be created by ContextVars"))
    }
    #[getter]
    fn var(this: Gc<Token>) -> Value {
        this.var.get().unwrap_or(Value::none())
    }
    #[getter]
    fn old_value(this: Gc<Token>) -> Value {
        this.old.get().unwrap_or_else(missing)
    }
    fn __repr__(this: Gc<Token>) -> R<String> {
        let used = if this.used.load(Ordering::Relaxed) { " used" } else { "" };
        Ok(format!("<Token{used} var={} at {:#x}>", repr(TokenSkin::var(this))?.to_string_lossy(), this.value().raw()))
    }
    /// Entry to a with statement.
    fn __enter__(this: Gc<Token>) -> Gc<Token> {
        this
    }
    /// End of a with statement: give the ContextVar its earlier value.
    #[sig("($self, type, val, tb, /)")]
    fn __exit__(this: Gc<Token>, _type: Value, _val: Value, _tb: Value) -> R<()> {
        match this.var.get().and_then(|var| var.cast::<ContextVar>()) {
            Some(var) => reset(var, this),
            None => Ok(()),
        }
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cls: Gc<Class>, item: Value) -> R {
        objects::door::generic_alias(cls.value(), item)
    }
    #[attr("MISSING")]
    fn make_missing() -> R {
        let class = objects::class_new::native_class(TokenMissingSkin::CLASS_DEF)?;
        let made = new_object(class, TokenMissing { header: Header::blank() }).value();
        objects::roots::keep_forever(made);
        Ok(MISSING.get_or_set(made))
    }
}

pub struct TokenMissingSkin;

#[native_class(name = "Token.MISSING", layout = TokenMissing, base = object, flags = "final no_new")]
impl TokenMissingSkin {
    fn __repr__(_this: Gc<TokenMissing>) -> &'static str {
        "<Token.MISSING>"
    }
}

pub struct ContextVars;

/// Context Variables
#[native_module(name = "_contextvars", classes = [ContextSkin, ContextVarSkin, TokenSkin])]
impl ContextVars {
    fn copy_context() -> Gc<Context> {
        new_context(Some(current_context().snapshot().value()))
    }
}
