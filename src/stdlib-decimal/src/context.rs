//! The layout of `Context`: settings, flags and traps as atomic words; templates of new contexts. Must not know: operations on numbers.

use crate::arith::context::*;
use crate::signals;
use native_macros::Layout;
use objects::{
    Args, Cast, Class, Gc, Header, Layout, R, Raised, Slot, Str, Value, attribute_error, int_view, is_int, memory_error,
    new_object, overflow_error, type_error, value_error,
};
use std::sync::atomic::{AtomicI64, AtomicU8, AtomicU32, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct Context {
    pub header: Header,
    pub prec: AtomicI64,
    pub emax: AtomicI64,
    pub emin: AtomicI64,
    pub flags: AtomicU32,
    pub traps: AtomicU32,
    pub rounding: AtomicU8,
    pub clamp: AtomicU8,
    pub capitals: AtomicU8,
    /// The mappings, once somebody asked for them.
    flag_dict: Slot,
    trap_dict: Slot,
}

/// `DefaultContext`, `BasicContext`, `ExtendedContext`.
pub static TEMPLATES: [Slot; 3] = [const { Slot::empty() }; 3];
/// Python's `SignalDict`.
static SIGNAL_DICT: Slot = Slot::empty();

impl Context {
    pub fn blank(settings: &Ctx, traps: Status) -> Context {
        Context {
            header: Header::blank(),
            prec: AtomicI64::new(settings.prec),
            emax: AtomicI64::new(settings.emax),
            emin: AtomicI64::new(settings.emin),
            flags: AtomicU32::new(0),
            traps: AtomicU32::new(traps),
            rounding: AtomicU8::new(settings.rounding as u8),
            clamp: AtomicU8::new(settings.clamp as u8),
            capitals: AtomicU8::new(1),
            flag_dict: Slot::empty(),
            trap_dict: Slot::empty(),
        }
    }
    #[inline(always)]
    pub fn settings(&self) -> Ctx {
        Ctx {
            prec: self.prec.load(Ordering::Relaxed),
            emax: self.emax.load(Ordering::Relaxed),
            emin: self.emin.load(Ordering::Relaxed),
            rounding: self.rounding(),
            clamp: self.clamp.load(Ordering::Relaxed) != 0,
        }
    }
    #[inline(always)]
    pub fn rounding(&self) -> Rounding {
        Rounding::of_index(self.rounding.load(Ordering::Relaxed))
    }
    pub fn capitals(&self) -> bool {
        self.capitals.load(Ordering::Relaxed) != 0
    }
    pub fn flags(&self) -> Status {
        self.flags.load(Ordering::Relaxed)
    }
    pub fn traps(&self) -> Status {
        self.traps.load(Ordering::Relaxed)
    }
    /// Notes conditions, and raises those that are trapped.
    #[inline(always)]
    pub fn report(&self, status: Status) -> R<()> {
        if status == 0 {
            return Ok(());
        }
        let flags = self.flags();
        if flags | status != flags {
            self.flags.fetch_or(status, Ordering::Relaxed);
        }
        if status & (self.traps() | NO_MEMORY) != 0 { Err(self.trapped(status)) } else { Ok(()) }
    }
    #[cold]
    #[inline(never)]
    fn trapped(&self, status: Status) -> Raised {
        if status & NO_MEMORY != 0 { memory_error() } else { signals::raise(status & self.traps()) }
    }
    pub fn signals(this: Gc<Context>, traps: bool) -> R {
        let slot = if traps { &this.trap_dict } else { &this.flag_dict };
        if let Some(known) = slot.get() {
            return Ok(known);
        }
        let class = SIGNAL_DICT.get().and_then(|class| class.cast::<Class>()).unwrap_or_else(signals::mixin);
        Ok(slot.get_or_set(signals::new_signal_dict(class, this, traps)))
    }
    /// Takes all settings over, flags and traps as well.
    pub fn copy_from(&self, other: &Context) {
        for (to, from) in [(&self.prec, &other.prec), (&self.emax, &other.emax), (&self.emin, &other.emin)] {
            to.store(from.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        for (to, from) in [(&self.rounding, &other.rounding), (&self.clamp, &other.clamp), (&self.capitals, &other.capitals)] {
            to.store(from.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        self.flags.store(other.flags(), Ordering::Relaxed);
        self.traps.store(other.traps(), Ordering::Relaxed);
    }
}

pub const DEFAULT: Ctx = Ctx { prec: 28, emax: 999_999, emin: -999_999, rounding: Rounding::HalfEven, clamp: false };
pub const DEFAULT_TRAPS: Status = INVALID_GROUP | DIVISION_BY_ZERO | OVERFLOW;

/// Whether the templates are there: modules that are made anew share them.
pub fn is_installed() -> bool {
    !SIGNAL_DICT.is_empty()
}
/// Makes the templates, and keeps Python's class of signal mappings.
pub fn install(signal_dict: Value) {
    let nine = Ctx { prec: 9, ..DEFAULT };
    let basic_traps = DEFAULT_TRAPS | UNDERFLOW | CLAMPED;
    let settings = [(DEFAULT, DEFAULT_TRAPS), (nine.rounded(Rounding::HalfUp), basic_traps), (nine, 0)];
    for (slot, (settings, traps)) in TEMPLATES.iter().zip(settings) {
        let made = new_object(Context::class(), Context::blank(&settings, traps)).value();
        objects::roots::keep_forever(made);
        slot.get_or_set(made);
    }
    objects::roots::keep_forever(signal_dict);
    SIGNAL_DICT.get_or_set(signal_dict);
}

/// A new context of `class` with the settings of `DefaultContext`.
pub fn new_context(class: Gc<Class>) -> Gc<Context> {
    let context = new_object(class, Context::blank(&DEFAULT, DEFAULT_TRAPS));
    if let Some(template) = TEMPLATES[0].get().and_then(|template| template.cast::<Context>()) {
        context.copy_from(&template);
        context.flags.store(0, Ordering::Relaxed);
    }
    context
}
pub fn default_copy() -> Gc<Context> {
    new_context(Context::class())
}
pub fn copy_of(context: Gc<Context>) -> Gc<Context> {
    let copy = new_object(Context::class(), Context::blank(&DEFAULT, 0));
    copy.copy_from(&context);
    copy
}
pub fn is_template(context: Gc<Context>) -> bool {
    TEMPLATES.iter().any(|template| template.get() == Some(context.value()))
}

#[cold]
fn unknown_rounding() -> Raised {
    type_error!(
        "valid values for rounding are:\n  [ROUND_CEILING, ROUND_FLOOR, ROUND_UP, ROUND_DOWN,\n   ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN,\n   ROUND_05UP]"
    )
}
pub fn rounding_of(value: Value) -> R<Rounding> {
    let text = value.cast::<Str>().ok_or_else(unknown_rounding)?;
    Rounding::ALL.into_iter().find(|rounding| objects::str::str_is(&text, rounding.name())).ok_or_else(unknown_rounding)
}

/// An int as C's ssize_t.
pub fn ssize_of(value: Value) -> R<i64> {
    if !is_int(value) {
        return Err(type_error!("an integer is required"));
    }
    match int_view(value).and_then(|number| number.to_i64()) {
        Some(number) => Ok(number),
        None => Err(overflow_error!("Python int too large to convert to C ssize_t")),
    }
}

/// A setting by its attribute's name.
pub fn change(this: Gc<Context>, name: &str, value: Option<Value>) -> R<()> {
    let Some(value) = value else { return Err(attribute_error!("context attributes cannot be deleted")) };
    let within = |least: i64, most: i64, text: &str| {
        let number = ssize_of(value)?;
        if number < least || number > most { Err(value_error!("{text}")) } else { Ok(number) }
    };
    match name {
        "prec" => this.prec.store(within(1, MAX_PREC, "valid range for prec is [1, MAX_PREC]")?, Ordering::Relaxed),
        "Emin" => this.emin.store(within(MIN_EMIN, 0, "valid range for Emin is [MIN_EMIN, 0]")?, Ordering::Relaxed),
        "Emax" => this.emax.store(within(0, MAX_EMAX, "valid range for Emax is [0, MAX_EMAX]")?, Ordering::Relaxed),
        "capitals" => this.capitals.store(within(0, 1, "valid values for capitals are 0 or 1")? as u8, Ordering::Relaxed),
        "clamp" => this.clamp.store(within(0, 1, "valid values for clamp are 0 or 1")? as u8, Ordering::Relaxed),
        "rounding" => this.rounding.store(rounding_of(value)? as u8, Ordering::Relaxed),
        _ => {
            set_signals(this, name, signals::of_mapping(value)?);
        }
    }
    Ok(())
}

/// The same in constructors, where flags and traps may be lists.
pub fn initialise(this: Gc<Context>, name: &str, value: Value) -> R<()> {
    if matches!(name, "flags" | "traps") && value.cast::<objects::List>().is_some() {
        set_signals(this, name, signals::of_list(value)?);
        return Ok(());
    }
    change(this, name, Some(value))
}
fn set_signals(this: Gc<Context>, name: &str, status: Status) {
    let word = if name == "flags" { &this.flags } else { &this.traps };
    word.store(status, Ordering::Relaxed);
}

pub const SETTINGS: [&str; 8] = ["prec", "rounding", "Emin", "Emax", "capitals", "clamp", "flags", "traps"];

/// Arguments of these functions by name, in the words that C's general parser has for mistakes.
pub fn bind<const N: usize>(args: Args, names: [&str; N], required: usize) -> R<[Option<Value>; N]> {
    let mut bound = [None; N];
    let given = args.total_len();
    if given > N {
        let plural = if N == 1 { "" } else { "s" };
        return Err(type_error!("function takes at most {N} argument{plural} ({given} given)"));
    }
    bound.iter_mut().zip(args.positional()).for_each(|(place, value)| *place = Some(*value));
    for (name, value) in args.keywords() {
        let text = name.cast::<Str>().and_then(|name| name.as_str()).unwrap_or("");
        match names.iter().position(|known| *known == text) {
            Some(index) if bound[index].is_none() => bound[index] = Some(value),
            Some(index) => {
                return Err(type_error!("argument for function given by name ('{text}') and position ({})", index + 1));
            }
            None => return Err(type_error!("this function got an unexpected keyword argument '{text}'")),
        }
    }
    for (index, name) in names.iter().enumerate().take(required) {
        if bound[index].is_none() {
            return Err(type_error!("function missing required argument '{name}' (pos {})", index + 1));
        }
    }
    Ok(bound)
}
