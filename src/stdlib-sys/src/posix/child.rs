//! Forking and what child processes are started with: argument and environment vectors.
//!
//! Must not know: which module asks.

use base::memory::with_room;
use objects::dict::Dict;
use objects::interpreter::InterpreterSlot;
use objects::list::List;
use objects::{Cast, GcVec, R, Tuple, Value, call, call_method, interned, type_error, value_error};
use std::ffi::CString;

/// Strings with a NULL-terminated vector of pointers to them.
pub struct Strings {
    /// Owns what `pointers` points to.
    _owned: Vec<CString>,
    pointers: Vec<*const libc::c_char>,
}

impl Strings {
    pub fn new(owned: Vec<CString>) -> Strings {
        let mut pointers = with_room(owned.len() + 1);
        pointers.extend(owned.iter().map(|text| text.as_ptr()));
        pointers.push(std::ptr::null());
        Strings { _owned: owned, pointers }
    }
    pub fn as_ptr(&self) -> *const *const libc::c_char {
        self.pointers.as_ptr()
    }
    pub fn as_mut_ptr(&self) -> *const *mut libc::c_char {
        self.pointers.as_ptr().cast()
    }
    pub fn items(&self) -> &[*const libc::c_char] {
        &self.pointers[..self.pointers.len() - 1]
    }
}

/// A list or tuple of arguments.
pub fn arguments(value: Value, function: &str) -> R<Strings> {
    if value.cast::<List>().is_none() && value.cast::<Tuple>().is_none() {
        let what = if function == "execve" || function.starts_with("posix_spawn") {
            "argv must be a tuple or list"
        } else {
            "arg 2 must be a tuple or list"
        };
        return Err(type_error!(
            "{function}{} {what}",
            if function.starts_with("posix") || function == "execve" { ":" } else { "()" }
        ));
    }
    let items = objects::to_vec(value)?;
    if items.is_empty() {
        return Err(match function {
            "execv" => value_error!("execv() arg 2 must not be empty"),
            _ => value_error!("{function}: argv must not be empty"),
        });
    }
    let mut owned = with_room(items.len());
    for item in items.iter() {
        owned.push(objects::path::fs_bytes(*item)?);
    }
    if owned.first().is_some_and(|first| first.is_empty()) {
        return Err(match function {
            "execv" => value_error!("execv() arg 2 first element cannot be empty"),
            _ => value_error!("{function}: argv first element cannot be empty"),
        });
    }
    Ok(Strings::new(owned))
}

/// A mapping of names to values as `NAME=value` strings.
pub fn environment(value: Value) -> R<Strings> {
    let (keys, values): (GcVec, GcVec) = match value.cast_exact::<Dict>() {
        Some(dict) => (objects::dict::dict_keys(dict), objects::dict::dict_values(dict)),
        None => {
            let keys = call_method(value, interned!("keys"), &[])?;
            let values = call_method(value, interned!("values"), &[])?;
            if keys.cast::<List>().is_none() && objects::get_attr_opt(keys, interned!("__iter__"))?.is_none() {
                return Err(type_error!("env.keys() or env.values() is not a list"));
            }
            (objects::to_vec(keys)?, objects::to_vec(values)?)
        }
    };
    let mut owned = with_room(keys.len());
    for (key, value) in keys.iter().zip(values.iter()) {
        let (key, value) = (objects::path::fs_bytes(*key)?, objects::path::fs_bytes(*value)?);
        if key.is_empty() || key.as_bytes()[1..].contains(&b'=') {
            return Err(value_error!("illegal environment variable name"));
        }
        let entry = base::memory::joined(&[key.as_bytes(), b"=", value.as_bytes()]);
        owned.push(CString::new(entry).unwrap_or_default());
    }
    Ok(Strings::new(owned))
}

/// What `os.register_at_fork` was given, in lists.
static BEFORE: InterpreterSlot = InterpreterSlot::empty();
static IN_CHILD: InterpreterSlot = InterpreterSlot::empty();
static IN_PARENT: InterpreterSlot = InterpreterSlot::empty();

pub fn register(before: Option<Value>, in_child: Option<Value>, in_parent: Option<Value>) {
    for (slot, function) in [(&BEFORE, before), (&IN_CHILD, in_child), (&IN_PARENT, in_parent)] {
        let list = slot.get_or_make(|| objects::new_list(&[]).value());
        if let (Some(function), Some(list)) = (function, list.cast::<List>()) {
            objects::list::list_push(list, function);
        }
    }
}

fn run(functions: &[Value]) {
    for function in functions {
        if let Err(raised) = call(*function, &[]) {
            objects::unraisable::report_raised(raised, Some("Exception ignored in fork hook"), Some(*function));
        }
    }
}
fn copy(slot: &'static InterpreterSlot) -> GcVec {
    slot.get().and_then(|list| list.cast::<List>()).map_or_else(GcVec::new, objects::list::list_snapshot)
}

/// Forks by `fork`, which gives the number of the child, 0 in the child, or -1. Everything that must be put right on both sides
/// is; with `hooks` Python's functions run.
pub fn fork_with(hooks: bool, fork: impl FnOnce() -> i64) -> R<Result<i64, i32>> {
    if !objects::interpreter::current().allows(objects::interpreter::settings::ALLOW_FORK) {
        return Err(objects::runtime_error!("fork not supported for isolated subinterpreters"));
    }
    if objects::system::is_finalizing() {
        return Err(objects::new_error(objects::exc::PYTHON_FINALIZATION_ERROR.get(), "can't fork at interpreter shutdown"));
    }
    if hooks {
        let mut functions = copy(&BEFORE);
        functions.reverse();
        run(&functions);
        // No other thread is in the middle of an import that the child would never see end.
        crate::imp::LOCK.acquire();
    }
    let making = objects::making::hold();
    let guard = heap::before_fork();
    let pid = fork();
    let errno = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
    if pid == 0 {
        heap::after_fork_child(guard);
        objects::thread::forget_other_threads();
        drop(making);
        crate::finalize::after_fork_child();
        if hooks {
            crate::imp::LOCK.release();
            run(&copy(&IN_CHILD));
        }
        return Ok(Ok(0));
    }
    heap::after_fork_parent(guard);
    drop(making);
    if hooks {
        crate::imp::LOCK.release();
        run(&copy(&IN_PARENT));
    }
    Ok(if pid < 0 { Err(errno) } else { Ok(pid) })
}

/// The warning for a process with several threads.
pub fn warn_about_threads(function: &str) -> R<()> {
    if heap::world::thread_count() > 1 {
        // SAFETY: plain call.
        let pid = unsafe { libc::getpid() };
        objects::warnings::deprecation(&format!(
            "This process (pid={pid}) is multi-threaded, use of {function}() may lead to deadlocks in the child."
        ))?;
    }
    Ok(())
}
