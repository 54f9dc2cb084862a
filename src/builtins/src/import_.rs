//! `__import__`: the quick native part. Finding and loading is the library's `importlib._bootstrap`.

use objects::dict::{self, Dict};
use objects::exception as exc;
use objects::{
    Cast, Gc, R, Str, Value, call, call_method, get_attr_opt, import_error_with, intern_str, interned, is_true, new_str,
    type_error, value_error,
};

static IMPORTLIB: objects::interpreter::InterpreterSlot = objects::interpreter::InterpreterSlot::empty();

/// Publishes the bootstrapped `_frozen_importlib` of the current interpreter.
pub fn install(importlib: Value) {
    IMPORTLIB.set(importlib);
}

/// `sys.modules` as it is now (programs may replace it).
fn modules() -> R<Value> {
    objects::system::sys_attr("modules").ok_or_else(|| objects::runtime_error!("unable to get sys.modules"))
}

fn find_loaded(name: Gc<Str>) -> R<Option<Value>> {
    let modules = modules()?;
    match modules.cast_exact::<Dict>() {
        Some(dict) => dict::dict_get(dict, name.value()),
        None => match objects::get_item(modules, name.value()) {
            Ok(found) => Ok(Some(found)),
            Err(raised) if raised.is(&exc::KEY_ERROR) => {
                raised.clear();
                Ok(None)
            }
            Err(raised) => Err(raised),
        },
    }
}

fn importlib() -> R {
    IMPORTLIB.get().ok_or_else(|| objects::runtime_error!("importlib is not bootstrapped yet"))
}

/// A module that another thread is still importing: wait for it.
fn ensure_initialized(module: Value, name: Gc<Str>) -> R<()> {
    if objects::system::is_initializing(module)? {
        call_method(importlib()?, interned!("_lock_unlock_module"), &[name.value()])?;
    }
    Ok(())
}

/// The module of an absolute name, loaded if need be.
fn find_or_load(name: Gc<Str>) -> R {
    if let Some(module) = find_loaded(name)?
        && !module.is_none()
    {
        if objects::config::get().import_time > 1 {
            timing::tell_cached(name);
        }
        ensure_initialized(module, name)?;
        return Ok(module);
    }
    let import = objects::get_attr_named(objects::door::builtins_module()?, "__import__")?;
    let load = || call_method(importlib()?, interned!("_find_and_load"), &[name.value(), import]);
    let found = if objects::config::get().import_time > 0 { timing::timed(name, load) } else { load() };
    found.map_err(hide_importlib_frames)
}

/// What `-X importtime` tells on stderr.
mod timing {
    use objects::{Gc, R, Str};
    use std::sync::Once;
    use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

    /// How many imports are under way, and the time of those that ended inside of the innermost.
    static LEVEL: AtomicUsize = AtomicUsize::new(0);
    static INNER: AtomicU64 = AtomicU64::new(0);

    fn tell(own: &dyn std::fmt::Display, all: &dyn std::fmt::Display, name: Gc<Str>, level: usize) {
        static HEADER: Once = Once::new();
        HEADER.call_once(|| objects::unraisable::tell("import time: self [us] | cumulative | imported package\n"));
        let name = match objects::codec::encode(name, "utf-8", "backslashreplace") {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(raised) => {
                raised.clear();
                "?".to_owned()
            }
        };
        objects::unraisable::tell(&format!("import time: {own} | {all} | {:width$}{name}\n", "", width = level * 2));
    }

    /// Runs an import and tells how long it took, with and without the imports inside of it.
    pub fn timed(name: Gc<Str>, load: impl FnOnce() -> R) -> R {
        LEVEL.fetch_add(1, Relaxed);
        let outer = INNER.swap(0, Relaxed);
        let start = std::time::Instant::now();
        let result = load();
        let took = start.elapsed().as_micros() as u64;
        let own = took.saturating_sub(INNER.load(Relaxed));
        let level = LEVEL.fetch_sub(1, Relaxed).saturating_sub(1);
        INNER.store(outer + took, Relaxed);
        tell(&format_args!("{own:>9}"), &format_args!("{took:>10}"), name, level);
        result
    }

    pub fn tell_cached(name: Gc<Str>) {
        tell(&"cached   ", &"cached    ", name, 0);
    }
}

/// Takes the machinery's own frames out of the traceback: all of them for an ImportError, else the runs of them that end with the
/// call of the imported module's code.
fn hide_importlib_frames(raised: objects::Raised) -> objects::Raised {
    use objects::exception::BaseException;
    use objects::traceback::Traceback;
    let all = raised.is(&exc::IMPORT_ERROR);
    let Some(exception) = raised.peek().cast::<BaseException>() else { return raised };
    let mut entry = exception.traceback.get().and_then(|entry| entry.cast::<Traceback>());
    // Where the entry at hand and the first entry of the current run of machinery frames hang.
    let mut link: &heap::Slot = &exception.traceback;
    let mut run_link = link;
    let mut in_run = false;
    while let Some(current) = entry {
        let code = current.frame().code();
        let file = code.filename().cast::<Str>();
        let machinery = file.is_some_and(|file| {
            ["<frozen importlib._bootstrap>", "<frozen importlib._bootstrap_external>"]
                .iter()
                .any(|own| objects::str::str_is(&file, own))
        });
        if machinery && !in_run {
            run_link = link;
        }
        in_run = machinery;
        let calls_module =
            || code.name().cast::<Str>().is_some_and(|name| objects::str::str_is(&name, "_call_with_frames_removed"));
        let next = current.next.get();
        if machinery && (all || calls_module()) {
            run_link.set_opt(next);
            link = run_link;
        } else {
            // SAFETY: traceback objects never move, and the chain keeps this one alive while it is walked.
            link = unsafe { &(*current.as_ptr()).next };
        }
        entry = next.and_then(|entry| entry.cast::<Traceback>());
    }
    raised
}

/// `__import__(name, globals, locals, fromlist, level)`.
pub fn import_module_level(name: Value, globals: Value, fromlist: Value, level: i64) -> R {
    let Some(name) = name.cast::<Str>() else {
        return Err(type_error!("module name must be a string"));
    };
    if level < 0 {
        return Err(value_error!("level must be >= 0"));
    }
    let absolute = if level > 0 {
        resolve_name(name, globals, level)?
    } else {
        if name.is_empty() {
            return Err(value_error!("Empty module name"));
        }
        name
    };
    let module = find_or_load(absolute)?;
    let has_from = !fromlist.is_none() && is_true(fromlist)?;
    if has_from {
        if get_attr_opt(module, interned!("__path__"))?.is_none() {
            return Ok(module);
        }
        let import = objects::get_attr_named(objects::door::builtins_module()?, "__import__")?;
        return call_method(importlib()?, interned!("_handle_fromlist"), &[module, fromlist, import]);
    }
    let text = name.to_string_lossy();
    if level > 0 && text.is_empty() {
        return Ok(module);
    }
    let Some(dot) = text.find('.') else { return Ok(module) };
    let front = &text[..dot];
    if level == 0 {
        return find_or_load(Str::new(front));
    }
    // A relative import names the package that the leading dots lead to.
    let cut = text.chars().count() - front.chars().count();
    let keep = absolute.len() - cut;
    let top = Str::substring(absolute, 0, keep);
    match find_loaded(top)? {
        Some(module) => Ok(module),
        None => Err(objects::new_error_args(
            exc::KEY_ERROR.get(),
            &[new_str(&format!("{} not in sys.modules as expected", objects::protocol::repr_lossy(top.value())))],
        )),
    }
}

/// The absolute name of a relative import.
fn resolve_name(name: Gc<Str>, globals: Value, level: i64) -> R<Gc<Str>> {
    let Some(globals) = globals.cast::<Dict>() else {
        return Err(type_error!("globals must be a dict"));
    };
    let package = package_of(globals)?;
    let text = package.to_string_lossy();
    if text.is_empty() {
        return Err(import_error_with(&exc::IMPORT_ERROR, "attempted relative import with no known parent package", None, None));
    }
    let mut base = text.as_str();
    for _ in 1..level {
        match base.rfind('.') {
            Some(dot) => base = &base[..dot],
            None => {
                return Err(import_error_with(
                    &exc::IMPORT_ERROR,
                    "attempted relative import beyond top-level package",
                    None,
                    None,
                ));
            }
        }
    }
    if name.is_empty() {
        return Ok(intern_str(Str::new(base)));
    }
    Ok(Str::new(&format!("{}.{}", base, name.to_string_lossy())))
}

/// `__package__`, or what `__spec__` or `__name__` say in its place.
fn package_of(globals: Gc<Dict>) -> R<Gc<Str>> {
    let package = dict::dict_get_str(globals, interned!("__package__")).filter(|package| !package.is_none());
    let spec = dict::dict_get_str(globals, interned!("__spec__")).filter(|spec| !spec.is_none());
    if let Some(package) = package {
        let Some(package) = package.cast::<Str>() else { return Err(type_error!("package must be a string")) };
        if let Some(spec) = spec
            && !objects::eq(package.value(), objects::get_attr(spec, interned!("parent"))?)?
        {
            objects::warnings::warn(&exc::DEPRECATION_WARNING, "__package__ != __spec__.parent", 1)?;
        }
        return Ok(package);
    }
    if let Some(spec) = spec {
        let parent = objects::get_attr(spec, interned!("parent"))?;
        return match parent.cast::<Str>() {
            Some(parent) => Ok(parent),
            None => Err(type_error!("__spec__.parent must be a string")),
        };
    }
    let text = "can't resolve package from __spec__ or __package__, falling back on __name__ and __path__";
    objects::warnings::warn(&exc::IMPORT_WARNING, text, 1)?;
    let Some(name) = dict::dict_get_str(globals, interned!("__name__")) else {
        return Err(objects::new_error_args(exc::KEY_ERROR.get(), &[new_str("'__name__' not in globals")]));
    };
    let Some(name) = name.cast::<Str>() else {
        return Err(type_error!("__name__ must be a string"));
    };
    if dict::dict_get_str(globals, interned!("__path__")).is_some() {
        return Ok(name);
    }
    let text = name.to_string_lossy();
    Ok(match text.rfind('.') {
        Some(dot) => Str::new(&text[..dot]),
        None => Str::empty(),
    })
}

/// Imports an absolute dotted name and gives that very module (not its top package).
pub fn import_module(name: &str) -> R {
    find_or_load(objects::intern(name))
}

/// `import name` as the statement does it when nobody replaced `__import__`.
pub fn import_plain(name: &str) -> R {
    call(objects::get_attr_named(objects::door::builtins_module()?, "__import__")?, &[new_str(name)])
}
