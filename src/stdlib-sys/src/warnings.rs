//! The module `_warnings`: issuing warnings by the filters.
//!
//! Must not know: how a shown warning looks when the Python module `warnings` is there.

use crate::contextvars::{ContextVar, lookup, new_context_var};
use crate::owned_lock::OwnedLock;
use crate::util::{self, str_text};
use native_macros::native_module;
use objects::dict::{self, Dict};
use objects::frame::View;
use objects::interpreter::InterpreterSlot;
use objects::{
    Cast, Class, Gc, List, Module, R, Str, Tuple, Value, call, class_name, class_of, exc, get_attr_opt, interned, is_true,
    new_dict, new_int, new_str, new_tuple, runtime_error, str_of, thread, type_error, value_error,
};
use std::sync::atomic::{AtomicI64, Ordering};

static FILTERS: InterpreterSlot = InterpreterSlot::empty();
static ONCE_REGISTRY: InterpreterSlot = InterpreterSlot::empty();
static DEFAULT_ACTION: InterpreterSlot = InterpreterSlot::empty();
static CONTEXT: InterpreterSlot = InterpreterSlot::empty();
static FILTERS_VERSION: AtomicI64 = AtomicI64::new(1);

/// The lock of the filters and registries.
pub static LOCK: OwnedLock = OwnedLock::new();

struct Held;
impl Held {
    fn take() -> Held {
        LOCK.acquire();
        Held
    }
}
impl Drop for Held {
    fn drop(&mut self) {
        LOCK.release();
    }
}

/// An attribute of the Python module `warnings`, if that was imported (`load`: import it now, unless the process is ending).
fn library_attr(name: &str, load: bool) -> R<Option<Value>> {
    let module = match objects::system::imported("warnings").filter(|module| !module.is_none()) {
        Some(module) => module,
        None if load && !objects::system::is_finalizing() => match util::import("warnings") {
            Ok(module) => module,
            Err(raised) if raised.is(&exc::IMPORT_ERROR) => {
                raised.clear();
                return Ok(None);
            }
            Err(raised) => return Err(raised),
        },
        None => return Ok(None),
    };
    get_attr_opt(module, objects::intern(name))
}

fn filters() -> R<Gc<List>> {
    let found = match library_attr("filters", false)? {
        Some(filters) => Some(filters),
        None => FILTERS.get(),
    };
    match found.and_then(|filters| filters.cast::<List>()) {
        Some(filters) => Ok(filters),
        None => Err(value_error!("_warnings.filters must be a list")),
    }
}
fn context_filters() -> R<Option<Gc<List>>> {
    let Some(var) = CONTEXT.get().and_then(|var| var.cast::<ContextVar>()) else { return Ok(None) };
    let Some(context) = lookup(var)?.filter(|context| !context.is_none()) else { return Ok(None) };
    let filters = objects::get_attr(context, interned!("_filters"))?;
    match filters.cast::<List>() {
        Some(filters) => Ok(Some(filters)),
        None => Err(value_error!("_filters of warnings._warnings_context must be a list")),
    }
}

/// Whether a pattern of a filter (None, a str, or a compiled expression) accepts the text.
fn accepts(pattern: Value, text: Value) -> R<bool> {
    if pattern.is_none() {
        return Ok(true);
    }
    if pattern.cast_exact::<Str>().is_some() {
        return objects::eq(pattern, text);
    }
    is_true(objects::call_method(pattern, interned!("match"), &[text])?)
}

struct Warning {
    category: Value,
    text: Value,
    message: Value,
    line: i64,
    module: Value,
}

/// The first filter of the list that fits, and its action.
fn search(list: Gc<List>, name: &str, warning: &Warning) -> R<Option<(Value, Value)>> {
    let mut index = 0;
    while let Some(item) = objects::list::list_get(list, index) {
        index += 1;
        let Some(filter) = item.cast::<Tuple>().filter(|filter| filter.len() == 5) else {
            return Err(value_error!("{name} item {} isn't a 5-tuple", index - 1));
        };
        let [action, message, category, module, line] = filter.items() else { continue };
        if action.cast::<Str>().is_none() {
            return Err(type_error!("action must be a string, not '{}'", class_name(*action)));
        }
        if accepts(*message, warning.text)?
            && objects::issubclass(warning.category, *category)?
            && accepts(*module, warning.module)?
            && line_fits(objects::index(*line)?, warning.line)
        {
            return Ok(Some((*action, item)));
        }
    }
    Ok(None)
}

fn find_action(warning: &Warning) -> R<(String, Value)> {
    let mut found = None;
    if let Some(filters) = context_filters()? {
        found = search(filters, "_warnings_context filters", warning)?;
    }
    if found.is_none() {
        found = search(filters()?, "warnings.filters", warning)?;
    }
    match found {
        Some((action, item)) => Ok((str_text(action).unwrap_or_default(), item)),
        None => {
            let default = match library_attr("defaultaction", false)? {
                Some(default) => default,
                None => DEFAULT_ACTION.get().unwrap_or(Value::none()),
            };
            match str_text(default) {
                Some(action) => Ok((action, Value::none())),
                None => Err(type_error!("_warnings.defaultaction must be a string, not '{}'", class_name(default))),
            }
        }
    }
}

fn once_registry() -> R<Gc<Dict>> {
    let found = match library_attr("onceregistry", false)? {
        Some(registry) => registry,
        None => ONCE_REGISTRY.get().unwrap_or(Value::none()),
    };
    match found.cast::<Dict>() {
        Some(registry) => Ok(registry),
        None => Err(type_error!("_warnings.onceregistry must be a dict, not '{}'", class_name(found))),
    }
}

/// Whether the registry has the key; enters it if asked to.
fn already_warned(registry: Gc<Dict>, key: Value, enter: bool) -> R<bool> {
    let version = interned!("version");
    let current = FILTERS_VERSION.load(Ordering::Relaxed);
    let known = dict::dict_get_str(registry, version);
    if !known.is_some_and(|known| known.is_int() && known.as_int() == current) {
        dict::dict_clear(registry);
        dict::dict_set_str(registry, version, new_int(current))?;
    } else if let Some(warned) = dict::dict_get(registry, key)?
        && is_true(warned)?
    {
        return Ok(true);
    }
    if enter {
        dict::dict_set(registry, key, Value::true_())?;
    }
    Ok(false)
}
fn enter_key(registry: Option<Gc<Dict>>, key: &[Value]) -> R<bool> {
    match registry {
        Some(registry) => already_warned(registry, new_tuple(key).value(), true),
        None => Ok(false),
    }
}

/// The name of a module whose file is known.
fn module_of_file(filename: Value) -> Value {
    let text = str_text(filename).unwrap_or_default();
    if text.is_empty() {
        return new_str("<unknown>");
    }
    match text.strip_suffix(".py") {
        Some(stem) => new_str(stem),
        None => filename,
    }
}

#[derive(Clone, Copy)]
struct Place {
    filename: Value,
    line: i64,
    module: Option<Value>,
    registry: Option<Value>,
}

fn warn_at(category: Value, message: Value, place: Place, source_line: Option<Value>, source: Option<Value>) -> R<()> {
    let registry = match place.registry.filter(|registry| !registry.is_none()) {
        None => None,
        Some(registry) => match registry.cast::<Dict>() {
            Some(registry) => Some(registry),
            None => return Err(type_error!("'registry' must be a dict or None")),
        },
    };
    let module = place.module.unwrap_or_else(|| module_of_file(place.filename));
    if module.is_none() {
        return Ok(());
    }
    let (text, message, category) = if objects::isinstance(message, exc::WARNING.get().value())? {
        (str_of(message)?.value(), message, class_of(message).value())
    } else {
        (message, call(category, &[message])?, category)
    };
    let warning = Warning { category, text, message, line: place.line, module };
    let line = new_int(place.line);
    {
        let _held = Held::take();
        let key = [text, category, line];
        if let Some(registry) = registry
            && already_warned(registry, new_tuple(&key).value(), false)?
        {
            return Ok(());
        }
        let (action, item) = find_action(&warning)?;
        let zero = Value::small(0);
        let seen = match action.as_str() {
            "error" => return Err(objects::raise(warning.message)),
            "ignore" => return Ok(()),
            "always" | "all" => false,
            "default" => {
                enter_key(registry, &key)?;
                false
            }
            "once" => {
                enter_key(registry, &key)?;
                let once = once_registry()?;
                already_warned_once(once, new_tuple(&[text, category]).value())?
            }
            "module" => {
                enter_key(registry, &key)?;
                enter_key(registry, &[text, category, zero])?
            }
            _ => {
                return Err(runtime_error!(
                    "Unrecognized action ({}) in warnings.filters:\n {}",
                    objects::repr_lossy(new_str(&action)),
                    objects::repr_lossy(item)
                ));
            }
        };
        if seen {
            return Ok(());
        }
    }
    show(&warning, place.filename, source_line, source)
}

/// The registry of "once" filters has no version.
fn already_warned_once(registry: Gc<Dict>, key: Value) -> R<bool> {
    if let Some(warned) = dict::dict_get(registry, key)?
        && is_true(warned)?
    {
        return Ok(true);
    }
    dict::dict_set(registry, key, Value::true_())?;
    Ok(false)
}

fn show(warning: &Warning, filename: Value, source_line: Option<Value>, source: Option<Value>) -> R<()> {
    let Some(show) = library_attr("_showwarnmsg", source.is_some_and(|source| !source.is_none()))? else {
        return show_plainly(warning, filename, source_line);
    };
    if !objects::is_callable(show) {
        return Err(type_error!("warnings._showwarnmsg() must be set to a callable"));
    }
    let Some(make) = library_attr("WarningMessage", false)? else {
        return Err(runtime_error!("unable to get warnings.WarningMessage"));
    };
    let none = Value::none();
    let message = call(
        make,
        &[
            warning.message,
            warning.category,
            filename,
            new_int(warning.line),
            none,
            source_line.unwrap_or(none),
            source.unwrap_or(none),
        ],
    )?;
    call(show, &[message]).map(|_| ())
}

fn show_plainly(warning: &Warning, filename: Value, source_line: Option<Value>) -> R<()> {
    let Some(file) = util::stderr() else { return Ok(()) };
    let category = warning.category.cast::<Class>().map(|class| class.name_text()).unwrap_or_default();
    let text = format!(
        "{}:{}: {category}: {}\n",
        str_text(filename).unwrap_or_default(),
        warning.line,
        str_of(warning.text)?.to_string_lossy()
    );
    if let Err(raised) = util::write(file, &text) {
        raised.clear();
        return Ok(());
    }
    let file_line = || {
        let text = std::fs::read_to_string(str_text(filename)?).ok()?;
        text.lines().nth(usize::try_from(warning.line).ok()?.checked_sub(1)?).map(str::to_owned)
    };
    if let Some(line) = source_line.and_then(str_text).or_else(file_line) {
        util::write(file, &format!("  {}\n", line.trim()))?;
    }
    Ok(())
}

/// Frames of the import system do not count as places where a warning comes from.
fn is_internal(view: View) -> bool {
    let name = str_text(view.code().filename()).unwrap_or_default();
    name.contains("importlib") && name.contains("_bootstrap")
}
fn next_external(view: View, skip: &[String]) -> Option<View> {
    let mut next = view.outer();
    while let Some(view) = next {
        let name = str_text(view.code().filename()).unwrap_or_default();
        if !is_internal(view) && !skip.iter().any(|prefix| name.starts_with(prefix.as_str())) {
            return Some(view);
        }
        next = view.outer();
    }
    None
}

/// The place that `stacklevel` names, counted from the innermost Python frame as 1.
fn place_of(stack_level: i64, skip: &[String]) -> R<Place> {
    let mut view = thread::current().exec.innermost();
    let mut level = stack_level;
    if level <= 0 || view.is_some_and(is_internal) {
        while level > 1 {
            level -= 1;
            view = view.and_then(View::outer);
        }
    } else {
        while level > 1 && view.is_some() {
            level -= 1;
            view = view.and_then(|view| next_external(view, skip));
        }
    }
    let (globals, filename, line) = match view {
        None => {
            let globals = objects::system::sys_module().map(|sys| sys.dict());
            (globals, new_str("<sys>"), 0)
        }
        Some(view) => {
            let line = view.code().line_at(view.offset()).unwrap_or(0) as i64;
            (view.function().globals().cast::<Dict>(), view.code().filename(), line)
        }
    };
    let Some(globals) = globals else { return Ok(Place { filename, line, module: Some(new_str("<string>")), registry: None }) };
    let name = interned!("__warningregistry__");
    let registry = match dict::dict_get_str(globals, name) {
        Some(registry) => registry,
        None => {
            let registry = new_dict().value();
            dict::dict_set_str(globals, name, registry)?;
            registry
        }
    };
    let module = dict::dict_get_str(globals, interned!("__name__")).filter(|name| name.is_none() || name.cast::<Str>().is_some());
    Ok(Place { filename, line, module: Some(module.unwrap_or_else(|| new_str("<string>"))), registry: Some(registry) })
}

/// The entry of native code.
fn warn_native(category: Gc<Class>, text: &str, stack_level: i64, source: Option<Value>) -> R<()> {
    warn_at(category.value(), new_str(text), place_of(stack_level, &[])?, None, source)
}

/// The entry of the compiler: a warning about a place in a source file.
fn warn_source(category: Gc<Class>, text: &str, filename: &str, line: u32) -> R<()> {
    let place = Place { filename: new_str(filename), line: line as i64, module: None, registry: None };
    warn_at(category.value(), new_str(text), place, None, None)
}

fn checked_category(message: Value, category: Option<Value>) -> R {
    let base = exc::WARNING.get();
    if objects::isinstance(message, base.value())? {
        return Ok(class_of(message).value());
    }
    match category.filter(|category| !category.is_none()) {
        None => Ok(exc::USER_WARNING.get().value()),
        Some(category) if category.cast::<Class>().is_some_and(|class| class.is_subclass_of(base)) => Ok(category),
        Some(category) => Err(type_error!("category must be a Warning subclass, not '{}'", class_name(category))),
    }
}

/// The line of the file by the module's loader (`get_source`).
fn source_line(globals: Value, line: i64) -> R<Option<Value>> {
    let Some(globals) = globals.cast::<Dict>() else {
        return Err(type_error!("module_globals must be a dict, not '{}'", class_name(globals)));
    };
    let Some(importer) = objects::system::imported("_frozen_importlib_external") else { return Ok(None) };
    let bless = objects::get_attr(importer, interned!("_bless_my_loader"))?;
    let loader = call(bless, &[globals.value()])?;
    let name = dict::dict_get_str(globals, interned!("__name__"));
    let (false, Some(name)) = (loader.is_none(), name) else { return Ok(None) };
    let Some(get_source) = get_attr_opt(loader, interned!("get_source"))? else { return Ok(None) };
    let source = match call(get_source, &[name]) {
        Ok(source) if source.is_none() => return Ok(None),
        Ok(source) => source,
        // What runs by `-c` has the loader of built-in modules, which knows nothing of it.
        Err(raised) if raised.is(&exc::IMPORT_ERROR) => {
            raised.clear();
            return Ok(None);
        }
        Err(raised) => return Err(raised),
    };
    if source.cast::<Str>().is_none() {
        return Err(type_error!("must be str, not {}", class_name(source)));
    }
    let Some(index) = line.checked_sub(1).filter(|index| *index >= 0) else { return Ok(None) };
    // A subclass may have a method of its own.
    let splitlines = objects::get_attr(<Str as objects::Layout>::class().value(), interned!("splitlines"))?;
    let lines = objects::to_vec(call(splitlines, &[source])?)?;
    Ok(lines.get(index as usize).copied())
}

pub struct Warnings;

/// What the module warnings does natively.
#[native_module(name = "_warnings")]
impl Warnings {
    /// Show a warning, ignore it or raise it, as the filters say.
    #[sig("($module, /, message, category=None, stacklevel=1, source=None, *, skip_file_prefixes=())")]
    fn warn(
        message: Value,
        category: Option<Value>,
        #[default(1)] stacklevel: i64,
        source: Option<Value>,
        skip_file_prefixes: Option<Value>,
    ) -> R<()> {
        let category = checked_category(message, category)?;
        let mut skip = Vec::new();
        if let Some(prefixes) = skip_file_prefixes {
            let Some(prefixes) = prefixes.cast::<Tuple>() else {
                return Err(type_error!("warn() argument 'skip_file_prefixes' must be tuple, not {}", class_name(prefixes)));
            };
            for prefix in prefixes.items() {
                match str_text(*prefix) {
                    Some(prefix) => skip.push(prefix),
                    None => return Err(type_error!("Found non-str '{}' in skip_file_prefixes.", class_name(*prefix))),
                }
            }
        }
        let stacklevel = if skip.is_empty() { stacklevel } else { stacklevel.max(2) };
        warn_at(category, message, place_of(stacklevel, &skip)?, None, source)
    }
    /// Show a warning, ignore it or raise it, as the filters say.
    #[sig(
        "($module, /, message, category, filename, lineno, module=<unrepresentable>, registry=None, module_globals=None, source=None)",
        hidden
    )]
    fn warn_explicit(
        message: Value,
        category: Value,
        filename: Gc<Str>,
        lineno: i64,
        module: Option<Value>,
        registry: Option<Value>,
        module_globals: Option<Value>,
        source: Option<Value>,
    ) -> R<()> {
        let line = match module_globals.filter(|globals| !globals.is_none()) {
            Some(globals) => source_line(globals, lineno)?,
            None => None,
        };
        let place = Place { filename: filename.value(), line: lineno, module, registry };
        warn_at(category, message, place, line, source)
    }
    fn _filters_mutated_lock_held() -> R<()> {
        if !LOCK.is_mine() {
            return Err(runtime_error!("warnings lock is not held"));
        }
        FILTERS_VERSION.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
    fn _acquire_lock() {
        LOCK.acquire();
    }
    fn _release_lock() -> R<()> {
        if LOCK.release() { Ok(()) } else { Err(runtime_error!("cannot release un-acquired lock")) }
    }
    fn __exec__(module: Value) -> R<()> {
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        if FILTERS.is_empty() {
            FILTERS.set(default_filters());
            ONCE_REGISTRY.set(new_dict().value());
            DEFAULT_ACTION.set(new_str("default"));
            CONTEXT.set(new_context_var("warnings_context")?.value());
            objects::warnings::install(warn_native);
            objects::warnings::install_explicit(warn_source);
        }
        for (name, slot) in [
            ("filters", &FILTERS),
            ("_onceregistry", &ONCE_REGISTRY),
            ("_defaultaction", &DEFAULT_ACTION),
            ("_warnings_context", &CONTEXT),
        ] {
            module.set(name, slot.get().unwrap_or(Value::none()))?;
        }
        Ok(())
    }
}

/// The filters of a process that was given none.
fn default_filters() -> Value {
    let filter = |action: &str, category: &objects::ClassCell, module: Value| {
        new_tuple(&[new_str(action), Value::none(), category.get().value(), module, Value::small(0)]).value()
    };
    let none = Value::none();
    let list = objects::list::new_list(&[]);
    objects::list::list_push(list, filter("default", &exc::DEPRECATION_WARNING, new_str("__main__")));
    for category in [&exc::DEPRECATION_WARNING, &exc::PENDING_DEPRECATION_WARNING, &exc::IMPORT_WARNING, &exc::RESOURCE_WARNING] {
        objects::list::list_push(list, filter("ignore", category, none));
    }
    list.value()
}

fn line_fits(wanted: i64, line: i64) -> bool {
    wanted == 0 || wanted == line
}
