//! The module `hpy.universal`.
//!
//! Must not know: how a library is opened.

use crate::loader::{self, Mode};
use native_macros::native_module;
use objects::{Cast, Dict, R, Str, Value, dict, exc, interned, new_str, new_tuple, set_attr, value_error};

/// The version of HPy whose ABI this is.
pub const VERSION: &str = "0.9.0";

pub struct Universal;

/// HPy universal runtime.
#[native_module(name = "hpy.universal")]
impl Universal {
    #[attr("MODE_UNIVERSAL")]
    const MODE_UNIVERSAL: i32 = 0;
    #[attr("MODE_DEBUG")]
    const MODE_DEBUG: i32 = 1;
    #[attr("MODE_TRACE")]
    const MODE_TRACE: i32 = 2;

    /// Load a .hpy0.so file
    #[sig("(name, path, spec, debug=False, mode=-1)")]
    fn load(name: Value, path: Value, spec: Value, debug: bool, mode: i32) -> R {
        let mode = match mode {
            1 => Mode::Debug,
            2 => Mode::Trace,
            i32::MIN..=0 if debug => Mode::Debug,
            i32::MIN..=0 => Mode::Universal,
            _ => return Err(value_error!("invalid HPy mode: {mode}")),
        };
        loader::load(name, path, spec, mode)
    }

    /// Internal function intended to be used by the stub loader. This function will honor env var 'HPY' and correctly set the
    /// attributes of the module.
    #[sig("(name, ext_name, package, file, loader, spec, env)")]
    fn _load_bootstrap(name: Value, ext_name: Value, package: Value, file: Value, loader: Value, spec: Value, env: Value) -> R {
        let shown = name.cast::<Str>().map(|name| name.to_string_lossy()).unwrap_or_default();
        let setting = lookup(env, "HPY")?.and_then(|setting| setting.cast::<Str>()).map(|setting| setting.to_string_lossy());
        let mode = loader::mode_from(setting.as_deref(), &shown)?;
        if lookup(env, "HPY_LOG")?.is_some() {
            loader::log_loading(&shown, mode)?;
        }
        let module = loader::load(name, file, spec, mode)?;
        set_attr(module, interned!("__file__"), file)?;
        set_attr(module, interned!("__loader__"), loader)?;
        set_attr(module, interned!("__name__"), ext_name)?;
        set_attr(module, interned!("__package__"), package)?;
        set_attr(spec, interned!("origin"), file)?;
        set_attr(module, interned!("__spec__"), spec)?;
        Ok(module)
    }

    /// Return a tuple ('version', 'git revision')
    fn get_version() -> Value {
        new_tuple(&[new_str(VERSION), new_str("protopython")]).value()
    }

    /// Let one thread at a time into each extension module of these names ('1' for all, '' for none) that is loaded from here on.
    fn set_module_lock(names: &str) {
        crate::lock::set_wanted(names)
    }

    /// Collect at every n-th allocation from here on; 0 is as usual. For tests.
    fn _collect_every(interval: u64) {
        heap::config::set_stress(interval)
    }

    fn __exec__(module: Value) -> R<()> {
        for (name, def) in [("_debug", crate::debug::module::Debug::MODULE), ("_trace", crate::trace::module::Trace::MODULE)] {
            let inner = objects::module::new_native_module(def)?.value();
            if let Some(exec) = def.exec {
                exec(inner)?;
            }
            set_attr(module, objects::intern(name), inner)?;
        }
        Ok(())
    }
}

fn lookup(env: Value, key: &str) -> R<Option<Value>> {
    let key = new_str(key);
    if let Some(env) = env.cast_exact::<Dict>() {
        return dict::dict_get(env, key);
    }
    match objects::get_item(env, key) {
        Ok(value) => Ok(Some(value)),
        Err(raised) if raised.is(&exc::KEY_ERROR) => {
            raised.clear();
            Ok(None)
        }
        Err(raised) => Err(raised),
    }
}

/// The published package looks for this module to tell its users that the interpreter brings HPy along.
pub struct Bundled;

/// HPy comes with this interpreter.
#[native_module(name = "_hpy_universal")]
impl Bundled {
    /// Return a tuple ('version', 'git revision')
    fn get_version() -> Value {
        new_tuple(&[new_str(VERSION), new_str("protopython")]).value()
    }
}
