//! Native modules around the system and the runtime itself, one file per module.
//!
//! Must not know: the interpreter's loop, other stdlib crates.

pub mod abc;
pub mod atexit;
pub mod contextvars;
pub mod early_stderr;
pub mod errno;
pub mod faulthandler;
pub mod fcntl;
pub mod finalize;
pub mod foreign;
pub mod gc;
pub mod grp;
pub mod imp;
pub mod interpreters;
pub mod local;
pub mod lock;
pub mod lsprof;
pub mod marshal;
pub mod namespace;
pub mod opcode;
mod os_thread;
mod owned_lock;
pub mod posix;
pub mod posixsubprocess;
pub mod pwd;
pub mod resource;
pub mod signal;
pub mod stat_module;
pub mod suggestions;
pub mod sys;
pub mod termios;
pub mod thread;
pub mod time;
pub mod time_format;
pub mod tracemalloc;
pub mod util;
pub mod waiting;
pub mod warnings;
pub mod weak_proxy;
pub mod weakref;
mod zip_directory;

use objects::native::ModuleDef;

/// Every module of this crate.
pub static MODULES: &[&ModuleDef] = &[
    sys::Sys::MODULE,
    imp::Imp::MODULE,
    warnings::Warnings::MODULE,
    thread::ThreadModule::MODULE,
    weakref::WeakrefModule::MODULE,
    errno::Errno::MODULE,
    time::Time::MODULE,
    signal::Signal::MODULE,
    atexit::AtExit::MODULE,
    contextvars::ContextVars::MODULE,
    gc::GcModule::MODULE,
    interpreters::Interpreters::MODULE,
    interpreters::queues::Queues::MODULE,
    interpreters::channels::Channels::MODULE,
    lsprof::LsProf::MODULE,
    abc::Abc::MODULE,
    opcode::Opcode::MODULE,
    tracemalloc::TraceMalloc::MODULE,
    suggestions::Suggestions::MODULE,
    faulthandler::FaultHandler::MODULE,
    marshal::Marshal::MODULE,
    posix::Posix::MODULE,
    foreign::Foreign::MODULE,
    posixsubprocess::PosixSubprocess::MODULE,
    fcntl::Fcntl::MODULE,
    pwd::Pwd::MODULE,
    stat_module::Stat::MODULE,
    grp::Grp::MODULE,
    resource::Resource::MODULE,
    termios::Termios::MODULE,
];

/// Completes the classes of core layouts that belong to modules of this crate. Call at boot, after the built-in classes.
pub fn install_core_classes() -> objects::R<()> {
    for def in [weakref::RefSkin::CLASS_DEF, weak_proxy::ProxySkin::CLASS_DEF, weak_proxy::CallableProxySkin::CLASS_DEF] {
        objects::class_new::native_class(def)?;
    }
    Ok(())
}
