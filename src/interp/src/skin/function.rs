//! `function` and `cell`. Must not know: calls.

use heap::Value;
use native_macros::native_class;
use objects::args::Args;
use objects::class::{Class, class_name};
use objects::code::Code;
use objects::descr;
use objects::dict::{self, Dict};
use objects::error::{R, type_error, value_error};
use objects::function::{CellObject, Function, new_cell, new_function};
use objects::interned;
use objects::layout::{Cast, Gc};
use objects::operators::{CompareOp, compare};
use objects::str::Str;
use objects::tuple::{Tuple, empty_tuple};

pub struct FunctionSkin;

/// Attributes that are plain members, as tools tell by the kind of descriptor. Call once, when the class was made.
pub fn install_members() -> R<()> {
    use objects::layout::Layout;
    let class = Function::class();
    let members = [
        (interned!("__globals__"), std::mem::offset_of!(Function, globals)),
        (interned!("__builtins__"), std::mem::offset_of!(Function, builtins)),
    ];
    for (name, offset) in members {
        let member = descr::new_readonly_member(class, name, offset as u32);
        dict::dict_set_str(class.dict(), name, member)?;
    }
    Ok(())
}

fn or_none(slot: &heap::GuardedSlot) -> Value {
    slot.get().unwrap_or(Value::none())
}

/// A function that runs code, with globals as its global variables.
///
/// name replaces the name of the code. argdefs is a tuple of the default
/// values, kwdefaults a dict of those of keyword-only parameters, closure a
/// tuple of cells for the free variables.
#[native_class(name = "function", layout = Function, base = object, flags = "final dict weakref method_descriptor")]
impl FunctionSkin {
    #[new]
    #[sig("(code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)")]
    fn new(
        _cls: Gc<Class>,
        code: Gc<Code>,
        globals: Gc<Dict>,
        name: Option<Value>,
        argdefs: Option<Value>,
        closure: Option<Value>,
        kwdefaults: Option<Value>,
    ) -> R {
        let given = |value: Option<Value>| value.filter(|value| !value.is_none());
        if let Some(name) = given(name)
            && !name.is_instance_of_layout::<Str>()
        {
            return Err(type_error!("arg 3 (name) must be None or string"));
        }
        if let Some(defaults) = given(argdefs)
            && !defaults.is_instance_of_layout::<Tuple>()
        {
            return Err(type_error!("arg 4 (defaults) must be None or tuple"));
        }
        if let Some(defaults) = given(kwdefaults)
            && !defaults.is_instance_of_layout::<Dict>()
        {
            return Err(type_error!("arg 6 (kwdefaults) must be None or dict"));
        }
        let wanted = code.free_count as usize;
        let cells = match given(closure) {
            None if wanted != 0 => return Err(type_error!("arg 5 (closure) must be tuple")),
            None => None,
            Some(cells) => match cells.cast::<Tuple>() {
                Some(cells) => Some(cells),
                None => return Err(type_error!("arg 5 (closure) must be None or tuple")),
            },
        };
        let count = cells.map_or(0, |cells| cells.len());
        if count != wanted {
            return Err(value_error!("{} requires closure of length {wanted}, not {count}", text(code.name())));
        }
        if let Some(wrong) = cells.iter().flat_map(|cells| cells.items()).find(|cell| cell.cast::<CellObject>().is_none()) {
            return Err(type_error!("arg 5 (closure) expected cell, found {}", class_name(*wrong)));
        }
        let builtins = crate::names::builtins_for(globals.value())?;
        let function = new_function(code, globals.value(), builtins);
        if let Some(module) = dict::dict_get_str(globals, interned!("__name__")) {
            function.module.set(&function.header, module);
        }
        if let Some(name) = given(name) {
            function.name.set(&function.header, name);
        }
        function.defaults.set_opt(&function.header, given(argdefs));
        function.kwdefaults.set_opt(&function.header, given(kwdefaults));
        function.closure.set_opt(&function.header, cells.filter(|cells| !cells.is_empty()).map(Gc::value));
        Ok(function.value())
    }
    fn __repr__(this: Gc<Function>) -> String {
        format!("<function {} at {:#x}>", text(or_none(&this.qualname)), this.value().raw())
    }
    #[sig("($self, /, *args, **kwargs)")]
    fn __call__(this: Gc<Function>, args: Args) -> R {
        let args = crate::call::CallArgs { positional: args.positional(), names: args.names(), values: args.keyword_values() };
        crate::run::call_function(this, args)
    }
    fn __get__(this: Gc<Function>, instance: Option<Value>, owner: Option<Value>) -> R {
        descr::function_get(this.value(), instance, owner)
    }
    #[getter("__code__")]
    fn code(this: Gc<Function>) -> Value {
        this.code().value()
    }
    #[setter(__code__)]
    fn set_code(this: Gc<Function>, value: Option<Value>) -> R<()> {
        let Some(code) = value.and_then(|value| value.cast::<Code>()) else {
            return Err(type_error!("__code__ must be set to a code object"));
        };
        let closure = this.closure.get().and_then(|closure| closure.cast::<Tuple>()).map_or(0, |closure| closure.len());
        if closure != code.free_count as usize {
            return Err(value_error!(
                "{}() requires a code object with {closure} free vars, not {}",
                text(or_none(&this.name)),
                code.free_count
            ));
        }
        use bytecode::code_unit::co_flags;
        let kind = co_flags::GENERATOR | co_flags::COROUTINE | co_flags::ASYNC_GENERATOR;
        if code.flags & kind != this.code().flags & kind {
            objects::warnings::deprecation(
                "Assigning a code object of non-matching type is deprecated (e.g., from a generator to a plain function)",
            )?;
        }
        this.set_code(code);
        Ok(())
    }
    #[getter("__defaults__")]
    fn defaults(this: Gc<Function>) -> Value {
        or_none(&this.defaults)
    }
    #[setter(__defaults__)]
    fn set_defaults(this: Gc<Function>, value: Option<Value>) -> R<()> {
        match value.filter(|value| !value.is_none()) {
            Some(value) if !value.is_instance_of_layout::<Tuple>() => {
                Err(type_error!("__defaults__ must be set to a tuple object"))
            }
            value => {
                this.defaults.set_opt(&this.header, value);
                Ok(())
            }
        }
    }
    #[getter("__kwdefaults__")]
    fn kwdefaults(this: Gc<Function>) -> Value {
        or_none(&this.kwdefaults)
    }
    #[setter(__kwdefaults__)]
    fn set_kwdefaults(this: Gc<Function>, value: Option<Value>) -> R<()> {
        match value.filter(|value| !value.is_none()) {
            Some(value) if !value.is_instance_of_layout::<Dict>() => {
                Err(type_error!("__kwdefaults__ must be set to a dict object"))
            }
            value => {
                this.kwdefaults.set_opt(&this.header, value);
                Ok(())
            }
        }
    }
    #[getter("__closure__")]
    fn closure(this: Gc<Function>) -> Value {
        or_none(&this.closure)
    }
    #[setter(__closure__)]
    fn set_closure(_this: Gc<Function>, _value: Option<Value>) -> R<()> {
        Err(objects::error::attribute_error!("readonly attribute"))
    }
    #[getter("__name__")]
    fn name(this: Gc<Function>) -> Value {
        or_none(&this.name)
    }
    #[setter(__name__)]
    fn set_name(this: Gc<Function>, value: Option<Value>) -> R<()> {
        this.name.set(&this.header, super::generator::text(value, "__name__")?);
        Ok(())
    }
    #[getter("__qualname__")]
    fn qualname(this: Gc<Function>) -> Value {
        or_none(&this.qualname)
    }
    #[setter(__qualname__)]
    fn set_qualname(this: Gc<Function>, value: Option<Value>) -> R<()> {
        this.qualname.set(&this.header, super::generator::text(value, "__qualname__")?);
        Ok(())
    }
    #[getter("__module__")]
    fn module(this: Gc<Function>) -> Value {
        or_none(&this.module)
    }
    #[setter(__module__)]
    fn set_module(this: Gc<Function>, value: Option<Value>) {
        this.module.set_opt(&this.header, value);
    }
    #[getter("__doc__")]
    fn doc(this: Gc<Function>) -> Value {
        this.doc.get().or_else(|| this.code().function_doc()).unwrap_or(Value::none())
    }
    #[setter(__doc__)]
    fn set_doc(this: Gc<Function>, value: Option<Value>) {
        this.doc.set(&this.header, value.unwrap_or(Value::none()));
    }
    #[getter("__annotations__")]
    fn annotations(this: Gc<Function>) -> R {
        if let Some(annotations) = this.annotations.get() {
            return Ok(annotations);
        }
        let annotations = match this.annotate.get().filter(|annotate| !annotate.is_none()) {
            None => dict::new_dict().value(),
            Some(annotate) => {
                let made = objects::call::call(annotate, &[Value::small(1)])?;
                if !made.is_instance_of_layout::<Dict>() {
                    return Err(type_error!("__annotate__ returned non-dict of type '{}'", class_name(made)));
                }
                made
            }
        };
        Ok(this.annotations.get_or_set(&this.header, annotations))
    }
    #[setter(__annotations__)]
    fn set_annotations(this: Gc<Function>, value: Option<Value>) -> R<()> {
        match value.filter(|value| !value.is_none()) {
            Some(value) if !value.is_instance_of_layout::<Dict>() => {
                Err(type_error!("__annotations__ must be set to a dict object"))
            }
            value => {
                this.annotations.set_opt(&this.header, value);
                this.annotate.clear();
                Ok(())
            }
        }
    }
    #[getter("__annotate__")]
    fn annotate(this: Gc<Function>) -> Value {
        or_none(&this.annotate)
    }
    #[setter(__annotate__)]
    fn set_annotate(this: Gc<Function>, value: Option<Value>) -> R<()> {
        match value {
            None => Err(type_error!("__annotate__ cannot be deleted")),
            Some(value) if value.is_none() => {
                this.annotate.set(&this.header, value);
                Ok(())
            }
            Some(value) if objects::call::is_callable(value) => {
                this.annotate.set(&this.header, value);
                this.annotations.clear();
                Ok(())
            }
            Some(_) => Err(type_error!("__annotate__ must be callable or None")),
        }
    }
    #[getter("__type_params__")]
    fn type_params(this: Gc<Function>) -> Value {
        this.type_params.get().unwrap_or_else(|| empty_tuple().value())
    }
    #[setter(__type_params__)]
    fn set_type_params(this: Gc<Function>, value: Option<Value>) -> R<()> {
        match value {
            Some(value) if value.is_instance_of_layout::<Tuple>() => {
                this.type_params.set(&this.header, value);
                Ok(())
            }
            _ => Err(type_error!("__type_params__ must be set to a tuple")),
        }
    }
}

/// A value as text for messages.
fn text(value: Value) -> String {
    value.cast::<Str>().map(|text| text.to_string_lossy()).unwrap_or_default()
}

pub struct CellSkin;

/// A cell that holds contents.
///
/// Without an argument it is empty: reading cell_contents raises ValueError
/// until that is set.
#[native_class(name = "cell", layout = CellObject, base = object, flags = "final")]
impl CellSkin {
    #[new]
    fn new(_cls: Gc<Class>, args: Args) -> R {
        args.no_keywords("cell")?;
        args.check_count("cell", 0, 1)?;
        Ok(new_cell(args.get(0)).value())
    }
    fn __repr__(this: Gc<CellObject>) -> String {
        let address = this.value().raw();
        match this.content.get() {
            None => format!("<cell at {address:#x}: empty>"),
            Some(content) => format!("<cell at {address:#x}: {} object at {:#x}>", class_name(content), content.raw()),
        }
    }
    fn __eq__(this: Gc<CellObject>, other: Gc<CellObject>) -> R {
        compare_cells(CompareOp::Eq, this, other)
    }
    fn __ne__(this: Gc<CellObject>, other: Gc<CellObject>) -> R {
        compare_cells(CompareOp::Ne, this, other)
    }
    fn __lt__(this: Gc<CellObject>, other: Gc<CellObject>) -> R {
        compare_cells(CompareOp::Lt, this, other)
    }
    fn __le__(this: Gc<CellObject>, other: Gc<CellObject>) -> R {
        compare_cells(CompareOp::Le, this, other)
    }
    fn __gt__(this: Gc<CellObject>, other: Gc<CellObject>) -> R {
        compare_cells(CompareOp::Gt, this, other)
    }
    fn __ge__(this: Gc<CellObject>, other: Gc<CellObject>) -> R {
        compare_cells(CompareOp::Ge, this, other)
    }
    #[getter]
    fn cell_contents(this: Gc<CellObject>) -> R {
        match this.content.get() {
            Some(content) => Ok(content),
            None => Err(value_error!("Cell is empty")),
        }
    }
    #[setter(cell_contents)]
    fn set_cell_contents(this: Gc<CellObject>, value: Option<Value>) {
        this.content.set_opt(value);
    }
}

/// Cells compare by content; an empty one comes first.
fn compare_cells(op: CompareOp, a: Gc<CellObject>, b: Gc<CellObject>) -> R {
    match (a.content.get(), b.content.get()) {
        (Some(a), Some(b)) => compare(op, a, b),
        (a, b) => Ok(Value::bool(op.holds(a.is_some().cmp(&b.is_some())))),
    }
}
