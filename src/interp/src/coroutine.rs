//! Coroutine extras: where a coroutine was made, and the warning about one that was never awaited. Must not know: running them.

use heap::Value;
use objects::dict::{self, Dict};
use objects::error::R;
use objects::frame::Exec;
use objects::generator::Generator;
use objects::layout::{Cast, Gc};
use objects::str::Str;
use objects::tuple::new_tuple;

/// Remembers the calling frames if `sys.set_coroutine_origin_tracking_depth` asks for it.
pub fn note_origin(exec: &Exec, coroutine: Gc<Generator>) {
    // So that finishing tells the collector that nothing is left to do.
    coroutine.ask_for_finalizer();
    let depth = exec.origin_depth.get();
    if depth == 0 {
        return;
    }
    let entries = objects::list::list_from_slice(&[]);
    let mut view = exec.innermost().and_then(|frame| frame.outer());
    while let Some(frame) = view
        && (entries.len() as u32) < depth
    {
        let code = frame.code();
        let line = code.line_at(frame.offset()).map_or(Value::none(), |line| objects::int::new_int(line as i64));
        objects::list::list_push(entries, new_tuple(&[code.filename(), line, code.name()]).value());
        view = frame.outer();
    }
    coroutine.origin.set(objects::list::list_to_tuple(entries).value());
}

/// Reports a coroutine that dies without having been awaited.
pub fn warn_never_awaited(coroutine: Gc<Generator>) -> R<()> {
    let helper = match crate::install::sys_attribute("modules")
        .and_then(|modules| modules.cast::<Dict>())
        .and_then(|modules| dict::dict_get_str(modules, objects::interned!("warnings")))
    {
        Some(warnings) => objects::lookup::get_attr_opt(warnings, objects::interned!("_warn_unawaited_coroutine"))?,
        None => None,
    };
    if let Some(helper) = helper {
        objects::call::call(helper, &[coroutine.value()])?;
        return Ok(());
    }
    let name =
        coroutine.qualname.get().and_then(|name| name.cast::<Str>()).map(|name| name.to_string_lossy()).unwrap_or_default();
    objects::warnings::runtime(&format!("coroutine '{name}' was never awaited"))
}

/// Reports an awaitable of an asynchronous generator that dies without having been awaited.
pub fn warn_method_never_awaited(method: &str, generator: Gc<Generator>) -> R<()> {
    let name =
        generator.qualname.get().and_then(|name| name.cast::<Str>()).map(|name| name.to_string_lossy()).unwrap_or_default();
    objects::warnings::runtime(&format!("coroutine method '{method}' of '{name}' was never awaited"))
}
