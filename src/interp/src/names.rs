//! Name lookup off the fast path: namespaces that are any mapping, builtins, and the errors of unbound names.
//! Must not know: caches.

use crate::state::Vm;
use bytecode::code_unit::VariableKind;
use heap::Value;
use objects::code::Code;
use objects::dict::{self, Dict};
use objects::error::{R, Raised, raise};
use objects::exception::{self as exc, NameErrorObject};
use objects::layout::{Cast, Gc};
use objects::protocol;
use objects::str::Str;

/// The text of a variable's name without the compiler's dot.
fn visible_name(name: Gc<Str>) -> String {
    let text = name.to_string_lossy();
    text.strip_prefix('.').map(str::to_string).unwrap_or(text)
}

fn name_error(class: &objects::layout::ClassCell, text: &str, name: &str) -> Raised {
    let exception = exc::new_exception_text(class.get(), text);
    if let Some(fields) = exception.value().cast::<NameErrorObject>() {
        fields.name.set(objects::str::new_str(name));
    }
    raise(exception.value())
}

#[cold]
pub fn unbound_variable(code: Gc<Code>, index: usize) -> Raised {
    let name = visible_name(code.variables()[index].name);
    let text = format!("cannot access local variable '{name}' where it is not associated with a value");
    // Without a name, which is for suggestions: those look at what is bound.
    raise(exc::new_exception_text(exc::UNBOUND_LOCAL_ERROR.get(), &text).value())
}

#[cold]
pub fn empty_cell(code: Gc<Code>, index: usize) -> Raised {
    let variable = code.variables()[index];
    if variable.kind != VariableKind::Free && !code.has_namespace() {
        return unbound_variable(code, index);
    }
    let name = visible_name(variable.name);
    let text = format!("cannot access free variable '{name}' where it is not associated with a value in enclosing scope");
    name_error(&exc::NAME_ERROR, &text, &name)
}

#[cold]
pub fn name_not_defined(name: Gc<Str>) -> Raised {
    let name = name.to_string_lossy();
    name_error(&exc::NAME_ERROR, &format!("name '{name}' is not defined"), &name)
}

/// `mapping[name]`, None for a missing key.
pub fn mapping_get(mapping: Value, name: Gc<Str>) -> R<Option<Value>> {
    if let Some(dict) = mapping.cast_exact::<Dict>() {
        return Ok(dict::dict_get_str(dict, name));
    }
    match protocol::get_item(mapping, name.value()) {
        Ok(value) => Ok(Some(value)),
        Err(raised) if raised.is(&exc::KEY_ERROR) => {
            raised.clear();
            Ok(None)
        }
        Err(raised) => Err(raised),
    }
}

pub fn mapping_set(mapping: Value, name: Gc<Str>, value: Value) -> R<()> {
    match mapping.cast_exact::<Dict>() {
        Some(dict) => dict::dict_set_str(dict, name, value),
        None => protocol::set_item(mapping, name.value(), value),
    }
}

/// `del mapping[name]`; a missing key is a NameError.
pub fn delete_name(mapping: Value, name: Gc<Str>) -> R<()> {
    if let Some(dict) = mapping.cast_exact::<Dict>() {
        return match dict::dict_remove_str(dict, name)? {
            Some(_) => Ok(()),
            None => Err(name_not_defined(name)),
        };
    }
    match protocol::del_item(mapping, name.value()) {
        Err(raised) if raised.is(&exc::KEY_ERROR) => {
            raised.clear();
            Err(name_not_defined(name))
        }
        result => result,
    }
}

/// A global, else a builtin; the mappings may be anything.
pub fn global_or_builtin(globals: Value, builtins: Value, name: Gc<Str>) -> R {
    if let Some(value) = mapping_get(globals, name)? {
        return Ok(value);
    }
    if !builtins.is_none()
        && let Some(value) = mapping_get(builtins, name)?
    {
        return Ok(value);
    }
    Err(name_not_defined(name))
}

/// `__build_class__` of the running function's builtins.
pub fn build_class(vm: Vm) -> R {
    let builtins = vm.function().builtins.get().unwrap_or(Value::none());
    match mapping_get(builtins, objects::interned!("__build_class__"))? {
        Some(function) => Ok(function),
        None => Err(objects::error::name_error!("__build_class__ not found")),
    }
}

/// The builtins mapping that code with these globals sees: `globals['__builtins__']`, a module or a mapping; otherwise the
/// running function's.
pub fn builtins_for(globals: Value) -> R {
    if let Some(found) = mapping_get(globals, objects::interned!("__builtins__"))? {
        return Ok(match crate::install::namespace_of(found) {
            Some(dict) => dict.value(),
            None => found,
        });
    }
    Ok(current_builtins())
}

/// The builtins of the innermost Python frame, else of the interpreter.
pub fn current_builtins() -> Value {
    if let Some(view) = crate::run::exec().innermost()
        && let Some(builtins) = view.function().builtins.get()
    {
        return builtins;
    }
    crate::install::builtins_dict()
}
