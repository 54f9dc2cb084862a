//! Replacement templates: `_sre.template`, made by the library's parser, filled in here.

use super::matching::Match;
use super::pattern::Pattern;
use super::subject::Subject;
use super::substitute::Output;
use objects::{
    Bytes, Cast, DeriveLayout, Gc, Header, List, R, Slot, Str, Value, class_name, interned, native_class, new_native, new_str,
    runtime_error, type_error, value_error,
};

/// A literal, then group numbers, each with the literal behind it (None if empty).
#[derive(DeriveLayout)]
#[repr(C)]
pub struct Template {
    header: Header,
    literal: Slot,
    groups: Vec<(usize, Value)>,
}

#[native_class(name = "_sre.SRE_Template", base = object, flags = "final no_new")]
impl Template {}

impl Template {
    pub fn literal(&self) -> Value {
        self.literal.get().unwrap_or(Value::none())
    }
    pub fn has_groups(&self) -> bool {
        !self.groups.is_empty()
    }
    /// Adds the filled-in template to `output`.
    pub fn write(&self, output: &mut Output, subject: &Subject, span_of: impl Fn(usize) -> R<Option<(usize, usize)>>) -> R<()> {
        output.add(self.literal());
        for (group, literal) in &self.groups {
            if let Some((start, end)) = span_of(*group)? {
                output.add_slice(subject, start, end);
            }
            if !literal.is_none() {
                output.add(*literal);
            }
        }
        Ok(())
    }
    pub fn expand(&self, found: Gc<Match>) -> R {
        if !self.has_groups() {
            return Ok(self.literal());
        }
        let subject = Subject::new(found.string())?;
        let mut output = if self.literal().cast::<Str>().is_some() { Output::text() } else { Output::bytes() };
        output.add(self.literal());
        for (group, literal) in &self.groups {
            let matched = found.group_or(&subject, *group, Value::none())?;
            if !matched.is_none() {
                output.add(matched);
            }
            if !literal.is_none() {
                output.add(*literal);
            }
        }
        output.finish()
    }
}

/// `_sre.template(pattern, [literal, group, literal, ...])`.
pub fn new_template(items: Gc<List>) -> R<Gc<Template>> {
    let items = objects::list::list_snapshot(items);
    if items.len() % 2 == 0 {
        return Err(type_error!("invalid template"));
    }
    let mut groups = Vec::with_capacity(items.len() / 2);
    for pair in items[1..].chunks_exact(2) {
        let Some(view) = objects::int_view(pair[0]) else { return Err(type_error!("an integer is required")) };
        let Some(group) = view.to_i64().and_then(|number| usize::try_from(number).ok()) else {
            return Err(value_error!("invalid template"));
        };
        let is_empty = pair[1]
            .cast::<Str>()
            .map_or_else(|| pair[1].cast::<Bytes>().is_some_and(|bytes| bytes.is_empty()), |text| text.is_empty());
        groups.push((group, if is_empty { Value::none() } else { pair[1] }));
    }
    let template = new_native(Template { header: Header::blank(), literal: Slot::new(items[0]), groups });
    std::hint::black_box(&items);
    Ok(template)
}

/// The template that a replacement string means for a pattern.
pub fn compiled(pattern: Gc<Pattern>, replacement: Value) -> R<Gc<Template>> {
    let module = objects::system::import("re")?;
    let compile = objects::get_attr(module, interned!("_compile_template"))?;
    let result = match objects::call(compile, &[pattern.value(), replacement]) {
        Err(raised) if raised.is(&objects::exc::TYPE_ERROR) && objects::class_of(replacement).slots.hash.get().is_none() => {
            raised.clear();
            let bytes = Subject::new(replacement)?;
            let plain = match &bytes {
                Subject::Text(text) => Str::exact_copy(*text).value(),
                Subject::Bytes(buffer) => objects::new_bytes(buffer),
            };
            objects::call(compile, &[pattern.value(), plain])?
        }
        result => result?,
    };
    match result.cast::<Template>() {
        Some(template) => Ok(template),
        None => Err(runtime_error!("the result of compiling a replacement string is {}, not a template", class_name(result))),
    }
}

/// Text for messages about a joined item of a wrong type.
pub fn wrong_item(index: usize, wants_text: bool, item: Value) -> objects::Raised {
    let wanted = if wants_text { "str instance" } else { "a bytes-like object" };
    objects::raise(
        objects::exc::new_exception(
            objects::exc::TYPE_ERROR.get(),
            &[new_str(&format!("sequence item {index}: expected {wanted}, {} found", class_name(item)))],
        )
        .value(),
    )
}
