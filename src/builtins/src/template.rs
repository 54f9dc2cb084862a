//! `string.templatelib.Template` and `Interpolation`: what template strings evaluate to.

use native_macros::{Layout, native_class};
use objects::{
    Args, Cast, Class, Gc, GcVec, Header, Layout as _, R, Slot, Str, Tuple, Value, class_name, class_of, get_attr_named,
    new_native, new_object, new_tuple, str_concat, type_error, value_error,
};
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct Template {
    pub header: Header,
    /// One more than there are interpolations.
    strings: Slot,
    interpolations: Slot,
}

#[derive(Layout)]
#[repr(C)]
pub struct Interpolation {
    pub header: Header,
    value: Slot,
    expression: Slot,
    conversion: Slot,
    format_spec: Slot,
}

#[derive(Layout)]
#[repr(C)]
pub struct TemplateIter {
    pub header: Header,
    template: Slot,
    /// Twice the index; odd for interpolations.
    position: AtomicUsize,
}

impl Template {
    fn strings(&self) -> Gc<Tuple> {
        tuple_in(&self.strings)
    }
    fn interpolations(&self) -> Gc<Tuple> {
        tuple_in(&self.interpolations)
    }
}

fn tuple_in(slot: &Slot) -> Gc<Tuple> {
    slot.get().and_then(|items| items.cast::<Tuple>()).unwrap_or_else(|| new_tuple(&[]))
}
fn or_none(slot: &Slot) -> Value {
    slot.get().unwrap_or(Value::none())
}

fn make(strings: &[Value], interpolations: &[Value]) -> Gc<Template> {
    let (strings, interpolations) = (new_tuple(strings), new_tuple(interpolations));
    new_native(Template {
        header: Header::blank(),
        strings: Slot::new(strings.value()),
        interpolations: Slot::new(interpolations.value()),
    })
}

/// Appends a string, joined to the one before if nothing lies between them.
fn push_text(strings: &mut GcVec, interpolations: usize, text: Gc<Str>) -> R<()> {
    if strings.len() > interpolations
        && let Some(last) = strings.last_mut()
        && let Some(before) = last.cast::<Str>()
    {
        *last = str_concat(before, text)?.value();
        return Ok(());
    }
    strings.push(text.value());
    Ok(())
}

pub struct TemplateSkin;

/// Template object
#[native_class(name = "string.templatelib.Template", layout = Template, base = object, flags = "final")]
impl TemplateSkin {
    #[new]
    fn new(_cls: Gc<Class>, args: Args) -> R {
        if args.has_keywords() {
            return Err(type_error!("Template.__new__ only accepts *args arguments"));
        }
        let (mut strings, mut interpolations) = (GcVec::new(), GcVec::new());
        for item in args.positional() {
            if let Some(text) = item.cast::<Str>() {
                push_text(&mut strings, interpolations.len(), text)?;
            } else if item.cast::<Interpolation>().is_some() {
                if strings.len() == interpolations.len() {
                    strings.push(Str::empty().value());
                }
                interpolations.push(*item);
            } else {
                return Err(type_error!(
                    "Template.__new__ *args need to be of type 'str' or 'Interpolation', got {}",
                    class_name(*item)
                ));
            }
        }
        if strings.len() == interpolations.len() {
            strings.push(Str::empty().value());
        }
        Ok(make(&strings, &interpolations).value())
    }
    fn __repr__(this: Gc<Template>) -> R {
        let strings = objects::repr(this.strings().value())?;
        let interpolations = objects::repr(this.interpolations().value())?;
        let pieces = [Str::new("Template(strings="), strings, Str::new(", interpolations="), interpolations, Str::new(")")];
        Ok(objects::str::str_concat_all(&pieces)?.value())
    }
    fn __iter__(this: Gc<Template>) -> R {
        let iterator = TemplateIter { header: Header::blank(), template: Slot::new(this.value()), position: AtomicUsize::new(0) };
        Ok(new_native(iterator).value())
    }
    fn __add__(this: Value, other: Value) -> R {
        let (Some(a), Some(b)) = (this.cast::<Template>(), other.cast::<Template>()) else {
            return Err(type_error!(
                "can only concatenate string.templatelib.Template (not \"{}\") to string.templatelib.Template",
                class_name(other)
            ));
        };
        let mut strings = GcVec::from_slice(a.strings().items());
        let mut interpolations = GcVec::from_slice(a.interpolations().items());
        for (index, text) in b.strings().items().iter().enumerate() {
            match text.cast::<Str>() {
                Some(text) if index == 0 => push_text(&mut strings, interpolations.len(), text)?,
                _ => strings.push(*text),
            }
        }
        interpolations.extend_from_slice(b.interpolations().items());
        Ok(make(&strings, &interpolations).value())
    }
    fn __reduce__(this: Gc<Template>) -> R {
        let unpickle = get_attr_named(objects::system::import("string.templatelib")?, "_template_unpickle")?;
        let arguments = new_tuple(&[this.strings().value(), this.interpolations().value()]);
        Ok(new_tuple(&[unpickle, arguments.value()]).value())
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cls: Gc<Class>, item: Value) -> R {
        objects::door::generic_alias(cls.value(), item)
    }
    /// Strings
    #[getter("strings")]
    fn get_strings(this: Gc<Template>) -> Gc<Tuple> {
        this.strings()
    }
    /// Interpolations
    #[getter("interpolations")]
    fn get_interpolations(this: Gc<Template>) -> Gc<Tuple> {
        this.interpolations()
    }
    /// Values of interpolations
    #[getter]
    fn values(this: Gc<Template>) -> Gc<Tuple> {
        let values: GcVec = this
            .interpolations()
            .items()
            .iter()
            .map(|item| item.cast::<Interpolation>().map_or(Value::none(), |item| or_none(&item.value)))
            .collect();
        new_tuple(&values)
    }
}

pub struct InterpolationSkin;

/// Interpolation object
#[native_class(name = "string.templatelib.Interpolation", layout = Interpolation, base = object, flags = "final")]
impl InterpolationSkin {
    #[new]
    #[sig("(value, expression='', conversion=None, format_spec='')", hidden)]
    fn new(
        cls: Gc<Class>,
        value: Value,
        expression: Option<Gc<Str>>,
        conversion: Option<Value>,
        format_spec: Option<Gc<Str>>,
    ) -> R {
        let conversion = conversion.filter(|conversion| !conversion.is_none());
        if let Some(conversion) = conversion {
            match conversion.cast::<Str>() {
                None => {
                    return Err(type_error!("Interpolation() argument 'conversion' must be str, not {}", class_name(conversion)));
                }
                Some(text) if !matches!(text.as_ascii(), Some("s" | "a" | "r")) => {
                    return Err(value_error!("Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'"));
                }
                Some(_) => {}
            }
        }
        let text = |text: Option<Gc<Str>>| text.unwrap_or_else(Str::empty).value();
        Ok(new_object(
            cls,
            Interpolation {
                header: Header::blank(),
                value: Slot::new(value),
                expression: Slot::new(text(expression)),
                conversion: Slot::new_opt(conversion),
                format_spec: Slot::new(text(format_spec)),
            },
        )
        .value())
    }
    fn __repr__(this: Gc<Interpolation>) -> R<String> {
        let shown = |slot: &Slot| objects::repr(or_none(slot)).map(|text| text.to_string_lossy());
        Ok(format!(
            "Interpolation({}, {}, {}, {})",
            shown(&this.value)?,
            shown(&this.expression)?,
            shown(&this.conversion)?,
            shown(&this.format_spec)?
        ))
    }
    fn __reduce__(this: Gc<Interpolation>) -> R {
        let fields = [or_none(&this.value), or_none(&this.expression), or_none(&this.conversion), or_none(&this.format_spec)];
        Ok(new_tuple(&[class_of(this.value()).value(), new_tuple(&fields).value()]).value())
    }
    /// See PEP 585
    #[classmethod]
    fn __class_getitem__(cls: Gc<Class>, item: Value) -> R {
        objects::door::generic_alias(cls.value(), item)
    }
    #[attr("__match_args__")]
    const MATCH_ARGS: (&'static str, &'static str, &'static str, &'static str) =
        ("value", "expression", "conversion", "format_spec");
    /// Value
    #[getter]
    fn value(this: Gc<Interpolation>) -> Value {
        or_none(&this.value)
    }
    /// Expression
    #[getter]
    fn expression(this: Gc<Interpolation>) -> Value {
        or_none(&this.expression)
    }
    /// Conversion
    #[getter]
    fn conversion(this: Gc<Interpolation>) -> Value {
        or_none(&this.conversion)
    }
    /// Format specification
    #[getter]
    fn format_spec(this: Gc<Interpolation>) -> Value {
        or_none(&this.format_spec)
    }
}

pub struct TemplateIterSkin;

#[native_class(name = "string.templatelib.TemplateIter", layout = TemplateIter, base = object, flags = "final no_new")]
impl TemplateIterSkin {
    fn __iter__(this: Value) -> R {
        Ok(this)
    }
    fn __next__(this: Gc<TemplateIter>) -> R<Option<Value>> {
        let Some(template) = this.template.get().and_then(|template| template.cast::<Template>()) else { return Ok(None) };
        loop {
            let position = this.position.fetch_add(1, Ordering::Relaxed);
            let part = if position.is_multiple_of(2) {
                template.strings().get(position / 2)
            } else {
                template.interpolations().get(position / 2)
            };
            match part {
                None => {
                    this.template.clear();
                    return Ok(None);
                }
                // Empty strings are not shown.
                Some(text) if text.cast::<Str>().is_some_and(|text| text.is_empty()) => {}
                Some(part) => return Ok(Some(part)),
            }
        }
    }
}

/// Tells the interpreter which classes template strings use.
pub fn install() {
    objects::door::set_template_classes(Template::class(), Interpolation::class());
}
