//! The end of the process, in the order of the language: threads, exit functions, finalizers, standard files.

use crate::util::{flush, import};
use objects::panics::{guarded, guarded_or_told};
use objects::{interned, thread};

/// Waits for the threads of the current interpreter and runs its exit functions.
pub fn finish_interpreter() {
    const IN_THREADING: &str = "Exception ignored on threading shutdown";
    guarded_or_told(IN_THREADING, || {
        if objects::system::imported("threading").is_some() {
            let shutdown = import("threading").and_then(|threading| objects::call_method(threading, interned!("_shutdown"), &[]));
            if let Err(raised) = shutdown {
                objects::unraisable::report_raised(raised, Some(IN_THREADING), None);
            }
        }
    });
    crate::atexit::run_functions();
}

/// Runs everything that must run before the process ends. Afterwards only `exit` may be called. False: flushing failed.
pub fn finalize() -> bool {
    finish_interpreter();
    guarded_or_told("Exception ignored at the end of interpreters", crate::interpreters::end_all);
    let flushed = flush_standard_files();
    objects::system::set_finalizing();
    thread::request_poll_everywhere();
    heap::finalize::queue_all_finalizers();
    objects::pending::run_pending();
    flush_standard_files() && flushed
}

/// `sys.stdout` and `sys.stderr`.
pub fn flush_standard_files() -> bool {
    let mut done = true;
    for name in ["stdout", "stderr"] {
        let flushed = guarded(|| {
            let Some(file) = objects::system::sys_attr(name).filter(|file| !file.is_none()) else { return Ok(()) };
            match objects::get_attr_opt(file, interned!("closed")) {
                Ok(Some(closed)) if closed.is_true() => return Ok(()),
                Ok(_) => {}
                Err(raised) => raised.clear(),
            }
            flush(file)
        });
        let Err(raised) = flushed else { continue };
        done = false;
        if name == "stdout" {
            const ON_FLUSHING: &str = "Exception ignored on flushing sys.stdout";
            guarded_or_told(ON_FLUSHING, || objects::unraisable::report_raised(raised, Some(ON_FLUSHING), None));
        } else {
            raised.clear();
        }
    }
    done
}

/// What modules of this crate put right in the child of a fork, after the heap and the thread list.
pub fn after_fork_child() {
    crate::thread::after_fork_child();
    crate::imp::LOCK.after_fork_child();
    crate::warnings::LOCK.after_fork_child();
    crate::signal::after_fork_child();
    crate::faulthandler::after_fork_child();
}
