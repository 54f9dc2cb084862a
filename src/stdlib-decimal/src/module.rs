//! The module `_decimal`: constants, contexts of threads, and what it takes from other modules. Must not know: numbers.

use crate::arith::context::{Ctx, MAX_EMAX, MAX_PREC, MIN_EMIN, MIN_ETINY, Rounding};
use crate::context::{Context, SETTINGS, TEMPLATES, copy_of, initialise, install, is_installed, is_template, ssize_of};
use crate::context_class::new_manager;
use crate::current::{current, set_current, set_variable};
use crate::decimal::Decimal;
use crate::operate::context_or_current;
use crate::signals::{self, CONDITIONS, SIGNALS, SignalDict};
use crate::{compare, decimal_class};
use native_macros::native_module;
use objects::{
    Cast, Gc, Kwargs, Layout, R, Value, call, call_kw, get_attr_named, new_dict, new_object, new_str, new_tuple, set_attr,
    system, type_error, value_error,
};
use std::sync::atomic::Ordering;

/// `DecimalTuple`, as a named tuple.
fn decimal_tuple() -> R {
    let make = get_attr_named(system::import("collections")?, "namedtuple")?;
    let fields = new_tuple(&[new_str("sign"), new_str("digits"), new_str("exponent")]).value();
    call_kw(make, &[new_str("DecimalTuple"), fields], &[(objects::intern("module"), new_str("decimal"))])
}

/// What each interpreter has of its own.
fn join_numbers() -> R<()> {
    let numbers = system::import("numbers")?;
    compare::set_rational(get_attr_named(numbers, "Rational")?);
    call(get_attr_named(get_attr_named(numbers, "Number")?, "register")?, &[Decimal::class().value()])?;
    Ok(())
}

/// What is made once for all modules. Interpreters may do so at the same time: what the first has made counts.
fn set_up() -> R<()> {
    let mapping = get_attr_named(system::import("collections.abc")?, "MutableMapping")?;
    let bases = new_tuple(&[signals::mixin().value(), mapping]).value();
    let signal_dict = call(objects::class_of(mapping).value(), &[new_str("SignalDict"), bases, new_dict().value()])?;
    decimal_class::set_decimal_tuple(decimal_tuple()?);
    let variable = get_attr_named(system::import("_contextvars")?, "ContextVar")?;
    set_variable(call(variable, &[new_str("decimal_context")])?);
    objects::operators::install_modulus_power(decimal_class::power_by_modulus);
    install(signal_dict);
    Ok(())
}

pub struct DecimalModule;

/// Decimal fixed-point and floating-point arithmetic.
#[native_module(name = "_decimal", classes = [Decimal, Context, SignalDict])]
impl DecimalModule {
    #[attr("MAX_PREC")]
    const MAX_PREC: i64 = MAX_PREC;
    #[attr("MAX_EMAX")]
    const MAX_EMAX: i64 = MAX_EMAX;
    #[attr("MIN_EMIN")]
    const MIN_EMIN: i64 = MIN_EMIN;
    #[attr("MIN_ETINY")]
    const MIN_ETINY: i64 = MIN_ETINY;
    #[attr("IEEE_CONTEXT_MAX_BITS")]
    const IEEE_CONTEXT_MAX_BITS: i64 = 512;
    #[attr("HAVE_THREADS")]
    const HAVE_THREADS: bool = true;
    #[attr("HAVE_CONTEXTVAR")]
    const HAVE_CONTEXTVAR: bool = true;
    #[attr("__version__")]
    const VERSION: &'static str = "1.70";
    #[attr("__libmpdec_version__")]
    const LIBMPDEC_VERSION: &'static str = "2.5.1";

    /// Return the context of the calling thread.
    fn getcontext() -> R<Gc<Context>> {
        current()
    }
    /// Make a context that of the calling thread.
    fn setcontext(context: Value) -> R<()> {
        let Some(context) = context.cast::<Context>() else { return Err(type_error!("argument must be a context")) };
        if is_template(context) {
            let copy = copy_of(context);
            copy.flags.store(0, Ordering::Relaxed);
            return set_current(copy);
        }
        set_current(context)
    }
    /// Return a manager of a with statement that works in a copy of a context.
    ///
    /// Keyword arguments change settings of the copy.
    #[sig("(ctx=None, **kwargs)")]
    fn localcontext(ctx: Option<Value>, kwargs: Kwargs) -> R {
        let outer = current()?;
        let local = copy_of(context_or_current(ctx)?);
        for (name, value) in kwargs.iter() {
            let name = name.as_str().unwrap_or("");
            if !SETTINGS.contains(&name) {
                return Err(type_error!("this function got an unexpected keyword argument '{name}'"));
            }
            if !value.is_none() {
                initialise(local, name, value)?;
            }
        }
        new_manager(local, outer)
    }
    /// Return a context for one of the interchange formats of IEEE 754.
    #[name("IEEEContext")]
    fn ieee_context(bits: Value) -> R<Gc<Context>> {
        let bits = ssize_of(bits)?;
        if bits <= 0 || bits > 512 || bits % 32 != 0 {
            return Err(value_error!("argument must be a multiple of 32, with a maximum of 512"));
        }
        let emax = 3 * (1 << (bits / 16 + 3));
        let settings = Ctx { prec: 9 * (bits / 32) - 2, emax, emin: 1 - emax, rounding: Rounding::HalfEven, clamp: true };
        Ok(new_object(Context::class(), Context::blank(&settings, 0)))
    }

    fn __exec__(module: Value) -> R<()> {
        let mut namespace: Vec<(&'static str, Value)> = Vec::new();
        let kept = objects::new_list(&[]);
        let mut enter = |name: &'static str, value: Value| {
            objects::list::list_push(kept, value);
            namespace.push((name, value));
        };
        enter("DecimalException", signals::DECIMAL_EXCEPTION.class()?.value());
        for (class, _) in SIGNALS.iter().chain(&CONDITIONS[1..]) {
            enter(class.name, class.class()?.value());
        }
        for rounding in Rounding::ALL {
            enter(rounding.name(), objects::intern(rounding.name()).value());
        }
        if !is_installed() {
            set_up()?;
        }
        join_numbers()?;
        enter("DecimalTuple", decimal_class::decimal_tuple().unwrap_or(Value::none()));
        for (name, template) in ["DefaultContext", "BasicContext", "ExtendedContext"].iter().zip(&TEMPLATES) {
            enter(name, template.get().unwrap_or(Value::none()));
        }
        for (name, value) in &namespace {
            set_attr(module, objects::intern(name), *value)?;
        }
        // The base of signal mappings is nobody's business.
        objects::del_attr(module, objects::intern("SignalDictMixin"))?;
        Ok(())
    }
}
